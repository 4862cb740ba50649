"""Entries of payslips: the difference to what the books hold, and its reversal."""

from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.allocation import split
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_contribution_move import READ
from odoo.addons.cae_base.models.cae_contribution_run import QUIET
from odoo.addons.cae_base.tools import format_date

from ..engine import booking, payslips
from ..engine.monthly import to_cents
from .cae_pay_line_entry import PAYER


class CaePayslip(models.Model):
    _inherit = "cae.payslip"

    def action_undo(self, reason: str) -> bool:
        """Book payslips back to their estimates; a later import books them again.

        :param reason: kept with the payslip and its entry
        :raises UserError: ``CAE-PAYSLIP-STATE``, ``CAE-PAY-REASON``,
            ``CAE-PAY-LOCK-DATE``, ``CAE-PERIOD-BUSY``
        """
        self.check_access("write")
        self._check_booked()
        reason = self.env["cae.pay.line"]._check_reason(reason)
        groups = self.grouped(lambda slip: (slip.company_id, slip.month))
        for (company, _month), slips in groups.items():
            slips = slips.with_company(company)
            with self.env["cae.period"].with_company(company)._in_turn():
                slips._check_booked()
                slips._undo(reason)
        return True

    def _undo(self, reason):
        """Payslips of one company and month; dated in the first open month."""
        last = self.env["cae.pay.line"]._last_day(self[0].month)
        day = self.env["cae.period"]._first_open_day(self.company_id, last)
        ref = self.env._(
            "Undone payslips of %(month)s: %(reason)s",
            month=self[0]._month_text(),
            reason=reason,
        )
        self._book({slip: slip._estimate() for slip in self}, day, ref)
        vals = {"state": "undone", "entry": False, "reason": reason}
        # sudo: only this code writes on a payslip.
        self.sudo()._cae_own().write(vals)

    def _check_booked(self):
        """:raises UserError: ``CAE-PAYSLIP-STATE``"""
        wrong = self.filtered(lambda slip: slip.state != "booked")
        if wrong:
            raise UserError(
                self.env._(
                    "CAE-PAYSLIP-STATE: %(payslip)s is not in the books: there is "
                    "nothing to undo.",
                    payslip=wrong[0].display_name,
                )
            )

    def _month_text(self):
        return format_date(self.env, self.month, date_format="MMMM yyyy")

    # ------------------------------------------------------------------
    # What the books hold, and what they should
    # ------------------------------------------------------------------

    def _estimate(self):
        """Entry of the estimate: ``{activity id: {account id: cents}}``.

        What is set aside for leave is no part of a payslip, and stays.
        """
        # sudo: amounts of the entry, for who books the payslip.
        line = self.sudo().pay_line_id
        result = {}
        for share in line.share_ids:
            own = result.setdefault(share.activity_id.id, defaultdict(int))
            for key in booking.KEYS:
                cents = share.entry[key]
                own[line.accounts[key]] += cents
            for _kind, account, _partner, cents in share.withheld or []:
                own[account] -= cents
                own[line.accounts[PAYER]] += cents
        return result

    def _booked_entry(self):
        """The person's pay in the books, by activity and account."""
        if self.state != "booked":
            return self._estimate()
        return {
            int(activity): {int(account): cents for account, cents in own.items()}
            for activity, own in (self.entry or {}).items()
        }

    def _target(self, totals):
        """Entry of the true payslip, shared as the estimate was.

        :param totals: ``{account id: cents}``, adding up to zero
        """
        # sudo: amounts of the entry, for who books the payslip.
        shares = self.sudo().pay_line_id.share_ids
        weights = {s.activity_id.id: to_cents(decimal(s.cost)) for s in shares}
        return payslips.shared(totals, weights, split) if weights and totals else {}

    # ------------------------------------------------------------------
    # Entry
    # ------------------------------------------------------------------

    def _book(self, targets, day, ref):
        """One posted entry that leads from the books to the targets, if any is due.

        :param targets: ``{payslip: {activity id: {account id: cents}}}``
        :raises UserError: ``CAE-PERIOD-LOCKED``, ``CAE-PAY-LOCK-DATE``
        """
        left = {
            slip: payslips.difference(target, slip._booked_entry())
            for slip, target in targets.items()
        }
        items = self._entry_items(left)
        if not items:
            return
        company, lines = self.company_id, self.pay_line_id
        self.env["cae.period"]._check_open(company, {day})
        lines._check_lock_dates(company, day)
        # sudo: a payroll officer books payslips, and nothing else, without other
        # rights on accounting entries.
        moves = self.env["account.move"].sudo().with_company(company)
        move = moves.with_context(**QUIET).create(
            self._prepare_payslip_move_vals(day, ref, items)
        )
        lines._fetch_analytic_accounts()
        posting = move.with_context(cae_read=READ, validate_analytic=True)
        posting._post(soft=False)
        changed = self.filtered(lambda slip: left[slip])
        # sudo: only this code writes on a payslip.
        changed.sudo()._cae_own().write({"move_ids": [fields.Command.link(move.id)]})

    def _entry_items(self, left):
        """``{(activity id, account id, person): cents}`` without zeros.

        :param left: ``{payslip: {(activity id, account id): cents}}``
        """
        totals = defaultdict(int)
        for slip in self:
            # sudo: the account of the net pay alone names its person.
            payer = (slip.sudo().pay_line_id.accounts or {}).get(PAYER)
            for (activity, account), cents in left[slip].items():
                person = slip.entrepreneur_id if account == payer else False
                totals[activity, account, person] += cents
        return {item: cents for item, cents in totals.items() if cents}

    def _prepare_payslip_move_vals(self, day, ref, items):
        """Values of the entry; see :meth:`_entry_items`."""
        company = self.company_id
        activities = self.env["cae.activity"].browse({item[0] for item in items})
        # sudo: whatever may be read of them, the entry is tagged to them.
        analytic = {a.id: a.analytic_account_id.id for a in activities.sudo()}
        ordered = sorted(
            items.items(), key=lambda i: (*i[0][:2], i[0][2].id if i[0][2] else 0)
        )
        return {
            "move_type": "entry",
            "journal_id": company.cae_pay_journal_id.id,
            "company_id": company.id,
            "date": day,
            "ref": ref,
            "line_ids": [
                fields.Command.create(
                    {
                        "name": ref,
                        "account_id": account,
                        "partner_id": person.partner_id.id if person else False,
                        "balance": cents / 100,
                        "analytic_distribution": {str(analytic[activity]): 100},
                    }
                )
                for (activity, account, person), cents in ordered
            ],
        }
