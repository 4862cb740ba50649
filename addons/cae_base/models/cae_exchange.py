import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dateutil.relativedelta import relativedelta
from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import exchange, tabular
from ..engine.exchange import Document, Parsed, Problem
from ..engine.texts import short
from ..tools import format_date

OUTCOMES = ("created", "updated", "unchanged")
ENTRIES = (
    *("opening", "invoices", "bills", "payments", "bank_lines", "expenses"),
    "internal_sales",
)
#: What the user of another program may load: documents of every day.
DAILY = ("customers", "invoices", "bills", "payments", "bank_lines")
LATE = ("refuse", "next")
CODED = re.compile(r"(CAE-[A-Z0-9-]+): *(.*)", re.DOTALL)
QUIET = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
}


@dataclass
class Plan:
    """What writing one document will do.

    :param outcome: ``created``, ``updated`` or ``unchanged``
    :param record: the record of an update
    :param vals: what is written, in the shape that the dataset's writer expects
    """

    document: Document
    outcome: str = "created"
    record: Any = None
    vals: dict = field(default_factory=dict)


class Rollback(Exception):
    """Ends the savepoint of a dry run."""


class CaeExchange(models.AbstractModel):
    """Loads the files and rows of other programs (docs/api.md).

    Rows are checked in plain Python (``engine.exchange``), references are resolved in
    a few queries, and everything is written in batches, or nothing at all. For each
    dataset there are two methods: ``_plan_<dataset>(parsed, late)`` returns what would
    be written, ``_write_<dataset>(plans)`` writes it.
    """

    _name = "cae.exchange"
    _description = "Exchange of Data"

    # ------------------------------------------------------------------
    # Public methods
    # ------------------------------------------------------------------

    @api.model
    def load(
        self,
        dataset: str,
        rows: list[dict],
        dry_run: bool = False,
        late: str = "refuse",
    ) -> dict:
        """Load rows of a dataset; all of them or none.

        Datasets: ``schemes``, ``entrepreneurs``, ``activities``, ``customers``,
        ``opening``, ``invoices``, ``bills``, ``payments``, ``bank_lines``,
        ``expenses``, ``internal_sales``; columns are those of docs/api.md. Cells are
        French strings (``"1 234,56"``, ``"08/01/2026"``) or typed values (numbers, ISO
        dates). Records with a ``code`` are created or updated; a posted document is
        never rewritten: the same content is unchanged, another one is
        ``CAE-LOAD-CONFLICT``. Safe to call again.

        :param dataset: name of the dataset
        :param rows: one dictionary per row, by column
        :param dry_run: check everything and write nothing
        :param late: ``refuse`` a document dated in a locked month
            (``CAE-PERIOD-LOCKED``) or book it in the ``next`` open month, on its first
            day
        :return: ``{"created", "updated", "unchanged", "errors": [{"code", "row",
            "column", "message"}]}``; counts are documents, rows are numbered from 1
            (0: not about a row); counts are 0 when there are errors
        :raises AccessError: for others than accountants and managers of the CAE; tools
            (*CAE: Outside Tool, Loading*) load documents of every day
        """
        self._check_user(dataset)
        parsed = Parsed()
        datasets = self._datasets()
        kind = datasets.get(dataset) if isinstance(dataset, str) else None
        if not kind:
            names = ", ".join(datasets)
            parsed.add(
                "CAE-LOAD-DATASET", 0, "", "dataset", value=short(dataset), names=names
            )
        elif not isinstance(rows, list | tuple):
            parsed.add("CAE-LOAD-TYPE", 0, "", "rows", value=type(rows).__name__)
        elif late not in LATE:
            parsed.add("CAE-LOAD-VALUE", 0, "", "late", value=short(late))
        else:
            parsed = exchange.parse(kind, rows, self._digits())
            return self._loader(dataset)._load(kind, parsed, dry_run, late)
        return self._result([], parsed.problems)

    @api.model
    def load_file(
        self,
        dataset: str,
        name: str,
        content_base64: str,
        dry_run: bool = False,
        encoding: str = "",
        late: str = "refuse",
    ) -> dict:
        """Load a CSV file: one header line, columns between ``;`` or tabs.

        UTF-8 with or without byte order mark. Windows-1252 is read when declared, by
        ``encoding="windows-1252"`` or by a name such as ``clients.cp1252.csv``.

        :param dataset: name of the dataset, see :meth:`load`
        :param name: name of the file
        :param content_base64: the file in base64
        :param dry_run: check everything and write nothing
        :param encoding: declared encoding, UTF-8 when empty
        :param late: see :meth:`load`
        :return: as :meth:`load`; also ``CAE-FILE-ENCODING``, ``CAE-FILE-EMPTY`` and
            ``CAE-FILE-COLUMN``
        :raises AccessError: for others than accountants and managers of the CAE; tools
            (*CAE: Outside Tool, Loading*) load documents of every day
        """
        self._check_user(dataset)
        try:
            rows = tabular.read_file(name, content_base64, encoding)
        except tabular.TableError as error:
            return self._result([], [error.problem])
        return self.load(dataset, rows, dry_run=dry_run, late=late)

    # ------------------------------------------------------------------
    # Course of a load
    # ------------------------------------------------------------------

    @api.model
    def _datasets(self):
        """Hook: ``{name: dataset}`` that may be loaded."""
        return exchange.DATASETS

    @api.model
    def _may_load(self, dataset):
        """Hook: whether the user may load this dataset."""
        return self.env.user.has_group("cae_base.group_accountant") or (
            self._is_tool(dataset)
        )

    @api.model
    def _is_tool(self, dataset):
        """Whether it is the user of another program, who may load these documents."""
        user = self.env.user
        return (
            isinstance(dataset, str)
            and dataset in DAILY
            and user.has_group("cae_base.group_tool_load")
            and not user.has_group("cae_base.group_accountant")
        )

    @api.model
    def _loader(self, dataset):
        """The exchange as what writes the dataset for the user, in one company."""
        company = self.env.company
        loader = self.with_company(company).with_context(**QUIET)
        if not self._is_tool(dataset):
            return loader
        # sudo: a tool has no right on documents but to load those of the company
        # that it may work in (checked by env.company above); what it loads is in
        # DAILY, and whose columns are known.
        return loader.with_context(allowed_company_ids=company.ids).sudo()

    @api.model
    def _check_user(self, dataset=""):
        if not self._may_load(dataset):
            raise AccessError(
                self.env._(
                    "CAE-ACCESS: loading data is for accountants and managers of the "
                    "cooperative."
                )
            )

    @api.model
    def _digits(self):
        precision = self.env["decimal.precision"].precision_get
        return {
            "price": precision("Product Price"),
            "quantity": precision("Product Unit"),
        }

    def _load(self, kind, parsed, dry_run, late):
        self._check_far(kind, parsed)
        plans = getattr(self, f"_plan_{kind.name}")(parsed, late)
        if parsed.problems:
            return self._result([], parsed.problems)
        try:
            with self._undone():
                self._write(kind.name, plans, parsed)
                if dry_run or parsed.problems:
                    raise Rollback
        except Rollback:
            self.env.invalidate_all(flush=False)
        return self._result(plans, parsed.problems)

    @contextmanager
    def _undone(self):
        """A savepoint; when it fails, nothing of it is done after the commit either.

        Odoo counts the documents of a partner then, who may be gone by now.
        """
        later = self.env.cr.postcommit
        before = len(later)
        try:
            with self.env.cr.savepoint():
                yield
        except BaseException:
            if not before:
                later.clear()
            raise

    def _check_far(self, kind, parsed):
        """Report entries dated more than a year ahead: a slip of the keyboard."""
        if kind.name not in ENTRIES:
            return
        last = fields.Date.context_today(self) + relativedelta(years=1)
        for document in (*parsed.documents, *parsed.broken):
            day = document.values.get("date")
            if day and day > last:
                parsed.add("CAE-LOAD-DATE", document.row, "date", "date_far", value=day)

    def _write(self, name, plans, parsed):
        """Write plans in one batch; when Odoo refuses it, find which one and why.

        :return: whether all of them were written
        """
        todo = [plan for plan in plans if plan.outcome != "unchanged"]
        if not todo:
            return True
        try:
            with self._undone():
                getattr(self, f"_write_{name}")(todo)
            return True
        except AccessError:
            raise
        except (UserError, IntegrityError) as error:
            self.env.invalidate_all(flush=False)
            if len(todo) == 1:
                parsed.problems.append(self._refusal(todo[0].document, error))
                return False
        half = len(todo) // 2
        return self._write(name, todo[:half], parsed) and self._write(
            name, todo[half:], parsed
        )

    def _refusal(self, document, error):
        """Problem for what Odoo itself refuses, such as a missing fiscal setting."""
        if isinstance(error, IntegrityError):
            return Problem("CAE-LOAD-CONFLICT", document.row, "", "concurrent")
        match = CODED.match(str(error))
        code, message = match.groups() if match else ("CAE-LOAD-REFUSED", str(error))
        return Problem(code, document.row, "", "refused", (("message", message),))

    @api.model
    def _result(self, plans, problems):
        counts = dict.fromkeys(OUTCOMES, 0)
        for plan in plans if not problems else ():
            counts[plan.outcome] += 1
        messages = self._messages() if problems else {}
        ordered = sorted(problems, key=lambda problem: problem.row)
        return {**counts, "errors": [self._error(p, messages) for p in ordered]}

    @api.model
    def _error(self, problem, messages):
        values = {key: self._word(value) for key, value in problem.values}
        return {
            "code": problem.code,
            "row": problem.row,
            "column": problem.column,
            "message": messages[problem.reason] % values,
        }

    @api.model
    def _word(self, value):
        if hasattr(value, "isoformat"):
            return format_date(self.env, value)
        return value if isinstance(value, str | int) else str(value)

    @api.model
    def _messages(self):
        """``{reason: what is wrong and what to do}``; ``%`` values as in Problem."""
        return {
            **self._file_messages(),
            **self._cell_messages(),
            **self._row_messages(),
            **self._reference_messages(),
            **self._stored_messages(),
        }

    @api.model
    def _file_messages(self):
        return {
            "dataset": self.env._(
                "Unknown dataset %(value)s. Choose one of: %(names)s."
            ),
            "rows": self.env._(
                "Rows come as a list of dictionaries, not as %(value)s."
            ),
            "row": self.env._("A row is a dictionary by column, not %(value)s."),
            "late": self.env._("late is refuse or next, not %(value)s."),
            "base64": self.env._(
                "The content is not base64. Encode the file and send it again."
            ),
            "encoding": self.env._(
                "This is not %(encoding)s. Save the file as CSV UTF-8, or declare its "
                "encoding (windows-1252)."
            ),
            "encoding_unknown": self.env._(
                "Unknown encoding %(encoding)s. Declare utf-8 or windows-1252."
            ),
            "empty": self.env._(
                "The file holds no row. It needs a header and one row or more."
            ),
            "table": self.env._(
                "A quote is not closed: the columns cannot be told apart."
            ),
            "column": self.env._(
                "The column %(column)s is missing. Add it to the header; its cells may "
                "be empty where the value is optional."
            ),
            "column_twice": self.env._(
                "The column %(column)s is there twice. Remove one."
            ),
            "cells_extra": self.env._(
                "There is a cell too many (%(value)s): quote texts with ;"
            ),
            "cells_missing": self.env._("The row stops before the column %(column)s."),
        }

    @api.model
    def _cell_messages(self):
        return {
            "required": self.env._("%(column)s is empty. Give a value."),
            "type": self.env._(
                "A text, a number or a date is expected here, not %(value)s."
            ),
            "control": self.env._("The text holds a character that cannot be stored."),
            "date": self.env._(
                "%(value)s is not a date. Write 31/01/2026 or 2026-01-31."
            ),
            "date_year": self.env._("The year of %(value)s is not plausible."),
            "date_far": self.env._(
                "%(value)s is more than a year ahead. Correct the year."
            ),
            "date_order": self.env._("%(after)s is before %(before)s."),
            "amount": self.env._("%(value)s is not an amount. Write 1234,56."),
            "amount_large": self.env._(
                "%(value)s is too large to be an amount of money."
            ),
            "amount_digits": self.env._("%(value)s has more than %(digits)s decimals."),
            "amount_positive": self.env._(
                "%(value)s: an amount above zero is expected."
            ),
            "amount_negative": self.env._(
                "%(value)s: an amount below zero is not accepted."
            ),
            "amount_zero": self.env._("The amount is zero."),
            "choice": self.env._("%(value)s is not one of: %(choices)s."),
            "shares": self.env._(
                "%(value)s is not a holder. Write code:share, such as E0001:60."
            ),
            "shares_twice": self.env._("The same person is there twice: %(value)s."),
            "shares_sum": self.env._(
                "The shares add up to %(total)s %% instead of 100 %%."
            ),
            "iban": self.env._(
                "%(value)s is not a valid IBAN: its check digits do not match."
            ),
            "siren": self.env._(
                "%(value)s is not a SIREN (9 digits) nor a SIRET (14 digits)."
            ),
        }

    @api.model
    def _row_messages(self):
        return {
            "twice": self.env._(
                "%(key)s is already on row %(first)s with another content. Lines of "
                "one document follow each other."
            ),
            "head": self.env._(
                "%(key)s has another value on row %(first)s: all lines of one document "
                "share it."
            ),
            "cape_cesa": self.env._(
                "A CAPE has no CESA date. Empty it or write CESA as status."
            ),
            "exit_date": self.env._(
                "There is a reason for leaving and no date of leaving."
            ),
            "both_sides": self.env._("A line has a debit or a credit, not both."),
            "balance": self.env._(
                "The opening of %(key)s does not balance: debit − credit = %(gap)s."
            ),
            "origin_invoice": self.env._(
                "Only a credit note (avoir) names an invoice of origin."
            ),
            "origin_self": self.env._("A credit note cannot be its own origin."),
            "total_negative": self.env._(
                "The total of the document is below zero: make it the other type, "
                "facture or avoir."
            ),
        }

    @api.model
    def _reference_messages(self):
        """What a row names and the database does not know, or knows otherwise."""
        return {
            "scheme": self.env._(
                "Unknown contribution scheme %(value)s. Create it first."
            ),
            "activity": self.env._(
                "Unknown activity %(value)s. Load the activities first."
            ),
            "entrepreneur": self.env._(
                "Unknown entrepreneur %(value)s. Load the entrepreneurs first."
            ),
            "customer": self.env._(
                "Unknown customer %(value)s. Load the customers first."
            ),
            "customer_activity": self.env._(
                "The customer %(value)s belongs to the activity %(activity)s."
            ),
            "country": self.env._(
                "Unknown country %(value)s. Write its two letters, such as FR."
            ),
            "account": self.env._(
                "No account starts with %(value)s in the chart of accounts."
            ),
            "account_expense": self.env._(
                "%(value)s is a bank, customer or supplier account. Choose the account "
                "of the cost."
            ),
            "holder": self.env._(
                "%(value)s does not hold %(activity)s on %(day)s. Correct the person, "
                "the activity or the date."
            ),
            "tax": self.env._("The chart has no %(nature)s tax of %(value)s %%."),
            "origin": self.env._(
                "Unknown invoice %(value)s. Load it first, or leave it empty."
            ),
            "origin_customer": self.env._(
                "%(value)s is not an invoice of this customer."
            ),
            "document": self.env._(
                "Unknown document %(value)s. Load it before its payments."
            ),
            "document_twice": self.env._(
                "%(value)s names a customer document and a bill."
            ),
        }

    @api.model
    def _stored_messages(self):
        """What the database holds, and does not let a file change."""
        return {
            "refused": "%(message)s",
            "concurrent": self.env._(
                "Somebody else has just written this record. Load the file again."
            ),
            "holders_history": self.env._(
                "The holders of %(key)s changed over time. Change them on the activity."
            ),
            "personal": self.env._(
                "You may not read the %(column)s of %(key)s, nor change it: empty the "
                "cell, or have the file loaded by somebody who has the rights on pay."
            ),
            "shared": self.env._(
                "%(key)s is shared by all companies: a manager of the CAE may rename "
                "it."
            ),
            "contract_history": self.env._(
                "The contract of %(key)s has amendments or renewals. Change it on the "
                "contract."
            ),
            "stored": self.env._(
                "%(key)s is already in the books with another content (%(column)s). A "
                "posted document is not rewritten: correct it with a credit note, or "
                "give this one another number."
            ),
            "not_posted": self.env._(
                "%(key)s exists and is not posted. Post it or delete it first."
            ),
            "open": self.env._(
                "%(amount)s is more than what is open on %(value)s: %(open)s. Correct "
                "the amount or the document."
            ),
            "locked": self.env._(
                "%(day)s is in a month that is locked. Use a date in an open month, "
                "ask for late=next, or have the month unlocked."
            ),
        }

    # ------------------------------------------------------------------
    # References
    # ------------------------------------------------------------------

    def _codes(self, parsed, column):
        """Values of a column in the documents' rows, each once."""
        documents = (*parsed.documents, *parsed.broken)
        rows = [row for document in documents for row in document.rows]
        values = (row.values.get(column) for row in rows)
        return list(dict.fromkeys(value for value in values if value))

    def _by_code(self, model, codes, name="code"):
        """``{code: record}`` of the company, archived ones too; one query."""
        records = (
            self.env[model]
            .with_context(active_test=False)
            .search([(name, "in", codes), ("company_id", "=", self.env.company.id)])
        )
        return {record[name]: record.with_env(self.env) for record in records}

    def _activities(self, parsed):
        """``{code: activity}``; unknown ones are reported."""
        found = self._by_code("cae.activity", self._codes(parsed, "activite"))
        self._report_unknown(parsed, "activite", found, "CAE-LOAD-ACTIVITY", "activity")
        return found

    def _report_unknown(self, parsed, column, found, code, reason):
        # Also where another cell is wrong: all that can be known is told at once.
        for document in (*parsed.documents, *parsed.broken):
            value = document.values.get(column)
            if value and value not in found:
                parsed.add(code, document.row, column, reason, value=value)

    def _sound(self, parsed):
        """Documents without a problem so far."""
        bad = {problem.row for problem in parsed.problems}
        return [
            document
            for document in parsed.documents
            if not any(row.number in bad for row in document.rows)
        ]

    def _plan_record(self, document, record, vals):
        """Plan of a record with a code: create, write what differs, or nothing."""
        if not record:
            return Plan(document, "created", None, vals)
        changes = {
            name: value
            for name, value in vals.items()
            if not self._equal(record, name, value)
        }
        outcome = "updated" if changes else "unchanged"
        return Plan(document, outcome, record, changes)

    @api.model
    def _equal(self, record, name, value):
        known = record[name]
        if isinstance(known, models.BaseModel):
            known = known.id
        return (known or False) == (value or False)
