"""The contributions of a situation: what is due, at which rates, for which hours.

Everything that does not depend on the pay, nor on the earlier months of the year; a
:class:`.scale.Scale` puts it on a pay.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .amounts import CENT, HUNDRED, ONE, ZERO, cents
from .booked import Booked
from .contributions import CONTRIBUTIONS, Base, Contribution
from .errors import PayrollError
from .rates import FORMULA, RateSet
from .reduction import Formula, formula_at
from .situation import Situation

WEEKS = 52
MONTHS = 12
MONTH_DAYS = 30  # of the hours of a part of a month, D.241-27 II
DEATH_COVER = "PREV_CADRE"
APPRENTICES = "csa_app_0_er"
#: Lower bound, percent of apprentices, of each rate of the apprenticeship supplement.
APPRENTICE_STEPS = (3, 2, 1, 0)
REGULARISATION = "regularisation"


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

    @property
    def taxed_rate(self) -> Decimal:
        """What is added back to the taxable net."""
        return getattr(self, self.taxed) if self.taxed else ZERO


@dataclass(frozen=True, slots=True)
class Limit:
    """The pay above which a reduced rate is lost: so many SMIC of the same time."""

    base: Base
    multiple: Decimal
    smic_year: Decimal


class Schedule:
    """Rates, ceiling, reduction and hours of one situation.

    :raises PayrollError: ``CAE-PAY-RATE`` when a parameter is missing at the date
    """

    def __init__(self, rates: RateSet, situation: Situation):
        if rates.day != situation.date:
            raise PayrollError(
                "CAE-PAY-RATE", f"rates of {rates.day} for a pay of {situation.date}"
            )
        self.rates = rates
        self.situation = situation
        self.year_hours = rates.number("legal_hours_week") * WEEKS
        self.month_hours = self.year_hours / MONTHS
        self.ceiling = cents(rates.number("pmss") * self._employed())
        #: Hours of the month before this pay, as a part of full time.
        self.begun = ZERO
        self.csg_base = rates.rate("csg_base")
        self._set_rates()
        self._set_charges()
        self._set_reduction()
        self._set_limits()

    def beside(self, month: Booked) -> Schedule:
        """What the month has left after what other pays of it booked."""
        other = copy(self)
        other.ceiling = self.ceiling - month.ceiling
        other.begun = self.presence(month.gross)
        other.full_presence = self.full_presence - other.begun
        return other

    @property
    def part(self) -> Fraction:
        """Part of the month that the contract covers, by calendar days."""
        situation = self.situation
        if situation.days is None:
            return Fraction(1)
        return Fraction(situation.days, situation.month_days)

    def _employed(self) -> Decimal:
        """Part of the month that the contracts of the person cover (CSS R.242-2)."""
        situation = self.situation
        if situation.ceiling_days is None:
            return self._part(situation.month_days)
        return Decimal(situation.ceiling_days) / situation.month_days

    def _part(self, month_days: int) -> Decimal:
        """Part of so many days that the contract covers."""
        days = self.situation.days
        return ONE if days is None else min(ONE, Decimal(days) / month_days)

    # Rates

    def _set_rates(self) -> None:
        """Rates of the company or the person, in place of those of the data."""
        situation = self.situation
        health = situation.health_employer_share / HUNDRED
        provident = situation.provident_employer_share / HUNDRED
        level = situation.provident_rate / HUNDRED
        fixed = ONE if situation.provident_total else ZERO
        self._own_rates = {
            "": ZERO,
            "ss_atmp_er": situation.at_rate / HUNDRED,
            "mobility_er": situation.mobility_rate / HUNDRED,
            "health_er": health,
            "health_ee": ONE - health,
            "provident_er": level * provident,
            "provident_ee": level * (ONE - provident),
            "provident_fixed_er": fixed * provident,
            "provident_fixed_ee": fixed * (ONE - provident),
        }
        if situation.alsace_moselle:
            self._own_rates["ta_er"] = self.rates.rate("ta_am_er")
        if self._reaches("headcount_csa_app"):
            self._own_rates[APPRENTICES] = self._apprentice_rate()
        self._due = [item for item in CONTRIBUTIONS if self._is_due(item)]

    def _apprentice_rate(self) -> Decimal:
        """Apprenticeship supplement (labour code, L.6242-1)."""
        share = self.situation.apprentice_share
        if share >= self.rates.number("csa_app_limit"):
            return ZERO
        step = next(step for step in APPRENTICE_STEPS if share >= step)
        large = not step and self._reaches("headcount_csa_app_large")
        rate = self.rates.rate(f"csa_app_{step}{'_large' if large else ''}_er")
        local = self.situation.alsace_moselle
        return rate * self.rates.rate("csa_app_am") if local else rate

    def _rate(self, code: str) -> Decimal:
        own = self._own_rates.get(code)
        return self.rates.rate(code) if own is None else own

    def _reaches(self, threshold: str) -> bool:
        return self.situation.headcount >= self.rates.number(threshold)

    def _is_due(self, item: Contribution) -> bool:
        situation = self.situation
        if item.given and item.given not in self.rates.rows:
            return False
        if situation.contract == "cape":
            return item.cape
        if item.executive and not situation.executive:
            return False
        if item.local and not situation.alsace_moselle:
            return False
        if item.reaches and not self._reaches(item.reaches):
            return False
        return not (item.below and self._reaches(item.below))

    # Charges

    def _set_charges(self) -> None:
        charges = [self._charge(item) for item in self._due]
        self.charges = [item for item in charges if item.employer or item.employee]
        self.sums: dict[Base, tuple[Decimal, Decimal, Decimal]] = {}
        for item in self.charges:
            employer, employee, taxed = self.sums.get(item.on, (ZERO, ZERO, ZERO))
            self.sums[item.on] = (
                employer + item.employer,
                employee + item.employee,
                taxed + item.taxed_rate,
            )
        # What the employer pays for health and provident cover, by base. What exceeds
        # 6 % of the ceiling + 1.5 % of the pay would enter the bases of social
        # security: not modelled.
        covers = ("MUTUELLE", DEATH_COVER, "PREVOYANCE", "PREVOYANCE_FORFAIT")
        self.covers: dict[Base, Decimal] = {}
        for item in self.charges:
            if item.code in covers:
                so_far = self.covers.get(item.on, ZERO)
                self.covers[item.on] = so_far + item.employer

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

    @property
    def unpaid_accident_base(self) -> Decimal:
        """Flat base of work accidents of a CAPE without pay."""
        if self.situation.contract != "cape":
            return ZERO
        return self.rates.number("cape_atmp_hour_base") * self.month_hours

    # Reduction

    def _set_reduction(self) -> None:
        self.formula: Formula | None = None
        self.estimate: Callable[[float, float], float] | None = None
        self.relief_label = self.regularisation_label = ""
        self.smic_year = ZERO
        basis = f"smic_{self.situation.smic_hours_basis}"
        self.full_time_pay = self.rates.number(basis) * self.month_hours
        self.full_presence = self._full_presence()
        if self.situation.contract == "cape":
            return
        self.smic_year = self.rates.number("smic_rgdu") * self.year_hours
        self.relief_label = self.rates.label(f"{FORMULA}{self.rates.formula}")
        self.regularisation_label = self.rates.label(REGULARISATION)
        self.formula = formula_at(
            self.rates, self._reaches("headcount_fnal"), self._reducible()
        )
        self.estimate = self.formula.estimator()

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

    def _set_limits(self) -> None:
        """Limits of the reduced rates, while the data have them (before 2026)."""
        codes = {
            Base.ABOVE_SICKNESS: "sickness_limit",
            Base.ABOVE_FAMILY: "family_limit",
        }
        given = {base: code for base, code in codes.items() if code in self.rates.rows}
        self.limit_smic_year = ZERO
        if given:
            self.limit_smic_year = self.rates.number("smic_reduced") * self.year_hours
        self.limits = [
            Limit(base, self.rates.number(code), self.limit_smic_year)
            for base, code in given.items()
        ]

    # Hours

    @property
    def rebuilt(self) -> bool:
        """Hours depend on the pay: those of a salaried entrepreneur."""
        return self.situation.contract == "cesa"

    def _full_presence(self) -> Decimal:
        """The most hours that this month can count, as a part of full time.

        A CAPE counts as full time for the limits of reduced rates.
        """
        if self.rebuilt:
            return self._part(MONTH_DAYS)
        hours, part = self.situation.hours, self._part(self.situation.month_days)
        if self.situation.contract == "cape" or hours is None:
            return part
        # 151.67, the usual figure of payslips, is full time and not a little more.
        return part * hours / self.month_hours.quantize(CENT)

    def presence(self, gross: Decimal) -> Decimal:
        """Hours of the pay as a part of full time.

        Paid hours for an employee; for a salaried entrepreneur, full time reduced as
        the pay is under the SMIC (CSS D.241-27).
        """
        if self.rebuilt:
            return min(self.full_presence, gross / self.full_time_pay)
        return self.full_presence

    def hours(self, gross: Decimal) -> Decimal:
        """Hours of the month: paid, or rebuilt from the pay; none for a CAPE."""
        situation = self.situation
        if situation.contract == "cape":
            return ZERO
        if situation.contract == "employee" and situation.hours and not self.begun:
            return situation.hours * self._part(situation.month_days)
        return self.month_hours * self.presence(gross)
