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
    cae_smic_hours_basis = fields.Selection(
        related="company_id.cae_smic_hours_basis", readonly=False
    )
    cae_tax_death_insurance = fields.Boolean(
        related="company_id.cae_tax_death_insurance", readonly=False
    )
    cae_pay_policy = fields.Selection(
        related="company_id.cae_pay_policy", readonly=False
    )
    cae_pay_reserve = fields.Monetary(
        related="company_id.cae_pay_reserve",
        readonly=False,
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
    cae_accrued_wage_account_id = fields.Many2one(
        related="company_id.cae_accrued_wage_account_id", readonly=False
    )
    cae_accrued_charge_account_id = fields.Many2one(
        related="company_id.cae_accrued_charge_account_id", readonly=False
    )
