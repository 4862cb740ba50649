from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.money import decimal, french
from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.models.ir_attachment import FREEZING
from odoo.addons.cae_base.tools import format_date

#: The employer keeps a copy of payslips for five years (Code du travail L.3243-4).
KEPT_YEARS = 5
OFFICE = "cae_base.group_payroll"

OWNED["cae.payslip"] = {
    "accounts": False,
    "company_id": False,
    "cost": 0,
    "currency_id": False,
    "delivered_on": False,
    "entrepreneur_id": False,
    "entry": False,
    "estimate_cost": 0,
    "estimate_gross": 0,
    "estimate_net": 0,
    "gap_shares": False,
    "gross": 0,
    "month": False,
    "move_ids": False,
    "net": 0,
    "pay_line_id": False,
    "pay_line_ids": False,
    "reason": False,
    "state": "new",
    "withheld": 0,
}


class CaePayslip(models.Model):
    """The true payslip of a person and month: its totals, and its PDF.

    The payroll software makes it. Its totals replace the estimate (``cae.pay.line``)
    in the books of the activities; its PDF is handed over to the person.
    """

    _name = "cae.payslip"
    _description = "Payslip"
    _inherit = ["cae.pay.log", "cae.owned"]
    _order = "month desc, entrepreneur_id"
    _check_company_auto = True

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    month = fields.Date(
        required=True, readonly=True, index=True, help="First day of the month."
    )
    state = fields.Selection(
        [("new", "No Figures"), ("booked", "Booked"), ("undone", "Undone")],
        default="new",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    reason = fields.Char(
        readonly=True, copy=False, tracking=True, help="Of the last undoing."
    )
    pay_line_id = fields.Many2one(
        "cae.pay.line",
        string="Estimate",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        help="The pay that the differences of this payslip are paid with.",
    )
    pay_line_ids = fields.One2many(
        "cae.pay.line",
        "payslip_id",
        string="Estimates",
        readonly=True,
        copy=False,
        groups=OFFICE,
        help="All the pay of the month that this payslip replaces: the month's own, "
        "that of a second contract, and the balance of a year.",
    )
    gross = fields.Monetary(readonly=True)
    cost = fields.Monetary(
        string="Employer's Cost",
        readonly=True,
        help="Gross and employer's contributions, less the general reduction.",
    )
    net = fields.Monetary(readonly=True, help="Due to the person.")
    withheld = fields.Monetary(
        string="Withheld from the Net",
        readonly=True,
        help="Income tax, advances, garnishments: accounts 442 and 42.",
    )
    estimate_gross = fields.Monetary(readonly=True)
    estimate_cost = fields.Monetary(readonly=True)
    estimate_net = fields.Monetary(readonly=True)
    gap_gross = fields.Monetary(compute="_compute_gaps", store=True)
    gap_cost = fields.Monetary(
        compute="_compute_gaps",
        store=True,
        help="What the payslip costs more than the estimate.",
    )
    gap_net = fields.Monetary(
        compute="_compute_gaps",
        store=True,
        help="Net before what is withheld, less the estimate's net before tax.",
    )
    accounts = fields.Json(
        readonly=True,
        copy=False,
        groups=OFFICE,
        help="Technical: amounts of the file by account.",
    )
    accounts_text = fields.Char(
        string="Contributions by Account",
        compute="_compute_accounts_text",
        groups=OFFICE,
    )
    entry = fields.Json(
        readonly=True,
        copy=False,
        groups=OFFICE,
        help="Technical: cents in the books, by activity and account.",
    )
    gap_shares = fields.Json(
        readonly=True,
        copy=False,
        groups=OFFICE,
        help="Technical: cents that the payslip costs each activity more than the "
        "estimates.",
    )
    move_ids = fields.Many2many(
        "account.move",
        "account_move_cae_payslip_rel",
        "cae_payslip_id",
        "account_move_id",
        string="Entries",
        readonly=True,
        copy=False,
        groups=OFFICE,
        help="What the payslip added to the estimate, and its corrections.",
    )
    attachment_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        string="PDF",
        domain=[("res_model", "=", "cae.payslip"), ("cae_frozen", "=", True)],
        readonly=True,
        groups=OFFICE,
    )
    delivered_on = fields.Date(readonly=True, copy=False, help="Day of the last PDF.")
    kept_until = fields.Date(
        compute="_compute_kept_until",
        store=True,
        help="The PDF is kept until this day (L.3243-4: five years).",
    )

    _month_uniq = models.UniqueIndex(
        "(entrepreneur_id, month)", "This person already has a payslip in this month."
    )
    _first_day = models.Constraint(
        "CHECK(EXTRACT(day FROM month) = 1)", "A month is named by its first day."
    )
    _company_month_idx = models.Index("(company_id, month)")

    @api.depends("entrepreneur_id", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for slip in self:
            month = slip.month and format_date(
                self.env, slip.month, date_format="MMMM yyyy"
            )
            name = slip.entrepreneur_id.display_name or ""
            slip.display_name = f"{name}, {month or ''}"

    @api.depends(
        *("gross", "cost", "net", "withheld", "state"),
        *("estimate_gross", "estimate_cost", "estimate_net"),
    )
    def _compute_gaps(self):
        for slip in self:
            found = {name: decimal(slip[name]) for name in ("gross", "cost", "net")}
            found["net"] += decimal(slip.withheld)
            for name, amount in found.items():
                gap = amount - decimal(slip[f"estimate_{name}"])
                slip[f"gap_{name}"] = float(gap) if slip.state == "booked" else 0

    @api.depends("accounts")
    def _compute_accounts_text(self):
        for slip in self:
            parts = (slip.accounts or {}).items()
            slip.accounts_text = " · ".join(
                f"{account} {french(decimal(amount))}" for account, amount in parts
            )

    @api.depends("delivered_on")
    def _compute_kept_until(self):
        for slip in self:
            slip.kept_until = slip._kept_until()

    def _kept_until(self):
        day = self.delivered_on
        return day and day + relativedelta(years=KEPT_YEARS)

    @api.model
    def _make(self, people, first):
        """Payslips of these people for a month, without figures."""
        company = self.env.company
        return self.create(
            [
                {
                    "entrepreneur_id": person.id,
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "month": first,
                }
                for person in people
            ]
        )

    # ------------------------------------------------------------------
    # Keeping
    # ------------------------------------------------------------------

    def unlink(self):
        """Delete payslips whose time is over, with their PDF."""
        self.check_access("unlink")
        self._check_deletable()
        return super(CaePayslip, self.with_context(cae_freezing=FREEZING)).unlink()

    def _check_deletable(self):
        """:raises UserError: ``CAE-PAYSLIP-BOOKED``, ``CAE-PAYSLIP-KEPT``"""
        today = fields.Date.context_today(self)
        for slip in self:
            if slip.state == "booked":
                raise UserError(
                    self.env._(
                        "CAE-PAYSLIP-BOOKED: %(payslip)s is in the books. Undo it "
                        "first.",
                        payslip=slip.display_name,
                    )
                )
            kept = slip._kept_until()
            if kept and kept >= today:
                raise UserError(
                    self.env._(
                        "CAE-PAYSLIP-KEPT: %(payslip)s is kept until %(day)s (Code du "
                        "travail L.3243-4).",
                        payslip=slip.display_name,
                        day=format_date(self.env, kept),
                    )
                )

    # ------------------------------------------------------------------
    # PDF
    # ------------------------------------------------------------------

    def _deliver(self, contents):
        """Attach PDFs; what was delivered before stays beside a later one.

        :param contents: ``{payslip: PDF as bytes}``
        """
        files = [
            {
                "name": slip._file_name(),
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": slip.id,
                "company_id": slip.company_id.id,
                "cae_frozen": True,
            }
            for slip, content in contents.items()
        ]
        # sudo: nobody writes on a payslip but its own code; whoever may read it may
        # read its PDF.
        attachments = self.env["ir.attachment"].sudo()
        attachments.with_context(cae_freezing=FREEZING).create(files)
        self.sudo()._cae_own().write({"delivered_on": fields.Date.context_today(self)})
        self.invalidate_recordset(["attachment_ids"])

    def _file_name(self):
        return f"{self.env._('Payslip')} {self.month:%Y-%m}.pdf"

    def _delivered(self):
        """``{payslip: checksums of its PDFs}``; one query."""
        # sudo: checksums only, of payslips that the user may deliver.
        rows = (
            self.env["ir.attachment"]
            .sudo()
            .search_read(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("cae_frozen", "=", True),
                ],
                ["res_id", "checksum"],
            )
        )
        found = {slip: set() for slip in self}
        for row in rows:
            found[self.browse(row["res_id"])].add(row["checksum"])
        return found

    def _pdf(self):
        """Content of the last PDF, nothing without one."""
        self.ensure_one()
        self.check_access("read")
        # sudo: entrepreneurs have no rights on attachments; whoever may read a payslip
        # may read its PDF.
        return self.sudo().attachment_ids.sorted("id")[-1:].raw

    def action_open_pdf(self) -> dict:
        """The last PDF of this payslip.

        :raises UserError: ``CAE-PAYSLIP-PDF`` when there is none
        """
        self.ensure_one()
        self.check_access("read")
        if not self.delivered_on:
            raise UserError(
                self.env._(
                    "CAE-PAYSLIP-PDF: no PDF was delivered for %(payslip)s.",
                    payslip=self.display_name,
                )
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/cae/payslip/{self.id}/pdf",
            "target": "new",
        }

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    @api.model
    def _action_of_month(self, first):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_payroll.cae_payslip_action"
        )
        company = ("company_id", "=", self.env.company.id)
        action["domain"] = [company, ("month", "=", first)]
        action["context"] = {}
        return action

    def action_ask_undo(self) -> dict:
        """Ask for the reason of an undoing."""
        reason = self.env["cae.pay.reason"]
        title = self.env._("Undo")
        return reason._ask("undo_payslips", title, payslip_ids=self.ids)

    def action_open_entries(self) -> dict:
        """Accounting entries of these payslips."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_move_journal_line"
        )
        action["domain"] = [("id", "in", self.move_ids.ids)]
        action["context"] = {}
        return action
