from odoo import api, fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    cae_shared_account_id = fields.Many2one(
        "account.analytic.account",
        string="Shared Services",
        help="Analytic account of the shared services (R.7331-9). Documents of the "
        "cooperative itself go there by default.",
    )
    cae_charge_account_id = fields.Many2one(
        "account.account",
        string="Internal Charges",
        help="Debited to the activity for its contribution (186 by default).",
    )
    cae_income_account_id = fields.Many2one(
        "account.account",
        string="Internal Income",
        help="Credited to the shared services for the contributions (187 by default).",
    )
    cae_internal_bank_account_id = fields.Many2one(
        "account.account",
        string="Internal Bank",
        help="Through which internal amounts are paid (181 by default).",
    )
    cae_journal_id = fields.Many2one(
        "account.journal",
        string="CAE Journal",
        help="Journal of contributions, internal sales and allocation entries.",
    )
    cae_bill_journal_id = fields.Many2one(
        "account.journal",
        string="Imported Bills",
        domain="[('type', '=', 'purchase')]",
        help="Journal of supplier bills that arrive with a number of their own: bills "
        "typed by hand keep a series to themselves.",
    )

    cae_legal_form = fields.Char(
        string="Legal Form and Register",
        help="Printed after the name on invoices of activities, such as: SCOP "
        "SARL à capital variable, RCS Nantes 123 456 789.",
    )

    cae_person_years = fields.Integer(
        string="Personal Data Kept (years)",
        default=6,
        required=True,
        help="Who left more years ago may be anonymised; the entries stay. Five at "
        "least: payslips and the register of the staff (Code du travail L.3243-4, "
        "R.1221-26); six with the papers for taxes (LPF L.102 B).",
    )
    cae_onboarding_hidden = fields.Boolean(
        string="First Steps Hidden",
        help="The list of the first steps of the cooperative shows no more.",
    )

    _cae_person_years_least = models.Constraint(
        "CHECK(cae_person_years BETWEEN 5 AND 50)",
        "CAE-ANONYMITY-YEARS: personal data are kept for 5 to 50 years after the exit.",
    )

    def _cae_configure(self):
        """Give French companies what the product needs; safe to call again."""
        for company in self.filtered(lambda c: c.chart_template == "fr"):
            company = company.with_company(company)._cae_in_french()
            vals = company._prepare_cae_configuration_vals()
            if vals:
                company.write(vals)

    def _cae_in_french(self):
        """What is made for a French chart has French names, where French is there."""
        french = self.env["res.lang"]._get_data(code="fr_FR")
        return self.with_context(lang="fr_FR") if french else self

    def _prepare_cae_configuration_vals(self):
        self.ensure_one()
        makers = {
            "cae_shared_account_id": self._cae_create_shared_account,
            "cae_charge_account_id": lambda: self._cae_chart_account("pcg_186"),
            "cae_income_account_id": lambda: self._cae_chart_account("pcg_187"),
            "cae_internal_bank_account_id": lambda: self._cae_chart_account("pcg_181"),
            "cae_journal_id": lambda: self._cae_journal(
                "CAE", "general", self.env._("CAE internal entries")
            ),
            "cae_bill_journal_id": lambda: self._cae_journal(
                "ACHIM", "purchase", self.env._("Imported supplier bills")
            ),
        }
        return {name: make().id for name, make in makers.items() if not self[name]}

    def _cae_chart_account(self, xmlid):
        chart = self.env["account.chart.template"].with_company(self)
        account = chart.ref(xmlid, raise_if_not_found=False)
        return account or self.env["account.account"]

    def _cae_create_shared_account(self):
        plan = self.env.ref("cae_base.analytic_plan_activities")
        # sudo: configuration of the company; analytic rights are not at stake.
        return (
            self.env["account.analytic.account"]
            .sudo()
            .create(
                {
                    "name": self.env._("Shared services"),
                    "code": "CAE",
                    "plan_id": plan.id,
                    "company_id": self.id,
                }
            )
        )

    def _cae_journal(self, code, kind, name):
        """A journal that nobody chooses by hand."""
        journal = self.env["account.journal"].search(
            [("code", "=", code), ("company_id", "=", self.id)], limit=1
        )
        return journal or self.env["account.journal"].create(
            {
                "name": name,
                "code": code,
                "type": kind,
                "company_id": self.id,
                "show_on_dashboard": False,
                "sequence": 90,
            }
        )

    @api.model
    def _cae_check_configured(self):
        """Configure the current company on first use, or say what is missing.

        :raises UserError: ``CAE-CONFIG-CHART``
        """
        company = self.env.company
        made = ("cae_shared_account_id", "cae_journal_id", "cae_bill_journal_id")
        if not all(company[name] for name in made):
            # sudo: first use may be by an accountant; only empty settings are set.
            company.sudo()._cae_configure()
        if not (company.cae_shared_account_id and company.cae_internal_bank_account_id):
            raise UserError(
                self.env._(
                    "CAE-CONFIG-CHART: %(company)s has no French chart of accounts. "
                    "Load it in Invoicing / Configuration / Settings, or choose the "
                    "accounts in CAE / Configuration / Settings.",
                    company=company.name,
                )
            )
        return company

    def _cae_share_debt_account(self):
        """Hook: what members owe for their shares is on it (4562); cae_governance."""
        return self.env["account.account"]

    def _cae_shares_withheld(self, move, undone):
        """Hook: pay was posted that may withhold shares; cae_governance answers.

        :param move: entry of the pay, or its reversal
        :param undone: the entries that it reverses; none for a pay
        """

    def _cae_time_zone(self):
        """Where the people are: days and hours on documents are those of there."""
        # sudo: whoever reads an hour, and not the contact of the company.
        contact = self.sudo().partner_id
        # At each page of the portal: not all fields of a contact.
        contact.fetch(["tz"])
        return contact.tz or "Europe/Paris"

    def _cae_today(self):
        """Today where the people are, whoever asks: tools have no clock."""
        here = self.with_context(tz=self._cae_time_zone())
        return fields.Date.context_today(here)
