import base64

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.cae_base.engine.exchange import Problem
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.tabular import TableError, read_file
from odoo.addons.cae_base.engine.texts import short, storable
from odoo.addons.cae_base.models.cae_exchange import LATE, QUIET
from odoo.addons.cae_base.spreadsheet import workbook

from ..engine import elements
from .cae_payroll_template_line import SUMS


class CaePayrollExchange(models.AbstractModel):
    """What goes to the payroll software, and what comes back from it."""

    _name = "cae.payroll.exchange"
    _description = "Exchange with Payroll Software"

    @api.model
    def _check_officer(self):
        if not self.env.user.has_group("cae_base.group_payroll"):
            raise AccessError(
                self.env._("CAE-ACCESS: this is for payroll officers alone.")
            )

    # ------------------------------------------------------------------
    # Elements of the month
    # ------------------------------------------------------------------

    @api.model
    def export_elements(self, month: str, template: str) -> dict:
        """The posted pay of a month as a file for the payroll software.

        :param month: ``2026-01``
        :param template: code of a file (``cae.payroll.template``), as ``generic`` or
            ``silae``
        :return: ``{"name", "content_base64", "rows"}``: name and content of the file,
            number of its rows without the header
        :raises UserError: ``CAE-PERIOD-MONTH``, ``CAE-PAYROLL-TEMPLATE``,
            ``CAE-PAYROLL-EMPTY`` (no posted pay), ``CAE-PAYROLL-MATRICULE`` (people
            without one), ``CAE-PAYROLL-CONTRACT`` (two contracts with one key),
            ``CAE-PAYROLL-ENCODING`` (a letter that the file cannot hold)
        :raises AccessError: for others than payroll officers, and tools (*CAE: Outside
            Tool, Pay Elements*)
        """
        exporter = self._exporter()
        first = self.env["cae.period"]._parse_month(month)
        return exporter._export(first, exporter._template(template))

    @api.model
    def _exporter(self):
        """The exchange as what reads pay for the user, in one company."""
        company = self.env.company
        if not self.env.user.has_group("cae_payroll.group_tool_pay"):
            self._check_officer()
            return self
        # sudo: a tool has no right on pay but to this file, of the company that it
        # may work in (checked by env.company above).
        return self.with_context(allowed_company_ids=company.ids).sudo()

    @api.model
    def _export(self, first, template):
        lines = self._exported(first, template.zero_pay)
        self._check_matricules(lines.entrepreneur_id)
        layout = template._layout()
        people = self._people(lines, first, template._shows("balance"))
        rows = elements.table(layout, people)
        content = self._content(template, layout, rows)
        return {
            "name": f"{template.code}-{first:%Y-%m}.{template.file_format}",
            "content_base64": base64.b64encode(content).decode(),
            "rows": len(rows),
        }

    @api.model
    def _template(self, code):
        """The company's template of this code, else the shared one."""
        found = self.env["cae.payroll.template"]
        if storable(code):
            companies = ("company_id", "in", (self.env.company.id, False))
            found = found.search(
                [("code", "=", code), companies], order="company_id", limit=1
            )
        if not found:
            raise UserError(
                self.env._(
                    "CAE-PAYROLL-TEMPLATE: there is no file with the code %(code)s. "
                    "See CAE / Pay / Payroll Software / Files for Payroll Software.",
                    code=short(code),
                )
            )
        return found

    @api.model
    def _exported(self, first, zero=True):
        """Posted pay of a month.

        :param zero: with the lines of zero of contracts without pay
        :raises UserError: ``CAE-PAYROLL-EMPTY``
        """
        domain = [
            ("company_id", "=", self.env.company.id),
            ("month", "=", first),
            ("state", "=", "posted"),
        ]
        if not zero:
            paid = ["&", ("cost", "!=", 0), ("contract_id.kind", "!=", "cape")]
            domain += ["|", ("gross", "!=", 0), *paid]
        lines = self.env["cae.pay.line"].search(domain)
        if not lines:
            raise UserError(
                self.env._(
                    "CAE-PAYROLL-EMPTY: no pay is posted in this month. Run the month "
                    "first."
                )
            )
        return lines

    @api.model
    def _check_matricules(self, people):
        missing = people.filtered(lambda person: not person.matricule)
        if missing:
            raise UserError(
                self.env._(
                    "CAE-PAYROLL-MATRICULE: without a matricule the payroll software "
                    "knows nobody. Give it to: %(names)s.",
                    names=", ".join(missing.mapped("name")[:20]),
                )
            )

    @api.model
    def _people(self, lines, first, apart=True):
        """Values of each person and contract by source of the template's lines.

        The pay of the month and the balance of a year are of one contract; what is of
        the person's month stands with the first contract alone.

        :param apart: the file shows the balance of a year apart from the advance
        """
        last = self.env["cae.pay.line"]._last_day(first)
        expenses = self._expenses(lines.entrepreneur_id, first, last)
        sums = self.env["cae.pay.element"]._totals(lines.entrepreneur_id, first)
        people, seen = [], set()
        for own in self._by_contract(lines):
            person = own.entrepreneur_id
            values = {
                **self._identity(own[0]),
                "date_from": first,
                "date_to": last,
                **self._grosses(own, apart),
                "hours": self._hours(own[0].contract_id),
                "expenses": decimal(0),
                **dict.fromkeys(SUMS, decimal(0)),
            }
            if person not in seen:
                seen.add(person)
                values["expenses"] = decimal(expenses.get(person, 0))
                values |= sums[person]
            people.append(values)
        return people

    @api.model
    def _by_contract(self, lines):
        """Pay of the month by person and contract, the month's own first.

        :raises UserError: ``CAE-PAYROLL-CONTRACT``
        """
        ordered = lines.sorted(
            lambda line: (bool(line.settlement_id), line.second_contract, line.id)
        )
        groups = ordered.grouped(
            lambda line: (
                line.entrepreneur_id,
                line.contract_id._payroll_key(),
                line.second_contract,
            )
        )
        alike = [key[0] for key in groups if not key[2] and (*key[:2], True) in groups]
        if alike:
            raise UserError(
                self.env._(
                    "CAE-PAYROLL-CONTRACT: the payroll software cannot tell the two "
                    "contracts of these people apart: %(names)s. Give each contract "
                    "its key.",
                    names=", ".join(person.name for person in alike[:20]),
                )
            )
        return groups.values()

    @api.model
    def _grosses(self, lines, apart):
        """Parts of the gross of one contract."""
        gross = sum(decimal(line.gross) for line in lines)
        fixed = sum(decimal(line.fixed_part) for line in lines)
        settled = lines.filtered("settlement_id") if apart else lines.browse()
        balance = sum((decimal(line.gross) for line in settled), decimal(0))
        return {
            "fixed_part": fixed,
            "advance": gross - fixed - balance,
            "balance": balance,
            "gross": gross,
        }

    @api.model
    def _identity(self, line):
        person, contract = line.entrepreneur_id, line.contract_id
        return {
            "matricule": person.matricule,
            "contract_key": contract._payroll_key(),
            "name": person.name,
            "last_name": person.last_name or "",
            "first_name": person.first_name or "",
        }

    @api.model
    def _hours(self, contract):
        """None under a CESA, whose pay does not refer to working time."""
        return decimal(contract.month_hours if contract.kind == "employee" else 0)

    @api.model
    def _expenses(self, people, first, last):
        """``{person: amount}`` of posted expenses of the month, not reimbursed yet."""
        by_employee = people.grouped("employee_id")
        # sudo: payroll officers reimburse expenses and have no rights on them; only
        # the totals of people with a pay in the month are read.
        rows = (
            self.env["hr.expense"]
            .sudo()
            ._read_group(
                [
                    ("employee_id", "in", people.employee_id.ids),
                    ("payment_mode", "=", "own_account"),
                    ("state", "=", "posted"),
                    ("account_move_id.date", ">=", first),
                    ("account_move_id.date", "<=", last),
                ],
                ["employee_id"],
                ["total_amount:sum"],
            )
        )
        return {
            by_employee[employee.with_env(self.env)]: amount
            for employee, amount in rows
        }

    @api.model
    def _content(self, template, layout, rows):
        if template.file_format == "xlsx":
            return self._xlsx(layout, rows, template.header)
        text = elements.write_csv(layout, rows, template.separator, template.header)
        try:
            return text.encode(template.encoding)
        except UnicodeEncodeError as error:
            raise UserError(
                self.env._(
                    "CAE-PAYROLL-ENCODING: the file cannot hold “%(text)s”. Choose "
                    "UTF-8 on the template, or change the name.",
                    text=text[max(error.start - 20, 0) : error.end],
                )
            ) from error

    @api.model
    def _xlsx(self, layout, rows, header=True):
        labels = [column.label for column in layout.columns]
        cells = [
            # Floats: a payroll software may read what is shown, without thousands.
            [
                float(value) if isinstance(value, elements.Decimal) else text
                for value, text in zip(row, elements.texts(layout, row), strict=True)
            ]
            for row in rows
        ]
        return workbook([("", labels if header else [], cells)])

    # ------------------------------------------------------------------
    # True payslips
    # ------------------------------------------------------------------

    @api.model
    def load_payslips(
        self,
        month: str,
        rows: list[dict],
        dry_run: bool = False,
        late: str = "refuse",
    ) -> dict:
        """Load the totals of a month's true payslips; all of them or none.

        Columns: ``matricule``, ``contrat`` (optional: its key, of who has a payslip for
        each of two contracts; they add up, and come together), ``brut``, ``cout`` (the
        employer's cost), ``net`` (due to the person), and one per account: what is due
        to bodies (``431``, ``437``, ``438``, ``4421``…: both parts) and, when known,
        charges (``6451``, ``6453``…)
        and parts of the gross (``641100``, ``641200``…). cout = net + what is due;
        cout − brut = charges. The difference to the estimate (``cae.pay.line``) is
        booked on the activities that bore it, as they did. Safe to call again: the same
        content is unchanged; of another one the difference alone is booked.

        :param month: ``2026-01``
        :param rows: one dictionary per payslip, by column
        :param dry_run: check everything and write nothing
        :param late: when the month is locked, ``refuse`` (``CAE-PERIOD-LOCKED``;
            ``CAE-LOAD-CONFLICT`` when another content is in the books) or book the
            difference in the ``next`` open month, on its first day
        :return: as ``cae.exchange.load``: ``{"created", "updated", "unchanged",
            "errors": [{"code", "row", "column", "message"}], "missing":
            [{"matricule", "name"}]}``: who has a posted pay in the month and no
            payslip, in this call or before; also ``CAE-LOAD-MATRICULE``,
            ``CAE-LOAD-BALANCE``, ``CAE-LOAD-ACCOUNT`` and ``CAE-PAYSLIP-PAY`` (nothing
            posted to compare with)
        :raises UserError: ``CAE-PERIOD-MONTH``, ``CAE-PERIOD-BUSY``
        :raises AccessError: for others than payroll officers
        """
        return self._load_rows("payslips", month, rows, dry_run, late)

    @api.model
    def _load_rows(self, kind, month, rows, dry_run, late):
        """Load rows that the payroll software made.

        :param kind: ``payslips`` or ``payroll_journal``; ``cae.exchange`` reads them
            by ``_read_<kind>(rows, first day of the month)``, which gives the dataset
            and its parsed rows
        """
        self._check_officer()
        first = self.env["cae.period"]._parse_month(month)
        problem = self._bad_call(rows, late)
        if problem:
            return self._refused(problem)
        exchange = self.env["cae.exchange"].with_company(self.env.company)
        dataset, parsed = getattr(exchange, f"_read_{kind}")(rows, first)
        with self.env["cae.period"]._in_turn():
            loader = exchange.with_context(**QUIET)
            result = loader._load(dataset, parsed, dry_run, late)
        return {**result, "missing": self._missing(first, parsed.keys)}

    @api.model
    def _refused(self, problem):
        result = self.env["cae.exchange"]._result([], [problem])
        return {**result, "missing": []}

    @api.model
    def _missing(self, first, keys):
        """Who was paid in the month, and no payslip in the books replaces it.

        :param keys: ``{(matricule,)}`` of the payslips that were given
        """
        given = {key[0] for key in keys}
        company = ("company_id", "=", self.env.company.id)
        month = ("month", "=", first)
        lines = self.env["cae.pay.line"].search(
            [company, month, ("state", "=", "posted"), ("gross", "!=", 0)]
        )
        lines = lines.filtered(lambda line: line.payslip_id.state != "booked")
        return [
            {"matricule": person.matricule or "", "name": person.name}
            for person in lines.entrepreneur_id
            if person.matricule not in given
        ]

    @api.model
    def load_payslips_file(
        self,
        month: str,
        name: str,
        content_base64: str,
        dry_run: bool = False,
        encoding: str = "",
        late: str = "refuse",
    ) -> dict:
        """Load a CSV file of payslips' totals: one header line, ``;`` or tabs.

        :param month: ``2026-01``
        :param name: name of the file; ``paie.cp1252.csv`` declares its encoding
        :param content_base64: the file in base64
        :param dry_run: check everything and write nothing
        :param encoding: declared encoding, UTF-8 when empty
        :param late: see :meth:`load_payslips`
        :return: as :meth:`load_payslips`; also ``CAE-FILE-ENCODING``,
            ``CAE-FILE-EMPTY`` and ``CAE-FILE-COLUMN``
        :raises AccessError: for others than payroll officers
        """
        file = name, content_base64, encoding
        return self._load_file("payslips", month, file, dry_run, late)

    @api.model
    def _load_file(self, kind, month, file, dry_run, late):
        """Load the rows of a file ``(name, content, encoding)``: :meth:`_load_rows`."""
        self._check_officer()
        try:
            rows = read_file(*file)
        except TableError as error:
            return self._refused(error.problem)
        return self._load_rows(kind, month, rows, dry_run, late)

    @api.model
    def _bad_call(self, rows, late):
        if not isinstance(rows, list | tuple):
            value = ("value", type(rows).__name__)
            return Problem("CAE-LOAD-TYPE", 0, "", "rows", (value,))
        if late not in LATE:
            return Problem("CAE-LOAD-VALUE", 0, "", "late", (("value", short(late)),))
        return None
