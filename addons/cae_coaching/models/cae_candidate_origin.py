from odoo import fields, models


class CaeCandidateOrigin(models.Model):
    """How people heard of the cooperative, or who sent them."""

    _name = "cae.candidate.origin"
    _description = "Origin of Candidates"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
