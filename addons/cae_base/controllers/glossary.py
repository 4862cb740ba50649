from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class GlossaryPortal(CustomerPortal):
    """What the words of the cooperative mean, for colleagues and entrepreneurs."""

    @http.route("/my/glossary", type="http", auth="user", website=True)
    def my_glossary(self, **_options):
        """The words, by subject; nothing of it is anybody's own."""
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_glossary",
        }
        return request.render("cae_base.glossary_page", values)
