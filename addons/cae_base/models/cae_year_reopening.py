from odoo import fields, models


class CaeYearReopening(models.Model):
    """One signature taken back."""

    _name = "cae.year.reopening"
    _inherit = ["cae.reason.log"]
    _description = "Reopening of a Fiscal Year"
    _rec_name = "year_id"

    year_id = fields.Many2one(
        "cae.year", string="Fiscal Year", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="year_id.company_id", store=True, index=True)
