from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user

from odoo.addons.cae_base.tests.common import cae_tagged

from .quotes_common import QuotesCommon
from .test_quotes import PDF, PIXEL


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestQuotesFigures(QuotesCommon):
    """What an accountant checks by hand: figures, and who may still bind whom."""

    def _mixed(self, **values):
        """100.05 at the usual rate and 33.34 at the reduced one, accepted."""
        given = self._values(("100.05",), ("3", "33.33", "66.66"), **values)
        given["lines"][1]["tax"] = self.reduced.id
        key = self.door().save_quote(given)
        self.door().accept_quote(key)
        return key

    def _rows(self, accounts):
        """Balances of T1 on accounts of these prefixes, debit positive."""
        found = self._balances("2026-12-31").get("T1", {})
        return {k: str(v) for k, v in found.items() if v and k.startswith(accounts)}

    # ------------------------------------------------------------------
    # The ledger
    # ------------------------------------------------------------------

    def test_ledger_of_deposit_rest_and_payments_to_the_cent(self):
        key = self._mixed()
        order = self._order(key)
        deposit = self._validate(self.door().invoice_quote(key, "33.33"))
        self._pay(deposit, day="2026-03-20")
        final = self._validate(self.door().invoice_quote(key))
        self._pay(final, day="2026-03-20")
        self.assertInvariant()
        documents = deposit + final
        self.assertAlmostEqual(
            sum(documents.mapped("amount_untaxed")), order.amount_untaxed, 4
        )
        sold = sum(map(float, self._rows("70").values()))
        self.assertAlmostEqual(-sold, order.amount_untaxed, 4)
        money = sum(map(float, self._rows("5").values()))
        self.assertAlmostEqual(money, sum(documents.mapped("amount_total")), 4)
        self.assertFalse(self._rows("41"))
        told = self.door().quote(key)
        self.assertAlmostEqual(told["invoiced"], money, 4)

    def test_deposit_of_an_amount_is_shared_by_the_rates(self):
        values = self._values(("10",), ("10",), ("10",))
        rates = (self.vat_services, self.reduced, self.vat_goods)
        for line, rate in zip(values["lines"], rates, strict=True):
            line["tax"] = rate.id
        key = self.door().save_quote(values)
        self.door().accept_quote(key)
        for amount in ("0", "-1", "30", "5000"):
            self.assertRefused(
                "CAE-QUOTE-PERCENT", self.door().invoice_quote, key, amount=amount
            )
        self.assertRefused(
            "CAE-INVOICE-NUMBER", self.door().invoice_quote, key, amount="x"
        )
        deposit = self._move(self.door().invoice_quote(key, amount="1,00"))
        shares = deposit.invoice_line_ids.mapped("price_subtotal")
        self.assertEqual(sorted(shares), [0.33, 0.33, 0.34])
        self.assertEqual(deposit.amount_untaxed, 1)
        self.assertEqual(
            deposit.invoice_line_ids.tax_ids, self.env["account.tax"].union(*rates)
        )
        self.assertNotIn("%", deposit.invoice_line_ids[0].name)

    def test_invoice_that_was_paid_and_credited_may_be_made_again(self):
        key = self._accepted()
        invoice = self._validate(self.door().invoice_quote(key))
        self._pay(invoice, day="2026-03-20")
        credit = self._move(self.door().ask_credit(invoice.id, "Wrong"))
        self.assertEqual(self.door().quote(key)["state"], "invoiced")
        credit.with_user(self.users["accountant"]).action_cae_validate()
        self.assertEqual(invoice.payment_state, "paid")
        told = self.door().quote(key)
        self.assertEqual((told["state"], told["invoiced"]), ("accepted", 0))
        self.assertEqual(self.door().quotes(state="accepted")["count"], 1)
        self.assertEqual(self._to_do(), 1)
        again = self.door().invoice_quote(key)
        self.assertEqual(self._to_do(), 0)
        self.assertNotEqual(again, invoice.id)
        self.assertEqual(self._move(again).amount_total, 120)

    def test_credited_part_counts(self):
        key = self._accepted(("100",), ("40",))
        invoice = self._validate(self.door().invoice_quote(key))
        line = invoice.invoice_line_ids[1]
        credit = self._move(self.door().ask_credit(invoice.id, "Less", [line.id]))
        self.assertEqual(self.door().quote(key)["invoiced"], 168)
        credit.with_user(self.users["accountant"]).action_cae_validate()
        told = self.door().quote(key)
        self.assertEqual((told["state"], told["invoiced"]), ("invoiced", 120))
        shown = [(row["id"], row["kind"]) for row in told["documents"]]
        self.assertEqual(
            sorted(shown), [(invoice.id, "invoice"), (credit.id, "credit")]
        )

    def test_final_invoice_waits_for_the_credit_note_of_a_deposit(self):
        key = self._accepted(("100",))
        deposit = self._validate(self.door().invoice_quote(key, "30"))
        credit = self.door().ask_credit(deposit.id, "Less work")
        self.assertRefused("CAE-QUOTE-DEPOSIT", self.door().invoice_quote, key)
        # Refused by the cooperative, it may still be sent again.
        move = self._move(credit).with_user(self.users["accountant"])
        move.action_cae_refuse("No")
        self.assertRefused("CAE-QUOTE-DEPOSIT", self.door().invoice_quote, key)
        self.door().remove(credit)
        final = self._move(self.door().invoice_quote(key))
        self.assertEqual(final.amount_total, 84)

    def test_rate_that_is_not_offered_is_never_replaced(self):
        key = self._mixed()
        self.company.cae_portal_tax_ids = self.vat_services
        self.assertRefused("CAE-QUOTE-TAX", self.door().invoice_quote, key)
        self.assertRefused("CAE-QUOTE-TAX", self.door().invoice_quote, key, "30")
        self.company.cae_portal_tax_ids += self.reduced
        invoice = self._move(self.door().invoice_quote(key))
        self.assertEqual(invoice.amount_total, self._order(key).amount_total)

    def _to_do(self):
        """How many quotes the home asks to invoice."""
        self.env.flush_all()
        home = self.env["cae.home"].with_user(self.users["ines"])
        tasks = home.with_company(self.company)._of_user()["tasks"]
        return len([task for task in tasks if "quote" in task["text"]])

    # ------------------------------------------------------------------
    # Invoices of the cooperative
    # ------------------------------------------------------------------

    def _ask_deposit_there(self, order):
        wizard = self.env["sale.advance.payment.inv"].sudo()
        wizard = wizard.with_context(active_model="sale.order", active_ids=order.ids)
        wizard.create(
            {"advance_payment_method": "percentage", "amount": 30}
        ).create_invoices()
        return order.invoice_ids

    def test_deposit_and_rest_by_the_cooperatives_buttons(self):
        key = self._accepted(("100",))
        order = self._order(key)
        deposit = self._ask_deposit_there(order)
        deposit.action_post()
        self.assertEqual(self.door().quote(key)["state"], "accepted")
        self.assertRefused("CAE-QUOTE-INVOICED", self.door().invoice_quote, key)
        self.assertRefused("CAE-QUOTE-INVOICED", self.door().undo_quote, key)
        rest = order._create_invoices(final=True)
        rest.action_post()
        self.assertEqual(deposit.amount_untaxed + rest.amount_untaxed, 100)
        self.assertEqual(self.door().quote(key)["state"], "invoiced")
        self.assertFalse(self.env["cae.ledger"]._unbalanced_entries(self.company))
        self.assertIn("Day of work", rest.invoice_line_ids.mapped("name"))

    def test_what_the_cooperative_cancelled_is_invoiced_here(self):
        key = self._accepted(("100",))
        self._order(key)._create_invoices().button_cancel()
        self.assertEqual(self.door().quote(key)["state"], "accepted")
        self.assertTrue(self.door().invoice_quote(key))

    # ------------------------------------------------------------------
    # What was signed
    # ------------------------------------------------------------------

    def test_signed_paper_outlives_the_undoing(self):
        key = self._new()
        scan = {"name": "scan.pdf", "content": PDF}
        self.door().accept_quote(key, files=[scan])
        order = self._order(key)
        self.door().undo_quote(key)
        self.assertFalse(self.door().quote(key)["papers"])
        kept = self.env["ir.attachment"].search(
            [("res_model", "=", "sale.order"), ("res_id", "=", key)]
        )
        self.assertEqual(kept.name, "scan.pdf")
        self.assertIn("scan.pdf", order.message_ids[:1].body)
        self.assertRefused("CAE-QUOTE-SENT", self.door().remove_quote, key)
        # Accepted again, it shows the new paper alone.
        self.door().accept_quote(key, files=[{**scan, "name": "second.pdf"}])
        papers = self.door().quote(key)["papers"]
        self.assertEqual([paper["name"] for paper in papers], ["second.pdf"])

    def test_quote_that_was_invoiced_is_not_deleted(self):
        key = self._accepted()
        invoice = self._validate(self.door().invoice_quote(key))
        credit = self._move(self.door().ask_credit(invoice.id, "Wrong"))
        credit.with_user(self.users["accountant"]).action_cae_validate()
        self.door().undo_quote(key)
        self.assertRefused("CAE-QUOTE-SENT", self.door().remove_quote, key)
        self.assertEqual(invoice.cae_quote_id.id, key)

    def test_link_that_was_sent_does_not_open_what_was_changed_since(self):
        key = self._new()
        self.door().send_quote(key)
        order = self._order(key)
        token = order.access_token
        self.door().undo_quote(key)
        self._new(("900",), id=key)
        self.assertNotEqual(order.access_token, token)
        with freeze_time("2026-03-20 10:10:00"):
            self.door().send_quote(key)
        mails = self.env["mail.mail"].search([("model", "=", "sale.order")])
        self.assertNotIn(token, mails.sorted("id")[-1].body_html)
        self.assertIn(order.access_token, mails.sorted("id")[-1].body_html)

    def test_nor_does_the_link_that_the_cooperative_sent(self):
        order = self._order(self._new())
        token = order._portal_ensure_token()
        self._new(("900",), id=order.id)
        self.assertNotEqual(order.access_token, token)

    # ------------------------------------------------------------------
    # Activities that ended
    # ------------------------------------------------------------------

    def test_activity_that_ended_offers_nothing_any_more(self):
        key, sent = self._new(), self._new()
        self.door().send_quote(sent)
        self.activities[0].date_end = "2026-03-19"
        self.env.flush_all()
        self.assertRefused("CAE-INVOICE-ACTIVITY", self.door().send_quote, key)
        self.assertRefused("CAE-INVOICE-ACTIVITY", self.door().accept_quote, key)
        self.assertFalse(self._order(sent)._has_to_be_signed())
        # What was said yes to while it was in business is told later.
        self.door().accept_quote(key, day="2026-03-19")
        self.assertEqual(self._order(key).state, "sale")

    def test_exit_warns_of_open_quotes(self):
        activity = self.activities[0]
        draft, lost, invoiced = self._new(), self._new(), self._accepted()
        self.door().refuse_quote(lost, "x")
        self._validate(self.door().invoice_quote(invoiced))
        exits = self.env["cae.activity.exit"].with_user(self.users["accountant"])
        leaving = exits.create({"activity_id": activity.id, "outcome": "pay"})
        self.assertNotIn("Open Quotes", leaving.file_html)
        sent, accepted = self._new(validity="2026-04-30"), self._accepted()
        self.door().send_quote(sent)
        leaving.invalidate_recordset()
        self.assertIn("Open Quotes", leaving.file_html)
        for key in (sent, accepted):
            self.assertIn(self._order(key).name, leaving.file_html)
        for key in (draft, lost, invoiced):
            self.assertNotIn(self._order(key).name, leaving.file_html)

    def test_activity_with_open_quotes_is_not_archived(self):
        key = self._new()
        self.door().send_quote(key)
        activity = self.activities[0].with_user(self.users["accountant"])
        with (
            self.assertRaisesRegex(UserError, "quotes neither invoiced nor lost: 1"),
            self.env.cr.savepoint(),
        ):
            activity.action_archive()
        self.door().refuse_quote(key, "We close")
        activity.action_archive()
        self.assertFalse(activity.active)

    # ------------------------------------------------------------------
    # Who is told
    # ------------------------------------------------------------------

    def _told(self, word):
        messages = self.env["mail.message"].sudo()
        return messages.search([("subject", "ilike", word)]).partner_ids

    def test_former_holder_is_not_told_what_the_customer_does(self):
        order = self._order(self._new())
        share = self.activities[0].share_ids
        after = {"entrepreneur_id": self.yann.id, "date_start": "2026-03-20"}
        self.activities[0].share_ids = [
            Command.update(share.id, {"date_end": "2026-03-19"}),
            Command.create(after),
        ]
        order.write({"signature": PIXEL, "signed_by": "Mme Le Roux"})
        order.action_confirm()
        self.assertEqual(self._told("Signed"), self.users["yann"].partner_id)

    def test_both_holders_are_told_of_a_quote_of_the_cooperative(self):
        customer = self.door().save_customer(self._customer(activity="T2"))
        order = self._order(self._new(activity="T2", customer=customer))
        order.cae_author_id = False
        order.write({"state": "sent", "signature": PIXEL, "signed_by": "Mme Le Roux"})
        order.action_confirm()
        both = self.users["ines"].partner_id + self.users["yann"].partner_id
        self.assertEqual(self._told("Signed"), both)

    # ------------------------------------------------------------------
    # What is read
    # ------------------------------------------------------------------

    def test_exempt_quote_says_why(self):
        self.vat_services.invoice_legal_notes = "<p>VAT not applicable, art. 261</p>"
        mentions = self._order(self._new())._cae_printed_mentions()
        self.assertEqual(mentions[0], "VAT not applicable, art. 261")
        self.assertIn("Issued by", mentions[1])

    def test_customer_with_a_login_reads_what_was_sent_alone(self):
        written, sent = self._new(), self._new()
        self.door().send_quote(sent)
        customer = new_test_user(self.env, "quote_login", "base.group_portal")
        customer.partner_id.parent_id = self.customer
        orders = self.env["sale.order"].with_user(customer)
        self.assertEqual(orders.search([]).ids, [sent])
        lines = self.env["sale.order.line"].with_user(customer)
        self.assertEqual(lines.search([]).order_id.ids, [sent])
        self.assertTrue(self._order(written).with_user(self.users["accountant"]).name)

    def test_states_are_counted_at_once(self):
        for state in range(3):
            self.door().send_quote(self._new(validity=f"2026-04-0{state + 1}"))
        self._accepted()
        self.env.flush_all()
        orders = self.env["sale.order"].sudo()
        domain = self.door()._quotes_domain(self.activities)
        with self.assertQueryCount(1):
            counts = self.door()._quote_counts(orders, domain)
        self.assertEqual((counts["quoted"], counts["accepted"]), (3, 1))
        with freeze_time("2026-04-03 10:00:00"):
            counts = self.door().quotes()["states"]
        self.assertEqual((counts["quoted"], counts["expired"]), (1, 2))
        self.assertEqual(sum(counts.values()), 4)
