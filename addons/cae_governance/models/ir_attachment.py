from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.models.ir_attachment import FREEZING


class IrAttachment(models.Model):
    """Signed minutes, and notices as they were sent, are kept as they are."""

    _inherit = "ir.attachment"

    @api.model
    def _check_freezing(self):
        """:raises UserError: also ``CAE-MEETING-KEPT``"""
        # sudo: whose file it is must be known, whoever changes it.
        ours = self.sudo().filtered(lambda file: file.res_model == "cae.meeting")
        if ours and self.env.context.get("cae_freezing") is not FREEZING:
            raise UserError(
                self.env._(
                    "CAE-MEETING-KEPT: signed minutes, and notices that were sent, are "
                    "kept as they are."
                )
            )
        return super()._check_freezing()
