from collections.abc import Iterable
from datetime import date as Date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import key_figures as engine
from ..engine.key_figures import Choice, Period
from ..engine.texts import short, storable
from .cae_activity_api import number

#: What :meth:`CaeKeyFigures.get` answers, in this order.
PUBLIC = (
    *("entrepreneurs_actifs", "part_femmes", "part_moins_30", "part_plus_50"),
    *("associes", "cohorte_3_ans", "perennite_3_ans", "ca_ht_facture"),
    "contributions",
)
#: Filters of programs and screens, with the part of the choice that they set.
FILTERS = ("coach", "team", "trade", "entry_from", "entry_to")
SPANS = ("year", "twelve")
STEPS = ("month", "year")
READERS = "cae_base.group_accountant,cae_base.group_tool_read"


class CaeKeyFigures(models.AbstractModel):
    """Figures that a cooperative reports to its members, funders and federation.

    A figure is of a period: what is counted on a day (people, treasury) is counted on
    its last day, as of then; what happens (entries, turnover, pay) is counted over the
    whole of it. All periods and all people in a fixed number of queries. Records of
    ``cae.figure`` name and define them; each addon computes its own (``_sources``).
    """

    _name = "cae.key.figures"
    _description = "Key Figures"

    # ------------------------------------------------------------------
    # Public methods
    # ------------------------------------------------------------------

    @api.model
    def get(self, date: str = "") -> dict:
        """Key figures of the current company on a day.

        Shares are percentages with one decimal, rounded half up, of the active
        entrepreneurs: those who entered and did not leave, with or without activity.
        Turnover and contributions run from the start of the fiscal year. A figure
        without anybody to count is ``False``.

        :param date: ISO day, included; today by default
        :return: ``{"entrepreneurs_actifs", "part_femmes", "part_moins_30",
            "part_plus_50", "cohorte_3_ans", "perennite_3_ans", "associes",
            "ca_ht_facture", "contributions"}``
        :raises UserError: ``CAE-DATE``
        :raises AccessError: for others than the team's accountants and managers, and
            tools (*CAE: Outside Tool, Reading*)
        """
        self._check_reader()
        values = self._compute(PUBLIC, [self._period(self._day(date))], Choice())
        return {key: plain(values[key][0]) for key in PUBLIC}

    @api.model
    def overview(
        self, date: str = "", filters: dict | None = None, span: str = "year"
    ) -> list[dict]:
        """All figures of the current company on a day, with what they mean.

        Statistics of pay of fewer than five people are hidden, and of a part of the
        people they are for payroll officers alone. Ages of fewer than five people, of
        chosen people and of days to come are for who may read birth dates; hours of
        support and attendance of chosen people for who may read those of each.

        :param date: ISO day, included; today by default
        :param filters: ``{"coach": user id, "team": team id, "trade": part of a trade,
            "entry_from", "entry_to": ISO days of a cohort}``, as of the day
        :param span: what happens is counted since the start of the fiscal year
            (``year``) or over twelve months (``twelve``)
        :return: ``[{"key", "name", "group", "unit", "value", "last_year", "hidden",
            "definition", "source", "national"}]``; ``last_year`` is the figure a year
            before; ``national`` is ``False`` or ``{"value", "date", "source", "url",
            "to_confirm"}``; a figure without anybody to count is ``False``
        :raises UserError: ``CAE-DATE``, ``CAE-FIGURES-FILTER``
        :raises AccessError: as for :meth:`get`; with filters for tools, too
        """
        self._check_reader()
        day, choice = self._day(date), self._choice(filters)
        return self._overview(day, choice, self._one_of(span, SPANS))

    @api.model
    def series(
        self,
        keys: list[str] | None = None,
        date: str = "",
        step: str = "month",
        count: int = 13,
        filters: dict | None = None,
    ) -> list[dict]:
        """Figures over time: the month or fiscal year of a day, and those before.

        :param keys: figures, all when empty
        :param date: ISO day on which the last period ends; today by default
        :param step: ``month`` or ``year`` (fiscal years)
        :param count: number of periods, 120 at most
        :param filters: as of :meth:`overview`, as of the last day of each period
        :return: ``[{"key", "values": [{"date_from", "date_to", "value", "hidden"}]}]``,
            the oldest first
        :raises UserError: ``CAE-DATE``, ``CAE-FIGURES-FILTER``, ``CAE-FIGURES-KEY``
        :raises AccessError: as for :meth:`overview`
        """
        self._check_reader()
        keys = self._known_keys(keys)
        periods = self._periods(self._day(date), step, count)
        values = self._compute(keys, periods, self._choice(filters))
        return [
            {
                "key": key,
                "values": [
                    {
                        "date_from": fields.Date.to_string(period.first),
                        "date_to": fields.Date.to_string(period.last),
                        "value": plain(value),
                        "hidden": value is engine.HIDDEN,
                    }
                    for period, value in zip(periods, values[key], strict=True)
                ],
            }
            for key in keys
            if key in values
        ]

    # ------------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------------

    @api.model
    def _sources(self) -> list[tuple]:
        """Hook: ``(keys, method)``; ``method(periods, choice)`` gives their values.

        ``{key: [value of each period]}``; a value is a number, ``None`` when there is
        nobody to count, or ``HIDDEN``. Methods read with a fixed number of queries.
        """
        return [
            (self._people_keys(), self._people_figures),
            (self._ledger_keys(), self._ledger_figures),
            (("contributions",), self._contribution_figures),
        ]

    @api.model
    def _hidden(self, keys: Iterable[str], periods: list[Period]) -> dict:
        """Nothing of these figures.

        Two groups of many people that differ by one tell all of that one: what the
        user may not read of each person is hidden of chosen people, however many.
        """
        return {key: [engine.HIDDEN] * len(periods) for key in keys}

    @api.model
    def _compute(self, keys: Iterable[str], periods: list[Period], choice: Choice):
        """``{key: [value of each period]}`` of those keys that somebody computes."""
        wanted, found = set(keys), {}
        for known, method in self._sources():
            if wanted.intersection(known):
                found.update(method(periods, choice))
        return {key: found[key] for key in wanted if key in found}

    @api.model
    def _overview(self, day: Date, choice: Choice, span: str) -> list[dict]:
        figures = self.env["cae.figure"]._shown()
        period = self._period(day, span)
        periods = [period, period.year_before]
        values = self._compute(figures.mapped("key"), periods, choice)
        return [
            {
                **figure._explained(day),
                "value": plain(values[figure.key][0]),
                "last_year": plain(values[figure.key][1]),
                "hidden": values[figure.key][0] is engine.HIDDEN,
            }
            for figure in figures
            if figure.key in values
        ]

    # ------------------------------------------------------------------
    # Days and choices
    # ------------------------------------------------------------------

    @api.model
    def _check_reader(self):
        """:raises AccessError: for others than accountants, managers and tools"""
        if not self.env.user.has_groups(READERS):
            raise AccessError(
                self.env._("CAE-ACCESS: key figures are for accountants and managers.")
            )

    @api.model
    def _day(self, date):
        day = self.env["cae.activity"]._parse_day(date)
        return day or fields.Date.context_today(self)

    @api.model
    def _period(self, day: Date, span: str = "year") -> Period:
        if span == "twelve":
            return engine.year_to(day)
        year = self.env.company.compute_fiscalyear_dates(day)["date_from"]
        return Period(year, day)

    @api.model
    def _periods(self, day: Date, step: str, count: int) -> list[Period]:
        """The period of ``day`` and those before, the oldest first.

        :raises UserError: ``CAE-FIGURES-FILTER``
        """
        self._one_of(step, STEPS)
        if type(count) is not int or not 1 <= count <= engine.MOST_PERIODS:
            self._refuse(count)
        if step == "month":
            back = engine.months_to(day)
            return [next(back) for _number in range(count)][::-1]
        periods = []
        for _number in range(count):
            periods.append(self._period(day))
            day = periods[-1].first - engine.ONE_DAY
        return periods[::-1]

    @api.model
    def _choice(self, filters) -> Choice:
        """:raises UserError: ``CAE-FIGURES-FILTER``
        :raises AccessError: for a choice, to who may not read people: of one of them
            figures tell the sex, the contract, the exit
        """
        filters = filters or {}
        if not isinstance(filters, dict) or set(filters) - set(FILTERS):
            self._refuse(filters)
        values = {key: value for key, value in filters.items() if value}
        for key, value in values.items():
            if key in ("coach", "team"):
                if type(value) is not int or not 0 < value < 2**31:
                    self._refuse(value)
            elif not storable(value):
                self._refuse(value)
        for key in ("entry_from", "entry_to"):
            if key in values:
                values[key] = self._day(values[key])
        if values:
            self.env["cae.entrepreneur"].check_access("read")
        return Choice(**values)

    @api.model
    def _one_of(self, value, options):
        """:raises UserError: ``CAE-FIGURES-FILTER``"""
        if value not in options:
            self._refuse(value)
        return value

    @api.model
    def _refuse(self, value):
        raise UserError(
            self.env._(
                "CAE-FIGURES-FILTER: %(value)s is no filter of key figures.",
                value=short(value),
            )
        )

    @api.model
    def _known_keys(self, keys) -> list[str]:
        """:raises UserError: ``CAE-FIGURES-KEY``"""
        keys = self.env["cae.activity"]._as_list(keys, "CAE-FIGURES-KEY")
        known = self.env["cae.figure"]._shown().mapped("key")
        if unknown := [key for key in keys if key not in known]:
            raise UserError(
                self.env._(
                    "CAE-FIGURES-KEY: there is no key figure %(key)s.",
                    key=short(unknown[0]),
                )
            )
        return list(dict.fromkeys(keys)) or known


def plain(value):
    """A value as programs get it: no ``None``, amounts with two decimals."""
    if value is None or value is engine.HIDDEN:
        return False
    return number(value) if isinstance(value, Decimal) else value
