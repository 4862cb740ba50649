from odoo import models


class CaeContributionLine(models.Model):
    """What only the screens of contributions need."""

    _inherit = "cae.contribution.line"

    def action_ask_undo(self) -> dict:
        """Ask for the reason, then undo these contributions."""
        return self.env["cae.reason"]._ask(
            "undo_lines", self.env._("Undo contributions"), line_ids=self.ids
        )
