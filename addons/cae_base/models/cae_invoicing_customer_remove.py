from odoo import api, models
from odoo.exceptions import UserError


class CaeInvoicing(models.AbstractModel):
    """Customers that were entered by mistake, or twice."""

    _inherit = "cae.invoicing"

    @api.model
    def _has_documents(self, customer):
        """Whether a document names this customer (sudo), whatever became of it."""
        # sudo: only whether there is one, of the user's own customer.
        moves = self.env["account.move"].sudo()
        own = [("commercial_partner_id", "=", customer.id)]
        return bool(moves.search_count(own, limit=1))

    @api.model
    def _removable_customer(self, customer_id) -> bool:
        """Whether the user may remove a customer.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        customer = self._customer(customer_id, self._activities())
        return not (self._has_documents(customer) or self._not_own(customer))

    @api.model
    def _remove_customer(self, customer_id):
        """Put a customer away; the cooperative still finds it, archived.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        :raises UserError: ``CAE-CUSTOMER-USED``
        """
        if not self._removable_customer(customer_id):
            raise UserError(
                self.env._(
                    "CAE-CUSTOMER-USED: there are documents of this customer, or "
                    "others use it: it stays."
                )
            )
        self._customer(customer_id, self._activities()).active = False
