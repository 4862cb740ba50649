from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.cae_base.models.cae_contribution_move import FROZEN

#: Fields of an accrual that name its entries.
ACCRUED = ("move_id", "opening_move_id", "undo_move_id", "undo_opening_move_id")


class AccountMove(models.Model):
    _inherit = "account.move"

    cae_pay_line_ids = fields.One2many("cae.pay.line", "move_id", string="Pay")

    def button_draft(self):
        self.origin_payment_id._cae_release_pay()
        return super().button_draft()

    def _check_draftable(self):
        self._cae_check_pay()
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._cae_check_pay()
        return super()._reverse_moves(default_values_list, cancel)

    def _cae_check_pay(self):
        """:raises UserError: ``CAE-PAY-POSTED``"""
        # sudo: an entry is protected whatever its reader may see of pay.
        lines = self.env["cae.pay.line"].sudo()
        ours = Domain("move_id", "in", self.ids)
        ours |= Domain("reversal_move_id", "in", self.ids)
        if lines.search_count(ours, limit=1):
            raise UserError(
                self.env._(
                    "CAE-PAY-POSTED: this is the entry of pay. Undo the pay instead, "
                    "in CAE / Pay."
                )
            )
        # sudo: as above.
        accruals = self.env["cae.settlement.accrual"].sudo()
        settlements = self.env["cae.settlement"].sudo()
        accrued = Domain.OR(Domain(name, "in", self.ids) for name in ACCRUED)
        left = Domain("left_move_ids", "in", self.ids)
        if accruals.search_count(accrued, limit=1) or settlements.search_count(
            left, limit=1
        ):
            raise UserError(
                self.env._(
                    "CAE-PAY-POSTED: this is the entry of the settlement of a year. "
                    "Undo it there instead, in CAE / Pay."
                )
            )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if FROZEN & set(vals) and not self._cae_tagging():
            posted = self.move_id.filtered(lambda move: move.state == "posted")
            if posted:
                posted._cae_check_pay()
        return super().write(vals)
