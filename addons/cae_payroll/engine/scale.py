"""A month's pay on the scale of the contributions, after the earlier ones of a year.

Every base is a straight line between two grosses, so that the sum of what the employer,
or the employee, owes is one too: a :class:`Segment` holds both. The lines are those of
the year to date (ceilings of the months so far, CSS R.242-2) less what is booked; for a
month alone, nothing is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from .amounts import CENT, ONE, ZERO, Affine
from .booked import NOTHING, Booked
from .contributions import Base
from .schedule import MONTHS, Charge, Schedule

#: A cut that every pay is above.
NEVER = -CENT


@dataclass(frozen=True, slots=True)
class Segment:
    """Bases on a range of the gross, and the sums of what is due on them."""

    bases: Mapping[Base, Affine]
    employer: Affine
    employee: Affine
    taxed: Affine

    def due(self, charges: Iterable[Charge]) -> Iterator[tuple[Charge, Affine]]:
        for charge in charges:
            base = self.bases[charge.on]
            if base:
                yield charge, base


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a pay is above a limit in SMIC: up to ``falls``, and above ``rises``.

    A pay under the SMIC of an entrepreneur rebuilds more hours than it adds pay: after
    well paid months, it brings the year back under the limit.
    """

    falls: Decimal
    rises: Decimal


class Scale:
    """Segments and reduction of a month that follows what is booked.

    :param others: what other contracts of the person booked: all have one ceiling, and
        each its own hours, reduction and limits (CSS L.241-13 III)
    """

    def __init__(self, schedule: Schedule, booked: Booked, others: Booked = NOTHING):
        self.schedule = schedule
        self.booked = booked
        #: Of the person: what the ceiling is shared with.
        self._person = booked if others is NOTHING else booked + others
        self._ceiling = self._person.ceiling + schedule.ceiling
        self._cuts = {k: k * self._ceiling - self._person.gross for k in (1, 4, 8)}
        self._crossings = {
            limit.base: self._crossing(
                limit.multiple, booked.limit_smic, limit.smic_year
            )
            for limit in schedule.limits
        }
        cuts = {*self._cuts.values()}
        for crossing in self._crossings.values():
            cuts |= {crossing.falls, crossing.rises}
        #: ``bounds[i]`` is the last gross of the segment i; the first is no pay at
        #: all, where a CAPE has a base of its own.
        self.bounds = [ZERO, *sorted(cut for cut in cuts if cut > 0)]
        self._segments: list[Segment | None] = [None] * (len(self.bounds) + 1)

    @property
    def last_under_ceiling(self) -> Decimal:
        """The largest gross to the cent within the ceiling of the year to date."""
        return self._cuts[1].quantize(CENT, ROUND_FLOOR)

    @property
    def floors(self) -> list[Decimal]:
        """Where the cost falls: from each of these grosses on, up to the next, it does
        not but for the steps of the coefficient."""
        found = {crossing.falls + CENT for crossing in self._crossings.values()}
        schedule = self.schedule
        if schedule.formula and schedule.rebuilt:
            crossing = self._crossing(
                schedule.formula.limit, self.booked.smic, schedule.smic_year
            )
            found.add(crossing.falls + CENT)
        return [ZERO, *sorted(gross for gross in found if gross > 0)]

    def _crossing(
        self, multiple: Decimal, booked_smic: Decimal, smic_year: Decimal
    ) -> Crossing:
        schedule, paid = self.schedule, self.booked.gross
        full = booked_smic + smic_year * schedule.full_presence
        rises = multiple * full / MONTHS - paid
        excess = paid - multiple * booked_smic / MONTHS
        if not schedule.rebuilt or excess <= 0:
            return Crossing(NEVER, rises)
        if rises < schedule.full_time_pay * schedule.full_presence:
            return Crossing(NEVER, NEVER)
        slope = multiple * smic_year / MONTHS / schedule.full_time_pay - ONE
        under = (excess / slope).quantize(CENT, ROUND_CEILING)
        return Crossing(under - CENT, rises)

    # Segments

    def segment(self, gross: Decimal) -> Segment:
        return self.at(bisect_left(self.bounds, gross))

    def at(self, place: int) -> Segment:
        """A segment by its number, made when it is first wanted."""
        found = self._segments[place]
        if found is None:
            low = self.bounds[place - 1] if place else NEVER
            found = self._segments[place] = self._segment(low)
        return found

    def _segment(self, low: Decimal) -> Segment:
        bases = self._bases(low)
        sums = self.schedule.sums
        employer, employee, taxed = (
            _total((bases[base], rates[side]) for base, rates in sums.items())
            for side in range(3)
        )
        return Segment(bases, employer, employee, taxed)

    def _bases(self, low: Decimal) -> dict[Base, Affine]:
        """Bases for a gross just above ``low``; of no pay for :data:`NEVER`."""
        schedule, booked, gross = self.schedule, self._person, Affine(ZERO, ONE)
        first, fourth, eighth = (self._up_to(k, low) for k in (1, 4, 8))
        to_4p = Affine(fourth.constant - booked.up_to_4p, fourth.slope)
        above_p = eighth.constant - first.constant, eighth.slope - first.slope
        top = eighth if low >= self._cuts[1] else Affine()
        bases = {
            Base.TOTAL: gross,
            Base.UP_TO_P: Affine(first.constant - booked.up_to_p, first.slope),
            Base.P_TO_8P: Affine(above_p[0] - booked.p_to_8p, above_p[1]),
            Base.UP_TO_4P: to_4p,
            Base.CET: Affine(top.constant - booked.cet, top.slope),
            Base.ACCIDENT: gross,
            Base.HEALTH: Affine(schedule.situation.health_total),
            Base.PROVIDENT: Affine(schedule.situation.provident_total),
        }
        if low < 0 and schedule.unpaid_accident_base:
            bases[Base.ACCIDENT] = Affine(schedule.unpaid_accident_base)
        for base, crossing in self._crossings.items():
            above = low < crossing.falls or low >= crossing.rises
            year = Affine(self.booked.gross, ONE) if above else Affine()
            due = year.constant - getattr(self.booked, base.value)
            bases[base] = Affine(due, year.slope)
        cover = _total((bases[base], rate) for base, rate in schedule.covers.items())
        bases[Base.PROTECTION] = cover
        parts = (to_4p, schedule.csg_base - ONE), (gross, ONE), (cover, ONE)
        bases[Base.CSG] = _total(parts)
        return bases

    def _up_to(self, multiple: int, low: Decimal) -> Affine:
        """The pay of the year up to so many ceilings."""
        if low >= self._cuts[multiple]:
            return Affine(multiple * self._ceiling)
        return Affine(self._person.gross, ONE)

    # Reduction

    def coefficient(self, gross: Decimal) -> Decimal:
        """Coefficient of the general reduction for the year to date."""
        schedule, booked = self.schedule, self.booked
        if schedule.formula is None:
            return ZERO
        # By the year: the monthly SMIC is no whole number of cents.
        return schedule.formula.coefficient(
            (booked.gross + gross) * MONTHS,
            booked.smic + schedule.smic_year * schedule.presence(gross),
        )

    def reduction_to_date(self, gross: Decimal) -> Decimal:
        """General reduction of the year to date, unrounded."""
        return self.coefficient(gross) * (self.booked.gross + gross)


def _total(parts: Iterable[tuple[Affine, Decimal]]) -> Affine:
    """Sum of bases times rates."""
    constant = slope = ZERO
    for base, rate in parts:
        if rate:
            constant += base.constant * rate
            slope += base.slope * rate
    return Affine(constant, slope)
