import base64

from odoo.exceptions import AccessError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import CaeCommon, cae_tagged

CSV = """Date;Libellé;Débit;Crédit
12/02/2026;VIR DUPONT;;1 234,50
13/02/2026;FRAIS;4,50;
13/02/2026;FRAIS;4,50;
"""
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Id>S1</Id><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">60.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-02-12</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef>
<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Somebody</Nm></Dbtr>
<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>INVOICE 7</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
EMPTY = {"created": 0, "updated": 0, "unchanged": 0}


@cae_tagged
class TestBankImport(CaeCommon):
    """Bank lines come in once, all or nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            "bank-import",
            groups="cae_base.group_accountant",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.Exchange = cls.env["cae.exchange"].with_user(cls.accountant)
        cls.Line = cls.env["account.bank.statement.line"]

    def _row(self, key="K1", **values):
        return {
            "journal": self.bank.code,
            "date": "12/02/2026",
            "libelle": "VIR",
            "montant": "1 234,50",
            "reference": "",
            "partenaire": "",
            "cle": key,
            **values,
        }

    def _load(self, *rows, **options):
        return self.Exchange.load("bank_lines", list(rows), **options)

    def _load_statement(self, content, **options):
        return self.Exchange.load_statement(
            self.bank.code,
            "file",
            base64.b64encode(content.encode(options.pop("codec", "utf-8"))).decode(),
            **options,
        )

    def _lines(self):
        return self.Line.search([("journal_id", "=", self.bank.id)], order="id")

    def assertErrors(self, result, *wanted):
        found = [(e["code"], e["row"], e["column"]) for e in result["errors"]]
        self.assertEqual(found, list(wanted))
        self.assertFalse(self._lines() - self.known)

    def setUp(self):
        super().setUp()
        self.known = self._lines()

    # ------------------------------------------------------------------
    # Dataset
    # ------------------------------------------------------------------

    def test_rows_become_posted_lines_once(self):
        rows = [self._row(), self._row("K2", montant=-3.2, reference="R7")]
        self.assertEqual(self._load(*rows), {**EMPTY, "created": 2, "errors": []})
        line, other = self._lines()
        self.assertEqual((line.amount, line.state), (1234.5, "posted"))
        self.assertEqual((other.amount, other.ref), (-3.2, "R7"))
        self.assertEqual(self._load(*rows), {**EMPTY, "unchanged": 2, "errors": []})
        self.assertInvariant()

    def test_the_same_key_with_another_content_is_a_conflict(self):
        self._load(self._row())
        self.known = self._lines()
        for values in ({"montant": 5}, {"libelle": "X"}, {"date": "13/02/2026"}):
            with self.subTest(values):
                column = next(iter(values))
                result = self._load(self._row("K9"), self._row(**values))
                self.assertErrors(result, ("CAE-LOAD-CONFLICT", 2, column))

    def test_a_matched_line_is_still_unchanged(self):
        self._load(self._row(montant=100))
        move = self._document([(self.activities[0], 100, None)])
        item = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        self._lines().cae_match(items=[item.id])
        self.assertEqual(self._load(self._row(montant=100))["unchanged"], 1)

    def test_other_party_is_found_by_code_name_or_iban(self):
        self.partner_a.ref = "C0815"
        iban = "DE89370400440532013000"
        self.env["res.partner.bank"].create(
            {"acc_number": iban, "partner_id": self.partner_a.id}
        )
        names = ["C0815", self.partner_a.name, iban, "Nobody we know"]
        self._load(*(self._row(n, partenaire=n) for n in names))
        self.assertEqual(self._lines().mapped("partner_id"), self.partner_a)
        self.assertEqual(self._lines()[-1].partner_name, "Nobody we know")
        self.assertEqual(len(self._lines().filtered("partner_id")), 3)

    def test_what_is_wrong_has_its_row_and_column(self):
        for values, code, column in (
            ({"journal": "ZZZ"}, "CAE-LOAD-JOURNAL", "journal"),
            ({"montant": "0"}, "CAE-LOAD-AMOUNT", "montant"),
            ({"date": "31/02/2026"}, "CAE-LOAD-DATE", "date"),
            ({"libelle": ""}, "CAE-LOAD-REQUIRED", "libelle"),
            ({"cle": ""}, "CAE-LOAD-REQUIRED", "cle"),
        ):
            with self.subTest(values):
                result = self._load(self._row("K8"), self._row(**values))
                self.assertErrors(result, (code, 2, column))

    def test_locked_month_is_refused_or_taken_over(self):
        periods = self.env["cae.period"].with_company(self.company)
        periods._get(self._document([(self.activities[0], 1, None)]).date)
        row = self._row(date="12/01/2026")
        periods.search([])._set_state("locked")
        self.assertErrors(self._load(row), ("CAE-PERIOD-LOCKED", 1, "date"))
        self.assertEqual(self._load(row, late="next")["created"], 1)
        self.assertEqual(str(self._lines()[-1].date), "2026-02-01")
        self.assertEqual(self._load(row)["unchanged"], 1)

    def test_dry_run_writes_nothing(self):
        self.assertEqual(self._load(self._row(), dry_run=True)["created"], 1)
        self.assertEqual(self._load_statement(CSV, dry_run=True)["created"], 3)
        self.assertFalse(self._lines() - self.known)

    def test_index_refuses_a_second_line_with_one_key(self):
        self._load(self._row())
        line = self._lines()
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught:
            self.Line._cae_own().create(
                {"journal_id": self.bank.id, "amount": 1, "cae_import_key": "K1"}
            ).flush_recordset()
        self.assertIn("cae_import_key_uniq", str(caught.exception))
        self.assertEqual(line.cae_import_key, "K1")

    def test_queries_do_not_grow_with_the_stored_lines(self):
        rows = [self._row(f"K{n}", montant=n) for n in range(1, 21)]
        self._load(*rows)
        counts = []
        for some in (rows[:2], rows[:2], rows):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._load(*some)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    def test_csv_of_a_bank_is_loaded_once(self):
        self.assertEqual(self._load_statement(CSV)["created"], 3)
        self.assertEqual(self._lines().mapped("amount"), [1234.5, -4.5, -4.5])
        longer = CSV + "14/02/2026;VIR LOYER;;700\n"
        result = self._load_statement(longer)
        self.assertEqual(result, {**EMPTY, "created": 1, "unchanged": 3, "errors": []})
        declared = {"codec": "cp1252", "encoding": "windows-1252"}
        self.assertEqual(self._load_statement(longer, **declared)["unchanged"], 4)
        self.assertInvariant()

    def test_camt_makes_a_statement_with_its_balances(self):
        self.env["res.partner.bank"].create(
            {
                "acc_number": "DE89370400440532013000",
                "partner_id": self.partner_b.id,
            }
        )
        self.assertEqual(self._load_statement(CAMT)["created"], 1)
        line = self._lines()
        self.assertEqual(line.partner_id, self.partner_b)
        statement = line.statement_id
        self.assertEqual(statement.name, "S1")
        self.assertEqual(
            (statement.balance_start, statement.balance_end_real), (10, 60)
        )
        self.assertTrue(statement.is_complete)
        self.assertEqual(self._load_statement(CAMT)["unchanged"], 1)
        self.assertEqual(line.statement_id, statement)

    def test_the_same_payment_in_the_next_statement_is_another_one(self):
        first = CAMT.replace("<AcctSvcrRef>R1</AcctSvcrRef>", "")
        second = first.replace("60.00", "110.00").replace(">10.00<", ">60.00<")
        self.assertEqual(self._load_statement(first)["created"], 1)
        result = self._load_statement(second.replace("S1", "S2"))
        self.assertEqual(result, {**EMPTY, "created": 1, "errors": []})
        self.assertEqual(self._lines().mapped("amount"), [50, 50])
        self.assertEqual(self._load_statement(first)["unchanged"], 1)
        self.assertEqual(self._load_statement(second)["unchanged"], 1)
        statements = self._lines().statement_id.sorted("id")
        self.assertEqual(statements.mapped("balance_end_real"), [60, 110])
        self.assertTrue(all(statements.mapped("is_complete")))

    def test_statement_of_another_account_or_currency_is_refused(self):
        self.bank.bank_account_id = self.env["res.partner.bank"].create(
            {
                "acc_number": "FR7630004000031234567890143",
                "partner_id": self.company.partner_id.id,
            }
        )
        self.assertErrors(self._load_statement(CAMT), ("CAE-BANK-ACCOUNT", 0, ""))
        dollars = CAMT.replace("EUR", "USD").replace(
            "FR7630006000011234567890189", "FR7630004000031234567890143"
        )
        self.assertErrors(self._load_statement(dollars), ("CAE-BANK-CURRENCY", 0, ""))

    def test_files_that_cannot_be_read(self):
        for content, code in (
            (CAMT.replace("60.00", "61.00"), "CAE-BANK-BALANCE"),
            (CAMT[:-20], "CAE-BANK-XML"),
            ("OFXHEADER:100\n<OFX>", "CAE-BANK-OFX"),
            ("a;b\n1;2\n", "CAE-FILE-COLUMN"),
        ):
            with self.subTest(code):
                result = self._load_statement(content)
                self.assertErrors(result, (code, 0, ""))
                self.assertTrue(result["errors"][0]["message"])
        result = self.Exchange.load_statement(self.bank.code, "x", "é")
        self.assertErrors(result, ("CAE-FILE-ENCODING", 0, ""))
        result = self.Exchange.load_statement(
            "ZZZ", "x", base64.b64encode(CSV.encode()).decode()
        )
        self.assertEqual({e["code"] for e in result["errors"]}, {"CAE-LOAD-JOURNAL"})

    def test_every_reason_has_its_message(self):
        """The words of all reasons exist: a missing one would hide the problem."""
        reasons = {"bank_size", "bank_empty", "bank_ofx_row", "running", "both_sides"}
        self.assertLessEqual(reasons, set(self.Exchange._messages()))

    def test_wizard(self):
        wizard = self.env["cae.import"].with_user(self.accountant)
        wizard = wizard.with_company(self.company).create(
            {
                "dataset": "statement",
                "journal_id": self.bank.id,
                "file": base64.b64encode(CSV.replace("13/02", "31/02").encode()),
                "filename": "releve.csv",
            }
        )
        wizard.action_load()
        self.assertEqual(wizard.error_ids.mapped("row"), [2, 3])
        self.assertEqual(wizard.error_ids.mapped("column"), ["date", "date"])
        wizard.file = base64.b64encode(CSV.encode())
        wizard.action_check()
        self.assertEqual((wizard.state, wizard.created), ("checked", 3))
        wizard.action_load()
        self.assertEqual((wizard.state, wizard.created), ("done", 3))
        self.assertEqual(
            wizard.action_match()["res_model"], "account.bank.statement.line"
        )

    def test_only_accountants_load(self):
        for group in ("coach", "payroll"):
            user = new_test_user(
                self.env, f"import-{group}", groups=f"cae_base.group_{group}"
            )
            exchange = self.Exchange.with_user(user)
            with self.assertRaises(AccessError):
                exchange.load("bank_lines", [self._row()])
            with self.assertRaises(AccessError):
                exchange.load_statement(self.bank.code, "x", "")
