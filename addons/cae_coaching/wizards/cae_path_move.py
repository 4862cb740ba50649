from odoo import fields, models
from odoo.exceptions import UserError


class CaePathMove(models.TransientModel):
    """Asks for the day and the reason of an exit, or the day of a return."""

    _name = "cae.path.move"
    _description = "Exit or Return"

    entrepreneur_id = fields.Many2one("cae.entrepreneur", required=True, readonly=True)
    operation = fields.Selection(
        [("exit", "Exit"), ("return", "Return")], required=True, readonly=True
    )
    day = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Last day in the cooperative, or first day back.",
    )
    exit_reason_id = fields.Many2one("cae.exit.reason")

    def action_confirm(self) -> dict:
        """Note it; the contracts that an exit ends take the day as their last one.

        :raises UserError: ``CAE-EXIT-REASON-MISSING``
        """
        self.ensure_one()
        if self.operation == "return":
            self.entrepreneur_id._come_back(self.day)
            return {"type": "ir.actions.act_window_close"}
        if not self.exit_reason_id:
            raise UserError(
                self.env._("CAE-EXIT-REASON-MISSING: say why the person leaves.")
            )
        self.entrepreneur_id._leave(self.day, self.exit_reason_id)
        return {"type": "ir.actions.act_window_close"}
