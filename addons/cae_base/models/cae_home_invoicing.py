from odoo import api, models
from odoo.tools import SQL

#: What ``cae.activity._seen_domain`` shows, or is one's own, in the query of the home:
#: not what is dated before the person came to an activity that others held.
SEEN = """
    (m.create_uid = %(user)s OR NOT EXISTS (
        SELECT 1 FROM cae_activity_share s
         WHERE s.activity_id = m.cae_activity_id
        HAVING MIN(s.date_start) FILTER (WHERE s.entrepreneur_id = %(person)s)
             > m.%(dated)s
           AND MIN(s.date_start) FILTER (WHERE s.entrepreneur_id = %(person)s)
             > MIN(s.date_start) FILTER (WHERE s.entrepreneur_id <> %(person)s)))
"""


def seen(env, person, dated="date"):
    """Condition of a query on documents ``m``, of which ``dated`` is the day."""
    column = SQL.identifier(dated)
    return SQL(SEEN, user=env.uid, person=person.id, dated=column)


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
        activities = tuple(own.activities.ids)
        shown = seen(self.env, own.person)
        refused = SQL(
            """
            SELECT 'invoice_refused', m.id, p.name, NULL::timestamp
              FROM account_move m JOIN res_partner p ON p.id = m.partner_id
             WHERE m.cae_activity_id IN %s AND m.cae_validation = 'refused'
               AND m.state = 'draft' AND %s
            """,
            activities,
            shown,
        )
        late = SQL(
            """
            SELECT 'invoice_late', 0, COUNT(*)::varchar, NULL::timestamp
              FROM account_move m
             WHERE m.cae_activity_id IN %s AND m.move_type = 'out_invoice'
               AND m.state = 'posted' AND m.payment_state IN ('not_paid', 'partial')
               AND EXISTS (SELECT 1 FROM account_move_line l
                            WHERE l.move_id = m.id AND NOT l.reconciled
                              AND l.display_type = 'payment_term'
                              AND l.date_maturity < %s)
               AND %s
            HAVING COUNT(*) > 0
            """,
            activities,
            own.day,
            shown,
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
