from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form

from .common import JANUARY, PayCommon, pay_tagged

FEBRUARY = date(2026, 2, 1)
NOTHING = {"lines": 0, "cost": 0.0, "gross": 0.0}


@pay_tagged
class TestPayCape(PayCommon):
    """A CAPE comes out of the month: with a line of zero, or with its pay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.contract_ids.unlink()
        cls.cape = cls._contract(cls.carol, 0, kind="cape")
        cls._hold(cls.first, carol=100)
        cls._fund(cls.first, 5000)
        cls.alice.matricule, cls.carol.matricule = "0042", "0099"

    def assertZero(self, line):
        self.assertRecordValues(
            line, [{"state": "posted", "gross": 0, "cost": 0, "net": 0, "flags": ""}]
        )
        self.assertFalse(line.move_id)

    # ------------------------------------------------------------------
    # Without pay
    # ------------------------------------------------------------------

    def test_without_pay_a_line_of_zero_comes_out(self):
        self.assertEqual(self._run()["pay"], {**NOTHING, "lines": 1})
        line = self._line(self.carol)
        self.assertZero(line)
        self.assertEqual((line.contract_id, line.available), (self.cape, 5000))
        self.assertEqual(line.share_ids.activity_id, self.first)
        self.assertAvailable(self.first, 5000)
        # Once only.
        self.assertEqual(self._run()["pay"], NOTHING)
        self.assertEqual(self._line(self.carol), line)

    def test_the_policy_of_all_pays_nothing(self):
        self.company.write({"cae_pay_policy": "all", "cae_pay_approval": "all"})
        self._run()
        self.assertZero(self._line(self.carol))

    def test_without_an_activity_too(self):
        self.first.share_ids.unlink()
        self._run()
        self.assertZero(self._line(self.carol))

    def test_a_request_is_not_followed(self):
        request = self._ask(self.carol, "max")
        self._run()
        line = self._line(self.carol)
        self.assertEqual((line.gross, line.state), (0, "posted"))
        self.assertEqual(line.flags, "CAE-PAY-CAPE")
        self.assertIn("CAPE without pay", line.flag_text)
        self.assertFalse(line.request_id)
        self.assertEqual(request.state, "sent")

    def test_it_is_undone_and_comes_out_again(self):
        self._run()
        line = self._line(self.carol)
        line.action_undo("CAPE signed later")
        self.assertEqual(line.state, "cancelled")
        self.assertFalse(line.reversal_move_id)
        self.assertEqual(self._run()["pay"], {**NOTHING, "lines": 1})

    def test_it_may_be_refused(self):
        self._run()
        line = self._line(self.carol)
        line.action_undo("On leave")
        run = self.env["cae.pay.run"].with_company(self.company)
        run._update(self.company, JANUARY, self.carol.ids)
        line = self._line(self.carol)
        self.assertEqual(line.state, "draft")
        line.action_refuse("No activity in January")
        self.assertEqual(self._run()["pay"], NOTHING)

    def test_none_before_or_after_the_contract(self):
        self.cape.write({"date_start": "2026-02-15", "date_end": "2026-03-10"})
        found = [self._run(f"2026-0{m}")["pay"]["lines"] for m in (1, 2, 3, 4)]
        self.assertEqual(found, [0, 1, 1, 0])

    def test_flat_base_of_work_accidents(self):
        """151.67 h × 1.50 € × 2.08 % = 4.73 €, without any pay (CSS D.412-99)."""
        self.env["cae.payroll.rate"].create(
            {
                "code": "cape_atmp_hour_base",
                "name": "Base forfaitaire",
                "date_from": "2026-01-01",
                "value": 1.5,
            }
        )
        self.assertEqual(self._run()["pay"], {"lines": 1, "cost": 4.73, "gross": 0.0})
        line = self._line(self.carol)
        self.assertEqual(
            self._entry_of(line.move_id),
            {("T1", "645100"): 4.73, ("T1", "431000"): -4.73},
        )
        self.assertAvailable(self.first, 4995.27)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # With pay
    # ------------------------------------------------------------------

    def test_a_fixed_part_is_paid(self):
        """URSSAF only: no pension fund, no general reduction."""
        self.cape.fixed_part = 500
        self.company.cae_pay_policy = "all"
        self._run()
        line = self._line(self.carol)
        self.assertEqual((line.gross, line.state), (500, "posted"))
        self.assertEqual(line.flags, "CAE-PAY-FIRST")
        self.assertEqual(line.general_reduction, 0)
        entry = self._entry_of(line.move_id)
        self.assertEqual(entry["T1", "641100"], 500)
        self.assertNotIn(("T1", "437000"), entry)
        self.assertAvailable(self.first, 5000 - line.cost)
        self.assertInvariant()

    def test_pay_on_request(self):
        self.cape.cape_pay = True
        request = self._ask(self.carol, "gross", 300)
        self._run()
        line = self._line(self.carol)
        self.assertEqual((line.gross, line.request_id), (300, request))
        self.assertEqual(request.state, "done")
        self.company.cae_pay_policy = "all"
        self._run("2026-02")
        self.assertZero(self._line(self.carol, FEBRUARY))

    def test_all_that_is_possible_under_cape(self):
        self.cape.cape_pay = True
        self._ask(self.carol, "max")
        self._run()
        line = self._line(self.carol)
        self.assertGreater(line.gross, 3000)
        self.assertLessEqual(line.cost, 5000)

    def test_an_amendment_takes_over_pay_on_request(self):
        self.cape.cape_pay = True
        amendment = self._contract(
            self.carol, 200, "2026-01-11", kind="cape", parent_id=self.cape.id
        )
        self.assertTrue(amendment.cape_pay)

    # ------------------------------------------------------------------
    # Then a CESA
    # ------------------------------------------------------------------

    def test_the_month_of_the_change_is_paid_by_the_cesa(self):
        self.cape.date_end = "2026-02-14"
        self._run()
        cesa = self._contract(self.carol, 1000, "2026-02-15")
        self._run("2026-02")
        line = self._line(self.carol, FEBRUARY)
        # 14 of 28 days.
        self.assertEqual((line.contract_id, line.gross), (cesa, 500))
        # The lines of zero before were no pay.
        self.assertEqual(line.flags, "CAE-PAY-FIRST")

    def test_lines_of_zero_of_a_later_month_take_nothing(self):
        """What is bought in February is committed by February's pay alone."""
        self._contract(self.alice, 1000, date_end="2026-01-31")
        self._hold(self.second, alice=100)
        self._fund(self.second, 2000)
        self._document([(self.second, 800)], day="2026-02-10", kind="in_invoice")
        self._run("2026-02")
        self.assertZero(self._line(self.carol, FEBRUARY))
        self._run()
        self.assertEqual(self._line(self.alice).committed, 0)

    # ------------------------------------------------------------------
    # What is made of it
    # ------------------------------------------------------------------

    def _pay_alice_too(self):
        self._contract(self.alice, 1000)
        self._hold(self.second, alice=100)
        self._fund(self.second, 5000)
        self._run()

    def _january(self):
        return self.Period.search(
            [("company_id", "=", self.company.id), ("date", "=", JANUARY)]
        )

    def _rows(self, template):
        exchange = self.env["cae.payroll.exchange"].with_company(self.company)
        return exchange.export_elements("2026-01", template)["rows"]

    def test_the_file_leaves_it_out_unless_it_is_wanted(self):
        self._pay_alice_too()
        template = self.env.ref("cae_payroll.cae_payroll_template_generic")
        self.assertEqual(self._rows(template.code), 1)
        # Posted together, and the entry is of one of them alone.
        self.assertZero(self._line(self.carol))
        self.assertTrue(self._line(self.alice).move_id)
        template.zero_pay = True
        self.assertEqual(self._rows(template.code), 2)

    def test_a_file_of_nobody(self):
        self._run()
        with self.assertRaisesRegex(UserError, "^CAE-PAYROLL-EMPTY: "):
            self._rows("generic")

    def test_the_pay_book_shows_it(self):
        self._pay_alice_too()
        data = self.env["cae.pay.book"]._data(self._january())
        found = {r["matricule"]: (r["contract"], r["cost"]) for r in data["rows"]}
        self.assertEqual(found["0099"], ("CAPE", 0))
        self.assertTrue(data["agrees"])

    def test_no_yearly_statement_of_nothing(self):
        self._run()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-YEAR: "):
            self.env["cae.pay.year"]._pages(self.carol, 2026)

    def test_its_payslip_of_zero_is_loaded(self):
        self._run()
        exchange = self.env["cae.payroll.exchange"].with_company(self.company)
        zero = {"matricule": "0099", "brut": 0, "cout": 0, "net": 0}
        result = exchange.load_payslips("2026-01", [zero])
        self.assertEqual((result["created"], result["errors"]), (1, []))
        self.assertEqual(result["missing"], [])
        slip = self.env["cae.payslip"].search([("entrepreneur_id", "=", self.carol.id)])
        self.assertEqual(slip.pay_line_id, self._line(self.carol))
        self.assertFalse(slip.move_ids)

    def test_a_shared_activity_still_names_its_payee(self):
        """The analytic code of the journal: one person is paid by the activity."""
        self.first.share_ids.unlink()
        self._contract(self.alice, 1000)
        self._hold(self.first, alice=50, carol=50)
        self._run()
        exchange = self.env["cae.exchange"].with_company(self.company)
        cells = [{"analytique": self.first.code}]
        self.assertEqual(exchange._payees_of(cells, JANUARY), {"T1": "0042"})

    def test_its_statement_says_nothing_of_pay(self):
        self._run()
        first = self.first.with_company(self.company)
        span = self.env["cae.statement"]._span(self.company, "month", JANUARY)
        self.assertFalse(first._statement_pay_shares(span))

    def test_months_ahead_pay_nothing(self):
        self.company.cae_pay_policy = "all"
        simulator = self.env["cae.salary.simulator"].with_company(self.company)
        given = {"person": self.carol.code, "month": "2026-02", "charges": 0}
        rows = simulator.forecast(given)
        self.assertEqual({row["gross"] for row in rows}, {0})
        self.assertEqual(rows[-1]["treasury"], 5000)
        # What if it were a CESA that takes all?
        rows = simulator.forecast({**given, "contract": "cesa", "wish": "max"})
        self.assertGreater(rows[0]["gross"], 3000)

    def test_the_screen_of_a_contract(self):
        form = Form(self.cape)
        form.cape_pay = True
        self.assertTrue(form.save().cape_pay)
