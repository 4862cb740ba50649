"""Figures of a statement: plain balances in, frozen texts out."""

import re
from datetime import date
from decimal import Decimal

from cae_base_engine import chart, statement
from cae_base_engine.statement import Layout, Layouts, Row, Span
from hypothesis import given
from hypothesis import strategies as st

INCOME = Layout(
    [
        Row("turnover", "Turnover", ("70",)),
        Row("purchases", "Purchases", ("601", "607"), debit=True),
        Row("gross_margin", "Margin", terms=((1, "turnover"), (-1, "purchases"))),
        Row("charges", "Charges", ("60", "61"), debit=True),
        Row("result", "Result", terms=((1, "gross_margin"), (-1, "charges"))),
    ]
)
BALANCE = Layout(
    [
        Row("customers", "Customers", ("41",), debit=True),
        Row("suppliers", "Suppliers", ("40",), debit=True),
        Row("cash", "Treasury", ("5", "181"), debit=True),
    ]
)
TREASURY = Layout(
    [
        Row("treasury", "Cash", ("5", "181"), debit=True, group="treasury"),
        Row("available", "Debts", ("40", "44"), debit=True, group="available"),
        Row("future", "Customers", ("41", "44574"), debit=True, group="future"),
    ]
)
WORDS = {"result": "Result", "carried": "Carried", "unplaced": "Other"}
LAYOUTS = Layouts(INCOME, BALANCE, TREASURY, WORDS)
MARCH = Span(
    "month",
    date(2026, 3, 1),
    date(2026, 3, 31),
    date(2026, 1, 1),
    (date(2025, 1, 1), date(2025, 3, 31)),
)
D = Decimal


def movements():
    """Sales in three months, a purchase, last year's sale and an unpaid rest."""
    return {
        date(2025, 2, 1): {"706000": D("-50.00"), "512000": D("50.00")},
        date(2026, 1, 1): {"706000": D("-100.00"), "411000": D("100.00")},
        date(2026, 3, 1): {
            "706000": D("-200.00"),
            "607000": D("30.00"),
            "613000": D("10.00"),
            "512000": D("150.00"),
            "411000": D("10.00"),
            "164000": D("0.00"),
        },
    }


def closing():
    """All of it since the beginning."""
    return statement.total(movements(), date.min, date.max)


def row(rows, key):
    """One row of a section."""
    return next(each for each in rows if each["key"] == key)


def figures(span=MARCH):
    """The figures of the example."""
    return statement.figures(span, LAYOUTS, movements(), closing())


def test_income_has_month_year_last_year_and_ratio():
    rows = figures()["income"]
    turnover = row(rows, "turnover")
    assert [turnover[c] for c in ("month", "to_date", "before", "ratio")] == [
        "200.00",
        "300.00",
        "50.00",
        "100.00",
    ]
    assert row(rows, "charges")["month"] == "10.00"
    assert row(rows, "result")["to_date"] == "260.00"
    assert row(rows, "result")["ratio"] == "86.67"
    assert row(rows, "result")["total"]
    assert not turnover["total"]


def test_result_is_the_whole_income_statement_whatever_the_rows():
    moved = {date(2026, 3, 1): {"706": D("-300.00"), "691": D("100.00")}}
    assert INCOME.place("691") is None
    rows = statement.income(MARCH, INCOME, moved)
    assert row(rows, "result")["month"] == "200.00"
    sheet = statement.balance_sheet(MARCH, LAYOUTS, moved, moved[date(2026, 3, 1)])
    assert row(sheet["liabilities"], "result")["amount"] == "200.00"


def test_no_turnover_no_ratio():
    rows = statement.income(MARCH, INCOME, {date(2026, 3, 1): {"613": D("5.00")}})
    assert {each["ratio"] for each in rows} == {False}


def test_longest_prefix_wins():
    assert INCOME.place("607100")[1].key == "purchases"
    assert INCOME.place("606100")[1].key == "charges"
    assert INCOME.place("999") is None


def test_balance_sheet_separates_the_result_of_earlier_years():
    sheet = figures()["balance"]
    assert row(sheet["liabilities"], "result")["amount"] == "260.00"
    assert row(sheet["liabilities"], "carried")["amount"] == "50.00"
    assert row(sheet["assets"], "customers")["amount"] == "110.00"
    assert sheet["assets_total"] == sheet["liabilities_total"] == "310.00"


def test_treasury_adds_up_group_by_group():
    money = statement.treasury(
        TREASURY,
        {"512": D("70.00"), "181": D("-20.00"), "401": D("-15.00"), "411": D("9.00")},
    )
    assert [money[group] for group in statement.GROUPS] == ["50.00", "35.00", "44.00"]
    assert money["parts"][0] == {
        "group": "treasury",
        "prefix": "181",
        "amount": "-20.00",
    }


def test_of_several_people_what_is_due_for_pay_is_one_amount():
    rows = [Row("staff", "Pay", ("42",)), Row("social", "Social", ("43",))]
    treasury = Layout([Row("available", "Due", ("42", "43"), group="available")])
    words = {**WORDS, "pay": "Pay, all of it"}
    together = Layouts(INCOME, Layout(rows), treasury, words).together()
    balances = {"421": D("-700.00"), "431": D("-300.00")}
    parts = statement.treasury(together.treasury, balances)["parts"]
    assert parts == [{"group": "available", "prefix": "42, 43", "amount": "-1000.00"}]
    sheet = statement.balance_sheet(MARCH, together, {}, balances)
    assert row(sheet["liabilities"], "42, 43")["amount"] == "1000.00"
    assert "-700.00" not in str(sheet)


def test_graph_goes_back_twelve_months_from_the_closing_balance():
    points = figures()["graph"]
    assert [points[0]["month"], points[-1]["month"]] == ["2025-04", "2026-03"]
    assert points[-1] == {
        "month": "2026-03",
        "turnover": "200.00",
        "treasury": "200.00",
    }
    assert points[-2]["treasury"] == "50.00"


def test_a_year_covers_its_months():
    first = date(2026, 1, 1)
    year = Span("year", first, date(2026, 12, 31), first, MARCH.before)
    turnover = row(statement.income(year, INCOME, movements()), "turnover")
    assert turnover["month"] == turnover["to_date"] == "300.00"


def test_hash_ignores_the_order_of_keys_and_sees_every_cent():
    one = {"a": "1.00", "b": [{"c": "é"}]}
    assert statement.digest(one) == statement.digest(dict(reversed(one.items())))
    assert statement.digest(one) != statement.digest({**one, "a": "1.01"})
    assert len(statement.digest(one)) == 64


def test_new_words_are_no_new_figures():
    one = {
        "header": {"name": "A"},
        "income": [{"key": "k", "label": "L", "month": "1"}],
    }
    two = {
        "header": {"name": "B"},
        "income": [{"key": "k", "label": "M", "month": "1"}],
    }
    assert statement.without_words(one) == statement.without_words(two)
    two["income"][0]["month"] = "2"
    assert statement.without_words(one) != statement.without_words(two)


def test_no_minus_zero():
    assert statement.text(D("-0.001")) == "0.00"


AMOUNTS = st.decimals(-(10**6), 10**6, places=2)
CODES = st.sampled_from(
    ["101", "164", "2154", "401", "411", "44571", "512", "181", "471", "607", "706"]
)


@given(st.dictionaries(CODES, AMOUNTS, max_size=8))
def test_both_sides_of_the_balance_sheet_are_equal(balances):
    balances = dict(balances)
    balances["580"] = -sum(balances.values(), D(0))
    sheet = statement.balance_sheet(MARCH, LAYOUTS, {}, balances)
    assert sheet["assets_total"] == sheet["liabilities_total"]


@given(st.lists(st.decimals("0.01", 10**6, places=2), min_size=1, max_size=9))
def test_the_cents_of_a_euro_add_up_to_one_euro(amounts):
    charges = [(str(i), str(i), amount) for i, amount in enumerate(amounts)]
    uses = statement.shared_uses(charges, D(1000))
    assert sum(D(use["per_euro"]) for use in uses) == 1
    total = sum(amounts)
    for use, (_key, _label, amount) in zip(uses, charges, strict=True):
        assert abs(D(use["per_euro"]) - amount / total) < D("0.01")


def test_without_contributions_no_share_of_a_euro():
    uses = statement.shared_uses([("61", "Rent", D(10))], D(0))
    assert uses[0]["per_euro"] is False


@given(st.lists(AMOUNTS, min_size=1, max_size=24))
def test_a_scale_holds_zero_and_every_value(values):
    grid = chart.scale(values)
    assert grid.low <= min([0, *values]) <= max([0, *values]) <= grid.high
    assert grid.low % grid.step == grid.high % grid.step == 0
    assert (grid.high - grid.low) / grid.step <= 6
    assert all(0 <= grid.y(value) <= chart.HEIGHT for value in values)


def test_the_graph_tells_its_bars_from_its_line_without_color():
    svg = chart.bars_and_line(["a", "<b>"], [D(5), D(-3)], [D(1), D(2)])
    assert svg.count("<rect") == 2
    assert svg.count("<circle") == 2
    assert 'stroke="#000000"' in svg
    assert "<b>" not in svg


def test_a_narrow_graph_keeps_everything_inside():
    months, values = list("NDJFMAMJJASO"), [D(n * 100) for n in range(12)]
    svg = chart.bars_and_line(months, values, values, width=380)
    assert 'viewBox="0 0 380 220"' in svg
    ends, points = (
        {float(x) for x in re.findall(f'{name}="([0-9.]+)"', svg)}
        for name in ("x2", "cx")
    )
    assert ends == {380}
    assert len(points) == 12 and max(points) < 380


@given(
    st.lists(st.decimals("0.01", 2000, places=2), min_size=1, max_size=9),
    st.decimals("0.01", 10**6, places=2),
    st.decimals(0, 10**5, places=2),
)
def test_what_the_time_went_to_adds_up(hours, charges, left):
    services = [(str(i), str(i), spent) for i, spent in enumerate(hours)]
    table = statement.shared_services(services, charges, D(1000), left)
    rows = table["rows"]
    assert sum(D(row["cost"]) for row in rows) == charges
    assert sum(D(row["share"]) for row in rows) == 100
    assert sum(D(row["per_euro"]) for row in rows) <= 1
    assert D(table["hours"]) == sum(hours)
    for row, spent in zip(rows, hours, strict=True):
        exact = charges * spent / sum(hours)
        assert abs(D(row["cost"]) - exact) < D("0.01")


def test_time_without_known_costs_is_told_in_hours():
    services = [("1", "Accounting", D(3)), ("2", "Legal help", D(1)), ("3", "x", D(0))]
    table = statement.shared_services(services, D(0), D(100))
    assert [row["share"] for row in table["rows"]] == ["75.00", "25.00"]
    assert table["hour_cost"] is table["rows"][0]["cost"] is False
    table = statement.shared_services(services, D(120), D(0))
    assert table["hour_cost"] == "30.00"
    assert [row["cost"] for row in table["rows"]] == ["90.00", "30.00"]
    assert table["rows"][0]["per_euro"] is False
    table = statement.shared_services(services, D(120), D(150), D(30))
    assert [row["per_euro"] for row in table["rows"]] == ["0.60", "0.20"]
