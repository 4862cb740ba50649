from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .common import GovernanceCommon, governance_tagged


@governance_tagged
@freeze_time("2026-12-31")
class TestShareInterest(GovernanceCommon):
    """What is paid after its term bears interest, booked and paid once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._member("Yann", 200)
        cls.ines = cls._member("Inès", 100)
        cls.Rate = cls.env["cae.interest.rate"].with_user(cls.secretary)
        cls.Rate.create(
            [
                {"date_from": "2026-01-01", "rate": 4},
                {"date_from": "2026-07-01", "rate": 8},
            ]
        )

    def _accepted(self, years=0, **vals):
        request = (
            self.env["cae.share.redemption"]
            .with_user(self.secretary)
            .create(
                {
                    "member_id": self.ines.id,
                    "share_kind_id": self.kind.id,
                    "quantity": 50,
                    "date_request": "2026-02-01",
                    "years": years,
                    **vals,
                }
            )
        )
        request.action_accept("2026-02-10")
        return request

    def _pay(self, request, day="2026-12-31"):
        wizard = request.env["cae.share.payment"].create(
            {
                "redemption_ids": [(6, 0, request.ids)],
                "date": day,
                "bank": str(self.bank.id),
            }
        )
        due = wizard.interest
        wizard.action_pay()
        return due

    def test_interest_from_the_term_is_booked_and_paid(self):
        request = self._accepted()
        # 800 €, from 10 February: 140 days at 4 %, 184 at 8 %.
        self.assertEqual(request.interest_due, 44.54)
        self.assertEqual(self._pay(request), 44.54)
        self.assertEqual((request.residual, request.interest_due), (0, 0))
        [move] = request.sudo().interest_move_ids
        self.assertEqual(
            {i.account_id.code: i.balance for i in move.line_ids},
            {"661880": 44.54, "456700": -44.54},
        )
        payments = self.env["account.payment"].search(
            [("partner_id", "=", self.ines.sudo().partner_id.id)]
        )
        self.assertIn(844.54, payments.mapped("amount"))
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-PAID: "):
            self._pay(request)
        self.assertEqual(len(request.sudo().interest_move_ids), 1)
        self.assertInvariant()

    def test_within_the_term_nothing_is_owed(self):
        request = self._accepted(years=5)
        self.assertEqual(request.interest_due, 0)
        self.assertEqual(self._pay(request), 0)
        self.assertFalse(request.sudo().interest_move_ids)
        self.assertEqual(request.residual, 0)

    def test_statutes_say_from_when_and_how_much(self):
        request = self._accepted(years=5)
        self.company.cae_interest_from = "redemption"
        request.invalidate_recordset(["interest_due"])
        self.assertEqual(request.interest_due, 44.54)
        request.interest_rate = 10
        request.invalidate_recordset(["interest_due"])
        # 324 days at 10 %.
        self.assertEqual(request.interest_due, 71.01)
        self.company.cae_interest_from = "never"
        request.invalidate_recordset(["interest_due"])
        self.assertEqual(request.interest_due, 0)

    def test_rates_are_dated_and_of_one_company(self):
        self.assertEqual(len(self.Rate._rates_of(self.company)), 2)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.env["cae.interest.rate"].create(
            {"date_from": "2026-01-01", "rate": 50, "company_id": other.id}
        )
        self.assertNotIn(foreign, self.Rate.search([]))
        self.assertFalse(self.Rate.with_user(self.accountant).has_access("write"))

    def test_the_subscription_has_its_form(self):
        movement = self.ines.movement_ids[-1:]
        page = movement._html()
        for words in ("Inès", "100 shares", movement.name, "two copies"):
            self.assertIn(words, page)
        self.assertNotIn("retention", page)
        person = self._person("GX9", "Sol")
        self.ines.sudo()._cae_own().write(
            {"partner_id": person.partner_id.id, "entrepreneur_id": person.id}
        )
        self.company.write({"cae_retention_rate": 2, "cae_retention_target": 576})
        self.assertIn("retention of 2.0 %", movement._html())

    def test_other_movements_have_no_form(self):
        request = self._accepted()
        with self.assertRaisesRegex(UserError, "^CAE-SHARE-FORM: "):
            request.movement_ids._html()
