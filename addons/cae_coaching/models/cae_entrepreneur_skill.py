from odoo import api, fields, models


class CaeEntrepreneur(models.Model):
    _inherit = "cae.entrepreneur"

    skill_assessment_ids = fields.One2many(
        "cae.skill.assessment", "entrepreneur_id", groups="cae_base.group_coach"
    )
    skill_assessment_count = fields.Integer(
        string="Assessments",
        compute="_compute_skill_assessment_count",
        groups="cae_base.group_coach",
    )

    @api.depends("skill_assessment_ids")
    @api.depends_context("uid")
    def _compute_skill_assessment_count(self):
        rows = self.env["cae.skill.assessment"]._read_group(
            [("entrepreneur_id", "in", self.ids)], ["entrepreneur_id"], ["__count"]
        )
        counts = {person.id: count for person, count in rows}
        for person in self:
            person.skill_assessment_count = counts.get(person._origin.id, 0)

    def action_open_skill_assessments(self) -> dict:
        """Assessments of these people."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_coaching.cae_skill_assessment_action"
        )
        return {
            **action,
            "domain": [("entrepreneur_id", "in", self.ids)],
            "context": {"default_entrepreneur_id": self[:1].id},
        }
