"""Sharing out a collective payment: sums, signs, outcomes."""

from cae_base_engine.settlement import share_out
from hypothesis import given
from hypothesis import strategies as st

BALANCES = st.dictionaries(st.integers(0, 9), st.integers(-(10**7), 10**7), max_size=8)


def test_payment_of_everything_leaves_nobody_a_balance():
    share = share_out(10000, {1: -12000, 2: 2000}, 9)
    assert share.vector == {1: 12000, 2: -2000}
    assert (share.outcome, share.rest) == ("settled", 0)


def test_part_payment_takes_the_same_part_of_each():
    share = share_out(5000, {1: -7500, 2: -2500, 9: 0}, 9)
    assert share.vector == {1: 3750, 2: 1250}
    assert share.outcome == "partial"


def test_part_payment_goes_by_largest_remainder():
    assert share_out(100, {1: -100, 2: -100, 3: -100}, 9).vector == {
        1: 34,
        2: 33,
        3: 33,
    }


def test_what_no_balance_explains_goes_to_the_rest():
    share = share_out(10001, {1: -10000}, 9)
    assert share.vector == {1: 10000, 9: 1}
    assert (share.outcome, share.rest) == ("excess", 1)


def test_nothing_to_settle():
    for balances in ({}, {1: 500}, {1: 500, 2: -500}):
        share = share_out(300, balances, 0)
        assert share.vector == {0: 300}
        assert (share.outcome, share.rest) == ("nothing", 300)


def test_refund_mirrors_payment():
    assert share_out(-5000, {1: 7500, 2: 2500}, 9).vector == {1: -3750, 2: -1250}


@given(st.integers(-(10**8), 10**8), BALANCES)
def test_parts_add_up_to_the_payment(amount, balances):
    share = share_out(amount, balances, 99)
    assert sum(share.vector.values()) == amount


@given(st.integers(-(10**8), 10**8), BALANCES)
def test_nobody_passes_zero(amount, balances):
    share = share_out(amount, balances, 99)
    for key, balance in balances.items():
        after = balance + share.vector.get(key, 0)
        assert abs(after) <= abs(balance)
        assert after * balance >= 0


@given(BALANCES)
def test_payment_of_the_total_settles_everybody(balances):
    share = share_out(-sum(balances.values()), balances, 99)
    if share.outcome == "settled":
        after = {k: v + share.vector.get(k, 0) for k, v in balances.items()}
        assert not any(after.values())
