from odoo import api, fields, models
from odoo.tools import SQL

from .cae_figure import GROUPS, UNITS

#: More periods than a series has: an id is made of the figure and the period.
PERIODS = 2**10
#: What ``cae_series`` says.
QUESTION = ("keys", "date", "step", "count", "filters")
#: No rows: only code can ask for them.
NOTHING = object()


class CaeFigureValue(models.Model):
    """Key figures over time, computed when they are read, for graphs and pivots.

    Which ones is said by ``cae_series`` of the context: ``keys``, ``date``, ``step``,
    ``count`` and ``filters`` of :meth:`cae.key.figures.series`.
    """

    _name = "cae.figure.value"
    _inherit = ["cae.computed.rows"]
    _description = "Key Figure over Time"
    _auto = False
    _order = "sequence, date"
    _rec_name = "figure_id"

    figure_id = fields.Many2one("cae.figure", readonly=True)
    group = fields.Selection(GROUPS, readonly=True)
    unit = fields.Selection(UNITS, readonly=True)
    sequence = fields.Integer(readonly=True, aggregator=None)
    date_from = fields.Date(string="From", readonly=True)
    date = fields.Date(string="Until", readonly=True)
    # Neither people nor percentages of several months add up.
    value = fields.Float(readonly=True, digits=(16, 2), aggregator="avg")

    @property
    def _table_query(self):
        columns = ("id", "figure_id", '"group"', "unit", "sequence")
        rows = list(zip(*self._value_rows(), strict=True)) or [()] * 8
        types = ("bigint", "int", "varchar", "varchar", "int", "date", "date", "float8")
        return SQL(
            "SELECT * FROM unnest(%s) AS row (%s, date_from, date, value)",
            SQL(", ").join(
                SQL("%s::%s[]", list(values), SQL(kind))
                for values, kind in zip(rows, types, strict=True)
            ),
            SQL(", ").join(map(SQL, columns)),
        )

    # Odoo makes a query for each field, to know by what can be grouped, and runs none
    # of them: nothing is computed for these.

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        bare = self.with_context(cae_series=NOTHING)
        return super(CaeFigureValue, bare).fields_get(allfields, attributes)

    @api.model
    def _get_view_fields(self, view_type, models):
        bare = self.with_context(cae_series=NOTHING)
        return super(CaeFigureValue, bare)._get_view_fields(view_type, models)

    def _read_group_select(self, aggregate_spec, query):
        """The average over time of one figure; none of several together."""
        average = super()._read_group_select(aggregate_spec, query)
        if aggregate_spec != "value:avg":
            return average
        figure = self._field_to_sql(self._table, "figure_id", query)
        return SQL(
            "CASE WHEN MIN(%s) = MAX(%s) THEN %s END", *(figure, figure, average)
        )

    @api.model
    def _value_rows(self):
        """A tuple for each figure and period that has a value."""
        asked = self.env.context.get("cae_series")
        if asked is NOTHING:
            return
        # Whoever reads may give any context.
        given = asked if isinstance(asked, dict) else {}
        asked = {name: given[name] for name in QUESTION if name in given}
        figures = self.env["cae.figure"]._shown()
        by_key = {figure.key: figure for figure in figures}
        for series in self.env["cae.key.figures"].series(**asked):
            figure = by_key[series["key"]]
            for number, row in enumerate(series["values"]):
                if row["value"] is False:
                    continue
                yield (
                    *(figure.id * PERIODS + number, figure.id, figure.group),
                    *(figure.unit, figure.sequence, row["date_from"], row["date_to"]),
                    float(row["value"]),
                )
