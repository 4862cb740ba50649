from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import JANUARY, PayCommon, SharedPayCommon, pay_tagged


@pay_tagged
class TestPayTarget(PayCommon):
    """An even pay over some months, and the overdraft that needs no approval."""

    def _target(self, kind, amount, start="2026-01-01", **vals):
        return self.env["cae.pay.target"].create(
            {
                "entrepreneur_id": self.alice.id,
                "kind": kind,
                "amount": amount,
                "date_from": start,
                **vals,
            }
        )

    def _pay_of(self, amount, month="2026-01"):
        """Alice's pay of a month, with this money on her activity."""
        self._hold(self.first, alice=100)
        self._fund(self.first, amount)
        self._run(month)
        return self._line(self.alice, date.fromisoformat(f"{month}-01"))

    # ------------------------------------------------------------------
    # Target
    # ------------------------------------------------------------------

    def test_a_target_is_the_wish_of_a_month_without_a_request(self):
        target = self._target("net", 1583.19)
        line = self._pay_of(9000)
        self.assertEqual((line.gross, line.net), (2000, 1583.19))
        self.assertEqual((line.target_id, line.state), (target, "posted"))
        self.assertFalse(line.request_id)

    def test_a_gross_target_holds_the_fixed_part(self):
        self._target("gross", 3000)
        line = self._pay_of(9000)
        self.assertEqual((line.requested, line.gross), (2000, 3000))

    def test_a_target_under_the_fixed_part_asks_for_nothing(self):
        self._target("gross", 800)
        self.assertEqual(self._pay_of(9000).gross, 1000)

    def test_a_request_of_the_month_comes_first(self):
        self._target("gross", 3000)
        request = self._ask(self.alice, "gross", 1000)
        line = self._pay_of(9000)
        self.assertEqual((line.gross, line.request_id), (2000, request))
        self.assertFalse(line.target_id)

    def test_the_floor_raises_the_reserve(self):
        self.company.cae_pay_reserve = 200
        self._target("gross", 9000, floor=500)
        line = self._pay_of(4523.48)
        self.assertEqual((line.reserve, line.gross), (500, 3000))
        self.assertIn("CAE-PAY-REQUEST", line.flags)
        self.assertAvailable(self.first, 500)

    def test_the_floor_binds_requests_too(self):
        self._target("net", 1583.19, floor=500)
        self._ask(self.alice, "max")
        self.assertEqual(self._pay_of(4523.48).gross, 3000)

    def test_a_target_has_its_months(self):
        self._target("gross", 2000, "2026-01-20", date_to="2026-02-03")
        self._hold(self.first, alice=100)
        self._fund(self.first, 20000)
        for month in ("2026-01", "2026-02", "2026-03"):
            self._run(month)
        lines = self.Line.search([("entrepreneur_id", "=", self.alice.id)])
        grosses = lines.sorted("month").mapped("gross")
        self.assertEqual(grosses, [2000, 2000, 1000])

    def test_an_archived_target_is_none(self):
        self._target("gross", 3000).active = False
        self.assertEqual(self._pay_of(9000).gross, 1000)

    def test_months_are_whole_and_do_not_overlap(self):
        target = self._target("net", 1500, "2026-01-20", date_to="2026-03-03")
        self.assertEqual(target.date_from, date(2026, 1, 1))
        self.assertEqual(target.date_to, date(2026, 3, 31))
        for start, end in (("2026-03-31", False), ("2025-06-01", "2026-01-02")):
            with self.assertRaisesRegex(ValidationError, "^CAE-PAY-TARGET: "):
                with self.cr.savepoint():
                    self._target("net", 1000, start, date_to=end)
        self._target("net", 1000, "2026-04-01")
        with self.assertRaisesRegex(ValidationError, "^CAE-PAY-TARGET: "):
            target.date_to = False

    def test_odd_targets_get_a_code(self):
        for vals in (
            {"amount": 0},
            {"amount": float("nan")},
            {"amount": 1e12},
            {"amount": 1500, "floor": 1e12},
        ):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-TARGET: "):
                with self.cr.savepoint():
                    self._target("net", **vals)
        for day in ("x", "0001-01-01", [1]):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-TARGET: "):
                self._target("net", 1500, day)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                self._target("net", 1500, "2026-03-01", date_to="2026-02-01")

    # ------------------------------------------------------------------
    # Overdraft
    # ------------------------------------------------------------------

    def _overdrafts(self):
        found = self.Period.with_company(self.company).checks("2026-01")
        return [f for f in found if f["code"] == "CAE-CHECK-OVERDRAFT"]

    def test_an_overdraft_within_the_limit_needs_no_approval(self):
        self.company.cae_pay_overdraft_limit = 1039.86
        line = self._pay_of(0.01)
        self.assertEqual(line.state, "posted")
        self.assertTrue(line.is_overdraft)
        self.assertNotIn("CAE-PAY-LIMIT", line.flags)
        self.assertAvailable(self.first, -1039.85)
        [finding] = self._overdrafts()
        self.assertEqual(
            (finding["severity"], finding["res_ids"]), ("warning", [line.id])
        )

    def test_an_overdraft_above_the_limit_waits(self):
        self.company.cae_pay_overdraft_limit = 1039.84
        line = self._pay_of(0.01)
        self.assertEqual(line.state, "draft")
        self.assertIn("CAE-PAY-OVERDRAFT", line.flags)
        self.assertIn("CAE-PAY-LIMIT", line.flags)
        self.assertIn("above the limit", line.flag_text)
        self.assertFalse(self._overdrafts())
        line.action_approve()
        self._run()
        self.assertEqual(line.state, "posted")
        # Somebody decided: nothing new to tell.
        self.assertFalse(self._overdrafts())

    def test_a_contract_has_its_own_limit_and_amendments_keep_it(self):
        self.company.cae_pay_overdraft_limit = 5000
        contract = self.alice.contract_ids
        contract.overdraft_limit = 500
        amendment = self._contract(
            self.alice, 1000, "2026-01-01", parent_id=contract.id
        )
        self.assertEqual(amendment.overdraft_limit, 500)
        self.assertEqual(self._pay_of(0.01).state, "draft")
        amendment.overdraft_limit = 2000
        self._run()
        self.assertEqual(self._line(self.alice).state, "posted")

    def test_a_limit_pays_no_advance(self):
        self.company.cae_pay_overdraft_limit = 5000
        self._ask(self.alice, "max")
        self.assertEqual(self._pay_of(0.01).gross, 1000)


@pay_tagged
class TestPayTargetRights(SharedPayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Target = cls.env["cae.pay.target"]
        vals = {"kind": "net", "amount": 1200, "date_from": "2026-02-01"}
        cls.mine = Target.create({**vals, "entrepreneur_id": cls.alice.id})
        cls.theirs = Target.create({**vals, "entrepreneur_id": cls.bob.id})

    def test_who_sees_and_writes_targets(self):
        Target, both = self.env["cae.pay.target"], self.mine | self.theirs
        seen = {
            self.entrepreneur: self.mine,
            self.coach: self.mine,
            self.payroll: both,
        }
        for user, targets in seen.items():
            self.assertEqual(Target.with_user(user).search([]), targets)
        for user in (self.entrepreneur, self.coach):
            with self.assertRaises(AccessError):
                self.mine.with_user(user).amount = 5000
        for user in (self.accountant, self.governance):
            with self.assertRaises(AccessError):
                Target.with_user(user).search([])
        self.mine.with_user(self.payroll).amount = 1583.19
        # The accountant who runs the month needs no right on targets.
        self.Period.with_user(self.accountant).month_run("2026-02", steps=["pay"])
        line = self._line(self.alice, date(2026, 2, 1))
        self.assertEqual(line.net, 1583.19)
        self.assertEqual(line.target_id, self.mine)
        own = line.with_user(self.entrepreneur)
        self.assertEqual(own.target_id.amount, 1583.19)
        for user in (self.accountant, self.coach):
            with self.assertRaises(AccessError):
                line.with_user(user).read(["target_id"])

    def test_targets_of_other_companies(self):
        company = self.env["res.company"].create({"name": "Another CAE"})
        self.payroll.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        self.assertFalse(self.env["cae.pay.target"].with_user(self.payroll).search([]))

    def test_targets_are_read_in_one_query(self):
        Target = self.env["cae.pay.target"]
        Target._in_month(self.company, date(2026, 3, 1))
        self.env.flush_all()
        Target.invalidate_model()
        with self.assertQueryCount(1):
            found = Target._in_month(self.company, date(2026, 3, 1))
        self.assertEqual(len(found), 2)
        self.assertFalse(Target._in_month(self.company, JANUARY))
