from odoo import fields, models
from odoo.fields import Domain

from .cae_invoicing_quote import DONE


class CaeActivity(models.Model):
    """Quotes of an activity that leaves: what may still be signed, or invoiced."""

    _inherit = "cae.activity"

    def _open_quotes(self):
        """Quotes (sudo) that wait for their customer, or for their invoice."""
        valid = Domain("validity_date", "=", False) | Domain(
            "validity_date", ">=", fields.Date.context_today(self)
        )
        waits = Domain("state", "=", "sent") & valid
        owed = Domain("state", "=", "sale") & Domain("invoice_status", "not in", DONE)
        # sudo: whoever opens or archives an activity must know what binds it.
        orders = self.env["sale.order"].sudo()
        own = Domain("cae_activity_id", "in", self.ids)
        return orders.search(own & (waits | owed), order="date_order, id")

    def _open_texts(self):
        texts = super()._open_texts()
        for activity, quotes in self._open_quotes().grouped("cae_activity_id").items():
            text = self.env._(
                "quotes neither invoiced nor lost: %(count)s", count=len(quotes)
            )
            # sudo: with the rights of the caller, whose records are the keys.
            texts[activity.sudo(self.env.su)].append(text)
        return texts
