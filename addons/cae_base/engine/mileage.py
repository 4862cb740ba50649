"""Mileage allowances by the yearly scale: plain Python, no database.

The scale (arrêté of article 6 B of annexe IV of the CGI) applies to the whole distance
of a calendar year, for each vehicle. A claim is therefore what is due for the distance
to date, less what was paid before: whatever the order of the claims, the year adds up
to the scale on its total. Distances are kilometres, amounts euros.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO, cents

HUNDRED = Decimal(100)


class MileageError(ValueError):
    """A distance or a scale that nothing can be computed from."""


@dataclass(frozen=True)
class Band:
    """Distance × ``rate`` + ``constant``, up to a distance of the year.

    :param up_to: last kilometre, included; None for the last band
    :param rate: euros per kilometre, on the whole distance of the year
    """

    up_to: Decimal | None
    rate: Decimal
    constant: Decimal


@dataclass(frozen=True)
class Scale:
    """Bands of one kind of vehicle and power, by distance.

    :param electric_bonus: percent more for electric vehicles
    """

    bands: Sequence[Band]
    electric_bonus: Decimal = Decimal(0)

    def band(self, distance: Decimal) -> Band:
        """The band that ``distance`` is in.

        :raises MileageError: when no band reaches that far
        """
        ordered = sorted(self.bands, key=lambda b: (b.up_to is None, b.up_to or 0))
        for band in ordered:
            if band.up_to is None or distance <= band.up_to:
                return band
        raise MileageError(f"no band for {distance} km")

    def due(self, distance: Decimal, electric: bool = False) -> Decimal:
        """What a year's distance is worth, half up to the cent; 0 for no distance.

        :raises MileageError: below zero, or when no band reaches that far
        """
        if distance < 0:
            raise MileageError(f"{distance} km")
        if not distance:
            return ZERO
        band = self.band(distance)
        bonus = self.electric_bonus if electric else Decimal(0)
        amount = distance * band.rate + band.constant
        return cents(amount * (HUNDRED + bonus) / HUNDRED)


@dataclass(frozen=True)
class Claim:
    """One claim and what it rests on.

    :param before: kilometres of the year paid before
    :param paid: euros paid for them
    :param due: euros due for the whole distance to date
    :param amount: euros of this claim, never below zero: what was paid in excess is
        taken from the claims that follow
    """

    before: Decimal
    paid: Decimal
    distance: Decimal
    due: Decimal
    amount: Decimal
    band: Band

    @property
    def total(self) -> Decimal:
        """Kilometres of the year with this claim."""
        return self.before + self.distance


def claim(
    scale: Scale,
    distance: Decimal,
    before: Decimal = Decimal(0),
    paid: Decimal = ZERO,
    electric: bool = False,
) -> Claim:
    """What a new distance gives after those of the same year.

    :raises MileageError: for a distance that is not above zero
    """
    if distance <= 0:
        raise MileageError(f"{distance} km")
    total = before + distance
    due = scale.due(total, electric)
    amount = max(due - paid, ZERO)
    return Claim(before, paid, distance, due, amount, scale.band(total))
