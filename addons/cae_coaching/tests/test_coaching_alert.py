from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .support_common import SupportCommon, support_tagged

NOW = "2026-06-15 09:00:00"
DAY = date(2026, 6, 15)


@support_tagged
@freeze_time(NOW)
class TestCoachingAlert(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As the nightly run, which is the superuser.
        cls.Alert = cls.env["cae.coaching.alert"].sudo()
        # Everything off but what a test looks at; nobody has a contract yet.
        cls.company.write(
            {
                "cae_alert_relief": 0,
                "cae_alert_fall_percent": 0,
                "cae_alert_idle_months": 0,
                "cae_alert_margin_percent": 0,
                "cae_alert_unpaid_days": 0,
            }
        )

    def _run(self):
        self.Alert._refresh(self.company)
        self.env.flush_all()
        return self._open()

    def _open(self, *states):
        return self.Alert.search([("state", "in", states or ("open", "resting"))])

    def _poor(self, activity=0, amount=300):
        """The activity owes what it has not."""
        return self._document(
            [(self.activities[activity], amount)],
            day="2026-06-01",
            kind="in_invoice",
        )

    def _todo(self, alert):
        return self.env["mail.activity"].search(
            [("res_model", "=", alert._name), ("res_id", "in", alert.ids)]
        )

    # ------------------------------------------------------------------

    def test_nobody_in_trouble_no_alert(self):
        self.assertFalse(self._run())

    def test_treasury_opens_once_tells_the_coach_once_and_closes_by_itself(self):
        bill = self._poor()
        alert = self._run()
        self.assertEqual(len(alert), 1)
        self.assertEqual(
            (alert.cause, alert.urgency, alert.state), ("treasury", "2", "open")
        )
        self.assertEqual(alert.entrepreneur_id, self.ines)
        self.assertEqual(alert.activity_id, self.activities[0])
        self.assertEqual(alert.facts["available"], "-300.00")
        self.assertIn("300.00", alert.why)
        todo = self._todo(alert)
        self.assertEqual(todo.user_id, self.users["coach"])
        self.assertIn(alert.why, todo.summary)
        # Nothing more the next nights.
        self.assertEqual(self._run(), alert)
        self.assertEqual(self._todo(alert), todo)
        bill.button_draft()
        self.assertFalse(self._run())
        self.assertEqual((alert.state, alert.date_closed), ("closed", DAY))
        self.assertFalse(self._todo(alert))
        # Trouble again is another alert.
        self._poor()
        self.assertNotEqual(self._run(), alert)

    def test_what_a_coach_ticks_off_does_not_come_back(self):
        self._poor()
        alert = self._run()
        self._todo(alert).with_user(self.users["coach"]).action_done()
        self._run()
        self.assertFalse(self._todo(alert))
        self.assertEqual(alert.state, "open")

    def test_figures_follow(self):
        self._poor()
        alert = self._run()
        self._poor(amount=100)
        self.assertEqual(self._run(), alert)
        self.assertEqual(alert.facts["available"], "-400.00")

    def test_without_a_coach_nobody_is_told_until_there_is_one(self):
        self.ines.coach_id = False
        self._poor()
        alert = self._run()
        self.assertFalse(self._todo(alert))
        self.ines.coach_id = self.users["other"]
        self.assertEqual(self._run().coach_id, self.users["other"])

    def test_a_hand_over_hands_over_the_activity(self):
        self._poor()
        alert = self._run()
        self.ines.coach_id = self.users["other"]
        self._run()
        self.assertEqual(self._todo(alert).user_id, self.users["other"])
        self.ines.coach_id = False
        self._run()
        self.assertFalse(self._todo(alert))

    def test_no_invoice_margin_and_unpaid(self):
        self.company.write(
            {
                "cae_alert_idle_months": 3,
                "cae_alert_margin_percent": 20,
                "cae_alert_unpaid_days": 60,
            }
        )
        self._document([(self.activities[0], 2000)], day="2026-02-10")
        self._document(
            [(self.activities[0], 1900)], day="2026-02-11", kind="in_invoice"
        )
        found = self._run().filtered(lambda a: a.activity_id == self.activities[0])
        facts = {alert.cause: alert.facts for alert in found}
        self.assertEqual(facts["no_invoice"]["months"], 4)
        self.assertEqual(facts["margin"]["margin"], "100.00")
        self.assertEqual(facts["unpaid"]["amount"], "2000.00")
        # Yann never invoiced; the third activity is nobody's.
        others = self._open() - found
        self.assertEqual(others.entrepreneur_id, self.yann)
        self.assertEqual(others.cause, "no_invoice")
        for alert in self._open():
            self.assertTrue(alert.why)
            self.assertTrue(alert.display_name)

    def test_legal_terms(self):
        self._contract(self.ines, "cape", "2025-07-01", date_end="2026-06-30")
        self._contract(self.yann, start="2023-09-01", trial_end_date="2026-07-01")
        alerts = self._run()
        facts = {(a.entrepreneur_id, a.cause): (a.deadline, a.urgency) for a in alerts}
        self.assertEqual(
            facts,
            {
                (self.ines, "cape"): (date(2026, 6, 30), "2"),
                (self.yann, "trial"): (date(2026, 7, 1), "2"),
                (self.yann, "membership"): (date(2026, 9, 1), "1"),
                # Two periods of twelve months ended without an interview.
                (self.yann, "interview"): (date(2025, 8, 31), "2"),
            },
        )
        cape = alerts.filtered(lambda a: a.cause == "cape")
        self.assertIn("The CAPE ends on", cape.why)
        self.assertIn("renewed until", cape.why)
        self.assertEqual(self._todo(cape).date_deadline, date(2026, 6, 16))
        # A CESA follows; Yann becomes a member.
        self._contract(self.ines, start="2026-07-01")
        self.yann.member_date = "2026-06-10"
        self.assertEqual(set(self._run().mapped("cause")), {"interview", "trial"})

    def test_a_cape_years_after_another_is_renewed_from_its_own_start(self):
        self._contract(self.ines, "cape", "2019-07-01", date_end="2020-06-30")
        self._contract(self.ines, "cape", "2025-07-01", date_end="2026-06-30")
        (alert,) = self._run().filtered(lambda a: a.cause == "cape")
        self.assertEqual(alert.facts["renewable"], "2028-06-30")

    def test_a_cape_that_ended_without_anything_after_it(self):
        self._contract(self.ines, "cape", "2025-03-01", date_end="2026-02-28")
        alert = self._run()
        self.assertIn("ended on", alert.why)
        self.ines.date_exit = "2026-03-01"
        self.env["cae.entrepreneur"]._refresh_stages()
        self.assertFalse(self._run())

    def test_interviews_by_the_hook(self):
        def interviews(people, day):
            return {people[0].id: {"interviews": 2, "interview_deadline": DAY}}

        self.patch(type(self.env["cae.entrepreneur"]), "_alert_interviews", interviews)
        alert = self._run()
        self.assertEqual((alert.cause, alert.facts["missing"]), ("interview", 2))
        self.assertIn("R.7331-3", alert.why)

    def test_rest_with_a_reason(self):
        self._poor()
        alert = self._run()
        mine = self._as("coach", alert)
        for until, reason, code in (
            ("2026-07-01", " ", "CAE-ALERT-REASON"),
            ("2026-07-01", None, "CAE-ALERT-REASON"),
            ("2026-06-15", "Later", "CAE-ALERT-REST"),
            ("2027-12-01", "Later", "CAE-ALERT-REST"),
            ("soon", "Later", "CAE-ALERT-REST"),
        ):
            with self.subTest(until=until), self.assertRaisesRegex(UserError, code):
                mine.action_rest(until, reason)
        wizard = self.env["cae.coaching.alert.rest"].with_user(self.users["coach"])
        wizard.create(
            {
                "alert_ids": [Command.set(alert.ids)],
                "until": "2026-07-01",
                "reason": "Paid in June",
            }
        ).action_confirm()
        self.assertEqual(
            (alert.state, alert.rest_user_id), ("resting", self.users["coach"])
        )
        self.assertFalse(self._todo(alert))
        self._run()
        self.assertEqual(alert.state, "resting")
        with freeze_time("2026-07-01 03:00:00"):
            self._run()
        self.assertEqual(alert.state, "open")
        self.assertEqual(alert.rest_reason, "Paid in June")
        self.assertEqual(len(self._todo(alert)), 1)

    def test_a_rest_ends_by_hand_and_with_its_cause(self):
        bill = self._poor()
        alert = self._run()
        mine = self._as("coach", alert)
        mine.action_rest("2026-07-01", "Known")
        mine.action_wake()
        self.assertEqual(alert.state, "open")
        self.assertEqual(len(self._todo(alert)), 1)
        mine.action_rest("2026-07-01", "Known")
        bill.button_draft()
        self._run()
        self.assertEqual(alert.state, "closed")
        with self.assertRaisesRegex(UserError, "CAE-ALERT-STATE"):
            mine.action_rest("2026-07-01", "Known")

    def test_an_alert_that_becomes_worse_wakes(self):
        self._contract(self.ines, "cape", "2025-08-01", date_end="2026-07-31")
        alert = self._run()
        self.assertEqual(alert.urgency, "1")
        self._as("coach", alert).action_rest("2026-09-30", "We meet in July")
        with freeze_time("2026-07-15 03:00:00"):
            self._run()
        self.assertEqual((alert.state, alert.urgency), ("open", "2"))
        self.assertEqual(len(self._todo(alert)), 1)

    def test_one_alert_for_a_cause_whatever_happens(self):
        self._poor()
        alert = self._run()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            alert.copy()
            self.env.flush_all()

    def test_settings_have_ranges(self):
        for name, value in (
            ("cae_alert_fall_percent", 101),
            ("cae_alert_idle_months", -1),
            ("cae_alert_relief", -1),
        ):
            with (
                self.subTest(name=name),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.company[name] = value
                self.env.flush_all()

    def test_counts_on_people_and_activities(self):
        self._poor()
        self._run()
        ines = self._as("coach", self.ines)
        self.assertEqual((ines.alert_count, ines.alert_urgency), (1, "2"))
        self.assertTrue(ines.alert_why)
        self.assertEqual(self._as("coach", self.activities[0]).alert_count, 1)
        for record in (ines, ines.share_ids.activity_id):
            action = record.action_open_alerts()
            self.assertEqual(self.Alert.search_count(action["domain"]), 1)

    # ------------------------------------------------------------------

    def test_rights(self):
        self._poor()
        self._poor(activity=1)
        self._run()
        self.assertEqual(self._count("coach", "cae.coaching.alert"), 1)
        self.assertEqual(self._count("other", "cae.coaching.alert"), 1)
        self.assertEqual(self._count("head", "cae.coaching.alert"), 2)
        for user in ("accountant", "payroll", "secretary", "ines"):
            with self.subTest(user=user), self.assertRaises(AccessError):
                self._count(user, "cae.coaching.alert")
        hers = self._open().filtered(lambda a: a.entrepreneur_id == self.ines)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._as("other", hers).read(["why"])
        with self.assertRaises(AccessError):
            self._as("other", hers).action_rest("2026-07-01", "Not mine")
        with self.assertRaises(AccessError):
            self._as("coach", hers).write({"state": "closed"})
        with self.assertRaises(AccessError):
            self._as("head", hers).unlink()
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            self._as("coach", self.Alert).action_refresh()
        self.assertTrue(self._as("head", self.Alert).action_refresh())
        mine = self._as("coach", self.Alert).search([("mine", "=", True)])
        self.assertEqual(mine, hers)

    def test_other_companies_are_apart(self):
        company, person = self._other_company("Zoé")
        self.Alert.create(
            {
                "company_id": company.id,
                "entrepreneur_id": person.id,
                "cause": "cape",
                "urgency": "2",
                "date_open": DAY,
            }
        )
        for user in ("coach", "head"):
            self.assertEqual(self._count(user, "cae.coaching.alert"), 0)
        self._run()
        self.assertEqual(self._open().company_id, company)

    def test_the_queries_do_not_grow_with_the_people(self):
        def run():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Alert._refresh(self.company)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        def add(count):
            people = self.env["cae.entrepreneur"].create(
                [
                    {
                        "first_name": f"P{n}",
                        "last_name": "Test",
                        "date_entry": "2025-01-01",
                        "coach_id": self.users["coach"].id,
                    }
                    for n in range(count)
                ]
            )
            for person in people:
                self._contract(person, "cape", "2025-07-01", date_end="2026-06-30")

        add(5)
        few, quiet = run(), run()
        add(20)
        many, still = run(), run()
        self.assertEqual(len(self._open()), 25)
        self.assertEqual(still, quiet)
        self.assertLessEqual(many, few + 3)
