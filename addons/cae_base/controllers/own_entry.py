from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.cae_statement_document import amount
from .accounts import _held
from .statement import _file

#: What a browser may show; everything else is a file to save.
SHOWN = ("application/pdf", "image/jpeg", "image/png")


class OwnEntryPortal(CustomerPortal):
    """What is behind a line of the ledger, as far as it concerns an own activity."""

    @http.route(
        "/my/accounts/entry/<int:move_id>", type="http", auth="user", website=True
    )
    def my_entry(self, move_id, activity="", **_options):
        """The own lines of an entry, and its document when it is wholly own."""
        entry = _own_entry(move_id, activity)
        if not entry:
            return request.not_found()
        values = {
            **self._prepare_portal_layout_values(),
            **entry,
            "page_name": "cae_entry",
            "amount": amount,
        }
        return request.render("cae_base.portal_my_entry", values)

    @http.route("/my/accounts/entry/<int:move_id>/pdf", type="http", auth="user")
    def my_entry_pdf(self, move_id, **_options):
        """The PDF of an invoice of an own activity to a customer."""
        entry = _own_entry(move_id)
        if not (entry and entry["pdf"]):
            return request.not_found()
        # sudo: the document is wholly of an activity that the person holds.
        move = entry["move"].sudo()
        content = move.invoice_pdf_report_id.raw  # what the customer got
        if not content:
            # sudo: the same document, printed.
            report = request.env["ir.actions.report"].sudo()
            content = report._cae_pdf("account.account_invoices", move.ids)
        name = f"{(move.name or '').replace('/', '-')}.pdf"
        return _file(content, name, "application/pdf", "inline")

    @http.route(
        "/my/accounts/entry/<int:move_id>/file/<int:file_id>", type="http", auth="user"
    )
    def my_entry_file(self, move_id, file_id, **_options):
        """A file of a document that is wholly of an own activity."""
        entry = _own_entry(move_id)
        files = entry["files"] if entry else []
        found = next((each for each in files if each.id == file_id), None)
        if not found:
            return request.not_found()
        if found.mimetype in SHOWN:
            return _file(found.raw, found.name, found.mimetype, "inline")
        return _file(found.raw, found.name, "application/octet-stream")


def _own_entry(move_id, code=""):
    """``cae.own.ledger._entry`` of the activities that the connected person holds."""
    held = _held()
    first = held.filtered(lambda activity: activity.code == code)
    return request.env["cae.own.ledger"]._entry(first | held, move_id)
