"""What is left to pay of the net of a pay, and its payment by transfer."""

from contextlib import contextmanager

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_contribution_run import QUIET
from odoo.addons.cae_base.tools import format_date

from ..engine.monthly import to_cents
from .cae_pay_line import DETAIL

#: How far ahead a transfer may be dated.
TRANSFER_MONTHS = 2
#: Tables that what is left to pay is read from.
READ_FROM = {
    "account.move.line": (
        "account_id",
        "amount_residual",
        "balance",
        "move_id",
        "partner_id",
        "reconciled",
    ),
    "cae.entrepreneur": ("partner_id",),
    "cae.pay.line": ("accounts", "entrepreneur_id", "move_id", "state"),
    "cae.payslip": ("pay_line_id",),
}
#: What the net of a pay was, and what of it is open, in euros, by posted pay.
PAID_ROWS = """
    SELECT line.id,
           COALESCE(-SUM(item.balance), 0) AS owed,
           COALESCE(-SUM(item.amount_residual), 0) AS left_over
      FROM cae_pay_line line
      JOIN cae_entrepreneur person ON person.id = line.entrepreneur_id
 LEFT JOIN LATERAL (
           SELECT line.move_id
            UNION
           SELECT entry.account_move_id
             FROM cae_payslip slip
             JOIN account_move_cae_payslip_rel entry ON entry.cae_payslip_id = slip.id
            WHERE slip.pay_line_id = line.id
           ) entry ON TRUE
 LEFT JOIN account_move_line item
        ON item.move_id = entry.move_id
       AND item.partner_id = person.partner_id
       AND item.account_id = (line.accounts->>'net')::int
     WHERE line.state = 'posted' AND %s
  GROUP BY line.id
"""
#: Pay with an item that is open: of years of pay, that of a month or two.
OPEN_LINES = """
    WITH open AS (
         SELECT item.move_id, person.id AS person
           FROM account_account account
           JOIN account_move_line item ON item.account_id = account.id
           JOIN cae_entrepreneur person ON person.partner_id = item.partner_id
          WHERE account.reconcile AND item.reconciled IS NOT TRUE
            AND item.amount_residual <> 0
    )
    SELECT line.id
      FROM open
      JOIN cae_pay_line line
        ON line.entrepreneur_id = open.person AND line.move_id = open.move_id
     UNION
    SELECT slip.pay_line_id
      FROM open
      JOIN account_move_cae_payslip_rel entry ON entry.account_move_id = open.move_id
      JOIN cae_payslip slip ON slip.id = entry.cae_payslip_id
"""
#: Posted pay that is not settled, and how.
UNPAID = """
    SELECT id
      FROM (%s) paid
     WHERE left_over <> 0
       AND CASE WHEN left_over < 0 THEN 'recover'
                WHEN left_over < owed THEN 'partly'
                ELSE 'open' END = ANY(%s)
"""


class CaePayLine(models.Model):
    _inherit = "cae.pay.line"

    to_pay = fields.Monetary(
        compute="_compute_paid",
        groups=DETAIL,
        help="What is open on the account of net pay (421) of this pay and of its "
        "payslip. Income tax withheld at source is known by the payroll software only: "
        "import the payslips before you pay, or the person is paid before tax.",
    )
    paid_state = fields.Selection(
        [
            ("open", "To Pay"),
            ("partly", "Partly Paid"),
            ("paid", "Paid"),
            ("recover", "To Recover"),
        ],
        string="Payment",
        compute="_compute_paid",
        search="_search_paid_state",
        help="Of posted pay: whether the account of net pay (421) is settled. To "
        "recover: the person owes it; the next transfer takes it, when both are paid "
        "together.",
    )
    payment_ids = fields.Many2many(
        "account.payment",
        "account_payment_cae_pay_line_rel",
        "cae_pay_line_id",
        "account_payment_id",
        string="Payments",
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll",
        help="Transfers registered from here, those taken back as well.",
    )

    @api.depends("state")
    def _compute_paid(self):
        amounts = self._paid_amounts()
        for line in self:
            owed, left = amounts.get(line._origin.id, (0, 0))
            line.to_pay = max(float(left), 0.0)
            line.paid_state = line.state == "posted" and _paid_state(owed, left)

    def _paid_amounts(self):
        """``{line id: (net owed, what is open of it)}`` of posted pay, in one query."""
        if not self._origin:
            return {}
        self._flush_paid()
        # SQL, past the rights on journal items: only whether the pay that one may
        # read is paid is shown.
        rows = self.env.execute_query(
            SQL(PAID_ROWS, SQL("line.id = ANY(%s)", list(self._origin.ids)))
        )
        return {key: (owed, left) for key, owed, left in rows}

    @api.model
    def _flush_paid(self):
        for name, names in READ_FROM.items():
            self.env[name].flush_model(names)

    def _search_paid_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_paid()
        domain = self._unpaid_domain([state for state in value if state != "paid"])
        if "paid" in value:
            unpaid = self._unpaid_domain(["recover", "partly", "open"])
            domain |= Domain("state", "=", "posted") & ~unpaid
        return domain | Domain("state", "!=", "posted") if False in value else domain

    @api.model
    def _unpaid_domain(self, states):
        """Posted pay that is not settled, in one of these states."""
        rows = SQL(PAID_ROWS, SQL("line.id IN (%s)", SQL(OPEN_LINES)))
        query = SQL(UNPAID, rows, [state for state in states if state])
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "%s IN (%s)", SQL.identifier(alias, "id"), query
            )
        )

    # ------------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------------

    def action_ask_transfer(self) -> dict:
        """Ask when, and from which bank account, this pay is paid."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay by Transfer"),
            "res_model": "cae.pay.transfer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids},
        }

    def action_open_payments(self) -> dict:
        """Payments of this pay."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_account_payments_payable"
        )
        action["domain"] = [("id", "in", self.payment_ids.ids)]
        action["context"] = {"create": False}
        return action

    def action_ask_undo_payment(self) -> dict:
        """Ask why the payment is taken back."""
        return self._ask_reason("undo_payment", self.env._("Undo the Payment"))

    def action_undo_payment(self, reason: str) -> bool:
        """Cancel the transfers of this pay, which is to pay again.

        What else the same transfers paid is to pay again, too.

        :param reason: kept with the pay
        :raises UserError: ``CAE-PAY-STATE``, ``CAE-PAY-REASON``, ``CAE-PAY-PAID`` (no
            payment, or the bank made it), ``CAE-PERIOD-LOCKED``, ``CAE-PERIOD-BUSY``
        """
        self.check_access("write")
        self._check_state("posted")
        reason = self._check_reason(reason)
        for company, lines in self.grouped("company_id").items():
            here = lines.with_company(company)
            with here.env["cae.period"]._in_turn():
                here._cancel_payments(reason)
        return True

    def _cancel_payments(self, reason):
        # sudo: a payroll officer takes back the transfers of this very pay, as
        # _register_payments made them, without rights on payments.
        payments = self.sudo().payment_ids.filtered(
            lambda payment: payment.state in ("in_process", "paid")
        )
        self._check_not_banked(payments)
        months = {payment.date.replace(day=1) for payment in payments}
        self.env["cae.period"]._check_open(self.env.company, months)
        # Not by way of a draft, whose entry Odoo would delete: it refuses to when later
        # ones have been numbered.
        payments.action_cancel()
        paid = payments.cae_pay_line_ids.sudo(False)
        paid.invalidate_recordset(["paid_state", "to_pay"])
        for line in paid:
            line._cae_note(self.env._("Payment taken back: %(why)s", why=reason))

    def _check_not_banked(self, payments):
        """:raises UserError: ``CAE-PAY-PAID``"""
        if not payments:
            raise UserError(
                self.env._("CAE-PAY-PAID: no payment of this pay is registered.")
            )
        banked = payments.filtered("is_matched")
        if banked:
            raise UserError(
                self.env._(
                    "CAE-PAY-PAID: the bank statement has the transfer to %(names)s. "
                    "If it came back, ask the accountant to undo the matching first.",
                    names=", ".join(banked.partner_id.mapped("name")[:20]),
                )
            )

    def _pay_by_transfer(self, day, journal):
        """Register one payment per person of what is open, matched with it.

        :param day: of the payments
        :param journal: bank that pays
        :return: the posted payments
        :raises UserError: ``CAE-PAY-STATE``, ``CAE-PAY-PAID``, ``CAE-PAY-BANK``,
            ``CAE-PAY-LOCK-DATE``, ``CAE-PERIOD-LOCKED``, ``CAE-PERIOD-BUSY``,
            ``CAE-PAY-DATE``
        """
        with self._in_turn_to_pay(day, journal) as lines:
            return lines._register_payments(day, journal)

    @contextmanager
    def _in_turn_to_pay(self, day, journal):
        """Pay posted pay from a bank: nobody else pays or undoes it meanwhile.

        :raises UserError: ``CAE-PAY-STATE``, ``CAE-PAY-BANK``, ``CAE-PAY-LOCK-DATE``,
            ``CAE-PERIOD-LOCKED``, ``CAE-PERIOD-BUSY``
        """
        self.check_access("write")
        self._check_state("posted")
        self._check_transfer_day(day)
        company = journal.company_id
        if journal.type != "bank" or self.company_id != company:
            raise UserError(
                self.env._(
                    "CAE-PAY-BANK: pay is paid from a bank of its own company. Choose "
                    "another bank, or pay of that company."
                )
            )
        lines = self.with_company(company)
        with lines.env["cae.period"]._in_turn():
            # Somebody else may have undone it while this one waited.
            lines._check_state("posted")
            lines._check_lock_dates(company, day, journal)
            lines.env["cae.period"]._check_open(company, {day})
            yield lines

    def _check_transfer_day(self, day):
        """Pay is transferred in its month or after, and not long from now.

        :raises UserError: ``CAE-PAY-DATE``
        """
        first = max(self.mapped("month"), default=day)
        last = fields.Date.context_today(self) + relativedelta(months=TRANSFER_MONTHS)
        # Of a month to come that is paid before it begins.
        last = max(last, first + relativedelta(months=1, days=-1))
        if not first <= day <= last:
            raise UserError(
                self.env._(
                    "CAE-PAY-DATE: this pay is transferred between %(first)s and "
                    "%(last)s, not on %(day)s.",
                    first=format_date(self.env, first),
                    last=format_date(self.env, last),
                    day=format_date(self.env, day),
                )
            )

    def _register_payments(self, day, journal):
        groups = self._open_net_groups()
        banks = self._trusted_banks(groups)
        # sudo: a payroll officer pays the net of posted pay, and nothing else, without
        # rights on payments.
        payments = self.env["account.payment"].sudo()._cae_own().with_context(**QUIET)
        lines = self.grouped(lambda line: line.entrepreneur_id.partner_id)
        payments = payments.create(
            [
                lines[partner]._prepare_payment_vals(
                    items, banks[partner], day, journal
                )
                for (partner, _account), items in groups.items()
            ]
        )
        payments.action_post()
        self._match_payments(payments, groups)
        self.invalidate_recordset(["payment_ids", "paid_state", "to_pay"])
        return payments.with_env(self.env)

    def _open_net_groups(self):
        """``{(partner, account): open items}`` of those who are owed something.

        :raises UserError: ``CAE-PAY-PAID``
        """
        # sudo: the items of this very pay and of its payslips, see _create_pay_entry.
        lines = self.sudo()
        items = lines.env["account.move.line"].search(
            [
                ("move_id", "in", (lines.move_id | lines.payslip_ids.move_ids).ids),
                ("account_id", "in", list({ln.accounts["net"] for ln in lines})),
                ("partner_id", "in", lines.entrepreneur_id.partner_id.ids),
                ("reconciled", "=", False),
            ]
        )
        groups = items.grouped(lambda item: (item.partner_id, item.account_id))
        groups = {key: group for key, group in groups.items() if _open_cents(group) > 0}
        if not groups:
            raise UserError(
                self.env._("CAE-PAY-PAID: nothing is left to pay of what you chose.")
            )
        return groups

    def _trusted_banks(self, groups):
        """``{partner: bank account}`` that may be paid, the first of each.

        :raises UserError: ``CAE-PAY-BANK`` with the names of those without one
        """
        partners = self.env["res.partner"].union(*(key[0] for key in groups))
        # sudo: the accounts of these very people, whoever keeps them.
        banks = (
            self.env["res.partner.bank"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", partners.ids),
                    ("allow_out_payment", "=", True),
                    ("company_id", "in", (False, self.env.company.id)),
                ]
            )
        )
        found = {bank.partner_id: bank for bank in reversed(banks)}
        missing = partners.sudo() - banks.partner_id
        if missing:
            raise UserError(
                self.env._(
                    "CAE-PAY-BANK: no trusted bank account (“Send Money”) is known of: "
                    "%(names)s. Check and trust it on the contact; nothing was paid.",
                    names=", ".join(missing.mapped("name")[:20]),
                )
            )
        return found

    def _prepare_payment_vals(self, items, bank, day, journal):
        """Values of the payment of what is open on ``items``."""
        return {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": items.partner_id.id,
            "partner_bank_id": bank.id,
            "destination_account_id": items.account_id.id,
            "amount": _open_cents(items) / 100,
            "currency_id": journal.company_id.currency_id.id,
            "date": day,
            "journal_id": journal.id,
            "memo": self._transfer_reference(),
            "cae_pay_line_ids": [Command.set(self.ids)],
        }

    def _transfer_reference(self):
        """What the person reads on the own bank statement."""
        months = sorted(set(self.mapped("month")))
        names = [format_date(self.env, m, date_format="MMMM yyyy") for m in months]
        return self.env._("Pay, %(month)s", month=", ".join(names))

    def _match_payments(self, payments, groups):
        # sudo: the payments just made and what they pay, see _register_payments.
        items = self.env["account.move.line"].sudo()
        plan = [
            group
            | payment.move_id.line_ids.filtered(lambda i, a=account: i.account_id == a)
            for payment, ((_partner, account), group) in zip(
                payments, groups.items(), strict=True
            )
        ]
        items.with_context(**QUIET)._cae_match(plan)


def _open_cents(items):
    """What is owed on these items, in cents."""
    return -sum(to_cents(decimal(item.amount_residual)) for item in items)


def _paid_state(owed, left):
    if left < 0:
        return "recover"
    if not left:
        return "paid"
    return "partly" if left < owed else "open"
