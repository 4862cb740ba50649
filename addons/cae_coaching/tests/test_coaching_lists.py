from datetime import date

from odoo.tests import freeze_time

from .support_common import SupportCommon, support_tagged

NOW = "2026-06-15 09:00:00"


@support_tagged
@freeze_time(NOW)
class TestCoachingLists(SupportCommon):
    """Lists of people take as many queries for many as for few."""

    def _crowd(self, count):
        """People with an old CAPE, and a CESA with an amendment."""
        people = self.env["cae.entrepreneur"].create(
            [
                {
                    "first_name": f"C{n}",
                    "last_name": "Crowd",
                    "date_entry": "2024-01-01",
                    "coach_id": self.users["coach"].id,
                }
                for n in range(count)
            ]
        )
        Contract = self.env["cae.contract"]
        for kind, start, end in (
            ("cape", "2024-01-01", "2024-12-31"),
            ("cesa", "2025-01-01", False),
        ):
            roots = Contract.create(
                [
                    {
                        "entrepreneur_id": person.id,
                        "kind": kind,
                        "date_start": start,
                        "date_end": end,
                    }
                    for person in people
                ]
            )
        Contract.create(
            [
                {
                    "entrepreneur_id": root.entrepreneur_id.id,
                    "parent_id": root.id,
                    "kind": "cesa",
                    "date_start": "2026-01-01",
                    "fixed_part": 500,
                }
                for root in roots
            ]
        )
        self.env.flush_all()
        return people

    def _spent(self, user, call):
        """Queries of a call, once what all calls share is known."""
        for _turn in range(2):
            self.env.invalidate_all()
            self._as(user, self.env["cae.entrepreneur"]).env.user.fetch(["name"])
            before = self.env.cr.sql_log_count
            call()
        return self.env.cr.sql_log_count - before

    def _columns(self):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_entrepreneur_action_mine"
        )
        view = next((v for v, kind in action["views"] if kind == "list"), False)
        People = self._as("head", self.env["cae.entrepreneur"])
        fields = People.get_views([(view, "list")])["models"][People._name]["fields"]
        asked = ("warning", "has_warning", "missing_document_count", "interview_state")
        return [name for name in (*asked, "alert_why", "path_state") if name in fields]

    def test_the_columns_of_many_people(self):
        names = self._columns()
        few, many = self._crowd(2), self._crowd(20)
        for user in ("head", "coach"):
            spent = [
                self._spent(user, lambda p=people, u=user: self._as(u, p).read(names))
                for people in (few, many)
            ]
            self.assertEqual(*spent, user)

    def test_filters_look_at_those_alone_who_may_be_found(self):
        people = self._crowd(12)
        person, away, left = people[:3]
        person.contract_ids.filtered("parent_id").unlink()
        cesa = person.contract_ids.filtered(lambda c: c.kind == "cesa")
        cesa.trial_end_date = "2026-07-01"
        self.env["cae.interruption"].create(
            [
                {"entrepreneur_id": away.id, "date_start": "2026-06-01"},
                {
                    "entrepreneur_id": left.id,
                    "kind": "away",
                    "date_start": "2026-06-01",
                },
            ]
        )
        Contract = self.env["cae.contract"]
        candidates = Contract.search(Contract._warning_candidates())
        self.assertIn(cesa, candidates.filtered("has_warning"))
        self.assertEqual(
            candidates, candidates.filtered_domain(Contract._warning_candidates())
        )
        People = self._as("coach", self.env["cae.entrepreneur"])
        here = [("id", "in", people.ids)]

        def found(*states):
            return People.search([("path_state", "in", states), *here])

        for states in (("interrupted",), ("left",), ("cesa",), ("cesa", "left")):
            expected = people.filtered(lambda p, s=states: p.path_state in s)
            self.assertEqual(found(*states).ids, expected.ids, states)
        self.assertEqual(found("interrupted").ids, away.ids)
        # No person is read to find those who are away.
        self.assertEqual(self._spent("coach", lambda: found("interrupted")), 1)

    def test_away_on_another_day(self):
        (person,) = self._crowd(1)
        person.date_exit = date(2026, 3, 31)
        People = self._as("coach", self.env["cae.entrepreneur"])
        for day, state in (("2026-03-31", "cesa"), ("2026-04-01", "left")):
            there = People.with_context(cae_day=day)
            self.assertIn(person.id, there.search([("path_state", "=", state)]).ids)

    def test_a_hand_over_writes_the_readers_together(self):
        def hand_over(people):
            self.env["cae.coaching.action"].create(
                [{"name": "Call", "entrepreneur_id": p.id} for p in people]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            people.write({"coach_id": self.users["other"].id})
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        hand_over(self._crowd(1))
        few, many = self._crowd(2), self._crowd(20)
        self.assertLessEqual(hand_over(many), hand_over(few) + 3)
        actions = self.env["cae.coaching.action"].search(
            [("entrepreneur_id", "in", many.ids)]
        )
        self.assertIn(self.users["other"], actions[0].coach_user_ids)
