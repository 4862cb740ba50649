from odoo import fields, models


class CaeGovernanceReason(models.TransientModel):
    """Asks why something of the register is reversed or refused."""

    _name = "cae.governance.reason"
    _inherit = "cae.asking"
    _description = "Reason"

    operation = fields.Selection(
        [
            ("reverse", "Reverse movements of shares"),
            ("refuse", "Refuse the redemption"),
            ("undo_surplus", "Undo the sharing of the surplus"),
        ],
        required=True,
        readonly=True,
    )
    movement_ids = fields.Many2many(
        "cae.share.movement", string="Movements", readonly=True
    )
    redemption_ids = fields.Many2many(
        "cae.share.redemption", string="Redemptions", readonly=True
    )
    surplus_ids = fields.Many2many("cae.surplus", readonly=True)
    reason = fields.Char(required=True, help="Kept in the register, or in the log.")

    def action_confirm(self) -> dict:
        """Do it, with the reason."""
        return self._confirm()

    def _do_reverse(self):
        self.movement_ids.action_reverse(self.reason)

    def _do_refuse(self):
        self.redemption_ids.action_refuse(self.reason)

    def _do_undo_surplus(self):
        self.surplus_ids.action_undo(self.reason)
