from odoo import fields, models


class AccountMove(models.Model):
    """Entries that expenses are posted with."""

    _inherit = "account.move"

    def _compute_needed_terms(self):
        result = super()._compute_needed_terms()
        for move in self.filtered(lambda m: m.move_type in ("in_receipt", "in_refund")):
            account = move._cae_expense_account()
            for values in move.needed_terms.values() if account else ():
                values["account_id"] = account.id
        return result

    def _cae_expense_account(self):
        """Account on which a person is owed what this entry reimburses.

        Read from the items: a reversal has no expenses of its own.
        """
        # sudo: who may post or reverse an entry need not read expenses.
        expenses = self.line_ids.sudo().expense_id
        own = expenses.filtered(lambda e: e.payment_mode == "own_account")
        if not own:
            return self.env["account.account"]
        return own._cae_payable_account(self.invoice_date or fields.Date.today())

    def _cae_pays_expense(self):
        """Whether this is the payment of an expense by the cooperative.

        It is a document and its payment in one: an expense, its VAT, and the bank.
        """
        return not self.is_invoice(include_receipts=True) and bool(
            self.line_ids.expense_id
        )
