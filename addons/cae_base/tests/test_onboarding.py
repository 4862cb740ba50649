from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import CaeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-02-15")
class TestOnboarding(CaeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("first_manager", "group_manager")
        cls.accountant = cls._user("first_accountant", "group_accountant")
        cls.month = cls.env["cae.period"]._get(cls.env.cr.now().date())
        cls.Steps = cls.env["cae.onboarding"].with_user(cls.manager)

    def _done(self):
        self.month.invalidate_recordset(["onboarding"])
        state = self.month.with_user(self.manager).onboarding
        return [step["key"] for step in state["steps"] if step["done"]]

    def _finish(self):
        company = self.company
        company.partner_id.write(
            {"street": "1 rue du Test", "zip": "44000", "city": "Nantes"}
        )
        company.company_registry = "12345678200010"
        company.cae_legal_form = "SCOP"
        scheme = self.env["cae.contribution.scheme"].search([], limit=1)
        scheme.decision_date = "2025-06-12"
        person = self.env["cae.entrepreneur"].create({"name": "Inès"})
        self.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": "cape",
                "date_start": "2026-01-01",
            }
        )
        self.activities[0].write(
            {
                "scheme_id": scheme.id,
                "share_ids": [
                    (0, 0, {"entrepreneur_id": person.id, "date_start": "2025-01-01"})
                ],
            }
        )

    def _finish_others(self):
        """What other addons add, where they are installed."""
        if "cae_headcount" in self.company:
            self.company.cae_headcount = 12

    def test_each_step_is_done_when_the_data_say_so(self):
        self.assertEqual(self._done(), [])
        self._finish()
        self.assertEqual(
            self._done(), ["company", "plan", "scheme", "entrepreneur", "activity"]
        )
        self._finish_others()
        self.env["cae.period"]._get(self.month.date)._set_state("locked")
        self.month.invalidate_recordset(["onboarding"])
        # All is done: the list goes by itself.
        self.assertFalse(self.month.with_user(self.manager).onboarding)

    def test_each_step_opens_the_screen_that_does_it(self):
        models = {
            key: self.Steps.open_step(key=key)["res_model"]
            for key in self.Steps._steps()
        }
        expected = {
            "company": "res.partner",
            "plan": "cae.settings",
            "scheme": "cae.contribution.scheme",
            "entrepreneur": "cae.entrepreneur",
            "activity": "cae.activity",
            "month": "cae.period",
        }
        self.assertEqual({key: models[key] for key in expected}, expected)

    def test_what_was_begun_is_opened_again(self):
        person = self.env["cae.entrepreneur"].create({"name": "Inès"})
        self.assertEqual(self.Steps.open_step(key="entrepreneur")["res_id"], person.id)
        activity = self.activities[0]
        self.assertEqual(self.Steps.open_step(key="activity")["res_id"], activity.id)

    def test_the_list_is_hidden_and_brought_back(self):
        month = self.month.with_user(self.manager)
        count = len(self.Steps._steps())
        self.assertEqual(len(month.onboarding["steps"]), count)
        self.Steps.hide()
        month.invalidate_recordset(["onboarding"])
        self.assertFalse(month.onboarding)
        action = self.Steps.action_open()
        self.assertEqual(action["res_model"], "cae.period")
        shown = month.with_context(**action["context"])
        self.assertEqual(len(shown.onboarding["steps"]), count)

    def test_it_is_for_managers(self):
        with self.assertRaises(AccessError):
            self.month.with_user(self.accountant).read(["onboarding"])
        steps = self.env["cae.onboarding"].with_user(self.accountant)
        for call in (
            steps.hide,
            steps.action_open,
            lambda: steps.open_step(key="plan"),
        ):
            with self.assertRaisesRegex(AccessError, "CAE-ONBOARDING-RIGHT"):
                call()

    def test_a_company_without_chart_sees_what_to_do(self):
        bare = self.env["res.company"].create({"name": "Bare"})
        self.manager.company_ids += bare
        month = self.env["cae.period"].with_user(self.manager).with_company(bare)
        steps = month._get(self.month.date).onboarding["steps"]
        self.assertFalse(any(step["done"] for step in steps if step["key"] != "scheme"))
