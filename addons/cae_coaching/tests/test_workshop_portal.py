from odoo.tests import freeze_time

from odoo.addons.cae_base.tools import plain
from odoo.addons.cae_coaching.controllers import workshops as pages

from .workshop_common import WorkshopCommon, workshop_tagged


@workshop_tagged
class TestWorkshopRows(WorkshopCommon):
    """What the page of one's workshops tells, and what it costs."""

    def _rows(self, person):
        """Rows of the seats of a person, and the queries that they took."""
        self.env.flush_all()
        self.env.invalidate_all()
        seats = self.env["event.registration"].search(
            [("cae_entrepreneur_id", "=", person.id)]
        )
        coming = self.env["event.event"]._cae_open_workshops(self.company)
        before = self.env.cr.sql_log_count
        rows = pages._seats_shown(seats, coming)
        return rows, self.env.cr.sql_log_count - before

    def _over(self, count):
        """So many workshops that both attended, certified."""
        events = self.env["event.event"]
        with freeze_time("2026-01-15"):
            for day in range(1, count + 1):
                event = self._workshop(day=f"2026-02-{day:02d}", seats_max=5)
                self._attended(self.ines, self.yann, event=event)
                events |= event
        self.env["cae.workshop.certificate"]._issue(events)
        return events

    def test_as_many_queries_for_ten_seats_as_for_two(self):
        self._over(2)
        # Rights are read once for the process.
        self._rows(self.ines)
        rows, few = self._rows(self.ines)
        self.assertEqual(len(rows), 2)
        with freeze_time("2026-01-15"):
            for day in range(11, 19):
                event = self._workshop(day=f"2026-02-{day:02d}", seats_max=5)
                self._attended(self.ines, event=event)
        rows, many = self._rows(self.ines)
        self.assertEqual(len(rows), 10)
        self.assertEqual(many, few)

    def test_place_on_the_waiting_list(self):
        event = self._workshop(day="2099-03-12", seats_max=1)
        for person in (self.lea, self.yann, self.ines):
            self._seat(person, event)
        (row,) = self._rows(self.ines)[0]
        self.assertTrue(row["is_waiting"] and row["to_come"])
        self.assertEqual((row["place_in_queue"], row["free"]), (2, 0))
        (row,) = self._rows(self.lea)[0]
        self.assertEqual((row["is_waiting"], row["place_in_queue"]), (False, 0))

    def test_hours_and_rows_of_the_past(self):
        self._over(1)
        (row,) = self._rows(self.ines)[0]
        self.assertEqual((row["hours"], row["begins"]), ("7 h", False))
        self.assertTrue(row["evaluate"] and row["certificate"])
        # The first half-day begins at nine, the doors open at eight.
        self.assertIn("9:00", row["when"])
        lengths = [pages.length(hours) for hours in (0, 0.25, 3.5)]
        self.assertEqual(lengths, ["", "0 h 15", "3 h 30"])

    def test_words_before_the_code(self):
        self.assertEqual(
            plain("CAE-WORKSHOP-TWICE: you signed up.\nTwice."),
            "You signed up.\nTwice. (CAE-WORKSHOP-TWICE)",
        )
        self.assertEqual(plain("No code: at all"), "No code: at all")
