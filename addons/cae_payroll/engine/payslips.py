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
    """How a payslip names a person."""

    matricule: str
    first_name: str
    last_name: str


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


def named(file_name: str, matricules: Iterable[str]) -> list[str]:
    """Matricules that are words of a file's name.

    A name that is a matricule and nothing else names that one alone.

    :param matricules: none of them without a letter or a digit
    """
    stem = words(file_name.removesuffix(".pdf").removesuffix(".PDF"))
    found = [m for m in matricules if words(m) in stem]
    return [m for m in found if words(m) == stem] or found


def shown(text: str, people: Iterable[Payee]) -> list[str]:
    """Matricules of the people whom a page names: matricule, first and last name.

    A matricule alone may be any number of the page.
    """
    page = words(text)
    present = set(page.split())
    return [
        person.matricule
        for person in people
        for key in (words(person.matricule),)
        if set(key.split()) <= present
        and key in page
        and _says(page, person.last_name)
        and _says(page, person.first_name)
    ]


def _says(page: str, name: str) -> bool:
    """Whether a page has this name; a person without one cannot be told by it."""
    key = words(name)
    return not key.strip() or key in page


def owners(texts: Sequence[str], people: Sequence[Payee]) -> Pages:
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
