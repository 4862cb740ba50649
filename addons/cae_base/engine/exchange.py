"""Checks rows of other programs before anything is written: plain Python, no database.

Eleven datasets (docs/api.md). A cell is what a French spreadsheet exports
(``"1 234,56"``, ``"08/01/2026"``) or a typed value (``1234.56``, ``"2026-01-08"``).
:func:`parse` reports every problem of the rows at once, each with its row and its
column, and groups rows into documents. What needs the database, such as references
to other records, is checked by the model ``cae.exchange``.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from .money import cents
from .people import FULL_SHARE
from .tabular import Problem, plain_name

SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009"))
APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4`"), "'")
MINUS = "\u2212"
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
LARGEST = Decimal(10) ** 12
YEARS = range(1900, 2101)


@dataclass(frozen=True)
class Column:
    """A column: how its cells are read and whether they may be empty."""

    name: str
    kind: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    sign: str = ""  # "positive" (> 0), "natural" (>= 0) or any


@dataclass(frozen=True)
class Row:
    """A row that was read: clean values by column."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Document:
    """What one key stands for: a record, or a document with its lines."""

    key: Any
    rows: tuple[Row, ...]

    @property
    def row(self) -> int:
        """Number of the first row."""
        return self.rows[0].number

    @property
    def values(self) -> Mapping[str, Any]:
        """Values of the first row: the heading of the document."""
        return self.rows[0].values


@dataclass(frozen=True)
class Dataset:
    """What a file holds.

    :param key: columns that name a document
    :param head: columns that the rows of one document share; all of them when one row
        is one document
    :param scattered: rows of a document may stand anywhere in the file
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("code",)
    head: tuple[str, ...] = ()
    scattered: bool = False

    @property
    def lines(self) -> bool:
        """Whether several rows make one document."""
        return bool(self.head)


@dataclass
class Parsed:
    """Result of :func:`parse`: sound documents, problems, and every key seen.

    :param broken: documents with a problem; cells that cannot be read are absent
    """

    documents: list[Document] = field(default_factory=list)
    broken: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    keys: set = field(default_factory=set)

    def add(self, code: str, row: int, column: str, reason: str, /, **values) -> None:
        """Report a problem."""
        self.problems.append(Problem(code, row, column, reason, tuple(values.items())))


class CellError(ValueError):
    """A cell that cannot be read."""

    def __init__(self, code: str, reason: str, /, **values):
        super().__init__(code)
        self.code, self.reason, self.values = code, reason, values


def optional(name: str, kind: str = "text", **options) -> Column:
    """A column whose cells may be empty."""
    return Column(name, kind, required=False, **options)


DATASETS = {
    dataset.name: dataset
    for dataset in (
        Dataset("schemes", (Column("code"), Column("libelle"))),
        Dataset(
            "entrepreneurs",
            (
                Column("code"),
                Column("nom"),
                Column("prenom"),
                Column("sexe", "choice", choices=("F", "M", "X")),
                optional("date_naissance", "date"),
                optional("email"),
                Column("date_entree", "date"),
                optional("date_sortie", "date"),
                optional("motif_sortie"),
                Column("statut", "choice", choices=("CAPE", "CESA")),
                optional("date_cesa", "date"),
                optional("part_fixe", "amount", sign="natural"),
                optional("date_associe", "date"),
                optional("conseiller"),
                optional("iban", "iban"),
            ),
        ),
        Dataset(
            "activities",
            (
                Column("code"),
                Column("nom"),
                optional("metier"),
                Column("date_debut", "date"),
                Column("bareme"),
                Column("entrepreneurs", "shares"),
            ),
        ),
        Dataset(
            "customers",
            (
                Column("code"),
                Column("activite"),
                Column("nom"),
                Column("type", "choice", choices=("entreprise", "particulier")),
                optional("siren", "siren"),
                optional("cp"),
                optional("ville"),
                optional("pays"),
            ),
        ),
        Dataset(
            "opening",
            (
                Column("activite"),
                Column("date", "date"),
                Column("compte"),
                optional("debit", "amount", sign="natural"),
                optional("credit", "amount", sign="natural"),
            ),
            key=("activite", "date"),
            head=("activite", "date"),
            scattered=True,
        ),
        Dataset(
            "invoices",
            (
                Column("numero"),
                Column("type", "choice", choices=("facture", "avoir")),
                optional("origine"),
                Column("date", "date"),
                Column("activite"),
                Column("client"),
                Column("libelle"),
                Column("quantite", "quantity"),
                Column("prix_unitaire_ht", "price"),
                Column("taux_tva", "rate", sign="natural"),
                Column("nature", "choice", choices=("service", "bien")),
            ),
            key=("numero",),
            head=("type", "origine", "date", "activite", "client"),
        ),
        Dataset(
            "bills",
            (
                Column("numero"),
                Column("date", "date"),
                Column("activite"),
                Column("code_fournisseur"),
                Column("fournisseur"),
                Column("libelle"),
                Column("montant_ht", "amount"),
                Column("taux_tva", "rate", sign="natural"),
                Column(
                    "nature", "choice", choices=("achat", "sous-traitance", "frais")
                ),
            ),
            key=("numero",),
        ),
        Dataset(
            "payments",
            (
                Column("reference"),
                Column("date", "date"),
                Column("document"),
                Column("montant_ttc", "amount", sign="positive"),
                Column("mode"),
            ),
            key=("reference",),
        ),
        Dataset(
            "bank_lines",
            (
                Column("journal"),
                Column("date", "date"),
                Column("libelle"),
                Column("montant", "amount"),
                optional("reference"),
                optional("partenaire"),
                Column("cle"),
            ),
            key=("journal", "cle"),
        ),
        Dataset(
            "expenses",
            (
                Column("numero"),
                Column("date", "date"),
                Column("activite"),
                Column("entrepreneur"),
                Column("libelle"),
                Column("compte"),
                Column("montant_ttc", "amount", sign="positive"),
                Column("taux_tva", "rate", sign="natural"),
                Column("mode", "choice", choices=("own", "company")),
            ),
            key=("numero",),
        ),
        Dataset(
            "internal_sales",
            (
                Column("numero"),
                Column("date", "date"),
                Column("vendeur"),
                Column("acheteur"),
                Column("libelle"),
                Column("quantite", "quantity", sign="positive"),
                Column("prix_unitaire", "price", sign="positive"),
            ),
            key=("numero",),
            head=("date", "vendeur", "acheteur"),
        ),
    )
}

# ----------------------------------------------------------------------------------
# Cells
# ----------------------------------------------------------------------------------


def text(value: Any) -> str:
    """A cell as text without spaces around; empty for None and False."""
    if value is None or value is False:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise CellError("CAE-LOAD-TYPE", "type", value=type(value).__name__)
    clean = unicodedata.normalize("NFC", str(value)).strip()
    if "\x00" in clean:
        raise CellError("CAE-LOAD-TYPE", "control")
    return clean


def fold(value: str) -> str:
    """Text without case, accents or typographic apostrophes, to compare words."""
    return plain_name(value.translate(APOSTROPHES))


def day(value: Any) -> date:
    """A date: ``08/01/2026``, ``2026-01-08`` or a date.

    :raises CellError: ``CAE-LOAD-DATE``
    """
    found = text(value)
    french, iso = FRENCH_DATE.fullmatch(found), ISO_DATE.fullmatch(found[:10])
    try:
        if french:
            result = date(*(int(part) for part in reversed(french.groups())))
        elif iso and found[10:] in ("", " 00:00:00", "T00:00:00"):
            result = date(*(int(part) for part in iso.groups()))
        else:
            raise ValueError(found)
    except ValueError as error:
        raise CellError("CAE-LOAD-DATE", "date", value=found) from error
    if result.year not in YEARS:
        raise CellError("CAE-LOAD-DATE", "date_year", value=found)
    return result


def number(value: Any, digits: int = 2) -> Decimal:
    """A number: ``1 234,56`` or a typed one, with ``digits`` decimals at most.

    :raises CellError: ``CAE-LOAD-AMOUNT``
    """
    if isinstance(value, bool) or isinstance(value, list | dict | tuple | set):
        raise CellError("CAE-LOAD-TYPE", "type", value=type(value).__name__)
    if isinstance(value, float):
        result = _finite(value, digits)
    else:
        found = text(value).translate(SPACES).replace(MINUS, "-")
        if not NUMBER.fullmatch(found):
            raise CellError("CAE-LOAD-AMOUNT", "amount", value=text(value)[:40])
        result = Decimal(found.replace(",", "."))
    if abs(result) >= LARGEST:
        raise CellError("CAE-LOAD-AMOUNT", "amount_large", value=f"{result:.0f}")
    rounded = result.quantize(Decimal(1).scaleb(-digits))
    if rounded != result:
        raise CellError(
            "CAE-LOAD-AMOUNT", "amount_digits", value=str(result), digits=digits
        )
    return rounded + Decimal(0)


def _finite(value: float, digits: int) -> Decimal:
    """The decimal a float stands for; sums of cents drift far below half a cent."""
    if not math.isfinite(value):
        raise CellError("CAE-LOAD-AMOUNT", "amount", value=str(value))
    if abs(value) >= LARGEST:
        return Decimal(value)
    result = Decimal(repr(value))
    rounded = round(result, digits)
    return rounded if abs(rounded - result) < Decimal("1e-7") else result


def shares(value: Any) -> tuple[tuple[str, Decimal], ...]:
    """Holders of an activity: ``E0001:60|E0002:40``, in percent.

    :raises CellError: ``CAE-SHARE-SUM``, ``CAE-LOAD-VALUE``, ``CAE-LOAD-AMOUNT``
    """
    result = []
    for pair in text(value).split("|"):
        code, colon, share = pair.partition(":")
        if not code.strip() or not colon:
            raise CellError("CAE-LOAD-VALUE", "shares", value=pair.strip())
        result.append((code.strip(), number(share, 3)))
    if len({code for code, _share in result}) < len(result):
        raise CellError("CAE-LOAD-VALUE", "shares_twice", value=text(value))
    total = sum(share for _code, share in result)
    if total != FULL_SHARE or any(share <= 0 for _code, share in result):
        raise CellError("CAE-SHARE-SUM", "shares_sum", total=f"{total.normalize():f}")
    return tuple(result)


def iban(value: Any) -> str:
    """An IBAN without spaces, its check digits verified (ISO 13616).

    :raises CellError: ``CAE-LOAD-IBAN``
    """
    found = text(value).translate(SPACES).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", found):
        raise CellError("CAE-LOAD-IBAN", "iban", value=found)
    digits = "".join(str(int(char, 36)) for char in found[4:] + found[:4])
    if int(digits) % 97 != 1:
        raise CellError("CAE-LOAD-IBAN", "iban", value=found)
    return found


def siren(value: Any) -> str:
    """A SIREN (9 digits) or SIRET (14 digits) without spaces.

    :raises CellError: ``CAE-LOAD-VALUE``
    """
    found = text(value).translate(SPACES)
    if not re.fullmatch(r"[0-9]{9}|[0-9]{14}", found):
        raise CellError("CAE-LOAD-VALUE", "siren", value=found)
    return found


READERS: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "date": day,
    "shares": shares,
    "iban": iban,
    "siren": siren,
}
DIGITS = {"amount": 2, "price": 2, "quantity": 2, "rate": 4}


def cell(column: Column, value: Any, digits: Mapping[str, int]) -> Any:
    """The clean value of a cell; None when it is empty.

    :raises CellError: when it cannot be read
    """
    if _blank(value):
        if column.required:
            raise CellError("CAE-LOAD-REQUIRED", "required", column=column.name)
        return None
    if column.kind == "choice":
        return _choice(column, text(value))
    if column.kind in DIGITS:
        return _signed(column, number(value, {**DIGITS, **digits}[column.kind]))
    return READERS[column.kind](value)


def _blank(value: Any) -> bool:
    return (
        value is None
        or value is False
        or (isinstance(value, str) and not value.strip())
    )


def _choice(column: Column, value: str) -> str:
    for choice in column.choices:
        if fold(choice) == fold(value):
            return choice
    raise CellError(
        "CAE-LOAD-VALUE", "choice", value=value, choices=", ".join(column.choices)
    )


def _signed(column: Column, value: Decimal) -> Decimal:
    if column.sign == "positive" and value <= 0:
        raise CellError("CAE-LOAD-AMOUNT", "amount_positive", value=str(value))
    if column.sign == "natural" and value < 0:
        raise CellError("CAE-LOAD-AMOUNT", "amount_negative", value=str(value))
    return value


# ----------------------------------------------------------------------------------
# Rows
# ----------------------------------------------------------------------------------


def parse(
    dataset: Dataset, rows: Sequence[Any], digits: Mapping[str, int] | None = None
) -> Parsed:
    """Read rows and group them into documents.

    Columns that the dataset does not know are ignored; blank rows are skipped.

    :param digits: decimals accepted by kind of number (``price``, ``quantity``)
    :return: documents without problem, in the order of the rows, and the problems
    """
    parsed = Parsed()
    sound = _read(dataset, rows, digits or {}, parsed)
    groups = _grouped(dataset, sound, parsed) if dataset.lines else _single(sound)
    check = CHECKS.get(dataset.name)
    kept: dict[Any, Document] = {}
    for document in groups:
        key = document.key
        if key in kept and content(kept[key]) != content(document):
            column = different(kept[key], document) or dataset.key[0]
            parsed.add(
                "CAE-LOAD-CONFLICT", document.row, column, "twice",
                key=key_text(key), first=kept[key].row,
            )  # fmt: skip
        elif key not in kept:
            kept[key] = document
    bad = {problem.row for problem in parsed.problems}
    for document in kept.values():
        before = len(parsed.problems)
        sound = not bad & {row.number for row in document.rows}
        if sound and check:
            check(document, parsed)
        sound = sound and len(parsed.problems) == before
        (parsed.documents if sound else parsed.broken).append(document)
    return parsed


def _read(dataset, rows, digits, parsed) -> list[tuple[Any, Row]]:
    """(key, row) of the rows that can be read."""
    result, missing = [], set()
    needed = {column.name for column in dataset.columns if column.required}
    for position, raw in enumerate(rows, 1):
        if not isinstance(raw, Mapping):
            parsed.add("CAE-LOAD-TYPE", position, "", "row", value=type(raw).__name__)
            continue
        cells = {plain_name(name): value for name, value in raw.items()}
        absent = {c.name for c in dataset.columns} - set(cells)
        for name in (c.name for c in dataset.columns if c.name in absent - missing):
            parsed.add("CAE-FILE-COLUMN", position, name, "column", column=name)
        missing |= absent
        if absent or all(_blank(value) for value in cells.values()):
            continue
        row = _read_row(dataset, position, cells, digits, parsed)
        key = tuple(row.values.get(name) for name in dataset.key)
        if not needed & {n for n, v in zip(dataset.key, key, strict=True) if v is None}:
            parsed.keys.add(key)
            result.append((key, row))
    return result


def _read_row(dataset, position, cells, digits, parsed) -> Row:
    values = {}
    for column in dataset.columns:
        try:
            values[column.name] = cell(column, cells[column.name], digits)
        except CellError as error:
            parsed.add(error.code, position, column.name, error.reason, **error.values)
    return Row(position, values)


def _single(sound: Iterable[tuple[Any, Row]]) -> list[Document]:
    return [Document(key, (row,)) for key, row in sound]


def _grouped(dataset, sound, parsed) -> list[Document]:
    """Rows that follow each other with one key make a document."""
    groups: list[tuple[Any, list[Row]]] = []
    for key, row in sound:
        if groups and groups[-1][0] == key:
            groups[-1][1].append(row)
        else:
            groups.append((key, [row]))
    if dataset.scattered:
        groups = _merged(groups)
    for key, lines in groups:
        _check_head(dataset, key, lines, parsed)
    return [Document(key, tuple(lines)) for key, lines in groups]


def _merged(groups):
    """Rows are sides of one entry, whatever their order in the file."""
    merged: dict[Any, list[Row]] = {}
    for key, lines in groups:
        merged.setdefault(key, []).extend(lines)
    return list(merged.items())


def _check_head(dataset, key, lines, parsed) -> None:
    first = lines[0].values
    for line in lines[1:]:
        for name in dataset.head:
            if (
                name in line.values
                and name in first
                and line.values[name] != first[name]
            ):
                parsed.add(
                    "CAE-LOAD-CONFLICT", line.number, name, "head",
                    key=key_text(key), first=lines[0].number,
                )  # fmt: skip


def content(document: Document) -> list[Mapping[str, Any]]:
    """Values of a document's rows, to tell whether two are the same."""
    return [row.values for row in document.rows]


def different(one: Document, other: Document) -> str:
    """First column in which two documents of one row each differ."""
    for a, b in zip(content(one), content(other), strict=False):
        for name in a:
            if a.get(name) != b.get(name):
                return name
    return ""


def key_text(key: Any) -> str:
    """A key in words."""
    parts = key if isinstance(key, tuple) else (key,)
    return " ".join(str(part) for part in parts if part is not None)


# ----------------------------------------------------------------------------------
# Documents
# ----------------------------------------------------------------------------------


def _check_entrepreneur(document: Document, parsed: Parsed) -> None:
    v, row = document.values, document.row

    def ordered(before, after):
        if v[before] and v[after] and v[before] > v[after]:
            parsed.add(
                "CAE-LOAD-DATE", row, after, "date_order", before=before, after=after
            )

    ordered("date_naissance", "date_entree")
    ordered("date_entree", "date_sortie")
    ordered("date_entree", "date_cesa")
    ordered("date_cesa", "date_sortie")
    if v["statut"] == "CESA" and not v["date_cesa"]:
        parsed.add(
            "CAE-LOAD-REQUIRED", row, "date_cesa", "required", column="date_cesa"
        )
    if v["statut"] == "CAPE" and v["date_cesa"]:
        parsed.add("CAE-LOAD-VALUE", row, "date_cesa", "cape_cesa")
    if v["motif_sortie"] and not v["date_sortie"]:
        parsed.add("CAE-LOAD-REQUIRED", row, "date_sortie", "exit_date")


def _check_opening(document: Document, parsed: Parsed) -> None:
    total = Decimal(0)
    for row in document.rows:
        debit, credit = (row.values[name] or 0 for name in ("debit", "credit"))
        if debit and credit:
            parsed.add("CAE-LOAD-AMOUNT", row.number, "credit", "both_sides")
        total += debit - credit
    if total:
        last = document.rows[-1].number
        parsed.add(
            "CAE-LOAD-BALANCE", last, "debit", "balance",
            key=document.key[0], gap=str(total),
        )  # fmt: skip


def _check_invoice(document: Document, parsed: Parsed) -> None:
    v, row = document.values, document.row
    if v["origine"] and v["type"] == "facture":
        parsed.add("CAE-LOAD-VALUE", row, "origine", "origin_invoice")
    if v["origine"] and v["origine"] == v["numero"]:
        parsed.add("CAE-LOAD-ORIGIN", row, "origine", "origin_self")
    for line in document.rows:
        amount = amount_excl(line)
        if abs(amount) >= LARGEST:
            parsed.add(
                "CAE-LOAD-AMOUNT", line.number, "prix_unitaire_ht", "amount_large",
                value=f"{amount:.0f}",
            )  # fmt: skip
    if sum(amount_excl(line) for line in document.rows) < 0:
        parsed.add("CAE-LOAD-AMOUNT", row, "prix_unitaire_ht", "total_negative")


def amount_excl(row: Row) -> Decimal:
    """Amount of an invoice line without VAT, not rounded."""
    return row.values["quantite"] * row.values["prix_unitaire_ht"]


def shared_vat(document: Document) -> dict[Decimal, Decimal]:
    """VAT of an invoice for each rate that services and goods both bear.

    VAT is computed on the document's total per rate. A ledger that keeps the VAT of
    services (due on payment) apart from that of goods (due on debits) rounds each of
    them, and may be a cent off the total.

    :return: ``{rate in percent: VAT of the document, half up to the cent}``
    """
    bases: dict[Decimal, Decimal] = {}
    natures: dict[Decimal, set[str]] = {}
    for row in document.rows:
        rate = row.values["taux_tva"]
        bases[rate] = bases.get(rate, Decimal(0)) + amount_excl(row)
        natures.setdefault(rate, set()).add(row.values["nature"])
    return {
        rate: cents(base * rate / 100)
        for rate, base in bases.items()
        if rate and len(natures[rate]) > 1
    }


def _check_bill(document: Document, parsed: Parsed) -> None:
    if not document.values["montant_ht"]:
        parsed.add("CAE-LOAD-AMOUNT", document.row, "montant_ht", "amount_zero")


def _check_bank_line(document: Document, parsed: Parsed) -> None:
    if not document.values["montant"]:
        parsed.add("CAE-LOAD-AMOUNT", document.row, "montant", "amount_zero")


def _check_internal_sale(document: Document, parsed: Parsed) -> None:
    v = document.values
    if v["vendeur"] == v["acheteur"]:
        parsed.add(
            "CAE-SALE-SAME", document.row, "acheteur", "sale_self", value=v["acheteur"]
        )
    for row in document.rows:
        if not cents(row.values["quantite"] * row.values["prix_unitaire"]):
            parsed.add("CAE-LOAD-AMOUNT", row.number, "prix_unitaire", "amount_zero")


CHECKS: dict[str, Callable[[Document, Parsed], None]] = {
    "entrepreneurs": _check_entrepreneur,
    "opening": _check_opening,
    "invoices": _check_invoice,
    "bills": _check_bill,
    "bank_lines": _check_bank_line,
    "internal_sales": _check_internal_sale,
}
__all__ = ["DATASETS", "Document", "Parsed", "Problem", "parse"]
