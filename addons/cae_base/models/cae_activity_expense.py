from odoo import fields, models


class CaeActivity(models.Model):
    """Expenses of activities."""

    _inherit = "cae.activity"

    expense_count = fields.Integer(
        compute="_compute_expense_count",
        groups="cae_base.group_accountant",
        help="Expenses that the activity has a part in, refused ones left out.",
    )

    def _compute_expense_count(self):
        for activity in self:
            activity.expense_count = self.env["hr.expense"].search_count(
                [*activity._expense_domain(), ("state", "!=", "refused")]
            )

    def _expense_domain(self):
        return [("analytic_distribution", "in", self.analytic_account_id.ids)]

    def action_open_expenses(self) -> dict:
        """Expenses that these activities have a part in."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_expense_action"
        )
        activity = self.id if len(self) == 1 else False
        action["domain"] = self._expense_domain()
        action["context"] = {"default_cae_activity_id": activity}
        return action
