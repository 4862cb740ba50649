from contextlib import contextmanager
from datetime import datetime

from odoo import Command

from .coaching_common import PNG as PNG  # for the tests of workshops
from .coaching_common import CoachingCommon, coaching_tagged

NOW = "2026-03-11 08:00:00"


class WorkshopCommon(CoachingCommon):
    """A workshop of two half-days with two seats; three people, two coaches."""

    _prefix = "ws"
    _persons = ("ines", "yann", "lea")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lea = cls._person("Léa", "lea", "coach")
        cls.room = cls.env["cae.workshop.room"].create(
            {"name": "Blue", "company_id": cls.company.id}
        )
        cls.event = cls._workshop()

    @classmethod
    def _person(cls, first, user=None, coach=None):
        person = super()._person(first, user, coach)
        cls._contract(person)
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


workshop_tagged = coaching_tagged
