import base64
import hashlib
import json

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import allocation
from ..engine.money import decimal
from ..spreadsheet import workbook
from .cae_period_checks import BLOCKING, WARNING

# Only code can hold this object: a year is signed by its button alone.
SIGNING = object()
#: Kinds of columns of the tables of the report.
TEXT, DAY, MONEY = "text", "day", "money"
INTERNAL = "18"
SIGNATURE = {"state", "signed_by_id", "signed_on", "fingerprint"}


class CaeYear(models.Model):
    """A fiscal year of a company, and its close (R.7331-5, design §3.8)."""

    _name = "cae.year"
    _description = "Fiscal Year"
    _inherit = ["mail.thread"]
    _order = "date_to desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_to = fields.Date(
        string="Last Day",
        required=True,
        default=lambda self: self._default_date_to(),
        help="Any day of the fiscal year: its last one is kept.",
    )
    date_from = fields.Date(
        string="First Day", compute="_compute_date_from", store=True
    )
    state = fields.Selection(
        [("draft", "To Sign"), ("signed", "Signed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    signed_by_id = fields.Many2one(
        "res.users", string="Signed by", readonly=True, copy=False, tracking=True
    )
    signed_on = fields.Datetime(readonly=True, copy=False)
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="SHA-256 of the trial balance per activity that was signed: other figures "
        "give another one.",
    )
    findings = fields.Json(compute="_compute_report")
    finding_count = fields.Integer(compute="_compute_report")
    blocking_count = fields.Integer(compute="_compute_report")
    report_html = fields.Html(
        string="Report", compute="_compute_report", sanitize=False
    )

    _year_uniq = models.UniqueIndex(
        "(company_id, date_to)", "This fiscal year already exists in the company."
    )

    @api.model
    def _accounts_approved(self, company, closing, meeting_day):
        """Hook: the general meeting of a day approved the accounts closed on another.

        Called by the meetings (cae_governance), answered by the pay (cae_payroll).
        """

    @api.model
    def _default_date_to(self):
        """The year that has ended; the running one when that one holds nothing."""
        today = fields.Date.context_today(self)
        running = self.env.company.compute_fiscalyear_dates(today)
        ended = running["date_from"] - relativedelta(days=1)
        entries = self.env["account.move"].search_count(
            [
                ("company_id", "=", self.env.company.id),
                ("state", "=", "posted"),
                ("date", "<=", ended),
            ],
            limit=1,
        )
        return ended if entries else running["date_to"]

    @api.depends("date_to", "company_id")
    def _compute_date_from(self):
        for year in self:
            dates = year.company_id.compute_fiscalyear_dates(year.date_to)
            year.date_from = dates["date_from"]

    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        for year in self:
            first, last = year.date_from, year.date_to
            if not first or not last:
                year.display_name = ""
            elif first.year == last.year:
                year.display_name = str(last.year)
            else:
                year.display_name = f"{first.year}-{last.year}"

    @api.depends("date_from", "date_to", "state", "fingerprint")
    @api.depends_context("lang", "uid")
    def _compute_report(self):
        for year in self:
            findings, html = [], ""
            if year._origin and year.date_to:
                here = year._origin.with_company(year.company_id)
                findings = here._findings()
                html = here._render_sections(here._sections())
            year.findings = findings
            year.finding_count = len(findings)
            year.blocking_count = sum(f["severity"] == BLOCKING for f in findings)
            year.report_html = html

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if SIGNATURE & set(vals):
                raise UserError(self._signature_message())
        years = super().create([self._with_last_day(dict(vals)) for vals in vals_list])
        if any(year.state != "draft" for year in years):
            raise UserError(self._signature_message())
        return years

    def _with_last_day(self, vals):
        company = self.env["res.company"].browse(vals.get("company_id"))
        company = company or self.env.company
        day = fields.Date.to_date(vals.get("date_to")) or self._default_date_to()
        vals["date_to"] = company.compute_fiscalyear_dates(day)["date_to"]
        return vals

    def write(self, vals):
        frozen = {"company_id", "date_to", *SIGNATURE} & set(vals)
        if frozen and self.env.context.get("cae_signing") is not SIGNING:
            raise UserError(self._signature_message())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        if any(year.state == "signed" for year in self):
            raise UserError(self._signature_message())

    def _signature_message(self):
        return self.env._(
            "CAE-YEAR-STATE: a fiscal year keeps its dates, and is signed and opened "
            "again by its buttons only."
        )

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    def _findings(self):
        """What is wrong or unusual in the year, the blocking ones first.

        :return: as ``cae.period.checks``
        """
        self.ensure_one()
        balances = self._balances()
        rows = self._reconciliation(balances)
        found = [
            *self._find_months(),
            *self._find_internal(rows),
            *self._find_differences(rows),
            *self._find_entries(),
            *self._find_loose_items(),
            *self._find_signature(balances),
            *self._find_waiting(rows),
            *self._find_negative(balances),
        ]
        found = [finding for finding in found if finding]
        return sorted(found, key=lambda finding: finding["severity"] != BLOCKING)

    def _finding(self, code, severity, message, records):
        return bool(records) and {
            "code": f"CAE-YEAR-{code}",
            "severity": severity,
            "message": message,
            "model": records._name,
            "res_ids": records.ids,
        }

    def _find_months(self):
        """Months of the year from the first that the company has here."""
        periods = self.env["cae.period"].search(
            [("company_id", "=", self.company_id.id), ("date", "<=", self.date_to)],
            order="date",
        )
        locked = set(periods.filtered(lambda p: p.state == "locked").mapped("date"))
        month = max(self.date_from, periods[:1].date or self.date_from)
        months = []
        while month <= self.date_to:
            months.append(month)
            month += relativedelta(months=1, day=1)
        missing = [month for month in months if month not in locked]
        message = self.env._(
            "Months to lock: %(months)s.", months=periods._month_names(missing)
        )
        open_ones = periods.filtered(lambda p: p.date in missing)
        if missing:
            yield self._finding("MONTHS", BLOCKING, message, open_ones or self)

    def _accounts(self, rows):
        return self.env["account.account"].search(
            [
                ("company_ids", "in", self.company_id.ids),
                ("code", "in", [row[0] for row in rows]),
            ]
        )

    def _find_internal(self, rows):
        own = [row for row in rows if row[0].startswith(INTERNAL)]
        bank = self.company_id.cae_internal_bank_account_id.code
        wrong = [row for row in own if row[0] == bank and row[2]]
        total = sum(row[2] for row in own)
        if total:
            wrong = own
        message = self.env._(
            "Class 18 is not nil in the general ledger: %(total)s in all, accounts "
            "%(accounts)s.",
            total=self.env["cae.activity"]._amount_text(total),
            accounts=", ".join(row[0] for row in wrong),
        )
        yield self._finding("INTERNAL", BLOCKING, message, self._accounts(wrong))

    def _find_differences(self, rows):
        wrong = [row for row in rows if row[-1]]
        message = self.env._(
            "Accounts whose activities do not add up to the general ledger: "
            "%(accounts)s.",
            accounts=", ".join(row[0] for row in wrong),
        )
        if wrong:
            yield self._finding(
                "DIFFERENCE", BLOCKING, message, self._accounts(wrong) or self
            )

    def _find_entries(self):
        entries = self.env["cae.ledger"]._unbalanced_entries(self.company_id)
        moves = self.env["account.move"].browse(sorted({row[0] for row in entries}))
        message = self.env._(
            "Entries that do not balance for each activity: %(count)s.",
            count=len(moves),
        )
        yield self._finding("UNBALANCED", BLOCKING, message, moves)

    def _find_loose_items(self):
        items = self.env["account.analytic.line"].search(
            [
                (self.env["cae.ledger"]._column(), "!=", False),
                ("move_line_id", "=", False),
                ("company_id", "=", self.company_id.id),
                ("date", "<=", self.date_to),
            ]
        )
        message = self.env._(
            "Analytic items of activities without journal item: %(count)s.",
            count=len(items),
        )
        yield self._finding("ITEMS", BLOCKING, message, items)

    def _find_signature(self, balances):
        signed = self.state == "signed"
        if signed and self._fingerprint(balances) != self.fingerprint:
            message = self.env._(
                "The figures changed since they were signed. Open the year again and "
                "sign what is true now."
            )
            yield self._finding("CHANGED", BLOCKING, message, self)

    def _find_waiting(self, rows):
        wrong = [row for row in rows if row[5]]
        message = self.env._(
            "Accounts with amounts that belong to no activity: %(accounts)s.",
            accounts=", ".join(row[0] for row in wrong),
        )
        yield self._finding("WAITING", WARNING, message, self._accounts(wrong))

    def _find_negative(self, balances):
        shared = self.company_id.cae_shared_account_id.id
        wrong = {key for key, a in self._available(balances).items() if a < 0}
        wrong -= {shared, allocation.UNALLOCATED}
        activities = self.env["cae.activity"].with_context(active_test=False)
        activities = activities.search([("analytic_account_id", "in", list(wrong))])
        message = self.env._(
            "Activities that owe more than they have: %(count)s.",
            count=len(activities),
        )
        yield self._finding("NEGATIVE", WARNING, message, activities)
        gap = self._solvency(balances)["gap"]
        if gap < 0:
            message = self.env._(
                "The bank holds %(gap)s less than what is available to activities.",
                gap=self.env["cae.activity"]._amount_text(-gap),
            )
            yield self._finding("SOLVENCY", WARNING, message, self)

    # ------------------------------------------------------------------
    # Signature
    # ------------------------------------------------------------------

    @staticmethod
    def _fingerprint(balances):
        """SHA-256 of the trial balance per activity, of what waits included."""
        rows = [
            [analytic, code, str(before), str(moved)]
            for analytic, accounts in sorted(balances.items())
            for code, (_name, before, moved) in sorted(accounts.items())
            if before or moved
        ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    def action_sign(self) -> dict:
        """Sign that the analytic ledger is the general ledger, account by account.

        :raises AccessError: when not an accounting manager
        :raises UserError: ``CAE-YEAR-EARLY`` before the year is over,
            ``CAE-YEAR-FINDINGS`` when something blocks
        """
        self.ensure_one()
        self._check_may_sign()
        self._check_over()
        here = self.with_company(self.company_id)
        blocking = [f for f in here._findings() if f["severity"] == BLOCKING]
        if blocking:
            raise UserError(
                self.env._(
                    "CAE-YEAR-FINDINGS: %(year)s cannot be signed: %(findings)s",
                    year=self.display_name,
                    findings=" ".join(finding["message"] for finding in blocking),
                )
            )
        fingerprint = self._fingerprint(here._balances())
        self._sign("signed", self.env.user, fields.Datetime.now(), fingerprint)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_reopen(self, reason: str) -> dict:
        """Take the signature back; the log keeps who, when and why.

        :raises AccessError: when not an accounting manager
        :raises UserError: ``CAE-YEAR-REASON``
        """
        self.ensure_one()
        self._check_may_sign()
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(
                self.env._("CAE-YEAR-REASON: give the reason of the reopening.")
            )
        if self.state == "signed":
            self._sign("draft", self.env["res.users"], False, False)
            self.env["cae.year.reopening"]._log(self, reason)
            self._cae_note(self.env._("Opened again: %s", reason))
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_ask_reopen(self) -> dict:
        """Ask for the reason, then take the signature back."""
        self.ensure_one()
        return self.env["cae.reason"]._ask(
            "reopen_year", self.env._("Open the year again"), year_id=self.id
        )

    def _sign(self, state, user, moment, fingerprint):
        self.with_context(cae_signing=SIGNING).write(
            {
                "state": state,
                "signed_by_id": user.id,
                "signed_on": moment,
                "fingerprint": fingerprint,
            }
        )

    def _check_over(self):
        if self.date_to >= fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "CAE-YEAR-EARLY: %(year)s is not over; it is signed after its last "
                    "day.",
                    year=self.display_name,
                )
            )

    def _check_may_sign(self):
        if not self.env.user.has_group("cae_base.group_manager"):
            raise AccessError(
                self.env._("Only accounting managers may sign a fiscal year.")
            )

    # ------------------------------------------------------------------
    # Output
    # ------------------------------------------------------------------

    def _render_sections(self, sections):
        return self.env["ir.qweb"]._render(
            "cae_base.year_sections",
            {"sections": list(sections.values()), "cell": self._cell},
        )

    def action_print(self) -> dict:
        """The report as PDF."""
        return self.env.ref("cae_base.cae_year_report").report_action(self)

    def action_export(self) -> dict:
        """The report as spreadsheet, one sheet per section."""
        self.ensure_one()
        here = self.with_company(self.company_id)
        attachment = self.env["ir.attachment"].create(
            {
                "name": self.env._("Yearly close %s", self.display_name) + ".xlsx",
                "datas": base64.b64encode(here._spreadsheet(here._sections())),
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
        }

    def _spreadsheet(self, sections):
        return workbook(
            (
                section["title"],
                [label for label, _kind in section["columns"]],
                [self._typed_cells(section["columns"], r) for r in section["rows"]],
            )
            for section in sections.values()
        )

    def _typed_cells(self, columns, row):
        return [
            decimal(value) if kind == MONEY else self._cell(kind, value)
            for (_label, kind), value in zip(columns, row, strict=True)
        ]
