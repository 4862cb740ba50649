from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.cae_base.tests.common import CaeCommon

journey_tagged = tagged("post_install", "-at_install", "cae")


class JourneyCommon(CaeCommon):
    """Two coaches, a head of coaching, an entrepreneur of each coach."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={
                **cls.env.context,
                "tracking_disable": True,
                "mail_create_nosubscribe": True,
            }
        )
        cls.coach = cls._user("jour_coach", "group_coach")
        cls.other = cls._user("jour_other", "group_coach")
        cls.head = cls._user("jour_head", "group_coach")
        cls.head.group_ids += cls.env.ref("cae_coaching.group_coaching_manager")
        cls.accountant = cls._user("jour_acc", "group_accountant")
        cls.officer = cls._user("jour_pay", "group_payroll")
        cls.holder = new_test_user(
            cls.env, login="jour_ines", groups="cae_base.group_entrepreneur"
        )
        cls.ines = cls._person("J1", "Inès", cls.coach, user_id=cls.holder.id)
        cls.yann = cls._person("J2", "Yann", cls.other)

    @classmethod
    def _person(cls, code, first, coach=None, **vals):
        return cls.env["cae.entrepreneur"].create(
            {
                "company_id": cls.company.id,
                "code": code,
                "first_name": first,
                "last_name": "Journey",
                "email": f"{code.lower()}@example.org",
                "date_entry": "2025-01-01",
                "coach_id": coach.id if coach else False,
                **vals,
            }
        )

    @classmethod
    def _contract(cls, person, kind="cape", start="2025-01-01", end=False, **vals):
        return cls.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": kind,
                "date_start": start,
                "date_end": end,
                **vals,
            }
        )

    @classmethod
    def _candidate(cls, name="Awa", user=None, **vals):
        return (
            cls.env["cae.candidate"]
            .with_user(user or cls.coach)
            .with_company(cls.company)
            .create(
                {
                    "first_name": name,
                    "last_name": "Diop",
                    "email": f"{name.lower()}@example.com",
                    "wished_activity": "Ceramics",
                    "coach_id": (user or cls.coach).id,
                    **vals,
                }
            )
        )

    def _refused(self, call, *args, **kwargs):
        logger = mute_logger("odoo.addons.base.models")
        with self.assertRaises(AccessError), logger, self.cr.savepoint():
            call(*args, **kwargs)

    def _no_export(self, records):
        """Nobody exports what they may not read, with the right to export or not."""
        records.env.user.sudo().group_ids += self.env.ref("base.group_allow_export")
        self._refused(records.export_data, ["company_id"])

    def _coded(self, code, call, *args, **kwargs):
        """The call is refused with a code, and changes nothing."""
        logger = mute_logger("odoo.sql_db")
        with self.assertRaises(Exception) as caught, logger, self.cr.savepoint():
            call(*args, **kwargs)
            self.env.flush_all()
        error = caught.exception
        text = self._said(error) if isinstance(error, IntegrityError) else str(error)
        self.assertIn(f"{code}:", text)

    def _said(self, error):
        """What a client is told of a constraint of the database."""
        for model in self.env.registry.values():
            if model._table == error.diag.table_name and model._auto:
                return self.env[model._name]._sql_error_to_message(error)
        return str(error)
