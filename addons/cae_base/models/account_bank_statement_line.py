from odoo import fields, models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    cae_unallocated_reason = fields.Char(
        string="Kept Unallocated",
        copy=False,
        help="Why this line stays without activity. The month can be locked with it.",
    )
