"""Rates of cae_payroll: the shipped data, and their choice by date."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from cae_payroll_engine import PayrollError, RateSet, Salary, Situation
from cae_payroll_engine.contributions import CONTRIBUTIONS

ROOT = Path(__file__).resolve().parents[2]
RATES = ROOT / "addons/cae_payroll/data/cae.payroll.rate.csv"
COLUMNS = [
    *("id", "code", "name", "date_from", "date_to"),
    *("value", "unit", "source", "note"),
]


@pytest.fixture(scope="module")
def rows():
    with RATES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def row(code="pmss", date_from="2026-01-01", date_to="", value="4005"):
    return {
        "code": code,
        "name": code,
        "date_from": date_from,
        "date_to": date_to,
        "value": value,
    }


def test_shipped_rows_are_complete(rows):
    for line in rows:
        assert list(line) == COLUMNS
        assert all(line[name] for name in COLUMNS if name not in ("date_to", "note"))
        month = line["date_from"][:7].replace("-", "_")
        assert line["id"] == f"rate_{line['code']}_{month}"
        assert Decimal(line["value"]) >= 0
    assert len({line["id"] for line in rows}) == len(rows)


def months(first=2024, last=2026):
    for year in range(first, last + 1):
        for month in range(1, 13):
            yield date(year, month, 1)
            yield date(year, month, 28)


@pytest.mark.parametrize("day", months())
def test_every_contribution_has_its_rates_in_every_month(rows, day):
    rates = RateSet.at(rows, day)
    for item in CONTRIBUTIONS:
        if item.given and day >= date(2026, 1, 1):
            assert item.given not in rates.rows
            continue
        assert rates.label(item.labelled_by)
        for code in (item.employer, item.employee, item.reaches, item.below):
            # The employee's share of a premium is what is left.
            left = code in ("health_ee", "provident_ee", "provident_fixed_ee")
            assert not code or left or code in rates.rows


@pytest.mark.parametrize("day", months())
def test_no_situation_lacks_a_rate_in_any_month(rows, day):
    """Every branch of the engine that asks for a rate, from 2024-01 to 2026-12."""
    rates = RateSet.at(rows, day)
    for contract in ("employee", "cesa", "cape"):
        for headcount in (5, 11, 50, 250, 2001):
            for share in ("0.5", "1.5", "2.5", "4", "5"):
                situation = Situation(
                    date=day,
                    contract=contract,
                    headcount=headcount,
                    at_rate=2,
                    apprentice_share=share,
                    alsace_moselle=headcount % 2 == 0,
                    executive=True,
                    smic_hours_basis="rgdu" if headcount < 50 else "current",
                )
                result = Salary(rates, situation).direct(20000)
                assert result.cost > 20000


@pytest.mark.parametrize("day", [day for day in months() if day.year < 2026])
def test_reduced_rates_and_their_limits_go_together(rows, day):
    rates = RateSet.at(rows, day)
    assert rates.rate("ss_maladie_er") + rates.rate("ss_maladie_more_er") == Decimal(
        "0.13"
    )
    family = rates.rate("ss_famille_er") + rates.rate("ss_famille_more_er")
    assert family == Decimal("0.0525")
    assert rates.formula == "fillon_2011"


@pytest.mark.parametrize(
    ("day", "reducible"),
    [("2024-01-01", "0.3194"), ("2025-04-30", "0.3194"), ("2025-05-01", "0.3193")],
)
def test_largest_coefficient_is_the_sum_of_its_rates(rows, day, reducible):
    """T, published on its own, is the sum of the rates that it covers (D.241-7)."""
    rates = RateSet.at(rows, date.fromisoformat(day))
    codes = ["ss_maladie_er", "ss_vieil_plaf_er", "ss_vieil_depl_er", "ss_famille_er"]
    codes += ["ss_csa_er", "fnal_lt50", "chomage_er", "aa_t1_er", "ceg_t1_er"]
    total = sum(rates.rate(code) for code in (*codes, "rgdu_at_cap"))
    assert total == rates.number("fillon_t_lt50") == Decimal(reducible)


def test_both_sides_of_a_contribution_have_one_label(rows):
    rates = RateSet.at(rows, date(2026, 7, 1))
    for item in CONTRIBUTIONS:
        if item.employer and item.employee in rates.rows:
            assert rates.label(item.employer) == rates.label(item.employee)


@pytest.mark.parametrize(
    ("day", "current"),
    [
        ("2026-01-01", "12.02"),
        ("2026-05-31", "12.02"),
        ("2026-06-01", "12.31"),
        ("2026-12-31", "12.31"),
    ],
)
def test_two_series_of_smic(rows, day, current):
    rates = RateSet.at(rows, date.fromisoformat(day))
    assert rates.number("smic_current") == Decimal(current)
    assert rates.number("smic_rgdu") == Decimal("12.02")
    assert rates.formula == "rgdu_2026"


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2027, 1, 1)])
def test_a_year_without_rates_is_refused(rows, day):
    situation = Situation(date=day, contract="cesa", headcount=20, at_rate=1)
    with pytest.raises(PayrollError, match="CAE-PAY-RATE: no value of") as caught:
        Salary(RateSet.at(rows, day), situation)
    assert caught.value.code == "CAE-PAY-RATE"


@pytest.mark.parametrize(
    "code", ["ss_famille_er", "crds_ee", "smic_rgdu", "headcount_cfp", "rgdu_at_cap"]
)
def test_a_missing_rate_is_named(rows, code):
    day = date(2026, 3, 1)
    kept = [line for line in rows if line["code"] != code]
    situation = Situation(date=day, contract="employee", headcount=20, at_rate=1)
    with pytest.raises(PayrollError, match=f"CAE-PAY-RATE: no value of {code}"):
        Salary(RateSet.at(kept, day), situation)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "0 formulas"),
        (["rgdu_2026", "rgdu_2027"], "2 formulas"),
        (["rgdu_2027"], "rgdu_2027 is not known"),
    ],
)
def test_exactly_one_known_formula(rows, names, message):
    day = date(2026, 3, 1)
    kept = [line for line in rows if not line["code"].startswith("formula_")]
    kept += [row(f"formula_{name}", value="1") for name in names]
    situation = Situation(date=day, contract="cesa", headcount=20, at_rate=1)
    with pytest.raises(PayrollError, match=f"CAE-PAY-RATE: .*{message}"):
        Salary(RateSet.at(kept, day), situation)


def test_rates_of_another_day_are_refused(rows):
    rates = RateSet.at(rows, date(2026, 5, 1))
    situation = Situation(
        date=date(2026, 6, 1), contract="cesa", headcount=20, at_rate=1
    )
    with pytest.raises(PayrollError, match="CAE-PAY-RATE: rates of 2026-05-01"):
        Salary(rates, situation)


def test_a_value_holds_until_the_next_one():
    lines = [row(value="1"), row(date_from="2026-06-01", value="2")]
    values = [
        RateSet.at(lines, date(2026, month, 1)).number("pmss") for month in (5, 6, 7)
    ]
    assert values == [1, 2, 2]


def test_an_ended_value_does_not_revive_the_one_before():
    lines = [
        row(value="1"),
        row(date_from="2026-06-01", date_to="2026-06-30", value="2"),
    ]
    assert RateSet.at(lines, date(2026, 6, 30)).number("pmss") == 2
    with pytest.raises(PayrollError, match="CAE-PAY-RATE"):
        RateSet.at(lines, date(2026, 7, 1)).number("pmss")


def test_rows_may_come_from_the_orm():
    """Dates as ``date``, no end as ``False``, values as floats."""
    line = row(value=12.02) | {"date_from": date(2026, 1, 1), "date_to": False}
    assert RateSet.at([line], date(2026, 1, 1)).number("pmss") == Decimal("12.02")


def test_percentages_are_read_as_fractions():
    rates = RateSet.at([row("x", value="13.00")], date(2026, 1, 1))
    assert rates.rate("x") == Decimal("0.13")


@pytest.mark.parametrize(
    "lines",
    [
        [row(), row()],
        [row(value="12,02")],
        [row(value="")],
        [row(value="nan")],
        [row(date_from="01/01/2026")],
        [row(date_to="2026-02-30")],
    ],
)
def test_wrong_rows_are_refused(lines):
    with pytest.raises(PayrollError, match="CAE-PAY-RATE-DATA") as caught:
        RateSet.at(lines, date(2026, 1, 1))
    assert caught.value.code == "CAE-PAY-RATE-DATA"
