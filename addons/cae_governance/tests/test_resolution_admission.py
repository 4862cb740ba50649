from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestResolutionAdmission(MeetingCommon):
    """What the meeting adopted is done: admissions, and schemes that name it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.candidates = cls._candidates("Gil", "Hal")

    @classmethod
    def _candidates(cls, *names):
        return cls.env["cae.member"].create(
            [
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "date_application": "2026-01-05",
                }
                for name in names
            ]
        )

    def _decide(self, user=None, favour=2, against=0, **vals):
        meeting = self._meeting()
        resolution = self._resolution(meeting, "Decision", **vals)
        if user:
            meeting.chair_id = user.sudo().partner_id
        self._start(meeting)
        self._come(meeting, "Ana", "Ben")
        mine = resolution.with_user(user or self.secretary)
        mine.action_open_vote()
        mine.write({"favour_count": favour, "against_count": against})
        mine.action_close_vote()
        return resolution

    def _admitting(self, members=None):
        ids = (members or self.candidates).ids
        return {"topic": "admission", "admission_ids": [Command.set(ids)]}

    def test_those_whom_the_meeting_adopts_are_admitted(self):
        resolution = self._decide(**self._admitting())
        self.assertEqual(set(self.candidates.mapped("state")), {"admitted"})
        gil = self.candidates[0]
        self.assertEqual(gil.date_admission, resolution.meeting_id._day())
        self.assertEqual(gil.admission_body, "meeting")
        self.assertIn("resolution no. 1", gil.admission_reference)

    def test_a_rejected_resolution_admits_nobody(self):
        resolution = self._decide(favour=0, against=2, **self._admitting())
        self.assertEqual(resolution.outcome, "rejected")
        self.assertEqual(set(self.candidates.mapped("state")), {"candidate"})

    def test_the_chair_s_vote_admits_too(self):
        chair = new_test_user(
            # sudo: an administrator makes users.
            self.env(su=True),
            login="admission_chair",
            groups="cae_governance.group_chair",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self._decide(user=chair, **self._admitting())
        self.assertEqual(set(self.candidates.mapped("state")), {"admitted"})

    def test_who_cannot_be_admitted_any_more_is_told(self):
        gil, hal = self.candidates
        hal._refuse(date(2026, 1, 10), "Withdrew")
        resolution = self._decide(**self._admitting())
        self.assertEqual((gil.state, hal.state), ("admitted", "refused"))
        self.assertIn("Hal", resolution.message_ids.mapped("body")[0])

    def test_statutes_that_let_the_board_admit(self):
        self.company.sudo().cae_admission_by = "board"
        meeting = self._meeting()
        refused = self.assertRaisesRegex(ValidationError, "^CAE-MEMBER-BODY: ")
        with refused, self.cr.savepoint():
            self._resolution(meeting, **self._admitting())
        meeting.action_propose()
        self.assertNotIn("admission", meeting.resolution_ids.mapped("topic"))

    def test_candidates_are_proposed_on_the_agenda(self):
        meeting = self._meeting()
        meeting.action_propose()
        item = meeting.resolution_ids.filtered(lambda r: r.topic == "admission")
        self.assertEqual(item.admission_ids, self.candidates)
        self.assertIn("Gil, Hal", item.text)

    def test_whom_it_admits_stays_once_the_vote_is_opened(self):
        resolution = self._decide(**self._admitting())
        with self.assertRaisesRegex(UserError, "^CAE-RESOLUTION-VOTED: "):
            resolution.admission_ids = False

    # ------------------------------------------------------------------

    def _scheme(self, code="GOV", company=None):
        # sudo: schemes are the accountant's.
        schemes = self.env["cae.contribution.scheme"].sudo()
        company = self.company if company is None else company
        return schemes.create(
            {"code": code, "name": "Scheme", "company_id": company.id}
        ).with_user(self.secretary)

    def test_a_scheme_names_the_decision(self):
        scheme, other = self._scheme(), self._scheme("GOV2")
        vals = {
            "topic": "contribution",
            "text": "<p>Ten percent of the margin.</p>",
            "scheme_ids": [Command.set(scheme.ids)],
        }
        resolution = self._decide(**vals)
        self.assertEqual(scheme.decision_date, resolution.meeting_id._day())
        self.assertIn("resolution no. 1\nDecision\nTen percent", scheme.decision)
        self.assertFalse(other.decision)
        scheme.sudo().write({"decision": False, "decision_date": False})
        self._decide(favour=0, against=2, **vals)
        self.assertFalse(scheme.decision)

    def test_a_meeting_does_not_decide_on_others_schemes(self):
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        meeting = self._meeting()
        for scheme in (
            self._scheme("GOV3", elsewhere).sudo(),
            self._scheme("GOV4", self.env["res.company"]),
        ):
            refused = self.assertRaisesRegex(ValidationError, "^CAE-RESOLUTION-SCHEME:")
            with self.subTest(scheme.code), refused, self.cr.savepoint():
                self._resolution(meeting, scheme_ids=[Command.set(scheme.ids)])
