"""What the payment of a balance will cost, before it is approved."""

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import decimal

from ..engine.monthly import to_cents, to_euros
from .cae_settlement import DEARER, SHORT


class CaeSettlement(models.Model):
    """A balance is computed with the rates of its year, and paid in another one.

    What it adds to the contributions of the year of payment may be more than the budget
    leaves, or than is there: who approves it reads so, and the larger cost is held back
    until then.
    """

    _inherit = "cae.settlement"

    def _estimate_payment(self):
        """Estimate the payment of these settlements in their months.

        In a number of queries per month of payment, whatever the number of people.
        """
        # sudo: contracts, pay and money of the activities decide what the balance
        # costs; only the estimates of these settlements are written.
        here = self.sudo().with_context(tracking_disable=True)._paying()
        for (company, _month), settlements in here._by_month():
            settlements.with_company(company)._estimate_month()

    def _estimate_month(self):
        owed = self.filtered("due")
        (self - owed)._write_estimate({})
        if not owed:
            return
        costs = owed._payment_costs()
        owed._write_estimate(costs, owed._month_money() if costs else {})

    def _payment_costs(self):
        """``{settlement: cents}``, nothing when rates of the month are unknown."""
        try:
            salaries = self._balance_salaries(expected=True)
        except UserError as error:
            if not str(error).startswith("CAE-PAY-RATE:"):
                raise
            return {}
        return {
            settlement: to_cents(salary.cost(decimal(settlement.due)))
            for settlement, (_contract, salary) in salaries.items()
        }

    def _month_money(self):
        """``{(person id, activity id): cents}`` available in the month of payment."""
        holdings = self.env["cae.activity"]._pay_holdings(
            self.company_id, self[0].month, self._last_day()
        )
        return {
            (person, holding.activity): holding.available
            for person, own in holdings.items()
            for holding in own
        }

    def _write_estimate(self, costs, money=None):
        """:param costs: ``{settlement: cents}``; see :meth:`_month_money`"""
        for settlement in self:
            cost = costs.get(settlement, 0)
            flags = settlement._payment_flags(cost, money or {})
            vals = {
                "payment_cost": float(to_euros(cost)),
                "flags": ",".join(flags) or False,
            }
            if any(settlement[name] != value for name, value in vals.items()):
                settlement.write(vals)
            parts = settlement._engaged_parts(cost)
            for share in settlement.share_ids:
                engaged = float(to_euros(parts.get(share.activity_id.id, 0)))
                if share.engaged != engaged:
                    share.engaged = engaged

    def _payment_flags(self, cost, money):
        """:param cost: cents; what follows is for what the person still holds"""
        left = decimal(self.budget) - decimal(self.paid) - decimal(self.left_amount)
        person = self.entrepreneur_id.id
        keys = {(person, share.activity_id.id) for share in self.share_ids}
        held = [money[key] for key in keys & set(money)]
        found = {
            DEARER: cost > to_cents(left),
            SHORT: held and cost > sum(held),
        }
        return [flag for flag, present in found.items() if cost and present]

    def _engaged_parts(self, cost):
        """``{activity id: cents}``: the larger of both costs, shared as the cost is."""
        weights = {s.activity_id.id: to_cents(decimal(s.cost)) for s in self.share_ids}
        engaged = max(cost, sum(weights.values()))
        return allocation.split(engaged, weights) if any(weights.values()) else {}

    def _dearer_parts(self, settled):
        """``{activity id: cents}`` that the payment costs more than ``settled``.

        :param settled: ``engine.settlement.Settlement`` of today's accounts
        """
        more = decimal(self.payment_cost) - settled.cost
        if more <= 0 or decimal(self.due) != settled.due:
            return {}
        weights = {part.activity: part.cost for part in settled.parts}
        return allocation.split(to_cents(more), weights)
