from odoo import models


class CaeContract(models.Model):
    """What only the screens of contracts need."""

    _inherit = "cae.contract"
    # Coaches read contracts and write notes on them.
    _mail_post_access = "read"

    def action_amend(self) -> dict:
        """A new amendment of this contract, to be filled in."""
        self.ensure_one()
        root = self.parent_id or self
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Amendment"),
            "res_model": self._name,
            "view_mode": "form",
            "context": {
                "default_entrepreneur_id": root.entrepreneur_id.id,
                "default_parent_id": root.id,
                "default_kind": root.kind,
                "default_fixed_part": root._last_fixed_part(),
            },
        }
