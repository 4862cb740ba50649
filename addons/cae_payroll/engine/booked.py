"""What the months of a calendar year have booked, for their regularisation.

The ceiling (CSS R.242-2), the brackets that follow from it, the general reduction
(D.241-8, D.241-9) and the limits of the reduced rates before 2026 are those of the
year. A month is computed as what is due for the year to date less what its earlier
months have booked: twelve months give the year, and the month in which a contract ends
settles it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal

from .amounts import ZERO, Number, decimal_of

#: Reference SMICs are kept with these decimals.
MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Booked:
    """Sums of some months of a person and contract, in euros; months add up.

    :param gross: paid
    :param ceiling: monthly ceilings of the days of the contract
    :param smic: SMIC of the general reduction for the hours of these months, by the
        year (twelve times the month's)
    :param limit_smic: the same of the reduced rates of sickness and family
    :param reduction: general reduction

    The others are bases, named as in :class:`.contributions.Base`.
    """

    gross: Decimal = ZERO
    ceiling: Decimal = ZERO
    smic: Decimal = ZERO
    limit_smic: Decimal = ZERO
    reduction: Decimal = ZERO
    up_to_p: Decimal = ZERO
    up_to_4p: Decimal = ZERO
    p_to_8p: Decimal = ZERO
    cet: Decimal = ZERO
    above_sickness: Decimal = ZERO
    above_family: Decimal = ZERO

    @classmethod
    def of(cls, sums: Mapping[str, Number | None]) -> Booked:
        """Read what :meth:`plain` wrote, or sums of it; what is missing is zero."""
        return cls(*(decimal_of(sums.get(name) or 0, name) for name in NAMES))

    def plain(self) -> dict[str, str]:
        """Amounts as text, without the zeros."""
        values = {name: getattr(self, name) for name in NAMES}
        return {
            name: f"{value.quantize(MICRO).normalize():f}"
            for name, value in values.items()
            if value
        }

    def __add__(self, other: Booked) -> Booked:
        return Booked(*(getattr(self, n) + getattr(other, n) for n in NAMES))


NAMES = tuple(each.name for each in fields(Booked))
NOTHING = Booked()


@dataclass(slots=True)
class Bookings:
    """What the pay of some months booked, by person and contract.

    :param own: ``{person: {contract: Booked}}``; each contract has the ceilings of its
        own months
    :param ceilings: ``{person: euros}``, the ceiling of each month once
    :param several: people who had two contracts in one of these months
    """

    own: dict[int, dict[int, Booked]] = field(default_factory=dict)
    ceilings: dict[int, Decimal] = field(default_factory=dict)
    several: set[int] = field(default_factory=set)

    def of(self, person: int, contract: int) -> Booked:
        """What one contract booked."""
        return self.own.get(person, {}).get(contract, NOTHING)

    def others(self, person: int, contract: int) -> Booked:
        """What the other contracts booked, as :meth:`.salary.Salary.after` takes it.

        Contracts that follow each other, and never meet in a month, are not others.
        """
        if person not in self.several:
            return NOTHING
        found = self.own.get(person, {})
        rest = [booked for key, booked in found.items() if key != contract]
        ceiling = self.ceilings.get(person, ZERO) - self.of(person, contract).ceiling
        return replace(sum(rest, NOTHING), ceiling=ceiling)

    def add(self, person: int, contract: int, booked: Booked) -> None:
        """Count one more pay of a person with two contracts, in these months."""
        own = self.own.setdefault(person, {})
        own[contract] = own.get(contract, NOTHING) + booked
        self.several.add(person)
