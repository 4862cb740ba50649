"""A month's salary: from gross to cost and net, and back.

Amounts are euros (``Decimal``), rates of lines are percent. Rules, with their sources,
are those of the rates' rows; the chain is::

    cost              = gross + employer contributions - general reduction
    net before tax    = gross - employee contributions
    taxable net       = net before tax + CSG and CRDS not deductible
                        + employer's health premium (and death insurance: a setting)
    net social        = net before tax (no optional withholding is modelled)

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

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from .amounts import CENT, HUNDRED, ZERO, Number, amount_of, cents, decimal_of
from .contributions import Group
from .errors import PayrollError
from .rates import RateSet
from .schedule import Charge, Schedule
from .search import Search, bisect
from .situation import Situation

NOISE = Decimal("0.006")


@dataclass(frozen=True, slots=True)
class Line:
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
        self._search = Search(self.schedule)

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

    def _employer(self, gross: Decimal) -> Decimal:
        segment = self.schedule.segment(gross)
        if not self._by_line:
            return segment.employer.at(gross)
        return _sum(
            cents(cents(base.at(gross)) * charge.employer)
            for charge, base in segment.charges
            if charge.employer
        )

    def _employee(self, gross: Decimal) -> Decimal:
        segment = self.schedule.segment(gross)
        if not self._by_line:
            return segment.employee.at(gross)
        return _sum(
            cents(cents(base.at(gross)) * charge.employee)
            for charge, base in segment.charges
            if charge.employee
        )

    def _reduction(self, gross: Decimal) -> Decimal:
        return self._round(self.schedule.coefficient(gross) * gross)

    # To gross

    def from_cost(self, budget: Number) -> Result:
        """The largest gross to the cent whose cost is within the budget.

        The cost never decreases: its steps (a ten-thousandth of the coefficient, the
        ceiling, the cliff of the reduction) all go up. A cost inside a step cannot be
        reached: ``exact`` is then false.

        :raises PayrollError: ``CAE-PAY-BUDGET`` when even no pay costs more
        """
        target = decimal_of(budget, "cost")
        result = self._result(self._gross_of_cost(target))
        return replace(result, exact=result.cost == target)

    def _gross_of_cost(self, target: Decimal) -> Decimal:
        gross = bisect(self._search.cost, target)
        while self.cost(gross + CENT) <= target:
            gross += CENT
        while self.cost(gross) > target:
            if not gross:
                raise PayrollError(
                    "CAE-PAY-BUDGET", f"{target} does not cover what is due without pay"
                )
            gross -= CENT
        return gross

    def from_net(self, net: Number) -> Result:
        """The largest gross to the cent whose net before tax is not above ``net``.

        Just above the ceiling the net drops (CET is then due on the whole pay), so
        that some nets have two grosses: the lower one, which costs less, is given.

        :raises PayrollError: ``CAE-PAY-VALUE`` for a negative amount
        """
        target = amount_of(net, "net")
        result = self._result(self._gross_of_net(target))
        return replace(result, exact=result.net_before_tax == target)

    def _gross_of_net(self, target: Decimal) -> Decimal:
        gross = bisect(self._search.net, target + self._net_noise()) + 2 * CENT
        if target <= self.net(self.schedule.ceiling):
            gross = min(gross, self.schedule.ceiling)
        # A cent of gross is at most a cent of net: no solution is stepped over.
        while (excess := self.net(gross) - target) > 0:
            gross -= excess
        return gross

    def _net_noise(self) -> Decimal:
        """More than rounding can move the net: half a cent per amount, and a bit."""
        charges = self.schedule.segments[-1].charges if self._by_line else ()
        return NOISE * (1 + sum(1 for charge, _base in charges if charge.employee))

    # Payslip

    def _result(self, gross: Decimal) -> Result:
        lines, taxed = self._lines(gross)
        coefficient = self.schedule.coefficient(gross)
        reduction = self._round(coefficient * gross)
        employer = _sum(line.employer_amount for line in lines)
        employee = _sum(line.employee_amount for line in lines)
        net = gross - cents(employee)
        if reduction:
            lines.append(self._relief(gross, coefficient, reduction))
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
        for charge, base in self.schedule.segment(gross).charges:
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

    def _relief(self, gross: Decimal, coefficient: Decimal, amount: Decimal) -> Line:
        return Line(
            code="RGDU",
            label=self.schedule.relief_label,
            group=Group.RELIEF.value,
            base=gross,
            employee_rate=ZERO,
            employee_amount=ZERO,
            employer_rate=-coefficient * HUNDRED,
            employer_amount=-amount,
        )


def _same(amount: Decimal) -> Decimal:
    return amount


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


@lru_cache(maxsize=512)
def salary_for(rates: RateSet, situation: Situation) -> Salary:
    """A :class:`Salary`, kept for the next person in the same situation."""
    return Salary(rates, situation)
