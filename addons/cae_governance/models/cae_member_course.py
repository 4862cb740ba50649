"""From the application to the leaving: who decides what, and what follows."""

from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.tools import format_date

OWNED["cae.member"] = {
    "admission_body": False,
    "date_admission": False,
    "date_left": False,
    "date_member": False,
    "leave_reason": False,
    "state": "candidate",
}
BODIES = [("meeting", "General meeting"), ("board", "Board or managers")]
#: Nothing but an application: no decision made them members.
UNDECIDED = ("candidate", "refused", "withdrawn")
LEAVING = [
    ("resignation", "Resignation"),
    ("contract", "End of the employment contract"),
    ("exclusion", "Exclusion"),
    ("death", "Death"),
    ("transfer", "All shares transferred or redeemed"),
    ("other", "Other"),
]


class CaeMember(models.Model):
    _inherit = "cae.member"

    admission_body = fields.Selection(
        BODIES, string="Admitted by", readonly=True, tracking=True, copy=False
    )
    admission_reference = fields.Char(
        string="Decision", tracking=True, copy=False, help="Resolution or minutes."
    )
    leave_reason = fields.Selection(
        LEAVING, string="Left Because of", readonly=True, tracking=True, copy=False
    )

    # ------------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------------

    def _admit(self, day: date, body: str, reference=""):
        """Admit these candidates.

        :param body: ``meeting`` or ``board``, as the statutes of the company say
        :raises UserError: ``CAE-MEMBER-STATE``, ``CAE-MEMBER-BODY``,
            ``CAE-MEMBER-DATE``
        """
        self._check_keeper(accountant=False)
        self._check_states("candidate")
        for member in self:
            member._check_body(body)
            member._check_day(day, member.date_application)
        self._own_write(
            {
                "state": "admitted",
                "date_admission": day,
                "admission_body": body,
                "admission_reference": reference or False,
            }
        )

    def _refuse(self, day: date, reason: str, reference=""):
        """Refuse these candidates; they may apply again.

        :raises UserError: ``CAE-MEMBER-STATE``, ``CAE-MEMBER-REASON``
        """
        self._check_keeper(accountant=False)
        self._check_states("candidate")
        self._check_reason(reason)
        for member in self:
            member._check_day(day, member.date_application)
        self._own_write({"state": "refused", "admission_reference": reference or False})
        for member in self:
            member._cae_note(
                self.env._(
                    "Refused on %(day)s: %(reason)s",
                    day=format_date(self.env, day),
                    reason=reason,
                )
            )

    def _leave(self, day: date, reason: str, note=""):
        """End the membership of these members on ``day``, their last one.

        The shares they hold are to be redeemed: a request is recorded for each kind.

        :param reason: one of ``LEAVING``
        :raises UserError: ``CAE-MEMBER-STATE``, ``CAE-MEMBER-DATE``
        """
        self._check_keeper(accountant=False)
        self._check_states("member", "admitted")
        if reason not in dict(LEAVING):
            raise UserError(self.env._("CAE-MEMBER-REASON: say why the member leaves."))
        for member in self:
            member._check_day(day, member.date_member or member.date_admission)
        self._own_write({"state": "left", "date_left": day, "leave_reason": reason})
        for member in self if note else ():
            member._cae_note(note)
        self._close_colleges(day)
        self.env["cae.mandate"]._end_with_membership(self, day)
        self.env["cae.share.redemption"]._request_all(self, day)

    def _close_colleges(self, day):
        rows = self.college_ids.filtered(lambda r: not r.date_end or r.date_end > day)
        for row in rows:
            row.date_end = max(day, row.date_start)

    def action_apply_again(self) -> bool:
        """Take up again applications that were refused or withdrawn.

        :return: True
        :raises UserError: ``CAE-MEMBER-STATE``
        """
        self._check_keeper(accountant=False)
        self._check_states("refused", "withdrawn")
        self._own_write({"state": "candidate"})
        self.date_application = self.env.company._cae_today()
        return True

    def _set_e_notice(self, accept: bool):
        """Record that these people accept notices by e-mail, or no more, today."""
        today = self.env.company._cae_today()
        # sudo: a member says it on the portal of the own entry, which was read by the
        # own rights; these two dates alone are written.
        for member in self.sudo():
            if accept and not member.e_notice:
                member.write(
                    {"e_notice_consent_date": today, "e_notice_revoked_date": False}
                )
            elif not accept and member.e_notice:
                member.e_notice_revoked_date = today

    def _own_write(self, vals):
        self._cae_own().write(vals)
        self._sync_entrepreneurs()

    def _sync_entrepreneurs(self):
        """The day of membership, where the rest of the product reads it."""
        for member in self.filtered("entrepreneur_id"):
            # sudo: keeping the register is no right on entrepreneurs.
            person = member.entrepreneur_id.sudo()
            day = member.date_member if member.state in ("member", "left") else False
            if person.member_date != day:
                person.member_date = day

    def write(self, vals):
        """:raises UserError: ``CAE-MEMBER-STATE``"""
        if not self._cae_owning():
            for name in {"company_id", "partner_id"} & set(vals):
                self._check_same(name, vals[name])
        return super().write(vals)

    def _check_same(self, name, value):
        """Who is in the register stays who they are: shares change hands by transfer.

        :raises UserError: ``CAE-MEMBER-STATE``
        """
        changed = self.filtered(lambda member: member[name].id != value)
        kept = changed.filtered(lambda m: m.state not in UNDECIDED)
        # sudo: whether there are movements, of whoever.
        if kept or changed.sudo().movement_ids:
            raise UserError(
                self.env._(
                    "CAE-MEMBER-STATE: whoever was admitted stays the same person of "
                    "the same cooperative. Shares change hands by a transfer."
                )
            )

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _check_keeper(self, accountant=True):
        """:raises AccessError: when not a governance secretary (or an accountant)"""
        self.check_access("read" if accountant else "write")
        groups = ["cae_base.group_governance"]
        if accountant:
            groups.append("cae_base.group_accountant")
        if not (self.env.su or any(map(self.env.user.has_group, groups))):
            raise AccessError(
                self.env._("The register of members is for governance secretaries.")
            )

    def _check_states(self, *states):
        """:raises UserError: ``CAE-MEMBER-STATE``"""
        self._cae_hold()
        self.invalidate_recordset(["state"])
        other = self.filtered(lambda member: member.state not in states)
        if other:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "CAE-MEMBER-STATE: %(name)s is “%(state)s”: this step is not for "
                    "them.",
                    name=other[0].display_name,
                    state=labels[other[0].state],
                )
            )

    def _check_body(self, body):
        """:raises UserError: ``CAE-MEMBER-BODY``"""
        allowed = self.company_id.cae_admission_by
        if body not in dict(BODIES) or allowed not in (body, "either"):
            labels = dict(
                self.company_id._fields["cae_admission_by"]._description_selection(
                    self.env
                )
            )
            raise UserError(
                self.env._(
                    "CAE-MEMBER-BODY: the statutes say who admits members: %(body)s.",
                    body=labels[allowed],
                )
            )

    def _check_day(self, day, earliest):
        """:raises UserError: ``CAE-MEMBER-DATE``"""
        if not day or day > self.env.company._cae_today():
            raise UserError(
                self.env._("CAE-MEMBER-DATE: give a day that is not ahead.")
            )
        if earliest and day < earliest:
            raise UserError(
                self.env._(
                    "CAE-MEMBER-DATE: %(day)s is before %(earliest)s, when the step "
                    "before was taken.",
                    day=format_date(self.env, day),
                    earliest=format_date(self.env, earliest),
                )
            )

    def _check_reason(self, reason):
        """:raises UserError: ``CAE-MEMBER-REASON``"""
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(self.env._("CAE-MEMBER-REASON: say why."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_registered(self):
        kept = self.filtered(lambda m: m.state not in UNDECIDED)
        if kept or self.movement_ids:
            raise UserError(
                self.env._(
                    "CAE-MEMBER-STATE: whoever was admitted stays in the register. "
                    "Archive the member instead."
                )
            )

    # ------------------------------------------------------------------
    # What follows from shares
    # ------------------------------------------------------------------

    def _after_movements(self, day: date):
        """Members become members, or cease to be, as the register says."""
        today = self.env.company._cae_today()
        held = self._held_on(today, membership=True)
        for member in self.filtered(lambda m: m.state == "member"):
            if not held.get(member.id) or not held[member.id].quantity:
                member._without_shares()
        by_subscription = self.filtered(
            lambda m: m.company_id.cae_member_from == "subscription"
        )
        by_subscription._become_members(day)

    def _without_shares(self):
        last = self.movement_ids.sorted("number")[-1:]
        if last.kind == "reversal" and last.reversal_of_id.quantity > 0:
            self._own_write({"state": "admitted", "date_member": False})
        else:
            day = max(last.date, self.date_member)
            self._own_write(
                {"state": "left", "date_left": day, "leave_reason": "transfer"}
            )
            self._close_colleges(day)
            self.env["cae.mandate"]._end_with_membership(self, day)

    def _become_members(self, day: date):
        """Members are those admitted who have the shares that the statutes ask."""
        waiting = self.filtered(lambda m: m.state == "admitted")
        held = waiting._held_on(day, membership=True)
        debts = waiting._debts_on(date.max)
        ready = self.browse()
        for member in waiting:
            company, position = member.company_id, held.get(member.id)
            if not position or position.quantity < company.cae_member_shares:
                continue
            # Shares of one price: what is paid, in shares.
            debt = max(debts[member.id], 0)
            paid = (position.amount - debt) * position.quantity / position.amount
            if company.cae_member_from == "subscription" or (
                paid >= company.cae_member_shares
            ):
                ready |= member
        for member in ready:
            since = max(day, member.date_admission)
            member._own_write({"state": "member", "date_member": since})
