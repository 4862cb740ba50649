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

    def _cae_contract_kinds(self, day=None):
        """``{employee id: kind of contract on day}``, see cae.entrepreneur."""
        people = self._cae_entrepreneurs()
        # sudo: only the kind of contract, which decides on an account, is read.
        persons = self.env["cae.entrepreneur"].sudo().union(*people.values())
        kinds = persons._contract_at(day or fields.Date.context_today(self))
        return {key: kinds[person.id][0] for key, person in people.items()}
