from odoo import fields, models


class CaePeriodUnlock(models.Model):
    """One unlocking of a month."""

    _name = "cae.period.unlock"
    _inherit = ["cae.reason.log"]
    _description = "Unlocking of a Month"
    _rec_name = "period_id"

    period_id = fields.Many2one(
        "cae.period", string="Month", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="period_id.company_id", store=True, index=True)
    user_id = fields.Many2one(string="Unlocked by")
