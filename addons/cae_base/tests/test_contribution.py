import json
import time
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from ..models import cae_contribution_run
from .common import CaeCommon, cae_tagged


@cae_tagged
class TestContribution(CaeCommon):
    """Schemes, run, revisions, undoing, rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schemes = {
            scheme.code: scheme
            for scheme in cls.env["cae.contribution.scheme"].search([])
        }
        cls.one, cls.two, cls.three = cls.activities
        cls.one.scheme_id = cls.schemes["STD10"]
        cls.accountant = cls._user("cae_accountant", "group_accountant")
        cls.coach = cls._user("cae_coach", "group_coach")
        cls.Period = cls.env["cae.period"].with_user(cls.accountant)
        cls.Line = cls.env["cae.contribution.line"]

    @classmethod
    def _user(cls, login, group):
        return new_test_user(
            cls.env,
            login=login,
            groups=f"cae_base.{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _run(cls, month):
        cls.env.flush_all()
        return cls.Period.month_run(month, steps=["contributions"])["contributions"]

    @classmethod
    def _sell(cls, activity, amount, day, **vals):
        kind = "out_invoice" if amount > 0 else "out_refund"
        return cls._document([(activity, abs(amount))], day, kind, **vals)

    @classmethod
    def _buy(cls, activity, amount, day):
        return cls._document([(activity, amount)], day, "in_invoice", ref=f"B{day}")

    def _amounts(self, activity):
        """``{month: [amount of each revision]}``"""
        found = {}
        lines = self.Line.search([("activity_id", "=", activity.id)])
        for line in lines.sorted(lambda li: (li.month, li.revision, li.id)):
            found.setdefault(f"{line.month:%m}", []).append(line.amount)
        return found

    @contextmanager
    def assertCode(self, code, error=UserError):
        with self.assertRaises(error) as caught:  # rolls back, unlike assertRaisesRegex
            yield
        self.assertEqual(str(caught.exception).partition(": ")[0], code)

    # ------------------------------------------------------------------
    # The five schemes
    # ------------------------------------------------------------------

    def test_std10_never_below_zero(self):
        self._sell(self.one, 1000, "2026-01-10")
        self._sell(self.one, -1300, "2026-02-10")
        self._sell(self.one, 500.55, "2026-03-10")
        self._run("2026-03")
        # 10 % of 1000; of −300, never below 0; of 200.55 = 20.055, half up
        expected = {"01": [100.0], "02": [-100.0], "03": [20.06]}
        self.assertEqual(self._amounts(self.one), expected)
        self.assertInvariant()

    def test_tranches(self):
        self.one.scheme_id = self.schemes["TRANCHES"]
        self._sell(self.one, 383.97, "2026-01-10")
        self._sell(self.one, 89616.03, "2026-03-10")
        self._run("2026-03")
        # floor 2160/12; 360 to date; 4400 + 4000 + 900 of 90 000 less 360
        expected = {"01": [180.0], "02": [180.0], "03": [8940.0]}
        self.assertEqual(self._amounts(self.one), expected)

    def test_marge12(self):
        self.one.scheme_id = self.schemes["MARGE12"]
        self._sell(self.one, 500, "2026-01-10")
        self._buy(self.one, 100, "2026-01-12")
        self._sell(self.one, 100000, "2026-03-10")
        self._run("2026-03")
        # 12 % of 400; the floor; 8400 − 88
        expected = {"01": [48.0], "02": [40.0], "03": [8312.0]}
        self.assertEqual(self._amounts(self.one), expected)

    def test_encaisse(self):
        self.one.scheme_id = self.schemes["ENCAISSE"]
        invoice = self._document(
            [(self.one, 1000, self.vat_services)], "2026-01-10", "out_invoice"
        )
        self._pay(invoice, 600, "2026-02-10")
        self._run("2026-02")
        # 16 a month; 10 % of 600 / 1.2
        expected = {"01": [0.0, 16.0], "02": [50.0, 16.0]}
        self.assertEqual(
            {month: sorted(a) for month, a in self._amounts(self.one).items()},
            {month: sorted(a) for month, a in expected.items()},
        )

    def test_mixte(self):
        self.one.scheme_id = self.schemes["MIXTE"]
        self._sell(self.one, 500, "2026-01-10")
        self._buy(self.one, 100, "2026-01-12")
        self._run("2026-01")
        self.assertEqual(sorted(self._amounts(self.one)["01"]), [30.0, 54.0])

    def test_simulation_equals_run(self):
        invoiced = {"2026-01": 1234.56, "2026-02": 50000.01, "2026-03": 3.33}
        bought = {"2026-01": 34.5, "2026-03": 1000}
        for activity, code in zip(
            self.activities, ("TRANCHES", "MARGE12", "MIXTE"), strict=True
        ):
            activity.write({"scheme_id": self.schemes[code].id, "code": code})
            activity.date_start = "2026-01-01"
            for month, amount in invoiced.items():
                self._sell(activity, amount, f"{month}-05")
            for month, amount in bought.items():
                self._buy(activity, amount, f"{month}-06")
        self._run("2026-03")
        figures = self.Activity.figures(
            codes=self.activities.mapped("code"), months=list(invoiced)
        )
        for activity in self.activities:
            simulated = self.schemes[activity.code].simulate(
                code=activity.code,
                months=[
                    {"month": m, "invoiced": v, "purchases": bought.get(m, 0)}
                    for m, v in invoiced.items()
                ],
            )
            self.assertEqual(
                [row["amount"] for row in simulated],
                [r["contribution"] for r in figures if r["code"] == activity.code],
            )
            json.dumps(simulated, allow_nan=False)

    # ------------------------------------------------------------------
    # Entry
    # ------------------------------------------------------------------

    def test_entry_shape(self):
        self.two.scheme_id = self.schemes["STD10"]
        self._sell(self.one, 1000, "2026-01-10")
        self._sell(self.two, 500, "2026-01-10")
        self._run("2026-01")
        move = self.Line.search([]).move_id
        self.assertEqual(len(move), 1)
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.date, date(2026, 1, 31))
        self.assertEqual(move.journal_id, self.company.cae_journal_id)
        one, two, shared = (
            str(account.id) for account in (*self.accounts[:2], self.shared)
        )
        items = [
            (line.account_id.code[:3], line.balance, line.analytic_distribution)
            for line in move.line_ids.sorted("id")
        ]
        self.assertEqual(
            items,
            [
                ("186", 100, {one: 100}),
                ("181", -100, {one: 100}),
                ("186", 50, {two: 100}),
                ("181", -50, {two: 100}),
                ("181", 150, {shared: 100}),
                ("187", -150, {shared: 100}),
            ],
        )
        lines = self.Line.search([]).sorted("id")
        self.assertEqual(
            lines.mapped("move_line_id"), move.line_ids.sorted("id")[0:4:2]
        )
        self.assertInvariant()

    def test_negative_contribution_reverses_the_sides(self):
        self._sell(self.one, 1000, "2026-01-10")
        self._run("2026-01")
        self._sell(self.one, -400, "2026-02-10")
        self.assertEqual(self._run("2026-02"), {"lines": 1, "total": -40.0})
        move = self.Line.search([("month", "=", "2026-02-01")]).move_id
        found = {(li.account_id.code[:3], li.balance) for li in move.line_ids}
        self.assertEqual(
            found, {("186", -40.0), ("181", 40.0), ("181", -40.0), ("187", 40.0)}
        )

    def test_zero_contribution_has_a_line_and_no_entry(self):
        self.assertEqual(self._run("2026-01"), {"lines": 1, "total": 0.0})
        line = self.Line.search([])
        self.assertEqual((line.amount, line.revision), (0.0, 0))
        self.assertFalse(line.move_id)
        self.assertIn("Turnover invoiced", line.explanation_text)

    # ------------------------------------------------------------------
    # Order and revisions
    # ------------------------------------------------------------------

    def _three_months(self):
        for month in ("01", "02", "03"):
            self._sell(self.one, 1000, f"2026-{month}-10")
        self._run("2026-03")
        self.assertEqual(
            self._amounts(self.one), {"01": [100.0], "02": [100.0], "03": [100.0]}
        )

    def test_run_treats_the_open_months_before(self):
        self._three_months()
        lines = self.Line.search([])
        self.assertEqual(len(lines.move_id), 3)
        self.assertEqual(
            sorted(lines.move_id.mapped("date")),
            [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)],
        )

    def test_second_run_changes_nothing(self):
        self._three_months()
        before = self._balances()
        for month in ("2026-01", "2026-03", "2026-02"):
            self.assertEqual(self._run(month), {"lines": 0, "total": 0.0})
        self.assertEqual(self._balances(), before)

    def test_late_credit_note_books_the_difference_in_its_open_month(self):
        self._three_months()
        self._sell(self.one, -200, "2026-02-20")
        self.assertEqual(self._run("2026-02"), {"lines": 1, "total": -20.0})
        expected = {"01": [100.0], "02": [100.0, -20.0], "03": [100.0]}
        self.assertEqual(self._amounts(self.one), expected)
        line = self.Line.search([("revision", "=", 1)])
        self.assertEqual(line.move_id.date, date(2026, 2, 28))
        self.assertIn("Already charged", line.explanation_text)
        self.assertEqual(self._run("2026-03"), {"lines": 0, "total": 0.0})
        self.assertInvariant()

    def test_late_fact_of_a_locked_month_goes_to_the_first_open_month(self):
        self._three_months()
        credit = self._sell(self.one, -200, "2026-02-20")
        credit.button_draft()
        for month in ("2026-01", "2026-02"):
            self.Period._get(date.fromisoformat(f"{month}-01"))
        credit._post(soft=False)
        self._lock("2026-01", "2026-02")
        self.assertEqual(self._run("2026-03"), {"lines": 1, "total": -20.0})
        expected = {"01": [100.0], "02": [100.0], "03": [100.0, -20.0]}
        self.assertEqual(self._amounts(self.one), expected)

    def _lock(self, *months):
        """Lock months as the close does, without its checks."""
        for month in months:
            period = self.Period._get(date.fromisoformat(f"{month}-01"))
            period._set_state("locked")

    def test_run_goes_on_to_the_last_month_that_was_run(self):
        self._three_months()
        self._sell(self.one, 300, "2026-01-20")
        self.assertEqual(self._run("2026-01"), {"lines": 1, "total": 30.0})
        expected = {"01": [100.0, 30.0], "02": [100.0], "03": [100.0]}
        self.assertEqual(self._amounts(self.one), expected)

    def test_month_alone_never_moves_a_later_month(self):
        self.one.scheme_id = self.schemes["MARGE12"]
        for month in ("01", "02", "03"):
            self._sell(self.one, 30000, f"2026-{month}-10")
        self._run("2026-03")  # 3600, 3600, 1200: the ceiling of 8400
        self._sell(self.one, -10000, "2026-01-20")
        self._run("2026-01")
        # January owes 1200 less; March had been capped and takes 1200 more
        expected = {"01": [3600.0, -1200.0], "02": [3600.0], "03": [1200.0, 1200.0]}
        self.assertEqual(self._amounts(self.one), expected)

    def test_a_new_fiscal_year_starts_at_zero(self):
        self.one.scheme_id = self.schemes["TRANCHES"]
        self._sell(self.one, 50000, "2025-12-10")
        self._sell(self.one, 10000, "2026-01-10")
        self._run("2025-12")
        self._run("2026-01")
        year = self.Line.search([("activity_id", "=", self.one.id)])
        self.assertEqual(sum(year.mapped("amount")), 5400 + 1100)
        self.assertEqual(self._amounts(self.one)["01"], [180.0, 1100.0])

    def test_activity_opens_and_closes(self):
        self.one.scheme_id = self.schemes["TRANCHES"]
        self.one.write({"date_start": "2026-02-15", "date_end": "2026-03-10"})
        self._sell(self.one, 10000, "2026-03-05")
        self._run("2026-05")
        expected = {"02": [180.0], "03": [920.0]}  # no line once closed
        self.assertEqual(self._amounts(self.one), expected)
        self._sell(self.one, -1000, "2026-05-05")
        self._run("2026-05")
        self.assertEqual(self._amounts(self.one), {**expected, "05": [-110.0]})

    def test_activity_without_scheme_is_left_out(self):
        self.one.scheme_id = False
        self._sell(self.one, 1000, "2026-01-10")
        self.assertEqual(self._run("2026-01"), {"lines": 0, "total": 0.0})

    def test_change_of_scheme_corrects_the_open_months(self):
        self._three_months()
        self.one.scheme_id = self.schemes["MIXTE"]
        self._run("2026-03")
        net = {month: sum(a) for month, a in self._amounts(self.one).items()}
        self.assertEqual(net, {"01": 165.0, "02": 165.0, "03": 165.0})
        self.assertEqual(self._run("2026-03")["lines"], 0)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Own terms
    # ------------------------------------------------------------------

    def _term(self, **vals):
        return self.env["cae.contribution.exemption"].create(
            {"activity_id": self.one.id, "reason": "Agreed", **vals}
        )

    def test_exemption(self):
        self._term(date_from="2026-02-01", date_to="2026-02-28")
        for month in ("01", "02", "03"):
            self._sell(self.one, 1000, f"2026-{month}-10")
        self._run("2026-03")
        expected = {"01": [100.0], "02": [0.0], "03": [100.0]}
        self.assertEqual(self._amounts(self.one), expected)
        line = self.Line.search([("month", "=", "2026-02-01")])
        self.assertIn("Exempt (Agreed)", line.explanation_text)

    def test_exemption_granted_afterwards_gives_back(self):
        self._three_months()
        self._term(date_from="2026-02-01", date_to="2026-02-28")
        self._run("2026-03")
        expected = {"01": [100.0], "02": [100.0, -100.0], "03": [100.0]}
        self.assertEqual(self._amounts(self.one), expected)

    def test_override_of_a_rate(self):
        rule = self.schemes["STD10"].rule_ids
        self._term(kind="override", rule_id=rule.id, rate=5, date_from="2026-02-01")
        self._sell(self.one, 1000, "2026-01-10")
        self._sell(self.one, 1000, "2026-02-10")
        self._run("2026-02")
        self.assertEqual(self._amounts(self.one), {"01": [100.0], "02": [50.0]})

    def test_override_of_an_amount_and_of_a_minimum(self):
        self.one.scheme_id = self.schemes["MIXTE"]
        rated, fixed = self.one.scheme_id.rule_ids
        self._term(kind="override", rule_id=fixed.id, amount=12)
        self._term(kind="override", rule_id=rated.id, own_floor=True, floor=20)
        self._run("2026-01")
        self.assertEqual(sorted(self._amounts(self.one)["01"]), [12.0, 20.0])

    def test_another_scheme_until_a_date(self):
        mixte = self.schemes["MIXTE"]
        self.one.scheme_id = mixte
        self._term(kind="scheme", scheme_id=self.schemes["STD10"].id, date_to="2026-02-28")
        for month in ("01", "02", "03"):
            self._sell(self.one, 1000, f"2026-{month}-10")
        self._run("2026-03")
        expected = {"01": [100.0], "02": [100.0], "03": [30.0, 135.0]}
        found = {m: sorted(a) for m, a in self._amounts(self.one).items()}
        self.assertEqual(found, expected)

    def test_terms_that_cannot_be_meant(self):
        rule = self.schemes["STD10"].rule_ids
        fixed = self.schemes["MIXTE"].rule_ids[1]
        wrong = [
            {"reason": " "},
            {"date_from": "2026-02-01", "date_to": "2026-01-01"},
            {"kind": "override", "rate": 5},
            {"kind": "override", "rule_id": rule.id},
            {"kind": "override", "rule_id": rule.id, "amount": 5},
            {"kind": "override", "rule_id": rule.id, "rate": 101},
            {"kind": "override", "rule_id": fixed.id, "rate": 5},
            {"kind": "scheme"},
        ]
        for vals in wrong:
            with self.subTest(vals), self.assertCode("CAE-SCHEME-TERMS", ValidationError):
                self._term(**vals)
        self._term(kind="override", rule_id=rule.id, rate=5)
        with self.assertCode("CAE-SCHEME-TERMS", ValidationError):
            self._term(kind="override", rule_id=rule.id, rate=6, date_from="2026-05-01")
