from odoo import api, fields, models


class CaeSkillLevel(models.Model):
    _name = "cae.skill.level"
    _description = "Level of Competence"
    _order = "grid_id, value"

    grid_id = fields.Many2one(
        "cae.skill.grid", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="grid_id.company_id", store=True, index=True)
    value = fields.Integer(required=True, help="0 to 10; the radar draws it.")
    name = fields.Char(required=True, translate=True)

    _value_uniq = models.UniqueIndex(
        "(grid_id, value)", "CAE-SKILL-LEVEL: this scale has this value already."
    )
    _value_range = models.Constraint(
        "CHECK(value BETWEEN 0 AND 10)", "CAE-SKILL-LEVEL: values are from 0 to 10."
    )

    @api.depends("value", "name")
    def _compute_display_name(self):
        for level in self:
            level.display_name = f"{level.value} – {level.name or ''}"
