from odoo.exceptions import AccessError, UserError

from .common import SharedPayCommon, pay_tagged


@pay_tagged
class TestPayOfficer(SharedPayCommon):
    """Payroll officers do the month by themselves: propose, pay, take back."""

    def _month(self, user):
        periods = self.Period.with_company(self.company).with_user(user)
        action = periods.action_open_current_pay()
        return periods.browse(action["res_id"])

    def _bank_account(self, person):
        return self.env["res.partner.bank"].create(
            {
                "partner_id": person.partner_id.id,
                "acc_number": f"{person.code}-1",
                "allow_out_payment": True,
            }
        )

    def test_the_month_is_proposed(self):
        self._contract(self.carol, 500)
        month = self._month(self.payroll)
        self.assertEqual(f"{month.date:%Y-%m}", "2026-01")
        told = month.action_propose_pay()["params"]
        self.assertEqual(told["type"], "success")
        self.assertIn("decision: 1.", told["message"])
        self.assertEqual(self._line(self.carol).state, "draft")
        self.assertIn("decision: 1.", month.message_ids[0].body)

    def test_only_the_pay_of_a_month_is_theirs(self):
        periods = self.Period.with_company(self.company)
        for user in (self.coach, self.governance, self.entrepreneur):
            with self.assertRaises(AccessError):
                periods.with_user(user).month_run("2026-01", ["pay"])
            with self.assertRaises(AccessError):
                periods.with_user(user).action_open_current_pay()
        for steps in (None, ["contributions"], ["pay", "statements"], []):
            with self.assertRaises(AccessError):
                periods.with_user(self.payroll).month_run("2026-01", steps)

    def test_contributions_come_first(self):
        rule = {"code": "F", "name": "Fixed", "basis": "fixed", "amount": 30}
        scheme = self.env["cae.contribution.scheme"].create(
            {
                "code": "OFFICER",
                "name": "Officer",
                "company_id": self.company.id,
                "rule_ids": [(0, 0, rule)],
            }
        )
        self.first.scheme_id = scheme
        month = self._month(self.payroll)
        with self.assertRaisesRegex(UserError, "CAE-PAY-CONTRIBUTIONS.* 1 "):
            month.action_propose_pay()
        self.Period.with_company(self.company).month_run("2026-01", ["contributions"])
        self.assertTrue(month.action_propose_pay())

    def test_a_transfer_is_taken_back(self):
        self._bank_account(self.alice)
        self._bank_account(self.bob)
        line = self.pay.with_user(self.payroll)
        journal = self.bank.with_user(self.payroll)
        with self.assertRaisesRegex(UserError, "CAE-PAY-PAID"):
            line.action_undo_payment("Nothing was paid")
        line._pay_by_transfer(line.month, journal)
        # Numbered after it.
        self.bob_pay.with_user(self.payroll)._pay_by_transfer(line.month, journal)
        self.assertEqual(line.paid_state, "paid")
        with self.assertRaisesRegex(UserError, "CAE-PAY-REASON"):
            line.action_undo_payment(" ")
        action = line.action_ask_undo_payment()
        wizard = self.env["cae.pay.reason"].with_user(self.payroll)
        wizard = wizard.with_context(**action["context"])
        wizard.create({"reason": "Wrong day"}).action_confirm()
        self.assertEqual((line.paid_state, line.to_pay), ("open", 791.60))
        self.assertEqual(line.payment_ids.sudo().state, "canceled")
        self.assertIn("Wrong day", line.message_ids[0].body)
        self.assertEqual(self.bob_pay.paid_state, "paid")
        self.assertInvariant()
        line.action_undo("All of it")
        self.assertEqual(line.state, "cancelled")

    def test_what_the_bank_made_stays(self):
        self._bank_account(self.alice)
        line = self.pay.with_user(self.payroll)
        line._pay_by_transfer(line.month, self.bank.with_user(self.payroll))
        payment = self.pay.payment_ids
        amount = -payment.amount
        transfer = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": line.month,
                "payment_ref": "Pay",
                "amount": amount,
            }
        )
        _liquidity, suspense, _other = transfer._seek_for_lines()
        outstanding = payment.move_id.line_ids.filtered("credit")
        suspense.account_id = outstanding.account_id
        (suspense | outstanding).reconcile()
        self.assertTrue(payment.is_matched)
        with self.assertRaisesRegex(UserError, "CAE-PAY-PAID.*Alice"):
            line.action_undo_payment("Too late")
        self.assertEqual(line.paid_state, "paid")

    def test_the_export_names_what_its_file_leaves_out(self):
        vals = {"entrepreneur_id": self.alice.id, "month": "2026-01-01"}
        self.env["cae.pay.element"].create(
            [
                {**vals, "kind": "sick", "days": 2},
                {**vals, "kind": "absence", "days": 1},
            ]
        )
        template = self.env.ref("cae_payroll.cae_payroll_template_generic")
        told = {"absence_days", "absence_hours", "sick_days"}
        template.line_ids.filtered(lambda line: line.source in told).unlink()
        wizard = self.env["cae.payroll.export"].with_user(self.payroll)
        wizard = wizard.with_company(self.company).create(
            {"month": "2026-01-20", "template_id": template.id}
        )
        self.assertEqual(wizard.left_out, "Absence, Sick leave")
        template.line_ids = [(0, 0, {"name": "Sick", "source": "sick_days"})]
        wizard.invalidate_recordset()
        self.assertEqual(wizard.left_out, "Absence")
        wizard.month = "2026-02-01"
        self.assertFalse(wizard.left_out)

    def test_the_table_says_the_exact_totals(self):
        """600 €: 125.0415 of contributions, whose rounded lines add up to 125.05."""
        self._contract(self.carol, 600)
        self._hold(self.second, carol=100)
        self._fund(self.second, 3000)
        self._run()
        line = self._line(self.carol).with_user(self.payroll)
        rounded = sum(round(each["employee_amount"] * 100) for each in line.detail)
        self.assertEqual((line.employee_contributions, rounded), (125.04, 12505))
        total = line.detail_html.partition("<tfoot>")[2]
        self.assertIn("125.04", total)
        self.assertNotIn("125.05", total)

    def test_others_take_nothing_back(self):
        for user in (self.coach, self.accountant, self.entrepreneur):
            with self.assertRaises(AccessError):
                self.pay.with_user(user).action_undo_payment("Mine")
