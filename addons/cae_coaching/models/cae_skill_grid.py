from odoo import api, fields, models


class CaeSkillGrid(models.Model):
    """Competences of somebody who runs a business, with one scale for all of them.

    Not on ``hr_skills``: its skills hang on ``hr.employee``, and the holder of a CAPE
    has no employment contract, nor do most people of the portal.
    """

    _name = "cae.skill.grid"
    _description = "Grid of Competences"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    description = fields.Text(
        translate=True, help="Shown to the person above the self-assessment."
    )
    level_ids = fields.One2many("cae.skill.level", "grid_id", string="Scale", copy=True)
    skill_ids = fields.One2many("cae.skill", "grid_id", string="Competences", copy=True)
    deadline_ids = fields.One2many(
        "cae.skill.deadline", "grid_id", string="Deadlines", copy=True
    )
    assessment_count = fields.Integer(compute="_compute_assessment_count")

    @api.depends_context("uid")
    def _compute_assessment_count(self):
        rows = self.env["cae.skill.assessment"]._read_group(
            [("grid_id", "in", self.ids)], ["grid_id"], ["__count"]
        )
        counts = {grid.id: count for grid, count in rows}
        for grid in self:
            grid.assessment_count = counts.get(grid.id, 0)

    def action_open_assessments(self) -> dict:
        """Assessments with these grids."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_coaching.cae_skill_assessment_action"
        )
        return {**action, "domain": [("grid_id", "in", self.ids)]}

    def _top(self):
        """Highest value of the scale."""
        return max(self.level_ids.mapped("value"), default=0)
