from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.cae_base.tools import format_date


class CaeInterruption(models.Model):
    """Time in which a person is away: a leave, or an exit that a return followed."""

    _name = "cae.interruption"
    _description = "Interruption"
    _inherit = ["mail.thread"]
    _order = "date_start desc, id desc"

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    kind = fields.Selection(
        [
            ("family", "Maternity, Paternity or Adoption"),
            ("parental", "Parental Leave"),
            ("sickness", "Sickness or Accident"),
            ("training", "Training"),
            ("personal", "Personal Leave"),
            ("other", "Other"),
            ("away", "Left and Came Back"),
        ],
        required=True,
        default="parental",
        tracking=True,
        help="No medical reason is to be written anywhere: that somebody is on sick "
        "leave is all that the file needs.",
    )
    date_start = fields.Date(string="First Day", required=True, tracking=True)
    date_end = fields.Date(
        string="Last Day", tracking=True, help="Empty while the return is not known."
    )
    date_expected = fields.Date(
        string="Return Expected on", help="Foreseen return, while the end is open."
    )
    reason = fields.Char(
        help="What colleagues need to know to follow the person. No health data."
    )
    exit_reason_id = fields.Many2one(
        "cae.exit.reason", help="Why the person had left, before the return."
    )
    suspends_contract = fields.Boolean(
        default=True, help="The contract is suspended; the activity may go on."
    )

    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "CAE-INTERRUPTION-DATES: nobody comes back before leaving.",
    )

    @api.depends("entrepreneur_id", "kind", "date_start")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for pause in self:
            day = pause.date_start and format_date(self.env, pause.date_start)
            words = (pause.entrepreneur_id.name, kinds.get(pause.kind), day)
            pause.display_name = ", ".join(word for word in words if word)

    @api.constrains("entrepreneur_id", "date_start", "date_end")
    def _check_overlap(self):
        everything = self.search(
            [("entrepreneur_id", "in", self.entrepreneur_id.ids)], order="date_start"
        )
        for pauses in everything.grouped("entrepreneur_id").values():
            for before, after in zip(pauses, pauses[1:], strict=False):
                if not before.date_end or before.date_end >= after.date_start:
                    raise ValidationError(
                        self.env._(
                            "CAE-INTERRUPTION-OVERLAP: %(name)s is away already on "
                            "%(day)s. Give the earlier interruption an end.",
                            name=after.entrepreneur_id.display_name,
                            day=format_date(self.env, after.date_start),
                        )
                    )
