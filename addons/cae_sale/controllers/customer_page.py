from odoo import http
from odoo.http import request

from odoo.addons.cae_base import uploads
from odoo.addons.sale.controllers.portal import CustomerPortal


class QuoteCustomerPage(CustomerPortal):
    """Odoo's page of a quote, that its customer opens with a token."""

    @http.route()
    def portal_quote_accept(self, order_id, signature=None, **kwargs):
        """Signed with a picture: Odoo would take a page for one."""
        if uploads.kind_of(uploads.decoded(signature)) not in uploads.OPENED:
            return {"error": request.env._("The signature is missing.")}
        request.update_context(cae_answers=True)
        return super().portal_quote_accept(order_id, signature=signature, **kwargs)

    @http.route()
    def portal_quote_decline(self, order_id, decline_message=None, **kwargs):
        """The entrepreneur is told why the customer said no."""
        request.update_context(cae_answers=True)
        # sudo: only where the quote stood before; Odoo checks the token.
        order = request.env["sale.order"].sudo().browse(order_id).exists()
        before = order.state
        answer = super().portal_quote_decline(
            order_id, decline_message=decline_message, **kwargs
        )
        if order and order.state != before:
            order._cae_declined(decline_message)
        return answer
