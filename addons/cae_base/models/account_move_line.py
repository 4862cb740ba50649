from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import allocation
from ..engine.texts import short

# Only code can hold this object: a context sent by a client cannot, so that no RPC
# call writes tags or analytic items behind the ledger's back.
TAGGING = object()

#: Fields of a posted item whose change moves money between activities.
LEDGER_FIELDS = {
    "analytic_distribution",
    "account_id",
    "balance",
    "debit",
    "credit",
    "amount_currency",
}
#: Fields of a posted item from which those are computed, or the figures read, and its
#: words, which the FEC shows.
LOCKED_FIELDS = {
    "company_id",
    "currency_id",
    "discount",
    "display_type",
    "is_storno",
    "matching_number",
    "name",
    "partner_id",
    "price_unit",
    "product_id",
    "quantity",
    "ref",
    "statement_line_id",
    "tax_base_amount",
    "tax_ids",
    "tax_line_id",
    "tax_repartition_line_id",
    "tax_tag_ids",
}
#: Percent; more is no share.
LARGEST_SHARE = 1_000_000
#: Copies on an item of what its entry says; the ledger is read from them.
ENTRY_COPIES = ("company_id", "date", "journal_id", "parent_state")
#: Fields of a posted item that only its entry, its matchings, or the product, change.
ENTRY_FIELDS = {
    "amount_residual",
    "amount_residual_currency",
    "cae_source_line_id",
    "cae_tag_derived",
    "cae_tag_exact",
    *ENTRY_COPIES,
    "full_reconcile_id",
    "matched_credit_ids",
    "matched_debit_ids",
    "move_id",
    "reconciled",
}
#: Sales of products and goods in the French chart; the other 70 are services.
GOODS = ("701", "702", "703", "707")


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "cae.owned"]

    cae_tag_derived = fields.Boolean(
        string="Activities Derived",
        copy=True,
        readonly=True,
        help="The activities of this line were derived, not chosen by a person.",
    )
    cae_tag_exact = fields.Boolean(
        string="Activities to the Cent",
        copy=True,
        readonly=True,
        help="A transfer gave this line its activities, to the cent.",
    )
    cae_source_line_id = fields.Many2one(
        "account.move.line",
        string="Corrected Item",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The item of a locked month whose activities this item corrects.",
    )
    cae_correction_ids = fields.One2many(
        "account.move.line", "cae_source_line_id", string="Corrections", readonly=True
    )

    # ------------------------------------------------------------------
    # Defaults and protection
    # ------------------------------------------------------------------

    def _related_analytic_distribution(self):
        related = super()._related_analytic_distribution()
        move = self.move_id
        if self.display_type != "product" or not move.is_invoice(include_receipts=True):
            return related
        current = self.analytic_distribution or {}
        own = {key: current[key] for key in self._cae_keys(current)}
        account = move.cae_activity_id.analytic_account_id
        if not own and account and not self._cae_keys(related):
            own = {str(account.id): 100}
        return {**related, **own}

    def _cae_apply_default(self, old, new):
        """Give the lines of a document its new activity, in place of its old one.

        Lines with another activity keep it: somebody chose it.
        """
        before, after = old.analytic_account_id, new.analytic_account_id
        for line in self.filtered(lambda line: line.display_type == "product"):
            distribution = line.analytic_distribution or {}
            keys = line._cae_keys(distribution)
            chosen = set(keys.values()) - set(before.ids)
            if chosen and not line.cae_tag_derived:
                continue
            kept = {k: v for k, v in distribution.items() if k not in keys}
            wanted = {**kept, str(after.id): 100} if after else kept
            if wanted != distribution:
                line.analytic_distribution = wanted or False

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._cae_copy_entry()
        posted = lines.filtered(lambda line: line.parent_state == "posted")
        if posted and not self._cae_tagging():
            posted.move_id._cae_check_period()
            posted.move_id._cae_refresh()
        return lines

    def _cae_copy_entry(self):
        """Whoever gave other values for what the entry says is not followed."""
        for name in ENTRY_COPIES:
            source = name.removeprefix("parent_")
            astray = self.filtered(lambda ln, n=name, s=source: ln[n] != ln.move_id[s])
            self.env.add_to_compute(self._fields[name], astray)

    def write(self, vals):
        touched = LEDGER_FIELDS & set(vals)
        if self._cae_tagging():
            return super().write(vals)
        posted = self.filtered(lambda line: line.move_id.state == "posted")
        astray = self._cae_called_by_client() and self._cae_astray(vals, posted)
        if astray:
            if "move_id" in astray:
                # Odoo says it first when an entry is not balanced without the item.
                super().write(vals)
            raise UserError(
                self.env._(
                    "CAE-ENTRY-ITEM: the company, the journal, the date and the state "
                    "of a journal item are those of its entry; its activities are "
                    "derived, and matchings change by their buttons."
                )
            )
        locked = LOCKED_FIELDS & set(vals)
        if self._cae_owning():
            # Matchings number the items that they match.
            locked.discard("matching_number")
        if posted and (touched or locked):
            posted.move_id._cae_check_period()
        if not touched:
            return super().write(vals)
        if "analytic_distribution" in vals:
            self._cae_check_distribution(vals["analytic_distribution"])
            posted._cae_check_not_corrected()
            vals = {**vals, "cae_tag_derived": False, "cae_tag_exact": False}
        lines = self.with_context(cae_token=TAGGING)
        result = super(AccountMoveLine, lines).write(vals)
        posted.exists().move_id._cae_refresh()
        return result

    def _cae_astray(self, vals, posted):
        """Names of values that would part items from their posted entry."""
        # Items of a draft do not slip into a posted entry either.
        target = self.move_id.browse(vals.get("move_id"))
        changed = ENTRY_FIELDS & set(vals)
        if self.move_id == target:
            # Odoo writes the entry of a bank line with all its items again.
            changed.discard("move_id")
        entering = "move_id" in changed and target.state == "posted"
        refused = entering or posted or changed.intersection(ENTRY_COPIES)
        return changed if refused else set()

    @api.model
    def _cae_check_distribution(self, distribution):
        """:raises UserError: ``CAE-ENTRY-DISTRIBUTION``"""
        try:
            parts = dict(distribution or {})
            parts.pop("__update__", None)  # Odoo: the plans that are replaced
            ids = {int(part) for key in parts for part in str(key).split(",")}
            sound = all(abs(float(share)) <= LARGEST_SHARE for share in parts.values())
        except (AttributeError, TypeError, ValueError):
            sound, ids = False, set()
        # sudo: whether there are such accounts, whoever may read them.
        accounts = self.env["account.analytic.account"].sudo().browse(ids)
        if not sound or len(accounts.exists()) < len(ids):
            raise UserError(
                self.env._(
                    "CAE-ENTRY-DISTRIBUTION: %(value)s does not share an item between "
                    "analytic accounts; write it as {account: percentage}.",
                    value=short(distribution),
                )
            )

    def _cae_check_not_corrected(self):
        """:raises UserError: ``CAE-ENTRY-CORRECTED``"""
        corrections = self.cae_correction_ids._cae_in_force()
        if corrections:
            raise UserError(
                self.env._(
                    "CAE-ENTRY-CORRECTED: %(entries)s moved the activities of this "
                    "item while its month was locked. Undo that first, or move the "
                    "item with the button “Move to Another Activity”.",
                    entries=", ".join(corrections.move_id.mapped("name")),
                )
            )

    def _copy_data_extend_business_fields(self, values):
        # What an allocation entry corrected, its reversal corrects back.
        result = super()._copy_data_extend_business_fields(values)
        if self._cae_owning() and self.move_id.cae_allocation:
            values["cae_source_line_id"] = self.cae_source_line_id.id
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked_month(self):
        posted = self.filtered(lambda line: line.move_id.state == "posted")
        posted.move_id._cae_check_period()

    def _inverse_analytic_distribution(self):
        lines = self.with_context(cae_token=TAGGING)
        return super(AccountMoveLine, lines)._inverse_analytic_distribution()

    def _create_analytic_lines(self):
        lines = self.with_context(cae_token=TAGGING)
        return super(AccountMoveLine, lines)._create_analytic_lines()

    def _cae_tagging(self):
        return self.env.context.get("cae_token") is TAGGING

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _cae_amount_lines(self):
        lines = self.filtered(
            lambda line: (
                line.display_type
                not in ("line_section", "line_subsection", "line_note")
            )
        )
        # What is read of them is read for the other entries of a batch too.
        return lines.with_prefetch(self._prefetch_ids)

    def _cae_cents(self):
        return round(self.balance * 100)

    def _cae_kind(self):
        if self.display_type == "payment_term":
            return "term"
        is_tax = self.tax_repartition_line_id or self.tax_line_id
        if self.move_id._cae_pays_expense() and not is_tax:
            return "base" if self.expense_id else "term"
        if self.display_type == "product":
            return "base"
        return "tax" if is_tax else "other"

    def _cae_is_service(self):
        """By the taxes of the line, else its product, else its account."""
        scopes = set(self.tax_ids.flatten_taxes_hierarchy().mapped("tax_scope"))
        if scopes & {"consu", "service"}:
            return "service" in scopes
        if self.product_id:
            return self.product_id.type == "service"
        return not (self.account_id.code or "").startswith(GOODS)

    def _cae_tax_key(self):
        """Names the tax of a tax line; Odoo keeps one per expense of a document."""
        tax = self.tax_repartition_line_id.tax_id or self.tax_line_id
        return tax.id, self._cae_expense_key()

    def _cae_tax_keys(self):
        """Names of the taxes that this line bears, see :meth:`_cae_tax_key`."""
        expense = self._cae_expense_key()
        taxes = self.tax_ids.flatten_taxes_hierarchy()
        return frozenset((tax.id, expense) for tax in taxes)

    def _cae_expense_key(self):
        several = self.move_id.is_invoice(include_receipts=True)
        return self.expense_id.id if several else False

    def _cae_keys(self, distribution):
        """Keys of a distribution that name an activity: ``{key: account id}``."""
        ours = self.env["cae.ledger"]._accounts()
        found = {}
        for key in distribution or {}:
            for part in key.split(","):
                if part.isdigit() and int(part) in ours:
                    found[key] = int(part)
        return found

    def _cae_key_cents(self):
        """Cents of each key of the stored distribution, by largest remainder."""
        keys = list(self._cae_keys(self.analytic_distribution))
        shares = [(n + 1, self.analytic_distribution[k]) for n, k in enumerate(keys)]
        typed = not (self.cae_tag_derived or self.cae_tag_exact)
        parts = allocation.cents(shares, self._cae_cents(), typed)
        return {key: parts.get(n + 1, 0) for n, key in enumerate(keys)}

    def _cae_stored_vectors(self):
        """``{line id: vector}`` as stored on the lines themselves."""
        result = {}
        for line in self:
            accounts = self._cae_keys(line.analytic_distribution)
            vector = allocation.add(
                *({accounts[k]: c} for k, c in line._cae_key_cents().items())
            )
            rest = line._cae_cents() - sum(vector.values())
            result[line.id] = allocation.add(vector, {allocation.UNALLOCATED: rest})
        return result

    def _cae_effective_vectors(self, exits=True):
        """``{line id: vector}`` with the allocation entries that correct the lines.

        :param exits: also the transfers of activities that left
        """
        result = self._cae_stored_vectors()
        corrections = self._cae_corrections(exits)
        vectors = corrections._cae_stored_vectors()
        for line in corrections:
            key = line.cae_source_line_id.id
            result[key] = allocation.add(result[key], vectors[line.id])
        return result

    def _cae_corrections(self, exits):
        """Items of the posted allocation entries that correct these."""
        return self.cae_correction_ids.filtered(
            lambda line: (
                line.parent_state == "posted"
                and (exits or not line.move_id.cae_exit_id)
            )
        )

    def _cae_given(self, all_tags=False):
        """Vectors of the lines that a person or a program tagged."""
        tagged = self.filtered(
            lambda line: (
                (all_tags or not line.cae_tag_derived)
                and self._cae_keys(line.analytic_distribution)
            )
        )
        tagged |= self._cae_moved_late()
        return tagged._cae_effective_vectors(exits=False)

    def _cae_in_force(self):
        """Those of these corrections that are posted and not reversed."""
        return self.filtered(
            lambda line: (
                line.parent_state == "posted"
                and not line.move_id.reversed_entry_id
                and "posted" not in line.move_id.reversal_move_ids.mapped("state")
            )
        )

    def _cae_is_given(self):
        """Whether this line's activities are a fact that matched items follow."""
        move = self.move_id
        if move.is_invoice(include_receipts=True) or move.cae_allocation:
            return True
        if move.tax_cash_basis_origin_move_id or move._cae_is_mirror():
            return True
        lines = self if move._cae_waits() else move.line_ids
        return bool(lines._cae_given())

    def _cae_keeps_uneven(self):
        """Whether a matching with this item is not evened out between activities."""
        if self.move_id.cae_allocation or self.parent_state != "posted":
            return True
        # Odoo says later which matching a difference on a payment comes from.
        if self.move_id.exchange_diff_partial_ids:
            return False
        return self._cae_is_exchange_difference() and any(
            partial._cae_sides()[0]._cae_rank() == 1 for partial in self._all_partials()
        )

    def _cae_is_exchange_difference(self):
        journal = self.company_id.currency_exchange_journal_id
        return bool(journal) and self.journal_id == journal

    def _cae_rank(self):
        """Who is followed when two items are matched: the higher rank."""
        if self._cae_is_given():
            return 2
        return 1 if self.move_id.origin_payment_id else 0

    def _cae_mirror(self, origins, known):
        """Vectors opposite to those of the entry that these lines reverse.

        :param known: vectors that its lines take just now
        """
        stored = origins._cae_effective_vectors() | known
        result = {}
        left = list(origins)
        for line in self:
            origin = next(o for o in left if line._cae_reverses(o))
            left.remove(origin)
            result[line.id] = allocation.minus(stored[origin.id])
        return result

    def _cae_reverses(self, origin):
        return (
            origin.account_id == self.account_id
            and origin._cae_cents() == -self._cae_cents()
            and origin.tax_repartition_line_id == self.tax_repartition_line_id
        )

    def _cae_settled(self, default):
        """Vectors of the lines that take their activities from a matched item."""
        result = {}
        for line in self:
            parts = [
                (partial.cae_share or {}, 1 if partial.debit_move_id == line else -1)
                for partial in line._all_partials()
                if line in partial._cae_followers()
            ]
            if not parts:
                continue
            vector = allocation.add(
                *({int(k): sign * c for k, c in s.items()} for s, sign in parts)
            )
            rest = line._cae_cents() - sum(vector.values())
            result[line.id] = allocation.add(vector, {default: rest})
        return result

    def _all_partials(self):
        return (self.matched_debit_ids | self.matched_credit_ids).sorted("id")

    # ------------------------------------------------------------------
    # Matching in batches
    # ------------------------------------------------------------------

    @api.model
    def _cae_match(self, plan):
        """Reconcile many groups of items, their cash basis entries in one batch.

        Odoo creates, numbers and posts the cash basis entry of each group on its
        own, which takes most of the time of a match; together they cost a third.

        :param plan: list of recordsets, each matched on its own, in order
        """
        lines = self.union(*plan)
        before = lines._all_partials()
        self.with_context(no_cash_basis=True)._reconcile_plan(plan)
        partials = lines._all_partials() - before
        if any(lines.company_id.mapped("tax_exigibility")):
            partials._create_tax_cash_basis_moves()
            partials._set_draft_caba_move_vals()

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def _cae_distribution(self, vector):
        """The distribution that stores ``vector``; other plans' keys are kept."""
        old = self.analytic_distribution or {}
        keys = self._cae_keys(old)
        cents = self._cae_key_cents()
        by_account = allocation.add(*({keys[k]: c} for k, c in cents.items()))
        balance = self._cae_cents()
        if not balance:
            return old
        wanted = {k: c for k, c in vector.items() if k != allocation.UNALLOCATED}
        kept = {key: value for key, value in old.items() if key not in keys}
        if keys and by_account == wanted:
            parts = {number: cents[key] for number, key in enumerate(keys, 1)}
            names = dict(enumerate(keys, 1))
        else:
            parts = wanted
            names = {account: str(account) for account in wanted}
        rest = balance - sum(parts.values())
        shares = allocation.percentages({**parts, 0: rest}, balance)
        return {**kept, **{names[k]: float(v) for k, v in shares.items()}} or False

    def _cae_write_tags(self, vectors, given=()):
        """Store vectors on lines without recomputing their entries.

        The values go through the cache: Odoo flushes them in one UPDATE, while a
        ``write`` would synchronise taxes and terms of every document once more.

        :param given: ids of the lines that somebody chose the activities of just now
        :return: the lines whose distribution changed
        """
        exact = self.filtered(lambda line: line.id in given and not line.cae_tag_exact)
        given = {*self._cae_given(), *given}
        distributions = self._fields["analytic_distribution"]
        derived = self._fields["cae_tag_derived"]
        changed = self.browse()
        for line in self.filtered(lambda line: line.id in vectors):
            new = line._cae_distribution(vectors[line.id])
            flag = line.id not in given
            if flag != line.cae_tag_derived:
                derived._update_cache(line, flag, dirty=True)
            if (line.analytic_distribution or False) != new:
                distributions._update_cache(line, new or None, dirty=True)
                changed += line
        for line in exact:
            self._fields["cae_tag_exact"]._update_cache(line, True, dirty=True)
        return changed

    def _cae_apply(self, vectors, given=(), transfer=None):
        """Store vectors on posted lines; correct those of locked months by an entry.

        :param given: ids of the lines that somebody chose the activities of just now
        :param transfer: the ``cae.transfer`` by which they did

        :return: the lines whose activities changed
        """
        lines = self.filtered(lambda line: line.id in vectors)
        for company, own in lines.grouped("company_id").items():
            self.env["cae.period"]._hold_open(company, set(own.mapped("date")))
        locked_months = {
            company: self.env["cae.period"]._locked_months(company)
            for company in lines.company_id
        }
        locked = lines.filtered(
            lambda line: line.date.replace(day=1) in locked_months[line.company_id]
        )
        changed = (lines - locked)._cae_rewrite(vectors, given)
        return changed + locked._cae_correct(vectors, transfer)

    def _cae_rewrite(self, vectors, given=()):
        corrected = self._cae_corrections(exits=False)
        # A month locked and opened again may hold lines that an entry corrected.
        current = corrected.cae_source_line_id._cae_effective_vectors(exits=False)
        stored = corrected.cae_source_line_id._cae_stored_vectors()
        for key, vector in current.items():
            correction = allocation.add(vector, allocation.minus(stored[key]))
            vectors[key] = allocation.add(vectors[key], allocation.minus(correction))
        changed = self._cae_write_tags(vectors, given)
        posted = self.filtered(lambda line: line.parent_state == "posted")
        column = self.env["cae.ledger"]._column()
        posted.analytic_line_ids.fetch([column, "amount"])
        changed |= posted.filtered(
            lambda line: line._cae_items_differ(vectors[line.id])
        )
        changed = changed.with_context(cae_token=TAGGING, skip_analytic_sync=True)
        changed.analytic_line_ids.unlink()
        # A document may have gone back to draft since it was moved.
        (changed & posted)._create_analytic_lines()
        return changed.with_env(self.env)

    def _cae_items_differ(self, vector):
        """Whether the analytic items are not those of ``vector``."""
        column = self.env["cae.ledger"]._column()
        items = self.analytic_line_ids.filtered(column)
        found = allocation.add(
            *({item[column].id: -round(item.amount * 100)} for item in items)
        )
        return found != {k: c for k, c in vector.items() if k and c}

    def _cae_propagate(self):
        """Allocate again what follows these items, whose activities changed."""
        self._cae_led_moves()._cae_refresh()
        self._all_partials().full_reconcile_id._cae_even_out_again()

    def _cae_led_moves(self):
        """Entries that take their activities from these items, which changed."""
        partials = self._all_partials().filtered(
            lambda p: p.cae_follower_id not in self
        )
        partials = partials.filtered(lambda p: p._cae_is_posted())
        partials |= partials._cae_led()
        partials._cae_compute_shares(again=True)
        cash_basis = self.move_id.tax_cash_basis_created_move_ids.filtered(
            lambda m: not m.tax_cash_basis_rec_id.cae_before_opening
        )
        reversals = self.move_id.filtered("tax_cash_basis_origin_move_id")
        moves = partials._cae_followers().move_id | cash_basis.sorted("id")
        return moves | reversals.reversal_move_ids

    def _cae_correct(self, vectors, transfer=None):
        """Write the allocation entries of lines in locked months."""
        current = self._cae_effective_vectors(exits=False)
        differences = {
            line: allocation.add(vectors[line.id], allocation.minus(current[line.id]))
            for line in self
        }
        differences = {line: diff for line, diff in differences.items() if diff}
        by_move = defaultdict(dict)
        for line, difference in differences.items():
            by_move[line.move_id][line] = difference
        moves = self.env["account.move"]
        origin = {"cae_transfer_id": transfer.id} if transfer else {}
        moves = moves._cae_own().create(
            [
                {**move._prepare_cae_allocation_vals(parts), **origin}
                for move, parts in by_move.items()
            ]
        )
        moves.with_env(self.env)._cae_post_allocation()
        return self.browse([line.id for line in differences])
