from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import allocation
from .account_move_line import TAGGING
from .cae_owned import OWN

#: What a matching is: "collected" is read from it.
FACTS = {
    *("amount", "cae_before_opening", "cae_follower_id", "cae_share"),
    *("credit_move_id", "debit_move_id"),
}


class AccountPartialReconcile(models.Model):
    """Matching, with what each activity gives.

    When a payment is matched with a document, the payment takes the activities of
    the document. The share is kept here, so that undoing one matching gives back
    exactly what that matching gave.
    """

    _name = "account.partial.reconcile"
    _inherit = ["account.partial.reconcile", "cae.owned"]

    cae_share = fields.Json(
        string="Shares by Activity",
        readonly=True,
        help="Cents of the matched amount per analytic account (0: unallocated).",
    )
    cae_follower_id = fields.Many2one(
        "account.move.line",
        string="Following Item",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="The item that takes its activities from the other one.",
    )
    cae_before_opening = fields.Boolean(
        string="Before the Opening",
        readonly=True,
        help="Made before the activities took the document over: what it settled "
        "belongs to none of them.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._cae_follow()
        return partials

    def write(self, vals):
        if FACTS & set(vals) and self.env.context.get("cae_token") is not TAGGING:
            raise UserError(
                self.env._(
                    "CAE-MATCHING: a matching stays as it was made. Undo it and match "
                    "again."
                )
            )
        result = super().write(vals)
        if vals.get("exchange_move_id"):
            # Odoo matches the difference first, then says which matching it is of.
            led = self._cae_led()
            led._cae_follow(again=True)
            led.full_reconcile_id._cae_even_out_again()
        return result

    @api.model
    def _update_matching_number(self, amls):
        return super()._update_matching_number(amls.with_context(cae_own=OWN))

    def unlink(self):
        followers = self._cae_followers()
        written = self.exchange_move_id
        # Odoo reverses what it wrote for these matchings before the followers give
        # back their tags: whether that evens out shows afterwards.
        partials = self.with_context(cae_undoing=TAGGING)
        result = super(AccountPartialReconcile, partials).unlink()
        followers.exists().move_id._cae_refresh()
        written.exists().line_ids.full_reconcile_id._cae_even_out_again()
        return result

    def _cae_sides(self):
        """(source, follower) of a matching; no follower when both are facts."""
        debit, credit = self.debit_move_id, self.credit_move_id
        ranks = debit._cae_rank(), credit._cae_rank()
        if ranks[0] == ranks[1]:
            return debit, self.env["account.move.line"]
        return (debit, credit) if ranks[0] > ranks[1] else (credit, debit)

    def _cae_follow(self, again=False):
        """Compute the shares of these matchings and tag the items that follow.

        :param again: also when a share is known, because its source changed
        """
        moves = self.debit_move_id.move_id | self.credit_move_id.move_id
        if any(move.state != "posted" for move in moves):
            partials = self.filtered(lambda p: p._cae_is_posted())
        else:
            partials = self
        partials._cae_compute_shares(again)
        followers = partials._cae_followers().move_id
        if followers:
            followers._cae_refresh()

    def _cae_followers(self):
        """Items that take their activities from these matchings."""
        sides = self.debit_move_id | self.credit_move_id
        return self.cae_follower_id | sides.filtered(
            lambda line: line._cae_is_exchange_difference()
        )

    def _cae_led(self):
        """Matchings of what a payment brought more than expected (exchange gain)."""
        return self.exchange_move_id.line_ids._all_partials().filtered(
            lambda partial: partial._cae_leader()
        )

    def _cae_leader(self):
        """The matching whose exchange difference this one clears on the payment."""
        for line, other in (
            (self.debit_move_id, self.credit_move_id),
            (self.credit_move_id, self.debit_move_id),
        ):
            if line._cae_is_exchange_difference():
                leaders = line.move_id.exchange_diff_partial_ids
                leader = leaders.filtered(
                    lambda p, other=other: p.cae_follower_id == other
                )
                if leader:
                    return leader[:1]
        return self.browse()

    def _cae_is_posted(self):
        lines = self.debit_move_id | self.credit_move_id
        return all(line.parent_state == "posted" for line in lines)

    def _cae_compute_shares(self, again):
        lines = self.debit_move_id | self.credit_move_id
        todo = set(self.ids)
        # Followers' own vectors play no part: only the sources' open amounts do.
        remaining = {
            key: allocation.minus(vector)
            if lines.browse(key)._cae_cents() < 0
            else dict(vector)
            for key, vector in lines._cae_effective_vectors().items()
        }
        # Those whose share stays are taken off first, whatever their order.
        for partial in lines._all_partials().sorted(lambda p: p.id in todo):
            share = partial.cae_share
            asked = again and not partial.cae_before_opening
            if partial.id in todo and (asked or share is False):
                partial._cae_set_share(remaining)
                share = partial.cae_share
            for line in (partial.debit_move_id, partial.credit_move_id):
                if line.id in remaining and line != partial.cae_follower_id:
                    taken = {int(k): -c for k, c in (share or {}).items()}
                    remaining[line.id] = allocation.add(remaining[line.id], taken)

    def _cae_set_share(self, remaining):
        source, follower = self._cae_sides()
        cents = round(self.amount * 100)
        leader = self._cae_leader()
        if leader:
            # The gain is of those whose document was paid, in its proportions.
            follower = leader.cae_follower_id
            shares = {int(k): c for k, c in (leader.cae_share or {}).items()}
            vector = allocation.split(cents, shares)
        elif follower:
            vector = allocation.take(remaining[source.id], cents)
        elif source._cae_rank() == 2:
            vector = allocation.settle(
                remaining[self.debit_move_id.id],
                remaining[self.credit_move_id.id],
                cents,
            )
        else:
            vector = {allocation.UNALLOCATED: cents}
        share = {str(key): value for key, value in vector.items()}
        partial = self._cae_own().with_context(cae_token=TAGGING)
        partial.write({"cae_follower_id": follower.id, "cae_share": share})


class AccountFullReconcile(models.Model):
    """A settled document leaves 0.00 for every activity on its account."""

    _inherit = "account.full.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        fulls = super().create(vals_list)
        for full in fulls:
            full._cae_even_out(self.env["account.move"])
        return fulls

    def unlink(self):
        moves = self.env["account.move"].search(
            [
                ("cae_full_reconcile_id", "in", self.ids),
                ("cae_allocation", "=", True),
                ("state", "=", "posted"),
            ]
        )
        result = super().unlink()
        moves._cae_undo_allocation()
        return result

    def _cae_even_out(self, transfers):
        """Pay one activity's item with another's through the internal bank (181).

        It happens when documents of different activities settle each other. Odoo may
        match an item before its entry is posted: :meth:`_cae_even_out_again` is called
        then.

        :param transfers: entries that did so before
        """
        lines = self.reconciled_line_ids
        undoing = self.env.context.get("cae_undoing") is TAGGING
        if undoing or not lines or any(line._cae_keeps_uneven() for line in lines):
            return
        account, company = lines.account_id[:1], lines.company_id[:1]
        bank = company.cae_internal_bank_account_id
        moved = transfers.line_ids.filtered(lambda item: item.account_id == account)
        total = allocation.add(*(lines | moved)._cae_effective_vectors().values())
        if not total or not bank or not company.cae_journal_id:
            return
        self._cae_create_transfer(lines, account, bank, total)

    def _cae_even_out_again(self):
        """Even out after an entry of these matchings was posted."""
        transfers = self.env["account.move"].search(
            [("cae_full_reconcile_id", "in", self.ids), ("state", "=", "posted")]
        )
        for full in self:
            own = transfers.filtered(lambda m, f=full: m.cae_full_reconcile_id == f)
            full._cae_even_out(own)

    def _cae_create_transfer(self, lines, account, bank, total):
        company = lines.company_id[:1]
        move = max(lines, key=lambda line: (line.date, line.id)).move_id
        prepare = move._prepare_cae_allocation_line_vals
        rows = [prepare(account, key, -cents) for key, cents in total.items()]
        rows += [prepare(bank, key, cents) for key, cents in total.items()]
        partner = lines.partner_id[:1]
        transfer = (
            self.env["account.move"]
            ._cae_own()
            .create(
                {
                    "move_type": "entry",
                    "journal_id": company.cae_journal_id.id,
                    "company_id": company.id,
                    "date": self.env["cae.period"]._first_open_day(company, move.date),
                    "ref": self.env._("Set-off between activities: %s", move.name),
                    "cae_allocation": True,
                    "cae_full_reconcile_id": self.id,
                    "line_ids": [
                        fields.Command.create({**row, "partner_id": partner.id})
                        for row in rows
                    ],
                }
            )
        )
        transfer.with_env(self.env)._cae_post_allocation()
