from odoo import fields, models

from .account_move_line import TAGGING
from .cae_contribution_move import FROZEN

#: What an entry of an internal sale is: none of it changes without the sale.
FROZEN_ENTRY = {
    *("cae_sale_id", "date", "invoice_line_ids", "journal_id"),
    *("journal_line_ids", "line_ids"),
}


class AccountMove(models.Model):
    """Entries of internal sales: undone from the sale alone."""

    _inherit = "account.move"

    cae_sale_id = fields.Many2one(
        "cae.internal.sale",
        string="Internal Sale",
        copy=False,
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )

    def write(self, vals):
        if (
            FROZEN_ENTRY & set(vals)
            and self.env.context.get("cae_token") is not TAGGING
        ):
            self._cae_check_sold()
        return super().write(vals)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._cae_check_sold()
        return super()._reverse_moves(default_values_list, cancel)

    def _cae_check_sold(self):
        """:raises UserError: ``CAE-ENTRY-GENERATED``"""
        self.filtered("cae_sale_id")._cae_check_generated()

    def _cae_generated_hint(self):
        if self.cae_sale_id:
            return self.env._("Cancel the internal sale that it comes from.")
        return super()._cae_generated_hint()

    def action_open_internal_sale(self) -> dict:
        """The internal sale that this entry books."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Internal Sale"),
            "res_model": "cae.internal.sale",
            "view_mode": "form",
            "res_id": self.cae_sale_id.id,
        }


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if FROZEN & set(vals) and not self._cae_tagging():
            self.move_id._cae_check_sold()
        return super().write(vals)
