"""Where a gross must be looked for: a search in floats, which decides nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from decimal import Decimal

from .amounts import CENT, Affine
from .scale import Scale, Segment
from .schedule import MONTHS

PRECISION = 0.004
MARGIN = PRECISION / 2
STRAIGHT = 10

Line = tuple[float, float]


class Search:
    """Approximate cost and nets of a gross, right to a cent or so."""

    def __init__(self, scale: Scale):
        schedule, booked = scale.schedule, scale.booked
        self._scale = scale
        self._bounds = [float(bound) for bound in scale.bounds]
        self._lines: dict[int, tuple[Line, Line, Line]] = {}
        self._paid = float(booked.gross)
        self._reduction = float(booked.reduction)
        self._estimate = schedule.estimate
        self._smic_booked = float(booked.smic)
        self._smic_year = float(schedule.smic_year)
        self._rebuilt = schedule.rebuilt
        self._full_time_pay = float(schedule.full_time_pay)
        self._full_presence = float(schedule.full_presence)

    def _at(self, gross: float) -> tuple[Line, Line, Line]:
        place = bisect_left(self._bounds, gross)
        found = self._lines.get(place)
        if found is None:
            found = self._lines[place] = _floats(self._scale.at(place))
        return found

    def cost(self, gross: float) -> float:
        constant, slope = self._at(gross)[0]
        year = self._paid + gross
        reduction = self._coefficient(gross, year) * year - self._reduction
        return gross + constant + slope * gross - reduction

    def net(self, gross: float) -> float:
        constant, slope = self._at(gross)[1]
        return gross - constant - slope * gross

    def taxable(self, gross: float) -> float:
        constant, slope = self._at(gross)[2]
        return self.net(gross) + constant + slope * gross

    def _coefficient(self, gross: float, year: float) -> float:
        if self._estimate is None:
            return 0.0
        presence = self._full_presence
        if self._rebuilt:
            presence = min(presence, gross / self._full_time_pay)
        smic = self._smic_booked + self._smic_year * presence
        return self._estimate(year * MONTHS, smic)


def _floats(segment: Segment) -> tuple[Line, Line, Line]:
    return _float(segment.employer), _float(segment.employee), _float(segment.taxed)


def _float(affine: Affine) -> Line:
    return float(affine.constant), float(affine.slope)


def find(
    measure: Callable[[float], float],
    target: Decimal,
    low: Decimal = Decimal(0),
    high: Decimal | None = None,
) -> Decimal:
    """A gross of the range whose measure is about the target, in whole cents.

    By false position, which takes a third of the steps of halving on what is nearly a
    straight line; by halving after a while, for steps.
    """
    goal, start = float(target), float(low) + MARGIN
    below = measure(start) - goal
    if below >= 0:
        return low
    end = start + max(goal, 1.0) if high is None else float(high)
    above = measure(end) - goal
    while above <= 0:
        if high is not None:
            return high - CENT
        start, below = end, above
        end *= 2
        above = measure(end) - goal
    return _narrow(lambda gross: measure(gross) - goal, start, below, end, above)


def _narrow(
    excess: Callable[[float], float],
    start: float,
    below: float,
    end: float,
    above: float,
) -> Decimal:
    """Narrow a range at whose ends the excess is ``below`` zero and ``above``."""
    count = side = 0
    while end - start > PRECISION:
        count += 1
        middle = (start + end) / 2
        if count < STRAIGHT:
            middle = end - above * (end - start) / (above - below)
            middle = min(max(middle, start + MARGIN), end - MARGIN)
        found = excess(middle)
        # Illinois: the end that stays twice counts for half.
        if found <= 0:
            above = above / 2 if side < 0 else above
            start, below, side = middle, found, -1
        else:
            below = below / 2 if side > 0 else below
            end, above, side = middle, found, 1
    return int(start / float(CENT) + 0.5) * CENT
