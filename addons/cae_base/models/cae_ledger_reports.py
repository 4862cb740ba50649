from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from .cae_account_row import TREASURY_GROUPS
from .cae_activity import SALE_TYPES
from .cae_ledger import SALES, root_key

#: Accounts of what is sold, and of customers who may not pay: what they owe, what is
#: set aside for it, what is lost.
PREFIXES = {
    "turnover": SALES,
    "doubtful": ("416",),
    "impaired": ("491",),
    "lost": ("654",),
}
BAD_DEBTS = ("doubtful", "impaired", "lost")
#: Reports look back to the start of the fiscal year so many years ago.
YEARS_BACK = 2


class CaeLedger(models.AbstractModel):
    """What reports read of all activities at once: parts of their queries.

    The figures are those of ``cae.activity.figures`` and ``treasury``, to the cent.
    """

    _inherit = "cae.ledger"

    @api.model
    def _report_accounts(self, company) -> dict:
        """``{column of a report: ids of its accounts}`` of a company.

        Those of the groups of the treasury hold the groups before them.
        """
        place = self.env["cae.account.row"]._layout_of("treasury").place
        result = {name: [] for name in (*TREASURY_GROUPS, *PREFIXES)}
        for account, code in self._codes(company):
            _prefix, row = place(code) or (None, None)
            if row and row.group in TREASURY_GROUPS:
                first = TREASURY_GROUPS.index(row.group)
                for group in TREASURY_GROUPS[first:]:
                    result[group].append(account)
            for name, prefixes in PREFIXES.items():
                if code.startswith(prefixes):
                    result[name].append(account)
        return result

    @api.model
    def _codes(self, company):
        """``[(account id, code)]`` of a company, one query."""
        self.env["account.account"].flush_model(["code_store"])
        root = root_key(company)
        return self.env.execute_query(
            SQL(
                "SELECT id, code_store ->> %s FROM account_account "
                "WHERE code_store ->> %s IS NOT NULL",
                *(root, root),
            )
        )

    @api.model
    def _moved_query(self, company, columns, period, chosen):
        """``analytic, period``, and what moved then, debit positive.

        All columns from one reading of the items: there are millions of them.

        :param columns: ``{name: (account ids, SQL condition on the item)}``
        :param period: SQL of what an item is put under
        :param chosen: SQL condition on ``l``, the analytic item
        """
        return SQL(
            """
            SELECT %(column)s AS analytic, %(period)s AS period, %(sums)s
              FROM account_analytic_line l
             WHERE l.company_id = %(company)s AND l.move_line_id IS NOT NULL
               AND %(column)s IS NOT NULL AND %(chosen)s AND (%(together)s)
             GROUP BY 1, 2
            """,
            column=SQL.identifier("l", self._column()),
            period=period,
            company=company.id,
            chosen=chosen,
            # Whatever counts nowhere is left out before it is put under anything.
            together=SQL(" OR ").join(self._all_accounts(columns.values())),
            sums=SQL(", ").join(
                SQL(
                    "-SUM(l.amount) FILTER"
                    " (WHERE l.general_account_id = ANY(%s) AND %s) AS %s",
                    *(ids, when, SQL.identifier(name)),
                )
                for name, (ids, when) in columns.items()
            ),
        )

    @api.model
    def _all_accounts(self, columns):
        """Conditions of some columns, accounts of the same condition together."""
        accounts = defaultdict(set)
        for ids, when in columns:
            accounts[when].update(ids)
        for when, ids in accounts.items():
            yield SQL("(l.general_account_id = ANY(%s) AND %s)", sorted(ids), when)

    @api.model
    def _sold_condition(self):
        """Whether the item ``l`` counts as invoiced, as ``_figures`` says.

        What an allocation entry moved counts as the item that it corrects does. Cash
        basis entries are in no journal of sales: Odoo wants a general one for them.
        """
        sales = SQL("SELECT id FROM account_journal WHERE type = 'sale'")
        return SQL(
            "CASE WHEN %s THEN %s ELSE l.journal_id IN (%s) END",
            self._corrects(SQL("TRUE")),
            self._corrects(SQL("m.journal_id IN (%s)", sales)),
            sales,
        )

    @api.model
    def _corrects(self, which):
        """Whether ``l`` is of an item that corrects such an item ``m``: there are few,
        they are looked for once."""
        return SQL(
            """
            l.move_line_id IN (
                SELECT i.id FROM account_move_line i
                  JOIN account_move_line m ON m.id = i.cae_source_line_id
                 WHERE i.cae_source_line_id IS NOT NULL AND %s)
            """,
            which,
        )

    @api.model
    def _booked_query(self, company, accounts, chosen):
        """Analytic accounts with an item on some accounts, at any time."""
        # By the journal items, of which there is an index by account.
        return SQL(
            """
            SELECT %(column)s
              FROM account_move_line m
              JOIN account_analytic_line l ON l.move_line_id = m.id
             WHERE m.account_id = ANY(%(accounts)s) AND l.company_id = %(company)s
               AND %(column)s IS NOT NULL AND %(chosen)s
            """,
            column=SQL.identifier("l", self._column()),
            company=company.id,
            chosen=chosen,
            accounts=accounts,
        )

    @api.model
    def _open_terms_query(self, company, day, chosen, many=False):
        """Customers' debts on ``day``: each due date of a document, and activity.

        ``total`` less ``matched`` is what is open; rows that are settled come too.
        What an allocation entry moved, or a taking over opened, is of the activity
        that has it since.

        :param chosen: SQL condition on ``l``, the analytic item
        :param many: of most activities: what is open is looked for first, then whose
            it is; of a few, PostgreSQL begins with their items
        """
        return SQL(
            """
            WITH open AS %(first)s (%(open)s
            ), item AS (
                SELECT m.*, l.id AS item, %(column)s AS analytic, l.amount
                  FROM open m
                  JOIN account_analytic_line l ON l.move_line_id = m.id
                 WHERE %(column)s IS NOT NULL AND %(chosen)s
                 UNION ALL
                SELECT m.*, l.id, %(column)s, l.amount
                  FROM open m
                  JOIN account_move_line i ON i.cae_source_line_id = m.id
                   AND i.account_id = m.account_id AND i.date <= %(day)s
                  JOIN account_analytic_line l ON l.move_line_id = i.id
                 WHERE %(column)s IS NOT NULL AND %(chosen)s
            ), term AS (
                SELECT MIN(item) AS item, id, move_id, partner_id,
                       date_maturity AS due, analytic, -SUM(amount) AS total
                  FROM item
                 GROUP BY id, move_id, partner_id, date_maturity, analytic
            ), matched AS (
                SELECT t.id, t.analytic, SUM((s.value)::numeric / 100 * CASE
                       WHEN p.debit_move_id = t.id THEN 1 ELSE -1 END) AS amount
                  FROM term t
                  JOIN account_partial_reconcile p
                    ON p.debit_move_id = t.id OR p.credit_move_id = t.id
                 CROSS JOIN LATERAL jsonb_each_text(p.cae_share) s
                 WHERE p.max_date <= %(day)s AND s.key::int = t.analytic
                 GROUP BY t.id, t.analytic
            )
            SELECT t.item, t.analytic, t.move_id, t.partner_id, t.due, t.total,
                   COALESCE(k.amount, 0) AS matched
              FROM term t
              LEFT JOIN matched k ON k.id = t.id AND k.analytic = t.analytic
            """,
            column=SQL.identifier("l", self._column()),
            open=self._unsettled_query(company, day),
            day=day,
            chosen=chosen,
            first=SQL("MATERIALIZED" if many else "NOT MATERIALIZED"),
        )

    def _unsettled_query(self, company, day):
        """Items that customers owed on ``day``, or had not been matched for good."""
        # An item settled on that day has no matching after it: most are left out
        # before anything is added up. In one condition with "or", PostgreSQL would
        # look for the matchings of each item of the ledger, one by one.
        return SQL(
            """
            SELECT m.id, m.move_id, m.partner_id, m.date_maturity, m.account_id
              FROM account_move_line m
              JOIN account_move v ON v.id = m.move_id
             WHERE m.company_id = %(company)s AND m.date <= %(day)s
               AND m.display_type = 'payment_term' AND m.parent_state = 'posted'
               AND v.move_type IN %(types)s
               AND (NOT m.reconciled
                    OR EXISTS (SELECT 1 FROM account_partial_reconcile p
                                WHERE p.debit_move_id = m.id
                                  AND p.max_date > %(day)s)
                    OR EXISTS (SELECT 1 FROM account_partial_reconcile p
                                WHERE p.credit_move_id = m.id
                                  AND p.max_date > %(day)s))
            """,
            company=company.id,
            day=day,
            types=SALE_TYPES,
        )
