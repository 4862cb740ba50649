from odoo.tests import Form

from .journey_common import JourneyCommon, journey_tagged


@journey_tagged
class TestSettingsCoaching(JourneyCommon):
    """The settings of coaching are for managers of the CAE, no administrators."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("jour_manager", "group_manager")

    def _settings(self):
        return (
            self.env["cae.settings"].with_user(self.manager).with_company(self.company)
        )

    def test_a_manager_opens_and_saves_them(self):
        plan = self.env.ref("cae_coaching.activity_plan_newcomers")
        self.company.cae_newcomer_plan_id = plan
        self.company.cae_newcomer_user_id = self.manager
        form = Form(self._settings())
        self.assertEqual(form.cae_newcomer_plan_id, plan)
        form.cae_evidence_years = 6
        form.cae_newcomer_user_id = self.head
        settings = form.save()
        settings.action_save()
        self.assertEqual(self.company.cae_evidence_years, 6)
        self.assertEqual(self.company.cae_newcomer_user_id, self.head)
        self.env.invalidate_all()
        found = settings.web_read(
            {
                name: {"fields": {"display_name": {}}} if "_id" in name else {}
                for name in settings._fields
                if name.startswith("cae_")
            }
        )
        self.assertEqual(found[0]["cae_evidence_years"], 6)

    def test_a_manager_proposes_the_catalogue(self):
        form = Form(self._settings())
        self.assertTrue(form.save().action_propose_catalogue())
