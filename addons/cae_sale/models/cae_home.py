from odoo import api, models
from odoo.tools import SQL


class CaeHome(models.AbstractModel):
    """Quotes on the home: those that were accepted and wait for their invoice."""

    _inherit = "cae.home"

    @api.model
    def _coming_queries(self, own):
        if not own.activities:
            return super()._coming_queries(own)
        accepted = SQL(
            """
            SELECT 'quote_accepted', o.id, p.name, NULL::timestamp
              FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
             WHERE o.cae_activity_id IN %s AND o.state = 'sale'
               AND NOT EXISTS (
                       SELECT 1 FROM account_move m
                        WHERE m.cae_quote_id = o.id AND m.state <> 'cancel'
                          AND m.amount_untaxed > (
                                  SELECT COALESCE(SUM(c.amount_untaxed), 0)
                                    FROM account_move c
                                   WHERE c.reversed_entry_id = m.id
                                     AND c.state = 'posted'))
            """,
            tuple(own.activities.ids),
        )
        return [*super()._coming_queries(own), accepted]

    @api.model
    def _words(self):
        return {
            **super()._words(),
            "quote_accepted": (
                self.env._("Invoice the quote that %(name)s accepted"),
                "/my/invoicing/quotes/%(id)s",
                True,
            ),
        }
