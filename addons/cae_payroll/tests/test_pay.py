from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.cae_payroll.models import cae_pay_run

from .common import JANUARY, PayCommon, pay_tagged


@pay_tagged
class TestPay(PayCommon):
    """The pay of a month, checked by hand."""

    # ------------------------------------------------------------------
    # One activity, on paper
    # ------------------------------------------------------------------

    def test_one_activity_on_paper(self):
        """All the money above the reserve, and its entry.

        available 4 523.48 − reserve 500.00 = 4 023.48: the cost of 3 000.00 gross.

        =========== ================================================ =========
        gross       fixed part 1 000.00 + advance 2 000.00            3 000.00
        employer    44.196 % of 3 000.00                              1 325.88
        reduction   0.1008 × 3 000.00                                −  302.40
        cost                                                          4 023.48
        employee    20.840 % of 3 000.00 = 625.2075…                    625.21
        net                                                           2 374.79
        =========== ================================================ =========

        Pension funds: employer 6.01 % = 180.30 less 302.40 × 0.0601 / 0.4021 = 45.20,
        that is 135.10; with the employee's 4.01 % = 120.30, 255.40 is due to them.
        URSSAF has the rest: charge 1 325.88 − 302.40 − 135.10 = 888.38, due
        4 023.48 − 2 374.79 − 255.40 = 1 393.29.
        """
        self._hold(self.first, alice=100)
        self._fund(self.first, 4523.48)
        self._ask(self.alice, "max")
        self.company.cae_pay_reserve = 500
        self.assertAvailable(self.first, 4523.48)
        result = self._run()
        self.assertEqual(result["pay"], {"lines": 1, "cost": 4023.48, "gross": 3000.0})
        line = self._line(self.alice)
        told = {
            "state": "posted",
            "available": 4523.48,
            "reserve": 500,
            "fixed_part": 1000,
            "requested": 2000,
            "gross": 3000,
            "cost": 4023.48,
            "net": 2374.79,
            "employer_contributions": 1325.88,
            "employee_contributions": 625.21,
            "general_reduction": 302.40,
            "coefficient": 0.1008,
            "equivalent_hours": 151.67,
            "flags": "CAE-PAY-FIRST",
        }
        self.assertRecordValues(line, [told])
        self.assertEqual(line.move_id.date, date(2026, 1, 31))
        self.assertEqual(line.move_id.journal_id.code, "PAIE")
        self.assertEqual(
            self._entry_of(line.move_id),
            {
                ("T1", "641100"): 3000.00,
                ("T1", "645100"): 888.38,
                ("T1", "645300"): 135.10,
                ("T1", "421000"): -2374.79,
                ("T1", "431000"): -1393.29,
                ("T1", "437000"): -255.40,
            },
        )
        self.assertAvailable(self.first, 500)
        self.assertInvariant()

    def test_the_detail_adds_up(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._run()
        line = self._line(self.alice)
        employee = sum(row["employee_amount"] for row in line.detail)
        self.assertAlmostEqual(employee, line.gross - line.net, delta=0.05)
        relief = [row for row in line.detail if row["group"] == "relief"]
        self.assertEqual(relief[0]["employer_amount"], -402.1)
        self.assertIn("402.10", line.detail_html)
        self.assertIn("Pension", line.detail_html)

    # ------------------------------------------------------------------
    # What is proposed
    # ------------------------------------------------------------------

    def test_policy_none_pays_the_fixed_part_only(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self.assertEqual(
            self._run()["pay"], {"lines": 1, "cost": 1039.86, "gross": 1000.0}
        )

    def test_policy_all_pays_what_is_available(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 4023.48)
        self.company.cae_pay_policy = "all"
        self.assertEqual(self._run()["pay"]["gross"], 3000)

    def test_a_request_smaller_than_possible(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        request = self._ask(self.alice, "gross", 1000)
        self._run()
        line = self._line(self.alice)
        self.assertEqual((line.gross, line.cost, line.net), (2000, 2248.32, 1583.19))
        self.assertEqual(line.request_id, request)
        self.assertEqual(request.state, "done")

    def test_a_net_asked_for(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._ask(self.alice, "net", 2374.79)
        self._run()
        self.assertEqual(self._line(self.alice).gross, 3000)

    def test_a_request_larger_than_possible_is_cut(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 2248.32)
        self._ask(self.alice, "gross", 5000)
        self._run()
        line = self._line(self.alice)
        self.assertEqual((line.requested, line.gross), (5000, 2000))
        self.assertIn("CAE-PAY-REQUEST", line.flags)
        self.assertEqual(line.state, "posted")

    def test_the_fixed_part_is_due_without_the_money(self):
        """Available 1 000.00 < 1 039.86: proposed in full, and not posted."""
        self._hold(self.first, alice=100)
        self._fund(self.first, 1000)
        self.company.cae_pay_policy = "all"
        result = self._run()
        self.assertEqual(result["pay"], {"lines": 0, "cost": 0.0, "gross": 0.0})
        self.assertTrue(result["done"])
        line = self._line(self.alice)
        self.assertEqual((line.gross, line.cost, line.state), (1000, 1039.86, "draft"))
        self.assertIn("CAE-PAY-OVERDRAFT", line.flags)
        self.assertTrue(line.is_overdraft)
        self.assertIn("overdraft", line.flag_text)
        self.assertFalse(line.move_id)
        self.assertEqual(self.Line.search([("is_overdraft", "=", True)]), line)
        self.assertFalse(
            self.Line.search([("id", "=", line.id), ("is_overdraft", "=", False)])
        )

    def test_an_approved_overdraft_is_posted_by_the_next_run(self):
        self._hold(self.first, alice=100)
        self._run()
        line = self._line(self.alice)
        line.action_approve()
        self.assertEqual(self._run()["pay"]["lines"], 1)
        self.assertEqual(line.state, "posted")
        self.assertAvailable(self.first, -1039.86)
        self.assertInvariant()

    def test_approved_overdrafts_are_exceptions_of_the_year(self):
        self._hold(self.first, alice=100)
        self._run()
        line = self._line(self.alice)
        year = self.env["cae.year"].create({"date_to": line.month})
        self.assertEqual(year._overdrafts(), [])
        line.action_approve()
        [row] = year._overdrafts()
        self.assertIn(row, year._exceptions())
        self.assertEqual(row[1], self.alice.display_name)
        self.assertEqual((row[2], row[4]), (line.month, self.env.user.name))
        self.assertIn("1,039.86", row[5])
        # Taken back, and no more approved by anybody.
        line.action_draft()
        self.assertFalse(line.approved_by_id)
        self.assertEqual(year._overdrafts(), [])

    def test_an_approved_pay_may_be_posted_at_once(self):
        self._hold(self.first, alice=100)
        self._run()
        line = self._line(self.alice)
        line.action_approve()
        line.action_post()
        self.assertEqual(line.state, "posted")
        self.assertEqual(self._run()["pay"]["lines"], 0)

    def test_a_pay_that_waits_follows_the_balance(self):
        self._hold(self.first, alice=100)
        self._run()
        self.assertEqual(self._line(self.alice).state, "draft")
        self._fund(self.first, 5000)
        self.assertEqual(self._run()["pay"]["lines"], 1)
        line = self._line(self.alice)
        self.assertEqual((line.state, line.available), ("posted", 5000))
        self.assertNotIn("OVERDRAFT", line.flags)

    def test_the_fixed_part_may_eat_the_reserve(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 1200)
        self.company.write({"cae_pay_reserve": 500, "cae_pay_policy": "all"})
        self._run()
        line = self._line(self.alice)
        self.assertEqual((line.gross, line.state), (1000, "posted"))
        self.assertIn("CAE-PAY-RESERVE", line.flags)

    def test_all_pay_may_wait_for_approval(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self.company.cae_pay_approval = "all"
        self.assertEqual(self._run()["pay"]["lines"], 0)
        self.assertEqual(self._line(self.alice).state, "draft")

    def test_debts_and_customers_are_not_spent(self):
        """The money of the bank is 5 000.00; a bill of 3 500.00 is due.

        What the customer owes does not count: available 1 500.00.
        """
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        self._document([(self.first, 3500)], day="2026-01-20", kind="in_invoice")
        self._document([(self.first, 8000)], day="2026-01-20")
        self.assertAvailable(self.first, 1500)
        self.company.cae_pay_policy = "all"
        self._run()
        line = self._line(self.alice)
        self.assertEqual(line.available, 1500)
        self.assertLessEqual(line.cost, 1500)
        self.assertGreater(line.cost, 1499.5)

    # ------------------------------------------------------------------
    # Contracts
    # ------------------------------------------------------------------

    def test_nobody_is_paid_after_the_contract(self):
        self.alice.contract_ids.date_end = "2025-12-31"
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        self.assertEqual(self._run()["pay"]["lines"], 0)

    def test_entering_in_the_month_counts_by_days(self):
        """From the 17th: 15 of 31 days, 1 000 × 15 / 31 = 483.87."""
        self._contract(self.carol, 1000, "2026-01-17")
        self._hold(self.first, carol=100)
        self._fund(self.first, 5000)
        self._run()
        self.assertEqual(self._line(self.carol).gross, 483.87)

    def test_leaving_in_the_month_counts_by_days(self):
        """Until the 10th: 1 000 × 10 / 31 = 322.58."""
        self.alice.date_exit = "2026-01-10"
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        self._run()
        self.assertEqual(self._line(self.alice).gross, 322.58)

    def test_an_amendment_counts_from_its_day(self):
        """Ten days at 1 000 and twenty-one at 1 310: 322.58 + 887.42 = 1 210.00."""
        amendment = self._contract(
            self.alice,
            1310,
            "2026-01-11",
            parent_id=self.alice.contract_ids.id,
        )
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._run()
        line = self._line(self.alice)
        self.assertEqual(line.gross, 1210)
        self.assertEqual(line.contract_id, amendment)

    def test_an_amendment_takes_over_the_terms(self):
        root = self.alice.contract_ids
        root.write({"executive": True, "health_cover": "none", "at_rate": 1.2})
        amendment = self._contract(self.alice, 1310, "2026-01-11", parent_id=root.id)
        self.assertRecordValues(
            amendment, [{"executive": True, "health_cover": "none", "at_rate": 1.2}]
        )

    def test_own_terms_of_a_contract(self):
        """Work accidents 3.08 % instead of 2.08 %: 10.00 more; exempt from health."""
        self.company.cae_health_total = 60
        self.alice.contract_ids.write({"at_rate": 3.08, "health_cover": "none"})
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._run()
        self.assertEqual(self._line(self.alice).cost, 1049.86)

    def test_health_is_due_to_the_insurer(self):
        """A premium of 60.00, of which the employer pays 30.00; 8 % forfait social.

        1 039.86 + 30.00 + 2.40 = 1 072.26.
        """
        self.company.cae_health_total = 60
        self.company.cae_pay_debt_health_account_id = self._account("4386")
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._run()
        line = self._line(self.alice)
        self.assertEqual(line.cost, 1072.26)
        entry = self._entry_of(line.move_id)
        self.assertEqual(entry["T1", "645200"], 30)
        self.assertEqual(entry["T1", "438600"], -60)

    def test_an_ordinary_contract_has_hours(self):
        """Half time at 1 000: the coefficient is that of 2 000 full time, 0.3178."""
        self._contract(self.carol, 1000, kind="employee", month_hours=75.83)
        self._hold(self.first, carol=100)
        self._fund(self.first, 9000)
        self._run()
        line = self._line(self.carol)
        self.assertAlmostEqual(line.coefficient, 0.3178, delta=0.0002)
        self.assertEqual(line.equivalent_hours, 75.83)

    def test_without_activity_nothing_is_posted(self):
        self._run()
        line = self._line(self.alice)
        self.assertIn("CAE-PAY-ACTIVITY", line.flags)
        with self.assertRaisesRegex(UserError, "^CAE-PAY-ACTIVITY: "):
            line.action_approve()
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._run()
        self.assertEqual(line.state, "posted")

    # ------------------------------------------------------------------
    # Several holders, several activities
    # ------------------------------------------------------------------

    def test_two_holders_share_what_is_available(self):
        """60 % and 40 % of 5 000.00; reserve 500.00 by the same shares.

        Alice may spend 3 000.00 − 300.00 = 2 700.00, Bob 2 000.00 − 200.00 = 1 800.00.
        """
        self._contract(self.bob, 1000)
        self._hold(self.first, alice=60, bob=40)
        self._fund(self.first, 5000)
        self.company.write({"cae_pay_reserve": 500, "cae_pay_policy": "all"})
        self._run()
        alice, bob = self._line(self.alice), self._line(self.bob)
        self.assertEqual((alice.available, alice.reserve), (3000, 300))
        self.assertEqual((bob.available, bob.reserve), (2000, 200))
        for line, money in ((alice, 2700), (bob, 1800)):
            self.assertLessEqual(line.cost, money)
            self.assertGreater(line.cost, money - 0.5)
        self.assertEqual(alice.move_id, bob.move_id)
        net = alice.move_id.line_ids.filtered(lambda i: i.account_id.code == "421000")
        self.assertEqual(net.partner_id, (self.alice | self.bob).partner_id)
        self.assertInvariant()

    def test_the_pay_of_one_holder_is_not_taken_from_the_other_twice(self):
        """Alice is paid first; Bob's part stays 40 % of the 5 000.00 before any pay."""
        self._hold(self.first, alice=60, bob=40)
        self._fund(self.first, 5000)
        self.company.cae_pay_policy = "all"
        self._run()
        self._contract(self.bob, 1000)
        self._run()
        self.assertEqual(self._line(self.alice).available, 3000)
        self.assertEqual(self._line(self.bob).available, 2000)

    def test_one_person_with_two_activities(self):
        """1 000.00 and 2 000.00: the cost 1 039.86 is drawn 1 : 2."""
        self._hold(self.first, alice=100)
        self._hold(self.second, alice=100)
        self._fund(self.first, 1000)
        self._fund(self.second, 2000)
        self._run()
        line = self._line(self.alice)
        self.assertIn("CAE-PAY-SEVERAL", line.flags)
        self.assertEqual(line.activity_ids, self.first | self.second)
        self.assertEqual(
            {s.activity_id.code: s.cost for s in line.share_ids},
            {"T1": 346.62, "T2": 693.24},
        )
        self.assertEqual(sum(line.share_ids.mapped("gross")), 1000)
        self.assertEqual(sum(line.share_ids.mapped("net")), line.net)
        self.assertAvailable(self.first, 653.38)
        self.assertAvailable(self.second, 1306.76)
        self.assertEqual(
            self.Line.search([("activity_ids", "in", self.second.ids)]), line
        )
        self.assertInvariant()

    def test_an_advance_from_one_activity(self):
        """The fixed part as above; the advance on the second activity alone."""
        self._hold(self.first, alice=100)
        self._hold(self.second, alice=100)
        self._fund(self.first, 1000)
        self._fund(self.second, 2000)
        self._ask(self.alice, "max", activity_id=self.second.id)
        self._run()
        shares = {s.activity_id.code: s.cost for s in self._line(self.alice).share_ids}
        self.assertEqual(shares["T1"], 346.62)
        self.assertAlmostEqual(shares["T2"], 2000, delta=0.5)

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------

    def test_a_second_run_adds_nothing(self):
        self._contract(self.bob, 1000)
        self._hold(self.first, alice=100)
        self._hold(self.second, bob=100)
        self._fund(self.first, 9000)
        self.company.cae_pay_policy = "all"
        self.assertEqual(self._run()["pay"]["lines"], 1)
        moves = self.env["account.move"].search_count([])
        written = self.Line.search([]).mapped("write_date")
        again = self._run()
        self.assertEqual(again["pay"], {"lines": 0, "cost": 0.0, "gross": 0.0})
        self.assertTrue(again["done"])
        self.assertEqual(self.env["account.move"].search_count([]), moves)
        self.assertEqual(self.Line.search([]).mapped("write_date"), written)

    def test_each_month_counts_the_pay_before_it(self):
        """4 000.00, then 1 039.86 of pay each month: 2 960.14 are left in February."""
        self._hold(self.first, alice=100)
        self._fund(self.first, 4000)
        self._run("2026-01")
        self._run("2026-02")
        line = self._line(self.alice, date(2026, 2, 1))
        self.assertEqual(line.available, 2960.14)
        self.assertFalse(line.flags)

    def test_a_month_run_late_leaves_what_later_months_paid(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 3000)
        self.company.cae_pay_policy = "all"
        self._run("2026-02")
        paid = self._line(self.alice, date(2026, 2, 1)).cost
        self._run("2026-01")
        late = self._line(self.alice)
        self.assertEqual(late.state, "draft")
        self.assertEqual((late.available, late.committed), (3000, paid))
        self.assertIn("CAE-PAY-OVERDRAFT", late.flags)

    def test_pay_that_waits_is_not_spent_by_the_next_month(self):
        """January's 1 039.86 waits; 5 063.34 come in: 4 023.48 for February."""
        self._hold(self.first, alice=100)
        self._run("2026-01")
        self._fund(self.first, 5063.34, "2026-02-10")
        self.company.cae_pay_policy = "all"
        self._run("2026-02")
        line = self._line(self.alice, date(2026, 2, 1))
        self.assertEqual((line.available, line.committed), (5063.34, 1039.86))
        self.assertEqual(line.gross, 3000)

    def test_a_locked_month_is_left_alone(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        with patch.object(type(self.Period), "_check_findings", lambda self: None):
            self.Period.with_company(self.company).lock("2026-01")
        result = self._run()
        self.assertEqual(result["pay"], {"lines": 0, "cost": 0.0, "gross": 0.0})
        self.assertFalse(self._line(self.alice))

    def test_nothing_is_decided_in_a_locked_month(self):
        self._hold(self.first, alice=100)
        self._run()
        line = self._line(self.alice)
        with patch.object(type(self.Period), "_check_findings", lambda self: None):
            self.Period.with_company(self.company).lock("2026-01")
        for operation in (line.action_approve, line.action_draft):
            with self.assertRaisesRegex(UserError, "^CAE-PERIOD-LOCKED: "):
                operation()

    def test_a_lock_date_of_odoo_is_said(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self.company.fiscalyear_lock_date = "2026-01-31"
        with self.assertRaisesRegex(UserError, "^CAE-PAY-LOCK-DATE: "):
            self._run()

    def test_findings_of_the_month(self):
        self._hold(self.first, alice=100)
        self._run()
        found = self._pay_findings()
        self.assertEqual([f["severity"] for f in found], ["warning"])
        line = self._line(self.alice)
        self.assertEqual(found[0]["res_ids"], line.ids)
        line.action_approve()
        self.assertEqual([f["severity"] for f in self._pay_findings()], ["blocking"])
        self._run()
        self.assertFalse(self._pay_findings())

    def test_a_fixed_part_below_the_minimum_is_told(self):
        contracts = self.env["cae.contract"].with_company(self.company)
        mine = contracts.browse(self.alice.contract_ids.id)
        self.assertFalse(mine.has_warning)
        self.company.cae_fixed_part_minimum = 1000.01
        mine.invalidate_recordset()
        self.assertIn("below the company's minimum", mine.warning)
        self.assertIn(mine, contracts.search([("has_warning", "=", True)]))
        self._contract(self.alice, 1100, "2025-06-01", parent_id=mine.id)
        mine.invalidate_recordset()
        self.assertFalse(mine.has_warning)

    def test_rounding_line_by_line(self):
        """Half a cent up in each of the lines: the estimate is that of a payslip."""
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self.company.cae_pay_rounding = "line"
        self._run()
        line = self._line(self.alice)
        amounts = [row["employee_amount"] for row in line.detail]
        self.assertEqual([round(a, 2) for a in amounts], amounts)
        self.assertEqual(round(line.gross - sum(amounts), 2), line.net)
        self.company.cae_pay_rounding = "none"

    def _pay_findings(self):
        checks = self.Period.with_company(self.company).checks("2026-01")
        return [f for f in checks if f["code"] == "CAE-CHECK-PAY"]

    def test_the_month_shows_that_pay_is_done(self):
        self._hold(self.first, alice=100)
        self._run()
        period = self.Period.with_company(self.company)._get(JANUARY)
        self.assertEqual(period.step, "pay")
        action = period.action_open_pay()
        self.assertEqual(self.Line.search(action["domain"]), self._line(self.alice))

    def test_chunks_and_the_time_budget(self):
        """One person per entry; without time, one chunk per call."""
        self._contract(self.bob, 1000)
        self._hold(self.first, alice=100)
        self._hold(self.second, bob=100)
        self._fund(self.first, 9000)
        self._fund(self.second, 9000)
        period = self.Period.with_company(self.company)._get(JANUARY)
        with patch.object(cae_pay_run, "CHUNK", 1):
            left, added = period._run_pay(0)
            self.assertEqual((left, added["lines"]), (1, 1))
            left, added = period._run_pay(0)
            self.assertEqual((left, added["lines"]), (0, 1))
        moves = (self._line(self.alice) | self._line(self.bob)).move_id
        self.assertEqual(len(moves), 2)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Undoing and refusing
    # ------------------------------------------------------------------

    def test_undo_reverses_and_the_next_run_proposes_again(self):
        self._contract(self.bob, 1000)
        self._hold(self.first, alice=60, bob=40)
        self._fund(self.first, 5000)
        self._ask(self.alice, "gross", 200)
        self._run()
        line = self._line(self.alice)
        line.action_undo("Wrong contract")
        self.assertEqual((line.state, line.reason), ("cancelled", "Wrong contract"))
        entry = self._entry_of(line.reversal_move_id)
        self.assertEqual(entry["T1", "641100"], -1200)
        self.assertEqual(entry["T1", "421000"], line.net)
        self.assertEqual(line.reversal_move_id.date, date(2026, 1, 31))
        net = line.reversal_move_id.line_ids.filtered(
            lambda item: item.account_id.code == "421000"
        )
        self.assertTrue(net.reconciled)
        self.assertEqual(self._line(self.bob).state, "posted")
        self.assertAvailable(self.first, 5000 - 1039.86)
        self.assertInvariant()
        self.assertEqual(
            self._run()["pay"],
            {"lines": 1, "cost": line.cost, "gross": 1200.0},
        )
        again = self._line(self.alice)
        self.assertNotEqual(again, line)
        self.assertEqual(again.available, line.available)
        self.assertInvariant()

    def test_a_pay_of_a_locked_month_is_reversed_in_the_next_one(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        self._run()
        with patch.object(type(self.Period), "_check_findings", lambda self: None):
            self.Period.with_company(self.company).lock("2026-01")
        line = self._line(self.alice)
        line.action_undo("Mistake")
        self.assertEqual(line.reversal_move_id.date, date(2026, 2, 1))
        self.assertInvariant()

    def test_a_net_already_paid_is_not_undone(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 5000)
        self._run()
        line = self._line(self.alice)
        net = line.move_id.line_ids.filtered(lambda i: i.account_id.code == "421000")
        payment = self._entry([("421", line.net, self.first), ("512", -line.net, None)])
        payment.line_ids[0].partner_id = net.partner_id
        (net | payment.line_ids[0]).reconcile()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-PAID: "):
            line.action_undo("Too late")

    def test_a_reason_is_needed(self):
        self._hold(self.first, alice=100)
        self._run()
        line = self._line(self.alice)
        for reason in ("", "  ", None, 12):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-REASON: "):
                line.action_refuse(reason)

    def test_a_refused_pay_is_proposed_no_more(self):
        self._hold(self.first, alice=100)
        self._run()
        line = self._line(self.alice)
        line.action_refuse("Amendment signed")
        self._fund(self.first, 9000)
        self.assertEqual(self._run()["pay"]["lines"], 0)
        self.assertEqual((line.state, line.reason), ("refused", "Amendment signed"))
        line.action_draft()
        self.assertEqual((line.state, line.available), ("draft", 9000))
        self.assertFalse(line.is_overdraft)
        self.assertEqual(self._run()["pay"]["lines"], 1)

    def test_actions_need_the_right_state(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._run()
        line = self._line(self.alice)
        for operation in (line.action_approve, line.action_post, line.action_draft):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-STATE: "):
                operation()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STATE: "):
            line.action_refuse("No")
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STATE: "):
            line.unlink()

    def test_the_wizard_of_reasons(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._run()
        line = self._line(self.alice)
        action = line.action_ask_undo()
        wizard = self.env["cae.pay.reason"].with_context(**action["context"])
        wizard.create({"reason": "Mistake"}).action_confirm()
        self.assertEqual(line.state, "cancelled")
        self._run()
        self.company.cae_pay_approval = "all"
        self._line(self.alice).action_undo("Again")
        self._run()
        line = self._line(self.alice)
        action = line.action_ask_refusal()
        wizard = self.env["cae.pay.reason"].with_context(**action["context"])
        wizard.create({"reason": "No"}).action_confirm()
        self.assertEqual(line.state, "refused")

    # ------------------------------------------------------------------
    # Requests
    # ------------------------------------------------------------------

    def test_a_request_is_for_a_month(self):
        request = self._ask(self.alice, "max", month="2026-01-19")
        self.assertEqual(request.month, JANUARY)
        self.assertIn("2026-01", request.display_name)

    @mute_logger("odoo.sql_db")
    def test_one_request_per_person_and_month(self):
        self._ask(self.alice, "max").action_cancel()
        self._ask(self.alice, "max")
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._ask(self.alice, "net", 10)
            self.env.flush_all()

    def test_a_request_is_for_an_activity_of_the_person(self):
        self._hold(self.first, alice=100)
        with self.assertRaisesRegex(ValidationError, "^CAE-PAY-REQUEST: "):
            self._ask(self.alice, "max", activity_id=self.second.id)

    def test_a_paid_request_does_not_change(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        request = self._ask(self.alice, "gross", 100)
        self._run()
        for operation in (
            request.action_cancel,
            request.unlink,
            lambda: request.write({"amount": 200}),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-REQUEST: "):
                operation()
        request.note = "still free"
        self._line(self.alice).action_undo("Mistake")
        self.assertEqual(request.state, "sent")
        request.amount = 300
        self._run()
        self.assertEqual(self._line(self.alice).gross, 1300)

    def test_a_withdrawn_request_asks_for_nothing(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._ask(self.alice, "max").action_cancel()
        self._run()
        self.assertEqual(self._line(self.alice).gross, 1000)

    # ------------------------------------------------------------------
    # Settings, batches
    # ------------------------------------------------------------------

    def test_the_company_is_configured(self):
        accounts = self.company._cae_pay_accounts()
        codes = {
            key: self.env["account.account"].browse(account).code
            for key, account in accounts.items()
        }
        self.assertEqual(
            codes,
            {
                "wage": "641100",
                "charge_social": "645100",
                "charge_pension": "645300",
                "charge_health": "645200",
                "net": "421000",
                "debt_social": "431000",
                "debt_pension": "437000",
                "debt_health": "437000",
            },
        )
        self.company.cae_pay_net_account_id = False
        self.assertEqual(self.company._cae_pay_accounts(), accounts)

    def test_a_company_without_chart_says_so(self):
        company = self.env["res.company"].create({"name": "No chart"})
        with self.assertRaisesRegex(UserError, "^CAE-PAY-CONFIG: "):
            company._cae_pay_accounts()

    def test_queries_do_not_grow_with_people(self):
        """Reading and proposing for twelve people takes the queries of four."""
        activity = self.third
        people = self.env["cae.entrepreneur"].union(
            *(self._person(f"Q{n}", f"Person {n}") for n in range(12))
        )
        activity.share_ids = [
            (
                0,
                0,
                {
                    "entrepreneur_id": person.id,
                    "share": share,
                    "date_start": activity.date_start,
                },
            )
            for person, share in zip(people, [8.0] * 11 + [12.0], strict=True)
        ]
        self._fund(activity, 50000)
        self._propose(people[:1])
        few = self._count(lambda: self._propose(people[:4]))
        proposed = self.Line.search([])
        proposed.action_draft()
        proposed.unlink()
        many = self._count(lambda: self._propose(people))
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 34)

    def test_amounts_are_rounded_by_their_currency(self):
        """In cache and in the database, whatever comes first, as Odoo's are."""
        run = self.env["cae.pay.run"].sudo().with_company(self.company)
        plan = run._plan(self.company, JANUARY, self.alice.ids)
        vals = run._prepare_line_vals(plan, self.alice.id)
        vals |= {"gross": 1000.005, "net": 791.604, "share_ids": []}
        for ordered in (vals, dict(reversed(vals.items()))):
            line = self.Line.sudo()._paying().create(ordered)
            for _where in ("cache", "database"):
                self.assertEqual((line.gross, line.net), (1000.01, 791.60))
                line.invalidate_recordset()
            line.cost = 2.345
            self.assertEqual(line.cost, 2.35)
            line.write({"state": "draft"})
            line.unlink()

    def test_pay_names_nothing_of_another_company(self):
        """One of many that does not fit is found."""
        self._hold(self.first, alice=100)
        run = self.env["cae.pay.run"].sudo().with_company(self.company)
        plan = run._plan(self.company, JANUARY, self.alice.ids)
        good = run._prepare_line_vals(plan, self.alice.id)
        other = self.env["cae.entrepreneur"].create(
            {
                "code": "X1",
                "first_name": "Xavier",
                "last_name": "Test",
                "date_entry": "2024-01-01",
                "company_id": self.env["res.company"].create({"name": "Other"}).id,
            }
        )
        bad = {**good, "entrepreneur_id": other.id, "share_ids": []}
        lines = self.Line.sudo()._paying()
        with self.assertRaisesRegex(UserError, "Xavier"), self.cr.savepoint():
            lines.create([good, bad])
        self.assertEqual(len(lines.create([good])), 1)

    def _propose(self, people):
        run = self.env["cae.pay.run"].sudo().with_company(self.company)
        plan = run._plan(self.company, JANUARY, people.ids)
        run._propose(plan, people.ids)
        self.env.flush_all()

    def _count(self, operation):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        operation()
        return self.cr.sql_log_count - before

    def test_only_accountants_run_the_month(self):
        officer = new_test_user(
            self.env, "pay_officer", groups="cae_base.group_payroll"
        )
        with self.assertRaises(AccessError):
            self.Period.with_user(officer).month_run("2026-01", steps=["pay"])

    def test_the_entry_of_pay_is_changed_by_its_pay_alone(self):
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)
        self._run()
        move = self._line(self.alice).move_id
        for operation in (
            move.button_draft,
            move._reverse_moves,
            lambda: move.line_ids[0].write({"account_id": self._account("6413").id}),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-POSTED: "):
                operation()
        item = move.line_ids[0]
        with self.assertRaisesRegex(UserError, "^CAE-ENTRY-ITEM: "):
            item.journal_id = self.bank
        # Whatever the journal of the item says.
        item._fields["journal_id"]._update_cache(item, self.bank.id)
        with self.assertRaisesRegex(UserError, "^CAE-PAY-POSTED: "):
            item.analytic_distribution = self._tag(self.second)
        item.name = "Another label"

    def test_pay_is_changed_by_its_buttons_alone(self):
        self._hold(self.first, alice=100)
        self._run()
        line = self._line(self.alice)
        for vals in ({"gross": 5000}, {"state": "posted"}, {"flags": False}):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-STATE: "):
                line.write(vals)
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STATE: "):
            self.Line.create({"entrepreneur_id": self.bob.id, "month": JANUARY})
        line.message_post(body="Called her")
        line.unlink()
