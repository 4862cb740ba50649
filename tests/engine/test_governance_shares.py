"""Register of shares, redemption, retention, mandates: cae_governance_engine."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from cae_governance_engine import mandates, money, shares
from cae_governance_engine.shares import Movement, Position
from hypothesis import given
from hypothesis import strategies as st

D = Decimal
DAY = date(2026, 1, 1)
amounts = st.decimals(D(0), D(100000), places=2)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
moves = st.lists(
    st.builds(
        lambda member, day, quantity: Movement(member, day, quantity, D(16 * quantity)),
        st.integers(1, 4),
        days,
        st.integers(-5, 10).filter(bool),
    ),
    max_size=20,
)


def move(member, day, quantity):
    return Movement(member, date.fromisoformat(day), quantity, D(16 * quantity))


def test_the_register_of_a_day_counts_that_day():
    rows = [
        move(1, "2026-01-01", 3),
        move(2, "2026-01-02", 1),
        move(1, "2026-01-03", -3),
    ]
    assert shares.register(rows, date(2025, 12, 31)) == {}
    assert shares.register(rows, date(2026, 1, 2)) == {
        1: Position(3, D(48)),
        2: Position(1, D(16)),
    }
    assert shares.register(rows, date(2026, 1, 3)) == {2: Position(1, D(16))}


@given(moves, days)
def test_the_register_adds_up_to_the_movements(rows, day):
    held = shares.register(rows, day)
    assert sum(p.quantity for p in held.values()) == sum(
        m.quantity for m in rows if m.day <= day
    )


def test_a_shortage_is_found_at_the_end_of_a_day():
    assert shares.first_shortage([]) is None
    same_day = [move(1, "2026-01-01", -2), move(1, "2026-01-01", 2)]
    assert shares.first_shortage(same_day) is None
    backdated = [move(1, "2026-01-02", 2), move(1, "2026-01-01", -1)]
    assert shares.first_shortage(backdated) == DAY


@given(moves)
def test_without_a_shortage_no_day_has_less_than_nothing(rows):
    found = shares.first_shortage(rows)
    short = sorted(
        m.day
        for m in rows
        if any(p.quantity < 0 for p in shares.register(rows, m.day).values())
    )
    assert found == (short[0] if short else None)


def test_the_highest_capital_is_that_of_a_day():
    rows = [
        move(1, "2026-01-01", 10),
        move(1, "2026-01-02", -8),
        move(2, "2026-01-03", 3),
    ]
    assert shares.highest_capital(rows) == 160
    assert shares.highest_capital(rows, D(500)) == 500
    assert shares.highest_capital([]) == 0


@pytest.mark.parametrize(
    ("highest", "part", "minimum", "floor"),
    [
        ("160", "25", "0", "40"),
        ("160.01", "25", "0", "40.01"),
        ("160", "25", "50", "50"),
        ("0", "25", "0", "0"),
    ],
)
def test_the_floor_of_the_capital(highest, part, minimum, floor):
    assert shares.capital_floor(D(highest), D(part), D(minimum)) == D(floor)


def test_the_first_request_that_must_wait_stops_the_others():
    requests = [(1, D(40)), (2, D(100)), (3, D(10))]
    assert shares.redeemable(requests, D(160), D(40)) == [1]
    assert shares.redeemable(requests, D(190), D(40)) == [1, 2, 3]
    assert shares.redeemable([], D(160), D(40)) == []


@given(st.lists(amounts, max_size=8), amounts, amounts)
def test_the_capital_never_goes_under_its_floor(values, capital, floor):
    met = shares.redeemable(list(enumerate(values)), capital, floor)
    if met:
        assert capital - sum(values[key] for key in met) >= floor
    assert met == list(range(len(met)))


def test_redeemed_shares_bear_their_part_of_losses():
    assert shares.redemption_value(D(64), D(320), D(32)) == D("57.60")
    assert shares.redemption_value(D(64), D(320), D(0)) == 64
    assert shares.redemption_value(D(64), D(320), D(1000)) == 0
    assert shares.redemption_value(D(64), D(0), D(10)) == 64


def test_a_redemption_is_deferred_for_five_years_at_most():
    assert shares.payable_until(date(2024, 2, 29), 5) == date(2029, 2, 28)
    for years in (-1, 6):
        with pytest.raises(ValueError, match="CAE-SHARE-DEFERRAL"):
            shares.payable_until(DAY, years)


@pytest.mark.parametrize(
    ("gross", "rate", "ceiling", "left", "amount"),
    [
        ("1500", "2", "5", "576", "30.00"),
        ("1500", "2", "5", "12.50", "12.50"),
        ("1500", "8", "5", "576", "75.00"),
        ("1500", "2", "5", "0", "0"),
        ("1500", "2", "5", "-3", "0"),
        ("0", "2", "5", "576", "0"),
        ("-10", "2", "5", "576", "0"),
        ("33.33", "2", "5", "576", "0.67"),
    ],
)
def test_what_pay_retains(gross, rate, ceiling, left, amount):
    assert shares.retention(D(gross), D(rate), D(ceiling), D(left)) == D(amount)


@given(amounts, st.integers(0, 100), st.integers(0, 100), amounts)
def test_a_retention_exceeds_nothing(gross, rate, ceiling, left):
    amount = shares.retention(gross, D(rate), D(ceiling), left)
    assert 0 <= amount <= left
    assert amount <= gross * ceiling / 100


def test_whole_shares_are_subscribed_from_what_is_saved():
    assert shares.to_subscribe(D("47.99"), D(16)) == 2
    assert shares.to_subscribe(D(48), D(16)) == 3
    assert shares.to_subscribe(D(-48), D(16)) == 0
    assert shares.to_subscribe(D(48), D(0)) == 0


def test_the_part_of_employed_members():
    assert shares.employed_part([(True, D(51)), (False, D(49))]) == 51
    assert shares.employed_part([]) == 0


@given(
    st.integers(0, 10**7).map(lambda n: D(n) / 100),
    st.dictionaries(st.integers(1, 50), amounts, max_size=12),
)
def test_sharing_loses_no_cent(total, weights):
    parts = money.shared(total, weights)
    assert set(parts) == set(weights)
    assert sum(parts.values()) == (total if sum(weights.values()) else 0)
    assert all(part >= 0 for part in parts.values())
    whole = sum(weights.values())
    for key, part in parts.items() if whole else ():
        assert abs(part - total * weights[key] / whole) < D("0.01")


@given(days, st.integers(1, 6))
def test_the_day_after_a_term_is_the_anniversary(start, years):
    end = mandates.term_end(start, years)
    following = end + timedelta(days=1)
    assert following.year == start.year + years
    assert mandates.term_end(start, 0) is None


def test_mandates_of_one_person_do_not_overlap():
    first = (date(2020, 1, 1), date(2022, 12, 31))
    assert not mandates.overlap([first, (date(2023, 1, 1), None)])
    assert mandates.overlap([first, (date(2022, 12, 31), None)])
    assert mandates.overlap([(date(2020, 1, 1), None), (date(2023, 1, 1), None)])
    assert not mandates.overlap([])


def test_who_is_in_office():
    spans = [(date(2020, 1, 1), date(2022, 12, 31)), (date(2022, 1, 1), None)]
    assert mandates.in_office(spans, date(2022, 12, 31)) == 2
    assert mandates.in_office(spans, date(2023, 1, 1)) == 1
    assert mandates.in_office(spans, date(2019, 1, 1)) == 0


def test_a_mandate_ends_soon():
    end = date(2026, 6, 30)
    assert mandates.ending(end, date(2026, 1, 1), 6)
    assert not mandates.ending(end, date(2025, 12, 29), 6)
    assert not mandates.ending(end, date(2026, 7, 1), 6)
    assert not mandates.ending(None, date(2026, 1, 1), 6)


LEGAL = [(date(2026, 1, 1), Decimal("4")), (date(2026, 7, 1), Decimal("8"))]


@pytest.mark.parametrize(
    ("since", "until", "amount"),
    [
        # A year of 365 days at 4 %.
        (date(2025, 12, 31), date(2026, 6, 30), Decimal("19.84")),
        # 181 days at 4 %, 184 at 8 %.
        (date(2025, 12, 31), date(2026, 12, 31), Decimal("60.16")),
        (date(2026, 6, 30), date(2026, 7, 1), Decimal("0.22")),
        (date(2025, 1, 1), date(2025, 12, 31), Decimal("0.00")),
        (date(2026, 3, 1), date(2026, 3, 1), Decimal("0.00")),
        (date(2026, 3, 2), date(2026, 3, 1), Decimal("0.00")),
    ],
)
def test_interest_of_what_is_paid_late(since, until, amount):
    assert shares.late_interest(Decimal(1000), since, until, LEGAL) == amount


def test_no_rate_no_interest():
    day = date(2026, 3, 1)
    assert shares.late_interest(Decimal(1000), day, date(2027, 3, 1), []) == 0


@given(
    st.integers(1, 10**7),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 2000),
    st.integers(0, 2000),
)
def test_interest_runs_on_day_by_day(cents, since, first, second):
    amount, days = Decimal(cents) / 100, sorted((first, second))
    early, late = (
        shares.late_interest(amount, since, since + timedelta(days=n), LEGAL)
        for n in days
    )
    assert 0 <= early <= late
