from odoo.exceptions import AccessError, UserError

from .common import CaeCommon, cae_tagged


@cae_tagged
class TestAllocationProposal(CaeCommon):
    """What belongs to no activity is proposed, accepted, undone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.activities
        cls.accountant = cls._user("cae_accountant", "group_accountant")
        cls.Period = cls.env["cae.period"].with_user(cls.accountant)
        cls.cash = cls.env["account.journal"].create(
            {"name": "Till", "code": "TIL", "type": "cash"}
        )

    def _payment(self, amount=70, partner=None, **vals):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.partner_a).id,
                "amount": amount,
                "date": "2026-01-20",
                "journal_id": self.bank.id,
                **vals,
            }
        )
        payment.action_post()
        return payment

    def _found(self, month="2026-01"):
        self.env.flush_all()
        return self.Period.unallocated(month)

    def _told(self, month="2026-01"):
        """What is proposed, amounts first."""
        return [
            (r["amount"], r["activity"], r["reason"], r["certainty"])
            for r in self._found(month)
        ]

    def _allocate(self, items=None, month="2026-01", **values):
        self.env.flush_all()
        result = self.Period.allocate(month, items=items, **values)
        return self.env["cae.transfer"].browse(result["transfer"] or [])

    def _snapshot(self):
        return {
            code: {account: b for account, b in rows.items() if b}
            for code, rows in self._balances().items()
        }

    def _lock(self, month="2026-01"):
        self.env.flush_all()
        self.Period.month_run(month, steps=["contributions"])
        self.Period.lock(month)

    def _before_the_product(self, move):
        """An entry posted before there were activities."""
        self.env.flush_all()
        self.cr.execute(
            "DELETE FROM account_analytic_line WHERE move_line_id = ANY(%s)",
            (move.line_ids.ids,),
        )
        self.cr.execute(
            "UPDATE account_move_line SET analytic_distribution = NULL,"
            " cae_tag_derived = FALSE WHERE move_id = %s",
            (move.id,),
        )
        self.cr.execute(
            "UPDATE account_move SET cae_activity_id = NULL WHERE id = %s", (move.id,)
        )
        self.env.invalidate_all()

    # Payments

    def test_payment_on_account_goes_to_the_open_documents(self):
        self._document([(self.two, 500, self.vat_services)])
        payment = self._payment()
        self.assertEqual(self._told(), [(-70, "T2", "open", "certain")])
        before = self._snapshot()
        transfer = self._allocate()
        self.assertEqual(payment.cae_activity_id, self.two)
        self.assertFalse(self._found())
        self.assertNotIn(
            "CAE-CHECK-UNALLOCATED", [f["code"] for f in self.Period.checks("2026-01")]
        )
        self.assertInvariant()
        self.assertFalse(self._allocate())  # again: nothing is left
        transfer.with_user(self.accountant).action_undo("No")
        self.assertEqual(self._snapshot(), before)
        self.assertEqual(len(self._found()), 1)

    def test_what_a_payment_does_not_settle(self):
        document = self._document([(self.one, 50, None)])
        self._pay(document, amount=70, day="2026-01-20")
        self.assertEqual(self._told(), [(-20, "T1", "rest", "certain")])
        self._allocate()
        self.assertEqual(self._snapshot()["T1"].get("411100"), -20)
        self.assertInvariant()

    def test_payment_of_a_locked_month(self):
        self._document([(self.two, 500, None)])
        payment = self._payment()
        self._lock()
        before = self._snapshot()
        transfer = self._allocate()
        self.assertEqual(payment.cae_activity_id, self.two)
        self.assertEqual(self._snapshot()["T2"]["411100"], 430)
        entry = payment.move_id.line_ids.cae_correction_ids.move_id
        self.assertTrue(entry.cae_allocation)
        self.assertEqual(str(entry.date), "2026-02-01")
        self.assertInvariant()
        # Neither the item nor what corrects it waits any more.
        self.assertFalse(self._found())
        self.assertFalse(self._found("2026-02"))
        transfer.with_user(self.accountant).action_undo("No")
        self.assertEqual(self._snapshot(), before)
        self.assertEqual(len(self._found()), 1)
        self.assertFalse(self._found("2026-02"))
        self.assertInvariant()

    def test_payment_of_the_shared_services_and_its_match(self):
        payment = self._payment()
        [row] = self._found()
        self.assertEqual(row["activity"], "CAE")
        self.assertFalse(self._allocate())  # nothing is certain
        transfer = self._allocate([{"id": row["id"]}], reason="A grant")
        self.assertEqual(transfer.reason, "A grant")
        self.assertEqual(self._snapshot()["CAE"]["411100"], -70)
        self.assertInvariant()
        document = self._document([(self.one, 70, None)])
        lines = (document | payment.move_id).line_ids
        lines.filtered(lambda x: x.account_type == "asset_receivable").reconcile()
        self.assertFalse(self._snapshot()["CAE"].get("411100"))
        self.assertInvariant()

    # Entries

    def test_entry_of_the_till_is_decided_by_what_was_bought(self):
        lines = [("601", 10, None), ("627", 2, None), ("53", -12, None)]
        move = self._entry(lines, journal=self.cash)
        rows = self._found()
        self.assertEqual([row["amount"] for row in rows], [10, 2])
        self._allocate([{"id": rows[0]["id"], "activity": "T1"}])
        self.assertEqual(self._snapshot()["T1"], {"601000": 10, "530000": -10})
        self.assertEqual([row["amount"] for row in self._found()], [2])
        self.assertEqual(self._told(), [(2, "T1", "entry", "possible")])
        self._allocate([{"id": rows[1]["id"], "activity": "CAE"}])
        self.assertFalse(self._found())
        self.assertEqual(
            self._snapshot()["CAE"], {"627100": 2, "530000": -2}, move.line_ids
        )
        self.assertInvariant()

    def test_till_of_a_locked_month_in_two_steps_and_back(self):
        lines = [("601", 10, None), ("627", 2, None), ("53", -12, None)]
        self._entry(lines, journal=self.cash)
        rows = self._found()
        self._lock()
        before = self._snapshot()
        done = []
        for row, code in zip(rows, ("T1", "T2"), strict=True):
            done.append(self._allocate([{"id": row["id"], "activity": code}]))
            self.assertInvariant()
        self.assertEqual(self._snapshot()["T2"], {"627100": 2, "530000": -2})
        for transfer in reversed(done):
            transfer.with_user(self.accountant).action_undo("No")
            self.assertInvariant()
        self.assertEqual(self._snapshot(), before)

    def test_untagged_pair_of_a_general_entry(self):
        lines = [("611", 10, self.one), ("4081", -10, self.one)]
        self._entry([*lines, ("6226", 5, None), ("4081", -5, None)])
        self.assertEqual(self._told(), [(5, "T1", "entry", "possible")])
        self._allocate([{"id": self._found()[0]["id"], "activity": "T3"}])
        third = self._snapshot()["T3"]
        self.assertEqual(sorted(third.values()), [-5, 5])
        self.assertInvariant()

    def test_bank_line_booked_on_an_account_without_activity(self):
        line = self._statement_line(-30, "2026-01-25")
        self.assertFalse(self._found())  # it waits for its matching
        suspense = line._seek_for_lines()[1]
        suspense.account_id = self._account("6226")
        self.assertTrue(line.is_reconciled)
        self.assertEqual([row["amount"] for row in self._found()], [30])
        self._allocate([{"id": suspense.id, "activity": "T2"}])
        self.assertEqual(self._balances()["T2"]["622600"], 30)
        self.assertInvariant()

    # Documents of before

    def test_document_of_before_in_two_steps(self):
        lines = [(self.one, 100, self.vat_services), (self.two, 50, self.vat_goods)]
        document = self._document(lines)
        wanted = self._snapshot()
        self._before_the_product(document)
        before = self._snapshot()
        rows = self._found()
        self.assertEqual([row["amount"] for row in rows], [-100, -50])
        first = self._allocate([{"id": rows[0]["id"], "activity": "T1"}])
        self.assertEqual(self._snapshot()["T1"], wanted["T1"])
        # What was not accepted is not the shared services' either.
        self.assertEqual(self._snapshot()["CAE"], {})
        self.assertEqual([row["amount"] for row in self._found()], [-50])
        second = self._allocate([{"id": rows[1]["id"], "activity": "T2"}])
        self.assertEqual(self._snapshot(), wanted)
        self.assertInvariant()
        for transfer in (second, first):
            transfer.with_user(self.accountant).action_undo("No")
        self.assertEqual(self._snapshot(), before)

    def test_payment_follows_a_document_of_before(self):
        document = self._document([(self.one, 100, self.vat_services)])
        self._before_the_product(document)
        self._pay(document, day="2026-01-20")
        # The document decides; its payment and the VAT follow.
        self.assertEqual([row["amount"] for row in self._found()], [-100])
        self._allocate([{"id": self._found()[0]["id"], "activity": "T3"}])
        self.assertEqual(self._snapshot()["T3"]["706000"], -100)
        self.assertFalse(self._snapshot()["T3"].get("411100"))
        self.assertFalse(self._found())
        self.assertInvariant()

    # Screen

    def _screen(self, user=None):
        self.env.flush_all()
        [finding] = [
            f
            for f in self.Period.checks("2026-01")
            if f["code"] == "CAE-CHECK-UNALLOCATED"
        ]
        items = self.env["account.move.line"].with_user(user or self.accountant)
        action = items.action_cae_proposals(finding["res_ids"])
        rows = self.env[action["res_model"]].with_user(user or self.accountant)
        return rows.search(action["domain"])

    def test_screen_accepts_one_or_the_certain_ones(self):
        self._document([(self.two, 500, None)])
        certain = self._payment()
        other = self._payment(33, self.partner_b)
        rows = self._screen()
        self.assertEqual(rows.item_id.payment_id, certain + other)
        self.assertEqual(rows.mapped("certainty"), ["certain", "possible"])
        self.assertEqual(rows[0].activity_id, self.two)
        self.assertFalse(rows[1].activity_id)
        # The button of the header, with nothing selected.
        result = rows.browse().action_accept_certain()
        self.assertIn("1", result["params"]["message"])
        self.assertEqual(certain.cae_activity_id, self.two)
        self.assertFalse(other.cae_activity_id)
        [row] = rows.exists()
        row.activity_id = self.three
        self.assertTrue(row.changed)
        row.action_accept()
        self.assertEqual(other.cae_activity_id, self.three)
        self.assertInvariant()
        result = rows.browse().action_accept_certain()
        self.assertEqual(result["params"]["type"], "warning")

    def test_what_was_changed_is_no_certain_proposal(self):
        self._document([(self.two, 500, None)])
        payment = self._payment()
        row = self._screen()
        row.activity_id = self.three
        row.browse().action_accept_certain()
        self.assertFalse(payment.cae_activity_id)
        self.assertTrue(row.exists())

    # Refusals, rights, queries

    def test_refusals(self):
        payment = self._payment()
        item = self._found()[0]["id"]
        for items in ([{"id": "x"}], [item], [{"id": 2**40}], [{"id": item}] * 2, "x"):
            with self.assertRaisesRegex(UserError, "CAE-ALLOCATE-ITEM"):
                self._allocate(items)
        for code in ("NONE", 5, ["T1"]):
            with self.assertRaisesRegex(UserError, "CAE-ALLOCATE-ACTIVITY"):
                self._allocate([{"id": item, "activity": code}])
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-MONTH"):
            self._allocate(month="x")
        # Of another month, or allocated already: left alone.
        self.assertFalse(self._allocate([{"id": item}], "2026-02"))
        self.assertFalse(payment.cae_activity_id)

    def test_rights(self):
        self._payment()
        for group in ("coach", "payroll"):
            user = self._user(f"cae_{group}", f"group_{group}")
            period = self.env["cae.period"].with_user(user)
            with self.assertRaises(AccessError):
                period.unallocated("2026-01")
            with self.assertRaises(AccessError):
                period.allocate("2026-01")
            with self.assertRaises(AccessError):
                self.env["cae.allocation.proposal"].with_user(user).search([])
        # Who closes months without being an accountant sees the items.
        items = self.env["account.move.line"].with_user(user)
        action = items.action_cae_proposals([])
        self.assertEqual(action["res_model"], "account.move.line")
        rows = self._screen()
        other = self._user("cae_other", "group_accountant")
        with self.assertRaises(AccessError):
            rows.with_user(other).read(["amount"])

    def test_queries_do_not_grow(self):
        self._document([(self.two, 500, None)])

        def run(count):
            for n in range(count):
                self._payment(10 + n)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            found = self.Period.unallocated("2026-01")
            return len(found), self.cr.sql_log_count - start

        run(1)
        (few, small), (many, large) = run(3), run(12)
        self.assertEqual((few, many), (4, 16))
        self.assertEqual(small, large)
