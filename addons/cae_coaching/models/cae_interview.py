from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime, format_time

from odoo.addons.cae_base.models.cae_owned import OWNED

from ..engine import funding
from .cae_interview_type import MODES

STATES = [
    ("planned", "Planned"),
    ("held", "Held"),
    ("absent", "Absent"),
    ("excused", "Excused"),
    ("cancelled", "Cancelled"),
]
#: Set by the steps of the interview alone.
OWNED["cae.interview"] = {
    "state": "planned",
    "state_reason": False,
    "event_id": False,
    "figures": False,
    "correction_reason": False,
}
#: The four parts that the law asks of the document (R.7331-3).
PARTS = ("review", "prospects", "action_plan", "needs")
#: What the shared report says: fixed while it is shared.
REPORTED = {
    *PARTS,
    *("entrepreneur_ids", "coach_ids", "type_id", "mode", "place", "company_id"),
    *("date_start", "date_stop", "held_start", "held_stop"),
}
#: What the calendar says: fixed once the interview was held or given up.
PLANNED = {"date_start", "date_stop"}
LONGEST = timedelta(hours=24)
#: An interview may be closed a little before its end: coaches do, as people leave.
GRACE = timedelta(minutes=15)


class CaeInterview(models.Model):
    """An interview of a coach with one or several entrepreneurs."""

    _name = "cae.interview"
    _description = "Interview"
    _inherit = ["cae.owned", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _rec_names_search = ["person_names", "type_id"]
    _check_company_auto = True

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    entrepreneur_ids = fields.Many2many(
        "cae.entrepreneur",
        "cae_interview_entrepreneur_rel",
        string="Persons",
        required=True,
        check_company=True,
    )
    person_names = fields.Char(
        string="Names", compute="_compute_person_names", store=True
    )
    first_entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="First Person",
        compute="_compute_first_entrepreneur_id",
        store=True,
        help="Under whom the time of an interview of several people is listed.",
    )
    coach_ids = fields.Many2many(
        "res.users",
        "cae_interview_coach_rel",
        string="Coaches",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    coach_user_ids = fields.Many2many(
        "res.users",
        "cae_interview_reader_rel",
        string="Users Who Read It",
        compute="_compute_coach_user_ids",
        store=True,
        groups="cae_coaching.group_coaching_manager",
        help="The coaches of the interview, those of the persons, and their teams.",
    )
    type_id = fields.Many2one(
        "cae.interview.type",
        required=True,
        tracking=True,
        ondelete="restrict",
        default=lambda self: self.env["cae.interview.type"].search([], limit=1),
        domain="[('company_id', 'in', (company_id, False))]",
    )
    legal = fields.Boolean(related="type_id.legal")
    mode = fields.Selection(
        MODES,
        compute="_compute_mode",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    place = fields.Char(tracking=True, help="Room, address or telephone number.")
    video_url = fields.Char(string="Video Link")
    date_start = fields.Datetime(
        string="Planned Start", required=True, index=True, tracking=True
    )
    date_stop = fields.Datetime(
        string="Planned End",
        compute="_compute_date_stop",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    held_start = fields.Datetime(string="Began at", copy=False, tracking=True)
    held_stop = fields.Datetime(string="Ended at", copy=False, tracking=True)
    duration = fields.Float(
        string="Hours",
        compute="_compute_duration",
        store=True,
        help="As it was held; as it is planned until then. Nothing when it was not "
        "held.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="planned",
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    state_reason = fields.Char(
        string="Reason", readonly=True, copy=False, tracking=True
    )
    review = fields.Html(
        string="Review of the Activity",
        copy=False,
        help="How the activity went since the last interview.",
    )
    prospects = fields.Html(copy=False, help="What can be foreseen of the activity.")
    action_plan = fields.Html(
        string="Individual and Collective Actions",
        copy=False,
        help="What the person does, alone or with others, until the next interview.",
    )
    needs = fields.Html(
        string="Support Needed",
        copy=False,
        help="What the cooperative brings: advice, training, workshops, services.",
    )

    # Reports make wide rows: lists and counts of all interviews keep off them.
    _list_index = models.Index(
        "(company_id, date_start DESC, id DESC) WHERE active IS TRUE"
    )
    _dates_order = models.Constraint(
        "CHECK(date_stop > date_start)", "An interview ends after it starts."
    )
    _held_order = models.Constraint(
        "CHECK(held_stop > held_start)", "An interview ends after it begins."
    )

    @api.depends("entrepreneur_ids.name")
    def _compute_person_names(self):
        for interview in self:
            names = interview.entrepreneur_ids.mapped("name")
            interview.person_names = ", ".join(filter(None, names))

    @api.depends("entrepreneur_ids")
    def _compute_first_entrepreneur_id(self):
        # Stored: looked up row by row, it was half of the time of the workload's list.
        for interview in self:
            people = interview.entrepreneur_ids._origin
            interview.first_entrepreneur_id = people.sorted("id")[:1]

    @api.depends(
        "coach_ids",
        "entrepreneur_ids.coach_id",
        "entrepreneur_ids.team_id.user_ids",
    )
    def _compute_coach_user_ids(self):
        # Rules of rights look at stored users: see cae_activity_share_access. Written
        # together: one by one each would be a query.
        for users, interviews in self.grouped(lambda i: i._readers()).items():
            interviews.coach_user_ids = users

    def _readers(self):
        people = self.entrepreneur_ids
        return self.coach_ids | people.coach_id | people.team_id.user_ids

    @api.depends("type_id")
    def _compute_mode(self):
        for interview in self:
            interview.mode = interview.type_id.mode or "onsite"

    @api.depends("type_id", "date_start")
    def _compute_date_stop(self):
        for interview in self:
            start = interview.date_start
            hours = interview.type_id.duration or 1
            interview.date_stop = start and start + timedelta(hours=hours)

    @api.depends("state", "date_start", "date_stop", "held_start", "held_stop")
    def _compute_duration(self):
        for interview in self:
            first, last = interview._span()
            hours = (last - first).total_seconds() / 3600 if first and last else 0
            over = interview.state not in ("planned", "held")
            # Whole minutes: three of twenty make an hour.
            interview.duration = 0 if over else funding.minutes(hours) / 60

    def _span(self):
        """Real start and end; planned ones until it was held."""
        if self.state == "held":
            return self.held_start, self.held_stop
        return self.date_start, self.date_stop

    @api.depends("person_names", "date_start")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for interview in self:
            start = interview.date_start
            day = start and format_datetime(self.env, start, dt_format="short")
            parts = (interview.person_names, day)
            interview.display_name = " – ".join(filter(None, parts)) or False

    @api.constrains("entrepreneur_ids", "coach_ids")
    def _check_people(self):
        for interview in self:
            # sudo: whether somebody is named, among people that the user may not see.
            named = interview.sudo()
            if not (named.entrepreneur_ids and named.coach_ids):
                raise ValidationError(
                    self.env._(
                        "CAE-INTERVIEW-PEOPLE: an interview has a person and a coach."
                    )
                )

    @api.constrains("coach_ids")
    def _check_coaches(self):
        # sudo: the groups of a user are the administrator's to read.
        for user in self.sudo().coach_ids:
            if not user.has_group("cae_base.group_coach"):
                raise ValidationError(
                    self.env._(
                        "CAE-INTERVIEW-COACH: %(name)s is no coach.", name=user.name
                    )
                )

    @api.constrains("date_start", "date_stop", "held_start", "held_stop")
    def _check_length(self):
        for interview in self:
            spans = (
                (interview.date_start, interview.date_stop),
                (interview.held_start, interview.held_stop),
            )
            if any(a and b and b - a > LONGEST for a, b in spans):
                raise ValidationError(
                    self.env._(
                        "CAE-INTERVIEW-LENGTH: an interview lasts a day at most."
                    )
                )

    @api.constrains("state", "held_start", "held_stop")
    def _check_held(self):
        """What was held began and ended, neither in times to come.

        :raises ValidationError: ``CAE-INTERVIEW-HELD``, ``CAE-INTERVIEW-FUTURE``
        """
        now = fields.Datetime.now()
        for interview in self.filtered(lambda i: i.state == "held"):
            if not (interview.held_start and interview.held_stop):
                raise ValidationError(
                    self.env._(
                        "CAE-INTERVIEW-HELD: say when it began and ended: it was held."
                    )
                )
            if interview.held_start > now:
                raise ValidationError(
                    self.env._(
                        "CAE-INTERVIEW-FUTURE: %(name)s has not begun yet.",
                        name=interview.display_name,
                    )
                )
            if interview.held_stop > now + GRACE:
                raise ValidationError(
                    self.env._(
                        "CAE-INTERVIEW-FUTURE: %(name)s ends at %(end)s only. Mark it "
                        "as held once it is over; if it ended earlier, change its end "
                        "first.",
                        name=interview.display_name,
                        end=format_time(
                            self.env, interview.held_stop, time_format="short"
                        ),
                    )
                )

    def write(self, vals):
        if not self._cae_owning():
            self._check_fixed(vals)
        return super().write(vals)

    def _check_fixed(self, vals):
        """:raises UserError: ``CAE-INTERVIEW-SHARED``, ``CAE-INTERVIEW-STATE``"""
        shared = self.filtered(lambda i: i.report_state != "draft")
        if shared and REPORTED & vals.keys():
            raise UserError(
                self.env._(
                    "CAE-INTERVIEW-SHARED: the report of %(name)s is shared and stays "
                    "as it is. Correct it with a reason: a new version is then signed.",
                    name=shared[0].display_name,
                )
            )
        if PLANNED & vals.keys():
            self._check_state("planned")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        kept = self.filtered(lambda i: i.state == "held" or i.report_ids)
        # An erasure that the person has a right to is the product's own.
        if kept and not self._cae_owning():
            raise UserError(
                self.env._(
                    "CAE-INTERVIEW-KEPT: %(name)s was held: it stays in the file.",
                    name=kept[0].display_name,
                )
            )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _check_state(self, *states):
        """:raises UserError: ``CAE-INTERVIEW-STATE``"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for interview in self:
            if interview.state not in states:
                raise UserError(
                    self.env._(
                        "CAE-INTERVIEW-STATE: %(name)s is %(state)s.",
                        name=interview.display_name,
                        state=labels[interview.state].lower(),
                    )
                )

    def action_held(self) -> bool:
        """The interviews took place; figures are kept as they are.

        The real start and end are the planned ones unless they were entered.

        :raises UserError: ``CAE-INTERVIEW-STATE``; ``CAE-INTERVIEW-FUTURE`` before
            its start, or more than fifteen minutes before its end
        """
        self.check_access("write")
        self._check_state("planned")
        for interview in self:
            start = interview.held_start or interview.date_start
            if start > fields.Datetime.now():
                raise UserError(
                    self.env._(
                        "CAE-INTERVIEW-FUTURE: %(name)s has not begun yet.",
                        name=interview.display_name,
                    )
                )
            stop = interview.held_stop
            if not stop or stop <= start:
                stop = start + (interview.date_stop - interview.date_start)
            interview._cae_own().write(
                {
                    "state": "held",
                    "held_start": start,
                    "held_stop": stop,
                }
            )
            interview._keep_figures()
        return True

    def action_absent(self, reason: str) -> bool:
        """The person did not come.

        :raises UserError: ``CAE-INTERVIEW-STATE``, ``CAE-INTERVIEW-REASON``
        """
        return self._give_up("absent", reason)

    def action_excused(self, reason: str) -> bool:
        """The person said that they could not come.

        :raises UserError: ``CAE-INTERVIEW-STATE``, ``CAE-INTERVIEW-REASON``
        """
        return self._give_up("excused", reason)

    def action_cancel(self, reason: str) -> bool:
        """The interview does not take place: calendars are told.

        :raises UserError: ``CAE-INTERVIEW-STATE``, ``CAE-INTERVIEW-REASON``
        """
        return self._give_up("cancelled", reason)

    def _give_up(self, state, reason):
        self.check_access("write")
        self._check_state("planned")
        reason = self._checked_reason(reason)
        self._cae_own().write({"state": state, "state_reason": reason})
        self._cancel_events()
        return True

    def action_replan(self) -> bool:
        """Planned again, at the same time until it is moved.

        :raises UserError: ``CAE-INTERVIEW-STATE``
        """
        self.check_access("write")
        self._check_state("absent", "excused", "cancelled")
        self._cae_own().write(
            {
                "state": "planned",
                "state_reason": False,
                "held_start": False,
                "held_stop": False,
            }
        )
        self._sync_events()
        return True

    @api.model
    def _checked_reason(self, reason):
        """:raises UserError: ``CAE-INTERVIEW-REASON``"""
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(
                self.env._("CAE-INTERVIEW-REASON: say why; it is kept with your name.")
            )
        return reason.strip()

    def action_ask(self) -> dict:
        """Ask the reason of a step, named in the context as ``operation``."""
        operation = self.env.context.get("operation")
        return self.env["cae.interview.reason"]._ask(
            operation, self.env._("Reason"), interview_ids=self.ids
        )
