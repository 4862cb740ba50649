from odoo import http
from odoo.http import request

from odoo.addons.cae_base.controllers.statement import _file
from odoo.addons.portal.controllers.portal import CustomerPortal


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


class PayslipPortal(CustomerPortal):
    """Payslips that were handed over, for the person."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_payslip_count" in counters:
            values["cae_payslip_count"] = len(self._own_payslips())
        return values

    def _own_payslips(self):
        """Payslips of the person with a PDF, the last month first."""
        payslips = request.env["cae.payslip"]
        if not payslips.has_access("read"):
            return payslips
        return payslips.search(
            [
                ("entrepreneur_id.user_id", "=", request.env.uid),
                ("delivered_on", "!=", False),
            ]
        )

    @http.route("/my/payslips", type="http", auth="user", website=True)
    def my_payslips(self, **_options):
        """Own payslips, by year."""
        payslips = self._own_payslips()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "cae_payslips",
            "years": payslips.grouped(lambda slip: slip.month.year),
        }
        return request.render("cae_payroll.portal_my_payslips", values)
