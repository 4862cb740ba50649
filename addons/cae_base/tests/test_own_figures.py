"""What the pages say against what an accountant computes by hand, to the cent."""

from decimal import Decimal

from odoo.tests import freeze_time

from .common import cae_tagged
from .test_own_entry import OwnEntryCommon
from .test_purchases import PurchaseCommon


@cae_tagged
@freeze_time("2026-03-20")
class TestOwnFigures(OwnEntryCommon):
    def parts(self, move):
        """``{user: {account: balance}}`` as the pages of T1 and T3 say."""
        result = {}
        for user in ("ines", "yann"):
            found = {}
            for line in self.behind(move, user).get("lines", ()):
                key = line.code[:3]
                found[key] = found.get(key, Decimal(0)) + line.balance
            result[user] = found
        return result

    def assertParts(self, move, ines, yann):
        def cents(parts):
            return {code: Decimal(amount) for code, amount in parts.items()}

        found = self.parts(move)
        self.assertEqual(found, {"ines": cents(ines), "yann": cents(yann)})
        for parts in found.values():
            self.assertEqual(sum(parts.values()), 0)
        # Together they are the entry, account by account.
        whole = {}
        for line in move.line_ids:
            code = line.account_id.code[:3]
            whole[code] = whole.get(code, 0) + Decimal(f"{line.balance:.2f}")
        both = {}
        for parts in found.values():
            for code, amount in parts.items():
                both[code] = both.get(code, 0) + amount
        self.assertEqual(both, {code: sum_ for code, sum_ in whole.items() if sum_})

    def test_a_mixed_invoice_its_payments_and_its_credit_note(self):
        # 10.03 and 20.04 with 20 %: VAT 6.014 = 6.01. Shares 2.00399 and 4.00600: the
        # cent goes to the larger remainder, that of the first: 2.0039… > 4.0060….
        lines = [(self.one, 10.03, self.vat_goods), (self.three, 20.04, self.vat_goods)]
        invoice = self._document(lines, "2026-03-09")
        self.assertEqual((invoice.amount_tax, invoice.amount_total), (6.01, 36.08))
        self.assertParts(
            invoice,
            {"706": "-10.03", "445": "-2.00", "411": "12.03"},
            {"706": "-20.04", "445": "-4.01", "411": "24.05"},
        )
        # 10.00 of 36.08: 3.33425 and 6.66574.
        first = self._pay(invoice, amount=10, day="2026-03-12").move_id
        self.assertParts(
            first, {"411": "-3.33", "512": "3.33"}, {"411": "-6.67", "512": "6.67"}
        )
        # What is left: 8.70 and 17.38, whole.
        last = self._pay(invoice, day="2026-03-13").move_id
        self.assertParts(
            last, {"411": "-8.70", "512": "8.70"}, {"411": "-17.38", "512": "17.38"}
        )

    def test_the_credit_note_takes_back_what_the_invoice_gave(self):
        lines = [(self.one, 10.03, self.vat_goods), (self.three, 20.04, self.vat_goods)]
        invoice = self._document(lines, "2026-03-09")
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": "2026-03-14"})
        )
        note = self.env["account.move"].browse(wizard.reverse_moves()["res_id"])
        note.action_post()
        given, taken = self.parts(invoice), self.parts(note)
        for user, parts in given.items():
            self.assertTrue(parts)
            back = {code: -amount for code, amount in parts.items()}
            self.assertEqual(taken[user], back, user)


@cae_tagged
@freeze_time("2026-12-20")
class TestMileageFigures(PurchaseCommon):
    def test_the_year_is_the_scale_of_its_kilometres(self):
        """Car of 5 CV: 0.636 to 5 000 km, 0.357 + 1 395 to 20 000, 0.427 above."""
        self.env["cae.mileage.scale"].search([("power_from", "=", 5)])
        due = {
            "4999.9": "3179.94", "5000": "3180.00", "5000.1": "3180.04",
            "9000": "4608.00", "12345.6": "5802.38", "16000": "7107.00",
            "20000": "8535.00", "21000": "8967.00",
        }  # fmt: skip
        claims = self.env["hr.expense"]
        before = Decimal(0)
        days = (
            "2026-11-02",
            "2026-02-03",
            "2026-12-01",
            "2026-01-05",
            "2026-06-06",
            "2026-07-07",
            "2026-03-04",
            "2026-12-20",
        )
        for day, (total, amount) in zip(days, due.items(), strict=True):
            step = Decimal(total) - before
            given = self.given(
                "mileage", distance=f"{step}".replace(".", ","), date=day
            )
            desk = self.desk()
            buyer = desk._buyer()
            shown, _words = desk._documents("mileage", buyer)._cae_estimate(
                buyer, given
            )
            claim = self.declare("mileage", distance=given["distance"], date=day)
            self.assertEqual(Decimal(f"{claim.total_amount:.2f}"), shown)
            claim.with_user(self.user)._do_approve()
            self.assertEqual(Decimal(f"{claim.total_amount:.2f}"), shown)
            claims |= claim
            paid = Decimal(f"{sum(claims.mapped('total_amount')):.2f}")
            self.assertEqual(paid, Decimal(amount), total)
            before = Decimal(total)

    def test_claims_that_wait_settle_to_the_scale_together(self):
        claims = self.env["hr.expense"]
        for day, distance in (
            ("2026-09-01", "4000"),
            ("2026-03-01", "3000"),
            ("2026-05-05", "2000,5"),
        ):
            claims |= self.declare("mileage", distance=distance, date=day)
        claims.with_user(self.user)._do_approve()
        # 9 000.5 km × 0.357 + 1 395
        self.assertAlmostEqual(sum(claims.mapped("total_amount")), 4608.18, 2)
