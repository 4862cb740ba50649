"""Reads bank statements: CSV of French banks, CAMT.053 and OFX. No database.

CAMT.053 is read with lxml (ISO 20022, message ``BkToCstmrStmt``), OFX with ofxparse;
both come with Odoo. Every problem is reported with its row and its column; nothing is
guessed. Each line has a key that stays the same when the file is read again: the
bank's own reference, else a digest of the line and of the balance after it, where the
file gives balances: two payments alike are told apart whatever file they come in. A
file without balances numbers the lines that are the same.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree
from ofxparse import OfxParser
from ofxparse.ofxparse import OfxParserException

from .exchange import CellError, day, fold, number, text
from .tabular import DECLARED, Problem, TableError, _decode, declared

#: Nothing that a bank sends for one account comes near this many bytes.
LARGEST_FILE = 10_000_000
DELIMITERS = (";", "\t", ",")
#: Banks write the account, its owner and its balance above the header.
PREAMBLE = 30
SHORT_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})", re.ASCII)
UNIT = re.compile(r"[ (\[]*(?:en )?(?:eur|euros?|€)[)\]]*$")
#: Names of columns in the files of French banks, without case and accents.
COLUMNS = {
    "date": (
        "date", "date operation", "date d'operation", "date de l'operation",
        "date comptable", "date de comptabilisation", "dateop", "date compta",
    ),
    "libelle": (
        "libelle", "libelle operation", "libelle de l'operation", "intitule",
        "description", "libelle simplifie", "designation", "label",
    ),
    "detail": (
        "informations complementaires", "detail", "details", "libelle complementaire",
        "libelle detaille", "detail de l'ecriture",
    ),
    "montant": ("montant", "montant de l'operation", "montant operation", "amount"),
    "debit": ("debit", "montant debit"),
    "credit": ("credit", "montant credit"),
    "solde": ("solde", "solde apres operation", "solde progressif", "balance"),
    "reference": (
        "reference", "ref", "reference operation", "numero de piece", "n° de piece",
        "reference de l'operation",
    ),
    "partenaire": ("partenaire", "tiers", "contrepartie", "beneficiaire"),
    "cle": ("cle", "identifiant", "id", "identifiant operation"),
}  # fmt: skip
ALIASES = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
BOOKED = "BOOK"
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
#: What banks write in the place of a reference.
NO_REFERENCE = ("NOTPROVIDED", "NONREF")


@dataclass(frozen=True)
class BankRow:
    """A movement of the account.

    :param number: row of the file, from 1
    :param amount: euros and cents, receipts positive
    :param iban: account of the other party
    :param key: stays the same when the file is read again
    :param balance: of the account after the movement, None when the file does not
        prove it
    """

    number: int
    day: date
    label: str
    amount: Decimal
    reference: str = ""
    partner: str = ""
    iban: str = ""
    key: str = ""
    balance: Decimal | None = None


@dataclass(frozen=True)
class Statement:
    """Movements of one account, with what the file says of it.

    :param account: IBAN or account number, empty when the file has none
    :param start: balance before the first movement, None when not given
    :param end: balance after the last one
    """

    rows: tuple[BankRow, ...]
    account: str = ""
    currency: str = ""
    name: str = ""
    start: Decimal | None = None
    end: Decimal | None = None


@dataclass
class Reading:
    """Result of :func:`read`: statements, and the problems that forbid their use."""

    statements: list[Statement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, row: int, column: str, reason: str, /, **values) -> None:
        """Report a problem."""
        self.problems.append(Problem(code, row, column, reason, tuple(values.items())))


def read(content: bytes, name: str = "", encoding: str = "") -> Reading:
    """Statements of a file; its format is told from its content.

    :param encoding: of a CSV or OFX file, UTF-8 when empty (or what an OFX declares)
    """
    reading = Reading()
    if len(content) > LARGEST_FILE:
        reading.add("CAE-BANK-SIZE", 0, "", "bank_size", size=LARGEST_FILE // 10**6)
        return reading
    reader = _reader(content)
    try:
        reader(content, encoding or declared(name), reading)
    except TableError as error:
        reading.problems.append(error.problem)
    if not reading.problems and not any(s.rows for s in reading.statements):
        reading.add("CAE-FILE-EMPTY", 0, "", "bank_empty")
    for statement in reading.statements:
        _check_balances(statement, reading)
    _number_keys(reading)
    return reading


def _reader(content: bytes) -> Callable[[bytes, str, Reading], None]:
    head = content[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    if b"OFXHEADER" in head or b"<OFX>" in head.upper():
        return _read_ofx
    return _read_camt if head.startswith(b"<") else _read_csv


def _check_balances(statement: Statement, reading: Reading) -> None:
    if statement.start is None or statement.end is None:
        return
    found = statement.start + sum(row.amount for row in statement.rows)
    if found != statement.end:
        reading.add(
            "CAE-BANK-BALANCE", 0, "", "bank_balance",
            start=str(statement.start), found=str(found), end=str(statement.end),
        )  # fmt: skip


def _number_keys(reading: Reading) -> None:
    """Give each movement its key, numbered when the file holds it several times."""
    seen: Counter[str] = Counter()

    def numbered(row: BankRow) -> BankRow:
        key = row.key or _digest(row)
        seen[key] += 1
        return replace(row, key=key if seen[key] == 1 else f"{key}/{seen[key]}")

    reading.statements = [
        replace(statement, rows=tuple(numbered(row) for row in _balanced(statement)))
        for statement in reading.statements
    ]


def _balanced(statement: Statement) -> Iterator[BankRow]:
    """Movements, with the balance after each where the statement gives both ends."""
    if statement.start is None or statement.end is None:
        yield from statement.rows
        return
    running = statement.start
    for row in statement.rows:
        running += row.amount
        yield replace(row, balance=running)


def _digest(row: BankRow) -> str:
    parts = [row.day.isoformat(), str(row.amount), row.label, row.reference]
    if row.balance is not None:
        parts.append(str(row.balance))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:24]


def _text(content: bytes, encoding: str) -> str:
    decoded = _decode(content, encoding)
    if "\x00" in decoded:
        problem = Problem(
            "CAE-FILE-ENCODING", 0, "", "encoding", (("encoding", encoding or "utf-8"),)
        )
        raise TableError(problem)
    return decoded


def _joined(parts: Iterable[str]) -> str:
    """Texts in one, each once; spaces that banks fill up with are taken out."""
    clean = (" ".join(part.split()) for part in parts if part)
    return " ".join(dict.fromkeys(part for part in clean if part))


# ----------------------------------------------------------------------------------
# CSV
# ----------------------------------------------------------------------------------


def _read_csv(content: bytes, encoding: str, reading: Reading) -> None:
    decoded = _text(content, encoding)
    header, lines = _table(decoded)
    if not header:
        reading.add("CAE-FILE-COLUMN", 0, "", "bank_columns")
        return
    rows: list[BankRow] = []
    balances: list[tuple[int, Decimal, Decimal]] = []
    for position, cells in enumerate(lines, 1):
        padded = cells + [""] * (len(header) - len(cells))
        values = dict(zip(header, padded, strict=False))
        if not any(cell.strip() for cell in cells):
            continue
        cell = _Cells(values, position, reading)
        row = _csv_row(cell)
        if row:
            rows.append(row)
            balance = cell.amount("solde")
            if balance is not None:
                balances.append((position, row.amount, balance))
    _check_running(balances, reading)
    if len(balances) == len(rows):
        # Some banks write the balance of a day on its last line alone: a line has it
        # in one file and not in the next.
        rows = [
            replace(row, balance=balance)
            for row, (_position, _amount, balance) in zip(rows, balances, strict=True)
        ]
    reading.statements.append(Statement(tuple(rows)))


def _table(decoded: str) -> tuple[list[str], list[list[str]]]:
    """Known names of the columns, and the lines under the header."""
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter)
        try:
            lines = list(reader)
        except csv.Error:
            continue
        for index, cells in enumerate(lines[:PREAMBLE]):
            names = [_known(cell) for cell in cells]
            money = "montant" in names or {"debit", "credit"} <= set(names)
            if "date" in names and "libelle" in names and money:
                return names, lines[index + 1 :]
    return [], []


def _known(cell: str) -> str:
    """What a column is, whatever the bank calls it."""
    name = " ".join(fold(cell).split())
    return ALIASES.get(UNIT.sub("", name).strip(), name)


class _Cells:
    """Cells of a row; what cannot be read is reported."""

    def __init__(self, values: dict[str, str], position: int, reading: Reading):
        self.values, self.position, self.reading = values, position, reading

    def text(self, name: str) -> str:
        return _joined([text(self.values.get(name, ""))])

    def amount(self, name: str) -> Decimal | None:
        return self._read(name, number) if self.text(name) else None

    def day(self, name: str) -> date | None:
        return self._read(name, lambda value: day(_long_date(value)))

    def _read(self, name: str, convert: Callable[[str], Any]) -> Any:
        try:
            return convert(self.text(name))
        except CellError as error:
            self.report(error.code, name, error.reason, **error.values)
            return None

    def report(self, code: str, name: str, reason: str, /, **values) -> None:
        self.reading.add(code, self.position, name, reason, **values)


def _long_date(value: str) -> str:
    """``31/01/26`` and ``31.01.2026`` as ``31/01/2026``."""
    found = SHORT_DATE.fullmatch(value)
    if not found:
        return value
    first, second, year = found.groups()
    return f"{first}/{second}/{year if len(year) == 4 else '20' + year}"


def _csv_row(cell: _Cells) -> BankRow | None:
    before = len(cell.reading.problems)
    when = cell.day("date")
    amount = _csv_amount(cell)
    label = _joined([cell.text("libelle"), cell.text("detail")])
    if not label:
        cell.report("CAE-LOAD-REQUIRED", "libelle", "required", column="libelle")
    if len(cell.reading.problems) > before or when is None or amount is None:
        return None
    return BankRow(
        number=cell.position,
        day=when,
        label=label,
        amount=amount,
        reference=cell.text("reference"),
        partner=cell.text("partenaire"),
        key=cell.text("cle"),
    )


def _csv_amount(cell: _Cells) -> Decimal | None:
    """The amount, or credit less debit: banks write debits with or without a sign."""
    if "montant" in cell.values:
        amount, column = cell.amount("montant"), "montant"
        given = bool(cell.text("montant"))
    else:
        debit, credit = cell.amount("debit"), cell.amount("credit")
        column, given = "debit", bool(cell.text("debit") or cell.text("credit"))
        if debit and credit:
            cell.report("CAE-LOAD-AMOUNT", "credit", "both_sides")
        amount = (credit or Decimal(0)) - abs(debit or Decimal(0))
    if not given:
        cell.report("CAE-LOAD-REQUIRED", column, "required", column=column)
    elif amount == 0:
        cell.report("CAE-LOAD-AMOUNT", column, "amount_zero")
    return amount


def _check_running(
    balances: Sequence[tuple[int, Decimal, Decimal]], reading: Reading
) -> None:
    """Each balance is the one before plus the movement; files go up or down in time."""
    up = [
        position
        for (_before, _a, start), (position, amount, balance) in _pairs(balances)
        if start + amount != balance
    ]
    down = [
        position
        for (_before, amount, balance), (position, _a, start) in _pairs(balances)
        if start + amount != balance
    ]
    if up and down:
        reading.add("CAE-BANK-BALANCE", min(up, down, key=len)[0], "solde", "running")


def _pairs(values: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(values, values[1:], strict=False)


# ----------------------------------------------------------------------------------
# CAMT.053
# ----------------------------------------------------------------------------------


def _read_camt(content: bytes, _encoding: str, reading: Reading) -> None:
    root = _xml(content)
    if root is None:
        reading.add("CAE-BANK-XML", 0, "", "bank_xml")
        return
    position = 0
    for found in root.findall("{*}BkToCstmrStmt/{*}Stmt"):
        rows: list[BankRow] = []
        for entry in found.findall("{*}Ntry"):
            position += 1
            if (_at(entry, "Sts", "Cd") or _at(entry, "Sts")) == BOOKED:
                rows += _camt_rows(entry, position, reading)
        reading.statements.append(_camt_statement(found, rows, reading))
    if not reading.statements:
        reading.add("CAE-BANK-XML", 0, "", "bank_xml")


def _xml(content: bytes) -> Any:
    """Root of the document, None when it is not sound; no entity is ever resolved."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.parse(io.BytesIO(content), parser)
    except etree.XMLSyntaxError:
        return None
    return None if tree.docinfo.doctype else tree.getroot()


def _at(element: Any, *path: str) -> str:
    """Text under an element, whatever the version of the message."""
    found = element.find("/".join("{*}" + name for name in path))
    return " ".join((found.text or "").split()) if found is not None else ""


def _camt_statement(found: Any, rows: list[BankRow], reading: Reading) -> Statement:
    balances = {}
    for balance in found.findall("{*}Bal"):
        amount = _camt_amount(balance, 0, reading)
        balances.setdefault(_at(balance, "Tp", "CdOrPrtry", "Cd"), amount)

    def first(codes: tuple[str, ...]) -> Decimal | None:
        return next((balances[code] for code in codes if code in balances), None)

    amounts = [e.get("Ccy", "") for e in found.findall("{*}Bal/{*}Amt")]
    return Statement(
        rows=tuple(rows),
        account=_at(found, "Acct", "Id", "IBAN")
        or _at(found, "Acct", "Id", "Othr", "Id"),
        currency=_at(found, "Acct", "Ccy") or next(iter(amounts), ""),
        name=_at(found, "Id"),
        start=first(OPENING),
        end=first(CLOSING),
    )


def _camt_amount(element: Any, position: int, reading: Reading) -> Decimal:
    """Signed amount of an entry or a balance; 0 when it cannot be read."""
    side = _at(element, "CdtDbtInd")
    try:
        amount = number(_at(element, "Amt"))
        if side not in ("CRDT", "DBIT"):
            raise CellError(
                "CAE-LOAD-VALUE", "choice", value=side, choices="CRDT, DBIT"
            )
    except CellError as error:
        reading.add(error.code, position, "Amt", error.reason, **error.values)
        return Decimal(0)
    return amount if side == "CRDT" else -amount


def _camt_rows(entry: Any, position: int, reading: Reading) -> list[BankRow]:
    """A row per entry, or one per transaction when the bank details a batch."""
    amount = _camt_amount(entry, position, reading)
    when = _camt_day(entry, position, reading)
    if when is None or not amount:
        return []
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    currency = _currency(entry, "Amt")
    parts = [_detail_amount(detail, amount, currency) for detail in details]
    if len(details) < 2 or None in parts or sum(parts) != amount:  # type: ignore
        detail = details[0] if len(details) == 1 else None
        return [_camt_row(entry, detail, position, when, amount)]
    return [
        _camt_row(entry, detail, position, when, part)
        for detail, part in zip(details, parts, strict=True)
        if part
    ]


def _camt_day(entry: Any, position: int, reading: Reading) -> date | None:
    found = next(
        filter(
            None,
            (_at(entry, tag, kind)[:10] for tag in ("BookgDt", "ValDt")
             for kind in ("Dt", "DtTm")),
        ),
        "",
    )  # fmt: skip
    try:
        return day(found)
    except CellError as error:
        reading.add(error.code, position, "BookgDt", error.reason, **error.values)
        return None


def _currency(element: Any, *path: str) -> str:
    found = element.find("/".join("{*}" + name for name in path))
    return found.get("Ccy", "") if found is not None else ""


def _detail_amount(detail: Any, whole: Decimal, currency: str) -> Decimal | None:
    """Signed amount of a transaction, None when it has none in that currency."""
    path = ("Amt",) if _at(detail, "Amt") else ("AmtDtls", "TxAmt", "Amt")
    if _currency(detail, *path) not in ("", currency):
        return None
    try:
        amount = number(_at(detail, *path))
    except CellError:
        return None
    side = _at(detail, "CdtDbtInd")
    negative = side == "DBIT" if side else whole < 0
    return -amount if negative else amount


def _camt_row(
    entry: Any, detail: Any, position: int, when: date, amount: Decimal
) -> BankRow:
    # A reversal keeps the payer and the payee of the movement that it takes back.
    paid = (amount > 0) != (_at(entry, "RvslInd") in ("true", "1"))
    other = "Dbtr" if paid else "Cdtr"
    label, partner, iban, reference = [_at(entry, "AddtlNtryInf")], "", "", ""
    bank_reference = _at(entry, "AcctSvcrRef")
    if detail is not None:
        partner = _at(detail, "RltdPties", other, "Nm") or _at(
            detail, "RltdPties", other, "Pty", "Nm"
        )
        iban = _at(detail, "RltdPties", f"{other}Acct", "Id", "IBAN")
        end_to_end = _at(detail, "Refs", "EndToEndId")
        reference = "" if end_to_end in NO_REFERENCE else end_to_end
        texts = detail.findall("{*}RmtInf/{*}Ustrd")
        label = [
            partner,
            *(element.text or "" for element in texts),
            _at(detail, "RmtInf", "Strd", "CdtrRefInf", "Ref"),
            *([] if texts else label),
        ]
        bank_reference = _at(detail, "Refs", "AcctSvcrRef") or bank_reference
    if bank_reference in NO_REFERENCE:
        bank_reference = ""
    return BankRow(
        number=position,
        day=when,
        label=_joined(label) or reference or bank_reference or "/",
        amount=amount,
        reference=reference,
        partner=partner,
        iban=iban,
        key=bank_reference,
    )


# ----------------------------------------------------------------------------------
# OFX
# ----------------------------------------------------------------------------------


class _Parser(OfxParser):
    """The day is the one the bank wrote: ofxparse turns ``[+1:CET]`` into the eve."""

    @classmethod
    def parseOfxDateTime(cls, ofxDateTime):  # noqa: N802, N803
        return datetime.strptime(ofxDateTime.strip()[:8], "%Y%m%d")


def _read_ofx(content: bytes, encoding: str, reading: Reading) -> None:
    decoded = _text(content, encoding or _ofx_encoding(content[:2048]))
    body = decoded[max(decoded.upper().find("<OFX>"), 0) :]
    header = "OFXHEADER:100\r\nENCODING:UTF-8\r\n\r\n"
    try:
        parsed = _Parser.parse(io.BytesIO((header + body).encode()), fail_fast=False)
        accounts = [a for a in parsed.accounts if getattr(a, "statement", None)]
        if "</OFX>" not in body.upper():
            raise OfxParserException
    except (OfxParserException, ValueError, AttributeError, IndexError, TypeError):
        # ofxparse stops in many ways on files that are cut or are something else.
        reading.add("CAE-BANK-OFX", 0, "", "bank_ofx")
        return
    position = 0
    for account in accounts:
        for refused in account.statement.discarded_entries:
            reason = str(refused["error"])[:80]
            reading.add("CAE-BANK-OFX", 0, "STMTTRN", "bank_ofx_row", value=reason)
        rows = []
        for found in account.statement.transactions:
            position += 1
            rows += _ofx_row(found, position, reading)
        reading.statements.append(_ofx_statement(account, rows))


def _ofx_encoding(head: bytes) -> str:
    """Encoding that the header declares; French banks write ``CHARSET:1252``."""
    found = re.search(rb"(?i)encoding\s*[:=]\s*\"?([\w-]+)", head)
    name = found.group(1).decode().lower() if found else ""
    if name == "usascii":
        return "windows-1252"
    return name if name in DECLARED else ""


def _ofx_row(found: Any, position: int, reading: Reading) -> list[BankRow]:
    try:
        amount = number(Decimal(found.amount or 0))
        when = day(found.date.date())
    except CellError as error:
        reading.add(error.code, position, "STMTTRN", error.reason, **error.values)
        return []
    if not amount:
        # Banks announce a change of rate by a movement of nothing.
        return []
    return [
        BankRow(
            number=position,
            day=when,
            label=_joined([found.payee, found.memo]) or found.id,
            amount=amount,
            reference=found.checknum,
            partner=found.payee,
            key=found.id,
        )
    ]


def _ofx_statement(account: Any, rows: list[BankRow]) -> Statement:
    statement = account.statement
    return Statement(
        rows=tuple(rows),
        account=account.account_id or "",
        currency=(statement.currency or "").upper(),
    )
