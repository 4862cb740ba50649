"""Rows of sales between activities, and their rows in a statement; no database."""

from datetime import date
from decimal import Decimal as D

import pytest
from cae_base_engine import statement
from cae_base_engine.exchange import DATASETS, parse
from cae_base_engine.statement import Layout, Row, Span

DATASET = DATASETS["internal_sales"]
MARCH = Span(
    kind="month",
    first=date(2026, 3, 1),
    last=date(2026, 3, 31),
    year=date(2026, 1, 1),
    before=(date(2025, 1, 1), date(2025, 3, 31)),
)


def sale(**values):
    return {
        "numero": "V1", "date": "15/01/2026", "vendeur": "A1", "acheteur": "A2",
        "libelle": "Logo", "quantite": "1,5", "prix_unitaire": "350,00", **values,
    }  # fmt: skip


def found(*rows):
    return [(p.code, p.row, p.column) for p in parse(DATASET, rows).problems]


def test_rows_of_one_number_make_a_sale():
    parsed = parse(DATASET, [sale(), sale(libelle="Charte"), sale(numero="V2")])
    assert parsed.problems == []
    assert [len(document.rows) for document in parsed.documents] == [2, 1]
    values = parsed.documents[0].values
    assert values["quantite"] * values["prix_unitaire"] == D("525")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"acheteur": "A1"}, ("CAE-SALE-SAME", 1, "acheteur")),
        ({"quantite": "0"}, ("CAE-LOAD-AMOUNT", 1, "quantite")),
        ({"prix_unitaire": "-1"}, ("CAE-LOAD-AMOUNT", 1, "prix_unitaire")),
        ({"prix_unitaire": float("nan")}, ("CAE-LOAD-AMOUNT", 1, "prix_unitaire")),
        ({"vendeur": ""}, ("CAE-LOAD-REQUIRED", 1, "vendeur")),
        # 0.10 × 0.01 is 0.00
        (
            {"quantite": "0,10", "prix_unitaire": "0,01"},
            ("CAE-LOAD-AMOUNT", 1, "prix_unitaire"),
        ),
    ],
)
def test_what_is_wrong(values, problem):
    assert found(sale(**values)) == [problem]


@pytest.mark.parametrize("column", ["date", "vendeur", "acheteur"])
def test_lines_of_one_sale_share_its_heading(column):
    other = {"date": "16/01/2026", "vendeur": "A3", "acheteur": "A3"}[column]
    assert found(sale(), sale(**{column: other})) == [("CAE-LOAD-CONFLICT", 2, column)]


@pytest.mark.parametrize(
    ("code", "month", "shown"),
    [
        ("187100", date(2026, 3, 1), True),
        ("187100", date(2025, 2, 1), True),  # last year's column
        ("187000", date(2026, 3, 1), False),
        ("706000", date(2026, 3, 1), False),
    ],
)
def test_internal_sales_show_when_there_are_some(code, month, shown):
    layout = Layout(
        [
            Row("turnover", "Turnover", ("70",)),
            Row("internal_sales", "Internal", ("1871",)),
            Row("other_income", "Other", ("187",)),
        ]
    )
    rows = statement.income(MARCH, layout, {month: {code: D("-5.00")}})
    assert [row["key"] for row in rows] == [
        "turnover",
        *(["internal_sales"] if shown else []),
        "other_income",
    ]
