from odoo import fields, models
from odoo.exceptions import UserError

#: Accounts of sales between activities, apart from the contributions on 186 and 187.
INTERNAL_ACCOUNTS = {
    "cae_internal_purchase_account_id": ("186100", "cae_charge_account_id"),
    "cae_internal_sale_account_id": ("187100", "cae_income_account_id"),
}


class ResCompany(models.Model):
    """Where sales between activities are booked."""

    _inherit = "res.company"

    cae_internal_purchase_account_id = fields.Many2one(
        "account.account",
        string="Internal Purchases",
        check_company=True,
        help="Debited to the activity that buys from another one (186100 by default).",
    )
    cae_internal_sale_account_id = fields.Many2one(
        "account.account",
        string="Internal Sales",
        check_company=True,
        help="Credited to the activity that sells to another one (187100 by default).",
    )

    def _prepare_cae_configuration_vals(self):
        vals = super()._prepare_cae_configuration_vals()
        names = {
            "cae_internal_purchase_account_id": self.env._(
                "Purchases from other activities"
            ),
            "cae_internal_sale_account_id": self.env._("Sales to other activities"),
        }
        for field, (code, parent) in INTERNAL_ACCOUNTS.items():
            above = self[parent].browse(vals.get(parent)) or self[parent]
            if not self[field] and above:
                vals[field] = self._cae_internal_account(code, names[field], above).id
        return vals

    def _cae_internal_account(self, code, name, above):
        """The account with this code, made like the one above it when missing."""
        Account = self.env["account.account"]
        found = Account.search(
            [*Account._check_company_domain(self), ("code", "=", code)], limit=1
        )
        return found or Account.create(
            {
                "code": code,
                "name": name,
                "account_type": above.account_type,
                "company_ids": [fields.Command.set(self.ids)],
            }
        )

    def _cae_internal_accounts(self):
        """Accounts of purchases, of sales and of the internal bank.

        :raises UserError: ``CAE-CONFIG-CHART``, ``CAE-CONFIG-ACCOUNT``
        """
        self._cae_check_configured()
        if not all(self[name] for name in INTERNAL_ACCOUNTS):
            # sudo: first use may be by an accountant; only empty settings are set.
            self.sudo()._cae_configure()
        accounts = tuple(self[name] for name in INTERNAL_ACCOUNTS)
        if not all(accounts):
            raise UserError(
                self.env._(
                    "CAE-CONFIG-ACCOUNT: no account for internal sales. Choose those "
                    "of internal purchases and sales in CAE / Configuration / Settings."
                )
            )
        return *accounts, self.cae_internal_bank_account_id
