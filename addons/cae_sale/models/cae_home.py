from odoo import api, models
from odoo.tools import SQL

from odoo.addons.cae_base.models.cae_home_invoicing import seen


class CaeHome(models.AbstractModel):
    """Quotes on the home: those that were accepted and wait for their invoice."""

    _inherit = "cae.home"

    @api.model
    def _coming_queries(self, own):
        if not own.activities:
            return super()._coming_queries(own)
        accepted = SQL(
            """
            SELECT 'quote_accepted', m.id, p.name, NULL::timestamp
              FROM sale_order m JOIN res_partner p ON p.id = m.partner_id
             WHERE m.cae_activity_id IN %s AND m.state = 'sale' AND %s
               AND NOT EXISTS (
                       SELECT 1 FROM account_move i
                        WHERE i.cae_quote_id = m.id AND i.state <> 'cancel'
                          AND i.amount_untaxed > (
                                  SELECT COALESCE(SUM(c.amount_untaxed), 0)
                                    FROM account_move c
                                   WHERE c.reversed_entry_id = i.id
                                     AND c.state = 'posted'))
            """,
            tuple(own.activities.ids),
            seen(self.env, own.person, "date_order"),
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
