from collections import defaultdict
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import decimal

from ..engine import holders
from ..engine.holders import Pot
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
    def _pay_holdings(self, company, first: date, last: date, owed=None) -> dict:
        """``{entrepreneur id: [Holding]}`` of a month, in a fixed number of queries.

        Of these activities, or of all of them.

        What is available on an activity, and the reserve, are shared by the holders'
        shares on the last day of the month (or of the activity), see
        ``engine.holders``: what pay drew counts for whoever was paid. Who left before
        that day has nothing of it, but still bears the cost of the own fixed part.

        :param first: first day of the month
        :param last: its last day
        :param owed: ``{activity id: cents}`` that will be booked and is not there
        """
        held = self.env["cae.activity.share"].search(
            [
                ("company_id", "=", company.id),
                *([("activity_id", "in", self.ids)] if self else ()),
                ("date_start", "<=", last),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", first),
            ]
        )
        activities = held.activity_id._open_in(first)
        shares = held.grouped("activity_id")
        weights = {
            activity: shares[activity]._pay_weights(
                first, min(last, activity.date_end or last)
            )
            for activity in activities
        }
        pots = activities._pay_pots(company, first, last, weights, owed or {})
        reserve = to_cents(decimal(company.cae_pay_reserve))
        result = defaultdict(list)
        for activity in activities:
            parts = shares[activity]._pay_parts(
                weights[activity][0], pots[activity.id], reserve
            )
            for person, holding in parts:
                result[person].append(holding)
        return result

    def _pay_pots(self, company, first, last, weights, owed):
        """``{activity id: engine.holders.Pot}`` of a month.

        :param weights: ``{activity: (weights of its holders, since when)}``
        :param owed: as in :meth:`_pay_holdings`
        """
        now = self._pay_available(last)
        later = self.env["cae.pay.line"]._last_paid_day(company)
        then = self._pay_available(later) if later and later > last else now
        # The balance of a year that the month paid is gone for its own pay.
        posted = [("state", "=", "posted"), ("settlement_id", "=", False)]
        month = self._pay_costs([*posted, ("month", "=", first)])
        waiting = self._pay_waiting(first)
        drawn = self._pay_drawn(company, first, weights)
        return {
            key: Pot(
                cents - owed.get(key, 0),
                then[key] - owed.get(key, 0),
                month=month.get(key, {}),
                waiting=waiting.get(key, {}),
                **drawn.get(key, {}),
            )
            for key, cents in now.items()
        }

    def _pay_left(self, company, first, person):
        """``{activity id: cents}`` that a person has before a month: what is available
        on the eve, less what waits."""
        eve = first - relativedelta(days=1)
        weights = {a: a.share_ids._pay_weights(first, first) for a in self}
        waiting = self._pay_waiting(first)
        drawn = self._pay_drawn(company, first, weights)
        left = {}
        for key, cents in self._pay_available(eve).items():
            own = weights[self.browse(key)][0]
            mine = drawn.get(key, {}) | {"after": {}}
            pot = Pot(cents, cents, waiting=waiting.get(key, {}), **mine)
            free = holders.available(pot, own, allocation.split).get(person.id, 0)
            taken = holders.committed(pot, own, allocation.split).get(person.id, 0)
            left[key] = free - taken
        return left

    def _pay_waiting(self, first):
        """``{activity id: {person id: cents}}`` that is not paid yet.

        Pay of earlier months, and balances of years.
        """
        waiting = self._pay_costs(
            [("month", "<", first), ("state", "in", ("draft", "approved"))]
        )
        for key, own in self._settlement_costs(first).items():
            waiting[key] = allocation.add(waiting.get(key, {}), own)
        return waiting

    def _pay_drawn(self, company, first, weights):
        """What holders drew and brought: ``{activity id: {name: {person id: cents}}}``.

        Only of activities with several holders; names are those of a ``Pot``. Pay
        counts since the first year that is not settled, the year before at the most,
        and since the shares are as they are: what was there then is shared anew.
        """
        shared = {a.id: since for a, (own, since) in weights.items() if len(own) > 1}
        if not shared:
            return {}
        several = self.browse(shared)
        year = company.compute_fiscalyear_dates(first)["date_from"]
        settled = several._settled(year)
        start = year if settled else year - relativedelta(years=1)
        since = {key: max(start, day) for key, day in shared.items()}
        drawn = {key: {"before": {}, "after": {}} for key in shared}
        for activity, person, month, cents in several._pay_posted(min(since.values())):
            if month == first or month < since[activity]:
                continue
            own = drawn[activity]["before" if month < first else "after"]
            own[person] = own.get(person, 0) + cents
        for key, own in settled.items():
            if shared[key] <= year:
                drawn[key]["brought"] = own
        return drawn

    def _settled(self, year):
        """``{activity id: {person id: cents}}``: what the year before left to each.

        :param year: first day of a fiscal year
        """
        # sudo: as in _settlement_costs.
        rows = (
            self.env["cae.settlement.share"]
            .sudo()
            ._read_group(
                [
                    ("activity_id", "in", self.ids),
                    ("date_to", "=", year - relativedelta(days=1)),
                    ("state", "!=", "draft"),
                ],
                ["activity_id", "entrepreneur_id", "state"],
                ["carried:sum", "cost:sum"],
            )
        )
        settled = defaultdict(lambda: defaultdict(int))
        for activity, person, state, carried, cost in rows:
            # A balance that is paid has left the activity.
            unpaid = 0.0 if state == "posted" else cost
            left = to_cents(decimal(carried)) + to_cents(decimal(unpaid))
            settled[activity.id][person.id] += left
        return settled

    def _pay_posted(self, since):
        """``[(activity id, person id, month, cents)]`` of posted pay, with what true
        payslips cost more; two queries."""
        posted = [("state", "=", "posted"), ("month", ">=", since)]
        rows = self.env["cae.pay.share"]._read_group(
            [("activity_id", "in", self.ids), ("settlement_id", "=", False), *posted],
            ["activity_id", "entrepreneur_id", "month:day"],
            SPENT,
        )
        for activity, person, month, *amounts in rows:
            yield activity.id, person.id, month, _cents(amounts)
        yield from self._payslip_gaps(since)

    def _payslip_gaps(self, since):
        """What true payslips cost more, where it was booked; see above."""
        for company in self.company_id:
            for activity, person, month, cents in self.env["cae.payslip"]._gaps(
                company
            ):
                if activity in self._ids and month >= since:
                    yield activity, person, month, cents

    def _pay_available(self, day):
        rows = self._treasury_at(day)
        return {key: to_cents(row["available"]) for key, row in rows.items()}

    def _pay_costs(self, domain):
        """``{activity id: {person id: cents}}`` of the cost of pay, with what it sets
        aside for leave."""
        rows = self.env["cae.pay.share"]._read_group(
            [("activity_id", "in", self.ids), *domain],
            ["activity_id", "entrepreneur_id"],
            SPENT,
        )
        costs = defaultdict(dict)
        for activity, person, *amounts in rows:
            costs[activity.id][person.id] = _cents(amounts)
        return costs

    def _settlement_costs(self, first):
        """``{activity id: {person id: cents}}`` of the balances of years before that
        wait for their payment: what they cost over the year, or then, if it is more.
        """
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
                ["activity_id", "entrepreneur_id"],
                ["cost:sum", "engaged:sum"],
            )
        )
        costs = defaultdict(dict)
        for activity, person, *amounts in rows:
            # What was computed before there was an estimate has no amount of it.
            engaged = max(to_cents(decimal(amount or 0)) for amount in amounts)
            costs[activity.id][person.id] = engaged
        return costs


def _cents(amounts):
    # Pay of before leave was set aside has no amount of it.
    return sum(to_cents(decimal(amount or 0)) for amount in amounts)
