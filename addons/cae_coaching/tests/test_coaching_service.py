import re
from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import (
    AccessError,
    ConcurrencyError,
    UserError,
    ValidationError,
)
from odoo.tests import HttpCase, freeze_time
from odoo.tools import mute_logger

from .support_common import SupportCommon, support_tagged


@support_tagged
@freeze_time("2026-06-15 09:00:00")
class TestCoachingService(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.env["cae.service"].create(
            {
                "name": "VAT",
                "kind": "accounting",
                "company_id": cls.company.id,
                "delay_days": 5,
                "user_ids": [
                    Command.set((cls.users["accountant"] | cls.users["secretary"]).ids)
                ],
            }
        )

    def _ask(self, user="ines", service=None, subject="My return", text="Help", key=""):
        model = self._as(user, self.env["cae.service.request"])
        asked = (service or self.service).id
        return self.env["cae.service.request"].browse(
            model.action_ask_mine(str(asked), subject, text, key)
        )

    def _time(self, hours, user="accountant", **vals):
        return (
            self.env["cae.service.time"]
            .with_user(self.users[user])
            .create({"hours": hours, "service_id": self.service.id, **vals})
        )

    # ------------------------------------------------------------------

    def test_a_person_asks_and_is_answered(self):
        request = self._ask()
        self.assertEqual((request.state, request.origin), ("new", "portal"))
        self.assertEqual(str(request.date_deadline), "2026-06-20")
        self.assertIn(request.user_id, self.service.user_ids)
        self.assertEqual(request.activity_ids.user_id, request.user_id)
        doer = request.with_user(request.user_id)
        doer.action_take()
        doer.action_wait()
        self._as("ines", request).action_say_mine("Here it is")
        self.assertEqual(request.state, "doing")
        with self.assertRaisesRegex(UserError, "CAE-SERVICE-ANSWER"):
            doer.action_answer()
        doer.answer = "It is sent."
        doer.action_answer()
        self.assertEqual(
            (request.state, request.answered_by_id), ("done", request.user_id)
        )
        self.assertFalse(request.open)
        self.assertFalse(request.activity_ids, "the reminder ends with the answer")
        self.assertIn("Here it is", str(request.message_ids.mapped("body")))
        doer.action_reopen()
        self.assertEqual((request.state, request.date_answer), ("doing", False))

    def test_a_form_sent_twice_makes_one_request(self):
        request = self._ask(key="form-1")
        self.assertEqual(self._ask(key="form-1"), request)
        self.assertEqual(len(request.activity_ids), 1)
        again = self._ask(key="form-2")
        # The form that the browser shows again, with another question in it.
        other = self._ask(key="form-1", subject="Something else")
        theirs = self._ask("yann", key="form-1")
        self.assertEqual(theirs.entrepreneur_id, self.yann)
        self.assertEqual(len(request | again | other | theirs), 4)
        # Without a key, as programs ask.
        self.assertNotEqual(self._ask(), self._ask())

    def test_the_same_form_at_the_same_moment_begins_again(self):
        request = self._ask(key="form-1")
        requests = self.env["cae.service.request"]._cae_own()
        vals = request.copy_data()[0] | {"cae_declared_key": request.cae_declared_key}
        with self.assertRaises(ConcurrencyError), mute_logger("odoo.sql_db"):
            requests._cae_create_once(vals)
        with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
            request.with_user(request.user_id).cae_declared_key = "form-2"

    def test_a_reminder_follows_whoever_it_is_given_to(self):
        request = self._ask()
        other = self.service.user_ids - request.user_id
        request.with_user(request.user_id).user_id = other
        self.assertEqual(request.activity_ids.user_id, other)

    def test_work_is_shared(self):
        first, second = self._ask(), self._ask("yann")
        self.assertEqual(first.user_id | second.user_id, self.service.user_ids)

    def test_for_somebody_by_a_coach(self):
        request = (
            self.env["cae.service.request"]
            .with_user(self.users["coach"])
            .create(
                {
                    "name": "Tender",
                    "entrepreneur_id": self.ines.id,
                    "service_id": self.service.id,
                }
            )
        )
        self.assertEqual((request.origin, request.state), ("team", "new"))
        with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
            request.state = "done"
        with self.assertRaisesRegex(UserError, "CAE-SERVICE-STATE"):
            request.action_reopen()

    def test_late(self):
        request = self._ask()
        late = [("late", "=", True)]
        self.assertFalse(self.env["cae.service.request"].search(late))
        request.date_deadline = "2026-06-14"
        self.assertEqual(self.env["cae.service.request"].search(late), request)
        self.assertTrue(request.late)
        self.assertEqual(self.service.request_count, 1)

    def test_misuse(self):
        for call in (
            lambda: self._ask(subject=" "),
            lambda: self._ask(subject=["x"]),
        ):
            with self.assertRaisesRegex(UserError, "CAE-SERVICE-SUBJECT"):
                call()
        self.service.requestable = False
        with self.assertRaisesRegex(UserError, "CAE-SERVICE-UNKNOWN"):
            self._ask()
        self.service.requestable = True
        with self.assertRaises(AccessError):
            self._ask(user="accountant")
        request = self._ask()
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            self._as("yann", request).action_say_mine("Mine")
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            self._as("yann", request).action_withdraw_mine()
        with self.assertRaises(AccessError):
            self._as("ines", request).write({"name": "Other"})
        request.answer = "Sent"
        request.action_take()
        request.action_answer()
        with self.assertRaisesRegex(UserError, "CAE-SERVICE-KEPT"):
            request.unlink()

    def test_a_person_withdraws_a_request(self):
        request = self._ask()
        self._as("ines", request).action_withdraw_mine()
        self.assertEqual((request.state, request.open), ("withdrawn", False))
        self.assertFalse(request.activity_ids)
        with self.assertRaisesRegex(UserError, "CAE-SERVICE-STATE"):
            self._as("ines", request).action_withdraw_mine()
        request.with_user(request.user_id).action_reopen()
        self.assertEqual(request.state, "doing")

    def test_time_of_the_year_by_service(self):
        request = self._ask()
        request.user_id = self.users["accountant"]
        other = self.service.copy({"name": "Meetings", "kind": "life"})
        self._time(1.5, request_id=request.id)
        self._time(2, date="2026-01-10")
        self._time(9, date="2025-12-31")
        self._time(1, user="secretary", service_id=other.id)
        self.assertEqual(request.hours, 1.5)
        self.assertEqual(request.time_ids.entrepreneur_id, self.ines)
        self.env.flush_all()
        year = (date(2026, 1, 1), date(2026, 12, 31))
        with self.assertQueryCount(4):
            rows = self.env["cae.service.time"]._span_rows(self.company, *year)
        self.assertCountEqual(
            rows, [("accounting", self.service, 3.5, 1), ("life", other, 1.0, 0)]
        )

    def test_times_that_are_none(self):
        for hours in (0, -1, 25):
            with (
                self.subTest(hours=hours),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._time(hours)
                self.env.flush_all()
        with self.assertRaisesRegex(ValidationError, "CAE-SERVICE-DATE"):
            self._time(1, date="2026-06-16")
        request = self._ask()
        request.user_id = self.users["accountant"]
        time = self._time(1, request_id=request.id)
        with self.assertRaisesRegex(ValidationError, "CAE-SERVICE-REQUEST"):
            time.sudo().entrepreneur_id = self.yann

    def test_rights(self):
        request = self._ask()
        request.user_id = self.users["accountant"]
        self.service.user_ids = self.users["accountant"]
        self.env.flush_all()
        model = "cae.service.request"
        for user, count in (
            ("accountant", 1),
            ("coach", 1),
            ("head", 1),
            ("ines", 1),
            ("other", 0),
            ("secretary", 0),
            ("yann", 0),
        ):
            with self.subTest(user=user):
                self.assertEqual(self._count(user, model), count)
        self._time(1)
        self._time(1, user="secretary")
        for user, count in (("accountant", 2), ("secretary", 1), ("head", 2)):
            with self.subTest(user=user):
                self.assertEqual(self._count(user, "cae.service.time"), count)
        for user in ("ines", "yann"):
            with self.assertRaises(AccessError):
                self._count(user, "cae.service.time")
            with self.assertRaises(AccessError):
                self._as(user, request).read(["hours"])
        times = self.env["cae.service.time"].search(
            [("user_id", "=", self.users["secretary"].id)]
        )
        with self.assertRaises(AccessError):
            self._as("accountant", times).write({"hours": 8})
        with self.assertRaises(AccessError):
            self._time(1, user="secretary", user_id=self.users["head"].id)

    def test_an_answer_is_read_once_given(self):
        request = self._ask()
        request.answer = "Not sure yet"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self._as("ines", request).answer_shown)
        with self.assertRaises(AccessError):
            self._as("ines", request).read(["answer"])
        request.action_take()
        request.action_answer()
        self.assertEqual(self._as("ines", request).answer_shown, "Not sure yet")

    def test_other_companies_are_apart(self):
        company, person = self._other_company("Zoé")
        service = self.service.copy({"company_id": company.id, "user_ids": False})
        self.env["cae.service.request"].create(
            {
                "name": "Far",
                "entrepreneur_id": person.id,
                "service_id": service.id,
            }
        )
        for user in ("accountant", "head"):
            self.assertEqual(self._count(user, "cae.service.request"), 0)
            self.assertEqual(self._count(user, "cae.service"), 1)
        with self.assertRaisesRegex(UserError, "CAE-SERVICE-UNKNOWN"):
            self._ask(service=service)


@support_tagged
class TestSupportPortal(HttpCase, SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["ines"].password = "su_ines_password"
        cls.service = cls.env["cae.service"].create(
            {"name": "VAT", "company_id": cls.company.id}
        )
        cls.grid = cls.env["cae.skill.grid"].create(
            {
                "name": "Run",
                "company_id": cls.company.id,
                "level_ids": [
                    Command.create({"value": n, "name": f"L{n}"}) for n in range(4)
                ],
                "skill_ids": [Command.create({"name": n}) for n in ("A", "B", "C")],
            }
        )

    def _post(self, url, **values):
        token = self.url_open("/my/services").text
        token = token.split('name="csrf_token" value="', 1)[-1].split('"', 1)[0]
        return self.url_open(url, {"csrf_token": token, **values})

    def test_pages_and_forms(self):
        self.authenticate("su_ines", "su_ines_password")
        self.assertEqual(self.url_open("/my/home").status_code, 200)
        page = self._post("/my/services/ask", service=self.service.id, subject="Help")
        self.assertIn("Help", page.text)
        self.assertIn("It is sent.", page.text)
        request = self.env["cae.service.request"].search([])
        self.assertEqual(request.entrepreneur_id, self.ines)
        page = self._post(f"/my/services/{request.id}", text="One more word")
        self.assertIn("One more word", page.text)
        page = self._post("/my/services/ask", service="0", subject="Help")
        self.assertIn("(CAE-SERVICE-UNKNOWN)", page.text)
        self.assertNotIn("It is sent.", page.text)

        self.assertEqual(
            self.url_open(f"/my/skills/grid/{self.grid.id}").status_code, 200
        )
        page = self._post(f"/my/skills/grid/{self.grid.id}/assess", comment="Soon")
        self.assertIn("Choose a level for one competence", page.text)
        self.assertIn(">Soon</textarea>", page.text)
        skill, level = self.grid.skill_ids[0], self.grid.level_ids[2]
        page = self._post(
            f"/my/skills/grid/{self.grid.id}/assess",
            **{f"skill_{skill.id}": level.id},
        )
        self.assertIn("your coach reads it", page.text)
        assessment = self.env["cae.skill.assessment"].search([])
        self.assertEqual(assessment.kind, "self")
        page = self.url_open(f"/my/skills/{assessment.id}")
        self.assertIn("<svg", page.text)

        page = self._post("/my/directory/save", headline="<b>Wood</b>", published="1")
        self.assertIn("&lt;b&gt;Wood", page.text)
        self.assertIn("the others find you.", page.text)
        self.assertIn("Inès", self.url_open("/my/directory?search=wood").text)
        self.assertNotIn("mailto:", self.url_open("/my/directory?search=wood").text)
        self.assertIn("Change my entry", self.url_open("/my/directory").text)

    def test_the_form_of_a_page_asks_once(self):
        self.authenticate("su_ines", "su_ines_password")
        key = self._key()
        form = {"service": self.service.id, "subject": "Help", "key": key}
        for _click in range(2):
            page = self._post("/my/services/ask", **form)
            self.assertIn("It is sent.", page.text)
        requests = self.env["cae.service.request"].search([])
        self.assertEqual(len(requests), 1)
        self.assertNotEqual(self._key(), key)

    def _key(self):
        """What the form of the page calls itself."""
        page = self.url_open("/my/services").text
        return re.search('name="key" value="([0-9a-f]{32})"', page)[1]

    def test_the_answer_is_told_once(self):
        self.authenticate("su_ines", "su_ines_password")
        self._post("/my/services/ask", service=self.service.id, subject="Help")
        request = self.env["cae.service.request"].search([])
        self._post(f"/my/services/{request.id}", text="One more word")
        request.answer = "Use the form\nof the tax office."
        request.action_answer()
        page = self.url_open("/my/services").text
        self.assertEqual(page.count("Use the form"), 1)
        self.assertIn("One more word", page)

    def test_what_can_be_begun_has_its_tile(self):
        # Odoo hides a tile that counts nothing.
        names = ("skill", "directory", "service", "joint_project", "interview")
        counters = [f"cae_{name}_count" for name in names]
        self.authenticate("su_ines", "su_ines_password")
        told = self.make_jsonrpc_request("/my/counters", {"counters": counters})
        self.assertTrue(all(told[name] for name in counters), told)
        customer = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "su_customer",
                "password": "su_customer",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate(customer.login, customer.login)
        told = self.make_jsonrpc_request("/my/counters", {"counters": counters})
        self.assertFalse(any(told[name] for name in counters), told)

    def test_what_is_another_persons_is_not_found(self):
        request = self.env["cae.service.request"].create(
            {
                "name": "Yann's",
                "entrepreneur_id": self.yann.id,
                "service_id": self.service.id,
            }
        )
        self.authenticate("su_ines", "su_ines_password")
        page = self._post(f"/my/services/{request.id}", text="Mine?")
        self.assertEqual(page.status_code, 404)
        self.assertEqual(self.url_open("/my/skills/999999").status_code, 404)
        self.assertNotIn("Yann", self.url_open("/my/services").text)
