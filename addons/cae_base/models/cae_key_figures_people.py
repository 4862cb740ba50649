from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

from ..engine import key_figures as engine
from ..engine.key_figures import Choice, Period
from .cae_entrepreneur import KIND_RANK

SURVIVAL_DAYS = 1096
#: Who is counted: a condition on the facts of a person in a period.
COUNTS = {
    "entrepreneurs_actifs": "present",
    "en_cape": f"present AND kind = {KIND_RANK['cape']}",
    "en_cesa": f"present AND kind = {KIND_RANK['cesa']}",
    "en_contrat": f"present AND kind = {KIND_RANK['employee']}",
    "sans_contrat": "present AND kind IS NULL",
    "emplois": f"present AND kind > {KIND_RANK['cape']}",
    "associes": "present AND member",
    "entrees": "entered",
    "sorties": "gone",
    "conversions": "converted",
    "cohorte_3_ans": "cohort",
}
#: Of whom ages are said: who is anonymised since then had one, too.
AGED = "present AND NOT erased"
#: Who is counted in percent of whom.
SHARES = {
    "part_cesa": (COUNTS["en_cesa"], "present"),
    "part_femmes": ("present AND woman", "present"),
    "part_moins_30": ("present AND age < 30", AGED),
    "part_30_50": ("present AND age BETWEEN 30 AND 50", AGED),
    "part_plus_50": ("present AND age > 50", AGED),
    "part_associes": ("present AND member", "present"),
    "part_associes_cesa": (
        f"{COUNTS['en_cesa']} AND member",
        COUNTS["en_cesa"],
    ),
    "perennite_3_ans": ("cohort AND lasting", "cohort"),
}
#: Personal data: of a few people they tell who is how old, see ``_shown_ages``.
AGES = ("part_moins_30", "part_30_50", "part_plus_50")
#: What is read of people, with what of it.
READ = {
    "cae.entrepreneur": [],
    "cae.contract": ["entrepreneur_id", "kind", "parent_id", "date_start", "date_end"],
    "cae.activity": ["trade", "date_start", "date_end", "analytic_account_id"],
    "cae.activity.share": [],
    "cae.exit.reason": ["survival"],
    "mail.message": [],
    "mail.tracking.value": [],
}


class CaeKeyFigures(models.AbstractModel):
    """People: who is there, with which contract, who came, left and lasted."""

    _inherit = "cae.key.figures"

    @api.model
    def _people_keys(self):
        return (*COUNTS, *SHARES)

    @api.model
    def _people_figures(self, periods: list[Period], choice: Choice) -> dict:
        """Counts and shares of people: one query."""
        conditions = dict(COUNTS)
        for key, (part, whole) in SHARES.items():
            conditions |= {f"{key}/part": part, f"{key}/whole": whole}
        query = SQL(
            "SELECT n, %s FROM (%s) AS fact GROUP BY n",
            SQL(", ").join(
                SQL("COUNT(*) FILTER (WHERE %s)", SQL(each))
                for each in conditions.values()
            ),
            self._facts_query(periods, choice),
        )
        rows = {n: row for n, *row in self._rows(query)}
        empty = [0] * len(conditions)
        result = {key: [] for key in self._people_keys()}
        for number, period in enumerate(periods):
            counts = dict(zip(conditions, rows.get(number, empty), strict=True))
            for key in COUNTS:
                result[key].append(counts[key])
            for key in SHARES:
                part, whole = counts[f"{key}/part"], counts[f"{key}/whole"]
                told = key not in AGES or self._shown_ages(whole, period, choice)
                share = engine.percent(part, whole) if told else engine.HIDDEN
                result[key].append(share)
        return result

    @api.model
    def _shown_ages(self, people: int, period: Period, choice: Choice) -> bool:
        """Whether the user may know how old so many people are on that day.

        To others than those who may read birth dates, two groups that differ by one
        person tell the age of that person, and days to come the birthday.
        """
        enough = engine.enough(people, True) is True
        if self._reads_ages():
            return enough or not choice
        today = fields.Date.context_today(self)
        return enough and not choice and period.last <= today

    @api.model
    def _reads_ages(self) -> bool:
        """Whether the user may read birth dates."""
        person = self.env["cae.entrepreneur"]
        return person._has_field_access(person._fields["birth_date"], "read")

    @api.model
    def _people_of(self, key: str, period: Period, choice: Choice):
        """Who is counted in a figure."""
        condition = COUNTS.get(key) or SHARES[key][0]
        query = SQL(
            "SELECT id FROM (%s) AS fact WHERE %s",
            self._facts_query([period], choice),
            SQL(condition),
        )
        ids = [person_id for (person_id,) in self._rows(query)]
        return self.env["cae.entrepreneur"].browse(ids)

    @api.model
    def _rows(self, query):
        for model, names in READ.items():
            self.env[model].flush_model(names or None)
        return self.env.execute_query(query)

    # ------------------------------------------------------------------
    # Queries: all people in all periods
    # ------------------------------------------------------------------

    @api.model
    def _period_query(self, periods: list[Period]) -> SQL:
        """``n, first, last``; periods are numbered from 0."""
        return SQL(
            """
            SELECT (number - 1)::int AS n, first, last
              FROM unnest(%s::date[], %s::date[])
                   WITH ORDINALITY AS given (first, last, number)
            """,
            [period.first for period in periods],
            [period.last for period in periods],
        )

    @api.model
    def _whole_months(self, month: SQL) -> SQL:
        """Condition: a month that begins in the period ``t`` and is over on its last
        day, as ``Period.last_month`` says."""
        return SQL(
            "%s BETWEEN t.first AND DATE_TRUNC('month', t.last + INTERVAL '1 day')"
            " - INTERVAL '1 month'",
            month,
        )

    @api.model
    def _chosen_query(self, periods: list[Period], choice: Choice) -> SQL:
        """``n, first, last, id``: people who had entered by then and are chosen.

        Who is archived without having left was put in by mistake, or is given back.
        Their coach, team and trade are those of the last day of each period.
        """
        joins, conditions = [], []
        for name, wanted in (("coach_id", choice.coach), ("team_id", choice.team)):
            if wanted:
                change = SQL.identifier(f"{name}_change")
                joins.append(
                    SQL(
                        "LEFT JOIN (%s) %s ON %s.n = t.n AND %s.id = p.id",
                        *(self._later_query(name, periods), *[change] * 3),
                    )
                )
                conditions.append(
                    SQL(
                        "CASE WHEN %s.id IS NULL THEN p.%s ELSE %s.value END = %s",
                        *(change, SQL.identifier(name), change, wanted),
                    )
                )
        if choice.trade:
            conditions.append(self._trade_condition(choice))
        if choice.entry_from:
            conditions.append(SQL("p.date_entry >= %s", choice.entry_from))
        if choice.entry_to:
            conditions.append(SQL("p.date_entry <= %s", choice.entry_to))
        return SQL(
            """
            SELECT t.n, t.first, t.last, p.id
              FROM (%s) t
              JOIN cae_entrepreneur p ON p.company_id = %s AND p.date_entry <= t.last
               AND (p.active OR p.date_exit IS NOT NULL)
              %s
             WHERE %s
            """,
            self._period_query(periods),
            self.env.company.id,
            SQL(" ").join(joins),
            SQL(" AND ").join([SQL("TRUE"), *conditions]),
        )

    @api.model
    def _trade_condition(self, choice) -> SQL:
        """Of an activity of this trade that ``p`` held then, or at last."""
        return SQL(
            """
            EXISTS (SELECT FROM cae_activity_share s
                      JOIN cae_activity a ON a.id = s.activity_id
                     WHERE s.entrepreneur_id = p.id AND a.trade ILIKE %s
                       AND s.date_start <= t.last
                       AND (s.date_end IS NULL
                            OR s.date_end >= LEAST(t.last, p.date_exit)))
            """,
            f"%{escape_psql(choice.trade)}%",
        )

    @api.model
    def _later_query(self, name: str, periods: list[Period]) -> SQL:
        """``n, id, value``: what a tracked link was at the end of a period, for people
        of whom the log says that it has changed since."""
        # sudo: the id of a field is no secret.
        field = self.env["ir.model.fields"].sudo()._get("cae.entrepreneur", name)
        return SQL(
            """
            SELECT DISTINCT ON (t.n, m.res_id)
                   t.n, m.res_id AS id, NULLIF(v.old_value_integer, 0) AS value
              FROM (%s) t
              JOIN mail_message m
                ON m.model = 'cae.entrepreneur'
               AND m.date >= (t.last + 1)::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC'
              JOIN mail_tracking_value v
                ON v.mail_message_id = m.id AND v.field_id = %s
             ORDER BY t.n, m.res_id, m.date, v.id
            """,
            self._period_query(periods),
            self.env.company._cae_time_zone(),
            field.id,
        )

    @api.model
    def _member_condition(self) -> SQL:
        """Hook: whether ``p`` was a member at ``t.last``; the register knows more."""
        return SQL("COALESCE(p.member_date <= t.last, FALSE)")

    @api.model
    def _facts_query(self, periods: list[Period], choice: Choice) -> SQL:
        """``n, id`` and what :data:`COUNTS` ask for, as of the last day of periods.

        Survival looks at those who entered three to six years before. They last when
        they did not leave, stayed 1 096 days or more, or left for a reason that counts
        as lasting.
        """
        return SQL(
            """
            SELECT t.n, p.id,
                   p.date_exit IS NULL OR p.date_exit >= t.last AS present,
                   k.kind,
                   COALESCE(p.sex = 'F', FALSE) AS woman,
                   EXTRACT(YEAR FROM AGE(t.last, p.birth_date)) AS age,
                   p.date_anonymised IS NOT NULL AS erased,
                   %(member)s AS member,
                   p.date_entry >= t.first AS entered,
                   p.date_exit BETWEEN t.first AND t.last AS gone,
                   s.cesa BETWEEN t.first AND t.last AND s.cape < s.cesa AS converted,
                   p.date_entry <= t.last - INTERVAL '3 years'
                       AND p.date_entry > t.last - INTERVAL '6 years' AS cohort,
                   p.date_exit IS NULL OR p.date_exit > t.last
                       OR p.date_exit - p.date_entry >= %(days)s
                       OR COALESCE(r.survival, FALSE) AS lasting
              FROM (%(chosen)s) t
              JOIN cae_entrepreneur p ON p.id = t.id
              LEFT JOIN cae_exit_reason r ON r.id = p.exit_reason_id
              LEFT JOIN (%(kinds)s) k ON k.n = t.n AND k.entrepreneur_id = p.id
              LEFT JOIN (SELECT entrepreneur_id,
                                MIN(date_start) FILTER (WHERE kind = 'cesa') AS cesa,
                                MIN(date_start) FILTER (WHERE kind = 'cape') AS cape
                           FROM cae_contract
                          WHERE company_id = %(company)s AND parent_id IS NULL
                          GROUP BY 1) s ON s.entrepreneur_id = p.id
            """,
            member=self._member_condition(),
            days=SURVIVAL_DAYS,
            chosen=self._chosen_query(periods, choice),
            kinds=self._kinds_query(periods),
            company=self.env.company.id,
        )

    @api.model
    def _kinds_query(self, periods) -> SQL:
        """``n, entrepreneur_id, kind``: the contract in force, the CESA first."""
        ranks = [SQL("WHEN %s THEN %s", kind, rank) for kind, rank in KIND_RANK.items()]
        return SQL(
            """
            SELECT t.n, c.entrepreneur_id, MAX(CASE c.kind %s END) AS kind
              FROM (%s) t
              JOIN cae_contract c
                ON c.company_id = %s AND c.parent_id IS NULL
               AND c.date_start <= t.last
               AND (c.date_end IS NULL OR c.date_end >= t.last)
             GROUP BY 1, 2
            """,
            SQL(" ").join(ranks),
            self._period_query(periods),
            self.env.company.id,
        )
