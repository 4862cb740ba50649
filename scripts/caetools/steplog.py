"""A log that one can read: a line per step with its time, in a CSV file."""

import csv
import io
import re
from datetime import datetime
from pathlib import Path

HEADER = ("heure", "etape", "objet", "resultat", "detail")
#: A text that a spreadsheet takes for a formula; an amount is none.
FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d,.]+$)")
#: Results, from the best to the worst.
DONE, NOTHING, WAITS, REFUSED = "done", "nothing", "waits", "refused"


class StepLog:
    """Prints each step, and appends it to a file when one is given.

    A line is written whole and at once, so that what a killed run did can be read.

    :param path: ``;`` between columns, UTF-8, as French spreadsheets read it
    """

    def __init__(self, path: Path | None = None):
        self.path = path
        self.results: set[str] = set()

    def note(self, step: str, subject: str, result: str, detail: str = ""):
        """One step: ``load``, ``clients.csv``, ``done``, ``3 created``."""
        self.results.add(result)
        print(f"{subject}: {detail or result}", flush=True)
        if self.path:
            now = datetime.now().isoformat(sep=" ", timespec="seconds")
            self._append((now, step, subject, result, " ".join(detail.split())))

    def _append(self, line: tuple[str, ...]):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "ab") as file:
            begun = file.tell()
            text = csv_text([line] if begun else [HEADER, line])
            file.write(text.encode("utf-8" if begun else "utf-8-sig"))

    @property
    def code(self) -> int:
        """What the command ends with: 0, 1 when something was refused, 3 waits."""
        if REFUSED in self.results:
            return 1
        return 3 if WAITS in self.results else 0


def csv_text(rows) -> str:
    """Rows as a French spreadsheet writes them."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows(map(_cell, row) for row in rows)
    return text.getvalue()


def _cell(value):
    """Who opens the file must not run what somebody put into a label."""
    text = str(value)
    return f"'{text}" if FORMULA.match(text) else text
