from odoo import fields, models

MODES = [
    ("onsite", "At the Cooperative"),
    ("visit", "At the Person's"),
    ("phone", "Phone"),
    ("video", "Video Call"),
]


class CaeInterviewType(models.Model):
    """What an interview is for, and whether it is one of those that the law asks."""

    _name = "cae.interview.type"
    _description = "Type of Interview"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: the type is for all companies."
    )
    legal = fields.Boolean(
        string="Individual Support",
        help="Counts for the two interviews per twelve months of CESA (R.7331-3), once "
        "it is held, written and signed by the entrepreneur.",
    )
    duration = fields.Float(default=1.0, help="Planned length, in hours.")
    mode = fields.Selection(
        MODES,
        required=True,
        default="onsite",
        help="Where it is usually held; each interview may say otherwise.",
    )

    _duration_positive = models.Constraint(
        "CHECK(duration > 0 AND duration <= 24)",
        "An interview lasts some minutes, and a day at most.",
    )
