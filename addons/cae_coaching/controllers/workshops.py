from odoo import fields, http
from odoo.http import request
from odoo.tools import format_datetime

from odoo.addons.cae_base.controllers.notice import (
    answered,
    quietly,
    take_notice,
)
from odoo.addons.cae_base.engine.texts import cleaned
from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.cae_workshop_evaluation import MARKS
from ..models.cae_workshop_session import clock

#: Workshops of the past that are still shown.
PAST_SHOWN = 30
NEED_LENGTH = 1000


class WorkshopPortal(CustomerPortal):
    """Workshops as the people see them: sign up, sign, evaluate, certificates."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_workshop_count" in counters:
            people = _own_people()
            values["cae_workshop_count"] = len(_open(people) | _seats(people).event_id)
        if "cae_workshop_sign_count" in counters:
            values["cae_workshop_sign_count"] = len(_lines(_own_people())._can_sign())
        return values

    @http.route("/my/workshops", type="http", auth="user", website=True)
    def my_workshops(self, **_options):
        """Workshops to come, one's seats, what is to sign and to evaluate."""
        people = _own_people()
        seats, coming = _seats(people), _open(people)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_workshops",
            "coming": [_shown(event) for event in coming - seats.event_id],
            "seats": _seats_shown(seats, coming),
            "to_sign": _lines(people)._can_sign(),
            "clock": clock,
            "notice": take_notice(),
        }
        return request.render("cae_coaching.portal_my_workshops", values)

    @http.route(
        "/my/workshops/<int:event_id>/<any('join','leave'):step>",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def take_seat(self, event_id, step, need="", **_options):
        """Sign up, or give the seat back."""
        people = _own_people()
        if not people:
            return request.not_found()
        if step == "leave":
            seat = _seats(people).filtered(lambda s: s.event_id.id == event_id)
            return self._do(seat and seat._cae_give_back)
        event = _open(people).filtered(lambda e: e.id == event_id)
        person = people.filtered(lambda p: event.company_id in (p.company_id, False))
        person = (person or people)[:1]
        said = cleaned(need, NEED_LENGTH)
        return self._do(event and (lambda: event._cae_sign_up_person(person, said)))

    def _do(self, step):
        """Run a step; back to the page, with what was wrong."""
        if not step:
            return request.not_found()
        return answered("/my/workshops", step, request.env._("It is done."))

    @http.route(
        "/my/workshops/sheet/<int:line_id>", type="http", auth="user", website=True
    )
    def my_sheet(self, line_id, **_options):
        """One's line on a sheet, to sign."""
        line = _lines(_own_people()).filtered(lambda a: a.id == line_id)
        if not line:
            return request.not_found()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_workshop_sheet",
            "line": line,
            "session": line.session_id,
            "clock": clock,
            "can_sign": line in line._can_sign(),
            "person_name": line.entrepreneur_id.name,
        }
        return request.render("cae_coaching.portal_my_sheet", values)

    @http.route(
        "/my/workshops/sheet/<int:line_id>/sign",
        type="jsonrpc",
        auth="user",
        website=True,
    )
    def sign_workshop(self, line_id, name="", signature=""):
        """The person signs."""
        line = _lines(_own_people()).filtered(lambda a: a.id == line_id)
        if not line:
            return {
                "error": request.env._("CAE-ACCESS: this line is not yours to sign.")
            }
        if error := quietly(lambda: line.action_sign(name, signature)):
            return {"error": error}
        return {
            "force_refresh": True,
            "redirect_url": f"/my/workshops/sheet/{line_id}",
        }

    @http.route(
        "/my/workshops/<int:event_id>/evaluation",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,
    )
    def evaluation(self, event_id, **form):
        """The questions, and their answers."""
        people = _own_people()
        seat = _seats(people).filtered(lambda s: s.event_id.id == event_id)
        if not seat:
            return request.not_found()
        if request.httprequest.method == "POST":
            # sudo: the person gives an evaluation of a seat that is theirs, once.
            model = request.env["cae.workshop.evaluation"].sudo()
            return self._do(lambda: model._give(seat, form))
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_workshop_evaluation",
            "event": seat.event_id,
            "questions": _questions(),
        }
        return request.render("cae_coaching.portal_my_evaluation", values)


def _own_people():
    """The person's own files as entrepreneur, by the rights of the person."""
    people = request.env["cae.entrepreneur"]
    if not people.has_access("read"):
        return people
    return people.search([("user_id", "=", request.env.uid)])


def _open(people):
    """Workshops (sudo) that these people may sign up for."""
    if not people:
        # sudo: none, in the same mode as those that are found.
        return request.env["event.event"].sudo()
    # sudo: entrepreneurs have no right on events; they see those that are open to them.
    return request.env["event.event"].sudo()._cae_open_workshops(people.company_id)


def _seats(people):
    """Seats (sudo) of these people, the next ones first."""
    # sudo: no right on seats; these are the person's own.
    seats = request.env["event.registration"].sudo()
    found = seats.search(
        [
            ("cae_entrepreneur_id", "in", people.ids),
            ("event_id.cae_workshop", "=", True),
            ("state", "!=", "cancel"),
        ],
        order="id desc",
        limit=PAST_SHOWN,
    )
    return found.sorted(lambda seat: seat.event_id.date_begin, reverse=True)


def _lines(people):
    """Lines (sudo) of these people on the sheets."""
    # sudo: no right on attendance; these are the person's own.
    lines = request.env["cae.workshop.attendance"].sudo()
    return lines.search([("entrepreneur_id", "in", people.ids)], limit=200)


def _shown(event):
    """What the page tells of a workshop."""
    # A slice is read alone, a record of an iteration with the others.
    first = next(iter(event.cae_session_ids), event.cae_session_ids)
    return {
        "id": event.id,
        "name": event.name,
        "when": format_datetime(
            event.env,
            first.date_start or event.date_begin,
            event.date_tz or "Europe/Paris",
            "EEEE d MMMM y, HH:mm",
        ),
        "hours": length(event.cae_hours),
        "place": first.room_id.name or event.address_id.name or "",
        "trainers": ", ".join(event.cae_trainer_ids.mapped("name")),
        "objectives": event.cae_objectives,
        "begins": event.date_begin > fields.Datetime.now(),
        "free": event._cae_free_seats(),
        "waiting": event.cae_waiting_count,
    }


def length(hours):
    """``3.5`` as ``3 h 30``; nothing for no hour."""
    minutes = round(hours * 60)
    text = f"{minutes // 60} h {minutes % 60:02d}".removesuffix(" 00")
    return text if minutes else ""


def _seats_shown(seats, coming):
    """Rows of these seats (sudo), in the same queries whatever their number.

    Those to come are first, the next one at the top; then the past, the latest first.
    """
    here = [("registration_id", "in", seats.ids)]
    evaluated = seats.env["cae.workshop.evaluation"].search(here).registration_id
    certificates = {
        one.registration_id: one.id
        for one in seats.env["cae.workshop.certificate"].search(here)
    }
    ranks = _places_in_queues(seats.filtered("cae_waiting"))
    rows = []
    for seat in seats:
        lines = seat.cae_attendance_ids
        attended = any(line.state == "present" for line in lines)
        rows.append(
            {
                **_shown(seat.event_id),
                "is_waiting": seat.cae_waiting,
                "place_in_queue": ranks.get(seat.id, 0),
                "to_come": seat.event_id in coming,
                "evaluate": attended and seat not in evaluated,
                "certificate": certificates.get(seat),
            }
        )
    to_come = [row for row in reversed(rows) if row["to_come"]]
    return to_come + [row for row in rows if not row["to_come"]]


def _places_in_queues(waiting):
    """``{seat id: place}``, from 1, on the waiting lists of these workshops."""
    queues = waiting.search_fetch(
        [("event_id", "in", waiting.event_id.ids), ("cae_waiting", "=", True)],
        ["event_id"],
        order="cae_rank, id",
    )
    return {
        seat.id: place
        for queue in queues.grouped("event_id").values()
        for place, seat in enumerate(queue, 1)
    }


def _questions():
    """``[(name, question)]``"""
    texts = (
        request.env._("Did the content answer your need?"),
        request.env._("Was the trainer clear, and there for you?"),
        request.env._("Were the room, the hours and the information right?"),
        request.env._("Is it useful for your activity?"),
    )
    return list(zip(MARKS, texts, strict=True))
