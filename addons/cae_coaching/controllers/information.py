from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import email_normalize, format_datetime

from odoo.addons.cae_base.engine.texts import one_line

#: Characters of an e-mail address (RFC 5321).
LONGEST_MAIL = 254


class InformationMeetings(http.Controller):
    """Public page of the information meetings: dates, seats, sign-up."""

    @http.route("/cae/information", type="http", auth="public", website=True)
    def meetings(self, company=None, **_options):
        """Meetings that one can sign up for."""
        company = self._company(company)
        return request.render(
            "cae_coaching.information_meetings",
            {"company": company, "meetings": self._open(company), "when": _when},
        )

    @http.route(
        "/cae/information/<int:event_id>",
        type="http",
        auth="public",
        website=True,
        methods=["GET", "POST"],
    )
    def sign_up(self, event_id, **form):
        """The form of a meeting, and its answer."""
        # sudo: the public reads name, dates and seats of open information meetings.
        event = request.env["event.event"].sudo().browse(event_id).exists()
        if not event or event not in event._cae_open_meetings(event.company_id):
            return request.not_found()
        values = {
            **{"event": event, "form": form, "error": "", "done": False},
            **{"when": _when, "back": self._list_url(event)},
        }
        if request.httprequest.method == "POST":
            values["error"] = self._take_seat(event, form)
            values["done"] = not values["error"]
        return request.render("cae_coaching.information_sign_up", values)

    def _take_seat(self, event, form):
        """Sign somebody up; what was wrong in words, else nothing.

        The answer is the same whether the person is known already or not.
        """
        if form.get("website"):
            return ""  # a field that only programs fill in
        name = one_line(form.get("name"), 200)
        mail = email_normalize(one_line(form.get("email"), LONGEST_MAIL + 1))
        if not name or not mail or len(mail) > LONGEST_MAIL:
            return request.env._("Give your name and an e-mail address.")
        if not form.get("consent"):
            return request.env._("Tick that you read how your data are used.")
        try:
            with request.env.cr.savepoint():
                event._cae_sign_up(name, mail, one_line(form.get("phone"), 40))
        except UserError:
            return request.env._(
                "No seat is left at this meeting. Please choose another one."
            )
        return ""

    def _list_url(self, event):
        company = event.company_id.id
        return f"/cae/information?company={company}" if company else "/cae/information"

    def _company(self, company):
        # sudo: the public reads the name of the cooperative.
        companies = request.env["res.company"].sudo()
        text = company or ""
        # What the public sends may be any digits, and as many as it likes.
        key = int(text) if text.isdecimal() and len(text) < 10 else 0
        return companies.browse(key).exists() or request.env.company.sudo()

    def _open(self, company):
        # sudo: as in sign_up.
        return request.env["event.event"].sudo()._cae_open_meetings(company)


def _when(event):
    """Day and hour of a meeting, where it takes place."""
    zone = event.date_tz or "Europe/Paris"
    return format_datetime(request.env, event.date_begin, zone, "EEEE d MMMM y, HH:mm")
