from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestVotes(MeetingCommon):
    def _refused(self, code, call, *args, **kwargs):
        with self.assertRaisesRegex(UserError, f"^{code}: "), self.cr.savepoint():
            call(*args, **kwargs)

    def _vote_on(self, rules=None, **vals):
        """A session with a named vote that is open."""
        meeting = self._meeting(rules, **vals.pop("meeting", {}))
        resolution = self._resolution(meeting, **{"mode": "named", **vals})
        self._start(meeting)
        return meeting, resolution

    def _cast(self, resolution, name, choice, by=None, candidates=()):
        meeting = resolution.meeting_id
        voter = self._elector(meeting, name).sudo()
        caster = self._elector(meeting, by or name).sudo()
        resolution.sudo()._cast(voter, caster, choice, candidates)

    # ------------------------------------------------------------------
    # Show of hands
    # ------------------------------------------------------------------

    def test_show_of_hands(self):
        meeting = self._session()
        self._come(meeting, "Ana", "Ben", "Cleo")
        resolution = meeting.resolution_ids
        resolution.action_open_vote()
        resolution.write({"favour_count": 2, "against_count": 1})
        resolution.action_close_vote()
        self.assertEqual((resolution.state, resolution.outcome), ("decided", "adopted"))
        self.assertEqual(resolution.result["members"], 6)
        self._refused("CAE-RESOLUTION-STATE", resolution.action_close_vote)

    def test_more_hands_than_people(self):
        meeting = self._session()
        self._come(meeting, "Ana", "Ben")
        resolution = meeting.resolution_ids
        resolution.action_open_vote()
        resolution.favour_count = 3
        self._refused("CAE-VOTE-COUNT", resolution.action_close_vote)
        self.assertEqual(resolution.state, "open")

    def test_sarl_needs_half_of_all_members(self):
        meeting = self._session(self.sarl)
        self._come(meeting, "Ana", "Ben", "Cleo")
        resolution = meeting.resolution_ids
        resolution.action_open_vote()
        resolution.favour_count = 3
        resolution.action_close_vote()
        self.assertEqual(resolution.outcome, "rejected")
        self.assertIn("more than 1/2 of the 6 members", resolution.explanation)
        meeting.action_close()
        second = self.Meeting.browse(meeting.action_second_call()["res_id"])
        self.assertEqual(second.resolution_ids.mapped("title"), ["Accounts"])

    def test_blank_proxies_follow_the_management(self):
        for backed, outcome in ((True, "adopted"), (False, "rejected")):
            meeting = self._meeting()
            resolution = self._resolution(meeting, management=backed)
            self._start(meeting)
            self._come(meeting, "Ana", "Ben")
            self._proxy(meeting, "Cleo")
            resolution.action_open_vote()
            resolution.write({"favour_count": 1, "against_count": 1})
            resolution.action_close_vote()
            self.assertEqual(resolution.outcome, outcome)
            self.assertEqual(resolution.result["blank_proxies"], 1)

    # ------------------------------------------------------------------
    # By name
    # ------------------------------------------------------------------

    def test_vote_by_name_and_for_who_is_represented(self):
        meeting, resolution = self._vote_on()
        self._come(meeting, "Ana", "Ben")
        proxy = self._proxy(meeting, "Cleo", "Ana")
        resolution.action_open_vote()
        self._cast(resolution, "Ana", "for")
        self._cast(resolution, "Cleo", "against", by="Ana")
        self.assertEqual(proxy.state, "used")
        self._cast(resolution, "Ben", "for")
        resolution.action_close_vote()
        self.assertEqual(resolution.outcome, "adopted")
        self.assertEqual((resolution.favour_count, resolution.against_count), (2, 1))

    def test_never_twice(self):
        meeting, resolution = self._vote_on()
        self._come(meeting, "Ana")
        resolution.action_open_vote()
        self._cast(resolution, "Ana", "for")
        self._refused("CAE-VOTE-TWICE", self._cast, resolution, "Ana", "against")
        vote = resolution.vote_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            with self.cr.savepoint():
                vote.sudo().copy()
        with self.assertRaises(AccessError):
            vote.choice = "against"

    def test_nothing_before_nor_after(self):
        meeting, resolution = self._vote_on()
        self._come(meeting, "Ana")
        self._refused("CAE-VOTE-CLOSED", self._cast, resolution, "Ana", "for")
        resolution.action_open_vote()
        resolution.action_close_vote()
        self._refused("CAE-VOTE-CLOSED", self._cast, resolution, "Ana", "for")
        self.assertEqual(resolution.outcome, "no_quorum")

    def test_only_ones_own_vote(self):
        meeting, resolution = self._vote_on()
        self._come(meeting, "Ana", "Ben")
        resolution.action_open_vote()
        self._refused("CAE-VOTE-RIGHT", self._cast, resolution, "Ben", "for", by="Ana")
        self._refused("CAE-VOTE-RIGHT", self._cast, resolution, "Dan", "for", by="Ana")
        self._refused("CAE-VOTE-ABSENT", self._cast, resolution, "Dan", "for")
        other, _item = self._vote_on()
        ana = self._elector(other, "Ana").sudo()
        self._refused("CAE-VOTE-RIGHT", resolution.sudo()._cast, ana, ana, "for")

    def test_choices(self):
        meeting, resolution = self._vote_on()
        self._come(meeting, "Ana")
        resolution.action_open_vote()
        for choice in ("", "yes", None, "elected"):
            self._refused("CAE-VOTE-CHOICE", self._cast, resolution, "Ana", choice)
        self._refused(
            "CAE-VOTE-CHOICE", self._cast, resolution, "Ana", "for", candidates=[1]
        )

    def test_what_is_voted_stays(self):
        meeting, resolution = self._vote_on()
        resolution.action_open_vote()
        for vals in ({"title": "x"}, {"mode": "show"}, {"kind": "extraordinary"}):
            self._refused("CAE-RESOLUTION-VOTED", resolution.write, vals)
        self._refused("CAE-RESOLUTION-STATE", resolution.action_withdraw)
        self._refused("CAE-RESOLUTION-COUNT", resolution.write, {"favour_count": 6})

    def test_counts_are_entered_while_the_vote_is_open(self):
        meeting = self._session()
        self._come(meeting, "Ana", "Ben")
        resolution = meeting.resolution_ids
        self._refused("CAE-RESOLUTION-COUNT", resolution.write, {"favour_count": 2})
        resolution.action_open_vote()
        resolution.favour_count = 2
        resolution.action_close_vote()
        for vals in ({"favour_count": 0}, {"against_count": 2}):
            self._refused("CAE-RESOLUTION-COUNT", resolution.write, vals)

    def test_votes_by_post(self):
        meeting, resolution = self._vote_on()
        ana = self._elector(meeting, "Ana")
        post = self.env["cae.resolution"]._post_vote
        post(resolution, ana, "for")
        self.assertEqual(ana.status, "postal")
        self._refused("CAE-VOTE-TWICE", post, resolution, ana, "against")
        self._come(meeting, "Ben")
        self._refused(
            "CAE-VOTE-POSTAL", post, resolution, self._elector(meeting, "Ben"), "for"
        )
        resolution.action_open_vote()
        self._cast(resolution, "Ben", "against")
        resolution.action_close_vote()
        self.assertEqual((resolution.favour_count, resolution.against_count), (1, 1))
        self.assertEqual(resolution.outcome, "rejected")

    # ------------------------------------------------------------------
    # Colleges
    # ------------------------------------------------------------------

    def _colleges(self):
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
                    "college_id": colleges[0 if place < 2 else 1].id,
                    "date_start": "2020-01-01",
                }
                for place, member in enumerate(self.members)
            ]
        )
        return colleges

    def test_votes_are_weighted_by_college(self):
        self._colleges()
        meeting, resolution = self._vote_on(self.scic, meeting={"weighted": True})
        names = self.members.mapped("name")
        self._come(meeting, *names)
        resolution.action_open_vote()
        # A: 2 of 2 for; B: 1 of 4 for. 0.5 + 0.125 although 3 of 6 heads only.
        for name, choice in zip(names, ["for"] * 3 + ["against"] * 3, strict=True):
            self._cast(resolution, name, choice)
        resolution.action_close_vote()
        self.assertEqual(resolution.outcome, "adopted")
        self.assertIn("62.50 %", resolution.explanation)

    def test_hands_are_counted_in_each_college(self):
        self._colleges()
        meeting = self._meeting(self.scic, weighted=True)
        resolution = self._resolution(meeting)
        self._start(meeting)
        self._come(meeting, *self.members.mapped("name"))
        resolution.action_open_vote()
        few, many = resolution.hand_ids
        few.favour_count = 3
        self._refused("CAE-VOTE-COUNT", resolution.action_close_vote)
        few.favour_count = 2
        many.write({"favour_count": 1, "against_count": 3})
        self._refused("CAE-RESOLUTION-HANDS", few.write, {"college_id": 0})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            few.unlink()
        resolution.action_close_vote()
        self.assertEqual(resolution.outcome, "adopted")
        self.assertIn("62.50 %", resolution.explanation)
        self.assertEqual((resolution.favour_count, resolution.against_count), (3, 3))
        self._refused("CAE-RESOLUTION-COUNT", few.write, {"favour_count": 1})

    def test_hands_of_nobodys_college(self):
        self._colleges()[1].membership_ids.sudo().unlink()
        meeting = self._meeting(self.scic, weighted=True)
        self._resolution(meeting)
        self._refused("CAE-VOTE-COLLEGE", self._start, meeting)

    def test_scop_has_no_weights(self):
        self._refused("CAE-VOTE-COLLEGE", self._meeting, weighted=True)

    # ------------------------------------------------------------------
    # Elections
    # ------------------------------------------------------------------

    def _election(self, mode="named", seats=2):
        names = ("Xan", "Yves", "Zoe")
        return self._vote_on(
            mode=mode,
            election=True,
            seats=seats,
            title="Board",
            candidate_ids=[Command.create({"name": name}) for name in names],
        )

    def test_election_by_name(self):
        meeting, resolution = self._election()
        self._come(meeting, "Ana", "Ben", "Cleo")
        resolution.action_open_vote()
        xan, yves, zoe = resolution.candidate_ids
        self._cast(resolution, "Ana", "for", candidates=[xan.id, yves.id])
        self._cast(resolution, "Ben", "for", candidates=[xan.id])
        self._cast(resolution, "Cleo", "blank")
        resolution.action_close_vote()
        self.assertEqual(resolution.candidate_ids.mapped("vote_count"), [2, 1, 0])
        # Two cast: more than one vote is needed.
        self.assertEqual(resolution.candidate_ids.filtered("elected"), xan)
        self.assertEqual(resolution.outcome, "partly")

    def test_election_refuses_too_many_names(self):
        meeting, resolution = self._election()
        self._come(meeting, "Ana")
        resolution.action_open_vote()
        names = resolution.candidate_ids.ids
        for candidates in (names, [], [0]):
            self._refused(
                "CAE-VOTE-CHOICE",
                self._cast,
                resolution,
                "Ana",
                "for",
                candidates=candidates,
            )

    def test_candidates_stay_once_the_vote_is_open(self):
        meeting, resolution = self._election()
        candidate = resolution.candidate_ids[0]
        self._refused("CAE-FIELD-OWNED", candidate.write, {"elected": True})
        resolution.action_open_vote()
        self._refused("CAE-RESOLUTION-VOTED", candidate.write, {"name": "x"})
        self._refused("CAE-RESOLUTION-VOTED", candidate.unlink)
        self._refused("CAE-RESOLUTION-VOTED", candidate.copy)
        self._refused("CAE-RESOLUTION-COUNT", candidate.write, {"vote_count": 9})

    def test_tie_is_said(self):
        meeting, resolution = self._election("show", seats=1)
        self._come(meeting, *self.members.mapped("name"))
        resolution.action_open_vote()
        resolution.write({"favour_count": 6})
        for candidate, votes in zip(resolution.candidate_ids, (4, 4, 1), strict=True):
            candidate.vote_count = votes
        self._refused("CAE-VOTE-COUNT", resolution.action_close_vote)
        for candidate, votes in zip(resolution.candidate_ids, (3, 3, 0), strict=True):
            candidate.vote_count = votes
        resolution.action_close_vote()
        self.assertIn("Nobody is elected", resolution.explanation)

    def test_an_election_without_candidates(self):
        meeting, resolution = self._vote_on(election=True)
        self._refused("CAE-RESOLUTION-CANDIDATES", resolution.action_open_vote)

    def test_items_without_vote_are_noted(self):
        meeting, resolution = self._vote_on(mode="none")
        resolution.action_close_vote()
        self.assertEqual(resolution.outcome, "noted")

    def test_hook_after_the_decision(self):
        meeting = self._session()
        self._come(meeting, "Ana", "Ben")
        resolution = meeting.resolution_ids
        resolution.action_open_vote()
        resolution.favour_count = 2
        with patch.object(type(resolution), "_decided") as hook:
            resolution.action_close_vote()
        hook.assert_called_once()

    def test_live_tells_no_running_result(self):
        meeting, resolution = self._vote_on()
        self._come(meeting, "Ana", "Ben")
        resolution.action_open_vote()
        self._cast(resolution, "Ana", "for")
        live = meeting._live()["resolution"]
        self.assertEqual((live["state"], live["voted"]), ("open", 1))
        self.assertFalse(live["counts"] or live["explanation"])
        self._cast(resolution, "Ben", "for")
        resolution.action_close_vote()
        self.assertEqual(meeting._live()["resolution"]["counts"], [2, 0, 0, 0])
