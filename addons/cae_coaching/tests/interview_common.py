import base64
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
PARTS = {
    "review": "<p>Three new customers.</p>",
    "prospects": "<p>Two quotes are out.</p>",
    "action_plan": "<p>Remind the late ones.</p>",
    "needs": "<p>Help with prices.</p>",
}


class InterviewCommon(CaeCommon):
    """Inès and Yann hold an activity each; each has a coach."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.users = {
            name: cls._user(f"iv_{name}", group)
            for name, group in (
                ("coach", "group_coach"),
                ("other", "group_coach"),
                ("accountant", "group_accountant"),
                ("payroll", "group_payroll"),
                ("secretary", "group_governance"),
                ("ines", "group_entrepreneur"),
                ("yann", "group_entrepreneur"),
            )
        }
        cls.users["head"] = new_test_user(
            cls.env,
            login="iv_head",
            groups="cae_coaching.group_coaching_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.ines = cls._person("Inès", "ines", "coach")
        cls.yann = cls._person("Yann", "yann", "other")
        cls.env["cae.activity.share"].create(
            [
                {
                    "activity_id": activity.id,
                    "entrepreneur_id": person.id,
                    "date_start": "2025-01-01",
                }
                for activity, person in zip(
                    cls.activities, (cls.ines, cls.yann), strict=False
                )
            ]
        )
        cls.legal = cls.env.ref("cae_coaching.interview_type_support")
        cls.point = cls.env.ref("cae_coaching.interview_type_point")

    @classmethod
    def _person(cls, first, user, coach, start="2025-03-01"):
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
            {"entrepreneur_id": person.id, "kind": "cesa", "date_start": start}
        )
        return person

    @classmethod
    def _interview(cls, *people, start="2026-02-10 09:00:00", coach="coach", **vals):
        """A planned interview, made by the coach."""
        Interview = cls.env["cae.interview"].with_user(cls.users[coach])
        people = people or (cls.ines,)
        return Interview.with_context(no_mail_to_attendees=True).create(
            {
                "entrepreneur_ids": [Command.set([p.id for p in people])],
                "type_id": cls.legal.id,
                "date_start": datetime.fromisoformat(start),
                **vals,
            }
        )

    @classmethod
    def _shared(cls, *people, **vals):
        """An interview that was held, written and shared."""
        interview = cls._interview(*people, **{**PARTS, **vals})
        interview.action_held()
        interview.action_share()
        return interview

    def _sign(self, interview, user="ines"):
        report = interview.report_id.with_user(self.users[user])
        return report.action_sign("Inès Test", PNG)

    def _sign_coach(self, interview, user="coach", **vals):
        wizard = self.env["cae.interview.sign"].with_user(self.users[user])
        return wizard.create(
            {"interview_id": interview.id, "image": PNG, **vals}
        ).action_confirm()

    def _as(self, user, record):
        return record.with_user(self.users[user])


interview_tagged = tagged("post_install", "-at_install", "cae")
