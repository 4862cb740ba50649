from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

from .cae_activity_rows import last_sum

FIGURES = [
    ("headcount", "Headcount at the End of the Year"),
    ("average", "Average Monthly Headcount"),
    ("entry", "Arrivals"),
    ("exit", "Departures"),
    ("hire", "Contracts Begun"),
    ("end", "Contracts Ended"),
]
#: First age in full years of each band, and first full year of each seniority.
AGES = [(25, "25"), (30, "30"), (40, "40"), (50, "50"), (60, "60")]
SENIORITIES = [(1, "1"), (3, "3"), (5, "5"), (10, "10")]
#: The year that is asked for and the two before it (L.2312-30).
YEARS = 3
#: Columns of the rows of each figure, and what they are when a figure says nothing.
#: All queries have the same types: else PostgreSQL makes each row whole.
COLUMNS = {
    "figure": ("varchar", None),
    "source": ("bigint", None),
    "day": ("date", None),
    "entrepreneur_id": ("int", None),
    "kind": ("varchar", None),
    "reason_id": ("int", None),
    "number": ("float8", 1),
    "days": ("float8", 0),
    "hours": ("float8", 0),
    "amount": ("numeric", 0),
}
#: More figures than there will be, and more rows of a person in one of them.
QUERIES, ROWS = 32, 64


class CaeSocialFigure(models.Model):
    """Figures of the yearly social report: one row for each person who counts.

    What the table of R.2312-9 of the Code du travail (three hundred employees or more;
    R.2312-8 under it) asks of staff, hires, departures, pay, absences and training,
    for this calendar year and the two before (L.2312-30). Holders of a CAPE are no
    employees: they are counted apart, as a kind of contract.

    This year's headcount is that of today, its average that of the months so far. Age
    and seniority are those of the day that a row is about.
    """

    _name = "cae.social.figure"
    _inherit = ["cae.computed.rows"]
    _description = "Figure of the Social Report"
    _auto = False
    _order = "year desc, figure, id"
    _rec_name = "figure"
    _depends = {
        "cae.contract": [
            *("date_end", "date_start", "entrepreneur_id", "kind", "parent_id"),
        ],
        "cae.entrepreneur": [
            *("active", "birth_date", "coach_id", "company_id", "date_entry"),
            *("date_exit", "exit_reason_id", "sex", "team_id"),
        ],
    }

    figure = fields.Selection(FIGURES, readonly=True)
    year = fields.Char(readonly=True)
    day = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", string="Person", readonly=True
    )
    coach_id = fields.Many2one("res.users", readonly=True)
    team_id = fields.Many2one("cae.team", string="Site or Team", readonly=True)
    kind = fields.Selection(
        selection="_selection_kind", string="Contract", readonly=True
    )
    sex = fields.Selection(selection="_selection_sex", readonly=True)
    age = fields.Selection(
        [
            ("0", "Under 25"),
            ("25", "From 25 to 29"),
            ("30", "From 30 to 39"),
            ("40", "From 40 to 49"),
            ("50", "From 50 to 59"),
            ("60", "Sixty and over"),
            ("unknown", "Age not known"),
        ],
        readonly=True,
    )
    seniority = fields.Selection(
        [
            ("0", "Less than 1 year"),
            ("1", "From 1 to 2 years"),
            ("3", "From 3 to 4 years"),
            ("5", "From 5 to 9 years"),
            ("10", "Ten years and more"),
        ],
        readonly=True,
        help="Since the entry into the cooperative.",
    )
    reason_id = fields.Many2one("cae.exit.reason", string="Exit Reason", readonly=True)
    number = fields.Float(
        string="How Many",
        readonly=True,
        digits=(16, 2),
        help="People, contracts or monthly pays. Headcounts of several years are those "
        "of the last one.",
    )
    days = fields.Float(readonly=True, digits=(16, 2))
    hours = fields.Float(readonly=True, digits=(16, 2))
    amount = fields.Monetary(readonly=True)
    mean_amount = fields.Monetary(
        string="Mean", readonly=True, aggregator="avg", help="For each monthly pay."
    )

    @api.model
    def _selection_kind(self):
        kinds = self.env["cae.contract"]._fields["kind"]
        none = ("none", self.env._("Without contract"))
        return [*kinds._description_selection(self.env), none]

    @api.model
    def _selection_sex(self):
        sex = self.env["cae.entrepreneur"]._fields["sex"]
        return sex._description_selection(self.env)

    # ------------------------------------------------------------------
    # Query
    # ------------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT f.id, f.figure, EXTRACT(YEAR FROM f.day)::varchar AS year,
                   CASE WHEN %(named)s THEN f.day END AS day, p.company_id,
                   CASE WHEN %(named)s THEN p.id END AS entrepreneur_id,
                   CASE WHEN %(named)s THEN p.coach_id END AS coach_id,
                   CASE WHEN %(named)s THEN p.team_id END AS team_id,
                   p.sex, CASE WHEN %(named)s THEN %(age)s ELSE 'unknown' END AS age,
                   CASE WHEN %(named)s THEN %(seniority)s END AS seniority,
                   f.reason_id, f.number, f.days, f.hours,
                   f.amount, f.amount AS mean_amount,
                   COALESCE(f.kind, k.kind, 'none') AS kind
              FROM (%(figures)s) f
              JOIN cae_entrepreneur p ON p.id = f.entrepreneur_id
              LEFT JOIN (%(spans)s) k
                ON k.entrepreneur_id = p.id AND f.day BETWEEN k.first AND k.last
            """,
            figures=SQL(" UNION ALL ").join(
                SQL("SELECT q.source * %s + %s AS id, q.* FROM (%s) q", QUERIES, n, one)
                for n, one in enumerate(self._figure_queries())
            ),
            named=self._named(),
            spans=self.env["cae.contract"]._spans_query(),
            age=_band(SQL("p.birth_date"), AGES),
            seniority=_band(SQL("p.date_entry"), SENIORITIES),
        )

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != "number:sum":
            return super()._read_group_select(aggregate_spec, query)
        # Who was there in two years is not twice as many people.
        number, year, figure = (
            self._field_to_sql(self._table, name, query)
            for name in ("number", "year", "figure")
        )
        return SQL(
            "CASE WHEN BOOL_OR(%s IN ('headcount', 'average')) THEN %s"
            " ELSE SUM(%s) END",
            figure,
            last_sum(number, year),
            number,
        )

    @api.model
    def _named(self) -> SQL:
        """Whether a row ``f`` says whose it is.

        Of others sex, contract and year stay, which the report is asked for: with the
        day, the coach, the age… most people of a cooperative are the only ones.
        """
        return SQL("TRUE")

    @api.model
    def _figure_queries(self) -> list[SQL]:
        """Queries of figures, see :meth:`_figure`; other addons add theirs."""
        entry, leaving = SQL("p.date_entry"), SQL("p.date_exit")
        reason = SQL("p.exit_reason_id")
        return [
            self._headcount_query(),
            self._average_query(),
            self._person_query("entry", entry),
            self._person_query("exit", leaving, reason_id=reason),
            self._contract_query("hire", SQL("c.date_start")),
            self._contract_query("end", SQL("c.date_end")),
        ]

    @api.model
    def _figure(self, figure, source, day, person, **values) -> SQL:
        """What a query of a figure selects.

        :param source: SQL of a number that no other row of the query has
        :param values: SQL of other ``COLUMNS``
        """
        given = {
            "figure": figure,
            "source": source,
            "day": day,
            "entrepreneur_id": person,
            **values,
        }
        return SQL(", ").join(
            SQL("(%s)::%s AS %s", given.get(name, default), SQL(kind), SQL(name))
            for name, (kind, default) in COLUMNS.items()
        )

    @api.model
    def _first_day(self):
        return date(fields.Date.context_today(self).year - YEARS + 1, 1, 1)

    @api.model
    def _in_years(self, day) -> SQL:
        """Condition: a day of the years reported on, not after today."""
        today = fields.Date.context_today(self)
        return SQL("%s BETWEEN %s AND %s", day, self._first_day(), today)

    def _headcount_query(self):
        """Who is there on the last day of each year; today in this one."""
        today = fields.Date.context_today(self)
        years = [today.year - number for number in range(YEARS)]
        return SQL(
            """
            SELECT %s
              FROM UNNEST(%s::date[]) AS y (last)
              JOIN cae_entrepreneur p ON p.date_entry <= y.last
               AND COALESCE(p.date_exit, 'infinity') >= y.last
               AND (p.active OR p.date_exit IS NOT NULL)
            """,
            self._figure(
                "headcount",
                SQL("p.id * %s + EXTRACT(YEAR FROM y.last)::int %% %s", ROWS, ROWS),
                SQL("y.last"),
                SQL("p.id"),
            ),
            [min(today, date(year, 12, 31)) for year in years],
        )

    def _average_query(self):
        """A person counts for the part of the year's months at whose end they are."""
        return SQL(
            """
            SELECT %(figure)s
              FROM (SELECT LEAST((m + INTERVAL '1 month - 1 day')::date, %(today)s)
                               AS last,
                           COUNT(*) OVER (PARTITION BY EXTRACT(YEAR FROM m)) AS months,
                           ROW_NUMBER() OVER (ORDER BY m) AS number
                      FROM generate_series(%(first)s::timestamp, %(today)s::timestamp,
                                           '1 month') AS m) y
              JOIN cae_entrepreneur p ON p.date_entry <= y.last
               AND COALESCE(p.date_exit, 'infinity') >= y.last
               AND (p.active OR p.date_exit IS NOT NULL)
            """,
            figure=self._figure(
                "average",
                SQL("p.id * %s + y.number", ROWS),
                SQL("y.last"),
                SQL("p.id"),
                number=SQL("1.0 / y.months"),
            ),
            first=self._first_day(),
            today=fields.Date.context_today(self),
        )

    def _person_query(self, figure, day, **values):
        return SQL(
            "SELECT %s FROM cae_entrepreneur p WHERE %s",
            self._figure(figure, SQL("p.id"), day, SQL("p.id"), **values),
            self._in_years(day),
        )

    def _contract_query(self, figure, day):
        person, kind = SQL("c.entrepreneur_id"), SQL("c.kind")
        return SQL(
            "SELECT %s FROM cae_contract c WHERE c.parent_id IS NULL AND %s",
            self._figure(figure, SQL("c.id"), day, person, kind=kind),
            self._in_years(day),
        )


def _band(since, bands):
    """The band of the full years between a day and the day of a row ``f``."""
    years, names = zip(*bands, strict=True)
    return SQL(
        """
        CASE WHEN %(since)s IS NULL THEN 'unknown'
             ELSE (%(names)s)[1 + WIDTH_BUCKET(
                 EXTRACT(YEAR FROM AGE(f.day, %(since)s))::int, %(years)s)]
        END
        """,
        since=since,
        years=list(years),
        names=["0", *names],
    )
