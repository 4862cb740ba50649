from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """The clock of entrepreneurs is that of their cooperative."""

    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """Days on the portal begin at midnight of there, hours are those of there.

        Else an invoice would be late, and dated, by the clock of the browser at the
        first login, which Odoo keeps with the user, or by UTC where there is none.
        """
        user = request.env.user
        # Some pages are nobody's.
        if user and user.has_group("cae_base.group_entrepreneur"):
            zone = request.env.company._cae_time_zone()
            request.update_context(tz=zone)
        return super()._pre_dispatch(rule, args)
