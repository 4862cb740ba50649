from dateutil.relativedelta import relativedelta

from odoo import fields, models


class CaePayrollExport(models.TransientModel):
    """Makes the file of the month's pay elements for the payroll software."""

    _name = "cae.payroll.export"
    _description = "Export to Payroll Software"

    month = fields.Date(
        required=True,
        default=lambda self: (
            fields.Date.context_today(self).replace(day=1) - relativedelta(months=1)
        ),
        help="Any day of the month.",
    )
    template_id = fields.Many2one(
        "cae.payroll.template",
        string="File",
        required=True,
        default=lambda self: self.env["cae.payroll.template"].search([], limit=1),
    )
    note = fields.Text(related="template_id.note")
    waiting = fields.Integer(
        compute="_compute_waiting", help="Pay of the month that is not posted."
    )
    content = fields.Binary(string="Result", readonly=True, attachment=False)
    filename = fields.Char(readonly=True)
    rows = fields.Integer(readonly=True)

    def _compute_waiting(self):
        for wizard in self:
            wizard.waiting = self.env["cae.pay.line"].search_count(
                [
                    ("company_id", "=", self.env.company.id),
                    ("month", "=", wizard.month and wizard.month.replace(day=1)),
                    ("state", "in", ("draft", "approved")),
                ]
            )

    def action_export(self) -> dict:
        """Make the file and offer it."""
        self.ensure_one()
        result = self.env["cae.payroll.exchange"]._export(
            self.month.replace(day=1), self.template_id
        )
        self.write(
            {
                "content": result["content_base64"],
                "filename": result["name"],
                "rows": result["rows"],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export to Payroll Software"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
