import re
from datetime import date
from unittest.mock import patch

from odoo.tests import HttpCase, freeze_time, new_test_user

from .common import cae_tagged
from .test_internal_sale import InternalSaleCommon

ENTRY = "/my/accounts/entry"


class OwnEntryCommon(InternalSaleCommon):
    """Ines holds the first and, with Yann who joined in March, the second activity.

    Zoe held the third until the end of 2025, Yann since.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: cls._user(f"own_{name}", "group_entrepreneur")
            for name in ("ines", "yann", "zoe")
        }
        cls.ines, cls.yann, cls.zoe = cls.env["cae.entrepreneur"].create(
            [
                {
                    "first_name": name.title(),
                    "last_name": "Test",
                    "user_id": user.id,
                    "date_entry": "2025-01-01",
                }
                for name, user in cls.users.items()
            ]
        )
        start = "2025-01-01"
        for activity, *shares in (
            (cls.one, (cls.ines, 100, start, False)),
            (
                cls.two,
                (cls.ines, 100, start, "2026-02-28"),
                (cls.ines, 60, "2026-03-01", False),
                (cls.yann, 40, "2026-03-01", False),
            ),
            (
                cls.three,
                (cls.zoe, 100, start, "2025-12-31"),
                (cls.yann, 100, "2026-01-01", False),
            ),
        ):
            cls._share_out(activity, *shares)
        cls.users["customer"] = new_test_user(
            cls.env, login="own_customer", groups="base.group_portal"
        )
        cls.invoice = cls._document([(cls.one, 1000, cls.vat_goods)], "2026-03-05")
        cls.payment = cls._pay(cls.invoice, day="2026-03-10")
        cls.mixed = cls._document(
            [(cls.one, 500, None), (cls.three, 333, None)], "2026-03-06"
        )
        cls.mixed.invoice_line_ids[1].name = "Secret work"
        cls.bill = cls._document(
            [(cls.one, 80, None)], "2026-03-07", "in_invoice", ref="B-80"
        )
        cls.early = cls._document([(cls.two, 250, None)], "2026-01-07")

    def file(self, move, name="scan.pdf", content=b"%PDF-1.4", **vals):
        values = {"res_model": move._name, "res_id": move.id, **vals}
        return self.env["ir.attachment"].create(
            {"name": name, "raw": content, **values}
        )

    def behind(self, move, user="ines"):
        """What the page of an entry shows to somebody."""
        self.env.flush_all()
        home = self.env["cae.home"].with_user(self.users[user])
        home = home.with_company(self.company)
        person = home._person()
        if not person:
            return {}
        held = home._held(person, date(2026, 3, 20))
        return home.env["cae.own.ledger"]._entry(held, move.id)

    def amounts(self, move, user="ines"):
        lines = self.behind(move, user).get("lines", ())
        return {(line.code[:3], line.balance) for line in lines}

    def month(self, activity, user="ines", only=""):
        """``{(account or name): balance}`` of the ledger of March."""
        self.env.flush_all()
        ledger = self.env["cae.own.ledger"].with_user(self.users[user])
        ledger = ledger.with_company(self.company)
        own = activity.with_user(self.users[user]).with_company(self.company)
        found = {}
        for line in ledger._month(own, date(2026, 3, 1), only):
            key = line.code[:3] or line.label
            found[key] = found.get(key, 0) + line.balance
        return found

    def pay(self, activity):
        """An entry of pay, with its transfer to come."""
        rows = (("641", 900), ("645", 100), ("431", -300), ("421", -700))
        rows = [(account, balance, activity) for account, balance in rows]
        return self._entry(rows, "2026-03-15")


@cae_tagged
@freeze_time("2026-03-20")
class TestOwnEntry(OwnEntryCommon):
    """What is behind a line, for who holds the activity, and for others."""

    def test_an_own_invoice_is_shown_whole_with_what_settles_it(self):
        entry = self.behind(self.invoice)
        self.assertTrue(entry["whole"] and entry["pdf"])
        self.assertEqual(entry["document"], self.invoice)
        self.assertEqual(entry["kind"], "Invoice to a customer")
        lines = {("706", -1000), ("445", -200), ("411", 1200)}
        self.assertEqual(self.amounts(self.invoice), lines)
        move = self.payment.move_id
        settled = [(line.entry, line.balance) for line in entry["settled"]]
        self.assertEqual(settled, [(move.id, -1200)])
        payment = self.behind(move)
        self.assertEqual(payment["kind"], "Payment")
        self.assertEqual([line.entry for line in payment["settled"]], self.invoice.ids)

    def test_of_an_entry_of_several_the_own_part_alone(self):
        self.file(self.mixed)
        entry = self.behind(self.mixed)
        self.assertEqual(self.amounts(self.mixed), {("706", -500), ("411", 500)})
        self.assertFalse(entry["whole"] or entry["document"] or entry["pdf"])
        self.assertFalse(entry["files"])
        theirs = {("706", -333), ("411", 333)}
        self.assertEqual(self.amounts(self.mixed, "yann"), theirs)

    def test_an_entry_with_an_unallocated_part_is_not_whole(self):
        move = self._pay(self.bill, amount=100, day="2026-03-12").move_id
        self.assertEqual(self.amounts(move), {("400", 80), ("512", -80)})
        self.assertFalse(self.behind(move)["whole"])

    def test_a_line_of_another_at_zero_makes_an_entry_no_whole(self):
        rows = [(self.one, 500, None), (self.three, 0, None)]
        for move in (
            self._document(rows, "2026-03-06"),
            self._document(rows, "2026-03-06", "in_invoice"),
        ):
            self.assertFalse(move.invoice_line_ids[1].balance)
            self.file(move)
            entry = self.behind(move)
            self.assertEqual({abs(line.balance) for line in entry["lines"]}, {500})
            self.assertFalse(entry["whole"] or entry["document"] or entry["pdf"])
            self.assertFalse(entry["files"])
            self.assertEqual(self.behind(move, "yann"), {})
        own = self._document([(self.one, 500, None), (self.one, 0, None)], "2026-03-06")
        self.assertTrue(self.behind(own)["whole"])

    def test_nobody_else(self):
        for user in ("yann", "zoe", "customer"):
            self.assertEqual(self.behind(self.invoice, user), {}, user)
        old = self._document([(self.three, 90, None)], "2025-06-01")
        for user in ("zoe", "yann"):
            self.assertEqual(self.behind(old, user), {}, user)

    def test_who_joined_later_sees_nothing_from_before(self):
        self.assertTrue(self.behind(self.early))
        self.assertEqual(self.behind(self.early, "yann"), {})
        late = self._document([(self.two, 70, None)], "2026-03-08")
        self.assertTrue(self.behind(late, "yann"))
        self.assertEqual(self.month(self.two, "yann"), {"706": -70, "411": 70})

    def test_there_is_nothing_behind_pay(self):
        self.assertEqual(self.behind(self.pay(self.one)), {})

    def test_beside_others_pay_is_one_amount(self):
        self.pay(self.two)
        rows = (("645", 40, self.two), ("437", -40, self.two))
        social = self._entry(rows, "2026-03-16")
        self.assertEqual(self.month(self.two), {"64": 1040, "42": -1040})
        self.assertFalse(self.behind(social)["whole"])
        self.assertEqual(self.amounts(social), {("64", 40), ("42", -40)})

    def test_alone_pay_is_told_by_account(self):
        self.pay(self.one)
        found = self.month(self.one, only="payroll")
        self.assertEqual(found, {"641": 900, "645": 100})

    def test_the_accounts_of_a_row_alone(self):
        turnover = {"706": -1500}
        self.assertEqual(self.month(self.one, only="turnover"), turnover)
        self.assertEqual(self.month(self.one, only="41"), {"411": 500})
        self.assertEqual(self.month(self.one, only="nothing"), {})

    def test_what_the_vat_of_payments_writes_twice_is_in_files_alone(self):
        self._pay(
            self._document([(self.one, 200, self.vat_services)], "2026-03-12"),
            day="2026-03-18",
        )
        self.env.flush_all()
        ledger = self.env["cae.own.ledger"].with_user(self.users["ines"])
        ledger = ledger.with_company(self.company)
        own = self.one.with_user(self.users["ines"]).with_company(self.company)

        def lines(whole, start):
            found = ledger._month(own, date(2026, 3, 1), whole=whole)
            return sorted(li.balance for li in found if li.code.startswith(start))

        self.assertEqual(lines(False, "706"), [-1000, -500, -200])
        self.assertEqual(lines(True, "706"), [-1000, -500, -200, -200, 200])
        # The tax itself moves: nothing of it is left out.
        self.assertEqual(lines(False, "445"), lines(True, "445"))
        self.assertTrue(lines(False, "445"))

    def test_a_line_of_tax_has_the_name_of_its_account(self):
        found = self.behind(self.invoice)["lines"]
        (tax,) = [line for line in found if line.code.startswith("445")]
        self.assertEqual(tax.label, tax.account)

    def test_a_payment_is_called_so(self):
        labels = {line.label for line in self.behind(self.payment.move_id)["lines"]}
        self.assertEqual(labels, {f"Payment {self.payment.move_id.name}"})

    def test_a_contribution_is_explained(self):
        self._run("2026-03")
        march = ("month", "=", "2026-03-01")
        line = self._lines(("activity_id", "=", self.one.id), march)
        entry = self.behind(line.move_id)
        self.assertEqual(entry["kind"], "Contribution to the cooperative")
        self.assertEqual(entry["contributions"], line)
        self.assertIn("1,500.00", entry["contributions"].explanation_text)

    def test_a_sale_between_activities_leads_to_its_document(self):
        sale = self._sale(self.one, self.three, 400, day="2026-03-15")
        for user, sign in (("ines", 1), ("yann", -1)):
            entry = self.behind(sale.move_id, user)
            self.assertEqual(entry["sale"], sale)
            self.assertIn(("181", 400 * sign), self.amounts(sale.move_id, user))
            self.assertEqual(len(entry["lines"]), 2)

    def test_the_ledger_takes_few_queries(self):
        for _n in range(5):
            self._document([(self.one, 10, None)], "2026-03-11")
        self.month(self.one)
        self.env.invalidate_all()
        with self.assertQueryCount(14):
            self.month(self.one)


@cae_tagged
@freeze_time("2026-03-20")
class TestOwnEntryPages(OwnEntryCommon, HttpCase):
    def get(self, path, user="ines", status=200):
        self.env.flush_all()
        login = user and self.users[user].login
        self.authenticate(login, login)
        response = self.url_open(path, allow_redirects=False)
        self.assertEqual(response.status_code, status, f"{user} {path}")
        return response

    def test_the_ledger_leads_to_the_document_and_back(self):
        page = self.get("/my/accounts/ledger?activity=T1&month=2026-03").text
        self.assertIn(f"{ENTRY}/{self.invoice.id}?activity=T1", page)
        self.assertNotIn("Month after", page)
        page = self.get(f"{ENTRY}/{self.invoice.id}?activity=T1").text
        self.assertIn(f"{ENTRY}/{self.invoice.id}/pdf", page)
        self.assertIn("/my/accounts/ledger?activity=T1&amp;month=2026-03", page)
        page = self.get(f"{ENTRY}/{self.mixed.id}").text
        self.assertIn("concerns others too", page)
        self.assertIn("500,00", page)
        self.assertNotIn("333,00", page)
        self.assertNotIn("Secret work", page)

    def test_a_contribution_of_the_month_under_way_is_provisional(self):
        for month in ("2026-02", "2026-03"):
            self._run(month)
        page = self.get("/my/accounts?activity=T1").text
        self.assertEqual(page.count(">provisional<"), 1)
        self.assertGreater(page.count("<details"), 1)

    def test_the_home_leads_to_the_activity_that_is_looked_at(self):
        pages = ("/my/invoicing/new", "/my/accounts")
        page = self.get("/my?activity=T2").text
        for path in pages:
            self.assertIn(f'href="{path}?activity=T2"', page)
        page = self.get("/my").text
        for path in pages:
            self.assertIn(f'href="{path}"', page)

    def test_the_home_offers_nothing_twice(self):
        page = self.get("/my").text
        self.assertIn('href="/my/accounts"', page)
        self.assertNotIn("cae_accounts_count", page)
        self.assertIn('href="/my/security"', page)

    def test_a_total_ends_with_its_date(self):
        self.pay(self.two)
        page = self.get("/my/accounts/ledger?activity=T2&month=2026-03").text
        self.assertRegex(page, r"15/03/2026</span>\s*</div>")

    def test_the_money_is_told_in_plain_words(self):
        path = "/my/accounts/ledger?activity=T1&month=2026-03&only=41"
        self.assertIn("Only: <strong>Owed by customers", self.get(path).text)

    def test_the_lines_of_the_money_lead_from_a_balance_to_the_next(self):
        self._document([(self.one, 70, None)], "2026-01-10")

        def balances(month):
            path = f"/my/accounts/ledger?activity=T1&month={month}&only=41"
            page = self.get(path).text
            found = re.findall(r"Balance [a-z ]+</dt>\s*<dd>([^ ]+) €</dd>", page)
            return [text.replace("\u202f", "") for text in found]

        self.assertEqual(balances("2026-02"), ["70,00", "70,00"])
        before, after = balances("2026-03")
        moved = sum(self.month(self.one, only="41").values())
        self.assertEqual(before, "70,00")
        self.assertTrue(moved)
        self.assertEqual(after, f"{70 + moved:.2f}".replace(".", ","))
        path = "/my/accounts/ledger?activity=T1&month=2026-03&only=turnover"
        self.assertIn("Total of these lines", self.get(path).text)
        # Yann joined the second one in March: what was before is not his to see.
        path = "/my/accounts/ledger?activity=T2&month=2026-03&only=41"
        page = self.get(path, "yann").text
        self.assertIn("Total of these lines", page)
        self.assertNotIn("Balance before", page)
        whole = "/my/accounts/ledger?activity=T1&month=2026-03"
        self.assertNotRegex(self.get(whole).text, "Balance before|Total of these")

    def test_a_file_of_some_accounts_has_these_alone(self):
        path = "/my/accounts/ledger.csv?activity=T1&month=2026-03&only=41"
        text = self.get(path).content.decode("utf-8-sig")
        codes = {row.split(";")[1] for row in text.splitlines()[1:]}
        self.assertTrue(codes)
        self.assertTrue(all(code.startswith("41") for code in codes), codes)

    def test_the_row_asked_for_is_named_and_nothing_else_is_repeated(self):
        path = "/my/accounts/ledger?activity=T1&month=2026-03&only="
        self.assertIn("Only: <strong>Turnover", self.get(path + "turnover").text)
        self.assertNotIn("Only:", self.get(path + "%3Cb%3E").text)

    def test_pdf_of_the_own_invoice_alone(self):
        reports = type(self.env["ir.actions.report"])
        printed = patch.object(
            reports, "_render_qweb_pdf", lambda self, name, ids: (b"%PDF", "pdf")
        )
        with printed:
            response = self.get(f"{ENTRY}/{self.invoice.id}/pdf")
        self.assertEqual(response.content, b"%PDF")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        field = "invoice_pdf_report_file"
        self.file(self.invoice, content=b"%PDF what the customer got", res_field=field)
        self.env.invalidate_all()
        response = self.get(f"{ENTRY}/{self.invoice.id}/pdf")
        self.assertEqual(response.content, b"%PDF what the customer got")
        for move in (self.mixed, self.bill, self.payment.move_id):
            self.get(f"{ENTRY}/{move.id}/pdf", status=404)

    def test_files_of_the_own_document_alone(self):
        scan, page = self.file(self.bill), self.file(self.bill, "page.html", b"<b>")
        self.bill.message_main_attachment_id = scan
        note = self.file(self.bill, "note.pdf")
        self.bill.message_post(body="Ours", attachment_ids=note.ids)
        other = self.file(self.mixed)
        path = f"{ENTRY}/{self.bill.id}"
        shown = self.get(path).text
        self.assertIn("scan.pdf", shown)
        self.assertNotIn("note.pdf", shown)
        response = self.get(f"{path}/file/{scan.id}")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        response = self.get(f"{path}/file/{page.id}")
        self.assertEqual(response.headers["Content-Type"], "application/octet-stream")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.get(f"{path}/file/{note.id}", status=404)
        self.get(f"{path}/file/{other.id}", status=404)
        self.get(f"{ENTRY}/{self.mixed.id}/file/{other.id}", status=404)
        self.get(f"{path}/file/{scan.id}", "yann", 404)

    def test_nothing_for_others(self):
        number = self.invoice.id
        paths = ["", "/pdf", "/file/1"]
        for user in ("yann", "zoe", "customer"):
            for path in paths:
                self.get(f"{ENTRY}/{number}{path}", user, 404)
        for path in paths:
            answer = self.get(f"{ENTRY}/{number}{path}", None, 303)
            self.assertIn("/web/login", answer.headers["Location"])
        for number in (0, 10**9):
            self.get(f"{ENTRY}/{number}", status=404)

    def test_sales_between_activities_on_both_sides(self):
        sale = self._sale(self.one, self.three, 400, day="2026-03-15")
        page = self.get("/my/accounts/internal?activity=T1").text
        self.assertIn("Sold to", page)
        self.assertIn("Test 3", page)
        self.assertIn(f"/cae/document/cae.internal.sale/{sale.id}/pdf", page)
        self.assertIn("/my/accounts/internal", self.get("/my/accounts").text)
        page = self.get("/my/accounts/internal?activity=T3", "yann").text
        self.assertIn("Bought from", page)
        page = self.get("/my/accounts/internal?activity=T2", "yann").text
        self.assertIn("sold nothing", page)
        self.get("/my/accounts/internal", "customer", 404)

    def test_pages_without_an_activity_say_so(self):
        for path in (
            *("/my/accounts", "/my/accounts/ledger", "/my/accounts/internal"),
            *("/my/invoicing", "/my/invoicing/new"),
            *("/my/customers", "/my/customers/new"),
        ):
            self.assertIn("You hold no activity today", self.get(path, "zoe").text)
            self.get(path, "customer", 404)

    def test_files_of_the_ledger_say_what_the_page_says(self):
        self.pay(self.two)
        path = "/my/accounts/ledger.csv?activity=T2&month=2026-03"
        text = self.get(path, "yann").content.decode("utf-8-sig")
        self.assertIn("Cost of pay", text)
        self.assertNotIn("641", text)


@cae_tagged
@freeze_time("2026-03-20")
class TestCooperativePages(OwnEntryCommon, HttpCase):
    get = TestOwnEntryPages.get

    def account(self, year):
        accounts = self.env["cae.shared.statement"].with_user(self.accountant)
        first, last = date(year, 1, 1), date(year, 12, 31)
        return accounts._refresh_year(self.company, first, last)

    def test_the_yearly_account_once_it_is_published(self):
        self._entry([("616", 200, None), ("401", -200, None)], "2025-05-01")
        account = self.account(2025)
        page = self.get("/my/cooperative/account", "zoe").text
        self.assertIn("No account was published yet", page)
        account.action_publish()
        page = self.get("/my/cooperative/account", "zoe").text
        self.assertIn(f"/cae/document/cae.shared.statement/{account.id}/pdf", page)
        self.assertIn("200,00", page)

    def test_the_ways_to_it(self):
        self.assertIn('href="/my/cooperative"', self.get("/my").text)
        self.assertIn("/my/cooperative/account", self.get("/my/cooperative").text)
        for path in ("/my/cooperative", "/my/cooperative/account"):
            self.get(path, "customer", 404)
            self.get(path, None, 303)

    def test_invoices_of_odoo_are_told_apart_from_the_own_sales(self):
        page = self.get("/my").text
        self.assertIn("Invoices addressed to me", page)
        self.assertNotIn("Your Invoices", page)
        self.assertIn("Your Invoices", self.get("/my", "customer").text)
