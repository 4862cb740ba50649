"""A year of coaching in the demo, after its months: steps, the team, the last night.

Called with a database, it does them all: for tests, on months that are open.
"""

import sys
from datetime import datetime

from odoo.fields import Command

from . import demo_interviews as interviews
from . import demo_journey as journey
from . import demo_support as support
from . import demo_workshops as workshops
from . import env as inside
from .acting import COACH, HEAD, NORTH, acting
from .demo_clock import Clock

#: "Today" of the demo's coaching: a Friday; what is planned comes after it.
TODAY = datetime(2026, 11, 27, 17)
#: The pay takes what is available down to the reserve: a fall is no alarm there, and
#: many customers of the data are late.
LIMITS = {
    "cae_alert_available": -1500,
    "cae_alert_fall_percent": 0,
    "cae_alert_unpaid_days": 240,
}
#: Login, name, group, team whose people they follow.
COACHES = (
    (
        *(HEAD, "Gaëlle Madec", "cae_coaching.group_coaching_manager"),
        "Conseil Ouest",
    ),
    (NORTH, "Youenn Caradec", "cae_base.group_coach", "Conseil Nord"),
)
#: More entrepreneurs with the portal, without a password: theirs to choose.
PORTAL = (
    *("E0003", "E0010", "E0012", "E0018", "E0026", "E0031"),
    *("E0035", "E0050", "E0057"),
)


class Step:
    """A step of the coaching, left out without it; not done twice."""

    def __init__(self, action):
        self.action = action

    def __call__(self, env) -> bool:
        if "cae.interview" not in env:
            return True
        with Clock(env) as clock:
            self.action(env, clock)
        return True


def create_coaches(env, clock) -> None:
    """Two colleagues of the coach, the people they follow, portal users."""
    clock.at(datetime(2026, 1, 5, 9))
    common = {"lang": "fr_FR", "tz": "Europe/Paris"}
    Users = env["res.users"].with_context(no_reset_password=True)
    home = env.ref("cae_base.cae_entrepreneur_action_mine")
    for login, name, group, team_name in COACHES:
        user = Users.create(
            {
                **common,
                "name": name,
                "login": login,
                "password": login,
                "email": f"{login}@les-brisants.example",
                "action_id": home.id,
                "group_ids": [Command.set([env.ref(group).id])],
            }
        )
        team = env["cae.team"].search([("name", "=", team_name)])
        team.user_ids += user
        team.entrepreneur_ids.filtered(lambda p: not p.coach_id).coach_id = user
    open_portal(env, Users, common)
    inside.say(f". {len(COACHES)} coaches, {len(PORTAL)} more in the portal")


def open_portal(env, Users, common) -> None:
    """More people who read and sign in the portal."""
    portal = env.ref("cae_base.group_entrepreneur")
    people = env["cae.entrepreneur"].search([("code", "in", PORTAL)])
    users = Users.create(
        [
            {
                **common,
                "partner_id": person.partner_id.id,
                "login": person.partner_id.email,
                "group_ids": [Command.set([portal.id])],
            }
            for person in people
        ]
    )
    for person, user in zip(people, users, strict=True):
        person.user_id = user


def run_nights(env, clock) -> None:
    """What the nightly jobs find on the last day; a coach lets one alert rest."""
    clock.at(TODAY)
    env.company.write(LIMITS)
    for model, job in (
        ("cae.entrepreneur", "_cron_refresh"),
        ("cae.person.document", "_cron_alerts"),
        ("cae.social.file", "_cron_refresh"),
        ("cae.funder.line", "_cron_refresh"),
        ("cae.coaching.alert", "_cron_refresh"),
    ):
        getattr(env[model].sudo(), job)()
    # Rules look at stored readers, which a search does not write first.
    env.flush_all()
    alerts = acting(env, "cae.coaching.alert", COACH)
    unpaid = alerts.search(
        [("cause", "=", "unpaid"), ("coach_id.login", "=", COACH)], limit=1
    )
    if unpaid:
        unpaid.action_rest("2027-01-04", "Échéancier signé avec le client le 24/11")
    forget_mails(env)
    inside.say(f". {alerts.sudo().search_count([('state', '=', 'open')])} alerts")


def forget_mails(env) -> None:
    """What was written to people left, though a demo sends nothing."""
    # sudo: what Odoo's queue does once the server of mails took them.
    mails = env["mail.mail"].sudo().search([("state", "in", ("outgoing", "exception"))])
    told = env["mail.notification"].sudo()
    told = told.search([("notification_status", "in", ("exception", "bounce"))])
    told.write({"notification_status": "sent", "failure_type": False})
    mails.write({"state": "sent"})
    mails.unlink()


STEPS = (
    ("coaches", "Coaches and their people", create_coaches),
    ("candidates", "Candidates", journey.receive),
    ("files", "Documents and social files", journey.keep_files),
    ("interviews before", "Interviews of the years before", interviews.take_over),
    ("interviews", "Interviews of the year", interviews.hold_year),
    ("interviews now", "Interviews to come, actions", interviews.plan_next),
    ("path", "An interruption, an exit", journey.move),
    ("workshops", "Workshops", workshops.hold),
    ("funders", "Funders", workshops.fund),
    ("competences", "Competences, directory", support.assess),
    ("services", "Requests to the shared services", support.serve),
    ("alerts", "Alerts of coaches", run_nights),
)


def steps():
    """``(key, label, action)`` of each step."""
    for key, label, action in STEPS:
        yield f"coaching {key}", label, Step(action)


def main(database: str) -> None:
    """Do every step, each in a transaction of its own."""
    inside.configure(database)
    for _key, label, action in steps():
        inside.say(f"> {label}")
        with inside.environment(
            database, login="admin", lang="fr_FR", tz="Europe/Paris"
        ) as env:
            action(env)


if __name__ == "__main__":
    main(*sys.argv[1:])
