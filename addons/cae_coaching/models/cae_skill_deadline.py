from odoo import fields, models


class CaeSkillDeadline(models.Model):
    _name = "cae.skill.deadline"
    _description = "Deadline of Competences"
    _order = "grid_id, months"

    name = fields.Char(required=True, translate=True)
    grid_id = fields.Many2one(
        "cae.skill.grid", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="grid_id.company_id", store=True, index=True)
    months = fields.Integer(
        string="Months After the Entry",
        required=True,
        default=6,
        help="Such as 6: what is expected six months after the person entered.",
    )
    expectation_ids = fields.One2many(
        "cae.skill.expectation", "deadline_id", string="Expected", copy=False
    )

    _months_uniq = models.UniqueIndex(
        "(grid_id, months)", "CAE-SKILL-DEADLINE: this grid has this deadline already."
    )
    _months_range = models.Constraint(
        "CHECK(months BETWEEN 0 AND 120)",
        "CAE-SKILL-DEADLINE: a deadline is 0 to 120 months after the entry.",
    )
