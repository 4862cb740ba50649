"""The month's pay elements as payroll software reads them: a table of text cells.

Two shapes. One row per person and contract: each column shows one value. One row per
element, as Silae's variable elements: the columns show the person, the code of the
element and its value; elements whose rows would differ by their value alone are added
up (the software keeps the last one only), and those that are zero are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Value = str | Decimal | date
Person = Mapping[str, Value]

#: Columns of a file with one row per element.
CODE, VALUE = "element_code", "element_value"
#: What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LINE_END = "\r\n"


@dataclass(frozen=True)
class Column:
    """A column of the file, or an element of a person.

    :param source: key of the person's value, or ``CODE`` or ``VALUE``
    :param code: of an element
    :param date_format: as ``strftime``, of a column that shows a day
    """

    label: str
    source: str
    code: str = ""
    date_format: str = "%d/%m/%Y"


@dataclass(frozen=True)
class Layout:
    """What the file looks like.

    :param elements: when there are some, the file has one row per element
    :param decimal_mark: ``,`` or ``.``
    """

    columns: tuple[Column, ...]
    elements: tuple[Column, ...] = ()
    decimal_mark: str = ","


def table(layout: Layout, people: Iterable[Person]) -> list[list[Value]]:
    """Values of the rows, people in the order of their matricule and contract key."""
    ordered = sorted(people, key=lambda p: (p["matricule"], p["contract_key"]))
    if layout.elements:
        return _element_rows(layout, ordered)
    return [[person[column.source] for column in layout.columns] for person in ordered]


def _element_rows(layout: Layout, people: Iterable[Person]) -> list[list[Value]]:
    """A row for each person and element as the columns show them.

    Two contracts of a person are one row, unless the file shows their keys.
    """
    totals: dict[tuple[Value, ...], Decimal] = {}
    for person in people:
        for element in layout.elements:
            shown = {**person, CODE: element.code, VALUE: ""}
            key = tuple(shown[column.source] for column in layout.columns)
            totals[key] = totals.get(key, Decimal(0)) + person[element.source]
    values = [column.source == VALUE for column in layout.columns]
    return [
        [
            total if is_value else cell
            for is_value, cell in zip(values, key, strict=True)
        ]
        for key, total in totals.items()
        if total
    ]


def texts(layout: Layout, row: Sequence[Value]) -> list[str]:
    """Cells of a row as text."""
    return [
        _text(value, column, layout.decimal_mark)
        for value, column in zip(row, layout.columns, strict=True)
    ]


def _text(value: Value, column: Column, decimal_mark: str) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", decimal_mark)
    if isinstance(value, date):
        return value.strftime(column.date_format)
    # Who opens the file must not run what somebody put into a name (OWASP, CSV
    # injection): an apostrophe makes it a text, as typed by hand.
    return f"'{value}" if value.startswith(FORMULA) else value


def write_csv(
    layout: Layout, rows: Iterable[Sequence[Value]], separator: str, header: bool
) -> str:
    """The file: cells quoted where they must be, lines ended as in Windows."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator=LINE_END)
    if header:
        writer.writerow([column.label for column in layout.columns])
    writer.writerows(texts(layout, row) for row in rows)
    return stream.getvalue()
