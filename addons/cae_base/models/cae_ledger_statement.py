from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from .cae_ledger import money, root_key

#: Of more activities, what is open is looked for before whose it is.
MANY = 2000


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
        column = SQL.identifier("l", self._column())
        chosen = SQL("%s = ANY(%s)", column, list(account_ids))
        return SQL(
            """
            SELECT t.analytic, v.name AS number,
                   v.invoice_partner_display_name AS customer,
                   v.invoice_date AS date, MAX(t.due) AS due,
                   SUM(t.total) AS total, SUM(t.matched) AS matched
              FROM (%s) t
              JOIN account_move v ON v.id = t.move_id
             GROUP BY t.analytic, v.id
             ORDER BY MAX(t.due), v.name
            """,
            self._open_terms_query(company, day, chosen, len(account_ids) > MANY),
        )

    @api.model
    def _customer_balance(self, closing):
        """Balance of customer accounts (41)."""
        found = (b for code, b in closing.items() if code.startswith("41"))
        return sum(found, Decimal(0))
