from odoo import fields, models


class CaeImport(models.TransientModel):
    _inherit = "cae.import"

    dataset = fields.Selection(
        selection_add=[("payroll_rates", "Payroll rates")],
        ondelete={"payroll_rates": "cascade"},
    )

    def _load(self, content, dry_run):
        if self.dataset != "payroll_rates":
            return super()._load(content, dry_run)
        return self.env["cae.payroll.rate"].load_file(
            self.filename or "", content, dry_run=dry_run, encoding=self.encoding
        )
