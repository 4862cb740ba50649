"""Entrepreneurs apply as members by themselves, on the portal."""

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Stages of the people who are to become members (L.7331-3).
APPLYING = ("cesa", "employee")
#: States from which a person may apply once more.
AGAIN = ("refused", "withdrawn")
#: Nobody asks for so many shares: a slip of the keyboard.
MOST = 10_000


class CaeMember(models.Model):
    _inherit = "cae.member"

    requested_shares = fields.Integer(
        string="Shares Asked for",
        tracking=True,
        copy=False,
        help="How many shares the person wants to subscribe once admitted.",
    )
    application_note = fields.Text(
        string="Word of the Candidate", copy=False, help="Written on the portal."
    )

    @api.model
    def _apply(self, person, quantity: int, note=""):
        """Record that a person applies, or what they change of their application.

        :param person: ``cae.entrepreneur`` of the connected user
        :param quantity: shares to subscribe
        :return: the entry of the register
        :raises UserError: ``CAE-MEMBER-APPLY``
        """
        # sudo: a person of the portal applies, and does nothing else in the register.
        person, members = person.sudo(), self.sudo()
        members._check_may_apply(person)
        members._check_wanted(person.company_id, quantity)
        member = members._entry_of(person)
        today = self.env.company._cae_today()
        again = member.date_application == today
        values = {"requested_shares": quantity, "application_note": note or False}
        if not member:
            member = members.create(members._prepare_application_vals(person))
        elif member.state in AGAIN:
            member.action_apply_again()
        member._check_states("candidate")
        member.write(values)
        # Withdrawn and handed in again, it makes one message a day.
        member.with_context(mail_activity_quick_update=again)._tell_secretary()
        return member

    def _withdraw(self):
        """Withdraw an application that nobody has decided on.

        :raises UserError: ``CAE-MEMBER-STATE``
        """
        # sudo: the own entry, read by the own rights, and this step alone.
        members = self.sudo()
        members._check_states("candidate")
        members._own_write({"state": "withdrawn"})
        for member in members:
            member._cae_note(self.env._("Withdrawn by the person."))
        members.activity_unlink(["mail.mail_activity_data_todo"])

    @api.model
    def _entry_of(self, person):
        """The entry of a person in the register, but for an ended membership."""
        return self.search(
            [
                ("company_id", "=", person.company_id.id),
                ("state", "!=", "left"),
                *("|", ("entrepreneur_id", "=", person.id)),
                ("partner_id", "=", person.partner_id.id),
            ],
            limit=1,
        )

    @api.model
    def _check_may_apply(self, person):
        if person.stage not in APPLYING:
            raise UserError(
                self.env._(
                    "CAE-MEMBER-APPLY: whoever has a contract of employment with the "
                    "cooperative applies as a member."
                )
            )

    @api.model
    def _check_wanted(self, company, quantity):
        least = company.cae_member_shares
        if not least <= quantity <= MOST:
            raise UserError(
                self.env._(
                    "CAE-MEMBER-APPLY: a member subscribes at least %(least)s shares "
                    "here. Write a whole number.",
                    least=least,
                )
            )

    @api.model
    def _prepare_application_vals(self, person):
        return {
            "entrepreneur_id": person.id,
            "partner_id": person.partner_id.id,
            "company_id": person.company_id.id,
            "date_application": self.env.company._cae_today(),
        }

    def _tell_secretary(self):
        """The governance secretary, if there is one, has it to do once."""
        for member in self:
            user = member.company_id.cae_secretary_id
            if user and not member.activity_ids:
                # sudo: the person may not read the language of the secretary.
                words = self.with_context(lang=user.sudo().lang).env
                member.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=user.id,
                    summary=words._("Application as a member, by the portal"),
                )
