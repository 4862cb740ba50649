from odoo import fields, models

from ..engine.duty import NOTICE_DAYS


class ResCompany(models.Model):
    _inherit = "res.company"

    cae_interview_notice = fields.Integer(
        string="Notice of Interviews (days)",
        default=NOTICE_DAYS,
        help="A person is soon late when an interview lacks and its deadline is within "
        "so many days.",
    )

    _cae_interview_notice_range = models.Constraint(
        "CHECK(cae_interview_notice BETWEEN 0 AND 365)",
        "CAE-INTERVIEW-NOTICE: a notice is of 0 to 365 days.",
    )
