"""Properties of the contribution engine, on random activities and rules.

``oracle`` figures a rule a second time, in fractions, straight from its definition.
``CAE_TEST_FULL=1`` runs many more examples.
"""

import json
import os
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import accumulate
from time import perf_counter

import pytest
from cae_base_engine import contribution as engine
from cae_base_engine import money
from cae_base_engine.contribution import (
    Bracket,
    Exemption,
    MonthFigures,
    Override,
    Rule,
)
from hypothesis import given, settings
from hypothesis import strategies as st

FULL = os.environ.get("CAE_TEST_FULL") == "1"
examples = settings(
    max_examples=1000 if FULL else 50, derandomize=not FULL, deadline=None
)

MONTHS = [date(2026, month, 1) for month in range(1, 13)]
AMOUNTS = st.integers(-2_000_000, 8_000_000).map(lambda c: Decimal(c).scaleb(-2))
SMALL = st.integers(0, 60_000).map(lambda c: Decimal(c).scaleb(-2))
RATES = st.integers(0, 400).map(lambda r: Decimal(r).scaleb(-1))
# amount × excl. VAT / incl. VAT, as a payment of an invoice gives it
EXACT = st.builds(
    lambda paid, net, vat: Fraction(paid * net, 100 * (net + vat)),
    st.integers(-1_000_000, 5_000_000),
    st.integers(1, 99_999),
    st.integers(0, 19_999),
)


@st.composite
def scales(draw):
    uppers = sorted(draw(st.sets(st.integers(1, 90_000), min_size=1, max_size=3)))
    rates = draw(st.lists(RATES, min_size=len(uppers) + 1, max_size=len(uppers) + 1))
    limits = [*map(Decimal, uppers), None]
    return tuple(map(Bracket, limits, rates))


@st.composite
def rules(draw, modes=("to_date", "month")):
    basis = draw(
        st.sampled_from(
            ["invoiced", "collected", "gross_margin", "value_added", "fixed"]
        )
    )
    given = {"basis": basis, "mode": draw(st.sampled_from(modes))}
    if basis == "fixed":
        given["amount"] = draw(SMALL)
    elif draw(st.booleans()):
        given["rate"] = draw(RATES)
    else:
        given["brackets"] = draw(scales())
        given["bracket_mode"] = draw(st.sampled_from(["marginal", "whole"]))
    for name in ("floor_month", "floor_year", "ceiling_month", "ceiling_year"):
        given[name] = draw(st.none() | SMALL)
    given["prorata"] = draw(st.sampled_from(["month", "day"]))
    given["contracts"] = draw(st.sampled_from([frozenset(), frozenset({"cesa"})]))
    given["date_from"] = draw(st.none() | st.sampled_from(MONTHS[:4]))
    given["internal_rate"] = draw(st.none() | RATES)
    given["free_months"] = draw(st.integers(0, 3))
    return Rule(key="r", **given)


@st.composite
def years(draw, amounts=AMOUNTS):
    """Some months of an activity's year, in order."""
    first = draw(st.integers(0, 6))
    last = draw(st.integers(first, 11 if FULL else first + 5))
    opened = draw(st.none() | st.dates(MONTHS[first], date(2026, 12, 31)))
    change = draw(st.integers(0, 12))
    return [
        MonthFigures(
            month,
            invoiced=draw(amounts),
            collected=draw(EXACT),
            purchases=draw(SMALL),
            value_added=draw(amounts),
            internal_sold=draw(SMALL),
            internal_bought=draw(SMALL),
            losses=draw(SMALL),
            contract="cape" if month.month <= change else "cesa",
            opened=opened,
        )
        for month in MONTHS[first : last + 1]
    ]


# -- the oracle ---------------------------------------------------------------------
def half_up(value):
    sign = -1 if value < 0 else 1
    return sign * Fraction(int(abs(value) * 100 + Fraction(1, 2)), 100)


def scale_due(rule, base):
    """Due of a base by the rule's rate or brackets."""
    if not rule.brackets:
        return base * Fraction(rule.rate) / 100
    if rule.bracket_mode == "whole":
        return base * rate_reached(rule, base) / 100
    total, lower = Fraction(0), None
    for bracket in rule.brackets:
        top = base if bracket.upper is None else min(base, Fraction(bracket.upper))
        part = top if lower is None else max(Fraction(0), top - lower)
        total += part * Fraction(bracket.rate) / 100
        lower = top if bracket.upper is None else Fraction(bracket.upper)
    return total


def rate_reached(rule, base):
    for bracket in rule.brackets:
        if bracket.upper is None or base <= bracket.upper:
            return Fraction(bracket.rate)
    raise AssertionError("no open bracket")


def base_of(rule, month):
    base = Fraction(month.invoiced) - Fraction(month.purchases)
    if rule.basis != "gross_margin":
        base = Fraction(getattr(month, rule.basis))
    if rule.basis != "collected":
        base -= Fraction(month.losses)
    return base + (internal_of(rule, month) if rule.internal_rate is None else 0)


def internal_of(rule, month):
    """Sales between activities, less purchases where the basis deducts them."""
    deducts = rule.basis in ("gross_margin", "value_added")
    return Fraction(month.internal_sold) - deducts * Fraction(month.internal_bought)


def counts(rule, month):
    end = month.month_end
    opened = month.opened
    if opened and (month.month.month - opened.month) < rule.free_months:
        return False  # all of one year
    return (
        (month.opened is None or month.opened <= end)
        and (rule.date_from is None or rule.date_from <= end)
        and (not rule.contracts or month.contract in rule.contracts)
    )


def units_of(rule, month):
    open_days = month.month_end.day
    if month.opened and month.opened > month.month:
        open_days -= month.opened.day - 1
    return Fraction(open_days, month.month_end.day) if rule.prorata == "day" else 1


def bounded(rule, value, units):
    if rule.floor_month:
        value = max(value, Fraction(rule.floor_month) * units)
    if rule.ceiling_month is not None:
        value = min(value, Fraction(rule.ceiling_month) * units)
    return value


def oracle(rule, months):
    """Due to date, from the definition in data/README.md and design.md §4."""
    counted = [month for month in months if counts(rule, month)]
    units = sum(units_of(rule, month) for month in counted)
    if rule.mode == "to_date":
        value = rated(rule, Fraction(0), counted)
        value = bounded(rule, value, units)
    else:
        value, before = Fraction(0), Fraction(0)
        for month in counted:
            own = bounded(rule, rated(rule, before, [month]), units_of(rule, month))
            value += half_up(own)
            before += 0 if rule.basis == "fixed" else base_of(rule, month)
    if rule.floor_year:
        value = max(value, Fraction(rule.floor_year) / 12 * units)
    if rule.ceiling_year is not None:
        value = min(value, Fraction(rule.ceiling_year))
    return half_up(value)


def rated(rule, before, counted):
    if rule.basis == "fixed":
        return sum(Fraction(rule.amount) * units_of(rule, m) for m in counted)
    base = sum((base_of(rule, month) for month in counted), Fraction(0))
    if rule.bracket_mode == "whole" and rule.brackets:
        value = base * rate_reached(rule, before + base) / 100
    else:
        value = scale_due(rule, before + base) - scale_due(rule, before)
    internal = sum(internal_of(rule, month) for month in counted)
    value += internal * Fraction(rule.internal_rate or 0) / 100
    return max(Fraction(0), value)


def amounts(charges):
    return [one.amount for one in charges]


# -- what always holds --------------------------------------------------------------
@examples
@given(rules(), years())
def test_due_is_what_the_definition_says(rule, months):
    assert Fraction(engine.due(rule, months).amount) == oracle(rule, months)


@examples
@given(rules(), years())
def test_charges_sum_to_the_due_of_every_month(rule, months):
    charges = engine.charges(rule, months)
    for count, (one, total) in enumerate(
        zip(charges, accumulate(amounts(charges)), strict=True), 1
    ):
        assert total == one.due == engine.due(rule, months[:count]).amount


@examples
@given(rules(), years())
def test_second_run_charges_nothing(rule, months):
    charged = {one.month: one.amount for one in engine.charges(rule, months)}
    assert not any(amounts(engine.charges(rule, months, charged)))


@examples
@given(rules(), years(), st.lists(SMALL, min_size=12, max_size=12))
def test_whatever_was_charged_the_year_ends_right(rule, months, past):
    charged = dict(zip(MONTHS, past, strict=True))
    charged = {k: v for k, v in charged.items() if k <= months[-1].month}
    found = engine.charges(rule, months, charged)
    total = sum(charged.values()) + sum(amounts(found))
    assert total == engine.due(rule, months).amount
    # and the last month alone, the others being locked
    one = engine.charge(rule, months, charged)
    assert sum(charged.values()) + one.amount == one.due


@examples
@given(rules(), years())
def test_due_is_never_negative_and_has_two_decimals(rule, months):
    for one in engine.charges(rule, months):
        assert one.due >= 0
        assert one.amount.as_tuple().exponent == -2
        assert one.due == one.due.quantize(Decimal("0.01"), ROUND_HALF_UP)


@examples
@given(rules(), years())
def test_bounds_hold(rule, months):
    due = engine.due(rule, months).amount
    counted = [month for month in months if counts(rule, month)]
    units = sum(units_of(rule, month) for month in counted)
    top = None if rule.ceiling_year is None else Fraction(rule.ceiling_year)
    if top is not None:
        assert due <= top
    floor = half_up(Fraction(rule.floor_year or 0) / 12 * units)
    assert due >= (floor if top is None else min(top, floor))


@examples
@given(rules(), years())
def test_steps_add_up(rule, months):
    for one in engine.charges(rule, months):
        explained = one.explanation
        assert sum(step.amount for step in explained.steps) == explained.due
        assert explained.due - explained.already == explained.amount == one.amount


@examples
@given(rules(), years())
def test_explanations_are_plain_and_can_be_said(rule, months):
    for one in engine.charges(rule, months):
        stored = one.explanation.as_dict()
        assert json.loads(json.dumps(stored)) == stored
        assert engine.render(stored) == engine.render(one.explanation)
        assert not any("{" in text for text in engine.render(stored))


@examples
@given(rules(modes=("to_date",)), years(), st.randoms(use_true_random=False))
def test_order_of_the_months_figures_does_not_change_the_year(rule, months, random):
    """To date, whole months: only the sums count (one contract, no opening)."""
    rule = replace(rule, date_from=None, contracts=frozenset(), prorata="month")
    months = [replace(month, opened=None) for month in months]
    shuffled = random.sample(months, len(months))
    moved = [
        replace(figures, month=month.month)
        for figures, month in zip(shuffled, months, strict=True)
    ]
    assert engine.due(rule, moved).amount == engine.due(rule, months).amount


@examples
@given(rules(), years(), SMALL)
def test_more_turnover_never_lowers_the_due(rule, months, more):
    """Except where brackets choose the rate of a whole base, or of a month."""
    rule = replace(rule, bracket_mode="marginal")
    if rule.mode == "month" and rule.brackets:
        rule = replace(rule, mode="to_date")
    for index, month in enumerate(months):
        richer = [*months]
        richer[index] = replace(
            month,
            invoiced=month.invoiced + more,
            collected=month.collected + Fraction(more),
            value_added=month.value_added + more,
        )
        assert engine.due(rule, richer).amount >= engine.due(rule, months).amount


@examples
@given(years(amounts=st.just(Decimal(0))), st.data())
def test_late_fact_of_a_proportional_rule_moves_no_later_month(months, data):
    """In its own month when open, else in the first open one."""
    rule = Rule(key="r", rate=Decimal(10))
    cents = st.integers(100_000, 900_000).map(lambda c: Decimal(c * 10).scaleb(-2))
    months = [
        replace(month, opened=None, invoiced=data.draw(cents)) for month in months
    ]
    charged = {one.month: one.amount for one in engine.charges(rule, months)}
    late = data.draw(st.integers(0, len(months) - 1))
    first_open = data.draw(st.integers(0, len(months) - 1))
    credit = Decimal(data.draw(st.integers(1, 10_000)) * 10).scaleb(-2)
    months[late] = replace(months[late], invoiced=months[late].invoiced - credit)
    still_open = {month.month for month in months[first_open:]}
    found = engine.charges(rule, months, charged, book=still_open)
    moved = {one.month: one.amount for one in found if one.amount}
    assert moved == {months[max(late, first_open)].month: -credit / 10}


@examples
@given(rules(), years(), st.integers(0, 11), st.integers(0, 11))
def test_an_exempt_month_is_as_if_the_rule_did_not_count_it(rule, months, a, b):
    """Exempt from the first month on = in force from the month after."""
    end = min(a, b)
    free = Exemption(reason="free", date_to=months[0].month.replace(month=end + 1))
    free = replace(free, date_to=MonthFigures(free.date_to).month_end)
    start = engine.next_month(MONTHS[end])
    late = replace(rule, date_from=max(start, rule.date_from or start))
    assert amounts(engine.charges(rule, months, exemptions=[free])) == amounts(
        engine.charges(late, months)
    )


@examples
@given(rules(), years())
def test_an_override_equal_to_the_rule_changes_nothing(rule, months):
    same = Override(reason="same", rate=rule.rate, amount=rule.amount)
    assert amounts(engine.charges(rule, months, overrides=[same])) == amounts(
        engine.charges(rule, months)
    )


@examples
@given(st.lists(rules(), min_size=1, max_size=3), years())
def test_simulation_is_the_sum_of_the_rules(found, months):
    months = [replace(month, opened=None, contract="cesa") for month in months]
    result = engine.simulate(found, months)
    # the activity of a simulation opens in its first month
    months = [replace(month, opened=months[0].month) for month in months]
    by_rule = [amounts(engine.charges(rule, months)) for rule in found]
    assert [one.amount for one in result] == [
        sum(row) for row in zip(*by_rule, strict=True)
    ]


@examples
@given(st.fractions(-(10**9), 10**9, max_denominator=10**6))
def test_cents_of_a_fraction(value):
    assert Fraction(money.cents(value)) == half_up(value)


@examples
@given(st.lists(EXACT, min_size=1, max_size=12), st.integers(1, 400))
def test_half_cents_of_sums_of_ratios(values, rate):
    """Sixty digits and their settling decide as exact fractions do."""
    rule = Rule(key="r", basis="collected", rate=Decimal(rate).scaleb(-1))
    rule = replace(rule, never_negative=False)
    total = sum(values)
    # one payment more brings the due to a half cent exactly
    tie = Fraction(int(total * rate / 10) * 2 + 1, 200) * 1000 / rate
    figures = [*values, tie - total][-12:]
    months = [
        MonthFigures(m, collected=v) for m, v in zip(MONTHS, figures, strict=False)
    ]
    exact = sum(figures) * rate / 1000
    assert Fraction(engine.due(rule, months).amount) == half_up(exact)


@pytest.mark.parametrize("count", [500])
def test_fast_enough(count):
    """500 activities × 10 months × 3 rules; the limit is wide for a busy machine."""
    scale = (Bracket(Decimal(40000), Decimal(11)), Bracket(None, Decimal(9)))
    scheme = [
        Rule(key="a", brackets=scale, floor_year=Decimal(2160)),
        Rule(
            key="b",
            basis="collected",
            mode="month",
            rate=Decimal(12),
            floor_month=Decimal(40),
            ceiling_year=Decimal(8400),
        ),
        Rule(key="c", basis="fixed", amount=Decimal(16)),
    ]
    months = [
        MonthFigures(month, Decimal(number * 1000), Fraction(number * 10000, 12))
        for number, month in enumerate(MONTHS[:10])
    ]
    start = perf_counter()
    for _activity in range(count):
        for rule in scheme:
            engine.charges(rule, months)
    assert perf_counter() - start < 5
