"""The payroll journal: what each person's rows say of the payslip."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

#: Accounts of the gross, and of what is due to the person.
WAGE, NET = "641", "421"
#: Accounts of an entry of pay: staff, social bodies, State, taxes on wages, costs.
ACCOUNTS = re.compile(r"(?:4[2-5]|6[34])\d*", re.ASCII)
CHARGE = "6"
YEAR_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
MONTH_YEAR = re.compile(r"(\d{2})/(\d{4})", re.ASCII)


def first_day(period: str) -> str:
    """The first day of a period (``2026-01``, ``01/2026``); a day as it is."""
    period = period.strip()
    if YEAR_MONTH.fullmatch(period):
        return f"{period}-01"
    return f"01/{period}" if MONTH_YEAR.fullmatch(period) else period


def payslip(entry: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """The totals of a payslip from the rows of its person.

    :param entry: ``(account, debit − credit)`` of each row, adding up to zero
    :return: ``brut``, ``cout`` (gross and charges), ``net``, and each other account:
        what is due to bodies, parts of the gross and charges, all positive as usual
    """
    totals: dict[str, Decimal] = {}
    for account, balance in entry:
        totals[account] = totals.get(account, Decimal(0)) + balance
    gross = _sum(totals, WAGE)
    due = {account: total for account, total in totals.items() if account[0] != CHARGE}
    net = _sum(due, NET)
    return {
        "brut": gross,
        "cout": _sum(totals, CHARGE),
        "net": -net,
        **{a: total for a, total in totals.items() if a.startswith(CHARGE)},
        **{a: -total for a, total in due.items() if not a.startswith(NET)},
    }


def _sum(totals: dict[str, Decimal], prefix: str) -> Decimal:
    parts = (total for account, total in totals.items() if account.startswith(prefix))
    return sum(parts, Decimal(0))
