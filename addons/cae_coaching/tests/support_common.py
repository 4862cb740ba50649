from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.cae_base.tests.common import CaeCommon

USERS = (
    ("coach", "group_coach"),
    ("other", "group_coach"),
    ("accountant", "group_accountant"),
    ("payroll", "group_payroll"),
    ("secretary", "group_governance"),
    ("ines", "group_entrepreneur"),
    ("yann", "group_entrepreneur"),
)


class SupportCommon(CaeCommon):
    """Inès and Yann hold an activity each; each has a coach."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.users = {name: cls._user(f"su_{name}", group) for name, group in USERS}
        cls.users["head"] = new_test_user(
            cls.env,
            login="su_head",
            groups="cae_coaching.group_coaching_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.ines = cls._person("Inès", "ines", "coach")
        cls.yann = cls._person("Yann", "yann", "other")
        cls.shares = cls.env["cae.activity.share"].create(
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

    @classmethod
    def _person(cls, first, user=None, coach=None):
        return cls.env["cae.entrepreneur"].create(
            {
                "first_name": first,
                "last_name": "Test",
                "email": f"{first}@example.com",
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

    def _as(self, user, records):
        return records.with_user(self.users[user])

    def _count(self, user, model):
        return self._as(user, self.env[model]).search_count([])

    def _other_company(self, person):
        """A second company, whose people the users of the first do not see."""
        company = self.env["res.company"].create({"name": "Other CAE"})
        self.env.user.company_ids += company
        other = self.env["cae.entrepreneur"].with_company(company)
        return company, other.create(
            {"first_name": person, "last_name": "Else", "company_id": company.id}
        )


support_tagged = tagged("post_install", "-at_install", "cae")
