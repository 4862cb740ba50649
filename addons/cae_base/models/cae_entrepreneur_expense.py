from odoo import fields, models


class CaeEntrepreneur(models.Model):
    """Expenses are an employee's in Odoo, also those of people under CAPE."""

    _inherit = "cae.entrepreneur"

    expense_count = fields.Integer(
        compute="_compute_expense_count",
        groups="cae_base.group_accountant",
        help="Expenses of the person, refused ones left out.",
    )

    def _compute_expense_count(self):
        counts = dict(
            self.env["hr.expense"]._read_group(
                [
                    ("employee_id", "in", self.employee_id.ids),
                    ("state", "!=", "refused"),
                ],
                ["employee_id"],
                ["__count"],
            )
        )
        by_id = {employee.id: count for employee, count in counts.items()}
        for person in self:
            person.expense_count = by_id.get(person.employee_id.id, 0)

    def _ensure_employees(self):
        """Give people without an HR file one, so that they can have expenses.

        It has no contract: a CAPE is none. A later CESA is written into the same file.
        """
        missing = self.filtered(lambda p: not p.employee_id)
        # sudo: an accountant keeps no HR files; only the name and the contact of
        # people that the accountant may read are written.
        missing = missing.sudo()
        employees = (
            self.env["hr.employee"]
            .sudo()
            .with_context(tracking_disable=True, mail_create_nosubscribe=True)
            .create([person._prepare_expense_employee_vals() for person in missing])
        )
        for person, employee in zip(missing, employees, strict=True):
            person.employee_id = employee

    def _prepare_expense_employee_vals(self):
        return {
            "name": self.name,
            "company_id": self.company_id.id,
            "work_contact_id": self.partner_id.id,
            "employee_type": "freelance",
        }

    def action_open_expenses(self) -> dict:
        """Expenses of this person; an HR file is made for a person without one."""
        self.ensure_one()
        self.check_access("read")
        self._ensure_employees()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Expenses"),
            "res_model": "hr.expense",
            "view_mode": "list,form",
            "domain": [("employee_id", "in", self.employee_id.ids)],
            "context": {"default_employee_id": self.employee_id.id},
        }
