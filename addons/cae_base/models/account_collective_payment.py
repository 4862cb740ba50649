"""What a collective payment is shared out by, and on which item."""

from odoo import models

from ..engine import allocation


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _cae_collective_item(self):
        """What of this line is not matched, else what it was booked on."""
        _liquidity, suspense, others = self._seek_for_lines()
        return suspense[:1] or others._cae_largest()


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _cae_collective_item(self):
        """The item of what is paid."""
        return self._seek_for_lines()[1]._cae_largest()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _cae_collective_item(self):
        return self

    def _cae_largest(self):
        return self.sorted(lambda item: -abs(item._cae_cents()))[:1]

    def _cae_other_balances(self, account, day):
        """Cents of each activity on ``account`` without this item, debit positive.

        :param day: last day that counts
        :return: ``{analytic account: cents}``, 0 for what is unallocated
        """
        own = self | self.cae_correction_ids
        column = self.env["cae.ledger"]._column()
        rows = self.env["account.analytic.line"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("date", "<=", day),
                ("general_account_id", "=", account.id),
                ("move_line_id", "!=", False),
                ("move_line_id", "not in", own.ids),
                (column, "!=", False),
            ],
            [column],
            ["amount:sum"],
        )
        vector = {activity.id: -round(amount * 100) for activity, amount in rows}
        total = self._cae_sum(account, [("date", "<=", day)])
        rest = total - sum(vector.values())
        return allocation.add(vector, {allocation.UNALLOCATED: rest})

    def _cae_paid_after(self, account, day):
        """Cents on ``account`` after ``day``, on the side of this item."""
        side = ">" if self.balance > 0 else "<"
        return self._cae_sum(account, [("date", ">", day), ("balance", side, 0)])

    def _cae_sum(self, account, domain):
        own = self | self.cae_correction_ids
        [[total]] = self._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("account_id", "=", account.id),
                ("id", "not in", own.ids),
                *domain,
            ],
            aggregates=["balance:sum"],
        )
        return round((total or 0) * 100)

    def _cae_book_on(self, account):
        """Book this suspense item of a bank line on ``account``.

        :raises UserError: ``CAE-PERIOD-LOCKED``, ``CAE-BANK-BUSY``,
            ``CAE-BANK-CURRENCY``
        """
        line = self.statement_line_id
        line._cae_hold()
        line._cae_check_currency()
        self.account_id = account
        line.filtered("cae_unallocated_reason").cae_unallocated_reason = False
