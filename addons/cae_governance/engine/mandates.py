"""Terms of mandates: when one ends, and who is in office on a day.

Sources: loi 47-1775 art. 6 (directors: six years at most, they may be dismissed);
loi 78-763 and the statutes of the CG Scop (managers of a SARL or SAS SCOP: four
years). Terms are those of the statutes, which are parameters.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

Interval = tuple[date, date | None]


def term_end(start: date, years: int) -> date | None:
    """Last day of a mandate of ``years`` from ``start``; None without a term."""
    if not years:
        return None
    return start + relativedelta(years=years) - timedelta(days=1)


def in_office(mandates: Iterable[Interval], day: date) -> int:
    """How many of these mandates hold on ``day``, both ends included."""
    return sum(
        1 for start, end in mandates if start <= day and (end is None or end >= day)
    )


def overlap(mandates: Iterable[Interval]) -> bool:
    """Whether two of one person's mandates in a body hold on one day."""
    ordered = sorted(mandates, key=lambda m: (m[0], m[1] or date.max))
    return any(
        before[1] is None or before[1] >= after[0]
        for before, after in zip(ordered, ordered[1:], strict=False)
    )


def ending(end: date | None, day: date, months: int) -> bool:
    """Whether a mandate in force on ``day`` ends within ``months``."""
    return bool(end) and day <= end <= day + relativedelta(months=months)
