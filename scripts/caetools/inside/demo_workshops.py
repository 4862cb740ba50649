"""Workshops of the demo, and the funders who pay a part of the coaching."""

import base64

from odoo.fields import Command

from . import env as inside
from .acting import COACH, HEAD, NORTH, acting
from .demo_interviews import drawn
from .demo_journey import SHEET

ROOM = "Salle du quai"
PRICES, TOOLS = (
    "Devis, marges et prix",
    "Outils numériques : factures et notes de frais",
)
SELLING, RETIRING = "Prospecter sans se forcer", "Retraite et prévoyance"
#: Name, begin and end (UTC), seats, trainers, half-days, training, people in order, day
#: on which it was announced.
WORKSHOPS = (
    (
        *(PRICES, "2026-05-21 07:00:00", "2026-05-21 15:00:00", 10, (COACH,)),
        (("2026-05-21", "morning"), ("2026-05-21", "afternoon")),
        True,
        ("E0001", "E0010", "E0018", "E0026", "E0031", "E0035", "E0012", "E0003"),
        "2026-04-13",
    ),
    (
        *(TOOLS, "2026-10-13 07:00:00", "2026-10-13 10:30:00", 12, (NORTH,)),
        (("2026-10-13", "morning"),),
        False,
        ("E0001", "E0027", "E0033", "E0038", "E0050", "E0057"),
        "2026-09-07",
    ),
    (
        *(SELLING, "2026-12-04 08:00:00", "2026-12-11 11:30:00", 6, (COACH, NORTH)),
        (("2026-12-04", "morning"), ("2026-12-11", "morning")),
        True,
        *(("E0012", "E0031", "E0042", "E0005", "E0009", "E0043", "E0027", "E0045"),),
        "2026-11-02",
    ),
    (
        *(RETIRING, "2027-01-19 12:30:00", "2027-01-19 16:00:00", 15, (HEAD,)),
        (("2027-01-19", "afternoon"),),
        False,
        ("E0017", "E0042", "E0035"),
        "2026-11-16",
    ),
)
#: Who came to the first one on the portal, on paper; who said they could not.
EXCUSED = "E0003"
#: What is said of a training, for the audit of its quality.
QUALITY = {
    "cae_needs": "<p>Demande revenue dans onze entretiens de l’hiver : savoir ce que "
    "coûte une heure de travail.</p>",
    "cae_objectives": "<ul><li>Calculer son prix de revient</li><li>Écrire un devis "
    "clair et complet</li><li>Suivre sa marge chaque mois</li></ul>",
    "cae_adaptation": "<p>Exercices sur les chiffres de chacun ; salle accessible, "
    "supports en gros caractères sur demande.</p>",
    "cae_method": "<p>Apports courts, cas réels, quiz à la fin de chaque demi-journée."
    "</p>",
}
#: Need said when signing up, in turn.
NEEDS = (
    "Je ne sais pas si je gagne de l’argent sur chaque commande.",
    "Mes devis sont trop longs à faire.",
    "Augmenter mes prix sans perdre mes clients.",
)
#: Marks and words, in turn; a complaint and its answer.
MARKS = (
    (5, 5, 4, 5, "Enfin compris le prix de revient."),
    (4, 5, 4, 4, "Exercices très concrets."),
    (5, 4, 3, 5, "Un peu dense l’après-midi."),
    (4, 4, 4, 4, ""),
    (3, 4, 2, 4, ""),
)
COMPLAINT = "Salle trop petite et trop chaude l’après-midi."
ANSWER = "L’après-midi suivant aura lieu dans la grande salle, fenêtres ouvrantes."


def hold(env, clock) -> None:
    """Four workshops: one whole, one to sign, one full, one with seats."""
    clock.at("2026-01-20 09:00:00")
    room = acting(env, "cae.workshop.room", HEAD).create(
        {"name": ROOM, "capacity": 12, "note": "Écran, tableau, accès de plain-pied."}
    )
    people = {p.code: p for p in env["cae.entrepreneur"].search([])}
    events = [plan(env, clock, room, row, people) for row in WORKSHOPS]
    run_first(env, clock, events[0], people)
    clock.at("2026-10-13 10:40:00")
    trainer = acting(env, "cae.workshop.session", NORTH)
    trainer.browse(events[1].cae_session_ids.ids).action_all_present()
    over, announced = (env.ref(f"event.event_stage_{n}") for n in ("done", "announced"))
    for rank, event in enumerate(events):
        event.stage_id = announced if rank > 1 else over
    inside.say(f". {len(events)} workshops")


def plan(env, clock, room, row, people):
    """A workshop with its half-days; people sign up, as many as like to."""
    name, begin, end, seats, trainers, halves, training, codes, opened = row
    clock.at(f"{opened} 09:00:00")
    users = env["res.users"].search([("login", "in", trainers)])
    event = acting(env, "event.event", HEAD).create(
        {
            "name": name,
            "cae_workshop": True,
            "cae_training": training,
            "date_begin": begin,
            "date_end": end,
            "date_tz": "Europe/Paris",
            "seats_limited": True,
            "seats_max": seats,
            "cae_trainer_ids": [Command.set(users.partner_id.ids)],
            "event_mail_ids": [Command.clear()],
            **(QUALITY if name == PRICES else {}),
        }
    )
    event.env["cae.workshop.session"].create(
        [
            {"event_id": event.id, "date": day, "part": part, "room_id": room.id}
            for day, part in halves
        ]
    )
    for turn, code in enumerate(codes):
        need = NEEDS[turn % len(NEEDS)] if training else ""
        event._cae_sign_up_person(people[code].with_env(event.env), need)
    return event


def run_first(env, clock, event, people) -> None:
    """The first one from the sheets to the certificates."""
    sheets = acting(env, "cae.workshop.session", COACH).browse(
        event.cae_session_ids.sorted("date_start").ids
    )
    away = sheets.attendance_ids.filtered(
        lambda line: line.entrepreneur_id == people[EXCUSED].with_env(line.env)
    )
    away.action_excused()
    for sheet, moment in zip(sheets, ("10:25:00", "14:50:00"), strict=True):
        clock.at(f"2026-05-21 {moment}")
        sheet.action_all_present()
        sign_sheet(env, sheet)
        sheet.action_trainer_sign()
    clock.at("2026-05-26 09:00:00")
    assess(env, event)
    given = acting(env, "event.event", HEAD).browse(event.id)
    given.action_cae_certificates()


def sign_sheet(env, sheet) -> None:
    """In the portal who has it; the others on the paper sheet, which is scanned."""
    for line in sheet.attendance_ids.filtered(lambda a: a.state == "present"):
        user = line.sudo().entrepreneur_id.user_id
        if user:
            line.with_user(user).action_sign(line.name, drawn(line.name))
    sheet.write(
        {
            "sheet_scan": base64.b64encode(SHEET),
            "sheet_name": f"feuille-{sheet.date}-{sheet.part}.pdf",
        }
    )
    sheet.action_paper()


def assess(env, event) -> None:
    """Results by the trainer; marks and words of who came."""
    seats = acting(env, "event.registration", HEAD).search(
        [("event_id", "=", event.id), ("cae_attendance_ids.state", "=", "present")]
    )
    for turn, seat in enumerate(seats):
        seat.cae_result = "partly" if turn == 2 else "yes"
    # sudo: what each of them fills in, in the portal or on paper.
    Evaluation = env["cae.workshop.evaluation"].sudo()
    for seat, marks in zip(seats.with_env(Evaluation.env), MARKS, strict=False):
        content, trainer, organisation, useful, comment = marks
        given = Evaluation._give(
            seat,
            {
                "content": content,
                "trainer": trainer,
                "organisation": organisation,
                "usefulness": useful,
                "comment": comment,
                "complaint": COMPLAINT if organisation == 2 else "",
            },
        )
        if given.complaint:
            given.complaint_answer = ANSWER


#: Name, code, contract, hours bought, hours per person, postcode of the team.
LINES = (
    ("Démarrage (CAPE)", "2.3.1", "cape", 60, 20, ()),
    ("Consolidation (CESA)", "2.3.2", "cesa", 90, 6, ("Conseil Sud", "Conseil Ouest")),
)
OBLIGATIONS = (
    "<ul><li>Questionnaire à l’entrée et à la sortie de chaque personne</li>"
    "<li>Feuilles d’émargement et comptes rendus signés</li>"
    "<li>Logo de l’Union européenne sur les documents remis</li>"
    "<li>Bilan à remettre avant le 31 mars 2027</li></ul>"
)
#: Coach, date, hours, kind, what, line.
TIMES = (
    (COACH, "2026-11-09", 3, "preparation", "Préparer l’atelier de décembre", 1),
    (COACH, "2026-11-16", 2, "follow_up", "Relances et courriels de suivi", 0),
    (COACH, "2026-11-20", 1.5, "admin", "Pièces du bilan intermédiaire", 1),
    (HEAD, "2026-11-17", 4, "admin", "Réunion avec le service FSE", 0),
)


def fund(env, clock) -> None:
    """A programme of two lines, its people, hours and the coaches' time."""
    clock.at("2026-01-14 10:00:00")
    lines = make_lines(env)
    lines.action_add_eligible()
    for place in lines.participant_ids:
        place.entry_questionnaire = place.date_start
        if place.entrepreneur_id.code != "E0042":
            place.write(
                {"proof": base64.b64encode(SHEET), "proof_name": "justificatif.pdf"}
            )
    leave_line(lines)
    clock.at("2026-11-27 14:00:00")
    lines.action_refresh()
    for login, day, hours, kind, what, rank in TIMES:
        acting(env, "cae.coach.time", login).create(
            {
                "name": what,
                "date": day,
                "hours": hours,
                "kind": kind,
                "line_id": lines[rank].id,
            }
        )
    for login in (COACH, HEAD, NORTH):
        acting(env, "cae.coach.time", login).action_fill()
    sheet = acting(env, "cae.coach.time", HEAD).search([("date", "<", "2026-11-15")])
    sheet.action_approve()
    inside.say(f". {len(lines.participant_ids)} people on {len(lines)} lines")


def make_lines(env):
    """The agreement and its two lines."""
    funder = env["res.partner"].create(
        {"name": "Département de Loire-Atlantique – FSE+", "is_company": True}
    )
    programme = acting(env, "cae.funder.programme", HEAD).create(
        {
            "name": "FSE+ 2026 : entreprendre en coopérative",
            "reference": "202600417",
            "funder_id": funder.id,
            "date_start": "2026-01-01",
            "date_end": "2026-12-31",
            "note": OBLIGATIONS,
        }
    )
    teams = env["cae.team"].search([])
    return programme.env["cae.funder.line"].create(
        [
            {
                "programme_id": programme.id,
                "sequence": 10 * rank,
                "name": name,
                "code": code,
                "stage": stage,
                "hours_bought": bought,
                "hours_person": each,
                "team_ids": [
                    Command.set(teams.filtered(lambda t, n=names: t.name in n).ids)
                ],
            }
            for rank, (name, code, stage, bought, each, names) in enumerate(LINES, 1)
        ]
    )


def leave_line(lines) -> None:
    """Somebody whose aid ended, with the questionnaire of the exit."""
    leaving = lines[1].participant_ids.filtered(
        lambda place: place.entrepreneur_id.code == "E0059"
    )
    leaving.write(
        {
            "date_end": "2026-09-30",
            "exit_questionnaire": "2026-09-28",
            "exit_result": "continues",
        }
    )
