"""Reads the files of other programs: columns between ``;`` or tabs, quotes doubled.

UTF-8 with or without a byte order mark, UTF-16 with one (spreadsheets' "Unicode
text"), Windows-1252 when it is declared. Nothing is guessed: an undeclared file of
another encoding would load with wrong names.
"""

import base64
import binascii
import csv
import io
import unicodedata
from dataclasses import dataclass
from typing import Any

from .texts import short

DECLARED = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-1": "cp1252",
    "iso-8859-15": "iso-8859-15",
    "utf-16": "utf-16",
}
#: Names that people know, where Python has its own.
NAMES = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}
DELIMITERS = (";", "\t")


@dataclass(frozen=True)
class Problem:
    """Why data is refused.

    :param code: stable code (docs/api.md)
    :param row: row of the data, from 1; 0 when it is not about a row
    :param column: name of the column, or empty
    :param reason: key of the message
    :param values: what the message names
    """

    code: str
    row: int
    column: str
    reason: str
    values: tuple[tuple[str, Any], ...] = ()


class TableError(ValueError):
    """A file that cannot be read as a table; ``problem`` says why."""

    def __init__(self, problem: Problem):
        super().__init__(problem.code)
        self.problem = problem


def decoded(content_base64: object) -> bytes:
    """The content of a file given in base64.

    :raises TableError: ``CAE-FILE-ENCODING``
    """
    try:
        return base64.b64decode(content_base64 or b"", validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        problem = Problem("CAE-FILE-ENCODING", 0, "", "base64")
        raise TableError(problem) from error


def read_file(name: object, content_base64: object, encoding: object) -> list[dict]:
    """Rows of a file as other programs give it: see :func:`read_table`.

    :param name: of the file; no text is no name
    :param encoding: declared, UTF-8 when empty
    :raises TableError: ``CAE-FILE-ENCODING``, ``CAE-FILE-EMPTY``, ``CAE-FILE-COLUMN``
    """
    content = decoded(content_base64)
    name = name if isinstance(name, str) else ""
    return read_table(content, name, short(encoding or ""))


def read_table(content: bytes, name: str = "", encoding: str = "") -> list[dict]:
    """Rows of a file, one dictionary per line after the header.

    Blank lines stay, as rows of empty cells, so that row numbers are those of the
    spreadsheet less one.

    :param name: file name; ``clients.cp1252.csv`` declares its encoding
    :param encoding: the declared encoding, UTF-8 when empty
    :raises TableError: ``CAE-FILE-ENCODING``, ``CAE-FILE-EMPTY``, ``CAE-FILE-COLUMN``
    """
    text = _decode(content, encoding or declared(name))
    header, lines = _split(text)
    return [_row(header, number, cells) for number, cells in enumerate(lines, 1)]


def declared(name: str) -> str:
    """Encoding that a file name declares, or empty: ``clients.cp1252.csv``."""
    parts = name.lower().split(".")
    return next((part for part in parts[1:-1] if part in DECLARED), "")


def plain_name(name: Any) -> str:
    """A column's name without case, accents or spaces around."""
    text = unicodedata.normalize("NFKD", str(name)).strip().lower()
    return "".join(char for char in text if not unicodedata.combining(char))


def _decode(content: bytes, encoding: str) -> str:
    codec = DECLARED.get(encoding.strip().lower()) if encoding else "utf-8-sig"
    if not codec:
        _fail("CAE-FILE-ENCODING", 0, "", "encoding_unknown", encoding=encoding)
    if not encoding and content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf-16"
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        row, column = _locate(content, error.start)
        _fail(
            "CAE-FILE-ENCODING",
            row,
            column,
            "encoding",
            encoding=NAMES.get(codec, codec),
        )
    return text.removeprefix("\ufeff")


def _locate(content: bytes, position: int) -> tuple[int, str]:
    """Row and column of a byte that cannot be read."""
    lines = content[:position].split(b"\n")
    header = content.split(b"\n", 1)[0].decode("ascii", "replace").strip()
    delimiter = _delimiter(header)
    names = header.split(delimiter)
    index = lines[-1].count(delimiter.encode())
    column = names[index].strip('" \r') if len(lines) > 1 and index < len(names) else ""
    return len(lines) - 1, column


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _split(text: str) -> tuple[list[str], list[list[str]]]:
    """Header and lines; blank lines at the end are left out."""
    if "\x00" in text:
        _fail("CAE-FILE-ENCODING", 0, "", "encoding", encoding="UTF-8")
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(first))
    try:
        lines = list(reader)
    except csv.Error:
        _fail("CAE-FILE-COLUMN", reader.line_num, "", "table")
    while lines and not any(cell.strip() for cell in lines[-1]):
        lines.pop()
    if len(lines) < 2:
        _fail("CAE-FILE-EMPTY", 1, lines[0][0] if lines and lines[0] else "", "empty")
    return _header(lines[0]), lines[1:]


def _header(cells: list[str]) -> list[str]:
    names = [plain_name(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    for index, name in enumerate(names):
        if name in names[:index]:
            _fail("CAE-FILE-COLUMN", 1, name, "column_twice", column=name)
    return names


def _row(header: list[str], number: int, cells: list[str]) -> dict:
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    if extra:
        _fail("CAE-FILE-COLUMN", number, "", "cells_extra", value=extra[0][:40])
    if not any(cell.strip() for cell in cells):
        return dict.fromkeys(header, "")
    if len(cells) < len(header):
        column = header[len(cells)]
        _fail("CAE-FILE-COLUMN", number, column, "cells_missing", column=column)
    return dict(zip(header, cells, strict=False))


def _fail(code: str, row: int, column: str, reason: str, /, **values) -> None:
    raise TableError(Problem(code, row, column, reason, tuple(values.items())))
