"""Bad input over RPC: its code, row and column, and nothing written (issue 2, §4.4).

Each case sends one bad row between sound ones, so that "all or nothing" is seen.
"""

import itertools
from dataclasses import dataclass
from datetime import date, timedelta

import contract
import pytest

#: What bad input must leave alone.
TABLES = (
    *("res_partner", "res_partner_bank", "cae_entrepreneur", "cae_contract"),
    *("cae_activity", "cae_activity_share", "account_analytic_account"),
    *("account_move", "account_move_line", "account_payment"),
    *("account_partial_reconcile", "account_analytic_line", "cae_exit_reason"),
    *("cae_team", "account_tax", "cae_contribution_line"),
)
LOCKED = "2025-03"

PERSON = {
    "code": "E1", "nom": "N’Diaye", "prenom": "Inès", "sexe": "F",
    "date_naissance": "03/01/1990", "email": "e1@example.org",
    "date_entree": "01/01/2020", "date_sortie": "", "motif_sortie": "",
    "statut": "CESA", "date_cesa": "01/01/2020", "part_fixe": "600,00",
    "date_associe": "16/09/2020", "conseiller": "Conseil Sud", "iban": "",
}  # fmt: skip
ACTIVITY = {
    "code": "A1", "nom": "Studio N’Diaye", "metier": "Développement web",
    "date_debut": "01/01/2020", "bareme": "STD10", "entrepreneurs": "E1:100",
}  # fmt: skip
CUSTOMER = {
    "code": "C1", "activite": "A1", "nom": "Client 1", "type": "entreprise",
    "siren": "", "cp": "44000", "ville": "Nantes", "pays": "FR",
}  # fmt: skip
OPENING = {
    "activite": "A1", "date": "01/01/2026", "compte": "512",
    "debit": "100,00", "credit": "0,00",
}  # fmt: skip
INVOICE = {
    "numero": "F1", "type": "facture", "origine": "", "date": "08/01/2026",
    "activite": "A1", "client": "C1", "libelle": "Journée d’intervention",
    "quantite": "1,00", "prix_unitaire_ht": "1 234,56", "taux_tva": "20",
    "nature": "service",
}  # fmt: skip
BILL = {
    "numero": "AC1", "date": "08/01/2026", "activite": "A1",
    "code_fournisseur": "FO1", "fournisseur": "Papeterie du Port",
    "libelle": "Achat", "montant_ht": "100,00", "taux_tva": "20", "nature": "achat",
}  # fmt: skip
PAYMENT = {
    "reference": "BQ1", "date": "20/01/2026", "document": "F1",
    "montant_ttc": "481,47", "mode": "virement",
}  # fmt: skip
SOUND = {
    "entrepreneurs": PERSON, "activities": ACTIVITY, "customers": CUSTOMER,
    "opening": OPENING, "invoices": INVOICE, "bills": BILL, "payments": PAYMENT,
}  # fmt: skip
FRESH = itertools.count(1)
KEYS = {"payments": "reference"}


@dataclass(frozen=True)
class Case:
    """A dataset, what is wrong in its second row, and what must be answered."""

    name: str
    dataset: str
    changes: dict
    code: str
    column: str


CASES = [
    Case("unknown activity", "invoices", {"activite": "A9999"},
         "CAE-LOAD-ACTIVITY", "activite"),
    Case("unknown activity of a bill", "bills", {"activite": "A9999"},
         "CAE-LOAD-ACTIVITY", "activite"),
    Case("unknown activity of a customer", "customers", {"activite": "A9999"},
         "CAE-LOAD-ACTIVITY", "activite"),
    Case("unknown activity of an opening", "opening", {"activite": "A9999"},
         "CAE-LOAD-ACTIVITY", "activite"),
    Case("unknown scheme", "activities", {"bareme": "STD99"},
         "CAE-LOAD-SCHEME", "bareme"),
    Case("unknown holder", "activities", {"entrepreneurs": "E9999:100"},
         "CAE-LOAD-ENTREPRENEUR", "entrepreneurs"),
    Case("date that does not exist", "invoices", {"date": "31/02/2026"},
         "CAE-LOAD-DATE", "date"),
    Case("date that does not exist, of a payment", "payments", {"date": "31/04/2026"},
         "CAE-LOAD-DATE", "date"),
    Case("birth date that does not exist", "entrepreneurs",
         {"date_naissance": "29/02/1990"}, "CAE-LOAD-DATE", "date_naissance"),
    Case("amount with letters", "bills", {"montant_ht": "1O0,00"},
         "CAE-LOAD-AMOUNT", "montant_ht"),
    Case("price with letters", "invoices", {"prix_unitaire_ht": "12,3O"},
         "CAE-LOAD-AMOUNT", "prix_unitaire_ht"),
    Case("payment with letters", "payments", {"montant_ttc": "cent"},
         "CAE-LOAD-AMOUNT", "montant_ttc"),
    Case("shares below 100", "activities", {"entrepreneurs": "E1:60|E2:39,5"},
         "CAE-SHARE-SUM", "entrepreneurs"),
    Case("shares above 100", "activities", {"entrepreneurs": "E1:60|E2:41"},
         "CAE-SHARE-SUM", "entrepreneurs"),
    Case("payment above what is open", "payments", {"montant_ttc": "1000,01"},
         "CAE-LOAD-OPEN", "montant_ttc"),
    Case("payment of an unknown document", "payments", {"document": "F404"},
         "CAE-LOAD-DOCUMENT", "document"),
    Case("credit note of an unknown invoice", "invoices",
         {"type": "avoir", "origine": "F404"}, "CAE-LOAD-ORIGIN", "origine"),
    Case("opening that does not balance", "opening", {"debit": "100,01"},
         "CAE-LOAD-BALANCE", "debit"),
    Case("unknown account", "opening", {"compte": "4999"},
         "CAE-LOAD-ACCOUNT", "compte"),
    Case("rate that the chart lacks", "invoices", {"taux_tva": "19,6"},
         "CAE-LOAD-TAX", "taux_tva"),
    Case("customer of another activity", "invoices", {"client": "C2"},
         "CAE-LOAD-CUSTOMER", "client"),
    Case("empty date", "bills", {"date": ""}, "CAE-LOAD-REQUIRED", "date"),
    Case("invoice in a locked month", "invoices", {"date": "15/03/2025"},
         "CAE-PERIOD-LOCKED", "date"),
    Case("bill in a locked month", "bills", {"date": "15/03/2025"},
         "CAE-PERIOD-LOCKED", "date"),
    Case("payment in a locked month", "payments", {"date": "15/03/2025"},
         "CAE-PERIOD-LOCKED", "date"),
    Case("opening in a locked month", "opening", {"date": "15/03/2025"},
         "CAE-PERIOD-LOCKED", "date"),
]  # fmt: skip


@pytest.fixture(scope="module")
def company(serve):
    """A company with two activities, an invoice of 1 481.47 € and a locked month."""
    server = serve()
    client = contract.Client(server)
    second = {**PERSON, "code": "E2", "email": "e2@example.org"}
    other = {**ACTIVITY, "code": "A2", "entrepreneurs": "E2:100"}
    loads = {
        "entrepreneurs": [PERSON, second],
        "activities": [ACTIVITY, other],
        "customers": [CUSTOMER, {**CUSTOMER, "code": "C2", "activite": "A2"}],
        "invoices": [INVOICE],
        "bills": [BILL],
        "payments": [PAYMENT],
    }
    for dataset, rows in loads.items():
        result = client.load(dataset, rows)
        assert result["errors"] == [], (dataset, result)
    client.run(LOCKED, steps=["contributions"])
    client.call("cae.period", "lock", month=LOCKED)
    yield server
    server.stop()


@pytest.fixture(scope="module", params=contract.ENDPOINTS)
def client(request, company):
    return contract.Client(company, request.param)


@pytest.fixture
def unchanged(company):
    """Fail when the test wrote something."""
    before = contract.stored(company.database, TABLES)
    yield
    assert contract.stored(company.database, TABLES) == before


def fresh(dataset, **changes):
    """Sound rows with a key of their own: two sides of an opening, else one row."""
    number = next(FRESH)
    row = {**SOUND[dataset], **changes}
    if dataset == "opening":
        day = date(2025, 4, 1) + timedelta(days=number)
        row = {**row, "date": f"{day:%d/%m/%Y}", **changes}
        return [row, {**row, "compte": "110", "debit": "0,00", "credit": "100,00"}]
    key = KEYS.get(dataset) or next(iter(row))
    return [{**row, key: f"{row[key]}-{number}"}]


def one_error(result):
    """The only error of a load that counts nothing."""
    counts = [result[name] for name in ("created", "updated", "unchanged")]
    assert counts == [0, 0, 0], result
    (error,) = result["errors"]
    assert set(error) == {"code", "row", "column", "message"}
    assert error["message"] and "%(" not in error["message"]
    return error["code"], error["row"], error["column"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_bad_row(client, unchanged, case):
    sound = fresh(case.dataset)
    if case.dataset == "payments":
        sound = fresh("payments", montant_ttc="1,00")
    bad = fresh(case.dataset, **case.changes)
    rows = sound + bad + fresh(case.dataset, **sound_after(case.dataset))
    row = len(sound) + 1
    if case.code == "CAE-LOAD-BALANCE":
        # The gap is in the document: its last row.
        row = len(sound) + len(bad)
    if case.code == "CAE-LOAD-ACCOUNT":
        row = len(sound) + 1
    assert one_error(client.load(case.dataset, rows)) == (case.code, row, case.column)


def sound_after(dataset):
    return {"montant_ttc": "2,00"} if dataset == "payments" else {}


def test_number_with_other_content(client, unchanged):
    rows = [{**INVOICE, "prix_unitaire_ht": "1 234,57"}]
    assert one_error(client.load("invoices", fresh("invoices") + rows)) == (
        "CAE-LOAD-CONFLICT",
        2,
        "prix_unitaire_ht",
    )


@pytest.mark.parametrize(
    "dataset, changes, column",
    [
        ("bills", {"montant_ht": "100,01"}, "montant_ht"),
        ("bills", {"activite": "A2"}, "activite"),
        ("payments", {"montant_ttc": "481,46"}, "montant_ttc"),
        ("payments", {"date": "21/01/2026"}, "date"),
        ("invoices", {"date": "09/01/2026"}, "date"),
    ],
)
def test_key_with_other_content(client, unchanged, dataset, changes, column):
    result = client.load(dataset, [{**SOUND[dataset], **changes}])
    assert one_error(result) == ("CAE-LOAD-CONFLICT", 1, column)


def test_number_twice_in_the_file(client, unchanged):
    one, between = fresh("invoices"), fresh("invoices")
    again = [{**one[0], "libelle": "Autre chose"}]
    code, row, _column = one_error(client.load("invoices", one + between + again))
    assert (code, row) == ("CAE-LOAD-CONFLICT", 3)


def test_payments_of_one_file_together_above_what_is_open(client, unchanged):
    rows = fresh("payments", montant_ttc="600,00")
    rows += fresh("payments", montant_ttc="400,01")
    assert one_error(client.load("payments", rows)) == (
        "CAE-LOAD-OPEN",
        2,
        "montant_ttc",
    )


def test_every_error_is_told_at_once(client, unchanged):
    rows = fresh("bills", montant_ht="abc", date="32/01/2026")
    rows += fresh("bills", activite="A9999")
    result = client.load("bills", rows)
    found = {(e["code"], e["row"], e["column"]) for e in result["errors"]}
    assert found == {
        ("CAE-LOAD-AMOUNT", 1, "montant_ht"),
        ("CAE-LOAD-DATE", 1, "date"),
        ("CAE-LOAD-ACTIVITY", 2, "activite"),
    }


def test_missing_column(client, unchanged):
    columns = [name for name in BILL if name != "montant_ht"]
    content = contract.csv_of(fresh("bills") + fresh("bills"), columns)
    result = client.load_file("bills", "achats.csv", content)
    assert one_error(result) == ("CAE-FILE-COLUMN", 1, "montant_ht")


def test_undeclared_latin1(client, unchanged):
    """The second row has the first accent that UTF-8 does not read."""
    rows = fresh("bills", libelle="Papier") + fresh("bills", libelle="Dîner")
    content = contract.csv_of(rows, encoding="latin-1")
    result = client.load_file("bills", "achats.csv", content)
    assert one_error(result) == ("CAE-FILE-ENCODING", 2, "libelle")
    declared = {"dry_run": True, "encoding": "windows-1252"}
    result = client.load_file("bills", "achats.csv", content, **declared)
    assert (result["created"], result["errors"]) == (2, [])


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_empty_file(client, unchanged, content):
    result = client.load_file("bills", "achats.csv", content)
    code, _row, _column = one_error(result)
    assert code == "CAE-FILE-EMPTY"


def test_header_only(client, unchanged):
    result = client.load_file(
        "bills", "achats.csv", contract.csv_of([BILL]).split(b"\r\n")[0]
    )
    code, _row, _column = one_error(result)
    assert code == "CAE-FILE-EMPTY"


def test_unknown_dataset(client, unchanged):
    assert one_error(client.load("nothing", [BILL])) == ("CAE-LOAD-DATASET", 0, "")


def test_content_that_is_not_base64(client, unchanged):
    result = client.call(
        "cae.exchange", "load_file",
        dataset="bills", name="achats.csv", content_base64="é~",
    )  # fmt: skip
    code, _row, _column = one_error(result)
    assert code == "CAE-FILE-ENCODING"


def test_late_document_goes_to_the_first_open_month(client):
    """With ``late="next"`` a document of a locked month is taken on the next 1st."""
    (row,) = fresh("bills", date="15/03/2025")
    result = client.load("bills", [row], late="next")
    assert (result["created"], result["errors"]) == (1, [])
    (move,) = client.read(
        "account.move", [("name", "=", row["numero"])], ["date", "invoice_date"]
    )
    assert (move["date"], move["invoice_date"]) == ("2025-04-01", "2025-03-15")
    again = client.load("bills", [row], late="next")
    assert (again["unchanged"], again["errors"]) == (1, [])


@pytest.mark.parametrize(
    "model, method, values, code",
    [
        ("cae.period", "month_run", {"month": "2026-13"}, "CAE-PERIOD-MONTH"),
        ("cae.period", "month_run", {"month": "2026-01", "steps": ["x"]},
         "CAE-PERIOD-STEP"),
        ("cae.activity", "ledger", {"codes": ["A404"]}, "CAE-ACTIVITY-UNKNOWN"),
        ("cae.activity", "ledger", {"codes": ["A1"], "date_to": "31/12/2026"},
         "CAE-DATE"),
        ("cae.activity", "figures", {"codes": [], "months": ["janvier"]},
         "CAE-PERIOD-MONTH"),
        ("cae.activity", "treasury", {"codes": ["A1"], "date": "2026-02-30"},
         "CAE-DATE"),
        ("cae.activity", "statement", {"codes": ["A1"], "month": "x"},
         "CAE-PERIOD-MONTH"),
        ("cae.key.figures", "get", {"date": "demain"}, "CAE-DATE"),
        ("cae.key.figures", "overview", {"filters": {"sexe": "F"}},
         "CAE-FIGURES-FILTER"),
        ("cae.key.figures", "series", {"keys": ["rien"]}, "CAE-FIGURES-KEY"),
        ("cae.contribution.scheme", "simulate", {"code": "X", "months": []},
         "CAE-SCHEME-UNKNOWN"),
        ("cae.contribution.scheme", "simulate", {"code": "STD10", "months": [
            {"month": "2026-02"}, {"month": "2026-01"}]}, "CAE-CONTRIBUTION-MONTHS"),
    ],
)  # fmt: skip
def test_wrong_argument(client, unchanged, model, method, values, code):
    with pytest.raises(contract.Refused) as caught:
        client.call(model, method, **values)
    assert (caught.value.kind, caught.value.code) == ("user", code)
