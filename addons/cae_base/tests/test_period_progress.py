from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from ..models import cae_contribution_run
from .common import CaeCommon, cae_tagged


@cae_tagged
class TestPeriodProgress(CaeCommon):
    """A run by parts, watched on the screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.activities.scheme_id = cls.env.ref("cae_base.scheme_std10")
        cls.month = cls.env["cae.period"]._get(date(2026, 1, 1))
        for activity in cls.activities:
            cls._document([(activity, 1000, None)])

    def _as(self, group):
        user = new_test_user(
            self.env,
            login=f"cae_progress_{group}",
            groups=f"cae_base.{group}",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.env.flush_all()
        return self.month.with_user(user)

    def test_parts_add_up_to_the_run_and_can_be_resumed(self):
        month = self._as("group_accountant")
        params = month.action_run_watched()["params"]
        self.assertEqual(
            [step["key"] for step in params["steps"]],
            ["contributions", "pay", "statements"],
        )
        with (
            patch.object(cae_contribution_run, "CHUNK", 1),
            patch("odoo.addons.cae_base.models.cae_period_progress.PART", -1),
        ):
            left = [month.run_part("contributions")["remaining"] for _n in range(2)]
            self.assertEqual(left, [2, 1])
            # Interrupted here: the next run goes on.
            last = month.run_part("contributions")
        self.assertTrue(last["done"])
        self.assertEqual(last["contributions"]["lines"], 1)
        again = month.run_part("contributions")
        self.assertEqual(again["contributions"]["lines"], 0)

    def test_what_was_done_is_logged(self):
        month = self._as("group_accountant")
        result = month.run_part("contributions")
        said = month.finish_run(result)
        self.assertEqual(said["params"]["type"], "success")
        self.assertIn("3 lines added", said["params"]["message"])
        self.assertIn("3 lines added", month.message_ids[0].body)
        partly = month.finish_run({"done": False, "remaining": 4})
        self.assertEqual(partly["params"]["type"], "warning")
        self.assertIn("4", partly["params"]["message"])

    def test_who_may_run(self):
        month = self._as("group_payroll")
        for call in (
            month.action_run_watched,
            lambda: month.run_part("contributions"),
            lambda: month.finish_run({}),
        ):
            with self.assertRaises(AccessError):
                call()
