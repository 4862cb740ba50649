from odoo import fields, models


class CaeSettings(models.TransientModel):
    """What the statutes say of members and shares."""

    _inherit = "cae.settings"

    cae_admission_by = fields.Selection(
        related="company_id.cae_admission_by", readonly=False
    )
    cae_member_from = fields.Selection(
        related="company_id.cae_member_from", readonly=False
    )
    cae_member_shares = fields.Integer(
        related="company_id.cae_member_shares", readonly=False
    )
    cae_member_warning_months = fields.Integer(
        related="company_id.cae_member_warning_months", readonly=False
    )
    cae_secretary_id = fields.Many2one(
        related="company_id.cae_secretary_id", readonly=False
    )
    cae_member_lost_with_contract = fields.Boolean(
        related="company_id.cae_member_lost_with_contract", readonly=False
    )
    cae_retention_rate = fields.Float(
        related="company_id.cae_retention_rate", readonly=False
    )
    cae_retention_target = fields.Monetary(
        related="company_id.cae_retention_target", readonly=False
    )
    cae_retention_ceiling = fields.Float(
        related="company_id.cae_retention_ceiling", readonly=False
    )
    cae_capital_floor_part = fields.Float(
        related="company_id.cae_capital_floor_part", readonly=False
    )
    cae_capital_minimum = fields.Monetary(
        related="company_id.cae_capital_minimum", readonly=False
    )
    cae_capital_highest = fields.Monetary(
        related="company_id.cae_capital_highest", readonly=False
    )
    cae_redemption_years = fields.Integer(
        related="company_id.cae_redemption_years", readonly=False
    )
    cae_interest_from = fields.Selection(
        related="company_id.cae_interest_from", readonly=False
    )
    cae_redemption_interest_account_id = fields.Many2one(
        related="company_id.cae_redemption_interest_account_id", readonly=False
    )
    cae_capital_journal_id = fields.Many2one(
        related="company_id.cae_capital_journal_id",
        domain="[('type', '=', 'general'), ('company_id', '=', company_id)]",
        readonly=False,
    )
    cae_capital_unpaid_account_id = fields.Many2one(
        related="company_id.cae_capital_unpaid_account_id", readonly=False
    )
    cae_capital_account_id = fields.Many2one(
        related="company_id.cae_capital_account_id", readonly=False
    )
    cae_share_debt_account_id = fields.Many2one(
        related="company_id.cae_share_debt_account_id", readonly=False
    )
    cae_share_refund_account_id = fields.Many2one(
        related="company_id.cae_share_refund_account_id", readonly=False
    )
    cae_share_loss_account_id = fields.Many2one(
        related="company_id.cae_share_loss_account_id", readonly=False
    )
    cae_surplus_result_account_id = fields.Many2one(
        related="company_id.cae_surplus_result_account_id", readonly=False
    )
    cae_legal_reserve_account_id = fields.Many2one(
        related="company_id.cae_legal_reserve_account_id", readonly=False
    )
    cae_development_fund_account_id = fields.Many2one(
        related="company_id.cae_development_fund_account_id", readonly=False
    )
    cae_surplus_work_account_id = fields.Many2one(
        related="company_id.cae_surplus_work_account_id", readonly=False
    )
    cae_surplus_interest_account_id = fields.Many2one(
        related="company_id.cae_surplus_interest_account_id", readonly=False
    )
