from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestPostalVote(MeetingCommon):
    def _vote_on(self, mode="show", **vals):
        meeting = self._meeting()
        resolution = self._resolution(meeting, mode=mode, **vals)
        self._start(meeting)
        return meeting, resolution

    def _paper(self, meeting, name, *choices, received=None, **vals):
        """The screen, filled in: one choice for each resolution, or False."""
        wizards = self.env["cae.postal.vote"]
        wizard = Form(wizards.with_context(**meeting.action_post()["context"]))
        wizard.elector_id = self._elector(meeting, name)
        wizard.date_received = received or self.company._cae_today()
        record = wizard.save()
        for line, choice in zip(record.line_ids, choices, strict=True):
            line.choice = choice
            line.write(vals)
        return record

    def assertRefused(self, code, call, *args):
        with self.assertRaisesRegex(UserError, f"^{code}: "), self.cr.savepoint():
            call(*args)

    def test_papers_count_beside_the_hands(self):
        meeting, resolution = self._vote_on()
        second = self._resolution(meeting, "Late", topic="revocation")
        self._paper(meeting, "Ana", "against", "for").action_enter()
        self._paper(meeting, "Ben", "for", False).action_enter()
        self.assertEqual(self._elector(meeting, "Ana").status, "postal")
        self.assertEqual(meeting.present_count, 2)
        self._come(meeting, "Cleo", "Dan")
        resolution.action_open_vote()
        resolution.favour_count = 2
        resolution.action_close_vote()
        self.assertEqual((resolution.favour_count, resolution.against_count), (3, 1))
        self.assertEqual(resolution.result["posted"], 2)
        self.assertIn("2 came by post", resolution.explanation)
        self.assertEqual(len(second.vote_ids), 1)
        self.assertEqual(second.vote_ids.date_received, self.company._cae_today())

    def test_a_member_votes_once_and_in_one_way(self):
        meeting, resolution = self._vote_on("named")
        self._paper(meeting, "Ana", "for").action_enter()
        again = self._paper(meeting, "Ana", "against")
        self.assertRefused("CAE-VOTE-TWICE", again.action_enter)
        ana = self._elector(meeting, "Ana")
        self.assertRefused("CAE-VOTE-POSTAL", ana.action_present)
        self.assertRefused("CAE-VOTE-POSTAL", ana.action_remote)
        ana.action_left()
        self.assertEqual(ana.presence, "postal")
        self.assertRefused("CAE-PROXY-PRESENT", self._proxy, meeting, "Ana", "Ben")
        self._come(meeting, "Ben")
        self._proxy(meeting, "Cleo", "Ben")
        for name in ("Ben", "Cleo"):
            paper = self._paper(meeting, name, "for")
            self.assertRefused("CAE-VOTE-POSTAL", paper.action_enter)
        resolution.action_open_vote()
        caster = ana.sudo()
        self.assertRefused("CAE-VOTE-ABSENT", resolution._cast, caster, caster, "for")
        resolution.action_close_vote()
        self.assertEqual(resolution.favour_count, 1)

    def test_a_paper_comes_in_time(self):
        rules = self.sa.copy(
            {
                "company_id": self.company.id,
                "standard_id": self.sa.id,
                "postal_days": 3,
                "reason": "Article 28",
            }
        )
        meeting = self._meeting(rules)
        self._resolution(meeting)
        self._start(meeting)
        today = self.company._cae_today()
        last = today - timedelta(days=3)
        self.assertEqual(meeting.last_post_day, last)
        for day in (
            self.company._cae_today(),
            self.company._cae_today() + timedelta(days=1),
        ):
            paper = self._paper(meeting, "Ana", "for", received=day)
            self.assertRefused("CAE-VOTE-POSTAL", paper.action_enter)
        self._paper(meeting, "Ana", "for", received=last).action_enter()
        self.assertEqual(meeting.resolution_ids.vote_ids.date_received, last)

    def test_not_for_secret_votes_nor_where_the_rules_say_no(self):
        meeting, resolution = self._vote_on("secret")
        self.assertFalse(meeting._post_items())
        post, ana = resolution._post_vote, self._elector(meeting, "Ana")
        self.assertRefused("CAE-VOTE-POSTAL", post, resolution, ana, "for")
        other = self._session(self.sarl)
        ana = self._elector(other, "Ana")
        self.assertRefused("CAE-VOTE-POSTAL", post, other.resolution_ids, ana, "for")
        third = self._session()
        self.assertRefused("CAE-VOTE-POSTAL", post, third.resolution_ids, ana, "for")
        third.resolution_ids.action_open_vote()
        ana = self._elector(third, "Ana")
        self.assertRefused(
            "CAE-RESOLUTION-STATE", post, third.resolution_ids, ana, "for"
        )

    def test_a_paper_is_taken_back_until_the_vote_opens(self):
        meeting, resolution = self._vote_on()
        self._paper(meeting, "Ana", "for").action_enter()
        self.assertRefused("CAE-RESOLUTION-VOTED", resolution.write, {"title": "New"})
        ana = self._elector(meeting, "Ana")
        ana.action_unpost()
        self.assertEqual((ana.presence, len(resolution.vote_ids)), ("absent", 0))
        self.assertIn("Ana", meeting.message_ids[0].body)
        resolution.title = "New"
        self._paper(meeting, "Ana", "against").action_enter()
        resolution.action_open_vote()
        self.assertRefused("CAE-VOTE-POSTAL", ana.action_unpost)
        resolution.action_close_vote()
        self.assertEqual(resolution.against_count, 1)

    def test_an_election_by_show_of_hands_counts_papers(self):
        names = [(0, 0, {"name": name}) for name in ("Gil", "Hal")]
        meeting, resolution = self._vote_on(election=True, candidate_ids=names)
        gil, hal = resolution.candidate_ids
        paper = self._paper(meeting, "Ana", "for", candidate_ids=[(6, 0, gil.ids)])
        paper.action_enter()
        self._paper(meeting, "Ben", "blank").action_enter()
        bad = self._paper(meeting, "Cleo", "for")
        self.assertRefused("CAE-VOTE-CHOICE", bad.action_enter)
        self._come(meeting, "Dan", "Eva")
        resolution.action_open_vote()
        resolution.favour_count = 2
        # As the form saves it.
        resolution.candidate_ids = [
            (1, gil.id, {"vote_count": 1}),
            (1, hal.id, {"vote_count": 1}),
        ]
        resolution.action_close_vote()
        self.assertEqual((gil.vote_count, hal.vote_count), (2, 1))
        self.assertEqual((resolution.favour_count, resolution.blank_count), (3, 1))

    def test_only_the_secretary_enters_papers(self):
        meeting, resolution = self._vote_on()
        user = self._portal_user(self.members[0], "ana_postal")
        ana = self._elector(meeting, "Ana")
        with self.assertRaises(AccessError):
            self.env["cae.postal.vote"].with_user(user).create(
                {"meeting_id": meeting.id}
            )
        with self.assertRaises(AccessError):
            ana.with_user(user).action_unpost()
        self.assertRefused(
            "CAE-VOTE-CHOICE",
            self.env["cae.postal.vote"].create({"meeting_id": meeting.id}).action_enter,
        )
        self.assertFalse(resolution.vote_ids)
