from psycopg2.errors import UniqueViolation

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.cae_base.controllers.notice import (
    give_notice,
    quietly,
    take_notice,
)
from odoo.addons.cae_base.controllers.statement import _file
from odoo.addons.cae_base.tools import plain
from odoo.addons.portal.controllers.portal import CustomerPortal

from .given import number, own_meeting

#: A personal link is a key: it is not told to other pages, nor kept by browsers.
HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class MeetingPortal(CustomerPortal):
    """Meetings as members see them, connected or by their personal link."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "meeting_count" in counters:
            values["meeting_count"] = len(_my_electors())
        return values

    @http.route("/my/meetings", type="http", auth="user", website=True)
    def my_meetings(self):
        """Meetings that the connected member is called to."""
        values = self._prepare_portal_layout_values()
        values |= {"electors": _my_electors(), "page_name": "meetings"}
        return request.render("cae_governance.portal_meetings", values)

    @http.route("/my/meetings/<int:meeting_id>", type="http", auth="user", website=True)
    def my_meeting(self, meeting_id):
        """A meeting of the connected member."""
        return self._page(f"u{meeting_id}")

    @http.route("/cae/m/<string:token>", type="http", auth="public", website=True)
    def linked_meeting(self, token):
        """The same, by personal link."""
        return self._page(token)

    def _page(self, access):
        elector = elector_of(access)
        teller = teller_of(access)
        meeting = elector.meeting_id or teller.meeting_id
        if not meeting:
            return request.not_found()
        values = {
            **meeting._said(),
            "page_name": "meeting",
            "access": access,
            "meeting": meeting,
            "elector": elector,
            "teller": teller,
            "notice": take_notice(),
            "votes": elector and _votes(elector),
            # Asked for by the form of a proxy alone: everybody else.
            "people": lambda: _people(elector),
            "to_open": teller and meeting._to_open(teller),
        }
        return request.render(
            "cae_governance.portal_meeting", values, headers=list(HEADERS.items())
        )

    @http.route("/cae/m/act", type="http", auth="public", methods=["POST"])
    def act(self, access="", action="", **given):
        """Sign in, give or revoke a proxy, vote by name."""
        elector = elector_of(access)
        handler = {
            "present": _sign_in,
            "remote": _sign_in_remote,
            "leave": _leave,
            "proxy": _give_proxy,
            "revoke": _revoke_proxy,
            "vote": _vote,
        }.get(action)
        if not (elector and handler):
            return request.not_found()
        try:
            error = quietly(lambda: handler(elector, given))
        except UniqueViolation:
            # The same button twice at once: the first one counts.
            if action != "vote":
                raise
            error = plain(request.env._("CAE-VOTE-TWICE: this vote was already cast."))
        give_notice(error, problem=True)
        return request.redirect(_address(access))

    @http.route("/cae/m/live", type="jsonrpc", auth="public")
    def follow(self, access=""):
        """What the page of a member follows."""
        elector = elector_of(access)
        meeting = elector.meeting_id or teller_of(access).meeting_id
        return meeting._pulse() if meeting else {"state": "", "open": [], "decided": 0}

    @http.route("/cae/m/document", type="http", auth="public")
    def member_document(self, access="", name="notice", key=0):
        """The notice, the signed minutes, or a document of the meeting."""
        elector = elector_of(access)
        meeting = elector.meeting_id
        if name == "file":
            found = meeting.document_ids.filtered(lambda a: str(a.id) == str(key))
            if found:
                return _file(found.raw, found.name, found.mimetype)
        elif name == "notice" and meeting:
            return _pdf(meeting._document_pdf("notice"), "notice.pdf")
        elif name == "minutes" and meeting.state == "signed":
            return _pdf(meeting._minutes_content(), "minutes.pdf")
        return request.not_found()


def elector_of(access):
    """The voter (sudo) whom a link, or ``u<meeting>`` for the user, names."""
    electors = request.env["cae.meeting.elector"]
    access = str(access or "")
    if meeting := own_meeting(access):
        return electors._of_user(meeting)
    # sudo: nobody, in the same mode as the voter of a link.
    found = electors._of_token(access) if len(access) == 32 else electors.sudo()
    return found.filtered(lambda e: e.meeting_id.state in ("convened", "open"))


def teller_of(access):
    """The teller (sudo) that the connected user is at a meeting."""
    tellers = request.env["cae.ballot.teller"]
    access = str(access or "")
    if meeting := own_meeting(access):
        return tellers._of_user(meeting)
    # sudo: nobody, in the same mode as a teller.
    return tellers.sudo()


def _my_electors():
    # sudo: one's own places on the lists of voters.
    electors = request.env["cae.meeting.elector"].sudo()
    return electors.search(
        [
            ("partner_id", "=", request.env.user.partner_id.id),
            ("meeting_id.state", "in", ("convened", "open", "held", "signed")),
        ]
    )


def _address(access):
    own = own_meeting(access)
    return f"/my/meetings/{own}" if own else f"/cae/m/{access}"


def _pdf(content, name):
    return _file(content, name, "application/pdf", "inline")


def _people(elector):
    """Whom a member may name as their representative."""
    others = elector.meeting_id.elector_ids - elector
    giving = others.filtered(lambda e: e._proxy())
    return (others - giving).sorted("name")


def _votes(elector):
    """``[(resolution, voter, has voted)]``: what this person may vote on now."""
    open_now = elector.meeting_id.resolution_ids.filtered(
        lambda r: r.state == "open" and r.mode in ("named", "secret")
    )
    here = elector.presence in ("present", "remote")
    voters = (elector | elector._represented()) if here else elector.browse()
    return [
        (resolution, voter, voter in voted)
        for resolution in open_now
        for voted in [resolution._voted_among(voters)]
        for voter in voters
    ]


def vote_of(caster, resolution, elector):
    """The resolution and the voter (sudo) that a caster names, of their own meeting.

    Looked up one by one: a meeting may have a thousand voters.

    :raises UserError: ``CAE-VOTE-RIGHT``
    """
    found = [
        caster.env[model].search(
            [("meeting_id", "=", caster.meeting_id.id), ("id", "=", number(key))]
        )
        for model, key in (
            ("cae.resolution", resolution),
            ("cae.meeting.elector", elector),
        )
    ]
    if not all(found):
        raise UserError(
            request.env._("CAE-VOTE-RIGHT: this vote is not yours to cast.")
        )
    return found


def _sign_in(elector, given):
    elector._sign_in("present")


def _sign_in_remote(elector, given):
    elector._sign_in("remote")


def _leave(elector, given):
    elector._sign_out()


def _give_proxy(elector, given):
    holder = str(given.get("holder") or "")
    meeting = elector.meeting_id
    named = elector.search(
        [("meeting_id", "=", meeting.id), ("id", "=", number(holder))]
    )
    if holder not in ("", "blank") and not named or not holder:
        raise UserError(request.env._("CAE-PROXY-HOLDER: choose a member."))
    elector.env["cae.proxy"].create(
        {
            "meeting_id": meeting.id,
            "giver_id": elector.id,
            "holder_id": named.id,
        }
    )


def _revoke_proxy(elector, given):
    elector._proxy()._revoke(request.env._("Revoked by the member."))


def _vote(elector, given):
    resolution, voter = vote_of(elector, given.get("resolution"), given.get("elector"))
    choices = request.httprequest.form.getlist("choice")
    candidates = [number(code) for code in choices if code.isdecimal()]
    choice = "for" if candidates else next(iter(choices), "")
    resolution._cast(voter, elector, choice, candidates)
