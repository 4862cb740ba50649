from odoo import fields, models


class CaeReason(models.TransientModel):
    """Why a signed year is opened again."""

    _inherit = "cae.reason"

    action = fields.Selection(
        selection_add=[("reopen_year", "Open the year again")],
        ondelete={"reopen_year": "cascade"},
    )
    year_id = fields.Many2one("cae.year", string="Fiscal Year", readonly=True)

    def _do_reopen_year(self):
        self.year_id.action_reopen(self.reason)
