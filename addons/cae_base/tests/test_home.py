import base64
import io
import random
import re
from datetime import datetime
from decimal import Decimal
from html import unescape
from unittest.mock import patch

from PIL import Image

from odoo import Command
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import SQL

from .common import CaeCommon


@tagged("post_install", "-at_install", "cae")
@freeze_time("2026-03-20")
class TestHome(CaeCommon):
    """Inès holds two activities, one of them with Yann."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: cls._user(f"home_{name}", "group_entrepreneur")
            for name in ("ines", "yann", "new")
        }
        cls.ines, cls.yann, cls.new = (
            cls.env["cae.entrepreneur"].create(
                {
                    "first_name": name,
                    "last_name": "Test",
                    "user_id": user.id,
                    "date_entry": "2025-01-01",
                }
            )
            for name, user in cls.users.items()
        )
        first, second, third = cls.activities
        cls._share_out(first, (cls.ines, 100))
        cls._share_out(second, (cls.ines, 60), (cls.yann, 40))
        cls._share_out(third, (cls.yann, 100))
        cls._document([(first, 1000, None)], "2026-01-10")
        cls._document([(first, 500, None), (second, 300, None)], "2026-03-10")
        cls._pay(cls._document([(first, 800, None)], "2025-02-10"), day="2025-03-01")
        cls._document([(third, 7000, None)], "2026-02-10")
        cls._document([(first, 200, None)], "2026-03-12", kind="in_invoice")
        cls.env.flush_all()

    def home(self, user="ines", code=None):
        home = self.env["cae.home"].with_user(self.users[user])
        return home.with_company(self.company)._of_user(code)

    def test_the_money_of_all_activities_and_of_one(self):
        home = self.home()
        self.assertEqual(home["activities"].mapped("code"), ["T1", "T2"])
        self.assertFalse(home["chosen"])
        money = {"now": 800, "left": 600, "expected": 1800}
        self.assertEqual(home["treasury"], money)
        one = self.home(code="T2")
        self.assertEqual(one["chosen"].code, "T2")
        self.assertEqual(one["treasury"], {"now": 0, "left": 0, "expected": 300})
        self.assertEqual(self.home(code="T3")["treasury"], money)

    def test_what_is_booked_at_the_end_of_the_month_is_due_already(self):
        first = self.activities[0]
        self._entry([("186", 100, first), ("181", -100, first)], "2026-03-31")
        self._entry([("641", 50, first), ("421", -50, first)], "2026-03-31")
        self.env.flush_all()
        money = {"now": 800, "left": 450, "expected": 1800}
        self.assertEqual(self.home()["treasury"], money)

    def test_credit_notes_to_refund_are_taken_off_what_customers_bring(self):
        """Not off what is left after what is due, which leaves customers out.

        Of 240.00 for two activities, 20 % of VAT included: 100.00 are T1's.
        """
        first, _second, third = self.activities
        lines = [(first, 100, self.vat_services), (third, 100, self.vat_services)]
        credit = self._document(lines, "2026-03-15", kind="out_refund")
        draft = self._document([(first, 50, None)], "2026-03-15", kind="out_refund")
        draft.button_draft()
        self.env.flush_all()
        before = {"now": 800, "left": 600, "expected": 1700}
        self.assertEqual(self.home()["treasury"], before)
        # 120.00 are refunded, of which the State gives 20.00 back.
        self._pay(credit, day="2026-03-18")
        self.env.flush_all()
        after = {"now": 680, "left": 500, "expected": 1800}
        self.assertEqual(self.home()["treasury"], after)

    def test_whole_euros(self):
        home = self.env["cae.home"].with_context(lang="en_US")
        texts = [home._euros(self.company, Decimal(n)) for n in ("1480.5", "-0.4")]
        self.assertEqual(texts, ["1,481\N{NO-BREAK SPACE}€", "0\N{NO-BREAK SPACE}€"])
        owed = home._euros(self.company, Decimal("-43.18"))
        self.assertEqual(owed, "\N{MINUS SIGN}43\N{NO-BREAK SPACE}€")

    def test_this_year_against_last(self):
        year = self.home()["year"]
        self.assertEqual((year["turnover"], year["percent"]), (1800, 125))
        amounts = [bar["amount"] for bar in year["bars"]]
        self.assertEqual(amounts, [Decimal(0)] * 9 + [1000, 0, 800])
        heights = [bar["height"] for bar in year["bars"]]
        self.assertEqual(heights[-3:], [100, 0, 80])
        self.assertIsNone(self.home("yann")["year"]["percent"])

    def test_who_holds_nothing_or_is_nobody(self):
        home = self.home("new")
        self.assertFalse(home["activities"])
        self.assertEqual(home["treasury"]["now"], 0)
        self.assertEqual(home["year"]["turnover"], 0)
        portal = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "home_customer",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.assertEqual(self.env["cae.home"].with_user(portal)._of_user(), {})
        manager = self.env["cae.home"].with_user(self._user("home_m", "group_manager"))
        self.assertEqual(manager._of_user(), {})

    def test_what_is_over_is_not_shown(self):
        ended = {"date_end": "2026-02-28"}
        alone = {"entrepreneur_id": self.yann.id, "date_start": "2026-03-01"}
        self.activities[1].share_ids = [
            *(
                Command.update(share.id, ended)
                for share in self.activities[1].share_ids
            ),
            Command.create(alone),
        ]
        self.assertEqual(self.home()["activities"].code, "T1")

    def test_whole_amounts_whatever_the_currency(self):
        home = self.env["cae.home"]
        self.assertEqual(home._euros(self.company, Decimal("1480.40")), "1,480\xa0€")
        yen = self.env["res.company"].new({"currency_id": self.env.ref("base.JPY").id})
        self.assertIn("1,400", home._euros(yen, Decimal(1400)))

    def test_hours_are_those_of_the_cooperative(self):
        # Not those of the browser at the first login, which Odoo keeps with the user.
        home = self.env["cae.home"].with_company(self.company)
        home = home.with_context(tz="America/Martinique")
        self.assertTrue(home._when(datetime(2026, 12, 19, 15), False).endswith("16:00"))

    def test_the_home_takes_few_queries(self):
        self.home()
        self.env.invalidate_all()
        with self.assertQueryCount(7):
            self.home()

    def test_what_has_no_day_is_not_hidden_by_what_is_late(self):
        Home = type(self.env["cae.home"])
        late = SQL(
            "SELECT 'late', n, 'Late', '2026-01-01'::timestamp "
            "FROM generate_series(1, 30) n"
        )
        vote = SQL("SELECT 'vote', 1, 'Vote', NULL::timestamp")
        words = {kind: ("%(name)s", "/%(id)s", True) for kind in ("late", "vote")}
        with (
            patch.object(Home, "_coming_queries", lambda self, own: [late, vote]),
            patch.object(Home, "_words", lambda self: words),
        ):
            tasks = self.home()["tasks"]
        self.assertEqual([task["text"] for task in tasks], ["Late"] * 20 + ["Vote"])


@tagged("post_install", "-at_install", "cae")
class TestHomePage(HttpCase, CaeCommon):
    @freeze_time("2026-03-20")
    def test_the_page_says_what_customers_bring_or_are_to_get_back(self):
        user = self._user("home_refund", "group_entrepreneur")
        person = {"first_name": "Inès", "last_name": "Test", "user_id": user.id}
        first = self.activities[0]
        self._share_out(first, (self.env["cae.entrepreneur"].create(person), 100))
        self._document([(first, 300, self.vat_services)], "2026-03-10")
        self.env.flush_all()
        self.authenticate("home_refund", "home_refund")
        page = self._plain("/my")
        self.assertIn("Expected from customers", page)
        self.assertRegex(page, "less credit notes to refund[^0-9]+300\\b")
        # 300.00 and 480.00 without VAT: more goes back than comes in.
        lines = [(first, 480, self.vat_services)]
        self._document(lines, "2026-03-15", kind="out_refund")
        self.env.flush_all()
        page = self._plain("/my")
        self.assertNotIn("Expected from customers", page)
        self.assertRegex(page, "To refund to customers[^0-9]+180\\b")

    def _plain(self, path):
        return re.sub(r"<[^>]+>", " ", self.url_open(path).text)

    def test_a_large_photo_is_not_in_the_page(self):
        """Odoo writes it three times into the page, of 1024 pixels once."""
        user = self._user("home_photo", "group_entrepreneur")
        person = {"first_name": "Inès", "last_name": "Test", "user_id": user.id}
        self.env["cae.entrepreneur"].create(person)
        noise = Image.frombytes(
            "RGB", (1024, 1024), random.Random(1).randbytes(3 << 20)
        )
        data = io.BytesIO()
        noise.save(data, "JPEG")
        user.partner_id.image_1920 = base64.b64encode(data.getvalue())
        self.env.flush_all()
        self.authenticate("home_photo", "home_photo")
        page = self.url_open("/my")
        self.assertLess(len(page.content), 100_000)
        address = re.search(r'src="(/web/image/res.partner/[^"]+)"', page.text)[1]
        photo = self.url_open(unescape(address))
        self.assertEqual(Image.open(io.BytesIO(photo.content)).size, (128, 128))
