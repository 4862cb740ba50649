from dateutil.relativedelta import relativedelta

from odoo import fields, models


class CaeCoachingAlertRest(models.TransientModel):
    """Asks until when alerts may rest, and why."""

    _name = "cae.coaching.alert.rest"
    _description = "Rest of Alerts"

    alert_ids = fields.Many2many(
        "cae.coaching.alert", "cae_alert_rest_rel", required=True
    )
    until = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(months=1),
    )
    reason = fields.Char(
        required=True, help="Kept on the alert, with your name: others read it."
    )

    def action_confirm(self) -> dict:
        """Let them rest."""
        self.ensure_one()
        self.alert_ids.action_rest(self.until, self.reason)
        return {"type": "ir.actions.act_window_close"}
