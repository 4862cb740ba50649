"""What activities will be charged in months to come; nothing is written."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from ..engine import contribution as engine
from ..engine.money import ZERO
from .cae_contribution_plan import ContributionReading
from .cae_ledger_figures import EVERYTHING

#: Figures that are expected of a month.
EXPECTED = ("invoiced", "collected", "purchases", "items")


class ContributionForecast(ContributionReading):
    """Rules of some activities on figures that are expected.

    The months of the fiscal year before the first expected one are those of the ledger,
    so that brackets, yearly minimums and maximums go on from there. A rule that counts
    some products only counts the part of the turnover that they have had in the year.

    :param expected: ``{activity id: {first day: {name: amount}}}``, names of
        ``EXPECTED``, in euros excluding VAT; months of one fiscal year
    """

    def __init__(self, activities, first: date, last: date, expected: Mapping):
        super().__init__(activities.env.company, first, last)
        self.activities = activities
        self.expected = expected

    @classmethod
    def of(cls, activities, expected: Mapping) -> dict:
        """``{(activity id, first day): Decimal}`` of months of any fiscal years."""
        company = activities.env.company
        months = sorted({month for rows in expected.values() for month in rows})
        years: dict[date, list[date]] = {}
        for month in months:
            year = company.compute_fiscalyear_dates(month)["date_from"].replace(day=1)
            years.setdefault(year, []).append(month)
        result = {}
        for year, ahead in years.items():
            rows = {
                key: {month: each[month] for month in ahead}
                for key, each in expected.items()
            }
            result |= cls(activities, year, ahead[-1], rows)._charges()
        return result

    def _charges(self):
        result = {}
        for activity in self.activities:
            months = self.expected[activity.id]
            result |= {(activity.id, month): ZERO for month in months}
            for case in self._cases(activity):
                for charge in self._charges_of(activity, case):
                    if charge.month in months:
                        result[activity.id, charge.month] += charge.amount
        return result

    def _charges_of(self, activity, case):
        return engine.charges(
            case.terms,
            self._months_of(activity, case.rule),
            exemptions=case.away + case.exemptions,
            overrides=case.overrides,
        )

    @cached_property
    def _figures(self):
        """What the ledger says, then what is expected."""
        found = super()._figures
        parts = {
            (key, activity): _part(rows, found[EVERYTHING], activity)
            for key, rows in found.items()
            for activity in self.activities
        }
        for (key, activity), part in parts.items():
            account = activity.analytic_account_id.id
            for month, amounts in self.expected[activity.id].items():
                found[key][account, month] |= {
                    name: Fraction(amounts.get(name, 0)) * part for name in EXPECTED
                }
        return found


def _part(rows, every, activity):
    """Part of the turnover of an activity that some rows count; all without any."""
    account = activity.analytic_account_id.id
    counted, whole = (
        sum((r["invoiced"] for (a, _m), r in each.items() if a == account), Decimal(0))
        for each in (rows, every)
    )
    return Fraction(counted) / Fraction(whole) if whole > 0 else Fraction(1)
