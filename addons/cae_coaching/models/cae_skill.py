from odoo import fields, models


class CaeSkill(models.Model):
    _name = "cae.skill"
    _description = "Competence"
    _order = "grid_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    grid_id = fields.Many2one(
        "cae.skill.grid", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="grid_id.company_id", store=True, index=True)
    description = fields.Text(
        translate=True, help="What somebody does who has this competence."
    )
    expectation_ids = fields.One2many(
        "cae.skill.expectation", "skill_id", string="Expected", copy=False
    )
