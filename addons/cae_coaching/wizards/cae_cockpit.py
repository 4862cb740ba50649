from odoo import api, fields, models


class CaeCockpit(models.TransientModel):
    """A cohort of coaching chooses the people of the cockpit."""

    _inherit = "cae.cockpit"

    cohort_id = fields.Many2one(
        "cae.cohort",
        check_company=True,
        groups="cae_base.group_coach",
        help="Fills in the days of entry, and the team of the cohort when it has one.",
    )

    @api.onchange("cohort_id")
    def _onchange_cohort_id(self):
        if self.cohort_id:
            self.entry_from = self.cohort_id.date_start
            self.entry_to = self.cohort_id.date_end
            self.team_id = self.cohort_id.team_id
