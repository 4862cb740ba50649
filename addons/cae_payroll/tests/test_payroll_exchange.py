import base64
import io
from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import JANUARY, PayCommon, SharedPayCommon, pay_tagged

LAST = date(2026, 1, 31)
#: A true payslip of 3 000 € gross: it costs 6.52 € more than the estimate.
TRUE = {
    "matricule": "0042", "brut": "3000,00", "cout": "4030,00", "net": "2370,00",
    "431": "1400,00", "437": "260,00",
}  # fmt: skip


class ExchangeCommon(PayCommon):
    """Alice, matricule 0042, has a posted pay of 3 000 € in January."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls._user("px_officer", "group_payroll")
        cls.alice.matricule = "0042"
        cls.bob.matricule = "12"
        cls._hold(cls.first, alice=100)
        cls._fund(cls.first, 4023.48)
        cls._ask(cls.alice, "max")
        cls.Exchange = (
            cls.env["cae.payroll.exchange"]
            .with_user(cls.officer)
            .with_company(cls.company)
        )

    def _run_month(self):
        self._run()
        self.line = self._line(self.alice)
        self.assertEqual((self.line.state, self.line.gross), ("posted", 3000))

    def _slip(self, person=None):
        domain = [("entrepreneur_id", "=", (person or self.alice).id)]
        return self.env["cae.payslip"].search([*domain, ("month", "=", JANUARY)])

    def assertLoaded(self, result, **counts):
        empty = {"created": 0, "updated": 0, "unchanged": 0, "errors": []}
        self.assertEqual(result, {**empty, "missing": [], **counts})

    def assertProblem(self, result, *expected):
        found = [(e["code"], e["row"], e["column"]) for e in result["errors"]]
        self.assertEqual(found, list(expected))
        counts = [result[name] for name in ("created", "updated", "unchanged")]
        self.assertEqual(counts, [0, 0, 0])
        for error in result["errors"]:
            self.assertNotIn("%(", error["message"])


@pay_tagged
class TestPayrollExport(ExchangeCommon):
    """The month's elements as a file."""

    def _text(self, result, encoding="utf-8-sig"):
        return base64.b64decode(result["content_base64"]).decode(encoding)

    def test_silae_one_row_per_element(self):
        self._run_month()
        result = self.Exchange.export_elements("2026-01", "silae")
        self.assertEqual((result["name"], result["rows"]), ("silae-2026-01.csv", 2))
        self.assertEqual(
            self._text(result, "cp1252").split("\r\n"),
            [
                "Matricule;Code;Valeur;Date debut;Date fin",
                "0042;EV-PartFixe;1000,00;01/01/2026;31/01/2026",
                "0042;EV-AcompteVariable;2000,00;01/01/2026;31/01/2026",
                "",
            ],
        )

    def test_generic_one_row_per_person(self):
        self._run_month()
        contract = self.line.contract_id
        contract.payroll_key = "2"
        result = self.Exchange.export_elements("2026-01", "generic")
        header, row, _end = self._text(result).split("\r\n")
        self.assertTrue(header.startswith("Matricule;Contrat;Nom;Prénom;Mois;"))
        self.assertEqual(
            row,
            "0042;2;Test;Alice;2026-01;1000,00;2000,00;3000,00" + ";0,00" * 10,
        )

    def test_amendments_have_the_key_of_their_contract(self):
        contract = self.alice.contract_ids
        contract.payroll_key = "7"
        amendment = self._contract(
            self.alice, 1100, "2026-01-01", parent_id=contract.id
        )
        self.assertEqual(amendment._payroll_key(), "7")

    def test_hours_of_an_ordinary_contract_and_expenses(self):
        self._contract(self.bob, 1500, kind="employee", month_hours=75.5)
        self._hold(self.second, bob=100)
        self._fund(self.second, 9000)
        self._run_month()
        self.bob._ensure_employees()
        expense = self.env["hr.expense"].create(
            {
                "name": "Train",
                "employee_id": self.bob.employee_id.id,
                "product_id": self.env.ref("hr_expense.product_product_no_cost").id,
                "account_id": self._account("6251").id,
                "total_amount_currency": 84.5,
                "date": "2026-01-12",
                "payment_mode": "own_account",
                "cae_activity_id": self.second.id,
                "tax_ids": [Command.clear()],
            }
        )
        expense.action_submit()
        expense._do_approve(check=False)
        journal = self.company_data["default_journal_purchase"]
        expense._cae_post_dated({expense: date(2026, 1, 12)}, journal)
        self.assertEqual(expense.state, "posted")
        result = self.Exchange.export_elements("2026-01", "generic")
        rows = self._text(result).split("\r\n")
        self.assertTrue(rows[2].startswith("12;;Test;Bob;2026-01;1500,00;0,00;"))
        self.assertTrue(";75,50;84,50;0,00;" in rows[2], rows[2])

    def test_xlsx_has_texts_and_numbers(self):
        from openpyxl import load_workbook  # an importer of Odoo itself

        self._run_month()
        template = self.env.ref("cae_payroll.cae_payroll_template_generic")
        template.file_format = "xlsx"
        result = self.Exchange.export_elements("2026-01", "generic")
        self.assertEqual(result["name"], "generic-2026-01.xlsx")
        content = base64.b64decode(result["content_base64"])
        rows = list(load_workbook(io.BytesIO(content)).active.values)
        self.assertEqual(rows[1][0], "0042")
        self.assertEqual(rows[1][7], 3000)

    def test_refusals(self):
        refused = self.assertRaisesRegex
        with refused(UserError, "^CAE-PAYROLL-EMPTY: "):
            self.Exchange.export_elements("2026-01", "silae")
        self._run_month()
        for code in ("nothing", None, 5, "\x00", {"a": 1}):
            with refused(UserError, "^CAE-PAYROLL-TEMPLATE: "):
                self.Exchange.export_elements("2026-01", code)
        with refused(UserError, "^CAE-PERIOD-MONTH: "):
            self.Exchange.export_elements("January", "silae")
        self.alice.matricule = False
        with refused(UserError, "^CAE-PAYROLL-MATRICULE: .*Alice"):
            self.Exchange.export_elements("2026-01", "silae")
        self.alice.write({"matricule": "0042", "last_name": "Łukasz"})
        self.env.ref("cae_payroll.cae_payroll_template_generic").encoding = "cp1252"
        with refused(UserError, "^CAE-PAYROLL-ENCODING: "):
            self.Exchange.export_elements("2026-01", "generic")

    def test_the_company_has_its_own_file(self):
        self._run_month()
        own = self.env["cae.payroll.template"].create(
            {
                "name": "Ours",
                "code": "silae",
                "company_id": self.company.id,
                "header": False,
                "separator": "\t",
                "decimal_mark": ".",
                "line_ids": [
                    Command.create({"name": "M", "source": "matricule"}),
                    Command.create({"name": "B", "source": "gross"}),
                ],
            }
        )
        result = self.Exchange.export_elements("2026-01", own.code)
        self.assertEqual(self._text(result), "0042\t3000.00\r\n")

    def test_templates_that_make_no_file(self):
        Template = self.env["cae.payroll.template"]
        vals = {"name": "X", "code": "x", "layout": "element"}
        amount = {"name": "G", "source": "gross"}
        person = {"name": "M", "source": "matricule"}
        for layout, lines in (
            ("element", []),
            ("element", [person]),
            ("element", [{**amount, "code": "EV"}]),
            ("element", [person, amount]),
            ("person", [{"name": "C", "source": "element_code"}]),
        ):
            commands = [Command.create(line) for line in lines]
            with (
                self.assertRaisesRegex(ValidationError, "^CAE-PAYROLL-TEMPLATE: "),
                self.cr.savepoint(),
            ):
                Template.create({**vals, "layout": layout, "line_ids": commands})

    def test_matricules_are_unique_in_the_company(self):
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.bob.matricule = "0042"
            self.env.flush_all()
        for text in (" 12", "-", "  "):
            with self.assertRaisesRegex(ValidationError, "CAE-PAYROLL-MATRICULE"):
                self.bob.matricule = text

    def test_the_wizard_of_the_month(self):
        self._run_month()
        period = self.Period.with_user(self.officer)._get(JANUARY)
        action = period.action_export_pay()
        wizard = (
            self.env["cae.payroll.export"]
            .with_user(self.officer)
            .with_company(self.company)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual((wizard.month, wizard.waiting), (JANUARY, 0))
        wizard.template_id = self.env.ref("cae_payroll.cae_payroll_template_silae")
        wizard.action_export()
        self.assertEqual((wizard.filename, wizard.rows), ("silae-2026-01.csv", 2))


@pay_tagged
class TestPayslipTotals(ExchangeCommon):
    """The totals of true payslips, and their entries, by hand."""

    def setUp(self):
        super().setUp()
        self._run_month()

    def _load(self, *rows, month="2026-01", **options):
        return self.Exchange.load_payslips(month, list(rows), **options)

    def _moves(self):
        return self._slip().move_ids.sorted("id")

    def test_a_payslip_on_paper(self):
        """The difference to the estimate (see TestPay, one activity on paper).

        ======== ========= ========= ==========
        account  estimate  payslip   difference
        641100    3 000.00  3 000.00
        645100      888.38    894.90       6.52
        645300      135.10    135.10
        421000   −2 374.79 −2 370.00       4.79
        431000   −1 393.29 −1 400.00      −6.71
        437000     −255.40   −260.00      −4.60
        ======== ========= ========= ==========
        """
        self.assertLoaded(self._load(TRUE), created=1)
        slip = self._slip()
        self.assertRecordValues(
            slip,
            [
                {
                    "state": "booked",
                    "gross": 3000,
                    "cost": 4030,
                    "net": 2370,
                    "estimate_cost": 4023.48,
                    "gap_gross": 0,
                    "gap_cost": 6.52,
                    "gap_net": -4.79,
                    "pay_line_id": self.line.id,
                }
            ],
        )
        self.assertEqual(slip.move_ids.date, LAST)
        self.assertEqual(slip.move_ids.journal_id.code, "PAIE")
        self.assertEqual(
            self._entry_of(slip.move_ids),
            {
                ("T1", "645100"): 6.52,
                ("T1", "421000"): 4.79,
                ("T1", "431000"): -6.71,
                ("T1", "437000"): -4.60,
            },
        )
        net = slip.move_ids.line_ids.filtered(lambda i: i.account_id.code == "421000")
        self.assertEqual(net.partner_id, self.alice.partner_id)
        self.assertFalse((slip.move_ids.line_ids - net).partner_id)
        self.assertAvailable(self.first, -6.52)
        self.assertInvariant()
        self.assertIn("431 1\u202f400,00", slip.accounts_text)

    def test_charges_and_tax_by_account(self):
        row = {
            **TRUE, "net": "2300,00", "4421": "70,00", "6451": "900", "6453": "130",
        }  # fmt: skip
        self.assertLoaded(self._load(row), created=1)
        self.assertEqual(
            self._entry_of(self._moves()),
            {
                ("T1", "645100"): 11.62,
                ("T1", "645300"): -5.10,
                ("T1", "421000"): 74.79,
                ("T1", "431000"): -6.71,
                ("T1", "437000"): -4.60,
                ("T1", "442100"): -70.00,
            },
        )
        slip = self._slip()
        self.assertEqual((slip.withheld, slip.gap_net), (70, -4.79))
        self.assertInvariant()

    def test_the_same_content_is_unchanged(self):
        self._load(TRUE)
        moves = self._moves()
        typed = {
            "matricule": "0042", "brut": 3000, "cout": 4030.0, "net": 2370,
            "431": 1400, "437": 260,
        }  # fmt: skip
        for row in (TRUE, typed):
            self.assertLoaded(self._load(row), unchanged=1)
        self.assertEqual(self._moves(), moves)

    def test_another_content_books_the_difference_only(self):
        self._load(TRUE)
        other = {**TRUE, "cout": "4031,00", "431": "1401,00"}
        self.assertLoaded(self._load(other), updated=1)
        self.assertEqual(
            self._entry_of(self._moves()[-1]),
            {("T1", "645100"): 1.00, ("T1", "431000"): -1.00},
        )
        self.assertLoaded(self._load(TRUE), updated=1)
        self.assertAvailable(self.first, -6.52)
        self.assertInvariant()

    def test_equal_to_the_estimate_books_nothing(self):
        row = {
            **TRUE, "cout": "4023,48", "net": "2374,79", "431": "1393,29",
            "437": "255,40",
        }  # fmt: skip
        self.assertLoaded(self._load(row), created=1)
        self.assertFalse(self._moves())
        self.assertEqual((self._slip().state, self._slip().gap_cost), ("booked", 0))

    def test_a_dry_run_writes_nothing(self):
        self.assertLoaded(self._load(TRUE, dry_run=True), created=1)
        self.assertFalse(self._slip())

    def test_a_locked_month(self):
        self.Period._get(JANUARY)._set_state("locked")
        self.assertProblem(self._load(TRUE), ("CAE-PERIOD-LOCKED", 1, "matricule"))
        self.assertLoaded(self._load(TRUE, late="next"), created=1)
        self.assertEqual(self._moves().date, date(2026, 2, 1))
        self.assertLoaded(self._load(TRUE), unchanged=1)
        other = {**TRUE, "cout": "4031,00", "431": "1401,00"}
        self.assertProblem(self._load(other), ("CAE-LOAD-CONFLICT", 1, "matricule"))
        self.assertLoaded(self._load(other, late="next"), updated=1)
        self.assertInvariant()

    def test_undone_and_loaded_again(self):
        self._load(TRUE)
        slip = self._slip().with_user(self.officer)
        with self.assertRaisesRegex(UserError, "^CAE-PAY-REASON: "):
            slip.action_undo(" ")
        slip.action_undo("Wrong month")
        self.assertEqual((slip.state, slip.reason), ("undone", "Wrong month"))
        self.assertAvailable(self.first, 0)
        with self.assertRaisesRegex(UserError, "^CAE-PAYSLIP-STATE: "):
            slip.action_undo("Again")
        self.assertLoaded(self._load(TRUE), updated=1)
        self.assertAvailable(self.first, -6.52)
        self.assertEqual(len(self._moves()), 3)
        self.assertInvariant()

    def test_pay_below_a_payslip_stays(self):
        self._load(TRUE)
        with self.assertRaisesRegex(UserError, "^CAE-PAYSLIP-BOOKED: "):
            self.line.action_undo("Mistake")
        self._slip().action_undo("Mistake")
        self.line.action_undo("Mistake")
        self._run()
        self.assertLoaded(self._load(TRUE), updated=1)
        self.assertNotEqual(self._slip().pay_line_id, self.line)
        self.assertEqual(self._slip().gap_cost, 6.52)
        self.assertInvariant()

    def test_the_screen_asks_why_payslips_are_undone(self):
        self._load(TRUE)
        slip = self._slip().with_user(self.officer)
        action = slip.action_ask_undo()
        wizard = self.env[action["res_model"]].with_user(self.officer)
        form = Form(wizard.with_context(**action["context"]))
        form.reason = "Wrong month"
        form.save().action_confirm()
        self.assertEqual((slip.state, slip.reason), ("undone", "Wrong month"))

    def test_entries_of_payslips_are_kept(self):
        self._load(TRUE)
        move = self._moves()
        for call in (move.button_draft, move._reverse_moves):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-POSTED: "):
                call()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-POSTED: "):
            move.line_ids[0].account_id = self._account("658")

    def test_entries_do_not_leave_their_payslip(self):
        self._load(TRUE)
        move, slip = self._moves(), self._slip()
        for call in (
            lambda: move.write({"cae_payslip_ids": [Command.clear()]}),
            lambda: move.write({"cae_payslip_ids": [Command.unlink(slip.id)]}),
            lambda: move.create({"cae_payslip_ids": [Command.set(slip.ids)]}),
        ):
            with self.assertRaisesRegex(UserError, "^CAE-FIELD-OWNED: "):
                call()
        self.assertEqual(move.cae_payslip_ids, slip)
        with self.assertRaisesRegex(UserError, "^CAE-FIELD-OWNED: "):
            slip.pay_line_ids = [Command.clear()]

    def test_a_payslip_of_nothing_needs_no_pay(self):
        """A CAPE without pay has a payslip all the same."""
        zero = {"matricule": "12", "brut": 0, "cout": 0, "net": 0}
        alice = [{"matricule": "0042", "name": "Alice Test"}]
        self.assertLoaded(self._load(zero), created=1, missing=alice)
        slip = self._slip(self.bob)
        self.assertEqual((slip.state, slip.cost), ("booked", 0))
        self.assertFalse(slip.move_ids)
        self.assertLoaded(self._load(zero), unchanged=1, missing=alice)

    def test_problems_of_the_rows(self):
        self.assertProblem(
            self._load(
                {**TRUE, "matricule": "0043"},
                {**TRUE, "matricule": "12"},
                {**TRUE, "cout": "4030,01"},
                {**TRUE, "net": "2370,0x"},
                {**TRUE, "brut": "", "matricule": "77"},
                {**TRUE, "6451": "1000,00", "matricule": "0042"},
            ),
            ("CAE-LOAD-MATRICULE", 1, "matricule"),
            ("CAE-PAYSLIP-PAY", 2, "matricule"),
            ("CAE-LOAD-BALANCE", 3, "cout"),
            ("CAE-LOAD-AMOUNT", 4, "net"),
            ("CAE-LOAD-CONFLICT", 4, "cout"),
            ("CAE-LOAD-REQUIRED", 5, "brut"),
            ("CAE-LOAD-MATRICULE", 5, "matricule"),
            ("CAE-LOAD-CONFLICT", 6, "cout"),
        )
        self.assertFalse(self._slip())

    def test_odd_calls(self):
        for rows, code in (
            ("x", "CAE-LOAD-TYPE"),
            ({}, "CAE-LOAD-TYPE"),
            (["x"], "CAE-LOAD-TYPE"),
            ([{"matricule": "0042"}], "CAE-FILE-COLUMN"),
            ([{**TRUE, "431": [1]}], "CAE-LOAD-TYPE"),
            ([{**TRUE, "4299999": "0", "net": "2370"}], "CAE-LOAD-ACCOUNT"),
            ([{**TRUE, "512": "2370"}], "CAE-LOAD-ACCOUNT"),
        ):
            result = self.Exchange.load_payslips("2026-01", rows)
            self.assertEqual(result["errors"][0]["code"], code, rows)
        result = self._load(TRUE, late="never")
        self.assertProblem(result, ("CAE-LOAD-VALUE", 0, ""))
        with self.assertRaisesRegex(UserError, "^CAE-PERIOD-MONTH: "):
            self._load(TRUE, month="2026")
        self.assertFalse(self._slip())

    def test_a_file(self):
        text = "Matricule;Brut;Coût;Net;431;437\n0042;3 000,00;4030;2370;1400;260\n"
        load = self.Exchange.load_payslips_file

        def content(encoding):
            return base64.b64encode(text.encode(encoding)).decode()

        given = ("2026-01", "paie.csv")
        result = load(*given, content("cp1252"))
        self.assertProblem(result, ("CAE-FILE-ENCODING", 0, ""))
        self.assertProblem(load(*given, "é"), ("CAE-FILE-ENCODING", 0, ""))
        self.assertLoaded(
            load(*given, content("cp1252"), encoding="windows-1252"), created=1
        )
        self.assertLoaded(load(*given, content("utf-8")), unchanged=1)

    def test_the_wizard(self):
        text = "matricule;brut;cout;net;431\n0043;1;1;1;0\n"
        wizard = (
            self.env["cae.import"]
            .with_user(self.officer)
            .with_company(self.company)
            .create(
                {
                    "dataset": "payslips",
                    "month": LAST,
                    "file": base64.b64encode(text.encode()),
                    "filename": "paie.csv",
                }
            )
        )
        action = wizard.action_load()
        view = self.env.ref("cae_payroll.cae_payslip_import_view_form")
        self.assertEqual(action["view_id"], view.id)
        self.assertEqual(wizard.state, "checked")
        self.assertEqual(wizard.error_ids.code, "CAE-LOAD-MATRICULE")
        self.assertEqual(wizard.missing, "0042 Alice Test")
        self.alice.matricule = "0043"
        wizard.file = base64.b64encode(
            b"matricule;brut;cout;net;431;437\n0043;3000;4030;2370;1400;260\n"
        )
        wizard.action_check()
        self.assertEqual((wizard.created, wizard.error_ids.ids), (1, []))
        self.assertFalse(self._slip())
        self.assertEqual(wizard.missing, "")
        wizard.action_load()
        self.assertEqual((wizard.state, self._slip().state), ("done", "booked"))
        action = wizard.action_open_payslips()
        self.assertEqual(self.env["cae.payslip"].search(action["domain"]), self._slip())


@pay_tagged
class TestPayslipShared(SharedPayCommon):
    """People who share an activity, or have several."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.alice | cls.bob).with_context(tracking_disable=True)
        cls.alice.matricule, cls.bob.matricule = "1", "2"
        cls.Exchange = (
            cls.env["cae.payroll.exchange"]
            .with_user(cls.payroll)
            .with_company(cls.company)
        )

    def _row(self, line, matricule, more=10):
        """A payslip that costs some euros more than the estimate, due to URSSAF."""
        due = {}
        for item in ("social", "pension", "health"):
            cents = -sum(s.entry[f"debt_{item}"] for s in line.share_ids)
            account = "431" if item == "social" else "437"
            due[account] = due.get(account, 0) + cents
        return {
            "matricule": matricule,
            "brut": line.gross,
            "cout": round(line.cost + more, 2),
            "net": line.net,
            "431": due["431"] / 100 + more,
            "437": due["437"] / 100,
        }

    def test_one_entry_for_all_without_names(self):
        rows = [self._row(self.pay, "1"), self._row(self.bob_pay, "2", 5)]
        result = self.Exchange.load_payslips("2026-01", rows)
        self.assertEqual((result["errors"], result["created"]), ([], 2))
        slips = self.env["cae.payslip"].search([])
        self.assertEqual(len(slips.move_ids), 1)
        self.assertEqual(
            self._entry_of(slips.move_ids),
            {("T1", "645100"): 15, ("T1", "431000"): -15},
        )
        self.assertFalse(slips.move_ids.line_ids.partner_id)
        self.assertInvariant()

    def test_queries_do_not_grow_with_people(self):
        rows = [self._row(self.pay, "1"), self._row(self.bob_pay, "2", 5)]
        self.Exchange.load_payslips("2026-01", rows)
        before = self._queries(rows[:1], 11)
        self.assertLessEqual(self._queries(rows, 22), before + 6)

    def _queries(self, rows, more):
        """Queries of loading these payslips with another cost."""
        changed = [
            {**row, "cout": row["cout"] + more, "431": row["431"] + more}
            for row in rows
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        result = self.Exchange.load_payslips("2026-01", changed)
        self.env.flush_all()
        self.assertEqual(result["updated"], len(rows))
        return self.cr.sql_log_count - start

    def test_shared_as_the_estimate_was(self):
        """Carol's pay comes from two activities, 2 to 1."""
        self._contract(self.carol, 900)
        self._hold(self.second, carol=100)
        self._hold(self.third, carol=100)
        self._fund(self.second, 2000)
        self._fund(self.third, 1000)
        self.carol.matricule = "3"
        self.Period.with_company(self.company).month_run("2026-01", steps=["pay"])
        line = self._line(self.carol)
        self.assertEqual(line.state, "posted")
        parts = {s.activity_id.code: s.cost for s in line.share_ids}
        self.Exchange.load_payslips("2026-01", [self._row(line, "3", 30)])
        entry = self._entry_of(self.env["cae.payslip"].search([]).move_ids)
        for code, cost in parts.items():
            own = {account: v for (a, account), v in entry.items() if a == code}
            self.assertAlmostEqual(sum(own.values()), 0, 2)
            self.assertAlmostEqual(own["645100"], 30 * cost / line.cost, delta=0.02)
        self.assertInvariant()

    def test_only_payroll_officers_exchange(self):
        for user in (self.coach, self.accountant, self.entrepreneur, self.governance):
            exchange = self.env["cae.payroll.exchange"].with_user(user)
            for call in (
                lambda e: e.export_elements("2026-01", "silae"),
                lambda e: e.load_payslips("2026-01", []),
                lambda e: e.load_payslips_file("2026-01", "x", ""),
                lambda e: e.load_payslip_pdfs("2026-01", "x", ""),
            ):
                with self.assertRaises(AccessError):
                    call(exchange)
