from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from .desk_common import NOW, DeskCommon
from .interview_common import interview_tagged


@interview_tagged
@freeze_time(NOW)
class TestHandOver(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = cls._coach("iv_new", email="new@example.com", name="Nora Neuf")
        cls.users["new"] = cls.new

    def _ask(self, user, people, **vals):
        wizard = self._as(user, self.env["cae.hand.over.ask"])
        return wizard.create(
            {
                "entrepreneur_ids": [Command.set(people.ids)],
                "coach_to_id": self.new.id,
                "reason": "New territory",
                "date": "2026-06-15",
                **vals,
            }
        )

    def _hand_over(self, user, people, **vals):
        self._ask(user, people, **vals).action_confirm()
        return self.env["cae.hand.over"].search([("entrepreneur_id", "in", people.ids)])

    def _coded(self, code, call):
        with self.assertRaises(UserError) as caught:
            call()
        self.assertIn(f"{code}:", str(caught.exception))

    def test_what_was_of_the_former_coach_goes_along(self):
        old = self.users["coach"]
        planned = self._interview(self.ines, start="2026-06-20 09:00:00")
        held = self._interview(self.ines, start="2026-06-02 09:00:00")
        held.action_held()
        both = self._interview(self.ines, self.lea, start="2026-06-21 09:00:00")
        planned, held, both = planned.sudo(), held.sudo(), both.sudo()
        action = self._action(self.ines, owner="coach")
        others = self._action(self.ines, user_id=self.users["other"].id)
        service = self._service(old, self.new)
        request = self._request(self.ines, service, old)
        own = self._request(self.ines, self._service(old), old)
        todo = self.ines.activity_schedule(
            "mail.mail_activity_data_todo", date(2026, 6, 18), user_id=old.id
        )
        self._alert(self.ines)._tell()
        self._hand_over("head", self.ines)
        self.assertEqual(self.ines.coach_id, self.new)
        self.assertEqual(planned.coach_ids, self.new)
        self.assertIn(self.new.partner_id, planned.event_id.partner_ids)
        self.assertNotIn(old.partner_id, planned.event_id.partner_ids)
        self.assertEqual(held.coach_ids, old)
        # Léa stays with the former coach: both are there.
        self.assertEqual(both.coach_ids, old | self.new)
        self.assertEqual(action.user_id, self.new)
        self.assertEqual(action.activity_ids.user_id, self.new)
        self.assertEqual(others.user_id, self.users["other"])
        self.assertEqual(request.user_id, self.new)
        self.assertEqual(own.user_id, old)
        self.assertEqual(todo.user_id, self.new)
        self.assertEqual(self.ines.alert_ids.activity_ids.user_id, self.new)

    def test_what_is_not_chosen_stays(self):
        old = self.users["coach"]
        planned = self._interview(self.ines, start="2026-06-20 09:00:00")
        action = self._action(self.ines)
        self._hand_over("head", self.ines, with_interviews=False, with_actions=False)
        self.assertEqual((planned.coach_ids, action.user_id), (old, old))

    def test_it_is_kept_who_when_and_why_and_both_are_told(self):
        move = self._hand_over("head", self.ines | self.lea)
        self.assertEqual(move.mapped("state"), ["done", "done"])
        first = move[0]
        self.assertEqual(first.coach_from_id, self.users["coach"])
        self.assertEqual(first.user_id, self.users["head"])
        self.assertEqual(first.reason, "New territory")
        self.assertIn("New territory", self.ines.message_ids[0].body)
        for coach in (self.users["coach"], self.new):
            told = self._told(coach, "Hand-over")
            self.assertEqual(len(told), 1)
            self.assertIn("Léa", told.body)
        self.assertIn("Nora Neuf", self._told(self.ines, "Your coach").body)

    def _told(self, who, subject):
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("partner_ids", "in", who.partner_id.ids),
                    ("subject", "like", subject),
                ]
            )
        )

    def test_the_person_sees_the_new_coach(self):
        self.assertEqual(
            self.users["ines"]._cae_coaches()[0]["name"], self.users["coach"].name
        )
        self._hand_over("head", self.ines)
        shown = self._as("ines", self.users["ines"])._cae_coaches()
        self.assertEqual(
            shown, [{"name": "Nora Neuf", "email": "new@example.com", "phone": False}]
        )

    def test_everybody_of_a_coach(self):
        ask = self._ask("head", self.yann, coach_from_id=self.users["coach"].id)
        ask._compute_entrepreneur_ids()
        self.assertEqual(ask.entrepreneur_ids, self.ines | self.lea)
        ask.action_confirm()
        self.assertEqual((self.ines | self.lea).coach_id, self.new)
        self.assertEqual(self.yann.coach_id, self.users["other"])

    def _candidates(self, *names, **vals):
        coach = self.users["coach"]
        return self.env["cae.candidate"].create(
            [
                {
                    "first_name": name,
                    "last_name": "Next",
                    "company_id": self.company.id,
                    "coach_id": coach.id,
                    **vals,
                }
                for name in names
            ]
        )

    def test_candidates_of_a_coach_go_along(self):
        old = self.users["coach"]
        awa, bob = self._candidates("Awa", "Bob")
        bob._decide("refused", self.env["cae.candidate.reason"].search([], limit=1))
        todo = awa.activity_schedule(
            "mail.mail_activity_data_todo", date(2026, 6, 18), user_id=old.id
        )
        ask = self._ask("head", self.yann, coach_from_id=old.id)
        ask._compute_entrepreneur_ids()
        self.assertEqual(ask.candidate_ids & (awa | bob), awa)
        ask.action_confirm()
        self.assertEqual((awa.coach_id, bob.coach_id), (self.new, old))
        self.assertEqual(todo.user_id, self.new)
        self.assertIn("New territory", awa.message_ids[0].body)
        self.assertIn("Awa Next", self._told(self.new, "Hand-over").body)
        move = awa.hand_over_ids
        self.assertEqual((move.company_id, move.state), (self.company, "done"))
        self.assertEqual(move.display_name, awa.display_name)

    def test_candidates_go_back_but_those_who_were_refused(self):
        awa, bob = self._candidates("Awa", "Bob")
        nobody = self.env["cae.entrepreneur"]
        self._ask(
            "coach",
            nobody,
            candidate_ids=[Command.set((awa | bob).ids)],
            temporary=True,
            date_end="2026-07-10",
        ).action_confirm()
        self.assertEqual((awa | bob).coach_id, self.new)
        bob._decide("refused", self.env["cae.candidate.reason"].search([], limit=1))
        with freeze_time("2026-07-11 03:00:00"):
            self.env["cae.hand.over"]._cron_apply()
        self.assertEqual((awa.coach_id, bob.coach_id), (self.users["coach"], self.new))
        self.assertEqual(bob.hand_over_ids.mapped("state"), ["back"])

    def _convert(self, candidate):
        candidate._decide("accepted")
        wizard = self.env["cae.candidate.conversion"].with_user(self.users["head"])
        wizard = wizard.with_company(self.company)
        wizard = wizard.create({"candidate_id": candidate.id, "make_activity": False})
        wizard.action_convert()
        return candidate.entrepreneur_id

    def test_who_is_converted_before_the_day_follows_it(self):
        awa, bob = self._candidates("Awa", "Bob")
        old, nobody = self.users["coach"], self.env["cae.entrepreneur"]
        given = {"candidate_ids": [Command.set((awa | bob).ids)]}
        self._ask("coach", nobody, date="2026-07-01", **given).action_confirm()
        person = self._convert(awa)
        self.assertEqual(person.coach_id, old)
        self.assertEqual(person.hand_over_ids.mapped("state"), ["planned"])
        with freeze_time("2026-07-01 03:00:00"):
            self.env["cae.hand.over"]._cron_apply()
        self.assertEqual((person.coach_id, bob.coach_id), (self.new, self.new))
        self.assertEqual(person.hand_over_ids.mapped("state"), ["done"])

    def test_who_is_converted_during_a_replacement_goes_back(self):
        awa = self._candidates("Awa")
        self._ask(
            "coach",
            self.env["cae.entrepreneur"],
            candidate_ids=[Command.set(awa.ids)],
            temporary=True,
            date_end="2026-07-10",
        ).action_confirm()
        person = self._convert(awa)
        self.assertEqual(person.coach_id, self.new)
        with freeze_time("2026-07-11 03:00:00"):
            self.env["cae.hand.over"]._cron_apply()
        self.assertEqual(person.coach_id, self.users["coach"])

    def test_an_undone_conversion_gives_the_hand_over_back(self):
        awa = self._candidates("Awa")
        given = {"candidate_ids": [Command.set(awa.ids)]}
        nobody = self.env["cae.entrepreneur"]
        self._ask("coach", nobody, date="2026-07-01", **given).action_confirm()
        person = self._convert(awa)
        awa.with_user(self.users["head"]).action_undo_conversion()
        self.assertFalse(person.exists())
        self.assertEqual(awa.hand_over_ids.mapped("state"), ["planned"])
        with freeze_time("2026-07-01 03:00:00"):
            self.env["cae.hand.over"]._cron_apply()
        self.assertEqual(awa.coach_id, self.new)

    def test_nobody_hands_over_candidates_of_others(self):
        awa = self._candidates("Awa", coach_id=self.users["other"].id)
        given = {"candidate_ids": [Command.set(awa.ids)]}
        nobody = self.env["cae.entrepreneur"]
        with self.assertRaises(AccessError):
            self._ask("coach", nobody, **given).action_confirm()
        self.assertEqual(awa.coach_id, self.users["other"])

    def test_one_that_lies_ahead_takes_place_on_its_day(self):
        move = self._hand_over("head", self.ines, date="2026-07-01")
        self.assertEqual(move.state, "planned")
        self.assertEqual(self.ines.coach_id, self.users["coach"])
        self._coded("CAE-HANDOVER-TWICE", self._ask("head", self.ines).action_confirm)
        with freeze_time("2026-07-01 03:00:00"):
            self.env["cae.entrepreneur"]._cron_refresh()
        self.assertEqual((move.state, self.ines.coach_id), ("done", self.new))

    def test_a_planned_one_is_cancelled_by_hand_or_when_it_no_longer_fits(self):
        move = self._hand_over("head", self.ines, date="2026-07-01")
        self._as("head", move).action_cancel()
        self.assertEqual(move.state, "cancelled")
        self._coded("CAE-HANDOVER-STATE", self._as("head", move).action_cancel)
        later = self._hand_over("head", self.lea, date="2026-07-01")
        self.new.active = False
        with freeze_time("2026-07-02 03:00:00"):
            self.env["cae.hand.over"]._cron_apply()
        self.assertEqual(later.state, "cancelled")
        self.assertEqual(self.lea.coach_id, self.users["coach"])

    def test_a_replacement_goes_back(self):
        planned = self._interview(self.ines, start="2026-07-20 09:00:00").sudo()
        move = self._hand_over(
            "coach", self.ines, temporary=True, date_end="2026-07-10"
        )
        self.assertEqual(self.ines.coach_id, self.new)
        with freeze_time("2026-07-10 03:00:00"):
            self.env["cae.hand.over"]._cron_apply()
        self.assertEqual(self.ines.coach_id, self.new)
        with freeze_time("2026-07-11 03:00:00"):
            self.env["cae.hand.over"]._cron_apply()
        self.assertEqual(self.ines.coach_id, self.users["coach"])
        self.assertEqual(planned.coach_ids, self.users["coach"])
        self.assertEqual(move.state, "back")
        self.assertEqual(len(self.ines.hand_over_ids), 2)

    def test_a_replacement_moves_the_interviews_of_its_days_alone(self):
        last, later = (
            self._interview(self.ines, start=f"2026-07-{day} 09:00:00").sudo()
            for day in (10, 20)
        )
        self._hand_over("coach", self.ines, temporary=True, date_end="2026-07-10")
        self.assertEqual(last.coach_ids, self.new)
        self.assertEqual(later.coach_ids, self.users["coach"])
        with freeze_time("2026-07-11 03:00:00"):
            self.env["cae.hand.over"]._cron_apply()
        self.assertEqual(later.coach_ids, self.users["coach"])

    def test_private_notes_stay_unless_their_author_shares_them(self):
        planned = self._interview(self.ines, start="2026-06-20 09:00:00")
        planned.private_note = "Worried about the rent"
        note = planned.sudo().note_ids
        self._hand_over("head", self.ines, share_notes=True)
        read = self._as("new", planned)
        # The head is not the author: nothing was shared.
        self.assertFalse(read.shared_note)
        self.assertFalse(self._as("new", note).has_access("read"))

    def test_the_author_may_share_the_own_notes(self):
        planned = self._interview(self.ines, start="2026-06-20 09:00:00")
        planned.private_note = "Worried about the rent"
        note = planned.sudo().note_ids
        self._hand_over("coach", self.ines, share_notes=True)
        self.assertIn("Worried about the rent", self._as("new", planned).shared_note)
        self.assertFalse(self._as("new", planned).private_note)
        self.assertFalse(self._as("new", note).has_access("write"))
        self.assertFalse(self._as("other", note).has_access("read"))
        self.assertEqual(note.user_id, self.users["coach"])

    def test_coded_errors(self):
        gone = self._coach("iv_gone", active=False)
        cases = (
            ("CAE-HANDOVER-COACH", {"coach_to_id": gone.id}),
            ("CAE-HANDOVER-COACH", {"coach_to_id": self.users["accountant"].id}),
            ("CAE-HANDOVER-COACH", {"coach_to_id": False}),
            ("CAE-HANDOVER-SAME", {"coach_to_id": self.users["coach"].id}),
            ("CAE-HANDOVER-REASON", {"reason": "  "}),
            ("CAE-HANDOVER-DATES", {"date": "2026-06-14"}),
            ("CAE-HANDOVER-DATES", {"date": "2028-01-01"}),
            ("CAE-HANDOVER-DATES", {"temporary": True}),
            ("CAE-HANDOVER-DATES", {"temporary": True, "date_end": "2026-06-01"}),
            ("CAE-HANDOVER-PEOPLE", {"entrepreneur_ids": [Command.clear()]}),
        )
        for code, vals in cases:
            with self.subTest(code=code, vals=vals):
                self._coded(code, self._ask("head", self.ines, **vals).action_confirm)
        self.assertEqual(self.ines.coach_id, self.users["coach"])
        self.assertFalse(self.ines.hand_over_ids)

    def test_a_coach_hands_over_own_people_and_nobody_else_does(self):
        self._hand_over("other", self.yann)
        self.assertEqual(self.yann.coach_id, self.new)
        with self.assertRaises(AccessError):
            self._ask("other", self.ines).action_confirm()
        for user in ("ines", "accountant", "payroll"):
            with self.subTest(user=user), self.assertRaises(AccessError):
                self._ask(user, self.ines)

    def test_a_colleague_of_the_team_reads_and_does_not_hand_over(self):
        team = self.env["cae.team"].create(
            {"name": "North", "user_ids": [Command.set(self.users["other"].ids)]}
        )
        self.ines.team_id = team
        self._coded("CAE-ACCESS", self._ask("other", self.ines).action_confirm)

    def test_nobody_writes_on_the_log(self):
        move = self._hand_over("head", self.ines)
        for user in ("head", "coach"):
            for call in (
                lambda log: log.write({"reason": "x"}),
                lambda log: log.unlink(),
            ):
                with self.subTest(user=user), self.assertRaises(AccessError):
                    call(self._as(user, move))
        self.assertFalse(
            self._as("other", self.env["cae.hand.over"]).search(
                [("id", "in", move.ids)]
            )
        )
        with self.assertRaises(AccessError):
            self._as("ines", move).read(["reason"])

    def test_many_people_cost_a_query_for_a_thing_and_not_for_a_person(self):
        people = self.env["cae.entrepreneur"].create(
            [
                {
                    "first_name": f"P{number}",
                    "last_name": "Many",
                    "date_entry": "2026-01-01",
                    "coach_id": self.users["coach"].id,
                }
                for number in range(40)
            ]
        )
        self.env.flush_all()
        costs = []
        for some in (people[:4], people[4:]):
            ask = self._ask("head", some, tell_people=False)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            ask.action_confirm()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLess(costs[1], costs[0] + 3 * 32)
