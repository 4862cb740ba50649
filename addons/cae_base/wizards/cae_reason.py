from odoo import fields, models


class CaeReason(models.TransientModel):
    """Why a month is unlocked, or something of it undone; other files add theirs."""

    _name = "cae.reason"
    _inherit = "cae.asking"
    _description = "Reason"
    _operation = "action"

    action = fields.Selection(
        [
            ("unlock", "Unlock the month"),
            ("undo", "Undo the contributions of the month"),
            ("undo_lines", "Undo contributions"),
            ("undo_transfer", "Undo the transfer"),
        ],
        required=True,
        readonly=True,
    )
    period_id = fields.Many2one("cae.period", string="Month", readonly=True)
    line_ids = fields.Many2many(
        "cae.contribution.line", string="Contributions", readonly=True
    )
    transfer_id = fields.Many2one("cae.transfer", readonly=True)
    reason = fields.Text(
        required=True, help="Kept in the log of the month with your name."
    )

    def action_confirm(self) -> dict:
        """Do it, with the reason."""
        return self._confirm()

    def _do_unlock(self):
        period = self.period_id._own_company()
        period.unlock(f"{period.date:%Y-%m}", self.reason)

    def _do_undo(self):
        self.period_id._own_company().action_undo_contributions(self.reason)

    def _do_undo_lines(self):
        self.line_ids.action_undo(self.reason)

    def _do_undo_transfer(self):
        self.transfer_id.action_undo(self.reason)
