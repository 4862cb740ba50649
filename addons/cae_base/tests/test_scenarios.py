import os
import random

from odoo.exceptions import UserError

from .common import cae_tagged
from .test_expense import ExpenseCommon

FULL = bool(os.environ.get("CAE_TEST_FULL"))
#: Scenarios and steps of each; ``CAE_SCENARIOS`` asks for another number.
SCENARIOS = int(os.environ.get("CAE_SCENARIOS") or (120 if FULL else 3))
FIRST = int(os.environ.get("CAE_SCENARIO_FIRST") or 0)
STEPS = 20 if FULL else 14
#: Refusals that a random step may meet; anything else is a bug.
REFUSED = (
    "CAE-ANALYTIC-ZERO",
    "CAE-BANK-",
    "CAE-ENTRY-CORRECTED",
    "CAE-ENTRY-GENERATED",
    "CAE-EXIT-",
    "CAE-PERIOD-LOCKED",
    "CAE-SETTLE-",
    "CAE-TRANSFER-",
)


@cae_tagged
class TestScenarios(ExpenseCommon):
    """Design §3.4 over everything that books, and over every undo.

    A scenario is a chain of random steps; a step returns how to undo it, or nothing.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dollar = cls._dollars()
        cls.mileage = cls.env.ref("cae_base.product_mileage")
        cls.Period = cls.env["cae.period"].with_user(cls.user)
        cls.Exchange = cls.env["cae.exchange"].with_user(cls.user)
        scheme = cls.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        cls.activities[:2].scheme_id = scheme
        cls.cash = cls.env["account.journal"].create(
            {"name": "Till", "code": "TIL", "type": "cash"}
        )
        customer = {"code": "K1", "activite": "T1", "nom": "Client", "pays": "FR"}
        customer |= {
            "type": "entreprise",
            "siren": "",
            "cp": "44000",
            "ville": "Nantes",
        }
        cls.Exchange.load("customers", [customer])

    # ------------------------------------------------------------------
    # Playing
    # ------------------------------------------------------------------

    def test_random_scenarios(self):
        for seed in range(FIRST, FIRST + SCENARIOS):
            with self.subTest(seed=seed):
                self._scenario(seed)

    def _scenario(self, seed):
        savepoint = self.cr.savepoint()
        try:
            self._play(random.Random(seed))
        finally:
            self.env.clear()
            savepoint.close(rollback=True)
            self.env.registry.clear_cache()

    def _play(self, rng):
        self.rng, self.number, self.told, self.locked = rng, 0, [], {}
        undos, done = [], 0
        steps = [
            getattr(self, name) for name in sorted(dir(self)) if name[:6] == "_step_"
        ]
        for _number in range(STEPS):
            step = rng.choice(steps)
            before = self._picture()
            undo = self._try(step.__name__[6:], step)
            self.assertLedger()
            done += undo is not False
            if undo and rng.random() < 0.35:
                if self._try(f"undo at once {step.__name__[6:]}", undo) is not False:
                    self.assertPicture(before)
            elif undo:
                undos.append((step.__name__[6:], undo))
            if undos and rng.random() < 0.25:
                name, undo = undos.pop(rng.randrange(len(undos)))
                self._try(f"undo {name}", undo)
                self.assertLedger()
        rng.shuffle(undos)
        for name, undo in undos:
            self._try(f"undo {name}", undo)
            self.assertLedger()
        self.assertInvariant()
        self.assertGreater(done, STEPS / 3, self.told)

    def _try(self, name, method):
        """What ``method`` returns, False when it was refused for a good reason."""
        self.number += 1
        self.told.append(name)
        try:
            with self.cr.savepoint():
                return method()
        except UserError as error:
            if not str(error).startswith(REFUSED):
                raise AssertionError(f"{error} after {self.told}") from error
            self.told[-1] += f" refused: {str(error)[:70]}"
            return False

    # ------------------------------------------------------------------
    # What must hold
    # ------------------------------------------------------------------

    def _items(self):
        return self.env["account.move.line"].search(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        )

    def _picture(self):
        """``(balances by activity and account, activities of each item)``."""
        items = self._items()
        vectors = items._cae_effective_vectors()
        balances = {}
        for item in items:
            if not item.cae_source_line_id:
                for key, cents in vectors[item.id].items():
                    place = key, item.account_id.id
                    balances[place] = balances.get(place, 0) + cents
        facts = {
            item.id: vectors[item.id]
            for item in items
            if not item.move_id.cae_allocation
        }
        return {k: c for k, c in balances.items() if c}, facts

    def assertPicture(self, before):
        """Undone, everything is as it was."""
        balances, facts = before
        now, vectors = self._picture()
        self.assertEqual(now, balances, self.told)
        # What was undone by reversal is still there, and nets to zero.
        same = {key: vectors[key] for key in vectors if key in facts}
        self.assertEqual(same, {key: facts[key] for key in same}, self.told)

    def assertLedger(self):
        self.env.flush_all()
        unbalanced = self.env["cae.ledger"]._unbalanced_entries(self.company)
        self.assertFalse(unbalanced, self.told)
        items = self._items()
        drafts = [("move_line_id", "!=", False), ("move_line_id", "not in", items.ids)]
        drafts.append(("company_id", "=", self.company.id))
        self.assertFalse(self.env["account.analytic.line"].search(drafts), self.told)
        # Stored tags and analytic items agree: tagged + unallocated = general ledger.
        stored = items._cae_stored_vectors()
        wrong = items.filtered(lambda item: item._cae_items_differ(stored[item.id]))
        self.assertFalse(wrong, self.told)
        vectors = items._cae_effective_vectors()
        self.assertSettled(items, vectors)
        self.assertNoVatWaits(items, vectors)
        for month, rows in self.locked.items():
            self.assertEqual(self._month(month), rows, (month, self.told))

    def assertSettled(self, items, vectors):
        """What is settled leaves 0.00 for each activity on its account."""
        evened = items.filtered("move_id.cae_full_reconcile_id")
        for full in items.full_reconcile_id:
            settled = full.reconciled_line_ids
            if any(settled.move_id.mapped("cae_allocation")):
                continue
            settled |= evened.filtered(
                lambda item, f=full, a=settled.account_id[:1]: (
                    item.move_id.cae_full_reconcile_id == f and item.account_id == a
                )
            )
            self.assertFalse(self._sum(settled, vectors), (settled, self.told))

    def assertNoVatWaits(self, items, vectors):
        """VAT on payment of a paid document waits for nobody any more."""
        documents = items.move_id.filtered(
            lambda m: m.tax_cash_basis_created_move_ids and not m.amount_residual
        )
        for document in documents:
            written = document.tax_cash_basis_created_move_ids
            moves = document | written | written.reversal_move_ids
            waiting = items.filtered(
                lambda item, m=moves: (
                    item.move_id in m
                    and item.account_id.code.startswith(("44574", "44564"))
                )
            )
            self.assertFalse(self._sum(waiting, vectors), (document.name, self.told))

    def _sum(self, items, vectors):
        total = {}
        for item in items:
            for key, cents in vectors[item.id].items():
                total[key] = total.get(key, 0) + cents
        return {key: cents for key, cents in total.items() if cents}

    def _month(self, first):
        """Everything of a month that must not change once it is locked."""
        self.env.flush_all()
        self.cr.execute(
            """
            SELECT m.id, m.account_id, m.balance, m.analytic_distribution::text, m.date
              FROM account_move_line m
             WHERE m.company_id = %(company)s AND m.parent_state = 'posted'
               AND DATE_TRUNC('month', m.date) = %(first)s
             UNION ALL
            SELECT l.move_line_id, l.general_account_id, l.amount,
                   (to_jsonb(l) - 'write_date' - 'write_uid' - 'id')::text, l.date
              FROM account_analytic_line l
             WHERE l.company_id = %(company)s
               AND DATE_TRUNC('month', l.date) = %(first)s
             ORDER BY 1, 4, 3
            """,
            {"company": self.company.id, "first": first},
        )
        return self.cr.fetchall()

    # ------------------------------------------------------------------
    # Choices
    # ------------------------------------------------------------------

    def _day(self):
        month = self.rng.randint(min(len(self.locked) + 1, 6), 6)
        return f"2026-{month:02}-{self.rng.randint(1, 28):02}"

    def _amount(self, low=1, high=90000):
        return self.rng.randint(low, high) / 100

    def _whose(self):
        return self.rng.choice([*self.activities, None])

    def _some(self, records, most=3):
        chosen = self.rng.sample(list(records), min(len(records), most))
        return records.browse([record.id for record in chosen])

    def _documents(self, **more):
        domain = [("company_id", "=", self.company.id), ("state", "=", "posted")]
        kinds = ["out_invoice", "in_invoice"]
        found = self.env["account.move"].search(
            [*domain, ("move_type", "in", kinds)], order="id"
        )
        return found.filtered(lambda m: m.currency_id.round(m.amount_residual) > 0)

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _step_document(self, **vals):
        rng = self.rng
        kind = rng.choice(["out_invoice", "out_invoice", "in_invoice", "out_refund"])
        taxes = [None, self.vat_goods, self.vat_services]
        if kind == "in_invoice":
            taxes = [None, self.vat]
        lines = [
            (self._whose(), self._amount() * (-0.1 if n > 2 else 1), rng.choice(taxes))
            for n in range(rng.randint(1, 5))
        ]
        if rng.random() < 0.15:
            vals["currency_id"] = self.dollar.id
        term = rng.choice([self.pay_terms_a, self.pay_terms_b])
        move = self._document(
            [(a, round(amount, 2), tax) for a, amount, tax in lines],
            self._day(),
            kind,
            ref=f"R{self.number}",
            invoice_payment_term_id=term.id,
            cae_activity_id=rng.choice([False, self.activities[0].id]),
            **vals,
        )
        if rng.random() < 0.3:
            move.button_draft()
            move.invoice_line_ids[0].discount = rng.choice([5, 33.33])
            move._post(soft=False)
        return lambda: (move.button_draft(), move.button_cancel())

    def _step_document_reversed(self):
        moves = self._documents().filtered(lambda m: m.payment_state == "not_paid")
        moves = self._some(moves, 1)
        if not moves:
            return None
        day = self._day()
        values = [{"date": day, "invoice_date": day}]
        reversal = moves._reverse_moves(values, cancel=True)
        lines = (moves | reversal).line_ids
        return lambda: (
            lines.remove_move_reconcile(),
            reversal.button_draft(),
            reversal.button_cancel(),
        )

    def _step_part_credited(self):
        moves = self._some(self._documents(), 1)
        if not moves:
            return None
        day = self._day()
        note = moves._reverse_moves([{"date": day, "invoice_date": day}])
        for line in note.invoice_line_ids:
            line.price_unit = round(
                line.price_unit * self.rng.choice([1, 0.5, 0.33]), 2
            )
        note._post(soft=False)
        lines = (moves | note).line_ids.filtered(
            lambda x: x.display_type == "payment_term" and not x.reconciled
        )
        if len(lines.move_id) == 2:
            lines.reconcile()
        return lambda: (
            lines.remove_move_reconcile(),
            note.button_draft(),
            note.button_cancel(),
        )

    def _step_payment(self):
        moves = self._documents()
        if not moves:
            return None
        first = self.rng.choice(moves)
        like = moves.filtered(
            lambda m: (
                (m.move_type, m.currency_id, m.partner_id)
                == (first.move_type, first.currency_id, first.partner_id)
            )
        )
        chosen = first | self._some(like, 2)
        total = sum(chosen.mapped("amount_residual"))
        vals = {"currency_id": first.currency_id.id}
        amount = total
        if self.rng.random() < 0.5:
            amount = max(0.01, round(total * self.rng.uniform(0.1, 1.1), 2))
            if self.rng.random() < 0.4:
                vals |= {
                    "payment_difference_handling": "reconcile",
                    "writeoff_account_id": self._account("658").id,
                }
        payments = self._pay(chosen, amount, self._day(), **vals)
        if self.rng.random() < 0.5:
            return lambda: payments.move_id.line_ids.remove_move_reconcile()
        return lambda: (payments.action_draft(), payments.action_cancel())

    def _step_payment_on_account(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": self.rng.choice(["inbound", "outbound"]),
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": self._amount(),
                "date": self._day(),
                "journal_id": self.bank.id,
                "cae_activity_id": self.rng.choice([False, self.activities[1].id]),
            }
        )
        payment.action_post()
        return lambda: (payment.action_draft(), payment.action_cancel())

    def _step_payment_matched_later(self):
        items = self._items().filtered(
            lambda x: (
                x.account_type == "asset_receivable"
                and not x.reconciled
                and x.partner_id == self.partner_a
                and not x.move_id.cae_allocation
            )
        )
        for account_items in items.grouped("account_id").values():
            debits = account_items.filtered(lambda x: x.balance > 0)
            credits_ = account_items - debits
            if debits and credits_:
                pair = self._some(debits, 2) | self._some(credits_, 2)
                before = pair._all_partials()
                pair.reconcile()
                made = pair._all_partials() - before
                return lambda: made.exists().unlink()
        return None

    def _step_bank_line(self):
        amount = self._amount() * self.rng.choice([1, -1])
        line = self._statement_line(round(amount, 2), self._day())
        domain = line._cae_item_domain()
        items = self.env["account.move.line"].search(domain, order="id")
        items = items.filtered(lambda x: (x.amount_residual > 0) == (line.amount > 0))
        line = line.with_user(self.user)
        items = self._some(items, 2)
        booked = []
        if self.rng.random() < 0.3:
            whose = self._whose()
            cents = {"account": "627100", "label": "Fees", "amount": -1}
            booked = [{**cents, "activity": whose.code if whose else ""}]
        if not items and not booked:
            return None
        if not items:
            booked[0]["amount"] = line.amount
        line.cae_match([{"id": item.id} for item in items], booked)
        return lambda: (line.cae_undo_match(), self._forget(line))

    def _step_bank_line_booked_by_odoo(self):
        line = self._statement_line(self._amount(), self._day())
        suspense = line._seek_for_lines()[1]
        suspense.account_id = self._account(self.rng.choice(["6226", "758", "455"]))
        return lambda: (line.action_undo_reconciliation(), self._forget(line))

    def _forget(self, line):
        """A bank line goes with what it was matched with."""
        line.sudo().with_context(force_delete=True).unlink()

    def _step_till(self):
        first, second = self._amount(), self._amount()
        lines = [("601", first, self._whose()), ("627", second, self._whose())]
        total = round(first + second, 2)
        move = self._entry([*lines, ("53", -total, None)], self._day(), self.cash)
        return lambda: (move.button_draft(), move.button_cancel())

    def _step_entry(self):
        amount = self._amount()
        one, two = self.activities[:2]
        lines = self.rng.choice(
            [
                [("68112", amount, one), ("2818", -amount, None)],
                [("611", amount, one), ("611", -amount, two)]
                + [("455", -amount, one), ("455", amount, two)],
                [("44571", amount, None), ("44551", -amount, None)],
                [("611", amount, one), ("4081", -amount, one)]
                + [("6226", 5, None), ("4081", -5, None)],
            ]
        )
        move = self._entry(lines, self._day())
        return lambda: (move.button_draft(), move.button_cancel())

    def _step_accrual(self):
        amount = self._amount()
        lines = [("611", amount, self.rng.choice(self.activities))]
        accrual = self._entry([*lines, ("4081", -amount, None)], self._day())
        reversal = accrual._reverse_moves([{"date": self._day()}])
        reversal._post(soft=False)
        moves = accrual | reversal
        return lambda: (
            moves.line_ids.remove_move_reconcile(),
            moves.button_draft(),
            moves.button_cancel(),
        )

    def _step_deferral(self):
        moves = self._some(self._documents(), 1).filtered(
            lambda m: m.currency_id == self.company.currency_id
        )
        lines = moves.invoice_line_ids
        if not lines:
            return None
        wizard = self.env["account.automatic.entry.wizard"].with_context(
            active_model="account.move.line", active_ids=lines.ids
        )
        wizard = wizard.create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "action": "change_period",
                "date": self._day(),
                "percentage": self.rng.choice([50, 100, 33.33]),
                "expense_accrual_account": self._account("486").id,
                "revenue_accrual_account": self._account("487").id,
            }
        )
        before = self._items()
        wizard.do_action()
        made = (self._items() - before).move_id
        return lambda: (
            made.line_ids.remove_move_reconcile(),
            made.button_draft(),
            made.button_cancel(),
        )

    def _step_opening(self):
        amount = self._amount()
        side = {"activite": "T2", "date": self._day(), "debit": 0, "credit": 0}
        rows = [
            {**side, "compte": "512", "debit": amount},
            {**side, "compte": "110", "credit": amount},
        ]
        self._load("opening", rows)

    def _step_imported(self):
        day = self._day()
        amount = self._amount()
        invoice = {"numero": f"F{self.number}", "type": "facture", "origine": ""}
        invoice |= {"date": day, "activite": "T1", "client": "K1", "nature": "service"}
        invoice |= {"libelle": "Work", "quantite": 1, "taux_tva": 20}
        self._load("invoices", [{**invoice, "prix_unitaire_ht": amount}])
        bill = {"numero": f"B{self.number}", "date": day, "activite": "T3"}
        bill |= {"code_fournisseur": "S1", "fournisseur": "Shop", "libelle": "Paper"}
        bill |= {"montant_ht": self._amount(), "taux_tva": 20, "nature": "frais"}
        self._load("bills", [bill])
        paid = round(amount * self.rng.choice([0.3, 1]), 2)
        payment = {"reference": f"P{self.number}", "date": self._day()}
        payment |= {"document": invoice["numero"], "mode": "virement"}
        self._load("payments", [{**payment, "montant_ttc": paid}])

    def _load(self, dataset, rows):
        result = self.Exchange.load(dataset, rows)
        codes = {error["code"] for error in result["errors"]}
        self.assertLessEqual(codes, {"CAE-LOAD-CONFLICT"}, (result, self.told))

    def _step_expense(self):
        person = self.rng.choice([self.ines, self.yann])
        activity = self.rng.choice(self.activities)
        mode = self.rng.choice(["own_account", "company_account"])
        day = self._day()
        expense = self._expense(
            person,
            self._amount(),
            self.rng.choice([None, self.vat]),
            cae_activity_id=activity.id,
            payment_mode=mode,
            date=day,
        )
        self._post(expense, day)

    def _step_mileage(self):
        day = self._day()
        claim = self.Expense.create(
            {
                "name": "Nantes – Angers",
                "employee_id": self.ines.employee_id.id,
                "product_id": self.mileage.id,
                "date": day,
                "cae_vehicle": "car",
                "cae_power": 5,
                "cae_distance": self.rng.randint(1, 3000),
                "cae_activity_id": self.activities[0].id,
            }
        )
        self._post(claim, day)

    def _step_contributions(self):
        month = self._day()[:7]
        self.env.flush_all()
        added = self.Period.month_run(month, steps=["contributions"])
        if added["contributions"]["lines"]:
            period = self.Period._get(self.Period._parse_month(month))
            return lambda: period.action_undo_contributions("Random")
        return None

    def _step_transfer(self):
        items = self._items().move_id
        moves = items.filtered(lambda m: not m._cae_is_automatic()).sorted("id")
        moves = self._some(moves, 2)
        wizard = self.env["cae.transfer.wizard"].with_user(self.user)
        wizard = wizard.with_context(active_model=moves._name, active_ids=moves.ids)
        target = self.rng.choice([*self.activities.ids, False])
        wizard = wizard.create({"reason": "Random", "to_activity_id": target})
        if self.rng.random() < 0.4:
            wizard.item_ids = self._some(wizard.item_choice_ids.sorted("id"), 2)
        transfer = self.env["cae.transfer"].browse(wizard.action_confirm()["res_id"])
        return lambda: transfer.with_user(self.user).action_undo("Random")

    def _step_collective_payment(self):
        line = self._statement_line(-self._amount(), self._day())
        wizard = self.env["cae.collective.payment"].with_user(self.user)
        wizard = wizard.with_context(active_model=line._name, active_ids=line.ids)
        account = self._account(self.rng.choice(["44571", "4081", "44551"]))
        vals = {"account_id": account.id, "date": "2026-12-31"}
        vals["difference"] = self.rng.choice(["shared", "unallocated"])
        transfer = wizard.create(vals).action_confirm()["res_id"]
        transfer = self.env["cae.transfer"].browse(transfer).with_user(self.user)
        return lambda: (transfer.action_undo("Random"), self._forget(line))

    def _step_exit(self):
        leaving = self.env["cae.activity.exit"].with_user(self.user)
        activity, target = self.rng.sample(list(self.activities), 2)
        if leaving.search_count(
            [("activity_id", "=", activity.id), ("state", "!=", "cancelled")]
        ):
            return None
        leaving = leaving.create(
            {
                "activity_id": activity.id,
                "date": "2026-06-30",
                "outcome": "transfer",
                "target_id": target.id,
            }
        )
        self.env.flush_all()
        leaving.action_done()
        return lambda: leaving.action_cancel()

    def _step_proposals(self):
        month = self._day()[:7]
        found = self.Period.unallocated(month)
        rows = self.rng.sample(found, min(len(found), 2))
        for row in rows:
            row["activity"] = self.rng.choice([row["activity"], "T1", "CAE"])
        items = [{"id": row["id"], "activity": row["activity"]} for row in rows]
        if not items:
            return None
        result = self.Period.allocate(month, items)
        transfer = self.env["cae.transfer"].browse(result["transfer"])
        return lambda: transfer.with_user(self.user).action_undo("Random")

    def _step_lock(self):
        if len(self.locked) >= 3 or self.rng.random() < 0.3:
            return None
        first = f"2026-{len(self.locked) + 1:02}-01"
        period = self.Period._get(self.Period._parse_month(first[:7]))
        period._set_state("locked")
        self.locked[first] = self._month(first)
        return None
