from odoo import fields, models


class AccountAnalyticAccount(models.Model):
    _inherit = "account.analytic.account"

    cae_activity_ids = fields.One2many(
        "cae.activity",
        "analytic_account_id",
        string="Activity",
        context={"active_test": False},
        groups="cae_base.group_manager",
        help="Technical: the rules of rights look at it.",
    )
