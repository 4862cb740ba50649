from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common import GovernanceCommon, governance_tagged


@governance_tagged
@freeze_time("2026-03-15")
class TestGovernanceAccounts(GovernanceCommon):
    """Entries checked by hand, to the cent."""

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

    def _pay_back(self, request):
        request.env["cae.share.payment"].create(
            {"redemption_ids": request.ids, "bank": str(self.bank.id)}
        ).action_pay()

    def test_a_redemption_that_was_reversed_is_paid_once(self):
        self._member("Yann", 10)
        member = self._member("Inès", 4)
        request = self._redemption(member, 2)
        request.action_accept("2026-02-10")
        request.movement_ids.action_reverse("Mistake")
        self.assertEqual(request.residual, 0)
        request.action_accept("2026-02-11")
        self.assertEqual(self._books(member), {"101300": -32, "456700": -32})
        self.assertEqual((request.amount_due, request.residual), (32, 32))
        self._pay_back(request)
        self.assertEqual(request.residual, 0)
        self.assertEqual(self._books(member), {"101300": -32})
        self.assertInvariant()

    def test_a_redemption_that_was_paid_is_not_reversed(self):
        self._member("Yann", 10)
        member = self._member("Inès", 4)
        request = self._redemption(member, 2)
        request.action_accept("2026-02-10")
        self._pay_back(request)
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-PAID: "):
            request.movement_ids.action_reverse("Too late")
        self.assertEqual(self._books(member), {"101300": -32})

    def test_a_typing_error_is_not_the_highest_capital(self):
        """160 € were held; 16 000 € never were: the floor is 40 €."""
        member = self._member("Inès", 10)
        wrong = self._subscribe(member, 1000, "2026-02-01")
        wrong.action_reverse("10 shares, typed 1000")
        capital, highest = self.Movement._capital_figures(self.company)
        self.assertEqual((capital, highest), (160, 160))
        self._redemption(member, 7).action_accept("2026-02-10")
        self.assertEqual(member.share_count, 3)

    def test_shares_are_given_from_the_day_on_which_they_are_paid(self):
        giver, taker = self._member("Inès", 3), self._admitted("Yann")
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-UNPAID: "):
            giver._transfer(taker, self.kind, 1, date(2026, 1, 19))
        giver._transfer(taker, self.kind, 1, date(2026, 1, 20))
        on = giver.with_context(register_date="2026-01-20")
        self.assertEqual((on.share_count, on.share_paid, on.share_unpaid), (2, 32, 0))

    def test_a_member_of_the_register_stays_the_same_person(self):
        member = self._member("Inès")
        other = self.env["res.partner"].create({"name": "Somebody else"})
        with self.assertRaisesRegex(UserError, "^CAE-MEMBER-STATE: "):
            member.partner_id = other.id
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.secretary.company_ids |= company
        with self.assertRaisesRegex(UserError, "^CAE-MEMBER-STATE: "):
            member.with_context(
                allowed_company_ids=[self.company.id, company.id]
            ).company_id = company
        candidate = self._candidate("Zoé")
        candidate.partner_id = other.id
        self.assertEqual(candidate.partner_id, other)

    def test_days_that_are_none_are_refused(self):
        self._member("Yann", 10)
        request = self._redemption(self._member("Inès", 4))
        for day in ("tomorrow", "2026-13-01", 3):
            with self.assertRaisesRegex(UserError, "^CAE-SHARE-DATE: "):
                request.action_accept(day)
        # Nothing leaves before it was asked for.
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-DATE: "):
            request.action_accept("2026-01-31")

    def test_one_company_that_is_locked_stops_no_other(self):
        self._subscribe(self._admitted("Inès"))
        other = self.env["res.company"].create({"name": "Zeta"})
        asked, locked = [], "CAE-LOCK-DATE: locked"

        def subscribe(records, company, day):
            asked.append(company)
            if company == self.company:
                raise UserError(locked)

        other.cae_capital_journal_id = self.company.cae_capital_journal_id
        with (
            patch.object(type(self.Member), "_subscribe_retained", subscribe),
            patch.object(type(self.Member), "_book_paid", lambda *args: None),
            mute_logger("odoo.addons.cae_governance.models.cae_member_contract"),
        ):
            self.env["cae.member"]._cron_register()
        self.assertLessEqual({self.company, other}, set(asked))

    def test_the_whole_course_by_hand(self):
        """Retention, subscription, transfer, loss of membership, redemption."""
        self._member("Yann", 40)
        member, taker = self._admitted("Inès"), self._admitted("Zoé")
        self._subscribe(member, 3)
        self.assertEqual(self._books(member), {"456250": 48, "101200": -48})
        self._pay_shares(member, 20.5)
        self.assertEqual(
            self._books(member), {"456250": 27.5, "101200": -27.5, "101300": -20.5}
        )
        self._pay_shares(member, 27.5)
        self.assertEqual(self._books(member), {"101300": -48})
        member._transfer(taker, self.kind, 1, date(2026, 2, 2))
        self.assertEqual(self._books(member), {"101300": -32})
        self.assertEqual(self._books(taker), {"101300": -16})
        member._leave(date(2026, 2, 28), "resignation")
        request = member.redemption_ids
        self.assertEqual((request.quantity, request.amount), (2, 32))
        self.assertEqual(request.date_limit, date(2031, 2, 28))
        # Capital 688 €: losses of 100 € cost 32 € of it 4.65 €.
        request.losses = 100
        request.action_accept("2026-03-01")
        self.assertEqual(request.amount_due, 27.35)
        self.assertEqual(self._books(member), {"456700": -27.35})
        self._pay_back(request)
        self.assertEqual(self._books(member), {})
        self.assertInvariant()

    def test_entries_of_the_capital_are_not_changed_by_any_way(self):
        member = self._member("Inès")
        entry = member.movement_ids.sudo().move_id.with_user(self.accountant)
        debt = entry.line_ids.filtered(lambda line: line.balance > 0)
        other = self.env["res.partner"].create({"name": "Somebody else"})
        for call in (
            lambda: entry.write({"state": "draft"}),
            lambda: entry.write({"state": "cancel"}),
            entry.button_draft,
            entry.button_cancel,
            lambda: entry.write({"cae_capital": False}),
            lambda: entry.write({"line_ids": [Command.delete(debt.id)]}),
            lambda: debt.write({"balance": 1}),
            lambda: entry.write({"partner_id": other.id}),
            lambda: debt.write({"partner_id": other.id}),
            lambda: debt.write({"account_id": self._account("512").id}),
            debt.unlink,
            entry.unlink,
            entry._reverse_moves,
        ):
            with self.subTest(call), self.assertRaises(UserError):
                with self.cr.savepoint():
                    call()
            self.env.invalidate_all()
        self.assertEqual(self._books(member), {"101300": -32})
        self.assertEqual(entry.state, "posted")


@governance_tagged
@freeze_time("2026-03-15")
class TestSurplusByForm(GovernanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Surplus = cls.env["cae.surplus"].with_user(cls.accountant)

    def _surplus(self, **vals):
        return self.Surplus.create(
            {
                "date_end": "2025-12-31",
                "surplus": 1234.56,
                "legal_reserve": 0,
                "highest_capital": 5000,
                **vals,
            }
        )

    def _amounts(self, surplus):
        names = ("legal", "fund", "work", "interest")
        return tuple(round(surplus[f"{name}_amount"], 2) for name in names)

    def test_a_scop_by_hand(self):
        surplus = self._surplus(work_rate=45, interest_rate=10)
        # 185.184, 555.552, 123.456; the fund takes the rest.
        self.assertEqual(self._amounts(surplus), (185.18, 370.37, 555.55, 123.46))
        self.assertFalse(surplus.findings)
        surplus.work_rate = 24.99
        self.assertIn("CAE-SURPLUS-WORK", surplus.findings)

    def test_a_scic_shares_no_part_of_work_and_keeps_57_50_percent(self):
        """15 % to the legal reserve, then half of the rest (loi 47-1775, 19 nonies)."""
        scic = self.env.ref("cae_governance.rule_set_scic")
        scic.copy(
            {
                "company_id": self.company.id,
                "date_from": "2020-01-01",
                "standard_id": scic.id,
            }
        )
        surplus = self._surplus(work_rate=0, interest_rate=42.5)
        self.assertEqual(self._amounts(surplus), (185.18, 524.69, 0, 524.69))
        self.assertFalse(surplus.findings)
        surplus.interest_rate = 43
        self.assertIn("CAE-SURPLUS-FUND", surplus.findings)
        surplus.write({"interest_rate": 0, "legal_rate": 10})
        self.assertIn("CAE-SURPLUS-LEGAL", surplus.findings)

    def test_a_surplus_is_decided_after_its_year(self):
        surplus = self._surplus(work_rate=0, interest_rate=0)
        for day in ("nonsense", "2025-12-31", "2026-03-16", 7):
            with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-DATE: "):
                surplus.action_decide(day)

    def test_what_is_no_number_is_refused(self):
        for call in (
            lambda: self._surplus(surplus=float("nan")),
            lambda: self.kind.copy({"code": "N", "value": float("nan")}),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-VALUE: "):
                call()
