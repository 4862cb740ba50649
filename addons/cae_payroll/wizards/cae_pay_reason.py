from odoo import fields, models


class CaePayReason(models.TransientModel):
    """Asks why pay, a payslip, a settlement or an accrual is refused or undone."""

    _name = "cae.pay.reason"
    _inherit = "cae.asking"
    _description = "Reason"

    line_ids = fields.Many2many("cae.pay.line", string="Pay")
    payslip_ids = fields.Many2many("cae.payslip", string="Payslips")
    settlement_ids = fields.Many2many("cae.settlement", string="Settlements")
    year_id = fields.Many2one("cae.year", string="Fiscal Year")
    operation = fields.Selection(
        [
            ("refuse", "Refuse"),
            ("undo", "Undo"),
            ("undo_payment", "Undo the Payment"),
            ("undo_payslips", "Undo the Payslips"),
            ("draft", "Take Back"),
            ("undo_settlement", "Undo the Settlement"),
            ("undo_accrual", "Undo the Accrual"),
        ],
        required=True,
        default="refuse",
    )
    reason = fields.Char(required=True)

    def action_confirm(self) -> dict:
        """Do it, with the reason."""
        return self._confirm()

    def _do_refuse(self):
        self.line_ids.action_refuse(self.reason)

    def _do_undo(self):
        self.line_ids.action_undo(self.reason)

    def _do_undo_payment(self):
        self.line_ids.action_undo_payment(self.reason)

    def _do_undo_payslips(self):
        self.payslip_ids.action_undo(self.reason)

    def _do_undo_settlement(self):
        self.settlement_ids.action_undo(self.reason)

    def _do_draft(self):
        self.settlement_ids.action_draft(self.reason)

    def _do_undo_accrual(self):
        self.year_id.action_undo_accrual(self.reason)
