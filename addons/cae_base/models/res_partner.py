from odoo import fields, models

#: Documents that say who a customer is.
ISSUED = ("out_invoice", "out_refund", "out_receipt")


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

    def _cae_keeps_identity(self) -> bool:
        """Whether who this is stands in registers, or on documents that were issued.

        Then the cooperative alone changes it.
        """
        self.ensure_one()
        own = self.sudo()  # sudo: only whether there is something of theirs
        documents = self.env["account.move"].sudo()  # sudo: as above
        return bool(own.cae_entrepreneur_ids) or bool(
            documents.search_count(
                [
                    ("commercial_partner_id", "=", own.id),
                    ("move_type", "in", ISSUED),
                    ("state", "=", "posted"),
                ],
                limit=1,
            )
        )

    def can_edit_vat(self):
        return super().can_edit_vat() and not self._cae_keeps_identity()
