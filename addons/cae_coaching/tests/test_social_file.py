import json

from odoo import Command
from odoo.tests import freeze_time

from .journey_common import JourneyCommon, journey_tagged


@journey_tagged
@freeze_time("2026-11-15")
class TestSocialFile(JourneyCommon):
    """The social file: statuses, aids, rights, export, erasure, retention."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._contract(cls.ines, "cape", "2026-01-01", "2026-12-31")
        cls.are = cls.env.ref("cae_coaching.situation_are")
        cls.coop = cls.env.ref("cae_coaching.situation_cooperative")
        cls.file = cls.env["cae.social.file"].create(
            {
                "entrepreneur_id": cls.ines.id,
                "education": "5",
                "objectives": "To live by ceramics",
                "emergency_name": "Malo",
                "status_ids": [
                    Command.create({"date": "2024-09-01", "situation_id": cls.are.id}),
                    Command.create({"date": "2026-01-01", "situation_id": cls.coop.id}),
                    Command.create({"date": "2027-01-01", "situation_id": cls.are.id}),
                ],
            }
        )
        # sudo: not even the manager has the right on disability.
        cls.file.sudo().disability_end = "2026-12-31"

    def _aid(self, end, kind="permit", **vals):
        return self.env["cae.social.aid"].create(
            {"file_id": self.file.id, "kind": kind, "date_end": end, **vals}
        )

    def _alerts(self, records):
        # sudo: the alert on a recognition is read by whoever is told.
        return (
            self.env["mail.activity"]
            .sudo()
            .search([("res_model", "=", records._name), ("res_id", "in", records.ids)])
        )

    def test_situations_at_entry_and_now_come_from_the_history(self):
        self.assertEqual(self.file.entry_situation_id, self.are)
        self.assertEqual(self.file.situation_id, self.coop)
        with freeze_time("2027-01-01"):
            self.env["cae.social.file"]._cron_refresh()
        self.assertEqual(self.file.situation_id, self.are)

    def test_one_file_and_one_status_a_day(self):
        self._coded(
            "CAE-SOCIAL-FILE",
            self.env["cae.social.file"].create,
            {"entrepreneur_id": self.ines.id},
        )
        self._coded(
            "CAE-SOCIAL-STATUS",
            self.env["cae.social.status"].create,
            {
                "file_id": self.file.id,
                "date": "2026-01-01",
                "situation_id": self.are.id,
            },
        )
        self._coded("CAE-SOCIAL-VALUE", self.file.write, {"outside_hours": 200})

    def test_an_aid_that_ends_is_told_once_until_it_is_renewed(self):
        aid = self._aid("2026-12-20")
        self.env["cae.social.aid"]._cron_alerts()
        alert = self._alerts(aid)
        self.assertEqual(len(alert), 1)
        self.assertEqual(alert.user_id, self.coach)
        far = self._aid("2027-12-20")
        self.assertFalse(self._alerts(aid | far))
        other = self._aid("2026-12-20", "are")
        self.assertEqual(len(self._alerts(aid | far | other)), 1)
        other.date_end = "2027-06-30"
        self.assertFalse(self._alerts(other))

    def test_disability_is_read_by_its_group_alone(self):
        for user in (self.coach, self.head):
            self._refused(self.file.with_user(user).read, ["disability_end"])
            self._refused(self.file.with_user(user).export_data, ["disability_end"])
            self.assertNotIn("disability_end", self.file.with_user(user).read()[0])
            self._refused(
                self.file.with_user(user).search, [("disability_end", "!=", False)]
            )
        self.assertFalse(self._alerts(self.file))
        group = self.env.ref("cae_coaching.group_social_disability")
        self.coach.group_ids += group
        self.env["cae.social.file"]._cron_refresh()
        alert = self._alerts(self.file)
        self.assertEqual(alert.user_id, self.coach)
        self.assertNotIn("isab", alert.summary)
        self.assertTrue(self.file.with_user(self.coach).read(["disability_end"]))

    def test_social_data_are_for_the_coach_and_the_head(self):
        records = (self.file, self.file.status_ids, self._aid("2027-01-01"))
        for record in records:
            for user in (self.coach, self.head):
                self.assertTrue(record.with_user(user).read(["company_id"]))
            for user in (self.other, self.accountant, self.officer, self.holder):
                self._refused(record.with_user(user).read, ["company_id"])
                self._no_export(record.with_user(user))
                self._refused(record.with_user(user).unlink)
        for user in (self.accountant, self.officer, self.holder):
            self._refused(self.ines.with_user(user).read, ["social_file_ids"])
        self._refused(
            self.env["cae.social.file"].with_user(self.coach).create,
            {"entrepreneur_id": self.yann.id},
        )

    def test_export_gives_everything_to_the_person(self):
        wizard = self.env["cae.personal.data"].with_user(self.head)
        wizard = wizard.create({"entrepreneur_id": self.ines.id, "file_format": "json"})
        wizard.action_export()
        data = json.loads(self.ines.with_user(self.head)._personal_file("json")[1])
        file = data["Social file"][0]
        self.assertEqual(file["Disability Recognised Until"], "2026-12-31")
        self.assertEqual(len(data["Statuses"]), 3)
        self.assertEqual(data["Person"][0]["Code"], "J1")
        name, content = self.ines.with_user(self.head)._personal_file("xlsx")
        self.assertEqual(name, "J1.xlsx")
        self.assertEqual(content[:2], b"PK")
        self._coded(
            "CAE-PERSONAL-RIGHT", self.ines.with_user(self.coach)._personal_data
        )
        for user in (self.coach, self.officer, self.accountant):
            self._refused(self.env["cae.personal.data"].with_user(user).create, {})

    def test_erasure_says_what_stays_and_logs_no_name(self):
        kept = self.env["cae.document.type"].create(
            {"name": "Contract", "for_cape": True, "kept_by_law": True}
        )
        free = self.env["cae.document.type"].create({"name": "Photo"})
        documents = self.env["cae.person.document"].create(
            [
                {"entrepreneur_id": self.ines.id, "type_id": kind.id}
                for kind in (kept, free)
            ]
        )
        candidate = self._candidate("Ines", email="j1@example.org")
        candidate._decide("accepted")
        candidate._cae_own().sudo().entrepreneur_id = self.ines
        wizard = self.env["cae.personal.data"].with_user(self.head)
        wizard = wizard.create({"entrepreneur_id": self.ines.id})
        self.assertIn("L.123-22", wizard.kept)
        self._coded("CAE-ERASURE-REASON", wizard.action_erase)
        wizard.reason = "Letter of 3 November"
        wizard.action_erase()
        self.assertFalse(self.file.exists())
        self.assertEqual(documents.exists().type_id, kept)
        self.assertEqual(candidate.name, "Erased")
        self.assertFalse(candidate.email or candidate.email_normalized)
        self.assertTrue(self.ines.contract_ids)
        log = self.env["cae.erasure"].with_user(self.head).search([], limit=1)
        self.assertEqual(log.subject, "J1")
        self.assertNotIn("Inès", f"{log.erased}{log.kept}")
        self._refused(log.write, {"reason": "x"})
        self._refused(log.unlink)
        self._coded(
            "CAE-PERSONAL-RIGHT",
            self.yann.with_user(self.other)._erase,
            "request",
            "x",
        )

    def test_purge_lists_first_and_erases_when_confirmed(self):
        self.ines.contract_ids.date_end = "2026-02-01"
        self.ines.date_exit = "2026-02-01"
        self.assertEqual(str(self.file.retention_date), "2028-02-01")
        purge = self.env["cae.personal.purge"].with_user(self.head)
        with freeze_time("2028-02-01"):
            self.assertFalse(purge.create({}).entrepreneur_ids)
        with freeze_time("2028-02-02"):
            self.env["cae.social.file"]._cron_refresh()
            self.assertTrue(self.file.exists())
            self.assertFalse(self.file.emergency_name)
            wizard = purge.with_company(self.company).create({})
            self.assertEqual(wizard.entrepreneur_ids, self.ines)
            wizard.action_purge()
        self.assertFalse(self.file.exists())
        self._refused(self.env["cae.personal.purge"].with_user(self.coach).create, {})

    def test_purge_by_itself_when_the_company_says_so(self):
        self.ines.contract_ids.date_end = "2026-02-01"
        self.ines.date_exit = "2026-02-01"
        self.company.cae_social_purge = True
        self._coded(
            "CAE-RETENTION", self.company.write, {"cae_social_retention_months": 0}
        )
        with freeze_time("2028-02-02"):
            self.env["cae.social.file"]._cron_refresh()
        self.assertFalse(self.file.exists())
