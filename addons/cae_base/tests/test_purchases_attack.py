"""Purchases on the portal, as attackers and co-holders see them."""

from odoo import Command, http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, freeze_time

from ..engine.texts import one_line
from ..models import cae_purchase
from ..models.cae_purchase import MOST_FILES
from .common import cae_tagged
from .test_purchases import MANY, PDF, PNG, PurchaseCommon


class AttackCommon(PurchaseCommon):
    def bill(self, lines, day="2026-03-02", **vals):
        """A bill that accountants typed and posted, with its scan."""
        bill = self._document(lines, day, "in_invoice", partner_id=self.shop.id, **vals)
        scan = {"name": "scan.pdf", "raw": PDF, "res_model": bill._name}
        scan = self.env["ir.attachment"].create({**scan, "res_id": bill.id})
        bill.message_main_attachment_id = scan
        return bill

    def seen(self, bill, user):
        """Where a user meets a bill: in the list, on its page, by its scan."""
        desk = self.desk(user)
        buyer = desk._buyer()
        listed = desk._documents("bill", buyer).search(desk._own("bill", buyer))
        found = {
            "list": bill in listed,
            "page": bool(desk._document("bill", bill.id)),
            "paper": bool(desk._paper(bill.message_main_attachment_id.id)),
        }
        return {place for place, there in found.items() if there}


ALL = {"list", "page", "paper"}


@cae_tagged
@freeze_time("2026-03-20")
class TestPurchaseAttack(AttackCommon):
    def test_a_bill_of_several_tells_none_of_them_of_the_others(self):
        first, second, third = self.activities
        own = self.bill([(second, 10, None)], cae_activity_id=second.id)
        mixed = self.bill(
            [(second, 10, None), (third, 77, None)], cae_activity_id=second.id
        )
        office = self.bill(
            [(second, 10, None), (None, 77, None)], cae_activity_id=second.id
        )
        free = self.bill(
            [(second, 10, None), (third, 0, None)], cae_activity_id=second.id
        )
        shared = self._cae_shared(mixed)
        for user in ("ines", "yann"):
            self.assertEqual(self.seen(own, user), ALL)
            self.assertEqual(self.seen(mixed, user), set(), user)
            self.assertEqual(self.seen(free, user), set(), user)
            self.assertEqual(self.seen(shared, user), set(), user)
            self.assertEqual(self.seen(office, user), ALL)

    def _cae_shared(self, mixed):
        """One line, shared between two activities by its distribution."""
        second, third = self.activities[1:]
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.shop.id,
                "invoice_date": "2026-03-03",
                "cae_activity_id": second.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            **self._document_line("in_invoice", second, 50),
                            "analytic_distribution": {
                                str(second.analytic_account_id.id): 60,
                                str(third.analytic_account_id.id): 40,
                            },
                        }
                    )
                ],
            }
        )
        bill._post(soft=False)
        bill.message_main_attachment_id = mixed.message_main_attachment_id.copy(
            {"res_id": bill.id}
        )
        return bill

    def test_who_declared_a_bill_follows_it_when_others_share_it(self):
        bill = self.declare(activity="T2", supplier="papeterie")
        bill.message_main_attachment_id = bill._cae_papers()
        self.assertEqual(self.seen(bill, "yann"), ALL)
        bill.write(
            {
                "invoice_line_ids": [
                    Command.create(
                        self._document_line("in_invoice", self.activities[2], 5)
                    )
                ]
            }
        )
        self.assertEqual(self.seen(bill, "ines"), ALL)
        self.assertEqual(self.seen(bill, "yann"), set())

    def test_who_took_an_activity_over_sees_no_bill_from_before(self):
        first = self.activities[0]
        old = self.bill([(first, 10, None)], "2025-11-20", cae_activity_id=first.id)
        new = self.bill([(first, 10, None)], "2026-01-02", cae_activity_id=first.id)
        other = self.env["res.partner"].create({"name": "Doctor of Léa"})
        old.button_draft()
        old.partner_id = other
        old.action_post()
        self.assertEqual(self.seen(old, "ines"), set())
        self.assertEqual(self.seen(new, "ines"), ALL)
        desk = self.desk()
        self.assertEqual(desk._suppliers(desk._buyer()), self.shop)

    def test_the_home_leads_to_no_page_that_is_not_there(self):
        bill = self.declare(activity="T2")
        line = self._document_line("in_invoice", self.activities[2], 5)
        bill.invoice_line_ids = [Command.create(line)]
        bill.action_cae_send_back("Unreadable")
        for user, told in (("ines", True), ("yann", False)):
            tasks = self.desk(user).env["cae.home"]._of_user()["tasks"]
            shown = any(f"/bill/{bill.id}" in task["url"] for task in tasks)
            self.assertEqual(shown, told)
            page = self.desk(user)._document("bill", bill.id)
            self.assertEqual(bool(page), told)

    # Expenses of the office --------------------------------------------------

    def test_what_the_cooperative_paid_is_not_made_ones_own(self):
        card = self._expense(self.ines, 90, payment_mode="company_account")
        own = self._expense(self.ines, 90)
        desk = self.desk()
        for kind in ("_cae_may_change", "_cae_may_remove"):
            self.assertFalse(getattr(desk._document("expense", card.id), kind)())
            self.assertTrue(getattr(desk._document("expense", own.id), kind)())
        document = desk._document("expense", card.id)
        with self.assertRaisesRegex(UserError, "CAE-PURCHASE-STATE"):
            desk._change("expense", document, self.given("expense"), [])
        self.assertEqual(card.payment_mode, "company_account")

    def test_an_expense_in_another_currency_is_corrected_in_euros(self):
        dollars = self.env.ref("base.USD")
        dollars.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": dollars.id,
                "name": "2026-01-01",
                "rate": 2,
                "company_id": self.company.id,
            }
        )
        expense = self._expense(self.ines, 90, currency_id=dollars.id)
        desk = self.desk()
        document = desk._document("expense", expense.id)
        desk._change("expense", document, self.given("expense", amount="60"), [])
        self.assertEqual(
            (expense.total_amount, expense.currency_id), (60, self.company.currency_id)
        )

    # Limits --------------------------------------------------------------------

    def test_a_document_has_no_more_files_than_it_may(self):
        expense = self.declare("expense", files=[("a.png", PNG)] * (MOST_FILES - 1))
        desk = self.desk()
        document = desk._document("expense", expense.id)
        desk._take_back(document)
        given = self.given("expense")
        with (
            self.assertRaisesRegex(UserError, "CAE-PURCHASE-FILE"),
            self.cr.savepoint(),
        ):
            desk._change("expense", document, given, [("b.png", PNG)] * 2)
        desk._change("expense", document, given, [("b.png", PNG)])
        self.assertEqual(len(expense._cae_papers()), MOST_FILES)

    def test_a_day_has_its_limit(self):
        self.patch(cae_purchase, "MOST_A_DAY", 3)
        for _n in range(2):
            self.declare()
        self.declare("expense")
        for kind in ("bill", "expense", "mileage"):
            self.refused("CAE-PURCHASE-MANY", kind)
        self.assertTrue(self.declare(user="yann", activity="T2"))

    def test_texts_show_what_they_say(self):
        for odd in ("\u200b", "\u202e", "\u2066\ufeff", "\u2060 \u00ad"):
            self.refused("CAE-PURCHASE-TEXT", name=odd)
        self.assertEqual(one_line("fac\u202etxt\u2069ure", 50), "factxture")
        self.assertEqual(one_line("👩\u200d💻", 50), "👩\u200d💻")


@cae_tagged
@freeze_time("2026-03-20")
class TestPurchaseOddPages(HttpCase, AttackCommon):
    def get(self, path):
        return self.url_open(path).status_code

    def test_journeys_of_last_year_alone_are_shown(self):
        claim = self.declare("mileage")
        claim.date = "2025-12-30"
        self.env.flush_all()
        self.authenticate("buy_ines", "buy_ines")
        page = self.url_open("/my/purchases?show=mileage")
        self.assertEqual(page.status_code, 200)
        self.assertIn("December 2025", page.text)

    def test_what_the_office_emptied_is_no_error(self):
        bill, expense, claim = (self.declare(k) for k in ("bill", "expense", "mileage"))
        desk = self.desk()
        for kind, document in (("expense", expense), ("mileage", claim)):
            desk._take_back(desk._document(kind, document.id))
        bill.write({"invoice_date": False, "invoice_line_ids": [Command.clear()]})
        bill.action_cae_send_back("What is it?")
        expense.write({"date": False, "product_id": False})
        claim.write({"date": False})
        self.env.flush_all()
        self.authenticate("buy_ines", "buy_ines")
        for kind, document in (
            ("bill", bill),
            ("expense", expense),
            ("mileage", claim),
        ):
            for path in (
                f"?show={kind}",
                f"/{kind}/{document.id}",
                f"/{kind}/{document.id}/edit",
            ):
                self.assertEqual(self.get(f"/my/purchases{path}"), 200, path)

    def test_odd_addresses_are_no_error(self):
        self.authenticate("buy_ines", "buy_ines")
        self.declare("mileage")
        for path in (
            *(
                "/my/purchases?page=0",
                "/my/purchases?page=-1",
                "/my/purchases?page=99999",
            ),
            "/my/purchases?show=%00",
            "/my/accounts?activity=%00&statement=%00",
            "/my/accounts/ledger?activity=%00&month=%00&only=%00",
            *(
                f"/my/accounts/ledger?only={only}"
                for only in ("%C2%B2", "9" * 300, "%D9%A3")
            ),
            *(
                f"/my/accounts/ledger?month={m}"
                for m in ("9999-12", "0001-01", "2099-12", "2000-01")
            ),
            "/my/accounts/internal?activity=%00",
            *("/my/cooperative/account?year=%00", "/my/cooperative?x=%00"),
            "/my?activity=%00",
            *(
                f"/my/purchases/mileage/amount?date=2026-03-01&vehicle=car&power=5&distance={n}"
                for n in ("99999", "%00", "1e9", "%F0%9D%9F%99")
            ),
        ):
            self.assertEqual(self.get(path), 200, path)
        for path in (
            f"/my/accounts/entry/{MANY}",
            f"/my/accounts/entry/{MANY}/pdf",
            f"/my/accounts/entry/1/file/{MANY}",
            f"/my/accounts/entry/{MANY}/file/1",
            "/my/accounts/ledger.csv?activity=%00",
            "/my/accounts/ledger.xlsx?activity=T9",
        ):
            self.assertEqual(self.get(path), 404, path)

    def test_files_where_texts_are_expected_are_no_error(self):
        self.authenticate("buy_ines", "buy_ines")
        token = http.Request.csrf_token(self)
        for path, names in {
            "/my/purchases": ("show", "page"),
            "/my/purchases/bill/declare": ("key", "name", "date"),
            "/my/accounts": ("activity", "statement"),
            "/my/accounts/ledger": ("activity", "month", "only"),
            "/my": ("activity",),
        }.items():
            for name in names:
                answer = self.url_open(
                    path, data={"csrf_token": token}, files={name: ("a.png", PNG)}
                )
                self.assertEqual(answer.status_code, 200, (path, name))
