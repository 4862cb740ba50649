from collections import defaultdict
from datetime import date

from odoo import api, fields, models

from odoo.addons.cae_base.engine.money import decimal

from ..engine.monthly import to_cents

#: Sums of the shares of pay that the money of an activity is less by.
SPENT = ("cost:sum", "leave_wage:sum", "leave_charges:sum")


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    pay_share_ids = fields.One2many("cae.pay.share", "activity_id")
    pay_cost = fields.Monetary(
        string="Pay",
        compute="_compute_pay_cost",
        groups="cae_base.group_payroll,cae_base.group_accountant,cae_base.group_coach",
        help="Cost of the posted pay of the fiscal year.",
    )

    @api.depends_context("uid")
    def _compute_pay_cost(self):
        today = fields.Date.context_today(self)
        year = self.env.company.compute_fiscalyear_dates(today)["date_from"]
        # sudo: accountants see what an activity bears, not whose pay it is.
        costs = dict(
            self.env["cae.pay.share"]
            .sudo()
            ._read_group(
                [
                    ("activity_id", "in", self.ids),
                    ("state", "=", "posted"),
                    ("month", ">=", year),
                ],
                ["activity_id"],
                ["cost:sum"],
            )
        )
        for activity in self:
            activity.pay_cost = costs.get(activity.sudo(), 0.0)

    def action_open_pay(self) -> dict:
        """Pay drawn from these activities, month by month."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_payroll.cae_pay_line_action"
        )
        action["domain"] = [("share_ids.activity_id", "in", self.ids)]
        action["context"] = {"search_default_current": 1}
        return action

    # ------------------------------------------------------------------
    # What pay may be drawn from
    # ------------------------------------------------------------------

    @api.model
    def _pay_holdings(self, company, first: date, last: date) -> dict:
        """``{entrepreneur id: [Holding]}`` of a month, in a fixed number of queries.

        What is available on an activity, and the reserve, are shared by the holders'
        shares on the last day of the month (or of the activity). Who left before that
        day has nothing of it, but still bears the cost of the own fixed part.

        :param first: first day of the month
        :param last: its last day
        """
        held = self.env["cae.activity.share"].search(
            [
                ("company_id", "=", company.id),
                ("date_start", "<=", last),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", first),
            ]
        )
        activities = held.activity_id._open_in(first)
        balances = activities._pay_balances(company, first, last)
        reserve = to_cents(decimal(company.cae_pay_reserve))
        result = defaultdict(list)
        shares = held.grouped("activity_id")
        for activity in activities:
            day = min(last, activity.date_end or last)
            parts = shares[activity]._pay_parts(day, *balances[activity.id], reserve)
            for person, holding in parts:
                result[person].append(holding)
        return result

    def _pay_balances(self, company, first, last):
        """``{activity id: (available, committed)}`` of a month, in cents.

        ``available`` is as if nobody had been paid this month. ``committed`` is the
        earlier pay that waits for its approval, the balances of earlier years that
        wait for their payment, and what later months, if they were paid first, have
        left less than this one.
        """
        now = self._pay_available(last)
        # The balance of a year that the month paid is gone for its own pay.
        paid = self._pay_costs(
            [
                ("month", "=", first),
                ("state", "=", "posted"),
                ("settlement_id", "=", False),
            ]
        )
        committed = self._pay_costs(
            [("month", "<", first), ("state", "in", ("draft", "approved"))]
        )
        for key, cents in self._settlement_costs(first).items():
            committed[key] = committed.get(key, 0) + cents
        later = self.env["cae.pay.line"]._last_paid_day(company)
        then = self._pay_available(later) if later and later > last else now
        return {
            key: (
                cents + paid.get(key, 0),
                committed.get(key, 0) + max(0, cents - then[key]),
            )
            for key, cents in now.items()
        }

    def _pay_available(self, day):
        rows = self._treasury_at(day)
        return {key: to_cents(row["available"]) for key, row in rows.items()}

    def _pay_costs(self, domain):
        """Cents of the pay of these activities, with what it sets aside for leave."""
        rows = self.env["cae.pay.share"]._read_group(
            [("activity_id", "in", self.ids), *domain], ["activity_id"], SPENT
        )
        return {
            activity.id: sum(to_cents(decimal(amount or 0)) for amount in amounts)
            for activity, *amounts in rows
        }

    def _settlement_costs(self, first):
        """Cents of the balances of years before that wait for their payment."""
        # sudo: what waits bounds the pay of the month, whoever computes it.
        rows = (
            self.env["cae.settlement.share"]
            .sudo()
            ._read_group(
                [
                    ("activity_id", "in", self.ids),
                    ("date_to", "<", first),
                    ("state", "in", ("computed", "approved")),
                ],
                ["activity_id"],
                ["cost:sum"],
            )
        )
        return {activity.id: to_cents(decimal(cost)) for activity, cost in rows}
