from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from .common import cae_tagged
from .contribution_common import ContributionCommon


@cae_tagged
class TestContributionComparison(ContributionCommon):
    """Schemes on the real past year, before the meeting votes."""

    def _compare(self, *codes, month="2026-12-01", **vals):
        """A comparison of schemes, computed by the accountant."""
        everything = self.env["cae.contribution.scheme"].with_context(active_test=False)
        schemes = everything.search([("code", "in", codes)])
        self.env.flush_all()
        comparisons = self.env["cae.contribution.comparison"]
        comparison = comparisons.with_user(self.accountant).create(
            {"month": month, "scheme_ids": [Command.set(schemes.ids)], **vals}
        )
        comparison.action_compute()
        return comparison

    def _row(self, comparison, activity, code, *names):
        line = comparison.line_ids.filtered(
            lambda li: li.activity_id == activity and li.scheme_id.code == code
        )
        self.assertEqual(len(line), 1)
        return [line[name] for name in names]

    # ------------------------------------------------------------------
    # Amounts
    # ------------------------------------------------------------------

    def test_who_pays_more_and_who_pays_less(self):
        self.two.scheme_id = self.schemes["STD10"]
        for month in ("01", "06"):
            self._sell(self.one, 6000, f"2026-{month}-10")
            self._sell(self.two, 1000, f"2026-{month}-10")
        self._buy(self.one, 2000, "2026-06-11")
        comparison = self._compare("MIXTE", "MOSAIQUE")
        names = ("turnover", "current_amount", "amount", "difference")
        names += ("difference_rate", "share", "outcome", "band")
        # T1: 12 000 at 10 % = 1 200 now; 13.5 % of 10 000 + 12 × 30 = 1 710
        self.assertEqual(
            self._row(comparison, self.one, "MIXTE", *names),
            [12000, 1200, 1710, 510, 42.5, 14.25, "more", "h_more_25"],
        )
        # January 720, June 12 % of 4 000 = 480, ten months at 40 = 400
        self.assertEqual(
            self._row(comparison, self.one, "MOSAIQUE", *names),
            [12000, 1200, 1600, 400, 33.33, 13.33, "more", "h_more_25"],
        )
        # T2: 2 000 → 200 now; 270 + 360 = 630; 120 + 120 + 400 = 640
        self.assertEqual(
            self._row(comparison, self.two, "MIXTE", *names),
            [2000, 200, 630, 430, 215, 31.5, "more", "i_more_50"],
        )
        self.assertEqual(
            self._row(comparison, self.two, "MOSAIQUE", "amount", "share"), [640, 32]
        )
        # T3 has no scheme and no turnover: 360, and 480
        self.assertEqual(
            self._row(comparison, self.three, "MIXTE", *names),
            [0, 0, 360, 360, 0, 0, "more", "j_new"],
        )
        mixte = comparison.total_ids.filtered(lambda t: t.scheme_id.code == "MIXTE")
        totals = ("turnover", "current_amount", "amount", "difference")
        totals += ("difference_rate", "more_count", "more_amount", "most_more")
        totals += ("less_count", "less_amount", "same_count")
        # 1 710 + 630 + 360 = 2 700 less 1 400: 92.857 %
        self.assertEqual(
            [mixte[name] for name in totals],
            [14000, 1400, 2700, 1300, 92.86, 3, 1300, 510, 0, 0, 0],
        )
        self.assertEqual(comparison.activity_count, 3)

    def test_less_and_the_same(self):
        self.one.scheme_id = self.schemes["MIXTE"]
        self.two.scheme_id = self.schemes["STD10"]
        for activity in (self.one, self.two):
            self._sell(activity, 10000, "2026-03-10")
        total = self._compare("STD10").total_ids
        # T1: 1 350 + 360 = 1 710 → 1 000; T2: 1 000; T3: 0 → 0
        names = ("less_count", "less_amount", "most_less", "more_count", "same_count")
        self.assertEqual([total[n] for n in names], [1, -710, -710, 0, 2])

    @freeze_time("2027-01-15")
    def test_over_a_fiscal_year_it_is_what_the_run_books(self):
        """To the cent, with brackets, floors, ceilings, own terms and two schemes."""
        codes = ("TRANCHES", "MARGE12", "ENCAISSE")
        for activity, code in zip(self.activities, codes, strict=True):
            activity.scheme_id = self.schemes[code]
        self.two.date_start = "2026-02-10"
        self.three.date_end = "2026-09-15"
        self._term(date_from="2026-04-01", date_to="2026-04-30")
        self._term(
            kind="scheme",
            scheme_id=self.schemes["MIXTE"].id,
            date_from="2026-06-01",
            date_to="2026-07-31",
        )
        for number in range(2, 13):
            for rank, activity in enumerate(self.activities, start=1):
                amount = 1234.56 * rank * (number % 5 + 0.37)
                day = f"2026-{number:02}-10"
                invoice = self._sell(activity, round(amount, 2), day)
                self._pay(invoice, round(amount / rank, 2), day)
            self._buy(self.two, 333.33, f"2026-{number:02}-11")
        self._run("2026-12")
        comparison = self._compare("STD10")
        for activity in self.activities:
            charged = sum(
                self._lines(("activity_id", "=", activity.id)).mapped("amount")
            )
            row = self._row(comparison, activity, "STD10", "current_amount", "charged")
            self.assertEqual(
                [round(value, 2) for value in row], [round(charged, 2)] * 2
            )
            self.assertGreater(charged, 400)
        # what the other scheme would have made, from the turnover alone
        for activity in (self.two, self.three):
            turnover, amount = self._row(
                comparison, activity, "STD10", "turnover", "amount"
            )
            self.assertAlmostEqual(amount, turnover / 10, 2)

    def test_any_twelve_months_count_as_one_year(self):
        """July to June: 90 000 fill the brackets once, though the year ends between."""
        self._sell(self.one, 50000, "2025-11-10")
        self._sell(self.one, 40000, "2026-02-10")
        self._sell(self.one, 77777, "2025-06-30")  # the day before
        self._sell(self.one, 77777, "2026-07-01")  # the day after
        comparison = self._compare("TRANCHES", month="2026-06-17")
        self.assertEqual(comparison.date_from, date(2025, 7, 1))
        self.assertEqual(comparison.date_to, date(2026, 6, 30))
        # 4 400 + 4 000 + 900
        self.assertEqual(
            self._row(comparison, self.one, "TRANCHES", "current_amount", "amount"),
            [9000, 9300],
        )

    def test_own_terms_under_the_other_scheme(self):
        """An exemption goes with the activity; an own rate stays with its rule."""
        rule = self.schemes["STD10"].rule_ids
        self._term(kind="override", rule_id=rule.id, rate=5, date_from="2026-02-01")
        self._term(date_from="2026-05-01", date_to="2026-05-31")
        for month in ("01", "02", "05"):
            self._sell(self.one, 1000, f"2026-{month}-10")
        comparison = self._compare("MIXTE")
        # now: 100 + 50, May is free; 13.5 % of 2 000 + 11 × 30
        self.assertEqual(
            self._row(comparison, self.one, "MIXTE", "current_amount", "amount"),
            [150, 600],
        )

    def test_rules_that_begin_later(self):
        rule = self.schemes["STD10"].rule_ids
        rule.date_to = "2026-12-31"
        later = {"rate": 12, "date_from": "2027-01-01", "date_to": False}
        rule.copy({"code": "NEW", **later})
        self._sell(self.one, 1000, "2026-03-10")
        comparison = self._compare("STD10", rules_date="2027-01-01")
        self.assertEqual(
            self._row(comparison, self.one, "STD10", "current_amount", "amount"),
            [100, 120],
        )
        comparison.rules_date = "2026-06-01"
        comparison.action_compute()
        self.assertEqual(self._row(comparison, self.one, "STD10", "amount"), [100])

    def test_explanation(self):
        self._sell(self.one, 1000, "2026-03-10")
        comparison = self._compare("MIXTE")
        text = self._row(comparison, self.one, "MIXTE", "explanation")[0]
        self.assertIn("Contribution of 13.5 % of the margin", text)
        self.assertIn("Gross margin", text)
        self.assertIn("Fixed contribution", text)
        self.assertNotIn("Charged", text)

    # ------------------------------------------------------------------
    # Nothing is booked; bad questions
    # ------------------------------------------------------------------

    def test_nothing_is_written_to_the_books(self):
        self._sell(self.one, 1000, "2026-03-10")
        self._run("2026-03")
        models = ("account.move", "account.move.line", "account.analytic.line")
        models += ("cae.contribution.line", "cae.period", "cae.contribution.exemption")
        counts = [self.env[model].search_count([]) for model in models]
        balances = self._balances()
        self._compare("MIXTE", "TRANCHES", "ENCOM1")
        self.assertEqual(counts, [self.env[m].search_count([]) for m in models])
        self.assertEqual(self._balances(), balances)
        self.assertEqual(self.one.scheme_id.code, "STD10")
        self.assertEqual(self._run("2026-03"), {"lines": 0, "total": 0.0})

    def test_bad_questions(self):
        with self.assertCode("CAE-COMPARE-SCHEMES"):
            self._compare()
        with self.assertCode("CAE-COMPARE-RULES"):
            self.schemes["STD10"].rule_ids.date_from = "2027-01-01"
            self._compare("STD10", rules_date="2026-06-01")
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.schemes["STD10"].copy({"code": "FOREIGN"})
        foreign.company_id = other
        with self.assertRaises(UserError):
            self._compare("FOREIGN")

    def test_another_question_drops_the_answer(self):
        self._sell(self.one, 1000, "2026-03-10")
        comparison = self._compare("MIXTE")
        self.assertTrue(comparison.computed_at)
        comparison.name = "Meeting of June"
        self.assertEqual(len(comparison.line_ids), 3)
        comparison.action_compute()
        self.assertEqual(len(comparison.line_ids), 3)
        comparison.month = "2026-02-01"
        self.assertFalse(comparison.line_ids or comparison.total_ids)
        self.assertFalse(comparison.computed_at)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_rights(self):
        manager = self._user("cae_boss", "group_manager")
        comparison = self._compare("MIXTE")
        comparison.with_user(manager).action_compute()
        self.assertTrue(manager.has_group("base.group_allow_export"))
        self.assertTrue(self.accountant.has_group("base.group_allow_export"))
        for records in (comparison.line_ids, comparison.total_ids):
            for user in (self.accountant, manager):
                self.assertTrue(records.with_user(user).has_access("read"))
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(records.with_user(user).has_access(operation))
        others = ("group_payroll", "group_governance", "group_entrepreneur")
        users = [self._user(f"cae_{group}", group) for group in others]
        for user in (self.coach, *users):
            for records in (comparison, comparison.line_ids, comparison.total_ids):
                self.assertFalse(records.with_user(user).has_access("read"), user.login)
            with self.assertRaises(AccessError):
                comparison.with_user(user).action_compute()

    def test_another_company(self):
        other = self.env["res.company"].create({"name": "Other", "country_id": 75})
        self.env.user.company_ids += other
        activity = self.env["cae.activity"].with_company(other)
        activity.create(
            {
                "code": "X1",
                "name": "X",
                "date_start": "2025-01-01",
                "company_id": other.id,
                "scheme_id": self.schemes["MIXTE"].id,
            }
        )
        comparison = self._compare("MIXTE")
        self.assertEqual(comparison.line_ids.activity_id, self.activities)
        outsider = self._user("cae_other", "group_accountant")
        outsider.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        found = self.env["cae.contribution.comparison"].with_user(outsider)
        self.assertFalse(found.search([]))
        self.assertFalse(found.line_ids.search([]))
        self.assertFalse(found.total_ids.search([]))

    # ------------------------------------------------------------------
    # Speed, screens
    # ------------------------------------------------------------------

    def _queries(self, comparison):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        comparison.action_compute()
        self.env.flush_all()
        return self.cr.sql_log_count - start

    def test_queries_do_not_grow_with_the_activities(self):
        self._sell(self.one, 1000, "2026-03-10")
        comparison = self._compare("MIXTE", "ASTROLABE", "ENCOM1")
        few = self._queries(comparison)
        self.Activity.create(
            [
                {"code": f"Q{n:02}", "name": f"Q {n}", "date_start": "2026-01-01"}
                for n in range(60)
            ]
        )
        self._queries(comparison)  # new accounts empty the caches of the registry
        lots = self._queries(comparison)
        self.assertEqual(len(comparison.line_ids), 63 * 3)
        self.assertLessEqual(lots, few + 5)
        self.assertLess(lots, 80)

    def test_screens(self):
        self._sell(self.one, 1000, "2026-03-10")
        action = self.schemes["MIXTE"].action_compare()
        comparison = (
            self.env[action["res_model"]]
            .with_user(self.accountant)
            .with_context(**action["context"])
            .create({"month": "2026-12-01"})
        )
        self.assertEqual(comparison.scheme_ids, self.schemes["MIXTE"])
        comparison.action_compute()
        action = comparison.action_open_graph()
        self.assertEqual(action["view_mode"], "graph,list,pivot,form")
        groups = self.env[action["res_model"]].formatted_read_group(
            action["domain"], ["band"], ["__count"]
        )
        # 100 → 135 + 360: more; the two others paid nothing
        found = [(group["band"], group["__count"]) for group in groups]
        self.assertEqual(found, [("i_more_50", 1), ("j_new", 2)])
        action = comparison.action_open_lines()
        self.assertEqual(action["view_mode"], "list,graph,pivot,form")
        self.assertIn("12/2026", comparison.display_name)
        line = comparison.line_ids[:1]
        self.assertIn("MIXTE", line.display_name)
        rows = line.export_data(["activity_id", "amount", "difference"])["datas"]
        self.assertEqual(len(rows), 1)
