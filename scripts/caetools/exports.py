"""What ``scripts/sync --export`` takes from a server into a folder.

A file appears whole or not at all, and is written only when its content is another:
a run that was killed is called again and goes on. A published statement never changes,
so that a PDF that is there is not read again.
"""

import base64
import json
import os
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from .steplog import DONE, NOTHING, REFUSED, WAITS, StepLog, csv_text
from .ui import Problem

#: No pay is posted in the month: nothing is wrong.
EMPTY = "CAE-PAYROLL-EMPTY"
#: Statements read at once.
PART = 100
#: What separates folders, here or elsewhere.
SEPARATORS = str.maketrans("/\\:\0", "____")
COLUMNS = ("activite", "mois", "version", "cle", "libelle", "montant", "cumul", "ratio")
FIELDS = [
    *("activity_id", "version", "published_date", "data", "data_hash", "pdf_id"),
    "display_name",
]


class Folder:
    """Where files go.

    :param dry_run: say what would be written, write nothing
    """

    def __init__(self, path: Path, dry_run: bool = False):
        self.path, self.dry_run = path, dry_run

    def has(self, name: str) -> bool:
        """Whether the file is there, whole."""
        return (self.path / name).is_file()

    def write(self, name: str, content: bytes) -> str:
        """Write a file at once; what became of it, in a word.

        :raises Problem: for a name that leads out of the folder
        """
        path = self.path / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise Problem(f"{name} is no file of {self.path}")
        if path.is_file() and path.read_bytes() == content:
            return "unchanged"
        if self.dry_run:
            return "would be written"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.part")
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        return "written"


class Export:
    """The exports of a month.

    :param client: an odoorpc client
    :param month: ``2026-10``
    """

    def __init__(self, client, month: str, folder: Folder, log: StepLog):
        self.client, self.month, self.folder, self.log = client, month, folder, log

    def run(self, names: list[str], template: str):
        """Each of them, whatever becomes of the others."""
        steps: dict[str, Callable] = {
            "statements": self.statements,
            "pay": lambda: self.pay(template),
            "figures": self.figures,
        }
        for name in names:
            self._try(name, steps[name])

    def _try(self, name: str, step: Callable):
        import odoorpc

        try:
            step()
        except odoorpc.error.RPCError as error:
            text = str(error).strip().splitlines()[-1]
            result = NOTHING if text.startswith(EMPTY) else REFUSED
            self.log.note(name, self.month, result, text)

    def _write(self, step: str, name: str, content: bytes):
        self.log.note(step, name, DONE, self.folder.write(name, content))

    # Statements ----------------------------------------------------------------------

    def statements(self):
        """PDF and JSON of each published statement, and one CSV of all."""
        statements = self.client.env["cae.statement"]
        ids = statements.search(
            [
                ("month", "=", f"{self.month}-01"),
                ("kind", "=", "month"),
                ("published", "=", True),
                ("current", "=", True),
            ],
            order="activity_id",
        )
        if not ids:
            self.log.note("statements", self.month, NOTHING, "none is published")
            return
        lines: list[tuple] = [COLUMNS]
        for start in range(0, len(ids), PART):
            for statement in statements.read(ids[start : start + PART], FIELDS):
                self._statement(statement)
                lines += table(statement, self.month)
        self._write("statements", f"releves-{self.month}.csv", french(lines))

    def _statement(self, statement: dict):
        """Its files, named by code, month and version: they never change."""
        code = code_of(statement)
        stem = f"releves/{plain(code)}-{self.month}-v{statement['version']}"
        if not self.folder.has(f"{stem}.json"):
            told = {key: statement[key] for key in FIELDS if key != "pdf_id"}
            told |= {"activity_id": code, "month": self.month}
            text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
            self._write("statements", f"{stem}.json", text.encode())
        if not self.folder.has(f"{stem}.pdf"):
            self._pdf(statement, f"{stem}.pdf")

    def _pdf(self, statement: dict, name: str):
        if not statement["pdf_id"]:
            text = "no PDF yet: prepare those of the month"
            self.log.note("statements", name, WAITS, text)
            return
        files = self.client.env["ir.attachment"]
        (file,) = files.read([statement["pdf_id"][0]], ["datas"])
        self._write("statements", name, base64.b64decode(file["datas"]))

    # Pay and figures -----------------------------------------------------------------

    def pay(self, template: str):
        """The file for the payroll software."""
        exchange = self.client.env["cae.payroll.exchange"]
        result = exchange.export_elements(month=self.month, template=template)
        content = base64.b64decode(result["content_base64"])
        self._write("pay", f"paie/{plain(result['name'])}", content)

    def figures(self):
        """Key figures on the last day of the month, a line each."""
        figures = self.client.env["cae.key.figures"].get(date=last_day(self.month))
        rows = [("cle", "valeur"), *((k, amount(v)) for k, v in figures.items())]
        self._write("figures", f"chiffres-cles-{self.month}.csv", french(rows))


def table(statement: dict, month: str) -> list[tuple]:
    """A statement's rows: amounts of the month and to date."""
    code = code_of(statement)
    return [
        (
            *(code, month, statement["version"], row["key"], row["label"]),
            *(amount(row[name]) for name in ("month", "to_date", "ratio")),
        )
        for row in statement["data"]["income"]
    ]


def code_of(statement: dict) -> str:
    """``A 1`` of the activity ``[A 1] Workshop``."""
    return statement["activity_id"][1].removeprefix("[").partition("]")[0]


def plain(name: str) -> str:
    """A name of the server as one of a file: people type codes as they like."""
    return name.translate(SEPARATORS)


def amount(value) -> str:
    """A figure as French spreadsheets read it; nothing for an undefined one."""
    if value is False:
        return ""
    text = f"{Decimal(str(value)):.2f}" if isinstance(value, float) else str(value)
    return text.replace(".", ",")


def french(rows) -> bytes:
    """A CSV file as the data sets of the exchange are."""
    return csv_text(rows).encode("utf-8-sig")


def last_day(month: str) -> str:
    """``2026-02-28`` of ``2026-02``."""
    year, number = map(int, month.split("-"))
    return f"{month}-{monthrange(year, number)[1]:02}"
