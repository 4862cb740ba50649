from odoo import api, fields, models

from odoo.addons.cae_base.models.cae_owned import OWNED

OWNED["account.payment"]["cae_pay_line_ids"] = False


class AccountPayment(models.Model):
    _inherit = "account.payment"

    cae_pay_line_ids = fields.Many2many(
        "cae.pay.line",
        "account_payment_cae_pay_line_rel",
        "account_payment_id",
        "cae_pay_line_id",
        string="Pay",
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll,cae_base.group_accountant",
        help="What this transfer pays the net of.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        # A field of the OCA's payment orders: what each payment pays.
        if any("payment_line_ids" in vals for vals in vals_list):
            self.env["cae.pay.line"]._link_payments(payments)
        return payments

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "rejected":
            self._cae_release_pay()
        return result

    def _cae_release_pay(self):
        """What these transfers paid is open again: the money did not reach anybody.

        Odoo keeps the matching of a payment that is rejected or set to draft: its pay
        would count as paid, and could not be paid or undone.
        """
        # sudo: the matching of the very payments whose state the user changes.
        payments = self.sudo().filtered("cae_pay_line_ids")
        items = payments.move_id.line_ids
        net = payments.destination_account_id
        items.filtered(lambda i: i.account_id in net).remove_move_reconcile()
