"""Where a person is on any day."""

from dataclasses import replace
from datetime import date, timedelta

from cae_coaching_engine import path
from cae_coaching_engine.path import Facts, Span, state_at, timeline
from hypothesis import given
from hypothesis import strategies as st

DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))


@st.composite
def spans(draw, kinds):
    start = draw(DAYS)
    length = draw(st.none() | st.integers(0, 700))
    end = None if length is None else start + timedelta(days=length)
    return Span(draw(st.sampled_from(kinds)), start, end)


FACTS = st.builds(
    Facts,
    known=st.none() | DAYS,
    exit=st.none() | DAYS,
    contracts=st.lists(spans(("cape", "cesa", "employee")), max_size=4).map(tuple),
    pauses=st.lists(spans(("interrupted", "left")), max_size=3).map(tuple),
)


def day(text):
    return date.fromisoformat(text)


LIFE = Facts(
    known=day("2024-01-10"),
    exit=day("2026-06-30"),
    contracts=(
        Span("cape", day("2024-03-01"), day("2025-02-28")),
        Span("cesa", day("2025-04-01"), day("2026-06-30")),
    ),
    pauses=(Span("interrupted", day("2025-09-01"), day("2025-12-31")),),
)


def test_a_life_day_by_day():
    for text, state in (
        ("2024-01-09", ""),
        ("2024-01-10", "candidate"),
        ("2024-03-01", "cape"),
        ("2025-03-15", "cape"),  # between two contracts: that of the last one
        ("2025-04-01", "cesa"),
        ("2025-09-01", "interrupted"),
        ("2025-12-31", "interrupted"),
        ("2026-01-01", "cesa"),
        ("2026-06-30", "cesa"),
        ("2026-07-01", "left"),
    ):
        assert state_at(LIFE, day(text)) == state, text


def test_who_came_back_was_away_between():
    facts = replace(
        LIFE,
        exit=None,
        contracts=(*LIFE.contracts, Span("cape", day("2027-01-01"))),
        pauses=(Span("left", day("2026-07-01"), day("2026-12-31")),),
    )
    assert state_at(facts, day("2026-10-01")) == "left"
    assert state_at(facts, day("2027-01-01")) == "cape"
    assert [step.state for step in timeline(facts)] == [
        "candidate",
        "cape",
        "cesa",
        "left",
        "cape",
    ]


def test_first_day_ever_in_a_state():
    assert path.first_day(LIFE, "cesa") == day("2025-04-01")
    assert path.first_day(LIFE, "employee") is None


@given(FACTS, DAYS)
def test_the_timeline_says_of_each_day_what_state_at_says(facts, when):
    steps = [
        step
        for step in timeline(facts)
        if step.start <= when and (step.end is None or when <= step.end)
    ]
    assert [step.state for step in steps] == [state_at(facts, when)][: len(steps)]
    assert bool(steps) == bool(state_at(facts, when))


@given(FACTS)
def test_a_path_has_neither_gaps_nor_repetitions(facts):
    steps = timeline(facts)
    for before, after in zip(steps, steps[1:], strict=False):
        assert before.end is not None and before.end < after.start
        if before.end + timedelta(days=1) == after.start:
            assert before.state != after.state
    assert all(step.state in path.STATES for step in steps)


@given(FACTS, DAYS)
def test_after_the_exit_nothing_else_counts(facts, when):
    if facts.exit and when > facts.exit:
        assert state_at(facts, when) == "left"


@given(FACTS, DAYS)
def test_the_order_of_facts_does_not_matter(facts, when):
    turned = replace(facts, contracts=facts.contracts[::-1], pauses=facts.pauses[::-1])
    assert state_at(turned, when) == state_at(facts, when)


@given(FACTS, DAYS)
def test_without_pauses_the_state_is_that_of_a_contract(facts, when):
    state = state_at(replace(facts, pauses=()), when)
    kinds = {contract.kind for contract in facts.contracts}
    assert state in kinds | {"", "candidate", "left"}
