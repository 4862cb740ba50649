from werkzeug.datastructures import FileStorage

from odoo import http
from odoo.http import request

from odoo.addons.cae_base import uploads
from odoo.addons.cae_base.controllers.notice import answered, take_notice
from odoo.addons.cae_base.controllers.statement import _file
from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.cae_skill_assessment import _number


class JourneyPortal(CustomerPortal):
    """Documents that entrepreneurs hand in, on the portal."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_document_count" in counters:
            people = self._own_people()
            values["cae_document_count"] = sum(
                len(person.missing_document_ids.filtered("portal")) or 1
                for person in people
            )
        return values

    def _own_people(self):
        """The person's own files as entrepreneur, by the rights of the person."""
        people = request.env["cae.entrepreneur"]
        if not request.env.user.has_group("cae_base.group_entrepreneur"):
            return people
        return people.search([("user_id", "=", request.env.uid)])

    @http.route("/my/documents-to-give", type="http", auth="user", website=True)
    def my_documents(self, **_options):
        """What is asked of the person, what was handed in, and an upload for each."""
        people = self._own_people()
        values = {
            "page_name": "cae_documents",
            "people": people,
            "rows": {person.id: self._rows(person) for person in people},
            "notice": take_notice(),
        }
        return request.render("cae_coaching.portal_my_documents", values)

    def _rows(self, person):
        """``[(type, its last document, whether it is missing)]``"""
        documents = person.document_ids.sorted("id", reverse=True)
        missing = person.missing_document_ids
        return [
            (
                kind,
                documents.filtered(lambda d, k=kind: d.type_id == k)[:1],
                kind in missing,
            )
            for kind in person._asked_types().filtered("portal")
        ]

    @http.route(
        "/my/documents-to-give/upload",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def upload(self, person="", kind="", file=None, **_options):
        """Hand a document in; it waits for the coach's check."""
        here = self._own_people().filtered(lambda p: str(p.id) == person)
        types = request.env["cae.document.type"]
        asked = types.search([("id", "=", _number(kind))])
        # A text where the form has a file is none.
        if not here or not asked or not isinstance(file, FileStorage):
            return request.not_found()
        content = file.read(uploads.LARGEST + 1)
        documents = request.env["cae.person.document"]
        return answered(
            "/my/documents-to-give",
            lambda: documents._hand_in(here, asked, file.filename, content),
            request.env._("Thank you, your coach will check it."),
        )

    @http.route("/my/documents-to-give/<int:document_id>", type="http", auth="user")
    def download(self, document_id):
        """The file of one's own document."""
        people = self._own_people()
        document = people and request.env["cae.person.document"].search(
            [("id", "=", document_id), ("entrepreneur_id", "in", people.ids)]
        )
        # sudo: attachments of fields are not for portal users; this one is theirs.
        content = document and document.sudo()._content()
        if not content:
            return request.not_found()
        kind = uploads.kind_of(content)
        if not kind:
            return request.not_found()
        return _file(content, document.file_name or kind, uploads.KINDS[kind][1])
