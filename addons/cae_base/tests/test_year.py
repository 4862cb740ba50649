import base64
import io
from datetime import date
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time
from odoo.tools.pdf import PdfFileWriter

from ..report import wkhtmltopdf
from .common import CaeCommon, cae_tagged


def _blank(pages, page):
    """Keeps the page that was to be printed; an empty PDF."""
    pages.append(page)
    writer, buffer = PdfFileWriter(), io.BytesIO()
    writer.addBlankPage(595, 842)
    writer.write(buffer)
    return buffer.getvalue()


@cae_tagged
class TestYear(CaeCommon):
    """The close of a fiscal year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.activities
        cls.accountant = cls._user("cae_year_accountant", "group_accountant")
        cls.manager = cls._user("cae_year_manager", "group_manager")
        cls.coach = cls._user("cae_year_coach", "group_coach")
        # Earlier years: One earned 300; this year Two spends more than it has.
        cls._entry([("706", -300, cls.one), ("512", 300, cls.one)], "2025-06-30")
        cls._entry([("706", -100, cls.one), ("512", 100, cls.one)], "2026-03-31")
        cls._entry([("601", 40, cls.two), ("512", -40, cls.two)], "2026-03-31")
        # 60 of contribution, as a run books it.
        tag = {"one": cls._tag(cls.one), "shared": {str(cls.shared.id): 100}}
        company = cls.company
        cls.contribution = cls.env["account.move"].create(
            {
                "date": "2026-03-31",
                "journal_id": company.cae_journal_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "balance": balance,
                            "analytic_distribution": tag[whose],
                        }
                    )
                    for account, balance, whose in (
                        (company.cae_charge_account_id, 60, "one"),
                        (company.cae_internal_bank_account_id, -60, "one"),
                        (company.cae_internal_bank_account_id, 60, "shared"),
                        (company.cae_income_account_id, -60, "shared"),
                    )
                ],
            }
        )
        cls.contribution._post(soft=False)
        cls.year = (
            cls.env["cae.year"]
            .with_user(cls.accountant)
            .create({"date_to": "2026-05-05"})
        )

    def _lock_all(self):
        for month in range(1, 13):
            self.env["cae.period"]._get(date(2026, month, 1))._set_state("locked")
        self.env.flush_all()

    def _sign(self, year):
        with freeze_time("2027-01-01 12:00:00"):
            year.action_sign()

    def _codes(self):
        self.year.invalidate_recordset()
        return {f["code"].removeprefix("CAE-YEAR-") for f in self.year.findings}

    def test_a_year_holds_its_days(self):
        self.assertEqual(self.year.date_from, date(2026, 1, 1))
        self.assertEqual(self.year.date_to, date(2026, 12, 31))
        self.assertEqual(self.year.display_name, "2026")
        with self.assertRaisesRegex(UserError, "CAE-YEAR-STATE"):
            self.year.date_to = "2027-12-31"

    def test_reconciliation_of_every_account(self):
        rows = {
            row[0]: row[2:] for row in self.year._sections()["reconciliation"]["rows"]
        }
        self.assertTrue(rows)
        for code, (*_amounts, gap) in rows.items():
            self.assertEqual(gap, 0, code)
        bank = self._account("512").code
        self.assertEqual([float(a) for a in rows[bank]], [360, 360, 0, 0, 0])
        self.assertEqual([float(a) for a in rows["RAN"]], [-300, -300, 0, 0, 0])
        internal = self.company.cae_internal_bank_account_id.code
        self.assertEqual([float(a) for a in rows[internal]], [0, -60, 60, 0, 0])
        for place in range(4):
            self.assertEqual(sum(row[place] for row in rows.values()), 0)

    def test_results_carried_over(self):
        rows = {row[0]: row[1:] for row in self.year._sections()["carried"]["rows"]}
        self.assertEqual([float(a) for a in rows["[T1] Test 1"]], [300, 40, 340])
        self.assertEqual([float(a) for a in rows["[T2] Test 2"]], [0, -40, -40])

    def test_solvency_of_the_pool(self):
        totals = self.year._solvency(self.year._balances())
        self.assertEqual(
            {key: float(amount) for key, amount in totals.items()},
            {
                "positive": 340,
                "negative": -40,
                "shared": 60,
                "waiting": 0,
                "bank": 360,
                "under_way": 0,
                "gap": 20,
            },
        )
        self.assertIn("NEGATIVE", self._codes())
        self.assertNotIn("SOLVENCY", self._codes())

    def test_payments_under_way_are_not_money_in_the_bank(self):
        one = self.activities[0]
        before = self.year._solvency(self.year._balances())
        invoice = self._document([(one, 100, None)], "2026-03-01")
        self._pay(invoice, day="2026-03-05")
        after = self.year._solvency(self.year._balances())
        changes = {key: float(after[key] - before[key]) for key in after}
        # The payment waits on the outstanding account for the bank's statement.
        self.assertEqual((changes["bank"], changes["under_way"]), (0, 100))

    def test_sign_and_open_again(self):
        managed = self.year.with_user(self.manager)
        with self.assertRaises(AccessError):
            self.year.action_sign()
        with (
            freeze_time("2026-12-31 12:00:00"),
            self.assertRaisesRegex(UserError, "CAE-YEAR-EARLY"),
        ):
            managed.action_sign()
        with self.assertRaisesRegex(UserError, "CAE-YEAR-FINDINGS"):
            self._sign(managed)
        self._lock_all()
        self._sign(managed)
        self.assertEqual(
            (managed.state, managed.signed_by_id), ("signed", self.manager)
        )
        self.assertEqual(len(managed.fingerprint), 64)
        for vals in ({"state": "draft"}, {"fingerprint": "x"}):
            with self.assertRaisesRegex(UserError, "CAE-YEAR-STATE"):
                managed.write(vals)
        with self.assertRaisesRegex(UserError, "CAE-YEAR-STATE"):
            managed.unlink()
        self.assertNotIn("CHANGED", self._codes())
        period = self.env["cae.period"]._get(date(2026, 12, 1))
        period._set_state("open")
        self._entry([("601", 1, self.one), ("512", -1, self.one)], "2026-12-31")
        self.assertLessEqual({"CHANGED", "MONTHS"}, self._codes())
        self._reopen(managed)
        self.assertFalse(managed.signed_by_id)
        self.assertNotIn("CHANGED", self._codes())

    def _reopen(self, managed):
        """Only with a reason, by a manager; the log keeps it and nobody changes it."""
        with self.assertRaises(AccessError):
            self.year.action_reopen("Because")
        for reason in ("", " ", False, 3):
            with self.assertRaisesRegex(UserError, "CAE-YEAR-REASON"):
                managed.action_reopen(reason)
        self.assertEqual(managed.state, "signed")
        context = managed.action_ask_reopen()["context"]
        wizard = self.env["cae.reason"].with_user(self.manager)
        wizard.with_context(**context).create(
            {"reason": "A late bill"}
        ).action_confirm()
        self.assertEqual(managed.state, "draft")
        self.assertIn("A late bill", managed.message_ids[0].body)
        row = next(r for r in managed._exceptions() if r[-1] == "A late bill")
        self.assertEqual((row[1], row[4]), ("2026", self.manager.name))
        log = self.env["cae.year.reopening"].with_user(self.manager).search([])
        for call in (log.unlink, lambda: log.write({"reason": "x"})):
            with self.assertRaises(AccessError):
                call()

    def test_signature_sees_what_moves_between_activities(self):
        """Two movements that cancel each other on every account of the books."""
        managed = self.year.with_user(self.manager)
        self._lock_all()
        self._sign(managed)
        self.assertNotIn("CHANGED", self._codes())
        self.env["cae.period"]._get(date(2026, 12, 1))._set_state("open")
        lines = [("601", 1, self.one), ("601", -1, self.two)]
        lines += [("512", -1, self.one), ("512", 1, self.two)]
        self._entry(lines, "2026-12-31")
        self.assertIn("CHANGED", self._codes())

    def test_signature_is_not_given_at_birth(self):
        years = self.env["cae.year"].with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "CAE-YEAR-STATE"):
            years.create({"date_to": "2030-12-31", "state": "signed"})
        with self.assertRaisesRegex(UserError, "CAE-YEAR-STATE"):
            years.with_context(default_state="signed").create({"date_to": "2030-12-31"})

    def test_class_18_must_be_nil(self):
        self.assertNotIn("INTERNAL", self._codes())
        bank = self.company.cae_internal_bank_account_id.code
        self._entry([(bank, 5, self.one), ("512", -5, self.one)], "2026-04-30")
        self.assertIn("INTERNAL", self._codes())
        finding = next(f for f in self.year.findings if f["code"].endswith("INTERNAL"))
        self.assertEqual(finding["severity"], "blocking")
        self.assertIn(bank, finding["message"])

    def test_data_changed_behind_the_product(self):
        move = self._entry([("601", 10, self.one), ("401", -10, self.one)])
        items = move.line_ids.analytic_line_ids
        other = self._account("622")
        self.env.flush_all()
        self.cr.execute(
            "UPDATE account_analytic_line SET general_account_id = %s WHERE id = %s",
            (other.id, items.filtered(lambda i: i.amount < 0).id),
        )
        self.env.invalidate_all()
        self.assertIn("DIFFERENCE", self._codes())
        self.cr.execute(
            "UPDATE account_analytic_line SET move_line_id = NULL WHERE id = %s",
            (items[0].id,),
        )
        self.env.invalidate_all()
        self.assertLessEqual({"ITEMS", "UNBALANCED"}, self._codes())

    def test_exceptions_of_the_year(self):
        self.env["cae.contribution.exemption"].create(
            {
                "activity_id": self.one.id,
                "kind": "exemption",
                "reason": "Parental leave",
                "date_from": "2026-02-01",
                "date_to": "2026-04-30",
            }
        )
        self.env["cae.contribution.exemption"].create(
            {"activity_id": self.one.id, "reason": "Old", "date_to": "2025-12-31"}
        )
        line = self._statement_line(12, "2026-05-04")
        line.cae_unallocated_reason = "A deposit"
        self.env["cae.period"]._get(date(2026, 1, 1))._set_state("locked")
        managed = self.env["cae.period"].with_user(self.manager)
        managed.unlock("2026-01", "A bill was forgotten")
        self.env.flush_all()
        rows = self.year._sections()["exceptions"]["rows"]
        self.assertEqual(
            {row[-1] for row in rows},
            {"Parental leave", "A deposit", "A bill was forgotten"},
        )
        unlocking = self.env["cae.period.unlock"].with_user(self.manager).search([])
        self.assertEqual(unlocking.user_id, self.manager)
        for call in (unlocking.unlink, lambda: unlocking.write({"reason": "x"})):
            with self.assertRaises(AccessError):
                call()

    def test_exceptions_to_the_lock_dates_of_odoo(self):
        self.company.fiscalyear_lock_date = "2026-06-30"
        exceptions = self.env["account.lock_exception"]
        common = {"company_id": self.company.id, "end_datetime": "2026-09-01 10:00:00"}
        for vals in (
            {"fiscalyear_lock_date": "2026-03-31", "user_id": self.accountant.id,
             "reason": "A bill of May"},
            {"fiscalyear_lock_date": False, "user_id": False, "reason": "All of it"},
            # Days of other years.
            {"fiscalyear_lock_date": "2026-12-31", "reason": "Next year",
             "company_lock_date": "2027-06-30"},
            {"fiscalyear_lock_date": "2024-12-31", "reason": "Last year",
             "company_lock_date": "2025-12-31"},
        ):  # fmt: skip
            exceptions.create({**common, **vals})
        exceptions.search([("reason", "=", "All of it")]).action_revoke()
        self.env.flush_all()
        rows = {row[-1]: row for row in self.year._sections()["exceptions"]["rows"]}
        self.assertEqual(set(rows), {"A bill of May", "All of it"})
        bill = rows["A bill of May"]
        for part in ("03/31/2026", "06/30/2026", self.accountant.name):
            self.assertIn(part, bill[1])
        self.assertEqual(bill[3], date(2026, 9, 1))
        self.assertIn("everyone", rows["All of it"][1])

    def test_report_on_paper_and_in_a_spreadsheet(self):
        self.assertIn("Test 2", self.year.report_html)
        pages = []
        report = self.env["ir.actions.report"].with_user(self.accountant)
        with (
            patch.object(wkhtmltopdf, "check"),
            patch.object(wkhtmltopdf, "convert", lambda page: _blank(pages, page)),
        ):
            pdf, kind = report._render_qweb_pdf("cae_base.year_document", self.year.ids)
            self.assertEqual((pdf[:4], kind), (b"%PDF", "pdf"))
            with self.assertRaises(AccessError):
                self.year.with_user(self.coach)._merged_pdf()
        [page] = pages
        for text in ("Test 2", "Not signed", self.company.name):
            self.assertIn(text, page)
        # Complete in itself: a server is not asked for anything.
        self.assertNotIn("<link", page)
        url = self.year.action_export()["url"]
        attachment = self.env["ir.attachment"].browse(
            int(url.split("/")[-1].split("?")[0])
        )
        book = load_workbook(io.BytesIO(base64.b64decode(attachment.datas)))
        sheet = book.worksheets[3]
        found = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
        self.assertEqual(found["[T1] Test 1"], (300, 40, 340))

    def test_who_sees_the_year(self):
        with self.assertRaises(AccessError):
            self.year.with_user(self.coach).read(["findings"])

    def test_queries_do_not_grow_with_the_activities(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.year._sections()
            self.year._findings()
            return self.cr.sql_log_count - start

        count()
        before = count()
        more = self.Activity.create(
            [
                {"code": f"Q{n}", "name": "Q", "date_start": "2026-01-01"}
                for n in range(20)
            ]
        )
        for activity in more:
            self._entry([("601", 3, activity), ("512", -3, activity)], "2026-03-31")
        count()  # new accounts empty the caches of the registry
        self.assertLessEqual(count(), before)
