from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    cae_activity_id = fields.Many2one(
        "cae.activity",
        string="Activity",
        index="btree_not_null",
        groups="account.group_account_readonly,account.group_account_invoice",
        help="Documents of this customer or supplier default to this activity.",
    )
    cae_entrepreneur_ids = fields.One2many(
        "cae.entrepreneur",
        "partner_id",
        string="Entrepreneur",
        context={"active_test": False},
        groups="cae_base.group_manager",
        help="Technical: the rules of rights look at it.",
    )
