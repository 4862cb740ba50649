"""Paid leave set aside month by month, and used up."""

import csv
import os
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from cae_base_engine.allocation import split
from cae_payroll_engine import NOTHING, RateSet, Situation, salary_for
from cae_payroll_engine.forecast import Flow, Terms, forecast
from cae_payroll_engine.leave import (
    KEYS,
    Aside,
    apart,
    booked,
    cost_within,
    set_aside,
    spent,
    used_up,
)
from cae_payroll_engine.monthly import OVERDRAFT, Holding, Wish, propose, to_cents
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
RATES = ROOT / "addons/cae_payroll/data/cae.payroll.rate.csv"
FULL = bool(os.environ.get("CAE_TEST_FULL"))
DAY = date(2026, 1, 31)
TENTH = Decimal("0.1")
ALL = Wish("max")

examples = settings(
    max_examples=3000 if FULL else 100,
    derandomize=True,
    deadline=None,
    database=None,
)
rates = st.sampled_from(["0", "0.05", "0.1", "0.1233", "1"]).map(Decimal)
amounts = st.integers(-900_000, 900_000)
positive = st.integers(0, 900_000)
holdings = st.lists(
    st.builds(
        Holding,
        st.just(0),
        st.integers(1, 100),
        amounts,
        st.integers(0, 90_000),
        st.integers(0, 90_000),
        st.integers(0, 90_000),
    ),
    min_size=1,
    max_size=3,
).map(lambda many: [_numbered(n, each) for n, each in enumerate(many, 1)])


def _numbered(number, each):
    return Holding(
        number, each.weight, each.available, each.reserve, each.committed, each.released
    )


@lru_cache
def rows():
    with RATES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache
def salary(month=DAY):
    situation = Situation(date=month, contract="cesa", headcount=60, at_rate="2.08")
    return salary_for(RateSet.at(rows(), month), situation)


def pay(fixed, held, wish=Wish(), rate=TENTH):  # noqa: B008 (frozen)
    return propose(salary(), Decimal(fixed), held, wish, split, leave=rate)


def test_the_shipped_rate_is_a_tenth_in_every_month():
    for year in (2024, 2025, 2026):
        for month in range(1, 13):
            found = RateSet.at(rows(), date(year, month, 1))
            assert found.rate("leave_rate") == TENTH


# What is set aside


def test_a_tenth_of_the_gross_and_of_the_contributions():
    """1 000.00 at 1 039.86: 100.00, and 3.99 of contributions (103.986)."""
    assert set_aside(103_986, 100_000, TENTH) == Aside(10_000, 399)


def test_a_month_that_takes_back_contributions():
    assert set_aside(90_000, 100_000, TENTH) == Aside(10_000, -1_000)


def test_nothing_at_no_rate():
    assert set_aside(103_986, 100_000, Decimal(0)) == Aside()
    assert Aside().entry() == {}


def test_its_part_of_the_entry():
    entry = Aside(10_000, 399).entry()
    assert tuple(entry) == KEYS
    assert tuple(entry.values()) == (10_000, 399, -10_000, -399)


def test_entries_with_what_they_move():
    entries = {1: {"wage": 5}, 2: {"wage": 7}, 3: {}}
    found = booked(entries, {1: Aside(30, 2), 2: Aside(10, 1)}, {2: Aside(10, 1)})
    assert found == {
        1: {"wage": 5, **dict(zip(KEYS, (30, 2, -30, -2), strict=True))},
        2: {"wage": 7},
        3: {},
    }
    assert booked(entries, {}, {3: Aside(10, 0)})[3] == {KEYS[0]: -10, KEYS[2]: 10}


@examples
@given(positive, positive, rates)
def test_what_is_spent_never_decreases(cost, more, rate):
    assert spent(cost, rate) <= spent(cost + more, rate)


@examples
@given(amounts, rates)
def test_the_largest_cost_that_a_budget_bears(budget, rate):
    cost = cost_within(budget, rate)
    assert spent(cost, rate) <= budget < spent(cost + 1, rate)


@examples
@given(positive, positive, rates)
def test_both_parts_are_what_is_spent_beside_the_cost(cost, gross, rate):
    assert set_aside(cost, gross, rate).total == spent(cost, rate) - cost


@examples
@given(
    st.dictionaries(st.integers(1, 9), amounts, min_size=1, max_size=4),
    st.builds(Aside, positive, amounts),
)
def test_taken_apart_nothing_is_lost(totals, aside):
    costs, asides = apart(totals, aside, split)
    assert sum(costs.values()) == sum(totals.values()) - aside.total
    assert sum(asides.values(), Aside()) == aside
    for key, total in totals.items():
        assert costs[key] + asides.get(key, Aside()).total == total


# What leave uses up


def test_leave_uses_its_part_of_the_contributions():
    due = {1: Aside(30_000, 1_200)}
    assert used_up(due, 10_000, split) == {1: Aside(10_000, 400)}
    assert used_up(due, 30_000, split) == {1: Aside(30_000, 1_200)}


def test_leave_that_was_not_set_aside_uses_nothing():
    assert used_up({1: Aside(30_000, 1_200)}, 50_000, split) == {
        1: Aside(30_000, 1_200)
    }
    assert used_up({1: Aside(-30_000, 1_200)}, 50_000, split) == {}
    assert used_up({}, 50_000, split) == {}
    assert used_up({1: Aside(30_000, 1_200)}, 0, split) == {}


@examples
@given(
    st.dictionaries(st.integers(1, 9), st.builds(Aside, amounts, amounts), max_size=4),
    positive,
    positive,
)
def test_leave_taken_in_two_goes_leaves_the_same(due, one, two):
    """No activity gives more than it has; whatever is used up is the person's own."""
    first = used_up(due, one, split)
    left = {key: each - first.get(key, Aside()) for key, each in due.items()}
    second = used_up(left, two, split)
    there = sum(max(0, each.wage) for each in due.values())
    used = [*first.values(), *second.values()]
    assert sum(each.wage for each in used) == min(one + two, there)
    for key, each in left.items():
        rest = each - second.get(key, Aside())
        if due[key].wage > 0:
            assert 0 <= rest.wage <= due[key].wage
            # All of the contributions go with the last cent of the gross.
            assert rest.wage or not rest.charges


# A month that sets aside


def test_the_money_bears_the_cost_and_what_it_sets_aside():
    """4 425.83 = 4 023.48 + 402.35: 3 000.00 gross, and a tenth of its cost."""
    proposal = pay(1000, [Holding(1, 100, 442_583)], ALL)
    assert proposal.result.gross == 3000
    assert proposal.parts == {1: 402_348}
    assert proposal.leave == {1: Aside(30_000, 10_235)}
    assert pay(1000, [Holding(1, 100, 442_582)], ALL).result.gross < 3000


def test_a_fixed_part_whose_leave_is_not_covered_overdraws():
    assert OVERDRAFT in pay(1000, [Holding(1, 100, 114_384)]).flags
    assert OVERDRAFT not in pay(1000, [Holding(1, 100, 114_385)]).flags


def test_what_leave_gives_back_is_there_to_be_paid():
    """A request that only the leave of the month pays."""
    wish = Wish("gross", Decimal(1000))
    bare = pay(1000, [Holding(1, 100, 114_385)], wish)
    assert bare.result.gross == 1000
    rest = [Holding(1, 100, 114_385, released=200_000)]
    assert pay(1000, rest, wish).result.gross == 2000


@examples
@given(holdings, st.sampled_from(["0", "500", "1000"]), rates)
def test_an_advance_never_spends_what_it_sets_aside(held, fixed, rate):
    proposal = pay(fixed, held, ALL, rate)
    cost = to_cents(proposal.result.cost)
    aside = sum((each for each in proposal.leave.values()), Aside())
    assert sum(proposal.parts.values()) == cost
    assert aside == set_aside(cost, to_cents(proposal.result.gross), rate)
    if proposal.result.gross > Decimal(fixed):
        room = sum(each.free - each.reserve for each in held)
        assert cost + aside.total <= room


@examples
@given(holdings, st.sampled_from(["0", "500", "1000"]))
def test_no_rate_changes_nothing(held, fixed):
    with_it = pay(fixed, held, ALL, Decimal(0))
    without = propose(salary(), Decimal(fixed), held, ALL, split)
    assert with_it == without
    assert with_it.leave == {}


@pytest.mark.parametrize("rate", [Decimal(0), TENTH])
def test_months_ahead_set_aside_too(rate):
    flow = Flow(date(2026, 1, 1), *(Decimal(v) for v in (3000, 3000, 0, 0)))
    terms = Terms(
        lambda month: salary(), Decimal(1000), Decimal(0), Wish(), NOTHING, rate
    )
    [month] = forecast(Decimal(0), [flow], terms, split)
    assert month.treasury == Decimal("1960.14") - (Decimal("103.99") if rate else 0)
