from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time
from odoo.tools.safe_eval import safe_eval

from .desk_common import NOW, DeskCommon
from .interview_common import interview_tagged


@interview_tagged
@freeze_time(NOW)
class TestReadyQueries(DeskCommon):
    """The questions that CAEs ask of their people: who is found."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lea.date_entry = "2026-04-01"
        cls.reason = cls.env["cae.exit.reason"].search([], limit=1)
        cls.yann.write({"date_exit": "2026-03-31", "exit_reason_id": cls.reason.id})
        cls.people = cls.ines | cls.yann | cls.lea

    def _answer(self, question, first="2026-01-01", last="2026-12-31", user="head"):
        wizard = self._as(user, self.env["cae.coaching.question"]).create(
            {"question": question, "date_start": first, "date_end": last}
        )
        action = wizard.action_open()
        self.assertIn("2", action["display_name"])
        model = self.env[action["res_model"]].with_context(**action["context"])
        return self._as(user, model).search(action["domain"])

    def _people(self, *args, **kwargs):
        return self._answer(*args, **kwargs) & self.people

    def test_active_people(self):
        self.assertEqual(self._people("active"), self.people)
        self.assertEqual(
            self._people("active", "2025-01-01", "2025-12-31"), self.ines | self.yann
        )
        self.assertEqual(
            self._people("active", "2026-04-01", "2026-12-31"), self.ines | self.lea
        )

    def test_supported_people_were_at_an_interview_or_a_workshop(self):
        self._interview(self.ines, start="2026-02-10 09:00:00").action_held()
        self._interview(self.lea, start="2026-12-10 09:00:00")
        self.assertEqual(self._people("supported"), self.ines)
        self.assertFalse(self._people("supported", "2026-03-01", "2026-12-31"))
        self._attended(self.lea)
        self.assertEqual(self._people("supported"), self.ines | self.lea)
        self.assertEqual(
            self._people("either", "2026-04-01", "2026-12-31"), self.ines | self.lea
        )

    def _attended(self, person):
        event = self._workshop(self.users["coach"], day="2026-06-17")
        event._cae_sign_up_person(person, "Learn")
        lines = self.env["cae.workshop.attendance"].search(
            [("event_id", "=", event.id)]
        )
        self.assertEqual(lines.entrepreneur_id, person)
        lines._cae_own().write({"state": "present"})

    def test_entries_and_exits(self):
        self.assertEqual(self._people("entered"), self.lea)
        self.assertEqual(self._people("exited"), self.yann)
        self.assertFalse(self._people("exited", "2026-04-01"))

    def test_who_left_and_came_back_had_left(self):
        self.lea.write({"date_entry": "2025-01-01", "date_exit": "2025-06-30"})
        self._as("head", self.lea)._come_back(fields.Date.to_date("2026-03-01"))
        left = self._people("exited", "2025-06-01", "2025-06-30")
        self.assertEqual(left, self.lea)
        self.assertFalse(self._people("exited", "2025-07-01", "2025-12-31"))
        self.assertNotIn(self.lea, self._people("active", "2025-07-01", "2026-02-28"))
        self.assertIn(self.lea, self._people("active", "2025-06-30", "2026-02-28"))
        self.assertIn(self.lea, self._people("active", "2026-03-01", "2026-12-31"))

    def test_contracts_amendments_and_ends(self):
        contract = self.lea.contract_ids
        contract.date_signature = "2026-03-20"
        self.assertEqual(self._answer("contracts") & contract, contract)
        self.assertFalse(self._answer("contracts", "2026-04-01") & contract)
        # Of contracts that were imported the signature is often not known.
        contract.date_signature = False
        self.assertEqual(self._answer("contracts", "2026-04-01") & contract, contract)
        self.assertFalse(self._answer("contracts", "2026-04-02") & contract)
        amendment = self.env["cae.contract"].create(
            {
                "entrepreneur_id": self.lea.id,
                "parent_id": contract.id,
                "kind": "cesa",
                "date_start": "2026-05-01",
                "fixed_part": 500,
            }
        )
        self.assertEqual(self._answer("amendments") & amendment, amendment)
        self.assertFalse(self._answer("contracts") & amendment)

    def test_a_coach_finds_own_people(self):
        self.assertEqual(self._people("active", user="coach"), self.ines | self.lea)
        self.assertEqual(self._answer("exited", user="other") & self.people, self.yann)

    def test_a_period_that_is_none(self):
        for first, last in (("2026-02-01", "2026-01-01"), ("2000-01-01", "2026-01-01")):
            with self.assertRaises(UserError) as caught:
                self._answer("active", first, last)
            self.assertIn("CAE-QUESTION-DATES:", str(caught.exception))
        with self.assertRaises(AccessError):
            self._answer("active", user="ines")

    def _window(self, key):
        """Ids that a window of the menu shows by itself, and its model."""
        action = self.env.ref(f"cae_coaching.reporting_action_{key}")
        return self._as("head", self.env[action.res_model]).search(
            safe_eval(action.domain or "[]")
        )

    def test_windows_find_the_right_records(self):
        held = self._interview(self.ines, start="2026-02-10 09:00:00")
        held.action_held()
        planned = self._interview(self.ines, start="2026-07-10 09:00:00")
        unsigned = self._window("unsigned")
        self.assertIn(held, unsigned)
        self.assertNotIn(planned, unsigned)
        self.env["cae.document.type"].create(
            {"name": "Insurance", "mandatory": True, "for_cesa": True}
        )
        self.assertEqual(self._window("documents") & self.people, self.ines | self.lea)
        self.assertEqual(self._window("terms") & self.people, self.ines | self.lea)
        self.assertIn(held, self._linked(self._window("hours"), "held"))

    def _linked(self, rows, kind):
        """Interviews of the hours of a person."""
        people = rows.filtered(lambda row: row.kind == kind).entrepreneur_id
        return self.env["cae.interview"].search(
            [("entrepreneur_ids", "in", people.ids), ("state", "=", "held")]
        )

    def _hours(self, user):
        rows = self._as(user, self.env["cae.person.hours"])._read_group(
            [("entrepreneur_id", "in", self.people.ids)],
            ["entrepreneur_id"],
            ["hours:sum", "held:sum"],
        )
        return {person: tuple(sums) for person, *sums in rows}

    def test_hours_count_for_each_person_of_an_interview_and_once(self):
        both = self._interview(self.ines, self.yann, coach="head")
        both.action_held()
        # Two coaches there: the person had one hour all the same.
        both.coach_ids = self.users["coach"] | self.users["other"]
        self._attended(self.lea)
        times = self._as("coach", self.env["cae.coach.time"])
        times.action_fill()  # repeats the interview: it is not counted again
        call = {"name": "Call", "hours": 0.5, "date": "2026-06-05"}
        times.create({**call, "entrepreneur_id": self.ines.id})
        hours = both.duration
        found = self._hours("head")
        self.assertEqual(found[self.ines], (hours + 0.5, 1))
        self.assertEqual(found[self.yann], (hours, 1))
        self.assertEqual(found[self.lea][1], 0)
        self.assertGreater(found[self.lea][0], 0)
        self.assertEqual(set(self._hours("coach")), {self.ines, self.lea})
        with self.assertRaises(AccessError):
            self._hours("ines")

    def test_turnover_is_of_accounts_of_sales(self):
        self._document([(self.activities[0], 300)], day="2026-06-01")
        rows = self._window("turnover").filtered(
            lambda row: row.activity_id == self.activities[0]
        )
        self.assertEqual(sum(rows.mapped("earned")), 300)
        seen = self._as("coach", rows).mapped("earned")
        self.assertEqual(sum(seen), 300)

    def test_every_question_has_one_entry_and_its_search_knows_its_filters(self):
        windows = self.env["ir.actions.act_window"].browse(
            self.env["ir.model.data"]
            .search(
                [
                    ("module", "=", "cae_coaching"),
                    ("model", "=", "ir.actions.act_window"),
                    ("name", "=like", "reporting_action_%"),
                ]
            )
            .mapped("res_id")
        )
        self.assertGreaterEqual(len(windows), 20)
        for window in windows:
            context = safe_eval(window.context, {"uid": self.env.uid})
            names = {
                key.removeprefix("search_default_")
                for key in context
                if key.startswith("search_default_")
            }
            arch = self.env[window.res_model].get_view(view_type="search")["arch"]
            with self.subTest(window=window.name):
                self.assertFalse([n for n in names if f'name="{n}"' not in arch])
                menus = self.env["ir.ui.menu"].search(
                    [("action", "=", f"ir.actions.act_window,{window.id}")]
                )
                self.assertEqual(len(menus), 1)

    def test_lists_of_people_export(self):
        people = self._as("coach", self.ines)
        self.users["coach"].group_ids = [
            Command.link(self.env.ref("base.group_allow_export").id)
        ]
        rows = people.export_data(["name", "coaching_state", "coaching_why"])["datas"]
        self.assertEqual(rows[0][1], "In trouble")
