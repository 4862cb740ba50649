from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.cae_base.models.cae_owned import OWNED
from odoo.addons.cae_base.tools import format_date

from ..engine import notice
from ..engine.rules import GovernanceError
from .cae_rule_decision import CALLS
from .cae_rule_set import coded

STATES = [
    ("draft", "In preparation"),
    ("convened", "Convened"),
    ("open", "In session"),
    ("held", "Held"),
    ("signed", "Minutes signed"),
    ("cancelled", "Cancelled"),
]
#: Set by the steps of the meeting alone.
OWNED["cae.meeting"] = {
    "state": "draft",
    "number": 0,
    "call": "1",
    "first_meeting_id": False,
    "date_frozen": False,
    "date_convened": False,
    "date_opened": False,
    "date_closed": False,
    "date_signed": False,
    "signed_by_id": False,
    "minutes_hash": False,
    "minutes_pdf_id": False,
    "agenda_outdated": False,
}
#: What the notice says: fixed once it was sent.
ANNOUNCED = {"date", "place", "remote_url", "rule_set_id", "company_id"}


class CaeMeeting(models.Model):
    """A general meeting, from its preparation to its signed minutes."""

    _name = "cae.meeting"
    _description = "General Meeting"
    _inherit = ["cae.owned", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True,
        tracking=True,
        default=lambda self: self.env._("General meeting"),
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    number = fields.Integer(
        string="Number in the Register",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Without gaps, given when the minutes are signed.",
    )
    kind = fields.Selection(
        [
            ("ordinary", "Ordinary"),
            ("extraordinary", "Extraordinary"),
            ("mixed", "Mixed"),
        ],
        compute="_compute_kind",
        store=True,
        help="From the resolutions: mixed when there are both.",
    )
    call = fields.Selection(
        CALLS, required=True, readonly=True, default="1", copy=False
    )
    first_meeting_id = fields.Many2one(
        "cae.meeting", string="First Call", readonly=True, copy=False, index=True
    )
    second_meeting_ids = fields.One2many("cae.meeting", "first_meeting_id")
    may_call_again = fields.Boolean(
        compute="_compute_may_call_again",
        help="A first call that could not decide everything, not called again yet.",
    )
    date = fields.Datetime(required=True, tracking=True)
    duration = fields.Float(default=3.0, help="In hours, for the calendars.")
    place = fields.Char(tracking=True)
    remote_url = fields.Char(string="Remote Link", tracking=True)
    record_date = fields.Date(
        tracking=True,
        copy=False,
        help="Who is a member on this day may vote. Empty: the day on which the notice "
        "is sent.",
    )
    rule_set_id = fields.Many2one(
        "cae.rule.set",
        string="Rules",
        required=True,
        tracking=True,
        ondelete="restrict",
        default=lambda self: self._default_rule_set(),
        domain="[('company_id', 'in', (company_id, False))]",
    )
    rules_to_check = fields.Boolean(related="rule_set_id.to_check")
    weighted = fields.Boolean(
        string="Votes by College",
        help="Votes are counted inside each college, then weighted.",
    )
    chair_id = fields.Many2one("res.partner", tracking=True)
    secretary_id = fields.Many2one("res.partner", tracking=True)
    document_ids = fields.Many2many(
        "ir.attachment", string="Documents", help="Sent with the notice.", copy=False
    )
    introduction = fields.Html(help="Words of the notice, before the agenda.")
    resolution_ids = fields.One2many("cae.resolution", "meeting_id", copy=True)
    elector_ids = fields.One2many("cae.meeting.elector", "meeting_id", copy=False)
    proxy_ids = fields.One2many("cae.proxy", "meeting_id", copy=False)
    notice_ids = fields.One2many("cae.meeting.notice", "meeting_id", copy=False)
    date_frozen = fields.Datetime(string="Voters Frozen on", readonly=True, copy=False)
    date_convened = fields.Datetime(string="Convened on", readonly=True, copy=False)
    date_opened = fields.Datetime(string="Opened on", readonly=True, copy=False)
    date_closed = fields.Datetime(string="Closed on", readonly=True, copy=False)
    last_notice_day = fields.Date(
        compute="_compute_last_notice_day",
        help="Last day on which the notice may be sent: the day of sending does not "
        "count.",
    )
    late_reason = fields.Char(
        string="Why the Notice is Late",
        tracking=True,
        copy=False,
        help="For example: all members are present or represented and agree.",
    )
    agenda_outdated = fields.Boolean(
        string="Agenda to Send Again", readonly=True, copy=False
    )
    turn = fields.Integer(default=0, copy=False, groups="base.group_system")
    member_count = fields.Integer(
        compute="_compute_counts", compute_sudo=True, string="Voters"
    )
    present_count = fields.Integer(
        compute="_compute_counts", compute_sudo=True, string="Members Present"
    )
    represented_count = fields.Integer(
        compute="_compute_counts", compute_sudo=True, string="Members Represented"
    )
    attending_count = fields.Integer(
        compute="_compute_counts", compute_sudo=True, string="Present or Represented"
    )
    proxy_count = fields.Integer(
        compute="_compute_counts", compute_sudo=True, string="Proxies"
    )
    resolution_count = fields.Integer(
        compute="_compute_counts", compute_sudo=True, string="Resolutions"
    )
    max_proxy = fields.Integer(
        compute="_compute_counts",
        compute_sudo=True,
        string="Proxies per Member at Most",
    )
    quorum_text = fields.Text(
        compute="_compute_quorum_text", compute_sudo=True, string="Quorum"
    )

    _number_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number > 0",
        "Another meeting has this number in the register.",
    )

    # ------------------------------------------------------------------
    # Fields
    # ------------------------------------------------------------------

    @api.model
    def _default_rule_set(self):
        company = self.env.company
        last = self.search([("company_id", "=", company.id)], limit=1)
        own = self.env["cae.rule.set"]._in_force(company, company._cae_today())
        return own or last.rule_set_id

    @api.depends("resolution_ids.kind", "resolution_ids.mode")
    def _compute_kind(self):
        for meeting in self:
            kinds = set(meeting.resolution_ids.mapped("kind")) - {False}
            single = next(iter(kinds), "ordinary")
            meeting.kind = "mixed" if len(kinds) > 1 else single

    @api.depends("date", "call", "rule_set_id")
    def _compute_last_notice_day(self):
        for meeting in self:
            day = meeting._day()
            meeting.last_notice_day = day and notice.last_day(
                day, meeting._notice_days()
            )

    @api.depends(
        *("elector_ids.status", "proxy_ids.state", "resolution_ids", "rule_set_id")
    )
    def _compute_counts(self):
        for meeting in self:
            electors = meeting.elector_ids
            status = electors.mapped("status")
            meeting.member_count = len(electors)
            meeting.represented_count = status.count("represented")
            meeting.present_count = sum(
                status.count(each) for each in ("present", "remote", "postal")
            )
            meeting.attending_count = meeting.present_count + meeting.represented_count
            meeting.proxy_count = len(
                meeting.proxy_ids.filtered(lambda p: p.state != "revoked")
            )
            meeting.resolution_count = len(meeting.resolution_ids)
            meeting.max_proxy = (
                meeting.rule_set_id and meeting.rule_set_id._max_proxies(len(electors))
            )

    @api.depends(
        *("attending_count", "member_count", "resolution_ids.kind"),
        *("call", "rule_set_id"),
    )
    @api.depends_context("lang")
    def _compute_quorum_text(self):
        for meeting in self:
            lines = meeting._quorum_lines() if meeting.rule_set_id else []
            meeting.quorum_text = "\n".join(line["text"] for line in lines)

    @api.depends("state", "call", "second_meeting_ids", "resolution_ids.outcome")
    def _compute_may_call_again(self):
        for meeting in self:
            first = meeting.call == "1" and meeting.state in ("held", "signed")
            meeting.may_call_again = (
                first and not meeting.second_meeting_ids and bool(meeting._undecided())
            )

    def _undecided(self):
        """Resolutions that a second call may decide."""
        return self.resolution_ids.filtered(lambda r: r._may_be_called_again())

    @api.depends("name", "date")
    def _compute_display_name(self):
        for meeting in self:
            day = meeting._day()
            when = f", {format_date(self.env, day)}" if day else ""
            meeting.display_name = f"{meeting.name or ''}{when}"

    def _day(self):
        """Day of the meeting where it is held."""
        zone = self.company_id._cae_time_zone()
        return (
            self.date
            and fields.Datetime.context_timestamp(
                self.with_context(tz=zone), self.date
            ).date()
        )

    def _hour(self):
        """``18:30`` where it is held."""
        return self._hour_of(self.date)

    def _hour_of(self, moment):
        zone = self.company_id._cae_time_zone()
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), moment)
        return f"{local:%H:%M}"

    def _closing_hour(self):
        return self._hour_of(self.date_closed)

    def _notice_days(self):
        rule = self.rule_set_id
        return rule.notice_days if self.call == "1" else rule.notice_days_second

    # ------------------------------------------------------------------
    # Public
    # ------------------------------------------------------------------

    @api.model
    def max_proxies(self, rule: str, members: int) -> int:
        """Proxies that one member may hold, besides their own vote.

        :param rule: ``sarl_scop``, ``sa_scop``, ``sas_scop`` (one under 20 members,
            else a twentieth of them: loi 78-763), ``scic``, ``loi47`` (one, unless
            the statutes say otherwise)
        :param members: members of the cooperative
        :raises UserError: ``CAE-RULE-UNKNOWN``, ``CAE-VOTE-COUNT``
        """
        rule_set = self.env["cae.rule.set"]._standard(rule)
        try:
            return rule_set._max_proxies(members)
        except GovernanceError as error:
            raise coded(self.env, error) from error

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    @api.constrains("remote_url")
    def _check_remote_url(self):
        """Members open it: a page of the web, no script.

        :raises ValidationError: ``CAE-MEETING-LINK``
        """
        for meeting in self.filtered("remote_url"):
            scheme, colon, _rest = meeting.remote_url.strip().partition(":")
            if colon and "/" not in scheme and scheme.lower() not in ("http", "https"):
                raise ValidationError(
                    self.env._(
                        "CAE-MEETING-LINK: the remote link starts with https://."
                    )
                )

    @api.constrains("rule_set_id", "company_id", "weighted")
    def _check_rule_set(self):
        """:raises ValidationError: ``CAE-RULE-VALUE``, ``CAE-VOTE-COLLEGE``"""
        for meeting in self:
            owner = meeting.rule_set_id.company_id
            if owner and owner != meeting.company_id:
                raise ValidationError(
                    self.env._("CAE-RULE-VALUE: these are another company's rules.")
                )
            if meeting.weighted and not meeting.rule_set_id._rules().weighted:
                raise ValidationError(
                    self.env._(
                        "CAE-VOTE-COLLEGE: in a SCOP each member has one vote: votes "
                        "are not weighted by college."
                    )
                )

    def write(self, vals):
        if self._cae_owning():
            return super().write(vals)
        self._check_editable(set(vals))
        told = self.filtered(lambda m: m.state == "convened")
        before = {meeting: meeting._told() for meeting in told}
        result = super().write(vals)
        for meeting in told.filtered(lambda m: m._told() != before[m]):
            meeting._check_told_again(meeting.date != before[meeting][0])
        return result

    def _told(self):
        return self.date, self.place or "", self.remote_url or ""

    def _check_told_again(self, moved):
        """What the notice said has changed: it is sent again, in time.

        :raises UserError: ``CAE-MEETING-NOTICE``, ``CAE-MEETING-SECOND``
        """
        self._cae_own().write({"agenda_outdated": True})
        if moved:
            self._check_convocation()

    def _check_editable(self, names):
        """:raises UserError: ``CAE-MEETING-SIGNED``, ``CAE-MEETING-STATE``"""
        for meeting in self:
            upkeep = {"active", "activity_ids", "message_follower_ids"}
            if meeting.state == "signed" and names - upkeep:
                raise UserError(
                    self.env._(
                        "CAE-MEETING-SIGNED: the minutes are signed, the meeting stays "
                        "as it was."
                    )
                )
            fixed = names & (ANNOUNCED | {"weighted", "record_date"})
            if fixed and meeting.state in ("open", "held"):
                raise UserError(
                    self.env._(
                        "CAE-MEETING-STATE: the meeting was opened: its date, place, "
                        "rules and voters stay."
                    )
                )
            if names & {"rule_set_id", "company_id"} and meeting.state != "draft":
                meeting._check_state("draft")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_convened(self):
        if any(meeting.state != "draft" for meeting in self):
            raise UserError(
                self.env._(
                    "CAE-MEETING-KEPT: a meeting that was convened is kept. Cancel it "
                    "instead."
                )
            )

    def _check_state(self, *states):
        """:raises UserError: ``CAE-MEETING-STATE``"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for meeting in self:
            if meeting.state not in states:
                raise UserError(
                    self.env._(
                        "CAE-MEETING-STATE: %(name)s is %(state)s; this is done when "
                        "it is %(wanted)s.",
                        name=meeting.display_name,
                        state=labels[meeting.state].lower(),
                        wanted=", ".join(labels[s].lower() for s in states),
                    )
                )

    def _take_turn(self):
        """Nobody else changes proxies or attendance until the transaction ends.

        Not a lock alone: who waited for it would still read what was there before.
        Of two who write the same row Odoo starts the second again, which then sees it.
        """
        self.ensure_one()
        self.env.cr.execute(
            SQL("UPDATE cae_meeting SET turn = turn + 1 WHERE id = %s", self.id)
        )

    # ------------------------------------------------------------------
    # Voters
    # ------------------------------------------------------------------

    def action_freeze(self) -> bool:
        """Take the voters from the register on the record date.

        Until the meeting is opened it may be done again: who is no member any more on
        that day loses their place and their proxies, who is new is added.

        :raises UserError: ``CAE-MEETING-STATE``, ``CAE-MEETING-RECORD``
        """
        for meeting in self:
            meeting.check_access("write")
            meeting._check_state("draft", "convened")
            meeting._take_turn()
            meeting._freeze()
        return True

    def _freeze(self):
        today = self.company_id._cae_today()
        day = self.record_date or today
        if day > today:
            raise UserError(
                self.env._(
                    "CAE-MEETING-RECORD: the register of a day to come is not known."
                )
            )
        members = self._one_each(self._voting_members(day))
        # sudo: the list of voters is written by this step alone.
        electors = self.elector_ids.sudo()
        gone = electors.filtered(lambda e: e.member_id not in members)
        held = gone.held_proxy_ids
        held._end(self.env._("Its holder is a member no more."))
        # The line goes, and the proxy that is over must not keep it.
        held.holder_id = False
        self._keep_proofs(gone)
        gone.unlink()
        known = electors.exists().member_id
        (electors.exists())._refresh(day)
        electors.create(
            [
                self._prepare_elector_vals(member, college, shares)
                for member, college, shares in self._voter_rows(members - known, day)
            ]
        )
        self._cae_own().write(
            {"record_date": day, "date_frozen": fields.Datetime.now()}
        )

    def _keep_proofs(self, gone):
        """Tell in the log what was sent to those who leave the list of voters."""
        # sudo: proofs of sending, of the very list that is made anew.
        notices = self.sudo().notice_ids.filtered(lambda n: n.elector_id in gone)
        for sent in notices.filtered("date_sent"):
            self._cae_note(
                self.env._(
                    "%(member)s left the list of voters. Notice %(version)s was sent "
                    "on %(day)s (%(place)s), SHA-256 %(hash)s.",
                    member=sent.elector_id.member_id.name,
                    version=sent.version,
                    day=format_date(self.env, sent.date_sent.date()),
                    place=sent.email or sent.post_number or sent.channel,
                    hash=sent.document_hash or "",
                )
            )

    @api.model
    def _one_each(self, members):
        """Who left and came back on one day is twice in the register, and votes once.

        The later entry counts.
        """
        last = {member.partner_id: member.id for member in members.sorted("id")}
        return members.filtered(lambda member: last[member.partner_id] == member.id)

    def _voting_members(self, day):
        """Hook: members who vote when the register of ``day`` counts."""
        return self.env["cae.member"]._members_on(self.company_id, day)

    def _voter_rows(self, members, day):
        """``[(member, college, shares)]``, with a few queries for all."""
        colleges = members._college_on(day)
        shares = self._shares_of(members, day)
        return [
            (member, colleges.get(member.id), shares.get(member.id, 0))
            for member in members
        ]

    def _shares_of(self, members, day):
        """``{member id: number of shares on day}``."""
        return {key: held.quantity for key, held in members._held_on(day).items()}

    def _prepare_elector_vals(self, member, college, shares):
        return {
            "meeting_id": self.id,
            "member_id": member.id,
            "name": member.name,
            "college_id": college.id if college else False,
            "college_weight": college.weight if college else 0,
            "share_count": shares,
        }

    # ------------------------------------------------------------------
    # Session
    # ------------------------------------------------------------------

    def action_open(self) -> bool:
        """The chair opens the meeting.

        :raises AccessError: for others than the chair and the secretary
        :raises UserError: ``CAE-MEETING-STATE``, ``CAE-MEETING-EARLY``,
            ``CAE-MEETING-EMPTY``
        """
        for meeting in self._chaired():
            meeting._check_state("convened")
            if meeting.company_id._cae_today() < meeting._day():
                raise UserError(
                    self.env._(
                        "CAE-MEETING-EARLY: the day of the meeting has not come."
                    )
                )
            if not meeting.elector_ids:
                raise UserError(
                    self.env._("CAE-MEETING-EMPTY: no voter: freeze the register.")
                )
            meeting._cae_own().write(
                {"state": "open", "date_opened": fields.Datetime.now()}
            )
        return True

    def action_close(self) -> bool:
        """The chair closes the meeting.

        :raises AccessError: for others than the chair and the secretary
        :raises UserError: ``CAE-MEETING-STATE``, ``CAE-MEETING-VOTING`` while a vote
            is not finished
        """
        for meeting in self._chaired():
            meeting._check_state("open")
            going = meeting.resolution_ids.filtered(
                lambda r: r.state in ("open", "counting")
            )
            if going:
                raise UserError(
                    self.env._(
                        "CAE-MEETING-VOTING: the vote on %(names)s is not finished.",
                        names=", ".join(going.mapped("title")),
                    )
                )
            # sudo: nobody comes in by a link any more.
            meeting.elector_ids.sudo().write({"token_hash": False})
            meeting._cae_own().write(
                {"state": "held", "date_closed": fields.Datetime.now()}
            )
        return True

    def action_cancel(self) -> bool:
        """:raises UserError: ``CAE-MEETING-STATE``"""
        for meeting in self:
            meeting.check_access("write")
            meeting._check_state("draft", "convened")
            # sudo: see action_close.
            meeting.elector_ids.sudo().write({"token_hash": False})
            meeting._cae_own().write({"state": "cancelled"})
        return True

    def action_second_call(self) -> dict:
        """Prepare the second meeting, with what the first one could not decide.

        :raises UserError: ``CAE-MEETING-STATE``, ``CAE-MEETING-SECOND``
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state("held", "signed")
        undecided = self._undecided()
        if self.call != "1" or not undecided or self.second_meeting_ids:
            raise UserError(
                self.env._(
                    "CAE-MEETING-SECOND: a second call follows a first one that could "
                    "not decide, once."
                )
            )
        second = self._cae_own().copy(self._prepare_second_vals())
        undecided._copy_to(second)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": second.id,
            "view_mode": "form",
        }

    def _prepare_second_vals(self):
        days = self.rule_set_id.notice_days_second + 1
        earliest = fields.Datetime.now() + timedelta(days=days)
        return {
            "name": self.env._("%s (second call)", self.name),
            "call": "2",
            "first_meeting_id": self.id,
            "date": max(earliest, self.date + timedelta(days=1)),
            "resolution_ids": False,
        }

    # ------------------------------------------------------------------
    # Quorum
    # ------------------------------------------------------------------

    def _quorum_lines(self):
        """``[{"kind", "needed", "reached", "text"}]`` of the kinds on the agenda."""
        rule_set = self.rule_set_id._rules()
        voted = self.resolution_ids.filtered(lambda r: r.mode != "none")
        kinds = sorted(set(voted.mapped("kind")), reverse=True) or ["ordinary"]
        return [self._quorum_line(rule_set, kind) for kind in kinds]

    def _quorum_line(self, rule_set, kind):
        labels = dict(
            self.env["cae.resolution"]._fields["kind"]._description_selection(self.env)
        )
        try:
            decision = rule_set.decision(kind, int(self.call))
        except GovernanceError as error:
            raise coded(self.env, error) from error
        needed = decision.quorum_heads(self.member_count)
        values = {"kind": labels[kind], "needed": needed, "now": self.attending_count}
        if not needed:
            text = self.env._(
                "%(kind)s: no quorum needed (%(now)s attending)", **values
            )
        elif self.attending_count >= needed:
            text = self.env._(
                "%(kind)s: quorum reached (%(now)s of %(needed)s)", **values
            )
        else:
            text = self.env._(
                "%(kind)s: quorum not reached (%(now)s of %(needed)s)", **values
            )
        return {
            "kind": kind,
            "needed": needed,
            "reached": self.attending_count >= needed,
            "text": text,
        }

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def _open_list(self, model, name, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": [("meeting_id", "=", self.id)],
            "context": {"default_meeting_id": self.id, **context},
        }

    def action_open_electors(self) -> dict:
        """Voters of this meeting and their attendance."""
        return self._open_list("cae.meeting.elector", self.env._("Attendance"))

    def action_open_proxies(self) -> dict:
        """Proxies of this meeting."""
        return self._open_list("cae.proxy", self.env._("Proxies"))

    def action_open_notices(self) -> dict:
        """Notices of this meeting: proof of sending."""
        return self._open_list("cae.meeting.notice", self.env._("Notices"))

    def action_open_resolutions(self) -> dict:
        """Resolutions of this meeting."""
        return self._open_list("cae.resolution", self.env._("Resolutions"))

    def action_screen(self) -> dict:
        """The page to project."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/cae/meeting/{self.id}/screen",
            "target": "new",
        }
