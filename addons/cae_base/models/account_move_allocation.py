"""Entries by which the product moves amounts between activities."""

from odoo import fields, models

from ..engine import allocation
from .account_move_line import TAGGING


class AccountMove(models.Model):
    _inherit = "account.move"

    def _prepare_cae_allocation_vals(self, parts):
        """Values of the entry that corrects lines of this (locked) entry.

        :param parts: ``{journal item: vector to add}``, each vector summing to zero
        """
        self.ensure_one()
        company = self.company_id
        return {
            "move_type": "entry",
            "journal_id": company.cae_journal_id.id,
            "company_id": company.id,
            "date": self.env["cae.period"]._first_open_day(company, self.date),
            "ref": self.env._("Allocation of %(entry)s", entry=self.name),
            "cae_allocation": True,
            "line_ids": [
                fields.Command.create(
                    {
                        **self._prepare_cae_allocation_line_vals(
                            line.account_id, key, cents
                        ),
                        "partner_id": line.partner_id.id,
                        "cae_source_line_id": line.id,
                    }
                )
                for line, vector in parts.items()
                for key, cents in sorted(vector.items())
            ],
        }

    def _prepare_cae_allocation_line_vals(self, account, key, cents):
        tagged = key != allocation.UNALLOCATED
        return {
            "name": self.env._("Allocation of %(entry)s", entry=self.name),
            "account_id": account.id,
            "balance": cents / 100,
            "analytic_distribution": {str(key): 100} if tagged else False,
        }

    def _cae_post_allocation(self):
        """Post allocation entries and match their items account by account."""
        if not self:
            return
        self._post(soft=False)
        plan = []
        for move in self:
            # Odoo matches the items of a reversal by itself.
            open_ = move.line_ids.filtered(lambda line: not line.reconciled)
            for lines in open_.grouped("account_id").values():
                if lines.account_id.reconcile and len(lines) > 1:
                    plan.append(lines)
        self.env["account.move.line"]._reconcile_plan(plan)

    def _cae_undo_allocation(self):
        """Reverse allocation entries whose reason is gone."""
        moves = self.filtered(lambda move: move.state == "posted")
        if not moves:
            return
        moves.line_ids.remove_move_reconcile()
        reversals = moves._cae_own()._reverse_moves(
            [
                {"date": move.date, "cae_allocation": True, "ref": move.ref}
                for move in moves
            ]
        )
        reversals.with_env(self.env)._post(soft=False)

    def _cae_refresh(self):
        """Allocate posted entries again, then whatever follows what changed."""
        moves, seen = self.filtered(lambda m: m._cae_is_settled_state()), self.browse()
        while moves:
            seen |= moves
            moves = moves._cae_retag()._cae_led_moves() - seen
            moves = moves.filtered(lambda m: m._cae_is_settled_state())

    def _cae_reallocate(self, moved, transfer):
        """Give items of these posted entries other activities; the rest follows.

        :param moved: ``{journal item id: vector}``, each adding up to its balance
        :param transfer: the ``cae.transfer`` that asks for it
        """
        entries = self.filtered(
            lambda m: not m.is_invoice(include_receipts=True) and not m._cae_waits()
        )
        given = {*moved, *entries.line_ids.ids}
        vectors = self._cae_vectors(moved)
        changed = self.line_ids._cae_apply(vectors, given, transfer)
        changed._cae_propagate()

    def _cae_reverse_transfer(self):
        """Reverse the allocation entries of transfers; the rest follows.

        :return: the reversals
        """
        moves = self.filtered(lambda move: move.state == "posted")
        # Only the reversing is "undoing": what follows is evened out again.
        undoing = moves._cae_own().with_context(cae_undoing=TAGGING)
        reversals = undoing._reverse_moves(
            [
                {
                    "date": move.date,
                    "cae_allocation": True,
                    "ref": self.env._("Reversal of %(entry)s", entry=move.name),
                }
                for move in moves
            ]
        )
        reversals = reversals.with_env(self.env)
        reversals._cae_post_allocation()
        moves.line_ids.cae_source_line_id._cae_propagate()
        return reversals

    def _cae_is_mirror(self):
        return bool(self.reversed_entry_id.tax_cash_basis_origin_move_id)

    def _cae_is_settled_state(self):
        """Posted and balanced: while Odoo changes the items, it may not be."""
        self.ensure_one()
        return self.state == "posted" and not sum(
            line._cae_cents() for line in self.line_ids
        )
