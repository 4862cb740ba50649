from odoo import models


class CaeEntrepreneur(models.Model):
    """Tasks on a person, which Odoo's own button gives to coach and office."""

    _inherit = "cae.entrepreneur"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Who reads a person gives colleagues tasks on them; colleagues follow."""
        if self.env.su or not partner_ids or self.has_access("write"):
            return super().message_subscribe(partner_ids, subtype_ids)
        self.check_access("read")
        # sudo: coaches may not write on people; they make follow colleagues alone.
        here = self.sudo()
        partners = here.env["res.partner"].browse(partner_ids)
        colleagues = partners.filtered(
            lambda p: p.user_ids and not any(p.user_ids.mapped("share"))
        )
        return super(CaeEntrepreneur, here).message_subscribe(
            colleagues.ids, subtype_ids
        )
