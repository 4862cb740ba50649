from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestResolutionEffect(MeetingCommon):
    def _decide(self, resolution, **counts):
        resolution.action_open_vote()
        resolution.write(counts)
        resolution.action_close_vote()

    def test_approved_accounts_tell_the_year(self):
        meeting = self._meeting()
        accounts = self._resolution(
            meeting, topic="accounts", accounts_date="2025-12-31"
        )
        other = self._resolution(meeting, "Rejected", topic="accounts")
        other.accounts_date = "2024-12-31"
        self._start(meeting)
        self._come(meeting, "Ana", "Ben")
        with patch.object(type(self.env["cae.year"]), "_accounts_approved") as hook:
            self._decide(accounts, favour_count=2)
            self._decide(other, against_count=2)
        hook.assert_called_once_with(self.company, date(2025, 12, 31), meeting._day())

    def _body(self):
        return self.env["cae.body"].create(
            {
                "name": "Board",
                "kind": "board",
                "term_years": 4,
                "company_id": self.company.id,
            }
        )

    def test_elected_get_their_mandates_once(self):
        meeting = self._meeting()
        body = self._body()
        resolution = self._resolution(
            meeting,
            "Board",
            election=True,
            topic="election",
            body_id=body.id,
            candidate_ids=[
                Command.create({"name": m.name, "partner_id": m.partner_id.id})
                for m in self.members[:2]
            ],
        )
        self._start(meeting)
        self._come(meeting, *self.members.mapped("name"))
        resolution.action_open_vote()
        resolution.favour_count = 6
        resolution.candidate_ids[0].vote_count = 5
        resolution.candidate_ids[1].vote_count = 1
        resolution.action_close_vote()
        for _n in range(2):
            resolution.action_make_mandates()
        mandate = body.mandate_ids
        self.assertEqual(mandate.member_id, self.members[0])
        self.assertEqual(mandate.date_start, meeting._day())
        self.assertIn("resolution no. 1", mandate.reference)
        self.assertEqual(resolution.mandate_count, 1)

    def test_mandates_need_a_body(self):
        meeting = self._session()
        self._come(meeting, "Ana", "Ben")
        self._decide(meeting.resolution_ids, favour_count=2)
        with self.assertRaisesRegex(UserError, "^CAE-RESOLUTION-BODY: "):
            meeting.resolution_ids.action_make_mandates()

    def test_ending_mandates_are_proposed_for_election(self):
        body = self._body()
        self.env["cae.mandate"].create(
            {
                "body_id": body.id,
                "member_id": self.members[0].id,
                "date_start": "2020-01-01",
                "date_term": self.company._cae_today(),
            }
        )
        meeting = self._meeting()
        meeting.action_propose()
        election = meeting.resolution_ids.filtered("election")
        self.assertEqual((election.body_id, election.seats), (body, 1))
        self.assertEqual(election.candidate_ids.partner_id, self.members[0].partner_id)
        self.assertEqual(election.mode, "secret")
