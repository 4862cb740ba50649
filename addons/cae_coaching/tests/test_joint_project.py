from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .support_common import SupportCommon, support_tagged


class JointProjectCommon(SupportCommon):
    """Inès, Yann and Léa are in the directory; Zoé is not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("lea", "zoe"):
            cls.users[name] = cls._user(f"su_{name}", "group_entrepreneur")
            setattr(cls, name, cls._person(name.title(), name, "coach"))
        for name in ("ines", "yann", "lea"):
            cls._publish(name)
        cls.project = cls._propose()

    @classmethod
    def _publish(cls, user, published=True):
        entries = cls.env["cae.directory.entry"].with_user(cls.users[user])
        entries.action_save_mine({"headline": user, "published": published})

    @classmethod
    def _propose(cls, user="ines", **values):
        projects = cls.env["cae.joint.project"].with_user(cls.users[user])
        given = {"name": "Market hall", "wants": "An accountant", **values}
        return cls.env["cae.joint.project"].browse(projects.action_propose(given))

    def _mails(self):
        return self.env["mail.mail"].sudo().search([("subject", "=", "Market hall")])


@support_tagged
class TestJointProject(JointProjectCommon):
    def test_members_find_join_and_write_without_addresses(self):
        yann = self._as("yann", self.project)
        self.assertIn(self.project, yann.search(yann._matching("market accountant")))
        yann.action_say("What is it about?")
        mail = self._mails()
        self.assertEqual(mail.email_to, self.ines.email)
        yann.action_join("I bring a van")
        self.assertEqual(yann.member_ids.name, "Yann Test")
        self._as("lea", self.project).action_join()
        self._as("ines", self.project).action_say("Welcome <b>both</b>")
        last = self._mails()[:2]
        self.assertEqual(
            set(last.mapped("email_to")), {self.yann.email, self.lea.email}
        )
        self.assertIn("&lt;b&gt;", last[0].body_html)
        secrets = [person.email for person in (self.ines, self.yann, self.lea)]
        for mail in self._mails():
            said = f"{mail.body_html}{mail.email_from}{mail.reply_to}"
            for secret in secrets:
                self.assertNotIn(secret, said)
        for message in self.project.message_ids:
            self.assertNotIn(message.email_from, secrets)
        self.assertFalse(self.project.message_follower_ids)

    def test_programs_read_no_words_of_others(self):
        """Who finds the project finds no words, nor those who left the directory."""
        self._as("yann", self.project).action_join("I bring a van")
        self._publish("yann", published=False)
        words = self.project.message_ids
        self.assertIn("van", " ".join(words.mapped("body")))
        lea = self._as("lea", self.project)
        lea.check_access("read")
        mine = words.with_env(lea.env)
        self.assertFalse(mine.search([("id", "in", words.ids)]))
        with self.assertRaises(AccessError):
            lea.search([("message_ids.body", "like", "van")])
        with self.assertRaises(AccessError):
            mine.read(["body"])

    def test_words_are_read_by_who_takes_part(self):
        self._as("yann", self.project).action_join()
        self._as("ines", self.project).action_say("Between us")
        lea = self._as("lea", self.project)
        entry = self.env["cae.directory.entry"].search(
            [("entrepreneur_id", "=", self.lea.id)]
        )
        self.assertFalse(lea._words_for(self._as("lea", entry)))
        lea.action_say("A question")
        self.assertEqual(len(lea._words_for(self._as("lea", entry))), 1)
        mine = self.env["cae.directory.entry"].search(
            [("entrepreneur_id", "=", self.yann.id)]
        )
        self.assertEqual(len(self.project._words_for(mine)), 3)

    def test_without_opt_in_nobody_is_shown_nor_takes_part(self):
        zoe = self._as("zoe", self.project)
        for call in (
            lambda: zoe.action_propose({"name": "Mine"}),
            zoe.action_join,
            lambda: zoe.action_say("Hello"),
        ):
            with self.assertRaisesRegex(UserError, "CAE-PROJECT-DIRECTORY"):
                call()
        self._as("yann", self.project).action_join()
        # Who leaves the directory is shown to nobody any more.
        self._publish("yann", False)
        self.assertFalse(self._as("lea", self.project)._places())
        self.assertFalse(self._as("coach", self.project)._places())
        self.assertEqual(self.project.member_count, 0)
        self.assertEqual(self._as("yann", self.project)._places().name, "Yann Test")
        self._publish("ines", False)
        for user in ("yann", "lea", "zoe", "coach"):
            self.assertFalse(self._count(user, "cae.joint.project"), user)
        self.assertEqual(self._count("ines", "cae.joint.project"), 1)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self._as("lea", self.project).action_join()
        # One may always leave.
        self._as("yann", self.project).action_leave()
        self.assertFalse(self.project.sudo()._places())

    def test_steps_and_misuse(self):
        yann = self._as("yann", self.project)
        ines = self._as("ines", self.project)
        yann.action_join()
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-TWICE"):
            yann.action_join()
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-TWICE"):
            ines.action_join()
        for step in ("action_start", "action_close", "action_reopen"):
            with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
                getattr(yann, step)()
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            yann.action_change_mine({"name": "Taken"})
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            self._as("lea", self.project).action_leave()
        ines.action_start()
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-STATE"):
            self._as("lea", self.project).action_join()
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-STATE"):
            ines.action_start()
        ines.action_close()
        self.assertTrue(self.project.date_closed)
        self.assertFalse(self._count("lea", "cae.joint.project"))
        self.assertEqual(self._count("yann", "cae.joint.project"), 1)
        ines.action_reopen()
        for text in ("", " ", None, ["x"], 3):
            with self.assertRaisesRegex(UserError, "CAE-PROJECT-WORDS"):
                ines.action_say(text)
        for values in ({}, {"name": " "}, None, "x"):
            with self.assertRaisesRegex(UserError, "CAE-PROJECT-NAME"):
                ines.action_change_mine(values)
        ines.action_change_mine({"name": "Hall", "tags": ["9999", "x", None]})
        self.assertEqual(self.project.name, "Hall")

    def test_not_too_many_words(self):
        yann = self._as("yann", self.project)
        for _turn in range(20):
            yann.action_say("Hello")
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-OFTEN"):
            yann.action_say("Hello")

    def test_nobody_writes_directly_and_the_head_ends_it(self):
        self._as("yann", self.project).action_join()
        member = self.project.member_ids
        for user in ("ines", "yann", "coach", "head"):
            for record in (self.project, member):
                here = record.with_user(self.users[user])
                values = {"name": "x"} if record == self.project else {"date": False}
                for call in (lambda h=here, v=values: h.write(v), here.unlink):
                    with (
                        self.assertRaises(AccessError),
                        mute_logger("odoo.addons.base.models"),
                        self.cr.savepoint(),
                    ):
                        call()
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            self._as("coach", self.project).action_close()
        self._as("head", self.project).action_close()
        self.assertEqual(self.project.state, "closed")

    def test_another_company_sees_nothing(self):
        company, _person = self._other_company("Else")
        user = self.users["lea"]
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        seen = self.env["cae.joint.project"].with_user(user).with_company(company)
        self.assertFalse(seen.search([]))

    def test_an_erasure_leaves_the_project_to_the_others(self):
        self.project.sudo().description = "Inès Test wants to build it"
        self._as("ines", self.project).action_say("I am Inès")
        self._as("yann", self.project).action_join()
        own = self._propose(name="Alone")
        self.ines.with_user(self.users["head"])._erase("request", "Letter")
        self.assertFalse(own.exists())
        self.assertEqual(self.project.proposer, "Yann Test")
        self.assertFalse(self.project.sudo()._places())
        self.assertNotIn("Inès", self.project.description)
        bodies = " ".join(self.project.message_ids.mapped("body"))
        self.assertNotIn("Inès", bodies)


@support_tagged
class TestJointProjectPages(JointProjectCommon, HttpCase):
    def _post(self, path, **data):
        token = {"csrf_token": self._token()}
        return self.url_open(f"/my/joint-projects{path}", {**token, **data})

    def _token(self):
        page = self.url_open("/my/directory").text
        return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    def _login(self, name):
        user = self.users[name]
        user.sudo().password = f"{user.login}-pass-1"
        self.authenticate(user.login, f"{user.login}-pass-1")

    def test_pages_from_proposal_to_the_end(self):
        self._login("yann")
        page = self.url_open("/my/joint-projects")
        self.assertIn("Market hall", page.text)
        answer = self._post("/propose", name="Bikes", wants="A workshop")
        self.assertIn("Bikes", answer.text)
        made = self.env["cae.joint.project"].search([("name", "=", "Bikes")])
        self.assertEqual(made.proposer, "Yann Test")
        answer = self._post(f"/{self.project.id}/join", text="Me too")
        self.assertIn("Me too", answer.text)
        self.assertNotIn(self.ines.email, answer.text)
        answer = self._post(f"/{self.project.id}/say", text="A word")
        self.assertIn("A word", answer.text)
        answer = self._post(f"/{made.id}/step", step="close")
        self.assertEqual(made.state, "closed")
        answer = self._post(f"/{self.project.id}/step", step="close")
        self.assertIn("CAE-ACCESS", answer.text)
        answer = self._post(f"/{self.project.id}/step", step="unlink")
        self.assertEqual(answer.status_code, 404)
        self._post(f"/{self.project.id}/step", step="leave")
        self.assertFalse(self.project.sudo()._places())

    def test_pages_of_somebody_outside_the_directory(self):
        self._login("zoe")
        page = self.url_open("/my/joint-projects").text
        self.assertIn("/my/directory#cae_my_entry", page)
        page = self.url_open(f"/my/joint-projects/{self.project.id}")
        self.assertNotIn("joint_say", page.text)
        answer = self._post("/propose", name="Bikes")
        self.assertIn("CAE-PROJECT-DIRECTORY", answer.text)
        self._publish("ines", False)
        page = self.url_open(f"/my/joint-projects/{self.project.id}")
        self.assertEqual(page.status_code, 404)
