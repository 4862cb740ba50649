import json

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ..engine import sealing
from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestBallot(MeetingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = [sealing.new_key() for _n in range(3)]

    def _refused(self, code, call, *args, **kwargs):
        with self.assertRaisesRegex(UserError, f"^{code}: "), self.cr.savepoint():
            call(*args, **kwargs)

    def _tellers(self, meeting, number=3):
        tellers = self.env["cae.ballot.teller"].create(
            [
                {"meeting_id": meeting.id, "partner_id": member.partner_id.id}
                for member in self.members[:number]
            ]
        )
        for teller, (_private, public) in zip(tellers, self.keys, strict=False):
            teller.sudo()._set_key(public)
        return tellers

    def _secret(self, rules=None, tellers=3, meeting=None, **vals):
        meeting = self._meeting(rules, **(meeting or {}))
        resolution = self._resolution(meeting, mode="secret", **vals)
        self._start(meeting)
        self._come(meeting, *self.members.mapped("name"))
        self._tellers(meeting, tellers)
        resolution.action_open_vote()
        return resolution

    def _seal(self, resolution, *choice):
        ballot = resolution.ballot_ids[0]
        return sealing.seal(choice, ballot.keys, ballot.needed)

    def _cast(self, resolution, name, *choice, by=None, paper=None):
        meeting = resolution.meeting_id
        paper = paper or self._seal(resolution, *choice)[0]
        voter = self._elector(meeting, name).sudo()
        caster = self._elector(meeting, by or name).sudo()
        return resolution.sudo()._cast_secret(voter, caster, paper)

    def _open(self, resolution, *places):
        for ballot in resolution.ballot_ids:
            for place in places:
                teller = resolution.meeting_id.teller_key_ids[place]
                sealed = ballot.sudo()._parts_for(teller)
                parts = sealing.decrypt_parts(self.keys[place][0], sealed)
                ballot.sudo()._give_parts(teller, parts)

    # ------------------------------------------------------------------

    def test_from_the_urn_to_the_result(self):
        resolution = self._secret()
        receipts = [
            self._cast(resolution, name, choice)
            for name, choice in zip(
                ("Ana", "Ben", "Cleo"), ("for", "for", "against"), strict=True
            )
        ]
        self._cast(resolution, "Dan")
        self.assertEqual(resolution.voted_count, 4)
        resolution.action_close_vote()
        self.assertEqual((resolution.state, resolution.outcome), ("counting", False))
        ballot = resolution.ballot_ids
        self.assertEqual((ballot.state, ballot.ballot_count), ("sealed", 4))
        self._open(resolution, 0)
        self.assertEqual(ballot.state, "sealed")
        self._open(resolution, 2)
        self.assertEqual((ballot.state, resolution.state), ("counted", "decided"))
        self.assertEqual(resolution.outcome, "adopted")
        self.assertEqual(resolution.result["votes"]["for"], 2)
        self.assertEqual(resolution.blank_count, 1)
        published = ballot.sudo()._published()
        listed = [row["receipt"] for row in published["ballots"]]
        self.assertEqual(listed, sorted(listed))
        self.assertLessEqual(set(receipts), set(listed))
        self.assertEqual(
            published["count"],
            {"for": 2, "against": 1, "abstain": 0, "blank": 1, "void": 0},
        )
        self.assertEqual(published["urn_seal"], sealing.seal_of_urn(listed))

    def test_urn_keeps_nothing_that_leads_to_a_voter(self):
        resolution = self._secret()
        self._cast(resolution, "Ana", "for")
        ballot = resolution.ballot_ids
        columns = self._columns(f"cae_ballot_urn_{ballot.id}")
        self.assertEqual(columns, {"receipt", "paper"})
        self.assertEqual(
            self._columns("cae_ballot_voter"),
            {"id", "ballot_id", "company_id", "elector_id"},
        )
        resolution.action_close_vote()
        self.assertFalse(self._columns(f"cae_ballot_urn_{ballot.id}"))
        self.assertEqual(
            self._columns("cae_ballot_paper"),
            {"id", "ballot_id", "company_id", "receipt", "paper"}
            | {"nonce", "message", "choice", "void"},
        )

    def _columns(self, table):
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
            [table],
        )
        return {row[0] for row in self.env.cr.fetchall()}

    def test_order_of_arrival_is_lost(self):
        """Of sixteen urns sealed, not all keep the order in which papers came."""
        same = 0
        for _n in range(4):
            resolution = self._secret()
            names = self.members.mapped("name")
            receipts = [self._cast(resolution, name, "for") for name in names]
            resolution.action_close_vote()
            papers = resolution.ballot_ids.sudo().paper_ids.sorted("id")
            same += papers.mapped("receipt") == receipts
            voters = resolution.ballot_ids.voter_ids.sorted("id").elector_id
            self.assertEqual(voters.ids, sorted(voters.ids))
        self.assertLess(same, 4)

    def test_never_twice(self):
        resolution = self._secret()
        self._cast(resolution, "Ana", "for")
        self._refused("CAE-VOTE-TWICE", self._cast, resolution, "Ana", "for")
        voter = resolution.ballot_ids.voter_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.cr.savepoint():
                voter.sudo().copy()

    def test_a_copied_paper_is_refused(self):
        resolution = self._secret()
        paper = self._seal(resolution, "for")[0]
        self._cast(resolution, "Ana", paper=paper)
        self._refused("CAE-BALLOT-PAPER", self._cast, resolution, "Ben", paper=paper)
        self.assertEqual(resolution.voted_count, 1)

    def test_what_is_no_paper(self):
        resolution = self._secret()
        for paper in ("{}", '{"receipt": 1}', "x" * 50_000, json.dumps([1])):
            self._refused(
                "CAE-BALLOT-PAPER", self._cast, resolution, "Ana", paper=paper
            )
        self.assertEqual(resolution.voted_count, 0)

    def test_nothing_before_nor_after_nor_for_others(self):
        resolution = self._secret()
        paper = self._seal(resolution, "for")[0]
        self._refused("CAE-VOTE-RIGHT", self._cast, resolution, "Ben", "for", by="Ana")
        resolution.action_close_vote()
        self._refused("CAE-VOTE-CLOSED", self._cast, resolution, "Ana", paper=paper)
        # An empty urn is counted at once.
        self.assertEqual(resolution.outcome, "rejected")

    def test_representative_casts_separately(self):
        meeting = self._meeting()
        resolution = self._resolution(meeting, mode="secret")
        self._start(meeting)
        self._come(meeting, "Ana", "Ben")
        self._proxy(meeting, "Cleo", "Ana")
        self._tellers(meeting)
        resolution.action_open_vote()
        self._cast(resolution, "Ana", "for")
        self._cast(resolution, "Cleo", "against", by="Ana")
        self.assertEqual(resolution.voted_count, 2)

    def test_tellers_are_two_with_keys(self):
        meeting = self._meeting()
        resolution = self._resolution(meeting, mode="secret")
        self._start(meeting)
        self._refused("CAE-BALLOT-TELLERS", resolution.action_open_vote)
        self._tellers(meeting, 1)
        self._refused("CAE-BALLOT-TELLERS", resolution.action_open_vote)
        second = self.env["cae.ballot.teller"].create(
            {"meeting_id": meeting.id, "partner_id": self.members[1].partner_id.id}
        )
        self._refused("CAE-BALLOT-KEY", resolution.action_open_vote)
        # The secretary does not make keys for tellers.
        self._refused("CAE-FIELD-OWNED", second.write, {"public_key": self.keys[1][1]})
        second.sudo()._set_key(self.keys[1][1])
        resolution.action_open_vote()
        self._refused("CAE-BALLOT-STARTED", second.action_forget_key)
        self._refused("CAE-BALLOT-STARTED", second.unlink)

    def test_nobody_opens_before_the_closing(self):
        resolution = self._secret()
        self._cast(resolution, "Ana", "for")
        teller = resolution.meeting_id.teller_key_ids[0]
        ballot = resolution.ballot_ids.sudo()
        self._refused("CAE-BALLOT-STATE", ballot._parts_for, teller)
        self._refused("CAE-BALLOT-STATE", ballot._give_parts, teller, [])
        self.assertFalse(ballot.paper_ids)

    def test_a_wrong_part_waits_for_another_teller(self):
        resolution = self._secret()
        self._cast(resolution, "Ana", "for")
        self._cast(resolution, "Ben", "for")
        resolution.action_close_vote()
        ballot = resolution.ballot_ids.sudo()
        first = resolution.meeting_id.teller_key_ids[0]
        wrong = [dict.fromkeys(row, "AAAA") for row in ballot._parts_for(first)]
        ballot._give_parts(first, wrong)
        self._open(resolution, 1)
        self.assertEqual(ballot.state, "sealed")
        self._open(resolution, 2)
        self.assertEqual((ballot.state, ballot.void_count), ("counted", 0))
        self.assertFalse(ballot.part_ids)

    def test_parts_of_something_else(self):
        resolution = self._secret()
        self._cast(resolution, "Ana", "for")
        resolution.action_close_vote()
        ballot = resolution.ballot_ids.sudo()
        teller = resolution.meeting_id.teller_key_ids[0]
        for parts in (None, [], [1], [{"0.1": 5}], [{}, {}]):
            self._refused("CAE-BALLOT-PARTS", ballot._give_parts, teller, parts)

    def test_void_ballots_are_counted_as_void(self):
        resolution = self._secret()
        self._cast(resolution, "Ana", "for")
        self._cast(resolution, "Ben", "perhaps")
        resolution.action_close_vote()
        self._open(resolution, 0, 1)
        self.assertEqual(resolution.ballot_ids.void_count, 1)
        self.assertEqual((resolution.favour_count, resolution.blank_count), (1, 1))
        self.assertEqual(resolution.result["void"], 1)

    def test_secret_election(self):
        resolution = self._secret(
            election=True,
            seats=2,
            candidate_ids=[
                Command.create({"name": name}) for name in ("Xan", "Yves", "Zoe")
            ],
        )
        xan, yves, zoe = (c._code() for c in resolution.candidate_ids)
        self._cast(resolution, "Ana", xan, yves)
        self._cast(resolution, "Ben", xan, zoe)
        self._cast(resolution, "Cleo", xan, yves)
        self._cast(resolution, "Dan", xan, yves, zoe)
        self._cast(resolution, "Eva")
        resolution.action_close_vote()
        self._open(resolution, 1, 2)
        self.assertEqual(resolution.candidate_ids.mapped("vote_count"), [3, 2, 1])
        elected = resolution.candidate_ids.filtered("elected").mapped("name")
        self.assertEqual(elected, ["Xan", "Yves"])
        self.assertEqual(resolution.blank_count, 2)

    def test_colleges_have_urns_of_their_own(self):
        colleges = self.env["cae.college"].create(
            [
                {
                    "name": code,
                    "code": code,
                    "weight": 50,
                    "company_id": self.company.id,
                }
                for code in "AB"
            ]
        )
        self.env["cae.member.college"].sudo().create(
            [
                {
                    "member_id": member.id,
                    "college_id": colleges[place % 2].id,
                    "date_start": "2020-01-01",
                }
                for place, member in enumerate(self.members)
            ]
        )
        resolution = self._secret(self.scic, meeting={"weighted": True})
        self.assertEqual(resolution.ballot_ids.college_id, colleges)
        for name in self.members.mapped("name"):
            self._cast(resolution, name, "against" if name == "Ben" else "for")
        resolution.action_close_vote()
        self._open(resolution, 0, 1)
        self.assertEqual(resolution.outcome, "adopted")
        self.assertIn("83.33 %", resolution.explanation)

    def test_secretary_sees_who_voted_and_nothing_of_what(self):
        resolution = self._secret()
        self._cast(resolution, "Ana", "for")
        ballot = resolution.ballot_ids
        self.assertEqual(ballot.voter_ids.elector_id.name, "Ana")
        resolution.action_close_vote()
        paper = ballot.paper_ids
        self.assertFalse(paper.message)
        with self.assertRaises(AccessError):
            paper.read(["paper"])
        for records in (ballot, ballot.voter_ids, paper):
            for change in (
                lambda r: r.write({"company_id": False}),
                lambda r: r.unlink(),
            ):
                with self.assertRaises(UserError):
                    change(records)
        with self.assertRaises(AccessError):
            self.env["cae.ballot.part"].search([])
