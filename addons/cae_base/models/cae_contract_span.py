from odoo import api, models
from odoo.tools import SQL

from .cae_entrepreneur import KIND_RANK

#: Of several contracts at once, the first of these counts.
RANKED = sorted(KIND_RANK, key=KIND_RANK.get, reverse=True)


class CaeContract(models.Model):
    """Kinds of contract over time, for reports of everybody."""

    _inherit = "cae.contract"

    @api.model
    def _spans_query(self) -> SQL:
        """``entrepreneur_id, first, last, kind``: the kind in force, the CESA first.

        The spans of a person do not overlap: a row finds one of them at most, by a join
        on the person, where a query for each row would take seconds.
        """
        return SQL(
            """
            SELECT b.entrepreneur_id, b.first, b.last,
                   (ARRAY_AGG(k.kind ORDER BY ARRAY_POSITION(%s, k.kind::text)))[1]
                       AS kind
              FROM (SELECT entrepreneur_id, day AS first,
                           COALESCE(LEAD(day) OVER (
                               PARTITION BY entrepreneur_id ORDER BY day) - 1,
                               'infinity') AS last
                      FROM (SELECT DISTINCT c.entrepreneur_id, d.day
                              FROM cae_contract c
                             CROSS JOIN UNNEST(ARRAY[c.date_start, c.date_end + 1])
                                   AS d (day)
                             WHERE c.parent_id IS NULL AND d.day IS NOT NULL) change
                   ) b
              JOIN cae_contract k
                ON k.entrepreneur_id = b.entrepreneur_id AND k.parent_id IS NULL
               AND b.first BETWEEN k.date_start AND COALESCE(k.date_end, 'infinity')
             GROUP BY 1, 2, 3
            """,
            RANKED,
        )

    @api.model
    def _kind_query(self, person, day) -> SQL:
        """The same of one person on a day: a column that costs nothing unasked.

        :param person: SQL of the id of a person
        :param day: SQL of a day
        """
        return SQL(
            """
            (SELECT k.kind FROM cae_contract k
              WHERE k.entrepreneur_id = %s AND k.parent_id IS NULL
                AND %s BETWEEN k.date_start AND COALESCE(k.date_end, 'infinity')
              ORDER BY ARRAY_POSITION(%s, k.kind::text) LIMIT 1)
            """,
            *(person, day, RANKED),
        )
