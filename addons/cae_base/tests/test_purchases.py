"""Bills by photo, expenses and mileage, declared on the portal."""

import io
from unittest.mock import patch
from uuid import uuid4

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from odoo import Command, fields, http
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.service.model import get_public_method
from odoo.tests import Form, HttpCase, TransactionCase, freeze_time
from odoo.tools import mute_logger

from .. import uploads
from ..models.cae_period import CaePeriod
from ..models.cae_purchase import MOST_FILES
from .common import cae_tagged
from .test_expense import ExpenseCommon

MANY = 10**30
PAGE = b"<html><script>alert(1)</script></html>"


def picture(kind="PNG"):
    """A small picture, as a phone sends one."""
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(stream, kind)
    return stream.getvalue()


def taken(kind="JPEG"):
    """A picture taken in Nantes by a phone that lay on its side."""
    stream, noted = io.BytesIO(), Image.Exif()
    noted[0x0112] = 6  # its top is on the right
    noted[0x010F] = "MAKER"
    noted.get_ifd(0x8825).update({1: "N", 2: (47.0, 13.0, 6.0)})
    text = PngInfo()
    text.add_text("Comment", "SECRET")
    said = {"comment": b"SECRET"} if kind == "JPEG" else {"pnginfo": text}
    Image.new("RGB", (40, 30), "white").save(stream, kind, exif=noted, **said)
    return stream.getvalue()


PNG, JPEG = picture(), picture("JPEG")
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8 " + b"\x00" * 20
PDF = b"%PDF-1.4 bill"
HEIC = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 20


class PurchaseCommon(ExpenseCommon):
    """Inès holds T1, which Léa left, and with Yann T2; Max is a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lea = cls._person("E3", "Léa", "cesa")
        people = {"ines": cls.ines, "yann": cls.yann, "lea": cls.lea}
        cls.users = {}
        for name, person in people.items():
            cls.users[name] = cls._user(f"buy_{name}", "group_entrepreneur")
            person.user_id = cls.users[name]
        first, second, _third = cls.activities
        left = (cls.lea, 100, "2025-01-01", "2025-12-31")
        cls._share_out(first, left, (cls.ines, 100, "2026-01-01", False))
        both = [(cls.ines, 60), (cls.yann, 40)]
        cls._share_out(second, *both)
        cls.users["max"] = cls.env["res.users"].create(
            {
                "name": "Max",
                "login": "buy_max",
                "password": "buy_max",
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )
        cls.meals = cls.env.ref("hr_expense.expense_product_meal")
        cls.shop = cls.env["res.partner"].create({"name": "Papeterie du Port"})
        cls.known = cls._document(
            [(first, 10, None)], "2026-01-20", "in_invoice",
            partner_id=cls.shop.id, cae_activity_id=first.id,
        )  # fmt: skip
        cls.env.flush_all()

    @classmethod
    def _hold(cls, activities, person):
        """The holders of this test are others."""

    def desk(self, user="ines"):
        """What purchases of a user go through, as a new request sees it."""
        self.env.flush_all()
        self.env.invalidate_all()
        desk = self.env["cae.purchase"].with_user(self.users[user])
        return desk.with_company(self.company).with_context(lang="en_US")

    def day(self):
        return fields.Date.context_today(self.known)

    def given(self, kind="bill", **given):
        """What a form sends."""
        typed = {
            "bill": {"supplier": "papeterie du port", "ref": "F-12"},
            "expense": {"category": str(self.meals.id)},
            "mileage": {
                **{"from": "Nantes", "to": "Angers", "purpose": "Visit"},
                **{"distance": "123", "vehicle": "car", "power": "5"},
            },
        }
        words = {"amount": "120,00", "name": "Paper"} if kind != "mileage" else {}
        common = {"date": self.day().isoformat(), "activity": "T1"}
        return {**common, **words, **typed[kind], **given}

    def declare(self, kind="bill", user="ines", files=None, key=None, **given):
        files = [("a.png", PNG)] if files is None and kind != "mileage" else files
        return self.desk(user)._declare(
            kind, self.given(kind, **given), files or [], key or uuid4().hex
        )

    def refused(self, code, *args, **given):
        before = [self.env[m].search_count([]) for m in ("account.move", "hr.expense")]
        with self.assertRaisesRegex(UserError, code), self.cr.savepoint():
            self.declare(*args, **given)
        after = [self.env[m].search_count([]) for m in ("account.move", "hr.expense")]
        self.assertEqual(after, before)


class TestUploads(TransactionCase):
    """What files are is told by their content."""

    def test_kinds(self):
        files = {
            "png": PNG, "jpg": JPEG, "webp": WEBP, "pdf": PDF, "heic": HEIC,
        }  # fmt: skip
        for kind, content in files.items():
            self.assertEqual(uploads.kind_of(content), kind)
        for content in (
            *(b"", b"<svg onload='x'/>", PAGE, b"MZ\x90", b"GIF89a", b"\xef\xbb\xbf"),
            *(PNG[:8] + PAGE, JPEG[:3] + PAGE, b"RIFF....WAVE" + PAGE, PNG[:30]),
            b"\x00\x00\x00\x18ftypmp42" + PAGE,
        ):
            self.assertEqual(uploads.kind_of(content), "", content[:20])

    def test_what_is_taken(self):
        self.assertEqual(uploads.checked(self.env, PNG, "CAE-X"), "png")
        for content in (WEBP, b"", PAGE):
            with self.assertRaisesRegex(UserError, "^CAE-X: .*PDF, PNG, JPEG"):
                uploads.checked(self.env, content, "CAE-X")
        self.assertEqual(
            uploads.checked(self.env, WEBP, "CAE-X", uploads.PHOTOS), "webp"
        )
        with (
            patch("odoo.addons.cae_base.uploads.LARGEST", len(PNG) - 1),
            self.assertRaisesRegex(UserError, "CAE-X"),
        ):
            uploads.checked(self.env, PNG, "CAE-X")
        for value in (None, "²", b"\x00", 12):
            with self.assertRaisesRegex(UserError, "CAE-X"):
                uploads.checked_base64(self.env, value, "CAE-X")

    def test_place(self):
        """What the camera noted goes; the picture stays, upright."""
        for kind in ("JPEG", "PNG"):
            before = taken(kind)
            for words in (b"MAKER", b"SECRET"):
                self.assertIn(words, before)
            after = uploads.without_place(before)
            with Image.open(io.BytesIO(after), formats=[kind]) as image:
                self.assertEqual(image.size, (30, 40))
                self.assertFalse(image.getexif())
            for words in (b"MAKER", b"SECRET", b"Exif", b"eXIf"):
                self.assertNotIn(words, after)
        for same in (PNG, JPEG, PDF, HEIC, PAGE, b""):
            self.assertEqual(uploads.without_place(same), same)

    def test_place_webp(self):
        """The parts that tell go, and the head says so; all others stay."""

        def webp(flags, *parts):
            head = b"VP8X\x0a\x00\x00\x00" + bytes([flags]) + bytes(9)
            body = b"WEBP" + head + b"".join(parts)
            return b"RIFF" + len(body).to_bytes(4, "little") + body

        pixels, place = b"VP8 \x02\x00\x00\x00ab", b"EXIF\x03\x00\x00\x00gps\x00"
        more = b"XMP \x02\x00\x00\x00<x"
        self.assertEqual(
            uploads.without_place(webp(0x1C, place, pixels, more)), webp(0x10, pixels)
        )
        uploads.without_place(webp(0x1C, place)[:-9])  # cut short

    def test_unfolding(self):
        """A small file that would unfold into much memory is none that is taken."""
        with patch("odoo.addons.cae_base.uploads.POINTS", 40 * 30 - 1):
            for content in (PNG, JPEG):
                with self.assertRaisesRegex(UserError, "CAE-X"):
                    uploads.checked(self.env, content, "CAE-X")

    def test_names(self):
        for given, name in {
            "a.png": "a.jpg",
            "../../etc/pass\x01wd\x00.html": "passwd.jpg",
            "C:\\x\\bill.svg": "bill.jpg",
            "": "document.jpg",
            None: "document.jpg",
            ".": "document.jpg",
            "..png": "document.jpg",
            "facture n° 3": "facture n° 3.jpg",
        }.items():
            self.assertEqual(uploads.file_name(given, "jpg"), name)


@cae_tagged
@freeze_time("2026-03-20")
class TestPurchases(PurchaseCommon):
    # Bills -----------------------------------------------------------------

    def test_a_bill_is_a_draft_with_its_photo(self):
        self.meals.supplier_taxes_id = self.vat
        bill = self.declare(
            files=[("b.pdf", PDF), ("a.png", PNG)], category=str(self.meals.id)
        )
        bill = bill.with_user(self.user)
        self.assertEqual((bill.state, bill.move_type), ("draft", "in_invoice"))
        self.assertEqual(bill.cae_activity_id, self.activities[0])
        self.assertEqual(bill.partner_id, self.shop)
        self.assertEqual((bill.ref, str(bill.invoice_date)), ("F-12", "2026-03-20"))
        self.assertEqual((bill.amount_untaxed, bill.amount_total), (100, 120))
        self.assertEqual(bill.cae_declared_total, 120)
        self.assertEqual(bill.invoice_line_ids.product_id, self.meals)
        self.assertEqual(bill.cae_declarer_id, self.ines)
        main = bill.message_main_attachment_id
        self.assertEqual((main.name, main.mimetype), ("b.pdf", "application/pdf"))
        self.assertEqual(len(bill._cae_papers()), 2)
        self.assertNotIn(self.users["ines"].partner_id, bill.message_partner_ids)

    def test_what_it_is_leaves_out_lines_of_others(self):
        bill = self.declare()
        key = {str(self.activities[1].analytic_account_id.id): 100}
        line = {"price_unit": 1, "analytic_distribution": key}
        bill.with_env(self.env).invoice_line_ids = [
            Command.create({"name": "Own", "price_unit": 1}),
            Command.create({"name": "Of others", **line}),
        ]
        self.assertEqual(bill._cae_bought(), "Paper\nOwn")

    def test_an_accountant_completes_it_and_posts(self):
        bill = self.declare(supplier="New shop").with_user(self.user)
        self.assertFalse(bill.partner_id)
        self.assertEqual(bill.cae_declared_supplier, "New shop")
        found = (
            self.env["account.move"]
            .with_user(self.user)
            .search([("cae_declarer_id", "!=", False), ("state", "=", "draft")])
        )
        self.assertEqual(found, bill)
        with Form(bill) as form:
            form.partner_id = self.partner_a
        self.assertEqual(bill.sudo()._cae_portal_state(), "received")
        bill.action_post()
        self.assertEqual(bill._cae_portal_state(), "booked")
        self._pay(bill, day="2026-03-20")
        self.assertEqual(bill._cae_portal_state(), "paid")
        self.assertInvariant()

    def test_a_supplier_is_found_by_name_when_there_is_no_doubt(self):
        twin = self.shop.copy({"name": "PAPETERIE DU PORT"})
        self.assertEqual(self.declare().partner_id, self.shop)
        self._document(
            [(self.activities[0], 10, None)], "2026-01-20", "in_invoice",
            partner_id=twin.id, cae_activity_id=self.activities[0].id,
        )  # fmt: skip
        self.assertFalse(self.declare().partner_id)

    def test_a_bill_is_sent_back_corrected_and_sent_again(self):
        bill = self.declare()
        action = bill.with_user(self.user).action_cae_ask_send_back()
        asked = self.env["cae.reason"].with_user(self.user)
        with Form(asked.with_context(**action["context"]), action["view_id"]) as form:
            form.reason = "The second page is missing"
        form.record.action_confirm()
        self.assertEqual(bill._cae_portal_state(), "correct")
        desk = self.desk()
        home = desk.env["cae.home"]._of_user()
        (task,) = [task for task in home["tasks"] if "/purchases/" in task["url"]]
        self.assertEqual(task["url"], f"/my/purchases/bill/{bill.id}")
        self.assertIn("papeterie du port", task["text"])
        document = desk._document("bill", bill.id)
        desk._change("bill", document, self.given(amount="150"), [("2.png", PNG)])
        self.assertEqual(bill._cae_portal_state(), "received")
        self.assertEqual(bill.amount_total, 150)
        self.assertEqual(len(bill.invoice_line_ids), 1)
        self.assertEqual(len(bill._cae_papers()), 2)
        with self.assertRaisesRegex(UserError, "CAE-PURCHASE-STATE"):
            desk._change("bill", document, self.given(amount="160"), [])

    def test_only_drafts_of_the_portal_are_sent_back_and_with_a_reason(self):
        known = self.known.with_user(self.user)
        with self.assertRaisesRegex(UserError, "CAE-PURCHASE-STATE"):
            known.action_cae_send_back("Why")
        bill = self.declare().with_user(self.user)
        for reason in ("", " \n", None, ["x"]):
            with self.assertRaisesRegex(UserError, "CAE-PURCHASE-REASON"):
                bill.action_cae_send_back(reason)
        for user in ("ines", "max"):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
                bill.with_user(self.users[user]).action_cae_send_back("Mine")

    def test_a_bill_is_removed_while_nobody_booked_it(self):
        bill = self.declare()
        papers = bill._cae_papers()
        self.desk()._remove(self.desk()._document("bill", bill.id))
        self.assertFalse(bill.exists())
        self.assertFalse(papers.exists())
        bill = self.declare()
        bill.action_post()
        with self.assertRaisesRegex(UserError, "CAE-PURCHASE-STATE"):
            self.desk()._remove(self.desk()._document("bill", bill.id))
        # Typed by an accountant: it is seen, not removed.
        with self.assertRaisesRegex(UserError, "CAE-PURCHASE-STATE"):
            self.desk()._remove(self.desk()._document("bill", self.known.id))

    # Expenses --------------------------------------------------------------

    def test_an_expense_goes_through_odoos_own_flow(self):
        expense = self.declare("expense", amount="24,50")
        self.assertEqual(expense._cae_portal_state(), "submitted")
        self.assertEqual(expense.employee_id, self.ines.employee_id)
        self.assertEqual(expense.cae_activity_id, self.activities[0])
        self.assertEqual(expense.total_amount, 24.5)
        self.assertTrue(expense.message_main_attachment_id)
        own = expense.with_user(self.user)
        own.action_approve()
        self.assertEqual(own._cae_portal_state(), "approved")
        with self.assertRaisesRegex(UserError, "CAE-PURCHASE-STATE"):
            self.desk()._take_back(self.desk()._document("expense", expense.id))
        own._post_without_wizard()
        self.assertEqual(own._cae_portal_state(), "booked")
        self._pay(own.account_move_id, day="2026-03-20")
        self.assertEqual(own._cae_portal_state(), "paid")
        self.assertInvariant()

    def test_an_expense_is_taken_back_changed_and_removed(self):
        expense = self.declare("expense")
        desk = self.desk()
        document = desk._document("expense", expense.id)
        with self.assertRaisesRegex(UserError, "CAE-PURCHASE-STATE"):
            desk._change("expense", document, self.given("expense"), [])
        with self.assertRaisesRegex(UserError, "CAE-PURCHASE-STATE"):
            desk._remove(document)
        desk._take_back(document)
        self.assertEqual(expense._cae_portal_state(), "draft")
        desk._change("expense", document, self.given("expense", amount="60"), [])
        self.assertEqual(expense._cae_portal_state(), "submitted")
        self.assertEqual(expense.total_amount, 60)
        desk._take_back(document)
        desk._remove(document)
        self.assertFalse(expense.exists())

    def test_a_refusal_says_why_and_is_mended(self):
        expense = self.declare("expense")
        expense.with_user(self.user)._do_refuse("Not readable")
        self.assertEqual(expense._cae_portal_state(), "refused")
        self.assertEqual(expense.cae_correction, "Not readable")
        self.assertEqual(
            self.tasks(),
            [("Correct the expense: Paper", f"/my/purchases/expense/{expense.id}")],
        )
        self.assertEqual(self.tasks("yann"), [])
        desk = self.desk()
        document = desk._document("expense", expense.id)
        desk._change("expense", document, self.given("expense"), [("b.jpg", JPEG)])
        self.assertEqual(expense._cae_portal_state(), "submitted")
        self.assertFalse(expense.cae_correction)
        self.assertEqual(self.tasks(), [])
        self.assertEqual(len(expense._cae_papers()), 2)

    def tasks(self, user="ines"):
        home = self.desk(user).env["cae.home"]._of_user()
        tasks = [(task["text"], task["url"]) for task in home["tasks"]]
        return [task for task in tasks if "/purchases/" in task[1]]

    # Mileage ---------------------------------------------------------------

    def test_a_journey_gets_what_the_scale_says(self):
        claim = self.declare("mileage")
        self.assertEqual((claim.name, claim.cae_purpose), ("Nantes – Angers", "Visit"))
        self.assertEqual((claim.total_amount, claim.state), (78.23, "submitted"))
        back = self.declare("mileage", back="1")
        self.assertEqual(back.name, "Nantes – Angers – Nantes")
        self.assertEqual((back.cae_distance, back.total_amount), (246, 156.46))
        claim.with_user(self.user)._do_approve()
        self.assertEqual(claim.total_amount, 78.23)

    def test_the_estimate_follows_the_year_and_writes_nothing(self):
        self.declare("mileage", distance="4800").with_user(self.user)._do_approve()
        count = self.env["hr.expense"].search_count([])
        desk = self.desk()
        documents = desk._documents("mileage", desk._buyer())
        given = self.given("mileage", distance="400")
        amount, words = documents._cae_estimate(desk._buyer(), given)
        self.assertEqual(float(amount), 198.6)
        self.assertIn("5200", words)
        self.assertEqual(self.env["hr.expense"].search_count([]), count)

    # What is refused --------------------------------------------------------

    def test_what_is_typed_is_checked(self):
        for code, odd in {
            "CAE-PURCHASE-AMOUNT": [
                {"amount": text}
                for text in (
                    *("", "0", "-5", "nan", "inf", "1e4", "1e400", "²", "0,00"),
                    *("9" * 40, "12\x0034", "1_0", "1,234", None, "12.5.5"),
                )
            ],
            "CAE-PURCHASE-DATE": [
                {"date": text}
                for text in (
                    *("", "2026-03-21", "2026-02-30", "20260320²", "1999-12-31"),
                    *(None, "9999-12-31", "0001-01-01", "2026-03-20\x00"),
                )
            ],
            "CAE-PURCHASE-ACTIVITY": [
                *({"activity": text} for text in ("", "T3", "T9", "²", None)),
                {"date": "2025-12-31"},
            ],
            "CAE-PURCHASE-TEXT": [
                *({"name": text} for text in ("", " ", "\x00", None)),
                {"supplier": " "},
            ],
            "CAE-PURCHASE-KIND": [
                {"category": text}
                for text in ("²", "0", str(self.env.ref("cae_base.product_mileage").id))
            ],
            "CAE-PURCHASE-FORM": [{"key": text} for text in ("x", "a" * 33, "A" * 32)],
        }.items():
            for given in odd:
                with self.subTest(code=code, given=given):
                    self.refused(code, **given)
        self.refused("CAE-PURCHASE-KIND", "expense", category="")

    def test_journeys_are_checked(self):
        for code, odd in {
            "CAE-PURCHASE-DISTANCE": [
                {"distance": text}
                for text in ("", "0", "-1", "1e3", "nan", "5001", "123456")
            ],
            "CAE-PURCHASE-VEHICLE": [
                *({"power": text} for text in ("", "0", "100", "²", "-1")),
                *({"vehicle": text} for text in ("", "plane", None)),
            ],
            "CAE-PURCHASE-TEXT": [{"from": ""}, {"to": " "}, {"purpose": ""}],
        }.items():
            for given in odd:
                with self.subTest(code=code, given=given):
                    self.refused(code, "mileage", **given)
        moped = self.declare("mileage", vehicle="moped", power="")
        self.assertEqual((moped.cae_power, moped.total_amount), (0, 38.75))

    def test_files_are_checked(self):
        odd = [
            *([("a.png", content)] for content in (b"", PAGE, PNG[:8] + PAGE)),
            *([("x.svg", b"<svg/>")], [("a.png", PNG), ("b.html", PAGE)]),
            *([], [("a.png", PNG)] * (MOST_FILES + 1)),
            [("a.pdf", b"%PDF-" + b"0" * uploads.LARGEST)],
        ]
        for files in odd:
            with self.subTest(files=[name for name, _content in files][:2]):
                self.refused("CAE-PURCHASE-FILE", files=files)
        self.refused("CAE-PURCHASE-FILE", "mileage", files=[("a.html", PAGE)])
        bill = self.declare(files=[("../x\x00.html", JPEG), ("v.heic", HEIC)])
        names = [(p.name, p.mimetype) for p in bill._cae_papers()]
        self.assertEqual(names, [("x.jpg", "image/jpeg"), ("v.heic", "image/heic")])

    def test_photos_are_kept_without_their_place(self):
        bill = self.declare(files=[("a.jpg", taken())])
        self.assertNotIn(b"MAKER", bill._cae_papers().raw)

    def test_a_closed_month_of_long_ago_is_refused_in_words(self):
        months = {fields.Date.to_date(day) for day in ("2023-12-01", "2026-02-01")}
        with patch.object(CaePeriod, "_locked_months", lambda *_args: months):
            for kind in ("bill", "expense", "mileage"):
                self.refused("CAE-PERIOD-LOCKED: .*closed", kind, date="2023-12-31")
        self.refused("CAE-PURCHASE-DATE: .*to come", date="2099-01-01")

    def test_who_has_no_file_of_expenses_declares_bills_only(self):
        self.ines.employee_id = False
        for kind in ("expense", "mileage"):
            self.refused("CAE-PURCHASE-EMPLOYEE", kind)
        self.assertTrue(self.declare())

    def test_a_form_sent_twice_makes_one(self):
        key = uuid4().hex
        for kind in ("bill", "expense", "mileage"):
            first = self.declare(kind, key=key, activity="T2")
            self.assertEqual(self.declare(kind, key=key, activity="T2"), first)
            other = self.declare(kind, "yann", key=key, activity="T2")
            self.assertNotEqual(other, first)

    @mute_logger("odoo.sql_db")
    def test_the_same_form_at_the_same_moment_begins_again(self):
        key = uuid4().hex
        first = self.declare(key=key)
        # Its search cannot see what the other request is writing.
        domain = type(self.env["account.move"])
        with (
            patch.object(domain, "search", lambda model, *_a, **_k: model.browse()),
            patch.object(
                type(self.env["cae.purchase"]),
                "_suppliers",
                lambda desk, _buyer: desk.env["res.partner"].sudo(),
            ),
            self.assertRaises(ConcurrencyError),
        ):
            self.declare(key=key)
        self.assertTrue(first.exists())

    # Whose they are ----------------------------------------------------------

    def test_a_bill_is_the_activitys_an_expense_the_persons(self):
        bill = self.declare(activity="T2")
        expense = self.declare("expense", activity="T2")
        claim = self.declare("mileage", activity="T2")
        alone = self.declare()
        yann, lea = self.desk("yann"), self.desk("lea")
        self.assertEqual(yann._document("bill", bill.id), bill)
        self.assertFalse(yann._document("bill", alone.id))
        self.assertFalse(yann._document("expense", expense.id))
        self.assertFalse(yann._document("mileage", claim.id))
        self.assertTrue(yann._paper(bill._cae_papers().id))
        self.assertIsNone(yann._paper(expense._cae_papers().id))
        for document, kind in ((bill, "bill"), (alone, "bill"), (expense, "expense")):
            self.assertFalse(lea._document(kind, document.id))
            self.assertIsNone(lea._paper(document._cae_papers().id))
        self.assertFalse(self.desk()._document("mileage", expense.id))
        self.assertFalse(self.desk()._document("note", bill.id))

    def test_the_home_leads_there_while_something_may_be_owed(self):
        def texts(user):
            links = self.desk(user).env["cae.home"]._of_user()["links"]
            return [text for text, address, _icon in links if "purchases" in address]

        self.assertEqual(texts("ines"), ["Declare a purchase"])
        self.assertEqual(texts("lea"), [])
        self.lea.date_exit = "2026-03-01"
        self.lea.contract_ids.date_end = "2026-03-01"
        self.lea._cae_compute_again("stage")
        self.assertEqual(self.lea.stage, "left")
        self.assertEqual(texts("lea"), ["My purchases"])

    def test_who_left_declares_nothing_and_sees_no_bill(self):
        for kind in ("bill", "expense", "mileage"):
            self.refused("CAE-PURCHASE-ACTIVITY", kind, "lea")
        self.assertFalse(self.desk("lea")._document("bill", self.known.id))
        self.assertEqual(
            self.desk("yann")._suppliers(self.desk("yann")._buyer()).ids, []
        )

    def test_customers_and_the_public_have_no_desk(self):
        self.users["public"] = self.env.ref("base.public_user")
        for user in ("max", "public"):
            self.assertIsNone(self.desk(user)._buyer())
            self.assertIsNone(self.desk(user)._document("bill", self.known.id))
            self.refused("CAE-PURCHASE-ACTIVITY", "bill", user)

    def test_drafts_of_the_office_and_its_files_are_not_shown(self):
        draft = self.known.copy({"invoice_date": "2026-03-01"})
        self.assertFalse(self.desk()._document("bill", draft.id))
        memo = self.env["ir.attachment"].create(
            {
                "name": "memo.pdf",
                "raw": PDF,
                "res_model": "account.move",
                "res_id": self.known.id,
            }
        )
        self.known.message_main_attachment_id = False
        self.assertIsNone(self.desk()._paper(memo.id))
        self.known.message_main_attachment_id = memo
        self.assertEqual(self.desk()._paper(memo.id), memo)

    def test_nothing_is_called_from_outside(self):
        desk = self.desk()
        names = {n for n in dir(type(desk)) if not n.startswith("_")}
        plain = {n for n in dir(type(self.env["base"])) if not n.startswith("_")}
        self.assertEqual(names - plain, set())
        for name in ("_declare", "_change", "_remove", "_documents", "_paper"):
            with self.assertRaises(AccessError):
                get_public_method(desk, name)
        bill = self.declare()
        expense = self.declare("expense")
        for record in (bill, expense, bill._cae_papers()):
            own = record.with_user(self.users["ines"]).sudo(False)
            for operation in ("read", "write", "unlink"):
                self.assertFalse(own.has_access(operation), (record, operation))

    def test_lists_take_few_queries(self):
        for _turn in range(4):
            self.declare()
            self.declare("expense")
        for kind in ("bill", "expense"):
            desk = self.desk()
            buyer = desk._buyer()
            documents = desk._documents(kind, buyer)
            rows = documents.search(desk._own(kind, buyer))
            self.assertGreater(len(rows), 3)
            with self.assertQueryCount(3):
                for row in rows:
                    row._cae_portal_state()
                    self.assertTrue(row.cae_activity_id.name)


@cae_tagged
class TestPurchasePages(HttpCase, PurchaseCommon):
    """The pages, as people and attackers call them."""

    def post(self, url, files=None, **data):
        data = {"csrf_token": http.Request.csrf_token(self), **data}
        return self.url_open(url, data=data, files=files)

    def send(self, kind="bill", files=None, key=None, **given):
        if files is None and kind != "mileage":
            files = [("files", ("a.png", PNG, "text/html"))]
        given = {"key": key or uuid4().hex, **self.given(kind, **given)}
        return self.post(f"/my/purchases/{kind}/declare", files=files, **given)

    def count(self):
        self.env.invalidate_all()
        return len(self.env["account.move"].search([("cae_declarer_id", "!=", False)]))

    def test_pages_show_what_was_declared(self):
        self.authenticate("buy_ines", "buy_ines")
        answer = self.send()
        self.assertIn("Received: the accountants check the bill", answer.text)
        self.assertIn("Papeterie du Port", answer.text)
        self.assertEqual(self.count(), 1)
        for kind in ("expense", "mileage"):
            self.assertIn("Sent: you see here", self.send(kind).text)
        expense = self.env["hr.expense"].search([("cae_mileage", "=", False)])
        bill = self.env["account.move"].search([("cae_declarer_id", "!=", False)])
        for page in (
            *("/my", "/my/purchases", "/my/purchases?show=expense"),
            *("/my/purchases?show=mileage", "/my/purchases?show=²&page=²"),
            *(f"/my/purchases/{k}/new" for k in ("bill", "expense", "mileage")),
            f"/my/purchases/bill/{bill.id}",
            f"/my/purchases/expense/{expense.id}",
            "/my/purchases/mileage/amount?distance=12&date=x",
        ):
            self.assertEqual(self.url_open(page).status_code, 200, page)
        page = self.url_open(f"/my/purchases/bill/{bill.id}").text
        self.assertRegex(page, r"What it is</dt>\s*<dd[^>]*>Paper</dd>")
        self.post(f"/my/purchases/expense/{expense.id}/take_back")
        page = self.url_open(f"/my/purchases/expense/{expense.id}/edit")
        self.assertIn('value="120,00"', page.text)
        self.post(
            f"/my/purchases/expense/{expense.id}/change",
            **self.given("expense", amount="99"),
        )
        self.env.invalidate_all()
        self.assertEqual((expense.total_amount, expense.state), (99, "submitted"))
        self.post(f"/my/purchases/bill/{bill.id}/remove")
        self.assertEqual(self.count(), 0)

    def test_a_file_is_never_a_page(self):
        self.authenticate("buy_ines", "buy_ines")
        self.send(files=[("files", ("x.html", PNG + PAGE, "text/html"))])
        bill = self.env["account.move"].search([("cae_declarer_id", "!=", False)])
        paper = bill._cae_papers()
        answer = self.url_open(f"/my/purchases/paper/{paper.id}")
        headers = answer.headers
        self.assertEqual((answer.content, answer.status_code), (PNG + PAGE, 200))
        self.assertEqual(headers["Content-Type"], "image/png")
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("attachment", headers["Content-Disposition"])
        self.assertIn("x.png", headers["Content-Disposition"])
        self.assertIn("sandbox", headers["Content-Security-Policy"])
        for user in ("lea", "yann", "max"):
            self.authenticate(f"buy_{user}", f"buy_{user}")
            for page in (
                f"/my/purchases/paper/{paper.id}",
                f"/my/purchases/bill/{bill.id}",
            ):
                answer = self.url_open(page)
                self.assertEqual(answer.status_code, 404, (user, page))
            self.assertNotIn(
                b"alert", self.url_open(f"/web/content/{paper.id}").content
            )

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self):
        self.authenticate("buy_ines", "buy_ines")
        many = [("files", (f"{n}.png", PNG, "image/png")) for n in range(50)]
        for files, given, code in (
            (None, {"amount": "-3", "name": "My <b>paper"}, "CAE-PURCHASE-AMOUNT"),
            ([("files", ("a.png", PAGE, "image/png"))], {}, "CAE-PURCHASE-FILE"),
            ([("files", ("a.svg", b"<svg/>", "image/png"))], {}, "CAE-PURCHASE-FILE"),
            ([("files", ("a.png", b"", "image/png"))], {}, "CAE-PURCHASE-FILE"),
            (many, {}, "CAE-PURCHASE-FILE"),
            (None, {"key": "1"}, "CAE-PURCHASE-FORM"),
        ):
            answer = self.send(files=files, **given)
            self.assertEqual(answer.status_code, 200)
            self.assertIn(f"({code})", answer.text)
            self.assertIn("F-12", answer.text)
        self.assertIn(
            "My &lt;b&gt;paper", self.send(amount="x", name="My <b>paper").text
        )
        self.assertEqual(self.count(), 0)

    def test_nobody_touches_what_is_anothers(self):
        bill, expense = self.declare(), self.declare("expense")
        claim = self.declare("mileage")
        papers = bill._cae_papers() | expense._cae_papers()
        documents = {"bill": bill, "expense": expense, "mileage": claim}
        for user in ("yann", "lea", "max"):
            self.authenticate(f"buy_{user}", f"buy_{user}")
            for kind, document in documents.items():
                page = f"/my/purchases/{kind}/{document.id}"
                for path in (page, f"{page}/edit"):
                    self.assertEqual(self.url_open(path).status_code, 404, (user, path))
                for path in ("change", "remove", "take_back"):
                    answer = self.post(f"{page}/{path}", **self.given(kind, amount="1"))
                    self.assertEqual(answer.status_code, 404, (user, path))
            for show in documents:
                text = self.url_open(f"/my/purchases?show={show}").text
                self.assertNotIn("Papeterie", text)
                self.assertNotIn("Angers", text)
            for paper in papers:
                answer = self.url_open(f"/my/purchases/paper/{paper.id}")
                self.assertEqual(answer.status_code, 404)
        self.env.invalidate_all()
        self.assertTrue(all(document.exists() for document in documents.values()))
        self.assertEqual(bill.cae_declared_total, 120)

    def test_the_public_and_customers_find_nothing(self):
        paths = [
            *("/my/purchases", "/my/purchases/bill/new", "/my/purchases/paper/1"),
            *("/my/purchases/bill/1", "/my/purchases/mileage/amount?distance=3"),
        ]
        for path in paths:
            self.assertIn("/web/login", self.url_open(path).url)
        self.authenticate("buy_max", "buy_max")
        for path in paths:
            self.assertEqual(self.url_open(path).status_code, 404, path)
        self.assertEqual(self.send().status_code, 404)
        self.assertEqual(self.count(), 0)

    def test_writing_takes_a_post_with_its_token(self):
        bill = self.declare()
        self.authenticate("buy_ines", "buy_ines")
        for path in (
            "/my/purchases/bill/declare",
            f"/my/purchases/bill/{bill.id}/change",
            f"/my/purchases/bill/{bill.id}/remove",
        ):
            self.assertIn(self.url_open(path).status_code, (404, 405), path)
            self.assertEqual(self.url_open(path, data={"x": "1"}).status_code, 400)
        self.assertTrue(bill.exists())
        for path in (
            *(f"/my/purchases/bill/{MANY}", f"/my/purchases/paper/{MANY}"),
            *("/my/purchases/bill/0", "/my/purchases/note/1", "/my/purchases/bill/-1"),
            f"/my/purchases/bill/{bill.id}/edit",
        ):
            self.assertEqual(self.url_open(path).status_code, 404, path)

    def test_a_form_sent_twice_makes_one(self):
        self.authenticate("buy_ines", "buy_ines")
        key = uuid4().hex
        for _turn in range(2):
            self.assertIn("Received: ", self.send(key=key).text)
        self.assertEqual(self.count(), 1)

    def test_fields_that_no_form_has_are_not_taken(self):
        self.authenticate("buy_ines", "buy_ines")
        self.send(
            state="posted",
            move_type="out_invoice",
            partner_id=str(self.partner_a.id),
            company_id="1",
            cae_declarer_id=str(self.yann.id),
        )
        bill = self.env["account.move"].search([("cae_declarer_id", "!=", False)])
        self.assertEqual((bill.state, bill.move_type), ("draft", "in_invoice"))
        self.assertEqual(
            (bill.partner_id, bill.cae_declarer_id), (self.shop, self.ines)
        )

    def test_who_has_no_file_of_expenses_is_told_what_to_do(self):
        self.ines.employee_id = False
        self.authenticate("buy_ines", "buy_ines")
        page = self.url_open("/my/purchases/expense/new")
        self.assertIn("Write to the accountants", page.text)
        self.assertNotIn("/expense/declare", page.text)
