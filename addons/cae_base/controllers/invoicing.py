import uuid

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import pager

from ..models.cae_invoicing import OPEN
from ..tools import format_date, plain
from .home import HomePortal
from .notice import give_notice, quietly, take_notice

PLACE = "/my/invoicing"
#: Documents of a page.
PAGE = 30
#: What the buttons of a document do: methods of ``cae.invoicing``.
STEPS = ("send", "take_back", "duplicate", "remove", "mail", "remind")
#: Fields of a line, as the form repeats them.
LINE = ("description", "quantity", "price", "discount", "tax")
PLAIN = ("id", "activity", "key", "customer", "date", "term", "reference", "mentions")


class InvoicingPortal(HomePortal):
    """Invoices of an entrepreneur: everything goes through ``cae.invoicing``."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_invoicing_count" in counters:
            values["cae_invoicing_count"] = len(_invoicing()._activities())
        return values

    @http.route(
        ["/my/invoicing", "/my/invoicing/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def my_invoicing(self, page=1, activity="", state="", search="", **_options):
        """Documents by state, with what they amount to."""
        asked = {"activity": activity, "state": state, "search": search}
        values = self._invoicing_list(
            self._invoicing_values("cae_invoicing"),
            *(_invoicing().documents, asked, page),
        )
        if not values:
            return self._no_activity("cae_invoicing")
        return request.render("cae_base.portal_my_invoicing", values)

    @http.route("/my/invoicing/new", type="http", auth="user", website=True)
    def new_invoice(self, activity="", customer="", **_options):
        """The empty form of an invoice."""
        document = self._invoicing_new(activity, customer)
        if not document:
            return self._no_activity("cae_invoicing")
        return self._invoice_form(document)

    @http.route(
        "/my/invoicing/<int:document_id>", type="http", auth="user", website=True
    )
    def my_invoice(self, document_id, **_options):
        """A document: where it stands, and what can be done with it."""
        try:
            document = _invoicing().document(document_id)
        except AccessError:
            return request.not_found()
        values = {
            **self._invoicing_values("cae_invoice"),
            "document": document,
            "open": document["state"] in OPEN,
            "customer": _customer_of(document),
            "notice": take_notice(),
        }
        return request.render("cae_base.portal_my_invoice", values)

    @http.route(
        "/my/invoicing/<int:document_id>/edit", type="http", auth="user", website=True
    )
    def edit_invoice(self, document_id, **_options):
        """The form of a draft."""
        try:
            document = _invoicing().document(document_id)
        except AccessError:
            return request.not_found()
        if document["state"] not in OPEN or document["kind"] != "invoice":
            return request.redirect(f"/my/invoicing/{document_id}")
        return self._invoice_form(document)

    @http.route(
        "/my/invoicing/save", type="http", auth="user", methods=["POST"], website=True
    )
    def save_my_invoice(self, step="", **_form):
        """Keep the draft, and send it when asked; what was typed is not lost."""
        values = _form_values()
        key, error = values.get("id"), ""
        try:
            with request.env.cr.savepoint():
                key = _invoicing().save(values)
        except AccessError:
            return request.not_found()
        except UserError as refusal:
            return self._invoice_form(_typed(values), plain(refusal))
        if step == "send":
            error = quietly(lambda: _invoicing().send(key))
        give_notice(error or _done(step or "save", key), bool(error))
        return request.redirect(f"/my/invoicing/{key}")

    @http.route(
        "/my/invoicing/totals", type="http", auth="user", methods=["POST"], website=True
    )
    def invoice_totals(self, **_form):
        """What the form amounts to while it is filled in: a part of the page."""
        totals, error = {}, ""
        try:
            totals = _invoicing().totals(_form_values())
        except (AccessError, UserError) as refusal:
            error = plain(refusal)
        values = {"totals": totals, "error": error, "euros": _euros}
        return request.render("cae_base.invoice_totals", values)

    @http.route(
        f"/my/invoicing/<int:document_id>/<any({','.join(STEPS)}):step>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def invoice_step(self, document_id, step, **_options):
        """A button of a document."""
        do = getattr(_invoicing(), step)
        return self._invoicing_step(step, PLACE, document_id, do, _done)

    @http.route(
        "/my/invoicing/<int:document_id>/credit",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def ask_credit_note(self, document_id, reason="", **_form):
        """Ask for the credit note of an invoice, or of some of its lines."""
        error = ""
        try:
            document = _invoicing().document(document_id)
            if request.httprequest.method == "POST":
                chosen = request.httprequest.form.getlist("lines")
                with request.env.cr.savepoint():
                    if not chosen:
                        raise UserError(
                            request.env._("CAE-INVOICE-CREDIT: choose what to credit.")
                        )
                    key = _invoicing().ask_credit(document_id, reason, chosen)
                give_notice(_done("credit", key))
                return request.redirect(f"/my/invoicing/{key}")
        except AccessError:
            return request.not_found()
        except UserError as refusal:
            error = plain(refusal)
        values = {
            **self._invoicing_values("cae_credit"),
            **{"document": document, "reason": reason, "error": error},
        }
        return request.render("cae_base.portal_my_credit", values)

    @http.route("/my/invoicing/<int:document_id>/pdf", type="http", auth="user")
    def invoice_pdf(self, document_id, **_options):
        """The document as its customer gets it."""
        try:
            name, content = _invoicing()._pdf(document_id)
        except AccessError:
            return request.not_found()
        except UserError as refusal:
            give_notice(plain(refusal), True)
            return request.redirect(f"/my/invoicing/{document_id}")
        return pdf_response(name, content)

    def _invoicing_values(self, page):
        return {
            **self._prepare_portal_layout_values(),
            "page_name": page,
            "euros": _euros,
            "day": lambda text: text and format_date(request.env, text),
            "late": _late,
            "number": _number,
            "labels": _labels(),
            "place": PLACE,
            "back": "invoice",
        }

    def _invoicing_list(self, values, read, asked, page):
        """Values of a list; none for who holds no activity.

        :param values: of the page, with its ``place``
        :param read: gives what is asked for, as ``cae.invoicing.documents``
        """
        held = _invoicing()._activities()
        if not held:
            return {}
        start = (_invoicing()._key(page) or 1) - 1
        found = read(**asked, limit=PAGE, offset=start * PAGE)
        place, count = values["place"], found["count"]
        return {
            **{**values, **asked, "found": found, "held": held},
            "activity": held.filtered(lambda a: a.code == asked["activity"]),
            "pager": pager(place, count, page=page, step=PAGE, url_args=asked),
            "notice": take_notice(),
        }

    def _invoicing_new(self, activity, customer):
        """What an empty form shows; nothing for who may not fill it in."""
        held = _invoicing()._activities()
        key = _invoicing()._key(customer)
        try:
            known = _invoicing().customer(key)["activity"] if key else activity
        except AccessError:
            return {}
        chosen = held.filtered(lambda a: a.code == known) or held[:1]
        document = {"activity": chosen.code, "customer_id": key}
        return {**document, "key": _new_key(), "lines": []} if held else {}

    def _invoicing_step(self, step, place, key, do, said):
        """Do what a button says; then to the document, to its copy or to the list.

        :param said: gives what is said of a step that was done
        """
        made = {}
        try:
            error = quietly(lambda: made.update(key=do(key)), AccessError)
        except AccessError:
            return request.not_found()
        gone = step == "remove" and not error
        give_notice(error or said(step, not gone and key), bool(error))
        if step == "duplicate" and not error:
            return request.redirect(f"{place}/{made['key']}/edit")
        return request.redirect(place if gone else f"{place}/{key}")

    def _invoicing_form(self, values, document, error):
        """Values of the form of a document, of an activity of the person."""
        invoicing, activity = _invoicing(), document["activity"]
        return {
            **{**values, **invoicing.choices(activity), "document": document},
            "held": invoicing._activities(),
            "customers": invoicing.customers(activity),
            "kinds": _kinds(),
            "error": error,
            "notice": take_notice(),
            "rows": document["lines"] or [{}],
        }

    def _invoice_form(self, document, error=""):
        shown = self._invoicing_values("cae_invoice_form")
        values = self._invoicing_form(shown, document, error)
        values["open_deposits"] = _deposits_of(document)
        return request.render("cae_base.portal_my_invoice_form", values)


def pdf_response(name, content):
    """A PDF that we made, shown in the browser."""
    return request.make_response(
        content,
        headers=[
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", content_disposition(name, "inline")),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )


def _invoicing():
    return request.env["cae.invoicing"]


def _form_values():
    """Values of the form as ``cae.invoicing`` takes them."""
    form = request.httprequest.form
    columns = [form.getlist(name) for name in LINE]
    return {
        **{name: form.get(name, "") for name in PLAIN},
        "deposit": bool(form.get("deposit")),
        "deposits": form.getlist("deposits"),
        "lines": [
            dict(zip(LINE, row, strict=False)) for row in zip(*columns, strict=False)
        ],
    }


def _typed(values):
    """What was typed, as the form shows a document."""
    key = _invoicing()._key
    kept = {name: values[name] for name in PLAIN}
    document = {**kept, "deposit": values["deposit"], "lines": values["lines"]}
    document |= {name: key(values[name]) for name in ("id", "term")}
    document["customer_id"] = _own_customer(values)
    document["deposits"] = [key(k) for k in values["deposits"]]
    document["lines"] = [{**row, "tax": key(row["tax"])} for row in values["lines"]]
    return document


def _deposits_of(document):
    """Deposits that its form offers; none for a customer of another activity."""
    customer, own = document.get("customer_id"), document.get("id") or 0
    try:
        return _invoicing().deposits(customer, own, document["activity"])
    except AccessError:
        return []


def _own_customer(values):
    """The customer that was chosen, when it is one of the person's."""
    key = _invoicing()._key(values["customer"])
    try:
        return key and _invoicing().customer(key)["id"]
    except AccessError:
        return 0


def _customer_of(document):
    """The customer as far as it is the activity's own; its name is enough else."""
    try:
        return _invoicing().customer(document["customer_id"])
    except AccessError:
        return {}


def _new_key():
    return uuid.uuid4().hex


def _euros(amount):
    return request.env["cae.home"]._money(request.env.company, amount)


def _late(days):
    """For how long a customer has been late."""
    env = request.env
    return env._("for one day") if days == 1 else env._("for %(days)s days", days=days)


def _number(value):
    """A number as the person reads and types it; what was typed stays as it is."""
    if isinstance(value, str) or value is None:
        return value or ""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", _invoicing()._mark())


def _kinds():
    env = request.env
    return {"service": env._("services"), "consu": env._("goods"), "": env._("other")}


def _labels():
    env = request.env
    return {
        "draft": (env._("Draft"), "calm"),
        "to_validate": (env._("With the cooperative"), "wait"),
        "refused": (env._("To correct"), "bad"),
        "sent": (env._("To be paid"), "wait"),
        "partial": (env._("Partly paid"), "wait"),
        "late": (env._("Late"), "bad"),
        "paid": (env._("Paid"), "good"),
        "reversed": (env._("Credited"), "calm"),
        "cancelled": (env._("Cancelled"), "calm"),
    }


def _done(step, key):
    """What is said when a step is done."""
    env = request.env
    if step == "send":
        sent = _invoicing().document(key)
        if sent["number"]:
            return env._("It is validated: you can send it to your customer.")
        told = env._("It is sent: the cooperative looks at it.")
        return sent["waits_because"] or told
    return {
        "save": env._("The draft is kept."),
        "take_back": env._("It is yours again: you can change it."),
        "duplicate": env._("This is a copy: change what differs."),
        "remove": env._("The draft is deleted."),
        "mail": env._("It is on its way to your customer."),
        "remind": env._("The reminder is on its way to your customer."),
        "credit": env._("The credit note is asked for: the cooperative looks at it."),
    }.get(step, "")
