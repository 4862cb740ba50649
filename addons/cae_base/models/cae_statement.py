from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import format_date
from .cae_published import COMPUTING  # noqa: F401  those who write statements need it


class CaeStatement(models.Model):
    """The statement of accounts of an activity (L.7332-3, R.7331-5).

    Of a month, or of a fiscal year (its month is then the last one of the year). Each
    published version is a record of its own, which never changes.
    """

    _name = "cae.statement"
    _description = "Statement of Accounts"
    _inherit = ["cae.published", "mail.thread"]
    _order = "month desc, activity_id, version desc"
    _report_template = "cae_base.statement_document"

    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="activity_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("month", "Month"), ("year", "Fiscal year")],
        string="Period",
        required=True,
        default="month",
        readonly=True,
    )
    month = fields.Date(
        required=True,
        readonly=True,
        help="First day of the month, or of the last month of the fiscal year.",
    )
    published = fields.Boolean(
        tracking=True,
        help="Open to the entrepreneurs of the activity.",
    )
    replaces_id = fields.Many2one(
        "cae.statement",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The version before.",
    )
    reader_user_ids = fields.Many2many(
        "res.users",
        "cae_statement_reader_user_rel",
        string="Users of the Readers",
        compute="_compute_reader_user_ids",
        store=True,
        groups="cae_base.group_manager",
        help="Portal users of the holders to whom it is open when it is published: "
        "not those who took the activity over, or joined, later.",
    )

    _version_uniq = models.UniqueIndex(
        "(activity_id, month, kind, version)", "This version already exists."
    )
    _current_uniq = models.UniqueIndex(
        "(activity_id, month, kind) WHERE current",
        "This activity already has a statement of this month.",
    )

    @api.depends("activity_id", "month", "kind", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for statement in self:
            name = f"{statement.activity_id.code or ''} {statement._period_name()}"
            if statement.version > 1:
                name = f"{name} v{statement.version}"
            statement.display_name = name.strip()

    @api.depends(
        "month",
        "activity_id.share_ids.accounts_open",
        "activity_id.share_ids.date_start",
        "activity_id.share_ids.entrepreneur_id.user_id",
    )
    def _compute_reader_user_ids(self):
        for statement in self:
            shares = statement.activity_id.share_ids
            statement.reader_user_ids = shares._readers(statement.month)

    def _period_name(self):
        if not self.month:
            return ""
        if self.kind == "month":
            return f"{self.month:%Y-%m}"
        return self.env._("year %s", format_date(self.env, self.month, date_format="Y"))

    def _file_name(self):
        period = f"{self.month:%Y}" if self.kind == "year" else f"{self.month:%Y-%m}"
        version = f"-v{self.version}" if self.version > 1 else ""
        return f"{self.activity_id.code}-{period}{version}"

    # ------------------------------------------------------------------
    # Drafts
    # ------------------------------------------------------------------

    @api.model
    def _update_month(self, activities, first, kind="month"):
        """Create or refresh the unpublished statements of a month, in one batch.

        :return: the statements created
        """
        data = self._data(activities, kind, first)
        statements = self._computing()
        existing = statements._of(activities, first, kind).grouped("activity_id")
        for activity, statement in existing.items():
            if not statement.published and statement.data != data[activity.id]:
                statement.data = data[activity.id]
        created = statements.create(
            [
                {
                    "activity_id": activity.id,
                    "month": first,
                    "kind": kind,
                    "data": data[activity.id],
                }
                for activity in activities
                if activity not in existing
            ]
        )
        return created.with_env(self.env)

    @api.model
    def _of(self, activities, first, kind="month"):
        """The versions in force of activities."""
        return self.search(
            [
                ("activity_id", "in", activities.ids),
                ("month", "=", first),
                ("kind", "=", kind),
                ("current", "=", True),
            ]
        )

    def _fresh_data(self):
        """``{statement id: data as it would be today}``."""
        result = {}
        for (company, kind, month), group in self.grouped(
            lambda s: (s.company_id, s.kind, s.month)
        ).items():
            here = group.with_company(company)
            data = here._data(here.activity_id, kind, month)
            result |= {s.id: data[s.activity_id.id] for s in group}
        return result

    # ------------------------------------------------------------------
    # Publishing
    # ------------------------------------------------------------------

    def _prepare_version_vals(self, data, reason):
        return {
            **super()._prepare_version_vals(data, reason),
            "activity_id": self.activity_id.id,
            "month": self.month,
            "kind": self.kind,
            "replaces_id": self.id,
        }

    def action_publish(self) -> dict:
        """Publish drafts as they are now, whatever still waits in their month.

        :return: ``{"published"}``
        :raises UserError: ``CAE-STATEMENT-EARLY``
        """
        self.check_access("write")
        drafts = self.filtered(lambda s: not s.published)
        drafts._check_over()
        data = drafts._fresh_data()
        for statement in drafts._computing():
            statement.data = data[statement.id]
        return {"published": len(drafts._publish())}

    def action_publish_again(self, reason: str) -> dict:
        """Publish a new version of these, with what their accounts say now.

        :param reason: read by the entrepreneurs
        :return: ``{"published"}``
        :raises UserError: ``CAE-STATEMENT-REASON``, ``CAE-STATEMENT-SAME``,
            ``CAE-STATEMENT-STATE``, ``CAE-PERIOD-BUSY``
        """
        self.check_access("write")
        count = 0
        for company, statements in self.grouped("company_id").items():
            here = statements.with_company(company)
            with self.env["cae.period"].with_company(company)._exclusive():
                count += len(here._publish_again(here._fresh_data(), reason))
        return {"published": count}

    def _check_over(self):
        today = fields.Date.context_today(self)
        early = self.filtered(lambda s: s._span_of().last >= today)
        if early:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-EARLY: %(name)s is not over; its statement is "
                    "published after its last day.",
                    name=early[0].display_name,
                )
            )

    def _span_of(self):
        return self._span(self.company_id, self.kind, self.month)


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    statement_ids = fields.One2many(
        "cae.statement", "activity_id", string="Statements of Accounts"
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        # sudo: what was published is kept, whoever may read it.
        self.sudo().statement_ids._unlink_except_published()
