from odoo import api, fields, models
from odoo.tools import SQL

from .cae_key_figures_people import SURVIVAL_DAYS

#: Months after the entry on which it is asked who lasted, and the last of them.
STEP, LAST = 6, 72


class CaeSurvival(models.Model):
    """Who lasts how long: a row for each person and half-year since the entry.

    Computed when it is read. The average of ``lasting`` is the curve of a cohort: of
    those who entered so long ago, how many had not left by then, or left for a reason
    that counts as lasting. After 36 months it is the key figure ``perennite_3_ans``
    of the people who entered in the same days.
    """

    _name = "cae.survival"
    _inherit = ["cae.computed.rows"]
    _description = "Survival of Cohorts"
    _auto = False
    _order = "entrepreneur_id, months"
    _rec_name = "entrepreneur_id"
    _depends = {
        "cae.entrepreneur": [
            *("active", "company_id", "date_entry", "date_exit", "exit_reason_id"),
            *("coach_id", "team_id", "sex"),
        ],
        "cae.exit.reason": ["survival"],
    }

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Person", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    date_entry = fields.Date(string="Date of Entry", readonly=True)
    cohort = fields.Boolean(
        string="Three-year Cohort",
        readonly=True,
        help="Entered in the three years that end three years before the day: all of "
        "them have been here, or gone, for three years.",
    )
    months = fields.Integer(
        string="Months since the Entry", readonly=True, aggregator=None
    )
    lasting = fields.Float(
        string="Lasting (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="It is 100 when the person had not left by then, or left for a reason "
        "that counts as lasting.",
    )
    coach_id = fields.Many2one(
        "res.users", readonly=True, help="The coach today, or the last one."
    )
    team_id = fields.Many2one(
        "cae.team", readonly=True, help="The team today, or the last one."
    )
    sex = fields.Selection([("F", "Woman"), ("M", "Man"), ("X", "Other")])

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT p.id::bigint * %(most)s + m.months AS id,
                   p.id AS entrepreneur_id, p.company_id, p.date_entry, m.months,
                   CASE WHEN p.date_exit IS NULL OR p.date_exit > %(day)s
                          OR p.date_exit - p.date_entry
                             >= ROUND(m.months * %(days)s / 36.0)
                          OR r.survival
                        THEN 100 ELSE 0 END::float8 AS lasting,
                   p.date_entry <= %(day)s - INTERVAL '3 years'
                       AND p.date_entry > %(day)s - INTERVAL '6 years' AS cohort,
                   p.coach_id, p.team_id, p.sex
              FROM cae_entrepreneur p
              LEFT JOIN cae_exit_reason r ON r.id = p.exit_reason_id
              JOIN generate_series(0, %(last)s, %(step)s) AS m (months)
                ON p.date_entry <= %(day)s - m.months * INTERVAL '1 month'
             WHERE p.active OR p.date_exit IS NOT NULL
            """,
            most=LAST + 1,
            day=self._day(),
            days=SURVIVAL_DAYS,
            last=LAST,
            step=STEP,
        )

    @api.model
    def _day(self):
        """The day on which it is asked: ``cae_date`` of the context, or today."""
        return self.env["cae.key.figures"]._day(self.env.context.get("cae_date"))
