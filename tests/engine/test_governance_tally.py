"""Rule sets of the shipped data, tally, elections: tables of the law and by hand."""

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from cae_governance_engine import notice, proxies, rules, tally
from cae_governance_engine.election import Election, elect
from cae_governance_engine.rules import GovernanceError
from hypothesis import given
from hypothesis import strategies as st

DATA = Path(__file__).resolve().parents[2] / "addons/cae_governance/data"


def _rows(name):
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sets():
    found = {}
    for row in _rows("cae.rule.set.csv"):
        decisions = [
            rules.decision_of({**d, "count_abstentions": 0, "count_blanks": 0})
            for d in _rows("cae.rule.decision.csv")
            if d["set_id/id"] == row["id"]
        ]
        found[row["code"]] = rules.RuleSet(
            row["code"],
            {(d.kind, d.call): d for d in decisions},
            row["proxies"],
            int(row["proxy_number"]),
            row["empty_colleges"],
        )
    return found


SETS = _sets()


def _count(rule, members, present, favour, against=0, **values):
    given = {
        "rule": rule,
        "kind": values.pop("kind", "ordinary"),
        "call": values.pop("call", 1),
        "members": members,
        "present": present,
        "represented": values.pop("represented", 0),
        "votes": {"for": favour, "against": against, **values},
    }
    return tally.tally(SETS[rule], tally.poll_of(given))


def _refused(code, function, *args, **kwargs):
    with pytest.raises(GovernanceError) as caught:
        function(*args, **kwargs)
    assert caught.value.code == code
    assert str(caught.value).startswith(f"{code}: ")


def test_every_set_has_its_four_decisions():
    assert sorted(SETS) == ["loi47", "sa_scop", "sarl_scop", "sas_scop", "scic"]
    for rule in SETS.values():
        assert len(rule.decisions) == 4


@pytest.mark.parametrize(
    "rule,kind,call,members,heads",
    [
        ("sarl_scop", "ordinary", 1, 40, 0),
        ("sarl_scop", "extraordinary", 1, 40, 30),
        ("sarl_scop", "extraordinary", 1, 39, 30),
        ("sarl_scop", "extraordinary", 2, 39, 20),
        ("sa_scop", "ordinary", 1, 40, 8),
        ("sa_scop", "ordinary", 1, 39, 8),
        ("sa_scop", "ordinary", 2, 40, 0),
        ("sa_scop", "extraordinary", 1, 19, 5),
        ("sa_scop", "extraordinary", 2, 20, 4),
        ("loi47", "extraordinary", 1, 40, 0),
    ],
)
def test_quorum(rule, kind, call, members, heads):
    result = _count(rule, members, heads, 0, kind=kind, call=call)
    assert (result.quorum_needed, result.quorum_reached) == (heads, True)
    if heads:
        short = _count(rule, members, heads - 1, heads - 1, kind=kind, call=call)
        assert not short.quorum_reached
        assert not short.adopted


@pytest.mark.parametrize(
    "rule,kind,call,members,present,needed",
    [
        # More than half of ALL members, whoever comes.
        ("sarl_scop", "ordinary", 1, 19, 12, 10),
        ("sarl_scop", "ordinary", 1, 20, 12, 11),
        ("sarl_scop", "ordinary", 1, 39, 25, 20),
        ("sarl_scop", "ordinary", 1, 40, 25, 21),
        # More than half of those present or represented.
        ("sarl_scop", "ordinary", 2, 40, 12, 7),
        # Three quarters at least of those present or represented.
        ("sarl_scop", "extraordinary", 1, 40, 32, 24),
        ("sarl_scop", "extraordinary", 1, 40, 33, 25),
    ],
)
def test_majority_of_people(rule, kind, call, members, present, needed):
    for favour in (needed, needed - 1):
        # Who abstains weighs as much as who is against.
        result = _count(rule, members, present, favour, kind=kind, call=call)
        assert result.needed == needed
        assert result.adopted is (favour == needed)


def test_exactly_two_thirds_of_votes_cast_adopt():
    assert _count("sa_scop", 40, 40, 20, 10, abstain=10, kind="extraordinary").adopted
    short = _count("sa_scop", 40, 40, 19, 10, abstain=11, kind="extraordinary")
    assert (short.base, short.needed, short.adopted) == (29, 20, False)


def test_exactly_three_quarters_adopt():
    assert _count("sarl_scop", 40, 40, 30, 10, kind="extraordinary").adopted
    assert not _count("sarl_scop", 40, 40, 29, 10, kind="extraordinary").adopted


@pytest.mark.parametrize("rule", ["sa_scop", "sas_scop", "loi47", "scic"])
def test_tie_rejects(rule):
    assert not _count(rule, 40, 30, 15, 15).adopted
    assert _count(rule, 40, 31, 16, 15).adopted


@pytest.mark.parametrize("rule", sorted(SETS))
@pytest.mark.parametrize("kind", rules.KINDS)
@pytest.mark.parametrize("call", rules.CALLS)
def test_all_abstain_rejects(rule, kind, call):
    result = _count(rule, 20, 20, 0, abstain=20, kind=kind, call=call)
    assert (result.quorum_reached, result.adopted) == (True, False)
    assert result.needed >= 1


@pytest.mark.parametrize("rule", sorted(SETS))
def test_nobody_rejects(rule):
    assert not _count(rule, 0, 0, 0).adopted


def test_abstentions_and_blanks_count_when_the_statutes_say_so():
    cast = SETS["loi47"].decision("ordinary", 1)
    votes = tally.Votes(10, 5, 5, 1)
    assert votes.cast(cast) == 15
    row = {"kind": "ordinary", "call": 1, "quorum": "", "majority": "1/2"}
    row |= {"comparison": "more", "base": "cast", "count_abstentions": True}
    assert votes.cast(rules.decision_of(row)) == 20
    assert votes.cast(rules.decision_of({**row, "count_blanks": True})) == 21


@pytest.mark.parametrize(
    "values",
    [
        {"present": 30, "represented": 11},
        {"present": 10, "favour": 11},
        {"present": 10, "favour": -1},
        {"present": 10, "favour": 1.5},
        {"present": 10, "favour": True},
        {"present": 10, "favour": "1"},
        {"present": float("nan"), "favour": 0},
    ],
)
def test_impossible_counts(values):
    values.setdefault("favour", 1)
    _refused("CAE-VOTE-COUNT", _count, "sa_scop", 40, **values)


@pytest.mark.parametrize(
    "values",
    [
        None,
        {},
        {"members": 4, "present": 4, "represented": 0},
        {"members": 4, "present": 4, "represented": 0, "votes": {"yes": 4}},
        {"members": 4, "present": 4, "represented": 0, "votes": [4]},
        {"members": 4, "present": 4, "represented": 0, "votes": {"for": 4}, "x": 1},
        {"members": 4, "present": 4, "represented": 0, "colleges": [{"code": "A"}]},
        {"members": 4, "present": 4, "represented": 0, "colleges": "AB"},
    ],
)
def test_unusable_values(values):
    _refused("CAE-VOTE-VALUE", tally.poll_of, values)


@pytest.mark.parametrize("kind,call", [("x", 1), ("ordinary", 3), ([], 1)])
def test_unknown_decision(kind, call):
    sa = SETS["sa_scop"]
    _refused("CAE-RULE-MISSING", lambda: sa.decision(kind, call))


# ----------------------------------------------------------------------
# Colleges
# ----------------------------------------------------------------------


def _weighted(colleges, rule="scic", kind="ordinary", **changes):
    rows = [
        {"code": code, "weight": weight, "members": members, "for": yes, "against": no}
        for code, weight, members, yes, no in colleges
    ]
    total = sum(row["members"] for row in rows)
    values = {"kind": kind, "call": 1, "members": total, "present": total}
    poll = tally.poll_of({**values, "represented": 0, "colleges": rows})
    return tally.tally(SETS[rule], poll)


def test_weights_count_inside_each_college():
    # 0.40 × 3/4 + 0.25 × 1/2 + 0.25 × 0 + 0.10 × 1 = 0.525
    rows = [("A", 40, 4, 3, 1), ("B", 25, 2, 1, 1), ("C", 25, 9, 0, 9)]
    rows.append(("D", 10, 1, 1, 0))
    result = _weighted(rows)
    assert result.share == Fraction(525, 1000)
    assert result.adopted
    assert not _weighted(rows, kind="extraordinary").adopted


def test_weights_of_floats_are_exact():
    result = _weighted(
        [("A", 0.4, 1, 1, 0), ("B", 0.25, 1, 0, 1), ("C", 0.25, 1, 0, 1)]
        + [("D", 0.1, 1, 1, 0)]
    )
    assert (result.share, result.adopted) == (Fraction(1, 2), False)


def test_empty_college_counts_zero_or_is_shared():
    rows = [("A", 50, 2, 2, 0), ("B", 30, 0, 0, 0), ("C", 20, 2, 0, 2)]
    result = _weighted(rows)
    assert (result.share, result.adopted, result.silent) == (
        Fraction(1, 2),
        False,
        ("B",),
    )
    shared = rules.RuleSet("scic", SETS["scic"].decisions, empty_colleges="share")
    assert tally.tally(shared, result.poll).share == Fraction(5, 7)
    assert tally.tally(shared, result.poll).adopted


def test_no_college_votes():
    result = _weighted([("A", 50, 2, 0, 0), ("B", 50, 2, 0, 0)])
    assert (result.share, result.adopted) == (0, False)


@pytest.mark.parametrize(
    "colleges",
    [
        [("A", 60, 2, 2, 0), ("B", 40, 2, 2, 0)],
        [("A", 50, 2, 2, 0), ("B", 45, 2, 2, 0), ("C", 5, 2, 2, 0)],
        [("A", 50, 2, 2, 0), ("B", 40, 2, 2, 0)],
        [("A", 50, 2, 2, 0), ("A", 50, 2, 2, 0)],
        [("A", -50, 2, 2, 0), ("B", 50, 2, 2, 0)],
        [("A", "x", 2, 2, 0), ("B", 50, 2, 2, 0)],
        [("A", "1e999999", 2, 2, 0), ("B", 50, 2, 2, 0)],
    ],
)
def test_wrong_weights(colleges):
    _refused("CAE-VOTE-COLLEGE", _weighted, colleges)


def test_scop_has_no_weights():
    _refused(
        "CAE-VOTE-COLLEGE",
        _weighted,
        [("A", 50, 2, 2, 0), ("B", 50, 2, 2, 0)],
        "sarl_scop",
    )


def test_more_votes_than_members_of_a_college():
    _refused("CAE-VOTE-COUNT", _weighted, [("A", 50, 1, 2, 0), ("B", 50, 3, 2, 0)])


# ----------------------------------------------------------------------
# Properties
# ----------------------------------------------------------------------

COUNTS = st.tuples(*[st.integers(0, 60)] * 4)


@given(st.sampled_from(sorted(SETS)), st.sampled_from(rules.KINDS), COUNTS)
def test_needed_is_the_least_that_adopts(rule, kind, counts):
    favour, against, abstain, blank = counts
    present = sum(counts)
    values = {"abstain": abstain, "blank": blank, "kind": kind}
    result = _count(rule, present + 7, present, favour, against, **values)
    decision = result.decision
    assert result.adopted == (result.quorum_reached and favour >= result.needed)
    share = Fraction(result.needed, result.base or 1)
    assert decision.reaches(share)
    if result.needed > 1:
        assert not decision.reaches(Fraction(result.needed - 1, result.base))


@given(st.sampled_from(sorted(SETS)), COUNTS)
def test_one_more_vote_for_never_rejects(rule, counts):
    favour, against, abstain, blank = counts
    present = sum(counts) + 1
    before = _count(rule, 250, present, favour, against, abstain=abstain, blank=blank)
    after = _count(
        rule, 250, present, favour + 1, against, abstain=abstain, blank=blank
    )
    assert after.adopted or not before.adopted


# ----------------------------------------------------------------------
# Rules as data
# ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text,value",
    [("3/4", "3/4"), ("75 %", "3/4"), ("0,75", "3/4"), ("", "0"), ("1", "1")],
)
def test_fractions(text, value):
    assert rules.fraction(text) == Fraction(value)


@pytest.mark.parametrize("text", ["4/3", "-1", "half", "1/0", "nan", "9" * 5000])
def test_no_fractions(text):
    _refused("CAE-RULE-FRACTION", rules.fraction, text)


@pytest.mark.parametrize("comparison,majority", [("more", "1"), ("least", "0")])
def test_rules_that_decide_nothing(comparison, majority):
    row = {"kind": "ordinary", "call": 1, "quorum": "", "base": "cast"}
    row |= {"comparison": comparison, "majority": majority}
    _refused("CAE-RULE-VALUE", rules.decision_of, row)


@pytest.mark.parametrize(
    "members,number", [(2, 1), (19, 1), (20, 1), (39, 1), (40, 2), (59, 2), (200, 10)]
)
@pytest.mark.parametrize("rule", ["sarl_scop", "sa_scop", "sas_scop"])
def test_proxies_of_a_scop(rule, members, number):
    assert rules.max_proxies(SETS[rule], members) == number


def test_proxies_of_statutes():
    assert rules.max_proxies(SETS["scic"], 40) == 1
    for name, number in (("none", 0), ("one", 1), ("number", 5)):
        mine = rules.RuleSet("loi47", {}, name, 5)
        assert rules.max_proxies(mine, 40) == number
    _refused("CAE-VOTE-COUNT", rules.max_proxies, SETS["scic"], -1)
    _refused("CAE-VOTE-COUNT", rules.max_proxies, SETS["scic"], "forty")


# ----------------------------------------------------------------------
# Proxies, notice
# ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "code,pairs",
    [
        ("CAE-PROXY-SELF", [(1, 1)]),
        ("CAE-PROXY-TWICE", [(1, 2), (1, 3)]),
        ("CAE-PROXY-CHAIN", [(1, 2), (2, 3)]),
        ("CAE-PROXY-CHAIN", [(1, 2), (2, 1)]),
        ("CAE-PROXY-CHAIN", [(1, 2), (2, None)]),
        ("CAE-PROXY-LIMIT", [(1, 4), (2, 4), (3, 4)]),
    ],
)
def test_proxies_that_cannot_stand(code, pairs):
    given = [proxies.Proxy(*pair) for pair in pairs]
    _refused(code, proxies.check, given, 2)


def test_blank_proxies_are_outside_the_limit():
    given = [proxies.Proxy(n, None) for n in range(5)]
    proxies.check([*given, proxies.Proxy(5, 9)], 1)
    _refused("CAE-PROXY-BLANK", proxies.check, given, 1, blank=False)


def test_delay_does_not_count_the_day_of_sending():
    meeting = date(2026, 12, 18)
    assert notice.last_day(meeting, 15) == date(2026, 12, 3)
    assert notice.late_by(date(2026, 12, 3), meeting, 15) == 0
    assert notice.late_by(date(2026, 12, 5), meeting, 15) == 2


# ----------------------------------------------------------------------
# Elections
# ----------------------------------------------------------------------


def _elect(votes, seats=2, rule="loi47", ballots=20, blank=0, **values):
    decision = SETS[rule].decision("ordinary", values.pop("call", 1))
    return elect(decision, Election(seats, 40, ballots, ballots, blank, votes))


def test_most_votes_with_the_majority():
    outcome = _elect({"A": 15, "B": 12, "C": 11, "D": 2})
    assert (outcome.elected, outcome.tied) == (("A", "B"), ())
    assert outcome.missed == ("C", "D")


def test_without_the_majority_a_seat_stays_free():
    outcome = _elect({"A": 15, "B": 10, "C": 5})
    assert (outcome.needed, outcome.elected) == (11, ("A",))
    # Blank ballots are not cast: 10 of 18.
    assert _elect({"A": 15, "B": 10}, blank=2).elected == ("A", "B")


def test_tie_for_the_last_seat_elects_neither():
    outcome = _elect({"A": 15, "B": 12, "C": 12})
    assert (outcome.elected, outcome.tied) == (("A",), ("B", "C"))
    assert outcome.vacant
    assert _elect({"A": 12, "B": 12}).tied == ()


def test_managers_need_more_than_half_of_all_members():
    assert not _elect({"A": 20}, 1, "sarl_scop").elected
    assert _elect({"A": 11}, 1, "sarl_scop", call=2).elected == ("A",)


@pytest.mark.parametrize(
    "votes,values",
    [
        ({"A": 21}, {}),
        ({"A": 19}, {"blank": 2}),
        ({"A": 20, "B": 20, "C": 20}, {}),
        ({"A": -1}, {}),
        ({"A": 1}, {"seats": 0}),
        ({"A": 1}, {"ballots": 41}),
    ],
)
def test_impossible_elections(votes, values):
    _refused("CAE-VOTE-COUNT", _elect, votes, **values)
