from datetime import date
from decimal import Decimal
from unittest import SkipTest
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form

from .common import JANUARY, PayCommon, pay_tagged
from .test_payroll_exchange import TRUE, ExchangeCommon

FEBRUARY = date(2026, 2, 1)


@pay_tagged
class TestPayRetention(PayCommon):
    """What payroll does of it, whoever says how much is retained."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._hold(cls.first, alice=100)
        cls._hold(cls.second, bob=100)
        cls._contract(cls.bob, 1000)
        cls._fund(cls.first, 5000)
        cls._fund(cls.second, 5000)
        cls.shares = cls._account("4562")
        cls.company.cae_pay_subscription_account_id = cls.shares
        cls.Element = cls.env["cae.pay.element"]

    def _retaining(self, rate=2, people=None, most=10**6):
        """Pay of these people retains a part of their gross."""
        ids = (people or self.alice).ids

        def retentions(records, company, day, grosses):
            rates = {p: Decimal(str(g)) * rate / 100 for p, g in grosses.items()}
            return {
                p: min(v, Decimal(most)) for p, v in rates.items() if p in ids and v
            }

        people = self.env["cae.entrepreneur"]
        return patch.object(type(people), "_share_retentions", retentions)

    def _element(self, person=None, month=JANUARY):
        return self.Element.search(
            [
                ("entrepreneur_id", "=", (person or self.alice).id),
                ("month", "=", month),
                ("kind", "=", "subscription"),
            ]
        )

    def test_two_contracts_are_tried_and_counted_once(self):
        """2 % of the CESA's 4 500.00; bases are those of one ceiling, see contracts."""
        self._contract(self.alice, 2000, "2026-01-01", kind="employee")
        self._fund(self.first, 9000)
        self._ask(self.alice, "gross", 3500)
        with self._retaining():
            self._run()
            cesa, job = self._line(self.alice).sorted("second_contract")
            self.assertEqual((cesa.withheld, job.withheld), (90, 0))
            for line, under in ((cesa, 2005), (job, 2000)):
                bases = {row["code"]: row["base"] for row in line.detail}
                self.assertEqual(bases["SS_VIEIL_PLAF"], under)
            self.assertEqual(cesa.committed, job.cost)

    def test_the_run_proposes_and_withholds_it(self):
        with self._retaining():
            self._run()
        element, line = self._element(), self._line(self.alice)
        self.assertEqual((element.amount, element.proposed), (20, True))
        self.assertEqual(
            (line.state, line.withheld, line.net_paid), ("posted", 20, 771.6)
        )
        self.assertEqual(
            self._entry_of(line.move_id)[self.first.code, self.shares.code], -20
        )
        [item] = line.move_id.line_ids.filtered(lambda i: i.account_id == self.shares)
        self.assertEqual(item.partner_id, self.alice.partner_id)
        self.assertEqual(self._line(self.bob).withheld, 0)
        self.assertFalse(self._element(self.bob))
        with self._retaining():
            self._run()
        self.assertEqual(len(self._element()), 1)
        self.assertInvariant()

    def test_it_follows_the_gross_while_the_pay_waits(self):
        self.company.cae_pay_approval = "all"
        with self._retaining():
            self._run()
            line = self._line(self.alice)
            self.assertEqual((line.state, line.withheld), ("draft", 20))
            self._ask(self.alice, "gross", 1000)
            self.assertEqual((line.gross, line.withheld), (2000, 40))
            self.assertEqual(self._element().amount, 40)
            line.action_approve()
            line.action_post()
        self.assertEqual(line.to_pay, round(line.net - 40, 2))

    def test_what_an_officer_types_stays(self):
        self.company.cae_pay_approval = "all"
        with self._retaining():
            self._run()
            self._element().amount = 15
            self.assertFalse(self._element().proposed)
            self._run()
            self.assertEqual(self._line(self.alice).withheld, 15)
            self._element().unlink()
            self._run()
        self.assertEqual(self._element().amount, 20)
        with self._retaining(rate=0):
            self._run()
        self.assertFalse(self._element())
        self.assertEqual(self._line(self.alice).withheld, 0)

    def test_nobody_says_that_an_element_was_proposed(self):
        vals = {"entrepreneur_id": self.alice.id, "month": JANUARY, "amount": 5}
        element = self.Element.create(
            {**vals, "kind": "subscription", "proposed": True}
        )
        self.assertFalse(element.proposed)
        element.proposed = True
        element.invalidate_recordset()
        self.assertFalse(element.proposed)
        with Form(element) as form:
            form.amount = 6
        self.assertEqual(element.amount, 6)

    def test_other_elements_come_first(self):
        self.Element.create(
            {
                "entrepreneur_id": self.alice.id,
                "month": JANUARY,
                "kind": "garnishment",
                "amount": 780,
            }
        )
        with self._retaining():
            self._run()
        line = self._line(self.alice)
        self.assertEqual((line.state, line.withheld), ("posted", 791.6))
        self.assertEqual(self._element().amount, 11.6)

    def test_a_decided_pay_keeps_its_element(self):
        with self._retaining():
            self._run()
            with self.assertRaisesRegex(UserError, "^CAE-PAY-ELEMENT: "):
                self._element().unlink()
        with self._retaining(rate=4):
            self._run()
        self.assertEqual(self._element().amount, 20)
        self._line(self.alice).action_undo("Mistake")
        with self._retaining(rate=4):
            self._run()
        self.assertEqual(self._line(self.alice).withheld, 40)
        self.assertInvariant()

    def test_people_cost_no_query_each(self):
        everybody = self.alice | self.bob
        self._count_in("2026-01", everybody)
        one = self._count_in("2026-02", self.alice)
        two = self._count_in("2026-03", everybody)
        self.assertLessEqual(two, one + 6)

    def _count_in(self, month, people):
        with self._retaining(people=people):
            return self._count_queries(month)

    def _count_queries(self, month):
        period = self.Period._get(date.fromisoformat(f"{month}-01"))
        run = self.env["cae.pay.run"].sudo().with_company(self.company)
        people, _states, terms = run._people(self.company, period.date)
        plan = run._plan(self.company, period.date, people, terms)
        self.env.flush_all()
        before = self.cr.sql_log_count
        run._propose(plan, people)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_gross_of_a_year(self):
        self._run()
        self._run("2026-02")
        people, year = self.alice | self.carol, (date(2026, 1, 1), date(2026, 12, 31))
        grosses = people._year_grosses(self.company, *year)
        self.assertEqual(grosses, {self.alice.id: Decimal(2000)})
        self._line(self.alice, FEBRUARY).action_undo("Mistake")
        grosses = people._year_grosses(self.company, *year)
        self.assertEqual(grosses, {self.alice.id: Decimal(1000)})
        before = date(2025, 1, 1), date(2025, 12, 31)
        self.assertEqual(people._year_grosses(self.company, *before), {})


class MemberCommon(PayCommon):
    @classmethod
    def _member_of(cls, person):
        """A member who is admitted and has no shares yet."""
        if "cae.member" not in cls.env:
            raise SkipTest("cae_governance is not installed")
        member = cls.env["cae.member"].create(
            {
                "entrepreneur_id": person.id,
                "partner_id": person.partner_id.id,
                "date_application": "2025-10-01",
            }
        )
        member._admit(date(2025, 10, 5), "meeting", "AGO")
        return member


@pay_tagged
class TestPayShares(MemberCommon):
    """With the register of shares: one entry pays, its undoing takes it back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member = cls._member_of(cls.alice)
        cls._hold(cls.first, alice=100)
        cls._fund(cls.first, 5000)
        cls.company.write(
            {
                "cae_retention_rate": 2,
                "cae_retention_target": 50,
                "cae_pay_subscription_account_id": False,
            }
        )
        cls.debt = cls.company._cae_capital_accounts()["debt"]
        cls.kind = cls.env["cae.share.kind"].create(
            {"code": "A", "name": "Share", "value": 16}
        )

    def _subscribe(self, quantity, day="2026-01-10"):
        shares = [(self.member, self.kind, quantity)]
        return self.member._subscribe(shares, date.fromisoformat(day))

    def _balance(self, code):
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.alice.partner_id.id),
                ("parent_state", "=", "posted"),
                ("account_id.code", "=like", f"{code}%"),
            ]
        )
        return round(sum(items.mapped("balance")), 2)

    def test_the_setting_defaults_to_the_members_account(self):
        self.assertEqual(self.company._cae_withheld_account("subscription"), self.debt)
        other = self._account("4561")
        self.company.cae_pay_subscription_account_id = other
        self.assertEqual(self.company._cae_withheld_account("subscription"), other)

    def test_what_is_withheld_pays_the_subscription_once(self):
        self._subscribe(2)
        self.assertEqual(self._balance("4562"), 32)
        payments = self.env["account.payment"].search_count([])
        self._run()
        self.assertEqual(self._line(self.alice).withheld, 20)
        self.assertEqual(self._balance("4562"), 12)
        self.assertEqual((self._balance("1012"), self._balance("1013")), (-12, -20))
        self.assertEqual(self.env["account.payment"].search_count([]), payments)
        self.assertEqual(self.member.share_unpaid, 12)
        self.assertEqual(self.member.state, "member")
        owed = self.member._open_debt_items()
        self.assertEqual(sum(owed.mapped("amount_residual")), 12)
        self.assertEqual(len(owed), 1)
        self._run()
        self.member._book_paid(self.company, date(2026, 1, 31))
        self.assertEqual((self._balance("1012"), self._balance("1013")), (-12, -20))
        self.assertInvariant()

    def test_retention_stops_at_the_amount_of_the_statutes(self):
        self._subscribe(2)
        for month in ("2026-01", "2026-02", "2026-03", "2026-04"):
            self._run(month)
        withheld = [
            self._line(self.alice, date(2026, m, 1)).withheld for m in range(1, 5)
        ]
        self.assertEqual(withheld, [20, 20, 10, 0])
        self.assertEqual(self._balance("4562"), -18)
        self.assertInvariant()

    def test_undoing_the_pay_takes_the_payment_back(self):
        self._subscribe(2)
        self._run()
        line = self._line(self.alice)
        line.action_undo("Mistake")
        self.assertEqual(self._balance("4562"), 32)
        self.assertEqual((self._balance("1012"), self._balance("1013")), (-32, 0))
        self.assertEqual(self.member.share_unpaid, 32)
        owed = self.member._open_debt_items()
        self.assertEqual(sum(owed.mapped("amount_residual")), 32)
        self.assertEqual(len(owed), 1)
        self.assertInvariant()
        self._run()
        self.assertEqual((self._balance("1012"), self._balance("1013")), (-12, -20))
        self.assertInvariant()

    def test_savings_subscribe_and_are_matched(self):
        self._run()
        self.assertEqual(self._balance("4562"), -20)
        self.member._subscribe_retained(self.company, date(2026, 2, 1))
        self.assertEqual(self.member.share_count, 1)
        self.assertEqual(self._balance("4562"), -4)
        self.assertEqual((self._balance("1012"), self._balance("1013")), (0, -16))
        self.assertEqual(len(self.member._open_debt_items()), 1)
        self.member._subscribe_retained(self.company, date(2026, 2, 1))
        self.assertEqual(self.member.share_count, 1)
        self._line(self.alice).action_undo("Mistake")
        self.assertEqual(self._balance("4562"), 16)
        self.assertEqual((self._balance("1012"), self._balance("1013")), (-16, 0))
        self.assertEqual(self.member.share_unpaid, 16)
        self.assertInvariant()

    def test_the_activity_pays_the_cooperative(self):
        before = self._available()
        self._subscribe(2)
        self._run()
        line = self._line(self.alice)
        self.assertEqual(self._available(), round(before - line.cost, 2))
        self.assertInvariant()

    def _available(self):
        [row] = self.Activity.with_company(self.company).treasury(
            codes=[self.first.code], date="2026-01-31"
        )
        return row["available"]

    def test_an_officer_posts_it_without_rights_on_members(self):
        officer = self._user("shares_officer", "group_payroll")
        self._subscribe(2)
        self.company.cae_pay_approval = "all"
        self._run()
        line = self._line(self.alice).with_user(officer)
        line.action_approve()
        line.action_post()
        self.assertEqual(self._balance("1013"), -20)

    def test_work_of_the_surplus_is_the_gross(self):
        self._run()
        surplus = self.env["cae.surplus"].new({"date_end": "2026-12-31"})
        surplus.company_id = self.company
        rows = surplus._prepare_work_vals()
        mine = [r for r in rows if r["partner_id"] == self.alice.partner_id.id]
        self.assertEqual([row["pay"] for row in mine], [1000])


@pay_tagged
class TestPayslipShares(ExchangeCommon, MemberCommon):
    """The payroll software withholds shares of its own, or another amount."""

    def test_the_difference_is_the_person_s(self):
        self._member_of(self.alice)
        debt = self.company._cae_capital_accounts()["debt"]
        self._run_month()
        shares = {"net": "2350,00", debt.code: "20,00"}
        loaded = self.Exchange.load_payslips("2026-01", [{**TRUE, **shares}])
        self.assertLoaded(loaded, created=1)
        items = self.env["account.move.line"].search([("account_id", "=", debt.id)])
        self.assertEqual(items.mapped("balance"), [-20])
        self.assertEqual(items.partner_id, self.alice.partner_id)
        self._slip().with_user(self.officer).action_undo("Mistake")
        items = self.env["account.move.line"].search([("account_id", "=", debt.id)])
        self.assertEqual(sum(items.mapped("balance")), 0)
        self.assertEqual(items.partner_id, self.alice.partner_id)
        self.assertEqual(set(items.mapped("amount_residual")), {0})
        self.assertInvariant()
