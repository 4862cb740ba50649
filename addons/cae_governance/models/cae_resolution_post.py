"""Votes by post: entered by the secretary before the vote is opened."""

from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.tools import format_date

#: Ways of voting whose votes are not secret: a paper with a name may be counted.
OPEN_MODES = ("show", "named")


class CaeResolution(models.Model):
    _inherit = "cae.resolution"

    @api.model
    def _post_vote(self, resolution, elector, choice, candidates=(), received=None):
        """Enter a vote received by post, before the meeting votes on it.

        :param received: day on which the post brought it, today when there is none
        :raises UserError: ``CAE-VOTE-POSTAL``, ``CAE-VOTE-CHOICE``,
            ``CAE-VOTE-TWICE``, ``CAE-MEETING-STATE``, ``CAE-RESOLUTION-STATE``
        """
        meeting = resolution.meeting_id
        meeting.check_access("write")
        meeting._check_state("convened", "open")
        resolution._check_post()
        day = received or meeting.company_id._cae_today()
        meeting._check_post_day(day)
        meeting._take_turn()
        # sudo: who may write the meeting notes who voted by post.
        elector = elector.sudo()
        elector._check_post(meeting)
        resolution._record_vote(elector, elector, choice, candidates, "postal", day)
        elector.write({"presence": "postal"})

    def _check_post(self):
        """:raises UserError: ``CAE-VOTE-POSTAL``, ``CAE-RESOLUTION-STATE``"""
        if self._hold_state() != "draft":
            self.invalidate_recordset(["state"])
            self._check_state("draft")
        if not self.meeting_id.postal_vote or self.mode not in OPEN_MODES:
            raise UserError(
                self.env._(
                    "CAE-VOTE-POSTAL: the rules, or the secret of this vote, do not "
                    "let members vote by post."
                )
            )

    def _check_unvoted(self):
        result = super()._check_unvoted()
        # sudo: whether somebody voted, not how.
        voted = self.filtered(lambda r: r.sudo().vote_ids)
        if voted and not self._cae_owning():
            raise UserError(
                self.env._(
                    "CAE-RESOLUTION-VOTED: members voted on %(title)s by post: it "
                    "stays as they read it. Withdraw it and add another one.",
                    title=voted[0].title,
                )
            )
        return result

    def _posted_votes(self):
        # sudo: votes are counted for who may close the vote.
        return self.sudo().vote_ids.filtered(lambda vote: vote.source == "postal")

    def _posted_counts(self):
        """Votes by post, that a show of hands does not show."""
        if self.mode != "show":
            return Counter()
        return Counter(self._posted_votes().mapped("choice"))

    def _open_election_counts(self):
        votes, ballots, blank = super()._open_election_counts()
        if self.mode != "show":
            return votes, ballots, blank
        posted = self._posted_votes()
        for candidate in posted.candidate_ids:
            mine = posted.filtered(lambda v, c=candidate: c in v.candidate_ids)
            votes[candidate.id] += len(mine)
        without = posted.filtered(lambda vote: vote.choice == "blank")
        return votes, ballots + len(posted), blank + len(without)

    def _write_result(self, outcome, explanation, total, values):
        posted = len(self._posted_votes())
        if posted:
            values = {**values, "posted": posted}
            words = self.with_context(lang=self._minutes_lang())
            told = words.env._("Of these votes, %s came by post.", posted)
            explanation = f"{explanation} {told}"
        return super()._write_result(outcome, explanation, total, values)


class CaeMeeting(models.Model):
    _inherit = "cae.meeting"

    postal_vote = fields.Boolean(related="rule_set_id.postal_vote")
    last_post_day = fields.Date(
        compute="_compute_last_post_day",
        string="Votes by Post until",
        help="Last day on which votes by post may be received, by the rules.",
    )

    @api.depends("date", "rule_set_id.postal_vote", "rule_set_id.postal_days")
    def _compute_last_post_day(self):
        for meeting in self:
            day, rules = meeting._day(), meeting.rule_set_id
            days = timedelta(days=rules.postal_days)
            meeting.last_post_day = day and rules.postal_vote and day - days

    def _check_post_day(self, day):
        """:raises UserError: ``CAE-VOTE-POSTAL``"""
        if day > self.company_id._cae_today():
            raise UserError(self.env._("CAE-VOTE-POSTAL: the day of receipt is ahead."))
        last = self.last_post_day
        if last and day > last:
            raise UserError(
                self.env._(
                    "CAE-VOTE-POSTAL: votes by post were received until %(day)s, as "
                    "the rules say.",
                    day=format_date(self.env, last),
                )
            )

    def _post_items(self):
        """Resolutions that members may vote on by post, now."""
        return self.resolution_ids.filtered(
            lambda r: r.state == "draft" and r.mode in OPEN_MODES
        )

    def action_post(self) -> dict:
        """Enter what a member voted by post."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Vote by Post"),
            "res_model": "cae.postal.vote",
            "view_mode": "form",
            "target": "new",
            "context": {"default_meeting_id": self.id},
        }


class CaeMeetingElector(models.Model):
    _inherit = "cae.meeting.elector"

    def _check_post(self, meeting):
        """:raises UserError: ``CAE-VOTE-POSTAL``"""
        if self.meeting_id != meeting:
            raise UserError(
                self.env._("CAE-VOTE-POSTAL: they vote at another meeting.")
            )
        if self.presence in ("present", "remote") or self._proxy():
            raise UserError(
                self.env._("CAE-VOTE-POSTAL: this member is present or represented.")
            )

    def _sign_in(self, presence):
        if any(elector.presence == "postal" for elector in self):
            raise UserError(
                self.env._(
                    "CAE-VOTE-POSTAL: who voted by post does not vote in another way. "
                    "The secretary may take the paper back before the votes are opened."
                )
            )
        return super()._sign_in(presence)

    def _sign_out(self):
        return super(
            CaeMeetingElector, self.filtered(lambda e: e.presence != "postal")
        )._sign_out()

    def action_unpost(self) -> bool:
        """Take papers received by post back: typed wrongly, or the member came.

        :raises UserError: ``CAE-VOTE-POSTAL`` when a vote that they are about was
            opened, ``CAE-MEETING-STATE``
        """
        electors = self._secretary().filtered(lambda e: e.presence == "postal")
        for meeting, mine in electors.grouped("meeting_id").items():
            meeting._check_state("convened", "open")
            meeting._take_turn()
            mine._unpost()
        return True

    def _unpost(self):
        """``self`` is sudo: the caller checked who takes the papers back."""
        votes = self.env["cae.resolution.vote"].search(
            [("elector_id", "in", self.ids), ("source", "=", "postal")]
        )
        states = [resolution._hold_state() for resolution in votes.resolution_id]
        if set(states) - {"draft", "withdrawn"}:
            raise UserError(
                self.env._(
                    "CAE-VOTE-POSTAL: a vote that this paper is about was opened: it "
                    "counts."
                )
            )
        names = ", ".join(self.mapped("name"))
        self.meeting_id._cae_note(self.env._("Votes by post taken back: %s", names))
        votes.unlink()
        self.write({"presence": "absent"})
        self.env.flush_all()


class CaeResolutionVote(models.Model):
    _inherit = "cae.resolution.vote"

    _posted_day = models.Constraint(
        "CHECK(source != 'postal' OR date_received IS NOT NULL)",
        "A vote by post has the day on which it was received.",
    )
