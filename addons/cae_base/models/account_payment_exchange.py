from odoo import fields, models


class AccountPayment(models.Model):
    """What the exchange remembers of the payments that it loaded."""

    _name = "account.payment"
    _inherit = ["account.payment", "cae.owned"]

    cae_reference = fields.Char(
        string="Reference in the File",
        copy=False,
        readonly=True,
        help="Names the payment in the files that it is loaded from.",
    )
    cae_load_date = fields.Date(string="Date in the File", copy=False, readonly=True)
    cae_mode = fields.Char(string="Means of Payment", copy=False, readonly=True)
    cae_document_id = fields.Many2one(
        "account.move",
        string="Document Paid",
        copy=False,
        readonly=True,
        index="btree_not_null",
        check_company=True,
    )

    _cae_reference_uniq = models.UniqueIndex(
        "(company_id, cae_reference) "
        "WHERE cae_reference IS NOT NULL AND state NOT IN ('canceled', 'rejected')",
        "A payment with this reference is already in the books.",
    )
