"""Alerts of coaches: each cause alone, one finding each, no bell every other night."""

from datetime import date, timedelta
from decimal import Decimal

from cae_coaching_engine import alerts
from cae_coaching_engine.alerts import (
    ACT,
    URGENT,
    WATCH,
    Finding,
    Known,
    Limits,
    Money,
    Terms,
    Unpaid,
)
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2026, 11, 30)
LIMITS = Limits()
START = date(2024, 1, 1)


def euros(low=-50_000, high=50_000):
    return st.integers(low * 100, high * 100).map(lambda c: Decimal(c) / 100)


def days(back=900, ahead=900):
    return st.integers(-back, ahead).map(lambda n: DAY + timedelta(days=n))


CAUSES = ("treasury", "no_invoice", "margin", "unpaid")
MONEY = st.builds(
    Money,
    start=days(ahead=0),
    available=euros(),
    before=st.none() | euros(),
    invoiced=euros(),
    purchases=euros(),
    last_invoice=st.none() | days(ahead=0),
    unpaid=st.lists(st.builds(Unpaid, due=days(), amount=euros())).map(tuple),
)
TERMS = st.builds(
    Terms,
    cape_end=st.none() | days(),
    cape_limit=st.none() | days(),
    trial_end=st.none() | days(),
    membership=st.none() | days(),
    interviews=st.integers(0, 3),
    interview_deadline=st.none() | days(),
)


def well(**facts):
    """An activity without trouble, but for ``facts``."""
    usual = {
        "start": START,
        "available": Decimal(5000),
        "last_invoice": DAY - timedelta(days=10),
    }
    return Money(**{**usual, **facts})


def one(money, limits=LIMITS, known=()):
    (finding,) = alerts.of_activity(money, limits, DAY, known)
    return finding


def none(money, limits=LIMITS, known=()):
    return not alerts.of_activity(money, limits, DAY, known)


def test_an_activity_that_is_well():
    assert none(well())


def test_treasury_under_the_limit_is_urgent():
    finding = one(well(available=Decimal("-0.01")))
    assert (finding.cause, finding.urgency) == ("treasury", URGENT)
    assert none(well(available=Decimal(0)))


def test_treasury_closes_above_the_relief_only():
    money = well(available=Decimal("99.99"))
    assert none(money)
    assert one(money, known={"treasury"}).urgency == ACT
    assert none(well(available=Decimal(100)), known={"treasury"})


def test_a_fall_counts_from_a_balance_that_matters():
    assert one(well(available=Decimal(2000), before=Decimal(4000))).urgency == ACT
    assert none(well(available=Decimal("2000.01"), before=Decimal(4000)))
    assert none(well(available=Decimal(200), before=Decimal("999.99")))
    off = Limits(fall_percent=0)
    assert none(well(available=Decimal(1), before=Decimal(4000)), off)


def test_no_invoice_since_the_last_one_or_the_start():
    finding = one(well(last_invoice=date(2026, 8, 30)))
    assert (finding.cause, finding.facts["months"]) == ("no_invoice", 3)
    assert none(well(last_invoice=date(2026, 9, 1)))
    assert not one(well(last_invoice=None)).facts["ever"]
    assert none(well(last_invoice=None, start=date(2026, 10, 1)))
    assert one(well(last_invoice=date(2026, 5, 30))).urgency == URGENT


def test_margin():
    sold = {"invoiced": Decimal(1000)}
    assert none(well(**sold, purchases=Decimal(800)))
    assert one(well(**sold, purchases=Decimal("800.01"))).urgency == WATCH
    assert one(well(**sold, purchases=Decimal(1001))).urgency == ACT
    assert none(well(invoiced=Decimal(999), purchases=Decimal(5000)))


def test_unpaid_customers():
    def debt(age, amount=100):
        return Unpaid(DAY - timedelta(days=age), Decimal(amount))

    assert none(well(unpaid=(debt(60), debt(0))))
    finding = one(well(unpaid=(debt(61), debt(100), debt(5, 1000))))
    assert finding.facts == {"amount": "200", "count": 2, "days": 100}
    assert finding.urgency == ACT
    assert one(well(unpaid=(debt(121),))).urgency == URGENT
    assert none(well(unpaid=(debt(100), debt(90, -100))))


def term(**facts):
    (finding,) = alerts.of_person(Terms(**facts), LIMITS, DAY)
    return finding


def test_legal_terms():
    def left(n):
        return DAY + timedelta(days=n)

    assert term(cape_end=left(21), cape_limit=left(400)).facts == {
        "deadline": left(21).isoformat(),
        "renewable": left(400).isoformat(),
    }
    assert "renewable" not in term(cape_end=left(21), cape_limit=left(21)).facts
    assert term(cape_end=left(60)).urgency == ACT
    assert term(cape_end=left(20)).urgency == URGENT
    assert term(cape_end=left(-300)).urgency == URGENT
    assert term(trial_end=left(0)).urgency == URGENT
    assert term(membership=left(180)).urgency == ACT
    assert term(interviews=1, interview_deadline=left(40)).facts["missing"] == 1
    for nothing in (
        {},
        {"cape_end": left(61)},
        {"trial_end": left(-1)},
        {"membership": left(181)},
        {"interview_deadline": left(3)},
        {"interviews": 1},
    ):
        assert not alerts.of_person(Terms(**nothing), LIMITS, DAY)


@given(MONEY, st.sets(st.sampled_from(CAUSES)))
def test_one_finding_for_each_cause_of_an_activity(money, known):
    found = alerts.of_activity(money, LIMITS, DAY, known)
    causes = [f.cause for f in found]
    assert len(causes) == len(set(causes))
    assert set(causes) <= set(CAUSES)
    # An alert that is known never hides one that would open by itself.
    assert {f.cause for f in alerts.of_activity(money, LIMITS, DAY)} <= set(causes)


@given(TERMS)
def test_one_finding_for_each_term(terms):
    found = alerts.of_person(terms, LIMITS, DAY)
    causes = [f.cause for f in found]
    assert len(causes) == len(set(causes))
    assert all(f.deadline and f.urgency in (ACT, URGENT) for f in found)
    assert all(f.urgency == URGENT for f in found if f.deadline <= DAY)


@given(TERMS, st.integers(0, 400))
def test_terms_never_become_less_urgent(terms, later):
    day = DAY + timedelta(days=later)
    now = {f.cause: f.urgency for f in alerts.of_person(terms, LIMITS, DAY)}
    then = {f.cause: f.urgency for f in alerts.of_person(terms, LIMITS, day)}
    for cause, urgency in now.items():
        # The trial alone ends by passing.
        if cause != "trial":
            assert then[cause] >= urgency


@given(MONEY)
def test_everything_can_be_turned_off(money):
    off = Limits(
        available=Decimal(-10_000_000),
        fall_percent=0,
        idle_months=0,
        margin_percent=0,
        unpaid_days=0,
    )
    assert not alerts.of_activity(money, off, DAY)


KEYS = st.integers(0, 8)
KNOWN = st.builds(Known, urgency=st.integers(0, 2), until=st.none() | days(5, 5))
FOUND = st.builds(Finding, cause=st.just("treasury"), urgency=st.integers(0, 2))


@given(st.dictionaries(KEYS, KNOWN), st.dictionaries(KEYS, FOUND))
def test_a_plan_places_each_key_once(known, found):
    plan = alerts.plan(known, found, DAY)
    placed = [*plan.opened, *plan.wake, *plan.raised, *plan.same, *plan.closed]
    assert len(placed) == len(set(placed))
    assert set(placed) == known.keys() | found.keys()
    assert set(plan.closed) == known.keys() - found.keys()
    assert set(plan.opened) == found.keys() - known.keys()


@given(st.dictionaries(KEYS, FOUND))
def test_the_same_findings_twice_change_nothing(found):
    known = {key: Known(finding.urgency) for key, finding in found.items()}
    plan = alerts.plan(known, found, DAY)
    assert set(plan.same) == found.keys()
    assert not (plan.opened or plan.wake or plan.raised or plan.closed)


def test_a_rest_ends_on_its_day_or_when_things_get_worse():
    def step(urgency, until, found):
        known = {1: Known(urgency, until)}
        return alerts.plan(known, {1: Finding("margin", found)}, DAY)

    assert step(ACT, DAY + timedelta(days=1), ACT).same
    assert step(ACT, DAY, ACT).wake
    assert step(ACT, DAY + timedelta(days=9), URGENT).wake
    assert step(ACT, None, URGENT).raised
    assert step(URGENT, None, ACT).same
