from odoo import fields, models
from odoo.exceptions import UserError

from .account_move_line import TAGGING

#: Fields of a payment that its posted entry says too.
POSTED_FIELDS = {
    "amount",
    "company_id",
    "currency_id",
    "date",
    "journal_id",
    "move_id",
    "partner_id",
    "partner_type",
    "payment_type",
}
#: States in which a payment has no posted entry.
UNPOSTED = ("draft", "canceled")


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

    def write(self, vals):
        self._cae_check_write(vals)
        return super().write(vals)

    def _cae_check_write(self, vals):
        """What a payment says stays what its posted entry says.

        :raises UserError: ``CAE-PAYMENT-POSTED``
        """
        if self.env.context.get("cae_token") is TAGGING:
            return
        changed = POSTED_FIELDS & set(vals)
        unposted = vals.get("state") in UNPOSTED
        if not changed and not unposted:
            return
        posted = self.filtered(lambda p: p.move_id.state == "posted")
        if posted and (unposted or posted._cae_differs(changed, vals)):
            raise UserError(
                self.env._(
                    "CAE-PAYMENT-POSTED: the entry of this payment is posted. Put it "
                    "back to draft first, with its button."
                )
            )

    def _cae_differs(self, names, vals):
        """Whether these values are others: screens send some again."""
        return any(
            field.convert_to_cache(vals[field.name], payment)
            != field.convert_to_cache(payment[field.name], payment)
            for field in map(self._fields.get, names)
            for payment in self
        )

    def action_draft(self):
        payments = self.with_context(cae_token=TAGGING)
        return super(AccountPayment, payments).action_draft()

    def action_cancel(self):
        payments = self.with_context(cae_token=TAGGING)
        return super(AccountPayment, payments).action_cancel()
