import csv
import json
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .common import PayCommon, pay_tagged

KEYS = {
    "gross",
    "cost",
    "net_before_tax",
    "net_taxable",
    "net_social",
    "employer_contributions",
    "employee_contributions",
    "general_reduction",
    "coefficient",
    "equivalent_hours",
    "lines",
    "exact",
}
LINE_KEYS = {
    "code",
    "label",
    "base",
    "employee_rate",
    "employee_amount",
    "employer_rate",
    "employer_amount",
}
GIVEN = (
    "date",
    "gross",
    "executive",
    "headcount",
    "at_rate",
    "mobility_rate",
    "health_total",
    "health_employer_share",
)


def walk(value):
    """Every value inside a JSON value."""
    yield value
    children = value.values() if isinstance(value, dict) else value
    for child in children if isinstance(value, (dict, list)) else ():
        yield from walk(child)


@pay_tagged
class TestSimulator(PayCommon):
    """``cae.salary.simulator.simulate``, the public contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "sim_user", groups="cae_base.group_user")
        cls.user.write(
            {
                "company_ids": [(4, cls.company.id)],
                "company_id": cls.company.id,
            }
        )
        cls.Simulator = cls.env["cae.salary.simulator"].with_user(cls.user)

    def simulate(self, **values):
        return self.Simulator.simulate({"date": "2026-01-31", **values})

    def assertRefused(self, code, **values):
        with self.assertRaisesRegex(UserError, f"^{code}: "):
            self.simulate(**values)

    # Cases

    def test_the_published_cases(self):
        for case in read_cases():
            values = {name: case[name] for name in GIVEN}
            result = self.simulate(contract="employee", hours=151.67, **values)
            for name in (
                "cost",
                "net_before_tax",
                "net_taxable",
                "net_social",
                "general_reduction",
                "employee_contributions",
            ):
                self.assertAlmostEqual(
                    result[name], float(case[name]), delta=0.05, msg=(name, case)
                )

    def test_cost_of_the_cases_gives_their_gross_back(self):
        for case in read_cases():
            values = {name: case[name] for name in GIVEN if name != "gross"}
            values |= {"contract": "employee", "hours": 151.67}
            direct = self.simulate(gross=case["gross"], **values)
            back = self.simulate(cost=direct["cost"], **values)
            self.assertLessEqual(back["cost"], direct["cost"])
            self.assertGreaterEqual(back["gross"], direct["gross"])
            above = self.simulate(gross=round(back["gross"] + 0.01, 2), **values)
            self.assertGreater(above["cost"], direct["cost"])

    # Shape

    def test_result_is_plain_and_never_none(self):
        for values in ({"gross": 3000}, {"cost": 3000.0}, {"net": "1500"}):
            result = self.simulate(**values)
            self.assertEqual(set(result), KEYS)
            self.assertEqual({key for li in result["lines"] for key in li}, LINE_KEYS)
            kinds = {type(value) for value in walk(result)}
            self.assertEqual(kinds, {dict, list, str, float, bool})
            self.assertEqual(json.loads(json.dumps(result)), result)

    def test_amounts_have_two_decimals_and_the_coefficient_four(self):
        result = self.simulate(gross=3000)
        self.assertEqual(result["cost"], 4023.48)
        self.assertEqual(result["net_before_tax"], 2374.79)
        self.assertEqual(result["coefficient"], 0.1008)
        self.assertEqual(result["general_reduction"], 302.4)
        for key, value in result.items():
            if isinstance(value, float) and key != "coefficient":
                self.assertEqual(value, round(value, 2))

    def test_a_cost_that_cannot_be_reached_is_not_exact(self):
        # Between 7 788.46 and 7 897.85 no gross fits: the cliff at three SMIC.
        result = self.simulate(cost=7800)
        self.assertEqual((result["gross"], result["exact"]), (5469.09, False))
        self.assertTrue(self.simulate(cost=4023.48)["exact"])

    def test_the_settings_of_the_company_are_the_defaults(self):
        self.assertEqual(self.simulate(gross=1000)["cost"], 1039.86)
        self.company.cae_headcount = 20
        self.assertEqual(self.simulate(gross=1000)["cost"], 1035.36)
        self.company.cae_at_rate = 3.08
        self.assertEqual(self.simulate(gross=1000)["cost"], 1045.36)
        given = self.simulate(gross=1000, headcount=60, at_rate=2.08)
        self.assertEqual(given["cost"], 1039.86)

    def test_hours_of_an_entrepreneur_by_both_smics(self):
        values = {"gross": 1000, "date": "2026-06-30"}
        self.assertEqual(self.simulate(**values)["cost"], 1063.16)
        self.company.cae_smic_hours_basis = "rgdu"
        self.assertEqual(self.simulate(**values)["cost"], 1039.86)

    def test_empty_values_are_not_given(self):
        values = {"cost": False, "net": None, "hours": "", "health_total": False}
        self.assertEqual(self.simulate(gross=1000, **values)["cost"], 1039.86)

    def test_no_pay_is_a_value(self):
        self.assertEqual(self.simulate(gross=0)["cost"], 0)

    def test_today_by_default(self):
        self.assertEqual(set(self.Simulator.simulate({"gross": 1000})), KEYS)

    def test_rounding_line_by_line(self):
        values = {"gross": 2867.21, "health_total": 71.4, "mobility_rate": 0.55}
        lines = self.simulate(rounding="line", **values)
        total = sum(round(line["employer_amount"] * 100) for line in lines["lines"])
        self.assertEqual(round((lines["cost"] - 2867.21) * 100), total)

    # Refusals

    def test_exactly_one_amount(self):
        self.assertRefused("CAE-PAY-INPUT")
        self.assertRefused("CAE-PAY-INPUT", gross=1, net=1)
        self.assertRefused("CAE-PAY-INPUT", gross=1, net=1, cost=0)

    def test_unknown_values(self):
        self.assertRefused("CAE-PAY-INPUT", gross=1000, atrate=2)
        for values in (None, [], "gross", 12):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-INPUT: "):
                self.Simulator.simulate(values)

    def test_bad_values(self):
        for name, value in (
            ("gross", -1),
            ("gross", "a lot"),
            ("gross", "NaN"),
            ("gross", [1]),
            ("gross", True),
            ("gross", 1e12),
            ("gross", float("inf")),
            ("gross", 10**5000),
            ("gross", {}),
            ("cost", 1e300),
            ("hours", 1e300),
            ("date", {}),
            ("contract", "x" * 100_000),
            ("date", "2026-02-30"),
            ("date", "31/01/2026"),
            ("date", 2026),
            ("contract", "cdi"),
            ("contract", ["cesa"]),
            ("rounding", "up"),
            ("executive", "perhaps"),
            ("headcount", -1),
            ("headcount", "many"),
            ("at_rate", 101),
            ("at_rate", -0.1),
            ("mobility_rate", "x"),
            ("health_total", -5),
            ("health_employer_share", 100.01),
        ):
            asked = {} if name == "cost" else {"gross": 1000}
            self.assertRefused("CAE-PAY-VALUE", **{**asked, name: value})
        self.assertRefused("CAE-PAY-VALUE", gross=1000, contract="employee", hours=0)

    def test_a_budget_under_the_health_premium(self):
        self.assertRefused("CAE-PAY-BUDGET", cost=10, health_total=60)

    def test_a_date_without_rates(self):
        self.assertRefused("CAE-PAY-RATE", gross=1000, date="2019-05-01")
        self.assertRefused("CAE-PAY-RATE", gross=1000, date="2031-05-01")

    def test_who_may_simulate(self):
        for group in ("cae_base.group_entrepreneur", "cae_base.group_coach"):
            user = new_test_user(self.env, f"sim_{group[-5:]}", groups=group)
            simulator = self.env["cae.salary.simulator"].with_user(user)
            self.assertEqual(set(simulator.simulate({"gross": 1500})), KEYS)
        outsider = new_test_user(self.env, "sim_other", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.env["cae.salary.simulator"].with_user(outsider).simulate({"net": 1})

    # Screen

    def test_the_form_shows_the_result_at_once(self):
        action = self.env.ref("cae_payroll.cae_salary_simulation_action")
        model = self.env[action.res_model].with_user(self.user)
        with Form(model) as form:
            form.date = "2026-01-31"
            form.known = "gross"
            form.amount = 3000
            self.assertEqual(form.cost, 4023.48)
            self.assertEqual(form.net_before_tax, 2374.79)
            self.assertIn("302.40", form.detail_html)
            form.known = "cost"
            form.amount = 4023.48
            self.assertEqual(form.gross, 3000)
            form.health_total = 9000
            form.amount = 10
            self.assertIn("CAE-PAY-BUDGET", form.error)

    def test_the_form_takes_over_a_contract(self):
        contract = self.alice.contract_ids
        contract.write({"executive": True, "at_rate": 1.5, "health_cover": "none"})
        self.company.cae_health_total = 60
        manager = self.env["cae.salary.simulation"]
        with Form(manager) as form:
            form.date = "2026-01-31"
            form.entrepreneur_id = self.alice
            self.assertTrue(form.executive)
            self.assertEqual(form.at_rate, 1.5)
            self.assertEqual(form.health_total, 0)
            self.assertEqual(form.contract, "cesa")


def read_cases():
    path = Path(__file__).resolve().parents[3] / "tests/data/payroll"
    with (path / "urssaf_2026_cases.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
