from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .cae_activity_rows import last_sum
from .cae_ledger_reports import BAD_DEBTS, YEARS_BACK

#: More months than there will be since 2000: an id is made of activity and month.
MONTHS = 2048
#: Balances at the end of the month: those of several months do not add up.
BALANCES = ("treasury", "available", "future", "doubtful", "impaired")
#: Rows of more activities are read all at once.
PAGE = 1000


class Page(tuple):
    """Ids of activities that our own code reads at once: no client can send it."""

    __slots__ = ()


class CaeActivityMonth(models.Model):
    """Money of each activity, month by month, for pivots, graphs and lists.

    From the start of the fiscal year before the last one to this month. Of a group of
    several months, a balance is that of its last month.
    """

    _name = "cae.activity.month"
    _inherit = ["cae.activity.rows"]
    _description = "Activity by Month"
    _auto = False
    _order = "month desc, activity_id"
    _rec_name = "activity_id"
    _depends = {
        "account.analytic.line": [
            *("amount", "company_id", "date", "general_account_id", "journal_id"),
            "move_line_id",
        ],
        "account.account": ["code_store"],
        "account.move.line": ["cae_source_line_id", "journal_id"],
        "cae.account.row": ["active", "group", "prefixes", "report"],
        "cae.activity": ["analytic_account_id", "company_id", "scheme_id", "trade"],
        "cae.activity.share": [
            *("activity_id", "date_end", "date_start", "entrepreneur_id", "share"),
        ],
        "cae.contribution.line": ["activity_id", "amount", "company_id", "month"],
        "cae.entrepreneur": ["coach_id", "team_id"],
    }

    month = fields.Date(readonly=True)
    turnover = fields.Monetary(
        readonly=True, help="Invoices less credit notes, before tax (accounts 70)."
    )
    contribution = fields.Monetary(
        string="Contribution Charged",
        readonly=True,
        help="Charged for the month, differences included.",
    )
    treasury = fields.Monetary(
        readonly=True, help="Bank and internal bank at the end of the month."
    )
    available = fields.Monetary(
        readonly=True,
        help="What is left of the treasury when all that is due at the end of the "
        "month is paid.",
    )
    future = fields.Monetary(
        string="Expected",
        readonly=True,
        help="What is available, and what customers still owe at the end of the month.",
    )
    doubtful = fields.Monetary(
        string="Doubtful Customers",
        readonly=True,
        help="Owed by customers who may not pay, VAT included, at the end of the month "
        "(accounts 416).",
    )
    impaired = fields.Monetary(
        string="Set Aside for Them",
        readonly=True,
        help="Depreciation of what customers owe, before tax, at the end of the month "
        "(accounts 491).",
    )
    lost = fields.Monetary(
        readonly=True,
        help="Written off in the month: nobody will pay it any more (accounts 654).",
    )
    has_bad_debt = fields.Boolean(
        string="With Bad Debts",
        readonly=True,
        help="Something was booked on these accounts at some time.",
    )

    # ------------------------------------------------------------------
    # Query
    # ------------------------------------------------------------------

    def _company_query(self, company):
        first, last = self._span(company)
        return SQL(
            """
            SELECT a.activity_id::bigint * %(months)s
                       + (EXTRACT(YEAR FROM g.month)::int - 2000) * 12
                       + EXTRACT(MONTH FROM g.month)::int AS id,
                   g.month::date AS month, a.activity_id, a.company_id, a.coach_id,
                   a.team_id, a.scheme_id, a.trade, %(balances)s,
                   COALESCE(b.lost, 0) AS lost,
                   COALESCE(-b.turnover, 0) AS turnover,
                   COALESCE(c.contribution, 0) AS contribution,
                   a.analytic_account_id IN (%(debtors)s) AS has_bad_debt
              FROM (%(activities)s) a
             CROSS JOIN generate_series(%(first)s::timestamp, %(last)s::timestamp,
                                        '1 month') AS g (month)
              LEFT JOIN (%(moved)s) b
                ON b.analytic = a.analytic_account_id AND b.period = g.month::date
              LEFT JOIN (%(charged)s) c
                ON c.activity_id = a.activity_id AND c.month = g.month::date
            """,
            months=MONTHS,
            first=first,
            last=last,
            balances=self._balance_columns(),
            activities=self._activity_query(company),
            charged=self._charged_query(company, first, last),
            **self._item_queries(company, first, last + relativedelta(day=31)),
        )

    def _item_queries(self, company, first, last):
        """What moved on accounts; what was there before, with the first month."""
        ledger, chosen = self.env["cae.ledger"], self._chosen_items()
        accounts = ledger._report_accounts(company)
        debts = [each for name in BAD_DEBTS for each in accounts[name]]
        since = SQL("l.date >= %s", first)
        sold = SQL("%s AND %s", since, ledger._sold_condition())
        conditions = {"lost": since, "turnover": sold}
        columns = {
            name: (accounts[name], conditions.get(name, SQL("TRUE")))
            for name in (*BALANCES, *conditions)
        }
        month = SQL("GREATEST(DATE_TRUNC('month', l.date::timestamp)::date, %s)", first)
        moved = SQL("%s AND l.date <= %s", chosen, last)
        return {
            "moved": ledger._moved_query(company, columns, month, moved),
            "debtors": ledger._booked_query(company, debts, chosen),
        }

    @api.model
    def _balance_columns(self):
        """Balances since the beginning; what is set aside is on the credit side."""
        return SQL(", ").join(
            SQL(
                "%s SUM(COALESCE(b.%s, 0)) OVER"
                " (PARTITION BY a.activity_id ORDER BY g.month) AS %s",
                SQL("-") if name == "impaired" else SQL(),
                *(SQL.identifier(name),) * 2,
            )
            for name in BALANCES
        )

    def _charged_query(self, company, first, last):
        return SQL(
            """
            SELECT activity_id, month, SUM(amount) AS contribution
              FROM cae_contribution_line
             WHERE company_id = %s AND month BETWEEN %s AND %s
             GROUP BY 1, 2
            """,
            company.id,
            first,
            last,
        )

    @api.model
    def _span(self, company):
        """First day of the first month and of the last one."""
        last = fields.Date.context_today(self).replace(day=1)
        start = company.compute_fiscalyear_dates(last - relativedelta(years=YEARS_BACK))
        self.env["account.analytic.line"].flush_model(
            ["company_id", "date", "move_line_id"]
        )
        ((begun,),) = self.env.execute_query(
            SQL(
                "SELECT MIN(date) FROM account_analytic_line"
                " WHERE company_id = %s AND move_line_id IS NOT NULL",
                company.id,
            )
        )
        return max(start["date_from"], begun or last).replace(day=1), last

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _chosen_activities(self):
        return SQL("%s AND %s", super()._chosen_activities(), self._page_condition("a"))

    def _chosen_items(self):
        return SQL("%s AND %s", super()._chosen_items(), self._page_condition("l"))

    def _page_condition(self, alias):
        """Only activities of the page that is read, when there is one."""
        page = self.env.context.get("cae_page_activities")
        # Whoever reads may give any context.
        if not isinstance(page, Page):
            return SQL("TRUE")
        if alias == "a":
            return SQL("a.id = ANY(%s)", list(page))
        return SQL(
            "%s = ANY(ARRAY(SELECT analytic_account_id FROM cae_activity"
            " WHERE id = ANY(%s)))",
            SQL.identifier("l", self.env["cae.ledger"]._column()),
            list(page),
        )

    @api.model
    @api.readonly
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        # Which rows first: what 80 of them show is the money of few activities.
        found = self._search(domain, offset, limit, order or self._order)
        records = self.browse(found)
        page = list({row // MONTHS for row in records.ids})
        if 0 < len(page) <= PAGE:
            records.with_context(cae_page_activities=Page(page)).fetch()
            return records
        return super().search_fetch(domain, None, offset, limit, order)

    def _read_group_select(self, aggregate_spec, query):
        name, _, aggregator = aggregate_spec.partition(":")
        if name not in BALANCES or aggregator not in ("sum", "sum_currency"):
            return super()._read_group_select(aggregate_spec, query)
        amount = self._field_to_sql(self._table, name, query)
        month = self._field_to_sql(self._table, "month", query)
        return last_sum(amount, month)
