from odoo import fields, models


class CaeReason(models.TransientModel):
    """Asks why internal sales are cancelled."""

    _inherit = "cae.reason"

    action = fields.Selection(
        selection_add=[("cancel_sales", "Cancel internal sales")],
        ondelete={"cancel_sales": "cascade"},
    )
    sale_ids = fields.Many2many(
        "cae.internal.sale", string="Internal Sales", readonly=True
    )

    def _do_cancel_sales(self):
        self.sale_ids.action_cancel(self.reason)
