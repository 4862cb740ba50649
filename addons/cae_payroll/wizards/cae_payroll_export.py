from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..models.cae_payroll_template_line import SUMS


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
    left_out = fields.Char(
        compute="_compute_left_out",
        help="Elements of pay of the month that the file has no column for.",
    )
    content = fields.Binary(string="Result", readonly=True, attachment=False)
    filename = fields.Char(readonly=True)
    rows = fields.Integer(readonly=True)

    @api.depends("month")
    def _compute_waiting(self):
        for wizard in self:
            wizard.waiting = self.env["cae.pay.line"].search_count(
                [
                    ("company_id", "=", self.env.company.id),
                    ("month", "=", wizard.month and wizard.month.replace(day=1)),
                    ("state", "in", ("draft", "approved")),
                ]
            )

    @api.depends("month", "template_id")
    def _compute_left_out(self):
        for wizard in self:
            wizard.left_out = ", ".join(wizard._left_out())

    def _left_out(self):
        """Names of the kinds of elements that the file does not show."""
        if not self.month or not self.template_id:
            return []
        found = self.env["cae.pay.element"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("month", "=", self.month.replace(day=1)),
            ]
        )
        shown = set(self.template_id.line_ids.mapped("source"))
        kinds = found._fields["kind"]._description_selection(self.env)
        held = set(found.mapped("kind"))
        return [
            label
            for kind, label in kinds
            if kind in held and not shown & {each for each in SUMS if kind in each}
        ]

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
