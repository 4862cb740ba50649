"""Amounts of euros in ``Decimal``: rounding to the cent, exact sharing."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    """``value`` rounded half up to 0.01."""
    return value.quantize(CENT, ROUND_HALF_UP)


def shared(total: Decimal, weights: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """``total`` shared by weights to the cent, by largest remainder.

    Ties go to the smaller key, so that the same figures always share alike.

    :param total: euros, zero or more, in whole cents
    :param weights: zero or more; all zero: nobody gets anything
    :return: an amount for each key; they add up to ``total`` unless no weight counts
    """
    whole = sum(weights.values(), Decimal(0))
    if not whole:
        return dict.fromkeys(weights, ZERO)
    exact = {key: total * weight / whole for key, weight in weights.items()}
    parts = {key: value.quantize(CENT, ROUND_FLOOR) for key, value in exact.items()}
    left = int((total - sum(parts.values(), ZERO)) / CENT)
    order: Sequence[int] = sorted(exact, key=lambda key: (parts[key] - exact[key], key))
    for key in order[:left]:
        parts[key] += CENT
    return parts
