from odoo import fields, models


class CaeSettings(models.TransientModel):
    _inherit = "cae.settings"

    cae_headcount = fields.Integer(related="company_id.cae_headcount", readonly=False)
    cae_at_rate = fields.Float(related="company_id.cae_at_rate", readonly=False)
    cae_mobility_rate = fields.Float(
        related="company_id.cae_mobility_rate", readonly=False
    )
    cae_health_total = fields.Monetary(
        related="company_id.cae_health_total",
        readonly=False,
    )
    cae_health_employer_share = fields.Float(
        related="company_id.cae_health_employer_share", readonly=False
    )
    cae_headcount_11_date = fields.Date(
        related="company_id.cae_headcount_11_date", readonly=False
    )
    cae_headcount_50_date = fields.Date(
        related="company_id.cae_headcount_50_date", readonly=False
    )
    cae_headcount_250_date = fields.Date(
        related="company_id.cae_headcount_250_date", readonly=False
    )
    cae_alsace_moselle = fields.Boolean(
        related="company_id.cae_alsace_moselle", readonly=False
    )
    cae_apprentice_share = fields.Float(
        related="company_id.cae_apprentice_share", readonly=False
    )
    cae_provident_rate = fields.Float(
        related="company_id.cae_provident_rate", readonly=False
    )
    cae_provident_total = fields.Monetary(
        related="company_id.cae_provident_total", readonly=False
    )
    cae_provident_employer_share = fields.Float(
        related="company_id.cae_provident_employer_share", readonly=False
    )
    cae_provident_scope = fields.Selection(
        related="company_id.cae_provident_scope", readonly=False
    )
    cae_pay_progressive = fields.Boolean(
        related="company_id.cae_pay_progressive", readonly=False
    )
    cae_smic_hours_basis = fields.Selection(
        related="company_id.cae_smic_hours_basis", readonly=False
    )
    cae_tax_death_insurance = fields.Boolean(
        related="company_id.cae_tax_death_insurance", readonly=False
    )
    cae_leave_policy = fields.Selection(
        related="company_id.cae_leave_policy", readonly=False
    )
    cae_leave_wage_account_id = fields.Many2one(
        related="company_id.cae_leave_wage_account_id", readonly=False
    )
    cae_leave_due_account_id = fields.Many2one(
        related="company_id.cae_leave_due_account_id", readonly=False
    )
    cae_leave_bodies_account_id = fields.Many2one(
        related="company_id.cae_leave_bodies_account_id", readonly=False
    )
    cae_pay_rounding = fields.Selection(
        related="company_id.cae_pay_rounding", readonly=False
    )
    cae_fixed_part_minimum = fields.Monetary(
        related="company_id.cae_fixed_part_minimum",
        readonly=False,
    )
    cae_pay_policy = fields.Selection(
        related="company_id.cae_pay_policy", readonly=False
    )
    cae_pay_reserve = fields.Monetary(
        related="company_id.cae_pay_reserve",
        readonly=False,
    )
    cae_pay_overdraft_limit = fields.Monetary(
        related="company_id.cae_pay_overdraft_limit", readonly=False
    )
    cae_pay_approval = fields.Selection(
        related="company_id.cae_pay_approval", readonly=False
    )
    cae_pay_journal_id = fields.Many2one(
        related="company_id.cae_pay_journal_id",
        domain="[('type', '=', 'general'), ('company_id', '=', company_id)]",
        readonly=False,
    )
    cae_pay_wage_account_id = fields.Many2one(
        related="company_id.cae_pay_wage_account_id", readonly=False
    )
    cae_pay_charge_social_account_id = fields.Many2one(
        related="company_id.cae_pay_charge_social_account_id", readonly=False
    )
    cae_pay_charge_pension_account_id = fields.Many2one(
        related="company_id.cae_pay_charge_pension_account_id", readonly=False
    )
    cae_pay_charge_health_account_id = fields.Many2one(
        related="company_id.cae_pay_charge_health_account_id", readonly=False
    )
    cae_pay_net_account_id = fields.Many2one(
        related="company_id.cae_pay_net_account_id", readonly=False
    )
    cae_pay_debt_social_account_id = fields.Many2one(
        related="company_id.cae_pay_debt_social_account_id", readonly=False
    )
    cae_pay_debt_pension_account_id = fields.Many2one(
        related="company_id.cae_pay_debt_pension_account_id", readonly=False
    )
    cae_pay_debt_health_account_id = fields.Many2one(
        related="company_id.cae_pay_debt_health_account_id", readonly=False
    )
    cae_pay_garnishment_account_id = fields.Many2one(
        related="company_id.cae_pay_garnishment_account_id", readonly=False
    )
    cae_pay_advance_account_id = fields.Many2one(
        related="company_id.cae_pay_advance_account_id", readonly=False
    )
    cae_pay_subscription_account_id = fields.Many2one(
        related="company_id.cae_pay_subscription_account_id", readonly=False
    )
    cae_accrued_wage_account_id = fields.Many2one(
        related="company_id.cae_accrued_wage_account_id", readonly=False
    )
    cae_accrued_charge_account_id = fields.Many2one(
        related="company_id.cae_accrued_charge_account_id", readonly=False
    )
