"""Legal limits of contracts, shares of an activity, codes: plain dates and Decimals.

Sources: Code du travail L.7331-3 (membership within three years of the CESA, less
the time of a prior CAPE or other contract), L.7332-1 (trial of eight months at most,
less the same time); Code de commerce L.127-1 s. (CAPE of twelve months at most,
renewable twice in writing).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

CAPE_TERM = relativedelta(months=12, days=-1)
CAPE_LIMIT = relativedelta(months=36, days=-1)
#: A CAPE that begins later after the end of the one before does not renew it.
CAPE_BREAK = relativedelta(months=12)
TRIAL_LIMIT = relativedelta(months=8, days=-1)
MEMBERSHIP_LIMIT = relativedelta(years=3)
FULL_SHARE = Decimal(100)

Interval = tuple[date, date | None]
Holding = tuple[date, date | None, Decimal]


def days_before(intervals: Iterable[Interval], day: date) -> int:
    """Days before ``day`` covered by at least one interval (both ends included)."""
    total, covered = 0, date.min
    for start, end in sorted(intervals, key=lambda i: (i[0], i[1] or date.max)):
        first = max(start, covered)
        last = min(end or date.max, day - timedelta(days=1))
        if last >= first:
            total += (last - first).days + 1
            covered = last + timedelta(days=1)
    return total


def cape_term(start: date) -> date:
    """Last day of a CAPE that is not renewed: twelve months."""
    return start + CAPE_TERM


def cape_limit(first_start: date) -> date:
    """Last day of a CAPE renewed twice: thirty-six months."""
    return first_start + CAPE_LIMIT


def cape_series(
    contracts: Iterable[tuple[str, date, date | None]], start: date
) -> date:
    """First day of the CAPE that the one of ``start`` renews; ``start`` when none is.

    The thirty-six months are those of a contract and its renewals. The texts do not say
    how long a break may be: another contract in between, or more than twelve months
    without a CAPE, and the next one is a new project.

    :param contracts: ``(kind, start, end)`` of those that began before
    """
    first = start
    for kind, begin, end in sorted(contracts, key=lambda c: c[1], reverse=True):
        if kind != "cape" or first > (end or cape_term(begin)) + CAPE_BREAK:
            break
        first = begin
    return first


def trial_limit(start: date, prior_days: int) -> date:
    """Last possible day of the trial of a CESA; the eve of ``start`` when none is."""
    limit = start + TRIAL_LIMIT - timedelta(days=prior_days)
    return max(limit, start - timedelta(days=1))


def membership_deadline(start: date, prior_days: int) -> date:
    """Day by which the holder of a CESA must be a member (L.7331-3)."""
    return start + MEMBERSHIP_LIMIT - timedelta(days=prior_days)


def share_gap(
    holdings: Sequence[Holding], start: date, end: date | None
) -> tuple[date, Decimal] | None:
    """First day of an activity's life on which its shares do not add up to 100.

    :param holdings: (first day, last day or None, percent) of each holder
    :param start: first day of the activity
    :param end: its last day, None while it is open
    :return: (day, total of that day), None when every day adds up
    """
    changes = {start}
    for first, last, _share in holdings:
        changes.add(first)
        if last:
            changes.add(last + timedelta(days=1))
    for day in sorted(changes):
        if day >= start and (not end or day <= end):
            total = held_on(holdings, day)
            if total != FULL_SHARE:
                return day, total
    return None


def held_on(holdings: Iterable[Holding], day: date) -> Decimal:
    """Total percent held on ``day``."""
    return sum((s for f, t, s in holdings if covers(f, t, day)), Decimal(0))


def covers(first: date, last: date | None, day: date) -> bool:
    """Whether ``day`` is between ``first`` and ``last``, both included."""
    return first <= day and (not last or day <= last)


def age_on(birth: date, day: date) -> int:
    """Age in full years on ``day``."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def next_code(code: str) -> str:
    """The code after ``code``: ``E0061`` after ``E0060``, ``X1`` after ``X``."""
    match = re.search(r"\d+$", code)
    if not match:
        return f"{code}1"
    digits = match.group()
    return f"{code[: match.start()]}{int(digits) + 1:0{len(digits)}d}"
