from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import booking

OTHER_CHARGES = (booking.CHARGE + booking.PENSION, booking.CHARGE + booking.HEALTH)


class CaePayLine(models.Model):
    """The estimate, and the true payslip that replaces it."""

    _inherit = "cae.pay.line"

    payslip_ids = fields.One2many(
        "cae.payslip",
        "pay_line_id",
        groups="cae_base.group_payroll",
    )

    def _estimated_charges(self):
        """``{key: cents}`` of the charges of other bodies than URSSAF."""
        totals = dict.fromkeys(OTHER_CHARGES, 0)
        for share in self.share_ids:
            for key in OTHER_CHARGES:
                totals[key] += share.entry[key]
        return totals

    def _reverse_pay(self, reason):
        self._check_no_payslip()
        return super()._reverse_pay(reason)

    def _check_no_payslip(self):
        """:raises UserError: ``CAE-PAYSLIP-BOOKED``"""
        # sudo: a pay is not undone below its payslip, whoever undoes it.
        slip = (
            self.env["cae.payslip"]
            .sudo()
            .search(
                [("pay_line_id", "in", self.ids), ("state", "=", "booked")], limit=1
            )
        )
        if slip:
            raise UserError(
                self.env._(
                    "CAE-PAYSLIP-BOOKED: the payslip of %(payslip)s is in the books. "
                    "Undo it first.",
                    payslip=slip.display_name,
                )
            )
