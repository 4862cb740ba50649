from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import allocation, settlement
from ..models.cae_year import MONEY, TEXT
from ..tools import format_date

#: What may be shared out, by the model that the wizard is opened from.
SOURCES = ("account.move.line", "account.payment", "account.bank.statement.line")


class CaeCollectivePayment(models.TransientModel):
    """Shares out a payment of VAT, contributions or pay that is made once for all.

    Each activity pays what it owes on the settled account; see ``engine/settlement``.
    """

    _name = "cae.collective.payment"
    _description = "Share Out a Collective Payment"
    _check_company_auto = True

    item_id = fields.Many2one(
        "account.move.line",
        string="Payment",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="item_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        related="item_id.balance",
        string="Amount",
        help="Negative when money comes in.",
    )
    waiting = fields.Boolean(
        compute="_compute_waiting", help="The bank line has no account yet."
    )
    account_id = fields.Many2one(
        "account.account",
        string="Account Settled",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        check_company=True,
        help="The debt that is paid: VAT to pay, social bodies, pension funds, pay. "
        "A bank line that waits is booked on it.",
    )
    date = fields.Date(
        string="Balances on",
        compute="_compute_date",
        store=True,
        readonly=False,
        help="What is booked on the account until that day is what is paid.",
    )
    difference = fields.Selection(
        [
            ("shared", "To the shared services"),
            ("unallocated", "Left without activity"),
        ],
        default="shared",
        required=True,
        help="The part of the payment that no balance explains.",
    )
    reason = fields.Char(compute="_compute_reason", store=True, readonly=False)
    outcome = fields.Char(compute="_compute_preview")
    note = fields.Text(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "item_id" not in fields_list:
            # A program gives it to create().
            return values
        context = self.env.context
        model, keys = context.get("active_model"), context.get("active_ids") or ()
        if "item_id" not in values and model in SOURCES and len(keys) == 1:
            record = self.env[model].browse(keys)
            values["item_id"] = record._cae_collective_item().id
        if not values.get("item_id"):
            raise UserError(self._item_message())
        return values

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._check_item()
        return wizards

    def _check_item(self):
        """:raises UserError: ``CAE-SETTLE-ITEM``"""
        item = self.item_id
        move = item.move_id
        derived = move.is_invoice(include_receipts=True) or move._cae_pays_expense()
        if (
            item.parent_state != "posted"
            or not item._cae_cents()
            or item.account_id.account_type == "asset_cash"
            or (derived and item._cae_kind() != "base")
        ):
            raise UserError(self._item_message())

    @api.model
    def _item_message(self):
        return self.env._(
            "CAE-SETTLE-ITEM: choose one bank line, one posted payment or one posted "
            "journal item on the account that is settled."
        )

    @api.depends("item_id")
    def _compute_waiting(self):
        for wizard in self:
            wizard.waiting = bool(wizard.item_id._cae_waiting())

    @api.depends("item_id")
    def _compute_account_id(self):
        for wizard in self:
            own = wizard.item_id.account_id
            wizard.account_id = wizard.account_id if wizard.waiting else own

    @api.depends("item_id")
    def _compute_date(self):
        for wizard in self:
            wizard.date = wizard.item_id.date

    @api.depends("account_id", "date")
    @api.depends_context("lang")
    def _compute_reason(self):
        for wizard in self:
            wizard.reason = bool(wizard.account_id) and self.env._(
                "Collective payment of %(account)s, balances on %(day)s",
                account=wizard.account_id.display_name,
                day=format_date(self.env, wizard.date),
            )

    # ------------------------------------------------------------------
    # Shares
    # ------------------------------------------------------------------

    def _share(self):
        """``(balances, share)`` of the payment, in cents, debit positive."""
        balances = self.item_id._cae_other_balances(self.account_id, self.date)
        rest = allocation.UNALLOCATED
        if self.difference == "shared":
            rest = self.company_id.cae_shared_account_id.id or rest
        cents = self.item_id._cae_cents()
        return balances, settlement.share_out(cents, balances, rest)

    @api.depends("item_id", "account_id", "date", "difference")
    @api.depends_context("lang")
    def _compute_preview(self):
        for wizard in self:
            wizard.outcome = wizard.note = wizard.preview = False
            if wizard.account_id and wizard.date:
                balances, share = wizard._share()
                wizard.outcome = share.outcome
                wizard.note = wizard._words(balances, share)
                wizard.preview = wizard._preview_table(balances, share)

    def _preview_table(self, balances, share):
        ledger = self.env["cae.ledger"]
        names = ledger._account_names({*balances, *share.vector})
        rows = []
        for key in sorted(names, key=lambda key: (not key, names[key])):
            due, paid = -balances.get(key, 0), share.vector.get(key, 0)
            if due or paid:
                rows.append((names[key], due, paid, due - paid))
        rows.append(
            (self.env._("Total"), *(sum(r[n] for r in rows) for n in (1, 2, 3)))
        )
        section = {
            "title": self.env._("By Activity"),
            "columns": [
                (self.env._("Activity"), TEXT),
                (self.env._("Owed"), MONEY),
                (self.env._("Paid"), MONEY),
                (self.env._("Still Due"), MONEY),
            ],
            "rows": [(name, *(cents / 100 for cents in row)) for name, *row in rows],
        }
        values = {"sections": [section], "cell": self.env["cae.year"]._cell}
        return self.env["ir.qweb"]._render("cae_base.year_sections", values)

    def _words(self, balances, share):
        """What is shared, and why so, in whole sentences."""
        due = -sum(balances.values())
        values = {
            "account": self.account_id.with_company(self.company_id).code,
            "day": format_date(self.env, self.date),
            "due": self._money(due),
            "amount": self._money(self.item_id._cae_cents()),
        }
        sentences = [
            self._outcome_words(share, values, due),
            self._later_words(),
            self._locked_words(),
        ]
        return "\n".join(filter(None, sentences))

    def _outcome_words(self, share, values, due):
        if share.outcome == "settled":
            return self.env._(
                "%(amount)s pays all that is due on %(account)s on %(day)s: the "
                "account ends at 0.00 for every activity and for the shared services.",
                **values,
            )
        if share.outcome == "partial":
            left = self._money(due - self.item_id._cae_cents())
            return self.env._(
                "%(amount)s pays a part of the %(due)s due on %(account)s on %(day)s: "
                "everybody pays the same part of what they owe; %(left)s stays due.",
                **values,
                left=left,
            )
        if share.outcome == "nothing":
            return self.env._(
                "On %(day)s, %(due)s is due on %(account)s: %(amount)s settles nothing "
                "of it. Choose the account and the day that the payment is about.",
                **values,
            )
        return self._excess_words(values, self._money(share.rest))

    def _excess_words(self, values, rest):
        if self.difference == "shared":
            return self.env._(
                "%(amount)s pays all of the %(due)s due on %(account)s on %(day)s. No "
                "balance explains the other %(rest)s: it goes to the shared services.",
                **values,
                rest=rest,
            )
        return self.env._(
            "%(amount)s pays all of the %(due)s due on %(account)s on %(day)s. No "
            "balance explains the other %(rest)s: it stays without activity.",
            **values,
            rest=rest,
        )

    def _later_words(self):
        """Warns of what was paid after the day of the balances."""
        cents = self.item_id._cae_paid_after(self.account_id, self.date)
        return cents and self.env._(
            "Not counted: %(amount)s that is booked on the same side after that day. "
            "If it paid the same debt, choose a later day.",
            amount=self._money(cents),
        )

    def _locked_words(self):
        locked = self.env["cae.period"]._locked_months(self.company_id)
        if self.item_id.date.replace(day=1) not in locked:
            return ""
        if self.waiting:
            return self.env._(
                "The bank line is in a locked month: its account cannot change. Open "
                "the month again first."
            )
        return self.env._(
            "The payment is in a locked month: an allocation entry of the first open "
            "month shares it out."
        )

    def _money(self, cents):
        return self.currency_id.format(cents / 100)

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    def action_confirm(self) -> dict:
        """Share the payment out, and show the transfer, which can be undone.

        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-SETTLE-NOTHING``, ``CAE-PERIOD-LOCKED`` (a bank line
            that waits), ``CAE-BANK-BUSY``, ``CAE-BANK-CURRENCY``, and the errors of a
            transfer
        """
        self.ensure_one()
        transfers = self.env["cae.transfer"]
        transfers._check_may_transfer()
        vector = self._vector()
        suspense = self.item_id.account_id if self.waiting else False
        if suspense:
            self.item_id._cae_book_on(self.account_id)
        transfer = transfers._make({self.item_id: vector}, {}, reason=self.reason)
        if suspense:
            transfer._keep_account(suspense)
        return {
            "type": "ir.actions.act_window",
            "res_model": "cae.transfer",
            "res_id": transfer.id,
            "view_mode": "form",
        }

    def _vector(self):
        """Cents of the payment per activity.

        :raises UserError: ``CAE-SETTLE-NOTHING``
        """
        ready = self.account_id and self.date
        _balances, share = self._share() if ready else ({}, None)
        if not share or share.outcome == "nothing" or not any(share.vector):
            raise UserError(
                self.env._(
                    "CAE-SETTLE-NOTHING: no activity owes anything on that account, on "
                    "that day, that this payment settles. Choose the account and the "
                    "day that it is about."
                )
            )
        return share.vector
