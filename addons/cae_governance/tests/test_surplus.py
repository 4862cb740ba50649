from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time

from .common import GovernanceCommon, governance_tagged


@governance_tagged
@freeze_time("2026-03-15")
class TestSurplus(GovernanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Surplus = cls.env["cae.surplus"].with_user(cls.accountant)
        cls.people = cls.env["res.partner"].create(
            [{"name": "Inès"}, {"name": "Yann"}, {"name": "Zoé"}]
        )

    @classmethod
    def _surplus(cls, **vals):
        return cls.Surplus.create(
            {
                "date_end": "2025-12-31",
                "surplus": 10000,
                "work_rate": 45,
                "interest_rate": 10,
                "legal_reserve": 0,
                "highest_capital": 5000,
                "line_ids": [
                    Command.create(
                        {"partner_id": person.id, "pay": pay, "kind": "work"}
                    )
                    for person, pay in zip(
                        cls.people, (30000, 10000, 5000), strict=True
                    )
                ]
                + [
                    Command.create(
                        {
                            "partner_id": cls.people[0].id,
                            "kind": "interest",
                            "capital": 500,
                        }
                    )
                ],
                **vals,
            }
        )

    @classmethod
    def _booked(cls, **vals):
        surplus = cls._surplus(**vals)
        surplus.action_compute()
        surplus.action_decide("2026-03-10", "AGO 1")
        surplus.action_post()
        return surplus

    def _entry_of(self, move):
        rows = {}
        for line in move.sudo().line_ids:
            rows[line.account_id.code] = (
                rows.get(line.account_id.code, 0) + line.balance
            )
        return {code: round(balance, 2) for code, balance in rows.items()}

    def test_the_surplus_is_shared_to_the_cent(self):
        surplus = self._surplus()
        self.assertEqual((surplus.legal_amount, surplus.fund_amount), (1500, 3000))
        self.assertEqual((surplus.work_amount, surplus.interest_amount), (4500, 1000))
        self.assertFalse(surplus.findings)
        surplus.action_compute()
        work = surplus.line_ids.filtered(lambda line: line.kind == "work")
        self.assertEqual(
            {line.partner_id.name: line.amount for line in work},
            {"Inès": 3000, "Yann": 1000, "Zoé": 500},
        )

    def test_the_decision_is_booked_then_undone(self):
        surplus = self._booked()
        self.assertEqual(surplus.state, "posted")
        self.assertEqual(
            self._entry_of(surplus.move_id),
            {
                "120000": 10000,
                "106100": -1500,
                "106300": -3000,
                "424800": -4500,
                "457000": -1000,
            },
        )
        self.assertEqual(surplus.move_id.sudo().date, date(2026, 3, 10))
        self.assertInvariant()
        with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-STATE: "):
            surplus.action_post()
        with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-REASON: "):
            surplus.action_undo("")
        surplus.action_undo("Wrong year")
        self.assertEqual(surplus.state, "undone")
        total = self._entry_of(surplus.move_id | surplus.reversal_move_id)
        self.assertEqual(set(total.values()), {0})
        # Another one of the same year may be decided then.
        self.assertEqual(self._booked().state, "posted")

    def test_a_year_is_decided_once(self):
        self._booked()
        second = self._surplus()
        second.action_compute()
        with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-TWICE: "):
            second.action_decide("2026-03-10")

    def test_limits_are_told_and_refused(self):
        surplus = self._surplus(work_rate=20, legal_rate=10, interest_rate=0)
        self.assertIn("CAE-SURPLUS-LEGAL", surplus.findings)
        self.assertIn("CAE-SURPLUS-WORK", surplus.findings)
        with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-LEGAL: "):
            surplus.action_decide()
        none = self._surplus(surplus=0)
        self.assertIn("CAE-SURPLUS-NONE", none.findings)
        keys = self._surplus(pay_key=50)
        with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-KEY: "):
            keys.action_compute()
        with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-SUM: "):
            self._surplus().action_decide()

    def test_what_was_decided_does_not_change(self):
        surplus = self._surplus()
        surplus.action_compute()
        surplus.action_decide()
        for vals in ({"surplus": 1}, {"legal_rate": 16}, {"line_ids": [(5,)]}):
            with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-STATE: "):
                surplus.write(vals)
        with self.assertRaisesRegex(UserError, "^CAE-SURPLUS-STATE: "):
            surplus.line_ids[0].pay = 1
        with self.assertRaisesRegex(UserError, "^CAE-FIELD-OWNED: "):
            surplus.state = "posted"
        surplus.action_draft()
        surplus.surplus = 20000

    def test_people_are_listed_from_contracts_and_the_register(self):
        person = self._person("GX7", "Ali", start="2025-11-01")
        old = self._person("GX8", "Lou", start="2024-01-01")
        member = self._member("Max", 2)
        surplus = self._surplus(line_ids=[], date_end="2025-12-31")
        surplus.action_fill()
        rows = {(line.kind, line.partner_id): line for line in surplus.line_ids}
        self.assertEqual(rows["work", person.partner_id].time, 61)
        self.assertFalse(rows["work", person.partner_id].present)
        self.assertEqual(rows["work", old.partner_id].time, 365)
        self.assertTrue(rows["work", old.partner_id].present)
        # Shares of 2026 bear no interest of 2025.
        self.assertNotIn(("interest", member.sudo().partner_id), rows)
        count = len(surplus.line_ids)
        surplus.action_fill()
        self.assertEqual(len(surplus.line_ids), count)

    def test_the_secretary_simulates_the_accountant_books(self):
        surplus = self._surplus().with_user(self.secretary)
        surplus.action_compute()
        surplus.action_decide()
        self.assertIn("10", surplus.resolution_text)
        with self.assertRaises(AccessError):
            surplus.action_post()
        with self.assertRaises(AccessError):
            surplus.with_user(self._user("gov_coach", "group_coach")).read(["surplus"])

    def test_each_person_gets_a_sheet(self):
        surplus = self._booked()
        for record in (surplus, surplus.line_ids[0]):
            page = record.sudo()._html()
            self.assertIn("surplus", page)
