from odoo import models


class CaePayLine(models.Model):
    """Pay that pays the balance of a year: undone with its settlement."""

    _inherit = "cae.pay.line"

    def _reverse_pay(self, reason):
        self.settlement_id._check_last()
        result = super()._reverse_pay(reason)
        self.settlement_id._reopen(reason)
        return result
