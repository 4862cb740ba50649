from odoo import fields, models


class CaeReason(models.TransientModel):
    """Asks why bills of the portal go back to who declared them."""

    _inherit = "cae.reason"

    action = fields.Selection(
        selection_add=[("send_back", "Send bills back")],
        ondelete={"send_back": "cascade"},
    )

    def _do_send_back(self):
        self.document_ids.action_cae_send_back(self.reason)
