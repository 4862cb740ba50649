"""What an entrepreneur can pay themselves this month, and why."""

import itertools
from collections import defaultdict
from decimal import Decimal

from odoo import api, models

from odoo.addons.cae_base.engine.money import ZERO, decimal
from odoo.addons.cae_base.engine.statement import total
from odoo.addons.cae_base.models.cae_contribution_plan import ContributionPlan
from odoo.addons.cae_base.tools import format_date

from ..engine import chain
from ..engine.monthly import Wish, to_cents
from .cae_pay_line_sheet import NOTHING, before_pay

#: Steps from what is there to what may be paid of it.
PAYING = ("committed", "reserve", "budget")


class CaeHome(models.AbstractModel):
    """The pay on the home of a person."""

    _inherit = "cae.home"

    @api.model
    def _parts(self, own):
        return {
            **super()._parts(own),
            # The figure itself takes more queries: the page asks for it once it shows.
            "pays": own.person.stage in ("cape", "cesa", "employee"),
        }

    @api.model
    def _links(self, own):
        return [
            *super()._links(own),
            (self.env._("My pay"), "/my/pay", "fa-money"),
            (self.env._("My payslips"), "/my/payslips", "fa-file-text-o"),
        ]

    @api.model
    def _payable(self) -> dict:
        """The largest pay that the connected person may ask for, as of now.

        It is proposed as the monthly run does, for the month that is paid next, once
        the contributions that the activities do not bear yet are deducted. Nothing is
        written.

        :return: ``{"month", "label", "net", "fixed", "asks", "gross", "cost",
            "available", "budget", "steps", "decided", "request", "cape"}``,
            amounts ``Decimal``; ``fixed``, the net of the fixed part alone; ``asks``,
            whether a request is followed; ``decided``, the pay of the month when it is
            approved; ``cape``, whether the person is under a CAPE; empty for who is
            nobody or has no contract in that month
        :raises UserError: ``CAE-PAY-RATE``, ``CAE-PAY-VALUE``
        """
        person = self._person()
        if not person:
            return {}
        month, last = self._paid_next()
        # sudo: the person's own pay and contract, and the accounts of activities that
        # they hold, whose amounts they read in the statements.
        person = person.sudo().with_company(person.company_id)
        company, run = person.company_id, self.env["cae.pay.run"].sudo()
        terms = person._pay_terms(company, month, last)
        if person.id not in terms:
            return {}
        held = person.share_ids.filtered(
            lambda share: (
                share.date_start <= last
                and (not share.date_end or share.date_end >= month)
            )
        )
        owed = self._owed(company, month, held.activity_id)
        holdings = held.activity_id._pay_holdings(
            company, month, last, {key: to_cents(each) for key, each in owed.items()}
        )
        plan = run.with_company(company)._plan(
            company, month, person.ids, terms, holdings if held else {}
        )
        return {
            "month": month,
            "label": format_date(self.env, month, "MMMM y"),
            **self._of_plan(plan, person, held, owed),
            **self._asked(person, month),
            "cape": person.stage == "cape",
        }

    @api.model
    def _paid_next(self):
        """First and last day of the month that is paid next."""
        month = self.env["cae.salary.simulator"]._first_month({})
        return month, self.env["cae.pay.line"]._last_day(month)

    @api.model
    def _is_unpaid(self, person):
        """Whether the contract of the person is a CAPE that provides for no pay."""
        # sudo: the person's own contract.
        own = person.sudo()
        terms = own._pay_terms(own.company_id, *self._paid_next()).get(own.id)
        return bool(terms) and not terms.asks

    @api.model
    def _owed(self, company, month, activities) -> dict:
        """``{activity id: Decimal}`` of contributions that wait for the monthly run."""
        plan = ContributionPlan(company, month)
        plan.activities = activities.filtered("scheme_id")
        owed = defaultdict(Decimal)
        for booking in plan.bookings() if plan.activities else ():
            owed[booking.activity.id] += booking.amount
        return owed

    @api.model
    def _of_plan(self, plan, person, held, owed):
        run, key = self.env["cae.pay.run"].sudo(), person.id
        terms = plan.terms[key]
        if terms.second and (key, True) not in plan.drawn:
            # A wage takes its part before an advance; one that is decided has it.
            run._prepare_line_vals(plan.of_second(), key)
        holdings = run._holdings(plan, key)
        fixed, found = (
            run._proposal(plan.trial(key), key, holdings, wish)[1]
            # The run follows no wish where the contract provides for no pay.
            for wish in (Wish(), Wish("max") if terms.asks else Wish())
        )
        result = found.result
        aside = sum(each.total for each in found.leave.values())
        pay = chain.Pay(
            result.cost,
            result.gross,
            result.net_before_tax,
            leave=decimal(aside) / 100,
        )
        steps = chain.monthly(
            self._figures(plan, held, owed),
            found.available,
            found.committed,
            found.reserve,
            pay,
        )
        if not terms.asks:
            # Nothing is paid: what is there stays.
            kept = itertools.takewhile(lambda step: step.key not in PAYING, steps)
            steps = [*kept, chain.Step("stays", found.available, True)]
        return {
            "net": result.net_before_tax,
            "fixed": fixed.result.net_before_tax,
            "asks": terms.asks,
            "gross": result.gross,
            "cost": result.cost,
            "available": found.available,
            "budget": found.available - found.committed - found.reserve,
            "steps": [(*step, self._step_labels()[step.key]) for step in steps],
        }

    @api.model
    def _figures(self, plan, held, owed):
        """The person's part of what the month earned and spent until now."""
        movements = self.env["cae.ledger"]._month_balances(
            plan.company,
            held.activity_id.analytic_account_id.ids,
            plan.month,
            plan.day,
        )
        layout = self.env["cae.account.row"]._layout_of("statement")
        sums = defaultdict(Decimal, NOTHING)
        for share in held._held_on(plan.day):
            activity = share.activity_id
            moved = movements[activity.analytic_account_id.id]
            figures = before_pay(layout, total(moved, plan.month, plan.month))
            figures["contribution"] += owed.get(activity.id, ZERO)
            for name, value in chain.part(figures, decimal(share.share, 3)).items():
                sums[name] += value
        return sums

    @api.model
    def _step_labels(self):
        """The steps in plain words."""
        plain = {
            "turnover": self.env._("Invoiced this month"),
            "contribution": self.env._("Contribution to the cooperative"),
            "committed": self.env._("Pay already planned"),
            "reserve": self.env._("Kept in reserve"),
            "stays": self.env._("On the account of my activity"),
            "budget": self.env._("What the pay may cost"),
            "net": self.env._("For me, before income tax"),
        }
        return {**self.env["cae.pay.line"]._chain_labels(), **plain}

    @api.model
    def _asked(self, person, month):
        """The pay of the month when it is decided, and what was asked for."""
        lines = (
            self.env["cae.pay.line"]
            .sudo()
            .search(
                [
                    ("entrepreneur_id", "=", person.id),
                    ("month", "=", month),
                    ("settlement_id", "=", False),
                    ("second_contract", "=", False),
                    ("state", "in", ("approved", "posted")),
                ],
                limit=1,
            )
        )
        requests = (
            self.env["cae.pay.request"]
            .sudo()
            .search(
                [
                    ("entrepreneur_id", "=", person.id),
                    ("month", "=", month),
                    ("state", "!=", "cancelled"),
                ],
                limit=1,
            )
        )
        return {"decided": lines, "request": requests}
