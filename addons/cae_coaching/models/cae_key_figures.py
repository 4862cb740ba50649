from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.cae_base.engine.key_figures import Choice, Period

SUPPORT = ("heures_accompagnement", "entretiens", "heures_par_personne")


class CaeKeyFigures(models.AbstractModel):
    """Support that people received, as ``cae.person.hours`` counts it."""

    _inherit = "cae.key.figures"

    @api.model
    def _sources(self):
        return [*super()._sources(), (SUPPORT, self._support_figures)]

    @api.model
    def _records(self):
        hours = ("cae.person.hours", self._support_domain)
        return {**super()._records(), **dict.fromkeys(SUPPORT, hours)}

    @api.model
    def _support_domain(self, key, period: Period, choice: Choice):
        domain = (
            Domain("company_id", "=", self.env.company.id)
            & Domain("date", ">=", period.first)
            & Domain("date", "<=", period.last)
        )
        if key == "entretiens":
            domain &= Domain("kind", "=", "held")
        if not choice:
            return domain
        rows = self._rows(self._chosen_query([period], choice))
        return domain & Domain("entrepreneur_id", "in", [row[3] for row in rows])

    @api.model
    def _support_figures(self, periods: list[Period], choice: Choice) -> dict:
        """Hours and interviews: one query.

        Of chosen people, for those alone who may read the hours of each.
        """
        hours = self.env["cae.person.hours"]
        if choice and not hours.has_access("read"):
            return self._hidden(SUPPORT, periods)
        for name in hours._depends:
            self.env[name].flush_model()
        rows = {n: row for n, *row in self._rows(self._support_query(periods, choice))}
        result = {key: [] for key in SUPPORT}
        for number in range(len(periods)):
            total, held, people = rows.get(number, (0.0, 0, 0))
            each = round(total / people, 2) if people else None
            for key, value in zip(SUPPORT, (round(total, 2), held, each), strict=True):
                result[key].append(value)
        return result

    @api.model
    def _support_query(self, periods, choice) -> SQL:
        chosen = SQL()
        if choice:
            chosen = SQL(
                "JOIN (%s) c ON c.n = t.n AND c.id = h.entrepreneur_id",
                self._chosen_query(periods, choice),
            )
        return SQL(
            """
            SELECT t.n, SUM(h.hours), SUM(h.held)::int,
                   COUNT(DISTINCT h.entrepreneur_id)
              FROM (%s) t
              JOIN (%s) h ON h.company_id = %s AND h.date BETWEEN t.first AND t.last
              %s
             GROUP BY 1
            """,
            self._period_query(periods),
            self.env["cae.person.hours"]._table_query,
            self.env.company.id,
            chosen,
        )
