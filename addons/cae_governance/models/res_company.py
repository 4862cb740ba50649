from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: Accounts of the capital: ``{key: (field, account of the French chart)}``.
ACCOUNTS = {
    "unpaid": ("cae_capital_unpaid_account_id", "pcg_1012"),
    "paid": ("cae_capital_account_id", "pcg_1013"),
    "debt": ("cae_share_debt_account_id", "pcg_45625"),
    "refund": ("cae_share_refund_account_id", "pcg_4567"),
    "loss": ("cae_share_loss_account_id", "pcg_1063"),
}
#: Accounts of the surplus, likewise.
SURPLUS = {
    "result": ("cae_surplus_result_account_id", "pcg_120"),
    "legal": ("cae_legal_reserve_account_id", "pcg_1061"),
    "fund": ("cae_development_fund_account_id", "pcg_1063"),
    "work": ("cae_surplus_work_account_id", "pcg_4248"),
    "interest": ("cae_surplus_interest_account_id", "pcg_457"),
}


class ResCompany(models.Model):
    """What the statutes say of members and shares, and where shares are booked."""

    _inherit = "res.company"

    cae_own_member = fields.Boolean(
        string="I Am a Member",
        compute="_compute_cae_own_member",
        search="_search_cae_own_member",
        help="Whether the user is a member of this cooperative.",
    )
    cae_admission_by = fields.Selection(
        [
            ("meeting", "The general meeting"),
            ("board", "The board or the managers"),
            ("either", "Either of them"),
        ],
        string="Members Are Admitted by",
        default="meeting",
        required=True,
        help="As the statutes say; in a SCOP the meeting rules on the application of "
        "whoever is employed for a year (loi 78-763 art. 8). Check your statutes.",
    )
    cae_member_from = fields.Selection(
        [
            ("payment", "The first shares are paid"),
            ("subscription", "The first shares are subscribed"),
        ],
        string="Member When",
        default="payment",
        required=True,
        help="From which moment somebody who was admitted is a member, as the statutes"
        " say.",
    )
    cae_member_shares = fields.Integer(
        string="Shares of a Member",
        default=1,
        help="Shares that make a member, as the statutes say.",
    )
    cae_member_warning_months = fields.Integer(
        string="Months of Warning",
        default=6,
        help="How long before the deadline to become a member (three years, L.7331-3) "
        "the people concerned are listed and their coaches told.",
    )
    cae_secretary_id = fields.Many2one(
        "res.users",
        string="Governance Secretary",
        domain="[('share', '=', False), ('company_ids', 'in', id)]",
        help="Is reminded of the ends of mandates.",
    )
    cae_member_lost_with_contract = fields.Boolean(
        string="Membership Ends with the Contract",
        default=True,
        help="Whoever leaves the cooperative is a member no more, but for retirement, "
        "economic dismissal and unfitness (loi 78-763 art. 10 and 11), unless the "
        "statutes say otherwise.",
    )
    cae_retention_rate = fields.Float(
        string="Retained from Pay (%)",
        digits=(5, 2),
        help="Part of the gross pay that subscribes shares. Zero: nothing is retained.",
    )
    cae_retention_target = fields.Monetary(
        string="Up to",
        currency_field="currency_id",
        help="Amount of shares until which pay is retained.",
    )
    cae_retention_ceiling = fields.Float(
        string="At Most (%)",
        digits=(5, 2),
        default=5.0,
        help="Legal ceiling of the retention. 5 % of the pay is the common reading of "
        "loi 78-763 art. 35 and following; the text was not read: check it.",
    )
    cae_capital_floor_part = fields.Float(
        string="Capital Floor (% of the Highest)",
        digits=(5, 2),
        default=25.0,
        help="Redemptions never bring the capital under this part of the highest "
        "capital ever reached (a quarter in the statutes of the CG Scop).",
    )
    cae_capital_minimum = fields.Monetary(
        string="Lowest Capital",
        currency_field="currency_id",
        help="Legal or statutory minimum; redemptions never go under it.",
    )
    cae_capital_highest = fields.Monetary(
        string="Highest Capital before the Register",
        currency_field="currency_id",
        help="Highest capital reached before the first movement recorded here.",
    )
    cae_redemption_years = fields.Integer(
        string="Redemption Deferred up to (Years)",
        default=5,
        help="The cooperative may pay later, five years at most.",
    )
    cae_capital_journal_id = fields.Many2one(
        "account.journal",
        string="Capital Journal",
        domain="[('type', '=', 'general'), ('company_id', '=', id)]",
        help="Journal of the entries on the capital: subscriptions, payments, "
        "redemptions.",
    )
    cae_capital_unpaid_account_id = fields.Many2one(
        "account.account", string="Capital Not Paid Yet", help="1012"
    )
    cae_capital_account_id = fields.Many2one(
        "account.account", string="Paid Capital", help="1013"
    )
    cae_share_debt_account_id = fields.Many2one(
        "account.account",
        string="Owed by Members for Shares",
        help="4562. Pay that subscribes shares is withheld to this account too.",
    )
    cae_share_refund_account_id = fields.Many2one(
        "account.account", string="Capital to Redeem", help="4567"
    )
    cae_share_loss_account_id = fields.Many2one(
        "account.account",
        string="Losses Borne by Redeemed Shares",
        help="Credited with what a redeemed share is worth less than its nominal value "
        "(1063).",
    )

    cae_surplus_result_account_id = fields.Many2one(
        "account.account", string="Result to Share", help="120"
    )
    cae_legal_reserve_account_id = fields.Many2one(
        "account.account", string="Legal Reserve", help="1061"
    )
    cae_development_fund_account_id = fields.Many2one(
        "account.account", string="Development Fund", help="1063"
    )
    cae_surplus_work_account_id = fields.Many2one(
        "account.account", string="Part of Work to Pay", help="4248"
    )
    cae_surplus_interest_account_id = fields.Many2one(
        "account.account", string="Interest on Shares to Pay", help="457"
    )

    _cae_member_shares_positive = models.Constraint(
        "CHECK(cae_member_shares >= 1)", "A member holds one share at least."
    )
    _cae_member_rates_range = models.Constraint(
        "CHECK(cae_retention_rate BETWEEN 0 AND 100"
        " AND cae_retention_ceiling BETWEEN 0 AND 100"
        " AND cae_capital_floor_part BETWEEN 10 AND 100)",
        "A rate is between 0 and 100 percent; the capital floor is a tenth at least "
        "(C. com. L.231-5).",
    )
    _cae_redemption_years_range = models.Constraint(
        "CHECK(cae_redemption_years BETWEEN 0 AND 5)",
        "A redemption is deferred for five years at most.",
    )
    _cae_capital_positive = models.Constraint(
        "CHECK(cae_retention_target >= 0 AND cae_capital_minimum >= 0"
        " AND cae_capital_highest >= 0 AND cae_member_warning_months >= 0)",
        "Amounts and months cannot be negative.",
    )

    def _prepare_cae_configuration_vals(self):
        vals = super()._prepare_cae_configuration_vals()
        for name, xmlid in (*ACCOUNTS.values(), *SURPLUS.values()):
            if not self[name]:
                vals[name] = self._cae_chart_account(xmlid).id
        if not self.cae_capital_journal_id:
            journal = self._cae_journal("CAPIT", "general", self.env._("Capital"))
            vals["cae_capital_journal_id"] = journal.id
        return vals

    @api.depends_context("uid")
    def _compute_cae_own_member(self):
        mine = self.env.user._cae_member_companies()
        for company in self:
            company.cae_own_member = company.id in mine

    @api.model
    def _search_cae_own_member(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain("id", "in", self.env.user._cae_member_companies())
        return mine if True in value else ~mine

    def _cae_share_debt_account(self):
        return self.cae_share_debt_account_id

    def _cae_capital_accounts(self):
        """``{key of ACCOUNTS: account}``.

        :raises UserError: ``CAE-SHARE-CONFIG``
        """
        return self._cae_governance_accounts(ACCOUNTS)

    def _cae_surplus_accounts(self):
        """``{key of SURPLUS: account}``.

        :raises UserError: ``CAE-SHARE-CONFIG``
        """
        return self._cae_governance_accounts(SURPLUS)

    def _cae_governance_accounts(self, places):
        self.ensure_one()
        names = {key: name for key, (name, _xmlid) in places.items()}
        if not (self.cae_capital_journal_id and all(self[n] for n in names.values())):
            # sudo: first use may be by a secretary; only empty settings are set.
            self.sudo()._cae_configure()
        if not (self.cae_capital_journal_id and all(self[n] for n in names.values())):
            raise UserError(
                self.env._(
                    "CAE-SHARE-CONFIG: %(company)s has no capital journal or no "
                    "accounts for shares. Choose them in CAE / Configuration / "
                    "Settings.",
                    company=self.name,
                )
            )
        return {key: self[name] for key, name in names.items()}

    @api.model
    def _cae_check_capital_days(self, days):
        """Refuse days on which the current company's capital cannot be booked.

        :raises UserError: ``CAE-PERIOD-LOCKED``, ``CAE-LOCK-DATE``
        """
        # sudo: whether the books are open on a day is asked by secretaries too.
        company = self.env.company.sudo()
        company.env["cae.period"]._check_open(company, days)
        for day in sorted(days):
            locks = company._get_violated_lock_dates(
                day, False, company.cae_capital_journal_id
            )
            if locks:
                raise UserError(
                    self.env._(
                        "CAE-LOCK-DATE: the books are locked until %(date)s. Choose a "
                        "later date.",
                        date=fields.Date.to_string(locks[-1][0]),
                    )
                )
