"""What the contributions of a fiscal year lack, from a few queries."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ..engine import contribution as engine
from .cae_ledger import money
from .cae_ledger_figures import EVERYTHING

#: Validity of a rule that has nothing to say any more: before any month.
NEVER = date.min


@dataclass(frozen=True, slots=True)
class Booking:
    """A contribution line to write; ``amount`` in euros."""

    activity: object
    rule: object
    month: date
    revision: int
    amount: Decimal
    explanation: dict
    undoes: int | bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """A rule as it holds for one activity."""

    rule: object
    terms: engine.Rule
    away: tuple = ()
    exemptions: tuple = ()
    overrides: tuple = ()


class ContributionReading:
    """Rules and figures of the activities of a company over some months.

    Set-based: the number of queries does not grow with the activities.

    :param company: a record whose environment is the user's
    :param first: first day of the first month; the sums to date start there
    :param last: first day of the last month
    """

    def __init__(self, company, first: date, last: date):
        self.env = company.env
        self.company = company
        self.first, self.last = first, last
        self.ends = {month: _month_end(month) for month in self._all_months()}
        self.end = self.ends[self.last]
        self._series = {}

    def _all_months(self):
        month = self.first
        while month <= self.last:
            yield month
            month = engine.next_month(month)

    @cached_property
    def activities(self):
        """Activities open one day at least from the start to the end."""
        activities = self.env["cae.activity"].with_context(active_test=False)
        names = ["code", "scheme_id", "date_start", "date_end", "analytic_account_id"]
        return activities.search_fetch(self._domain(), names, order="code, id")

    def _domain(self):
        return [
            ("company_id", "=", self.company.id),
            ("date_start", "<=", self.end),
            "|",
            ("date_end", "=", False),
            ("date_end", ">=", self.first),
        ]

    @cached_property
    def _terms(self):
        """Own terms by activity id."""
        terms = self.env["cae.contribution.exemption"].search(
            [("activity_id", "in", self.activities.ids)]
        )
        return terms.grouped(lambda term: term.activity_id.id)

    @cached_property
    def _no_terms(self):
        return self.env["cae.contribution.exemption"]

    @cached_property
    def _rules(self):
        """``{scheme: {rule: engine rule}}`` of all the schemes in use."""
        return {scheme: scheme._engine_rules() for scheme in self._schemes_used()}

    def _schemes_used(self):
        schemes = self.activities.scheme_id
        for terms in self._terms.values():
            schemes |= terms.scheme_id
        return schemes

    @cached_property
    def _all_rules(self):
        rules = self.env["cae.contribution.rule"]
        return rules.union(*(rules.union(*found) for found in self._rules.values()))

    @cached_property
    def _filters(self):
        """What each rule counts, by its id."""
        return self._all_rules._filters()

    @cached_property
    def _figures(self):
        """``{filters: figures}``, from one reading of the ledger."""
        paid = self._all_rules.filtered(lambda rule: rule.basis == "collected")
        return self.env["cae.ledger"]._figures_by(
            self.company,
            self.activities.analytic_account_id.ids,
            self.first,
            self.end,
            {*self._filters.values(), EVERYTHING},
            collected={self._filters[rule.id] for rule in paid},
        )

    @cached_property
    def _kinds(self):
        """Kinds of contract, when some rule looks at them."""
        if not self._all_rules._by_kind():
            return {}
        days = {
            activity.id: {self._reference_day(activity, m) for m in self.ends}
            for activity in self.activities
        }
        return self.activities._contract_kinds(days)

    # ------------------------------------------------------------------
    # Rules of an activity
    # ------------------------------------------------------------------

    def _cases(self, activity) -> Iterator[_Case]:
        """Rules that hold for an activity."""
        terms = self._terms.get(activity.id, self._no_terms)
        for scheme, away in self._schemes(activity, terms):
            for rule, engine_rule in self._rules.get(scheme, {}).items():
                yield self._case(rule, engine_rule, terms, away)

    @staticmethod
    def _schemes(activity, terms):
        """``(scheme, [exemption of the days on which another one holds])``."""
        changes = terms.filtered(lambda t: t.kind == "scheme").sorted(_by_start)
        others = changes.filtered(lambda t: t.scheme_id != activity.scheme_id)
        yield activity.scheme_id, tuple(change._exemption() for change in others)
        for scheme, own in others.grouped("scheme_id").items():
            yield scheme, tuple(_gaps(own))

    @staticmethod
    def _case(rule, engine_rule, terms, away):
        mine = terms.filtered(lambda t: not t.rule_id or t.rule_id == rule)
        exempt = mine.filtered(lambda t: t.kind == "exemption")
        own = mine.filtered(lambda t: t.kind == "override")
        return _Case(
            rule,
            engine_rule,
            away=away,
            exemptions=tuple(term._exemption() for term in exempt),
            overrides=tuple(term._override() for term in own),
        )

    # ------------------------------------------------------------------
    # Months of an activity
    # ------------------------------------------------------------------

    def _months_of(self, activity, rule):
        """What a rule counts of an activity, from its first month in these."""
        # A rule that is not due any more has no figures of its own.
        key = self._filters.get(rule.id, EVERYTHING)
        series = self._series.get((activity.id, key))
        if series is None:
            figures, account = self._figures[key], activity.analytic_account_id.id
            start = activity.date_start.replace(day=1)
            series = self._series[activity.id, key] = [
                self._month(activity, month, figures[account, month])
                for month in self.ends
                if month >= start
            ]
        return series

    def _month(self, activity, month, row):
        day = self._reference_day(activity, month)
        return engine.MonthFigures(
            month,
            invoiced=row["invoiced"],
            collected=row["collected"],
            purchases=row["purchases"],
            value_added=row["invoiced"] - row["items"],
            internal_sold=row["sold"],
            internal_bought=row["bought"],
            losses=row["losses"],
            contract=self._kinds.get((activity.id, day), "cesa"),
            opened=activity.date_start,
            closed=activity.date_end or None,
        )

    def _reference_day(self, activity, month):
        """Last open day of a month: what holds then holds for the month."""
        end = self.ends[month]
        return min(end, activity.date_end or end)


class ContributionPlan(ContributionReading):
    """Contributions of a company from the start of a fiscal year to a month.

    :param last: first day of the last month, or a later one that was already run
    """

    def __init__(self, company, last: date):
        year = company.compute_fiscalyear_dates(last)
        first = year["date_from"].replace(day=1)
        super().__init__(company, first, max(last, _last_run(company, year)))

    def _domain(self):
        return [*super()._domain(), ("scheme_id", "!=", False)]

    def of(self, activities) -> "ContributionPlan":
        """The plan of some of the activities alone."""
        plan = ContributionPlan(self.company, self.last)
        plan.activities = self.activities & activities
        return plan

    def parts(self, size: int) -> list[tuple["ContributionPlan", int]]:
        """Plans of ``size`` activities each, who was never run in the last month first.

        A run that was cut thus goes on where it stopped, and looks at what it had done
        at its end only.

        :return: pairs of a plan and how many plans of those never run come after it
        """
        done = self._run_in_last_month()
        fresh = self._split(self.activities - done, size)
        parts = [(self.of(part), len(fresh) - n) for n, part in enumerate(fresh, 1)]
        known = self._split(self.activities & done, size)
        return parts + [(self.of(part), 0) for part in known]

    @staticmethod
    def _split(activities, size):
        return [activities[n : n + size] for n in range(0, len(activities), size)]

    def _run_in_last_month(self):
        query = SQL(
            """
            SELECT DISTINCT activity_id FROM cae_contribution_line
             WHERE company_id = %s AND month = %s
            """,
            self.company.id,
            self.last,
        )
        ids = [activity for (activity,) in self.env.execute_query(query)]
        return self.activities.browse(ids)

    def bookings(self) -> list[Booking]:
        """What is to be written, in the order of months and activities."""
        found = [
            booking
            for activity in self.activities
            for case in self._cases(activity)
            for booking in self._bookings(activity, case)
        ]
        return sorted(found, key=lambda booking: booking.month)  # keeps the order

    @cached_property
    def open_months(self) -> set[date]:
        """First days of the months that may still be booked."""
        return set(self.ends) - self.env["cae.period"]._locked_months(self.company)

    @cached_property
    def _charged(self):
        """``{(activity id, rule id): {month: (amount, last revision)}}``."""
        query = SQL(
            """
            SELECT activity_id, rule_id, month, SUM(amount), MAX(revision)
              FROM cae_contribution_line
             WHERE activity_id = ANY(%s) AND month BETWEEN %s AND %s
             GROUP BY activity_id, rule_id, month
            """,
            self.activities.ids,
            self.first,
            self.last,
        )
        result = defaultdict(dict)
        for activity, rule, month, amount, revision in self.env.execute_query(query):
            result[activity, rule][month] = (money(amount), revision)
        return result

    @cached_property
    def _stale_rules(self):
        """Rules that were charged and may not be due any more, by id."""
        ids = {rule for _activity, rule in self._charged}
        return {
            rule.id: replace(rule._engine_rule(), date_from=None, date_to=NEVER)
            for rule in self.env["cae.contribution.rule"].browse(ids)
        }

    def _cases(self, activity) -> Iterator[_Case]:
        """Rules that hold, or held, for an activity."""
        seen = set()
        for case in super()._cases(activity):
            seen.add(case.rule.id)
            yield case
        for rule_id, engine_rule in self._stale_rules.items():
            charged = (activity.id, rule_id) in self._charged
            if charged and rule_id not in seen:
                rule = self.env["cae.contribution.rule"].browse(rule_id)
                yield _Case(rule, engine_rule)

    def _bookings(self, activity, case) -> Iterator[Booking]:
        known = self._charged.get((activity.id, case.rule.id), {})
        charges = engine.charges(
            case.terms,
            self._months_of(activity, case.rule),
            {month: amount for month, (amount, _revision) in known.items()},
            exemptions=case.away + case.exemptions,
            overrides=case.overrides,
            book=self.open_months,
        )
        for charge in charges:
            booked = known.get(charge.month)
            tells = not booked and self._tells(activity, case, charge.month)
            if charge.amount or tells:
                yield Booking(
                    activity=activity,
                    rule=case.rule,
                    month=charge.month,
                    revision=booked[1] + 1 if booked else 0,
                    amount=charge.amount,
                    explanation=charge.explanation.as_dict(),
                )

    def _tells(self, activity, case, month):
        """Whether a charge of 0.00 is worth a line: open, and the rule in force."""
        day = self._reference_day(activity, month)
        return (
            day >= month
            and _holds(case.terms, day)
            and not any(_holds(period, day) for period in case.away)
        )


def _last_run(company, year):
    """The last month of a fiscal year that was run, or its start."""
    company.env["cae.contribution.line"].flush_model()
    query = SQL(
        """
        SELECT MAX(month) FROM cae_contribution_line
         WHERE company_id = %s AND month BETWEEN %s AND %s
        """,
        company.id,
        year["date_from"].replace(day=1),
        year["date_to"],
    )
    return company.env.execute_query(query)[0][0] or year["date_from"].replace(day=1)


def _month_end(month):
    return month + relativedelta(months=1, days=-1)


def _by_start(term):
    return term.date_from or date.min


def _gaps(terms):
    """Exemptions on the days between these terms, before and after them."""
    for start, end in engine.gaps(terms):
        reason = terms[-1:].reason
        yield engine.Exemption(reason=reason, date_from=start, date_to=end)


def _holds(period, day):
    start, end = period.date_from, period.date_to
    return (start is None or start <= day) and (end is None or day <= end)
