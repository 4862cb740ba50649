"""Months of pay ahead: what comes in, what goes out, what may be paid, what is left.

Each month is proposed as :func:`.monthly.propose` does, on what the months before have
left, and follows them in the regularisation of the calendar year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .amounts import ZERO, Decimal, cents
from .booked import NOTHING, Booked
from .monthly import Holding, Proposal, Split, Wish, propose, to_cents, to_euros
from .salary import Salary


@dataclass(frozen=True, slots=True)
class Flow:
    """What a month brings and takes before any pay, in euros excluding VAT.

    :param month: its first day
    :param turnover: invoiced in the month
    :param collected: paid by customers in the month, whenever it was invoiced
    """

    month: date
    turnover: Decimal
    collected: Decimal
    contribution: Decimal
    charges: Decimal

    @property
    def left(self) -> Decimal:
        """What the month leaves for pay; may be negative."""
        return cents(self.collected - self.contribution - self.charges)


@dataclass(frozen=True, slots=True)
class Terms:
    """How somebody is paid.

    :param salary: the engine's salary of a month, by its first day
    :param fixed: gross of the fixed part, in whole cents
    :param reserve: what an advance must leave
    :param booked: what the months before the first one booked in its calendar year
    :param leave: what is set aside for leave, a fraction of the cost
    :param wishes: of some months, by their first day, instead of ``wish``
    :param floors: of some months, when they are above ``reserve``
    :param agreed: limit of the overdraft, cents
    """

    salary: Callable[[date], Salary]
    fixed: Decimal
    reserve: Decimal
    wish: Wish
    booked: Booked = NOTHING
    leave: Decimal = ZERO
    wishes: Mapping[date, Wish] = field(default_factory=dict)
    floors: Mapping[date, Decimal] = field(default_factory=dict)
    agreed: int = 0

    def wish_of(self, month: date) -> Wish:
        return self.wishes.get(month, self.wish)

    def reserve_of(self, month: date) -> Decimal:
        return cents(max(self.reserve, self.floors.get(month, ZERO)))


@dataclass(frozen=True, slots=True)
class Month:
    """A month ahead, in euros; ``left`` of its flow comes to what was there before.

    :param budget: what pay may cost; negative when the reserve is eaten
    :param net: before tax
    :param treasury: what is left at the end of the month: pay, and what it sets aside
        for leave, deducted
    :param flags: findings, as those of a proposal
    """

    flow: Flow
    budget: Decimal
    gross: Decimal
    cost: Decimal
    net: Decimal
    treasury: Decimal
    flags: tuple[str, ...]


def forecast(
    start: Decimal, flows: Iterable[Flow], terms: Terms, split: Split
) -> list[Month]:
    """The pay of months that follow each other.

    What is left never falls below the reserve by an advance: only the fixed part, the
    contribution and the charges bring it there.

    :param start: what is available before the first month
    :param flows: in order, without gaps
    :param split: see :mod:`.monthly`
    :raises PayrollError: ``CAE-PAY-RATE``, ``CAE-PAY-VALUE``
    """
    months: list[Month] = []
    treasury, booked = cents(start), terms.booked
    for flow in flows:
        if flow.month.month == 1:
            booked = NOTHING
        salary = terms.salary(flow.month).after(booked)
        free, reserve = treasury + flow.left, terms.reserve_of(flow.month)
        holding = Holding(1, 1, to_cents(free), to_cents(reserve))
        wish, agreed = terms.wish_of(flow.month), terms.agreed
        found = propose(
            salary, terms.fixed, [holding], wish, split, agreed, terms.leave
        )
        booked += salary.booked(found.result)
        aside = sum(each.total for each in found.leave.values())
        treasury = free - found.result.cost - to_euros(aside)
        months.append(_month(flow, free - reserve, found, treasury))
    return months


def _month(flow: Flow, budget: Decimal, found: Proposal, treasury: Decimal) -> Month:
    result = found.result
    return Month(
        flow=flow,
        budget=budget,
        gross=result.gross,
        cost=result.cost,
        net=result.net_before_tax,
        treasury=treasury,
        flags=found.flags,
    )
