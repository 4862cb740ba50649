"""Decimal amounts: conversion, rounding, and amounts that depend on the gross."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple

from .errors import PayrollError

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
CENT = Decimal("0.01")
LARGEST = 10**9

Number = Decimal | int | float | str


def cents(amount: Decimal) -> Decimal:
    """Round to the cent, half up (away from zero)."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def decimal_of(value: Number, name: str, code: str = "CAE-PAY-VALUE") -> Decimal:
    """Return a decimal; a float is read as it prints (12.02 is 12.02).

    :raises PayrollError: ``code`` when it is no number, or beyond :data:`LARGEST`
    """
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise PayrollError(code, f"{name}: {value!r} is not a number") from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise PayrollError(code, f"{name}: {value!r} is out of range")
    return number


def amount_of(value: Number, name: str) -> Decimal:
    """Return an amount in euros, rounded to the cent and not negative."""
    amount = decimal_of(value, name)
    if amount < 0:
        raise PayrollError("CAE-PAY-VALUE", f"{name}: {amount} is negative")
    return cents(amount)


class Affine(NamedTuple):
    """An amount that is ``constant + slope x gross`` on a range of the gross."""

    constant: Decimal = ZERO
    slope: Decimal = ZERO

    def at(self, gross: Decimal) -> Decimal:
        return self.constant + self.slope * gross

    def __bool__(self) -> bool:
        return bool(self.constant or self.slope)
