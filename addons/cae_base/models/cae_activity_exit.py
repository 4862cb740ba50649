from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command

from ..tools import format_date
from . import cae_activity_exit_file as exit_file
from .cae_year import DAY, MONEY, TEXT

DECIDED = {"activity_id", "date", "outcome", "target_id"}
ZERO = Decimal("0.00")


class CaeActivityExit(models.Model):
    """An activity leaves: its file, what becomes of its balance, its transfer."""

    _name = "cae.activity.exit"
    _description = "Exit of an Activity"
    _inherit = ["mail.thread", "cae.owned"]
    _order = "date desc, id desc"
    _rec_name = "activity_id"
    _check_company_auto = True

    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        related="activity_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    activity_active = fields.Boolean(related="activity_id.active")
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="Last day of the activity, and date of the transfer.",
    )
    outcome = fields.Selection(
        [
            ("pay", "Paid out as pay"),
            ("cooperative", "Left to the cooperative"),
            ("transfer", "Transferred to another activity"),
        ],
        string="What Becomes of It",
        required=True,
        default="pay",
        tracking=True,
        help="Pay is booked by the months of pay; the two others by one entry that "
        "moves every balance, account by account.",
    )
    target_id = fields.Many2one(
        "cae.activity", string="Transferred to", check_company=True, tracking=True
    )
    note = fields.Text(string="Decision", help="Who decided, and on which terms.")
    state = fields.Selection(
        [("draft", "To Decide"), ("done", "Done"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    move_id = fields.Many2one(
        "account.move", string="Transfer Entry", readonly=True, copy=False
    )
    reversal_move_id = fields.Many2one(
        "account.move", string="Reversing Entry", readonly=True, copy=False
    )
    end_before = fields.Date(
        readonly=True,
        copy=False,
        help="Last day that the activity had before its exit.",
    )
    remaining = fields.Monetary(
        string="Remaining Balance",
        compute="_compute_file",
        help="What the activity has less what it owes, on the date of the exit.",
    )
    file_html = fields.Html(string="Exit File", compute="_compute_file", sanitize=False)

    _one_exit = models.UniqueIndex(
        "(activity_id) WHERE state != 'cancelled'",
        "This activity has an exit already.",
    )

    @api.depends("activity_id", "date", "state")
    @api.depends_context("lang", "uid")
    def _compute_file(self):
        for leaving in self:
            leaving.remaining, leaving.file_html = 0.0, ""
            if leaving.activity_id and leaving.date:
                here = leaving.with_company(leaving.company_id)
                balances = here._balances()
                leaving.remaining = float(sum(balances.values(), ZERO))
                leaving.file_html = here.env["ir.qweb"]._render(
                    "cae_base.year_sections",
                    {
                        "sections": here._sections(balances),
                        "cell": here.env["cae.year"]._cell,
                    },
                )

    @api.constrains("activity_id", "target_id", "outcome")
    def _check_target(self):
        for leaving in self:
            wanted = leaving.outcome == "transfer"
            if wanted != bool(leaving.target_id) or (
                leaving.target_id == leaving.activity_id
            ):
                raise UserError(
                    self.env._(
                        "CAE-EXIT-TARGET: choose the other activity that takes the "
                        "balances, for a transfer only."
                    )
                )

    def write(self, vals):
        if DECIDED & set(vals) and any(leaving.state != "draft" for leaving in self):
            raise UserError(self._state_message())
        return super().write(vals)

    def _cae_owned_message(self, names):
        return self._state_message()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(leaving.state != "draft" for leaving in self):
            raise UserError(self._state_message())

    def _state_message(self):
        return self.env._(
            "CAE-EXIT-STATE: an exit is done and cancelled by its buttons only, and "
            "stays as it was decided."
        )

    # ------------------------------------------------------------------
    # File
    # ------------------------------------------------------------------

    def _balances(self):
        activity = self.activity_id
        return activity._exit_balances(self.date)[activity]

    def _sections(self, balances):
        """Hook: tables of the exit file, as ``cae.year`` draws them."""
        money_columns = [
            (self.env._("Account"), TEXT),
            (self.env._("Name"), TEXT),
            (self.env._("Balance"), MONEY),
        ]
        sections = []
        for key, title in self._titles().items():
            rows = sorted(
                (account.code, account.name, balance)
                for account, balance in balances.items()
                if self.activity_id._exit_group(account.code) in key.split(",")
            )
            if rows:
                total = sum((row[2] for row in rows), ZERO)
                rows.append((self.env._("Total"), "", total))
                sections.append(
                    {"title": title, "columns": money_columns, "rows": rows}
                )
        return [*sections, self._items_section()]

    def _titles(self):
        return {
            "5,181": self.env._("Treasury"),
            "41": self.env._("Customers"),
            "40": self.env._("Suppliers"),
            "42,43,44": self.env._("Pay, Social Bodies, Taxes"),
            "45,46": self.env._("Current Accounts and Others"),
            "2": self.env._("Assets"),
            "3": self.env._("Stock"),
            "1": self.env._("Capital and Loans"),
            "": self.env._("Other Accounts"),
        }

    def _items_section(self):
        key = self.activity_id.analytic_account_id.id
        items = self.activity_id._exit_items(self.date)
        left = items._cae_open_vectors(self.date)
        return {
            "title": self.env._("Open Items"),
            "columns": [
                (self.env._("Entry"), TEXT),
                (self.env._("Account"), TEXT),
                (self.env._("Partner"), TEXT),
                (self.env._("Due Date"), DAY),
                (self.env._("Still Open"), MONEY),
            ],
            "rows": [
                (
                    item.move_id.name,
                    item.account_id.code,
                    item.partner_id.display_name or "",
                    item.date_maturity or item.date,
                    Decimal(left[item.id][key]) / 100,
                )
                for item in items.sorted("date")
                if left[item.id].get(key)
            ],
        }

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_done(self) -> dict:
        """End the activity, and move its balances when they go elsewhere.

        :raises AccessError: when not an accountant of the cooperative
        :raises UserError: ``CAE-EXIT-STATE``, ``CAE-PERIOD-LOCKED``,
            ``CAE-LOCK-DATE``, ``CAE-CONFIG-ACCOUNT``
        """
        self.ensure_one()
        here = self.with_company(self.company_id)
        here._check_may_leave("draft")
        here._check_date(self.date)
        before = self.activity_id.date_end
        here.activity_id.date_end = self.date
        move = here._transfer() if self.outcome != "pay" else self.move_id
        here._mark("done", move_id=move.id, end_before=before)
        here._final_statement()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_cancel(self) -> dict:
        """Undo the exit: its entry is reversed, the activity is open again.

        :raises UserError: ``CAE-EXIT-STATE``, ``CAE-PERIOD-LOCKED``
        """
        self.ensure_one()
        here = self.with_company(self.company_id)
        here._check_may_leave("done")
        if not self.activity_id.active:
            here.activity_id.action_unarchive()
        here.activity_id.date_end = self.end_before
        reversal = here._reverse() if self.move_id else self.move_id
        here._mark("cancelled", reversal_move_id=reversal.id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_archive_activity(self) -> dict:
        """Archive the activity.

        :raises UserError: ``CAE-EXIT-OPEN``
        """
        self.ensure_one()
        self.with_company(self.company_id).activity_id.action_archive()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open_statement(self) -> dict:
        """The final statement of the activity."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Final Statement"),
            "res_model": "cae.statement",
            "res_id": self.with_company(self.company_id)._final_statement().id,
            "view_mode": "form",
        }

    def action_open_items(self) -> dict:
        """The open items of the activity."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Items"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [("id", "in", self.activity_id._exit_items(self.date).ids)],
        }

    def _final_statement(self):
        """The statement of the last month, computed again while it can be."""
        statements = self.env["cae.statement"]
        month = self.date.replace(day=1)
        statements._update_month(self.activity_id, month)
        return statements.search(
            [("activity_id", "=", self.activity_id.id), ("month", "=", month)]
        )

    def _mark(self, state, **vals):
        self._cae_own().write({"state": state, **vals})
        # The unique index must see it before the next exit of the activity.
        self.flush_recordset()

    def _check_may_leave(self, state):
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(
                self.env._("Only accountants of the cooperative book an exit.")
            )
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "CAE-EXIT-BUSY: someone else is working on this exit. Try again "
                    "in a moment."
                )
            ) from error
        self.invalidate_recordset(["state"])
        if self.state != state:
            raise UserError(self._state_message())

    def _check_date(self, day):
        """:raises UserError: ``CAE-PERIOD-LOCKED``, ``CAE-LOCK-DATE``"""
        self.env["cae.period"]._check_open(self.company_id, {day})
        journal = self.company_id.cae_journal_id
        locks = self.company_id._get_violated_lock_dates(day, False, journal)
        if locks:
            raise UserError(
                self.env._(
                    "CAE-LOCK-DATE: the exit of %(day)s cannot be booked: the books "
                    "are locked until %(date)s. Choose a later date.",
                    day=format_date(self.env, day),
                    date=format_date(self.env, locks[-1][0]),
                )
            )

    # ------------------------------------------------------------------
    # Transfer
    # ------------------------------------------------------------------

    def _transfer(self):
        """Move every balance to who takes it, by one entry; what was moved."""
        moves = self.env["account.move"]
        parts = self._parts()
        if not parts:
            return moves
        move = moves._cae_own().create(self._prepare_transfer_vals(parts))
        move = move.with_env(self.env)
        move._cae_post_allocation()
        # What was paid after the day of the exit was paid to who took it.
        items = move.line_ids.cae_source_line_id
        self._follow_again(items, items._cae_partials_after(self.date))
        return move

    def _target_account(self):
        account = self.target_id.analytic_account_id
        return account or self.company_id.cae_shared_account_id

    def _parts(self):
        """``[(account, source item, cents)]`` of what goes.

        Open items go one by one: who pays them later pays who took them.
        """
        key = self.activity_id.analytic_account_id.id
        left = {
            account: round(balance * 100)
            for account, balance in self._balances().items()
        }
        parts = []
        items = self.activity_id._exit_items(self.date)
        vectors = items._cae_open_vectors(self.date)
        for item in items.sorted("id"):
            cents = vectors[item.id].get(key, 0)
            if cents:
                parts.append((item.account_id, item, cents))
                left[item.account_id] = left.get(item.account_id, 0) - cents
        none = self.env["account.move.line"]
        parts += [(account, none, cents) for account, cents in left.items() if cents]
        return parts

    def _prepare_transfer_vals(self, parts):
        total = sum(cents for _account, _item, cents in parts)
        carried = self._carried_account()
        if total:
            none = self.env["account.move.line"]
            parts = [*parts, (carried, none, -total)]
        return {
            "move_type": "entry",
            "journal_id": self.company_id.cae_journal_id.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "ref": self._transfer_ref(),
            "cae_allocation": True,
            "cae_exit_id": self.id,
            "line_ids": [
                Command.create(vals)
                for part in parts
                for vals in self._prepare_transfer_items(*part)
            ],
        }

    def _prepare_transfer_items(self, account, item, cents):
        own = self.activity_id.analytic_account_id
        return [
            {
                "name": self._transfer_ref(),
                "account_id": account.id,
                "partner_id": item.partner_id.id,
                "cae_source_line_id": item.id,
                "balance": float(Decimal(amount) / 100),
                "analytic_distribution": {str(whose.id): 100},
                "tax_ids": [],
            }
            for whose, amount in ((own, -cents), (self._target_account(), cents))
        ]

    def _transfer_ref(self):
        return self.env._(
            "Exit of %(activity)s to %(target)s",
            activity=self.activity_id.display_name,
            target=self.target_id.display_name or self._target_account().name,
        )

    def _carried_account(self):
        """Retained earnings, which carry the results with the balances.

        :raises UserError: ``CAE-CONFIG-ACCOUNT``
        """
        account = self.company_id._cae_chart_account("pcg_110")
        account = account or self.env["account.account"].search(
            [
                ("code", "=like", f"{exit_file.CARRIED}%"),
                ("company_ids", "in", self.company_id.ids),
            ],
            limit=1,
        )
        if not account:
            raise UserError(
                self.env._(
                    "CAE-CONFIG-ACCOUNT: no account of retained earnings (11). Add one "
                    "to the chart of accounts."
                )
            )
        return account

    def _reverse(self):
        """Reverse the transfer; payments that came since go back too."""
        day = self.env["cae.period"]._first_open_day(self.company_id, self.date)
        self._check_date(day)
        move = self.move_id
        move.line_ids.remove_move_reconcile()
        reversal = move._cae_own()._reverse_moves(
            [{"date": day, "ref": move.ref, "cae_allocation": True}]
        )
        reversal.cae_exit_id = self
        pairs = zip(
            move.line_ids.sorted("id"), reversal.line_ids.sorted("id"), strict=True
        )
        for line, opposite in pairs:
            opposite.cae_source_line_id = line.cae_source_line_id
        # Odoo matches a reversal with what it reverses.
        reversal = reversal.with_env(self.env)
        reversal._post(soft=False)
        self._return_payments(move.line_ids.cae_source_line_id)
        return reversal

    def _return_payments(self, items):
        """Matchings that gave the target what is the activity's again."""
        taker = str(self._target_account().id)
        since = self.move_id.create_date
        partials = items._cae_partials_after(self.date)
        partials |= items._all_partials().filtered(lambda p: p.create_date >= since)
        given = partials.filtered(lambda p: (p.cae_share or {}).get(taker))
        given._cae_follow(again=True)
        # So does the VAT that payments made due, of matchings that are gone too.
        items.move_id.tax_cash_basis_created_move_ids.sorted("id")._cae_refresh()
        # What settled them while they were the target's was evened out with it.
        items._all_partials().full_reconcile_id._cae_even_out_again()

    def _follow_again(self, items, partials):
        """Share these matchings again, and the VAT that their payments made due."""
        partials._cae_follow(again=True)
        due = items.move_id.tax_cash_basis_created_move_ids.filtered(
            lambda move: move.tax_cash_basis_rec_id in partials
        )
        due.sorted("id")._cae_refresh()
