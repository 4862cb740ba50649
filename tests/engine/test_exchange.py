"""Rows of other programs: cells, documents, problems; no database."""

import csv
import math
from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest
from cae_base_engine import exchange, people, tabular
from cae_base_engine.exchange import DATASETS, CellError, parse
from cae_base_engine.tabular import TableError, read_table
from hypothesis import given
from hypothesis import strategies as st

DEMO = Path(__file__).parents[1] / "data" / "cae-demo"
FILES = {
    "schemes": ("baremes", 5),
    "entrepreneurs": ("entrepreneurs", 60),
    "activities": ("activites", 40),
    "customers": ("clients", 136),
    "opening": ("ouvertures", 35),
    "invoices": ("factures", 603),
    "bills": ("achats", 304),
    "payments": ("reglements", 660),
}
AMOUNTS = st.decimals("-99999999.99", "99999999.99", places=2)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def line(**values):
    return {
        "numero": "F1", "type": "facture", "origine": "", "date": "15/01/2026",
        "activite": "A1", "client": "C1", "libelle": "Prestation", "quantite": "1,00",
        "prix_unitaire_ht": "100,00", "taux_tva": "20", "nature": "service", **values,
    }  # fmt: skip


def person(**values):
    return {
        "code": "E1", "nom": "N", "prenom": "I", "sexe": "F", "date_naissance": "",
        "email": "", "date_entree": "2024-01-01", "date_sortie": "",
        "motif_sortie": "", "statut": "CESA", "date_cesa": "2024-07-01",
        "part_fixe": "600", "date_associe": "", "conseiller": "", "iban": "", **values,
    }  # fmt: skip


def found(dataset, rows):
    problems = parse(DATASETS[dataset], rows).problems
    return [(p.code, p.row, p.column) for p in problems]


# Files -----------------------------------------------------------------------


@pytest.mark.parametrize("dataset", FILES)
def test_demo_files_have_no_problem(dataset):
    name, count = FILES[dataset]
    rows = read_table((DEMO / f"{name}.csv").read_bytes())
    parsed = parse(DATASETS[dataset], rows)
    assert parsed.problems == []
    assert len(parsed.documents) == count


@pytest.mark.parametrize("name", [name for name, _count in FILES.values()])
def test_columns_are_those_of_the_demo_files(name):
    dataset = next(d for d, (file, _n) in FILES.items() if file == name)
    with (DEMO / f"{name}.csv").open(encoding="utf-8-sig") as lines:
        header = next(csv.reader(lines, delimiter=";"))
    assert [column.name for column in DATASETS[dataset].columns] == header


@pytest.mark.parametrize(
    ("content", "encoding", "name"),
    [
        ("code;nom\nA;é\n".encode(), "", ""),
        ("code;nom\nA;é\n".encode("utf-8-sig"), "", ""),
        ("\ufeffCode ;NOM\r\nA;é\r\n".encode(), "utf-8", ""),
        ("code\tnom\nA\té\n".encode("utf-16"), "", ""),
        ("code;nom\nA;é\n".encode("cp1252"), "Windows-1252", ""),
        ("code;nom\nA;é\n".encode("cp1252"), "", "clients.CP1252.csv"),
        ('code;nom\nA;"é"\n\n;\n'.encode(), "", ""),
        ("code;nom;;\nA;é;;\n".encode(), "", ""),
    ],
)
def test_files_are_read(content, encoding, name):
    assert read_table(content, name, encoding) == [{"code": "A", "nom": "é"}]


@pytest.mark.parametrize(
    ("content", "code", "row", "column"),
    [
        (b"", "CAE-FILE-EMPTY", 1, ""),
        (b"\n\n", "CAE-FILE-EMPTY", 1, ""),
        (b"code;nom\n;\n", "CAE-FILE-EMPTY", 1, "code"),
        ("code;nom\nA;b\nB;é\n".encode("latin-1"), "CAE-FILE-ENCODING", 2, "nom"),
        ("codé;nom\nA;b\n".encode("latin-1"), "CAE-FILE-ENCODING", 0, ""),
        (b"code;nom\nA;b;c\n", "CAE-FILE-COLUMN", 1, ""),
        (b"code;nom\nA;b\nB\n", "CAE-FILE-COLUMN", 2, "nom"),
        (b"code; CODE\nA;b\n", "CAE-FILE-COLUMN", 1, "code"),
        (b"code;nom\nA;\x00\n", "CAE-FILE-ENCODING", 0, ""),
    ],
)
def test_files_are_refused(content, code, row, column):
    with pytest.raises(TableError) as error:
        read_table(content)
    problem = error.value.problem
    assert (problem.code, problem.row, problem.column) == (code, row, column)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(TableError, match="CAE-FILE-ENCODING"):
        read_table(b"a;b\n1;2\n", encoding="klingon")
    assert tabular.declared("clients.utf8.csv") == "utf8"
    assert tabular.declared("cp1252.csv") == ""


@given(st.binary(max_size=200))
def test_no_bytes_make_reading_crash(content):
    try:
        rows = read_table(content)
    except TableError as error:
        assert error.problem.code.startswith("CAE-FILE-")
    else:
        assert all(isinstance(row, dict) for row in rows)


def test_blank_lines_keep_their_numbers():
    rows = read_table(b"code;libelle\nA;x\n;\n\nB;\n")
    parsed = parse(DATASETS["schemes"], rows)
    assert [p.row for p in parsed.problems] == [4]
    assert [d.row for d in parsed.documents] == [1]


# Cells -----------------------------------------------------------------------


@given(AMOUNTS)
def test_amounts_survive_every_writing(amount):
    french = f"{amount:,}".replace(",", "\u202f").replace(".", ",")
    for cell in (amount, str(amount), float(amount), french, french + " ", f"{amount}"):
        assert exchange.number(cell) == amount


@given(st.lists(st.decimals("-999999", "999999", places=2), max_size=30))
def test_sums_of_floats_are_amounts(amounts):
    assert exchange.number(sum(map(float, amounts), 0.0)) == sum(amounts, D(0))


@pytest.mark.parametrize(
    "cell",
    ["12a", "douze", "1,2,3", "1.234,56", "1e5", "--1", "", math.nan, math.inf, "nan",
     -math.inf, "Infinity", "0,001", 0.005, 1e15, "1" * 20, True, [1], "½", "٣"],
)  # fmt: skip
def test_what_is_no_amount(cell):
    with pytest.raises(CellError):
        exchange.number(cell)


@given(DAYS)
def test_dates_survive_every_writing(day):
    french = f"{day.day:02d}/{day.month:02d}/{day.year}"
    for cell in (day, day.isoformat(), french, f"{day.isoformat()} 00:00:00"):
        assert exchange.day(cell) == day


@pytest.mark.parametrize(
    "cell", ["31/02/2026", "2026-13-01", "1/1/26", "08-01-2026", "hier", 20260108, "",
             "2026-01-08 12:00:00", "01/01/0026", "2026/01/08"],
)  # fmt: skip
def test_what_is_no_date(cell):
    with pytest.raises(CellError, match="CAE-LOAD-DATE"):
        exchange.day(cell)


@given(st.lists(st.integers(1, 99_999), min_size=1, max_size=6))
def test_shares_add_up_to_a_hundred(parts):
    shares = [D(part) / 1000 for part in parts]
    cell = "|".join(f"E{n}:{share}" for n, share in enumerate(shares))
    if sum(shares) == 100:
        assert [share for _code, share in exchange.shares(cell)] == shares
    else:
        with pytest.raises(CellError, match="CAE-SHARE-SUM"):
            exchange.shares(cell)


@pytest.mark.parametrize(
    "cell", ["E1", "E1:", ":100", "E1:100|", "E1:50|E1:50", "E1:150|E2:-50", "E1;100"]
)
def test_what_are_no_shares(cell):
    with pytest.raises(CellError):
        exchange.shares(cell)


def test_ibans_are_verified():
    assert exchange.iban("fr76 3000 4000 0100 0000 0000 136")[-3:] == "136"
    for bad in ("FR7630004000010000000000137", "FR76", "x"):
        with pytest.raises(CellError, match="CAE-LOAD-IBAN"):
            exchange.iban(bad)


def test_choices_ignore_case_and_accents():
    rows = [line(type="FACTURE", nature="Service"), line(numero="F2", nature="truc")]
    parsed = parse(DATASETS["invoices"], rows)
    assert parsed.documents[0].values["nature"] == "service"
    assert [(p.code, p.row, p.column) for p in parsed.problems] == [
        ("CAE-LOAD-VALUE", 2, "nature")
    ]


# Rows ------------------------------------------------------------------------

CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.lists(st.integers(), max_size=2), st.dates(), AMOUNTS,
)  # fmt: skip


@given(st.sampled_from(sorted(DATASETS)), st.data())
def test_no_row_makes_parsing_crash(dataset, data):
    names = [column.name for column in DATASETS[dataset].columns]
    row = st.fixed_dictionaries({name: CELLS for name in names})
    rows = data.draw(st.lists(st.one_of(row, CELLS), max_size=4))
    parsed = parse(DATASETS[dataset], rows)
    kept = {row.number for document in parsed.documents for row in document.rows}
    assert not kept & {problem.row for problem in parsed.problems}
    assert all(1 <= problem.row <= len(rows) for problem in parsed.problems)


NUMBERS = [
    (name, column.name)
    for name, dataset in DATASETS.items()
    for column in dataset.columns
    if column.kind in exchange.DIGITS
]


@pytest.mark.parametrize(("dataset", "column"), NUMBERS)
@pytest.mark.parametrize("value", [1e12, 1e30, -1e30, 1e308, "9" * 40, 10**40])
def test_numbers_out_of_reach_are_told_with_their_place(dataset, column, value):
    blank = {each.name: "" for each in DATASETS[dataset].columns}
    assert ("CAE-LOAD-AMOUNT", 1, column) in found(dataset, [{**blank, column: value}])


def test_a_product_out_of_reach_is_told_with_its_place():
    row = line(quantite=1e8, prix_unitaire_ht=1e8)
    assert found("invoices", [row]) == [("CAE-LOAD-AMOUNT", 1, "prix_unitaire_ht")]


def test_every_problem_is_told_at_once():
    rows = [
        line(activite=""),
        line(numero="F2", date="30/02/2026", prix_unitaire_ht="x"),
        "not a row",
        line(numero=None),
    ]
    assert found("invoices", rows) == [
        ("CAE-LOAD-REQUIRED", 1, "activite"),
        ("CAE-LOAD-DATE", 2, "date"),
        ("CAE-LOAD-AMOUNT", 2, "prix_unitaire_ht"),
        ("CAE-LOAD-TYPE", 3, ""),
        ("CAE-LOAD-REQUIRED", 4, "numero"),
    ]


def test_a_missing_column_is_told_once():
    rows = [line(numero=f"F{n}") for n in range(3)]
    for row in rows:
        del row["taux_tva"]
    assert found("invoices", rows) == [("CAE-FILE-COLUMN", 1, "taux_tva")]


def test_lines_of_a_number_make_a_document():
    parsed = parse(DATASETS["invoices"], [line(), line(), line(numero="F2")])
    assert [len(document.rows) for document in parsed.documents] == [2, 1]


def test_a_number_has_one_heading():
    for column, value in (
        ("date", "16/01/2026"), ("client", "C2"), ("activite", "A2"), ("type", "avoir"),
    ):  # fmt: skip
        rows = [line(), line(**{column: value})]
        assert found("invoices", rows) == [("CAE-LOAD-CONFLICT", 2, column)]


def test_a_number_comes_back_with_the_same_content_or_not_at_all():
    rows = [line(), line(numero="F2"), line()]
    assert len(parse(DATASETS["invoices"], rows).documents) == 2
    rows[2] = line(libelle="Autre")
    assert found("invoices", rows) == [("CAE-LOAD-CONFLICT", 3, "libelle")]
    scheme = {"code": "A", "libelle": "x"}
    assert found("schemes", [scheme, scheme]) == []
    assert found("schemes", [scheme, {**scheme, "libelle": "y"}]) == [
        ("CAE-LOAD-CONFLICT", 2, "libelle")
    ]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"origine": "F0"}, ("CAE-LOAD-VALUE", 1, "origine")),
        ({"type": "avoir", "origine": "F1"}, ("CAE-LOAD-ORIGIN", 1, "origine")),
        ({"prix_unitaire_ht": "-1"}, ("CAE-LOAD-AMOUNT", 1, "prix_unitaire_ht")),
        ({"taux_tva": "-20"}, ("CAE-LOAD-AMOUNT", 1, "taux_tva")),
    ],
)
def test_invoices_are_refused(values, problem):
    assert found("invoices", [line(**values)]) == [problem]


def test_a_discount_line_may_be_negative():
    rows = [line(), line(prix_unitaire_ht="-20")]
    assert found("invoices", rows) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"date_cesa": ""}, ("CAE-LOAD-REQUIRED", 1, "date_cesa")),
        ({"statut": "CAPE"}, ("CAE-LOAD-VALUE", 1, "date_cesa")),
        ({"date_cesa": "2023-12-31"}, ("CAE-LOAD-DATE", 1, "date_cesa")),
        ({"date_sortie": "2023-12-31", "date_cesa": "2024-01-01"},
         ("CAE-LOAD-DATE", 1, "date_sortie")),
        ({"motif_sortie": "retraite"}, ("CAE-LOAD-REQUIRED", 1, "date_sortie")),
        ({"date_naissance": "2025-01-01"}, ("CAE-LOAD-DATE", 1, "date_entree")),
        ({"sexe": "H"}, ("CAE-LOAD-VALUE", 1, "sexe")),
        ({"part_fixe": "-1"}, ("CAE-LOAD-AMOUNT", 1, "part_fixe")),
    ],
)  # fmt: skip
def test_entrepreneurs_are_refused(values, problem):
    assert problem in found("entrepreneurs", [person(**values)])


def test_openings_balance():
    side = {"activite": "A1", "date": "01/01/2026", "compte": "512"}
    rows = [
        {**side, "debit": "10,00", "credit": ""},
        {**side, "activite": "A2", "debit": "5,00", "credit": "0,00"},
        {**side, "compte": "110", "debit": "", "credit": "10,00"},
        {**side, "activite": "A2", "compte": "110", "debit": "", "credit": "4,99"},
    ]
    assert found("opening", rows) == [("CAE-LOAD-BALANCE", 4, "debit")]
    rows[3]["credit"] = "5,00"
    assert len(parse(DATASETS["opening"], rows).documents) == 2
    both = [{**side, "debit": "1", "credit": "1"}]
    assert found("opening", both) == [("CAE-LOAD-AMOUNT", 1, "credit")]


def test_vat_shared_by_services_and_goods_is_that_of_the_rate():
    rows = [
        line(prix_unitaire_ht="687,37"),
        line(prix_unitaire_ht="1109,13", quantite="2", nature="bien"),
        line(prix_unitaire_ht="10", taux_tva="5,5"),
    ]
    (document,) = parse(DATASETS["invoices"], rows).documents
    # (687.37 + 2 218.26) × 20 % = 581.126; each on its own: 137.47 + 443.65 = 581.12
    assert exchange.shared_vat(document) == {D(20): D("581.13")}


# People ----------------------------------------------------------------------


@given(st.lists(st.tuples(DAYS, st.one_of(st.none(), DAYS)), max_size=5), DAYS)
def test_days_before_counts_each_day_once(intervals, day):
    intervals = [(a, b and max(a, b)) for a, b in intervals]
    first = min([a for a, _b in intervals], default=day)
    first = max(first, day - timedelta(days=800))
    near = [(max(a, first), b) for a, b in intervals if not b or b >= first]
    days = (first + timedelta(days=n) for n in range((day - first).days))
    expected = sum(any(people.covers(a, b, d) for a, b in near) for d in days)
    assert people.days_before(near, day) == expected


def test_limits_of_contracts():
    assert people.cape_term(date(2026, 1, 1)) == date(2026, 12, 31)
    assert people.cape_limit(date(2024, 2, 29)) == date(2027, 2, 27)
    assert people.trial_limit(date(2026, 3, 1), 0) == date(2026, 10, 31)
    assert people.trial_limit(date(2026, 3, 1), 400) == date(2026, 2, 28)
    assert people.membership_deadline(date(2026, 3, 1), 59) == date(2029, 1, 1)


def test_shares_have_no_gap():
    ines = (date(2026, 1, 1), date(2026, 5, 31), D(100))
    yann = (date(2026, 6, 1), None, D(100))
    start = date(2026, 1, 1)
    assert people.share_gap([ines, yann], start, None) is None
    assert people.share_gap([ines], start, date(2026, 5, 31)) is None
    assert people.share_gap([ines], start, None) == (date(2026, 6, 1), D(0))
    assert people.share_gap([yann], start, None) == (start, D(0))
    late = (date(2026, 6, 2), None, D(100))
    assert people.share_gap([ines, late], start, None) == (date(2026, 6, 1), D(0))


@pytest.mark.parametrize(
    ("code", "following"), [("E0060", "E0061"), ("A9", "A10"), ("X", "X1"), ("", "1")]
)
def test_codes_follow(code, following):
    assert people.next_code(code) == following
