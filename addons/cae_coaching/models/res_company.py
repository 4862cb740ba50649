from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    cae_social_retention_months = fields.Integer(
        string="Social File Kept (months)",
        default=24,
        help="After the exit. The CNIL's reference for social support names two years "
        "after the last contact; programmes of funders may ask for more.",
    )
    cae_candidate_retention_months = fields.Integer(
        string="Candidates Kept (months)",
        default=24,
        help="After the last step of candidates who did not enter.",
    )
    cae_social_purge = fields.Boolean(
        string="Purge by Itself",
        help="Every day erase what is past its retention. Without it, the head of "
        "coaching looks at the list and confirms.",
    )
    cae_evidence_years = fields.Integer(
        string="Signed Evidence Kept (years)",
        default=5,
        help="Signed reports of interviews, from the exit; signed sheets of trainings, "
        "from their day. Five years: Code civil art. 2224.",
    )
    _cae_evidence_positive = models.Constraint(
        "CHECK(cae_evidence_years BETWEEN 1 AND 30)",
        "CAE-RETENTION: evidence is kept for 1 to 30 years.",
    )
    _cae_retention_positive = models.Constraint(
        "CHECK(cae_social_retention_months > 0 AND cae_candidate_retention_months > 0)",
        "CAE-RETENTION: a retention is one month or more.",
    )
