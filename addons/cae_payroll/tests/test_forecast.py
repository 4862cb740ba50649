"""``cae.salary.simulator.forecast``: twelve months ahead."""

import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time

from .common import PayCommon, pay_tagged
from .test_simulator import walk

KEYS = {
    *("month", "turnover", "collected", "contribution", "charges", "budget"),
    *("gross", "cost", "net", "treasury", "flags"),
}


@pay_tagged
@freeze_time("2026-02-15")
class TestForecast(PayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scheme = cls.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        cls.first.scheme_id = scheme
        cls.coach = cls._user("fo_coach", "group_coach")
        cls.payroll = cls._user("fo_payroll", "group_payroll")
        cls.user_alice = cls._user("fo_alice", "group_entrepreneur")
        cls.user_bob = cls._user("fo_bob", "group_entrepreneur")
        cls.alice.write({"coach_id": cls.coach.id, "user_id": cls.user_alice.id})
        cls.bob.user_id = cls.user_bob
        cls._hold(cls.first, alice=100)
        cls._fund(cls.first, 5000, "2026-01-15")

    def ahead(self, user=None, **values):
        simulator = self.env["cae.salary.simulator"].with_user(user or self.payroll)
        return simulator.with_company(self.company).forecast(values)

    def refused(self, code, user=None, **values):
        with self.assertRaises(UserError) as caught:
            self.ahead(user, **values)
        self.assertEqual(str(caught.exception).partition(":")[0], code)

    # ------------------------------------------------------------------
    # Figures alone
    # ------------------------------------------------------------------

    def test_figures_alone(self):
        rows = self.ahead(
            available=1000, turnover=3000, charges=200, contribution_rate=10,
            delay=1, reserve=300, wish="max", headcount=60, at_rate=2.08,
        )  # fmt: skip
        self.assertEqual([r["month"] for r in rows][:2], ["2026-02", "2026-03"])
        self.assertEqual(len(rows), 12)
        first, second = rows[:2]
        self.assertEqual(set(first), KEYS)
        self.assertEqual((first["collected"], first["contribution"]), (0, 300))
        self.assertEqual(first["budget"], 200)
        self.assertEqual(second["collected"], 3000)
        before = 1000
        for row in rows:
            left = row["collected"] - row["contribution"] - row["charges"]
            self.assertAlmostEqual(row["treasury"], before + left - row["cost"], 2)
            self.assertGreaterEqual(row["treasury"], 300)
            before = row["treasury"]

    def test_twelve_amounts_may_be_given(self):
        rows = self.ahead(turnover=list(range(12)), delay=0, contribution_rate=0)
        self.assertEqual([row["collected"] for row in rows], list(range(12)))

    def test_the_result_is_plain(self):
        rows = self.ahead(turnover=100)
        self.assertNotIn(None, list(walk(rows)))
        self.assertEqual(json.loads(json.dumps(rows)), rows)

    # ------------------------------------------------------------------
    # An activity
    # ------------------------------------------------------------------

    def test_an_activity_starts_from_its_balance_and_its_open_invoices(self):
        for amount, due in ((1000, "2026-04-10"), (500, "2026-01-06")):
            self._document(
                [(self.first, amount, self.vat_services)],
                "2026-01-05",
                invoice_date_due=due,
                invoice_payment_term_id=False,
            )
        rows = self.ahead(activity="T1", wish="none", turnover=0, charges=0)
        collected = [row["collected"] for row in rows]
        self.assertEqual(
            collected[:4], [500, 0, 1000, 0], "late, then when due, no VAT"
        )
        self.assertEqual(rows[0]["treasury"], 5500)
        self.assertEqual(rows[-1]["treasury"], 6500)

    def test_the_average_of_the_year_is_proposed(self):
        self._document([(self.first, 1200)], "2026-01-20")
        self._entry([("622", 600, self.first), ("512", -600, self.first)])
        rows = self.ahead(activity="T1")
        self.assertEqual(rows[0]["turnover"], 100)
        self.assertEqual(rows[0]["charges"], 50)

    def test_the_contribution_is_that_of_the_rules(self):
        """10 % of what is invoiced, with what the year has already seen."""
        rows = self.ahead(activity="T1", turnover=1000, charges=0)
        self.assertEqual({row["contribution"] for row in rows}, {100})
        rows = self.ahead(activity="T1", turnover=1000, contribution_rate=8)
        self.assertEqual({row["contribution"] for row in rows}, {80})

    def test_brackets_go_on_from_the_year(self):
        self.first.scheme_id = self.env["cae.contribution.scheme"].create(
            {
                "code": "FB",
                "name": "Brackets",
                "rule_ids": [
                    Command.create(
                        {
                            "code": "R",
                            "name": "Rule",
                            "basis": "invoiced",
                            "bracket_mode": "marginal",
                            "bracket_ids": [
                                Command.create({"upper": 3000, "rate": 10}),
                                Command.create({"rate": 5}),
                            ],
                        }
                    )
                ],
            }
        )
        self._document([(self.first, 2000)], "2026-01-20")
        rows = self.ahead(activity="T1", turnover=1000)
        charged = [row["contribution"] for row in rows]
        self.assertEqual(charged[:3], [100, 50, 50])
        self.assertEqual(charged[11], 100, "January starts another year")

    def test_an_activity_says_nothing_of_anybodys_pay(self):
        self._run("2026-01")
        values = {"activity": "T1", "turnover": 2000, "charges": 0, "wish": "max"}
        rows = self.ahead(self.coach, **values)
        self.assertEqual(rows, self.ahead(**values))
        self.assertEqual(rows[0]["month"], "2026-02")
        self.alice.contract_ids.fixed_part = 1500
        self.assertEqual(self.ahead(self.coach, **values), rows)

    # ------------------------------------------------------------------
    # A person
    # ------------------------------------------------------------------

    def test_a_person_has_their_contract_and_their_year(self):
        self._ask(self.alice, "gross", 3000)
        self._run("2026-01")
        values = {"turnover": 2000, "charges": 0, "wish": "none"}
        rows = self.ahead(person="P1", **values)
        self.assertEqual({row["gross"] for row in rows}, {1000})
        self._run("2026-02")
        paid = self._line(self.alice, "2026-02-01")
        self.assertAlmostEqual(rows[0]["cost"], paid.cost, 2, "after the same January")
        alone = self.ahead(activity="T1", fixed_part=1000, **values)
        self.assertNotEqual(alone[0]["cost"], rows[0]["cost"])

    def test_a_person_has_their_part_of_an_activity(self):
        self._hold(self.second, alice=60, bob=40)
        self._fund(self.second, 100)
        self.second.scheme_id = self.first.scheme_id
        self._document([(self.second, 1200)], "2026-01-20")
        rows = self.ahead(person="P1", charges=0, wish="none", fixed_part=0)
        self.assertEqual(rows[0]["turnover"], 60)
        self.assertEqual(rows[0]["collected"], 720)
        self.assertEqual(rows[0]["contribution"], 6)
        self.assertEqual(rows[0]["treasury"], 5000 + 60 + 720 - 6)

    def test_the_person_and_payroll_officers_alone(self):
        rows = self.ahead(self.user_alice, person="P1", turnover=1500)
        self.assertEqual(rows, self.ahead(person="P1", turnover=1500))
        self.refused("CAE-ACCESS", self.coach, person="P1")
        self.refused("CAE-PERSON-UNKNOWN", self.user_bob, person="P1")
        self.refused("CAE-ACTIVITY-UNKNOWN", self.user_bob, activity="T1")

    def test_pay_that_waits_is_gone(self):
        self._contract(self.bob, 9000)
        self._hold(self.second, bob=100)
        self._fund(self.second, 100)
        self._run("2026-01")
        waiting = self._line(self.bob)
        self.assertEqual(waiting.state, "draft")
        rows = self.ahead(person="P2", turnover=0, charges=0, fixed_part=0)
        self.assertAlmostEqual(rows[0]["treasury"], 100 - waiting.cost, 2)

    def _first_two(self, **values):
        return self.ahead(person="P1", turnover=0, charges=0, **values)[:2]

    def test_a_target_and_its_floor_are_those_of_the_monthly_run(self):
        """5 000.00, net 1 583.19 aimed at: 2 248.32, then 751.68 above the floor."""
        self.env["cae.pay.target"].create(
            {
                "entrepreneur_id": self.alice.id,
                "kind": "net",
                "amount": 1583.19,
                "floor": 2000,
                "date_from": "2026-01-01",
            }
        )
        self.company.cae_pay_policy = "all"
        first, second = self._first_two(month="2026-02")
        self.assertEqual(first["net"], 1583.19)
        self.assertEqual((first["budget"], first["treasury"]), (3000, 2751.68))
        # The fixed part comes before the floor.
        self.assertEqual((second["budget"], second["gross"]), (751.68, 1000))
        self._run("2026-02")
        line = self._line(self.alice, "2026-02-01")
        self.assertEqual((line.net, line.cost), (first["net"], first["cost"]))
        # What is given comes first.
        self.assertEqual(
            self._first_two(month="2026-03", wish="none")[0]["gross"], 1000
        )

    def test_a_request_that_was_sent_counts_in_its_month(self):
        self._ask(self.alice, "gross", 500, month="2026-03-01")
        first, second = self._first_two(month="2026-02")
        self.assertEqual((first["gross"], second["gross"]), (1000, 1500))

    def test_the_limit_of_an_overdraft_is_the_persons(self):
        """Two months of 1 039.86 from 100.00; 1 500.00 may lack."""
        self._fund(self.first, -4900, "2026-01-16")
        self.alice.contract_ids.overdraft_limit = 1500
        rows = self._first_two(month="2026-02")
        limits = ["CAE-PAY-LIMIT" in row["flags"] for row in rows]
        self.assertEqual(limits, [False, True])

    def test_own_pay_counts_on_a_shared_activity(self):
        """6 000.00 of 10 000.00 are Alice's, whatever Bob was paid."""
        self.first.share_ids.unlink()
        self._hold(self.first, alice=60, bob=40)
        self._fund(self.first, 5000, "2026-01-16")
        self._contract(self.bob, 3000, "2026-01-01")
        self.alice.contract_ids.date_start = "2026-02-01"
        self._run("2026-01")
        self._line(self.bob).filtered(lambda li: li.state == "draft").action_approve()
        self._run("2026-01")
        self.assertEqual(self._line(self.bob).cost, 4023.48)
        [row, _next] = self._first_two(month="2026-02", wish="none")
        self.assertAlmostEqual(row["treasury"], 6000 - row["cost"], 2)

    # ------------------------------------------------------------------
    # Months, refusals, queries
    # ------------------------------------------------------------------

    def test_the_first_month_is_the_first_without_pay(self):
        self._run("2026-01")
        self.assertEqual(self.ahead(turnover=1)[0]["month"], "2026-02")
        self._run("2026-02")
        self.assertEqual(self.ahead(turnover=1)[0]["month"], "2026-03")
        rows = self.ahead(turnover=1, month="2026-12")
        self.assertEqual([rows[0]["month"], rows[1]["month"]], ["2026-12", "2027-01"])

    def test_bad_values_have_a_code(self):
        for values in (
            {"turnover": -1},
            {"turnover": "x"},
            {"turnover": [1, 2]},
            {"turnover": [1] * 11 + [None]},
            {"charges": "nan"},
            {"delay": 13},
            {"delay": 0.5},
            {"contribution_rate": 101},
            {"wish": "everything"},
            {"wish": ["max"]},
            {"wish": "net", "wish_amount": -1},
            {"reserve": -1},
            {"available": "1e30"},
            {"contract": "none"},
        ):
            with self.subTest(values=values):
                self.refused("CAE-PAY-VALUE", **{"turnover": 100, **values})
        self.refused("CAE-PAY-INPUT", gross=1)
        self.refused("CAE-PAY-INPUT", activity="T1", person="P1")
        self.refused("CAE-PERIOD-MONTH", month="2026-13")
        for code in ("X", 5, "\x00"):
            self.refused("CAE-ACTIVITY-UNKNOWN", activity=code)
            self.refused("CAE-PERSON-UNKNOWN", person=code)

    def test_more_history_asks_no_more_queries(self):
        values = {"person": "P1"}
        counts = []
        for number in (1, 6):
            for day in range(number):
                self._document([(self.first, 100)], f"2026-01-{day + 10}")
            # What is kept for good, whatever posting let go of it, is read first.
            self.ahead(**values)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.ahead(**values)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertLess(counts[1], 45)

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------

    def test_the_screen_of_a_coach(self):
        self._document([(self.first, 1200)], "2026-01-20")
        wizard = self.env["cae.salary.forecast"].with_user(self.coach)
        with Form(wizard.with_company(self.company)) as form:
            self.assertNotIn("entrepreneur_id", form._view["fields"])
            form.activity_id = self.first.with_user(self.coach)
            self.assertEqual(form.turnover, 100)
            self.assertFalse(form.error)
            before = form.net
            form.turnover = 3000
            self.assertGreater(form.net, before)
            self.assertIn("February 2026", form.rows_html)
            series = json.loads(form.graph)
            self.assertEqual([len(one["values"]) for one in series], [12, 12, 12])
            form.by_rate = True
            form.contribution_rate = 200
            self.assertIn("CAE-PAY-VALUE", form.error)

    def test_the_screen_of_a_payroll_officer(self):
        wizard = self.env["cae.salary.forecast"].with_user(self.payroll)
        with Form(wizard.with_company(self.company)) as form:
            self.assertFalse(form.error)
            form.entrepreneur_id = self.alice.with_user(self.payroll)
            self.assertEqual((form.fixed_part, form.wish), (1000, "own"))
            form.activity_id = self.first.with_user(self.payroll)
            self.assertFalse(form.entrepreneur_id)
            self.assertEqual(form.fixed_part, 0)

    def test_nobody_reads_the_screen_of_another(self):
        for name in ("cae.salary.forecast", "cae.salary.simulation"):
            screens = self.env[name].with_company(self.company)
            screen = screens.with_user(self.payroll).create({})
            others = screens.with_user(self.coach)
            self.assertFalse(others.search([("id", "=", screen.id)]))
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                screen.with_user(self.coach).read(["create_date"])
