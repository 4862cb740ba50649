from datetime import timedelta
from unittest.mock import patch

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time

from .common import GovernanceCommon, governance_tagged


@governance_tagged
class TestGovernancePortal(GovernanceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-15"):
            cls.ines, cls.yann = cls._member("Inès", 3), cls._member("Yann", 7)
        cls.user = cls._portal(cls.ines)
        cls.group = cls.env["cae.body"].create(
            {"name": "Garden group", "kind": "group", "open_to_all": True}
        )

    def _post(self, url, **data):
        page = self.url_open("/my/shares").text
        token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        return self.url_open(url, data={"csrf_token": token, **data})

    def test_a_member_reads_the_own_shares(self):
        self.authenticate(self.user.login, self.user.login)
        page = self.url_open("/my/shares")
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.ines.code, page.text)
        self.assertIn(
            "3 shares", page.text.replace("<span>", "").replace("</span>", "")
        )
        self.assertNotIn(self.yann.code, page.text)
        home = self.url_open("/my/home")
        self.assertEqual(home.status_code, 200)

    def test_the_page_of_shares_shows_what_was_asked_back(self):
        """Beside the form below it, which needs the request of the browser."""
        self.ines.env["cae.share.redemption"].create(
            {
                "member_id": self.ines.id,
                "share_kind_id": self.kind.id,
                "quantity": 2,
                "date_request": "2026-04-01",
            }
        )
        self.authenticate(self.user.login, self.user.login)
        page = self.url_open("/my/shares")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Redemptions", page.text)
        self.assertIn("csrf_token", page.text)

    def test_the_certificate_of_somebody_else_is_refused(self):
        self.authenticate(self.user.login, self.user.login)
        page = self.url_open(f"/cae/document/cae.member/{self.yann.id}/pdf")
        self.assertNotEqual(page.status_code, 200)

    def test_a_member_accepts_notices_by_email_and_takes_it_back(self):
        self.authenticate(self.user.login, self.user.login)
        self._post("/my/shares/notice", accept="yes")
        self.assertTrue(self.ines.e_notice)
        self.assertTrue(self.ines._accept_e_notice(self.ines.company_id._cae_today()))
        self._post("/my/shares/notice", accept="no")
        self.assertFalse(self.ines.e_notice)
        self.assertFalse(self.yann.e_notice)

    def test_a_member_joins_and_leaves_an_open_body(self):
        self.authenticate(self.user.login, self.user.login)
        self.assertIn("Garden group", self.url_open("/my/bodies").text)
        self._post(f"/my/bodies/{self.group.id}/join")
        self.assertEqual(self.group.current_count, 1)
        self.assertIn("Inès", self.url_open("/my/bodies").text)
        self._post(f"/my/bodies/{self.group.id}/quit")
        self.assertFalse(self.group.mandate_ids)

    def test_bodies_are_read_by_who_is_a_member_now(self):
        self.group._join(self.ines)
        models = ("cae.body", "cae.mandate")
        mine = [self.env[name].with_user(self.user) for name in models]
        for state, found in (("member", 1), ("left", 0), ("member", 1)):
            self.ines._cae_own().state = state
            self.env.flush_all()
            self.assertEqual([model.search_count([]) for model in mine], [found] * 2)

    def test_what_a_body_is_is_not_told_twice(self):
        self.env["cae.body"].create({"name": "board of directors", "kind": "board"})
        self.authenticate(self.user.login, self.user.login)
        page = self.url_open("/my/bodies").text
        self.assertIn("Working group", page)
        self.assertNotIn("Board of directors", page)

    def test_one_share_is_one(self):
        with freeze_time("2026-03-15"):
            one = self._portal(self._member("Noé", 1))
        self.authenticate(one.login, one.login)
        page = self.url_open("/my/shares").text
        self.assertIn("One share", page)
        self.assertNotIn("1 shares", page)

    def test_strangers_see_no_register(self):
        stranger = self._portal(self._candidate("Zoé"))
        self.authenticate(stranger.login, stranger.login)
        self.assertNotIn("Garden group", self.url_open("/my/bodies").text)


@governance_tagged
class TestApplication(GovernanceCommon, HttpCase):
    """An entrepreneur applies, changes the application, withdraws it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cae_member_shares = 2
        cls.company.cae_secretary_id = cls.secretary
        cls.ines, cls.yann = (
            cls._person(f"E{n}", name, user_id=cls._entrepreneur(name).id)
            for n, name in enumerate(("Ines", "Yann"), 1)
        )
        for person in cls.ines | cls.yann:
            # As the portal does when it gives access.
            person.user_id.partner_id = person.partner_id
        cls.newcomer = cls.env["cae.entrepreneur"].create(
            {
                "first_name": "New",
                "last_name": "Test",
                "user_id": cls._entrepreneur("New").id,
                "date_entry": "2026-01-01",
            }
        )

    @classmethod
    def _entrepreneur(cls, name):
        return cls._user(f"apply_{name}", "group_entrepreneur")

    def post(self, person, step, **data):
        """Post a form of the page, and read the page that answers."""
        self.env.flush_all()
        login = person.user_id.login
        self.authenticate(login, login)
        data["csrf_token"] = http.Request.csrf_token(self)
        answer = self.url_open(f"/my/shares/{step}", data=data)
        self.env.invalidate_all()
        return answer

    def entry(self, person):
        domain = [("entrepreneur_id", "=", person.id)]
        return self.env["cae.member"].search(domain)

    def test_meetings_of_own_bodies_are_on_the_home(self):
        group = self.env["cae.body"].create({"name": "Garden", "kind": "group"})
        sessions = self.env["cae.body.session"].create(
            [
                {"body_id": group.id, "name": name, "date": date}
                for name, date in (
                    ("Planting", "2099-04-01 08:00:00"),
                    ("Sowing", "2026-01-01 08:00:00"),
                )
            ]
        )
        home = self.env["cae.home"].with_user(self.ines.user_id)
        home = home.with_company(self.company)
        self.env.flush_all()
        self.assertNotIn("Planting", str(home._of_user()))
        self.env["cae.mandate"].create(
            {"body_id": group.id, "partner_id": self.ines.partner_id.id}
        )
        self.env.flush_all()
        told = str(home._of_user())
        self.assertIn("Planting", told)
        self.assertNotIn("Sowing", told)
        sessions.done = True
        self.env.flush_all()
        self.assertNotIn("Planting", str(home._of_user()))

    def test_meetings_are_read_by_who_sits_in_the_body_now(self):
        group = self.env["cae.body"].create({"name": "Garden", "kind": "group"})
        session = self.env["cae.body.session"].create(
            {"body_id": group.id, "name": "Planting", "date": "2099-04-01 08:00:00"}
        )
        partner, today = self.ines.partner_id, self.company._cae_today()
        models = ("cae.body.session", "cae.body.attendance")

        def found():
            self.env.flush_all()
            mine = [self.env[name].with_user(self.ines.user_id) for name in models]
            return [len(model.search([])) for model in mine]

        self.assertEqual(found(), [0, 0])
        mandate = self.env["cae.mandate"].create(
            {"body_id": group.id, "partner_id": partner.id, "date_start": "2026-01-01"}
        )
        session.action_invite()
        self.assertEqual(found(), [1, 1])
        mandate.date_end = today - timedelta(days=1)
        self.assertEqual(found(), [0, 0])

    def test_apply_change_withdraw_and_apply_again(self):
        page = self.post(self.ines, "apply", quantity="5", note="With pleasure").text
        self.assertIn("You asked for 5 shares.", page)
        member = self.entry(self.ines)
        found = member.read(["state", "requested_shares", "application_note", "kind"])
        del found[0]["id"]
        wanted = {"state": "candidate", "requested_shares": 5, "kind": "employed"}
        self.assertEqual(found, [{**wanted, "application_note": "With pleasure"}])
        self.assertEqual(member.partner_id, self.ines.partner_id)
        self.assertEqual(member.activity_ids.user_id, self.secretary)
        self.post(self.ines, "apply", quantity="7", note="\x00" + "x" * 3000)
        self.assertEqual(len(member.application_note), 2000)
        self.assertEqual(member.requested_shares, 7)
        self.assertEqual(len(member.activity_ids), 1)
        page = self.post(self.ines, "withdraw").text
        self.assertIn("Apply as a member", page)
        self.assertEqual(member.state, "withdrawn")
        self.assertFalse(member.activity_ids)
        self.post(self.ines, "apply", quantity="2")
        self.assertEqual(self.entry(self.ines), member)
        self.assertEqual((member.state, member.requested_shares), ("candidate", 2))

    def test_the_secretary_gets_one_mail_a_day(self):
        told = []
        activities = type(self.env["mail.activity"])
        with patch.object(
            activities, "action_notify", lambda self: told.extend(self.user_id)
        ):
            for _turn in range(3):
                self.post(self.ines, "apply", quantity="3")
                self.post(self.ines, "withdraw")
            self.post(self.ines, "apply", quantity="4")
            self.assertEqual(told, [self.secretary])
            self.entry(self.ines).date_application = "2026-01-05"
            self.post(self.ines, "withdraw")
            self.post(self.ines, "apply", quantity="4")
        self.assertEqual(told, [self.secretary] * 2)
        self.assertEqual(self.entry(self.ines).activity_ids.user_id, self.secretary)

    def test_files_where_words_are_expected_are_no_error(self):
        login = self.ines.user_id.login
        self.authenticate(login, login)
        token = {"csrf_token": http.Request.csrf_token(self)}
        for name in ("quantity", "note"):
            answer = self.url_open(
                "/my/shares/apply", token, files={name: ("a.txt", b"x")}
            )
            self.assertEqual(answer.status_code, 200)

    def test_what_is_refused_writes_nothing(self):
        for quantity in ("", "1", "0", "²", "-3", "2.5", "10001", "many", "9" * 30):
            page = self.post(self.ines, "apply", quantity=quantity).text
            self.assertIn("at least 2 shares", page, quantity)
        page = self.post(self.newcomer, "apply", quantity="2").text
        self.assertIn("contract of employment", page)
        self.assertFalse(self.entry(self.ines) | self.entry(self.newcomer))

    def test_what_is_decided_is_not_changed_on_the_portal(self):
        self.post(self.ines, "apply", quantity="3")
        member = self.entry(self.ines)
        member._admit(member.date_application, "meeting", "AGO 1")
        page = self.post(self.ines, "apply", quantity="9").text
        self.assertIn("CAE-MEMBER-STATE", page)
        self.assertEqual(self.post(self.ines, "withdraw").status_code, 404)
        self.assertEqual((member.state, member.requested_shares), ("admitted", 3))

    def test_nobody_elses_application(self):
        self.post(self.ines, "apply", quantity="3")
        self.assertEqual(self.post(self.yann, "withdraw").status_code, 404)
        self.assertEqual(self.entry(self.ines).state, "candidate")
        page = self.url_open("/my/shares").text
        self.assertNotIn(self.entry(self.ines).code, page)
        member = self.entry(self.ines).with_user(self.yann.user_id)
        for call in (member.read, lambda: member.write({"requested_shares": 1})):
            with self.assertRaises(AccessError), self.cr.savepoint():
                call()

    def test_a_customer_and_the_public_apply_for_nothing(self):
        customer = self._portal(self._candidate("Customer"))
        self.authenticate(customer.login, customer.login)
        for user in (customer.login, None):
            self.authenticate(user, user)
            data = {"csrf_token": http.Request.csrf_token(self), "quantity": "2"}
            answer = self.url_open("/my/shares/apply", data, allow_redirects=False)
            self.assertEqual(answer.status_code, 404 if user else 303)

    def test_an_outside_candidate_may_withdraw(self):
        member = self._candidate("Outside", kind="outside")
        user = self._portal(member)
        self.authenticate(user.login, user.login)
        data = {"csrf_token": http.Request.csrf_token(self)}
        self.assertTrue(self.url_open("/my/shares/withdraw", data=data).ok)
        self.env.invalidate_all()
        self.assertEqual(member.state, "withdrawn")

    def test_the_meeting_does_not_admit_who_withdrew(self):
        self.post(self.ines, "apply", quantity="3")
        member = self.entry(self.ines)
        member._withdraw()
        with self.assertRaises(UserError), self.cr.savepoint():
            member._admit(member.date_application, "meeting", "AGO 1")

    def test_the_cooperative_leads_there(self):
        self.authenticate(self.ines.user_id.login, self.ines.user_id.login)
        page = self.url_open("/my/cooperative").text
        for path in ("/my/shares", "/my/meetings", "/my/bodies"):
            self.assertIn(f'href="{path}"', page)
