"""What people type in an invoice: numbers as they write them, SIREN and SIRET."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

#: No quantity or price of a small business comes near it.
LARGEST = Decimal(10_000_000)
#: The post office gives its offices numbers of their own (INSEE).
POST_OFFICE = "356000000"


class EntryError(ValueError):
    """What was typed is no ``number``, has too many ``digits``, or is too ``large``."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def number(value: Any, digits: int = 2) -> Decimal:
    """A number as people type it, such as ``1 480,50``; nothing is zero.

    :param digits: decimals at most: rounding what was typed would be a surprise
    :raises EntryError: when it is none, has more decimals, or is too large
    """
    text = "" if value is None or value is False else str(value)
    text = "".join(text.split()).replace("€", "").replace("%", "").replace(",", ".")
    try:
        found = Decimal(text or 0)
    except InvalidOperation as error:
        raise EntryError("number") from error
    if not found.is_finite():
        raise EntryError("number")
    if abs(found) > LARGEST:
        raise EntryError("large")
    rounded = round(found, digits)
    if rounded != found:
        raise EntryError("digits")
    return rounded


def registered(value: Any) -> str:
    """A SIREN (9 digits) or SIRET (14 digits) without spaces, else an empty text.

    Its last digit is the key of the others (ISO 7812), which finds what is mistyped.
    """
    text = re.sub(r"[\s.]", "", str(value or ""))
    if not re.fullmatch(r"[0-9]{9}([0-9]{5})?", text, re.ASCII):
        return ""
    if text[:9] == POST_OFFICE and sum(map(int, text)) % 5 == 0:
        return text
    return text if _key(text[:9]) == 0 and _key(text) == 0 else ""


def _key(digits: str) -> int:
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10
