from odoo import api, models
from odoo.tools import SQL

#: What the person asked to be reimbursed, and what came back with a reason.
CLAIMS = """
    SELECT CASE WHEN t.cae_mileage THEN 'purchase_mileage' ELSE 'purchase_expense' END,
           e.id, e.name, NULL::timestamp
      FROM hr_expense e
      JOIN cae_entrepreneur p ON p.employee_id = e.employee_id
      JOIN product_product v ON v.id = e.product_id
      JOIN product_template t ON t.id = v.product_tmpl_id
     WHERE p.id = %s AND e.state = 'refused' AND e.cae_correction IS NOT NULL
"""


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
        return [*super()._coming_queries(own), bills, SQL(CLAIMS, own.person.id)]

    @api.model
    def _words(self):
        bill = self.env._("Correct the bill of %(name)s")
        claim = self.env._("Correct the expense: %(name)s")
        return {
            **super()._words(),
            "purchase_bill": (bill, "/my/purchases/bill/%(id)s", True),
            "purchase_expense": (claim, "/my/purchases/expense/%(id)s", True),
            "purchase_mileage": (claim, "/my/purchases/mileage/%(id)s", True),
        }
