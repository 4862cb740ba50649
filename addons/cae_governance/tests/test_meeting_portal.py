import json
import logging
import re
from datetime import datetime
from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase

from ..controllers.quiet import QuietVotes
from ..engine import sealing
from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestMeetingPortal(MeetingCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meeting = cls._session()
        cls.resolution = cls.meeting.resolution_ids

    def _link(self, name, meeting=None):
        elector = self._elector(meeting or self.meeting, name)
        token = elector._new_token()
        self.env.flush_all()
        return token

    def _page(self, access, code=200):
        own = re.fullmatch(r"u\d+", access)
        url = f"/my/meetings/{access[1:]}" if own else f"/cae/m/{access}"
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, code)
        return answer.text

    def _act(self, access, action, **values):
        """Press a button of the page; what the next page says is wrong, or nothing."""
        token = re.search(r'name="csrf_token" value="(\w+)"', self._page(access))[1]
        answer = self.url_open(
            "/cae/m/act",
            {"csrf_token": token, "access": access, "action": action, **values},
        )
        self.env.invalidate_all()
        found = re.search(r'alert-danger" role="alert">([^<]*)<', answer.text)
        return found[1] if found else ""

    def _call(self, route, **params):
        answer = self.url_open(
            route,
            json.dumps({"jsonrpc": "2.0", "params": params}),
            headers={"Content-Type": "application/json"},
        ).json()
        self.env.invalidate_all()
        return answer

    # ------------------------------------------------------------------

    def test_link_signs_in_and_votes(self):
        access = self._link("Ana")
        self.assertIn("I am here", self._page(access))
        self.assertEqual(self._act(access, "present"), "")
        self.assertEqual(self._elector(self.meeting, "Ana").status, "present")
        self.resolution.mode = "named"
        self.resolution.action_open_vote()
        ana = self._elector(self.meeting, "Ana")
        vote = {"resolution": self.resolution.id, "elector": ana.id, "choice": "for"}
        self.assertEqual(self._act(access, "vote", **vote), "")
        self.assertEqual(self.resolution.vote_ids.choice, "for")
        self.assertIn("CAE-VOTE-TWICE", self._act(access, "vote", **vote))
        self.assertIn("Voted.", self._page(access))

    def test_nobody_is_absent_before_the_meeting_opens(self):
        access = self._link("Ana")
        self.assertIn(">Absent<", self._page(access))
        self.meeting.sudo()._cae_own().state = "convened"
        self.env.flush_all()
        page = self._page(access)
        self.assertIn("You can sign in here", page)
        self.assertNotIn(">Absent<", page)

    def test_a_link_may_begin_with_any_letter(self):
        elector = self._elector(self.meeting, "Ana")
        token = "u" + "1" * 31
        with patch("secrets.token_urlsafe", return_value=token):
            self.assertEqual(elector._new_token(), token)
        self.env.flush_all()
        self.assertEqual(self._act(token, "present"), "")
        self.assertIn(
            "CAE-VOTE-CLOSED",
            self._act(
                token,
                "vote",
                **{
                    "resolution": self.resolution.id,
                    "elector": elector.id,
                    "choice": "for",
                },
            ),
        )

    def test_link_is_one_person_s(self):
        access = self._link("Ana")
        self._act(access, "present")
        self.resolution.mode = "named"
        self.resolution.action_open_vote()
        ben = self._elector(self.meeting, "Ben")
        vote = {"resolution": self.resolution.id, "elector": ben.id, "choice": "for"}
        self.assertIn("CAE-VOTE-RIGHT", self._act(access, "vote", **vote))
        self.assertFalse(self.resolution.vote_ids)

    def test_links_that_open_nothing(self):
        old = self._link("Ana")
        self._link("Ana")
        for access in (old, "x" * 32, "short", "-1"):
            self._page(access, 404)
        last = self._link("Ana")
        self.meeting.action_close()
        self.env.flush_all()
        self._page(last, 404)

    def test_page_is_not_kept_nor_told(self):
        answer = self.url_open(f"/cae/m/{self._link('Ana')}")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_member_sees_own_meetings_only(self):
        user = self._portal_user(self.members[0], "ana_portal")
        # sudo: somebody who is no member of this cooperative.
        stranger = self.secretary.sudo().copy({"login": "stranger"})
        self.authenticate(user.login, user.login)
        self.assertIn("Ordinary general meeting", self.url_open("/my/meetings").text)
        self.assertIn("I am here", self._page(f"u{self.meeting.id}"))
        self.assertEqual(self._act(f"u{self.meeting.id}", "present"), "")
        stranger.password = "stranger-1"
        self.env.flush_all()
        self.authenticate("stranger", "stranger-1")
        self._page(f"u{self.meeting.id}", 404)

    def test_proxy_given_and_revoked_on_line(self):
        access = self._link("Ana")
        ben = self._elector(self.meeting, "Ben")
        self.assertEqual(self._act(access, "proxy", holder=ben.id), "")
        ana = self._elector(self.meeting, "Ana")
        self.assertEqual((ana.representative, ana._proxy().source), ("Ben", "member"))
        self.assertIn("CAE-PROXY-TWICE", self._act(access, "proxy", holder="blank"))
        self.assertEqual(self._act(access, "revoke"), "")
        self.assertFalse(ana._proxy())
        for holder in ("", "0", str(ana.id), "x"):
            self.assertIn("CAE-PROXY", self._act(access, "proxy", holder=holder))

    def test_forms_need_their_token(self):
        access = self._link("Ana")
        answer = self.url_open("/cae/m/act", {"access": access, "action": "present"})
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._elector(self.meeting, "Ana").status, "absent")

    # ------------------------------------------------------------------
    # Secret votes
    # ------------------------------------------------------------------

    def _secret(self):
        keys = [sealing.new_key() for _n in range(2)]
        users = [
            self._portal_user(member, f"teller_{place}")
            for place, member in enumerate(self.members[:2])
        ]
        self.meeting.teller_key_ids = [
            Command.create({"partner_id": user.partner_id.id}) for user in users
        ]
        self.resolution.mode = "secret"
        self.env.flush_all()
        for user, (_private, public) in zip(users, keys, strict=True):
            self.authenticate(user.login, user.login)
            made = self._call(
                "/cae/ballot/teller/key", meeting=self.meeting.id, public_key=public
            )
            self.assertEqual(made["result"], True)
        self.authenticate(None, None)
        self.resolution.action_open_vote()
        self.env.flush_all()
        return users, keys

    def _cast(self, access, name, *choice):
        ballot = self.resolution.ballot_ids
        paper, receipt, _nonce = sealing.seal(choice, ballot.keys, ballot.needed)
        answer = self._call(
            "/cae/ballot/cast",
            access=access,
            resolution=self.resolution.id,
            elector=self._elector(self.meeting, name).id,
            paper=paper,
        )
        return receipt, answer

    def test_secret_vote_from_the_link_to_the_published_list(self):
        users, keys = self._secret()
        access = self._link("Cleo")
        self._act(access, "present")
        self.assertIn("Seal and put in the urn", self._page(access))
        receipt, answer = self._cast(access, "Cleo", "for")
        self.assertEqual(answer["result"], {"receipt": receipt})
        again = self._cast(access, "Cleo", "against")[1]
        self.assertIn("CAE-VOTE-TWICE", again["error"]["data"]["message"])
        other = self._cast(access, "Dan", "against")[1]
        self.assertIn("CAE-VOTE-RIGHT", other["error"]["data"]["message"])
        nothing = self._call("/cae/ballot/cast")
        self.assertIn("CAE-VOTE-RIGHT", nothing["error"]["data"]["message"])
        self.assertIn("nobody can see what it says", self._page(access))
        ballot = self.resolution.ballot_ids
        self.assertEqual(self._list(ballot, access).status_code, 404)
        self.resolution.action_close_vote()
        self.env.flush_all()
        for user, (private, _public) in zip(users, keys, strict=True):
            self.authenticate(user.login, user.login)
            self.assertIn("Open the urn", self._page(f"u{self.meeting.id}"))
            rows = self._call("/cae/ballot/teller/parts", ballot=ballot.id)["result"]
            parts = sealing.decrypt_parts(private, rows)
            given = self._call("/cae/ballot/teller/give", ballot=ballot.id, parts=parts)
        self.assertEqual(given["result"]["state"], "counted")
        self.authenticate(None, None)
        published = self._list(ballot, access).json()
        self.assertEqual(published["ballots"][0]["receipt"], receipt)
        self.assertEqual(published["count"]["for"], 1)
        # Not for who has no place at this meeting.
        self.assertEqual(self._list(ballot, "").status_code, 404)

    def _list(self, ballot, access):
        return self.url_open(f"/cae/ballot/{ballot.id}/list?access={access}")

    def test_only_tellers_touch_the_urn(self):
        self._secret()
        ballot = self.resolution.ballot_ids.id
        user = self._portal_user(self.members[3], "dan_portal")
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        for route, params in (
            ("/cae/ballot/teller/key", {"meeting": self.meeting.id, "public_key": "x"}),
            ("/cae/ballot/teller/parts", {"ballot": ballot}),
            ("/cae/ballot/teller/give", {"ballot": ballot, "parts": []}),
        ):
            answer = self._call(route, **params)
            self.assertIn("CAE-BALLOT-TELLER", answer["error"]["data"]["message"])

    def test_log_says_nothing_of_votes(self):
        quiet = QuietVotes()

        def line(*args):
            return logging.LogRecord("werkzeug", 20, "", 1, *args, None)

        cast = line('1.2.3.4 "POST %s HTTP/1.1" 200', ("/cae/ballot/cast",))
        self.assertFalse(quiet.filter(cast))
        linked = line('1.2.3.4 "GET %s HTTP/1.1" 200', ("/cae/m/Ab-c_d9?x=1",))
        self.assertTrue(quiet.filter(linked))
        self.assertEqual(
            linked.getMessage(), '1.2.3.4 "GET /cae/m/***?x=1 HTTP/1.1" 200'
        )
        listed = line('"GET %s"', ("/cae/m/document?access=Ab-c_d9&name=notice",))
        quiet.filter(listed)
        self.assertEqual(
            listed.getMessage(), '"GET /cae/m/document?access=***&name=notice"'
        )
        other = line('"GET %s"', ("/web",))
        self.assertTrue(quiet.filter(other))
        installed = logging.getLogger("werkzeug").filters
        self.assertTrue(any(isinstance(each, QuietVotes) for each in installed))

    # ------------------------------------------------------------------
    # Screen and documents
    # ------------------------------------------------------------------

    def test_screen_is_for_the_office(self):
        self.secretary.sudo().password = "secretary-1"
        self.env.flush_all()
        address = f"/cae/meeting/{self.meeting.id}"
        self.authenticate(self.secretary.login, "secretary-1")
        self.assertIn("cae_meeting_screen", self.url_open(f"{address}/screen").text)
        live = self.url_open(f"{address}/live").json()
        self.assertEqual((live["members"], live["present"]), (6, 0))
        user = self._portal_user(self.members[3], "dan_portal")
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        for page in ("screen", "live", "sheet.pdf", "minutes.pdf"):
            self.assertIn(self.url_open(f"{address}/{page}").status_code, (403, 404))

    def test_signed_minutes_are_for_the_members(self):
        access = self._link("Ana")
        documents = f"/cae/m/document?access={access}&name="
        self.assertEqual(self.url_open(documents + "minutes").status_code, 404)
        self.assertEqual(self.url_open(documents + "file&key=1").status_code, 404)
        self.meeting.chair_id = self.members[0].partner_id
        self.resolution.action_withdraw()
        self.meeting.action_close()
        self.meeting.action_write_minutes()
        pdf = patch.object(type(self.meeting), "_document_pdf", lambda m, name: b"%PDF")
        with pdf:
            self.meeting.action_sign_minutes()
        user = self._portal_user(self.members[0], "ana_portal")
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        address = f"/cae/m/document?access=u{self.meeting.id}&name=minutes"
        self.assertEqual(self.url_open(address).content, b"%PDF")
        self.assertLess(self.meeting.date_closed, datetime.now())
