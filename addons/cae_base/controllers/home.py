from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class HomePortal(CustomerPortal):
    """The home of an entrepreneur; that of others stays as it is."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_invoice_count" in counters:
            # Asked of all controllers: Odoo puts its own before ours.
            invoices = self._prepare_home_portal_values(["invoice_count"])
            values["cae_invoice_count"] = invoices.get("invoice_count", 0)
        return values

    @http.route()
    def home(self, **options):
        """The portal's home, with the money and what to do."""
        response = super().home(**options)
        values = request.env["cae.home"]._of_user(options.get("activity"))
        if values:
            values["photo"] = self._cae_photo(request.env.user.partner_id)
        response.qcontext["cae_home"] = values
        return response

    def _no_activity(self, page):
        """What an entrepreneur without activity reads; for others there is no page."""
        home = request.env["cae.home"]
        if not home._person() or home._held_today():
            return request.not_found()
        values = {**self._prepare_portal_layout_values(), "page_name": page}
        return request.render("cae_base.portal_no_activity", values)

    def _cae_photo(self, partner):
        """Address of a small photo that changes with the photo: browsers keep it."""
        changed = int(partner.write_date.timestamp())
        return f"/web/image/res.partner/{partner.id}/avatar_128?unique={changed}"
