from datetime import datetime

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time
from odoo.tools import mute_logger

from .interview_common import PARTS, PNG, InterviewCommon, interview_tagged


@interview_tagged
@freeze_time("2026-02-15 12:00:00")
class TestInterview(InterviewCommon):
    # Planning

    def test_the_type_gives_the_length_and_the_mode(self):
        form = Form(self.env["cae.interview"].with_user(self.users["coach"]))
        form.entrepreneur_ids.add(self._as("coach", self.ines))
        form.type_id = self.point
        form.date_start = datetime(2026, 2, 20, 9)
        interview = form.save()
        self.assertEqual(interview.mode, "phone")
        self.assertEqual(interview.date_stop, datetime(2026, 2, 20, 9, 30))
        self.assertEqual(interview.coach_ids, self.users["coach"])
        self.assertEqual(interview.duration, 0.5)

    def test_an_interview_has_a_person_and_a_coach(self):
        interview = self._interview()
        for name in ("entrepreneur_ids", "coach_ids"):
            with self.assertRaisesRegex(ValidationError, "CAE-INTERVIEW-PEOPLE"):
                interview[name] = [Command.clear()]

    def test_a_coach_of_an_interview_is_a_coach(self):
        with self.assertRaisesRegex(ValidationError, "CAE-INTERVIEW-COACH"):
            self._interview(coach_ids=[Command.set(self.users["accountant"].ids)])

    @mute_logger("odoo.sql_db")
    def test_it_ends_after_it_starts_and_lasts_a_day_at_most(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._interview(date_stop="2026-02-10 08:00:00")
        with self.assertRaisesRegex(ValidationError, "CAE-INTERVIEW-LENGTH"):
            self._interview(date_stop="2026-02-12 08:00:00")

    # Steps

    def test_held_takes_the_planned_times_unless_others_are_given(self):
        interview = self._interview()
        interview.action_held()
        self.assertEqual(interview.held_start, datetime(2026, 2, 10, 9))
        self.assertEqual(interview.duration, 1.5)
        other = self._interview()
        other.held_start = datetime(2026, 2, 10, 10)
        other.action_held()
        self.assertEqual(other.held_stop, datetime(2026, 2, 10, 11, 30))

    def test_nothing_is_held_before_it_begins(self):
        interview = self._interview(start="2026-03-10 09:00:00")
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-FUTURE"):
            interview.action_held()

    def test_absent_excused_and_cancelled_have_a_reason_and_no_hours(self):
        for step, state in (
            ("absent", "absent"),
            ("excused", "excused"),
            ("cancel", "cancelled"),
        ):
            interview = self._interview()
            for nothing in ("", "  ", False, 3):
                with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-REASON"):
                    getattr(interview, f"action_{step}")(nothing)
            action = interview.with_context(operation=step).action_ask()
            wizard = self.env[action["res_model"]].with_user(self.users["coach"])
            wizard = wizard.with_context(**action["context"])
            wizard.create({"reason": "Ill"}).action_confirm()
            self.assertEqual((interview.state, interview.duration), (state, 0))
            self.assertEqual(interview.state_reason, "Ill")
            with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-STATE"):
                interview.action_held()
            with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-STATE"):
                interview.date_start = datetime(2026, 2, 11, 9)
            interview.action_replan()
            self.assertEqual((interview.state, interview.duration), ("planned", 1.5))

    def test_states_and_figures_are_nobody_s_to_write(self):
        interview = self._interview()
        for name, value in (("state", "held"), ("figures", {}), ("event_id", 1)):
            with self.assertRaises(UserError):
                interview.write({name: value or {"a": 1}})
        with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
            interview.with_user(self.users["head"]).write({"figures": {"a": 1}})
        with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
            interview.report_state = "signed"

    def test_what_was_held_is_not_deleted(self):
        interview = self._interview()
        interview.action_held()
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-KEPT"):
            interview.unlink()
        self._interview().unlink()

    # Report

    def test_a_legal_interview_needs_its_four_parts(self):
        interview = self._interview(**{**PARTS, "needs": "<p><br></p>"})
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-STATE"):
            interview.action_share()
        interview.action_held()
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-PARTS.*Support Needed"):
            interview.action_share()
        interview.type_id = self.point
        interview.action_share()
        self.assertEqual(interview.report_state, "shared")

    def test_a_shared_report_is_frozen(self):
        interview = self._shared()
        for vals in ({"review": "Other"}, {"held_start": "2026-02-10 08:00:00"}):
            with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SHARED"):
                interview.write(vals)
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SHARED"):
            interview.action_share()
        self.assertEqual(interview.report_id.review, PARTS["review"])

    def test_signed_by_both(self):
        interview = self._shared()
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SIGNATURE"):
            self._as("ines", interview.report_id).action_sign(" ", PNG)
        for bad in ("no image", "bm8gaW1hZ2U="):
            with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SIGNATURE"):
                self._as("ines", interview.report_id).action_sign("Inès Test", bad)
        self._sign(interview)
        self.assertEqual(interview.report_state, "shared")
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SIGNED"):
            self._sign(interview)
        self._sign_coach(interview)
        self.assertEqual(interview.report_state, "signed")
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SIGNED"):
            self._sign_coach(interview)
        places = interview.signature_ids.mapped("place")
        self.assertEqual(places, ["portal", "desk"])
        self.assertEqual(
            set(interview.signature_ids.mapped("hash")), {interview.report_id.hash}
        )

    def test_the_person_may_sign_beside_the_coach_with_a_drawing(self):
        interview = self._shared()
        self._sign_coach(interview, signer="person")
        signature = interview.signature_ids
        self.assertEqual(signature.entrepreneur_id, self.ines)
        self.assertEqual((signature.kind, signature.place), ("drawn", "desk"))
        self.assertEqual(signature.user_id, self.users["coach"])
        self.assertEqual(signature.name, "Inès Test")

    def test_every_person_signs(self):
        interview = self._shared(self.ines, self.yann, coach="head")
        self._sign_coach(interview, "head")
        self._sign(interview)
        self.assertEqual(interview.report_state, "shared")
        self._sign(interview, "yann")
        self.assertEqual(interview.report_state, "signed")

    def test_a_correction_is_a_new_version_that_is_signed_anew(self):
        interview = self._shared()
        self._sign(interview)
        self._sign_coach(interview)
        first = interview.report_id
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-REASON"):
            interview.action_correct("")
        interview.action_correct("Wrong price")
        self.assertEqual(interview.report_state, "draft")
        self.assertFalse(first.signature_ids.filtered("duty_date"))
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-STATE"):
            interview.action_correct("Again")
        interview.review = "<p>Four new customers.</p>"
        interview.action_share()
        second = interview.report_id
        self.assertEqual((second.number, second.reason), (2, "Wrong price"))
        self.assertEqual(first.review, PARTS["review"])
        self.assertNotEqual(first.hash, second.hash)
        self.assertEqual(len(first.signature_ids), 2)
        self.assertFalse(second.signature_ids)
        self.assertFalse(interview.correction_reason)

    def test_nobody_signs_what_is_being_corrected(self):
        interview = self._shared()
        report = interview.report_id
        interview.action_correct("Wrong price")
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SHARED"):
            self._as("ines", report).action_sign("Inès Test", PNG)

    def test_sharing_tells_the_person(self):
        mails = self.env["mail.mail"].sudo().search([])
        self._shared()
        new = self.env["mail.mail"].sudo().search([]) - mails
        told = new.filtered(lambda m: self.ines.partner_id in m.recipient_ids)
        self.assertEqual(len(told), 1)
        self.assertIn("/my/interviews/", told.body_html)

    def test_the_document_says_it_all_and_no_private_note(self):
        interview = self._interview(**PARTS, place="Room 2")
        interview.private_note = "Looks very tired"
        self.env["cae.coaching.action"].with_user(self.users["coach"]).create(
            {
                "name": "Call the bank",
                "entrepreneur_id": self.ines.id,
                "interview_id": interview.id,
                "date_deadline": "2026-03-01",
            }
        )
        interview.action_held()
        interview.action_share()
        self._sign(interview)
        page = interview.report_id.sudo()._html()
        for text in (
            "Three new customers.",
            "Help with prices.",
            "Call the bank",
            "Room 2",
            "Inès Test",
            "R.7331-3",
            interview.report_id.hash,
            "data:image/png;base64,",
        ):
            self.assertIn(text, page)
        self.assertNotIn("tired", page)

    # Private note

    def test_the_note_is_its_author_s(self):
        interview = self._interview(coach_ids=[Command.set(self._coaches())])
        interview.private_note = "Mine"
        other = self._as("other", interview)
        self.assertFalse(other.private_note)
        other.private_note = "Other"
        self.assertEqual(interview.private_note, "Mine")
        head = self._as("head", interview)
        self.assertFalse(head.private_note)
        self.assertEqual(head.note_ids.mapped("text"), ["Mine", "Other"])
        interview.private_note = False
        self.assertFalse(head.note_ids[0].text)

    def _coaches(self):
        return [self.users["coach"].id, self.users["other"].id]

    # Actions

    def _action(self, **vals):
        Action = self.env["cae.coaching.action"].with_user(self.users["coach"])
        return Action.create(
            {"name": "Call the bank", "entrepreneur_id": self.ines.id, **vals}
        )

    def test_late_actions(self):
        late = self._action(date_deadline="2026-02-14")
        today = self._action(date_deadline="2026-02-15")
        never = self._action()
        done = self._action(date_deadline="2026-02-01")
        done.action_done()
        every = late | today | never | done
        found = every.search([("late", "=", True), ("id", "in", every.ids)])
        self.assertEqual(found, late)
        found = every.search([("late", "=", False), ("id", "in", every.ids)])
        self.assertEqual(found, every - late)
        self.assertEqual(every.filtered("late"), late)

    def test_steps_of_an_action(self):
        action = self._action()
        action.action_done()
        self.assertEqual(str(action.done_date), "2026-02-15")
        self.assertEqual(action.done_by_id, self.users["coach"])
        with self.assertRaisesRegex(UserError, "CAE-ACTION-STATE"):
            action.action_drop()
        action.action_reopen()
        self.assertFalse(action.done_by_id)
        action.action_drop()
        with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
            action.state = "todo"

    def test_the_coach_has_one_odoo_activity(self):
        action = self._action(owner="coach", date_deadline="2026-02-20")
        self.assertEqual(action.activity_ids.user_id, self.users["coach"])
        action.date_deadline = "2026-02-25"
        self.assertEqual(
            action.activity_ids.mapped("date_deadline"), [action.date_deadline]
        )
        action.action_done()
        self.assertFalse(action.activity_ids)
        self.assertFalse(self._action(date_deadline="2026-02-20").activity_ids)

    def test_an_action_of_an_interview_is_of_who_was_there(self):
        with self.assertRaisesRegex(ValidationError, "CAE-ACTION-PERSON"):
            self._action(
                interview_id=self._interview(self.yann, coach="other").id,
            )

    def test_an_action_of_a_draft_is_shared_with_the_report(self):
        interview = self._interview(**PARTS)
        action = self._action(interview_id=interview.id)
        self.assertFalse(action.shared)
        interview.action_held()
        interview.action_share()
        self.assertTrue(action.shared)
        with self.assertRaisesRegex(UserError, "CAE-ACTION-KEPT"):
            action.unlink()
        interview.action_correct("Wrong price")
        self.assertTrue(action.shared)

    def test_the_form_shows_what_was_decided_before(self):
        first = self._interview()
        old = self._action(interview_id=first.id)
        new = self._interview()
        own = self._action(interview_id=new.id)
        self.assertEqual(new.open_action_ids, old)
        self.assertEqual(first.open_action_ids, own)
        old.action_done()
        new.invalidate_recordset()
        self.assertFalse(new.open_action_ids)
