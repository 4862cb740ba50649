"""Preparation sheet, pay book, yearly statement."""

import io
from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time

from odoo.addons.cae_base.report import wkhtmltopdf

from .common import JANUARY, PayCommon, SharedPayCommon, pay_tagged
from .test_settlement import SettlementCommon


def steps_of(line):
    return {step.key: step.amount for step in line._chains()[line.id]}


@pay_tagged
@freeze_time("2026-02-15")
class TestPaySheet(PayCommon):
    """How a pay comes from the turnover."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cae_pay_reserve = 500
        cls._hold(cls.first, alice=60, bob=40)
        cls._fund(cls.first, 5000, "2025-12-31")
        cls._document([(cls.first, 4000)], "2026-01-10")
        cls._document([(cls.first, 250)], "2026-01-12", "in_invoice", ref="B1")
        cls._entry([("622", 100, cls.first), ("512", -100, cls.first)], "2026-01-20")

    def test_the_chain_of_a_holder_is_their_part(self):
        self._run()
        line = self._line(self.alice)
        steps = steps_of(line)
        self.assertEqual(steps["turnover"], Decimal("2400.00"))
        self.assertEqual(steps["purchases"], Decimal("-150.00"))
        self.assertEqual(steps["charges"], Decimal("-60.00"))
        self.assertEqual(steps["result"], Decimal("2190.00"))
        self.assertNotIn("contribution", steps, "nothing was charged")
        # 5 000 − 250 owed − 100: 60 % of 4 650 are available, customers owe the rest.
        self.assertEqual(steps["balance"], Decimal("600.00"))
        self.assertEqual(steps["reserve"], Decimal("-300.00"))
        self.assertEqual(steps["budget"], Decimal("2490.00"))
        self.assertEqual(steps["cost"], Decimal("1039.86"))
        self.assertEqual(steps["kept"], Decimal("-1450.14"))
        self.assertEqual(steps["net"], Decimal("791.60"))

    def test_the_page_says_what_it_is(self):
        self._run()
        page = self._line(self.alice)._html()
        self.assertEqual(page.count("This is not a payslip."), 2)
        for text in ("Pay preparation sheet", "Alice Test", "Health", "1\u202f039,86"):
            self.assertIn(text, page)
        self.assertIn("<svg", page)
        self.assertNotIn("Prepared, not posted", page)

    def test_what_is_beyond_the_budget_is_said_so(self):
        """Bob's 9 000.00 cost more than his 40 % less the reserve."""
        self._contract(self.bob, 9000)
        self._run()
        line = self._line(self.bob)
        steps = steps_of(line)
        self.assertNotIn("kept", steps)
        self.assertEqual(steps["beyond"], steps["cost"] - steps["budget"])
        self.assertIn("Beyond the budget (reserve or overdraft)", line._html())
        self.assertNotIn("Stays on the activity", line._html())

    def test_a_draft_is_said_to_be_one(self):
        self._contract(self.bob, 9000)
        self._run()
        line = self._line(self.bob)
        self.assertEqual(line.state, "draft")
        self.assertIn("Prepared, not posted", line._html())

    def test_more_people_ask_no_more_queries(self):
        for person in (self.bob, self.carol):
            self._contract(person, 800)
        self._hold(self.second, carol=100)
        self._run()
        lines = self.Line.search([("month", "=", JANUARY)])
        self.assertEqual(len(lines), 3)
        counts = []
        # Twice: what is kept for good is read first.
        for some in (lines[:1], lines, lines[:1], lines):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._pages()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[3])


@pay_tagged
class TestPaySheetRights(SharedPayCommon, HttpCase):
    """The sheet is for payroll officers and the person."""

    def setUp(self):
        super().setUp()
        # wkhtmltopdf is optional: all but its own work is tested without it.
        self.startPatcher(patch.object(wkhtmltopdf, "check"))
        for name in ("convert", "convert_wide"):
            self.startPatcher(patch.object(wkhtmltopdf, name, lambda html: html))

    def _sheet(self, user, line):
        return line.with_user(user)._pdfs()[line.id]

    def test_officers_and_the_person_open_it(self):
        self.assertIn("Bob Test", self._sheet(self.payroll, self.bob_pay))
        page = self._sheet(self.entrepreneur, self.pay)
        self.assertIn("Alice Test", page)
        self.assertNotIn("Bob", page)

    def test_others_do_not(self):
        for user, line in (
            (self.coach, self.pay),
            (self.accountant, self.pay),
            (self.governance, self.pay),
            (self.entrepreneur, self.bob_pay),
            (self.other, self.pay),
        ):
            with self.assertRaises(AccessError):
                self._sheet(user, line)

    def test_the_report_of_odoo_refuses_too(self):
        report = self.env["ir.actions.report"].with_user(self.coach)
        with self.assertRaises(AccessError):
            report._render_qweb_pdf("cae_payroll.cae_pay_line_report", self.pay.ids)

    def test_it_is_no_web_page(self):
        """Its page is made for the PDF; who may read it opens that."""
        report = self.env["ir.actions.report"]
        args = "cae_payroll.cae_pay_line_report", self.pay.ids
        with self.assertRaisesRegex(UserError, "^CAE-REPORT-PDF: "):
            report.with_user(self.payroll)._render_qweb_html(*args)
        with self.assertRaises(AccessError):
            report.with_user(self.other)._render_qweb_html(*args)

    def test_its_address(self):
        url = f"/cae/document/cae.pay.line/{self.pay.id}/pdf"
        self.assertEqual(self.pay.with_user(self.payroll).action_pdf()["url"], url)
        for login, status in (("pr_payroll", 200), ("pr_alice", 200), ("pr_bob", 403)):
            self.authenticate(login, login)
            self.assertEqual(self.url_open(url).status_code, status, login)
        self.authenticate("pr_payroll", "pr_payroll")
        for model in ("res.partner", "nothing", "cae.printed"):
            found = self.url_open(f"/cae/document/{model}/1/pdf")
            self.assertEqual(found.status_code, 404, model)


@pay_tagged
@freeze_time("2026-02-15")
class TestPayBook(PayCommon, HttpCase):
    """Everybody's pay of a month, and its entry."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls._user("pb_officer", "group_payroll")
        cls.accountant = cls._user("pb_accountant", "group_accountant")
        cls.alice.matricule = "0042"
        cls._contract(cls.bob, 1500, kind="employee", month_hours=75.5)
        cls._hold(cls.first, alice=60, bob=40)
        cls._hold(cls.second, alice=100)
        cls._fund(cls.first, 9000)
        cls._fund(cls.second, 5000)
        cls._ask(cls.alice, "gross", 700)
        cls.period = cls.env["cae.period"].with_company(cls.company)._get(JANUARY)
        cls.Book = cls.env["cae.pay.book"].with_user(cls.officer)

    def _data(self):
        return self.Book._data(self.period.with_user(self.officer))

    def test_what_is_withheld_is_in_the_entry_too(self):
        self.env["cae.pay.element"].create(
            {
                "entrepreneur_id": self.alice.id,
                "month": JANUARY,
                "kind": "advance",
                "amount": 50,
            }
        )
        self._run()
        data = self._data()
        self.assertTrue(data["agrees"])
        credits = {r["account"][:3]: float(r["credit"]) for r in data["entry"]["rows"]}
        net = float(data["totals"]["net"])
        self.assertAlmostEqual(credits["421"], net - 50)
        self.assertEqual(credits["425"], 50)

    def test_it_agrees_with_the_entry(self):
        self._run()
        lines = self.Line.search([("month", "=", JANUARY)])
        data = self._data()
        self.assertTrue(data["agrees"])
        self.assertEqual(
            [row["name"] for row in data["rows"]], ["Alice Test", "Bob Test"]
        )
        alice = data["rows"][0]
        self.assertEqual(alice["matricule"], "0042")
        self.assertEqual(alice["activities"], "T1, T2")
        self.assertEqual(alice["gross"] - alice["employee"], alice["net"])
        self.assertEqual(
            alice["gross"] + alice["employer"] - alice["reduction"], alice["cost"]
        )
        totals = data["totals"]
        for name in ("gross", "net", "cost"):
            self.assertAlmostEqual(float(totals[name]), sum(lines.mapped(name)), 2)
            self.assertEqual(totals[name], data["activities"]["totals"][name])
        entry = data["entry"]["totals"]
        self.assertEqual(entry["debit"], entry["credit"])
        self.assertEqual(entry["debit"], totals["cost"])

    def test_an_undone_pay_leaves_it(self):
        self._run()
        self._line(self.bob).action_undo("Wrong hours")
        data = self._data()
        self.assertEqual(len(data["rows"]), 1)
        self.assertTrue(data["agrees"])
        self.assertEqual(data["entry"]["totals"]["debit"], data["totals"]["cost"])

    def test_entries_that_say_something_else_are_told(self):
        self._run()
        line = self._line(self.bob)
        share = line.share_ids
        share.with_context(cae_paying=True).sudo().write(
            {"entry": {**share.entry, "wage": share.entry["wage"] + 1}}
        )
        self.assertFalse(self._data()["agrees"])

    def test_payslips_are_in_the_book_and_in_the_entry(self):
        """A payslip of 10.00 more for URSSAF, and 3.00 of income tax from the net.

        ====== =================== =====
        645100 charges             +10.00
        431000 URSSAF              +10.00
        442100 income tax           +3.00
        421000 net                  −3.00
        ====== =================== =====
        """
        self._run()
        before = self._entry_rows(self._data())
        row = self._row_of(self._line(self.alice), more=10, tax=3)
        exchange = self.env["cae.payroll.exchange"].with_user(self.officer)
        result = exchange.with_company(self.company).load_payslips("2026-01", [row])
        self.assertEqual(result["errors"], [])
        data = self._data()
        self.assertTrue(data["agrees"])
        self.assertEqual(data["others"]["rows"], [])
        [told] = data["payslips"]["rows"]
        amounts = [float(told[name]) for name in ("gross", "net", "cost", "withheld")]
        self.assertEqual((told["name"], amounts), ("Alice Test", [0, 0, 10, 3]))
        self.assertEqual(data["final"]["cost"], data["totals"]["cost"] + 10)
        after = self._entry_rows(data)
        gaps = {
            account: round(after.get(account, 0) - before.get(account, 0), 2)
            for account in {*before, *after}
        }
        self.assertEqual(
            {account: gap for account, gap in gaps.items() if gap},
            {"645100": 10, "431000": -10, "442100": -3, "421000": 3},
        )
        ledger = self.env["account.move.line"]._read_group(
            [
                ("journal_id", "=", self.company.cae_pay_journal_id.id),
                ("parent_state", "=", "posted"),
                ("date", "<=", "2026-01-31"),
            ],
            ["account_id"],
            ["balance:sum"],
        )
        self.assertEqual({a.code: round(b, 2) for a, b in ledger if b}, after)
        slip = self.env["cae.payslip"].search([]).with_user(self.officer)
        slip.action_undo("Mistake")
        data = self._data()
        self.assertEqual((data["agrees"], data["payslips"]["rows"]), (True, []))
        self.assertEqual(self._entry_rows(data), before)

    def _row_of(self, line, more, tax):
        """What the payroll software says: the pay, more for URSSAF, and income tax."""
        due = {"431": more, "437": 0}
        for share in line.share_ids:
            for key, account in (
                ("debt_social", "431"),
                ("debt_pension", "437"),
                ("debt_health", "437"),
            ):
                due[account] -= share.entry[key] / 100
        return {
            "matricule": "0042",
            "brut": line.gross,
            "cout": round(line.cost + more, 2),
            "net": round(line.net - tax, 2),
            **{account: round(amount, 2) for account, amount in due.items()},
            "4421": tax,
        }

    def _entry_rows(self, data):
        return {
            row["account"]: round(float(row["debit"] - row["credit"]), 2)
            for row in data["entry"]["rows"]
        }

    def test_what_else_the_journal_holds_is_told(self):
        self._run()
        self._entry(
            [("641", 12, self.first), ("421", -12, self.first)],
            "2026-01-20",
            self.company.cae_pay_journal_id,
        )
        data = self._data()
        self.assertTrue(data["agrees"])
        others = {
            row["account"][:3]: float(row["debit"] - row["credit"])
            for row in data["others"]["rows"]
        }
        self.assertEqual(others, {"641": 12, "421": -12})
        page = self.Book._page(self.period.with_user(self.officer))
        self.assertIn("What else the pay journal", page)

    def test_the_page(self):
        self._contract(self.carol, 100)
        self._run()
        page = self.Book._page(self.period.with_user(self.officer))
        for text in ("Pay book", "January 2026", "say the same", "0042"):
            self.assertIn(text, page)
        self.assertIn("not in this book: 1", page)

    def test_the_spreadsheet(self):
        from openpyxl import load_workbook  # an importer of Odoo itself

        self._run()
        content = self.Book._xlsx(self.period.with_user(self.officer))
        book = load_workbook(io.BytesIO(content))
        pay, activities, entry = (list(sheet.values) for sheet in book.worksheets)
        self.assertEqual(pay[1][:2], ("0042", "Alice Test"))
        self.assertEqual(pay[-1][1], "Total")
        self.assertAlmostEqual(sum(row[-1] for row in pay[1:-1]), pay[-1][-1], 2)
        self.assertAlmostEqual(activities[-1][-1], pay[-1][-1], 2)
        self.assertAlmostEqual(entry[-1][2], pay[-1][-1], 2)

    def test_nothing_posted_is_told(self):
        with self.assertRaisesRegex(UserError, "^CAE-PAYROLL-EMPTY: "):
            self.period.with_user(self.officer).action_pay_book()

    def test_it_is_for_payroll_officers(self):
        self._run()
        period = self.period.with_user(self.accountant)
        with self.assertRaises(AccessError):
            period.action_pay_book()
        for make in ("_pdf", "_xlsx"):
            with self.assertRaises(AccessError):
                getattr(self.Book.with_user(self.accountant), make)(period)
        url = self.period.with_user(self.officer).action_pay_book_sheet()["url"]
        for login, status in (("pb_officer", 200), ("pb_accountant", 403)):
            self.authenticate(login, login)
            self.assertEqual(self.url_open(url).status_code, status, login)


@pay_tagged
@freeze_time("2026-10-05 12:00:00")
class TestPayOfTheYear(SettlementCommon):
    """The yearly statement of a person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.user_id = cls._user("py_alice", "group_entrepreneur")
        cls.Year = cls.env["cae.pay.year"].with_user(cls.payroll)
        cls.coach = cls._user("py_coach", "group_coach")
        cls.alice.coach_id = cls.coach

    def _data(self, people=None):
        people = (people or self.alice).with_user(self.payroll)
        return self.Year._data(people, 2026)

    def test_months_and_their_sum(self):
        self._alone()
        data = self._data()[self.alice.id]
        self.assertEqual(len(data["rows"]), 3)
        self.assertEqual(data["totals"]["gross"], 3000)
        self.assertEqual(data["totals"]["cost"], Decimal("3119.58"))
        self.assertEqual(data["final"]["cost"], Decimal("3119.58"))
        self.assertFalse(data["payslips"] or data["settlements"])

    def test_the_balance_of_a_year_is_beside(self):
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.action_approve()
        settlement.action_post()
        data = self._data()[self.alice.id]
        self.assertEqual(len(data["rows"]), 4)
        [settled] = data["settlements"]
        self.assertEqual(settled["due"], 6000)
        self.assertEqual(data["totals"]["gross"], 9000)
        sheet = settlement.pay_line_ids
        self.assertEqual(
            list(steps_of(sheet))[:2], ["annual_budget", "paid"], "its own chain"
        )
        [page] = self.Year._pages(self.alice.with_user(self.payroll), 2026).values()
        for text in ("Settled in the year", "not a payslip", "October 2026"):
            self.assertIn(text, page)
        # Its payment cost 299.70 more than was left, see the tests of settlements.
        self.assertEqual(steps_of(sheet)["missing"], Decimal("299.70"))
        self.assertIn("taken from the next year", sheet._html())
        self.assertIn("the next budget makes it up", page)

    def test_payslips_give_their_differences(self):
        self._alone()
        self.assertEqual(self._load_dearer_payslip()["errors"], [])
        data = self._data()[self.alice.id]
        self.assertEqual(data["gaps"]["cost"], 10)
        self.assertEqual(data["gaps"]["net"], 4)
        self.assertEqual(data["final"]["cost"], Decimal("3129.58"))

    def test_more_people_ask_no_more_queries(self):
        self._contract(self.bob, 800)
        self._hold(self.second, bob=100)
        self._earn(self.second, 9000)
        self._alone()
        people = (self.alice | self.bob).with_user(self.payroll)
        counts = []
        for some in (people[:1], people, people[:1], people):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(self.Year._pages(some, 2026)), len(some))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[3])

    def test_who_may_have_it(self):
        self._alone()
        with (
            patch.object(wkhtmltopdf, "render", lambda env, pages: pages),
            patch(
                "odoo.addons.cae_payroll.models.cae_pay_year.merge_pdf",
                lambda pages: "".join(pages),
            ),
        ):
            for user in (self.payroll, self.alice.user_id):
                page = self.Year.with_user(user)._pdf(self.alice.with_user(user), 2026)
                self.assertIn("Alice Test", page)
            for user in (self.coach, self.accountant):
                with self.assertRaises(AccessError):
                    self.Year.with_user(user)._pdf(self.alice.with_user(user), 2026)

    def test_a_year_without_pay_is_told(self):
        wizard = self.env["cae.pay.year.print"].with_user(self.payroll)
        for year in (2019, 26):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-YEAR: "):
                wizard.create({"year": year}).action_print()
