from datetime import date

from odoo.tests import freeze_time

from .common import CaeCommon, cae_tagged


@cae_tagged
@freeze_time("2026-03-20")
class TestSocialReport(CaeCommon):
    """Figures of the social report: who counts, where, and how much."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["cae.exit.reason"].search([], limit=1)
        cls.ana = cls._person("Ana", "F", "1996-02-29", "2020-06-01")
        cls.bob = cls._person("Bob", "M", "2003-01-15", "2024-03-10", "2025-10-31")
        cls.cleo = cls._person("Cleo", "F", False, "2026-02-01")
        cls.people = cls.ana | cls.bob | cls.cleo
        cls.bob.exit_reason_id = cls.reason
        cls._contract(cls.ana, "cape", "2020-06-01", "2020-12-31")
        cls._contract(cls.ana, "cesa", "2021-01-01")
        cls._contract(cls.bob, "cape", "2024-03-10", "2025-03-09")
        cls._contract(cls.bob, "cesa", "2025-03-10", "2025-10-31")

    @classmethod
    def _person(cls, name, sex, birth, entry, leaving=False):
        return cls.env["cae.entrepreneur"].create(
            {
                "name": name,
                "sex": sex,
                "birth_date": birth,
                "date_entry": entry,
                "date_exit": leaving,
            }
        )

    @classmethod
    def _contract(cls, person, kind, start, end=False):
        return cls.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": kind,
                "date_start": start,
                "date_end": end,
            }
        )

    def _rows(self, figure, year=None):
        domain = [("figure", "=", figure), ("entrepreneur_id", "in", self.people.ids)]
        if year:
            domain.append(("year", "=", str(year)))
        return self.env["cae.social.figure"].search(domain)

    def test_headcount_at_the_end_of_each_year(self):
        people = {
            year: self._rows("headcount", year).entrepreneur_id
            for year in (2023, 2024, 2025, 2026)
        }
        self.assertEqual(people[2024], self.ana | self.bob)
        self.assertEqual(people[2025], self.ana)
        # This year: those of today.
        self.assertEqual(people[2026], self.ana | self.cleo)
        # The year asked for and the two before it.
        self.assertFalse(people[2023])

    def test_who_is_archived_without_having_left_is_not_counted(self):
        (self.bob | self.cleo).active = False
        people = self._rows("headcount").with_context(active_test=False).entrepreneur_id
        self.assertEqual(people, self.ana | self.bob)  # Bob was here
        self.assertNotIn(self.cleo, self._rows("average").entrepreneur_id)

    def test_headcounts_of_several_years_are_those_of_the_last(self):
        mine = ("entrepreneur_id", "in", self.people.ids)
        figures = self.env["cae.social.figure"]
        [[number]] = figures._read_group(
            [("figure", "=", "headcount"), mine], [], ["number:sum"]
        )
        self.assertEqual(number, 2)
        [[moves]] = figures._read_group(
            [("figure", "=", "hire"), mine], [], ["number:sum"]
        )
        self.assertEqual(moves, 2)

    def test_headcount_by_contract_sex_and_age(self):
        rows = {
            (row.entrepreneur_id, row.year): (row.kind, row.sex, row.age, row.seniority)
            for row in self._rows("headcount")
        }
        self.assertEqual(rows[self.bob, "2024"], ("cape", "M", "0", "0"))
        self.assertEqual(rows[self.ana, "2025"], ("cesa", "F", "25", "5"))
        # 30 on the 1st of March: she was born on the 29th of February.
        self.assertEqual(rows[self.ana, "2026"], ("cesa", "F", "30", "5"))
        self.assertEqual(rows[self.cleo, "2026"], ("none", "F", "unknown", "0"))

    def test_average_of_the_months(self):
        groups = self.env["cae.social.figure"]._read_group(
            [("figure", "=", "average"), ("entrepreneur_id", "in", self.people.ids)],
            ["year", "entrepreneur_id"],
            ["number:sum"],
        )
        numbers = {(year, person): number for year, person, number in groups}
        self.assertAlmostEqual(numbers["2024", self.ana], 1)
        self.assertAlmostEqual(numbers["2024", self.bob], 10 / 12)
        self.assertAlmostEqual(numbers["2025", self.bob], 10 / 12)
        # Two months that are over, and this one.
        self.assertAlmostEqual(numbers["2026", self.ana], 1)
        self.assertAlmostEqual(numbers["2026", self.cleo], 2 / 3)

    def test_entries_and_exits(self):
        entries = self._rows("entry")
        self.assertEqual(entries.entrepreneur_id, self.bob | self.cleo)
        leaving = self._rows("exit")
        self.assertEqual(leaving.entrepreneur_id, self.bob)
        self.assertEqual(
            (leaving.year, leaving.reason_id, leaving.kind, leaving.day),
            ("2025", self.reason, "cesa", date(2025, 10, 31)),
        )

    def test_contracts_begun_and_ended(self):
        begun = self._rows("hire")
        self.assertEqual(sorted(begun.mapped("kind")), ["cape", "cesa"])
        self.assertEqual(begun.entrepreneur_id, self.bob)
        ended = self._rows("end", 2025)
        self.assertEqual(sorted(ended.mapped("kind")), ["cape", "cesa"])
        # An amendment is no contract.
        root = self.ana.contract_ids.filtered(lambda c: c.kind == "cesa")
        self.env["cae.contract"].create(
            {
                "entrepreneur_id": self.ana.id,
                "parent_id": root.id,
                "kind": "cesa",
                "date_start": "2025-06-01",
            }
        )
        self.assertEqual(self._rows("hire"), begun)

    def test_rows_have_ids_of_their_own(self):
        rows = self.env["cae.social.figure"].search([])
        self.assertEqual(len(set(rows.ids)), len(rows))
        self.assertEqual(rows.exists(), rows)
        again = rows.browse(rows[-1].id)
        self.env.invalidate_all()
        self.assertTrue(again.figure)

    def test_payroll_officers_read_it_and_others_are_told_nothing(self):
        payroll = self._user("social_payroll", "group_payroll")
        rows = self._rows("headcount").with_user(payroll)
        self.assertTrue(rows.mapped("age"))
        menu = self.env.ref("cae_base.cae_social_figure_menu")
        seen = self.env["ir.ui.menu"]
        for role, expected in (
            ("accountant", False),
            ("coach", False),
            ("payroll", True),
        ):
            user = self._user(f"social_menu_{role}", f"group_{role}")
            found = seen.with_user(user)._visible_menu_ids()
            self.assertEqual(menu.id in found, expected, role)
