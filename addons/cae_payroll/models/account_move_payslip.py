from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Entries of payslips are undone with their payslip."""

    _inherit = "account.move"

    def _cae_check_pay(self):
        super()._cae_check_pay()
        # sudo: an entry is protected whatever its reader may see of pay.
        slips = self.env["cae.payslip"].sudo()
        if slips.search_count([("move_ids", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "CAE-PAY-POSTED: this is the entry of payslips. Undo them instead, "
                    "in CAE / Pay / Payslips."
                )
            )
