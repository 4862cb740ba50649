from odoo import fields, models


class CaeCandidateSignUp(models.TransientModel):
    """Signs a candidate up for an information meeting, without typing again."""

    _name = "cae.candidate.sign.up"
    _description = "Sign-up for an Information Meeting"

    candidate_id = fields.Many2one("cae.candidate", required=True)
    company_id = fields.Many2one(related="candidate_id.company_id")
    event_id = fields.Many2one(
        "event.event",
        string="Meeting",
        required=True,
        domain="[('cae_information', '=', True), ('date_end', '>=', 'now'), "
        "('company_id', 'in', [company_id, False])]",
        context={"name_with_seats_availability": True},
    )

    def action_confirm(self) -> dict:
        """Take a seat; a second sign-up for the same meeting takes none."""
        self.ensure_one()
        candidate = self.candidate_id
        candidate.check_access("write")
        taken = candidate.registration_ids.filtered(
            lambda r: r.event_id == self.event_id and r.state != "cancel"
        )
        if not taken:
            self.env["event.registration"].create(
                {
                    "event_id": self.event_id.id,
                    "cae_candidate_id": candidate.id,
                    "name": candidate.name,
                    "email": candidate.email,
                    "phone": candidate.phone,
                }
            )
        candidate._advance("information")
        return {"type": "ir.actions.act_window_close"}
