from odoo import api, models


class CaeActivityRows(models.AbstractModel):
    """The head of coaching reads the money of all activities."""

    _inherit = "cae.activity.rows"

    @api.model
    def _reads_all(self):
        head = self.env.user.has_group("cae_coaching.group_coaching_manager")
        return head or super()._reads_all()
