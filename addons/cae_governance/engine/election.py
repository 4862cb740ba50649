"""Elections of persons: several seats, blank ballots, ties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .rules import Decision, GovernanceError


@dataclass(frozen=True, slots=True)
class Election:
    """What was counted: ``votes`` by candidate, whatever names them.

    ``ballots`` are all those cast, ``blank`` the ones without a name; one ballot names
    as many candidates as there are seats, at most, each once.
    """

    seats: int
    members: int
    attending: int
    ballots: int
    blank: int
    votes: Mapping[object, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Elected, in order of votes; ``tied`` are those between whom nobody decided."""

    quorum_reached: bool
    needed: int
    elected: tuple
    tied: tuple
    missed: tuple

    @property
    def vacant(self) -> bool:
        return bool(self.tied) or not self.elected


def elect(decision: Decision, election: Election) -> Outcome:
    """Who is elected: the needed majority first, then the most votes.

    Candidates with as many votes, of whom only some would have a seat, are all tied:
    no rule of law chooses between them; the meeting votes again, or the statutes do.

    :raises GovernanceError: ``CAE-VOTE-COUNT``
    """
    _check(election)
    heads = decision.quorum_heads(election.members)
    reached = election.attending >= heads
    needed = decision.votes_needed(_base(decision, election))
    ranked = sorted(election.votes.items(), key=lambda item: -item[1])
    passing = [item for item in ranked if reached and item[1] >= needed]
    seated, tied = _seats(passing, election.seats)
    missed = [name for name, _count in ranked if name not in seated + tied]
    return Outcome(reached, needed, tuple(seated), tuple(tied), tuple(missed))


def _seats(passing, seats):
    if len(passing) <= seats:
        return [name for name, _count in passing], []
    last, following = passing[seats - 1][1], passing[seats][1]
    if last != following:
        return [name for name, _count in passing[:seats]], []
    above = [name for name, count in passing if count > last]
    return above, [name for name, count in passing if count == last]


def _base(decision, election):
    bases = {"members": election.members, "attending": election.attending}
    blank = 0 if decision.count_blanks else election.blank
    return bases.get(decision.base, election.ballots - blank)


def _check(election: Election) -> None:
    valid = election.ballots - election.blank
    counts = election.votes.values()
    wrong = (
        election.seats < 1
        or election.blank < 0
        or valid < 0
        or election.ballots > election.attending
        or election.attending > election.members
        or any(not 0 <= count <= valid for count in counts)
        or sum(counts) > valid * election.seats
    )
    if wrong:
        raise GovernanceError(
            "CAE-VOTE-COUNT", "there are more votes than voters or seats"
        )
