from datetime import date

from lxml import etree, html

from odoo import Command
from odoo.tests import new_test_user

from .common import cae_tagged
from .test_expense import ExpenseCommon

NAMESPACES = {
    "ram": "urn:un:unece:uncefact:data:standard:"
    "ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmM"
    b"IQAAAABJRU5ErkJggg=="
)


@cae_tagged
class TestInvoice(ExpenseCommon):
    """What is printed on the invoices of activities, and in their Factur-X."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "name": "Coop’Ouest",
                "street": "1 quai de la Fosse",
                "zip": "44000",
                "city": "Nantes",
                "company_registry": "732 829 320 00074",
                "vat": "FR44732829320",
                "phone": "+33 2 40 00 00 00",
                "email": "contact@example.org",
                "cae_legal_form": "SCOP SARL à capital variable",
            }
        )
        cls.partner_a.write(
            {
                "street": "2 rue des Halles",
                "zip": "75001",
                "city": "Paris",
                "country_id": cls.env.ref("base.fr").id,
                "company_registry": "55208131766522",
                "vat": "FR03552081317",
                "invoice_edi_format": "facturx",
            }
        )
        cls.account = cls.env["res.partner.bank"].create(
            {
                "acc_number": "FR7630006000011234567890189",
                "partner_id": cls.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        cls.first, cls.second, _third = cls.activities
        cls.first.write(
            {
                "trade": "Tapisserie",
                "logo": PIXEL,
                "insurance_company": "MAAF, Niort",
                "insurance_policy": "A-123",
                "insurance_area": "France",
                "training_number": "52 44 09999 44",
                "training_region": "Pays de la Loire",
                "invoice_note": "Artisan d’art\nMembre d’un groupement",
            }
        )

    def _print(self, move, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.user)
        report = report.with_context(lang="en_US")
        content, _kind = report._render_qweb_html("account.account_invoices", move.ids)
        return html.fromstring(content)

    @staticmethod
    def _text(page, name):
        found = page.xpath(f"//div[@name='{name}']")
        return " ".join(" ".join(node.text_content() for node in found).split())

    def _invoice(self, activity, tax=None, **vals):
        line = (None, 100, tax or self.vat_services)
        return self._document([line], cae_activity_id=activity.id, **vals)

    # Print -----------------------------------------------------------------

    def test_invoice_carries_the_trade_name_the_logo_and_the_mentions(self):
        page = self._print(self._invoice(self.first))
        self.assertEqual(self._text(page, "cae_activity"), "Test 1 Tapisserie")
        source = page.xpath("//div[@name='cae_activity']//img/@src")
        self.assertTrue(source[0].startswith("data:image/png;base64,"))
        mentions = self._text(page, "cae_mentions")
        for text in (
            "Issued by Coop’Ouest, SCOP SARL à capital variable, 1 quai de la Fosse, "
            "44000 Nantes, SIREN 732829320, VAT FR44732829320.",
            "Professional insurance: MAAF, Niort, policy A-123, covered area: France.",
            "registered under number 52 44 09999 44 with the prefect of the region "
            "Pays de la Loire.",
            "Artisan d’art Membre d’un groupement",
        ):
            self.assertIn(text, mentions)
        self.assertNotIn("CAPE", mentions)
        self.assertEqual(self._text(page, "cae_siren"), "Customer SIREN 552081317")

    def test_activity_without_mentions_shows_its_name_and_the_cooperative(self):
        page = self._print(self._invoice(self.second, day="2026-06-30"))
        self.assertEqual(self._text(page, "cae_activity"), "Test 2")
        self.assertFalse(page.xpath("//div[@name='cae_activity']//img"))
        mentions = page.xpath("//div[@name='cae_mentions']/div")
        self.assertEqual(len(mentions), 1)

    def test_mention_of_r127_3_while_the_holder_is_under_cape(self):
        for day, expected in (("2026-05-31", True), ("2026-06-01", False)):
            page = self._print(self._invoice(self.second, day=day))
            text = self._text(page, "cae_mentions")
            self.assertEqual("R.127-3" in text, expected, day)
            if expected:
                self.assertIn(
                    "Yann Test is supported under a CAPE (contrat d’appui au projet "
                    "d’entreprise, R.127-3 of the commercial code) by Coop’Ouest, 1 "
                    "quai de la Fosse, 44000 Nantes, SIREN 732829320; term of the "
                    "contract: 05/31/2026.",
                    text,
                )

    def test_kind_of_operation_comes_from_the_lines(self):
        exempt = (None, 10, None)
        cases = [
            ([(None, 100, self.vat_services)], "Supply of services"),
            ([(None, 100, self.vat_goods)], "Delivery of goods"),
            ([(None, 100, self.vat_goods), exempt], "Goods and services"),
            ([exempt], "Supply of services"),
        ]
        for lines, expected in cases:
            move = self._document(lines, cae_activity_id=self.first.id)
            page = self._print(move)
            self.assertEqual(self._text(page, "cae_operation"), f"Operation {expected}")
            self.assertFalse(page.xpath("//div[@name='operation_type']"))
        move = self._document([exempt], cae_activity_id=self.first.id)
        move.button_draft()
        move.invoice_line_ids.account_id = self._account("707")
        self.assertEqual(move._cae_operation_kind(), "goods")

    def test_vat_on_debits_is_told_for_services_only(self):
        mention = "Option to pay tax on debits"
        cases = [(self.vat_services, False), (self.vat_goods, False)]
        debits = self.vat_services.copy({"tax_exigibility": "on_invoice"})
        for tax, expected in [*cases, (debits, True)]:
            page = self._print(self._invoice(self.first, tax))
            self.assertEqual(mention in page.text_content(), expected, tax.name)

    def test_delivery_address_is_printed_when_it_differs(self):
        place = self.partner_a.copy(
            {"name": "Site", "type": "delivery", "parent_id": self.partner_a.id}
        )
        place.write({"street": "9 chemin du Port", "city": "Brest"})
        move = self._invoice(self.first, partner_shipping_id=place.id)
        self.assertIn("9 chemin du Port", self._print(move).text_content())
        self.assertEqual(self._print(move).text_content().count("9 chemin du Port"), 1)
        self.user.group_ids += self.env.ref("account.group_delivery_invoice_address")
        self.assertEqual(self._print(move).text_content().count("9 chemin du Port"), 1)
        same = self._print(self._invoice(self.first))
        self.assertEqual(self._text(same, "cae_delivery"), "")

    def test_invoice_without_activity_looks_as_in_plain_odoo(self):
        move = self._document([(None, 100, self.vat_goods)])
        page = self._print(move)
        self.assertFalse(page.xpath("//div[starts-with(@name, 'cae_')]"))
        self.assertEqual(len(page.xpath("//div[@name='operation_type']")), 1)
        self.assertIn("Option to pay tax on debits", page.text_content())
        bill = self._document([(None, 9, None)], kind="in_invoice")
        bill.cae_activity_id = self.first
        self.assertFalse(bill._cae_invoice_activity())

    def test_billing_without_any_right_on_activities_prints_them(self):
        clerk = new_test_user(
            self.env,
            "clerk",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        page = self._print(self._invoice(self.first), clerk)
        self.assertIn("MAAF", self._text(page, "cae_mentions"))

    def test_numbers_are_one_sequence_over_all_activities(self):
        moves = [self._invoice(a) for a in (*self.activities, *self.activities)]
        numbers = [move.sequence_number for move in moves]
        start = numbers[0]
        self.assertEqual(numbers, list(range(start, start + 6)))
        self.assertEqual(len({move.sequence_prefix for move in moves}), 1)

    # Factur-X --------------------------------------------------------------

    def _facturx(self, move):
        move.partner_bank_id = self.account
        builder = self.env["account.edi.xml.cii"]
        content, errors = builder._export_invoice(move)
        self.assertFalse(errors)
        return etree.fromstring(content)

    def test_facturx_of_an_activity_names_the_cooperative_and_the_customer(self):
        move = self._document(
            [(self.first, 100, self.vat_goods), (self.first, 33.33, self.vat_goods)],
            cae_activity_id=self.first.id,
        )
        tree = self._facturx(move)

        def value(path):
            return tree.xpath(f"string({path})", namespaces=NAMESPACES)

        self.assertEqual(value("//rsm:ExchangedDocument/ram:ID"), move.name)
        seller, buyer = "//ram:SellerTradeParty", "//ram:BuyerTradeParty"
        self.assertEqual(value(f"{seller}/ram:Name"), "Coop’Ouest")
        self.assertIn(
            "FR44732829320", value(f"{seller}/ram:SpecifiedTaxRegistration/ram:ID")
        )
        self.assertEqual(
            value(f"{buyer}/ram:SpecifiedLegalOrganization/ram:ID"), "55208131766522"
        )
        # A line without a product has a name too (EN 16931, BR-25).
        product = "//ram:SpecifiedTradeProduct"
        self.assertEqual(value(f"({product})[1]/ram:Name"), "Line")
        self.assertFalse(
            tree.xpath(f"{product}/ram:Description", namespaces=NAMESPACES)
        )
        totals = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation"
        self.assertEqual(float(value(f"{totals}/ram:TaxBasisTotalAmount")), 133.33)
        self.assertEqual(float(value(f"{totals}/ram:TaxTotalAmount")), 26.67)
        self.assertEqual(float(value(f"{totals}/ram:GrandTotalAmount")), 160.00)

    def test_facturx_is_the_same_with_and_without_activity(self):
        trees = []
        for activity in (self.first, self.env["cae.activity"]):
            move = self._document(
                [(None, 100, self.vat_goods)], cae_activity_id=activity.id
            )
            number = move.name.encode()
            trees.append(etree.tostring(self._facturx(move)).replace(number, b"F1"))
        self.assertEqual(trees[0], trees[1])

    def test_cape_holders_of_a_day(self):
        self.assertEqual(
            self.second._cape_holders(date(2026, 1, 1)),
            [(self.yann, date(2026, 5, 31))],
        )
        self.assertEqual(self.first._cape_holders(date(2026, 1, 1)), [])
        self.yann.contract_ids.date_end = False
        (_person, term), *_others = self.second._cape_holders(date(2026, 1, 1))
        self.assertEqual(term, date(2026, 5, 31))
