from odoo.tests import Form

from .interview_common import InterviewCommon, interview_tagged


@interview_tagged
class TestSupportFigures(InterviewCommon):
    """Hours and interviews of the key figures are those of the lists."""

    _prefix = "sf"

    def _values(self, user, **filters):
        figures = self._as(user, self.env["cae.key.figures"])
        rows = figures.with_company(self.company).overview("2026-12-31", filters)
        return {row["key"]: row for row in rows}

    def _hold_interviews(self):
        self._interview(self.ines).action_held()
        # Who follows both of them.
        (self.ines | self.yann).coach_id = self.users["coach"]
        self._interview(self.ines, self.yann).action_held()

    def test_hours_of_the_period(self):
        self._hold_interviews()
        self.env.flush_all()
        rows = self._values("accountant")
        hours = self.env["cae.person.hours"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(rows["entretiens"]["value"], 3)
        total = sum(hours.mapped("hours"))
        self.assertEqual(rows["heures_accompagnement"]["value"], total)
        self.assertEqual(rows["heures_par_personne"]["value"], total / 2)

    def test_hours_of_a_few_chosen_people_are_hidden(self):
        self._hold_interviews()
        coach = self.users["coach"].id
        nobody = self._values("accountant", coach=self.users["other"].id)
        self.assertTrue(nobody["entretiens"]["hidden"], "0 tells as much as hidden")
        self.assertTrue(self._values("accountant", coach=coach)["entretiens"]["hidden"])
        manager = self._user("sf_manager", "group_manager")
        self.users["manager"] = manager
        self.assertEqual(self._values("manager", coach=coach)["entretiens"]["value"], 3)

    def test_a_cohort_chooses_the_people(self):
        team = self.env["cae.team"].create(
            {"name": "South", "company_id": self.company.id}
        )
        cohort = self.env["cae.cohort"].create(
            {
                "name": "2025",
                "company_id": self.company.id,
                "date_start": "2025-01-01",
                "date_end": "2025-12-31",
                "team_id": team.id,
            }
        )
        manager = self._user("sf_manager", "group_manager")
        cockpit = self.env["cae.cockpit"].with_user(manager)
        form = Form(cockpit.with_company(self.company))
        form.cohort_id = cohort
        found = form.save()
        self.assertEqual((found.entry_from, found.team_id), (cohort.date_start, team))
        self.assertEqual(found.entry_to, cohort.date_end)
