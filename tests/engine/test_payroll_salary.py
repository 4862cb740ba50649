"""Salary engine of cae_payroll: published cases, vectors, properties, speed.

``CAE_TEST_FULL=1`` widens the exhaustive ranges and the number of examples.
"""

import csv
import os
import time
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from cae_payroll_engine import PayrollError, RateSet, Salary, Situation, salary_for
from cae_payroll_engine.reduction import power
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
RATES = ROOT / "addons/cae_payroll/data/cae.payroll.rate.csv"
CASES = ROOT / "tests/data/payroll/urssaf_2026_cases.csv"
FULL = bool(os.environ.get("CAE_TEST_FULL"))

CENT = Decimal("0.01")
CEILING = Decimal(4005)
JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)
BASES = {"A": "current", "B": "rgdu"}
SMALL, LARGE = 30, 60

examples = settings(
    max_examples=3000 if FULL else 60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache
def rates_on(day):
    return RateSet.at(read(RATES), day)


def salary(day=JUNE, **values):
    defaults = {"contract": "cesa", "headcount": LARGE, "at_rate": "2.08"}
    return salary_for(rates_on(day), Situation(date=day, **{**defaults, **values}))


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def euros(first, last):
    """Every cent between two amounts, both included."""
    for number in range(int(Decimal(first) * 100), int(Decimal(last) * 100) + 1):
        yield number * CENT


# Cases drawn from URSSAF's public calculator


@pytest.mark.parametrize("case", read(CASES), ids=lambda case: case["gross"])
def test_urssaf_case(case):
    given_values = {
        name: case[name]
        for name in (
            "headcount",
            "at_rate",
            "mobility_rate",
            "health_total",
            "health_employer_share",
        )
    }
    result = salary(
        date.fromisoformat(case["date"]),
        contract="employee",
        hours="151.67",
        executive=case["executive"] == "1",
        **given_values,
    ).direct(case["gross"])
    for name in (
        "cost",
        "net_before_tax",
        "net_taxable",
        "net_social",
        "general_reduction",
        "employee_contributions",
    ):
        assert abs(getattr(result, name) - Decimal(case[name])) <= CENT, name


# Vectors of the domain dossier: June to December 2026, AT/MP 2.08 %, no health

# gross, basis, E, C, R, cost, net for 60 staff; C and cost for 30
DIRECT = """
500.00  A 220.98  0.3788 189.40 531.58  395.80  0.3750 529.23
500.00  B 220.98  0.4021 201.05 519.93  395.80  0.3981 517.68
1000.00 A 441.96  0.3788 378.80 1063.16 791.60  0.3750 1058.46
1000.00 B 441.96  0.4021 402.10 1039.86 791.60  0.3981 1035.36
1823.03 A 805.71  0.3788 690.56 1938.17 1443.11 0.3750 1929.60
1823.03 B 805.71  0.4021 733.04 1895.70 1443.11 0.3981 1887.49
1867.02 A 825.15  0.3788 707.23 1984.94 1477.93 0.3750 1976.17
2000.00 A 883.92  0.3178 635.60 2248.32 1583.19 0.3147 2237.52
2500.00 A 1104.90 0.1735 433.75 3171.15 1978.99 0.1719 3153.90
3000.00 A 1325.88 0.1008 302.40 4023.48 2374.79 0.0999 4000.68
3500.00 A 1546.86 0.0615 215.25 4831.61 2770.59 0.0611 4803.26
4005.00 A 1770.05 0.0395 158.20 5616.85 3170.35 0.0393 5583.61
5000.00 A 2220.40 0.0218 109.00 7111.40 3962.83 0.0218 7067.90
5469.09 A 2428.75 0.0200 109.38 7788.46 4339.08 0.0200 7740.51
5469.10 A 2428.75 0      0      7897.85 4339.09 0      7849.90
6000.00 A 2664.56 0      0      8664.56 4764.93 0      8611.56
"""


def table(text):
    return [line.split() for line in text.split("\n") if line]


@pytest.mark.parametrize("line", table(DIRECT), ids=lambda line: " ".join(line[:2]))
def test_direct_vector(line):
    gross, basis, *expected = line
    large = salary(smic_hours_basis=BASES[basis]).direct(gross)
    small = salary(headcount=SMALL, smic_hours_basis=BASES[basis]).direct(gross)
    assert [
        cents(large.employer_contributions),
        large.coefficient,
        cents(large.general_reduction),
        large.cost,
        large.net_before_tax,
        small.coefficient,
        small.cost,
    ] == [Decimal(value) for value in expected]


@pytest.mark.parametrize("gross", ["1867.02", "2222.22", "5469.09", "6000"])
def test_both_bases_agree_from_the_smic_up(gross):
    results = [salary(smic_hours_basis=basis).direct(gross) for basis in BASES.values()]
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("gross", "coefficient", "cost"),
    [
        ("500", "0.4021", "519.93"),
        ("1823.03", "0.4021", "1895.70"),
        ("2000", "0.3178", "2248.32"),
        ("3000", "0.1008", "4023.48"),
    ],
)
@pytest.mark.parametrize("basis", BASES.values())
def test_january_to_may_vector(gross, coefficient, cost, basis):
    result = salary(date(2026, 5, 31), smic_hours_basis=basis).direct(gross)
    assert (result.coefficient, result.cost) == (Decimal(coefficient), Decimal(cost))


# budget, staff, basis, gross, C, net, cost
INVERSE = """
1000 60 A 940.59  0.3788 744.57  1000
1000 60 B 961.67  0.4021 761.26  1000
1000 30 A 944.77  0.3750 747.88  1000
1000 30 B 965.85  0.3981 764.56  1000
1500 60 A 1410.89 0.3788 1116.86 1500
1500 60 B 1442.50 0.4021 1141.88 1500
1500 30 A 1417.15 0.3750 1121.81 1500
1500 30 B 1448.77 0.3981 1146.84 1500
2000 60 A 1874.48 0.3750 1483.83 2000
2000 30 A 1878.96 0.3691 1487.38 1999.89
2500 60 A 2131.36 0.2690 1687.18 2500
2500 30 A 2138.10 0.2642 1692.51 2499.99
3000 60 A 2403.72 0.1939 1902.78 2999.99
3000 30 A 2412.63 0.1901 1909.83 2999.77
4000 60 A 2985.83 0.1023 2363.58 4000
4000 30 A 2999.71 0.1000 2374.56 3999.99
5000 60 A 3606.83 0.0557 2855.16 5000
5000 30 A 3625.66 0.0544 2870.06 5000
8000 60 A 5539.83 0      4395.82 8000
8000 30 A 5573.72 0      4423.01 8000
"""


@pytest.mark.parametrize("line", table(INVERSE), ids=lambda line: " ".join(line[:3]))
def test_inverse_vector(line):
    budget, headcount, basis, *expected = line
    result = salary(headcount=int(headcount), smic_hours_basis=BASES[basis]).from_cost(
        budget
    )
    assert [
        result.gross,
        result.coefficient,
        result.net_before_tax,
        result.cost,
    ] == [Decimal(value) for value in expected]
    assert result.exact == (result.cost == Decimal(budget))


@pytest.mark.parametrize(
    ("headcount", "below", "above"),
    [(LARGE, "7788.46", "7897.85"), (SMALL, "7740.51", "7849.90")],
)
def test_cliff_at_three_smic(headcount, below, above):
    payer = salary(headcount=headcount)
    for budget in (below, Decimal(below) + 50, Decimal(above) - CENT):
        result = payer.from_cost(budget)
        assert (result.gross, result.cost) == (Decimal("5469.09"), Decimal(below))
        assert result.exact == (budget == below)
    assert payer.from_cost(above).gross == Decimal("5469.10")


@pytest.mark.parametrize(
    ("day", "smic", "net"),
    [(JANUARY, "1823.03", "1443.11"), (JUNE, "1867.02", "1477.93")],
)
def test_published_net_of_the_smic(day, smic, net):
    result = salary(day, contract="employee").direct(smic)
    assert result.net_before_tax == Decimal(net)


# Single rules


def line_of(result, code):
    (line,) = [line for line in result.lines if line.code == code]
    return line


def codes(result):
    return {line.code for line in result.lines}


def test_cet_is_due_on_the_whole_pay_above_the_ceiling():
    at, above = (salary().direct(gross) for gross in ("4005.00", "4005.01"))
    assert "CET" not in codes(at)
    assert line_of(above, "CET").base == Decimal("4005.01")
    assert above.cost - at.cost > 8
    assert at.net_before_tax - above.net_before_tax > 5


@pytest.mark.parametrize(
    ("headcount", "cfp", "fnal", "due"),
    [
        (10, "0.55", "0.10", set()),
        (11, "1", "0.10", {"VM", "FORFAIT_SOC"}),
        (49, "1", "0.10", {"VM", "FORFAIT_SOC"}),
        (50, "1", "0.50", {"VM", "FORFAIT_SOC", "PEEC"}),
    ],
)
def test_thresholds_of_headcount(headcount, cfp, fnal, due):
    result = salary(headcount=headcount, mobility_rate=2, health_total=60).direct(5000)
    assert line_of(result, "CFP").employer_rate == Decimal(cfp)
    assert line_of(result, "FNAL").employer_rate == Decimal(fnal)
    assert line_of(result, "FNAL").base == (5000 if headcount >= 50 else CEILING)
    assert codes(result) & {"VM", "FORFAIT_SOC", "PEEC"} == due


def test_executives():
    result = salary(executive=True, health_total=100).direct(20000)
    assert line_of(result, "PREV_CADRE").employer_amount == CEILING * Decimal("0.015")
    assert line_of(result, "APEC").base == 4 * CEILING
    protection = Decimal("60.075") + 50
    assert line_of(result, "FORFAIT_SOC").base == protection
    assert line_of(result, "CSG_DED").base == (
        4 * CEILING * Decimal("0.9825") + (20000 - 4 * CEILING) + protection
    )


def test_death_insurance_in_the_taxable_net_is_a_setting():
    yes, no = (
        salary(executive=True, tax_death_insurance=choice).direct(3000)
        for choice in (True, False)
    )
    assert yes.net_taxable - no.net_taxable == 45
    assert yes.net_before_tax == no.net_before_tax


def test_a_low_accident_rate_lowers_the_reduction():
    """The reduction never covers more than the employer's own rates (D.241-7)."""
    assert salary(at_rate="0.49").direct(500).coefficient == Decimal("0.3788")
    basis = {"smic_hours_basis": "rgdu"}
    assert salary(at_rate="0.49", **basis).direct(500).coefficient == Decimal("0.4021")
    result = salary(at_rate="0.09", **basis).direct(500)
    assert result.coefficient == Decimal("0.3981")


def test_part_time_reduces_the_reference_smic():
    half, full = (
        salary(contract="employee", hours=hours) for hours in ("75.835", "151.67")
    )
    assert half.direct(1000).coefficient == full.direct(2000).coefficient
    assert half.direct("2734.54").coefficient == Decimal("0.0200")
    assert half.direct("2734.55").coefficient == 0
    assert half.direct(1000).equivalent_hours == Decimal("75.84")


def test_full_time_is_not_rounded():
    assert salary(contract="employee").direct(2000) == (
        salary(contract="employee", hours="151.67").direct(2000)
    )


@pytest.mark.parametrize(
    ("day", "basis", "gross", "hours"),
    [
        # The federation's example, 1000 / 1466.62 x 151.67, with the SMIC of 2026.
        (JUNE, "current", "1000", "81.23"),
        (JUNE, "rgdu", "1000", "83.19"),
        (JANUARY, "current", "1000", "83.19"),
        (JUNE, "current", "1867.02", "151.67"),
        (JUNE, "current", "9000", "151.67"),
        (JUNE, "current", "0", "0"),
    ],
)
def test_equivalent_hours(day, basis, gross, hours):
    result = salary(day, smic_hours_basis=basis).direct(gross)
    assert result.equivalent_hours == Decimal(hours)


def test_no_pay():
    result = salary(health_total=80, health_employer_share=60).direct(0)
    assert result.general_reduction == 0
    assert result.cost == Decimal("51.84")  # 48 + forfait social
    assert result.net_before_tax == Decimal("-36.66")  # 32 + CSG and CRDS on 48


def test_cape_owes_what_needs_no_employment_contract():
    result = salary(contract="cape", health_total=50, executive=True).direct(1000)
    assert codes(result) == {
        "SS_MALADIE",
        "SS_ATMP",
        "SS_VIEIL_PLAF",
        "SS_VIEIL_DEPL",
        "SS_FAMILLE",
        "CHOMAGE",
        "CSG_DED",
        "CSG_TAX",
        "CRDS",
    }
    assert result.general_reduction == result.equivalent_hours == 0


def cape_with_flat_base(hourly):
    rows = [row for row in read(RATES) if row["code"] != "cape_atmp_hour_base"]
    rows.append(
        {
            "code": "cape_atmp_hour_base",
            "name": "Base",
            "date_from": "2026-01-01",
            "value": hourly,
        }
    )
    situation = Situation(date=JUNE, contract="cape", headcount=30, at_rate="2.10")
    return Salary(RateSet.at(rows, JUNE), situation)


def test_cape_without_pay():
    assert salary(contract="cape").direct(0).cost == 0
    unpaid = cape_with_flat_base("1.50").direct(0)
    assert unpaid.cost == Decimal("4.78")  # 227.50 at 2.10 %
    assert line_of(unpaid, "SS_ATMP").base == Decimal("227.5")


def test_cape_budget_under_the_flat_base_still_pays():
    payer = cape_with_flat_base("1.50")
    assert payer.from_cost(3).cost == 3
    assert payer.from_cost(3).gross > 2
    with pytest.raises(PayrollError, match="CAE-PAY-BUDGET"):
        payer.from_cost(0)


# Errors


@pytest.mark.parametrize(
    "values",
    [
        {"contract": "cdd"},
        {"smic_hours_basis": "b"},
        {"rounding": "cent"},
        {"at_rate": None},
        {"at_rate": "2,08"},
        {"at_rate": -1},
        {"mobility_rate": 101},
        {"health_employer_share": "nan"},
        {"health_total": -1},
        {"headcount": "many"},
        {"contract": "employee", "hours": 0},
        {"contract": "employee", "hours": -10},
    ],
)
def test_wrong_situation(values):
    with pytest.raises(PayrollError) as caught:
        salary(**values)
    assert caught.value.code == "CAE-PAY-VALUE"
    assert str(caught.value).startswith("CAE-PAY-VALUE: ")


@pytest.mark.parametrize("value", [-1, "-0.01", "x", None, float("nan"), 1e12])
def test_wrong_amounts(value):
    for method in ("direct", "from_net"):
        with pytest.raises(PayrollError, match="CAE-PAY-VALUE"):
            getattr(salary(), method)(value)


@pytest.mark.parametrize("budget", [-1, 0, "53.99"])
def test_budget_below_what_is_due_without_pay(budget):
    payer = salary(health_total=100)
    with pytest.raises(PayrollError, match="CAE-PAY-BUDGET"):
        payer.from_cost(budget)
    assert payer.from_cost(54).gross == 0


def test_floats_are_read_as_they_print():
    payer = salary(at_rate=2.08, headcount=60.0)
    assert payer.direct(2403.72) == salary().direct("2403.72")
    assert payer.from_cost(3000.0) == salary().from_cost(3000)


# Properties

EUROS = st.integers(0, 2_000_000).map(lambda number: number * CENT)
RATE = st.integers(0, 800).map(lambda number: number * CENT)

situations = st.fixed_dictionaries(
    {
        "day": st.sampled_from([JANUARY, JUNE]),
        "contract": st.sampled_from(["employee", "cesa", "cape"]),
        "headcount": st.sampled_from([5, 11, 50]),
        "at_rate": RATE,
        "mobility_rate": RATE,
        "hours": st.sampled_from([None, "35", "151.67", "169"]),
        "executive": st.booleans(),
        "health_total": st.sampled_from(["0", "58", "71.43"]),
        "health_employer_share": st.sampled_from([50, 60, 100]),
        "smic_hours_basis": st.sampled_from(["current", "rgdu"]),
        "rounding": st.sampled_from(["none", "line"]),
    }
)


@examples
@given(situations, EUROS)
def test_totals_are_the_sums_of_the_lines(values, gross):
    result = salary(**values).direct(gross)
    relief = [line for line in result.lines if line.group == "relief"]
    owed = [line for line in result.lines if line.group != "relief"]
    employer = sum(line.employer_amount for line in owed)
    employee = sum(line.employee_amount for line in owed)
    assert result.employer_contributions == employer
    assert result.employee_contributions == employee
    assert result.general_reduction == -sum(line.employer_amount for line in relief)
    assert result.cost == cents(gross + employer - result.general_reduction)
    assert result.net_before_tax == gross - cents(employee)
    noise = 10 * CENT if values["rounding"] == "line" else 0
    assert result.general_reduction <= employer + noise


@examples
@given(situations, EUROS)
def test_short_ways_agree_with_the_lines(values, gross):
    payer = salary(**values)
    result = payer.direct(gross)
    assert payer.cost(gross) == result.cost
    assert payer.net(gross) == result.net_before_tax


@examples
@given(situations, EUROS.filter(lambda gross: gross >= 1))
def test_line_rounding_gives_whole_cents(values, gross):
    exact = salary(**{**values, "rounding": "none"}).direct(gross)
    rounded = salary(**{**values, "rounding": "line"}).direct(gross)
    assert [line.code for line in rounded.lines] == [line.code for line in exact.lines]
    for line, other in zip(rounded.lines, exact.lines, strict=True):
        for name in ("base", "employer_amount", "employee_amount"):
            amount = getattr(line, name)
            assert amount == cents(amount)
            assert abs(amount - getattr(other, name)) < CENT
    assert abs(rounded.cost - exact.cost) <= 15 * CENT


@examples
@given(situations, EUROS)
def test_largest_gross_within_the_budget(values, budget):
    payer = salary(**values)
    assume(payer.cost(Decimal(0)) <= budget)
    result = payer.from_cost(budget)
    assert result.cost <= budget < payer.cost(result.gross + CENT)
    assert result.exact == (result.cost == budget)


@examples
@given(situations, EUROS)
def test_gross_to_cost_and_back(values, gross):
    payer = salary(**values)
    back = payer.from_cost(payer.cost(gross))
    assert back.exact
    if values["rounding"] == "none":
        assert back.gross == gross
    else:  # a cent of gross may then cost nothing
        assert back.gross >= gross


@examples
@given(situations, EUROS)
def test_net_to_gross(values, net):
    payer = salary(**values)
    result = payer.from_net(net)
    assert result.net_before_tax <= net < payer.net(result.gross + CENT) or (
        result.gross == CEILING
    )
    assert result.exact == (result.net_before_tax == net)


@examples
@given(situations, EUROS)
def test_gross_to_net_and_back(values, gross):
    payer = salary(**values)
    net = payer.net(gross)
    assume(net >= 0)
    back = payer.from_net(net)
    assert back.exact
    if gross <= CEILING or payer.net(CEILING) < net:
        assert (
            gross
            <= back.gross
            <= gross + (2 if values["rounding"] == "none" else 9) * CENT
        )
    else:
        assert back.gross <= CEILING


@examples
@given(EUROS, st.sampled_from(["1.75", "1.5", "2", "1.234"]))
def test_power(base, exponent):
    assume(base)
    expected = base ** Decimal(exponent)
    assert abs(power(base, Decimal(exponent)) / expected - 1) < Decimal("1e-25")


# Every cent: the cost never decreases, and the inverse is the true one

RANGES = [
    ("0", "4"),
    ("1820", "1826"),
    ("1864", "1870"),
    ("2403", "2413"),
    ("4003", "4007"),
    ("5467", "5471"),
    ("16018", "16022"),
    ("32038", "32042"),
]


@pytest.mark.parametrize("rounding", ["none", "line"])
@pytest.mark.parametrize("basis", BASES.values())
@pytest.mark.parametrize("headcount", [SMALL, LARGE])
def test_cost_never_decreases(headcount, basis, rounding):
    payer = salary(headcount=headcount, smic_hours_basis=basis, rounding=rounding)
    wide = ("1500", "2500") if rounding == "line" else ("0", "7000")
    for first, last in [*RANGES, *([wide] if FULL else [])]:
        costs = [payer.cost(gross) for gross in euros(first, last)]
        assert all(one <= two for one, two in zip(costs, costs[1:], strict=False))


@pytest.mark.parametrize(("first", "last"), [("2400", "2402"), ("4004", "4006")])
@pytest.mark.parametrize("rounding", ["none", "line"])
def test_every_budget_of_a_range(first, last, rounding):
    """Against a plain table of all costs, not against the engine's own search."""
    payer = salary(rounding=rounding)
    costs = {gross: payer.cost(gross) for gross in euros(first, last)}
    for budget in euros(costs[Decimal(first)], costs[Decimal(last)] - CENT):
        expected = max(gross for gross, cost in costs.items() if cost <= budget)
        assert payer.from_cost(budget).gross == expected


def test_every_net_around_the_ceiling():
    for rounding in ("none", "line"):
        payer = salary(rounding=rounding)
        nets = {gross: payer.net(gross) for gross in euros("3990", "4005")}
        for net in euros("3164", nets[CEILING]):
            expected = max(gross for gross, value in nets.items() if value <= net)
            assert payer.from_net(net).gross == expected
        assert payer.from_net(nets[CEILING] + CENT).gross > CEILING


# Speed


def test_speed():
    """0.5 ms per inversion is required; the bound leaves room for a busy machine."""
    payers = [salary(executive=executive) for executive in (False, True)]
    budgets = [Decimal(500 + 37 * step) for step in range(200)]
    spent = []
    for _round in range(3):
        start = time.perf_counter()
        for payer in payers:
            for budget in budgets:
                payer.from_cost(budget)
        spent.append((time.perf_counter() - start) / len(payers) / len(budgets))
    assert min(spent) < 0.0015


def test_salary_is_kept_for_the_same_situation():
    assert salary() is salary()
    assert salary() is not salary(at_rate="2.09")
