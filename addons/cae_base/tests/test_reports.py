from ast import literal_eval
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from .common import CaeCommon, cae_tagged

NOW = "2026-03-20"


@cae_tagged
@freeze_time(NOW)
class TestReports(CaeCommon):
    """Reports say what the methods of the API say, to the cent, to who may know it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.activities
        cls.coach = cls._user("report_coach", "group_coach")
        cls.other = cls._user("report_other", "group_coach")
        cls.team = cls.env["cae.team"].create({"name": "Lyon"})
        people = cls.env["cae.entrepreneur"].create(
            [
                {
                    "code": f"R{number}",
                    "name": name,
                    "date_entry": "2025-01-01",
                    "coach_id": coach.id,
                    "sex": sex,
                    "birth_date": birth,
                }
                for number, (name, coach, sex, birth) in enumerate(
                    [
                        ("Ana", cls.coach, "F", "1990-04-01"),
                        ("Bob", cls.other, "M", "2002-01-01"),
                        ("Cleo", cls.other, "F", False),
                    ]
                )
            ]
        )
        cls.ana, cls.bob, cls.cleo = people
        cls.ana.team_id = cls.team
        cls._hold(cls.one, (cls.ana, 66.667), (cls.bob, 33.333))
        cls._hold(cls.two, (cls.cleo, 100))
        cls.one.trade = "Baker"

    @classmethod
    def _hold(cls, activity, *holders):
        activity.share_ids = [
            Command.create(
                {
                    "entrepreneur_id": person.id,
                    "share": share,
                    "date_start": "2025-01-01",
                }
            )
            for person, share in holders
        ]

    @classmethod
    def _book(cls):
        """Sales, purchases, a payment, a doubtful customer, over two years."""
        cls._document([(cls.one, 33.35, cls.vat_services)], day="2025-03-10")
        late = cls._document(
            [(cls.one, 100.01, cls.vat_goods), (cls.two, 50, cls.vat_services)],
            day="2025-11-05",
        )
        cls._pay(late, amount=77.77, day="2026-01-10")
        cls._document([(cls.one, 20, None)], day="2026-02-10", kind="out_refund")
        bill = cls._document(
            [(cls.two, 12.34, cls.vat_goods)], "2026-02-01", "in_invoice"
        )
        cls._pay(bill, day="2026-03-01")
        cls._entry([("416", 120, cls.one), ("411", -120, cls.one)], day="2025-12-31")
        cls._entry([("6817", 60, cls.one), ("491", -60, cls.one)], day="2025-12-31")
        cls._entry([("654", 40, cls.one), ("416", -40, cls.one)], day="2026-02-28")
        cls.env.flush_all()

    def _rows(self, user=None):
        rows = self.env["cae.activity.month"]
        rows = rows.with_user(user or self.env.user).with_company(self.company)
        return rows.with_context(allowed_company_ids=self.company.ids)

    def test_treasury_is_that_of_the_api_at_the_end_of_each_month(self):
        self._book()
        rows = self._rows().search([("activity_id", "in", self.activities.ids)])
        # From the first month with entries to this one.
        self.assertEqual(min(rows.mapped("month")), date(2025, 3, 1))
        self.assertEqual(max(rows.mapped("month")), date(2026, 3, 1))
        self.assertEqual(len(rows), 13 * 3)
        for last in ("2025-03-31", "2025-11-30", "2026-01-31", "2026-03-31"):
            money = {
                row["code"]: row
                for row in self.Activity.treasury(self.activities.mapped("code"), last)
            }
            for row in rows.filtered(lambda r, m=last[:8]: str(r.month) == f"{m}01"):
                expected = money[row.activity_id.code]
                for name in ("treasury", "available", "future"):
                    self.assertEqual(row[name], expected[name], (last, name))

    def test_turnover_is_that_of_the_api(self):
        self._book()
        # What an entry of a journal of sales says counts as well.
        sale = self.company_data["default_journal_sale"]
        self._entry(
            [("706", -10, self.two), ("411", 10, self.two)], "2026-01-05", journal=sale
        )
        self._entry([("706", -99, self.two), ("411", 99, self.two)], "2026-01-05")
        months = ["2025-03", "2025-11", "2026-01", "2026-02", "2026-03"]
        rows = {
            (row.activity_id.code, f"{row.month:%Y-%m}"): row.turnover
            for row in self._rows().search([])
        }
        for figures in self.Activity.figures(self.activities.mapped("code"), months):
            key = figures["code"], figures["month"]
            self.assertEqual(rows[key], figures["invoiced"], key)

    def test_a_balance_of_several_months_is_that_of_the_last_one(self):
        self._book()
        domain = [("activity_id", "in", self.activities.ids)]
        groups = self._rows()._read_group(
            domain, ["month:year"], ["treasury:sum", "turnover:sum"]
        )
        for year, treasury, turnover in groups:
            last = min(date(year.year, 12, 31), date(2026, 3, 31))
            money = self.Activity.treasury(self.activities.mapped("code"), str(last))
            self.assertAlmostEqual(
                float(treasury), sum(m["treasury"] for m in money), 2
            )
            rows = self._rows().search([*domain, ("month", ">=", year)])
            rows = rows.filtered(lambda row, y=year: row.month.year == y.year)
            self.assertAlmostEqual(float(turnover), sum(rows.mapped("turnover")), 2)
        # Pivots ask for all groups at once.
        sets = self._rows().formatted_read_grouping_sets(
            domain, [["activity_id"], []], ["available:sum"]
        )
        now = self.Activity.treasury(self.activities.mapped("code"), "2026-03-31")
        self.assertAlmostEqual(
            sets[1][0]["available:sum"], sum(row["available"] for row in now), 2
        )
        by_activity = {g["activity_id"][0]: g["available:sum"] for g in sets[0]}
        for activity, row in zip(self.activities, now, strict=True):
            self.assertAlmostEqual(by_activity[activity.id], row["available"], 2)

    def test_bad_debts(self):
        self._book()
        rows = self._rows().search(
            ["|", ("doubtful", "!=", 0), ("lost", "!=", 0)], order="month"
        )
        self.assertEqual(rows.activity_id, self.one)
        found = {f"{r.month:%Y-%m}": (r.doubtful, r.impaired, r.lost) for r in rows}
        self.assertEqual(found["2025-12"], (120, 60, 0))
        self.assertEqual(found["2026-02"], (80, 60, 40))
        self.assertEqual(found["2026-03"], (80, 60, 0))
        # What is settled shows as such, and not as in its last month.
        self._entry([("512", 80, self.one), ("416", -80, self.one)], day="2026-03-02")
        domain = [("has_bad_debt", "=", True)]
        [[activity, doubtful, lost]] = self._rows()._read_group(
            domain, ["activity_id"], ["doubtful:sum", "lost:sum"]
        )
        self.assertEqual((activity, doubtful, lost), (self.one, 0, 40))

    def test_contributions_are_those_charged(self):
        scheme = self.env["cae.contribution.scheme"].search([], limit=1)
        self.assertTrue(scheme)
        self.activities.scheme_id = scheme
        self._book()
        self.env["cae.period"].month_run("2026-02", steps=["contributions"])
        rows = self._rows().search([("contribution", "!=", 0)])
        self.assertTrue(rows)
        charged = self.activities._contributions(date(2025, 1, 1), date(2026, 3, 1))
        found = {(row.activity_id.id, row.month): row.contribution for row in rows}
        expected = {key: float(value) for key, value in charged.items() if value}
        self.assertEqual(found, expected)

    def test_turnover_of_people_adds_up_to_that_of_the_activity(self):
        self._book()
        rows = self.env["cae.person.turnover"].search([])
        march = rows.filtered(lambda row: row.month == date(2025, 3, 1))
        # 33.35: a third of it is 11.116..., the largest share takes the rest.
        self.assertEqual(
            {row.entrepreneur_id: row.turnover for row in march},
            {self.ana: 22.23, self.bob: 11.12},
        )
        self.assertEqual(march.mapped("share"), [66.667, 33.333])
        for activity in (self.one, self.two):
            figures = self.Activity.figures(
                [activity.code], ["2025-03", "2025-11", "2026-01", "2026-02"]
            )
            own = rows.filtered(lambda row, a=activity: row.activity_id == a)
            self.assertAlmostEqual(
                sum(own.mapped("turnover")), sum(f["invoiced"] for f in figures), 2
            )
        self.assertEqual(len(set(rows.ids)), len(rows))

    def test_turnover_follows_the_shares_of_the_end_of_the_month(self):
        self.two.share_ids = [
            Command.update(self.two.share_ids.id, {"date_end": "2025-11-15"}),
            Command.create(
                {"entrepreneur_id": self.ana.id, "date_start": "2025-11-16"}
            ),
        ]
        self._book()
        self._document([(self.three, 7, None)], day="2026-02-10")
        rows = self.env["cae.person.turnover"].search([])
        two = rows.filtered(lambda row: row.activity_id == self.two)
        self.assertEqual(two.entrepreneur_id, self.ana)
        # What nobody holds is not lost.
        three = rows.filtered(lambda row: row.activity_id == self.three)
        self.assertFalse(three.entrepreneur_id)
        self.assertEqual(three.turnover, 7)

    def test_contract_of_a_person_is_that_of_the_end_of_the_month(self):
        self.env["cae.contract"].create(
            [
                {
                    "entrepreneur_id": self.cleo.id,
                    "kind": "cape",
                    "date_start": "2025-01-01",
                    "date_end": "2025-12-31",
                },
                {
                    "entrepreneur_id": self.cleo.id,
                    "kind": "cesa",
                    "date_start": "2026-01-01",
                },
            ]
        )
        self._document([(self.two, 5, None)], day="2025-12-10")
        self._document([(self.two, 6, None)], day="2026-01-10")
        groups = self.env["cae.person.turnover"]._read_group(
            [("entrepreneur_id", "=", self.cleo.id)], ["kind"], ["turnover:sum"]
        )
        self.assertEqual(dict(groups), {"cape": 5, "cesa": 6})

    def test_of_two_contracts_at_once_the_cesa_counts_and_no_row_is_doubled(self):
        self.env["cae.contract"].create(
            [
                {
                    "entrepreneur_id": self.cleo.id,
                    "kind": kind,
                    "date_start": start,
                    "date_end": end,
                }
                for kind, start, end in (
                    ("employee", "2025-11-01", False),
                    ("cesa", "2025-12-01", "2025-12-31"),
                )
            ]
        )
        for month in ("2025-10", "2025-11", "2025-12", "2026-01"):
            self._document([(self.two, 5, None)], day=f"{month}-10")
        rows = self.env["cae.person.turnover"].search(
            [("entrepreneur_id", "=", self.cleo.id)], order="month"
        )
        self.assertEqual(
            [(row.kind, row.turnover) for row in rows],
            [(False, 5), ("employee", 5), ("cesa", 5), ("employee", 5)],
        )

    def test_unpaid_is_each_activity_s_part(self):
        self._book()
        rows = self.env["cae.unpaid.document"].search([])
        accounts = self.activities.analytic_account_id.ids
        expected = self.env["cae.ledger"]._open_invoices(
            self.company, accounts, date(2026, 3, 20)
        )
        for activity in self.activities:
            own = rows.filtered(lambda row, a=activity: row.activity_id == a)
            invoices = expected.get(activity.analytic_account_id.id, [])
            self.assertEqual(
                sorted((r.number, round(r.open, 2), round(r.total, 2)) for r in own),
                sorted(
                    (i["number"], float(i["open"]), float(i["total"])) for i in invoices
                ),
            )
        self.assertTrue(rows.filtered(lambda row: row.open < 0))
        march = rows.filtered(lambda row: row.date == date(2025, 3, 10))
        self.assertEqual((march.age, march.partner_id), ("over", self.partner_a))
        self.assertEqual(march.days_late, (date(2026, 3, 20) - march.due).days)

    def test_ages_of_what_is_unpaid(self):
        days = {
            "2026-03-20": "coming",
            "2026-03-19": "days_30",
            "2026-02-18": "days_30",
            "2026-02-17": "days_60",
            "2026-01-19": "days_60",
            "2026-01-18": "days_90",
            "2025-12-20": "days_90",
            "2025-12-19": "over",
        }
        for due in days:
            self._document(
                [(self.one, 1, None)],
                day="2025-12-01",
                invoice_date_due=due,
                invoice_payment_term_id=False,
            )
        rows = self.env["cae.unpaid.document"].search(
            [("activity_id", "=", self.one.id)]
        )
        self.assertEqual({str(row.due): row.age for row in rows}, days)

    def test_rows_have_what_they_are_filtered_by(self):
        self._book()
        rows = self._rows().search([("team_id", "=", self.team.id)])
        self.assertEqual(rows.activity_id, self.one)
        self.assertEqual(set(rows.mapped("trade")), {"Baker"})
        self.assertEqual(rows.coach_id, self.coach)
        for model in ("cae.person.turnover", "cae.unpaid.document"):
            found = self.env[model].search([("coach_id", "=", self.other.id)])
            self.assertIn(self.two, found.activity_id, model)
        groups = self._rows()._read_group([], ["coach_id"], ["treasury:sum"])
        self.assertIn(self.other, [coach for coach, _treasury in groups])

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_a_coach_reads_the_own_people(self):
        self._book()
        for user, activities in (
            (self.coach, self.one),
            (self.other, self.one | self.two),
        ):
            self.assertEqual(self._rows(user).search([]).activity_id, activities)
            unpaid = self.env["cae.unpaid.document"].with_user(user).search([])
            self.assertEqual(unpaid.activity_id, activities)
        # Of an activity held by two people, each coach reads the own one's part.
        turnover = self.env["cae.person.turnover"]
        mine = turnover.with_user(self.coach).search([])
        self.assertEqual(mine.entrepreneur_id, self.ana)
        theirs = turnover.with_user(self.other).search([])
        self.assertEqual(theirs.entrepreneur_id, self.bob | self.cleo)
        self.assertEqual(
            mine.filtered(lambda r: r.month == date(2025, 3, 1)).turnover, 22.23
        )

    def test_a_coach_of_a_team_reads_its_people(self):
        self._book()
        third = self._user("report_team", "group_coach")
        self.assertFalse(self._rows(third).search([]))
        self.team.user_ids = third
        self.env.flush_all()
        self.assertEqual(self._rows(third).search([]).activity_id, self.one)
        turnover = self.env["cae.person.turnover"].with_user(third).search([])
        self.assertEqual(turnover.entrepreneur_id, self.ana)

    def test_accountants_and_payroll_officers_read_all(self):
        self._book()
        for group in ("group_accountant", "group_payroll"):
            user = self._user(f"report_{group}", group)
            self.assertEqual(self._rows(user).search([]).activity_id, self.activities)
            turnover = self.env["cae.person.turnover"].with_user(user).search([])
            self.assertEqual(turnover.entrepreneur_id, self.ana | self.bob | self.cleo)

    def test_nobody_else_reads_reports(self):
        portal = self._user("report_ana", "group_entrepreneur")
        self.ana.user_id = portal
        secretary = self._user("report_secretary", "group_governance")
        models = (
            *("cae.activity.month", "cae.person.turnover", "cae.unpaid.document"),
            "cae.social.figure",
        )
        for user in (portal, secretary, self.env.ref("base.public_user")):
            for model in models:
                with self.assertRaises(AccessError, msg=f"{user.id} {model}"):
                    self.env[model].with_user(user).search([])
        for user in (self.coach, self._user("report_acc", "group_accountant")):
            with self.assertRaises(AccessError):
                self.env["cae.social.figure"].with_user(user).search([])
        with self.assertRaises(AccessError):
            self.env["cae.report"].with_user(portal).search([])

    def test_another_company_is_not_read(self):
        self._book()
        accountant = self._user("report_far", "group_accountant")
        far = self.env["res.company"].create({"name": "Far away"})
        accountant.write({"company_ids": [Command.set(far.ids)], "company_id": far.id})
        for model in (
            "cae.activity.month",
            "cae.person.turnover",
            "cae.unpaid.document",
        ):
            self.assertFalse(self.env[model].with_user(accountant).search([]), model)

    # ------------------------------------------------------------------
    # Speed
    # ------------------------------------------------------------------

    def _queries(self, call):
        call()  # Rights and settings are known then.
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call()
        return self.env.cr.sql_log_count - before

    def _more_activities(self):
        more = self.Activity.create(
            [{"code": f"M{n}", "name": f"More {n}"} for n in range(30)]
        )
        for activity in more:
            self._hold(activity, (self.cleo, 100))
        self._document([(activity, 10, None) for activity in more], day="2026-01-10")

    def test_queries_do_not_grow_with_activities(self):
        self._book()
        calls = [
            lambda: self._rows().search([]).mapped("treasury"),
            lambda: self._rows()._read_group(
                [], ["activity_id", "month:month"], ["treasury:sum"]
            ),
            lambda: self.env["cae.person.turnover"].search([]).mapped("turnover"),
            lambda: self.env["cae.unpaid.document"].search([]).mapped("open"),
            lambda: self.env["cae.social.figure"].search([]).mapped("number"),
        ]
        before = [self._queries(call) for call in calls]
        self._more_activities()
        for call, queries in zip(calls, before, strict=True):
            self.assertLessEqual(self._queries(call), queries)

    def test_an_odd_context_is_no_page(self):
        rows = self.env["cae.activity.month"]
        every = rows.search_count([])
        for page in ("x", ["x"], {"a": 1}, [0]):
            found = rows.with_context(cae_page_activities=page)
            self.assertEqual(found.search_count([]), every, page)

    def test_a_page_reads_the_items_of_its_activities_alone(self):
        self._book()
        self._more_activities()
        seen = []
        month = type(self.env["cae.activity.month"])
        plain = month._chosen_items

        def spy(rows):
            seen.append(rows.env.context.get("cae_page_activities"))
            return plain(rows)

        self.patch(month, "_chosen_items", spy)
        rows = self._rows().search_fetch([], ["treasury"], limit=5)
        self.assertEqual(len(rows), 5)
        self.assertEqual(sorted(seen[-1]), sorted(rows.activity_id.ids))
        # The last month comes first.
        self.assertEqual(set(rows.mapped("month")), {date(2026, 3, 1)})
        # As everything read at once says.
        whole = self._rows().search([])
        for row in rows:
            same = whole.filtered(lambda r, row=row: r.id == row.id)
            self.assertEqual(row.treasury, same.treasury)

    # ------------------------------------------------------------------
    # Windows
    # ------------------------------------------------------------------

    def test_a_pivot_of_many_activities_begins_with_teams(self):
        action = self.env.ref("cae_base.cae_treasury_report_open")
        self.assertEqual(action.run()["context"]["pivot_row_groupby"], ["activity_id"])
        turnover = self.env.ref("cae_base.cae_person_turnover_open")
        self.assertEqual(
            turnover.run()["context"]["pivot_row_groupby"], ["entrepreneur_id"]
        )
        self.patch(type(self.Activity), "search_count", lambda *args, **kwargs: 501)
        for server in (action, turnover):
            window = server.run()
            self.assertEqual(window["context"]["pivot_row_groupby"], ["team_id"])

    def test_catalogue(self):
        reports = self.env["cae.report"]
        manager = reports.search([])
        self.assertGreater(len(manager), 8)
        for report in manager:
            with self.subTest(report=report.name):
                window = report.action_open()
                self.assertEqual(window["type"], "ir.actions.act_window")
                self.env[window["res_model"]].get_views(window["views"])
        mine = reports.with_user(self.coach).search([])
        names = mine.mapped("name")
        self.assertIn("Unpaid Customers", names)
        self.assertNotIn("Social Report", names)
        self.assertNotIn("Mileage", names)
        for report in mine:
            window = report.action_open()
            self.env[window["res_model"]].with_user(self.coach).search([], limit=1)
        secret = manager - mine
        with self.assertRaises(AccessError):
            secret[:1].with_user(self.coach).action_open()

    def test_saved_filters_find_something(self):
        self._book()
        filters = self.env["ir.filters"].search(
            [("action_id", "in", self.env["cae.report"].search([]).action_id.ids)]
        )
        windows = self.env["ir.model.data"].search(
            [("module", "=", "cae_base"), ("model", "=", "ir.filters")]
        )
        filters |= self.env["ir.filters"].browse(windows.mapped("res_id"))
        self.assertGreater(len(filters), 8)
        for saved in filters:
            with self.subTest(name=saved.name):
                model = self.env[saved.model_id]
                domain, context = (
                    literal_eval(saved.domain),
                    literal_eval(saved.context),
                )
                model.search(domain, limit=1)
                groups = context["group_by"]
                model.formatted_read_group(domain, groups[:1], ["__count"])
                measures = context.get("pivot_measures", [])
                model.formatted_read_grouping_sets(
                    domain,
                    [context.get("pivot_row_groupby", groups), []],
                    [f"{name}:sum" for name in measures],
                )

    def test_contracts_by_their_end(self):
        cape, cesa = self.env["cae.contract"].create(
            [
                {
                    "entrepreneur_id": self.ana.id,
                    "kind": "cape",
                    "date_start": "2025-05-01",
                },
                {
                    "entrepreneur_id": self.bob.id,
                    "kind": "cesa",
                    "date_start": "2025-05-01",
                },
            ]
        )
        self.assertEqual(cape.ends_on, date(2026, 4, 30))
        self.assertFalse(cesa.ends_on)
        cesa.date_end = "2026-06-30"
        self.assertEqual(cesa.ends_on, date(2026, 6, 30))
        self.assertEqual(cape.coach_id, self.coach)
        groups = self.env["cae.contract"]._read_group(
            [("id", "in", (cape | cesa).ids)], ["coach_id"], ["__count"]
        )
        self.assertEqual(dict(groups), {self.coach: 1, self.other: 1})
