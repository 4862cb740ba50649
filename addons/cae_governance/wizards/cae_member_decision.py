from odoo import api, fields, models

from ..models.cae_member_course import BODIES, LEAVING


class CaeMemberDecision(models.TransientModel):
    """Admits or refuses candidates, or ends memberships."""

    _name = "cae.member.decision"
    _description = "Decision on Members"

    member_ids = fields.Many2many("cae.member", string="Members", required=True)
    operation = fields.Selection(
        [("admit", "Admit"), ("refuse", "Refuse"), ("leave", "End the membership")],
        required=True,
        default="admit",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    body = fields.Selection(BODIES, string="Decided by")
    reference = fields.Char(
        string="Decision", help="Resolution or minutes, such as: AGO of 12 June, no. 7."
    )
    leave_reason = fields.Selection(LEAVING, string="Why")
    reason = fields.Char(string="Details", help="Kept in the log of the member.")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        by = self.env.company.cae_admission_by
        return {"body": by if by != "either" else False, **values}

    def action_confirm(self) -> dict:
        """Take the decision.

        :raises UserError: see ``cae.member._admit``, ``_refuse`` and ``_leave``
        """
        self.ensure_one()
        members = self.member_ids
        if self.operation == "admit":
            members._admit(self.date, self.body, self.reference or "")
        elif self.operation == "refuse":
            members._refuse(self.date, self.reason or "", self.reference or "")
        else:
            members._leave(self.date, self.leave_reason, self.reason or "")
        return {"type": "ir.actions.act_window_close"}
