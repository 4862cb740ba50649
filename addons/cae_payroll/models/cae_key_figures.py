from decimal import Decimal

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.cae_base.engine import key_figures as engine
from odoo.addons.cae_base.engine.key_figures import Choice, Period

PAY = ("etp", "salaire_moyen", "salaire_median", "part_demi_smic", "part_smic")
#: Hours of a month of full time (35 h × 52 / 12), as the law writes them.
FULL_TIME = Decimal("151.67")


class CaeKeyFigures(models.AbstractModel):
    """Pay and jobs, from the pay that is posted.

    Accountants may not read who is paid what: they see the figures of everybody, and
    nobody sees those of fewer than five people.
    """

    _inherit = "cae.key.figures"

    @api.model
    def _sources(self):
        return [*super()._sources(), (PAY, self._pay_figures)]

    @api.model
    def _records(self):
        pay = ("cae.pay.line", self._pay_domain)
        return {**super()._records(), **dict.fromkeys(PAY, pay)}

    @api.model
    def _pay_domain(self, _key, period: Period, choice: Choice):
        domain = (
            Domain("company_id", "=", self.env.company.id)
            & Domain("state", "=", "posted")
            & Domain("month", ">=", period.first)
            & Domain("month", "<=", period.last_month)
        )
        if not choice:
            return domain
        rows = self._rows(self._chosen_query([period], choice))
        return domain & Domain("entrepreneur_id", "in", [row[3] for row in rows])

    @api.model
    def _pay_figures(self, periods: list[Period], choice: Choice) -> dict:
        """Statistics of monthly pay: two queries."""
        if choice and not self.env.user.has_group("cae_base.group_payroll"):
            return self._hidden(PAY, periods)
        for name in ("cae.pay.line", "cae.payslip", "cae.payroll.rate"):
            self.env[name].flush_model()
        rows = {n: row for n, *row in self._rows(self._pay_query(periods, choice))}
        paid, empty = self._paid_months(), (0, 0, None, None, 0, 0, 0)
        result = {key: [] for key in PAY}
        for number, period in enumerate(periods):
            people, hours, mean, median, known, half, full = rows.get(number, empty)
            jobs = None
            if people:
                months = [m for m in paid if period.first <= m <= period.last_month]
                jobs = Decimal(str(hours or 0)) / FULL_TIME / len(months)
            values = (
                *(jobs, _amount(mean), _amount(median)),
                *(engine.percent(half, known), engine.percent(full, known)),
            )
            for key, value in zip(PAY, values, strict=True):
                result[key].append(engine.enough(people, value))
        return result

    @api.model
    def _paid_months(self):
        """Months of the company that have posted pay: one query."""
        query = SQL(
            "SELECT DISTINCT month FROM cae_pay_line"
            " WHERE company_id = %s AND state = 'posted'",
            self.env.company.id,
        )
        return [month for (month,) in self.env.execute_query(query)]

    @api.model
    def _pay_query(self, periods, choice) -> SQL:
        """What each person was paid for each month, all pays of it together, as the
        payslip says once it is booked."""
        chosen = SQL()
        if choice:
            chosen = SQL(
                "JOIN (%s) c ON c.n = t.n AND c.id = l.entrepreneur_id",
                self._chosen_query(periods, choice),
            )
        return SQL(
            """
            SELECT n, COUNT(DISTINCT entrepreneur_id), SUM(hours), AVG(gross),
                   PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY gross), COUNT(smic),
                   COUNT(*) FILTER (WHERE gross >= ROUND(smic / 2, 2)),
                   COUNT(*) FILTER (WHERE gross >= smic)
              FROM (SELECT t.n, l.entrepreneur_id, l.month,
                           SUM(l.gross) + COALESCE(MAX(s.gap_gross), 0) AS gross,
                           SUM(l.equivalent_hours) AS hours
                      FROM (%(periods)s) t
                      JOIN cae_pay_line l
                        ON l.company_id = %(company)s AND l.state = 'posted'
                       AND %(months)s
                      LEFT JOIN cae_payslip s
                        ON s.entrepreneur_id = l.entrepreneur_id AND s.month = l.month
                      %(chosen)s
                     GROUP BY 1, 2, 3
                    HAVING SUM(l.gross) + COALESCE(MAX(s.gap_gross), 0) > 0) paid
              LEFT JOIN (%(smic)s) s USING (month)
             GROUP BY n
            """,
            periods=self._period_query(periods),
            company=self.env.company.id,
            months=self._whole_months(SQL("l.month")),
            chosen=chosen,
            smic=self._smic_query(),
        )

    @api.model
    def _smic_query(self) -> SQL:
        """``month, smic``: gross of full time, in months that have pay."""
        return SQL(
            """
            SELECT m.month, r.smic
              FROM (SELECT DISTINCT month FROM cae_pay_line) m
              JOIN LATERAL (
                   SELECT ROUND(value::numeric * 35 * 52 / 12, 2) AS smic
                     FROM cae_payroll_rate
                    WHERE code = 'smic_current' AND active
                      AND date_from <= m.month
                      AND (date_to IS NULL OR date_to >= m.month)
                    ORDER BY date_from DESC LIMIT 1) r ON TRUE
            """
        )


def _amount(value):
    return None if value is None else Decimal(str(value))
