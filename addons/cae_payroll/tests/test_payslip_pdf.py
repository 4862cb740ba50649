import base64
import io
import zipfile
from datetime import date

from reportlab.pdfgen import canvas

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfReader

from .common import JANUARY, SharedPayCommon, pay_tagged

ALICE, BOB = "Matricule 0042 Mme Alice TEST", "Matricule 12 M. Bob TEST"


@pay_tagged
class TestPayslipPdf(SharedPayCommon, HttpCase):
    """PDFs of payslips reach their person and payroll officers, and stay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.matricule, cls.bob.matricule = "0042", "12"
        cls.Exchange = (
            cls.env["cae.payroll.exchange"]
            .with_user(cls.payroll)
            .with_company(cls.company)
        )

    @staticmethod
    def _pdf(*pages):
        stream = io.BytesIO()
        sheet = canvas.Canvas(stream, invariant=True)
        for page in pages:
            sheet.drawString(50, 700, page)
            sheet.showPage()
        sheet.save()
        return stream.getvalue()

    @staticmethod
    def _zip(**files):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in files.items():
                archive.writestr(f"{name}.pdf", content)
        return stream.getvalue()

    def _load(self, content, name="bulletins.pdf", **options):
        encoded = base64.b64encode(content).decode()
        return self.Exchange.load_payslip_pdfs("2026-01", name, encoded, **options)

    def _slip(self, person):
        own = [("entrepreneur_id", "=", person.id), ("month", "=", JANUARY)]
        return self.env["cae.payslip"].search(own)

    def _text(self, attachment):
        reader = PdfReader(io.BytesIO(attachment.raw))
        return [page.extract_text().strip() for page in reader.pages]

    def _codes(self, result):
        return [(e["code"], e["row"]) for e in result["errors"]]

    def assertLoaded(self, result, **counts):
        empty = {"created": 0, "updated": 0, "unchanged": 0, "errors": []}
        self.assertEqual(result, {**empty, **counts})

    # ------------------------------------------------------------------
    # Delivery
    # ------------------------------------------------------------------

    def test_one_pdf_is_split_by_matricule(self):
        content = self._pdf(ALICE, BOB, f"{ALICE} 2/2")
        self.assertLoaded(self._load(content, split=True, dry_run=True), created=2)
        self.assertFalse(self._slip(self.alice))
        self.assertLoaded(self._load(content, split=True), created=2)
        file = self._slip(self.alice).attachment_ids
        self.assertEqual(self._text(file), [ALICE, f"{ALICE} 2/2"])
        self.assertEqual(self._text(self._slip(self.bob).attachment_ids), [BOB])
        self.assertLoaded(self._load(content, split=True), unchanged=2)
        self.assertEqual(len(self._slip(self.alice).attachment_ids), 1)

    def test_one_file_per_person(self):
        content = self._zip(**{"bulletin_0042_2026": b"", "12": self._pdf(BOB)})
        self.assertEqual(self._codes(self._load(content)), [("CAE-PAYSLIP-PDF", 1)])
        self.assertFalse(self._slip(self.bob))
        alice = self._pdf(ALICE)
        content = self._zip(**{"bulletin_0042_2026": alice, "12": self._pdf(BOB)})
        self.assertLoaded(self._load(content, "paie.zip"), created=2)
        self.assertEqual(self._slip(self.alice).attachment_ids.raw, alice)
        self.assertLoaded(self._load(alice, "0042.pdf"), unchanged=1)

    def test_a_corrected_payslip_is_kept_beside_the_first(self):
        self._load(self._pdf(ALICE), "0042.pdf")
        self.assertLoaded(self._load(self._pdf(f"{ALICE} new"), "0042.pdf"), updated=1)
        slip = self._slip(self.alice)
        self.assertEqual(len(slip.attachment_ids), 2)
        action = slip.with_user(self.payroll).action_open_pdf()
        self.assertEqual(action["url"], f"/cae/payslip/{slip.id}/pdf")
        reader = PdfReader(io.BytesIO(slip.with_user(self.entrepreneur)._pdf()))
        self.assertIn("new", reader.pages[0].extract_text())

    def test_a_damaged_archive_is_told(self):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("0042.pdf", self._pdf(ALICE))
        damaged = bytearray(stream.getvalue())
        # What is packed begins after the 30 bytes of the header and the name.
        start = 30 + len("0042.pdf")
        damaged[start : start + 20] = b"\xff" * 20
        result = self._load(bytes(damaged), "all.zip")
        self.assertEqual(self._codes(result), [("CAE-PAYSLIP-PDF", 0)])

    def test_nothing_goes_to_a_wrong_person(self):
        unknown = "Matricule 0043 Mme Alice TEST"
        both = f"{ALICE} {BOB}"
        for content, name, options, expected in (
            (self._pdf(BOB), "0042.pdf", {}, [("CAE-PAYSLIP-PAGE", 1)]),
            (self._pdf(ALICE, BOB), "0042.pdf", {}, [("CAE-PAYSLIP-PAGE", 1)]),
            (self._pdf(ALICE), "0043.pdf", {}, [("CAE-LOAD-MATRICULE", 1)]),
            (self._pdf(ALICE), "0042-12.pdf", {}, [("CAE-LOAD-MATRICULE", 1)]),
            (
                self._pdf(ALICE, unknown, both, ""),
                "all.pdf",
                {"split": True},
                [("CAE-PAYSLIP-PAGE", page) for page in (2, 3, 4)],
            ),
            (
                self._zip(**{"0042": self._pdf(ALICE), "0042_b": self._pdf(ALICE)}),
                "all.zip",
                {},
                [("CAE-LOAD-MATRICULE", 2)],
            ),
            (b"", "0042.pdf", {}, [("CAE-PAYSLIP-PDF", 1)]),
            (b"PK\x03\x04 not", "0042.pdf", {}, [("CAE-PAYSLIP-PDF", 1)]),
            (
                self._zip(a=self._pdf(ALICE), b=self._pdf(BOB)),
                "all.zip",
                {"split": True},
                [("CAE-PAYSLIP-PDF", 0)],
            ),
        ):
            with self.subTest(name=name, expected=expected):
                result = self._load(content, name, **options)
                self.assertEqual(sorted(self._codes(result)), sorted(expected))
                for error in result["errors"]:
                    self.assertNotIn("%(", error["message"])
        result = self.Exchange.load_payslip_pdfs("2026-01", "0042.pdf", "é")
        self.assertEqual(self._codes(result), [("CAE-FILE-ENCODING", 0)])
        self.assertFalse(self._slip(self.alice) | self._slip(self.bob))

    def test_a_file_shows_the_person_whom_its_name_says(self):
        named = {"name": "0042.pdf"}
        refused = [("CAE-PAYSLIP-PAGE", 1)]
        for page in (
            "Bulletin / Bob TEST / Net 999",
            "TEST Bob",
            "Matricule n° 12 net 999",
            "Bulletin de paie, net 999",
            "",
        ):
            with self.subTest(page=page):
                result = self._load(self._pdf(page), **named)
                self.assertEqual(self._codes(result), refused)
        other = self._load(self._pdf(ALICE, "Bob Test"), **named)
        self.assertEqual(self._codes(other), refused)
        # A word that happens to be the matricule of somebody else is none.
        for page in ("Alice TEST net 12,00", "0042 net 1 000"):
            loaded = self._load(self._pdf(page), dry_run=True, **named)
            self.assertLoaded(loaded, created=1)
        picture = self._pdf("")
        self.assertLoaded(self._load(picture, by_name=True, **named), created=1)
        wrong = self._load(self._pdf("Bob Test"), by_name=True, **named)
        self.assertEqual(self._codes(wrong), refused)

    def test_what_is_no_pdf_of_a_month_is_refused(self):
        broken = [("CAE-PAYSLIP-PDF", 1)]
        page = b"<html><script>alert(1)</script></html>" + self._pdf(ALICE)
        self.assertEqual(self._codes(self._load(page, "0042.pdf")), broken)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("../../../etc/", b"")
        for content in (stream.getvalue(), self._zip()):
            result = self._load(content, "all.zip")
            self.assertEqual(self._codes(result), [("CAE-PAYSLIP-PDF", 0)])
        many = self._zip(**{f"x{number}": b"" for number in range(6000)})
        result = self._load(many, "all.zip")
        self.assertEqual(self._codes(result), [("CAE-PAYSLIP-SIZE", 0)])
        encoded = base64.b64encode(self._pdf(ALICE)).decode()
        with self.assertRaisesRegex(UserError, "^CAE-PERIOD-FUTURE: "):
            self.Exchange.load_payslip_pdfs("2099-01", "0042.pdf", encoded)

    def test_the_wizard_hands_over(self):
        wizard = (
            self.env["cae.import"]
            .with_user(self.payroll)
            .with_company(self.company)
            .create(
                {
                    "month": "2026-01-31",
                    "dataset": "payslip_split",
                    "file": base64.b64encode(self._pdf(ALICE, BOB)),
                    "filename": "bulletins.pdf",
                }
            )
        )
        wizard.action_load()
        self.assertEqual((wizard.state, wizard.created), ("done", 2))
        self.assertTrue(self._slip(self.bob).attachment_ids)

    # ------------------------------------------------------------------
    # Who reads them
    # ------------------------------------------------------------------

    def _delivered(self):
        self._load(self._pdf(ALICE, BOB), split=True)
        self.env.flush_all()
        self.env.invalidate_all()
        return self._slip(self.alice), self._slip(self.bob)

    def test_people_read_their_own_payslip_only(self):
        mine, theirs = self._delivered()
        for user, own, other in (
            (self.entrepreneur, mine, theirs),
            (self.other, theirs, mine),
        ):
            self.assertEqual(self.env["cae.payslip"].with_user(user).search([]), own)
            self.assertTrue(own.with_user(user)._pdf().startswith(b"%PDF"))
            self.assertTrue(own.with_user(user).action_open_pdf()["url"])
            for call in (
                lambda o=other, u=user: o.with_user(u).read(["gross"]),
                lambda o=other, u=user: o.with_user(u)._pdf(),
                lambda o=other, u=user: o.attachment_ids.with_user(u).read(["raw"]),
            ):
                with self.assertRaises(AccessError):
                    call()
            for name in ("entry", "accounts", "move_ids", "attachment_ids"):
                with self.assertRaises(AccessError):
                    own.with_user(user).read([name])

    def test_the_address_of_a_pdf(self):
        mine, theirs = self._delivered()
        address = f"/cae/payslip/{mine.id}/pdf"
        for user, code in (
            (self.entrepreneur, 200),
            (self.payroll, 200),
            (self.other, 403),
            (self.coach, 403),
            (self.accountant, 403),
        ):
            self.authenticate(user.login, user.login)
            with mute_logger("odoo.http"):
                answer = self.url_open(address)
            self.assertEqual(answer.status_code, code, user.login)
            self.assertEqual(answer.content.startswith(b"%PDF"), code == 200)
        self.authenticate(self.entrepreneur.login, self.entrepreneur.login)
        self.assertEqual(self.url_open("/cae/payslip/0/pdf").status_code, 404)

    def test_each_finds_the_own_ones_in_the_portal(self):
        self._load(self._zip(**{"0042": self._pdf(ALICE), "12": self._pdf(BOB)}))
        slip = self._slip(self.alice)
        self.authenticate("pr_alice", "pr_alice")
        page = self.url_open("/my/payslips").text
        self.assertIn("January 2026", page)
        self.assertIn(f"/cae/payslip/{slip.id}/pdf", page)
        self.assertNotIn(f"/cae/payslip/{self._slip(self.bob).id}/pdf", page)
        self.assertIn("/my/payslips", self.url_open("/my").text)
        self.authenticate("pr_governance", "pr_governance")
        self.assertIn("No payslip was handed over", self.url_open("/my/payslips").text)

    def test_others_read_none(self):
        mine, _theirs = self._delivered()
        for user in (self.coach, self.accountant, self.governance):
            with self.assertRaises(AccessError):
                self.env["cae.payslip"].with_user(user).search([])
            with self.assertRaises(AccessError):
                mine.with_user(user).read(["gross"])
            with self.assertRaises(AccessError):
                mine.attachment_ids.with_user(user).read(["raw"])
            files = self.env["ir.attachment"].with_user(user)
            own = [("id", "in", mine.attachment_ids.ids)]
            self.assertFalse(files.search(own))
            if user != self.governance:
                with self.assertRaises(AccessError):
                    self.alice.with_user(user).read(["matricule"])
                with self.assertRaises(AccessError):
                    self.pay.with_user(user).read(["payslip_ids"])

    def test_another_company_reads_none(self):
        mine, _theirs = self._delivered()
        company = self.env["res.company"].create({"name": "Another CAE"})
        stranger = self._user("pdf_stranger", "cae_base.group_manager")
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.assertFalse(self.env["cae.payslip"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            mine.attachment_ids.with_user(stranger).read(["raw"])

    def test_nobody_writes_on_a_payslip(self):
        mine, _theirs = self._delivered()
        with self.assertRaises(AccessError):
            mine.with_user(self.entrepreneur).check_access("write")
        for user in (self.entrepreneur, self.payroll):
            with self.assertRaisesRegex(UserError, "^CAE-FIELD-OWNED: "):
                mine.with_user(user).write({"gross": 1})
            with self.assertRaises(UserError):
                self.env["cae.payslip"].with_user(user).create(
                    {"entrepreneur_id": self.alice.id, "month": "2026-02-01"}
                )
        with self.assertRaisesRegex(UserError, "^CAE-FIELD-OWNED: "):
            mine.with_context(cae_own=True).write({"delivered_on": "2020-01-01"})
        with self.assertRaises(AccessError):
            mine.with_user(self.entrepreneur).action_undo("Please")

    # ------------------------------------------------------------------
    # Kept
    # ------------------------------------------------------------------

    def test_a_payslip_is_kept_for_five_years(self):
        with freeze_time("2026-02-05"):
            mine, _theirs = self._delivered()
        self.assertEqual(mine.delivered_on, date(2026, 2, 5))
        self.assertEqual(mine.kept_until, date(2031, 2, 5))
        file = mine.attachment_ids
        kept = "^CAE-PAYSLIP-KEPT: "
        for user in (self.payroll, self.env.user):
            with self.assertRaisesRegex(UserError, kept):
                file.with_user(user).unlink()
            for vals in (
                {"raw": b"%PDF other"},
                {"res_id": 0},
                {"res_model": "res.partner"},
                {"cae_frozen": False},
            ):
                with self.assertRaisesRegex(UserError, kept):
                    file.with_user(user).write(vals)
            with (
                freeze_time("2031-02-05"),
                self.assertRaisesRegex(UserError, kept),
            ):
                mine.with_user(user).unlink()
        with self.assertRaises(AccessError):
            mine.with_user(self.entrepreneur).unlink()
        with freeze_time("2031-02-06"):
            mine.with_user(self.payroll).unlink()
        self.assertFalse(mine.exists() or file.exists())

    def test_a_booked_payslip_is_not_deleted(self):
        self.Exchange.load_payslips(
            "2026-02", [{"matricule": "12", "brut": 0, "cout": 0, "net": 0}]
        )
        slip = self.env["cae.payslip"].search([("month", "=", "2026-02-01")])
        self.assertEqual(slip.state, "booked")
        with self.assertRaisesRegex(UserError, "^CAE-PAYSLIP-BOOKED: "):
            slip.with_user(self.payroll).unlink()
        with self.assertRaisesRegex(UserError, "^CAE-PAYSLIP-PDF: "):
            slip.with_user(self.payroll).action_open_pdf()
        slip.with_user(self.payroll).action_undo("Not paid")
        slip.with_user(self.payroll).unlink()
        self.assertFalse(slip.exists())
