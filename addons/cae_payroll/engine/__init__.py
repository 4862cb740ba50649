"""Salary engine: gross, employer's cost and net, both ways. Pure Python, no Odoo.

Usage::

    rates = RateSet.at(rows, date(2026, 6, 1))
    salary = salary_for(rates, Situation(date=rates.day, contract="cesa", …))
    salary.direct("2000"), salary.from_cost("3000"), salary.from_net("1600")

Modules: :mod:`.rates` (dated data), :mod:`.situation` (who is paid, by whom),
:mod:`.contributions` (what is due, on what), :mod:`.reduction` (formulas of the general
reduction), :mod:`.schedule` (these put together), :mod:`.scale` (put on a pay, after
what :mod:`.booked` says of the year), :mod:`.salary` (the computation).
Every error is a :class:`.errors.PayrollError` with a stable code.
"""

from .booked import NOTHING, Booked, Bookings
from .errors import PayrollError
from .rates import RateRow, RateSet
from .salary import Line, Result, Salary, salary_for
from .situation import Situation

__all__ = [
    "NOTHING",
    "Booked",
    "Bookings",
    "Line",
    "PayrollError",
    "RateRow",
    "RateSet",
    "Result",
    "Salary",
    "Situation",
    "salary_for",
]
