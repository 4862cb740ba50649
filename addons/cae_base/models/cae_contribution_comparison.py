from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import contribution_compare as engine
from .cae_contribution_whatif import MONTHS, ContributionWhatIf

#: What results depend on.
QUESTION = {"company_id", "month", "rules_date", "scheme_ids"}


class CaeContributionComparison(models.Model):
    """What the meeting looks at before it votes: schemes on the real past year.

    Nothing is written to the books.
    """

    _name = "cae.contribution.comparison"
    _description = "Comparison of Schemes"
    _order = "month desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True, default=lambda self: self.env._("Comparison of schemes")
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(
        string="Last Month",
        required=True,
        default=lambda self: self._last_full_month(),
        help="Last of the twelve months; any day of it.",
    )
    date_from = fields.Date(compute="_compute_dates", string="From")
    date_to = fields.Date(compute="_compute_dates", string="To")
    rules_date = fields.Date(
        string="Rules in Force on",
        required=True,
        default=fields.Date.context_today,
        help="Rules of the compared schemes that hold that day count over all twelve "
        "months. A date in the future tries rules that begin then.",
    )
    scheme_ids = fields.Many2many(
        "cae.contribution.scheme",
        string="Schemes Compared",
        check_company=True,
        context={"active_test": False},
        help="Archived ones too: models of other cooperatives can be tried as they "
        "are.",
    )
    computed_at = fields.Datetime(string="Computed on", readonly=True, copy=False)
    total_ids = fields.One2many(
        "cae.contribution.comparison.total", "comparison_id", string="Totals"
    )
    line_ids = fields.One2many(
        "cae.contribution.comparison.line", "comparison_id", string="Activities"
    )
    activity_count = fields.Integer(
        compute="_compute_activity_count", string="Number of Activities"
    )

    @api.model
    def _last_full_month(self):
        today = fields.Date.context_today(self)
        return today.replace(day=1) - relativedelta(months=1)

    @api.depends("month")
    def _compute_dates(self):
        for comparison in self:
            month = comparison.month and comparison.month.replace(day=1)
            comparison.date_from = month and month - relativedelta(months=MONTHS - 1)
            comparison.date_to = month and month + relativedelta(months=1, days=-1)

    @api.depends("total_ids")
    def _compute_activity_count(self):
        for comparison in self:
            total = comparison.total_ids[:1]
            comparison.activity_count = (
                total.more_count + total.less_count + total.same_count
            )

    @api.depends("name", "month")
    def _compute_display_name(self):
        for comparison in self:
            month = f" {comparison.month:%m/%Y}" if comparison.month else ""
            comparison.display_name = f"{comparison.name or ''}{month}"

    def write(self, vals):
        if QUESTION & set(vals):
            self._drop_results()
        return super().write(vals)

    def _drop_results(self):
        # sudo: results are written by the computation alone; who may change the
        # question may drop its answer.
        results = self.sudo()
        results.total_ids.unlink()
        results.line_ids.unlink()
        results.computed_at = False

    # ------------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------------

    def action_compute(self) -> bool:
        """Figure the twelve months again, for all activities of the company.

        :raises UserError: ``CAE-COMPARE-SCHEMES`` without any scheme,
            ``CAE-COMPARE-RULES`` when one has no rule in force on the day
        """
        for comparison in self:
            comparison.check_access("write")
            comparison.lock_for_update()
            comparison._compare()
        return True

    def _compare(self):
        outcomes = list(self._what_if().outcomes())
        self._drop_results()
        # sudo: nobody else writes results, so that they are what was computed.
        results = self.sudo()
        results.env["cae.contribution.comparison.line"].create(
            [self._prepare_line_vals(outcome) for outcome in outcomes]
        )
        results.env["cae.contribution.comparison.total"].create(
            [self._prepare_total_vals(scheme, outcomes) for scheme in self.scheme_ids]
        )
        results.computed_at = fields.Datetime.now()

    def _what_if(self):
        company = self.company_id.with_company(self.company_id)
        schemes = self.scheme_ids.with_env(company.env)
        if not schemes:
            raise UserError(
                self.env._("CAE-COMPARE-SCHEMES: choose the schemes to compare.")
            )
        last: date = self.month.replace(day=1)
        found = ContributionWhatIf(company, last, schemes, self.rules_date)
        without = found.without_rules()
        if without:
            raise UserError(
                self.env._(
                    "CAE-COMPARE-RULES: no rule in force on %(date)s in %(schemes)s. "
                    "Choose another day, or complete the scheme.",
                    date=fields.Date.to_string(self.rules_date),
                    schemes=", ".join(without.mapped("code")),
                )
            )
        return found

    def _prepare_line_vals(self, outcome):
        change = outcome.change
        return {
            "comparison_id": self.id,
            "activity_id": outcome.activity.id,
            "current_scheme_id": outcome.activity.scheme_id.id,
            "scheme_id": outcome.scheme.id,
            "turnover": float(outcome.turnover),
            "charged": float(outcome.charged),
            "current_amount": float(change.current),
            "amount": float(change.amount),
            "difference": float(change.difference),
            "difference_rate": float(change.rate or 0),
            "current_share": _share(change.current, outcome.turnover),
            "share": _share(change.amount, outcome.turnover),
            "outcome": change.outcome,
            "band": change.band,
            "details": outcome.details,
        }

    def _prepare_total_vals(self, scheme, outcomes):
        mine = [outcome for outcome in outcomes if outcome.scheme == scheme]
        found = engine.summary(outcome.change for outcome in mine)
        turnover = sum(outcome.turnover for outcome in mine)
        return {
            "comparison_id": self.id,
            "scheme_id": scheme.id,
            "turnover": float(turnover),
            "charged": float(sum(outcome.charged for outcome in mine)),
            "current_amount": float(found.current),
            "amount": float(found.amount),
            "difference": float(found.difference),
            "difference_rate": float(
                engine.percent(found.difference, found.current) or 0
            ),
            "share": _share(found.amount, turnover),
            "more_count": found.more_count,
            "more_amount": float(found.more_amount),
            "most_more": float(found.most_more),
            "less_count": found.less_count,
            "less_amount": float(found.less_amount),
            "most_less": float(found.most_less),
            "same_count": found.same_count,
        }

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_open_lines(self) -> dict:
        """Activities, to sort, group and export."""
        return self._open_lines(self.env._("Who pays more, who pays less"), "list")

    def action_open_graph(self) -> dict:
        """How many activities there are in each band of difference."""
        return self._open_lines(self.env._("Distribution"), "graph")

    def _open_lines(self, name, first):
        modes = ["list", "graph", "pivot", "form"]
        modes.sort(key=lambda mode: mode != first)  # keeps the order of the others
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "cae.contribution.comparison.line",
            "view_mode": ",".join(modes),
            "domain": [("comparison_id", "in", self.ids)],
            "context": {"search_default_group_by_scheme": first == "list"},
        }


def _share(amount, turnover):
    """``amount`` in percent of the turnover; 0 without any."""
    return float(engine.percent(amount, turnover) or 0)
