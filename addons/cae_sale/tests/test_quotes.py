import base64
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user

from odoo.addons.cae_base.tests.common import cae_tagged
from odoo.addons.cae_base.tests.isolation import IsolationWalk
from odoo.addons.cae_base.tests.test_purchases import taken

from .quotes_common import QuotesCommon

PDF = base64.b64encode(b"%PDF-1.4 signed").decode()


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestQuotes(IsolationWalk, QuotesCommon):
    """Quotes through the door of the portal."""

    # ------------------------------------------------------------------
    # Drafts
    # ------------------------------------------------------------------

    def test_draft_is_an_ordinary_quotation_of_the_activity(self):
        key = self._new(
            ("333.33", "3", "10"),
            reference="PO 7",
            mentions="Half now\n<b>half</b> later",
            validity="2026-04-30",
        )
        order = self._order(key)
        self.assertEqual(order.cae_activity_id, self.activities[0])
        self.assertEqual((order.state, order.partner_id.id), ("draft", self.customer))
        self.assertRegex(order.name, r"^S\d+")
        self.assertEqual(order.company_id, self.company)
        self.assertEqual(order.currency_id, self.company.currency_id)
        self.assertEqual(order.validity_date, date(2026, 4, 30))
        self.assertFalse(order.user_id)
        self.assertTrue(order.require_signature)
        self.assertFalse(order.require_payment)
        self.assertNotIn(self.users["ines"].partner_id, order.message_partner_ids)
        line = order.order_line
        self.assertEqual(line.analytic_distribution, self._tag(self.activities[0]))
        self.assertEqual(line.tax_ids, self.vat_services)
        told = self.door().quote(key)
        self.assertEqual(told["mentions"], "Half now\n<b>half</b> later")
        self.assertEqual(told["reference"], "PO 7")
        self.assertEqual((told["untaxed"], told["total"]), (899.99, 1079.99))

    def test_totals_while_typing_are_those_of_the_quote(self):
        values = self._values(("33.33", "3"), ("0.05", "1", "5"))
        totals = self.door().totals(values)
        order = self._order(self.door().save_quote(values))
        self.assertAlmostEqual(totals["untaxed"], order.amount_untaxed, 4)
        self.assertAlmostEqual(totals["total"], order.amount_total, 4)

    def test_goods_and_services_are_told_apart(self):
        values = self._values()
        values["lines"][0]["tax"] = self.vat_goods.id
        order = self._order(self.door().save_quote(values))
        self.assertEqual(order.order_line.product_id.type, "consu")

    def test_values_are_checked_and_nothing_is_written(self):
        before = self.env["sale.order"].search_count([])
        for code, values in (
            ("CAE-INVOICE-CUSTOMER", self._values(customer=0)),
            ("CAE-INVOICE-NUMBER", self._values(("abc",))),
            ("CAE-INVOICE-DATE", self._values(validity="soon")),
            ("CAE-QUOTE-VALIDITY", self._values(validity="2026-03-19")),
            ("CAE-INVOICE-TERM", self._values(term=999999)),
            ("CAE-INVOICE-VALUE", "x"),
        ):
            self.assertRefused(code, self.door().save_quote, values)
        self.assertEqual(self.env["sale.order"].search_count([]), before)

    def test_values_that_are_not_offered_are_left_out(self):
        values = self._values(state="sale", user_id=2, cae_accepted_on="2026-01-01")
        order = self._order(self.door().save_quote(values))
        self.assertEqual((order.state, order.cae_accepted_on), ("draft", False))

    def test_form_that_is_sent_twice_makes_one_quote(self):
        first = self._new(key="a" * 32)
        self.assertEqual(self._new(("7",), key="a" * 32), first)
        self.assertEqual(self._order(first).amount_untaxed, 7)

    def test_draft_is_changed_and_deleted(self):
        key = self._new(validity="2026-04-30")
        self.assertEqual(self._new(("7",), ("8",), id=key), key)
        self.assertEqual(self._order(key).amount_untaxed, 15)
        # An empty day leaves what was agreed.
        self.assertEqual(self._order(key).validity_date, date(2026, 4, 30))
        self.assertTrue(self.door().remove_quote(key))
        self.assertFalse(self._order(key).exists())

    # ------------------------------------------------------------------
    # Whose they are
    # ------------------------------------------------------------------

    def test_quotes_of_before_the_holder_came_are_not_theirs(self):
        before = self._accepted()
        first = self.activities[0]
        first.share_ids = [
            Command.update(first.share_ids.id, {"date_end": "2026-03-19"}),
            *(
                Command.create(
                    {"entrepreneur_id": p.id, "share": 50, "date_start": "2026-03-20"}
                )
                for p in (self.ines, self.yann)
            ),
        ]
        self._order(before).date_order = "2026-03-19 22:00:00"
        after = self._accepted()
        self.env.flush_all()
        both, theirs = self.door().quotes("T1"), self.door("yann").quotes("T1")
        self.assertEqual({row["id"] for row in both["documents"]}, {before, after})
        self.assertEqual([row["id"] for row in theirs["documents"]], [after])
        self.assertEqual(theirs["count"], 1)
        door = self.door("yann")
        for call in (door.quote, door.duplicate_quote, door.undo_quote):
            self.assertRefused("CAE-INVOICE-ACCESS", call, before)
        for user, keys in (("ines", {before, after}), ("yann", {after})):
            home = self.env["cae.home"].with_user(self.users[user])
            home = home.with_company(self.company)._of_user("T1")
            urls = {row["url"] for row in home["tasks"] if "/quotes/" in row["url"]}
            self.assertEqual(urls, {f"/my/invoicing/quotes/{key}" for key in keys})

    def test_who_accepted_a_quote_stays_who_they_are(self):
        key = self._new()
        self.door().save_customer(self._customer(id=self.customer, name="Le Roux SARL"))
        self.door().accept_quote(key)
        changed = self._customer(id=self.customer, name="Somebody Else")
        self.assertRefused("CAE-CUSTOMER-ISSUED", self.door().save_customer, changed)
        self.assertTrue(self.door().customer(self.customer)["identity_fixed"])
        self.door().undo_quote(key)
        self.assertTrue(self.door().save_customer(changed))

    def test_a_customer_with_quotes_of_others_is_not_changed(self):
        order = self._order(self._new()).sudo()
        order.copy({"cae_activity_id": self.activities[2].id})
        changed = self._customer(id=self.customer, email="mine@example.com")
        self.assertRefused("CAE-CUSTOMER-SHARED", self.door().save_customer, changed)

    # ------------------------------------------------------------------
    # To the customer
    # ------------------------------------------------------------------

    def test_sent_with_its_pdf_and_the_page_to_sign(self):
        key = self._new()
        self.door().send_quote(key)
        order = self._order(key)
        self.assertEqual(order.state, "sent")
        mail = self.env["mail.mail"].search([("model", "=", "sale.order")], limit=1)
        self.assertEqual(mail.recipient_ids.ids, [self.customer])
        self.assertIn("Test 1", mail.subject)
        self.assertIn(f"/my/orders/{key}?access_token=", mail.body_html)
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertEqual(self.door().quote(key)["state"], "quoted")
        self.assertRefused("CAE-QUOTE-MAILED", self.door().send_quote, key)
        self.assertRefused("CAE-QUOTE-STATE", self._new, id=key)
        self.assertRefused("CAE-QUOTE-STATE", self.door().remove_quote, key)

    def test_emails_of_a_day_are_counted(self):
        first, second = self._new(), self._new()
        with patch("odoo.addons.cae_base.models.cae_invoicing_step.DAILY", 1):
            self.assertTrue(self.door().send_quote(first))
            self.env.flush_all()
            self.assertRefused("CAE-INVOICE-MANY", self.door().send_quote, second)
        self.assertEqual(self._order(second).state, "draft")

    def test_what_is_not_sent(self):
        self.assertRefused("CAE-QUOTE-EMPTY", self.door().send_quote, self._new(("0",)))
        key = self._new(validity="2026-03-25")
        with freeze_time("2026-03-26 10:00:00"):
            self.assertRefused("CAE-QUOTE-EXPIRED", self.door().send_quote, key)
        poor = self.door().save_customer(self._customer(name="Poor", email=""))
        key = self._new(customer=poor)
        self.assertRefused("CAE-INVOICE-EMAIL", self.door().send_quote, key)
        self.assertEqual(self._order(key).state, "draft")

    def test_taken_back_it_is_not_signed_meanwhile(self):
        key = self._new()
        self.door().send_quote(key)
        order = self._order(key)
        self.assertTrue(order._has_to_be_signed())
        self.door().undo_quote(key)
        self.assertEqual(order.state, "draft")
        self.assertFalse(order._has_to_be_signed())
        self._new(("5",), id=key)
        # The customer has a copy: it is lost, and not deleted.
        self.assertRefused("CAE-QUOTE-SENT", self.door().remove_quote, key)

    def test_expired(self):
        key = self._new(validity="2026-03-25")
        self.door().send_quote(key)
        with freeze_time("2026-03-26 10:00:00"):
            self.assertEqual(self.door().quote(key)["state"], "expired")
            self.assertEqual(self.door().quotes(state="expired")["count"], 1)
            self.assertEqual(self.door().quotes(state="quoted")["count"], 0)

    def test_accepted_on_paper(self):
        key = self._new()
        for code, values in (
            ("CAE-QUOTE-DATE", {"day": "2026-03-21"}),
            ("CAE-INVOICE-DATE", {"day": "yesterday"}),
            ("CAE-QUOTE-FILE", {"files": [{"name": "x.pdf", "content": "PGh0bWw+"}]}),
            ("CAE-QUOTE-FILE", {"files": [{"name": "x.pdf"}] * 6}),
            ("CAE-QUOTE-FILE", {"files": "x"}),
        ):
            self.assertRefused(code, self.door().accept_quote, key, **values)
        scan = {"name": "C:\\scan.exe", "content": PDF}
        self.door().accept_quote(key, day="2026-03-18", files=[scan])
        told = self.door().quote(key)
        self.assertEqual((told["state"], told["accepted"]), ("accepted", "2026-03-18"))
        self.assertEqual([p["name"] for p in told["papers"]], ["scan.pdf"])
        self.assertEqual(self._order(key).state, "sale")
        self.assertRefused("CAE-QUOTE-STATE", self.door().accept_quote, key)
        self.door().undo_quote(key)
        told = self.door().quote(key)
        self.assertEqual((told["state"], told["accepted"]), ("draft", ""))
        self.assertFalse(told["papers"])

    def test_photo_of_a_signed_quote_is_kept_without_its_place(self):
        key = self._new()
        photo = {"name": "a.jpg", "content": base64.b64encode(taken()).decode()}
        self.door().accept_quote(key, files=[photo])
        paper = self.door()._papers(self.door()._quote(key))
        self.assertEqual(paper.mimetype, "image/jpeg")
        self.assertNotIn(b"MAKER", paper.raw)

    def test_accepted_it_keeps_its_date(self):
        key = self._new()
        self._order(key).date_order = "2026-03-02 09:00:00"
        self.door().accept_quote(key)
        quote = self.door().quote(key)
        self.assertEqual(
            (quote["date"], quote["accepted"]), ("2026-03-02", "2026-03-20")
        )

    def test_lost_with_a_reason_and_undone(self):
        key = self._new()
        self.door().send_quote(key)
        self.assertRefused("CAE-QUOTE-REASON", self.door().refuse_quote, key, " ")
        self.door().refuse_quote(key, "Too dear")
        told = self.door().quote(key)
        self.assertEqual((told["state"], told["lost_reason"]), ("lost", "Too dear"))
        self.assertEqual(self._order(key).state, "cancel")
        self.door().undo_quote(key)
        told = self.door().quote(key)
        self.assertEqual((told["state"], told["lost_reason"]), ("draft", ""))

    def test_signed_on_line_is_not_undone(self):
        key = self._new()
        order = self._order(key)
        order.write({"signature": PIXEL, "signed_by": "Mme Le Roux"})
        order.action_confirm()
        self.assertRefused("CAE-QUOTE-SIGNED", self.door().undo_quote, key)
        self.door().refuse_quote(key, "Gave it up")
        self.assertEqual(order.state, "cancel")

    def test_copy(self):
        key = self._accepted(("100", "2", "5"), mentions="Net", reference="PO")
        copy = self.door().duplicate_quote(key)
        order = self._order(copy)
        self.assertEqual((order.state, order.amount_untaxed), ("draft", 190))
        self.assertFalse(order.client_order_ref)

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------

    def test_whole_becomes_a_draft_that_the_cooperative_validates(self):
        key = self._accepted(("333.33", "3", "10"), mentions="Net", reference="PO 7")
        invoice = self._move(self.door().invoice_quote(key))
        self.assertEqual((invoice.state, invoice.cae_validation), ("draft", "draft"))
        self.assertEqual(invoice.amount_total, self._order(key).amount_total)
        self.assertEqual(invoice.ref, "PO 7")
        self.assertEqual(invoice.cae_activity_id, self.activities[0])
        self.assertEqual(invoice.cae_quote_id.id, key)
        self.assertEqual(self.door().document(invoice.id)["quote"]["id"], key)
        told = self.door().quote(key)
        self.assertEqual((told["state"], told["invoiced"]), ("invoiced", 1079.99))
        # Pressed twice, it is the same one; nothing of the quote moves any more.
        self.assertEqual(self.door().invoice_quote(key), invoice.id)
        self.assertRefused("CAE-QUOTE-INVOICED", self.door().undo_quote, key)
        self.assertRefused("CAE-QUOTE-INVOICED", self.door().refuse_quote, key, "x")
        self.assertRefused("CAE-QUOTE-INVOICED", self.door().invoice_quote, key, "30")
        self.assertEqual(self._order(key).invoice_status, "invoiced")
        self.assertEqual(self._order(key).invoice_ids, invoice)
        self._validate(invoice.id)
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(
            invoice.invoice_line_ids.analytic_distribution,
            self._tag(self.activities[0]),
        )

    def test_deleted_draft_frees_the_quote(self):
        key = self._accepted()
        self.door().remove(self.door().invoice_quote(key))
        self.assertEqual(self.door().quote(key)["state"], "accepted")
        self.assertEqual(self._order(key).invoice_status, "to invoice")
        self.door().undo_quote(key)
        self.assertEqual(self._order(key).state, "draft")

    def test_deposits_are_taken_off_the_whole(self):
        values = self._values(("100.05",), ("33.33",))
        values["lines"][1]["tax"] = self.reduced.id
        key = self.door().save_quote(values)
        self.door().accept_quote(key)
        for percent in ("0", "100", "-5", "120"):
            self.assertRefused(
                "CAE-QUOTE-PERCENT", self.door().invoice_quote, key, percent
            )
        self.assertRefused("CAE-INVOICE-NUMBER", self.door().invoice_quote, key, "x")
        deposit = self.door().invoice_quote(key, "30", "k" * 32)
        self.assertEqual(self.door().invoice_quote(key, "30", "k" * 32), deposit)
        move = self._move(deposit)
        # Half a cent is rounded up, rate by rate: 30.015 and 9.999.
        self.assertEqual(
            sorted(move.invoice_line_ids.mapped("price_subtotal")), [10.0, 30.02]
        )
        self.assertTrue(move.cae_deposit)
        self.assertEqual(self.door().quote(key)["state"], "accepted")
        self.assertRefused("CAE-QUOTE-PERCENT", self.door().invoice_quote, key, "70")
        # Not validated yet, it cannot be taken off.
        self.assertRefused("CAE-QUOTE-DEPOSIT", self.door().invoice_quote, key)
        self._validate(deposit)
        final = self._move(self.door().invoice_quote(key))
        order = self._order(key)
        self.assertEqual(
            self.env.company.currency_id.round(
                final.amount_untaxed + move.amount_untaxed
            ),
            order.amount_untaxed,
        )
        self.assertEqual(len(self.door().quote(key)["documents"]), 2)
        self._validate(final.id)
        self.assertEqual(final.state, "posted")

    def test_credited_invoice_may_be_made_again(self):
        key = self._accepted()
        invoice = self._validate(self.door().invoice_quote(key))
        credit = self._move(self.door().ask_credit(invoice.id, "Wrong"))
        credit.with_user(self.users["accountant"]).action_cae_validate()
        (invoice + credit).line_ids.filtered(
            lambda ln: ln.account_type == "asset_receivable" and not ln.reconciled
        ).reconcile()
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertEqual(self.door().quote(key)["state"], "accepted")
        self.assertNotEqual(self.door().invoice_quote(key), invoice.id)

    def test_what_is_not_accepted_is_not_invoiced(self):
        key = self._new()
        self.assertRefused("CAE-QUOTE-STATE", self.door().invoice_quote, key)
        self.door().refuse_quote(key, "x")
        self.assertRefused("CAE-QUOTE-STATE", self.door().invoice_quote, key)

    def test_cooperative_invoices_a_quote_by_odoos_own_button(self):
        key = self._accepted(("100",))
        order = self._order(key)
        invoice = order._create_invoices()
        self.assertEqual(invoice.cae_activity_id, self.activities[0])
        self.assertEqual(invoice.cae_quote_id, order)
        self.assertEqual(
            invoice.invoice_line_ids.analytic_distribution,
            self._tag(self.activities[0]),
        )
        self.assertRefused("CAE-QUOTE-INVOICED", self.door().undo_quote, key)
        # And not once more what was invoiced from the portal.
        other = self._accepted(("50",))
        self.door().invoice_quote(other)
        with self.assertRaisesRegex(Exception, "invoice"), self.env.cr.savepoint():
            self._order(other)._create_invoices()

    def test_home_asks_for_the_invoice_of_an_accepted_quote(self):
        key = self._accepted()
        home = self.env["cae.home"].with_user(self.users["ines"])
        home = home.with_company(self.company)
        page = f"/my/invoicing/quotes/{key}"
        self.assertIn(page, [task["url"] for task in home._of_user()["tasks"]])
        self.door().invoice_quote(key)
        self.assertNotIn(page, [task["url"] for task in home._of_user()["tasks"]])

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    def test_list_by_state_and_search(self):
        draft, lost = self._new(("1",)), self._new(("2",))
        accepted, invoiced = self._accepted(("4",)), self._accepted(("8",))
        self.door().refuse_quote(lost, "x")
        self.door().invoice_quote(invoiced)
        found = self.door().quotes()
        self.assertEqual(found["count"], 4)
        self.assertEqual(found["total"], 18)
        for state, key in (
            ("draft", draft),
            ("lost", lost),
            ("accepted", accepted),
            ("invoiced", invoiced),
        ):
            rows = self.door().quotes(state=state)["documents"]
            self.assertEqual([row["id"] for row in rows], [key], state)
            self.assertEqual([row["state"] for row in rows], [state])
            self.assertEqual(found["states"][state], 1)
        number = self._order(draft).name
        self.assertEqual(self.door().quotes(search=number)["count"], 1)
        self.assertEqual(self.door().quotes(search="Le Roux")["count"], 4)
        self.assertEqual(self.door().quotes(search="nobody")["count"], 0)

    def test_list_takes_few_queries(self):
        for number in range(12):
            self.door().invoice_quote(self._accepted((str(number + 1),)))
        self.env.flush_all()
        self.env.invalidate_all()
        door = self.door()
        door.quotes()
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            self.assertEqual(door.quotes()["count"], 12)

    def test_odd_arguments_are_no_crash(self):
        for odd in (True, False, None, "1", -1, 2**40, 1.5, [], {}):
            with self.assertRaises(AccessError):
                self.door().quote(odd)
        self.assertFalse(self.door().quotes(search="%", state="x")["documents"])

    # ------------------------------------------------------------------
    # Whose they are
    # ------------------------------------------------------------------

    def _every_call(self, key):
        values = self._values(id=key)
        return (
            ("quote", (key,)),
            ("save_quote", (values,)),
            ("send_quote", (key,)),
            ("accept_quote", (key,)),
            ("refuse_quote", (key, "x")),
            ("undo_quote", (key,)),
            ("duplicate_quote", (key,)),
            ("remove_quote", (key,)),
            ("invoice_quote", (key,)),
            ("_quote_pdf", (key,)),
        )

    def _assert_closed(self, user, key):
        for name, arguments in self._every_call(key):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(self.door(user), name)(*arguments)
        self.assertFalse(self.door(user).quotes()["documents"])

    def test_quotes_of_others_do_not_exist(self):
        key = self._accepted()
        self._assert_closed("yann", key)
        self.assertEqual(self._order(key).state, "sale")

    def test_both_holders_of_a_shared_activity_have_its_quotes(self):
        customer = self.door().save_customer(self._customer(activity="T2"))
        key = self._new(activity="T2", customer=customer)
        self.assertEqual(self.door("yann").quote(key)["activity"], "T2")
        self.door("yann").accept_quote(key)
        move = self.door("yann").invoice_quote(key)
        self.assertEqual(self.door().document(move)["quote"]["id"], key)

    def test_customer_of_another_activity_is_refused(self):
        customer = self.door().save_customer(self._customer(activity="T2"))
        self.assertRefused("CAE-INVOICE-CUSTOMER", self._new, customer=customer)

    def test_former_holder_sees_and_does_nothing(self):
        key = self._accepted()
        share = self.activities[0].share_ids
        after = {"entrepreneur_id": self.yann.id, "date_start": "2026-03-20"}
        self.activities[0].share_ids = [
            Command.update(share.id, {"date_end": "2026-03-19"}),
            Command.create(after),
        ]
        self.env.flush_all()
        self._assert_closed("ines", key)
        self.assertEqual(self.door("yann").quote(key)["state"], "accepted")

    def test_customers_the_public_and_the_office_have_no_door(self):
        key = self._new()
        customer = new_test_user(self.env, "quote_customer", "base.group_portal")
        for user in (customer, self.env.ref("base.public_user")):
            self._assert_closed(user, key)
        self._assert_closed("accountant", key)

    def test_portal_users_have_the_door_alone(self):
        key = self._new()
        for user in ("ines", "yann"):
            orders = self.env["sale.order"].with_user(self.users[user])
            self.assertFalse(orders.search([]))
            with self.assertRaises(AccessError):
                orders.browse(key).read(["name"])
            with self.assertRaises(AccessError):
                orders.browse(key).write({"client_order_ref": "x"})
        accountant = self.users["accountant"]
        self.assertTrue(self._order(key).with_user(accountant).name)
        coach = self._user("quote_coach", "group_coach")
        with self.assertRaises(AccessError):
            self._order(key).with_user(coach).read(["name"])

    def test_customer_reads_nothing_of_what_is_said_about_it(self):
        key = self._new()
        self.door().send_quote(key)
        self.door().refuse_quote(key, "Zorglub never pays")
        customer = new_test_user(self.env, "quote_own", "base.group_portal")
        customer.partner_id.parent_id = self.customer
        self.env.flush_all()
        order = self._order(key).with_user(customer)
        self.assertTrue(order.read(["name"]))
        self.assertEqual(self.readable(customer), {})

    def test_nothing_of_a_quote_is_read_or_told(self):
        key = self._accepted(reference=self.WORD, mentions=self.WORD)
        self.door().refuse_quote(key, self.WORD)
        stranger = new_test_user(self.env, "quote_stranger", "base.group_portal")
        self.env.flush_all()
        for user in (self.users["yann"], stranger):
            with self.subTest(user.login):
                self.assertEqual(self.readable(user), {})
                self.assertEqual(self.told(user), set())

    def test_drafts_of_the_office_stay_out_of_sight(self):
        seller = new_test_user(
            self.env,
            "quote_seller",
            "sales_team.group_sale_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        order = (
            self.env["sale.order"]
            .with_user(seller)
            .create(
                {
                    "partner_id": self.customer,
                    "company_id": self.company.id,
                    "order_line": [
                        Command.create(
                            {"product_id": self.product_a.id, "price_unit": 5}
                        )
                    ],
                }
            )
        )
        self.assertEqual(order.cae_activity_id, self.activities[0])
        self.assertEqual(
            order.order_line.analytic_distribution, self._tag(self.activities[0])
        )
        self.assertFalse(self.door().quotes()["count"])
        order.action_quotation_sent()
        self.assertEqual(self.door().quotes()["count"], 1)

    def test_activity_and_quote_are_of_one_company(self):
        order = self._order(self._new())
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.company_id = other


#: A picture of one dot.
PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    b"gg=="
)
