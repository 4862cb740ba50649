from odoo import models
from odoo.exceptions import AccessError


class IrActionsServer(models.Model):
    """What buttons and the night do is the team's."""

    _inherit = "ir.actions.server"

    def run(self):
        """Nobody of the portal starts an action of the server, by whatever route.

        Odoo asks as superuser whether the model may be written: any login would do
        what is scheduled for the night, mails and new states included.

        :raises AccessError: ``CAE-ACCESS``
        """
        if self.env.user.share and not self.env.su:
            raise AccessError(self.env._("CAE-ACCESS: this is for the team."))
        return super().run()
