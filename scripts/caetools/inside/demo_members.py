"""Members of the demo: the register taken over, who joins and leaves, the bodies."""

import contextlib
from datetime import date, datetime
from decimal import Decimal

import freezegun

from odoo.fields import Command

from . import env as inside
from .acting import ACCOUNTANT, SECRETARY, acting

STATUTES = {
    "cae_admission_by": "either",
    "cae_member_from": "payment",
    "cae_capital_minimum": 18500,
}
SHARE = {"code": "A", "name": "Part sociale", "value": 25}
COLLEGES = (
    ("ES", "Entrepreneurs salariés", "Titulaires d’un contrat CESA."),
    ("EA", "Équipe d’appui", "Salariés permanents de la coopérative."),
    ("EXT", "Associés extérieurs", "Anciens, partenaires et coopératives amies."),
)
#: The register is taken over as it stood on this day.
TAKEN_OVER = date(2025, 12, 31)
#: Code of the entrepreneur: shares taken each year from the day of membership, and
#: when notices by e-mail were accepted.
ENTREPRENEURS = {
    "E0001": (("2020-09-16", 5), ("2022-05-10", 20), ("2024-05-14", 15)),
    "E0055": (("2021-06-25", 10), ("2023-04-18", 30)),
    "E0058": (("2022-03-29", 8), ("2024-01-31", -8)),
    "E0003": (("2022-06-29", 12), ("2024-09-02", 18)),
    "E0021": (("2023-01-01", 10), ("2025-02-28", -10)),
    "E0050": (("2023-08-07", 25),),
    "E0059": (("2023-08-30", 15), ("2025-03-03", 10)),
    "E0010": (("2023-11-14", 10), ("2025-01-20", 35)),
    "E0047": (("2024-03-23", 20),),
    "E0049": (("2024-04-16", 8),),
    "E0035": (("2024-04-21", 30),),
    "E0013": (("2024-05-02", 45),),
    "E0028": (("2025-01-13", 10),),
    "E0006": (("2025-07-22", 6),),
    "E0026": (("2025-08-30", 15),),
    "E0005": (("2025-10-04", 8),),
    "E0057": (("2025-11-27", 10),),
}
COLUMNS = (
    *("code", "nom", "email", "entrepreneur", "type", "college"),
    *("date_candidature", "date_admission", "date_associe", "date_sortie"),
    *("date_accord_email", "date", "categorie", "parts", "valeur", "montant"),
)
LEFT = {"E0058": "2023-06-05", "E0021": "2024-03-15"}
BY_EMAIL = ("E0001", "E0055", "E0003", "E0050", "E0010", "E0035", "E0013", "E0026")
CONSENT = "2025-05-12"
#: Name, login of the team if any, kind, college, day, shares.
OTHERS = (
    ("Jean-Yves Corre", "", "exterieur", "EXT", "2019-06-14", 60),
    ("Claire Le Gall", "manager", "salarie", "EA", "2019-06-14", 120),
    ("Les Marées, SCIC", "", "cooperative", "EXT", "2020-06-26", 150),
    ("Solène Rault", "conseil", "salarie", "EA", "2021-06-25", 60),
    ("Marc Tréhet", "comptable", "salarie", "EA", "2022-06-30", 50),
    ("Aïcha Benali", "paie", "salarie", "EA", "2024-06-20", 35),
    ("Maud Prigent", "secretaire", "salarie", "EA", "2024-06-20", 40),
)
#: Made-up addresses: letters go to those who are not called by e-mail.
STREETS = (
    ("rue des Carmes", "44000", "Nantes"),
    ("rue de la Loire", "44400", "Rezé"),
    ("allée des Tanneurs", "44000", "Nantes"),
    ("route de Vannes", "44800", "Saint-Herblain"),
    ("chemin des Douaniers", "44760", "La Bernerie-en-Retz"),
    ("quai Éole", "44570", "Trignac"),
    ("rue du Moulin", "44190", "Clisson"),
)
#: What the cooperative owned when the year began, besides the capital.
RESERVES = (("1061", "4180.00"), ("1063", "15872.60"), ("120", "21436.58"))
#: Leaves with the contract; the redemption is accepted later, and waits to be paid.
LEAVING, LEFT_ON, ACCEPTED = "E0047", date(2025, 12, 31), datetime(2026, 9, 15, 14)
#: Asks for a part of the shares back, and waits for an answer.
ASKING, ASKED, ASKED_SHARES = "Jean-Yves Corre", datetime(2026, 10, 12, 10), 20
#: Month: person, application, admission, subscription, payment, shares. Those of July
#: and August were admitted by the meeting of June.
JOINING = {
    "2026-03": (
        *("E0029", "2026-01-12", "2026-02-24", "2026-03-02", "2026-03-08", 10),
        "Conseil d’administration du 24/02/2026",
    ),
    "2026-07": ("E0009", "2026-04-20", "", "2026-07-02", "2026-07-14", 8, ""),
    "2026-08": ("E0011", "2026-05-04", "", "2026-08-01", "2026-08-02", 15, ""),
}
#: Applications that wait, some near the end of the three years (L.7331-3).
CANDIDATES = (
    *(("E0053", "2026-09-28"), ("E0030", "2026-10-19")),
    *(("E0025", "2026-11-03"), ("E0027", "2026-11-10")),
)
BOARD, COMMISSION = "Conseil d’administration", "Commission Accompagnement et formation"
REVIEWER = "Cabinet Océane Révision"
BODIES = (
    {
        "name": BOARD,
        "kind": "board",
        "term_years": 4,
        "seats_min": 3,
        "seats_max": 9,
        "description": "Oriente l’activité, nomme la direction, convoque l’assemblée.",
    },
    {
        "name": "Présidence-direction générale",
        "kind": "manager",
        "elected": False,
        "term_years": 4,
        "seats_max": 1,
        "description": "Désignée par le conseil en son sein.",
    },
    {
        "name": COMMISSION,
        "kind": "commission",
        "open_to_all": True,
        "description": "Prépare le programme des ateliers et le bilan présenté à "
        "l’assemblée (R.7331-2). Ouverte à tous les associés.",
    },
    {
        "name": "Groupe Outils numériques",
        "kind": "group",
        "open_to_all": True,
        "description": "Essaie les outils communs et aide à les prendre en main.",
    },
    {
        "name": "Révision coopérative",
        "kind": "auditor",
        "term_years": 5,
        "description": "Révision tous les cinq ans (loi 47-1775, art. 25-1).",
    },
)
#: Body, who (code of an entrepreneur or name), role, from.
MANDATES = (
    (BOARD, "Claire Le Gall", "chair", "2024-06-20"),
    (BOARD, "E0055", "vice", "2024-06-20"),
    (BOARD, "Solène Rault", "member", "2024-06-20"),
    (BOARD, "E0001", "secretary", "2022-06-30"),
    (BOARD, "E0003", "member", "2022-06-30"),
    (BOARD, "Jean-Yves Corre", "treasurer", "2022-06-30"),
    ("Présidence-direction générale", "Claire Le Gall", "chair", "2024-06-20"),
    (COMMISSION, "Solène Rault", "chair", "2023-10-03"),
    (COMMISSION, "E0010", "secretary", "2024-01-16"),
    (COMMISSION, "E0001", "member", "2023-10-03"),
    (COMMISSION, "E0026", "member", "2025-09-23"),
    (COMMISSION, "E0035", "member", "2024-09-17"),
    (COMMISSION, "E0057", "member", "2026-01-06"),
    ("Groupe Outils numériques", "Marc Tréhet", "chair", "2025-02-04"),
    ("Groupe Outils numériques", "E0013", "member", "2025-02-04"),
    ("Groupe Outils numériques", "E0059", "member", "2025-02-04"),
    ("Révision coopérative", REVIEWER, "member", "2022-03-01"),
)
#: Subject, day, agenda, notes, who did not come.
SESSIONS = (
    (
        *("Programme des ateliers du printemps", "2026-03-24 12:30:00"),
        "<p>Ateliers d’avril à juin, budget, tour de table.</p>",
        "<p>Quatre ateliers retenus : devis et marges, prospection, retraite, outils."
        "</p><p>Budget demandé à l’assemblée : 6 200 €.</p>",
        ("E0035",),
    ),
    (
        *("Bilan de mi-année, actions de 2027", "2026-09-22 12:30:00"),
        "<p>Participation aux ateliers, demandes des associés, actions de 2027.</p>",
        "<p>34 participations au premier semestre. À proposer en décembre : un "
        "parcours de six mois pour les nouveaux, deux journées communes.</p>",
        ("E0001", "E0057"),
    ),
    (
        *("Préparation de l’assemblée de décembre", "2026-12-08 13:30:00"),
        "<p>Texte de la résolution sur les actions d’accompagnement de 2027.</p>",
        *("", ()),
    ),
)


@contextlib.contextmanager
def at(env, moment: datetime):
    """Do things as if it were then: what is dated says when it happened.

    What waits for the end of the transaction, such as the log, is written before the
    clock is right again.
    """
    with freezegun.freeze_time(moment, tick=True):
        yield
        env.flush_all()
        env.cr.precommit.run()


class Dated:
    """A step of the governance, left out where it can no longer be booked.

    :param month: of the entries, ``""`` without any
    """

    def __init__(self, month: str, action):
        self.month, self.action = month, action

    def __call__(self, env) -> bool:
        if "cae.member" not in env:
            return True
        locked = self.month and env["cae.period"].search_count(
            [("date", "=", f"{self.month}-01"), ("state", "=", "locked")]
        )
        begun = env["cae.member"].search_count([], limit=1)
        if locked or not (begun or self.action is take_over):
            inside.say(". left out: the months are closed; --reset builds it anew")
            return True
        self.action(env)
        return True


def person_of(env, code: str):
    """An entrepreneur by code."""
    return env["cae.entrepreneur"].search([("code", "=", code)])


def member_of(env, key: str):
    """A member by the code of the entrepreneur, or by name, as the secretary."""
    field = "entrepreneur_id.code" if key[:1] == "E" and key[1:].isdigit() else "name"
    members = env["cae.member"].search([(field, "=", key)])
    return members.with_user(env["res.users"].search([("login", "=", SECRETARY)]))


# ----------------------------------------------------------------------
# The register, taken over
# ----------------------------------------------------------------------


def take_over(env) -> None:
    """Statutes, the former register, the opening of the capital, the bodies."""
    secretary = env["res.users"].search([("login", "=", SECRETARY)])
    env.company.write({**STATUTES, "cae_secretary_id": secretary.id})
    adapt_rules(env)
    acting(env, "cae.share.kind", SECRETARY).create(SHARE)
    acting(env, "cae.college", SECRETARY).create(
        [
            {"code": code, "name": name, "description": words}
            for code, name, words in COLLEGES
        ]
    )
    with at(env, datetime(2026, 1, 5, 10)):
        load_register(env)
        open_capital(env)
        member_of(env, LEAVING)._leave(LEFT_ON, "contract")
        found_bodies(env)
    members = env["cae.member"].search_count([("state", "=", "member")])
    inside.say(f". {members} members")


def adapt_rules(env) -> None:
    """The rules of a SA, in force at the cooperative since its last statutes."""
    standard = env.ref("cae_governance.rule_set_sa_scop")
    own = standard.copy(
        {
            "name": "Statuts des Brisants (SCOP, SA)",
            "company_id": env.company.id,
            "standard_id": standard.id,
            "date_from": "2024-06-20",
            "mandate_years": 4,
            "reason": "Article 17 : administrateurs élus pour quatre ans "
            "(AGE du 20/06/2024)",
        }
    )
    own.note = standard.note


def load_register(env) -> None:
    """The file of the former register, with its control row."""
    rows = register_rows()
    exchange = acting(env, "cae.exchange", SECRETARY)
    result = exchange.load("members", rows)
    if result["errors"]:
        raise SystemExit(f"the register was refused: {result['errors'][:5]}")
    for name, login, *_rest in OTHERS:
        if login:
            take_contact(env, name, login)
    for member in env["cae.member"].search([]):
        give_address(member.partner_id, int(member.code[1:]))


def give_address(contact, number: int) -> None:
    """A made-up address."""
    street, postcode, city = STREETS[number % len(STREETS)]
    contact.write({"street": f"{number} {street}", "zip": postcode, "city": city})


def register_rows() -> list[dict]:
    """Rows of the dataset ``members``, numbered by the day of membership."""
    people = [
        (moves[0][0], {"entrepreneur": code, "college": "ES", "type": "salarie"}, moves)
        for code, moves in ENTREPRENEURS.items()
    ]
    for name, login, kind, college, day, shares in OTHERS:
        email = f"{login}@les-brisants.example" if login else ""
        head = {"nom": name, "email": email, "type": kind, "college": college}
        people.append((day, head, ((day, shares),)))
    rows, total = [], 0
    for number, (day, head, moves) in enumerate(sorted(people, key=_day), 1):
        code = head.get("entrepreneur", "")
        head |= {"code": f"M{number:04}", "date_candidature": day}
        head |= {"date_admission": day, "date_associe": day}
        head["date_sortie"] = LEFT.get(code, "")
        agreed = code in BY_EMAIL or head["college"] == "EA"
        head["date_accord_email"] = CONSENT if agreed else ""
        for when, parts in moves:
            rows.append(_row(head, when, parts))
            total += parts
    return [*rows, _row({"code": "TOTAL"}, "", total)]


def _day(row):
    return row[0]


def _row(head, day, parts):
    """A row of the file: a movement of a member, or the control row without a day."""
    value = SHARE["value"]
    return {
        **dict.fromkeys(COLUMNS, ""),
        **head,
        "date": day,
        "categorie": SHARE["code"] if day else "",
        "parts": parts,
        "valeur": value if day else "",
        "montant": parts * value,
    }


def take_contact(env, name: str, login: str) -> None:
    """A member of the team has one contact: that of the login."""
    member = env["cae.member"].search([("name", "=", name)])
    double = member.partner_id
    member._cae_own().partner_id = (
        env["res.users"].search([("login", "=", login)]).partner_id
    )
    double.unlink()


def open_capital(env) -> None:
    """What the register says is in the books too, on the same day."""
    tags = {str(env.company.cae_shared_account_id.id): 100}
    entry = acting(env, "account.move", ACCOUNTANT).create(
        {
            "date": TAKEN_OVER,
            "ref": "À-nouveaux de la coopérative",
            "journal_id": env["cae.exchange"]._opening_journal().id,
            "line_ids": [
                Command.create(
                    {
                        "name": "Situation de la coopérative",
                        "account_id": account.id,
                        "partner_id": partner.id,
                        "balance": float(balance),
                        "analytic_distribution": tags,
                    }
                )
                for account, balance, partner in opening_lines(env)
            ],
        }
    )
    entry.action_post()


def opening_lines(env) -> list[tuple]:
    """``[(account, balance, contact)]``: capital of each member, reserves, bank."""
    holders = env["cae.member"].search([])
    held = holders._held_on(TAKEN_OVER)
    capital = env.company._cae_capital_accounts()["paid"]
    lines = [
        (capital, -held[member.id].amount, member.partner_id)
        for member in holders
        if member.id in held and held[member.id].amount
    ]
    nobody = env["res.partner"]
    accounts = env["cae.exchange"]._find_accounts({c for c, _a in RESERVES} | {"512"})
    lines += [(accounts[code], -Decimal(amount), nobody) for code, amount in RESERVES]
    owned = -sum(balance for _account, balance, _who in lines)
    return [*lines, (accounts["512"], owned, nobody)]


# ----------------------------------------------------------------------
# Bodies
# ----------------------------------------------------------------------


def found_bodies(env) -> None:
    """The board, its chair, a commission that met, a group, the reviewer."""
    bodies = acting(env, "cae.body", SECRETARY).create(list(BODIES))
    ids = {body.name: body.id for body in bodies}
    reviewer = env["res.partner"].create({"name": REVIEWER, "is_company": True})
    acting(env, "cae.mandate", SECRETARY).create(
        [
            {
                "body_id": ids[name],
                "role": role,
                "date_start": start,
                **(
                    {"partner_id": reviewer.id}
                    if who == REVIEWER
                    else {"member_id": member_of(env, who).id}
                ),
            }
            for name, who, role, start in MANDATES
        ]
    )
    for subject, day, agenda, notes, away in SESSIONS:
        hold_session(env, ids[COMMISSION], subject, day, agenda, notes, away)


def hold_session(env, body_id, subject, day, agenda, notes, away) -> None:
    """A meeting of the commission; one without notes is to come."""
    session = acting(env, "cae.body.session", SECRETARY).create(
        {
            "body_id": body_id,
            "name": subject,
            "date": day,
            "place": "Salle du quai",
            "agenda": agenda,
            "notes": notes,
        }
    )
    if notes:
        absent = env["res.partner"].union(
            *(member_of(env, code).sudo().partner_id for code in away)
        )
        for row in session.attendance_ids:
            row.state = "excused" if row.partner_id in absent else "present"
        session.done = True


# ----------------------------------------------------------------------
# Through the year
# ----------------------------------------------------------------------


class Joining:
    """Somebody of ``JOINING`` subscribes and pays: a member from that day."""

    def __init__(self, month: str):
        self.row = JOINING[month]

    def __call__(self, env) -> None:
        code, applied, admitted, subscribed, paid, shares, decision = self.row
        kind = env["cae.share.kind"].search([("code", "=", SHARE["code"])])
        with at(env, datetime.fromisoformat(f"{paid} 11:00:00")):
            member = member_of(env, code) or apply(env, code, applied)
            if member.state == "candidate":
                # Those of the meeting too, when it was left out.
                day = date.fromisoformat(admitted or subscribed)
                member._admit(day, "board", decision)
            member._subscribe(
                [(member, kind, shares)],
                date.fromisoformat(subscribed),
                "Bulletin de souscription",
            )
            payment = acting(env, "cae.share.payment", SECRETARY)
            payment.create({"member_id": member.id, "date": paid}).action_pay()
        inside.say(f". {member.display_name}: {shares} shares")


def apply(env, code: str, day: str):
    """Record an application; the college is that of entrepreneurs."""
    person = person_of(env, code)
    give_address(person.partner_id, int(code[1:]))
    college = env["cae.college"].search([("code", "=", "ES")])
    return acting(env, "cae.member", SECRETARY).create(
        {
            "entrepreneur_id": person.id,
            "partner_id": person.partner_id.id,
            "date_application": day,
            "college_ids": [
                Command.create({"college_id": college.id, "date_start": day})
            ],
        }
    )


def accept_redemption(env) -> None:
    """The shares of who left go out of the register; what is due waits."""
    with at(env, ACCEPTED):
        request = member_of(env, LEAVING).redemption_ids
        request.action_accept(f"{ACCEPTED:%Y-%m-%d}")
    inside.say(f". {request.display_name}")


def apply_and_ask(env) -> None:
    """Applications that wait, and a request of redemption."""
    kind = env["cae.share.kind"].search([("code", "=", SHARE["code"])])
    with at(env, ASKED):
        acting(env, "cae.share.redemption", SECRETARY).create(
            {
                "member_id": member_of(env, ASKING).id,
                "share_kind_id": kind.id,
                "quantity": ASKED_SHARES,
                "date_request": ASKED.date(),
                "note": "Rachat partiel demandé par courrier du 09/10/2026",
            }
        )
    for code, day in CANDIDATES:
        with at(env, datetime.fromisoformat(f"{day} 09:30:00")):
            apply(env, code, day)
