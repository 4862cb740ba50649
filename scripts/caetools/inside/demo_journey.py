"""The journey in the demo: candidates, files of people, an interruption, an exit."""

import base64
import unicodedata
from datetime import date, datetime

from odoo.fields import Command

from . import env as inside
from .acting import COACH, HEAD, NORTH, acting

#: Of a month ago, and to come: name, begin and end (UTC), seats.
MEETINGS = (
    (
        "Réunion d’information d’octobre",
        *("2026-10-06 16:00:00", "2026-10-06 18:00:00", 12),
    ),
    (
        "Réunion d’information de décembre",
        *("2026-12-08 17:00:00", "2026-12-08 19:00:00", 12),
    ),
)
#: Who signed up in October and did not come.
MISSING = "Kévin Le Floch"
#: Name, sex, town, trade wished, origin, coach, first contact, meeting (0 or 1), and
#: how far they are.
CANDIDATES = (
    (
        *("Margaux Tessier", "F", "44000 Nantes", "Céramique d’art", "network"),
        *(COACH, "2026-09-02", 0, "converted"),
    ),
    (
        *("Bastien Hamon", "M", "44400 Rezé", "Réparation de vélos", "job_centre"),
        *(COACH, "2026-09-08", 0, "accepted"),
    ),
    (
        *("Awa Diallo", "F", "44800 Saint-Herblain", "Traiteur", "entrepreneur"),
        *(NORTH, "2026-09-11", 0, "refused"),
    ),
    (
        *("Lucie Marchand", "F", "44300 Nantes", "Illustration jeunesse", "web"),
        *(HEAD, "2026-09-15", 0, "diagnosis"),
    ),
    (
        *("Thomas Guérin", "M", "44600 Saint-Nazaire", "Apiculture", "event"),
        *(COACH, "2026-09-21", 0, "diagnosis"),
    ),
    (
        *("Kévin Le Floch", "M", "44100 Nantes", "Livraison à vélo", "web"),
        *(NORTH, "2026-09-24", 0, "gave_up"),
    ),
    (
        *("Sarah Benhamou", "F", "44000 Nantes", "Sophrologie", "network"),
        *(HEAD, "2026-10-28", 1, "information"),
    ),
    (
        *("Julien Pasquier", "M", "44190 Clisson", "Ébénisterie", "job_centre"),
        *(COACH, "2026-11-05", 1, "information"),
    ),
    (
        *("Chloé Renaudin", "F", "44200 Nantes", "Médiation scientifique", "web"),
        *("", "2026-11-17", 1, "information"),
    ),
    (
        *("Omar Haddad", "M", "44700 Orvault", "Dépannage informatique", "other"),
        *("", "2026-11-24", None, "contact"),
    ),
)
#: Who has a diagnosis: day, fit, possible start, project, experience, market, needs,
#: plan.
DIAGNOSES = {
    "Margaux Tessier": (
        *("2026-10-12", "good", "2026-11-02"),
        "Vaisselle en grès, vendue en boutiques et sur les marchés de créateurs.",
        "CAP de tourneur en 2021, trois ans dans un atelier de Guérande.",
        "Deux boutiques prêtes à prendre un dépôt ; marché de Noël de Nantes réservé.",
        "Prix de revient à calculer, assurance de l’atelier partagé.",
        "Signer le CAPE début novembre, premier marché le 28 novembre.",
    ),
    "Bastien Hamon": (
        *("2026-10-15", "good", "2027-01-04"),
        "Réparation de vélos à domicile et en entreprise, avec un vélo cargo.",
        "Mécanicien cycles depuis six ans, salarié jusqu’au 31 décembre.",
        "Quatre entreprises intéressées par une demi-journée par mois.",
        "Achat du vélo cargo, 5 400 € : prêt d’honneur à demander.",
        "Dossier de prêt avant le 10 décembre, CAPE au 4 janvier.",
    ),
    "Awa Diallo": (
        *("2026-10-20", "work", None),
        "Traiteur pour entreprises, cuisine sénégalaise.",
        "Cuisinière en restauration collective pendant dix ans.",
        "Bouche à oreille, pas encore de client professionnel.",
        "Laboratoire aux normes, formation hygiène, budget de 15 000 €.",
        "Chercher un laboratoire partagé ; reprendre contact au printemps.",
    ),
    "Lucie Marchand": (
        *("2026-11-03", "good", "2027-02-01"),
        "Illustration pour l’édition jeunesse et ateliers en médiathèque.",
        "Deux albums parus, douze ateliers animés bénévolement.",
        "Une médiathèque et un éditeur ont répondu ; prix à confirmer.",
        "Droits d’auteur et factures : ce qui relève de la coopérative.",
        "Étude avec le service juridique avant la fin de l’année.",
    ),
    "Thomas Guérin": (
        *("2026-11-10", "work", None),
        "Miel et visites de ruchers, trente ruches.",
        "Apiculteur amateur, formation longue prévue en 2027.",
        "Trois magasins de producteurs, marchés d’été.",
        "Terrain, étiquetage, calendrier de la formation.",
        "Revoir le projet après l’inscription en formation.",
    ),
}
#: Name, day, decision, reason, grounds.
DECISIONS = (
    (
        *("Margaux Tessier", "2026-10-19", "accepted", ""),
        "Projet prêt, atelier trouvé.",
    ),
    (
        *("Bastien Hamon", "2026-10-27", "accepted", ""),
        "Sous réserve du prêt d’honneur.",
    ),
    (
        *("Awa Diallo", "2026-10-27", "refused", "project"),
        "Le projet demande un laboratoire aux normes que la coopérative n’a pas.",
    ),
    (
        *("Kévin Le Floch", "2026-11-16", "refused", "gave_up"),
        "Trois appels, un message.",
    ),
)
ENTERED = "Margaux Tessier"
#: Day, activity, scheme.
CONVERTED = ("2026-11-02", "Terres de Margaux", "STD10")
SHEET = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
#: Person, without their bank details; and whose insurance expires.
WITHOUT_BANK, EXPIRING = "E0018", ("E0003", "2025-12-12")
#: Situation at entry, situations since, education, children, zone, aids; and a word.
SOCIAL = {
    "E0012": (
        *("are", (), "5", 1, "qpv"),
        (("are", "2026-01-05", "2027-01-15"), ("acre", "2026-02-01", "2027-01-31")),
        "Vivre de la menuiserie sans reprendre d’emploi salarié.",
    ),
    "E0042": (
        *("rsa", (), "4", 2, "qpv"),
        (("rsa", "2025-12-01", None), ("loan", "2026-01-20", "2028-01-19")),
        "Sortir du RSA avant la fin de la première année.",
    ),
    "E0031": (
        *("are", (("2026-09-01", "cooperative"),), "6", 0, "none"),
        (("are", "2025-11-01", "2026-12-20"),),
        "Trois clients réguliers en graphisme, puis arrêter l’ARE.",
    ),
    "E0018": (
        *("part_time", (("2025-09-01", "cooperative"),), "7", 2, "frr"),
        (("local", "2026-03-01", "2026-10-31"),),
        "Garder quatre jours par semaine.",
    ),
    "E0017": (
        *("seeker", (("2025-08-01", "cooperative"),), "8", 0, "none"),
        (("permit", "2023-01-10", "2027-01-09"),),
        "",
    ),
    "E0025": (
        *("part_time", (), "5", 1, "none"),
        (),
        "Équilibrer les cours du soir et le contrat de 26 heures par mois.",
    ),
    "E0049": ("student", (("2022-03-15", "cooperative"),), "6", 0, "none", (), ""),
    "E0045": ("ass", (), "3", 3, "qpv", (("ass", "2026-02-01", "2026-12-31"),), ""),
}


def receive(env, clock) -> None:
    """Information meetings, candidates and how far they are."""
    clock.at("2026-08-31 09:00:00")
    events = env["event.event"].browse()
    for name, begin, end, seats in MEETINGS:
        events |= acting(env, "event.event", HEAD).create(
            {
                "name": name,
                "date_begin": begin,
                "date_end": end,
                "date_tz": "Europe/Paris",
                "cae_information": True,
                "seats_limited": True,
                "seats_max": seats,
                "event_mail_ids": [Command.clear()],
            }
        )
    people = {row[0]: come(env, clock, row, events) for row in CANDIDATES}
    clock.at("2026-10-06 18:10:00")
    seats = events[0].registration_ids
    came = seats.filtered(lambda seat: seat.name != MISSING)
    acting(env, "event.registration", HEAD).browse(came.ids).action_set_done()
    for name, (day, fit, start, *texts) in DIAGNOSES.items():
        clock.at(f"{day} 10:00:00")
        examine(env, people[name], day, fit, start, texts)
    conclude(env, clock, people)
    make_cohorts(env)
    inside.say(f". {len(people)} candidates")


def come(env, clock, row, events):
    """A candidate as the first contact was noted, and a seat at a meeting."""
    name, sex, town, trade, origin, coach, day, meeting, _stage = row
    clock.at(f"{day} 09:20:00")
    first, last = name.split(" ", 1)
    code, city = town.split(" ", 1)
    plain = unicodedata.normalize("NFD", last.lower())
    who = "".join(c for c in plain if c.isascii() and c.isalpha())
    follower = env["res.users"].search([("login", "=", coach)]) if coach else None
    candidate = acting(env, "cae.candidate", coach or HEAD).create(
        {
            "first_name": first,
            "last_name": last,
            "email": f"{who}@example.org",
            "phone": f"06 00 00 {len(name):02} {len(trade):02}",
            "sex": sex,
            "zip": code,
            "city": city,
            "wished_activity": trade,
            "date_contact": day,
            "origin_id": env.ref(f"cae_coaching.candidate_origin_{origin}").id,
            "coach_id": follower.id if follower else False,
        }
    )
    if meeting is not None:
        wizard = candidate.env["cae.candidate.sign.up"].create(
            {"candidate_id": candidate.id, "event_id": events[meeting].id}
        )
        wizard.action_confirm()
    return candidate


def examine(env, candidate, day, fit, start, texts) -> None:
    """A diagnosis by the candidate's coach."""
    names = ("project", "experience", "market", "needs", "action_plan")
    values = dict(zip(names, texts, strict=True))
    values |= {"candidate_id": candidate.id, "date": day, "fit": fit}
    candidate.env["cae.diagnosis"].create({**values, "date_start": start})


def conclude(env, clock, people) -> None:
    """Decisions, and the one who became an entrepreneur."""
    head = acting(env, "cae.candidate", HEAD)
    for name, day, decision, reason, note in DECISIONS:
        clock.at(f"{day} 15:00:00")
        why = env.ref(f"cae_coaching.candidate_reason_{reason}") if reason else None
        candidate = head.browse(people[name].id)
        dialog = candidate.env["cae.candidate.decision"].create(
            {
                "candidate_ids": [Command.set(candidate.ids)],
                "decision": decision,
                "reason_id": why and why.id,
                "note": note,
            }
        )
        dialog.action_confirm()
    day, trade_name, scheme = CONVERTED
    clock.at(f"{day} 09:00:00")
    entering = head.browse(people[ENTERED].id)
    entering.trade_name = trade_name
    scheme = env["cae.contribution.scheme"].search([("code", "=", scheme)])
    dialog = entering.env["cae.candidate.conversion"].create(
        {"candidate_id": entering.id, "scheme_id": scheme.id, "date_start": day}
    )
    dialog.action_convert()


def make_cohorts(env) -> None:
    """Entries of each year."""
    acting(env, "cae.cohort", HEAD).create(
        [
            {
                "name": f"Entrées de {year}",
                "date_start": f"{year}-01-01",
                "date_end": f"{year}-12-31",
            }
            for year in (2022, 2023, 2024, 2025, 2026)
        ]
    )


def keep_files(env, clock) -> None:
    """Documents of everybody, but for what lacks; social files of some."""
    clock.at("2026-01-12 10:00:00")
    people = env["cae.entrepreneur"].search([("stage", "in", ("cape", "cesa"))])
    kinds = {
        name: env.ref(f"cae_coaching.document_type_{name}").id
        for name in ("identity", "bank", "contract", "insurance")
    }
    file = {"file": base64.b64encode(SHEET), "file_name": "document.pdf"}
    held = []
    for person in people:
        entry = max(person.date_entry, date(2020, 1, 1))
        for kind in ("identity", "bank", "contract"):
            if (person.code, kind) != (WITHOUT_BANK, "bank"):
                values = {"type_id": kinds[kind], "entrepreneur_id": person.id}
                held.append({**values, "date_received": entry})
    code, day = EXPIRING
    insured = people.filtered(lambda p: p.code == code)
    values = {"type_id": kinds["insurance"], "entrepreneur_id": insured.id, **file}
    held.append({**values, "date_received": day, "date_expiry": "2026-12-11"})
    env["cae.person.document"].create(held)
    hand_in(env, clock, people, kinds)
    keep_social(env, clock, people)
    inside.say(f". {len(held)} documents, {len(SOCIAL)} social files")


def hand_in(env, clock, people, kinds) -> None:
    """What people uploaded: one to check, one refused with the reason."""
    clock.at("2026-11-23 19:30:00")
    for code, kind, refusal in (
        ("E0001", "insurance", ""),
        ("E0018", "bank", "Le RIB est au nom d’une autre personne."),
    ):
        person = people.filtered(lambda p, c=code: p.code == c)
        own = acting(env, "cae.person.document", person.user_id.login)
        document = own._hand_in(
            person.with_env(own.env),
            own.env["cae.document.type"].browse(kinds[kind]),
            "document.pdf",
            SHEET,
        )
        if refusal:
            clock.at("2026-11-24 09:10:00")
            checked = acting(env, "cae.person.document", COACH).browse(document.id)
            checked.refusal = refusal
            checked.action_refuse()


def keep_social(env, clock, people) -> None:
    """Social files of the people that funders ask about, or who need an aid."""
    clock.at("2026-02-03 10:00:00")
    situations = {s.code: s.id for s in env["cae.social.situation"].search([])}
    values = []
    for code, (entry, later, education, children, zone, aids, word) in SOCIAL.items():
        person = people.filtered(lambda p, c=code: p.code == c)
        statuses = [(person.date_entry, entry), *later]
        values.append(
            {
                "entrepreneur_id": person.id,
                "education": education,
                "dependants": children,
                "housing_zone": zone,
                "date_consent": person.date_entry,
                "objectives": word,
                "status_ids": [
                    Command.create({"date": day, "situation_id": situations[key]})
                    for day, key in statuses
                ],
                "aid_ids": [
                    Command.create({"kind": kind, "date_start": start, "date_end": end})
                    for kind, start, end in aids
                ],
            }
        )
    acting(env, "cae.social.file", HEAD).create(values)


#: Who was away: kind, first and last day, day of return foreseen.
AWAY = (
    ("E0046", "family", "2026-05-18", "2026-09-06", None),
    ("E0053", "parental", "2026-10-05", None, "2027-01-04"),
)
#: Leaves: person, last day, why.
LEAVING, LAST_DAY = "E0054", date(2026, 11, 20)


#: What he says of his years in the cooperative.
SAID = {
    "date": "2026-11-18",
    "continues": "own",
    "helpful": "Apprendre à calculer ses prix, et ne pas être seul les deux premières "
    "années.",
    "missing": "Un atelier de menuiserie partagé, avec des machines.",
    "learned": "Facturer tôt, relancer sans gêne, refuser un chantier.",
    "money": "Deux factures à encaisser (2 140 €), stock de bois repris à sa valeur.",
    "recommend": "9",
    "contact_later": True,
}


def move(env, clock) -> None:
    """Who was away, who leaves, and what they say."""
    for code, kind, first, last, foreseen in AWAY:
        clock.at(f"{first} 08:00:00")
        person = env["cae.entrepreneur"].search([("code", "=", code)])
        acting(env, "cae.interruption", HEAD).create(
            {
                "entrepreneur_id": person.id,
                "kind": kind,
                "date_start": first,
                "date_end": last,
                "date_expected": foreseen,
            }
        )
    clock.at("2026-11-18 14:00:00")
    person = acting(env, "cae.entrepreneur", HEAD).search([("code", "=", LEAVING)])
    situation = env.ref("cae_coaching.situation_self_employed")
    person.env["cae.exit.interview"].create(
        {**SAID, "entrepreneur_id": person.id, "situation_id": situation.id}
    )
    clock.at(datetime(2026, 11, 20, 16))
    reason = env.ref("cae_base.exit_reason_company")
    dialog = person.env["cae.path.move"].create(
        {
            "entrepreneur_id": person.id,
            "operation": "exit",
            "day": LAST_DAY,
            "exit_reason_id": reason.id,
        }
    )
    dialog.action_confirm()
    inside.say(f". {len(AWAY)} interruptions, {person.name} leaves")
