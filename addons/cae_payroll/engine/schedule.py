"""The contributions of a situation, made ready for any gross.

Every base is a straight line between two multiples of the ceiling, so that the sum of
what the employer, or the employee, owes is one too: a :class:`Segment` holds both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .amounts import CENT, HUNDRED, ONE, ZERO, Affine
from .contributions import CONTRIBUTIONS, Base, Contribution
from .errors import PayrollError
from .rates import FORMULA, RateSet
from .reduction import Formula, formula_at
from .situation import Situation

WEEKS = 52
MONTHS = 12
DEATH_COVER = "PREV_CADRE"


@dataclass(frozen=True, slots=True)
class Charge:
    """A contribution due; rates are fractions, and percent to show."""

    code: str
    label: str
    group: str
    on: Base
    employer: Decimal
    employee: Decimal
    employer_percent: Decimal
    employee_percent: Decimal
    taxed: str


@dataclass(frozen=True, slots=True)
class Segment:
    """What is due on a range of the gross: each charge with its base, and the sums."""

    charges: tuple[tuple[Charge, Affine], ...]
    employer: Affine
    employee: Affine

    @classmethod
    def of(cls, charges: Iterable[Charge], bases: Mapping[Base, Affine]) -> Segment:
        due = tuple((item, bases[item.on]) for item in charges if bases[item.on])
        return cls(
            due,
            total((base, item.employer) for item, base in due),
            total((base, item.employee) for item, base in due),
        )


def total(parts: Iterable[tuple[Affine, Decimal]]) -> Affine:
    """Sum of bases times rates."""
    constant = slope = ZERO
    for base, rate in parts:
        constant += base.constant * rate
        slope += base.slope * rate
    return Affine(constant, slope)


def portion(low: Decimal, bottom: Decimal, top: Decimal | None = None) -> Affine:
    """The part of the gross between two amounts, for a gross just above ``low``."""
    if low < bottom:
        return Affine()
    if top is None or low < top:
        return Affine(-bottom, ONE)
    return Affine(top - bottom)


class Schedule:
    """Segments of the gross, reduction and reference hours of one situation.

    :raises PayrollError: ``CAE-PAY-RATE`` when a parameter is missing at the date
    """

    def __init__(self, rates: RateSet, situation: Situation):
        if rates.day != situation.date:
            raise PayrollError(
                "CAE-PAY-RATE", f"rates of {rates.day} for a pay of {situation.date}"
            )
        self.rates = rates
        self.situation = situation
        self.ceiling = rates.number("pmss")
        self.year_hours = rates.number("legal_hours_week") * WEEKS
        self.month_hours = self.year_hours / MONTHS
        self._set_rates()
        self._set_segments()
        self._set_reduction()

    # Rates

    def _set_rates(self) -> None:
        """Rates of the company or the person, in place of those of the data."""
        situation = self.situation
        share = situation.health_employer_share / HUNDRED
        self._own_rates = {
            "": ZERO,
            "ss_atmp_er": situation.at_rate / HUNDRED,
            "mobility_er": situation.mobility_rate / HUNDRED,
            "health_er": share,
            "health_ee": ONE - share,
        }
        self._due = [item for item in CONTRIBUTIONS if self._is_due(item)]

    def _rate(self, code: str) -> Decimal:
        own = self._own_rates.get(code)
        return self.rates.rate(code) if own is None else own

    def _reaches(self, threshold: str) -> bool:
        return self.situation.headcount >= self.rates.number(threshold)

    def _is_due(self, item: Contribution) -> bool:
        if self.situation.contract == "cape":
            return item.cape
        if item.executive and not self.situation.executive:
            return False
        if item.reaches and not self._reaches(item.reaches):
            return False
        return not (item.below and self._reaches(item.below))

    # Bases

    def _set_segments(self) -> None:
        """``bounds[i]`` is the last gross of ``segments[i]``.

        The first segment is no pay at all, where a CAPE has a base of its own.
        """
        multiples = (1, 4, 8)
        self.bounds = [ZERO, *(self.ceiling * multiple for multiple in multiples)]
        charges = [self._charge(item) for item in self._due]
        charges = [item for item in charges if item.employer or item.employee]
        bases = [self._bases(low) for low in self.bounds]
        unpaid = bases[0] | {Base.ACCIDENT: self._unpaid_accident_base()}
        self.segments = [Segment.of(charges, each) for each in (unpaid, *bases)]

    def segment(self, gross: Decimal) -> Segment:
        return self.segments[bisect_left(self.bounds, gross)]

    def _charge(self, item: Contribution) -> Charge:
        employer, employee = self._rate(item.employer), self._rate(item.employee)
        return Charge(
            code=item.code,
            label=self.rates.label(item.labelled_by),
            group=item.group.value,
            on=item.base,
            employer=employer,
            employee=employee,
            employer_percent=employer * HUNDRED,
            employee_percent=employee * HUNDRED,
            taxed=self._taxed(item),
        )

    def _taxed(self, item: Contribution) -> str:
        if item.code == DEATH_COVER and not self.situation.tax_death_insurance:
            return ""
        return item.taxed

    def _bases(self, low: Decimal) -> dict[Base, Affine]:
        ceiling = self.ceiling
        gross = portion(low, ZERO)
        protection = self._protection(low)
        csg = (
            (portion(low, ZERO, 4 * ceiling), self.rates.rate("csg_base")),
            (portion(low, 4 * ceiling), ONE),
            (protection, ONE),
        )
        return {
            Base.TOTAL: gross,
            Base.UP_TO_P: portion(low, ZERO, ceiling),
            Base.P_TO_8P: portion(low, ceiling, 8 * ceiling),
            Base.UP_TO_4P: portion(low, ZERO, 4 * ceiling),
            Base.CET: portion(low, ZERO, 8 * ceiling) if low >= ceiling else Affine(),
            Base.ACCIDENT: gross,
            Base.HEALTH: Affine(self.situation.health_total),
            Base.PROTECTION: protection,
            Base.CSG: total(csg),
        }

    def _protection(self, low: Decimal) -> Affine:
        """Employer's health and death cover; a CAPE has neither.

        Not modelled: what exceeds 6 % of the ceiling + 1.5 % of the pay would enter
        the bases of social security.
        """
        covers = {
            "MUTUELLE": Affine(self.situation.health_total),
            DEATH_COVER: portion(low, ZERO, self.ceiling),
        }
        return total(
            (covers[item.code], self._rate(item.employer))
            for item in self._due
            if item.code in covers
        )

    def _unpaid_accident_base(self) -> Affine:
        if self.situation.contract != "cape":
            return portion(ZERO, ZERO)
        return Affine(self.rates.number("cape_atmp_hour_base") * self.month_hours)

    # Reduction

    def _set_reduction(self) -> None:
        self.formula: Formula | None = None
        self.relief_label = ""
        if self.situation.contract == "cape":
            return
        self.smic_year = self.rates.number("smic_rgdu") * self.year_hours
        basis = f"smic_{self.situation.smic_hours_basis}"
        self.full_time_pay = self.rates.number(basis) * self.month_hours
        self.relief_label = self.rates.label(f"{FORMULA}{self.rates.formula}")
        self.formula = formula_at(
            self.rates, self._reaches("headcount_fnal"), self._reducible()
        )

    def _reducible(self) -> Decimal:
        """Sum of the employer's rates that the reduction covers (D.241-7)."""
        cap = self.rates.rate("rgdu_at_cap")
        return sum(
            (
                min(self._rate(item.employer), cap)
                if item.base is Base.ACCIDENT
                else self._rate(item.employer)
                for item in self._due
                if item.reduced
            ),
            ZERO,
        )

    def presence(self, gross: Decimal) -> Decimal:
        """Hours of the month as a part of full time.

        Paid hours for an employee; for a salaried entrepreneur, full time reduced as
        the pay is under the SMIC (CSS D.241-27); none for a CAPE.
        """
        situation = self.situation
        if situation.contract == "cape":
            return ZERO
        if situation.contract == "cesa":
            return min(ONE, gross / self.full_time_pay)
        if situation.hours is None:
            return ONE
        # 151.67, the usual figure of payslips, is full time and not a little more.
        return situation.hours / self.month_hours.quantize(CENT)

    def hours(self, gross: Decimal) -> Decimal:
        """Hours of the month: paid, or rebuilt from the pay."""
        if self.situation.contract == "employee" and self.situation.hours:
            return self.situation.hours
        return self.month_hours * self.presence(gross)

    def coefficient(self, gross: Decimal) -> Decimal:
        """Coefficient of the general reduction."""
        if self.formula is None:
            return ZERO
        # By the year: the monthly SMIC is no whole number of cents.
        return self.formula.coefficient(
            gross * MONTHS, self.smic_year * self.presence(gross)
        )
