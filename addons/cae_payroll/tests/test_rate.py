from datetime import date
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import TransactionCase
from odoo.tools import mute_logger

from .common import pay_tagged


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

    def test_name_shows_the_date(self):
        rate = self.env.ref("cae_payroll.rate_pmss_2026_01")
        self.assertIn("2026-01-01", rate.display_name)
