from odoo import fields, models


class AccountBankStatementLine(models.Model):
    _name = "account.bank.statement.line"
    _inherit = ["account.bank.statement.line", "cae.owned"]

    cae_unallocated_reason = fields.Char(
        string="Kept Unallocated",
        copy=False,
        help="Why this line stays without activity. The month can be locked with it.",
    )
    cae_import_key = fields.Char(
        string="Key in the File",
        copy=False,
        readonly=True,
        help="Names the line in the files of the bank: it is not loaded twice.",
    )

    _cae_import_key_uniq = models.UniqueIndex(
        "(journal_id, cae_import_key) WHERE cae_import_key IS NOT NULL",
        "This bank line is already in the journal.",
    )
