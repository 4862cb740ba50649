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
        for step in ("contributions", "pay", "statements"):
            month.run_part(step)
        said = month.finish_run()
        self.assertEqual(said["params"]["type"], "success")
        self.assertIn("3 lines added", said["params"]["message"])
        self.assertIn("3 lines added", month.message_ids[0].body)
        # Told once; what was not begun is left.
        again = month.finish_run()
        self.assertEqual(again["params"]["type"], "warning")
        self.assertNotIn("3 lines added", again["params"]["message"])

    def test_the_log_sums_the_parts_of_its_own_user(self):
        month, other = self._as("group_accountant"), self._as("group_manager")
        with (
            patch.object(cae_contribution_run, "CHUNK", 1),
            patch("odoo.addons.cae_base.models.cae_period_progress.PART", -1),
        ):
            other.run_part("contributions")
            month.run_part("contributions")
        stopped = month.finish_run()["params"]
        self.assertEqual(stopped["type"], "warning")
        # One chunk of contributions, the pay and the statements are left.
        self.assertIn("3 parts are left", stopped["message"])
        self.assertIn("1 lines added", stopped["message"])
        self.assertIn("1 lines added", other.finish_run()["params"]["message"])

    def test_nobody_says_what_a_run_did(self):
        month = self._as("group_manager")
        month.run_part("contributions")
        with self.assertRaises(TypeError):
            month.finish_run({"contributions": {"lines": 999, "total": 1}})
        part = self.env["cae.period.part"].with_user(month.env.user).search([])
        self.assertEqual((part.step, part.added["lines"]), ("contributions", 3))
        for call in (
            lambda: part.write({"added": {"lines": 999, "total": 1}}),
            lambda: part.create({"period_id": month.id, "step": "pay"}),
            part.unlink,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_who_may_run(self):
        month = self._as("group_payroll")
        for call in (
            month.action_run_watched,
            lambda: month.run_part("contributions"),
            month.finish_run,
        ):
            with self.assertRaises(AccessError):
                call()
