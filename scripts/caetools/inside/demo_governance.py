"""The governance of the demo, step by step, in the months when things happened.

Called with a database, it does them all: for tests, on months that are open.
"""

import sys

from . import demo_meetings as meetings
from . import demo_members as members
from . import env as inside
from .demo_members import Dated

#: Month before whose run it is done: key, label, action. ``""`` is after them all.
STEPS = {
    "2026-01": [("members", "Register of members, bodies", members.take_over)],
    "2026-03": [("joined 3", "A new member", members.Joining("2026-03"))],
    "2026-06": [
        ("meeting called", "General meeting: notice", meetings.prepare),
        ("meeting held", "General meeting: votes", meetings.hold),
        ("meeting counted", "General meeting: vote by name", meetings.count_by_name),
        ("meeting signed", "General meeting: minutes", meetings.conclude),
    ],
    "2026-07": [("joined 7", "A new member", members.Joining("2026-07"))],
    "2026-08": [("joined 8", "A new member", members.Joining("2026-08"))],
    "2026-09": [("redeemed", "A redemption", members.accept_redemption)],
    "": [
        ("applied", "Applications", members.apply_and_ask),
        ("december", "General meeting of December", meetings.prepare_december),
    ],
}


def steps(month: str):
    """``(key, label, action)`` of a month."""
    for key, label, action in STEPS.get(month, ()):
        yield key, label, Dated(month, action)


def main(database: str) -> None:
    """Do every step, each in a transaction of its own."""
    inside.configure(database)
    for month in STEPS:
        for _key, label, action in steps(month):
            inside.say(f"> {label}")
            with inside.environment(
                database, login="admin", lang="fr_FR", tz="Europe/Paris"
            ) as env:
                action(env)


if __name__ == "__main__":
    main(*sys.argv[1:])
