import json
from datetime import date

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.cae_base.engine.key_figures import Choice, Period
from odoo.addons.cae_base.models.cae_key_figures_people import AGES
from odoo.addons.cae_base.tests.common import CaeCommon

KEY_FIGURES = "cae.key.figures"
YEAR_END = "2026-12-31"


class FiguresCommon(CaeCommon):
    """Seven people: who they are, were and became is known by their names.

    ========  ==========  =====  =========================================
    Ada       woman, 1990 2021   CAPE, CESA since 2022; member since 2023
    Bea       woman, 2000 2022   CAPE, CESA since March 2026
    Carl      man, 1970   2021   CAPE, left in 2022 for a job
    Dora      woman, 1965 2022   left in 2023 to create a company
    Emil      man, 1975   2026   CAPE since June 2026
    Fay       woman, 1976 2024   ordinary contract
    Gus       man         2020   left in November 2026
    ========  ==========  =====  =========================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Figures = cls.env[KEY_FIGURES].with_company(cls.company)
        cls.job = cls.env.ref("cae_base.exit_reason_job")
        cls.creation = cls.env.ref("cae_base.exit_reason_company")
        cls.coach = cls._user("figures_coach", "group_coach")
        cls.other = cls._user("figures_other", "group_coach")
        cls.accountant = cls._user("figures_accountant", "group_accountant")
        cls.manager = cls._user("figures_manager", "group_manager")
        cls.ada = cls._person("Ada", "F", "1990-05-01", "2021-03-01")
        cls.bea = cls._person("Bea", "F", "2000-05-01", "2022-03-01")
        cls.carl = cls._person("Carl", "M", "1970-05-01", "2021-06-01")
        cls.dora = cls._person("Dora", "F", "1965-05-01", "2022-06-01")
        cls.emil = cls._person("Emil", "M", "1975-12-31", "2026-06-01")
        cls.fay = cls._person("Fay", "F", "1976-12-31", "2024-01-01")
        cls.gus = cls._person("Gus", "M", False, "2020-01-01")
        cls.ada.member_date = "2023-05-01"
        cls._contracts()
        for person, day, reason in (
            (cls.carl, "2022-12-31", cls.job),
            (cls.dora, "2023-05-31", cls.creation),
            (cls.gus, "2026-11-15", cls.job),
        ):
            person.write({"date_exit": day, "exit_reason_id": reason.id})

    @classmethod
    def _person(cls, name, sex, birth, entry):
        return cls.env["cae.entrepreneur"].create(
            {
                "code": f"K-{name}",
                "first_name": name,
                "last_name": "Test",
                "sex": sex,
                "birth_date": birth,
                "date_entry": entry,
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def _contracts(cls):
        cls.env["cae.contract"].create(
            [
                {
                    "entrepreneur_id": person.id,
                    "kind": kind,
                    "date_start": start,
                    "date_end": end,
                }
                for person, kind, start, end in (
                    (cls.ada, "cape", "2021-03-01", "2022-02-28"),
                    (cls.ada, "cesa", "2022-03-01", False),
                    (cls.bea, "cape", "2025-03-01", "2026-02-28"),
                    (cls.bea, "cesa", "2026-03-01", False),
                    (cls.emil, "cape", "2026-06-01", "2027-05-31"),
                    (cls.fay, "employee", "2024-01-01", False),
                    (cls.gus, "cesa", "2020-01-01", "2026-11-15"),
                )
            ]
        )

    def _values(self, day=YEAR_END, user=None, **options):
        figures = self.Figures.with_user(user or self.manager)
        return {row["key"]: row["value"] for row in figures.overview(day, **options)}

    def _names(self, key, day=YEAR_END, choice=None):
        period = self.Figures._period(fields.Date.to_date(day))
        people = self.Figures._people_of(key, period, choice or Choice())
        return sorted(people.mapped("first_name"))


@tagged("post_install", "-at_install", "cae")
class TestKeyFigures(FiguresCommon):
    # People ---------------------------------------------------------------------------

    def test_people_by_contract_as_of_then(self):
        keys = ("entrepreneurs_actifs", "en_cape", "en_cesa", "en_contrat")
        keys += ("sans_contrat", "emplois")
        for day, expected in (
            ("2026-12-31", (4, 1, 2, 1, 0, 3)),
            ("2026-11-15", (5, 1, 3, 1, 0, 4)),  # the last day counts
            ("2026-02-28", (4, 1, 2, 1, 0, 3)),
            ("2025-02-28", (4, 0, 2, 1, 1, 3)),
            ("2021-12-31", (3, 1, 1, 0, 1, 1)),
        ):
            values = self._values(day)
            self.assertEqual(tuple(values[key] for key in keys), expected, day)

    def test_who_is_archived_without_having_left_is_not_counted(self):
        (self.ada | self.gus).active = False
        values = self._values("2026-11-15")
        self.assertEqual(values["entrepreneurs_actifs"], 4)  # Gus was here
        self.assertEqual(values["en_cesa"], 2)
        curve = self.env["cae.survival"].with_context(cae_date=YEAR_END)
        people = curve.search([]).entrepreneur_id
        self.assertNotIn(self.ada, people)
        self.assertIn(self.gus, people.with_context(active_test=False))

    def test_profile(self):
        values = self._values()
        self.assertEqual(values["part_femmes"], 75.0)
        self.assertEqual(values["part_moins_30"], 25.0)  # Bea
        self.assertEqual(values["part_30_50"], 50.0)  # Ada; Fay is 50 that very day
        self.assertEqual(values["part_plus_50"], 25.0)  # Emil is 51 that very day
        self.assertEqual(self._values("2026-12-30")["part_plus_50"], 0.0)
        self.assertEqual(values["part_cesa"], 50.0)

    def test_ages_of_the_past_when_people_are_anonymised(self):
        bands = ("part_moins_30", "part_30_50", "part_plus_50")
        before = self._values("2022-12-30")
        self.assertEqual([before[key] for key in bands], [20.0, 20.0, 40.0])
        # Carl was there on that day, and one of the two over 50.
        self.carl._cae_own().write(
            {"birth_date": False, "date_anonymised": "2026-01-01"}
        )
        values = self._values("2022-12-30")
        self.assertEqual(values["entrepreneurs_actifs"], 5)
        self.assertEqual([values[key] for key in bands], [25.0, 25.0, 25.0])

    def test_entries_exits_and_conversions_of_the_period(self):
        values = self._values()
        moves = ("entrees", "sorties", "conversions")
        self.assertEqual([values[key] for key in moves], [1, 1, 1])
        self.assertEqual(self._names("entrees"), ["Emil"])
        self.assertEqual(self._names("sorties"), ["Gus"])
        self.assertEqual(self._names("conversions"), ["Bea"])
        values = self._values("2022-12-31")
        self.assertEqual([values[key] for key in moves], [2, 1, 1])

    def test_survival_of_those_who_entered_three_to_six_years_before(self):
        cohort = ["Ada", "Bea", "Carl", "Dora"]
        self.assertEqual(self._names("cohorte_3_ans"), cohort)
        self.assertEqual(self._names("perennite_3_ans"), ["Ada", "Bea", "Dora"])
        self.assertEqual(self._values()["perennite_3_ans"], 75.0)
        # Before Carl left nobody could know that he would.
        self.assertEqual(self._values("2022-12-31")["cohorte_3_ans"], 0)

    def test_members_as_of_then(self):
        values = self._values()
        self.assertEqual(values["associes"], 1)
        self.assertEqual(values["part_associes"], 25.0)
        self.assertEqual(values["part_associes_cesa"], 50.0)
        self.assertEqual(self._values("2023-04-30")["associes"], 0)

    def test_a_year_before_stands_beside(self):
        rows = {row["key"]: row for row in self.Figures.overview(YEAR_END)}
        row = rows["entrepreneurs_actifs"]
        self.assertEqual((row["value"], row["last_year"]), (4, 4))
        self.assertEqual(rows["entrees"]["last_year"], 0)
        self.assertIs(rows["entrees"]["national"], False)
        self.assertEqual(json.loads(json.dumps(rows)), rows)

    def test_over_twelve_months(self):
        self.assertEqual(self._values("2027-03-31")["entrees"], 0)
        self.assertEqual(self._values("2027-03-31", span="twelve")["entrees"], 1)

    def test_figures_of_nobody(self):
        values = self._values("2001-01-01")
        self.assertEqual(values["entrepreneurs_actifs"], 0)
        self.assertIs(values["part_femmes"], False)
        self.assertIs(values["ca_par_personne"], False)

    def test_people_of_another_company_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other CAE"})
        self.env["cae.entrepreneur"].create(
            {"first_name": "Zoe", "last_name": "Else", "company_id": other.id}
        )
        self.assertEqual(self._values("2027-01-01")["entrepreneurs_actifs"], 4)

    # Choices --------------------------------------------------------------------------

    def test_the_coach_is_that_of_the_day(self):
        person = self.ada.with_context(tracking_disable=False, mail_notrack=False)
        for coach, moment in (
            (self.coach, "2026-01-10 10:00:00"),
            (self.other, "2026-07-01 10:00:00"),
        ):
            self.env.cr.precommit.run()
            person.coach_id = coach
            self.env.flush_all()
            self.env.cr.precommit.run()
            changes = self.env["mail.message"].search(
                [("model", "=", person._name), ("res_id", "=", person.id)],
                order="id desc",
                limit=1,
            )
            self.assertTrue(changes.tracking_value_ids)
            # The log is kept as it is: time passes in the database alone.
            self.env.cr.execute(
                "UPDATE mail_message SET date = %s WHERE id = %s", (moment, changes.id)
            )
        for coach, day, count in (
            (self.coach, "2026-01-09", 0),  # not yet
            (self.coach, "2026-03-31", 1),
            (self.other, "2026-03-31", 0),
            (self.coach, "2026-07-01", 0),
            (self.other, "2026-07-01", 1),
        ):
            values = self._values(day, filters={"coach": coach.id})
            self.assertEqual(values["entrepreneurs_actifs"], count, (coach.login, day))

    def test_the_team_and_the_cohort(self):
        team = self.env["cae.team"].create(
            {"name": "North", "company_id": self.company.id}
        )
        (self.ada | self.fay).team_id = team
        choose = {"filters": {"team": team.id}}
        self.assertEqual(self._values(**choose)["entrepreneurs_actifs"], 2)
        choose["filters"]["entry_from"] = "2024-01-01"
        self.assertEqual(self._values(**choose)["entrepreneurs_actifs"], 1)
        choose["filters"] = {"entry_to": "2022-12-31"}
        self.assertEqual(self._values(**choose)["entrepreneurs_actifs"], 2)

    def test_the_trade_is_that_of_an_activity_held_on_the_day(self):
        self._hold(self.activities[0], self.ada)
        self.activities[0].trade = "Upholstery 100%"
        for trade, count in (("upholst", 1), ("100%", 1), ("1%0", 0), ("wood", 0)):
            values = self._values(filters={"trade": trade})
            self.assertEqual(values["entrepreneurs_actifs"], count, trade)
        values = self._values("2024-12-31", filters={"trade": "upholst"})
        self.assertEqual(values["entrepreneurs_actifs"], 0)

    def test_ages_of_a_few_chosen_people_are_hidden(self):
        self.ada.coach_id = self.coach
        figures = self.Figures.with_user(self.accountant)
        rows = figures.overview(YEAR_END, {"coach": self.coach.id})
        rows = {row["key"]: row for row in rows}
        self.assertTrue(rows["part_moins_30"]["hidden"])
        self.assertIs(rows["part_moins_30"]["value"], False)
        self.assertFalse(rows["part_femmes"]["hidden"])

    def _more(self, number):
        return [
            self._person(f"More{n}", "M", f"1984-03-0{n + 1}", "2023-05-01")
            for n in range(number)
        ]

    def test_two_groups_that_differ_by_one_person_tell_nothing_of_that_person(self):
        self._more(6)
        self._person("Last", "F", "1993-07-17", "2023-05-02")
        chosen = [
            {"entry_from": "2023-05-01", "entry_to": f"2023-05-0{n}"} for n in (1, 2)
        ]
        for filters in chosen:
            rows = self._rows(self.accountant, "2026-10-31", filters)
            self.assertGreater(rows["entrepreneurs_actifs"]["value"], 5)
            for key in AGES:
                self.assertTrue(rows[key]["hidden"], key)
            # Who may read birth dates may know.
            rows = self._rows(self.manager, "2026-10-31", filters)
            self.assertFalse(rows["part_moins_30"]["hidden"])

    def test_days_to_come_tell_no_birthday(self):
        self._more(2)
        with freeze_time("2026-12-30"):
            for user, day, hidden in (
                (self.accountant, "2026-12-30", False),
                (self.accountant, YEAR_END, True),
                (self.manager, YEAR_END, False),
            ):
                found = self._rows(user, day)["part_moins_30"]["hidden"]
                self.assertEqual(found, hidden, (user.login, day))
            figures = self.Figures.with_user(self.accountant)
            self.assertIs(figures.get(YEAR_END)["part_plus_50"], False)
            (row,) = figures.series(["part_plus_50"], YEAR_END, count=2)
            self.assertEqual([v["hidden"] for v in row["values"]], [False, True])

    def test_ages_of_a_very_small_cooperative_are_hidden(self):
        found = self._rows(self.accountant, "2026-10-31")
        self.assertEqual(found["entrepreneurs_actifs"]["value"], 5)
        self.assertFalse(found["part_plus_50"]["hidden"])
        found = self._rows(self.accountant, "2026-11-20")  # Gus has left
        self.assertTrue(found["part_plus_50"]["hidden"])

    def _rows(self, user, day, filters=None):
        rows = self.Figures.with_user(user).overview(day, filters)
        return {row["key"]: row for row in rows}

    # Money ----------------------------------------------------------------------------

    def _hold(self, activity, *people):
        activity.share_ids = [
            Command.create(
                {
                    "entrepreneur_id": person.id,
                    "share": 100 / len(people),
                    "date_start": activity.date_start,
                }
            )
            for person in people
        ]

    def test_turnover_is_that_of_the_ledger(self):
        first, second, third = self.activities
        invoice = self._document([(first, 1000), (second, 500)], day="2026-01-10")
        self._document([(second, 100)], day="2026-02-10", kind="out_refund")
        self._document([(third, 80), (None, 999)], day="2025-06-10")
        self._pay(invoice)
        self._entry([("706", -50, first), ("411", 50, first)])
        for day in ("2026-12-31", "2026-01-31", "2025-12-31"):
            period = self.Figures._period(fields.Date.to_date(day))
            ledger = self.env["cae.ledger"]._figures(
                self.company, self.accounts.ids, period.first, period.last
            )
            expected = float(sum(row["invoiced"] for row in ledger.values()))
            self.assertEqual(self._values(day)["ca_ht_facture"], expected, day)
        values = self._values()
        self.assertEqual(values["ca_ht_facture"], 1400)
        self.assertEqual(values["activites_actives"], 2)
        self.assertEqual((values["ca_moyen"], values["ca_median"]), (700, 700))
        self.assertEqual(values["ca_par_personne"], 350)

    def test_money_of_chosen_people_is_their_share(self):
        first, second, _third = self.activities
        self._hold(first, self.ada, self.fay)
        self._hold(second, self.bea)
        self.ada.coach_id = self.coach
        self._document([(first, 1000), (second, 500)], day="2026-01-10")
        self._entry([("512", 300, first), ("110", -300, first)])
        values = self._values(filters={"coach": self.coach.id})
        self.assertEqual(values["ca_ht_facture"], 500)
        self.assertEqual(values["tresorerie"], 150)
        whole = self._values()
        self.assertEqual((whole["ca_ht_facture"], whole["tresorerie"]), (1500, 300))

    def test_turnover_moved_to_another_activity_counts_there(self):
        first, second, _third = self.activities
        move = self._document([(first, 1000)], day="2026-01-10")
        self._hold(second, self.ada)
        self.ada.coach_id = self.coach
        line = move.invoice_line_ids
        line.analytic_distribution = self._tag(second)
        values = self._values(filters={"coach": self.coach.id})
        self.assertEqual(values["ca_ht_facture"], 1000)

    def test_treasury_is_that_of_the_activities(self):
        first = self.activities[0]
        invoice = self._document([(first, 100, self.vat_services)], day="2026-01-10")
        self._pay(invoice, day="2026-02-10")
        for day in ("2026-01-31", "2026-02-28"):
            rows = self.Activity.with_company(self.company).treasury(date=day)
            values = self._values(day)
            for key, name in (("tresorerie", "treasury"), ("disponible", "available")):
                total = round(sum(row[name] for row in rows), 2)
                self.assertEqual(values[key], total, (key, day))

    def test_money_of_each_month_of_a_series_is_that_of_the_month_alone(self):
        first, second, _third = self.activities
        self._hold(first, self.ada, self.fay)
        self.ada.coach_id = self.coach
        for month, amount in (("11", 400), ("12", 100)):
            invoice = self._document(
                [(first, amount), (second, 30)], f"2025-{month}-10"
            )
            self._pay(invoice, day="2026-02-10")
        self._document([(first, 70)], day="2026-01-31")
        keys = ["ca_ht_facture", "ca_median", "activites_actives", "tresorerie"]
        for filters in ({}, {"coach": self.coach.id}):
            series = self.Figures.series(keys, "2026-02-28", "month", 5, filters)
            for row in series:
                for n, found in enumerate(row["values"]):
                    [alone] = self.Figures.series(
                        [row["key"]], found["date_to"], "month", 1, filters
                    )
                    value = alone["values"][0]["value"]
                    self.assertEqual(found["value"], value, (row["key"], n, filters))
        values = {row["key"]: [v["value"] for v in row["values"]] for row in series}
        self.assertEqual(values["ca_ht_facture"], [0, 200, 50, 35, 0])
        self.assertEqual(values["tresorerie"], [0, 0, 0, 0, 250])

    def test_periods_that_overlap_count_what_they_share_twice(self):
        first = self.activities[0]
        self._document([(first, 100)], day="2026-03-10")
        periods = [
            Period(date(2026, 1, 1), date(2026, 6, 30)),
            Period(date(2026, 3, 1), date(2026, 12, 31)),
            Period(date(2026, 4, 1), date(2026, 4, 30)),
        ]
        found = self.Figures._ledger_figures(periods, Choice())
        self.assertEqual(found["ca_ht_facture"], [100, 100, 0])

    def test_the_ledger_is_read_once(self):
        ledger, seen = type(self.env["cae.ledger"]), []
        plain = ledger._moved_query

        def spy(records, *args):
            seen.append(args)
            return plain(records, *args)

        self.patch(ledger, "_moved_query", spy)
        self._values()
        self.assertEqual(len(seen), 1)

    # Series ---------------------------------------------------------------------------

    def test_series_by_month_and_by_year(self):
        [months] = self.Figures.series(["entrees"], YEAR_END, "month", 8)
        found = {row["date_to"][:7]: row["value"] for row in months["values"]}
        self.assertEqual(found, {f"2026-{n:02}": int(n == 6) for n in range(5, 13)})
        [years] = self.Figures.series(["entrepreneurs_actifs"], YEAR_END, "year", 3)
        self.assertEqual([row["value"] for row in years["values"]], [4, 4, 4])
        self.assertEqual(years["values"][0]["date_from"], "2024-01-01")

    def test_queries_do_not_grow_with_people_or_periods(self):
        self._values()
        self.Figures.series([], YEAR_END, "month", 2)
        counts = []
        for number in (2, 20):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.Figures.series([], YEAR_END, "month", number)
            counts.append(self.env.cr.sql_log_count - before)
            self.env["cae.entrepreneur"].create(
                [{"first_name": f"P{n}", "last_name": f"Q{number}"} for n in range(30)]
            )
        self.assertEqual(*counts)
        self.assertLess(counts[0], 30)

    def test_values_are_read_by_graphs_and_lists(self):
        asked = {"keys": ["entrees"], "date": YEAR_END, "step": "month", "count": 8}
        values = self.env["cae.figure.value"].with_user(self.accountant)
        values = values.with_company(self.company).with_context(cae_series=asked)
        groups = values.formatted_read_group(
            [("value", ">", 0)], ["date:month", "figure_id"], ["value:avg"]
        )
        self.assertEqual([group["value:avg"] for group in groups], [1.0])
        self.assertEqual(groups[0]["date:month"][0], "2026-06-01")
        rows = values.search([])
        self.assertEqual(len(rows), 8)
        self.assertEqual(rows[-1].date, date(2026, 12, 31))
        again = values.browse(rows[1].id)
        again.invalidate_recordset()
        self.assertEqual(again.value, rows[1].value)

    def test_figures_are_computed_when_they_are_read_and_once(self):
        values = self.env["cae.figure.value"].with_company(self.company)
        asked = {"keys": ["entrees", "sorties"], "date": YEAR_END, "count": 2}
        values = values.with_context(cae_series=asked)
        calls = []
        series = type(self.Figures).series

        def counted(figures, *args, **options):
            calls.append(options)
            return series(figures, *args, **options)

        self.patch(type(self.Figures), "series", counted)
        values.fields_get()
        values.get_views([(False, "pivot"), (False, "search")])
        self.assertEqual(calls, [])
        specification = {"figure_id": {"fields": {"display_name": {}}}, "value": {}}
        found = values.web_search_read([], specification)
        self.assertEqual(found["length"], 4)
        self.assertEqual(len(calls), 1)

    def test_an_odd_context_is_no_question(self):
        values = self.env["cae.figure.value"].with_company(self.company)
        for asked in ("x", ["keys"], {"colour": "red"}, False):
            self.assertTrue(values.with_context(cae_series=asked).search([]))
            values.invalidate_model()
        with self.assertRaisesRegex(UserError, "CAE-FIGURES-KEY"):
            values.with_context(cae_series={"keys": ["x"]}).search([])
        with self.assertRaisesRegex(UserError, "CAE-DATE"):
            self.env["cae.survival"].with_context(cae_date=["x"]).search([])

    def test_several_figures_have_no_average(self):
        values = self.env["cae.figure.value"].with_company(self.company)
        asked = {"keys": ["entrees", "part_femmes"], "date": YEAR_END, "count": 2}
        values = values.with_context(cae_series=asked)
        [[total]] = values._read_group([], aggregates=["value:avg"])
        self.assertFalse(total)
        rows = dict(values._read_group([], ["figure_id"], ["value:avg"]))
        women = self.env.ref("cae_base.figure_part_femmes")
        self.assertEqual(rows[women], 75)

    # Cohorts --------------------------------------------------------------------------

    def test_the_curve_of_a_cohort_passes_the_key_figure(self):
        curve = self.env["cae.survival"].with_context(cae_date=YEAR_END)
        domain = [
            ("company_id", "=", self.company.id),
            ("date_entry", ">", "2020-12-31"),
            ("date_entry", "<=", "2023-12-31"),
        ]
        rows = curve.formatted_read_group(
            domain, ["months"], ["lasting:avg", "__count"]
        )
        found = {row["months"]: (row["lasting:avg"], row["__count"]) for row in rows}
        self.assertEqual(found[0], (100.0, 4))
        self.assertEqual(found[18], (100.0, 4))
        self.assertEqual(found[24], (75.0, 4))
        self.assertEqual(found[36], (75.0, 4))
        self.assertEqual(found[60], (50.0, 2))  # Ada and Carl alone
        self.assertEqual(found[36][0], self._values()["perennite_3_ans"])
        people = curve.search([*domain[:1], ("cohort", "=", True)]).entrepreneur_id
        self.assertEqual(people, self.ada | self.bea | self.carl | self.dora)

    # Rights ---------------------------------------------------------------------------

    def test_for_accountants_and_managers_alone(self):
        entrepreneur = self._user("figures_ada", "group_entrepreneur")
        for user in (
            self.coach,
            entrepreneur,
            self._user("figures_p", "group_payroll"),
        ):
            figures = self.Figures.with_user(user)
            for call in (figures.get, figures.overview, figures.series):
                with self.assertRaises(AccessError):
                    call()
            for model in ("cae.figure", "cae.figure.value", "cae.survival"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env["cae.cockpit"].with_user(user).create({})

    def test_tools_read_the_figures_of_everybody(self):
        tool = self._user("figures_tool", "group_tool_read")
        figures = self.Figures.with_user(tool)
        rows = {row["key"]: row for row in figures.overview("2026-10-31")}
        self.assertEqual(rows["entrepreneurs_actifs"]["value"], 5)
        self.assertTrue(rows["part_femmes"]["definition"])
        (row,) = figures.series(["entrees"], "2026-10-31", "year", 1)
        self.assertEqual(row["values"][0]["value"], 1)
        # Of one person they would tell the sex, the contract, the exit.
        one = {"entry_from": "2021-03-01", "entry_to": "2021-03-01"}
        for call in (figures.overview, figures.series):
            with self.assertRaises(AccessError):
                call(filters=one)
        for model in ("cae.figure.value", "cae.survival", "cae.cockpit"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(tool).search([])

    def test_a_publication_is_linked_by_http_alone(self):
        figure = self.env.ref("cae_base.figure_part_femmes")
        vals = {"value": 51, "date_from": "2026-06-01", "source": "Federation"}
        for url in ("javascript:alert(1)", "data:text/html,x", " https://example.com"):
            with (
                self.subTest(url),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                figure.national_ids = [Command.create({**vals, "url": url})]
                self.env.flush_all()
        self.env.invalidate_all()
        figure.national_ids = [Command.create({**vals, "url": "https://example.com"})]
        self.env.flush_all()

    def test_definitions_are_the_managers(self):
        figure = self.env.ref("cae_base.figure_part_femmes")
        figure.with_user(self.accountant).read(["name"])
        with self.assertRaises(AccessError):
            figure.with_user(self.accountant).name = "Else"
        figure.with_user(self.manager).national_ids = [
            Command.create(
                {"value": 51, "date_from": "2026-06-01", "source": "Federation"}
            )
        ]
        for day, value in (("2026-05-31", 48), ("2026-06-01", 51)):
            national = figure._explained(fields.Date.to_date(day))["national"]
            self.assertEqual(national["value"], value)
        self.assertFalse(figure._explained(date(2020, 1, 1))["national"])

    def test_definitions_of_their_day(self):
        figure = self.env.ref("cae_base.figure_part_plus_50")
        figure.definition_ids = [
            Command.create({"definition": "55 and over.", "date_from": "2027-01-01"})
        ]
        before = figure._explained(date(2026, 12, 31))["definition"]
        self.assertIn("Over 50" if "Over 50" in before else "over 50", before)
        after = figure._explained(date(2027, 1, 1))["definition"]
        self.assertEqual(after, "55 and over.")

    def test_odd_questions_have_a_code(self):
        for arguments in (
            {"filters": {"coach": "x"}},
            {"filters": {"sex": "F"}},
            {"filters": ["coach"]},
            {"filters": {"trade": 3}},
            {"filters": {"trade": "\x00"}},
            {"filters": {"entry_from": "yesterday"}},
            {"filters": {"team": 2**40}},
            {"span": "ever"},
            {"span": ["year"]},
            {"date": "31/12/2026"},
        ):
            with self.subTest(arguments), self.assertRaisesRegex(UserError, "CAE-"):
                self.Figures.overview(**arguments)
        for arguments in (
            {"keys": ["nothing"]},
            {"keys": "entrees"},
            {"step": "week"},
            {"count": 0},
            {"count": 121},
            {"count": True},
        ):
            with self.subTest(arguments), self.assertRaisesRegex(UserError, "CAE-"):
                self.Figures.series(**arguments)

    # Screens --------------------------------------------------------------------------

    def test_the_cockpit_answers_at_once(self):
        form = Form(
            self.env["cae.cockpit"].with_user(self.manager).with_company(self.company)
        )
        form.date = YEAR_END
        tiles = self._tiles(form.tiles)
        self.assertEqual(tiles["entrepreneurs_actifs"]["value"], "4")
        self.assertIn("75.0", tiles["part_femmes"]["value"])
        self.assertIn("48.0", tiles["part_femmes"]["national"]["value"])
        self.assertTrue(tiles["part_femmes"]["definition"])
        changes = {key: tiles[key]["change"] for key in tiles}
        self.assertEqual(changes["entrees"], "+1")
        self.assertEqual(changes["en_cape"], "")
        self.assertIn("+25.0", changes["part_plus_50"])
        self.assertEqual(changes["ca_ht_facture"], "")
        form.entry_from = "2026-01-01"
        self.assertEqual(self._tiles(form.tiles)["entrepreneurs_actifs"]["value"], "1")
        cockpit = form.save()
        action = cockpit.action_open_records("entrepreneurs_actifs")
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, self.emil)

    def _tiles(self, groups):
        return {tile["key"]: tile for group in groups for tile in group["figures"]}

    def test_a_tile_opens_what_it_counts(self):
        first = self.activities[0]
        self._hold(first, self.ada)
        self.ada.coach_id = self.coach
        self._document([(first, 1000), (self.activities[1], 7)], day="2026-01-10")
        cockpit = self.env["cae.cockpit"].with_company(self.company)
        cockpit = cockpit.create({"date": YEAR_END, "coach_id": self.coach.id})
        for key, model, total in (
            ("ca_ht_facture", "cae.ledger.line", 1000),
            ("tresorerie", "cae.ledger.line", 0),
            ("contributions", "cae.contribution.line", 0),
        ):
            action = cockpit.action_open_records(key)
            self.assertEqual(action["res_model"], model)
            records = self.env[model].search(action["domain"])
            amounts = "earned" if model == "cae.ledger.line" else "amount"
            self.assertEqual(sum(records.mapped(amounts)), total, key)
        for method in (cockpit.action_open_records, cockpit.action_open_series):
            for key in ("nothing", ["entrees"], 3):
                with self.assertRaisesRegex(UserError, "CAE-FIGURES-KEY"):
                    method(key)

    def test_who_is_in_an_age_band_opens_for_who_may_read_birth_dates(self):
        cockpits = self.env["cae.cockpit"].with_company(self.company)
        for user, opens in ((self.manager, True), (self.accountant, False)):
            cockpit = cockpits.with_user(user).create({"date": "2026-10-31"})
            tiles = {
                tile["key"]: tile["opens"]
                for group in cockpit.tiles
                for tile in group["figures"]
            }
            self.assertTrue(tiles["part_femmes"])
            for key in AGES:
                self.assertEqual(tiles[key], opens, (user.login, key))
        with self.assertRaisesRegex(UserError, "CAE-FIGURES-KEY"):
            cockpit.action_open_records("part_moins_30")

    def test_the_cockpit_asks_for_series_of_the_same_people(self):
        cockpit = self.env["cae.cockpit"].with_company(self.company)
        cockpit = cockpit.create({"date": YEAR_END, "entry_from": "2026-01-01"})
        for action, count in (
            (cockpit.action_open_series("entrepreneurs_actifs"), 37),
            (cockpit.action_months(), 13),
            (cockpit.action_years(), 5),
        ):
            values = self.env["cae.figure.value"].with_context(**action["context"])
            # One transaction, another question.
            values.invalidate_model()
            rows = values.search([("figure_id.key", "=", "entrepreneurs_actifs")])
            self.assertEqual(len(rows), count)
            self.assertEqual(rows[-1].value, 1)
        action = cockpit.action_survival()
        curve = self.env["cae.survival"].with_context(**action["context"])
        people = curve.search(action["domain"]).entrepreneur_id
        self.assertEqual(people, self.emil)
        self.activities[0].trade = "Joiner"
        self._hold(self.activities[0], self.ada)
        domain = cockpit.create({"date": YEAR_END, "trade": "join"}).action_survival()
        self.assertEqual(curve.search(domain["domain"]).entrepreneur_id, self.ada)

    # Digest ---------------------------------------------------------------------------

    def test_digest(self):
        digest = self.env["digest.digest"].create(
            {
                "name": "CAE",
                "company_id": self.company.id,
                "kpi_cae_people": True,
                "kpi_cae_entries": True,
                "kpi_cae_turnover": True,
            }
        )
        self._document([(self.activities[0], 1000)], day="2026-06-10")
        # The end of the period is the first day of the next one.
        self._document([(self.activities[0], 7)], day="2026-06-30")
        period = {
            "start_datetime": fields.Datetime.to_datetime("2026-06-01"),
            "end_datetime": fields.Datetime.to_datetime("2026-06-30"),
        }
        digest = digest.with_user(self.accountant).sudo().with_context(**period)
        self.assertEqual(digest.kpi_cae_people_value, 5)
        self.assertEqual(digest.kpi_cae_entries_value, 1)
        self.assertEqual(digest.kpi_cae_turnover_value, 1000)
        names = {
            kpi["kpi_name"]
            for kpi in digest._compute_kpis(self.company, self.accountant)
        }
        self.assertIn("kpi_cae_people", names)
        names = {
            kpi["kpi_name"] for kpi in digest._compute_kpis(self.company, self.coach)
        }
        self.assertNotIn("kpi_cae_people", names)


@tagged("post_install", "-at_install", "cae")
class TestPeriods(CaeCommon):
    def test_fiscal_years_other_than_calendar_ones(self):
        self.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        figures = self.env[KEY_FIGURES].with_company(self.company)
        periods = figures._periods(date(2026, 12, 15), "year", 2)
        self.assertEqual(
            periods,
            [
                Period(date(2025, 7, 1), date(2026, 6, 30)),
                Period(date(2026, 7, 1), date(2026, 12, 15)),
            ],
        )
