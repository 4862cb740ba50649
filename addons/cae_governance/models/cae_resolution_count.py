from collections import Counter
from fractions import Fraction

from odoo import fields, models, modules
from odoo.exceptions import UserError

from ..engine import tally as engine
from ..engine.election import Election, elect
from ..engine.rules import GovernanceError
from .cae_meeting_elector import HERE
from .cae_rule_set import coded


class CaeResolution(models.Model):
    """Opening and closing of votes, and what they give."""

    _inherit = "cae.resolution"

    def action_open_vote(self) -> bool:
        """The chair opens the vote.

        :raises AccessError: for others than the chair and the secretary
        :raises UserError: ``CAE-MEETING-STATE``, ``CAE-RESOLUTION-STATE``,
            ``CAE-RESOLUTION-CANDIDATES``, ``CAE-VOTE-COLLEGE``, ``CAE-BALLOT-*``
        """
        for resolution in self._chaired():
            resolution.meeting_id._check_state("open")
            resolution._check_state("draft")
            if resolution.election and not resolution.candidate_ids:
                raise UserError(
                    self.env._("CAE-RESOLUTION-CANDIDATES: nobody stands for election.")
                )
            resolution._check_countable()
            if resolution.mode == "secret":
                resolution._open_ballot()
            elif resolution._counts_hands_by_college():
                resolution._open_hands()
            resolution._cae_own().write(
                {"state": "open", "date_opened": fields.Datetime.now()}
            )
        return True

    def action_close_vote(self) -> bool:
        """The chair closes the vote: it is counted; secret votes by the tellers.

        In two steps, each kept: nothing more is accepted; then what was cast is read
        by a transaction that sees it all. If the server stops between them, call again.

        :raises AccessError: for others than the chair and the secretary
        :raises UserError: ``CAE-RESOLUTION-STATE``, ``CAE-VOTE-COUNT``
        """
        for resolution in self._chaired():
            if resolution.mode == "none":
                resolution._note()
                continue
            resolution._check_state("open", "counting")
            resolution._stop_voting()
            if resolution.mode == "secret":
                resolution.ballot_ids._seal_urn()
            else:
                resolution._count()
        return True

    def _voted_among(self, electors):
        """Who of these has voted, by name or in secret (not how)."""
        self.ensure_one()
        mine = [("elector_id", "in", electors.ids)]
        # sudo: who has voted is known to who sees the vote.
        votes = self.env["cae.resolution.vote"].sudo()
        votes = votes.search([*mine, ("resolution_id", "=", self.id)])
        voters = self.env["cae.ballot.voter"].sudo()
        voters = voters.search([*mine, ("ballot_id", "in", self.sudo().ballot_ids.ids)])
        return votes.elector_id | voters.elector_id

    def _note(self):
        """An item without a vote was dealt with."""
        self.meeting_id._check_state("open")
        self._check_state("draft")
        now = fields.Datetime.now()
        self._cae_own().write(
            {"state": "decided", "outcome": "noted", "date_decided": now}
        )

    def _stop_voting(self):
        if self.state == "open" and self.mode != "show":
            # Who is voting now holds the row (_hold_open): this waits for them.
            self._cae_own().write({"state": "counting"})
            self.env.flush_all()
            if not modules.module.current_test:
                # What they cast is not in sight of this transaction; see
                # docs/decisions/governance.md, "Votes".
                self.env.cr.commit()  # pylint: disable=invalid-commit
            self.env.invalidate_all()
        if self.mode != "show" and not self.result:
            attendance = self._attendance()
            kept = {
                "attendance": attendance,
                "call": int(self.meeting_id.call),
                "members": self.meeting_id.member_count,
                "present": attendance["present"],
                "represented": attendance["represented"],
            }
            self._cae_own().write({"result": kept})

    def _attendance(self):
        """Who is there for this vote, and whose blank proxies count (ids of voters).

        Taken when the vote is closed, kept until it is counted: a sealed urn may be
        opened after people have left. Who voted and left before was there.
        """
        # sudo: counted for who may close the vote.
        electors = self.meeting_id.sudo().elector_ids
        voted = self._who_voted()
        here = electors.filtered(lambda e: e.status in HERE)
        represented = electors.filtered(lambda e: e.status == "represented")
        gone = voted - here - represented
        absent = gone.filtered(lambda e: e._proxy())
        return {
            "present": len(here | gone) - len(absent),
            "represented": len(represented | absent),
            # One vote each: who has voted is not counted by a blank proxy as well.
            "blank": (represented.filtered(_blank) - voted).ids,
        }

    def _who_voted(self):
        # sudo: whether they have voted, not how.
        found = self.sudo()
        return found.vote_ids.elector_id | found.ballot_ids.voter_ids.elector_id

    def _attending(self):
        return (self.result or {}).get("attendance") or self._attendance()

    def _check_countable(self):
        """See that a vote by college can be counted, before anybody votes.

        :raises UserError: ``CAE-VOTE-COLLEGE``
        """
        if self.meeting_id.weighted and not self.election and self.mode != "none":
            self.meeting_id._check_colleges(self)

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------

    def _count(self):
        """Count what was entered or cast by name."""
        if self.election:
            self._decide_election(*self._open_election_counts())
        elif self._counts_hands_by_college():
            self._decide(colleges=self._college_counts(self._hand_choices()))
        elif self.meeting_id.weighted:
            self._decide(colleges=self._college_counts(self._named_choices()))
        elif self.mode == "show":
            counts = ("favour_count", "against_count", "abstain_count", "blank_count")
            shown = dict(zip(_CHOICES, (self[c] for c in counts), strict=True))
            self._decide(Counter(shown) + self._posted_counts())
        else:
            choices = self._named_choices()
            self._decide(Counter(choice for choice, _college in choices))

    def _counts_hands_by_college(self):
        return self.mode == "show" and self.meeting_id.weighted and not self.election

    def _named_choices(self):
        """``[(choice, college id)]`` of the votes cast by name."""
        # sudo: votes are counted for who may close the vote.
        votes = self.sudo().vote_ids
        return [(vote.choice, vote.elector_id.college_id.id) for vote in votes]

    def _blank_proxies(self):
        """Voters represented by a blank proxy: the rules say how they count."""
        # sudo: counted for who may close the vote.
        electors = self.env["cae.meeting.elector"].sudo()
        return electors.browse(self._attending()["blank"])

    def _with_blank_proxies(self, counts):
        """Blank proxies back what the management backs, against the rest."""
        choice = "for" if self.management else "against"
        return counts + Counter({choice: len(self._blank_proxies())})

    def _college_counts(self, choices):
        """``{college: Counter}`` of choices with the college of the voter."""
        counts = {}
        # sudo: colleges of all voters, for who may close the vote.
        for elector in self.meeting_id.sudo().elector_ids:
            counts.setdefault(elector.college_id, Counter())
        for (choice, college_id), number in Counter(choices).items():
            # sudo: as the keys above, so that they are the same records.
            college = self.env["cae.college"].sudo().browse(college_id)
            counts.setdefault(college, Counter())[choice] += number
        for elector in self._blank_proxies():
            counts[elector.college_id]["for" if self.management else "against"] += 1
        return counts

    def _poll(self, counts, colleges):
        meeting = self.meeting_id
        # sudo: how many voters each college has, for who may close the vote.
        sizes = Counter(e.college_id.id for e in meeting.sudo().elector_ids)
        outside = next((c for c in (colleges or {}) if not c), None)
        if outside is not None:
            raise UserError(
                self.env._("CAE-VOTE-COLLEGE: some voters are in no college.")
            )
        attending = self._attending()
        weights = meeting._weights() if colleges else {}
        rows = tuple(
            engine.College(
                college.code,
                weight,
                sizes[college.id],
                _votes(colleges.get(college, Counter())),
            )
            for college, weight in weights.items()
        )
        return engine.Poll(
            self.kind,
            int(meeting.call),
            meeting.member_count,
            attending["present"],
            attending["represented"],
            _votes(counts),
            rows,
        )

    def _decide(self, counts=None, colleges=None, void=0):
        """Write the result of a resolution."""
        if counts is not None and not colleges:
            counts = self._with_blank_proxies(counts)
        counts = counts or Counter()
        try:
            rules = self.meeting_id.rule_set_id._rules()
            result = engine.tally(rules, self._poll(counts, colleges))
        except GovernanceError as error:
            raise coded(self.env, error) from error
        rejected = "rejected" if result.quorum_reached else "no_quorum"
        total = sum(colleges.values(), Counter()) if colleges else counts
        self._write_result(
            "adopted" if result.adopted else rejected,
            self.with_context(lang=self._minutes_lang())._tally_words(result),
            total,
            self._result_values(result, total, colleges, void),
        )

    def _result_values(self, result, total, colleges, void):
        return {
            "call": result.poll.call,
            "members": result.poll.members,
            "present": result.poll.present,
            "represented": result.poll.represented,
            "quorum_needed": result.quorum_needed,
            "quorum_reached": result.quorum_reached,
            "base": result.base,
            "majority": str(result.decision.majority),
            "needed": str(result.needed),
            "votes": {choice: total[choice] for choice in _CHOICES},
            "void": void,
            "blank_proxies": len(self._blank_proxies()),
            "against_wins": total["against"] > total["for"],
            "colleges": [
                {
                    "code": college.code,
                    "name": college.name,
                    "votes": {choice: tally[choice] for choice in _CHOICES},
                }
                for college, tally in (colleges or {}).items()
            ],
        }

    def _write_result(self, outcome, explanation, total, values):
        self._cae_own().write(
            {
                "state": "decided",
                "outcome": outcome,
                "explanation": explanation,
                "result": values,
                "favour_count": total["for"],
                "against_count": total["against"],
                "abstain_count": total["abstain"],
                "blank_count": total["blank"],
                "date_decided": fields.Datetime.now(),
            }
        )
        self._decided()

    def _decided(self):
        """Hook: what follows from the decision, in the same transaction."""

    def _minutes_lang(self):
        return self.company_id._cae_statement_lang()

    # ------------------------------------------------------------------
    # Elections
    # ------------------------------------------------------------------

    def _open_election_counts(self):
        """``(votes by candidate id, ballots, blank)`` entered or cast by name."""
        if self.mode == "show":
            votes = {c.id: c.vote_count for c in self.candidate_ids}
            return votes, self.favour_count + self.blank_count, self.blank_count
        cast = self.sudo().vote_ids
        named = Counter(c.id for vote in cast for c in vote.candidate_ids)
        votes = {c.id: named[c.id] for c in self.candidate_ids}
        return votes, len(cast), len(cast.filtered(lambda v: v.choice == "blank"))

    def _decide_election(self, votes, ballots, blank, void=0):
        """Write who is elected."""
        meeting, attending = self.meeting_id, self._attending()
        try:
            outcome = elect(
                self._decision(),
                Election(
                    self.seats,
                    meeting.member_count,
                    attending["present"] + attending["represented"],
                    ballots,
                    blank,
                    votes,
                ),
            )
        except GovernanceError as error:
            raise coded(self.env, error) from error
        for candidate in self.candidate_ids._cae_own():
            candidate.write(
                {
                    "vote_count": votes.get(candidate.id, 0),
                    "elected": candidate.id in outcome.elected,
                }
            )
        full = len(outcome.elected) == min(self.seats, len(self.candidate_ids))
        state = "elected" if full else "partly"
        total = Counter({"for": ballots - blank, "blank": blank})
        words = self.with_context(lang=self._minutes_lang())
        self._write_result(
            state if outcome.quorum_reached else "no_quorum",
            words._election_words(outcome, ballots, blank),
            total,
            {
                "call": int(meeting.call),
                "members": meeting.member_count,
                "present": attending["present"],
                "represented": attending["represented"],
                "needed": outcome.needed,
                "ballots": ballots,
                "blank": blank,
                "void": void,
                "votes": [[c.name, c.vote_count] for c in self.candidate_ids],
                "tied": list(outcome.tied),
            },
        )

    def _election_words(self, outcome, ballots, blank):
        names = {c.id: c.name for c in self.candidate_ids}
        words = [
            self.env._(
                "Ballots: %(ballots)s, blank or void: %(blank)s. Needed to be elected: "
                "%(needed)s votes.",
                ballots=ballots,
                blank=blank,
                needed=outcome.needed,
            )
        ]
        if outcome.elected:
            elected = ", ".join(names[key] for key in outcome.elected)
            words.append(self.env._("Elected: %s.", elected))
        else:
            words.append(self.env._("Nobody is elected."))
        if outcome.tied:
            tied = ", ".join(names[key] for key in outcome.tied)
            words.append(self.env._("As many votes, seats not given: %s.", tied))
        return " ".join(words)


class CaeMeeting(models.Model):
    _inherit = "cae.meeting"

    def _weights(self):
        """``{college: share of 1}``: as frozen with the voters; none is forgotten.

        A college of the statutes without members keeps its weight.
        """
        # sudo: colleges of the voters, for who may hold the vote.
        colleges = self.env["cae.college"].sudo()
        there = colleges.search(
            [("company_id", "=", self.company_id.id), ("weight", ">", 0)]
        )
        electors = self.sudo().elector_ids
        weights = {college: college.weight for college in there}
        weights |= {e.college_id: e.college_weight for e in electors}
        return {college: Fraction(str(w)) / 100 for college, w in weights.items()}

    def _check_colleges(self, resolution):
        """:raises UserError: ``CAE-VOTE-COLLEGE`` when votes could not be weighted"""
        poll = resolution._poll(Counter(), resolution._college_counts([]))
        try:
            engine.tally(self.rule_set_id._rules(), poll)
        except GovernanceError as error:
            raise coded(self.env, error) from error

    def action_open(self) -> bool:
        """:raises UserError: ``CAE-VOTE-COLLEGE`` too"""
        result = super().action_open()
        for meeting in self.filtered("weighted"):
            votes = meeting.resolution_ids.filtered(
                lambda r: not r.election and r.mode != "none"
            )
            for resolution in votes[:1]:
                meeting._check_colleges(resolution)
        return result


_CHOICES = engine.CHOICES


def _votes(counts):
    return engine.Votes(*(counts[choice] for choice in _CHOICES))


def _blank(elector):
    proxy = elector._proxy()
    return bool(proxy) and not proxy.holder_id
