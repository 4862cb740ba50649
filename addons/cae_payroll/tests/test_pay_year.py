from datetime import date
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user

from odoo.addons.cae_base.engine.money import decimal

from .common import JANUARY, PayCommon, pay_tagged

MONTHS = [f"2026-{month:02}" for month in range(1, 13)]


@pay_tagged
class TestPayYear(PayCommon):
    """Months of pay follow each other: ceiling and reduction of the year to date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cae_pay_policy = "none"
        cls._hold(cls.first, alice=100)
        cls._fund(cls.first, 90000, "2026-01-01")
        cls.Run = cls.env["cae.pay.run"]

    def _pay(self, grosses):
        """Pay Alice these grosses from January on, and return the lines."""
        for month, gross in zip(MONTHS, grosses, strict=False):
            if gross > 1000:
                self._ask(self.alice, "gross", gross - 1000, f"{month}-01")
            self._run(month)
        lines = self.Line.search(
            [("entrepreneur_id", "=", self.alice.id), ("state", "=", "posted")],
            order="month",
        )
        self.assertEqual(lines.mapped("gross"), [float(g) for g in grosses])
        return lines

    def _of_the_year(self, grosses, day=date(2026, 5, 31)):
        """Reduction of these months, January to May, computed at once."""
        situation = self.alice.contract_ids._pay_situation(self.company, day)
        schedule = self.env["cae.salary.simulator"]._salary(day, situation).schedule
        total = sum(map(Decimal, grosses))
        smic = sum(
            schedule.smic_year * schedule.presence(Decimal(gross)) for gross in grosses
        )
        coefficient = schedule.formula.coefficient(total * 12, smic)
        return float(round(coefficient * total, 2)), float(coefficient)

    def _reduction(self, lines):
        return sum(lines.mapped("general_reduction"))

    def test_the_year_to_date_is_what_it_would_be_at_once(self):
        grosses = [1000, 6000, 1000, 2500]
        lines = self._pay(grosses)
        total, coefficient = self._of_the_year(grosses)
        self.assertAlmostEqual(self._reduction(lines), total, delta=0.02)
        self.assertEqual(lines[-1].coefficient, coefficient)
        self.assertLess(lines[1].general_reduction, 0)
        # 6 000 in February is under the two ceilings of the year to date.
        [old_age] = [li for li in lines[1].detail if li["code"] == "SS_VIEIL_PLAF"]
        self.assertEqual(old_age["base"], 6000)
        self.assertNotIn("CET", [li["code"] for li in lines[1].detail])

    def test_cost_entry_and_parts_follow(self):
        lines = self._pay([1000, 6000])
        for line in lines:
            self.assertAlmostEqual(
                line.gross + line.employer_contributions - line.general_reduction,
                line.cost,
                2,
            )
            wages = line.move_id.line_ids.filtered(
                lambda item: item.account_id.code.startswith("64")
            )
            self.assertAlmostEqual(sum(wages.mapped("balance")), line.cost, 2)
            codes = [li["code"] for li in line.detail]
            self.assertEqual("RGDU_REGUL" in codes, line.month.month == 2)

    @freeze_time("2026-12-31")
    def test_each_month_alone_and_december_settles(self):
        self.company.cae_pay_progressive = False
        grosses = [1000, 6000] + [1000] * 10
        lines = self._pay(grosses)
        # Variant A: from June on, hours are rebuilt with the SMIC in force.
        self.assertEqual(lines[0].coefficient, 0.4021)
        self.assertEqual(lines[1].coefficient, 0)
        self.assertEqual(lines[2].coefficient, 0.4021)
        self.assertEqual(lines[10].coefficient, 0.3788)
        booked = self.Run._booked(self.company, date(2026, 12, 1), self.alice.ids)
        [total] = booked.own[self.alice.id].values()
        smic = float(total.smic + decimal(lines[11].booked["smic"], 6))
        self.assertGreater(smic, 0)
        salary = self.env["cae.salary.simulator"]._salary(
            date(2026, 12, 31),
            self.alice.contract_ids._pay_situation(self.company, date(2026, 12, 31)),
        )
        expected = salary.schedule.formula.coefficient(
            Decimal(17000) * 12, Decimal(str(smic))
        )
        self.assertEqual(lines[11].coefficient, float(expected))
        self.assertAlmostEqual(
            self._reduction(lines), float(expected * 17000), delta=0.1
        )

    def test_leaving_settles_the_year(self):
        self.company.cae_pay_progressive = False
        self.alice.contract_ids.date_end = "2026-03-31"
        grosses = [1000, 6000, 1000]
        lines = self._pay(grosses)
        total, coefficient = self._of_the_year(grosses)
        self.assertEqual(lines[1].coefficient, 0)
        self.assertEqual(lines[2].coefficient, coefficient)
        self.assertAlmostEqual(self._reduction(lines), total, delta=0.02)

    def test_entry_in_the_month_prorates_the_ceiling(self):
        person = self._person("P9", "Zoe", 3100, "2026-01-17")
        self.second.share_ids = [
            (
                0,
                0,
                {
                    "entrepreneur_id": person.id,
                    "share": 100,
                    "date_start": self.second.date_start,
                },
            )
        ]
        self._fund(self.second, 20000)
        self._run("2026-01")
        line = self._line(person)
        self.assertEqual(line.fixed_part, 1500)  # 15 of 31 days
        self.assertEqual(Decimal(line.booked["ceiling"]), Decimal("1937.90"))
        # 1 500 is above half a SMIC: hours are those of 15 days of 30.
        self.assertEqual(line.equivalent_hours, 75.83)

    def test_an_undone_month_no_longer_counts(self):
        lines = self._pay([1000, 6000])
        lines[1]._reverse_pay("again")
        booked = self.Run._booked(self.company, date(2026, 3, 1), self.alice.ids)
        self.assertEqual([b.gross for b in booked.own[self.alice.id].values()], [1000])

    def test_another_year_starts_from_nothing(self):
        self._pay([1000])
        booked = self.Run._booked(self.company, date(2027, 1, 1), self.alice.ids)
        self.assertEqual(booked.own, {})
        booked = self.Run._booked(self.company, JANUARY, self.alice.ids)
        self.assertEqual(booked.own, {})

    def test_another_contract_starts_from_nothing(self):
        """The reduction is by contract (L.241-13 III)."""
        self._pay([1000])
        contract = self.alice.contract_ids
        booked = self.Run._booked(self.company, date(2026, 2, 1), self.alice.ids)
        self.assertEqual(list(booked.own[self.alice.id]), [contract.id])

    def test_an_amendment_goes_on_with_its_contract(self):
        contract = self.alice.contract_ids
        self._pay([1000])
        self._contract(self.alice, 1200, "2026-02-01", parent_id=contract.id)
        self._run("2026-02")
        booked = self.Run._booked(self.company, date(2026, 3, 1), self.alice.ids)
        self.assertEqual(list(booked.own[self.alice.id]), [contract.id])
        self.assertEqual(booked.of(self.alice.id, contract.id).gross, 2200)

    def test_one_query_for_everybody(self):
        self._pay([1000])
        people = (self.alice | self.bob | self.carol).ids
        self.env.flush_all()
        for some in (people[:1], people):
            with self.assertQueryCount(1):
                self.Run._booked(self.company, date(2026, 2, 1), some)

    def test_what_is_booked_is_for_payroll_officers(self):
        self._pay([1000])
        user = new_test_user(
            self.env,
            "py_accountant",
            groups="cae_base.group_accountant",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        fields = self.Line.with_user(user).fields_get()
        self.assertNotIn("booked", fields)


@pay_tagged
class TestPaySituation(PayCommon):
    """Settings of the company that decide the contributions."""

    def situation(self, day=date(2026, 3, 1)):
        contract = self.alice.contract_ids
        return contract._pay_situation(self.company, day)

    def test_a_threshold_binds_from_its_day(self):
        self.assertEqual(self.situation()["headcount"], 60)
        self.company.cae_headcount_50_date = "2028-01-01"
        self.assertEqual(self.situation()["headcount"], 49)
        self.assertEqual(self.situation(date(2028, 1, 1))["headcount"], 60)
        self.company.cae_headcount_11_date = "2027-01-01"
        self.assertEqual(self.situation()["headcount"], 10)
        self.assertEqual(self.situation(date(2027, 6, 1))["headcount"], 49)
        # A date does not raise the staff of a smaller company.
        self.company.write({"cae_headcount": 5, "cae_headcount_11_date": "2025-01-01"})
        self.assertEqual(self.situation()["headcount"], 5)

    def test_provident_scheme_by_category(self):
        self.company.write(
            {"cae_provident_rate": 1.5, "cae_provident_total": 12, "cae_at_rate": 2}
        )
        contract = self.alice.contract_ids
        for scope, executive, covered in (
            ("all", False, True),
            ("all", True, True),
            ("executive", False, False),
            ("executive", True, True),
            ("other", False, True),
            ("other", True, False),
        ):
            self.company.cae_provident_scope = scope
            contract.executive = executive
            situation = self.situation()
            self.assertEqual(situation["provident_rate"], 1.5 if covered else 0)
            self.assertEqual(situation["provident_total"], 12 if covered else 0)

    def test_alsace_moselle_and_apprentices(self):
        self.company.write({"cae_alsace_moselle": True, "cae_apprentice_share": 0.5})
        situation = self.situation()
        self.assertTrue(situation["alsace_moselle"])
        self.assertEqual(situation["apprentice_share"], Decimal("0.5"))

    def test_health_waiver_of_a_person(self):
        self.company.cae_health_total = 60
        self.alice.contract_ids.health_cover = "none"
        self.assertEqual(self.situation()["health_total"], 0)


@pay_tagged
class TestSimulatorYear(PayCommon):
    """Compatible extensions of ``simulate``."""

    def simulate(self, **values):
        simulator = self.env["cae.salary.simulator"].with_company(self.company)
        return simulator.simulate({"date": "2026-03-31", **values})

    def test_taxable_net(self):
        direct = self.simulate(gross=2000)
        back = self.simulate(net_taxable=direct["net_taxable"])
        self.assertEqual(back["net_taxable"], direct["net_taxable"])
        self.assertTrue(back["exact"])
        self.assertGreaterEqual(back["gross"], 2000)

    def test_several_amounts_are_refused(self):
        with self.assertRaisesRegex(UserError, "^CAE-PAY-INPUT: "):
            self.simulate(net=1000, net_taxable=1000)

    def test_before_2026(self):
        result = self.simulate(gross=4054.06, date="2025-06-30", contract="employee")
        lines = {line["code"]: line for line in result["lines"]}
        self.assertEqual(lines["SS_MALADIE_PLUS"]["employer_rate"], 6)
        self.assertEqual(lines["SS_MALADIE"]["employer_rate"], 7)
        smic = self.simulate(gross=1801.80, date="2024-11-30", contract="employee")
        self.assertEqual(smic["coefficient"], 0.3234)

    def test_months_already_paid(self):
        alone = self.simulate(gross=6000)
        after = self.simulate(gross=6000, paid=[1000, "1000"])
        self.assertGreater(after["coefficient"], alone["coefficient"])
        bases = {line["code"]: line["base"] for line in after["lines"]}
        self.assertEqual(bases["SS_VIEIL_PLAF"], 6000)
        self.assertEqual(self.simulate(gross=6000, paid=[]), alone)

    def test_wrong_months_are_refused(self):
        for paid in ([1, 2, 3], "1000", [-1], ["x"], [None], {"a": 1}):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-VALUE: "):
                self.simulate(gross=1000, paid=paid)

    def test_parameters_of_the_company_may_be_given(self):
        usual = self.simulate(gross=2000)
        local = self.simulate(gross=2000, alsace_moselle=True)
        self.assertAlmostEqual(usual["net_before_tax"] - local["net_before_tax"], 26, 2)
        large = self.simulate(gross=2000, headcount=300, apprentice_share=0)
        codes = [line["code"] for line in large["lines"]]
        self.assertIn("CSA_APP", codes)
        fixed = self.simulate(gross=2000, provident_total=20)
        self.assertIn("PREVOYANCE_FORFAIT", [li["code"] for li in fixed["lines"]])
