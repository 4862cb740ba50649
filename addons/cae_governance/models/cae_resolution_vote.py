from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

CHOICES = [
    ("for", "For"),
    ("against", "Against"),
    ("abstain", "Abstention"),
    ("blank", "Blank"),
]


class CaeResolutionVote(models.Model):
    """The vote of a member, by name. Secret ballots are elsewhere.

    Written when it is cast, never changed; one for each voter, held by an index.
    """

    _name = "cae.resolution.vote"
    _description = "Vote by Name"
    _order = "resolution_id desc, elector_id"
    _rec_name = "elector_id"

    resolution_id = fields.Many2one(
        "cae.resolution", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        related="resolution_id.company_id", store=True, index=True
    )
    elector_id = fields.Many2one(
        "cae.meeting.elector",
        string="Voter",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    choice = fields.Selection(CHOICES, required=True, readonly=True)
    candidate_ids = fields.Many2many(
        "cae.resolution.candidate", string="Candidates", readonly=True
    )
    cast_by_id = fields.Many2one(
        "cae.meeting.elector",
        string="Cast by",
        readonly=True,
        ondelete="restrict",
        help="The representative, or the voter.",
    )
    source = fields.Selection(
        [("online", "On line"), ("postal", "By post")],
        required=True,
        readonly=True,
        default="online",
    )
    date_received = fields.Date(
        string="Received on", readonly=True, help="Day on which the post brought it."
    )

    _voter_uniq = models.UniqueIndex(
        "(resolution_id, elector_id)",
        "CAE-VOTE-TWICE: this vote was already cast.",
    )


class CaeResolution(models.Model):
    _inherit = "cae.resolution"

    def _hold_open(self):
        """See that the vote is open, and keep it so until the transaction ends.

        :raises UserError: ``CAE-VOTE-CLOSED``
        """
        if self._hold_state() != "open":
            raise UserError(self.env._("CAE-VOTE-CLOSED: the vote is not open."))

    def _hold_state(self):
        """The state of the vote, which stays until the transaction ends."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT state FROM cae_resolution WHERE id = %s FOR SHARE",
                self.id,
            )
        )
        [state] = self.env.cr.fetchone() or [None]
        return state

    def _hold_right(self, elector, caster):
        """See that ``caster`` may cast the vote of ``elector`` (both sudo).

        :raises UserError: ``CAE-VOTE-RIGHT``, ``CAE-VOTE-ABSENT``
        """
        if elector.meeting_id != self.meeting_id or (
            elector != caster and elector not in caster._represented()
        ):
            raise UserError(
                self.env._("CAE-VOTE-RIGHT: this vote is not yours to cast.")
            )
        if caster.presence not in ("present", "remote"):
            raise UserError(
                self.env._(
                    "CAE-VOTE-ABSENT: sign in to the meeting first; who is represented "
                    "does not vote in person."
                )
            )
        if elector != caster:
            proxy = elector._proxy()
            if proxy.state == "given":
                proxy.write({"state": "used"})

    def _cast(self, elector, caster, choice, candidates=()):
        """Cast a vote by name; electors are sudo.

        :param choice: ``for``, ``against``, ``abstain`` or ``blank``
        :param candidates: ids, in an election; none is a blank vote
        :raises UserError: ``CAE-VOTE-*``
        """
        self._hold_open()
        if self.mode != "named":
            raise UserError(self.env._("CAE-VOTE-MODE: this is not voted by name."))
        self._hold_right(elector, caster)
        self._record_vote(elector, caster, choice, candidates, "online")

    def _record_vote(self, elector, caster, choice, candidates, source, received=False):
        chosen = self._check_choice(choice, candidates)
        # sudo: votes are written by casting alone.
        vote = self.env["cae.resolution.vote"].sudo()
        if vote.search_count(
            [("resolution_id", "=", self.id), ("elector_id", "=", elector.id)]
        ):
            raise UserError(self.env._("CAE-VOTE-TWICE: this vote was already cast."))
        vote.create(
            {
                "resolution_id": self.id,
                "elector_id": elector.id,
                "cast_by_id": caster.id,
                "choice": choice,
                "candidate_ids": [fields.Command.set(chosen.ids)],
                "source": source,
                "date_received": received,
            }
        )
        self.env.flush_all()

    def _check_choice(self, choice, candidates):
        """:raises UserError: ``CAE-VOTE-CHOICE``"""
        allowed = ("for", "blank") if self.election else tuple(dict(CHOICES))
        chosen = self.candidate_ids.filtered(lambda c: c.id in set(candidates))
        wrong = (
            choice not in allowed
            or len(chosen) != len(set(candidates))
            or len(chosen) > self.seats
            or bool(chosen) != (self.election and choice == "for")
        )
        if wrong:
            raise UserError(
                self.env._(
                    "CAE-VOTE-CHOICE: choose one answer, or in an election as many "
                    "candidates as there are seats, at most."
                )
            )
        return chosen
