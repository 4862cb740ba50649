from datetime import date

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
        self.assertTrue(self.ines._accept_e_notice(date.today()))
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

    def test_strangers_see_no_register(self):
        stranger = self._portal(self._candidate("Zoé"))
        self.authenticate(stranger.login, stranger.login)
        self.assertNotIn("Garden group", self.url_open("/my/bodies").text)
