"""A CESA and an ordinary contract of one person: two pays, one ceiling."""

import base64
import io
import zipfile
from datetime import date

from psycopg2 import IntegrityError
from reportlab.pdfgen import canvas

from odoo.exceptions import UserError
from odoo.tests import freeze_time
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfReader

from .common import JANUARY, PayCommon, pay_tagged
from .test_settlement import SettlementCommon

FEBRUARY = date(2026, 2, 1)
#: What 2 000.00 costs and leaves, see PayCommon.
WAGE = {"gross": 2000, "cost": 2248.32, "net": 1583.19}


class ContractsCommon(PayCommon):
    """Alice has a CESA of 1 000.00, and from January a job of 2 000.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payroll = cls._user("pc_payroll", "group_payroll")
        cls.cesa = cls.alice.contract_ids
        cls.job = cls._contract(cls.alice, 2000, "2026-01-01", kind="employee")
        cls._hold(cls.first, alice=100)
        cls._fund(cls.first, 9000)

    def _both(self, month=JANUARY):
        """``(pay of the CESA, pay of the job)``."""
        lines = self._line(self.alice, month)
        self.assertEqual(len(lines), 2)
        return lines.sorted("second_contract")

    def _bases(self, line):
        return {row["code"]: row["base"] for row in line.detail}


@pay_tagged
class TestPayContracts(ContractsCommon):
    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_each_contract_on_paper(self):
        """1 039.86 for the CESA, 2 248.32 for the job; both on the activity."""
        added = self._run()["pay"]
        self.assertEqual(added, {"lines": 2, "cost": 3288.18, "gross": 3000.0})
        cesa, job = self._both()
        self.assertRecordValues(
            cesa + job,
            [
                {"contract_id": self.cesa.id, "state": "posted", "cost": 1039.86},
                {"contract_id": self.job.id, "state": "posted", "cost": 2248.32},
            ],
        )
        self.assertRecordValues(job, [WAGE])
        self.assertEqual((job.coefficient, job.equivalent_hours), (0.3178, 151.67))
        self.assertIn("ordinary contract", job.display_name)
        self.assertAvailable(self.first, 9000 - 3288.18)
        self.assertInvariant()

    def test_a_second_run_adds_nothing(self):
        self._run()
        lines = self._both()
        self.assertEqual(self._run()["pay"]["lines"], 0)
        self.assertEqual(self._both(), lines)

    def test_one_of_them_per_month(self):
        self._run()
        _cesa, job = self._both()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            job.sudo()._paying().copy({"state": "draft"})

    def test_the_job_is_paid_before_what_is_asked_for(self):
        """9 000.00 less 2 248.32 bounds the CESA: nothing is overdrawn."""
        self._ask(self.alice, "max")
        self._run()
        cesa, job = self._both()
        self.assertEqual((cesa.committed, job.cost), (2248.32, 2248.32))
        self.assertLessEqual(cesa.cost, 6751.68)
        self.assertGreater(cesa.cost, 6745)
        self.assertNotIn("CAE-PAY-OVERDRAFT", f"{cesa.flags},{job.flags}")

    def test_one_ceiling(self):
        """2 000.00 and 4 500.00: 4 005.00 under it, 2 495.00 above; CET on all."""
        self._ask(self.alice, "gross", 3500)
        self._run()
        cesa, job = map(self._bases, self._both())
        self.assertEqual((job["SS_VIEIL_PLAF"], cesa["SS_VIEIL_PLAF"]), (2000, 2005))
        self.assertEqual((job.get("AA_T2", 0), cesa["AA_T2"]), (0, 2495))
        self.assertEqual(cesa["CET"], 6500)

    def test_the_ceiling_of_the_year(self):
        """8 010.00 to date, of which 3 000.00 are of January and 2 000.00 the job's."""
        self._run()
        self._ask(self.alice, "gross", 4000, "2026-02-01")
        self._fund(self.first, 9000, "2026-02-10")
        self._run("2026-02")
        cesa, job = self._both(FEBRUARY)
        self.assertEqual(self._bases(cesa)["SS_VIEIL_PLAF"], 3010)
        booked = self.env["cae.pay.run"]._booked(
            self.company, date(2026, 3, 1), self.alice.ids
        )
        both = [booked.of(self.alice.id, c.id) for c in (self.cesa, self.job)]
        self.assertEqual([each.ceiling for each in both], [8010, 8010])
        self.assertEqual([each.gross for each in both], [6000, 4000])
        others = booked.others(self.alice.id, self.job.id)
        self.assertEqual((others.ceiling, others.gross), (0, 6000))

    def test_a_job_that_a_cesa_follows_in_the_month(self):
        """14 days of 31, then 17: each by its days, the ceiling whole."""
        self.job.date_end = "2026-01-14"
        self.cesa.date_start = "2026-01-15"
        self._ask(self.alice, "gross", 5000)
        self._run()
        cesa, job = self._both()
        self.assertEqual((job.gross, cesa.fixed_part), (903.23, 548.39))
        bases = [self._bases(line)["SS_VIEIL_PLAF"] for line in (cesa, job)]
        self.assertEqual(sum(bases), 4005)

    def test_premiums_are_due_once(self):
        self.company.write({"cae_health_total": 60, "cae_health_employer_share": 50})
        self._run()
        cesa, job = map(self._bases, self._both())
        self.assertEqual((cesa["MUTUELLE"], job.get("MUTUELLE")), (60, None))

    def test_a_zero_month_that_becomes_a_pay_keeps_its_ceiling(self):
        self.job.unlink()
        self.cesa.fixed_part = 0
        self._run()
        self._ask(self.alice, "gross", 3000)
        self._run()
        booked = self.env["cae.pay.run"]._booked(self.company, FEBRUARY, self.alice.ids)
        self.assertEqual(booked.of(self.alice.id, self.cesa.id).ceiling, 4005)

    # ------------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------------

    def test_each_is_decided_on_its_own(self):
        self.company.cae_pay_approval = "all"
        self._ask(self.alice, "gross", 3500)
        self._run()
        cesa, job = self._both()
        before = cesa.cost, job.cost
        job.action_approve()
        self._run()
        self.assertEqual((job.state, cesa.state), ("posted", "draft"))
        cesa.action_approve()
        self._run()
        self.assertEqual((cesa.cost, job.cost, cesa.state), (*before, "posted"))
        self.assertInvariant()

    def test_the_cesa_may_come_first(self):
        """The job is entered when the CESA is posted: the ceiling is used up."""
        job = self.job.copy_data()[0]
        self.job.unlink()
        self._ask(self.alice, "gross", 3500)
        self._run()
        self.env["cae.contract"].create(job)
        self.assertEqual(self._run()["pay"]["lines"], 1)
        cesa, wage = self._both()
        self.assertEqual(self._bases(cesa)["SS_VIEIL_PLAF"], 4005)
        self.assertNotIn("SS_VIEIL_PLAF", self._bases(wage))
        self.assertEqual(self._bases(wage)["AA_T2"], 2000)
        self.assertEqual(wage.committed, cesa.cost)

    def test_undone_and_proposed_again(self):
        self._run()
        cesa, job = self._both()
        (cesa + job).action_undo("Mistake")
        self.assertAvailable(self.first, 9000)
        self._run()
        again = self._both()
        self.assertEqual(again.mapped("cost"), (cesa + job).mapped("cost"))
        self.assertInvariant()

    def test_a_job_that_has_ended_is_not_approved(self):
        self.company.cae_pay_approval = "all"
        self._run()
        _cesa, job = self._both()
        self.job.date_end = "2026-01-01"
        self.job.date_start = "2025-12-01"
        self.job.date_end = "2025-12-31"
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STALE: "):
            job.action_approve()

    def test_elements_are_of_the_main_pay(self):
        self.env["cae.pay.element"].create(
            {
                "entrepreneur_id": self.alice.id,
                "month": JANUARY,
                "kind": "garnishment",
                "amount": 50,
                "account_id": self._account("427").id,
            }
        )
        self._run()
        cesa, job = self._both()
        self.assertEqual((cesa.withheld, job.withheld), (50, 0))
        self.assertEqual((len(cesa.element_ids), len(job.element_ids)), (1, 0))

    def test_each_net_is_paid_on_its_own(self):
        self._run()
        cesa, job = self._both()
        self.assertEqual((cesa.to_pay, job.to_pay), (791.6, 1583.19))
        self.assertNotEqual(cesa.move_id, job.move_id)

    def test_queries_do_not_grow(self):
        def prepared(code):
            person = self._person(code, code)
            self._contract(person, 500, "2026-01-01", "employee", month_hours=40)
            return person

        self._run()
        counts = []
        for number, month in enumerate(("2026-02", "2026-03", "2026-04")):
            for rank in range(4 * number):
                prepared(f"Q{number}{rank}")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._run(month)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 12)

    def test_months_ahead_know_the_wage(self):
        simulator = self.env["cae.salary.simulator"].with_user(self.payroll)
        values = {"person": "P1", "turnover": 0, "charges": 0, "wish": "none"}
        simulator = simulator.with_company(self.company)
        row = simulator.forecast({**values, "available": 9000})[0]
        self.assertEqual(row["treasury"], round(9000 - row["cost"] - 2248.32, 2))


@pay_tagged
class TestPayContractsExchange(ContractsCommon):
    """Two contracts at the payroll software."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.matricule = "0042"
        cls.Exchange = (
            cls.env["cae.payroll.exchange"]
            .with_user(cls.payroll)
            .with_company(cls.company)
        )

    def setUp(self):
        super().setUp()
        self.cesa.payroll_key, self.job.payroll_key = "1", "2"
        self._run()

    def test_a_row_per_contract(self):
        result = self.Exchange.export_elements("2026-01", "generic")
        rows = base64.b64decode(result["content_base64"]).decode("utf-8-sig")
        _header, *rows = rows.split("\r\n")
        self.assertEqual(
            [row.split(";")[:2] + row.split(";")[5:9] for row in rows[:2]],
            [
                ["0042", "1", "1000,00", "0,00", "1000,00", "0,00"],
                ["0042", "2", "2000,00", "0,00", "2000,00", "151,67"],
            ],
        )

    def test_contracts_need_keys_of_their_own(self):
        self.job.payroll_key = "1"
        with self.assertRaisesRegex(UserError, "^CAE-PAYROLL-CONTRACT: .*Alice"):
            self.Exchange.export_elements("2026-01", "generic")

    def _slips(self, **changed):
        """A payslip per contract, as the estimates but for 10.00 of charges."""
        rows = []
        for key, line in zip(("1", "2"), self._both(), strict=True):
            due = line.cost - line.net + 10
            row = {
                "matricule": "0042",
                "contrat": key,
                "brut": line.gross,
                "cout": round(line.cost + 10, 2),
                "net": line.net,
                "431": round(due, 2),
            }
            rows.append({**row, **changed})
        return rows

    def test_their_payslips_add_up(self):
        result = self.Exchange.load_payslips("2026-01", self._slips())
        self.assertEqual((result["created"], result["errors"]), (1, []))
        slip = self.env["cae.payslip"].search([("entrepreneur_id", "=", self.alice.id)])
        self.assertEqual((slip.gap_gross, slip.gap_cost, slip.gap_net), (0, 20, 0))
        self.assertEqual(slip.pay_line_ids, self._both())
        self.assertEqual(result["missing"], [])
        again = self.Exchange.load_payslips("2026-01", self._slips())
        self.assertEqual((again["unchanged"], again["updated"]), (1, 0))
        self.assertInvariant()

    def test_half_of_the_month_is_refused(self):
        [error] = self.Exchange.load_payslips("2026-01", self._slips()[1:])["errors"]
        found = error["code"], error["row"], error["column"]
        self.assertEqual(found, ("CAE-PAYSLIP-CONTRACT", 1, "contrat"))

    def test_two_pdfs_are_one(self):
        content = self._zip_of("Matricule 0042 Alice Test", "0042-1", "0042-2")
        for outcome in ("created", "unchanged"):
            result = self.Exchange.load_payslip_pdfs("2026-01", "paie.zip", content)
            self.assertEqual((result[outcome], result["errors"]), (1, []))
        slip = self.env["cae.payslip"].search([("entrepreneur_id", "=", self.alice.id)])
        self.assertEqual(len(PdfReader(io.BytesIO(slip._pdf())).pages), 2)
        content = self._zip_of("Matricule 0042", "0042-1", "0042-2", "0042-3")
        [error] = self.Exchange.load_payslip_pdfs("2026-01", "x.zip", content)["errors"]
        self.assertEqual((error["code"], error["row"]), ("CAE-LOAD-MATRICULE", 3))

    def _zip_of(self, text, *names):
        page, archive = io.BytesIO(), io.BytesIO()
        sheet = canvas.Canvas(page, invariant=True)
        sheet.drawString(50, 700, text)
        sheet.showPage()
        sheet.save()
        with zipfile.ZipFile(archive, "w") as file:
            for name in names:
                file.writestr(f"{name}.pdf", page.getvalue())
        return base64.b64encode(archive.getvalue()).decode()

    def test_one_contract_twice_is_refused(self):
        rows = self._slips(contrat="1")
        rows[1]["net"] += 1
        rows[1]["cout"] += 1
        result = self.Exchange.load_payslips("2026-01", rows)
        [error] = result["errors"]
        self.assertEqual((error["code"], error["row"]), ("CAE-LOAD-CONFLICT", 2))


@pay_tagged
@freeze_time("2026-10-05 12:00:00")
class TestPayContractsYear(SettlementCommon):
    """The job of January to March is a charge of the year, and no part of its pay."""

    def test_the_wage_lowers_the_budget(self):
        """12 070.44 less three wages of 2 248.32, all of it hers."""
        self._contract(
            self.alice, 2000, "2026-01-01", "employee", date_end="2026-03-31"
        )
        self._alone()
        self._settle()
        settlement = self._of(self.alice)
        self.assertEqual(settlement.result, round(12070.44 - 3 * 2248.32, 2))
        self.assertEqual(settlement.paid, round(3 * 1039.86, 2))
        self.assertEqual((settlement.fixed_part, settlement.advance), (3000, 0))
        self.assertWhole(settlement)


@pay_tagged
class TestPayContractsLate(ContractsCommon):
    """A contract that is entered, or ended, when the month was run."""

    def test_a_cesa_beside_a_job_that_is_paid(self):
        """The job was paid as the only contract: it is not paid again."""
        self.cesa.date_start = "2026-02-01"
        self._run()
        paid = self._line(self.alice)
        self.assertEqual((paid.contract_id, paid.cost), (self.job, 2248.32))
        self.cesa.date_start = "2025-01-01"
        self.assertEqual(self._run()["pay"]["cost"], 1039.86)
        cesa, job = self._both()
        self.assertEqual((job, cesa.contract_id), (paid, self.cesa))
        self.assertEqual((cesa.committed, job.state), (2248.32, "posted"))
        self.assertEqual(self._run()["pay"]["lines"], 0)
        self.assertInvariant()

    def test_a_job_whose_cesa_is_gone(self):
        """The CESA had ended, and its pay is undone: the job is not paid again."""
        self._run()
        cesa, job = self._both()
        cesa.action_undo("It had ended")
        self.cesa.date_end = "2025-12-31"
        self.assertEqual(self._run()["pay"]["lines"], 0)
        self.assertEqual(self._line(self.alice), job)
        self.assertFalse(job.second_contract)

    def test_a_cesa_that_waits_and_is_gone(self):
        self.company.cae_pay_approval = "all"
        self._run()
        cesa, job = self._both()
        job.action_approve()
        self._run()
        self.cesa.date_end = "2025-12-31"
        self._run()
        self.assertEqual((cesa.state, job.state), ("cancelled", "posted"))
        self.assertEqual(self._line(self.alice), job)

    def test_what_the_job_bore_is_not_borne_again(self):
        """Premium and garnishment of the month are those of the pay that has them."""
        self.company.write({"cae_health_total": 60, "cae_health_employer_share": 50})
        self.env["cae.pay.element"].create(
            {
                "entrepreneur_id": self.alice.id,
                "month": JANUARY,
                "kind": "garnishment",
                "amount": 50,
                "account_id": self._account("427").id,
            }
        )
        self.cesa.date_start = "2026-02-01"
        self._run()
        self.cesa.date_start = "2025-01-01"
        self._run()
        cesa, job = self._both()
        self.assertEqual((cesa.withheld, job.withheld), (0, 50))
        cesa, job = self._bases(cesa), self._bases(job)
        self.assertEqual((cesa.get("MUTUELLE"), job["MUTUELLE"]), (None, 60))

    def test_a_month_alone_and_a_job_that_ends(self):
        """The year of the ceiling, that the job settles, is not taken back.

        January: 4 505.00, of which 500.00 are above. February, the job's last month:
        1 500.00, and with them those 500.00 are under the ceiling of the year.
        """
        self.company.cae_pay_progressive = False
        self._ask(self.alice, "gross", 1505)
        self._run()
        self.job.write({"fixed_part": 500, "date_end": "2026-02-28"})
        self._run("2026-02")
        under = [
            sum(self._bases(line).get("SS_VIEIL_PLAF", 0) for line in self._both(month))
            for month in (JANUARY, FEBRUARY)
        ]
        self.assertEqual(under, [4005, 2000])
