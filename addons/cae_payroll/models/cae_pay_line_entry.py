"""Entries of the pay: posting and reversal."""

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_contribution_move import READ
from odoo.addons.cae_base.models.cae_contribution_run import QUIET
from odoo.addons.cae_base.tools import format_date

from ..engine import booking, leave
from .cae_pay_decision import PAYING

PAYER = booking.NET


class CaePayLine(models.Model):
    _inherit = "cae.pay.line"

    accounts = fields.Json(
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll",
        help="Technical: accounts of the entry, by key; its reversal uses the same.",
    )

    def _post_pay(self):
        """Post approved lines of one company and month.

        :raises UserError: ``CAE-PERIOD-LOCKED``, ``CAE-PAY-LOCK-DATE``,
            ``CAE-PAY-CONFIG``, ``CAE-PAY-ACTIVITY``, ``CAE-PAY-WITHHELD``
        """
        # A person has one net per entry: what is left to pay is read from there.
        for lines in self.grouped("second_contract").values():
            lines._post_by_entry()

    def _post_by_entry(self):
        """Post lines, one per person, by one entry.

        Each activity's part of the entry balances; every item is tagged to it.
        """
        company = self.company_id
        day = self._last_day(self[0].month)
        self._check_months_open()
        self._check_activities()
        self._check_withheld()
        self._paying().accounts = company._cae_pay_accounts(self._moves_leave())
        ref = self.env._("Pay, %(month)s", month=self[0]._month_name())
        move = self._create_pay_entry(day, ref, 1)
        booked = self._with_items()
        booked._paying().write({"state": "posted", "move_id": move.id})
        (self - booked)._paying().write({"state": "posted"})
        self._set_requests("done")

    def _with_items(self):
        """Pay that the entry has items of: a line of zero has none."""
        # sudo: the entry that is about to be posted.
        return self.filtered(
            lambda line: any(any(s.entry.values()) for s in line.sudo().share_ids)
        )

    def _moves_leave(self):
        """Whether some of this pay sets leave aside, or uses it up."""
        # sudo: the entry that is about to be posted.
        entries = self.sudo().share_ids.mapped("entry")
        return any(key in entry for entry in entries for key in leave.KEYS)

    def _reverse_pay(self, reason):
        """Reverse posted lines of one company and month by one entry.

        It is dated as the pay, or in the first open month after it.

        :raises UserError: ``CAE-PAY-PAID``, ``CAE-PAY-LOCK-DATE``
        """
        booked = self.filtered("move_id")
        booked._check_unpaid()
        day = self.env["cae.period"]._first_open_day(
            self.company_id, self._last_day(self[0].month)
        )
        ref = self.env._(
            "Undone pay of %(month)s: %(reason)s",
            month=self[0]._month_name(),
            reason=reason,
        )
        move = booked._create_pay_entry(day, ref, -1)
        for original in booked.move_id:
            booked.filtered(lambda line, m=original: line.move_id == m)._match(move)
        vals = {"state": "cancelled", "reason": reason, "reversal_move_id": move.id}
        self._paying().write(vals)
        self._set_requests("sent")

    def _set_requests(self, state):
        requests = self.request_id.with_context(cae_paying=PAYING)
        requests.filtered(lambda r: r.state != "cancelled").write({"state": state})

    # ------------------------------------------------------------------
    # Entry
    # ------------------------------------------------------------------

    def _create_pay_entry(self, day, ref, sign):
        """A posted entry of these lines, or none when nothing is owed."""
        items = self._pay_items(sign)
        # sudo: a payroll officer books pay, and nothing else, without other rights
        # on accounting entries.
        moves = self.env["account.move"].sudo()
        if not items:
            return moves
        company = self.company_id
        self._check_lock_dates(company, day)
        moves = moves.with_company(company).with_context(**QUIET)
        move = moves.create(self._prepare_pay_move_vals(day, ref, items))
        self._fetch_analytic_accounts()
        posting = move.with_context(cae_read=READ, validate_analytic=True)
        posting._post(soft=False)
        return move.with_env(self.env)

    def _fetch_analytic_accounts(self):
        """Read the analytic accounts at once: posting reads them one by one."""
        # sudo: whatever may be read of them, the entry is tagged to them.
        accounts = self.share_ids.activity_id.sudo().analytic_account_id
        accounts.fetch(["plan_id", "root_plan_id"])

    def _pay_items(self, sign):
        """``{(activity, key, account, partner): cents}`` without zeros.

        What is withheld is not owed to the person, but to whom it is withheld for.
        """
        totals = defaultdict(int)
        # sudo: amounts of the entry, for who posts it; nothing is shown.
        for line in self.sudo():
            person = line.entrepreneur_id.partner_id
            for share in line.share_ids:
                activity = share.activity_id
                for key, cents in share.entry.items():
                    who = person if key == PAYER else person.browse()
                    totals[activity, key, line.accounts[key], who] += sign * cents
                net = activity, PAYER, line.accounts[PAYER], person
                for kind, account, partner, cents in share.withheld or []:
                    who = person.browse(partner or [])
                    totals[activity, kind, account, who] -= sign * cents
                    totals[net] += sign * cents
        return {item: cents for item, cents in totals.items() if cents}

    def _prepare_pay_move_vals(self, day, ref, items):
        """Values of the entry of some pay.

        :param items: ``{(activity, key, account, partner): cents}``
        """
        company = self.company_id
        labels = self._item_labels()
        keys = (*booking.KEYS, *booking.WITHHELD, *leave.KEYS)
        order = {key: rank for rank, key in enumerate(keys)}
        ordered = sorted(
            items.items(),
            key=lambda item: (item[0][0].code, order[item[0][1]], item[0][3].id),
        )
        return {
            "move_type": "entry",
            "journal_id": company.cae_pay_journal_id.id,
            "company_id": company.id,
            "date": day,
            "ref": ref,
            "line_ids": [
                fields.Command.create(
                    self._prepare_pay_item_vals(
                        f"{labels[item[1]]} – {ref}", item, value
                    )
                )
                for item, value in ordered
            ],
        }

    def _prepare_pay_item_vals(self, name, item, cents):
        activity, _key, account, partner = item
        return {
            "name": name,
            "account_id": account,
            "partner_id": partner.id,
            "balance": cents / 100,
            "analytic_distribution": {str(activity.analytic_account_id.id): 100},
        }

    def _item_labels(self):
        return {
            "wage": self.env._("Gross pay"),
            "charge_social": self.env._("URSSAF contributions"),
            "charge_pension": self.env._("Pension contributions"),
            "charge_health": self.env._("Health and death cover"),
            "net": self.env._("Net pay"),
            "debt_social": self.env._("Due to URSSAF"),
            "debt_pension": self.env._("Due to pension funds"),
            "debt_health": self.env._("Due to the health insurer"),
            leave.WAGE: self.env._("Paid leave set aside"),
            leave.CHARGES: self.env._("Contributions on leave set aside"),
            leave.DUE: self.env._("Paid leave due"),
            leave.BODIES: self.env._("Contributions on leave due"),
            booking.GARNISHMENT: self.env._("Withheld for a creditor"),
            booking.ADVANCE: self.env._("Advance taken back"),
            booking.SUBSCRIPTION: self.env._("Shares subscribed"),
        }

    def _check_lock_dates(self, company, day, journal=None):
        """Odoo would move the entry to another month without a word.

        :param journal: of the entry; that of pay when there is none
        :raises UserError: ``CAE-PAY-LOCK-DATE``
        """
        journal = journal or company.cae_pay_journal_id
        locks = company._get_violated_lock_dates(day, False, journal)
        if locks:
            raise UserError(
                self.env._(
                    "CAE-PAY-LOCK-DATE: pay of %(day)s cannot be posted: %(locks)s.",
                    day=format_date(self.env, day),
                    locks=company._format_lock_dates(locks),
                )
            )

    # ------------------------------------------------------------------
    # Net pay
    # ------------------------------------------------------------------

    def _net_items(self, move):
        """Journal items of ``move`` that owe these people their net pay."""
        # sudo: the items of this very pay, see _create_pay_entry.
        lines = self.sudo()
        accounts = {line.accounts[PAYER] for line in lines}
        partners = lines.entrepreneur_id.partner_id
        return move.sudo().line_ids.filtered(
            lambda item: item.account_id.id in accounts and item.partner_id in partners
        )

    def _check_unpaid(self):
        """:raises UserError: ``CAE-PAY-PAID``"""
        for move in self.move_id:
            lines = self.filtered(lambda line, m=move: line.move_id == m)
            items = lines._net_items(move)
            paid = items.filtered(lambda i: i.matched_debit_ids or i.matched_credit_ids)
            if paid:
                raise UserError(
                    self.env._(
                        "CAE-PAY-PAID: the net pay of %(person)s is already paid. "
                        "Undo the payment first.",
                        person=paid[0].partner_id.name,
                    )
                )

    def _match(self, reversal):
        """Match the net pay of these lines with its reversal, activity by activity."""
        items = self._net_items(self.move_id) | self._net_items(reversal)
        groups = items.filtered("account_id.reconcile").grouped(
            lambda i: (i.account_id, i.partner_id, str(i.analytic_distribution))
        )
        plan = [group for group in groups.values() if len(group) == 2]
        if plan:
            items._reconcile_plan(plan)

    def _cost_of_run(self):
        """``(gross, cost)`` of these lines, exact."""
        gross = sum((decimal(line.gross) for line in self), decimal(0))
        return gross, sum((decimal(line.cost) for line in self), decimal(0))
