from odoo.exceptions import AccessError
from odoo.tests import Form

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestMeetingViews(MeetingCommon):
    """The secretary works with the screens alone; others see what is theirs."""

    def test_secretary_prepares_a_meeting_in_its_form(self):
        form = Form(self.Meeting.with_user(self.secretary))
        form.name = "Meeting of June"
        form.date = "2030-06-30 16:00:00"
        form.rule_set_id = self.sarl
        with form.resolution_ids.new() as line:
            line.title = "Accounts"
        meeting = form.save()
        self.assertEqual(str(meeting.last_notice_day), "2030-06-15")
        self.assertEqual(meeting.resolution_ids.mapped("kind"), ["ordinary"])

    def test_every_view_opens(self):
        views = (
            self.env["ir.ui.view"]
            .sudo()
            .search([("model", "=like", "cae.%"), ("key", "=", False)])
        )
        ours = views.filtered(lambda v: (v.xml_id or "").startswith("cae_governance."))
        models = set(ours.mapped("model")) & {
            *("cae.meeting", "cae.resolution", "cae.rule.set", "cae.ballot"),
            *("cae.meeting.elector", "cae.proxy", "cae.meeting.notice"),
        }
        self.assertEqual(len(models), 7)
        for view in ours.filtered(lambda v: v.model in models):
            model = self.env[view.model].with_user(self.secretary)
            kind = view.type
            with self.subTest(view=view.name):
                self.assertTrue(model.get_view(view.id, kind)["arch"])

    def test_member_reads_own_meeting_and_own_votes(self):
        meeting = self._session()
        resolution = meeting.resolution_ids
        resolution.mode = "named"
        self._come(meeting, "Ana", "Ben")
        resolution.action_open_vote()
        for name in ("Ana", "Ben"):
            elector = self._elector(meeting, name).sudo()
            resolution.sudo()._cast(elector, elector, "for")
        ana = self._portal_user(self.members[0], "ana_portal")
        self.assertEqual(self.Meeting.with_user(ana).search([]), meeting)
        votes = self.env["cae.resolution.vote"].with_user(ana).search([])
        self.assertEqual(votes.elector_id.name, "Ana")
        electors = self.env["cae.meeting.elector"].with_user(ana).search([])
        self.assertEqual(electors.mapped("name"), ["Ana"])
        with self.assertRaises(AccessError):
            electors.read(["token_hash"])
        with self.assertRaises(AccessError):
            meeting.with_user(ana).action_close()
        with self.assertRaises(AccessError):
            self.env["cae.ballot.voter"].with_user(ana).search([])

    def test_draft_meetings_are_not_shown_to_members(self):
        meeting = self._meeting()
        self._resolution(meeting)
        ana = self._portal_user(self.members[0], "ana_portal")
        self.assertFalse(self.Meeting.with_user(ana).search([]))

    def test_coach_sees_no_meeting(self):
        coach = self.secretary.sudo().copy(
            {
                "login": "meeting_coach",
                "group_ids": [(6, 0, self.env.ref("cae_base.group_coach").ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.Meeting.with_user(coach).search([])
