"""Rules of contribution: hand-made cases, the arithmetic beside them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from cae_base_engine import contribution as engine
from cae_base_engine.contribution import (
    Bracket,
    Exemption,
    MonthFigures,
    Override,
    Rule,
)


def day(text):
    return date.fromisoformat(text)


def months(*values, start="2026-01", **common):
    """Months in a row; a value is a number (invoiced) or a dict of figures."""
    month, result = engine.month_start(start), []
    for value in values:
        given = value if isinstance(value, dict) else {"invoiced": D(str(value))}
        given = {
            k: D(str(v)) if isinstance(v, int | float) else v for k, v in given.items()
        }
        result.append(MonthFigures(month, **{**common, **given}))
        month = engine.next_month(month)
    return result


def margins(*pairs, **kwargs):
    names = ("invoiced", "purchases")
    return months(*(dict(zip(names, pair, strict=True)) for pair in pairs), **kwargs)


def cash(*values, **kwargs):
    return months(*({"collected": value} for value in values), **kwargs)


def amounts(rule, figures, charged=None, **kwargs):
    found = engine.charges(rule, figures, charged, **kwargs)
    return [float(one.amount) for one in found]


def brackets(*pairs):
    return tuple(
        Bracket(None if upper is None else D(upper), D(rate)) for upper, rate in pairs
    )


STD10 = Rule(key="STD10", rate=D(10))
TIERS = brackets((40000, 11), (80000, 10), (None, 9))
TRANCHES = Rule(key="TRANCHES", brackets=TIERS, floor_year=D(2160))
MARGE12 = Rule(
    key="MARGE12",
    basis="gross_margin",
    mode="month",
    rate=D(12),
    floor_month=D(40),
    ceiling_year=D(8400),
)
ENCOM1 = Rule(
    key="encom1",
    basis="collected",
    brackets=brackets((35000, 10), (45000, 8), (None, 6)),
)


# -- the rules that CAEs publish (docs/peers.md §4) ---------------------------------
def test_coopaname():
    """30 € a month + 13.5 % of the gross margin."""
    percent = Rule(key="percent", basis="gross_margin", rate=D("13.5"))
    fixed = Rule(key="fixed", basis="fixed", amount=D(30))
    figures = margins((3000, 500), (1000, 1200), (0, 0))
    # margins 2 500, −200, 0; to date 2 500, 2 300, 2 300
    # × 13.5 % = 337.50, 310.50, 310.50: charged 337.50, −27.00, 0.00
    assert amounts(percent, figures) == [337.5, -27, 0]
    assert amounts(fixed, figures) == [30, 30, 30]
    both = engine.simulate([percent, fixed], figures)
    assert [float(one.amount) for one in both] == [367.5, 3, 30]


def test_coopaname_exempt_on_minima_sociaux():
    """Only the fixed part is exempt: an exemption is of one rule."""
    fixed = Rule(key="fixed", basis="fixed", amount=D(30))
    rsa = Exemption(
        reason="RSA", date_from=day("2026-01-01"), date_to=day("2026-02-28")
    )
    assert amounts(fixed, months(0, 0, 0, 0), exemptions=[rsa]) == [0, 0, 30, 30]


def test_coopaname_mutual_risk_when_salaried():
    """One more rule, for CESA contracts: the months under CAPE do not count."""
    risk = Rule(key="risk", rate=D(1), contracts=frozenset({"cesa"}))
    figures = months(1000, 2000, 3000)
    figures[0] = replace(figures[0], contract="cape")
    # 1 % of 2 000 in February, of 3 000 in March
    assert amounts(risk, figures) == [0, 20, 30]


def test_mosaique():
    """12 % of the gross margin, floor 40 €/month, cap 8,400 €/year."""
    figures = margins((300, 100), (5500, 500), (60000, 0), (10000, 0), (9000, 0))
    # margins 200 → 24 → 40; 5 000 → 600; 60 000 → 7 200 (sum 7 840);
    # 10 000 → 1 200, the year stops at 8 400: 560; then nothing
    assert amounts(MARGE12, figures) == [40, 600, 7200, 560, 0]


def test_mosaique_each_month_alone():
    """A bad month pays its floor and takes nothing from a good one."""
    # −2 000 → 40; 1 000 → 120 (to date it would be 12 % of −1 000: nothing)
    assert amounts(MARGE12, margins((0, 2000), (1000, 0))) == [40, 120]


def test_mosaique_qualiopi_fee():
    """An extra fee for training bodies is a rule of its own, with its own account."""
    fee = Rule(key="qualiopi", basis="fixed", amount=D("12.5"))
    found = engine.simulate([MARGE12, fee], margins((1000, 0), (0, 0)))
    # 120 + 12.50, 40 + 12.50
    assert [float(one.amount) for one in found] == [132.5, 52.5]
    assert [[c.rule for c in one.charges] for one in found][0] == [
        "MARGE12",
        "qualiopi",
    ]


def test_encom1_marginal():
    """10 % cashed, 8 % above 35 k€, 6 % above 45 k€ a year, read as slices."""
    # 34 000 → 3 400; 39 000 → 3 500 + 8 % × 4 000 = 3 820;
    # 49 000 → 3 500 + 800 + 6 % × 4 000 = 4 540
    assert amounts(ENCOM1, cash(34000, 5000, 10000)) == [3400, 420, 720]


def test_encom1_whole():
    """Read as one rate for all: the months already charged are lowered."""
    whole = replace(ENCOM1, bracket_mode="whole")
    # 34 000 × 10 % = 3 400; 39 000 × 8 % = 3 120; 49 000 × 6 % = 2 940
    assert amounts(whole, cash(34000, 5000, 10000)) == [3400, -280, -180]


def test_encom1_whole_without_going_back():
    """Read as the rate of the month: the year to date chooses it."""
    whole = replace(ENCOM1, bracket_mode="whole", mode="month")
    # 34 000 × 10 %; 5 000 × 8 % (39 000 reached); 10 000 × 6 % (49 000)
    assert amounts(whole, cash(34000, 5000, 10000)) == [3400, 400, 600]


def test_encom1_insurance():
    """Fixed insurance of 16 € a month, and work accident of 3 €."""
    rules = [
        ENCOM1,
        Rule(key="insurance", basis="fixed", amount=D(16)),
        Rule(key="accident", basis="fixed", amount=D(3)),
    ]
    found = engine.simulate(rules, cash(1000, 0))
    assert [float(one.amount) for one in found] == [119, 19]


def test_opteos():
    """11.5 % of the gross margin; 1.1299 = 1 / 0.885 (its wage table, ± 1 €)."""
    opteos = Rule(key="opteos", basis="gross_margin", rate=D("11.5"))
    for margin, cost in ((2142, 1896), (2734, 2420), (3805, 3367)):
        left = margin - engine.due(opteos, margins((margin, 0))).amount
        # 2 142 − 246.33 = 1 895.67; 2 734 − 314.41 = 2 419.59;
        # 3 805 − 437.58 (437.575) = 3 367.42
        assert abs(left - cost) < 1
    assert amounts(opteos, margins((3805, 0))) == [437.58]


def test_coodyssee():
    """12 % of turnover: 22 000 leaves 19 360."""
    coodyssee = Rule(key="coodyssee", rate=D(12))
    assert 22000 - engine.due(coodyssee, months(12000, 10000)).amount == 19360


def test_cap_services():
    """10 % without resold goods: the rule's product filter acts on the figures."""
    sold = {"services": 3000, "goods": 2000}
    assert amounts(STD10, months(sold["services"])) == [300]


@pytest.mark.parametrize("way", ["rule", "own terms"])
def test_tumukumakop(way):
    """10 % of the margin, free for six months from the opening on 15 March."""
    rule = Rule(key="tumukumakop", basis="gross_margin", rate=D(10))
    free = Exemption(
        reason="six first months",
        date_from=day("2026-03-15"),
        date_to=day("2026-09-14"),
    )
    exemptions = [free] if way == "own terms" else []
    if way == "rule":
        rule = replace(rule, free_months=6)
    figures = margins(
        *((500, 100),) * 6,
        (1000, 0),
        (2000, 500),
        start="2026-03",
        opened=day("2026-03-15"),
    )
    # March to August are free: the whole of March, since the last open day is;
    # September 1 000 → 100; October 1 500 → 150
    assert amounts(rule, figures, exemptions=exemptions) == [0] * 6 + [100, 150]


def test_free_months_go_over_the_end_of_the_year():
    """Opened in November, three months free: January is, February is not."""
    rule = replace(STD10, free_months=3, floor_month=D(20))
    figures = months(1000, 0, 100, opened=day("2025-11-20"))
    # February: the floor of 20; March: 10 % of 100, the floor of 40 to date
    assert amounts(rule, figures) == [0, 20, 20]


def test_free_months_of_an_activity_older_than_the_figures():
    assert amounts(replace(STD10, free_months=3), months(1000)) == [100]
    found = engine.simulate([replace(STD10, free_months=2)], months(1000, 1000, 1000))
    # simulated months begin with the opening
    assert [float(one.amount) for one in found] == [0, 0, 100]


def test_la_montagne():
    assert amounts(STD10, months("1234.56")) == [123.46]


def test_astrolabe_example():
    """90 k → 4 400 + 4 000 + 900 = 9 300."""
    assert amounts(TRANCHES, months(90000)) == [9300]
    due = engine.due(TRANCHES, months(90000))
    assert [float(step.amount) for step in due.steps] == [0, 4400, 4000, 900]


def test_astrolabe_minimum_of_a_cesa():
    """2 160 € a year, by month: 180 for each month to date."""
    # 1 000 → 110 → 180; 3 000 → 330 → 360; 10 000 → 1 100; 10 000
    assert amounts(TRANCHES, months(1000, 2000, 7000, 0)) == [180, 180, 740, 0]
    year = engine.due(TRANCHES, months(*[0] * 12))
    assert year.amount == 2160


def test_astrolabe_minimum_of_a_cape_then_a_cesa():
    """1 200 € a year under CAPE; the brackets go on through the change."""
    rule = replace(TRANCHES, floor_contracts=(("cape", D(100)),))
    figures = [replace(month, contract="cape") for month in months(*[0] * 6)]
    figures += months(*[0] * 6, start="2026-07")
    assert amounts(rule, figures) == [100] * 6 + [180] * 6
    figures[0] = replace(figures[0], invoiced=D(90000))
    assert engine.due(rule, figures).amount == 9300


def test_astrolabe_fixed_part_of_pay_is_no_contribution():
    """Its minimum of 150 €/month is the wage's (peers.md): no rule here needs it."""
    floor = Rule(key="floor", basis="fixed", amount=D(150), ceiling_year=D(1800))
    assert amounts(floor, months(*[0] * 13))[-2:] == [150, 0]


# -- brackets -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("turnover", "marginal", "whole"),
    [
        ("0", "0.00", "0.00"),
        ("40000", "4400.00", "4400.00"),  # the limit belongs to the lower bracket
        ("40000.01", "4400.00", "4000.00"),  # 4 400.001; 10 % of 40 000.01
        ("80000", "8400.00", "8000.00"),
        ("80000.01", "8400.00", "7200.00"),
        ("100000", "10200.00", "9000.00"),  # 8 400 + 9 % × 20 000; 9 % × 100 000
    ],
)
def test_marginal_and_whole(turnover, marginal, whole):
    rule = Rule(key="r", brackets=TIERS)
    figures = months(turnover)
    assert str(engine.due(rule, figures).amount) == marginal
    rule = replace(rule, bracket_mode="whole")
    assert str(engine.due(rule, figures).amount) == whole


def test_a_limit_reached_by_endless_decimals():
    """Three thirds are the limit itself, not a hair above or below it."""
    rule = replace(ENCOM1, bracket_mode="whole")
    for parts in ([F(35000, 3)] * 3, [F(35000, 7)] * 7, [F(5000, 11)] * 77):
        assert engine.due(rule, cash(*parts)).amount == 3500


def test_half_a_cent_made_of_endless_decimals():
    """0.05 in three thirds: 10 % is 0.005, which rounds up."""
    rule = Rule(key="r", basis="collected", rate=D(10))
    assert amounts(rule, cash(*[F(5, 300)] * 3)) == [0, 0, 0.01]


def test_brackets_count_the_year_in_month_alone_mode():
    rule = Rule(key="r", mode="month", brackets=TIERS)
    # 30 000 × 11 %; 10 000 × 11 % + 20 000 × 10 %; −5 000 × 10 % → 0
    assert amounts(rule, months(30000, 30000, -5000)) == [3300, 3100, 0]


# -- credits ------------------------------------------------------------------------
def test_a_credit_gives_back_what_was_charged_and_no_more():
    # 100; to date −50 → 0: −100; to date 150 → 15
    assert amounts(STD10, months(1000, -1050, 200)) == [100, -100, 15]


def test_negative_first_month():
    assert amounts(STD10, months(-500, 300, 700)) == [0, 0, 50]


def test_a_rule_may_give_money_back():
    rule = replace(STD10, never_negative=False)
    assert amounts(rule, months(-500, 300)) == [-50, 30]
    rule = Rule(key="r", mode="month", rate=D(10), never_negative=False)
    assert amounts(rule, months(-500, 300)) == [-50, 30]


def test_rounding_is_half_up_on_both_sides():
    assert amounts(STD10, months("10.05", "-0.10")) == [1.01, -0.01]
    # −0.005 is −0.01, as it was +0.01
    rule = replace(STD10, never_negative=False)
    assert amounts(rule, months("-0.05")) == [-0.01]


def test_to_date_rounds_once():
    """Twelve times 0.04 are 0.05 at 10 % (0.048), not twelve times 0.00."""
    assert sum(amounts(STD10, months(*["0.04"] * 12))) == pytest.approx(0.05)
    alone = replace(STD10, mode="month")
    assert amounts(alone, months(*["0.04"] * 12)) == [0] * 12


# -- floors and ceilings ------------------------------------------------------------
def test_floor_to_date_is_of_all_months_together():
    rule = replace(STD10, floor_month=D(50))
    # 1 000 → 100; 100 is the floor of two months; 150 of three
    assert amounts(rule, months(1000, 0, 0)) == [100, 0, 50]


def test_floor_alone_is_of_each_month():
    rule = replace(STD10, mode="month", floor_month=D(50))
    assert amounts(rule, months(1000, 0, 0)) == [100, 50, 50]


def test_yearly_floor_over_months_alone():
    """The year's floor is on the sum of the months, a twelfth for each."""
    rule = replace(STD10, mode="month", floor_year=D(600))
    # floors to date 50, 100, 150; sums 0, 70, 70
    assert amounts(rule, months(0, 700, 0)) == [50, 50, 50]
    # 0 + 400 is above the floor of two months: the year's sum is 400, not 450
    assert amounts(rule, months(0, 4000, 0)) == [50, 350, 0]


def test_yearly_floor_that_does_not_divide():
    rule = replace(STD10, floor_year=D(1000))
    # 83.333… → 83.33; 166.666… → 166.67; 250
    assert amounts(rule, months(0, 0, 0)) == [83.33, 83.34, 83.33]
    assert engine.due(rule, months(*[0] * 12)).amount == 1000


def test_ceiling_per_month_to_date_and_alone():
    rule = replace(STD10, ceiling_month=D(100))
    # to date: 500 → 100; two months: 200; three: 300
    assert amounts(rule, months(5000, 0, 0)) == [100, 100, 100]
    rule = replace(rule, mode="month")
    assert amounts(rule, months(5000, 500, 0)) == [100, 50, 0]


def test_ceiling_per_year_to_date():
    rule = replace(STD10, ceiling_year=D(700))
    assert amounts(rule, months(5000, 5000, 100)) == [500, 200, 0]
    # a credit brings the sum below the ceiling again: 6 000 × 10 % = 600
    assert amounts(rule, months(5000, 5000, -4000)) == [500, 200, -100]


def test_ceiling_wins_over_floor():
    rule = replace(MARGE12, ceiling_year=D(100))
    assert amounts(rule, margins(*[(0, 0)] * 4)) == [40, 40, 20, 0]


def test_floor_and_ceiling_of_both_spans():
    rule = Rule(
        key="r",
        mode="month",
        rate=D(10),
        floor_month=D(20),
        ceiling_month=D(300),
        floor_year=D(1200),
        ceiling_year=D(650),
    )
    # alone: 0 → 20, 9 000 → 300, 100 → 20, 5 000 → 300, 300
    # sums 20 → floor 100; 320; 340; 640; 940 → 650
    figures = months(0, 9000, 100, 5000, 5000)
    assert amounts(rule, figures) == [100, 220, 20, 300, 10]


# -- presence -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("opened", "closed", "month", "whole", "by_day"),
    [
        (None, None, "2026-04", 30, "30.00"),
        ("2026-03-31", None, "2026-03", 30, "0.97"),  # 30 × 1 / 31 = 0.9677
        ("2026-03-15", None, "2026-03", 30, "16.45"),  # 30 × 17 / 31 = 16.4516
        (None, "2026-03-01", "2026-03", 30, "0.97"),
        ("2026-02-10", "2026-02-19", "2026-02", 30, "10.71"),  # 30 × 10 / 28
        ("2020-01-01", "2026-02-28", "2026-03", 0, "0.00"),
        ("2026-05-01", None, "2026-04", 0, "0.00"),
    ],
)
def test_presence(opened, closed, month, whole, by_day):
    rule = Rule(key="r", basis="fixed", amount=D(30))
    given = {"opened": opened and day(opened), "closed": closed and day(closed)}
    figures = months(0, start=month, **given)
    assert engine.due(rule, figures).amount == whole
    rule = replace(rule, prorata="day")
    assert str(engine.due(rule, figures).amount) == by_day


def test_floor_follows_presence():
    figures = months(0, 0, 0, opened=day("2026-01-17"), closed=day("2026-03-10"))
    assert amounts(replace(STD10, floor_month=D(31)), figures) == [31, 31, 31]
    rule = replace(STD10, floor_month=D(31), prorata="day")
    # 31 × 15 / 31 = 15; + 31; + 31 × 10 / 31 = 10
    assert amounts(rule, figures) == [15, 31, 10]


def test_money_that_comes_after_the_exit_still_contributes():
    rules = [ENCOM1, Rule(key="insurance", basis="fixed", amount=D(16))]
    figures = cash(1000, 500, closed=day("2026-01-20"))
    found = [amounts(rule, figures) for rule in rules]
    assert found == [[100, 50], [16, 0]]
    capped = replace(ENCOM1, mode="month", ceiling_month=D(30))
    assert amounts(capped, figures) == [30, 30]


def test_nothing_before_the_opening():
    figures = months(1000, 2000, opened=day("2026-02-01"))
    assert amounts(replace(STD10, floor_month=D(10)), figures) == [0, 200]


# -- validity, change of scheme -----------------------------------------------------
def test_base_counts_from_the_first_month_of_validity():
    rule = replace(TRANCHES, date_from=day("2026-04-01"))
    figures = months(50000, 0, 0, 30000, 20000)
    # April 30 000 × 11 % = 3 300; May 40 000 × 11 % + 10 000 × 10 % = 5 400
    assert amounts(rule, figures) == [0, 0, 0, 3300, 2100]


def test_floor_counts_from_the_first_month_of_validity():
    rule = replace(TRANCHES, date_from=day("2026-04-01"))
    assert amounts(rule, months(0, 0, 0, 0, 0)) == [0, 0, 0, 180, 180]


def test_change_of_rule_within_a_month():
    """The month goes to the rule of its last day, whole; nothing counts twice."""
    old = replace(STD10, key="old", date_to=day("2026-04-14"))
    new = Rule(key="new", rate=D(8), date_from=day("2026-04-15"))
    figures = months(1000, 1000, 1000, 1000, 1000)
    assert amounts(old, figures) == [100, 100, 100, 0, 0]
    assert amounts(new, figures) == [0, 0, 0, 80, 80]


def test_a_rule_that_ended_still_corrects_itself():
    """A credit of a month of the old rule is worth the old rate."""
    old = replace(STD10, date_to=day("2026-02-28"))
    figures = months(1000, 1000, 1000)
    charged = {one.month: one.amount for one in engine.charges(old, figures)}
    figures[1] = replace(figures[1], invoiced=D(400))
    march = {figures[2].month}
    assert amounts(old, figures, charged, book=march) == [-60]


# -- exemptions and overrides -------------------------------------------------------
def test_exempt_months_give_neither_base_nor_floor():
    sick = Exemption(
        reason="sick leave", date_from=day("2026-02-01"), date_to=day("2026-03-31")
    )
    figures = months(1000, 5000, 0, 1000)
    rule = replace(TRANCHES, floor_year=D(1200))
    # 110; exempt; exempt; 220 (floor 200)
    assert amounts(rule, figures, exemptions=[sick]) == [110, 0, 0, 110]
    alone = replace(MARGE12)
    assert amounts(alone, figures, exemptions=[sick]) == [120, 0, 0, 120]


def test_exemption_granted_afterwards_gives_back():
    figures = months(1000, 1000)
    charged = {one.month: one.amount for one in engine.charges(STD10, figures)}
    free = Exemption(reason="granted late", date_to=day("2026-01-31"))
    assert amounts(STD10, figures, charged, exemptions=[free]) == [-100, 0]


def test_override_of_a_rate():
    member = Override(
        reason="member",
        rate=D(8),
        date_from=day("2026-02-01"),
        date_to=day("2026-02-28"),
    )
    # 1 000 × 10 %; 2 000 × 8 %; 3 000 × 10 %
    figures = months(1000, 2000, 3000)
    assert amounts(STD10, figures, overrides=[member]) == [100, 160, 300]


def test_override_of_brackets():
    """Its months stay outside the brackets of the others."""
    low = Override(reason="start", rate=D(5), date_to=day("2026-01-31"))
    # 50 000 × 5 % = 2 500; then 30 000 × 11 % = 3 300; then 10 000 more at 11 %,
    # 20 000 at 10 %
    figures = months(50000, 30000, 30000)
    assert amounts(TRANCHES, figures, overrides=[low]) == [2500, 3300, 3100]


def test_credit_across_an_override():
    """Never negative is said of the sum, not of each rate."""
    low = Override(reason="start", rate=D(5), date_from=day("2026-02-01"))
    # 1 000 × 10 % = 100; −400 × 5 % = −20
    assert amounts(STD10, months(1000, -400), overrides=[low]) == [100, -20]


def test_override_of_an_amount():
    insurance = Rule(key="r", basis="fixed", amount=D(16))
    builder = Override(
        reason="building trade", amount=D(25), date_from=day("2026-02-01")
    )
    assert amounts(insurance, months(0, 0, 0), overrides=[builder]) == [16, 25, 25]


def test_override_of_a_floor():
    none = Override(reason="no floor", floor=D(0), date_to=day("2026-02-28"))
    # floors 0, 0, 180; yearly floor and monthly floor alike
    assert amounts(TRANCHES, months(0, 0, 0), overrides=[none]) == [0, 0, 180]
    assert amounts(MARGE12, margins(*[(0, 0)] * 3), overrides=[none]) == [0, 0, 40]
    half = replace(none, floor=D(20))
    rule = replace(MARGE12, floor_year=D(360))
    # alone 20, 20, 40; to date 20, 40, 70 → sums 20, 40, 80
    assert amounts(rule, margins(*[(0, 0)] * 3), overrides=[half]) == [20, 20, 40]


def test_first_override_that_holds_decides():
    one = Override(reason="a", rate=D(1))
    two = Override(reason="b", rate=D(2))
    assert amounts(STD10, months(100), overrides=[one, two]) == [1]


# -- bases --------------------------------------------------------------------------
def test_value_added():
    rule = Rule(key="r", basis="value_added", rate=D(10))
    figures = months({"invoiced": 5000, "value_added": 3200})
    assert amounts(rule, figures) == [320]


def test_internal_sales_count_on_both_sides():
    seller, buyer = {"internal_sold": 400}, {"internal_bought": 400}
    figures = [{"invoiced": 1000, **side} for side in (seller, buyer)]
    margin = Rule(key="r", basis="gross_margin", rate=D(10))
    found = [engine.due(margin, months(one)).amount for one in figures]
    assert found == [140, 60]
    found = [engine.due(STD10, months(one)).amount for one in figures]
    assert found == [140, 100]


def test_bad_debts_give_the_contribution_back():
    """10 000 invoiced in January; 1 500 of it lost in March."""
    figures = months(10000, 0, {"invoiced": 1000, "losses": 1500})
    # 1 000; nothing; 10 % of 9 500 to date = 950, that is 50 less
    assert amounts(STD10, figures) == [1000, 0, -50]
    # brackets: 4 400 + 10 % of 5 000; then the 6 000 lost leave 39 000 at 11 %
    figures = months(45000, {"losses": 6000})
    assert amounts(replace(TRANCHES, floor_year=None), figures) == [4900, -610]
    # margin of the month alone: 2 000 − 500 − 300 lost = 1 200 at 12 %
    lost = {"invoiced": 2000, "purchases": 500, "losses": 300}
    assert amounts(MARGE12, months(lost)) == [144]


def test_what_was_collected_is_never_lost():
    figures = months({"collected": 1000, "losses": 400})
    assert amounts(ENCOM1, figures) == [100]


def test_a_loss_in_a_month_of_own_rate_counts_at_that_rate():
    own = Override(reason="agreed", rate=D(5), date_from=day("2026-02-01"))
    figures = months(1000, {"invoiced": 1000, "losses": 200})
    # 100; 5 % of 800
    assert amounts(STD10, figures, overrides=[own]) == [100, 40]


def test_internal_sales_do_not_count_at_a_rate_of_zero():
    rule = replace(STD10, internal_rate=D(0))
    assert amounts(rule, months({"invoiced": 500, "internal_sold": 700})) == [50]


def test_internal_purchases_at_the_rate_of_internal_sales():
    """The buyer of a rule on the margin: 10 % of 1 000 less 3 % of 400."""
    rule = Rule(key="r", basis="gross_margin", rate=D(10), internal_rate=D(3))
    figures = months({"invoiced": 1000, "internal_bought": 400})
    assert amounts(rule, figures) == [88]


def test_internal_sales_at_their_own_rate():
    rule = Rule(key="r", brackets=TIERS, internal_rate=D(3))
    # 11 % × 40 000 + 3 % × 10 000: they do not fill the brackets
    figures = months({"invoiced": 40000, "internal_sold": 10000})
    assert amounts(rule, figures) == [4700]


# -- order, late facts, undoing -----------------------------------------------------
def booked(rule, figures, **kwargs):
    return {one.month: one.amount for one in engine.charges(rule, figures, **kwargs)}


LATE = [
    pytest.param(STD10, -30, id="to date"),
    pytest.param(replace(STD10, mode="month"), -30, id="month alone"),
    pytest.param(TRANCHES, -33, id="brackets"),
    pytest.param(MARGE12, -36, id="margin"),
]


@pytest.mark.parametrize(("rule", "difference"), LATE)
def test_late_credit_in_an_open_month(rule, difference):
    """It is booked in its own month; no later month moves."""
    figures = months(5000, 4000, 3000, 2000)
    charged = booked(rule, figures)
    figures[1] = replace(figures[1], invoiced=D(3700))
    assert amounts(rule, figures, charged) == [0, difference, 0, 0]


@pytest.mark.parametrize(("rule", "difference"), LATE)
def test_late_credit_in_a_locked_month(rule, difference):
    """The first open month takes it; no later month moves."""
    figures = months(5000, 4000, 3000, 2000)
    charged = booked(rule, figures)
    figures[1] = replace(figures[1], invoiced=D(3700))
    still_open = {month.month for month in figures[2:]}
    assert amounts(rule, figures, charged, book=still_open) == [difference, 0]


@pytest.mark.parametrize(("rule", "difference"), LATE)
def test_open_month_between_locked_ones(rule, difference):
    """February alone was opened again: it takes its own credit."""
    figures = months(5000, 4000, 3000, 2000)
    charged = booked(rule, figures)
    figures[1] = replace(figures[1], invoiced=D(3700))
    february = {figures[1].month}
    assert amounts(rule, figures, charged, book=february) == [difference]
    charged[figures[1].month] += difference
    assert amounts(rule, figures, charged) == [0, 0, 0, 0]


def test_late_invoice_that_crosses_a_bracket():
    """February was figured at 11 %: it is now at 10 %, and shows it in its month."""
    figures = months(30000, 10000)
    charged = booked(TRANCHES, figures)
    assert list(charged.values()) == [3300, 1100]
    figures[0] = replace(figures[0], invoiced=D(40000))
    # January 4 400: + 1 100; to date 4 400 + 10 % × 10 000 = 5 400: − 100
    assert amounts(TRANCHES, figures, charged) == [1100, -100]


def test_late_fact_under_the_yearly_ceiling():
    """Months alone, ceiling in month order: the later month gives way."""
    rule = replace(MARGE12, ceiling_year=D(1000))
    figures = months(5000, 4000)
    charged = booked(rule, figures)
    assert list(charged.values()) == [600, 400]
    figures[0] = replace(figures[0], invoiced=D(6000))
    # January 720: + 120; the year stays at 1 000: − 120
    assert amounts(rule, figures, charged) == [120, -120]


def test_undone_charge_is_booked_again():
    """What is charged is the sum of all revisions of the month."""
    figures = months(1000, 1000)
    charged = {figures[0].month: D("0.00"), figures[1].month: D("100.00")}
    assert amounts(STD10, figures, charged) == [100, 0]


def test_months_charged_before_the_activity_was_said_to_open():
    """The opening was moved to February: January's charge is given back."""
    january = {day("2026-01-01"): D("180.00")}
    figures = months(0, 0, start="2026-02")
    assert amounts(TRANCHES, figures, january) == [0, 180]


def test_a_charge_of_a_later_month_is_not_counted():
    figures = months(1000, 1000)
    april = {day("2026-04-01"): D("50.00")}
    assert amounts(STD10, figures, april) == [100, 100]


def test_charge_of_the_last_month_alone():
    figures = months(1000, 2000)
    one = engine.charge(STD10, figures, {figures[0].month: D("90.00")})
    assert (one.month, one.amount, one.due, one.already) == (
        day("2026-02-01"),
        D("210.00"),
        D("300.00"),
        D("90.00"),
    )


def test_no_month_no_charge():
    assert engine.charges(STD10, []) == ()
    assert engine.due(STD10, []).amount == 0


def test_a_month_left_out_is_refused():
    figures = months(1000, 2000, 3000)
    with pytest.raises(engine.ContributionError, match="^CAE-CONTRIBUTION-MONTHS: "):
        engine.charges(STD10, [figures[0], figures[2]])
    with pytest.raises(engine.ContributionError):
        engine.due(STD10, figures[::-1])


def test_floats_are_refused():
    with pytest.raises(TypeError, match="is a float"):
        engine.due(STD10, [MonthFigures(day("2026-01-01"), 0.1)])


@pytest.mark.parametrize("given", ["2026-03", "2026-03-31", date(2026, 3, 31)])
def test_month_start(given):
    assert engine.month_start(given) == day("2026-03-01")


# -- simulation ---------------------------------------------------------------------
def simulated(rules, figures, **kwargs):
    found = engine.simulate(rules, figures, **kwargs)
    return {f"{one.month:%Y-%m}": float(one.amount) for one in found}


def test_simulation_fills_the_months_left_out():
    figures = [*months(1000), *months(5000, start="2026-04")]
    assert simulated([TRANCHES], figures) == {
        "2026-01": 180,
        "2026-02": 180,
        "2026-03": 180,
        "2026-04": 180,  # 6 000 × 11 % = 660, floor 720
    }


def test_simulation_starts_each_year_at_zero():
    figures = months(90000, 1000, start="2026-12")
    assert simulated([TRANCHES], figures) == {"2026-12": 9300, "2027-01": 180}


def test_simulation_over_a_fiscal_year_from_october():
    figures = months(90000, 10000, start="2026-09")
    found = simulated([TRANCHES], figures, first_month=10)
    assert found == {"2026-09": 9300, "2026-10": 1100}
    # within one year: 9 % of the last 10 000
    figures = months(90000, 10000, start="2026-12")
    found = simulated([TRANCHES], figures, first_month=10)
    assert found == {"2026-12": 9300, "2027-01": 900}


def test_simulation_is_of_a_cesa():
    rule = replace(STD10, contracts=frozenset({"cesa"}))
    figures = [replace(month, contract="cape") for month in months(1000)]
    assert simulated([rule], figures) == {"2026-01": 100}
    assert simulated([rule], figures, contract="cape") == {"2026-01": 0}


def test_simulation_of_nothing():
    assert engine.simulate([STD10], []) == ()


def test_simulation_out_of_order():
    first, second = months(1000, 2000)
    for wrong in ([second, first], [first, first]):
        with pytest.raises(engine.ContributionError, match="MONTHS"):
            engine.simulate([STD10], wrong)


@pytest.mark.parametrize(
    ("month", "first_month", "expected"),
    [
        ("2026-01", 1, "2026-01-01"),
        ("2026-12", 1, "2026-01-01"),
        ("2026-09", 10, "2025-10-01"),
        ("2026-10", 10, "2026-10-01"),
    ],
)
def test_fiscal_year_start(month, first_month, expected):
    found = engine.fiscal_year_start(engine.month_start(month), first_month)
    assert found == day(expected)
