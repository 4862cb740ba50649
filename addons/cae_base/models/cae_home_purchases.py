from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .cae_purchase import Buyer


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
        desk = self.env["cae.purchase"]
        buyer = Buyer(own.person, own.activities, own.day)
        sent_back = Domain("cae_refusal", "!=", False) & Domain("state", "=", "draft")
        found = desk._documents("bill", buyer)._search(
            desk._own("bill", buyer) & sent_back
        )
        bills = SQL(
            """
            SELECT 'purchase_bill', id,
                   COALESCE(cae_declared_supplier, ref), NULL::timestamp
              FROM account_move WHERE id IN %s
            """,
            found.subselect(),
        )
        return [*super()._coming_queries(own), bills]

    @api.model
    def _words(self):
        text = self.env._("Correct the bill of %(name)s")
        return {
            **super()._words(),
            "purchase_bill": (text, "/my/purchases/bill/%(id)s", True),
        }
