import base64
from datetime import date
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, new_test_user
from odoo.tools import mute_logger

from .common import pay_tagged

D12, D13 = Decimal("12.02"), Decimal("12.31")


@pay_tagged
class TestRate(TransactionCase):
    """Legal figures as dated data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rate = cls.env["cae.payroll.rate"]
        cls.addClassCleanup(cls.registry.clear_cache)

    def test_both_series_of_the_smic(self):
        for day, expected in (
            (date(2026, 5, 31), "12.02"),
            (date(2026, 6, 1), "12.31"),
        ):
            rates = self.Rate._rates_at(day)
            self.assertEqual(rates.number("smic_current"), Decimal(expected))
            self.assertEqual(rates.number("smic_rgdu"), Decimal("12.02"))

    def test_days_between_two_changes_share_one_set(self):
        first = self.Rate._rates_at(date(2026, 2, 3))
        self.assertIs(first, self.Rate._rates_at(date(2026, 5, 31)))
        self.assertEqual(first.day, date(2026, 1, 1))

    def test_a_new_value_counts_at_once(self):
        before = self.Rate._rates_at(date(2026, 9, 15))
        rate = self.Rate.create(
            {
                "code": "ss_famille_er",
                "name": "Allocations familiales",
                "date_from": "2026-09-01",
                "value": 5.123456,
            }
        )
        after = self.Rate._rates_at(date(2026, 9, 15))
        self.assertEqual(before.number("ss_famille_er"), Decimal("5.25"))
        self.assertEqual(after.number("ss_famille_er"), Decimal("5.123456"))
        rate.active = False
        again = self.Rate._rates_at(date(2026, 9, 15))
        self.assertEqual(again.number("ss_famille_er"), Decimal("5.25"))
        rate.write({"active": True, "value": 6})
        self.assertEqual(
            self.Rate._rates_at(date(2026, 9, 15)).number("ss_famille_er"), 6
        )
        rate.unlink()
        last = self.Rate._rates_at(date(2026, 9, 15))
        self.assertEqual(last.number("ss_famille_er"), Decimal("5.25"))

    def test_a_date_without_rates_is_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "CAE-PAY-RATE: .*2020-01-31"):
            self.Rate._rates_at(date(2020, 1, 31))

    @mute_logger("odoo.sql_db")
    def test_one_value_per_code_and_day(self):
        vals = {
            "code": "pmss",
            "name": "P",
            "date_from": "2026-01-01",
            "value": 4005,
        }
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.Rate.create(vals)
            self.env.flush_all()

    def test_every_shipped_rate_names_its_source(self):
        data = self.env["ir.model.data"].search([("module", "=", "cae_payroll")])
        rates = self.Rate.browse(
            data.filtered(lambda d: d.model == "cae.payroll.rate").mapped("res_id")
        )
        self.assertGreater(len(rates), 50)
        self.assertFalse(rates.filtered(lambda rate: not rate.source).mapped("code"))

    def _load(self, text, **kwargs):
        content = base64.b64encode(text.encode()).decode()
        user = new_test_user(
            self.env,
            "rate_payroll",
            groups="cae_base.group_payroll",
            company_ids=[Command.set(self.env["res.company"].search([]).ids)],
        )
        Rate = self.Rate.with_user(user)
        return Rate.load_file("rates.csv", content, **kwargs)

    def test_rates_of_a_new_year_come_from_a_file(self):
        head = "code;name;date_from;date_to;value;unit;source;note\n"
        row = "pmss;Plafond;01/01/2027;31/12/2027;4 100,00;EUR/mois;Arrêté;\n"
        text = head + row + "smic_rgdu;SMIC;2027-01-01;;12.5;EUR/h;Décret;\n"
        checked = self._load(text, dry_run=True)
        counts = {"created": 2, "updated": 0, "unchanged": 0, "errors": []}
        self.assertEqual(checked, counts)
        self.assertFalse(self.Rate.search([("date_from", "=", "2027-01-01")]))
        Rate = self.Rate.with_user(
            self.env["res.users"].search([("login", "=", "rate_payroll")])
        )
        content = base64.b64encode(text.encode()).decode()
        self.assertEqual(Rate.load_file("rates.csv", content), counts)
        again = Rate.load_file("rates.csv", content)
        self.assertEqual(again, {**counts, "created": 0, "unchanged": 2})
        rates = self.Rate._rates_at(date(2027, 2, 1))
        self.assertEqual(rates.number("pmss"), 4100)
        content = base64.b64encode(text.replace("12.5", "12.6").encode()).decode()
        changed = Rate.load_file("rates.csv", content)
        self.assertEqual((changed["updated"], changed["unchanged"]), (1, 1))

    def test_a_wrong_file_writes_nothing(self):
        head = "code;name;date_from;date_to;value;unit;source;note\n"
        text = head + (
            "pmss;Plafond;01/01/2027;;4100;EUR;Arrêté;\n"
            "pmss;Plafond;01/01/2027;;4200;EUR;Arrêté;\n"
            "x;X;bad;;1;;s;\n"
            ";X;01/01/2027;01/01/2026;much;;;\n"
        )
        errors = self._load(text)["errors"]
        self.assertEqual({error["code"] for error in errors}, {"CAE-PAY-RATE-DATA"})
        self.assertEqual(
            [(error["row"], error["column"]) for error in errors],
            [
                (2, "date_from"),
                (3, "date_from"),
                (4, "value"),
                (4, "code"),
                (4, "source"),
                (4, "date_to"),
            ],
        )
        self.assertFalse(self.Rate.search([("date_from", "=", "2027-01-01")]))

    def test_only_payroll_officers_load_rates(self):
        user = new_test_user(self.env, "rate_coach", groups="cae_base.group_coach")
        with self.assertRaisesRegex(AccessError, "CAE-ACCESS"):
            self.Rate.with_user(user).load_file("rates.csv", "")

    def test_what_changes_between_two_dates(self):
        changes = self.Rate._changes_between(date(2026, 5, 31), date(2026, 6, 1))
        [(code, old, new)] = changes
        self.assertEqual((code, old.value, new.value), ("smic_current", D12, D13))
        codes = {
            code
            for code, _old, _new in self.Rate._changes_between(
                date(2025, 12, 31), date(2026, 1, 1)
            )
        }
        self.assertLessEqual({"pmss", "ss_maladie_er", "sickness_limit"}, codes)
        user = new_test_user(self.env, "rate_look", groups="cae_base.group_payroll")
        form = Form(self.env["cae.payroll.rate.comparison"].with_user(user))
        form.date_before, form.date_after = date(2026, 5, 31), date(2026, 6, 1)
        html = form.save().changes_html
        self.assertIn("12.31", html)
        self.assertNotIn("pmss", html)

    def test_name_shows_the_date(self):
        rate = self.env.ref("cae_payroll.rate_pmss_2026_01")
        self.assertIn("2026-01-01", rate.display_name)
