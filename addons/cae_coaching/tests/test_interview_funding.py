from odoo import Command
from odoo.exceptions import ValidationError

from .interview_common import InterviewCommon, interview_tagged


@interview_tagged
class TestInterviewFunding(InterviewCommon):
    """The line that the coach chooses pays the hours of who is on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        programme = cls.env["cae.funder.programme"].create(
            {
                "name": "Region",
                "funder_id": cls.env["res.partner"].create({"name": "Region"}).id,
                "company_id": cls.company.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        cls.first, cls.second = cls.env["cae.funder.line"].create(
            [
                {"name": name, "programme_id": programme.id, "sequence": rank}
                for rank, name in enumerate(("First", "Second"))
            ]
        )
        cls.env["cae.funder.participant"].create(
            [
                {"line_id": line.id, "entrepreneur_id": person.id}
                for line, person in (
                    (cls.first, cls.ines),
                    (cls.first, cls.yann),
                    (cls.second, cls.ines),
                )
            ]
        )

    def _paid(self):
        self.first.action_refresh()
        hours = self.env["cae.funded.hour"].search([])
        return {(hour.line_id, hour.entrepreneur_id) for hour in hours}

    def test_the_line_that_was_chosen(self):
        interview = self._interview(self.ines, self.yann, coach="head")
        interview.action_held()
        yann = (self.first, self.yann)
        self.assertEqual(self._paid(), {(self.first, self.ines), yann})
        interview.funder_line_id = self.second
        self.assertEqual(self._paid(), {(self.second, self.ines), yann})

    def test_a_line_of_nobody_is_refused(self):
        line = self.second
        with self.assertRaisesRegex(ValidationError, "CAE-FUNDER-PERSON"):
            self._interview(self.yann, funder_line_id=line.id, coach="other")
        interview = self._interview(self.ines, funder_line_id=line.id)
        with self.assertRaisesRegex(ValidationError, "CAE-FUNDER-PERSON"):
            interview.sudo().entrepreneur_ids = [Command.set(self.yann.ids)]
