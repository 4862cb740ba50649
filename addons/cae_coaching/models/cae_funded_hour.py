from datetime import datetime, time
from decimal import Decimal

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
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    source_model = fields.Char(required=True, readonly=True)
    source_id = fields.Many2oneReference(
        model_field="source_model", required=True, readonly=True
    )
    kind = fields.Selection(
        [("interview", "Interview"), ("workshop", "Workshop")],
        required=True,
        readonly=True,
    )
    name = fields.Char(string="What", readonly=True)
    date = fields.Date(required=True, readonly=True, index=True)
    hours = fields.Float(required=True, readonly=True)
    signed = fields.Boolean(
        readonly=True, help="The person signed the sheet or report."
    )
    people = fields.Char(string="With", readonly=True, help="Coaches or trainers.")

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
        found = funding.allocate(
            [self._engine_hour(row) for row in rows.values()],
            [line._engine_line() for line in lines],
            self._engine_places(lines),
            kept,
        )
        self._apply(rows, found, before, closed)

    def _apply(self, rows, found, before, closed):
        gone = [hour.id for key, hour in before.items() if key not in found]
        self.browse(gone).unlink()
        new = []
        for key, line in found.items():
            values = {**self._prepare_hour_vals(rows[key]), "line_id": line}
            if key not in before:
                new.append(values)
            elif key not in closed:
                before[key]._update(values)
        self.create(new)

    def _update(self, values):
        """Write what changed, if anything did."""
        now = {name: self[name] for name in values}
        now["line_id"] = self.line_id.id
        now["entrepreneur_id"] = self.entrepreneur_id.id
        changed = {name: value for name, value in values.items() if now[name] != value}
        if changed:
            self.write(changed)

    def _key(self):
        return self.source_model, self.source_id, self.entrepreneur_id.id

    def _row(self):
        names = ("kind", "name", "date", "hours", "signed", "people")
        return {"key": self._key(), **{name: self[name] for name in names}}

    @api.model
    def _prepare_hour_vals(self, row):
        model, source, person = row["key"]
        names = ("kind", "name", "date", "hours", "signed", "people")
        return {
            "source_model": model,
            "source_id": source,
            "entrepreneur_id": person,
            **{name: row[name] for name in names},
        }

    @api.model
    def _engine_hour(self, row):
        hours = Decimal(str(row["hours"])).quantize(Decimal("0.01"))
        return funding.Hour(
            row["key"],
            row["date"],
            hours,
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

    def action_source(self) -> dict:
        """Open the interview or the attendance."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.source_model,
            "res_id": self.source_id,
            "view_mode": "form",
        }


def _utc(zone, day, moment):
    local = zone.localize(datetime.combine(day, moment))
    return local.astimezone(pytz.utc).replace(tzinfo=None)
