from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.models.cae_contribution_plan import ContributionPlan
from odoo.addons.cae_base.models.cae_period import STEPS
from odoo.addons.cae_base.models.cae_period_checks import BLOCKING, WARNING
from odoo.addons.cae_base.tools import told


class CaePeriod(models.Model):
    _inherit = "cae.period"

    pay_line_ids = fields.Many2many(
        "cae.pay.line", string="Pay of the Month", compute="_compute_pay_line_ids"
    )

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_pay_line_ids(self):
        self._compute_of_month("pay_line_ids")

    @api.model
    def _check_may_run(self, steps=STEPS):
        """Payroll officers run the pay, and nothing else, by themselves."""
        if list(steps) == ["pay"] and self.env.user.has_group("cae_base.group_payroll"):
            return None
        return super()._check_may_run(steps)

    @api.model
    def action_open_current_pay(self) -> dict:
        """The month to pay: the first that is not locked, made when missing."""
        self.env["cae.payroll.exchange"]._check_officer()
        # sudo: opening a month is no change of it; officers may read months only.
        return self.sudo().action_open_current()

    def action_propose_pay(self) -> dict:
        """Propose the pay of the month, and post what needs no decision.

        :raises UserError: ``CAE-PAY-CONTRIBUTIONS``, and as ``month_run``
        """
        self.ensure_one()
        self._check_contributions_charged()
        here = self._own_company()
        result = here.month_run(f"{self.date:%Y-%m}", ["pay"])
        message = here._proposed_told(result)
        # sudo: officers write nothing on months; this is the log of their run.
        self.sudo()._cae_note(message)
        return told(
            self.display_name, message, "success" if result["done"] else "warning"
        )

    def _check_contributions_charged(self):
        """Pay is proposed from what the contributions leave.

        :raises UserError: ``CAE-PAY-CONTRIBUTIONS``
        """
        # sudo: what the contributions depend on is read, and how many are lacking told.
        plan = ContributionPlan(self.sudo().company_id, self.date)
        lacking = {b.activity.id for b in plan.bookings() if b.month <= self.date}
        if lacking:
            raise UserError(
                self.env._(
                    "CAE-PAY-CONTRIBUTIONS: the contributions of %(count)s activities "
                    "are not charged up to this month; more would be available than "
                    "there is. Ask an accountant to run the month (CAE / Monthly Close "
                    "/ Month to Close), which proposes the pay too.",
                    count=len(lacking),
                )
            )

    def _proposed_told(self, result):
        if not result["done"]:
            return self.env._(
                "Not finished: the pay of %(count)s people is left. Propose it again.",
                count=result["remaining"],
            )
        domain = [*self._pay_domain(), ("state", "=", "draft")]
        waiting = self.env["cae.pay.line"].search_count(domain)
        told = self.env._("Pay that waits for a decision: %(count)s.", count=waiting)
        return f"{self._pay_told(result['pay'])} {told}"

    def _run_pay(self, deadline):
        """Propose and post the pay of the month; nothing in a locked one."""
        self.ensure_one()
        left, added = super()._run_pay(deadline)
        if self.state == "locked":
            return left, added
        # sudo: the accountant who runs the month needs no right on the detail of
        # pay, nor the payroll officer on balances; the method shows totals only. The
        # right to run is checked before.
        return self.env["cae.pay.run"].sudo()._run(self.sudo(), deadline)

    def _pay_told(self, added):
        told = super()._pay_told(added)
        return told or self.env._("Pay: nothing to add, it is up to date.")

    def _steps_reached(self):
        reached = super()._steps_reached()
        found = self.env["cae.pay.line"]._read_group(
            [
                ("company_id", "in", self.company_id.ids),
                ("month", "in", self.mapped("date")),
                ("state", "!=", "cancelled"),
            ],
            ["company_id", "month:day"],
        )
        for period in self:
            if (period.company_id, period.date) in found:
                reached[period].add("pay")
        return reached

    def action_open_pay(self) -> dict:
        """Pay of the month."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_payroll.cae_pay_line_action"
        )
        action["domain"] = self._pay_domain()
        action["context"] = {"search_default_current": 1}
        return action

    def action_pay_book(self) -> dict:
        """Open the pay book of the month as PDF."""
        return self._open_book("pdf")

    def action_pay_book_sheet(self) -> dict:
        """The pay book of the month as a spreadsheet."""
        return self._open_book("xlsx")

    def _open_book(self, kind):
        self.ensure_one()
        # Looked at first: what is missing is told here, not on an empty page.
        self.env["cae.payroll.exchange"]._check_officer()
        self.env["cae.pay.book"]._data(self)
        return {
            "type": "ir.actions.act_url",
            "url": f"/cae/month/{self.id}/pay/{kind}",
            "target": "new",
        }

    def action_export_pay(self) -> dict:
        """Ask for the file of the month's pay elements."""
        return self._open_exchange("cae_payroll_export_action")

    def action_import_payslips(self) -> dict:
        """Ask for the file of the month's payslips."""
        return self._open_exchange(
            "cae_payslip_import_action", default_dataset="payslips"
        )

    def _open_exchange(self, name, **context):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(f"cae_payroll.{name}")
        action["context"] = {"default_month": self.date, **context}
        return action

    def _pay_domain(self):
        return [("company_id", "=", self.company_id.id), ("month", "=", self.date)]

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    def _finders(self):
        found = super()._finders()
        return [
            *found,
            self._find_pay,
            self._find_overdrafts,
            self._find_settlements,
        ]

    def _find_pay(self):
        """Pay that the lock would leave undone: ``CAE-CHECK-PAY``."""
        lines = self.env["cae.pay.line"].search(
            [*self._pay_domain(), ("state", "in", ("draft", "approved"))]
        )
        approved = lines.filtered(lambda line: line.state == "approved")
        waiting = lines - approved
        message = self.env._(
            "Pay approved but not posted: %(count)s. Run the month.",
            count=len(approved),
        )
        yield self._finding("PAY", BLOCKING, message, approved)
        message = self.env._(
            "Pay waiting for a decision: %(count)s. It cannot be posted once the "
            "month is locked.",
            count=len(waiting),
        )
        yield self._finding("PAY", WARNING, message, waiting)

    def _find_overdrafts(self):
        """Overdrafts within the limit, which nobody approved: ``-OVERDRAFT``."""
        lines = self.env["cae.pay.line"].search(
            [
                *self._pay_domain(),
                ("state", "in", ("approved", "posted")),
                ("is_overdraft", "=", True),
                ("approved_by_id", "=", False),
            ]
        )
        message = self.env._(
            "Pay that overdraws within the limit, and that nobody approved: "
            "%(count)s. Tell the people and their coaches.",
            count=len(lines),
        )
        yield self._finding("OVERDRAFT", WARNING, message, lines)

    def _find_settlements(self):
        """Years whose settlement is late, or misses the month: ``-SETTLEMENT``."""
        # sudo: that balances wait, for accountants; nothing of anyone's pay.
        approved = (
            self.env["cae.settlement"]
            .sudo()
            .search([*self._settlement_domain(), ("state", "=", "approved")])
        )
        message = self.env._(
            "Balances of a year approved for this month and not paid: %(count)s. Run "
            "the month.",
            count=len(approved),
        )
        years = approved.year_id.sudo(False)
        yield self._finding("SETTLEMENT", BLOCKING, message, years)
        late = self.env["cae.year"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("settlement_deadline", "<=", self.date_end),
            ]
        )
        late = late._unsettled()
        message = late._late_message()
        yield self._finding("SETTLEMENT", WARNING, message, late)

    def _settlement_domain(self):
        return [("company_id", "=", self.company_id.id), ("month", "=", self.date)]
