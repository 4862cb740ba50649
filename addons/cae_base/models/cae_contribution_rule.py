from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import contribution as engine
from ..engine.money import decimal
from . import cae_contribution_words as words
from .cae_ledger import PURCHASES, SALES
from .cae_ledger_figures import Filters

# Only code can hold this object, so that no call skips the checks.
PENDING = object()
KINDS = ("cape", "cesa", "employee")
TERMS = (
    "basis",
    "mode",
    "rate",
    "bracket_ids",
    "amount",
    "floor_month",
    "floor_year",
    "floor_by_contract",
    "floor_cape",
    "floor_cesa",
    "floor_employee",
    "ceiling_month",
    "ceiling_year",
    "internal_rate",
    "free_months",
    "date_from",
    "date_to",
)
FILTERS = (
    *("account_prefixes", "bracket_mode", "categ_ids", "for_cape", "for_cesa"),
    *("for_employee", "loss_prefixes", "never_negative"),
    *("own_internal_rate", "product_ids", "prorata", "purchase_prefixes"),
)


class CaeContributionRule(models.Model):
    """One rule of a scheme: what it counts, at which rate, within which limits."""

    _name = "cae.contribution.rule"
    _description = "Contribution Rule"
    _order = "scheme_id, sequence, id"

    scheme_id = fields.Many2one(
        "cae.contribution.scheme", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="scheme_id.company_id")
    currency_id = fields.Many2one(related="scheme_id.currency_id")
    sequence = fields.Integer(default=10)
    code = fields.Char(
        required=True, help="Short and stable name of the rule within its scheme."
    )
    name = fields.Char(
        string="Label",
        required=True,
        translate=True,
        help="On journal items and on the statements of the entrepreneurs.",
    )
    basis = fields.Selection(
        [
            ("invoiced", "Turnover invoiced"),
            ("collected", "Turnover collected"),
            ("gross_margin", "Gross margin"),
            ("value_added", "Value added"),
            ("fixed", "Fixed amount"),
        ],
        required=True,
        default="invoiced",
        help="Gross margin: turnover invoiced less purchases. Value added: turnover "
        "invoiced less accounts 60, 61 and 62.",
    )
    mode = fields.Selection(
        [("to_date", "Year to date"), ("month", "Each month alone")],
        string="Computed on",
        required=True,
        default="to_date",
        help="Year to date: what is due since the start of the fiscal year, less what "
        "was charged. Each month alone: a month never corrects another one.",
    )
    rate = fields.Float(
        string="Rate (%)",
        digits=(7, 4),
        help="One rate for all of the base: 10 for 10 %. Left at 0 when there are "
        "brackets, or a fixed amount.",
    )
    bracket_ids = fields.One2many("cae.contribution.bracket", "rule_id", copy=True)
    bracket_mode = fields.Selection(
        [
            ("marginal", "Each slice at its own rate"),
            ("whole", "All at the rate reached"),
        ],
        required=True,
        default="marginal",
        help="With 11 % up to 40,000 and 10 % beyond, 50,000 give 4,400 + 1,000 = "
        "5,400 when each slice has its own rate, and 5,000 when all of it has the"
        " rate reached.",
    )
    own_internal_rate = fields.Boolean(
        string="Own Rate between Activities",
        help="Sales to other activities, less purchases from them where the basis "
        "deducts purchases, at a rate of their own. Else they count as the others do.",
    )
    internal_rate = fields.Float(
        string="Rate between Activities (%)",
        digits=(7, 4),
        help="0: sales between activities do not count.",
    )
    amount = fields.Monetary(
        string="Amount per Month",
        help="Fixed amount of each month, such as 16 for an insurance.",
    )
    floor_month = fields.Monetary(
        string="Minimum per Month",
        help="Least contribution of a month, such as 40; 0: none.",
    )
    floor_year = fields.Monetary(
        string="Minimum per Year", help="A twelfth of it for each month to date."
    )
    floor_by_contract = fields.Boolean(
        string="Minimum by Contract",
        help="Minimums per month by kind of contract, in place of the other ones.",
    )
    floor_cape = fields.Monetary(
        string="Minimum per Month (CAPE)",
        help="Least contribution of a month while the person has a CAPE; 0: none.",
    )
    floor_cesa = fields.Monetary(
        string="Minimum per Month (CESA)",
        help="Least contribution of a month while the person has a CESA; 0: none.",
    )
    floor_employee = fields.Monetary(
        string="Minimum per Month (Employees)",
        help="Least contribution of a month while the person has an ordinary contract;"
        " 0: none.",
    )
    ceiling_month = fields.Monetary(string="Maximum per Month", help="0: none.")
    ceiling_year = fields.Monetary(
        string="Maximum per Year", help="0: none. For the fiscal year, not split."
    )
    never_negative = fields.Boolean(
        default=True, help="A negative base gives no money back below zero."
    )
    prorata = fields.Selection(
        [("month", "Whole months"), ("day", "Days")],
        required=True,
        default="month",
        help="Amounts and minimums of a month in which the activity opens or closes.",
    )
    free_months = fields.Integer(
        help="The first months of each activity, that of its opening included, that "
        "do not count.",
    )
    for_cape = fields.Boolean(
        string="CAPE",
        default=True,
        help="The rule counts in the months in which the holder has a CAPE.",
    )
    for_cesa = fields.Boolean(
        string="CESA",
        default=True,
        help="The rule counts in the months in which the holder has a CESA.",
    )
    for_employee = fields.Boolean(
        string="Ordinary Contracts",
        default=True,
        help="The rule counts in the months in which the holder has an ordinary "
        "contract.",
    )
    categ_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Sales of these categories and of those below them; all when empty.",
    )
    product_ids = fields.Many2many(
        "product.product",
        string="Products",
        help="Sales of these products; all when empty.",
    )
    account_prefixes = fields.Char(
        string="Sales Accounts",
        required=True,
        default=lambda self: ", ".join(SALES),
        help="Account prefixes of the turnover, with commas between them.",
    )
    purchase_prefixes = fields.Char(
        string="Purchase Accounts",
        required=True,
        default=lambda self: ", ".join(PURCHASES),
        help="Account prefixes that the gross margin deducts, with commas between "
        "them.",
    )
    loss_prefixes = fields.Char(
        string="Losses Given Back",
        help="Account prefixes, with commas between them, of what is lost and deducted "
        "from the turnover invoiced: bad debts (654, 6714), allowances (68174, 78174), "
        "discounts for early payment (665). Empty: nothing is given back.",
    )
    date_from = fields.Date(
        string="Valid from",
        help="First day; empty: always. To change a rate, end the old rule on the day "
        "before and start a new one.",
    )
    date_to = fields.Date(string="Valid to", help="Last day.")
    charge_account_id = fields.Many2one(
        "account.account",
        company_dependent=True,
        help="Debited to the activity; the company's own by default (186).",
    )
    income_account_id = fields.Many2one(
        "account.account",
        company_dependent=True,
        help="Credited to the shared services; the company's own by default (187).",
    )
    line_ids = fields.One2many("cae.contribution.line", "rule_id")
    defect = fields.Text(
        compute="_compute_defect", help="What the scheme would be refused for."
    )

    _code_uniq = models.UniqueIndex(
        "(scheme_id, code)", "This scheme already has a rule with this code."
    )

    @api.depends("code", *TERMS, "bracket_ids.upper", "bracket_ids.rate")
    @api.depends_context("lang")
    def _compute_defect(self):
        for rule in self:
            rule.defect = rule._defect()

    def _defect(self):
        """What is wrong with a rule that is being written, nothing while it is new."""
        if not (self.code and (self.rate or self.bracket_ids or self.amount)):
            return False
        told = words.translator(self.env)
        problems = engine.problems([self._engine_rule()])
        return "\n".join(problem.message(told) for problem in problems) or False

    @api.constrains("code", *TERMS)
    def _check_terms(self):
        if self.env.context.get("cae_brackets") is not PENDING:
            self.scheme_id._check_rules()

    @api.constrains("for_cape", "for_cesa", "for_employee")
    def _check_contracts(self):
        for rule in self:
            if not any(rule[f"for_{kind}"] for kind in KINDS):
                raise ValidationError(
                    self.env._(
                        "CAE-SCHEME-CONTRACT: rule %(rule)s is for no contract at all.",
                        rule=rule.code,
                    )
                )

    @api.constrains("account_prefixes", "purchase_prefixes", "loss_prefixes")
    def _check_filters(self):
        for rule in self:
            losses = rule._losses() or not rule.loss_prefixes
            if not (rule._sales() and rule._purchases() and losses):
                raise ValidationError(
                    self.env._(
                        "CAE-SCHEME-ACCOUNTS: rule %(rule)s: write account prefixes as "
                        "digits, with commas between them.",
                        rule=rule.code,
                    )
                )

    def write(self, vals):
        before = self._told_terms()
        # The brackets change one by one; the rule is checked when all are written.
        rules = self.with_context(cae_brackets=PENDING)
        result = super(CaeContributionRule, rules).write(vals)
        if "scheme_id" in vals:
            # Rules of rights look at where it was, not at where it goes.
            self.check_access("write")
        self._check_terms()
        self._log_terms(before)
        return result

    def _told_terms(self):
        """``{rule id: {label: value in words}}`` of what decides amounts."""
        return {
            rule.id: {
                rule._fields[name]._description_string(self.env): rule._told(name)
                for name in (*TERMS, *FILTERS)
            }
            for rule in self
        }

    def _told(self, name):
        value = self[name]
        if name == "bracket_ids":
            return "; ".join(bracket._told() for bracket in value)
        if isinstance(value, models.BaseModel):
            return ", ".join(value.mapped("display_name"))
        return str(value) if value else "–"

    def _log_terms(self, before):
        """Keep on the scheme what was changed, by whom: the meeting decides it."""
        if self.env.context.get("cae_brackets") is PENDING:
            return  # the writing of the rule tells it all
        after = self._told_terms()
        for rule in self:
            changes = [
                f"{label}: {old} → {after[rule.id][label]}"
                for label, old in before[rule.id].items()
                if after[rule.id][label] != old
            ]
            if changes:
                body = f"{rule.code} – {', '.join(changes)}"
                rule.scheme_id._cae_note(body)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        charged = self.env["cae.contribution.line"].search_count(
            [("rule_id", "in", self.ids)], limit=1
        )
        if charged:
            raise UserError(
                self.env._(
                    "CAE-SCHEME-CHARGED: contributions were charged by this rule. Give "
                    "it an end date instead of deleting it."
                )
            )

    # ------------------------------------------------------------------
    # Engine
    # ------------------------------------------------------------------

    def _engine_rule(self):
        """This rule as the engine takes it; amounts in euros, rates in percent."""
        self.ensure_one()
        rated = self.basis != "fixed" and not self.bracket_ids
        return engine.Rule(
            key=self.code or "",
            label=self.name or "",
            basis=self.basis,
            mode=self.mode,
            rate=_limit(self.rate, 4) if rated else None,
            brackets=self._engine_brackets(),
            bracket_mode=self.bracket_mode,
            amount=_limit(self.amount),
            internal_rate=self._engine_internal_rate(),
            floor_month=_limit(self.floor_month),
            floor_year=_limit(self.floor_year),
            floor_contracts=self._engine_floors(),
            ceiling_month=_limit(self.ceiling_month),
            ceiling_year=_limit(self.ceiling_year),
            prorata=self.prorata,
            free_months=self.free_months,
            contracts=self._engine_contracts(),
            date_from=self.date_from or None,
            date_to=self.date_to or None,
            never_negative=self.never_negative,
        )

    def _engine_internal_rate(self):
        """None: sales between activities count as the others do."""
        if self.basis == "fixed" or not self.own_internal_rate:
            return None
        return decimal(self.internal_rate, 4)

    def _engine_brackets(self):
        return tuple(
            engine.Bracket(_limit(bracket.upper), decimal(bracket.rate, 4))
            for bracket in self.bracket_ids.sorted(lambda b: (not b.upper, b.upper))
        )

    def _engine_floors(self):
        if not self.floor_by_contract:
            return ()
        return tuple((kind, decimal(self[f"floor_{kind}"])) for kind in KINDS)

    def _engine_contracts(self):
        """Contract kinds concerned; empty for all, people without one included."""
        kinds = frozenset(kind for kind in KINDS if self[f"for_{kind}"])
        return frozenset() if len(kinds) == len(KINDS) else kinds

    def _by_kind(self):
        """Whether some rule looks at the contracts of the holders."""
        return any(rule.floor_by_contract or rule._engine_contracts() for rule in self)

    def _filters(self):
        """Which figures each of the rules counts: ``{rule id: Filters}``."""
        return {
            rule.id: Filters(
                sales=rule._sales(),
                purchases=rule._purchases(),
                losses=rule._losses(),
                categories=rule._categories(),
                products=frozenset(rule.product_ids.ids),
            )
            for rule in self
        }

    def _categories(self):
        """Ids of the product categories that count, those below them included."""
        if not self.categ_ids:
            return frozenset()
        below = [("id", "child_of", self.categ_ids.ids)]
        return frozenset(self.env["product.category"].search(below).ids)

    def _sales(self):
        return _prefixes(self.account_prefixes)

    def _purchases(self):
        return _prefixes(self.purchase_prefixes)

    def _losses(self):
        return _prefixes(self.loss_prefixes)

    def _accounts(self, company):
        """Accounts debited and credited: ``(charge, income)``."""
        rule = self.with_company(company)
        return (
            rule.charge_account_id or company.cae_charge_account_id,
            rule.income_account_id or company.cae_income_account_id,
        )


def _limit(value, digits=2):
    """A stored number as a limit: 0 stands for none."""
    return decimal(value, digits) if value else None


def _prefixes(text):
    """Account prefixes in ``text``; nothing when one is not made of digits."""
    parts = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    return parts if all(part.isdigit() for part in parts) else ()
