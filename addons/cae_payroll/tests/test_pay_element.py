import base64
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import JANUARY, PayCommon, SharedPayCommon, pay_tagged
from .test_payroll_exchange import TRUE, ExchangeCommon


def _no_account(company):
    return company.env["account.account"]


class ElementCommon(PayCommon):
    @classmethod
    def _element(cls, person, kind, amount=0, month="2026-01-01", **vals):
        return cls.env["cae.pay.element"].create(
            {
                "entrepreneur_id": person.id,
                "kind": kind,
                "amount": amount,
                "month": month,
                **vals,
            }
        )

    def _codes(self, move):
        """``{(activity, account, partner): balance}`` of 42 and 45 of an entry."""
        codes = {a.analytic_account_id.id: a.code for a in self.activities}
        result = {}
        for item in move.line_ids:
            if item.account_id.code.startswith(("42", "45")):
                [key] = item.analytic_distribution
                place = codes[int(key)], item.account_id.code, item.partner_id
                result[place] = item.balance
        return result


@pay_tagged
class TestPayElement(ElementCommon):
    """What is withheld of a pay; absences."""

    def _pay_two(self):
        """Alice's pay of 1 000 € gross, half on each of two activities."""
        for activity in (self.first, self.second):
            self._hold(activity, alice=100)
            self._fund(activity, 600)
        self._run()
        return self._line(self.alice)

    def test_what_is_withheld_on_paper(self):
        """Net 791.60, half of it on each activity; 150.00 are withheld.

        ======== ======= ======= ==========================
        account  first   second
        421      −320.80 −320.80 395.80 − 50.00 − 25.00
        425       −25.00  −25.00 advance of 50.00
        427       −50.00  −50.00 garnishment of 100.00
        ======== ======= ======= ==========================
        """
        creditor = self.env["res.partner"].create({"name": "Bailiff"})
        self._element(self.alice, "garnishment", 100, creditor_id=creditor.id)
        self._element(self.alice, "advance", 50)
        line = self._pay_two()
        self.assertEqual((line.state, line.net, line.withheld), ("posted", 791.60, 150))
        self.assertEqual((line.net_paid, line.to_pay), (641.60, 641.60))
        person = self.alice.partner_id
        self.assertEqual(
            self._codes(line.move_id),
            {
                (code, account, partner): amount
                for code in ("T1", "T2")
                for account, partner, amount in (
                    ("421000", person, -320.80),
                    ("425000", person, -25.00),
                    ("427000", creditor, -50.00),
                )
            },
        )
        told = " ".join(line.move_id.line_ids.mapped("name"))
        self.assertNotIn("Alice", told)
        self.assertInvariant()

    def test_the_rest_is_paid_and_undone(self):
        self._element(self.alice, "garnishment", 100)
        line = self._pay_two()
        self.env["res.partner.bank"].create(
            {
                "partner_id": self.alice.partner_id.id,
                "acc_number": "FR7630006000011234567890189",
                "allow_out_payment": True,
            }
        )
        line._pay_by_transfer(date(2026, 2, 5), self.bank)
        self.assertEqual(line.payment_ids.amount, 691.60)
        self.assertEqual(line.paid_state, "paid")
        line.payment_ids.action_cancel()
        line.action_undo("Mistake")
        moves = line.move_id | line.reversal_move_id
        for account in moves.line_ids.account_id:
            items = moves.line_ids.filtered(lambda i, a=account: i.account_id == a)
            self.assertAlmostEqual(sum(items.mapped("balance")), 0, 2)
        net = moves.line_ids.filtered(lambda i: i.account_id.code == "421000")
        self.assertTrue(all(net.mapped("reconciled")))
        self.assertInvariant()

    def test_the_whole_net_may_be_withheld(self):
        self._element(self.alice, "garnishment", 791.60)
        line = self._pay_two()
        self.assertEqual((line.state, line.to_pay), ("posted", 0))
        self.assertEqual(line.paid_state, "paid")
        self.assertInvariant()

    def test_more_than_the_net_waits(self):
        element = self._element(self.alice, "garnishment", 791.61)
        line = self._pay_two()
        self.assertEqual(line.state, "draft")
        # Others do not read in its findings that something is withheld.
        self.assertEqual(line.flags, "CAE-PAY-SEVERAL,CAE-PAY-FIRST")
        with self.assertRaisesRegex(UserError, "^CAE-PAY-WITHHELD: "):
            line.action_approve()
        element.amount = 700
        self._run()
        self.assertEqual((line.state, line.to_pay), ("posted", 91.60))

    def test_a_decided_pay_keeps_what_it_withholds(self):
        element = self._element(self.alice, "garnishment", 100)
        line = self._pay_two()
        for call in (
            lambda: element.write({"amount": 50}),
            lambda: element.write({"month": "2026-02-01"}),
            lambda: element.unlink(),
            lambda: self._element(self.alice, "advance", 10),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-ELEMENT: "):
                with self.cr.savepoint():
                    call()
        element.note = "Letter of 12 January"
        self._element(self.alice, "sick", days=2)
        line.action_undo("Mistake")
        element.amount = 50
        self._run()
        self.assertEqual(self._line(self.alice).withheld, 50)
        other = self._element(self.alice, "garnishment", 10, month="2026-02-01")
        with self.assertRaisesRegex(UserError, "^CAE-PAY-ELEMENT: "):
            other.month = "2026-01-01"

    def test_a_pay_that_waits_follows_the_elements(self):
        self.company.cae_pay_approval = "all"
        line = self._pay_two()
        self.assertEqual(line.withheld, 0)
        self._element(self.alice, "advance", 60)
        self._run()
        self.assertEqual((line.withheld, line.net_paid), (60, 731.60))
        line.action_approve()
        line.action_post()
        self.assertEqual(line.to_pay, 731.60)

    def test_nothing_changes_in_a_locked_month(self):
        element = self._element(self.alice, "sick", days=2)
        self.env["cae.period"]._get(JANUARY)._set_state("locked")
        for call in (
            lambda: element.write({"kind": "absence"}),
            lambda: element.unlink(),
            lambda: self._element(self.alice, "absence", days=1),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-PERIOD-LOCKED: "):
                with self.cr.savepoint():
                    call()

    def test_accounts_of_what_is_withheld(self):
        self.company.cae_pay_garnishment_account_id = False
        element = self._element(self.alice, "garnishment", 10)
        self.assertEqual(element.account_id.code, "427000")
        advance = self._element(self.alice, "advance", 10)
        self.assertEqual(advance.account_id.code, "425000")
        # As without the register of shares (cae_governance).
        with (
            patch.object(type(self.company), "_cae_share_debt_account", _no_account),
            self.assertRaisesRegex(ValidationError, "^CAE-PAY-ELEMENT: "),
            self.cr.savepoint(),
        ):
            self._element(self.alice, "subscription", 10)
        shares = self._account("4562")
        self.company.cae_pay_subscription_account_id = shares
        element = self._element(self.alice, "subscription", 10)
        self.assertEqual(element.account_id, shares)
        self.assertFalse(self._element(self.alice, "absence", days=1).account_id)

    def test_odd_elements_get_a_code(self):
        for kind, vals in (
            ("garnishment", {"amount": 0}),
            ("garnishment", {"amount": float("nan")}),
            ("garnishment", {"amount": 1e12}),
            ("sick", {"amount": 10}),
            ("sick", {"days": float("nan")}),
            ("sick", {"hours": "x"}),
            ("sick", {"date_from": "2026-01-10", "date_to": "2026-01-09"}),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-ELEMENT: "):
                with self.cr.savepoint():
                    self._element(self.alice, kind, **vals)
        for month in ("x", "0001-01-01", [1]):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-ELEMENT: "):
                self._element(self.alice, "sick", month=month)
        element = self._element(self.alice, "sick", days=1, month="2026-01-20")
        self.assertEqual(element.month, JANUARY)

    def test_elements_are_read_in_one_query(self):
        self._element(self.alice, "garnishment", 10)
        self._element(self.bob, "advance", 20)
        Element = self.env["cae.pay.element"]
        Element._withheld(self.company, JANUARY)
        self.env.flush_all()
        Element.invalidate_model()
        with self.assertQueryCount(1):
            found = Element._withheld(self.company, JANUARY)
        self.assertEqual(found[self.alice.id][0][-1], 1000)
        self.assertEqual(found[self.bob.id][0][2], self.bob.partner_id.id)


@pay_tagged
class TestPayElementExchange(ExchangeCommon, ElementCommon):
    """Elements in the files of the payroll software."""

    def test_a_payslip_that_does_not_know_what_is_withheld(self):
        self._element(self.alice, "garnishment", 100)
        self._run_month()
        self.assertEqual(self.line.to_pay, 2274.79)
        self.assertLoaded(self.Exchange.load_payslips("2026-01", [TRUE]), created=1)
        self.line.invalidate_recordset()
        # 2 370.00 of the payslip, less 100.00.
        self.assertEqual(self.line.to_pay, 2270)
        self.assertEqual(self._balance("427"), -100)
        self.assertInvariant()

    def test_a_payslip_that_withholds_it_itself(self):
        self._element(self.alice, "garnishment", 100)
        self._run_month()
        row = {**TRUE, "net": "2120,00", "427": "100,00", "4421": "150,00"}
        self.assertLoaded(self.Exchange.load_payslips("2026-01", [row]), created=1)
        self.line.invalidate_recordset()
        # Income tax of 150.00 is not paid to the person.
        self.assertEqual(self.line.to_pay, 2120)
        self.assertEqual(self._balance("427"), -100)
        self.assertEqual(self._balance("4421"), -150)
        slip = self._slip()
        slip.with_user(self.officer).action_undo("Mistake")
        self.line.invalidate_recordset()
        self.assertEqual(self.line.to_pay, 2274.79)
        self.assertInvariant()

    def _balance(self, code):
        items = self.env["account.move.line"].search(
            [
                ("account_id.code", "=like", f"{code}%"),
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
            ]
        )
        return round(sum(items.mapped("balance")), 2)

    def test_elements_are_exported(self):
        self._element(self.alice, "sick", days=2, hours=14)
        self._element(self.alice, "sick", days=1)
        self._element(self.alice, "absence", hours=3.5)
        self._element(self.alice, "advance", 50)
        self._run_month()
        self.assertEqual(len(self.line.element_ids), 4)
        template = self.env["cae.payroll.template"].create(
            {
                "name": "Elements",
                "code": "elements",
                "line_ids": [
                    Command.create({"name": source, "source": source})
                    for source in (
                        "matricule",
                        "sick_days",
                        "sick_hours",
                        "absence_days",
                        "absence_hours",
                        "withheld_advance",
                        "withheld_garnishment",
                    )
                ],
            }
        )
        result = self.Exchange.export_elements("2026-01", template.code)
        text = base64.b64decode(result["content_base64"]).decode("utf-8-sig")
        row = text.splitlines()[1]
        self.assertEqual(row, "0042;3,00;14,00;0,00;3,50;50,00;0,00")

    def test_expenses_are_shown_beside(self):
        self._run_month()
        line = self.line.with_user(self.officer)
        self.assertEqual(line.expenses, 0)
        action = line.action_open_elements()
        self.assertEqual(action["context"]["default_month"], JANUARY)


@pay_tagged
class TestPayElementRights(SharedPayCommon, ElementCommon):
    def test_who_sees_elements(self):
        Element = self.env["cae.pay.element"]
        mine = self._element(self.alice, "garnishment", 10, month="2026-02-01")
        theirs = self._element(self.bob, "sick", days=3, month="2026-02-01")
        self.assertEqual(Element.with_user(self.entrepreneur).search([]), mine)
        self.assertEqual(Element.with_user(self.payroll).search([]), mine | theirs)
        own = mine.with_user(self.entrepreneur)
        self.assertEqual(own.amount, 10)
        with self.assertRaises(AccessError):
            own.amount = 0
        with self.assertRaises(AccessError):
            own.read(["account_id"])
        with self.assertRaises(AccessError):
            theirs.with_user(self.entrepreneur).read(["days"])
        for user in (self.accountant, self.coach, self.governance):
            with self.assertRaises(AccessError):
                Element.with_user(user).search([])
        # The accountant who runs the month needs no right on elements.
        self.Period.with_user(self.accountant).month_run("2026-02", steps=["pay"])
        line = self._line(self.alice, date(2026, 2, 1))
        self.assertEqual((line.state, line.withheld), ("posted", 10))
        self.assertEqual(line.with_user(self.entrepreneur).element_ids, mine)
        for user in (self.accountant, self.coach):
            with self.assertRaises(AccessError):
                line.with_user(user).read(["withheld"])
            with self.assertRaises(AccessError):
                line.share_ids.with_user(user).read(["withheld"])

    def test_elements_of_other_companies(self):
        self._element(self.alice, "sick", days=1, month="2026-02-01")
        company = self.env["res.company"].create({"name": "Another CAE"})
        self.payroll.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        self.assertFalse(self.env["cae.pay.element"].with_user(self.payroll).search([]))

    def test_officers_write_elements(self):
        Element = self.env["cae.pay.element"].with_user(self.payroll)
        element = Element.create(
            {
                "entrepreneur_id": self.alice.id,
                "month": "2026-02-01",
                "kind": "garnishment",
                "amount": 20,
            }
        )
        self.assertEqual(element.account_id.code, "427000")
        element.unlink()
