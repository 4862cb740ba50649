import re

from odoo.tests import HttpCase, freeze_time, new_test_user

from odoo.addons.cae_base.tests.common import cae_tagged

from .quotes_common import QuotesCommon
from .test_quotes import PIXEL

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PLACE = "/my/invoicing/quotes"


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestQuotePages(QuotesCommon, HttpCase):
    """Pages of quotes, the addresses behind their buttons, and the customer's page."""

    def setUp(self):
        super().setUp()
        self.authenticate("invoicing_ines", "invoicing_ines")

    def _page(self, path, status=200):
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, status, path)
        return answer.text

    def _send(self, path, files=None, **form):
        token = TOKEN.search(self._page("/my/customers/new"))[1]
        return self.url_open(path, data={"csrf_token": token, **form}, files=files)

    def test_who_holds_no_activity_reads_why_nothing_shows(self):
        new = self._user("quotes_new", "group_entrepreneur")
        self.env["cae.entrepreneur"].create(
            {"first_name": "New", "last_name": "Test", "user_id": new.id}
        )
        self.authenticate("quotes_new", "quotes_new")
        for path in (PLACE, f"{PLACE}/new"):
            self.assertIn("You hold no activity today", self._page(path))

    def test_quote_is_made_for_a_new_customer_and_sent(self):
        self.assertIn("no quote yet", self._page(PLACE))
        form = {k: v or "" for k, v in self._customer(name="New & Co").items()}
        answer = self._send("/my/customers/save", **form, back="quote")
        self.assertIn(f"{PLACE}/new?customer=", answer.url)
        customer = answer.url.rpartition("=")[2]
        self.assertIn(f'value="{customer}" selected', answer.text)
        form = self._form("1 480,50", customer=customer, step="send", key="k" * 32)
        answer = self._send(f"{PLACE}/save", **form, validity="2026-05-01")
        self.assertIn("sign it on line", answer.text)
        key = int(answer.url.rpartition("/")[2])
        order = self._order(key)
        self.assertEqual((order.state, order.amount_untaxed), ("sent", 1480.5))
        self.assertEqual(str(order.validity_date), "2026-05-01")
        self.assertIn("New &amp; Co", self._page(f"{PLACE}?state=quoted"))
        # There is no page before the first.
        self.assertIn("New &amp; Co", self._page(f"{PLACE}/page/0"))
        self.assertIn("Make a quote", self._page(f"/my/customers/{customer}"))

    def test_home_leads_to_quotes_and_to_no_orders_of_nobody(self):
        page = self._page("/my")
        self.assertIn("Quotes to my customers", page)
        self.assertNotIn("Follow, view or pay your orders", page)
        self.assertIn("Quotes that the cooperative made for me", page)
        self.assertNotIn("Quotations to review", page)
        asked = re.findall(r'data-placeholder_count="(cae_[a-z]+_count)"', page)
        # Odoo shows the first tile of a counter alone.
        self.assertEqual(len(asked), len(set(asked)))
        given = {"counters": ["cae_quotes_count", "cae_order_count"]}
        found = self.make_jsonrpc_request("/my/counters", given)
        self.assertEqual(found, {"cae_quotes_count": 2, "cae_order_count": 0})
        order = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.users["ines"].partner_id.id,
                    "company_id": self.company.id,
                }
            )
        )
        order.action_confirm()
        self.env.flush_all()
        found = self.make_jsonrpc_request("/my/counters", given)
        self.assertEqual(found["cae_order_count"], 1)

    def test_what_was_typed_is_not_lost(self):
        form = self._form("abc", validity="2026-05-01", mentions="Half now")
        page = self._send(f"{PLACE}/save", **form).text
        for text in ("is no number", 'value="abc"', "2026-05-01", "Half now"):
            self.assertIn(text, page)

    def test_draft_is_changed_copied_printed_and_deleted(self):
        key = self._new()
        self.assertIn(f'name="quote" value="{key}"', self._page(f"{PLACE}/{key}/edit"))
        # A customer with a quote is not removed.
        page = self._page(f"/my/customers/{self.customer}")
        self.assertNotIn(f"{self.customer}/remove", page)
        self._send(f"{PLACE}/save", **self._form("7", quote=str(key)))
        self.assertEqual(self._order(key).amount_untaxed, 7)
        # The total of the form is asked for as that of an invoice.
        page = self._send("/my/invoicing/totals", **self._form("7", quote=str(key)))
        self.assertIn("8.40", page.text)
        answer = self._send(f"{PLACE}/{key}/duplicate")
        self.assertTrue(answer.url.endswith("/edit"))
        self.assertIn("This is a copy", answer.text)
        answer = self.url_open(f"{PLACE}/{key}/pdf")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        for text in (b"Test 1", b"Issued by", b"Good for agreement"):
            self.assertIn(text, answer.content)
        self.assertNotIn(b"Units", answer.content)
        self._send(f"{PLACE}/{key}/remove")
        self.assertFalse(self._order(key).exists())

    def test_pdf_of_what_nobody_signed_on_line(self):
        accepted, lost = self._accepted(), self._new()
        self.door().refuse_quote(lost, "Too dear")
        for key in (accepted, lost):
            paper = self._page(f"{PLACE}/{key}/pdf")
            self.assertIn(self._order(key).name, paper)
            self.assertNotIn("Good for agreement", paper)
        # An order of the cooperative's own.
        other = {"partner_id": self.env.user.partner_id.id, "cae_activity_id": False}
        order = self._order(accepted).sudo().copy(other)
        self.assertFalse(order.cae_activity_id)
        reports = self.env["ir.actions.report"].sudo()
        paper, _kind = reports._render_qweb_html("sale.report_saleorder", order.ids)
        self.assertIn(order.name.encode(), paper)

    def test_accepted_on_paper_and_invoiced_in_part(self):
        key = self._new()
        scan = {"files": ("scan.pdf", b"%PDF-1.4 signed", "application/pdf")}
        path = f"{PLACE}/{key}/accept"
        self.assertIn('value="2026-03-20"', self._page(path))
        page = self._send(path, day="2026-03-21").text
        self.assertIn("still to come", page)
        page = self._send(path, {"files": ("x.pdf", b"<html>")}, day="").text
        self.assertIn("file is not taken", page)
        answer = self._send(path, scan, day="2026-03-18")
        self.assertIn("You can now invoice it", answer.text)
        paper = re.search(rf"{PLACE}/{key}/paper/\d+", answer.text)[0]
        answer = self.url_open(paper)
        self.assertEqual(answer.content, b"%PDF-1.4 signed")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        path = f"{PLACE}/{key}/invoice"
        self.assertIn("deposit", self._page(path))
        page = self._send(path, kind="percent", percent="").text
        self.assertIn("less than the whole", page)
        answer = self._send(path, kind="percent", percent="30", key="d" * 32)
        self.assertIn("look at it, then send it", answer.text)
        self.assertIn("Deposit of 30 %", answer.text)
        self.assertIn(f"{PLACE}/{key}", answer.text)
        self.assertIn("36.00", self._page(f"{PLACE}/{key}"))
        answer = self._send(path, kind="amount", amount="12,50", key="e" * 32)
        self.assertIn("12.50", answer.text)

    def test_lost_and_undone(self):
        key = self._new()
        self.assertIn("Why?", self._page(f"{PLACE}/{key}/lose"))
        answer = self._send(f"{PLACE}/{key}/lose", reason="Too dear")
        self.assertIn("Too dear", answer.text)
        self.assertIn("Take it up again", answer.text)
        answer = self._send(f"{PLACE}/{key}/undo")
        self.assertIn("One step back", answer.text)
        self.assertEqual(self._order(key).state, "draft")

    # ------------------------------------------------------------------
    # The customer's page
    # ------------------------------------------------------------------

    def _sent(self):
        key = self._new()
        self.door().send_quote(key)
        return self._order(key)

    def test_customer_signs_on_odoos_page(self):
        order = self._sent()
        address = order.get_portal_url()
        self.authenticate(None, None)
        page = self._page(address)
        self.assertIn("Day of work", page)
        self.assertNotIn('id="portal_connect_software_modal_btn"', page)
        self.assertNotIn("Units", page)
        token = order.access_token
        path = f"/my/orders/{order.id}/accept"
        given = {"name": "Mme Le Roux", "signature": PIXEL.decode()}
        answer = self.make_jsonrpc_request(path, {"access_token": "x", **given})
        self.assertTrue(answer["error"])
        answer = self.make_jsonrpc_request(path, {"access_token": token, **given})
        self.assertNotIn("error", answer)
        self.assertEqual(order.state, "sale")
        told = self.door().quote(order.id)
        self.assertEqual(
            (told["state"], told["signed_by"]), ("accepted", given["name"])
        )
        self.assertEqual(told["accepted"], "2026-03-20")
        self.assertTold(f"Signed: quote {order.name}")
        # No button for what is refused.
        self.authenticate("invoicing_ines", "invoicing_ines")
        page = self._page(f"{PLACE}/{order.id}")
        self.assertIn("Mme Le Roux", page)
        paper = self._page(f"{PLACE}/{order.id}/pdf")
        self.assertIn(f"Quote {order.name}", " ".join(paper.split()))
        self.assertNotIn("Order Date", paper)
        self.assertNotIn(f"{PLACE}/{order.id}/undo", page)

    def test_customer_says_no_on_odoos_page(self):
        order = self._sent()
        address = order.get_portal_url()
        self.authenticate(None, None)
        token = TOKEN.search(self._page(address))[1]
        form = {"csrf_token": token, "access_token": order.access_token}
        path = f"/my/orders/{order.id}/decline"
        self.url_open(path, data={**form, "access_token": "x", "decline_message": "x"})
        self.assertEqual(order.state, "sent")
        self.url_open(path, data={**form, "decline_message": "Next year"})
        self.assertEqual((order.state, order.cae_lost_reason), ("cancel", "Next year"))
        self.assertTold(f"Refused: quote {order.name}")

    def assertTold(self, subject):
        """A message to Inès alone, which the page of the quote does not show."""
        messages = self.env["mail.message"].sudo()
        message = messages.search([("subject", "=", subject)])
        self.assertEqual(message.partner_ids, self.users["ines"].partner_id)
        self.assertFalse(message.model)

    def test_what_is_being_written_again_cannot_be_signed(self):
        order = self._sent()
        address = order.get_portal_url()
        self.assertIn("sale_order_actions", self._page(address))
        self.door().undo_quote(order.id)
        self.env.flush_all()
        self.assertNotIn("sale_order_actions", self._page(address))

    def test_entrepreneurs_are_no_customers_of_their_quotes(self):
        order = self._sent()
        self.assertNotIn(order.name, self._page("/my/quotes"))
        self.assertIn(order.name, self._page(PLACE))

    # ------------------------------------------------------------------
    # Whose they are
    # ------------------------------------------------------------------

    def test_nothing_is_anybody_elses(self):
        other = self.door("yann").save_customer(self._customer(activity="T3"))
        key = self._new(user="yann", activity="T3", customer=other)
        scan = [{"name": "x.pdf", "content": "JVBERi0xLjQ="}]
        self.door("yann").accept_quote(key, files=scan)
        paper = self.door("yann").quote(key)["papers"][0]["id"]
        ends = ("", "/edit", "/pdf", "/accept", "/lose", "/invoice", f"/paper/{paper}")
        for path in (*(f"{PLACE}/{key}{end}" for end in ends),):
            self._page(path, 404)
        mine = self._new()
        self._page(f"{PLACE}/{mine}/paper/{paper}", 404)
        self._page(f"{PLACE}/new?customer={other}", 404)
        self._page(f"/web/content/{paper}", 404)
        steps = ("send", "undo", "duplicate", "remove", "accept", "lose", "invoice")
        for step in steps:
            answer = self._send(f"{PLACE}/{key}/{step}", reason="x")
            self.assertEqual(answer.status_code, 404, step)
        for form in (
            self._form(quote=str(key)),
            self._form(activity="T3"),
            self._form(customer=str(other)),
        ):
            answer = self._send(f"{PLACE}/save", **form)
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(self._order(key).state, "sale")

    def test_no_step_by_a_link_or_without_a_token(self):
        key = self._new()
        self._page(f"{PLACE}/{key}/send", 405)
        for step in ("send", "accept", "lose", "invoice"):
            answer = self.url_open(f"{PLACE}/{key}/{step}", data={"x": "1"})
            self.assertEqual(answer.status_code, 400, step)
        self.assertEqual(self._order(key).state, "draft")

    def test_customers_and_the_public_find_nothing(self):
        new_test_user(self.env, "quote_other", "base.group_portal")
        key = self._new()
        paths = (PLACE, f"{PLACE}/new", f"{PLACE}/{key}", f"{PLACE}/{key}/pdf")
        self.authenticate("quote_other", "quote_other")
        for path in paths:
            self._page(path, 404)
        self.authenticate(None, None)
        for path in paths:
            self.assertIn("/web/login", self.url_open(path).url)
