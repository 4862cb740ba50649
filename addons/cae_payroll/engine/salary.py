"""A month's salary: from gross to cost and net, and back.

Amounts are euros (``Decimal``), rates of lines are percent. Rules, with their sources,
are those of the rates' rows; the chain is::

    cost              = gross + employer contributions - general reduction
    net before tax    = gross - employee contributions
    taxable net       = net before tax + CSG and CRDS not deductible
                        + employer's health premium (and death insurance: a setting)
    net social        = net before tax (no optional withholding is modelled)

A month that follows others of its year (:meth:`Salary.after`) owes what the year to
date does less what they booked; ``coefficient`` is then the year's, and a line
``RGDU_REGUL`` says what it changes for the earlier months. So does a second pay of a
month, as the balance of a year that is paid beside the month's own.

Rounding, half up: contributions are summed unrounded (or line by line to the cent, see
:class:`.situation.Situation`), then what the employer adds to the gross and what the
employee leaves of it are rounded to the cent; cost and nets follow, so that the gross
and its parts always add up to the cent.

Contracts. ``employee``: hours. ``cesa``: equivalent hours rebuilt from the pay.
``cape``: not an employment contract. Its pay enters the bases of social security and
of unemployment (R.5142-3 to -5 of the labour code) and of CSG and CRDS; what rests on
an employment contract is left out: complementary pension, wage guarantee, training,
apprenticeship, housing, social dialogue, autonomy, mobility, health and death cover,
general reduction. Without pay, work accidents are due on a flat monthly base
(CSS D.412-99), parameter ``cape_atmp_hour_base`` per hour, to be set: it is shipped as
zero since its value of 2026 was not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import NamedTuple

from .amounts import CENT, HUNDRED, ZERO, Number, amount_of, cents, decimal_of
from .booked import NOTHING, Booked
from .contributions import Base, Group
from .errors import PayrollError
from .rates import RateSet
from .reduction import FOUR_DECIMALS
from .scale import Scale, Segment
from .schedule import Charge, Schedule
from .search import Search, find
from .situation import Situation

NOISE = Decimal("0.006")
#: Bases whose ceiling or limit is that of the year.
REGULARISED = (
    Base.UP_TO_P,
    Base.UP_TO_4P,
    Base.P_TO_8P,
    Base.CET,
    Base.ABOVE_SICKNESS,
    Base.ABOVE_FAMILY,
)


class Line(NamedTuple):
    """A line of the payslip: rates in percent, amounts owed (a relief is negative)."""

    code: str
    label: str
    group: str
    base: Decimal
    employee_rate: Decimal
    employee_amount: Decimal
    employer_rate: Decimal
    employer_amount: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    """A salary. ``cost`` and the nets are rounded to the cent; contributions and the
    reduction are the sums of their lines, unrounded unless the lines are.

    ``employer_contributions`` is before the reduction. ``exact`` says that the cost,
    or the net, asked for is reached to the cent.
    """

    gross: Decimal
    cost: Decimal
    net_before_tax: Decimal
    net_taxable: Decimal
    net_social: Decimal
    employer_contributions: Decimal
    employee_contributions: Decimal
    general_reduction: Decimal
    coefficient: Decimal
    equivalent_hours: Decimal
    lines: tuple[Line, ...]
    exact: bool = True


class Salary:
    """Salaries of one situation; build it once, see :func:`salary_for`."""

    def __init__(self, rates: RateSet, situation: Situation):
        self.schedule = Schedule(rates, situation)
        self._by_line = situation.rounding == "line"
        self._round: Callable[[Decimal], Decimal] = cents if self._by_line else _same
        self._month = NOTHING
        self._follow(NOTHING)

    def _follow(self, booked: Booked, others: Booked = NOTHING) -> None:
        self._scale = Scale(self.schedule, booked, others)
        self._search = Search(self._scale)
        self._paid, self._relieved = booked.gross, booked.reduction

    def after(
        self, booked: Booked, month: Booked = NOTHING, others: Booked = NOTHING
    ) -> Salary:
        """The salary of a month that follows these, of the same calendar year.

        What is due is that of the year to date less what they booked (CSS R.242-2,
        D.241-8, D.241-9).

        :param month: what other pays of this very month booked: together they owe what
            one pay of them all owes, in whatever order they come
        :param others: what other contracts of the person with the company booked, this
            month as well: all have one ceiling, and each its own reduction; its
            ``ceiling`` is that of the months that ``booked`` has not
        """
        if booked == month == others == NOTHING:
            return self
        other = copy(self)
        if month != NOTHING:
            schedule = other.schedule = self.schedule.beside(month)
            other._month = month
            booked += replace(
                month,
                smic=schedule.smic_year * schedule.begun,
                limit_smic=schedule.limit_smic_year * schedule.begun,
            )
        other._follow(booked, others)
        return other

    def booked(self, result: Result) -> Booked:
        """What this pay books, for those that follow."""
        schedule, month, gross = self.schedule, self._month, result.gross
        presence = schedule.begun + schedule.presence(gross)
        bases = self._scale.segment(gross).bases
        return Booked(
            gross=gross,
            ceiling=schedule.ceiling,
            smic=schedule.smic_year * presence - month.smic,
            limit_smic=schedule.limit_smic_year * presence - month.limit_smic,
            reduction=result.general_reduction,
            **{
                base.value: self._round(bases[base].at(gross))
                for base in REGULARISED
                if base in bases
            },
        )

    # From gross

    def direct(self, gross: Number) -> Result:
        """The salary of a gross, which is rounded to the cent.

        :raises PayrollError: ``CAE-PAY-VALUE`` for a negative amount
        """
        return self._result(amount_of(gross, "gross"))

    def cost(self, gross: Decimal) -> Decimal:
        """The cost alone, of a gross in whole cents."""
        return gross + cents(self._employer(gross) - self._reduction(gross))

    def net(self, gross: Decimal) -> Decimal:
        """The net before tax alone, of a gross in whole cents."""
        return gross - cents(self._employee(gross))

    def taxable(self, gross: Decimal) -> Decimal:
        """The taxable net alone, of a gross in whole cents."""
        return self.net(gross) + cents(self._taxed(gross))

    def _employer(self, gross: Decimal) -> Decimal:
        segment = self._scale.segment(gross)
        if not self._by_line:
            return segment.employer.at(gross)
        return self._by_lines(segment, gross, "employer")

    def _employee(self, gross: Decimal) -> Decimal:
        segment = self._scale.segment(gross)
        if not self._by_line:
            return segment.employee.at(gross)
        return self._by_lines(segment, gross, "employee")

    def _taxed(self, gross: Decimal) -> Decimal:
        segment = self._scale.segment(gross)
        if not self._by_line:
            return segment.taxed.at(gross)
        return self._by_lines(segment, gross, "taxed_rate")

    def _by_lines(self, segment: Segment, gross: Decimal, rate: str) -> Decimal:
        return _sum(
            cents(cents(base.at(gross)) * getattr(charge, rate))
            for charge, base in segment.due(self.schedule.charges)
        )

    def _reduction(self, gross: Decimal) -> Decimal:
        return self._round(self._scale.reduction_to_date(gross)) - self._relieved

    # To gross

    def from_cost(self, budget: Number) -> Result:
        """The largest gross to the cent whose cost is within the budget.

        The cost never decreases with the gross, but for an entrepreneur paid under the
        SMIC after better paid months of the year: see :class:`.scale.Crossing` and
        :meth:`_beyond_steps`. A cost inside a step (a ten-thousandth of the
        coefficient, the ceiling, a limit in SMIC) cannot be reached: ``exact`` is then
        false.

        :raises PayrollError: ``CAE-PAY-BUDGET`` when even no pay costs more
        """
        target = decimal_of(budget, "cost")
        result = self._result(self.gross_of_cost(target))
        return replace(result, exact=result.cost == target)

    def gross_of_cost(self, target: Decimal) -> Decimal:
        """The gross alone of :meth:`from_cost`."""
        end = None
        floors = self._scale.floors
        for floor in reversed(floors[1:]):
            if self.cost(floor) <= target:
                return self._largest(target, floor, end)
            end = floor
        return self._largest(target, ZERO, end)

    def _largest(self, target: Decimal, low: Decimal, high: Decimal | None) -> Decimal:
        """The largest gross within the budget from ``low`` on, under ``high``."""
        gross = find(self._search.cost, target, low, high)
        while self.cost(gross + CENT) <= target:
            gross += CENT
        while self.cost(gross) > target:
            if not gross:
                raise PayrollError(
                    "CAE-PAY-BUDGET", f"{target} does not cover what is due without pay"
                )
            gross -= CENT
        return self._beyond_steps(gross, target)

    def _beyond_steps(self, gross: Decimal, target: Decimal) -> Decimal:
        """The largest gross within the budget, from one that a cent more exceeds.

        For an entrepreneur paid under the SMIC after better paid months, more pay means
        a larger coefficient; each ten-thousandth of it, on the pay of the whole year,
        makes the cost fall once more.
        """
        schedule, scale = self.schedule, self._scale
        last = schedule.full_time_pay * schedule.full_presence
        if not (schedule.rebuilt and self._paid and gross < last):
            return gross
        step = cents((self._paid + last) * FOUR_DECIMALS) + 30 * CENT
        top = min(gross + step, cents(last))
        best, place = gross, gross
        while scale.coefficient(top) > scale.coefficient(place):
            place = self._next_step(place, top)
            if self.cost(place) <= target:
                best = place = self._climb(place, target)
        return best

    def _next_step(self, low: Decimal, high: Decimal) -> Decimal:
        """The first gross whose coefficient is above that of ``low``."""
        start = self._scale.coefficient(low)
        while high - low > CENT:
            middle = low + ((high - low) / 2).quantize(CENT, ROUND_FLOOR)
            if self._scale.coefficient(middle) > start:
                high = middle
            else:
                low = middle
        return high

    def _climb(self, gross: Decimal, target: Decimal) -> Decimal:
        while True:
            # A euro of pay costs less than two.
            leap = ((target - self.cost(gross)) / 2).quantize(CENT, ROUND_FLOOR)
            leap = max(leap, CENT)
            if self.cost(gross + leap) > target:
                return gross
            gross += leap

    def within(self, budget: Decimal, gross: Decimal) -> Decimal:
        """A gross, lowered if its cost is not within the budget.

        The cost being what it is (see :meth:`from_cost`), a larger gross may fit.
        """
        if self.cost(gross) <= budget:
            return gross
        for floor in reversed(self._scale.floors):
            if floor <= gross and self.cost(floor) <= budget:
                found = find(self._search.cost, budget, floor, gross + CENT)
                gross = min(gross, found + CENT)
                while self.cost(gross) > budget:
                    gross -= CENT
                return gross
            gross = min(gross, max(ZERO, floor - CENT))
        return gross

    def from_net(self, net: Number) -> Result:
        """The largest gross to the cent whose net before tax is not above ``net``.

        Just above the ceiling the net drops (CET is then due on the whole pay), so
        that some nets have two grosses: the lower one, which costs less, is given.

        :raises PayrollError: ``CAE-PAY-VALUE`` for a negative amount
        """
        target = amount_of(net, "net")
        gross = self._gross_of_net(target, self._search.net, self.net)
        result = self._result(gross)
        return replace(result, exact=result.net_before_tax == target)

    def from_taxable(self, taxable: Number) -> Result:
        """The largest gross to the cent whose taxable net is not above ``taxable``;
        see :meth:`from_net`.

        :raises PayrollError: ``CAE-PAY-VALUE`` for a negative amount
        """
        target = amount_of(taxable, "net_taxable")
        gross = self._gross_of_net(target, self._search.taxable, self.taxable)
        result = self._result(gross)
        return replace(result, exact=result.net_taxable == target)

    def _gross_of_net(
        self,
        target: Decimal,
        estimate: Callable[[float], float],
        measure: Callable[[Decimal], Decimal],
    ) -> Decimal:
        gross = find(estimate, target + self._net_noise()) + 2 * CENT
        ceiling = self._scale.last_under_ceiling
        if ceiling > 0 and target <= measure(ceiling):
            gross = min(gross, ceiling)
        # A cent of gross is at most two of a net: no solution is stepped over.
        while gross and (excess := measure(gross) - target) > 0:
            leap = (excess / 2).quantize(CENT, ROUND_CEILING)
            gross = max(ZERO, gross - leap)
        return gross

    def _net_noise(self) -> Decimal:
        """More than rounding can move a net: half a cent per amount, and a bit."""
        charges = self.schedule.charges if self._by_line else ()
        return NOISE * (2 + len(charges))

    # Payslip

    def _result(self, gross: Decimal) -> Result:
        lines, taxed = self._lines(gross)
        coefficient = self._scale.coefficient(gross)
        reduction = self._reduction(gross)
        employer = _sum(line.employer_amount for line in lines)
        employee = _sum(line.employee_amount for line in lines)
        net = gross - cents(employee)
        lines += self._reliefs(gross, coefficient, reduction)
        return Result(
            gross=gross,
            cost=gross + cents(employer - reduction),
            net_before_tax=net,
            net_taxable=net + cents(taxed),
            net_social=net,
            employer_contributions=employer,
            employee_contributions=employee,
            general_reduction=reduction,
            coefficient=coefficient,
            equivalent_hours=cents(self.schedule.hours(gross)),
            lines=tuple(lines),
        )

    def _lines(self, gross: Decimal) -> tuple[list[Line], Decimal]:
        """The lines, and what of them is added back to the taxable net."""
        lines, taxed = [], ZERO
        segment = self._scale.segment(gross)
        for charge, base in segment.due(self.schedule.charges):
            line = self._line(charge, self._round(base.at(gross)))
            lines.append(line)
            if charge.taxed == "employer":
                taxed += line.employer_amount
            elif charge.taxed == "employee":
                taxed += line.employee_amount
        return lines, taxed

    def _line(self, charge: Charge, base: Decimal) -> Line:
        return Line(
            charge.code,
            charge.label,
            charge.group,
            base,
            charge.employee_percent,
            self._round(base * charge.employee),
            charge.employer_percent,
            self._round(base * charge.employer),
        )

    def _reliefs(
        self, gross: Decimal, coefficient: Decimal, reduction: Decimal
    ) -> Iterator[Line]:
        """The reduction on this month's pay, and what it changes for earlier ones."""
        month = self._round(coefficient * gross)
        schedule = self.schedule
        if month:
            percent = -coefficient * HUNDRED
            yield _relief("RGDU", schedule.relief_label, gross, percent, month)
        if reduction != month:
            label, rest = schedule.regularisation_label, reduction - month
            yield _relief("RGDU_REGUL", label, self._paid, ZERO, rest)


def _relief(
    code: str, label: str, base: Decimal, percent: Decimal, amount: Decimal
) -> Line:
    group = Group.RELIEF.value
    return Line(code, label, group, base, ZERO, ZERO, percent, -amount)


def _same(amount: Decimal) -> Decimal:
    return amount


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


@lru_cache(maxsize=512)
def salary_for(rates: RateSet, situation: Situation) -> Salary:
    """A :class:`Salary`, kept for the next person in the same situation."""
    return Salary(rates, situation)
