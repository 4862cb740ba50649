from decimal import Decimal, InvalidOperation

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import contribution as engine
from ..engine.texts import short, storable
from . import cae_contribution_words as words
from .cae_activity_api import number

#: Months left out are figured too: a simulation stays of a human length.
MAX_YEARS = 30
SIMULATED = ("invoiced", "collected", "purchases", "value_added")


class CaeContributionScheme(models.Model):
    """How activities contribute to the shared services: a sum of rules.

    The general meeting sets the bases, rates or amounts (Code du travail, R.7331-8).
    """

    _name = "cae.contribution.scheme"
    _description = "Contribution Scheme"
    _inherit = ["mail.thread"]
    _order = "code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        help="Short and stable name, such as STD10: files and other programs name the "
        "scheme by it.",
    )
    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self._default_company_id(),
        help="Empty: for all companies; whoever may not change those makes others.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    rule_ids = fields.One2many("cae.contribution.rule", "scheme_id", copy=True)
    decision = fields.Text(
        string="Decision of the General Meeting",
        tracking=True,
        help="The resolution that set the bases, rates or amounts (R.7331-8).",
    )
    decision_date = fields.Date(
        string="Decided on",
        tracking=True,
        help="Day of the general meeting that voted this scheme (R.7331-8).",
    )
    note = fields.Text(
        translate=True,
        help="For colleagues: whom the scheme is for, what was agreed.",
    )
    activity_ids = fields.One2many("cae.activity", "scheme_id")
    activity_count = fields.Integer(compute="_compute_activity_count")

    _code_uniq = models.UniqueIndex("(code)", "A scheme with this code already exists.")

    @api.model
    def _default_company_id(self):
        shared = self.env.user._cae_writes_shared()
        return self.env["res.company"] if shared else self.env.company

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for scheme in self:
            company = scheme.company_id or self.env.company
            scheme.currency_id = company.currency_id

    @api.depends("activity_ids")
    @api.depends_context("allowed_company_ids")
    def _compute_activity_count(self):
        counts = dict(
            self.env["cae.activity"]._read_group(
                [("scheme_id", "in", self.ids)], ["scheme_id"], ["__count"]
            )
        )
        for scheme in self:
            scheme.activity_count = counts.get(scheme, 0)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for scheme in self:
            code = scheme.code and f"[{scheme.code}]"
            parts = [part for part in (code, scheme.name) if part]
            scheme.display_name = " ".join(parts) or False

    @api.constrains("rule_ids")
    def _check_rules(self):
        """:raises ValidationError: ``CAE-SCHEME-…``, see the engine's checks"""
        for scheme in self:
            try:
                engine.check_rules(list(scheme._engine_rules().values()))
            except engine.ContributionError as error:
                words.refuse(self.env, error)

    @api.constrains("company_id")
    def _check_company(self):
        foreign = self.env["cae.activity"].sudo()  # sudo: activities of all companies
        for scheme in self.filtered("company_id"):
            if foreign.with_context(active_test=False).search_count(
                [
                    ("scheme_id", "=", scheme.id),
                    ("company_id", "!=", scheme.company_id.id),
                ],
                limit=1,
            ):
                raise ValidationError(
                    self.env._(
                        "CAE-SCHEME-COMPANY: activities of another company have the "
                        "scheme %(scheme)s.",
                        scheme=scheme.display_name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            # Rules of rights look at what it was, not at what it becomes.
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        # The database would delete the rules without asking them.
        self.with_context(active_test=False).rule_ids._unlink_except_charged()

    def copy_data(self, default=None):
        """A copy has a free code; that of a shared scheme is the company's own."""
        given = default or {}
        company = self.env.company
        return [
            {
                **vals,
                "code": given.get("code") or scheme._free_code(),
                "company_id": given.get(
                    "company_id", (scheme.company_id or company).id
                ),
            }
            for scheme, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _free_code(self):
        """The first of ``CODE-2``, ``CODE-3``… that no scheme has."""
        taken = self.with_context(active_test=False).search(
            [("code", "=like", f"{self.code}-%")]
        )
        codes, rank = set(taken.mapped("code")), 2
        while f"{self.code}-{rank}" in codes:
            rank += 1
        return f"{self.code}-{rank}"

    def action_open_activities(self) -> dict:
        """Activities that have this scheme."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Activities"),
            "res_model": "cae.activity",
            "view_mode": "list,kanban,form",
            "domain": [("scheme_id", "in", self.ids)],
        }

    def action_compare(self) -> dict:
        """Try these schemes on the past twelve months; nothing is booked."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Schemes"),
            "res_model": "cae.contribution.comparison",
            "view_mode": "form",
            "context": {"default_scheme_ids": [(6, 0, self.ids)]},
        }

    # ------------------------------------------------------------------
    # Engine
    # ------------------------------------------------------------------

    def _engine_rules(self):
        """``{rule: engine rule}`` in order."""
        return {rule: rule._engine_rule() for rule in self.rule_ids.sorted(_by_rank)}

    @api.model
    def simulate(self, code: str, months: list[dict]) -> list[dict]:
        """What a scheme charges for given figures, in euros excluding VAT.

        The first month given is the first of the activity, whose contract is a CESA;
        a month left out is zero; each fiscal year starts at zero.

        :param code: code of the scheme
        :param months: ``[{"month": "2026-01", "invoiced", "collected", "purchases",
            "value_added"}]`` in order; an amount left out is zero
        :return: ``[{"month", "amount", "explanation"}]``, a month left out included;
            the explanation is text in the user's language, one sentence per line
        :raises UserError: ``CAE-SCHEME-UNKNOWN``, ``CAE-PERIOD-MONTH``,
            ``CAE-SIMULATE-MONTHS``, ``CAE-SIMULATE-AMOUNT``; ``ValidationError``
            ``CAE-CONTRIBUTION-MONTHS`` when the months are not in order
        """
        scheme = self._by_code(code)
        figures = [self._simulated_month(values) for values in self._listed(months)]
        self._check_span(figures)
        rules = scheme._engine_rules()
        try:
            charges = engine.simulate(
                list(rules.values()), figures, first_month=self._first_month()
            )
        except engine.ContributionError as error:
            words.refuse(self.env, error)
        return [scheme._simulation(charge) for charge in charges]

    @api.model
    def _by_code(self, code):
        """:raises UserError: ``CAE-SCHEME-UNKNOWN``"""
        domain = [("company_id", "in", (False, self.env.company.id))]
        scheme = storable(code) and self.search([("code", "=", code), *domain])
        if not scheme:
            raise UserError(
                self.env._("CAE-SCHEME-UNKNOWN: no scheme %(code)s.", code=short(code))
            )
        return scheme

    @api.model
    def _listed(self, months):
        if isinstance(months, list) and all(isinstance(row, dict) for row in months):
            return months
        raise UserError(
            self.env._(
                "CAE-SIMULATE-MONTHS: give a list of months, each with its figures."
            )
        )

    @api.model
    def _check_span(self, figures):
        years = {month.month.year for month in figures}
        if years and max(years) - min(years) > MAX_YEARS:
            raise UserError(
                self.env._(
                    "CAE-SIMULATE-MONTHS: the months are more than %(years)s years "
                    "apart.",
                    years=MAX_YEARS,
                )
            )

    @api.model
    def _simulated_month(self, values):
        unknown = sorted(set(map(str, values)) - {"month", *SIMULATED})
        if unknown:
            raise UserError(
                self.env._(
                    "CAE-SIMULATE-MONTHS: unknown figures %(names)s; known: %(known)s.",
                    names=", ".join(unknown),
                    known=", ".join(SIMULATED),
                )
            )
        month = self.env["cae.period"]._parse_month(values.get("month"))
        amounts = {name: self._amount(values.get(name)) for name in SIMULATED}
        return engine.MonthFigures(month, **amounts)

    @api.model
    def _amount(self, value):
        """The decimal written as ``value``, which a float is meant to be."""
        if value is None or value is False or value == "":
            return Decimal(0)
        try:
            amount = Decimal(str(value))
        except (InvalidOperation, ValueError):  # also an integer too long to write
            amount = Decimal("NaN")
        if not amount.is_finite() or abs(amount) >= 10**15:
            raise UserError(
                self.env._(
                    "CAE-SIMULATE-AMOUNT: %(value)s is no amount.", value=short(value)
                )
            )
        return amount

    @api.model
    def _first_month(self):
        """Month in which the fiscal year of the company starts, 1 to 12."""
        return int(self.env.company.fiscalyear_last_month) % 12 + 1

    def _simulation(self, charge):
        told = [
            words.sentences(self.env, one.explanation.as_dict(), self.currency_id)
            for one in charge.charges
        ]
        return {
            "month": f"{charge.month:%Y-%m}",
            "amount": number(charge.amount),
            "explanation": "\n".join(told),
        }


def _by_rank(rule):
    return rule.sequence, rule._origin.id
