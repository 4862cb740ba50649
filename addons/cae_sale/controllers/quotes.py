import base64

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from odoo.addons.cae_base import uploads
from odoo.addons.cae_base.controllers.invoicing import (
    InvoicingPortal,
    _customer_of,
    _form_values,
    _invoicing,
    _new_key,
    _typed,
    pdf_response,
)
from odoo.addons.cae_base.controllers.notice import (
    give_notice,
    quietly,
    take_notice,
)
from odoo.addons.cae_base.controllers.purchases import paper_response
from odoo.addons.cae_base.tools import plain

from ..models.cae_invoicing_quote_step import MOST_FILES

PLACE = "/my/invoicing/quotes"
#: What the buttons of a quote do: methods of ``cae.invoicing``.
STEPS = {
    "send": "send_quote",
    "undo": "undo_quote",
    "duplicate": "duplicate_quote",
    "remove": "remove_quote",
}
#: Pages that ask for something before a step.
ASKED = ("accept", "lose", "invoice")


class QuotesPortal(InvoicingPortal):
    """Quotes of an entrepreneur: everything goes through ``cae.invoicing``."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_quotes_count" in counters:
            values["cae_quotes_count"] = len(_invoicing()._activities())
        if "cae_order_count" in counters:
            # Asked of all controllers: Odoo puts its own before ours.
            orders = self._prepare_home_portal_values(["order_count"])
            values["cae_order_count"] = orders.get("order_count", 0)
        return values

    @http.route(
        [PLACE, f"{PLACE}/page/<int:page>"], type="http", auth="user", website=True
    )
    def my_quotes_made(self, page=1, activity="", state="", search="", **_options):
        """Quotes by state, with what they amount to."""
        asked = {"activity": activity, "state": state, "search": search}
        values = self._invoicing_list(
            self._quote_values("cae_quotes"), _invoicing().quotes, asked, page
        )
        if not values:
            return self._no_activity("cae_quotes")
        return request.render("cae_sale.portal_my_quotes_made", values)

    @http.route(f"{PLACE}/new", type="http", auth="user", website=True)
    def new_quote(self, activity="", customer="", **_options):
        """The empty form of a quote."""
        quote = self._invoicing_new(activity, customer)
        if not quote:
            return self._no_activity("cae_quotes")
        return self._quote_form(quote)

    @http.route(f"{PLACE}/<int:quote_id>", type="http", auth="user", website=True)
    def my_quote_made(self, quote_id, **_options):
        """A quote: where it stands, and what can be done with it."""
        return self._quote_page("cae_sale.portal_my_quote_made", quote_id)

    @http.route(f"{PLACE}/<int:quote_id>/edit", type="http", auth="user", website=True)
    def edit_quote(self, quote_id, **_options):
        """The form of a draft."""
        try:
            quote = _invoicing().quote(quote_id)
        except AccessError:
            return request.not_found()
        if quote["state"] != "draft":
            return request.redirect(f"{PLACE}/{quote_id}")
        return self._quote_form(quote)

    @http.route(
        f"{PLACE}/save", type="http", auth="user", methods=["POST"], website=True
    )
    def save_my_quote(self, step="", validity="", quote="", **_form):
        """Keep the draft, and send it when asked; what was typed is not lost."""
        values = {**_form_values(), "id": quote, "validity": validity}
        try:
            with request.env.cr.savepoint():
                key = _invoicing().save_quote(values)
        except AccessError:
            return request.not_found()
        except UserError as refusal:
            typed = {**_typed(values), "validity": validity}
            return self._quote_form(typed, plain(refusal))
        error = ""
        if step == "send":
            error = quietly(lambda: _invoicing().send_quote(key), AccessError)
        give_notice(error or _quote_done(step or "save"), bool(error))
        return request.redirect(f"{PLACE}/{key}")

    @http.route(
        f"{PLACE}/<int:quote_id>/<any({','.join(STEPS)}):step>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def quote_step(self, quote_id, step, **_options):
        """A button of a quote."""
        do = getattr(_invoicing(), STEPS[step])
        return self._invoicing_step(step, PLACE, quote_id, do, _quote_done)

    @http.route(
        f"{PLACE}/<int:quote_id>/<any({','.join(ASKED)}):step>",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def quote_asked(self, quote_id, step, **form):
        """Asks what an answer of the customer, or an invoice, needs; then does it."""
        made, error = {}, ""
        try:
            if request.httprequest.method == "POST":
                error = quietly(
                    lambda: made.update(_answer(quote_id, step, form)), AccessError
                )
                if not error:
                    give_notice(_quote_done(step))
                    return request.redirect(made["address"])
        except AccessError:
            return request.not_found()
        typed = {n: form.get(n, "") for n in ("day", "reason", "kind", "amount")}
        typed["percent"] = form.get("percent") or "30"
        typed["day"] = typed["day"] or fields.Date.context_today(_invoicing())
        return self._quote_page(
            f"cae_sale.portal_quote_{step}",
            quote_id,
            **{"error": error, "typed": typed, "key": _new_key()},
        )

    @http.route(f"{PLACE}/<int:quote_id>/pdf", type="http", auth="user")
    def quote_pdf(self, quote_id, **_options):
        """The quote as its customer gets it."""
        try:
            return pdf_response(*_invoicing()._quote_pdf(quote_id))
        except AccessError:
            return request.not_found()

    @http.route(
        f"{PLACE}/<int:quote_id>/paper/<int:paper_id>", type="http", auth="user"
    )
    def quote_paper(self, quote_id, paper_id, **_options):
        """A scan of the signed quote: never shown as a page."""
        try:
            papers = _invoicing()._papers(_invoicing()._quote(quote_id))
        except AccessError:
            return request.not_found()
        return paper_response(papers.filtered(lambda p: p.id == paper_id))

    # ------------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------------

    def _quote_values(self, page):
        values = self._invoicing_values(page)
        return {
            **values,
            "place": PLACE,
            "back": "quote",
            "labels": {**values["labels"], **_quote_labels()},
        }

    def _quote_page(self, template, quote_id, **values):
        try:
            quote = _invoicing().quote(quote_id)
        except AccessError:
            return request.not_found()
        shown = {
            **self._quote_values("cae_quote"),
            "document": quote,
            "customer": _customer_of(quote),
            "most": MOST_FILES,
            "largest": uploads.LARGEST // 1024**2,
            "notice": take_notice(),
        }
        return request.render(template, {**shown, **values})

    def _quote_form(self, quote, error=""):
        shown = self._quote_values("cae_quote_form")
        values = self._invoicing_form(shown, quote, error)
        return request.render("cae_sale.portal_my_quote_form", values)


def _answer(quote_id, step, form):
    """Do what a page asked for; where to go then."""
    if step == "invoice":
        key = _invoicing().invoice_quote(
            quote_id, key=form.get("key", ""), **_deposit(form)
        )
        return {"address": f"/my/invoicing/{key}"}
    if step == "accept":
        _invoicing().accept_quote(quote_id, form.get("day", ""), _scans())
    else:
        _invoicing().refuse_quote(quote_id, form.get("reason", ""))
    return {"address": f"{PLACE}/{quote_id}"}


def _deposit(form):
    """A share or an amount; an empty one is none, and not the whole quote."""
    kind = form.get("kind")
    if kind not in ("percent", "amount"):
        return {}
    return {kind: str(form.get(kind, "")).strip() or "0"}


def _scans():
    """Files of the form as ``cae.invoicing`` takes them; those left empty are none."""
    return [
        {"name": name, "content": base64.b64encode(content).decode()}
        for name, content in uploads.sent(MOST_FILES)
    ]


def _quote_labels():
    env = request.env
    return {
        "quoted": (env._("Waits for the customer"), "wait"),
        "expired": (env._("Expired"), "bad"),
        "accepted": (env._("Accepted"), "good"),
        "invoiced": (env._("Invoiced"), "good"),
        "lost": (env._("Lost"), "calm"),
    }


def _quote_done(step, _key=None):
    """What is said when a step is done."""
    env = request.env
    return {
        "save": env._("The draft is kept."),
        "send": env._("It is on its way to your customer, who can sign it on line."),
        "undo": env._("One step back: it is as it was before."),
        "duplicate": env._("This is a copy: change what differs."),
        "remove": env._("The draft is deleted."),
        "accept": env._("Well done! You can now invoice it."),
        "lose": env._("It is kept as lost, with the reason."),
        "invoice": env._(
            "This is the draft of the invoice: look at it, then send it to the "
            "cooperative."
        ),
    }.get(step, "")
