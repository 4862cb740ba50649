from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.tools import format_date

from .cae_resolution import VOTED

VOTED |= {"accounts_date", "body_id"}


class CaeResolution(models.Model):
    """What follows from a decision elsewhere in the product."""

    _inherit = "cae.resolution"

    accounts_date = fields.Date(
        string="Accounts Closed on",
        help="Last day of the financial year whose accounts are approved: the month in "
        "which the variable part of pay is settled starts with the meeting "
        "(R.7331-12).",
    )
    body_id = fields.Many2one(
        "cae.body",
        string="Elected to",
        check_company=True,
        ondelete="restrict",
        help="The body to which the candidates are elected.",
    )
    mandate_count = fields.Integer(compute="_compute_mandate_count")

    def _compute_mandate_count(self):
        for resolution in self:
            resolution.mandate_count = len(resolution._mandates())

    def _decided(self):
        result = super()._decided()
        if (
            self.topic == "accounts"
            and self.outcome == "adopted"
            and self.accounts_date
        ):
            self.env["cae.year"]._accounts_approved(
                self.company_id, self.accounts_date, self.meeting_id._day()
            )
        return result

    def _decision_reference(self):
        """``Ordinary general meeting, 30 June 2026, resolution no. 3``."""
        return self.env._(
            "%(meeting)s, %(day)s, resolution no. %(number)s",
            meeting=self.meeting_id.name,
            day=format_date(self.env, self.meeting_id._day()),
            number=self.number,
        )

    def _mandates(self):
        """Mandates that this election gave."""
        people = self.candidate_ids.filtered("elected").partner_id
        return self.env["cae.mandate"].search(
            [
                ("body_id", "=", self.body_id.id),
                ("partner_id", "in", people.ids),
                ("reference", "=", self._decision_reference()),
            ]
        )

    def action_make_mandates(self) -> dict:
        """Write the mandates of those who were elected, once.

        :raises UserError: ``CAE-RESOLUTION-STATE``, ``CAE-RESOLUTION-BODY`` without a
            body or the contacts of those elected
        """
        self.ensure_one()
        self.meeting_id.check_access("write")
        self._check_state("decided")
        elected = self.candidate_ids.filtered("elected")
        if not (self.body_id and elected) or not all(c.partner_id for c in elected):
            raise UserError(
                self.env._(
                    "CAE-RESOLUTION-BODY: name the body, and the contacts of those "
                    "elected."
                )
            )
        known = self._mandates().partner_id
        mandates = self.env["cae.mandate"].create(
            [
                self._prepare_mandate_vals(candidate)
                for candidate in elected
                if candidate.partner_id not in known
            ]
        )
        mandates |= self._mandates()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mandates"),
            "res_model": "cae.mandate",
            "view_mode": "list,form",
            "domain": [("id", "in", mandates.ids)],
        }

    def _prepare_mandate_vals(self, candidate):
        member = self.env["cae.member"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", candidate.partner_id.id),
                ("state", "=", "member"),
            ],
            limit=1,
        )
        return {
            "body_id": self.body_id.id,
            "member_id": member.id,
            "partner_id": candidate.partner_id.id,
            "date_start": self.meeting_id._day(),
            "reference": self._decision_reference(),
        }

    @api.model
    def _prepare_recurring(self, meeting):
        """Elections too, of bodies whose mandates end."""
        rows = super()._prepare_recurring(meeting)
        mandates = self.env["cae.mandate"]
        ending = mandates.search(
            mandates._ending_domain()
            & fields.Domain("company_id", "=", meeting.company_id.id)
            & fields.Domain("body_id.elected", "=", True)
        )
        for body, held in ending.grouped("body_id").items():
            rows.append(self._prepare_election_vals(meeting, body, held))
        return rows

    def _prepare_election_vals(self, meeting, body, ending):
        # Managers of a SCOP are designated by secret ballot (model statutes).
        return {
            "meeting_id": meeting.id,
            "sequence": 45,
            "topic": "election",
            "title": self.env._("Election: %s", body.name),
            "text": self.env._(
                "Mandates that end: %(names)s. The meeting elects who holds them next.",
                names=", ".join(ending.partner_id.mapped("name")),
            ),
            "kind": "ordinary",
            "mode": "secret",
            "election": True,
            "seats": len(ending),
            "body_id": body.id,
            "candidate_ids": [
                Command.create(
                    {
                        "name": mandate.partner_id.name,
                        "partner_id": mandate.partner_id.id,
                    }
                )
                for mandate in ending
            ],
        }
