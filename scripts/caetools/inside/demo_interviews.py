"""Interviews of the demo: two signed ones per twelve months of CESA, or nearly."""

import base64
import io
import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from PIL import Image, ImageDraw

from odoo.fields import Command

from . import demo_interview_words as words
from . import env as inside
from .acting import COACH, acting

#: From here on the interviews are held in this tool; those before are taken over.
BEGUN, UNTIL = date(2026, 1, 1), date(2026, 11, 21)
DAY = timedelta(days=1)
#: Between the starts of two interviews of a coach.
APART = timedelta(hours=2)
#: Who is short: (person, rank in the period that ended) that never took place, and in
#: which the running period holds none either: they are late.
SKIPPED = {"E0025": 2, "E0004": 1}
#: Nothing is signed in the second half of the running period: soon late.
SOON = ("E0031", "E0039")
#: Holders of a CAPE: day, then the type of interview.
STARTING = (
    *(("E0012", "2026-03-11", "start"), ("E0012", "2026-06-18", "point")),
    *(("E0012", "2026-10-22", "start"), ("E0042", "2026-02-12", "start")),
    *(("E0042", "2026-07-09", "money"), ("E0045", "2026-04-15", "start")),
    ("E0045", "2026-09-24", "money"),
)
#: Whose report has its actions, and whose portal the demo shows.
SHOWN = "E0001"
#: One signature lacks: the report waits for the person.
UNSIGNED = "E0049"
#: Private notes, in turn, on the last interview of these.
NOTED = ("E0003", "E0025", "E0032", "E0018")
#: Person, planned on, why it did not take place, step.
LOST = (
    ("E0032", "2026-03-18 09:00", "Enfant malade, prévient la veille", "excused"),
    ("E0025", "2026-09-16 13:00", "Ne s’est pas présentée, messagerie", "absent"),
    ("E0018", "2026-10-07 08:30", "Déplacé à la demande du client", "cancelled"),
)
#: Person, when, type, mode, place.
PLANNED = (
    ("E0031", "2026-12-02 09:00", "support", "onsite", "Salle du quai"),
    ("E0025", "2026-12-03 13:30", "support", "onsite", "Salle du quai"),
    ("E0042", "2026-12-04 10:00", "start", "visit", "Atelier, 4 rue des Carmes"),
    ("E0001", "2026-12-10 14:00", "point", "phone", "02 61 91 12 40"),
    ("E0017", "2027-01-13 09:00", "support", "video", ""),
)
#: Person, what, who does it, deadline, kind, how it ended and when.
TODO = (
    (
        *("E0001", "Écrire aux clients pour annoncer le nouveau tarif", "person"),
        *("2026-12-15", "individual", "", ""),
    ),
    (
        *("E0001", "Simuler la paie sur quatre jours par semaine", "coach"),
        *("2026-11-20", "individual", "", ""),
    ),
    (
        *("E0001", "Animer une demi-journée sur l’accessibilité des sites", "person"),
        *("2027-02-26", "collective", "", ""),
    ),
    (
        *("E0003", "Chiffrer le dépôt-vente de la boutique de Pornic", "person"),
        *("2026-06-30", "individual", "done", "2026-06-22"),
    ),
    (
        *("E0017", "Relire le contrat de l’éditeur", "coach"),
        *("2026-09-25", "individual", "done", "2026-09-23"),
    ),
    (
        *("E0018", "Demander deux devis d’assurance", "person"),
        *("2026-10-15", "individual", "", ""),
    ),
    (
        *("E0025", "Mettre en place un échéancier avec le client en retard", "coach"),
        *("2026-11-13", "individual", "", ""),
    ),
    (
        *("E0031", "Présenter le portfolio au petit déjeuner des membres", "person"),
        *("2026-12-03", "collective", "", ""),
    ),
    (
        *("E0032", "Augmenter le prix de base des robes de 15 %", "person"),
        *("2027-01-04", "individual", "", ""),
    ),
    (
        *("E0032", "Louer un local plus grand", "person"),
        *("2026-09-30", "individual", "dropped", "2026-10-08"),
    ),
    (
        *("E0049", "Envoyer les factures d’octobre", "person"),
        *("2026-11-10", "individual", "done", "2026-11-09"),
    ),
)


def take_over(env, _clock) -> None:
    """Signed interviews of the years before, as an integrator loads them: at once."""
    rows = [row for row in schedule(env) if row[1].date() < BEGUN]
    kind = env.ref("cae_coaching.interview_type_support")
    # sudo: the state and the reports come from the former tool, no step of this one.
    Interview = env["cae.interview"].sudo().with_context(tracking_disable=True)
    interviews = Interview._cae_own().create(
        [
            {
                "entrepreneur_ids": [Command.set(person.ids)],
                "coach_ids": [Command.set(person.coach_id.ids)],
                "type_id": kind.id,
                "date_start": start,
                "held_start": start,
                "held_stop": start + timedelta(hours=1.5),
                "state": "held",
                "review": words.TAKEN_OVER,
            }
            for person, start in rows
        ]
    )
    reports = interviews.env["cae.interview.report"].create(
        [
            {**interview._prepare_report_vals(), "date": interview.held_stop}
            for interview in interviews
        ]
    )
    rows = [row for report in reports for row in paper_signatures(report)]
    reports.env["cae.interview.signature"].create(rows)
    inside.say(f". {len(interviews)} interviews")


def paper_signatures(report) -> list[dict]:
    """Values of the person's signature and of the coach's, as they were on paper."""
    coach, person = report.interview_id.coach_ids, report.entrepreneur_ids
    common = {
        "report_id": report.id,
        "user_id": coach.id,
        "date": report.date,
        "kind": "typed",
        "place": "desk",
        "hash": report.hash,
    }
    return [
        {**common, "entrepreneur_id": person.id, "name": person.name},
        {**common, "name": coach.name},
    ]


def hold_year(env, clock) -> None:
    """Interviews of the year: held, written, shared, signed, as each coach does."""
    rows = [
        (person, start, "support")
        for person, start in schedule(env)
        if start.date() >= BEGUN
    ]
    rows = sorted([*rows, *first_steps(env)], key=lambda row: row[1])
    trades = trades_of(env)
    for turn, (person, start, kind) in enumerate(rows):
        trade = trades.get(person.id, "Conseil")
        autumn = start.month > 8
        mine = person.code == SHOWN
        said = words.INES[autumn] if mine else words.parts(trade, autumn, turn)
        clock.at(start + timedelta(hours=2))
        decided = [row for row in TODO if row[0] == SHOWN] if mine and autumn else ()
        interview = hold(env, person, start, kind, said, decided)
        clock.at(start + timedelta(hours=2.4))
        sign_as_person(interview, person)
        sign_as_coach(interview)
        if person.code in NOTED and start.month > 6:
            interview.private_note = words.NOTES[NOTED.index(person.code)]
    inside.say(f". {len(rows)} interviews")


def first_steps(env) -> list[tuple]:
    """``[(person, start, type)]`` of who has a CAPE."""
    people = {p.code: p for p in env["cae.entrepreneur"].search([])}
    return [
        (people[code], datetime.fromisoformat(f"{day} 08:00:00"), kind)
        for code, day, kind in STARTING
    ]


def hold(env, person, start, kind, said, decided=()):
    """An interview that was held and whose report is shared, with its actions."""
    interview = as_coach(env, person).create(
        {
            "entrepreneur_ids": [Command.set(person.ids)],
            "type_id": env.ref(f"cae_coaching.interview_type_{kind}").id,
            "place": "Salle du quai",
            "date_start": start,
            **said,
        }
    )
    interview.action_held()
    interview.env["cae.coaching.action"].create(
        [
            {
                "name": name,
                "entrepreneur_id": person.id,
                "interview_id": interview.id,
                "owner": owner,
                "date_deadline": deadline,
                "kind": kind,
            }
            for _code, name, owner, deadline, kind, _end, _ended in decided
        ]
    )
    interview.action_share()
    return interview


def as_coach(env, person):
    """Interviews as the coach of the person makes them; the demo sends no mail."""
    quiet = env["cae.interview"].with_context(no_mail_to_attendees=True)
    return quiet.with_user(person.coach_id)


def sign_as_person(interview, person) -> None:
    """In the portal when the person has it, else beside the coach."""
    if person.user_id:
        report = interview.report_id.with_user(person.user_id)
        report.action_sign(person.name, drawn(person.name))
    else:
        sign_here(interview, {"signer": "person", "entrepreneur_id": person.id})


def sign_as_coach(interview) -> None:
    """The coach signs on their own screen."""
    sign_here(interview, {"signer": "coach"})


def sign_here(interview, values) -> None:
    """Sign in the dialog of the coach."""
    who = values.get("entrepreneur_id") or interview.env.user.name
    dialog = interview.env["cae.interview.sign"].create(
        {"interview_id": interview.id, "image": drawn(str(who)), **values}
    )
    dialog.action_confirm()


def plan_next(env, clock) -> None:
    """What did not take place, what is planned, a report to sign, actions."""
    people = {
        person.code: person
        for person in env["cae.entrepreneur"].search([("coach_id.login", "=", COACH)])
    }
    for code, moment, why, step in LOST:
        clock.at(f"{moment}:00")
        lost = as_coach(env, people[code]).create(
            planned(env, people[code], moment, "support")
        )
        method = "action_cancel" if step == "cancelled" else f"action_{step}"
        getattr(lost, method)(why)
    start = datetime(2026, 11, 24, 9)
    clock.at(start + timedelta(hours=2))
    person = people[UNSIGNED]
    said = words.parts(trades_of(env)[person.id], True, 3)
    sign_as_coach(hold(env, person, start, "support", said))
    clock.at("2026-11-25 10:00:00")
    for code, moment, kind, mode, place in PLANNED:
        values = planned(env, people[code], moment, kind)
        as_coach(env, people[code]).create({**values, "mode": mode, "place": place})
    decide(env, clock, people)


def planned(env, person, moment, kind) -> dict:
    """Values of an interview to come."""
    return {
        "entrepreneur_ids": [Command.set(person.ids)],
        "type_id": env.ref(f"cae_coaching.interview_type_{kind}").id,
        "date_start": f"{moment}:00",
        "place": "Salle du quai",
    }


def decide(env, clock, people) -> None:
    """Actions of the coach's people, most of their last interview."""
    actions = acting(env, "cae.coaching.action", COACH)
    for code, name, owner, deadline, kind, end, ended in TODO:
        if code == SHOWN:
            continue  # in the report of the last interview
        held = acting(env, "cae.interview", COACH).search(
            [("entrepreneur_ids", "in", people[code].ids), ("state", "=", "held")],
            limit=1,
        )
        values = {
            "name": name,
            "entrepreneur_id": people[code].id,
            "owner": owner,
            "date_deadline": deadline,
            "kind": kind,
            "interview_id": False if end else held.id,
        }
        action = actions.create(values)
        if end:
            clock.at(f"{ended} 09:00:00")
            action.action_done() if end == "done" else action.action_drop()


def schedule(env) -> list[tuple]:
    """``[(person, start)]`` by date: two interviews per twelve months of CESA."""
    contracts = env["cae.contract"].search(
        [("kind", "=", "cesa"), ("parent_id", "=", False)]
    )
    rows = [
        (contract.entrepreneur_id, datetime.combine(day, _hour(contract, rank)))
        for contract in contracts.filtered("entrepreneur_id.coach_id")
        for rank, day in _held_days(contract)
    ]
    rows.sort(key=lambda row: (row[1], row[0].id))
    taken = defaultdict(list)
    found = [(person, _free(taken[person.coach_id], start)) for person, start in rows]
    return sorted(found, key=lambda row: (row[1], row[0].id))


def _free(taken, start):
    """``start``, or the next time at which the coach holds no other interview."""
    while any(abs(start - other) < APART for other in taken):
        start += APART
        if start.hour > 14:
            day = start + DAY * (3 if start.weekday() == 4 else 1)
            start = datetime.combine(day, time(7, 30))
    taken.append(start)
    return start


def _held_days(contract):
    """``(rank in its twelve months, day)`` of what was held by the last day."""
    person = contract.entrepreneur_id
    until = min(contract.date_end or UNTIL, UNTIL)
    first = contract.date_start
    while first <= until:
        after = first + relativedelta(years=1)
        for rank, day in enumerate(_days(person, first)):
            if day <= until and not _skips(person, after, rank):
                yield rank, day
        first = after


def _skips(person, after, rank):
    """Whether an interview of the twelve months before ``after`` lacks."""
    if person.code in SOON:
        return after > UNTIL and rank
    left = SKIPPED.get(person.code, 0)
    last = after <= UNTIL < after + relativedelta(years=1)
    return left and (after > UNTIL or (last and rank >= 2 - left))


def _days(person, first):
    """Two working days of the twelve months since ``first``."""
    shift = int(person.code[1:]) % 20
    for months in (3, 9) if person.code == SHOWN else (2, 7):
        day = first + relativedelta(months=months, days=shift)
        yield day - DAY * max(0, day.weekday() - 4)


def _hour(contract, rank):
    """Early enough to be over before the afternoon ends (UTC)."""
    return time((7, 8, 9, 12, 13)[(contract.id + rank) % 5], 30)


def trades_of(env) -> dict[int, str]:
    """``{person id: trade of their first activity}``"""
    shares = env["cae.activity.share"].search([], order="date_start desc")
    return {share.entrepreneur_id.id: share.activity_id.trade for share in shares}


def drawn(name: str) -> str:
    """A made-up signature, always the same of the same name: PNG in base64."""
    pen = random.Random(name)
    image = Image.new("RGBA", (360, 110), (255, 255, 255, 0))
    points, x = [], 20
    while x < 330:
        high = pen.choice((18, 30, 62, 70))
        points += [(x, high), (x + pen.randint(8, 16), 110 - high)]
        x += pen.randint(14, 30)
    draw = ImageDraw.Draw(image)
    draw.line(_smooth(points), fill=(20, 30, 110, 255), width=3, joint="curve")
    draw.line([(30, 92), (320, 86 + pen.randint(-6, 6))], fill=(20, 30, 110, 255))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def _smooth(points):
    """The points of a curve through the middles of the segments."""
    curve = []
    for (x0, y0), (x1, y1), (x2, y2) in zip(
        points, points[1:], points[2:], strict=False
    ):
        ax, ay, bx, by = (x0 + x1) / 2, (y0 + y1) / 2, (x1 + x2) / 2, (y1 + y2) / 2
        for step in range(8):
            t = step / 8
            curve.append(
                (
                    (1 - t) ** 2 * ax + 2 * (1 - t) * t * x1 + t**2 * bx,
                    (1 - t) ** 2 * ay + 2 * (1 - t) * t * y1 + t**2 * by,
                )
            )
    return curve
