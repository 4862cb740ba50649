from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import is_html_empty


class EventEvent(models.Model):
    """What a quality audit of a training asks to see, and what is missing.

    The reference frame of the certification (Qualiopi: L.6316-1, R.6316-1) has seven
    criteria; these are the proofs that belong to one training.
    """

    _inherit = "event.event"

    cae_quality_html = fields.Html(
        string="Evidence",
        compute="_compute_cae_quality",
        sanitize=False,
    )
    cae_quality_missing = fields.Integer(
        string="Evidence Missing", compute="_compute_cae_quality"
    )

    @api.depends(
        "cae_needs",
        "cae_objectives",
        "cae_adaptation",
        "cae_method",
        "cae_trainer_ids",
        "cae_session_ids",
    )
    def _compute_cae_quality(self):
        found = self._cae_quality_rows()
        for event in self:
            rows = found[event.id]
            event.cae_quality_missing = sum(
                1 for _label, done, _text in rows if not done
            )
            event.cae_quality_html = Markup("<ul class='list-unstyled'>%s</ul>") % (
                Markup().join(map(_quality_item, rows))
            )

    def _cae_quality_rows(self):
        """``{id: [(label, whether it is there, detail)]}``, in nine queries."""
        counts = self._cae_quality_counts()
        return {event.id: event._cae_quality_of(counts) for event in self}

    def _cae_quality_counts(self):
        """``{name: {event: number}}``"""
        here = [("event_id", "in", self.ids)]
        # sudo: whether evidence is there, without what it says.
        lines = self.env["cae.workshop.attendance"].sudo()
        seats = self.env["event.registration"].sudo()
        marks = self.env["cae.workshop.evaluation"].sudo()
        # Nothing is assessed of who was excused or did not come.
        came = ("cae_attendance_ids.state", "=", "present")
        past = ("session_id.date_stop", "<", fields.Datetime.now())
        counted = {
            "open": (lines, [past, ("state", "=", "expected")]),
            "present": (lines, [("state", "=", "present")]),
            "unsigned": (lines, [("state", "=", "present"), ("signed_on", "=", False)]),
            "seats": (seats, [("state", "in", ("open", "done"))]),
            "needs": (
                seats,
                [
                    ("state", "in", ("open", "done")),
                    ("cae_need", "not in", (False, "")),
                ],
            ),
            "attended": (seats, [came]),
            "results": (seats, [came, ("cae_result", "!=", False)]),
            "marks": (marks, []),
            "complaints": (marks, [("complaint_state", "=", "open")]),
        }
        return {
            name: dict(model._read_group(here + domain, ["event_id"], ["__count"]))
            for name, (model, domain) in counted.items()
        }

    def _cae_quality_of(self, counts):
        number = {name: found.get(self._origin, 0) for name, found in counts.items()}
        seats = number["seats"]

        def part(name, of="seats"):
            return f"{number[name]}/{number[of]}"

        written = not is_html_empty(self.cae_needs)
        signed = number["present"] and not (number["open"] or number["unsigned"])
        return [
            (
                self.env._("Needs of the participants"),
                bool(written or (seats and number["needs"] == seats)),
                part("needs"),
            ),
            (self.env._("Objectives"), not is_html_empty(self.cae_objectives), ""),
            (self.env._("Adaptation"), not is_html_empty(self.cae_adaptation), ""),
            (
                self.env._("Means and assessment"),
                not is_html_empty(self.cae_method),
                "",
            ),
            (self.env._("Trainers"), bool(self.cae_trainer_ids), ""),
            (
                self.env._("Attendance signed"),
                bool(signed),
                self.env._(
                    "%(open)s to tick, %(unsigned)s to sign",
                    open=number["open"],
                    unsigned=number["unsigned"],
                ),
            ),
            (
                self.env._("Results assessed"),
                bool(number["attended"] and number["results"] == number["attended"]),
                part("results", "attended"),
            ),
            (
                self.env._("Satisfaction"),
                bool(number["marks"]),
                part("marks", "attended"),
            ),
            (
                self.env._("Complaints answered"),
                not number["complaints"],
                self.env._("%(open)s to answer", open=number["complaints"]),
            ),
        ]


def _quality_item(row):
    label, done, text = row
    icon = "fa-check text-success" if done else "fa-times text-danger"
    return Markup(
        "<li><i class='fa %s'></i> %s <span class='text-muted'>%s</span></li>"
    ) % (
        icon,
        label,
        text,
    )
