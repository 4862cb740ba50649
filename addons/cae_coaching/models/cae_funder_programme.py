from odoo import api, fields, models


class CaeFunderProgramme(models.Model):
    """An agreement with a funder: European fund, region, city, insurance fund."""

    _name = "cae.funder.programme"
    _description = "Funded Programme"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, name"
    _rec_names_search = ["name", "reference"]

    active = fields.Boolean(default=True)
    name = fields.Char(required=True, tracking=True)
    reference = fields.Char(
        string="Agreement", tracking=True, help="Number of the agreement."
    )
    funder_id = fields.Many2one(
        "res.partner",
        required=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date_start = fields.Date(required=True, tracking=True)
    date_end = fields.Date(required=True, tracking=True)
    note = fields.Html(
        string="Obligations",
        help="What the funder asks: proofs, questionnaires, logos, dates of reports.",
    )
    line_ids = fields.One2many("cae.funder.line", "programme_id", string="Lines")
    hours_bought = fields.Float(compute="_compute_hours")
    hours_done = fields.Float(compute="_compute_hours")

    _dates_order = models.Constraint(
        "CHECK(date_end >= date_start)",
        "CAE-FUNDER-DATES: a programme ends after it starts.",
    )

    @api.depends("line_ids.hours_bought", "line_ids.hours_done")
    def _compute_hours(self):
        for programme in self:
            programme.hours_bought = sum(programme.line_ids.mapped("hours_bought"))
            programme.hours_done = sum(programme.line_ids.mapped("hours_done"))
