from odoo import fields, models


class CaeSettings(models.TransientModel):
    """How long coaching keeps what it knows of people."""

    _inherit = "cae.settings"

    cae_social_retention_months = fields.Integer(
        related="company_id.cae_social_retention_months", readonly=False
    )
    cae_candidate_retention_months = fields.Integer(
        related="company_id.cae_candidate_retention_months", readonly=False
    )
    cae_evidence_years = fields.Integer(
        related="company_id.cae_evidence_years", readonly=False
    )
    cae_newcomer_plan_id = fields.Many2one(
        related="company_id.cae_newcomer_plan_id", readonly=False
    )
    cae_newcomer_user_id = fields.Many2one(
        related="company_id.cae_newcomer_user_id", readonly=False
    )
    cae_social_purge = fields.Boolean(
        related="company_id.cae_social_purge", readonly=False
    )

    def action_propose_catalogue(self) -> bool:
        """Give the company the proposed grid and services, where it has none."""
        self.ensure_one()
        return self.company_id.action_cae_propose_catalogue()
