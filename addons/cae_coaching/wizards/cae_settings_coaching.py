from odoo import fields, models


class CaeSettings(models.TransientModel):
    _inherit = "cae.settings"

    cae_interview_notice = fields.Integer(
        related="company_id.cae_interview_notice", readonly=False
    )
    cae_sign_reminder_days = fields.Integer(
        related="company_id.cae_sign_reminder_days", readonly=False
    )
