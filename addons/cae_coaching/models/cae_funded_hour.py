from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import funding


class CaeFundedHour(models.Model):
    """Hours of a person that a line pays, read from an interview or a half-day.

    Unique per source and person: nothing is paid twice. See ``engine/funding.py``.
    """

    _name = "cae.funded.hour"
    _description = "Funded Hours"
    _inherit = "cae.attended.hour"
    _order = "date desc, id desc"
    _check_company_auto = True

    line_id = fields.Many2one(
        "cae.funder.line", required=True, index=True, ondelete="restrict"
    )
    programme_id = fields.Many2one(
        related="line_id.programme_id", store=True, index=True
    )
    funder_id = fields.Many2one(related="line_id.funder_id", store=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)

    _source_uniq = models.UniqueIndex(
        "(source_model, source_id, entrepreneur_id)",
        "CAE-FUNDER-TWICE: these hours of this person are on a line already.",
    )

    @api.constrains("line_id")
    def _check_line(self):
        """Moved by hand, hours go to a line where the person is at that time."""
        for hour in self:
            places = hour.line_id.participant_ids.filtered(
                lambda p, one=hour: (
                    p.entrepreneur_id == one.entrepreneur_id
                    and p.date_start <= one.date
                    and (not p.date_end or one.date <= p.date_end)
                )
            )
            if not places:
                raise ValidationError(
                    self.env._(
                        "CAE-FUNDER-PERSON: %(name)s is not on %(line)s on that day.",
                        name=hour.entrepreneur_id.name,
                        line=hour.line_id.name,
                    )
                )

    def write(self, vals):
        if not self.env.su:
            # Hours are read from their sources; by hand they go to another line.
            self.env["cae.owned"]._cae_check_owned(vals.keys() - {"line_id"})
        if "line_id" in vals:
            # Neither out of what was handed over, nor into it.
            lines = self.line_id | self.line_id.browse(vals["line_id"])
            lines._check_open()
        return super().write(vals)

    # ------------------------------------------------------------------
    # Reading the sources
    # ------------------------------------------------------------------

    @api.model
    def _refresh(self, companies):
        """Make the hours of these companies say what was held; in batches."""
        # sudo: funding counts everybody, whoever asks for it or nobody (cron).
        self = self.sudo()
        for company in companies:
            self.with_company(company)._refresh_company(company)

    @api.model
    def _refresh_company(self, company):
        here = [("company_id", "=", company.id)]
        lines = self.env["cae.funder.line"].with_context(active_test=False)
        lines = lines.search(here)
        if not lines:
            return
        span = min(lines.mapped("date_start")), max(lines.mapped("date_end"))
        rows = {row["key"]: row for row in self._funded_rows(company, *span)}
        before = {hour._key(): hour for hour in self.search(here)}
        closed = {k for k, hour in before.items() if hour.line_id._fixed()}
        for key in closed:
            # What was told to a funder stays as it was, whatever became of its source.
            rows[key] = {**rows.get(key, {}), **before[key]._row()}
        kept = {key: hour.line_id.id for key, hour in before.items()}
        decision = funding.allocate(
            [self._engine_hour(row) for row in rows.values()],
            [line._engine_line() for line in lines],
            self._engine_places(lines),
            kept,
        )
        self._apply(company, rows, decision, before, closed)

    @api.model
    def _apply(self, company, rows, decision, before, closed):
        """Write what was decided; what is on closed lines stays."""
        funded = {
            key: {**self._prepare_hour_vals(rows[key]), "line_id": line}
            for key, line in decision.funded.items()
            if key not in closed
        }
        self._keep(before, funded, closed)
        refused = {
            key: {**self._prepare_hour_vals(rows[key]), **refusal._asdict()}
            for key, refusal in decision.refused.items()
        }
        others = self.env["cae.unfunded.hour"]
        known = others.search([("company_id", "=", company.id)])
        others._keep({hour._key(): hour for hour in known}, refused)

    @api.model
    def _engine_hour(self, row):
        return funding.Hour(
            row["key"],
            row["date"],
            funding.minutes(row["hours"]),
            row["kind"],
            wish=row.get("wish"),
            start=row.get("start") or None,
            stop=row.get("stop") or None,
        )

    @api.model
    def _engine_places(self, lines):
        places = self.env["cae.funder.participant"].search_fetch(
            [("line_id", "in", lines.ids)],
            ["line_id", "entrepreneur_id", "date_start", "date_end"],
        )
        return [
            funding.Place(
                place.line_id.id,
                place.entrepreneur_id.id,
                place.date_start,
                place.date_end or None,
            )
            for place in places
        ]

    @api.model
    def _funded_rows(self, company, first, last):
        """Hook: what was held from ``first`` to ``last``, by everybody.

        :return: dicts with ``key`` (model, id, id of the person), ``kind``, ``name``,
            ``date``, ``hours``, ``start``, ``stop`` (UTC), ``signed``, ``people`` and
            perhaps ``wish``, the id of the line that was chosen
        """
        return [
            *self._workshop_rows(company, first, last),
            *self._interview_rows(company, first, last),
        ]

    @api.model
    def _workshop_rows(self, company, first, last):
        lines = self.env["cae.workshop.attendance"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "present"),
                ("hours", ">", 0),
                ("entrepreneur_id", "!=", False),
                ("date", ">=", first),
                ("date", "<=", last),
            ]
        )
        return [
            {
                "key": (line._name, line.id, line.entrepreneur_id.id),
                "kind": "workshop",
                "name": line.event_id.name,
                "date": line.date,
                "hours": line.hours,
                "start": line.session_id.date_start,
                "stop": line.session_id.date_stop,
                "signed": bool(line.signed_on),
                "people": ", ".join(line.event_id.cae_trainer_ids.mapped("name")),
            }
            for line in lines
        ]

    @api.model
    def _interview_rows(self, company, first, last):
        zone = pytz.timezone(company.partner_id.tz or "Europe/Paris")
        # One that is archived was held all the same.
        interviews = self.env["cae.interview"].with_context(active_test=False)
        interviews = interviews.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "held"),
                ("duration", ">", 0),
                ("held_start", ">=", _utc(zone, first, time.min)),
                ("held_start", "<=", _utc(zone, last, time.max)),
            ]
        )
        return [
            {
                "key": (interview._name, interview.id, person.id),
                "kind": "interview",
                "name": interview.type_id.name,
                "date": pytz.utc.localize(interview.held_start).astimezone(zone).date(),
                "hours": interview.duration,
                "start": interview.held_start,
                "stop": interview.held_stop,
                "signed": interview.report_state == "signed",
                "people": ", ".join(interview.coach_ids.mapped("name")),
                "wish": interview.funder_line_id.id or None,
            }
            for interview in interviews
            for person in interview.entrepreneur_ids
        ]


def _utc(zone, day, moment):
    local = zone.localize(datetime.combine(day, moment))
    return local.astimezone(pytz.utc).replace(tzinfo=None)
