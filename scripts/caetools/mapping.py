"""Turns the files of another system into our data sets, as a mapping says.

A mapping is a JSON file: for each data set the file it is made from, and where each of
our columns comes from. No cell is guessed: a value that the mapping does not know is an
error that names its file and row. ``docs/moving-in.md`` explains it by an example.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from . import demo_data
from .ui import Problem

#: Loading order: members lean on entrepreneurs.
ORDER = (*demo_data.DATASETS, "members")
NAMES = {**demo_data.DATASETS, "members": "associes.csv"}
RULES = {"column", "keep", "shared", "value", "values"}
ZERO = Decimal("0.00")
SPACES = dict.fromkeys(map(ord, " \u00a0\u202f"))


@dataclass(frozen=True)
class Converted:
    """A data set made from a file.

    :param sources: for each row, the row of the file it comes from; 0 for sums
    """

    dataset: str
    name: str
    rows: list[dict[str, str]]
    sources: list[int]

    def content(self) -> bytes:
        """The rows as a CSV file."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self.rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()


def read(path: Path) -> dict:
    """The mapping in a file.

    :raises Problem: when it is none
    """
    try:
        mapping = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(f"{path}: {error}") from None
    wrong = set(mapping) - {*ORDER, "note"}
    if wrong:
        known = ", ".join(ORDER)
        raise Problem(f"{path}: unknown data set {', '.join(sorted(wrong))}", known)
    return {name: mapping[name] for name in ORDER if name in mapping}


def convert(mapping: Mapping, folder: Path, only: str | None = None) -> list[Converted]:
    """The data sets of a folder, in loading order; those without a file are left out.

    :raises Problem: naming the file, the row and the column
    """
    chosen = {n: rule for n, rule in mapping.items() if only in (None, n)}
    found = [
        _dataset(name, rule, folder / rule["file"])
        for name, rule in chosen.items()
        if (folder / rule["file"]).is_file()
    ]
    if not found:
        names = ", ".join(rule["file"] for rule in chosen.values())
        raise Problem(f"nothing to load in {folder}", f"Expected: {names}")
    return found


def _dataset(name: str, rule: Mapping, path: Path) -> Converted:
    rows, sources = [], []
    for number, source in _kept(rule, path):
        rows.append(
            {ours: _cell(theirs, source, path, number)
             for ours, theirs in rule["columns"].items()}
        )  # fmt: skip
        sources.append(number)
    if "results" in rule:
        rows, sources = _results(rows, sources, rule["results"], path)
    if not rows:
        raise Problem(f"{path.name}: no row is left")
    return Converted(name, NAMES[name], rows, sources)


def _kept(rule: Mapping, path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a file with their numbers, without those that the mapping skips."""
    skip = rule.get("skip", {})
    for number, row in enumerate(_read(path, rule.get("encoding", "utf-8")), 1):
        for column in skip:
            _known(column, row, path)
        if not any(row[column].strip() in cells for column, cells in skip.items()):
            yield number, row


def _read(path: Path, encoding: str) -> list[dict[str, str]]:
    codec = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    try:
        text = path.read_bytes().decode(codec)
    except (LookupError, UnicodeDecodeError) as error:
        raise Problem(
            f"{path.name} is not {encoding}: {error}", "Declare its encoding."
        ) from None
    first = text.split("\n", 1)[0]
    delimiter = max(";\t,", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [{k: v or "" for k, v in row.items() if k} for row in reader]


def _cell(rule: str | Mapping, row: Mapping, path: Path, number: int) -> str:
    """What becomes one of our cells."""
    rule = {"column": rule} if isinstance(rule, str) else rule
    if set(rule) - RULES:
        raise Problem(f"unknown rule {', '.join(sorted(set(rule) - RULES))}")
    if "value" in rule:
        return rule["value"]
    found = _known(rule["column"], row, path).strip()
    if "shared" in rule:
        return _shares(found.split(rule["shared"]))
    if "values" in rule:
        if found not in rule["values"] and not rule.get("keep"):
            raise Problem(
                f"{path.name}, row {number}: {rule['column']} is {found!r}",
                f"The mapping knows: {', '.join(map(repr, rule['values']))}",
            )
        return rule["values"].get(found, found)
    return found


def _known(column: str, row: Mapping, path: Path) -> str:
    if column not in row:
        raise Problem(
            f"{path.name} has no column {column!r}", f"It has: {', '.join(row)}"
        )
    return row[column]


def _shares(people: list[str]) -> str:
    """Holders in equal parts, as ``E0001:60|E0002:40``; the first takes the rest."""
    codes = [person.strip() for person in people if person.strip()]
    if not codes:
        return ""
    part = (Decimal(100) / len(codes)).quantize(Decimal("0.001"))
    first = 100 - part * (len(codes) - 1)
    parts = [first, *[part] * (len(codes) - 1)]
    pairs = zip(codes, parts, strict=True)
    return "|".join(f"{code}:{share.normalize():f}" for code, share in pairs)


def _results(rows, sources, rule: Mapping, path: Path):
    """Rows of an opening whose accounts of results become one row per activity.

    They are the result of earlier years: on the credit account when it is a profit.
    """
    prefixes = tuple(rule["prefixes"])
    kept, sums = [], {}
    for row, number in zip(rows, sources, strict=True):
        if row["compte"].startswith(prefixes):
            key = row["activite"], row["date"]
            debit, credit = (
                _amount(row[side], path, number) for side in ("debit", "credit")
            )
            sums[key] = sums.get(key, ZERO) + debit - credit
        else:
            kept.append((row, number))
    for (activity, day), balance in sums.items():
        side = "debit" if balance > 0 else "credit"
        row = {"activite": activity, "date": day, "compte": rule[side]}
        row |= {"debit": "", "credit": "", side: str(abs(balance)).replace(".", ",")}
        if balance:
            kept.append(({**dict.fromkeys(rows[0], ""), **row}, 0))
    return [row for row, _number in kept], [number for _row, number in kept]


def _amount(text: str, path: Path, number: int) -> Decimal:
    try:
        return Decimal(text.translate(SPACES).replace(",", ".") or "0").quantize(ZERO)
    except InvalidOperation:
        raise Problem(f"{path.name}, row {number}: {text!r} is not an amount") from None
