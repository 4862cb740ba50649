from odoo import api, fields, models
from odoo.tools import SQL

from .cae_pay_element import TIMES


class CaeSocialFigure(models.Model):
    """Absences and pay in the social report."""

    _inherit = "cae.social.figure"
    _depends = {
        "cae.pay.element": ["days", "entrepreneur_id", "hours", "kind", "month"],
        "cae.pay.line": ["contract_id", "entrepreneur_id", "gross", "month", "state"],
        "cae.payslip": ["entrepreneur_id", "gap_gross", "month", "state"],
    }

    figure = fields.Selection(
        selection_add=[
            ("absence", "Absences"),
            ("sick", "Sick Leave"),
            ("leave", "Paid Leave"),
            ("pay", "Gross Pay"),
        ]
    )

    @api.model
    def _figure_queries(self):
        times = [self._time_query(kind) for kind in TIMES]
        return [*super()._figure_queries(), *times, self._pay_query()]

    def _time_query(self, kind):
        """What is told to the payroll software; of the month that pays it."""
        month = SQL("e.month")
        return SQL(
            "SELECT %s FROM cae_pay_element e WHERE e.kind = %s AND %s",
            self._figure(
                kind,
                SQL("e.id"),
                month,
                SQL("e.entrepreneur_id"),
                days=SQL("e.days"),
                hours=SQL("e.hours"),
            ),
            kind,
            self._in_years(month),
        )

    def _pay_query(self):
        """The gross of a person in a month, with the differences of the payslips."""
        month = SQL("l.month")
        return SQL(
            """
            SELECT %(figure)s
              FROM (SELECT MIN(l.id) AS id, l.month, l.entrepreneur_id,
                           SUM(l.gross) AS gross,
                           (ARRAY_AGG(c.kind ORDER BY l.gross DESC, l.id))[1] AS kind
                      FROM cae_pay_line l
                      LEFT JOIN cae_contract c ON c.id = l.contract_id
                     WHERE l.state = 'posted' AND %(years)s
                     GROUP BY l.month, l.entrepreneur_id
                    HAVING SUM(l.gross) > 0) l
              LEFT JOIN (SELECT month, entrepreneur_id, SUM(gap_gross) AS gap
                           FROM cae_payslip WHERE state = 'booked' GROUP BY 1, 2) s
                ON s.month = l.month AND s.entrepreneur_id = l.entrepreneur_id
            """,
            figure=self._figure(
                "pay",
                SQL("l.id"),
                month,
                SQL("l.entrepreneur_id"),
                kind=SQL("l.kind"),
                amount=SQL("l.gross + COALESCE(s.gap, 0)"),
            ),
            years=self._in_years(month),
        )
