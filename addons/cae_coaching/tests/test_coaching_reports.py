from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from .desk_common import NOW, DeskCommon
from .interview_common import interview_tagged
from .journey_common import JourneyCommon, journey_tagged


@journey_tagged
@freeze_time("2026-11-15")
class TestLateDocuments(JourneyCommon):
    """One row for each document that is missing, and since when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._contract(cls.ines, "cape", "2026-01-01", "2026-12-31")
        cls._contract(cls.yann, "cesa", "2026-01-01")
        cls.env["cae.document.type"].search([]).active = False
        cls.insurance, cls.diploma, cls.form = cls.env["cae.document.type"].create(
            [
                {"name": "Insurance", "for_cape": True, "for_cesa": True},
                {"name": "Diploma", "for_cesa": True},
                {"name": "Form", "for_cape": True, "mandatory": False},
            ]
        )
        cls.people = cls.ines | cls.yann

    def _rows(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["cae.late.document"].with_user(user or self.env.user)
        return rows.search([("entrepreneur_id", "in", self.people.ids)])

    def _paper(self, person, kind, **vals):
        return self.env["cae.person.document"].create(
            {"entrepreneur_id": person.id, "type_id": kind.id, **vals}
        )

    def test_rows_are_what_is_missing(self):
        self._paper(self.ines, self.insurance, date_received="2026-02-01")
        self._paper(
            self.yann,
            self.diploma,
            date_received="2026-01-01",
            date_expiry="2026-10-31",
        )
        rows = self._rows()
        for person in self.people:
            own = rows.filtered(lambda row, p=person: row.entrepreneur_id == p)
            self.assertEqual(own.type_id, person.missing_document_ids)
        found = {row.type_id: (row.reason, row.since, row.days) for row in rows}
        self.assertEqual(found[self.diploma], ("expired", date(2026, 11, 1), 14))
        self.assertEqual(found[self.insurance][:2], ("never", date(2025, 1, 1)))

    def test_the_best_document_counts(self):
        paper = self._paper(
            self.ines,
            self.insurance,
            date_received="2026-11-10",
            state="received",
        )
        row = self._rows().filtered(lambda row: row.entrepreneur_id == self.ines)
        self.assertEqual((row.reason, row.since), ("received", date(2026, 11, 10)))
        paper.write({"refusal": "Blurred", "state": "refused"})
        row = self._rows().filtered(lambda row: row.entrepreneur_id == self.ines)
        self.assertEqual(row.reason, "refused")
        # An older one that is good is enough.
        self._paper(self.ines, self.insurance, date_received="2026-01-10")
        self.assertNotIn(self.ines, self._rows().entrepreneur_id)

    def test_nothing_is_asked_of_who_left(self):
        self.yann.write({"date_exit": "2026-10-31"})
        self.assertEqual(self._rows().entrepreneur_id, self.ines)

    def test_a_coach_reads_the_own_people(self):
        self.assertEqual(self._rows(self.coach).entrepreneur_id, self.ines)
        self.assertEqual(self._rows(self.other).entrepreneur_id, self.yann)
        self.assertEqual(self._rows(self.head).entrepreneur_id, self.people)
        for user in (self.holder, self.accountant, self.officer):
            with self.assertRaises(AccessError):
                self._rows(user)

    def test_one_query_for_any_number_of_people(self):
        def read():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["cae.late.document"].search([]).mapped("since")
            return self.env.cr.sql_log_count - before

        self._rows()
        before = read()
        for number in range(20):
            self._contract(self._person(f"L{number}", "Late"), "cape", "2026-10-01")
        self.env.flush_all()
        self.assertLessEqual(read(), before)


@interview_tagged
@freeze_time(NOW)
class TestCoachingFigures(DeskCommon):
    """Hours of training and support in the social report; rights of the head."""

    def _figures(self, user):
        rows = self.env["cae.social.figure"].with_user(user)
        return rows.search([("figure", "in", ("training", "coaching"))])

    def test_hours_of_training_and_support(self):
        self.env["cae.person.hours"].search([])
        interview = self._interview(self.ines, start="2026-02-10 09:00:00")
        interview.action_held()
        event = self._workshop(self.users["coach"])
        event._cae_sign_up_person(self.lea, "Learn")
        lines = self.env["cae.workshop.attendance"].search(
            [("event_id", "=", event.id)]
        )
        lines._cae_own().write({"state": "present"})
        manager = self._user("cf_manager", "group_manager")
        # Nothing that is still to come.
        self.assertNotIn("training", self._figures(manager).mapped("figure"))
        self.startClassPatcher(freeze_time("2026-06-30"))
        rows = self._figures(manager)
        found = {row.figure: (row.entrepreneur_id, row.hours) for row in rows}
        self.assertEqual(found["coaching"], (self.ines, interview.duration))
        self.assertEqual(found["training"], (self.lea, sum(lines.mapped("hours"))))
        # Payroll officers are not told who came: the hours alone.
        hidden = self._figures(self._user("cf_payroll", "group_payroll"))
        self.env.invalidate_all()
        self.assertFalse(hidden.entrepreneur_id)
        # Nor by what tells one person from the others.
        for name in ("day", "coach_id", "team_id", "seniority"):
            self.assertFalse(any(row[name] for row in hidden), name)
        self.assertEqual(set(hidden.mapped("age")), {"unknown"})
        self.assertEqual(set(hidden.mapped("year")), {"2026"})
        self.assertFalse(set(hidden.ids) & set(rows.ids))
        self.assertEqual(sorted(hidden.mapped("hours")), sorted(rows.mapped("hours")))

    def test_the_head_of_coaching_reads_the_money_of_all(self):
        one, two = self.activities[:2]
        self.assertEqual(
            one.entrepreneur_ids | two.entrepreneur_ids, self.ines | self.yann
        )
        for activity in (one, two):
            self._document([(activity, 100, None)], day="2026-05-01")
        self.env.flush_all()
        for model in ("cae.activity.month", "cae.unpaid.document"):
            rows = self.env[model].with_user(self.users["head"]).search([])
            self.assertLessEqual(one | two, rows.activity_id, model)
            self.env.invalidate_all()
            rows = self.env[model].with_user(self.users["coach"]).search([])
            self.assertNotIn(two, rows.activity_id, model)
        turnover = self.env["cae.person.turnover"].with_user(self.users["head"])
        self.assertEqual(turnover.search([]).entrepreneur_id, self.ines | self.yann)
