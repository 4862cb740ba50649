import random

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form

from .common import CaeCommon, cae_tagged

VAT = "445510"


@cae_tagged
class TestCollectivePayment(CaeCommon):
    """VAT, contributions and pay are paid once, and shared out by what each owes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.activities
        cls.accountant = cls._user("cae_accountant", "group_accountant")
        cls.vat = cls._account(VAT)

    def _owe(self, *dues, prefix=VAT, day="2026-01-31"):
        """What activities owe; ``None`` is the shared services."""
        lines = []
        for activity, due in dues:
            pair = [(prefix, -due, activity), ("445660", due, activity)]
            if activity:
                lines += pair
            else:
                self._entry(pair, day)
        if lines:
            self._entry(lines, day)

    def _wizard(self, record, user=None, **values):
        wizard = (
            self.env["cae.collective.payment"]
            .with_user(user or self.accountant)
            .with_context(active_model=record._name, active_ids=record.ids)
        )
        return wizard.create({"date": "2026-01-31", **values})

    def _pay_vat(self, record, **values):
        action = self._wizard(record, account_id=self.vat.id, **values).action_confirm()
        return self.env["cae.transfer"].browse(action["res_id"])

    def _snapshot(self):
        """Balances by activity and account, zeros left out."""
        return {
            code: {account: b for account, b in rows.items() if b}
            for code, rows in self._balances().items()
        }

    def _on(self, prefix=VAT):
        """``{activity code: balance}`` on an account, zeros left out."""
        return {
            code: rows[key]
            for code, rows in self._snapshot().items()
            for key in rows
            if key.startswith(prefix)
        }

    def _undo(self, transfer):
        transfer.with_user(self.accountant).action_undo("No")

    # What is shared, and how

    def test_bank_line_of_everything_leaves_nobody_a_balance(self):
        self._owe((self.one, 100), (self.two, 50.01), (self.three, -20), (None, 7))
        line = self._statement_line(-137.01)
        before = self._snapshot()
        wizard = self._wizard(line, account_id=self.vat.id)
        self.assertEqual(wizard.outcome, "settled")
        transfer = self._pay_vat(line)
        self.assertEqual(self._on(), {})
        self.assertTrue(line.is_reconciled)
        self.assertInvariant()
        bank = self._on("512")
        self.assertEqual(
            bank, {"T1": -100, "T2": -50.01, "T3": 20, "CAE": -7}, self._snapshot()
        )
        self.assertFalse(transfer.entry_ids)
        self._undo(transfer)
        self.assertEqual(self._snapshot(), before)
        self.assertFalse(line.is_reconciled)
        self.assertEqual(line.cae_open_amount, -137.01)
        self.assertInvariant()
        # Shared out again after all.
        self._pay_vat(line)
        self.assertEqual(self._on(), {})

    def test_a_program_gives_the_documented_keys(self):
        """What an RPC client calls: no context, ids and texts alone."""
        self._owe((self.one, 100), (self.two, 50))
        line = self._statement_line(-150)
        wizards = self.env["cae.collective.payment"].with_user(self.accountant)
        values = {
            "item_id": line._cae_collective_item().id,
            "account_id": self.vat.id,
            "date": "2026-01-31",
            "difference": "shared",
            "reason": "VAT of January",
        }
        key = call_kw(wizards, "create", [values], {})
        (read,) = call_kw(wizards, "read", [[key], ["outcome", "reason"]], {})
        self.assertEqual(
            (read["outcome"], read["reason"]), ("settled", "VAT of January")
        )
        call_kw(wizards, "action_confirm", [[key]], {})
        self.assertEqual(self._on(), {})
        del values["item_id"]
        with self.assertRaisesRegex(UserError, "CAE-SETTLE-ITEM"):
            call_kw(wizards, "create", [values], {})

    def test_part_payment_takes_the_same_part_of_each(self):
        self._owe((self.one, 100), (self.two, 300))
        line = self._statement_line(-200)
        wizard = self._wizard(line, account_id=self.vat.id)
        self.assertEqual(wizard.outcome, "partial")
        self.assertIn("200.00", wizard.note.replace("\N{NO-BREAK SPACE}", " "))
        self.assertIn("T2", wizard.preview)
        wizard.action_confirm()
        self.assertEqual(self._on(), {"T1": -50, "T2": -150})
        # The second part pays the rest, when what was paid first counts.
        rest = self._statement_line(-200, "2026-02-20")
        self.assertIn("Not counted", self._wizard(rest, account_id=self.vat.id).note)
        self._pay_vat(rest, date="2026-02-20")
        self.assertEqual(self._on(), {})
        self.assertInvariant()

    def test_what_no_balance_explains_goes_where_one_says(self):
        self._owe((self.one, 100), (self.two, 50))
        for difference, code in (("shared", "CAE"), ("unallocated", "")):
            line = self._statement_line(-151)
            wizard = self._wizard(line, account_id=self.vat.id, difference=difference)
            self.assertEqual(wizard.outcome, "excess")
            transfer = self._pay_vat(line, difference=difference)
            self.assertEqual(self._on(), {code: 1})
            self.assertInvariant()
            line.move_id._cae_refresh()
            self.assertEqual(self._on(), {code: 1})
            self._undo(transfer)

    def test_nothing_to_settle_is_refused(self):
        self._owe((self.one, 100))
        line = self._statement_line(50)
        self.assertEqual(self._wizard(line, account_id=self.vat.id).outcome, "nothing")
        with self.assertRaisesRegex(UserError, "CAE-SETTLE-NOTHING"):
            self._pay_vat(line)
        with self.assertRaisesRegex(UserError, "CAE-SETTLE-NOTHING"):
            self._wizard(self._statement_line(-100)).action_confirm()
        line = self._statement_line(-100)
        with self.assertRaisesRegex(UserError, "CAE-SETTLE-NOTHING"):
            self._pay_vat(line, date="2026-01-30")
        self.assertFalse(line.is_reconciled)

    def test_refund_of_the_state_goes_to_who_is_owed(self):
        self._owe((self.one, -60), (self.two, 10))
        self._pay_vat(self._statement_line(50))
        self.assertEqual(self._on(), {})
        self.assertInvariant()

    def test_what_is_unallocated_is_a_party_like_the_others(self):
        self._owe((self.one, 100))
        waiting = self._statement_line(30)
        waiting.cae_match(counterparts=[{"account": self.vat.code, "amount": 30}])
        item = waiting.move_id.line_ids.filtered(lambda x: x.account_id == self.vat)
        item.analytic_distribution = False
        waiting.move_id._cae_refresh()
        self.assertEqual(self._on(), {"T1": -100, "": -30})
        self._pay_vat(self._statement_line(-130), date="2026-02-11")
        self.assertEqual(self._on(), {})
        self.assertInvariant()

    # Payments and entries

    def test_payment_takes_its_bank_line_along(self):
        account = self._account("437")
        self._owe((self.one, 80), (self.two, 40), prefix="437")
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.partner_a.id,
                "amount": 120,
                "date": "2026-02-10",
                "journal_id": self.bank.id,
            }
        )
        payment.destination_account_id = account
        payment.action_post()
        self.assertEqual(payment._cae_collective_item().account_id, account)
        line = self._statement_line(-120)
        outstanding = payment._seek_for_lines()[0]
        line.cae_match(items=[{"id": outstanding.id}])
        self._wizard(payment).action_confirm()
        self.assertEqual(self._on("437"), {})
        self.assertEqual(self._on("512")["T1"], -80)
        self.assertInvariant()

    def test_item_of_an_entry_takes_its_counterpart_along(self):
        self._owe((self.one, 100), (self.two, 50))
        entry = self._entry([(VAT, 150, None), ("467", -150, None)], "2026-02-15")
        item = entry.line_ids[0]
        transfer = self._pay_vat(item)
        self.assertEqual(self._on(), {})
        self.assertEqual(self._on("467"), {"T1": -100, "T2": -50})
        self.assertInvariant()
        self._undo(transfer)
        self.assertEqual(self._on("467"), {"CAE": -150})

    # VAT returns: each account of the entry is shared out

    def _return(self, collected, deductible, day="2026-01-31"):
        """VAT of the activities and the entry of their return, which nobody tagged."""
        for prefix, amounts in (("445710", collected), ("445660", deductible)):
            lines = []
            for activity, amount in zip(self.activities, amounts, strict=True):
                lines += [(prefix, amount, activity), ("467", -amount, activity)]
            self._entry(lines, day)
        vat, recovered = -sum(collected), -sum(deductible)
        due = -vat - recovered
        return self._entry(
            [
                ("445710", vat, None),
                ("445660", recovered, None),
                ("445670" if due > 0 else VAT, due, None),
            ],
            day,
        )

    def _share_return(self, entry, prefixes):
        transfers = self.env["cae.transfer"]
        for prefix in prefixes:
            item = entry.line_ids.filtered(
                lambda line, p=prefix: line.account_id.code == p
            )
            action = self._wizard(item).action_confirm()
            transfers += transfers.browse(action["res_id"])
        return transfers

    def _check_return(self, entry, collected, deductible, prefixes):
        before = self._snapshot()
        transfers = self._share_return(entry, prefixes)
        self.assertEqual((self._on("445710"), self._on("445660")), ({}, {}))
        nets = zip(self.activities, collected, deductible, strict=True)
        expected = {a.code: round(c + d, 2) for a, c, d in nets if c + d}
        self.assertEqual(self._on(entry.line_ids[2].account_id.code), expected)
        self.assertInvariant()
        entry._cae_refresh()
        self.assertEqual(self._on("445710"), {})
        for transfer in transfers[::-1]:
            self._undo(transfer)
        self.assertEqual(self._snapshot(), before)

    RETURNS = (
        ((-2000, -300.5, -9), (150, 20.25, 77)),
        ((-2000, -300.5, -9), (1500, 420.25, 77)),
        ((-200, -300.5, -9), (1500, 420.25, 77)),
    )
    ORDERS = (("445710", "445660"), ("445660", "445710"))

    def test_vat_return_is_shared_in_any_order(self):
        for collected, deductible in self.RETURNS:
            for prefixes in self.ORDERS:
                with self.env.cr.savepoint() as savepoint:
                    entry = self._return(collected, deductible)
                    self._check_return(entry, collected, deductible, prefixes)
                    savepoint.rollback()

    def test_vat_return_of_a_locked_month_is_shared(self):
        collected, deductible = self.RETURNS[1]
        entry = self._return(collected, deductible)
        self._lock("2026-01")
        self._check_return(entry, collected, deductible, self.ORDERS[0])

    def test_line_shared_out_never_takes_the_difference_of_another(self):
        entry = self._return(*self.RETURNS[0])
        self._share_return(entry, self.ORDERS[0])
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-COUNTERPART"):
            self._move_item(entry.line_ids[2])
        self.assertEqual(self._on("445710"), {})

    def _move_item(self, item):
        wizard = (
            self.env["cae.transfer.wizard"]
            .with_user(self.accountant)
            .with_context(active_model=item._name, active_ids=item.ids)
        )
        target = self.activities[0].id
        wizard.create({"reason": "x", "to_activity_id": target}).action_confirm()

    # To the cent

    def test_small_rest_without_activity_stays_and_is_undone(self):
        self._owe((self.one, 394000), (self.two, 309.12))
        line = self._statement_line(-394432.57)
        before = self._snapshot()
        transfer = self._pay_vat(line, difference="unallocated")
        self.assertEqual(self._on(), {"": 123.45})
        line.move_id._cae_refresh()
        self.assertEqual(self._on(), {"": 123.45})
        self._undo(transfer)
        self.assertEqual(self._snapshot(), before)
        self.assertInvariant()

    def test_typed_thirds_are_the_whole_after_a_transfer_too(self):
        self._owe((self.one, 100))
        line = self._statement_line(-100.03)
        self._pay_vat(line, difference="unallocated")
        item = line.move_id.line_ids.filtered(lambda x: x.account_id == self.vat)
        self.assertEqual(self._on(), {"": 0.03})
        item.analytic_distribution = {str(key): 33.33 for key in self.accounts.ids}
        self.assertNotIn("", self._on())
        self.assertInvariant()

    def test_what_is_no_payment_is_refused(self):
        bill = self._document([(self.one, 100, None)], kind="in_invoice", ref="B1")
        term = bill.line_ids.filtered(lambda x: x.display_type == "payment_term")
        line = self._statement_line(-5)
        draft = self._entry([(VAT, 5, self.one), ("512", -5, self.one)], post=False)
        for item in (term, line._seek_for_lines()[0], draft.line_ids[0]):
            with self.assertRaisesRegex(UserError, "CAE-SETTLE-ITEM"):
                self._wizard(item)
        with self.assertRaisesRegex(UserError, "CAE-SETTLE-ITEM"):
            self._wizard(line + self._statement_line(-6))

    # Locked months

    def _lock(self, month):
        self.env.flush_all()
        periods = self.env["cae.period"].with_user(self.accountant)
        periods.month_run(month, steps=["contributions"])
        periods.lock(month)

    def test_locked_payment_is_shared_by_an_allocation_entry(self):
        self._owe((self.one, 100), (self.two, 50), day="2025-12-31")
        line = self._statement_line(-150, "2026-01-20")
        line.cae_match(counterparts=[{"account": self.vat.code, "amount": -150}])
        self._lock("2026-01")
        before = self._snapshot()
        item = line._cae_collective_item()
        self.assertIn("allocation entry", self._wizard(item).note)
        transfer = self._pay_vat(line, date="2025-12-31")
        self.assertEqual(transfer.entry_ids.date.isoformat(), "2026-02-01")
        self.assertEqual(self._on(), {})
        self.assertEqual(self._on("512"), {"T1": -100, "T2": -50})
        self.assertInvariant()
        self._undo(transfer)
        self.assertEqual(self._snapshot(), before)
        # What was given back does not count twice.
        self._pay_vat(line, date="2025-12-31")
        self.assertEqual(self._on(), {})
        self.assertInvariant()

    def test_bank_line_that_waits_in_a_locked_month_stays(self):
        self._owe((self.one, 100), day="2025-12-31")
        line = self._statement_line(-100, "2026-01-20")
        line.cae_keep_unallocated("VAT")
        self._lock("2026-01")
        wizard = self._wizard(line, account_id=self.vat.id, date="2025-12-31")
        self.assertIn("Open the month again", wizard.note)
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
            wizard.action_confirm()
        self.assertFalse(line.is_reconciled)

    # Random cases

    def test_random_payments_keep_the_ledger_and_settle_what_they_can(self):
        rng = random.Random(20260224)
        for case in range(15):
            chosen = rng.sample([*self.activities, None], rng.randint(1, 4))
            dues = [(a, rng.randint(-5000, 90000) / 100) for a in chosen]
            self._owe(*[(a, due) for a, due in dues if due])
            total = round(-sum(self._on().values()), 2)
            if not total:
                continue
            factor = rng.choice([1, 1, 1, 0.37, 1.2])
            amount = round(total * factor, 2)
            if rng.random() < 0.6:
                record = self._statement_line(-amount)
            else:
                rows = [(VAT, amount, None), ("467", -amount, None)]
                record = self._entry(rows, "2026-02-12").line_ids[0]
            before = self._snapshot()
            difference = rng.choice(["shared", "unallocated"])
            transfer = self._pay_vat(record, date="2026-02-28", difference=difference)
            self.assertInvariant()
            after = self._on()
            if factor == 1:
                self.assertEqual(after, {}, (case, dues))
            elif factor > 1:
                code = "CAE" if difference == "shared" else ""
                self.assertEqual(set(after), {code}, (case, dues))
            if rng.random() < 0.5:
                self._undo(transfer)
                self.assertEqual(self._snapshot(), before)
                self.assertInvariant()

    # Screen, rights, queries

    def test_wizard_of_a_bank_line(self):
        self._owe((self.one, 100), (self.two, 50))
        line = self._statement_line(-150)
        wizards = self.env["cae.collective.payment"].with_user(self.accountant)
        form = Form(wizards.with_context(active_model=line._name, active_ids=line.ids))
        self.assertEqual(str(form.date), "2026-02-11")
        self.assertFalse(form.note)
        form.account_id = self.vat
        self.assertIn(VAT, form.reason)
        self.assertEqual(form.outcome, "settled")
        form.save().action_confirm()
        self.assertEqual(self._on(), {})

    def test_only_accountants_share_out(self):
        self._owe((self.one, 100))
        line = self._statement_line(-100)
        for group in ("coach", "payroll"):
            user = self._user(f"cae_{group}", f"group_{group}")
            with self.assertRaises(AccessError):
                self._wizard(line, user)

    def test_queries_do_not_grow_with_the_number_of_activities(self):
        def run(count):
            activities = self.Activity.create(
                [
                    {"code": f"Q{count}-{n}", "name": "Q", "date_start": "2025-01-01"}
                    for n in range(count)
                ]
            )
            self._owe(*[(activity, 10) for activity in activities])
            line = self._statement_line(-10 * count)
            wizard = self._wizard(line, account_id=self.vat.id, date="2026-02-28")
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.assertEqual(wizard.outcome, "settled")
            preview = self.cr.sql_log_count - start
            wizard.action_confirm()
            self.env.flush_all()
            return preview, self.cr.sql_log_count - start

        run(2)
        small, large = run(3), run(30)
        self.assertLessEqual(large[0], small[0])
        self.assertLessEqual(large[1], small[1])
