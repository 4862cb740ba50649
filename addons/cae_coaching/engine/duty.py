"""The duty of two support interviews per twelve months of CESA: plain dates.

Source: Code du travail R.7331-3. Each interview is recorded in a document written and
signed by the entrepreneur; there are at least two per period of twelve months. Periods
run from the start of the contract: an amendment or an interruption does not begin them
again. The text says nothing of a period that the end of the contract cuts short; here
nothing is missed in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from dateutil.relativedelta import relativedelta

REQUIRED = 2
PERIOD_MONTHS = 12
#: Days before its deadline from which an interview that lacks is told.
NOTICE_DAYS = 60
DAY = timedelta(days=1)

Interval = tuple[date, date | None]


@dataclass(frozen=True)
class Period:
    """Twelve months of a contract; both days included.

    ``whole``: False when the contract ends before them.
    """

    first: date
    last: date
    whole: bool = True

    def holds(self, day: date) -> bool:
        """Whether ``day`` is one of its days."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Situation:
    """Where a person stands on a day.

    ``state``: ``none`` without a CESA on that day, ``ok`` when nothing lacks, ``due``
    when interviews lack, ``soon`` within the notice, ``late`` when the last whole
    period ended short and what lacked was not made up for since.
    ``missing`` interviews are to be signed by ``deadline`` (past when late).
    ``missed``: whole periods that ended short.
    """

    state: str = "none"
    period: Period | None = None
    done: int = 0
    missing: int = 0
    deadline: date | None = None
    missed: int = 0


def joined(contracts: Iterable[Interval]) -> list[Interval]:
    """Contracts that follow each other without a day between are one."""
    result: list[Interval] = []
    for start, end in sorted(contracts, key=lambda c: (c[0], c[1] or date.max)):
        before = result[-1] if result else None
        if before and (before[1] is None or start <= before[1] + DAY):
            ends = (before[1], end)
            last = None if None in ends else max(e for e in ends if e)
            result[-1] = (before[0], last)
        else:
            result.append((start, end))
    return result


def periods(start: date, end: date | None, day: date) -> list[Period]:
    """Periods of a contract that began by ``day``, in order."""
    result: list[Period] = []
    for number in count():
        first = _anniversary(start, number)
        if first > day or (end and first > end):
            return result
        last = _anniversary(start, number + 1) - DAY
        whole = not end or end >= last
        result.append(Period(first, last if whole or not end else end, whole))
    return result


def _anniversary(start: date, years: int) -> date:
    """First day after so many times twelve months.

    Without a 29th of February the time ends on the last day of the month (Code de
    procédure civile, art. 641): the next one begins on the 1st of March.
    """
    day = start + relativedelta(months=PERIOD_MONTHS * years)
    return day if day.day == start.day else day + DAY


def situation(
    contracts: Iterable[Interval],
    signed: Sequence[date],
    day: date,
    notice: int = NOTICE_DAYS,
) -> Situation:
    """Where a person stands on ``day``.

    :param contracts: first and last days of the CESAs, without amendments
    :param signed: days of the interviews that were held, written and signed
    :param notice: days before the deadline
    """
    chain = joined(contracts)
    known = [p for start, end in chain for p in periods(start, end, day)]
    past = [p for p in known if p.last < day]
    short = {p: _lacking(p, signed, day) for p in past}
    missed = sum(1 for lack in short.values() if lack)
    current = next((p for p in known if p.holds(day)), None)
    if not current:
        return Situation(missed=missed)
    done = _done(current, signed, day)
    before = past[-1] if past and past[-1].last + DAY == current.first else None
    owed = short[before] - done if before else 0
    if before and owed > 0:
        return Situation("late", current, done, owed, before.last, missed)
    missing = _lacking(current, signed, day)
    deadline = current.last if current.whole else None
    return Situation(
        _state(missing, current.last, day, notice),
        current,
        done,
        missing,
        deadline if missing else None,
        missed,
    )


def _done(period, signed, day):
    """Interviews of a period that were held by ``day``; two of a day are one."""
    return sum(1 for held in set(signed) if held <= day and period.holds(held))


def _lacking(period, signed, day):
    """How many lack; none in a period that the end of the contract cuts short."""
    return max(0, REQUIRED - _done(period, signed, day)) if period.whole else 0


def _state(missing, last, day, notice):
    if not missing:
        return "ok"
    return "soon" if (last - day).days <= notice else "due"
