"""The allocation of cents to activities: exact, balanced, mirrored."""

import os
import random
from decimal import Decimal

import pytest
from cae_base_engine import allocation as alloc
from hypothesis import given, settings
from hypothesis import strategies as st

FULL = bool(os.environ.get("CAE_TEST_FULL"))
RANDOM_DOCUMENTS = 100_000 if FULL else 5_000
settings.register_profile(
    "allocation", derandomize=True, deadline=None, max_examples=2000 if FULL else 150
)
settings.load_profile("allocation")

cents = st.integers(-10_000_000, 10_000_000)
vectors = st.dictionaries(st.integers(0, 6), cents, max_size=5)


@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [
        # 26.67 of VAT on 100.01 and 33.33: 20.0030 and 6.6665, one cent left.
        (2667, {1: 10001, 2: 3333}, {1: 2000, 2: 667}),
        # 1.00 in three: the cent left goes to the smallest id.
        (100, {3: 1, 1: 1, 2: 1}, {1: 34, 2: 33, 3: 33}),
        (-100, {3: 1, 1: 1, 2: 1}, {1: -34, 2: -33, 3: -33}),
        # A discount line: 120 and -20 of 100.
        (50, {1: 120, 2: -20}, {1: 60, 2: -10}),
        # No proportion: the heaviest takes all.
        (7, {1: 100, 2: -100}, {1: 7}),
        (7, {}, {0: 7}),
        (0, {1: 3, 2: 4}, {}),
    ],
)
def test_split_by_hand(amount, weights, expected):
    assert alloc.split(amount, weights) == expected


@given(cents, vectors)
def test_split_adds_up_and_mirrors(amount, weights):
    parts = alloc.split(amount, weights)
    assert sum(parts.values()) == amount
    assert alloc.split(-amount, weights) == alloc.minus(parts)
    opposite = {key: -weight for key, weight in weights.items()}
    if sum(weights.values()):
        assert alloc.split(amount, opposite) == parts


@given(st.integers(0, 10_000_000), st.dictionaries(st.integers(1, 6), st.integers(1)))
def test_split_is_within_a_cent_of_proportion(amount, weights):
    total = sum(weights.values())
    for key, part in alloc.split(amount, weights).items() if weights else ():
        assert abs(part * total - amount * weights[key]) < total


@given(vectors, st.integers(1, 6))
def test_taking_all_instalments_leaves_nothing(vector, count):
    total, left = sum(vector.values()), dict(vector)
    for number in range(count):
        amount = total // count if number < count - 1 else sum(left.values())
        left = alloc.add(left, alloc.minus(alloc.take(left, amount)))
    assert left == {}


@given(vectors.filter(lambda v: sum(v.values())))
def test_percentages_read_back_to_the_same_cents(vector):
    balance = sum(vector.values())
    shares = alloc.percentages(vector, balance)
    stored = [(key, float(share)) for key, share in shares.items()]
    assert alloc.cents(stored, balance) == alloc.clean(vector)


def odoo_amounts(shares, balance):
    """What Odoo makes of a distribution (account_move_line._prepare_analytic_lines):
    a share that completes 100 takes the rest, then the rounding error is spread."""
    amounts, done = {}, 0.0
    for key, share in shares.items():
        whole = abs(done + share - 100) < 5e-9
        amounts[key] = balance / 100 * ((100 - done) if whole else share) / 100
        done += share
    rounded = {key: round(amount, 2) for key, amount in amounts.items()}
    return {key: round(amount * 100) for key, amount in rounded.items() if amount}


def test_odoo_makes_the_same_cents_of_random_documents():
    rng = random.Random(19)
    for _number in range(RANDOM_DOCUMENTS):
        result, balances = random_document(rng)
        assert alloc.add(*result.values()) == {}
        for line, vector in result.items():
            assert sum(vector.values()) == balances[line]
            if balances[line] and alloc.UNALLOCATED not in vector:
                shares = alloc.percentages(vector, balances[line])
                shares = {key: float(share) for key, share in shares.items()}
                assert odoo_amounts(shares, balances[line]) == vector


def random_document(rng):
    """A bill of several activities, VAT per rate on the total, several terms."""
    taxes = {1: 20, 2: 10}
    items, number, tax_base = [], 0, {1: 0, 2: 0}
    for _line in range(rng.randint(1, 6)):
        number += 1
        amount, tax = rng.randint(-2_000, 500_000), rng.choice([0, 1, 2])
        activity = rng.randint(1, 4)
        items.append(
            alloc.Item(number, "base", amount, {activity: amount}, frozenset([tax]))
        )
        if tax:
            tax_base[tax] += amount
    for tax, base in tax_base.items():
        number += 1
        items.append(alloc.Item(number, "tax", round(base * taxes[tax] / 100), tax=tax))
    total, terms = sum(item.balance for item in items), rng.randint(1, 3)
    for term in range(terms):
        number += 1
        part = (
            total // terms
            if term < terms - 1
            else total - sum(-i.balance for i in items if i.kind == "term")
        )
        items.append(alloc.Item(number, "term", -part))
    try:
        return alloc.document(items), {i.id: i.balance for i in items}
    except alloc.AllocationError as error:
        assert error.code == "CAE-ANALYTIC-ZERO"
        return {}, {}


def test_document_whose_total_is_zero_is_refused():
    items = [
        alloc.Item(1, "base", -100, {1: -100}),
        alloc.Item(2, "base", 100, {2: 100}),
        alloc.Item(3, "term", 0),
    ]
    with pytest.raises(alloc.AllocationError) as caught:
        alloc.document(items)
    assert caught.value.code == "CAE-ANALYTIC-ZERO"
    assert caught.value.vector == {1: 100, 2: -100}


def test_entry_complement_and_refusal():
    balances = {1: 60, 2: 40, 3: -100}
    vectors = alloc.entry(balances, {1: {5: 60}, 2: {6: 40}})
    assert vectors[3] == {5: -60, 6: -40}
    with pytest.raises(alloc.AllocationError) as caught:
        alloc.entry({1: 100, 2: -60, 3: -40}, {1: {5: 100}})
    assert caught.value.code == "CAE-ENTRY-UNBALANCED"
    assert caught.value.vector == {5: -100}


def test_follow_shares_a_write_off():
    # 95.00 received and 5.00 lost for 60.00 of one activity and 40.00 of another.
    vectors = alloc.follow({1: 9500, 2: 500, 3: -10000}, {3: {1: -6000, 2: -4000}})
    assert vectors[1] == {1: 5700, 2: 3800}
    assert vectors[2] == {1: 300, 2: 200}


def test_settle_takes_what_is_left_of_the_settled_one():
    # A credit note of 700 for one activity on an invoice of 600 and 400: the invoice
    # keeps -100 and 400, so that its payment of 300 leaves nothing.
    taken = alloc.settle({1: 600, 2: 400}, {1: 700}, 700)
    assert taken == {1: 700}
    left = alloc.add({1: 600, 2: 400}, alloc.minus(taken))
    assert alloc.take(left, 300) == {1: -100, 2: 400}


def test_typed_percentages_mean_the_whole():
    assert alloc.cents([(1, 33.33), (2, 33.33), (3, 33.33)], 10000, typed=True) == {
        1: 3334,
        2: 3333,
        3: 3333,
    }
    assert alloc.cents([(1, 60)], 10000, typed=True) == {1: 6000, 0: 4000}


def test_largest_share_completes_one_hundred():
    shares = alloc.percentages({1: 1, 2: 1, 3: 1}, 3)
    assert sum(shares.values()) == Decimal(100)


# Moving to other activities


def test_relabel_moves_one_part_or_everything():
    assert alloc.relabel({1: 60, 2: 40}, 1, 2) == {2: 100}
    assert alloc.relabel({1: 60, 2: 40}, 3, 2) == {1: 60, 2: 40}
    assert alloc.relabel({0: 60, 2: 40}, None, 5) == {5: 100}


def test_reallocate_gives_the_difference_to_the_largest_counterpart():
    balances = {10: 70, 11: 30, 12: -90, 13: -10}
    current = {10: {1: 70}, 11: {1: 30}, 12: {1: -90}, 13: {1: -10}}
    result = alloc.reallocate(balances, current, {11: {2: 30}})
    assert result == {10: {1: 70}, 11: {2: 30}, 12: {1: -60, 2: -30}, 13: {1: -10}}


def test_reallocate_keeps_what_was_moved_before():
    balances = {10: 100, 11: -60, 12: -40}
    current = {10: {1: 100}, 11: {2: -60}, 12: {1: -100, 2: 60}}
    result = alloc.reallocate(balances, current, {10: {3: 100}}, kept=[11])
    assert result == {10: {3: 100}, 11: {2: -60}, 12: {2: 60, 3: -100}}
    # Also when only a line of the same side is left.
    balances, current = {10: 50, 11: -80, 12: 30}, {10: {1: 50}, 11: {1: -80}}
    current[12] = {1: 30}
    result = alloc.reallocate(balances, current, {10: {2: 50}}, kept=[11])
    assert result == {10: {2: 50}, 11: {1: -80}, 12: {1: 80, 2: -50}}
    with pytest.raises(alloc.AllocationError, match="CAE-TRANSFER-COUNTERPART"):
        alloc.reallocate(balances, current, {10: {2: 50}}, kept=[11, 12])


def test_reallocate_prefers_a_line_that_nobody_chose():
    balances = {10: 100, 11: -60, 12: -40}
    current = {10: {1: 100}, 11: {1: -60}, 12: {1: -40}}
    result = alloc.reallocate(balances, current, {10: {2: 100}}, chosen=[11])
    assert result == {10: {2: 100}, 11: {1: -60}, 12: {1: 60, 2: -100}}


def test_reallocate_of_everything_must_balance():
    balances, current = {10: 50, 11: -50}, {10: {1: 50}, 11: {1: -50}}
    moved = {10: {2: 50}, 11: {2: -50}}
    assert alloc.reallocate(balances, current, moved) == moved
    with pytest.raises(alloc.AllocationError):
        alloc.reallocate(balances, current, {10: {2: 50}, 11: {3: -50}})


def documents():
    """An invoice of two activities and nobody, and what is open of it."""
    return st.tuples(
        st.lists(
            st.dictionaries(st.integers(0, 3), st.integers(1, 100_000), min_size=1),
            min_size=1,
            max_size=3,
        ),
        st.integers(0, 100),
        st.integers(0, 100),
    )


@given(documents())
def test_an_opening_takes_what_is_open_and_balances(document):
    bases, paid, due = document
    sales = {n: alloc.minus(given) for n, given in enumerate(bases, 1)}
    net = sum(sum(vector.values()) for vector in sales.values())
    items = [
        alloc.Item(n, "base", sum(v.values()), given=v, taxes=frozenset({7}))
        for n, v in sales.items()
    ]
    tax, term = round(net * 0.2), -net - round(net * 0.2)
    items += [alloc.Item(90, "tax", tax, tax=7), alloc.Item(91, "term", term)]
    vectors = alloc.document(items)
    open_ = {91: term * (100 - paid) // 100, 90: tax * (100 - due) // 100}
    taken = alloc.opening(vectors, open_)
    # Each activity is at zero, nobody is not opened, and what is owed is not exceeded.
    assert alloc.add(*taken.values()) == {}
    assert not any(0 in vector for vector in taken.values())
    for line, cents_open in open_.items():
        whole = sum(taken.get(line, {}).values())
        assert abs(whole) <= abs(cents_open)
        if not any(0 in vector for vector in sales.values()):
            assert whole == cents_open


def test_an_opening_by_hand():
    """1200 with 200 of VAT, 480 paid: 720 open, 120 of VAT waits, 600 is history."""
    vectors = {1: {5: -100000}, 2: {5: -20000}, 3: {5: 120000}}
    taken = alloc.opening(vectors, {3: 72000, 2: -12000})
    assert taken == {1: {5: -60000}, 2: {5: -12000}, 3: {5: 72000}}
    assert alloc.opening(vectors, {}) == {}
