from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common import GovernanceCommon, governance_tagged


@governance_tagged
@freeze_time("2026-03-15")
class TestShare(GovernanceCommon):
    # ------------------------------------------------------------------
    # From the application to membership
    # ------------------------------------------------------------------

    def test_a_candidate_becomes_a_member_with_the_first_paid_share(self):
        member = self._candidate("Inès")
        self.assertEqual(member.state, "candidate")
        member._admit(date(2026, 1, 10), "meeting", "AGO 1")
        self.assertEqual(member.state, "admitted")
        self._subscribe(member, 2)
        self.assertEqual(member.state, "admitted")
        self.assertEqual((member.share_count, member.share_unpaid), (2, 32))
        self._pay_shares(member, 10)
        self.assertEqual(member.state, "admitted")
        self._pay_shares(member, 6)
        self.assertEqual(member.state, "member")
        self.assertEqual(member.date_member, date(2026, 1, 20))
        self.assertEqual((member.share_paid, member.share_unpaid), (16, 16))

    def test_entries_follow_in_the_same_transaction(self):
        member = self._admitted("Inès")
        self._subscribe(member, 2)
        self.assertEqual(self._books(member), {"456250": 32, "101200": -32})
        self._pay_shares(member, 16)
        self.assertEqual(
            self._books(member), {"456250": 16, "101200": -16, "101300": -16}
        )
        self._pay_shares(member, 16)
        self.assertEqual(self._books(member), {"101300": -32})
        self.assertInvariant()

    def test_the_statutes_may_make_members_by_subscription(self):
        self.company.cae_member_from = "subscription"
        member = self._admitted("Inès")
        self._subscribe(member, 1)
        self.assertEqual(member.state, "member")

    def test_only_the_body_that_the_statutes_name_admits(self):
        member = self._candidate("Inès")
        with self.assertRaisesRegex(UserError, "^CAE-MEMBER-BODY: "):
            member._admit(date(2026, 1, 10), "board")
        self.company.cae_admission_by = "either"
        member._admit(date(2026, 1, 10), "board")
        self.assertEqual(member.admission_body, "board")

    def test_steps_have_an_order_and_days_are_not_ahead(self):
        member = self._candidate("Inès")
        for day in (date(2026, 1, 4), date(2026, 3, 16)):
            with self.assertRaisesRegex(UserError, "^CAE-MEMBER-DATE: "):
                member._admit(day, "meeting")
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-MEMBER: "):
            self._subscribe(member)
        member._refuse(date(2026, 1, 10), "Too early")
        with self.assertRaisesRegex(UserError, "^CAE-MEMBER-STATE: "):
            member._admit(date(2026, 1, 11), "meeting")
        member.action_apply_again()
        self.assertEqual(member.state, "candidate")

    def test_what_buttons_do_is_not_written(self):
        member = self._candidate("Inès")
        for vals in ({"state": "member"}, {"date_member": "2026-01-01"}):
            with self.assertRaisesRegex(UserError, "^CAE-FIELD-OWNED: "):
                member.write(vals)
        with self.assertRaisesRegex(UserError, "^CAE-FIELD-OWNED: "):
            self._candidate("Yann", state="member")

    def test_whoever_was_admitted_is_not_deleted(self):
        self._candidate("Yann").unlink()
        with self.assertRaisesRegex(UserError, "^CAE-MEMBER-STATE: "):
            self._admitted("Inès").unlink()

    def test_a_contact_is_in_the_register_once(self):
        member = self._candidate("Inès")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.Member.create({"partner_id": member.partner_id.id})

    def test_a_college_that_ended_is_left_at_once(self):
        member = self._member("Inès")
        college = self.env["cae.college"].create({"code": "C1", "name": "Workers"})
        row = self.env["cae.member.college"].create(
            {
                "member_id": member.id,
                "college_id": college.id,
                "date_start": "2026-01-01",
            }
        )
        self.assertEqual(member.college_id, college)
        row.date_end = "2026-03-14"
        self.assertFalse(member.college_id)

    # ------------------------------------------------------------------
    # The register
    # ------------------------------------------------------------------

    def test_movements_are_numbered_without_gaps(self):
        before = self.Movement.search([], limit=1).number
        first, second = self._admitted("Inès"), self._admitted("Yann")
        moves = self._subscribe(first) | self._subscribe(second)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._subscribe(first, 2, day="2026-03-16")
        moves |= self._subscribe(first)
        self.assertEqual(
            sorted(moves.mapped("number")), [before + 1, before + 2, before + 3]
        )
        self.assertEqual(moves.sorted("number")[0].name, f"{before + 1:05d}")

    def test_movements_are_never_edited_nor_deleted(self):
        move = self._subscribe(self._admitted("Inès"))
        for records in (move, move.sudo()):
            with self.assertRaises(UserError):
                records.write({"quantity": 5})
            with self.assertRaises(UserError):
                records.unlink()
            with self.assertRaises(UserError):
                records.create({"member_id": move.member_id.id, "quantity": 1})
        with self.assertRaisesRegex(UserError, "^CAE-ENTRY-GENERATED: "):
            move.sudo().move_id.button_draft()
        with self.assertRaisesRegex(UserError, "^CAE-ENTRY-GENERATED: "):
            move.sudo().move_id._reverse_moves()

    def test_a_reversal_leaves_both_in_the_register_and_nothing_in_the_books(self):
        member = self._member("Inès")
        move = member.movement_ids
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-REASON: "):
            move.action_reverse(" ")
        move.action_reverse("Wrong person")
        self.assertTrue(move.reversed)
        self.assertEqual(member.share_count, 0)
        self.assertEqual(member.state, "admitted")
        # What was paid is owed back to the person.
        self.assertEqual(self._books(member), {"456250": -32})
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-REVERSED: "):
            move.action_reverse("Again")
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-REVERSED: "):
            move.reversal_ids.action_reverse("Again")
        self.assertInvariant()

    def test_the_register_of_any_day(self):
        member = self._member("Inès")
        self._subscribe(member, 3, day="2026-02-10")
        on = member.with_context(register_date="2026-01-31")
        self.assertEqual((on.share_count, on.share_amount), (2, 32))
        on = member.with_context(register_date="2026-02-28")
        self.assertEqual((on.share_count, on.share_unpaid), (5, 48))
        on = member.with_context(register_date="2026-01-14")
        self.assertEqual(on.share_count, 0)
        self.assertEqual(
            self.Member._members_on(self.company, date(2026, 1, 31)), member
        )
        self.assertFalse(self.Member._members_on(self.company, date(2026, 1, 19)))

    def test_locked_months_and_days_ahead_are_refused(self):
        member = self._admitted("Inès")
        self.company.sudo().fiscalyear_lock_date = "2026-01-31"
        with self.assertRaisesRegex(UserError, "^CAE-LOCK-DATE: "):
            self._subscribe(member, 1)
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-DATE: "):
            self._subscribe(member, 1, day="2026-03-16")
        for wrong in (0, -1, 1.5, True, 10**7):
            with self.assertRaisesRegex(UserError, "^CAE-SHARE-QUANTITY: "):
                self._subscribe(member, wrong, day="2026-02-10")

    # ------------------------------------------------------------------
    # Transfers
    # ------------------------------------------------------------------

    def test_a_transfer_moves_shares_and_capital_from_one_to_the_other(self):
        giver, taker = self._member("Inès", 3), self._admitted("Yann")
        both = giver._transfer(taker, self.kind, 2, date(2026, 2, 2), "Agreed")
        self.assertEqual(both.mapped("quantity"), [-2, 2])
        self.assertEqual(both[0].counterpart_id, both[1])
        self.assertEqual((giver.share_count, taker.share_count), (1, 2))
        self.assertEqual(taker.state, "member")
        self.assertEqual(self._books(giver), {"101300": -16})
        self.assertEqual(self._books(taker), {"101300": -32})
        self.assertInvariant()

    def test_both_sides_of_a_transfer_are_reversed_together(self):
        giver, taker = self._member("Inès", 3), self._admitted("Yann")
        both = giver._transfer(taker, self.kind, 2, date(2026, 2, 2))
        both[1].action_reverse("Not approved")
        self.assertEqual((giver.share_count, taker.share_count), (3, 0))
        self.assertEqual(taker.state, "admitted")
        self.assertEqual(self._books(giver), {"101300": -48})
        self.assertEqual(self._books(taker), {})

    def test_whoever_gives_all_shares_is_a_member_no_more(self):
        giver, taker = self._member("Inès", 2), self._admitted("Yann")
        giver._transfer(taker, self.kind, 2, date(2026, 2, 2))
        self.assertEqual(giver.state, "left")
        self.assertEqual(giver.date_left, date(2026, 2, 2))

    def test_nobody_gives_what_they_do_not_hold_or_have_not_paid(self):
        giver, taker = self._member("Inès", 1), self._admitted("Yann")
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-SHORT: "):
            giver._transfer(taker, self.kind, 2, date(2026, 2, 2))
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-SHORT: "):
            giver._transfer(taker, self.kind, 1, date(2026, 1, 14))
        self._subscribe(giver, 1)
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-UNPAID: "):
            giver._transfer(taker, self.kind, 1, date(2026, 2, 2))
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-MEMBER: "):
            giver._transfer(giver, self.kind, 1, date(2026, 2, 2))

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------

    def test_what_the_bank_paid_enters_the_register_by_itself(self):
        member = self._admitted("Inès")
        self._subscribe(member, 2)
        debt = self._account("45625")
        entry = self.env["account.move"].create(
            {
                "date": "2026-02-05",
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    (0, 0, {"account_id": self._account("512").id, "balance": 32}),
                    (
                        0,
                        0,
                        {
                            "account_id": debt.id,
                            "balance": -32,
                            "partner_id": member.sudo().partner_id.id,
                        },
                    ),
                ],
            }
        )
        entry._post(soft=False)
        self.Member._book_paid(self.company, date(2026, 3, 1))
        self.assertEqual(member.state, "member")
        self.assertEqual(member.date_member, date(2026, 3, 1))
        self.assertEqual(self._books(member), {"101300": -32})
        self.assertFalse(self.Member._book_paid(self.company, date(2026, 3, 1)))

    def test_a_payment_is_not_above_what_is_owed(self):
        member = self._admitted("Inès")
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-PAID: "):
            self._pay_shares(member, 1)
        self._subscribe(member, 1)
        for wrong in (0, -1, 16.01):
            with self.assertRaisesRegex(UserError, "^CAE-SHARE-AMOUNT: "):
                self._pay_shares(member, wrong)

    # ------------------------------------------------------------------
    # Redemption
    # ------------------------------------------------------------------

    def _redemption(self, member, quantity=1, day="2026-02-01", **vals):
        return member.env["cae.share.redemption"].create(
            {
                "member_id": member.id,
                "share_kind_id": self.kind.id,
                "quantity": quantity,
                "date_request": day,
                **vals,
            }
        )

    def test_a_redemption_is_owed_then_paid(self):
        self._member("Yann", 10)
        member = self._member("Inès", 4)
        request = self._redemption(member, 2)
        self.assertEqual(request.date_limit, date(2031, 2, 1))
        request.action_accept("2026-02-10")
        self.assertEqual(member.share_count, 2)
        self.assertEqual(self._books(member), {"101300": -32, "456700": -32})
        self.assertEqual((request.amount_due, request.residual), (32, 32))
        member.env["cae.share.payment"].create(
            {"redemption_ids": request.ids, "bank": str(self.bank.id)}
        ).action_pay()
        self.assertEqual(request.residual, 0)
        self.assertEqual(self._books(member), {"101300": -32})
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-STATE: "):
            request.action_accept()
        self.assertInvariant()

    def test_the_capital_stays_above_its_floor(self):
        member = self._member("Inès", 10)
        self._redemption(member, 7).action_accept("2026-02-10")
        # 160 € once, 48 € left, floor 40 €.
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-FLOOR: .*40.00"):
            self._redemption(member, 1).action_accept("2026-02-11")
        self.company.cae_capital_floor_part = 10
        self._redemption(member, 2, "2026-01-31").action_accept("2026-02-11")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.company.cae_capital_floor_part = 9
            self.company.flush_recordset()

    def test_a_redemption_that_waits_too_long_is_late(self):
        """Also an accepted one, until it is paid."""
        request = self._redemption(self._member("Inès", 10), 2, "2020-01-31")
        self._member("Yann", 10)
        self.assertLess(request.date_limit, date(2026, 3, 15))
        requests = self.env["cae.share.redemption"]
        self.assertIn(request, requests.search([("late", "=", True)]))
        request.action_accept("2026-02-10")
        self.assertTrue(request.late)
        self.assertIn(request, requests.search([("late", "=", True)]))

    def test_requests_are_met_in_their_order(self):
        first, second = self._member("Inès", 10), self._member("Yann", 10)
        early = self._redemption(first, 1, "2026-02-01")
        late = self._redemption(second, 1, "2026-02-02")
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-ORDER: "):
            late.action_accept()
        (early | late).action_accept()
        self.assertEqual(late.state, "accepted")

    def test_redeemed_shares_bear_their_part_of_the_losses(self):
        self._member("Yann", 15)
        member = self._member("Inès", 5)
        request = self._redemption(member, 4, losses=32)
        request.action_accept()
        # 64 € of a capital of 320 € bear a fifth of the losses.
        self.assertEqual(request.amount_due, 57.6)
        self.assertEqual(self._books(member), {"101300": -16, "456700": -57.6})
        self.assertInvariant()

    def test_shares_not_paid_are_cancelled_not_reimbursed(self):
        self._member("Yann", 10)
        member = self._admitted("Inès")
        self._subscribe(member, 2)
        self._pay_shares(member, 16)
        request = self._redemption(member, 2)
        request.action_accept()
        self.assertEqual(request.amount_due, 16)
        self.assertEqual(self._books(member), {"456700": -16})
        self.assertEqual(member.state, "left")

    def test_a_reversed_redemption_waits_again(self):
        self._member("Yann", 10)
        member = self._member("Inès", 2)
        request = self._redemption(member, 2)
        request.action_accept("2026-02-10")
        self.assertEqual(member.state, "left")
        request.movement_ids.action_reverse("Mistake")
        self.assertEqual(request.state, "requested")
        self.assertEqual(member.state, "member")
        self.assertEqual(self._books(member), {"101300": -32})

    def test_redemptions_are_deferred_for_five_years_at_most(self):
        member = self._member("Inès", 10)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._redemption(member, years=6)

    # ------------------------------------------------------------------
    # Leaving
    # ------------------------------------------------------------------

    def test_whoever_leaves_asks_for_the_redemption_of_all(self):
        self._member("Yann", 10)
        member = self._member("Inès", 4)
        self._redemption(member, 1)
        member._leave(date(2026, 3, 1), "resignation")
        self.assertEqual(member.state, "left")
        self.assertEqual(sum(member.redemption_ids.mapped("quantity")), 4)
        self.assertNotIn(
            member, self.Member._members_on(self.company, date(2026, 3, 2))
        )
        self.assertIn(member, self.Member._members_on(self.company, date(2026, 3, 1)))

    def test_membership_ends_with_the_contract(self):
        person = self._person("GX1", "Inès")
        member = self._member(
            "x", 2, entrepreneur_id=person.id, partner_id=person.partner_id.id
        )
        self.assertEqual(person.member_date, date(2026, 1, 20))
        person.date_exit = "2026-02-28"
        self.assertTrue(member.lost)
        self.assertIn(member, self.Member.search([("lost", "=", True)]))
        self.company.cae_member_lost_with_contract = False
        self.assertFalse(self.Member.search([("lost", "=", True)]) & member)
        self.company.cae_member_lost_with_contract = True
        member.action_leave_lost()
        self.assertEqual(member.date_left, date(2026, 2, 28))
        self.assertEqual(member.leave_reason, "contract")
        member.action_leave_lost()

    def test_retirement_does_not_end_membership(self):
        person = self._person("GX1", "Inès")
        member = self._member(
            "x", 2, entrepreneur_id=person.id, partner_id=person.partner_id.id
        )
        reason = self.env["cae.exit.reason"].create(
            {"name": "Pension", "keeps_membership": True}
        )
        person.write({"date_exit": "2026-02-28", "exit_reason_id": reason.id})
        self.assertFalse(member.lost)
