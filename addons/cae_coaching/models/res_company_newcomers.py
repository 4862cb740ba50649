from odoo import api, fields, models

PLAN = "cae_coaching.activity_plan_newcomers"


class ResCompany(models.Model):
    _inherit = "res.company"

    cae_newcomer_plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Plan of Newcomers",
        ondelete="set null",
        domain="[('res_model', '=', 'cae.entrepreneur'), "
        "('company_id', 'in', (id, False))]",
        default=lambda self: self.env.ref(PLAN, raise_if_not_found=False),
        help="Its tasks are given when a candidate becomes an entrepreneur. Empty: "
        "none.",
    )
    cae_newcomer_user_id = fields.Many2one(
        "res.users",
        string="Office",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Who does the office's tasks of newcomers. Empty: whoever converts.",
    )

    @api.model
    def _cae_set_newcomer_plan(self):
        """At installation: companies that were there before take the plan too."""
        companies = self.search([("cae_newcomer_plan_id", "=", False)])
        companies.cae_newcomer_plan_id = self.env.ref(PLAN)
