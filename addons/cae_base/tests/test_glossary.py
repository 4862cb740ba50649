from odoo.tests import HttpCase, new_test_user

from .common import cae_tagged


@cae_tagged
class TestGlossary(HttpCase):
    def test_colleagues_and_entrepreneurs_read_it(self):
        for group in ("group_accountant", "group_entrepreneur"):
            login = f"glossary_{group}"
            new_test_user(self.env, login=login, groups=f"cae_base.{group}")
            self.authenticate(login, login)
            page = self.url_open("/my/glossary")
            self.assertEqual(page.status_code, 200)
            self.assertIn("<dt>Class 18</dt>", page.text)

    def test_the_public_signs_in_first(self):
        page = self.url_open("/my/glossary", allow_redirects=False)
        self.assertIn("/web/login", page.headers["Location"])
