from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from .common import CaeCommon, cae_tagged


@cae_tagged
class TestOwned(CaeCommon):
    """What the product alone sets cannot be forged: values, defaults, copies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, _third = cls.activities
        cls.billing = cls._user("cae_owned_billing", "group_accountant")
        cls.billing.group_ids = cls.env.ref("account.group_account_invoice")
        cls.accountant = cls._user("cae_owned", "group_accountant")
        cls.entry = cls._entry(
            [("601", 10, cls.first), ("401", -10, cls.first)], post=False
        )
        cls.invoice = cls._document([(cls.first, 100, None)])

    def _refused(self, code, call, *args):
        with self.assertRaisesRegex(UserError, code), self.cr.savepoint():
            call(*args)
            self.env.flush_all()

    def _lock(self, day=date(2026, 1, 1)):
        self.env["cae.period"]._get(day)._set_state("locked")
        self.env.flush_all()

    def _full_reconcile(self):
        self._pay(self.invoice)
        return self.invoice.line_ids.full_reconcile_id

    # ------------------------------------------------------------------
    # Entries
    # ------------------------------------------------------------------

    def test_bookkeeping_fields_of_entries_are_the_products(self):
        full = self._full_reconcile()
        forged = [
            {"cae_allocation": True},
            {"cae_full_reconcile_id": full.id},
            {"cae_opening": True},
            {"cae_load_date": "2026-01-01"},
            {"cae_exit_id": self._exit().id},
        ]
        Move = self.env["account.move"].with_user(self.billing)
        for user in (self.billing, self.accountant):
            for vals in forged:
                for move in (self.entry, self.invoice):
                    own = move.with_user(user)
                    self._refused("CAE-FIELD-OWNED", own.write, vals)
        for vals in forged:
            name, value = next(iter(vals.items()))
            hostile = Move.with_context(**{f"default_{name}": value})
            self._refused("CAE-FIELD-OWNED", Move.create, vals)
            self._refused("CAE-FIELD-OWNED", hostile.create, {})
            copied = self.entry.with_user(self.billing)
            self._refused("CAE-FIELD-OWNED", copied.copy, vals)
        move = Move.create({"cae_opening": False})
        self.assertFalse(move.cae_opening)

    def test_defaults_that_a_user_saved_do_not_forge(self):
        defaults = self.env["ir.default"].with_user(self.billing)
        defaults.set("account.move", "cae_allocation", True, user_id=self.billing.id)
        moves = self.env["account.move"].with_user(self.billing)
        self._refused("CAE-FIELD-OWNED", moves.create, {})

    def test_items_do_not_say_that_they_correct_others(self):
        source = self.invoice.invoice_line_ids
        vals = {"cae_source_line_id": source.id}
        item = self.entry.line_ids[0].with_user(self.billing)
        self._refused("CAE-FIELD-OWNED", item.write, vals)
        command = {"line_ids": [Command.update(item.id, vals)]}
        self._refused("CAE-FIELD-OWNED", item.move_id.write, command)
        adopted = {"cae_correction_ids": [Command.link(item.id)]}
        self._refused("CAE-FIELD-OWNED", source.with_user(self.billing).write, adopted)
        row = {
            "account_id": self._account("706").id,
            "balance": -50,
            "analytic_distribution": self._tag(self.second),
        }
        moves = self.env["account.move"].with_user(self.billing)
        lines = [
            Command.create({**row, **vals}),
            Command.create({**row, "balance": 50}),
        ]
        self._refused("CAE-FIELD-OWNED", moves.create, {"line_ids": lines})
        hostile = moves.with_context(default_cae_source_line_id=source.id)
        lines = [Command.create(row), Command.create({**row, "balance": 50})]
        # Odoo hands defaults of items down to none of them.
        created = hostile.create({"line_ids": lines})
        self.assertFalse(created.line_ids.cae_source_line_id)
        hostile = created.line_ids.with_context(**hostile.env.context)
        vals = {**row, "balance": 0, "move_id": created.id}
        self._refused("CAE-FIELD-OWNED", hostile.create, vals)
        self.assertInvariant()

    def test_matchings_are_not_born_with_shares(self):
        other = self._document([(self.second, 100, None)], kind="out_refund")
        sides = {}
        for name, move in (("debit", self.invoice), ("credit", other)):
            terms = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
            sides[f"{name}_move_id"] = terms.id
        partials = self.env["account.partial.reconcile"].with_user(self.billing)
        amounts = ("amount", "debit_amount_currency", "credit_amount_currency")
        vals = {**sides, **dict.fromkeys(amounts, 100)}
        for forged in (
            {"cae_share": {str(self.second.analytic_account_id.id): 10000}},
            {"cae_follower_id": sides["debit_move_id"]},
        ):
            self._refused("CAE-FIELD-OWNED", partials.create, {**vals, **forged})

    def test_undoing_a_matching_reverses_no_other_entry(self):
        full = self._full_reconcile()
        other = self._document([(self.second, 70, None)])
        # sudo and our own token: what only SQL could do before
        other._cae_own().cae_full_reconcile_id = full
        self.invoice.line_ids.remove_move_reconcile()
        self.assertFalse(other.reversal_move_ids)

    def test_entries_of_the_product_are_not_reversed_by_hand(self):
        note = self._document([(self.second, 100, None)], kind="out_refund")
        terms = (self.invoice | note).line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        terms.reconcile()
        full = terms.full_reconcile_id
        entry = self.env["account.move"].search(
            [("cae_full_reconcile_id", "=", full.id)]
        )
        self.assertTrue(entry.cae_allocation)
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=entry.ids)
            .create({"journal_id": entry.journal_id.id})
        )
        self._refused("CAE-ENTRY-GENERATED", wizard.reverse_moves)
        terms.remove_move_reconcile()
        self.assertEqual(entry.reversal_move_ids.state, "posted")
        self.assertInvariant()

    def test_allocation_entries_balance_for_each_activity(self):
        rows = [("601", 10, self.first), ("401", -10, self.second)]
        entry = self._entry(rows, post=False)
        entry._cae_own().cae_allocation = True
        self._refused("CAE-ENTRY-UNBALANCED", entry._post)

    # ------------------------------------------------------------------
    # Items
    # ------------------------------------------------------------------

    def test_journal_of_an_item_is_that_of_its_entry(self):
        other = self.env["account.journal"].create(
            {"name": "Other", "type": "general", "code": "OTH"}
        )
        vals = {"journal_id": other.id}
        for move in (self.invoice, self.entry):
            items = move.line_ids.with_user(self.billing)
            self._refused("CAE-ENTRY-ITEM", items.write, vals)
        command = {"line_ids": [Command.update(self.entry.line_ids[0].id, vals)]}
        draft = self.entry.with_user(self.billing)
        self._refused("CAE-ENTRY-ITEM", draft.write, command)
        row = {
            **vals,
            **{"account_id": self._account("601").id, "balance": 0.0},
            **{"parent_state": "posted", "date": "2025-02-01"},
        }
        item = self.env["account.move.line"].create(
            {**row, "move_id": self.entry.id, "name": "x"}
        )
        self.env.flush_all()
        [stored] = self.env.execute_query_dict(
            SQL(
                "SELECT journal_id, parent_state, date FROM account_move_line "
                "WHERE id = %s",
                item.id,
            )
        )
        move = self.entry
        self.assertEqual(
            stored,
            {"journal_id": move.journal_id.id, "parent_state": "draft"}
            | {"date": move.date},
        )

    def test_tax_and_storno_of_items_of_a_locked_month_stay(self):
        self._lock()
        items = self.invoice.invoice_line_ids
        tag = self.env["account.account.tag"].create(
            {"name": "+X", "applicability": "taxes"}
        )
        locked, reckoned = "CAE-PERIOD-LOCKED", "CAE-ENTRY-ITEM"
        for code, vals in (
            (locked, {"is_storno": True}),
            (locked, {"tax_tag_ids": [Command.set(tag.ids)]}),
            (locked, {"tax_base_amount": 5}),
            (locked, {"matching_number": "I5"}),
            (reckoned, {"reconciled": True}),
            (reckoned, {"amount_residual": 5}),
        ):
            for own in (items.with_user(self.billing), items.sudo()):
                self._refused(code, own.write, vals)

    def test_analytic_items_keep_what_they_say(self):
        item = self.invoice.line_ids.analytic_line_ids[0].with_user(self.accountant)
        for vals in (
            {"partner_id": self.partner_b.id},
            {"unit_amount": 5},
            {"journal_id": self.bank.id},
            {"currency_id": self.env.ref("base.USD").id},
        ):
            self._refused("CAE-ANALYTIC-MANUAL", item.write, vals)

    # ------------------------------------------------------------------
    # Exits, plan
    # ------------------------------------------------------------------

    def _exit(self):
        return self.env["cae.activity.exit"].create(
            {"activity_id": self.second.id, "date": "2026-03-31"}
        )

    def test_exits_are_born_undone_whatever_the_context(self):
        exits = self.env["cae.activity.exit"].with_user(self.accountant)
        vals = {"activity_id": self.second.id, "date": "2026-03-31"}
        for name, value in (
            ("state", "done"),
            ("move_id", self.invoice.id),
            ("end_before", "2026-12-31"),
        ):
            hostile = exits.with_context(**{f"default_{name}": value})
            self._refused("CAE-EXIT-STATE", hostile.create, vals)
            self._refused("CAE-EXIT-STATE", exits.create, {**vals, name: value})
            own = self._exit()
            self._refused(
                "CAE-EXIT-STATE", own.with_user(self.accountant).write, {name: value}
            )
            own.unlink()

    def test_two_at_once_on_an_exit_are_told_so(self):
        own = self._exit().with_user(self.accountant)
        busy = patch.object(type(own), "lock_for_update", side_effect=LockError("x"))
        with busy:
            self._refused("CAE-EXIT-BUSY", own.action_done)

    def test_plan_of_the_activities_keeps_its_place(self):
        ours = self.env.ref("cae_base.analytic_plan_activities")
        manager = self._user("cae_owned_manager", "group_manager")
        manager.group_ids += self.env.ref("account.group_account_manager")
        other = self.env["account.analytic.plan"].search(
            [("id", "!=", ours.id), ("parent_id", "=", False)], limit=1
        )
        mine = ours.with_user(manager)
        self._refused("CAE-ANALYTIC-PLAN", mine.write, {"parent_id": other.id})
        self._refused("CAE-ANALYTIC-PLAN", mine.unlink)
        self._refused(
            "CAE-ANALYTIC-PLAN",
            other.with_user(manager).write,
            {"parent_id": ours.id},
        )
        mine.write({"parent_id": False, "name": "Activities of the CAE"})

    def test_account_is_archived_with_its_activity(self):
        account = self.second.analytic_account_id
        own = account.with_user(self.accountant)
        self._refused("CAE-ANALYTIC-ACCOUNT", own.action_archive)
        self.second.action_archive()
        self.assertFalse(account.active)
        self._refused("CAE-ANALYTIC-ACCOUNT", own.write, {"active": True})
        self.second.action_unarchive()
        self.assertTrue(account.active)
