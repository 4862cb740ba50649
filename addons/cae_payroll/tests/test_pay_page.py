import re
from decimal import Decimal

from odoo.tests import HttpCase, freeze_time

from .common import pay_tagged
from .test_home_attack import HomeFigureCommon

ROW = re.compile(
    r"<tr(?: class=\"(?P<total>[^\"]*)\")?>.*?<td[^>]*>(?P<amount>[^<]+)</td>", re.S
)


def amounts(page):
    """``[(amount, whether it is a total)]`` of the steps, as they are shown."""
    steps = page.partition('id="steps"')[2].partition("</table>")[0]
    return [
        (
            Decimal(
                re.sub(r"[^\d.-]", "", row["amount"].replace("\N{MINUS SIGN}", "-"))
            ),
            row["total"] == "fw-bold",
        )
        for row in ROW.finditer(steps)
    ]


@pay_tagged
@freeze_time("2026-01-20")
class TestPayPage(HttpCase, HomeFigureCommon):
    """What stands on the page of pay can be checked by hand."""

    def page(self, path, person):
        self.env.flush_all()
        self.authenticate(person.user_id.login, person.user_id.login)
        return self.url_open(path).text

    def setUp(self):
        super().setUp()
        self._hold(self.first, alice=37, bob=63)
        self._fund(self.first, 7000.37)
        self._pay(self._document([(self.first, 4321.61, None)], "2026-01-05"))

    def test_what_is_shown_adds_up_to_the_cent(self):
        rows = amounts(self.page("/my/pay", self.alice))
        self.assertGreater(len(rows), 8)
        self.assertTrue(any(amount % 1 for amount, _total in rows))
        running = None
        for amount, total in rows:
            self.assertTrue(running is None or not total or amount == running, rows)
            running = amount if total else running + amount
        net = self.payable(self.alice)["net"]
        self.assertEqual(running, net)
        # The home is read at a glance, and says so.
        home = self.page("/my/pay/figure", self.alice)
        self.assertIn("rounded to the euro", home)
        self.assertNotIn(f"{net:,.2f}", home)
        self.assertNotIn("rounded to the euro", self.url_open("/my/pay").text)

    def test_what_is_asked_for_and_paid_is_told_to_the_cent(self):
        self._ask(self.alice, "net", 812.45)
        self.assertIn("812.45", self.page("/my/pay/figure", self.alice))
        self._run_all()
        with freeze_time("2026-02-10"):
            page = self.page("/my/pay", self.alice)
        self.assertEqual(self._line(self.alice).net, 812.45)
        self.assertIn("812.45", page.partition("Month by month")[2])

    def test_a_cape_that_owes_keeps_nothing(self):
        self._contract(self.carol, 0, kind="cape")
        self._hold(self.second, carol=100)
        self._fund(self.second, -120.50)
        page = self.page("/my/pay", self.carol)
        self.assertIn("\N{MINUS SIGN}120.50", page)
        # The home rounds, as it does beside it.
        home = self.page("/my/pay/figure", self.carol)
        self.assertIn("\N{MINUS SIGN}121", home)
        self.assertNotIn("120.50", home)
        self.assertIn("on the account of my activity", page)
        self.assertNotIn("/my/pay/request", page)
        self.assertNotIn('id="request"', page)

    def test_the_month_begins_by_the_clock_of_the_cooperative(self):
        self.alice.user_id.tz = False
        for hour, month in ((22, "January 2026"), (23, "February 2026")):
            with freeze_time(f"2026-01-31 {hour}:30:00"):
                self.assertIn(month, self.page("/my/pay/figure", self.alice))
