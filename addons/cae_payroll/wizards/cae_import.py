from dateutil.relativedelta import relativedelta

from odoo import fields, models

PAYSLIPS = [
    ("payslips", "Payslips: totals (CSV)"),
    ("payroll_journal", "Payslips: payroll journal (CSV)"),
    ("payslip_named", "Payslips: PDF of each person (PDF or ZIP, named by matricule)"),
    ("payslip_split", "Payslips: one PDF to split by matricule"),
]
RATES = ("payroll_rates", "Payroll rates")


class CaeImport(models.TransientModel):
    """Payslips of a month, and payroll rates."""

    _inherit = "cae.import"

    dataset = fields.Selection(
        selection_add=[RATES, *PAYSLIPS],
        ondelete={name: "cascade" for name, _label in (RATES, *PAYSLIPS)},
    )
    month = fields.Date(
        default=lambda self: (
            fields.Date.context_today(self).replace(day=1) - relativedelta(months=1)
        ),
        help="Any day of the month.",
    )
    by_name = fields.Boolean(
        string="Files Without Text Are Named Right",
        help="A PDF that is a picture says nothing of whose payslip it is: its name "
        "alone does. Look at each of them before you confirm this.",
    )
    missing = fields.Text(
        readonly=True,
        help="Who was paid in the month and has no payslip, in this file or before.",
    )

    def action_open_payslips(self) -> dict:
        """Payslips of the month."""
        self.ensure_one()
        return self.env["cae.payslip"]._action_of_month(self.month.replace(day=1))

    def _action_reopen(self):
        action = super()._action_reopen()
        if self.dataset in dict(PAYSLIPS):
            view = self.env.ref("cae_payroll.cae_payslip_import_view_form")
            action.update(name=self.env._("Import Payslips"), view_id=view.id)
        return action

    def _load(self, content, dry_run):
        if self.dataset == "payroll_rates":
            return self.env["cae.payroll.rate"].load_file(
                self.filename or "", content, dry_run=dry_run, encoding=self.encoding
            )
        if self.dataset not in dict(PAYSLIPS):
            return super()._load(content, dry_run)
        result = self._load_payslips(content, dry_run)
        missing = result.get("missing", ())
        names = [f"{each['matricule']} {each['name']}".strip() for each in missing]
        return {**result, "missing": ", ".join(names)}

    def _load_payslips(self, content, dry_run):
        exchange = self.env["cae.payroll.exchange"]
        given = (f"{self.month:%Y-%m}", self.filename or "", content)
        if self.dataset in ("payslip_named", "payslip_split"):
            split = self.dataset == "payslip_split"
            return exchange.load_payslip_pdfs(
                *given, split=split, dry_run=dry_run, by_name=self.by_name
            )
        load = getattr(exchange, f"load_{self.dataset}_file")
        return load(*given, dry_run=dry_run, encoding=self.encoding, late=self.late)
