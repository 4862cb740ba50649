from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _cae_reads_all_pay(self) -> bool:
        """Whether they may read the pay of everybody, as far as fields go.

        Rules of groups add up, and so do fields: an accountant who coaches would read
        amounts, as coaches do, of everybody, as accountants do.
        """
        self.ensure_one()
        if self.has_group("cae_base.group_payroll"):
            return True
        return not self.has_group("cae_base.group_coach")
