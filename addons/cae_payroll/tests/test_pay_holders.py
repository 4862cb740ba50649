from datetime import date

from .common import JANUARY, PayCommon, pay_tagged

FEBRUARY, APRIL = date(2026, 2, 1), date(2026, 4, 1)


@pay_tagged
class TestPayHolders(PayCommon):
    """Carol (60 %) and Bob (40 %) run an activity: who waits finds the own part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.contract_ids.unlink()
        cls._contract(cls.carol, 0)
        cls.contract = cls._contract(cls.bob, 0)
        cls._hold(cls.first, carol=60, bob=40)
        cls._fund(cls.first, 10000)

    def _available(self, month):
        lines = [self._line(person, month) for person in (self.carol, self.bob)]
        return [(line.available, line.committed) for line in lines]

    def test_who_waited_finds_the_own_part(self):
        """10 000.00: Bob may draw 4 000.00 in all, Carol 6 000.00 whenever she asks."""
        for month in ("2026-01", "2026-02", "2026-03"):
            self._ask(self.bob, "max", month=f"{month}-01")
            self._run(month)
        drawn = sum(self.Line.search([("state", "=", "posted")]).mapped("cost"))
        self.assertLessEqual(drawn, 4000)
        self.assertGreater(drawn, 3999.9)
        self._ask(self.carol, "max", month="2026-04-01")
        self._run("2026-04")
        line = self._line(self.carol, APRIL)
        self.assertEqual((line.available, line.committed), (6000, 0))
        self.assertLessEqual(line.cost, 6000)
        self.assertGreater(line.cost, 5999.5)
        self.assertAlmostEqual(self._line(self.bob, APRIL).available, 4000 - drawn, 2)

    def test_who_drew_too_much_has_less_than_nothing(self):
        """Bob's 3 000.00 cost 4 023.48 of 4 000.00: −23.48, and an overdraft."""
        self.contract.fixed_part = 3000
        self._run()
        line = self._line(self.bob)
        self.assertIn("CAE-PAY-OVERDRAFT", line.flags)
        line.action_approve()
        self._run()
        self._run("2026-02")
        self.assertEqual(self._available(FEBRUARY), [(6000, 0), (-23.48, 0)])
        self.assertIn("CAE-PAY-OVERDRAFT", self._line(self.bob, FEBRUARY).flags)

    def test_own_pay_that_waits_commits_nobody_else(self):
        self.contract.fixed_part = 3000
        self._run()
        self._run("2026-02")
        self.assertEqual(self._available(FEBRUARY), [(6000, 0), (4000, 4023.48)])

    def test_own_pay_of_later_months_commits_nobody_else(self):
        """Bob is paid 3 000.00 in February, before January is run."""
        self._fund(self.first, 10000)
        self.contract.fixed_part = 3000
        self._run("2026-02")
        self._run()
        self.assertEqual(self._available(JANUARY), [(12000, 0), (8000, 4023.48)])

    def test_a_true_payslip_is_borne_by_its_person(self):
        """It costs 4 030.00 instead of 4 023.48."""
        self._fund(self.first, 10000)
        self.contract.fixed_part, self.bob.matricule = 3000, "12"
        self._run()
        exchange = self.env["cae.payroll.exchange"].with_company(self.company)
        row = {
            "matricule": "12", "brut": "3000,00", "cout": "4030,00", "net": "2370,00",
            "431": "1400,00", "437": "260,00",
        }  # fmt: skip
        self.assertEqual(exchange.load_payslips("2026-01", [row])["errors"], [])
        self._run("2026-02")
        self.assertEqual(self._available(FEBRUARY), [(12000, 0), (3970, 0)])

    def test_new_shares_share_what_is_there(self):
        """Carol alone draws 4 023.48; then 5 976.52 are shared by halves."""
        self.first.share_ids.unlink()
        self._hold(self.first, carol=100)
        self._ask(self.carol, "gross", 3000)
        self._run()
        self.first.share_ids = [
            (1, self.first.share_ids.id, {"date_end": "2026-01-31"}),
            *(
                (
                    0,
                    0,
                    {
                        "entrepreneur_id": person.id,
                        "share": 50,
                        "date_start": "2026-02-01",
                    },
                )
                for person in (self.carol, self.bob)
            ),
        ]
        self._run("2026-02")
        self.assertEqual(self._available(FEBRUARY), [(2988.26, 0), (2988.26, 0)])

    def test_pay_of_the_year_before_counts_until_it_is_settled(self):
        """What Bob drew in December is of his 40 % of all there was."""
        self.contract.fixed_part = 1000
        self._fund(self.first, 1039.86, "2025-12-15")
        self._run("2025-12")
        paid = self._line(self.bob, date(2025, 12, 1))
        if paid.state == "draft":
            paid.action_approve()
            self._run("2025-12")
        self.contract.fixed_part = 0
        whole = 10000 + 1039.86
        self._run()
        [carol, bob] = self._available(JANUARY)
        self.assertAlmostEqual(carol[0], whole * 0.6, 2)
        self.assertAlmostEqual(bob[0], whole * 0.4 - paid.cost, 2)

    def _settle(self, **amounts):
        """Settlements of 2025: ``carol=(state, cost, carried)``."""
        year = self.env["cae.year"].create(
            {"company_id": self.company.id, "date_to": "2025-12-31"}
        )
        settlements = self.env["cae.settlement"].sudo()._paying()
        for name, (state, cost, carried) in amounts.items():
            share = {"activity_id": self.first.id, "cost": cost, "carried": carried}
            settlements.create(
                {
                    "entrepreneur_id": getattr(self, name).id,
                    "year_id": year.id,
                    "state": state,
                    "month": "2026-06-01",
                    "share_ids": [(0, 0, share)],
                }
            )

    def test_a_balance_that_waits_is_its_persons(self):
        """6 000.00 of the 10 000.00 are Carol's balance: 4 000.00 are shared."""
        self._settle(carol=("computed", 6000, 0), bob=("computed", 0, 0))
        self._run()
        self.assertEqual(self._available(JANUARY), [(8400, 6000), (1600, 0)])

    def test_what_a_settlement_carried_is_its_persons(self):
        """The balance is paid; it carried −500.00 of Bob's, and 300.00 of Carol's."""
        self._settle(carol=("posted", 6000, 300), bob=("posted", 0, -500))
        self._run()
        # 10 200.00 are shared: 6 120.00 + 300.00, 4 080.00 − 500.00.
        self.assertEqual(self._available(JANUARY), [(6420, 0), (3580, 0)])
