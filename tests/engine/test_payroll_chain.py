"""The chain from the turnover to the net, and its picture."""

import re
from decimal import Decimal

from cae_base_engine.waterfall import LEFT, RIGHT, Bar, waterfall
from cae_payroll_engine.chain import FIGURES, Pay, monthly, part, yearly
from hypothesis import given, settings
from hypothesis import strategies as st

amounts = st.integers(-10_000_00, 10_000_00).map(lambda cents: Decimal(cents) / 100)
pays = st.builds(Pay, amounts, amounts, amounts)
examples = settings(max_examples=100, derandomize=True, deadline=None, database=None)


def assert_adds_up(steps):
    running = steps[0].amount
    for step in steps[1:]:
        if step.total:
            assert step.amount == running, step
        else:
            assert step.amount
            running += step.amount


@examples
@given(st.lists(amounts, min_size=4, max_size=4), amounts, amounts, amounts, pays)
def test_every_total_is_what_precedes_it(figures, available, committed, reserve, pay):
    figures = dict(zip(FIGURES, figures, strict=True))
    steps = monthly(figures, available, committed, reserve, pay)
    assert_adds_up(steps)
    assert [step.key for step in steps if step.total] == [
        *("turnover", "result", "budget", "cost", "gross", "net")
    ]


@examples
@given(amounts, amounts, amounts, pays)
def test_a_year_adds_up_too(budget, paid, left, pay):
    assert_adds_up(yearly(budget, paid, left, pay))


def test_what_is_missing_is_no_rest():
    """The words of a step follow its sign."""
    figures, zero = dict.fromkeys(FIGURES, Decimal(0)), Decimal(0)
    pay = Pay(Decimal(100), Decimal(80), Decimal(60))
    for available, expected in ((99, {"beyond": 1}), (102, {"kept": -2})):
        steps = monthly(figures, Decimal(available), zero, zero, pay)
        found = {s.key: s.amount for s in steps if s.key in ("kept", "beyond")}
        assert found == expected
    for budget, expected in ((90, {"missing": 10}), (105, {"carried": -5})):
        steps = yearly(Decimal(budget), zero, zero, pay)
        found = {s.key: s.amount for s in steps if s.key in ("carried", "missing")}
        assert found == expected


def test_a_holder_has_their_part():
    figures = dict.fromkeys(FIGURES, Decimal("10.01"))
    assert part(figures, Decimal("33.333"))["turnover"] == Decimal("3.34")


def test_a_step_starts_where_the_line_before_ends():
    bars = [
        Bar("In", Decimal(100), True),
        Bar("Out", Decimal(-25)),
        Bar("Left & right", Decimal(75), True),
    ]
    image = waterfall(bars)
    found = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', image)
    rects = [(float(x), float(width)) for x, width in found]
    wide = RIGHT - LEFT
    assert rects == [(LEFT, wide), (LEFT + wide * 0.75, wide / 4), (LEFT, wide * 0.75)]
    assert "Left &amp; right" in image and "\N{MINUS SIGN} 25,00" in image


@examples
@given(st.lists(st.builds(Bar, st.text(max_size=5), amounts, st.booleans())))
def test_bars_stay_on_the_page(bars):
    for x, width in re.findall(
        r'<rect x="([^"]+)" y="[^"]+" width="([^"]+)"', waterfall(bars)
    ):
        assert LEFT <= float(x) <= float(x) + float(width) <= RIGHT + 1.1
