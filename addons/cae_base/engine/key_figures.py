"""Periods, choices and shares of key figures: plain dates and whole numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta

ONE_DAY = timedelta(days=1)
ONE_MONTH = relativedelta(months=1)
#: Statistics of pay, and of a part of the people, say nothing of fewer people.
FEWEST_PEOPLE = 5
#: In place of a figure that would tell of a few people.
HIDDEN = "hidden"
#: Longest series: ten years of months.
MOST_PERIODS = 120


@dataclass(frozen=True, slots=True)
class Period:
    """Days that a figure looks at, both included: what is counted on a day is counted
    on the last one, what happens is counted over all of them."""

    first: date
    last: date

    @property
    def year_before(self) -> "Period":
        return Period(a_year_before(self.first), a_year_before(self.last))

    @property
    def last_month(self) -> date:
        """First day of the last month that is over: what is reckoned by whole months
        was not known before."""
        return (self.last + ONE_DAY).replace(day=1) - ONE_MONTH


@dataclass(frozen=True, slots=True)
class Choice:
    """Of whom the figures are: everybody when it is empty.

    :param coach: id of a user
    :param team: id of a team
    :param trade: part of the trade of an activity
    :param entry_from: first day of the entries, of a cohort
    :param entry_to: last day of the entries
    """

    coach: int = 0
    team: int = 0
    trade: str = ""
    entry_from: date | None = None
    entry_to: date | None = None

    def __bool__(self) -> bool:
        return self != Choice()


def a_year_before(day: date) -> date:
    """The same day of the year before; the last day of a month stays the last one."""
    before = day - relativedelta(years=1)
    if (day + ONE_DAY).day == 1:
        return before.replace(day=1) + ONE_MONTH - ONE_DAY
    return before


def year_to(day: date) -> Period:
    """The twelve months that end with ``day``."""
    return Period(a_year_before(day) + ONE_DAY, day)


def months_to(day: date) -> Iterator[Period]:
    """Calendar months backwards, that of ``day`` first and only until ``day``."""
    last = day
    while True:
        period = Period(last.replace(day=1), last)
        yield period
        last = period.first - ONE_DAY


def percent(part: int, total: int) -> float | None:
    """``part`` in percent of ``total``, one decimal, half up; nothing of nothing."""
    if not total:
        return None
    tenths = Fraction(1000 * part, total)
    return int(tenths + Fraction(1, 2)) / 10


def enough(people: int, value):
    """``value``, hidden when it would tell of fewer than :data:`FEWEST_PEOPLE`."""
    return value if not people or people >= FEWEST_PEOPLE else HIDDEN
