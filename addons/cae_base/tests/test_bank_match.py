from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .common import CaeCommon, cae_tagged


@cae_tagged
class TestBankMatch(CaeCommon):
    """Bank lines settle documents and payments; the ledger follows to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.activities
        cls.accountant = cls._user("bank-accountant", "group_accountant")
        cls.Line = cls.env["account.bank.statement.line"]
        cls.bank_code = cls.bank.default_account_id.code

    def _line(self, amount, label="VIR", day="2026-02-11", partner=None, **vals):
        line = self.Line.create(
            {
                "journal_id": self.bank.id,
                "date": day,
                "payment_ref": label,
                "amount": amount,
                "partner_id": partner.id if partner else False,
                **vals,
            }
        )
        return line.with_user(self.accountant)

    def _open_item(self, move):
        return move.line_ids.filtered(lambda item: item.display_type == "payment_term")

    def _proposal(self, line):
        found = line.cae_proposals()[0]
        ids = [item["id"] for p in found["proposals"][:1] for item in p["items"]]
        return found["grade"], self.env["account.move.line"].browse(ids)

    def _bank_of(self, *activities):
        balances = self._balances()
        return [
            balances[a.code if a else ""].get(self.bank_code, 0) for a in activities
        ]

    def _refused(self, code, method, *args, **kwargs):
        with self.assertRaisesRegex(UserError, code), self.cr.savepoint():
            method(*args, **kwargs)

    # ------------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------------

    def test_amount_and_reference_are_certain(self):
        move = self._document([(self.first, 100, self.vat_goods)])
        self._document([(self.second, 100, self.vat_goods)])
        line = self._line(120, f"VIR SEPA {move.name.replace('/', ' ')}")
        self.assertEqual(self._proposal(line), ("certain", self._open_item(move)))
        self.assertEqual(line.cae_grade, "certain")
        self.assertIn(move.name, line.cae_proposal)

    def test_amount_and_partner_are_likely_when_no_other_fits(self):
        move = self._document([(self.first, 100, None)])
        self._document([(self.second, 70, None)])
        alone = self._line(100, "VIR")
        self.assertEqual(self._proposal(alone), ("possible", self._open_item(move)))
        line = self._line(100, "VIR", partner=self.partner_a)
        self.assertEqual(self._proposal(line), ("likely", self._open_item(move)))
        self._document([(self.second, 100, None)])
        self.assertEqual(self._proposal(line)[0], "possible")

    def test_imported_payments_are_proposed_by_their_document(self):
        move = self._document([(self.first, 100, None)])
        payment = self._pay(move)
        line = self._line(100, f"REMISE {move.name}")
        item = payment.move_id.line_ids.filtered(
            lambda x: x.account_id == payment.outstanding_account_id
        )
        self.assertEqual(self._proposal(line), ("certain", item))
        self.assertIn(move.name, line.cae_proposal)

    def test_payments_of_another_bank_are_not_proposed(self):
        move = self._document([(self.first, 100, None)])
        self._pay(move)
        other = self.bank.copy({"code": "BNK9", "name": "Other bank"})
        line = self._line(100, f"REMISE {move.name}", journal_id=other.id)
        self.assertFalse(self._proposal(line)[1])

    def test_bills_are_proposed_by_the_supplier_s_number(self):
        bill = self._document(
            [(self.first, 100, self.vat_goods)], kind="in_invoice", ref="F-2026/0815"
        )
        line = self._line(-120, "PRLV F2026 0815")
        self.assertEqual(self._proposal(line), ("certain", self._open_item(bill)))

    def test_proposals_cost_the_same_for_many_lines(self):
        moves = [self._document([(self.first, 100 + n, None)]) for n in range(8)]
        lines = [self._line(100 + n, m.name) for n, m in enumerate(moves)]
        counts = []
        for many in (lines[0], lines[0], self.Line.union(*lines)):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            many.with_user(self.accountant).cae_proposals()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])

    def test_screen_costs_the_same_for_many_payments(self):
        line = self._line(100)
        counts = []
        for number in (1, 1, 6):
            for _count in range(number):
                self._pay(self._document([(self.first, 70, None)]))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            line.with_user(self.accountant).mapped("cae_proposal")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------

    def test_invoice_is_settled(self):
        move = self._document([(self.first, 60, None), (self.second, 40, None)])
        line = self._line(100)
        result = line.cae_match(items=[self._open_item(move).id])
        self.assertEqual(result, {"reconciled": True, "left": 0.0})
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(line.partner_id, self.partner_a)
        self.assertEqual(self._bank_of(self.first, self.second, None), [60, 40, 0])
        self.assertInvariant()

    def test_payment_is_cleared(self):
        move = self._document([(self.first, 100, None)])
        payment = self._pay(move)
        line = self._line(100, move.name)
        self.assertEqual(line.cae_match_certain(), {"matched": line.ids})
        self.assertTrue(payment.is_matched)
        self.assertEqual(self._bank_of(self.first, None), [100, 0])
        self.assertInvariant()

    def test_supplier_bill_is_settled(self):
        bill = self._document([(self.first, 100, self.vat_goods)], kind="in_invoice")
        line = self._line(-120)
        line.cae_match(items=[{"id": self._open_item(bill).id, "amount": -120.0}])
        self.assertEqual(bill.payment_state, "paid")
        self.assertEqual(self._bank_of(self.first), [-120])
        self.assertInvariant()

    def test_part_of_a_document_and_part_of_a_line(self):
        move = self._document([(self.first, 100, None)])
        item = self._open_item(move)
        line = self._line(30)
        self.assertTrue(line.cae_match(items=[item.id])["reconciled"])
        self.assertEqual(move.amount_residual, 70)
        rest = self._line(90, day="2026-02-12")
        result = rest.cae_match(items=[item.id])
        self.assertEqual(result, {"reconciled": False, "left": 20.0})
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(self._bank_of(self.first, None), [100, 20])
        self.assertInvariant()
        other = self._document([(self.second, 20, None)])
        self.assertTrue(rest.cae_match(items=[self._open_item(other).id])["reconciled"])
        self.assertEqual(self._bank_of(self.first, self.second, None), [100, 20, 0])
        self.assertInvariant()

    def test_documents_of_several_activities_with_a_credit_note(self):
        moves = [
            self._document([(self.first, 100, self.vat_goods)]),
            self._document([(self.second, 50, None), (self.third, 25.05, None)]),
            self._document([(self.first, 10, None)], kind="out_refund"),
        ]
        line = self._line(185.05)
        items = [self._open_item(move).id for move in moves]
        self.assertTrue(line.cae_match(items=items)["reconciled"])
        self.assertEqual({m.payment_state for m in moves}, {"paid"})
        self.assertEqual(
            self._bank_of(self.first, self.second, self.third, None),
            [110, 50, 25.05, 0],
        )
        self.assertInvariant()

    def test_write_off_is_borne_by_the_documents(self):
        move = self._document([(self.first, 60, None), (self.second, 40, None)])
        line = self._line(98)
        fees = {"account": self._account("627").code, "amount": -2.0, "label": "Fees"}
        line.cae_match(items=[self._open_item(move).id], counterparts=[fees])
        self.assertEqual(move.payment_state, "paid")
        balances = self._balances()
        self.assertEqual(balances["T1"][fees["account"]], 1.2)
        self.assertEqual(balances["T2"][fees["account"]], 0.8)
        self.assertEqual(self._bank_of(self.first, self.second), [58.8, 39.2])
        self.assertInvariant()

    def test_write_off_of_an_activity(self):
        move = self._document([(self.first, 100, None)])
        line = self._line(98)
        fees = {
            "account": self._account("627").code,
            "amount": -2,
            "activity": self.second.code,
        }
        line.cae_match(items=[self._open_item(move).id], counterparts=[fees])
        self.assertEqual(self._bank_of(self.first, self.second), [100, -2])
        self.assertInvariant()

    def test_charge_without_document(self):
        line = self._line(-12.5, "COMMISSION")
        account = self._account("627").code
        charge = {"account": account, "amount": -12.5, "activity": self.third.code}
        self.assertTrue(line.cae_match(counterparts=[charge])["reconciled"])
        self.assertEqual(self._balances()["T3"][account], 12.5)
        self.assertEqual(self._bank_of(self.third, None), [-12.5, 0])
        self.assertInvariant()

    def test_charge_of_nobody_belongs_to_the_shared_services(self):
        line = self._line(-12.5, "COMMISSION")
        account = self._account("627").code
        line.cae_match(counterparts=[{"account": account, "amount": -12.5}])
        self.assertEqual(self._balances()["CAE"][account], 12.5)
        self.assertEqual(self._bank_of(None), [0])
        self.assertInvariant()

    def test_vat_on_payment_is_due_when_matched(self):
        move = self._document([(self.first, 100, self.vat_services)])
        line = self._line(60)
        line.cae_match(items=[self._open_item(move).id])
        self.assertEqual(self._balances()["T1"]["445740"], -10)
        self.assertInvariant()
        last = self._line(60, day="2026-03-02")
        last.cae_match(items=[self._open_item(move).id])
        self.assertFalse(self._balances()["T1"].get("445740"))
        self.assertInvariant()
        (line | last).cae_undo_match()
        self.assertEqual(self._balances()["T1"]["445740"], -20)
        self.assertEqual(move.payment_state, "not_paid")
        self.assertInvariant()

    def test_undone(self):
        move = self._document([(self.first, 100, None)])
        bill = self._document([(self.second, 30, None)], kind="in_invoice")
        line = self._line(70)
        items = [self._open_item(move).id, self._open_item(bill).id]
        self.assertTrue(line.cae_match(items=items)["reconciled"])
        self.assertEqual(self._bank_of(self.first, self.second), [100, -30])
        self.assertTrue(line.cae_undo_match())
        self.assertFalse(line.is_reconciled)
        self.assertEqual((move | bill).mapped("payment_state"), ["not_paid"] * 2)
        self.assertEqual(self._bank_of(self.first, self.second, None), [0, 0, 70])
        self.assertInvariant()

    def test_certain_ones_are_matched_and_the_others_left(self):
        moves = [self._document([(self.first, 100, None)]) for _n in range(3)]
        sure = [self._line(100, move.name) for move in moves[:2]]
        twice = [self._line(100, moves[2].name) for _n in range(2)]
        vague = self._line(100, "VIR")
        matched = vague.browse().cae_match_certain()["matched"]
        self.assertEqual(sorted(matched), sorted(line.id for line in sure))
        self.assertFalse(any(line.is_reconciled for line in (*twice, vague)))
        self.assertEqual(vague.browse().cae_match_certain()["matched"], [])
        self.assertInvariant()

    def test_chosen_lines_take_their_likely_proposal_once(self):
        self._document([(self.first, 100, None)])
        name = self.partner_a.name
        lines = self._line(100, name) | self._line(100, name) | self._line(55, "?")
        self.assertEqual(lines.cae_match_proposals()["matched"], lines[0].ids)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Refused
    # ------------------------------------------------------------------

    def test_what_cannot_be_matched_is_refused(self):
        move = self._document([(self.first, 100, None)])
        item = self._open_item(move)
        fee = {"account": self._account("627").code, "amount": 5}
        line = self._line(90)
        for code, values in (
            ("CAE-BANK-EMPTY", {}),
            ("CAE-BANK-ITEM", {"items": [0]}),
            ("CAE-BANK-ITEM", {"items": ["x"]}),
            ("CAE-BANK-ITEM", {"items": [True]}),
            ("CAE-BANK-ITEM", {"items": [{"id": True}]}),
            ("CAE-BANK-ITEM", {"items": [10**12]}),
            ("CAE-BANK-AMOUNT", {"items": [{"id": item.id, "amount": 1e308}]}),
            ("CAE-BANK-AMOUNT", {"items": [{"id": item.id, "amount": 10**400}]}),
            ("CAE-BANK-AMOUNT", {"items": [{"id": item.id, "amount": 101}]}),
            ("CAE-BANK-AMOUNT", {"items": [{"id": item.id, "amount": -1}]}),
            ("CAE-BANK-AMOUNT", {"items": [{"id": item.id, "amount": "5"}]}),
            ("CAE-BANK-REST", {"items": [{"id": item.id, "amount": 100}]}),
            ("CAE-BANK-REST", {"counterparts": [{**fee, "amount": 91}]}),
            ("CAE-BANK-REST", {"counterparts": [{**fee, "amount": -1}]}),
            ("CAE-BANK-AMOUNT", {"counterparts": [{**fee, "amount": 0}]}),
            ("CAE-BANK-ACCOUNT", {"counterparts": [{**fee, "account": "9"}]}),
            ("CAE-BANK-ACCOUNT", {"counterparts": ["627"]}),
            ("CAE-BANK-ACCOUNT", {"counterparts": [{**fee, "account": "\x00"}]}),
            ("CAE-BANK-ACTIVITY", {"counterparts": [{**fee, "activity": "\ud800"}]}),
            ("CAE-BANK-ITEM", {"items": {"id": item.id}}),
            ("CAE-BANK-ITEM", {"items": [None]}),
            ("CAE-BANK-ACTIVITY", {"counterparts": [{**fee, "activity": "Z"}]}),
        ):
            with self.subTest(values):
                self._refused(code, line.cae_match, **values)
        self.assertEqual(line.cae_open_amount, 90)
        line.cae_match(items=[item.id])
        self._refused("CAE-BANK-DONE", line.cae_match, counterparts=[fee])
        self._refused("CAE-BANK-DONE", line.cae_keep_unallocated, "Why")

    def test_number_of_proposals(self):
        self._document([(self.first, 100, None)])
        line = self._line(100)
        for limit in ("x", {}, 1.5, float("inf"), True, 0, -1, None):
            self._refused("CAE-BANK-LIMIT", line.cae_proposals, limit=limit)
        (found,) = line.cae_proposals(limit=1)
        self.assertEqual(len(found["proposals"]), 1)

    def test_bank_line_in_another_currency_is_refused(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        vals = {"foreign_currency_id": dollar.id, "amount_currency": 110}
        line = self._line(100, **vals)
        fee = {"account": self._account("627").code, "amount": 100}
        self._refused("CAE-BANK-CURRENCY", line.cae_match, counterparts=[fee])

    def test_locked_month(self):
        move = self._document([(self.first, 100, None)], day="2026-01-10")
        inside = self._line(40, move.name, day="2026-01-20")
        self.assertTrue(inside.cae_keep_unallocated(" A deposit "))
        self.env["cae.period"].with_company(self.company)._get(inside.date)._set_state(
            "locked"
        )
        item = self._open_item(move)
        self._refused("CAE-PERIOD-LOCKED", inside.cae_match, items=[item.id])
        self._refused("CAE-PERIOD-LOCKED", inside.cae_undo_match)
        self.assertEqual(inside.browse().cae_match_certain(), {"matched": []})
        # The invoice of the locked month is settled by a line of an open one.
        line = self._line(100, move.name)
        self.assertEqual(line.cae_match_certain(), {"matched": line.ids})
        self.assertEqual(self._bank_of(self.first, None), [100, 40])
        self.assertInvariant()

    def test_kept_unallocated_with_a_reason_until_matched(self):
        line = self._line(100)
        self._refused("CAE-BANK-REASON", line.cae_keep_unallocated, "  ")
        self.assertTrue(line.cae_keep_unallocated("A deposit"))
        self.assertEqual(line.cae_unallocated_reason, "A deposit")
        move = self._document([(self.first, 100, None)])
        line.cae_match(items=[self._open_item(move).id])
        self.assertFalse(line.cae_unallocated_reason)

    def test_only_accountants_match(self):
        line = self._line(100)
        for group in ("coach", "payroll"):
            user = new_test_user(
                self.env,
                f"bank-{group}",
                groups=f"cae_base.group_{group}",
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            theirs = line.with_user(user)
            for method, args in (
                ("cae_proposals", []),
                ("cae_match", [[1]]),
                ("cae_match_certain", []),
                ("cae_match_proposals", []),
                ("cae_keep_unallocated", ["x"]),
                ("cae_undo_match", []),
            ):
                with self.subTest(f"{group} {method}"), self.assertRaises(AccessError):
                    getattr(theirs, method)(*args)


@cae_tagged
class TestBankScreen(CaeCommon):
    """The screen of one bank line, as an accountant uses it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.activities
        cls.accountant = cls._user("bank-screen", "group_accountant")
        cls.moves = [
            cls._document([(cls.first, 100, None)]),
            cls._document([(cls.second, 70, None)]),
        ]
        cls.move, cls.other = cls.moves

    def _line(self, amount, label="VIR", day="2026-02-11"):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": day,
                "payment_ref": label,
                "amount": amount,
            }
        )
        return line.with_user(self.accountant)

    def _form(self, line):
        action = line.action_cae_open_match()
        self.assertEqual(action["res_model"], "cae.bank.match")
        match = self.env["cae.bank.match"].with_user(self.accountant)
        return Form(match.browse(action["res_id"]))

    def test_likely_proposal_is_ticked(self):
        line = self._line(100, self.move.name)
        with self._form(line) as form:
            self.assertEqual(form.rest, 0)
        match = form.record
        match.action_match()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self.move.payment_state, "paid")

    def test_ticking_takes_what_the_line_has_room_for(self):
        line = self._line(150, "VIR partner_a")
        with self._form(line) as form:
            for index in range(len(form.choice_ids)):
                with form.choice_ids.edit(index) as choice:
                    choice.selected = True
            taken = [
                form.choice_ids.edit(n).amount for n in range(len(form.choice_ids))
            ]
            self.assertEqual(sum(taken), 150)
            self.assertEqual(form.rest, 0)
            with form.choice_ids.edit(0) as choice:
                choice.selected = False
            self.assertEqual(form.rest, taken[0])
            with form.choice_ids.edit(0) as choice:
                choice.amount = 20
            self.assertEqual(form.rest, taken[0] - 20)
        match = form.record
        match.action_match()
        self.assertEqual(line.cae_open_amount, taken[0] - 20)

    def test_another_document_and_the_rest_as_fees(self):
        line = self._line(97)
        with self._form(line) as form:
            form.added_id = self.move.line_ids.filtered(
                lambda item: item.display_type == "payment_term"
            )
            self.assertFalse(form.added_id)
            self.assertEqual(form.rest, 0)
            with form.choice_ids.edit(len(form.choice_ids) - 1) as choice:
                self.assertEqual((choice.selected, choice.amount), (True, 97))
                choice.amount = 100
            self.assertEqual(form.rest, -3)
        match = form.record
        match.action_fees()
        self.assertEqual(match.rest, 0)
        match.action_match()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self.move.payment_state, "paid")
        codes = line.line_ids.account_id.mapped("code")
        self.assertTrue(any(code.startswith("627") for code in codes))

    def test_account_with_an_activity(self):
        line = self._line(-40, "RENT")
        with self._form(line) as form:
            with form.counterpart_ids.new() as part:
                self.assertEqual(part.amount, -40)
                part.account_id = self._account("613")
                part.activity_id = self.third
        match = form.record
        match.action_match()
        self.assertEqual(self._balances()["T3"][self._account("613").code], 40)
        self.assertInvariant()

    def test_next_line_follows_and_the_last_one_closes(self):
        newer = self._line(100, self.move.name, "2026-02-12")
        older = self._line(70, self.other.name, "2026-02-11")
        match = self._form(newer).record
        self.assertEqual(match.waiting, 2)
        action = match.action_match()
        following = self.env["cae.bank.match"].browse(action["res_id"])
        self.assertEqual(following.line_id.id, older.id)
        with Form(following.with_user(self.accountant)) as form:
            form.reason = "Deposit"
        action = following.with_user(self.accountant).action_keep()
        self.assertEqual(older.cae_unallocated_reason, "Deposit")
        self.assertEqual(action["type"], "ir.actions.act_window_close")

    def test_buttons_of_the_list(self):
        sure = self._line(100, self.move.name)
        likely = self._line(70, f"VIR {self.partner_a.name}")
        message = sure.browse().action_cae_match_certain()["params"]
        self.assertEqual((message["type"], sure.is_reconciled), ("success", True))
        likely.action_cae_accept()
        self.assertTrue(likely.is_reconciled)
        message = sure.browse().action_cae_match_certain()["params"]
        self.assertEqual(message["type"], "warning")
        likely.action_cae_undo()
        self.assertFalse(likely.is_reconciled)

    def test_finding_of_the_close_opens_its_lines(self):
        line = self._line(33)
        action = line.browse().action_cae_bank_lines(line.ids)
        self.assertEqual(action["domain"], [("id", "in", line.ids)])
        view = self.env.ref("cae_base.cae_bank_line_view_list")
        self.assertIn((view.id, "list"), action["views"])

    def test_screen_of_oca_is_used_where_it_is_installed(self):
        oca = self.env["ir.actions.act_window"].create(
            {"name": "OCA", "res_model": "account.bank.statement.line"}
        )
        self.env["ir.model.data"].create(
            {
                "module": "account_reconcile_oca",
                "name": "action_bank_statement_line_reconcile_all",
                "model": oca._name,
                "res_id": oca.id,
            }
        )
        line = self._line(5)
        action = line.browse().action_cae_bank_lines()
        self.assertEqual(action["id"], oca.id)
        self.assertEqual(action["domain"], [("is_reconciled", "=", False)])
