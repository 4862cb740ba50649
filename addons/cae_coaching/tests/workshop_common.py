import base64
from contextlib import contextmanager
from datetime import datetime

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.cae_base.tests.common import CaeCommon

#: The smallest PNG.
PNG = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
        "awAAAABJRU5ErkJggg=="
    )
).decode()
NOW = "2026-03-11 08:00:00"


class WorkshopCommon(CaeCommon):
    """A workshop of two half-days with two seats; three people, two coaches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.users = {
            name: cls._user(f"ws_{name}", group)
            for name, group in (
                ("coach", "group_coach"),
                ("other", "group_coach"),
                ("accountant", "group_accountant"),
                ("ines", "group_entrepreneur"),
                ("yann", "group_entrepreneur"),
                ("lea", "group_entrepreneur"),
            )
        }
        cls.users["head"] = new_test_user(
            cls.env,
            login="ws_head",
            groups="cae_coaching.group_coaching_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.ines = cls._person("Inès", "ines", "coach")
        cls.yann = cls._person("Yann", "yann", "other")
        cls.lea = cls._person("Léa", "lea", "coach")
        cls.room = cls.env["cae.workshop.room"].create(
            {"name": "Blue", "company_id": cls.company.id}
        )
        cls.event = cls._workshop()

    @classmethod
    def _person(cls, first, user, coach):
        person = cls.env["cae.entrepreneur"].create(
            {
                "first_name": first,
                "last_name": "Test",
                "email": f"{user}@example.com",
                "date_entry": "2025-01-01",
                "coach_id": cls.users[coach].id,
                "user_id": cls.users[user].id,
            }
        )
        cls.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": "cesa",
                "date_start": "2025-03-01",
            }
        )
        return person

    @classmethod
    def _workshop(cls, day="2026-03-12", **vals):
        """A workshop of a day, held by the coach, planned by the head."""
        event = cls.env["event.event"].create(
            {
                "name": "Prices",
                "company_id": cls.company.id,
                "cae_workshop": True,
                "cae_training": True,
                "user_id": cls.users["head"].id,
                "date_begin": datetime.fromisoformat(f"{day} 07:00:00"),
                "date_end": datetime.fromisoformat(f"{day} 18:00:00"),
                "date_tz": "Europe/Paris",
                "seats_limited": True,
                "seats_max": 2,
                "cae_trainer_ids": [Command.set(cls.users["coach"].partner_id.ids)],
                "event_mail_ids": [Command.clear()],
                **vals,
            }
        )
        cls.env["cae.workshop.session"].create(
            [
                {"event_id": event.id, "date": day, "part": part, "room_id": room}
                for part, room in (
                    ("morning", cls.room.id),
                    ("afternoon", cls.room.id),
                )
            ]
        )
        return event

    @classmethod
    def _seat(cls, person, event=None):
        """A seat as the person takes it."""
        return (event or cls.event).sudo()._cae_sign_up_person(person, "Learn")

    @classmethod
    def _attended(cls, *people, event=None):
        """Present at every half-day, not signed."""
        event = event or cls.event
        seats = [cls._seat(person, event) for person in people]
        lines = cls.env["cae.workshop.attendance"].search([("event_id", "=", event.id)])
        lines._cae_own().write({"state": "present"})
        return seats

    @contextmanager
    def _refused(self, error, code):
        """Refused with this code, and nothing of it stays (a savepoint)."""
        with self.assertRaises(error) as caught:
            yield
        self.assertIn(code, str(caught.exception))

    def _as(self, user, record):
        return record.with_user(self.users[user])


workshop_tagged = tagged("post_install", "-at_install", "cae")
