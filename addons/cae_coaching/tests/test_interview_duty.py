from datetime import date, datetime

from odoo import Command
from odoo.tests import freeze_time
from odoo.tools import SQL

from .interview_common import InterviewCommon, interview_tagged


@interview_tagged
@freeze_time("2026-02-15 12:00:00")
class TestInterviewDuty(InterviewCommon):
    def _held(self, day, sign=True, **vals):
        interview = self._shared(start=f"{day} 09:00:00", **vals)
        if sign:
            self._sign(interview)
        return interview

    def _duty(self, person=None):
        person = person or self.ines
        person.invalidate_recordset()
        return (
            person.interview_state,
            person.interview_done,
            person.interview_missing,
            person.interview_deadline and person.interview_deadline.isoformat(),
        )

    def test_who_has_none_is_soon_late(self):
        self.assertEqual(self._duty(), ("soon", 0, 2, "2026-02-28"))
        self.assertEqual(self.ines.interview_period_start, date(2025, 3, 1))

    def test_what_counts_is_held_written_and_signed_by_the_person(self):
        interview = self._held("2026-02-01", sign=False)
        self.assertEqual(self._duty()[1], 0)
        self._sign_coach(interview)
        self.assertEqual(self._duty()[1], 0)
        self._sign(interview)
        self.assertEqual(self._duty(), ("soon", 1, 1, "2026-02-28"))
        self._held("2026-02-02", type_id=self.point.id)
        self.assertEqual(self._duty()[1], 1)
        self._held("2026-02-03")
        self.assertEqual(self._duty(), ("ok", 2, 0, False))

    def test_a_correction_counts_once_it_is_signed(self):
        interview = self._held("2026-02-01")
        interview.action_correct("Wrong price")
        self.assertEqual(self._duty()[1], 0)
        interview.action_share()
        self.assertEqual(self._duty()[1], 0)
        self._sign(interview)
        self.assertEqual(self._duty()[1], 1)

    def test_the_day_is_that_of_the_people(self):
        self._held("2026-02-01")
        late_evening = self._shared(start="2026-02-01 23:30:00")
        self._sign(late_evening)
        days = late_evening.signature_ids.mapped("duty_date")
        self.assertEqual(days, [date(2026, 2, 2)])

    def test_time_makes_it_late_and_the_daily_job_says_so(self):
        self.assertFalse(self.ines.has_warning)
        with freeze_time("2026-03-01 12:00:00"):
            self.env["cae.entrepreneur"]._cron_refresh()
            self.assertEqual(self._duty(), ("late", 0, 2, "2026-02-28"))
            self.assertEqual(self.ines.interview_missed, 1)
            self.assertIn("R.7331-3", self.ines.warning)
            found = self.env["cae.entrepreneur"].search([("has_warning", "=", True)])
            self.assertIn(self.ines, found)
            # What is late for the coach too, whose rights are narrower.
            coach = self._as("coach", self.ines)
            self.assertIn("interview", coach.warning)
            mine = coach.search([("interview_state", "=", "late")])
            self.assertEqual(mine, coach)

    def test_catching_up(self):
        with freeze_time("2026-03-05 12:00:00"):
            self._held("2026-03-02")
            self.env["cae.entrepreneur"]._cron_refresh()
            self.assertEqual(self._duty()[0], "late")
            self._held("2026-03-03")
            self.assertEqual(self._duty()[0], "ok")

    def test_amendments_and_other_contracts_change_nothing(self):
        contract = self.ines.contract_ids
        self.env["cae.contract"].create(
            {
                "entrepreneur_id": self.ines.id,
                "parent_id": contract.id,
                "date_start": "2025-09-01",
            }
        )
        self.assertEqual(self._duty(), ("soon", 0, 2, "2026-02-28"))
        contract.date_end = "2026-02-20"
        self.assertEqual(self._duty(), ("ok", 0, 0, False))

    def test_without_a_cesa_nothing_is_due(self):
        person = self.env["cae.entrepreneur"].create(
            {"first_name": "Ana", "last_name": "Test"}
        )
        self.assertEqual(self._duty(person), ("none", 0, 0, False))

    def test_the_notice_is_the_company_s(self):
        self.company.sudo().cae_interview_notice = 5
        self.assertEqual(self._duty()[0], "due")

    def test_who_has_nothing_planned(self):
        people = self.ines | self.yann
        domain = [("interview_unplanned", "=", True), ("id", "in", people.ids)]
        self.assertEqual(people.search(domain), people)
        self._interview(start="2026-02-20 09:00:00")
        self.env.invalidate_all()
        self.assertEqual(people.search(domain), self.yann)
        self.assertEqual(people.filtered("interview_unplanned"), self.yann)

    def test_dates_and_counts(self):
        self._held("2026-02-01")
        self._interview(start="2026-02-20 09:00:00")
        coach = self._as("coach", self.ines)
        self.assertEqual(coach.last_interview_date, datetime(2026, 2, 1, 9))
        self.assertEqual(coach.next_interview_date, datetime(2026, 2, 20, 9))
        self.assertEqual(coach.interview_count, 2)

    def test_an_interview_of_two_counts_for_who_signed(self):
        both = self._shared(self.ines, self.yann, coach="head")
        self._sign(both)
        self.assertEqual(self._duty()[1], 1)
        self.assertEqual(self._duty(self.yann)[1], 0)

    # For thousands of people

    def _crowd(self, count):
        people = self.env["cae.entrepreneur"].create(
            [
                {"first_name": f"P{n}", "last_name": "Test", "date_entry": "2024-01-01"}
                for n in range(count)
            ]
        )
        self.env["cae.contract"].create(
            [
                {
                    "entrepreneur_id": person.id,
                    "kind": "cesa",
                    "date_start": "2025-03-01",
                }
                for person in people
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        return people

    def _spent(self, people):
        before = self.env.cr.sql_log_count
        people._interview_situations(date(2026, 2, 15))
        return self.env.cr.sql_log_count - before

    def test_the_duty_of_many_takes_as_many_queries_as_that_of_one(self):
        few, many = self._crowd(3), self._crowd(40)
        self._spent(few)  # record rules are in cache
        self.env.invalidate_all()
        spent = self._spent(few)
        self.env.invalidate_all()
        self.assertLessEqual(self._spent(many), spent)
        self.assertLessEqual(spent, 5)

    def test_the_list_of_many_takes_as_many_queries_as_that_of_one(self):
        names = ["interview_state", "last_interview_date", "next_interview_date"]
        names += ["interview_count", "coaching_action_count", "interview_unplanned"]

        def spent(people):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            people.read(names)
            return self.env.cr.sql_log_count - before

        few, many = self._crowd(3), self._crowd(40)
        spent(few)  # record rules are in cache
        self.assertLessEqual(spent(many), spent(few))

    def test_the_daily_job_writes_what_changed_alone(self):
        people = self._crowd(20)
        self.env["cae.entrepreneur"]._refresh_interview_duty()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.env["cae.entrepreneur"]._refresh_interview_duty()
        self.env.flush_all()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 8)
        self.env.cr.execute(
            SQL(
                "UPDATE cae_entrepreneur SET interview_state = 'due' "
                "WHERE id = ANY(%s)",
                people.ids,
            )
        )
        self.env.invalidate_all()
        self.env["cae.entrepreneur"]._refresh_interview_duty()
        self.assertEqual(set(people.mapped("interview_state")), {"soon"})


@interview_tagged
@freeze_time("2026-02-15 12:00:00")
class TestInterviewFigures(InterviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        one = cls.activities[0]
        cls.invoice = cls._document([(one, 1000, cls.vat_goods)], day="2026-01-10")
        cls._document([(one, 300)], day="2026-01-12", kind="in_invoice")
        cls._document([(one, 700)], day="2025-01-10")
        cls._pay(cls.invoice, amount=600, day="2026-01-20")

    def test_the_coach_sees_the_money(self):
        interview = self._interview()
        row = interview._figures_now()["activities"][str(self.activities[0].id)]
        self.assertEqual(row["turnover"], "1000.00")
        self.assertEqual(row["before"], "700.00")
        self.assertEqual(row["gross_margin"], "700.00")
        self.assertEqual(row["treasury"], "600.00")
        self.assertEqual(row["late"], "1300.00")
        self.assertEqual(row["late_count"], 1)
        html = interview.figures_html
        self.assertIn("Test 1", html)
        self.assertIn("1\N{NARROW NO-BREAK SPACE}000,00", html)

    def test_late_customers_are_customers(self):
        one = self.activities[0]
        # A second invoice of the same customer, and a credit note of another one.
        self._document([(one, 50)], day="2026-01-14")
        partner = self.env["res.partner"].create({"name": "Somebody else"})
        other = {"partner_id": partner.id, "invoice_date_due": "2026-02-05"}
        self._document([(one, 80)], kind="out_refund", **other)
        row = self._interview()._figures_now()["activities"][str(one.id)]
        self.assertEqual((row["late"], row["late_count"]), ("1350.00", 1))
        (late,) = row["late_rows"]
        self.assertEqual(late["customer"], self.partner_a.name)
        self.assertEqual(late["open"], "1350.00")
        # Of somebody who owes more than the credit, the rest is late.
        self._document([(one, 100)], **other)
        row = self._interview()._figures_now()["activities"][str(one.id)]
        self.assertEqual((row["late"], row["late_count"]), ("1370.00", 2))

    def test_figures_are_kept_when_it_is_held(self):
        interview = self._interview()
        interview.action_held()
        kept = interview.sudo().figures
        self._document([(self.activities[0], 5000)], day="2026-02-11")
        interview.invalidate_recordset()
        self.assertEqual(interview.sudo().figures, kept)
        self.assertNotIn("6\N{NARROW NO-BREAK SPACE}000,00", interview.figures_html)
        self.assertIn("1\N{NARROW NO-BREAK SPACE}000,00", interview.figures_html)

    def test_the_report_shows_them_when_they_are_the_person_s_alone(self):
        interview = self._shared()
        page = interview.report_id.sudo()._html()
        self.assertIn("1\N{NARROW NO-BREAK SPACE}000,00", page)
        activity = self.activities[0]
        share = {"entrepreneur_id": self.yann.id, "share": 50}
        activity.share_ids = [
            Command.update(activity.share_ids.id, {"share": 50}),
            Command.create({**share, "date_start": "2025-01-01"}),
        ]
        interview.action_correct("Shared activity")
        interview.action_share()
        self.assertFalse(interview.report_id.data["figures"]["activities"])

    def test_figures_of_many_take_as_many_queries_as_those_of_one(self):
        def spent(activities):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            activities._coaching_figures(date(2026, 2, 15))
            return self.env.cr.sql_log_count - before

        spent(self.activities)
        self.assertLessEqual(spent(self.activities), spent(self.activities[:1]))
