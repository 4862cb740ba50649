from odoo import fields, models


class CaeSocialSituation(models.Model):
    """A status before, during or after the time in the cooperative."""

    _name = "cae.social.situation"
    _description = "Social Situation"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Stable key for programs and funders' tables."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    job_seeker = fields.Boolean(
        help="Counts as a job seeker in the indicators of funders."
    )

    _code_uniq = models.UniqueIndex(
        "(code)", "CAE-SITUATION-CODE: this code is taken by another situation."
    )
