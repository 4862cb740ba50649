import re

from odoo.tests import HttpCase, freeze_time, new_test_user

from .common import cae_tagged
from .invoicing_common import InvoicingCommon

PLACE = "/my/invoicing"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestInvoicingPages(InvoicingCommon, HttpCase):
    """Pages of customers and invoices, and the addresses behind their buttons."""

    def setUp(self):
        super().setUp()
        self.authenticate("invoicing_ines", "invoicing_ines")

    def _page(self, path, status=200):
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, status, path)
        return answer.text

    def _token(self):
        return TOKEN.search(self._page("/my/customers/new"))[1]

    def _send(self, path, **form):
        return self.url_open(path, data={"csrf_token": self._token(), **form})

    def _draft(self, **values):
        return self.door().save(self._values(**values))

    def test_customer_is_created_and_then_invoiced(self):
        form = {k: v or "" for k, v in self._customer(name="New & Co").items()}
        answer = self._send("/my/customers/save", **form, back="invoice")
        self.assertIn("/my/invoicing/new?customer=", answer.url)
        self.assertIn("New &amp; Co", answer.text)
        found = self.door().customers(search="New")
        self.assertEqual(len(found), 1)
        self.assertIn(f"/my/customers/{found[0]['id']}", self._page("/my/customers"))
        self.assertIn(
            'value="New &amp; Co"', self._page(f"/my/customers/{found[0]['id']}")
        )

    def test_what_was_typed_is_not_lost(self):
        form = {**self._customer(name="Typed", siret="123"), "company": "1", "vat": ""}
        page = self._send("/my/customers/save", **form).text
        self.assertIn("is no SIRET", page)
        self.assertIn('value="Typed"', page)
        form |= {"siret": "", "zip": "4400"}
        page = self._send("/my/customers/save", **form).text
        self.assertIn("“4400” is no French postcode", page)
        self.assertIn('value="4400"', page)
        self.assertEqual(self.door().customers(search="Typed"), [])
        page = self._send("/my/invoicing/save", **self._form("abc")).text
        self.assertIn("is no number", page)
        self.assertIn('value="abc"', page)
        self.assertIn("Day of work", page)

    def test_odd_addresses_and_forms_are_no_crash(self):
        self._draft()
        for page in ("3", "", "x", "-1", "1099511627776"):
            self._page(f"/my/invoicing?page={page}")
        self.assertIn("alert-danger", self._send("/my/customers/save").text)
        form = {k: v or "" for k, v in self._customer(name="Bare").items()}
        del form["activity"]
        self.assertEqual(self._send("/my/customers/save", **form).status_code, 200)
        self.assertEqual(len(self.door().customers(search="Bare")), 1)

    def test_the_page_says_why_a_small_invoice_waits(self):
        self.company.cae_self_validation_limit = 500
        first = self._send("/my/invoicing/save", **self._form("400", step="send"))
        self.assertIn("It is validated", first.text)
        again = self._send("/my/invoicing/save", **self._form("200", step="send"))
        for page in (again.text, self._page(again.url)):
            self.assertIn("this customer in the last 30 days", page)
            self.assertNotIn("It is validated", page)

    def test_invoice_is_made_sent_and_taken_back(self):
        form = self._form("1 480,50", step="send", key="k1")
        answer = self._send("/my/invoicing/save", **form)
        key = int(answer.url.rsplit("/", 1)[1])
        self.assertIn("It is sent", answer.text)
        self.assertEqual(self._move(key).amount_untaxed, 1480.5)
        self.assertEqual(self._move(key).cae_validation, "to_validate")
        self.assertNotIn("It is sent", self._page(f"/my/invoicing/{key}"))
        self.assertIn("Menuiserie", self._page("/my/invoicing?state=to_validate"))
        answer = self._send(f"/my/invoicing/{key}/take_back")
        self.assertIn("It is yours again", answer.text)
        answer = self._send(f"/my/invoicing/{key}/remove")
        self.assertIn("The draft is deleted", answer.text)
        self.assertFalse(self._move(key).exists())

    def test_refused_sending_keeps_the_draft(self):
        form = self._form("0", step="send")
        answer = self._send("/my/invoicing/save", **form)
        self.assertIn("must be more than zero", answer.text)
        key = int(answer.url.rsplit("/", 1)[1])
        self.assertEqual(self._move(key).cae_validation, "draft")

    def test_totals_while_typing(self):
        page = self._send("/my/invoicing/totals", **self._form("100")).text
        self.assertIn("120.00", page)
        page = self._send("/my/invoicing/totals", **self._form("x")).text
        self.assertIn("is no number", page)
        page = self._send("/my/invoicing/totals", **self._form(customer="")).text
        self.assertIn("120.00", page)
        page = self._send("/my/invoicing/totals", **self._form(activity="T3")).text
        self.assertIn("not yours", page)

    def test_a_customer_entered_twice_is_removed(self):
        twice = self.door().save_customer(self._customer(siret=""))
        self.assertIn(f"{twice}/remove", self._page(f"/my/customers/{twice}"))
        self.assertIn("is removed", self._send(f"/my/customers/{twice}/remove").text)
        self.assertFalse(self.env["res.partner"].browse(twice).active)
        self.assertEqual(self.url_open(f"/my/customers/{twice}").status_code, 404)
        # One with a document, even a draft, stays.
        self._draft()
        page = self._page(f"/my/customers/{self.customer}")
        (theirs,) = re.findall(r'href="(/my/invoicing\?search=[^"]+)"', page)
        self.assertIn("Menuiserie Le Roux", self._page(theirs))
        self.assertNotIn(f"{self.customer}/remove", page)
        answer = self._send(f"/my/customers/{self.customer}/remove")
        self.assertIn("CAE-CUSTOMER-USED", answer.text)
        self.assertTrue(self.env["res.partner"].browse(self.customer).active)
        # Yann's own customer is nobody else's to remove.
        values = self._customer(activity="T3", siret="")
        theirs = self.door("yann").save_customer(values)
        answer = self._send(f"/my/customers/{theirs}/remove")
        self.assertEqual(answer.status_code, 404)
        self.assertTrue(self.env["res.partner"].browse(theirs).active)

    def test_draft_is_changed_copied_and_printed(self):
        key = self._draft(mentions="With thanks")
        self.assertIn("With thanks", self._page(f"/my/invoicing/{key}/edit"))
        self._send("/my/invoicing/save", **self._form("7", id=str(key)))
        self.assertEqual(self._move(key).amount_untaxed, 7)
        answer = self._send(f"/my/invoicing/{key}/duplicate")
        self.assertTrue(answer.url.endswith("/edit"))
        self.assertIn("This is a copy", answer.text)
        self.assertNotIn(f"/{key}/", answer.url)
        answer = self.url_open(f"/my/invoicing/{key}/pdf")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn(b"Test 1", answer.content)

    def test_credit_note_is_asked_for(self):
        move = self._validated(("100",), ("40",))
        path = f"/my/invoicing/{move.id}/credit"
        self.assertIn("Credit note of", self._page(path))
        self.assertIn(
            "choose what to credit", self._send(path, reason="x").text.lower()
        )
        line = str(move.invoice_line_ids[1].id)
        answer = self._send(path, reason="Not delivered", lines=[line])
        self.assertIn("is asked for", answer.text)
        credit = move.reversal_move_ids
        self.assertEqual((credit.amount_untaxed, credit.state), (40, "draft"))
        self.assertIn("With the cooperative", self._page(f"/my/invoicing/{move.id}"))

    def test_buttons_of_an_issued_invoice(self):
        move = self._validated(date="2026-03-01")
        page = self._page(f"/my/invoicing/{move.id}")
        for step in ("mail", "remind", "duplicate", "credit", "pdf"):
            self.assertIn(f"/my/invoicing/{move.id}/{step}", page)
        for step in ("send", "edit", "remove", "take_back"):
            self.assertNotIn(f"/my/invoicing/{move.id}/{step}", page)
        answer = self._send(f"/my/invoicing/{move.id}/remind")
        self.assertIn("The reminder is on its way", answer.text)
        # What would be refused is not offered.
        self.assertNotIn(f"{move.id}/remind", answer.text)
        self.assertIn("You can remind again from", answer.text)
        answer = self._send(f"/my/invoicing/{move.id}/remind")
        self.assertIn("was reminded on", answer.text)

    def test_where_a_document_stands_is_above_it_and_told_once(self):
        crumb = r'breadcrumb-item active">(?:<[^>]*>)?\s*([^<]+)<'
        key = self._draft()
        self.assertEqual(re.findall(crumb, self._page(f"{PLACE}/{key}")), ["Draft"])
        self.door().send(key)
        page = self._page(f"{PLACE}/{key}")
        self.assertEqual(re.findall(crumb, page), ["With the cooperative"])
        self.assertIn('active">Draft<', self._page(f"{PLACE}/new"))
        late = self._validated(date="2026-03-19")
        self.assertIn(">for one day<", self._page(f"{PLACE}?state=late"))
        self._validated(date="2026-03-01")
        self.assertIn(">for 19 days<", self._page(f"{PLACE}?state=late"))
        self.assertIn("(late for one day)", self._page(f"{PLACE}/{late.id}"))

    def test_what_is_credited_has_the_minus_of_statements(self):
        move = self._validated(("100",))
        lines = [str(line.id) for line in move.invoice_line_ids]
        self._send(f"{PLACE}/{move.id}/credit", reason="Not delivered", lines=lines)
        page = self._page(f"{PLACE}?state=to_validate")
        self.assertIn("\N{MINUS SIGN}120", page.replace("\N{NO-BREAK SPACE}", ""))

    def test_home_leads_to_the_invoices(self):
        page = self._page("/my")
        self.assertIn("/my/invoicing/new", page)
        self.assertIn("Make an invoice", page)

    def _addressed(self):
        """What the tile of the home counts: Odoo hides it as long as it is nothing."""
        given = {"counters": ["cae_invoice_count"]}
        return self.make_jsonrpc_request("/my/counters", given)["cae_invoice_count"]

    def test_home_tells_invoices_to_the_person_from_own_sales(self):
        page = self._page("/my")
        self.assertIn("Invoices addressed to me", page)
        self.assertIn('data-placeholder_count="cae_invoice_count"', page)
        # That counter is there without any invoice.
        self.assertNotIn('data-placeholder_count="invoice_count"', page)
        for puzzling in ("Your Invoices", "Our Invoices", "download or pay your"):
            self.assertNotIn(puzzling, page)
        self._validated()
        self.assertEqual(self._addressed(), 0)
        mine = self.users["ines"].partner_id.id
        self._document([(None, 50, None)], "2026-03-10", partner_id=mine)
        self.env.flush_all()
        self.assertEqual(self._addressed(), 1)

    def test_nothing_is_anybody_elses(self):
        other = self.door("yann").save_customer(self._customer(activity="T3"))
        key = self.door("yann").save(self._values(activity="T3", customer=other))
        paths = [f"/my/customers/{other}", "/my/customers/0"]
        paths += [
            f"/my/invoicing/{key}{end}" for end in ("", "/edit", "/pdf", "/credit")
        ]
        paths += [f"/my/invoicing/new?customer={other}"]
        for path in paths:
            self._page(path, 404)
        for step in ("send", "take_back", "duplicate", "remove", "mail", "remind"):
            answer = self._send(f"/my/invoicing/{key}/{step}")
            self.assertEqual(answer.status_code, 404, step)
        for path, form in (
            ("/my/invoicing/save", self._form(id=str(key))),
            ("/my/invoicing/save", self._form(activity="T3")),
            ("/my/invoicing/save", self._form(customer=str(other))),
            ("/my/customers/save", {"id": str(other), "name": "X"}),
        ):
            self.assertEqual(self._send(path, **form).status_code, 404, path)
        self.assertEqual(self._move(key).cae_validation, "draft")
        self.assertEqual(
            self.door("yann").customer(other)["name"], "Menuiserie Le Roux"
        )

    def test_no_step_by_a_link_or_without_a_token(self):
        key = self._draft()
        self._page(f"/my/invoicing/{key}/send", 405)
        answer = self.url_open(f"/my/invoicing/{key}/send", data={"x": "1"})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._move(key).cae_validation, "draft")

    def test_customers_and_the_public_find_nothing(self):
        new_test_user(self.env, "invoicing_other", "base.group_portal")
        key = self._draft()
        paths = ("/my/invoicing", "/my/customers", "/my/invoicing/new")
        self.authenticate("invoicing_other", "invoicing_other")
        for path in (*paths, f"/my/invoicing/{key}", f"/my/invoicing/{key}/pdf"):
            self._page(path, 404)
        self.authenticate(None, None)
        for path in (*paths, f"/my/invoicing/{key}", f"/my/invoicing/{key}/pdf"):
            self.assertIn("/web/login", self.url_open(path).url)
