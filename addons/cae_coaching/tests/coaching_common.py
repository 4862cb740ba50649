import base64

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
coaching_tagged = tagged("post_install", "-at_install", "cae")


class CoachingCommon(CaeCommon):
    """Users of each kind by short names; Inès and Yann have a coach each."""

    #: Of the logins.
    _prefix = "co"
    #: Users who are entrepreneurs.
    _persons = ("ines", "yann")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.users = {
            name: cls._user(f"{cls._prefix}_{name}", group)
            for name, group in (
                ("coach", "group_coach"),
                ("other", "group_coach"),
                ("accountant", "group_accountant"),
                ("payroll", "group_payroll"),
                ("secretary", "group_governance"),
                *((name, "group_entrepreneur") for name in cls._persons),
            )
        }
        cls.users["head"] = new_test_user(
            cls.env,
            login=f"{cls._prefix}_head",
            groups="cae_coaching.group_coaching_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.ines = cls._person("Inès", "ines", "coach")
        cls.yann = cls._person("Yann", "yann", "other")

    @classmethod
    def _person(cls, first, user=None, coach=None):
        return cls.env["cae.entrepreneur"].create(
            {
                "first_name": first,
                "last_name": "Test",
                "email": f"{user or first}@example.com",
                "date_entry": "2025-01-01",
                "coach_id": coach and cls.users[coach].id,
                "user_id": user and cls.users[user].id,
            }
        )

    @classmethod
    def _contract(cls, person, kind="cesa", start="2025-03-01", **vals):
        return cls.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": kind,
                "date_start": start,
                **vals,
            }
        )

    @classmethod
    def _hold(cls):
        """Inès and Yann hold an activity each."""
        return cls.env["cae.activity.share"].create(
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

    def _as(self, user, records):
        return records.with_user(self.users[user])
