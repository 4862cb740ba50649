"""What somebody with bad intentions, or a broken program, tries."""

import base64
import io
import zipfile
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, freeze_time
from odoo.tools import mute_logger

from .interview_common import PARTS, PNG, InterviewCommon, interview_tagged
from .journey_common import JourneyCommon, journey_tagged
from .test_funder import FunderCommon
from .workshop_common import NOW, WorkshopCommon, workshop_tagged

MANY = 99999999999999


@interview_tagged
@freeze_time("2026-02-15 12:00:00")
class TestInterviewAttack(InterviewCommon):
    def test_defaults_of_a_context_forge_no_signature(self):
        interview = self._interview(**PARTS)
        interview.action_held()
        forged = {
            "entrepreneur_id": self.ines.id,
            "user_id": self.users["ines"].id,
            "name": "Inès Test",
            "date": "2025-06-01 08:00:00",
            "kind": "drawn",
            "place": "portal",
            "hash": "0",
        }
        interview.with_context(
            default_signature_ids=[Command.create(forged)], default_current=False
        ).action_share()
        self.assertFalse(interview.report_id.signature_ids)
        self.assertTrue(interview.report_id.current)

    def test_a_held_interview_is_not_moved_to_what_is_to_come(self):
        interview = self._interview(**PARTS)
        interview.action_held()
        for values in (
            {
                "held_start": "2026-03-01 09:00:00",
                "held_stop": "2026-03-01 10:00:00",
            },
            {"held_start": False},
            {"held_stop": False},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, "CAE-INTERVIEW-(FUTURE|HELD)"),
                self.cr.savepoint(),
            ):
                interview.write(values)

    def test_a_coach_signs_with_their_own_name(self):
        interview = self._shared()
        self._sign_coach(interview, name="Somebody Else")
        own = interview.sudo().report_id.signature_ids
        self.assertEqual(own.name, self.users["coach"].name)

    def test_on_the_coachs_screen_a_person_draws(self):
        interview = self._shared()
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SIGNATURE"):
            self._sign_coach(interview, signer="person", image=False)
        self._sign_coach(interview, signer="person")
        self.assertEqual(interview.sudo().signature_ids.entrepreneur_id, self.ines)

    def test_a_colleague_reads_no_signature_that_is_being_given(self):
        interview = self._shared()
        wizard = self._as("coach", self.env["cae.interview.sign"]).create(
            {"interview_id": interview.id, "signer": "person", "image": PNG}
        )
        reason = self._as("coach", self.env["cae.interview.reason"]).create(
            {"operation": "correct", "reason": "Secret"}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        for record, name in ((wizard, "image"), (reason, "reason")):
            with self.assertRaises(AccessError):
                self._as("other", record).read([name])

    def test_two_interviews_of_a_day_are_one_for_the_law(self):
        for hour in ("08", "10"):
            interview = self._shared(start=f"2026-02-10 {hour}:00:00")
            self._sign(interview)
        self.env.flush_all()
        self.assertEqual(self.ines.interview_done, 1)

    def test_a_signature_is_one_line_of_text(self):
        interview = self._shared()
        for name in ("I\x00", "x" * 101, ["Inès", "Test"], 12, None):
            with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SIGNATURE"):
                self._as("ines", interview.report_id).action_sign(name)

    def test_what_is_not_shared_is_no_answer_to_questions(self):
        interview = self._shared()
        interview.private_note = "Secret"
        interview.action_correct("Wrong price")
        interview.review = "<p>Hidden</p>"
        self._interview(self.yann, coach="other", place="Hidden")
        self.env.flush_all()
        reports = self._as("ines", self.env["cae.interview.report"])
        actions = self._as("ines", self.env["cae.coaching.action"])
        signatures = self._as("ines", self.env["cae.interview.signature"])
        for call, args in (
            (reports.search, ([("interview_id.review", "ilike", "Hidden")],)),
            (reports.search, ([("interview_id.note_ids.text", "!=", False)],)),
            (reports.search, ([("reader_user_ids", "!=", False)],)),
            (reports.search, ([], 0, None, "interview_id.review")),
            (actions.search, ([("interview_id.review", "ilike", "Hidden")],)),
            (actions.search, ([("coach_user_ids", "!=", False)],)),
            (signatures.search, ([("interview_id.place", "=", "Hidden")],)),
            (reports.formatted_read_group, ([], ["interview_id.place"], [])),
            (reports.read, (["reader_user_ids"],)),
        ):
            with self.subTest(call=call.__name__, args=args):
                self.env.invalidate_all()
                with self.cr.savepoint(), self.assertRaises(Exception) as caught:
                    call(*args)
                self.assertIsInstance(caught.exception, (AccessError, ValueError))

    def test_a_person_reads_no_event_of_others(self):
        coming = self._interview(self.yann, start="2026-03-10 09:00:00", coach="other")
        event = coming.sudo().event_id
        with self.assertRaises(AccessError):
            self._as("ines", event).read(["name"])
        with self.assertRaises(AccessError):
            self._as("yann", event).write({"start": "2026-04-01 09:00:00"})
        with self.assertRaises(AccessError):
            self._as("coach", event).write({"start": "2026-04-01 09:00:00"})
        guests = event.attendee_ids
        self.env.flush_all()
        self.env.invalidate_all()
        for user in ("accountant", "coach"):
            with self.assertRaises(AccessError):
                self._as(user, guests).read(["access_token"])
        self.assertTrue(self._as("other", guests).read(["access_token"]))
        self.env.invalidate_all()
        told = self._as("accountant", event).read(["name", "location"])[0]
        self.assertNotIn("Yann", str(told["name"]))


@workshop_tagged
@freeze_time(NOW)
class TestWorkshopAttack(WorkshopCommon):
    def _session(self, event=None):
        return (event or self.event).cae_session_ids[0]

    def test_the_trainers_signature_is_given_and_not_written(self):
        session = self._as("coach", self._session())
        head = self._as("head", self.env["cae.workshop.session"])
        day = {"event_id": self.event.id, "date": "2026-03-12", "part": "other"}
        day |= {"hour_from": 17.5, "hour_to": 18}
        signed = {"trainer_name": "Ghost", "trainer_date": "2026-03-01 08:00:00"}
        with self._refused(UserError, "CAE-FIELD-OWNED"):
            session.write(signed)
        with self._refused(UserError, "CAE-FIELD-OWNED"):
            head.create({**day, **signed})
        self._attended(self.ines)
        with freeze_time("2026-03-12 20:00:00"):
            session.action_trainer_sign()
            with self._refused(UserError, "CAE-FIELD-OWNED"):
                session.write({"trainer_date": False})

    def test_an_attendance_moves_to_no_other_sheet(self):
        seat = self._seat(self.ines)
        line = self._as("coach", seat.sudo().cae_attendance_ids[0])
        other = self._seat(self.lea)
        with freeze_time("2026-03-12 20:00:00"):
            for values in (
                {"registration_id": other.id},
                {"session_id": self.event.cae_session_ids[1].id},
                {"entrepreneur_id": self.lea.id},
                {"date": "2025-12-31"},
            ):
                with self._refused(UserError, "CAE-"), self.cr.savepoint():
                    line.write(values)

    def test_who_attended_is_not_exchanged_afterwards(self):
        (seat,) = self._attended(self.ines)
        seat = self._as("coach", seat.sudo(False))
        for values in (
            {"cae_entrepreneur_id": self.lea.id},
            {"name": "Léa"},
            {"event_id": self._workshop("2026-03-20").id},
        ):
            with self._refused(UserError, "CAE-WORKSHOP-KEPT"), self.cr.savepoint():
                seat.write(values)
        seat.write({"cae_result": "yes"})

    def test_ranks_of_the_waiting_list_are_not_written(self):
        self._seat(self.ines)
        self._seat(self.yann)
        last = self._as("coach", self._seat(self.lea).sudo(False))
        for values in ({"cae_rank": -1}, {"cae_waiting": False}):
            with self._refused(UserError, "CAE-FIELD-OWNED"), self.cr.savepoint():
                last.write(values)

    def test_the_sheet_is_of_who_holds_the_workshop(self):
        self._attended(self.ines, self.lea)
        session = self._session()
        self._as("coach", session).sheet_scan = base64.b64encode(b"%PDF-1")
        self.env.flush_all()
        self.env.invalidate_all()
        other = self._as("other", session)
        self.assertTrue(other.display_name)
        self.assertFalse(other.read(["sheet_scan"])[0]["sheet_scan"])
        with self.assertRaisesRegex(AccessError, "CAE-WORKSHOP-TRAINER"):
            other._pdfs()
        for user in ("coach", "head"):
            self.assertTrue(self._as(user, session).sheet_scan)
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", session._name),
                ("res_id", "=", session.id),
                ("res_field", "!=", False),
            ]
        )
        self.assertTrue(files)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._as("other", files).read(["datas"])

    def test_the_scan_that_was_signed_stays(self):
        self._attended(self.ines)
        session = self._as("coach", self._session())
        session.sheet_scan = base64.b64encode(b"%PDF-1")
        session.action_paper()
        for value in (False, base64.b64encode(b"%PDF-2")):
            with self._refused(UserError, "CAE-WORKSHOP-SIGNED"):
                session.sheet_scan = value

    def test_a_scan_is_a_document(self):
        session = self._as("coach", self._session())
        with self._refused(UserError, "CAE-DOCUMENT-FILE"):
            session.sheet_scan = base64.b64encode(b"<script>alert(1)</script>")

    def test_who_left_takes_no_seat(self):
        self.ines.contract_ids.date_end = "2026-03-01"
        self.ines.write(
            {
                "date_exit": "2026-03-01",
                "exit_reason_id": self.env["cae.exit.reason"].search([], limit=1).id,
            }
        )
        with self._refused(UserError, "CAE-WORKSHOP-CLOSED"):
            self._seat(self.ines)

    def test_names_of_a_context_change_no_sheet(self):
        seats = self._as("head", self.env["event.registration"])
        seat = seats.with_context(
            default_state="open", default_hours=3, default_signed_place="portal"
        ).create({"event_id": self.event.id, "cae_entrepreneur_id": self.ines.id})
        lines = seat.sudo().cae_attendance_ids
        self.assertEqual(len(lines), 2)
        self.assertEqual(set(lines.mapped("state")), {"expected"})


@workshop_tagged
class TestWorkshopAttackRoutes(WorkshopCommon, HttpCase):
    def test_files_of_a_half_day(self):
        with freeze_time(NOW):
            self._attended(self.ines)
        session = self.event.cae_session_ids[0]
        self._as("coach", session).sheet_scan = base64.b64encode(b"%PDF-1")
        kept = self.env["ir.attachment"].search(
            [("res_model", "=", session._name), ("res_field", "=", "sheet_file")]
        )
        content = f"/web/content/{session._name}/{session.id}"
        for user, seen in (("coach", True), ("other", False), ("ines", False)):
            login = self.users[user].login
            self.authenticate(login, login)
            with self.subTest(user=user):
                answer = self.url_open(f"{content}/sheet_scan")
                self.assertEqual(b"%PDF-1" in answer.content, seen)
                for page in (
                    f"{content}/sheet_file",
                    f"/web/content/{kept.id}",
                    f"/web/image/{session._name}/{session.id}/sheet_file",
                ):
                    self.assertNotIn(b"%PDF-1", self.url_open(page).content)
                sheet = f"/cae/document/{session._name}/{session.id}/pdf"
                self.assertEqual(self.url_open(sheet).status_code == 200, seen)


@workshop_tagged
@freeze_time(NOW)
class TestFunderAttack(FunderCommon):
    def test_funded_hours_are_read_and_not_written(self):
        self._join(self.ines)
        self._attended(self.ines)
        self._as("head", self.line).action_refresh()
        hour = self._as("head", self._hours()[0])
        for values in (
            {"hours": 12},
            {"signed": True},
            {"date": "2026-05-01"},
            {"entrepreneur_id": self.lea.id},
            {"source_id": 1},
        ):
            with self._refused(UserError, "CAE-FIELD-OWNED"), self.cr.savepoint():
                hour.write(values)
        hour.write({"line_id": self.line.id})

    def test_the_evidence_is_for_who_made_it(self):
        self._join(self.ines, self.yann)
        self._attended(self.ines)
        line = self._as("head", self.line)
        line.action_refresh()
        with patch.object(type(self.line), "_evidence_zip", lambda line: b"PK"):
            url = line.action_evidence()["url"]
        number = int(url.split("/")[3].split("?")[0])
        archive = self.env["ir.attachment"].browse(number)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._as("head", archive).raw, b"PK")
        for user in ("coach", "other", "accountant", "ines"):
            with self.assertRaises(AccessError):
                self._as(user, archive).read(["datas"])

    def test_each_document_of_the_evidence_has_its_own_name(self):
        reports = self.env["cae.interview.report"]
        for person in (self.ines, self.lea):
            interview = self._held(person)
            reports |= interview.report_id
        self._join(self.ines, self.lea)
        self.line.action_refresh()
        session = self.event.cae_session_ids[0]
        self._attended(self.ines)
        session.write(
            {"sheet_scan": base64.b64encode(b"%PDF-1"), "sheet_name": "a./../x/y"}
        )
        self.line.action_refresh()
        pdfs = {"_pdfs": lambda docs: dict.fromkeys(docs.ids, b"%PDF")}
        with (
            patch.multiple(type(reports), **pdfs),
            patch.multiple(type(session), **pdfs),
        ):
            content = self.line._evidence_zip()
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(sum(name.startswith("reports/") for name in names), 2)
        scans = [name for name in names if "scan" in name]
        self.assertEqual(len(scans), 1)
        self.assertEqual(scans[0].count("/"), 1)

    def _held(self, *people, start="2026-02-10 09:00:00", coach="coach", **vals):
        interview = (
            self.env["cae.interview"]
            .with_user(self.users[coach])
            .create(
                {
                    "entrepreneur_ids": [Command.set([p.id for p in people])],
                    "type_id": self.env.ref("cae_coaching.interview_type_support").id,
                    "date_start": start,
                    **PARTS,
                    **vals,
                }
            )
        )
        interview.action_held()
        interview.action_share()
        return interview

    def test_nobody_is_in_two_places_for_a_funder(self):
        self._join(self.ines)
        self._held(self.ines)
        self._held(self.ines, start="2026-02-10 09:30:00", coach="head")
        self._held(self.ines, start="2026-02-10 10:30:00", coach="head")
        self.line.action_refresh()
        self.assertEqual(len(self._hours()), 2)
        # A workshop and an interview at once.
        self._attended(self.ines)
        with freeze_time("2026-03-12 20:00:00"):
            self._held(self.ines, start="2026-03-12 09:00:00")
            self.line.action_refresh()
            self.assertEqual(len(self._hours()), 4)
            self.line.action_close()
            self.line.action_refresh()
            self.assertEqual(len(self._hours()), 4)

    def test_an_archived_interview_was_held_all_the_same(self):
        self._join(self.ines)
        self._held(self.ines).active = False
        self.line.action_refresh()
        self.assertEqual(len(self._hours()), 1)

    def test_no_time_of_days_to_come(self):
        times = self._as("coach", self.env["cae.coach.time"])
        with self._refused(ValidationError, "CAE-FUNDER-TIME"):
            times.create({"name": "Later", "date": "2026-03-20", "hours": 2})

    def test_who_was_on_a_line_that_was_handed_over_stays(self):
        place = self._as("coach", self._join(self.ines))
        other = self._line("Second")
        self._as("head", self.line).action_close()
        for values in (
            {"line_id": other.id},
            {"date_start": "2026-02-01"},
            {"date_end": "2026-06-30"},
            {"entrepreneur_id": self.lea.id},
        ):
            with self._refused(UserError, "CAE-FUNDER-CLOSED"), self.cr.savepoint():
                place.write(values)
        place.write({"exit_questionnaire": "2026-12-01"})

    def test_sources_of_time_are_not_written(self):
        times = self._as("coach", self.env["cae.coach.time"])
        time = times.create({"name": "Now", "date": "2026-03-10", "hours": 2})
        for values in ({"source_model": "cae.interview"}, {"source_id": 3}):
            with self._refused(UserError, "CAE-FIELD-OWNED"):
                time.write(values)


@journey_tagged
@freeze_time("2026-11-15 12:00:00")
class TestJourneyAttack(JourneyCommon):
    def test_no_candidate_is_given_the_contact_of_another(self):
        candidate = self._candidate()
        for values in (
            {"partner_id": self.yann.partner_id.id},
            {"entrepreneur_id": self.yann.id},
            {"stage_kind": "accepted"},
            {"email_normalized": "x@example.com"},
        ):
            self._coded("CAE-FIELD-OWNED", candidate.write, values)
        self._coded(
            "CAE-FIELD-OWNED",
            self._candidate,
            "Bob",
            partner_id=self.yann.partner_id.id,
        )

    def test_a_conversion_takes_nothing_from_a_context(self):
        candidate = self._candidate()
        candidate._decide("accepted")
        wizard = (
            self.env["cae.candidate.conversion"]
            .with_user(self.head)
            .with_company(self.company)
            .create({"candidate_id": candidate.id, "make_activity": False})
        )
        wizard.with_context(
            default_fixed_part=9999,
            default_user_id=self.holder.id,
            default_active=False,
        ).action_convert()
        person = candidate.sudo().entrepreneur_id
        self.assertFalse(person.user_id)
        self.assertTrue(person.active)
        self.assertFalse(person.contract_ids.fixed_part)

    def test_the_alert_on_a_recognition_is_of_whoever_may_know(self):
        group = self.env.ref("cae_coaching.group_social_disability")
        group.user_ids |= self.coach
        team = self.env["cae.team"].create(
            {
                "name": "Both",
                "company_id": self.company.id,
                "user_ids": [Command.set((self.coach | self.other).ids)],
            }
        )
        self.ines.team_id = team
        file = self.env["cae.social.file"].create({"entrepreneur_id": self.ines.id})
        file.sudo().disability_end = "2026-12-31"
        self.env.flush_all()
        alerts = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", file._name),
                    ("res_id", "=", file.id),
                    ("date_deadline", "=", "2026-12-31"),
                ]
            )
        )
        alerts = alerts.sudo(False)
        self.assertEqual(alerts.sudo().user_id, self.coach)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(file.with_user(self.other).has_access("read"))
        self._refused(alerts.with_user(self.other).read, ["date_deadline"])
        shown = file.with_user(self.other).read(
            ["activity_ids", "activity_date_deadline", "activity_summary"]
        )[0]
        self.assertNotIn("2026-12-31", str(shown))
        found = file.with_user(self.other).search(
            [("activity_date_deadline", "=", "2026-12-31")]
        )
        self.assertFalse(found)
        self.env.invalidate_all()
        self.assertTrue(alerts.with_user(self.coach).read(["date_deadline"]))

    def test_a_recognition_is_in_no_export(self):
        file = self.env["cae.social.file"].create({"entrepreneur_id": self.ines.id})
        file.sudo().disability_end = "2026-12-31"
        self.env.flush_all()
        self.env.invalidate_all()
        people = self.ines.with_user(self.coach)
        try:
            rows = people.export_data(["code", "social_file_ids/disability_end"])
        except AccessError:
            rows = []
        self.assertNotIn("2026-12-31", str(rows))

    def test_a_recognition_is_no_answer_to_questions(self):
        file = self.env["cae.social.file"].create({"entrepreneur_id": self.ines.id})
        file.sudo().disability_end = "2026-12-31"
        files = self.env["cae.social.file"].with_user(self.coach)
        people = self.env["cae.entrepreneur"].with_user(self.coach)
        inside = [("social_file_ids.disability_end", "!=", False)]
        for call, args in (
            (files.search, ([], 0, None, "disability_end")),
            (files.read_group, ([], ["id"], ["disability_end"])),
            (files.formatted_read_group, ([], ["disability_end"], ["__count"])),
            (files.formatted_read_group, ([], [], ["disability_end:max"])),
            (people.search, (inside,)),
            (people.with_context(active_test=False).search_count, (inside,)),
        ):
            with self.subTest(call=call.__name__, args=args):
                self.env.invalidate_all()
                with mute_logger("odoo.addons.base.models"):
                    self._refused(call, *args)


@journey_tagged
class TestPublicAttack(JourneyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meeting = cls.env["event.event"].create(
            {
                "name": "Information",
                "cae_information": True,
                "company_id": cls.company.id,
                "date_begin": "2099-01-10 09:00:00",
                "date_end": "2099-01-10 11:00:00",
                "seats_limited": True,
                "seats_max": 20,
            }
        )
        cls.page = f"/cae/information/{cls.meeting.id}"

    def _post(self, url, page, files=None, **data):
        text = self.url_open(page).text.split('name="csrf_token"')[1]
        token = text.split('value="')[1].split('"')[0]
        return self.url_open(url, data={"csrf_token": token, **data}, files=files)

    def _sign_up(self, **data):
        data = {"name": "Awa", "email": "awa@example.com", "consent": "1", **data}
        return self._post(self.page, self.page, **data)

    def test_odd_addresses_are_not_found(self):
        self.assertEqual(self.url_open(f"/cae/information/{MANY}").status_code, 404)
        answer = self.url_open(f"/cae/information?company={MANY}")
        self.assertEqual(answer.status_code, 200)
        self.authenticate("jour_ines", "jour_ines")
        for page in (
            f"/my/interviews/{MANY}",
            f"/my/documents-to-give/{MANY}",
            f"/my/skills/{MANY}",
            f"/my/skills/grid/{MANY}",
            f"/my/workshops/sheet/{MANY}",
            f"/my/workshops/{MANY}/evaluation",
            f"/cae/document/cae.interview.report/{MANY}/pdf",
        ):
            with self.subTest(page=page):
                self.assertEqual(self.url_open(page).status_code, 404)

    def test_whatever_the_public_sends_is_answered(self):
        for number, data in enumerate(
            (
                {"name": "A\x00wa"},
                {"email": "x" * 5000 + "@example.com"},
                {"email": "a\x00b@example.com"},
                {"phone": "\x00" * 50},
                {"phone": "\U0001f600" * 10},
                {"name": "\x00"},
                {"name": "x" * 100000},
            )
        ):
            with self.subTest(number=number):
                answer = self._sign_up(**{"email": f"n{number}@example.com", **data})
                self.assertEqual(answer.status_code, 200)
        names = self.meeting.registration_ids.mapped("name")
        self.assertIn("Awa", names)

    def test_markup_and_formulas_stay_words(self):
        name = "<script>alert(1)</script>{{ object.company_id.id }}"
        answer = self._sign_up(name=name)
        self.assertNotIn("<script>alert(1)", answer.text)
        seat = self.meeting.registration_ids
        self.assertEqual(seat.name, name)
        self.assertEqual(seat.cae_candidate_id.name, name)
        mails = self.env["mail.mail"].sudo().search([])
        for mail in mails.filtered(lambda m: "script" in (m.body_html or "")):
            self.assertNotIn("<script>alert", mail.body_html)

    def test_two_at_once_do_not_take_the_same_last_seat(self):
        """A sign-up writes on the meeting: a second one at once begins again."""
        before = self.meeting.cae_queue
        self._sign_up()
        self.env.invalidate_all()
        self.assertGreater(self.meeting.cae_queue, before)

    def test_odd_uploads_are_answered(self):
        kind = self.env["cae.document.type"].create(
            {"name": "Contract", "for_cape": True, "company_id": self.company.id}
        )
        self._contract(self.ines, start="2026-01-01", end="2026-12-31")
        self.authenticate("jour_ines", "jour_ines")
        page, url = "/my/documents-to-give", "/my/documents-to-give/upload"

        def upload(name="a.pdf", content=b"%PDF-1", **data):
            data = {"person": str(self.ines.id), "kind": str(kind.id), **data}
            return self._post(url, page, files={"file": (name, content)}, **data)

        for data in ({"kind": "²"}, {"kind": str(MANY)}, {"kind": "-1"}):
            with self.subTest(data=data):
                self.assertEqual(upload(**data).status_code, 404)
        for content in (b"<svg onload='x'>", b"<html>", b""):
            self.assertIn("CAE-DOCUMENT-FILE", upload(content=content).text)
        self.assertFalse(self.ines.document_ids)
        upload(name="../../etc/pass\x01wd\x00.pdf")
        self.env.invalidate_all()
        self.assertEqual(len(self.ines.document_ids), 1)
        name = self.ines.document_ids.file_name
        self.assertNotIn("/", name)
        self.assertTrue(name.isprintable())
