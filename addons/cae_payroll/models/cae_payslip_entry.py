"""Entries of payslips: the difference to what the books hold, and its reversal."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.cae_base.engine.allocation import split
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_contribution_move import READ
from odoo.addons.cae_base.models.cae_contribution_run import QUIET
from odoo.addons.cae_base.tools import format_date

from ..engine import payslips
from ..engine.monthly import to_cents
from .cae_pay_line_entry import PAYER

#: Class of what a pay costs.
COST = "6"


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
        vals = {"state": "undone", "entry": False, "gap_shares": False}
        vals["reason"] = reason
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
        """Entry of the estimates: ``{activity id: {account id: cents}}``."""
        # sudo: amounts of the entry, for who books the payslip.
        return self.sudo().pay_line_ids._estimated_entry()

    def _link_lines(self, lines):
        """Say which posted pay of the month this payslip replaces.

        :param lines: all of it
        """
        slip = self.sudo()
        known = slip.pay_line_ids
        vals = {"pay_line_id": lines._payslip_main(slip.pay_line_id).id}
        if slip.state == "booked":
            # What is linked is not undone below its payslip: there is more of it.
            more = (lines - known)._estimated_entry()
            vals["entry"] = payslips.added(slip._booked_entry(), more)
        else:
            vals |= {"state": "new", "entry": False}
        slip._cae_own().write(vals)
        quiet = lines.with_context(tracking_disable=True)._paying()
        quiet.browse((known - lines).ids).payslip_id = False
        quiet.browse((lines - known).ids).payslip_id = slip

    def _booked_entry(self):
        """The person's pay in the books, by activity and account."""
        if self.state != "booked":
            return self._estimate()
        return {
            int(activity): {int(account): cents for account, cents in own.items()}
            for activity, own in (self.entry or {}).items()
        }

    @api.model
    def _name_estimates(self):
        """Payslips of before they named more than one estimate name theirs."""
        slips = self.sudo().search([("pay_line_id.payslip_id", "=", False)])
        for slip in slips.filtered("pay_line_id"):
            slip.pay_line_id._paying().payslip_id = slip
        for slip in slips.filtered(lambda slip: slip.state == "booked"):
            slip._cae_own().gap_shares = slip._cost_gaps(slip._booked_entry())

    def _target(self, totals):
        """Entry of the true payslip, shared as the estimate was.

        :param totals: ``{account id: cents}``, adding up to zero
        """
        # sudo: amounts of the entry, for who books the payslip.
        weights = defaultdict(int)
        for share in self.sudo().pay_line_ids.share_ids:
            weights[share.activity_id.id] += to_cents(decimal(share.cost))
        if not (weights and totals):
            return {}
        return payslips.replaced(self._estimate(), totals, weights, split)

    def _cost_gaps(self, target):
        """``{activity id: cents}`` that the payslip costs more than its estimates."""
        left = payslips.difference(target, self._estimate())
        # sudo: the codes of the accounts of this very entry.
        accounts = self.env["account.account"].sudo().browse({a for _, a in left})
        company = self.company_id
        costs = {a.id for a in accounts.with_company(company) if a.code[:1] == COST}
        gaps = defaultdict(int)
        for (activity, account), cents in left.items():
            if account in costs:
                gaps[activity] += cents
        return {activity: cents for activity, cents in gaps.items() if cents}

    @api.model
    def _gaps_of_months(self, company, first, last):
        """What true payslips cost more than their estimates, in one query.

        :return: ``(of the months from first to last, of the months before)``, each a
            list of ``(activity id, person id, cents)``
        """
        gaps = [], []
        for activity, person, month, cents in self._gaps(company):
            if month <= last:
                gaps[month < first].append((activity, person, cents))
        return gaps

    @api.model
    def _gaps(self, company):
        """``[(activity id, person id, month, cents)]`` that booked payslips cost more.

        Each on the activity that bears it, and of the person whose payslip it is.
        """
        # SQL, past the rights on payslips: sums for the balance of an activity and for
        # the settlement of a year, by whoever may compute them.
        self.flush_model(["company_id", "gap_shares", "month", "state"])
        return self.env.execute_query(
            SQL(
                """
                SELECT gap.key::int, slip.entrepreneur_id, slip.month,
                       SUM(gap.value::bigint)::bigint
                  FROM cae_payslip slip
            CROSS JOIN jsonb_each_text(slip.gap_shares) gap
                 WHERE slip.company_id = %s AND slip.state = 'booked'
              GROUP BY 1, 2, 3
                """,
                company.id,
            )
        )

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
        company, lines = self.company_id, self.pay_line_ids
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
        company._cae_shares_withheld(move, move.browse())
        changed = self.filtered(lambda slip: left[slip])
        # sudo: only this code writes on a payslip.
        changed.sudo()._cae_own().write({"move_ids": [fields.Command.link(move.id)]})

    def _entry_items(self, left):
        """``{(activity id, account id, person): cents}`` without zeros.

        :param left: ``{payslip: {(activity id, account id): cents}}``
        """
        totals = defaultdict(int)
        for slip in self:
            # sudo: the accounts of the net pay and of members' shares name the person.
            payers = {line.accounts[PAYER] for line in slip.sudo().pay_line_ids}
            payers |= set(slip.sudo().company_id._cae_share_debt_account().ids)
            for (activity, account), cents in left[slip].items():
                person = slip.entrepreneur_id if account in payers else False
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
