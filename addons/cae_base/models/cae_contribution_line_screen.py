from odoo import models


class CaeContributionLine(models.Model):
    """What only the screens of contributions need."""

    _inherit = "cae.contribution.line"

    def action_ask_undo(self) -> dict:
        """Ask for the reason, then undo these contributions."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo contributions"),
            "res_model": "cae.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_action": "undo_lines",
                "default_line_ids": [(6, 0, self.ids)],
            },
        }
