from odoo import fields, models

from odoo.addons.cae_base.models.account_move_validation import ACCOUNTING


class AccountMove(models.Model):
    """The quote that an invoice was made of."""

    _inherit = "account.move"

    cae_quote_id = fields.Many2one(
        "sale.order",
        string="Quote",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        groups=ACCOUNTING,
        help="The quote of the activity that this document invoices, or a part of it.",
    )
