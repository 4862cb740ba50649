import json
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, ValidationError

from ..engine.key_figures import Choice, Period
from ..models import cae_contribution_run, cae_period
from .common import cae_tagged
from .contribution_common import ContributionCommon


@cae_tagged
class TestContribution(ContributionCommon):
    """Schemes, run, revisions, undoing, rights."""

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

    def test_key_figures_count_months_that_are_over(self):
        """On a day of January nothing was charged for January yet."""
        self._sell(self.one, 1000, "2026-01-10")
        self._sell(self.one, 500, "2026-02-10")
        self._run("2026-02")
        figures = self.env["cae.key.figures"].with_company(self.company)
        first = date(2026, 1, 1)
        days = {
            date(2026, 1, 30): 0,
            date(2026, 1, 31): 100,
            date(2026, 2, 27): 100,
            date(2026, 2, 28): 150,
        }
        periods = [Period(first, day) for day in days]
        found = figures._compute(["contributions"], periods, Choice())
        self.assertEqual(found["contributions"], list(days.values()))
        for period, total in zip(periods, days.values(), strict=True):
            domain = figures._charged_domain("contributions", period, Choice())
            self.assertEqual(sum(self.Line.search(domain).mapped("amount")), total)

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
        move = self._lines().move_id
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
        lines = self._lines().sorted("id")
        self.assertEqual(
            lines.mapped("move_line_id"), move.line_ids.sorted("id")[0:4:2]
        )
        self.assertInvariant()

    def test_books_speak_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company.partner_id.lang = "fr_FR"
        self._sell(self.one, 1000, "2026-01-10")
        self._run("2026-01")
        self.assertIn("Contribution de 10", self._lines().move_line_id.name)

    def test_negative_contribution_reverses_the_sides(self):
        self._sell(self.one, 1000, "2026-01-10")
        self._run("2026-01")
        self._sell(self.one, -400, "2026-02-10")
        self.assertEqual(self._run("2026-02"), {"lines": 1, "total": -40.0})
        move = self._lines(("month", "=", "2026-02-01")).move_id
        found = {(li.account_id.code[:3], li.balance) for li in move.line_ids}
        self.assertEqual(
            found, {("186", -40.0), ("181", 40.0), ("181", -40.0), ("187", 40.0)}
        )

    def test_zero_contribution_has_a_line_and_no_entry(self):
        self.assertEqual(self._run("2026-01"), {"lines": 1, "total": 0.0})
        line = self._lines()
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
        lines = self._lines()
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
        line = self._lines(("revision", "=", 1))
        self.assertEqual(line.move_id.date, date(2026, 2, 28))
        self.assertIn("Already charged", line.explanation_text)
        self.assertEqual(self._run("2026-03"), {"lines": 0, "total": 0.0})
        self.assertInvariant()

    def test_late_fact_of_a_locked_month_goes_to_the_first_open_month(self):
        self._three_months()
        self._sell(self.one, -200, "2026-02-20")
        self._lock("2026-01", "2026-02")
        self.assertEqual(self._run("2026-03"), {"lines": 1, "total": -20.0})
        expected = {"01": [100.0], "02": [100.0], "03": [100.0, -20.0]}
        self.assertEqual(self._amounts(self.one), expected)

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
        year = self._lines(("activity_id", "=", self.one.id))
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

    def test_exemption(self):
        self._term(date_from="2026-02-01", date_to="2026-02-28")
        for month in ("01", "02", "03"):
            self._sell(self.one, 1000, f"2026-{month}-10")
        self._run("2026-03")
        expected = {"01": [100.0], "02": [0.0], "03": [100.0]}
        self.assertEqual(self._amounts(self.one), expected)
        line = self._lines(("month", "=", "2026-02-01"))
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
        self._term(
            kind="scheme", scheme_id=self.schemes["STD10"].id, date_to="2026-02-28"
        )
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
            with (
                self.subTest(vals),
                self.assertCode("CAE-SCHEME-TERMS", ValidationError),
            ):
                self._term(**vals)
        self._term(kind="override", rule_id=rule.id, rate=5)
        with self.assertCode("CAE-SCHEME-TERMS", ValidationError):
            self._term(kind="override", rule_id=rule.id, rate=6, date_from="2026-05-01")

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def _period(self, month):
        return self.Period._get(date.fromisoformat(f"{month}-01"))

    def test_undo_a_month_then_run_it_again(self):
        self.two.scheme_id = self.schemes["MIXTE"]
        self._three_months()
        period = self._period("2026-02")
        result = period.action_undo_contributions("Wrong rate")
        self.assertEqual(result, {"lines": 2, "total": -130.0})
        self.assertEqual(self._amounts(self.one)["02"], [100.0, -100.0])
        undone = self._lines(("undoes_id", "!=", False))
        self.assertEqual(set(undone.mapped("explanation_text")), {"Undone: Wrong rate"})
        self.assertEqual(undone.move_id.date, date(2026, 2, 28))
        self.assertIn("Wrong rate", period.message_ids[0].body)
        self.assertInvariant()
        self.assertEqual(self._run("2026-02"), {"lines": 2, "total": 130.0})
        self.assertEqual(self._amounts(self.one)["02"], [100.0, -100.0, 100.0])
        self.assertEqual(self._amounts(self.one)["03"], [100.0])
        again = period.action_undo_contributions("Once more")
        self.assertEqual(again, {"lines": 2, "total": -130.0})

    def test_undo_of_one_activity(self):
        self.two.scheme_id = self.schemes["MIXTE"]
        self._three_months()
        line = self._lines(
            ("activity_id", "=", self.one.id), ("month", "=", "2026-01-01")
        )
        line.with_user(self.accountant).action_undo("Paid otherwise")
        self._term(date_from="2026-01-01", date_to="2026-01-31")
        self.assertEqual(self._run("2026-03")["lines"], 0)
        self.assertEqual(sum(self._amounts(self.one)["01"]), 0)
        self.assertTrue(line.undone)
        self.assertEqual(self._lines(("undone", "=", True)), line)

    def test_undo_is_refused(self):
        self._three_months()
        line = self._lines(("month", "=", "2026-02-01"))
        mine = line.with_user(self.accountant)
        with self.assertCode("CAE-CONTRIBUTION-REASON"):
            mine.action_undo("  ")
        mine.action_undo("Mistake")
        with self.assertCode("CAE-CONTRIBUTION-UNDONE"):
            mine.action_undo("Twice")
        with self.assertCode("CAE-CONTRIBUTION-UNDONE"):
            mine.undone_ids.action_undo("Undo the undoing")
        with self.assertRaises(AccessError):
            line.with_user(self.coach).action_undo("No right")
        self._lock("2026-01")
        with self.assertCode("CAE-PERIOD-LOCKED"):
            self._period("2026-01").action_undo_contributions("Too late")

    # ------------------------------------------------------------------
    # Protection and rights
    # ------------------------------------------------------------------

    def test_lines_stay_as_they_are(self):
        self._three_months()
        line = self._lines(limit=1)
        code = "CAE-CONTRIBUTION-POSTED"
        with self.assertCode(code):
            line.amount = 1
        with self.assertCode(code):
            line.sudo().unlink()
        with self.assertCode(code):
            line.copy({"revision": 9})
        with self.assertCode(code):
            line.move_id.button_draft()
        with self.assertCode(code):
            line.move_id._reverse_moves()
        with self.assertCode(code):
            line.move_line_id.analytic_distribution = self._tag(self.two)
        with self.assertCode(code):
            line.move_line_id.balance = 1
        with self.assertCode("CAE-ENTRY-ITEM"):
            line.move_line_id.journal_id = self.bank
        # Whatever the journal of the item says.
        line.move_line_id._fields["journal_id"]._update_cache(
            line.move_line_id, self.bank.id
        )
        with self.assertCode(code):
            line.move_line_id.analytic_distribution = self._tag(self.two)
        for charged in (line.rule_id, line.scheme_id):
            with self.assertCode("CAE-SCHEME-CHARGED"):
                charged.unlink()

    def test_rights(self):
        self._sell(self.one, 1000, "2026-01-10")
        period = self.env["cae.period"].with_user(self.coach)
        with self.assertRaises(AccessError):
            period.month_run("2026-01", steps=["contributions"])
        self.assertFalse(self._lines())
        self._run("2026-01")
        for user in (self.accountant, self.coach):
            lines = self.Line.with_user(user)
            for operation in ("create", "write", "unlink"):
                self.assertFalse(lines.has_access(operation), user.login)
        self.assertTrue(self.Line.with_user(self.accountant).search([]))
        schemes = self.env["cae.contribution.scheme"].with_user(self.coach)
        self.assertTrue(schemes.has_access("read"))
        self.assertFalse(schemes.has_access("write"))

    def test_another_company_is_left_alone(self):
        other = self.env["res.company"].create({"name": "Other", "country_id": 75})
        self.env.user.company_ids += other
        self.env["cae.activity"].with_company(other).create(
            {
                "code": "X1",
                "name": "X",
                "date_start": "2025-01-01",
                "company_id": other.id,
                "scheme_id": self.schemes["MIXTE"].id,
            }
        )
        self._sell(self.one, 1000, "2026-01-10")
        self.assertEqual(self._run("2026-01"), {"lines": 1, "total": 100.0})

    # ------------------------------------------------------------------
    # Locks, chunks, queries
    # ------------------------------------------------------------------

    def test_lock_date_of_odoo(self):
        self._sell(self.one, 1000, "2026-01-10")
        self.company.fiscalyear_lock_date = "2026-01-31"
        with self.assertCode("CAE-LOCK-DATE"):
            self._run("2026-02")
        self.assertFalse(self._lines())
        self._lock("2026-01")
        self.assertEqual(self._run("2026-02"), {"lines": 1, "total": 100.0})
        self.assertEqual(self._amounts(self.one), {"02": [100.0]})

    def test_missing_account(self):
        self._sell(self.one, 1000, "2026-01-10")
        self.company.cae_income_account_id = False
        with self.assertCode("CAE-CONFIG-ACCOUNT"):
            self._run("2026-01")
        rule = self.schemes["STD10"].rule_ids.with_company(self.company)
        rule.income_account_id = self._account("758")
        self._run("2026-01")
        move = self._lines().move_id
        self.assertIn("758", {li.account_id.code[:3] for li in move.line_ids})

    def test_a_run_that_was_stopped_goes_on(self):
        self.activities.scheme_id = self.schemes["MIXTE"]
        with (
            patch.object(cae_contribution_run, "CHUNK", 1),
            patch.object(cae_period, "TIME_BUDGET", -1),
        ):
            result = self.Period.month_run("2026-02", steps=["contributions"])
            self.assertEqual(result["contributions"], {"lines": 2, "total": 30.0})
            self.assertEqual((result["done"], result["remaining"]), (False, 5))
            months = self._lines().mapped("month")
            self.assertEqual(set(months), {date(2026, 1, 1)})
            self.assertInvariant()
            for left in (4, 3, 2, 1, 0):
                result = self.Period.month_run("2026-02", steps=["contributions"])
                self.assertEqual(result["remaining"], left)
        self.assertTrue(result["done"])
        self.assertEqual(len(self._lines()), 12)
        self.assertEqual(len(self._lines().move_id), 6)
        self.assertEqual(self._run("2026-02"), {"lines": 0, "total": 0.0})
        self.assertInvariant()

    def test_an_error_in_a_chunk_leaves_neither_line_nor_entry(self):
        self.activities.scheme_id = self.schemes["MIXTE"]
        before = self.env["account.move"].search_count([])
        post = type(self.env["account.move"])._post
        with patch.object(
            post.__globals__["AccountMove"], "_post", side_effect=OSError
        ):
            with self.assertRaises(OSError):
                self._run("2026-01")
        self.assertFalse(self._lines())
        self.assertEqual(self.env["account.move"].search_count([]), before)

    def _cost(self, activities, month):
        """Queries of a run that charges ``activities`` 30 a month."""
        activities.scheme_id = self.schemes["MIXTE"]
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        added = self._run(month)
        self.assertEqual(added["lines"], 2 * len(activities))
        return self.cr.sql_log_count - start

    def test_queries_do_not_grow_with_the_activities(self):
        self.one.scheme_id = False
        many = self.Activity.create(
            [
                {"code": f"Q{n:02}", "name": f"Q {n}", "date_start": "2026-03-01"}
                for n in range(60)
            ]
        )
        self._cost(self.two, "2026-01")  # warms the caches of the registry
        self.two.date_end = "2026-01-31"
        few = self._cost(many[:2], "2026-03")
        many[:2].date_end = "2026-03-31"
        many[2:].date_start = "2026-04-01"
        lots = self._cost(many[2:], "2026-04")
        self.assertLessEqual(lots, few + 10)
        self.assertLess(lots, 170)

    def test_queries_do_not_grow_with_the_open_months(self):
        self.one.scheme_id = False
        few, *_others, lots = [
            self._cost(self.two, f"2025-{month:02}") for month in range(1, 13)
        ][1:]
        self.assertLessEqual(lots, few)

    def test_reading_is_set_based(self):
        self.activities.scheme_id = self.schemes["STD10"]
        for activity in self.activities:
            self._sell(activity, 1000, "2026-01-10")
        self._run("2026-01")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(30):
            self._run("2026-01")

    # ------------------------------------------------------------------
    # Figures and simulation
    # ------------------------------------------------------------------

    def test_contributions_in_the_figures(self):
        self._three_months()
        self._sell(self.one, -200, "2026-02-20")
        self._run("2026-03")
        figures = self.Activity.figures(codes=["T1", "T2"], months=["2026-02"])
        self.assertEqual([row["contribution"] for row in figures], [80.0, 0.0])

    def test_simulation(self):
        months = [
            {"month": "2026-11", "invoiced": 1000},
            {"month": "2027-01", "invoiced": 39500.004, "collected": 5},
            {"month": "2027-02", "invoiced": "1000"},
        ]
        rows = self.env["cae.contribution.scheme"].simulate("TRANCHES", months)
        self.assertEqual(
            [(row["month"], row["amount"]) for row in rows],
            [
                ("2026-11", 180.0),
                ("2026-12", 180.0),
                ("2027-01", 4345.0),
                ("2027-02", 105.0),  # 500 at 11 %, 500.004 at 10 %
            ],
        )
        self.assertIn("11\N{NO-BREAK SPACE}% of", rows[2]["explanation"])

    def test_simulation_of_the_kinds_of_contract(self):
        rule = self.schemes["STD10"].rule_ids
        rule.write({"for_cesa": False})
        rows = self.schemes["STD10"].simulate(
            code="STD10", months=[{"month": "2026-01", "invoiced": 1000}]
        )
        self.assertEqual(rows[0]["amount"], 0.0)
        self.assertIn("CESA", rows[0]["explanation"])

    def test_bad_simulations(self):
        simulate = self.env["cae.contribution.scheme"].simulate
        good = {"month": "2026-01", "invoiced": 1}
        bad = [
            ("CAE-SCHEME-UNKNOWN", "NOPE", [good]),
            ("CAE-SCHEME-UNKNOWN", {}, [good]),
            ("CAE-SIMULATE-MONTHS", "STD10", [good, {"month": "2090-01"}]),
            ("CAE-SIMULATE-MONTHS", "STD10", "2026-01"),
            ("CAE-SIMULATE-MONTHS", "STD10", [3]),
            ("CAE-SIMULATE-MONTHS", "STD10", [{**good, "sold": 1}]),
            ("CAE-PERIOD-MONTH", "STD10", [{"invoiced": 1}]),
            ("CAE-PERIOD-MONTH", "STD10", [{"month": "2026-13"}]),
            ("CAE-SIMULATE-AMOUNT", "STD10", [{**good, "invoiced": "a"}]),
            ("CAE-SIMULATE-AMOUNT", "STD10", [{**good, "invoiced": float("nan")}]),
            ("CAE-CONTRIBUTION-MONTHS", "STD10", [good, good]),
        ]
        for code, scheme, months in bad:
            with self.subTest(code), self.assertCode(code):
                simulate(scheme, months)
        self.assertEqual(simulate("STD10", []), [])

    # ------------------------------------------------------------------
    # Schemes
    # ------------------------------------------------------------------

    def test_schemes_that_cannot_be_meant(self):
        bracket = Command.create
        wrong = [
            ("CAE-SCHEME-RATE", {}),
            ("CAE-SCHEME-RATE", {"rate": 101}),
            ("CAE-SCHEME-RATE", {"rate": -1}),
            (
                "CAE-SCHEME-BRACKETS",
                {"bracket_ids": [bracket({"upper": 5, "rate": 1})]},
            ),
            ("CAE-SCHEME-AMOUNT", {"basis": "fixed"}),
            ("CAE-SCHEME-AMOUNT", {"rate": 5, "amount": 5}),
            ("CAE-SCHEME-BOUNDS", {"rate": 5, "floor_month": -5}),
            ("CAE-SCHEME-BOUNDS", {"rate": 5, "floor_year": 9, "ceiling_year": 8}),
            (
                "CAE-SCHEME-DATES",
                {"rate": 5, "date_from": "2026-02-01", "date_to": "2026-01-01"},
            ),
            (
                "CAE-SCHEME-CONTRACT",
                {
                    "rate": 5,
                    "for_cape": False,
                    "for_cesa": False,
                    "for_employee": False,
                },
            ),
            ("CAE-SCHEME-ACCOUNTS", {"rate": 5, "account_prefixes": "70x"}),
            ("CAE-SCHEME-ACCOUNTS", {"rate": 5, "loss_prefixes": "654; 671"}),
            ("CAE-SCHEME-BOUNDS", {"rate": 5, "free_months": -1}),
            (
                "CAE-SCHEME-RATE",
                {"rate": 5, "own_internal_rate": True, "internal_rate": 101},
            ),
        ]
        for code, vals in wrong:
            with self.subTest(vals), self.assertCode(code, ValidationError):
                self._rule(**vals)

    def test_brackets_change_together(self):
        rule = self.schemes["TRANCHES"].rule_ids
        first, second, last = rule.bracket_ids
        self.assertFalse(last.upper)
        with self.assertCode("CAE-SCHEME-BRACKETS", ValidationError):
            last.upper = 100000
        with self.assertCode("CAE-SCHEME-BRACKETS", ValidationError):
            last.unlink()
        rule.bracket_ids = [
            Command.update(last.id, {"upper": 100000}),
            Command.create({"rate": 8}),
            Command.delete(first.id),
        ]
        engine_rule = rule._engine_rule()
        self.assertEqual([int(b.rate) for b in engine_rule.brackets], [10, 9, 8])

    def test_changes_of_a_rule_are_logged_on_its_scheme(self):
        rule = self.schemes["MARGE12"].rule_ids
        rule.write({"rate": 13, "floor_month": 40, "ceiling_year": 0})
        body = rule.scheme_id.message_ids[0].body
        self.assertIn("Rate (%): 12.0 → 13.0", body)
        self.assertIn("Maximum per Year: 8400.0 → –", body)
        self.assertNotIn("Minimum per Month", body)
        count = len(rule.scheme_id.message_ids)
        rule.name = "Other label"
        self.assertEqual(len(rule.scheme_id.message_ids), count)
        self.schemes["TRANCHES"].rule_ids.bracket_ids[0].rate = 10.5
        body = self.schemes["TRANCHES"].message_ids[0].body
        self.assertIn("11 % → 40000", body)
        self.assertIn("10.5 % → 40000", body)
        count = len(self.schemes["TRANCHES"].message_ids)
        rule = self.schemes["TRANCHES"].rule_ids
        rule.bracket_ids = [Command.update(rule.bracket_ids[0].id, {"rate": 10})]
        self.assertEqual(len(self.schemes["TRANCHES"].message_ids), count + 1)

    def test_copy_of_a_scheme(self):
        copy = self.schemes["TRANCHES"].copy()
        self.assertEqual(copy.code, "TRANCHES-2")
        self.assertEqual(len(copy.rule_ids.bracket_ids), 3)
        self.assertEqual(self.schemes["TRANCHES"].copy().code, "TRANCHES-3")

    def test_rule_by_contract(self):
        entrepreneur = self.env["cae.entrepreneur"].create(
            {"code": "E1", "first_name": "Ana", "last_name": "B"}
        )
        entrepreneur.date_entry = "2025-01-01"
        self.env["cae.activity.share"].create(
            {
                "activity_id": self.one.id,
                "entrepreneur_id": entrepreneur.id,
                "date_start": "2025-01-01",
            }
        )
        contracts = self.env["cae.contract"].create(
            [
                {
                    "entrepreneur_id": entrepreneur.id,
                    "kind": kind,
                    "date_start": start,
                    "date_end": end,
                }
                for kind, start, end in (
                    ("cape", "2025-06-01", "2026-01-31"),
                    ("cesa", "2026-03-01", False),
                )
            ]
        )
        self.assertEqual(len(contracts), 2)
        days = {
            day: date.fromisoformat(day)
            for day in ("2025-05-01", "2026-01-31", "2026-02-28", "2026-03-31")
        }
        kinds = self.activities._contract_kinds(
            {self.one.id: set(days.values()), self.two.id: {days["2026-01-31"]}}
        )
        self.assertEqual(
            [kinds[self.one.id, day] for day in days.values()],
            ["none", "cape", "cape", "cesa"],
        )
        self.assertEqual(kinds[self.two.id, days["2026-01-31"]], "none")
        rule = self.schemes["STD10"].rule_ids
        rule.write({"floor_by_contract": True, "floor_cesa": 50})
        self._sell(self.one, 100, "2026-01-10")
        self._run("2026-03")
        # 10 % of 100; one month of CESA: at least 50
        expected = {"01": [10.0], "02": [0.0], "03": [40.0]}
        self.assertEqual(self._amounts(self.one), expected)

    def test_filters_of_a_rule(self):
        rule = self._rule(rate=10, account_prefixes="706", purchase_prefixes="607")
        rule.copy({"code": "M", "basis": "gross_margin"})
        self.one.scheme_id = rule.scheme_id
        self._entry(
            [("707", -300, self.one), ("706", -100, self.one), ("411", 400, self.one)],
            "2026-01-05",
            journal=self.company_data["default_journal_sale"],
        )
        self._entry(
            [("607", 40, self.one), ("611", 20, self.one), ("401", -60, self.one)],
            "2026-01-05",
        )
        self._run("2026-01")
        self.assertEqual(sorted(self._amounts(self.one)["01"]), [6.0, 10.0])
