import base64
from datetime import date

from odoo.exceptions import UserError

from .common import JANUARY, PayCommon, pay_tagged

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
NOTHING = {"lines": 0, "cost": 0.0, "gross": 0.0}


@pay_tagged
class TestPayZero(PayCommon):
    """Months of wages without pay, and months that end below zero."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls.alice.contract_ids
        cls.contract.fixed_part = 0
        cls._hold(cls.first, alice=100)
        cls._fund(cls.first, 60000, "2026-01-01")

    def _asked(self, month, gross):
        self._ask(self.alice, "gross", gross, month)
        self._run(f"{month:%Y-%m}")
        return self._line(self.alice, month)

    def assertUnderTheCeilings(self, line):
        """3 000.00 and 6 000.00 are under 3 × 4 005.00: no T2 and no CET."""
        bases = {row["code"]: row["base"] for row in line.detail}
        self.assertEqual((line.gross, bases["SS_VIEIL_PLAF"]), (6000, 6000))
        self.assertNotIn("CET", bases)
        booked = self.env["cae.pay.run"]._booked(
            self.company, date(2026, 4, 1), self.alice.ids
        )
        [total] = booked.own[self.alice.id].values()
        self.assertEqual((total.gross, total.ceiling), (9000, 12015))

    # ------------------------------------------------------------------
    # The ceiling of a month without pay
    # ------------------------------------------------------------------

    def test_a_month_of_zero_counts_its_ceiling(self):
        self._asked(JANUARY, 3000)
        self.assertEqual(self._run("2026-02")["pay"], {**NOTHING, "lines": 1})
        self.assertUnderTheCeilings(self._asked(MARCH, 6000))

    def test_a_month_that_waits_or_is_refused_counts_its_ceiling(self):
        self._asked(JANUARY, 3000)
        self.company.cae_pay_approval = "all"
        line = self._asked(FEBRUARY, 500)
        self.assertEqual(line.state, "draft")
        waiting = self._asked(MARCH, 6000)
        self.assertEqual(waiting.state, "draft")
        line.action_refuse("Not now")
        waiting.action_draft()
        waiting.action_approve()
        self._run("2026-03")
        self.assertUnderTheCeilings(waiting)

    def test_a_month_that_is_undone_counts_its_ceiling(self):
        self._asked(JANUARY, 3000)
        self._asked(FEBRUARY, 500).action_undo("Mistake")
        self.assertUnderTheCeilings(self._asked(MARCH, 6000))

    def test_no_ceiling_after_the_contract(self):
        self._asked(JANUARY, 3000)
        self._asked(FEBRUARY, 500).action_undo("The contract had ended")
        self.contract.date_end = "2026-01-31"
        booked = self.env["cae.pay.run"]._booked(self.company, MARCH, self.alice.ids)
        [total] = booked.own[self.alice.id].values()
        self.assertEqual(total.ceiling, 4005)

    # ------------------------------------------------------------------
    # The line of zero
    # ------------------------------------------------------------------

    def test_it_is_posted_without_entry_and_findings(self):
        self.company.cae_pay_approval = "all"
        self.assertEqual(self._run()["pay"], {**NOTHING, "lines": 1})
        line = self._line(self.alice)
        self.assertRecordValues(
            line, [{"state": "posted", "gross": 0, "cost": 0, "net": 0, "flags": ""}]
        )
        self.assertFalse(line.move_id)
        self.assertEqual(self._run()["pay"], NOTHING)

    def test_it_is_open_to_a_request(self):
        self._run()
        line = self._line(self.alice)
        request = self._ask(self.alice, "gross", 3000)
        self.assertEqual(
            self._run()["pay"], {"lines": 1, "cost": 4023.48, "gross": 3000.0}
        )
        self.assertEqual(self._line(self.alice), line)
        self.assertEqual((line.state, request.state), ("posted", "done"))
        self.assertTrue(line.move_id)
        self.assertInvariant()

    def test_it_is_left_out_of_the_files(self):
        self._contract(self.bob, 1000)
        self.alice.matricule, self.bob.matricule = "0042", "12"
        self._hold(self.second, bob=100)
        self._fund(self.second, 5000, "2026-01-01")
        self._run()
        exchange = self.env["cae.payroll.exchange"].with_company(self.company)
        found = exchange.export_elements("2026-01", "generic")
        text = base64.b64decode(found["content_base64"]).decode("utf-8-sig")
        self.assertEqual(found["rows"], 1)
        self.assertNotIn("0042", text)

    # ------------------------------------------------------------------
    # Below zero
    # ------------------------------------------------------------------

    def test_a_net_below_zero_waits(self):
        """A premium of 60.00: 30.00, and CSG and CRDS (9.7 %) on the employer's 30.00.

        It costs the other 30.00, and the forfait social of 8 %.
        """
        self.company.write(
            {
                "cae_health_total": 60,
                "cae_health_employer_share": 50,
                "cae_pay_overdraft_limit": 1000,
            }
        )
        self._run()
        line = self._line(self.alice)
        self.assertRecordValues(
            line,
            [{"state": "draft", "net": -32.91, "cost": 32.4, "flags": "CAE-PAY-NET"}],
        )
        self.assertEqual(line.flag_text, "net below zero")
        line.action_approve()
        self._run()
        self.assertEqual((line.state, line.to_pay), ("posted", 0))
        self.assertEqual(line.paid_state, "recover")
        find = self.Line.search
        self.assertEqual(find([("paid_state", "=", "recover")]), line)
        self.assertFalse(find([("paid_state", "in", ("open", "partly", "paid"))]))
        self._recover(line)

    def _recover(self, line):
        """1 000.00 of February: what January lacks is taken from its transfer."""
        self.env["res.partner.bank"].create(
            {
                "partner_id": self.alice.partner_id.id,
                "acc_number": "FR7630006000011234567890189",
                "allow_out_payment": True,
            }
        )
        lines = line | self._asked(FEBRUARY, 1000)
        paid = lines._pay_by_transfer(date(2026, 3, 5), self.bank)
        self.assertAlmostEqual(paid.amount, sum(lines.mapped("net")), 2)
        self.assertEqual(lines.mapped("paid_state"), ["paid", "paid"])

    # ------------------------------------------------------------------
    # Out of turn
    # ------------------------------------------------------------------

    def test_what_a_later_month_has_overtaken_is_computed_again(self):
        self.company.cae_pay_approval = "all"
        january = self._asked(JANUARY, 1000)
        self.company.cae_pay_approval = "overdraft"
        february = self._asked(FEBRUARY, 6000)
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STALE: "):
            january.action_approve()
        january.action_draft()
        january.action_approve()
        self._run()
        self.assertEqual((january.state, february.state), ("posted", "posted"))
        # Both together are what the year owes, as in the order of the months.
        total = sum((january | february).mapped("general_reduction"))
        for line in january, february:
            line.action_undo("In order")
        for month in (JANUARY, FEBRUARY):
            self._run(f"{month:%Y-%m}")
        lines = self._line(self.alice, JANUARY) | self._line(self.alice, FEBRUARY)
        self.assertEqual(lines.mapped("gross"), [1000, 6000])
        self.assertAlmostEqual(
            sum(lines.mapped("general_reduction")), total, delta=0.01
        )
