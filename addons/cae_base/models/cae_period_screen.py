from collections import defaultdict
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

from ..tools import told
from .cae_activity_screen import GRAPH_MONTHS

#: Accounts of pay and of its contributions.
PAYROLL = ("64",)


class CaePeriod(models.Model):
    """What only the screen of the monthly close needs."""

    _inherit = "cae.period"

    step = fields.Selection(
        [
            ("open", "Open"),
            ("contributions", "Contributions"),
            ("pay", "Pay"),
            ("statements", "Statements"),
            ("locked", "Locked"),
        ],
        compute="_compute_step",
        help="How far the close of the month has come.",
    )
    findings = fields.Json(compute="_compute_findings")
    blocking_count = fields.Integer(compute="_compute_findings")
    finding_count = fields.Integer(compute="_compute_findings")
    turnover = fields.Monetary(
        compute="_compute_figures", help="Invoiced, excluding VAT."
    )
    collected = fields.Monetary(
        compute="_compute_figures", help="Turnover collected, excluding VAT."
    )
    contribution = fields.Monetary(
        string="Contributions", compute="_compute_figures", help="Charged this month."
    )
    contribution_rate = fields.Float(
        string="% of the Turnover", compute="_compute_figures", digits=(5, 1)
    )
    payroll = fields.Monetary(
        string="Pay (Cost)",
        compute="_compute_balances",
        help="Pay and its contributions, charged to the activities this month.",
    )
    treasury = fields.Monetary(
        compute="_compute_balances",
        help="Treasury of all the activities at the end of the month.",
    )
    turnover_graph = fields.Text(compute="_compute_turnover_graph")
    contribution_line_ids = fields.Many2many(
        "cae.contribution.line",
        string="Contributions Charged",
        compute="_compute_contribution_line_ids",
    )
    statement_ids = fields.Many2many(
        "cae.statement", string="Statements", compute="_compute_statement_ids"
    )

    # ------------------------------------------------------------------
    # Progress
    # ------------------------------------------------------------------

    @api.depends("state", "date")
    @api.depends_context("uid")
    def _compute_step(self):
        reached, undone = self._steps_reached(), self._undone_months()
        for period in self:
            # What follows the contributions must be made again after them.
            done = () if period in undone else reached.get(period, ())
            last = [
                key for key in ("statements", "pay", "contributions") if key in done
            ]
            period.step = (
                "locked" if period.state == "locked" else (last or ["open"])[0]
            )

    def _steps_reached(self):
        """``{month: steps that left something}``; the payroll adds its own."""
        reached = defaultdict(set)
        for step, model in (
            ("contributions", "cae.contribution.line"),
            ("statements", "cae.statement"),
        ):
            found = self.env[model]._read_group(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("month", "in", self.mapped("date")),
                ],
                ["company_id", "month:day"],
            )
            for period in self:
                if (period.company_id, period.date) in found:
                    reached[period].add(step)
        return reached

    def _undone_months(self):
        """Those of these months whose contributions were all given back."""
        domain = [
            ("company_id", "in", self.company_id.ids),
            ("month", "in", self.mapped("date")),
        ]
        given_back, standing = (
            set(
                self.env["cae.contribution.line"]._read_group(
                    [*domain, *more], ["company_id", "month:day"]
                )
            )
            for more in (
                [("undoes_id", "!=", False)],
                [
                    ("amount", "!=", 0),
                    ("undoes_id", "=", False),
                    ("undone_ids", "=", False),
                ],
            )
        )
        undone = given_back - standing
        return self.filtered(lambda period: (period.company_id, period.date) in undone)

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    @api.depends("state", "date")
    @api.depends_context("lang", "uid")
    def _compute_findings(self):
        for period in self:
            findings = []
            if period.state == "open" and period.date:
                findings = period._own_company().checks(f"{period.date:%Y-%m}")
            period.findings = findings
            period.finding_count = len(findings)
            period.blocking_count = sum(
                finding["severity"] == "blocking" for finding in findings
            )

    def _own_company(self):
        return self.with_company(self.company_id)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_figures(self):
        for periods in self.grouped("company_id").values():
            totals = periods._own_company()._month_totals(periods.mapped("date"))
            for period in periods:
                row = totals[period.date]
                turnover = row["invoiced"]
                period.turnover = turnover
                period.collected = row["collected"]
                period.contribution = row["contribution"]
                period.contribution_rate = (
                    row["contribution"] / turnover * 100 if turnover else 0.0
                )

    @api.model
    def _month_totals(self, months):
        """``{first day: {"invoiced", "collected", "contribution"}}`` in all."""
        activities = self.env["cae.activity"]._find([])
        first, last = min(months), max(months) + relativedelta(months=1, days=-1)
        totals = defaultdict(lambda: defaultdict(Decimal))
        figures = self.env["cae.ledger"]._figures(
            self.env.company, activities.analytic_account_id.ids, first, last
        )
        for (_account, month), row in figures.items():
            totals[month]["invoiced"] += row["invoiced"]
            collected = row["collected"]
            totals[month]["collected"] += Decimal(collected.numerator) / Decimal(
                collected.denominator
            )
        charged = activities._contributions(first, last)
        for (_activity, month), amount in charged.items():
            totals[month]["contribution"] += amount
        return totals

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_balances(self):
        for period in self:
            here = period._own_company()
            activities = here.env["cae.activity"]._find([])
            balances = here.env["cae.ledger"]._prefix_balances(
                here.env.company,
                activities.analytic_account_id.ids,
                period.date,
                period.date_end,
            )
            period.payroll = sum(
                balance
                for by_code in balances.values()
                for code, balance in by_code.items()
                if code.startswith(PAYROLL)
            )
            treasury = activities._treasury_at(period.date_end)
            period.treasury = sum(row["treasury"] for row in treasury.values())

    @api.depends("date", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_turnover_graph(self):
        for period in self:
            months = [
                period.date - relativedelta(months=back)
                for back in reversed(range(GRAPH_MONTHS))
            ]
            totals = period._own_company()._month_totals(months)
            period.turnover_graph = self.env["cae.activity"]._graph(
                turnover={month: totals[month]["invoiced"] for month in months},
                contribution={month: totals[month]["contribution"] for month in months},
            )

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_contribution_line_ids(self):
        self._compute_of_month("contribution_line_ids")

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_statement_ids(self):
        self._compute_of_month("statement_ids")

    def _compute_of_month(self, name):
        model = self.env[self._fields[name].comodel_name]
        for period in self:
            period[name] = model.search(
                [
                    ("company_id", "=", period.company_id.id),
                    ("month", "=", period.date),
                ]
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.model
    def action_open_current(self) -> dict:
        """The month to close: the first that is not locked, made when missing."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_period_action"
        )
        today = fields.Date.context_today(self)
        month, locked = self._first_month(), self._locked_months(self.env.company)
        while month in locked and month < today.replace(day=1):
            month += relativedelta(months=1)
        period = self._get(min(month, today))
        return {**action, "views": [(False, "form")], "res_id": period.id}

    @api.model
    def _first_month(self):
        """Where closing begins: the first month opened here.

        Before any was locked, the first of this fiscal year in which something was
        posted, if earlier: to look at the current month decides nothing.
        """
        company, today = self.env.company, fields.Date.context_today(self)
        domain = Domain("company_id", "=", company.id)
        begun = Domain("active", "=", True)
        if not self._locked_months(company):
            year = company.compute_fiscalyear_dates(today)["date_from"]
            begun |= Domain("date", ">=", year)
        months = self.with_context(active_test=False)
        known = months.search(domain & begun, order="date", limit=1)
        return known.date or today.replace(day=1)

    def action_run(self) -> dict:
        """Run the month, for a minute at most, and show what was added."""
        self.ensure_one()
        result = self._own_company().month_run(f"{self.date:%Y-%m}")
        return self._finish_run(result)

    def _finish_run(self, result):
        message = self._run_message(result)
        self._cae_note(message)
        return told(
            self.display_name, message, "success" if result["done"] else "warning"
        )

    def _run_message(self, result):
        parts = [
            self._contributions_told(result["contributions"]),
            self._pay_told(result["pay"]),
            self._statements_told()
            if result["done"]
            else self.env._(
                "Not finished: %(count)s parts are left. Run the month again.",
                count=result["remaining"],
            ),
        ]
        return " ".join(part for part in parts if part)

    def _contributions_told(self, added):
        if not added["lines"]:
            return self.env._("Contributions: nothing to add, they are up to date.")
        return self.env._(
            "Contributions: %(lines)s lines added, %(total)s in all.",
            lines=added["lines"],
            total=self._money_text(added["total"]),
        )

    def _pay_told(self, added):
        """Hook of cae_payroll, which says more when nothing was added."""
        if not added["lines"]:
            return ""
        return self.env._(
            "Pay: %(lines)s lines added, cost %(cost)s.",
            lines=added["lines"],
            cost=self._money_text(added["cost"]),
        )

    def _statements_told(self):
        self.invalidate_recordset(["statement_ids"])
        return self.env._(
            "Statements: %(count)s of the month are up to date.",
            count=len(self.statement_ids),
        )

    def _money_text(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def action_lock(self) -> dict:
        """Lock the month."""
        self.ensure_one()
        self._own_company().lock(f"{self.date:%Y-%m}")
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_ask_unlock(self) -> dict:
        """Ask for the reason, then unlock the month."""
        return self._action_ask("unlock", self.env._("Unlock the month"))

    def action_ask_undo(self) -> dict:
        """Ask for the reason, then undo the contributions of the month."""
        return self._action_ask("undo", self.env._("Undo the contributions"))

    def _action_ask(self, action, name):
        self.ensure_one()
        return self.env["cae.reason"]._ask(action, name, period_id=self.id)
