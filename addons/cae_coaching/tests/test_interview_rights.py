from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time

from .interview_common import PARTS, InterviewCommon, interview_tagged

MODELS = (
    "cae.interview",
    "cae.interview.note",
    "cae.interview.report",
    "cae.interview.signature",
    "cae.coaching.action",
)


@interview_tagged
@freeze_time("2026-02-15 12:00:00")
class TestInterviewRights(InterviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-02-15 12:00:00"):
            cls.interview = cls._interview(**PARTS)
            cls.interview.private_note = "Mine"
            cls.action = (
                cls.env["cae.coaching.action"]
                .with_user(cls.users["coach"])
                .create(
                    {
                        "name": "Call",
                        "entrepreneur_id": cls.ines.id,
                        "interview_id": cls.interview.id,
                    }
                )
            )
        cls.env.flush_all()

    def _share(self):
        self.interview.action_held()
        self.interview.action_share()
        self._sign(self.interview)
        self.env.flush_all()

    def _count(self, user, model):
        return self._as(user, self.env[model]).search_count([])

    def test_accountants_payroll_and_secretary_see_nothing(self):
        self._share()
        for user in ("accountant", "payroll", "secretary"):
            for model in MODELS:
                with self.subTest(user=user, model=model):
                    self.assertFalse(self._as(user, self.env[model]).has_access("read"))
                    with self.assertRaises(AccessError):
                        self._as(user, self.env[model]).search_read([], ["id"])

    def test_a_coach_sees_their_people(self):
        self._share()
        for model in MODELS:
            with self.subTest(model=model):
                self.assertEqual(self._count("coach", model), 1)
                self.assertEqual(self._count("other", model), 0)
                self.assertEqual(self._count("head", model), 1)
        for record in (self.interview, self.interview.report_id, self.action):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                self._as("other", record).read(["display_name"])

    def test_a_hand_over_hands_over_the_interviews_but_no_note(self):
        self.ines.coach_id = self.users["other"]
        self.env.flush_all()
        other = self._as("other", self.interview)
        self.assertEqual(other.search([]), self.interview)
        self.assertEqual(other.review, PARTS["review"])
        self.assertFalse(other.private_note)
        self.assertEqual(self._count("other", "cae.interview.note"), 0)

    def test_a_team_sees_its_people(self):
        self.ines.team_id = self.env["cae.team"].create(
            {"name": "North", "user_ids": [Command.set(self.users["other"].ids)]}
        )
        self.env.flush_all()
        self.assertEqual(self._count("other", "cae.interview"), 1)

    def test_nobody_reads_or_forges_a_note_of_somebody_else(self):
        self.interview.coach_ids |= self.users["other"]
        self.env.flush_all()
        note = self.env["cae.interview.note"].search([])
        self.env.invalidate_all()
        for user in ("other", "ines"):
            with self.assertRaises(AccessError):
                self._as(user, note).read(["text"])
            with self.assertRaises(UserError):
                self._as(user, note).export_data(["text"])
        self.assertEqual(
            self._as("other", self.env["cae.interview"]).search_read(
                [("id", "=", self.interview.id)], ["private_note"]
            )[0]["private_note"],
            False,
        )
        with self.assertRaises(AccessError):
            self._as("other", self.interview).read(["note_ids"])
        with self.assertRaises(AccessError):
            self._as("other", self.interview).search([("note_ids.text", "like", "M")])
        with self.assertRaises(AccessError):
            self._as("other", self.env["cae.interview.note"]).create(
                {
                    "interview_id": self.interview.id,
                    "user_id": self.users["head"].id,
                    "text": "Forged",
                }
            )
        with self.assertRaises(AccessError):
            self._as("head", note).write({"text": "Other"})

    def test_a_person_has_no_way_to_a_draft(self):
        for model in ("cae.interview", "cae.interview.note"):
            with self.assertRaises(AccessError):
                self._as("ines", self.env[model]).search([])
        for model in MODELS[2:]:
            self.assertEqual(self._count("ines", model), 0)

    def test_a_person_reads_what_is_shared_with_them(self):
        self._share()
        for model in MODELS[2:]:
            with self.subTest(model=model):
                self.assertEqual(self._count("ines", model), 1)
                self.assertEqual(self._count("yann", model), 0)
        report = self._as("ines", self.interview.report_id)
        self.assertEqual(report.needs, PARTS["needs"])
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            report.write({"needs": "Other"})
        with self.assertRaises(AccessError):
            self._as("yann", report).read(["needs"])
        with self.assertRaises(AccessError):
            self._as("coach", report).write({"needs": "Other"})
        with self.assertRaises(AccessError):
            self._as("head", report.signature_ids).unlink()

    def test_nobody_signs_for_somebody_else(self):
        self.interview.action_held()
        self.interview.action_share()
        for user in ("yann", "coach", "head"):
            with self.assertRaises(AccessError):
                self._sign(self.interview, user)
        with self.assertRaises(AccessError):
            self._sign_coach(self.interview, "other")

    def test_a_person_closes_their_own_actions_alone(self):
        action = self._as("ines", self.action)
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            action.action_mine_done()
        self._share()
        with self.assertRaises(AccessError):
            self._as("yann", self.action).action_mine_done()
        with self.assertRaises(AccessError):
            action.action_done()
        self.action.owner = "coach"
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            action.action_mine_done()
        action.action_comment("When?")
        self.action.owner = "person"
        action.action_mine_done("<b>Done</b> at last")
        self.assertEqual(self.action.state, "done")
        words = self.action._comments()[self.action.id].mapped("body")
        self.assertIn("When?", words[0])
        self.assertIn("&lt;b&gt;", words[1])
        with self.assertRaisesRegex(UserError, "CAE-ACTION-STATE"):
            action.action_mine_done()

    def test_figures_are_of_activities_that_one_may_read(self):
        both = self._interview(
            self.ines,
            self.yann,
            coach="head",
            coach_ids=[Command.set((self.users["head"] | self.users["coach"]).ids)],
        )
        one, two = (activity.name for activity in self.activities[:2])
        self.assertIn(two, self._as("head", both).figures_html)
        both.action_held()
        self.env.flush_all()
        self.env.invalidate_all()
        html = self._as("coach", both).figures_html
        self.assertIn(one, html)
        self.assertNotIn(two, html)
        with self.assertRaises(AccessError):
            self._as("coach", both).read(["figures"])

    def test_other_companies_see_nothing(self):
        self._share()
        other = self.setup_other_company()["company"]
        self.users["head"].write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        for model in MODELS:
            self.assertEqual(self._count("head", model), 0)


@interview_tagged
class TestInterviewRpc(InterviewCommon, HttpCase):
    """What programs reach over RPC, and the pages of the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-02-15 12:00:00"):
            cls.interview = cls._shared()
            cls.coming = cls._interview(start="2099-03-10 09:00:00", place="Room 7")
            cls.interview.private_note = "Very secret"
            cls.action = (
                cls.env["cae.coaching.action"]
                .with_user(cls.users["coach"])
                .create({"name": "Call the bank", "entrepreneur_id": cls.ines.id})
            )
        cls.report = cls.interview.report_id

    def _rpc(self, user, model, method, *args):
        self.env.flush_all()
        password = self.users[user].login.ljust(8, "x")
        who = (self.env.cr.dbname, self.users[user].id, password)
        return self.xmlrpc_object.execute_kw(*who, model, method, list(args))

    def test_notes_and_drafts_over_rpc(self):
        found = self._rpc("coach", "cae.interview.note", "search_read", [], ["text"])
        self.assertEqual([row["text"] for row in found], ["Very secret"])
        found = self._rpc("other", "cae.interview.note", "search_read", [], ["text"])
        self.assertEqual(found, [])
        for user, model in (
            ("accountant", "cae.interview"),
            ("payroll", "cae.interview.note"),
            ("ines", "cae.interview"),
            ("ines", "cae.interview.note"),
        ):
            with self.assertRaises(Exception) as refused:
                self._rpc(user, model, "search_read", [], ["id"])
            self.assertEqual(refused.exception.faultCode, 4)
        rows = self._rpc("ines", "cae.interview.report", "search_read", [], [])
        self.assertEqual(len(rows), 1)
        self.assertNotIn("secret", str(rows))

    def test_signing_over_rpc(self):
        args = [[self.report.id], "Inès Test"]
        with self.assertRaises(Exception) as refused:
            self._rpc("yann", "cae.interview.report", "action_sign", *args)
        self.assertEqual(refused.exception.faultCode, 4)
        done = self._rpc("ines", "cae.interview.report", "action_sign", *args)
        self.assertIs(done, True)

    # Portal

    def _post(self, url, page, **data):
        token = self.url_open(page).text.split('name="csrf_token"')[1]
        token = token.split('value="')[1].split('"')[0]
        return self.url_open(url, data={"csrf_token": token, **data})

    def _login(self, user):
        self.authenticate(self.users[user].login, self.users[user].login)

    def test_the_person_reads_and_signs(self):
        self._login("ines")
        page = self.url_open("/my/interviews").text
        for text in ("Room 7", "Support interview", "To sign"):
            self.assertIn(text, page)
        self.assertEqual(self.url_open("/my/home").status_code, 200)
        url = f"/my/interviews/{self.report.id}"
        page = self.url_open(url).text
        self.assertIn("Three new customers.", page)
        self.assertIn("portal.signature_form", page)
        self.assertNotIn("secret", page)
        answer = self._call(f"{url}/sign", name="Inès Test", signature="bad")
        self.assertIn("CAE-INTERVIEW-SIGNATURE", answer["error"])
        answer = self._call(f"{url}/sign", name="Inès Test", signature="")
        self.assertTrue(answer["force_refresh"])
        self.env.invalidate_all()
        self.assertEqual(self.interview.signature_ids.place, "portal")
        page = self.url_open(url).text
        self.assertNotIn("portal.signature_form", page)

    def _call(self, url, **params):
        return self.make_jsonrpc_request(url, params)

    def test_somebody_else_finds_nothing(self):
        self._login("yann")
        self.assertNotIn("Room 7", self.url_open("/my/interviews").text)
        url = f"/my/interviews/{self.report.id}"
        self.assertEqual(self.url_open(url).status_code, 404)
        answer = self._call(f"{url}/sign", name="Yann Test")
        self.assertIn("CAE-ACCESS", answer["error"])
        pdf = f"/cae/document/cae.interview.report/{self.report.id}/pdf"
        self.assertNotEqual(self.url_open(pdf).status_code, 200)
        self.assertNotIn("Call the bank", self.url_open("/my/actions").text)
        self._login("accountant")
        self.assertEqual(self.url_open(url).status_code, 404)
        self.assertEqual(self.url_open("/my/actions").status_code, 200)

    def test_the_person_says_that_it_is_done(self):
        self._login("ines")
        url = f"/my/actions/{self.action.id}"
        page = self._post(url, "/my/actions", step="comment", comment="Next week").text
        self.assertIn("Next week", page)
        self.assertIn("It is noted", page)
        # Where the home leads.
        self.assertIn(f'id="action-{self.action.id}"', page)
        self._post(url, "/my/actions", step="done")
        self.env.invalidate_all()
        self.assertEqual(self.action.state, "done")
        self.assertEqual(self.action.done_by_id, self.users["ines"])
        answer = self._post(url, "/my/actions", step="done")
        self.assertIn("CAE-ACTION-STATE", answer.text)
        # Touched by mistake.
        self.assertIn("Not done after all", answer.text)
        page = self._post(url, "/my/actions", step="again").text
        self.assertIn("It is to do again", page)
        self.env.invalidate_all()
        self.assertEqual((self.action.state, self.action.done_date), ("todo", False))
        answer = self._post(url, "/my/actions", step="again")
        self.assertIn("CAE-ACCESS", answer.text)
        answer = self._post(url, "/my/actions", step="comment", comment=" ")
        self.assertIn("Write a word first", answer.text)
        self.action.action_done()
        page = self.url_open("/my/actions").text
        self.assertNotIn("Not done after all", page)
        answer = self._post(url, "/my/actions", step="again")
        self.assertIn("CAE-ACCESS", answer.text)
        self.assertEqual(self.action.state, "done")

    def test_who_waits_for_an_appointment_sees_whom_to_ask(self):
        self._login("ines")
        coach = self.action.entrepreneur_id.coach_id
        coach.sudo().email = "coach@example.com"
        self.coming.sudo().action_cancel("Moved")
        page = self.url_open("/my/interviews").text
        self.assertIn("Ask your coach for one", page)
        self.assertEqual(page.count("mailto:coach@example.com"), 1)

    def test_who_has_no_coach_is_led_to_the_cooperative(self):
        self._login("ines")
        self.coming.sudo().action_cancel("Moved")
        led = "You have no coach yet"
        self.assertNotIn(led, self.url_open("/my/interviews").text)
        self.action.entrepreneur_id.sudo().coach_id = False
        page = self.url_open("/my/interviews").text
        self.assertIn(led, page)
        self.assertNotIn("Your coach", page)
        self.assertIn('href="/my/services"', page)

    def test_the_pdf(self):
        self._login("ines")
        pdf = f"/cae/document/cae.interview.report/{self.report.id}/pdf"
        answer = self.url_open(pdf)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.content[:4], b"%PDF")
