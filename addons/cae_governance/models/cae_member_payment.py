"""What members pay for their shares, and what is paid back to them."""

from datetime import date

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.cae_base.engine.money import ZERO, decimal
from odoo.addons.cae_base.models.cae_exchange import QUIET


class CaeMember(models.Model):
    _inherit = "cae.member"

    @api.model
    def _register_payments(self, groups, day: date, journal):
        """Create, post and match payments of open items.

        :param groups: ``[(items, amount, "inbound" or "outbound")]``
        :return: the payments
        """
        # sudo: a secretary records what was paid for shares, and nothing else, without
        # rights on payments.
        payments = self.env["account.payment"].sudo()._cae_own().with_context(**QUIET)
        payments = payments.create(
            [
                {
                    "payment_type": kind,
                    "partner_type": "customer" if kind == "inbound" else "supplier",
                    "partner_id": items.partner_id.id,
                    "destination_account_id": items.account_id.id,
                    "amount": float(amount),
                    "currency_id": journal.company_id.currency_id.id,
                    "date": day,
                    "journal_id": journal.id,
                    "memo": self.env._("Shares"),
                }
                for items, amount, kind in groups
            ]
        )
        payments.action_post()
        if not all(payment.move_id for payment in payments):
            raise UserError(
                self.env._(
                    "CAE-SHARE-BANK: payments of %(bank)s make no entry. Give its "
                    "payment methods an outstanding account, or match the bank line "
                    "with the account of the members.",
                    bank=journal.name,
                )
            )
        # sudo: the items of these payments and of what they pay, see above.
        lines = self.env["account.move.line"].sudo().with_context(**QUIET)
        lines._cae_match(
            [
                items
                | payment.move_id.line_ids.filtered(
                    lambda i, a=items.account_id: i.account_id == a
                )
                for payment, (items, _amount, _kind) in zip(
                    payments, groups, strict=True
                )
            ]
        )
        return payments

    def _pay_shares(self, amount, day: date, journal):
        """Register what this member pays for the shares, and what follows from it.

        :param amount: ``Decimal`` of euros
        :raises UserError: ``CAE-SHARE-PAID``, ``CAE-SHARE-AMOUNT``
        """
        self.ensure_one()
        company = self.company_id
        items = self._open_debt_items()
        owed = sum((decimal(item.amount_residual) for item in items), ZERO)
        if owed <= 0:
            raise UserError(
                self.env._("CAE-SHARE-PAID: nothing is left to pay of what you chose.")
            )
        if not 0 < amount <= owed:
            raise UserError(
                self.env._(
                    "CAE-SHARE-AMOUNT: %(name)s owes %(owed)s €. Give an amount above "
                    "zero, and not above that.",
                    name=self.display_name,
                    owed=formatLang(self.env, float(owed), digits=2),
                )
            )
        payments = self._register_payments([(items, amount, "inbound")], day, journal)
        self.with_company(company)._book_paid(company, day, self)
        return payments

    def _match_debts(self):
        """Match what these members of one company paid with what they owe for shares.

        What pay withheld, and what was saved before the subscription, is paid by no
        payment: its items wait on the account of the members until they are matched.
        """
        items = self._open_debt_items() if self else self.env["account.move.line"]
        if not items.account_id.reconcile:
            return
        groups = [
            own
            for own in items.grouped("partner_id").values()
            if len(set(own.mapped(lambda i: i.amount_residual > 0))) == 2
        ]
        if groups:
            items.with_context(**QUIET)._cae_match(groups)

    def _open_debt_items(self):
        # sudo: see _balances_on.
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("parent_state", "=", "posted"),
                    ("account_id", "=", self.company_id._cae_share_debt_account().id),
                    ("partner_id", "in", self.partner_id.ids),
                    ("reconciled", "=", False),
                ],
                order="date, id",
            )
        )
