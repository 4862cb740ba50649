from datetime import date

from odoo import Command
from odoo.tests import freeze_time

from .common import cae_tagged
from .contribution_common import ContributionCommon


@cae_tagged
class TestContributionRules(ContributionCommon):
    """What rules count: losses, discounts, activities between them, products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.schemes["STD10"].rule_ids
        cls.sales = cls.company_data["default_journal_sale"]

    def _sum(self, activity, month="01"):
        return round(sum(self._amounts(activity).get(month, ())), 2)

    # ------------------------------------------------------------------
    # Bad debts, discounts
    # ------------------------------------------------------------------

    def _write_off(self, invoice, account, day):
        """The invoice of 1 000 + 200 of VAT is lost; the State gives the VAT back."""
        receivable = invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        customer = receivable.account_id.code
        entry = self._entry(
            [
                (account, 1000, self.one),
                ("44571", 200, self.one),
                (customer, -1200, self.one),
            ],
            day,
        )
        (receivable + entry.line_ids[2]).reconcile()

    def test_bad_debt_gives_the_contribution_back(self):
        self.rule.loss_prefixes = "654, 6714"
        self.two.scheme_id = self.schemes["STD10"].copy({"code": "KEEP"})
        self.two.scheme_id.rule_ids.loss_prefixes = False
        for activity in (self.one, self.two):
            self._document([(activity, 1000, self.vat_goods)], "2026-01-10")
        self._sell(self.one, 300, "2026-03-10")
        self._sell(self.two, 300, "2026-03-10")
        self._entry([("654", 1000, self.one), ("411", -1000, self.one)], "2026-03-31")
        self._entry([("654", 1000, self.two), ("411", -1000, self.two)], "2026-03-31")
        self._run("2026-03")
        # 10 % of 1 000; of 1 000 + 300 − 1 000 lost = 300 to date, that is 70 less
        expected = {"01": [100.0], "02": [0.0], "03": [-70.0]}
        self.assertEqual(self._amounts(self.one), expected)
        kept = {"01": [100.0], "02": [0.0], "03": [30.0]}
        self.assertEqual(self._amounts(self.two), kept)
        line = self._lines(
            ("activity_id", "=", self.one.id), ("month", "=", "2026-03-01")
        )
        self.assertIn("Less bad debts and discounts", line.explanation_text)
        self.assertInvariant()

    def test_written_off_invoice(self):
        """With VAT, matched with its invoice: only what was excluding VAT counts."""
        self.rule.loss_prefixes = "654"
        invoice = self._document([(self.one, 1000, self.vat_goods)], "2026-01-10")
        self._write_off(invoice, "654", "2026-02-20")
        self._run("2026-02")
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._amounts(self.one), {"01": [100.0], "02": [-100.0]})
        self.assertInvariant()

    def test_allowance_then_its_reversal(self):
        self.rule.loss_prefixes = "68174, 78174"
        self._sell(self.one, 1000, "2026-01-10")
        self._entry([("68174", 400, self.one), ("491", -400, self.one)], "2026-02-28")
        self._entry([("491", 400, self.one), ("78174", -400, self.one)], "2026-03-31")
        self._run("2026-03")
        # 10 % of 1 000, of 600, of 1 000 again
        expected = {"01": [100.0], "02": [-40.0], "03": [40.0]}
        self.assertEqual(self._amounts(self.one), expected)

    def test_discounts_and_credit_notes_reduce_the_contribution(self):
        discount = {"account_id": self._account("709").id, "price_unit": -50}
        invoice = self._document([(self.one, 1000)], "2026-01-10")
        reduced = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-01-11",
                "invoice_line_ids": [
                    Command.create(
                        {
                            **self._document_line("out_invoice", self.one, amount),
                            **vals,
                        }
                    )
                    for amount, vals in (
                        (400, {"discount": 25}),  # 300
                        (0, discount),  # −50
                    )
                ],
            }
        )
        reduced._post(soft=False)
        self._sell(self.one, -100, "2026-01-12")
        self._run("2026-01")
        self.assertEqual(invoice.amount_untaxed + reduced.amount_untaxed, 1250)
        # 10 % of 1 000 + 300 − 50 − 100 = 1 150
        self.assertEqual(self._amounts(self.one), {"01": [115.0]})

    def test_discount_for_early_payment(self):
        self._sell(self.one, 1000, "2026-01-10")
        self._entry(
            [("512", 980, self.one), ("665", 20, self.one), ("411", -1000, self.one)],
            "2026-01-20",
            journal=self.bank,
        )
        self._run("2026-01")
        self.assertEqual(self._sum(self.one), 100)
        self.rule.loss_prefixes = "665"
        self._run("2026-01")
        # 10 % of 980
        self.assertEqual(self._sum(self.one), 98)

    # ------------------------------------------------------------------
    # Between activities
    # ------------------------------------------------------------------

    def _sell_between(self, seller, buyer, amount, day):
        """Design §3.5: 186 and 187, paid through the internal bank."""
        return self._entry(
            [
                ("186", amount, buyer),
                ("181", -amount, buyer),
                ("181", amount, seller),
                ("187", -amount, seller),
            ],
            day,
            journal=self.company.cae_journal_id,
        )

    def test_sales_between_activities_count_on_both_sides(self):
        margin = self.schemes["MIXTE"].copy({"code": "MARGIN"})
        margin.rule_ids[1].unlink()
        self.activities.scheme_id = margin
        for activity in (self.one, self.two):
            self._sell(activity, 1000, "2026-01-10")
        self._sell_between(self.one, self.two, 400, "2026-01-15")
        self._run("2026-02")
        # 13.5 % of 1 400 and of 600; the contributions themselves, on the same
        # accounts, are not sales
        self.assertEqual(self._amounts(self.one), {"01": [189.0], "02": [0.0]})
        self.assertEqual(self._amounts(self.two), {"01": [81.0], "02": [0.0]})
        self.assertEqual(self._run("2026-02"), {"lines": 0, "total": 0.0})
        period = self.Period._get(date(2026, 1, 1))
        period.action_undo_contributions("Once more")
        self.assertEqual(self._run("2026-02")["total"], 270.0)
        self.assertInvariant()

    def test_sales_between_activities_at_their_own_rate(self):
        self.rule.write({"own_internal_rate": True, "internal_rate": 3})
        self.two.scheme_id = self.schemes["STD10"]
        for activity in (self.one, self.two):
            self._sell(activity, 1000, "2026-01-10")
        self._sell_between(self.one, self.two, 400, "2026-01-15")
        self._run("2026-01")
        # 10 % of 1 000 + 3 % of 400; turnover deducts no purchase
        self.assertEqual(self._amounts(self.one), {"01": [112.0]})
        self.assertEqual(self._amounts(self.two), {"01": [100.0]})
        self.rule.internal_rate = 0
        self._run("2026-01")
        self.assertEqual(self._sum(self.one), 100)
        self.rule.own_internal_rate = False
        self._run("2026-01")
        self.assertEqual(self._sum(self.one), 140)

    def test_value_added_counts_purchases_between_activities(self):
        rule = self._rule(basis="value_added", rate=10)
        self.activities[:2].scheme_id = rule.scheme_id
        self._sell(self.two, 1000, "2026-01-10")
        self._buy(self.two, 100, "2026-01-11")
        self._sell_between(self.one, self.two, 400, "2026-01-15")
        self._run("2026-01")
        # 10 % of 400; of 1 000 − 100 − 400
        self.assertEqual(self._sum(self.one), 40)
        self.assertEqual(self._sum(self.two), 50)

    # ------------------------------------------------------------------
    # Products, categories, accounts
    # ------------------------------------------------------------------

    @classmethod
    def _products(cls):
        """Training in a category of services, a book in another one."""
        categories = cls.env["product.category"].create(
            [{"name": "Services"}, {"name": "Goods"}]
        )
        below = cls.env["product.category"].create(
            {"name": "Training", "parent_id": categories[0].id}
        )
        products = cls.env["product.product"].create(
            [
                {"name": "Course", "categ_id": below.id},
                {"name": "Book", "categ_id": categories[1].id},
            ]
        )
        return categories, products

    def _sell_products(self, activity, amounts, day, tax=None):
        """An invoice with a line per product: ``{product: (amount, account)}``."""
        lines = [
            {
                **self._document_line("out_invoice", activity, amount, tax),
                "product_id": product.id,
                "account_id": self._account(account).id,
            }
            for product, (amount, account) in amounts.items()
        ]
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": day,
                "invoice_line_ids": [Command.create(line) for line in lines],
            }
        )
        move._post(soft=False)
        return move

    def _filtered(self, vals):
        """A rule of 10 % for each of ``vals``, in one scheme."""
        first, *others = vals
        rule = self._rule(rate=10, **first)
        for number, other in enumerate(others):
            rule.copy({"code": f"R{number}", "name": f"R{number}", **other})
        self.one.scheme_id = rule.scheme_id
        return rule.scheme_id.rule_ids

    def _by_rule(self, rules, month="2026-01-01"):
        lines = self._lines(("month", "=", month))
        return [
            sum(lines.filtered(lambda li, r=rule: li.rule_id == r).mapped("amount"))
            for rule in rules
        ]

    def test_products_categories_and_accounts(self):
        categories, (course, book) = self._products()
        rules = self._filtered(
            [
                {"product_ids": [Command.set(book.ids)]},
                {"product_ids": False, "categ_ids": [Command.set(categories[0].ids)]},
                {"product_ids": False, "account_prefixes": "706"},
                {"product_ids": False},
            ]
        )
        self._sell_products(
            self.one, {course: (1000, "706"), book: (300, "707")}, "2026-01-10"
        )
        self._sell(self.one, 50, "2026-01-11")  # no product, on 706
        self._run("2026-01")
        # 10 % of the book; of the training, below the services; of 1 000 + 50; of all
        self.assertEqual(self._by_rule(rules), [30.0, 100.0, 105.0, 135.0])

    def test_collections_of_some_products(self):
        """Half of 1 000 + 300 with 20 % of VAT is paid, the rest after a credit."""
        categories, (course, book) = self._products()
        collected = {"basis": "collected"}
        rules = self._filtered(
            [
                {**collected, "product_ids": [Command.set(book.ids)]},
                {**collected, "product_ids": False, "account_prefixes": "706"},
                {
                    **collected,
                    "product_ids": False,
                    "categ_ids": [Command.set(categories.ids)],
                },
            ]
        )
        invoice = self._sell_products(
            self.one,
            {course: (1000, "706"), book: (300, "707")},
            "2026-01-10",
            tax=self.vat_goods,
        )
        self._pay(invoice, 780, "2026-01-20")  # 1 560 / 2
        self._run("2026-01")
        # 780 / 1 560 of 300, of 1 000, of 1 300
        self.assertEqual(self._by_rule(rules), [15.0, 50.0, 65.0])
        self._pay(invoice, 780, "2026-02-20")
        self._run("2026-02")
        self.assertEqual(self._by_rule(rules, "2026-02-01"), [15.0, 50.0, 65.0])

    def test_filters_are_read_at_once(self):
        """Twelve rules of twelve filters take no more queries than two."""
        prefixes = [f"70{n}" for n in range(1, 9)] + ["7081", "7082", "7083", "7084"]
        rules = self._filtered([{"account_prefixes": prefix} for prefix in prefixes])
        self._sell(self.one, 1000, "2026-01-10")
        ledger, accounts = self.env["cae.ledger"], self.accounts.ids
        period = (self.company, accounts, date(2026, 1, 1), date(2026, 1, 31))
        filters = set(rules._filters().values())
        self.assertEqual(len(filters), 12)
        ledger._figures(*period)  # warms the caches of the registry
        with self.assertQueryCount(2):
            figures = ledger._figures_by(*period, filters, collected=())
        found = [
            rows[self.accounts[0].id, date(2026, 1, 1)]["invoiced"]
            for one, rows in figures.items()
            if one.sales == ("706",)
        ]
        self.assertEqual(found, [1000])

    # ------------------------------------------------------------------
    # Several rules
    # ------------------------------------------------------------------

    def test_rules_with_their_own_accounts_and_labels(self):
        """Contribution, insurance and a mutual fund, each on its own accounts."""
        scheme = self._rule(rate=10, name="Contribution").scheme_id
        insurance, fund = self.env["cae.contribution.rule"].create(
            [
                {
                    "scheme_id": scheme.id,
                    "code": code,
                    "name": name,
                    **vals,
                }
                for code, name, vals in (
                    ("ASSUR", "Insurance", {"basis": "fixed", "amount": 16}),
                    ("FONDS", "Mutual fund", {"rate": 1, "ceiling_year": 12}),
                )
            ]
        )
        accounts = self.env["account.account"].create(
            [
                {"code": code, "name": code, "account_type": "asset_current"}
                for code in ("186300", "187300", "187200")
            ]
        )
        insurance.with_company(self.company).write(
            {"charge_account_id": accounts[0].id, "income_account_id": accounts[1].id}
        )
        fund.with_company(self.company).income_account_id = accounts[2]
        self.one.scheme_id = scheme
        self._sell(self.one, 1000, "2026-01-10")
        self._sell(self.one, 1000, "2026-02-10")
        self._run("2026-02")
        move = self._lines(("month", "=", "2026-02-01")).move_id
        found = {
            (line.account_id.code, line.name, line.balance) for line in move.line_ids
        }
        ref = "Contributions 02/2026"
        self.assertEqual(
            found,
            {
                ("186000", "T1 Contribution 02/2026", 100.0),
                ("181000", "T1 Contribution 02/2026", -100.0),
                ("186300", "T1 Insurance 02/2026", 16.0),
                ("181000", "T1 Insurance 02/2026", -16.0),
                ("186000", "T1 Mutual fund 02/2026", 2.0),  # 12 a year at most
                ("181000", "T1 Mutual fund 02/2026", -2.0),
                ("181000", ref, 100.0),
                ("187000", ref, -100.0),
                ("181000", ref, 16.0),
                ("187300", ref, -16.0),
                ("181000", ref, 2.0),
                ("187200", ref, -2.0),
            },
        )
        self.assertInvariant()

    def test_a_rule_changes_within_the_year(self):
        """10 % until June, 12 % from July: two dated rules of one scheme."""
        self.rule.date_to = "2026-06-30"
        later = {"rate": 12, "date_from": "2026-07-01", "date_to": False}
        self.rule.copy({"code": "NEW", **later})
        for month in ("06", "07"):
            self._sell(self.one, 1000, f"2026-{month}-10")
        self._run("2026-07")
        self.assertEqual(self._sum(self.one, "06"), 100)
        self.assertEqual(self._sum(self.one, "07"), 120)

    # ------------------------------------------------------------------
    # Another scheme within the year
    # ------------------------------------------------------------------

    def _change(self, activities, code, day, **vals):
        wizard = self.env["cae.scheme.change"].with_user(self.accountant)
        return wizard.create(
            {
                "activity_ids": [Command.set(activities.ids)],
                "scheme_id": self.schemes[code].id,
                "date": day,
                "reason": "Voted on 12 June",
                **vals,
            }
        ).action_confirm()

    def test_another_scheme_from_a_date(self):
        """10 % until June; from July 13.5 % and 30 a month, also for who had none."""
        for month in ("05", "06", "07"):
            self._sell(self.one, 1000, f"2026-{month}-10")
            self._sell(self.two, 1000, f"2026-{month}-10")
        self._run("2026-06")
        self._change(self.one + self.two, "MIXTE", "2026-07-01")
        self._run("2026-07")
        mixte = {"07": [30.0, 135.0]}
        found = {m: sorted(a) for m, a in self._amounts(self.one).items() if any(a)}
        self.assertEqual(found, {"05": [100.0], "06": [100.0], **mixte})
        found = {m: sorted(a) for m, a in self._amounts(self.two).items() if any(a)}
        self.assertEqual(found, mixte)
        self.assertEqual(self.one.scheme_id, self.schemes["MIXTE"])
        term = self.one.exemption_ids
        self.assertEqual(term.scheme_id, self.schemes["STD10"])
        self.assertEqual((term.date_from, term.date_to), (False, date(2026, 6, 30)))
        self.assertInvariant()

    def test_two_changes_in_one_year(self):
        self._change(self.one, "MIXTE", "2026-03-01")
        self._change(self.one, "TRANCHES", "2026-05-01")
        for number in range(1, 7):
            self._sell(self.one, 1000, f"2026-{number:02}-10")
        self._run("2026-06")
        found = {m: round(sum(a), 2) for m, a in self._amounts(self.one).items()}
        # 10 %; 135 + 30; at least 180
        expected = {
            **dict.fromkeys(("01", "02"), 100.0),
            **dict.fromkeys(("03", "04"), 165.0),
            **dict.fromkeys(("05", "06"), 180.0),
        }
        self.assertEqual(found, expected)

    def test_change_of_scheme_that_is_refused(self):
        self._change(self.one, "MIXTE", "2026-07-01")
        with self.assertCode("CAE-SCHEME-CHANGE"):
            self._change(self.one, "TRANCHES", "2026-06-01")
        self._change(self.one, "MIXTE", "2026-06-01")  # has it already
        self.assertEqual(len(self.one.exemption_ids), 1)

    def test_activity_that_opens_later_needs_no_earlier_term(self):
        self.one.date_start = "2026-08-01"
        self._change(self.one, "MIXTE", "2026-07-01")
        self.assertFalse(self.one.exemption_ids)
        self.assertEqual(self.one.scheme_id, self.schemes["MIXTE"])

    def test_change_on_the_form_warns(self):
        self._sell(self.one, 1000, "2026-01-10")
        self._run("2026-01")
        with freeze_time("2026-03-10"):
            self.env.invalidate_all()
            for vals, warns in ((self.one, True), (self.two, False)):
                values = {"scheme_id": self.schemes["MIXTE"].id}
                result = vals.onchange(
                    values, ["scheme_id"], {"scheme_id": {"fields": {}}}
                )
                self.assertEqual("warning" in result, warns)
