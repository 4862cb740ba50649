import json
import secrets
from collections import Counter

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import sealing
from ..engine.rules import GovernanceError
from .cae_rule_set import coded

#: Tables of the sealed papers of open votes: this and the id of the ballot.
URN = "cae_ballot_urn_"
YES_NO = ("for", "against", "abstain")


class CaeBallot(models.Model):
    """The urn of a secret vote: of all voters, or of those of one college.

    While the vote is open the sealed papers lie in a table of their own, without ids,
    order, dates or names (``_urn``). When it is closed they are rewritten in random
    order and that table is dropped, in one transaction. Who has voted is in
    ``cae.ballot.voter``; nothing leads from one to the other. See docs, "Secret
    ballots", for what this guarantees and what not.
    """

    _name = "cae.ballot"
    _description = "Secret Ballot"
    _order = "resolution_id desc, id"
    _rec_name = "resolution_id"

    resolution_id = fields.Many2one(
        "cae.resolution", required=True, readonly=True, ondelete="restrict", index=True
    )
    meeting_id = fields.Many2one(related="resolution_id.meeting_id", store=True)
    company_id = fields.Many2one(
        related="resolution_id.company_id", store=True, index=True
    )
    college_id = fields.Many2one("cae.college", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [("open", "Open"), ("sealed", "Urn sealed"), ("counted", "Counted")],
        required=True,
        readonly=True,
        default="open",
    )
    keys = fields.Json(
        string="Keys of the Tellers",
        readonly=True,
        help="Public keys to which ballots are sealed, in the order of the tellers.",
    )
    needed = fields.Integer(
        string="Tellers Who Open",
        readonly=True,
        help="So many tellers together open the urn.",
    )
    voter_ids = fields.One2many("cae.ballot.voter", "ballot_id", readonly=True)
    paper_ids = fields.One2many("cae.ballot.paper", "ballot_id", readonly=True)
    part_ids = fields.One2many(
        "cae.ballot.part", "ballot_id", readonly=True, groups="base.group_system"
    )
    ballot_count = fields.Integer(string="Ballots in the Urn", readonly=True)
    void_count = fields.Integer(string="Void Ballots", readonly=True)
    urn_seal = fields.Char(
        string="Seal of the Urn",
        readonly=True,
        help="SHA-256 of all receipts, taken when the vote was closed, before the "
        "count.",
    )

    _college_uniq = models.UniqueIndex(
        "(resolution_id, college_id) NULLS NOT DISTINCT",
        "This vote has its urn already.",
    )

    # ------------------------------------------------------------------
    # The urn
    # ------------------------------------------------------------------

    def _urn(self):
        """The table of sealed papers while the vote is open."""
        self.ensure_one()
        return SQL.identifier(f"{URN}{self.id:d}")

    def _make_urn(self):
        for ballot in self:
            # Its index is by receipt, which is random: it keeps no order.
            self.env.cr.execute(
                SQL(
                    "CREATE TABLE %s "
                    "(receipt char(64) PRIMARY KEY, paper text NOT NULL)",
                    ballot._urn(),
                )
            )

    def _put(self, elector, paper):
        """A sealed paper into the urn, its voter on the list (all sudo).

        :return: the receipt
        :raises UserError: ``CAE-BALLOT-PAPER``, ``CAE-VOTE-TWICE``
        """
        self.ensure_one()
        try:
            receipt = sealing.check_paper(str(paper), len(self.keys), self.needed)
        except GovernanceError as error:
            raise coded(self.env, error) from error
        self._tick_off(elector)
        # A copy of somebody's paper is refused: it would tell what they voted.
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (receipt, paper) VALUES (%s, %s) "
                "ON CONFLICT (receipt) DO NOTHING",
                self._urn(),
                receipt,
                str(paper),
            )
        )
        if not self.env.cr.rowcount:
            raise UserError(
                self.env._("CAE-BALLOT-PAPER: this ballot is in the urn already.")
            )
        return receipt

    def _tick_off(self, elector):
        """Write a voter on the list, once.

        Not by ``create``: of two requests at once Odoo would log the one that is
        refused, with the voter and the moment.

        :raises UserError: ``CAE-VOTE-TWICE``
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO cae_ballot_voter (ballot_id, elector_id, company_id) "
                "VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                self.id,
                elector.id,
                self.company_id.id,
            ),
            log_exceptions=False,
        )
        if not self.env.cr.rowcount:
            raise UserError(self.env._("CAE-VOTE-TWICE: this vote was already cast."))
        self.invalidate_recordset(["voter_ids"])
        self.resolution_id.invalidate_recordset(["voted_count"])

    def _seal_urn(self):
        """The vote is closed: rewrite the urn in random order, drop the old table.

        :raises UserError: ``CAE-BALLOT-URN`` when there are not as many papers as
            voters
        """
        # sudo: urns are written by the steps of the vote alone.
        for ballot in self.sudo().filtered(lambda b: b.state == "open"):
            ballot._cae_hold()
            papers = self.env.execute_query(
                SQL("SELECT receipt, paper FROM %s", ballot._urn())
            )
            if len(papers) != len(ballot.voter_ids):
                raise UserError(
                    self.env._(
                        "CAE-BALLOT-URN: %(papers)s papers, %(voters)s voters: nothing "
                        "was changed.",
                        papers=len(papers),
                        voters=len(ballot.voter_ids),
                    )
                )
            ballot._rewrite(papers)
            ballot.write(
                {
                    "state": "sealed",
                    "ballot_count": len(papers),
                    "urn_seal": sealing.seal_of_urn(receipt for receipt, _p in papers),
                }
            )
            if not papers:
                ballot._finish([])

    def _rewrite(self, papers):
        secrets.SystemRandom().shuffle(papers)
        self.env["cae.ballot.paper"].create(
            [
                {"ballot_id": self.id, "receipt": receipt, "paper": paper}
                for receipt, paper in papers
            ]
        )
        # The list of voters keeps no order of arrival either.
        electors = self.voter_ids.elector_id.sorted("id")
        self.voter_ids.unlink()
        self.env["cae.ballot.voter"].create(
            [{"ballot_id": self.id, "elector_id": elector.id} for elector in electors]
        )
        self.env.flush_all()
        self.env.cr.execute(SQL("DROP TABLE %s", self._urn()))

    # ------------------------------------------------------------------
    # The count
    # ------------------------------------------------------------------

    def _parts_for(self, teller):
        """What a teller's browser decrypts (all sudo).

        :raises UserError: ``CAE-BALLOT-STATE`` before the urn is sealed
        """
        self._check_sealed()
        papers = self.paper_ids.sorted("id").mapped("paper")
        return sealing.parts_for(papers, self._place(teller))

    def _place(self, teller):
        if teller.public_key not in self.keys:
            raise UserError(
                self.env._("CAE-BALLOT-TELLER: you are no teller of this vote.")
            )
        return self.keys.index(teller.public_key)

    def _check_sealed(self):
        if self.state != "sealed":
            raise UserError(
                self.env._("CAE-BALLOT-STATE: the urn is not sealed, or is counted.")
            )

    def _give_parts(self, teller, parts):
        """A teller gives what their browser decrypted; enough of them open the urn.

        All sudo.

        :raises UserError: ``CAE-BALLOT-STATE``, ``CAE-BALLOT-PARTS``
        """
        self._check_sealed()
        place = self._place(teller)
        # Of two tellers at once the second starts again and finds the first.
        self.env.cr.execute(
            SQL("UPDATE cae_ballot SET needed = needed WHERE id = %s", self.id)
        )
        if not _are_parts(parts, len(self.paper_ids)):
            raise UserError(
                self.env._("CAE-BALLOT-PARTS: these are not the parts of the ballots.")
            )
        self.part_ids.filtered(lambda p: p.place == place).unlink()
        self.env["cae.ballot.part"].create(
            {"ballot_id": self.id, "place": place, "parts": parts}
        )
        if len(self.part_ids) >= self.needed:
            self._try_open()
        return {"state": self.state, "given": len(self.part_ids)}

    def _try_open(self):
        papers = self.paper_ids.sorted("id")
        try:
            opened = sealing.open_papers(
                papers.mapped("paper"),
                {part.place: part.parts for part in self.part_ids},
                self._codes(),
                self._most(),
            )
        except GovernanceError as error:
            raise coded(self.env, error) from error
        # A wrong part of one teller voids nothing while another one can help.
        closed = [ballot for ballot in opened if not ballot.nonce]
        if not closed or len(self.part_ids) == len(self.keys):
            self._finish(list(zip(papers, opened, strict=True)))

    def _finish(self, rows):
        for paper, opened in rows:
            paper.write(
                {
                    "nonce": opened.nonce,
                    "message": opened.message,
                    "void": opened.choice is None,
                    "choice": json.dumps(opened.choice or []),
                }
            )
        void = sum(opened.choice is None for _paper, opened in rows)
        self.write({"state": "counted", "void_count": void})
        self.part_ids.unlink()
        self.resolution_id._count_secret()

    def _codes(self):
        """What a ballot may choose; choosing nothing is blank."""
        resolution = self.resolution_id
        if resolution.election:
            return [candidate._code() for candidate in resolution.candidate_ids]
        return list(YES_NO)

    def _most(self):
        return self.resolution_id.seats if self.resolution_id.election else 1

    def _choices(self):
        """Choices of the valid ballots; ``()`` is blank."""
        papers = self.paper_ids.filtered(lambda p: not p.void)
        return [tuple(json.loads(paper.choice or "[]")) for paper in papers]

    # ------------------------------------------------------------------
    # The published list
    # ------------------------------------------------------------------

    def _published(self):
        """The list that anyone recomputes with ``scripts/verify-ballot`` (sudo)."""
        self.ensure_one()
        resolution = self.resolution_id
        return {
            "format": "cae-ballot-1",
            "meeting": resolution.meeting_id.display_name,
            "resolution": resolution.title,
            "college": self.college_id.code or "",
            "choices": self._labels(),
            "most": self._most(),
            "voters": len(self.voter_ids),
            "urn_seal": self.urn_seal,
            "ballots": [
                {
                    "receipt": p.receipt,
                    "nonce": p.nonce or "",
                    "message": p.message or "",
                }
                for p in self.paper_ids.sorted("receipt")
            ],
            "count": self._totals(),
        }

    def _labels(self):
        resolution = self.resolution_id
        if resolution.election:
            return {c._code(): c.name for c in resolution.candidate_ids}
        return {
            "for": self.env._("For"),
            "against": self.env._("Against"),
            "abstain": self.env._("Abstention"),
        }

    def _totals(self):
        choices = self._choices()
        counts = Counter(code for choice in choices for code in choice)
        totals = {code: counts[code] for code in self._codes()}
        blank = sum(not choice for choice in choices)
        return {**totals, "blank": blank, "void": self.void_count}

    def action_list(self) -> dict:
        """Download the published list."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/cae/ballot/{self.id}/list"}


def _are_parts(parts, number):
    return (
        isinstance(parts, list)
        and len(parts) == number
        and all(
            isinstance(row, dict)
            and all(isinstance(v, str) and len(v) < 100 for v in row.values())
            for row in parts
        )
    )


class CaeResolution(models.Model):
    _inherit = "cae.resolution"

    def _open_ballot(self):
        """Make the urn, or one for each college, sealed to the tellers' keys.

        :raises UserError: ``CAE-BALLOT-TELLERS``, ``CAE-BALLOT-KEY``
        """
        meeting = self.meeting_id
        # sudo: urns are written by the steps of the vote alone.
        tellers = meeting.sudo().teller_key_ids
        keyless = tellers.filtered(lambda t: not t.public_key)
        if keyless:
            raise UserError(
                self.env._(
                    "CAE-BALLOT-KEY: %(names)s must make their key first, on their "
                    "page of the meeting.",
                    names=", ".join(keyless.partner_id.mapped("name")),
                )
            )
        try:
            sealing.groups(len(tellers), meeting.teller_needed)
        except GovernanceError as error:
            raise coded(self.env, error) from error
        colleges = self.env["cae.college"]
        if meeting.weighted and not self.election:
            # sudo: the colleges that vote, whoever opens: the chair reads no members.
            colleges = meeting.sudo().elector_ids.college_id
        # sudo: nobody may make ballots; the step that opens the vote does.
        ballots = self.env["cae.ballot"].sudo()
        ballots = ballots.create(
            [
                {
                    "resolution_id": self.id,
                    "college_id": college.id if college else False,
                    "keys": tellers.mapped("public_key"),
                    "needed": meeting.teller_needed,
                }
                for college in colleges or [False]
            ]
        )
        ballots._make_urn()

    def _cast_secret(self, elector, caster, paper):
        """Cast a sealed ballot; electors are sudo.

        :return: the receipt
        :raises UserError: ``CAE-VOTE-*``, ``CAE-BALLOT-PAPER``
        """
        self._hold_open()
        if self.mode != "secret":
            raise UserError(self.env._("CAE-VOTE-MODE: this vote is not secret."))
        self._hold_right(elector, caster)
        return self._ballot_of(elector)._put(elector, paper)

    def _ballot_of(self, elector):
        """The urn of a voter (sudo)."""
        # sudo: see _open_ballot.
        ballots = self.sudo().ballot_ids
        if len(ballots) == 1 and not ballots.college_id:
            return ballots
        mine = ballots.filtered(lambda b: b.college_id == elector.college_id)
        if not mine:
            raise UserError(
                self.env._("CAE-VOTE-COLLEGE: this voter is in no college.")
            )
        return mine

    def _count_secret(self):
        """Decide when all urns of the vote are counted."""
        # sudo: whether all urns are counted, for the teller who opens the last.
        ballots = self.sudo().ballot_ids
        if any(ballot.state != "counted" for ballot in ballots):
            return
        self._check_state("counting", "open")
        void = sum(ballots.mapped("void_count"))
        if self.election:
            choices = [choice for ballot in ballots for choice in ballot._choices()]
            codes = Counter(code for choice in choices for code in choice)
            votes = {c.id: codes[c._code()] for c in self.candidate_ids}
            blank = sum(not choice for choice in choices) + void
            self._decide_election(votes, len(choices) + void, blank, void)
        elif self.meeting_id.weighted:
            rows = [
                (_answer(choice), ballot.college_id.id)
                for ballot in ballots
                for choice in ballot._choices()
            ]
            self._decide(colleges=self._college_counts(rows), void=void)
        else:
            counts = Counter(_answer(choice) for choice in ballots._choices())
            self._decide(counts + Counter(blank=void), void=void)


def _answer(choice):
    return choice[0] if choice else "blank"
