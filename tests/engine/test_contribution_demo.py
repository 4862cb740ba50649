"""The demo CAE: every contribution of ten months, to the cent.

``attendus.json`` was computed by separate arithmetic. Invoiced and purchases are
taken from it; what was collected is worked out here from the CSV files, exactly.
"""

import csv
import json
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from cae_base_engine import contribution, money
from cae_base_engine.contribution import Bracket, MonthFigures, Rule

DATA = Path(__file__).resolve().parent.parent / "data" / "cae-demo"
EXPECTED = json.loads((DATA / "attendus.json").read_text(encoding="utf-8"))
ACTIVITIES = EXPECTED["activites"]


def brackets(*pairs):
    return tuple(
        Bracket(None if upper is None else Decimal(upper), Decimal(rate))
        for upper, rate in pairs
    )


# data/README.md, "The five schemes, exactly"
SCHEMES = {
    "STD10": (Rule(key="STD10", rate=Decimal(10)),),
    "TRANCHES": (
        Rule(
            key="TRANCHES",
            brackets=brackets((40000, 11), (80000, 10), (None, 9)),
            floor_year=Decimal(2160),
        ),
    ),
    "MARGE12": (
        Rule(
            key="MARGE12",
            basis="gross_margin",
            mode="month",
            rate=Decimal(12),
            floor_month=Decimal(40),
            ceiling_year=Decimal(8400),
        ),
    ),
    "ENCAISSE": (
        Rule(
            key="ENCAISSE",
            basis="collected",
            brackets=brackets((35000, 10), (45000, 8), (None, 6)),
        ),
        Rule(key="ASSURANCE", basis="fixed", amount=Decimal(16)),
    ),
    "MIXTE": (
        Rule(key="MIXTE", basis="gross_margin", rate=Decimal("13.5")),
        Rule(key="FORFAIT", basis="fixed", amount=Decimal(30)),
    ),
}


def rows(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def number(text):
    return Fraction(text.replace(",", "."))


def half_up(value):
    """Rounded to the cent in Fractions, apart from the engine's own function."""
    sign = -1 if value < 0 else 1
    return sign * Fraction(int(abs(value) * 100 + Fraction(1, 2)), 100)


class Document:
    """A customer document: amounts signed, VAT on the total of each rate."""

    def __init__(self, lines):
        first = lines[0]
        self.name, self.origin = first["numero"], first["origine"]
        self.activity = first["activite"]
        self.sign = -1 if first["type"] == "avoir" else 1
        by_rate = defaultdict(Fraction)
        for line in lines:
            # a line of an invoice has whole cents, as in Odoo
            net = half_up(number(line["quantite"]) * number(line["prix_unitaire_ht"]))
            by_rate[number(line["taux_tva"])] += net
        self.net = sum(by_rate.values())
        vat = sum(half_up(net * rate / 100) for rate, net in by_rate.items())
        self.gross = self.net + vat


def documents():
    lines = defaultdict(list)
    for row in rows("factures"):
        lines[row["numero"]].append(row)
    return {name: Document(found) for name, found in lines.items()}


def ratios(found):
    """Excluding / including VAT, after the credit notes reconciled with it."""
    net = {name: document.net for name, document in found.items()}
    gross = {name: document.gross for name, document in found.items()}
    for document in found.values():
        if document.origin:
            net[document.origin] -= document.net
            gross[document.origin] -= document.gross
    return {name: net[name] / gross[name] for name in found if gross[name]}


def collected():
    """``{activity: {month: exact turnover collected}}``."""
    found = documents()
    ratio = ratios(found)
    result = defaultdict(lambda: defaultdict(Fraction))
    for payment in rows("reglements"):
        document = found.get(payment["document"])
        if document:
            day = datetime.strptime(payment["date"], "%d/%m/%Y").date()
            amount = number(payment["montant_ttc"]) * ratio[document.name]
            result[document.activity][day.replace(day=1)] += document.sign * amount
    return result


COLLECTED = collected()


def months(code):
    return [
        MonthFigures(
            contribution.month_start(month),
            invoiced=Decimal(values["facture_ht"]),
            collected=COLLECTED[code][contribution.month_start(month)],
            purchases=Decimal(values["achats_ht"]),
        )
        for month, values in ACTIVITIES[code]["mois"].items()
    ]


def expected(code, key):
    return [Decimal(values[key]) for values in ACTIVITIES[code]["mois"].values()]


@pytest.mark.parametrize("code", ACTIVITIES)
def test_every_month_to_the_cent(code):
    rules = SCHEMES[ACTIVITIES[code]["bareme"]]
    series = [contribution.charges(rule, months(code)) for rule in rules]
    amounts = [sum(one.amount for one in month) for month in zip(*series, strict=True)]
    assert amounts == expected(code, "contribution")
    assert sum(amounts) == Decimal(ACTIVITIES[code]["total_contribution"])


@pytest.mark.parametrize("code", ACTIVITIES)
def test_simulation_gives_the_same(code):
    rules = SCHEMES[ACTIVITIES[code]["bareme"]]
    found = contribution.simulate(rules, months(code))
    assert [one.amount for one in found] == expected(code, "contribution")


@pytest.mark.parametrize("code", ACTIVITIES)
def test_month_by_month_with_what_is_booked(code):
    """As the model does it: one month at a time, from what the books hold."""
    figures = months(code)
    for rule in SCHEMES[ACTIVITIES[code]["bareme"]]:
        booked: dict[date, Decimal] = {}
        for index, month in enumerate(figures):
            one = contribution.charge(rule, figures[: index + 1], booked)
            booked[month.month] = one.amount
        assert tuple(booked.values()) == tuple(
            one.amount for one in contribution.charges(rule, figures)
        )
        assert not any(c.amount for c in contribution.charges(rule, figures, booked))


@pytest.mark.parametrize("code", ACTIVITIES)
def test_collected_of_the_month_is_only_shown_rounded(code):
    """The test's own reading of the CSV agrees with the expected figures."""
    found = [money.cents(month.collected) for month in months(code)]
    assert found == expected(code, "encaisse_ht")


def test_the_demo_has_all_schemes_and_credits():
    assert {values["bareme"] for values in ACTIVITIES.values()} == set(SCHEMES)
    contribution.check_rules([rule for rules in SCHEMES.values() for rule in rules])
    total = sum(Decimal(a["total_contribution"]) for a in ACTIVITIES.values())
    assert total == Decimal(EXPECTED["chiffres_cles"]["contributions"])


def test_fixed_part_apart_or_within_is_the_same_amount():
    """A whole number of cents per month does not disturb the rounding."""
    percent, fixed = SCHEMES["ENCAISSE"]
    for code, values in ACTIVITIES.items():
        if values["bareme"] != "ENCAISSE":
            continue
        figures = months(code)
        for count in range(1, len(figures) + 1):
            apart = contribution.due(percent, figures[:count]).amount
            apart += contribution.due(fixed, figures[:count]).amount
            base = sum(Fraction(month.collected) for month in figures[:count])
            slices = [
                (min(base, 35000), 10),
                (min(max(base - 35000, 0), 10000), 8),
                (max(base - 45000, 0), 6),
            ]
            rated = max(Fraction(0), sum(part * rate for part, rate in slices) / 100)
            assert Fraction(apart) == half_up(rated + 16 * count)
