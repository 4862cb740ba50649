from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time
from odoo.tools import mute_logger

from .journey_common import JourneyCommon, journey_tagged


@journey_tagged
@freeze_time("2026-03-02")
class TestNewcomers(JourneyCommon):
    """The plan of newcomers: at the conversion, and by Odoo's own button."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env.ref("cae_coaching.activity_plan_newcomers")
        cls.office = cls._user("jour_office", "group_accountant")
        cls.company.cae_newcomer_plan_id = cls.plan
        cls.company.cae_newcomer_user_id = cls.office

    def _convert(self):
        candidate = self._candidate(coach_id=self.coach.id)
        candidate._decide("accepted")
        wizard = self.env["cae.candidate.conversion"].with_user(self.head)
        wizard = wizard.with_company(self.company).create(
            {
                "candidate_id": candidate.id,
                "date_start": "2026-04-01",
                "date_end": "2027-03-31",
            }
        )
        wizard.action_convert()
        return candidate

    def _tasks(self, person):
        return self.env["mail.activity"].search(
            [("res_model", "=", "cae.entrepreneur"), ("res_id", "=", person.id)]
        )

    def test_conversion_gives_the_tasks_to_coach_and_office(self):
        candidate = self._convert()
        tasks = self._tasks(candidate.entrepreneur_id)
        self.assertEqual(len(tasks), len(self.plan.template_ids))
        self.assertEqual(tasks.user_id, self.coach | self.office)
        by_type = {task.activity_type_id: task for task in tasks}
        contract = by_type[self.env.ref("cae_coaching.activity_type_contract")]
        self.assertEqual(str(contract.date_deadline), "2026-03-30")
        self.assertEqual(contract.user_id, self.office)
        self.assertIn("R.127-1", contract.note)
        first = by_type[self.env.ref("cae_coaching.activity_type_first_interview")]
        self.assertEqual(str(first.date_deadline), "2026-05-01")
        self.assertEqual(first.user_id, self.coach)
        # Taken back with the conversion.
        person = candidate.entrepreneur_id
        candidate.with_user(self.head).action_undo_conversion()
        self.assertFalse(self._tasks(person))

    def test_no_plan_no_tasks(self):
        self.company.cae_newcomer_plan_id = False
        self.assertFalse(self._tasks(self._convert().entrepreneur_id))

    def test_odoos_own_button_launches_it(self):
        for user in (self.coach, self.head):
            wizard = Form(
                self.env["mail.activity.schedule"]
                .with_user(user)
                .with_context(active_model="cae.entrepreneur", active_ids=self.ines.ids)
            )
            wizard.plan_id = self.plan.with_user(user)
            before = len(self._tasks(self.ines))
            wizard.save().action_schedule_plan()
            added = len(self._tasks(self.ines)) - before
            self.assertEqual(added, len(self.plan.template_ids))

    def test_without_a_coach_the_office_does_it(self):
        self.yann.coach_id = False
        tasks = self.plan._cae_launch(self.yann, self.yann.date_entry)
        self.assertEqual(tasks.user_id, self.office)
        self.company.cae_newcomer_user_id = False
        tasks = (
            self.plan.with_user(self.head)
            .sudo()
            ._cae_launch(self.yann, self.yann.date_entry)
        )
        self.assertEqual(tasks.user_id, self.head)

    def test_heads_edit_plans_of_entrepreneurs_alone(self):
        self.plan.with_user(self.head).template_ids[:1].delay_count = 3
        plan = {"name": "CESA", "res_model": "cae.entrepreneur"}
        self.env["mail.activity.plan"].with_user(self.head).create(plan)
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models"),
            self.cr.savepoint(),
        ):
            self.env["mail.activity.plan"].with_user(self.head).create(
                {**plan, "res_model": "res.partner"}
            )
        self._refused(self.plan.with_user(self.coach).write, {"name": "x"})

    def test_the_coach_is_of_entrepreneurs(self):
        plan = self.env["mail.activity.plan"].create(
            {"name": "Partners", "res_model": "res.partner"}
        )
        with self.assertRaisesRegex(ValidationError, "CAE-PLAN-PERSON"):
            self.env["mail.activity.plan.template"].create(
                {"plan_id": plan.id, "responsible_type": "cae_coach"}
            )

    def test_names_follow_the_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        name = self.plan.with_context(lang="fr_FR").display_name
        self.assertTrue(name)
        self.assertFalse(any(self.plan.template_ids.mapped("summary")))
