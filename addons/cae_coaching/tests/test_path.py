from datetime import date

from odoo.tests import freeze_time

from .journey_common import JourneyCommon, journey_tagged


@journey_tagged
@freeze_time("2026-11-15")
class TestPath(JourneyCommon):
    """State of anyone at any date, interruptions, exits, returns, cohorts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._contract(cls.ines, "cape", "2025-01-01", "2025-12-31")
        cls._contract(cls.ines, "cesa", "2026-01-01")
        cls.pause = cls.env["cae.interruption"].create(
            {
                "entrepreneur_id": cls.ines.id,
                "kind": "parental",
                "date_start": "2026-03-01",
                "date_end": "2026-05-31",
            }
        )
        cls._contract(cls.yann, "cape", "2025-02-01", "2026-01-31")

    def _state(self, person, day):
        return person._states_at(date.fromisoformat(day))[person.id]

    def test_states_of_days(self):
        for day, state in (
            ("2024-12-31", ""),
            ("2025-06-01", "cape"),
            ("2026-02-28", "cesa"),
            ("2026-03-01", "interrupted"),
            ("2026-06-01", "cesa"),
        ):
            self.assertEqual(self._state(self.ines, day), state, day)

    def test_without_interruptions_the_state_today_is_the_stage(self):
        self.pause.unlink()
        people = self.ines | self.yann | self._person("J9", "Nina")
        self.assertEqual(
            [people._states_at(date(2026, 11, 15))[p.id] for p in people],
            people.mapped("stage"),
        )

    def test_search_as_of_a_date(self):
        people = self.env["cae.entrepreneur"].with_context(cae_day="2026-04-01")
        found = people.search([("path_state", "=", "interrupted")])
        self.assertEqual(found, self.ines)
        self.assertEqual(found.path_state, "interrupted")
        found = self.env["cae.entrepreneur"].search([("path_state", "=", "cesa")])
        self.assertEqual(found & (self.ines | self.yann), self.ines)

    def test_states_over_rpc_are_those_whom_one_sees(self):
        rows = self.env["cae.entrepreneur"].with_user(self.coach).states("2026-04-01")
        self.assertEqual(
            rows, [{"code": "J1", "name": "Inès Journey", "state": "interrupted"}]
        )
        people = self.env["cae.entrepreneur"].with_user(self.head)
        for odd in ("\ud800", ["\ud800"], ["\x00"], [None], 5):
            self.assertEqual(people.states("2026-04-01", odd), [])
        rows = people.states("2026-04-01")
        self.assertLessEqual({"J1", "J2"}, {row["code"] for row in rows})
        people = self.env["cae.entrepreneur"].with_user(self.coach)
        self._coded("CAE-PATH-DAY", people.states, "yesterday")

    def test_states_take_as_many_queries_for_many_as_for_few(self):
        people = self.env["cae.entrepreneur"].create(
            [
                {
                    "company_id": self.company.id,
                    "code": f"Q{n:03}",
                    "first_name": f"Q{n}",
                    "last_name": "Query",
                    "date_entry": "2025-01-01",
                }
                for n in range(60)
            ]
        )
        self.env["cae.contract"].create(
            [
                {
                    "entrepreneur_id": person.id,
                    "kind": "cape",
                    "date_start": "2025-01-01",
                }
                for person in people
            ]
        )
        people[:2]._states_at(date(2026, 1, 1))  # rights are read once
        self.env.flush_all()
        self.env["cae.contract"].invalidate_model()
        people.invalidate_recordset()
        with self.assertQueryCount(3):
            states = people._states_at(date(2026, 1, 1))
        self.assertEqual(set(states.values()), {"cape"})

    def test_report_at_a_date_lists_groups_and_exports(self):
        wizard = self.env["cae.path.report"].with_user(self.coach)
        wizard = wizard.create({"day": "2026-04-01"})
        action = wizard.action_open()
        lines = self.env["cae.path.report.line"].with_user(self.coach)
        found = lines.search(action["domain"])
        self.assertEqual(found.entrepreneur_id, self.ines)
        exported = found.export_data(["entrepreneur_id", "state", "day"])["datas"]
        self.assertEqual(exported[0][1], "Interrupted")
        grouped = lines.formatted_read_group(action["domain"], ["state"], ["__count"])
        self.assertEqual(grouped[0]["__count"], 1)
        # Lines of others are theirs.
        self._refused(found.with_user(self.other).read, ["state"])

    def test_interruptions_do_not_overlap(self):
        self._coded(
            "CAE-INTERRUPTION-OVERLAP",
            self.env["cae.interruption"].create,
            {"entrepreneur_id": self.ines.id, "date_start": "2026-05-31"},
        )
        self._coded(
            "CAE-INTERRUPTION-DATES", self.pause.write, {"date_end": "2026-02-01"}
        )

    def _move(self, person, operation, day, reason=None, user=None):
        wizard = self.env["cae.path.move"].with_user(user or self.head)
        wizard = wizard.create(
            {
                "entrepreneur_id": person.id,
                "operation": operation,
                "day": day,
                "exit_reason_id": reason and reason.id,
            }
        )
        return wizard.action_confirm()

    def test_exit_ends_contracts_and_a_return_keeps_the_time_away(self):
        reason = self.env.ref("cae_base.exit_reason_job")
        self._coded(
            "CAE-EXIT-REASON-MISSING", self._move, self.ines, "exit", "2026-06-30"
        )
        self._move(self.ines, "exit", "2026-06-30", reason)
        cesa = self.ines.contract_ids.filtered(lambda c: c.kind == "cesa")
        self.assertEqual(str(cesa.date_end), "2026-06-30")
        self.assertEqual(self.ines.stage, "left")
        self.assertEqual(self.ines.exit_reason_id, reason)
        self._coded("CAE-EXIT-DAY", self._move, self.ines, "exit", "2026-07-30", reason)
        self._coded("CAE-RETURN-DAY", self._move, self.ines, "return", "2026-06-30")
        self._move(self.ines, "return", "2026-10-01")
        self._contract(self.ines, "cape", "2026-10-01", "2026-12-31")
        for day, state in (("2026-08-01", "left"), ("2026-10-01", "cape")):
            self.assertEqual(self._state(self.ines, day), state)
        away = self.ines.interruption_ids.filtered(lambda i: i.kind == "away")
        self.assertEqual(away.exit_reason_id, reason)
        self._coded("CAE-RETURN-DAY", self._move, self.ines, "return", "2026-11-01")

    def test_coaches_do_not_note_exits(self):
        self._refused(self._move, self.ines, "exit", "2026-06-30", None, self.coach)
        reason = self.env.ref("cae_base.exit_reason_job")
        leave = self.ines.with_user(self.coach)._leave
        self._coded("CAE-COACHING-RIGHT", leave, date(2026, 6, 30), reason)

    def test_cohort_counts_conversions_and_who_lasts(self):
        old = self._person("J5", "Olga", date_entry="2022-02-01")
        old.write(
            {
                "date_exit": "2023-01-31",
                "exit_reason_id": self.env.ref("cae_base.exit_reason_company").id,
            }
        )
        cohorts = self.env["cae.cohort"].create(
            [
                {
                    "name": year,
                    "company_id": self.company.id,
                    "date_start": f"{year}-01-01",
                    "date_end": f"{year}-12-31",
                }
                for year in ("2022", "2025")
            ]
        )
        before, last = cohorts.sorted("date_start")
        self.assertLessEqual(self.ines | self.yann, last.entrepreneur_ids)
        self.assertEqual(last.cesa_12, "0 / 2")
        self.assertEqual(last.cesa_18, "1 / 2")
        # Nobody entered twenty-four months ago.
        self.assertEqual(last.cesa_24, "not known yet")
        self.assertEqual(before.cesa_24, "0 / 1")
        self.assertEqual(last.ripe_count, 0)
        self.assertEqual(before.entrepreneur_ids, old)
        self.assertEqual((before.ripe_count, before.lasting_count), (1, 1))
        self.assertEqual((before.left_count, before.present_count), (1, 0))
        mine = last.with_user(self.coach)
        self.assertEqual(mine.entrepreneur_ids, self.ines)

    def test_path_is_written_on_the_form_of_the_person(self):
        html = str(self.ines.with_user(self.coach).path_html)
        self.assertIn("Interrupted", html)

    def test_others_read_neither_interruptions_nor_exit_interviews(self):
        interview = self.env["cae.exit.interview"].create(
            {"entrepreneur_id": self.ines.id, "date": "2026-06-01"}
        )
        for record in (self.pause, interview):
            self.assertTrue(record.with_user(self.coach).read())
            self.assertTrue(record.with_user(self.head).read())
            for user in (self.other, self.accountant, self.officer, self.holder):
                self._refused(record.with_user(user).read, [])
        # And the person's own form opens for them as before.
        for user in (self.accountant, self.officer, self.holder):
            self.assertTrue(self.ines.with_user(user).read())
