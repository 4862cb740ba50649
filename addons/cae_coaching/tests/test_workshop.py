from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, freeze_time
from odoo.tools import mute_logger

from .workshop_common import NOW, PNG, WorkshopCommon, workshop_tagged

DURING = "2026-03-12 09:00:00"
AFTER = "2026-03-13 09:00:00"


@workshop_tagged
@freeze_time(NOW)
class TestWorkshop(WorkshopCommon):
    def _lines(self, *people, part="morning"):
        ids = [person.id for person in people]
        return self.env["cae.workshop.attendance"].search(
            [("entrepreneur_id", "in", ids), ("session_id.part", "=", part)]
        )

    def test_hours_are_those_of_the_place(self):
        morning = self.event.cae_session_ids[0]
        self.assertEqual(str(morning.date_start), "2026-03-12 08:00:00")
        self.assertEqual(morning.hours, 3.5)
        self.assertEqual(self.event.cae_hours, 7)

    def test_the_third_person_waits_and_takes_the_seat_that_comes_free(self):
        first, second, third = map(self._seat, (self.ines, self.yann, self.lea))
        self.assertEqual(first.partner_id, self.ines.partner_id)
        self.assertEqual(
            [first.state, second.state, third.state], ["open"] * 2 + ["draft"]
        )
        self.assertTrue(third.cae_waiting)
        self.assertEqual(self.event.cae_waiting_count, 1)
        self.assertEqual(len(self._lines(self.ines, self.yann, self.lea)), 2)
        first.sudo()._cae_give_back()
        self.assertEqual(third.state, "open")
        self.assertFalse(third.cae_waiting)
        self.assertEqual(
            self._lines(self.ines, self.yann, self.lea).mapped("entrepreneur_id"),
            self.yann | self.lea,
        )
        mail = self.env["mail.mail"].search([("email_to", "ilike", "lea@")], limit=1)
        self.assertIn("Prices", mail.subject)

    def test_more_seats_serve_the_waiting_list_in_its_order(self):
        self.event.seats_max = 1
        self._seat(self.ines)
        second, third = self._seat(self.yann), self._seat(self.lea)
        self.event.seats_max = 2
        self.assertEqual([second.state, third.state], ["open", "draft"])

    def test_a_workshop_without_limit_has_no_waiting_list(self):
        self.event.seats_limited = False
        seats = [self._seat(p) for p in (self.ines, self.yann, self.lea)]
        self.assertEqual({seat.state for seat in seats}, {"open"})

    def test_nobody_signs_up_twice_or_too_late(self):
        seat = self._seat(self.ines)
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as refused:
            with self.env.cr.savepoint():
                self._seat(self.ines)
        self.assertIn("cae_person_uniq", str(refused.exception))
        with freeze_time(DURING):
            with self._refused(UserError, "CAE-WORKSHOP-CLOSED"):
                self._seat(self.yann)
            with self._refused(UserError, "CAE-WORKSHOP-BEGUN"):
                seat.sudo()._cae_give_back()

    def test_a_half_day_is_inside_and_alone(self):
        def session(event=self.event, **vals):
            values = {"event_id": event.id, "date": "2026-03-12", "hour_from": 17.5}
            values.update({"hour_to": 18.5, "part": "other"}, **vals)
            return self.env["cae.workshop.session"].create(values)

        with self._refused(ValidationError, "CAE-WORKSHOP-DATES"):
            session(date="2026-03-13")
        with self._refused(ValidationError, "CAE-WORKSHOP-ROOM"):
            session(hour_from=12, hour_to=13)
        other = self._workshop_elsewhere()
        with self._refused(ValidationError, "CAE-WORKSHOP-TIMES"):
            session(other, hour_from=8, hour_to=18)
        with self._refused(ValidationError, "CAE-WORKSHOP-ROOM"):
            session(other, hour_from=10, hour_to=11, room_id=self.room.id)
        session(other, hour_from=10, hour_to=11)

    def _workshop_elsewhere(self):
        return self.env["event.event"].create(
            {
                "name": "Elsewhere",
                "company_id": self.company.id,
                "cae_workshop": True,
                "date_begin": "2026-03-12 07:00:00",
                "date_end": "2026-03-12 18:00:00",
                "date_tz": "Europe/Paris",
            }
        )

    def test_the_trainer_ticks_once_it_began(self):
        self._seat(self.ines)
        line = self._as("coach", self._lines(self.ines))
        with self._refused(UserError, "CAE-WORKSHOP-EARLY"):
            line.action_present()
        line.action_excused()
        with freeze_time(DURING):
            line.action_present()
            self.assertEqual(line.hours, 3.5)
            line.hours = 2
            with self._refused(ValidationError, "CAE-WORKSHOP-HOURS"):
                line.hours = 4
            line.action_absent()
            self.assertEqual(line.hours, 0)
            with self._refused(UserError, "CAE-FIELD-OWNED"):
                line.write({"signed_name": "Forged"})

    def test_the_person_signs_and_nothing_changes_after(self):
        self._seat(self.ines)
        line = self._lines(self.ines)
        own = self._as("ines", line)
        with self._refused(UserError, "CAE-WORKSHOP-EARLY"):
            own.action_sign("Inès Test", PNG)
        with freeze_time(DURING):
            with self._refused(AccessError, "CAE-ACCESS"):
                self._as("yann", line).action_sign("Inès Test")
            for name, image in (("I", ""), ("Inès Test", "nothing")):
                with self._refused(UserError, "CAE-WORKSHOP-SIGNATURE"):
                    own.action_sign(name, image)
            self.assertIs(own.action_sign("  Inès   Test ", PNG), True)
            self.assertEqual((line.state, line.signed_name), ("present", "Inès Test"))
            with self._refused(UserError, "CAE-WORKSHOP-SIGNED"):
                own.action_sign("Inès Test")
            with self._refused(UserError, "CAE-WORKSHOP-SIGNED"):
                self._as("coach", line).action_absent()

    def test_signing_ends_after_a_week(self):
        self._seat(self.ines)
        with (
            freeze_time("2026-03-20 09:00:00"),
            self._refused(UserError, "CAE-WORKSHOP-SIGNED"),
        ):
            self._as("ines", self._lines(self.ines)).action_sign("Inès Test")

    def test_the_sheet_on_paper_and_the_trainer(self):
        self._seat(self.ines)
        session = self._as("coach", self.event.cae_session_ids[0])
        with freeze_time(DURING):
            with self._refused(UserError, "CAE-WORKSHOP-TICK"):
                session.action_trainer_sign()
            session.action_all_present()
            with self._refused(UserError, "CAE-WORKSHOP-SCAN"):
                session.action_paper()
            session.sheet_scan = PNG
            session.action_paper()
            self.assertEqual(session.signed_count, 1)
            session.action_trainer_sign()
            self.assertTrue(session.trainer_date)
            with self._refused(UserError, "CAE-WORKSHOP-TRAINER"):
                self._as("other", session).action_trainer_sign()
            with self._refused(UserError, "CAE-WORKSHOP-KEPT"):
                self._as("head", session).date = "2026-03-12"

    def test_who_attended_stays(self):
        (seat,) = self._attended(self.ines)
        with self._refused(UserError, "CAE-WORKSHOP-KEPT"):
            self._as("head", self.event.cae_session_ids[0]).unlink()
        with self._refused(UserError, "CAE-WORKSHOP-KEPT"):
            seat.unlink()

    def test_evaluation_and_complaint(self):
        seat, absent = self._attended(self.ines)[0], self._seat(self.yann)
        Evaluation = self.env["cae.workshop.evaluation"].sudo()
        marks = {"content": "5", "trainer": "4", "organisation": "3"}
        with self._refused(UserError, "CAE-WORKSHOP-ABSENT"):
            Evaluation._give(absent, marks)
        for bad in ("", "6", "0", "12", "x"):
            with self._refused(UserError, "CAE-WORKSHOP-MARK"):
                Evaluation._give(seat, {**marks, "usefulness": bad})
        one = Evaluation._give(
            seat, {**marks, "usefulness": "4", "complaint": "Too cold"}
        )
        self.assertEqual((one.average, one.complaint_state), (4, "open"))
        with self._refused(UserError, "CAE-WORKSHOP-EVALUATED"):
            Evaluation._give(seat, {**marks, "usefulness": "4"})
        mine = self._as("coach", one)
        with self._refused(UserError, "CAE-WORKSHOP-EVALUATED"):
            mine.content = 5
        mine.complaint_answer = "Heated"
        self.assertEqual(one.complaint_state, "answered")

    def test_certificates_are_issued_once_with_the_hours_attended(self):
        self._attended(self.ines)
        self._seat(self.yann)
        event = self._as("head", self.event)
        with self._refused(UserError, "CAE-WORKSHOP-EARLY"):
            event.action_cae_certificates()
        with freeze_time(AFTER):
            event.action_cae_certificates()
            event.action_cae_certificates()
        certificate = self.env["cae.workshop.certificate"].search([])
        self.assertEqual(certificate.entrepreneur_id, self.ines)
        self.assertEqual((certificate.hours, certificate.hours_planned), (7, 7))
        html = self._as("ines", certificate).sudo()._html()
        for text in ("Prices", "Inès Test", "7 hours", " on 03/12/2026"):
            self.assertIn(text, html.replace("</b>", ""))
        self.assertNotIn("of 7", html)

    def test_a_certificate_waits_until_each_half_day_is_ticked(self):
        (seat,) = self._attended(self.ines)
        morning, afternoon = seat.cae_attendance_ids.sorted("id")
        afternoon._cae_own().write({"state": "expected"})
        event = self._as("head", self.event)
        Certificate = self.env["cae.workshop.certificate"]
        with freeze_time(AFTER):
            with self._refused(UserError, "CAE-WORKSHOP-TICK"):
                event.action_cae_certificates()
            self.assertFalse(Certificate.search([]))
            self._as("coach", afternoon).action_present()
            event.action_cae_certificates()
            self.assertEqual(Certificate.search([]).hours, 7)
            for change in (
                lambda: self._as("coach", morning).action_absent(),
                lambda: self._as("coach", morning).write({"hours": 2}),
            ):
                with self._refused(UserError, "CAE-WORKSHOP-CERTIFIED"):
                    change()
            self._as("head", Certificate.search([])).unlink()
            self._as("coach", morning).action_absent()
            event.action_cae_certificates()
        self.assertEqual(Certificate.search([]).hours, 3.5)

    def test_nobody_is_certified_without_attendance(self):
        self._seat(self.ines)
        with (
            freeze_time(AFTER),
            self._refused(UserError, "CAE-WORKSHOP-NOBODY"),
        ):
            self._as("head", self.event).action_cae_certificates()

    def test_the_sheet_lists_who_is_expected(self):
        self._seat(self.ines)
        self._seat(self.yann)
        html = self.event.cae_session_ids[0]._html()
        for text in ("Inès Test", "Yann Test", "09:00", "12:30", "Blue"):
            self.assertIn(text, html)

    def test_moments_on_the_sheet_are_those_of_the_place(self):
        self._attended(self.ines)
        sheet = self.event.cae_session_ids[0]
        line = sheet.attendance_ids
        line._cae_own().write(
            {
                "signed_on": "2026-03-12 10:25:00",
                "signed_name": "Inès Test",
                "signed_place": "portal",
            }
        )
        self.assertIn("12/03/2026 11:25", sheet._html())

    def test_evidence_says_what_is_missing(self):
        self.assertEqual(self.event.cae_quality_missing, 7)
        (seat,) = self._attended(self.ines)
        texts = ("cae_needs", "cae_objectives", "cae_adaptation", "cae_method")
        self.event.write({name: "<p>Said</p>" for name in texts})
        seat.cae_result = "yes"
        self.event.invalidate_recordset()
        self.assertEqual(self.event.cae_quality_missing, 2)
        for line in seat.cae_attendance_ids:
            line._cae_own().signed_on = NOW
        self.env["cae.workshop.evaluation"].sudo()._give(
            seat,
            dict.fromkeys(("content", "trainer", "organisation", "usefulness"), "5"),
        )
        self.event.invalidate_recordset()
        self.assertEqual(self.event.cae_quality_missing, 0)
        self.assertIn("0 to tick", self.event.cae_quality_html)
        # Nothing is assessed of who could not come.
        excused = self._seat(self.yann)
        excused.cae_need = "Learn"
        lines = excused.cae_attendance_ids
        self._as("head", lines).action_excused()
        self.event.invalidate_recordset()
        self.assertEqual(self.event.cae_quality_missing, 0)
        self.assertIn("1/1", self.event.cae_quality_html)

    def test_evidence_of_many_takes_as_many_queries_as_of_one(self):
        events = self.event | self._workshop_elsewhere() | self._workshop("2026-04-02")
        events.mapped("cae_needs")
        self.env.flush_all()
        with self.assertQueryCount(9):
            events._cae_quality_counts()

    def test_a_seat_costs_the_same_with_ten_people(self):
        self.event.seats_limited = False
        people = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(12)])
        Seat = self.env["event.registration"]
        values = [{"event_id": self.event.id, "partner_id": p.id} for p in people]
        Seat.create(values[:1])
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        Seat.create(values[1:2])
        self.env.flush_all()
        one = self.env.cr.sql_log_count - before
        Seat.create(values[2:])
        self.env.flush_all()
        ten = self.env.cr.sql_log_count - before - one
        self.assertLessEqual(ten, one + 20)

    def test_the_yearly_report(self):
        other = self._workshop("2026-03-16", name="VAT", cae_goal="certification")
        self._attended(self.ines, self.yann)
        self._attended(self.ines, event=other)
        untold = self._workshop("2026-03-18", cae_training=False)
        self._attended(self.lea, event=untold)
        report = self._as("head", self.env["cae.training.report"]).create(
            {"date_from": "2026-01-01", "date_to": "2026-12-31"}
        )
        rows = {
            (row.section, row.name): (row.count, row.people, row.hours)
            for row in report.line_ids
        }
        self.assertEqual(rows["trainees", "Employee"], (3, 2, 21))
        self.assertEqual(rows["trainees", "Job seeker"], (0, 0, 0))
        self.assertEqual(rows["goals", "Certification or diploma"], (1, 1, 7))
        self.assertEqual(rows["trainers", "Trainers of the cooperative"], (1, 1, 14))
        report.date_to = "2026-01-31"
        self.assertEqual(set(report.line_ids.mapped("hours")), {0})

    def test_the_training_report_opens_saved_on_the_year_with_figures(self):
        reports = self._as("head", self.env["cae.training.report"])
        self._attended(self.ines)
        for now, year in ((NOW, 2026), ("2027-02-01", 2026), ("2028-02-01", 2028)):
            with freeze_time(now):
                action = reports.action_open()
            report = reports.browse(action["res_id"])
            self.assertEqual(report.date_from, date(year, 1, 1))
            self.assertEqual(report.date_to, date(year, 12, 31))
            hours = sum(report.line_ids.mapped("hours"))
            self.assertEqual(hours > 0, year == 2026)
        with self.assertRaises(AccessError):
            self._as("coach", reports).action_open()


@workshop_tagged
@freeze_time(NOW)
class TestWorkshopRights(WorkshopCommon):
    MODELS = (
        "cae.workshop.attendance",
        "cae.workshop.certificate",
        "cae.workshop.evaluation",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(NOW):
            (cls.seat,) = cls._attended(cls.lea)
            cls.env["cae.workshop.certificate"]._issue(cls.event)
            marks = ("content", "trainer", "organisation", "usefulness")
            cls.env["cae.workshop.evaluation"].sudo()._give(
                cls.seat, dict.fromkeys(marks, "5")
            )
        cls.env.flush_all()

    def _count(self, user, model):
        return self._as(user, self.env[model]).search_count([])

    def test_who_holds_it_and_the_head_see_everything(self):
        for model in self.MODELS:
            self.assertTrue(self._count("coach", model))
            self.assertTrue(self._count("head", model))
            self.assertFalse(self._count("other", model))

    def test_a_coach_sees_their_people_at_others_workshops(self):
        self.event.cae_trainer_ids = self.users["other"].partner_id
        self.env.flush_all()
        self.assertEqual(self._count("coach", "cae.workshop.attendance"), 2)
        line = self._as("coach", self.seat.cae_attendance_ids[0])
        with self._refused(UserError, "CAE-WORKSHOP-TRAINER"):
            line.action_absent()
        with self._refused(UserError, "CAE-WORKSHOP-TRAINER"):
            line.hours = 1
        with self.assertRaises(AccessError):
            self._as("coach", self.event.cae_session_ids[0]).subject = "Mine"

    def test_seats_of_others_people_are_not_seen(self):
        Seat = self.env["event.registration"]
        for user, count in (("coach", 1), ("head", 1), ("other", 0)):
            found = self._as(user, Seat).search_count(
                [("event_id", "=", self.event.id)]
            )
            self.assertEqual(found, count)
        plain = self.event.copy({"cae_workshop": False})
        Seat.create({"event_id": plain.id, "name": "Candidate"})
        self.env.flush_all()
        found = self._as("other", Seat).search_count([("event_id", "=", plain.id)])
        self.assertEqual(found, 1)

    def test_the_person_sees_their_own_documents(self):
        for model in self.MODELS[1:]:
            self.assertEqual(self._count("lea", model), 1)
            self.assertEqual(self._count("ines", model), 0)
        for user in ("lea", "accountant"):
            with self.assertRaises(AccessError):
                self._count(user, "cae.workshop.attendance")
        certificate = self.env["cae.workshop.certificate"].search([])
        with self.assertRaises(AccessError):
            self._as("ines", certificate).read(["name"])
        with self.assertRaises(AccessError):
            self._as("head", certificate).write({"hours": 99})

    def test_other_companies_see_nothing(self):
        other = self.setup_other_company()["company"]
        self.users["head"].write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        for model in (*self.MODELS, "cae.workshop.session", "cae.workshop.room"):
            self.assertEqual(self._count("head", model), 0)


@workshop_tagged
class TestWorkshopPortal(WorkshopCommon, HttpCase):
    """The pages of the people; with real time, hence far in the future."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.event = cls._workshop("2098-03-12", name="Far away")
        cls.past = cls._workshop("2026-03-17", name="Long ago")
        with freeze_time(NOW):
            (cls.seat,) = cls._attended(cls.ines, event=cls.past)
            cls.env["cae.workshop.certificate"]._issue(cls.past)

    def _login(self, user):
        self.authenticate(self.users[user].login, self.users[user].login)

    def _post(self, url, page="/my/workshops", **data):
        token = self.url_open(page).text.split('name="csrf_token"')[1]
        token = token.split('value="')[1].split('"')[0]
        return self.url_open(url, data={"csrf_token": token, **data})

    def test_sign_up_and_give_back(self):
        self._login("ines")
        url = f"/my/workshops/{self.event.id}"
        self.assertIn("Far away", self.url_open("/my/workshops").text)
        answer = self._post(f"{url}/join", need="Prices")
        self.assertIn("You have a seat", answer.text)
        seat = self.event.registration_ids
        self.assertEqual(
            (seat.cae_entrepreneur_id, seat.cae_need), (self.ines, "Prices")
        )
        self.assertIn("It is done", self._post(f"{url}/leave").text)
        self.env.invalidate_all()
        self.assertEqual(seat.state, "cancel")
        self._post(f"{url}/join")
        self.assertEqual(self.url_open("/my/home").status_code, 200)

    def test_the_waiting_list_and_strangers(self):
        self.event.seats_max = 1
        self._seat(self.yann, self.event)
        self._login("lea")
        page = self.url_open("/my/workshops").text
        self.assertIn("waiting list", page)
        answer = self._post(f"/my/workshops/{self.event.id}/join")
        self.assertIn("Waiting list", answer.text)
        self.assertNotIn("Yann", answer.text)
        self._login("accountant")
        self.assertNotIn("Far away", self.url_open("/my/workshops").text)

    def test_evaluation_and_certificate(self):
        self._login("ines")
        page = self.url_open("/my/workshops").text
        self.assertIn("Say what you thought", page)
        certificate = self.env["cae.workshop.certificate"].search(
            [("event_id", "=", self.past.id)]
        )
        url = f"/cae/document/cae.workshop.certificate/{certificate.id}/pdf"
        self.assertEqual(self.url_open(url).content[:4], b"%PDF")
        form = f"/my/workshops/{self.past.id}/evaluation"
        self.assertIn("CAE-WORKSHOP-MARK", self._post(form, form, content="5").text)
        marks = ("content", "trainer", "organisation", "usefulness")
        self._post(form, form, **dict.fromkeys(marks, "4"), comment="Good")
        self.env.invalidate_all()
        given = self.env["cae.workshop.evaluation"].search(
            [("event_id", "=", self.past.id)]
        )
        self.assertEqual(given.average, 4)
        self._login("yann")
        self.assertEqual(self.url_open(form).status_code, 404)
        self.assertNotEqual(self.url_open(url).status_code, 200)

    def test_signing_on_line(self):
        line = self.seat.cae_attendance_ids[0]
        line._cae_own().write({"state": "expected"})
        url = f"/my/workshops/sheet/{line.id}"
        self._login("yann")
        self.assertEqual(self.url_open(url).status_code, 404)
        answer = self.make_jsonrpc_request(f"{url}/sign", {"name": "Yann Test"})
        self.assertIn("CAE-ACCESS", answer["error"])
        self._login("ines")
        answer = self.make_jsonrpc_request(f"{url}/sign", {"name": "Inès Test"})
        self.assertIn("CAE-WORKSHOP-SIGNED", answer["error"])
        days = "odoo.addons.cae_coaching.models.cae_workshop_attendance.SIGN_DAYS"
        with patch(days, 10_000):
            self.assertIn("portal.signature_form", self.url_open(url).text)
            answer = self.make_jsonrpc_request(f"{url}/sign", {"name": "Inès Test"})
        self.assertTrue(answer["force_refresh"])
        self.env.invalidate_all()
        self.assertEqual((line.state, line.signed_place), ("present", "portal"))
