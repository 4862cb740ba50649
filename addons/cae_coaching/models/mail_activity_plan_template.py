from odoo import api, fields, models
from odoo.exceptions import ValidationError

OURS = {"cae_coach", "cae_office"}


class MailActivityPlanTemplate(models.Model):
    """Tasks of a plan that fall to the coach of the person, or to the office."""

    _inherit = "mail.activity.plan.template"

    responsible_type = fields.Selection(
        selection_add=[
            ("cae_coach", "Coach of the person"),
            ("cae_office", "Office of the cooperative"),
        ],
        ondelete={"cae_coach": "cascade", "cae_office": "cascade"},
    )

    @api.constrains("plan_id", "responsible_type")
    def _check_responsible_cae(self):
        for template in self:
            ours = template.responsible_type in OURS
            if ours and template.plan_id.res_model != "cae.entrepreneur":
                raise ValidationError(
                    self.env._(
                        "CAE-PLAN-PERSON: the coach and the office are those of "
                        "entrepreneurs; this plan is for something else."
                    )
                )

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        if self.responsible_type not in OURS:
            return super()._determine_responsible(
                on_demand_responsible, applied_on_record
            )
        # sudo: who does the office's tasks is a setting that coaches do not read.
        office = applied_on_record.company_id.sudo().cae_newcomer_user_id
        coach = applied_on_record.coach_id
        wanted = coach if self.responsible_type == "cae_coach" else office
        found = wanted or office or on_demand_responsible or self.env.user
        return {"error": "", "warning": "", "responsible": found}

    def _cae_prepare_activity_vals(self, person, day):
        """Values of the activity, in the language of whoever does it."""
        self.ensure_one()
        user = self._determine_responsible(self.env.user, person)["responsible"]
        here = self.with_context(lang=user.lang)
        return {
            "res_model_id": self.env["ir.model"]._get_id(person._name),
            "res_id": person.id,
            "activity_type_id": self.activity_type_id.id,
            "summary": self.summary,
            "note": here.note or here.activity_type_id.default_note,
            "user_id": (user or self.env.user).id,
            "date_deadline": self._get_date_deadline(day),
            "automated": True,
        }
