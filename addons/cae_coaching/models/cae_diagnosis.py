from odoo import api, fields, models

from odoo.addons.cae_base.tools import format_date


class CaeDiagnosis(models.Model):
    """What a coach found in a candidate's project, and the plan agreed.

    Practice of CAEs (domain: the journey's second step): does the project fit, when
    could it start, what is to be done until then.
    """

    _name = "cae.diagnosis"
    _description = "Diagnosis of a Project"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    candidate_id = fields.Many2one(
        "cae.candidate",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="candidate_id.company_id", store=True, index=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        string="Author",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    fit = fields.Selection(
        [
            ("good", "Fits the Cooperative"),
            ("work", "To Work On"),
            ("no", "Does Not Fit"),
        ],
        tracking=True,
        help="Whether the project can live in the cooperative.",
    )
    date_start = fields.Date(
        string="Possible Start", help="Day on which the activity could start."
    )
    project = fields.Text(
        help="The project in the candidate's words: offer, customers."
    )
    experience = fields.Text(help="Skills and experience that carry the project.")
    market = fields.Text(help="Customers met, prices, first orders.")
    needs = fields.Text(help="What the person needs: training, equipment, money.")
    action_plan = fields.Text(help="What is to be done, by whom, until when.")

    @api.depends("candidate_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for diagnosis in self:
            day = diagnosis.date and format_date(self.env, diagnosis.date)
            words = (diagnosis.candidate_id.name, day)
            diagnosis.display_name = ", ".join(word for word in words if word)

    @api.model_create_multi
    def create(self, vals_list):
        diagnoses = super().create(vals_list)
        diagnoses.candidate_id._advance("diagnosis")
        return diagnoses
