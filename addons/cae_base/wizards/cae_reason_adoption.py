from odoo import fields, models


class CaeReason(models.TransientModel):
    """Why what was taken over is given back."""

    _inherit = "cae.reason"

    action = fields.Selection(
        selection_add=[("undo_adoption", "Undo the taking over")],
        ondelete={"undo_adoption": "cascade"},
    )
    adoption_id = fields.Many2one("cae.adoption", string="Taking Over", readonly=True)

    def _do_undo_adoption(self):
        self.adoption_id.action_undo(self.reason)
