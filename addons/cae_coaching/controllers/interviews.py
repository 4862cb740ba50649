from odoo import fields, http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request
from odoo.tools import format_datetime

from odoo.addons.cae_base.controllers.notice import answered, take_notice
from odoo.addons.cae_base.tools import plain
from odoo.addons.portal.controllers.portal import CustomerPortal

#: Actions that were closed and are still shown.
CLOSED_SHOWN = 20


class InterviewPortal(CustomerPortal):
    """Interviews, reports and actions as the persons see them."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_report_count" in counters:
            values["cae_report_count"] = len(_to_sign(_reports()))
        if "cae_interview_count" in counters:
            # Also before the first one: the page says who the coach is.
            person = request.env["cae.home"]._person()
            values["cae_interview_count"] = len(person)
        if "cae_action_count" in counters:
            values["cae_action_count"] = len(_actions())
        return values

    @http.route("/my/interviews", type="http", auth="user", website=True)
    def my_interviews(self, **_options):
        """Next appointments, and reports."""
        reports = _reports()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_interviews",
            "coming": [_appointment(interview) for interview in _coming()],
            "reports": reports,
            "to_sign": _to_sign(reports),
            "coaches": request.env.user._cae_coaches(),
        }
        return request.render("cae_coaching.portal_my_interviews", values)

    @http.route(
        "/my/interviews/<int:report_id>", type="http", auth="user", website=True
    )
    def my_report(self, report_id, **_options):
        """A report that was shared with the person."""
        report = _reports().filtered(lambda r: r.id == report_id)
        if not report:
            return request.not_found()
        # sudo: names of those who were there, of a report that is the person's.
        shown = report.sudo()._prepare_document_values()
        values = {
            **self._prepare_portal_layout_values(),
            **{key: shown[key] for key in ("parts", "signatures", "moment", "date")},
            "page_name": "cae_interview_report",
            "report": report,
            "can_sign": report in _to_sign(report),
            "person_name": report._own_person()[:1].name,
        }
        return request.render("cae_coaching.portal_my_report", values)

    @http.route(
        "/my/interviews/<int:report_id>/sign",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def sign_report(self, report_id, name="", signature=""):
        """The person signs."""
        report = _reports().filtered(lambda r: r.id == report_id)
        if not report:
            return {"error": request.env._("CAE-ACCESS: this report is not yours.")}
        try:
            with request.env.cr.savepoint():
                report.action_sign(name, signature)
        except (UserError, ValidationError) as refusal:
            return {"error": plain(refusal)}
        return {"force_refresh": True, "redirect_url": f"/my/interviews/{report_id}"}

    @http.route("/my/actions", type="http", auth="user", website=True)
    def my_actions(self, **_options):
        """What the person and the coaches are to do."""
        actions = _actions()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_actions",
            "actions": actions,
            "comments": actions._comments(),
            "notice": take_notice(),
        }
        return request.render("cae_coaching.portal_my_actions", values)

    @http.route(
        "/my/actions/<int:action_id>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def my_action(self, action_id, step="", comment="", **_options):
        """The person says a word, that it is done, or that it is not done after all."""
        action = _actions().filtered(lambda a: a.id == action_id)
        if not action:
            return request.not_found()
        env = request.env
        steps = {
            "done": (
                lambda: action.action_mine_done(comment),
                env._("It is marked as done."),
            ),
            "again": (action._undo_mine, env._("It is to do again.")),
        }
        said = (
            lambda: action.action_comment(comment),
            env._("It is noted, your coach reads it."),
        )
        return answered("/my/actions", *steps.get(step, said))


def _readable(model):
    records = request.env[model]
    return records if records.has_access("read") else None


def _reports():
    """Reports shared with the connected person, by the rights of the person.

    Of an interview that was corrected, only the last version.
    """
    model = _readable("cae.interview.report")
    if model is None:
        return request.env["cae.interview.report"].browse()
    mine = [("entrepreneur_ids.user_id", "=", request.env.uid)]
    found = model.search(mine, order="date desc, id desc")
    seen = set()
    return found.filtered(
        lambda r: not (r.interview_id.id in seen or seen.add(r.interview_id.id))
    )


def _to_sign(reports):
    """Those of these reports that wait for the connected person."""
    # sudo: who signed reports that the person reads, nothing of the signatures.
    return reports.filtered(
        lambda r: r.current and r._own_person() - r.sudo().signature_ids.entrepreneur_id
    )


def _coming():
    """Appointments (sudo) of the connected person."""
    # sudo: the person has no right on interviews; of their own ones the page shows
    # when, where and with whom, and nothing that is written.
    interviews = request.env["cae.interview"].sudo()
    return interviews.search(
        [
            ("entrepreneur_ids.user_id", "=", request.env.uid),
            ("state", "=", "planned"),
            ("date_stop", ">=", fields.Datetime.now()),
        ],
        order="date_start",
    )


def _appointment(interview):
    env = request.env
    zone = interview.company_id._cae_time_zone()
    modes = dict(interview._fields["mode"]._description_selection(env))
    return {
        "when": format_datetime(env, interview.date_start, zone, "EEEE d MMMM, HH:mm"),
        "type": interview.type_id.name,
        "coaches": ", ".join(interview.coach_ids.mapped("name")),
        "mode": modes[interview.mode],
        "place": interview.place or "",
        "video": _web_address(interview.video_url),
    }


def _web_address(text):
    """A link that a page may show, or nothing."""
    text = text or ""
    return text if text.startswith(("https://", "http://")) else ""


def _actions():
    """Actions of the connected person, by the rights of the person."""
    model = _readable("cae.coaching.action")
    if model is None:
        return request.env["cae.coaching.action"].browse()
    mine = [("entrepreneur_id.user_id", "=", request.env.uid), ("shared", "=", True)]
    todo = model.search([*mine, ("state", "=", "todo")])
    closed = model.search(
        [*mine, ("state", "!=", "todo")], order="done_date desc", limit=CLOSED_SHOWN
    )
    return todo | closed
