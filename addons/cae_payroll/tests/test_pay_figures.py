from odoo.exceptions import AccessError

from .common import PayCommon, pay_tagged

#: Monthly gross of five people; the SMIC of January 2026 is 1 823.03 euros.
GROSSES = (600, 950, 1000, 1900, 2500)
PAY = ("salaire_moyen", "salaire_median", "part_demi_smic", "part_smic", "etp")


@pay_tagged
class TestPayFigures(PayCommon):
    """Statistics of pay tell nothing of a few people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls._user("pf_accountant", "group_accountant")
        cls.manager = cls._user("pf_manager", "group_manager")
        cls.coach = cls._user("pf_coach", "group_coach")
        cls.alice.contract_ids.fixed_part = GROSSES[0]
        others = [
            cls._person(f"F{number}", f"Person {number}", gross)
            for number, gross in enumerate(GROSSES[1:])
        ]
        cls.people = cls.alice.browse([cls.alice.id, *(p.id for p in others)])
        cls.first.share_ids = [
            (
                0,
                0,
                {
                    "entrepreneur_id": person.id,
                    "share": 20,
                    "date_start": cls.first.date_start,
                },
            )
            for person in cls.people
        ]
        cls._fund(cls.first, 50000)

    def _values(self, user=None, day="2026-01-31", **filters):
        figures = self.env["cae.key.figures"].with_company(self.company)
        rows = figures.with_user(user or self.manager).overview(day, filters)
        return {row["key"]: row for row in rows}

    def _posted(self):
        self._run()
        lines = self.Line.search([("entrepreneur_id", "in", self.people.ids)])
        self.assertEqual(set(lines.mapped("state")), {"posted"})
        return lines

    def test_statistics_of_the_posted_pay(self):
        lines = self._posted()
        for user in (self.manager, self.accountant):
            rows = self._values(user)
            found = [rows[key]["value"] for key in PAY]
            hours = sum(lines.sudo().mapped("equivalent_hours"))
            self.assertEqual(found, [1390, 1000, 80.0, 40.0, round(hours / 151.67, 2)])
        self.assertIs(self._values(day="2025-12-31")["salaire_moyen"]["value"], False)

    def test_a_month_counts_when_it_is_over_and_jobs_by_the_months_paid(self):
        self._posted()
        before = self._values(day="2026-01-30")
        self.assertIs(before["salaire_moyen"]["value"], False)
        jobs = self._values()["etp"]["value"]
        self.assertGreater(jobs, 0)
        # February is over and not paid yet, then March has begun.
        for day in ("2026-02-28", "2026-03-15"):
            rows = self._values(day=day)
            self.assertEqual(rows["etp"]["value"], jobs, day)
            self.assertEqual(rows["salaire_moyen"]["value"], 1390, day)
        cockpit = self.env["cae.cockpit"].with_company(self.company)
        early = cockpit.create({"date": "2026-01-30"})
        action = early.action_open_records("salaire_moyen")
        self.assertFalse(self.Line.search(action["domain"]))

    def test_nothing_is_said_of_fewer_than_five_people(self):
        self._posted()[0].action_undo("Wrong")
        for key in PAY:
            row = self._values()[key]
            self.assertEqual((row["value"], row["hidden"]), (False, True), key)

    def test_pay_of_chosen_people_is_for_payroll_officers(self):
        self._posted()
        (self.people - self.alice).coach_id = self.coach
        self.assertTrue(self._values(coach=self.coach.id)["salaire_moyen"]["hidden"])
        self.people.coach_id = self.coach
        row = self._values(coach=self.coach.id)["salaire_moyen"]
        self.assertEqual(row["value"], 1390)
        row = self._values(self.accountant, coach=self.coach.id)["salaire_moyen"]
        self.assertEqual((row["value"], row["hidden"]), (False, True))
        figures = self.env["cae.key.figures"].with_company(self.company)
        [series] = figures.with_user(self.accountant).series(
            ["salaire_moyen"], "2026-01-31", "month", 1, {"coach": self.coach.id}
        )
        self.assertEqual(series["values"][0]["value"], False)

    def test_a_tile_opens_pay_for_who_may_read_it(self):
        lines = self._posted()
        cockpit = self.env["cae.cockpit"].with_company(self.company)
        mine = cockpit.with_user(self.manager).create({"date": "2026-01-31"})
        action = mine.action_open_records("salaire_moyen")
        self.assertEqual(self.Line.search(action["domain"]), lines)
        theirs = cockpit.with_user(self.accountant).create({"date": "2026-01-31"})
        opens = {
            tile["key"]: tile["opens"]
            for group in theirs.tiles
            for tile in group["figures"]
        }
        readable = self.Line.with_user(self.accountant).has_access("read")
        self.assertEqual(opens["salaire_moyen"], readable)
        if readable:
            found = self.Line.with_user(self.accountant).search(action["domain"])
            with self.assertRaises(AccessError):
                found.mapped("gross")
