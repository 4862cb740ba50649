from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CaeSkillAssessmentLine(models.Model):
    _name = "cae.skill.assessment.line"
    _description = "Competence Assessed"
    _order = "assessment_id, sequence, id"
    _rec_name = "skill_id"

    assessment_id = fields.Many2one(
        "cae.skill.assessment", required=True, index=True, ondelete="cascade"
    )
    entrepreneur_id = fields.Many2one(
        related="assessment_id.entrepreneur_id", store=True, index=True
    )
    company_id = fields.Many2one(
        related="assessment_id.company_id", store=True, index=True
    )
    grid_id = fields.Many2one(related="assessment_id.grid_id", store=True)
    kind = fields.Selection(related="assessment_id.kind", store=True)
    state = fields.Selection(related="assessment_id.state", store=True)
    date = fields.Date(related="assessment_id.date", store=True)
    skill_id = fields.Many2one(
        "cae.skill",
        string="Competence",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('grid_id', '=', grid_id)]",
    )
    sequence = fields.Integer(related="skill_id.sequence", store=True)
    level_id = fields.Many2one(
        "cae.skill.level",
        ondelete="restrict",
        domain="[('grid_id', '=', grid_id)]",
        help="Empty: nothing was said.",
    )
    value = fields.Integer(
        string="Level Reached",
        related="level_id.value",
        store=True,
        aggregator="avg",
    )
    expected_id = fields.Many2one(
        "cae.skill.level",
        compute="_compute_expected_id",
        store=True,
    )
    gap = fields.Integer(
        compute="_compute_gap",
        store=True,
        aggregator="avg",
        help="Level less what is expected; negative: still to learn.",
    )
    comment = fields.Char()

    _skill_uniq = models.UniqueIndex(
        "(assessment_id, skill_id)", "CAE-SKILL-TWICE: a competence has one level."
    )

    # Not on the expectations: what was expected then stays with the assessment.
    @api.depends("skill_id", "assessment_id.deadline_id")
    def _compute_expected_id(self):
        for line in self:
            deadline = line.assessment_id.deadline_id
            expected = line.skill_id.expectation_ids.filtered(
                lambda e, d=deadline: e.deadline_id == d
            )
            line.expected_id = expected[:1].level_id

    @api.depends("level_id.value", "expected_id.value")
    def _compute_gap(self):
        for line in self:
            both = line.level_id and line.expected_id
            line.gap = line.level_id.value - line.expected_id.value if both else 0

    @api.constrains("skill_id", "level_id", "assessment_id")
    def _check_grid(self):
        for line in self:
            grids = line.skill_id.grid_id | line.level_id.grid_id
            if grids != line.assessment_id.grid_id:
                raise ValidationError(
                    self.env._(
                        "CAE-SKILL-GRID: %(name)s is not of the grid of this "
                        "assessment.",
                        name=line.skill_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        self.check_access("write")
        if {"skill_id", "level_id", "comment", "assessment_id"} & vals.keys():
            self._check_draft()
        result = super().write(vals)
        if "assessment_id" in vals:
            self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self._check_draft()

    def _check_draft(self):
        """:raises UserError: ``CAE-SKILL-DONE``"""
        if any(line.assessment_id.state == "done" for line in self):
            raise UserError(self.env._("CAE-SKILL-DONE: this assessment is done."))
