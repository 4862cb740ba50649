from datetime import date

from odoo import models

from odoo.addons.cae_base.engine.money import decimal


class CaeEntrepreneur(models.Model):
    """What people were paid over a year, for the sharing of the surplus."""

    _inherit = "cae.entrepreneur"

    def _year_grosses(self, company, first: date, last: date):
        """Gross of the posted pay of the months, balances of a year included."""
        result = super()._year_grosses(company, first, last)
        rows = self.env["cae.pay.line"]._read_group(
            [
                ("company_id", "=", company.id),
                ("entrepreneur_id", "in", self.ids),
                ("month", ">=", first.replace(day=1)),
                ("month", "<=", last),
                ("state", "=", "posted"),
            ],
            ["entrepreneur_id"],
            ["gross:sum"],
        )
        paid = {person.id: decimal(gross) for person, gross in rows if gross}
        return {**result, **paid}
