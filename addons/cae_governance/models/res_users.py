from odoo import fields, models


class ResUsers(models.Model):
    """What pages and record rules ask of people of the portal."""

    _inherit = "res.users"

    def _cae_member_companies(self):
        """Ids of the cooperatives that this person is a member of."""
        # sudo: which cooperatives, for who may not read what other members are.
        members = self.env["cae.member"].sudo()
        domain = [("partner_id", "=", self.partner_id.id), ("state", "=", "member")]
        return members.search(domain).company_id.ids

    def _cae_own_bodies(self):
        """Ids of the bodies that this person sits in today."""
        # sudo: see _cae_member_companies.
        mandates = self.env["cae.mandate"].sudo()
        today = self.env.company._cae_today()
        domain = mandates._on_domain(today) & fields.Domain(
            "partner_id", "=", self.partner_id.id
        )
        return mandates.search(domain).body_id.ids
