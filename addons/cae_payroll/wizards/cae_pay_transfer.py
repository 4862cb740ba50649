import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.money import decimal

from ..engine import elements


class CaePayTransfer(models.TransientModel):
    """Registers the payment of posted pay, and makes the list for the bank."""

    _name = "cae.pay.transfer"
    _description = "Pay by Transfer"

    line_ids = fields.Many2many("cae.pay.line", string="Pay", required=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        required=True,
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        default=lambda self: self._default_journal(),
    )
    to_pay = fields.Monetary(compute="_compute_to_pay")
    payment_ids = fields.Many2many(
        "account.payment",
        string="Payments",
        compute="_compute_payment_ids",
        help="Those that were taken back are left out.",
    )
    file_format = fields.Selection(
        [("csv", "CSV"), ("xlsx", "Excel (XLSX)")],
        string="File",
        required=True,
        default="csv",
    )
    content = fields.Binary(string="Transfer List", readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    can_order = fields.Boolean(
        compute="_compute_can_order",
        help="Whether the OCA's payment orders (account_payment_batch_oca) are "
        "installed.",
    )

    @api.model
    def _default_journal(self):
        return self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )

    @api.depends("line_ids")
    def _compute_to_pay(self):
        for wizard in self:
            wizard.to_pay = sum(wizard.line_ids.mapped("to_pay"))

    @api.depends("line_ids")
    def _compute_payment_ids(self):
        for wizard in self:
            wizard.payment_ids = wizard.line_ids.payment_ids.filtered(
                lambda payment: payment.state in ("in_process", "paid")
            )

    def action_pay(self) -> dict:
        """Register the payments of what is open, and make their list.

        :raises UserError: see ``cae.pay.line._pay_by_transfer``
        """
        self.ensure_one()
        payments = self.line_ids._pay_by_transfer(self.date, self.journal_id)
        return self._offer(payments)

    @api.depends("line_ids")
    def _compute_can_order(self):
        self.can_order = self.env["cae.pay.line"]._orders_exist()

    def action_order(self) -> dict:
        """Put what is open into a draft payment order of the OCA, and show it.

        :raises UserError: see ``cae.pay.line._pay_by_order``
        """
        self.ensure_one()
        order = self.line_ids._pay_by_order(self.date, self.journal_id)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment Order"),
            "res_model": order._name,
            "res_id": order.id,
            "view_mode": "form",
        }

    def action_list(self) -> dict:
        """Make the list of the payments that are registered already.

        :raises UserError: ``CAE-PAY-PAID`` when there is none
        """
        self.ensure_one()
        if not self.payment_ids:
            raise UserError(
                self.env._(
                    "CAE-PAY-PAID: no payment of this pay is registered. Register the "
                    "payments first."
                )
            )
        return self._offer(self.payment_ids)

    def _offer(self, payments):
        name = self.env._("transfers-%(day)s", day=f"{self.date:%Y-%m-%d}")
        self.write(
            {
                "content": base64.b64encode(self._content(payments)),
                "filename": f"{name}.{self.file_format}",
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay by Transfer"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _content(self, payments):
        layout, rows = self._layout(), self._rows(payments)
        if self.file_format == "xlsx":
            return self.env["cae.payroll.exchange"]._xlsx(layout, rows)
        return elements.write_csv(layout, rows, ";", True).encode("utf-8-sig")

    def _layout(self):
        labels = {
            "name": self.env._("Name"),
            "iban": self.env._("IBAN"),
            "bic": self.env._("BIC"),
            "amount": self.env._("Amount"),
            "reference": self.env._("Reference"),
        }
        columns = [elements.Column(label, key) for key, label in labels.items()]
        return elements.Layout(tuple(columns))

    def _rows(self, payments):
        # sudo: bank accounts of the people that the officer pays just now.
        return [
            [
                payment.partner_id.name or "",
                payment.partner_bank_id.sanitized_acc_number or "",
                payment.partner_bank_id.bank_bic or "",
                decimal(payment.amount),
                payment.memo or "",
            ]
            for payment in payments.sudo().sorted(lambda p: (p.partner_id.name, p.id))
        ]
