"""What Odoo asks the database once per journal item, asked once per batch."""

from odoo import api, models

from .cae_contribution_move import READ


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _create_analytic_lines(self):
        # Odoo looks for each account of each item, although its foreign keys keep them.
        keys = [key for line in self for key in line.analytic_distribution or ()]
        ids = {int(part) for key in keys for part in key.split(",") if part.isdigit()}
        accounts = self.env["account.analytic.account"].browse(ids)
        if len(accounts.exists()) < len(ids):
            return super()._create_analytic_lines()
        accounts.fetch(["plan_id", "root_plan_id"])
        lines = self.with_context(cae_read=READ)
        return super(AccountMoveLine, lines)._create_analytic_lines()


class AccountAnalyticDistributionModel(models.Model):
    _inherit = "account.analytic.distribution.model"

    @api.model
    def _get_distribution(self, vals):
        # Odoo extends a list among the values, which are the key under which its
        # callers remember the answer: they would never find it again.
        vals = {k: list(v) if isinstance(v, list) else v for k, v in vals.items()}
        return super()._get_distribution(vals)
