import base64
import io
import zipfile
from datetime import datetime
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .workshop_common import NOW, WorkshopCommon, workshop_tagged


class FunderCommon(WorkshopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.programme = cls.env["cae.funder.programme"].create(
            {
                "name": "European fund",
                "funder_id": cls.partner_a.id,
                "company_id": cls.company.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        cls.line = cls._line("Coaching")

    @classmethod
    def _line(cls, name, **vals):
        return cls.env["cae.funder.line"].create(
            {"name": name, "programme_id": cls.programme.id, **vals}
        )

    @classmethod
    def _join(cls, *people, line=None, **vals):
        return cls.env["cae.funder.participant"].create(
            [
                {
                    "line_id": (line or cls.line).id,
                    "entrepreneur_id": person.id,
                    **vals,
                }
                for person in people
            ]
        )

    def _hours(self, line=None):
        return self.env["cae.funded.hour"].search(
            [("line_id", "=", (line or self.line).id)]
        )


@workshop_tagged
@freeze_time(NOW)
class TestFunder(FunderCommon):
    def test_hours_of_workshops_are_read_once(self):
        self._join(self.ines)
        self._attended(self.ines, self.yann)
        line = self._as("head", self.line)
        line.action_refresh()
        hours = self._hours()
        self.assertEqual(hours.mapped("hours"), [3.5, 3.5])
        self.assertEqual(hours.entrepreneur_id, self.ines)
        self.assertEqual((line.hours_done, line.hours_signed), (7, 0))
        line.action_refresh()
        self.assertEqual(self._hours(), hours)
        other = self._line("Other", sequence=1)
        self._join(self.ines, line=other)
        line.action_refresh()
        self.assertEqual((self._hours(), self._hours(other)), (hours, hours.browse()))

    def test_what_changes_at_the_source_changes_here(self):
        self._join(self.ines)
        (seat,) = self._attended(self.ines)
        self.line.action_refresh()
        first, second = seat.cae_attendance_ids
        first._cae_own().write({"state": "absent"})
        second._cae_own().write({"hours": 2, "signed_on": NOW})
        self.line.action_refresh()
        hour = self._hours()
        self.assertEqual((hour.hours, hour.signed, len(hour)), (2, True, 1))
        self.line.participant_ids.unlink()
        self.line.action_refresh()
        self.assertFalse(self._hours())

    def test_what_was_handed_over_stays(self):
        self._join(self.ines)
        (seat,) = self._attended(self.ines)
        line = self._as("head", self.line)
        line.action_close()
        self.assertEqual(line.hours_done, 7)
        seat.cae_attendance_ids._cae_own().write({"state": "absent"})
        self.env["cae.funder.line"]._cron_refresh()
        open_line = self._line("Next", sequence=1)
        self._join(self.ines, line=open_line)
        open_line.action_refresh()
        self.assertEqual(sum(self._hours().mapped("hours")), 7)
        for call in (line.action_close, lambda: self._join(self.yann)):
            with self._refused(UserError, "CAE-FUNDER-CLOSED"):
                call()
        with self._refused(UserError, "CAE-FUNDER-CLOSED"):
            self._as("head", self._hours()[:1]).line_id = open_line
        line.action_reopen()
        line.action_refresh()
        self.assertFalse(self._hours())

    def test_an_archived_line_keeps_its_hours_and_takes_none(self):
        self._join(self.ines, self.yann)
        self._attended(self.ines)
        self.line.action_refresh()
        hours = self._hours()
        self.line.action_archive()
        self._seat(self.yann)
        lines = self.event.registration_ids.cae_attendance_ids
        lines._cae_own().write({"state": "present"})
        other = self._line("Next", sequence=1)
        self._join(self.ines, line=other)
        other.action_refresh()
        self.assertEqual((self._hours(), self._hours(other)), (hours, hours.browse()))

    def test_limits_and_the_next_line(self):
        self.line.hours_bought = 4
        second = self._line("Second", sequence=20)
        self._join(self.ines)
        self._join(self.ines, line=second)
        self._attended(self.ines)
        self.line.action_refresh()
        self.assertEqual(self.line.hours_left, 0.5)
        self.assertEqual(self._hours(second).mapped("hours"), [3.5])

    def test_hours_are_moved_by_hand_to_a_line_of_the_person(self):
        second = self._line("Second", sequence=20)
        self._join(self.ines)
        self._attended(self.ines)
        self.line.action_refresh()
        hour = self._as("head", self._hours()[:1])
        with self._refused(ValidationError, "CAE-FUNDER-PERSON"):
            hour.line_id = second
        self._join(self.ines, line=second)
        hour.line_id = second
        self.line.action_refresh()
        self.assertEqual(self._hours(second), hour)

    def test_interviews_count_for_each_person(self):
        """As a row of the hook: interviews are another model's."""
        model = type(self.env["cae.funded.hour"])
        rows = [
            {
                "key": ("cae.interview", 7, person.id),
                "kind": "interview",
                "name": "Support",
                "date": self.line.date_start,
                "hours": 1.5,
                "signed": True,
                "people": "Coach",
            }
            for person in (self.ines, self.yann, self.lea)
        ]
        self._join(self.ines, self.yann)
        with patch.object(model, "_funded_rows", lambda *args: rows):
            self.line.action_refresh()
            self.assertEqual((self.line.hours_done, self.line.hours_signed), (3, 3))
            self.line.use_interviews = False
            self.line.action_refresh()
        self.assertFalse(self._hours())

    def test_hours_of_many_take_few_queries(self):
        self._join(self.ines, self.yann)
        self._attended(self.ines, self.yann)
        self.line.action_refresh()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(30):
            self.line.action_refresh()

    def test_one_source_is_never_on_two_lines(self):
        self._join(self.ines)
        self._attended(self.ines)
        self.line.action_refresh()
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as refused:
            self._hours()[0].sudo().copy()
        self.assertIn("source_uniq", str(refused.exception))

    def test_eligibility(self):
        self.line.write({"stage": "cesa", "zip_prefixes": "69, 38200"})
        self.ines.partner_id.zip = "69003"
        self.yann.partner_id.zip = "75011"
        with self._refused(ValidationError, "CAE-FUNDER-ELIGIBLE"):
            self._join(self.yann)
        self._as("head", self.line).action_add_eligible()
        self.assertEqual(self.line.participant_ids.entrepreneur_id, self.ines)
        self._join(self.yann, exception_reason="Agreed by mail")
        for field, value in (
            ("stage", "cape"),
            ("sex", "F"),
            ("age_max", 26),
            ("entered_from", "2026-01-01"),
            ("team_ids", [Command.create({"name": "North"})]),
        ):
            line = self._line(field, **{field: value})
            line.action_add_eligible()
            self.assertFalse(line.participant_ids)

    def test_dates_and_limits_are_checked(self):
        for vals in ({"date_end": "2027-01-01"}, {"date_start": "2025-01-01"}):
            with self._refused(ValidationError, "CAE-FUNDER-DATES"):
                self._line("Bad", **vals)
        with self._refused(ValidationError, "CAE-FUNDER-DATES"):
            self._join(self.ines, date_start="2027-01-01")
        self._join(self.ines)
        with self._refused(UserError, "CAE-FUNDER-KEPT"):
            self.line.unlink()

    def test_what_lacks_of_a_person(self):
        one = self._join(self.ines)
        self.assertEqual(one.missing, "Proof of Eligibility, Entry Questionnaire")
        one.write({"entry_questionnaire": NOW[:10], "date_end": NOW[:10]})
        self.assertEqual(one.missing, "Proof of Eligibility, Exit Questionnaire")

    def test_the_evidence_file(self):
        from openpyxl import load_workbook

        self._join(self.ines)
        self._attended(self.ines)
        self._time()
        line = self._as("head", self.line)
        line.action_refresh()
        content = line._evidence_zip()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            book = load_workbook(io.BytesIO(archive.read("hours.xlsx")))
            sheet = next(name for name in names if name.endswith(".pdf"))
            self.assertEqual(archive.read(sheet)[:4], b"%PDF")
        self.assertEqual(len(names), 3)
        named = {row[8] for row in list(book["Hours"].values)[1:]}
        self.assertEqual(named, {n for n in names if n.startswith("sheets/")})
        self.assertEqual(book.sheetnames, ["Summary", "People", "Hours", "Time sheets"])
        rows = list(book["Hours"].values)
        self.assertEqual({row[0] for row in rows[1:]}, {datetime(2026, 3, 12)})
        self.assertEqual([row[2] for row in rows[1:]], ["Inès Test", "Inès Test"])
        self.assertEqual(sum(row[6] for row in rows[1:]), 7)
        self.assertEqual(list(book["Time sheets"].values)[1][2], 2)
        action = line.action_evidence()
        self.assertIn("/web/content/", action["url"])
        with self.assertRaises(AccessError):
            self._as("coach", self.line).action_evidence()

    def test_questionnaires_and_indicators_are_in_the_evidence(self):
        self.ines.write({"sex": "F", "birth_date": "1999-06-30"})
        situation = self.env["cae.social.situation"].create(
            {"name": "Between jobs", "code": "between"}
        )
        self.env["cae.social.file"].create(
            {
                "entrepreneur_id": self.ines.id,
                "education": "5",
                "status_ids": [
                    Command.create({"date": "2025-01-01", "situation_id": situation.id})
                ],
            }
        )
        pdf = base64.b64encode(b"%PDF-1.4").decode()
        ines, _yann = self._join(self.ines, self.yann)
        ines.write(
            {
                "entry_questionnaire": "2026-01-05",
                "entry_file": pdf,
                "entry_file_name": "../../evil.p/df",
                "proof": pdf,
                "proof_name": "scan.PDF",
            }
        )
        line = self._as("head", self.line)
        with zipfile.ZipFile(io.BytesIO(line._evidence_zip())) as archive:
            names = set(archive.namelist())
        file = f"{self.ines.code}-{ines.id}.pdf"
        self.assertEqual(
            names, {"hours.xlsx", f"proofs/{file}", f"questionnaires/entry/{file}"}
        )
        figures = dict(line._evidence_tables()[0][2])
        for indicator in (
            "Sex: Woman",
            "Sex: not known",
            "Age at entry: 25 to 29",
            "Age at entry: not known",
            "Situation at entry: Between jobs",
            "Education: Level 5 (BTS, DUT)",
        ):
            self.assertEqual(figures.get(indicator), 1, indicator)

    def test_situation_at_entry_is_of_the_day_on_the_line(self):
        situations = self.env["cae.social.situation"].create(
            [{"name": name, "code": name.lower()} for name in ("Before", "Then", "Now")]
        )
        days = ("2025-01-01", "2025-12-01", "2026-02-01")
        self.env["cae.social.file"].create(
            {
                "entrepreneur_id": self.ines.id,
                "status_ids": [
                    Command.create({"date": day, "situation_id": situation.id})
                    for day, situation in zip(days, situations, strict=True)
                ],
            }
        )
        (place,) = self._join(self.ines)
        self.assertEqual(str(place.date_start), "2026-01-01")
        figures = dict(self._as("head", self.line)._evidence_tables()[0][2])
        self.assertEqual(figures.get("Situation at entry: Then"), 1)
        self.assertNotIn("Situation at entry: Before", figures)

    def test_an_exit_ahead_is_no_exit_yet(self):
        (place,) = self._join(self.ines, date_end="2026-12-31")
        line = self._as("head", self.line)
        with freeze_time("2026-12-30"):
            figures = dict(line._evidence_tables()[0][2])
            self.assertEqual(figures["Exits"], 0)
            self.assertNotIn("At exit: not known", figures)
            self.assertNotIn("Exit Questionnaire", place.missing)
        place.invalidate_recordset(["missing"])
        with freeze_time("2026-12-31"):
            figures = dict(line._evidence_tables()[0][2])
            self.assertEqual(figures["Exits"], 1)
            self.assertEqual(figures["At exit: not known"], 1)
            self.assertIn("Exit Questionnaire", place.missing)

    def test_hours_of_coaches_tell_which_are_approved(self):
        self._join(self.ines)
        first, _second = self._time(), self._time(date="2026-02-03")
        first.with_user(self.users["head"]).action_approve()
        figures = dict(self._as("head", self.line)._evidence_tables()[0][2])
        self.assertEqual(figures["Hours of coaches"], 4)
        self.assertEqual(figures["Of which approved"], 2)

    # Time of coaches

    def _time(self, user="coach", **vals):
        return self._as(user, self.env["cae.coach.time"]).create(
            {
                "name": "Follow-up",
                "date": "2026-03-10",
                "hours": 2,
                "line_id": self.line.id,
                **vals,
            }
        )

    def test_time_is_approved_and_then_stays(self):
        one = self._time()
        self.assertEqual(self.line.coach_hours, 2)
        one.hours = 3
        with self._refused(UserError, "CAE-FUNDER-HEAD"):
            one.action_approve()
        self._as("head", one).action_approve()
        self.assertEqual(one.approved_by_id, self.users["head"])
        with self._refused(UserError, "CAE-FUNDER-APPROVED"):
            one.hours = 4
        with self._refused(UserError, "CAE-FUNDER-APPROVED"):
            one.unlink()
        with self._refused(UserError, "CAE-FIELD-OWNED"):
            self._time(approved_on=NOW)
        self._as("head", one).action_unapprove()
        one.hours = 4

    def test_what_was_held_is_added_once(self):
        times = self._as("coach", self.env["cae.coach.time"])
        times.action_fill()
        self.assertFalse(times.search([]))
        with freeze_time("2026-03-13 09:00:00"):
            for _again in range(2):
                times.action_fill()
        found = times.search([])
        self.assertEqual(found.mapped("hours"), [3.5, 3.5])
        self.assertEqual(found.user_id, self.users["coach"])
        self._as("other", times).action_fill()
        self.assertEqual(len(self.env["cae.coach.time"].search([])), 2)

    def test_a_day_has_its_hours_over_all_lines(self):
        self._time(hours=8)
        with self._refused(ValidationError, "CAE-FUNDER-TIME"):
            self._time(hours=5, line_id=False)
        self._time("other", hours=5)
        with self._refused(ValidationError, "CAE-FUNDER-DATES"):
            self._time(date="2025-12-31")
        self.line.action_close()
        with self._refused(UserError, "CAE-FUNDER-CLOSED"):
            self._time(date="2026-03-09")


@workshop_tagged
@freeze_time(NOW)
class TestFunderRights(FunderCommon):
    MODELS = ("cae.funder.participant", "cae.funded.hour", "cae.coach.time")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time(NOW):
            cls._join(cls.ines)
            cls._attended(cls.ines)
            cls.line.action_refresh()
            cls.env["cae.coach.time"].create(
                {
                    "name": "Follow-up",
                    "user_id": cls.users["coach"].id,
                    "hours": 1,
                    "company_id": cls.company.id,
                }
            )
        cls.env.flush_all()

    def _count(self, user, model):
        return self._as(user, self.env[model]).search_count([])

    def test_a_coach_sees_their_people_and_their_time(self):
        for model in self.MODELS:
            with self.subTest(model=model):
                self.assertTrue(self._count("coach", model))
                self.assertTrue(self._count("head", model))
                self.assertFalse(self._count("other", model))
                for user in ("ines", "accountant"):
                    with self.assertRaises(AccessError):
                        self._count(user, model)

    def test_lines_are_the_heads(self):
        line = self._as("coach", self.line)
        self.assertEqual(line.hours_done, 7)
        for call in (line.action_refresh, line.action_close, line.action_add_eligible):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            self._as("coach", self._hours()).write({"line_id": self.line.id})
        with self.assertRaises(AccessError):
            self._as("other", self.env["cae.coach.time"]).create(
                {"name": "Forged", "user_id": self.users["coach"].id, "hours": 1}
            )
        with self.assertRaises(AccessError):
            self._as("ines", self.line).read(["name"])

    def test_other_companies_see_nothing(self):
        other = self.setup_other_company()["company"]
        self.users["head"].write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        for model in (*self.MODELS, "cae.funder.line", "cae.funder.programme"):
            self.assertEqual(self._count("head", model), 0)
