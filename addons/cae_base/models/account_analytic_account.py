from odoo import api, fields, models
from odoo.exceptions import UserError

from .cae_owned import OWN


class AccountAnalyticAccount(models.Model):
    _inherit = "account.analytic.account"

    cae_activity_ids = fields.One2many(
        "cae.activity",
        "analytic_account_id",
        string="Activity",
        context={"active_test": False},
        groups="cae_base.group_manager",
        help="Technical: the rules of rights look at it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        self.env["cae.ledger"]._forget_accounts()
        return accounts

    def write(self, vals):
        fixed = {"active", "company_id", "plan_id"} & set(vals)
        if fixed and self.env.context.get("cae_own") is not OWN:
            self._cae_check_fixed({name: vals[name] for name in fixed})
        result = super().write(vals)
        if "plan_id" in vals:
            self.env["cae.ledger"]._forget_accounts()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["cae.ledger"]._forget_accounts()
        return result

    def _cae_check_fixed(self, fixed):
        """:raises UserError: ``CAE-ANALYTIC-ACCOUNT``"""
        ours = self.env["cae.ledger"]._accounts()
        for account in self.filtered(lambda account: account.id in ours):
            kept = {"active": account.active, "company_id": account.company_id.id}
            kept["plan_id"] = account.plan_id.id
            if any(kept[name] != value for name, value in fixed.items()):
                raise UserError(
                    self.env._(
                        "CAE-ANALYTIC-ACCOUNT: %(account)s is the ledger of an "
                        "activity; it keeps its plan and its company, and is archived "
                        "with its activity.",
                        account=account.display_name,
                    )
                )


class AccountAnalyticPlan(models.Model):
    """The plan of the activities keeps its place: its column is the ledger."""

    _inherit = "account.analytic.plan"

    def write(self, vals):
        if "parent_id" in vals:
            parent = self.browse(vals["parent_id"])
            moved = self.filtered(lambda plan: plan.parent_id != parent)
            if moved:
                (moved.root_id | parent.root_id)._cae_check_plan()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_activities(self):
        self._cae_check_plan()

    def _cae_check_plan(self):
        """:raises UserError: ``CAE-ANALYTIC-PLAN``"""
        if self.env.ref("cae_base.analytic_plan_activities") in self:
            raise UserError(
                self.env._(
                    "CAE-ANALYTIC-PLAN: the plan of the activities holds their "
                    "ledgers. It is not moved nor deleted, and other plans do not "
                    "move into it or out of it."
                )
            )
