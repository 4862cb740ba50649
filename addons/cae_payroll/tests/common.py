from datetime import date

from odoo.tests import new_test_user, tagged

from odoo.addons.cae_base.tests.common import CaeCommon

pay_tagged = tagged("post_install", "-at_install", "cae")

JANUARY = date(2026, 1, 1)


class PayCommon(CaeCommon):
    """Alice has a CESA of 1 000 €, in a company of 60 staff; Bob and Carol wait.

    January 2026, 60 staff, work accidents 2.08 %, no health premium (figures of the
    engine's own tests, from the published rates)::

        gross      cost     net       coefficient
        1 000.00   1 039.86    791.60   0.4021
        2 000.00   2 248.32  1 583.19   0.3178
        3 000.00   4 023.48  2 374.79   0.1008
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"cae_headcount": 60, "cae_at_rate": 2.08})
        cls.first, cls.second, cls.third = cls.activities
        cls.alice = cls._person("P1", "Alice")
        cls.bob = cls._person("P2", "Bob", kind=None)
        cls.carol = cls._person("P3", "Carol", kind=None)
        cls.Period = cls.env["cae.period"]
        cls.Line = cls.env["cae.pay.line"]

    @classmethod
    def _person(cls, code, name, fixed_part=1000, start="2025-01-01", kind="cesa"):
        person = cls.env["cae.entrepreneur"].create(
            {
                "code": code,
                "first_name": name,
                "last_name": "Test",
                "date_entry": "2024-01-01",
            }
        )
        if kind:
            cls._contract(person, fixed_part, start, kind)
        return person

    @classmethod
    def _contract(cls, person, fixed_part, start="2025-01-01", kind="cesa", **vals):
        return cls.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": kind,
                "date_start": start,
                "fixed_part": fixed_part,
                **vals,
            }
        )

    @classmethod
    def _hold(cls, activity, **shares):
        """Give an activity its holders: ``alice=60, bob=40``."""
        activity.share_ids = [
            (
                0,
                0,
                {
                    "entrepreneur_id": getattr(cls, name).id,
                    "share": share,
                    "date_start": activity.date_start,
                },
            )
            for name, share in shares.items()
        ]

    @classmethod
    def _fund(cls, activity, amount, day="2026-01-15"):
        """Money on the bank account of an activity, from its opening."""
        cls._entry([("512", amount, activity), ("110", -amount, activity)], day)

    @classmethod
    def _ask(cls, person, kind, amount=0, month="2026-01-01", **vals):
        return cls.env["cae.pay.request"].create(
            {
                "entrepreneur_id": person.id,
                "month": month,
                "kind": kind,
                "amount": amount,
                **vals,
            }
        )

    def _run(self, month="2026-01", **kwargs):
        return self.Period.with_company(self.company).month_run(
            month, steps=["pay"], **kwargs
        )

    def _line(self, person, month=JANUARY, state=None):
        domain = [("entrepreneur_id", "=", person.id), ("month", "=", month)]
        domain.append(("state", "=", state) if state else ("state", "!=", "cancelled"))
        return self.Line.search(domain)

    def _load_dearer_payslip(self):
        """Load Alice's payslip of 1,000 gross: 10 € more, of which 4 € are net."""
        self.alice.matricule = "1"
        due = -sum(
            item.balance
            for item in self._line(self.alice).move_id.line_ids
            if item.account_id.code == "431000"
        )
        pension = 1039.86 - 791.60 - due
        row = {
            "matricule": "1", "brut": 1000, "cout": 1049.86, "net": 795.60,
            "431": round(due + 6, 2), "437": round(pension, 2),
        }  # fmt: skip
        exchange = self.env["cae.payroll.exchange"].with_company(self.company)
        return exchange.load_payslips("2026-01", [row])

    def _entry_of(self, move):
        """``{(activity code, account code): balance}`` of an entry."""
        codes = {a.analytic_account_id.id: a.code for a in self.activities}
        result = {}
        for item in move.line_ids:
            [(key, percent)] = item.analytic_distribution.items()
            self.assertEqual(percent, 100)
            place = codes[int(key)], item.account_id.code
            result[place] = round(result.get(place, 0) + item.balance, 2)
        return result

    def assertAvailable(self, activity, amount, day="2026-01-31"):
        [row] = self.Activity.with_company(self.company).treasury(
            codes=[activity.code], date=day
        )
        self.assertAlmostEqual(row["available"], amount, 2)


class SharedPayCommon(PayCommon):
    """Alice and Bob share an activity and are paid; only Alice has the coach."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("coach", "accountant", "payroll", "governance"):
            setattr(cls, name, cls._user(f"pr_{name}", f"cae_base.group_{name}"))
        cls.entrepreneur = cls._user("pr_alice", "cae_base.group_entrepreneur")
        cls.other = cls._user("pr_bob", "cae_base.group_entrepreneur")
        cls.alice.write({"coach_id": cls.coach.id, "user_id": cls.entrepreneur.id})
        cls.bob.user_id = cls.other
        cls._contract(cls.bob, 1000)
        cls._hold(cls.first, alice=60, bob=40)
        cls._fund(cls.first, 9000)
        cls.Period.with_company(cls.company).month_run("2026-01", steps=["pay"])
        cls.pay = cls.Line.search([("entrepreneur_id", "=", cls.alice.id)])
        cls.bob_pay = cls.Line.search([("entrepreneur_id", "=", cls.bob.id)])

    @classmethod
    def _user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            groups=group,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
