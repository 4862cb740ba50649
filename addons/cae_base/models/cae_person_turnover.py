from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: More months than there will be since 2000.
MONTHS = 2048


class CaePersonTurnover(models.Model):
    """Turnover of each person by month: that of an activity, shared by its holders.

    By their shares on the last day of the month, or on the first or last day of an
    activity that does not last until then. The largest share takes the cent that is
    left, so that people add up to the turnover of the activity. What nobody holds is
    of nobody.
    """

    _name = "cae.person.turnover"
    _inherit = ["cae.activity.rows"]
    _description = "Turnover of a Person"
    _auto = False
    _order = "month desc, activity_id, id"
    _rec_name = "entrepreneur_id"
    _lines = "entrepreneur_id"
    _depends = {
        "account.analytic.line": [
            *("amount", "company_id", "date", "general_account_id", "journal_id"),
            "move_line_id",
        ],
        "account.account": ["code_store"],
        "account.move.line": ["cae_source_line_id", "journal_id"],
        "cae.activity": [
            *("analytic_account_id", "company_id", "date_end", "date_start"),
            *("scheme_id", "trade"),
        ],
        "cae.activity.share": [
            *("activity_id", "date_end", "date_start", "entrepreneur_id", "share"),
        ],
        "cae.contract": [
            *("date_end", "date_start", "entrepreneur_id", "kind", "parent_id"),
        ],
        "cae.entrepreneur": ["coach_id", "team_id"],
    }

    month = fields.Date(readonly=True)
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Person", readonly=True
    )
    kind = fields.Selection(
        selection="_selection_kind",
        string="Contract",
        readonly=True,
        help="In force at the end of the month.",
    )
    share = fields.Float(
        string="Share (%)", digits=(6, 3), readonly=True, aggregator=None
    )
    turnover = fields.Monetary(
        readonly=True,
        help="The person's part of what the activity invoiced less credit notes, "
        "before tax.",
    )

    @api.model
    def _selection_kind(self):
        return self.env["cae.contract"]._fields["kind"]._description_selection(self.env)

    def _company_query(self, company):
        first, last = self.env["cae.activity.month"]._span(company)
        return SQL(
            """
            SELECT COALESCE(r.share_id::bigint * 2, r.activity_id::bigint * 2 + 1)
                       * %(months)s + (EXTRACT(YEAR FROM r.month)::int - 2000) * 12
                       + EXTRACT(MONTH FROM r.month)::int AS id,
                   r.month, r.activity_id, r.company_id, r.scheme_id, r.trade,
                   r.entrepreneur_id, p.coach_id, p.team_id, r.share,
                   %(kind)s AS kind,
                   CASE WHEN r.rank = 1 THEN r.whole - r.parts + r.part ELSE r.part END
                       AS turnover
              FROM (%(parts)s) r
              LEFT JOIN cae_entrepreneur p ON p.id = r.entrepreneur_id
             WHERE %(readable)s
            """,
            months=MONTHS,
            kind=self.env["cae.contract"]._kind_query(
                SQL("r.entrepreneur_id"),
                SQL("(r.month + INTERVAL '1 month - 1 day')::date"),
            ),
            parts=self._parts_query(company, first, last),
            readable=self._readable_people(),
        )

    def _parts_query(self, company, first, last):
        """What each holder has, rounded; the rest is added to rank 1."""
        return SQL(
            """
            SELECT h.*, SUM(h.part) OVER of_month AS parts,
                   ROW_NUMBER() OVER (
                       of_month ORDER BY h.share DESC, h.share_id) AS rank
              FROM (
                   SELECT a.activity_id, a.company_id, a.scheme_id, a.trade, t.month,
                          s.id AS share_id, s.entrepreneur_id, s.share,
                          t.turnover AS whole,
                          ROUND(t.turnover * COALESCE(s.share, 100)::numeric / 100, 2)
                              AS part
                     FROM (%(sold)s) t
                     JOIN (%(activities)s) a ON a.analytic_account_id = t.analytic
                     LEFT JOIN cae_activity_share s
                       ON s.activity_id = a.activity_id
                      AND GREATEST(a.date_start, LEAST(a.date_end,
                              (t.month + INTERVAL '1 month - 1 day')::date))
                          BETWEEN s.date_start AND COALESCE(s.date_end, 'infinity')
                   ) h
            WINDOW of_month AS (PARTITION BY h.activity_id, h.month)
            """,
            sold=self._sold_query(company, first, last),
            activities=self._activity_query(company),
        )

    def _sold_query(self, company, first, last):
        """``analytic, month, turnover`` of the activities that the user reads."""
        ledger = self.env["cae.ledger"]
        sold = ledger._report_accounts(company)["turnover"], ledger._sold_condition()
        moved = ledger._moved_query(
            company,
            {"sold": sold},
            SQL("DATE_TRUNC('month', l.date::timestamp)::date"),
            SQL(
                "%s AND l.date BETWEEN %s AND %s",
                *(self._chosen_items(), first, last + relativedelta(day=31)),
            ),
        )
        return SQL(
            "SELECT analytic, period AS month, -sold AS turnover FROM (%s) m"
            " WHERE sold IS NOT NULL",
            moved,
        )

    def _readable_people(self):
        """Of an activity held by several people, a coach reads the own ones."""
        if self._reads_all():
            return SQL("TRUE")
        return SQL(
            """
            (p.coach_id = %(user)s OR p.team_id IN (
                SELECT cae_team_id FROM cae_team_res_users_rel
                 WHERE res_users_id = %(user)s))
            """,
            user=self.env.uid,
        )
