from odoo import fields, models

from .cae_ledger import PURCHASES, SALES


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
    rate = fields.Float(string="Rate (%)", digits=(7, 4))
    bracket_ids = fields.One2many("cae.contribution.bracket", "rule_id", copy=True)
    bracket_mode = fields.Selection(
        [
            ("marginal", "Each slice at its own rate"),
            ("whole", "All at the rate reached"),
        ],
        required=True,
        default="marginal",
    )
    amount = fields.Monetary(string="Amount per Month")
    floor_month = fields.Monetary(string="Minimum per Month")
    floor_year = fields.Monetary(
        string="Minimum per Year", help="A twelfth of it for each month to date."
    )
    floor_by_contract = fields.Boolean(
        string="Minimum by Contract",
        help="Minimums per month by kind of contract, in place of the other ones.",
    )
    floor_cape = fields.Monetary(string="Minimum per Month (CAPE)")
    floor_cesa = fields.Monetary(string="Minimum per Month (CESA)")
    floor_employee = fields.Monetary(string="Minimum per Month (Employees)")
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
    for_cape = fields.Boolean(string="CAPE", default=True)
    for_cesa = fields.Boolean(string="CESA", default=True)
    for_employee = fields.Boolean(string="Ordinary Contracts", default=True)
    categ_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Sales of these categories and of those below them; all when empty.",
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
    date_from = fields.Date(string="Valid from")
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

    _code_uniq = models.UniqueIndex(
        "(scheme_id, code)", "This scheme already has a rule with this code."
    )
