from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from ..tools import plain
from .home import HomePortal
from .notice import give_notice, quietly, take_notice


class CustomersPortal(HomePortal):
    """Customers of an entrepreneur's activities."""

    @http.route("/my/customers", type="http", auth="user", website=True)
    def my_customers(self, activity="", search="", **_options):
        """Customers by name."""
        invoicing = request.env["cae.invoicing"]
        held = invoicing._activities()
        if not held:
            return self._no_activity("cae_customers")
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_customers",
            "held": held,
            "activity": held.filtered(lambda a: a.code == activity),
            "customers": invoicing.customers(activity, search),
            "search": search,
            "notice": take_notice(),
        }
        return request.render("cae_base.portal_my_customers", values)

    @http.route("/my/customers/new", type="http", auth="user", website=True)
    def new_customer(self, activity="", back="", **_options):
        """The empty form."""
        held = request.env["cae.invoicing"]._activities()
        if not held:
            return self._no_activity("cae_customers")
        chosen = held.filtered(lambda a: a.code == activity) or held[:1]
        customer = {"activity": chosen.code, "company": True, "editable": True}
        return self._customer_form(held, customer, back=back)

    @http.route(
        "/my/customers/<int:customer_id>", type="http", auth="user", website=True
    )
    def my_customer(self, customer_id, **_options):
        """The form of a customer."""
        invoicing = request.env["cae.invoicing"]
        try:
            customer = invoicing.customer(customer_id)
        except AccessError:
            return request.not_found()
        return self._customer_form(invoicing._activities(), customer)

    @http.route(
        "/my/customers/save", type="http", auth="user", methods=["POST"], website=True
    )
    def save_my_customer(self, back="", **form):
        """Create or change a customer; what was typed is kept when it is refused."""
        invoicing = request.env["cae.invoicing"]
        try:
            with request.env.cr.savepoint():
                key = invoicing.save_customer(form)
        except AccessError:
            return request.not_found()
        except UserError as refusal:
            known = invoicing._key(form.get("id"))
            empty = {"activity": "", "editable": True}
            customer = {**empty, **form, "id": known}
            if known:
                known = invoicing.customer(known)
                kept = ("editable", "identity_fixed", "activity")
                customer |= {name: known[name] for name in kept}
            return self._customer_form(
                invoicing._activities(), customer, plain(refusal), back
            )
        if back in self._customer_backs():
            return request.redirect(f"{self._customer_backs()[back]}?customer={key}")
        chosen = {"activity": form.get("activity", "")}
        return request.redirect_query("/my/customers", chosen)

    @http.route(
        "/my/customers/<int:customer_id>/remove",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def remove_my_customer(self, customer_id, **_options):
        """Put away a customer that was entered by mistake."""
        invoicing = request.env["cae.invoicing"]
        try:
            error = quietly(
                lambda: invoicing._remove_customer(customer_id), AccessError
            )
        except AccessError:
            return request.not_found()
        give_notice(error or request.env._("The customer is removed."), bool(error))
        return request.redirect("/my/customers")

    def _customer_backs(self):
        """Where a new customer was asked for: its name, and the page."""
        return {"invoice": "/my/invoicing/new"}

    def _customer_form(self, held, customer, error="", back=""):
        # sudo: names of countries, public as they are.
        countries = request.env["res.country"].sudo().search([])
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_customer",
            "held": held,
            "customer": customer,
            "countries": countries,
            "error": error,
            "back": back if back in self._customer_backs() else "",
            "backs": self._customer_backs(),
            "removable": customer.get("id")
            and request.env["cae.invoicing"]._removable_customer(customer["id"]),
        }
        return request.render("cae_base.portal_my_customer", values)
