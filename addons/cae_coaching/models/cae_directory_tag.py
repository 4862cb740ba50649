from odoo import fields, models


class CaeDirectoryTag(models.Model):
    _name = "cae.directory.tag"
    _description = "Skill of the Directory"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    color = fields.Integer()

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "CAE-SKILL-TAG: this skill is in the list already."
    )
