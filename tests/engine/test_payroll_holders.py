"""What each holder of an activity may draw."""

import os

from cae_base_engine.allocation import split
from cae_payroll_engine.holders import Pot, available, committed, parts
from hypothesis import given, settings
from hypothesis import strategies as st

FULL = bool(os.environ.get("CAE_TEST_FULL"))
ALICE, BOB, CAROL = 1, 2, 3

examples = settings(
    max_examples=3000 if FULL else 100,
    derandomize=True,
    deadline=None,
    database=None,
)
cents = st.integers(-10_000_000, 10_000_000)
spent = st.integers(0, 10_000_000)
people = st.integers(1, 6)
weights = st.dictionaries(people, st.integers(1, 100_000), min_size=1)
amounts = st.dictionaries(people, spent)
pots = st.builds(
    Pot,
    balance=cents,
    later=cents,
    brought=st.dictionaries(people, cents),
    before=amounts,
    month=amounts,
    after=amounts,
    waiting=amounts,
)


def test_a_colleague_who_waited_finds_the_own_part():
    """10 000 shared 60/40; Bob drew 4 000, Alice nothing: 6 000 is hers."""
    shares = {ALICE: 60, BOB: 40}
    drawn = {BOB: 400_000}
    assert parts(600_000, shares, drawn, {}, split) == {ALICE: 600_000, BOB: 0}


def test_who_drew_too_much_has_less_than_nothing():
    """Bob drew 5 000 of his 4 000; what Alice has is not less for it."""
    shares = {ALICE: 60, BOB: 40}
    found = parts(500_000, shares, {BOB: 500_000}, {}, split)
    assert found == {ALICE: 600_000, BOB: -100_000}


def test_what_the_year_before_left_is_not_shared():
    """Bob was settled to 0, Alice has 2 000 left; 1 000 came in since."""
    shares = {ALICE: 60, BOB: 40}
    found = parts(300_000, shares, {}, {ALICE: 200_000}, split)
    assert found == {ALICE: 260_000, BOB: 40_000}


def test_own_waiting_pay_and_own_later_pay_are_not_free():
    """10 000, Bob waits with 500; Alice was paid 1 000 in a later month."""
    pot = Pot(
        1_000_000, 900_000, after={ALICE: 100_000}, waiting={BOB: 50_000, CAROL: 100}
    )
    found = committed(pot, {ALICE: 60, BOB: 40}, split)
    assert found == {ALICE: 100_060, BOB: 50_040}


def test_without_holders_nobody_has_anything():
    pot = Pot(100, 100, waiting={CAROL: 10})
    assert available(pot, {}, split) == committed(pot, {}, split) == {}


@examples
@given(pots, weights)
def test_the_parts_add_up_to_the_balance(pot, shares):
    found = available(pot, shares, split)
    assert set(found) == set(shares)
    assert sum(found.values()) == pot.balance + sum(pot.month.values())


@examples
@given(pots, people)
def test_with_one_holder_the_balance_is_all(pot, holder):
    """Whatever was drawn: all that is there, less what waits and what is gone."""
    shares = {holder: 100_000}
    whole = pot.balance + sum(pot.month.values())
    assert available(pot, shares, split) == {holder: whole}
    taken = committed(pot, shares, split)[holder]
    assert taken == sum(pot.waiting.values()) + max(0, pot.balance - pot.later)


@examples
@given(pots, weights, people, st.integers(0, 1_000_000))
def test_a_pay_is_taken_from_whoever_is_paid(pot, shares, person, cost):
    """A cost drawn from the balance leaves the parts of colleagues as they are."""
    found = parts(pot.balance, shares, pot.before, pot.brought, split)
    drawn = {**pot.before, person: pot.before.get(person, 0) + cost}
    if person in shares:
        after = parts(pot.balance - cost, shares, drawn, pot.brought, split)
        assert after == {**found, person: found[person] - cost}
