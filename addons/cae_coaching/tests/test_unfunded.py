import random
from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time
from odoo.tools.safe_eval import safe_eval

from ..engine import funding
from .test_funder import FunderCommon
from .workshop_common import NOW, workshop_tagged


class UnfundedCommon(FunderCommon):
    @classmethod
    def _held(cls, *people, start="2026-02-10 09:00:00", minutes=60, **vals):
        """An interview of so many minutes that was held."""
        begin = datetime.fromisoformat(start)
        interview = cls.env["cae.interview"].create(
            {
                "entrepreneur_ids": [Command.set([p.id for p in people])],
                "coach_ids": [Command.set(cls.users["coach"].ids)],
                "type_id": cls.env.ref("cae_coaching.interview_type_support").id,
                "date_start": begin,
                "date_stop": begin + timedelta(minutes=minutes),
                **vals,
            }
        )
        interview.action_held()
        return interview

    def _told(self, *people):
        """``{source: (person, reason, line)}`` of what is not funded."""
        rows = self.env["cae.unfunded.hour"].search(
            [("entrepreneur_id", "in", [p.id for p in people or (self.ines,)])]
        )
        return {
            self.env[row.source_model].browse(row.source_id): (row.reason, row.line_id)
            for row in rows
        }


@workshop_tagged
@freeze_time(NOW)
class TestUnfunded(UnfundedCommon):
    def test_each_reason_of_the_engine_has_its_words(self):
        field = self.env["cae.unfunded.hour"]._fields["reason"]
        self.assertEqual(set(field.get_values(self.env)), set(funding.REASONS))

    def test_each_hour_says_why_it_is_not_funded(self):
        self.line.write(
            {"hours_person": 2, "use_workshops": False, "date_start": "2026-01-05"}
        )
        self._join(self.ines, date_start="2026-01-12")
        early = self._held(self.ines, start="2026-01-02 09:00:00")
        before = self._held(self.ines, start="2026-01-09 09:00:00")
        first = self._held(self.ines, start="2026-02-10 09:00:00")
        same = self._held(self.ines, start="2026-02-10 09:30:00", minutes=20)
        second = self._held(self.ines, start="2026-02-11 09:00:00")
        much = self._held(self.ines, start="2026-02-12 09:00:00", minutes=20)
        (seat,) = self._attended(self.ines)
        self._held(self.yann)  # on no line
        # The programme's other line makes the first days count as well.
        self._line("Other", sequence=1)
        self.line.action_refresh()
        expected = {
            early: "dates",
            before: "place",
            same: "overlap",
            much: "each",
            **dict.fromkeys(seat.cae_attendance_ids, "kind"),
        }
        self.assertEqual(
            self._told(), {source: (why, self.line) for source, why in expected.items()}
        )
        self.assertFalse(self._told(self.yann))
        self.assertEqual(set(self._hours().mapped("source_id")), {first.id, second.id})

    def test_another_line_and_what_was_bought_or_handed_over(self):
        other = self._line("Other", hours_bought=1, sequence=20)
        self._join(self.ines)
        self._join(self.ines, line=other)
        one, two = (
            self._held(
                self.ines, start=f"2026-02-1{n} 09:00:00", funder_line_id=other.id
            )
            for n in (0, 1)
        )
        self.line.action_refresh()
        self.assertEqual(self._hours(other).source_id, one.id)
        self.assertEqual(self._told(), {two: ("bought", other)})
        self.line.action_close()
        late = self._held(self.ines, start="2026-02-12 09:00:00")
        other.action_refresh()
        self.assertEqual(self._told()[late], ("bought", other))
        other.action_close()
        later = self._held(self.ines, start="2026-02-13 09:00:00")
        self.env["cae.funded.hour"]._refresh(self.company)
        self.assertEqual(self._told()[later], ("closed", self.line))

    def test_reading_again_follows_what_changed(self):
        self.line.hours_person = 1
        self._join(self.ines)
        self._held(self.ines, start="2026-02-10 09:00:00")
        over = self._held(self.ines, start="2026-02-11 09:00:00")
        self.line.action_refresh()
        row = self.env["cae.unfunded.hour"].search([])
        self.line.action_refresh()
        self.assertEqual(self.env["cae.unfunded.hour"].search([]), row)
        over.held_stop += timedelta(minutes=30)
        self.line.action_refresh()
        self.assertEqual((row.hours, row.reason), (1.5, "each"))
        self.line.hours_person = 3
        self.line.action_refresh()
        self.assertFalse(row.exists())
        self.assertEqual(self.line.hours_done, 2.5)
        self.line.participant_ids.unlink()
        self.line.action_refresh()
        self.assertFalse(self.env["cae.unfunded.hour"].search([]))

    def test_three_times_twenty_minutes_are_an_hour(self):
        self.line.hours_person = 1
        self._join(self.ines)
        for day in (10, 11, 12):
            self._held(self.ines, start=f"2026-02-{day} 09:00:00", minutes=20)
        more = self._held(self.ines, start="2026-02-13 09:00:00", minutes=1)
        self.line.action_refresh()
        self.assertEqual(self.line.hours_done, 1)
        self.assertEqual(self._told(), {more: ("each", self.line)})
        (row,) = self.env["cae.unfunded.hour"].search([])
        self.assertEqual(funding.minutes(row.hours), 1)

    def _check_sum(self):
        """Done by who is on a line = funded + not funded, to the minute."""
        rows = self.env["cae.funded.hour"]._funded_rows(
            self.company, self.programme.date_start, self.programme.date_end
        )
        people = self.env["cae.funder.participant"].search([]).entrepreneur_id
        done = sum(
            funding.minutes(r["hours"]) for r in rows if r["key"][2] in people.ids
        )
        parts = [
            sum(funding.minutes(hour.hours) for hour in self.env[model].search([]))
            for model in ("cae.funded.hour", "cae.unfunded.hour")
        ]
        self.assertEqual(done, sum(parts))
        return parts

    def test_what_was_done_is_funded_or_told_on_random_data(self):
        chance = random.Random(6)
        people = [self.ines, self.yann, self.lea]
        second = self._line(
            "Second", sequence=20, hours_person=9, date_end="2026-02-20"
        )
        self.line.write({"hours_bought": 11.25, "hours_person": 6.5})
        self._join(self.ines, self.yann)
        self._join(self.ines, line=second, date_start="2026-01-20")
        self._attended(self.ines, self.yann)
        for _number in range(40):
            self._held(
                *chance.sample(people, chance.randint(1, 2)),
                start=f"2026-0{chance.randint(1, 2)}-{chance.randint(1, 28):02d} "
                f"{chance.randint(8, 9):02d}:{chance.randint(0, 59):02d}:00",
                minutes=chance.randint(1, 130),
            )
        lines = self.line | second
        lines.action_refresh()
        funded, told = self._check_sum()
        self.assertTrue(funded and told)
        for change in (
            {"hours_person": 2},
            {"use_workshops": False},
            {"hours_bought": 0, "hours_person": 0},
        ):
            self.line.write(change)
            lines.action_refresh()
            self._check_sum()
        self.line.action_close()
        second.hours_person = 0
        second.action_refresh()
        self._check_sum()

    def test_a_line_and_its_programme_count_each_person_once(self):
        self.line.hours_person = 0.5
        other = self._line("Other", hours_person=0.5)
        self._join(self.ines, self.yann)
        self._join(self.ines, line=other)
        self._held(self.ines, minutes=80)
        self._held(self.yann, start="2026-02-11 09:00:00", minutes=40)
        self.line.action_refresh()
        self.assertEqual(self.line.hours_unfunded, 2)
        self.assertEqual(funding.minutes(other.hours_unfunded), 80)
        self.assertEqual(self.programme.hours_unfunded, 2)
        for record, count in ((self.line, 2), (other, 1), (self.programme, 2)):
            action = self._as("head", record).action_unfunded()
            found = self._as("head", self.env[action["res_model"]])
            self.assertEqual(found.search_count(action["domain"]), count)

    def test_totals_of_many_lines_take_few_queries(self):
        lines = self.line | self._line("Second") | self._line("Third")
        for line in lines:
            self._join(self.ines, self.yann, line=line)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(4):
            lines.mapped("hours_unfunded")

    def test_every_filter_of_the_list_filters(self):
        from lxml import etree

        model = self._as("head", self.env["cae.unfunded.hour"])
        arch = model.get_views([(False, "search")])["views"]["search"]["arch"]
        reasons = set()
        for node in etree.fromstring(arch).iter("filter"):
            domain = safe_eval(node.get("domain") or "[]")
            model.search(domain)
            reasons |= {
                value
                for name, operator, values in domain
                if name == "reason"
                for value in ([values] if operator == "=" else values)
            }
        self.assertEqual(reasons, set(funding.REASONS))

    def test_the_list_is_exported(self):
        self.line.hours_person = 0.5
        self._join(self.ines)
        self._held(self.ines)
        self.line.action_refresh()
        rows = self._as("head", self.env["cae.unfunded.hour"].search([]))
        data = rows.export_data(["entrepreneur_id/name", "hours", "reason", "line_id"])
        self.assertEqual(
            data["datas"],
            [["Inès Test", 1.0, "The hours of the person are used up", "Coaching"]],
        )

    def test_who_reads_what_is_not_funded(self):
        self.line.hours_person = 0.5
        self._join(self.ines, self.yann)
        self._held(self.ines, self.yann)
        self.line.action_refresh()
        self.env.flush_all()
        rows = self.env["cae.unfunded.hour"]
        people = {
            user: self._as(user, rows).search([]).entrepreneur_id
            for user in ("coach", "other", "head")
        }
        self.assertEqual(
            people,
            {
                "coach": self.ines,
                "other": self.yann,
                "head": self.ines | self.yann,
            },
        )
        for user in ("ines", "accountant"):
            with self.assertRaises(AccessError):
                self._as(user, rows).search([])
        with self.assertRaises(AccessError):
            self._as("head", rows.search([])).write({"reason": "kind"})
        action = self._as("coach", self.line).action_unfunded()
        found = self._as("coach", rows).search(action["domain"])
        self.assertEqual(found.entrepreneur_id, self.ines)

    def test_other_companies_see_nothing(self):
        self.line.hours_person = 0.5
        self._join(self.ines)
        self._held(self.ines)
        self.line.action_refresh()
        other = self.setup_other_company()["company"]
        self.users["head"].write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self._as("head", self.env["cae.unfunded.hour"]).search([]))

    def test_it_goes_with_an_erasure(self):
        self.line.hours_person = 0.5
        self._join(self.ines)
        self._held(self.ines)
        self.line.action_refresh()
        self.assertTrue(self._told())
        self.ines.sudo()._erase_funding()
        self.assertFalse(self._told())

    def test_the_evidence_adds_up_to_the_minute(self):
        import io

        from openpyxl import load_workbook

        self._join(self.ines)
        for day in (10, 11, 12):
            self._held(self.ines, start=f"2026-02-{day} 09:00:00", minutes=20)
        line = self._as("head", self.line)
        line.action_refresh()
        book = load_workbook(io.BytesIO(line._evidence_book()))
        cells = [row[6] for row in list(book["Hours"].rows)[1:]]
        self.assertEqual(sum(funding.minutes(cell.value) for cell in cells), 60)
        self.assertAlmostEqual(sum(cell.value for cell in cells), 1)
        self.assertEqual({cell.number_format for cell in cells}, {"0.00"})


@workshop_tagged
@freeze_time(NOW)
class TestInterviewConflict(UnfundedCommon):
    """Two things of one coach at the same time are told."""

    def _plan(self, start, minutes=60, coach="coach", **vals):
        begin = datetime.fromisoformat(start)
        return self.env["cae.interview"].create(
            {
                "entrepreneur_ids": [Command.set(self.ines.ids)],
                "coach_ids": [Command.set(self.users[coach].ids)],
                "date_start": begin,
                "date_stop": begin + timedelta(minutes=minutes),
                **vals,
            }
        )

    def _found(self):
        """Those in conflict, by the filter; the form must say the same."""
        self.env.flush_all()
        self.env.invalidate_all()
        domain = [("in_conflict", "=", True)]
        found = self.env["cae.interview"].search(domain)
        every = self.env["cae.interview"].search([])
        self.assertEqual(every.filtered("in_conflict"), found)
        self.assertEqual(every.filtered("conflict_why"), found)
        no = self.env["cae.interview"].search([("in_conflict", "=", False)])
        self.assertEqual(every - found, no)
        return found

    def test_two_interviews_at_the_same_time(self):
        long = self._plan("2026-04-01 08:00:00", 180)
        short = self._plan("2026-04-01 09:00:00", 15)
        next_ = self._plan("2026-04-01 10:30:00", 60)
        self._plan("2026-04-01 11:30:00", 60)  # begins as the other ends
        self._plan("2026-04-01 09:00:00", 60, coach="other")
        self._plan("2026-04-02 09:00:00", 60)
        self.assertEqual(self._found(), long | short | next_)
        self.assertEqual(len(long.conflict_why.splitlines()), 2)
        self.assertIn(self.users["coach"].name, short.conflict_why)

    def test_what_does_not_take_place_takes_no_time(self):
        one = self._plan("2026-04-01 09:00:00")
        two = self._plan("2026-04-01 09:30:00")
        self.assertEqual(self._found(), one | two)
        two.action_cancel("Ill")
        self.assertFalse(self._found())
        two.action_replan()
        two.active = False
        self.assertFalse(self._found())

    def test_what_was_held_counts_by_its_real_time(self):
        one = self._held(self.ines, start="2026-02-10 09:00:00")
        two = self._held(self.yann, start="2026-02-10 09:30:00")
        self.assertEqual(self._found(), one | two)
        two.write(
            {
                "held_start": datetime(2026, 2, 10, 10),
                "held_stop": datetime(2026, 2, 10, 11),
            }
        )
        self.assertFalse(self._found())

    def test_a_workshop_takes_the_time_of_its_trainer(self):
        session = self.event.cae_session_ids[0]
        one = self._plan("2026-03-12 09:00:00")
        self.assertEqual(self._found(), one)
        self.assertIn("Prices", one.conflict_why)
        self._plan("2026-03-12 09:00:00", coach="other")
        self.assertEqual(self._found(), one)
        self.event.kanban_state = "cancel"
        self.env.invalidate_all()
        self.assertFalse(self._found())
        self.assertTrue(session.exists())

    def test_the_form_tells_it_before_it_is_saved(self):
        from odoo.tests import Form

        self._plan("2026-04-01 09:00:00")
        model = self._as("coach", self.env["cae.interview"])
        form = Form(model)
        form.entrepreneur_ids.add(self._as("coach", self.lea))
        form.date_start = datetime(2026, 4, 1, 9, 30)
        self.assertIn("another interview", form.conflict_why)
        # Nothing of whose interview the other one is.
        self.assertNotIn("Inès", form.conflict_why)
        form.date_start = datetime(2026, 4, 1, 11)
        self.assertFalse(form.conflict_why)
        form.date_start = datetime(2026, 4, 1, 9, 30)
        self.assertTrue(form.save().in_conflict)  # a warning, no refusal

    def test_many_are_looked_at_in_few_queries(self):
        plans = [self._plan(f"2026-04-{day:02d} 09:00:00") for day in range(1, 9)]
        interviews = self.env["cae.interview"].concat(*plans)
        counts = []
        for number in (2, 8):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            interviews[:number].mapped("in_conflict")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        with self.assertQueryCount(1):
            self.env["cae.interview"].search_count([("in_conflict", "=", True)])

    def test_nothing_is_held_before_its_end(self):
        one = self._plan("2026-03-11 07:30:00", 60)  # 08:00 now
        with self._refused(UserError, "CAE-INTERVIEW-FUTURE"):
            one.action_held()
        self.assertEqual(one.state, "planned")
        with freeze_time("2026-03-11 08:15:00"):
            one.action_held()
        self.assertEqual(one.state, "held")
        with self._refused(UserError, "CAE-INTERVIEW-FUTURE"):
            one.held_stop = datetime(2026, 3, 11, 10)
        # It was shorter: the end is changed first.
        two = self._plan("2026-03-11 07:00:00", 90)
        two.date_stop = datetime(2026, 3, 11, 8)
        two.action_held()
        self.assertEqual(two.duration, 1)
