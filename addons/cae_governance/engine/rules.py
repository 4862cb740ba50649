"""Rule sets of meetings: what a decision needs, in exact fractions.

A set is data (``data/cae.rule.set.csv`` and ``cae.rule.decision.csv``, later records);
here is what these rows mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

KINDS = ("ordinary", "extraordinary")
CALLS = (1, 2)
#: What a majority is counted on: all members; those present or represented; the votes
#: cast.
BASES = ("members", "attending", "cast")
#: Proxies one person may hold: none, one, the law of SCOPs (loi 78-763), a number.
PROXIES = ("none", "one", "twentieth", "number")
#: Forms in which nobody weighs more than another: no weighted colleges.
ONE_VOTE_EACH = ("sarl_scop", "sa_scop", "sas_scop")


class GovernanceError(ValueError):
    """Rules or counts that cannot be used.

    ``code`` is stable and meant for programs; ``str(error)`` is ``CODE: message``.
    """

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Decision:
    """What one kind of decision needs at one call.

    ``quorum`` is a share of all members; zero is none. ``strict``: more than
    ``majority`` of the base; else at least that much.
    """

    kind: str
    call: int
    quorum: Fraction
    majority: Fraction
    strict: bool
    base: str
    count_abstentions: bool = False
    count_blanks: bool = False

    def quorum_heads(self, members: int) -> int:
        """Members who must be present or represented; at least one with a quorum."""
        return max(1, ceil(self.quorum * members)) if self.quorum else 0

    def votes_needed(self, base: int) -> int:
        """Smallest number of votes for that adopts; never zero."""
        exact = self.majority * base
        return max(1, floor(exact) + 1 if self.strict else ceil(exact))

    def reaches(self, share: Fraction) -> bool:
        """Whether a share of the base is enough."""
        return share > self.majority if self.strict else share >= self.majority > 0


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one form of cooperative, or of the statutes of one."""

    code: str
    decisions: Mapping[tuple[str, int], Decision]
    proxies: str = "one"
    proxy_number: int = 0
    empty_colleges: str = "zero"

    @property
    def weighted(self) -> bool:
        """Whether votes may be weighted by college (loi 47-1775, SCIC)."""
        return self.code not in ONE_VOTE_EACH

    def decision(self, kind: str, call: int) -> Decision:
        """:raises GovernanceError: ``CAE-RULE-MISSING``"""
        try:
            return self.decisions[kind, call]
        except (KeyError, TypeError):
            raise GovernanceError(
                "CAE-RULE-MISSING",
                f"no rule for the kind {str(kind)[:40]!r} and the call "
                f"{str(call)[:40]!r}",
            ) from None


def fraction(text: str) -> Fraction:
    """An exact share, as ``3/4``, ``0.75`` or ``75 %``.

    :raises GovernanceError: ``CAE-RULE-FRACTION`` unless between 0 and 1
    """
    plain = str(text or "0").strip().replace(",", ".")
    divisor = 1
    if plain.endswith("%"):
        plain, divisor = plain[:-1].strip(), 100
    try:
        value = Fraction(plain.replace(" ", "")) / divisor if len(plain) < 20 else -1
    except (ValueError, ZeroDivisionError):
        value = -1
    if not 0 <= value <= 1:
        raise GovernanceError(
            "CAE-RULE-FRACTION",
            f"{str(text)[:40]!r} is no share between 0 and 1, such as 3/4",
        )
    return value


def decision_of(row: Mapping[str, object]) -> Decision:
    """The decision that a row of data describes.

    :raises GovernanceError: ``CAE-RULE-FRACTION``, ``CAE-RULE-VALUE``
    """
    kind, call, base = row["kind"], int(row["call"]), row["base"]
    majority = fraction(row["majority"])
    strict = row["comparison"] == "more"
    if kind not in KINDS or call not in CALLS or base not in BASES:
        raise GovernanceError("CAE-RULE-VALUE", f"kind {kind}, call {call}, {base}")
    # More than everybody, or at least nobody, would be a rule that decides nothing.
    if majority == (1 if strict else 0):
        raise GovernanceError(
            "CAE-RULE-VALUE", f"nobody can reach a majority of {majority}, or all do"
        )
    return Decision(
        kind,
        call,
        fraction(row["quorum"]),
        majority,
        strict,
        base,
        bool(row.get("count_abstentions")),
        bool(row.get("count_blanks")),
    )


def max_proxies(rules: RuleSet, members: int) -> int:
    """Proxies that one member may hold, besides their own vote.

    SCOP (loi 78-763): one when the cooperative has fewer than 20 members, else a
    twentieth of them, rounded down.

    :param members: of the cooperative on the day that fixes who votes
    :raises GovernanceError: ``CAE-VOTE-COUNT``
    """
    whole(members)
    if rules.proxies == "twentieth":
        return 1 if members < 20 else members // 20
    return {"none": 0, "one": 1}.get(rules.proxies, rules.proxy_number)


def whole(value: object, name: str = "members") -> int:
    """A number of people: whole, not negative.

    :raises GovernanceError: ``CAE-VOTE-COUNT``
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or value != value or not 0 <= value < 10**9 or value != int(value):
        raise GovernanceError(
            "CAE-VOTE-COUNT",
            f"{name}: {str(value)[:40]!r} is not a number of people",
        )
    return int(value)
