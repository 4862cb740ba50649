from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import CaeCommon, cae_tagged

DAY = "2026-06-30"


@cae_tagged
class TestExit(CaeCommon):
    """Entrance and exit of an activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.activities
        cls.accountant = cls._user("cae_exit_accountant", "group_accountant")
        cls.coach = cls._user("cae_exit_coach", "group_coach")
        cls.Exit = cls.env["cae.activity.exit"].with_user(cls.accountant)

    def _business(self):
        """One has money, an asset, an open invoice half paid, and an open bill."""
        self._entry([("512", 1000, self.one), ("1013", -1000, self.one)], "2025-03-01")
        self._entry([("2183", 200, self.one), ("512", -200, self.one)], "2026-02-01")
        self.invoice = self._document(
            [(self.one, 100, self.vat_services)], "2026-03-10"
        )
        self._pay(self.invoice, amount=60, day="2026-04-10")
        self.bill = self._document(
            [(self.one, 50, self.vat_goods)], "2026-05-10", "in_invoice"
        )

    def _leave(self, outcome="transfer", target=True, day=DAY):
        leaving = self.Exit.create(
            {
                "activity_id": self.one.id,
                "date": day,
                "outcome": outcome,
                "target_id": self.two.id if target and outcome == "transfer" else False,
            }
        )
        self.env.flush_all()
        return leaving

    def _sheet(self, activity):
        """Balance sheet of an activity, what is carried over and results left out."""
        balances = self._balances().get(activity.code, {})
        return {
            code: balance
            for code, balance in balances.items()
            if balance and not code.startswith(("11", "6", "7", "RAN"))
        }

    # ------------------------------------------------------------------
    # Exit
    # ------------------------------------------------------------------

    def test_file_of_the_exit(self):
        self._business()
        leaving = self._leave()
        titles = [s["title"] for s in leaving._sections(leaving._balances())]
        for title in ("Treasury", "Customers", "Suppliers", "Assets", "Open Items"):
            self.assertIn(title, titles)
        rows = leaving._items_section()["rows"]
        left = {row[0]: float(row[4]) for row in rows if row[1].startswith("4")}
        self.assertEqual(left[self.bill.name], -60)
        self.assertIn(self.invoice.name, leaving.file_html)
        sheet = self._sheet(self.one)
        self.assertAlmostEqual(leaving.remaining, sum(sheet.values()), 2)

    def test_transfer_moves_every_balance(self):
        self._business()
        before = self._sheet(self.one)
        leaving = self._leave()
        leaving.action_done()
        self.assertEqual(self._sheet(self.one), {})
        self.assertEqual(self._sheet(self.two), before)
        self.assertEqual(self.one.date_end, date(2026, 6, 30))
        self.assertEqual(leaving.move_id.date, date(2026, 6, 30))
        for lines in leaving.move_id.line_ids.grouped("account_id").values():
            self.assertAlmostEqual(sum(lines.mapped("balance")), 0, 2)
        self.assertInvariant()
        result = {r["key"]: r["to_date"] for r in self._statement()}
        self.assertEqual(result["contribution"], 0)
        self.assertEqual(result["result"], 50)
        leaving.action_archive_activity()
        self.assertFalse(self.one.active)

    def _statement(self):
        action = self.Exit.search([("activity_id", "=", self.one.id)])
        action = action.action_open_statement()
        return self.env["cae.statement"].browse(action["res_id"]).rows

    def test_who_took_the_debt_is_paid(self):
        self._business()
        self._leave().action_done()
        self.one.invalidate_recordset()
        self._pay(self.invoice, amount=60, day="2026-07-10")
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(self._sheet(self.one), {})
        taken = self._sheet(self.two)
        for code in ("411100", "445740"):
            self.assertFalse(taken.get(code), code)
        self.assertInvariant()
        figures = self.Activity.figures(["T2"], ["2026-07"])[0]
        self.assertEqual(figures["collected"], 50)

    def test_cancelled_exit_gives_everything_back(self):
        self._business()
        before = self._sheet(self.one)
        leaving = self._leave()
        leaving.action_done()
        leaving.action_archive_activity()
        leaving.action_cancel()
        self.assertEqual(leaving.state, "cancelled")
        self.assertTrue(self.one.active)
        self.assertFalse(self.one.date_end)
        self.assertEqual(self._sheet(self.one), before)
        self.assertEqual(self._sheet(self.two), {})
        self.assertInvariant()
        self._leave().action_done()
        self.assertEqual(self._sheet(self.two), before)

    def test_cancelled_exit_gives_the_end_of_before_back(self):
        self.one.date_end = "2026-12-31"
        leaving = self._leave("pay")
        leaving.action_done()
        self.assertEqual(self.one.date_end, date(2026, 6, 30))
        leaving.action_cancel()
        self.assertEqual(self.one.date_end, date(2026, 12, 31))

    def test_cancelled_after_a_payment(self):
        self._business()
        leaving = self._leave()
        leaving.action_done()
        self._pay(self.invoice, amount=60, day="2026-07-10")
        leaving.action_cancel()
        self.assertEqual(self._sheet(self.two), {})
        self.assertFalse(self._sheet(self.one).get("411100"))
        self.assertInvariant()

    def test_left_to_the_cooperative(self):
        self._business()
        before = self._sheet(self.one)
        leaving = self._leave("cooperative")
        leaving.action_done()
        self.assertEqual(self._sheet(self.one), {})
        shared = self._balances()["CAE"]
        self.assertEqual(
            {c: b for c, b in shared.items() if b and not c.startswith("11")}, before
        )

    def test_an_edited_document_stays_transferred(self):
        self._business()
        self._leave().action_done()
        taken = self._sheet(self.two)
        self.invoice.invoice_line_ids.analytic_distribution = self._tag(self.one)
        self.invoice.line_ids.move_id._cae_refresh()
        self.assertEqual(self._sheet(self.two), taken)
        self.assertInvariant()

    def _later(self):
        """What comes after the exit: payments, what the bank says of one, a bill."""
        self._pay(self.invoice, amount=40, day="2026-07-10")
        self._pay(self.invoice, amount=20, day="2026-08-10")
        self._pay(self.bill, day="2026-07-20")
        line = self._statement_line(self.waiting.amount, "2026-07-12")
        _liquidity, suspense, other = line._seek_for_lines()
        payment = self.waiting.move_id.line_ids.filtered(
            lambda item: item.account_id == self.waiting.outstanding_account_id
        )
        (suspense | other).account_id = payment.account_id
        (payment | suspense).reconcile()
        self._entry([("622", 7, self.one), ("401", -7, self.one)], "2026-07-31")

    def _before(self):
        self._business()
        sale = self._document([(self.one, 90, None)], "2026-06-01")
        self.waiting = self._pay(sale, day="2026-06-20")

    def _books(self):
        """All that the ledgers say, month by month."""
        return [
            {
                activity.code: {
                    code: balance
                    for code, balance in self._balances(day)[activity.code].items()
                    if balance
                }
                for activity in (self.one, self.two)
            }
            for day in ("2026-05-31", DAY, "2026-07-31", "2026-12-31")
        ]

    def test_an_exit_dated_before_later_payments_counts_by_its_date(self):
        """As if it had been booked on its day, before what came later."""
        savepoint = self.cr.savepoint()
        self._before()
        self._leave().action_done()
        self._later()
        in_time = self._books()
        self.assertInvariant()
        savepoint.rollback()
        self.env.invalidate_all()
        self._before()
        self._later()
        alone = self._books()
        leaving = self._leave()
        leaving.action_done()
        self.assertEqual(self._books(), in_time)
        self.assertInvariant()
        self.assertEqual(set(self._sheet(self.one)), {"401100"})
        # Cancelling gives back what was paid before and after it was booked.
        leaving.action_cancel()
        self.assertEqual(self._books(), alone)
        self.assertInvariant()

    def test_the_file_of_an_exit_shows_what_was_open_on_its_day(self):
        self._before()
        before = self._leave()
        shown = before._items_section()["rows"]
        self._later()
        before.invalidate_recordset()
        self.assertEqual(before._items_section()["rows"], shown)

    def test_paid_out_as_pay_books_nothing(self):
        self._business()
        leaving = self._leave("pay")
        leaving.action_done()
        self.assertFalse(leaving.move_id)
        with self.assertRaisesRegex(UserError, r"CAE-EXIT-OPEN.*\[T1\].*411100"):
            leaving.action_archive_activity()

    def test_archive_waits_for_what_is_open(self):
        self._entry(
            [("601", 5, self.one), ("401", -5, self.one)], "2026-05-01", post=False
        ).cae_activity_id = self.one
        activity = self.one.with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "CAE-EXIT-OPEN.*not posted: 1"):
            activity.action_archive()
        with self.assertRaisesRegex(UserError, "CAE-EXIT-OPEN"):
            activity.write({"active": False})
        self.three.with_user(self.accountant).action_archive()
        self.assertFalse(self.three.active)

    def test_locked_month_and_lock_dates(self):
        self._business()
        self.env["cae.period"]._get(date(2026, 6, 1))._set_state("locked")
        leaving = self._leave()
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
            leaving.action_done()
        self.company.fiscalyear_lock_date = date(2026, 7, 31)
        leaving.date = "2026-07-15"
        with self.assertRaisesRegex(UserError, "CAE-LOCK-DATE"):
            leaving.action_done()
        self.assertEqual(leaving.state, "draft")
        self.assertFalse(self.one.date_end)

    def test_exits_change_by_their_buttons_only(self):
        self._business()
        with (
            self.assertRaisesRegex(UserError, "CAE-EXIT-TARGET"),
            self.cr.savepoint(),
        ):
            self._leave(target=False)
        with (
            self.assertRaisesRegex(UserError, "CAE-EXIT-STATE"),
            self.cr.savepoint(),
        ):
            self.Exit.create({"activity_id": self.one.id, "state": "done"})
        leaving = self._leave()
        with self.assertRaisesRegex(UserError, "CAE-EXIT-STATE"):
            leaving.state = "done"
        leaving.action_done()
        for call in (
            leaving.action_done,
            leaving.unlink,
            lambda: leaving.write({"target_id": self.three.id}),
        ):
            with self.assertRaisesRegex(UserError, "CAE-EXIT-STATE"):
                call()
        with self.assertRaisesRegex(UserError, "CAE-ENTRY-GENERATED"):
            leaving.move_id.with_user(self.accountant).button_draft()
        with self.assertRaises(AccessError):
            leaving.with_user(self.coach).read(["remaining"])

    def test_exit_files_in_a_constant_number_of_queries(self):
        def count(activities):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            activities._exit_balances(date(2026, 6, 30))
            activities._exit_items(date(2026, 6, 30))._cae_open_vectors()
            return self.cr.sql_log_count - start

        self._business()
        one = count(self.one)
        for activity in (self.two, self.three):
            for day in ("2026-03-01", "2026-04-01"):
                self._document([(activity, 10, self.vat_services)], day)
        self.assertLessEqual(count(self.activities), one)

    # ------------------------------------------------------------------
    # Entrance
    # ------------------------------------------------------------------

    def _opening(self, rows):
        action = self.one.with_user(self.accountant).action_open_opening()
        form = Form(
            self.env["cae.opening"]
            .with_user(self.accountant)
            .with_context(**action["context"])
        )
        form.date = "2026-01-01"
        for prefix, debit, credit in rows:
            with form.line_ids.new() as line:
                line.account_id = self._account(prefix)
                line.debit, line.credit = debit, credit
        return form.save()

    def test_opening_by_screen(self):
        opening = self._opening([("512", 500, 0), ("1013", 0, 500)])
        self.assertEqual(opening.difference, 0)
        opening.action_load()
        self.assertEqual(self._sheet(self.one)[self._account("512").code], 500)
        move = self.env["account.move"].search([("cae_opening", "=", True)])
        self.assertEqual((len(move), move.state), (1, "posted"))
        self.assertInvariant()

    def test_opening_that_does_not_balance_is_refused(self):
        opening = self._opening([("512", 500, 0), ("1013", 0, 400)])
        self.assertEqual(opening.difference, 100)
        with self.assertRaisesRegex(UserError, "^CAE-LOAD"):
            opening.action_load()
        self.assertFalse(self.env["account.move"].search([("cae_opening", "=", True)]))

    def test_cancelled_exit_gives_the_vat_given_back_back_too(self):
        self._business()
        self._leave().action_done()
        note = self.invoice._reverse_moves(
            [{"date": "2026-07-01", "invoice_date": "2026-07-01"}]
        )
        note.invoice_line_ids.price_unit = 20
        note._post(soft=False)
        lines = (note | self.invoice).line_ids
        lines = lines.filtered(lambda x: x.display_type == "payment_term")
        before = lines._all_partials()
        lines.filtered(lambda x: not x.reconciled).reconcile()
        (lines._all_partials() - before).unlink()
        self.Exit.search([("activity_id", "=", self.one.id)]).action_cancel()
        self.assertEqual(self._sheet(self.two), {})
        for entry in self.invoice.tax_cash_basis_created_move_ids:
            for full in entry.line_ids.full_reconcile_id:
                vectors = full.reconciled_line_ids._cae_effective_vectors()
                self.assertFalse(
                    any(
                        sum(v.get(k, 0) for v in vectors.values())
                        for k in self.accounts.ids
                    )
                )
        self.assertInvariant()
