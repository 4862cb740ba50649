"""Accrual of the variable part at the close of a year (641/645 to 4286/4386)."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_contribution_move import READ
from odoo.addons.cae_base.models.cae_contribution_run import QUIET

from ..engine.monthly import to_cents
from .cae_pay_decision import PAYING

DAY = relativedelta(days=1)


class CaeSettlementAccrual(models.Model):
    """What the close of a year accrues on an activity for its variable part."""

    _name = "cae.settlement.accrual"
    _description = "Accrued Variable Part"
    _order = "date_to desc, activity_id, id desc"
    _check_company_auto = True

    year_id = fields.Many2one(
        "cae.year",
        string="Fiscal Year",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(related="year_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_to = fields.Date(related="year_id.date_to", store=True)
    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    gross = fields.Monetary(readonly=True, help="641 to 4286.")
    charges = fields.Monetary(readonly=True, help="645 to 4386.")
    cost = fields.Monetary(compute="_compute_cost", store=True)
    state = fields.Selection(
        [("posted", "Posted"), ("cancelled", "Undone")],
        default="posted",
        required=True,
        readonly=True,
        index=True,
    )
    accounts = fields.Json(
        readonly=True, help="Technical: accounts of the entries, by key."
    )
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    opening_move_id = fields.Many2one(
        "account.move",
        string="Reversal on the First Day",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    undo_move_id = fields.Many2one(
        "account.move",
        string="Undoing of the Entry",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    undo_opening_move_id = fields.Many2one(
        "account.move",
        string="Undoing of the Reversal",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )

    _activity_uniq = models.UniqueIndex(
        "(year_id, activity_id) WHERE state = 'posted'",
        "The variable part of an activity is accrued once.",
    )

    @api.depends("gross", "charges")
    def _compute_cost(self):
        for accrual in self:
            accrual.cost = float(decimal(accrual.gross) + decimal(accrual.charges))

    @api.depends("activity_id", "year_id")
    def _compute_display_name(self):
        for accrual in self:
            activity = accrual.activity_id.display_name or ""
            accrual.display_name = f"{activity}, {accrual.year_id.display_name or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_accruing()
        return super().create(vals_list)

    def write(self, vals):
        self._check_accruing()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_run(self):
        self._check_accruing()

    def _check_accruing(self):
        """:raises UserError: ``CAE-SETTLEMENT-STATE``"""
        if self.env.context.get("cae_paying") is not PAYING:
            raise UserError(
                self.env._(
                    "CAE-SETTLEMENT-STATE: what a year accrues is booked and undone by "
                    "the buttons of the year only."
                )
            )

    # ------------------------------------------------------------------
    # Entries
    # ------------------------------------------------------------------

    @api.model
    def _book(self, year, amounts):
        """Accrue a chunk: one entry, its reversal on the first day of the next year.

        :param amounts: ``{activity: (gross, charges)}`` in cents
        """
        accounts = year.company_id._cae_accrual_accounts()
        rows = [
            (activity, accounts, gross, charges)
            for activity, (gross, charges) in amounts.items()
        ]
        ref = self.env._("Accrued variable part %(year)s", year=year.display_name)
        move = self._post_entry(year, year.date_to, ref, rows, 1)
        ref = self.env._("Reversed variable part %(year)s", year=year.display_name)
        opening = self._post_entry(year, year.date_to + DAY, ref, rows, -1)
        self._match(move | opening)
        return self.with_context(cae_paying=PAYING).create(
            [
                {
                    "year_id": year.id,
                    "activity_id": activity.id,
                    "gross": gross / 100,
                    "charges": charges / 100,
                    "accounts": accounts,
                    "move_id": move.id,
                    "opening_move_id": opening.id,
                }
                for activity, _accounts, gross, charges in rows
            ]
        )

    def _undo(self, reason):
        """Reverse both entries of these accruals of one year, chunk by chunk."""
        for moves, accruals in self.grouped(
            lambda each: (each.move_id, each.opening_move_id)
        ).items():
            move, opening = moves
            undo = accruals._post_opposite(move, reason, -1)
            undo_opening = accruals._post_opposite(opening, reason, 1)
            self._match(undo | undo_opening)
            accruals.with_context(cae_paying=PAYING).write(
                {
                    "state": "cancelled",
                    "undo_move_id": undo.id,
                    "undo_opening_move_id": undo_opening.id,
                }
            )

    def _post_opposite(self, move, reason, sign):
        year = self.year_id
        day = self.env["cae.period"]._first_open_day(year.company_id, move.date)
        rows = [
            (
                accrual.activity_id,
                accrual.accounts,
                to_cents(decimal(accrual.gross)),
                to_cents(decimal(accrual.charges)),
            )
            for accrual in self
        ]
        ref = self.env._(
            "Undone: %(entry)s (%(reason)s)", entry=move.ref, reason=reason
        )
        return self._post_entry(year, day, ref, rows, sign)

    @api.model
    def _post_entry(self, year, day, ref, rows, sign):
        company = year.company_id
        self.env["cae.pay.line"]._check_lock_dates(company, day)
        # sudo: the accrual of a year, and nothing else, for who may book it without
        # other rights on entries.
        moves = self.env["account.move"].sudo().with_company(company)
        move = moves.with_context(**QUIET).create(
            {
                "move_type": "entry",
                "journal_id": company.cae_pay_journal_id.id,
                "company_id": company.id,
                "date": day,
                "ref": ref,
                "line_ids": [
                    fields.Command.create(item)
                    for row in rows
                    for item in self._prepare_items(ref, *row, sign)
                ],
            }
        )
        activities = self.env["cae.activity"].union(*(row[0] for row in rows))
        # sudo: posting reads the analytic accounts one by one; here at once.
        activities.sudo().analytic_account_id.fetch(["plan_id", "root_plan_id"])
        posting = move.with_context(cae_read=READ, validate_analytic=True)
        posting._post(soft=False)
        return move.with_env(self.env)

    @api.model
    def _match(self, moves):
        """Match what an entry accrues with what the other takes back, by activity."""
        # sudo: items of these very entries, see _post_entry.
        items = moves.sudo().line_ids.filtered("account_id.reconcile")
        groups = items.grouped(lambda i: (i.account_id, str(i.analytic_distribution)))
        items._reconcile_plan([group for group in groups.values() if len(group) == 2])

    @api.model
    def _prepare_items(self, ref, activity, accounts, gross, charges, sign):
        amounts = {
            "wage": gross,
            "charge": charges,
            "accrued_wage": -gross,
            "accrued_charge": -charges,
        }
        tag = {str(activity.analytic_account_id.id): 100}
        return [
            {
                "name": f"{activity.code} {ref}",
                "account_id": accounts[key],
                "balance": sign * cents / 100,
                "analytic_distribution": tag,
            }
            for key, cents in amounts.items()
            if cents
        ]
