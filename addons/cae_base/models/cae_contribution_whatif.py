"""What schemes would have charged over twelve months; nothing is written."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from dateutil.relativedelta import relativedelta

from ..engine import contribution as engine
from ..engine.contribution_compare import Change
from ..engine.money import ZERO
from .cae_contribution_plan import ContributionReading, _holds
from .cae_ledger_figures import EVERYTHING

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """An activity under another scheme; amounts in euros over the twelve months.

    :param turnover: invoiced excluding VAT
    :param charged: what was really booked
    :param details: amount, label and steps of each rule, as they are stored
    """

    activity: object
    scheme: object
    change: Change
    turnover: Decimal
    charged: Decimal
    details: list[dict]


class ContributionWhatIf(ContributionReading):
    """Real activities of twelve months under the schemes they have and under others.

    The twelve months are figured as one year that starts at zero, so that brackets,
    yearly minimums and maximums count once: over a fiscal year this is what a run
    books, otherwise what such a year would cost. An activity's own terms hold under
    the other schemes too: exemptions from all rules do, those about a rule only
    with its scheme.

    :param last: first day of the last month
    :param schemes: those to try
    :param day: their rules in force that day count, over all the months
    """

    def __init__(self, company, last: date, schemes, day: date):
        super().__init__(company, last - relativedelta(months=MONTHS - 1), last)
        self.schemes, self.day = schemes, day

    def outcomes(self) -> Iterator[Outcome]:
        """One per activity and scheme."""
        for activity in self.activities:
            current = sum((due.amount for _, due in self._current(activity)), ZERO)
            for scheme in self.schemes:
                dues = list(self._tried(activity, scheme))
                amount = sum((due.amount for _, due in dues), ZERO)
                yield Outcome(
                    activity=activity,
                    scheme=scheme,
                    change=Change(current, amount),
                    turnover=self._turnover[activity.analytic_account_id.id],
                    charged=self._charged[activity.id],
                    details=[_detail(terms, due) for terms, due in dues],
                )

    def without_rules(self):
        """Schemes of which no rule is in force on the day."""
        return self.schemes.filtered(lambda scheme: not self._trials[scheme])

    def _schemes_used(self):
        return super()._schemes_used() | self.schemes

    @cached_property
    def _trials(self):
        """``{scheme: {rule: engine rule}}`` of what is tried, whatever its dates."""
        return {
            scheme: {
                rule: replace(terms, date_from=None, date_to=None)
                for rule, terms in self._rules[scheme].items()
                if _holds(terms, self.day)
            }
            for scheme in self.schemes
        }

    def _current(self, activity):
        return self._dues(activity, self._cases(activity))

    def _tried(self, activity, scheme):
        terms = self._terms.get(activity.id, self._no_terms)
        cases = (
            self._case(rule, engine_rule, terms, away=())
            for rule, engine_rule in self._trials[scheme].items()
        )
        return self._dues(activity, cases)

    def _dues(self, activity, cases):
        for case in cases:
            due = engine.due(
                case.terms,
                self._months_of(activity, case.rule),
                exemptions=case.away + case.exemptions,
                overrides=case.overrides,
            )
            yield case.terms, due

    @cached_property
    def _turnover(self):
        """Invoiced by analytic account."""
        totals = defaultdict(Decimal)
        for (account, _month), row in self._figures[EVERYTHING].items():
            totals[account] += row["invoiced"]
        return totals

    @cached_property
    def _charged(self):
        """Booked by activity id."""
        totals = defaultdict(Decimal)
        booked = self.activities._contributions(self.first, self.end)
        for (activity, _month), amount in booked.items():
            totals[activity] += amount
        return totals


def _detail(terms, due):
    return {
        "label": terms.label,
        "amount": str(due.amount),
        "steps": [step.as_dict() for step in due.steps],
    }
