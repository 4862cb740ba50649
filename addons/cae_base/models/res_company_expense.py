from odoo import fields, models

#: Accounts of what is owed to people for their expenses. The chart's own 42 and 467
#: are no payable accounts: Odoo could not pay what is on them.
EXPENSE_ACCOUNTS = {
    "cae_expense_account_id": "425100",
    "cae_cape_expense_account_id": "467100",
}


class ResCompany(models.Model):
    """Where the expenses of people are owed."""

    _inherit = "res.company"

    cae_expense_account_id = fields.Many2one(
        "account.account",
        string="Expenses of Employees",
        domain=[("account_type", "=", "liability_payable")],
        check_company=True,
        help="What is owed to employees for the expenses that they paid (425100 by "
        "default); the payable account of the person when empty.",
    )
    cae_cape_expense_account_id = fields.Many2one(
        "account.account",
        string="Expenses of People under CAPE",
        domain=[("account_type", "=", "liability_payable")],
        check_company=True,
        help="The same for people without an employment contract (467100 by default).",
    )

    def _prepare_cae_configuration_vals(self):
        vals = super()._prepare_cae_configuration_vals()
        names = {
            "cae_expense_account_id": self.env._("Employees: expenses to reimburse"),
            "cae_cape_expense_account_id": self.env._(
                "Entrepreneurs under CAPE: expenses to reimburse"
            ),
        }
        for field, code in EXPENSE_ACCOUNTS.items():
            if not self[field]:
                vals[field] = self._cae_payable_account(code, names[field]).id
        return vals

    def _cae_configure(self):
        result = super()._cae_configure()
        category = self.env.ref("cae_base.product_mileage", raise_if_not_found=False)
        for company in self.filtered(lambda c: c.chart_template == "fr"):
            product = (category or self.env["product.product"]).with_company(company)
            if product and not product.property_account_expense_id:
                account = company._cae_chart_account("pcg_6251")
                product.property_account_expense_id = account
        return result

    def _cae_payable_account(self, code, name):
        Account = self.env["account.account"]
        found = Account.search(
            [*Account._check_company_domain(self), ("code", "=", code)], limit=1
        )
        return found or Account.create(
            {
                "code": code,
                "name": name,
                "account_type": "liability_payable",
                "reconcile": True,
                "company_ids": [fields.Command.set(self.ids)],
            }
        )

    def _cae_expense_account(self, kind):
        """Account of expenses owed to a person whose contract is of this kind."""
        if kind == "cape":
            return self.cae_cape_expense_account_id
        return self.cae_expense_account_id
