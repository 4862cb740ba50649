from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from odoo.addons.cae_base.engine import key_figures as engine
from odoo.addons.cae_base.engine.key_figures import Choice, Period

from .common import JANUARY, pay_tagged
from .test_payroll_exchange import TRUE, ExchangeCommon


@pay_tagged
@freeze_time("2026-03-20")
class TestPayReports(ExchangeCommon):
    """Absences and pay in the reports, for payroll officers alone."""

    def _figures(self, *figures):
        rows = self.env["cae.social.figure"].with_user(self.officer)
        return rows.search(
            [
                ("figure", "in", figures),
                ("entrepreneur_id", "in", (self.alice | self.bob).ids),
            ]
        )

    def test_gross_pay_is_that_of_the_payslip(self):
        self.alice.sex = "F"
        self._run_month()
        pay = self._figures("pay")
        self.assertEqual((pay.entrepreneur_id, pay.amount), (self.alice, 3000))
        self.assertEqual((pay.year, pay.kind, pay.sex), ("2026", "cesa", "F"))
        self.assertEqual((pay.number, pay.mean_amount), (1, 3000))
        # 50 € more, of which the net has 30.
        more = {**TRUE, "brut": "3050,00", "cout": "4080,00", "net": "2400,00"}
        self.assertLoaded(
            self.Exchange.load_payslips("2026-01", [{**more, "431": "1420,00"}]),
            created=1,
        )
        self.env.invalidate_all()
        self.assertEqual(self._slip().gap_gross, 50)
        self.assertEqual(self._figures("pay").amount, 3050)
        figures = self.env["cae.key.figures"].with_company(self.company)
        period = Period(date(2026, 1, 1), date(2026, 1, 31))
        with patch.object(engine, "FEWEST_PEOPLE", 1):
            found = figures._compute(["salaire_moyen"], [period], Choice())
        # As the social report says.
        self.assertEqual(found["salaire_moyen"], [3050])

    def test_pay_that_waits_is_not_counted(self):
        self._run_month()
        self.line.with_company(self.company).action_undo("Wrong month")
        self.assertFalse(self._figures("pay"))

    def test_absences(self):
        elements = self.env["cae.pay.element"].create(
            [
                {
                    "entrepreneur_id": person.id,
                    "month": month,
                    "kind": kind,
                    "days": days,
                    "hours": hours,
                }
                for person, month, kind, days, hours in (
                    (self.alice, "2026-01-01", "sick", 3, 21),
                    (self.alice, "2026-02-01", "sick", 1.5, 0),
                    (self.bob, "2026-02-01", "leave", 5, 0),
                    (self.bob, "2025-12-01", "absence", 1, 7),
                )
            ]
        )
        rows = self._figures("sick", "leave", "absence")
        found = {(r.figure, r.year, r.day.month): (r.days, r.hours) for r in rows}
        self.assertEqual(
            found,
            {
                ("sick", "2026", 1): (3, 21),
                ("sick", "2026", 2): (1.5, 0),
                ("leave", "2026", 2): (5, 0),
                ("absence", "2025", 12): (1, 7),
            },
        )
        self.alice.team_id = self.env["cae.team"].create({"name": "Lyon"})
        groups = elements._read_group(
            [("id", "in", elements.ids)], ["team_id", "kind"], ["days:sum"]
        )
        self.assertIn((self.alice.team_id, "sick", 4.5), groups)

    def test_what_is_withheld_is_no_absence(self):
        self.env["cae.pay.element"].create(
            {
                "entrepreneur_id": self.alice.id,
                "month": JANUARY,
                "kind": "advance",
                "amount": 100,
            }
        )
        action = self.env.ref("cae_payroll.cae_absence_report_action")
        domain = action._get_action_dict()["domain"]
        self.assertIn("'sick'", domain)
        self.assertFalse(self._figures("sick", "leave", "absence"))

    def test_others_do_not_read_absences(self):
        self._run_month()
        for group in ("group_coach", "group_accountant", "group_entrepreneur"):
            user = self._user(f"pay_report_{group}", group)
            with self.assertRaises(AccessError):
                self.env["cae.social.figure"].with_user(user).search([])
            reports = self.env["cae.report"].with_user(user)
            if group != "group_entrepreneur":
                names = reports.search([]).mapped("name")
                self.assertNotIn("Absences", names)
