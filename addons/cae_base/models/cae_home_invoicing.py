from odoo import api, models
from odoo.tools import SQL


class CaeHome(models.AbstractModel):
    """Invoices on the home: make one, correct what was refused, who is late."""

    _inherit = "cae.home"

    @api.model
    def _links(self, own):
        if not own.activities:
            return super()._links(own)
        invoice = (self.env._("Make an invoice"), "/my/invoicing/new", "fa-file-text-o")
        return [invoice, *super()._links(own)]

    @api.model
    def _coming_queries(self, own):
        if not own.activities:
            return super()._coming_queries(own)
        # sudo: the domain is what the pages of the user's activities show.
        moves = self.env["account.move"].sudo()
        domain = self.env["cae.invoicing"]._documents_domain(own.activities)
        shown = moves._search(domain).subselect()
        refused = SQL(
            """
            SELECT 'invoice_refused', m.id, p.name, NULL::timestamp
              FROM account_move m JOIN res_partner p ON p.id = m.partner_id
             WHERE m.id IN %s AND m.cae_validation = 'refused'
               AND m.state = 'draft'
            """,
            shown,
        )
        late = SQL(
            """
            SELECT 'invoice_late', 0, COUNT(*)::varchar, NULL::timestamp
              FROM account_move m
             WHERE m.id IN %s AND m.move_type = 'out_invoice'
               AND m.state = 'posted' AND m.payment_state IN ('not_paid', 'partial')
               AND m.invoice_date_due < %s
            HAVING COUNT(*) > 0
            """,
            shown,
            own.day,
        )
        return [*super()._coming_queries(own), refused, late]

    @api.model
    def _words(self):
        return {
            **super()._words(),
            "invoice_refused": (
                self.env._("Correct the invoice for %(name)s"),
                "/my/invoicing/%(id)s",
                True,
            ),
            "invoice_late": (
                self.env._("Invoices that customers pay late: %(name)s"),
                "/my/invoicing?state=late",
                True,
            ),
        }
