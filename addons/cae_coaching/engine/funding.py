"""Which funder pays which hour: each hour of a person once, within what was bought.

Plain dates and Decimals. Hours are given out by date; a person who is on several lines
has the first one (by rank) that takes this kind of hour, holds the day, and has room
for the whole of it, for the person and for the line. Who is on the line that was wished
has the hour there or nowhere. Nobody is in two places: of hours that overlap, the first
ones are funded. What finds no line is not funded.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

ZERO = Decimal(0)
#: ``(model, id, person)``: what was attended, and by whom.
Key = tuple[str, int, int]


@dataclass(frozen=True)
class Hour:
    """Hours that a person had: of an interview, or of a half-day.

    ``wish``: the line that was chosen, None when any will do.
    ``start``, ``stop``: when, in one time zone; None overlaps nothing.
    """

    key: Key
    day: date
    hours: Decimal
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
    """What a funder bought. ``bought``, ``each``: hours at most, 0 without a limit."""

    key: int
    rank: int
    first: date
    last: date
    kinds: frozenset[str]
    bought: Decimal = ZERO
    each: Decimal = ZERO
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


@dataclass
class _Used:
    """Hours given out so far."""

    line: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    person: dict[tuple[int, int], Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )

    busy: dict[int, list[Hour]] = field(default_factory=lambda: defaultdict(list))

    def add(self, line: int, hour: Hour) -> None:
        self.line[line] += hour.hours
        self.person[line, hour.person] += hour.hours
        self.busy[hour.person].append(hour)

    def free(self, hour: Hour) -> bool:
        """Whether the person was funded for nothing else at that time."""
        return not any(hour.meets(other) for other in self.busy[hour.person])

    def room(self, line: Line, person: int, hours: Decimal) -> bool:
        """Whether the line still takes the whole of these hours."""
        over = line.bought and self.line[line.key] + hours > line.bought
        much = line.each and self.person[line.key, person] + hours > line.each
        return not (over or much)


def allocate(
    hours: Iterable[Hour],
    lines: Sequence[Line],
    places: Iterable[Place],
    kept: dict[Key, int] | None = None,
) -> dict[Key, int]:
    """``{hour: line}`` of the hours that are funded.

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
    return found


def _checked(hours: Iterable[Hour]) -> list[Hour]:
    rows = list(hours)
    if len({hour.key for hour in rows}) != len(rows):
        raise ValueError("An hour was given twice.")
    if any(hour.hours <= 0 for hour in rows):
        raise ValueError("Hours are more than zero.")
    return rows


def _closed(hour: Hour, kept: dict[Key, int], known: dict[int, Line]) -> int | None:
    line = known.get(kept.get(hour.key, 0))
    return line.key if line and line.closed else None


def _before(hour, kept, known, own, used) -> int | None:
    line = known.get(kept.get(hour.key, 0))
    return line.key if line and _takes(line, hour, own, used) else None


def _first(hour, known, own, used) -> int | None:
    lines = {known[place.line] for place in own[hour.person]}
    for line in sorted(lines, key=lambda one: (one.rank, one.key)):
        if _takes(line, hour, own, used):
            return line.key
    return None


def _takes(line: Line, hour: Hour, own, used: _Used) -> bool:
    fits = not line.closed and hour.kind in line.kinds
    on = {place.line for place in own[hour.person] if place.holds(hour.day)}
    there = line.key in on and (hour.wish not in on or hour.wish == line.key)
    inside = line.first <= hour.day <= line.last
    room = used.room(line, hour.person, hour.hours) and used.free(hour)
    return fits and inside and there and room
