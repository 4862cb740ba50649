from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [
    ("contact", "Contact"),
    ("information", "Information Meeting"),
    ("diagnosis", "Diagnosis"),
    ("accepted", "Admitted"),
    ("refused", "Not Admitted"),
    ("converted", "Converted"),
]
#: Reached by a decision or a conversion, never by moving a card.
DECIDED = ("accepted", "refused", "converted")


class CaeCandidateStage(models.Model):
    """A column of the board of candidates.

    Its kind says what it means to the product; a CAE may have several columns of one
    kind, such as a waiting list beside the diagnosis.
    """

    _name = "cae.candidate.stage"
    _description = "Stage of Candidates"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        KINDS,
        required=True,
        default="contact",
        help="Admitted and Not Admitted are reached by a decision, Converted by the "
        "conversion to an entrepreneur.",
    )
    fold = fields.Boolean(string="Folded", help="Folded on the board.")
    active = fields.Boolean(default=True)

    def write(self, vals):
        result = super().write(vals)
        if {"kind", "active"} & set(vals):
            self._check_kinds(self.search([("active", "=", True)]))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_keeps_kinds(self):
        self._check_kinds(self.search([("id", "not in", self.ids)]))

    @api.model
    def _check_kinds(self, left):
        """Sign-ups, decisions and conversions need a stage of their kind.

        :raises ValidationError: ``CAE-CANDIDATE-STAGE``
        """
        if {kind for kind, _name in KINDS} - set(left.mapped("kind")):
            raise ValidationError(
                self.env._(
                    "CAE-CANDIDATE-STAGE: each kind of stage needs at least one stage "
                    "in use. Add another one of that kind first."
                )
            )

    @api.model
    def _first(self, kind):
        """The first stage of a kind."""
        return self.search([("kind", "=", kind)], limit=1)
