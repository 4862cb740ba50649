"""Formulas of the general reduction of employer contributions.

A formula takes the pay and the reference SMIC **of the same period** and returns a
coefficient of the pay. Which one applies is dated data (``formula_<name>``); a new law
is a new class in :data:`FORMULAS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from .amounts import ONE, ZERO
from .errors import PayrollError
from .rates import RateSet

FOUR_DECIMALS = Decimal("0.0001")
QUARTERS = 4


class Formula(Protocol):
    largest: Decimal
    """The coefficient is at most this."""
    limit: Decimal
    """Nothing from this number of SMIC up."""

    def coefficient(self, pay: Decimal, smic: Decimal) -> Decimal:
        """The coefficient, rounded as the law says; zero when nothing is due."""

    def estimator(self) -> Callable[[float, float], float]:
        """The same in floats: good for searching, never for deciding."""


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """``base ** exponent``, twenty times faster when it is a number of quarters."""
    quarters = exponent * QUARTERS
    if quarters == int(quarters):
        return base.sqrt().sqrt() ** int(quarters)
    return base**exponent


@dataclass(frozen=True)
class Rgdu2026:
    """Réduction générale dégressive unique, since 2026-01-01.

    ``C = Tmin + Tdelta x (1/2 x (3 x SMIC / pay - 1)) ^ 1.75``, rounded to four
    decimals, at most ``Tmin + Tdelta``; nothing from 3 SMIC up (CSS L.241-13, D.241-7).
    """

    tmin: Decimal
    tdelta: Decimal
    exponent: Decimal
    limit: Decimal

    @classmethod
    def of(cls, rates: RateSet, full_fnal: bool, reducible: Decimal) -> Rgdu2026:
        """Build from the data.

        :param full_fnal: the employer owes the FNAL of 50 staff and more
        :param reducible: sum of the employer's own rates that the reduction covers;
            when they add up to less than ``Tmin + Tdelta``, Tdelta is lowered to match
        """
        tmin = rates.number("rgdu_tmin")
        tdelta = rates.number("rgdu_tdelta_ge50" if full_fnal else "rgdu_tdelta_lt50")
        return cls(
            tmin=tmin,
            tdelta=min(tdelta, reducible - tmin),
            exponent=rates.number("rgdu_exponent"),
            limit=rates.number("rgdu_limit"),
        )

    @property
    def largest(self) -> Decimal:
        return self.tmin + self.tdelta

    def coefficient(self, pay: Decimal, smic: Decimal) -> Decimal:
        if not ZERO < pay < self.limit * smic:
            return ZERO
        height = (self.limit * smic / pay - ONE) / (self.limit - ONE)
        share = power(min(height, ONE), self.exponent)
        rounded = (self.tmin + self.tdelta * share).quantize(
            FOUR_DECIMALS, ROUND_HALF_UP
        )
        return min(rounded, self.largest)

    def estimator(self) -> Callable[[float, float], float]:
        limit, exponent = float(self.limit), float(self.exponent)
        tmin, tdelta = float(self.tmin), float(self.tdelta)

        def estimate(pay: float, smic: float) -> float:
            if not 0 < pay < limit * smic:
                return 0.0
            height = min((limit * smic / pay - 1) / (limit - 1), 1.0)
            return int((tmin + tdelta * height**exponent) * 10000 + 0.5) / 10000

        return estimate


@dataclass(frozen=True)
class Fillon2011:
    """Réduction générale, before 2026.

    ``C = T / 0.6 x (1.6 x SMIC / pay - 1)``, rounded to four decimals, at most ``T``;
    nothing from 1.6 SMIC up (CSS L.241-13, D.241-7 before 2026).
    """

    largest: Decimal
    limit: Decimal

    @classmethod
    def of(cls, rates: RateSet, full_fnal: bool, reducible: Decimal) -> Fillon2011:
        """Build from the data; see :meth:`Rgdu2026.of`."""
        largest = rates.number("fillon_t_ge50" if full_fnal else "fillon_t_lt50")
        return cls(min(largest, reducible), rates.number("fillon_limit"))

    def coefficient(self, pay: Decimal, smic: Decimal) -> Decimal:
        if not ZERO < pay < self.limit * smic:
            return ZERO
        share = (self.limit * smic / pay - ONE) / (self.limit - ONE)
        rounded = (self.largest * share).quantize(FOUR_DECIMALS, ROUND_HALF_UP)
        return min(rounded, self.largest)

    def estimator(self) -> Callable[[float, float], float]:
        limit, largest = float(self.limit), float(self.largest)

        def estimate(pay: float, smic: float) -> float:
            if not 0 < pay < limit * smic:
                return 0.0
            share = min((limit * smic / pay - 1) / (limit - 1), 1.0)
            return int(largest * share * 10000 + 0.5) / 10000

        return estimate


FORMULAS: dict[str, Callable[[RateSet, bool, Decimal], Formula]] = {
    "fillon_2011": Fillon2011.of,
    "rgdu_2026": Rgdu2026.of,
}


def formula_at(rates: RateSet, full_fnal: bool, reducible: Decimal) -> Formula:
    """The formula in force, with its parameters (see :meth:`Rgdu2026.of`).

    :raises PayrollError: ``CAE-PAY-RATE`` when the data name none, or an unknown one
    """
    build = FORMULAS.get(rates.formula)
    if build is None:
        raise PayrollError("CAE-PAY-RATE", f"formula {rates.formula} is not known")
    return build(rates, full_fnal, reducible)
