"""Who is paid, by whom: all that decides a pay apart from its amount."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .amounts import HUNDRED, ZERO, decimal_of
from .errors import PayrollError

CHOICES = {
    "contract": ("employee", "cesa", "cape"),
    "smic_hours_basis": ("current", "rgdu"),
    "rounding": ("none", "line"),
}
PERCENTS = (
    "at_rate",
    "mobility_rate",
    "health_employer_share",
    "provident_rate",
    "provident_employer_share",
    "apprentice_share",
)
POSITIVES = ("headcount", "health_total", "provident_total")


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A month of a person in a company. Numbers may be given as ``Decimal``, ``int``,
    ``str`` or ``float``; they are kept as ``Decimal``.

    :param date: a day of the month of payment; chooses the rates
    :param contract: ``employee`` (hours), ``cesa`` (salaried entrepreneur: no hours,
        they are rebuilt from the pay) or ``cape`` (see :mod:`.salary`)
    :param headcount: staff of the company for the thresholds
    :param at_rate: work accidents, percent, as notified to the company
    :param mobility_rate: *versement mobilité*, percent; ignored under its threshold
    :param hours: paid hours of the month, ``employee`` only and ignored for others;
        151.67 (when ``None``) is full time and stands for 35 x 52 / 12 exactly; of a
        whole month, even when ``days`` is given
    :param executive: the person is a *cadre*
    :param health_total: complementary health premium of the month, euros
    :param health_employer_share: what the employer pays of it, percent
    :param provident_rate: provident scheme, percent of the pay up to the ceiling
    :param provident_total: provident scheme, euros a month; both may be due
    :param provident_employer_share: what the employer pays of it, percent
    :param alsace_moselle: the local scheme applies (sickness, apprenticeship tax)
    :param apprentice_share: apprentices and the like in the staff, percent; under 5,
        large companies owe the apprenticeship supplement
    :param days: calendar days of the contract in the month, when it does not cover it
        (CSS R.242-2, D.241-27 II); ``month_days``: days of the month
    :param ceiling_days: calendar days of all contracts of the person in the month,
        which have one ceiling; those of this contract when ``None``
    :param smic_hours_basis: SMIC that rebuilds the hours of a CESA: ``current``, the
        one in force (CSS D.241-27 read literally), or ``rgdu``, the reduction's own
    :param rounding: ``none``, contributions are summed unrounded, or ``line``, bases
        and amounts are rounded to the cent line by line as on a payslip
    :param tax_death_insurance: the employer's death insurance of executives counts in
        the taxable net
    :raises PayrollError: ``CAE-PAY-VALUE``
    """

    date: date
    contract: str
    headcount: Decimal
    at_rate: Decimal
    mobility_rate: Decimal = ZERO
    hours: Decimal | None = None
    executive: bool = False
    health_total: Decimal = ZERO
    health_employer_share: Decimal = Decimal(50)
    provident_rate: Decimal = ZERO
    provident_total: Decimal = ZERO
    provident_employer_share: Decimal = Decimal(50)
    alsace_moselle: bool = False
    apprentice_share: Decimal = Decimal(5)
    days: int | None = None
    month_days: int = 30
    ceiling_days: int | None = None
    smic_hours_basis: str = "current"
    rounding: str = "none"
    tax_death_insurance: bool = True

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise self._error(name, f"is not one of {', '.join(choices)}")
        for name in (*POSITIVES, *PERCENTS):
            self._set_number(name)
        for name in ("days", "ceiling_days"):
            days = getattr(self, name)
            if days is not None and not 0 <= days <= self.month_days:
                raise self._error(name, f"is not between 0 and {self.month_days}")
        if self.hours is not None:
            self._set_number("hours")
        if self.hours == 0 and self.contract == "employee":
            raise self._error("hours", "is not the time of an employee")

    def _set_number(self, name: str) -> None:
        value = decimal_of(getattr(self, name), name)
        # The dataclass is frozen for its users; this is still its construction.
        object.__setattr__(self, name, value)
        if value < 0 or (name in PERCENTS and value > HUNDRED):
            raise self._error(name, "is out of range")

    def _error(self, name: str, reason: str) -> PayrollError:
        return PayrollError("CAE-PAY-VALUE", f"{name}: {getattr(self, name)} {reason}")
