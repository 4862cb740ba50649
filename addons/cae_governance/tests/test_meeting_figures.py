from datetime import datetime

from odoo import Command, fields
from odoo.tests import new_test_user

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestMeetingFigures(MeetingCommon):
    """Attendance at meetings, and members as the register has them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env(su=True),
            login="figures_manager",
            groups="cae_base.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _values(self, day=None, **filters):
        figures = self.env["cae.key.figures"].with_user(self.manager)
        figures = figures.with_company(self.company)
        day = fields.Date.to_string(day or self.company._cae_today())
        rows = figures.overview(day, filters, "twelve")
        return {row["key"]: row["value"] for row in rows}

    def _hold(self):
        meeting = self._session()
        self._come(meeting, "Ana", "Ben")
        self._proxy(meeting, "Cleo", "Ana")
        self.env.flush_all()
        return meeting

    def _end(self, meeting):
        meeting._cae_own().write({"state": "held", "date_closed": datetime.now()})

    def test_attendance_at_the_meetings_of_the_period(self):
        meeting = self._hold()
        self.assertIs(self._values()["participation_ag"], False)
        self._end(meeting)
        values = self._values()
        called = len(meeting.elector_ids)
        self.assertEqual(values["participation_ag"], round(300 / called, 1))
        self.assertEqual(values["presence_ag"], round(200 / called, 1))
        figures = self.env["cae.key.figures"].with_user(self.manager)
        figures = figures.with_company(self.company)
        period = figures._period(self.company._cae_today(), "twelve")
        _model, method = figures._records()["presence_ag"]
        domain = method("presence_ag", period, figures._choice({}))
        self.assertEqual(self.Meeting.search(domain), meeting)

    def test_attendance_of_chosen_people(self):
        person = self._entrepreneur("Ana")
        meeting = self._hold()
        self._end(meeting)
        values = self._values(entry_from="2021-01-01", entry_to="2021-01-01")
        self.assertEqual(values["presence_ag"], 100.0)
        self.assertEqual(values["entrepreneurs_actifs"], 1, person.name)
        # An accountant, who may not read who came, is told nothing of a few.
        self.manager = new_test_user(
            self.env(su=True),
            login="figures_accountant",
            groups="cae_base.group_accountant",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        values = self._values(entry_from="2021-01-01", entry_to="2021-01-01")
        self.assertIs(values["presence_ag"], False)
        self.assertTrue(self._values()["presence_ag"])

    def test_who_left_the_register_is_no_member_any_more(self):
        self._entrepreneur("Ana")
        ana = self.members.filtered(lambda m: m.name == "Ana")
        ana._cae_own().write({"state": "left", "date_left": "2024-06-30"})
        today = self.company._cae_today()
        for day, count in (("2024-06-30", 1), ("2024-07-01", 0), (today, 0)):
            values = self._values(fields.Date.to_date(day))
            self.assertEqual(values["associes"], count, day)

    def _entrepreneur(self, name):
        member = self.members.filtered(lambda m: m.name == name)
        person = (
            self.env["cae.entrepreneur"]
            .with_user(self.manager)
            .create(
                {
                    "partner_id": member.partner_id.id,
                    "date_entry": "2021-01-01",
                    "member_date": "2021-06-01",
                    "company_id": self.company.id,
                }
            )
        )
        member._cae_own().write({"entrepreneur_id": person.id})
        return person
