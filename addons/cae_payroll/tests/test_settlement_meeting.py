from datetime import date

from odoo.tests import freeze_time

from .common import PayCommon, pay_tagged

CLOSING, MEETING = date(2025, 12, 31), date(2026, 6, 12)


@pay_tagged
@freeze_time("2026-07-20 12:00:00")
class TestSettlementMeeting(PayCommon):
    """The meeting that approves the accounts starts the month of the settlement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Year = cls.env["cae.year"]
        cls.year = cls.Year.create({"company_id": cls.company.id, "date_to": CLOSING})

    def test_the_approval_sets_the_deadline(self):
        secretary = self._user("settlement_secretary", "group_governance")
        self.assertFalse(self.year.settlement_deadline)
        years = self.Year.with_user(secretary)
        years._accounts_approved(self.company, CLOSING, MEETING)
        self.assertEqual(self.year.accounts_meeting_date, MEETING)
        self.assertEqual(self.year.settlement_deadline, date(2026, 7, 12))

    def test_a_day_given_by_hand_stays(self):
        self.year.accounts_meeting_date = "2026-05-30"
        self.Year._accounts_approved(self.company, CLOSING, MEETING)
        self.assertEqual(self.year.accounts_meeting_date, date(2026, 5, 30))

    def test_a_meeting_before_the_closing_says_nothing(self):
        self.Year._accounts_approved(self.company, CLOSING, CLOSING)
        self.assertFalse(self.year.accounts_meeting_date)

    def test_a_year_is_opened_and_no_other_company_s(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.Year._accounts_approved(other, CLOSING, MEETING)
        self.assertFalse(self.year.accounts_meeting_date)
        year = self.Year.search([("company_id", "=", other.id)])
        self.assertEqual((year.date_to, year.accounts_meeting_date), (CLOSING, MEETING))
        # No closing of a fiscal year: nothing is approved.
        self.Year._accounts_approved(other, date(2025, 11, 15), MEETING)
        self.assertEqual(self.Year.search([("company_id", "=", other.id)]), year)
