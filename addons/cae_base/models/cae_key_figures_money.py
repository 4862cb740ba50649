from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ..engine import key_figures as engine
from ..engine.key_figures import Choice, Period

#: How many activities have turnover; the others are amounts.
COUNT = "activites_actives"
TURNOVER = ("ca_ht_facture", COUNT, "ca_moyen", "ca_median")
TREASURY = ("tresorerie", "disponible")
#: Columns of the ledger that they are the balances of.
BALANCES = ("treasury", "available")


class CaeKeyFigures(models.AbstractModel):
    """Money of the activities; of chosen people, by their shares of each activity."""

    _inherit = "cae.key.figures"

    @api.model
    def _turnover_keys(self):
        return (*TURNOVER, "ca_par_personne")

    @api.model
    def _ledger_keys(self):
        return (*self._turnover_keys(), *TREASURY)

    @api.model
    def _ledger_figures(self, periods: list[Period], choice: Choice) -> dict:
        """Invoiced excl. VAT, as ``cae.ledger`` counts it, and balances at the end of
        periods: from one reading of the ledger."""
        self.env["cae.ledger"]._flush()
        people = self._present_counts(periods, choice)
        result = {key: [] for key in self._ledger_keys()}
        for number, *row in sorted(self._rows(self._money_query(periods, choice))):
            values = dict(zip((*TURNOVER, *TREASURY), row, strict=True))
            for key, value in values.items():
                result[key].append(value if key == COUNT else _amount(value))
            each, total = people.get(number), _amount(values["ca_ht_facture"])
            result["ca_par_personne"].append(total / each if each else None)
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
    def _money_query(self, periods: list[Period], choice: Choice) -> SQL:
        """``n``, what :data:`TURNOVER` and :data:`TREASURY` say of each period."""
        # Balances add up everything before: not by activity, as turnover has to be.
        return SQL(
            """
            WITH t AS (%(spans)s),
            held AS MATERIALIZED (
                SELECT m.*, h.n, h.part, t.begun
                  FROM (%(moved)s) m
                  JOIN (%(held)s) h ON h.analytic = m.analytic
                  JOIN t ON t.n = h.n AND m.period < t.over
            )
            SELECT n, COALESCE(sold, 0), COALESCE(active, 0), mean, median,
                   COALESCE(treasury, 0), COALESCE(available, 0)
              FROM t
              LEFT JOIN (
                   SELECT n, SUM(sold) AS sold,
                          COUNT(*) FILTER (WHERE sold > 0) AS active,
                          AVG(sold) FILTER (WHERE sold > 0) AS mean,
                          PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY sold)
                              FILTER (WHERE sold > 0) AS median
                     FROM (SELECT n, -SUM(turnover * part) AS sold
                             FROM held WHERE period >= begun
                            GROUP BY n, analytic) activity
                    GROUP BY n) s USING (n)
              LEFT JOIN (
                   SELECT n, SUM(treasury * part) AS treasury,
                          SUM(available * part) AS available
                     FROM held GROUP BY n) b USING (n)
            """,
            spans=self._span_query(periods),
            moved=self._moved_between(periods),
            held=self._held_query(periods, choice),
        )

    @api.model
    def _bounds(self, periods: list[Period]) -> list:
        """Days on which some period begins, or is over: items between two of them
        count for the same periods."""
        days = {day for p in periods for day in (p.first, p.last + engine.ONE_DAY)}
        return sorted(days)

    @api.model
    def _span_query(self, periods: list[Period]) -> SQL:
        """``n, begun, over``: how many bounds are passed in a period, and after it."""
        return SQL(
            """
            SELECT n, WIDTH_BUCKET(first, %(bounds)s::date[]) AS begun,
                   WIDTH_BUCKET(last + 1, %(bounds)s::date[]) AS over
              FROM (%(periods)s) given
            """,
            bounds=self._bounds(periods),
            periods=self._period_query(periods),
        )

    @api.model
    def _moved_between(self, periods: list[Period]) -> SQL:
        """What moved, by how many bounds had been passed."""
        ledger = self.env["cae.ledger"]
        accounts = ledger._report_accounts(self.env.company)
        bounds = self._bounds(periods)
        sold = SQL("l.date >= %s AND %s", bounds[0], ledger._sold_condition())
        columns = {name: (accounts[name], SQL("TRUE")) for name in BALANCES}
        return ledger._moved_query(
            self.env.company,
            {**columns, "turnover": (accounts["turnover"], sold)},
            SQL("WIDTH_BUCKET(l.date, %s::date[])", bounds),
            SQL("l.date < %s", bounds[-1]),
        )

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
