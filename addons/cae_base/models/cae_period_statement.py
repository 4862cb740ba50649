import time

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import told
from .cae_contribution_plan import ContributionPlan
from .cae_contribution_run import CHUNK as RUN_CHUNK
from .cae_period import TIME_BUDGET
from .cae_period_checks import BLOCKING, WARNING

#: PDFs rendered, or people written to, between two commits.
CHUNK = 8


class CaePeriod(models.Model):
    """Statements of a month: publishing, PDFs, sending."""

    _inherit = "cae.period"

    statement_count = fields.Integer(compute="_compute_statement_progress")
    published_count = fields.Integer(
        string="Published", compute="_compute_statement_progress"
    )
    pdf_count = fields.Integer(string="PDFs", compute="_compute_statement_progress")
    pdf_progress = fields.Float(
        string="PDFs Ready", compute="_compute_statement_progress"
    )
    unsent_count = fields.Integer(
        string="To Send",
        compute="_compute_unsent_count",
        help="People without portal access who have not got their statement yet.",
    )
    sending_ids = fields.Many2many(
        "cae.statement.sending",
        string="Sendings",
        compute="_compute_sending_ids",
    )
    statements_requested = fields.Boolean(
        readonly=True,
        copy=False,
        help="PDFs are being prepared, and then sent, in the background.",
    )
    sending_requested = fields.Boolean(readonly=True, copy=False)

    # ------------------------------------------------------------------
    # Step of the run
    # ------------------------------------------------------------------

    def _run_statements(self, deadline):
        """Refresh the drafts of the month and publish those that wait for nothing.

        What is published stays as it is: when its accounts change, the month says so
        and somebody publishes a new version with a reason.
        """
        self.ensure_one()
        added, parts = 0, self._statement_parts()
        for done, activities in enumerate(parts):
            if added and time.monotonic() >= deadline:
                return len(parts) - done, {"published": added}
            added += self._treat_statements(activities)
            self._commit_chunk()
        return 0, {"published": added}

    def _statement_parts(self):
        """Activities whose statement is not published, those without one first."""
        activities = self._activities()
        known = self.env["cae.statement"]._of(activities, self.date)
        drafts = known.filtered(lambda s: not s.published).activity_id
        return [
            group[start : start + RUN_CHUNK]
            for group in (activities - known.activity_id, activities & drafts)
            for start in range(0, len(group), RUN_CHUNK)
        ]

    def _treat_statements(self, activities):
        """Refresh the drafts of activities, publish them; how many were published."""
        statements = self.env["cae.statement"]
        # In one transaction: what is published was computed from the very accounts
        # whose contributions and pay are finished.
        statements._update_month(activities, self.date)
        if self.date_end >= fields.Date.context_today(self):
            return 0
        waiting = self._statement_waiting(activities)
        ready = activities.filtered(lambda activity: activity.id not in waiting)
        return len(statements._of(ready, self.date)._publish())

    def _statement_waiting(self, activities):
        """Hook: ids of the activities whose month is not finished."""
        plan = ContributionPlan(self.company_id, self.date).of(activities)
        return {b.activity.id for b in plan.bookings() if b.month <= self.date}

    def _month_statements(self, *domain):
        return self.env["cae.statement"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", "=", self.date),
                ("current", "=", True),
                *domain,
            ]
        )

    # ------------------------------------------------------------------
    # Progress
    # ------------------------------------------------------------------

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_statement_progress(self):
        for period in self:
            statements = period._month_statements()
            published = statements.filtered("published")
            period.statement_count = len(statements)
            period.published_count = len(published)
            period.pdf_count = len(published.filtered("pdf_id"))
            period.pdf_progress = (
                100 * period.pdf_count / len(published) if published else 0
            )

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_statement_ids(self):
        for period in self:
            period.statement_ids = period._month_statements()

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_unsent_count(self):
        for period in self:
            period.unsent_count = len(period._unsent())

    @api.depends("date", "company_id")
    @api.depends_context("uid")
    def _compute_sending_ids(self):
        self._compute_of_month("sending_ids")

    def _unsent(self):
        """``[(statement, person)]`` of those who have not got their statement."""
        published = self._month_statements(("published", "=", True))
        return published._unsent()

    # ------------------------------------------------------------------
    # PDFs and sending
    # ------------------------------------------------------------------

    @api.model
    def statement_batch(self, month: str, send: bool = False) -> dict:
        """Prepare the PDFs of the published statements of a month, and send them.

        Idempotent and resumable as ``month_run`` is: the call stops at a time budget
        of 60 s with ``done`` false; call again. Those without portal access are
        written to (R.7331-5), once for each version.

        :param month: ``"2026-01"``
        :param send: also queue the e-mails
        :return: ``{"month", "done", "remaining", "pdf", "sent"}``: what this call
            added, ``remaining`` counting both PDFs and e-mails
        :raises UserError: ``CAE-PERIOD-MONTH``, ``CAE-PERIOD-BUSY``,
            ``CAE-STATEMENT-PDF``
        """
        self._check_may_run()
        first = self._parse_month(month)
        deadline = time.monotonic() + TIME_BUDGET
        with self._exclusive():
            period = self._existing(first)
            result = period._batch_statements(deadline, send)
        return {"month": f"{first:%Y-%m}", "done": not result["remaining"], **result}

    def _batch_statements(self, deadline, send):
        published = self._month_statements(("published", "=", True))
        missing = published.filtered(lambda s: not s.pdf_id)
        left, made = self._in_chunks(missing, deadline, lambda s: s._keep_pdfs())
        result = {"pdf": made, "sent": 0, "remaining": left}
        if send and not left:
            unsent = published.browse().union(*(s for s, _p in published._unsent()))
            send_to = self.env["cae.statement.sending"]._send
            result["remaining"], result["sent"] = self._in_chunks(
                unsent, deadline, send_to
            )
        return result

    def _in_chunks(self, records, deadline, action):
        """Treat records chunk by chunk until the deadline.

        :return: ``(records left, records that the action returned)``
        """
        count = 0
        for start in range(0, len(records), CHUNK):
            if start and time.monotonic() > deadline:
                return len(records) - start, count
            count += len(action(records[start : start + CHUNK]))
            self._commit_chunk()
        return 0, count

    @api.model
    def _cron_statements(self):
        """Go on with the PDFs and sendings that were asked for."""
        periods = self.search([("statements_requested", "=", True)], order="date")
        for period in periods:
            here = period._own_company()
            result = here.statement_batch(
                f"{period.date:%Y-%m}", send=period.sending_requested
            )
            if result["done"]:
                period.write(
                    {"statements_requested": False, "sending_requested": False}
                )
            left = self.env["ir.cron"]._commit_progress(
                result["pdf"] + result["sent"], remaining=result["remaining"]
            )
            if not left or not result["done"]:
                break

    def action_prepare_statements(self) -> dict:
        """Prepare the PDFs of the month in the background."""
        return self._request_statements(send=False)

    def action_send_statements(self) -> dict:
        """Prepare the PDFs and send them to those without portal, in the background."""
        return self._request_statements(send=True)

    def _request_statements(self, send):
        self.ensure_one()
        self._check_may_run()
        if not self.published_count:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-NONE: no statement of %(month)s is published yet. "
                    "Run the month first.",
                    month=self.display_name,
                )
            )
        self.write({"statements_requested": True, "sending_requested": send})
        # sudo: accountants start the background job of their months.
        self.env.ref("cae_base.cae_statement_cron").sudo()._trigger()
        return told(
            self.display_name,
            self.env._(
                "Started in the background; this page shows how far it has come."
            ),
        )

    def action_download_zip(self) -> dict:
        """All PDFs of the month in one ZIP file."""
        return self._download("zip")

    def action_download_pdf(self) -> dict:
        """All PDFs of the month merged in one file, to print."""
        return self._download("pdf")

    def _download(self, kind):
        self.ensure_one()
        if self.pdf_count < self.published_count or not self.published_count:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-PREPARE: %(ready)s PDFs of %(count)s are ready. "
                    "Prepare the PDFs first.",
                    ready=self.pdf_count,
                    count=self.published_count,
                )
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/cae/month/{self.id}/statements/{kind}",
            "target": "self",
        }

    def action_publish_outdated(self) -> dict:
        """Ask for the reason, then publish again what changed in the month."""
        self.ensure_one()
        published = self._month_statements(("published", "=", True))
        return published._outdated().action_ask_publish_again()

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    def _finders(self):
        return [
            *super()._finders(),
            self._find_statements,
            self._find_sendings,
            self._find_altered,
        ]

    def _find_statements(self):
        """``CAE-CHECK-STATEMENTS``: what is not published, or not any more right."""
        if not self.statement_count:
            return
        statements = self._month_statements()
        drafts = statements.filtered(lambda s: not s.published)
        if self.date_end < fields.Date.context_today(self):
            message = self.env._(
                "Statements not published: %(count)s. Their contributions or pay are "
                "not finished; finish them and run the month.",
                count=len(drafts),
            )
            yield self._finding("STATEMENTS", WARNING, message, drafts)
        outdated = statements._outdated()
        message = self.env._(
            "Accounts changed since their statement was published: %(count)s. Publish "
            "these statements again, with the reason.",
            count=len(outdated),
        )
        # A locked month is looked at no more: its statements would stay wrong.
        yield self._finding("OUTDATED", BLOCKING, message, outdated)

    def _find_sendings(self):
        """``CAE-CHECK-SENDING``: who has not got their statement (R.7331-5)."""
        unsent = self._unsent()
        statements = self.env["cae.statement"].union(*(s for s, _p in unsent))
        message = self.env._(
            "People without portal access who have not got their statement "
            "(R.7331-5): %(count)s. Send the statements, or correct their addresses.",
            count=len(unsent),
        )
        yield self._finding("SENDING", WARNING, message, statements)

    def _find_altered(self):
        """``CAE-CHECK-ALTERED``: figures that are not what their hash says."""
        published = self._month_statements(("published", "=", True))
        altered = published._altered_data()
        message = self.env._(
            "Published statements that were changed outside the product: %(count)s.",
            count=len(altered),
        )
        yield self._finding("ALTERED", BLOCKING, message, altered)
