from odoo import fields, models
from odoo.exceptions import UserError

# Only code can hold this object: the analytic accounts of an entry were just read.
READ = object()
#: What a contribution is: none of it changes without its line.
FROZEN = {
    *("account_id", "amount_currency", "analytic_distribution", "balance", "credit"),
    *("date", "debit", "move_id"),
}


class AccountMove(models.Model):
    _inherit = "account.move"

    cae_contribution_ids = fields.One2many(
        "cae.contribution.line", "move_id", string="Contributions of the Entry"
    )

    def _check_draftable(self):
        self._cae_check_contributions()
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._cae_check_contributions()
        return super()._reverse_moves(default_values_list, cancel)

    def _cae_check_contributions(self):
        """:raises UserError: ``CAE-CONTRIBUTION-POSTED``"""
        # sudo: an entry is protected whatever its reader may see of contributions.
        lines = self.env["cae.contribution.line"].sudo()
        if lines.search_count([("move_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "CAE-CONTRIBUTION-POSTED: this is the entry of contributions. Undo "
                    "them instead, from the list of contributions or from the month."
                )
            )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if FROZEN & set(vals) and not self._cae_tagging():
            self._cae_check_contributions()
        return super().write(vals)

    def _cae_check_contributions(self):
        # Whatever the journal says: who wrote an entry is asked of the contributions.
        posted = self.move_id.filtered(lambda move: move.state == "posted")
        if posted:
            posted._cae_check_contributions()


class AccountAnalyticAccount(models.Model):
    _inherit = "account.analytic.account"

    def exists(self):
        # Odoo asks the database once for each analytic key of an entry: two thirds of
        # the queries of a run.
        if self.env.context.get("cae_read") is READ:
            return self
        return super().exists()
