"""The yearly scale of mileage, against figures computed by hand."""

import csv
from decimal import Decimal as D
from pathlib import Path

import pytest
from cae_base_engine.mileage import Band, MileageError, Scale, claim
from hypothesis import given
from hypothesis import strategies as st

SCALES = (
    Path(__file__).parents[2] / "addons" / "cae_base" / "data" / "cae.mileage.scale.csv"
)


def shipped(vehicle, power):
    """The scale of the shipped data, as the model picks it."""
    with SCALES.open(encoding="utf-8") as lines:
        rows = [
            row
            for row in csv.DictReader(lines)
            if row["vehicle"] == vehicle
            and int(row["power_from"]) <= power <= (int(row["power_to"]) or 999)
        ]
    bands = [
        Band(D(r["km_to"]) if D(r["km_to"]) else None, D(r["rate"]), D(r["constant"]))
        for r in rows
    ]
    return Scale(bands, D(rows[0]["electric_bonus"]))


FIVE = shipped("car", 5)


@pytest.mark.parametrize(
    ("vehicle", "power", "distance", "amount"),
    [
        ("car", 1, 5000, "2645.00"),  # 5 000 × 0.529
        ("car", 3, 5001, "2645.32"),  # 5 001 × 0.316 + 1 065 = 2 645.316
        ("car", 4, 4000, "2424.00"),  # 4 000 × 0.606
        ("car", 5, 6000, "3537.00"),  # 6 000 × 0.357 + 1 395
        ("car", 5, 20000, "8535.00"),  # 20 000 × 0.357 + 1 395
        ("car", 5, 20001, "8540.43"),  # 20 001 × 0.427 = 8 540.427
        ("car", 6, 22600, "10102.20"),  # 22 600 × 0.447
        ("car", 7, 10000, "5455.00"),  # 10 000 × 0.394 + 1 515
        ("car", 12, 1, "0.70"),  # 0.697
        ("motorcycle", 2, 3000, "1185.00"),  # 3 000 × 0.395
        ("motorcycle", 4, 5000, "1568.00"),  # 5 000 × 0.082 + 1 158
        ("motorcycle", 6, 7000, "2401.00"),  # 7 000 × 0.343
        ("moped", 1, 2000, "630.00"),  # 2 000 × 0.315
        ("moped", 1, 4000, "1027.00"),  # 4 000 × 0.079 + 711
        ("moped", 1, 6001, "1188.20"),  # 6 001 × 0.198 = 1 188.198
    ],
)
def test_year_is_worth_what_the_scale_says(vehicle, power, distance, amount):
    assert shipped(vehicle, power).due(D(distance)) == D(amount)


def test_electric_cars_get_a_fifth_more():
    assert FIVE.due(D(6000), electric=True) == D("4244.40")
    assert FIVE.due(D(1), electric=True) == D("0.76")  # 0.7632
    assert FIVE.due(D(0), electric=True) == 0


def test_claim_that_crosses_a_limit_is_what_is_left_of_the_year():
    first = claim(FIVE, D(4800))
    assert first.amount == D("3052.80")  # 4 800 × 0.636
    second = claim(FIVE, D(400), first.total, first.amount)
    # 5 200 × 0.357 + 1 395 = 3 251.40, less 3 052.80.
    assert (second.due, second.amount) == (D("3251.40"), D("198.60"))
    assert second.band.constant == 1395


def test_higher_scale_of_the_year_is_made_up_for_on_the_next_claim():
    old = Scale([Band(None, D("0.5"), D(0))])
    new = Scale([Band(None, D("0.6"), D(0))])
    paid = claim(old, D(100)).amount
    assert claim(new, D(10), D(100), paid).amount == D("16.00")


def test_what_was_paid_in_excess_is_taken_from_the_next_claims():
    assert claim(FIVE, D(100), D(0), D("100.00")).amount == 0
    assert claim(FIVE, D(100), D(100), D("100.00")).amount == D("27.20")


@pytest.mark.parametrize("distance", ["0", "-1"])
def test_claim_without_distance_is_refused(distance):
    with pytest.raises(MileageError):
        claim(FIVE, D(distance))


def test_scale_that_ends_is_refused_beyond():
    short = Scale([Band(D(100), D(1), D(0))])
    assert short.due(D(100)) == 100
    with pytest.raises(MileageError):
        short.due(D("100.1"))
    with pytest.raises(MileageError):
        short.due(D(-1))


SHIPPED = [("car", p) for p in range(1, 9)] + [("motorcycle", 1), ("motorcycle", 3)]
SHIPPED += [("motorcycle", 6), ("moped", 1)]
KM = st.decimals("0.1", "9999", places=1)


@given(st.sampled_from(SHIPPED), st.booleans(), st.lists(KM, min_size=1, max_size=12))
def test_claims_of_a_year_add_up_to_the_scale_on_its_total(which, electric, parts):
    scale = shipped(*which)
    before, paid = D(0), D(0)
    for part in parts:
        made = claim(scale, part, before, paid, electric)
        before, paid = made.total, paid + made.amount
    assert paid == scale.due(before, electric)


@given(st.sampled_from(SHIPPED), KM, KM)
def test_more_distance_is_never_worth_less(which, one, other):
    scale = shipped(*which)
    assert scale.due(min(one, other)) <= scale.due(max(one, other))
