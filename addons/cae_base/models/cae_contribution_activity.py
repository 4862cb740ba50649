from odoo import fields, models


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    contribution_line_ids = fields.One2many(
        "cae.contribution.line", "activity_id", string="Contributions"
    )
    exemption_ids = fields.One2many(
        "cae.contribution.exemption", "activity_id", string="Own Terms", copy=False
    )
