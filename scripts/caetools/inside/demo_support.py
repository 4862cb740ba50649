"""Competences, the directory and the shared services of the demo."""

from odoo.fields import Command

from . import env as inside
from .acting import ACCOUNTANT, HEAD, NORTH, PAYROLL, SECRETARY, acting

GRID = "Compétences de l’entrepreneur"
SCALE = ("Non abordé", "Débute", "Fait avec aide", "Fait seul", "Transmet aux autres")
#: Competence and the levels expected after 6, 12 and 24 months.
SKILLS = (
    ("Définir son offre", (2, 3, 3)),
    ("Fixer ses prix", (1, 2, 3)),
    ("Prospecter", (1, 2, 3)),
    ("Faire un devis et facturer", (2, 3, 3)),
    ("Suivre sa trésorerie", (1, 2, 3)),
    ("Comprendre ses comptes", (1, 2, 2)),
    ("Organiser son temps", (1, 2, 3)),
    ("Coopérer", (1, 2, 3)),
)
DEADLINES = (("Six mois", 6), ("Un an", 12), ("Deux ans", 24))
#: Person, day, levels by the coach, comment.
COACHED = (
    ("E0001", "2026-04-23", (3, 2, 2, 3, 2, 1, 2, 3), "Prix encore trop bas."),
    ("E0001", "2026-10-22", (3, 3, 2, 4, 3, 2, 2, 4), "Net progrès sur les prix."),
    ("E0031", "2026-05-13", (2, 1, 1, 2, 1, 0, 2, 2), "Premier semestre solide."),
    ("E0031", "2026-11-12", (3, 2, 1, 3, 2, 1, 2, 3), "La prospection reste à faire."),
    ("E0012", "2026-08-20", (2, 2, 1, 2, 1, 1, 2, 1), ""),
    ("E0018", "2026-09-17", (3, 2, 3, 3, 3, 2, 3, 3), ""),
)
#: The same of themselves, in the portal.
OWN = (
    (
        "E0001",
        "2026-04-21",
        (3, 1, 1, 3, 1, 1, 2, 2),
        "Je n’ose pas annoncer mes prix.",
    ),
    ("E0001", "2026-10-20", (3, 2, 2, 3, 3, 2, 3, 3), "Plus à l’aise qu’au printemps."),
    ("E0031", "2026-11-10", (2, 2, 1, 2, 1, 1, 1, 2), ""),
)
TAGS = (
    "Web",
    "Graphisme",
    "Traduction",
    "Artisanat",
    "Formation",
    "Bien-être",
    "Conseil",
)
#: Person: headline, offers, looks for, town, skills.
ENTRIES = {
    "E0001": (
        "Développeuse web, sites accessibles",
        "Sites, maintenance, audits d’accessibilité.",
        "Graphistes et rédacteurs pour répondre à deux.",
        *("Nantes", ("Web", "Conseil")),
    ),
    "E0003": (
        "Bijoux en argent recyclé",
        "Pièces uniques, réparations, ateliers.",
        "Une boutique à partager le samedi.",
        *("Rezé", ("Artisanat",)),
    ),
    "E0018": (
        "Traducteur anglais et allemand",
        "Sites, livrets, documents techniques.",
        "Développeurs dont les clients exportent.",
        *("Clisson", ("Traduction",)),
    ),
    "E0031": (
        "Graphiste, identités et affiches",
        "Logos, chartes, mise en page.",
        "Premiers clients associatifs.",
        *("Nantes", ("Graphisme", "Web")),
    ),
    "E0050": (
        "Photographe, reportages d’entreprise",
        "Reportages, portraits, catalogues.",
        "",
        *("Saint-Herblain", ("Graphisme",)),
    ),
    "E0057": (
        "Formatrice en prise de parole",
        "Journées de formation, accompagnement.",
        "Coanimer des ateliers.",
        *("Nantes", ("Formation", "Conseil")),
    ),
}


def assess(env, clock) -> None:
    """A grid, assessments of two dates, entries of the directory."""
    clock.at("2026-01-19 09:00:00")
    grid = make_grid(env)
    people = {p.code: p for p in env["cae.entrepreneur"].search([])}
    by_value = {level.value: level for level in grid.level_ids}
    for code, day, values, comment in COACHED:
        clock.at(f"{day} 10:00:00")
        coach = people[code].coach_id.login
        one = acting(env, "cae.skill.assessment", coach).create(
            {
                "entrepreneur_id": people[code].id,
                "grid_id": grid.id,
                "comment": comment,
                "line_ids": [
                    Command.create(
                        {"skill_id": skill.id, "level_id": by_value[value].id}
                    )
                    for skill, value in zip(grid.skill_ids, values, strict=False)
                ],
            }
        )
        one.action_done()
    for code, day, values, comment in OWN:
        clock.at(f"{day} 19:00:00")
        levels = zip(grid.skill_ids, values, strict=False)
        mine = env["cae.skill.assessment"].with_user(people[code].user_id)
        mine.action_assess_myself(
            grid.id, {s.id: by_value[value].id for s, value in levels}, comment
        )
    publish(env, clock, people)
    inside.say(f". {len(COACHED) + len(OWN)} assessments, {len(ENTRIES)} entries")


def make_grid(env):
    """The grid of the cooperative: the one that is there, or this one."""
    found = env["cae.skill.grid"].search([("name", "=", GRID)])
    if found:
        return found
    grid = acting(env, "cae.skill.grid", HEAD).create(
        {
            "name": GRID,
            "description": "Où en êtes-vous ? Répondez pour vous-même : c’est le "
            "point de départ de l’entretien, pas une note.",
            "level_ids": [
                Command.create({"value": value, "name": name})
                for value, name in enumerate(SCALE)
            ],
            "skill_ids": [
                Command.create({"name": name, "sequence": 10 * rank})
                for rank, (name, _levels) in enumerate(SKILLS, 1)
            ],
            "deadline_ids": [
                Command.create({"name": name, "months": months})
                for name, months in DEADLINES
            ],
        }
    )
    levels = {level.value: level.id for level in grid.level_ids}
    dates = grid.deadline_ids.sorted("months")
    grid.env["cae.skill.expectation"].create(
        [
            {"skill_id": skill.id, "deadline_id": day.id, "level_id": levels[value]}
            for skill, (_name, values) in zip(grid.skill_ids, SKILLS, strict=True)
            for day, value in zip(dates, values, strict=True)
        ]
    )
    return grid


def publish(env, clock, people) -> None:
    """Entries of the directory, each by its person."""
    clock.at("2026-06-09 18:00:00")
    Tag = env["cae.directory.tag"]
    known = {tag.name: tag for tag in Tag.search([])}
    head = acting(env, "cae.directory.tag", HEAD)
    made = head.create(
        [
            {"name": name, "color": rank}
            for rank, name in enumerate(TAGS, 1)
            if name not in known
        ]
    )
    known |= {tag.name: tag for tag in made}
    for code, (headline, offers, wants, city, tags) in ENTRIES.items():
        mine = env["cae.directory.entry"].with_user(people[code].user_id)
        mine.action_save_mine(
            {
                "headline": headline,
                "offers": offers,
                "wants": wants,
                "city": city,
                "tags": [known[name].id for name in tags],
                "published": True,
                "show_email": code != "E0050",
            }
        )


#: Name, kind, days to answer, who does it, what entrepreneurs read.
SERVICES = (
    (
        *("Comptabilité de l’activité", "accounting", 5, (ACCOUNTANT,)),
        "Une question sur une facture, un paiement, un relevé.",
    ),
    (
        *("Paie et protection sociale", "payroll", 5, (PAYROLL,)),
        "Part fixe, arrêts, mutuelle, attestations.",
    ),
    (
        *("Relance des impayés", "administration", 7, (ACCOUNTANT, SECRETARY)),
        "Nous relançons avec vous, puis à votre place.",
    ),
    (
        *("Contrats et assurances", "legal", 10, (HEAD,)),
        "Relecture de contrats, conditions générales, sinistres.",
    ),
    (
        *("Communication et vente", "marketing", 10, (NORTH,)),
        "Relecture d’une offre, d’une page, d’un dossier.",
    ),
    (
        *("Outils numériques", "digital", 7, (NORTH, ACCOUNTANT)),
        "Factures, notes de frais, espace en ligne.",
    ),
    (
        *("Vie coopérative", "life", 15, (SECRETARY,)),
        "Devenir associé, assemblées, groupes.",
    ),
)
#: Person, day, service, subject, text, how far, answer, hours spent.
REQUESTS = (
    (
        *("E0001", "2026-03-05", 3, "Contrat de maintenance"),
        "Je cherche un modèle pour les forfaits annuels.",
        "done",
        "Un modèle est dans votre espace ; la clause de révision est à l’article 6.",
        1.5,
    ),
    (
        *("E0027", "2026-05-11", 1, "Part fixe en août"),
        "Je ferme trois semaines : que devient ma paie ?",
        "done",
        "La part fixe est versée ; rien ne change tant que la réserve la couvre.",
        0.75,
    ),
    (
        *("E0003", "2026-06-02", 0, "Facture en double"),
        "La facture de juin apparaît deux fois dans mon relevé.",
        "done",
        "Elle est passée une fois, l’autre ligne est le paiement. Tout est juste.",
        0.5,
    ),
    (
        *("E0018", "2026-09-22", 4, "Relire ma page de présentation"),
        "Elle est trop longue, je ne sais pas quoi couper.",
        "done",
        "Trois coupes proposées, et un titre plus direct. À vous de choisir.",
        2,
    ),
    (
        *("E0050", "2026-10-14", 3, "Droits sur les photos"),
        "Un client demande les fichiers bruts.",
        "refused",
        "C’est un conseil d’avocat : voici les permanences gratuites du barreau.",
        0.5,
    ),
    (
        *("E0031", "2026-11-12", 5, "Mon application ne voit plus la banque"),
        "Depuis lundi, les paiements ne remontent pas.",
        *("doing", "", 0.5),
    ),
    (
        *("E0010", "2026-11-16", 2, "Client en retard de 70 jours"),
        "Deux relances sans réponse, 1 840 €.",
        *("waiting", "", 1),
    ),
    (
        *("E0001", "2026-11-24", 1, "Travailler quatre jours"),
        "Quel serait mon net avec le même chiffre ?",
        *("new", "", 0),
    ),
    (
        *("E0057", "2026-11-25", 6, "Groupe de formateurs"),
        "Nous sommes quatre à vouloir nous réunir chaque mois.",
        *("new", "", 0),
    ),
)
#: Month, service, hours, what: for everybody.
COMMON = (
    *((month, 0, 18, "Saisie et contrôles du mois") for month in range(1, 11)),
    *((month, 1, 11, "Paies du mois") for month in range(1, 11)),
    *((month, 2, 4, "Relances") for month in (2, 4, 6, 8, 10)),
    *((month, 6, 9, "Préparation de l’assemblée") for month in (5, 6, 10)),
    *((month, 5, 3, "Aide à l’espace en ligne") for month in (1, 5, 9)),
)


def serve(env, clock) -> None:
    """The catalogue, requests and the time spent."""
    clock.at("2026-01-06 09:00:00")
    users = {u.login: u for u in env["res.users"].search([])}
    services = acting(env, "cae.service", HEAD).create(
        [
            {
                "name": name,
                "kind": kind,
                "sequence": 10 * rank,
                "delay_days": days,
                "description": words,
                "user_ids": [Command.set([users[login].id for login in who])],
            }
            for rank, (name, kind, days, who, words) in enumerate(SERVICES)
        ]
    )
    people = {p.code: p for p in env["cae.entrepreneur"].search([])}
    for row in REQUESTS:
        ask(env, clock, services, people, row)
    clock.at("2026-11-27 12:00:00")
    env["cae.service.time"].create(
        [
            {
                "service_id": services[rank].id,
                "user_id": services[rank].user_ids[0].id,
                "date": f"2026-{month:02}-28",
                "hours": hours,
                "name": what,
            }
            for month, rank, hours, what in COMMON
        ]
    )
    inside.say(f". {len(services)} services, {len(REQUESTS)} requests")


def ask(env, clock, services, people, row) -> None:
    """A request in the portal, and what became of it."""
    code, day, rank, subject, text, state, answer, hours = row
    clock.at(f"{day} 18:30:00")
    mine = env["cae.service.request"].with_user(people[code].user_id)
    number = mine.action_ask_mine(services[rank].id, subject, text)
    if state == "new":
        return
    clock.tick(days=2)
    request = env["cae.service.request"].browse(number)
    request = request.with_user(request.user_id)
    request.action_take()
    if hours:
        values = {"request_id": number, "hours": hours, "name": subject}
        request.env["cae.service.time"].create(values)
    if answer:
        request.answer = answer
        request.action_answer() if state == "done" else request.action_refuse()
    elif state == "waiting":
        request.action_wait()
