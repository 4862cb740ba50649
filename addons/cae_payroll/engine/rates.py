"""Payroll parameters at a date.

Legal figures are data: one row per code and date of effect (model
``cae.payroll.rate``, shipped in ``data/cae.payroll.rate.csv``), one number per code.
Percentages are stored as people read them (13.00 for 13 %). A formula of the general
reduction is in force while the row ``formula_<name>`` is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from .amounts import HUNDRED, Decimal, decimal_of
from .errors import PayrollError

FORMULA = "formula_"


@dataclass(frozen=True, slots=True)
class RateRow:
    """A value of ``code`` from ``date_from`` to ``date_to``, both included.

    Without ``date_to`` the value holds until the next row of the same code.
    """

    code: str
    name: str
    date_from: date
    date_to: date | None
    value: Decimal

    @classmethod
    def of(cls, row: RateRow | Mapping[str, Any]) -> RateRow:
        """Read a mapping: a line of the CSV file, or a dictionary of ``read()``."""
        if isinstance(row, RateRow):
            return row
        code = row["code"]
        return cls(
            code=code,
            name=row["name"],
            date_from=_date_of(row["date_from"], code),
            date_to=_date_of(row["date_to"], code) if row.get("date_to") else None,
            value=decimal_of(row["value"], code, "CAE-PAY-RATE-DATA"),
        )

    def ended(self, day: date) -> bool:
        return self.date_to is not None and self.date_to < day


def _date_of(value: date | str, code: str) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PayrollError(
            "CAE-PAY-RATE-DATA", f"{code}: {value!r} is not a date"
        ) from None


@dataclass(frozen=True, eq=False)
class RateSet:
    """All the parameters that hold on ``day``. Compared, and hashed, by identity."""

    day: date
    rows: Mapping[str, RateRow]

    @classmethod
    def at(cls, rows: Iterable[RateRow | Mapping[str, Any]], day: date) -> RateSet:
        """Keep of ``rows`` those that hold on ``day``, the latest of each code.

        :param rows: :class:`RateRow`, or mappings with the keys ``code``, ``name``,
            ``date_from``, ``date_to`` (may be missing or empty) and ``value``; dates
            as ``date`` or ISO strings, values as decimal strings, decimals or floats
        :raises PayrollError: ``CAE-PAY-RATE-DATA``
        """
        latest: dict[str, RateRow] = {}
        for row in map(RateRow.of, rows):
            other = latest.get(row.code)
            if other and other.date_from == row.date_from:
                raise PayrollError(
                    "CAE-PAY-RATE-DATA",
                    f"{row.code}: two values from {row.date_from}",
                )
            if row.date_from <= day and (not other or other.date_from < row.date_from):
                latest[row.code] = row
        held = {code: row for code, row in latest.items() if not row.ended(day)}
        return cls(day, MappingProxyType(held))

    def _row(self, code: str) -> RateRow:
        try:
            return self.rows[code]
        except KeyError:
            raise PayrollError(
                "CAE-PAY-RATE", f"no value of {code} on {self.day}"
            ) from None

    def number(self, code: str) -> Decimal:
        """The value as stored. :raises PayrollError: ``CAE-PAY-RATE``"""
        return self._row(code).value

    def rate(self, code: str) -> Decimal:
        """A percentage as a fraction (13.00 gives 0.13)."""
        return self._row(code).value / HUNDRED

    def label(self, code: str) -> str:
        return self._row(code).name

    @property
    def formula(self) -> str:
        """Name of the formula of the general reduction in force."""
        names = [code for code in self.rows if code.startswith(FORMULA)]
        if len(names) != 1:
            raise PayrollError(
                "CAE-PAY-RATE",
                f"{len(names)} formulas of the general reduction on {self.day}",
            )
        return names[0].removeprefix(FORMULA)
