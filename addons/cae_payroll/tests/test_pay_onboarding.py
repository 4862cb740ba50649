from odoo.tests import freeze_time

from .common import SharedPayCommon, pay_tagged


@pay_tagged
@freeze_time("2026-01-15")
class TestPayOnboarding(SharedPayCommon):
    """The settings of the pay are asked for before the first month."""

    def test_the_step_comes_before_the_first_month(self):
        steps = list(self.env["cae.onboarding"]._steps())
        self.assertEqual(steps[-2:], ["pay", "month"])

    def test_it_is_done_when_the_headcount_is_known(self):
        steps = self.env["cae.onboarding"]
        self.company.cae_headcount = 0
        self.assertFalse(steps._is_done_pay(self.company))
        self.company.cae_headcount = 12
        self.assertTrue(steps._is_done_pay(self.company))

    def test_it_opens_the_settings(self):
        action = self.env["cae.onboarding"].open_step(key="pay")
        self.assertEqual(action["res_model"], "cae.settings")
