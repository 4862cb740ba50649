from datetime import date

from odoo import Command

from .common import cae_tagged
from .contribution_common import ContributionCommon


@cae_tagged
class TestContributionPeers(ContributionCommon):
    """The rules that CAEs publish, run on real documents; the arithmetic is by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        everything = cls.env["cae.contribution.scheme"].with_context(active_test=False)
        cls.peers = {s.code: s for s in everything.search([("active", "=", False)])}

    def _use(self, code):
        self.one.scheme_id = self.peers[code]

    def _charged(self, month, *codes):
        """What the rules charged in a month of 2026, in the order of their codes."""
        lines = self._lines(("month", "=", f"2026-{month}-01"))
        totals = dict.fromkeys(codes, 0.0)
        for line in lines:
            totals[line.rule_id.code] += line.amount
        return [round(totals[code], 2) for code in codes]

    def test_models_wait_archived_and_without_company(self):
        self.assertEqual(
            set(self.peers),
            {
                *("ASTROLABE", "CAPSERVICES", "COODYSSEE", "COOPANAME", "ENCOM1"),
                *("MONTAGNE", "MOSAIQUE", "OPTEOS", "TUMUKUMAKOP"),
            },
        )
        for scheme in self.peers.values():
            self.assertFalse(scheme.company_id)
            self.assertTrue(scheme.note, scheme.code)
            self.assertTrue(scheme._engine_rules())

    def test_coopaname(self):
        """30 a month, and 13.5 % of sales less purchases and costs of missions."""
        self._use("COOPANAME")
        self._sell(self.one, 3000, "2026-01-10")
        self._buy(self.one, 500, "2026-01-11")
        self._entry([("625", 200, self.one), ("401", -200, self.one)], "2026-01-20")
        self._sell(self.one, 1000, "2026-02-10")
        self._buy(self.one, 1200, "2026-02-11")
        fixed = self.peers["COOPANAME"].rule_ids.filtered(
            lambda rule: rule.code == "FORFAIT"
        )
        self._term(rule_id=fixed.id, reason="RSA", date_from="2026-02-01")
        self._run("2026-02")
        # 3 000 − 500 − 200 = 2 300 × 13.5 % = 310.50; 2 100 to date = 283.50
        self.assertEqual(self._charged("01", "MARGE", "FORFAIT"), [310.5, 30])
        self.assertEqual(self._charged("02", "MARGE", "FORFAIT"), [-27, 0])

    def test_mosaique(self):
        """12 % of the month's margin, 40 a month at least, 8 400 a year at most."""
        self._use("MOSAIQUE")
        months = ((300, 100), (5500, 500), (60000, 0), (10000, 0), (9000, 0))
        for number, (sold, bought) in enumerate(months, start=1):
            self._sell(self.one, sold, f"2026-{number:02}-10")
            if bought:
                self._buy(self.one, bought, f"2026-{number:02}-11")
        self._run("2026-05")
        # 200 → 24 → 40; 5 000 → 600; 7 200 (7 840 so far); 1 200 → 560; nothing left
        found = [self._charged(f"{n:02}", "MARGE")[0] for n in range(1, 6)]
        self.assertEqual(found, [40, 600, 7200, 560, 0])

    def test_encom1(self):
        """10 % of what is collected, 8 % above 35 000, 6 % above 45 000; 16 + 3."""
        self._use("ENCOM1")
        for month, amount in (("01", 34000), ("02", 5000), ("03", 10000)):
            invoice = self._sell(self.one, amount, "2026-01-05")
            self._pay(invoice, amount, f"2026-{month}-20")
        self._sell(self.one, 700, "2026-03-25")  # never paid
        self._run("2026-03")
        codes = ("ENCAISSE", "ASSURANCE", "AT")
        # 3 400; 3 500 + 8 % of 4 000 = 3 820; 3 500 + 800 + 6 % of 4 000 = 4 540
        self.assertEqual(self._charged("01", *codes), [3400, 16, 3])
        self.assertEqual(self._charged("02", *codes), [420, 16, 3])
        self.assertEqual(self._charged("03", *codes), [720, 16, 3])

    def test_opteos(self):
        """A margin of 3 805 leaves 3 367, the cost of 2 560 gross (its own table)."""
        self._use("OPTEOS")
        self._sell(self.one, 4005, "2026-01-10")
        self._buy(self.one, 200, "2026-01-11")
        self._run("2026-01")
        # 3 805 × 11.5 % = 437.575
        self.assertEqual(self._charged("01", "MARGE"), [437.58])

    def test_coodyssee(self):
        """22 000 leaves 19 360."""
        self._use("COODYSSEE")
        self._sell(self.one, 12000, "2026-01-10")
        self._sell(self.one, 10000, "2026-02-10")
        self._run("2026-02")
        self.assertEqual(self._charged("01", "CA"), [1440])
        self.assertEqual(self._charged("02", "CA"), [1200])

    def test_cap_services(self):
        """10 % of services; goods resold and their discounts do not count."""
        self._use("CAPSERVICES")
        self._sell(self.one, 3000, "2026-01-10")
        self._entry(
            [
                ("411", 1900, self.one),
                ("7097", 100, self.one),
                ("707", -2000, self.one),
            ],
            "2026-01-11",
            journal=self.company_data["default_journal_sale"],
        )
        self._entry(
            [("411", -50, self.one), ("7096", 50, self.one)],
            "2026-01-12",
            journal=self.company_data["default_journal_sale"],
        )
        self._run("2026-01")
        # 10 % of 3 000 − 50
        self.assertEqual(self._charged("01", "CA"), [295])

    def test_tumukumakop(self):
        """10 % of the margin after six months: opened on 15 March, from September."""
        self._use("TUMUKUMAKOP")
        self.one.date_start = "2026-03-15"
        for month, sold in (("03", 500), ("08", 500), ("09", 1000), ("10", 2000)):
            self._sell(self.one, sold, f"2026-{month}-20")
        self._buy(self.one, 500, "2026-10-21")
        self._run("2026-10")
        # 1 000 → 100; 1 500 → 150
        found = [self._charged(f"{n:02}", "MARGE")[0] for n in range(3, 11)]
        self.assertEqual(found, [0] * 6 + [100, 150])
        line = self._lines(("month", "=", "2026-03-01"))
        self.assertIn("First months of the activity, free", line.explanation_text)

    def test_la_montagne(self):
        self._use("MONTAGNE")
        self._sell(self.one, 1234.56, "2026-01-10")
        self._run("2026-01")
        # 123.456
        self.assertEqual(self._charged("01", "CA"), [123.46])

    def test_astrolabe(self):
        """11, 10, 9 %; at least 100 for each month of CAPE, 180 of CESA."""
        self._use("ASTROLABE")
        self._under_contract("cape", "2025-06-01", "2026-02-28")
        self._under_contract("cesa", "2026-03-01", False)
        self._sell(self.one, 1000, "2026-01-10")
        self._sell(self.one, 89000, "2026-04-10")
        self._run("2026-04")
        # 110; at least 200 → 90; at least 380 → 180; 4 400 + 4 000 + 900 less 380
        found = [self._charged(f"{n:02}", "TRANCHES")[0] for n in range(1, 5)]
        self.assertEqual(found, [110, 90, 180, 8920])

    def _under_contract(self, kind, start, end):
        holder = self.one.share_ids.entrepreneur_id
        if not holder:
            holder = self.env["cae.entrepreneur"].create(
                {
                    "code": "E1",
                    "first_name": "Ana",
                    "last_name": "B",
                    "date_entry": "2025-01-01",
                }
            )
            share = {"entrepreneur_id": holder.id, "date_start": date(2025, 1, 1)}
            self.one.share_ids = [Command.create(share)]
        self.env["cae.contract"].create(
            {
                "entrepreneur_id": holder.id,
                "kind": kind,
                "date_start": start,
                "date_end": end,
            }
        )
