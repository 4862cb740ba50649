"""The payroll journal: entries of the payroll software, person by person."""

from collections.abc import Mapping
from dataclasses import replace

from odoo import api, models

from odoo.addons.cae_base.engine.exchange import (
    Column,
    Dataset,
    Document,
    Row,
    optional,
    parse,
)
from odoo.addons.cae_base.engine.tabular import plain_name

from ..engine import journal
from .cae_exchange import MONTH

#: Columns that a journal may lack.
OPTIONAL = ("date", "matricule", "analytique", "debit", "credit")
DATASET = Dataset(
    "payslips",
    (
        optional("date", "date"),
        Column("matricule"),
        Column("compte"),
        optional("debit", "amount"),
        optional("credit", "amount"),
    ),
    key=("matricule",),
    head=("matricule",),
    scattered=True,
)


class CaePayrollExchange(models.AbstractModel):
    _inherit = "cae.payroll.exchange"

    @api.model
    def load_payroll_journal(
        self,
        month: str,
        rows: list[dict],
        dry_run: bool = False,
        late: str = "refuse",
    ) -> dict:
        """Load a month's payroll journal: the true payslips by account; all or none.

        Columns: ``compte``, ``debit``, ``credit``, ``matricule``, or ``analytique``
        (code of an activity that pays one person in the month), ``date`` (a day of the
        month, or ``2026-01``); others, such as ``libelle``, are not read. The rows of a
        person, wherever they stand, balance; they are on 641 (gross), 63 and 64
        (charges), 421 (net), 42 to 45 (due). They become the payslip that
        :meth:`load_payslips` loads, and are booked as it is.

        :param month: ``2026-01``
        :param rows: one dictionary per row of the journal, by column
        :param dry_run: check everything and write nothing
        :param late: see :meth:`load_payslips`
        :return: as :meth:`load_payslips`, counting people; also ``CAE-LOAD-REQUIRED``
            for a row of nobody, as totals and bank transfers
        :raises UserError: ``CAE-PERIOD-MONTH``, ``CAE-PERIOD-BUSY``
        :raises AccessError: for others than payroll officers
        """
        return self._load_rows("payroll_journal", month, rows, dry_run, late)

    @api.model
    def load_payroll_journal_file(
        self,
        month: str,
        name: str,
        content_base64: str,
        dry_run: bool = False,
        encoding: str = "",
        late: str = "refuse",
    ) -> dict:
        """Load a CSV file of the payroll journal: one header line, ``;`` or tabs.

        :param month: ``2026-01``
        :param name: name of the file; ``journal.cp1252.csv`` declares its encoding
        :param content_base64: the file in base64
        :param dry_run: check everything and write nothing
        :param encoding: declared encoding, UTF-8 when empty
        :param late: see :meth:`load_payslips`
        :return: as :meth:`load_payroll_journal`; also ``CAE-FILE-ENCODING``,
            ``CAE-FILE-EMPTY`` and ``CAE-FILE-COLUMN``
        :raises AccessError: for others than payroll officers
        """
        file = name, content_base64, encoding
        return self._load_file("payroll_journal", month, file, dry_run, late)


class CaeExchange(models.AbstractModel):
    _inherit = "cae.exchange"

    @api.model
    def _read_payroll_journal(self, rows, first):
        """Rows of a journal as payslips; their problems are those of the rows."""
        cells = [self._journal_cells(row) for row in rows]
        payees = self._payees_of(cells, first)
        for row in cells:
            if isinstance(row, dict) and not str(row["matricule"] or "").strip():
                row["matricule"] = payees.get(row["analytique"], "")
        parsed = parse(DATASET, cells)
        parsed.problems = [self._nobody(p, cells) for p in parsed.problems]
        for document in self._sound(parsed):
            self._check_journal(document, parsed, first)
        sound = self._sound(parsed)
        parsed.broken += [d for d in parsed.documents if d not in sound]
        parsed.documents = self._journal_payslips(sound, first)
        return DATASET, parsed

    @api.model
    def _journal_cells(self, row):
        if not isinstance(row, Mapping):
            return row
        given = {plain_name(name): value for name, value in row.items()}
        cells = {**dict.fromkeys(OPTIONAL, ""), **given}
        if isinstance(cells["date"], str):
            cells["date"] = journal.first_day(cells["date"])
        cells["analytique"] = str(cells["analytique"] or "").strip()
        return cells

    @api.model
    def _payees_of(self, cells, first):
        """``{activity code: matricule}`` of activities that pay one person."""
        codes = {row["analytique"] for row in cells if isinstance(row, dict)} - {""}
        if not codes:
            return {}
        shares = self.env["cae.pay.share"].search(
            [
                ("activity_id.code", "in", list(codes)),
                ("company_id", "=", self.env.company.id),
                ("month", "=", first),
                ("state", "=", "posted"),
                ("cost", "!=", 0),
            ]
        )
        return {
            activity.code: own.entrepreneur_id.matricule
            for activity, own in shares.grouped("activity_id").items()
            if len(own.entrepreneur_id) == 1
        }

    @api.model
    def _nobody(self, problem, cells):
        """What to do with a row of nobody, instead of "matricule is empty"."""
        if (problem.code, problem.column) != ("CAE-LOAD-REQUIRED", "matricule"):
            return problem
        code = cells[problem.row - 1]["analytique"]
        if not code:
            return replace(problem, reason="journal_nobody", values=())
        return replace(problem, reason="journal_analytic", values=(("value", code),))

    @api.model
    def _check_journal(self, document, parsed, first):
        total = 0
        for row in document.rows:
            v, number = row.values, row.number
            if v["date"] and v["date"].replace(day=1) != first:
                parsed.add("CAE-LOAD-DATE", number, "date", "journal_date")
            if not journal.ACCOUNTS.fullmatch(v["compte"]):
                parsed.add(
                    "CAE-LOAD-ACCOUNT", number, "compte", "journal_account",
                    value=v["compte"],
                )  # fmt: skip
            if v["debit"] and v["credit"]:
                parsed.add("CAE-LOAD-AMOUNT", number, "credit", "both_sides")
            total += self._balance(row)
        if total:
            parsed.add(
                "CAE-LOAD-BALANCE", document.row, "debit", "journal_balance",
                key=document.values["matricule"], gap=str(total),
            )  # fmt: skip

    @api.model
    def _balance(self, row):
        return (row.values["debit"] or 0) - (row.values["credit"] or 0)

    @api.model
    def _journal_payslips(self, documents, first):
        """Documents whose first row is a row of payslips, with every account."""
        slips = [
            journal.payslip(
                (row.values["compte"], self._balance(row)) for row in document.rows
            )
            for document in documents
        ]
        empty = dict.fromkeys(sorted({name for slip in slips for name in slip}), 0)
        result = []
        for document, slip in zip(documents, slips, strict=True):
            values = {**document.values, MONTH: first, **empty, **slip}
            head = Row(document.row, values)
            result.append(Document(document.key, (head, *document.rows[1:])))
        return result

    @api.model
    def _payroll_journal_messages(self):
        return {
            "journal_nobody": self.env._(
                "This row names nobody. Give the matricule; take totals and bank "
                "transfers out of the file."
            ),
            "journal_analytic": self.env._(
                "The analytic code %(value)s does not name one person who is paid by "
                "this activity in the month, with a matricule. Give the matricule."
            ),
            "journal_date": self.env._(
                "This day is not in the month of the payslips. Choose the other month, "
                "or take the row out."
            ),
            "journal_account": self.env._(
                "%(value)s is no account of pay (42 to 45, 63, 64). Take the entry "
                "out of the file and book it by hand."
            ),
            "journal_balance": self.env._(
                "The rows of %(key)s do not balance: debit − credit = %(gap)s. A row "
                "is missing, or has another matricule."
            ),
        }
