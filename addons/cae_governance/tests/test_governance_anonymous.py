from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .common import GovernanceCommon, governance_tagged


@governance_tagged
class TestGovernanceAnonymous(GovernanceCommon):
    """The register keeps its rows, and names nobody after five years."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("ga_manager", "group_manager")
        cls.person = cls._person("E77", "Lou")
        cls.member = cls._admitted(
            "Lou Test",
            partner_id=cls.person.partner_id.id,
            entrepreneur_id=cls.person.id,
        )
        cls.member.sudo().application_note = "Lou wants to join"
        cls.person.contract_ids.date_end = "2026-03-31"
        cls.person.date_exit = "2026-03-31"

    def _obstacles(self, day="2033-01-01"):
        with freeze_time(day):
            return " ".join(self.person._anonymity_obstacles())

    def test_members_stay_who_they_are(self):
        self.assertIn("is a member", self._obstacles())
        self._subscribe(self.member)
        self.assertIn("holds shares", self._obstacles())
        manager = self.person.with_user(self.manager)
        with freeze_time("2033-01-01"), self.assertRaisesRegex(UserError, "EARLY"):
            manager._anonymise("Asked")

    def test_former_members_answer_for_five_years(self):
        self._leave("2029-01-01")
        self.assertIn("L.231-6", self._obstacles("2034-12-31"))
        self.assertEqual(self._obstacles("2035-02-01"), "")

    def _leave(self, day):
        self.member.sudo()._cae_own().write(
            {"state": "left", "date_left": date.fromisoformat(day)}
        )

    def test_the_register_keeps_its_row(self):
        self._leave("2026-03-31")
        with freeze_time("2033-01-01"):
            log = self.person.with_user(self.manager)._anonymise("Six years")
        self.assertEqual(self.member.name, "Erased person E77")
        self.assertFalse(self.member.application_note)
        self.assertEqual(str(self.member.date_admission), "2026-01-10")
        self.assertIn("Movements of shares", log.kept)
