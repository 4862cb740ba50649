from odoo import fields, models


class CaeBallotPaper(models.Model):
    """A ballot of a sealed urn, in random order; open after the count."""

    _name = "cae.ballot.paper"
    _description = "Ballot of a Sealed Urn"
    _order = "receipt"
    _rec_name = "receipt"
    _log_access = False

    ballot_id = fields.Many2one(
        "cae.ballot", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="ballot_id.company_id", store=True, index=True)
    receipt = fields.Char(required=True, readonly=True)
    paper = fields.Text(required=True, readonly=True, groups="base.group_system")
    nonce = fields.Char(readonly=True)
    message = fields.Char(readonly=True)
    choice = fields.Char(readonly=True)
    void = fields.Boolean(readonly=True)

    _receipt_uniq = models.UniqueIndex("(ballot_id, receipt)")


class CaeBallotPart(models.Model):
    """What a teller decrypted, between their visit and the opening of the urn."""

    _name = "cae.ballot.part"
    _description = "Part of a Teller"
    _log_access = False

    ballot_id = fields.Many2one(
        "cae.ballot", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="ballot_id.company_id", store=True, index=True)
    place = fields.Integer(string="Rank", required=True, readonly=True)
    parts = fields.Json(required=True, readonly=True)

    _place_uniq = models.UniqueIndex("(ballot_id, place)")
