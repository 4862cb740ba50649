from odoo import fields, models


class CaeSettings(models.TransientModel):
    _inherit = "cae.settings"

    cae_alert_available = fields.Monetary(
        related="company_id.cae_alert_available", readonly=False
    )
    cae_alert_relief = fields.Monetary(
        related="company_id.cae_alert_relief", readonly=False
    )
    cae_alert_fall_percent = fields.Integer(
        related="company_id.cae_alert_fall_percent", readonly=False
    )
    cae_alert_fall_floor = fields.Monetary(
        related="company_id.cae_alert_fall_floor", readonly=False
    )
    cae_alert_idle_months = fields.Integer(
        related="company_id.cae_alert_idle_months", readonly=False
    )
    cae_alert_margin_percent = fields.Integer(
        related="company_id.cae_alert_margin_percent", readonly=False
    )
    cae_alert_margin_floor = fields.Monetary(
        related="company_id.cae_alert_margin_floor", readonly=False
    )
    cae_alert_unpaid_days = fields.Integer(
        related="company_id.cae_alert_unpaid_days", readonly=False
    )
    cae_alert_notice = fields.Integer(
        related="company_id.cae_alert_notice", readonly=False
    )
    cae_alert_membership_notice = fields.Integer(
        related="company_id.cae_alert_membership_notice", readonly=False
    )
