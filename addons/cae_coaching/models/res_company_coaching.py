from odoo import fields, models

from ..engine.duty import NOTICE_DAYS


class ResCompany(models.Model):
    _inherit = "res.company"

    cae_interview_notice = fields.Integer(
        string="Notice of Interviews (days)",
        default=NOTICE_DAYS,
        help="A person is soon late when an interview is missing and its deadline is "
        "within so many days.",
    )

    cae_sign_reminder_days = fields.Integer(
        string="Reminder of Signatures (days)",
        default=7,
        help="Persons who did not sign a report are reminded after so many days, three "
        "times at most; their coach has a task. 0: nobody is.",
    )

    _cae_sign_reminder_range = models.Constraint(
        "CHECK(cae_sign_reminder_days BETWEEN 0 AND 365)",
        "CAE-INTERVIEW-NOTICE: a reminder comes after 0 to 365 days.",
    )
    _cae_interview_notice_range = models.Constraint(
        "CHECK(cae_interview_notice BETWEEN 0 AND 365)",
        "CAE-INTERVIEW-NOTICE: a notice is of 0 to 365 days.",
    )
