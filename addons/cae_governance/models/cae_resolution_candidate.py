from odoo import api, fields, models

from odoo.addons.cae_base.models.cae_owned import OWNED

OWNED["cae.resolution.candidate"] = {"elected": False}


class CaeResolutionCandidate(models.Model):
    """A person who stands for election."""

    _name = "cae.resolution.candidate"
    _description = "Candidate"
    _inherit = ["cae.owned"]
    _order = "resolution_id, sequence, id"

    resolution_id = fields.Many2one(
        "cae.resolution", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="resolution_id.company_id", store=True, index=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner", string="Contact", ondelete="restrict")
    statement = fields.Text(help="What the candidate says to the members.")
    vote_count = fields.Integer(string="Votes", copy=False)
    elected = fields.Boolean(readonly=True, copy=False)

    _votes_positive = models.Constraint(
        "CHECK(COALESCE(vote_count, 0) >= 0)", "CAE-VOTE-COUNT: votes are not negative."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: ``CAE-RESOLUTION-VOTED``"""
        records = super().create(vals_list)
        records.resolution_id._check_unvoted()
        return records

    def write(self, vals):
        """:raises UserError: ``CAE-RESOLUTION-VOTED``, ``CAE-RESOLUTION-COUNT``"""
        if not self._cae_owning():
            if "vote_count" in vals:
                self.resolution_id._check_counting()
            if set(vals) - {"vote_count"}:
                self.resolution_id.meeting_id.check_access("write")
                self.resolution_id._check_unvoted()
        result = super().write(vals)
        if not self._cae_owning() and "resolution_id" in vals:
            self.resolution_id._check_unvoted()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_voted(self):
        self.resolution_id._check_unvoted()

    def _code(self):
        """What names the candidate on a ballot."""
        return f"c{self.id}"
