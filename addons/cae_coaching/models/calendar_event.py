from odoo import fields, models


class CalendarEvent(models.Model):
    """Whoever moves the event in the calendar moves the interview."""

    _inherit = "calendar.event"

    cae_interview_ids = fields.One2many(
        "cae.interview", "event_id", string="Interviews", copy=False
    )

    def write(self, vals):
        result = super().write(vals)
        if {"start", "stop", "duration"} & vals.keys():
            self._cae_move_interviews()
        return result

    def _cae_move_interviews(self):
        # sudo: whoever may move the event moves what it stands for.
        Interview = self.env["cae.interview"].sudo()
        for interview in Interview.search(
            [("event_id", "in", self.ids), ("state", "=", "planned")]
        ):
            event = interview.event_id
            times = {"date_start": event.start, "date_stop": event.stop}
            if any(interview[name] != value for name, value in times.items()):
                interview.write(times)
