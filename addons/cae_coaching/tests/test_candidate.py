from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .journey_common import JourneyCommon, journey_tagged


@journey_tagged
class TestCandidate(JourneyCommon):
    """From the first contact to the entry, and back."""

    def _meeting(self, **vals):
        start = fields.Datetime.now() + timedelta(days=5)
        return self.env["event.event"].create(
            {
                "name": "Information",
                "company_id": self.company.id,
                "date_begin": start,
                "date_end": start + timedelta(hours=2),
                "cae_information": True,
                **vals,
            }
        )

    def _accepted(self, name="Awa", **vals):
        candidate = self._candidate(name, **vals)
        candidate._decide("accepted")
        return candidate

    def _convert(self, candidate, user=None, **vals):
        wizard = (
            self.env["cae.candidate.conversion"]
            .with_user(user or self.head)
            .with_company(self.company)
            .create({"candidate_id": candidate.id, **vals})
        )
        wizard.action_convert()
        return candidate.entrepreneur_id

    def test_a_meeting_leads_to_its_public_page(self):
        action = self._meeting().with_user(self.coach).action_cae_public_page()
        self.assertEqual(action["url"], f"/cae/information?company={self.company.id}")

    def test_a_coach_is_told_who_converts(self):
        words = "the head of coaching converts"
        views = self.env["cae.candidate"]
        self.assertIn(words, views.with_user(self.coach).get_view()["arch"])
        self.assertNotIn(words, views.with_user(self.head).get_view()["arch"])

    def test_the_board_shows_every_stage_and_starts_with_the_contact(self):
        candidate = self._candidate()
        self.assertEqual(candidate.stage_kind, "contact")
        self.assertEqual(candidate.name, "Awa Diop")
        board = candidate.with_context(read_group_expand=True).web_read_group(
            [], ["stage_id"], ["__count"]
        )
        self.assertEqual(len(board["groups"]), 6)

    def test_cards_move_freely_until_the_decision_and_not_into_it(self):
        candidate = self._candidate()
        stage = self.env["cae.candidate.stage"]
        candidate.stage_id = stage._first("diagnosis")
        for kind in ("accepted", "refused", "converted"):
            self._coded(
                "CAE-CANDIDATE-DECISION",
                candidate.write,
                {"stage_id": stage._first(kind).id},
            )
        candidate._decide("accepted")
        self._coded(
            "CAE-CANDIDATE-DECISION",
            candidate.write,
            {"stage_id": stage._first("contact").id},
        )

    def test_decisions_are_the_buttons_alone(self):
        candidate = self._candidate()
        for vals in (
            {"decision": "accepted"},
            {"entrepreneur_id": self.ines.id},
            {"decision_date": "2020-01-01"},
        ):
            self._coded("CAE-FIELD-OWNED", candidate.write, vals)
        self._coded("CAE-FIELD-OWNED", self._candidate, "Forged", decision="accepted")

    def test_a_refusal_needs_its_reason_and_can_be_taken_back(self):
        candidate = self._candidate()
        self._coded("CAE-CANDIDATE-REASON", candidate._decide, "refused")
        reason = self.env.ref("cae_coaching.candidate_reason_trade")
        wizard = self.env["cae.candidate.decision"].with_user(self.coach)
        wizard = wizard.create(
            {
                "candidate_ids": candidate.ids,
                "decision": "refused",
                "reason_id": reason.id,
                "note": "Building trade",
            }
        )
        self.assertTrue(wizard.send)
        mails = self.env["mail.mail"].search_count([])
        wizard.action_confirm()
        self.assertEqual(candidate.stage_kind, "refused")
        self.assertEqual(candidate.reason_id, reason)
        self.assertEqual(candidate.decision_user_id, self.coach)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails + 1)
        candidate.action_reopen()
        self.assertFalse(candidate.decision or candidate.reason_id)
        self.assertEqual(candidate.stage_kind, "diagnosis")

    def test_the_same_address_is_told_as_a_duplicate(self):
        first = self._candidate()
        self.assertFalse(first.is_duplicate)
        second = self._candidate("Awo", email="AWA@example.com ", user=self.other)
        candidates = first.with_user(self.head) | second.with_user(self.head)
        candidates.invalidate_recordset()
        self.assertEqual(candidates.mapped("duplicate_count"), [1, 1])
        found = candidates.search([("is_duplicate", "=", True)])
        self.assertEqual(found & candidates, candidates)
        known = self._candidate("Ines", email="j1@example.org")
        self.assertEqual(known.duplicate_count, 1)

    def test_an_address_is_one(self):
        self._coded("CAE-CANDIDATE-EMAIL", self._candidate, email="nobody")

    def test_a_diagnosis_moves_the_candidate_forward_only(self):
        candidate = self._candidate()
        self.env["cae.diagnosis"].with_user(self.coach).create(
            {"candidate_id": candidate.id, "fit": "good", "date_start": "2026-05-01"}
        )
        self.assertEqual(candidate.stage_kind, "diagnosis")
        candidate._advance("information")
        self.assertEqual(candidate.stage_kind, "diagnosis")

    def test_each_kind_keeps_a_stage(self):
        stage = self.env.ref("cae_coaching.candidate_stage_refused")
        self._coded("CAE-CANDIDATE-STAGE", stage.write, {"active": False})
        self._coded("CAE-CANDIDATE-STAGE", stage.unlink)

    # ------------------------------------------------------------------
    # Information meetings
    # ------------------------------------------------------------------

    def test_who_signs_up_becomes_a_candidate_once(self):
        meeting, later = self._meeting(), self._meeting()
        meeting._cae_sign_up("Awa Diop", "awa@example.com", "0612345678")
        meeting._cae_sign_up("Awa Diop", "awa@example.com", "")
        later._cae_sign_up("Awa D.", "awa@example.com", "")
        candidate = self.env["cae.candidate"].search(
            [("email_normalized", "=", "awa@example.com")]
        )
        self.assertEqual(len(candidate), 1)
        self.assertEqual(candidate.name, "Awa Diop")
        self.assertEqual(len(candidate.registration_ids), 2)
        self.assertEqual(candidate.stage_kind, "information")
        self.assertEqual(meeting.cae_candidate_count, 1)

    def test_a_candidate_known_already_is_found_and_not_rewritten(self):
        candidate = self._candidate(phone="0100000000")
        self._meeting()._cae_sign_up("Other Name", "AWA@example.com", "0699999999")
        self.assertEqual(len(candidate.registration_ids), 1)
        self.assertEqual(candidate.name, "Awa Diop")
        self.assertEqual(candidate.phone, "0100000000")

    def test_seats_are_those_of_the_event(self):
        meeting = self._meeting(seats_limited=True, seats_max=1)
        meeting._cae_sign_up("One", "one@example.com", "")
        with self.assertRaises(UserError), self.cr.savepoint():
            meeting._cae_sign_up("Two", "two@example.com", "")
        self.assertNotIn(meeting, meeting._cae_open_meetings(self.company))

    def test_attendance_says_who_came(self):
        candidate = self._candidate()
        meeting = self._meeting()
        wizard = self.env["cae.candidate.sign.up"].with_user(self.coach)
        values = {"candidate_id": candidate.id, "event_id": meeting.id}
        wizard.create(values).action_confirm()
        wizard.create(values).action_confirm()
        self.assertEqual(len(candidate.registration_ids), 1)
        self.assertFalse(candidate.information_attended)
        candidate.registration_ids.action_set_done()
        candidate.invalidate_recordset()
        self.assertTrue(candidate.information_attended)
        came = candidate.search([("information_attended", "=", True)])
        self.assertIn(candidate, came)

    def test_ordinary_events_make_no_candidates(self):
        meeting = self._meeting(cae_information=False)
        meeting._cae_sign_up("Nobody", "nobody@example.com", "")
        self.assertFalse(meeting.registration_ids.cae_candidate_id)

    def test_many_sign_ups_take_few_queries(self):
        meeting = self._meeting()
        candidates = self.env["cae.candidate"]

        def sign_up(first, count):
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.env["event.registration"].create(
                [
                    {
                        "event_id": meeting.id,
                        "name": f"N{n}",
                        "email": f"n{n}@example.com",
                    }
                    for n in range(first, first + count)
                ]
            )
            self.env.flush_all()
            return self.cr.sql_log_count - before

        sign_up(1000, 1)
        few, many = sign_up(0, 5), sign_up(100, 50)
        self.assertEqual(candidates.search_count([("name", "=like", "N%")]), 56)
        # What Odoo's own registration asks for each stays; ours is nothing for each.
        plain = self._meeting(cae_information=False)
        meeting = plain
        own_few, own_many = sign_up(2000, 5), sign_up(3000, 50)
        self.assertLessEqual((many - few) - (own_many - own_few), 45)

    # ------------------------------------------------------------------
    # Conversion
    # ------------------------------------------------------------------

    def test_conversion_makes_person_cape_and_activity_without_typing(self):
        candidate = self._accepted(
            phone="0612345678", city="Rennes", zip="35000", sex="F"
        )
        self.env["cae.diagnosis"].create(
            {"candidate_id": candidate.id, "fit": "good", "date_start": "2026-05-01"}
        )
        document = self.env["cae.person.document"].create(
            {
                "candidate_id": candidate.id,
                "type_id": self.env.ref("cae_coaching.document_type_identity").id,
            }
        )
        person = self._convert(candidate)
        self.assertEqual(person.name, "Awa Diop")
        self.assertEqual(person.partner_id.city, "Rennes")
        self.assertEqual(person.phone, "0612345678")
        self.assertEqual(person.coach_id, self.coach)
        self.assertEqual(str(person.date_entry), "2026-05-01")
        contract = candidate.contract_id
        self.assertEqual(contract.kind, "cape")
        self.assertEqual(str(contract.date_start), "2026-05-01")
        self.assertEqual(str(contract.date_end), "2027-04-30")
        activity = candidate.activity_id
        self.assertEqual(activity.name, "Ceramics")
        self.assertEqual(activity.share_ids.entrepreneur_id, person)
        self.assertEqual(candidate.stage_kind, "converted")
        self.assertEqual(document.entrepreneur_id, person)

    def test_converting_again_changes_nothing(self):
        candidate = self._accepted()
        person = self._convert(candidate)
        again = self._convert(candidate)
        self.assertEqual(again, person)
        self.assertEqual(len(person.contract_ids), 1)

    def test_only_accepted_candidates_and_only_by_the_head(self):
        candidate = self._candidate()
        self._coded("CAE-CANDIDATE-NOT-ACCEPTED", self._convert, candidate)
        accepted = self._accepted("Abel")
        self._refused(self._convert, accepted, self.coach)
        values = {"date_start": "2026-01-01", "coach": self.coach}
        self._coded("CAE-CANDIDATE-RIGHT", accepted._convert, values)
        self._coded("CAE-CANDIDATE-RIGHT", accepted.action_undo_conversion)

    def test_a_cape_lasts_twelve_months_at_most(self):
        candidate = self._accepted()
        self._coded(
            "CAE-CANDIDATE-CAPE",
            self._convert,
            candidate,
            date_start="2026-01-01",
            date_end="2027-01-01",
        )
        self._coded("CAE-CANDIDATE-ACTIVITY", self._convert, candidate, trade_name=" ")

    def test_who_was_here_before_is_not_made_twice(self):
        candidate = self._accepted("Ines", email="j1@example.org")
        wizard = self.env["cae.candidate.conversion"].with_user(self.head)
        wizard = wizard.create({"candidate_id": candidate.id, "make_activity": False})
        self.assertEqual(wizard.entrepreneur_id, self.ines)
        wizard.action_convert()
        self.assertEqual(candidate.entrepreneur_id, self.ines)
        self.assertFalse(candidate.made_entrepreneur)
        candidate.with_user(self.head).action_undo_conversion()
        self.assertTrue(self.ines.exists())
        self.assertFalse(self.ines.contract_ids)

    def test_a_conversion_is_undone_while_nothing_depends_on_it(self):
        candidate = self._accepted()
        person = self._convert(candidate)
        contract, activity = candidate.contract_id, candidate.activity_id
        account = activity.analytic_account_id
        candidate.with_user(self.head).action_undo_conversion()
        for record in (person, contract, activity, account):
            self.assertFalse(record.exists(), record._name)
        self.assertEqual(candidate.stage_kind, "accepted")
        # The contact stays: the next conversion takes it again.
        partner = candidate.partner_id
        self.assertEqual(self._convert(candidate).partner_id, partner)

    def test_what_depends_on_a_conversion_keeps_it(self):
        candidate = self._accepted()
        person = self._convert(candidate)
        undo = candidate.with_user(self.head).action_undo_conversion
        file = self.env["cae.social.file"].create({"entrepreneur_id": person.id})
        self._coded("CAE-CANDIDATE-UNDO", undo)
        file.unlink()
        contract = self.env["cae.contract"].browse(candidate.contract_id.id)
        contract.date_signature = "2026-01-02"
        self._coded("CAE-CANDIDATE-UNDO", undo)
        contract.date_signature = False
        self._document([(candidate.activity_id, 100)], fields.Date.today())
        self._coded("CAE-CANDIDATE-UNDO", undo)
        self.assertTrue(person.exists())

    def test_decisions_stay_while_converted(self):
        candidate = self._accepted()
        self._convert(candidate)
        self._coded("CAE-CANDIDATE-CONVERTED", candidate.action_reopen)
        self._coded("CAE-CANDIDATE-CONVERTED", candidate._decide, "refused")

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_coaches_see_their_candidates_and_those_of_nobody(self):
        mine = self._candidate()
        nobody = self._candidate("Noor")
        nobody.sudo().coach_id = False
        theirs = self._candidate("Theo", user=self.other)
        seen = self.env["cae.candidate"].with_user(self.coach).search([])
        self.assertLessEqual(mine | nobody, seen)
        self.assertNotIn(theirs, seen)
        self._refused(theirs.with_user(self.coach).read, ["name"])
        self._refused(theirs.with_user(self.coach).write, {"city": "Brest"})
        self.assertTrue(theirs.with_user(self.head).read(["name"]))
        diagnosis = self.env["cae.diagnosis"].create({"candidate_id": mine.id})
        for user in (self.accountant, self.officer, self.holder):
            for record in (mine, diagnosis):
                self._refused(record.with_user(user).search, [])
                self._refused(record.with_user(user).read, ["company_id"])
                self._no_export(record.with_user(user))

    def test_candidates_of_another_company_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Other CAE"})
        candidate = self.env["cae.candidate"].create(
            {"name": "Far", "company_id": company.id}
        )
        self._refused(candidate.with_user(self.head).read, ["name"])

    @freeze_time("2026-06-01")
    def test_purge_takes_old_candidates_alone(self):
        old = self._candidate("Old", date_contact="2024-01-01")
        new = self._candidate("New", date_contact="2026-01-01")
        decided = self._candidate("Dec", date_contact="2024-01-01")
        decided._decide("accepted")
        self.env["cae.erasure"].with_user(self.head)._purge(self.company, "test")
        self.assertFalse(old.exists())
        self.assertTrue(new.exists() and decided.exists())
