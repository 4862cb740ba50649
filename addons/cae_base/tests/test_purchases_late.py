"""Papers of closed months: accepted, with their date, booked in an open month."""

from datetime import date

from odoo import Command, http
from odoo.tests import HttpCase, freeze_time

from .common import cae_tagged
from .test_purchases import PNG, PurchaseCommon


class LateCommon(PurchaseCommon):
    """It is the 20th of March 2026; most tests lock January."""

    def lock(self, month=1, year=2026):
        self.env["cae.period"]._get(date(year, month, 1))._set_state("locked")

    def with_vat(self, bill):
        bill.invoice_line_ids.tax_ids = [Command.set(self.vat.ids)]
        return bill

    def taxed(self, move):
        return move.line_ids.filtered("tax_line_id")

    def words(self, document, kind="bill"):
        return self.desk()._booking_words(kind, document)


@cae_tagged
@freeze_time("2026-03-20")
class TestLatePapers(LateCommon):
    def test_a_bill_keeps_its_date_and_is_booked_in_the_first_open_month(self):
        self.lock()
        bill = self.with_vat(self.declare(date="2026-01-12"))
        self.assertEqual(bill.invoice_date, date(2026, 1, 12))
        self.assertEqual(bill.date, date(2026, 2, 28))
        said = "accounts of January 2026 are closed.*booked in February 2026"
        self.assertRegex(self.words(bill), said)
        bill.with_user(self.user).action_post()
        self.assertEqual(bill.invoice_date, date(2026, 1, 12))
        self.assertEqual(set(bill.line_ids.mapped("date")), {date(2026, 2, 28)})
        self.assertEqual(
            self.words(bill), "Booked in February 2026, with its own date."
        )
        (tax,) = self.taxed(bill)
        self.assertGreater(tax.balance, 0)
        # What the return of VAT reads: nothing in January, the VAT in February.
        found = self.env["account.move.line"]._read_group(
            [("tax_line_id", "=", tax.tax_line_id.id), ("move_id", "=", bill.id)],
            ["date:month"],
            ["balance:sum"],
        )
        self.assertEqual([(d.month, b) for d, b in found], [(2, tax.balance)])
        self.assertInvariant()

    def test_a_bill_of_an_open_month_stays_there_without_a_word(self):
        self.lock()
        bill = self.declare(date="2026-02-12")
        self.assertEqual(bill.date, date(2026, 2, 28))
        self.assertEqual(self.words(bill), "")

    def test_a_month_that_is_locked_while_the_bill_waits(self):
        bill = self.declare(date="2026-01-12")
        self.assertEqual((bill.date, self.words(bill)), (date(2026, 1, 31), ""))
        self.lock()
        bill.with_user(self.user).action_post()
        self.assertEqual(bill.invoice_date, date(2026, 1, 12))
        self.assertEqual(bill.date, date(2026, 2, 28))
        self.assertInvariant()

    def test_a_bill_that_the_office_typed_is_not_moved_by_our_lock(self):
        self.lock()
        with (
            self.assertRaisesRegex(Exception, "CAE-PERIOD-LOCKED"),
            self.cr.savepoint(),
        ):
            self._document([(self.activities[0], 10, None)], "2026-01-20", "in_invoice")

    def test_a_year_that_odoo_locks(self):
        for field in ("hard_lock_date", "fiscalyear_lock_date", "purchase_lock_date"):
            with self.subTest(field), self.cr.savepoint() as savepoint:
                self.company.with_context(tracking_disable=True)[field] = "2025-12-31"
                bill = self.with_vat(self.declare(date="2025-11-30", activity="T2"))
                self.assertEqual(bill.date, date(2026, 1, 31))
                self.assertRegex(self.words(bill), "booked in January 2026")
                bill.with_user(self.user).action_post()
                self.assertEqual(bill.invoice_date, date(2025, 11, 30))
                self.assertEqual(bill.date, date(2026, 1, 31))
                savepoint.rollback()

    def test_both_locks_the_later_one_counts(self):
        self.company.hard_lock_date = "2025-12-31"
        self.lock()
        bill = self.declare(date="2025-11-30", activity="T2")
        self.assertEqual(bill.date, date(2026, 2, 28))
        self.company.fiscalyear_lock_date = "2026-02-28"
        bill.with_user(self.user).action_post()
        self.assertEqual(bill.date, date(2026, 3, 20))

    def test_a_lock_of_vat_counts_for_what_bears_vat(self):
        self.company.tax_lock_date = "2026-01-31"
        self.meals.supplier_taxes_id = self.vat
        kind = str(self.meals.id)
        bill = self.declare(date="2026-01-12", category=kind)
        self.assertTrue(self.taxed(bill))
        self.assertEqual(bill.date, date(2026, 2, 28))
        bare = self.declare(date="2026-01-12")
        self.assertFalse(self.taxed(bare))
        self.assertEqual((bare.date, self.words(bare)), (date(2026, 1, 31), ""))

    def test_an_expense_keeps_its_date_and_is_booked_when_it_is_posted(self):
        self.lock()
        for kind in ("expense", "mileage"):
            claim = self.declare(kind, date="2026-01-12")
            said = "accounts of January 2026 are closed.*once it is approved"
            self.assertRegex(self.words(claim, kind), said)
            own = claim.with_user(self.user)
            own.action_approve()
            own._post_without_wizard()
            self.assertEqual(claim.date, date(2026, 1, 12))
            self.assertEqual(claim.account_move_id.date, date(2026, 3, 20))
            self.assertRegex(self.words(claim, kind), "Booked in March 2026")
        self.assertInvariant()

    def test_an_expense_posted_on_its_own_date_goes_to_the_first_open_month(self):
        self.lock()
        claim = self.declare("expense", date="2026-01-12")
        own = claim.with_user(self.user)
        own.action_approve()
        action = own.action_post()
        wizard = own.env["hr.expense.post.wizard"].with_context(**action["context"])
        wizard = wizard.browse(action["res_id"])
        wizard.accounting_date = claim.date
        wizard.action_post_entry()
        self.assertEqual(claim.account_move_id.date, date(2026, 2, 28))
        self.assertInvariant()

    def test_forms_say_until_when_the_accounts_are_closed(self):
        desk = self.desk()
        self.assertEqual(desk._late_words("bill", self.company), "")
        self.lock()
        said = desk._late_words("bill", self.company)
        self.assertRegex(said, "closed up to 01/31/2026.*booked in February 2026")
        self.company.hard_lock_date = "2026-02-15"
        said = desk._late_words("expense", self.company)
        self.assertRegex(said, "closed up to 02/15/2026.*once it is approved")


@cae_tagged
@freeze_time("2026-03-20")
class TestLatePages(HttpCase, LateCommon):
    def test_it_is_read_before_and_after_sending(self):
        self.lock()
        self.authenticate("buy_ines", "buy_ines")
        for kind, when in (("bill", "February 2026"), ("expense", "an open month")):
            page = self.url_open(f"/my/purchases/{kind}/new").text
            self.assertRegex(page, f"accounts are closed up to 01/31/2026.*{when}")
            answer = self.url_open(
                f"/my/purchases/{kind}/declare",
                data={
                    "csrf_token": http.Request.csrf_token(self),
                    "key": kind.encode().hex().ljust(32, "0"),
                    **self.given(kind, date="2026-01-12"),
                },
                files=[("files", ("a.png", PNG, "image/png"))],
            )
            said = f"accounts of January 2026 are closed.*booked in {when}"
            self.assertRegex(answer.text, said)
        bill = self.env["account.move"].search([("cae_declarer_id", "!=", False)])
        page = self.url_open(f"/my/purchases/bill/{bill.id}").text
        self.assertRegex(page, "closed.*booked in February 2026")
        self.assertIn("01/12/2026", page)
