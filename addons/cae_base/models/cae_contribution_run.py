import time
from collections import defaultdict
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools import format_date
from . import cae_period  # noqa: F401  the model that is extended here comes first
from .cae_contribution_line import BOOKING
from .cae_contribution_move import READ
from .cae_contribution_plan import Booking, ContributionPlan
from .cae_ledger import money

#: Activities in one entry, and in one transaction.
CHUNK = 500
#: An entry of a run needs neither a log nor the machinery of invoices.
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "skip_invoice_sync": True,
}


class CaePeriod(models.Model):
    _inherit = "cae.period"

    # ------------------------------------------------------------------
    # Run
    # ------------------------------------------------------------------

    def _run_contributions(self, deadline):
        """Book what the contributions lack, by chunks of activities and months.

        Treats every open month from the start of the fiscal year to the later of
        this one and the last that was run; in each: due to date − everything charged
        to date. Each chunk has its lines, its entry and its own transaction.

        :param deadline: time, of ``time.monotonic``, after which no chunk is begun;
            one is always treated
        :return: ``(chunks left, {"lines", "total"})``; those left are an estimate
            where there are more than 500 activities
        :raises UserError: ``CAE-CONFIG-ACCOUNT``, ``CAE-LOCK-DATE``
        """
        self.ensure_one()
        added = {"lines": 0, "total": 0.0}
        for plan, more in ContributionPlan(self.env.company, self.date).parts(CHUNK):
            chunks = _chunks(plan.bookings())
            self._check_bookable(chunks)
            for done, chunk in enumerate(chunks):
                if added["lines"] and time.monotonic() >= deadline:
                    return len(chunks) * (1 + more) - done, added
                self._book(chunk)
                self._commit_chunk()
                _add(added, chunk)
        return 0, added

    @api.model
    def _check_bookable(self, chunks):
        """Refuse before anything is written: Odoo would move the entries' dates.

        :raises UserError: ``CAE-CONFIG-ACCOUNT``, ``CAE-LOCK-DATE``
        """
        company = self.env.company
        bookings = [booking for chunk in chunks for booking in chunk if booking.amount]
        for rule in {booking.rule for booking in bookings}:
            if not all(rule._accounts(company)):
                raise UserError(self._account_message(rule))
        for month in sorted({booking.month for booking in bookings}):
            end = month + relativedelta(months=1, days=-1)
            locks = company._get_violated_lock_dates(end, False, company.cae_journal_id)
            if locks:
                raise UserError(self._lock_message(month, locks))

    def _account_message(self, rule):
        return self.env._(
            "CAE-CONFIG-ACCOUNT: no account for the contribution %(rule)s. Choose the "
            "accounts of internal charges and income in CAE / Configuration / "
            "Settings.",
            rule=rule.display_name,
        )

    def _lock_message(self, month, locks):
        names = self.env["res.company"]._fields
        return self.env._(
            "CAE-LOCK-DATE: contributions of %(month)s cannot be booked: the books are "
            "locked until %(date)s (%(lock)s). Lock the month in the CAE too, and the "
            "next open one takes the difference.",
            month=format_date(self.env, month, date_format="MMMM yyyy"),
            date=format_date(self.env, locks[-1][0]),
            lock=names[locks[-1][1]]._description_string(self.env),
        )

    @api.model
    def _book(self, bookings):
        """Write a chunk: one posted entry and its lines."""
        items = self._post_contributions(bookings)
        # sudo: nobody may write these lines but a run and its undoing.
        lines = self.env["cae.contribution.line"].sudo()
        return lines.with_context(cae_booking=BOOKING).create(
            [
                self._prepare_contribution_vals(booking, item)
                for booking, item in zip(bookings, items, strict=True)
            ]
        )

    @api.model
    def _prepare_contribution_vals(self, booking, item):
        return {
            "activity_id": booking.activity.id,
            "rule_id": booking.rule.id,
            "company_id": self.env.company.id,
            "month": booking.month,
            "revision": booking.revision,
            "amount": float(booking.amount),
            "explanation": booking.explanation,
            "move_id": item.move_id.id,
            "move_line_id": item.id,
            "undoes_id": booking.undoes,
        }

    # ------------------------------------------------------------------
    # Entry
    # ------------------------------------------------------------------

    @api.model
    def _post_contributions(self, bookings):
        """Post the entry of a chunk.

        :return: the charge item of each booking, empty for 0.00
        """
        charged = [booking for booking in bookings if booking.amount]
        none = self.env["account.move.line"]
        if not charged:
            return [none] * len(bookings)
        moves = self.env["account.move"].with_context(**QUIET)
        move = moves.create(self._prepare_contribution_move_vals(charged))
        items = iter(move.line_ids.sorted("id")[: 2 * len(charged) : 2])
        self._fetch_accounts(charged)
        move.with_context(cae_read=READ)._post(soft=False)
        return [next(items) if booking.amount else none for booking in bookings]

    @api.model
    def _fetch_accounts(self, bookings):
        """Read the analytic accounts at once: posting reads them one by one."""
        ids = {booking.activity.analytic_account_id.id for booking in bookings}
        ids.add(self.env.company.cae_shared_account_id.id)
        accounts = self.env["account.analytic.account"].browse(ids)
        accounts.fetch(["plan_id", "root_plan_id"])

    @api.model
    def _prepare_contribution_move_vals(self, bookings):
        """Entry of design §3.5: 186 / 181 per activity, 181 / 187 in total."""
        company, month = self.env.company, bookings[0].month
        totals, items = defaultdict(Decimal), []
        bank = company.cae_internal_bank_account_id
        for booking in bookings:
            charge, income = booking.rule._accounts(company)
            items += self._prepare_contribution_items(booking, charge, bank)
            totals[income] += booking.amount
        shared = str(company.cae_shared_account_id.id)
        label = self._contribution_ref(bookings[0])
        for income, total in totals.items():
            if total:
                items.append(self._prepare_item(bank, total, shared, label))
                items.append(self._prepare_item(income, -total, shared, label))
        return {
            "move_type": "entry",
            "journal_id": company.cae_journal_id.id,
            "date": month + relativedelta(months=1, days=-1),
            "ref": label,
            "line_ids": [(0, 0, item) for item in items],
        }

    def _prepare_contribution_items(self, booking, charge, bank):
        tag = str(booking.activity.analytic_account_id.id)
        label = f"{booking.activity.code} {booking.rule.name} {booking.month:%m/%Y}"
        return [
            self._prepare_item(charge, booking.amount, tag, label),
            self._prepare_item(bank, -booking.amount, tag, label),
        ]

    @api.model
    def _prepare_item(self, account, balance, tag, label):
        return {
            "account_id": account.id,
            "name": label,
            "balance": float(balance),
            "analytic_distribution": {tag: 100},
            "tax_ids": [],
        }

    @api.model
    def _contribution_ref(self, booking):
        month = f"{booking.month:%m/%Y}"
        if booking.undoes:
            return self.env._("Contributions undone %(month)s", month=month)
        return self.env._("Contributions %(month)s", month=month)

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def action_undo_contributions(self, reason: str) -> dict:
        """Give back all the contributions of these months, with reversing entries.

        The run of the month charges them again.

        :param reason: why; kept in the explanations and in the log of the month
        :return: ``{"lines", "total"}``: what this call added
        :raises UserError: ``CAE-CONTRIBUTION-REASON``, ``CAE-PERIOD-LOCKED``,
            ``CAE-LOCK-DATE``, ``CAE-PERIOD-BUSY``
        """
        lines = self.env["cae.contribution.line"].search(
            [
                ("company_id", "in", self.company_id.ids),
                ("month", "in", self.mapped("date")),
                ("amount", "!=", 0),
                ("undoes_id", "=", False),
                ("undone_ids", "=", False),
            ]
        )
        return self._undo_contributions(lines, reason)

    @api.model
    def _undo_contributions(self, lines, reason):
        reason = self._check_undo(lines, reason)
        added = {"lines": 0, "total": 0.0}
        with self._exclusive():
            self._read_afresh()
            self._check_not_undone(lines)
            chunks = _chunks(self._opposites(lines, reason))
            self._check_bookable(chunks)
            for chunk in chunks:
                self._book(chunk)
                self._log_undo(chunk, reason)
                self._commit_chunk()
                _add(added, chunk)
        return added

    def _check_undo(self, lines, reason):
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(
                self.env._("Only accountants of the cooperative undo contributions.")
            )
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(
                self.env._("CAE-CONTRIBUTION-REASON: give the reason of the undoing.")
            )
        if lines.company_id - self.env.company:
            raise UserError(
                self.env._(
                    "CAE-CONTRIBUTION-COMPANY: choose the company of these "
                    "contributions first."
                )
            )
        self._check_open(self.env.company, set(lines.mapped("month")))
        return reason

    def _check_not_undone(self, lines):
        done = lines.filtered(lambda line: line.undoes_id or line.undone_ids)
        if done:
            raise UserError(
                self.env._(
                    "CAE-CONTRIBUTION-UNDONE: already undone: %(lines)s.",
                    lines=", ".join(done.mapped("display_name")[:5]),
                )
            )

    def _opposites(self, lines, reason):
        """What gives ``lines`` back, with the revisions that come next."""
        revisions = self._last_revisions(lines)
        result = []
        for line in lines.sorted(lambda li: (li.month, li.activity_id.code, li.id)):
            key = (line.activity_id.id, line.rule_id.id, line.month)
            revisions[key] += 1
            result.append(self._opposite(line, revisions[key], reason))
        return [booking for booking in result if booking.amount]

    def _opposite(self, line, revision, reason):
        amount = -money(line.amount)
        kept = {
            key: line.explanation[key] for key in ("rule", "label", "mode", "month")
        }
        return Booking(
            activity=line.activity_id,
            rule=line.rule_id,
            month=line.month,
            revision=revision,
            amount=amount,
            explanation={**kept, "undone": reason, "amount": str(amount)},
            undoes=line.id,
        )

    def _last_revisions(self, lines):
        query = SQL(
            """
            SELECT activity_id, rule_id, month, MAX(revision)
              FROM cae_contribution_line
             WHERE activity_id = ANY(%s) AND month = ANY(%s)
             GROUP BY activity_id, rule_id, month
            """,
            lines.activity_id.ids,
            list(set(lines.mapped("month"))),
        )
        rows = self.env.execute_query(query)
        return {(activity, rule, month): last for activity, rule, month, last in rows}

    def _log_undo(self, chunk, reason):
        month = chunk[0].month
        total = sum(booking.amount for booking in chunk)
        self._get(month)._cae_note(
            self.env._(
                "%(count)s contributions undone (%(total)s): %(reason)s",
                count=len(chunk),
                total=f"{total:.2f}",
                reason=reason,
            )
        )


def _add(added, chunk):
    """Count a chunk that was written."""
    total = money(added["total"]) + sum(booking.amount for booking in chunk)
    added["lines"] += len(chunk)
    added["total"] = float(total)


def _chunks(bookings):
    """Bookings of one month and of ``CHUNK`` activities each, in order."""
    by_month = defaultdict(lambda: defaultdict(list))
    for booking in bookings:
        by_month[booking.month][booking.activity.id].append(booking)
    result = []
    for by_activity in by_month.values():
        parts = list(by_activity.values())
        for start in range(0, len(parts), CHUNK):
            part = parts[start : start + CHUNK]
            result.append([booking for bookings in part for booking in bookings])
    return result
