from odoo import fields, models


class CaePayReason(models.TransientModel):
    """Asks why pay is refused or undone."""

    _name = "cae.pay.reason"
    _description = "Reason"

    line_ids = fields.Many2many("cae.pay.line", string="Pay", required=True)
    operation = fields.Selection(
        [("refuse", "Refuse"), ("undo", "Undo")], required=True, default="refuse"
    )
    reason = fields.Char(required=True)

    def action_confirm(self) -> dict:
        """Refuse or undo the pay with the reason."""
        self.ensure_one()
        if self.operation == "undo":
            self.line_ids.action_undo(self.reason)
        else:
            self.line_ids.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
