"""Paid leave set aside month by month, and used up when leave is taken.

Entrepreneurs have paid leave as employees do (Code du travail L.7332-2); its pay is a
tenth of the gross of the reference period (L.3141-24 I). A cooperative may set it
aside each month::

    set aside  = rate x cost of the pay: rate x gross (due to the person, 4282), and the
                 employer's contributions on it (4382), at what they are this month
    used up    = gross of the leave that the month pays, as far as it was set aside,
                 and the same part of the contributions

What is set aside follows the cost alone: the largest cost that a budget bears is found
exactly, and a proposal never spends what it must set aside.

Amounts are cents (``int``), as in :mod:`.monthly`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

Split = Callable[[int, Mapping[int, int]], dict[int, int]]

#: Keys of an entry: what sets aside is a debit of the first two.
WAGE, CHARGES, DUE, BODIES = "leave_wage", "leave_social", "leave_due", "leave_bodies"
KEYS = (WAGE, CHARGES, DUE, BODIES)


@dataclass(frozen=True, slots=True)
class Aside:
    """Leave in cents: set aside, or less than nothing when it is used up.

    :param wage: gross
    :param charges: employer's contributions on it
    """

    wage: int = 0
    charges: int = 0

    @property
    def total(self) -> int:
        return self.wage + self.charges

    def __add__(self, other: Aside) -> Aside:
        return Aside(self.wage + other.wage, self.charges + other.charges)

    def __sub__(self, other: Aside) -> Aside:
        return Aside(self.wage - other.wage, self.charges - other.charges)

    def entry(self) -> dict[str, int]:
        """Its part of the entry of the pay, debit positive, without zeros."""
        amounts = self.wage, self.charges, -self.wage, -self.charges
        return {k: value for k, value in zip(KEYS, amounts, strict=True) if value}


NOTHING = Aside()


def set_aside(cost: int, gross: int, rate: Decimal) -> Aside:
    """What a pay sets aside.

    A month that takes back contributions of the year (its cost is below its gross)
    takes back what was set aside for them.

    :param rate: a fraction: 0.1 is a tenth
    """
    wage = _part(gross, rate)
    return Aside(wage, _part(cost, rate) - wage)


def spent(cost: int, rate: Decimal) -> int:
    """A cost with what it sets aside; it never decreases with the cost."""
    return cost + _part(cost, rate)


def cost_within(budget: int, rate: Decimal) -> int:
    """The largest cost that a budget bears with what it sets aside."""
    cost = int(budget / (1 + rate))
    while spent(cost, rate) > budget:
        cost -= 1
    while spent(cost + 1, rate) <= budget:
        cost += 1
    return cost


def _part(amount: int, rate: Decimal) -> int:
    return int((amount * rate).quantize(Decimal(1), ROUND_HALF_UP))


def used_up(due: Mapping[int, Aside], taken: int, split: Split) -> dict[int, Aside]:
    """What leave uses up of what each activity has set aside for a person.

    The last cent of the gross takes what is left of the contributions.

    :param due: ``{activity: set aside until now}``
    :param taken: gross of the leave that is paid; what was not set aside uses nothing
    """
    wages = {key: max(0, each.wage) for key, each in due.items()}
    amount = min(taken, sum(wages.values()))
    if amount <= 0:
        return {}
    return {
        key: Aside(wage, _charges(due[key], wage))
        for key, wage in split(amount, wages).items()
        if wage
    }


def _charges(due: Aside, wage: int) -> int:
    return _part(due.charges, Decimal(wage) / due.wage)


def apart(
    totals: Mapping[int, int], aside: Aside, split: Split
) -> tuple[dict[int, int], dict[int, Aside]]:
    """``(cost, set aside)`` of each activity, from what it bears of both.

    :param totals: cents that each activity bears
    """
    if aside == NOTHING:
        return dict(totals), {}
    weights = {key: max(0, total) for key, total in totals.items()}
    if not any(weights.values()):
        weights = dict.fromkeys(totals, 1)
    wages, charges = split(aside.wage, weights), split(aside.charges, weights)
    own = {key: Aside(wages.get(key, 0), charges.get(key, 0)) for key in totals}
    return {key: total - own[key].total for key, total in totals.items()}, own


def total_of(entry: Mapping[str, int]) -> int:
    """Cents that an entry sets aside, less what it uses up."""
    return entry.get(WAGE, 0) + entry.get(CHARGES, 0)


def booked(
    entries: Mapping[int, Mapping[str, int]],
    aside: Mapping[int, Aside],
    used: Mapping[int, Aside],
) -> dict[int, dict[str, int]]:
    """Entries of activities with what they set aside, less what leave uses up."""
    return {
        key: {**entry, **(aside.get(key, NOTHING) - used.get(key, NOTHING)).entry()}
        for key, entry in entries.items()
    }
