"""Months of pay ahead."""

import csv
import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from cae_base_engine.allocation import split
from cae_payroll_engine import NOTHING, RateSet, Situation, salary_for
from cae_payroll_engine.forecast import Flow, Terms, forecast
from cae_payroll_engine.monthly import LIMIT, OVERDRAFT, REQUEST, Wish
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
RATES = ROOT / "addons/cae_payroll/data/cae.payroll.rate.csv"
FULL = bool(os.environ.get("CAE_TEST_FULL"))
ZERO = Decimal("0.00")
ALL = Wish("max")

examples = settings(
    max_examples=1000 if FULL else 60, derandomize=True, deadline=None, database=None
)
amounts = st.integers(-500000, 900000).map(lambda cents: Decimal(cents) / 100)
positive = st.integers(0, 900000).map(lambda cents: Decimal(cents) / 100)
wishes = st.one_of(
    st.sampled_from([Wish(), ALL]),
    st.builds(Wish, st.sampled_from(["gross", "net"]), positive),
)


@lru_cache
def rates():
    with RATES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache
def salary(month):
    found = RateSet.at(rates(), month)
    situation = Situation(
        date=month, contract="cesa", headcount=60, at_rate=Decimal("2.08")
    )
    return salary_for(found, situation)


def months(*lefts, first=date(2026, 1, 1)):
    """Flows of months that bring ``lefts`` and take nothing."""
    index = first.year * 12 + first.month - 1
    return [
        flow(date((index + n) // 12, (index + n) % 12 + 1, 1), left)
        for n, left in enumerate(lefts)
    ]


def flow(month, collected, contribution="0", charges="0"):
    values = (Decimal(value) for value in (contribution, charges))
    return Flow(month, Decimal(collected), Decimal(collected), *values)


def terms(fixed="0", reserve="0", wish=Wish(), booked=NOTHING):  # noqa: B008 (frozen)
    return Terms(salary, Decimal(fixed), Decimal(reserve), wish, booked)


def ahead(start, flows, *args, **kwargs):
    return forecast(Decimal(start), flows, terms(*args, **kwargs), split)


def test_a_month_without_wish_costs_its_fixed_part():
    [month] = ahead("500", months("3000"), "1000", "200")
    assert (month.gross, month.cost) == (1000, Decimal("1039.86"))
    assert month.net == Decimal("791.60")
    assert month.budget == 3300
    assert month.treasury == Decimal("2460.14")


def test_contribution_and_charges_are_deducted_first():
    [month] = ahead("0", [flow(date(2026, 1, 1), "3000", "300", "451.68")], wish=ALL)
    assert month.budget == month.cost == Decimal("2248.32")
    assert (month.gross, month.treasury) == (2000, 0)


def test_what_one_month_leaves_is_paid_in_the_next():
    first, second = ahead("0", months("3000", "0"), "1000", wish=Wish("net", 1200))
    assert first.treasury > 0 and second.budget == first.treasury
    assert second.treasury >= 0


def test_a_fixed_part_is_paid_even_without_money():
    [month] = ahead("0", months("500"), "1000", "300", ALL)
    assert month.gross == 1000
    assert month.treasury == Decimal("-539.86")
    assert OVERDRAFT in month.flags


def test_a_wish_above_the_budget_is_cut():
    [month] = ahead("0", months("1000"), wish=Wish("gross", Decimal(5000)))
    assert REQUEST in month.flags
    assert month.cost <= 1000


def test_each_month_has_its_own_wish_and_floor():
    """2 000.00 cost 2 248.32 in January; February keeps 5 000.00; March asks all."""
    january, february, march = months("3000", "3000", "3000")
    own = replace(
        terms("1000", "500", ALL),
        wishes={january.month: Wish("gross", Decimal(1000)), february.month: ALL},
        floors={january.month: Decimal(100), february.month: Decimal(5000)},
    )
    first, second, third = forecast(Decimal(0), [january, february, march], own, split)
    assert (first.gross, first.cost) == (2000, Decimal("2248.32"))
    assert (first.budget, first.treasury) == (2500, Decimal("751.68"))
    assert (second.budget, second.gross) == (Decimal("-1248.32"), 1000)
    assert third.budget == second.treasury + 2500
    assert 0 <= third.budget - third.cost < 1


def test_the_limit_of_an_overdraft_is_said():
    """1 039.86 of 500.00: 539.86 lack."""
    for agreed, found in ((53985, True), (53986, False)):
        own = replace(terms("1000"), agreed=agreed)
        [month] = forecast(Decimal(0), months("500"), own, split)
        assert (LIMIT in month.flags) is found


def test_the_year_of_contributions_starts_in_january():
    flows = months("6000", "2500", first=date(2025, 12, 1))
    december, january = ahead("0", flows, wish=ALL)
    [alone] = ahead(december.treasury, flows[1:], wish=ALL)
    assert december.gross and january == alone


def test_earlier_months_of_the_year_count():
    one = salary(date(2026, 1, 1))
    booked = one.booked(one.direct("6000"))
    flows = months("3000", first=date(2026, 2, 1))
    after = ahead("0", flows, wish=ALL, booked=booked)[0]
    assert after.gross != ahead("0", flows, wish=ALL)[0].gross


@examples
@given(
    start=amounts,
    lefts=st.lists(amounts, min_size=12, max_size=12),
    fixed=positive,
    reserve=positive,
    wish=wishes,
)
def test_an_advance_never_eats_the_reserve(start, lefts, fixed, reserve, wish):
    before = start
    for month in ahead(start, months(*lefts), fixed, reserve, wish):
        assert month.gross >= fixed
        assert month.treasury == before + month.flow.left - month.cost
        assert month.budget == before + month.flow.left - reserve
        if month.gross > fixed:
            assert month.treasury >= reserve
        if month.treasury < reserve:
            assert month.gross == fixed
        assert month.net <= month.gross
        before = month.treasury


@examples
@given(
    start=amounts,
    flows=st.lists(st.tuples(positive, positive, positive), min_size=1, max_size=12),
    wish=wishes,
)
def test_the_sums_agree(start, flows, wish):
    days = [each.month for each in months(*["0"] * len(flows))]
    given_flows = [flow(day, *each) for day, each in zip(days, flows, strict=True)]
    rows = ahead(start, given_flows, "300", "500", wish)
    paid = sum((row.cost for row in rows), ZERO)
    left = sum((row.flow.left for row in rows), ZERO)
    assert rows[-1].treasury == start + left - paid
