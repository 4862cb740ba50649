from odoo import fields, models


class CaeCandidateReason(models.Model):
    """Why a candidate was not admitted, or gave up."""

    _name = "cae.candidate.reason"
    _description = "Reason of a Refusal"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
