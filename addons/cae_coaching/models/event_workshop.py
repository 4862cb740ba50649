from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: Purpose of a training, as the yearly report asks it.
GOALS = [
    ("certification", "Certification or diploma"),
    ("other", "Other vocational training"),
    ("skills", "Assessment of skills"),
    ("experience", "Validation of experience"),
]


class EventEvent(models.Model):
    """Workshops and trainings are events: seats, dates and reminders are Odoo's."""

    _inherit = "event.event"

    cae_workshop = fields.Boolean(
        string="Workshop",
        index="btree_not_null",
        help="A workshop or a training for the people of the cooperative, with "
        "half-days, attendance and certificates.",
    )
    cae_training = fields.Boolean(
        string="Vocational Training",
        help="Counts in the yearly training report, and its evidence is checked "
        "(Qualiopi).",
    )
    cae_goal = fields.Selection(GOALS, string="Purpose", default="other")
    cae_portal = fields.Boolean(
        string="Sign-up on the Portal",
        default=True,
        help="Entrepreneurs see it in their space and sign up until it begins.",
    )
    cae_trainer_ids = fields.Many2many(
        "res.partner", "cae_workshop_trainer_rel", string="Trainers"
    )
    cae_session_ids = fields.One2many(
        "cae.workshop.session", "event_id", string="Half-days"
    )
    cae_hours = fields.Float(
        string="Hours",
        compute="_compute_cae_hours",
        store=True,
        help="Of all half-days.",
    )
    cae_objectives = fields.Html(
        string="Objectives", help="What people can do after it, on the certificate."
    )
    cae_needs = fields.Html(string="Needs", help="What need it answers, and how known.")
    cae_adaptation = fields.Html(
        string="Adaptation", help="How it is adapted to who comes, disability too."
    )
    cae_method = fields.Html(
        string="Means and Assessment", help="How it is taught, and learning assessed."
    )
    cae_queue = fields.Integer(
        string="Sign-ups So Far",
        copy=False,
        readonly=True,
        help="Numbers the sign-ups: two at a time never take the same last seat.",
    )
    cae_waiting_count = fields.Integer(
        string="Waiting", compute="_compute_cae_waiting_count"
    )
    cae_evaluation_ids = fields.One2many(
        "cae.workshop.evaluation",
        "event_id",
        string="Evaluations of the Workshop",
        groups="cae_base.group_coach",
    )

    @api.depends("cae_session_ids.hours")
    def _compute_cae_hours(self):
        for event in self:
            event.cae_hours = sum(event.cae_session_ids.mapped("hours"))

    def _compute_cae_waiting_count(self):
        counts = dict(
            self.env["event.registration"]._read_group(
                [("event_id", "in", self.ids), ("cae_waiting", "=", True)],
                ["event_id"],
                ["__count"],
            )
        )
        for event in self:
            event.cae_waiting_count = counts.get(event, 0)

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"seats_max", "seats_limited"}:
            self._cae_promote()
        return result

    # ------------------------------------------------------------------
    # Sign-up
    # ------------------------------------------------------------------

    @api.model
    def _cae_open_workshops(self, companies):
        """Workshops that people of these companies may sign up for, by date."""
        domain = Domain("cae_workshop", "=", True) & Domain("cae_portal", "=", True)
        domain &= Domain("date_begin", ">", fields.Datetime.now())
        domain &= Domain("company_id", "in", [*companies.ids, False])
        domain &= Domain("kanban_state", "!=", "cancel")
        return self.search(domain, order="date_begin")

    def _cae_sign_up_person(self, person, need=""):
        """A seat, or a place on the waiting list, for an entrepreneur.

        :raises UserError: ``CAE-WORKSHOP-CLOSED``, ``CAE-WORKSHOP-TWICE``
        """
        self.ensure_one()
        open_to = self._cae_open_workshops(person.company_id)
        if self not in open_to or person.stage == "left":
            raise UserError(
                self.env._("CAE-WORKSHOP-CLOSED: nobody can sign up for it any more.")
            )
        return self.env["event.registration"].create(
            {
                "event_id": self.id,
                "cae_entrepreneur_id": person.id,
                "cae_need": need,
            }
        )

    def _cae_take_numbers(self, count):
        """The last number taken before; ``count`` more are taken.

        The write makes a second sign-up at the same moment begin again.
        """
        first = self.cae_queue
        self.cae_queue = first + count
        self.flush_recordset(["cae_queue"])
        return first

    def _cae_free_seats(self):
        """How many seats are left; None without a limit."""
        self.ensure_one()
        if not (self.seats_limited and self.seats_max):
            return None
        return max(self.seats_available, 0)

    def _cae_promote(self):
        """Whoever waits longest takes the seat that came free, and is told."""
        # sudo: seats pass on whoever gave theirs back, and whoever's turn it is.
        coming = self.sudo().filtered(
            lambda e: e.cae_workshop and e.date_begin > fields.Datetime.now()
        )
        waiting = self.env["event.registration"].sudo()
        waiting = waiting.search(
            [("event_id", "in", coming.ids), ("cae_waiting", "=", True)],
            order="cae_rank, id",
        )
        lucky = waiting.browse()
        for event, queue in waiting.grouped("event_id").items():
            free = event._cae_free_seats()
            lucky |= queue if free is None else queue[:free]
        if lucky:
            lucky.write({"state": "open"})
            lucky._cae_tell("cae_coaching.workshop_promoted_mail")
        return lucky

    def _cae_sync_attendance(self):
        """A line on every sheet for everybody who has a seat; in a few queries."""
        # sudo: sheets are made by whoever plans or signs up; rights are on reading.
        events = self.sudo().filtered("cae_workshop")
        Attendance = self.env["cae.workshop.attendance"].sudo()
        seats = self.env["event.registration"].sudo()
        seats = seats.search([("event_id", "in", events.ids)])
        taken = seats.filtered(lambda r: r.state in ("open", "done"))
        lines = Attendance.search_fetch(
            [("event_id", "in", events.ids)],
            ["session_id", "registration_id", "state"],
        )
        known = {(line.session_id, line.registration_id) for line in lines}
        lines.filtered(
            lambda a: a.state == "expected" and a.registration_id not in taken
        ).unlink()
        Attendance.create(
            [
                {"session_id": session.id, "registration_id": seat.id}
                for seat in taken
                for session in seat.event_id.cae_session_ids
                if (session, seat) not in known
            ]
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_cae_attendance(self) -> dict:
        """The attendance of these workshops, half-day by half-day."""
        return self._cae_open(
            "cae.workshop.attendance", self.env._("Attendance"), "list,form,pivot"
        )

    def action_cae_evaluations(self) -> dict:
        """What participants thought of these workshops."""
        return self._cae_open(
            "cae.workshop.evaluation", self.env._("Evaluations"), "list,form,pivot"
        )

    def _cae_open(self, model, name, modes):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": modes,
            "domain": [("event_id", "in", self.ids)],
            "context": {"group_by": []},
        }

    def action_cae_certificates(self) -> dict:
        """Certify who attended, once the workshop is over.

        :raises UserError: ``CAE-WORKSHOP-EARLY`` before its end,
            ``CAE-WORKSHOP-NOBODY`` when nobody attended
        """
        self.check_access("write")
        for event in self:
            if event.date_end > fields.Datetime.now():
                raise UserError(
                    self.env._(
                        "CAE-WORKSHOP-EARLY: %(name)s is not over.", name=event.name
                    )
                )
        self.env["cae.workshop.certificate"]._issue(self)
        return self._cae_open(
            "cae.workshop.certificate", self.env._("Certificates"), "list,form"
        )
