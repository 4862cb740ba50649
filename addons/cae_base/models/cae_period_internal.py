from odoo import models

from .cae_period_checks import BLOCKING


class CaePeriod(models.Model):
    """Internal sales in the close of a month."""

    _inherit = "cae.period"

    def _finders(self):
        return [*super()._finders(), self._find_internal_drafts]

    def _find_internal_drafts(self):
        """Sales that the lock would leave unposted: ``CAE-CHECK-SALES``."""
        drafts = self.env["cae.internal.sale"].search(
            [*self._in_month(), ("state", "=", "draft")]
        )
        message = self.env._("Internal sales not posted: %(count)s.", count=len(drafts))
        yield self._finding("SALES", BLOCKING, message, drafts)
