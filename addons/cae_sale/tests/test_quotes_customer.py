from odoo.tests import HttpCase, JsonRpcException, freeze_time, new_test_user

from odoo.addons.cae_base.tests.common import cae_tagged

from .quotes_common import QuotesCommon
from .test_quotes import PIXEL
from .test_quotes_portal import PLACE, TOKEN


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestQuoteCustomer(QuotesCommon, HttpCase):
    """Odoo's page of a quote, as its customer opens it, and what else is tried."""

    def setUp(self):
        super().setUp()
        self.activities[0].write({"trade": "Joinery", "invoice_note": "Insured by X"})
        self.order = self._order(self._new())
        self.door().send_quote(self.order.id)
        self.token = self.order.access_token

    def _post(self, **options):
        """A message of the page's discussion."""
        return self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "sale.order",
                "thread_id": self.order.id,
                "post_data": {"body": "Could it be cheaper?"},
                **options,
            },
        )

    def _sign(self):
        given = {"name": "Mme Le Roux", "signature": PIXEL.decode()}
        path = f"/my/orders/{self.order.id}/accept"
        return self.make_jsonrpc_request(path, {"access_token": self.token, **given})

    def _told(self):
        """Subjects of the messages to Inès."""
        partner = self.users["ines"].partner_id
        messages = self.env["mail.message"].sudo()
        found = messages.search([("partner_ids", "in", partner.ids)], order="id")
        self.assertEqual(found.partner_ids, partner)
        return found.mapped("subject")

    def test_page_says_who_offers(self):
        answer = self.url_open(self.order.get_portal_url())
        for text in ("Test 1", "Joinery", "Issued by", "Insured by X"):
            self.assertIn(text, answer.text)

    def test_page_of_an_ordinary_order_is_odoos(self):
        self.order.partner_id.cae_activity_id = False
        self.order.cae_activity_id = False
        answer = self.url_open(self.order.get_portal_url())
        self.assertNotIn("Issued by", answer.text)

    def test_message_of_the_customer_is_told(self):
        self._post(token=self.token)
        self.assertEqual(self._told(), [f"Message on the quote {self.order.name}"])

    def test_signing_is_told_once(self):
        self.assertNotIn("error", self._sign())
        self.assertEqual(self._told(), [f"Signed: quote {self.order.name}"])

    def test_refusing_is_told_once(self):
        page = self.url_open(self.order.get_portal_url()).text
        form = {"csrf_token": TOKEN.search(page)[1], "access_token": self.token}
        path = f"/my/orders/{self.order.id}/decline"
        self.url_open(path, data={**form, "decline_message": "Next year"})
        self.assertEqual(self._told(), [f"Refused: quote {self.order.name}"])

    def test_customer_does_not_send_what_is_being_written(self):
        self.door().undo_quote(self.order.id)
        self.env.flush_all()
        self._post(token=self.token, context={"mark_so_as_sent": True})
        self.assertEqual(self.order.state, "draft")
        self.assertTrue(self._sign()["error"])
        self.assertFalse(self.order.signature)

    def test_customer_with_a_login_does_not_either(self):
        self.order = self._order(self._new())
        customer = new_test_user(self.env, "quote_signer", "base.group_portal")
        customer.partner_id.parent_id = self.customer
        self.authenticate("quote_signer", "quote_signer")
        with self.assertRaises(JsonRpcException):
            self._post(context={"mark_so_as_sent": True})
        self.assertEqual(self.order.state, "draft")
        answer = self.url_open(f"/my/orders/{self.order.id}")
        self.assertNotIn("Day of work", answer.text)

    def test_signature_that_is_no_picture_is_refused(self):
        path = f"/my/orders/{self.order.id}/accept"
        for content in ("PGh0bWw+PHNjcmlwdD4=", "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+"):
            given = {"access_token": self.token, "name": "x", "signature": content}
            self.assertTrue(self.make_jsonrpc_request(path, given)["error"])
        self.assertEqual(self.order.state, "sent")

    def test_odd_addresses_and_forms_are_no_crash(self):
        self.authenticate("invoicing_ines", "invoicing_ines")
        for page in ("x", "-1", "0", "1e9", str(10**30)):
            answer = self.url_open(f"{PLACE}?page={page}")
            self.assertEqual(answer.status_code, 200, page)
        key = self._accepted()
        page = self.url_open("/my/customers/new").text
        form = {"csrf_token": TOKEN.search(page)[1]}
        file = {"percent": ("x.html", b"<html>")}
        answer = self.url_open(
            f"{PLACE}/{key}/invoice", data={**form, "kind": "percent"}, files=file
        )
        self.assertEqual(answer.status_code, 200)
        self.assertIn("is no number", answer.text)
        values = {**form, "quote": str(self.order.id), "step": "zorglub"}
        answer = self.url_open(f"{PLACE}/save", data=values)
        self.assertEqual(answer.status_code, 200)
