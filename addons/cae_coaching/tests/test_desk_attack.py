"""What somebody with bad intentions, or two at once, try on the coaches' desk."""

import base64
import io
import zipfile
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.service.model import get_public_method
from odoo.tests import HttpCase, freeze_time
from odoo.tools import mute_logger

from .desk_common import NOW, DeskCommon
from .interview_common import PARTS, interview_tagged
from .support_common import support_tagged
from .test_funder import FunderCommon
from .test_joint_project import JointProjectCommon
from .workshop_common import NOW as WORKSHOP_NOW
from .workshop_common import workshop_tagged


@interview_tagged
@freeze_time(NOW)
class TestDeskAttack(DeskCommon):
    def test_no_method_of_the_home_is_called_from_outside(self):
        home = self._as("ines", self.env["cae.home"])
        for name in ("_of_user", "_payable", "_coming", "_parts", "_fetch", "_owed"):
            with self.assertRaises(AccessError):
                get_public_method(home, name)
        plain = {n for n in dir(type(self.env["base"])) if not n.startswith("_")}
        own = {n for n in dir(type(home)) if not n.startswith("_")} - plain
        self.assertEqual(own, set())
        for call in (
            lambda: home.search([]),
            lambda: home.create({}),
            lambda: home.web_search_read([], {}),
            lambda: home.browse(1).read(["id"]),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_views_answer_no_question_about_others(self):
        interview = self._interview(self.yann, coach="other", **PARTS)
        self._action(self.yann)
        self.env.flush_all()
        task = self._as("coach", self.env["cae.coaching.task"])
        load = self._as("coach", self.env["cae.coach.workload"])
        self.assertNotIn(self.yann, task.search([]).sudo().entrepreneur_id)
        self.assertNotIn(self.yann, load.search([]).sudo().entrepreneur_id)
        every = task.sudo().search([("entrepreneur_id", "=", self.yann.id)])
        self.assertTrue(every)
        # Another transaction: what the superuser read is not in its cache. For a coach
        # the rows of others do not even exist.
        for name in ("what", "res_id", "user_id"):
            self.env.invalidate_all()
            self.assertEqual(every.with_user(self.users["coach"]).read([name]), [])
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            every.with_user(self.users["coach"]).export_data(["what"])
        for groupby in (["entrepreneur_id"], ["user_id"]):
            for model in (task, load):
                rows = model.formatted_read_group([], groupby, ["__count"])
                found = {row[groupby[0]] and row[groupby[0]][0] for row in rows}
                self.assertNotIn(self.yann.id, found)
                self.assertNotIn(self.users["other"].id, found)
        for domain in (
            [("interview_id.review", "ilike", "Hidden")],
            [("entrepreneur_id.name", "ilike", self.yann.name)],
            [("interview_id", "=", interview.id)],
        ):
            self.assertFalse(task.search(domain), domain)
        for user in ("ines", "accountant", "payroll"):
            if user not in self.users:
                continue
            for model in ("cae.coaching.task", "cae.coach.workload", "cae.hand.over"):
                with self.assertRaises(AccessError):
                    self._as(user, self.env[model]).search([])

    def test_within_a_transaction_each_coach_reads_the_own_tasks(self):
        """What the rule asked for one of them is not what another one reads."""
        team = self.env["cae.team"].create(
            {
                "name": "Both",
                "company_id": self.company.id,
                "user_ids": [
                    Command.set((self.users["coach"] | self.users["other"]).ids)
                ],
            }
        )
        self.ines.team_id = team
        self._action(self.ines)
        self._action(self.yann)
        self.env.flush_all()
        self.env.invalidate_all()
        every = self.env["cae.coaching.task"].sudo().search([])
        shared = every.filtered(lambda t: t.entrepreneur_id == self.ines)
        foreign = every.filtered(lambda t: t.entrepreneur_id == self.yann)
        self.assertTrue(shared and foreign)
        for first, second in (("coach", "other"), ("other", "coach")):
            self.env.invalidate_all()
            for user in (first, second, first):
                tasks = shared.with_user(self.users[user])
                self.assertEqual(len(tasks.read(["what"])), len(shared), user)
        # What the head, or the one who may, has read is in the cache.
        foreign.with_user(self.users["head"]).read(["what", "user_id"])
        foreign.with_user(self.users["other"]).read(["what"])
        mine = next(iter(foreign)).with_user(self.users["coach"])
        for call in (
            lambda: mine.read(["what"]),
            lambda: mine.what,
            lambda: mine.mapped("user_id"),
            lambda: mine.action_open(),
            lambda: mine.export_data(["what"]),
        ):
            with self.assertRaises(UserError):
                call()

    def test_a_window_tells_nothing_of_the_interviews_of_others(self):
        foreign = self._interview(self.yann, coach="other", **PARTS)
        own = self._interview(self.ines, start="2026-06-20 09:00:00")
        windows = self._as("coach", self.env["cae.interview.sign"])
        for signer in ("person", "paper"):
            given = {"interview_id": foreign.id, "signer": signer}
            with self.assertRaises(AccessError), self.cr.savepoint():
                windows.create(given)
            here = windows.with_context(default_interview_id=foreign.id)
            with self.assertRaises(AccessError), self.cr.savepoint():
                here.create({"signer": signer})
            window = windows.create({"interview_id": own.id, "signer": signer})
            with self.assertRaises(AccessError), self.cr.savepoint():
                window.write({"interview_id": foreign.id})
        candidate = self.env["cae.candidate"].create(
            {
                "name": "Secret Candidate",
                "company_id": self.company.id,
                "coach_id": self.users["other"].id,
                "trade_name": "Hidden",
            }
        )
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as("coach", self.env["cae.candidate.conversion"]).create(
                {"candidate_id": candidate.id}
            )
        asked = self._as("coach", self.env["cae.hand.over.ask"]).create(
            {"coach_from_id": self.users["other"].id, "reason": "x"}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertNotIn(
            self.yann.id, asked.read(["entrepreneur_ids"])[0]["entrepreneur_ids"]
        )

    def test_nobody_is_made_follow_who_may_not_read(self):
        other = self.users["other"].partner_id
        for user, name in (("ines", "coach"), ("ines", "other")):
            partner = self.users[name].partner_id
            with self.assertRaises(AccessError):
                self._as(user, self.ines).message_subscribe(partner.ids)
        self._as("coach", self.ines).message_subscribe(
            (other | self.yann.partner_id | self.users["head"].partner_id).ids
        )
        followers = self.ines.message_partner_ids
        self.assertFalse(followers & (other | self.yann.partner_id))
        self.assertIn(self.users["head"].partner_id, followers)

    def test_fields_of_others_stay_closed_in_the_views(self):
        task = self._as("coach", self.env["cae.coaching.task"])
        for call in (
            lambda: task.search([("entrepreneur_id.matricule", "!=", False)]),
            lambda: task.formatted_read_group([], ["entrepreneur_id.matricule"], []),
            lambda: task.search([("interview_id.note_ids.text", "ilike", "x")]),
            lambda: task.search([], order="entrepreneur_id.matricule"),
        ):
            try:
                found = call()
            except (AccessError, ValueError, KeyError):
                continue
            self.fail(f"answered: {found}")


@interview_tagged
@freeze_time(NOW)
class TestHandOverAttack(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls._coach("iv_new", name="Nora Neuf")

    def _ask(self, user, people, **vals):
        wizard = self._as(user, self.env["cae.hand.over.ask"])
        return wizard.create(
            {
                "entrepreneur_ids": [Command.set(people.ids)],
                "coach_to_id": self.new.id,
                "reason": "New territory",
                "date": "2026-06-15",
                **vals,
            }
        )

    def _moves(self, *coaches):
        """Hand-overs of Inès planned for one day, as two at once would leave them."""
        return (
            self.env["cae.hand.over"]
            .sudo()
            .create(
                [
                    {
                        "entrepreneur_id": self.ines.id,
                        "coach_from_id": self.users["coach"].id,
                        "coach_to_id": coach.id,
                        "date": date(2026, 6, 15),
                        "reason": "Both",
                        "user_id": self.users["head"].id,
                    }
                    for coach in coaches
                ]
            )
        )

    def test_of_two_that_were_planned_at_once_one_takes_place(self):
        moves = self._moves(self.new, self.users["other"])
        self.env["cae.hand.over"]._cron_apply()
        self.assertEqual(sorted(moves.mapped("state")), ["cancelled", "done"])
        done = moves.filtered(lambda m: m.state == "done")
        self.assertEqual(self.ines.coach_id, done.coach_to_id)

    def test_the_same_one_twice(self):
        moves = self._moves(self.new, self.new)
        self.env["cae.hand.over"]._cron_apply()
        self.assertEqual(sorted(moves.mapped("state")), ["cancelled", "done"])

    def test_a_recognition_goes_to_nobody_who_may_not_know(self):
        group = self.env.ref("cae_coaching.group_social_disability")
        group.user_ids |= self.users["coach"]
        file = self.env["cae.social.file"].create({"entrepreneur_id": self.ines.id})
        file.sudo().disability_end = "2026-07-15"
        told = Domain("res_model", "=", file._name) & Domain("res_id", "=", file.id)
        alerts = self.env["mail.activity"].sudo().with_context(active_test=False)
        self.assertEqual(alerts.search(told).user_id, self.users["coach"])
        self._ask("coach", self.ines).action_confirm()
        self.assertFalse(alerts.search(told))
        group.user_ids |= self.new
        file._sync_alerts()
        self.assertEqual(alerts.search(told).user_id, self.new)

    def test_nobody_hands_over_those_of_another(self):
        for people in (self.yann, self.yann | self.ines):
            with self.assertRaises(AccessError):
                self._ask("coach", people).action_confirm()
        with self.assertRaises(AccessError):
            self._ask("other", self.ines).action_confirm()
        self.assertFalse(self.env["cae.hand.over"].search([]))

    def test_to_nobody_who_may(self):
        archived = self._coach("iv_gone")
        archived.active = False
        for coach in (archived, self.users["ines"], self.users["coach"]):
            with self.assertRaises(UserError):
                self._ask("coach", self.ines, coach_to_id=coach.id).action_confirm()
        for day in ("2026-06-14", "2028-01-01", "0001-01-01", "9999-12-31"):
            with self.assertRaises(UserError):
                self._ask("coach", self.ines, date=day).action_confirm()

    @mute_logger("odoo.sql_db")
    def test_a_reason_is_text(self):
        for reason in ("\x00", "x\x00y", "\ud800"):
            with self.assertRaises(UserError):
                self._ask("coach", self.ines, reason=reason).action_confirm()
        with self.assertRaisesRegex(UserError, "CAE-VALUE"):
            self._ask("coach", self.ines, reason="x" * 5000)
        self._ask("coach", self.ines, reason="<b>x</b>").action_confirm()
        said = self.ines.message_ids[:1].body
        self.assertNotIn("<b>", said)


@workshop_tagged
@freeze_time(WORKSHOP_NOW)
class TestEvidenceAttack(FunderCommon):
    def test_a_code_makes_no_folder_in_the_archive(self):
        self.ines.code = "../../x"
        place = self._join(self.ines)
        place.proof = base64.b64encode(b"%PDF-1.4").decode()
        line = self._as("head", self.line)
        with zipfile.ZipFile(io.BytesIO(line._evidence_zip())) as archive:
            names = archive.namelist()
        self.assertIn(f"proofs/______x-{place.id}.pdf", names)


@support_tagged
class TestJointProjectAttack(HttpCase, JointProjectCommon):
    """What a person of the directory may send."""

    def test_odd_texts_are_kept_as_words(self):
        project = self._propose(
            "yann", name="A\nBcc: all@example.com\x00", wants="\x00x", tags="all"
        )
        self.assertEqual(project.name, "A Bcc: all@example.com")
        self.assertEqual(project.wants, "x")
        lea = self._as("lea", self.project)
        lea.action_say("Word\x00s\ud800")
        self.assertIn("Words", self.project.message_ids[:1].body)
        lea.action_join("<img src=x onerror=alert(1)>\x00")
        self.assertNotIn("<img", self.project.message_ids[:1].body)
        for text in ("\x00", "\x00 \ud800", None, [1], {"a": 1}, 12):
            with self.assertRaisesRegex(UserError, "CAE-PROJECT-WORDS"):
                lea.action_say(text)
        for values in ({"name": "\x00"}, {"name": ["x"]}, {"name": {}}, "x", None):
            with self.assertRaisesRegex(UserError, "CAE-PROJECT-NAME"):
                lea.action_propose(values)

    def test_odd_addresses_and_words_of_the_portal(self):
        self.authenticate("su_lea", "su_lea")
        page = "/my/joint-projects"
        number = self.project.id
        for path in (
            *("", "?search=%00", "?search=²", "?search=%25_", "/0", "/new"),
            *(f"/{10**30}", "/page/0", f"/page/{10**30}", "?error=%00", "/page/-1"),
            *(f"/{number}?error=<script>", "?search=a&search=b"),
        ):
            status = self.url_open(page + path).status_code
            self.assertIn(status, (200, 404), path)
        token = self.url_open(f"{page}/{number}").text.split('name="csrf_token"')[1]
        token = token.split('value="')[1].split('"')[0]
        for step, data in (
            ("say", {"text": "\x00"}),
            ("say", {"text": "Hello\x00"}),
            ("join", {"text": "\x00"}),
            ("change", {"name": "Mine"}),
            ("step", {"step": "close"}),
            ("step", {"step": "unlink"}),
        ):
            url = f"{page}/{number}/{step}"
            answer = self.url_open(url, data={"csrf_token": token, **data})
            self.assertIn(answer.status_code, (200, 404), (step, data))
            self.assertIn(self.url_open(url).status_code, (404, 405))
        data = {"csrf_token": token, "name": "N\x00", "tags": ["x", "-1", "9" * 40]}
        self.assertEqual(self.url_open(f"{page}/propose", data=data).status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self.project.name, "Market hall")
        self.assertEqual(self.project.state, "open")

    def test_who_floods_is_stopped_however(self):
        yann = self._as("yann", self.project)
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-OFTEN"):
            for _turn in range(30):
                yann.action_join()
                yann.action_leave()
        self.assertLessEqual(len(self._mails()), 25)

    def test_somebody_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other CAE"})
        self.project.invalidate_recordset()
        foreign = self.env["cae.joint.project"].with_user(self.users["yann"])
        foreign = foreign.with_context(allowed_company_ids=other.ids)
        with self.assertRaises(AccessError):
            foreign.browse(self.project.id).action_join()
