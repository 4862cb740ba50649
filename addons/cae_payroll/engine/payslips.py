"""True payslips: shared between activities; whose each page of a PDF is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .monthly import Split

#: ``{activity: {account: cents}}``, debit positive.
Entry = dict[int, dict[int, int]]
WORD = re.compile(r"[0-9a-z]+")
#: What a page calls a matricule, in :func:`words`: the words behind it.
LABELLED = re.compile(
    r" matricule (?:(?:n|no|num|numero|salarie|du) )*([0-9a-z ]{1,40})"
)


def shared(
    totals: Mapping[int, int], weights: Mapping[int, int], split: Split
) -> Entry:
    """The entry of a payslip shared between activities.

    The account with the largest amount takes what rounding leaves.

    :param totals: cents by account, debit positive, adding up to zero
    :param weights: what each activity bore of the estimate; all alike when nothing
    :return: each activity's part adds up to zero, each account to its total
    """
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    rest = max(totals, key=lambda account: (abs(totals[account]), account))
    parts = {a: split(value, weights) for a, value in totals.items() if a != rest}
    result = {}
    for activity in weights:
        own = {account: part.get(activity, 0) for account, part in parts.items()}
        result[activity] = {**own, rest: -sum(own.values())}
    return result


def replaced(
    estimate: Entry, totals: Mapping[int, int], weights: Mapping[int, int], split: Split
) -> Entry:
    """The entry of a payslip: the estimate, and what the payslip adds to it.

    The difference alone is shared, so that a payslip that says what the estimates of
    its month say moves nothing between their activities.

    :param totals: cents by account, debit positive, adding up to zero
    :param weights: see :func:`shared`
    :return: each activity's part adds up to zero, each account to its total
    """
    held: dict[int, int] = {}
    for own in estimate.values():
        for account, cents in own.items():
            held[account] = held.get(account, 0) + cents
    gap = {a: totals.get(a, 0) - held.get(a, 0) for a in {*totals, *held}}
    gap = {account: cents for account, cents in gap.items() if cents}
    return added(estimate, shared(gap, weights, split) if gap else {})


def added(*entries: Entry) -> Entry:
    """The sum of entries."""
    result: Entry = {}
    for entry in entries:
        for activity, accounts in entry.items():
            own = result.setdefault(activity, {})
            for account, cents in accounts.items():
                own[account] = own.get(account, 0) + cents
    return result


def difference(target: Entry, booked: Entry) -> dict[tuple[int, int], int]:
    """What is left to book: ``{(activity, account): cents}`` without zeros."""
    result: dict[tuple[int, int], int] = {}
    for entry, sign in ((target, 1), (booked, -1)):
        for activity, accounts in entry.items():
            for account, cents in accounts.items():
                key = activity, account
                result[key] = result.get(key, 0) + sign * cents
    return {key: cents for key, cents in result.items() if cents}


# ----------------------------------------------------------------------------------
# PDF files
# ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Payee:
    """How a payslip names a person.

    :param matricule: with a letter or a digit
    """

    matricule: str
    first_name: str
    last_name: str


@dataclass(frozen=True)
class Key:
    """A :class:`Payee` as :func:`words`."""

    matricule: str
    own: str
    last: str
    first: str

    @property
    def name(self) -> str:
        """First and last name, or nothing when one is missing."""
        names = self.first.strip(), self.last.strip()
        return " ".join(names) if all(names) else ""

    def named_in(self, page: str) -> bool:
        """Whether a page shows both names, anywhere."""
        return bool(self.name) and self.first in page and self.last in page

    def called_in(self, page: str) -> bool:
        """Whether a page has both names side by side, in one order or the other."""
        turned = f"{self.last.strip()} {self.first.strip()}"
        return bool(self.name) and (f" {self.name} " in page or f" {turned} " in page)

    def numbered_in(self, page: str) -> bool:
        """Whether a page calls this matricule one: it may be any number elsewhere."""
        numbers = LABELLED.findall(page)
        return any(f" {number} ".startswith(self.own) for number in numbers)


Index = dict[str, list[Key]]


@dataclass
class Pages:
    """Whose the pages of a PDF are.

    :param found: ``{matricule: page numbers from 1}``
    :param unknown: pages that name nobody
    :param doubtful: pages that name several people
    """

    found: dict[str, list[int]] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)


@dataclass
class Told:
    """What the pages of one file tell.

    :param own: the person is shown
    :param empty: no page has a text
    :param others: matricules of other people who are named
    """

    own: bool = False
    empty: bool = True
    others: set[str] = field(default_factory=set)


def words(text: str) -> str:
    """Words without case, accents or signs, with a space before and after each."""
    plain = unicodedata.normalize("NFKD", text).lower()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return f" {' '.join(WORD.findall(plain))} "


def index(people: Iterable[Payee]) -> Index:
    """People by the first word of their matricule, to look them up in texts."""
    result: Index = {}
    for person in people:
        key = Key(
            person.matricule,
            words(person.matricule),
            words(person.last_name),
            words(person.first_name),
        )
        result.setdefault(key.own.split()[0], []).append(key)
    return result


def _present(text: str, people: Index) -> list[Key]:
    """People whose matricule stands in a text, given as :func:`words`."""
    found = {word for word in text.split() if word in people}
    return [key for word in sorted(found) for key in people[word] if key.own in text]


def named(file_name: str, people: Index) -> list[str]:
    """Matricules that are words of a file's name.

    A name that is a matricule and nothing else names that one alone.
    """
    stem = words(file_name.removesuffix(".pdf").removesuffix(".PDF"))
    found = _present(stem, people)
    same = [key.matricule for key in found if key.own == stem]
    return same or [key.matricule for key in found]


def shown(text: str, people: Index) -> list[str]:
    """Matricules of the people whom a page names: matricule, first and last name.

    A matricule alone may be any number of the page.
    """
    page = words(text)
    return [
        key.matricule
        for key in _present(page, people)
        if all(not name.strip() or name in page for name in (key.last, key.first))
    ]


def belongs(texts: Sequence[str], matricule: str, people: Index) -> Told:
    """Whether a file that its name gives to a person is that person's payslip.

    It must show the matricule, or the first and last name. A page that does not show
    all three must name nobody else: neither first and last name side by side, nor a
    number that it calls a matricule.
    """
    keys = [key for found in people.values() for key in found]
    [own] = [key for key in keys if key.matricule == matricule]
    others = [key for key in keys if key is not own]
    result = Told()
    for page in map(words, texts):
        number, name = own.own in page, own.named_in(page)
        result.empty &= not page.strip()
        result.own |= number or name
        found = {key.matricule for key in others if _both(key, page)}
        if not (number and name):
            found |= {key.matricule for key in others if key.numbered_in(page)}
            namesakes = {key.matricule for key in others if key.name == own.name}
            called = {key.matricule for key in others if key.called_in(page)}
            found |= called - namesakes
        result.others |= found
    return result


def _both(key: Key, page: str) -> bool:
    return key.own in page and key.named_in(page)


def owners(texts: Sequence[str], people: Index) -> Pages:
    """Whose each page is; a page that does not say it is nobody's.

    To take it for the next page of the person before would hand a pay over to
    somebody else when a matricule is missing.
    """
    result = Pages()
    for number, text in enumerate(texts, 1):
        found = shown(text, people)
        if len(found) == 1:
            result.found.setdefault(found[0], []).append(number)
        else:
            (result.doubtful if found else result.unknown).append(number)
    return result
