from ast import literal_eval

from odoo import api, fields, models
from odoo.tools import SQL

#: With more activities a pivot begins with the teams: so many lines are no table.
SHOWN = 500


def last_sum(amount, period) -> SQL:
    """Sum over the rows of the last period of a group: balances do not add up.

    Each record has a row in each period of the group, or in none of them.
    """
    return SQL(
        """
        CASE WHEN MIN(%(period)s) = MAX(%(period)s) THEN SUM(%(amount)s) ELSE (
            SELECT SUM(r.amount)
              FROM UNNEST(ARRAY_AGG(%(amount)s), ARRAY_AGG(%(period)s))
                   AS r (amount, period)
             WHERE r.period = MAX(%(period)s))
        END
        """,
        amount=amount,
        period=period,
    )


class CaeActivityRows(models.AbstractModel):
    """Rows of a report on activities, with what such reports are filtered by.

    The coach and the team are those of who holds the activity today, or held it last;
    of several people, those of the largest share.
    """

    _name = "cae.activity.rows"
    _inherit = ["cae.computed.rows"]
    _description = "Rows of Activities"
    #: What the lines of a pivot are.
    _lines = "activity_id"

    activity_id = fields.Many2one("cae.activity", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    coach_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("cae.team", string="Site or Team", readonly=True)
    scheme_id = fields.Many2one(
        "cae.contribution.scheme", string="Contribution Scheme", readonly=True
    )
    trade = fields.Char(readonly=True)

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            SQL("(%s)", self._company_query(company)) for company in self.env.companies
        )

    def _company_query(self, company):
        """The rows of one company."""
        raise NotImplementedError

    @api.model
    def _reads_all(self) -> bool:
        """Whether the user reads all activities; a coach has those of own people.

        The rules of rights say the same: asked here, the query makes no other rows.
        """
        user = self.env.user
        return any(
            user.has_group(f"cae_base.group_{name}")
            for name in ("accountant", "payroll")
        )

    def _activity_query(self, company):
        """Activities that the user reads, and who follows them."""
        return SQL(
            """
            SELECT a.id AS activity_id, a.analytic_account_id, a.company_id,
                   a.date_start, a.date_end, h.coach_id, h.team_id, a.scheme_id, a.trade
              FROM cae_activity a
              LEFT JOIN (
                   SELECT DISTINCT ON (s.activity_id) s.activity_id, p.coach_id,
                          p.team_id
                     FROM cae_activity_share s
                     JOIN cae_entrepreneur p ON p.id = s.entrepreneur_id
                    ORDER BY s.activity_id, s.date_start <= %(today)s DESC,
                          LEAST(s.date_end, %(today)s) DESC, s.share DESC, s.id
                   ) h ON h.activity_id = a.id
             WHERE a.company_id = %(company)s AND %(chosen)s
            """,
            today=fields.Date.context_today(self),
            company=company.id,
            chosen=self._chosen_activities(),
        )

    def _chosen_activities(self):
        """SQL condition on ``a``, the activity."""
        if self._reads_all():
            return SQL("TRUE")
        return SQL("a.id IN (%s)", self._own_activities())

    def _chosen_items(self):
        """The same on ``l``, the analytic item."""
        if self._reads_all():
            return SQL("TRUE")
        return SQL(
            "%s = ANY(ARRAY(SELECT analytic_account_id FROM cae_activity"
            " WHERE id IN (%s)))",
            SQL.identifier("l", self.env["cae.ledger"]._column()),
            self._own_activities(),
        )

    def _own_activities(self):
        return SQL(
            "SELECT cae_activity_id FROM cae_activity_coach_user_rel"
            " WHERE res_users_id = %s",
            self.env.uid,
        )

    # ------------------------------------------------------------------
    # Windows
    # ------------------------------------------------------------------

    @api.model
    def _window(self, xmlid):
        """A window on these rows: by team when there are too many activities."""
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        activities = self.env["cae.activity"].with_context(active_test=False)
        many = activities.search_count([], limit=SHOWN + 1) > SHOWN
        rows = ["team_id" if many else self._lines]
        context = {**literal_eval(action["context"]), "pivot_row_groupby": rows}
        return {**action, "context": context}
