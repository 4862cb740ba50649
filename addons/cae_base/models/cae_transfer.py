from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .account_move_line import TAGGING


class CaeTransfer(models.Model):
    """What somebody gave to other activities after it was posted, and why.

    In an open month the tags of the items change; in a locked month an allocation
    entry of the first open month moves the amounts. What follows the items (payments,
    VAT on payment) follows them again. Undone as a whole.
    """

    _name = "cae.transfer"
    _description = "Transfer Between Activities"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "reason"
    _check_company_auto = True
    # Transfers are written by the product only; notes on them are welcome.
    _mail_post_access = "read"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    state = fields.Selection(
        [("done", "Done"), ("undone", "Undone")],
        default="done",
        required=True,
        readonly=True,
        tracking=True,
    )
    reason = fields.Char(required=True, readonly=True)
    from_activity_id = fields.Many2one(
        "cae.activity",
        readonly=True,
        check_company=True,
        index="btree_not_null",
    )
    to_activity_id = fields.Many2one(
        "cae.activity",
        readonly=True,
        check_company=True,
        index="btree_not_null",
    )
    old_account_id = fields.Many2one(
        "account.account",
        string="Account Before",
        readonly=True,
        help="Where the bank line waited before it was shared out.",
    )
    line_ids = fields.One2many("cae.transfer.line", "transfer_id", readonly=True)
    entry_ids = fields.One2many(
        "account.move", "cae_transfer_id", string="Allocation Entries", readonly=True
    )

    # ------------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------------

    @api.model
    def _check_may_transfer(self):
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(
                self.env._(
                    "Only accountants of the cooperative may move documents to "
                    "another activity."
                )
            )

    @api.model
    def _make(self, moved, headers, **vals):
        """Give posted journal items and documents to other activities.

        :param moved: ``{journal item: vector}``, each adding up to its balance
        :param headers: ``{entry: activity}``: the entries, or the payments of these
            entries, that belong to another activity from now on
        :param vals: values of the transfer, ``reason`` at least
        :return: the transfer
        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-TRANSFER-NOTHING``, ``CAE-TRANSFER-ENTRY``,
            ``CAE-TRANSFER-FOLLOWS``, ``CAE-TRANSFER-REASON``,
            ``CAE-TRANSFER-COUNTERPART``
        """
        self._check_may_transfer()
        items = self.env["account.move.line"].union(*moved)
        before = items._cae_effective_vectors()
        items = items.filtered(lambda item: moved[item] != before[item.id])
        moves = items.move_id.union(*headers)
        moves._cae_check_transferable(items)
        rows = [
            {"move_id": i.move_id.id, "item_id": i.id}
            | {"before": before[i.id], "after": moved[i]}
            for i in items
        ] + [
            {"move_id": move.id, "old_activity_id": move._cae_owner().id}
            | {"new_activity_id": activity.id}
            for move, activity in headers.items()
        ]
        transfer = self._create_log(moves, rows, vals)
        vectors = {item.id: moved[item] for item in items}
        items.move_id._cae_reallocate(vectors, transfer)
        transfer._set_owners("new_activity_id")
        moves._cae_log_transfer(transfer)
        return transfer

    @api.model
    def _check_reason(self, reason):
        """:raises UserError: ``CAE-TRANSFER-REASON``"""
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(
                self.env._("CAE-TRANSFER-REASON: say why; it stays in the documents.")
            )
        return reason.strip()

    @api.model
    def _create_log(self, moves, rows, vals):
        reason = self._check_reason(vals["reason"])
        if not rows or len(moves.company_id) != 1:
            raise UserError(
                self.env._(
                    "CAE-TRANSFER-NOTHING: nothing here can be moved that way. Choose "
                    "posted documents of one company, whose lines belong to the "
                    "activity that you move them from."
                )
            )
        # sudo: the log has no right to write; the right to move was checked.
        transfer = self.sudo().create(
            {
                **vals,
                "reason": reason,
                "company_id": moves.company_id.id,
                "line_ids": [fields.Command.create(row) for row in rows],
            }
        )
        return transfer.sudo(False)  # what follows needs the user's own rights

    def _keep_account(self, account):
        """Remember where the item was booked, for who undoes the transfer."""
        # sudo: the log has no right to write; the right to move was checked.
        self.sudo().old_account_id = account

    def _set_owners(self, name):
        """Give the documents and payments of this transfer to activities.

        :param name: the field of the lines that has the activity
        """
        lines = self.line_ids.filtered(lambda line: not line.item_id)
        for activity, own in lines.grouped(name).items():
            moves = own.move_id
            payments = moves.origin_payment_id
            payments.cae_activity_id = activity
            documents = moves.filtered(lambda m: not m.origin_payment_id)
            # Nothing of the documents' lines depends on it.
            documents = documents.with_context(
                cae_token=TAGGING, skip_invoice_sync=True
            )
            documents.write({"cae_activity_id": activity.id})
            payments.move_id._cae_refresh()

    # ------------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------------

    def action_ask_undo(self) -> dict:
        """Ask for the reason, then undo this transfer."""
        self.ensure_one()
        return self.env["cae.reason"]._ask(
            "undo_transfer", self.env._("Undo the Transfer"), transfer_id=self.id
        )

    def action_undo(self, reason: str) -> dict:
        """Give everything back; allocation entries are reversed.

        :param reason: why; kept in the log of the transfer
        :return: ``{"state"}``
        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-TRANSFER-REASON``, ``CAE-TRANSFER-UNDONE``,
            ``CAE-TRANSFER-CHANGED``, ``CAE-TRANSFER-EXIT``
        """
        self.ensure_one()
        self._check_may_transfer()
        reason = self._check_reason(reason)
        self._check_undoable()
        self.entry_ids._cae_reverse_transfer()
        # Before the items: a document without activity would take its default.
        self._set_owners("old_activity_id")
        lines = self.line_ids.filtered("item_id")
        current = lines.item_id._cae_effective_vectors()
        moved = {
            line.item_id.id: line._vector("before")
            for line in lines
            if current[line.item_id.id] != line._vector("before")
        }
        items = self.env["account.move.line"].browse(moved)
        items.move_id._cae_reallocate(moved, self)
        if self.old_account_id:
            lines.item_id.account_id = self.old_account_id
        # sudo: the log has no right to write; the right to undo was checked.
        self.sudo().state = "undone"
        self._cae_note(self.env._("Undone: %(reason)s", reason=reason))
        return {"state": "undone"}

    def _check_undoable(self):
        if self.state != "done":
            raise UserError(
                self.env._("CAE-TRANSFER-UNDONE: this transfer is undone already.")
            )
        lines = self.line_ids.filtered("item_id")
        self.line_ids.move_id._cae_check_not_left()
        current = lines.item_id._cae_effective_vectors()
        changed = lines.filtered(
            lambda line: current[line.item_id.id] != line._vector("after")
        )
        if changed:
            raise UserError(
                self.env._(
                    "CAE-TRANSFER-CHANGED: %(documents)s changed since. Move them "
                    "where they belong instead.",
                    documents=", ".join(changed.move_id.mapped("display_name")),
                )
            )

    def action_open_entries(self) -> dict:
        """The allocation entries of this transfer, with their reversals."""
        entries = self.entry_ids | self.entry_ids.reversal_move_ids
        return self._action_moves(self.env._("Allocation Entries"), entries)

    def action_open_documents(self) -> dict:
        """What was moved."""
        return self._action_moves(self.env._("Documents"), self.line_ids.move_id)

    def _action_moves(self, name, moves):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", moves.ids)],
        }


class CaeTransferLine(models.Model):
    """An item, or the activity of a document, before and after."""

    _name = "cae.transfer.line"
    _description = "Item Transferred"
    _order = "id"

    transfer_id = fields.Many2one(
        "cae.transfer", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="transfer_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_id = fields.Many2one(
        "account.move", string="Entry", required=True, ondelete="cascade", index=True
    )
    item_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: the line is about the activity of the document.",
    )
    account_id = fields.Many2one(related="item_id.account_id")
    balance = fields.Monetary(related="item_id.balance")
    before = fields.Json(
        string="Parts Before", help="Cents per analytic account (0: unallocated)."
    )
    after = fields.Json(
        string="Parts After", help="Cents per analytic account (0: unallocated)."
    )
    old_activity_id = fields.Many2one("cae.activity", string="Document of")
    new_activity_id = fields.Many2one("cae.activity", string="Document Now of")
    before_text = fields.Char(string="Before", compute="_compute_texts")
    after_text = fields.Char(string="After", compute="_compute_texts")

    @api.depends("before", "after", "old_activity_id", "new_activity_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        keys = {
            key
            for line in self
            for name in ("before", "after")
            for key in line._vector(name)
        }
        names = self.env["cae.ledger"]._account_names(keys)
        for line in self:
            line.before_text = line._words("before", line.old_activity_id, names)
            line.after_text = line._words("after", line.new_activity_id, names)

    def _words(self, name, owner, names):
        if not self.item_id:
            return owner.display_name or self.env._("the cooperative itself")
        return ", ".join(
            f"{names[key]}: {cents / 100:.2f}"
            for key, cents in sorted(self._vector(name).items())
        )

    def _vector(self, name):
        return {int(key): cents for key, cents in (self[name] or {}).items()}


class AccountMove(models.Model):
    _inherit = "account.move"

    cae_transfer_id = fields.Many2one(
        "cae.transfer",
        string="Transfer",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="By which somebody moved what this allocation entry moves.",
    )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        undoing = self.env.context.get("cae_undoing") is TAGGING
        if self.cae_transfer_id and not undoing:
            raise UserError(
                self.env._(
                    "CAE-TRANSFER-ENTRY: this entry comes from a transfer between "
                    "activities. Undo the transfer instead."
                )
            )
        return super()._reverse_moves(default_values_list, cancel)

    def _cae_generated_hint(self):
        if (self | self.reversed_entry_id).cae_transfer_id:
            return self.env._("Undo the transfer between activities instead.")
        return super()._cae_generated_hint()

    def _cae_owner(self):
        """The activity that this document, or this payment, was given."""
        self.ensure_one()
        payment = self.origin_payment_id
        return payment.cae_activity_id if payment else self.cae_activity_id

    def _cae_transfer_items(self):
        """The items whose activities are facts; the others follow them."""
        documents = self.filtered(lambda m: m.is_invoice(include_receipts=True))
        entries = self - documents
        entries = entries.filtered(lambda m: not m.origin_payment_id)
        bases = documents.line_ids.filtered(lambda line: line._cae_kind() == "base")
        return bases | entries.line_ids._cae_amount_lines()

    def _cae_check_transferable(self, items):
        """:raises UserError: ``CAE-TRANSFER-ENTRY``, ``-EXIT``, ``-FOLLOWS``"""
        self._cae_check_contributions()
        self._cae_check_generated()
        self._cae_check_not_left()
        refused = self.filtered(lambda m: m.state != "posted" or m._cae_is_automatic())
        if refused:
            raise UserError(
                self.env._(
                    "CAE-TRANSFER-ENTRY: %(entries)s: a draft is changed on its form, "
                    "and entries that Odoo writes follow the documents.",
                    entries=", ".join(refused.mapped("display_name")),
                )
            )
        following = items._all_partials()._cae_followers() & items
        if following:
            raise UserError(
                self.env._(
                    "CAE-TRANSFER-FOLLOWS: %(entries)s take their activities from the "
                    "documents that they settle. Move those documents.",
                    entries=", ".join(following.move_id.mapped("display_name")),
                )
            )

    def _cae_log_transfer(self, transfer):
        body = self.env._(
            "Moved to another activity: %(reason)s", reason=transfer.reason
        )
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
