import json

from odoo import http
from odoo.http import request
from odoo.tools import consteq
from odoo.tools.pdf import merge_pdf

from odoo.addons.cae_base.controllers.statement import _file
from odoo.addons.cae_base.report import wkhtmltopdf

from ..models.cae_meeting_chair import CHAIR, SECRETARY
from .given import number


class MeetingDocuments(http.Controller):
    """Documents of meetings, for who may read them in the back office."""

    @http.route(
        "/cae/meeting/<int:meeting_id>/<any(notice,sheet,minutes):name>.pdf",
        type="http",
        auth="user",
    )
    def document(self, meeting_id, name):
        """Notice, attendance sheet or minutes."""
        meeting = request.env["cae.meeting"].browse(meeting_id).exists()
        if not (meeting and _may_hold()):
            return request.not_found()
        meeting.check_access("read")
        if name == "minutes":
            content = meeting._minutes_content()
        else:
            content = meeting._document_pdf(name)
        name = f"{name}-{meeting._day()}.pdf"
        return _file(content, name, "application/pdf", "inline")

    # Each letter gets a new personal link, which voids the one before: the proof shows
    # that the page was asked by the button of the office, not by somebody's link.
    @http.route("/cae/meeting/letters", type="http", auth="user")
    def letters(self, notices="", proof=""):
        """Letters to post, one for each notice, each with a personal link."""
        keys = [number(key) for key in notices.split(",") if number(key)]
        found = request.env["cae.meeting.notice"].browse(keys).exists()
        if not found or len(found.meeting_id) != 1:
            return request.not_found()
        if not consteq(found._letters_proof(), proof):
            return request.not_found()
        found.check_access("read")
        found.meeting_id.check_access("write")
        # sudo: names and addresses of members, for who may convene them.
        found = found.sudo()
        pages = found.meeting_id._document_pages("notice", found)
        pdfs = wkhtmltopdf.render(request.env, pages)
        content = merge_pdf([pdfs[key] for key in found.ids])
        return _file(content, "letters.pdf", "application/pdf", "inline")

    @http.route(
        "/cae/meeting/<int:meeting_id>/screen", type="http", auth="user", website=True
    )
    def screen(self, meeting_id):
        """The page to project."""
        meeting = self._meeting(meeting_id)
        if not meeting:
            return request.not_found()
        return request.render(
            "cae_governance.screen_page", {"meeting": meeting, **meeting._said()}
        )

    @http.route("/cae/meeting/<int:meeting_id>/live", type="http", auth="user")
    def live(self, meeting_id):
        """What the projected page shows."""
        meeting = self._meeting(meeting_id)
        if not meeting:
            return request.not_found()
        return request.make_json_response(meeting._live())

    def _meeting(self, meeting_id):
        meeting = request.env["cae.meeting"].browse(meeting_id).exists()
        if meeting and _may_hold():
            meeting.check_access("read")
            return meeting
        return None


def _may_hold():
    """Whether the user is a secretary or chairs meetings; rules say which ones."""
    return any(map(request.env.user.has_group, (SECRETARY, CHAIR)))


def json_file(data, name):
    """A JSON file to download."""
    content = json.dumps(data, indent=1, ensure_ascii=False).encode()
    return _file(content, name, "application/json")
