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
