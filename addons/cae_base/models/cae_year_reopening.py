from odoo import api, fields, models


class CaeYearReopening(models.Model):
    """One signature taken back: who, when and why."""

    _name = "cae.year.reopening"
    _description = "Reopening of a Fiscal Year"
    _order = "create_date desc, id desc"
    _rec_name = "year_id"

    year_id = fields.Many2one(
        "cae.year", string="Fiscal Year", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="year_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users", string="Opened by", required=True, readonly=True
    )
    reason = fields.Char(required=True, readonly=True)

    @api.model
    def _log(self, year, reason):
        # sudo: the log is written by the reopening alone; nobody may change it.
        return self.sudo().create(
            {"year_id": year.id, "user_id": self.env.uid, "reason": reason}
        )
