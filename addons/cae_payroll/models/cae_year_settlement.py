from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.cae_base.models.cae_period_checks import BLOCKING, WARNING
from odoo.addons.cae_base.tools import told


class CaeYear(models.Model):
    """The variable part of a year: accrued at its close, settled after the meeting."""

    _inherit = "cae.year"

    accounts_meeting_date = fields.Date(
        string="Meeting on the Accounts",
        tracking=True,
        help="Date of the general meeting that decided on the accounts of the year.",
    )
    settlement_deadline = fields.Date(
        compute="_compute_settlement_deadline",
        store=True,
        help="The balance of the variable part is paid one month after the meeting at "
        "the latest (R.7331-12).",
    )
    settlement_ids = fields.One2many(
        "cae.settlement", "year_id", groups="cae_base.group_payroll"
    )
    settlement_count = fields.Integer(
        string="Settlements",
        compute="_compute_settlement_counts",
        groups="cae_base.group_payroll,cae_base.group_accountant",
    )
    settlement_waiting = fields.Integer(
        string="Not Paid Yet",
        compute="_compute_settlement_counts",
        groups="cae_base.group_payroll,cae_base.group_accountant",
    )
    accrual_ids = fields.One2many(
        "cae.settlement.accrual",
        "year_id",
        string="Accrued Variable Parts",
        domain=[("state", "=", "posted")],
        groups="cae_base.group_payroll,cae_base.group_accountant",
    )
    is_settlement_late = fields.Boolean(
        string="Settlement Late", compute="_compute_is_settlement_late"
    )

    @api.depends("accounts_meeting_date")
    def _compute_settlement_deadline(self):
        for year in self:
            day = year.accounts_meeting_date
            year.settlement_deadline = day and day + relativedelta(months=1)

    @api.depends("settlement_ids.state")
    def _compute_settlement_counts(self):
        counts = self._settlement_states()
        for year in self:
            states = counts.get(year.id, {})
            year.settlement_count = sum(states.values())
            year.settlement_waiting = year.settlement_count - states.get("posted", 0)

    def _settlement_states(self):
        """``{year id: {state: number of settlements}}``."""
        # sudo: how many wait, for accountants; nothing of anyone's pay.
        rows = (
            self.env["cae.settlement"]
            .sudo()
            ._read_group(
                [("year_id", "in", self.ids)], ["year_id", "state"], ["__count"]
            )
        )
        result = {}
        for year, state, count in rows:
            result.setdefault(year.id, {})[state] = count
        return result

    @api.depends("settlement_deadline", "settlement_ids.state")
    def _compute_is_settlement_late(self):
        today = fields.Date.context_today(self)
        late = self.filtered(
            lambda y: y.settlement_deadline and y.settlement_deadline < today
        )
        late = late._origin._unsettled()
        for year in self:
            year.is_settlement_late = year._origin in late

    def _unsettled(self):
        """Those of these years that somebody waits for, or that were not begun."""
        states = self._settlement_states()
        return self.filtered(lambda y: set(states.get(y.id, {"": 1})) != {"posted"})

    @api.constrains("accounts_meeting_date", "date_to")
    def _check_meeting(self):
        for year in self:
            day = year.accounts_meeting_date
            if day and day <= year.date_to:
                raise UserError(
                    self.env._(
                        "CAE-SETTLEMENT-MEETING: the meeting on the accounts comes "
                        "after the last day of the year."
                    )
                )

    @api.model
    def _accounts_approved(self, company, closing, meeting_day):
        """The month for the settlement starts: a date given by hand stays.

        A year that nobody opened yet is opened, so that its deadline is told.
        """
        result = super()._accounts_approved(company, closing, meeting_day)
        # sudo: the meeting decides; its secretary has no right on the accounts.
        years = self.sudo()
        vals = {"company_id": company.id, "date_to": closing}
        year = years.search([(name, "=", value) for name, value in vals.items()])
        if not year and company.compute_fiscalyear_dates(closing)["date_to"] == closing:
            year = years.create(vals)
        if year and not year.accounts_meeting_date and meeting_day > year.date_to:
            year.accounts_meeting_date = meeting_day
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_accrue(self) -> dict:
        """Accrue the variable part that the results of the year allow.

        Idempotent: activities that were accrued are left alone.

        :raises UserError: ``CAE-YEAR-EARLY``, ``CAE-PERIOD-LOCKED``,
            ``CAE-PAY-LOCK-DATE``, ``CAE-SETTLEMENT-PAY``, ``CAE-SETTLEMENT-ORDER``,
            ``CAE-PERIOD-BUSY``
        """
        here = self._here_to_settle("cae_base.group_accountant")
        with here.env["cae.period"]._in_turn():
            # sudo: the pay and shares of everybody, of which only totals per activity
            # are booked and shown; who may accrue is checked before.
            count = here.env["cae.settlement.run"].sudo()._accrue(here.sudo())
        message = self.env._(
            "Activities whose variable part is accrued: %(count)s.", count=count
        )
        self._cae_note(message)
        return told(self.display_name, message)

    def action_undo_accrual(self, reason: str) -> bool:
        """Reverse what the year accrued.

        :param reason: kept in the log of the year and in the entries
        :raises UserError: ``CAE-PAY-REASON``, ``CAE-PAY-LOCK-DATE``,
            ``CAE-PERIOD-BUSY``
        """
        here = self._here_to_settle("cae_base.group_accountant")
        reason = self.env["cae.pay.line"]._check_reason(reason)
        with here.env["cae.period"]._in_turn():
            # sudo: as in action_accrue.
            here.sudo().accrual_ids._undo(reason)
        self._cae_note(self.env._("Accrual undone: %(reason)s", reason=reason))
        return True

    def action_ask_undo_accrual(self) -> dict:
        """Ask why what the year accrued is undone."""
        self.ensure_one()
        reason = self.env["cae.pay.reason"]
        title = self.env._("Undo the Accrual")
        return reason._ask("undo_accrual", title, year_id=self.id)

    def action_settle(self) -> dict:
        """Compute the settlements of everybody that are not approved yet.

        :raises UserError: ``CAE-YEAR-EARLY``, ``CAE-SETTLEMENT-MEETING``,
            ``CAE-SETTLEMENT-PAY``, ``CAE-SETTLEMENT-ORDER``, ``CAE-SETTLEMENT-LEFT``,
            ``CAE-PERIOD-BUSY``
        """
        here = self._here_to_settle()
        if not self.accounts_meeting_date:
            raise UserError(
                self.env._(
                    "CAE-SETTLEMENT-MEETING: enter the date of the meeting on the "
                    "accounts first; the balances are due one month after it."
                )
            )
        with here.env["cae.period"]._in_turn():
            # sudo: balances, shares and contracts of everybody; the right to settle
            # is checked before.
            here.env["cae.settlement.run"].sudo()._compute(here.sudo())
        return self.action_open_settlements()

    def action_open_settlements(self) -> dict:
        """Settlements of these years."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_payroll.cae_settlement_action"
        )
        action["domain"] = [("year_id", "in", self.ids)]
        action["context"] = {}
        return action

    def action_open_year_settlement(self) -> dict:
        """What the year accrues and settles."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_payroll.cae_year_action_settlement"
        )
        action["views"] = [(self.env.ref("cae_payroll.cae_year_view_form").id, "form")]
        return {**action, "res_id": self.id}

    def _here_to_settle(self, *groups):
        """This year in its own company, for who may settle it.

        :raises AccessError: when not a payroll officer, nor of ``groups``
        """
        self.ensure_one()
        self.check_access("read")
        groups = ("cae_base.group_payroll", *groups)
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(
                self.env._("Only payroll officers settle the variable part of a year.")
            )
        self._check_over()
        return self.with_company(self.company_id)

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    def _findings(self):
        found = [*super()._findings(), *filter(None, self._find_settlement())]
        return sorted(found, key=lambda finding: finding["severity"] != BLOCKING)

    def _find_settlement(self):
        late = self.filtered("is_settlement_late")
        yield self._finding("SETTLEMENT", WARNING, self._late_message(), late)

    def _late_message(self):
        return self.env._(
            "The month after the meeting on the accounts is over, and the variable "
            "part of the year is not settled (R.7331-12)."
        )
