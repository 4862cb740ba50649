from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cae_shared_account_id = fields.Many2one(
        related="company_id.cae_shared_account_id", readonly=False
    )
    cae_charge_account_id = fields.Many2one(
        related="company_id.cae_charge_account_id", readonly=False
    )
    cae_income_account_id = fields.Many2one(
        related="company_id.cae_income_account_id", readonly=False
    )
    cae_internal_bank_account_id = fields.Many2one(
        related="company_id.cae_internal_bank_account_id", readonly=False
    )
    cae_journal_id = fields.Many2one(
        related="company_id.cae_journal_id", readonly=False
    )
    cae_expense_account_id = fields.Many2one(
        related="company_id.cae_expense_account_id", readonly=False
    )
    cae_cape_expense_account_id = fields.Many2one(
        related="company_id.cae_cape_expense_account_id", readonly=False
    )
    cae_legal_form = fields.Char(related="company_id.cae_legal_form", readonly=False)
