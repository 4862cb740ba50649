from datetime import datetime

from odoo import Command

from .interview_common import InterviewCommon

NOW = "2026-06-15 09:00:00"


class DeskCommon(InterviewCommon):
    """Léa is well; Inès (of the same coach) and Yann have late interviews."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["cae.document.type"].search([]).write({"mandatory": False})
        cls.users["lea"] = cls._user("iv_lea", "group_entrepreneur")
        cls.lea = cls._person("Léa", "lea", "coach", start="2026-04-01")
        cls.Alert = cls.env["cae.coaching.alert"].sudo()

    @classmethod
    def _coach(cls, login, **vals):
        return cls._user(login, "group_coach", **vals)

    @classmethod
    def _alert(cls, person, cause="no_invoice", urgency="1", **vals):
        return cls.Alert.create(
            {
                "company_id": cls.company.id,
                "entrepreneur_id": person.id,
                "cause": cause,
                "urgency": urgency,
                "date_open": "2026-06-10",
                "facts": {"months": 3, "ever": True},
                **vals,
            }
        )

    @classmethod
    def _action(cls, person, day="2026-06-01", **vals):
        return cls.env["cae.coaching.action"].create(
            {
                "name": "Send the quotes",
                "entrepreneur_id": person.id,
                "date_deadline": day,
                **vals,
            }
        )

    @classmethod
    def _service(cls, *users):
        return cls.env["cae.service"].create(
            {
                "name": "Legal help",
                "kind": "other",
                "company_id": cls.company.id,
                "user_ids": [Command.set([user.id for user in users])],
            }
        )

    @classmethod
    def _request(cls, person, service, user):
        request = cls.env["cae.service.request"].create(
            {"name": "A lease", "service_id": service.id, "entrepreneur_id": person.id}
        )
        request.user_id = user
        return request

    @classmethod
    def _workshop(cls, coach, day="2026-06-17"):
        """A half-day that a coach holds."""
        event = cls.env["event.event"].create(
            {
                "name": "Prices",
                "company_id": cls.company.id,
                "cae_workshop": True,
                "date_begin": datetime.fromisoformat(f"{day} 07:00:00"),
                "date_end": datetime.fromisoformat(f"{day} 18:00:00"),
                "date_tz": "Europe/Paris",
                "cae_trainer_ids": [Command.set(coach.partner_id.ids)],
                "event_mail_ids": [Command.clear()],
            }
        )
        cls.env["cae.workshop.session"].create(
            {"event_id": event.id, "date": day, "part": "morning"}
        )
        return event
