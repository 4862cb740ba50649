from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import allocation
from .account_move_line import TAGGING

BANK_JOURNALS = ("bank", "cash", "credit")
#: Fields of a posted entry on which the ledger or the figures of its month depend, or
#: that the FEC and published statements show: numbers, references, labels.
LOCKED_FIELDS = {
    "cae_activity_id",
    "cae_allocation",
    "cae_exit_id",
    "company_id",
    "currency_id",
    "date",
    "fiscal_position_id",
    "invoice_cash_rounding_id",
    "invoice_currency_rate",
    "invoice_date",
    "invoice_line_ids",
    "invoice_payment_term_id",
    "journal_id",
    "journal_line_ids",
    "line_ids",
    "move_type",
    "name",
    "narration",
    "origin_payment_id",
    "partner_id",
    "payment_reference",
    "ref",
    "reversed_entry_id",
    "statement_line_id",
    "tax_cash_basis_origin_move_id",
    "tax_cash_basis_rec_id",
}
#: Fields of a posted entry that Odoo reckons, or sets when a button is pressed.
RECKONED_FIELDS = {
    "inalterable_hash",
    "payment_state",
    "posted_before",
    "sequence_number",
    "sequence_prefix",
}


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "cae.owned"]

    cae_activity_id = fields.Many2one(
        "cae.activity",
        string="Activity",
        compute="_compute_cae_activity_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Lines without an activity of their own belong to this one.",
    )
    # Not stored: the form hands it back, so that choosing twice before saving works.
    cae_previous_activity_id = fields.Many2one(
        "cae.activity", string="Previous Activity", store=False
    )
    cae_allocation = fields.Boolean(
        string="Allocation Entry",
        copy=False,
        readonly=True,
        help="Written by the product to move amounts between activities; net zero "
        "on every account.",
    )
    cae_full_reconcile_id = fields.Many2one(
        "account.full.reconcile",
        string="Evened-out Matching",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="The matching whose difference between activities this entry evens out.",
    )

    @api.depends("partner_id")
    def _compute_cae_activity_id(self):
        for move in self:
            activity = move.partner_id.cae_activity_id
            if move.is_invoice(include_receipts=True):
                activity = activity.filtered(
                    lambda a, m=move: a.company_id == m.company_id
                )
                # Another customer never moves a document by itself: see the onchange.
                move.cae_activity_id = move.cae_activity_id or activity
            else:
                move.cae_activity_id = move.cae_activity_id

    @api.onchange("partner_id")
    def _onchange_cae_partner(self):
        partner, own = self.partner_id, self.partner_id.cae_activity_id
        current = self.cae_activity_id
        if not own or not current or own == current:
            return None
        return {
            "warning": {
                "title": self.env._("The document stays with its activity"),
                "message": self.env._(
                    "%(partner)s is a customer of %(own)s, and this document belongs "
                    "to %(current)s. Change its activity if that is not meant.",
                    partner=partner.name or partner.display_name,
                    own=own.display_name,
                    current=current.display_name,
                ),
            }
        }

    @api.onchange("cae_activity_id")
    def _onchange_cae_activity_id(self):
        if self.is_invoice(include_receipts=True):
            old = self.cae_previous_activity_id or self._origin.cae_activity_id
            self.invoice_line_ids._cae_apply_default(old, self.cae_activity_id)
            self.cae_previous_activity_id = self.cae_activity_id

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------

    def _post(self, soft=True):
        self._cae_shift_automatic_dates()
        self._cae_check_analytic_lines()
        self.line_ids._cae_write_tags(self._cae_vectors())
        posted = super(AccountMove, self.with_context(cae_token=TAGGING))._post(soft)
        posted = posted.with_env(self.env)
        posted._cae_check_period()
        # Odoo keeps matchings while a document goes back to draft: what follows it
        # must be allocated again from its new tags.
        partials = posted.line_ids._all_partials()
        if partials:
            partials._cae_follow(again=True)
            partials.full_reconcile_id._cae_even_out_again()
        return posted

    def write(self, vals):
        self._cae_check_write(vals)
        dated = {"date", "invoice_date"} & set(vals)
        days = {move: move.date for move in self if dated}
        owners = {}
        tagging = self.env.context.get("cae_token") is TAGGING
        if not tagging and {"cae_activity_id", "partner_id"} & set(vals):
            # A document without an activity takes that of its new customer.
            owners = {move: move.cae_activity_id for move in self}
        result = super().write(vals)
        for move, old in owners.items():
            if move.cae_activity_id != old and move.is_invoice(include_receipts=True):
                move.invoice_line_ids._cae_apply_default(old, move.cae_activity_id)
        for move, day in days.items():
            if move.state == "posted" and move.date != day:
                # The date of the document may have moved that of the entry.
                move._cae_check_period()
                move._cae_redate()
        if {"line_ids", "cae_activity_id"} & set(vals):
            # Bank statement lines change the items of posted entries.
            self._cae_refresh()
        return result

    def _cae_check_write(self, vals):
        """Refuse what only buttons do, and what changes a locked month.

        :raises UserError: ``CAE-ENTRY-STATE``, ``CAE-ENTRY-RECKONED``,
            ``CAE-PERIOD-LOCKED``
        """
        if self.env.context.get("cae_token") is TAGGING:
            return
        posted = self.filtered(lambda m: m.state == "posted")
        if self._cae_called_by_client():
            self._cae_check_buttons(vals, posted)
        if LOCKED_FIELDS & set(vals):
            posted._cae_check_period()
            day = fields.Date.to_date(vals.get("date"))
            if day and posted:
                for company in posted.company_id:
                    self.env["cae.period"]._check_open(company, {day})

    def _cae_check_buttons(self, vals, posted):
        """:raises UserError: ``CAE-ENTRY-STATE``, ``CAE-ENTRY-RECKONED``"""
        state = vals.get("state")
        if state and (self - posted if state == "posted" else posted):
            raise UserError(
                self.env._(
                    "CAE-ENTRY-STATE: entries are posted, cancelled and put back to "
                    "draft by their buttons (action_post, button_cancel, button_draft)."
                )
            )
        reckoned = [
            name
            for name in vals
            if name in RECKONED_FIELDS or name.startswith("amount_")
        ]
        if posted and reckoned:
            raise UserError(
                self.env._(
                    "CAE-ENTRY-RECKONED: Odoo reckons %(fields)s of a posted entry. "
                    "Change its items or its payments instead.",
                    fields=", ".join(sorted(reckoned)),
                )
            )

    def _cae_redate(self):
        """Analytic items take the date of their journal items."""
        items = self.line_ids.analytic_line_ids
        items = items.with_context(cae_token=TAGGING, skip_analytic_sync=True)
        items.date = self.date

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked_month(self):
        self.filtered(lambda m: m.state == "posted")._cae_check_period()

    def button_cancel(self):
        moves = self.with_context(cae_token=TAGGING)
        return super(AccountMove, moves).button_cancel()

    def button_draft(self):
        self.filtered(lambda m: m.state == "posted")._cae_check_period()
        self._cae_check_generated()
        moves = self.with_context(cae_token=TAGGING)
        return super(AccountMove, moves).button_draft()

    def action_toggle_block_payment(self):
        moves = self.with_context(cae_token=TAGGING)
        return super(AccountMove, moves).action_toggle_block_payment()

    def _hash_moves(self, **kwargs):
        moves = self.with_context(cae_token=TAGGING)
        return super(AccountMove, moves)._hash_moves(**kwargs)

    def _cae_open(self):
        """Action that shows these entries: a list, or the form of the only one."""
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
        }
        if len(self) == 1:
            action |= {"view_mode": "form", "res_id": self.id}
        return action

    def _cae_check_analytic_lines(self):
        """Hook before tags are derived; other modules may refuse a document."""

    def _cae_check_period(self):
        """:raises UserError: ``CAE-PERIOD-LOCKED``"""
        for company, moves in self.grouped("company_id").items():
            days = set(moves.mapped("date"))
            self.env["cae.period"]._check_open(company, days)

    def _cae_check_generated(self):
        """:raises UserError: ``CAE-ENTRY-GENERATED``"""
        for move in self:
            hint = move.state == "posted" and move._cae_generated_hint()
            if hint:
                raise UserError(
                    self.env._(
                        "CAE-ENTRY-GENERATED: %(entry)s was written by the product. "
                        "%(hint)s",
                        entry=move.display_name,
                        hint=hint,
                    )
                )

    def _cae_generated_hint(self):
        """Hook: how to undo this entry when it must not be changed by hand."""
        self.ensure_one()
        if self.cae_allocation:
            return self.env._("Undo the matching that it comes from.")
        return ""

    def _cae_shift_automatic_dates(self):
        """Entries that Odoo writes by itself take the first open month.

        A payment of a locked month that is matched later must not be refused because
        its cash basis or exchange entry would be dated in that month.
        """
        automatic = self.filtered(lambda m: m._cae_is_automatic())
        for (company, day), moves in automatic.grouped(
            lambda m: (m.company_id, m.date)
        ).items():
            open_day = self.env["cae.period"]._first_open_day(company, day)
            if open_day != day:
                moves.date = open_day

    def _cae_is_automatic(self):
        self.ensure_one()
        origin = self.reversed_entry_id or self
        return bool(
            origin.tax_cash_basis_rec_id
            or origin.tax_cash_basis_origin_move_id
            or origin.cae_allocation
            or origin.journal_id == origin.company_id.currency_exchange_journal_id
        )

    # ------------------------------------------------------------------
    # Vectors: cents of each line per activity
    # ------------------------------------------------------------------

    def _cae_vectors(self, moved=None):
        """``{line id: vector}`` of all the lines of these entries.

        :param moved: ``{line id: vector}`` that take the place of what lines carry
        :raises UserError: ``CAE-ANALYTIC-ZERO``, ``CAE-ENTRY-UNBALANCED``
        """
        vectors, pool = {}, {}
        # Read for all the entries at once, not for each when it asks.
        (self | self.tax_cash_basis_origin_move_id).line_ids.fetch(
            ["cae_correction_ids"]
        )
        # Cash basis entries in their order: a later one takes what an earlier one left.
        ordered = self.sorted(lambda m: m.id if m.tax_cash_basis_origin_move_id else 0)
        for move in ordered:
            try:
                vectors |= move._cae_move_vectors(self, pool, vectors, moved)
            except allocation.AllocationError as error:
                raise UserError(move._cae_error_message(error)) from error
        return vectors

    def _cae_move_vectors(self, batch, pool, known, moved=None):
        """Vectors of the lines of this entry.

        :param pool: VAT left of each document, shared by the entries of a batch
        :param known: vectors of the entries of the batch so far
        """
        self.ensure_one()
        lines = self.line_ids._cae_amount_lines()
        if self.is_invoice(include_receipts=True) or self._cae_pays_expense():
            return self._cae_document_vectors(lines, moved)
        origin = self.reversed_entry_id
        if origin.tax_cash_basis_origin_move_id:
            return lines._cae_mirror(origin.line_ids._cae_amount_lines(), known)
        if self.tax_cash_basis_origin_move_id:
            return self._cae_cash_basis_vectors(lines, batch, pool)
        return self._cae_entry_vectors(lines, moved)

    def _cae_default(self):
        """Analytic account id of what nobody tagged, or unallocated."""
        self.ensure_one()
        activity = self.cae_activity_id or self.origin_payment_id.cae_activity_id
        if activity:
            return activity.analytic_account_id.id
        if self._cae_waits():
            return allocation.UNALLOCATED
        return self.company_id.cae_shared_account_id.id or allocation.UNALLOCATED

    def _cae_waits(self):
        """Whether what is not matched waits instead of going to the CAE itself."""
        exchange = self.company_id.currency_exchange_journal_id
        return (
            not self.is_invoice(include_receipts=True)
            and (
                self.journal_id.type in BANK_JOURNALS
                or self.journal_id == exchange
                or self.cae_allocation
            )
            and not self._cae_pays_expense()
        )

    def _cae_document_vectors(self, lines, moved=None):
        default = self._cae_default()
        given = lines._cae_given()
        if moved is not None:
            # Only what is moved changes: the rest is nobody's default any more.
            bases = lines.filtered(lambda line: line._cae_kind() == "base")
            given |= bases._cae_effective_vectors(exits=False) | moved
        items = []
        for line in lines:
            kind = line._cae_kind()
            if kind == "other" and line.id in given:
                # Discounts on an account of their own know whose they are.
                kind = "base"
            cents = line._cae_cents()
            items.append(
                allocation.Item(
                    id=line.id,
                    kind=kind,
                    balance=cents,
                    given=given.get(line.id, {default: cents})
                    if kind == "base"
                    else {},
                    taxes=line._cae_tax_keys() if kind == "base" else frozenset(),
                    tax=line._cae_tax_key(),
                )
            )
        return allocation.document(items)

    def _cae_entry_vectors(self, lines, moved=None):
        balances = {line.id: line._cae_cents() for line in lines}
        moved = {key: moved[key] for key in moved or () if key in balances}
        if moved and not self._cae_waits():
            current = lines._cae_effective_vectors(exits=False)
            kept = lines._cae_moved().ids
            chosen = lines._cae_given()
            return allocation.reallocate(balances, current, moved, kept, chosen)
        given = {**lines._cae_given(), **moved}
        settled = lines._cae_settled(self._cae_default())
        if not given and not settled:
            default = self._cae_default()
            return {key: {default: cents} for key, cents in balances.items()}
        if settled or self._cae_waits():
            waiting = lines._cae_waiting()
            vectors = allocation.follow(balances, {**waiting, **settled, **given})
            # What moves amounts between activities takes nothing from any of them.
            return (
                allocation.entry(balances, vectors) if self.cae_allocation else vectors
            )
        if self.cae_activity_id and len(balances) - len(given) > 1:
            account = self.cae_activity_id.analytic_account_id.id
            given = {k: given.get(k, {account: c}) for k, c in balances.items()}
        return allocation.entry(balances, given)

    def _cae_cash_basis_vectors(self, lines, batch, pool):
        """Share the VAT of a cash basis entry as its document's tax lines are.

        Lines come in pairs (the item and its counterpart on the waiting account);
        the last payment takes what is left of each activity, so that the waiting
        account ends at 0.00 for every activity.
        """
        origin = self.tax_cash_basis_origin_move_id
        if origin not in pool:
            pool[origin] = origin._cae_cash_basis_remaining(batch)
        remaining = pool[origin]
        if "posted" in self.reversal_move_ids.mapped("state"):
            remaining = dict(remaining)  # what was given back takes nothing
        given = lines._cae_given(all_tags=True)
        default = origin._cae_default()
        result = {}
        ordered = lines.sorted(lambda line: (line.sequence, line.id))
        for line, counterpart in zip(ordered[::2], ordered[1::2], strict=True):
            repartition = line.tax_repartition_line_id.id
            if repartition in remaining:
                vector = allocation.take(remaining[repartition], line._cae_cents())
                remaining[repartition] = allocation.add(
                    remaining[repartition], allocation.minus(vector)
                )
            else:
                vector = given.get(line.id, {default: line._cae_cents()})
            result[line.id] = vector
            result[counterpart.id] = allocation.minus(vector)
        return result

    def _cae_cash_basis_remaining(self, batch):
        """Vector of each tax of this document that no cash basis entry took yet."""
        remaining = defaultdict(dict)
        earlier = self.tax_cash_basis_created_move_ids - batch
        earlier -= batch.reversal_move_ids
        earlier |= earlier.reversal_move_ids
        taken = earlier.filtered(lambda m: m.state == "posted").line_ids
        for lines, sign in ((self.line_ids, 1), (taken, -1)):
            lines = lines.filtered("tax_repartition_line_id")
            vectors = lines._cae_effective_vectors()
            for line in lines:
                vector = {k: sign * v for k, v in vectors[line.id].items()}
                key = line.tax_repartition_line_id.id
                remaining[key] = allocation.add(remaining[key], vector)
        return remaining

    def _cae_error_message(self, error):
        names = self.env["cae.ledger"]._account_names(error.vector)
        detail = ", ".join(
            f"{names[key]}: {cents / 100:.2f}"
            for key, cents in sorted(error.vector.items())
        )
        values = {"entry": self.ref or self.display_name, "detail": detail}
        if error.code == "CAE-ANALYTIC-ZERO":
            return self.env._(
                "CAE-ANALYTIC-ZERO: %(entry)s comes to 0.00 while its activities do "
                "not (%(detail)s). Make one document per activity.",
                **values,
            )
        if error.code == "CAE-TRANSFER-COUNTERPART":
            return self.env._(
                "CAE-TRANSFER-COUNTERPART: no line of %(entry)s can take the "
                "difference (%(detail)s): the others were moved or shared out too. "
                "Undo one of those transfers, or move the lines together.",
                **values,
            )
        return self.env._(
            "CAE-ENTRY-UNBALANCED: %(entry)s does not balance for each activity "
            "(%(detail)s too much on the credit side). Give the missing lines their "
            "activity, or leave exactly one line without one.",
            **values,
        )

    # ------------------------------------------------------------------
    # Tags of posted entries
    # ------------------------------------------------------------------

    def _cae_retag(self):
        """Derive the tags of posted entries again and store what changed.

        :return: the journal items whose activities changed
        """
        posted = self.filtered(lambda m: m.state == "posted")
        return posted.line_ids._cae_apply(posted._cae_vectors())
