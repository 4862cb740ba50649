from odoo import api, fields, models
from odoo.exceptions import UserError


class HrExpense(models.Model):
    """An expense belongs to an activity, or to several by its distribution."""

    _inherit = "hr.expense"

    cae_activity_id = fields.Many2one(
        "cae.activity",
        string="Activity",
        compute="_compute_cae_activity_id",
        inverse="_inverse_cae_activity_id",
        store=True,
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="By default the activity that the person holds on the day of the expense, "
        "when there is one only. The analytic distribution shares an expense between "
        "several activities; this is then the one with the largest part.",
    )

    @api.depends("analytic_distribution")
    def _compute_cae_activity_id(self):
        shares = {expense: expense._cae_shares() for expense in self}
        accounts = {account for parts in shares.values() for account in parts}
        # sudo: which activity an account is, for whoever may read the expense.
        activities = (
            self.env["cae.activity"]
            .sudo()
            .with_context(active_test=False)
            .search([("analytic_account_id", "in", list(accounts))])
        )
        by_account = {a.analytic_account_id.id: a.id for a in activities}
        for expense, parts in shares.items():
            largest = max(parts, key=lambda k, p=parts: (p[k], -k), default=False)
            expense.cae_activity_id = by_account.get(largest, False)

    def _inverse_cae_activity_id(self):
        for expense in self:
            if expense._cae_main_differs():
                expense._cae_set_activity(expense.cae_activity_id)

    @api.onchange("cae_activity_id")
    def _onchange_cae_activity_id(self):
        self._inverse_cae_activity_id()

    @api.depends("date")
    def _compute_analytic_distribution(self):
        result = super()._compute_analytic_distribution()
        for day, expenses in self.grouped("date").items():
            held = expenses.employee_id._cae_activities(day)
            for expense in expenses:
                # Employees of the cooperative itself are free to choose.
                if expense.employee_id.id in held:
                    expense._cae_keep_held(held[expense.employee_id.id])
        return result

    def _cae_keep_held(self, held):
        """Default to the only activity held; nobody else's is kept by chance."""
        accounts = held.analytic_account_id.ids
        shares = self._cae_shares()
        if not shares or set(shares) - set(accounts):
            self._cae_set_activity(held if len(held) == 1 else held.browse())

    def _cae_shares(self):
        """``{analytic account id: percent}`` of the activities of this expense."""
        keys = self.env["account.move.line"]._cae_keys(self.analytic_distribution)
        shares = {}
        for key, account in keys.items():
            part = self.analytic_distribution[key]
            shares[account] = shares.get(account, 0) + part
        return shares

    def _cae_main_differs(self):
        chosen = self.cae_activity_id.analytic_account_id.id
        shares = self._cae_shares()
        return chosen not in shares if chosen else bool(shares)

    def _cae_set_activity(self, activity):
        """Give the whole expense to an activity; other plans keep their part."""
        old = self.analytic_distribution or {}
        keys = self.env["account.move.line"]._cae_keys(old)
        kept = {key: share for key, share in old.items() if key not in keys}
        account = activity.analytic_account_id
        own = {str(account.id): 100} if account else {}
        self.analytic_distribution = {**kept, **own} or False

    # ------------------------------------------------------------------
    # Approval and posting
    # ------------------------------------------------------------------

    def _can_be_autovalidated(self):
        """Expenses of entrepreneurs wait for an accountant."""
        if self.employee_id._cae_entrepreneurs():
            return False
        return super()._can_be_autovalidated()

    def _do_approve(self, check=True):
        self._cae_check_activity()
        return super()._do_approve(check)

    def _check_can_create_move(self):
        self._cae_check_activity()
        return super()._check_can_create_move()

    def _cae_check_activity(self):
        """:raises UserError: ``CAE-EXPENSE-ACTIVITY``"""
        people = self.employee_id._cae_entrepreneurs()
        for expense in self:
            if expense.employee_id.id in people and not expense._cae_shares():
                raise UserError(
                    self.env._(
                        "CAE-EXPENSE-ACTIVITY: %(expense)s of %(person)s belongs to no "
                        "activity. Choose it on the expense.",
                        expense=expense.name,
                        person=expense.employee_id.name,
                    )
                )

    def _prepare_move_vals(self):
        activity = self.cae_activity_id
        return {
            **super()._prepare_move_vals(),
            "cae_activity_id": activity.id if len(activity) == 1 else False,
        }
