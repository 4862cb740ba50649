from odoo import api, models
from odoo.tools import SQL

from odoo.addons.cae_base.models.cae_ledger import RESULT_PREFIXES, root_key

#: Results of earlier years that came with the openings of activities.
BROUGHT_PREFIXES = ("11", "12")


class CaeLedger(models.AbstractModel):
    _inherit = "cae.ledger"

    @api.model
    def _results_before_pay(self, year, accounts):
        """``(analytic id, month, cents)``; the month is empty for earlier years.

        Without the entries of pay, of accruals and of what was left to the
        cooperative: a settlement counts these from their own records.
        """
        self._flush()
        for name in ("cae.pay.line", "cae.settlement", "cae.settlement.accrual"):
            self.env[name].flush_model()
        query = SQL(
            """
            WITH own AS (
                SELECT move_id AS id FROM cae_pay_line WHERE move_id IS NOT NULL
                 UNION
                SELECT reversal_move_id FROM cae_pay_line
                 WHERE reversal_move_id IS NOT NULL
                 UNION
                SELECT account_move_id FROM account_move_cae_payslip_rel
                 UNION
                SELECT move_id FROM cae_settlement_left_move_rel
                 UNION
                SELECT unnest(ARRAY[move_id, opening_move_id, undo_move_id,
                                    undo_opening_move_id])
                  FROM cae_settlement_accrual
            )
            SELECT %(column)s,
                   CASE WHEN l.date >= %(first)s AND %(code)s LIKE ANY(%(results)s)
                        THEN DATE_TRUNC('month', l.date)::date END AS month,
                   (SUM(l.amount) * 100)::bigint
              FROM account_analytic_line l
              JOIN account_move_line m ON m.id = l.move_line_id
              JOIN account_account a ON a.id = l.general_account_id
             WHERE l.company_id = %(company)s AND l.date <= %(last)s
               AND %(column)s = ANY(%(accounts)s)
               AND %(code)s LIKE ANY(%(every)s)
               AND m.move_id NOT IN (SELECT id FROM own WHERE id IS NOT NULL)
             GROUP BY 1, 2
            """,
            column=SQL.identifier("l", self._column()),
            code=SQL("a.code_store ->> %s", root_key(year.company_id)),
            results=[f"{prefix}%" for prefix in RESULT_PREFIXES],
            every=[f"{prefix}%" for prefix in (*RESULT_PREFIXES, *BROUGHT_PREFIXES)],
            company=year.company_id.id,
            first=year.date_from,
            last=year.date_to,
            accounts=accounts,
        )
        return self.env.execute_query(query)
