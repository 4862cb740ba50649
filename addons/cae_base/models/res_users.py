from odoo import models
from odoo.exceptions import AccessDenied, AccessError


class ResUsers(models.Model):
    """What the record rules of the CAE ask about a user, and what people keep of it."""

    _inherit = "res.users"

    def _cae_writes_shared(self) -> bool:
        """Whether they may change what all companies share.

        So may a manager of the CAE, and whoever is allowed in every company.
        """
        self.ensure_one()
        if self.has_group("cae_base.group_manager"):
            return True
        # sudo: companies that the user does not see are those that count.
        companies = self.env["res.company"].sudo()
        return not companies.search_count(
            [("id", "not in", self.company_ids.ids)], limit=1
        )

    def _cae_reads_entries(self) -> bool:
        """Whether they may read journal items one by one, those of pay included.

        Accountants and payroll officers of the CAE have that right of Odoo's own.
        """
        return self.has_group("account.group_account_readonly")

    # ------------------------------------------------------------------
    # Of the portal
    # ------------------------------------------------------------------

    def write(self, vals):
        if self.env.user.share and not self.env.su and self == self.env.user:
            self._cae_check_own(vals)
        return super().write(vals)

    def _cae_check_own(self, vals):
        """Odoo lets everybody write their name, and what their employee file says.

        :raises AccessError: ``CAE-ACCESS``
        """
        kept = [name for name in vals if self._cae_is_staff_field(name)]
        if "name" in vals and vals["name"] != self.name:
            kept += ["name"] * self.partner_id._cae_keeps_identity()
        if kept:
            raise AccessError(
                self.env._(
                    "CAE-ACCESS: the cooperative keeps this in its registers: ask it "
                    "to change it."
                )
            )

    def _cae_is_staff_field(self, name):
        field = self._fields.get(name)
        return bool(field and (field.related or "").startswith("employee_id."))

    def _deactivate_portal_user(self, **post):
        """The login goes; the contact stays where registers and documents name it."""
        # sudo: contacts of the logins that go, whatever they may read.
        named = self.sudo().partner_id.filtered(lambda p: p._cae_keeps_identity())
        answer = super()._deactivate_portal_user(**post)
        named.action_unarchive()
        return answer

    def _login(self, credential, user_agent_env):
        try:
            return super()._login(credential, user_agent_env)
        except AccessDenied:
            self._cae_take_as_long(credential)
            raise

    def _cae_take_as_long(self, credential):
        """How soon a login is refused does not tell whether there is one."""
        known = self._get_login_domain(credential["login"])
        # sudo: nobody is logged in yet; only whether there is one.
        if not self.sudo().search_count(known, limit=1):
            self._crypt_context().hash("nobody")

    def reset_password(self, login):
        """Nobody is told whether there is such an account: the answer is the same."""
        domains = self._get_login_domain(login), self._get_email_domain(login)
        if any(self.search_count(domain, limit=1) for domain in domains):
            return super().reset_password(login)
        return None
