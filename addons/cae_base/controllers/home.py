from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class HomePortal(CustomerPortal):
    """The home of an entrepreneur; that of others stays as it is."""

    @http.route()
    def home(self, **options):
        """The portal's home, with the money and what to do."""
        response = super().home(**options)
        values = request.env["cae.home"]._of_user(options.get("activity"))
        response.qcontext["cae_home"] = values
        return response
