"""Spreadsheets that are handed out, all written alike."""

import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: How a value is shown; the rest is text.
SHOWN = {"day": "dd/mm/yyyy", "amount": "#,##0.00", "hours": "0.00", "number": "0"}
#: Characters of a sheet's title at most, and of a column.
TITLE, WIDTH = 31, 22


def workbook(sheets: Iterable[tuple[str, list, list]], total: bool = False) -> bytes:
    """XLSX of sheets ``(title, header, rows)``; no header is an empty one.

    Days and numbers stay what they are: amounts are Decimals, hours floats, which are
    shown with two decimals and kept as they are (20 minutes, three times, are an
    hour). Text never becomes a formula.

    :param total: whether the last row of each sheet is a total
    """
    import xlsxwriter  # slow to load, and seldom needed

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    formats = _formats(book, {})
    last = _formats(book, {"bold": True, "top": 1}) if total else formats
    heading = book.add_format({"bold": True, "bottom": 1})
    for title, header, rows in sheets:
        sheet = book.add_worksheet(title[:TITLE] or None)
        sheet.set_column(0, max(len(header), len(rows[0]) if rows else 0), WIDTH)
        if header:
            for column, label in enumerate(header):
                sheet.write_string(0, column, label, heading)
            sheet.freeze_panes(1, 0)
        first = int(bool(header))
        for number, row in enumerate(rows, first):
            style = last if number == first + len(rows) - 1 else formats
            for column, value in enumerate(row):
                _write(sheet, number, column, value, style)
    book.close()
    return stream.getvalue()


def _formats(book, more):
    shown = {kind: {"num_format": text, **more} for kind, text in SHOWN.items()}
    shown["day"]["align"] = "left"
    return {
        kind: book.add_format(each) for kind, each in {**shown, "text": more}.items()
    }


def _kind(value):
    if value is False or value is True or value is None:
        return "text"
    if isinstance(value, date):
        return "day"
    if isinstance(value, Decimal):
        return "amount"
    if isinstance(value, float):
        return "hours"
    return "number" if isinstance(value, int) else "text"


def _write(sheet, row, column, value, formats):
    kind = _kind(value)
    if kind == "text":
        sheet.write_string(row, column, str(value or ""), formats[kind])
    elif kind == "day":
        sheet.write_datetime(row, column, value, formats[kind])
    else:
        sheet.write_number(row, column, float(value), formats[kind])
