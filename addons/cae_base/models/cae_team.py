from odoo import fields, models


class CaeTeam(models.Model):
    """Coaches who share the entrepreneurs they support."""

    _name = "cae.team"
    _description = "Coaching Team"
    _order = "name"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Coaches",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="They see the entrepreneurs of the team with the money of their "
        "activities.",
    )
    entrepreneur_ids = fields.One2many("cae.entrepreneur", "team_id")
    entrepreneur_count = fields.Integer(compute="_compute_entrepreneur_count")

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "A coaching team of this name already exists."
    )

    def _compute_entrepreneur_count(self):
        counts = dict(
            self.env["cae.entrepreneur"]._read_group(
                [("team_id", "in", self.ids)], ["team_id"], ["__count"]
            )
        )
        for team in self:
            team.entrepreneur_count = counts.get(team, 0)
