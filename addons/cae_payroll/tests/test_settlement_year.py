from datetime import date

from odoo.tests import freeze_time

from odoo.addons.cae_base.engine.money import decimal

from .common import pay_tagged
from .test_settlement import OCTOBER, SettlementCommon

NOVEMBER = date(2026, 11, 1)


@pay_tagged
@freeze_time("2026-11-30 12:00:00")
class TestSettlementYear(SettlementCommon):
    """The balance counts in the regularisation of the calendar year that pays it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.contract_ids.date_end = False
        cls._hold(cls.first, alice=100)
        cls._earn(cls.first, 12070.44)
        cls._earn(cls.first, 9000, "2026-07-10")
        cls.Run = cls.env["cae.pay.run"]
        for month in ("2026-01", "2026-02", "2026-03"):
            cls.Period.with_company(cls.company).month_run(month, steps=["pay"])

    def _approved(self):
        """The settlement of the year, approved for October."""
        self._settle()
        settlement = self._of(self.alice)
        settlement.month = OCTOBER
        settlement.action_approve()
        return settlement

    def _year(self):
        """What the year has booked to the end of October, and what it cost."""
        lines = self.Line.search([("state", "=", "posted")])
        booked = self.Run._booked(self.company, NOVEMBER, self.alice.ids)
        [booked] = booked.own[self.alice.id].values()
        costs = {name: sum(lines.mapped(name)) for name in ("cost", "net", "gross")}
        return booked, costs

    def assertYear(self, expected):
        booked, costs = self._year()
        self.assertEqual(booked, expected[0])
        for name, amount in costs.items():
            # Each pay rounds its own cost and net.
            self.assertAlmostEqual(amount, expected[1][name], delta=0.011)
        self.assertInvariant()

    def _undo(self, *lines):
        for line in lines:
            line.with_user(self.payroll).action_undo("Again")

    def _approve(self, settlement):
        settlement.action_compute()
        settlement.action_approve()

    def test_the_next_month_counts_the_balance(self):
        settlement = self._approved()
        self._run("2026-10")
        balance = settlement.pay_line_ids.sudo()
        booked, _costs = self._year()
        self.assertEqual(booked.gross, 4000 + decimal(balance.gross))
        # Four months of contract and of ceiling; the balance adds none.
        self.assertEqual(booked.ceiling, 4 * 4005)
        self.assertEqual(decimal(balance.booked["gross"]), decimal(balance.gross))
        self.assertNotIn("ceiling", balance.booked)
        self._run("2026-11")
        november = self._line(self.alice, NOVEMBER)
        salary = self._salary(NOVEMBER.replace(day=30)).after(booked)
        self.assertEqual(decimal(november.cost), salary.cost(decimal(1000)))

    def _salary(self, day, days=None):
        situation = self.alice.contract_ids._pay_situation(self.company, day, days)
        return self.env["cae.salary.simulator"]._salary(day, situation)

    def test_the_order_does_not_matter_to_the_year(self):
        settlement = self._approved()
        self._run("2026-10")
        expected = self._year()
        self._undo(self._line(self.alice, OCTOBER) - settlement.pay_line_ids)
        self._run("2026-10")
        self.assertYear(expected)
        self._undo(*self._line(self.alice, OCTOBER))
        self._approve(settlement)
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        alone, _costs = self._year()
        self.assertEqual(alone.ceiling, expected[0].ceiling)
        self._run("2026-10")
        self.assertEqual(len(self._line(self.alice, OCTOBER)), 2)
        self.assertYear(expected)
        settlement.action_undo("Again")
        self._approve(settlement)
        self._run("2026-10")
        self.assertYear(expected)

    def test_pay_that_waits_follows_the_balance(self):
        settlement = self._approved()
        self._run("2026-10")
        expected = self._year()
        self._undo(*self._line(self.alice, OCTOBER))
        self.company.cae_pay_approval = "all"
        self._run("2026-10")
        own = self._line(self.alice, OCTOBER)
        self.assertEqual(own.state, "draft")
        before = own.cost
        self._approve(settlement)
        settlement.action_post()
        self.assertGreater(own.cost, before)
        settlement.action_undo("Again")
        self.assertEqual(own.cost, before)
        self._approve(settlement)
        settlement.action_post()
        own.with_user(self.payroll).action_approve()
        self._run("2026-10")
        self.assertEqual(own.state, "posted")
        self.assertYear(expected)

    def test_an_approved_pay_keeps_its_figures_and_the_balance_follows(self):
        settlement = self._approved()
        self._run("2026-10")
        expected = self._year()
        self._undo(*self._line(self.alice, OCTOBER))
        self.company.cae_pay_approval = "all"
        self._run("2026-10")
        own = self._line(self.alice, OCTOBER)
        own.with_user(self.payroll).action_approve()
        before = own.cost
        self._approve(settlement)
        settlement.action_post()
        self._run("2026-10")
        self.assertEqual((own.state, own.cost), ("posted", before))
        self.assertYear(expected)

    def test_each_month_alone_and_the_balance_too(self):
        """Without monthly regularisation the balance adds to its month alone."""
        self.company.cae_pay_progressive = False
        settlement = self._approved()
        self._run("2026-10")
        month = self._line(self.alice, OCTOBER) - settlement.pay_line_ids
        salary = self._salary(date(2026, 10, 31))
        whole = salary.direct(decimal(month.gross + settlement.pay_line_ids.gross))
        cost = month.cost + settlement.pay_line_ids.cost
        self.assertAlmostEqual(cost, float(whole.cost), delta=0.011)

    def test_premiums_of_the_month_are_those_of_its_own_pay(self):
        self.company.write({"cae_health_total": 58, "cae_health_employer_share": 50})
        settlement = self._approved()
        settlement.action_post()
        codes = [line["code"] for line in settlement.pay_line_ids.detail]
        self.assertNotIn("MUTUELLE", codes)
        self._run("2026-10")
        month = self._line(self.alice, OCTOBER) - settlement.pay_line_ids
        self.assertIn("MUTUELLE", [line["code"] for line in month.detail])

    def test_a_month_of_entry_counts_by_days(self):
        """From 17 January on: 15 of 31 days, with 1 937.90 of ceiling.

        7 700.00 are 1 500.00 and twice 3 100.00.
        """
        self._undo(*self.Line.search([("state", "=", "posted")]).sorted("month"))
        self.alice.contract_ids.write(
            {"date_start": "2026-01-17", "date_end": "2026-03-31", "fixed_part": 310}
        )
        part = self._salary(date(2026, 1, 31), 15)
        cost = part.cost(decimal(1500))
        for last in (date(2026, 2, 28), date(2026, 3, 31)):
            cost += self._salary(last).cost(decimal(3100))
        self._earn(self.first, round(float(cost) - 12070.44, 2), "2026-02-10")
        self._run_months()
        self._settle()
        settlement = self._of(self.alice)
        self.assertAlmostEqual(settlement.budget, float(cost), 2)
        self.assertEqual(settlement.fixed_part, 770)
        self.assertEqual(settlement.annual_gross, 7700)

    def test_queries_do_not_grow_with_people(self):
        self._hold(self.second, bob=50, carol=50)
        self._earn(self.second, 9000)
        for person in (self.bob, self.carol):
            self._contract(person, 500, "2025-01-01")
        for month in ("2026-01", "2026-02", "2026-03"):
            self._run(month)
        self._settle()
        settlements = self.Settlement.search([]).sudo()
        self.assertEqual(len(settlements.filtered("due")), 3)
        few = self._count(settlements[:1]._balance_salaries)
        self.assertLessEqual(self._count(settlements._balance_salaries), few)

    def _count(self, operation):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        operation()
        return self.cr.sql_log_count - before
