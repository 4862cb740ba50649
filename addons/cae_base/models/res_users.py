from odoo import models


class ResUsers(models.Model):
    """What the record rules of the CAE ask about a user."""

    _inherit = "res.users"

    def _cae_writes_shared(self) -> bool:
        """Whether they may change what all companies share.

        So may a manager of the CAE, and whoever is allowed in every company.
        """
        self.ensure_one()
        if self.has_group("cae_base.group_manager"):
            return True
        # sudo: companies that the user does not see are those that count.
        companies = self.env["res.company"].sudo()
        return not companies.search_count(
            [("id", "not in", self.company_ids.ids)], limit=1
        )

    def _cae_reads_entries(self) -> bool:
        """Whether they may read journal items one by one, those of pay included.

        Accountants and payroll officers of the CAE have that right of Odoo's own.
        """
        return self.has_group("account.group_account_readonly")
