import re
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessDenied, AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException, freeze_time

from .common import cae_tagged
from .invoicing_common import InvoicingCommon

TOKEN = re.compile(r'csrf_token: "([^"]+)"')


class ContactCommon(InvoicingCommon):
    """The customer of Inès has a login, and she is the contact that she signs in as."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["ines"].partner_id = cls.ines.partner_id
        cls.buyer = cls.env["res.partner"].browse(cls.customer)
        cls._login_of(cls.buyer, "buyer_login")

    @classmethod
    def _login_of(cls, partner, login):
        users = cls.env["res.users"].with_context(no_reset_password=True)
        return users.create(
            {
                **{"login": login, "password": login, "name": partner.name},
                "partner_id": partner.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestContact(ContactCommon, HttpCase):
    """What people of the portal change of who they are: nothing that registers say."""

    def _submit(self, user, **form):
        """What Odoo's page of the own address answers."""
        self.authenticate(user, user)
        token = TOKEN.search(self.url_open("/my/account").text)[1]
        address = {"email": "a@example.com", "phone": "1", "street": "1 rue X"}
        place = {
            "city": "Nantes",
            "zip": "44000",
            "country_id": self.env.ref("base.fr").id,
        }
        values = {"csrf_token": token, **address, **place, "company_name": "", **form}
        answer = self.url_open("/my/address/submit", data=values)
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()
        return answer.json()

    def test_who_deletes_their_login_stays_in_the_registers(self):
        for user in ("invoicing_ines", "buyer_login"):
            self.authenticate(user, user)
            token = TOKEN.search(self.url_open("/my/account").text)[1]
            values = {"csrf_token": token, "validation": user, "password": user}
            self.url_open("/my/deactivate_account", data=values)
        self.env.invalidate_all()
        self.assertFalse(self.users["ines"].active)
        self.assertTrue(self.ines.partner_id.active)
        # Nothing names this one yet.
        self.assertFalse(self.buyer.active)

    def test_the_name_of_an_entrepreneur_is_the_cooperatives(self):
        partner = self.ines.partner_id
        for switch in ({}, {"verify_address_values": ""}, {"partner_sudo": "1"}):
            answer = self._submit(
                "invoicing_ines", partner_id=partner.id, name="Somebody Else", **switch
            )
            self.assertIn("name", answer["invalid_fields"])
            self.assertIn("registers", " ".join(answer["messages"]))
        self.assertEqual(self.ines.name, "ines Test")
        # What is theirs they change on the same page.
        answer = self._submit(
            "invoicing_ines", partner_id=partner.id, name=partner.name, street="2 rue Y"
        )
        self.assertIn("redirectUrl", answer)
        self.assertEqual(partner.street, "2 rue Y")

    def test_what_is_no_number_of_a_contact_is_no_crash(self):
        self.authenticate("invoicing_ines", "invoicing_ines")
        token = TOKEN.search(self.url_open("/my/account").text)[1]
        for key, status in (("x", 404), ("9" * 30, 404), ("999999999", 403)):
            values = {"csrf_token": token, "partner_id": key, "name": "x"}
            answer = self.url_open("/my/address/submit", data=values)
            self.assertEqual(answer.status_code, status, key)

    def test_the_page_says_that_the_name_is_kept(self):
        self.authenticate("invoicing_ines", "invoicing_ines")
        page = self.url_open("/my/account").text
        field = re.search(r'<input[^>]*id="o_name"[^>]*>', page)[0]
        self.assertIn("readonly", field)
        self.assertIn("The cooperative keeps this name", page)
        self.authenticate("buyer_login", "buyer_login")
        page = self.url_open("/my/account").text
        self.assertNotIn("The cooperative keeps this name", page)

    def test_a_customer_is_who_the_invoices_say(self):
        own = {"partner_id": self.buyer.id, "vat": ""}
        answer = self._submit("buyer_login", **own, name="Menuiserie Le Roux et fils")
        self.assertIn("redirectUrl", answer)
        self._validated()
        self.env.flush_all()
        for switch in ({}, {"verify_address_values": ""}):
            answer = self._submit("buyer_login", **own, name="Somebody Else", **switch)
            self.assertIn("name", answer["invalid_fields"])
        self.assertEqual(self.buyer.name, "Menuiserie Le Roux et fils")
        self.assertFalse(self.buyer.can_edit_vat())

    def test_a_contact_does_not_rename_its_company(self):
        self._validated()
        contact = self.env["res.partner"].create(
            {"name": "Mme Le Roux", "parent_id": self.buyer.id}
        )
        self._login_of(contact, "buyer_contact")
        self.env.flush_all()
        answer = self._submit(
            "buyer_contact",
            **{"partner_id": contact.id, "name": "M. Le Roux"},
            company_name="Somebody Else",
        )
        self.assertIn("company_name", answer["invalid_fields"])
        self.assertEqual(self.buyer.name, "Menuiserie Le Roux")

    def test_nor_by_rpc(self):
        ines = self.users["ines"].with_user(self.users["ines"])
        for vals in ({"name": "Somebody Else"}, {"private_street": "x"}, {"pin": "1"}):
            with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
                ines.write(vals)
        ines.write({"name": ines.name, "phone": "02 40"})
        self.assertEqual(self.ines.phone, "02 40")
        # A colleague keeps Odoo's own ways.
        accountant = self.users["accountant"]
        accountant.with_user(accountant).write({"name": "Accounts"})

    def test_how_long_a_login_takes_tells_nothing(self):
        users = self.env["res.users"]
        context = type(users._crypt_context())
        taken = []

        def hashed(_self):
            return lambda *_args: taken.append(1)

        with patch.object(context, "hash", property(hashed)):
            for login in ("invoicing_ines", "nobody_there"):
                given = {"login": login, "password": "x", "type": "password"}
                with self.assertRaises(AccessDenied):
                    users._login(given, {"interactive": True})
                # One is verified by its own hash, the other by none of its own.
                self.assertEqual(len(taken), login == "nobody_there")

    def test_a_lost_password_tells_nothing(self):
        users = self.env["res.users"].sudo()
        self.assertIsNone(users.reset_password("nobody_there"))
        with patch.object(type(users), "action_reset_password") as reset:
            users.reset_password("invoicing_ines")
        reset.assert_called_once_with()


@cae_tagged
class TestFetching(InvoicingCommon, HttpCase):
    """The server looks at no page that somebody of outside names."""

    FETCHING = "odoo.addons.html_editor.controllers.main.link_preview"

    def _ask(self, path, **params):
        return self.make_jsonrpc_request(path, params)

    def test_addresses_are_looked_at_for_colleagues_alone(self):
        path = "/html_editor/link_preview_external"
        told = {"og_title": "Secret"}
        with patch(
            f"{self.FETCHING}.get_link_preview_from_url", return_value=told
        ) as get:
            for user in (None, "invoicing_ines"):
                self.authenticate(user, user)
                self.assertEqual(self._ask(path, preview_url="http://10.0.0.1/"), {})
            get.assert_not_called()
            self.authenticate("invoicing_accounts", "invoicing_accounts")
            self.assertEqual(self._ask(path, preview_url="http://10.0.0.1/"), told)

    def test_nor_are_files_text_or_pictures(self):
        self.authenticate("invoicing_ines", "invoicing_ines")
        editor = "/html_editor"
        with patch("requests.request") as out, patch("requests.head") as head:
            for path, params in (
                ("attachment/add_url", {"url": "http://10.0.0.1/"}),
                ("link_preview_internal", {"preview_url": "/odoo/res.partner/1"}),
                ("save_library_media", {"media": {}}),
                ("media_library_search", {"query": "x"}),
                ("generate_text", {"prompt": "x", "conversation_history": []}),
            ):
                with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                    self._ask(f"{editor}/{path}", **params)
        out.assert_not_called()
        head.assert_not_called()

    def test_links_of_a_customers_message_are_not_followed(self):
        previews = type(self.env["mail.link.preview"])
        invoice = self._validated()
        message = invoice.message_post(
            body="http://10.0.0.1/", author_id=self.ines.partner_id.id
        )
        self.env.flush_all()
        with patch.object(previews, "_create_from_message_and_notify") as look:
            self.authenticate("invoicing_ines", "invoicing_ines")
            self.assertFalse(self._ask("/mail/link_preview", message_id=message.id))
            look.assert_not_called()


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestGuessing(ContactCommon):
    """Searching behind a record tells nothing of what colleagues note on it."""

    def test_notes_on_contacts_and_invoices_are_not_guessed(self):
        invoice = self._validated()
        buyer = self.buyer.user_ids
        note = self.env.ref("mail.mt_note").id
        for record in (invoice, self.ines.partner_id):
            record.message_post(body="Zsecret", subtype_id=note)
        self.env.flush_all()
        ines = self.users["ines"]
        for user, record in (
            (buyer, invoice),
            (ines, self.ines.partner_id),
            (ines, ines),
        ):
            theirs = record.with_user(user)
            for link in ("message_ids", "website_message_ids"):
                own = [("id", "=", record.id)]
                self.assertEqual(theirs.search_count(own), 1)
                with self.assertRaises(AccessError):
                    theirs.search_count([*own, (f"{link}.body", "ilike", "Zsecret")])
                with self.assertRaises(AccessError):
                    theirs.read([link])

    def test_words_that_no_database_takes_are_no_crash(self):
        for words in ("\x00", "a\x00b", "\ud800", "x" * 10**6, ["\x00"], 5):
            self.door().customers(search=words)
            self.door().documents(search=words)


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestSplitting(InvoicingCommon):
    """A customer that is entered again is the same one."""

    def setUp(self):
        super().setUp()
        self.company.cae_self_validation_limit = 500

    def _sent(self, customer, price="400"):
        key = self.door().save(self._values((price,), customer=customer))
        return self.door().send(key)["state"]

    def _again(self, **values):
        bare = {"name": "Other", "siret": "", "vat": "", "email": ""}
        return self.door().save_customer(self._customer(**{**bare, **values}))

    def test_the_limit_counts_copies_of_a_customer(self):
        self.assertEqual(self._sent(self.customer), "validated")
        for same in (
            {"name": "MENUISERIE le roux"},
            {"email": "le.roux@example.com"},
            {"siret": "732829320"},
            {"siret": "732 829 320 00082"},
        ):
            self.assertEqual(self._sent(self._again(**same)), "to_validate", same)
        self.assertEqual(
            self._sent(self._again(name="Menuiserie_Le Roux")), "validated"
        )
        self.assertEqual(self._sent(self._again(name="%")), "validated")

    def test_what_was_archived_counts_and_what_is_anothers_does_not(self):
        self.assertEqual(self._sent(self.customer), "validated")
        copy = self._again(name="Menuiserie Le Roux")
        self.env["res.partner"].browse(self.customer).active = False
        self.assertEqual(self._sent(copy), "to_validate")
        theirs = self.door("yann").save_customer(self._customer(activity="T3"))
        values = self._values(("400",), customer=theirs, activity="T3")
        key = self.door("yann").save(values)
        self.assertEqual(self.door("yann").send(key)["state"], "validated")

    def test_it_is_forgotten_in_time(self):
        self.assertEqual(self._sent(self.customer), "validated")
        with freeze_time("2026-03-20") as clock:
            clock.tick(timedelta(days=31))
            copy = self._again(name="Menuiserie Le Roux")
            self.assertEqual(self._sent(copy), "validated")

    def test_no_switch_of_odoo_is_taken_from_a_caller(self):
        door = self.door().with_context(
            skip_invoice_sync=True, tracking_disable=True, default_state="posted"
        )
        key = door.save(self._values(("100",)))
        self.assertEqual(self._move(key).amount_total, 120)
        self.assertEqual(self._move(key).state, "draft")
