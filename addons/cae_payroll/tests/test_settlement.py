from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user

from .common import PayCommon, pay_tagged

FEBRUARY, OCTOBER = date(2026, 2, 1), date(2026, 10, 1)


class SettlementCommon(PayCommon):
    """The year from July 2025 to June 2026, of which Alice was paid three months.

    From January to March each month pays the fixed part, 1 000.00 at 1 039.86. The
    cost of 3 000.00 is 4 023.48 a month, 12 070.44 for three.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        cls.alice.contract_ids.write(
            {"date_start": "2026-01-01", "date_end": "2026-03-31"}
        )
        cls.Settlement = cls.env["cae.settlement"]
        cls.payroll = cls._user("se_payroll", "group_payroll")
        cls.accountant = cls._user("se_accountant", "group_accountant")
        cls.year = cls.env["cae.year"].create(
            {"date_to": "2026-06-30", "accounts_meeting_date": "2026-09-15"}
        )

    @classmethod
    def _earn(cls, activity, amount, day="2026-01-10"):
        """A sale that is paid at once."""
        cls._entry([("512", amount, activity), ("706", -amount, activity)], day)

    def _run_months(self, *months):
        for month in months or ("2026-01", "2026-02", "2026-03"):
            self._run(month)

    def _settle(self, year=None):
        (year or self.year).with_user(self.payroll).action_settle()

    def _of(self, person, year=None):
        return self.Settlement.search(
            [
                ("entrepreneur_id", "=", person.id),
                ("year_id", "=", (year or self.year).id),
            ]
        ).with_user(self.payroll)

    def _alone(self, amount=12070.44):
        """Alice alone on the first activity, paid for three months."""
        self._hold(self.first, alice=100)
        self._earn(self.first, amount)
        self._run_months()

    def assertWhole(self, settlements):
        """Paid + balance + left + carried = what the activities could bear."""
        for record in (*settlements, *settlements.share_ids):
            budget = record.result + record.brought
            used = record.paid + record.cost + record.left_amount + record.carried
            self.assertAlmostEqual(budget, used, 2)


@pay_tagged
@freeze_time("2026-10-05 12:00:00")
class TestSettlement(SettlementCommon):
    """The variable part of a year: budget, balance, payment, undoing."""

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_a_year_on_paper(self):
        """Three fixed parts out of a budget of 12 070.44.

        ============== =============================== ==========
        budget         sales less charges               12 070.44
        annual gross   3 × 3 000.00                       9 000.00
        fixed parts    3 × 1 000.00                     − 3 000.00
        balance due                                       6 000.00
        its cost       12 070.44 − 3 × 1 039.86           8 950.86
        ============== =============================== ==========
        """
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        self.assertRecordValues(
            settlement,
            [
                {
                    "state": "computed",
                    "result": 12070.44,
                    "brought": 0,
                    "budget": 12070.44,
                    "annual_gross": 9000,
                    "fixed_part": 3000,
                    "advance": 0,
                    "paid": 3119.58,
                    "due": 6000,
                    "cost": 8950.86,
                    "carried": 0,
                    "month": OCTOBER,
                    "deadline": date(2026, 10, 15),
                }
            ],
        )
        self.assertWhole(settlement)

    def test_advances_are_deducted(self):
        """February paid 2 000.00: dearer than the year as a whole.

        Regularised month by month, the coefficient of the pay to date is 0.4021, then
        0.3449 of 3 000.00 and 0.3588 of 4 000.00: reductions of 402.10, 632.60 and
        400.50, costs of 1 039.86, 2 251.32 and 1 041.46. 9 000.00 would cost 12 070.44
        if each month had paid as much. 7 737.80 are left, and pay for 4 895.40 more.
        """
        self._hold(self.first, alice=100)
        self._earn(self.first, 12070.44)
        self._ask(self.alice, "gross", 1000, month="2026-02-01")
        self._run_months()
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual((settlement.fixed_part, settlement.advance), (3000, 1000))
        self.assertEqual((settlement.annual_gross, settlement.due), (8895.4, 4895.4))
        self.assertAlmostEqual(settlement.budget - settlement.paid, 7737.8, 2)
        self.assertLessEqual(settlement.cost, 7737.8)
        self.assertLess(settlement.carried, 0.05)
        self.assertWhole(settlement)

    def test_computing_again_changes_nothing(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        shares = settlement.share_ids
        self._settle()
        self.assertEqual(self._of(self.alice).share_ids, shares)
        self.assertEqual(self.Settlement.search_count([]), 1)

    def test_what_comes_late_counts_until_the_approval(self):
        self._alone()
        self._settle()
        self._earn(self.first, 500, "2026-06-30")
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual(settlement.budget, 12570.44)
        settlement.action_approve()
        self._earn(self.first, 500, "2026-06-30")
        self._settle()
        self.assertEqual(settlement.budget, 12570.44)

    def test_a_loss_is_carried_to_the_next_year(self):
        self._hold(self.first, alice=100)
        self._earn(self.first, 2000)
        self._run_months()
        self._approve_and_run("2026-02", "2026-03")
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual((settlement.due, settlement.cost), (0, 0))
        self.assertEqual(settlement.carried, -1119.58)
        settlement.action_approve()
        settlement.action_post()
        self.assertEqual(settlement.state, "posted")
        self.assertFalse(settlement.pay_line_ids)
        self._earn(self.first, 3000, "2026-08-10")
        later = self.env["cae.year"].create(
            {"date_to": "2027-06-30", "accounts_meeting_date": "2027-09-15"}
        )
        with freeze_time("2027-10-05 12:00:00"):
            self._settle(later)
        settlement = self._of(self.alice, later)
        self.assertEqual((settlement.brought, settlement.result), (-1119.58, 3000))
        self.assertEqual(settlement.budget, 1880.42)
        self.assertFalse(settlement.contract_id)
        self.assertEqual((settlement.due, settlement.carried), (0, 1880.42))

    def _approve_and_run(self, *months):
        """Approve the fixed parts that the money does not cover."""
        waiting = self.Line.search([("state", "=", "draft")])
        waiting.action_approve()
        for month in months:
            self._run(month)

    def test_results_that_came_with_the_opening_count(self):
        self._alone(10000)
        self._entry([("512", 70.44, self.first), ("110", -70.44, self.first)])
        self._entry(
            [("512", 2000, self.first), ("706", -2000, self.first)], "2025-03-31"
        )
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual((settlement.brought, settlement.budget), (2070.44, 12070.44))

    def test_holders_by_dated_shares(self):
        """Bob has 40 % from February on; in January all is Alice's."""
        self.first.share_ids = [
            (
                0,
                0,
                {
                    "entrepreneur_id": self.alice.id,
                    "share": 100,
                    "date_start": self.first.date_start,
                    "date_end": "2026-01-31",
                },
            ),
            *(
                (
                    0,
                    0,
                    {
                        "entrepreneur_id": person.id,
                        "share": percent,
                        "date_start": FEBRUARY,
                    },
                )
                for person, percent in ((self.alice, 60), (self.bob, 40))
            ),
        ]
        self._earn(self.first, 2000.01, "2026-01-10")
        self._earn(self.first, 5000.01, "2026-02-10")
        self._run_months()
        self._settle()
        mine, theirs = self._of(self.alice), self._of(self.bob)
        self.assertEqual((mine.result, theirs.result), (5000.02, 2000))
        self.assertEqual((mine.paid, theirs.paid), (3119.58, 0))
        self.assertEqual((theirs.due, theirs.carried), (0, 2000))
        self.assertWhole(mine | theirs)

    def test_one_activity_makes_up_for_another(self):
        self._hold(self.second, alice=100)
        self._alone()
        self._entry(
            [("611", 400, self.second), ("512", -400, self.second)], "2026-04-30"
        )
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual(settlement.budget, 11670.44)
        parts = {part.activity_id: part for part in settlement.share_ids}
        self.assertEqual(parts[self.second].carried, -400)
        self.assertEqual(parts[self.second].cost, 0)
        self.assertGreaterEqual(parts[self.first].carried, 400)
        self.assertWhole(settlement)

    def test_waiting_pay_is_decided_first(self):
        self._hold(self.first, alice=100)
        self._run("2026-01")
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-PAY: "):
            self._settle()
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-PAY: "):
            self.year.action_accrue()

    def test_a_year_waits_for_the_one_before(self):
        self._alone()
        self._settle()
        later = self.env["cae.year"].create(
            {"date_to": "2027-06-30", "accounts_meeting_date": "2027-09-15"}
        )
        with freeze_time("2027-10-05 12:00:00"):
            with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-ORDER: "):
                self._settle(later)

    def test_no_approval_on_figures_that_no_longer_hold(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.action_approve()
        settlement.action_post()
        later = self.env["cae.year"].create(
            {"date_to": "2027-06-30", "accounts_meeting_date": "2027-09-15"}
        )
        with freeze_time("2027-10-05 12:00:00"):
            self._settle(later)
            settlement.action_undo("Mistake")
            with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-ORDER: "):
                self._of(self.alice, later).action_approve()
            settlement.action_compute()
            settlement.action_approve()
            settlement.action_post()
            self._settle(later)
            self._of(self.alice, later).action_approve()
            with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-ORDER: "):
                settlement.action_undo("Mistake")
            with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-ORDER: "):
                settlement.pay_line_ids.filtered(
                    lambda line: line.state == "posted"
                ).action_undo("Mistake")

    def test_the_meeting_comes_first(self):
        self.year.accounts_meeting_date = False
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-MEETING: "):
            self._settle()
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-MEETING: "):
            self.year.accounts_meeting_date = "2026-06-30"
        with freeze_time("2026-06-30 12:00:00"):
            with self.assertRaisesRegex(UserError, "^CAE-YEAR-EARLY: "):
                self._settle()

    # ------------------------------------------------------------------
    # What is left to the cooperative
    # ------------------------------------------------------------------

    def test_a_part_is_left_to_the_cooperative(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.left_amount = 3000
        self.assertLess(settlement.due, 6000)
        self.assertWhole(settlement)
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-LEFT: "):
            settlement.action_approve()
        settlement.left_reason = "Agreement of 12 May"
        settlement.action_approve()
        settlement.action_post()
        move = settlement.sudo().left_move_ids
        self.assertEqual(move.date, date(2026, 10, 31))
        shared = self.shared.id
        rows = {
            (
                item.account_id.code[:3],
                int(next(iter(item.analytic_distribution))) == shared,
            ): item.balance
            for item in move.line_ids
        }
        self.assertEqual(
            rows,
            {
                ("186", False): 3000,
                ("181", False): -3000,
                ("181", True): 3000,
                ("187", True): -3000,
            },
        )
        self.assertWhole(settlement)
        self.assertInvariant()
        settlement.action_undo("Agreement withdrawn")
        self.assertEqual(len(settlement.sudo().left_move_ids), 2)
        balances = self._balances(activity=self.first)["T1"]
        self.assertFalse(balances.get("186000"))
        self.assertInvariant()

    def test_no_more_is_left_than_there_is(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-LEFT: "):
            settlement.left_amount = 8950.87
        for value in (-1, "x", float("nan"), 10**9, True, [1]):
            with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-VALUE: "):
                settlement.write({"left_amount": value})
        for value in (False, "x", {}, [1], "1900-01-01"):
            with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-VALUE: "):
                settlement.write({"month": value})
        for value in (1, "\x00", "x" * 3000, {"a": 1}):
            with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-VALUE: "):
                settlement.write({"left_reason": value})

    def test_on_the_form(self):
        self._alone()
        self._settle()
        with Form(self._of(self.alice)) as form:
            form.left_amount = 1000
            form.left_reason = "Agreement of 12 May"
            form.month = date(2026, 11, 20)
        settlement = self._of(self.alice)
        self.assertEqual(settlement.month, date(2026, 11, 1))
        self.assertEqual(settlement.left_amount, 1000)

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------

    def test_the_run_of_the_month_pays_the_balance(self):
        """6 000.00 in October after 3 000.00 from January to March: 9 000.00 in all.

        The hours of these months were rebuilt from 1 000.00 each, those of October are
        full: 9 000.00 against 4 823.03 of SMIC give a coefficient of 0.0675 and a
        reduction of 607.50, of which 1 206.30 are booked. 6 000.00 and 2 651.76 of
        contributions thus cost 598.80 more, 9 250.56. Over the year it was 8 950.86:
        the activity carries the difference.
        """
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.action_approve()
        result = self._run("2026-10")
        self.assertEqual(result["pay"], {"lines": 1, "cost": 9250.56, "gross": 6000})
        self.assertEqual(settlement.state, "posted")
        line = settlement.pay_line_ids
        self.assertRecordValues(
            line,
            [
                {
                    "state": "posted",
                    "month": OCTOBER,
                    "gross": 6000,
                    "fixed_part": 0,
                    "cost": 9250.56,
                    "net": 4749.58,
                    "approved_by_id": self.payroll.id,
                }
            ],
        )
        self.assertEqual((settlement.cost, settlement.carried), (9250.56, -299.7))
        self.assertWhole(settlement)
        entry = self._entry_of(line.sudo().move_id)
        self.assertEqual(entry["T1", "641100"], 6000)
        self.assertEqual(entry["T1", "421000"], -4749.58)
        self.assertInvariant()
        again = self._run("2026-10")
        self.assertEqual(again["pay"], {"lines": 0, "cost": 0.0, "gross": 0.0})

    def test_the_balance_is_beside_the_pay_of_the_month(self):
        """1 000.00 of fixed part, and 6 000.00 at what they add to it.

        From June 1 000.00 cost 1 063.16, and 7 000.00 cost 10 108.72: 9 045.56 more.
        """
        self._alone()
        self._earn(self.first, 5000, "2026-10-02")
        self._contract(self.alice, 1000, "2026-09-15")
        self._settle()
        settlement = self._of(self.alice)
        settlement.action_approve()
        result = self._run("2026-10")
        self.assertEqual(result["pay"]["lines"], 2)
        lines = self.Line.search(
            [("entrepreneur_id", "=", self.alice.id), ("month", "=", OCTOBER)]
        )
        balance = settlement.pay_line_ids
        month = lines - balance
        self.assertEqual((month.gross, month.cost), (1000, 1063.16))
        self.assertEqual((balance.gross, balance.cost), (6000, 9045.56))
        self.assertEqual(balance.net, 4775.43)
        self.assertEqual(
            balance.employer_contributions > balance.general_reduction, True
        )
        self.assertWhole(settlement)
        self.assertInvariant()

    def test_a_balance_that_waits_bounds_the_pay_of_later_months(self):
        self._alone()
        self._settle()
        self._contract(self.alice, 1000, "2026-10-01")
        self._ask(self.alice, "max", month="2026-10-01")
        self._run("2026-10")
        line = self.Line.search(
            [("entrepreneur_id", "=", self.alice.id), ("month", "=", OCTOBER)]
        )
        # What its payment is estimated to cost in October; see the run of the month.
        self.assertEqual((line.available, line.committed), (8950.86, 9250.56))
        self.assertEqual((line.gross, line.is_overdraft), (1000, True))

    def test_the_payment_is_dearer_beside_the_pay_of_its_month(self):
        """The estimate counts the fixed part that October will pay first."""
        self._alone()
        self._contract(self.alice, 1000, "2026-10-01")
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual(settlement.month, OCTOBER)
        settlement.action_approve()
        expected = settlement.payment_cost
        self._fund(self.first, 5000, "2026-10-02")
        self._run("2026-10")
        both = self._line(self.alice, OCTOBER)
        balance = both.filtered("settlement_id")
        self.assertEqual((len(both), balance.cost), (2, expected))

    def test_what_the_payment_costs_is_known_before_the_approval(self):
        """9 250.56 in October, see above: 299.70 more than is left, and is there."""
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual((settlement.cost, settlement.payment_cost), (8950.86, 9250.56))
        self.assertEqual(settlement.flags, "CAE-SETTLEMENT-COST,CAE-SETTLEMENT-MONEY")
        self.assertIn("more than the budget leaves", settlement.flag_text)
        self.assertEqual(settlement.share_ids.engaged, 9250.56)
        # The balance is that of the year, whenever it is paid.
        self.assertEqual((settlement.due, settlement.carried), (6000, 0))
        self._earn(self.first, 1000, "2026-10-01")
        settlement.action_compute()
        self.assertEqual(settlement.flags, "CAE-SETTLEMENT-COST")
        settlement.action_approve()
        self._run("2026-10")
        self.assertEqual((settlement.cost, settlement.payment_cost), (9250.56, 9250.56))

    def test_another_month_of_payment_has_another_cost(self):
        """A contract of October bears 6 000.00 with its own ceiling and hours."""
        self._alone()
        self._contract(self.alice, 0, "2026-10-01")
        self._settle()
        settlement = self._of(self.alice)
        october = settlement.payment_cost
        settlement.month = "2026-11-15"
        self.assertEqual(str(settlement.month), "2026-11-01")
        self.assertTrue(settlement.payment_cost)
        settlement.month = "2026-10-01"
        self.assertEqual(settlement.payment_cost, october)

    def test_a_month_without_rates_has_no_estimate(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.month = "2027-01-01"
        self.assertRecordValues(settlement, [{"payment_cost": 0, "flags": False}])
        self.assertEqual(settlement.share_ids.engaged, 8950.86)

    def test_undone_by_reversal(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.action_approve()
        settlement.action_post()
        line = settlement.pay_line_ids
        settlement.action_undo("Wrong month")
        self.assertEqual((settlement.state, line.state), ("draft", "cancelled"))
        self.assertEqual(settlement.reason, "Wrong month")
        self.assertAvailable(self.first, 8950.86, "2026-10-31")
        self.assertInvariant()
        settlement.action_compute()
        self.assertEqual((settlement.due, settlement.cost), (6000, 8950.86))
        settlement.action_approve()
        self._run("2026-10")
        self.assertEqual(settlement.state, "posted")
        self.assertEqual(len(settlement.pay_line_ids), 2)

    def test_undoing_the_pay_undoes_the_settlement(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.action_approve()
        settlement.action_post()
        wizard = self.env["cae.pay.reason"].with_user(self.payroll)
        context = settlement.pay_line_ids.action_ask_undo()["context"]
        wizard.with_context(**context).create({"reason": "Mistake"}).action_confirm()
        self.assertEqual(settlement.state, "draft")
        self.assertInvariant()

    def test_reasons_are_asked_for(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        wizard = self.env["cae.pay.reason"].with_user(self.payroll)
        for make in (
            settlement.action_approve,
            settlement.action_ask_draft,
            settlement.action_compute,
            settlement.action_approve,
            settlement.action_post,
            settlement.action_ask_undo,
        ):
            action = make()
            if action is not True:
                with Form(wizard.with_context(**action["context"])) as form:
                    form.reason = "Agreed"
                form.record.action_confirm()
                self.assertEqual(settlement.state, "draft")
                self.assertEqual(settlement.reason, "Agreed")

    def test_locked_months_take_no_payment(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        self.env["cae.period"]._get(OCTOBER)._set_state("locked")
        with self.assertRaisesRegex(UserError, "^CAE-PERIOD-LOCKED: "):
            settlement.action_approve()
        settlement.month = "2026-06-01"
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-VALUE: "):
            settlement.action_approve()

    def test_entries_are_protected(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.write({"left_amount": 100, "left_reason": "Agreement"})
        settlement.action_approve()
        settlement.action_post()
        self.year.action_accrue()
        for move in (
            settlement.sudo().left_move_ids,
            settlement.pay_line_ids.sudo().move_id,
            *self.year.accrual_ids.mapped("move_id"),
            *self.year.accrual_ids.mapped("opening_move_id"),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-POSTED: "):
                move.button_draft()
            with self.assertRaisesRegex(UserError, "^CAE-PAY-POSTED: "):
                move._reverse_moves(cancel=True)

    def test_states_change_by_buttons_only(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        for vals in ({"state": "posted"}, {"due": 1}, {"carried": 9}):
            with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-STATE: "):
                settlement.write(vals)
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-STATE: "):
            settlement.sudo().unlink()
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-STATE: "):
            settlement.action_post()
        settlement.action_approve()
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-STATE: "):
            settlement.left_amount = 5
        with self.assertRaisesRegex(UserError, "^CAE-PAY-REASON: "):
            settlement.action_draft(" ")
        settlement.action_draft("To be discussed")
        self.assertEqual(settlement.state, "draft")
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-STATE: "):
            settlement.action_approve()

    def test_mass_approval(self):
        self._hold(self.second, bob=100)
        self._earn(self.second, 500)
        self._alone()
        self._settle()
        both = self._of(self.alice) | self._of(self.bob)
        both.action_approve()
        self.assertEqual(set(both.mapped("state")), {"approved"})
        self.assertEqual(both.approved_by_id, self.payroll)

    # ------------------------------------------------------------------
    # Deadline
    # ------------------------------------------------------------------

    def test_the_deadline_is_watched(self):
        self._alone()
        year = self.year.with_user(self.accountant)
        self.assertFalse(year.is_settlement_late)
        with freeze_time("2026-10-16 12:00:00"):
            year.invalidate_recordset()
            self.assertTrue(year.is_settlement_late)
            codes = [finding["code"] for finding in year.findings]
            self.assertIn("CAE-YEAR-SETTLEMENT", codes)
        self.assertEqual(self._found("2026-09"), [])
        self.assertEqual(self._found("2026-10"), [("warning", self.year.ids)])
        self._settle()
        settlement = self._of(self.alice)
        settlement.action_approve()
        self.assertEqual(
            self._found("2026-10"),
            [("blocking", self.year.ids), ("warning", self.year.ids)],
        )
        late = self.Settlement.search([("is_late", "=", True)])
        self.assertFalse(late)
        with freeze_time("2026-10-16 12:00:00"):
            self.assertEqual(
                self.Settlement.search([("is_late", "=", True)]), settlement
            )
        settlement.action_post()
        self.assertEqual(self._found("2026-10"), [])

    def _found(self, month):
        checks = self.Period.with_user(self.accountant).checks(month)
        return [
            (finding["severity"], finding["res_ids"])
            for finding in checks
            if finding["code"] == "CAE-CHECK-SETTLEMENT"
        ]

    # ------------------------------------------------------------------
    # Size
    # ------------------------------------------------------------------

    def test_queries_do_not_grow_with_people(self):
        self._alone()
        self._settle()
        few = self._count_queries(self._settle)
        people = [self._person(f"Q{n}", f"Q{n}", kind=None) for n in range(20)]
        activities = self.Activity.create(
            [
                {
                    "code": f"Q{n}",
                    "name": f"Q{n}",
                    "date_start": "2025-01-01",
                    "share_ids": [
                        (
                            0,
                            0,
                            {
                                "entrepreneur_id": person.id,
                                "share": 100,
                                "date_start": "2025-01-01",
                            },
                        )
                    ],
                }
                for n, person in enumerate(people)
            ]
        )
        self._entry(
            [
                line
                for activity in activities
                for line in (("512", 100, activity), ("706", -100, activity))
            ]
        )
        self._settle()
        self.assertEqual(self.Settlement.search_count([]), 21)
        self.assertLessEqual(self._count_queries(self._settle), few + 2)

    def _count_queries(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.cr.sql_log_count - before


@pay_tagged
@freeze_time("2026-10-05 12:00:00")
class TestSettlementAccrual(SettlementCommon):
    """The variable part that the close of a year accrues."""

    def _accrue(self):
        return self.year.with_user(self.accountant).action_accrue()

    def test_accrued_and_reversed_the_next_day(self):
        """6 000.00 are due at a cost of 8 950.86: 2 950.86 are charges."""
        self._alone()
        self._accrue()
        accrual = self.year.accrual_ids
        self.assertRecordValues(
            accrual,
            [
                {
                    "activity_id": self.first.id,
                    "gross": 6000,
                    "charges": 2950.86,
                    "cost": 8950.86,
                    "state": "posted",
                }
            ],
        )
        self.assertEqual(accrual.move_id.date, date(2026, 6, 30))
        self.assertEqual(accrual.opening_move_id.date, date(2026, 7, 1))
        entry = {
            ("T1", "641100"): 6000,
            ("T1", "645100"): 2950.86,
            ("T1", "428600"): -6000,
            ("T1", "438600"): -2950.86,
        }
        self.assertEqual(self._entry_of(accrual.move_id), entry)
        self.assertEqual(
            self._entry_of(accrual.opening_move_id),
            {key: -value for key, value in entry.items()},
        )
        accrued = (accrual.move_id | accrual.opening_move_id).line_ids.filtered(
            lambda item: item.account_id.code in ("428600", "438600")
        )
        self.assertTrue(all(accrued.mapped("reconciled")))
        self.assertAvailable(self.first, 0, "2026-06-30")
        self.assertAvailable(self.first, 8950.86, "2026-07-01")
        self.assertInvariant()

    def test_what_the_payment_costs_more_is_accrued(self):
        """9 250.56 are estimated for October: 3 250.56 are charges."""
        self._alone()
        self._settle()
        self._accrue()
        self.assertRecordValues(
            self.year.accrual_ids,
            [{"gross": 6000, "charges": 3250.56, "cost": 9250.56}],
        )

    def test_accrued_once(self):
        self._alone()
        self._accrue()
        accrual = self.year.accrual_ids
        self._hold(self.second, bob=100)
        self._earn(self.second, 500)
        self._accrue()
        self.assertEqual(self.year.accrual_ids, accrual)

    def test_what_was_accrued_changes_no_settlement(self):
        self._alone()
        self._accrue()
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual((settlement.due, settlement.cost), (6000, 8950.86))
        settlement.action_approve()
        settlement.action_post()
        self.assertWhole(settlement)

    def test_undone_by_reversal_and_made_again(self):
        self._alone()
        self._accrue()
        accrual = self.year.accrual_ids
        action = self.year.with_user(self.accountant).action_ask_undo_accrual()
        wizard = self.env["cae.pay.reason"].with_user(self.accountant)
        with Form(wizard.with_context(**action["context"])) as form:
            form.reason = "Late bill"
        wizard = form.record
        wizard.action_confirm()
        self.assertEqual(accrual.state, "cancelled")
        self.assertEqual(accrual.undo_move_id.date, date(2026, 6, 30))
        self.assertEqual(accrual.undo_opening_move_id.date, date(2026, 7, 1))
        self.assertFalse(self.year.accrual_ids)
        self.assertAvailable(self.first, 8950.86, "2026-06-30")
        self.assertAvailable(self.first, 8950.86, "2026-07-01")
        self._earn(self.first, 1000, "2026-06-15")
        self._accrue()
        self.assertGreater(self.year.accrual_ids.gross, 6000)
        self.assertInvariant()

    def test_refused_in_locked_months(self):
        self._alone()
        june = self.env["cae.period"]._get(date(2026, 6, 1))
        june._set_state("locked")
        with self.assertRaisesRegex(UserError, "^CAE-PERIOD-LOCKED: "):
            self._accrue()
        self.assertFalse(self.year.accrual_ids)

    def test_refused_before_the_end_of_the_year(self):
        with freeze_time("2026-06-30 12:00:00"):
            with self.assertRaisesRegex(UserError, "^CAE-YEAR-EARLY: "):
                self._accrue()

    def test_undone_in_the_first_open_month(self):
        self._alone()
        self._accrue()
        accrual = self.year.accrual_ids
        for month in (6, 7):
            self.env["cae.period"]._get(date(2026, month, 1))._set_state("locked")
        self.year.action_undo_accrual("Late")
        self.assertEqual(accrual.undo_move_id.date, date(2026, 8, 1))
        self.assertEqual(accrual.undo_opening_move_id.date, date(2026, 8, 1))
        self.assertInvariant()

    def test_accruals_change_by_buttons_only(self):
        self._alone()
        self._accrue()
        accrual = self.year.accrual_ids
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-STATE: "):
            accrual.sudo().write({"gross": 1})
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-STATE: "):
            accrual.sudo().unlink()
        with self.assertRaisesRegex(UserError, "^CAE-SETTLEMENT-STATE: "):
            accrual.sudo().copy()

    def test_chunks_of_activities(self):
        self._hold(self.second, alice=100)
        self._earn(self.second, 3000)
        self._alone()
        path = "odoo.addons.cae_payroll.models.cae_settlement_run.CHUNK"
        with patch(path, 1):
            self._accrue()
        self.assertEqual(len(self.year.accrual_ids), 2)
        self.assertEqual(len(self.year.accrual_ids.move_id), 2)
        self.year.action_undo_accrual("Again")
        self.assertInvariant()


@pay_tagged
@freeze_time("2026-10-05 12:00:00")
class TestSettlementRights(SettlementCommon):
    """Payroll officers settle, the person reads; others see no one's pay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._hold(cls.first, alice=60, bob=40)
        cls._earn(cls.first, 9000)
        cls.entrepreneur = cls._user("se_alice", "group_entrepreneur")
        cls.other = cls._user("se_bob", "group_entrepreneur")
        cls.coach = cls._user("se_coach", "group_coach")
        cls.alice.write({"user_id": cls.entrepreneur.id, "coach_id": cls.coach.id})
        cls.bob.user_id = cls.other
        for month in ("2026-01", "2026-02", "2026-03"):
            cls.Period.with_company(cls.company).month_run(month, steps=["pay"])
        cls.year.with_user(cls.payroll).action_settle()
        cls.mine = cls.Settlement.search([("entrepreneur_id", "=", cls.alice.id)])
        cls.theirs = cls.Settlement.search([("entrepreneur_id", "=", cls.bob.id)])

    def test_each_reads_the_own_settlement(self):
        for user, own in ((self.entrepreneur, self.mine), (self.other, self.theirs)):
            self.assertEqual(self.Settlement.with_user(user).search([]), own)
            shares = self.env["cae.settlement.share"].with_user(user).search([])
            self.assertEqual(shares, own.share_ids)
        mine = self.mine.with_user(self.entrepreneur)
        names = ["display_name", "due", "year_id", "deadline", "share_ids"]
        self.assertEqual(mine.read(names)[0]["due"], self.mine.due)
        self.assertNotIn("left_move_ids", mine.fields_get())
        with self.assertRaises(AccessError):
            self.theirs.with_user(self.entrepreneur).read(["due"])
        for call in (
            lambda: mine.write({"left_amount": 5}),
            mine.action_compute,
            mine.action_approve,
            lambda: mine.write({"month": "2026-11-01"}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_accountants_see_totals_only(self):
        with self.assertRaises(AccessError):
            self.mine.with_user(self.accountant).read(["due"])
        with self.assertRaises(AccessError):
            self.mine.share_ids.with_user(self.accountant).read(["cost"])
        year = self.year.with_user(self.accountant)
        self.assertEqual((year.settlement_count, year.settlement_waiting), (2, 2))
        with self.assertRaises(AccessError):
            year.action_settle()
        with self.assertRaises(AccessError):
            year.read(["settlement_ids"])
        year.action_accrue()
        self.assertEqual(year.accrual_ids.activity_id, self.first)
        self.mine.with_user(self.payroll).action_approve()
        result = self.Period.with_user(self.accountant).month_run(
            "2026-10", steps=["pay"]
        )
        self.assertEqual(result["pay"]["lines"], 1)

    def test_others_see_nothing(self):
        for user in (self.coach, self._user("se_governance", "group_governance")):
            for model in ("cae.settlement", "cae.settlement.share"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env["cae.settlement.accrual"].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.year.with_user(user).action_accrue()

    def test_companies_are_apart(self):
        company = self.env["res.company"].create({"name": "Another CAE"})
        stranger = new_test_user(
            self.env,
            "se_stranger",
            groups="cae_base.group_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.year.action_accrue()
        for model in (
            "cae.settlement",
            "cae.settlement.share",
            "cae.settlement.accrual",
        ):
            self.assertFalse(self.env[model].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.year.with_user(stranger).action_accrue()

    def test_officers_open_their_screens(self):
        year = self.year.with_user(self.payroll)
        action = year.action_open_year_settlement()
        self.assertEqual(action["res_id"], year.id)
        view = self.env.ref("cae_payroll.cae_year_view_form")
        with Form(year, view=view) as form:
            form.accounts_meeting_date = date(2026, 9, 20)
        self.assertEqual(year.settlement_deadline, date(2026, 10, 20))
        domain = year.action_open_settlements()["domain"]
        found = self.Settlement.with_user(self.payroll).search(domain)
        self.assertEqual(found, self.mine | self.theirs)
        Form(found[0])
        form = Form(self.year.with_user(self.accountant), view=view)
        self.assertEqual(form.settlement_waiting, 2)
