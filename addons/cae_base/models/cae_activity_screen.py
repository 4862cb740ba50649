import json
from collections import defaultdict
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ..engine.statement import RARE
from ..tools import format_date
from .cae_activity import PURCHASE_TYPES, SALE_TYPES

#: Months of the small graphs.
GRAPH_MONTHS = 12


class CaeActivity(models.Model):
    """What only the screens of activities need."""

    _inherit = "cae.activity"
    # Coaches read activities and write notes on them.
    _mail_post_access = "read"

    holders = fields.Char(
        string="Held by",
        compute="_compute_holders",
        compute_sudo=True,
        help="Who holds the activity, and which part of its pay.",
    )
    coach_ids = fields.Many2many(
        "res.users", string="Coaches", compute="_compute_coach_ids"
    )
    shared = fields.Boolean(
        string="Held by Several People",
        compute="_compute_shared",
        search="_search_shared",
    )
    contract_ids = fields.Many2many(
        "cae.contract",
        string="Contracts",
        compute="_compute_contract_ids",
        help="Contracts of who holds the activity today.",
    )
    mine = fields.Boolean(
        string="Of My People", compute="_compute_mine", search="_search_mine"
    )
    treasury_amount = fields.Monetary(
        string="Treasury",
        compute="_compute_money",
        help="Bank and internal bank today.",
    )
    available_amount = fields.Monetary(
        string="Available",
        compute="_compute_money",
        help="What is left of the treasury when all that is due is paid.",
    )
    future_amount = fields.Monetary(
        string="Expected",
        compute="_compute_money",
        help="What is available, and what customers still owe.",
    )
    statement_count = fields.Integer(compute="_compute_statement_count")
    account_month = fields.Date(compute="_compute_account_month")
    account_html = fields.Html(
        string="Statement", compute="_compute_account_html", sanitize=False
    )
    treasury_html = fields.Html(
        string="Treasury in Detail", compute="_compute_treasury_html", sanitize=False
    )
    ledger_html = fields.Html(
        string="Trial Balance", compute="_compute_ledger_html", sanitize=False
    )
    turnover_graph = fields.Text(compute="_compute_turnover_graph")

    @api.depends("share_ids.share", "share_ids.entrepreneur_id")
    def _compute_holders(self):
        # The names and shares of those who run a business together are no secret
        # between them, nor for their coaches; their own records are. Searched rather
        # than read from ``share_ids``, which would keep in cache what the user may
        # not read.
        today = fields.Date.context_today(self)
        shares = self.env["cae.activity.share"].search(
            [("activity_id", "in", self.ids)]
        )
        held = shares._held_on(today).grouped("activity_id")
        for activity in self:
            activity.holders = ", ".join(
                share.entrepreneur_id.name
                if share.share == 100
                else f"{share.entrepreneur_id.name} ({share.share:g} %)"
                for share in held.get(activity._origin, ())
            )

    @api.depends("entrepreneur_ids.coach_id")
    def _compute_coach_ids(self):
        for activity in self:
            activity.coach_ids = activity.entrepreneur_ids.coach_id

    @api.depends("entrepreneur_ids")
    def _compute_shared(self):
        for activity in self:
            activity.shared = len(activity.entrepreneur_ids) > 1

    def _search_shared(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        today = fields.Date.context_today(self)
        groups = self.env["cae.activity.share"]._read_group(
            [
                ("date_start", "<=", today),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", today),
            ],
            ["activity_id"],
            having=[("__count", ">", 1)],
        )
        return [("id", "in", [activity.id for (activity,) in groups])]

    @api.depends("coach_user_ids")
    @api.depends_context("uid")
    def _compute_mine(self):
        mine = self.filtered_domain(self._search_mine("in", {True}))
        for activity in self:
            activity.mine = activity in mine

    def _search_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: whether the user is among the coaches; who else is remains unread.
        activities = self.sudo().search([("coach_user_ids", "=", self.env.uid)])
        inside = True in value
        return [("id", "in" if inside else "not in", activities.ids)]

    @api.depends("entrepreneur_ids")
    def _compute_contract_ids(self):
        for activity in self:
            activity.contract_ids = self.env["cae.contract"].search(
                [("entrepreneur_id", "in", activity.entrepreneur_ids._origin.ids)]
            )

    @api.depends("analytic_account_id")
    def _compute_money(self):
        today = fields.Date.context_today(self)
        for company, activities in self.grouped("company_id").items():
            money = activities.with_company(company)._treasury_at(today)
            for activity in activities:
                row = money[activity.id]
                activity.treasury_amount = row["treasury"]
                activity.available_amount = row["available"]
                activity.future_amount = row["future"]

    @api.depends_context("uid")
    def _compute_statement_count(self):
        counts = dict(
            self.env["cae.statement"]._read_group(
                [("activity_id", "in", self.ids)], ["activity_id"], ["__count"]
            )
        )
        for activity in self:
            activity.statement_count = counts.get(activity, 0)

    @api.depends("analytic_account_id")
    def _compute_account_month(self):
        """The last month that has entries: what the accounts on screen show."""
        today = fields.Date.context_today(self)
        last = self._last_entry_days(today)
        for activity in self:
            day = last.get(activity.analytic_account_id.id, today)
            activity.account_month = day.replace(day=1)

    def _last_entry_days(self, today):
        column = SQL.identifier(self.env["cae.ledger"]._column())
        self.env["account.analytic.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(column)s, MAX(date) FROM account_analytic_line
                 WHERE %(column)s = ANY(%(accounts)s) AND date <= %(today)s
                 GROUP BY 1
                """,
                column=column,
                accounts=self.analytic_account_id.ids,
                today=today,
            )
        )
        return dict(rows)

    @api.depends("account_month")
    @api.depends_context("lang")
    def _compute_account_html(self):
        by_month = self.grouped(lambda a: (a.company_id, a.account_month))
        for (company, month), activities in by_month.items():
            here = activities.with_company(company)
            rows = here._statement_rows(month)
            before = here._statement_rows(month - relativedelta(years=1))
            for activity in activities:
                activity.account_html = here._render_statement(
                    month, rows[activity.id], before[activity.id]
                )

    @api.model
    def _render_statement(self, month, rows, before=()):
        """Rows of a statement as a table.

        :param before: rows of the same month of the year before
        """
        layout = self.env["cae.account.row"]._rows("statement")
        last_year = {row["key"]: row["to_date"] for row in before}
        last = month + relativedelta(months=1, days=-1)
        year = self.env.company.compute_fiscalyear_dates(last)["date_from"]
        return self.env["ir.qweb"]._render(
            "cae_base.statement_table",
            {
                "rows": [row for row in rows if _shown(row, last_year)],
                # A kept statement has the words of whoever ran the month.
                "labels": {row.key: row.name for row in layout},
                "totals": layout.filtered("total_keys").mapped("key"),
                "before": last_year,
                "month": self._month_name(month),
                "year_start": format_date(self.env, year),
                "amount": self._amount_text,
                "currency": self.env.company.currency_id.symbol,
            },
        )

    @api.model
    def _month_name(self, month):
        return format_date(self.env, month, date_format="MMMM yyyy").capitalize()

    @api.model
    def _amount_text(self, value):
        return formatLang(self.env, float(value or 0), digits=2)

    @api.depends("analytic_account_id")
    @api.depends_context("lang")
    def _compute_treasury_html(self):
        today = fields.Date.context_today(self)
        rows = self.env["cae.account.row"]._rows("treasury")
        for company, activities in self.grouped("company_id").items():
            here = activities.with_company(company)
            money = here._treasury_at(today)
            for activity in activities:
                activity.treasury_html = here._render_treasury(
                    rows, money[activity.id], today
                )

    @api.model
    def _render_treasury(self, rows, money, day):
        groups = []
        for group in dict.fromkeys(rows.mapped("group")):
            parts = [part for part in money["parts"] if part["group"] == group]
            groups.append(
                {
                    "group": group,
                    "label": ", ".join(
                        rows.filtered(lambda r, g=group: r.group == g).mapped("name")
                    ),
                    "parts": [part for part in parts if part["amount"]],
                    "total": money[group],
                }
            )
        return self.env["ir.qweb"]._render(
            "cae_base.treasury_table",
            {
                "groups": groups,
                "day": format_date(self.env, day),
                "names": self._prefix_names(p["prefix"] for p in money["parts"]),
                "amount": self._amount_text,
                "currency": self.env.company.currency_id.symbol,
            },
        )

    @api.model
    def _prefix_names(self, prefixes):
        """Names of account prefixes: ours, else those of the groups of the chart."""
        # sudo: the names of a chart's groups, for who may see the amounts.
        groups = (
            self.env["account.group"]
            .sudo()
            .search(
                [
                    ("code_prefix_start", "in", list(prefixes)),
                    ("company_id", "parent_of", self.env.company.ids),
                ]
            )
        )
        waiting = self.env._("VAT waiting for payment")
        # sudo: the name of one account, for who may see its amount.
        internal = self.env.company.sudo().cae_internal_bank_account_id
        return {
            **{group.code_prefix_start: group.name for group in groups},
            "5": self.env._("Bank and cash"),
            "181": internal.name or self.env._("Internal bank"),
            "41": self.env._("Customers"),
            **dict.fromkeys(("44574", "44564", "4458"), waiting),
        }

    @api.depends("analytic_account_id")
    @api.depends_context("lang")
    def _compute_ledger_html(self):
        today = fields.Date.context_today(self)
        for company, activities in self.grouped("company_id").items():
            here = activities.with_company(company)
            year = company.compute_fiscalyear_dates(today)["date_from"]
            lines = here._reserved_balance(here.analytic_account_id.ids, year, today)
            for activity in here:
                rows = here._ledger_rows(lines[activity.analytic_account_id.id])
                activity.ledger_html = here._render_ledger(rows)

    @api.model
    def _render_ledger(self, rows):
        columns = ("opening", "debit", "credit", "closing")
        return self.env["ir.qweb"]._render(
            "cae_base.ledger_table",
            {
                "rows": rows,
                "totals": {
                    name: sum((Decimal(str(row[name])) for row in rows), Decimal(0))
                    for name in columns
                },
                "amount": self._amount_text,
            },
        )

    @api.depends("analytic_account_id")
    @api.depends_context("lang")
    def _compute_turnover_graph(self):
        first, last = self._graph_months()
        months = [first + relativedelta(months=n) for n in range(GRAPH_MONTHS)]
        for company, activities in self.grouped("company_id").items():
            accounts = activities.analytic_account_id.ids
            figures = self.env["cae.ledger"]._month_movements(
                company, accounts, first, last, sale=True
            )
            turnover = defaultdict(Decimal)
            for key, movements in figures.items():
                turnover[key] -= sum(
                    balance
                    for (code, *_product), balance in movements.items()
                    if code.startswith("70")
                )
            charged = activities._contributions(first, last)
            for activity in activities:
                account = activity.analytic_account_id.id
                activity.turnover_graph = self._graph(
                    turnover={month: turnover[account, month] for month in months},
                    contribution={
                        month: charged.get((activity.id, month), 0) for month in months
                    },
                )

    @api.model
    def _graph_months(self):
        """First and last days of the months of a graph, the current one included."""
        today = fields.Date.context_today(self)
        first = today.replace(day=1) - relativedelta(months=GRAPH_MONTHS - 1)
        return first, today.replace(day=1) + relativedelta(months=1, days=-1)

    @api.model
    def _graph(self, **series):
        """``{month: amount}`` of each series, as the widget ``cae_month_graph``
        takes it: the first one as bars."""
        titles = {
            "turnover": self.env._("Turnover"),
            "contribution": self.env._("Contributions"),
        }
        return json.dumps(
            [
                {
                    "title": titles[name],
                    "values": [
                        {
                            "label": format_date(self.env, month, date_format="LLL yy"),
                            "value": float(value),
                        }
                        for month, value in values.items()
                    ],
                }
                for name, values in series.items()
            ]
        )

    @api.onchange("scheme_id")
    def _onchange_scheme_id(self):
        """Say what another scheme will do to months that are still open."""
        if not self._origin.scheme_id or self._origin.scheme_id == self.scheme_id:
            return None
        company = self.company_id or self.env.company
        today = fields.Date.context_today(self)
        year = company.compute_fiscalyear_dates(today)["date_from"]
        first = self.env["cae.period"]._first_open_day(company, year)
        message = self.env._(
            "The new scheme counts from %(month)s on: all open months are computed "
            "again by the next run. To begin at a date, use the action “Change the "
            "Scheme” instead.",
            month=format_date(self.env, first, date_format="MMMM yyyy"),
        )
        return {"warning": {"title": self.env._("Scheme"), "message": message}}

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    @api.depends_context("uid", "company")
    def _compute_document_counts(self):
        for name, types in (
            ("invoice_count", SALE_TYPES),
            ("bill_count", PURCHASE_TYPES),
        ):
            documents = self._documents(types)
            for activity in self:
                activity[name] = len(documents[activity._origin.id])

    def _documents(self, move_types):
        """``{activity id: documents}`` of these activities.

        A document is of the activity that it names and, once posted, of each activity
        that has a part in it.
        """
        domain = [("move_type", "in", move_types), ("state", "!=", "cancel")]
        named = self.env["account.move"]._read_group(
            [("cae_activity_id", "in", self.ids), *domain],
            ["cae_activity_id"],
            ["id:recordset"],
        )
        parts = self.env["cae.ledger.line"]._read_group(
            [("activity_id", "in", self.ids), ("move_id.move_type", "in", move_types)],
            ["activity_id"],
            ["move_id:recordset"],
        )
        result = defaultdict(self.env["account.move"].browse)
        for activity, moves in (*named, *parts):
            result[activity.id] |= moves
        return result

    def _action_documents(self, xmlid, move_types):
        action = super()._action_documents(xmlid, move_types)
        documents = self.env["account.move"].union(
            *self._documents(move_types).values()
        )
        own = fields.Domain("cae_activity_id", "in", self.ids)
        action["domain"] = [
            *(own | fields.Domain("id", "in", documents.ids)),
            ("move_type", "in", move_types),
        ]
        return action

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_ledger(self) -> dict:
        """Ledger of these activities, grouped by account."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_ledger_line_action"
        )
        action["domain"] = [("activity_id", "in", self.ids)]
        action["context"] = {"search_default_group_by_account": 1}
        return action

    def action_open_treasury(self) -> dict:
        """Movements of the bank and of the internal bank for these activities."""
        action = self.action_open_ledger()
        layout = self.env["cae.account.row"]._layout_of("treasury")
        domain = fields.Domain.OR(
            [("account_id.code", "=like", f"{prefix}%")]
            for row in layout.rows
            for prefix in row.prefixes
            if row.group == "treasury"
        )
        action["name"] = self.env._("Treasury")
        action["domain"] = list(fields.Domain(action["domain"]) & domain)
        return action

    def action_open_statements(self) -> dict:
        """Statements of accounts of these activities."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_statement_action"
        )
        action["domain"] = [("activity_id", "in", self.ids)]
        action["context"] = {}
        return action


def _shown(row, last_year):
    """Whether a row of a statement is one that always shows, or has amounts."""
    amounts = (row["month"], row["to_date"], last_year.get(row["key"]) or 0)
    return row["key"] not in RARE or any(float(amount) for amount in amounts)
