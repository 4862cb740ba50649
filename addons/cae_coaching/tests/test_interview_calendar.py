from datetime import datetime, timedelta

from odoo.tests import freeze_time

from .interview_common import InterviewCommon, interview_tagged


@interview_tagged
@freeze_time("2026-02-15 12:00:00")
class TestInterviewCalendar(InterviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-02-15 12:00:00"):
            cls.interview = cls._interview(
                start="2026-02-20 09:00:00", place="Room 2", review="<p>Secret</p>"
            )

    @property
    def event(self):
        return self.interview.sudo().event_id

    def test_the_event_says_who_when_and_where_alone(self):
        self.interview.private_note = "Very secret"
        event = self.event
        self.assertEqual(event.start, datetime(2026, 2, 20, 9))
        self.assertEqual(event.stop, datetime(2026, 2, 20, 10, 30))
        self.assertEqual(
            event.partner_ids, self.ines.partner_id | self.users["coach"].partner_id
        )
        self.assertEqual((event.privacy, event.location), ("private", "Room 2"))
        self.assertEqual(event.alarm_ids.mapped("alarm_type"), ["email"])
        self.assertNotIn("ecret", str(event.read()))

    def test_others_see_that_the_coach_is_busy(self):
        event = self._as("accountant", self.event)
        self.env.flush_all()
        event.invalidate_recordset()
        self.assertEqual(event.read(["name", "location"])[0]["name"], "Busy")

    def test_a_move_moves_the_event_and_the_other_way_round(self):
        self.interview.date_start = datetime(2026, 2, 21, 9)
        self.assertEqual(self.event.start, datetime(2026, 2, 21, 9))
        self.assertEqual(self.event.stop, datetime(2026, 2, 21, 10, 30))
        start = datetime(2026, 2, 22, 14)
        event = self._as("coach", self.event)
        event.write({"start": start, "stop": start + timedelta(hours=1)})
        self.assertEqual(self.interview.date_start, start)
        self.assertEqual(self.interview.date_stop, start + timedelta(hours=1))

    def test_a_colleague_who_may_plan_moves_it(self):
        self._as("head", self.interview).date_start = datetime(2026, 2, 21, 9)
        self.assertEqual(self.event.start, datetime(2026, 2, 21, 9))

    def test_people_are_invited_and_told(self):
        mails = self.env["mail.mail"].sudo()
        before = mails.search([])
        interview = self.interview.with_context(no_mail_to_attendees=False)
        interview.date_start = datetime(2026, 2, 21, 9)
        told = mails.search([]) - before
        self.assertIn(self.ines.partner_id, told.recipient_ids)
        before = mails.search([])
        interview.action_cancel("Ill")
        told = mails.search([]) - before
        self.assertIn(self.ines.partner_id, told.recipient_ids)
        self.assertFalse(self.event)

    def test_a_new_person_joins_the_event(self):
        head = self._as("head", self.interview)
        head.entrepreneur_ids |= self.yann
        self.assertIn(self.yann.partner_id, self.event.partner_ids)

    def test_an_excuse_in_time_frees_the_calendar(self):
        event = self.event
        self.interview.action_excused("Ill")
        self.assertFalse(event.active)
        self.interview.action_replan()
        self.assertTrue(self.event)

    def test_what_was_held_stays_in_the_calendar(self):
        with freeze_time("2026-02-20 12:00:00"):
            event = self.event
            self.interview.action_held()
        self.assertTrue(event.active)

    def test_deleting_takes_it_out_of_the_calendar(self):
        event = self.event
        self.interview.unlink()
        self.assertFalse(event.active)

    def test_the_past_makes_no_event(self):
        self.assertFalse(self._interview().event_id)
