from odoo import models
from odoo.fields import Command


class CaeEntrepreneur(models.Model):
    """Access of the person to the portal."""

    _inherit = "cae.entrepreneur"

    def action_open_portal_access(self) -> dict:
        """Odoo's window that opens and closes the portal to the contact.

        :raises AccessError: for others than payroll officers and managers
        """
        self.ensure_one()
        self.check_access("write")
        self._join_portal()
        context = {"default_partner_ids": self.partner_id.ids}
        return self.env["portal.wizard"].with_context(**context).action_open_wizard()

    def _join_portal(self):
        """Where the contact has a portal user, it becomes the person's own."""
        group = self.env.ref("cae_base.group_entrepreneur")
        for person in self:
            # sudo: users of this one contact, which the caller may change the
            # person of; only portal users are taken, and get no other group.
            users = person.sudo().partner_id.user_ids
            portal = users.filtered(lambda user: user.active and user._is_portal())
            user = portal & (person.user_id or portal[:1])
            if user:
                # sudo(False): the person is written with the rights of the caller.
                person.user_id = user.sudo(False)
                user.group_ids = [Command.link(group.id)]
