import re
import time
from contextlib import contextmanager
from datetime import date

from dateutil.relativedelta import relativedelta
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo import api, fields, models, modules
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..engine.texts import short
from ..tools import format_date

STEPS = ("contributions", "pay", "statements")
#: A month of this century; a day may follow.
MONTH = re.compile(r"(20\d\d)-(0?[1-9]|1[0-2])(?:-(\d\d))?")
#: No month is of an earlier year: see ``MONTH``.
BEGINNING = 2000
#: A call stops after this many seconds; the caller calls again.
TIME_BUDGET = 60
#: Class of the advisory locks that keep two runs of one company apart.
LOCK_CLASS = 0x0CAE


def _lock_key(company, month):
    """Number of the advisory lock of a month of a company."""
    return (LOCK_CLASS << 48) + (company.id << 16) + 12 * month.year + month.month


class CaePeriod(models.Model):
    """A month of a company, and its close."""

    _name = "cae.period"
    _description = "Month"
    _inherit = ["mail.thread"]
    _order = "date desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, help="First day of the month.")
    date_end = fields.Date(string="End Date", compute="_compute_date_end")
    state = fields.Selection(
        [("open", "Open"), ("locked", "Locked")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
    )

    active = fields.Boolean(
        default=True,
        readonly=True,
        help="Off: documents were posted in the month, and nobody opened it yet.",
    )

    _month_uniq = models.UniqueIndex(
        "(company_id, date)", "This month already exists in the company."
    )
    _first_day = models.Constraint(
        "CHECK(EXTRACT(day FROM date) = 1)", "A month is named by its first day."
    )

    @api.depends("date")
    def _compute_date_end(self):
        for period in self:
            period.date_end = period.date and period.date + relativedelta(
                months=1, days=-1
            )

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            name = format_date(self.env, period.date, date_format="MMMM yyyy")
            period.display_name = name.capitalize()

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------

    @api.model
    def _parse_month(self, month):
        """First day of ``month`` ("2026-01").

        :raises UserError: ``CAE-PERIOD-MONTH``
        """
        match = isinstance(month, str | date) and MONTH.fullmatch(str(month))
        try:
            year, number, day = (int(part or 1) for part in match.groups())
            return date(year, number, day).replace(day=1)
        except (AttributeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "CAE-PERIOD-MONTH: %(month)s is not a month; write it as 2026-01.",
                    month=short(month),
                )
            ) from error

    @api.model
    def _get(self, day):
        """The period of the current company that holds ``day``, made when missing."""
        first = day.replace(day=1)
        domain = [("company_id", "=", self.env.company.id), ("date", "=", first)]
        periods = self.with_context(active_test=False)
        period = periods.search(domain, limit=1)
        if not period:
            self.check_access("create")
            # Whoever posts in it, or opens it too, may make it at the same moment.
            self._insert_hidden(self.env.company, [first])
            period = periods.search(domain, limit=1)
        if not period.active:
            period._hold()
            period._show()
        return period.with_env(self.env)

    @api.model
    def _locked_months(self, company):
        """First days of the locked months of ``company``.

        Months are locked in their order, the first one here with all those before it:
        their documents are in its opening.
        """
        # sudo: whoever posts must be stopped by a lock, with or without CAE rights.
        last = self.sudo().search(
            [("company_id", "=", company.id), ("state", "=", "locked")],
            order="date desc",
            limit=1,
        )
        years = range(BEGINNING, last.date.year + 1) if last else ()
        months = (date(year, month, 1) for year in years for month in range(1, 13))
        return {month for month in months if month <= last.date}

    @api.model
    def _check_open(self, company, days, what=""):
        """:raises UserError: ``CAE-PERIOD-LOCKED`` when a day is in a locked month."""
        if not days:
            return
        self._hold_open(company, days)
        locked = self._locked_months(company)
        for day in sorted(days):
            if day.replace(day=1) in locked:
                raise UserError(self._locked_message(day, what))

    @api.model
    def _hold_open(self, company, days):
        """Keep the months of ``days`` from being locked until this transaction ends.

        When one of them was locked since this transaction began, PostgreSQL says so
        and Odoo starts the request again, which then sees the lock. A month that
        nobody opened yet gets its row, archived, so that there is one to hold. The
        advisory locks tell a lock of the month that somebody is posting in it, see
        :meth:`_alone`.
        """
        self.flush_model(["company_id", "date", "state", "active"])
        months = sorted({day.replace(day=1) for day in days})
        held = self.env.execute_query(
            SQL(
                """
                WITH posting AS MATERIALIZED (
                    SELECT pg_advisory_xact_lock_shared(key) FROM unnest(%s) key
                )
                SELECT date FROM cae_period
                 WHERE company_id = %s AND date = ANY(%s)
                   AND (SELECT COUNT(*) FROM posting) > 0
                 ORDER BY date FOR SHARE
                """,
                [_lock_key(company, month) for month in months],
                company.id,
                months,
            )
        )
        missing = [month for month in months if (month,) not in held]
        if missing:
            self._insert_hidden(company, missing)

    @api.model
    def _insert_hidden(self, company, months):
        """Rows of months that nobody opened yet.

        Not by the ORM: whoever posts may lack rights on months, and of two who post
        at once the second must wait for the first, then start again.
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO cae_period (company_id, date, state, active, create_uid,
                                        write_uid, create_date, write_date)
                SELECT %(company)s, m, 'open', FALSE, %(user)s, %(user)s,
                       NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                  FROM unnest(%(months)s::date[]) m
                ON CONFLICT (company_id, date) DO NOTHING
                RETURNING id
                """,
                company=company.id,
                user=self.env.uid,
                months=months,
            )
        )

    @api.model
    def _locked_message(self, day, what=""):
        return self.env._(
            "CAE-PERIOD-LOCKED: %(month)s is locked%(what)s. Use a date in an open "
            "month, or ask the accounting manager to unlock it.",
            month=format_date(self.env, day, date_format="MMMM yyyy"),
            what=what and f" ({what})",
        )

    @api.model
    def _first_open_day(self, company, day):
        """``day``, or the first day of the first open month after it."""
        locked = self._locked_months(company)
        while day.replace(day=1) in locked:
            day = day.replace(day=1) + relativedelta(months=1)
        return day

    # ------------------------------------------------------------------
    # Run of a month
    # ------------------------------------------------------------------

    @api.model
    def month_run(self, month: str, steps: list[str] | None = None) -> dict:
        """Compute and post a month: contributions, pay, statements.

        Idempotent: what is already right is left alone. The call stops at a time
        budget of 60 s with ``done`` false; call again. Each chunk is committed, so a
        run that was killed goes on where it stopped.

        :param month: ``"2026-01"``
        :param steps: some of ``contributions``, ``pay``, ``statements``; all by
            default
        :return: ``{"month", "done", "remaining", "contributions": {"lines",
            "total"}, "pay": {"lines", "cost", "gross"}, "statements":
            {"published"}}``: what this call added
        :raises UserError: ``CAE-PERIOD-MONTH``, ``CAE-PERIOD-STEP``,
            ``CAE-PERIOD-FUTURE``, ``CAE-PERIOD-LOCKED`` (before the first month that
            was locked), ``CAE-PERIOD-BUSY``, ``CAE-CONFIG-CHART``
        """
        return self._month_run(month, steps, TIME_BUDGET)

    @api.model
    def _month_run(self, month, steps, budget):
        """:param budget: seconds after which no part is begun; one always is"""
        steps = self._check_steps(steps)
        self._check_may_run(steps)
        first = self._parse_month(month)
        self._check_begun(first)
        self._check_not_before(first)
        self.env["res.company"]._cae_check_configured()
        deadline = time.monotonic() + budget
        result = self._empty_result(first)
        with self._exclusive():
            period = self._get(first)._in_company_language()
            for step in steps:
                self._read_afresh()
                remaining, added = getattr(period, f"_run_{step}")(deadline)
                result[step] = added
                result["remaining"] += remaining
                if remaining:
                    break
        result["done"] = not result["remaining"]
        return result

    @api.model
    def _check_begun(self, first):
        """:raises UserError: ``CAE-PERIOD-FUTURE`` when it has not begun"""
        if first > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "CAE-PERIOD-FUTURE: %(month)s has not begun. Check the month; "
                    "nothing was written.",
                    month=format_date(self.env, first, date_format="MMMM yyyy"),
                )
            )

    @api.model
    def _check_not_before(self, first):
        """:raises UserError: ``CAE-PERIOD-LOCKED`` when the books begin after it"""
        locked = self._locked_months(self.env.company)
        if first in locked and self._existing(first).state != "locked":
            raise UserError(self._locked_message(first))

    def _in_company_language(self):
        """What is stored speaks the language of the company, whoever asks for it."""
        # sudo: the language of the company is no secret.
        language = self.env.company.sudo().partner_id.lang
        return self.with_context(lang=language or self.env.lang)

    @api.model
    def _check_may_run(self, steps=STEPS):
        """Hook: others may run some of the steps; see cae_payroll.

        :raises AccessError: for others than accountants
        """
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(
                self.env._("Only accountants of the cooperative may run a month.")
            )

    @api.model
    def _check_steps(self, steps):
        steps = STEPS if steps is None else steps
        chosen = tuple(steps) if isinstance(steps, list | tuple) else (steps,)
        unknown = [short(step) for step in chosen if step not in STEPS]
        if unknown:
            raise UserError(
                self.env._(
                    "CAE-PERIOD-STEP: unknown step %(steps)s; choose among %(known)s.",
                    steps=", ".join(unknown[:10]),
                    known=", ".join(STEPS),
                )
            )
        return [step for step in STEPS if step in chosen]

    @api.model
    def _empty_result(self, first):
        return {
            "month": f"{first:%Y-%m}",
            "done": False,
            "remaining": 0,
            "contributions": {"lines": 0, "total": 0.0},
            "pay": {"lines": 0, "cost": 0.0, "gross": 0.0},
            "statements": {"published": 0},
        }

    @contextmanager
    def _exclusive(self):
        """Keep other runs of the company out, across the commits of this one.

        :raises UserError: ``CAE-PERIOD-BUSY``
        """
        key = (LOCK_CLASS, self.env.company.id)
        self.env.cr.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        if not self.env.cr.fetchone()[0]:
            raise UserError(
                self.env._(
                    "CAE-PERIOD-BUSY: someone else is running a month of %(company)s. "
                    "Wait until it is finished, then look at its result.",
                    company=self.env.company.name,
                )
            )
        try:
            yield
        finally:
            self._release(*key)

    @contextmanager
    def _in_turn(self):
        """Do one thing while others wait: from what they left, and kept before them.

        :raises UserError: ``CAE-PERIOD-BUSY``
        """
        with self._exclusive():
            self._read_afresh()
            yield
            self._commit_chunk()

    @contextmanager
    def _alone(self):
        """Nobody posts in this month, and what was posted before can be read.

        Whoever posts holds the same lock, shared, until the transaction has ended:
        once it is ours, a new transaction sees all of it. The row of the month, held
        until that one ends, keeps later ones out.

        :raises UserError: ``CAE-PERIOD-BUSY`` when somebody is posting in it
        """
        key = _lock_key(self.company_id, self.date)
        self.env.cr.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not self.env.cr.fetchone()[0]:
            raise UserError(self._busy_message())
        try:
            self._read_afresh()
            self._hold()
            yield
        finally:
            self._release(key)

    def _release(self, *key):
        """Let an advisory lock go, also after an error of the database."""
        if self.env.cr._cnx.info.transaction_status == TRANSACTION_STATUS_INERROR:
            # Nothing of it can be kept, and it would refuse the unlocking. The error
            # goes on to Odoo, which starts the request again where that helps.
            self.env.cr.rollback()
        places = ", ".join(["%s"] * len(key))
        self.env.cr.execute(f"SELECT pg_advisory_unlock({places})", key)

    def _commit_chunk(self):
        """Keep a finished chunk, so that a killed run goes on after it."""
        self.env.flush_all()
        if not modules.module.current_test:
            # The chunk and its marker are one unit; see docs/decisions/month.md.
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _read_afresh(self):
        """See what others committed while this call waited for its turn."""
        self._commit_chunk()
        self.env.invalidate_all()

    def _run_contributions(self, deadline):
        """Hook: ``(chunks left, {"lines", "total"})``; see cae_contribution_run."""
        return 0, {"lines": 0, "total": 0.0}

    def _run_pay(self, deadline):
        """Hook of cae_payroll: ``(people left, {"lines", "cost", "gross"})``."""
        return 0, {"lines": 0, "cost": 0.0, "gross": 0.0}

    def _run_statements(self, deadline):
        """Hook: ``(statements left, {"published"})``; see cae_period_statement."""
        return 0, {"published": 0}
