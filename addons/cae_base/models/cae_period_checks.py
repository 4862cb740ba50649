from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..engine.texts import storable
from ..tools import format_date
from . import cae_period  # noqa: F401  the model that is extended here comes first
from .cae_contribution_plan import ContributionPlan

BLOCKING, WARNING = "blocking", "warning"
# Only code can hold this object: the state of a month is set by lock and unlock alone.
LOCKING = object()
FROZEN = {"active", "company_id", "date", "state"}


class CaePeriod(models.Model):
    """What must be settled before a month is locked, and the lock itself."""

    _inherit = "cae.period"

    # ------------------------------------------------------------------
    # Public methods
    # ------------------------------------------------------------------

    @api.model
    def checks(self, month: str) -> list[dict]:
        """What is wrong or unusual in a month, the worst first.

        Codes: ``CAE-CHECK-EARLIER``, ``-DRAFT``, ``-BANK``, ``-CONTRIBUTIONS``,
        ``-SHARES``, ``-UNBALANCED`` (blocking); ``-UNEVEN``, ``-UNALLOCATED``,
        ``-SCHEME``, ``-TREASURY``, ``-LIMIT``, ``-HOLDER`` (warning).

        :param month: ``"2026-01"``
        :return: ``[{"code", "severity", "message", "model", "res_ids"}]``; severity
            is ``blocking`` or ``warning``
        :raises UserError: ``CAE-PERIOD-MONTH``, ``CAE-CONFIG-CHART``
        """
        self.browse().check_access("read")
        first = self._parse_month(month)
        self.env["res.company"]._cae_check_configured()
        return self._existing(first)._findings()

    @api.model
    def lock(self, month: str) -> dict:
        """Close a month: nothing of it may change any more.

        :param month: ``"2026-01"``
        :return: ``{"month", "state"}``
        :raises UserError: ``CAE-PERIOD-ORDER`` when an earlier month is open,
            ``CAE-PERIOD-FINDINGS`` when something blocks, ``CAE-PERIOD-FUTURE``,
            ``CAE-PERIOD-BUSY``, ``CAE-PERIOD-MONTH``
        """
        self._check_may_run()
        first = self._parse_month(month)
        self._check_begun(first)
        self.env["res.company"]._cae_check_configured()
        with self._exclusive():
            self._read_afresh()
            period = self._get(first)
            if period.state != "locked":
                with period._alone():
                    period._check_earlier_locked()
                    period._check_findings()
                    period._set_state("locked")
                    self.env.flush_all()
        return period._month_state()

    @api.model
    def unlock(self, month: str, reason: str) -> dict:
        """Open a locked month again; the latest one first.

        :param month: ``"2026-01"``
        :param reason: why; kept in the log of the month
        :return: ``{"month", "state"}``
        :raises AccessError: when not an accounting manager
        :raises UserError: ``CAE-PERIOD-REASON``, ``CAE-PERIOD-ORDER``,
            ``CAE-PERIOD-BUSY``, ``CAE-PERIOD-MONTH``
        """
        self._check_may_unlock()
        first = self._parse_month(month)
        reason = reason.strip() if storable(reason) else ""
        if not reason:
            raise UserError(
                self.env._("CAE-PERIOD-REASON: give the reason of the unlocking.")
            )
        with self._exclusive():
            period = self._existing(first)
            if period.state == "locked":
                period._check_later_open()
                period._set_state("open")
                self.env["cae.period.unlock"]._log(period, reason)
                noted = period._in_company_language()
                noted._cae_note(noted.env._("Unlocked: %(reason)s", reason=reason))
        return period._month_state()

    # ------------------------------------------------------------------
    # State
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        periods = super().create(vals_list)
        if any(period.state != "open" for period in periods):
            raise UserError(self._state_message())
        return periods

    def write(self, vals):
        if FROZEN & set(vals) and self.env.context.get("cae_locking") is not LOCKING:
            raise UserError(self._state_message())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        if any(period.state == "locked" for period in self):
            raise UserError(self._state_message())

    def _state_message(self):
        return self.env._(
            "CAE-PERIOD-STATE: months are locked and unlocked by their buttons only."
        )

    def _set_state(self, state):
        self.with_context(cae_locking=LOCKING).state = state

    def _show(self):
        self.with_context(cae_locking=LOCKING).active = True

    def _month_state(self):
        return {"month": f"{self.date:%Y-%m}", "state": self.state}

    @api.model
    def _existing(self, first):
        """The period that starts on ``first``; a new one, not stored, when missing."""
        domain = [("company_id", "=", self.env.company.id), ("date", "=", first)]
        # A hidden month reads as one that nobody opened, and is held all the same.
        periods = self.with_context(active_test=False)
        found = periods.search(domain, limit=1).with_env(self.env)
        return found or self.new({"date": first})

    def _hold(self):
        """Keep documents out of the month until it is locked.

        :raises UserError: ``CAE-PERIOD-BUSY`` when somebody is posting in it
        """
        if not self.try_lock_for_update():
            raise UserError(self._busy_message())

    def _busy_message(self):
        return self.env._(
            "CAE-PERIOD-BUSY: somebody is posting in %(month)s. Try again in a moment.",
            month=self.display_name,
        )

    def _check_may_unlock(self):
        if not self.env.user.has_group("cae_base.group_manager"):
            raise AccessError(
                self.env._("Only accounting managers may unlock a month.")
            )

    def _check_earlier_locked(self):
        earlier = self._open_months_before()
        if earlier:
            raise UserError(
                self.env._(
                    "CAE-PERIOD-ORDER: lock the months before first: %(months)s.",
                    months=self._month_names(earlier),
                )
            )

    def _check_later_open(self):
        later = sorted(m for m in self._locked_months(self.company_id) if m > self.date)
        if later:
            raise UserError(
                self.env._(
                    "CAE-PERIOD-ORDER: unlock the months after first: %(months)s.",
                    months=self._month_names(reversed(later)),
                )
            )

    def _check_findings(self):
        blocking = [f for f in self._findings() if f["severity"] == BLOCKING]
        if blocking:
            raise UserError(
                self.env._(
                    "CAE-PERIOD-FINDINGS: %(month)s cannot be locked: %(findings)s",
                    month=self.display_name,
                    findings=" ".join(finding["message"] for finding in blocking),
                )
            )

    def _month_names(self, months):
        return ", ".join(
            format_date(self.env, month, date_format="MMMM yyyy") for month in months
        )

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    def _findings(self):
        """The findings of this month, the blocking ones first."""
        self.ensure_one()
        found = [finding for find in self._finders() for finding in find() if finding]
        return sorted(found, key=lambda finding: finding["severity"] != BLOCKING)

    def _finders(self):
        """Methods that yield findings; other modules add theirs."""
        return [
            self._find_earlier,
            self._find_drafts,
            self._find_bank_lines,
            self._find_contributions,
            self._find_unbalanced,
            self._find_uneven,
            self._find_unallocated,
            self._find_schemes,
            self._find_treasury,
            self._find_holders,
            self._find_limits,
        ]

    @api.model
    def _finding(self, code, severity, message, records):
        """A finding on ``records``; False when there are none."""
        return bool(records) and {
            "code": f"CAE-CHECK-{code}",
            "severity": severity,
            "message": message,
            "model": records._name,
            "res_ids": records.ids,
        }

    def _in_month(self):
        return [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date),
            ("date", "<=", self.date_end),
        ]

    def _open_months_before(self):
        """First days of the months before this one that are not locked.

        Counted from the first month that the company has here.
        """
        domain = [("company_id", "=", self.company_id.id)]
        start = self.search(domain, order="date", limit=1).date or self.date
        locked = self._locked_months(self.company_id)
        months = []
        while start < self.date:
            months.append(start)
            start += relativedelta(months=1)
        return [month for month in months if month not in locked]

    def _find_earlier(self):
        months = self._open_months_before()
        if not months:
            return
        message = self.env._(
            "Months before are open: %(months)s.", months=self._month_names(months)
        )
        periods = self.search(
            [("company_id", "=", self.company_id.id), ("date", "in", months)]
        )
        yield {
            "code": "CAE-CHECK-EARLIER",
            "severity": BLOCKING,
            "message": message,
            "model": self._name,
            "res_ids": periods.ids,
        }

    def _find_drafts(self):
        drafts = self.env["account.move"].search(
            [*self._in_month(), ("state", "=", "draft")]
        )
        drafts -= drafts.filtered(lambda move: move._cae_dated_later())
        message = self.env._("Documents not posted: %(count)s.", count=len(drafts))
        yield self._finding("DRAFT", BLOCKING, message, drafts)

    def _find_bank_lines(self):
        lines = self.env["account.bank.statement.line"].search(
            [
                *self._in_month(),
                ("is_reconciled", "=", False),
                ("cae_unallocated_reason", "=", False),
            ]
        )
        message = self.env._(
            "Bank lines neither matched nor kept unallocated with a reason: %(count)s.",
            count=len(lines),
        )
        yield self._finding("BANK", BLOCKING, message, lines)

    def _find_contributions(self):
        plan = ContributionPlan(self.company_id, self.date)
        wanting = {b.activity.id for b in plan.bookings() if b.month <= self.date}
        activities = self.env["cae.activity"].browse(sorted(wanting))
        message = self.env._(
            "Activities whose contributions are not run, or not up to date: "
            "%(count)s. Run the month.",
            count=len(activities),
        )
        yield self._finding("CONTRIBUTIONS", BLOCKING, message, activities)

    def _find_unbalanced(self):
        entries = self.env["cae.ledger"]._unbalanced_entries(self.company_id)
        moves = self.env["account.move"].browse(sorted({row[0] for row in entries}))
        message = self.env._(
            "Entries that do not balance for each activity: %(count)s. Data was "
            "changed outside the product.",
            count=len(moves),
        )
        yield self._finding("UNBALANCED", BLOCKING, message, moves)

    def _find_uneven(self):
        items = self.env["cae.ledger"]._uneven_matchings(
            self.company_id, self.date, self.date_end
        )
        items = self.env["account.move.line"].browse(items)
        message = self.env._(
            "Settled items that leave an activity a balance: %(count)s. Undo their "
            "matching and match them again.",
            count=len(items),
        )
        yield self._finding("UNEVEN", WARNING, message, items)

    def _find_unallocated(self):
        items = self.env["account.move.line"].browse(self._unallocated_items())
        message = self.env._(
            "Journal items that belong to no activity yet: %(count)s.", count=len(items)
        )
        yield self._finding("UNALLOCATED", WARNING, message, items)

    def _unallocated_items(self):
        """Ids of the items of the month that belong to no activity yet.

        Bank lines that wait for their matching are left out; an item of a locked month
        counts with the allocation entries that correct it.
        """
        ledger = self.env["cae.ledger"]
        ledger._flush()
        self.env["account.bank.statement.line"].flush_model()
        query = SQL(
            """
            WITH own AS (
                SELECT m.id
                  FROM account_move_line m
                  LEFT JOIN account_bank_statement_line s ON s.id = m.statement_line_id
                 WHERE m.company_id = %(company)s AND m.parent_state = 'posted'
                   AND m.date BETWEEN %(first)s AND %(last)s AND m.balance <> 0
                   AND m.cae_source_line_id IS NULL
                   AND (s.id IS NULL OR s.is_reconciled)
            ), parts AS (
                SELECT own.id AS item, m.id, m.balance
                  FROM own JOIN account_move_line m ON m.id = own.id
                 UNION ALL
                SELECT own.id, m.id, m.balance
                  FROM own JOIN account_move_line m ON m.cae_source_line_id = own.id
                 WHERE m.parent_state = 'posted'
            ), tagged AS (
                SELECT l.move_line_id AS id, SUM(l.amount) AS amount
                  FROM account_analytic_line l
                 WHERE l.move_line_id IN (SELECT id FROM parts)
                   AND %(column)s IS NOT NULL
                 GROUP BY 1
            )
            SELECT item FROM parts LEFT JOIN tagged USING (id)
             GROUP BY item
            HAVING ROUND(SUM(balance + COALESCE(amount, 0)), 2) <> 0
             ORDER BY item
            """,
            column=SQL.identifier("l", ledger._column()),
            company=self.company_id.id,
            first=self.date,
            last=self.date_end,
        )
        return [row[0] for row in self.env.execute_query(query)]

    def _find_schemes(self):
        lacking = self._activities().filtered(lambda activity: not activity.scheme_id)
        message = self.env._(
            "Activities without contribution scheme: %(count)s.", count=len(lacking)
        )
        yield self._finding("SCHEME", WARNING, message, lacking)

    def _find_treasury(self):
        activities = self.env["cae.activity"]._find([])
        rows = activities._treasury_at(self.date_end)
        negative = activities.filtered(lambda a: rows[a.id]["treasury"] < 0)
        message = self.env._(
            "Activities with a negative treasury: %(count)s.", count=len(negative)
        )
        yield self._finding("TREASURY", WARNING, message, negative)

    def _find_holders(self):
        activities = self._activities()
        activities = activities.filtered(
            lambda a: not a.date_end or a.date_end >= self.date_end
        )
        holders = activities._holders_at(self.date_end)
        nobody = activities.filtered(lambda a: not holders[a.id])
        message = self.env._("Activities without holder: %(count)s.", count=len(nobody))
        yield self._finding("HOLDER", WARNING, message, nobody)
        partial = (activities - nobody).filtered(
            lambda a: sum(holders[a.id].values()) != 100
        )
        message = self.env._(
            "Activities whose shares do not add up to 100 %%: %(count)s.",
            count=len(partial),
        )
        yield self._finding("SHARES", BLOCKING, message, partial)

    def _find_limits(self):
        people = self.env["cae.entrepreneur"].search(
            [("company_id", "=", self.company_id.id), ("has_warning", "=", True)]
        )
        message = self.env._(
            "People past a legal limit, or whose contract ends soon: %(count)s.",
            count=len(people),
        )
        yield self._finding("LIMIT", WARNING, message, people)

    def _activities(self):
        """Activities open for one day at least in the month."""
        return self.env["cae.activity"]._find([])._open_in(self.date)
