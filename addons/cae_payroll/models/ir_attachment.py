from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.models.ir_attachment import FREEZING


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _check_freezing(self):
        """:raises UserError: also ``CAE-PAYSLIP-KEPT``"""
        # sudo: whose file it is must be known, whoever changes it.
        payslips = self.sudo().filtered(lambda file: file.res_model == "cae.payslip")
        if payslips and self.env.context.get("cae_freezing") is not FREEZING:
            raise UserError(
                self.env._(
                    "CAE-PAYSLIP-KEPT: the PDF of a payslip is kept as it is, and goes "
                    "with its payslip when the time to keep it is over."
                )
            )
        return super()._check_freezing()
