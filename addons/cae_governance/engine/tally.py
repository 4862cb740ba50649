"""Whether a resolution is adopted: quorum, base, threshold, all exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from .rules import Decision, GovernanceError, RuleSet, whole

CHOICES = ("for", "against", "abstain", "blank")
KEYS = {"code", "weight", "members", *CHOICES}
VALUES = {
    *("rule", "kind", "call", "members", "present", "represented"),
    *("votes", "colleges", "date"),
}


@dataclass(frozen=True, slots=True)
class Votes:
    """Ballots by what they say."""

    favour: int = 0
    against: int = 0
    abstain: int = 0
    blank: int = 0

    @property
    def total(self) -> int:
        return self.favour + self.against + self.abstain + self.blank

    def cast(self, decision: Decision) -> int:
        """Votes cast: for and against, and what else the rule counts as cast."""
        return (
            self.favour
            + self.against
            + (self.abstain if decision.count_abstentions else 0)
            + (self.blank if decision.count_blanks else 0)
        )


@dataclass(frozen=True, slots=True)
class College:
    """Votes of a college; ``weight`` is a share of 1."""

    code: str
    weight: Fraction
    members: int
    votes: Votes


@dataclass(frozen=True, slots=True)
class Poll:
    """What was counted of one resolution."""

    kind: str
    call: int
    members: int
    present: int
    represented: int
    votes: Votes = field(default_factory=Votes)
    colleges: tuple[College, ...] = ()

    @property
    def attending(self) -> int:
        return self.present + self.represented


@dataclass(frozen=True, slots=True)
class Result:
    """What a count gives.

    ``base`` and ``needed`` are votes; with colleges ``share`` is the weighted share
    that is for, of 1, and ``needed`` the share to reach.
    """

    decision: Decision
    poll: Poll
    quorum_needed: int
    quorum_reached: bool
    base: int
    needed: int | Fraction
    adopted: bool
    share: Fraction | None = None
    silent: tuple[str, ...] = ()


def tally(rules: RuleSet, poll: Poll) -> Result:
    """Count a resolution.

    :raises GovernanceError: ``CAE-VOTE-COUNT`` when there are more votes than voters,
        ``CAE-RULE-MISSING``, ``CAE-VOTE-COLLEGE``
    """
    decision = rules.decision(poll.kind, poll.call)
    _check(rules, poll)
    heads = decision.quorum_heads(poll.members)
    reached = poll.attending >= heads
    if poll.colleges:
        return _weighted(rules, decision, poll, heads, reached)
    base = _base(decision, poll)
    needed = decision.votes_needed(base)
    adopted = reached and poll.votes.favour >= needed
    return Result(decision, poll, heads, reached, base, needed, adopted)


def _base(decision: Decision, poll: Poll) -> int:
    if decision.base == "members":
        return poll.members
    if decision.base == "attending":
        return poll.attending
    return poll.votes.cast(decision)


def _weighted(rules, decision, poll, heads, reached):
    """Sum over the colleges of weight × for ÷ base (loi 47-1775 art. 19 octies)."""
    share, total, silent = Fraction(0), Fraction(0), []
    for college in poll.colleges:
        base = college.votes.cast(decision)
        if decision.base == "members":
            base = college.members
        if base:
            share += college.weight * Fraction(college.votes.favour, base)
        else:
            silent.append(college.code)
        if base or rules.empty_colleges == "zero":
            total += college.weight
    share = share / total if total else Fraction(0)
    return Result(
        decision,
        poll,
        heads,
        reached,
        sum(college.votes.cast(decision) for college in poll.colleges),
        decision.majority,
        reached and share > 0 and decision.reaches(share),
        share,
        tuple(silent),
    )


def _check(rules: RuleSet, poll: Poll) -> None:
    if poll.attending > poll.members:
        _wrong(
            f"{poll.present} present and {poll.represented} represented of "
            f"{poll.members} members"
        )
    voted = poll.votes.total + sum(college.votes.total for college in poll.colleges)
    if voted > poll.attending:
        _wrong(f"{voted} votes of {poll.attending} members present or represented")
    if poll.colleges:
        _check_colleges(rules, poll)


def _check_colleges(rules, poll):
    if not rules.weighted:
        raise GovernanceError(
            "CAE-VOTE-COLLEGE",
            "in a SCOP each member has one vote: votes are not weighted by college",
        )
    if sum(college.weight for college in poll.colleges) != 1:
        raise GovernanceError("CAE-VOTE-COLLEGE", "the weights do not add up to 100 %")
    if len({college.code for college in poll.colleges}) != len(poll.colleges):
        raise GovernanceError("CAE-VOTE-COLLEGE", "a college is there twice")
    tenth, half = Fraction(1, 10), Fraction(1, 2)
    for college in poll.colleges:
        # Loi 47-1775 art. 19 octies.
        if rules.code == "scic" and not tenth <= college.weight <= half:
            raise GovernanceError(
                "CAE-VOTE-COLLEGE",
                f"{college.code}: a college of a SCIC weighs 10 % to 50 % of the votes",
            )
        if college.votes.total > college.members:
            _wrong(
                f"{college.code}: {college.votes.total} votes of {college.members} "
                "members"
            )
    if sum(college.members for college in poll.colleges) > poll.members:
        _wrong("the colleges have more members than the cooperative")


def _wrong(message: str) -> None:
    raise GovernanceError("CAE-VOTE-COUNT", message)


# ----------------------------------------------------------------------
# What programs send
# ----------------------------------------------------------------------


def poll_of(values: Mapping[str, object]) -> Poll:
    """The count that a program sent: see ``cae.resolution.tally``.

    Weights add up to 1 or to 100.

    :raises GovernanceError: ``CAE-VOTE-COUNT``, ``CAE-VOTE-COLLEGE``,
        ``CAE-VOTE-VALUE`` for what is missing or unknown
    """
    if not isinstance(values, Mapping):
        raise GovernanceError("CAE-VOTE-VALUE", "the count is not a set of values")
    unknown = set(values) - VALUES
    if unknown:
        raise GovernanceError("CAE-VOTE-VALUE", f"unknown: {_names(unknown)}")
    missing = {"members", "present", "represented"} - set(values)
    if missing:
        raise GovernanceError("CAE-VOTE-VALUE", f"missing: {_names(missing)}")
    if bool(values.get("votes")) == bool(values.get("colleges")):
        raise GovernanceError("CAE-VOTE-VALUE", "give either votes or colleges")
    return Poll(
        values.get("kind", "ordinary"),
        values.get("call", 1),
        *(whole(values[name], name) for name in ("members", "present", "represented")),
        votes=_votes(values.get("votes") or {}, set(CHOICES)),
        colleges=_colleges(values.get("colleges") or ()),
    )


def _votes(given: object, allowed: set[str]) -> Votes:
    if not isinstance(given, Mapping) or set(given) - allowed:
        raise GovernanceError("CAE-VOTE-VALUE", f"votes are {_names(CHOICES)}")
    return Votes(*(whole(given.get(name, 0), name) for name in CHOICES))


def _colleges(given: object) -> tuple[College, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise GovernanceError("CAE-VOTE-VALUE", "colleges are a list")
    colleges = [_college(row) for row in given]
    total = sum(college.weight for college in colleges)
    scale = 100 if total == 100 else 1
    return tuple(
        College(c.code, c.weight / scale, c.members, c.votes) for c in colleges
    )


def _college(row: object) -> College:
    if not isinstance(row, Mapping) or {"code", "weight", "members"} - set(row):
        raise GovernanceError(
            "CAE-VOTE-VALUE", "a college has a code, a weight, members and votes"
        )
    return College(
        str(row["code"])[:40],
        _weight(row["weight"]),
        whole(row["members"]),
        _votes(row, KEYS),
    )


def _weight(value: object) -> Fraction:
    """A weight as it is written: 0.1 is a tenth."""
    text = str(value).strip().replace(",", ".")
    try:
        if len(text) > 30 or isinstance(value, bool):
            raise ValueError
        weight = Fraction(text) if "/" in text else Fraction(Decimal(text))
    except (ValueError, ArithmeticError, InvalidOperation):
        weight = Fraction(-1)
    if weight < 0:
        raise GovernanceError("CAE-VOTE-COLLEGE", f"{text[:30]!r} is no weight")
    return weight


def _names(names) -> str:
    return ", ".join(sorted(str(name)[:30] for name in names))
