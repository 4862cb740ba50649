from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user

from .common import CaeCommon, cae_tagged


class ExpenseCommon(CaeCommon):
    """Inès (CESA) holds T1, Yann (CAPE) T2 and T3; an accountant does the rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.user = new_test_user(
            cls.env,
            "expenses",
            "cae_base.group_accountant",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.ines = cls._person("E1", "Inès", "cesa")
        cls.yann = cls._person("E2", "Yann", "cape")
        cls.yann.with_user(cls.user)._ensure_employees()
        first, second, third = cls.activities
        cls._hold(first, cls.ines)
        cls._hold(second | third, cls.yann)
        cls.vat = cls.chart.ref("tva_acq_normale")
        cls.category = cls.env.ref("hr_expense.product_product_no_cost")
        cls.travel = cls._account("6251")
        cls.Expense = cls.env["hr.expense"].with_user(cls.user)

    @classmethod
    def _person(cls, code, name, kind):
        person = cls.env["cae.entrepreneur"].create(
            {
                "code": code,
                "first_name": name,
                "last_name": "Test",
                "date_entry": "2025-01-01",
                "company_id": cls.company.id,
            }
        )
        cls.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": kind,
                "date_start": "2025-06-01",
                "date_end": "2026-05-31" if kind == "cape" else False,
            }
        )
        return person

    @classmethod
    def _hold(cls, activities, person):
        for activity in activities:
            activity.share_ids = [
                Command.create(
                    {
                        "entrepreneur_id": person.id,
                        "share": 100,
                        "date_start": activity.date_start,
                    }
                )
            ]

    def _expense(self, person, amount, tax=None, **vals):
        return self.Expense.create(
            {
                "name": "Train",
                "employee_id": person.employee_id.id,
                "product_id": self.category.id,
                "account_id": self.travel.id,
                "date": "2026-01-15",
                "total_amount_currency": amount,
                "tax_ids": [Command.set(tax.ids if tax else [])],
                **vals,
            }
        )

    def _post(self, expenses, day="2026-01-31"):
        """Submit, approve and post as an accountant does on the screen."""
        expenses.action_submit()
        expenses.action_approve()
        action = expenses.action_post()
        if action:
            wizard = self.env["hr.expense.post.wizard"].with_user(self.user)
            wizard = wizard.with_context(**action["context"]).browse(action["res_id"])
            wizard.accounting_date = day
            wizard.action_post_entry()
        return expenses.account_move_id


@cae_tagged
class TestExpense(ExpenseCommon):
    # Activities ----------------------------------------------------------

    def test_expense_defaults_to_the_only_activity_held_that_day(self):
        first, second, third = self.activities
        expense = self._expense(self.ines, 60)
        self.assertEqual(expense.cae_activity_id, first)
        self.assertEqual(expense.analytic_distribution, self._tag(first))
        self.assertFalse(self._expense(self.yann, 60).cae_activity_id)
        for activity, end in ((second, "2025-12-31"), (third, "2026-03-31")):
            share = Command.update(activity.share_ids.id, {"date_end": end})
            activity.write({"date_end": end, "share_ids": [share]})
        self.assertEqual(self._expense(self.yann, 60).cae_activity_id, third)
        late = self._expense(self.yann, 60, date="2026-04-01")
        self.assertFalse(late.cae_activity_id)

    def test_another_person_does_not_keep_the_activity_of_the_first(self):
        with Form(self.Expense) as form:
            form.name = "Train"
            form.product_id = self.category
            form.employee_id = self.ines.employee_id
            form.total_amount_currency = 60
            self.assertEqual(form.cae_activity_id, self.activities[0])
            form.employee_id = self.yann.employee_id
            self.assertFalse(form.cae_activity_id)
            form.cae_activity_id = self.activities[2]
        tag = self._tag(self.activities[2])
        self.assertEqual(form.record.analytic_distribution, tag)
        with Form(form.record) as again:
            again.date = "2026-02-02"
            self.assertEqual(again.cae_activity_id, self.activities[2])

    def test_new_expense_of_an_activity_belongs_to_it(self):
        action = self.activities[1].with_user(self.user).action_open_expenses()
        with Form(self.Expense.with_context(**action["context"])) as form:
            form.name = "Train"
            form.product_id = self.category
            form.employee_id = self.yann.employee_id
            form.total_amount_currency = 12
        self.assertEqual(form.record.cae_activity_id, self.activities[1])
        found = self.Expense.search(action["domain"])
        self.assertEqual(found, form.record)
        self.assertEqual(self.activities[1].expense_count, 1)
        self.assertEqual(self.yann.expense_count, 1)

    def test_expense_of_an_entrepreneur_needs_an_activity(self):
        expense = self._expense(self.yann, 60)
        expense.action_submit()
        with self.assertRaisesRegex(UserError, "CAE-EXPENSE-ACTIVITY"):
            expense.action_approve()
        expense.cae_activity_id = self.activities[1]
        expense.action_approve()
        self.assertEqual(expense.state, "approved")
        expense.analytic_distribution = False
        with self.assertRaisesRegex(UserError, "CAE-EXPENSE-ACTIVITY"):
            expense.action_post()

    def test_expense_of_the_cooperative_s_own_team_goes_to_the_shared_services(self):
        employee = self.env["hr.employee"].create(
            {"name": "Jo", "company_id": self.company.id}
        )
        for number, mode in enumerate(("own_account", "company_account"), 1):
            expense = self.Expense.create(
                {
                    "name": "Train",
                    "employee_id": employee.id,
                    "product_id": self.category.id,
                    "account_id": self.travel.id,
                    "date": "2026-01-15",
                    "total_amount_currency": 60,
                    "tax_ids": [Command.set(self.vat.ids)],
                    "payment_mode": mode,
                }
            )
            expense._do_approve()
            self._post_approved(expense)
            balances = self._balances()
            self.assertEqual(balances["CAE"]["625100"], 50 * number)
            self.assertEqual(balances.get("", {}).get("512000", 0), 0)
        self.assertInvariant()

    def _post_approved(self, expense):
        if expense.payment_mode == "own_account":
            expense._post_without_wizard()
        else:
            expense.action_post()

    # Own account ---------------------------------------------------------

    def test_own_account_with_vat_is_owed_to_the_employee(self):
        move = self._post(self._expense(self.ines, 60, self.vat))
        balances = self._balances()["T1"]
        self.assertEqual(balances["625100"], 50)
        self.assertEqual(balances["445660"], 10)
        self.assertEqual(balances["425100"], -60)
        self.assertEqual(move.cae_activity_id, self.activities[0])
        self.assertEqual(move.partner_id, self.ines.partner_id)
        self.assertInvariant()

    def test_own_account_of_a_cape_is_owed_on_467(self):
        expense = self._expense(self.yann, 60, cae_activity_id=self.activities[1].id)
        self._post(expense)
        self.assertEqual(self._balances()["T2"]["467100"], -60)

    def test_account_chosen_in_the_settings_is_used(self):
        payable = self._account("401")
        self.company.cae_expense_account_id = payable
        self._post(self._expense(self.ines, 60))
        self.assertEqual(self._balances()["T1"][payable.code], -60)
        self.company.cae_expense_account_id = False
        self._post(self._expense(self.ines, 7))
        account = self.ines.partner_id.property_account_payable_id
        self.assertEqual(account, payable)
        self.assertEqual(self._balances()["T1"][payable.code], -67)

    def test_reimbursement_leaves_nothing_on_the_activity(self):
        move = self._post(self._expense(self.ines, 60, self.vat))
        self._pay(move)
        balances = self._balances()["T1"]
        self.assertEqual(balances["425100"], 0)
        self.assertEqual(move.expense_ids.state, "paid")
        self.assertInvariant()

    def test_receipt_of_several_expenses_owes_each_activity_its_own(self):
        first, second, third = self.activities
        amounts = {first: 10.01, second: 10.02, third: 13.99}
        expenses = self.Expense.union(
            *(
                self._expense(self.ines, amount, self.vat, cae_activity_id=a.id)
                for a, amount in amounts.items()
            )
        )
        # Somebody else's activity is given up for one's own: it is chosen again.
        for expense, activity in zip(expenses, amounts, strict=True):
            expense.cae_activity_id = activity
        move = self._post(expenses)
        self.assertEqual(len(move), 1)
        balances = self._balances()
        for activity, amount in amounts.items():
            self.assertEqual(balances[activity.code]["425100"], -amount)
        self.assertInvariant()

    def test_one_expense_is_shared_between_activities(self):
        _first, second, third = self.activities
        shares = {str(second.analytic_account_id.id): 70}
        shares[str(third.analytic_account_id.id)] = 30
        expense = self._expense(
            self.yann, 100.01, self.vat, analytic_distribution=shares
        )
        self.assertEqual(expense.cae_activity_id, second)
        self._post(expense)
        # 83.34 + 16.67: 58.34 and 25.00, 11.67 and 5.00.
        balances = self._balances()
        self.assertEqual(balances["T2"]["625100"], 58.34)
        self.assertEqual(balances["T3"]["625100"], 25.00)
        self.assertEqual(balances["T2"]["467100"], -70.01)
        self.assertEqual(balances["T3"]["467100"], -30.00)
        self.assertInvariant()

    # Company -------------------------------------------------------------

    def test_company_paid_is_paid_by_the_activity(self):
        expense = self._expense(self.ines, 60, self.vat, payment_mode="company_account")
        move = self._post(expense)
        balances = self._balances()["T1"]
        outstanding = expense._get_expense_account_destination()
        code = self.env["account.account"].browse(outstanding).code
        self.assertEqual(balances["625100"], 50)
        self.assertEqual(balances["445660"], 10)
        self.assertEqual(balances[code], -60)
        self.assertEqual(move.date, date(2026, 1, 15))
        self.assertEqual(expense.state, "paid")
        self.assertInvariant()

    def test_bank_line_of_a_company_paid_expense_takes_its_activities(self):
        _first, second, third = self.activities
        shares = {str(second.analytic_account_id.id): 50}
        shares[str(third.analytic_account_id.id)] = 50
        expense = self._expense(
            self.yann,
            100.01,
            self.vat,
            payment_mode="company_account",
            analytic_distribution=shares,
        )
        move = self._post(expense)
        outstanding = move.line_ids.filtered(lambda line: not line.expense_id).filtered(
            lambda line: not line.tax_line_id
        )
        line = self._statement_line(-100.01)
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = outstanding.account_id
        (suspense | outstanding).reconcile()
        balances = self._balances()
        total = round(balances["T2"]["512001"] + balances["T3"]["512001"], 2)
        self.assertEqual(total, -100.01)
        self.assertEqual(balances["T2"][outstanding.account_id.code], 0)
        self.assertInvariant()

    # Undo ----------------------------------------------------------------

    def test_refused_expense_is_not_posted_and_can_be_reset(self):
        expense = self._expense(self.ines, 60, self.vat)
        expense.action_submit()
        wizard = self.env["hr.expense.refuse.wizard"].with_user(self.user)
        wizard.create(
            {"reason": "No receipt", "expense_ids": [Command.set(expense.ids)]}
        ).action_refuse()
        self.assertEqual(expense.state, "refused")
        with self.assertRaises(UserError):
            expense.action_post()
        expense.action_reset()
        self.assertEqual(expense.state, "draft")
        self.assertFalse(self._balances().get("T1", {}).get("625100"))

    def test_own_account_is_undone_by_reversal(self):
        expense = self._expense(self.ines, 60, self.vat)
        move = self._post(expense)
        with self.assertRaises(UserError):
            expense.action_reset()
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.user)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"date": "2026-02-15", "journal_id": move.journal_id.id})
        )
        wizard.refund_moves()
        reversal = wizard.new_move_ids
        if reversal.state == "draft":
            reversal.action_post()
        self.assertEqual(expense.state, "approved")
        expense.action_reset()
        self.assertEqual(expense.state, "draft")
        balances = self._balances()["T1"]
        self.assertEqual(balances["625100"], 0)
        self.assertEqual(balances["425100"], 0)
        self.assertInvariant()

    def test_company_paid_is_undone_by_cancelling_its_payment(self):
        expense = self._expense(self.ines, 60, self.vat, payment_mode="company_account")
        payment = self._post(expense).origin_payment_id
        payment.with_user(self.user).action_draft()
        payment.with_user(self.user).action_cancel()
        expense.action_reset()
        self.assertEqual(expense.state, "draft")
        self.assertFalse(any(self._balances().get("T1", {}).values()))

    def test_company_paid_is_reversed(self):
        expense = self._expense(self.ines, 60, self.vat, payment_mode="company_account")
        move = self._post(expense)
        reversal = move._reverse_moves([{"date": date(2026, 2, 1)}], cancel=True)
        self.assertEqual(reversal.state, "posted")
        self.assertFalse(any(self._balances()["T1"].values()))
        self.assertInvariant()

    # Locked months ---------------------------------------------------------

    def _lock(self):
        self.env["cae.period"]._get(date(2026, 1, 1))._set_state("locked")

    def test_locked_month_takes_no_expense(self):
        self._lock()
        for amount, mode in ((60, "own_account"), (61, "company_account")):
            expense = self._expense(self.ines, amount, payment_mode=mode)
            self.env.flush_all()
            refused = self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED")
            with refused, self.cr.savepoint():
                self._post(expense)
            items = self.env["account.move.line"]
            self.assertFalse(items.search([("expense_id", "=", expense.id)]))

    def test_late_expense_is_posted_in_an_open_month(self):
        expense = self._expense(self.ines, 60)
        self._lock()
        move = self._post(expense, "2026-02-01")
        self.assertEqual(move.date.month, 2)
        self.assertInvariant()

    def test_expense_of_a_locked_month_stays(self):
        move = self._post(self._expense(self.ines, 60))
        self._lock()
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
            move.with_user(self.user).button_draft()

    # People ----------------------------------------------------------------

    def test_cape_gets_an_hr_file_without_contract_once(self):
        person = self._person("E3", "Zoé", "cape")
        person.with_user(self.user).action_open_expenses()
        employee = person.employee_id
        self.assertEqual(employee.work_contact_id, person.partner_id)
        self.assertFalse(employee.version_id.contract_date_start)
        self.assertFalse(employee.user_id)
        person.with_user(self.user)._ensure_employees()
        self.assertEqual(person.employee_id, employee)
        self.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": "cesa",
                "date_start": "2026-06-01",
            }
        )
        self.assertEqual(person.employee_id, employee)

    @freeze_time("2026-03-01")
    def test_expenses_of_entrepreneurs_wait_for_an_accountant(self):
        expense = self._expense(self.ines, 60)
        coach = new_test_user(
            self.env,
            "coach",
            "cae_base.group_coach",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            expense.with_user(coach).read(["name"])
        expense.action_submit()
        self.assertEqual(expense.state, "submitted")
        expense.action_approve()
        self.assertEqual(expense.manager_id, self.user)
