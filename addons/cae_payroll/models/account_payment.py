from odoo import fields, models

from odoo.addons.cae_base.models.cae_owned import OWNED

OWNED["account.payment"]["cae_pay_line_ids"] = False


class AccountPayment(models.Model):
    _inherit = "account.payment"

    cae_pay_line_ids = fields.Many2many(
        "cae.pay.line",
        "account_payment_cae_pay_line_rel",
        "account_payment_id",
        "cae_pay_line_id",
        string="Pay",
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll,cae_base.group_accountant",
        help="What this transfer pays the net of.",
    )
