"""Entries by which the product moves amounts between activities."""

from odoo import fields, models

from ..engine import allocation


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
            for lines in move.line_ids.grouped("account_id").values():
                if lines.account_id.reconcile and len(lines) > 1:
                    plan.append(lines)
        self.env["account.move.line"]._reconcile_plan(plan)

    def _cae_undo_allocation(self):
        """Reverse allocation entries whose reason is gone."""
        moves = self.filtered(lambda move: move.state == "posted")
        if not moves:
            return
        moves.line_ids.remove_move_reconcile()
        reversals = moves._reverse_moves(
            [
                {"date": move.date, "cae_allocation": True, "ref": move.ref}
                for move in moves
            ]
        )
        reversals._post(soft=False)

    def _cae_refresh(self):
        """Allocate posted entries again, then whatever follows what changed."""
        moves, seen = self.filtered(lambda m: m._cae_is_settled_state()), self.browse()
        while moves:
            seen |= moves
            changed = moves._cae_retag()
            partials = changed._all_partials().filtered(
                lambda p, lines=changed: p.cae_follower_id not in lines
            )
            partials = partials.filtered(lambda p: p._cae_is_posted())
            partials |= partials._cae_led()
            partials._cae_compute_shares(again=True)
            cash_basis = changed.move_id.tax_cash_basis_created_move_ids
            reversals = changed.move_id.filtered("tax_cash_basis_origin_move_id")
            moves = partials._cae_followers().move_id | cash_basis.sorted("id")
            moves = (moves | reversals.reversal_move_ids) - seen
            moves = moves.filtered(lambda m: m._cae_is_settled_state())

    def _cae_is_mirror(self):
        return bool(self.reversed_entry_id.tax_cash_basis_origin_move_id)

    def _cae_is_settled_state(self):
        """Posted and balanced: while Odoo changes the items, it may not be."""
        self.ensure_one()
        return self.state == "posted" and not sum(
            line._cae_cents() for line in self.line_ids
        )
