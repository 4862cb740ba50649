from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CaeSkillExpectation(models.Model):
    """The level of a competence that is expected by a deadline."""

    _name = "cae.skill.expectation"
    _description = "Expected Level"
    _order = "skill_id, deadline_id"

    skill_id = fields.Many2one(
        "cae.skill",
        string="Competence",
        required=True,
        index=True,
        ondelete="cascade",
        help="Competence that is expected.",
    )
    grid_id = fields.Many2one(related="skill_id.grid_id", store=True, index=True)
    company_id = fields.Many2one(related="skill_id.company_id", store=True, index=True)
    deadline_id = fields.Many2one(
        "cae.skill.deadline",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('grid_id', '=', grid_id)]",
        help="By when, counted from the entry.",
    )
    level_id = fields.Many2one(
        "cae.skill.level",
        required=True,
        ondelete="cascade",
        domain="[('grid_id', '=', grid_id)]",
        help="Level of the scale that should be reached by then.",
    )

    _deadline_uniq = models.UniqueIndex(
        "(skill_id, deadline_id)",
        "CAE-SKILL-EXPECTED: this deadline has a level for this competence already.",
    )

    @api.constrains("skill_id", "deadline_id", "level_id")
    def _check_grid(self):
        for one in self:
            grids = one.skill_id.grid_id | one.deadline_id.grid_id
            if len(grids | one.level_id.grid_id) > 1:
                raise ValidationError(
                    self.env._(
                        "CAE-SKILL-GRID: %(name)s has its level and deadline from "
                        "another grid.",
                        name=one.skill_id.name,
                    )
                )
