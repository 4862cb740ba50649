from odoo.exceptions import UserError
from odoo.tests import freeze_time

from ..models.cae_pay_decision import PAYING
from .common import JANUARY, SharedPayCommon, pay_tagged

PDF = b"%PDF-1.4"


@pay_tagged
class TestPayAnonymous(SharedPayCommon):
    """Payslips and words on pay go with the name; figures of pay stay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("pa_manager", "cae_base.group_manager")
        cls.carol.write({"matricule": "0042", "date_exit": "2026-01-31"})
        cls._contract(cls.carol, 1000, date_end="2026-01-31")
        cls.request = cls._ask(cls.carol, "max", note="For the rent")
        creditor = cls.env["res.partner"].create({"name": "Bailiff"})
        cls.element = cls.env["cae.pay.element"].create(
            {
                "entrepreneur_id": cls.carol.id,
                "month": "2026-01-01",
                "kind": "garnishment",
                "amount": 10,
                "note": "Divorce",
                "creditor_id": creditor.id,
            }
        )
        with freeze_time("2026-02-05"):
            cls.slip = (
                cls.env["cae.payslip"].sudo()._cae_own()._make(cls.carol, JANUARY)
            )
            cls.slip._deliver({cls.slip.with_env(cls.env): PDF})

    def _obstacles(self, day):
        with freeze_time(day):
            return " ".join(self.carol._anonymity_obstacles())

    def test_payslips_are_kept_five_years(self):
        self.assertIn(
            "Payslips are kept until 02/05/2031", self._obstacles("2031-02-05")
        )
        self.assertNotIn("are kept until 02/05", self._obstacles("2031-02-06"))

    def test_payslips_are_handed_over_first(self):
        self.assertIn("D.3243-8", self._obstacles("2033-01-01"))
        person = self.carol.with_user(self.manager)
        with freeze_time("2033-01-01"), self.assertRaisesRegex(UserError, "EARLY"):
            person._anonymise("Seven years")
        self.carol.payslips_handed_over = "2026-02-10"
        self.assertEqual(self._obstacles("2033-01-01"), "")

    def test_pay_that_waits_forbids_it(self):
        self.carol.date_exit = self.alice.date_exit = False
        self.assertNotIn("Pay waits", self._obstacles("2033-01-01"))
        self.pay.with_context(cae_paying=PAYING).write({"state": "approved"})
        self.assertIn("Pay waits", " ".join(self.alice._anonymity_obstacles()))

    def test_words_and_files_go_and_figures_stay(self):
        self.carol.payslips_handed_over = "2026-02-10"
        files = self.slip.attachment_ids
        self.assertTrue(files)
        with freeze_time("2033-01-01"):
            log = self.carol.with_user(self.manager)._anonymise("Seven years")
        self.assertFalse(files.exists())
        self.assertTrue(self.slip.exists())
        self.assertFalse(self.request.note or self.element.note)
        self.assertFalse(self.element.creditor_id or self.carol.matricule)
        self.assertEqual(self.element.amount, 10)
        self.assertEqual(str(self.carol.payslips_handed_over), "2026-02-10")
        self.assertIn("files of payslips: 1", log.erased)
