from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import cae_tagged
from .test_expense import ExpenseCommon


@cae_tagged
class TestMileage(ExpenseCommon):
    """Claims by the yearly scale, against figures computed by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env.ref("cae_base.product_mileage")

    def _claim(self, distance, person=None, **vals):
        return self.Expense.create(
            {
                "name": "Nantes – Angers",
                "employee_id": (person or self.ines).employee_id.id,
                "product_id": self.product.id,
                "date": "2026-01-15",
                "cae_vehicle": "car",
                "cae_power": 5,
                "cae_distance": distance,
                **vals,
            }
        )

    def _approve(self, *claims):
        expenses = self.Expense.union(*claims)
        expenses.action_submit()
        expenses._do_approve()
        return [claim.total_amount for claim in claims]

    def test_claim_on_the_screen_is_computed_and_posted(self):
        with Form(self.Expense) as form:
            form.name = "Nantes – Angers"
            form.product_id = self.product
            form.employee_id = self.ines.employee_id
            form.date = "2026-01-15"
            form.cae_power = 5
            form.cae_distance = 123
            self.assertEqual(form.total_amount_currency, 78.23)
            with self.assertRaises(AssertionError):
                form.total_amount_currency = 1
        self._post(form.record)
        # 123 × 0.636 = 78.228
        balances = self._balances()["T1"]
        self.assertEqual(balances["625100"], 78.23)
        self.assertEqual(balances["425100"], -78.23)
        self.assertInvariant()

    def test_year_is_worth_the_scale_on_its_total_across_activities(self):
        _first, second, third = self.activities
        amounts = [
            self._approve(self._claim(4800, self.yann, cae_activity_id=second.id)),
            self._approve(self._claim(400, self.yann, cae_activity_id=third.id)),
        ]
        # 4 800 × 0.636; 5 200 × 0.357 + 1 395 = 3 251.40, less 3 052.80.
        self.assertEqual(amounts, [[3052.80], [198.60]])

    def test_claims_approved_together_follow_each_other(self):
        late = self._claim(400, date="2026-03-01")
        early = self._claim(4800, date="2026-02-01")
        self.assertEqual((late.total_amount, early.total_amount), (254.40, 3052.80))
        self.assertEqual(self._approve(late, early), [198.60, 3052.80])
        words = late.cae_mileage_words
        for figure in ("4800", "400", "5200", "0.357", "3,251.40", "198.60"):
            self.assertIn(figure, words)

    def test_other_year_vehicle_and_person_start_at_zero(self):
        self._approve(self._claim(6000))
        others = [
            self._claim(100, date="2025-12-31"),
            self._claim(100, cae_power=4),
            self._claim(100, cae_electric=True),
            self._claim(100, self.yann, cae_activity_id=self.activities[1].id),
            self._claim(100, cae_vehicle="moped", cae_power=0),
            self._claim(100, cae_vehicle="motorcycle"),
        ]
        amounts = self._approve(*others)
        self.assertEqual(amounts, [63.60, 60.60, 76.32, 63.60, 31.50, 46.80])

    def test_refused_and_reset_claims_do_not_count(self):
        refused = self._claim(6000)
        refused.action_submit()
        refused._do_refuse("No")
        undone = self._claim(6000, name="Paris")
        self._approve(undone)
        undone.action_reset()
        self.assertEqual(self._approve(self._claim(100)), [63.60])

    def test_next_claim_makes_up_for_a_new_scale(self):
        self._approve(self._claim(1000))
        band = self.env["cae.mileage.scale"].search(
            [("vehicle", "=", "car"), ("power_from", "=", 5), ("km_to", "=", 5000)]
        )
        band.copy({"date_from": "2026-03-01", "rate": 0.7})
        late = self._claim(100, date="2026-03-02")
        # 1 100 × 0.7 = 770, less 636.
        self.assertEqual(self._approve(late), [134.00])
        self.assertEqual(self._claim(100, date="2025-02-02").total_amount, 63.60)

    def test_approved_claim_is_not_rewritten(self):
        claim = self._claim(100)
        self._approve(claim)
        for name, value in {"cae_distance": 1, "total_amount_currency": 9}.items():
            with self.assertRaisesRegex(UserError, "CAE-MILEAGE-SETTLED"):
                claim[name] = value
        claim.action_reset()
        claim.cae_distance = 50
        self.assertEqual(claim.total_amount, 31.80)

    def test_incomplete_claim_is_not_approved(self):
        for vals in ({"cae_distance": 0}, {"cae_power": 0}):
            claim = self._claim(100)
            claim.write(vals)
            self.assertEqual(claim.total_amount, 0)
            with self.assertRaisesRegex(UserError, "CAE-MILEAGE-MISSING"):
                claim._do_approve()

    def test_mileage_is_not_split_by_amount(self):
        with self.assertRaisesRegex(UserError, "CAE-MILEAGE-SPLIT"):
            self._claim(100).action_split_wizard()

    def test_day_without_scale_is_told(self):
        with self.assertRaisesRegex(UserError, "CAE-MILEAGE-SCALE"):
            self._claim(100, date="2020-01-01")

    def test_totals_of_many_claims_take_one_query(self):
        claims = self.Expense.union(*(self._claim(10, name=str(n)) for n in range(8)))
        claims.mapped("employee_id.name")
        with self.assertQueryCount(1):
            claims._cae_year_totals()

    def test_scale_is_kept_by_accountants(self):
        band = self.env["cae.mileage.scale"].search([], limit=1)
        # The scale is that of all companies: who keeps it is allowed in each.
        self.user.company_ids = self.env["res.company"].search([])
        band.with_user(self.user).copy({"date_from": date(2027, 1, 1)})
        self.user.group_ids = [Command.set(self.env.ref("cae_base.group_coach").ids)]
        with self.assertRaises(AccessError):
            band.with_user(self.user).rate = 1
