from odoo import fields, models


class CaeInterviewReason(models.TransientModel):
    """Asks why an interview is not held, or why its report is corrected."""

    _name = "cae.interview.reason"
    _inherit = "cae.asking"
    _description = "Reason"

    operation = fields.Selection(
        [
            ("absent", "The person did not come"),
            ("excused", "The person is excused"),
            ("cancel", "Cancel the interview"),
            ("correct", "Correct the report"),
        ],
        required=True,
        readonly=True,
    )
    interview_ids = fields.Many2many(
        "cae.interview", string="Interviews", readonly=True
    )
    reason = fields.Char(required=True, help="Kept in the log with your name.")

    def action_confirm(self) -> dict:
        """Do it, with the reason."""
        self.ensure_one()
        getattr(self.interview_ids, f"action_{self.operation}")(self.reason)
        return {"type": "ir.actions.act_window_close"}
