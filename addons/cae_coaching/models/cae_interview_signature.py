from odoo import api, fields, models


class CaeInterviewSignature(models.Model):
    """A signature under a report; made by signing, never written."""

    _name = "cae.interview.signature"
    _description = "Signature"
    _order = "date, id"

    report_id = fields.Many2one(
        "cae.interview.report", required=True, index=True, ondelete="cascade"
    )
    interview_id = fields.Many2one(related="report_id.interview_id", store=True)
    company_id = fields.Many2one(
        related="interview_id.company_id", store=True, index=True
    )
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: a coach signed.",
    )
    user_id = fields.Many2one("res.users", required=True)
    name = fields.Char(string="Signed by", required=True)
    date = fields.Datetime(required=True)
    image = fields.Binary(string="Signature", attachment=True)
    kind = fields.Selection(
        [("drawn", "Drawn"), ("typed", "Typed")], required=True, default="drawn"
    )
    place = fields.Selection(
        [("portal", "In the portal"), ("desk", "On the coach's screen")],
        required=True,
    )
    hash = fields.Char(string="Hash of What Was Signed", required=True)
    duty_date = fields.Date(
        compute="_compute_duty_date",
        store=True,
        help="Day on which the interview counts for R.7331-3, for this person.",
    )

    _person_uniq = models.UniqueIndex(
        "(report_id, entrepreneur_id) WHERE entrepreneur_id IS NOT NULL",
        "CAE-INTERVIEW-SIGNED: this person has signed.",
    )
    _coach_uniq = models.UniqueIndex(
        "(report_id, user_id) WHERE entrepreneur_id IS NULL",
        "CAE-INTERVIEW-SIGNED: this coach has signed.",
    )

    @api.depends(
        "entrepreneur_id",
        "report_id.current",
        "interview_id.state",
        "interview_id.type_id.legal",
        "interview_id.held_start",
    )
    def _compute_duty_date(self):
        for signature in self:
            interview = signature.interview_id
            counts = (
                signature.entrepreneur_id
                and signature.report_id.current
                and interview.state == "held"
                and interview.type_id.legal
            )
            held = interview.held_start
            # The day where the people are, not that of Greenwich.
            zone = signature.company_id._cae_time_zone()
            local = held and fields.Datetime.context_timestamp(
                self.with_context(tz=zone), held
            )
            signature.duty_date = local.date() if counts and local else False
