from datetime import date, timedelta
from random import Random
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user

from .common import cae_tagged
from .invoicing_common import InvoicingCommon


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestInvoicing(InvoicingCommon):
    """What an entrepreneur does with customers and invoices, and nobody else may."""

    # Customers -------------------------------------------------------------

    def test_customer_belongs_to_the_activity(self):
        partner = self.env["res.partner"].browse(self.customer)
        self.assertEqual(partner.cae_activity_id, self.activities[0])
        self.assertEqual(partner.company_id, self.company)
        self.assertEqual(partner.company_registry, "73282932000074")
        self.assertEqual(partner.email, "le.roux@example.com")
        self.assertEqual(partner.country_id.code, "FR")
        self.assertFalse(partner.message_follower_ids)
        (found,) = self.door().customers(search="roux nant")
        self.assertEqual((found["id"], found["editable"]), (self.customer, True))
        self.assertEqual(self.door().customers("T2"), [])

    def test_customers_of_others_do_not_exist(self):
        self.assertEqual(self.door("yann").customers(), [])
        self.assertRefused(
            "CAE-INVOICE-ACCESS", self.door("yann").customer, self.customer
        )
        for values in ({"id": self.customer}, {"activity": "T1"}, {"activity": "T9"}):
            self.assertRefused(
                "CAE-INVOICE-ACCESS",
                self.door("yann").save_customer,
                self._customer(**values),
            )

    def test_both_holders_of_a_shared_activity_have_its_customers(self):
        key = self.door("yann").save_customer(self._customer(activity="T2", name="A"))
        self.door().save_customer(self._customer(id=key, name="B"))
        self.assertEqual(self.door("yann").customer(key)["name"], "B")

    def test_customer_values_are_checked(self):
        cases = {
            "CAE-CUSTOMER-NAME": {"name": " \x00 "},
            "CAE-CUSTOMER-ADDRESS": {"zip": ""},
            "CAE-CUSTOMER-EMAIL": {"email": "nobody"},
            "CAE-CUSTOMER-SIRET": {"siret": "732 829 321"},
            "CAE-CUSTOMER-COUNTRY": {"country": "ZZ"},
            "CAE-CUSTOMER-VAT": {"vat": "FR00000000000"},
        }
        for code, values in cases.items():
            self.assertRefused(
                code, self.door().save_customer, self._customer(**values)
            )
        self.assertRefused("CAE-INVOICE-VALUE", self.door().save_customer, [1])
        key = self.door().save_customer(
            self._customer(company=False, siret="1", vat="2", cae_activity_id=9)
        )
        partner = self.env["res.partner"].browse(key)
        self.assertFalse(partner.is_company or partner.vat or partner.company_registry)
        self.assertEqual(partner.cae_activity_id, self.activities[0])
        self.assertEqual(len(self.door().customer(key)["name"]), 18)

    def test_postcode_of_a_customer_in_france(self):
        save = self.door().save_customer
        for wrong in ("4400", "440000", "F-44000", "44000 CEDEX 1", "٤٤٠٠٠", "4400O"):
            for country in ("FR", "", "fr"):
                values = self._customer(zip=wrong, country=country)
                self.assertRefused("CAE-CUSTOMER-POSTCODE", save, values)
        for typed, country, kept in (
            ("44 000", "FR", "44000"),
            ("01000", "", "01000"),
            ("1000", "BE", "1000"),
            ("SW1A 1AA", "GB", "SW1A 1AA"),
        ):
            key = save(self._customer(zip=typed, country=country, siret=""))
            self.assertEqual(self.door().customer(key)["zip"], kept)

    def test_postcode_that_is_there_already_is_kept(self):
        """Whoever corrects the phone is not asked about what the office entered."""
        partner = self.env["res.partner"].browse(self.customer)
        partner.zip = "F-44000"
        save = self.door().save_customer
        save(self._customer(id=partner.id, zip="F-44000", phone="0240"))
        self.assertEqual((partner.zip, partner.phone), ("F-44000", "0240"))
        changed = self._customer(id=partner.id, zip="F-4400")
        self.assertRefused("CAE-CUSTOMER-POSTCODE", save, changed)

    def test_customer_that_others_use_does_not_change(self):
        partner = self.env["res.partner"].browse(self.customer)
        self._document(
            [(None, 10, None)],
            partner_id=partner.id,
            cae_activity_id=self.activities[2].id,
        )
        self.assertFalse(self.door().customer(partner.id)["editable"])
        self.assertRefused(
            "CAE-CUSTOMER-SHARED",
            self.door().save_customer,
            self._customer(id=partner.id, city="Brest"),
        )
        self.assertEqual(partner.city, "Nantes")

    def test_who_the_office_invoiced_is_a_customer_too(self):
        """Not entered twice; what the invoice does not print is not told."""
        office = self.env["res.partner"].create(
            {"name": "Mairie", "email": "office@example.com", "city": "Brest"}
        )
        mine, _shared, theirs = self.activities
        values = {"partner_id": office.id, "invoice_date": "2025-03-03"}
        self._document([(theirs, 10, None)], **values, cae_activity_id=theirs.id)
        self.assertNotIn(office.id, [c["id"] for c in self.door().customers()])
        self.assertRefused("CAE-INVOICE-ACCESS", self.door().customer, office.id)
        self.assertRefused(
            "CAE-INVOICE-ACCESS", self.door().save, self._values(customer=office.id)
        )
        self._document([(mine, 10, None)], **values, cae_activity_id=mine.id)
        self.assertEqual(
            [c["name"] for c in self.door().customers("T1")],
            ["Mairie", "Menuiserie Le Roux"],
        )
        found = self.door().customer(office.id)
        told = [found[name] for name in ("activity", "city", "email", "mailable")]
        self.assertEqual(told, ["T1", "Brest", "", True])
        self.assertFalse(found["editable"])
        self.assertFalse(self.door().customers(search="office@example.com"))
        self.assertTrue(self.door().customers(search="mairie brest"))
        self.assertRefused(
            "CAE-CUSTOMER-SHARED",
            self.door().save_customer,
            self._customer(id=office.id),
        )
        draft = self.door().save(self._values((10, 1, 0), customer=office.id))
        self.assertEqual(self.door().document(draft)["customer_id"], office.id)
        self.assertRefused(
            "CAE-INVOICE-CUSTOMER",
            self.door().save,
            self._values((10, 1, 0), customer=office.id, activity="T2"),
        )

    def test_customer_who_is_a_user_does_not_change(self):
        partner = self.env["res.partner"].browse(self.customer)
        new_test_user(
            self.env, "invoicing_customer", "base.group_portal", partner_id=partner.id
        )
        self.assertFalse(self.door().customer(partner.id)["editable"])

    def test_issued_invoices_fix_who_the_customer_is(self):
        self._validated()
        self.assertTrue(self.door().customer(self.customer)["identity_fixed"])
        values = self._customer(id=self.customer)
        self.door().save_customer({**values, "city": "Brest", "email": "a@b.fr"})
        self.assertEqual(self.door().customer(self.customer)["city"], "Brest")
        self.assertRefused(
            "CAE-CUSTOMER-ISSUED", self.door().save_customer, {**values, "name": "X"}
        )

    def test_documents_with_lines_of_others_are_not_shown(self):
        """An invoice of two activities stays the office's; each ledger has its part."""
        mine, theirs = self.activities[0], self.activities[2]
        values = {"partner_id": self.customer, "cae_activity_id": mine.id}
        both = self._document([(mine, 10, None), (theirs, 20, None)], **values)
        alone = self._document([(mine, 10, None)], **values)
        shown = self.door().documents()
        self.assertEqual([row["id"] for row in shown["documents"]], [alone.id])
        self.assertEqual(shown["total"], 10)
        self.assertEqual(self.door().document(alone.id)["id"], alone.id)
        self.assertRefused("CAE-INVOICE-ACCESS", self.door().document, both.id)

    # Drafts ----------------------------------------------------------------

    def test_totals_are_those_of_the_posted_document(self):
        chance = Random(20260320)
        for _turn in range(8):
            lines = [
                (
                    f"{chance.randint(-500, 99999) / 100:.2f}",
                    f"{chance.randint(1, 999) / 100:.2f}",
                    chance.choice(["", "5", "33,33"]),
                )
                for _line in range(chance.randint(1, 5))
            ]
            values = self._values(*lines)
            for line in values["lines"]:
                line["tax"] = chance.choice([self.vat_services, self.reduced]).id
            totals = self.door().totals(values)
            move = self._move(self.door().save(values))
            move._post(soft=False)
            self.assertAlmostEqual(totals["untaxed"], move.amount_untaxed, 2)
            self.assertAlmostEqual(totals["total"], move.amount_total, 2)
            tax = sum(group["amount"] for group in totals["taxes"])
            self.assertAlmostEqual(tax, move.amount_tax, 2)

    def test_draft_is_an_ordinary_invoice_of_the_activity(self):
        key = self.door().save(
            self._values(
                ("1 480,50", "2", "10"),
                date="2026-03-02",
                reference="PO 12",
                mentions="First\n<script>second</script>",
            )
        )
        move = self._move(key)
        self.assertEqual(move.move_type, "out_invoice")
        self.assertEqual(move.cae_activity_id, self.activities[0])
        self.assertEqual(move.cae_validation, "draft")
        self.assertEqual((move.state, move.ref), ("draft", "PO 12"))
        self.assertEqual(move.amount_untaxed, 2664.9)
        self.assertEqual(move.invoice_line_ids.account_id.code[:3], "706")
        self.assertNotIn("<script>", move.narration)
        self.assertFalse(move.invoice_user_id or move.message_follower_ids)
        shown = self.door().document(key)
        self.assertEqual(shown["mentions"], "First\n<script>second</script>")
        self.door().save({**self._values(("5",)), "id": key, "date": ""})
        self.assertEqual((move.amount_untaxed, move.invoice_date), (5, False))

    def test_goods_and_services_have_their_accounts(self):
        values = self._values(("10",), ("20",))
        values["lines"][1]["tax"] = self.vat_goods.id
        move = self._move(self.door().save(values))
        codes = [line.account_id.code[:3] for line in move.invoice_line_ids]
        self.assertEqual(codes, ["706", "707"])

    def test_values_of_a_draft_are_checked(self):
        def line(**changes):
            return {"lines": [{**self._values()["lines"][0], **changes}]}

        foreign = self.vat_services.copy({"type_tax_use": "purchase", "name": "Other"})
        cases = [
            ("CAE-INVOICE-NUMBER", line(price="nan")),
            ("CAE-INVOICE-NUMBER", line(price="1e300")),
            ("CAE-INVOICE-NUMBER", line(quantity="0,125")),
            ("CAE-INVOICE-LINE", line(discount="101")),
            ("CAE-INVOICE-LINE", line(description="")),
            ("CAE-INVOICE-TAX", line(tax=foreign.id)),
            ("CAE-INVOICE-TAX", line(tax="")),
            ("CAE-INVOICE-LINES", {"lines": [{}] * 101}),
            ("CAE-INVOICE-VALUE", {"lines": [1]}),
            ("CAE-INVOICE-CUSTOMER", {"customer": ""}),
            ("CAE-INVOICE-ACCESS", {"customer": self.partner_a.id}),
            ("CAE-INVOICE-DATE", {"date": "2026-02-30"}),
            ("CAE-INVOICE-TERM", {"term": 10**9}),
            ("CAE-INVOICE-ACCESS", {"activity": "T3"}),
            ("CAE-INVOICE-CUSTOMER", {"activity": "T2"}),
        ]
        before = self.env["account.move"].search_count([])
        for code, values in cases:
            self.assertRefused(code, self.door().save, self._values(**values))
        self.assertEqual(self.env["account.move"].search_count([]), before)

    def test_values_that_are_not_offered_are_left_out(self):
        key = self.door().save(
            self._values(state="posted", cae_validation="validated", name="X/1")
        )
        self.assertEqual(self._move(key).state, "draft")
        self.assertEqual(self._move(key).cae_validation, "draft")

    def test_form_that_is_sent_twice_makes_one_draft(self):
        keys = {self.door().save(self._values(key="abc")) for _turn in range(2)}
        self.assertEqual(len(keys), 1)
        self.assertNotEqual(self.door().save(self._values(key="def")), keys.pop())

    def test_company_chooses_the_rates(self):
        names = [tax["name"] for tax in self.door().choices()["taxes"]]
        self.assertIn("5.5 %", names)
        self.company.cae_portal_tax_ids = self.vat_services
        ids = [tax["id"] for tax in self.door().choices()["taxes"]]
        self.assertEqual(ids, self.vat_services.ids)

    def test_cooperative_and_others_stay_out_of_sight(self):
        own = self._document([(self.activities[0], 50, None)])
        own.copy()
        other = self._document(
            [(None, 10, None)], cae_activity_id=self.activities[2].id
        )
        draft = self.env["account.move"].create(
            {"move_type": "out_invoice", "cae_activity_id": self.activities[0].id}
        )
        bill = self._document(
            [(None, 10, None)],
            kind="in_invoice",
            cae_activity_id=self.activities[0].id,
        )
        for move in (own, other, draft, bill):
            self.assertRefused("CAE-INVOICE-ACCESS", self.door().document, move.id)
        self.assertEqual(self.door().documents()["count"], 0)
        for key in (0, -1, True, None, "1", 2**40, [1]):
            self.assertRefused("CAE-INVOICE-ACCESS", self.door().document, key)

    # Validation ------------------------------------------------------------

    def test_sent_document_waits_and_is_locked(self):
        key = self.door().save(self._values())
        for _turn in range(2):
            self.assertEqual(self.door().send(key), {"state": "to_validate"})
        self.assertRefused(
            "CAE-INVOICE-STATE", self.door().save, {**self._values(), "id": key}
        )
        self.assertRefused("CAE-INVOICE-STATE", self.door().remove, key)
        self.door("yann")  # not a holder of T1
        self.assertRefused("CAE-INVOICE-ACCESS", self.door("yann").send, key)
        self.assertTrue(self.door().take_back(key))
        self.door().save({**self._values(("7",)), "id": key})
        self.assertTrue(self.door().remove(key))
        self.assertFalse(self._move(key).exists())

    def test_refused_document_tells_why_and_comes_back(self):
        key = self.door().save(self._values())
        self.door().send(key)
        move = self._move(key).with_user(self.users["accountant"])
        self.assertRefused("CAE-INVOICE-REASON", move.action_cae_refuse, "  ")
        action = move.action_cae_ask_refusal()
        wizard = Form(
            self.env["cae.reason"]
            .with_user(self.users["accountant"])
            .with_context(**action["context"])
        )
        wizard.reason = "The <b>VAT</b> is 20 %"
        wizard.save().action_confirm()
        shown = self.door().document(key)
        self.assertEqual(
            (shown["state"], shown["refusal"]), ("refused", "The <b>VAT</b> is 20 %")
        )
        told = (
            self.env["mail.message"]
            .sudo()
            .search([("partner_ids", "in", self.users["ines"].partner_id.ids)])
        )
        self.assertIn("The &lt;b&gt;VAT&lt;/b&gt; is 20 %", told.body)
        self.assertIn(f"/my/invoicing/{key}", told.body)
        self.assertFalse(move.message_follower_ids)
        tasks = self.env["cae.home"].with_user(self.users["ines"])
        tasks = tasks.with_company(self.company)._of_user()["tasks"]
        self.assertIn(f"/my/invoicing/{key}", [task["url"] for task in tasks])
        self.door().send(key)
        self.assertFalse(self._move(key).cae_refusal)
        move.action_cae_validate()
        self.assertEqual(self.door().document(key)["state"], "sent")
        self.assertRefused("CAE-INVOICE-STATE", move.action_cae_validate)
        self.assertRefused("CAE-INVOICE-STATE", move.action_cae_refuse, "No")
        self.assertRefused("CAE-INVOICE-STATE", self.door().take_back, key)

    def test_batch_is_validated_whole_or_not_at_all(self):
        keys = [self.door().save(self._values()) for _turn in range(3)]
        for key in keys[:2]:
            self.door().send(key)
        moves = self._move(keys).with_user(self.users["accountant"])
        self.assertRefused("CAE-INVOICE-STATE", moves.action_cae_validate)
        self.assertEqual(set(moves.mapped("state")), {"draft"})
        moves[:2].action_cae_validate()
        self.assertEqual(moves.mapped("state"), ["posted", "posted", "draft"])
        self.assertInvariant()

    def test_who_may_decide(self):
        key = self.door().save(self._values())
        self.door().send(key)
        for user in (self.users["ines"], self._user("invoicing_coach", "group_coach")):
            move = self._move(key).with_user(user)
            with self.assertRaises(AccessError):
                move.action_cae_validate()
            with self.assertRaises(AccessError):
                move.action_cae_refuse("No")
        self.assertEqual(self._move(key).cae_validation, "to_validate")

    def test_state_is_nobodys_to_write(self):
        move = self._move(self.door().save(self._values()))
        move = move.with_user(self.users["accountant"])
        for vals in (
            {"cae_validation": "validated"},
            {"cae_sent_by_id": 1},
            {"cae_refusal": "x"},
        ):
            self.assertRefused("CAE-FIELD-OWNED", move.write, vals)

    def test_confirmed_as_any_invoice_and_put_back_to_draft(self):
        key = self.door().save(self._values())
        self.door().send(key)
        move = self._move(key).with_user(self.users["accountant"])
        move.action_post()
        self.assertEqual(move.cae_validation, "validated")
        move.button_draft()
        self.assertEqual(self.door().document(key)["state"], "to_validate")
        self.assertRefused("CAE-INVOICE-STATE", self.door().take_back, key)
        move.action_cae_refuse("Wrong customer")
        self.assertRefused("CAE-INVOICE-STATE", self.door().remove, key)

    # Self-validation -------------------------------------------------------

    def test_limit_counts_without_vat(self):
        self.company.cae_self_validation_limit = 500
        for price, state in (("500", "validated"), ("500,01", "to_validate")):
            key = self.door().save(self._values((price,)))
            self.assertEqual(self.door().send(key), {"state": state})
            self.assertEqual(self.door().send(key), {"state": state})
        first, second, _third = self.activities
        first.self_validation = "never"
        key = self.door().save(self._values(("1",)))
        self.assertEqual(self.door().send(key)["state"], "to_validate")
        first.write({"self_validation": "own", "self_validation_limit": 5000})
        key = self.door().save(self._values(("4500",)))  # 500 went before
        self.assertEqual(self.door().send(key)["state"], "validated")
        move = self._move(key)
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.invoice_date, date(2026, 3, 20))
        self.assertInvariant()

    def test_entrepreneur_does_not_set_the_limit(self):
        for record in (self.activities[0], self.company):
            name = "self_validation_limit"
            name = name if record._name == "cae.activity" else f"cae_{name}"
            with self.assertRaises(AccessError):
                record.with_user(self.users["ines"]).write({name: 1000})

    def test_closed_months_are_refused_in_words(self):
        self.company.cae_self_validation_limit = 500
        period = self.env["cae.period"].with_company(self.company)
        period.month_run("2026-01")
        period.lock("2026-01")
        key = self.door().save(self._values(date="2026-01-15"))
        self.assertRefused("CAE-PERIOD-LOCKED", self.door().send, key)
        self.company.sale_lock_date = "2026-02-28"
        key = self.door().save(self._values(date="2026-02-15"))
        self.assertRefused("CAE-INVOICE-LOCKED", self.door().send, key)
        key = self.door().save(self._values(date="2026-03-21"))
        self.assertRefused("CAE-INVOICE-DATE", self.door().send, key)
        self.assertEqual(self._move(key).state, "draft")
        key = self.door().save(self._values(("0",)))
        self.assertRefused("CAE-INVOICE-EMPTY", self.door().send, key)

    def test_close_waits_for_what_was_sent_alone(self):
        def drafts():
            found = self.env["cae.period"].with_company(self.company).checks("2026-03")
            return [f["res_ids"] for f in found if f["code"] == "CAE-CHECK-DRAFT"]

        written = self.door().save(self._values(date="2026-03-02"))
        self.door().send(self.door().save(self._values()))
        self.assertEqual(drafts(), [])
        self.door().send(written)
        self.assertEqual(drafts(), [[written]])
        move = self._move(written).with_user(self.users["accountant"])
        move.action_cae_refuse("Wrong")
        self.assertEqual(drafts(), [])

    def test_what_waited_over_the_close_takes_the_day_of_its_validation(self):
        with freeze_time("2026-01-20 10:00:00"):
            key = self.door().save(self._values())
            self.door().send(key)
        period = self.env["cae.period"].with_company(self.company)
        period.month_run("2026-01")
        period.lock("2026-01")
        self._move(key).with_user(self.users["accountant"]).action_cae_validate()
        move = self._move(key)
        self.assertEqual((move.invoice_date, move.date), (date(2026, 3, 20),) * 2)

    def test_activity_that_is_over_sells_no_more(self):
        key = self.door().save(self._values())
        self.activities[0].date_end = "2026-03-10"
        self.assertRefused("CAE-INVOICE-ACTIVITY", self.door().send, key)
        self.door().save({**self._values(date="2026-03-10"), "id": key})
        self.assertEqual(self.door().send(key), {"state": "to_validate"})

    def test_former_holder_sees_and_does_nothing(self):
        key = self.door().save(self._values())
        share = self.activities[0].share_ids
        after = {"entrepreneur_id": self.yann.id, "date_start": "2026-03-20"}
        self.activities[0].share_ids = [
            Command.update(share.id, {"date_end": "2026-03-19"}),
            Command.create(after),
        ]
        self.env.flush_all()
        for call in (self.door().document, self.door().send, self.door().remove):
            self.assertRefused("CAE-INVOICE-ACCESS", call, key)
        self.assertRefused("CAE-INVOICE-ACCESS", self.door().save, self._values())
        self.assertEqual(self.door("yann").document(key)["customer_id"], self.customer)

    def test_who_joins_later_sees_what_is_dated_since_as_in_the_ledger(self):
        old = self._validated(date="2026-01-05")
        refused = self.door().save(self._values(date="2026-01-10"))
        self.door().send(refused)
        self._move(refused).action_cae_refuse("Which day?")
        first = self.activities[0]
        after = {"date_start": "2026-03-01", "convention_date": "2026-02-01"}
        first.share_ids = [
            Command.update(first.share_ids.id, {"date_end": "2026-02-28"}),
            *(
                Command.create({"entrepreneur_id": p.id, "share": share, **after})
                for p, share in ((self.ines, 60), (self.yann, 40))
            ),
        ]
        self.env.flush_all()
        new = self._validated()
        yann = self.door("yann")
        own = yann.save(self._values(date="2026-02-01"))  # written by themselves
        seen = {row["id"] for row in yann.documents("T1")["documents"]}
        self.assertEqual(seen, {new.id, own})
        for key in (old.id, refused):
            self.assertRefused("CAE-INVOICE-ACCESS", yann.document, key)
        self.assertEqual(self.door().documents("T1")["count"], 4)
        for user, told in (("ines", True), ("yann", False)):
            home = self.door(user).env["cae.home"].with_company(self.company)
            urls = {task["url"] for task in home._of_user()["tasks"]}
            wanted = {f"/my/invoicing/{refused}", "/my/invoicing?state=late"}
            self.assertEqual(wanted <= urls, told)
            self.assertEqual(bool(wanted & urls), told)

    def test_customers_the_public_and_the_office_have_no_door(self):
        key = self.door().save(self._values())
        portal = new_test_user(self.env, "invoicing_other", "base.group_portal")
        for user in (
            portal,
            self.env.ref("base.public_user"),
            self.users["accountant"],
        ):
            door = self.door(user)
            self.assertEqual(door.documents()["count"], 0)
            self.assertEqual(door.customers(), [])
            for call in (door.document, door.send, door.mail, door.remind, door._pdf):
                self.assertRefused("CAE-INVOICE-ACCESS", call, key)
            self.assertRefused("CAE-INVOICE-ACCESS", door.save, self._values())

    # Afterwards ------------------------------------------------------------

    def test_copy(self):
        move = self._validated(("12,50", "3", "10"), mentions="Thanks", reference="PO")
        copy = self.door().document(self.door().duplicate(move.id))
        self.assertEqual((copy["state"], copy["untaxed"]), ("draft", 33.75))
        self.assertEqual((copy["mentions"], copy["reference"]), ("Thanks", ""))

    def test_credit_note_of_chosen_lines_waits_for_the_cooperative(self):
        self.company.cae_self_validation_limit = 10000
        key = self.door().save(self._values(("100",), ("40",)))
        self.assertEqual(self.door().send(key)["state"], "validated")
        line = self._move(key).invoice_line_ids[1]
        ask = self.door().ask_credit
        self.assertRefused("CAE-INVOICE-REASON", ask, key, " ")
        self.assertRefused("CAE-INVOICE-CREDIT", ask, key, "Wrong", [10**8])
        self.assertRefused("CAE-INVOICE-ACCESS", self.door("yann").ask_credit, key, "x")
        credit = self._move(ask(key, "Not delivered", [line.id]))
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual((credit.state, credit.amount_untaxed), ("draft", 40))
        self.assertEqual(credit.cae_validation, "to_validate")
        self.assertIn("Not delivered", credit.ref)
        self.assertRefused("CAE-INVOICE-CREDIT", ask, key, "Again")
        self.assertRefused("CAE-INVOICE-CREDIT", ask, credit.id, "Of itself")
        credit.with_user(self.users["accountant"]).action_cae_validate()
        self.assertEqual(self._move(key).amount_residual, 120)
        self.assertRefused("CAE-INVOICE-CREDIT", ask, key, "More than is left")
        self.assertInvariant()

    def test_asked_credit_note_is_taken_back_and_deleted(self):
        key = self.door().ask_credit(self._validated().id, "Wrong")
        self.assertRefused("CAE-INVOICE-STATE", self.door().remove, key)
        self.door().take_back(key)
        self.assertRefused(
            "CAE-INVOICE-CREDIT", self.door().save, {**self._values(), "id": key}
        )
        self.assertTrue(self.door().remove(key))

    def test_deposit_is_deducted_once(self):
        deposit = self._validated(("300",), deposit=True)
        self._validated(("50",))
        (found,) = self.door().deposits(self.customer)
        self.assertEqual(found["id"], deposit.id)
        values = self._values(("1000",), deposits=[deposit.id])
        self.assertEqual(self.door().totals(values)["untaxed"], 700)
        key = self.door().save(values)
        self.assertEqual(self._move(key).amount_untaxed, 700)
        self.door().save({**values, "id": key})
        self.assertEqual(self._move(key).amount_untaxed, 700)
        self.assertRefused("CAE-INVOICE-DEPOSIT", self.door().save, values)
        self.assertEqual(self.door().deposits(self.customer), [])
        self.door().send(key)
        copy = self.door().document(self.door().duplicate(key))
        self.assertEqual(copy["untaxed"], 1000)
        other = self.door().save_customer(self._customer(name="Other"))
        self.door().take_back(key)
        self.assertRefused(
            "CAE-INVOICE-DEPOSIT", self.door().save, {**values, "customer": other}
        )

    def test_deposit_is_told_on_the_invoice(self):
        for deposit in (True, False):
            move = self._validated(deposit=deposit)
            mentions = " ".join(move._cae_invoice_mentions())
            self.assertEqual("Deposit: the final invoice" in mentions, deposit)

    def test_rates_of_nothing_say_why(self):
        self.chart.ref("tva_sale_service_intra_0").active = True
        exempt = self.chart.ref("tva_sale_service_0")
        exempt.active = True

        def names():
            return [tax["name"] for tax in self.door().choices()["taxes"]]

        self.assertIn("No VAT: company of another EU country", names())
        self.assertIn("No VAT: exempt", names())
        exempt.description = "Exempt, article 261"
        self.assertIn("Exempt, article 261", names())

    def test_usual_rate_is_the_last_one(self):
        values = self._values()
        values["lines"][0]["tax"] = self.reduced.id
        self.assertNotEqual(self.door().choices()["usual"], self.reduced.id)
        self.door().save(values)
        self.assertEqual(self.door().choices()["usual"], self.reduced.id)

    def test_states_of_payment(self):
        move = self._validated(("100",), date="2026-03-01")
        late = self.door().documents(state="late")
        self.assertEqual([row["id"] for row in late["documents"]], move.ids)
        self.assertEqual(late["documents"][0]["days_late"], 19)
        self.assertEqual((late["count"], late["total"]), (1, 120))
        self._pay(move, 20, day="2026-03-15")
        shown = self.door().document(move.id)
        self.assertEqual((shown["state"], shown["residual"]), ("late", 100))
        self._pay(move, day="2026-03-18")
        self.assertEqual(self.door().document(move.id)["state"], "paid")
        self.assertEqual(self.door().documents(state="paid")["residual"], 0)
        self.assertEqual(self.door().documents(search="roux")["count"], 1)
        self.assertEqual(self.door().documents(search="zzz")["count"], 0)
        self.assertEqual(self.door().documents()["states"]["paid"], 1)
        # Nobody owes a draft.
        self.door().save(self._values())
        found = self.door().documents()
        self.assertEqual((found["count"], found["residual"]), (2, 0))

    def test_no_customer_owes_a_draft(self):
        self._validated(("100",))
        for turn in range(2):
            key = self.door().save(self._values(("50",)))
            if turn:
                self.door().send(key)
        gone = self._move(self.door().save(self._values(("7",))))
        gone.button_cancel()
        told = self.door().documents()
        self.assertEqual(told["count"], 4)
        self.assertEqual((told["total"], told["residual"]), (240, 120))
        self.assertEqual(self.door().documents(state="draft")["residual"], 0)
        self.assertEqual(self.door().documents(search="zzz")["total"], 0)

    def test_list_takes_few_queries(self):
        for _turn in range(12):
            self.door().save(self._values())
        self._validated()
        door = self.door()
        door.documents()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(16):
            self.assertEqual(len(door.documents()["documents"]), 13)

    def test_customers_take_few_queries(self):
        for number in range(10):
            self.door().save_customer(self._customer(name=f"Customer {number}"))
        self._validated()
        door = self.door()
        door.customers()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(16):
            self.assertEqual(len(door.customers()), 11)

    def test_odd_arguments_are_no_crash(self):
        self._validated()
        for state, limit, offset in (([1], "x", None), ("late'", -1, -5), (5, 0, True)):
            found = self.door().documents(state=state, limit=limit, offset=offset)
            self.assertEqual(len(found["documents"]), 1)
        self.assertEqual(self.door().documents("T3")["count"], 0)

    # E-mails ---------------------------------------------------------------

    def test_reminder_goes_once_a_week_and_in_the_name_of_the_activity(self):
        move = self._validated(date="2026-03-01")
        self.assertTrue(self.door().remind(move.id))
        self.assertRefused("CAE-INVOICE-REMINDED", self.door().remind, move.id)
        mail = self.env["mail.mail"].search([("res_id", "=", move.id)])
        self.assertEqual(mail.recipient_ids.ids, [self.customer])
        self.assertIn(self.activities[0].name, mail.subject)
        self.assertIn(move.name, mail.body_html)
        notes = move.message_ids.mapped("body")
        self.assertTrue(any("Reminder sent to" in note for note in notes))
        with freeze_time(date(2026, 3, 20) + timedelta(days=7)):
            self.assertTrue(self.door().remind(move.id))

    def _mail(self, name, move):
        template = self.env.ref(f"cae_base.{name}")
        return template._render_field("body_html", move.ids)[move.id]

    def test_part_that_is_due_first_is_late_and_reminded_of(self):
        term = self.env.ref("account.account_payment_term_advance_60days")
        move = self._validated(("1000",), date="2026-03-01", term=term.id)
        shown = self.door().document(move.id)
        self.assertEqual((shown["state"], shown["due"]), ("late", "2026-03-01"))
        self.assertEqual(shown["days_late"], 19)
        states = self.door().documents()["states"]
        self.assertEqual((states["late"], states["sent"]), (1, 0))
        self.assertTrue(self.door().remind(move.id))
        mail = self._mail("cae_reminder_mail_template", move)
        self.assertIn("360.00", mail)
        self.assertIn("03/01/2026", mail)
        self.assertNotIn("to be paid by", self._mail("cae_invoice_mail_template", move))
        self._pay(move, 360, day="2026-03-18")
        shown = self.door().document(move.id)
        self.assertEqual((shown["state"], shown["due"]), ("partial", "2026-04-30"))
        self.assertEqual(self.door().documents()["states"]["late"], 0)
        self.assertRefused("CAE-INVOICE-STATE", self.door().remind, move.id)
        with freeze_time("2026-05-02"):
            self.assertEqual(self.door().document(move.id)["days_late"], 2)
            self.assertIn("840.00", self._mail("cae_reminder_mail_template", move))

    def test_home_counts_parts_that_are_late(self):
        term = self.env.ref("account.account_payment_term_advance_60days")
        move = self._validated(("1000",), date="2026-03-01", term=term.id)
        self.env.flush_all()
        home = self.env["cae.home"].with_user(self.users["ines"])
        home = home.with_company(self.company)
        words = "Invoices that customers pay late: 1"
        self.assertIn(words, [task["text"] for task in home._of_user()["tasks"]])
        self._pay(move, 360, day="2026-03-18")
        self.env.flush_all()
        self.assertNotIn(words, [task["text"] for task in home._of_user()["tasks"]])

    def test_who_is_not_late_is_not_reminded(self):
        key = self.door().save(self._values())
        self.assertRefused("CAE-INVOICE-STATE", self.door().remind, key)
        move = self._validated()
        self.assertRefused("CAE-INVOICE-STATE", self.door().remind, move.id)
        self.env["res.partner"].browse(self.customer).email = False
        self.assertRefused("CAE-INVOICE-EMAIL", self.door().mail, move.id)

    def test_emails_of_a_day_are_counted(self):
        first, second = self._validated(), self._validated()
        with patch("odoo.addons.cae_base.models.cae_invoicing_step.DAILY", 1):
            self.assertTrue(self.door().mail(first.id))
            self.env.flush_all()
            self.assertRefused("CAE-INVOICE-MANY", self.door().mail, second.id)
        self.assertFalse(second.cae_mailed_on)
        self.assertTrue(self.door().mail(second.id))
        # Counted before each e-mail, among all messages of the cooperative.
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'mail_message'"
        )
        found = [row for (row,) in self.env.cr.fetchall()]
        self.assertTrue([row for row in found if "(create_uid, create_date)" in row])

    def test_invoice_goes_to_the_customer_by_email(self):
        key = self.door().save(self._values())
        self.assertRefused("CAE-INVOICE-STATE", self.door().mail, key)
        move = self._validated()
        self.assertTrue(self.door().mail(move.id))
        self.assertRefused("CAE-INVOICE-MAILED", self.door().mail, move.id)
        message = move.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertEqual(message.partner_ids.ids, [self.customer])
        self.assertIn(self.activities[0].name, message.subject)
        self.assertTrue(message.attachment_ids)
        self.assertTrue(move.invoice_pdf_report_id)
        self.assertEqual(self.door().document(move.id)["mailed"], "2026-03-20")

    def test_pdf_of_a_draft_is_not_kept_and_that_of_an_invoice_is(self):
        key = self.door().save(self._values())
        _name, content = self.door()._pdf(key)
        self.assertTrue(content)
        self.assertFalse(self._move(key).invoice_pdf_report_id)
        self.assertFalse(self._move(key).is_manually_modified)  # nor written to
        move = self._validated()
        self.door()._pdf(move.id)
        self.assertTrue(move.invoice_pdf_report_id)

    def test_settings_of_the_manager(self):
        manager = self._user("invoicing_manager", "group_manager")
        settings = self.env["cae.settings"].with_user(manager)
        settings = settings.with_company(self.company)
        with Form(settings) as form:
            form.cae_self_validation_limit = 250
            form.cae_portal_tax_ids.add(self.vat_services)
        self.assertEqual(self.company.cae_self_validation_limit, 250)
        with self.assertRaises(UserError):
            settings.create({"cae_self_validation_limit": float("inf")})
