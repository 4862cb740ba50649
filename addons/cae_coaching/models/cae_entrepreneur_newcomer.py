from odoo import models


class CaeEntrepreneur(models.Model):
    """Tasks on a person, which Odoo's own button gives to coach and office."""

    _inherit = "cae.entrepreneur"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Who reads a person gives colleagues tasks on them; colleagues follow."""
        outside = self.env.user.share or not partner_ids
        if self.env.su or outside or self.has_access("write"):
            return super().message_subscribe(partner_ids, subtype_ids)
        self.check_access("read")
        # sudo: coaches may not write on people; they make follow colleagues alone,
        # who read these people themselves: followers receive what is said of them.
        here = self.sudo()
        users = here.env["res.partner"].browse(partner_ids).user_ids
        colleagues = users.filtered(
            lambda u: not u.share and self.with_user(u).has_access("read")
        )
        return super(CaeEntrepreneur, here).message_subscribe(
            colleagues.partner_id.ids, subtype_ids
        )
