from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.cae_resolution_vote import CHOICES


class CaePostalVote(models.TransientModel):
    """The paper by which a member votes by post."""

    _name = "cae.postal.vote"
    _description = "Vote by Post"

    meeting_id = fields.Many2one("cae.meeting", required=True, ondelete="cascade")
    last_post_day = fields.Date(related="meeting_id.last_post_day")
    elector_id = fields.Many2one(
        "cae.meeting.elector",
        string="Member",
        ondelete="cascade",
        domain="[('meeting_id', '=', meeting_id), "
        "('status', 'in', ('absent', 'postal'))]",
    )
    date_received = fields.Date(
        string="Received on", required=True, default=fields.Date.context_today
    )
    line_ids = fields.One2many("cae.postal.vote.line", "wizard_id", string="Votes")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        meeting = self.env["cae.meeting"].browse(values.get("meeting_id") or [])
        items = meeting._post_items().sorted(lambda r: (r.sequence, r.id))
        lines = [fields.Command.create({"resolution_id": item.id}) for item in items]
        return {"line_ids": lines, **values}

    def action_enter(self) -> dict:
        """Enter the votes of the paper; lines left empty are not voted on.

        :raises UserError: ``CAE-VOTE-POSTAL``, ``CAE-VOTE-CHOICE``,
            ``CAE-VOTE-TWICE``
        """
        self.ensure_one()
        lines = self.line_ids.filtered("choice")
        if not (self.elector_id and lines):
            raise UserError(
                self.env._("CAE-VOTE-CHOICE: choose the member, and a vote at least.")
            )
        post = self.env["cae.resolution"]._post_vote
        for line in lines:
            post(
                line.resolution_id,
                self.elector_id,
                line.choice,
                line.candidate_ids.ids,
                self.date_received,
            )
        return {"type": "ir.actions.act_window_close"}

    def action_enter_next(self) -> dict:
        """Enter these votes, then the next paper.

        :raises UserError: see :meth:`action_enter`
        """
        self.action_enter()
        return self.meeting_id.action_post()


class CaePostalVoteLine(models.TransientModel):
    """What a paper says of a resolution."""

    _name = "cae.postal.vote.line"
    _description = "Vote by Post on a Resolution"

    wizard_id = fields.Many2one("cae.postal.vote", required=True, ondelete="cascade")
    resolution_id = fields.Many2one(
        "cae.resolution", required=True, readonly=True, ondelete="cascade"
    )
    election = fields.Boolean(related="resolution_id.election")
    choice = fields.Selection(
        CHOICES, help="Empty: the paper says nothing of this resolution."
    )
    candidate_ids = fields.Many2many(
        "cae.resolution.candidate",
        string="Candidates",
        domain="[('resolution_id', '=', resolution_id)]",
        help="In an election, with “For”.",
    )
