"""Two contracts of one person: one ceiling, and each its own hours and reduction."""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from cae_payroll_engine import (
    NOTHING,
    Bookings,
    PayrollError,
    RateSet,
    Situation,
    salary_for,
)
from cae_payroll_engine.monthly import covered_days
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RATES = Path(__file__).resolve().parents[2] / (
    "addons/cae_payroll/data/cae.payroll.rate.csv"
)
CENT = Decimal("0.01")
CEILING = 4005
CESA, ORDINARY, PERSON = 1, 2, 9

examples = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
GROSS = st.one_of(st.integers(0, 300_000), st.integers(0, 2_000_000)).map(
    lambda number: number * CENT
)
YEARS = st.sampled_from([date(2024, 3, 1), date(2025, 3, 1), date(2026, 3, 1)])


@lru_cache
def rates_on(day):
    with RATES.open(encoding="utf-8", newline="") as file:
        return RateSet.at(list(csv.DictReader(file)), day)


def salary(day=date(2026, 3, 1), **values):
    defaults = {"contract": "cesa", "headcount": 60, "at_rate": "2.08"}
    return salary_for(rates_on(day), Situation(date=day, **{**defaults, **values}))


def half(day=date(2026, 3, 1), **values):
    return salary(day, **{"contract": "employee", "hours": "75.83", **values})


def beside(booked):
    """What one pay of a month booked, for the other contract of that month."""
    return replace(booked, ceiling=0)


def month(first, second, one, two):
    """Results of two pays of a month, the second after the first."""
    paid = first.direct(one)
    rest = second.after(NOTHING, others=beside(first.booked(paid)))
    return paid, rest.direct(two), rest


def base(result, code):
    return next((line.base for line in result.lines if line.code == code), 0)


def test_one_ceiling_by_hand():
    """4 500.00 under the CESA, then 1 000.00: 4 005.00 under the ceiling in all."""
    cesa, wage, _rest = month(salary(), half(), 4500, 1000)
    assert (base(cesa, "SS_VIEIL_PLAF"), base(wage, "SS_VIEIL_PLAF")) == (CEILING, 0)
    assert (base(cesa, "AA_T2"), base(wage, "AA_T2")) == (495, 1000)
    assert (base(cesa, "CET"), base(wage, "CET")) == (4500, 1000)
    assert base(wage, "CHOMAGE") == 1000


def test_the_other_order_by_hand():
    """1 000.00, then 4 500.00: CET is due on the first as well, once they exceed."""
    wage, cesa, _rest = month(half(), salary(), 1000, 4500)
    assert (base(wage, "SS_VIEIL_PLAF"), base(cesa, "SS_VIEIL_PLAF")) == (1000, 3005)
    assert (base(wage, "CET"), base(cesa, "CET")) == (0, 5500)


def test_each_contract_has_its_own_reduction():
    """Half time at 1 000.00 is full time at 2 000.00; the CESA's hours are its own."""
    cesa, wage, _rest = month(salary(), half(), 1000, 1000)
    assert wage.coefficient == half().direct(1000).coefficient
    assert wage.coefficient == salary(contract="employee").direct(2000).coefficient
    assert (cesa.coefficient, wage.equivalent_hours) == (
        salary().direct(1000).coefficient,
        Decimal("75.83"),
    )


@examples
@given(YEARS, GROSS, GROSS)
def test_the_order_does_not_matter(day, one, two):
    """To a cent each: a pay rounds its cost."""
    ways = [
        month(salary(day), half(day), one, two)[:2],
        month(half(day), salary(day), two, one)[:2],
    ]
    for name in ("cost", "net_before_tax", "net_taxable"):
        first, second = (sum(getattr(r, name) for r in results) for results in ways)
        assert abs(first - second) <= 2 * CENT


@examples
@given(YEARS, GROSS, GROSS)
def test_bases_are_those_of_one_pay(day, one, two):
    """The brackets of both are those of their sum."""
    whole = salary(day).direct(one + two)
    results = month(salary(day), half(day), one, two)[:2]
    for code in ("SS_VIEIL_PLAF", "AA_T2", "CET", "CHOMAGE", "SS_VIEIL_DEPL"):
        assert sum(base(r, code) for r in results) == base(whole, code)


@examples
@given(GROSS, GROSS)
def test_budget_of_a_contract_beside_another(one, two):
    _paid, result, rest = month(salary(), half(), one, two)
    assert rest.cost(two) == result.cost
    found = rest.from_cost(result.cost)
    assert (found.cost, found.exact) == (result.cost, True)
    assert sum(line.employer_amount for line in result.lines) == (
        result.employer_contributions - result.general_reduction
    )


@examples
@given(st.lists(st.tuples(GROSS, GROSS), min_size=12, max_size=12))
def test_twelve_months_of_two_contracts(grosses):
    """The ceiling of the year is that of the person, whoever earns what when."""
    bookings, totals = Bookings(several={PERSON}), {}
    for own in grosses:
        now = Bookings(several={PERSON})
        for key, payer, gross in zip(
            (CESA, ORDINARY), (salary(), half()), own, strict=True
        ):
            others = bookings.others(PERSON, key)
            others += beside(now.others(PERSON, key))
            payer = payer.after(bookings.of(PERSON, key), others=others)
            result = payer.direct(gross)
            now.add(PERSON, key, payer.booked(result))
            for line in result.lines:
                totals[line.code] = totals.get(line.code, 0) + line.base
        for key, booked in now.own[PERSON].items():
            bookings.add(PERSON, key, booked)
        bookings.ceilings[PERSON] = bookings.ceilings.get(PERSON, 0) + CEILING
    total = sum(map(sum, grosses))
    under = min(total, 12 * CEILING)
    assert totals.get("SS_VIEIL_PLAF", 0) == under
    assert totals.get("AA_T2", 0) == min(total, 8 * 12 * CEILING) - under


def test_contracts_that_never_meet_are_no_others():
    bookings = Bookings(ceilings={PERSON: Decimal(CEILING)})
    bookings.own[PERSON] = {CESA: salary().booked(salary().direct(3000))}
    assert bookings.others(PERSON, ORDINARY) == NOTHING
    bookings.several.add(PERSON)
    found = bookings.others(PERSON, ORDINARY)
    assert (found.gross, found.ceiling) == (3000, CEILING)
    assert bookings.others(PERSON, CESA) == NOTHING


def test_the_ceiling_is_that_of_all_the_days():
    """A job until the 14th, a CESA from the 15th: the whole ceiling of the month."""
    part = {"days": 17, "month_days": 31}
    assert salary(**part).schedule.ceiling == Decimal("2196.29")
    assert salary(**part, ceiling_days=31).schedule.ceiling == CEILING
    with pytest.raises(PayrollError, match="ceiling_days"):
        salary(**part, ceiling_days=32)


def test_days_of_two_contracts():
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    job = date(2025, 1, 1), date(2026, 3, 14), Decimal(0)
    cesa = date(2026, 3, 10), None, Decimal(0)
    assert covered_days([job, cesa], first, last) == 31
    assert covered_days([cesa], first, last) == 22
    assert covered_days([], first, last) == 0
