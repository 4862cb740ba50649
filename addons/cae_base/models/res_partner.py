from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    cae_activity_id = fields.Many2one(
        "cae.activity",
        string="Activity",
        index="btree_not_null",
        help="Documents of this customer or supplier default to this activity.",
    )
