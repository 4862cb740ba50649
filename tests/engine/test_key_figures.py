"""Periods, shares and the hiding of figures of a few people."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import islice

import pytest
from cae_base_engine.key_figures import (
    HIDDEN,
    Choice,
    Period,
    a_year_before,
    enough,
    months_to,
    percent,
    year_to,
)
from hypothesis import given
from hypothesis import strategies as st

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 11, 29), date(2025, 11, 29)),
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2025, 2, 28), date(2024, 2, 29)),  # the last day stays the last one
        (date(2025, 2, 27), date(2024, 2, 27)),
        (date(2026, 1, 31), date(2025, 1, 31)),
    ],
)
def test_a_year_before(day, before):
    assert a_year_before(day) == before


@given(days)
def test_a_year_and_the_one_before_leave_no_day_out(day):
    year = year_to(day)
    before = year_to(a_year_before(day))
    assert before.last + timedelta(days=1) == year.first
    assert 365 <= (year.last - year.first).days + 1 <= 366


@given(days, st.integers(1, 40))
def test_months_follow_each_other_and_end_with_the_day(day, count):
    periods = list(islice(months_to(day), count))
    assert periods[0].last == day
    for later, earlier in zip(periods, periods[1:], strict=False):
        assert earlier.last + timedelta(days=1) == later.first
    assert all(p.first.day == 1 for p in periods)
    assert all(p.last_month == p.first for p in periods[1:])


def test_a_month_counts_when_it_is_over():
    for last, month in (
        (date(2026, 1, 30), date(2025, 12, 1)),
        (date(2026, 1, 31), date(2026, 1, 1)),
        (date(2026, 2, 1), date(2026, 1, 1)),
        (date(2024, 2, 28), date(2024, 1, 1)),
        (date(2024, 2, 29), date(2024, 2, 1)),
    ):
        assert Period(date(2023, 1, 1), last).last_month == month


@given(st.integers(0, 20000), st.integers(1, 20000))
def test_percent_is_half_up_to_a_tenth(part, total):
    found = Fraction(round(percent(part, total) * 10), 10)
    error = found - Fraction(100 * part, total)
    assert -Fraction(1, 20) < error <= Fraction(1, 20)


def test_percent():
    assert percent(1, 3) == 33.3
    assert percent(1, 16) == 6.3  # 6.25
    assert percent(0, 7) == 0.0
    assert percent(0, 0) is None


@pytest.mark.parametrize(
    ("people", "shown"), [(0, None), (1, HIDDEN), (4, HIDDEN), (5, 12)]
)
def test_a_few_people_are_hidden(people, shown):
    assert enough(people, 12 if people else None) == shown


def test_a_choice_is_empty_or_not():
    assert not Choice()
    assert Choice(coach=3)
    assert Choice(trade="wood")
    assert Choice(entry_to=date(2026, 1, 1))
