from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CaeMemberCollege(models.Model):
    """The college of a member between two dates; never two at once."""

    _name = "cae.member.college"
    _description = "College of a Member"
    _order = "date_start desc, id desc"
    _rec_name = "college_id"
    _check_company_auto = True

    member_id = fields.Many2one(
        "cae.member", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="member_id.company_id", store=True, index=True)
    college_id = fields.Many2one(
        "cae.college",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    date_start = fields.Date(
        string="Start Date", required=True, default=fields.Date.context_today
    )
    date_end = fields.Date(string="End Date", help="Last day in this college.")

    _dates_order = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start)",
        "Nobody leaves a college before having entered it.",
    )

    @api.constrains("member_id", "date_start", "date_end")
    def _check_overlap(self):
        """:raises ValidationError: ``CAE-COLLEGE-OVERLAP``"""
        for rows in self.member_id.college_ids.grouped("member_id").values():
            ordered = rows.sorted("date_start")
            for before, after in zip(ordered, ordered[1:], strict=False):
                if not before.date_end or before.date_end >= after.date_start:
                    raise ValidationError(
                        self.env._(
                            "CAE-COLLEGE-OVERLAP: %(name)s would be in two colleges at "
                            "once. Give the first one an end date.",
                            name=before.member_id.display_name,
                        )
                    )

    @api.model
    def _on_domain(self, day):
        """Rows that hold on ``day``; the last day counts."""
        return Domain("date_start", "<=", day) & (
            Domain("date_end", "=", False) | Domain("date_end", ">=", day)
        )
