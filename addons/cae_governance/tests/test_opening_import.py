from odoo.tests import freeze_time

from .common import governance_tagged
from .test_register_import import RegisterImportCommon


@governance_tagged
@freeze_time("2026-03-15")
class TestOpeningImport(RegisterImportCommon):
    """The books' opening brings the capital, the register whose it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Opening = cls.env["cae.exchange"].with_user(cls.accountant)
        cls.activity = cls.activities[0]

    def _side(self, account, debit="", credit=""):
        return {
            "activite": self.activity.code,
            "date": "2026-01-01",
            "compte": account,
            "debit": debit,
            "credit": credit,
        }

    def _capital(self):
        """160 € of capital, of which 64 € are not paid yet."""
        return [
            self._side("512", debit="96,00"),
            self._side("456250", debit="64,00"),
            self._side("1012", credit="64,00"),
            self._side("1013", credit="96,00"),
        ]

    def test_the_opening_is_loaded_once_and_may_be_reversed(self):
        rows = self._capital()
        result = self.Opening.load("opening", rows)
        self.assertEqual((result["created"], result["errors"]), (1, []))
        self.assertEqual(self.Opening.load("opening", rows)["unchanged"], 1)
        move = self.env["account.move"].search(
            [("cae_opening", "=", True), ("company_id", "=", self.company.id)]
        )
        self.assertFalse(move.cae_capital)
        move._reverse_moves(cancel=True)
        self.assertEqual(self.Opening.load("opening", rows)["created"], 1)
        self.assertInvariant()

    def test_the_register_lives_on_after_the_opening(self):
        self.Opening.load("opening", self._capital())
        self._load(self._ines(), self._total("10", "160"))
        member = self.Member.search([("code", "=", "M9001")])
        books = self._books()
        # What is in the opening belongs to no member: nothing is moved for it.
        self.assertEqual((member.share_count, member.share_unpaid), (10, 0))
        self.assertFalse(self.Member._book_paid(self.company, member.date_member))
        self.Member._subscribe_retained(self.company, member.date_member)
        self.assertEqual(self._books(), books)
        self._subscribe(member, 2)
        self._pay_shares(member, 32)
        self.assertEqual(self._books(member), {"101300": -32})
        request = self.env["cae.share.redemption"].create(
            {
                "member_id": member.id,
                "share_kind_id": self.kind.id,
                "quantity": 4,
                "date_request": "2026-02-01",
            }
        )
        request.with_user(self.secretary).action_accept("2026-02-10")
        self.assertEqual(self._books(member), {"101300": 32, "456700": -64})
        self.assertEqual(member.share_count, 8)
        self.assertInvariant()
