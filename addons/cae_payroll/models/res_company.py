from datetime import date

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.money import decimal

from ..engine import PayrollError, booking, leave

#: Account of each key of a pay entry: ``{key: (field, account of the French chart)}``.
ACCOUNTS = {
    "wage": ("cae_pay_wage_account_id", "pcg_6411"),
    "charge_social": ("cae_pay_charge_social_account_id", "pcg_6451"),
    "charge_pension": ("cae_pay_charge_pension_account_id", "pcg_6453"),
    "charge_health": ("cae_pay_charge_health_account_id", "pcg_6452"),
    "net": ("cae_pay_net_account_id", "pcg_421"),
    "debt_social": ("cae_pay_debt_social_account_id", "pcg_431"),
    "debt_pension": ("cae_pay_debt_pension_account_id", "pcg_437"),
    "debt_health": ("cae_pay_debt_health_account_id", "pcg_437"),
    "accrued_wage": ("cae_accrued_wage_account_id", "pcg_4286"),
    "accrued_charge": ("cae_accrued_charge_account_id", "pcg_4386"),
    leave.WAGE: ("cae_leave_wage_account_id", "pcg_6412"),
    leave.DUE: ("cae_leave_due_account_id", "pcg_4282"),
    leave.BODIES: ("cae_leave_bodies_account_id", "pcg_4382"),
}
#: Account of what is withheld, by kind: ``{kind: (field, account of the chart)}``;
#: where the shares of members are booked is the company's choice.
WITHHELD = {
    booking.GARNISHMENT: ("cae_pay_garnishment_account_id", "pcg_427"),
    booking.ADVANCE: ("cae_pay_advance_account_id", "pcg_425"),
    booking.SUBSCRIPTION: ("cae_pay_subscription_account_id", None),
}
#: Accounts of the accrual of the variable part, by the key of its entry.
ACCRUAL = {
    "wage": "wage",
    "charge": "charge_social",
    "accrued_wage": "accrued_wage",
    "accrued_charge": "accrued_charge",
}
#: Accounts of what is set aside for leave, by the key of its part of an entry.
LEAVE = {**{key: key for key in leave.KEYS}, leave.CHARGES: "charge_social"}


class ResCompany(models.Model):
    _inherit = "res.company"

    cae_headcount = fields.Integer(
        string="Headcount",
        help="Staff counted for the thresholds of contributions (11, 50): mean of the "
        "months of the previous year (CSS L.130-1).",
    )
    cae_at_rate = fields.Float(
        string="Work Accidents (%)",
        digits=(6, 3),
        default=2.08,
        help="Rate notified to the company (AT/MP). 2.08 is the national mean of 2026.",
    )
    cae_mobility_rate = fields.Float(
        string="Mobility (%)",
        digits=(6, 3),
        help="Versement mobilité of the municipality, from 11 staff.",
    )
    cae_headcount_11_date = fields.Date(
        string="Obligations of 11 Staff From",
        help="A threshold that was crossed counts after five years (CSS L.130-1): "
        "contributions are those of fewer staff before this day. Empty: at once.",
    )
    cae_headcount_50_date = fields.Date(
        string="Obligations of 50 Staff From",
        help="As for 11 staff.",
    )
    cae_headcount_250_date = fields.Date(
        string="Obligations of 250 Staff From",
        help="As for 11 staff.",
    )
    cae_alsace_moselle = fields.Boolean(
        string="Alsace-Moselle",
        help="The local sickness scheme and the apprenticeship tax of Alsace-Moselle "
        "apply.",
    )
    cae_apprentice_share = fields.Float(
        string="Apprentices (%)",
        digits=(6, 3),
        default=5.0,
        help="Apprentices and the like in the staff. From 250 staff, a company under "
        "5 % owes the apprenticeship supplement (labour code, L.6242-1).",
    )
    cae_provident_rate = fields.Float(
        string="Provident Scheme (%)",
        digits=(6, 3),
        help="Both shares, on the pay up to the ceiling.",
    )
    cae_provident_total = fields.Monetary(
        string="Provident Premium",
        currency_field="currency_id",
        help="Premium of one person and month, both shares; it adds to the percentage.",
    )
    cae_provident_employer_share = fields.Float(
        string="Employer's Share of Provident (%)",
        digits=(6, 3),
        default=50.0,
        help="Part of the provident contributions that the cooperative pays: 50 for "
        "half, 100 for all of them.",
    )
    cae_provident_scope = fields.Selection(
        [
            ("all", "Everybody"),
            ("executive", "Executives"),
            ("other", "All but executives"),
        ],
        string="Provident Scheme For",
        default="all",
        required=True,
        help="Whose pay bears the provident contributions.",
    )
    cae_pay_progressive = fields.Boolean(
        string="Regularise Every Month",
        default=True,
        help="Ceiling and general reduction of the year to date, month by month (CSS "
        "R.242-2, D.241-9). Otherwise each month is computed alone, and the year is "
        "regularised in December, or in the month in which a contract ends.",
    )
    cae_health_total = fields.Monetary(
        string="Health Premium",
        currency_field="currency_id",
        help="Complementary health premium of one person and month, both shares.",
    )
    cae_health_employer_share = fields.Float(
        string="Employer's Share of Health (%)",
        digits=(6, 3),
        default=50.0,
        help="Part of the premium that the cooperative pays: 50 for half, which is the"
        " least (CSS L.911-7).",
    )
    cae_smic_hours_basis = fields.Selection(
        [("current", "SMIC in force"), ("rgdu", "SMIC of the general reduction")],
        string="Hours of Salaried Entrepreneurs",
        default="current",
        required=True,
        help="Which SMIC turns the pay of an entrepreneur into hours for the general "
        "reduction (CSS D.241-27). Compare with a payslip of your payroll provider.",
    )
    cae_tax_death_insurance = fields.Boolean(
        string="Tax Death Insurance",
        default=True,
        help="Whether the employer's death insurance of executives counts in the "
        "taxable net, as URSSAF's calculator does.",
    )
    cae_pay_rounding = fields.Selection(
        [("none", "Totals"), ("line", "Line by line, as payslips")],
        string="Rounding of Pay",
        default="none",
        required=True,
        help="Totals are rounded to the cent. Line by line, every base and amount is: "
        "the estimate is then that of a payslip, to the cent.",
    )
    cae_fixed_part_minimum = fields.Monetary(
        string="Minimum Fixed Part",
        currency_field="currency_id",
        help="Gross of a month that the cooperative asks of a CESA; a contract below "
        "it has a warning.",
    )
    cae_pay_policy = fields.Selection(
        [("none", "Fixed part only"), ("all", "All that is available")],
        string="Pay without a Request",
        default="none",
        required=True,
        help="What is proposed to a person who asked for nothing.",
    )
    cae_pay_reserve = fields.Monetary(
        string="Reserve",
        currency_field="currency_id",
        help="What an advance must leave available on each activity.",
    )
    cae_pay_overdraft_limit = fields.Monetary(
        string="Overdraft without Approval",
        currency_field="currency_id",
        help="How far a fixed part may overdraw the balance of a person without "
        "waiting for a payroll officer. A contract may have its own limit.",
    )
    cae_pay_approval = fields.Selection(
        [("overdraft", "Only overdrafts"), ("all", "All pay")],
        string="Pay to Approve",
        default="overdraft",
        required=True,
        help="Pay that waits for a payroll officer before it is posted. A fixed part "
        "that the balance does not cover always does.",
    )
    cae_leave_policy = fields.Selection(
        [
            ("none", "Not set aside"),
            ("included", "Included in the pay"),
            ("provision", "A part of each month's pay is set aside"),
        ],
        string="Paid Leave",
        default="none",
        required=True,
        help="Entrepreneurs have paid leave (Code du travail, L.7332-2). Set aside: "
        "each pay also books what its leave will cost (the rate is a payroll rate, "
        "leave_rate), so that nobody spends it before; an element of pay says when "
        "leave is taken.",
    )
    cae_pay_journal_id = fields.Many2one(
        "account.journal",
        string="Pay Journal",
        domain="[('type', '=', 'general'), ('company_id', '=', id)]",
        help="Journal of the entries of pay.",
    )
    cae_pay_wage_account_id = fields.Many2one(
        "account.account", string="Gross Pay", help="641"
    )
    cae_pay_charge_social_account_id = fields.Many2one(
        "account.account", string="Charges: URSSAF", help="6451"
    )
    cae_pay_charge_pension_account_id = fields.Many2one(
        "account.account", string="Charges: Pension Funds", help="6453"
    )
    cae_pay_charge_health_account_id = fields.Many2one(
        "account.account", string="Charges: Health and Death Cover", help="6452"
    )
    cae_pay_net_account_id = fields.Many2one(
        "account.account", string="Net Pay", help="421"
    )
    cae_pay_debt_social_account_id = fields.Many2one(
        "account.account", string="Due to URSSAF", help="431"
    )
    cae_pay_debt_pension_account_id = fields.Many2one(
        "account.account", string="Due to Pension Funds", help="437"
    )
    cae_pay_debt_health_account_id = fields.Many2one(
        "account.account", string="Due to the Health Insurer", help="437"
    )
    cae_pay_garnishment_account_id = fields.Many2one(
        "account.account", string="Garnishments", help="427"
    )
    cae_pay_advance_account_id = fields.Many2one(
        "account.account", string="Advances on Wages", help="425"
    )
    cae_pay_subscription_account_id = fields.Many2one(
        "account.account",
        string="Shares Withheld from Pay",
        help="Where the subscription of shares waits for the payment (456, 1013…). "
        "Empty: the account of what members owe for their shares (4562), so that what "
        "is withheld pays them.",
    )
    cae_accrued_wage_account_id = fields.Many2one(
        "account.account", string="Accrued Variable Part", help="4286"
    )
    cae_accrued_charge_account_id = fields.Many2one(
        "account.account", string="Accrued Charges on It", help="4386"
    )

    cae_leave_wage_account_id = fields.Many2one(
        "account.account", string="Leave Set Aside", help="6412"
    )
    cae_leave_due_account_id = fields.Many2one(
        "account.account", string="Leave Due", help="4282"
    )
    cae_leave_bodies_account_id = fields.Many2one(
        "account.account", string="Charges on Leave Due", help="4382"
    )

    _cae_headcount_positive = models.Constraint(
        "CHECK(cae_headcount >= 0)", "A headcount cannot be negative."
    )
    _cae_pay_rates_range = models.Constraint(
        "CHECK(cae_at_rate BETWEEN 0 AND 100 AND cae_mobility_rate BETWEEN 0 AND 100"
        " AND cae_health_employer_share BETWEEN 0 AND 100"
        " AND cae_provident_employer_share BETWEEN 0 AND 100"
        " AND cae_provident_rate BETWEEN 0 AND 100"
        " AND cae_apprentice_share BETWEEN 0 AND 100)",
        "A rate is between 0 and 100 percent.",
    )
    _cae_pay_amounts_positive = models.Constraint(
        "CHECK(cae_health_total >= 0 AND cae_provident_total >= 0"
        " AND cae_pay_reserve >= 0 AND cae_pay_overdraft_limit >= 0"
        " AND cae_fixed_part_minimum >= 0)",
        "A premium, a reserve or a limit cannot be negative.",
    )

    def _prepare_cae_configuration_vals(self):
        vals = super()._prepare_cae_configuration_vals()
        for name, xmlid in (*ACCOUNTS.values(), *WITHHELD.values()):
            if xmlid and not self[name]:
                vals[name] = self._cae_chart_account(xmlid).id
        if not self.cae_pay_journal_id:
            vals["cae_pay_journal_id"] = self._cae_create_pay_journal().id
        return vals

    def _cae_create_pay_journal(self):
        journal = self.env["account.journal"].search(
            [("code", "=", "PAIE"), ("company_id", "=", self.id)], limit=1
        )
        return journal or self.env["account.journal"].create(
            {
                "name": self.env._("Pay"),
                "code": "PAIE",
                "type": "general",
                "company_id": self.id,
                "show_on_dashboard": False,
            }
        )

    def _cae_pay_accounts(self, with_leave: bool = False) -> dict[str, int]:
        """``{key of an entry: account id}``.

        :param with_leave: also those of what is set aside for leave
        :raises UserError: ``CAE-PAY-CONFIG``
        """
        keys = {key: key for key in booking.KEYS}
        return self._cae_accounts({**keys, **LEAVE} if with_leave else keys)

    def _cae_leave_rate(self, day: date):
        """Fraction of the cost of pay that is set aside for leave.

        :raises UserError: ``CAE-PAY-RATE``
        """
        if self.cae_leave_policy != "provision":
            return decimal(0)
        rates = self.env["cae.payroll.rate"]
        try:
            return rates._rates_at(day).rate("leave_rate")
        except PayrollError as error:
            raise rates._error(error, day) from error

    def _cae_withheld_account(self, kind):
        """Account of what is withheld of pay, or none when it is to be chosen."""
        self.ensure_one()
        name, xmlid = WITHHELD[kind]
        if xmlid and not self[name]:
            # sudo: first use may be by a payroll officer; only empty settings are set.
            self.sudo()._cae_configure()
        if kind == booking.SUBSCRIPTION and not self[name]:
            return self._cae_share_debt_account()
        return self[name]

    def _cae_accrual_accounts(self) -> dict[str, int]:
        """``{key of an entry of accrual: account id}``.

        :raises UserError: ``CAE-PAY-CONFIG``
        """
        return self._cae_accounts(ACCRUAL)

    def _cae_accounts(self, keys):
        self.ensure_one()
        names = {key: ACCOUNTS[place][0] for key, place in keys.items()}
        if not (self.cae_pay_journal_id and all(self[n] for n in names.values())):
            # sudo: first use may be by an accountant; only empty settings are set.
            self.sudo()._cae_configure()
        if not (self.cae_pay_journal_id and all(self[n] for n in names.values())):
            raise UserError(
                self.env._(
                    "CAE-PAY-CONFIG: %(company)s has no pay journal or no accounts for "
                    "pay. Choose them in CAE / Configuration / Settings.",
                    company=self.name,
                )
            )
        return {key: self[name].id for key, name in names.items()}

    def _cae_pay_situation(self, day: date, executive: bool = False) -> dict:
        """The company's part of ``engine.Situation`` on a day."""
        self.ensure_one()
        provident = self._cae_provident_covers(executive)
        return {
            "headcount": decimal(self._cae_headcount_on(day), 0),
            "alsace_moselle": self.cae_alsace_moselle,
            "apprentice_share": decimal(self.cae_apprentice_share, 3),
            "provident_rate": decimal(self.cae_provident_rate if provident else 0.0, 3),
            "provident_total": decimal(self.cae_provident_total if provident else 0.0),
            "provident_employer_share": decimal(self.cae_provident_employer_share, 3),
            "at_rate": decimal(self.cae_at_rate, 3),
            "mobility_rate": decimal(self.cae_mobility_rate, 3),
            "health_total": decimal(self.cae_health_total),
            "health_employer_share": decimal(self.cae_health_employer_share, 3),
            "smic_hours_basis": self.cae_smic_hours_basis,
            "rounding": self.cae_pay_rounding,
            "tax_death_insurance": self.cae_tax_death_insurance,
        }

    def _cae_headcount_on(self, day: date) -> int:
        """Staff that counts: less than a threshold that does not bind yet."""
        dates = {
            11: self.cae_headcount_11_date,
            50: self.cae_headcount_50_date,
            250: self.cae_headcount_250_date,
        }
        later = [limit - 1 for limit, start in dates.items() if start and day < start]
        return min([self.cae_headcount, *later])

    def _cae_provident_covers(self, executive: bool) -> bool:
        """Whether the provident scheme covers executives, or the others."""
        wanted = {"all": executive, "executive": True, "other": False}
        return wanted[self.cae_provident_scope] == executive
