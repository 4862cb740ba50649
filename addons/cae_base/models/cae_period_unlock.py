from odoo import api, fields, models


class CaePeriodUnlock(models.Model):
    """One unlocking of a month: who, when and why."""

    _name = "cae.period.unlock"
    _description = "Unlocking of a Month"
    _order = "create_date desc, id desc"
    _rec_name = "period_id"

    period_id = fields.Many2one(
        "cae.period", string="Month", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="period_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users", string="Unlocked by", required=True, readonly=True
    )
    reason = fields.Char(required=True, readonly=True)

    @api.model
    def _log(self, period, reason):
        # sudo: the log is written by the unlocking alone; nobody may change it.
        return self.sudo().create(
            {"period_id": period.id, "user_id": self.env.uid, "reason": reason}
        )
