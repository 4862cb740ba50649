from datetime import datetime

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import freeze_time
from odoo.tools import SQL

from .desk_common import NOW, DeskCommon
from .interview_common import interview_tagged

PERIOD_FIELDS = ["coaching_state", "coaching_why", "next_interview_date"]


@interview_tagged
@freeze_time(NOW)
class TestUrgency(DeskCommon):
    """Who is in trouble, and why in one line."""

    def _why(self, person, user="coach"):
        self.env.flush_all()
        return self._as(user, person).coaching_why

    def test_late_interviews_are_trouble_and_their_sentence_says_the_law(self):
        self.assertEqual(self.ines.coaching_state, "trouble")
        self.assertEqual(self.ines.coaching_reason, "interview")
        why = self._why(self.ines)
        self.assertIn("2 interview(s) of the year late since 02/28/2026", why)
        self.assertIn("R.7331-3", why)

    def test_who_lacks_nothing_is_well(self):
        self.assertEqual(self.lea.coaching_state, "well")
        self.assertFalse(self._why(self.lea))

    def test_an_alert_makes_trouble_and_its_rest_ends_it(self):
        alert = self._alert(self.lea)
        self.assertEqual(self.lea.coaching_state, "trouble")
        self.assertEqual(self._why(self.lea), "No invoice for 3 months")
        self._as("coach", alert).action_rest("2026-07-01", "On leave")
        self.assertEqual(self.lea.coaching_state, "well")

    def test_the_sentence_is_of_the_reason_that_is_stored(self):
        alert = self._alert(self.lea)
        self._action(self.lea)
        self.assertEqual(self.lea.coaching_alert_id, alert)
        alert.state = "closed"
        self.assertFalse(self.lea.coaching_alert_id)
        self.assertEqual(
            (self.lea.coaching_reason, self.lea.coaching_count), ("action", 1)
        )
        self.assertEqual(str(self.lea.coaching_day), "2026-06-01")
        self.assertIn("1 late action", self._why(self.lea))

    def test_a_legal_term_is_soon_then_trouble(self):
        alert = self._alert(self.lea, "membership", deadline="2026-12-31", facts={})
        self.assertEqual(self.lea.coaching_state, "soon")
        alert.urgency = "2"
        self.assertEqual(self.lea.coaching_state, "trouble")

    def test_late_actions_and_reports_are_due_soon(self):
        action = self._action(self.lea)
        self.assertEqual(self.lea.coaching_state, "soon")
        self.assertIn("1 late action", self._why(self.lea))
        action.action_done()
        self.assertEqual(self.lea.coaching_state, "well")
        self._interview(self.lea, start="2026-05-10 09:00:00").action_held()
        self.assertEqual(self.lea.coaching_reason, "report")

    def test_missing_documents_are_due_soon_and_named(self):
        kind = self.env["cae.document.type"].create(
            {"name": "Insurance", "mandatory": True, "for_cesa": True}
        )
        self.env["cae.entrepreneur"]._refresh_coaching_state(self.company)
        self.assertEqual(self.lea.coaching_state, "soon")
        self.assertEqual(self._why(self.lea), "Missing: Insurance")
        self.env["cae.person.document"].create(
            {"type_id": kind.id, "entrepreneur_id": self.lea.id}
        )
        self.assertEqual(self.lea.coaching_state, "well")

    def test_a_planned_interview_is_the_next_appointment(self):
        self._interview(self.lea, start="2026-06-20 09:00:00")
        person = self._as("coach", self.lea)
        self.assertEqual(person.next_interview_date, datetime(2026, 6, 20, 9))

    def test_who_left_has_no_urgency(self):
        self.ines.write(
            {
                "date_exit": "2026-06-01",
                "exit_reason_id": self.env["cae.exit.reason"].search([], limit=1).id,
            }
        )
        self.assertFalse(self.ines.coaching_state)

    def test_the_nightly_run_sees_what_time_changes_and_says_when(self):
        action = self._action(self.lea, day="2026-06-20")
        self.assertEqual(self.lea.coaching_state, "well")
        with freeze_time("2026-06-22 03:00:00"):
            self.Alert._refresh(self.company)
            self.assertEqual(self.lea.coaching_reason, "action")
            as_of = self._as("coach", self.lea).coaching_as_of
            self.assertEqual(as_of, datetime(2026, 6, 22, 3))
        self.assertTrue(action.exists())

    def test_states_are_searched_and_grouped(self):
        people = self._as("head", self.env["cae.entrepreneur"])
        mine = [("id", "in", (self.ines | self.yann | self.lea).ids)]
        found = people.search([*mine, ("coaching_state", "=", "trouble")])
        self.assertEqual(found, self.ines | self.yann)
        rows = people._read_group(mine, ["coaching_state"], ["__count"])
        self.assertEqual(dict(rows), {"trouble": 2, "well": 1})
        people = people.with_context(read_group_expand=True)
        groups = people.web_read_group(mine, ["coaching_state"], [])["groups"]
        self.assertEqual(
            [group["coaching_state"] for group in groups], ["trouble", "soon", "well"]
        )

    def test_a_page_of_people_costs_the_same_for_three_as_for_thirty(self):
        for number in range(27):
            person = self.env["cae.entrepreneur"].create(
                {
                    "first_name": f"P{number}",
                    "last_name": "Many",
                    "date_entry": "2026-01-01",
                    "coach_id": self.users["coach"].id,
                }
            )
            self.env["cae.contract"].create(
                {
                    "entrepreneur_id": person.id,
                    "kind": "cesa",
                    "date_start": "2025-03-01",
                }
            )
            self._alert(person)
            self._action(person)
        self.env.flush_all()
        few, many = self._queries(3), self._queries(30)
        self.assertLessEqual(many, few + 2)
        self.assertLess(many, 40)

    def _queries(self, count):
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        people = self._as("coach", self.env["cae.entrepreneur"])
        wanted = {name: {} for name in (*PERIOD_FIELDS, "held_names", "coaching_as_of")}
        people.web_search_read([], wanted, limit=1)  # what is cached for all
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        people.web_search_read([], wanted, limit=count)
        return self.env.cr.sql_log_count - before

    def test_a_coach_sees_own_people_and_an_entrepreneur_nothing(self):
        people = self._as("coach", self.env["cae.entrepreneur"])
        found = people.search([("coaching_state", "=", "trouble")])
        self.assertIn(self.ines, found)
        self.assertNotIn(self.yann, found)
        with self.assertRaises(AccessError):
            self._as("ines", self.ines).read(["coaching_state"])
        with self.assertRaises(AccessError):
            self._as("accountant", self.ines).read(["coaching_why"])
        with self.assertRaises(AccessError):
            self._as("ines", self.env["cae.entrepreneur"]).search(
                [("coaching_state", "=", "trouble")]
            )


@interview_tagged
@freeze_time(NOW)
class TestTasks(DeskCommon):
    """What is due this week."""

    def _tasks(self, user="coach", *domain):
        return self._as(user, self.env["cae.coaching.task"]).search(list(domain))

    def _of(self, user, person, *domain):
        tasks = self._tasks(user, ("entrepreneur_id", "=", person.id), *domain)
        return {task.kind: task for task in tasks}

    def test_each_kind_opens_its_very_record(self):
        planned = self._interview(self.lea, start="2026-06-16 09:00:00")
        held = self._interview(self.lea, start="2026-06-02 09:00:00")
        held.action_held()
        shared = self._shared(self.lea, start="2026-06-03 09:00:00")
        action = self._action(self.lea, day="2026-06-19")
        alert = self._alert(self.lea)
        request = self._request(
            self.lea, self._service(self.users["coach"]), self.users["coach"]
        )
        kind = self.env["cae.document.type"].search([], limit=1)
        document = self.env["cae.person.document"].create(
            {
                "type_id": kind.id,
                "entrepreneur_id": self.lea.id,
                "date_received": "2026-01-01",
                "date_expiry": "2026-06-18",
            }
        )
        self.lea.activity_schedule(
            "mail.mail_activity_data_todo",
            datetime(2026, 6, 18).date(),
            summary="Call",
            user_id=self.users["coach"].id,
            automated=False,
        )
        found = self._of("coach", self.lea)
        records = {
            "interview": planned,
            "report": held,
            "sign": shared,
            "action": action,
            "alert": alert,
            "request": request,
            "expiry": document,
            "todo": self.lea,
        }
        self.assertEqual(sorted(found), sorted(records))
        for kind, record in records.items():
            with self.subTest(kind=kind):
                opened = found[kind].action_open()
                self.assertEqual(
                    (opened["res_model"], opened["res_id"]), (record._name, record.id)
                )
                self.assertTrue(found[kind].what)
                self.assertTrue(found[kind].mine)
        self.assertEqual(found["interview"].due, "now")
        self.assertEqual(found["report"].due, "late")
        self.assertEqual(found["action"].what, "Send the quotes")
        self.assertEqual(found["alert"].what, "No invoice for 3 months")

    def test_the_duty_is_there_when_it_presses(self):
        self.assertNotIn("duty", self._of("coach", self.lea))
        task = self._of("coach", self.ines)["duty"]
        self.assertEqual(
            (task.due, task.action_open()["res_id"]), ("late", self.ines.id)
        )
        plan = task.action_plan_interview()["context"]
        self.assertEqual(plan["default_entrepreneur_ids"][0][2], self.ines.ids)
        with freeze_time("2027-02-10 09:00:00"):
            self.env["cae.entrepreneur"]._refresh_interview_duty()
            self.assertIn("duty", self._of("coach", self.lea))

    def test_what_is_done_goes_away(self):
        action = self._action(self.lea)
        self.assertIn("action", self._of("coach", self.lea))
        action.action_done()
        self.assertNotIn("action", self._of("coach", self.lea))

    def test_a_renewed_document_does_not_expire(self):
        kind = self.env["cae.document.type"].search([], limit=1)
        values = {"type_id": kind.id, "entrepreneur_id": self.lea.id}
        documents = self.env["cae.person.document"]
        documents.create(
            {**values, "date_received": "2026-01-01", "date_expiry": "2026-06-18"}
        )
        self.assertIn("expiry", self._of("coach", self.lea))
        documents.create(
            {**values, "date_received": "2026-06-01", "date_expiry": "2028-06-18"}
        )
        self.assertNotIn("expiry", self._of("coach", self.lea))
        documents.create({**values, "state": "received"})
        self.assertIn("check", self._of("coach", self.lea))

    def test_workshops_of_the_trainer_and_their_sheets(self):
        event = self._workshop(self.users["coach"])
        task = self._tasks("coach", ("kind", "=", "workshop"), ("mine", "=", True))
        self.assertEqual(task.event_id, event)
        self.assertEqual(task.action_open()["res_id"], event.cae_session_ids.id)
        self.assertFalse(self._tasks("other", ("event_id", "=", event.id)))

    def test_filters_of_the_week(self):
        self._action(self.lea, day="2026-06-14", name="Late")
        self._action(self.lea, day="2026-06-21", name="Sunday")
        self._action(self.lea, day="2026-06-22", name="Monday")
        self._action(self.lea, day=False, name="Some day")
        tasks = self._tasks("coach", ("kind", "=", "action"))
        self.assertEqual(
            {task.what: task.due for task in tasks},
            {"Late": "late", "Sunday": "now", "Monday": "soon", "Some day": "without"},
        )
        model = self._as("coach", self.env["cae.coaching.task"])
        rows = model._read_group([("kind", "=", "action")], ["due"], ["__count"])
        self.assertEqual([row[0] for row in rows], ["late", "now", "soon", "without"])

    def test_mine_is_what_i_do_and_the_others_of_my_people(self):
        other = self.users["other"]
        self._action(self.ines, name="Of the other", user_id=other.id)
        self.assertIn("action", self._of("coach", self.ines))
        self.assertNotIn("action", self._of("coach", self.ines, ("mine", "=", True)))
        self.assertTrue(
            self._tasks("other", ("mine", "=", True), ("kind", "=", "duty"))
        )

    def test_rights(self):
        self._action(self.yann)
        self.assertFalse(self._of("coach", self.yann))
        self.assertIn("action", self._of("head", self.yann))
        for user in ("ines", "accountant", "payroll", "secretary"):
            with self.subTest(user=user), self.assertRaises(AccessError):
                self._tasks(user)
        company = self.env["res.company"].create({"name": "Another"})
        head = self.env["cae.coaching.task"].with_user(self.users["head"])
        self.assertFalse(head.search([("company_id", "=", company.id)]))

    def test_rows_found_for_a_coach_are_their_own_and_of_their_people(self):
        coach, other = self.users["coach"], self.users["other"]
        team = self.env["cae.team"].create(
            {"name": "West", "user_ids": [Command.set(coach.ids)]}
        )
        marc = self._person("Marc", coach="other")
        marc.team_id = team
        kind = self.env["cae.document.type"].search([], limit=1)
        for person in (self.lea, self.yann, marc):
            by = {"coach": "coach" if person == self.lea else "other"}
            self._interview(person, start="2026-06-16 09:00:00", **by)
            self._interview(person, start="2026-06-02 09:00:00", **by).action_held()
            self._action(person, user_id=other.id)
            self._alert(person)
            self._request(person, self._service(coach, other), other)
            self.env["cae.person.document"].create(
                {
                    "type_id": kind.id,
                    "entrepreneur_id": person.id,
                    "date_expiry": "2026-06-18",
                }
            )
        self._action(self.yann, name="Of the coach", user_id=coach.id)
        self.env.flush_all()
        own = (
            *("user_id", "entrepreneur_id.coach_id", "interview_id.coach_ids"),
            *("entrepreneur_id.team_id.user_ids", "event_id.cae_trainer_ids.user_ids"),
        )
        given = Domain.OR(Domain(path, "=", coach.id) for path in own)
        tasks = self.env["cae.coaching.task"].sudo()
        expected = tasks.search(Domain("company_id", "=", self.company.id) & given)
        self.assertEqual(self._tasks("coach"), expected)
        self.env.invalidate_all()
        self.assertEqual(len(expected.with_user(coach).read(["date"])), len(expected))
        with self.assertRaises(AccessError):
            (tasks.search([]) - expected).with_user(coach).read(["date"])
        of = expected.entrepreneur_id
        self.assertEqual(of & (self.lea | self.yann | marc), of - self.ines)
        self.assertIn(marc, of)

    def test_a_list_costs_the_same_for_many(self):
        for number in range(30):
            self._action(self.lea, name=f"No. {number}")
            self._alert(self.lea, state="closed")
        self.env.flush_all()
        costs = []
        for limit in (5, 30):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._as("coach", self.env["cae.coaching.task"]).web_search_read(
                [("kind", "=", "action")], {"what": {}, "date": {}, "due": {}}, limit
            )
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 1)
        self.assertLess(costs[1], 12)


@interview_tagged
@freeze_time(NOW)
class TestWorkload(DeskCommon):
    def _rows(self, user, *groups):
        model = self._as(user, self.env["cae.coach.workload"])
        return model._read_group(
            [("user_id", "in", [u.id for u in self.users.values()])],
            groups,
            [
                *("people:sum", "people_late:sum", "held:sum", "planned:sum"),
                *("hours_done:sum", "hours_planned:sum"),
            ],
        )

    def test_all_queries_have_columns_of_the_same_types(self):
        """Else PostgreSQL makes each row whole, also columns that nobody asked for."""
        for queries in (
            self.env["cae.coach.workload"]._work_queries(),
            self.env["cae.person.hours"]._hours_queries(),
            self.env["cae.coaching.task"]._task_queries(fields.Date.today()),
        ):
            types = set()
            own = self.env["cae.coaching.task"]._own()
            for query in queries:
                self.env.cr.execute(
                    SQL("%s SELECT q.* FROM (%s) q LIMIT 0", own, query)
                )
                types.add(tuple(c.type_code for c in self.env.cr.description))
            self.assertEqual(len(types), 1, types)

    def test_people_interviews_and_hours_count_once(self):
        interview = self._interview(self.lea, start="2026-06-02 09:00:00")
        interview.action_held()
        self._interview(self.lea, start="2026-07-02 09:00:00")
        self._workshop(self.users["coach"])
        times = self.env["cae.coach.time"].with_user(self.users["coach"])
        times.action_fill()  # repeats the interview: it is not counted again
        times.create({"name": "Call", "hours": 0.5, "date": "2026-06-05"})
        self.env["cae.service.time"].create(
            {
                "service_id": self._service(self.users["coach"]).id,
                "user_id": self.users["coach"].id,
                "hours": 2,
                "date": "2026-06-05",
            }
        )
        rows = {row[0]: row[1:] for row in self._rows("head", "user_id")}
        # The half-day of the seventeenth is still to come.
        done = interview.duration + 0.5 + 2
        planned = interview.duration + 3.5
        self.assertEqual(rows[self.users["coach"]], (2, 1, 1, 1, done, planned))
        self.assertEqual(rows[self.users["other"]][:2], (1, 1))

    def test_hours_planned_become_hours_done(self):
        interview = self._interview(self.lea, start="2026-06-16 09:00:00")
        self._workshop(self.users["coach"])
        planned = interview.duration + 3.5
        hours = {row[0]: row[-2:] for row in self._rows("head", "user_id")}
        self.assertEqual(hours[self.users["coach"]], (0, planned))
        with freeze_time("2026-06-18 09:00:00"):
            interview.action_held()
            self.env.flush_all()
            hours = {row[0]: row[-2:] for row in self._rows("head", "user_id")}
        self.assertEqual(hours[self.users["coach"]], (planned, 0))

    def test_a_coach_sees_the_own_lines(self):
        rows = self._rows("coach", "user_id")
        self.assertEqual([row[0] for row in rows], [self.users["coach"]])
        with self.assertRaises(AccessError):
            self._rows("ines", "user_id")
