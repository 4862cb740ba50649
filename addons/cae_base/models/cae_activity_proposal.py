from odoo import models

from ..engine import proposal


class CaeActivity(models.Model):
    """What proposals for unallocated items know of activities and people."""

    _inherit = "cae.activity"

    def _proposable(self):
        """These activities as the engine knows them, with the names that mean them."""
        names = {activity: [activity.name] for activity in self}
        for person, shares in self.share_ids.grouped("entrepreneur_id").items():
            if len(shares.activity_id) == 1:
                names[shares.activity_id].append(person.name)
        return [
            proposal.Activity(
                id=activity.analytic_account_id.id,
                code=activity.code,
                names=tuple(filter(None, names[activity])),
                start=activity.date_start,
                end=activity.date_end or None,
            )
            for activity in self
        ]

    def _holders_known(self):
        return [
            proposal.Owner(
                partner=share.entrepreneur_id.partner_id.id,
                activity=share.activity_id.analytic_account_id.id,
                reason="holder",
                start=share.date_start,
                end=share.date_end or None,
            )
            for share in self.share_ids
        ]

    def _contacts_known(self):
        """Customers and suppliers whose documents default to these activities."""
        partners = self.env["res.partner"].search_fetch(
            [("cae_activity_id", "in", self.ids)], ["cae_activity_id"]
        )
        return [
            proposal.Owner(
                partner=partner.id,
                activity=partner.cae_activity_id.analytic_account_id.id,
                reason="contact",
            )
            for partner in partners
        ]
