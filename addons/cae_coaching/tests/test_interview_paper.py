import base64
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .interview_common import InterviewCommon, interview_tagged

PDF = base64.b64encode(b"%PDF-1.4 signed").decode()


@interview_tagged
@freeze_time("2026-02-20 10:00:00")
class TestInterviewPaper(InterviewCommon):
    """Signatures given on paper."""

    def _paper(self, interview, user="coach", **vals):
        wizard = self.env["cae.interview.sign"].with_user(self.users[user])
        return wizard.create(
            {
                "interview_id": interview.id,
                "signer": "paper",
                "paper_date": "2026-02-18",
                "scan": PDF,
                **vals,
            }
        ).action_confirm()

    def test_a_scan_counts_as_signed_and_is_kept(self):
        interview = self._shared()
        self._paper(interview)
        self.assertEqual(interview.report_state, "signed")
        own = interview.signature_ids.filtered("entrepreneur_id")
        self.assertEqual((own.kind, own.place), ("paper", "paper"))
        self.assertEqual(str(own.paper_date), "2026-02-18")
        self.assertEqual(own.name, "Inès Test")
        self.assertEqual(own._scan_content(), b"%PDF-1.4 signed")
        self.assertTrue(own.scan_name.endswith(".pdf"))
        self.assertTrue(own.duty_date)
        page = self.env["ir.qweb"]._render(
            "cae_coaching.interview_document",
            interview.report_id._prepare_document_values(),
        )
        self.assertIn("Signed on paper by", page)
        self.assertIn("02/18/2026", page)
        # The person has the scan, others do not.
        self.assertTrue(self._as("ines", own).read(["scan"]))
        for user in ("yann", "other", "accountant"):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models"),
            ):
                self._as(user, own).read(["scan"])
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-SIGNED"):
            self._paper(interview)

    def test_the_paper_may_lack_the_coach(self):
        interview = self._shared()
        self._paper(interview, paper_coach=False)
        self.assertEqual(interview.report_state, "shared")
        self._sign_coach(interview)
        self.assertEqual(interview.report_state, "signed")

    def test_what_is_no_paper_is_refused(self):
        interview = self._shared()
        large = base64.b64encode(b"%PDF-" + b"x" * 100).decode()
        script = base64.b64encode(b"<script>alert(1)</script>").decode()
        bad = [
            {"scan": False},
            {"scan": script},
            {"paper_date": "2026-02-09"},
            {"paper_date": "2026-02-21"},
            {"paper_person_ids": [(5,)]},
        ]
        for vals in bad:
            with (
                self.subTest(vals=list(vals)),
                self.assertRaisesRegex(UserError, "CAE-INTERVIEW-PAPER"),
                self.cr.savepoint(),
            ):
                self._paper(interview, **vals)
        with (
            patch("odoo.addons.cae_base.uploads.LARGEST", 50),
            self.assertRaisesRegex(UserError, "CAE-INTERVIEW-PAPER"),
        ):
            self._paper(interview, scan=large)
        others = {"paper_person_ids": [(6, 0, self.yann.ids)]}
        with self.assertRaisesRegex(UserError, "CAE-INTERVIEW-PAPER"):
            self._paper(interview, user="head", **others)
        self.assertFalse(interview.signature_ids)

    def test_only_who_may_write_the_interview(self):
        interview = self._shared()
        for user in ("other", "accountant", "ines"):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models"),
                self.cr.savepoint(),
            ):
                self._paper(interview, user=user)


@interview_tagged
class TestInterviewReminder(InterviewCommon):
    """Unsigned reports: persons by mail, coaches by one activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-02-10 12:00:00"):
            cls.interview = cls._shared(start="2026-02-10 09:00:00")
        cls.company.cae_sign_reminder_days = 7

    def _run(self, day):
        with freeze_time(f"{day} 06:00:00"):
            before = self._mails()
            # sudo: as the nightly run does.
            self.env["cae.interview.report"].sudo()._remind_company(self.company)
            return self._mails() - before

    def _mails(self):
        return (
            self.env["mail.mail"]
            .sudo()
            .search([("subject", "ilike", "waits for your signature")])
        )

    def _activities(self):
        return self.interview._sign_activities()

    def test_after_so_many_days_and_three_times_at_most(self):
        self.assertFalse(self._run("2026-02-17"))
        self.assertFalse(self._activities())
        mail = self._run("2026-02-18")
        self.assertEqual(mail.recipient_ids, self.ines.partner_id)
        self.assertEqual(self._activities().user_id, self.users["coach"])
        self.assertIn("Inès Test", self._activities().summary)
        self.assertFalse(self._run("2026-02-19"))
        for day in ("2026-02-25", "2026-03-04"):
            self.assertEqual(len(self._run(day)), 1)
        self.assertFalse(self._run("2026-03-20"))
        self.assertEqual(len(self._activities()), 1)

    def test_the_activity_ends_by_itself(self):
        self._run("2026-02-18")
        self._sign(self.interview)
        # The coach still lacks.
        self.assertTrue(self._activities())
        self.assertFalse(self._run("2026-02-26"))
        self._sign_coach(self.interview)
        self.assertFalse(self._activities())

    def test_what_the_coach_marked_as_done_does_not_come_back(self):
        self._run("2026-02-18")
        self._activities().with_user(self.users["coach"]).action_feedback()
        self._run("2026-02-19")
        self.assertEqual(len(self._activities()), 1)
        self.assertFalse(self._activities().active)

    def test_a_correction_ends_it_too(self):
        self._run("2026-02-18")
        self._as("coach", self.interview).action_correct("A figure was wrong")
        self.assertFalse(self._activities())
        self.assertFalse(self._run("2026-03-18"))

    def test_off(self):
        self.company.cae_sign_reminder_days = 0
        with freeze_time("2026-03-18"):
            self.env["cae.interview.report"].sudo()._cron_remind()
        self.assertFalse(self._mails() or self._activities())
