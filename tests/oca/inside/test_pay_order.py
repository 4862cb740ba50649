"""Pay through a payment order of the OCA, to the file for the bank and its line."""

import base64

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from odoo.addons.cae_payroll.tests.common import SharedPayCommon, pay_tagged

NOW = "2026-02-04"


@pay_tagged
class TestPayOrder(SharedPayCommon):
    """Alice and Bob are paid 791.60 each, drawn from the first activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.lines = cls.pay | cls.bob_pay
        cls.alice_bank = cls._iban(cls.alice.partner_id, "FR7630006000011234567890189")
        cls.bob_bank = cls._iban(cls.bob.partner_id, "FR1420041010050500013M02606")
        cls.bank.bank_account_id = cls._iban(
            cls.company.partner_id, "FR7630004000031234567890143"
        )
        cls.bank.bank_account_id.bank_id = cls.env["res.bank"].create(
            {"name": "Bank", "bic": "BNPAFRPPXXX"}
        )
        cls.outstanding = cls.env["account.account"].create(
            {
                "name": "Transfers under way",
                "code": "511900",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        cls.method = cls.env["account.payment.method.line"].create(
            {
                "name": "SEPA",
                "payment_method_id": cls.env.ref(
                    "account_payment_sepa_credit_transfer.sepa_credit_transfer"
                ).id,
                "journal_id": cls.bank.id,
                "bank_account_link": "fixed",
                "payment_account_id": cls.outstanding.id,
                "selectable": True,
            }
        )
        group = "account_payment_batch_oca.group_account_payment"
        cls.treasurer = cls._user("oca_treasurer", "account.group_account_manager")
        cls.treasurer.group_ids += cls.env.ref(group)

    @classmethod
    def _iban(cls, partner, number):
        return cls.env["res.partner.bank"].create(
            {
                "partner_id": partner.id,
                "acc_number": number,
                "allow_out_payment": True,
            }
        )

    def _wizard(self, lines=None, user=None, **vals):
        wizards = self.env["cae.pay.transfer"].with_user(user or self.payroll)
        ids = (self.lines if lines is None else lines).ids
        return wizards.create(
            {"line_ids": [Command.set(ids)], "date": "2026-02-05", **vals}
        )

    def _order(self, lines=None):
        action = self._wizard(lines).action_order()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _send(self, order):
        order = order.with_user(self.treasurer)
        order.draft2open()
        order.open2generated()
        order.generated2uploaded()
        self.lines.invalidate_recordset()

    def test_from_pay_to_the_line_of_the_bank(self):
        order = self._order()
        self.assertEqual((order.state, order.journal_id), ("draft", self.bank))
        self.assertEqual(order.payment_method_line_id, self.method)
        self.assertRecordValues(
            order.payment_line_ids.sorted("partner_bank_id"),
            [
                {
                    "partner_id": person.partner_id.id,
                    "partner_bank_id": bank.id,
                    "amount_currency": 791.60,
                    "communication": "Pay, January 2026",
                    "category_purpose": "SALA",
                }
                for person, bank in (
                    (self.alice, self.alice_bank),
                    (self.bob, self.bob_bank),
                )
            ],
        )
        self.assertEqual(self.lines.mapped("paid_state"), ["open", "open"])
        self._send(order)
        self._check_file(order)
        payments = order.payment_ids
        self.assertEqual(payments.mapped("state"), ["in_process"] * 2)
        self.assertEqual(self.lines.mapped("paid_state"), ["paid", "paid"])
        self.assertEqual(self.lines.mapped("to_pay"), [0, 0])
        self.assertEqual(
            self.pay.payment_ids,
            payments.filtered(lambda p: p.partner_id == self.alice.partner_id),
        )
        for payment in payments:
            self.assertEqual(
                self._entry_of(payment.move_id),
                {("T1", "421000"): 791.60, ("T1", "511900"): -791.60},
            )
        self.assertInvariant()
        self._receive_line(payments)

    def _check_file(self, order):
        self.assertTrue(order.payment_file_name.endswith(".xml"))
        root = etree.fromstring(base64.b64decode(order.payment_file_datas))
        texts = {
            name: root.xpath(f"//*[local-name()='{name}']/text()")
            for name in ("CtrlSum", "InstdAmt", "IBAN", "Dt", "Ustrd", "Cd")
        }
        self.assertEqual(set(texts["CtrlSum"]), {"1583.20"})
        self.assertEqual(texts["InstdAmt"], ["791.60", "791.60"])
        for bank in (self.alice_bank, self.bob_bank, self.bank.bank_account_id):
            self.assertIn(bank.sanitized_acc_number, texts["IBAN"])
        self.assertEqual(set(texts["Ustrd"]), {"Pay, January 2026"})
        self.assertIn("SALA", texts["Cd"])
        self.assertEqual(texts["Dt"], ["2026-02-05"])

    def _receive_line(self, payments):
        """The bank takes both at once: its line belongs to the activity then."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-02-06",
                "payment_ref": "Pay",
                "amount": -1583.20,
            }
        )
        under_way = payments.move_id.line_ids.filtered(
            lambda item: item.account_id == self.outstanding
        )
        for item in under_way:
            # As the widget of account_reconcile_oca does.
            line.add_account_move_line_id = item
            line._onchange_add_account_move_line_id()
        line.reconcile_bank_line()
        self.assertTrue(line.is_reconciled)
        self.assertTrue(all(under_way.mapped("reconciled")))
        bank_account = self.bank.default_account_id.code
        found = self._by_place(line.move_id)
        self.assertEqual(found[("T1", bank_account)], -1583.20)
        self.assertEqual(found[("T1", "511900")], 1583.20)
        self.assertInvariant()
        # And back.
        line.unreconcile_bank_line()
        self.assertFalse(line.is_reconciled)
        self.assertInvariant()

    def _by_place(self, move):
        codes = {str(a.analytic_account_id.id): a.code for a in self.activities}
        found = {}
        for item in move.line_ids:
            for key, percent in (item.analytic_distribution or {"": 100}).items():
                place = codes.get(key, ""), item.account_id.code
                part = item.balance * percent / 100
                found[place] = round(found.get(place, 0) + part, 2)
        return found

    def test_an_order_that_waits_holds_its_pay(self):
        order = self._order(self.pay)
        for call in (
            lambda: self._wizard(self.lines).action_order(),
            lambda: self._wizard(self.pay).action_pay(),
            lambda: self.pay.with_user(self.payroll).action_undo("Mistake"),
        ):
            with self.assertRaisesRegex(UserError, f"^CAE-PAY-ORDER: .*{order.name}"):
                call()
        self.assertEqual(self.pay.paid_state, "open")
        # The others are free, and so is this one once the order is cancelled.
        self._wizard(self.bob_pay).action_pay()
        order.with_user(self.treasurer).action_cancel()
        self._send(self._order(self.pay))
        self.assertEqual(self.lines.mapped("paid_state"), ["paid", "paid"])
        with self.assertRaisesRegex(UserError, "^CAE-PAY-PAID: "):
            self._order()
        self.assertInvariant()

    def test_an_order_that_is_taken_back_leaves_pay_to_pay(self):
        order = self._order()
        self._send(order)
        order.with_user(self.treasurer).action_cancel()
        self.lines.invalidate_recordset()
        self.assertEqual(self.lines.mapped("paid_state"), ["open", "open"])
        self.assertEqual(self.pay.to_pay, 791.60)
        self.assertInvariant()
        self.pay.with_user(self.payroll).action_undo("Mistake")
        self.assertEqual(self.pay.state, "cancelled")
        self.assertInvariant()

    def test_what_a_bank_needs(self):
        """Each thing that lacks is named, and no order is made."""

        def refused(pattern):
            before = self.env["account.payment.order"].search_count([])
            with self.assertRaisesRegex(UserError, pattern):
                self._order()
            orders = self.env["account.payment.order"]
            self.assertEqual(orders.search_count([]), before)

        self.method.payment_account_id = False
        refused("^CAE-PAY-ORDER: .*outstanding account")
        self.method.payment_account_id = self.outstanding
        account = self.bank.bank_account_id
        self.bank.bank_account_id = False
        refused("^CAE-PAY-ORDER: .* a bank account")
        self.bank.bank_account_id = account
        self.method.payment_order_ok = False
        refused("^CAE-PAY-ORDER: .*payment method for orders")
        self.method.payment_order_ok = True
        self.bob_bank.allow_out_payment = False
        refused("^CAE-PAY-BANK: .*Bob")

    def test_a_day_that_is_over_is_today(self):
        action = self._wizard(date="2026-02-01").action_order()
        order = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(str(order.date_scheduled), NOW)

    def test_who_orders(self):
        for user in (self.accountant, self.coach, self.entrepreneur):
            with self.assertRaises(AccessError):
                self._wizard(user=user)
            with self.assertRaises(AccessError):
                self.pay.with_user(user)._pay_by_order(
                    self.pay.month, self.bank.with_user(user)
                )
        # A payroll officer makes the order, and does not send it.
        order = self._order().with_user(self.payroll)
        self.assertEqual(order.state, "draft")
        with self.assertRaises(AccessError):
            order.draft2open()

    def test_the_screen_offers_orders(self):
        action = self.lines.with_user(self.payroll).action_ask_transfer()
        wizards = self.env["cae.pay.transfer"].with_user(self.payroll)
        with Form(wizards.with_context(**action["context"])) as form:
            self.assertTrue(form.can_order)

    @freeze_time("2026-04-02")
    def test_one_more_person_costs_no_search(self):
        def queries(lines):
            self.env.flush_all()
            before = self.cr.sql_log_count
            lines._pay_by_order(self.pay.month, self.bank)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(self.pay)
        self._run("2026-02")
        self._run("2026-03")
        months = self.Line.search([("state", "=", "posted")]).grouped("month")
        days = sorted(months)
        one, two = queries(months[days[1]][:1]), queries(months[days[2]])
        # Their number, and their reference, are drawn one by one by the module.
        self.assertLessEqual(two - one, 6)
