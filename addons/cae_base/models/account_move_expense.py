from odoo import models


class AccountMove(models.Model):
    """Entries that expenses are posted with."""

    _inherit = "account.move"

    def _compute_needed_terms(self):
        result = super()._compute_needed_terms()
        receipts = self.filtered(lambda m: m.move_type in ("in_receipt", "in_refund"))
        for move, account in receipts._cae_expense_accounts().items():
            for values in move.needed_terms.values():
                values["account_id"] = account.id
        return result

    def _cae_expense_accounts(self):
        """``{entry: account}`` on which people are owed what the entries reimburse.

        Expenses are read from the items: a reversal has none of its own. Nothing for
        entries whose company leaves it to the person's payable account.
        """
        # sudo: who may post or reverse an entry need not read expenses.
        lines = self.line_ids.sudo()
        expenses = lines.expense_id.filtered(lambda e: e.payment_mode == "own_account")
        kinds = {
            day: expenses.employee_id._cae_contract_kinds(day)
            for day in (set(self.mapped("invoice_date")) if expenses else ())
        }
        result = {}
        for move in self if expenses else ():
            own = move.line_ids.sudo().expense_id & expenses  # sudo: as above
            kind = kinds[move.invoice_date].get(own.employee_id[:1].id)
            account = own and own.company_id._cae_expense_account(kind)
            if account:
                result[move] = account
        return result

    def _cae_pays_expense(self):
        """Whether this is the payment of an expense by the cooperative.

        It is a document and its payment in one: an expense, its VAT, and the bank.
        """
        return not self.is_invoice(include_receipts=True) and bool(
            self.line_ids.expense_id
        )
