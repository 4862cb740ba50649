import base64
from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .common import pay_tagged
from .test_settlement import SettlementCommon

JANUARY_2027 = date(2027, 1, 1)
#: Made up: no law says these.
RATES_2027 = """code;name;date_from;date_to;value;unit;source;note
smic_current;SMIC horaire brut en vigueur;01/01/2027;;12,50;EUR/h;Essai;
smic_rgdu;SMIC horaire de la réduction générale;01/01/2027;31/12/2027;12,50;EUR/h;Essai;
pmss;Plafond mensuel;01/01/2027;31/12/2027;4 100,00;EUR/mois;Essai;
rgdu_tdelta_lt50;Tdelta, FNAL à 0,10 %;01/01/2027;31/12/2027;0,3781;;Essai;
rgdu_tdelta_ge50;Tdelta, FNAL à 0,50 %;01/01/2027;31/12/2027;0,3821;;Essai;
rgdu_at_cap;Part des accidents;01/01/2027;31/12/2027;0,49;% employeur;Essai;
"""


@pay_tagged
@freeze_time("2027-01-20 12:00:00")
class TestRateYear(SettlementCommon):
    """A year whose rates are not shipped: they come by a file, then pay goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.registry.clear_cache)
        companies = cls.env["res.company"].search([])
        # Rates are shared: who writes them is at home in every company.
        cls.payroll.company_ids = [Command.set(companies.ids)]

    def setUp(self):
        super().setUp()
        self.registry.clear_cache()

    def _import(self, text):
        wizard = self.env["cae.import"].with_user(self.payroll)
        found = wizard.create(
            {
                "dataset": "payroll_rates",
                "file": base64.b64encode(text.encode()),
                "filename": "taux-2027.csv",
            }
        )
        found.action_load()
        self.assertEqual((found.state, found.error_ids.mapped("message")), ("done", []))
        return found

    def _approved(self):
        """The balance of Alice's year, to be paid in January 2027."""
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        settlement.month = JANUARY_2027
        settlement.action_approve()
        self.assertEqual((settlement.state, settlement.due), ("approved", 6000))
        return settlement

    def test_a_balance_of_2027_is_paid_once_its_rates_are_there(self):
        settlement = self._approved()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-RATE: .*2027"):
            settlement.action_post()
        self.assertFalse(settlement.pay_line_ids)
        self.assertEqual(self._import(RATES_2027).created, 6)
        settlement.action_post()
        line = settlement.pay_line_ids
        self.assertEqual((settlement.state, line.state), ("posted", "posted"))
        self.assertEqual((line.gross, line.month), (6000, JANUARY_2027))
        self.assertEqual(line.move_id.date, date(2027, 1, 31))
        # The ceiling of the file: 4 100.00, and the rest in the second bracket.
        bases = {row["code"]: row["base"] for row in line.detail}
        self.assertEqual((bases["SS_VIEIL_PLAF"], bases["AA_T2"]), (4100, 1900))
        self.assertWhole(settlement)
        self.assertInvariant()

    def test_the_run_of_the_month_pays_it_beside_the_month(self):
        settlement = self._approved()
        self._contract(self.bob, 1000, "2026-01-01")
        self._hold(self.second, bob=100)
        self._fund(self.second, 5000, "2027-01-02")
        with self.assertRaisesRegex(UserError, "^CAE-PAY-RATE: .*2027"):
            self._run("2027-01")
        self._import(RATES_2027)
        result = self._run("2027-01")
        self.assertEqual(result["pay"]["lines"], 2)
        self.assertEqual(result["pay"]["gross"], 7000)
        self.assertEqual(settlement.state, "posted")
        # SMIC of the file: under it the reduction is at its largest again.
        line = self._line(self.bob, JANUARY_2027)
        self.assertEqual((line.cost, line.coefficient), (1039.86, 0.4021))
        self.assertEqual(self._run("2027-01")["pay"]["lines"], 0)
        self.assertInvariant()

    def test_the_file_of_a_year_changes_no_month_before(self):
        self._alone()
        before = [(line.cost, line.detail) for line in self.alice.pay_line_ids]
        self._import(RATES_2027)
        self.assertEqual(self._import(RATES_2027).unchanged, 6)
        for line in self.alice.pay_line_ids:
            line.action_undo("Again")
        self._run_months()
        lines = self.alice.pay_line_ids.filtered(lambda each: each.state == "posted")
        self.assertEqual([(line.cost, line.detail) for line in lines], before)

    def test_half_a_file_is_not_enough(self):
        settlement = self._approved()
        half = "\n".join(r for r in RATES_2027.splitlines() if "rgdu_" not in r)
        self._import(half)
        with self.assertRaisesRegex(UserError, "^CAE-PAY-RATE: .*rgdu"):
            settlement.action_post()
