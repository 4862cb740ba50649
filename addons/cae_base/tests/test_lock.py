import base64
from datetime import date
from decimal import Decimal

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user
from odoo.tools import SQL, mute_logger

from .common import CaeCommon, cae_tagged

DAY, LATER = "2026-01-15", "2026-02-15"


@cae_tagged
class TestLock(CaeCommon):
    """Nothing changes the analytic data of a locked month, whatever the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, _third = cls.activities
        cls.accountant = new_test_user(
            cls.env,
            login="cae_locked_out",
            groups="cae_base.group_accountant",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.other_currency = cls.setup_other_currency("USD", rates=[("2025-01-01", 2)])
        cls.misc = cls.company_data["default_journal_misc"]
        cls.invoice = cls._document([(cls.first, 100, cls.vat_services)], DAY)
        cls.later = cls._document([(cls.first, 50, None)], LATER)
        cls.bill = cls._document([(cls.first, 40, cls.vat_goods)], DAY, "in_invoice")
        cls.entry = cls._entry([("601", 10, cls.first), ("401", -10, cls.first)], DAY)
        cls.paid = cls._document([(cls.first, 30, cls.vat_services)], DAY)
        cls.payment = cls._pay(cls.paid, day=DAY)
        cls.statement_line = cls._bank_line(120, DAY)
        cls.draft = cls._entry(
            [("601", 5, cls.first), ("401", -5, cls.first)], DAY, post=False
        )

    @classmethod
    def _bank_line(cls, amount, day):
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.bank.id,
                "date": day,
                "payment_ref": "VIR",
                "amount": amount,
                "partner_id": cls.partner_a.id,
            }
        )

    def _lock(self, day=date(2026, 1, 1)):
        self.env["cae.period"]._get(day)._set_state("locked")
        self.env.flush_all()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _photo(self):
        """All that the month says of the activities, read behind the ORM."""
        self.env.flush_all()
        column = SQL.identifier("l", self.env["cae.ledger"]._column())
        month = SQL("BETWEEN '2026-01-01' AND '2026-01-31'")
        items = SQL(
            """
            SELECT l.move_line_id, %s, l.general_account_id, l.date, l.amount
              FROM account_analytic_line l
             WHERE l.company_id = %s AND l.date %s AND %s IS NOT NULL
             ORDER BY 1, 2, 5
            """,
            *(column, self.company.id, month, column),
        )
        lines = SQL(
            """
            SELECT m.id, m.move_id, m.account_id, m.date, m.balance, m.product_id,
                   m.display_type, m.analytic_distribution, m.cae_tag_derived,
                   v.name, v.state, v.journal_id, v.move_type, v.cae_activity_id,
                   v.partner_id, v.tax_cash_basis_origin_move_id, m.tax_line_id,
                   v.ref, v.payment_reference, v.invoice_date, m.name, m.ref
              FROM account_move_line m JOIN account_move v ON v.id = m.move_id
             WHERE m.company_id = %s AND m.date %s AND m.parent_state = 'posted'
             ORDER BY m.id
            """,
            *(self.company.id, month),
        )
        return self.env.execute_query(items), self.env.execute_query(lines)

    def _attack(self, attacks):
        """Try each; what is refused or changes nothing is right.

        :return: names of the attacks that were refused with the lock's code
        """
        before, refused = self._photo(), []
        for name, attack in attacks.items():
            savepoint = self.cr.savepoint(flush=False)
            try:
                attack()
                after = self._photo()
            except Exception as error:  # noqa: BLE001  any refusal will do
                after = before
                if "CAE-PERIOD-LOCKED" in str(error):
                    refused.append(name)
            finally:
                self.env.clear()
                savepoint.close(rollback=True)
                self.env.invalidate_all()
            with self.subTest(attack=name):
                self.assertEqual(after, before)
        return refused

    def _users(self, records):
        """The same records as those who may most: sudo, and module code."""
        return {
            "accountant": records.with_user(self.accountant),
            "sudo": records.with_user(self.accountant).sudo(),
            "superuser": records.with_user(1).with_context(
                force_delete=True,
                dynamic_unlink=True,
                check_move_validity=False,
                skip_account_move_synchronization=True,
                skip_analytic_sync=True,
                cae_token=True,
            ),
        }

    def _writes(self, records, values):
        """``{name: attack}``: each value written by each user."""
        return {
            f"{records._name} {who} {vals}": (lambda r=own, v=vals: r.write(v))
            for vals in values
            for who, own in self._users(records).items()
        }

    # ------------------------------------------------------------------
    # Documents and entries
    # ------------------------------------------------------------------

    def test_posted_entries_do_not_change(self):
        self._lock()
        misc, sale = self.misc, self.company_data["default_journal_sale"]
        other = self.env["account.journal"].create(
            {"name": "Other", "type": "general", "code": "OTH"}
        )
        row = {
            "name": "x",
            "account_id": self._account("601").id,
            "balance": 0.0,
            "quantity": 1,
        }
        common = [
            {"date": LATER},
            {"name": "X/1"},
            {"ref": "Another reference"},
            {"payment_reference": "Another reference"},
            {"journal_id": other.id},
            {"move_type": "entry"},
            {"partner_id": self.partner_b.id},
            {"cae_activity_id": self.second.id},
            {"line_ids": [Command.create(row)]},
            {"line_ids": [Command.clear()]},
            {"line_ids": [Command.delete(self.entry.line_ids[0].id)]},
            {"line_ids": [Command.update(self.entry.line_ids[0].id, {"balance": 1})]},
            {"cae_allocation": True},
            {"reversed_entry_id": self.later.id},
            {"tax_cash_basis_origin_move_id": self.later.id},
            {"company_id": self.env["res.company"].search([], limit=1).id},
        ]
        invoice = [
            {"invoice_date": LATER},
            {"invoice_line_ids": [Command.create({**row, "price_unit": 5})]},
            {"invoice_line_ids": [Command.clear()]},
            {"currency_id": self.other_currency.id},
            {"invoice_currency_rate": 2},
            {"fiscal_position_id": False},
            {"journal_id": sale.copy().id},
            {"invoice_payment_term_id": self.pay_terms_b.id},
            {"invoice_cash_rounding_id": False},
        ]
        self._attack(
            {
                **self._writes(self.entry, common),
                **self._writes(self.invoice, common + invoice),
                **self._writes(self.bill, [{"invoice_date": LATER, "date": LATER}]),
            }
        )
        self.assertTrue(misc)

    def test_items_do_not_change(self):
        self._lock()
        product = self.product_a.id
        tag = self._tag(self.second)
        values = [
            {"analytic_distribution": tag},
            {"analytic_distribution": False},
            {"account_id": self._account("622").id},
            {"balance": 3},
            {"debit": 3},
            {"credit": 3},
            {"name": "Another label"},
            {"ref": "Another reference"},
            {"amount_currency": 3},
            {"price_unit": 999},
            {"quantity": 9},
            {"discount": 50},
            {"tax_ids": [Command.clear()]},
            {"tax_ids": [Command.set(self.vat_goods.ids)]},
            {"product_id": product},
            {"display_type": "cogs"},
            {"move_id": self.later.id},
            {"date": LATER},
            {"currency_id": self.other_currency.id},
            {"tax_line_id": self.vat_goods.id},
            {"tax_repartition_line_id": False},
            {"parent_state": "draft"},
            {"statement_line_id": self.statement_line.id},
            {"company_id": self.env["res.company"].search([], limit=1).id},
        ]
        attacks = {}
        for lines in (
            self.entry.line_ids[0],
            self.invoice.invoice_line_ids,
            self.invoice.line_ids - self.invoice.invoice_line_ids,
        ):
            attacks.update(
                {f"{lines.ids} {k}": v for k, v in self._writes(lines, values).items()}
            )
        for who, lines in self._users(self.entry.line_ids).items():
            attacks[f"unlink {who}"] = lines.unlink
        for who, lines in self._users(self.draft.line_ids).items():
            attacks[f"draft items enter {who}"] = lambda r=lines: r.write(
                {"move_id": self.entry.id}
            )
            attacks[f"create {who}"] = lambda r=lines: r.create(
                {
                    "move_id": self.entry.id,
                    "account_id": self._account("601").id,
                    "balance": 0.01,
                    "analytic_distribution": self._tag(self.first),
                }
            )
        self._attack(attacks)

    def test_words_are_refused_by_the_lock_and_free_elsewhere(self):
        self._lock()
        words = {
            "reference": (self.bill, "ref"),
            "payment reference": (self.invoice, "payment_reference"),
            "label": (self.entry.line_ids[0], "name"),
            "reference of an item": (self.entry.line_ids[0], "ref"),
        }
        refused = self._attack(
            {
                name: (lambda r=record, f=field: r.write({f: "Other"}))
                for name, (record, field) in words.items()
            }
        )
        self.assertEqual(refused, list(words))
        self.later.ref = self.later.invoice_line_ids.name = "Other"
        self.later.payment_reference = "Other"
        self.env.flush_all()
        self.assertIn("Other", self.later.line_ids.mapped("name"))

    def test_buttons_and_deletes(self):
        self._lock()
        attacks = {}
        for move in (self.entry, self.invoice, self.paid, self.payment.move_id):
            for who, own in self._users(move).items():
                attacks[f"{move.name} draft {who}"] = own.button_draft
                attacks[f"{move.name} cancel {who}"] = own.button_cancel
                attacks[f"{move.name} delete {who}"] = own.unlink
                attacks[f"{move.name} again {who}"] = own.action_post
                attacks[f"{move.name} type {who}"] = own.action_switch_move_type
                for state in ("draft", "cancel"):
                    attacks[f"{move.name} state {state} {who}"] = (
                        lambda r=own, s=state: r.write({"state": s})
                    )

                def repost(r=own):
                    r.button_draft()
                    r.invoice_line_ids.analytic_distribution = self._tag(self.second)
                    r.action_post()

                attacks[f"{move.name} repost {who}"] = repost
        refused = self._attack(attacks)
        for name in ("draft", "cancel", "repost"):
            self.assertIn(f"{self.invoice.name} {name} sudo", refused)

    def test_nothing_enters(self):
        self._lock()
        vals = {
            "date": DAY,
            "journal_id": self.misc.id,
            "line_ids": [
                Command.create(
                    {
                        "account_id": self._account(prefix).id,
                        "balance": balance,
                        "analytic_distribution": self._tag(self.first),
                    }
                )
                for prefix, balance in (("601", 7), ("401", -7))
            ],
        }
        fields = [".id", "date", "journal_id/.id", "state", "line_ids/account_id/.id"]
        rows = [["", DAY, str(self.misc.id), "posted", str(self._account("601").id)]]
        attacks = {}
        for who, moves in self._users(self.env["account.move"]).items():
            posted = moves.with_context(default_state="posted")
            draft = moves.browse(self.draft.id)
            attacks |= {
                f"post a draft {who}": draft.action_post,
                f"soft post {who}": lambda d=draft: d._post(soft=True),
                f"create posted {who}": lambda m=moves: m.create(
                    {**vals, "state": "posted"}
                ),
                f"default posted {who}": lambda m=posted: m.create(vals),
                f"create and post {who}": lambda m=moves: m.create(vals).action_post(),
                f"import {who}": lambda m=moves: m.load(fields, rows),
                f"redate into {who}": lambda m=moves: m.browse(self.later.id).write(
                    {"date": DAY}
                ),
                f"invoice date into {who}": lambda m=moves: m.browse(
                    self.later.id
                ).write({"invoice_date": DAY}),
                f"copy {who}": lambda m=moves: (
                    m.browse(self.entry.id).copy({"date": DAY}).action_post()
                ),
                f"reverse {who}": lambda m=moves: m.browse(
                    self.entry.id
                )._reverse_moves([{"date": DAY}], cancel=True),
                f"cron {who}": lambda m=moves: m._autopost_draft_entries(),
                f"statement line {who}": lambda m=moves: m.env[
                    "account.bank.statement.line"
                ].create(
                    {
                        "journal_id": self.bank.id,
                        "date": DAY,
                        "payment_ref": "x",
                        "amount": 4,
                    }
                ),
            }
        self._attack(attacks)

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------

    def test_payments_and_bank_lines(self):
        self._lock()
        journal = self.bank.copy()
        attacks = {
            **self._writes(
                self.payment,
                [
                    {"amount": 1},
                    {"date": LATER},
                    {"journal_id": journal.id},
                    {"partner_id": self.partner_b.id},
                    {"payment_type": "outbound"},
                    {"currency_id": self.other_currency.id},
                    {"state": "draft"},
                    {"move_id": self.entry.id},
                    {"cae_activity_id": self.second.id},
                    {"destination_account_id": self._account("467").id},
                ],
            ),
            **self._writes(
                self.statement_line,
                [
                    {"amount": 1},
                    {"date": LATER},
                    {"journal_id": journal.id},
                    {"partner_id": self.partner_b.id},
                    {"foreign_currency_id": self.other_currency.id},
                    {"move_id": self.entry.id},
                    {"cae_unallocated_reason": "Kept"},
                ],
            ),
        }
        for who, own in self._users(self.payment).items():
            attacks[f"payment draft {who}"] = own.action_draft
            attacks[f"payment cancel {who}"] = own.action_cancel
            attacks[f"payment delete {who}"] = own.unlink
        for who, own in self._users(self.statement_line).items():
            attacks[f"bank line delete {who}"] = own.unlink
            attacks[f"bank line undo {who}"] = own.action_undo_reconciliation
        self._attack(attacks)

    def test_matchings(self):
        """What a matching changes is an entry of the first open month."""
        self._lock()
        terms = self.invoice.line_ids.filtered(lambda x: x.account_id.code == "411100")
        partials = self.paid.line_ids._all_partials()
        attacks = {}
        for who, own in self._users(partials).items():
            attacks[f"undo {who}"] = own.unlink
            for vals in ({"amount": 1}, {"cae_share": {}}, {"cae_follower_id": False}):
                attacks[f"{vals} {who}"] = lambda r=own, v=vals: r.write(v)
        for who, own in self._users(self.paid.line_ids).items():
            attacks[f"unreconcile {who}"] = own.remove_move_reconcile
        for who, own in self._users(terms).items():
            attacks[f"reconcile {who}"] = lambda r=own: self._match_later(r)
        self._attack(attacks)
        refund = self._match_later(terms)
        partials.unlink()
        self.assertInvariant()
        self.assertTrue(refund.line_ids._all_partials())
        entries = self.env["account.move"].search([("cae_allocation", "=", True)])
        self.assertTrue(entries)
        self.assertEqual(
            {day.replace(day=1) for day in entries.mapped("date")}, {date(2026, 2, 1)}
        )
        for entry in entries:
            for lines in entry.line_ids.grouped("account_id").values():
                self.assertAlmostEqual(sum(lines.mapped("balance")), 0, 2)

    def _match_later(self, terms):
        note = self._document([(self.second, 20, None)], LATER, "out_refund")
        (
            terms | note.line_ids.filtered(lambda x: x.account_id == terms.account_id)
        ).reconcile()
        return note

    # ------------------------------------------------------------------
    # Analytic items
    # ------------------------------------------------------------------

    # The database says in the log that it refuses to delete the account.
    @mute_logger("odoo.sql_db")
    def test_analytic_items(self):
        self._lock()
        column = self.env["cae.ledger"]._column()
        items = self.entry.line_ids.analytic_line_ids[0]
        values = [
            {"amount": 5},
            {"date": LATER},
            {column: self.accounts[1].id},
            {column: False},
            {"move_line_id": False},
            {"general_account_id": self._account("622").id},
            {"analytic_distribution": self._tag(self.second)},
            {"company_id": self.env["res.company"].search([], limit=1).id},
        ]
        attacks = self._writes(items, values)
        for who, own in self._users(items).items():
            attacks[f"unlink {who}"] = own.unlink
            attacks[f"copy {who}"] = own.copy
            attacks[f"create {who}"] = lambda r=own: r.create(
                {"name": "x", column: self.accounts[0].id, "amount": 5, "date": DAY}
            )
        for who, own in self._users(self.accounts[0]).items():
            attacks[f"delete account {who}"] = own.unlink
            attacks[f"items of account {who}"] = lambda r=own: r.write(
                {"line_ids": [Command.delete(items.id)]}
            )
        for who, own in self._users(self.first).items():
            attacks[f"delete activity {who}"] = own.unlink
        self._attack(attacks)

    # ------------------------------------------------------------------
    # Wizards
    # ------------------------------------------------------------------

    def test_wizards(self):
        self._lock()
        users = self._users(self.env["account.move"])
        attacks = {}
        for who, moves in users.items():
            env = moves.env

            def resequence(env=env):
                wizard = env["account.resequence.wizard"].with_context(
                    active_model="account.move", active_ids=self.entry.ids
                )
                wizard.create({"first_name": "MISC/2026/01/0500"}).resequence()

            def automatic(action, env=env):
                wizard = env["account.automatic.entry.wizard"].with_context(
                    active_model="account.move.line",
                    active_ids=self.entry.line_ids[0].ids,
                )
                wizard.create(
                    {
                        "action": action,
                        "date": DAY,
                        "journal_id": self.misc.id,
                        "destination_account_id": self._account("622").id,
                        "expense_accrual_account": self._account("486").id,
                        "percentage": 50,
                    }
                ).do_action()

            def reversal(modify, env=env):
                wizard = env["account.move.reversal"].with_context(
                    active_model="account.move", active_ids=self.invoice.ids
                )
                made = wizard.create({"journal_id": self.invoice.journal_id.id})
                made.date = DAY
                made.refund_moves() if not modify else made.modify_moves()
                made.new_move_ids.action_post()

            attacks |= {
                f"resequence {who}": resequence,
                f"change period {who}": lambda a=automatic: a("change_period"),
                f"change account {who}": lambda a=automatic: a("change_account"),
                f"reversal {who}": lambda r=reversal: r(False),
                f"modify {who}": lambda r=reversal: r(True),
            }
        self._attack(attacks)

    def test_register_payment_and_exchange(self):
        self._lock()
        exchange = self.env["cae.exchange"].with_user(self.accountant)
        row = {
            "activite": self.first.code,
            "date": DAY,
            "compte": self._account("622").code,
        }
        rows = [
            {**row, "debit": "10", "credit": ""},
            {**row, "compte": self._account("601").code, "debit": "", "credit": "10"},
        ]
        result = {}
        self._attack(
            {
                "pay": lambda: self._pay(self.invoice, day=DAY),
                "opening": lambda: result.update(exchange.load("opening", rows)),
            }
        )
        self.assertEqual(
            {error["code"] for error in result["errors"]}, {"CAE-PERIOD-LOCKED"}
        )

    # ------------------------------------------------------------------
    # Months without a row
    # ------------------------------------------------------------------

    def test_the_first_locked_month_locks_all_before_it(self):
        self._lock()
        lines = [(self.activities[0], 100)]
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
            self._document(lines, day="2025-12-15")
        for month in ("2025-12", "2024-06"):
            with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
                self.env["cae.period"].month_run(month)
        self.assertTrue(self._document(lines, day="2026-02-15"))
        self.env["cae.period"].unlock("2026-01", "Late bill")
        self.assertTrue(self._document(lines, day="2025-12-15"))

    def test_posting_holds_a_month_that_nobody_opened(self):
        periods = self.env["cae.period"].with_context(active_test=False)
        month = date(2026, 6, 1)
        self.assertFalse(periods.search([("date", "=", month)]))
        self._entry([("601", 1, self.first), ("401", -1, self.first)], "2026-06-12")
        hidden = periods.search([("date", "=", month)])
        self.assertEqual((len(hidden), hidden.state, hidden.active), (1, "open", False))
        self.assertFalse(self.env["cae.period"].search([("date", "=", month)]))
        self.assertEqual(self.env["cae.period"]._get(date(2026, 6, 9)), hidden)
        self.assertTrue(hidden.active)

    def test_a_locked_month_is_not_hidden(self):
        self._lock()
        period = self.env["cae.period"]._get(date(2026, 1, 1))
        for own in (period, period.with_user(self.accountant).sudo()):
            with self.assertRaisesRegex(UserError, "CAE-PERIOD-STATE"):
                own.active = False

    # ------------------------------------------------------------------
    # Odoo's own protections
    # ------------------------------------------------------------------

    def _match_and_undo(self):
        """A payment on account of a locked month, matched later, then undone."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 50,
                "date": DAY,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        self._lock()
        lines = (self.later | payment.move_id).line_ids
        lines = lines.filtered(lambda x: x.account_id.code == "411100")
        before = self._photo()
        lines.reconcile()
        self.assertEqual(self._photo(), before)
        self.assertInvariant()
        lines.remove_move_reconcile()
        self.assertEqual(self._photo(), before)
        self.assertInvariant()
        entries = self.env["account.move"].search([("cae_allocation", "=", True)])
        self.assertEqual(len(entries), 2)
        return entries

    def test_lock_dates_of_odoo_keep_working(self):
        for name in ("fiscalyear_lock_date", "hard_lock_date"):
            with self.subTest(lock=name), self.cr.savepoint() as savepoint:
                self.draft.unlink()
                self.env["account.move"].search(
                    [("state", "=", "draft"), ("company_id", "=", self.company.id)]
                ).unlink()
                self.statement_line.unlink()
                self.company[name] = date(2025, 12, 31)
                entries = self._match_and_undo()
                self.assertEqual(set(entries.mapped("date")), {date(2026, 2, 1)})
                savepoint.rollback()
                self.env.clear()

    def test_hash_chain_holds_through_tagging_and_allocation(self):
        journals = self.misc | self.company.cae_journal_id
        journals |= self.company_data["default_journal_sale"] | self.bank
        journals.restrict_mode_hash_table = True
        entry = self._entry([("601", 9, self.first), ("401", -9, self.first)], LATER)
        sale = self._document([(self.first, 80, self.vat_services)], LATER)
        self.company._cae_check_configured()
        if sale.restrict_mode_hash_table and not sale.inalterable_hash:
            sale.button_hash()
        self.assertTrue(entry.inalterable_hash)
        self.assertTrue(sale.inalterable_hash)
        for record in (entry.line_ids, sale.invoice_line_ids):
            record.analytic_distribution = self._tag(self.second)
        self._pay(sale, day="2026-02-20")
        self._match_and_undo()
        self.assertInvariant()
        self.env.flush_all()
        results = self.company._check_hash_integrity()["results"]
        statuses = {row["status"] for row in results}
        self.assertIn("verified", statuses)
        self.assertLessEqual(statuses, {"verified", "no_data"})

    def test_restrictive_audit_trail(self):
        self.company.restrictive_audit_trail = True
        self._match_and_undo()
        self.later.button_draft()
        self.later.invoice_line_ids.analytic_distribution = self._tag(self.second)
        self.later.action_post()
        self.assertInvariant()

    # ------------------------------------------------------------------
    # FEC
    # ------------------------------------------------------------------

    def _fec(self):
        self.env.flush_all()
        wizard = self.env["l10n_fr.fec.export.wizard"].create(
            {"date_from": "2026-01-01", "date_to": "2026-12-31", "test_file": True}
        )
        content = wizard.generate_fec()["file_content"]
        return content if isinstance(content, bytes) else base64.b64decode(content)

    def test_fec_is_balanced_and_unchanged_by_tagging(self):
        before = self._fec()
        self.invoice.invoice_line_ids.analytic_distribution = self._tag(self.second)
        self.entry.line_ids.analytic_distribution = self._tag(self.second)
        self.later.cae_activity_id = self.second
        self.assertEqual(self._fec(), before)
        self._match_and_undo()
        after = self._fec()
        for content in (before, after):
            rows = [line.split("|") for line in content.decode().splitlines()]
            debit, credit = (
                sum(
                    Decimal(row[rows[0].index(name)].replace(",", "."))
                    for row in rows[1:]
                )
                for name in ("Debit", "Credit")
            )
            self.assertGreater(debit, 0)
            self.assertEqual(debit, credit)
        self.assertGreater(len(after), len(before))
