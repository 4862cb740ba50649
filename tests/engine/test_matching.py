from datetime import date

import pytest
from cae_base_engine.matching import Book, Item, Line, name_words, reference_key
from hypothesis import given
from hypothesis import strategies as st

JOURNAL = 7


def line(cents, text="", **values):
    return Line(1, cents, text, journal=JOURNAL, **values)


def book(*items):
    return Book(items)


def first(found):
    return found[0].items, found[0].reasons, found[0].certain


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("FAC/2026/00012", "fac202600012"),
        ("Fac 2026-00012", "fac202600012"),
        ("É 12-345", "e12345"),
        ("2026", ""),
        ("F12", ""),
        ("12345", "12345"),
        ("ABCD", ""),
        ("", ""),
    ],
)
def test_keys_of_references(text, key):
    assert reference_key(text) == key


@pytest.mark.parametrize(
    ("label", "named"),
    [
        ("VIR SEPA FAC/2026/00012 DUPONT", True),
        ("VIR FAC 2026 00012", True),
        ("VIR fac2026-00012", True),
        ("VIR FAC 2026 000123", False),
        ("VIR FAC 2026 0001 2", True),
        ("VIR AFAC 2026 00012", False),
        ("VIR 2026 00012", False),
    ],
)
def test_references_in_labels(label, named):
    items = book(Item(5, 12000, references=("FAC/2026/00012",)))
    assert first(items.propose(line(12000, label)))[2] is named


def test_reference_and_amount_before_amount_and_partner_before_partner():
    items = book(
        Item(1, 500, partner=3, references=("F-0001",)),
        Item(2, 500, partner=4, references=("F-0002",)),
        Item(3, 900, partner=3, references=("F-0003",)),
    )
    found = items.propose(line(500, "VIR F0002", partner=3))
    assert [p.items for p in found] == [(2,), (1,), (3,)]
    assert [p.reasons for p in found] == [
        ("reference", "amount"),
        ("amount", "partner"),
        ("partner",),
    ]
    assert [p.certain for p in found] == [True, False, False]


def test_part_payment_names_its_document():
    items = book(Item(1, 500, references=("F-0001",)))
    assert first(items.propose(line(200, "F-0001"))) == ((1,), ("reference",), False)


def test_several_documents_named_together_are_certain():
    items = book(
        Item(1, 500, references=("F-0001",)),
        Item(2, 300, references=("F-0002",)),
        Item(3, -100, references=("A-0003",)),
    )
    found = items.propose(line(700, "F-0001 F-0002 A-0003"))
    assert first(found) == ((1, 2, 3), ("reference", "amount"), True)
    found = items.propose(line(500, "F-0001 F-0002"))
    assert first(found) == ((1,), ("reference", "amount"), False)


def test_documents_of_one_partner_add_up():
    items = book(*(Item(n, 100 * n, partner=3) for n in range(1, 6)))
    found = items.propose(line(700, partner=3))
    assert found[0].reasons == ("amount", "partner")
    assert {p.items for p in found if "amount" in p.reasons} == {
        (2, 5), (3, 4), (1, 2, 4)
    }  # fmt: skip
    assert items.propose(line(1500, partner=3))[0].items == (1, 2, 3, 4, 5)


def test_partner_is_found_by_name():
    items = book(
        Item(1, 500, partner=3, name="SARL Les Jardins d’Élise"),
        Item(2, 800, partner=4, name="SA"),
    )
    found = items.propose(line(300, "VIR LES JARDINS D'ELISE SARL"))
    assert first(found) == ((1,), ("partner",), False)
    assert items.propose(line(300, "SA DUPOND")) == []


def test_sides_and_journals_are_kept_apart():
    items = book(
        Item(1, -500, references=("F-0001",)),
        Item(2, 500, references=("F-0001",), journal=JOURNAL + 1),
        Item(3, 500, references=("F-0009",), journal=JOURNAL),
    )
    found = items.propose(line(500, "F-0001"))
    assert [p.items for p in found] == [(3,)]
    assert items.propose(line(0, "F-0001")) == []


def test_nearest_in_time_comes_first():
    items = book(Item(1, 500, day=date(2026, 1, 1)), Item(2, 500, day=date(2026, 3, 1)))
    found = items.propose(line(500, day=date(2026, 3, 5)))
    assert [p.items for p in found] == [(2,), (1,)]


def test_a_document_that_two_lines_name_is_not_certain():
    items = book(
        Item(1, 500, references=("F-0001",)), Item(2, 500, references=("F-0002",))
    )
    lines = [
        Line(n, 500, text) for n, text in enumerate(("F-0001", "F-0001", "F-0002"))
    ]
    assert {k: p.items for k, p in items.certain(lines).items()} == {2: (2,)}


def test_two_documents_with_the_same_number_are_not_certain():
    items = book(
        Item(1, 500, partner=1, references=("F-0001",)),
        Item(2, 500, partner=2, references=("F-0001",)),
    )
    assert items.certain([line(500, "F-0001")]) == {}


def test_words_of_names():
    assert name_words("M. Éric d’Alès (SCOP)") == ["eric", "d", "ales"]


@given(
    st.lists(
        st.tuples(st.integers(-999, 999).filter(bool), st.integers(0, 3)), max_size=30
    ),
    st.integers(-2000, 2000),
    st.text(max_size=60),
    st.integers(0, 3),
)
def test_proposals_are_sound_and_ordered(rows, cents, label, partner):
    items = [
        Item(n, c, partner=p, name=f"Partner {p}", references=(f"F-{n:04}",))
        for n, (c, p) in enumerate(rows, 1)
    ]
    wanted = line(cents, label, partner=partner)
    found = Book(items).propose(wanted, limit=100)
    by_id = {item.id: item for item in items}
    scores = [p.score for p in found]
    assert scores == sorted(scores, reverse=True)
    assert len({p.items for p in found}) == len(found)
    for proposal in found:
        total = sum(by_id[key].cents for key in proposal.items)
        assert proposal.cents == total
        assert ("amount" in proposal.reasons) == (total == cents)
        assert total * cents > 0
    exact = {item.id for item in items if item.cents == cents}
    assert exact <= {key for p in found for key in p.items} or len(found) == 100
