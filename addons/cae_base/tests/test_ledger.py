import os
import random
from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form

from .common import CaeCommon, cae_tagged

#: Random scenarios: few in the quick set; ``CAE_SCENARIOS`` asks for another number.
SCENARIOS = int(
    os.environ.get("CAE_SCENARIOS") or (300 if os.environ.get("CAE_TEST_FULL") else 20)
)
#: Played one after the other in the same books; then the books are emptied.
TOGETHER = 10


@cae_tagged
class TestLedger(CaeCommon):
    """Every journal item carries its activity; every entry balances for each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollar = cls._dollars()

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def test_all_lines_of_a_document_are_tagged(self):
        first, second, _third = self.activities
        move = self._document(
            [(first, 100.01, self.vat_goods), (second, 33.33, self.vat_goods)]
        )
        # VAT of 133.34 at 20 % is 26.67: 20.00 and 6.67 by largest remainder.
        balances = self._balances()
        receivable = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        code = receivable.account_id.code
        self.assertEqual(balances["T1"][code], 120.01)
        self.assertEqual(balances["T2"][code], 40.00)
        self.assertEqual(balances["T1"]["445710"], -20.00)
        self.assertEqual(balances["T2"]["445710"], -6.67)
        self.assertInvariant()

    def test_document_defaults_to_its_activity_then_to_the_shared_services(self):
        first = self.activities[0]
        self._document([(None, 50, None)], cae_activity_id=first.id)
        self._document([(None, 70, None)])
        balances = self._balances()
        self.assertEqual(balances["T1"]["706000"], -50)
        self.assertEqual(balances["CAE"]["706000"], -70)
        self.assertInvariant()

    def test_customer_of_an_activity_gives_it_to_the_document(self):
        customer = self.partner_a.copy({"cae_activity_id": self.activities[1].id})
        move = self._document([(None, 50, None)], partner_id=customer.id)
        self.assertEqual(move.cae_activity_id, self.activities[1])
        self.assertEqual(self._balances()["T2"]["706000"], -50)

    def test_chosen_lines_keep_their_activity_when_the_document_gets_one(self):
        first, second, third = self.activities
        customer = self.partner_a.copy({"cae_activity_id": third.id})
        move = self._document([(first, 100, None), (second, 50, None), (None, 7, None)])
        move.button_draft()
        lines = move.invoice_line_ids
        for vals in ({"partner_id": customer.id}, {"cae_activity_id": second.id}):
            move.write(vals)
            self.assertEqual(lines[0].analytic_distribution, self._tag(first))
            self.assertEqual(
                lines[2].analytic_distribution, self._tag(move.cae_activity_id)
            )
        move.partner_id = customer.copy({"cae_activity_id": first.id})
        self.assertEqual(move.cae_activity_id, second)

    def test_customer_of_another_activity_does_not_move_the_document(self):
        first, second, _third = self.activities
        customer = self.partner_a.copy({"cae_activity_id": second.id})
        moves = self.env["account.move"].with_context(
            default_move_type="out_invoice", default_cae_activity_id=first.id
        )
        form = Form(moves)
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as log:
            form.partner_id = customer
        self.assertIn(second.name, log.output[0])
        self.assertEqual(form.cae_activity_id, first)

    def test_activity_chosen_twice_in_the_form(self):
        first, second, third = self.activities
        with Form(
            self.env["account.move"].with_context(default_move_type="out_invoice")
        ) as form:
            form.partner_id = self.partner_a
            form.cae_activity_id = first
            for tag in (None, self._tag(third)):
                with form.invoice_line_ids.new() as line:
                    line.name = "Line"
                    line.price_unit = 10
                    if tag:
                        line.analytic_distribution = tag
            form.cae_activity_id = second
        tags = form.record.invoice_line_ids.mapped("analytic_distribution")
        self.assertEqual(tags, [self._tag(second), self._tag(third)])
        with Form(form.record) as again:
            again.cae_activity_id = first
        tags = form.record.invoice_line_ids.mapped("analytic_distribution")
        self.assertEqual(tags, [self._tag(first), self._tag(third)])

    def test_discount_on_its_own_account_belongs_to_its_lines(self):
        first, second, _third = self.activities
        account = self._account("709")
        self.company.account_discount_expense_allocation_id = account
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-01-10",
                "date": "2026-01-10",
                "invoice_line_ids": [
                    Command.create(
                        {
                            **self._document_line("out_invoice", activity, 100, tax),
                            "discount": discount,
                        }
                    )
                    for activity, discount, tax in (
                        (first, 30, self.vat_goods),
                        (second, 10, None),
                    )
                ],
            }
        )
        move._post(soft=False)
        balances = self._balances()
        self.assertEqual(balances["T1"][account.code], 30)
        self.assertEqual(balances["T2"][account.code], 10)
        self.assertEqual(balances["T1"]["706000"], -100)
        self.assertEqual(balances["T2"]["706000"], -100)
        self.assertInvariant()

    def test_document_of_zero_with_activities_is_refused(self):
        first, second, _third = self.activities
        with self.assertRaisesRegex(UserError, "CAE-ANALYTIC-ZERO"):
            self._document([(first, 100, None), (second, -100, None)])

    def test_back_to_draft_and_changed_is_allocated_again(self):
        first, second, _third = self.activities
        move = self._document([(first, 100, self.vat_goods)])
        payment = self._pay(move)
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = self._tag(second)
        move._post(soft=False)
        self.assertInvariant()
        self.assertNotIn(
            "T1", {k for k, v in self._balances().items() if any(v.values())}
        )
        tags = payment.move_id.line_ids.mapped("analytic_distribution")
        self.assertEqual(tags, [self._tag(second)] * 2)

    def test_changing_a_posted_line_moves_the_whole_entry_and_its_payment(self):
        first, second, _third = self.activities
        move = self._document([(first, 100, self.vat_services)])
        self._pay(move)
        move.invoice_line_ids.analytic_distribution = self._tag(second)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Entries
    # ------------------------------------------------------------------

    def test_the_only_untagged_line_takes_the_complement(self):
        first, second, _third = self.activities
        self._entry([("606", 60, first), ("606", 40, second), ("401", -100, None)])
        balances = self._balances()
        self.assertEqual(balances["T1"]["401100"], -60)
        self.assertEqual(balances["T2"]["401100"], -40)
        self.assertInvariant()

    def test_unbalanced_entry_is_refused(self):
        first, second, _third = self.activities
        with self.assertRaisesRegex(UserError, "CAE-ENTRY-UNBALANCED"):
            self._entry([("606", 100, first), ("401", -100, second)])
        with self.assertRaisesRegex(UserError, "CAE-ENTRY-UNBALANCED"):
            self._entry([("606", 100, first), ("401", -60, None), ("401", -40, None)])

    def test_entry_of_nobody_belongs_to_the_shared_services(self):
        self._entry([("613", 100, None), ("401", -100, None)])
        self.assertEqual(self._balances()["CAE"]["613200"], 100)
        self.assertInvariant()

    def test_typed_percentages_become_whole_cents(self):
        tags = {str(account.id): 33.33 for account in self.accounts}
        move = self._document([(None, 100, None)])
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = tags
        move._post(soft=False)
        amounts = move.invoice_line_ids.analytic_line_ids.mapped("amount")
        self.assertEqual(sorted(amounts), [33.33, 33.33, 33.34])
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------

    def test_payment_follows_the_document_and_the_last_one_takes_the_rest(self):
        first, second, third = self.activities
        move = self._document(
            [
                (first, 33.33, self.vat_services),
                (second, 33.33, self.vat_services),
                (third, 33.35, self.vat_services),
            ]
        )
        for amount in (41.17, 0.01, None):
            self._pay(move, amount)
            self.assertInvariant()
        self.assertEqual(move.payment_state, "paid")
        for code, rows in self._balances().items():
            self.assertFalse(rows.get("411100"), code)
            self.assertFalse(rows.get("445740"), code)

    def test_two_payments_matched_at_once_share_the_waiting_vat(self):
        first, second, _third = self.activities
        move = self._document(
            [(first, 0.07, self.vat_services), (second, 33.31, self.vat_services)]
        )
        payments = self.env["account.payment"].create(
            [
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner_a.id,
                    "amount": amount,
                    "date": "2026-02-05",
                    "journal_id": self.bank.id,
                }
                for amount in (13.37, move.amount_total - 13.37)
            ]
        )
        payments.action_post()
        lines = (move | payments.move_id).line_ids
        lines.filtered(lambda x: x.account_id.code == "411100").reconcile()
        self.assertEqual(len(move.tax_cash_basis_created_move_ids), 2)
        for code, rows in self._balances().items():
            self.assertFalse(rows.get("411100"), code)
            self.assertFalse(rows.get("445740"), code)
        self.assertInvariant()

    def test_undone_matching_gives_the_payment_back(self):
        first = self.activities[0]
        move = self._document([(first, 100, self.vat_services)])
        payment = self._pay(move)
        self.assertEqual(self._balances()["T1"]["411100"], 0)
        move.line_ids.remove_move_reconcile()
        balances = self._balances()
        self.assertEqual(balances["T1"]["411100"], 120)
        self.assertEqual(balances["T1"].get("445710", 0), 0)
        self.assertEqual(balances["T1"]["445740"], -20)
        self.assertEqual(balances[""]["411100"], -120)
        self.assertFalse(any(payment.move_id.line_ids.mapped("analytic_distribution")))
        self.assertInvariant()

    def test_write_off_and_fees_follow(self):
        first, second, _third = self.activities
        move = self._document([(first, 60, None), (second, 40, None)])
        self._pay(
            move,
            95,
            payment_difference_handling="reconcile",
            writeoff_account_id=self._account("658").id,
        )
        balances = self._balances()
        self.assertEqual(balances["T1"]["658000"], 3)
        self.assertEqual(balances["T2"]["658000"], 2)
        self.assertInvariant()

    def test_bank_statement_line_follows_the_payment(self):
        first = self.activities[0]
        move = self._document([(first, 100, None)])
        payment = self._pay(move)
        line = self._statement_line(100)
        self._match_statement(line, payment.move_id)
        self.assertEqual(self._balances()["T1"].get("512001", 100), 100)
        bank = self.bank.default_account_id.code
        self.assertEqual(self._balances()["T1"][bank], 100)
        self.assertInvariant()
        # The bank line was matched first, the invoice is matched later: same result.
        move.line_ids.remove_move_reconcile()
        self.assertEqual(self._balances()[""][bank], 100)
        lines = (move | payment.move_id).line_ids
        lines.filtered(lambda x: x.account_id.code == "411100").reconcile()
        self.assertEqual(self._balances()["T1"][bank], 100)
        self.assertInvariant()

    def _match_statement(self, statement_line, move):
        outstanding = move.line_ids.filtered(
            lambda x: x.account_id.account_type == "asset_current"
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.account_id = outstanding.account_id
        (suspense | outstanding).reconcile()

    def test_bank_statement_line_against_the_invoice_with_fees_and_undone(self):
        first, second, _third = self.activities
        move = self._document([(first, 60, None), (second, 40, None)])
        line = self._statement_line(98)
        _liquidity, suspense, _other = line._seek_for_lines()
        receivable = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        counterpart = {
            "account_id": receivable.account_id.id,
            "balance": -100,
            "name": "Invoice",
            "partner_id": self.partner_a.id,
        }
        fees = {"account_id": self._account("627").id, "balance": 2, "name": "Fees"}
        line.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    Command.create(counterpart),
                    Command.create(fees),
                ]
            }
        )
        matched = line.line_ids.filtered(lambda x: x.balance == -100)
        (matched | receivable).reconcile()
        bank = self.bank.default_account_id.code
        balances = self._balances()
        self.assertEqual((balances["T1"][bank], balances["T2"][bank]), (58.8, 39.2))
        self.assertInvariant()
        line.action_undo_reconciliation()
        self.assertEqual(self._balances()[""][bank], 98)
        self.assertEqual(self._balances()["T1"]["411100"], 60)
        self.assertInvariant()

    def test_documents_of_two_activities_settle_each_other(self):
        first, second, _third = self.activities
        invoice = self._document([(first, 100, None)])
        note = self._document([(second, 100, None)], kind="out_refund")
        lines = (invoice | note).line_ids
        lines.filtered(lambda x: x.display_type == "payment_term").reconcile()
        balances = self._balances()
        self.assertFalse(balances["T1"].get("411100"))
        self.assertFalse(balances["T2"].get("411100"))
        # T2 owed 100 to the customer and paid T1's invoice with it.
        self.assertEqual(balances["T1"]["181000"], 100)
        self.assertEqual(balances["T2"]["181000"], -100)
        self.assertInvariant()
        invoice.line_ids.remove_move_reconcile()
        balances = self._balances()
        self.assertEqual(balances["T1"]["411100"], 100)
        self.assertFalse(balances["T1"].get("181000"))
        self.assertInvariant()

    def test_exchange_difference_follows_the_document(self):
        first, second, _third = self.activities
        before = self._balances()
        move = self._document(
            [(first, 100, self.vat_services), (second, 33.33, self.vat_goods)],
            currency_id=self.dollar.id,
        )
        posted = self._balances()
        self._pay(move, currency_id=self.dollar.id)
        balances = self._balances()
        # 120.00 USD are 109.09 €, then 100.00 €: 9.09 € lost on the claim.
        self.assertEqual(balances["T1"]["666000"], 9.09)
        self.assertEqual(balances["T2"]["666000"], 3.03)
        for code in ("T1", "T2", ""):
            for account in ("411100", "445740"):
                was = before.get(code, {}).get(account, 0)
                self.assertEqual(balances[code].get(account, 0), was, (code, account))
        self.assertInvariant()
        move.line_ids.remove_move_reconcile()
        undone = self._balances()
        for code in ("T1", "T2"):
            for account in ("411100", "445740"):
                was = posted[code].get(account, 0)
                self.assertEqual(undone[code].get(account, 0), was)
        self.assertInvariant()

    def test_exchange_gain_follows_the_document_too(self):
        first, second, _third = self.activities
        self.dollar.rate_ids = [
            Command.create(
                {"name": "2026-06-01", "rate": 1, "company_id": self.company.id}
            )
        ]
        move = self._document(
            [(first, 110, self.vat_goods), (second, 55, self.vat_goods)],
            currency_id=self.dollar.id,
        )
        posted = self._balances()
        self.assertEqual(posted["T1"]["411100"], 120)
        self._pay(move, day="2026-06-15", currency_id=self.dollar.id)
        balances = self._balances()
        # 198.00 USD were 180.00 €, and brought 198.00 €.
        self.assertEqual(balances["T1"]["766000"], -12)
        self.assertEqual(balances["T2"]["766000"], -6)
        for code, paid in (("T1", 132), ("T2", 66)):
            self.assertFalse(balances[code].get("411100"), code)
            self.assertFalse(balances[code].get("181000"), code)
            money = sum(v for k, v in balances[code].items() if k.startswith("5"))
            self.assertEqual(money, paid)
        self.assertFalse(any(balances[""].values()))
        self.assertInvariant()
        move.line_ids.remove_move_reconcile()
        undone = self._balances()
        for code in ("T1", "T2"):
            self.assertEqual(
                {k: v for k, v in undone[code].items() if v},
                {k: v for k, v in posted[code].items() if v},
            )
        self.assertInvariant()

    def test_set_off_of_a_document_posted_again_is_evened_out_again(self):
        first, second, third = self.activities
        invoice = self._document([(first, 100, None)])
        note = self._document([(second, 100, None)], kind="out_refund")
        terms = (invoice | note).line_ids
        terms.filtered(lambda x: x.display_type == "payment_term").reconcile()
        note.button_draft()
        note.invoice_line_ids.analytic_distribution = self._tag(third)
        note._post(soft=False)
        balances = self._balances()
        for code in ("T1", "T2", "T3"):
            self.assertFalse(balances[code].get("411100"), code)
        self.assertEqual(balances["T1"]["181000"], 100)
        self.assertFalse(balances["T2"].get("181000"))
        self.assertEqual(balances["T3"]["181000"], -100)
        self.assertInvariant()
        invoice.line_ids.remove_move_reconcile()
        balances = self._balances()
        self.assertEqual(balances["T1"]["411100"], 100)
        self.assertEqual(balances["T3"]["411100"], -100)
        self.assertFalse(balances["T3"].get("181000"))
        self.assertInvariant()

    def test_payment_on_account_of_an_activity(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 80,
                "date": "2026-01-05",
                "journal_id": self.bank.id,
                "cae_activity_id": self.activities[2].id,
            }
        )
        payment.action_post()
        self.assertEqual(self._balances()["T3"]["411100"], -80)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Protection
    # ------------------------------------------------------------------

    def test_analytic_items_cannot_be_made_or_rewritten_by_hand(self):
        column = self.env["cae.ledger"]._column()
        move = self._document([(self.activities[0], 100, None)])
        line = move.line_ids.analytic_line_ids[0]
        context = {"skip_analytic_sync": True, "cae_token": True}
        for env in (self.env, self.env(context={**self.env.context, **context})):
            with self.assertRaisesRegex(UserError, "CAE-ANALYTIC-MANUAL"):
                env["account.analytic.line"].create(
                    {"name": "x", column: self.accounts[0].id, "amount": 5}
                )
            with self.assertRaisesRegex(UserError, "CAE-ANALYTIC-MANUAL"):
                line.with_env(env).amount = 5
            with self.assertRaisesRegex(UserError, "CAE-ANALYTIC-MANUAL"):
                line.with_env(env).unlink()

    def test_locked_month_refuses_documents_and_changes(self):
        first, second, _third = self.activities
        move = self._document([(first, 100, None)])
        self.env["cae.period"]._get(date(2026, 1, 1))._set_state("locked")
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
            self._document([(first, 10, None)])
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
            move.button_draft()
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
            move.invoice_line_ids.analytic_distribution = self._tag(second)

    def test_matching_of_a_locked_month_is_an_allocation_entry(self):
        first = self.activities[0]
        move = self._document([(first, 100, self.vat_services)], day="2026-02-03")
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 120,
                "date": "2026-01-20",
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        self.env["cae.period"]._get(date(2026, 1, 1))._set_state("locked")
        lines = (move | payment.move_id).line_ids
        lines.filtered(lambda x: x.account_id.code == "411100").reconcile()
        self.assertFalse(any(payment.move_id.line_ids.mapped("analytic_distribution")))
        entry = self.env["account.move"].search([("cae_allocation", "=", True)])
        self.assertEqual(str(entry.date), "2026-02-01")
        self.assertEqual(self._balances()["T1"]["411100"], 0)
        self.assertInvariant()
        move.line_ids.remove_move_reconcile()
        self.assertEqual(self._balances()["T1"]["411100"], 120)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Two fiscal years
    # ------------------------------------------------------------------

    def test_second_year_starts_at_zero_with_the_result_carried(self):
        first = self.activities[0]
        self._document([(first, 1000, None)], day="2025-11-10")
        self._document([(first, 300, None)], day="2025-12-05", kind="in_invoice")
        self._document([(first, 50, None)], day="2026-01-15")
        [ledger] = self.Activity.ledger(
            codes=["T1"], date_from="2026-01-01", date_to="2026-01-31"
        )
        rows = {row["account"]: row for row in ledger["rows"]}
        self.assertEqual(rows["RAN"]["opening"], -700)
        self.assertEqual(rows["RAN"]["closing"], -700)
        self.assertEqual(rows["706000"]["opening"], 0)
        self.assertEqual(rows["706000"]["closing"], -50)
        for column in ("opening", "closing"):
            self.assertEqual(round(sum(r[column] for r in ledger["rows"]), 2), 0)
        # A period over the two years: the first one's result moves to RAN.
        [ledger] = self.Activity.ledger(
            codes=["T1"], date_from="2025-12-01", date_to="2026-01-31"
        )
        rows = {row["account"]: row for row in ledger["rows"]}
        self.assertEqual(rows["RAN"]["opening"], -1000)
        self.assertEqual(rows["RAN"]["debit"], 300)
        self.assertEqual(rows["RAN"]["closing"], -700)
        self.assertInvariant()

    def test_an_activity_is_known_once_others_have_entries(self):
        self._document([(self.activities[0], 100, None)])
        new = self.Activity.create(
            {"code": "N1", "name": "New", "date_start": "2025-01-01"}
        )
        self._document([(new, 70, None)])
        self.assertEqual(self._balances()["N1"], {"411100": 70, "706000": -70})

    # ------------------------------------------------------------------
    # Random scenarios
    # ------------------------------------------------------------------

    def test_random_scenarios_keep_the_invariant(self):
        for first in range(0, SCENARIOS, TOGETHER):
            savepoint = self.cr.savepoint()
            for seed in range(first, min(first + TOGETHER, SCENARIOS)):
                with self.subTest(seed=seed):
                    self._play(random.Random(seed))
            self.assertInvariant()
            self.env.clear()
            savepoint.close(rollback=True)
            self.env.registry.clear_cache()

    def _play(self, rng):
        """Documents of several activities, paid, credited, undone at random."""
        sale = rng.random() < 0.6
        kind = "out_invoice" if sale else "in_invoice"
        documents = self.env["account.move"]
        currency = rng.random() < 0.15
        for _number in range(rng.randint(1, 3)):
            documents += self._random_document(rng, kind, currency)
        notes = self.env["account.move"]
        if rng.random() < 0.5:
            notes = self._random_note(rng, documents[0])
        self._random_payments(rng, documents)
        if rng.random() < 0.4:
            partials = (documents | notes).line_ids._all_partials()
            for partial in partials[: rng.randint(1, 2)]:
                partial.exists().unlink()
        if rng.random() < 0.7:
            self._pay_the_rest(documents)
            self.assertSettled(documents | notes)
        self.assertFalse(self.env["cae.ledger"]._unbalanced_entries(self.company))

    def _random_document(self, rng, kind, currency):
        taxes = [None, self.vat_goods, self.vat_services]
        if kind.startswith("in"):
            taxes = [None, self.company_data["default_tax_purchase"]]
        year = rng.choice([2025, 2026])
        day = f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        lines = [
            (
                rng.choice([*self.activities, None]),
                round(rng.uniform(-40 if n else 50, 900), 2),
                rng.choice(taxes),
            )
            for n in range(rng.randint(1, 5))
        ]
        term = rng.choice([self.pay_terms_a, self.pay_terms_b])
        foreign = {"currency_id": self.dollar.id} if currency else {}
        return self._document(
            lines,
            day=day,
            kind=kind,
            invoice_payment_term_id=term.id,
            ref=f"R{rng.random()}",
            cae_activity_id=rng.choice([False, self.activities[0].id]),
            **foreign,
        )

    def _random_note(self, rng, document):
        reversal = document._reverse_moves(
            [{"date": document.date, "invoice_date": document.date}]
        )
        for line in reversal.invoice_line_ids:
            line.price_unit = round(line.price_unit * rng.choice([1, 1, 0.5]), 2)
        reversal._post(soft=False)
        lines = (document | reversal).line_ids
        lines = lines.filtered(
            lambda x: x.display_type == "payment_term" and not x.reconciled
        )
        if len(lines.move_id) == 2:
            lines.reconcile()
        return reversal

    def _random_payments(self, rng, documents):
        for _number in range(rng.randint(0, 2)):
            due = documents.filtered(lambda m: m.amount_residual > 1)
            if not due:
                return
            chosen = due if rng.random() < 0.5 else due[:1]
            total = sum(chosen.mapped("amount_residual"))
            amount = max(0.01, round(total * rng.uniform(0.1, 0.9), 2))
            self._pay(chosen, amount, currency_id=chosen.currency_id.id)

    def _pay_the_rest(self, documents):
        due = documents.filtered(lambda m: m.amount_residual > 0)
        if due:
            self._pay(due, currency_id=due.currency_id.id)

    def assertSettled(self, documents):
        """A settled document leaves 0.00 for each activity on its 40/41 account."""
        lines = documents.line_ids.filtered(lambda x: x.display_type == "payment_term")
        for full in lines.full_reconcile_id:
            settled = full.reconciled_line_ids
            transfers = self.env["account.move"].search(
                [("cae_full_reconcile_id", "=", full.id)]
            )
            settled |= transfers.line_ids.filtered(
                lambda x, account=settled.account_id: x.account_id == account
            )
            total = {}
            for vector in settled._cae_effective_vectors().values():
                for key, cents in vector.items():
                    total[key] = total.get(key, 0) + cents
            self.assertFalse(any(total.values()), full.id)

    def test_other_plans_keep_their_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Projects of ours"})
        project = self.env["account.analytic.account"].create(
            {"name": "P", "plan_id": plan.id, "company_id": self.company.id}
        )
        first, second, _third = self.activities
        key = f"{first.analytic_account_id.id},{project.id}"
        move = self._document([(None, 100, None)])
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = {
            key: 50,
            str(second.analytic_account_id.id): 50,
        }
        move._post(soft=False)
        self.assertEqual(
            move.invoice_line_ids.analytic_distribution,
            {key: 50, str(second.analytic_account_id.id): 50},
        )
        self.assertInvariant()

    def test_tagging_queries_do_not_grow_with_the_number_of_documents(self):
        def post(count):
            moves = self.env["account.move"].create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": self.partner_a.id,
                        "invoice_date": "2026-03-01",
                        "date": "2026-03-01",
                        "cae_activity_id": self.activities[0].id,
                        "invoice_line_ids": [
                            Command.create(self._document_line("out_invoice", None, 10))
                        ],
                    }
                    for _n in range(count)
                ]
            )
            self.env.flush_all()
            start = self.cr.sql_log_count
            vectors = moves._cae_vectors()
            moves.line_ids._cae_write_tags(vectors)
            return self.cr.sql_log_count - start

        post(2)
        self.assertEqual(post(5), post(25))
