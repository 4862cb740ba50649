"""Which activity an unallocated journal item belongs to: plain Python.

A :class:`Book` indexes what is known of the partners once, so that a proposal costs
the same for ten items or ten thousand. An activity is the id of its analytic account,
the shared services included; amounts are whole cents, debit positive.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from .matching import PART, SHORTEST, name_words, plain, reference_key, spans

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"
#: What each reason weighs; a strong one is enough when nothing speaks against it.
WEIGHTS = {
    "rest": 6,
    "amount": 6,
    "open": 5,
    "holder": 5,
    "contact": 5,
    "code": 5,
    "name": 4,
    "documents": 4,
    "habit": 3,
    "entry": 2,
    "mostly": 1,
    "shared": 0,
}
STRONG, USUAL = 5, 3
#: "Most of what the partner has" is two thirds of it.
MOST = (2, 3)


@dataclass(frozen=True)
class Activity:
    """An activity that may be proposed.

    :param names: its trade name, and the names of who holds this activity only
    :param start: first day; ``None`` for the shared services
    :param end: last day
    """

    id: int
    code: str = ""
    names: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None

    def holds(self, day: date | None) -> bool:
        """Whether the activity exists on ``day``."""
        if not day:
            return True
        return (self.start or day) <= day <= (self.end or day)


@dataclass(frozen=True)
class Owner:
    """Who holds an activity (``holder``), or is its customer (``contact``)."""

    partner: int
    activity: int
    reason: str
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Habit:
    """How often something of a partner on an account was given to an activity."""

    partner: int
    account: int
    activity: int
    count: int


@dataclass(frozen=True)
class Document:
    """An open item of a document: what is open, and the activities it belongs to."""

    partner: int
    cents: int
    activities: frozenset[int]


@dataclass(frozen=True)
class Item:
    """A journal item without activity.

    :param cents: what of it belongs to nobody
    :param text: label, references and names that it carries
    :param own: activities that have the rest of it
    :param entry: activities that have something of its entry
    """

    id: int
    cents: int
    account: int = 0
    partner: int = 0
    day: date | None = None
    text: str = ""
    own: frozenset[int] = frozenset()
    entry: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Proposal:
    """To whom an item most likely belongs, why, and how sure that is.

    :param reason: a key of ``WEIGHTS``
    :param certainty: ``certain`` (a strong reason, and nothing names another activity),
        ``likely`` (no reason of weight names another), ``possible``
    """

    activity: int
    reason: str
    certainty: str


class Book:
    """What is known of partners, codes and names, indexed once."""

    def __init__(
        self,
        shared: int,
        activities: Iterable[Activity],
        owners: Iterable[Owner] = (),
        habits: Iterable[Habit] = (),
        documents: Iterable[Document] = (),
    ):
        self.shared = shared
        self._activities = {shared: Activity(shared)}
        self._codes: dict[str, set[int]] = defaultdict(set)
        self._names: dict[str, set[int]] = defaultdict(set)
        self._owners: dict[int, list[Owner]] = defaultdict(list)
        self._habits: dict[int, list[Habit]] = defaultdict(list)
        self._documents: dict[int, list[Document]] = defaultdict(list)
        for activity in activities:
            self._index(activity)
        for owner in owners:
            self._owners[owner.partner].append(owner)
        for habit in habits:
            self._habits[habit.partner].append(habit)
        for document in documents:
            self._documents[document.partner].append(document)

    def _index(self, activity: Activity) -> None:
        self._activities[activity.id] = activity
        self._codes[reference_key(activity.code)].add(activity.id)
        for text in activity.names:
            name = "".join(name_words(text))
            if len(name) >= SHORTEST:
                self._names[name].add(activity.id)

    def propose(self, item: Item) -> Proposal:
        """The activity of ``item``; the shared services when nothing tells."""
        found = [
            (WEIGHTS[reason], reason, usable)
            for reason, activities in self._evidence(item)
            if (usable := self._usable(activities, item.day))
        ]
        single = [row for row in found if len(row[2]) == 1]
        if not single:
            return Proposal(self.shared, "shared", POSSIBLE)
        weight, reason, [activity] = max(single, key=lambda row: row[0])
        against = max((row[0] for row in found if activity not in row[2]), default=0)
        certainty = POSSIBLE
        if weight >= STRONG and not against:
            certainty = CERTAIN
        elif weight >= USUAL and against < USUAL:
            certainty = LIKELY
        return Proposal(activity, reason, certainty)

    def _usable(self, activities: Iterable[int], day: date | None) -> frozenset[int]:
        known = self._activities
        return frozenset(k for k in activities if k in known and known[k].holds(day))

    def _evidence(self, item: Item) -> Iterator[tuple[str, Iterable[int]]]:
        """Each reason with the activities that it names."""
        yield "rest", item.own
        yield from self._open_documents(item)
        yield from self._owned(item)
        yield "code", self._spelled(PART.findall(plain(item.text)), self._codes)
        yield "name", self._spelled(name_words(item.text), self._names)
        yield from self._habitual(item)
        yield "entry", item.entry

    def _open_documents(self, item: Item) -> Iterator[tuple[str, set[int]]]:
        """What the item may pay: open documents on the other side."""
        documents = [
            document
            for document in self._documents.get(item.partner, ())
            if (document.cents > 0) != (item.cents > 0)
        ]
        same = [d.activities for d in documents if d.cents == -item.cents]
        yield "amount", set().union(*same)
        yield "open", set().union(*(d.activities for d in documents))

    def _owned(self, item: Item) -> Iterator[tuple[str, set[int]]]:
        by_reason: Mapping[str, set[int]] = defaultdict(set)
        for owner in self._owners.get(item.partner, ()):
            if Activity(0, start=owner.start, end=owner.end).holds(item.day):
                by_reason[owner.reason].add(owner.activity)
        yield from by_reason.items()

    def _spelled(self, parts: list[str], index: Mapping[str, set[int]]) -> set[int]:
        found: set[int] = set()
        for span in set(spans(parts)):
            found |= index.get(span, set())
        return found

    def _habitual(self, item: Item) -> Iterator[tuple[str, set[int]]]:
        counts: dict[int, int] = defaultdict(int)
        same: set[int] = set()
        for habit in self._habits.get(item.partner, ()):
            counts[habit.activity] += habit.count
            if habit.account == item.account:
                same.add(habit.activity)
        yield "documents", set(counts)
        yield "habit", same
        total, (part, whole) = sum(counts.values()), MOST
        yield "mostly", {k for k, n in counts.items() if n * whole >= total * part}
