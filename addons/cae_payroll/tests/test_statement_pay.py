from datetime import date

from odoo.tests import freeze_time

from .common import JANUARY, PayCommon, pay_tagged


@pay_tagged
@freeze_time("2026-02-15")
class TestStatementPay(PayCommon):
    """Pay in the statements: of the activity, never of one among several people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scheme = cls.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        cls.activities.scheme_id = scheme
        cls.company.cae_pay_approval = "overdraft"

    def _month_run(self, **kwargs):
        self.env.flush_all()
        return self.Period.with_company(self.company).month_run("2026-01", **kwargs)

    def _statement(self, activity):
        statements = self.env["cae.statement"].with_company(self.company)
        return statements._of(activity, JANUARY)

    def test_the_pay_of_one_person_is_shown_in_full(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        self._month_run()
        line = self._line(self.alice)
        self.assertEqual(line.state, "posted")
        pay = self._statement(self.first).data["pay"]
        self.assertFalse(pay["shared"])
        wanted = {"cost": "1039.86", "gross": "1000.00", "net": "791.60"}
        self.assertEqual(pay["amount"], wanted)
        self.assertEqual(pay["to_date"], wanted)
        rows = {r["key"]: r for r in self._statement(self.first).data["income"]}
        self.assertEqual(rows["payroll"]["month"], "1039.86")

    def test_a_true_payslip_replaces_the_estimate(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        self._month_run(steps=["pay"])
        result = self._load_dearer_payslip()
        self.assertEqual((result["errors"], result["created"]), ([], 1))
        self._month_run()
        data = self._statement(self.first).data
        wanted = {"cost": "1049.86", "gross": "1000.00", "net": "795.60"}
        self.assertEqual(data["pay"]["amount"], wanted)
        self.assertEqual(data["pay"]["to_date"], wanted)
        rows = {r["key"]: r for r in data["income"]}
        self.assertEqual(rows["payroll"]["month"], "1049.86")

    def test_of_several_people_the_total_cost_only(self):
        self._hold(self.first, alice=60, bob=40)
        self._fund(self.first, 5000)
        self._month_run()
        pay = self._statement(self.first).data["pay"]
        self.assertTrue(pay["shared"])
        self.assertEqual(pay["amount"], {"cost": "1039.86"})
        self.assertEqual(set(pay["to_date"]), {"cost"})
        parts = self._statement(self.first).data["treasury"]["parts"]
        due = {part["prefix"]: part["amount"] for part in parts}
        self.assertEqual(due["42, 43"], "-1039.86")
        html = self._statement(self.first)._html()
        self.assertNotIn("791,60", html)

    def test_who_was_paid_before_counts_too(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        self._month_run()
        later = {
            "entrepreneur_id": self.bob.id,
            "share": 100,
            "date_start": date(2026, 2, 1),
        }
        self.first.share_ids = [
            (1, self.first.share_ids.id, {"date_end": date(2026, 1, 31)}),
            (0, 0, later),
        ]
        data = self.env["cae.statement"]._data(self.first, "month", date(2026, 2, 1))
        self.assertEqual(data[self.first.id]["pay"]["to_date"], {"cost": "1039.86"})

    def test_statements_wait_for_the_pay(self):
        self._hold(self.first, alice=100)
        self._hold(self.second, bob=100)
        result = self._month_run(steps=["contributions", "statements"])
        self.assertFalse(self._statement(self.first).published)
        self.assertTrue(self._statement(self.second).published)
        self.assertEqual(result["statements"]["published"], 2)
        self._month_run()
        line = self._line(self.alice)
        self.assertEqual(line.state, "draft")
        self.assertFalse(self._statement(self.first).published)
        line.action_refuse("Nothing to pay it with")
        self.assertEqual(self._month_run()["statements"]["published"], 1)
        self.assertEqual(self._statement(self.first).state, "published")
