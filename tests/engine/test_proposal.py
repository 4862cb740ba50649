"""Whose an unallocated item is: every reason, and what speaks against it."""

import time
from datetime import date

import pytest
from cae_base_engine.proposal import (
    CERTAIN,
    LIKELY,
    POSSIBLE,
    WEIGHTS,
    Activity,
    Book,
    Document,
    Habit,
    Item,
    Owner,
    Proposal,
)
from hypothesis import given
from hypothesis import strategies as st

SHARED, ONE, TWO = 1, 11, 12
DAY = date(2026, 3, 10)
ACTIVITIES = [
    Activity(ONE, "A0001", ("Atelier Brindille", "Camille Martin"), date(2024, 1, 1)),
    Activity(TWO, "A0002", ("Pain levé",), date(2024, 1, 1), date(2026, 6, 30)),
]


def propose(owners=(), habits=(), documents=(), **values):
    book = Book(SHARED, ACTIVITIES, owners, habits, documents)
    item = {"id": 1, "cents": -7000, "account": 411, "partner": 5, "day": DAY}
    return book.propose(Item(**{**item, **values}))


def habit(activity, count=1, account=411, partner=5):
    return Habit(partner, account, activity, count)


def document(cents, *activities):
    return Document(5, cents, frozenset(activities))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (SHARED, "shared", POSSIBLE)),
        ({"own": frozenset([TWO])}, (TWO, "rest", CERTAIN)),
        ({"entry": frozenset([TWO])}, (TWO, "entry", POSSIBLE)),
        ({"owners": [Owner(5, ONE, "holder")]}, (ONE, "holder", CERTAIN)),
        ({"owners": [Owner(5, ONE, "contact")]}, (ONE, "contact", CERTAIN)),
        ({"owners": [Owner(6, ONE, "holder")]}, (SHARED, "shared", POSSIBLE)),
        ({"text": "VIR a-0001 mars"}, (ONE, "code", CERTAIN)),
        ({"text": "VIR PAIN LEVE"}, (TWO, "name", LIKELY)),
        ({"text": "de camille martin"}, (ONE, "name", LIKELY)),
        ({"text": "A0001 ou A0002"}, (SHARED, "shared", POSSIBLE)),
        ({"habits": [habit(ONE, 3, 512)]}, (ONE, "documents", LIKELY)),
        ({"habits": [habit(SHARED)]}, (SHARED, "documents", LIKELY)),
        ({"habits": [habit(ONE), habit(TWO, 9, 512)]}, (ONE, "habit", LIKELY)),
        ({"habits": [habit(ONE, 2), habit(TWO)]}, (ONE, "mostly", POSSIBLE)),
        ({"habits": [habit(ONE), habit(TWO)]}, (SHARED, "shared", POSSIBLE)),
        ({"documents": [document(7000, ONE)]}, (ONE, "amount", CERTAIN)),
        ({"documents": [document(-7000, ONE)]}, (SHARED, "shared", POSSIBLE)),
        ({"documents": [document(9000, TWO)]}, (TWO, "open", CERTAIN)),
        ({"documents": [document(7000, ONE, TWO)]}, (SHARED, "shared", POSSIBLE)),
    ],
)
def test_each_reason(facts, expected):
    assert propose(**facts) == Proposal(*expected)


def test_the_amount_decides_among_open_documents():
    documents = [document(7000, ONE), document(9000, TWO)]
    assert propose(documents=documents) == Proposal(ONE, "amount", CERTAIN)


def test_what_names_another_activity_takes_the_certainty():
    holder = [Owner(5, ONE, "holder")]
    assert propose(holder, text="A0002").certainty == POSSIBLE
    assert propose(holder, [habit(TWO)]).certainty == POSSIBLE
    assert propose(holder, [habit(TWO), habit(ONE, 1, 1)]).certainty == POSSIBLE
    assert propose(holder, entry=frozenset([TWO])) == Proposal(ONE, "holder", LIKELY)
    mixed = [habit(TWO, 9, 512), habit(ONE)]
    assert propose(holder, mixed) == Proposal(ONE, "holder", LIKELY)


def test_two_activities_of_one_holder_tell_nothing():
    owners = [Owner(5, ONE, "holder"), Owner(5, TWO, "holder")]
    assert propose(owners).reason == "shared"
    # One of them was handed over before that day.
    owners[0] = Owner(5, ONE, "holder", None, date(2026, 1, 31))
    assert propose(owners) == Proposal(TWO, "holder", CERTAIN)


def test_an_activity_is_proposed_while_it_exists():
    facts = {"habits": [habit(TWO), habit(99)]}
    assert propose(**facts).activity == TWO
    assert propose(**facts, day=date(2026, 7, 1)).activity == SHARED
    assert propose(**facts, day=date(2023, 12, 31)).activity == SHARED
    assert propose(**facts, day=None).activity == TWO


KEYS = st.sampled_from([SHARED, ONE, TWO, 99])


@given(
    st.lists(st.builds(habit, KEYS, st.integers(1, 5), st.sampled_from([411, 512]))),
    st.lists(st.builds(document, st.sampled_from([7000, -7000, 50]), KEYS, KEYS)),
    st.lists(
        st.builds(Owner, st.just(5), KEYS, st.sampled_from(["holder", "contact"]))
    ),
    st.frozensets(KEYS),
    st.sampled_from(["", "A0001", "A0002 Pain levé", "Camille Martin"]),
)
def test_a_certain_proposal_is_contradicted_by_nothing(
    habits, documents, owners, own, text
):
    book = Book(SHARED, ACTIVITIES, owners, habits, documents)
    item = Item(1, -7000, 411, 5, DAY, text, own)
    found = book.propose(item)
    assert found.activity in {SHARED, ONE, TWO}
    if found.certainty == CERTAIN:
        assert WEIGHTS[found.reason] >= 5
        for _reason, keys in book._evidence(item):
            usable = {key for key in keys if key != 99}
            assert not usable or found.activity in usable


def test_the_cost_of_a_proposal_does_not_grow_with_what_is_known():
    def cost(count):
        activities = [Activity(k, f"A{k:05}", (f"Nom {k}",)) for k in range(2, count)]
        habits = [Habit(k, 411, k, 1) for k in range(2, count)]
        book = Book(1, activities, (), habits)
        start = time.perf_counter()
        for k in range(2, 302):
            book.propose(Item(k, 100, 411, k, DAY, f"VIR A{k:05} loyer"))
        return time.perf_counter() - start

    cost(400)
    assert cost(20_000) < 10 * cost(400) + 0.05
