from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang


class CaePayrollRateComparison(models.TransientModel):
    """Which legal figures change between two dates."""

    _name = "cae.payroll.rate.comparison"
    _description = "Changes of Payroll Rates"

    date_before = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(month=1, day=1),
    )
    date_after = fields.Date(
        string="To", required=True, default=fields.Date.context_today
    )
    changes_html = fields.Html(
        string="Changes", compute="_compute_changes_html", sanitize=False
    )

    @api.depends("date_before", "date_after")
    @api.depends_context("lang")
    def _compute_changes_html(self):
        for form in self:
            form.changes_html = form._render()

    def _render(self):
        if not (self.date_before and self.date_after):
            return False
        try:
            changes = self.env["cae.payroll.rate"]._changes_between(
                self.date_before, self.date_after
            )
        except UserError as error:
            return self.env["ir.qweb"]._render(
                "cae_payroll.rate_changes", {"error": str(error), "changes": []}
            )
        values = {"error": "", "changes": changes, "number": self._number}
        return self.env["ir.qweb"]._render("cae_payroll.rate_changes", values)

    def _number(self, row):
        """The value of a row, without the zeros that say nothing."""
        if not row:
            return "–"
        value = row.value.normalize()
        digits = max(0, -value.as_tuple().exponent)
        return formatLang(self.env, float(value), digits=digits)
