from odoo import fields, models


class CaeSettings(models.TransientModel):
    _inherit = "cae.settings"

    cae_interview_notice = fields.Integer(
        related="company_id.cae_interview_notice", readonly=False
    )
