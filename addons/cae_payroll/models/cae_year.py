from dateutil.relativedelta import relativedelta

from odoo import models


class CaeYear(models.Model):
    _inherit = "cae.year"

    def _exceptions(self):
        return [*super()._exceptions(), *self._overdrafts()]

    def _overdrafts(self):
        """Pay that was approved beyond what was available, and not undone."""
        lines = self.env["cae.pay.line"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", ">=", self.date_from),
                ("month", "<=", self.date_to),
                ("state", "in", ("approved", "posted")),
                ("is_overdraft", "=", True),
            ],
            order="month, id",
        )
        label = self.env._("Approved overdraft")
        amount = self.env["cae.activity"]._amount_text
        return [
            (
                label,
                line.entrepreneur_id.display_name,
                line.month,
                line.month + relativedelta(months=1, days=-1),
                line.approved_by_id.name,
                self.env._(
                    "Cost %(cost)s, available %(available)s",
                    cost=amount(line.cost),
                    available=amount(line.available - line.committed),
                ),
            )
            for line in lines
        ]
