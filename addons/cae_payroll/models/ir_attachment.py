from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.base.models.ir_attachment import condition_values
from odoo.addons.cae_base.models.ir_attachment import FREEZING


class IrAttachment(models.Model):
    """Files of the log of pay are read by those who read the log alone."""

    _inherit = "ir.attachment"

    def _inaccessible_comodel_records(self, model_and_ids, operation):
        yield from super()._inaccessible_comodel_records(model_and_ids, operation)
        if self.env.su:
            return
        for name, ids in model_and_ids.items():
            if name and self._is_pay_log(name):
                records = self.env[name].browse(filter(None, ids))
                yield from ((name, record.id) for record in records._log_hidden())

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        names = condition_values(self, "res_model", Domain(domain)) or ()
        bypass = self.env.su or kwargs.get("bypass_access")
        if bypass or not any(map(self._is_pay_log, names)):
            return super()._search(domain, offset, limit, order, **kwargs)
        # Odoo looks at the rights on the records alone when a model is named.
        found = super()._search(domain, order=order, **kwargs)
        found = self.browse(found.get_result_ids())
        readable = found._filtered_access("read")[offset:]
        return (readable[:limit] if limit else readable)._as_query(bool(order))

    @api.model
    def _is_pay_log(self, name):
        model, log = self.env.get(name), self.env.registry["cae.pay.log"]
        return model is not None and isinstance(model, log)

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
