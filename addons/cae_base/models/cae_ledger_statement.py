from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .cae_activity import SALE_TYPES
from .cae_ledger import money, root_key


class CaeLedger(models.AbstractModel):
    """What only statements of accounts read."""

    _inherit = "cae.ledger"

    @api.model
    def _month_balances(self, company, account_ids, date_from, date_to):
        """Movements per activity, month and account, one query.

        :return: ``{analytic id: {first day: {account code: balance}}}``
        """
        self._flush()
        query = SQL(
            """
            SELECT %(column)s, date_trunc('month', l.date)::date,
                   a.code_store ->> %(root)s, -SUM(l.amount)
              FROM account_analytic_line l
              JOIN account_account a ON a.id = l.general_account_id
             WHERE l.company_id = %(company)s AND l.move_line_id IS NOT NULL
               AND %(column)s = ANY(%(accounts)s)
               AND l.date BETWEEN %(date_from)s AND %(date_to)s
             GROUP BY 1, 2, 3
            """,
            column=SQL.identifier("l", self._column()),
            root=root_key(company),
            company=company.id,
            accounts=list(account_ids),
            date_from=date_from,
            date_to=date_to,
        )
        result = defaultdict(lambda: defaultdict(dict))
        for analytic, month, code, balance in self.env.execute_query(query):
            result[analytic][month][code or ""] = money(balance)
        return result

    @api.model
    def _open_invoices(self, company, account_ids, day):
        """Customer documents not settled on ``day``, each activity's part; one query.

        :return: ``{analytic id: [{"number", "customer", "date", "due", "total",
            "open"}]}``, by due date; a credit note is negative
        """
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move"].flush_model()
        self._flush()
        self.env.cr.execute(self._open_invoices_query(company, account_ids, day))
        result = defaultdict(list)
        for row in self.env.cr.dictfetchall():
            row["total"] = money(row["total"])
            row["open"] = row["total"] - money(row.pop("matched"))
            if row["open"]:
                result[row.pop("analytic")].append(row)
        return result

    def _open_invoices_query(self, company, account_ids, day):
        # An item settled on that day has no matching after it: most are left out
        # before anything is added up.
        return SQL(
            """
            WITH term AS (
                SELECT m.id, m.move_id, m.date_maturity AS due,
                       %(column)s AS analytic, -SUM(l.amount) AS total
                  FROM account_move_line m
                  JOIN account_move v ON v.id = m.move_id
                  JOIN account_analytic_line l ON l.move_line_id = m.id
                 WHERE m.company_id = %(company)s AND m.date <= %(day)s
                   AND m.display_type = 'payment_term' AND m.parent_state = 'posted'
                   AND v.move_type IN %(types)s AND %(column)s = ANY(%(accounts)s)
                   AND (NOT m.reconciled OR EXISTS (
                        SELECT 1 FROM account_partial_reconcile p
                         WHERE (p.debit_move_id = m.id OR p.credit_move_id = m.id)
                           AND p.max_date > %(day)s))
                 GROUP BY m.id, m.move_id, %(column)s
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
            SELECT t.analytic, v.name AS number,
                   v.invoice_partner_display_name AS customer,
                   v.invoice_date AS date, MAX(t.due) AS due,
                   SUM(t.total) AS total, COALESCE(SUM(k.amount), 0) AS matched
              FROM term t
              JOIN account_move v ON v.id = t.move_id
              LEFT JOIN matched k ON k.id = t.id AND k.analytic = t.analytic
             GROUP BY t.analytic, v.id
             ORDER BY MAX(t.due), v.name
            """,
            column=SQL.identifier("l", self._column()),
            company=company.id,
            day=day,
            types=SALE_TYPES,
            accounts=list(account_ids),
        )

    @api.model
    def _customer_balance(self, closing):
        """Balance of customer accounts (41)."""
        found = (b for code, b in closing.items() if code.startswith("41"))
        return sum(found, Decimal(0))
