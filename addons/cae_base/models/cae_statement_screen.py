from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine.statement import without_words
from .cae_published import TOGETHER

STATES = [
    ("draft", "Draft"),
    ("published", "Published"),
    ("outdated", "Outdated"),
    ("replaced", "Replaced"),
]


class CaeStatement(models.Model):
    """What only the screens of statements need."""

    _inherit = "cae.statement"

    rows = fields.Json(
        compute="_compute_rows", help="The income statement of the month."
    )
    rows_html = fields.Html(
        string="Figures", compute="_compute_rows_html", sanitize=False
    )
    result_amount = fields.Monetary(
        string="Result of the Month", compute="_compute_amounts", store=True
    )
    turnover_amount = fields.Monetary(
        string="Turnover of the Month", compute="_compute_amounts", store=True
    )
    treasury_amount = fields.Monetary(
        string="Treasury", compute="_compute_amounts", store=True
    )
    outdated = fields.Boolean(
        compute="_compute_outdated",
        search="_search_outdated",
        help="The accounts of the open month have changed since it was published.",
    )
    state = fields.Selection(
        STATES, compute="_compute_state", search="_search_state", string="Status"
    )

    @api.depends("data")
    def _compute_rows(self):
        for statement in self:
            statement.rows = [
                {
                    "key": row["key"],
                    "label": row["label"],
                    "month": float(row["month"]),
                    "to_date": float(row["to_date"]),
                    "ratio": row["ratio"] and float(row["ratio"]),
                }
                for row in (statement.data or {}).get("income", ())
            ]

    @api.depends("rows", "month")
    @api.depends_context("lang")
    def _compute_rows_html(self):
        for statement in self:
            activity = statement.activity_id.with_company(statement.company_id)
            statement.rows_html = activity._render_statement(
                statement.month, statement.rows or [], statement._rows_before()
            )

    def _rows_before(self):
        """What was frozen of the same time last year; nothing when all of it is 0."""
        rows = [
            {"key": row["key"], "to_date": float(row["before"])}
            for row in (self.data or {}).get("income", ())
        ]
        return rows if any(row["to_date"] for row in rows) else ()

    @api.depends("rows")
    def _compute_amounts(self):
        for statement in self:
            month = {row["key"]: row["month"] for row in statement.rows or []}
            statement.turnover_amount = month.get("turnover", 0.0)
            statement.result_amount = month.get("result", 0.0)
            money = (statement.data or {}).get("treasury") or {}
            statement.treasury_amount = float(money.get("treasury", 0))

    @api.depends("published", "current")
    @api.depends_context("uid")
    def _compute_outdated(self):
        outdated = set(self._outdated().ids)
        for statement in self:
            statement.outdated = statement.id in outdated

    def _outdated(self):
        """Those of these that would say something else today.

        Of many at once: the field is computed for a thousand at a time, and would read
        the ledger for each thousand again.
        """
        changed, found = self._open_published()._changed(), self.browse()
        for start in range(0, len(changed), TOGETHER):
            part = changed[start : start + TOGETHER].filtered("data")
            fresh = part._fresh_data()
            found |= part.filtered(
                lambda s, new=fresh: new.get(s.id) and s._differs(new[s.id])
            )
        return found

    def _differs(self, data):
        """Whether the figures are others; new words are no reason to worry."""
        return without_words(self.data) != without_words(data)

    def _open_published(self):
        """Those of these that may be outdated: published, in force, month not locked.

        Nothing is read for entrepreneurs, who see what was published.
        """
        if not self.env.user.has_group("cae_base.group_accountant"):
            return self.browse()
        locked = {
            company: self.env["cae.period"]._locked_months(company)
            for company in self.company_id
        }
        return self.filtered(
            lambda s: s.published and s.current and s.month not in locked[s.company_id]
        )

    def _search_outdated(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Without the figures, which are long: few are compared.
        published = self.search_fetch(
            [("published", "=", True), ("current", "=", True)],
            ["published", "current", "month", "kind", "company_id", "activity_id"],
        )
        found = published._outdated()
        return [("id", "in" if True in value else "not in", found.ids)]

    @api.depends("published", "current", "outdated")
    def _compute_state(self):
        for statement in self:
            statement.state = statement._state_now()

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        published = Domain("published", "=", True)
        in_force = published & Domain("current", "=", True)
        states = {
            "draft": Domain("published", "=", False),
            "replaced": published & Domain("current", "=", False),
            "outdated": in_force & Domain("outdated", "=", True),
            "published": in_force & Domain("outdated", "=", False),
        }
        return Domain.OR(states[state] for state in value if state in states)

    def _state_now(self):
        if not self.published:
            return "draft"
        if not self.current:
            return "replaced"
        return "outdated" if self.outdated else "published"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_ask_publish_again(self) -> dict:
        """Ask for the reason, then publish new versions of these.

        :raises UserError: ``CAE-STATEMENT-SAME`` when none of them is outdated
        """
        outdated = self.filtered("outdated") if len(self) > 1 else self
        if not outdated:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-SAME: nothing has changed in these statements "
                    "since they were published."
                )
            )
        return self.env["cae.reason"]._ask(
            "republish",
            self.env._("Publish again"),
            form="cae_base.cae_reason_view_form_publish",
            statement_ids=outdated.ids,
        )

    def action_open_versions(self) -> dict:
        """All versions of these statements."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_statement_action"
        )
        action["domain"] = [
            ("activity_id", "in", self.activity_id.ids),
            ("month", "in", self.mapped("month")),
        ]
        action["context"] = {}
        return action
