from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..engine import funding

#: Kinds of hours, and the field that says whether a line takes them.
KINDS = {"interview": "use_interviews", "workshop": "use_workshops"}


class CaeFunderLine(models.Model):
    """Hours that a funder bought for some people, over some time."""

    _name = "cae.funder.line"
    _description = "Funding Line"
    _inherit = ["mail.thread"]
    _order = "sequence, date_start, id"
    _rec_names_search = ["name", "code", "programme_id"]
    _check_company_auto = True

    sequence = fields.Integer(
        default=10, help="Somebody on two lines has their hours on the first that fits."
    )
    active = fields.Boolean(default=True)
    name = fields.Char(required=True, tracking=True)
    code = fields.Char(help="Action and sub-action, as the funder names them.")
    programme_id = fields.Many2one(
        "cae.funder.programme", required=True, index=True, ondelete="restrict"
    )
    funder_id = fields.Many2one(related="programme_id.funder_id", store=True)
    company_id = fields.Many2one(
        related="programme_id.company_id", store=True, index=True
    )
    date_start = fields.Date(
        string="Start Date",
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="First day of the hours that this line pays; that of the programme at "
        "first.",
    )
    date_end = fields.Date(
        string="End Date",
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="Last day of the hours that this line pays; that of the programme at "
        "first.",
    )
    state = fields.Selection(
        [("open", "Open"), ("closed", "Handed over")],
        required=True,
        readonly=True,
        default="open",
        copy=False,
        tracking=True,
        help="Handed over: its hours stay as they were told to the funder.",
    )
    hours_bought = fields.Float(tracking=True, help="0 without a limit.")
    hours_person = fields.Float(
        string="Hours per Person", tracking=True, help="At most; 0 without a limit."
    )
    use_interviews = fields.Boolean(
        string="Interviews",
        default=True,
        help="Hours of interviews count on this line.",
    )
    use_workshops = fields.Boolean(
        string="Workshops",
        default=True,
        help="Hours of workshops count on this line.",
    )
    # Who may be on it; what is empty excludes nobody.
    stage = fields.Selection(
        [("cape", "CAPE"), ("cesa", "CESA"), ("employee", "Ordinary contract")],
        string="Contract",
        help="Only people with this contract; empty: all.",
    )
    team_ids = fields.Many2many(
        "cae.team",
        "cae_funder_line_team_rel",
        string="Teams",
        check_company=True,
        help="Only people of these teams; empty: all.",
    )
    zip_prefixes = fields.Char(
        string="Postcodes", help="Postcodes, or their beginnings: 69, 38200."
    )
    entered_from = fields.Date(
        help="Only people who entered on this day or later; empty: all.",
    )
    age_max = fields.Integer(
        string="Younger Than",
        aggregator=None,
        help="Only people younger than this age, such as 30; 0: all.",
    )
    sex = fields.Selection(
        [("F", "Women"), ("M", "Men")],
        help="Only women, or only men; empty: all.",
    )
    participant_ids = fields.One2many("cae.funder.participant", "line_id")
    participant_count = fields.Integer(compute="_compute_counts", string="People")
    hour_ids = fields.One2many("cae.funded.hour", "line_id")
    hours_done = fields.Float(compute="_compute_counts")
    hours_signed = fields.Float(compute="_compute_counts")
    hours_left = fields.Float(compute="_compute_counts")
    coach_hours = fields.Float(compute="_compute_counts", string="Coaches' Hours")
    hours_unfunded = fields.Float(
        string="Hours Not Funded",
        compute="_compute_hours_unfunded",
        help="What people on this line had and no line pays.",
    )

    _dates_order = models.Constraint(
        "CHECK(date_end >= date_start)",
        "CAE-FUNDER-DATES: a line ends after it starts.",
    )
    _hours_positive = models.Constraint(
        "CHECK(hours_bought >= 0 AND hours_person >= 0)",
        "CAE-FUNDER-HOURS: hours are not negative.",
    )

    @api.depends("programme_id")
    def _compute_dates(self):
        for line in self:
            line.date_start = line.date_start or line.programme_id.date_start
            line.date_end = line.date_end or line.programme_id.date_end

    @api.depends("hours_bought", "hour_ids.hours", "hour_ids.signed", "participant_ids")
    def _compute_counts(self):
        here = [("line_id", "in", self.ids)]
        # sudo: totals of a line, without who had them.
        hours = self.env["cae.funded.hour"].sudo()
        done = dict(hours._read_group(here, ["line_id"], ["hours:sum"]))
        signed = [*here, ("signed", "=", True)]
        signed = dict(hours._read_group(signed, ["line_id"], ["hours:sum"]))
        people = self.env["cae.funder.participant"].sudo()
        people = dict(people._read_group(here, ["line_id"], ["__count"]))
        times = self.env["cae.coach.time"].sudo()
        times = dict(times._read_group(here, ["line_id"], ["hours:sum"]))
        for line in self:
            origin = line.sudo()._origin
            line.hours_done = done.get(origin, 0)
            line.hours_signed = signed.get(origin, 0)
            line.participant_count = people.get(origin, 0)
            line.coach_hours = times.get(origin, 0)
            left = funding.minutes(line.hours_bought - line.hours_done)
            line.hours_left = max(left, 0) / 60

    @api.depends("participant_ids", "hour_ids")
    def _compute_hours_unfunded(self):
        lines = {line: line._origin for line in self}
        totals = self.env["cae.unfunded.hour"]._totals(lines)
        for line in self:
            line.hours_unfunded = totals[line]

    @api.constrains("date_start", "date_end", "programme_id")
    def _check_inside(self):
        for line in self:
            whole = line.programme_id
            if line.date_start < whole.date_start or line.date_end > whole.date_end:
                raise ValidationError(
                    self.env._(
                        "CAE-FUNDER-DATES: %(name)s is outside the dates of the "
                        "programme.",
                        name=line.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(line.hour_ids or line.participant_ids for line in self):
            raise UserError(
                self.env._("CAE-FUNDER-KEPT: a line with people or hours is archived.")
            )

    # ------------------------------------------------------------------
    # Eligibility
    # ------------------------------------------------------------------

    def _eligibility(self):
        """Domain of the entrepreneurs who may be on this line."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id)
        if self.stage:
            domain &= Domain("stage", "=", self.stage)
        else:
            domain &= Domain("stage", "not in", ("candidate", "left"))
        if self.team_ids:
            domain &= Domain("team_id", "in", self.team_ids.ids)
        if self.entered_from:
            domain &= Domain("date_entry", ">=", self.entered_from)
        if self.sex:
            domain &= Domain("sex", "=", self.sex)
        return domain & self._eligible_age() & self._eligible_places()

    def _eligible_age(self):
        if not self.age_max:
            return Domain.TRUE
        youngest = self.date_start - relativedelta(years=self.age_max)
        return Domain("birth_date", ">", youngest)

    def _eligible_places(self):
        prefixes = [p.strip() for p in (self.zip_prefixes or "").split(",")]
        return (
            Domain.OR(
                Domain("partner_id.zip", "=like", f"{prefix}%")
                for prefix in prefixes
                if prefix
            )
            if any(prefixes)
            else Domain.TRUE
        )

    def action_add_eligible(self) -> bool:
        """Put everybody who is eligible, and whom the user may read, on these lines."""
        self.check_access("write")
        self._check_open()
        values = []
        for line in self:
            people = self.env["cae.entrepreneur"].search(line._eligibility())
            for person in people - line.participant_ids.entrepreneur_id:
                values.append({"line_id": line.id, "entrepreneur_id": person.id})
        self.env["cae.funder.participant"].create(values)
        return True

    def _check_open(self):
        """:raises UserError: ``CAE-FUNDER-CLOSED``"""
        for line in self:
            if line.state != "open":
                raise UserError(
                    self.env._(
                        "CAE-FUNDER-CLOSED: %(name)s was handed over to the funder.",
                        name=line.name,
                    )
                )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def action_refresh(self) -> bool:
        """Read again the hours of interviews and workshops of these companies."""
        self.check_access("write")
        self.env["cae.funded.hour"]._refresh(self.company_id)
        return True

    def action_close(self) -> bool:
        """Handed over: the hours are read a last time, then stay.

        :raises UserError: ``CAE-FUNDER-CLOSED``
        """
        self._check_open()
        self.action_refresh()
        self.state = "closed"
        return True

    def action_reopen(self) -> bool:
        """Open again, for a correction."""
        self.check_access("write")
        self.state = "open"
        return True

    @api.model
    def _cron_refresh(self):
        lines = self.search([("state", "=", "open")])
        self.env["cae.funded.hour"]._refresh(lines.company_id)

    def action_hours(self) -> dict:
        """Hours of these lines."""
        return self._open("cae.funded.hour", self.env._("Funded Hours"))

    def action_unfunded(self) -> dict:
        """Hours of the people on these lines that no line pays, with the reason."""
        return self.env["cae.unfunded.hour"]._open_of(self)

    def action_times(self) -> dict:
        """Time of coaches on these lines."""
        return self._open("cae.coach.time", self.env._("Time Sheets"))

    def action_participants(self) -> dict:
        """People on these lines."""
        return self._open("cae.funder.participant", self.env._("People on the Line"))

    def _open(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,pivot,form",
            "domain": [("line_id", "in", self.ids)],
            "context": {"default_line_id": self[:1].id},
        }

    def _engine_line(self):
        """As the engine sees it."""
        return funding.Line(
            key=self.id,
            rank=self.sequence,
            first=self.date_start,
            last=self.date_end,
            kinds=frozenset(kind for kind, name in KINDS.items() if self[name]),
            bought=funding.minutes(self.hours_bought),
            each=funding.minutes(self.hours_person),
            closed=self._fixed(),
        )

    def _fixed(self):
        """Whether its hours stay as they are: handed over, or archived."""
        return self.state == "closed" or not self.active
