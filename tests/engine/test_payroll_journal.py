"""The payroll journal: rows of a person as the totals of a payslip."""

from decimal import Decimal as D

import pytest
from cae_payroll_engine import journal
from hypothesis import given
from hypothesis import strategies as st

CENTS = st.integers(-(10**7), 10**7).map(lambda cents: D(cents) / 100)
ACCOUNTS = st.sampled_from(
    ("641100", "641200", "645100", "6333", "425", "427000", "431000", "4421", "421")
)


def test_a_payslip_on_paper():
    entry = [
        ("641100", D("2800")), ("641200", D("200")), ("645100", D("900")),
        ("645100", D("-50")), ("421000", D("-2300")), ("4421", D("-70")),
        ("431000", D("-1480")),
    ]  # fmt: skip
    assert journal.payslip(entry) == {
        "brut": D("3000"), "cout": D("3850"), "net": D("2300"),
        "641100": D("2800"), "641200": D("200"), "645100": D("850"),
        "4421": D("70"), "431000": D("1480"),
    }  # fmt: skip


@given(st.lists(st.tuples(ACCOUNTS, CENTS), max_size=20))
def test_both_sides_of_a_balanced_entry_agree(entry):
    """cost = gross + charges = net + what is due, whatever the rows."""
    entry = [*entry, ("421", -sum((balance for _account, balance in entry), D(0)))]
    slip = journal.payslip(entry)
    accounts = {name: v for name, v in slip.items() if name.isdigit()}
    wages = sum(v for name, v in accounts.items() if name.startswith("641"))
    charges = sum(v for name, v in accounts.items() if name[0] == "6") - wages
    due = sum(v for name, v in accounts.items() if name[0] == "4")
    assert slip["brut"] == wages
    assert slip["cout"] == slip["brut"] + charges == slip["net"] + due


@given(st.lists(st.tuples(ACCOUNTS, CENTS), max_size=20), st.randoms())
def test_the_order_of_the_rows_is_nothing(entry, random):
    mixed = list(entry)
    random.shuffle(mixed)
    assert journal.payslip(mixed) == journal.payslip(entry)


@pytest.mark.parametrize(
    ("given_", "day"),
    [
        ("2026-01", "2026-01-01"),
        (" 01/2026 ", "01/01/2026"),
        ("31/01/2026", "31/01/2026"),
        ("2026-01-31", "2026-01-31"),
        ("x", "x"),
        ("", ""),
    ],
)
def test_periods_and_days(given_, day):
    assert journal.first_day(given_) == day


@pytest.mark.parametrize("account", ["641", "421000", "4386", "6333", "647"])
def test_accounts_of_pay(account):
    assert journal.ACCOUNTS.fullmatch(account)


@pytest.mark.parametrize("account", ["512000", "467", "6251", "641A", "", "٤٢١"])
def test_other_accounts(account):
    assert not journal.ACCOUNTS.fullmatch(account)
