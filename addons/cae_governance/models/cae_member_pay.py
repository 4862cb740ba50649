"""Shares that pay withholds: the entry of the pay is their payment."""

from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _cae_shares_withheld(self, move, undone):
        result = super()._cae_shares_withheld(move, undone)
        self.env["cae.member"].with_company(self)._after_withheld(move, undone)
        return result


class CaeMember(models.Model):
    _inherit = "cae.member"

    @api.model
    def _after_withheld(self, move, undone):
        """Take what an entry of pay withheld for shares as paid, or as paid no more.

        The pay has credited what the members owe (4562), each person as partner: no
        payment is added to it. What it pays is matched, and the capital that it pays
        up goes from 1012 to 1013.
        """
        company = self.env.company
        # sudo: whoever posts pay has no right on members nor on their shares.
        items = move.sudo()._withheld_shares(company)
        if not items:
            return
        partners = items.partner_id
        before = undone.sudo()._withheld_shares(company)
        before = before.filtered(lambda item: item.partner_id in partners)
        before.remove_move_reconcile()
        # sudo: see above.
        members = self.sudo().with_context(active_test=False)
        members = members.search(
            [("company_id", "=", company.id), ("partner_id", "in", partners.ids)]
        )
        members._match_undone(before | items if before else before)
        members._match_debts()
        members._book_paid(company, move.date, members)

    @api.model
    def _match_undone(self, items):
        """Match what was withheld with its reversal, person by person."""
        groups = list(items.grouped("partner_id").values())
        if groups and items.account_id.reconcile:
            items._cae_match(groups)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _withheld_shares(self, company):
        """Items of these entries that pay shares, or give them back."""
        account = company._cae_share_debt_account()
        if not account:
            return self.env["account.move.line"]
        return self.line_ids.filtered(
            lambda item: item.account_id == account and item.partner_id
        )
