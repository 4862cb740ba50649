from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_datetime
from odoo.tools.image import image_data_uri

from odoo.addons.cae_base import uploads
from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.tools import format_date

from .cae_person_document import FILE

#: Set when the trainer signs.
OWNED["cae.workshop.session"] = {"trainer_name": False, "trainer_date": False}
#: Usual hours of the parts of a day.
PARTS = {"morning": (9.0, 12.5), "afternoon": (13.5, 17.0), "other": (18.0, 20.0)}
#: A longer sheet is two half-days.
LONGEST = 6


class CaeWorkshopSession(models.Model):
    """A half-day of a workshop, with its attendance sheet."""

    _name = "cae.workshop.session"
    _description = "Half-day"
    _inherit = ["cae.owned", "cae.printed"]
    _order = "date_start, id"
    _check_company_auto = True
    _report_template = "cae_coaching.workshop_sheet"

    event_id = fields.Many2one(
        "event.event",
        string="Workshop",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('cae_workshop', '=', True)]",
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, index=True
    )
    date = fields.Date(required=True, index=True)
    part = fields.Selection(
        [("morning", "Morning"), ("afternoon", "Afternoon"), ("other", "Other hours")],
        string="Part of the Day",
        required=True,
        default="morning",
    )
    hour_from = fields.Float(
        string="From",
        compute="_compute_times",
        store=True,
        readonly=False,
        precompute=True,
    )
    hour_to = fields.Float(
        string="To",
        compute="_compute_times",
        store=True,
        readonly=False,
        precompute=True,
    )
    hours = fields.Float(compute="_compute_hours", store=True)
    date_start = fields.Datetime(
        string="Start Date", compute="_compute_dates", store=True, index=True
    )
    date_stop = fields.Datetime(string="End Date", compute="_compute_dates", store=True)
    room_id = fields.Many2one("cae.workshop.room", check_company=True, index=True)
    subject = fields.Char(help="What this half-day is about.")
    attendance_ids = fields.One2many("cae.workshop.attendance", "session_id")
    present_count = fields.Integer(string="Present", compute="_compute_counts")
    signed_count = fields.Integer(string="Signed", compute="_compute_counts")
    expected_count = fields.Integer(string="To Tick", compute="_compute_counts")
    sheet_file = fields.Binary(
        string="Kept Scan",
        attachment=True,
        copy=False,
        groups="cae_coaching.group_coaching_manager",
    )
    sheet_scan = fields.Binary(
        string="Signed Sheet",
        compute="_compute_sheet_scan",
        inverse="_inverse_sheet_scan",
        help="Scan of the sheet signed on paper (PDF, PNG or JPEG). Read by: who holds "
        "or plans the workshop, and the head of coaching.",
    )
    sheet_name = fields.Char(copy=False)
    trainer_name = fields.Char(
        string="Signed by the Trainer", readonly=True, copy=False
    )
    trainer_date = fields.Datetime(string="Signed on", readonly=True, copy=False)

    _hours_order = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_to <= 24 AND hour_to > hour_from)",
        "CAE-WORKSHOP-TIMES: a half-day ends after it starts, on the same day.",
    )

    @api.depends("event_id.company_id")
    def _compute_company_id(self):
        for session in self:
            session.company_id = session.event_id.company_id or self.env.company

    @api.depends("part")
    def _compute_times(self):
        for session in self:
            session.hour_from, session.hour_to = PARTS.get(session.part, (0, 1))

    @api.depends("hour_from", "hour_to")
    def _compute_hours(self):
        for session in self:
            session.hours = round(session.hour_to - session.hour_from, 2)

    @api.depends("date", "hour_from", "hour_to", "event_id.date_tz")
    def _compute_dates(self):
        for session in self:
            session.date_start = session._moment(session.hour_from)
            session.date_stop = session._moment(session.hour_to)

    def _moment(self, hour):
        """The hour of the place, as UTC."""
        if not self.date:
            return False
        zone = pytz.timezone(self.event_id.date_tz or "Europe/Paris")
        local = datetime.combine(self.date, time()) + timedelta(hours=hour)
        return zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    @api.depends("sheet_file")
    @api.depends_context("uid", "bin_size")
    def _compute_sheet_scan(self):
        for session in self:
            # sudo: names and signatures of everybody, for who holds the workshop.
            mine = self.env.su or session._run_by_me()
            session.sheet_scan = mine and session.sudo().sheet_file

    def _inverse_sheet_scan(self):
        for session in self:
            scan = session.sheet_scan
            # sudo: who signed on paper counts whoever may read it.
            lines = session.sudo().attendance_ids
            if "paper" in lines.mapped("signed_place"):
                raise UserError(
                    self.env._("CAE-WORKSHOP-SIGNED: the sheet is signed: it stays so.")
                )
            if scan:
                uploads.checked_base64(self.env, scan, FILE)
            # sudo: the field itself is the head's, see _compute_sheet_scan.
            session.sudo().sheet_file = scan

    @api.model
    def _past_scans(self, company):
        """Half-days whose kept scan is past the years of evidence (sudo).

        A scan shows everybody's signature: it stays while a funder may still ask for
        one of its lines. Code civil art. 2224.
        """
        years = relativedelta(years=company.cae_evidence_years)
        today = fields.Date.context_today(self)
        old = self.search(
            [
                ("company_id", "=", company.id),
                ("date", "<", today - years),
                ("sheet_file", "!=", False),
            ]
        )
        asked = self.env["cae.funded.hour"].search(
            [
                ("source_model", "=", "cae.workshop.attendance"),
                ("source_id", "in", old.attendance_ids.ids),
                ("programme_id.date_kept", ">=", today),
            ]
        )
        kept = self.env["cae.workshop.attendance"].browse(asked.mapped("source_id"))
        return old - kept.session_id

    def _purge_scans(self):
        self.with_context(tracking_disable=True).write(
            {"sheet_file": False, "sheet_name": False}
        )

    def _compute_counts(self):
        rows = self.env["cae.workshop.attendance"]._read_group(
            [("session_id", "in", self.ids)],
            ["session_id", "state"],
            ["__count", "signed_on:count"],
        )
        found = {(session, state): tail for session, state, *tail in rows}
        for session in self:
            present, signed = found.get((session, "present"), (0, 0))
            session.present_count = present
            session.signed_count = signed
            session.expected_count = found.get((session, "expected"), (0, 0))[0]

    @api.depends("event_id.name", "date", "part")
    @api.depends_context("lang")
    def _compute_display_name(self):
        parts = dict(self._fields["part"]._description_selection(self.env))
        for session in self:
            day = session.date and format_date(self.env, session.date)
            words = (session.event_id.name, day, parts.get(session.part))
            session.display_name = " – ".join(word for word in words if word)

    @api.constrains("hour_from", "hour_to")
    def _check_length(self):
        for session in self:
            if session.hours > LONGEST:
                raise ValidationError(
                    self.env._(
                        "CAE-WORKSHOP-TIMES: a sheet is of %(hours)s hours at most: "
                        "make two half-days.",
                        hours=LONGEST,
                    )
                )

    @api.constrains("date_start", "date_stop", "event_id")
    def _check_inside(self):
        for session in self:
            event = session.event_id
            if not (
                event.date_begin <= session.date_start
                and session.date_stop <= event.date_end
            ):
                raise ValidationError(
                    self.env._(
                        "CAE-WORKSHOP-DATES: %(name)s is outside the dates of the "
                        "workshop.",
                        name=session.display_name,
                    )
                )

    @api.constrains("date_start", "date_stop", "event_id", "room_id")
    def _check_overlap(self):
        """Neither a room nor a workshop is in two half-days at once."""
        first = min(self.mapped("date_start"))
        last = max(self.mapped("date_stop"))
        # sudo: rooms are taken by workshops that the user may not read.
        near = self.sudo().search(
            [("date_start", "<", last), ("date_stop", ">", first)]
        )
        for session in self.sudo():
            clash = near.filtered(lambda s, one=session: one._clashes(s))
            if clash:
                raise ValidationError(
                    self.env._(
                        "CAE-WORKSHOP-ROOM: %(name)s is at the same time as "
                        "%(other)s, in the same room or of the same workshop.",
                        name=session.display_name,
                        other=clash[0].display_name,
                    )
                )

    def _clashes(self, other):
        same = self.event_id == other.event_id or (
            self.room_id and self.room_id == other.room_id
        )
        meets = self.date_start < other.date_stop and self.date_stop > other.date_start
        return self != other and same and meets

    @api.model_create_multi
    def create(self, vals_list):
        sessions = super().create(vals_list)
        sessions.event_id._cae_sync_attendance()
        return sessions

    def write(self, vals):
        if vals.keys() & {"date", "part", "hour_from", "hour_to", "event_id"}:
            self._check_unsigned()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        self._check_unsigned()

    def _check_unsigned(self):
        """:raises UserError: ``CAE-WORKSHOP-KEPT`` when somebody was there"""
        # sudo: an attendance counts whoever may read it.
        for session in self.sudo():
            if any(line.state == "present" for line in session.attendance_ids):
                raise UserError(
                    self.env._(
                        "CAE-WORKSHOP-KEPT: %(name)s was attended: it stays as it is.",
                        name=session.display_name,
                    )
                )

    def _run_by_me(self):
        """Whether the connected user holds it, plans it, or is the head."""
        # sudo: who holds a workshop is no secret.
        event = self.sudo().event_id
        user = self.env.user
        return user in event.user_id | event.cae_trainer_ids.user_ids or user.has_group(
            "cae_coaching.group_coaching_manager"
        )

    def action_trainer_sign(self) -> bool:
        """The trainer certifies the sheet, with their own name.

        :raises UserError: ``CAE-WORKSHOP-EARLY`` before the half-day began,
            ``CAE-WORKSHOP-TICK`` while somebody is neither present nor absent,
            ``CAE-WORKSHOP-TRAINER`` by another than who holds it
        """
        for session in self:
            session._check_closable()
            # sudo: a trainer writes nothing else of it.
            session.sudo()._cae_own().write(
                {
                    "trainer_name": self.env.user.name,
                    "trainer_date": fields.Datetime.now(),
                }
            )
        return True

    def _check_closable(self):
        if not self._run_by_me():
            raise UserError(
                self.env._("CAE-WORKSHOP-TRAINER: who holds it signs the sheet.")
            )
        if self.date_start > fields.Datetime.now():
            raise UserError(
                self.env._(
                    "CAE-WORKSHOP-EARLY: %(name)s has not begun yet.",
                    name=self.display_name,
                )
            )
        # sudo: everybody on the sheet counts.
        if any(line.state == "expected" for line in self.sudo().attendance_ids):
            raise UserError(
                self.env._("CAE-WORKSHOP-TICK: say of everybody whether they came.")
            )

    def action_all_present(self) -> bool:
        """Everybody who is expected came.

        :raises UserError: as :meth:`cae.workshop.attendance.action_present`
        """
        lines = self.attendance_ids.filtered(lambda a: a.state == "expected")
        return lines.action_present()

    def action_paper(self) -> bool:
        """Who is present signed the paper sheet, whose scan is here.

        :raises UserError: ``CAE-WORKSHOP-SCAN`` without the scan
        """
        if not all(self.mapped("sheet_scan")):
            raise UserError(
                self.env._("CAE-WORKSHOP-SCAN: add the scan of the signed sheet first.")
            )
        lines = self.attendance_ids.filtered(
            lambda a: a.state == "present" and not a.signed_on
        )
        return lines._sign_on_paper()

    # ------------------------------------------------------------------
    # Sheet
    # ------------------------------------------------------------------

    def _pdfs(self):
        """:raises AccessError: ``CAE-WORKSHOP-TRAINER``"""
        # Half-days are no secret; who was there, and signed, is.
        if not (self.env.su or all(session._run_by_me() for session in self)):
            raise AccessError(
                self.env._("CAE-WORKSHOP-TRAINER: who holds it prints the sheet.")
            )
        return super()._pdfs()

    def _prepare_document_values(self):
        return {
            **self.company_id._cae_document_values(),
            "document": self,
            "event": self.event_id,
            "draft": False,
            "replaced": False,
            "day": format_date(self.env, self.date),
            "clock": clock,
            "moment": self._local_moment,
            "rows": [
                (line, image_data_uri(line.signature) if line.signature else False)
                for line in self.attendance_ids.sorted("name")
            ],
            "trainers": ", ".join(self.event_id.cae_trainer_ids.mapped("name")),
        }

    def _local_moment(self, value):
        """Day and hour where the people are."""
        zone = self.company_id._cae_time_zone()
        return format_datetime(self.env, value, zone, "dd/MM/yyyy HH:mm")

    def _file_name(self):
        word = self.env._("attendance")
        return f"{word}-{self.date}-{self.part}-{self.id}"


def clock(hours):
    """``9.5`` as ``09:30``."""
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
