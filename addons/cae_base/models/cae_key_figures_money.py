from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ..engine.key_figures import Choice, Period
from .cae_ledger import SALES

TURNOVER = ("ca_ht_facture", "activites_actives", "ca_moyen", "ca_median")


class CaeKeyFigures(models.AbstractModel):
    """Money of the activities; of chosen people, by their shares of each activity."""

    _inherit = "cae.key.figures"

    @api.model
    def _turnover_keys(self):
        return (*TURNOVER, "ca_par_personne")

    @api.model
    def _turnover_figures(self, periods: list[Period], choice: Choice) -> dict:
        """Invoiced excl. VAT, as ``cae.ledger`` counts it: two queries."""
        self.env["cae.ledger"]._flush()
        query = SQL(
            """
            SELECT n, SUM(amount), COUNT(*) FILTER (WHERE amount > 0),
                   AVG(amount) FILTER (WHERE amount > 0),
                   PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY amount)
                       FILTER (WHERE amount > 0)
              FROM (SELECT t.n, s.analytic, SUM(s.amount * h.part) AS amount
                      FROM (%(periods)s) t
                      JOIN (%(sold)s) s ON s.date BETWEEN t.first AND t.last
                      JOIN (%(held)s) h ON h.n = t.n AND h.analytic = s.analytic
                     GROUP BY 1, 2) activity
             GROUP BY n
            """,
            periods=self._period_query(periods),
            sold=self._sold_query(periods),
            held=self._held_query(periods, choice),
        )
        rows = {n: row for n, *row in self._rows(query)}
        people = self._present_counts(periods, choice)
        result = {key: [] for key in self._turnover_keys()}
        for number in range(len(periods)):
            total, active, mean, median = rows.get(number, (None, 0, None, None))
            total = _amount(total or 0)
            values = (total, active, _amount(mean), _amount(median))
            for key, value in zip(TURNOVER, values, strict=True):
                result[key].append(value)
            each = people.get(number)
            result["ca_par_personne"].append(_amount(total / each) if each else None)
        return result

    @api.model
    def _contribution_figures(self, periods: list[Period], choice: Choice) -> dict:
        """Charged for the months that begin and end in a period: one query."""
        self.env["cae.contribution.line"].flush_model()
        query = SQL(
            """
            SELECT t.n, SUM(l.amount * h.part)
              FROM (%s) t
              JOIN (SELECT activity_id, month, SUM(amount) AS amount
                      FROM cae_contribution_line
                     WHERE company_id = %s AND month BETWEEN %s AND %s
                     GROUP BY 1, 2) l
                ON %s
              JOIN cae_activity a ON a.id = l.activity_id
              JOIN (%s) h ON h.n = t.n AND h.analytic = a.analytic_account_id
             GROUP BY 1
            """,
            self._period_query(periods),
            self.env.company.id,
            min(period.first for period in periods),
            max(period.last for period in periods),
            self._whole_months(SQL("l.month")),
            self._held_query(periods, choice),
        )
        totals = dict(self._rows(query))
        amounts = [_amount(totals.get(n) or 0) for n in range(len(periods))]
        return {"contributions": amounts}

    @api.model
    def _treasury_figures(self, periods: list[Period], choice: Choice) -> dict:
        """Balances of the activities at the end of periods: two queries."""
        self.env["cae.ledger"]._flush()
        cash, due = self._treasury_accounts()
        days = sorted(period.last for period in periods)
        query = SQL(
            """
            SELECT t.n, -SUM(m.cash * h.part), -SUM(m.both * h.part)
              FROM (%(periods)s) t
              JOIN (SELECT %(column)s AS analytic,
                           WIDTH_BUCKET(l.date - 1, %(days)s::date[]) AS passed,
                           SUM(l.amount) FILTER (
                               WHERE l.general_account_id = ANY(%(cash)s)) AS cash,
                           SUM(l.amount) AS both
                      FROM account_analytic_line l
                     WHERE l.company_id = %(company)s AND l.date <= %(last)s
                       AND l.general_account_id = ANY(%(both)s)
                       AND l.move_line_id IS NOT NULL AND %(column)s IS NOT NULL
                     GROUP BY 1, 2) m
                ON m.passed < WIDTH_BUCKET(t.last, %(days)s::date[])
              JOIN (%(held)s) h ON h.n = t.n AND h.analytic = m.analytic
             GROUP BY 1
            """,
            periods=self._period_query(periods),
            column=SQL.identifier("l", self.env["cae.ledger"]._column()),
            cash=cash,
            both=cash + due,
            company=self.env.company.id,
            days=days,
            last=days[-1],
            held=self._held_query(periods, choice),
        )
        rows = {n: row for n, *row in self._rows(query)}
        balances = [rows.get(n, (0, 0)) for n in range(len(periods))]
        return {
            "tresorerie": [_amount(treasury or 0) for treasury, _both in balances],
            "disponible": [_amount(both or 0) for _treasury, both in balances],
        }

    # ------------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------------

    @api.model
    def _held_query(self, periods: list[Period], choice: Choice) -> SQL:
        """``n, analytic, part``: activities, and what of each counts.

        All of it, or the shares that chosen people hold at the end of the period; of
        an activity that is over, those that they held at last.
        """
        if not choice:
            return SQL(
                """
                SELECT t.n, a.analytic_account_id AS analytic, 1 AS part
                  FROM (%s) t, cae_activity a WHERE a.company_id = %s
                """,
                self._period_query(periods),
                self.env.company.id,
            )
        return SQL(
            """
            SELECT c.n, a.analytic_account_id AS analytic,
                   SUM(s.share)::numeric / 100 AS part
              FROM (%s) c
              JOIN cae_activity_share s ON s.entrepreneur_id = c.id
              JOIN cae_activity a ON a.id = s.activity_id AND %s
             WHERE CASE WHEN GREATEST(a.date_start, LEAST(c.last, a.date_end))
                             BETWEEN s.date_start AND COALESCE(s.date_end, 'infinity')
                        THEN TRUE ELSE FALSE END
             GROUP BY 1, 2
            """,
            self._chosen_query(periods, choice),
            SQL("a.trade ILIKE %s", f"%{escape_psql(choice.trade)}%")
            if choice.trade
            else SQL("TRUE"),
        )

    @api.model
    def _sold_query(self, periods: list[Period]) -> SQL:
        """``analytic, date, amount`` of the turnover.

        What an allocation entry moved counts as the item that it corrects does. Cash
        basis entries are in no journal of sales: Odoo wants a general one for them.
        """
        return SQL(
            """
            SELECT %(column)s AS analytic, l.date, SUM(l.amount) AS amount
              FROM account_analytic_line l
              LEFT JOIN account_move_line i
                ON i.id = l.move_line_id AND i.cae_source_line_id IS NOT NULL
              LEFT JOIN account_move_line m ON m.id = i.cae_source_line_id
             WHERE l.company_id = %(company)s AND %(column)s IS NOT NULL
               AND l.date BETWEEN %(first)s AND %(last)s
               AND l.general_account_id = ANY(%(accounts)s)
               AND COALESCE(m.journal_id, l.journal_id) IN (
                       SELECT id FROM account_journal WHERE type = 'sale')
             GROUP BY 1, 2
            """,
            column=SQL.identifier("l", self.env["cae.ledger"]._column()),
            company=self.env.company.id,
            first=min(period.first for period in periods),
            last=max(period.last for period in periods),
            accounts=self._accounts_of(SALES),
        )

    @api.model
    def _account_codes(self):
        """``[(account id, code)]`` of the company, one query."""
        root = str(self.env.company.root_id.id)
        return self.env.execute_query(
            SQL(
                "SELECT id, code_store ->> %s FROM account_account "
                "WHERE code_store ->> %s IS NOT NULL",
                *(root, root),
            )
        )

    @api.model
    def _accounts_of(self, prefixes):
        return [key for key, code in self._account_codes() if code.startswith(prefixes)]

    @api.model
    def _treasury_accounts(self):
        """Accounts of the treasury, and those of what is due beside."""
        # sudo: how accounts are grouped is no secret.
        place = self.env["cae.account.row"].sudo()._rows("treasury")._placing()
        found = {"treasury": [], "available": []}
        for account, code in self._account_codes():
            row, _prefix = place(code) or (None, None)
            if row and row.group in found:
                found[row.group].append(account)
        return found["treasury"], found["available"]

    @api.model
    def _present_counts(self, periods, choice) -> dict:
        """``{number of the period: active entrepreneurs}``."""
        query = SQL(
            """
            SELECT c.n, COUNT(*)
              FROM (%s) c JOIN cae_entrepreneur p ON p.id = c.id
             WHERE p.date_exit IS NULL OR p.date_exit >= c.last
             GROUP BY 1
            """,
            self._chosen_query(periods, choice),
        )
        return dict(self._rows(query))


def _amount(value):
    # PostgreSQL's exact number comes as a float: its half cents are no less.
    return None if value is None else Decimal(str(value))
