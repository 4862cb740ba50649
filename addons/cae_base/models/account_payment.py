from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    cae_activity_id = fields.Many2one(
        "cae.activity",
        string="Activity",
        index="btree_not_null",
        check_company=True,
        help="Activity of what this payment does not settle (payment on account). "
        "What it settles follows the documents.",
    )
