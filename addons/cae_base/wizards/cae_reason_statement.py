from odoo import fields, models


class CaeReason(models.TransientModel):
    """Why a published document gets a new version."""

    _inherit = "cae.reason"

    action = fields.Selection(
        selection_add=[
            ("republish", "Publish statements again"),
            ("republish_shared", "Publish the shared services again"),
        ],
        ondelete={"republish": "cascade", "republish_shared": "cascade"},
    )
    statement_ids = fields.Many2many("cae.statement", readonly=True)
    shared_statement_ids = fields.Many2many("cae.shared.statement", readonly=True)

    def _do_republish(self):
        self.statement_ids.action_publish_again(self.reason)

    def _do_republish_shared(self):
        self.shared_statement_ids.action_publish_again(self.reason)
