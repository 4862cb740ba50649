"""Exchange with payroll software: pay elements, true payslips, pages of a PDF."""

import csv
import io
from datetime import date
from decimal import Decimal as D

import pytest
from cae_base_engine.allocation import split
from cae_payroll_engine import elements, payslips
from cae_payroll_engine.elements import CODE, VALUE, Column, Layout
from cae_payroll_engine.payslips import Payee
from hypothesis import given
from hypothesis import strategies as st

CENTS = st.integers(-(10**8), 10**8)
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=12
)
SILAE = Layout(
    columns=(
        Column("Matricule", "matricule"),
        Column("Code", CODE),
        Column("Valeur", VALUE),
        Column("Date debut", "date_from"),
    ),
    elements=(
        Column("Fixed part", "fixed_part", "EV-PartFixe"),
        Column("Advance", "advance", "EV-Acompte"),
    ),
)
PEOPLE = (Payee("0042", "Zoé", "N'Diaye"), Payee("12", "Jean", "Martin"))


def person(**values):
    return {
        "matricule": "0042", "contract_key": "", "date_from": date(2026, 1, 1),
        "fixed_part": D("1000.00"), "advance": D("250.50"), **values,
    }  # fmt: skip


# Elements --------------------------------------------------------------------


def test_one_row_per_element():
    rows = elements.table(SILAE, [person(), person(matricule="0007")])
    text = elements.write_csv(SILAE, rows, ";", header=True)
    assert text.split("\r\n") == [
        "Matricule;Code;Valeur;Date debut",
        "0007;EV-PartFixe;1000,00;01/01/2026",
        "0007;EV-Acompte;250,50;01/01/2026",
        "0042;EV-PartFixe;1000,00;01/01/2026",
        "0042;EV-Acompte;250,50;01/01/2026",
        "",
    ]


def test_elements_of_one_code_are_added_and_zeros_left_out():
    layout = Layout(
        SILAE.columns,
        (*SILAE.elements, Column("Again", "advance", "EV-PartFixe")),
    )
    rows = elements.table(layout, [person(), person(fixed_part=D(0), advance=D(0))])
    assert [row[1:3] for row in rows] == [
        ["EV-PartFixe", D("1250.50")],
        ["EV-Acompte", D("250.50")],
    ]


def test_contracts_of_one_person_are_one_row_unless_their_keys_are_shown():
    two = [person(contract_key="1"), person(contract_key="2")]
    rows = elements.table(SILAE, two)
    assert [row[1:3] for row in rows] == [
        ["EV-PartFixe", D("2000.00")],
        ["EV-Acompte", D("501.00")],
    ]
    keyed = Layout((Column("Key", "contract_key"), *SILAE.columns), SILAE.elements)
    assert [row[0] for row in elements.table(keyed, two)] == ["1", "1", "2", "2"]


def test_one_row_per_person_keeps_a_zero_payslip():
    columns = (
        Column("Matricule", "matricule"),
        Column("Fixe", "fixed_part"),
        Column("Mois", "date_from", date_format="%Y-%m"),
    )
    layout = Layout(columns, decimal_mark=".")
    rows = elements.table(layout, [person(fixed_part=D(0), advance=D(0))])
    assert [elements.texts(layout, row) for row in rows] == [
        ["0042", "0.00", "2026-01"]
    ]


@given(
    st.lists(st.tuples(TEXTS, TEXTS, CENTS), max_size=6),
    st.sampled_from(";,\t"),
    st.sampled_from(",."),
)
def test_what_is_written_is_read_back(people, separator, mark):
    columns = tuple(Column(n, n) for n in ("matricule", "name", "advance"))
    layout = Layout(columns, decimal_mark=mark)
    rows = elements.table(
        layout,
        [
            person(matricule=matricule, name=name, advance=D(cents) / 100)
            for matricule, name, cents in people
        ],
    )
    text = elements.write_csv(layout, rows, separator, header=False)
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert read == [elements.texts(layout, row) for row in rows]
    amounts = sorted(int(row[2].replace(mark, "")) for row in read)
    assert amounts == sorted(cents for _m, _n, cents in people)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_a_text_is_no_formula(sign):
    layout = Layout((Column("Name", "name"), Column("Advance", "advance")))
    people = [person(name=f"{sign}cmd|' /c calc'!A1", advance=D("-5"))]
    text = elements.write_csv(layout, elements.table(layout, people), ";", False)
    [[name, amount]] = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert name == f"'{sign}cmd|' /c calc'!A1"
    assert amount == "-5,00"


# Entries ---------------------------------------------------------------------


@given(
    st.dictionaries(st.integers(1, 9), CENTS, min_size=1, max_size=6),
    st.dictionaries(st.integers(1, 5), st.integers(0, 10**7), min_size=1),
)
def test_shared_entries_add_up(totals, weights):
    totals = {**totals, 10: -sum(totals.values())}
    entry = payslips.shared(totals, weights, split)
    assert set(entry) == set(weights)
    for accounts in entry.values():
        assert sum(accounts.values()) == 0
    for account, total in totals.items():
        assert sum(accounts[account] for accounts in entry.values()) == total


ENTRIES = st.dictionaries(
    st.integers(1, 4), st.dictionaries(st.integers(1, 4), CENTS, max_size=4), max_size=4
)


def balanced(entry):
    return {key: {**own, 5: -sum(own.values())} for key, own in entry.items()}


@given(ENTRIES, st.dictionaries(st.integers(1, 9), CENTS, max_size=6))
def test_a_payslip_replaces_estimates(estimate, totals):
    estimate = balanced(estimate)
    totals = {**totals, 10: -sum(totals.values())}
    weights = {key: abs(own.get(1, 0)) for key, own in estimate.items()} or {1: 1}
    entry = payslips.replaced(estimate, totals, weights, split)
    for own in entry.values():
        assert sum(own.values()) == 0
    for account in range(1, 11):
        found = sum(own.get(account, 0) for own in entry.values())
        assert found == totals.get(account, 0)


@given(ENTRIES)
def test_a_payslip_that_says_the_same_moves_nothing(estimate):
    estimate = balanced(estimate)
    totals = {}
    for own in estimate.values():
        for account, cents in own.items():
            totals[account] = totals.get(account, 0) + cents
    entry = payslips.replaced(estimate, totals, dict.fromkeys(estimate, 1), split)
    assert payslips.difference(entry, estimate) == {}


@given(ENTRIES, ENTRIES)
def test_a_difference_leads_from_one_entry_to_the_other(target, booked):
    left = payslips.difference(target, booked)
    assert all(left.values())
    for activity in range(1, 5):
        for account in range(1, 5):
            before = booked.get(activity, {}).get(account, 0)
            after = target.get(activity, {}).get(account, 0)
            assert before + left.get((activity, account), 0) == after
    assert payslips.difference(target, target) == {}


# PDF -------------------------------------------------------------------------


def test_pages_are_told_by_matricule_and_names():
    pages = payslips.owners(
        [
            "BULLETIN DE PAIE  Matricule : 0042  Mme ZOE N’DIAYE  brut 12,00",
            "Matricule 12  M. Jean MARTIN",
            "Zoé N'Diaye 0042 (2/2)",
        ],
        payslips.index(PEOPLE),
    )
    assert pages == payslips.Pages({"0042": [1, 3], "12": [2]})


@pytest.mark.parametrize(
    ("text", "unknown", "doubtful"),
    [
        ("", [1], []),
        ("Total of 12 payslips", [1], []),
        ("Matricule 0043 Zoé N'Diaye", [1], []),
        ("Matricule 12 Jean Martinet", [1], []),
        ("0042 Zoé N'Diaye and 12 Jean Martin", [], [1]),
    ],
)
def test_a_page_that_does_not_name_one_person_is_nobodys(text, unknown, doubtful):
    pages = payslips.owners([text], payslips.index(PEOPLE))
    assert pages == payslips.Pages({}, unknown, doubtful)


@pytest.mark.parametrize(
    ("text", "own", "others"),
    [
        ("Matricule 0042 Zoé N'Diaye", True, set()),
        ("N'DIAYE Zoé, net 12,00", True, set()),
        ("0042", True, set()),
        ("Net 999", False, set()),
        ("Bulletin Jean Martin", False, {"12"}),
        ("MARTIN Jean", False, {"12"}),
        ("Matricule n° 12", False, {"12"}),
        ("Net 12,00", False, set()),
        ("Matricule 0042 Zoé N'Diaye, manager Jean Martin", True, set()),
        ("Matricule 0042 Zoé N'Diaye, 12 Jean Martin", True, {"12"}),
    ],
)
def test_whose_a_file_is(text, own, others):
    told = payslips.belongs([text], "0042", payslips.index(PEOPLE))
    assert (told.own, told.others, told.empty) == (own, others, False)


def test_a_file_without_text_tells_nothing():
    told = payslips.belongs(["", " \n"], "0042", payslips.index(PEOPLE))
    assert told == payslips.Told()


def test_a_file_is_told_by_its_name():
    people = [Payee(m, "", "") for m in ("12", "0042", "2026", "A-7")]
    matricules = payslips.index(people)
    assert payslips.named("0042.pdf", matricules) == ["0042"]
    assert payslips.named("Bulletin_0042_janvier.PDF", matricules) == ["0042"]
    assert payslips.named("Bulletin_0042_2026.pdf", matricules) == ["0042", "2026"]
    assert payslips.named("10042.pdf", matricules) == []
    assert payslips.named("2026.pdf", matricules) == ["2026"]
    assert payslips.named("a_7 (1).pdf", matricules) == ["A-7"]


NAMES = st.text("abcé'- ", min_size=1, max_size=8).filter(lambda t: t.strip(" '-"))


@given(
    st.dictionaries(
        st.integers(0, 10**6).map(str), st.tuples(NAMES, NAMES), min_size=1, max_size=5
    ),
    st.data(),
)
def test_no_page_goes_to_somebody_it_does_not_name(people, data):
    payees = [Payee(m, *names) for m, names in people.items()]
    drawn = data.draw(st.lists(st.sampled_from(payees), max_size=6))
    texts = [f"n° {p.matricule} : {p.first_name} {p.last_name.upper()}" for p in drawn]
    pages = payslips.owners(texts, payslips.index(payees))
    numbers = [n for found in pages.found.values() for n in found]
    assert sorted(numbers + pages.unknown + pages.doubtful) == [
        *range(1, len(texts) + 1)
    ]
    assert not pages.unknown
    for matricule, found in pages.found.items():
        assert all(drawn[n - 1].matricule == matricule for n in found)
