"""Journal items that belong to no activity: who decides, what is proposed, accepted."""

from odoo import api, models

from ..engine import allocation, proposal

#: What takes the rest of an entry comes first: cash, other balance sheet accounts,
#: what somebody owes; what the entry is about comes last.
PARTNER_TYPES = ("asset_receivable", "liability_payable")


class AccountMoveLine(models.Model):
    # It belongs to the proposals: nothing else uses it.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "account.move.line"

    @api.model
    def action_cae_proposals(self, line_ids: list[int]) -> dict:
        """Screen of the activities proposed for these journal items.

        Who may only read them gets their list.

        :param line_ids: unallocated journal items, as the close finds them
        """
        if self.env.user.has_group("cae_base.group_accountant"):
            return self.env["cae.allocation.proposal"]._open(self.browse(line_ids))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Items Without Activity"),
            "res_model": self._name,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", line_ids)],
        }

    # ------------------------------------------------------------------
    # What is to decide
    # ------------------------------------------------------------------

    def _cae_unallocated_cents(self):
        """``{item id: cents}`` that belong to nobody, of these items."""
        return {
            key: vector[allocation.UNALLOCATED]
            for key, vector in self._cae_effective_vectors().items()
            if vector.get(allocation.UNALLOCATED)
        }

    def _cae_to_decide(self):
        """Those of these unallocated items whose activity somebody may choose.

        The others follow: what a matching leads, tax and term lines of a document,
        the bank side of an entry. What waits for its matching is not theirs either.
        """
        moves = self.move_id.filtered(
            lambda m: m.state == "posted" and not m._cae_is_automatic()
        )
        open_ = moves.line_ids._cae_unallocated_cents()
        items = self.browse(open_) - moves.line_ids._cae_fixed()
        found = self.browse()
        for move, own in items.grouped("move_id").items():
            found |= move._cae_deciding(own)
        return (found & self).sorted(lambda item: (item.date, item.id))

    def _cae_fixed(self):
        """Items that follow a matching, or wait for one on a bank line."""
        following = self._all_partials()._cae_followers() & self
        # What a payment does not settle is the payment's own.
        following -= following.filtered(
            lambda item: item.move_id.origin_payment_id and item.amount_residual
        )
        return following | self.browse(self._cae_waiting())

    def _cae_place(self):
        """How little the item tells what its entry is about."""
        account = self.account_id
        if account.account_type == "asset_cash":
            return 0
        if account.internal_group in ("income", "expense"):
            return 3
        return 2 if account.account_type in PARTNER_TYPES else 1

    # ------------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------------

    def _cae_propose_activities(self):
        """``{item: proposal}`` of unallocated items, in a fixed number of queries."""
        books = {
            company: items._cae_proposal_book(company)
            for company, items in self.grouped("company_id").items()
        }
        vectors = self.move_id.line_ids._cae_effective_vectors()
        entries = {
            move: frozenset().union(*(vectors[line.id] for line in move.line_ids))
            for move in self.move_id
        }
        found = {}
        for item in self:
            known = item._cae_proposal_item(vectors, entries[item.move_id])
            found[item] = books[item.company_id].propose(known)
        return found

    def _cae_proposal_item(self, vectors, entry):
        move = self.move_id
        texts = (self.name, move.ref, move.payment_reference)
        texts += (move.origin_payment_id.memo, move.statement_line_id.payment_ref)
        return proposal.Item(
            id=self.id,
            cents=vectors[self.id].get(allocation.UNALLOCATED, 0),
            account=self.account_id.id,
            partner=self.partner_id.commercial_partner_id.id,
            day=self.date,
            text=" ".join(filter(None, texts)),
            own=frozenset(vectors[self.id]) - {allocation.UNALLOCATED},
            entry=entry - {allocation.UNALLOCATED},
        )

    def _cae_proposal_book(self, company):
        partners = self.partner_id.commercial_partner_id
        activities = self.env["cae.activity"].search([("company_id", "=", company.id)])
        return proposal.Book(
            shared=company.cae_shared_account_id.id,
            activities=activities._proposable(),
            owners=[*activities._holders_known(), *activities._contacts_known()],
            habits=self._cae_habits(company, partners),
            documents=self._cae_open_documents(company, partners),
        )

    def _cae_habits(self, company, partners):
        """What the partners' items were given to before."""
        column = self.env["cae.ledger"]._column()
        groups = ["partner_id", "general_account_id", column]
        rows = self.env["account.analytic.line"]._read_group(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("move_line_id", "!=", False),
                (column, "!=", False),
            ],
            groups,
            ["move_line_id:count_distinct"],
        )
        return [
            proposal.Habit(partner.id, account.id, activity.id, count)
            for partner, account, activity, count in rows
        ]

    def _cae_open_documents(self, company, partners):
        """Open documents of the partners, and the activities that they belong to."""
        items = self.search(
            [
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("partner_id", "in", partners.ids),
                ("account_type", "in", PARTNER_TYPES),
                ("reconciled", "=", False),
                ("move_id.origin_payment_id", "=", False),
                ("move_id.statement_line_id", "=", False),
            ]
        )
        vectors = (items - self)._cae_effective_vectors()
        return [
            proposal.Document(
                partner=item.partner_id.id,
                cents=round(item.amount_residual * 100),
                activities=frozenset(vectors[item.id]),
            )
            for item in items - self
            if allocation.UNALLOCATED not in vectors[item.id]
        ]

    # ------------------------------------------------------------------
    # Accepting
    # ------------------------------------------------------------------

    @api.model
    def _cae_allocate(self, chosen, reason):
        """Give unallocated items to activities; undone as a whole.

        :param chosen: ``{item: activity}``, an empty activity for the shared services;
            what is allocated already is left alone
        :return: the transfer, empty when nothing was left to do
        :raises AccessError: when not an accountant
        :raises UserError: the errors of a transfer
        """
        transfers = self.env["cae.transfer"]
        transfers._check_may_transfer()
        items = self.browse().union(*chosen)._cae_to_decide()
        if not items:
            return transfers
        open_ = items._cae_unallocated_cents()
        parts, headers = {}, {}
        for item in items:
            activity, company = chosen[item], item.company_id
            if item.move_id.origin_payment_id and activity:
                headers[item.move_id] = activity
            else:
                target = activity.analytic_account_id or company.cae_shared_account_id
                parts[item] = {target.id: open_[item.id]}
        moved = self._cae_allocated(parts)
        targets = self.env["cae.activity"].union(*chosen.values())
        alone = targets if len(targets) == 1 and all(chosen.values()) else targets[:0]
        return transfers._make(moved, headers, reason=reason, to_activity_id=alone.id)

    @api.model
    def _cae_allocated(self, parts):
        """``{item: vector}`` of entries, some items of which are given away.

        :param parts: ``{item: vector}`` of what is unallocated on the items that decide
        """
        moved = {}
        for move, own in self.browse().union(*parts).grouped("move_id").items():
            moved |= move._cae_allocated_vectors({i.id: parts[i] for i in own})
        return moved


class AccountMove(models.Model):
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "account.move"

    def _cae_is_document(self):
        """Whether its base lines decide, and taxes and terms follow them."""
        return self.is_invoice(include_receipts=True) or self._cae_pays_expense()

    def _cae_deciding(self, items):
        """Those of these unallocated items that decide for the whole entry."""
        if self._cae_is_document():
            return items.filtered(lambda item: item._cae_kind() == "base")
        lowest = min(item._cae_place() for item in items)
        found = items.filtered(lambda item: item._cae_place() > lowest)
        if not found:
            found = items - items._cae_largest()
        # A payment is of one activity as a whole.
        return found._cae_largest() if self.origin_payment_id else found

    def _cae_allocated_vectors(self, parts):
        """``{item: vector}`` of this entry, some items of which are given away.

        :param parts: ``{item id: vector}`` of what is unallocated on the items that
            decide; in an entry, what is unallocated on the other items takes the rest
        """
        lines = self.line_ids._cae_amount_lines()
        vectors = lines._cae_effective_vectors()
        open_ = lines._cae_unallocated_cents()
        if not self._cae_is_document():
            kept = (lines._cae_fixed() | lines.browse(open_)._cae_to_decide()).ids
            stay = {
                key: {allocation.UNALLOCATED: open_[key]}
                for key in kept
                if key in open_ and key not in parts
            }
            parts = allocation.follow(open_, {**stay, **parts})
        return {
            lines.browse(key): allocation.add(
                vectors[key], {allocation.UNALLOCATED: -open_[key]}, part
            )
            for key, part in parts.items()
        }
