from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import CaeCommon, cae_tagged


class AdoptionCommon(CaeCommon):
    """A database that kept its books on a plan of its own before the product came."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env["account.analytic.plan"].create({"name": "Former"})
        cls.old = cls.env["account.analytic.account"].create(
            [
                {"name": name, "code": code, "plan_id": cls.plan.id}
                for code, name in (("P1", "Ada Lace"), ("P2", "Bob"), ("P3", "Unused"))
            ]
        )
        cls.ada, cls.bob, cls.unused = cls.old
        cls.accountant = cls._user("cae_adopter", "group_accountant")
        cls.Adoption = cls.env["cae.adoption"].with_user(cls.accountant)

    @classmethod
    def _forget(cls):
        """Everything so far was posted before there were activities."""
        cls.env.flush_all()
        column = cls.env["cae.ledger"]._column()
        ours = [str(key) for key in cls.env["cae.ledger"]._accounts()]
        cls.env.cr.execute(
            f"DELETE FROM account_analytic_line WHERE {column} IS NOT NULL"
        )
        cls.env.cr.execute(
            "UPDATE account_move_line SET cae_tag_derived = FALSE, cae_tag_exact ="
            " FALSE, analytic_distribution = NULLIF(analytic_distribution - %s, '{}')",
            (ours,),
        )
        cls.env.cr.execute("UPDATE account_move SET cae_activity_id = NULL")
        cls.env.cr.execute(
            "UPDATE account_partial_reconcile SET cae_share = NULL,"
            " cae_follower_id = NULL"
        )
        cls.env.cr.execute("DELETE FROM cae_period")
        cls.env.invalidate_all()

    @classmethod
    def _sold(cls, account, amount, day, tax=None, kind="out_invoice", **vals):
        line = {
            **cls._document_line(kind, None, amount, tax),
            "analytic_distribution": {str(account.id): 100} if account else False,
        }
        return cls._document(
            [], day, kind, **vals, invoice_line_ids=[Command.create(line)]
        )

    def _adoption(self, day="2026-01-01", user=None, **values):
        adoption = self.Adoption.with_user(user or self.accountant).create(
            {"plan_id": self.plan.id, "date": day}
        )
        adoption.action_prepare()
        for line in adoption.line_ids:
            for name, value in values.get(line.code, {}).items():
                line[name] = value
        return adoption

    def _adopt(self, adoption):
        self.env.flush_all()
        adoption.action_adopt()
        self.assertInvariant()
        return {line.account_id.code: line.activity_id for line in adoption.line_ids}

    def _snapshot(self):
        return {
            code: {account: b for account, b in rows.items() if b}
            for code, rows in self._balances().items()
            if any(rows.values())
        }

    def _lines_of(self, moves):
        """What the books say, whatever the activities."""
        return [
            (ln.account_id.code, ln.balance, ln.date, ln.name) for ln in moves.line_ids
        ]


@cae_tagged
class TestAdoption(AdoptionCommon):
    def test_prepared_rows_propose_who_is_behind_an_account(self):
        employee = self.env["hr.employee"].create(
            {
                "name": "LACE Ada",
                "company_id": self.company.id,
                "date_version": "2024-03-01",
                "contract_date_start": "2024-03-01",
                "wage": 400,
            }
        )
        self._sold(self.ada, 100, "2026-01-05")
        self._forget()
        # Terms of contracts are for who may read the HR file.
        hidden = self._adoption().line_ids[0]
        self.assertEqual(hidden.employee_id.id, employee.id)
        self.assertFalse(hidden.kind or hidden.fixed_part or hidden.contract_start)
        with self.assertRaises(AccessError):
            hidden.read(["former_terms"])
        manager = self._user("cae_adopting_manager", "group_manager")
        adoption = self._adoption(user=manager)
        ada, bob, unused = adoption.line_ids.filtered("account_id")
        self.assertEqual(
            (ada.code, ada.name, ada.chosen, ada.document_count),
            ("P1", "Ada Lace", True, 1),
        )
        self.assertEqual(ada.employee_id.id, employee.id)
        self.assertEqual(ada.partner_id, employee.work_contact_id)
        self.assertEqual((ada.kind, ada.fixed_part), ("cesa", 400))
        self.assertEqual(str(ada.contract_start), "2024-03-01")
        self.assertFalse(bob.partner_id or bob.chosen or unused.chosen)
        # Who has an account has no other row.
        self.assertNotIn(ada.employee_id, adoption.line_ids[3:].employee_id)
        # Prepared again, the rows are those that are there.
        count = len(adoption.line_ids)
        adoption.action_prepare()
        self.assertEqual(len(adoption.line_ids), count)

    def test_documents_of_the_open_months_get_their_activity(self):
        own = self._sold(self.ada, 100, "2026-01-05", self.vat_services)
        self._pay(own, amount=60, day="2026-02-10")
        both = self._sold(None, 300, "2026-02-01")
        both.invoice_line_ids.analytic_distribution = {
            str(self.ada.id): 33.33,
            str(self.bob.id): 66.67,
        }
        bill = self._sold(self.bob, 50, "2026-01-07", kind="in_invoice")
        other = self._sold(None, 10, "2026-01-08")
        self._forget()
        adoption = self._adoption()
        moves = own | both | bill | other
        books = self._lines_of(moves)
        found = self._adopt(adoption)
        self.assertEqual(self._lines_of(moves), books)
        balances = self._balances()
        self.assertEqual(balances["P1"]["706000"], -100 - 99.99)
        self.assertEqual(balances["P1"]["411100"], 60 + 99.99)
        self.assertEqual(balances["P2"]["611000"], 50)
        self.assertEqual(balances["P2"]["706000"], -200.01)
        self.assertEqual(own.cae_activity_id, found["P1"])
        self.assertEqual(bill.cae_activity_id, found["P2"])
        self.assertFalse(both.cae_activity_id | other.cae_activity_id)
        # The payment follows, and so does the VAT due on it.
        self.assertEqual(balances["P1"]["445710"], -10)
        self.assertEqual(balances["P1"]["445740"], -10)
        # Who belongs to nobody waits for a decision.
        self.assertEqual(balances[""]["706000"], -10)
        # The former accounts keep their items, and are not chosen any more.
        self.assertFalse(any(self.old[:2].mapped("active")))
        items = self.env["account.analytic.line"].search(
            [(self.plan._column_name(), "=", self.ada.id)]
        )
        self.assertEqual(sum(items.mapped("amount")), 199.99)

    def test_general_entries_are_shared_and_impossible_ones_left(self):
        pay = self._entry(
            [("641", 300, None), ("645", 100, None), ("421", -400, None)],
            day="2026-01-31",
        )
        salaries = pay.line_ids.sorted("balance")[1:]
        salaries.analytic_distribution = {str(self.ada.id): 50, str(self.bob.id): 50}
        zero = self._sold(self.ada, 10, "2026-01-20")
        zero.button_draft()
        zero.invoice_line_ids = [
            Command.create(
                {
                    **self._document_line("out_invoice", None, -10),
                    "analytic_distribution": {str(self.bob.id): 100},
                }
            )
        ]
        self.env.flush_all()
        self.cr.execute(
            "UPDATE account_move SET state = 'posted' WHERE id = %s", [zero.id]
        )
        self.cr.execute(
            "UPDATE account_move_line SET parent_state = 'posted' WHERE move_id = %s",
            [zero.id],
        )
        self._forget()
        adoption = self._adoption()
        adoption.line_ids.filtered("account_id").chosen = True
        self._adopt(adoption)
        balances = self._balances()
        self.assertEqual(balances["P1"]["421000"], -200)
        self.assertEqual(balances["P2"]["641100"], 150)
        self.assertIn("CAE-ANALYTIC-ZERO", adoption.left_text)
        self.assertEqual(adoption.left_text.count("\n"), 0)

    def test_what_was_open_before_comes_as_an_opening(self):
        sold = self._sold(self.ada, 1000, "2025-11-05", self.vat_services)
        self._pay(sold, amount=480, day="2025-12-10")
        goods = self._sold(self.bob, 100, "2025-12-20", self.vat_goods)
        settled = self._sold(self.bob, 100, "2025-12-20")
        self._pay(settled, day="2025-12-28")
        bill = self._sold(self.ada, 200, "2025-12-01", kind="in_invoice")
        self._pay(bill, day="2026-01-15")
        self._forget()
        adoption = self._adoption(P1={"treasury": 640}, P2={"chosen": True})
        totals = self._lines_of(sold | goods | settled | bill)
        found = self._adopt(adoption)
        self.assertEqual(self._lines_of(sold | goods | settled | bill), totals)
        balances = self._balances("2026-01-31")
        # 1200 less 480 is open; of the VAT 200, 80 became due. 720 - 120 = 600. The
        # bill of 200 was paid since. The treasury is what the former system said.
        bank = next(code for code in balances["P1"] if code.startswith("5"))
        self.assertEqual(
            {k: v for k, v in balances["P1"].items() if v},
            {
                "411100": 720,
                "445740": -120,
                "110000": -600 - 640,
                "119000": 200,
                "181000": 640,
                bank: -200,
            },
        )
        self.assertEqual(
            {k: v for k, v in balances["P2"].items() if v},
            {"411100": 120, "110000": -120},
        )
        self.assertFalse(
            [m for m in self.Activity.figures(codes=["P1"], months=["2026-01"])
             if m["invoiced"] or m["purchases"]]
        )  # fmt: skip
        unpaid = self.env["cae.unpaid.document"].search([])
        self.assertEqual(
            [(row.move_id, row.activity_id, row.open) for row in unpaid.sorted("open")],
            [(goods, found["P2"], 120), (sold, found["P1"], 720)],
        )
        # Paid later, it follows; and it counts as collected, without its VAT.
        self._pay(sold, day="2026-02-10")
        balances = self._balances("2026-02-28")
        self.assertEqual(balances["P1"]["411100"], 0)
        self.assertEqual(balances["P1"]["445740"], 0)
        self.assertEqual(balances["P1"]["445710"], -120)
        figures = self.Activity.figures(codes=["P1"], months=["2026-02"])
        self.assertEqual(figures[0]["collected"], 600)
        self.assertInvariant()
        self.assertEqual(
            self.env["cae.period"]._locked_months(self.company)
            and max(self.env["cae.period"]._locked_months(self.company)).isoformat(),
            "2025-12-01",
        )
        self.assertTrue(found["P1"].analytic_account_id != self.ada)

    def test_money_of_before_for_later_documents_is_told(self):
        sold = self._sold(self.ada, 100, "2026-01-05", self.vat_services)
        self._pay(sold, day="2025-12-20")
        self._forget()
        adoption = self._adoption(P1={"treasury": 120}, P2={"chosen": True})
        adoption.action_check()
        self.assertRegex(adoption.left_text, r"Ada Lace: .*120[.,]00.* paid before")
        self.assertNotIn("Bob", adoption.left_text)
        # Taken off the treasury, it counts once.
        adoption.line_ids[0].treasury = 0
        self._adopt(adoption)
        treasury = self.Activity.treasury(codes=["P1"], date="2026-01-31")
        self.assertEqual(treasury[0]["treasury"], 120)

    def test_again_it_takes_what_has_come_since(self):
        self._sold(self.ada, 100, "2026-01-05")
        before = self._sold(self.ada, 40, "2025-12-05")
        self._forget()
        adoption = self._adoption()
        self._adopt(adoption)
        told, transfers = self._snapshot(), adoption.transfer_ids
        adoption.action_adopt()
        self.assertEqual(self._snapshot(), told)
        self.assertEqual(adoption.transfer_ids, transfers)
        self.assertEqual(before.amount_residual, 40)
        # Another one finds nothing of what was taken.
        again = self._adoption()
        self.assertEqual(again.line_ids.account_id, self.unused | self.bob)

    def test_checking_writes_nothing(self):
        self._sold(self.ada, 100, "2026-01-05")
        self._sold(self.ada, 40, "2025-12-05")
        self._forget()
        adoption = self._adoption()
        counts = {
            model: self.env[model].with_context(active_test=False).search_count([])
            for model in (
                *("cae.activity", "cae.entrepreneur", "cae.transfer", "cae.period"),
                *("account.move", "account.analytic.account"),
            )
        }
        told = self._snapshot()
        adoption.action_check()
        self.env.invalidate_all()
        self.assertIn("1", adoption.done_text)
        self.assertEqual(adoption.state, "draft")
        self.assertEqual(self._snapshot(), told)
        for model, count in counts.items():
            found = self.env[model].with_context(active_test=False).search_count([])
            self.assertEqual(found, count, model)

    def test_undone_as_a_whole_and_done_again(self):
        employee = self.env["hr.employee"].create(
            {
                "name": "Ada Lace",
                "company_id": self.company.id,
                "date_version": "2024-03-01",
                "contract_date_start": "2024-03-01",
                "wage": 400,
            }
        )
        self._sold(self.ada, 100, "2026-01-05", self.vat_services)
        before = self._sold(self.ada, 40, "2025-12-05", self.vat_services)
        self._pay(before, day="2026-01-12")
        self._forget()
        told = self._snapshot()
        terms = {"kind": "cesa", "contract_start": "2024-03-01", "fixed_part": 450}
        adoption = self._adoption(P1={"treasury": 50, **terms})
        self._adopt(adoption)
        done = self._snapshot()
        self.assertEqual(employee.wage, 450)
        person = adoption.line_ids.entrepreneur_id
        self.assertEqual((person.stage, person.employee_id), ("cesa", employee))
        self.assertEqual(len(employee.version_ids), 1)
        contract = person.contract_ids
        self.assertEqual(contract.version_id, employee.version_id)
        self.assertEqual(adoption.action_undo("A mistake"), {"state": "undone"})
        self.assertEqual(self._snapshot(), told)
        self.assertFalse(contract.exists())
        self.assertEqual(str(employee.contract_date_start), "2024-03-01")
        self.assertFalse(employee.contract_type_id)
        self.assertEqual(employee.wage, 400)
        self.assertTrue(self.ada.active)
        self.assertInvariant()
        with self.assertRaisesRegex(UserError, "CAE-ADOPT-UNDONE"):
            adoption.action_adopt()
        again = self._adoption(P1={"treasury": 50})
        self._adopt(again)
        self.assertEqual(self._snapshot(), done)
        self.assertEqual(again.line_ids.activity_id, adoption.line_ids.activity_id)

    def test_what_is_wrong_is_told_and_writes_nothing(self):
        self._sold(self.ada, 100, "2026-01-05")
        self._forget()
        cases = [
            ({"date": "2026-01-02"}, {}, "CAE-ADOPT-DATE"),
            ({"date": "2031-01-01"}, {}, "CAE-ADOPT-DATE"),
            ({}, {"chosen": False}, "CAE-ADOPT-NOTHING"),
            ({}, {"code": "T1"}, "CAE-ADOPT-CODE"),
            ({}, {"name": False}, "CAE-ADOPT-NAME"),
            ({}, {"kind": "cape"}, "CAE-ADOPT-CONTRACT"),
            ({}, {"partner_id": self.company.partner_id.id}, "CAE-ADOPT-PERSON"),
        ]
        for header, row, code in cases:
            adoption = self._adoption()
            adoption.write(header)
            adoption.line_ids[0].write(row)
            with self.assertRaisesRegex(UserError, code):
                adoption.action_adopt()
            self.assertEqual(adoption.state, "draft")
        self.company.sudo().fiscalyear_lock_date = "2026-02-28"
        with self.assertRaisesRegex(UserError, "CAE-ADOPT-LOCKED"):
            self._adoption().action_adopt()
        # The day that is proposed is after the lock.
        adoption = self.Adoption.new({"plan_id": self.plan.id})
        self.assertGreaterEqual(str(adoption.date), "2026-03-01")

    def test_locked_months_are_followed(self):
        self._adopt(self._adoption("2026-02-01", P1={"chosen": True}))
        with self.assertRaisesRegex(UserError, "CAE-ADOPT-MONTH"):
            self._adoption("2026-03-01", P2={"chosen": True}).action_adopt()
        self._adopt(self._adoption("2026-02-01", P2={"chosen": True}))

    def test_contributions_forbid_the_undoing(self):
        self._sold(self.ada, 100, "2026-01-05")
        self._forget()
        scheme = self.env.ref("cae_base.scheme_std10")
        adoption = self._adoption(P1={"scheme_id": scheme.id})
        self._adopt(adoption)
        Period = self.env["cae.period"].with_user(self.accountant)
        run = Period.month_run("2026-01", steps=["contributions"])
        self.assertEqual(run["contributions"]["total"], 10)
        with self.assertRaisesRegex(UserError, "CAE-ADOPT-USED"):
            adoption.action_undo("Too late")

    def test_drafts_get_their_activity(self):
        draft = self._sold(self.ada, 100, "2026-01-05")
        draft.button_draft()
        self._forget()
        adoption = self._adoption()
        adoption.line_ids[0].chosen = True
        found = self._adopt(adoption)
        self.assertEqual(draft.cae_activity_id, found["P1"])
        draft.action_post()
        self.assertEqual(self._balances()["P1"]["706000"], -100)

    def test_only_accountants_take_over(self):
        adoption = self._adoption()
        for group in ("group_coach", "group_payroll", "group_governance"):
            user = self._user(f"cae_no_{group}", group)
            with self.assertRaises(AccessError):
                adoption.with_user(user).read(["done_text"])
            with self.assertRaises(AccessError):
                self.env["cae.adoption"].with_user(user).create(
                    {"plan_id": self.plan.id}
                )
        portal = new_test_user(self.env, "cae_no_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            adoption.with_user(portal).read(["done_text"])
        with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
            adoption.state = "done"
        with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
            adoption.line_ids[0].activity_id = self.activities[0]

    def test_other_companies_do_not_see_it(self):
        adoption = self._adoption()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "cae_adopt_other",
            groups="cae_base.group_accountant",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        Model = self.env["cae.adoption"].with_user(stranger)
        self.assertFalse(Model.search([("id", "=", adoption.id)]))

    def test_queries_do_not_grow_with_the_documents(self):
        counts = []
        for number in (5, 15):
            self.cr.execute("SAVEPOINT adoption")
            for day in range(1, number + 1):
                self._sold(self.ada, 100, f"2026-01-{day:02}")
            self._forget()
            adoption = self._adoption()
            adoption.line_ids[0].chosen = True
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            adoption.action_adopt()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.cr.execute("ROLLBACK TO SAVEPOINT adoption")
            self.env.invalidate_all()
        # Odoo reads distribution models and notes each document.
        self.assertLess(counts[1] - counts[0], 10 * 8)
