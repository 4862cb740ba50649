"""What an attacker tried on pay, and what is refused since."""

import base64
from datetime import date
from math import inf, nan

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common import JANUARY, SharedPayCommon, pay_tagged

IBAN = "FR7630006000011234567890189"


class GuardCommon(SharedPayCommon):
    @classmethod
    def _element(cls, person, kind, **vals):
        vals = {"entrepreneur_id": person.id, "month": "2026-03-01", **vals}
        elements = cls.env["cae.pay.element"].with_user(cls.payroll)
        return elements.create({"kind": kind, **vals})

    def _refused(self, code, call, *args):
        with (
            self.assertRaisesRegex((UserError, ValidationError), f"^{code}: "),
            self.cr.savepoint(),
        ):
            call(*args)
            self.env.flush_all()


@pay_tagged
class TestPayGuards(GuardCommon):
    def test_what_is_computed_is_nobodys_to_write(self):
        year = self.env["cae.year"].create({"date_to": "2025-12-31"})
        contract = self.alice.contract_ids
        slips = self.env["cae.payslip"].sudo()._cae_own()
        slip = slips._make(self.alice.with_company(self.company), JANUARY)
        slip.write({"delivered_on": "2026-02-01"})
        self.assertEqual(slip.kept_until, date(2031, 2, 1))
        for record, vals in (
            (year, {"date_from": "2020-01-01"}),
            (year, {"settlement_deadline": "2030-01-01"}),
            (contract, {"term_limit_date": "2030-01-01"}),
            (contract, {"prior_days": 5}),
            (contract, {"version_id": False}),
            (self.alice, {"stage": "left"}),
            (self.alice, {"membership_deadline": "2030-01-01"}),
            (self.alice, {"cape_limit_date": "2030-01-01"}),
            (slip, {"kept_until": "2020-01-01"}),
            (slip, {"gap_cost": 5}),
        ):
            for user in (self.payroll, self.env.user):
                own = record.with_env(self.env).with_user(user)
                with self.subTest(vals=vals, user=user.login):
                    self._refused("CAE-FIELD-OWNED", own.write, vals)
                    self._refused("CAE-FIELD-OWNED", own.sudo().write, vals)
        self.assertEqual(year.display_name, "2025")
        years = self.env["cae.year"].with_context(default_date_from="2020-01-01")
        other = years.create({"date_to": "2024-12-31"})
        self.assertEqual(other.date_from, date(2024, 1, 1), "no default either")
        forged = {"date_to": "2023-12-31", "date_from": "2020-01-01"}
        self._refused("CAE-FIELD-OWNED", self.env["cae.year"].create, forged)

    def test_a_payslip_is_kept_whatever_its_last_day_says(self):
        slips = self.env["cae.payslip"].sudo()._cae_own()
        slip = slips._make(self.alice.with_company(self.company), JANUARY)
        slip.write({"delivered_on": "2026-02-01"})
        self.env.flush_all()
        self.cr.execute("UPDATE cae_payslip SET kept_until = NULL")
        slip.invalidate_recordset()
        own = slip.with_env(self.env).with_user(self.payroll)
        with freeze_time("2026-11-01"):
            self._refused("CAE-PAYSLIP-KEPT", own.unlink)

    # ------------------------------------------------------------------
    # Who reads what
    # ------------------------------------------------------------------

    def test_an_accountant_who_coaches_reads_the_pay_of_the_own_people(self):
        both = self._user("pg_both", "cae_base.group_accountant")
        both.group_ids += self.env.ref("cae_base.group_coach")
        lines = self.Line.with_user(both)
        self.assertFalse(lines.search([]))
        self.assertFalse(lines.search_count([("gross", ">", 0)]))
        for model in ("cae.pay.share", "cae.pay.request"):
            self.assertFalse(self.env[model].with_user(both).search([]))
        with self.assertRaises(AccessError):
            self.bob_pay.with_user(both).read(["gross"])
        self.bob.coach_id = both
        self.env.flush_all()
        self.assertEqual(lines.search([]), self.bob_pay)
        self.assertEqual(self.bob_pay.with_user(both).gross, 1000)
        # The work of an accountant goes on.
        result = self.Period.with_user(both).with_company(self.company)
        self.assertEqual(result.month_run("2026-02", steps=["pay"])["pay"]["lines"], 2)
        accountant = self.Line.with_user(self.accountant)
        self.assertEqual(accountant.search_count([]), 4)

    def test_a_coach_does_not_read_what_is_withheld(self):
        self._element(self.alice, "garnishment", amount=85, month="2026-02-01")
        self._run("2026-02")
        self.assertEqual(self._line(self.alice, date(2026, 2, 1)).withheld, 85)
        self.env.flush_all()
        self.env.invalidate_all()
        items = self.env["cae.ledger.line"].with_user(self.coach)
        items = items.search([("activity_id", "=", self.first.id)])
        self.assertNotIn(85, [round(abs(i.balance), 2) for i in items])
        codes = [i.account_id.code for i in items if i.account_id]
        self.assertFalse([code for code in codes if code.startswith("42")])
        self.assertAlmostEqual(sum(items.mapped("balance")), 0, 2)
        mine = self.Activity.with_user(self.coach).with_company(self.company)
        [ledger] = mine.ledger([self.first.code], "2026-02-01", "2026-02-28")
        staff = [row for row in ledger["rows"] if row["account"].startswith("42")]
        self.assertEqual([row["account"] for row in staff], ["42"])
        self.assertAlmostEqual(sum(r["closing"] for r in ledger["rows"]), 0, 2)
        full = self.Activity.with_user(self.accountant).with_company(self.company)
        [ledger] = full.ledger([self.first.code], "2026-02-01", "2026-02-28")
        garnished = [r for r in ledger["rows"] if r["account"] == "427000"]
        self.assertEqual([row["credit"] for row in garnished], [85])

    def test_a_holder_beside_others_reads_one_amount_that_is_due(self):
        mine = self.Activity.with_user(self.entrepreneur).with_company(self.company)
        [ledger] = mine.ledger([self.first.code], "2026-01-01", "2026-01-31")
        rows = {row["account"]: row for row in ledger["rows"]}
        pay = {code for code in rows if code.startswith(("42", "43", "64"))}
        self.assertEqual(pay, {"42", "64"})
        self.assertAlmostEqual(rows["64"]["closing"], 1039.86 * 2, 2)
        self.assertAlmostEqual(sum(row["closing"] for row in rows.values()), 0, 2)
        [money] = mine.treasury([self.first.code], "2026-01-31")
        due = [p["prefix"] for p in money["parts"] if p["prefix"][:2] in ("42", "43")]
        self.assertEqual(due, ["42"])

    def test_who_joins_an_activity_does_not_read_the_pay_of_before(self):
        """Alice alone in January and February; Carol beside her from March on."""
        self._hold(self.second, alice=100)
        self._fund(self.second, 5000)
        joiner = self._user("pg_carol", "cae_base.group_entrepreneur")
        self.carol.user_id = joiner
        self._run("2026-02")
        statements = self.env["cae.statement"].with_company(self.company)
        made = self.env["cae.statement"]
        for month in (JANUARY, date(2026, 3, 1)):
            made |= statements._update_month(self.second, month)
        made._computing().write({"published": True})
        start = {"date_start": "2026-03-01", "share": 50}
        self.second.share_ids = [
            Command.update(self.second.share_ids.id, {"date_end": "2026-02-28"}),
            *(
                Command.create({"entrepreneur_id": person.id, **start})
                for person in (self.alice, self.carol)
            ),
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        seen = self.env["cae.statement"].with_user(joiner).search([])
        self.assertEqual(seen, made.filtered(lambda s: s.month == date(2026, 3, 1)))
        mine = self.env["cae.statement"].with_user(self.entrepreneur)
        self.assertEqual(mine.search([("id", "in", made.ids)]), made.sorted())
        code = [self.second.code]
        her = self.Activity.with_user(joiner).with_company(self.company)
        [ledger] = her.ledger(code, "2026-02-01", "2026-02-28")
        self.assertFalse(ledger["rows"])
        [ledger] = her.ledger(code, "2026-01-01", "2026-03-31")
        self.assertTrue(ledger["rows"])
        moved = [r for r in ledger["rows"] if r["debit"] or r["credit"]]
        self.assertFalse(moved, "all of it was before her share")
        self.assertFalse(her.statement(code, "2026-02")[0]["rows"])
        self.assertTrue(her.statement(code, "2026-03")[0]["rows"])
        own = self.Activity.with_user(self.entrepreneur).with_company(self.company)
        self.assertTrue(own.statement(code, "2026-02")[0]["rows"])

    def test_targets_and_elements_are_talked_about_by_who_decides(self):
        target = self.env["cae.pay.target"].create(
            {"entrepreneur_id": self.alice.id, "date_from": "2026-03-01", "amount": 900}
        )
        element = self._element(self.alice, "sick", days=2).with_env(self.env)
        for record in (target, element):
            record.message_post(body="Over-indebted")
            messages = self.env["mail.message"]
            own = [("model", "=", record._name), ("res_id", "=", record.id)]
            self.assertFalse(messages.with_user(self.coach).search(own))
            self.assertTrue(messages.with_user(self.payroll).search(own))
            with mute_logger("odoo.addons.base.models.ir_rule"):
                with self.assertRaises(AccessError):
                    record.with_user(self.coach).message_subscribe(
                        self.coach.partner_id.ids
                    )

    def test_a_user_is_one_person(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.carol.with_user(self.payroll).user_id = self.entrepreneur
            self.env.flush_all()
        told = self.carol._user_uniq.message
        self.assertTrue(str(told).startswith("CAE-PERSON-USER: "))

    def test_bank_accounts_of_another_company_are_private(self):
        account = self.env["res.partner.bank"].create(
            {"partner_id": self.alice.partner_id.id, "acc_number": IBAN}
        )
        company = self.env["res.company"].create({"name": "Another CAE"})
        for group in ("payroll", "accountant", "manager"):
            stranger = self._user(f"pg_{group}", f"cae_base.group_{group}")
            stranger.write(
                {"company_id": company.id, "company_ids": [(6, 0, company.ids)]}
            )
            banks = self.env["res.partner.bank"].with_user(stranger)
            self.assertFalse(banks.search([("id", "=", account.id)]))
            with self.assertRaises(AccessError):
                account.with_user(stranger).read(["acc_number"])
        self.assertTrue(account.with_user(self.payroll).read(["acc_number"]))

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def test_a_fixed_part_is_bounded(self):
        contract = self.alice.contract_ids.with_user(self.payroll)
        for vals in (
            {"fixed_part": 1e8},
            {"health_total": 1e6},
            {"month_hours": 9000},
            {"overdraft_limit": 1e9},
        ):
            self._refused("CAE-CONTRACT-AMOUNT", contract.write, vals)

    def test_a_pay_that_cannot_be_computed_names_its_person(self):
        self.env.flush_all()
        self.cr.execute(
            "UPDATE cae_contract SET fixed_part = 1e12 WHERE entrepreneur_id = %s",
            [self.bob.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-VALUE: .*Bob Test"):
            self._run("2026-02")

    def test_odd_values_of_pay_have_a_code(self):
        values = "CAE-VALUE"
        officer = self.env["cae.pay.element"].with_user(self.payroll)
        targets = self.env["cae.pay.target"].with_user(self.payroll)
        one = {"kind": "sick", "days": 1, "month": "2026-03-01"}
        for person in ([self.alice.id], 1e10, 10**10, True, "1"):
            vals = {**one, "entrepreneur_id": person}
            self._refused(values, officer.create, vals)
        target = {"amount": 5, "date_from": "2026-03-01", "entrepreneur_id": 1e10}
        self._refused(values, targets.create, target)
        for vals in (
            {"cae_pay_reserve": nan},
            {"cae_at_rate": nan},
            {"cae_pay_overdraft_limit": inf},
        ):
            self._refused(values, self.company.write, vals)
        year = self.env["cae.year"].create({"date_to": "2025-12-31"})
        day = {"accounts_meeting_date": "9999-12-31"}
        self._refused(values, year.write, day)
        long = {"matricule": "x" * 9000}
        self._refused(values, self.alice.with_user(self.payroll).write, long)
        long = {"matricule": "x" * 100}
        self._refused(
            "CAE-PAYROLL-MATRICULE", self.alice.with_user(self.payroll).write, long
        )

    def test_elements_are_of_their_month(self):
        charge = self.env["account.account"].search(
            [("code", "=like", "601%"), ("company_ids", "in", self.company.ids)],
            limit=1,
        )
        for kind, vals in (
            ("sick", {"days": 400}),
            ("sick", {"hours": 9999}),
            ("sick", {}),
            ("sick", {"days": 3, "date_from": "2026-05-01"}),
            ("sick", {"days": 3, "date_from": "2025-01-01", "date_to": "2025-01-03"}),
            ("garnishment", {"amount": 10, "account_id": charge.id}),
        ):
            with self.subTest(vals=vals):
                self._refused(
                    "CAE-PAY-ELEMENT",
                    lambda k=kind, v=vals: self._element(self.bob, k, **v),
                )
        self._refused(
            "CAE-VALUE",
            lambda: self._element(self.bob, "sick", days=1, note="x" * 10**6),
        )
        self._refused(
            "CAE-VALUE",
            lambda: self._element(self.bob, "sick", days=1, date_from="0001-01-01"),
        )
        # A sick leave that began before and ends after is of this month too.
        self._element(
            self.bob, "sick", days=31, date_from="2026-02-10", date_to="2026-04-10"
        )

    def test_a_request_says_how_much_and_when(self):
        for kind in ("net", "gross"):
            self._refused("CAE-PAY-REQUEST", self._ask, self.bob, kind, 0)
        self._refused("CAE-PAY-REQUEST", self._ask, self.bob, "max", 0, "2099-01-01")
        self.assertTrue(self._ask(self.bob, "max", 0, "2026-03-01"))

    def test_a_contract_that_was_paid_is_ended_and_not_deleted(self):
        contract = self.alice.contract_ids
        self._refused("CAE-CONTRACT-USED", contract.with_user(self.payroll).unlink)
        self._run("2026-02")
        contract.with_user(self.payroll).date_end = "2026-01-15"
        told = contract.message_ids.mapped("body")
        self.assertTrue([body for body in told if "February 2026" in body], told)

    def test_a_refusal_is_approved_by_nobody(self):
        self.company.cae_pay_approval = "all"
        self._run("2026-02")
        line = self._line(self.alice, date(2026, 2, 1)).with_user(self.payroll)
        line.action_approve()
        self.assertTrue(line.approved_by_id)
        line.action_refuse("No")
        self.assertFalse(line.approved_by_id)


@pay_tagged
class TestTransferGuards(GuardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for person, number in (
            (cls.alice, IBAN),
            (cls.bob, "FR1420041010050500013M02606"),
        ):
            cls.env["res.partner.bank"].create(
                {
                    "partner_id": person.partner_id.id,
                    "acc_number": number,
                    "allow_out_payment": True,
                }
            )

    def _pay(self, day="2026-02-05"):
        lines = [(6, 0, (self.pay | self.bob_pay).ids)]
        wizards = self.env["cae.pay.transfer"].with_user(self.payroll)
        wizard = wizards.create({"line_ids": lines, "date": day})
        wizard.action_pay()
        return wizard

    def test_a_transfer_is_of_its_time(self):
        with freeze_time("2026-02-10"):
            for day in ("1950-01-01", "2025-12-31", "2026-06-01", "2199-12-31"):
                self._refused("CAE-PAY-DATE", self._pay, day)
            self._pay("2026-03-01")
        self.assertEqual(self.pay.paid_state, "paid")

    def test_a_transfer_that_failed_pays_nobody(self):
        for action in ("action_draft", "action_reject"):
            with self.subTest(action=action):
                self._pay()
                payment = self.pay.payment_ids.filtered(
                    lambda p: p.state == "in_process"
                )
                getattr(payment.with_user(self.accountant), action)()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual(self.pay.paid_state, "open")
                self.assertEqual(self.pay.to_pay, self.pay.net)
                self.assertEqual(self.bob_pay.paid_state, "paid")
                self._pay_again()
        self.assertInvariant()

    def _pay_again(self):
        """Both can be paid again, and undone once no payment is left."""
        wizards = self.env["cae.pay.transfer"].with_user(self.payroll)
        lines = [(6, 0, self.pay.ids)]
        wizards.create({"line_ids": lines, "date": "2026-02-06"}).action_pay()
        self.pay.invalidate_recordset()
        self.assertEqual(self.pay.paid_state, "paid")
        paid = (self.pay | self.bob_pay).payment_ids
        for payment in paid.filtered(lambda p: p.state in ("in_process", "paid")):
            payment.with_user(self.accountant).action_draft()
        self.env.invalidate_all()

    def test_a_pay_whose_transfer_failed_is_undone(self):
        self._pay()
        self.pay.payment_ids.with_user(self.accountant).action_draft()
        self.env.invalidate_all()
        self.pay.with_user(self.payroll).action_undo("Wrong month")
        self.assertEqual(self.pay.state, "cancelled")
        self.assertInvariant()

    def test_a_name_is_no_formula(self):
        self.alice.partner_id.name = '=HYPERLINK("http://evil")'
        wizard = self._pay()
        text = self._text(wizard)
        self.assertIn("'=HYPERLINK", text)
        self.assertNotRegex(text, '(?m)^"?=')

    def _text(self, wizard):
        return base64.b64decode(wizard.content).decode("utf-8-sig")
