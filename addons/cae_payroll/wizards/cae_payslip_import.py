from dateutil.relativedelta import relativedelta

from odoo import fields, models


class CaePayslipImport(models.TransientModel):
    """Loads the totals or the PDFs of a month's payslips; shows what is wrong."""

    _name = "cae.payslip.import"
    _description = "Import of Payslips"

    month = fields.Date(
        required=True,
        default=lambda self: (
            fields.Date.context_today(self).replace(day=1) - relativedelta(months=1)
        ),
        help="Any day of the month.",
    )
    kind = fields.Selection(
        [
            ("totals", "Totals (CSV)"),
            ("named", "PDF of each person (PDF or ZIP, named by matricule)"),
            ("split", "One PDF to split by matricule"),
        ],
        string="File of",
        required=True,
        default="totals",
    )
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    encoding = fields.Selection(
        [("utf-8", "UTF-8"), ("windows-1252", "Windows-1252 (Latin-1)")],
        required=True,
        default="utf-8",
    )
    late = fields.Selection(
        [
            ("refuse", "Refuse the file"),
            ("next", "Book the difference in the first open month"),
        ],
        string="If the Month Is Locked",
        required=True,
        default="refuse",
    )
    state = fields.Selection(
        [("new", "New"), ("checked", "Checked"), ("done", "Loaded")],
        default="new",
        readonly=True,
    )
    created = fields.Integer(readonly=True)
    updated = fields.Integer(readonly=True)
    unchanged = fields.Integer(readonly=True)
    error_ids = fields.One2many("cae.payslip.import.error", "import_id", readonly=True)

    def action_check(self) -> dict:
        """Check the file and write nothing."""
        return self._run(dry_run=True)

    def action_load(self) -> dict:
        """Load the file: all of it, or nothing when something is wrong."""
        return self._run(dry_run=False)

    def action_open_payslips(self) -> dict:
        """Payslips of the month."""
        self.ensure_one()
        return self.env["cae.payslip"]._action_of_month(self.month.replace(day=1))

    def _run(self, dry_run):
        self.ensure_one()
        content = self.with_context(bin_size=False).file
        content = content.decode() if isinstance(content, bytes) else content or ""
        result = self._load(content, dry_run)
        errors = result.pop("errors")
        self.error_ids.unlink()
        loaded = not dry_run and not errors
        self.write(
            {
                **result,
                "state": "done" if loaded else "checked",
                "error_ids": [fields.Command.create(error) for error in errors],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Payslips"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _load(self, content, dry_run):
        exchange = self.env["cae.payroll.exchange"]
        given = (f"{self.month:%Y-%m}", self.filename or "", content)
        if self.kind == "totals":
            return exchange.load_payslips_file(
                *given, dry_run=dry_run, encoding=self.encoding, late=self.late
            )
        return exchange.load_payslip_pdfs(
            *given, split=self.kind == "split", dry_run=dry_run
        )


class CaePayslipImportError(models.TransientModel):
    """A problem of an imported file."""

    _name = "cae.payslip.import.error"
    _description = "Problem of an Import of Payslips"
    _order = "row, id"

    import_id = fields.Many2one("cae.payslip.import", required=True, ondelete="cascade")
    row = fields.Integer(help="Row of the data, file of the ZIP, or page of the PDF.")
    column = fields.Char(string="Column or File")
    code = fields.Char()
    message = fields.Char(string="What to Do")
