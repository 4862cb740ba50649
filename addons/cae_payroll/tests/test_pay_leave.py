from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time

from odoo.addons.cae_payroll.engine.leave import Aside

from .common import JANUARY, PayCommon, pay_tagged
from .test_settlement import SettlementCommon

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
#: Cost of 1 000 € gross, and what it sets aside: 100.00 and 3.99.
COST, ASIDE = 1039.86, 103.99


class LeaveCommon(PayCommon):
    """A tenth of each pay is set aside for leave; Alice has a CESA of 1 000 €."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cae_leave_policy = "provision"

    def _leave(self, person, amount, month="2026-03-01", **vals):
        return self.env["cae.pay.element"].create(
            {
                "entrepreneur_id": person.id,
                "month": month,
                "kind": "leave",
                "amount": amount,
                "days": 5,
                **vals,
            }
        )

    def _due(self, person):
        due = self.env["cae.pay.share"]._leave_due(person.ids)
        return due.get(person.id, {})

    def assertDue(self, person, wage, charges):
        total = sum(self._due(person).values(), Aside())
        self.assertEqual((total.wage, total.charges), (wage, charges))
        for code, cents in (("428200", wage), ("438200", charges)):
            self.assertEqual(self._balance(code), -cents / 100)

    def _balance(self, code):
        account = self._account(code)
        [[total]] = self.env["account.move.line"]._read_group(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")],
            aggregates=["balance:sum"],
        )
        return round(total, 2)


@pay_tagged
class TestPayLeave(LeaveCommon):
    # ------------------------------------------------------------------
    # Set aside
    # ------------------------------------------------------------------

    def test_a_month_on_paper(self):
        """All the money: 4 425.83 = 4 023.48 + 402.35 (see TestPay for the cost).

        Set aside: 10 % of 3 000.00 gross, and of 1 023.48 of charges.
        """
        self._hold(self.first, alice=100)
        self._fund(self.first, 4425.83)
        self._ask(self.alice, "max")
        result = self._run()
        self.assertEqual(result["pay"], {"lines": 1, "cost": 4023.48, "gross": 3000.0})
        line = self._line(self.alice)
        self.assertEqual(
            (line.cost, line.leave_aside, line.leave_used), (4023.48, 402.35, 0)
        )
        share = line.share_ids
        self.assertEqual((share.leave_wage, share.leave_charges), (300, 102.35))
        self.assertEqual(
            self._entry_of(line.move_id),
            {
                ("T1", "641100"): 3000.00,
                ("T1", "641200"): 300.00,
                ("T1", "645100"): 888.38 + 102.35,
                ("T1", "645300"): 135.10,
                ("T1", "421000"): -2374.79,
                ("T1", "428200"): -300.00,
                ("T1", "431000"): -1393.29,
                ("T1", "437000"): -255.40,
                ("T1", "438200"): -102.35,
            },
        )
        self.assertAvailable(self.first, 0)
        self.assertDue(self.alice, 30000, 10235)
        self.assertEqual(self.alice.leave_due, 300)
        self.assertInvariant()
        self.assertEqual(self._run()["pay"]["lines"], 0)

    def test_off_by_default(self):
        company = self.env["res.company"].create({"name": "Another CAE"})
        self.assertEqual(company.cae_leave_policy, "none")

    def test_with_off_nothing_changes(self):
        self.company.cae_leave_policy = "none"
        self._hold(self.first, alice=100)
        self._fund(self.first, 4023.48)
        self._ask(self.alice, "max")
        self._leave(self.alice, 400, "2026-01-01")
        self._run()
        line = self._line(self.alice)
        self.assertEqual((line.gross, line.leave_aside, line.leave_used), (3000, 0, 0))
        self.assertEqual(len(line.move_id.line_ids), 6)
        self.assertFalse([key for key in line.accounts if key.startswith("leave")])

    def test_it_is_reversed_with_the_pay(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 4425.83)
        self._run()
        self.assertDue(self.alice, 10000, 399)
        self._line(self.alice).action_undo("Mistake")
        self.assertDue(self.alice, 0, 0)
        self.assertAvailable(self.first, 4425.83)
        self.assertInvariant()
        self._run()
        self.assertDue(self.alice, 10000, 399)

    def test_a_fixed_part_whose_leave_is_not_covered_waits(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, COST + ASIDE - 0.01)
        self._run()
        line = self._line(self.alice)
        self.assertEqual((line.state, line.is_overdraft), ("draft", True))
        self._fund(self.first, 0.01)
        self._run()
        self.assertEqual(line.state, "posted")
        self.assertAvailable(self.first, 0)

    def test_what_waits_commits_its_leave_too(self):
        self._hold(self.first, alice=100)
        self._run()
        self._fund(self.first, 5000, "2026-02-10")
        self._run("2026-02")
        line = self._line(self.alice, FEBRUARY)
        self.assertEqual(line.committed, round(COST + ASIDE, 2))

    def test_what_the_month_has_paid_is_added_back(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 4425.83)
        self._run()
        activities = self.env["cae.activity"].with_company(self.company)
        holdings = activities._pay_holdings(self.company, JANUARY, date(2026, 1, 31))
        [holding] = holdings[self.alice.id]
        self.assertEqual(holding.available, 442583)

    def test_several_activities_share_it(self):
        self._hold(self.first, alice=100)
        self._hold(self.second, alice=100)
        self._fund(self.first, 700)
        self._fund(self.second, 700)
        self._run()
        line = self._line(self.alice)
        self.assertEqual(line.cost, COST)
        self.assertAlmostEqual(sum(line.share_ids.mapped("cost")), COST, 2)
        aside = sum(
            sum(line.share_ids.mapped(n)) for n in ("leave_wage", "leave_charges")
        )
        self.assertAlmostEqual(aside, ASIDE, 2)
        self.assertDue(self.alice, 10000, 399)
        self.assertInvariant()

    def test_a_cape_sets_nothing_aside(self):
        self.alice.contract_ids.unlink()
        self._contract(self.carol, 500, kind="cape")
        self._hold(self.first, carol=100)
        self._fund(self.first, 2000)
        self._run()
        line = self._line(self.carol)
        self.assertEqual((line.gross, line.leave_aside), (500, 0))

    def test_the_rate_is_a_payroll_rate(self):
        self.addCleanup(self.registry.clear_cache)
        rate = self.env.ref("cae_payroll.rate_leave_rate_2024_01")
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        rate.active = False
        with self.assertRaisesRegex(UserError, "^CAE-PAY-RATE: .*leave_rate"):
            self._run()
        rate.write({"active": True, "value": 12})
        self._run()
        self.assertEqual(self._line(self.alice).leave_aside, 124.78)

    # ------------------------------------------------------------------
    # Leave taken
    # ------------------------------------------------------------------

    def _two_months(self):
        """January and February have set aside 200.00 and 7.98."""
        self._hold(self.first, alice=100)
        self._fund(self.first, 2 * (COST + ASIDE))
        self._run()
        self._run("2026-02")
        self.assertDue(self.alice, 20000, 798)
        self.assertAvailable(self.first, 0, "2026-02-28")

    def test_leave_pays_itself_from_what_was_set_aside(self):
        """150.00 of 200.00, and 5.99 of 7.98: as much less is to be found."""
        self._two_months()
        self._fund(self.first, COST + ASIDE - 155.99, "2026-03-02")
        self._leave(self.alice, 150)
        self._run("2026-03")
        line = self._line(self.alice, MARCH)
        self.assertRecordValues(
            line,
            [
                {
                    "state": "posted",
                    "gross": 1000,
                    "fixed_part": 1000,
                    "leave_aside": ASIDE,
                    "leave_used": 155.99,
                    "flags": "",
                }
            ],
        )
        entry = self._entry_of(line.move_id)
        self.assertEqual(entry["T1", "641200"], -50)
        self.assertEqual(entry["T1", "428200"], 50)
        self.assertEqual(entry["T1", "438200"], 2)
        self.assertDue(self.alice, 15000, 598)
        self.assertAvailable(self.first, 0, "2026-03-31")
        self.assertInvariant()

    def test_leave_above_the_fixed_part_is_due(self):
        self._two_months()
        root = self.alice.contract_ids
        self._contract(self.alice, 50, "2026-03-01", parent_id=root.id)
        self._fund(self.first, 100, "2026-03-02")
        self._leave(self.alice, 500)
        self._run("2026-03")
        line = self._line(self.alice, MARCH)
        # 200.00 was set aside, and no more.
        self.assertEqual(
            (line.gross, line.fixed_part, line.leave_used), (200, 50, 207.98)
        )
        self.assertDue(self.alice, 2000, int(round(10 * (line.cost - 200))))

    def test_leave_goes_on_when_nothing_more_is_set_aside(self):
        self._two_months()
        self.company.cae_leave_policy = "none"
        self._fund(self.first, COST, "2026-03-02")
        self._leave(self.alice, 200)
        self._run("2026-03")
        self.assertEqual(self._line(self.alice, MARCH).leave_used, 207.98)
        self.assertDue(self.alice, 0, 0)
        self.assertAvailable(self.first, 207.98, "2026-03-31")

    def test_leave_that_waits_in_another_month_is_not_paid_twice(self):
        self._two_months()
        for month in ("2026-03", "2026-04"):
            self._leave(self.alice, 200, f"{month}-01")
            self._run(month)
        march = self._line(self.alice, MARCH)
        april = self._line(self.alice, date(2026, 4, 1))
        self.assertEqual((march.state, april.state), ("draft", "draft"))
        self.assertEqual(march.leave_used, 207.98)
        # 200.00 less what March takes of it beyond its own 100.00.
        self.assertEqual(april.leave_used, ASIDE)
        self.assertEqual(april.share_ids.leave_wage, 0)

    def test_an_undone_leave_is_due_again(self):
        self._two_months()
        self._fund(self.first, 5000, "2026-03-02")
        self._leave(self.alice, 200)
        self._run("2026-03")
        self._line(self.alice, MARCH).action_undo("Not taken")
        self.assertDue(self.alice, 20000, 798)
        self.assertInvariant()

    def test_a_decided_pay_keeps_its_leave(self):
        self._two_months()
        self._fund(self.first, 5000, "2026-03-02")
        leave = self._leave(self.alice, 200)
        self._run("2026-03")
        with self.assertRaisesRegex(UserError, "^CAE-PAY-ELEMENT: "):
            leave.amount = 100
        with self.assertRaisesRegex(UserError, "^CAE-PAY-ELEMENT: "):
            self._leave(self.alice, 100)
        # Days alone are for the payroll software.
        self._leave(self.alice, 0)

    def test_absences_still_have_no_amount(self):
        with self.assertRaisesRegex(ValidationError, "^CAE-PAY-ELEMENT: "):
            self._leave(self.alice, 100, kind="sick")

    def test_leave_is_told_to_the_payroll_software(self):
        self._leave(self.alice, 150)
        elements = self.env["cae.pay.element"]
        sums = elements._totals(self.alice, MARCH)[self.alice]
        self.assertEqual(
            {name: float(value) for name, value in sums.items()},
            {"leave_days": 5, "leave_hours": 0, "leave_amount": 150},
        )

    # ------------------------------------------------------------------
    # What is made of it
    # ------------------------------------------------------------------

    def test_a_payslip_leaves_it_alone(self):
        self.alice.matricule = "0042"
        self._hold(self.first, alice=100)
        self._fund(self.first, 4425.83)
        self._ask(self.alice, "max")
        self._run()
        row = {
            **{"matricule": "0042", "brut": 3000, "cout": 4030, "net": 2370},
            **{"431": 1400, "437": 260},
        }
        exchange = self.env["cae.payroll.exchange"].with_company(self.company)
        self.assertEqual(exchange.load_payslips("2026-01", [row])["errors"], [])
        self.assertDue(self.alice, 30000, 10235)
        self.assertAvailable(self.first, -6.52)
        self.assertInvariant()

    def test_the_pay_book_and_the_sheet(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 4425.83)
        self._run()
        period = self.Period.search(
            [("company_id", "=", self.company.id), ("date", "=", JANUARY)]
        )
        data = self.env["cae.pay.book"]._data(period)
        self.assertTrue(data["agrees"])
        self.assertIn("428200", [row["account"] for row in data["entry"]["rows"]])
        line = self._line(self.alice)
        steps = {step.key: float(step.amount) for step in line._chains()[line.id]}
        self.assertEqual((steps["leave"], steps["kept"]), (-ASIDE, -3281.98))

    def test_the_sheet_says_that_leave_is_included(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 2000)
        self._run()
        line = self._line(self.alice).with_context(lang="en_US")
        self.assertNotIn("leave is included", line._pages()[line.id])
        self.company.cae_leave_policy = "included"
        self.assertIn("leave is included", line._pages()[line.id])

    def test_the_statement_agrees_with_the_accounts(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 2000)
        self._run()
        span = self.env["cae.statement"]._span(self.company, "month", JANUARY)
        first = self.first.with_company(self.company)
        [(_person, _month, amounts)] = first._statement_pay_shares(span)[self.first.id]
        self.assertEqual(amounts, [round(COST + ASIDE, 2), 1000, 791.6])

    def test_months_ahead_set_it_aside(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        simulator = self.env["cae.salary.simulator"].with_company(self.company)
        given = {"person": self.alice.code, "month": "2026-02", "charges": 0}
        [row, *_others] = simulator.forecast(given)
        self.assertEqual(row["treasury"], round(5000 - COST - ASIDE, 2))

    def test_queries_do_not_grow_with_people(self):
        self._hold(self.first, alice=50, bob=50)
        self._fund(self.first, 9000)
        self._contract(self.bob, 1000)
        for person in (self.alice, self.bob):
            self._leave(person, 50, "2026-01-01")
        run = self.env["cae.pay.run"].with_company(self.company)
        holdings = {self.alice.id: [], self.bob.id: []}
        run._leave_used(self.company, JANUARY, holdings)
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            run._leave_used(self.company, JANUARY, holdings)

    def test_the_screens(self):
        settings = Form(self.env["cae.settings"].with_company(self.company))
        settings.cae_leave_policy = "included"
        form = Form(self.env["cae.pay.element"])
        form.entrepreneur_id = self.alice
        form.month = MARCH
        form.kind = "leave"
        form.days = 5
        form.amount = 150
        self.assertFalse(form.save().withheld)


@pay_tagged
@freeze_time("2026-10-05 12:00:00")
class TestSettlementLeave(SettlementCommon):
    """The balance of a year does not spend what its months set aside."""

    def test_what_was_set_aside_counts_as_paid(self):
        self.company.cae_leave_policy = "provision"
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        paid = round(3 * (COST + ASIDE), 2)
        self.assertEqual((settlement.budget, settlement.paid), (12070.44, paid))
        self.assertAlmostEqual(settlement.cost, 12070.44 - paid, delta=0.02)
        self.assertGreater(settlement.due, 5000)
        self.assertWhole(settlement)
        settlement.action_approve()
        settlement.action_post()
        # Its payment in October costs otherwise; the balance has set leave aside too.
        line = settlement.pay_line_ids
        self.assertEqual(line.leave_aside, round(line.cost / 10, 2))
        self.assertEqual(line.share_ids.leave_wage, round(settlement.due / 10, 2))
        self.assertEqual(settlement.cost, round(line.cost + line.leave_aside, 2))
        self.assertWhole(settlement)
        self.assertAlmostEqual(self.alice.leave_due, 300 + settlement.due / 10, 2)
        self.assertInvariant()
        available = settlement.carried
        self.assertAvailable(self.first, available, "2026-10-31")
        line.action_undo("Mistake")
        self.assertEqual(self.alice.leave_due, 300)
        self.assertInvariant()
