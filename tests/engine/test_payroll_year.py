"""Salary engine of cae_payroll over a year: regularisation, limits, earlier formulas.

``CAE_TEST_FULL=1`` widens the number of examples.
"""

import csv
import os
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from cae_payroll_engine import (
    NOTHING,
    Booked,
    PayrollError,
    RateSet,
    Situation,
    salary_for,
)
from cae_payroll_engine.contributions import Group
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
RATES = ROOT / "addons/cae_payroll/data/cae.payroll.rate.csv"
FULL = bool(os.environ.get("CAE_TEST_FULL"))
CENT = Decimal("0.01")
HOURS = Decimal(35 * 52)

examples = settings(
    max_examples=2000 if FULL else 40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@lru_cache
def rates_on(day):
    with RATES.open(encoding="utf-8", newline="") as file:
        return RateSet.at(list(csv.DictReader(file)), day)


def salary(day=date(2026, 3, 1), **values):
    defaults = {"contract": "cesa", "headcount": 60, "at_rate": "2.08"}
    return salary_for(rates_on(day), Situation(date=day, **{**defaults, **values}))


def pay(salaries, grosses):
    """Results of months in a row, and what they book together."""
    booked, results = NOTHING, []
    for each, gross in zip(salaries, grosses, strict=True):
        month = each.after(booked)
        results.append(month.direct(gross))
        booked += month.booked(results[-1])
    return results, booked


def sums(results):
    """``{code: (base, employer, employee)}`` of all the lines."""
    totals = {}
    for result in results:
        for line in result.lines:
            so_far = totals.get(line.code, (0, 0, 0))
            totals[line.code] = (
                so_far[0] + line.base,
                so_far[1] + line.employer_amount,
                so_far[2] + line.employee_amount,
            )
    return totals


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def line_of(result, code):
    return next((line for line in result.lines if line.code == code), None)


# The year, computed at once


MONTHLY = st.one_of(
    st.integers(0, 300_000), st.integers(0, 900_000), st.integers(0, 4_000_000)
).map(lambda number: number * CENT)
YEARS = st.sampled_from([date(2024, 3, 1), date(2025, 3, 1), date(2026, 3, 1)])
SITUATIONS = st.fixed_dictionaries(
    {
        "contract": st.sampled_from(["cesa", "employee"]),
        "headcount": st.sampled_from([5, 60]),
        "executive": st.booleans(),
        "health_total": st.sampled_from(["0", "58"]),
        "provident_rate": st.sampled_from(["0", "1.2"]),
    }
)


def year_bases(payer, total, months):
    """Bases of a pay of ``total`` over so many months, from the law's own words."""
    ceiling = payer.schedule.ceiling * months
    up_to = {k: min(total, k * ceiling) for k in (1, 4, 8)}
    return {
        "SS_VIEIL_PLAF": up_to[1],
        "SS_VIEIL_DEPL": total,
        "CHOMAGE": up_to[4],
        "AA_T1": up_to[1],
        "AA_T2": up_to[8] - up_to[1],
        "CEG_T2": up_to[8] - up_to[1],
        "CET": up_to[8] if total > ceiling else 0,
    }


@examples
@given(YEARS, SITUATIONS, st.lists(MONTHLY, min_size=12, max_size=12))
def test_twelve_months_are_the_year_at_once(day, values, grosses):
    payer = salary(day, **values)
    results, booked = pay([payer] * 12, grosses)
    total, found = sum(grosses), sums(results)
    for code, base in year_bases(payer, total, 12).items():
        assert found.get(code, (0,))[0] == base, code
    smic = payer.schedule.smic_year * sum(map(payer.schedule.presence, grosses))
    coefficient = payer.schedule.formula.coefficient(total * 12, smic)
    reduction = sum(result.general_reduction for result in results)
    assert reduction == coefficient * total
    assert results[-1].coefficient == coefficient
    assert booked.gross == total and booked.ceiling == payer.schedule.ceiling * 12


@examples
@given(SITUATIONS, st.lists(MONTHLY, min_size=12, max_size=12))
def test_reduced_rates_follow_the_limits_of_the_year(values, grosses):
    payer = salary(date(2025, 3, 1), **values)
    results, _booked = pay([payer] * 12, grosses)
    total, found = sum(grosses), sums(results)
    hours = HOURS * sum(map(payer.schedule.presence, grosses)) / 12
    for code, multiple in (("SS_MALADIE_PLUS", "2.25"), ("SS_FAMILLE_PLUS", "3.3")):
        limit = Decimal(multiple) * Decimal("11.88") * hours
        assert found.get(code, (0,))[0] == (total if total > limit else 0)


@examples
@given(SITUATIONS, st.lists(MONTHLY, min_size=1, max_size=12))
def test_2026_with_its_two_smics(values, grosses):
    """From January on, whatever the month of leaving: the SMIC in force changes."""
    salaries = [salary(date(2026, 1 + n, 1), **values) for n in range(len(grosses))]
    results, booked = pay(salaries, grosses)
    total, found = sum(grosses), sums(results)
    for code, base in year_bases(salaries[0], total, len(grosses)).items():
        assert found.get(code, (0,))[0] == base, code
    smic = sum(
        each.schedule.smic_year * each.schedule.presence(gross)
        for each, gross in zip(salaries, grosses, strict=True)
    )
    assert booked.smic == smic
    coefficient = salaries[0].schedule.formula.coefficient(total * 12, smic)
    assert sum(r.general_reduction for r in results) == coefficient * total


def test_order_of_the_months_does_not_matter_to_the_year():
    payer = salary()
    grosses = [Decimal(gross) for gross in (800, 9000, 0, 1500, 4005, 2500)]
    one, two = (sums(pay([payer] * 6, g)[0]) for g in (grosses, grosses[::-1]))
    for code in one.keys() | two.keys() - {"RGDU", "RGDU_REGUL"}:
        assert one.get(code, (0, 0, 0)) == two.get(code, (0, 0, 0)) or "RGDU" in code
    relief = [
        sum(found.get(code, (0, 0))[1] for code in ("RGDU", "RGDU_REGUL"))
        for found in (one, two)
    ]
    assert relief[0] == relief[1]


def test_a_high_month_takes_back_the_reduction_of_low_ones():
    """A settlement of 15 000 after eleven months of 1 500, all of it in December."""
    payer = salary()
    results, _ = pay([payer] * 12, [Decimal(1500)] * 11 + [Decimal(15000)])
    alone = sum(payer.direct(g).general_reduction for g in (1500,) * 11 + (15000,))
    assert results[-1].general_reduction < 0 < results[0].general_reduction
    total = sum(result.general_reduction for result in results)
    assert total < alone
    december = results[-1]
    assert line_of(december, "SS_VIEIL_PLAF").base == 15000  # 31 500 < 12 ceilings
    assert line_of(december, "CET") is None
    assert line_of(december, "RGDU_REGUL").employer_amount > 0
    # 31 500 against 12 SMIC: eleven of 1 500, one full.
    smic = Decimal(11 * 1500) + Decimal("12.02") * HOURS / 12
    assert december.coefficient == payer.schedule.formula.coefficient(
        Decimal(31500), smic
    )


def test_a_month_alone_is_what_it_was():
    payer = salary()
    assert payer.after(NOTHING) is payer
    assert payer.after(Booked.of({})) is payer


def test_what_is_booked_survives_its_text():
    payer = salary(date(2025, 3, 1))
    _, booked = pay([payer] * 3, [Decimal(1000), Decimal(1900), Decimal("1234.56")])
    read = Booked.of(booked.plain())
    assert abs(read.smic - booked.smic) < Decimal("0.00001")
    assert (read.gross, read.up_to_p, read.cet) == (
        booked.gross,
        booked.up_to_p,
        booked.cet,
    )
    assert "reduction" in booked.plain() and Booked.of({"gross": None}) == NOTHING


# The balance of a year, paid beside the pay of a month


@st.composite
def years_with_balance(draw):
    """Situation, monthly grosses, the month and gross of a balance, what is done."""
    month = draw(st.integers(0, 11))
    steps = draw(
        st.sampled_from(
            [
                ("own", "balance"),
                ("balance", "own"),
                ("balance", "balance", "own"),
                ("own", "balance", "undo own", "own"),
                ("balance", "own", "undo balance", "balance"),
                ("own", "undo own", "balance", "undo balance", "own", "balance"),
            ]
        )
    )
    grosses = draw(st.lists(MONTHLY, min_size=12, max_size=12))
    return draw(SITUATIONS), grosses, month, draw(MONTHLY), steps


def play(own, balance, earlier, grosses, steps):
    """What a month pays, whatever is done and undone in it: ``[(result, booked)]``.

    :param own: salary of the month's pay, ``balance`` of a balance
    :param grosses: ``{kind: gross}``; what is paid again after an undoing is less
    """
    posted = []
    for step in steps:
        if step.startswith("undo "):
            posted.remove(next(each for each in posted if each[0] == step[5:]))
            grosses = {**grosses, step[5:]: cents(grosses[step[5:]] / 3)}
            continue
        same = sum((booked for _kind, _result, booked in posted), NOTHING)
        payer = {"own": own, "balance": balance}[step].after(earlier, same)
        result = payer.direct(grosses[step])
        posted.append((step, result, payer.booked(result)))
    return posted


@examples
@given(YEARS, years_with_balance())
def test_twelve_months_and_a_balance_are_the_year_at_once(day, case):
    values, grosses, month, extra, steps = case
    payer = salary(day, **values)
    flat = dict.fromkeys(("health_total", "provident_total"), 0)
    balance = salary(day, **{**values, **flat})
    booked, results, totals = NOTHING, [], []
    for place, gross in enumerate(grosses):
        done = steps if place == month else ("own",)
        paid = play(payer, balance, booked, {"own": gross, "balance": extra}, done)
        results += [result for _kind, result, _booked in paid]
        booked += sum((each for _kind, _result, each in paid), NOTHING)
        totals.append(sum(result.gross for _kind, result, _booked in paid))
    total, found = sum(totals), sums(results)
    for code, base in year_bases(payer, total, 12).items():
        assert found.get(code, (0,))[0] == base, code
    schedule = payer.schedule
    smic = schedule.smic_year * sum(map(schedule.presence, totals))
    assert abs(booked.smic - smic) < Decimal("1e-20")
    coefficient = schedule.formula.coefficient(total * 12, booked.smic)
    reduction = sum(result.general_reduction for result in results)
    assert reduction == coefficient * total
    assert (booked.gross, booked.ceiling) == (total, schedule.ceiling * 12)
    # The cover is that of twelve months.
    assert found.get("MUTUELLE", (0,))[0] == 12 * Decimal(values["health_total"])


@examples
@given(SITUATIONS, MONTHLY, MONTHLY, st.integers(0, 5), MONTHLY)
def test_either_order_costs_the_same(values, own, extra, months, before):
    """To a cent: each pay rounds its cost."""
    payer = salary(**values)
    _, booked = pay([payer] * months, [before] * months)
    whole = payer.after(booked).direct(own + extra)
    for first, second in ((own, extra), (extra, own)):
        one = payer.after(booked).direct(first)
        same = payer.after(booked).booked(one)
        rest = salary(**{**values, "health_total": 0}).after(booked, same)
        two = rest.direct(second)
        assert abs(one.cost + two.cost - whole.cost) <= CENT
        assert abs(one.net_before_tax + two.net_before_tax - whole.net_before_tax) <= (
            CENT
        )
        assert rest.cost(second) == two.cost
        assert rest.gross_of_cost(two.cost) >= second


def test_a_balance_on_paper():
    """1 000.00 of fixed part, and a balance of 1 000.00 beside it.

    2 000.00 cost 2 248.32 in one pay, of which 1 039.86 are booked.
    """
    payer = salary()
    month = payer.direct(1000)
    beside = payer.after(NOTHING, payer.booked(month))
    balance = beside.direct(1000)
    assert (month.cost, balance.cost) == (Decimal("1039.86"), Decimal("1208.46"))
    assert balance.coefficient == payer.direct(2000).coefficient
    # 1 000.00 rebuild 83.19 hours of 151.67.
    assert balance.equivalent_hours == Decimal("68.47")
    employee = salary(contract="employee")
    rest = employee.after(NOTHING, employee.booked(employee.direct(2000)))
    assert rest.direct(1000).equivalent_hours == 0


# A part of a month


def test_entry_in_the_month_counts_calendar_days():
    part = salary(days=15, month_days=30)
    assert part.schedule.ceiling == Decimal("2002.50")
    assert line_of(part.direct(3000), "SS_VIEIL_PLAF").base == Decimal("2002.50")
    # Half the hours at most: 3 SMIC become 1.5.
    assert part.direct("2734.54").coefficient == Decimal("0.0200")
    assert part.direct("2734.55").coefficient == 0
    # Under the SMIC the hours follow the pay, as in a full month.
    assert part.direct(500).coefficient == salary().direct(500).coefficient
    employee = salary(contract="employee", days=15, month_days=30)
    assert employee.direct(1000).coefficient == (
        salary(contract="employee").direct(2000).coefficient
    )
    timed = salary(contract="employee", hours="151.67", days=15, month_days=30)
    assert timed.direct(1000).coefficient == employee.direct(1000).coefficient
    assert timed.direct(1000).equivalent_hours == Decimal("75.84")
    assert salary(days=0).direct(1000).general_reduction == 0


def test_entry_in_a_month_of_31_days():
    part = salary(days=16, month_days=31)
    assert part.schedule.ceiling == cents(Decimal(4005) * 16 / 31)
    assert part.schedule.full_presence == Decimal(16) / 30
    assert salary(days=30, month_days=31).schedule.full_presence == 1


def test_a_year_that_starts_in_its_middle():
    first = salary(days=10, month_days=31)
    rest = salary()
    grosses = [Decimal(6000), Decimal(1000), Decimal(1000)]
    results, booked = pay([first, rest, rest], grosses)
    ceiling = first.schedule.ceiling + 2 * Decimal(4005)
    assert booked.ceiling == ceiling
    assert booked.up_to_p == min(Decimal(8000), ceiling)
    assert sum(r.gross for r in results) == booked.gross


# Inverses after other months


def after(values, grosses):
    payer = salary(values.pop("day"), **values)
    _, booked = pay([payer] * len(grosses), grosses)
    return payer.after(booked)


PAST = st.lists(MONTHLY, min_size=1, max_size=6)
CASES = st.fixed_dictionaries(
    {
        "day": YEARS,
        "contract": st.sampled_from(["cesa", "employee"]),
        "headcount": st.sampled_from([5, 60]),
        "rounding": st.sampled_from(["none", "line"]),
    }
)
AMOUNTS = st.one_of(st.integers(0, 250_000), st.integers(0, 1_500_000)).map(
    lambda number: number * CENT
)


@examples
@given(CASES, PAST, AMOUNTS, AMOUNTS)
def test_largest_gross_within_the_budget(values, grosses, budget, other):
    month = after(dict(values), grosses)
    budget += month.cost(Decimal(0))
    result = month.from_cost(budget)
    assert result.cost <= budget
    assert result.exact == (result.cost == budget)
    for step in range(1, 400):
        assert month.cost(result.gross + step * CENT) > budget
    assert month.cost(result.gross + 4 + other) > budget


@examples
@given(CASES, PAST, AMOUNTS)
def test_gross_to_cost_and_back(values, grosses, gross):
    month = after(dict(values), grosses)
    cost = month.cost(gross)
    back = month.from_cost(cost)
    assert back.gross >= gross and back.cost <= cost
    if values["contract"] == "employee" and values["rounding"] == "none":
        assert back.gross == gross and back.exact


@examples
@given(CASES, PAST, AMOUNTS)
def test_cost_rises_but_where_it_is_documented(values, grosses, gross):
    """Only a CESA under the SMIC, after other months, may see its cost fall."""
    month = after(dict(values), grosses)
    full = month.schedule.full_time_pay
    assume(values["contract"] == "employee" or gross >= full)
    costs = [month.cost(gross + step * CENT) for step in range(50)]
    assert costs == sorted(costs)


@examples
@given(CASES, PAST, AMOUNTS)
def test_totals_are_the_sums_of_the_lines(values, grosses, gross):
    month = after(dict(values), grosses)
    result = month.direct(gross)
    relief = Group.RELIEF.value
    owed = [line for line in result.lines if line.group != relief]
    assert result.employer_contributions == sum(r.employer_amount for r in owed)
    assert result.employee_contributions == sum(r.employee_amount for r in owed)
    assert result.general_reduction == -sum(
        line.employer_amount for line in result.lines if line.group == relief
    )
    assert result.cost == month.cost(gross)
    assert result.net_before_tax == month.net(gross) == result.net_social
    assert result.net_taxable == month.taxable(gross)


@examples
@given(CASES, PAST, AMOUNTS)
def test_nets_to_gross(values, grosses, net):
    month = after(dict(values), grosses)
    ceiling = month._scale.last_under_ceiling
    for inverse, direct, name in (
        (month.from_net, month.net, "net_before_tax"),
        (month.from_taxable, month.taxable, "net_taxable"),
    ):
        result = inverse(net)
        found = getattr(result, name)
        assert result.exact == (found == net)
        if result.gross:
            assert found <= net
        assert direct(result.gross + CENT) > net or result.gross == ceiling


def test_well_paid_months_then_low_ones():
    """Above 3 SMIC, a CESA's low month rebuilds hours that bring the year under."""
    payer = salary()
    _, booked = pay([payer] * 3, [Decimal(5600)] * 3)
    month = payer.after(booked)
    (_zero, floor) = month._scale.floors
    assert month.cost(floor - CENT) > month.cost(floor) + 300
    assert month.direct(floor).coefficient > month.direct(floor - CENT).coefficient
    # A budget that both sides reach takes the larger gross.
    result = month.from_cost(100)
    assert result.gross > floor and month.cost(Decimal(50)) < 100
    with pytest.raises(PayrollError, match="CAE-PAY-BUDGET"):
        month.from_cost(month.cost(floor) - CENT)


# Before 2026


@pytest.mark.parametrize(
    ("day", "smic", "net"),
    [
        # https://juristique.org/conventionnel/smic-mai-2023
        (date(2024, 1, 1), "1766.92", "1398.69"),
        (date(2024, 11, 1), "1801.80", "1426.30"),
    ],
)
def test_published_net_of_the_smic(day, smic, net):
    result = salary(day, contract="employee").direct(smic)
    assert abs(result.net_before_tax - Decimal(net)) <= CENT


@pytest.mark.parametrize(
    ("day", "headcount", "largest"),
    [
        (date(2024, 1, 1), 30, "0.3194"),
        (date(2025, 4, 30), 60, "0.3234"),
        (date(2025, 5, 1), 30, "0.3193"),
        (date(2025, 12, 31), 60, "0.3233"),
    ],
)
def test_fillon(day, headcount, largest):
    payer = salary(day, contract="employee", headcount=headcount)
    smic = rates_on(day).number("smic_rgdu")
    pay_of_smic = cents(smic * HOURS / 12)
    assert payer.direct(pay_of_smic).coefficient == Decimal(largest)
    assert payer.direct(pay_of_smic / 2).coefficient == Decimal(largest)
    above = cents(pay_of_smic * Decimal("1.3"))
    expected = Decimal(largest) / Decimal("0.6") * (Decimal(16) / 13 - 1)
    assert abs(payer.direct(above).coefficient - expected) <= Decimal("0.0001")
    assert payer.direct(pay_of_smic * Decimal("1.6") + CENT).coefficient == 0


@pytest.mark.parametrize(
    ("day", "code", "limit", "points"),
    [
        (date(2024, 6, 1), "SS_MALADIE_PLUS", "4368.00", "0.06"),
        (date(2024, 6, 1), "SS_FAMILLE_PLUS", "6115.20", "0.018"),
        (date(2025, 6, 1), "SS_MALADIE_PLUS", "4054.05", "0.06"),
        (date(2025, 6, 1), "SS_FAMILLE_PLUS", "5945.94", "0.018"),
    ],
)
@pytest.mark.parametrize("contract", ["employee", "cesa"])
def test_limits_of_reduced_rates(day, code, limit, points, contract):
    payer = salary(day, contract=contract)
    at, above = (payer.direct(Decimal(limit) + cent) for cent in (0, CENT))
    assert line_of(at, code) is None
    assert line_of(above, code).employer_amount == above.gross * Decimal(points)
    assert payer.from_cost((at.cost + above.cost) / 2).gross == at.gross


# Parameters of the company


def test_alsace_moselle():
    local, usual = (salary(alsace_moselle=flag).direct(2000) for flag in (True, False))
    assert line_of(local, "SS_MALADIE_AM").employee_amount == 26
    assert line_of(local, "TA").employer_rate == Decimal("0.44")
    assert usual.net_before_tax - local.net_before_tax == 26
    assert usual.cost - local.cost == Decimal("4.80")
    assert line_of(usual, "SS_MALADIE_AM") is None


@pytest.mark.parametrize(
    ("headcount", "share", "local", "rate"),
    [
        (249, "0", False, None),
        (250, "0.99", False, "0.4"),
        (2000, "0", False, "0.4"),
        (2001, "0", False, "0.6"),
        (2001, "1", False, "0.2"),
        (300, "2", False, "0.1"),
        (300, "4.99", False, "0.05"),
        (300, "5", False, None),
        (300, "0", True, "0.208"),
    ],
)
def test_apprenticeship_supplement(headcount, share, local, rate):
    result = salary(
        headcount=headcount, apprentice_share=share, alsace_moselle=local
    ).direct(2000)
    line = line_of(result, "CSA_APP")
    assert (line and line.employer_rate) == (rate and Decimal(rate))


def test_provident_scheme():
    values = {"provident_employer_share": 60, "health_total": 50}
    percent = salary(provident_rate="1.5", **values).direct(5000)
    line = line_of(percent, "PREVOYANCE")
    assert (line.base, line.employer_amount, line.employee_amount) == (
        4005,
        Decimal("36.045"),
        Decimal("24.030"),
    )
    fixed = salary(provident_total=20, **values).direct(5000)
    line = line_of(fixed, "PREVOYANCE_FORFAIT")
    assert (line.employer_amount, line.employee_amount) == (12, 8)
    # The employer's part bears the forfait social, and CSG without abatement.
    assert line_of(fixed, "FORFAIT_SOC").base == 25 + 12
    without = salary(**values).direct(5000)
    assert line_of(fixed, "CSG_DED").base - line_of(without, "CSG_DED").base == 12
    assert line_of(without, "PREVOYANCE") is None


def test_health_waiver():
    result = salary(health_total=0).direct(2000)
    assert line_of(result, "MUTUELLE") is None
    assert line_of(result, "FORFAIT_SOC") is None


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2026, 7, 1)])
def test_lines_are_in_the_order_of_the_payslip(day):
    result = salary(
        day,
        executive=True,
        health_total=50,
        provident_rate=1,
        alsace_moselle=True,
        headcount=300,
    ).direct(9000)
    order = [group.value for group in Group]
    places = [order.index(line.group) for line in result.lines]
    assert places == sorted(places)
