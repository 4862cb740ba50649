from odoo import http
from odoo.http import request

from odoo.addons.cae_base.controllers.statement import _file


class PayslipController(http.Controller):
    """The PDF of a payslip, for the person and payroll officers."""

    @http.route("/cae/payslip/<int:payslip_id>/pdf", type="http", auth="user")
    def payslip_pdf(self, payslip_id):
        """The last PDF of a payslip; who may read the payslip may open it."""
        payslip = request.env["cae.payslip"].browse(payslip_id).exists()
        if not payslip:
            return request.not_found()
        content = payslip._pdf()
        if not content:
            return request.not_found()
        return _file(content, payslip._file_name(), "application/pdf", "inline")
