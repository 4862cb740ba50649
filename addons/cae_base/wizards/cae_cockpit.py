from odoo import api, fields, models
from odoo.tools import format_amount, formatLang

from ..models.cae_figure import GROUPS
from ..tools import format_date

#: From a row of the curve to the trades that its person has or had.
TRADE = "entrepreneur_id.share_ids.activity_id.trade"


class CaeCockpit(models.TransientModel):
    """The key figures of a day on one screen, of everybody or of some people."""

    _name = "cae.cockpit"
    _description = "Cockpit"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(string="On", required=True, default=fields.Date.context_today)
    span = fields.Selection(
        [
            ("year", "Since the start of the fiscal year"),
            ("twelve", "Over twelve months"),
        ],
        string="What Happens is Counted",
        required=True,
        default="year",
        help="Entries, turnover, pay and the like; people and treasury are those of "
        "the day.",
    )
    team_id = fields.Many2one(
        "cae.team",
        string="Site or Team",
        check_company=True,
        help="People of this team on the day, as the log of changes has it.",
    )
    coach_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="People whom this coach supported on the day, as the log of changes has "
        "it.",
    )
    trade = fields.Char(
        help="A word of the trade of an activity that people held on the day."
    )
    entry_from = fields.Date(
        string="Cohort From", help="People who entered on this day or later."
    )
    entry_to = fields.Date(
        string="Cohort Until", help="People who entered on this day or before."
    )
    tiles = fields.Json(compute="_compute_tiles")

    @api.depends(
        *("company_id", "date", "span", "team_id", "coach_id", "trade"),
        *("entry_from", "entry_to"),
    )
    @api.depends_context("uid", "lang")
    def _compute_tiles(self):
        for cockpit in self:
            cockpit.tiles = cockpit.date and cockpit._tiles()

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for cockpit in self:
            cockpit.display_name = self.env._("Cockpit")

    # ------------------------------------------------------------------
    # What is asked
    # ------------------------------------------------------------------

    def _figures(self):
        """The model of the figures, for the company of this screen."""
        return self.env["cae.key.figures"].with_company(self.company_id)

    def _filters(self) -> dict:
        """The choice of people, as programs give it."""
        return {
            "coach": self.coach_id.id,
            "team": self.team_id.id,
            "trade": (self.trade or "").strip(),
            "entry_from": fields.Date.to_string(self.entry_from) or "",
            "entry_to": fields.Date.to_string(self.entry_to) or "",
        }

    def _question(self):
        """``(period, choice)`` of this screen."""
        figures = self._figures()
        choice = figures._choice(self._filters())
        return figures._period(self.date, self.span), choice

    # ------------------------------------------------------------------
    # Tiles
    # ------------------------------------------------------------------

    def _tiles(self) -> list[dict]:
        """``[{"name", "figures": [tile]}]`` by group, in order."""
        figures = self._figures()
        day = fields.Date.to_string(self.date)
        rows = figures.overview(day, self._filters(), self.span)
        opening = figures._opening()
        names = dict(
            self.env["cae.figure"]._fields["group"]._description_selection(self.env)
        )
        tiles = {group: [] for group, _name in GROUPS}
        for row in rows:
            tiles[row["group"]].append(self._tile(row, row["key"] in opening))
        return [
            {"name": names[group], "figures": found}
            for group, found in tiles.items()
            if found
        ]

    def _tile(self, row, opens) -> dict:
        unit, value, before = row["unit"], row["value"], row["last_year"]
        return {
            "key": row["key"],
            "name": row["name"],
            "value": self._shown(value, unit),
            "hidden": row["hidden"],
            "last_year": self._shown(before, unit),
            "change": self._change(value, before, unit),
            "definition": row["definition"],
            "source": row["source"],
            "national": self._national(row["national"], unit),
            "opens": opens and value is not False,
            "draws": value is not False,
        }

    def _shown(self, value, unit) -> str:
        """A value as people read it; nothing when it is not known."""
        if value is False:
            return ""
        if unit == "amount":
            currency = self.company_id.currency_id
            return format_amount(
                self.env, round(value), currency, trailing_zeroes=False
            )
        digits = {"count": 0, "percent": 1, "hours": 1, "jobs": 1}[unit]
        text = formatLang(self.env, value, digits=digits)
        if unit == "percent":
            return self.env._("%(number)s %%", number=text)
        return self.env._("%(number)s h", number=text) if unit == "hours" else text

    def _change(self, value, before, unit) -> str:
        """What changed within a year: people in number, percentages in points, the
        rest in percent."""
        relative = unit not in ("count", "percent")
        if value is False or before is False or (relative and not before):
            return ""
        change = value - before
        if not change:
            return ""
        if relative:
            change = 100 * change / abs(before)
        text = formatLang(self.env, change, digits=0 if unit == "count" else 1)
        text = f"+{text}" if change > 0 else text
        if unit == "count":
            return text
        if unit == "percent":
            return self.env._("%(number)s points", number=text)
        return self.env._("%(number)s %%", number=text)

    def _national(self, national, unit):
        if not national:
            return False
        day = fields.Date.to_date(national["date"])
        return {
            "value": self._shown(national["value"], unit),
            "year": format_date(self.env, day, "MMMM y"),
            "source": national["source"],
            "url": national["url"],
            "to_confirm": national["to_confirm"],
        }

    # ------------------------------------------------------------------
    # Further
    # ------------------------------------------------------------------

    def action_open_records(self, key: str) -> dict:
        """The records that a figure counts.

        :raises UserError: ``CAE-FIGURES-KEY`` when the user may not read any
        """
        self.ensure_one()
        return self._figures()._open(key, *self._question())

    def action_open_series(self, key: str) -> dict:
        """A figure over the last three years, month by month.

        :raises UserError: ``CAE-FIGURES-KEY``
        """
        self.ensure_one()
        keys = self._figures()._known_keys([key])
        action = self._series_action("month", 37, "graph,pivot,list", keys)
        figure = self.env["cae.figure"].search([("key", "=", key)])
        return {**action, "name": figure.name, "display_name": figure.name}

    def action_months(self) -> dict:
        """All figures of the last thirteen months."""
        return self._series_action("month", 13, "pivot,list,graph")

    def action_years(self) -> dict:
        """All figures of the last five fiscal years."""
        return self._series_action("year", 5, "pivot,list,graph")

    def action_survival(self) -> dict:
        """The curves of the cohorts, as of the day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cae_base.cae_survival_action"
        )
        domain = [("company_id", "=", self.company_id.id)]
        for name, operator, value in (
            ("team_id", "=", self.team_id.id),
            ("coach_id", "=", self.coach_id.id),
            ("date_entry", ">=", self.entry_from),
            ("date_entry", "<=", self.entry_to),
            (TRADE, "ilike", (self.trade or "").strip()),
        ):
            if value:
                domain.append((name, operator, value))
        context = {
            "cae_date": fields.Date.to_string(self.date),
            # Chosen cohorts are looked at as they are.
            "search_default_cohort": not (self.entry_from or self.entry_to),
        }
        return {**action, "domain": domain, "context": context}

    def _series_action(self, step, count, view_mode, keys=()):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cae_base.cae_figure_value_action"
        )
        views = {kind: view for view, kind in action["views"]}
        asked = {
            "keys": list(keys),
            "date": fields.Date.to_string(self.date),
            "step": step,
            "count": count,
            "filters": self._filters(),
        }
        return {
            **action,
            "views": [(views.get(kind, False), kind) for kind in view_mode.split(",")],
            "view_mode": view_mode,
            "context": {
                "cae_series": asked,
                "allowed_company_ids": self.company_id.ids,
            },
        }
