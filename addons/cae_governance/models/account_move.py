from odoo import fields, models

from odoo.addons.cae_base.models.account_move_line import TAGGING
from odoo.addons.cae_base.models.cae_contribution_move import FROZEN
from odoo.addons.cae_base.models.cae_owned import OWNED

OWNED["account.move"]["cae_capital"] = False
FROZEN_ENTRY = {
    *("cae_capital", "date", "invoice_line_ids", "journal_id"),
    *("journal_line_ids", "line_ids", "partner_id"),
}
#: Whose shares they are: what members owe and have paid is read by partner.
FROZEN_ITEM = FROZEN | {"partner_id"}


class AccountMove(models.Model):
    """Entries of the capital: undone from the register alone."""

    _inherit = "account.move"

    cae_capital = fields.Boolean(
        string="Entry of the Capital",
        copy=False,
        readonly=True,
        help="Written by the register of shares or the sharing of the surplus.",
    )

    def write(self, vals):
        if (
            FROZEN_ENTRY & set(vals)
            and self.env.context.get("cae_token") is not TAGGING
        ):
            self._cae_check_capital()
        return super().write(vals)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._cae_check_capital()
        return super()._reverse_moves(default_values_list, cancel)

    def _cae_check_capital(self):
        """:raises UserError: ``CAE-ENTRY-GENERATED``"""
        self.filtered("cae_capital")._cae_check_generated()

    def _cae_generated_hint(self):
        if self.cae_capital:
            return self.env._(
                "Reverse the movement of the register, or undo the sharing of the "
                "surplus, that it comes from."
            )
        return super()._cae_generated_hint()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if FROZEN_ITEM & set(vals) and not self._cae_tagging():
            self.move_id._cae_check_capital()
        return super().write(vals)
