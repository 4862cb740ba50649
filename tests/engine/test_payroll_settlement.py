"""The year: budget to annual gross, the balance due, what is left and carried."""

import csv
import os
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from cae_base_engine.allocation import split
from cae_payroll_engine import PayrollError, RateSet, Situation, salary_for
from cae_payroll_engine.leave import spent
from cae_payroll_engine.monthly import to_cents
from cae_payroll_engine.settlement import Part, Year, settle, share_out
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
RATES = ROOT / "addons/cae_payroll/data/cae.payroll.rate.csv"
FULL = bool(os.environ.get("CAE_TEST_FULL"))
ZERO = Decimal(0)

examples = settings(
    max_examples=1000 if FULL else 60,
    derandomize=True,
    deadline=None,
    database=None,
)


leaves = st.sampled_from(["0", "0.1"]).map(Decimal)


@lru_cache
def salary(month=1, **values):
    day = date(2026, month, 28)
    with RATES.open(encoding="utf-8", newline="") as file:
        rates = RateSet.at(list(csv.DictReader(file)), day)
    defaults = {"contract": "cesa", "headcount": 60, "at_rate": "2.08"}
    return salary_for(rates, Situation(date=day, **{**defaults, **values}))


@lru_cache
def year(months=12, **values):
    return Year([salary(1, **values)] * months)


def months_of(gross, cost, months=12):
    """Cost in cents, and gross, of as many equal months."""
    return months * to_cents(Decimal(cost)), Decimal(gross) * months


# On paper


def test_a_year_on_paper():
    """Twelve fixed parts of 1 000.00 at 1 039.86, out of twelve times 4 023.48.

    4 023.48 a month is the cost of 3 000.00: 36 000.00 for the year, of which 12 000.00
    are paid; the balance of 24 000.00 costs 12 × (4 023.48 − 1 039.86) = 35 803.44.
    """
    paid, gross = months_of(1000, "1039.86")
    budget = 12 * 402348
    result = settle(year(), [Part(1, budget, 0, paid)], gross, ZERO, split)
    assert result.budget == Decimal("48281.76")
    assert result.annual_gross == 36000
    assert result.due == 24000
    assert result.cost == Decimal("35803.44")
    assert result.carried == 0


def test_a_balance_sets_leave_aside():
    """The same year with a tenth more of the balance: 35 803.44 and 3 580.34."""
    paid, gross = months_of(1000, "1039.86")
    budget = 12 * 402348 + 358034
    parts = [Part(1, budget, 0, paid)]
    result = settle(year(), parts, gross, ZERO, split, Decimal("0.1"))
    assert (result.due, result.cost) == (24000, Decimal("39383.78"))
    assert result.carried == 0


def test_the_rates_of_each_month_count():
    """Under the SMIC, hours are rebuilt with 12.31 from June: 500.00 cost more."""
    before, after = salary(1), salary(6)
    mixed = Year([before] * 5 + [after] * 7)
    cost = 5 * before.cost(Decimal(500)) + 7 * after.cost(Decimal(500))
    assert mixed.cost(Decimal(6000)) == cost
    assert mixed.gross(cost) == 6000


def test_what_is_left_is_not_paid():
    paid, gross = months_of(1000, "1039.86")
    part = Part(1, 12 * 402348, 0, paid)
    left = Decimal("35803.44") - 12 * (Decimal("2248.32") - Decimal("1039.86"))
    result = settle(year(), [part], gross, left, split)
    assert result.due == 12000
    assert result.parts[0].left == to_cents(left)
    assert result.carried == 0


@pytest.mark.parametrize("left", ["-0.01", "1000.01"])
def test_no_more_is_left_than_there_is(left):
    with pytest.raises(PayrollError, match=r"^CAE-SETTLEMENT-LEFT: "):
        settle(year(), [Part(1, 100000)], ZERO, Decimal(left), split)


def test_a_loss_is_carried_and_nothing_taken_back():
    paid, gross = months_of(1000, "1039.86")
    result = settle(year(), [Part(1, 500000, 0, paid)], gross, ZERO, split)
    assert (result.due, result.cost) == (0, 0)
    assert result.carried == Decimal("5000.00") - 12 * Decimal("1039.86")


def test_a_loss_of_last_year_is_made_up_first():
    result = settle(year(), [Part(1, 12 * 103986, -12 * 3986)], ZERO, ZERO, split)
    assert result.budget == 12000
    assert result.due < 12000


def test_one_activity_makes_up_for_another():
    result = settle(
        year(), [Part(1, 12 * 103986 + 50000), Part(2, -50000)], ZERO, ZERO, split
    )
    assert result.due == 12000
    first, second = result.parts
    assert (first.carried, second.carried) == (50000, -50000)


def test_months_paid_dearer_than_the_year_leave_no_debt():
    """12 000.00 in one month cost more than over the year: what is left bounds."""
    spent = to_cents(salary().cost(Decimal(12000)))
    result = settle(
        year(), [Part(1, spent + 1000, 0, spent)], Decimal(12000), ZERO, split
    )
    assert 0 < result.cost <= 10
    assert 0 < result.due <= result.cost


def test_without_contract_all_is_carried():
    result = settle(Year([]), [Part(1, 90000)], ZERO, ZERO, split)
    assert (result.due, result.cost, result.carried) == (0, 0, 900)


def test_a_part_of_a_month_has_its_part_of_the_pay_and_of_the_ceiling():
    """15 of 30 days, then a month: 3 000.00 and 6 000.00 out of 9 000.00.

    Each is at 1.498 ceilings of its own, as the 9 000.00 are at 1.498 of 6 007.50.
    """
    part, whole = salary(4, days=15, month_days=30), salary(4)
    calendar = Year([part, whole])
    assert calendar.cost(Decimal(9000)) == part.cost(Decimal(3000)) + whole.cost(
        Decimal(6000)
    )
    assert calendar.cost(Decimal(9000)) == Year([whole]).cost(Decimal(6000)) * 3 / 2
    assert Year([salary(4, days=0), whole]).cost(Decimal(50)) == whole.cost(Decimal(50))
    assert Year([salary(4, days=0)]).gross(Decimal(50)) == 0


@examples
@given(st.integers(0, 900_000), st.integers(1, 29), st.integers(1, 29))
def test_no_month_gives_a_cent_back(cents, first, last):
    calendar = Year(
        [salary(days=first, month_days=30), salary(), salary(days=last, month_days=30)]
    )
    before, after = calendar._months(cents), calendar._months(cents + 1)
    assert sum(before) == cents
    assert sorted(b - a for a, b in zip(before, after, strict=True)) == [0, 0, 1]


# Properties

amounts = st.integers(-2_000_000, 8_000_000)


@st.composite
def calendars(draw):
    """Salaries of months in a row; the first and the last may be parts of a month."""
    last = draw(st.integers(1, 12))
    days = {
        month: draw(st.none() | st.integers(0, 30)) for month in {1, last} if last > 1
    }
    return [
        salary(month, days=days.get(month), month_days=31)
        for month in range(1, last + 1)
    ]


@st.composite
def years(draw):
    parts = [
        Part(key, draw(amounts), draw(st.integers(-500_000, 500_000)), paid)
        for key, paid in enumerate(
            draw(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=3)), 1
        )
    ]
    gross = Decimal(sum(part.paid for part in parts)) / 100
    paid = (gross * draw(st.integers(60, 100)) / 100).quantize(Decimal("0.01"))
    position = max(0, sum(part.position for part in parts))
    left = Decimal(draw(st.integers(0, position))) / 100
    return Year(draw(calendars())), parts, paid, left


@examples
@given(years(), leaves)
def test_nothing_is_made_and_nothing_lost(case, leave):
    """Paid + balance due + left + carried = what the activities could bear."""
    calendar, parts, paid, left = case
    result = settle(calendar, parts, paid, left, split, leave)
    assert result.paid + result.cost + result.left + result.carried == result.budget
    for part, settled in zip(parts, result.parts, strict=True):
        assert part.budget == (
            part.paid + settled.left + settled.cost + settled.carried
        )
        assert settled.activity == part.activity
        assert min(settled.left, settled.cost, settled.gross) >= 0
        if settled.left or settled.cost:
            assert settled.carried >= 0
    assert sum(each.gross for each in result.parts) == to_cents(result.due)
    assert sum(each.cost for each in result.parts) == to_cents(result.cost)
    assert result.left == left


@examples
@given(years(), leaves)
def test_the_balance_is_the_largest_that_fits(case, leave):
    """With what it sets aside for leave."""
    calendar, parts, paid, left = case
    result = settle(calendar, parts, paid, left, split, leave)
    if result.due:
        before = calendar.cost(paid)
        room = result.budget - result.paid - left
        cost = to_cents(calendar.cost(paid + result.due) - before)
        assert to_cents(result.cost) == spent(cost, leave)
        assert result.cost <= room
        borne = min(before, result.paid)
        more = calendar.cost(paid + result.due + Decimal("0.01"))
        assert spent(to_cents(more - borne), leave) > to_cents(room)


@examples
@given(st.integers(0, 12_000_000), calendars())
def test_the_inverse_of_the_year(cents, salaries):
    gross = Decimal(cents) / 100
    calendar = Year(salaries)
    cost = calendar.cost(gross)
    found = calendar.gross(cost)
    assert found >= gross
    assert calendar.cost(found) == cost
    assert calendar.cost(found + Decimal("0.01")) > cost


# Shares


def test_each_month_goes_to_its_holders():
    holders = {0: {1: 60, 2: 40}, 1: {1: 100}, 2: {}}
    amounts = {0: 10000, 1: -500, 2: 300}
    assert share_out(amounts, holders, split) == {1: 5800, 2: 4000}


def test_months_before_the_first_holder_are_the_first_ones():
    assert share_out({0: 100, 1: 100}, {1: {1: 1, 2: 3}}, split) == {1: 50, 2: 150}
    assert share_out({0: 100}, {}, split) == {}


@examples
@given(
    st.dictionaries(st.integers(0, 11), amounts, max_size=12),
    st.dictionaries(
        st.integers(0, 11),
        st.dictionaries(st.integers(1, 4), st.integers(1, 100000), max_size=4),
        max_size=12,
    ),
)
def test_shares_add_up(months, holders):
    parts = share_out(months, holders, split)
    whole = sum(months.values()) if any(holders.values()) else 0
    assert sum(parts.values()) == whole
