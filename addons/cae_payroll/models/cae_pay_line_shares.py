"""Shares withheld of a pay pay the member's subscription, as soon as it is posted."""

from odoo import models


class CaePayLine(models.Model):
    _inherit = "cae.pay.line"

    def _create_pay_entry(self, day, ref, sign):
        move = super()._create_pay_entry(day, ref, sign)
        if move:
            # Pay that is being undone has the entry that is reversed.
            self.company_id._cae_shares_withheld(move, self.move_id)
        return move
