from odoo import fields, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    def _cae_entrepreneurs(self):
        """``{employee id: entrepreneur}`` of those who are one; one query."""
        # sudo: whoever enters an expense needs to know whose it is; nothing else is
        # read.
        found = (
            self.env["cae.entrepreneur"]
            .sudo()
            .with_context(active_test=False)
            .search([("employee_id", "in", self.ids)])
        )
        return {person.employee_id.id: person for person in found}

    def _cae_activities(self, day=None):
        """``{employee id: activities held on day}`` of those who are entrepreneurs."""
        day = day or fields.Date.context_today(self)
        return {
            employee_id: person.share_ids._held_on(day).activity_id
            for employee_id, person in self._cae_entrepreneurs().items()
        }
