from odoo import api, models
from odoo.tools import SQL


class CaeHome(models.AbstractModel):
    """Purchases on the home: the way to declare one, and what comes back."""

    _inherit = "cae.home"

    @api.model
    def _links(self, own):
        links = super()._links(own)
        if own.activities:
            text = self.env._("Declare a purchase")
        elif own.person.stage == "left":
            # What they paid may still be owed to them.
            text = self.env._("My purchases")
        else:
            return links
        return [*links, (text, "/my/purchases", "fa-camera")]

    @api.model
    def _coming_queries(self, own):
        bills = SQL(
            """
            SELECT 'purchase_bill', id,
                   COALESCE(cae_declared_supplier, ref), NULL::timestamp
              FROM account_move
             WHERE cae_correction IS NOT NULL AND state = 'draft'
               AND cae_declarer_id = %s AND cae_activity_id = ANY(%s)
            """,
            *(own.person.id, own.activities.ids),
        )
        return [*super()._coming_queries(own), bills]

    @api.model
    def _words(self):
        text = self.env._("Correct the bill of %(name)s")
        return {
            **super()._words(),
            "purchase_bill": (text, "/my/purchases/bill/%(id)s", True),
        }
