"""Which funder pays which hour: each hour of a person once, within what was bought.

Plain dates and whole minutes, so that sums are exact. Hours are given out by date; a
person who is on several lines has the first one (by rank) that takes this kind of hour,
holds the day, and has room for the whole of it, for the person and for the line. Who is
on the line that was wished has the hour there or nowhere. Nobody is in two places: of
hours that overlap, the first ones are funded. What finds no line is not funded, and the
reason is told.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

#: ``(model, id, person)``: what was attended, and by whom.
Key = tuple[str, int, int]

#: Why a line does not take an hour, in the order in which it is asked.
REASONS = (
    "kind",  # the line takes no hours of that kind
    "dates",  # the line does not hold the day
    "place",  # the person was not on the line on that day
    "other",  # another line of the person was chosen
    "closed",  # the line was handed over, or archived
    "overlap",  # the person was funded for something else at that time
    "bought",  # what was bought is used up
    "each",  # what the line gives a person is used up
)


def minutes(hours: float) -> int:
    """Hours as whole minutes."""
    return round(hours * 60)


@dataclass(frozen=True)
class Hour:
    """Hours that a person had: of an interview, or of a half-day.

    ``wish``: the line that was chosen, None when any will do.
    ``start``, ``stop``: when, in one time zone; None overlaps nothing.
    """

    key: Key
    day: date
    minutes: int
    kind: str
    start: datetime | None = None
    stop: datetime | None = None
    wish: int | None = None

    @property
    def person(self) -> int:
        """Who had them."""
        return self.key[2]

    @property
    def rank(self) -> tuple[date, datetime, Key]:
        """Order in which hours are given out."""
        return self.day, self.start or datetime.min, self.key

    def meets(self, other: "Hour") -> bool:
        """Whether the two are at the same time."""
        if not (self.start and self.stop and other.start and other.stop):
            return False
        return self.start < other.stop and other.start < self.stop


@dataclass(frozen=True)
class Line:
    """What a funder bought. ``bought``, ``each``: minutes at most, 0 for no limit."""

    key: int
    rank: int
    first: date
    last: date
    kinds: frozenset[str]
    bought: int = 0
    each: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Place:
    """A person on a line; both days included, ``last`` None when it is open."""

    line: int
    person: int
    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Whether ``day`` is one of its days."""
        return self.first <= day and (self.last is None or day <= self.last)


class Refusal(NamedTuple):
    """Why an hour is on no line: the reason of the line that came nearest."""

    line_id: int
    reason: str


class Decision(NamedTuple):
    """Each hour of who is on a line is either funded or refused."""

    funded: dict[Key, int]
    refused: dict[Key, Refusal]


@dataclass
class _Used:
    """Minutes given out so far."""

    line: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    person: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    busy: dict[int, list[Hour]] = field(default_factory=lambda: defaultdict(list))

    def add(self, line: int, hour: Hour) -> None:
        self.line[line] += hour.minutes
        self.person[line, hour.person] += hour.minutes
        self.busy[hour.person].append(hour)

    def free(self, hour: Hour) -> bool:
        """Whether the person was funded for nothing else at that time."""
        return not any(hour.meets(other) for other in self.busy[hour.person])

    def left(self, line: Line, hour: Hour) -> bool:
        """Whether enough of what was bought is left for the whole of it."""
        return not line.bought or self.line[line.key] + hour.minutes <= line.bought

    def own(self, line: Line, hour: Hour) -> bool:
        """Whether enough is left of what the line gives this person."""
        used = self.person[line.key, hour.person]
        return not line.each or used + hour.minutes <= line.each


def allocate(
    hours: Iterable[Hour],
    lines: Sequence[Line],
    places: Iterable[Place],
    kept: dict[Key, int] | None = None,
) -> Decision:
    """The line of each hour that is funded, and why the others are not.

    Hours of somebody who is on no line are neither.

    :param kept: lines of hours given out before; they stay while they still may be
        there. Those of a closed line always stay.
    :raises ValueError: when an hour is given twice, or is not more than zero
    """
    known = {line.key: line for line in lines}
    own = defaultdict(list)
    for place in places:
        if place.line in known:
            own[place.person].append(place)
    rows = sorted(_checked(hours), key=lambda hour: hour.rank)
    kept = kept or {}
    used, found = _Used(), {}
    rounds = (
        lambda hour: _closed(hour, kept, known),
        lambda hour: _before(hour, kept, known, own, used),
        lambda hour: _first(hour, known, own, used),
    )
    for choose in rounds:
        for hour in rows:
            line = None if hour.key in found else choose(hour)
            if line is not None:
                found[hour.key] = line
                used.add(line, hour)
    refused = {
        hour.key: _nearest(hour, known, own, used)
        for hour in rows
        if hour.key not in found and own[hour.person]
    }
    return Decision(found, refused)


def _checked(hours: Iterable[Hour]) -> list[Hour]:
    rows = list(hours)
    if len({hour.key for hour in rows}) != len(rows):
        raise ValueError("An hour was given twice.")
    if any(hour.minutes <= 0 for hour in rows):
        raise ValueError("Hours are more than zero.")
    return rows


def _closed(hour: Hour, kept: dict[Key, int], known: dict[int, Line]) -> int | None:
    line = known.get(kept.get(hour.key, 0))
    return line.key if line and line.closed else None


def _before(hour, kept, known, own, used) -> int | None:
    line = known.get(kept.get(hour.key, 0))
    return line.key if line and not _refusal(line, hour, own, used) else None


def _first(hour, known, own, used) -> int | None:
    for line in _lines(hour, known, own):
        if not _refusal(line, hour, own, used):
            return line.key
    return None


def _lines(hour, known, own) -> list[Line]:
    """Lines that the person is on at any time, the first one first."""
    lines = {known[place.line] for place in own[hour.person]}
    return sorted(lines, key=lambda one: (one.rank, one.key))


def _on(hour: Hour, own) -> set[int]:
    """Lines that the person is on that day."""
    return {place.line for place in own[hour.person] if place.holds(hour.day)}


def _refusal(line: Line, hour: Hour, own, used: _Used) -> str | None:
    """The first of REASONS for which the line does not take the hour."""
    on = _on(hour, own)
    asked = {
        "kind": hour.kind in line.kinds,
        "dates": line.first <= hour.day <= line.last,
        "place": line.key in on,
        "other": hour.wish not in on or hour.wish == line.key,
        "closed": not line.closed,
        "overlap": used.free(hour),
        "bought": used.left(line, hour),
        "each": used.own(line, hour),
    }
    return next((reason for reason in REASONS if not asked[reason]), None)


def _nearest(hour: Hour, known, own, used: _Used) -> Refusal:
    """The chosen line and its reason; else the line that passed most questions."""
    lines = _lines(hour, known, own)
    refusals = [Refusal(line.key, _refusal(line, hour, own, used)) for line in lines]
    if hour.wish in _on(hour, own):
        refusals = [one for one in refusals if one.line_id == hour.wish]
    return max(refusals, key=lambda one: REASONS.index(one.reason))
