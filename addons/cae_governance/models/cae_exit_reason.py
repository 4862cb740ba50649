from odoo import fields, models


class CaeExitReason(models.Model):
    _inherit = "cae.exit.reason"

    keeps_membership = fields.Boolean(
        help="Whoever leaves for this reason stays a member: retirement, economic "
        "dismissal, unfitness (loi 78-763 art. 11).",
    )
