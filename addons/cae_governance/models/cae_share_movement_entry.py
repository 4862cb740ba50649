"""Entries of the movements of shares, and their reversal."""

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.cae_base.models.cae_exchange import QUIET

SECRETARY = "cae_base.group_governance"


class CaeShareMovement(models.Model):
    _inherit = "cae.share.movement"

    def _book(self, lines, accounts):
        """Post one entry for each movement that has lines."""
        booked = [
            (movement, items)
            for movement, items in zip(self, lines, strict=True)
            if items
        ]
        moves = self._post_entries(
            [m._prepare_move_vals(items, accounts) for m, items in booked]
        )
        for (movement, _items), move in zip(booked, moves, strict=True):
            movement.move_id = move

    def _post_entries(self, vals_list):
        """Create and post entries of the capital in one batch."""
        # sudo: entries of the capital follow from the register; who keeps it has no
        # right on the books, and these entries alone are written.
        moves = self.env["account.move"].sudo()._cae_own().with_context(**QUIET)
        moves = moves.create(vals_list)
        moves._post(soft=False)
        return moves

    def _prepare_move_vals(self, items, accounts):
        self.ensure_one()
        company = self.company_id
        ref = self._words()
        return {
            "move_type": "entry",
            "journal_id": company.cae_capital_journal_id.id,
            "company_id": company.id,
            "date": self.date,
            "ref": ref,
            "cae_capital": True,
            "line_ids": [
                Command.create(
                    self._prepare_item_vals(accounts[key], balance, ref, partner)
                )
                for key, balance, partner in items
            ],
        }

    def _prepare_item_vals(self, account, balance, label, partner):
        shared = self.company_id.cae_shared_account_id.id
        return {
            "account_id": account.id,
            "partner_id": partner.id,
            "name": label,
            "balance": float(balance),
            "analytic_distribution": {str(shared): 100},
            "tax_ids": [],
        }

    def _words(self):
        """What the entry says, in the language of the company."""
        lang = self.company_id._cae_statement_lang()
        movement = self.with_context(lang=lang)
        kinds = dict(movement._fields["kind"]._description_selection(movement.env))
        return movement.env._(
            "Register no. %(number)s, %(kind)s: %(quantity)s shares, %(member)s",
            number=movement.name,
            kind=kinds[movement.kind],
            quantity=abs(movement.quantity),
            member=movement.member_id.name,
        )

    # ------------------------------------------------------------------
    # Reversal
    # ------------------------------------------------------------------

    def action_reverse(self, reason: str) -> bool:
        """Reverse these movements today; both sides of a transfer go together.

        :param reason: why; kept in the register
        :return: True
        :raises AccessError: when not a governance secretary
        :raises UserError: ``CAE-SHARE-REASON``, ``CAE-SHARE-REVERSED``,
            ``CAE-SHARE-PAID``, ``CAE-SHARE-SHORT``, ``CAE-LOCK-DATE``
        """
        self._check_secretary()
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(self.env._("CAE-SHARE-REASON: say why."))
        # sudo: what the secretary may reverse was checked just now.
        todo = self.sudo() | self.sudo().counterpart_id
        todo._check_reversible()
        todo.redemption_id._check_not_paid()
        for company, movements in todo.grouped("company_id").items():
            movements.with_company(company)._reverse(reason.strip())
        return True

    def _check_secretary(self):
        """:raises AccessError: when not a governance secretary"""
        self.check_access("read")
        if not self.env.user.has_group(SECRETARY):
            raise AccessError(
                self.env._("The register of shares is for governance secretaries.")
            )

    def _check_reversible(self):
        """:raises UserError: ``CAE-SHARE-REVERSED``"""
        done = self.filtered(lambda m: m.reversal_ids or m.kind == "reversal")
        if done:
            raise UserError(
                self.env._(
                    "CAE-SHARE-REVERSED: no. %(number)s is reversed already, or is a "
                    "reversal. Record the movement again instead.",
                    number=done[0].name,
                )
            )

    def _reverse(self, reason):
        """Opposite movements, with the opposite entries, of the current company."""
        today = self.env.company._cae_today()
        ordered = self.sorted("number")
        vals_list = [m._prepare_reversal_vals(today, reason) for m in ordered]
        # sudo: their entries are booked too, see _post_entries.
        reversals = self._record(vals_list).sudo()
        for movement, reversal in zip(ordered, reversals, strict=True):
            if movement.move_id:
                reversal._book_opposite(movement.move_id)
        ordered.redemption_id._take_back(reason)
        self.env["cae.member"]._book_paid(self.env.company, today, ordered.member_id)

    def _prepare_reversal_vals(self, day, reason):
        return {
            "date": day,
            "kind": "reversal",
            "member_id": self.member_id.id,
            "share_kind_id": self.share_kind_id.id,
            "quantity": -self.quantity,
            "value": self.value,
            "reversal_of_id": self.id,
            "note": reason,
        }

    def _book_opposite(self, move):
        """The opposite of an entry, line by line, on the accounts it was booked on."""
        label = self._words()
        self.env["res.company"]._cae_check_capital_days({self.date})
        items = [
            Command.create(
                self._prepare_item_vals(
                    line.account_id, -line.balance, label, line.partner_id
                )
            )
            for line in move.line_ids.sorted("id")
        ]
        accounts = self.company_id._cae_capital_accounts()
        vals = {**self._prepare_move_vals([], accounts), "line_ids": items}
        self._cae_owned().move_id = self._post_entries(
            [{**vals, "reversed_entry_id": move.id}]
        )

    def action_ask_reverse(self) -> dict:
        """Ask for the reason, then reverse these movements."""
        return self.env["cae.governance.reason"]._ask(
            "reverse", self.env._("Reverse"), movement_ids=self.ids
        )

    def action_open_entry(self) -> dict:
        """The entries of these movements."""
        return self.move_id._cae_open()
