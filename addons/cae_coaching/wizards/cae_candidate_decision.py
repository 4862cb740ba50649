from odoo import api, fields, models


class CaeCandidateDecision(models.TransientModel):
    """Asks for the grounds of a decision, and whether to write to the candidate."""

    _name = "cae.candidate.decision"
    _description = "Decision on Candidates"

    candidate_ids = fields.Many2many("cae.candidate", string="Candidates")
    decision = fields.Selection(
        [("accepted", "Admit"), ("refused", "Do Not Admit")], required=True
    )
    reason_id = fields.Many2one("cae.candidate.reason")
    note = fields.Text(
        string="Explanation", help="For the team; the e-mail does not quote them."
    )
    send = fields.Boolean(
        string="Send the E-mail",
        compute="_compute_send",
        store=True,
        readonly=False,
        precompute=True,
        help="The template of the decision, in the name of the cooperative.",
    )

    @api.depends("candidate_ids")
    def _compute_send(self):
        for wizard in self:
            wizard.send = any(wizard.candidate_ids.mapped("email_normalized"))

    def action_confirm(self) -> dict:
        """Note the decision."""
        self.ensure_one()
        self.candidate_ids._decide(self.decision, self.reason_id, self.note, self.send)
        return {"type": "ir.actions.act_window_close"}
