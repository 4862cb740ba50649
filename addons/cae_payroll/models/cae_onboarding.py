from odoo import api, models


class CaeOnboarding(models.AbstractModel):
    _inherit = "cae.onboarding"

    @api.model
    def _steps(self):
        """The settings of the pay come before the first month."""
        steps = super()._steps()
        month = steps.pop("month")
        pay = (
            self.env._("Settings of the pay"),
            self.env._(
                "Headcount, accident and mobility rates notified to the cooperative, "
                "health and provident premiums: the section Pay, before the first one."
            ),
        )
        return {**steps, "pay": pay, "month": month}

    @api.model
    def _is_done_pay(self, company):
        return bool(company.cae_headcount)

    @api.model
    def _open_pay(self, _company):
        return self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_settings_action"
        )
