from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from odoo.addons.cae_base.models.cae_owned import OWNED

from .cae_rule_decision import KINDS

MODES = [
    ("show", "Show of hands"),
    ("named", "Electronic, by name"),
    ("secret", "Electronic, secret"),
    ("none", "No vote"),
]
TOPICS = [
    ("accounts", "Accounts"),
    ("discharge", "Discharge of the managers"),
    ("surplus", "Surplus"),
    ("support", "Support actions and their means (R.7331-2)"),
    ("contribution", "Bases and rates of the contribution (R.7331-8)"),
    ("admission", "Admission of members"),
    ("election", "Election"),
    ("revocation", "Revocation of managers"),
    ("review", "Cooperative review"),
    ("agreements", "Regulated agreements"),
    ("statutes", "Statutes"),
    ("powers", "Powers for the formalities"),
    ("other", "Other"),
]
#: Topics that every ordinary meeting is proposed, in this order.
RECURRING = (
    *("accounts", "discharge", "surplus", "support"),
    *("contribution", "powers"),
)
#: What the vote was about: fixed once it was opened.
VOTED = {
    *("title", "text", "kind", "mode", "topic", "management", "election", "seats"),
    *("candidate_ids", "meeting_id"),
}
#: Entered after a show of hands, while the vote is open.
COUNTS = {"favour_count", "against_count", "abstain_count", "blank_count"}
UPKEEP = {"activity_ids", "message_follower_ids"}
OWNED["cae.resolution"] = {
    "state": "draft",
    "added": False,
    "outcome": False,
    "explanation": False,
    "result": False,
    "date_opened": False,
    "date_decided": False,
}


class CaeResolution(models.Model):
    """What a meeting decides, each with its own kind and way of voting."""

    _name = "cae.resolution"
    _description = "Resolution"
    _inherit = ["cae.owned", "cae.printed", "mail.thread", "mail.activity.mixin"]
    _order = "meeting_id desc, sequence, id"
    _rec_name = "title"
    _check_company_auto = True
    _report_template = "cae_governance.extract_document"

    meeting_id = fields.Many2one(
        "cae.meeting", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, index=True
    )
    meeting_state = fields.Selection(related="meeting_id.state", string="Meeting is")
    meeting_date = fields.Datetime(related="meeting_id.date", store=True)
    sequence = fields.Integer(default=10)
    number = fields.Integer(compute="_compute_number", string="No.")
    title = fields.Char(required=True, tracking=True)
    text = fields.Html(help="The draft that is sent with the notice and voted on.")
    topic = fields.Selection(TOPICS, required=True, default="other")
    kind = fields.Selection(KINDS, required=True, default="ordinary", tracking=True)
    mode = fields.Selection(
        MODES, string="Way of Voting", required=True, default="show", tracking=True
    )
    management = fields.Boolean(
        string="Backed by the Management",
        default=True,
        help="Blank proxies are counted for it, else against it.",
    )
    election = fields.Boolean(string="Election of Persons")
    seats = fields.Integer(default=1)
    candidate_ids = fields.One2many(
        "cae.resolution.candidate", "resolution_id", copy=True
    )
    state = fields.Selection(
        [
            ("draft", "To vote"),
            ("open", "Vote open"),
            ("counting", "Counting"),
            ("decided", "Decided"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
        index=True,
    )
    added = fields.Boolean(
        string="Added after the Notice", readonly=True, copy=False, tracking=True
    )
    outcome = fields.Selection(
        [
            ("adopted", "Adopted"),
            ("rejected", "Rejected"),
            ("no_quorum", "No quorum"),
            ("elected", "Seats filled"),
            ("partly", "Seats left open"),
            ("noted", "Noted"),
        ],
        string="Result",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    explanation = fields.Text(readonly=True, copy=False)
    result = fields.Json(string="Figures", readonly=True, copy=False)
    date_opened = fields.Datetime(string="Vote Opened on", readonly=True, copy=False)
    date_decided = fields.Datetime(string="Decided on", readonly=True, copy=False)
    favour_count = fields.Integer(string="For")
    against_count = fields.Integer(string="Against")
    abstain_count = fields.Integer(string="Abstentions")
    blank_count = fields.Integer(string="Blank or Void")
    vote_ids = fields.One2many("cae.resolution.vote", "resolution_id", copy=False)
    ballot_ids = fields.One2many("cae.ballot", "resolution_id", copy=False)
    voted_count = fields.Integer(
        compute="_compute_voted_count", compute_sudo=True, string="Have Voted"
    )

    _seats_positive = models.Constraint("CHECK(seats > 0)", "An election has a seat.")
    _counts_positive = models.Constraint(
        "CHECK(COALESCE(favour_count, 0) >= 0 AND COALESCE(against_count, 0) >= 0 AND "
        "COALESCE(abstain_count, 0) >= 0 AND COALESCE(blank_count, 0) >= 0)",
        "CAE-VOTE-COUNT: votes are not negative.",
    )

    @api.depends("meeting_id.resolution_ids.sequence", "sequence")
    def _compute_number(self):
        for meeting, mine in self.grouped("meeting_id").items():
            order = list(
                meeting.resolution_ids.sorted(lambda r: (r.sequence, r._origin.id))
            )
            for resolution in mine:
                known = resolution in order
                resolution.number = order.index(resolution) + 1 if known else 0

    @api.depends("vote_ids", "ballot_ids.voter_ids")
    def _compute_voted_count(self):
        for resolution in self:
            voters = resolution.ballot_ids.voter_ids or resolution.vote_ids
            resolution.voted_count = len(voters)

    @api.constrains("election", "mode", "candidate_ids")
    def _check_election(self):
        """:raises ValidationError: ``CAE-RESOLUTION-ELECTION``"""
        for resolution in self:
            if resolution.election and resolution.mode == "none":
                raise ValidationError(
                    self.env._("CAE-RESOLUTION-ELECTION: an election is voted on.")
                )

    # ------------------------------------------------------------------
    # The agenda
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: ``CAE-MEETING-AGENDA`` in session: only what is on the
        agenda is voted, except the revocation of managers"""
        records = super().create(vals_list)
        late = records.filtered(lambda r: r.meeting_id.state != "draft")
        for resolution in late:
            resolution._check_late()
        late._cae_own().write({"added": True})
        late.meeting_id._cae_own().write({"agenda_outdated": True})
        return records

    def _check_late(self):
        revoking = self.topic == "revocation" and self.meeting_id.state == "open"
        if self.meeting_id.state != "convened" and not revoking:
            raise UserError(
                self.env._(
                    "CAE-MEETING-AGENDA: the meeting votes on its agenda only; nothing "
                    "is added now, except the revocation of managers in session."
                )
            )

    def write(self, vals):
        if not self._cae_owning():
            self._check_write(self._touched(vals))
            if "meeting_id" in vals:
                self._check_move(vals["meeting_id"])
        if set(vals) & {"title", "text", "kind"}:
            noticed = self.meeting_id.filtered(lambda m: m.state == "convened")
            noticed._cae_own().write({"agenda_outdated": True})
        return super().write(vals)

    def _check_move(self, meeting_id):
        """An item goes from one agenda to another while neither was sent.

        :raises UserError: ``CAE-MEETING-AGENDA``
        """
        target = self.env["cae.meeting"].browse(meeting_id)
        moved = self.filtered(lambda r: r.meeting_id != target)
        if moved and set((moved.meeting_id | target).mapped("state")) != {"draft"}:
            raise UserError(
                self.env._(
                    "CAE-MEETING-AGENDA: a resolution is moved between meetings in "
                    "preparation only. Copy it."
                )
            )

    def _touched(self, vals):
        """Names of what is written; votes entered for candidates are counts."""
        rows = vals.get("candidate_ids") or []
        counting = all(
            row[0] == Command.UPDATE and set(row[2]) == {"vote_count"} for row in rows
        )
        return set(vals) - ({"candidate_ids"} if rows and counting else set())

    def _check_write(self, names):
        if names - COUNTS - UPKEEP:
            # Who chairs enters what was counted; the rest is the secretary's.
            self.meeting_id.check_access("write")
        if names & VOTED:
            self._check_unvoted()
        if names & COUNTS:
            self._check_counting()
        if "sequence" in names:
            # Decisions are quoted by their numbers, in mandates and extracts.
            held = self.meeting_id.filtered(lambda m: m.state == "held")
            held._check_state("draft", "convened", "open")
        if names - UPKEEP:
            signed = self.meeting_id.filtered(lambda m: m.state == "signed")
            signed._check_editable({"resolution_ids"})

    def _check_counting(self):
        """:raises UserError: ``CAE-RESOLUTION-COUNT``"""
        if any(r.state != "open" or r.mode != "show" for r in self):
            raise UserError(
                self.env._(
                    "CAE-RESOLUTION-COUNT: votes are entered while a vote by show of "
                    "hands is open."
                )
            )

    def _check_unvoted(self):
        """:raises UserError: ``CAE-RESOLUTION-VOTED``"""
        wrong = self.filtered(
            lambda r: r.state != "draft" or r.meeting_id.state in ("held", "signed")
        )
        if wrong:
            raise UserError(
                self.env._(
                    "CAE-RESOLUTION-VOTED: the vote on %(title)s was opened: it stays "
                    "as it was put to the vote.",
                    title=wrong[0].title,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_announced(self):
        if any(r.meeting_id.state != "draft" for r in self):
            raise UserError(
                self.env._(
                    "CAE-RESOLUTION-KEPT: the agenda was sent. Withdraw the resolution "
                    "instead."
                )
            )

    def action_withdraw(self) -> bool:
        """It is not put to the vote; said after the meeting too, for its minutes.

        :raises UserError: ``CAE-RESOLUTION-STATE``, ``CAE-MEETING-STATE``
        """
        self.meeting_id.check_access("write")
        self._check_state("draft")
        self.meeting_id._check_state("draft", "convened", "open", "held")
        self._cae_own().write({"state": "withdrawn"})
        return True

    def _check_state(self, *states):
        """:raises UserError: ``CAE-RESOLUTION-STATE``"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for resolution in self:
            if resolution.state not in states:
                raise UserError(
                    self.env._(
                        "CAE-RESOLUTION-STATE: %(title)s: %(state)s.",
                        title=resolution.title,
                        state=labels[resolution.state].lower(),
                    )
                )

    def _may_be_called_again(self):
        """Whether a second call may decide it: no quorum, or a majority of all."""
        if self.outcome == "no_quorum":
            return True
        decision = self._decision()
        return (
            self.outcome in ("rejected", "partly")
            and decision.base == "members"
            and not (self.result or {}).get("against_wins")
        )

    def _decision(self):
        rule_set = self.meeting_id.rule_set_id._rules()
        return rule_set.decision(self.kind, int(self.meeting_id.call))

    def _copy_to(self, meeting):
        """These resolutions on the agenda of another meeting."""
        for resolution in self:
            resolution.copy({"meeting_id": meeting.id})

    # ------------------------------------------------------------------
    # Recurring items
    # ------------------------------------------------------------------

    @api.model
    def _prepare_recurring(self, meeting):
        """Hook: values of the items proposed for an ordinary meeting."""
        texts = zip(RECURRING, self._recurring_texts(), strict=True)
        return [
            {
                "meeting_id": meeting.id,
                "sequence": 10 * place,
                "topic": topic,
                "title": title,
                "text": text,
                "kind": "ordinary",
                "mode": "show",
            }
            for place, (topic, (title, text)) in enumerate(texts, 1)
        ]

    @api.model
    def _recurring_texts(self):
        """``(title, text)`` of each of the topics ``RECURRING``."""
        return [
            (
                self.env._("Approval of the accounts and of the management report"),
                self.env._(
                    "The meeting, having heard the management report, approves the "
                    "accounts of the financial year as they were presented."
                ),
            ),
            (
                self.env._("Discharge of the managers"),
                self.env._(
                    "The meeting gives the managers discharge for the financial year."
                ),
            ),
            (
                self.env._("Allocation of the surplus"),
                self.env._("The meeting allocates the net surplus as follows: …"),
            ),
            (
                self.env._("Support actions of the year and their means"),
                self.env._(
                    "The meeting decides on the support actions that the entrepreneurs "
                    "need and on the means given to them (Code du travail, R.7331-2)."
                ),
            ),
            (
                self.env._("Bases and rates of the contribution"),
                self.env._(
                    "The meeting sets the bases, rates or amounts of the contribution "
                    "to the shared services (Code du travail, R.7331-8): …"
                ),
            ),
            (
                self.env._("Powers for the formalities"),
                self.env._(
                    "The meeting gives all powers to the bearer of a copy of these "
                    "minutes to carry out the formalities."
                ),
            ),
        ]

    # ------------------------------------------------------------------
    # Extract of the minutes
    # ------------------------------------------------------------------

    def _prepare_document_values(self):
        values = self.company_id._cae_document_values()
        meeting = self.meeting_id
        return {**values, "document": self, "meeting": meeting, **meeting._said()}

    def _file_name(self):
        return f"extrait-{self.meeting_id._day():%Y-%m-%d}-{self.number}"


class CaeMeeting(models.Model):
    _inherit = "cae.meeting"

    def action_propose(self) -> bool:
        """Add the recurring items that are not on the agenda yet."""
        for meeting in self:
            meeting.check_access("write")
            meeting._check_state("draft")
            rows = self.env["cae.resolution"]._prepare_recurring(meeting)
            there = set(meeting.resolution_ids.mapped("topic"))
            meeting.resolution_ids = [
                Command.create(row) for row in rows if row["topic"] not in there
            ]
        return True
