import base64
import io
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import SharedPayCommon, pay_tagged


@pay_tagged
class TestPayTransfer(SharedPayCommon):
    """The net of posted pay is paid by transfer; whether it is paid shows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = cls.pay | cls.bob_pay
        cls.alice_bank = cls._bank_account(cls.alice, "FR7630006000011234567890189")
        cls.bob_bank = cls._bank_account(cls.bob, "FR1420041010050500013M02606")

    @classmethod
    def _bank_account(cls, person, number, trusted=True):
        return cls.env["res.partner.bank"].create(
            {
                "partner_id": person.partner_id.id,
                "acc_number": number,
                "allow_out_payment": trusted,
            }
        )

    def _wizard(self, lines, user=None, **vals):
        wizards = self.env["cae.pay.transfer"].with_user(user or self.payroll)
        return wizards.create(
            {"line_ids": [(6, 0, lines.ids)], "date": "2026-02-05", **vals}
        )

    def _text(self, wizard):
        return base64.b64decode(wizard.content).decode("utf-8-sig")

    def test_pay_is_open_until_it_is_paid(self):
        line = self.pay.with_user(self.payroll)
        self.assertEqual((line.paid_state, line.to_pay), ("open", 791.60))
        wizard = self._wizard(self.lines)
        self.assertEqual(wizard.to_pay, 1583.20)
        wizard.action_pay()
        self.assertEqual(self.lines.mapped("paid_state"), ["paid", "paid"])
        self.assertEqual(self.lines.mapped("to_pay"), [0, 0])
        self.assertRecordValues(
            line.payment_ids.sudo(),
            [
                {
                    "partner_id": self.alice.partner_id.id,
                    "amount": 791.60,
                    "date": date(2026, 2, 5),
                    "partner_bank_id": self.alice_bank.id,
                    "journal_id": self.bank.id,
                    "memo": "Pay, January 2026",
                    "payment_type": "outbound",
                    "is_reconciled": True,
                }
            ],
        )
        # The payment has the activities of the pay.
        payment = self.pay.payment_ids.move_id
        self.assertEqual(
            self._entry_of(payment),
            {
                ("T1", "421000"): 791.60,
                ("T1", payment.line_ids.filtered("credit").account_id.code): -791.60,
            },
        )
        self.assertInvariant()

    def test_whether_pay_is_paid_is_searched(self):
        def found(*states):
            domain = [("paid_state", "in", states), ("id", "in", self.lines.ids)]
            return self.Line.search(domain)

        self.assertEqual(found("open", "partly"), self.lines.sorted())
        self.assertFalse(found("paid") | found(False))
        self._wizard(self.pay).action_pay()
        self.assertEqual(found("paid"), self.pay)
        self.assertEqual(found("open"), self.bob_pay)
        self.assertFalse(found("partly"))
        payment = self.pay.payment_ids
        payment.action_draft()
        payment.write({"amount": 100})
        payment.action_post()
        self.env["account.move.line"]._cae_match(
            [
                (payment.move_id | self.pay.move_id).line_ids.filtered(
                    lambda i: (
                        i.partner_id == self.alice.partner_id
                        and i.account_id.code == "421000"
                    )
                )
            ]
        )
        self.lines.invalidate_recordset()
        self.assertEqual(found("partly"), self.pay)
        self.assertEqual((self.pay.paid_state, self.pay.to_pay), ("partly", 691.60))
        self._wizard(self.pay).action_pay()
        self.assertEqual(found("paid"), self.pay)
        self.assertEqual(self.pay.payment_ids.mapped("amount"), [691.60, 100])
        self.assertInvariant()
        draft = self._entry_free_line()
        self.assertFalse(draft.paid_state)
        self.assertEqual(self.Line.search([("paid_state", "=", False)]), draft)

    def _entry_free_line(self):
        """A pay of February that waits."""
        self.company.cae_pay_approval = "all"
        self._run("2026-02")
        self._line(self.bob, date(2026, 2, 1)).unlink()
        return self._line(self.alice, date(2026, 2, 1))

    def test_orders_need_their_module(self):
        """The OCA's orders are no dependency; ``scripts/test oca`` tries them."""
        if "account.payment.order" in self.env:
            return
        wizard = self._wizard(self.lines)
        self.assertFalse(wizard.can_order)
        with self.assertRaisesRegex(UserError, "^CAE-PAY-ORDER: .*OCA"):
            wizard.action_order()

    def test_what_is_paid_costs_one_query_whatever_the_number(self):
        self.lines.mapped("paid_state")
        for lines in (self.pay, self.lines):
            lines.invalidate_recordset(["paid_state", "to_pay"])
            with self.assertQueryCount(1):
                lines.mapped("paid_state")

    def test_activities_of_pay_are_read_at_once(self):
        counts = []
        # The first one also reads who is asking.
        for lines in (self.pay, self.pay, self.lines):
            lines = lines.with_user(self.payroll)
            self.env.invalidate_all()
            begun = self.env.cr.sql_log_count
            self.assertEqual(lines.activity_ids, lines.share_ids.activity_id)
            counts.append(self.env.cr.sql_log_count - begun)
        self.assertEqual(counts[1], counts[2])

    def test_the_list_for_the_bank(self):
        wizard = self._wizard(self.lines)
        wizard.action_pay()
        self.assertEqual(wizard.filename, "transfers-2026-02-05.csv")
        lines = self._text(wizard).splitlines()
        self.assertEqual(lines[0], "Name;IBAN;BIC;Amount;Reference")
        self.assertEqual(
            lines[1:],
            [
                "Alice Test;FR7630006000011234567890189;;791,60;Pay, January 2026",
                "Bob Test;FR1420041010050500013M02606;;791,60;Pay, January 2026",
            ],
        )
        # Once more, without paying once more.
        again = self._wizard(self.lines, file_format="xlsx")
        self.assertFalse(again.to_pay)
        again.action_list()
        self.assertTrue(base64.b64decode(again.content).startswith(b"PK"))
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(again.content)))
        rows = list(book.active.values)
        self.assertEqual(rows[1][3], 791.60)
        self.assertEqual(len(rows), 3)

    def test_nobody_is_paid_when_one_has_no_trusted_account(self):
        self.bob_bank.allow_out_payment = False
        count = self.env["account.payment"].search_count([])
        with self.assertRaisesRegex(UserError, "^CAE-PAY-BANK: .*Bob Test"):
            self._wizard(self.lines).action_pay()
        self.assertEqual(self.env["account.payment"].search_count([]), count)
        self.assertEqual(self.pay.paid_state, "open")

    def test_pay_is_paid_from_a_bank_of_its_company(self):
        general = self.company_data["default_journal_misc"]
        with self.assertRaisesRegex(UserError, "^CAE-PAY-BANK: .* own company"):
            self._line(self.alice)._pay_by_transfer(date(2026, 2, 5), general)

    def test_pay_is_paid_once(self):
        self._wizard(self.lines).action_pay()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-PAID: "):
            self._wizard(self.lines).action_pay()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-PAID: "):
            self.pay.with_user(self.payroll).action_undo("Mistake")
        self.pay.payment_ids.action_cancel()
        self.lines.invalidate_recordset()
        self.assertEqual(self.pay.paid_state, "open")
        with self.assertRaisesRegex(UserError, "^CAE-PAY-PAID: "):
            self._wizard(self.pay).action_list()
        self.pay.with_user(self.payroll).action_undo("Mistake")
        self.assertFalse(self.pay.paid_state)
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STATE: "):
            self._wizard(self.pay).action_pay()
        self.assertInvariant()

    def test_nothing_is_paid_in_a_locked_month(self):
        self.company.fiscalyear_lock_date = "2026-02-28"
        with self.assertRaisesRegex(UserError, "^CAE-PAY-LOCK-DATE: "):
            self._wizard(self.lines).action_pay()
        self.company.fiscalyear_lock_date = False
        self.env["cae.period"]._get(date(2026, 2, 1))._set_state("locked")
        with self.assertRaisesRegex(UserError, "^CAE-PERIOD-LOCKED: "):
            self._wizard(self.lines).action_pay()

    def _queries(self, lines):
        self.env.flush_all()
        before = self.cr.sql_log_count
        lines._pay_by_transfer(date(2026, 4, 5), self.bank)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_one_more_person_costs_what_odoo_takes(self):
        """Numbering, links and checks of one more entry are Odoo's own."""
        self._run("2026-02")
        self._run("2026-03")
        lines = self.Line.search([("state", "=", "posted")])
        by_month = lines.grouped("month")
        self._queries(by_month[date(2026, 1, 1)])
        one = self._queries(by_month[date(2026, 2, 1)][:1])
        two = self._queries(by_month[date(2026, 3, 1)])
        self.assertLess(two - one, 30)

    def test_who_pays(self):
        for user in (self.accountant, self.coach, self.entrepreneur):
            with self.assertRaises(AccessError):
                self._wizard(self.lines, user)
            with self.assertRaises(AccessError):
                self.pay.with_user(user)._pay_by_transfer(
                    date(2026, 2, 5), self.bank.with_user(user)
                )
        self._wizard(self.lines).action_pay()
        # Whoever reads a pay reads whether it is paid.
        for user in (self.accountant, self.coach, self.entrepreneur):
            self.assertEqual(self.pay.with_user(user).paid_state, "paid")
        for user in (self.coach, self.entrepreneur, self.accountant):
            with self.assertRaises(AccessError):
                self.pay.with_user(user).read(["payment_ids"])
        # What is left would tell what is withheld.
        for user in (self.coach, self.accountant):
            with self.assertRaises(AccessError):
                self.pay.with_user(user).read(["to_pay"])
        self.assertEqual(self.pay.with_user(self.entrepreneur).to_pay, 0)

    def test_which_pay_a_payment_pays_is_not_typed(self):
        self._wizard(self.pay).action_pay()
        payment = self.pay.payment_ids
        for call in (
            lambda: payment.write({"cae_pay_line_ids": [(6, 0, self.lines.ids)]}),
            lambda: payment.copy({"cae_pay_line_ids": [(6, 0, self.pay.ids)]}),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-FIELD-OWNED: "):
                call()

    def test_the_button_opens_the_wizard(self):
        action = self.lines.with_user(self.payroll).action_ask_transfer()
        wizards = self.env["cae.pay.transfer"].with_user(self.payroll)
        with Form(wizards.with_context(**action["context"])) as form:
            self.assertEqual(form.to_pay, 1583.20)
            self.assertEqual(form.journal_id, self.bank)
        self._wizard(self.pay).action_pay()
        action = self.pay.with_user(self.payroll).action_open_payments()
        found = self.env["account.payment"].search(action["domain"])
        self.assertEqual(found, self.pay.payment_ids)
