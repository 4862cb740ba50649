import json

from odoo import Command

from .common import CaeCommon, cae_tagged


@cae_tagged
class TestSources(CaeCommon):
    """What else an accountant books, with plain Odoo: each activity gets its part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, _third = cls.activities

    def _wizard(self, lines, **vals):
        wizard = self.env["account.automatic.entry.wizard"].with_context(
            active_model="account.move.line", active_ids=lines.ids
        )
        wizard = wizard.create(
            {"journal_id": self.company_data["default_journal_misc"].id, **vals}
        )
        return wizard.do_action()

    def _product_lines(self, lines, **vals):
        """A document of the first activity; a line is (label, account, amount, tax)."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-01-10",
                "date": "2026-01-10",
                "cae_activity_id": self.first.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": name,
                            "quantity": 1,
                            "price_unit": amount,
                            "account_id": self._account(account).id,
                            "tax_ids": [Command.set(tax.ids if tax else [])],
                        }
                    )
                    for name, account, amount, tax in lines
                ],
                **vals,
            }
        )
        move._post(soft=False)
        return move

    def _row(self, prefix, activity=None):
        """Balance of the accounts that start with a prefix, of one activity."""
        code = (activity or self.first).code
        rows = self._balances().get(code, {})
        return round(sum(v for k, v in rows.items() if k.startswith(prefix)), 2)

    # Works -------------------------------------------------------------------

    def test_retention_money_waits_on_4117_until_it_is_paid(self):
        move = self._document(
            [(self.first, 700, self.vat_services), (self.second, 300, None)]
        )
        term = move.line_ids.filtered(lambda ln: ln.display_type == "payment_term")
        entry = self._entry([("4117", 57, None), ("411", -57, None)])
        retained = entry.line_ids[0].account_id
        entry.line_ids[1].account_id = term.account_id
        # Nobody tags it: it follows the invoice that it is matched with.
        (term | entry.line_ids[1]).reconcile()
        # 5 % of 1 140.00, shared as the invoice is: 840.00 and 300.00.
        self.assertEqual(self._row("4117"), 42)
        self.assertEqual(self._row("4117", self.second), 15)
        self.assertInvariant()
        self._pay(move)
        self.assertEqual(self._row("411"), 42)
        self.assertEqual(self._row("411", self.second), 15)
        release = self.env["account.move.line"].search(
            [("account_id", "=", retained.id), ("balance", ">", 0)]
        )
        line = self._statement_line(57, "2026-12-20")
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = retained
        (suspense | release).reconcile()
        self.assertEqual(self._row("411"), 0)
        self.assertEqual(self._row("411", self.second), 0)
        self.assertInvariant()

    def test_deposit_is_taken_from_the_final_invoice(self):
        deposit = [("Deposit", "4191", 300, self.vat_goods)]
        self._product_lines(deposit)
        self.assertEqual(self._row("4191"), -300)
        self.assertEqual(self._row("70"), 0)
        final = [("Works", "706", 1000, self.vat_goods)]
        final.append(("Deposit", "4191", -300, self.vat_goods))
        self._product_lines(final, invoice_date="2026-02-10", date="2026-02-10")
        self.assertEqual(self._row("4191"), 0)
        self.assertEqual(self._row("70"), -1000)
        self.assertEqual(self._row("445"), -200)
        self.assertEqual(self._row("411"), 1200)
        self.assertInvariant()

    def test_progress_invoice_is_what_is_done_less_what_was_invoiced(self):
        situations = [[400], [750, -400], [1000, -750]]
        for month, amounts in enumerate(situations, 1):
            day = f"2026-0{month}-28"
            lines = [("Situation", "704", amount, self.vat_goods) for amount in amounts]
            self._product_lines(lines, invoice_date=day, date=day)
        self.assertEqual(self._row("704"), -1000)
        self.assertEqual(self._row("411"), 1200)
        self.assertInvariant()

    def test_reverse_charge_on_subcontracted_works(self):
        # The chart has no tax for CGI 283-2 nonies: a copy of its European one.
        tax = self.chart.ref("tva_intra_normale_services").copy(
            {"name": "20 % autoliquidation"}
        )
        self._document(
            [(self.first, 100.03, tax), (self.second, 50.04, tax)], kind="in_invoice"
        )
        self.assertEqual(self._row("40"), -100.03)
        self.assertEqual(self._row("40", self.second), -50.04)
        due, deducted = self._row("4452"), self._row("4456")
        self.assertEqual((due, deducted), (-20.00, 20.00))
        # 30.01 in all: 20.0029 and 10.0071.
        self.assertEqual(self._row("4456", self.second), 10.01)
        self.assertInvariant()

    # Sales ---------------------------------------------------------------------

    def test_resale_on_margin(self):
        self._document([(self.first, 60, None)], kind="in_invoice")
        self._product_lines([("Second hand", "707", 120, None)])
        # VAT within the margin of 60.00: 10.00, booked each month by hand.
        self._entry([("707", 10, self.first), ("44571", -10, None)])
        self.assertEqual(self._row("707"), -110)
        self.assertEqual(self._row("44571"), -10)
        self.assertInvariant()

    def test_exempt_training(self):
        exempt = self.chart.ref("tva_sale_service_0")
        exempt.active = True
        move = self._document([(self.first, 800, exempt)])
        self.assertEqual(self._row("706"), -800)
        self.assertEqual(self._row("445"), 0)
        self._pay(move)
        self.assertEqual(self._row("411"), 0)
        self.assertInvariant()

    # Cut-off ---------------------------------------------------------------------

    def test_deferred_charge_keeps_its_activities_and_comes_back(self):
        move = self._document(
            [(self.first, 90, None), (self.second, 30, None)], kind="in_invoice"
        )
        self._wizard(
            move.invoice_line_ids,
            action="change_period",
            date="2026-02-01",
            percentage=50,
            expense_accrual_account=self._account("486").id,
        )
        january = self._balances("2026-01-31")
        self.assertEqual(january["T1"]["611000"], 45)
        self.assertEqual(january["T1"]["486000"], 45)
        self.assertEqual(january["T2"]["486000"], 15)
        later = self._balances("2026-03-31")
        self.assertEqual(later["T1"]["611000"], 90)
        self.assertEqual(later["T1"]["486000"], 0)
        self.assertInvariant()

    def test_deferred_income_keeps_its_activities(self):
        move = self._document([(self.first, 120, None), (self.second, 60, None)])
        self._wizard(
            move.invoice_line_ids,
            action="change_period",
            date="2026-02-01",
            percentage=100,
            revenue_accrual_account=self._account("487").id,
        )
        january = self._balances("2026-01-31")
        self.assertEqual(january["T1"]["706000"], 0)
        self.assertEqual(january["T1"]["487000"], -120)
        self.assertEqual(self._balances("2026-03-31")["T2"]["706000"], -60)
        self.assertInvariant()

    def test_accrued_charge_is_reversed_next_month(self):
        accrual = self._entry([("611", 80, self.first), ("4081", -80, None)])
        reversal = accrual._reverse_moves([{"date": "2026-02-01"}])
        reversal._post(soft=False)
        january = self._balances("2026-01-31")["T1"]
        self.assertEqual((january["611000"], self._row("408")), (80, 0))
        self.assertEqual(self._row("611"), 0)
        self.assertInvariant()

    # Assets, openings ----------------------------------------------------------

    def test_depreciation_typed_by_hand(self):
        self._entry([("2183", 1200, self.first), ("404", -1200, None)], "2026-01-05")
        for month in (1, 2, 3):
            day = f"2026-0{month}-28"
            self._entry([("68112", 33.33, self.first), ("2818", -33.33, None)], day)
        self.assertEqual(self._row("28"), -99.99)
        self.assertEqual(self._row("68"), 99.99)
        self.assertInvariant()

    def test_entries_imported_with_odoo_s_own_import(self):
        names = ["date", "journal_id/.id", "ref", "line_ids/account_id/.id"]
        names += ["line_ids/name", "line_ids/balance", "line_ids/analytic_distribution"]
        journal = str(self.company_data["default_journal_misc"].id)
        charge, asset = (str(self._account(p).id) for p in ("68112", "2818"))
        tag = json.dumps(self._tag(self.first))
        rows = [
            ["2026-01-31", journal, "DA 01", charge, "Van", "50.00", tag],
            ["", "", "", asset, "Van", "-50.00", ""],
        ]
        result = self.env["account.move"].load(names, rows)
        self.assertFalse([m for m in result["messages"] if m["type"] == "error"])
        move = self.env["account.move"].browse(result["ids"])
        move.action_post()
        self.assertEqual(self._row("28"), -50)
        self.assertEqual(self._row("68"), 50)
        self.assertInvariant()

    def test_opening_typed_by_hand(self):
        lines = [("512", 500, self.first), ("411", 250, self.first)]
        lines += [("512", 100, self.second), ("110", -750, self.first)]
        self._entry([*lines, ("110", -100, self.second)], "2026-01-01")
        self.assertEqual(self._row("5"), 500)
        self.assertEqual(self._row("11", self.second), -100)
        self.assertInvariant()
