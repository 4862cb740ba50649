from datetime import date
from math import inf, nan

from odoo.exceptions import UserError

from .common import CaeCommon, cae_tagged


@cae_tagged
class TestValues(CaeCommon):
    """What clients send for our models is a value of the field, or has a code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scheme = cls.env.ref("cae_base.scheme_tranches").copy()
        cls.rule = cls.scheme.rule_ids[:1]
        cls.scale = cls.env["cae.mileage.scale"].search([], limit=1)

    def _refused(self, record, **vals):
        self.assertFalse(record.env.su)
        with self.assertRaisesRegex(UserError, "^CAE-VALUE: "):
            record.write(vals) if record else record.create(vals)

    def test_odd_values_are_refused_with_a_code(self):
        before = self.rule.read(), self.rule.bracket_ids.read(), self.scale.read()
        self._refused(self.rule, rate=nan)
        self._refused(self.rule, rate="ten")
        self._refused(self.rule, amount=inf)
        self._refused(self.rule, name=["a", "list"])
        self._refused(self.rule, name={"fr": "Taux"})
        self._refused(self.rule, date_from="2026-02-30")
        self._refused(self.rule, basis="turnover of the moon")
        self._refused(self.rule, free_months=2**31)
        self._refused(self.env["cae.contribution.bracket"], rate=-inf)
        self._refused(self.scale, rate=nan)
        self._refused(self.scale, km_to=10**12)
        self._refused(self.env["cae.activity.share"], share=nan)
        self._refused(self.env["cae.collective.payment"], date="2026-02-30")
        after = self.rule.read(), self.rule.bracket_ids.read(), self.scale.read()
        self.assertEqual(after, before)

    def test_values_within_commands_are_seen_too(self):
        bracket = self.rule.bracket_ids[:1]
        self._refused(self.rule, bracket_ids=[(1, bracket.id, {"rate": nan})])

    def test_usual_values_pass(self):
        rule = self.rule
        rule.write({"name": "Taux", "date_from": date(2026, 1, 1), "date_to": False})
        rule.write({"date_from": "2026-02-01", "free_months": None, "rate": 0})
        self.assertEqual((rule.date_from, rule.name), (date(2026, 2, 1), "Taux"))
