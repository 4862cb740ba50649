from odoo import fields, models


class CaeBallotVoter(models.Model):
    """Who has voted in a secret vote (émargement). When is not kept."""

    _name = "cae.ballot.voter"
    _description = "Has Voted in Secret"
    _order = "ballot_id, elector_id"
    _rec_name = "elector_id"
    # No date nor user of creation: they would be an order of arrival.
    _log_access = False

    ballot_id = fields.Many2one(
        "cae.ballot", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="ballot_id.company_id", store=True, index=True)
    elector_id = fields.Many2one(
        "cae.meeting.elector",
        string="Voter",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )

    _voter_uniq = models.UniqueIndex(
        "(ballot_id, elector_id)", "CAE-VOTE-TWICE: this vote was already cast."
    )
