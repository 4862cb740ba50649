"""General meetings of the demo: June, from the notice to the minutes; December.

Votes are by show of hands and by name: a secret one needs the browsers of the voters.
"""

import shutil
from datetime import datetime

from markupsafe import Markup

from odoo.fields import Command

from . import env as inside
from .acting import ACCOUNTANT, MANAGER, SECRETARY, acting
from .demo_members import BOARD, apply, at, member_of
from .demo_pay import MEETING, SETTLED_YEAR, find_year

#: Times are those of the database (UTC): the meeting is at 18:00 in Nantes.
CALLED, POSTED = datetime(2026, 5, 27, 9), datetime(2026, 5, 28, 15)
OPENED, CLOSED = datetime(2026, 6, 18, 16, 7), datetime(2026, 6, 18, 18, 41)
SIGNED = datetime(2026, 6, 22, 8, 30)
NAME = "Assemblée générale mixte"
PLACE = "Salle des Chantiers, 2 bis boulevard Léon Bureau, Nantes"
#: Applied in spring, admitted by the meeting.
ADMITTED = {"E0009": "2026-04-20", "E0011": "2026-05-04"}
PRESENT = (
    *("Claire Le Gall", "Solène Rault", "Marc Tréhet", "Aïcha Benali", "Maud Prigent"),
    *("E0001", "E0003", "E0010", "E0013", "E0026", "E0035", "E0050", "E0055", "E0059"),
)
LATE_COMER = "Jean-Yves Corre"
#: Who gives a proxy to whom: one member holds one (a twentieth of 22).
PROXIES = {
    **{"E0005": "E0010", "E0006": "E0001", "E0028": "E0013", "E0057": "E0026"},
    **{"Les Marées, SCIC": "Solène Rault"},
}
#: Title, text, topic, votes for, against, abstentions; 20 vote.
HANDS = (
    (
        "Approbation des comptes de 2025",
        "<p>L’assemblée, après lecture du rapport de gestion, approuve les comptes de "
        "l’exercice clos le 31 décembre 2025 tels qu’ils lui ont été présentés.</p>",
        *("accounts", "ordinary", (19, 0, 1)),
    ),
    (
        "Quitus aux administrateurs",
        "<p>L’assemblée donne quitus aux administrateurs pour l’exercice 2025.</p>",
        *("discharge", "ordinary", (15, 0, 5)),
    ),
    ("Répartition des excédents de 2025", "", "surplus", "ordinary", (17, 1, 2)),
    (
        "Actions d’accompagnement de 2026 et moyens",
        "<p>L’assemblée retient quatre ateliers par semestre, un entretien par "
        "trimestre et par entrepreneur, et y affecte 6 200 € (Code du travail, "
        "R.7331-2).</p>",
        *("support", "ordinary", (20, 0, 0)),
    ),
    (
        "Admission de deux associés",
        "<p>L’assemblée admet comme associés Théo Hervé et Théo Benoît, qui ont "
        "demandé à le devenir.</p>",
        *("admission", "ordinary", (20, 0, 0)),
    ),
    (
        "Indemnité de présence des administrateurs",
        "<p>L’assemblée fixe à 40 € l’indemnité de présence à une séance du conseil, "
        "sur proposition de deux associés.</p>",
        *("other", "ordinary", (6, 12, 2)),
    ),
    (
        "Modification de l’article 21 des statuts",
        "<p>L’assemblée extraordinaire décide que les associés peuvent assister aux "
        "assemblées à distance ; l’article 21 des statuts est complété.</p>",
        *("statutes", "extraordinary", (16, 2, 2)),
    ),
    (
        "Pouvoirs pour les formalités",
        "<p>L’assemblée donne tous pouvoirs au porteur d’une copie du procès-verbal "
        "pour accomplir les formalités.</p>",
        *("powers", "ordinary", (20, 0, 0)),
    ),
)
REPORT = {
    "title": "Rapport de la commission Accompagnement et formation",
    "text": "<p>Bilan des actions de 2025 : 61 participations, 9 ateliers.</p>",
    "mode": "none",
}
NAMED = {
    "title": "Bases et taux de la contribution aux services mutualisés",
    "text": "<p>L’assemblée maintient pour le second semestre de 2026 les barèmes en "
    "vigueur, et retient pour l’étude de 2027 un taux unique de 10,5 % de la marge "
    "brute (Code du travail, R.7331-8).</p>",
    "topic": "contribution",
    "mode": "named",
}
#: By name; all others are for.
AGAINST, ABSTAINING = ("E0035", "E0059", "E0057"), ("E0003", "E0028")
SEATS = 3
#: Candidates and their votes by show of hands; 19 voted, one of them blank.
CANDIDATES = {"E0001": 17, "E0013": 15, "E0050": 11, "E0003": 8}
BALLOTS, BLANK = 18, 1
DISCUSSION = (
    "<p>Claire Le Gall présente le rapport de gestion : le chiffre d’affaires de 2025 "
    "progresse, trois entrepreneurs sont sortis à la fin de l’année.</p>"
    "<p>Jeanne Abgrall demande pourquoi la provision pour impayés a doublé. Marc "
    "Tréhet répond que deux clients de la restauration sont en redressement.</p>"
    "<p>Étienne Zieliński souhaite que les barèmes de contribution soient réunis en un "
    "seul ; le conseil présentera des simulations en décembre.</p>"
)
SHARING = {"legal_rate": 15, "work_rate": 45, "interest_rate": 5}
SHARING |= {"pay_key": 0, "time_key": 60, "equal_key": 40}
SURPLUS = 21436.58

DECEMBER = datetime(2026, 12, 17, 17)
PREPARED = datetime(2026, 11, 12, 14)
#: What a meeting in December does not vote: the year is not over.
NOT_YET = ("accounts", "discharge", "surplus")


def prepare(env) -> None:
    """The surplus simulated, the meeting prepared and called."""
    if not shutil.which("wkhtmltopdf"):
        inside.say(". left out: wkhtmltopdf is not installed")
        return
    find_year(env)
    with at(env, CALLED):
        for code, day in ADMITTED.items():
            apply(env, code, day)
        sharing = simulate_surplus(env)
        meeting = write_agenda(env, sharing)
        meeting.action_convene()
    with at(env, POSTED):
        send(env, meeting)
        give_proxies(env, meeting)
    inside.say(f". {len(meeting.elector_ids)} members called")


def simulate_surplus(env):
    """The sharing of the surplus of the year before, as it is put to the meeting."""
    sharing = acting(env, "cae.surplus", SECRETARY).create(
        {"date_end": SETTLED_YEAR, "surplus": SURPLUS, **SHARING}
    )
    sharing.action_fill()
    team = ("Claire Le Gall", "Solène Rault", "Marc Tréhet", "Aïcha Benali")
    sharing.line_ids = [
        Command.create(
            {
                "kind": "work",
                "partner_id": member_of(env, name).sudo().partner_id.id,
                "time": 365,
            }
        )
        for name in (*team, "Maud Prigent")
    ]
    sharing.action_compute()
    return sharing


def write_agenda(env, sharing):
    """The meeting of June with its resolutions, in their order."""
    by_hand = [
        {"title": title, "text": text, "topic": topic, "kind": kind, "mode": "show"}
        for title, text, topic, kind, _votes in HANDS
    ]
    by_hand[0]["accounts_date"] = SETTLED_YEAR
    by_hand[2]["text"] = f"<p>{sharing.resolution_text}</p>"
    by_hand[5]["management"] = False
    items = [
        *(REPORT, *by_hand[:4], NAMED, by_hand[4], election(env)),
        *by_hand[5:],
    ]
    return acting(env, "cae.meeting", SECRETARY).create(
        {
            "name": NAME,
            "date": f"{MEETING} 16:00:00",
            "place": PLACE,
            "rule_set_id": own_rules(env).id,
            "chair_id": member_of(env, "Claire Le Gall").sudo().partner_id.id,
            "secretary_id": member_of(env, "Maud Prigent").sudo().partner_id.id,
            "introduction": "<p>L’assemblée est suivie d’un repas partagé : apportez "
            "une spécialité. Les comptes sont consultables au siège.</p>",
            "resolution_ids": [
                Command.create({**item, "sequence": 10 * place})
                for place, item in enumerate(items, 1)
            ],
        }
    )


def own_rules(env):
    """The rules of the cooperative's statutes."""
    return env["cae.rule.set"]._in_force(env.company, MEETING)


def election(env) -> dict:
    """Three seats of the board, four candidates."""
    people = [member_of(env, code).sudo().partner_id for code in CANDIDATES]
    body = env["cae.body"].search([("name", "=", BOARD)])
    return {
        "title": "Élection de trois administrateurs",
        "text": "<p>Trois mandats arrivent à leur terme. L’assemblée élit trois "
        "administrateurs pour quatre ans.</p>",
        "topic": "election",
        "mode": "show",
        "election": True,
        "seats": SEATS,
        "body_id": body.id,
        "candidate_ids": [
            Command.create({"name": person.name, "partner_id": person.id})
            for person in people
        ],
    }


def send(env, meeting) -> None:
    """The letters are posted; the e-mails left, though a demo sends none."""
    notices = meeting.notice_ids
    notices.filtered(lambda n: n.state == "to_post").action_posted()
    # sudo: what Odoo's queue does once the server of mails took them.
    mails = notices.sudo().mail_id
    mails.write({"state": "sent"})
    mails.unlink()


def give_proxies(env, meeting) -> None:
    """Proxies that came back with the notices; one was taken back."""
    seat = seats(env, meeting)
    proxies = acting(env, "cae.proxy", SECRETARY)
    first = proxies.create(
        {
            "meeting_id": meeting.id,
            "giver_id": seat("E0050").id,
            "holder_id": seat("E0055").id,
        }
    )
    first.action_revoke()
    proxies.create(
        [
            {
                "meeting_id": meeting.id,
                "giver_id": seat(giver).id,
                "holder_id": seat(holder).id,
            }
            for giver, holder in PROXIES.items()
        ]
    )


def seats(env, meeting):
    """Function that gives the place of a member on the list of voters."""
    places = {elector.member_id.id: elector for elector in meeting.elector_ids}
    return lambda key: places[member_of(env, key).id]


def the_meeting(env, login=SECRETARY):
    """The meeting of June, nothing when it was left out."""
    return acting(env, "cae.meeting", login).search([("name", "=", NAME)])


def hold(env) -> None:
    """The session: who came, votes by show of hands, votes by name cast."""
    meeting = the_meeting(env, MANAGER)
    if not meeting:
        return
    with at(env, OPENED):
        meeting.action_open()
        seat = seats(env, meeting)
        nobody = meeting.elector_ids.browse()
        nobody.union(*(seat(key) for key in PRESENT)).action_present()
        seat(LATE_COMER).action_present()
        meeting.resolution_ids.filtered(lambda r: r.mode == "none").action_close_vote()
        for title, *_rest, votes in HANDS:
            show_hands(meeting, title, votes)
        elect(env, meeting)
        cast_by_name(env, meeting)
    inside.say(f". {meeting.attending_count} present or represented")


def show_hands(meeting, title, votes) -> None:
    """A vote by show of hands: for, against, abstentions."""
    resolution = meeting.resolution_ids.filtered(lambda r: r.title == title)
    resolution.action_open_vote()
    favour, against, abstain = votes
    resolution.write(
        {
            "favour_count": favour,
            "against_count": against,
            "abstain_count": abstain,
        }
    )
    resolution.action_close_vote()


def elect(env, meeting) -> None:
    """The candidates' votes, by show of hands."""
    resolution = meeting.resolution_ids.filtered("election")
    resolution.action_open_vote()
    for candidate, votes in zip(
        resolution.candidate_ids, CANDIDATES.values(), strict=True
    ):
        candidate.vote_count = votes
    resolution.write({"favour_count": BALLOTS, "blank_count": BLANK})
    resolution.action_close_vote()


def cast_by_name(env, meeting) -> None:
    """Everybody who is here votes, for themselves and for whom they represent."""
    resolution = meeting.resolution_ids.filtered(lambda r: r.mode == "named")
    resolution.action_open_vote()
    seat = seats(env, meeting)
    choices = {seat(key): "against" for key in AGAINST}
    choices |= {seat(key): "abstain" for key in ABSTAINING}
    # sudo: as each of them votes on the own page of the meeting.
    here = meeting.elector_ids.sudo().filtered(lambda e: e.presence == "present")
    for caster in here:
        for elector in caster | caster._represented():
            choice = choices.get(elector.with_env(meeting.env), "for")
            resolution._cast(elector, caster, choice)


def count_by_name(env) -> None:
    """Close the vote by name: two transactions, so that this step is alone."""
    open_votes = the_meeting(env, MANAGER).resolution_ids.filtered(
        lambda r: r.state in ("open", "counting")
    )
    if open_votes:
        with at(env, CLOSED):
            open_votes.action_close_vote()


def conclude(env) -> None:
    """Close, write and sign the minutes, do what was decided."""
    meeting = the_meeting(env, MANAGER)
    if not meeting:
        return
    with at(env, CLOSED):
        meeting.action_close()
        follow_decisions(env, meeting)
    with at(env, SIGNED):
        meeting.action_write_minutes()
        words = Markup(DISCUSSION)
        meeting.minutes = meeting.minutes.replace("<p>…</p>", words, 1)
        meeting.action_sign_minutes()
        share_surplus(env, meeting)
    inside.say(f". minutes no. {meeting.number}")


def follow_decisions(env, meeting) -> None:
    """Those admitted, those elected; mandates that ended."""
    admission = meeting.resolution_ids.filtered(lambda r: r.topic == "admission")
    for code in ADMITTED:
        member_of(env, code)._admit(MEETING, "meeting", admission._decision_reference())
    mandates = acting(env, "cae.mandate", SECRETARY).search(
        [("body_id.name", "=", BOARD), ("date_start", "=", "2022-06-30")]
    )
    day = MEETING.replace(day=MEETING.day - 1)
    mandates.write({"date_end": day, "end_reason": "term"})
    meeting.resolution_ids.filtered("election").action_make_mandates()


def share_surplus(env, meeting) -> None:
    """What the meeting decided of the surplus, booked on its day."""
    sharing = env["cae.surplus"].search([("date_end", "=", SETTLED_YEAR)])
    decision = meeting.resolution_ids.filtered(lambda r: r.topic == "surplus")
    sharing.with_user(meeting.env.user).action_decide(
        f"{MEETING}", decision._decision_reference()
    )
    accountant = env["res.users"].search([("login", "=", ACCOUNTANT)])
    sharing.with_user(accountant).action_post()


def prepare_december(env) -> None:
    """A meeting in preparation: the recurring items, an election, own items."""
    with at(env, PREPARED):
        meeting = acting(env, "cae.meeting", SECRETARY).create(
            {
                "name": "Assemblée générale ordinaire de décembre",
                "date": DECEMBER,
                "place": "Salle du quai, 12 quai de la Fosse, Nantes",
                "rule_set_id": own_rules(env).id,
                "chair_id": member_of(env, "Claire Le Gall").sudo().partner_id.id,
                "secretary_id": member_of(env, "Maud Prigent").sudo().partner_id.id,
            }
        )
        meeting.action_propose()
        items = meeting.resolution_ids
        items.filtered(lambda r: r.topic in NOT_YET).unlink()
    inside.say(f". {len(meeting.resolution_ids)} items on the agenda")
