from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import cae_tagged
from .test_expense import ExpenseCommon


def row(**values):
    return {
        "numero": "N1", "date": "15/01/2026", "activite": "T1", "entrepreneur": "E1",
        "libelle": "Train Nantes – Paris", "compte": "6251", "montant_ttc": "120,00",
        "taux_tva": "20", "mode": "own", **values,
    }  # fmt: skip


@cae_tagged
class TestExchangeExpenses(ExpenseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Exchange = cls.env["cae.exchange"].with_user(cls.user)

    def _load(self, rows, **options):
        result = self.Exchange.load("expenses", rows, **options)
        self.assertEqual(result["errors"], [])
        return result

    def _found(self, *numbers):
        return self.env["hr.expense"].search([("cae_reference", "in", numbers)])

    def test_expenses_arrive_posted_and_once(self):
        rows = [
            row(),
            row(numero="N2", mode="company", montant_ttc=60, date="2026-01-20"),
            row(numero="N3", entrepreneur="E2", activite="T3", taux_tva=0),
        ]
        self.assertEqual(self._load(rows)["created"], 3)
        self.assertEqual(self._load(rows)["unchanged"], 3)
        expenses = self._found("N1", "N2", "N3")
        self.assertEqual(set(expenses.mapped("state")), {"posted", "paid"})
        self.assertEqual(expenses.manager_id, self.user)
        moves = expenses.account_move_id
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(
            sorted(moves.mapped("date")),
            [date(2026, 1, 15), date(2026, 1, 15), date(2026, 1, 20)],
        )
        balances = self._balances()
        self.assertEqual(balances["T1"]["625100"], 150)
        self.assertEqual(balances["T1"]["445660"], 30)
        self.assertEqual(balances["T1"]["425100"], -120)
        self.assertEqual(balances["T3"]["467100"], -120)
        self.assertInvariant()

    def test_cape_without_hr_file_gets_one(self):
        person = self._person("E3", "Zoé", "cape")
        second = self.activities[1]
        second.write({"share_ids": [(5,)]})
        self._hold(second, person)
        self._load([row(entrepreneur="E3", activite="T2")])
        self.assertEqual(self._found("N1").employee_id, person.employee_id)

    def test_other_content_is_a_conflict(self):
        self._load([row()])
        changes = {
            "date": "16/01/2026", "activite": "T2", "entrepreneur": "E2",
            "libelle": "Hôtel", "compte": "6257", "montant_ttc": "120,01",
            "taux_tva": "10", "mode": "company",
        }  # fmt: skip
        for column, value in changes.items():
            result = self.Exchange.load("expenses", [row(**{column: value})])
            errors = [(e["code"], e["column"]) for e in result["errors"]]
            if column in ("activite", "entrepreneur"):
                self.assertEqual(errors, [("CAE-LOAD-ENTREPRENEUR", "entrepreneur")])
            else:
                self.assertEqual(errors, [("CAE-LOAD-CONFLICT", column)])
        other = row(activite="T3", entrepreneur="E2")
        result = self.Exchange.load("expenses", [other])
        self.assertEqual(result["errors"][0]["column"], "activite")

    def test_undone_expense_is_not_loaded_over(self):
        self._load([row()])
        move = self._found("N1").account_move_id
        move.button_draft()
        move.button_cancel()
        result = self.Exchange.load("expenses", [row()])
        self.assertEqual(result["errors"][0]["column"], "numero")

    def test_all_problems_are_told_and_nothing_is_written(self):
        rows = [
            row(),
            row(numero="N2", date="31/02/2026"),
            row(numero="N3", activite="T9"),
            row(numero="N4", entrepreneur="E9"),
            row(numero="N5", compte="6999"),
            row(numero="N6", compte="401"),
            row(numero="N7", taux_tva="19,6"),
            row(numero="N8", montant_ttc="0"),
            row(numero="N9", mode="cash"),
            row(numero="N10", activite="T2"),
        ]
        result = self.Exchange.load("expenses", rows)
        self.assertEqual(
            [(e["code"], e["row"], e["column"]) for e in result["errors"]],
            [
                ("CAE-LOAD-DATE", 2, "date"),
                ("CAE-LOAD-ACTIVITY", 3, "activite"),
                ("CAE-LOAD-ENTREPRENEUR", 4, "entrepreneur"),
                ("CAE-LOAD-ACCOUNT", 5, "compte"),
                ("CAE-LOAD-ACCOUNT", 6, "compte"),
                ("CAE-LOAD-TAX", 7, "taux_tva"),
                ("CAE-LOAD-AMOUNT", 8, "montant_ttc"),
                ("CAE-LOAD-VALUE", 9, "mode"),
                ("CAE-LOAD-ENTREPRENEUR", 10, "entrepreneur"),
            ],
        )
        self.assertTrue(all(e["message"] for e in result["errors"]))
        self.assertEqual(result["created"], 0)
        self.assertFalse(self._found(*(r["numero"] for r in rows)))

    def test_dry_run_writes_nothing(self):
        self.assertEqual(self._load([row()], dry_run=True)["created"], 1)
        self.assertFalse(self._found("N1"))

    def test_late_expenses_are_refused_or_booked_in_the_next_open_month(self):
        self.env["cae.period"]._get(date(2026, 1, 1))._set_state("locked")
        rows = [row(), row(numero="N2", mode="company")]
        result = self.Exchange.load("expenses", rows)
        self.assertEqual(
            [(e["code"], e["row"], e["column"]) for e in result["errors"]],
            [("CAE-PERIOD-LOCKED", 1, "date"), ("CAE-PERIOD-LOCKED", 2, "date")],
        )
        self._load(rows, late="next")
        expenses = self._found("N1", "N2")
        self.assertEqual(set(expenses.mapped("date")), {date(2026, 1, 15)})
        moves = expenses.account_move_id
        self.assertEqual(set(moves.mapped("date")), {date(2026, 2, 1)})
        self.assertEqual(self._load(rows, late="next")["unchanged"], 2)
        self.assertInvariant()

    def test_own_expenses_are_not_approved_by_oneself(self):
        self.ines.employee_id.user_id = self.user
        result = self.Exchange.load("expenses", [row()])
        self.assertEqual(result["errors"][0]["code"], "CAE-LOAD-REFUSED")
        self.assertFalse(self._found("N1"))

    def test_loading_is_for_accountants(self):
        coach = new_test_user(self.env, "coach", "cae_base.group_coach")
        with self.assertRaises(AccessError):
            self.Exchange.with_user(coach).load("expenses", [row()])

    def test_queries_do_not_grow_with_expenses_of_a_batch(self):
        def rows(prefix, count):
            return [row(numero=f"{prefix}{n}", montant_ttc=n + 1) for n in range(count)]

        self._load(rows("W", 2))
        counts = []
        for prefix, count in (("A", 5), ("B", 25)):
            before = self.env.cr.sql_log_count
            self._load(rows(prefix, count))
            counts.append(self.env.cr.sql_log_count - before)
        # Odoo's own posting takes about ten queries for each entry.
        self.assertLess((counts[1] - counts[0]) / 20, 25, counts)
