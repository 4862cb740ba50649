"""Which open documents and payments a bank line may settle: plain Python.

Amounts are whole cents of the company's currency. A receipt is positive, and so is
what it settles: an open customer invoice, or a payment received that waits on the
outstanding account. A :class:`Book` indexes the open items once, so that proposals of
a line cost the same whether ten items are open or ten thousand.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

AMOUNT, REFERENCE, PARTNER = "amount", "reference", "partner"
WEIGHTS = {REFERENCE: 4, AMOUNT: 3, PARTNER: 2}

#: A number without letters must have this many digits to name a document: "2026" is
#: a year and "1200" an amount.
DIGITS_ALONE = 5
SHORTEST = 4
#: Longest run of parts of a label that is compared with references and names.
SPAN = 7
#: Documents of one partner that are added up, and how many of them at most.
SUMMED, TOGETHER = 15, 3

PART = re.compile(r"[a-z]+|[0-9]+")
WORD = re.compile(r"[a-z0-9]+")
#: Words that say nothing about who a partner is.
FORMS = frozenset(
    "sa sas sasu sarl eurl sci scic scop snc ei eirl asso association societe ste "
    "m mr mme mlle monsieur madame".split()
)


@dataclass(frozen=True)
class Line:
    """An open bank line.

    :param cents: what is not matched yet, receipts positive
    :param text: label, reference and name of the other party
    :param journal: the bank journal; payments of others are not proposed
    """

    id: int
    cents: int
    text: str
    partner: int = 0
    journal: int = 0
    day: date | None = None


@dataclass(frozen=True)
class Item:
    """An open journal item of a document or of a payment.

    :param cents: what is open, debit positive
    :param name: the partner's name
    :param references: numbers and references that a label may quote
    :param journal: bank journal of a payment, 0 for a document
    """

    id: int
    cents: int
    partner: int = 0
    name: str = ""
    references: tuple[str, ...] = ()
    journal: int = 0
    day: date | None = None


@dataclass(frozen=True)
class Proposal:
    """Items that a line may settle together, and why.

    :param certain: nothing else is named and amount and reference agree
    """

    items: tuple[int, ...]
    cents: int
    reasons: tuple[str, ...]
    certain: bool = False

    @property
    def score(self) -> int:
        return sum(WEIGHTS[reason] for reason in self.reasons)


def plain(text: str) -> str:
    """Lower case without accents."""
    folded = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in folded if not unicodedata.combining(char))


def spans(parts: Sequence[str]) -> Iterator[str]:
    """Every run of up to ``SPAN`` parts that follow each other, put together."""
    for start in range(len(parts)):
        for end in range(start + 1, min(start + SPAN, len(parts)) + 1):
            yield "".join(parts[start:end])


def reference_key(text: str) -> str:
    """A reference as it is compared; empty when it is too short to name anything."""
    key = "".join(PART.findall(plain(text)))
    digits = sum(char.isdigit() for char in key)
    if not digits or len(key) < (DIGITS_ALONE if digits == len(key) else SHORTEST):
        return ""
    return key


def name_words(text: str) -> list[str]:
    """Words of a partner's name that tell who it is."""
    return [word for word in WORD.findall(plain(text)) if word not in FORMS]


class Book:
    """The open items, indexed by reference, amount, partner and name."""

    def __init__(self, items: Iterable[Item]):
        self.items: dict[int, Item] = {item.id: item for item in items}
        self._references: dict[str, set[int]] = defaultdict(set)
        self._cents: dict[int, set[int]] = defaultdict(set)
        self._partners: dict[int, set[int]] = defaultdict(set)
        self._names: dict[str, set[int]] = defaultdict(set)
        for item in self.items.values():
            self._index(item)

    def _index(self, item: Item) -> None:
        self._cents[item.cents].add(item.id)
        for reference in item.references:
            key = reference_key(reference)
            if key:
                self._references[key].add(item.id)
        if item.partner:
            self._partners[item.partner].add(item.id)
            name = "".join(name_words(item.name))
            if len(name) >= SHORTEST:
                self._names[name].add(item.partner)

    def propose(self, line: Line, limit: int = 10) -> list[Proposal]:
        """What the line may settle, the likeliest first."""
        if not line.cents:
            return []
        named = self._named(line)
        theirs = self._theirs(line)
        singles = named | theirs | self._usable(line, self._cents[line.cents])
        groups = [(key,) for key in singles if self._same_side(line, key)]
        groups += self._sums(line, named, theirs)
        proposals = [self._proposal(line, group, named, theirs) for group in groups]
        best = sorted(set(proposals), key=lambda p: self._rank(line, p))
        return best[:limit]

    def certain(self, lines: Iterable[Line]) -> dict[int, Proposal]:
        """``{line id: proposal}`` of the lines with one certain proposal.

        Two lines that name one document are left to a person: one of them is likely
        to be a payment made twice.
        """
        found = {}
        for line in lines:
            sure = [p for p in self.propose(line) if p.certain]
            if len(sure) == 1:
                found[line.id] = sure[0]
        uses = Counter(key for proposal in found.values() for key in proposal.items)
        return {
            line: proposal
            for line, proposal in found.items()
            if all(uses[key] == 1 for key in proposal.items)
        }

    def _usable(self, line: Line, keys: Iterable[int]) -> set[int]:
        items = (self.items[key] for key in keys)
        return {i.id for i in items if not i.journal or i.journal == line.journal}

    def _same_side(self, line: Line, key: int) -> bool:
        return (self.items[key].cents > 0) == (line.cents > 0)

    def _named(self, line: Line) -> set[int]:
        """Items whose reference the label quotes."""
        found: set[int] = set()
        for span in set(spans(PART.findall(plain(line.text)))):
            found |= self._references.get(span, set())
        return self._usable(line, found)

    def _theirs(self, line: Line) -> set[int]:
        """Items of the line's partner, or of whom the label names."""
        partners = {line.partner} if line.partner else set()
        if not partners:
            for span in set(spans(name_words(line.text))):
                partners |= self._names.get(span, set())
        keys = (self._partners.get(partner, set()) for partner in partners)
        return self._usable(line, set().union(*keys))

    def _sums(
        self, line: Line, named: set[int], theirs: set[int]
    ) -> Iterator[tuple[int, ...]]:
        """Several items that add up to the line: those named, or one partner's."""
        if len(named) > 1 and self._total(named) == line.cents:
            yield tuple(sorted(named))
        by_partner: Mapping[int, list[int]] = defaultdict(list)
        for key in sorted(theirs, key=lambda key: (self._age(key), key)):
            by_partner[self.items[key].partner].append(key)
        for keys in by_partner.values():
            if len(keys) > TOGETHER and self._total(keys) == line.cents:
                yield tuple(sorted(keys))
            for size in range(2, TOGETHER + 1):
                for group in combinations(keys[:SUMMED], size):
                    if self._total(group) == line.cents:
                        yield tuple(sorted(group))

    def _total(self, keys: Iterable[int]) -> int:
        return sum(self.items[key].cents for key in keys)

    def _age(self, key: int) -> date:
        return self.items[key].day or date.min

    def _proposal(
        self, line: Line, group: tuple[int, ...], named: set[int], theirs: set[int]
    ) -> Proposal:
        chosen = set(group)
        facts = {
            REFERENCE: chosen <= named,
            AMOUNT: self._total(group) == line.cents,
            PARTNER: chosen <= theirs,
        }
        reasons = tuple(reason for reason, holds in facts.items() if holds)
        certain = facts[AMOUNT] and bool(named) and chosen == named
        return Proposal(group, self._total(group), reasons, certain)

    def _rank(self, line: Line, proposal: Proposal) -> tuple:
        """Likeliest first; then fewer items, nearer in amount and in time."""
        days = [
            abs((line.day - self._age(key)).days) if line.day else 0
            for key in proposal.items
        ]
        gap = abs(proposal.cents - line.cents)
        return (-proposal.score, len(proposal.items), gap, max(days), proposal.items)
