from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .meeting_common import MeetingCommon, meeting_tagged


@meeting_tagged
class TestMeeting(MeetingCommon):
    def _refused(self, code, call, *args, **kwargs):
        with self.assertRaisesRegex(UserError, f"^{code}: "):
            call(*args, **kwargs)

    def _convene(self, meeting):
        with patch.object(type(meeting), "_notice_pdf", lambda self: b"%PDF-x"):
            meeting.action_convene()

    # ------------------------------------------------------------------
    # Preparation and notice
    # ------------------------------------------------------------------

    def test_recurring_items_are_proposed_once(self):
        meeting = self._meeting()
        meeting.action_propose()
        topics = meeting.resolution_ids.mapped("topic")
        self.assertIn("support", topics)
        self.assertIn("contribution", topics)
        meeting.action_propose()
        self.assertEqual(meeting.resolution_ids.mapped("topic"), topics)
        self.assertEqual(meeting.resolution_ids.mapped("number"), [1, 2, 3, 4, 5, 6])

    def test_kind_follows_the_resolutions(self):
        meeting = self._meeting()
        first = self._resolution(meeting)
        self.assertEqual(meeting.kind, "ordinary")
        self._resolution(meeting, "Statutes", kind="extraordinary")
        self.assertEqual(meeting.kind, "mixed")
        first.unlink()
        self.assertEqual(meeting.kind, "extraordinary")

    def test_notice_keeps_the_legal_delay(self):
        meeting = self._meeting(days=14)
        self._resolution(meeting)
        self._refused("CAE-MEETING-NOTICE", meeting.action_convene)
        meeting.late_reason = "All members agree"
        self._convene(meeting)
        self.assertEqual(meeting.state, "convened")

    def test_last_day_of_the_notice(self):
        meeting = self._meeting(date=datetime(2030, 6, 30, 16, 0))
        self.assertEqual(meeting.last_notice_day, date(2030, 6, 15))
        # The day is that of the company, not of the server.
        meeting.date = datetime(2030, 6, 29, 23, 0)
        self.assertEqual(meeting.last_notice_day, date(2030, 6, 15))

    def test_an_empty_agenda_is_not_sent(self):
        self._refused("CAE-MEETING-AGENDA", self._meeting().action_convene)

    def test_notices_go_by_mail_to_who_agreed_in_time(self):
        meeting = self._meeting()
        self._resolution(meeting)
        # sudo: consents are kept by the register.
        recent = self.members[1].sudo()
        recent.e_notice_consent_date = self.company._cae_today()
        revoked = self.members[2].sudo()
        revoked.e_notice_consent_date = "2020-01-01"
        revoked.e_notice_revoked_date = self.company._cae_today()
        soon = self.members[3].sudo()
        soon.e_notice_consent_date = "2020-01-01"
        soon.partner_id.email = False
        self._convene(meeting)
        channels = {n.elector_id.name: n.channel for n in meeting.notice_ids}
        # Ben agreed today, for a meeting in thirty days: ten days early enough.
        self.assertEqual(
            channels,
            dict.fromkeys(("Cleo", "Dan", "Eva", "Fred"), "post")
            | dict.fromkeys(("Ana", "Ben"), "email"),
        )
        self.assertEqual(meeting.notice_state, "partly")

    def test_consent_of_less_than_twenty_days_goes_by_post(self):
        meeting = self._meeting(days=19)
        self._resolution(meeting)
        self.members[1].sudo().e_notice_consent_date = self.company._cae_today()
        self._convene(meeting)
        ben = meeting.notice_ids.filtered(lambda n: n.elector_id.name == "Ben")
        self.assertEqual(ben.channel, "post")

    def test_mail_has_link_document_and_calendar(self):
        meeting = self._meeting(place="Town hall; room 2", remote_url="https://x.test")
        self._resolution(meeting)
        self._convene(meeting)
        notice = meeting.notice_ids.filtered(lambda n: n.channel == "email")
        mail = notice.sudo().mail_id
        self.assertEqual(mail.email_to, '"Ana" <ana@example.com>')
        self.assertRegex(mail.body_html, r"/cae/m/[\w-]{32}")
        self.assertTrue(mail.auto_delete)
        names = sorted(mail.attachment_ids.mapped("mimetype"))
        self.assertEqual(names, ["application/pdf", "text/calendar"])
        ics = mail.attachment_ids.filtered(lambda a: a.mimetype == "text/calendar")
        text = ics.raw.decode()
        self.assertIn("BEGIN:VEVENT\r\n", text)
        self.assertIn("LOCATION:Town hall\\; room 2\r\n", text)
        self.assertTrue(notice.document_hash)
        # Who reads the database cannot use the link.
        token = mail.body_html.split("/cae/m/")[1][:32]
        elector = self.env["cae.meeting.elector"]
        self.assertEqual(elector._of_token(token).name, "Ana")
        self.assertNotEqual(notice.elector_id.sudo().token_hash, token)

    def test_sending_is_proved(self):
        meeting = self._meeting()
        self._resolution(meeting)
        self._convene(meeting)
        mailed = meeting.notice_ids.filtered(lambda n: n.channel == "email")
        mail = mailed.sudo().mail_id
        mail.write({"state": "sent"})
        self.assertEqual((mailed.state, mailed.late_days), ("sent", 0))
        posted = meeting.notice_ids - mailed
        posted.action_posted()
        self.assertEqual(set(posted.mapped("state")), {"posted"})
        self.assertEqual(meeting.notice_state, "sent")
        self._refused("CAE-NOTICE-STATE", posted.action_posted)
        with self.assertRaises(AccessError):
            mailed.write({"state": "failed"})

    def test_late_posting_is_written_down(self):
        meeting = self._meeting(days=15)
        self._resolution(meeting)
        self._convene(meeting)
        # The notice of a meeting in fifteen days leaves two days late.
        meeting._cae_own().date -= timedelta(days=2)
        posted = meeting.notice_ids.filtered(lambda n: n.channel == "post")
        posted.action_posted()
        self.assertEqual(set(posted.mapped("late_days")), {2})

    def test_changed_agenda_is_sent_again(self):
        meeting = self._meeting()
        self._resolution(meeting)
        self._convene(meeting)
        added = self._resolution(meeting, "Asked by members")
        self.assertTrue(added.added)
        self.assertTrue(meeting.agenda_outdated)
        with patch.object(type(meeting), "_notice_pdf", lambda self: b"%PDF"):
            meeting.action_send_again()
        self.assertFalse(meeting.agenda_outdated)
        self.assertEqual(set(meeting.notice_ids.mapped("version")), {1, 2})
        self._refused("CAE-RESOLUTION-KEPT", added.unlink)

    def test_sending_takes_few_queries(self):
        meeting = self._meeting()
        self._resolution(meeting)
        few = self._queries(meeting)
        self._members([f"More {n}" for n in range(20)])
        self.env.invalidate_all()
        other = self._meeting()
        self._resolution(other)
        self.assertLess(self._queries(other) - few, 15)

    def _queries(self, meeting):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self._convene(meeting)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    # ------------------------------------------------------------------
    # Voters and session
    # ------------------------------------------------------------------

    def test_voters_are_frozen_on_the_record_date(self):
        later = self.company._cae_today() + timedelta(days=5)
        self._members(["Gus"], date_member=later)
        gone = self._members(["Hal"], date_left="2021-01-01")
        meeting = self._meeting()
        self._resolution(meeting)
        self._convene(meeting)
        self.assertEqual(len(meeting.elector_ids), 6)
        self.assertNotIn(gone, meeting.elector_ids.member_id)
        meeting.record_date = "2020-06-01"
        meeting.action_freeze()
        self.assertIn(gone, meeting.elector_ids.member_id)
        meeting.record_date = self.company._cae_today() + timedelta(days=1)
        self._refused("CAE-MEETING-RECORD", meeting.action_freeze)

    def test_freezing_again_keeps_proxies(self):
        meeting = self._meeting()
        self._resolution(meeting)
        self._convene(meeting)
        self._proxy(meeting, "Ana", "Ben")
        electors = meeting.elector_ids
        meeting.action_freeze()
        self.assertEqual(meeting.elector_ids, electors)
        self.assertEqual(meeting.proxy_count, 1)

    def test_session_opens_on_its_day(self):
        meeting = self._meeting()
        self._resolution(meeting)
        self._refused("CAE-MEETING-STATE", meeting.action_open)
        self._convene(meeting)
        self._refused("CAE-MEETING-EARLY", meeting.action_open)

    def test_attendance_and_quorum(self):
        meeting = self._session()
        self.assertEqual(meeting.member_count, 6)
        self.assertIn("not reached (0 of 2)", meeting.quorum_text)
        self._come(meeting, "Ana")
        self._proxy(meeting, "Ben", "Ana")
        self.assertEqual((meeting.present_count, meeting.represented_count), (1, 1))
        self.assertIn("quorum reached (2 of 2)", meeting.quorum_text)
        # The holder leaves: who they represented is absent too. Quorum lost.
        self._elector(meeting, "Ana").action_left()
        self.assertEqual(meeting.attending_count, 0)
        self.assertIn("not reached", meeting.quorum_text)

    def test_remote_attendance_follows_the_rules(self):
        sarl = self._session(self.sarl)
        self._refused("CAE-MEETING-REMOTE", self._elector(sarl, "Ana").action_remote)
        sa = self._session()
        self._elector(sa, "Ana").action_remote()
        self.assertEqual(self._elector(sa, "Ana").status, "remote")

    def test_steps_are_in_order(self):
        meeting = self._session()
        self._refused("CAE-MEETING-STATE", meeting.action_convene)
        self._refused("CAE-MEETING-STATE", meeting.action_freeze)
        self._refused("CAE-MEETING-STATE", meeting.action_cancel)
        self._refused("CAE-MEETING-STATE", meeting.write, {"place": "Elsewhere"})
        self._refused("CAE-MEETING-STATE", meeting.action_write_minutes)
        self._refused("CAE-MEETING-KEPT", meeting.unlink)
        meeting.resolution_ids.action_open_vote()
        self._refused("CAE-MEETING-VOTING", meeting.action_close)

    def test_states_are_not_written_by_hand(self):
        meeting = self._meeting()
        for vals in ({"state": "signed"}, {"number": 7}, {"call": "2"}):
            self._refused("CAE-FIELD-OWNED", meeting.write, vals)
        self._refused("CAE-FIELD-OWNED", self._meeting, state="held")
        resolution = self._resolution(meeting)
        self._refused("CAE-FIELD-OWNED", resolution.write, {"outcome": "adopted"})
        for model in ("cae.meeting.elector", "cae.resolution.vote", "cae.ballot"):
            with self.assertRaises(AccessError):
                self.env[model].create({})

    def test_only_the_agenda_is_voted(self):
        meeting = self._session()
        self._refused("CAE-MEETING-AGENDA", self._resolution, meeting, "Late")
        revoked = self._resolution(meeting, "Revocation", topic="revocation")
        self.assertTrue(revoked.added)

    # ------------------------------------------------------------------
    # Minutes
    # ------------------------------------------------------------------

    def _held(self):
        meeting = self._session(place="Town hall")
        meeting.chair_id = self.members[0].partner_id
        self._come(meeting, "Ana", "Ben")
        resolution = meeting.resolution_ids
        resolution.action_open_vote()
        resolution.write({"favour_count": 2})
        resolution.action_close_vote()
        meeting.action_close()
        return meeting

    def _sign(self, meeting):
        with patch.object(type(meeting), "_document_pdf", lambda self, name: b"%PDF-m"):
            meeting.action_sign_minutes()

    def test_minutes_say_it_all(self):
        meeting = self._held()
        meeting.action_write_minutes()
        for words in ("Town hall", "Chair: <b>Ana</b>", "<b>2</b> members present"):
            self.assertIn(words, meeting.minutes)
        self.assertIn("For: 2; against: 0; abstentions: 0; blank: 0.", meeting.minutes)
        self.assertIn("quorum of 1/5 (2 members) is reached", meeting.minutes)

    def test_signed_minutes_are_numbered_and_locked(self):
        first, second = self._held(), self._held()
        self._refused("CAE-MEETING-MINUTES", first.action_sign_minutes)
        (first | second).action_write_minutes()
        self._sign(second)
        self._sign(first)
        self.assertEqual((second.number, first.number), (1, 2))
        self.assertEqual(first._minutes_content(), b"%PDF-m")
        self._refused("CAE-MEETING-SIGNED", first.write, {"minutes": "x"})
        self._refused("CAE-MEETING-SIGNED", first.write, {"name": "x"})
        self._refused("CAE-MEETING-STATE", first.action_write_minutes)
        self._refused("CAE-MEETING-STATE", first.action_sign_minutes)
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception):  # noqa: B017
            first.resolution_ids.write({"title": "x"})

    def test_minutes_wait_for_all_resolutions(self):
        meeting = self._meeting()
        self._resolution(meeting)
        self._resolution(meeting, "Forgotten")
        self._start(meeting)
        meeting.chair_id = self.members[0].partner_id
        meeting.resolution_ids[0].action_withdraw()
        meeting.action_close()
        meeting.action_write_minutes()
        self._refused("CAE-MEETING-MINUTES", meeting.action_sign_minutes)
        # What was not put to the vote is said so, and the minutes say it too.
        meeting.resolution_ids[1].action_withdraw()
        meeting.action_write_minutes()
        self.assertEqual(meeting.minutes.count("Withdrawn, not put to the vote"), 2)
        with patch.object(type(meeting), "_document_pdf", lambda m, name: b"%PDF"):
            meeting.action_sign_minutes()
        self.assertEqual(meeting.state, "signed")

    def test_documents_render(self):
        meeting = self._held()
        meeting.action_write_minutes()
        for name, words in (
            ("notice", "Draft resolutions"),
            ("sheet", "Attendance sheet"),
            ("minutes", "Minutes (draft)"),
        ):
            page = meeting.sudo()._document_pages(name)[meeting.id]
            self.assertIn(words, page)
        self.assertIn("Certified true extract", meeting.resolution_ids._html())

    def test_letters_have_a_link_of_their_own(self):
        meeting = self._session()
        notices = meeting.notice_ids.filtered(lambda n: n.channel == "post").sudo()
        pages = meeting.sudo()._document_pages("notice", notices)
        self.assertEqual(len(pages), 5)
        links = {page.split("/cae/m/")[1][:32] for page in pages.values()}
        self.assertEqual(len(links), 5)
        self.assertIn("<svg", pages[notices[0].id])

    # ------------------------------------------------------------------
    # Second call
    # ------------------------------------------------------------------

    def test_second_call_takes_what_had_no_quorum(self):
        meeting = self._meeting()
        self._resolution(meeting, "Accounts")
        self._resolution(meeting, "Statutes", kind="extraordinary")
        self._start(meeting)
        self._come(meeting, "Ana")
        for resolution in meeting.resolution_ids:
            resolution.action_open_vote()
            resolution.favour_count = 1
            resolution.action_close_vote()
        self.assertEqual(
            meeting.resolution_ids.mapped("outcome"), ["no_quorum", "no_quorum"]
        )
        self.assertFalse(meeting.may_call_again)
        meeting.action_close()
        self.assertTrue(meeting.may_call_again)
        action = meeting.action_second_call()
        second = self.Meeting.browse(action["res_id"])
        self.assertEqual((second.call, second.first_meeting_id), ("2", meeting))
        self.assertEqual(
            second.resolution_ids.mapped("title"), ["Accounts", "Statutes"]
        )
        self.assertEqual(second.resolution_ids.mapped("state"), ["draft", "draft"])
        self.assertFalse(meeting.may_call_again)
        self._refused("CAE-MEETING-SECOND", meeting.action_second_call)
        # Ten days for a SA, and two months at most.
        self._convene(second)
        other = self._meeting(date=meeting.date + timedelta(days=80))
        other._cae_own().write({"call": "2", "first_meeting_id": meeting.id})
        self._resolution(other)
        self._refused("CAE-MEETING-SECOND", other.action_convene)

    def test_what_was_decided_is_not_called_again(self):
        meeting = self._held()
        self.assertFalse(meeting.may_call_again)
        self._refused("CAE-MEETING-SECOND", meeting.action_second_call)

    def test_companies_are_apart(self):
        meeting = self._session()
        other = self.env["res.company"].sudo().create({"name": "Other coop"})
        user = self.secretary.sudo().copy(
            {
                "login": "other_secretary",
                "company_id": other.id,
                "company_ids": [(6, 0, other.ids)],
            }
        )
        for records in (meeting, meeting.resolution_ids, meeting.elector_ids):
            with self.assertRaises(AccessError):
                records.with_user(user).read(["display_name"])
