from datetime import date
from decimal import Decimal

from odoo.tests import freeze_time

from .common import PayCommon, pay_tagged


@pay_tagged
@freeze_time("2026-01-20")
class TestHomePay(PayCommon):
    """The figure of the home is what the monthly run then pays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scheme = cls.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        (cls.first | cls.second).scheme_id = scheme
        cls.user_alice = cls._user("home_alice", "group_entrepreneur")
        cls.user_bob = cls._user("home_bob", "group_entrepreneur")
        cls.alice.user_id, cls.bob.user_id = cls.user_alice, cls.user_bob
        cls._contract(cls.bob, 800)
        cls._hold(cls.first, alice=60, bob=40)
        cls._hold(cls.second, alice=100)
        for activity in (cls.first, cls.second):
            invoice = cls._document([(activity, 5000, None)], "2026-01-05")
            cls._pay(invoice, day="2026-01-15")
        cls.env.flush_all()

    def payable(self, user=None):
        home = self.env["cae.home"].with_user(user or self.user_alice)
        return home.with_company(self.company)._payable()

    def _run_month(self):
        steps = ["contributions", "pay"]
        self.Period.with_company(self.company).month_run("2026-01", steps=steps)

    def test_what_the_run_then_pays(self):
        found = {user: self.payable(user) for user in (self.user_alice, self.user_bob)}
        for person in (self.alice, self.bob):
            self._ask(person, "max")
        self._run_month()
        for person in (self.alice, self.bob):
            line = self._line(person)
            values = found[person.user_id]
            self.assertGreater(values["net"], 500)
            for name in ("net", "gross", "cost"):
                self.assertEqual(float(values[name]), line[name], name)
            self.assertEqual(float(values["budget"]), line.available - line.reserve)

    def test_the_steps_add_up(self):
        running = Decimal(0)
        for key, amount, is_total, label in self.payable()["steps"]:
            self.assertTrue(label)
            if is_total:
                self.assertEqual(running or amount, amount, key)
            running = amount if is_total else running + amount
        self.assertEqual(running, self.payable()["net"])

    def test_the_fixed_part_alone(self):
        values = self.payable()
        self.assertGreater(values["net"], values["fixed"])
        self.assertGreater(values["fixed"], 0)

    def test_the_next_month_once_this_one_is_paid(self):
        self._ask(self.alice, "max")
        self.assertTrue(self.payable()["request"])
        self._run_month()
        values = self.payable()
        self.assertEqual(values["month"], date(2026, 2, 1))
        self.assertFalse(values["request"] or values["decided"])

    def test_nothing_is_written_and_nobody_else_is_read(self):
        lines = self.env["cae.pay.line"].search_count([])
        self.payable()
        self.assertEqual(self.env["cae.pay.line"].search_count([]), lines)
        self.assertEqual(self.payable(self._user("home_m", "group_manager")), {})
        self.bob.contract_ids.write({"date_end": "2025-12-31"})
        self.assertEqual(self.payable(self.user_bob), {})

    def test_others_make_no_difference_to_the_queries(self):
        self.payable()
        self.env.invalidate_all()
        with self.assertQueryCount(60):
            self.payable()
