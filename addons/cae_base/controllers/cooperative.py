from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class CooperativePortal(CustomerPortal):
    """What an entrepreneur has of the cooperative beside the own activity."""

    @http.route("/my/cooperative", type="http", auth="user", website=True)
    def my_cooperative(self, **_options):
        """The ways to all that is shared."""
        home = request.env["cae.home"]
        person = home._person()
        if not person:
            return request.not_found()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_cooperative",
            "company": person.company_id,
            "entries": home._cooperative(person),
        }
        return request.render("cae_base.portal_my_cooperative", values)

    @http.route("/my/cooperative/account", type="http", auth="user", website=True)
    def my_shared_account(self, year="", **_options):
        """The yearly account of the shared services, as it was published."""
        if not request.env["cae.home"]._person():
            return request.not_found()
        accounts = request.env["cae.shared.statement"].search(
            [
                ("published", "=", True),
                ("current", "=", True),
                ("company_id", "=", request.env.company.id),
            ]
        )
        chosen = accounts.filtered(lambda a: str(a.id) == year) or accounts[:1]
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_shared_account",
            "accounts": accounts,
            "account": chosen,
            # sudo: names of the rows, for amounts that are published to everybody.
            "document": chosen and chosen.sudo()._prepare_document_values(),
        }
        return request.render("cae_base.portal_my_shared_account", values)
