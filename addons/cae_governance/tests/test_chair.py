import re

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestChair(MeetingCommon):
    """Who chairs opens and closes, and counts hands; the secretary does the rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chair = cls._internal("meeting_chair", "cae_governance.group_chair")
        cls.other = cls._internal("other_chair", "cae_governance.group_chair")
        # sudo: the secretary names who chairs.
        cls.meeting = cls._meeting(chair_id=cls.chair.sudo().partner_id.id)
        cls.resolution = cls._resolution(cls.meeting)

    @classmethod
    def _internal(cls, login, groups):
        return new_test_user(
            # sudo: an administrator makes users.
            cls.env(su=True),
            login=login,
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _as(self, record, user=None):
        return record.with_user(user or self.chair)

    def _convened(self):
        self._start(self.meeting)
        self.meeting._cae_own().write({"state": "convened", "date_opened": False})

    def test_the_chair_holds_the_session(self):
        self._convened()
        self._as(self.meeting).action_open()
        self.assertEqual(self.meeting.state, "open")
        self._come(self.meeting, "Ana", "Ben")
        mine = self._as(self.resolution)
        mine.action_open_vote()
        with Form(mine) as form:
            form.favour_count = 2
        mine.action_close_vote()
        self.assertEqual(self.resolution.outcome, "adopted")
        self._as(self.meeting).action_close()
        self.assertEqual(self.meeting.state, "held")

    def test_the_chair_enters_votes_of_candidates(self):
        board = self._resolution(
            self.meeting,
            "Board",
            election=True,
            candidate_ids=[Command.create({"name": "Gil"})],
        )
        self._start(self.meeting)
        self._come(self.meeting, "Ana", "Ben")
        mine = self._as(board)
        mine.action_open_vote()
        gil = board.candidate_ids
        mine.write(
            {
                "favour_count": 2,
                "candidate_ids": [Command.update(gil.id, {"vote_count": 2})],
            }
        )
        mine.action_close_vote()
        self.assertTrue(gil.elected)
        with self.assertRaises(AccessError):
            self._as(gil).name = "Someone else"

    def test_the_chair_has_none_of_the_secretary_s_rights(self):
        self._start(self.meeting)
        ana = self._elector(self.meeting, "Ana")
        meeting, resolution = self._as(self.meeting), self._as(self.resolution)
        calls = (
            lambda: meeting.write({"name": "Mine"}),
            lambda: resolution.write({"title": "Mine"}),
            lambda: resolution.write({"state": "decided"}),
            lambda: resolution.action_withdraw(),
            lambda: resolution.action_make_mandates(),
            lambda: resolution.copy(),
            lambda: meeting.action_cancel(),
            lambda: meeting.action_freeze(),
            lambda: meeting.action_write_minutes(),
            lambda: meeting.action_sign_minutes(),
            lambda: meeting.action_second_call(),
            lambda: self._as(ana).action_present(),
            lambda: meeting.notice_ids.read(["email"]),
            lambda: resolution.vote_ids.read(["choice"]),
            lambda: self._as(self.members).read(["name"]),
            lambda: resolution.read(["admission_ids"]),
            lambda: self._as(self.env["cae.proxy"]).create(
                {"meeting_id": meeting.id, "giver_id": ana.id}
            ),
        )
        for number, call in enumerate(calls):
            with self.subTest(number), self.assertRaises(UserError):
                with self.cr.savepoint():
                    call()
        self.assertEqual(self.meeting.state, "open")
        self.assertEqual(self.resolution.state, "draft")

    def test_another_chair_does_nothing_here(self):
        self._convened()
        for record in (self.meeting, self.resolution, self.meeting.elector_ids):
            self.assertFalse(self._as(record, self.other)._filtered_access("read"))
            self.assertEqual(self._as(record)._filtered_access("read"), record)
        found = self._as(self.env["cae.meeting"], self.other).search([])
        self.assertNotIn(self.meeting, found)
        with self.assertRaises(AccessError):
            self._as(self.meeting, self.other).action_open()
        self.meeting.action_open()
        with self.assertRaises(AccessError):
            self._as(self.resolution, self.other).action_open_vote()

    def test_being_named_is_not_enough(self):
        team = self._internal("no_chair", "cae_base.group_user")
        self.meeting.chair_id = team.sudo().partner_id
        self._convened()
        with self.assertRaises(AccessError):
            self._as(self.meeting, team).action_open()
        # sudo: an administrator opens the portal to a member.
        member = self._portal_user(self.members[0], "ana_chairs")
        self.meeting.chair_id = self.members[0].partner_id
        with self.assertRaises(AccessError):
            self._as(self.meeting, member).action_open()

    def test_a_secretary_who_chairs_keeps_their_rights(self):
        self.secretary.sudo().group_ids += self.env.ref("cae_governance.group_chair")
        other = self._meeting()
        self.assertEqual(self._as(other, self.secretary).name, other.name)
        self._convened()
        self._as(self.meeting, self.secretary).action_open()
        self.assertEqual(self.meeting.state, "open")

    def test_screens_open_for_the_chair(self):
        for record in (self.meeting, self.resolution):
            Form(self._as(record))
            [view] = self._as(record).get_views([(False, "list")])["views"].values()
            names = re.findall(r'<field name="(\w+)"', view["arch"])
            self.assertTrue(self._as(record).read(names))
        menus = self._as(self.env["ir.ui.menu"])._visible_menu_ids()
        self.assertIn(self.env.ref("cae_governance.cae_meeting_menu").id, menus)
        self.assertNotIn(self.env.ref("cae_governance.cae_member_menu").id, menus)


@meeting_tagged
class TestDraftMinutes(MeetingCommon):
    def test_members_do_not_read_the_draft(self):
        meeting = self._session()
        self._come(meeting, "Ana", "Ben")
        resolution = meeting.resolution_ids
        resolution.action_open_vote()
        resolution.favour_count = 2
        resolution.action_close_vote()
        meeting.action_close()
        meeting.action_write_minutes()
        user = self._portal_user(self.members[0], "ana_minutes")
        mine = meeting.with_user(user)
        self.assertEqual(mine.read(["name"])[0]["name"], meeting.name)
        for names in (["minutes"], ["minutes_scan"]):
            with self.assertRaises(AccessError):
                mine.read(names)
        with self.assertRaises(AccessError):
            mine.search([("minutes", "like", "meeting")])
        self.assertNotIn("minutes", mine.fields_get())
        self.assertTrue(meeting.minutes)
