"""Sharing of the surplus: cae_governance_engine.surplus."""

from decimal import Decimal

import pytest
from cae_governance_engine import surplus
from cae_governance_engine.surplus import Allocation, Terms, Worker
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
money = st.integers(1, 10**8).map(lambda n: D(n) / 100)
rates = st.integers(0, 40).map(D)


def codes(*args):
    return [finding.code for finding in surplus.check(*args)]


def test_the_example_of_the_statutes():
    """15 / 1 / 84, github 24eme/administratif, art. 35."""
    terms = Terms(legal=D(15), work=D(84))
    found = surplus.allocate(D(10000), terms)
    assert found == Allocation(D(10000), D(1500), D(100), D(8400), D(0))
    assert codes(found, terms, D(0), D(5000)) == []


@given(money, rates, rates, st.integers(0, 20).map(D))
def test_an_allocation_adds_up_to_the_surplus(amount, legal, work, interest):
    found = surplus.allocate(amount, Terms(legal, work, interest))
    parts = (found.legal, found.fund, found.work, found.interest)
    assert sum(parts) == amount
    assert min(parts) >= 0


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_without_a_surplus_there_is_nothing_to_share(amount):
    with pytest.raises(ValueError, match="CAE-SURPLUS-NONE"):
        surplus.allocate(D(amount), Terms())


@pytest.mark.parametrize(
    "terms",
    [Terms(D(60), D(41), D(0)), Terms(D(-1), D(40), D(0)), Terms(D(15), D(25), D(-1))],
)
def test_rates_are_percents(terms):
    with pytest.raises(ValueError, match="CAE-SURPLUS-RATE"):
        surplus.allocate(D(100), terms)


def test_limits_of_the_law():
    terms = Terms(D(10), D(20), D(60))
    found = surplus.allocate(D(1000), terms)
    assert codes(found, terms, D(0), D(5000)) == [
        "CAE-SURPLUS-LEGAL",
        "CAE-SURPLUS-WORK",
        "CAE-SURPLUS-INTEREST",
    ]
    # Full: the legal reserve has reached the highest capital.
    assert "CAE-SURPLUS-LEGAL" not in codes(found, terms, D(5000), D(5000))
    none = Terms(D(15), D(85), D(0))
    assert codes(surplus.allocate(D(1000), none), none, D(0), D(1)) == [
        "CAE-SURPLUS-FUND"
    ]


def test_interest_is_limited_by_reserves_and_by_work():
    by_work = Terms(D(40), D(25), D(26))
    found = surplus.check(surplus.allocate(D(100), by_work), by_work, D(0), D(9))
    assert [(f.code, f.amount, f.limit) for f in found] == [
        ("CAE-SURPLUS-INTEREST", D(26), D(25))
    ]
    by_reserves = Terms(D(15), D(45), D(24))
    found = surplus.allocate(D(100), by_reserves)
    assert found.reserves == 31
    assert codes(found, by_reserves, D(0), D(9)) == []


def test_work_is_shared_by_pay_time_and_equally():
    workers = [
        Worker(1, pay=D(30000), time=D(1000)),
        Worker(2, pay=D(10000), time=D(1000)),
        Worker(3, pay=D(99999), time=D(9), present=False),
    ]
    half = {"pay": D(50), "time": D(0), "equal": D(50)}
    assert surplus.work_shares(D(1000), workers, half) == {1: D("625"), 2: D("375")}
    by_time = {"pay": D(0), "time": D(100), "equal": D(0)}
    assert surplus.work_shares(D(1000), workers, by_time) == {1: D(500), 2: D(500)}


def test_seniority_counts_twice_at_most():
    equally = {"pay": D(0), "time": D(0), "equal": D(100)}
    workers = [Worker(1, seniority=D(2)), Worker(2)]
    assert surplus.work_shares(D(30), workers, equally) == {1: D(20), 2: D(10)}
    with pytest.raises(ValueError, match="CAE-SURPLUS-SENIORITY"):
        surplus.work_shares(D(30), [Worker(1, seniority=D("2.1"))], equally)


@pytest.mark.parametrize(
    "keys", [{}, {"pay": D(50)}, {"pay": D(101), "equal": D(-1)}, {"mood": D(100)}]
)
def test_keys_add_up(keys):
    with pytest.raises(ValueError, match="CAE-SURPLUS-KEY"):
        surplus.work_shares(D(30), [Worker(1, pay=D(1))], keys)


def test_somebody_must_have_worked():
    by_pay = {"pay": D(100), "time": D(0), "equal": D(0)}
    with pytest.raises(ValueError, match="CAE-SURPLUS-NOBODY"):
        surplus.work_shares(D(30), [Worker(1)], by_pay)
    assert surplus.work_shares(D(0), [], by_pay) == {}


@given(
    money,
    st.lists(st.tuples(money, money), min_size=1, max_size=10),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_work_shares_add_up_to_the_cent(amount, people, first, second):
    first, second = min(first, second), max(first, second)
    keys = {"pay": D(first), "time": D(second - first), "equal": D(100 - second)}
    workers = [Worker(i, pay, time) for i, (pay, time) in enumerate(people)]
    parts = surplus.work_shares(amount, workers, keys)
    assert sum(parts.values()) == amount
    assert min(parts.values()) >= 0


def test_interest_follows_the_paid_capital():
    assert surplus.interest_shares(D(10), {1: D(16), 2: D(64)}) == {1: D(2), 2: D(8)}
    with pytest.raises(ValueError, match="CAE-SURPLUS-NOBODY"):
        surplus.interest_shares(D(10), {1: D(0)})
    assert surplus.interest_shares(D(0), {}) == {}


def test_a_scic_keeps_half_of_what_the_legal_reserve_leaves():
    """15 % and half of 85 %: 57.50 % (loi 47-1775 art. 19 nonies); no part of work."""
    terms = Terms(D(15), D(0), D("42.5"), form="scic")
    found = surplus.allocate(D(1000), terms)
    assert found.reserves == D(575)
    assert codes(found, terms, D(0), D(5000)) == []
    terms = Terms(D(15), D(0), D("42.51"), form="scic")
    found = surplus.allocate(D(1000), terms)
    assert codes(found, terms, D(0), D(5000)) == ["CAE-SURPLUS-FUND"]


def test_other_cooperatives_follow_their_statutes():
    terms = Terms(D(15), D(0), D(85), form="loi47")
    found = surplus.allocate(D(1000), terms)
    assert codes(found, terms, D(0), D(5000)) == []
    terms = Terms(D(14), D(0), D(85), form="loi47")
    found = surplus.allocate(D(1000), terms)
    assert codes(found, terms, D(0), D(5000)) == ["CAE-SURPLUS-LEGAL"]
