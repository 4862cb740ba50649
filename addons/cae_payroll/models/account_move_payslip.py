from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.models.cae_owned import OWNED

OWNED["account.move"]["cae_payslip_ids"] = False


class AccountMove(models.Model):
    """Entries of payslips are undone with their payslip."""

    _inherit = "account.move"

    cae_payslip_ids = fields.Many2many(
        "cae.payslip",
        "account_move_cae_payslip_rel",
        "account_move_id",
        "cae_payslip_id",
        string="Payslips",
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll",
    )

    def _cae_check_pay(self):
        result = super()._cae_check_pay()
        # sudo: an entry is protected whatever its reader may see of pay.
        slips = self.env["cae.payslip"].sudo()
        if slips.search_count([("move_ids", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "CAE-PAY-POSTED: this is the entry of payslips. Undo them instead, "
                    "in CAE / Pay / Payroll Software / Payslips."
                )
            )
        return result
