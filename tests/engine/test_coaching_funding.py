"""Each hour on one line at most: cae_coaching_engine.funding."""

from datetime import date, datetime, time, timedelta
from itertools import combinations

import pytest
from cae_coaching_engine.funding import REASONS, Hour, Line, Place, minutes
from cae_coaching_engine.funding import allocate as decide
from hypothesis import given
from hypothesis import strategies as st

HOUR = 60
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
BOTH = frozenset({"interview", "workshop"})


def allocate(*args):
    """``{hour: line}``."""
    return decide(*args).funded


def hour(number, day="2026-03-10", hours=2, person=1, kind="workshop", wish=None):
    return Hour(
        (kind, number, person), date.fromisoformat(day), hours * HOUR, kind, wish=wish
    )


def line(key, rank=10, **vals):
    return Line(key, rank, **{"first": FIRST, "last": LAST, "kinds": BOTH, **vals})


def place(key, person=1, first=FIRST, last=None):
    return Place(key, person, first, last)


def test_somebody_on_two_lines_has_the_hour_on_the_first():
    found = allocate([hour(1)], [line(1, 20), line(2, 10)], [place(1), place(2)])
    assert found == {("workshop", 1, 1): 2}


def test_two_people_at_the_same_workshop_have_an_hour_each():
    rows = [hour(1), hour(1, person=2), hour(1, person=3)]
    found = allocate(rows, [line(1)], [place(1), place(1, 2)])
    assert found == {("workshop", 1, 1): 1, ("workshop", 1, 2): 1}


@pytest.mark.parametrize(
    "row", [hour(1, "2025-12-31"), hour(1, "2027-01-01"), hour(1, kind="other")]
)
def test_what_the_line_does_not_take_is_not_funded(row):
    assert allocate([row], [line(1)], [place(1)]) == {}


def test_before_the_entry_and_after_the_exit_nothing_is_funded():
    here = place(1, first=date(2026, 3, 1), last=date(2026, 3, 10))
    rows = [hour(1, "2026-02-28"), hour(2, "2026-03-10"), hour(3, "2026-03-11")]
    assert allocate(rows, [line(1)], [here]) == {("workshop", 2, 1): 1}


def test_what_is_bought_up_goes_to_the_next_line():
    rows = [hour(n, f"2026-03-{n:02d}") for n in (1, 2, 3)]
    lines = [line(1, 1, bought=4 * HOUR), line(2, 2, each=2 * HOUR)]
    found = allocate(rows, lines, [place(1), place(2)])
    assert list(found.values()) == [1, 1, 2]
    assert len(allocate(rows, lines[:1], [place(1)])) == 2


def test_a_wish_comes_first_and_finds_no_other_line():
    lines, places = [line(1, 10), line(2, 20, bought=2 * HOUR)], [place(1), place(2)]
    rows = [hour(1, wish=2), hour(2, wish=2), hour(3)]
    assert allocate(rows, lines, places) == {
        ("workshop", 1, 1): 2,
        ("workshop", 3, 1): 1,
    }
    kept = {("workshop", 1, 1): 1}
    assert allocate(rows[:1], lines, places, kept) == {("workshop", 1, 1): 2}


def test_a_wish_is_nothing_to_who_is_not_on_that_line():
    lines = [line(1), line(2)]
    rows = [hour(1, wish=2), hour(1, person=2, wish=2)]
    late = place(2, 2, first=date(2026, 4, 1))
    found = allocate(rows, lines, [place(2), place(1, 2), late])
    assert found == {("workshop", 1, 1): 2, ("workshop", 1, 2): 1}


def test_an_hour_stays_where_it_was():
    lines = [line(1, 1), line(2, 2)]
    kept = {("workshop", 1, 1): 2}
    places = [place(1), place(2)]
    assert allocate([hour(1)], lines, places, kept) == kept
    assert allocate([hour(1)], lines, places[:1], kept) == {("workshop", 1, 1): 1}


def test_nobody_is_in_two_places():
    day = date(2026, 3, 10)
    first, same, next_ = (
        timed(("interview", number, 1), day, 4, begins)
        for number, begins in ((1, 9), (2, 9), (3, 10))
    )
    rows = [next_, same, first]
    found = allocate(rows, [line(1), line(2)], [place(1), place(2)])
    assert found == {first.key: 1, next_.key: 1}
    # Somebody else was there at the same time.
    other = timed(("interview", 2, 2), day, 4, 9)
    assert len(allocate([first, other], [line(1)], [place(1), place(1, 2)])) == 2
    # What was handed over stays, and takes the place of what was at that time.
    kept = {same.key: 1, first.key: 1}
    found = allocate(rows, [line(1, closed=True), line(2)], [place(2)], kept)
    assert found == {**kept, next_.key: 2}


def test_what_was_handed_over_stays_whatever_happens():
    done = line(1, closed=True, bought=HOUR)
    kept = {("workshop", 1, 1): 1}
    rows = [hour(1), hour(2)]
    assert allocate(rows, [done], [], kept) == kept
    assert allocate([hour(2)], [done], [place(1)]) == {}


def refused(rows, lines, places, kept=None):
    """``{number of the hour: (line, reason)}``."""
    found = decide(rows, lines, places, kept).refused
    return {key[1]: tuple(refusal) for key, refusal in found.items()}


def test_each_hour_that_is_not_funded_says_why():
    day = date(2026, 3, 10)
    here = place(1, first=date(2026, 2, 1), last=date(2026, 11, 30))
    bought_up = [hour(n, f"2026-03-{n:02d}") for n in (1, 2, 3)]
    first, same = (timed(("interview", n, 1), day, 4, 9) for n in (1, 2))
    for rows, one, reason in (
        ([hour(1, kind="other")], line(1), "kind"),
        ([hour(1, "2026-01-15")], line(1, first=date(2026, 2, 1)), "dates"),
        ([hour(1, "2026-01-15")], line(1), "place"),
        ([hour(1, "2026-12-01")], line(1), "place"),
        ([hour(1)], line(1, closed=True), "closed"),
        (bought_up, line(1, bought=4 * HOUR), "bought"),
        (bought_up, line(1, each=4 * HOUR), "each"),
        ([first, same], line(1), "overlap"),
    ):
        last = rows[-1].key[1]
        assert refused(rows, [one], [here]) == {last: (1, reason)}, reason


def test_the_reason_is_of_the_line_that_came_nearest():
    early = line(1, 1, last=date(2026, 2, 1))
    full = line(2, 2, each=HOUR)
    places = [place(1), place(2)]
    assert refused([hour(1)], [early, full], places) == {1: (2, "each")}
    # Two that are as near: the first one by rank.
    other = line(3, 1, each=HOUR)
    assert refused([hour(1)], [full, other], [*places, place(3)]) == {1: (3, "each")}


def test_the_reason_is_of_the_chosen_line():
    chosen = line(1, 1, kinds=frozenset({"interview"}))
    rows = [hour(1, wish=1)]
    places = [place(1), place(2)]
    assert refused(rows, [chosen, line(2, 2)], places) == {1: (1, "kind")}
    # Not on the chosen line on that day: any other is asked.
    late = [place(1, first=date(2026, 4, 1)), place(2)]
    assert refused(rows, [chosen, line(2, 2, each=HOUR)], late) == {1: (2, "each")}


def test_of_who_is_on_no_line_nothing_is_said():
    assert decide([hour(1)], [line(1)], [place(1, 2)]) == ({}, {})


def test_minutes_are_kept_exactly():
    assert [minutes(hours) for hours in (1 / 3, 0.33, 1.5, 7)] == [20, 20, 90, 420]
    rows = [
        Hour(("interview", n, 1), date(2026, 3, n), minutes(1 / 3), "interview")
        for n in (1, 2, 3)
    ]
    assert len(allocate(rows, [line(1, each=HOUR)], [place(1)])) == 3
    assert len(allocate(rows, [line(1, each=59)], [place(1)])) == 2


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="twice"):
        allocate([hour(1), hour(1)], [], [])
    with pytest.raises(ValueError, match="more than zero"):
        allocate([hour(1, hours=0)], [], [])


rows_ = st.dictionaries(
    st.tuples(
        st.sampled_from(["interview", "workshop"]), st.integers(1, 8), st.integers(1, 3)
    ),
    st.tuples(
        st.dates(FIRST, date(2026, 6, 30)),
        st.integers(1, 24),
        st.none() | st.integers(0, 23),
    ),
    max_size=20,
)
lines_ = st.lists(
    st.builds(
        Line,
        key=st.integers(1, 4),
        rank=st.integers(1, 3),
        first=st.dates(FIRST, date(2026, 3, 1)),
        last=st.dates(date(2026, 3, 2), LAST),
        kinds=st.sampled_from([BOTH, frozenset({"interview"})]),
        bought=st.integers(0, 600),
        each=st.integers(0, 300),
    ),
    unique_by=lambda one: one.key,
    max_size=4,
)
places_ = st.lists(
    st.builds(Place, st.integers(1, 4), st.integers(1, 3), st.dates(FIRST, LAST)),
    max_size=8,
)


def timed(key, day, quarters, begins):
    span = (None, None)
    if begins is not None:
        start = datetime.combine(day, time(begins))
        span = (start, start + timedelta(minutes=15 * quarters))
    return Hour(key, day, 15 * quarters, key[0], *span)


@given(rows_, lines_, places_)
def test_no_limit_is_passed_and_reading_again_changes_nothing(rows, lines, places):
    hours = [timed(key, *row) for key, row in rows.items()]
    found = allocate(hours, lines, places)
    given_ = {one.key: one for one in hours}
    for one, other in combinations([given_[key] for key in found], 2):
        assert one.person != other.person or not one.meets(other)
    for one in lines:
        mine = [given_[key] for key, where in found.items() if where == one.key]
        assert not one.bought or sum(h.minutes for h in mine) <= one.bought
        for person in (1, 2, 3):
            own = sum(h.minutes for h in mine if h.person == person)
            assert not one.each or own <= one.each
        for h in mine:
            assert h.kind in one.kinds
            assert one.first <= h.day <= one.last
            assert any(
                p.line == one.key and p.person == h.person and p.holds(h.day)
                for p in places
            )
    assert allocate(reversed(hours), lines, places, found) == found


@given(rows_, lines_, places_)
def test_what_was_done_is_funded_or_told_to_the_minute(rows, lines, places):
    hours = [timed(key, *row) for key, row in rows.items()]
    found, others = decide(hours, lines, places)
    known = {one.key for one in lines}
    on = {p.person for p in places if p.line in known}

    def total(keys):
        return sum(one.minutes for one in hours if one.key in keys)

    done = total({one.key for one in hours if one.person in on})
    assert done == total(found) + total(others)
    assert not found.keys() & others.keys()
    for key, (where, reason) in others.items():
        assert reason in REASONS
        assert any(p.line == where and p.person == key[2] for p in places)
