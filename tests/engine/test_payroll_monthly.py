"""Monthly pay: the fixed part, the advance, what each activity bears, the entry."""

import csv
import os
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from cae_base_engine.allocation import split
from cae_payroll_engine import NOTHING, RateSet, Situation, booking, salary_for
from cae_payroll_engine.monthly import (
    LIMIT,
    NEGATIVE,
    NO_ACTIVITY,
    OVERDRAFT,
    REQUEST,
    RESERVE,
    SEVERAL,
    Holding,
    Wish,
    fixed_part,
    propose,
    waits,
    with_floor,
)
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
RATES = ROOT / "addons/cae_payroll/data/cae.payroll.rate.csv"
FULL = bool(os.environ.get("CAE_TEST_FULL"))
DAY = date(2026, 1, 31)
ALL = Wish("max")

examples = settings(
    max_examples=3000 if FULL else 100,
    derandomize=True,
    deadline=None,
    database=None,
)


@lru_cache
def rates():
    with RATES.open(encoding="utf-8", newline="") as file:
        return RateSet.at(list(csv.DictReader(file)), DAY)


def salary(**values):
    defaults = {"contract": "cesa", "headcount": 60, "at_rate": "2.08"}
    return salary_for(rates(), Situation(date=DAY, **{**defaults, **values}))


def pay(fixed, holdings, wish=Wish(), **values):  # noqa: B008 (frozen)
    return propose(salary(**values), Decimal(fixed), holdings, wish, split)


def one(available, reserve=0):
    return [Holding(1, 100, available, reserve)]


# The fixed part, by calendar days


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(date(2025, 3, 1), None, 600)], "600.00"),
        ([(date(2026, 1, 17), None, 600)], "290.32"),  # 15/31
        ([(date(2025, 3, 1), date(2026, 1, 10), 600)], "193.55"),  # 10/31
        (
            # An amendment on the 11th: 10 days at 600, 21 at 900.
            [
                (date(2025, 3, 1), date(2026, 1, 10), 600),
                (date(2026, 1, 11), None, 900),
            ],
            "803.23",
        ),
        ([(date(2026, 2, 1), None, 600)], "0.00"),
        ([(date(2025, 1, 1), date(2025, 12, 31), 600)], "0.00"),
        ([], "0.00"),
    ],
)
def test_fixed_part_of_a_month(spans, expected):
    spans = [(start, end, Decimal(amount)) for start, end, amount in spans]
    assert fixed_part(spans, date(2026, 1, 1), DAY) == Decimal(expected)


# How much. Costs of January 2026, 60 staff: 1000 -> 1039.86, 3000 gross -> 4023.48
# (docs of the engine); 0.4021 is the largest coefficient.


def test_the_fixed_part_alone_without_a_request():
    proposal = pay(1000, one(500000))
    assert proposal.result.gross == 1000
    assert proposal.parts == {1: 103986}
    assert proposal.flags == ()


def test_all_the_money_above_the_reserve():
    # 4523.48 - 500 = 4023.48, which is the cost of 3000 gross to the cent.
    proposal = pay(1000, one(452348, 50000), ALL)
    assert proposal.result.gross == 3000
    assert proposal.result.cost == Decimal("4023.48")
    assert (proposal.available, proposal.reserve) == (Decimal("4523.48"), 500)
    assert proposal.flags == ()


def test_a_cent_less_of_money_is_a_cent_less_of_gross():
    proposal = pay(1000, one(452347, 50000), ALL)
    assert proposal.result.gross == Decimal("2999.99")


def test_a_request_smaller_than_possible():
    proposal = pay(1000, one(452348), Wish("gross", Decimal(250)))
    assert proposal.result.gross == 1250
    assert proposal.flags == ()


def test_a_request_larger_than_possible_is_cut():
    proposal = pay(1000, one(402348), Wish("gross", Decimal(9000)))
    assert proposal.result.gross == 3000
    assert proposal.requested == 9000
    assert proposal.flags == (REQUEST,)


def test_a_net_asked_for():
    # Net 1583.19 is that of 2000 gross or a cent under.
    proposal = pay(1000, one(900000), Wish("net", Decimal("1583.19")))
    assert proposal.result.net_before_tax == Decimal("1583.19")
    assert proposal.result.gross == 2000
    assert proposal.flags == ()


def test_a_net_under_the_fixed_part_asks_for_nothing():
    proposal = pay(1000, one(900000), Wish("net", Decimal(100)))
    assert proposal.result.gross == 1000
    assert proposal.flags == ()


def test_overdraft_pays_the_fixed_part_in_full_and_nothing_more():
    proposal = pay(1000, one(103985), ALL)
    assert proposal.result.gross == 1000
    assert proposal.parts == {1: 103986}
    assert proposal.flags == (OVERDRAFT,)


def test_the_fixed_part_may_eat_the_reserve():
    proposal = pay(1000, one(103986, 50000), ALL)
    assert proposal.result.gross == 1000
    assert proposal.flags == (RESERVE,)


def test_what_other_months_take_is_left_alone():
    proposal = pay(1000, [Holding(1, 100, 552348, 50000, 100000)], ALL)
    assert proposal.result.gross == 3000
    assert proposal.committed == 1000
    proposal = pay(1000, [Holding(1, 100, 103986, 0, 1)], ALL)
    assert proposal.flags == (OVERDRAFT,)


@pytest.mark.parametrize(
    ("agreed", "flags", "waiting"),
    [
        (0, (OVERDRAFT,), True),
        (3985, (OVERDRAFT, LIMIT), True),
        (3986, (OVERDRAFT,), False),
    ],
)
def test_an_overdraft_that_was_agreed_needs_no_approval(agreed, flags, waiting):
    # 1000.00 are there, the fixed part costs 1039.86.
    fixed, holdings = Decimal(1000), one(100000)
    proposal = propose(salary(), fixed, holdings, ALL, split, agreed)
    assert proposal.flags == flags
    assert waits(flags, agreed) is waiting


def test_a_debt_counts_in_the_overdraft():
    # -500.00 and 1039.86 make an overdraft of 1539.86.
    fixed, holdings = Decimal(1000), one(-50000)
    assert LIMIT in propose(salary(), fixed, holdings, ALL, split, 153985).flags
    assert LIMIT not in propose(salary(), fixed, holdings, ALL, split, 153986).flags


def test_a_net_below_zero_is_found_and_waits():
    """A premium of 60.00 without pay: 30.00, and 9.7 % of the employer's 30.00."""
    proposal = pay(0, one(100000), health_total=60)
    assert proposal.result.net_before_tax == Decimal("-32.91")
    assert proposal.flags == (NEGATIVE,)
    assert waits(proposal.flags, 10**9)
    assert NEGATIVE not in pay(1000, one(200000), health_total=60).flags


def test_nobody_agreed_to_pay_without_an_activity():
    assert waits((OVERDRAFT, NO_ACTIVITY), 10**9)
    assert not waits((RESERVE, REQUEST, SEVERAL))


def test_nothing_is_due_on_a_debt_without_a_fixed_part():
    proposal = pay(0, one(-50000), ALL)
    assert (proposal.result.cost, proposal.flags) == (0, ())


def test_without_an_activity_nobody_bears_the_cost():
    proposal = pay(1000, [], ALL)
    assert proposal.flags == (OVERDRAFT, NO_ACTIVITY)
    assert proposal.parts == {}


# The floor of a target


def reserves(holdings):
    return {each.activity: each.reserve for each in holdings}


def test_a_floor_is_kept_where_there_is_something():
    # 300.00 more than the reserve; 500.00 and 100.00 are above it.
    floored = with_floor(two(60000, 20000, 10000), 50000, split)
    assert reserves(floored) == {1: 35000, 2: 15000}
    # Nothing above the reserve: by the shares held, 100:60.
    assert reserves(with_floor(two(0, 0), 1600, split)) == {1: 1000, 2: 600}


def test_a_floor_below_the_reserve_changes_nothing():
    holdings = two(60000, 20000, 10000)
    assert with_floor(holdings, 20000, split) == holdings
    assert with_floor([], 20000, split) == []


def test_an_advance_leaves_the_floor():
    # 4523.48 less a floor of 500.00: the cost of 3000.00.
    floored = with_floor(one(452348), 50000, split)
    assert pay(1000, floored, ALL).result.gross == 3000


# From which activity


def two(first, second, reserve=0):
    return [Holding(1, 100, first, reserve), Holding(2, 60, second, reserve)]


def test_each_activity_gives_in_proportion_to_what_it_can():
    # 1039.86 x 100 / 300 = 346.62
    assert pay(1000, two(100000, 200000)).parts == {1: 34662, 2: 69324}


def test_the_reserves_are_used_last():
    # Usable 500 + 0; the rest, 539.86, from the reserves 500 and 300 (500:300).
    parts = pay(1000, two(100000, 30000, 50000)).parts
    assert parts == {1: 50000 + 33741, 2: 20245}


def test_an_overdraft_is_shared_by_the_shares_held():
    # 39.86 + 0 are there; 1000.00 more by 100:60 = 625 and 375.
    proposal = pay(1000, two(3986, -100))
    assert proposal.parts == {1: 3986 + 62500, 2: 37500}
    assert proposal.flags == (OVERDRAFT, SEVERAL)


def test_a_debt_of_one_activity_is_made_up_by_the_other():
    # 4523.48 - 500.00 of debt = 4023.48: 3000 gross, all on the second activity.
    proposal = pay(0, two(-50000, 452348), ALL)
    assert proposal.result.gross == 3000
    assert proposal.parts == {1: 0, 2: 402348}


def test_an_advance_may_be_drawn_from_one_activity_alone():
    # The fixed part, 1039.86, in proportion to 1000 and 2000: 346.62 and 693.24.
    # The second one has 1306.76 left for the advance: a cost of 2346.62 at most.
    proposal = pay(1000, two(100000, 200000), Wish("max", activity=2))
    assert proposal.parts[1] == 34662
    assert proposal.result.cost <= Decimal("2346.62")
    assert salary().cost(proposal.result.gross + Decimal("0.01")) > Decimal("2346.62")


def test_an_activity_not_held_gives_nothing():
    assert pay(0, one(500000), Wish("max", activity=9)).result.gross == 0


# The entry


def test_entry_of_a_wage_of_3000():
    # Gross 3000, employer 1325.88, reduction 302.40 (coefficient 0.1008), net 2374.79.
    # Pension: employer 3000 x 6.01 % = 180.30, less 302.40 x 0.0601/0.4021 = 45.198;
    # employee 3000 x 4.01 % = 120.30.
    person = salary()
    result = person.direct(3000)
    assert booking.person_entry(person, result) == {
        "wage": 300000,
        "charge_social": 402348 - 300000 - 13510,
        "charge_pension": 13510,
        "charge_health": 0,
        "net": -237479,
        "debt_social": -(402348 - 237479 - 25540),
        "debt_pension": -25540,
        "debt_health": 0,
    }


def test_health_is_owed_to_the_insurer():
    person = salary(health_total=60, executive=True)
    entry = booking.person_entry(person, person.direct(3000))
    # 30.00 each, and 1.5 % of 3000 for death.
    assert entry["charge_health"] == 3000 + 4500
    assert entry["debt_health"] == -6000 - 4500


def test_a_cape_has_no_pension_fund():
    person = salary(contract="cape")
    entry = booking.person_entry(person, person.direct(500))
    assert entry["charge_pension"] == entry["debt_pension"] == 0


@pytest.mark.parametrize("headcount", [30, 60])
@pytest.mark.parametrize("gross", range(50, 1823, 100))
def test_exact_half_cents_of_the_pension_fund_are_rounded_up(gross, headcount):
    """At the largest coefficient, the fund is owed the employee's 4.01 % alone."""
    person = salary(headcount=headcount)
    entry = booking.person_entry(person, person.direct(gross))
    owed = Decimal("4.01") * gross  # cents, and a half
    assert owed % 1 == Decimal("0.5")
    assert -entry["debt_pension"] == owed + Decimal("0.5")
    assert entry["charge_pension"] == 0


def test_a_wage_without_cost_may_still_owe_a_premium():
    person = salary(health_total=40, health_employer_share=0)
    result = person.direct(0)
    entries = booking.activity_entries(person, result, {1: 0}, split)
    assert entries[1]["net"] == 4000
    assert entries[1]["debt_health"] == -4000
    assert sum(entries[1].values()) == 0


money = st.integers(-500000, 2000000)
holding_lists = st.lists(
    st.tuples(
        st.integers(1, 100000), money, st.integers(0, 200000), st.integers(0, 90000)
    ),
    min_size=1,
    max_size=4,
).map(lambda rows: [Holding(n + 1, *row) for n, row in enumerate(rows)])
wishes = st.one_of(
    st.just(Wish()),
    st.builds(Wish, st.just("max"), activity=st.integers(0, 3)),
    st.builds(
        Wish,
        st.sampled_from(["gross", "net"]),
        st.decimals(0, 9000, places=2),
        st.integers(0, 3),
    ),
)
fixed_parts = st.decimals(0, 4000, places=2)
situations = st.fixed_dictionaries(
    {
        "contract": st.sampled_from(["cesa", "employee"]),
        "executive": st.booleans(),
        "health_total": st.sampled_from([0, 71]),
        "headcount": st.sampled_from([5, 60]),
    }
)


def room_of(proposal):
    return proposal.available - proposal.committed - proposal.reserve


@examples
@given(fixed_parts, holding_lists, wishes, situations)
def test_pay_never_spends_more_than_there_is_above_the_fixed_part(
    fixed, holdings, wish, values
):
    person = salary(**values)
    proposal = propose(person, fixed, holdings, wish, split)
    result = proposal.result
    assert sum(proposal.parts.values()) == result.cost * 100
    assert result.gross >= fixed
    if result.gross > fixed:
        assert result.cost <= room_of(proposal)
        assert result.gross - fixed <= proposal.requested
        for each in holdings:
            # The advance leaves the reserve of each activity it is drawn from.
            assert proposal.parts[each.activity] <= max(0, each.free)
    if wish.kind == "max" and not wish.activity and result.gross > fixed:
        more = person.cost(result.gross + Decimal("0.01"))
        assert more > room_of(proposal)


@examples
@given(fixed_parts, holding_lists, wishes, situations)
def test_entries_balance_and_add_up(fixed, holdings, wish, values):
    person = salary(**values)
    proposal = propose(person, fixed, holdings, wish, split)
    result = proposal.result
    entries = booking.activity_entries(person, result, proposal.parts, split)
    whole = booking.person_entry(person, result)
    assert sum(whole.values()) == 0
    assert whole["wage"] == result.gross * 100
    assert whole["net"] == -result.net_before_tax * 100
    for key in booking.KEYS:
        assert sum(entry[key] for entry in entries.values()) == whole[key]
    for activity, entry in entries.items():
        debits = sum(v for k, v in entry.items() if k.startswith(("wage", "charge")))
        assert sum(entry.values()) == 0
        assert debits == proposal.parts[activity]


def test_an_advance_asked_for_fits_even_where_the_cost_falls():
    """After months above 3 SMIC, 100.00 cost more than 800.00: see engine/scale.py."""
    payer, booked = salary(), NOTHING
    for _month in range(3):
        after = payer.after(booked)
        booked += after.booked(after.direct(5600))
    month = payer.after(booked)
    room = month.cost(Decimal(100)) - 10
    assert month.gross_of_cost(room) > 300
    holdings = [Holding(1, 100, int(room * 100))]
    proposal = propose(month, Decimal(0), holdings, Wish("gross", Decimal(100)), split)
    assert 0 < proposal.result.gross < 100
    assert proposal.result.cost <= room
    assert sum(proposal.parts.values()) == proposal.result.cost * 100


# What is withheld of the net


def test_what_is_withheld_is_taken_where_the_net_is_owed():
    nets = {1: 60000, 2: 20000, 3: 0}
    parts = booking.withheld_parts(nets, [40000, 40000], split)
    assert parts == [{1: 30000, 2: 10000}, {1: 30000, 2: 10000}]
    assert booking.withheld_parts({}, [], split) == []


@examples
@given(st.data())
def test_what_is_withheld_never_exceeds_a_net(data):
    cents = st.integers(-500, 100_000)
    nets = data.draw(st.dictionaries(st.integers(1, 9), cents, min_size=1))
    left = sum(max(0, net) for net in nets.values())
    amounts = []
    while left and len(amounts) < 4:
        amounts.append(data.draw(st.integers(1, left)))
        left -= amounts[-1]
    parts = booking.withheld_parts(nets, amounts, split)
    assert [sum(part.values()) for part in parts] == amounts
    for activity, net in nets.items():
        assert sum(part.get(activity, 0) for part in parts) <= max(0, net)


@examples
@given(
    st.lists(st.tuples(st.integers(1, 100), *[st.integers(-9999, 99999)] * 2)),
    st.integers(0, 200_000),
)
def test_a_floor_only_adds_to_the_reserves(rows, floor):
    holdings = [
        Holding(key, weight, available, max(0, reserve))
        for key, (weight, available, reserve) in enumerate(rows, 1)
    ]
    floored = with_floor(holdings, floor, split)
    before = sum(each.reserve for each in holdings)
    assert sum(each.reserve for each in floored) == (
        max(before, floor) if holdings else 0
    )
    for each, new in zip(holdings, floored, strict=True):
        assert new.reserve >= each.reserve
