from odoo import models


class ResPartner(models.Model):
    """Members are named in the register."""

    _inherit = "res.partner"

    def _cae_keeps_identity(self) -> bool:
        if super()._cae_keeps_identity():
            return True
        # sudo: only whether there is an entry.
        members = self.env["cae.member"].sudo()
        return bool(members.search_count([("partner_id", "=", self.id)], limit=1))
