import re
from uuid import uuid4

from dateutil.relativedelta import relativedelta

from odoo import http
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import content_disposition, request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from .. import uploads
from ..engine.money import decimal
from ..models.cae_contribution_words import _number
from ..models.cae_purchase import KINDS, MOST_FILES
from ..models.hr_expense_declared import DASH
from ..tools import format_date, plain
from .notice import give_notice, quietly, take_notice

#: Documents of a page.
PAGE = 30
#: What a page is asked for, of each kind.
ORDER = {"bill": "invoice_date DESC, id DESC"}
PAGES = re.compile(r"\d{1,5}", re.ASCII)
ANY_KIND = "any(bill,expense,mileage):kind"
#: What a form sends; nothing else is looked at.
GIVEN = (
    *("date", "activity", "amount", "category", "name", "supplier", "ref"),
    *("from", "to", "back", "distance", "purpose", "vehicle", "power", "electric"),
)
#: Images that every browser shows.
SHOWN = ("png", "jpg", "webp")


class PurchasesPortal(CustomerPortal):
    """Bills, expenses and journeys: declared by photo, followed until paid.

    ``cae.purchase`` decides whose they are; nothing here leaves the person's rights.
    """

    @http.route("/my/purchases", type="http", auth="user", website=True)
    def my_purchases(self, show="bill", page="1", **_options):
        """What can be declared, and what was."""
        desk = request.env["cae.purchase"]
        buyer = desk._buyer()
        if not buyer:
            return request.not_found()
        kind = show if show in KINDS else "bill"
        documents, domain = desk._documents(kind, buyer), desk._own(kind, buyer)
        pages = pager(
            url="/my/purchases",
            url_args={"show": kind},
            total=documents.search_count(domain),
            page=_page(page),
            step=PAGE,
        )
        found = documents.search(
            domain,
            order=ORDER.get(kind, "date DESC, id DESC"),
            limit=PAGE,
            offset=pages["offset"],
        )
        return self._purchase_page(
            "cae_base.portal_my_purchases",
            "cae_purchases",
            buyer=buyer,
            kind=kind,
            documents=found,
            months=_months(found) if kind == "mileage" else [],
            year=_year(documents, domain, buyer.day) if kind == "mileage" else {},
            pager=pages,
            notice=take_notice(),
        )

    @http.route(
        f"/my/purchases/<{ANY_KIND}>/new", type="http", auth="user", website=True
    )
    def new_purchase(self, kind, **_options):
        """An empty form."""
        buyer = request.env["cae.purchase"]._buyer()
        if not buyer:
            return request.not_found()
        given = {"date": buyer.day.isoformat(), **_last_vehicle(kind, buyer)}
        return self._purchase_form(kind, buyer, given, uuid4().hex)

    @http.route(
        f"/my/purchases/<{ANY_KIND}>/declare",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def declare_purchase(self, kind, key="", **options):
        """Declare what the form says; it comes back with what is wrong."""
        desk = request.env["cae.purchase"]
        buyer, given = desk._buyer(), _given(options)
        if not buyer:
            return request.not_found()
        try:
            with request.env.cr.savepoint():
                document = desk._declare(kind, given, uploads.sent(MOST_FILES), key)
        except (AccessError, UserError, ValidationError) as refusal:
            return self._purchase_form(kind, buyer, given, key, plain(refusal))
        give_notice(_said(kind, document))
        return request.redirect(f"/my/purchases?show={kind}")

    @http.route(
        f"/my/purchases/<{ANY_KIND}>/<int:document_id>",
        type="http",
        auth="user",
        website=True,
    )
    def my_purchase(self, kind, document_id, **_options):
        """An own document: where it stands, and what can be done."""
        desk = request.env["cae.purchase"]
        document = desk._document(kind, document_id)
        if not document:
            return request.not_found()
        return self._purchase_page(
            "cae_base.portal_my_purchase",
            "cae_purchase",
            buyer=desk._buyer(),
            kind=kind,
            document=document,
            papers=[(paper, _kind(paper)) for paper in document._cae_papers()],
            booking=desk._booking_words(kind, document),
            notice=take_notice(),
        )

    @http.route(
        f"/my/purchases/<{ANY_KIND}>/<int:document_id>/edit",
        type="http",
        auth="user",
        website=True,
    )
    def edit_purchase(self, kind, document_id, **_options):
        """The form with what was declared."""
        desk = request.env["cae.purchase"]
        document = desk._document(kind, document_id)
        if not document or not document._cae_may_change():
            return request.not_found()
        buyer = desk._buyer()
        return self._purchase_form(
            kind, buyer, _declared(kind, document), "", document=document
        )

    @http.route(
        f"/my/purchases/<{ANY_KIND}>/<int:document_id>/change",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def change_purchase(self, kind, document_id, **options):
        """Declare an own document again, corrected."""
        desk = request.env["cae.purchase"]
        document, given = desk._document(kind, document_id), _given(options)
        if not document:
            return request.not_found()
        try:
            with request.env.cr.savepoint():
                desk._change(kind, document, given, uploads.sent(MOST_FILES))
        except (AccessError, UserError, ValidationError) as refusal:
            return self._purchase_form(
                kind, desk._buyer(), given, "", plain(refusal), document
            )
        give_notice(_said(kind, document))
        return request.redirect(f"/my/purchases?show={kind}")

    @http.route(
        f"/my/purchases/<{ANY_KIND}>/<int:document_id>/<any(remove,take_back):action>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def undo_purchase(self, kind, document_id, action, **_options):
        """Remove an own document, or take back what nobody approved yet."""
        desk = request.env["cae.purchase"]
        document = desk._document(kind, document_id)
        if not document:
            return request.not_found()
        page = f"/my/purchases/{kind}/{document_id}"
        step = {"remove": desk._remove, "take_back": desk._take_back}[action]
        error = quietly(lambda: step(document))
        give_notice(error, problem=True)
        if action == "remove" and not error:
            give_notice(request.env._("It is removed."))
            page = f"/my/purchases?show={kind}"
        return request.redirect(page)

    @http.route("/my/purchases/paper/<int:attachment_id>", type="http", auth="user")
    def purchase_paper(self, attachment_id):
        """A photo or a file of an own document: never shown as a page."""
        return paper_response(request.env["cae.purchase"]._paper(attachment_id))

    @http.route("/my/purchases/mileage/amount", type="http", auth="user")
    def mileage_amount(self, **options):
        """What a journey that is being typed brings, for the page that shows it."""
        desk = request.env["cae.purchase"]
        buyer = desk._buyer()
        if not buyer:
            return request.not_found()
        values = {"amount": None, "words": "", "problem": ""}
        try:
            expenses = desk._documents("mileage", buyer)
            amount, words = expenses._cae_estimate(buyer, _given(options))
            values |= {"amount": _money(buyer.company, amount), "words": words}
        except (UserError, ValidationError) as refusal:
            values["problem"] = plain(refusal)
        return request.render("cae_base.purchase_mileage_amount", values)

    # ------------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------------

    def _purchase_page(self, template, name, buyer, **values):
        layout = {
            **self._prepare_portal_layout_values(),
            "page_name": name,
            "buyer": buyer,
            "employee": buyer.employee,
            "money": lambda amount: _money(buyer.company, decimal(amount)),
            "day_of": lambda day: day and format_date(request.env, day),
            "km": _km,
            "states": _states(),
        }
        return request.render(template, {**layout, **values})

    def _purchase_form(self, kind, buyer, given, key, error="", document=None):
        desk = request.env["cae.purchase"]
        return self._purchase_page(
            "cae_base.portal_purchase_form",
            "cae_purchase_form",
            buyer,
            kind=kind,
            given=given,
            key=key,
            error=error,
            document=document,
            categories=desk._categories(buyer),
            suppliers=desk._suppliers(buyer) if kind == "bill" else [],
            vehicles=_vehicles(),
            late=desk._late_words(kind, buyer.company),
            most=MOST_FILES,
            largest=uploads.LARGEST,
            **_limits(),
        )


def _said(kind, document):
    """What is said of a document that was sent, and when it is booked if late."""
    env = request.env
    if kind == "bill":
        said = env._(
            "Received: the accountants check the bill and pay it. You see here where "
            "it stands."
        )
    else:
        said = env._("Sent: you see here when it is approved and reimbursed.")
    return f"{said} {env['cae.purchase']._booking_words(kind, document)}".strip()


def _page(text):
    """The number of a page, the first one for what is none."""
    return int(text) if isinstance(text, str) and PAGES.fullmatch(text) else 1


def paper_response(paper):
    """A file that somebody handed in, to be saved: never shown as a page."""
    content = paper and paper.raw
    if not content:
        return request.not_found()
    kind = uploads.kind_of(content)
    mimetype = uploads.KINDS[kind][1] if kind else "application/octet-stream"
    return request.make_response(
        content,
        headers=[
            ("Content-Type", mimetype),
            ("Content-Length", str(len(content))),
            ("Content-Disposition", content_disposition(paper.name)),
            ("Content-Security-Policy", "sandbox; default-src 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "private, max-age=3600"),
        ],
    )


def _given(options):
    """The texts of a form, of usual length."""
    return {
        name: options[name][:1000]
        for name in GIVEN
        if isinstance(options.get(name), str)
    }


def _kind(paper):
    """Extension of a file whose picture can be shown, empty otherwise."""
    known = {row[1]: kind for kind, row in uploads.KINDS.items() if kind in SHOWN}
    return known.get(paper.mimetype, "")


def _money(company, amount):
    """Euros and cents."""
    return request.env["ir.qweb.field.monetary"].value_to_html(
        float(amount), {"display_currency": company.currency_id}
    )


def _states():
    """``{state: (words, whether it waits, moves, is done or came back)}``"""
    env = request.env
    return {
        "received": (env._("Received"), "wait"),
        "correct": (env._("To correct"), "back"),
        "draft": (env._("Not sent"), "back"),
        "submitted": (env._("Waiting for approval"), "wait"),
        "approved": (env._("Approved"), "move"),
        "booked": (env._("Booked"), "move"),
        "paid": (env._("Paid"), "done"),
        "refused": (env._("Refused"), "back"),
    }


def _limits():
    """What may be sent, and what is said before it travels."""
    env = request.env
    return {
        "limits": env._(
            "Photo or PDF, %(most)s files at most, %(size)s MB each.",
            most=MOST_FILES,
            size=uploads.LARGEST // 1024**2,
        ),
        "many": env._("These are too many files."),
        "large": env._("A file is too large."),
        "none": env._("Add a photo of the paper first."),
    }


def _vehicles():
    field = request.env["cae.mileage.scale"]._fields["vehicle"]
    return field._description_selection(request.env)


def _months(journeys):
    """``[(label, journeys, kilometres)]``, in the order of the journeys."""
    # The office may have taken the date out.
    groups = journeys.grouped(lambda each: each.date and each.date.replace(day=1))
    return [
        (
            month and format_date(request.env, month, "MMMM y"),
            found,
            _km(sum(found.mapped("cae_distance"))),
        )
        for month, found in groups.items()
    ]


def _year(documents, domain, day):
    """``{"label", "distance", "amount"}`` of the journeys of the year, none refused."""
    first = day.replace(month=1, day=1)
    ((distance, amount),) = documents._read_group(
        [
            *domain,
            ("date", ">=", first),
            ("date", "<", first + relativedelta(years=1)),
            ("state", "!=", "refused"),
        ],
        [],
        ["cae_distance:sum", "total_amount:sum"],
    )
    return {"label": day.year, "distance": _km(distance), "amount": amount or 0}


def _km(distance):
    """Kilometres: ``12,5 km``."""
    return f"{_number(request.env, decimal(distance or 0, 1))}\N{NO-BREAK SPACE}km"


def _last_vehicle(kind, buyer):
    """The vehicle of the last journey."""
    if kind != "mileage":
        return {}
    desk = request.env["cae.purchase"]
    last = desk._documents(kind, buyer).search(
        desk._own(kind, buyer), order="id DESC", limit=1
    )
    return _vehicle(last) if last else {"vehicle": "car"}


def _vehicle(journey):
    return {
        "vehicle": journey.cae_vehicle,
        "power": journey.cae_power and str(journey.cae_power),
        "electric": journey.cae_electric and "1",
    }


def _declared(kind, document):
    """What was typed, of a document that is corrected."""
    given = {"activity": document.cae_activity_id.code}
    if kind == "bill":
        return {
            **given,
            "date": _iso(document.invoice_date),
            "amount": _typed(document.cae_declared_total),
            "category": str(document.invoice_line_ids.product_id[:1].id or ""),
            "name": document.invoice_line_ids[:1].name or "",
            "supplier": document.cae_declared_supplier,
            "ref": document.ref or "",
        }
    given["date"] = _iso(document.date)
    if kind == "expense":
        return {
            **given,
            "amount": _typed(document.total_amount),
            "category": str(document.product_id.id or ""),
            "name": document.name,
        }
    start, _dash, end = document.name.partition(DASH)
    return {
        **given,
        **_vehicle(document),
        "from": start,
        "to": end,
        "purpose": document.cae_purpose or "",
        "distance": _typed(document.cae_distance, 1),
    }


def _iso(day):
    return day.isoformat() if day else ""


def _typed(number, digits=2):
    """A number as people type it."""
    return f"{decimal(number, digits)}".replace(".", ",")
