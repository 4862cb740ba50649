import random
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from ..engine import allocation
from ..engine.key_figures import Choice, Period
from .common import CaeCommon, cae_tagged


@cae_tagged
class TestTransfer(CaeCommon):
    """Documents, payments and their lines move to other activities, and back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.activities
        cls.accountant = cls._user("cae_accountant", "group_accountant")
        cls.Period = cls.env["cae.period"].with_user(cls.accountant)

    def _lock(self, *months):
        self.env.flush_all()
        for month in months:
            self.Period.month_run(month, steps=["contributions"])
            self.Period.lock(month)

    def _wizard(self, records, user=None, **values):
        wizard = (
            self.env["cae.transfer.wizard"]
            .with_user(user or self.accountant)
            .with_context(active_model=records._name, active_ids=records.ids)
        )
        return wizard.create({"reason": "Wrong activity", **values})

    def _move(self, records, target, **values):
        wizard = self._wizard(records, to_activity_id=target.id, **values)
        action = wizard.action_confirm()
        return self.env["cae.transfer"].browse(action["res_id"])

    def _snapshot(self):
        """Balances by activity and account, zeros left out."""
        return {
            code: {account: b for account, b in rows.items() if b}
            for code, rows in self._balances().items()
        }

    def _terms(self, moves):
        return moves.line_ids.filtered(lambda x: x.display_type == "payment_term")

    def _uneven(self):
        ledger = self.env["cae.ledger"]
        return ledger._uneven_matchings(self.company, "2026-01-01", "2026-12-31")

    # Open month

    def test_paid_invoice_moves_with_its_payment_and_its_vat(self):
        move = self._document(
            [(self.one, 100, self.vat_services), (self.two, 50, self.vat_services)],
            cae_activity_id=self.one.id,
        )
        self._pay(move)
        before = self._snapshot()
        transfer = self._move(move, self.three)
        self.assertInvariant()
        after = self._snapshot()
        self.assertEqual(after["T3"], before["T1"])
        self.assertFalse(after["T1"])
        self.assertEqual(after["T2"], before["T2"])
        self.assertEqual(move.cae_activity_id, self.three)
        self.assertFalse(transfer.entry_ids)
        self.assertIn("Wrong activity", move.message_ids[:2].mapped("body")[-1])
        for reason in ("", "  ", None):
            with self.assertRaisesRegex(UserError, "CAE-TRANSFER-REASON"):
                transfer.with_user(self.accountant).action_undo(reason)
        transfer.with_user(self.accountant).action_undo("Right after all")
        self.assertEqual(self._snapshot(), before)
        self.assertEqual(move.cae_activity_id, self.one)
        self.assertInvariant()

    def test_chosen_lines_only(self):
        move = self._document(
            [(self.one, 100, None), (self.one, 50, None)], cae_activity_id=self.one.id
        )
        line = move.invoice_line_ids[1]
        self._move(line, self.two)
        balances = self._balances()
        self.assertEqual(balances["T1"]["706000"], -100)
        self.assertEqual(balances["T2"]["706000"], -50)
        self.assertEqual(move.cae_activity_id, self.one)
        self.assertInvariant()

    def test_item_of_an_entry_takes_its_counterpart_along(self):
        entry = self._entry(
            [("611", 70, self.one), ("611", 30, self.one), ("512", -100, None)]
        )
        self._move(entry.line_ids[1], self.two)
        balances = self._balances()
        self.assertEqual(balances["T1"], {"512001": -70, "611000": 70})
        self.assertEqual(balances["T2"], {"512001": -30, "611000": 30})
        entry._cae_refresh()
        self.assertEqual(self._balances(), balances)
        self.assertInvariant()

    def test_payment_on_account_moves(self):
        move = self._document([(self.one, 100, None)])
        payment = self._pay(move, amount=150)
        payment.cae_activity_id = self.one
        payment.move_id._cae_refresh()
        transfer = self._move(payment, self.two)
        # What was paid above the document is all that moved: 50 of 150.
        self.assertEqual(sorted(self._snapshot()["T1"].values()), [-100, 100])
        self.assertEqual(sorted(self._snapshot()["T2"].values()), [-50, 50])
        self.assertEqual(payment.cae_activity_id, self.two)
        self.assertInvariant()
        transfer.with_user(self.accountant).action_undo("No")
        self.assertEqual(payment.cae_activity_id, self.one)
        self.assertFalse(self._snapshot()["T2"])

    def test_set_off_documents_stay_even(self):
        invoice = self._document([(self.one, 100, None)])
        note = self._document([(self.one, 100, None)], kind="out_refund")
        lines = (invoice + note).line_ids.filtered(
            lambda x: x.display_type == "payment_term"
        )
        lines.reconcile()
        self._move(invoice, self.two)
        code = lines.account_id.code
        balances = self._balances()
        self.assertFalse(balances["T1"].get(code) or balances["T2"].get(code))
        self.assertEqual(balances["T2"]["181000"], 100)
        self.assertInvariant()

    # Locked month

    def test_what_is_unpaid_moves_with_a_document_of_a_locked_month(self):
        move = self._document(
            [(self.one, 100, self.vat_goods)], cae_activity_id=self.one.id
        )
        self._pay(move, amount=30, day="2026-01-20")
        self._lock("2026-01")
        self._move(move, self.two)
        self._pay(move, amount=20, day="2026-02-20")
        rows = self.env["cae.unpaid.document"].search([("move_id", "=", move.id)])
        self.assertEqual(
            [(row.activity_id, row.total, row.open) for row in rows],
            [(self.two, 120, 70)],
        )
        balances = self._balances()
        self.assertEqual(balances[self.two.code]["411100"], 70)
        self.assertEqual(balances[self.one.code]["411100"], 0)
        invoices = self.env["cae.ledger"]._open_invoices(
            self.company, self.accounts.ids, date(2026, 2, 28)
        )
        self.assertEqual(list(invoices), [self.two.analytic_account_id.id])

    def test_records_of_the_turnover_hold_what_was_moved(self):
        move = self._document([(self.one, 100), (self.two, 30)])
        self._lock("2026-01")
        self._move(move.invoice_line_ids[0], self.Activity)
        figures = self.env["cae.key.figures"].with_company(self.company)
        for last, total in ((date(2026, 1, 31), 130), (date(2026, 2, 28), 30)):
            period = Period(date(2026, 1, 1), last)
            found = figures._compute(["ca_ht_facture"], [period], Choice())
            self.assertEqual(found["ca_ht_facture"], [total])
            action = figures._open("ca_ht_facture", period, Choice())
            records = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(sum(records.mapped("earned")), total)

    def test_locked_invoice_moves_by_an_entry_that_counts_as_turnover(self):
        move = self._document(
            [(self.one, 100, self.vat_services)], cae_activity_id=self.one.id
        )
        self._pay(move, day="2026-01-20")
        before = self._snapshot()
        self._lock("2026-01")
        tags = move.line_ids.mapped("analytic_distribution")
        self.assertIn("1 of 1", self._wizard(move).note)
        transfer = self._move(move, self.two)
        self.assertEqual(move.line_ids.mapped("analytic_distribution"), tags)
        entry = transfer.entry_ids
        self.assertEqual(entry.mapped("date")[0].isoformat(), "2026-02-01")
        self.assertInvariant()
        after = self._snapshot()
        self.assertFalse(after["T1"])
        self.assertEqual(after["T2"], before["T1"])
        for account, lines in entry.line_ids.grouped("account_id").items():
            self.assertEqual(sum(lines.mapped("balance")), 0, account.code)
        figures = {
            (r["code"], r["month"]): r
            for r in self.Activity.figures(["T1", "T2"], ["2026-01", "2026-02"])
        }
        self.assertEqual(figures["T1", "2026-01"]["invoiced"], 100)
        self.assertEqual(figures["T1", "2026-02"]["invoiced"], -100)
        self.assertEqual(figures["T2", "2026-02"]["invoiced"], 100)
        # The activity was paid 120 including VAT, of which 100 is its own.
        self.assertEqual(figures["T2", "2026-01"]["collected"], 100)
        move._cae_refresh()
        self.assertEqual(self._snapshot(), after)
        transfer.with_user(self.accountant).action_undo("No")
        self.assertEqual(self._snapshot(), before)
        self.assertEqual(
            entry.reversal_move_ids.mapped("state"), ["posted"] * len(entry)
        )
        self.assertInvariant()

    def test_payment_after_a_locked_transfer_follows_the_new_activity(self):
        move = self._document([(self.one, 100, self.vat_services)])
        self._lock("2026-01")
        self._move(move, self.two)
        self._pay(move, day="2026-03-10")
        balances = self._snapshot()
        self.assertFalse(balances["T1"])
        self.assertEqual(sum(balances["T2"].values()), 0)
        self.assertNotIn("445740", balances["T2"])
        self.assertInvariant()

    def test_transfer_holds_when_the_month_is_opened_again(self):
        move = self._document([(self.one, 100, self.vat_services)])
        self._lock("2026-01")
        transfer = self._move(move, self.two)
        after = self._snapshot()
        self.env["cae.period"].unlock("2026-01", "Check")
        move._cae_refresh()
        self.assertEqual(self._snapshot(), after)
        line = move.invoice_line_ids
        with self.assertRaisesRegex(UserError, "CAE-ENTRY-CORRECTED"):
            line.analytic_distribution = self._tag(self.three)
        self._move(move, self.three)
        self.assertFalse(self._snapshot()["T2"])
        self.assertInvariant()
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-CHANGED"):
            transfer.with_user(self.accountant).action_undo("No")

    def test_contributions_follow_by_differences(self):
        scheme = self.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        (self.one + self.two).scheme_id = scheme
        move = self._document([(self.one, 1000, None)])
        self._lock("2026-01")
        self._move(move, self.two)
        self.env.flush_all()
        self.Period.month_run("2026-02", steps=["contributions"])
        charged = {
            (line.activity_id.code, line.month.month): line.amount
            for line in self.env["cae.contribution.line"].search(
                [("activity_id", "in", (self.one + self.two).ids)]
            )
        }
        one = {k: v for k, v in charged.items() if k[0] == "T1"}
        self.assertEqual(sum(one.values()), 0, charged)
        self.assertEqual(charged["T1", 1], charged["T2", 2], charged)

    def test_undo_of_a_locked_transfer_sets_off_again(self):
        line = (100, self.vat_services)
        kinds = [("out_invoice", "out_refund"), ("in_invoice", "in_refund")]
        pairs = [
            (
                self._document([(self.one, *line)], kind=kind, ref=kind),
                self._document([(self.two, *line)], "2026-02-05", note, ref=note),
            )
            for kind, note in kinds
        ]
        self._lock("2026-01")
        empty = self._snapshot()
        for move, note in pairs:
            self._terms(move + note).reconcile()
            before = self._snapshot()
            self.assertNotEqual(before["T1"].get("181000"), None)
            self.assertFalse(self._uneven())
            transfer = self._move(move, self.two)
            self.assertFalse(self._snapshot()["T1"].get("181000"))
            self.assertFalse(self._uneven())
            transfer.with_user(self.accountant).action_undo("No")
            self.assertEqual(self._snapshot(), before)
            self.assertFalse(self._uneven())
            self.assertInvariant()
            self._terms(move).remove_move_reconcile()
            self.assertEqual(self._snapshot(), empty)

    def test_undo_takes_back_the_set_off_that_the_transfer_made(self):
        move = self._document([(self.one, 100, self.vat_services)])
        self._lock("2026-01")
        transfer = self._move(move, self.three)
        note = self._document(
            [(self.one, 100, self.vat_services)], "2026-02-05", "out_refund"
        )
        self._terms(move + note).reconcile()
        self.assertEqual(self._snapshot()["T3"]["181000"], 120)
        transfer.with_user(self.accountant).action_undo("No")
        self.assertFalse(self._snapshot()["T3"])
        self.assertFalse(self._snapshot()["T1"])
        self.assertInvariant()

    def test_settled_items_that_are_not_even_are_a_finding(self):
        move = self._document([(self.one, 100, None)])
        note = self._document([(self.two, 100, None)], "2026-02-05", "out_refund")
        self._terms(move + note).reconcile()
        self.env.flush_all()
        codes = {finding["code"] for finding in self.Period.checks("2026-02")}
        self.assertNotIn("CAE-CHECK-UNEVEN", codes)
        set_off = self.env["account.move"].search(
            [("cae_full_reconcile_id", "=", self._terms(move).full_reconcile_id.id)]
        )
        self.env.flush_all()
        # Behind the product's back: its entries stay balanced for each activity.
        self.env.cr.execute(
            "DELETE FROM account_analytic_line WHERE move_line_id IN %s",
            [tuple(set_off.line_ids.ids)],
        )
        found = {f["code"]: f for f in self.Period.checks("2026-02")}
        finding = found["CAE-CHECK-UNEVEN"]
        self.assertEqual(finding["severity"], "warning")
        self.assertEqual(set(finding["res_ids"]), set(self._terms(move + note).ids))
        self.assertNotIn("CAE-CHECK-UNBALANCED", found)

    # Copies of what was moved

    def test_credit_note_of_a_document_moved_late_is_of_who_has_it(self):
        for kind in ("out_invoice", "in_invoice"):
            self._document([(self.one, 100, self.vat_services)], kind=kind, ref=kind)
            self._document(
                [(self.one, 70, self.vat_goods), (self.one, 30, None)],
                kind=kind,
                cae_activity_id=self.one.id,
                ref=f"{kind} 2",
            )
        moves = self.env["account.move"].search(
            [("company_id", "=", self.company.id), ("move_type", "like", "%invoice")]
        )
        self._lock("2026-01")
        self._move(moves[1:], self.two)
        self._move(moves[0].invoice_line_ids[0], self.three)
        reversals = moves._reverse_moves(
            [{"date": "2026-02-10", "invoice_date": "2026-02-10"} for _move in moves],
            cancel=True,
        )
        self.assertEqual(set(moves.mapped("payment_state")), {"reversed"})
        self.assertEqual(reversals[1:].cae_activity_id, self.two)
        for code in ("T1", "T2", "T3", "CAE"):
            self.assertEqual(self._snapshot().get(code, {}), {}, code)
        self.assertFalse(self._uneven())
        self.assertInvariant()

    def test_billing_without_rights_on_activities_copies_what_moved_late(self):
        move = self._document([(self.one, 100, None)])
        self._lock("2026-01")
        self._move(move, self.two)
        billing = new_test_user(
            self.env,
            login="cae_transfer_billing",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        copied = move.with_user(billing).copy()
        self.assertEqual(copied.sudo().cae_activity_id, self.two)

    def test_entry_moved_late_is_derived_again_and_reversed(self):
        entry = self._entry(
            [("611", 70, None), ("613", 40, None), ("616", 30, None), ("467", -140, 0)],
            "2026-01-31",
        )
        self._lock("2026-01")
        self._move(entry.line_ids[0], self.two)
        after = self._snapshot()
        self.assertEqual(sorted(after["T2"].values()), [-70, 70])
        entry._cae_refresh()
        self.assertEqual(self._snapshot(), after)
        entry._reverse_moves([{"date": "2026-02-10"}], cancel=True)
        self.assertEqual(self._snapshot()["T2"], {})
        self.assertEqual(self._snapshot()["CAE"], {})
        self.assertInvariant()

    # Random

    def test_random_moves_and_undos_give_everything_back(self):
        rng = random.Random(20260210)
        taxes = [None, self.vat_goods, self.vat_services]
        for case in range(12):
            lines = [
                (
                    rng.choice(self.activities),
                    rng.randint(1, 99999) / 100,
                    rng.choice(taxes),
                )
                for _n in range(rng.randint(1, 4))
            ]
            kind = rng.choice(["out_invoice", "in_invoice"])
            day = "2026-01-10" if case < 6 else "2026-02-10"
            move = self._document(lines, day, kind, ref=f"R{case}")
            paid = rng.choice([0, 0.4, 1])
            if paid:
                self._pay(move, amount=round(move.amount_total * paid, 2))
            if case == 5:
                self._lock("2026-01")
            before = self._snapshot()
            target = rng.choice(self.activities)
            items = move.invoice_line_ids
            chosen = rng.choice([move, items[: rng.randint(1, len(items))]])
            try:
                transfer = self._move(chosen, target)
            except UserError as error:
                self.assertIn("CAE-TRANSFER-NOTHING", str(error))
                continue
            self.assertInvariant()
            if rng.random() < 0.7:
                transfer.with_user(self.accountant).action_undo("Back")
                self.assertEqual(self._snapshot(), before)
                self.assertInvariant()

    # Exits

    def test_documents_of_an_activity_that_left_wait_for_its_exit(self):
        move = self._document([(self.one, 100, self.vat_services)])
        transfer = self._move(move, self.two)
        leaving = self.env["cae.activity.exit"].with_user(self.accountant)
        leaving = leaving.create(
            {
                "activity_id": self.two.id,
                "date": "2026-03-31",
                "outcome": "transfer",
                "target_id": self.three.id,
            }
        )
        self.env.flush_all()
        leaving.action_done()
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-EXIT"):
            self._move(move, self.one)
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-EXIT"):
            transfer.with_user(self.accountant).action_undo("No")
        leaving.action_cancel()
        transfer.with_user(self.accountant).action_undo("Now")
        self.assertInvariant()
        self.assertFalse(self._snapshot()["T2"])
        self.assertFalse(self._snapshot()["T3"])

    # Refusals, rights, queries

    def test_what_follows_or_is_generated_is_refused(self):
        move = self._document([(self.one, 120, None)], cae_activity_id=self.one.id)
        line = self._statement_line(120)
        suspense = line.move_id.line_ids.filtered(
            lambda x: x.account_id == self.bank.suspense_account_id
        )
        receivable = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        suspense.account_id = receivable.account_id
        (suspense + receivable).reconcile()
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-FOLLOWS"):
            self._move(line.move_id, self.two)
        draft = move.copy()
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-ENTRY"):
            self._move(draft, self.two)
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-NOTHING"):
            self._move(move, self.one)
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-REASON"):
            self._move(move, self.two, reason=" ")

    def test_allocation_entry_of_a_transfer_is_undone_by_the_transfer_only(self):
        move = self._document([(self.one, 100, None)])
        self._lock("2026-01")
        transfer = self._move(move, self.two)
        entry = transfer.entry_ids
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-ENTRY"):
            entry._reverse_moves()
        with self.assertRaisesRegex(UserError, "CAE-ENTRY-GENERATED"):
            entry.button_draft()
        transfer.with_user(self.accountant).action_undo("No")
        with self.assertRaisesRegex(UserError, "CAE-TRANSFER-UNDONE"):
            transfer.with_user(self.accountant).action_undo("No")

    def test_only_accountants_move(self):
        move = self._document([(self.one, 100, None)])
        for group in ("coach", "payroll"):
            user = self._user(f"cae_{group}", f"group_{group}")
            with self.assertRaises(AccessError):
                self._wizard(move, user)
            with self.assertRaises(AccessError):
                self.env["cae.transfer"].with_user(user)._make(
                    {}, {move: self.two}, reason="x"
                )
        transfer = self._move(move, self.two)
        with self.assertRaises(AccessError):
            transfer.with_user(self.accountant).state = "undone"

    def test_wizard_proposes_the_activity_of_the_documents(self):
        moves = self._document([(None, 5, None)], cae_activity_id=self.one.id)
        moves += self._document([(None, 7, None)], cae_activity_id=self.one.id)
        wizards = self.env["cae.transfer.wizard"].with_user(self.accountant)
        form = Form(
            wizards.with_context(active_model=moves._name, active_ids=moves.ids)
        )
        self.assertEqual(form.from_activity_id, self.one)
        self.assertFalse(form.note)
        form.to_activity_id = self.two
        form.reason = "Both"
        form.save().action_confirm()
        self.assertEqual(self._balances()["T2"]["706000"], -12)

    def test_queries_do_not_grow_with_the_number_of_documents(self):
        def run(count):
            moves = self.env["account.move"]
            for _n in range(count):
                moves += self._document([(self.one, 10, None)])
            wizard = self._wizard(moves, to_activity_id=self.two.id)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            wizard.action_confirm()
            self.env.flush_all()
            return self.cr.sql_log_count - start

        run(1)
        self.assertEqual(run(2), run(12))

    # VAT on payment that was given back

    def _vat_waiting(self, document):
        """Cents per activity that wait on 44574 for a document."""
        moves = document | document.tax_cash_basis_created_move_ids
        items = moves.line_ids.filtered(lambda x: x.account_id.code == "445740")
        vectors = items._cae_effective_vectors().values()
        return {k: c for k, c in allocation.add(*vectors).items() if c}

    def test_vat_given_back_follows_with_its_entry(self):
        move = self._document([(self.one, 100, self.vat_services)])
        self._pay(move).move_id.line_ids.remove_move_reconcile()
        # The entry of the VAT and its reversal are allocated again in one batch.
        transfer = self._move(move, self.two)
        for entry in move.tax_cash_basis_created_move_ids:
            items = entry.line_ids.filtered("tax_repartition_line_id")
            vectors = items._cae_effective_vectors().values()
            keys = {key for vector in vectors for key in vector}
            self.assertEqual(keys, {self.two.analytic_account_id.id}, entry.ref)
        self.assertInvariant()
        # Paid after all: what was given back takes nothing of the VAT.
        self._pay(move, day="2026-03-10")
        transfer.with_user(self.accountant).action_undo("No")
        for _time in range(2):
            self.assertFalse(self._vat_waiting(move))
            self.assertFalse(self._snapshot()["T2"])
            # The first payment waits; the VAT does not.
            self.assertEqual(set(self._snapshot()[""]), {"411100", "512002"})
            self.assertInvariant()
            move.tax_cash_basis_created_move_ids.sorted("id")._cae_refresh()

    def test_undone_transfer_of_a_document_that_was_cancelled(self):
        move = self._document([(self.one, 100, self.vat_services)])
        transfer = self._move(move, self.two)
        move.button_draft()
        move.button_cancel()
        transfer.with_user(self.accountant).action_undo("No")
        self.assertFalse(move.line_ids.analytic_line_ids)
        self.assertEqual(
            move.invoice_line_ids.analytic_distribution, self._tag(self.one)
        )
        self.assertFalse(any(self._snapshot().values()))
