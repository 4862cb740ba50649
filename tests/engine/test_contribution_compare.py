"""Who pays more, who less, by how much: hand-made cases."""

from decimal import Decimal as D

import pytest
from cae_base_engine.contribution_compare import (
    BANDS,
    Change,
    Summary,
    percent,
    summary,
)


def change(current, amount):
    return Change(D(current), D(amount))


@pytest.mark.parametrize(
    ("current", "amount", "outcome", "rate", "band"),
    [
        ("1000.00", "1000.00", "same", "0.00", "e_same"),
        ("1000.00", "1000.01", "more", "0.00", "f_more"),  # 0.001 %
        ("1000.00", "1100.00", "more", "10.00", "f_more"),  # a limit is in the nearer
        ("1000.00", "1100.01", "more", "10.00", "g_more_10"),
        ("1000.00", "1250.00", "more", "25.00", "g_more_10"),
        ("1000.00", "1500.00", "more", "50.00", "h_more_25"),
        ("1000.00", "1500.01", "more", "50.00", "i_more_50"),
        ("1000.00", "999.00", "less", "-0.10", "d_less"),
        ("1000.00", "899.99", "less", "-10.00", "c_less_10"),
        ("1000.00", "700.00", "less", "-30.00", "b_less_25"),
        ("1000.00", "0.00", "less", "-100.00", "a_less_50"),
        ("300.00", "400.00", "more", "33.33", "h_more_25"),  # 100 / 300
        ("0.00", "40.00", "more", None, "j_new"),
        ("0.00", "0.00", "same", None, "e_same"),
        ("-20.00", "-30.00", "less", None, "a_less_50"),  # given back, and more so
    ],
)
def test_change(current, amount, outcome, rate, band):
    found = change(current, amount)
    assert (found.outcome, found.band) == (outcome, band)
    assert found.rate == (None if rate is None else D(rate))


def test_bands_are_in_the_order_of_their_names():
    """Odoo sorts the bars of a graph by the stored value."""
    assert list(BANDS) == sorted(BANDS)


def test_summary():
    found = summary(
        [
            change("1000.00", "900.00"),
            change("500.00", "500.00"),
            change("0.00", "40.00"),
            change("200.00", "350.50"),
            change("100.00", "99.99"),
        ]
    )
    # 1 800.00 and 1 890.49: + 40 + 150.50, − 100 − 0.01
    assert found == Summary(
        current=D("1800.00"),
        amount=D("1890.49"),
        more_count=2,
        more_amount=D("190.50"),
        most_more=D("150.50"),
        less_count=2,
        less_amount=D("-100.01"),
        most_less=D("-100.00"),
        same_count=1,
    )
    assert found.difference == D("90.49")


def test_summary_of_nothing():
    assert summary([]) == Summary()


def test_percent():
    assert percent(D("1.00"), D("3.00")) == D("33.33")
    assert percent(D("2.00"), D("3.00")) == D("66.67")
    assert percent(D("1.00"), D("0.00")) is None
