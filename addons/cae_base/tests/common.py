from datetime import date
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class CaeCommon(AccountTestInvoicingCommon):
    """A company with the French chart, its shared services and three activities."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("fr")
    def setUpClass(cls):
        super().setUpClass()
        # Tests stand for people at their screens and for programs.
        called = patch.object(
            type(cls.env["base"]), "_cae_called_by_client", lambda self: True
        )
        cls.startClassPatcher(called)
        cls.company = cls.company_data["company"]
        cls.env.user.group_ids += cls.env.ref("cae_base.group_manager")
        cls.company._cae_configure()
        cls.chart = cls.env["account.chart.template"].with_company(cls.company)
        cls.Activity = cls.env["cae.activity"]
        cls.activities = cls.Activity.create(
            [
                {"code": f"T{n}", "name": f"Test {n}", "date_start": "2025-01-01"}
                for n in (1, 2, 3)
            ]
        )
        cls.accounts = cls.activities.analytic_account_id
        cls.shared = cls.company.cae_shared_account_id
        cls.vat_services = cls.chart.ref("tva_normale_encaissement")
        cls.vat_goods = cls.chart.ref("tva_normale")
        cls.bank = cls.company_data["default_journal_bank"]

    @classmethod
    def _create_company(cls, **create_values):
        """Loading a chart takes seconds: scripts/test has a company ready."""
        # sudo: the user of the tests is in no company yet.
        prepared = cls.env["res.company"].sudo()
        domain = [("name", "=", create_values["name"]), ("chart_template", "=", "fr")]
        prepared = prepared.search(domain).with_env(cls.env)
        if not prepared:
            return super()._create_company(**create_values)
        cls.env.user.company_ids = [Command.link(prepared.id)]
        return prepared

    @classmethod
    def _account(cls, prefix):
        return cls.env["account.account"].search(
            [("code", "=like", f"{prefix}%"), ("company_ids", "in", cls.company.ids)],
            limit=1,
            order="code",
        )

    @classmethod
    def _tag(cls, activity):
        return {str(activity.analytic_account_id.id): 100}

    @classmethod
    def _user(cls, login, group, **vals):
        """A user of this company alone, with one group of the product."""
        return new_test_user(
            cls.env,
            login=login,
            groups=f"cae_base.{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **vals,
        )

    @classmethod
    def _share_out(cls, activity, *shares, start="2025-01-01"):
        """Give an activity its holders: ``(person, share)``, or with two days."""
        activity.share_ids = [
            Command.create(
                {
                    "entrepreneur_id": person.id,
                    "share": share,
                    "date_start": days[0] if days else start,
                    "date_end": days[1] if days else False,
                    "convention_date": "2024-12-01",
                }
            )
            for person, share, *days in shares
        ]

    @classmethod
    def _dollars(cls):
        """The dollar, whose rate changes between documents and payments."""
        dollar = cls.env.ref("base.USD")
        dollar.active = True
        rates = {"2025-01-01": 1.3, "2026-01-01": 1.1, "2026-02-05": 1.2}
        dollar.rate_ids = [
            Command.create({"name": day, "rate": rate, "company_id": cls.company.id})
            for day, rate in rates.items()
        ]
        return dollar

    @classmethod
    def _document(cls, lines, day="2026-01-10", kind="out_invoice", **vals):
        """A posted document; a line is (activity, amount, tax) or has its values."""
        move = cls.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": cls.partner_a.id,
                "invoice_date": day,
                "date": day,
                "invoice_line_ids": [
                    Command.create(cls._document_line(kind, *line)) for line in lines
                ],
                **vals,
            }
        )
        move._post(soft=False)
        return move

    @classmethod
    def _document_line(cls, kind, activity, amount, tax=None):
        sale = kind.startswith("out")
        return {
            "name": "Line",
            "quantity": 1,
            "price_unit": amount,
            "account_id": cls._account("706" if sale else "611").id,
            "tax_ids": [Command.set(tax.ids if tax else [])],
            "analytic_distribution": cls._tag(activity) if activity else False,
        }

    @classmethod
    def _pay(cls, documents, amount=None, day="2026-02-10", **vals):
        """Pay documents of one kind together, as the payment wizard does."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=documents.ids)
            .create(
                {
                    "payment_date": day,
                    "journal_id": cls.bank.id,
                    "group_payment": True,
                    **({"amount": amount} if amount else {}),
                    **vals,
                }
            )
        )
        return wizard._create_payments()

    @classmethod
    def _entry(cls, lines, day="2026-01-31", journal=None, post=True):
        """An entry; a line is (account prefix, balance, activity or None)."""
        move = cls.env["account.move"].create(
            {
                "date": fields.Date.to_date(day),
                "journal_id": (journal or cls.company_data["default_journal_misc"]).id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": cls._account(prefix).id,
                            "balance": balance,
                            "name": "Line",
                            "analytic_distribution": cls._tag(activity)
                            if activity
                            else False,
                        }
                    )
                    for prefix, balance, activity in lines
                ],
            }
        )
        if post:
            move._post(soft=False)
        return move

    def _statement_line(self, amount, day="2026-02-11"):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": day,
                "payment_ref": "VIR",
                "amount": amount,
                "partner_id": self.partner_a.id,
            }
        )

    def _balances(self, day="2026-12-31", activity=None):
        """``{activity code: {account code: balance}}`` from the trial balance."""
        codes = [activity.code] if activity else []
        ledgers = self.Activity.ledger(
            codes=codes, date_from="2020-01-01", date_to=str(day)
        )
        return {
            ledger["code"]: {row["account"]: row["closing"] for row in ledger["rows"]}
            for ledger in ledgers
        }

    def assertInvariant(self, day=date(2030, 12, 31)):
        """Design §3.4: entries balance per activity; ledgers add up to the books."""
        ledger = self.env["cae.ledger"]
        self.assertEqual(ledger._unbalanced_entries(self.company), [])
        ledgers = self.Activity.ledger(
            codes=[], date_from="2020-01-01", date_to=str(day)
        )
        books = {}
        for row in ledgers:
            total = sum(r["closing"] for r in row["rows"])
            self.assertAlmostEqual(total, 0, 2, f"ledger of {row['code']!r}")
            for line in row["rows"]:
                key = line["account"]
                books[key] = books.get(key, 0) + line["closing"]
        self.assertBooks(books, day)

    def assertBooks(self, books, day):
        """All ledgers together equal the general ledger, account by account."""
        rows = self.env["account.move.line"]._read_group(
            [
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("date", "<=", day),
            ],
            ["account_id"],
            ["balance:sum"],
        )
        year = self.company.compute_fiscalyear_dates(day)["date_from"]
        for account, balance in rows:
            if account.code.startswith(("6", "7", "186", "187")):
                balance = self._year_balance(account, year, day)
            self.assertAlmostEqual(books.get(account.code, 0), balance, 2, account.code)

    def _year_balance(self, account, year, day):
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", account.id),
                ("parent_state", "=", "posted"),
                ("date", ">=", year),
                ("date", "<=", day),
            ]
        )
        return sum(lines.mapped("balance"))


cae_tagged = tagged("post_install", "-at_install", "cae")
