from odoo import api, models

#: Name of the plan as data: a plan's name has no translations of its own.
NEWCOMERS = "Welcome of a newcomer"


class MailActivityPlan(models.Model):
    _inherit = "mail.activity.plan"

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for plan in self.filtered(lambda p: p.name == NEWCOMERS):
            plan.display_name = self.env._("Welcome of a newcomer")
        return result

    def _cae_launch(self, person, day):
        """Give the tasks of the plan of a person to those who do them.

        :param day: day of the entry, from which delays count
        """
        person.ensure_one()
        values = [
            template._cae_prepare_activity_vals(person, day)
            for template in self.template_ids
        ]
        return self.env["mail.activity"].create(values)
