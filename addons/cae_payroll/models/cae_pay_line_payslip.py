from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import booking

OTHER_CHARGES = (booking.CHARGE + booking.PENSION, booking.CHARGE + booking.HEALTH)


class CaePayLine(models.Model):
    """The estimate, and the true payslip that replaces it."""

    _inherit = "cae.pay.line"

    payslip_id = fields.Many2one(
        "cae.payslip",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="cae_base.group_payroll",
        help="The true payslip of the month: one for the pay of all contracts and the "
        "balance of a year.",
    )
    payslip_ids = fields.One2many(
        "cae.payslip",
        "pay_line_id",
        string="Payslips Paid With It",
        groups="cae_base.group_payroll",
        help="Payslips whose differences are paid with this pay.",
    )

    def _payslip_main(self, known=None):
        """The pay, of a person's month, that a payslip's differences are paid with.

        The one with the largest net: what a payslip withholds is found there.

        :param known: the one that was chosen before
        """
        if known and known in self:
            return known
        return self.sorted(lambda line: (-line.net, line.id))[:1]

    def _estimated_entry(self):
        """``{activity id: {account id: cents}}`` of the entries of posted pay.

        What is set aside for leave is no part of a payslip, and stays.
        """
        result = {}
        for share in self.share_ids:
            accounts = share.line_id.accounts
            own = result.setdefault(share.activity_id.id, defaultdict(int))
            for key in booking.KEYS:
                own[accounts[key]] += share.entry[key]
            for _kind, account, _partner, cents in share.withheld or []:
                own[account] -= cents
                own[accounts[booking.NET]] += cents
        return result

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
        slip = self.sudo().payslip_id.filtered(lambda s: s.state == "booked")[:1]
        if slip:
            raise UserError(
                self.env._(
                    "CAE-PAYSLIP-BOOKED: the payslip of %(payslip)s is in the books. "
                    "Undo it first.",
                    payslip=slip.display_name,
                )
            )
