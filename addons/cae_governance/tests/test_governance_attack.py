import base64
import json
import os
import re
from datetime import timedelta
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from odoo.addons.cae_base.models.cae_owned import OWN

from ..engine import sealing
from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestAttack(MeetingCommon):
    """What a member, a teller or a secretary must not be able to do to a meeting."""

    def _refused(self, code, call, *args, **kwargs):
        with self.assertRaisesRegex(UserError, f"^{code}: "), self.cr.savepoint():
            call(*args, **kwargs)

    def _opened(self, rules=None, mode="named", come=(), meeting=None, **vals):
        meeting = self._meeting(rules, **(meeting or {}))
        resolution = self._resolution(meeting, mode=mode, **vals)
        self._start(meeting)
        self._come(meeting, *come)
        return resolution

    def _vote(self, resolution, name, choice, by=None):
        meeting = resolution.meeting_id
        resolution.sudo()._cast(
            self._elector(meeting, name).sudo(),
            self._elector(meeting, by or name).sudo(),
            choice,
        )

    # ------------------------------------------------------------------
    # One vote each
    # ------------------------------------------------------------------

    def test_who_voted_then_left_with_a_blank_proxy_has_one_vote(self):
        resolution = self._opened(self.sarl, come=("Ana", "Ben", "Cleo"))
        resolution.action_open_vote()
        self._vote(resolution, "Ana", "for")
        self._vote(resolution, "Ben", "against")
        self._elector(resolution.meeting_id, "Ana").action_left()
        self._proxy(resolution.meeting_id, "Ana")
        resolution.action_close_vote()
        self.assertEqual(resolution.favour_count, 1)
        self.assertEqual(resolution.result["blank_proxies"], 0)

    def test_who_voted_then_left_was_there(self):
        """Their vote stands: the count neither stops nor loses its quorum."""
        resolution = self._opened(come=("Ana", "Ben"))
        resolution.action_open_vote()
        self._vote(resolution, "Ana", "for")
        self._vote(resolution, "Ben", "for")
        self._elector(resolution.meeting_id, "Ben").action_left()
        resolution.action_close_vote()
        self.assertEqual(resolution.outcome, "adopted")
        self.assertEqual(resolution.result["present"], 2)

    # ------------------------------------------------------------------
    # The agenda
    # ------------------------------------------------------------------

    def test_nothing_is_moved_onto_the_agenda_of_a_session(self):
        draft = self._resolution(self._meeting(), "Smuggled")
        session = self._session()
        self._refused("CAE-MEETING-AGENDA", draft.write, {"meeting_id": session.id})
        self._refused(
            "CAE-MEETING-AGENDA",
            session.resolution_ids.write,
            {"meeting_id": draft.meeting_id.id},
        )
        other = self._meeting()
        draft.meeting_id = other
        self.assertEqual(draft.meeting_id, other)

    def test_decisions_keep_their_numbers(self):
        session = self._session()
        session.resolution_ids.sequence = 5
        session.resolution_ids.action_withdraw()
        session.action_close()
        self._refused(
            "CAE-MEETING-STATE", session.resolution_ids.write, {"sequence": 9}
        )

    def test_nobody_is_moved_onto_the_list_of_an_open_election(self):
        meeting = self._meeting()
        items = [
            self._resolution(
                meeting,
                name,
                election=True,
                mode="named",
                candidate_ids=[Command.create({"name": name})],
            )
            for name in ("One", "Two")
        ]
        self._start(meeting)
        items[0].action_open_vote()
        candidate = items[1].candidate_ids
        self._refused(
            "CAE-RESOLUTION-VOTED", candidate.write, {"resolution_id": items[0].id}
        )

    def test_rules_stay_as_announced_until_the_meeting_is_over(self):
        rules = self.env["cae.rule.set"].browse(self.sa.action_adapt()["res_id"])
        rules.reason = "Article 28"
        resolution = self._opened(rules)
        decision = rules.decision_ids[0]
        for call in (
            (rules.write, {"blank_proxies": "refused", "proxies": "none"}),
            (decision.write, {"majority": "1/10", "reason": "So that it passes"}),
            (rules.write, {"decision_ids": [Command.delete(decision.id)]}),
        ):
            self._refused("CAE-RULE-USED", *call)
        rules.note = "Said by the notary"
        resolution.action_withdraw()
        resolution.meeting_id.action_close()
        decision.write({"majority": "2/3", "reason": "AGE 3"})

    def test_the_day_moves_with_the_legal_delay_and_a_new_notice(self):
        meeting = self._meeting()
        self._resolution(meeting)
        with self._no_pdf(meeting):
            meeting.action_convene()
        soon = meeting.date - timedelta(days=28)
        self._refused("CAE-MEETING-NOTICE", meeting.write, {"date": soon})
        meeting.write({"date": meeting.date + timedelta(days=3)})
        self.assertTrue(meeting.agenda_outdated)
        meeting.write({"date": soon, "late_reason": "All agree"})

    def _no_pdf(self, meeting):
        return patch.object(type(meeting), "_notice_pdf", lambda self: b"%PDF")

    # ------------------------------------------------------------------
    # Voters and proxies
    # ------------------------------------------------------------------

    def test_a_representative_who_is_a_member_no_more_loses_the_proxy(self):
        meeting = self._meeting()
        self._resolution(meeting)
        meeting.action_freeze()
        self._proxy(meeting, "Ben", "Cleo")
        # sudo: the register, as its steps would leave it.
        self.members[2].sudo()._cae_own().write(
            {"state": "left", "date_left": "2021-01-01"}
        )
        meeting.action_freeze()
        proxy = meeting.proxy_ids
        self.assertFalse(proxy.filtered(lambda p: p.state != "revoked"))
        self.assertEqual(self._elector(meeting, "Ben").status, "absent")
        self.assertEqual(meeting.member_count, 5)

    def test_who_left_and_came_back_on_a_day_has_one_vote(self):
        ana = self.members[0]
        # sudo: the register, as its steps would leave it.
        ana.sudo()._cae_own().write({"state": "left", "date_left": "2021-01-01"})
        self.env.flush_all()
        people = self.env["cae.member"].sudo().with_context(cae_own=OWN)
        again = people.create(
            {
                "partner_id": ana.partner_id.id,
                "company_id": self.company.id,
                "state": "member",
                "date_member": "2021-01-01",
            }
        )
        meeting = self._meeting(record_date="2021-01-01")
        meeting.action_freeze()
        self.assertEqual(meeting.member_count, 6)
        self.assertIn(again.id, meeting.elector_ids.member_id.ids)
        self.assertNotIn(ana, meeting.elector_ids.member_id)

    def test_the_remote_link_is_no_script(self):
        for url in ("javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x"):
            self._refused("CAE-MEETING-LINK", self._meeting, remote_url=url)
        for url in ("https://visio.example.org/a:b", "visio.example.org/a:b", False):
            self.assertEqual(self._meeting(remote_url=url).remote_url, url)

    # ------------------------------------------------------------------
    # Colleges
    # ------------------------------------------------------------------

    def _colleges(self, *weights):
        colleges = self.env["cae.college"].create(
            [
                {"name": f"College {place}", "code": f"c{place}", "weight": weight}
                for place, weight in enumerate(weights)
            ]
        )
        return colleges

    def _join(self, colleges, members=None):
        # sudo: colleges of members, as the secretary sets them.
        self.env["cae.member.college"].sudo().create(
            [
                {
                    "member_id": member.id,
                    "college_id": colleges[place % len(colleges)].id,
                    "date_start": "2020-01-01",
                }
                for place, member in enumerate(members or self.members)
            ]
        )

    def test_a_college_without_members_does_not_stop_the_count(self):
        colleges = self._colleges(40, 40, 20)
        self._join(colleges[:2])
        names = self.members.mapped("name")
        resolution = self._opened(self.scic, come=names, meeting={"weighted": True})
        resolution.action_open_vote()
        for name in names:
            self._vote(resolution, name, "for")
        resolution.action_close_vote()
        self.assertEqual(resolution.outcome, "adopted")
        self.assertIn("80.00 %", resolution.explanation)
        self.assertIn("c2", resolution.explanation)

    def test_a_vote_by_college_that_could_not_be_counted_is_not_opened(self):
        colleges = self._colleges(50, 50)
        self._join(colleges, self.members[:5])
        meeting = self._meeting(self.scic, weighted=True)
        self._resolution(meeting, mode="named")
        self._refused("CAE-VOTE-COLLEGE", self._start, meeting)
        self._join(colleges[1], self.members[5])
        colleges[0].weight = 40
        self._refused("CAE-VOTE-COLLEGE", self._start, meeting)
        colleges[0].weight = 50
        self._start(meeting)
        meeting.resolution_ids.action_open_vote()

    def test_weights_stay_during_the_session(self):
        colleges = self._colleges(50, 50)
        self._join(colleges)
        self._opened(self.scic, meeting={"weighted": True})
        self._refused("CAE-COLLEGE-USED", colleges[0].write, {"weight": 10})
        colleges[0].name = "Producers"

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def test_signed_minutes_and_notices_sent_are_not_replaced(self):
        meeting = self._session()
        meeting.resolution_ids.action_withdraw()
        meeting.action_close()
        meeting.write({"minutes": "<p>Done</p>", "chair_id": self.env.user.partner_id})
        with self._pdf(meeting):
            meeting.action_sign_minutes()
        # The id is no secret.
        files = self.env["ir.attachment"].browse(meeting.sudo().minutes_pdf_id.id)
        for call in (
            lambda: files.write({"raw": b"forged"}),
            lambda: files.write({"res_id": 0, "res_model": False}),
            files.unlink,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                call()
        self.assertEqual(files.sudo().raw, b"%PDF-signed")

    def _pdf(self, meeting):
        return patch.object(
            type(meeting), "_document_pdf", lambda self, name: b"%PDF-signed"
        )

    def test_files_of_others_are_not_published_by_attaching_them(self):
        # sudo: a file that the secretary may not read.
        secret = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": "pay.pdf",
                    "raw": b"secret",
                    "res_model": "ir.cron",
                    "res_id": 1,
                }
            )
        )
        secret = secret.sudo(False)
        with self.assertRaises(AccessError), self.cr.savepoint():
            secret.check_access("read")
        meeting = self._meeting()
        for command in (Command.link(secret.id), Command.set(secret.ids)):
            with self.assertRaises(AccessError), self.cr.savepoint():
                meeting.document_ids = [command]
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._meeting(document_ids=[Command.link(secret.id)])

    # ------------------------------------------------------------------
    # Secret ballots
    # ------------------------------------------------------------------

    def _secret(self, come=("Ana", "Ben", "Cleo"), rules=None):
        self.keys = [sealing.new_key() for _n in range(2)]
        resolution = self._opened(rules, mode="secret", come=come)
        meeting = resolution.meeting_id
        tellers = self.env["cae.ballot.teller"].create(
            [
                {"meeting_id": meeting.id, "partner_id": member.partner_id.id}
                for member in self.members[:2]
            ]
        )
        for teller, (_private, public) in zip(tellers, self.keys, strict=True):
            teller.sudo()._set_key(public)
        return resolution

    def _seal(self, resolution, message):
        """A ballot that says whatever its voter's own program writes."""
        ballot = resolution.ballot_ids
        nonce, key, iv = os.urandom(32), os.urandom(32), os.urandom(12)
        receipt = sealing.receipt_of(nonce, message)
        sealed = iv + AESGCM(key).encrypt(iv, nonce + message, receipt.encode())
        parts = sealing._split(key, 2)
        shares = [
            base64.b64encode(
                sealing._public(public).encrypt(part, sealing.OAEP)
            ).decode()
            for public, part in zip(ballot.keys, parts, strict=True)
        ]
        paper = {
            "receipt": receipt,
            "sealed": base64.b64encode(sealed).decode(),
            "shares": {"0.1": shares},
        }
        return json.dumps(paper)

    def _cast(self, resolution, name, paper):
        voter = self._elector(resolution.meeting_id, name).sudo()
        return resolution.sudo()._cast_secret(voter, voter, paper)

    def _open(self, resolution):
        ballot = resolution.ballot_ids.sudo()
        for place, teller in enumerate(resolution.meeting_id.teller_key_ids):
            sealed = ballot._parts_for(teller)
            parts = sealing.decrypt_parts(self.keys[place][0], sealed)
            ballot._give_parts(teller, parts)

    def test_no_ballot_stops_the_count_or_spoils_the_list(self):
        resolution = self._secret()
        resolution.action_open_vote()
        self._cast(
            resolution, "Ana", self._seal(resolution, sealing.message_of(["for"]))
        )
        bad = b'{"choice":["for\x00"]}'.ljust(256)
        self._cast(resolution, "Ben", self._seal(resolution, bad))
        self._cast(
            resolution, "Cleo", self._seal(resolution, b"\xff\xfe marked".ljust(256))
        )
        resolution.action_close_vote()
        self._open(resolution)
        self.assertEqual(resolution.state, "decided")
        published = resolution.ballot_ids.sudo()._published()
        self.assertEqual(published["count"]["void"], 2)
        verify = self._verifier()
        self.assertEqual(verify.check(json.loads(json.dumps(published)))[0], [])

    def _verifier(self):
        path = Path(__file__).parents[3] / "scripts" / "verify-ballot"
        loader = SourceFileLoader("verify_ballot", str(path))
        module = module_from_spec(spec_from_loader("verify_ballot", loader))
        loader.exec_module(module)
        return module

    def test_a_teller_has_a_key_of_their_own(self):
        resolution = self._secret()
        first, second = resolution.meeting_id.teller_key_ids
        self._refused("CAE-BALLOT-KEY", second.sudo()._set_key, first.public_key)

    def test_tellers_stay_while_their_urn_is_closed(self):
        resolution = self._secret()
        resolution.action_open_vote()
        teller = resolution.meeting_id.teller_key_ids[0]
        stranger = self.members[5].partner_id
        self._refused("CAE-BALLOT-STARTED", teller.write, {"partner_id": stranger.id})

    def test_who_replaces_a_teller_makes_a_new_key(self):
        resolution = self._secret()
        teller = resolution.meeting_id.teller_key_ids[0]
        teller.partner_id = self.members[5].partner_id
        self.assertFalse(teller.public_key)

    def test_attendance_is_that_of_the_closing_not_of_the_opening_of_the_urn(self):
        names = self.members.mapped("name")
        resolution = self._secret(come=names, rules=self.sarl)
        resolution.action_open_vote()
        for name in names[:4]:
            paper = self._seal(resolution, sealing.message_of(["for"]))
            self._cast(resolution, name, paper)
        resolution.action_close_vote()
        for name in names:
            self._elector(resolution.meeting_id, name).action_left()
        self._open(resolution)
        self.assertEqual(resolution.outcome, "adopted")
        self.assertEqual(resolution.result["present"], 6)


@meeting_tagged
class TestAttackRoutes(MeetingCommon, HttpCase):
    """What anybody may send to the routes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meeting = cls._session()
        cls.user = cls._portal_user(cls, cls.members[0], "ana_attacks")

    def _call(self, route, **params):
        answer = self.url_open(
            route,
            json.dumps({"jsonrpc": "2.0", "params": params}),
            headers={"Content-Type": "application/json"},
        ).json()
        self.env.invalidate_all()
        return answer

    def test_wrong_input_is_refused_in_words(self):
        self.authenticate(self.user.login, self.user.login)
        access = f"u{self.meeting.id}"
        odd = (None, True, [], {}, "²", "-1", "9" * 5000, 10**30, -1, 1.5, "' OR 1=1")
        cast = ("resolution", "elector", "paper")
        for value in odd:
            for route, params in (
                ("cast", {"access": access, **dict.fromkeys(cast, value)}),
                ("cast", {"access": value, **dict.fromkeys(cast, 1)}),
                ("teller/key", {"meeting": value, "public_key": value}),
                ("teller/parts", {"ballot": value}),
                ("teller/give", {"ballot": value, "parts": value}),
            ):
                answer = self._call(f"/cae/ballot/{route}", **params)
                words = answer["error"]["data"]["message"]
                self.assertRegex(words, "^CAE-", (route, value))
            answer = self._call("/cae/m/live", access=value)
            self.assertEqual(answer["result"]["state"], "")
        for route in ("teller/key", "teller/parts", "teller/give"):
            words = self._call(f"/cae/ballot/{route}")["error"]["data"]["message"]
            self.assertRegex(words, "^CAE-", route)

    def test_odd_links_and_ids_open_nothing(self):
        self.authenticate(self.user.login, self.user.login)
        for path in (
            "/cae/m/u²",
            "/my/meetings/99999999999999999999",
            "/cae/ballot/99999999999999999999/list",
            "/cae/ballot/1/list?access=u²",
            "/cae/m/document?access=u²",
            "/cae/m/document",
            f"/cae/meeting/{self.meeting.id}/minutes.pdf",
            f"/cae/meeting/{self.meeting.id}/screen",
        ):
            self.assertEqual(self.url_open(path).status_code, 404, path)

    def test_a_member_reads_the_name_of_the_own_meeting(self):
        meeting = self.meeting.with_user(self.user.sudo())
        self.assertIn("Ordinary general meeting", meeting.display_name)
        self.assertTrue(meeting.last_notice_day)

    def test_odd_votes_are_refused_in_words(self):
        self._come(self.meeting, "Ana")
        resolution = self.meeting.resolution_ids
        resolution.mode = "named"
        resolution.action_open_vote()
        self.authenticate(self.user.login, self.user.login)
        page = self.url_open(f"/my/meetings/{self.meeting.id}").text
        token = re.search(r'name="csrf_token" value="(\w+)"', page)[1]
        voter = self._elector(self.meeting, "Ana").id
        for choice in ("²", "9" * 5000, "", "<script>", "FOR", "for\x00"):
            answer = self.url_open(
                "/cae/m/act",
                {
                    "csrf_token": token,
                    "access": f"u{self.meeting.id}",
                    "action": "vote",
                    "resolution": resolution.id,
                    "elector": voter,
                    "choice": choice,
                },
            )
            self.assertEqual(answer.status_code, 200)
            self.assertIn("CAE-VOTE-CHOICE", answer.text, choice)
        self.env.invalidate_all()
        self.assertFalse(resolution.vote_ids)
        # Without the token of the page nothing is done.
        with mute_logger("odoo.http"):
            answer = self.url_open(
                "/cae/m/act", {"access": f"u{self.meeting.id}", "action": "leave"}
            )
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self._elector(self.meeting, "Ana").presence, "present")

    def test_a_link_sent_to_the_secretary_makes_no_letters(self):
        """They would void all personal links."""
        notices = self.meeting.notice_ids.filtered(lambda n: n.channel == "post")
        ben = self._elector(self.meeting, "Ben")
        ben._new_token()
        before = ben.sudo().token_hash
        self.secretary.sudo().password = "meeting_secretary"
        self.env.flush_all()
        self.authenticate("meeting_secretary", "meeting_secretary")
        keys = ",".join(map(str, notices.ids))
        for proof in ("", "&proof=x"):
            answer = self.url_open(f"/cae/meeting/letters?notices={keys}{proof}")
            self.assertEqual(answer.status_code, 404)
        self.env.invalidate_all()
        self.assertEqual(ben.sudo().token_hash, before)
        url = notices.action_letters()["url"]
        self.assertTrue(url.endswith(notices._letters_proof()))
        other = notices.with_user(self.user.sudo())._letters_proof()
        self.assertNotEqual(other, notices._letters_proof())
