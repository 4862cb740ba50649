from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import SharedPayCommon, pay_tagged


@pay_tagged
class TestPayRights(SharedPayCommon):
    """Who sees and does what with pay."""

    def seen_by(self, user):
        return self.Line.with_user(user).search([])

    def test_entrepreneurs_see_their_own_pay_only(self):
        self.assertEqual(self.seen_by(self.entrepreneur), self.pay)
        self.assertEqual(self.seen_by(self.other), self.bob_pay)
        mine = self.pay.with_user(self.entrepreneur)
        self.assertTrue(mine.detail)
        self.assertTrue(mine.detail_html)
        self.assertEqual(mine.share_ids.cost, self.pay.cost)
        with self.assertRaises(AccessError):
            self.bob_pay.with_user(self.entrepreneur).read(["gross"])
        with self.assertRaises(AccessError):
            self.bob_pay.share_ids.with_user(self.entrepreneur).read(["cost"])

    def test_entrepreneurs_change_no_pay(self):
        mine = self.pay.with_user(self.entrepreneur)
        for operation in (
            lambda: mine.write({"gross": 9999}),
            lambda: mine.action_undo("Please"),
            lambda: mine.unlink(),
        ):
            with self.assertRaises(AccessError):
                operation()

    def test_entrepreneurs_ask_for_themselves_only(self):
        Request = self.env["cae.pay.request"].with_user(self.entrepreneur)
        vals = {"month": "2026-02-01", "kind": "net", "amount": 1200}
        own = Request.create({**vals, "entrepreneur_id": self.alice.id})
        own.amount = 1300
        with self.assertRaises(AccessError):
            Request.create({**vals, "entrepreneur_id": self.bob.id})
        theirs = self._ask(self.bob, "max", month="2026-02-01")
        # Nor whether somebody else has asked.
        with self.assertRaises(AccessError):
            Request.create({**vals, "entrepreneur_id": self.bob.id})
        with self.assertRaises(AccessError):
            own.entrepreneur_id = self.bob
        with self.assertRaises(AccessError):
            theirs.with_user(self.entrepreneur).read(["amount"])
        self.assertEqual(Request.search([]), own)

    def test_unsaved_requests_name_nobody_else(self):
        Request = self.env["cae.pay.request"].with_user(self.entrepreneur)
        spec = dict.fromkeys(("entrepreneur_id", "company_id", "display_name"), {})
        spec["activity_id"] = {"fields": {"display_name": {}}}
        self.env.flush_all()
        for values in (
            {"entrepreneur_id": self.bob.id},
            {"entrepreneur_id": {"id": self.bob.id}},
            {"activity_id": self.second.id},
        ):
            self.env.invalidate_all()
            names = list(values)
            with self.assertRaises(AccessError) as caught:
                Request.onchange({"month": "2026-03-01", **values}, names, spec)
            self.assertNotIn(self.bob.name, str(caught.exception))
            self.assertNotIn(self.bob.code, str(caught.exception))
        own = {"entrepreneur_id": self.alice.id, "month": "2026-03-01"}
        shown = Request.onchange(own, ["entrepreneur_id"], spec)["value"]
        self.assertIn(self.alice.name, shown["display_name"])
        theirs = self._ask(self.bob, "max", month="2026-03-01")
        with self.assertRaises(AccessError):
            theirs.with_user(self.entrepreneur).onchange({}, [], spec)

    def test_odd_requests_get_a_code(self):
        Request = self.env["cae.pay.request"].with_user(self.entrepreneur)
        vals = {"entrepreneur_id": self.alice.id, "month": "2026-03-01", "kind": "max"}
        odd = {
            "amount": ("abc", {"a": 1}, [1], float("nan"), 10**400),
            "month": ({}, [1], True, "x", False),
            "kind": ("x", {}, ["net"], False),
            "note": ("x" * 200_000, "\x00", {"a": 1}),
            "entrepreneur_id": ("x", {"a": 1}, {}, False),
            "state": ("x", [1]),
        }
        own = Request.create({**vals, "month": "2026-04-01"})
        for name, values in odd.items():
            for value in values:
                with self.subTest(name, value=str(value)[:20]):
                    for call in (Request.create, own.write):
                        code = "^CAE-PAY-REQUEST: "
                        with self.assertRaisesRegex(UserError, code):
                            call({**vals, name: value})

    def test_nothing_is_asked_for_in_a_locked_month(self):
        Request = self.env["cae.pay.request"].with_user(self.entrepreneur)
        vals = {"entrepreneur_id": self.alice.id, "kind": "max"}
        own = Request.create({**vals, "month": "2026-04-01"})
        self.env["cae.period"]._get(date(2026, 3, 1))._set_state("locked")
        for call in (Request.create, own.write):
            with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
                call({**vals, "month": "2026-03-05"})

    def test_coaches_see_totals_of_their_people(self):
        self.assertEqual(self.seen_by(self.coach), self.pay)
        mine = self.pay.with_user(self.coach)
        self.assertEqual((mine.gross, mine.net), (self.pay.gross, self.pay.net))
        for name in ("detail", "detail_html", "employer_contributions", "coefficient"):
            with self.assertRaises(AccessError):
                mine.read([name])
        with self.assertRaises(AccessError):
            mine.share_ids.read(["entry"])
        with self.assertRaises(AccessError):
            mine.write({"reason": "x"})

    def test_a_request_stays_that_of_its_person_and_is_not_called_paid(self):
        Request = self.env["cae.pay.request"].with_user(self.entrepreneur)
        person = self.env["cae.entrepreneur"].search(
            [("user_id", "=", self.entrepreneur.id)]
        )
        own = {"entrepreneur_id": person.id, "kind": "gross", "month": "2026-02-01"}
        request = Request.create({**own, "amount": 10})
        self.env.flush_all()
        other = self.env["cae.entrepreneur"].search([("id", "!=", person.id)], limit=1)
        with self.assertRaises(AccessError), self.cr.savepoint():
            request.write({"entrepreneur_id": other.id})
        cheat = request.with_context(cae_paying=True, cae_pay_run=True)
        for vals in ({"state": "done"}, {"amount": float("nan")}, {"amount": 1e300}):
            with self.assertRaisesRegex(UserError, "CAE-PAY-REQUEST"):
                cheat.write(vals)
        for vals in ({"amount": "NaN"}, {"month": "0001-01-01"}, {"state": "done"}):
            with self.assertRaisesRegex(UserError, "CAE-PAY-REQUEST"):
                Request.create({**own, "month": "2026-03-01", **vals})

    def test_coaches_see_the_people_of_their_team(self):
        team = self.env["cae.team"].create(
            {
                "name": "South",
                "company_id": self.company.id,
                "user_ids": [(4, self.coach.id)],
            }
        )
        self.bob.team_id = team
        self.assertEqual(self.seen_by(self.coach), self.pay | self.bob_pay)

    def test_accountants_run_and_see_that_pay_is_done(self):
        lines = self.pay | self.bob_pay
        self.assertEqual(self.seen_by(self.accountant), lines)
        self.assertEqual(self.pay.with_user(self.accountant).state, "posted")
        for name in ("detail", "gross", "cost", "net", "available"):
            with self.assertRaises(AccessError):
                self.pay.with_user(self.accountant).read([name])
        activity = self.first.with_user(self.accountant)
        self.assertAlmostEqual(activity.pay_cost, sum(lines.mapped("cost")), 2)
        with self.assertRaises(AccessError):
            self.pay.with_user(self.accountant).action_undo("No right")
        period = self.Period.with_user(self.accountant)
        result = period.month_run("2026-02", steps=["pay"])
        self.assertEqual(result["pay"]["lines"], 2)

    def test_officers_decide(self):
        line = self.pay.with_user(self.payroll)
        self.assertTrue(line.detail)
        line.action_undo("Mistake")
        self.assertEqual(self.pay.state, "cancelled")
        self.assertInvariant()
        self.company.cae_pay_approval = "all"
        period = self.Period.with_user(self.accountant)
        period.month_run("2026-01", steps=["pay"])
        line = self._line(self.alice).with_user(self.payroll)
        line.action_approve()
        line.action_post()
        self.assertEqual(line.state, "posted")
        line.action_undo("Again")
        period.month_run("2026-01", steps=["pay"])
        line = self._line(self.alice).with_user(self.payroll)
        line.action_refuse("No")
        line.action_draft()
        self.assertEqual(line.state, "draft")

    def test_others_see_nothing(self):
        with self.assertRaises(AccessError):
            self.seen_by(self.governance)
        with self.assertRaises(AccessError):
            self.env["cae.payroll.rate"].with_user(self.coach).search([])
        rates = self.env["cae.payroll.rate"].with_user(self.payroll).search([])
        self.assertGreater(len(rates), 50)

    def test_companies_are_apart(self):
        company = self.env["res.company"].create({"name": "Another CAE"})
        stranger = new_test_user(
            self.env,
            "pr_stranger",
            groups="cae_base.group_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.seen_by(stranger))
        shares = self.env["cae.pay.share"].with_user(stranger)
        self.assertFalse(shares.search([]))

    def test_counters_of_the_forms(self):
        person = self.alice.with_user(self.payroll)
        self.assertEqual(person.pay_count, 1)
        self.assertEqual(self.Line.search(person.action_open_pay()["domain"]), self.pay)
        activity = self.first.with_user(self.payroll)
        self.assertAlmostEqual(activity.pay_cost, self.pay.cost + self.bob_pay.cost, 2)
        action = activity.action_open_pay()
        self.assertEqual(self.Line.search(action["domain"]), self.pay | self.bob_pay)
        action = self.pay.with_user(self.payroll).action_open_entries()
        self.assertEqual(
            self.env["account.move"].search(action["domain"]), self.pay.move_id
        )
