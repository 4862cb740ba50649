"""Two signed interviews per twelve months of CESA: cae_coaching_engine.duty."""

from datetime import date, timedelta

import pytest
from cae_coaching_engine import duty
from cae_coaching_engine.duty import Period, Situation
from hypothesis import given
from hypothesis import strategies as st

DAY = timedelta(days=1)
days = st.dates(date(2016, 1, 1), date(2032, 12, 31))
contracts = st.lists(
    st.tuples(days, st.none() | st.integers(0, 3000)).map(
        lambda c: (c[0], None if c[1] is None else c[0] + timedelta(days=c[1]))
    ),
    max_size=4,
)
signed = st.lists(days, max_size=12)


def d(text):
    return date.fromisoformat(text)


def at(day, *held, start="2025-03-01", end=None, notice=60):
    own = [(d(start), d(end) if end else None)]
    return duty.situation(own, [d(each) for each in held], d(day), notice)


@pytest.mark.parametrize(
    ("day", "held", "state", "missing", "deadline"),
    [
        ("2025-02-28", (), "none", 0, None),
        ("2025-03-01", (), "due", 2, "2026-02-28"),
        ("2025-12-30", (), "soon", 2, "2026-02-28"),
        ("2025-12-29", (), "due", 2, "2026-02-28"),
        ("2025-12-30", ("2025-06-01",), "soon", 1, "2026-02-28"),
        ("2025-12-30", ("2025-06-01", "2025-12-30"), "ok", 0, None),
        ("2026-02-28", ("2025-06-01",), "soon", 1, "2026-02-28"),
        ("2026-03-01", ("2025-06-01",), "late", 1, "2026-02-28"),
        ("2026-03-01", (), "late", 2, "2026-02-28"),
        ("2026-03-02", ("2025-06-01", "2026-03-02"), "due", 1, "2027-02-28"),
        ("2026-03-02", ("2026-03-02",), "late", 1, "2026-02-28"),
    ],
)
def test_where_a_person_stands(day, held, state, missing, deadline):
    found = at(day, *held)
    assert (found.state, found.missing) == (state, missing)
    assert found.deadline == (d(deadline) if deadline else None)


def test_what_is_not_yet_held_does_not_count():
    assert at("2025-06-01", "2025-07-01", "2025-08-01").missing == 2


def test_two_interviews_of_a_day_are_one():
    assert at("2025-06-01", "2025-05-01", "2025-05-01").missing == 1


def test_an_interview_before_the_contract_does_not_count():
    assert at("2025-06-01", "2025-02-28", "2025-02-27").missing == 2


def test_nothing_is_missed_in_a_period_that_the_end_cuts_short():
    found = at("2025-06-01", end="2026-02-27")
    assert (found.state, found.missing, found.deadline) == ("ok", 0, None)
    assert at("2026-03-01", end="2026-02-27") == Situation()
    assert at("2026-02-01", end="2026-02-28").state == "soon"
    assert at("2026-03-01", end="2026-02-28") == Situation(missed=1)


def test_a_missed_period_stays_in_the_record():
    assert at("2028-01-01", "2026-04-01", "2026-05-01").missed == 1
    assert at("2028-04-01").missed == 3


def test_the_29th_of_february_makes_whole_years():
    found = duty.periods(d("2024-02-29"), None, d("2028-02-29"))
    firsts = [p.first.isoformat() for p in found]
    assert firsts[1:] == ["2025-03-01", "2026-03-01", "2027-03-01", "2028-02-29"]


def test_the_28th_of_february_is_in_the_twelve_months_of_the_29th():
    held = [d("2024-06-01"), d("2025-02-28")]
    found = duty.situation([(d("2024-02-29"), None)], held, d("2025-03-01"))
    assert (found.missed, found.state, found.period.first) == (
        *(0, "due"),
        d("2025-03-01"),
    )


def test_contracts_that_follow_each_other_are_one():
    first, second = (d("2024-01-01"), d("2024-06-30")), (d("2024-07-01"), None)
    assert duty.joined([second, first]) == [(first[0], None)]
    gap = (d("2024-07-02"), None)
    assert duty.joined([first, gap]) == [first, gap]


def test_after_a_gap_the_periods_begin_again():
    own = [(d("2024-01-01"), d("2025-06-30")), (d("2025-09-01"), None)]
    found = duty.situation(own, [], d("2025-10-01"))
    assert found.period == Period(d("2025-09-01"), d("2026-08-31"))
    assert (found.state, found.missed) == ("due", 1)


@given(days, days)
def test_periods_follow_each_other_without_a_gap(start, day):
    found = duty.periods(start, None, day)
    assert bool(found) == (start <= day)
    for before, after in zip(found, found[1:], strict=False):
        assert before.last + DAY == after.first
    assert not found or found[0].first == start and found[-1].holds(day)


@given(contracts)
def test_joining_changes_no_day(own):
    whole = duty.joined(own)
    sample = [date(2016, 1, 1) + timedelta(days=97 * n) for n in range(80)]

    def covered(intervals, day):
        return any(s <= day and (e is None or day <= e) for s, e in intervals)

    assert [covered(own, x) for x in sample] == [covered(whole, x) for x in sample]
    assert duty.joined(whole) == whole
    for before, after in zip(whole, whole[1:], strict=False):
        assert before[1] is not None and before[1] + DAY < after[0]


@given(contracts, signed, days, st.integers(0, 400))
def test_a_situation_is_consistent(own, held, day, notice):
    found = duty.situation(own, held, day, notice)
    assert (found.missing > 0) == (found.state in ("due", "soon", "late"))
    assert (found.deadline is not None) == (found.missing > 0)
    assert 0 <= found.missing <= duty.REQUIRED
    assert (found.period is None) == (found.state == "none")
    if found.deadline:
        assert (found.deadline < day) == (found.state == "late")
    if found.state == "soon":
        assert (found.deadline - day).days <= notice
    if found.state == "late":
        assert found.missed > 0


@given(contracts, signed, days)
def test_one_more_signed_interview_never_makes_it_worse(own, held, day):
    held = [one for one in held if one != day]
    before = duty.situation(own, held, day)
    after = duty.situation(own, [*held, day], day)
    rank = ["none", "ok", "due", "soon", "late"]
    assert after.missed == before.missed
    if before.state == "late":
        assert after.missing <= before.missing
    else:
        assert rank.index(after.state) <= rank.index(before.state)
        assert after.missing == max(0, before.missing - 1)


@given(contracts, signed, days)
def test_order_of_contracts_and_interviews_is_of_no_matter(own, held, day):
    found = duty.situation(own, held, day)
    assert found == duty.situation(own[::-1], held[::-1], day)
