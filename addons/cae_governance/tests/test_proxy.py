from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestProxy(MeetingCommon):
    def _refused(self, code, call, *args, **kwargs):
        with self.assertRaisesRegex(UserError, f"^{code}: "), self.cr.savepoint():
            call(*args, **kwargs)

    def test_limit_of_a_small_cooperative_is_one(self):
        meeting = self._session()
        self._proxy(meeting, "Ana", "Ben")
        self._refused("CAE-PROXY-LIMIT", self._proxy, meeting, "Cleo", "Ben")
        self.assertEqual(meeting.proxy_count, 1)

    def test_forty_members_allow_two(self):
        self._members([f"M{n}" for n in range(34)])
        meeting = self._session()
        self.assertEqual(meeting.max_proxy, 2)
        self._proxy(meeting, "Ana", "Ben")
        self._proxy(meeting, "Cleo", "Ben")
        self._refused("CAE-PROXY-LIMIT", self._proxy, meeting, "Dan", "Ben")

    def test_no_chain_loop_nor_oneself(self):
        meeting = self._session()
        self._proxy(meeting, "Ana", "Ben")
        self._refused("CAE-PROXY-CHAIN", self._proxy, meeting, "Ben", "Cleo")
        self._refused("CAE-PROXY-CHAIN", self._proxy, meeting, "Ben", "Ana")
        self._refused("CAE-PROXY-CHAIN", self._proxy, meeting, "Cleo", "Ana")
        self._refused("CAE-PROXY-SELF", self._proxy, meeting, "Cleo", "Cleo")

    def test_one_proxy_each(self):
        meeting = self._session()
        self._proxy(meeting, "Ana", "Ben")
        self._refused("CAE-PROXY-TWICE", self._proxy, meeting, "Ana", "Cleo")

    @mute_logger("odoo.sql_db")
    def test_of_two_at_once_the_index_lets_one_through(self):
        meeting = self._session()
        self._proxy(meeting, "Ana", "Ben")
        unseen = patch.object(type(self.env["cae.proxy"]), "_check_free")
        with unseen, self.assertRaises(UniqueViolation), self.cr.savepoint():
            self._proxy(meeting, "Ana", "Cleo")

    def test_blank_proxies_are_the_management_s(self):
        meeting = self._session()
        self._proxy(meeting, "Ana")
        self.assertEqual(self._elector(meeting, "Ana").status, "represented")
        self.assertEqual(self._elector(meeting, "Ana").representative, "Blank proxy")
        self.assertIs(self._elector(meeting, "Ben").representative, False)
        scic = self._session(self.scic)
        self._refused("CAE-PROXY-BLANK", self._proxy, scic, "Ana")

    def test_who_comes_takes_the_vote_back(self):
        meeting = self._session()
        proxy = self._proxy(meeting, "Ana", "Ben")
        self._come(meeting, "Ben", "Ana")
        self.assertEqual(proxy.state, "revoked")
        self.assertEqual((meeting.present_count, meeting.represented_count), (2, 0))
        self._refused("CAE-PROXY-PRESENT", self._proxy, meeting, "Ana", "Ben")

    def test_revocable_until_used(self):
        meeting = self._session()
        proxy = self._proxy(meeting, "Ana", "Ben")
        proxy.action_revoke()
        self.assertTrue(proxy.date_revoked)
        again = self._proxy(meeting, "Ana", "Cleo")
        again.sudo().state = "used"
        self._refused("CAE-PROXY-USED", again.action_revoke)

    def test_of_one_meeting(self):
        first, second = self._session(), self._session()
        self._refused(
            "CAE-PROXY-MEETING",
            self.env["cae.proxy"].create,
            {
                "meeting_id": first.id,
                "giver_id": self._elector(first, "Ana").id,
                "holder_id": self._elector(second, "Ben").id,
            },
        )

    def test_never_edited_nor_deleted(self):
        meeting = self._session()
        proxy = self._proxy(meeting, "Ana", "Ben")
        other = self._elector(meeting, "Cleo").id
        self._refused("CAE-PROXY-KEPT", proxy.write, {"holder_id": other})
        with self.assertRaises(AccessError):
            proxy.unlink()
        given = self.env["cae.proxy"].create(
            {
                "meeting_id": meeting.id,
                "giver_id": self._elector(meeting, "Cleo").id,
                "holder_id": self._elector(meeting, "Dan").id,
                "state": "revoked",
                "source": "member",
            }
        )
        self.assertEqual((given.state, given.source), ("given", "secretary"))

    def test_not_after_the_meeting(self):
        meeting = self._session()
        meeting.action_close()
        self._refused("CAE-MEETING-STATE", self._proxy, meeting, "Ana", "Ben")

    def test_who_votes_by_post_represents_nobody(self):
        meeting = self._session()
        self._proxy(meeting, "Ana", "Ben")
        self._elector(meeting, "Ben").sudo().presence = "postal"
        self.assertEqual(self._elector(meeting, "Ana").status, "absent")
