"""Exact amounts of money: no float ever decides one (docs/architecture.md).

Amounts are euros, ``Decimal``. What has no end in decimals, such as the part of a
payment that is turnover collected, is carried with 60 digits (context ``EXACT``);
:func:`settled` rounds it to 30 decimals before anything is decided, so that parts
which add up to a whole cent, or to half a cent, are worth exactly that.
"""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

Number = Decimal | Fraction | int

EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
ZERO = Decimal("0.00")
_FINEST = Decimal("1e-30")
_NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
_SPACE = "\N{NO-BREAK SPACE}"


def exact(value: Number) -> Decimal:
    """``value`` as a Decimal, exact or to 60 digits.

    :raises TypeError: on a float, whose cents are already lost; see :func:`decimal`
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float: pass a Decimal or a Fraction")
    if isinstance(value, int):
        return Decimal(value)
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def cents(value: Number) -> Decimal:
    """``value`` rounded to 0.01, half away from zero (*half up* on both sides)."""
    return settled(value).quantize(ZERO, ROUND_HALF_UP, EXACT) + ZERO


def settled(value: Number) -> Decimal:
    """``value`` without the dust that endless decimals leave after their sum."""
    return exact(value).quantize(_FINEST, context=EXACT)


def decimal(value: float | int | str | Decimal, digits: int = 2) -> Decimal:
    """The decimal that a stored number stands for, rounded half up to ``digits``.

    For values that come out of an ORM as floats: 0.1 is 0.1, not 0.1000000000000000055.
    """
    value = value if isinstance(value, Decimal) else Decimal(str(value))
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def french(value: Number, unit: str = "€") -> str:
    """An amount as the French write it: ``1 234,50 €`` (no-break spaces)."""
    text = f"{cents(value):,}".replace(",", _NARROW_SPACE).replace(".", ",")
    return f"{text}{_SPACE}{unit}" if unit else text


def french_rate(value: Number) -> str:
    """A percentage as the French write it: ``13,5 %``."""
    return f"{french_number(value, 6)}{_SPACE}%"


def french_number(value: Number, digits: int = 3) -> str:
    """A number as the French write it: ``0,548``."""
    return plain(value, digits).replace(".", ",")


def plain(value: Number, digits: int = 6) -> str:
    """A number without useless zeros, never in exponent form: ``13.5``, ``40``."""
    rounded = exact(value).quantize(Decimal(1).scaleb(-digits), context=EXACT)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
