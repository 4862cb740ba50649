from odoo import api, fields, models


class CaeReasonLog(models.AbstractModel):
    """Log of what was closed and is open again: who, when and why.

    ``_rec_name`` is the field of the record that was opened.
    """

    _name = "cae.reason.log"
    _description = "Log with Reasons"
    _order = "create_date desc, id desc"

    user_id = fields.Many2one(
        "res.users", string="Opened by", required=True, readonly=True
    )
    reason = fields.Char(required=True, readonly=True)

    @api.model
    def _log(self, record, reason):
        # sudo: the log is written by the opening alone; nobody may change it.
        return self.sudo().create(
            {self._rec_name: record.id, "user_id": self.env.uid, "reason": reason}
        )
