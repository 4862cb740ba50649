from odoo import models

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_year import DAY, MONEY, TEXT


class CaeActivityExit(models.Model):
    """The file of an exit warns of quotes that still bind the cooperative."""

    _inherit = "cae.activity.exit"

    def _sections(self, balances):
        quotes = self.activity_id._open_quotes()
        own = [self._quotes_section(quotes)] if quotes else []
        return [*super()._sections(balances), *own]

    def _quotes_section(self, quotes):
        states = dict(quotes._fields["state"]._description_selection(self.env))
        return {
            "title": self.env._("Open Quotes"),
            "columns": [
                (self.env._("Quote"), TEXT),
                (self.env._("Customer"), TEXT),
                (self.env._("Where It Stands"), TEXT),
                (self.env._("Valid until"), DAY),
                (self.env._("With VAT"), MONEY),
            ],
            "rows": [
                (
                    quote.name,
                    quote.partner_id.display_name or "",
                    states[quote.state],
                    quote.validity_date,
                    decimal(quote.amount_total),
                )
                for quote in quotes
            ],
        }
