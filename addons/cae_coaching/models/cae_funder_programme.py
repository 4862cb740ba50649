from odoo import api, fields, models

#: Years from the end of a programme to the end of its evidence, as proposed.
YEARS_KEPT = 6


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
        help="Who pays: a region, a department, the State, Europe.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date_start = fields.Date(
        string="Start Date",
        required=True,
        tracking=True,
        help="First day of the agreement; support before it is not funded.",
    )
    date_end = fields.Date(
        string="End Date",
        required=True,
        tracking=True,
        help="Last day of the agreement; support after it is not funded.",
    )
    date_kept = fields.Date(
        string="Evidence Kept until",
        compute="_compute_date_kept",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Until that day an erasure leaves what proves the support. European "
        "funds: five years from 31 December of the year of the last payment "
        "(Regulation 2021/1060, art. 82). Proposed as if that were the year after the "
        "end: write the real day once it is known.",
    )
    note = fields.Html(
        string="Obligations",
        help="What the funder asks: proofs, questionnaires, logos, dates of reports.",
    )
    line_ids = fields.One2many("cae.funder.line", "programme_id", string="Lines")
    hours_bought = fields.Float(compute="_compute_hours")
    hours_done = fields.Float(compute="_compute_hours")
    hours_unfunded = fields.Float(
        string="Hours Not Funded",
        compute="_compute_hours_unfunded",
        help="What people on its lines had and no line pays.",
    )

    _dates_order = models.Constraint(
        "CHECK(date_end >= date_start)",
        "CAE-FUNDER-DATES: a programme ends after it starts.",
    )

    @api.depends("date_end")
    def _compute_date_kept(self):
        for programme in self:
            end = programme.date_end
            years = end and end.year + YEARS_KEPT
            programme.date_kept = end and end.replace(year=years, month=12, day=31)

    @api.depends("line_ids.hours_bought", "line_ids.hours_done")
    def _compute_hours(self):
        for programme in self:
            programme.hours_bought = sum(programme.line_ids.mapped("hours_bought"))
            programme.hours_done = sum(programme.line_ids.mapped("hours_done"))

    @api.depends("line_ids.participant_ids", "line_ids.hour_ids")
    def _compute_hours_unfunded(self):
        lines = {programme: programme.line_ids._origin for programme in self}
        totals = self.env["cae.unfunded.hour"]._totals(lines)
        for programme in self:
            programme.hours_unfunded = totals[programme]

    def action_unfunded(self) -> dict:
        """Hours of the people of these programmes that no line pays, and why."""
        return self.env["cae.unfunded.hour"]._open_of(self.line_ids)
