import base64

from odoo.exceptions import AccessError

from .common import JANUARY, SharedPayCommon, pay_tagged
from .test_payroll_exchange import TRUE, ExchangeCommon

#: The payslip of Alice by account: 3 000 € gross, 1 030 € of charges, 70 € of tax.
ALICE = (
    ("641100", "2800,00", ""),
    ("641200", "200,00", ""),
    ("645100", "900,00", ""),
    ("645300", "130,00", ""),
    ("421000", "", "2300,00"),
    ("442100", "", "70,00"),
    ("431000", "", "1400,00"),
    ("437000", "", "260,00"),
)


def journal(entry, matricule="0042", **cells):
    """Rows of a journal."""
    return [
        {
            "date": "31/01/2026", "matricule": matricule, "compte": account,
            "libelle": "Salaires de janvier", "debit": debit, "credit": credit, **cells,
        }
        for account, debit, credit in entry
    ]  # fmt: skip


@pay_tagged
class TestPayrollJournal(ExchangeCommon):
    """The payroll journal becomes the payslips, by hand."""

    def setUp(self):
        super().setUp()
        self._run_month()

    def _load(self, rows, month="2026-01", **options):
        return self.Exchange.load_payroll_journal(month, rows, **options)

    def test_a_journal_on_paper(self):
        """The difference to the estimate, by the journal's own accounts.

        ======== ========= ========= ==========
        account  estimate  payslip   difference
        641100    3 000.00  2 800.00    −200.00
        641200               200.00      200.00
        645100      888.38    900.00      11.62
        645300      135.10    130.00      −5.10
        421000   −2 374.79 −2 300.00      74.79
        442100                −70.00     −70.00
        431000   −1 393.29 −1 400.00      −6.71
        437000     −255.40   −260.00      −4.60
        ======== ========= ========= ==========
        """
        self.assertLoaded(self._load(journal(ALICE)), created=1)
        slip = self._slip()
        self.assertRecordValues(
            slip,
            [
                {
                    "state": "booked",
                    "gross": 3000,
                    "cost": 4030,
                    "net": 2300,
                    "withheld": 70,
                    "gap_cost": 6.52,
                }
            ],
        )
        self.assertEqual(
            self._entry_of(slip.move_ids),
            {
                ("T1", "641100"): -200,
                ("T1", "641200"): 200,
                ("T1", "645100"): 11.62,
                ("T1", "645300"): -5.10,
                ("T1", "421000"): 74.79,
                ("T1", "442100"): -70,
                ("T1", "431000"): -6.71,
                ("T1", "437000"): -4.60,
            },
        )
        self.assertInvariant()

    def test_loading_again(self):
        """Unchanged, whatever the order of the rows; else the difference is booked."""
        self._load(journal(ALICE))
        moves = self._slip().move_ids
        again = journal(ALICE[::-1], date="2026-01")
        self.assertLoaded(self._load(again), unchanged=1)
        self.assertEqual(self._slip().move_ids, moves)
        other = [("645100", "1,50", ""), ("431000", "", "1,50")]
        self.assertLoaded(self._load(journal((*ALICE, *other))), updated=1)
        self.assertEqual(
            self._entry_of(self._slip().move_ids - moves),
            {("T1", "645100"): 1.5, ("T1", "431000"): -1.5},
        )
        self.assertInvariant()

    def test_totals_and_journal_correct_each_other(self):
        self.Exchange.load_payslips("2026-01", [TRUE])
        self.assertLoaded(self._load(journal(ALICE)), updated=1)
        self.assertEqual((self._slip().net, self._slip().gap_cost), (2300, 6.52))
        self.assertInvariant()

    def test_a_dry_run_writes_nothing(self):
        self.assertLoaded(self._load(journal(ALICE), dry_run=True), created=1)
        self.assertFalse(self._slip())

    def test_an_analytic_code_names_who_is_paid(self):
        rows = journal(ALICE, matricule="", analytique="T1")
        self.assertLoaded(self._load(rows), created=1)
        self.assertEqual(self._slip().gross, 3000)

    def test_rows_of_nobody_are_refused(self):
        """Totals, transfers, and codes of nobody: each by its row."""
        transfer = journal([("421000", "2300,00", ""), ("512000", "", "2300,00")], "")
        code = journal([("641100", "1,00", "")], "", analytique="T2")
        self.assertProblem(
            self._load([*journal(ALICE), *transfer, *code]),
            ("CAE-LOAD-REQUIRED", 9, "matricule"),
            ("CAE-LOAD-REQUIRED", 10, "matricule"),
            ("CAE-LOAD-REQUIRED", 11, "matricule"),
        )
        self.assertFalse(self._slip())

    def test_problems_of_the_rows(self):
        """People without an estimate, unknown people and accounts, days, balance."""
        other = [("641100", "10,00", ""), ("421000", "", "10,00")]
        cases = (
            (journal(other, "12"), ("CAE-PAYSLIP-PAY", 1, "matricule")),
            (journal(other, "99"), ("CAE-LOAD-MATRICULE", 1, "matricule")),
            (
                journal([*other, ("641999", "5", ""), ("421", "", "5")]),
                ("CAE-LOAD-ACCOUNT", 3, "compte"),
            ),
            (
                journal([*other, ("512000", "5", ""), ("421", "", "5")]),
                ("CAE-LOAD-ACCOUNT", 3, "compte"),
            ),
            (
                journal(other) + journal(other, date="01/02/2026"),
                *(("CAE-LOAD-DATE", row, "date") for row in (3, 4)),
            ),
            (journal(ALICE[:-1]), ("CAE-LOAD-BALANCE", 1, "debit")),
            (
                journal([("641100", "10,00", "1,00"), ("421000", "", "9,00")]),
                ("CAE-LOAD-AMOUNT", 1, "credit"),
            ),
            (
                [{"matricule": "0042", "debit": "1"}],
                ("CAE-FILE-COLUMN", 1, "compte"),
            ),
            (["x"], ("CAE-LOAD-TYPE", 1, "")),
            ("x", ("CAE-LOAD-TYPE", 0, "")),
        )
        for rows, *expected in cases:
            with self.subTest(expected=expected):
                self.assertProblem(self._load(rows), *expected)
        self.assertFalse(self._slip())

    def test_a_locked_month(self):
        self.Period._get(JANUARY)._set_state("locked")
        rows = journal(ALICE)
        self.assertProblem(self._load(rows), ("CAE-PERIOD-LOCKED", 1, "matricule"))
        self.assertLoaded(self._load(rows, late="next"), created=1)
        self.assertEqual(str(self._slip().move_ids.date), "2026-02-01")
        self.assertInvariant()

    def test_the_wizard(self):
        text = "Matricule;Compte;Libellé;Débit;Crédit\n" + "".join(
            f"0042;{account};Paie;{debit};{credit}\n"
            for account, debit, credit in ALICE
        )
        wizard = (
            self.env["cae.import"]
            .with_user(self.officer)
            .with_company(self.company)
            .create(
                {
                    "dataset": "payroll_journal",
                    "month": JANUARY,
                    "file": base64.b64encode(text.encode()),
                    "filename": "journal.csv",
                }
            )
        )
        wizard.action_load()
        self.assertEqual((wizard.state, wizard.created), ("done", 1))
        self.assertEqual(self._slip().state, "booked")


@pay_tagged
class TestPayrollJournalShared(SharedPayCommon):
    """Several people in one journal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice.matricule, cls.bob.matricule = "1", "2"
        cls.Exchange = (
            cls.env["cae.payroll.exchange"]
            .with_user(cls.payroll)
            .with_company(cls.company)
        )

    def _rows(self, *people):
        """A journal sorted by account, as payroll software prints it."""
        entry = (
            ("641100", "1000,00", ""),
            ("645100", "30,00", ""),
            ("421000", "", "790,00"),
            ("431000", "", "240,00"),
        )
        return [
            row
            for item in entry
            for matricule in people
            for row in journal([item], matricule)
        ]

    def test_people_without_payslip_are_told(self):
        result = self.Exchange.load_payroll_journal("2026-01", self._rows("1"))
        bob = {"matricule": "2", "name": self.bob.name}
        self.assertEqual((result["created"], result["missing"]), (1, [bob]))
        rows = self._rows("1", "2")
        result = self.Exchange.load_payroll_journal("2026-01", rows, dry_run=True)
        self.assertEqual((result["unchanged"], result["missing"]), (1, []))
        result = self.Exchange.load_payroll_journal("2026-01", self._rows("2"))
        self.assertEqual((result["created"], result["missing"]), (1, []))
        self.assertInvariant()

    def test_an_activity_that_pays_two_names_nobody(self):
        rows = [{**row, "matricule": "", "analytique": "T1"} for row in self._rows("1")]
        result = self.Exchange.load_payroll_journal("2026-01", rows)
        self.assertEqual(
            [(e["code"], e["row"]) for e in result["errors"]],
            [("CAE-LOAD-REQUIRED", row) for row in (1, 2, 3, 4)],
        )
        self.assertIn("T1", result["errors"][0]["message"])

    def test_queries_do_not_grow_with_people(self):
        one = self._queries("1")
        self.env["cae.payslip"].search([]).with_user(self.payroll).action_undo("Again")
        self.assertLessEqual(self._queries("1", "2"), one + 8)

    def _queries(self, *people):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        result = self.Exchange.load_payroll_journal("2026-01", self._rows(*people))
        self.env.flush_all()
        self.assertEqual(result["errors"], [])
        return self.cr.sql_log_count - start

    def test_only_payroll_officers_load_it(self):
        for user in (self.coach, self.accountant, self.entrepreneur, self.governance):
            exchange = self.env["cae.payroll.exchange"].with_user(user)
            with self.assertRaises(AccessError):
                exchange.load_payroll_journal("2026-01", [])
            with self.assertRaises(AccessError):
                exchange.load_payroll_journal_file("2026-01", "x", "")
