"""What a new cooperative does first, and what of it is done."""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class CaeOnboarding(models.AbstractModel):
    """The first steps of a cooperative, read from its data and never ticked by hand.

    Other addons add theirs in :meth:`_steps`. Each step has a method
    ``_is_done_<key>(company)`` and a method ``_open_<key>(company)``, which returns the
    action of the screen that does it.
    """

    _name = "cae.onboarding"
    _description = "First Steps of a Cooperative"

    @api.model
    def _steps(self):
        """``{key: (title, what to do)}``, in order."""
        return {
            "company": (
                self.env._("The cooperative"),
                self.env._("Its address, SIRET and VAT number, as invoices show them."),
            ),
            "plan": (
                self.env._("Accounts and plan"),
                self.env._(
                    "The French chart, the shared services, accounts 181, 186 and 187, "
                    "the legal form. Made by itself; look at it once."
                ),
            ),
            "scheme": (
                self.env._("Contribution scheme"),
                self.env._(
                    "Choose or copy one that comes with the program, and note the "
                    "decision of your meeting on it."
                ),
            ),
            "entrepreneur": (
                self.env._("First entrepreneur"),
                self.env._("The person, and under Contracts the CAPE or the CESA."),
            ),
            "activity": (
                self.env._("First activity"),
                self.env._("Its trade name, its scheme, and who holds it."),
            ),
            "month": (
                self.env._("First month"),
                self.env._(
                    "When invoices, bills and bank are entered: settle what the month "
                    "lists, run it, lock it."
                ),
            ),
        }

    # ------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------

    @api.model
    def _state(self, company):
        """What the screen shows; False when it is hidden, or all is done."""
        reopened = self.env.context.get("cae_onboarding")
        if company.cae_onboarding_hidden and not reopened:
            return False
        steps = [
            {
                "key": key,
                "title": title,
                "text": text,
                "done": getattr(self, f"_is_done_{key}")(company),
            }
            for key, (title, text) in self._steps().items()
        ]
        if all(step["done"] for step in steps) and not reopened:
            return False
        return {"steps": steps, "done": sum(step["done"] for step in steps)}

    @api.model
    def _check_manager(self):
        if not self.env.user.has_group("cae_base.group_manager"):
            raise AccessError(
                self.env._("CAE-ONBOARDING-RIGHT: first steps are for CAE managers.")
            )

    @api.model
    def open_step(self, key: str) -> dict:
        """The action of the screen where a step is done.

        :raises AccessError: ``CAE-ONBOARDING-RIGHT``
        """
        self._check_manager()
        if not isinstance(key, str) or key not in self._steps():
            return self.action_open()
        return getattr(self, f"_open_{key}")(self.env.company)

    @api.model
    def hide(self) -> bool:
        """Show the list no more; *Configuration / First Steps* brings it back.

        :raises AccessError: ``CAE-ONBOARDING-RIGHT``
        """
        return self._set_hidden(True)

    @api.model
    def action_open(self) -> dict:
        """The month to close, with the list above it.

        :raises AccessError: ``CAE-ONBOARDING-RIGHT``
        """
        self._set_hidden(False)
        action = self.env["cae.period"].action_open_current()
        return {**action, "context": {"cae_onboarding": True}}

    @api.model
    def _set_hidden(self, hidden):
        self._check_manager()
        # sudo: one setting of their company, which Odoo reserves to administrators.
        self.env.company.sudo().cae_onboarding_hidden = hidden
        return True

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    @api.model
    def _is_done_company(self, company):
        partner = company.partner_id
        return all(
            (partner.street, partner.zip, partner.city, company.company_registry)
        )

    @api.model
    def _open_company(self, company):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The cooperative"),
            "res_model": "res.partner",
            "res_id": company.partner_id.id,
            "views": [[False, "form"]],
        }

    @api.model
    def _is_done_plan(self, company):
        made = (
            *("cae_shared_account_id", "cae_journal_id", "cae_charge_account_id"),
            *("cae_income_account_id", "cae_internal_bank_account_id"),
            "cae_legal_form",
        )
        return all(company[name] for name in made)

    @api.model
    def _open_plan(self, company):
        # sudo: accounts and journals that are missing; what is chosen stays.
        company.sudo()._cae_configure()
        return self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_settings_action"
        )

    @api.model
    def _is_done_scheme(self, company):
        own = Domain("company_id", "in", (False, company.id))
        decided = Domain("decision", "!=", False) | Domain("decision_date", "!=", False)
        ruled = Domain("rule_ids", "!=", False)
        return self._found("cae.contribution.scheme", own & decided & ruled)

    @api.model
    def _open_scheme(self, _company):
        return self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_contribution_scheme_action"
        )

    @api.model
    def _is_done_entrepreneur(self, company):
        return self._found("cae.contract", Domain("company_id", "=", company.id))

    @api.model
    def _open_entrepreneur(self, company):
        """The first person who has no contract yet, else a new one."""
        domain = [("company_id", "=", company.id), ("contract_ids", "=", False)]
        waiting = self.env["cae.entrepreneur"].search(domain, limit=1)
        return self._form("cae_base.cae_entrepreneur_action", waiting)

    @api.model
    def _is_done_activity(self, company):
        return self._found(
            "cae.activity",
            Domain("company_id", "=", company.id)
            & Domain("scheme_id", "!=", False)
            & Domain("share_ids", "!=", False),
        )

    @api.model
    def _open_activity(self, company):
        """The first activity that lacks something, else a new one."""
        lacks = Domain("scheme_id", "=", False) | Domain("share_ids", "=", False)
        waiting = self.env["cae.activity"].search(
            Domain("company_id", "=", company.id) & lacks, limit=1
        )
        return self._form("cae_base.cae_activity_action", waiting)

    @api.model
    def _is_done_month(self, company):
        locked = Domain("company_id", "=", company.id) & Domain("state", "=", "locked")
        return self._found("cae.period", locked)

    @api.model
    def _open_month(self, _company):
        return self.env["cae.period"].action_open_current()

    @api.model
    def _found(self, model, domain):
        archived = self.env[model].with_context(active_test=False)
        return bool(archived.search_count(domain, limit=1))

    @api.model
    def _form(self, xml_id, record):
        action = self.env["ir.actions.actions"]._for_xml_id(xml_id)
        return {**action, "views": [[False, "form"]], "res_id": record.id}
