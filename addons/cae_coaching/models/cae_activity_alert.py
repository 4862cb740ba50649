from collections import defaultdict
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.cae_base.models.cae_ledger_figures import EVERYTHING

from ..engine.alerts import Money, Unpaid

#: A fall of the treasury is looked at over so many months, the margin over a year.
FALL_MONTHS = 3
MARGIN_MONTHS = 12
#: Invoices are looked for no further back.
INVOICE_MONTHS = 60


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    alert_ids = fields.One2many(
        "cae.coaching.alert", "activity_id", groups="cae_base.group_coach"
    )
    alert_count = fields.Integer(
        compute="_compute_alert_count", groups="cae_base.group_coach"
    )

    @api.depends_context("uid")
    def _compute_alert_count(self):
        rows = self.env["cae.coaching.alert"]._read_group(
            [("activity_id", "in", self.ids), ("state", "=", "open")],
            ["activity_id"],
            ["__count"],
        )
        counts = {activity.id: count for activity, count in rows}
        for activity in self:
            activity.alert_count = counts.get(activity.id, 0)

    def action_open_alerts(self) -> dict:
        """Alerts of these activities."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_coaching.cae_coaching_alert_action"
        )
        return {**action, "domain": [("activity_id", "in", self.ids)]}

    def _alert_money(self, day) -> dict[int, Money]:
        """Figures of activities of one company, a fixed number of queries."""
        company = self.company_id[:1] or self.env.company
        here = self.with_company(company)
        accounts = here.analytic_account_id.ids
        now = here._treasury_at(day)
        then_day = day - relativedelta(months=FALL_MONTHS)
        then = here._treasury_at(then_day)
        sums = here._alert_margins(company, accounts, day)
        invoiced = here._alert_last_invoices(accounts, day)
        unpaid = here.env["cae.ledger"]._open_invoices(company, accounts, day)
        result = {}
        for activity in here:
            account = activity.analytic_account_id.id
            old = activity.date_start <= then_day
            result[activity.id] = Money(
                start=activity.date_start,
                available=now[activity.id]["available"],
                before=then[activity.id]["available"] if old else None,
                invoiced=sums[account]["invoiced"],
                purchases=sums[account]["purchases"],
                last_invoice=invoiced.get(account),
                unpaid=tuple(
                    Unpaid(row["due"], row["open"])
                    for row in unpaid.get(account, ())
                    if row["due"]
                ),
            )
        return result

    def _alert_margins(self, company, accounts, day):
        """Turnover and purchases of the last full months, by analytic account."""
        last = day.replace(day=1) - relativedelta(days=1)
        first = (last - relativedelta(months=MARGIN_MONTHS - 1)).replace(day=1)
        figures = self.env["cae.ledger"]._figures_by(
            company, accounts, first, last, {EVERYTHING}, collected=()
        )[EVERYTHING]
        result = defaultdict(lambda: {"invoiced": Decimal(0), "purchases": Decimal(0)})
        for (account, _month), row in figures.items():
            for name in ("invoiced", "purchases"):
                result[account][name] += row[name]
        return result

    def _alert_last_invoices(self, accounts, day):
        """``{analytic id: day}`` of the last sale, one query."""
        ledger = self.env["cae.ledger"]
        column = ledger._column()
        ledger._flush()
        rows = self.env["account.analytic.line"]._read_group(
            [
                (column, "in", accounts),
                ("date", "<=", day),
                ("date", ">", day - relativedelta(months=INVOICE_MONTHS)),
                ("amount", ">", 0),
                ("general_account_id.code", "=like", "70%"),
                # Of the item itself: stored, no join with all items of the ledger.
                ("journal_id.type", "=", "sale"),
            ],
            [column],
            ["date:max"],
        )
        return {account.id: last for account, last in rows}
