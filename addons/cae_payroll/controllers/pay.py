from odoo import http
from odoo.http import request

from odoo.addons.cae_base.controllers.statement import _file
from odoo.addons.cae_base.spreadsheet import MEDIA_TYPE


class PayController(http.Controller):
    """Documents about pay; what makes them says who may have them."""

    @http.route(
        "/cae/month/<int:period_id>/pay/<any(pdf,xlsx):kind>", type="http", auth="user"
    )
    def pay_book(self, period_id, kind):
        """The pay book of a month, for payroll officers."""
        period = request.env["cae.period"].browse(period_id).exists()
        if not period:
            return request.not_found()
        period.check_access("read")
        book = request.env["cae.pay.book"]
        content = book._pdf(period) if kind == "pdf" else book._xlsx(period)
        label = request.env._("pay-book")
        name = f"{label}-{period.date:%Y-%m}.{kind}"
        if kind == "pdf":
            return _file(content, name, "application/pdf", "inline")
        return _file(content, name, MEDIA_TYPE)

    @http.route(
        "/cae/pay/<int:person_id>/year/<int:year>/pdf", type="http", auth="user"
    )
    def pay_year(self, person_id, year):
        """The yearly statement of a person, for the person and payroll officers."""
        person = request.env["cae.entrepreneur"].browse(person_id).exists()
        if not (person and 2000 <= year < 2100):
            return request.not_found()
        content = request.env["cae.pay.year"]._pdf(person, year)
        label = request.env._("pay-of-the-year")
        return _file(content, f"{label}-{year}.pdf", "application/pdf", "inline")
