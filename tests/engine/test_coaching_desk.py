from datetime import date, timedelta

from cae_coaching_engine import desk
from hypothesis import given
from hypothesis import strategies as st

DAY = date(2026, 6, 15)
reasons = st.builds(
    desk.Reason,
    kind=st.sampled_from((*desk.ORDER, "other")),
    state=st.sampled_from((desk.TROUBLE, desk.SOON)),
    day=st.none() | st.dates(),
    count=st.integers(0, 9),
    alert=st.integers(0, 9),
)


def test_money_is_trouble_at_once_and_legal_terms_when_they_are_urgent():
    assert desk.of_alert("no_invoice", 1) == desk.TROUBLE
    assert desk.of_alert("margin", 0) == desk.SOON
    assert desk.of_alert("cape", 1) == desk.SOON
    assert desk.of_alert("cape", 2) == desk.TROUBLE


def test_the_duty_is_trouble_when_late_or_near_and_unplanned():
    near, far = DAY + timedelta(days=10), DAY + timedelta(days=50)
    assert desk.of_duty("late", DAY, None, DAY) == desk.TROUBLE
    assert desk.of_duty("soon", near, None, DAY) == desk.TROUBLE
    assert desk.of_duty("soon", near, near, DAY) == desk.SOON
    assert desk.of_duty("soon", near, far, DAY) == desk.TROUBLE
    assert desk.of_duty("soon", far, None, DAY) == desk.SOON
    assert desk.of_duty("due", far, None, DAY) == desk.WELL
    assert desk.of_duty("soon", None, None, DAY) == desk.WELL


def test_nobody_without_a_reason_is_not_well():
    assert desk.worst(()) is None


@given(st.lists(reasons, min_size=1))
def test_the_worst_is_one_of_them_and_trouble_if_any_is(found):
    worst = desk.worst(found)
    assert worst in found
    trouble = any(reason.state == desk.TROUBLE for reason in found)
    assert (worst.state == desk.TROUBLE) == trouble


@given(st.lists(reasons, min_size=1, max_size=6), st.randoms())
def test_the_order_in_which_they_are_found_says_nothing(found, random):
    mixed = list(found)
    random.shuffle(mixed)
    first, second = desk.worst(found), desk.worst(mixed)
    assert desk._rank(first) == desk._rank(second)
