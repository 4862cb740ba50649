from odoo import fields, models


class CaePayslipReason(models.TransientModel):
    """Asks why payslips are undone."""

    _name = "cae.payslip.reason"
    _description = "Reason of Undoing Payslips"

    payslip_ids = fields.Many2many("cae.payslip", string="Payslips", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self) -> dict:
        """Undo the payslips with the reason."""
        self.ensure_one()
        self.payslip_ids.action_undo(self.reason)
        return {"type": "ir.actions.act_window_close"}
