from odoo import models
from odoo.fields import Command


class PortalWizardUser(models.TransientModel):
    """Odoo's access to the portal makes an entrepreneur's contact one of the CAE."""

    _inherit = "portal.wizard.user"

    def _cae_people(self):
        """Entrepreneurs of these contacts whom the user may change."""
        # sudo: whether a contact is an entrepreneur; what may be written is asked next.
        people = self.env["cae.entrepreneur"].sudo()
        found = people.search([("partner_id", "in", self.partner_id.ids)])
        # sudo(False): back to the rights of the caller, who may change only some.
        return found.sudo(False)._filtered_access("write")

    def action_grant_access(self):
        """Also lets an entrepreneur read the own activities, pay and votes."""
        action = super().action_grant_access()
        self._cae_people()._join_portal()
        return action

    def action_revoke_access(self):
        """Takes the access of an entrepreneur back with that to the portal."""
        group = self.env.ref("cae_base.group_entrepreneur")
        users = self._cae_people().user_id
        # sudo: users are for administrators; this one group, of portal users, goes.
        held = users.sudo().filtered(lambda user: group in user.group_ids)
        portal = self.env.ref("base.group_portal")
        held.group_ids = [Command.link(portal.id), Command.unlink(group.id)]
        return super().action_revoke_access()
