from odoo import api, models
from odoo.exceptions import UserError

from .account_move_line import TAGGING

PROTECTED = {
    *("amount", "company_id", "currency_id", "date", "general_account_id"),
    *("journal_id", "move_line_id", "partner_id", "unit_amount"),
}


class AccountAnalyticLine(models.Model):
    """Analytic items of activities exist only as the image of journal items.

    Plain Odoo lets an accountant create them without a journal item and rewrite
    their amounts even in a locked period; here that would be money out of nowhere.
    """

    _inherit = "account.analytic.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._cae_check_protected()
        return lines

    def write(self, vals):
        column = self.env["cae.ledger"]._column()
        touched = PROTECTED & set(vals) or column in vals
        if touched:
            self._cae_check_protected()
        result = super().write(vals)
        if touched:
            self._cae_check_protected()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_activity(self):
        self._cae_check_protected()

    def _cae_check_protected(self):
        """:raises UserError: ``CAE-ANALYTIC-MANUAL``"""
        if self.env.context.get("cae_token") is TAGGING:
            return
        column = self.env["cae.ledger"]._column()
        if any(line[column] for line in self):
            raise UserError(
                self.env._(
                    "CAE-ANALYTIC-MANUAL: analytic items of activities follow the "
                    "journal items. Change the analytic distribution of the journal "
                    "item, or write an entry."
                )
            )
