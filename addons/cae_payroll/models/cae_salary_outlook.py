"""What the months ahead of an activity or a person start from, and bring."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError

from odoo.addons.cae_base.engine import allocation
from odoo.addons.cae_base.engine.money import ZERO, cents, decimal
from odoo.addons.cae_base.engine.statement import total
from odoo.addons.cae_base.models.cae_contribution_forecast import ContributionForecast
from odoo.addons.cae_base.models.cae_ledger import VALUE_ADDED_ITEMS

from ..engine import NOTHING, PayrollError
from ..engine import forecast as engine
from ..engine.monthly import Wish, to_cents, to_euros
from .cae_pay_line_sheet import before_pay

MONTHS = 12
#: ``own``: what the person asked for, aims at, or else the company's policy.
WISHES = ("none", "max", "gross", "net", "own")
#: Months that customers take to pay: 30 days unless agreed (C. com. L.441-10).
DELAY = 1


class Outlook:
    """Twelve months ahead, from a few queries; nothing is written.

    :param simulator: ``cae.salary.simulator``, whose environment may read all of it
    :param given: values that were given, see ``forecast``
    :param first: first day of the first month
    :param shares: ``{activity: percent}`` of what is simulated; empty: figures alone
    :param person: whose contract and year count; nobody when empty
    :param waiting: pay that waits is deducted from what is available
    """

    def __init__(self, simulator, given, first: date, shares, person, waiting: bool):
        self.simulator, self.env, self.given = simulator, simulator.env, given
        self.company = self.env.company
        self.months = [first + relativedelta(months=n) for n in range(MONTHS)]
        self.first, self.eve = first, first - relativedelta(days=1)
        self.shares, self.person, self._waiting = shares, person, waiting
        self.activities = self.env["cae.activity"].union(*shares)

    def forecast(self) -> list[engine.Month]:
        """:raises UserError: ``CAE-PAY-RATE``, ``CAE-PAY-VALUE``"""
        flows = [
            engine.Flow(month, *amounts, self.charges + self._second_wage(month))
            for month, *amounts in zip(
                self.months,
                self.turnover,
                self._sum(self._collected),
                self._contributions,
                strict=True,
            )
        ]
        try:
            return engine.forecast(self.start, flows, self._terms, allocation.split)
        except PayrollError as error:
            raise self.env["cae.payroll.rate"]._error(error, self.first) from error

    # ------------------------------------------------------------------
    # What may be given
    # ------------------------------------------------------------------

    def _amount(self, name, default):
        """An amount that was given, in whole cents, or the default."""
        if name not in self.given:
            return cents(default)
        return cents(self.simulator._amount(self.given, name))

    @cached_property
    def turnover(self) -> list[Decimal]:
        """Expected turnover of each month.

        :raises UserError: ``CAE-PAY-VALUE``
        """
        value = self.given.get("turnover")
        if not isinstance(value, list | tuple):
            usual = max(ZERO, self._usual("turnover"))
            return [self._amount("turnover", usual)] * MONTHS
        if len(value) != MONTHS:
            raise self.simulator._value_error("turnover", value)
        return [
            cents(self.simulator._amount({"turnover": v}, "turnover")) for v in value
        ]

    @cached_property
    def charges(self) -> Decimal:
        """Of each month, without contribution and pay."""
        if "charges" in self.given:
            return cents(self.simulator._number(self.given, "charges"))
        return cents(self._usual("charges"))

    @cached_property
    def reserve(self) -> Decimal:
        """What an advance leaves: that of the company for each activity."""
        parts = sum(self.shares.values()) / 100 if self.shares else 1
        return self._amount("reserve", decimal(self.company.cae_pay_reserve) * parts)

    @cached_property
    def fixed_part(self) -> Decimal:
        """Gross of each month."""
        fixed = decimal(self._contract.fixed_part) if self._contract else ZERO
        return self._amount("fixed_part", fixed)

    @cached_property
    def start(self) -> Decimal:
        """What is available before the first month."""
        if "available" in self.given:
            return cents(self.simulator._number(self.given, "available"))
        if self.person:
            left = self.activities._pay_left(self.company, self.first, self.person)
            return to_euros(sum(left.values()))
        committed = self._committed() if self._waiting else {}
        return sum(
            (
                self._money[activity.id]["available"]
                - to_euros(committed.get(activity.id, 0))
                for activity in self.shares
            ),
            ZERO,
        )

    def _committed(self):
        """Cents of the pay that waits, by activity id."""
        waiting = self.activities._pay_waiting(self.first)
        return {key: sum(own.values()) for key, own in waiting.items()}

    @cached_property
    def wish(self) -> Wish:
        """:raises UserError: ``CAE-PAY-VALUE``"""
        kind = self._wish_kind
        if kind == "own":
            every = self._wages and self.company.cae_pay_policy == "all"
            return Wish("max" if every else "none")
        return Wish(kind, self._amount("wish_amount", ZERO))

    @cached_property
    def _wish_kind(self):
        """:raises UserError: ``CAE-PAY-VALUE``"""
        return self.simulator._choice({"wish": "own", **self.given}, "wish", WISHES)

    @cached_property
    def _targets(self):
        """``{month: target}`` of the person, as the monthly run reads them."""
        if self._wish_kind != "own" or not self._asks:
            return {}
        targets = self.env["cae.pay.target"].search(
            [
                ("entrepreneur_id", "=", self.person.id),
                ("date_from", "<=", self.months[-1]),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", self.first),
            ]
        )
        return {
            month: target
            for target in targets
            for month in self.months
            if target.date_from <= month <= (target.date_to or month)
        }

    @cached_property
    def _wishes(self):
        """``{month: Wish}``: own requests, else targets, as the monthly run does."""
        if self._wish_kind != "own" or not self._asks:
            return {}
        requests = self.env["cae.pay.request"].search(
            [
                ("entrepreneur_id", "=", self.person.id),
                ("month", "in", self.months),
                ("state", "!=", "cancelled"),
            ]
        )
        aimed = {m: t._wish(self.fixed_part) for m, t in self._targets.items()}
        # The months ahead have one balance, whatever the activity asked of.
        asked = {r.month: replace(r._wish(), activity=0) for r in requests}
        return aimed | asked

    @property
    def _asks(self):
        """Whether what the person asks for counts."""
        return self.person and (not self._pay_terms or self._pay_terms.asks)

    @cached_property
    def _delay(self):
        """:raises UserError: ``CAE-PAY-VALUE``"""
        delay = self.simulator._amount({"delay": DELAY, **self.given}, "delay")
        if delay != int(delay) or delay > MONTHS:
            raise self.simulator._value_error("delay", self.given["delay"])
        return int(delay)

    # ------------------------------------------------------------------
    # Pay
    # ------------------------------------------------------------------

    @property
    def _terms(self):
        last = self.env["cae.pay.line"]._last_day(self.first)
        rate = self.company._cae_leave_rate(last) if self._wages else ZERO
        contract, floors = self._contract, self._targets.items()
        return engine.Terms(
            salary=self._salary,
            fixed=self.fixed_part,
            reserve=self.reserve,
            wish=self.wish,
            booked=self._booked,
            leave=rate,
            wishes=self._wishes,
            floors={month: decimal(target.floor) for month, target in floors},
            agreed=contract._overdraft_limit(self.company) if contract else 0,
        )

    @property
    def _wages(self):
        """Wages are paid, and not a CAPE."""
        kind = self._pay_terms.kind if self._pay_terms else "cesa"
        return self.given.get("contract", kind) != "cape"

    @cached_property
    def _pay_terms(self):
        """Terms of the person's contract in the first month, or nothing."""
        last = self.env["cae.pay.line"]._last_day(self.first)
        terms = self.person and self.person._pay_terms(self.company, self.first, last)
        return terms.get(self.person.id) if terms else None

    @cached_property
    def _contract(self):
        contracts = self.env["cae.contract"]
        return self._pay_terms and contracts.browse(self._pay_terms.contract)

    def _second_wage(self, month) -> Decimal:
        """What an ordinary contract beside the CESA costs, while it lasts."""
        second = self._pay_terms and self._pay_terms.second
        root = self.env["cae.contract"].browse(second.root if second else ())
        if not root or (root.date_end and root.date_end < month):
            return ZERO
        return self._full_second_wage

    @cached_property
    def _full_second_wage(self) -> Decimal:
        contract = self.env["cae.contract"].browse(self._pay_terms.second.contract)
        day = self.env["cae.pay.line"]._last_day(self.first)
        situation = contract._situation_beside(self.company, day)
        wage = self._salary_at(day, situation).direct(decimal(contract.fixed_part))
        return wage.cost

    @cached_property
    def _booked(self):
        """What the earlier months of the year booked."""
        if not self._pay_terms:
            return NOTHING
        run, person = self.env["cae.pay.run"], self.person.id
        booked = run._booked(self.company, self.first, [person])
        return booked.of(person, self._pay_terms.root)

    def _salary(self, month):
        """The engine's salary of a month ahead."""
        day = self.env["cae.pay.line"]._last_day(month)
        if self._contract:
            own = self.simulator._given_situation(self.given)
            situation = {**self._contract._pay_situation(self.company, day), **own}
        else:
            own = self.simulator._situation(self.given)
            situation = self.company._cae_pay_situation(day, own["executive"]) | own
        return self._salary_at(day, situation)

    def _salary_at(self, day, situation):
        """With the last known rates, when those of the day are not law yet."""
        changes = [c for c in self.env["cae.payroll.rate"]._changes() if c <= day]
        while True:
            try:
                return self.simulator._salary(day, situation)
            except UserError as error:
                if not (changes and str(error).startswith("CAE-PAY-RATE:")):
                    raise
                day = changes.pop() - relativedelta(days=1)

    # ------------------------------------------------------------------
    # The activities
    # ------------------------------------------------------------------

    @cached_property
    def _money(self):
        """Money of the activities on the eve."""
        return self.activities._treasury_at(self.eve)

    @cached_property
    def _past(self):
        """``{activity id: monthly averages}`` of the twelve months before."""
        start = self.first - relativedelta(months=MONTHS)
        moved = self.env["cae.ledger"]._month_balances(
            self.company, self.activities.analytic_account_id.ids, start, self.eve
        )
        layout = self.env["cae.account.row"]._layout_of("statement")
        return {
            activity.id: _average(
                layout,
                total(moved[activity.analytic_account_id.id], start, self.eve),
                _months_between(max(start, activity.date_start), self.eve),
            )
            for activity in self.activities
        }

    def _usual(self, name):
        """Monthly average of what is simulated."""
        parts = (
            self._past[a.id][name] * share / 100 for a, share in self.shares.items()
        )
        return sum(parts, ZERO)

    @cached_property
    def _invoiced(self):
        """``{activity id: row}``: the turnover, as the activities had it until now."""
        if not self.shares:
            return {0: self.turnover}
        usual = {
            activity.id: to_cents(
                self._part(self._past[activity.id]["turnover"], share)
            )
            for activity, share in self.shares.items()
        }
        weights = {key: max(0, amount) for key, amount in usual.items()}
        if not any(weights.values()):
            weights = dict.fromkeys(weights, 1)
        rows = [allocation.split(to_cents(one), weights) for one in self.turnover]
        return {key: [to_euros(row.get(key, 0)) for row in rows] for key in weights}

    @cached_property
    def _collected(self):
        """``{activity id: row}``: what customers pay."""
        late = {
            key: [ZERO] * self._delay + row[: MONTHS - self._delay]
            for key, row in self._invoiced.items()
        }
        for activity, share in self.shares.items():
            due = self._open_invoices(activity, share)
            late[activity.id] = [
                amount + to_euros(due.get(n, 0))
                for n, amount in enumerate(late[activity.id])
            ]
        return late

    def _open_invoices(self, activity, share):
        """``{index of the month: cents}`` that open invoices bring.

        In all, what the activity expects from its customers without VAT (*future* less
        *available*), spread by what is open and when it is due.
        """
        money = self._money[activity.id]
        owed = self._part(money["future"] - money["available"], share)
        rows = self._unpaid.get(activity.analytic_account_id.id, ())
        return allocation.split(to_cents(owed), _due(rows, self.first))

    @cached_property
    def _unpaid(self):
        accounts = self.activities.analytic_account_id.ids
        return self.env["cae.ledger"]._open_invoices(self.company, accounts, self.eve)

    # ------------------------------------------------------------------
    # Contribution
    # ------------------------------------------------------------------

    @cached_property
    def _contributions(self):
        if "contribution_rate" in self.given or not self.shares:
            values = {"contribution_rate": 0, **self.given}
            rate = self.simulator._amount(values, "contribution_rate")
            if rate > 100:
                raise self.simulator._value_error("contribution_rate", rate)
            return [cents(amount * rate / 100) for amount in self.turnover]
        expected = {a.id: self._expected(a, share) for a, share in self.shares.items()}
        found = ContributionForecast.of(self.activities, expected)
        return self._sum(
            {
                activity.id: [
                    self._part(found[activity.id, month], share)
                    for month in self.months
                ]
                for activity, share in self.shares.items()
            }
        )

    def _expected(self, activity, share):
        """Figures of a whole activity, from those of a share of it."""
        past = self._past[activity.id]
        invoiced, collected = self._invoiced[activity.id], self._collected[activity.id]
        return {
            month: {
                "invoiced": invoiced[n] * 100 / share,
                "collected": collected[n] * 100 / share,
                "purchases": past["purchases"],
                "items": past["items"],
            }
            for n, month in enumerate(self.months)
        }

    @staticmethod
    def _part(amount, share):
        return cents(amount * share / 100)

    @staticmethod
    def _sum(rows):
        return [sum(amounts, ZERO) for amounts in zip(*rows.values(), strict=True)]


def _due(invoices, first):
    """``{index of the month: cents due}``; late ones in the first month."""
    weights = {0: 0}
    for row in invoices:
        due = row["due"] or row["date"]
        index = max(0, (due.year - first.year) * 12 + due.month - first.month)
        weights[index] = weights.get(index, 0) + to_cents(row["open"])
    return {index: max(0, amount) for index, amount in weights.items()}


def _average(layout, balances, months):
    """Monthly averages of an activity before pay, unrounded."""
    figures = before_pay(layout, balances)
    items = (b for code, b in balances.items() if code.startswith(VALUE_ADDED_ITEMS))
    sums = {
        "turnover": figures["turnover"],
        "charges": figures["purchases"] + figures["charges"],
        "purchases": figures["purchases"],
        "items": sum(items, ZERO),
    }
    return {name: amount / months for name, amount in sums.items()}


def _months_between(start, end):
    """Months from one day to another, both counted; at least one."""
    return max(1, (end.year - start.year) * 12 + end.month - start.month + 1)
