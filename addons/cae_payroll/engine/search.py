"""Where a gross must be looked for: a search in floats, which decides nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from decimal import Decimal

from .amounts import CENT, ZERO, Affine
from .schedule import MONTHS, Schedule

PRECISION = 0.004


class Search:
    """Approximate inverses of the cost and the net, right to a cent or so."""

    def __init__(self, schedule: Schedule):
        self._bounds = [float(bound) for bound in schedule.bounds]
        self._employer = [_floats(item.employer) for item in schedule.segments]
        self._employee = [_floats(item.employee) for item in schedule.segments]
        self._set_coefficient(schedule)

    def _set_coefficient(self, schedule: Schedule) -> None:
        self._formula = schedule.formula
        if self._formula is None:
            return
        self._smic_year = float(schedule.smic_year)
        self._rebuilt = schedule.situation.contract == "cesa"
        self._full_time_pay = float(schedule.full_time_pay)
        self._presence = 1.0 if self._rebuilt else float(schedule.presence(ZERO))

    def cost(self, gross: float) -> float:
        constant, slope = self._employer[bisect_left(self._bounds, gross)]
        return gross + constant + (slope - self._coefficient(gross)) * gross

    def net(self, gross: float) -> float:
        constant, slope = self._employee[bisect_left(self._bounds, gross)]
        return gross - constant - slope * gross

    def _coefficient(self, gross: float) -> float:
        if self._formula is None:
            return 0.0
        presence = self._presence
        if self._rebuilt and gross < self._full_time_pay:
            presence = gross / self._full_time_pay
        return self._formula.estimate(gross * MONTHS, self._smic_year * presence)


def _floats(affine: Affine) -> tuple[float, float]:
    return float(affine.constant), float(affine.slope)


def bisect(measure: Callable[[float], float], target: Decimal) -> Decimal:
    """A gross whose measure is about the target, in whole cents."""
    goal = float(target)
    low, high = 0.0, max(goal, 1.0)
    while measure(high) <= goal:
        low, high = high, 2 * high
    while high - low > PRECISION:
        middle = (low + high) / 2
        if measure(middle) <= goal:
            low = middle
        else:
            high = middle
    return int(low / float(CENT) + 0.5) * CENT
