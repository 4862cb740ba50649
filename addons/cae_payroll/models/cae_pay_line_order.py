"""Pay put into a payment order of the OCA, when its module is there.

``account_payment_batch_oca`` makes the file for the bank (SEPA with
``account_payment_sepa_credit_transfer``), the payments, and matches them. It is no
dependency: everything here asks first whether its models exist.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

#: Model of an order; its lines have a journal item, an amount, a bank account.
ORDER, LINE = "account.payment.order", "account.payment.line"
#: Orders that will pay, or may: those sent have matched what they paid.
WAITING = ("draft", "open", "generated")
SEPA = "sepa_credit_transfer"


class CaePayLine(models.Model):
    _inherit = "cae.pay.line"

    @api.model
    def _orders_exist(self):
        """Whether the module of payment orders is installed, in the form we know."""
        line = self.env.get(LINE)
        return line is not None and "payment_lot_ids" in self.env[ORDER]._fields

    def _pay_by_order(self, day, journal):
        """Put what is open on the net of posted pay into a new draft payment order.

        Nothing is paid by it: whoever has the rights on orders confirms it, makes the
        file and sends it. That posts the payments and matches them with this pay.

        :param day: wanted day of the payments, today at the earliest
        :param journal: bank that pays
        :return: the order
        :raises UserError: ``CAE-PAY-ORDER``, and as :meth:`_pay_by_transfer`
        """
        if not self._orders_exist():
            raise UserError(
                self.env._(
                    "CAE-PAY-ORDER: payment orders need the module "
                    "“account_payment_batch_oca” of the OCA."
                )
            )
        day = max(day, fields.Date.context_today(self))
        with self._in_turn_to_pay(day, journal) as lines:
            return lines._create_order(day, journal)

    def _create_order(self, day, journal):
        method = self._order_method(journal)
        groups = self._open_net_groups()
        self._check_not_ordered()
        banks = self._trusted_banks(groups)
        # sudo: a payroll officer orders the payment of the net of posted pay, and
        # nothing else, without rights on orders.
        order = self.env[ORDER].sudo().create(self._prepare_order_vals(method))
        # Not at creation, which takes the kind of date from the method.
        order.write({"date_prefered": "fixed", "date_scheduled": day})
        order.env[LINE].create(
            [
                self._prepare_order_line_vals(order, item, banks[partner])
                for (partner, _account), items in groups.items()
                for item in items
            ]
        )
        return order.with_env(self.env)

    def _order_method(self, journal):
        """The way in which this bank pays orders: SEPA, else the first.

        :raises UserError: ``CAE-PAY-ORDER``
        """
        # sudo: settings of the bank, for who pays from it.
        journal = journal.sudo()
        methods = journal.outbound_payment_method_line_ids.filtered("payment_order_ok")
        method = methods.filtered(lambda each: each.code == SEPA)[:1] or methods[:1]
        missing = False
        if not method:
            missing = self.env._("an outgoing payment method for orders")
        elif not method.payment_account_id:
            missing = self.env._(
                "an outstanding account on its payment method “%(name)s”, without "
                "which payments have no entry",
                name=method.name,
            )
        elif method.payment_method_id.bank_account_required and not (
            journal.bank_account_id
        ):
            missing = self.env._("a bank account")
        if missing:
            raise UserError(
                self.env._(
                    "CAE-PAY-ORDER: the bank %(bank)s lacks %(missing)s. Complete it "
                    "in the settings of the journal.",
                    bank=journal.display_name,
                    missing=missing,
                )
            )
        return method

    def _prepare_order_vals(self, method):
        """Values of the order that pays this pay."""
        return {
            "payment_type": "outbound",
            "payment_method_line_id": method.id,
            "company_id": method.company_id.id,
            "description": self._transfer_reference(),
        }

    def _prepare_order_line_vals(self, order, item, bank):
        """Values of the line of an order that pays an item of net pay."""
        vals = {
            **item._prepare_payment_line_vals(order),
            "partner_bank_id": bank.id,
            "communication": self._transfer_reference(),
            "communication_type": "free",
        }
        if "category_purpose" in self.env[LINE]._fields:
            # ISO 20022: banks keep a list of salaries apart, and show its total only.
            vals["category_purpose"] = "SALA"
        return vals

    # ------------------------------------------------------------------
    # Not twice
    # ------------------------------------------------------------------

    def _check_not_ordered(self):
        """:raises UserError: ``CAE-PAY-ORDER``: an order that waits pays this pay"""
        if not self._orders_exist():
            return
        # sudo: whether an order holds this very pay, whoever may read orders.
        lines = self.sudo()
        items = lines._net_items(lines.move_id | lines.payslip_ids.move_ids)
        found = lines.env[LINE].search(
            [("move_line_id", "in", items.ids), ("state", "in", WAITING)]
        )
        if found:
            raise UserError(
                self.env._(
                    "CAE-PAY-ORDER: the payment order %(order)s holds the pay of "
                    "%(names)s. Send it, or take them out of it first.",
                    order=", ".join(found.order_id.mapped("name")),
                    names=", ".join(found.partner_id.mapped("name")[:20]),
                )
            )

    def _check_unpaid(self):
        self._check_not_ordered()
        return super()._check_unpaid()

    def _register_payments(self, day, journal):
        self._check_not_ordered()
        return super()._register_payments(day, journal)

    # ------------------------------------------------------------------
    # Payments
    # ------------------------------------------------------------------

    @api.model
    def _link_payments(self, payments):
        """Note which pay the payments of an order pay."""
        # sudo: which pay these very payments pay, for the payroll officer to see.
        payments = payments.sudo().filtered("payment_line_ids")
        moves = payments.payment_line_ids.move_line_id.move_id
        ours = Domain("move_id", "in", moves.ids)
        ours |= Domain("payslip_ids.move_ids", "in", moves.ids)
        lines = self.sudo().search(ours & Domain("state", "=", "posted"))
        for payment in payments if lines else ():
            paid = payment.payment_line_ids.move_line_id.move_id
            own = lines.filtered(
                lambda line, partner=payment.partner_id, paid=paid: (
                    line.entrepreneur_id.partner_id == partner
                    and (line.move_id | line.payslip_ids.move_ids) & paid
                )
            )
            payment._cae_own().cae_pay_line_ids = [Command.set(own.ids)]
