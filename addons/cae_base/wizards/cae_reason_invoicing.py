from odoo import fields, models


class CaeReason(models.TransientModel):
    """Asks why documents of entrepreneurs are refused."""

    _inherit = "cae.reason"

    action = fields.Selection(
        selection_add=[("refuse_documents", "Refuse documents")],
        ondelete={"refuse_documents": "cascade"},
    )
    document_ids = fields.Many2many("account.move", string="Documents", readonly=True)

    def _do_refuse_documents(self):
        self.document_ids.action_cae_refuse(self.reason)
