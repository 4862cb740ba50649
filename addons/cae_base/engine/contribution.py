"""Contribution of an activity to the shared services, by the rules the members voted.

Law: the general meeting sets the bases, rates or amounts (Code du travail, R.7331-8).
A *scheme* is a sum of :class:`Rule`. The caller fetches the figures of each month of
the fiscal year (:class:`MonthFigures`; a rule's product and account filters act
there), and :func:`charges` says what to book, month by month::

    charge of month m = due(m) − everything charged for the months up to m

so that calling it again charges nothing, and a late document corrects itself.

**To date** (mode ``to_date``): due(m) is figured on the sums of the counted months
up to m and rounded once. **Month alone** (mode ``month``): each month is figured and
rounded on its own, due(m) is the sum of the months up to m, and the year's floor and
ceiling act on that sum, hence in month order.

In this order, for a rule and a span (the months to date, or the month alone):

1. base × rate, or brackets, or the fixed amount × months; plus the months that an
   override figures at its own rate or amount;
2. never below zero;
3. at least the floor per month × months, at most the ceiling per month × months;
4. in month-alone mode: rounded, and the months before added;
5. at least the year's floor, a twelfth for each month to date; at most the year's
   ceiling, which is not split; rounded half up to the cent.

A rule, an exemption, an override or a contract kind holds for whole months: those on
whose last open day it holds. So periods that touch never count a month twice. An
exempt month, or one in which the rule is not in force, gives neither base nor floor.

Brackets count the ordinary base of the fiscal year to date: months that an override
figures at its own rate stay outside them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import lru_cache

from .contribution_checks import check_rules, check_terms, gaps, overlap, problems
from .contribution_types import (
    NOTHING,
    Bracket,
    Charge,
    ContributionError,
    Due,
    Exemption,
    Explanation,
    MonthCharge,
    MonthFigures,
    Override,
    Rule,
    Step,
    _lt,
    month_code,
    month_start,
)
from .contribution_words import TEMPLATES, Formats, render, render_steps
from .money import EXACT, ZERO, cents, exact, settled

__all__ = [
    "TEMPLATES",
    "Bracket",
    "Charge",
    "ContributionError",
    "Due",
    "Exemption",
    "Explanation",
    "Formats",
    "MonthCharge",
    "MonthFigures",
    "Override",
    "Rule",
    "Step",
    "charge",
    "charges",
    "check_rules",
    "check_terms",
    "due",
    "fiscal_year_start",
    "gaps",
    "month_start",
    "next_month",
    "overlap",
    "problems",
    "render",
    "render_steps",
    "simulate",
]


# ---------------------------------------------------------------------------
# Months
# ---------------------------------------------------------------------------
@lru_cache(maxsize=1024)
def next_month(month: date) -> date:
    """First day of the month after ``month``."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def fiscal_year_start(month: date, first_month: int = 1) -> date:
    """First day of the fiscal year of ``month``, which starts in ``first_month``."""
    year = month.year if month.month >= first_month else month.year - 1
    return date(year, first_month, 1)


def _holds(period: Rule | Exemption | Override, day: date) -> bool:
    start, end = period.date_from, period.date_to
    return (start is None or start <= day) and (end is None or day <= end)


def _months_error(before: date, after: date) -> ContributionError:
    return ContributionError(
        "CAE-CONTRIBUTION-MONTHS",
        _lt("The months must follow one another: {after} comes after {before}."),
        before=month_code(before),
        after=month_code(after),
    )


def _check_months(months: Sequence[MonthFigures]) -> None:
    """Refuse a gap: a month left out would lose its floor and its fixed amount."""
    for before, after in zip(months, months[1:], strict=False):
        if next_month(before.month) != after.month:
            raise _months_error(before.month, after.month)


# ---------------------------------------------------------------------------
# Brackets
# ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Slice:
    """A bracket with both its limits; None = none on that side."""

    lower: Decimal | None
    upper: Decimal | None
    rate: Decimal

    def clip(self, value: Decimal) -> Decimal:
        if self.lower is not None and value < self.lower:
            return self.lower
        if self.upper is not None and value > self.upper:
            return self.upper
        return value

    def holds(self, value: Decimal) -> bool:
        return self.upper is None or value <= self.upper

    def words(self) -> dict[str, Decimal]:
        limits = {"lower": self.lower, "upper": self.upper}
        return {key: value for key, value in limits.items() if value is not None}

    @property
    def key(self) -> str:
        if self.lower is None:
            return "rate" if self.upper is None else "bracket_first"
        return "bracket_last" if self.upper is None else "bracket_middle"


@lru_cache(maxsize=256)
def _slices(brackets: tuple[Bracket, ...]) -> tuple[_Slice, ...]:
    """The brackets with their limits; the first one goes down to any credit."""
    uppers = [None if b.upper is None else exact(b.upper) for b in brackets]
    lowers = [None, *uppers[:-1]]
    return tuple(
        _Slice(lower, upper, bracket.rate)
        for lower, upper, bracket in zip(lowers, uppers, brackets, strict=True)
    )


# ---------------------------------------------------------------------------
# The arithmetic
# ---------------------------------------------------------------------------
class _Tally:
    """A running amount, and the steps that made it.

    A step's amount is the difference of the rounded totals, so that the steps shown
    to the cent always add up to the rounded total.
    """

    __slots__ = ("total", "amount", "steps")

    def __init__(self):
        self.total = NOTHING
        self.amount = ZERO
        self.steps: list[Step] = []

    def note(self, key: str, **values) -> None:
        self.steps.append(Step(key, ZERO, values))

    def add(self, key: str, delta: Decimal, **values) -> None:
        before = self.amount
        self.total += delta
        self.amount = cents(self.total)
        self.steps.append(Step(key, self.amount - before, values))

    def at_least(self, key: str, bound: Decimal) -> None:
        if self.total < bound:
            self.add(key, bound - self.total, bound=bound)

    def at_most(self, key: str, bound: Decimal) -> None:
        if self.total > bound:
            self.add(key, bound - self.total, bound=bound)

    def settle(self) -> None:
        """Go on from the rounded amount."""
        self.total = self.amount


def _increase(sums: dict, key, value: Decimal) -> None:
    sums[key] = sums.get(key, NOTHING) + value


class _Span:
    """Sums over the months figured together: all to date, or one alone.

    ``base`` and ``units`` are kept per override, None being the ordinary months;
    ``before`` is the ordinary base of the year before this span.
    """

    __slots__ = (
        "before",
        "base",
        "units",
        "inputs",
        "internal",
        "losses",
        "floor",
        "ceiling",
        "months",
        "notes",
    )

    def __init__(self, before: Decimal = NOTHING):
        self.before = before
        self.base: dict[Override | None, Decimal] = {}
        self.units: dict[Override | None, Decimal] = {}
        self.inputs: dict[str, Decimal] = {}
        self.internal = self.losses = self.floor = self.ceiling = NOTHING
        self.months: list[date] = []
        self.notes: dict[tuple[str, str], list[date]] = {}

    @property
    def ordinary(self) -> Decimal:
        return self.base.get(None, NOTHING)

    def add_base(self, rule: Rule, figures: MonthFigures, override) -> None:
        for key, value in figures.inputs(rule.basis).items():
            _increase(self.inputs, key, value)
            _increase(self.base, override, value)
        lost = figures.lost(rule.basis)
        if lost:
            self.losses += lost
            _increase(self.base, override, -lost)
        internal = figures.internal(rule.basis)
        self.internal += internal
        if rule.internal_rate is None:
            _increase(self.base, override, internal)


class _Run:
    """A rule applied to the months of one fiscal year, in order."""

    def __init__(
        self,
        rule: Rule,
        exemptions: Iterable[Exemption] = (),
        overrides: Iterable[Override] = (),
    ):
        self.rule = rule
        self.exemptions = tuple(exemptions)
        self.overrides = tuple(overrides)
        self.alone = rule.mode == "month"
        self.span = _Span()
        self.earlier = NOTHING
        self.year_floor = NOTHING

    def due(self, figures: MonthFigures) -> _Tally:
        """Due from the start of the year to this month."""
        if self.alone:
            self.span = _Span(self.span.before + self.span.ordinary)
        self._count(figures)
        tally = _Tally()
        _notes(self.span, tally)
        _figure(self.rule, self.span, tally)
        _month_bounds(self.rule, self.span, tally)
        if self.alone:
            self._add_earlier(tally)
        self._year_bounds(tally)
        return tally

    def _count(self, figures: MonthFigures) -> None:
        """Take the month into the span, unless something keeps it out."""
        month, span = figures.month, self.span
        day = figures.reference_day
        kept_out = self._kept_out(figures, day)
        if kept_out:
            span.notes.setdefault(kept_out, []).append(month)
            return
        override = next((o for o in self.overrides if _holds(o, day)), None)
        span.months.append(month)
        span.add_base(self.rule, figures, _rated_by(self.rule, override))
        self._add_units(figures, override)

    def _kept_out(self, figures: MonthFigures, day: date) -> tuple[str, str] | None:
        """Why the month does not count: a key of ``TEMPLATES`` and its value."""
        rule = self.rule
        if not figures.started:
            return "not_open", ""
        if not _holds(rule, day):
            return "not_in_force", ""
        if rule.contracts and figures.contract not in rule.contracts:
            return "contract", figures.contract
        if figures.age is not None and figures.age < rule.free_months:
            return "free", ""
        exemption = next((e for e in self.exemptions if _holds(e, day)), None)
        return ("exempt", exemption.reason) if exemption else None

    def _add_units(self, figures: MonthFigures, override: Override | None) -> None:
        """Months, for what is due per month."""
        rule, span = self.rule, self.span
        units = figures.presence(rule.prorata)
        if rule.basis == "fixed":
            own = override if override and override.amount is not None else None
            _increase(span.units, own, units)
        floor_month, floor_year = _floors(rule, figures.contract, override)
        span.floor += units * floor_month
        self.year_floor += units * floor_year
        if rule.ceiling_month is not None:
            # Money that comes in after the activity closed is still capped, not nil.
            span.ceiling += (units or 1) * rule.ceiling_month

    def _add_earlier(self, tally: _Tally) -> None:
        tally.settle()
        own = tally.total
        if self.earlier:
            tally.add("earlier", self.earlier)
        self.earlier += own

    def _year_bounds(self, tally: _Tally) -> None:
        if self.year_floor:
            tally.at_least("floor_year", self.year_floor)
        if self.rule.ceiling_year is not None:
            tally.at_most("ceiling_year", self.rule.ceiling_year)


def _rated_by(rule: Rule, override: Override | None) -> Override | None:
    """The override, when it is about the rate."""
    return override if override and override.rate is not None else None


def _floors(
    rule: Rule, contract: str, override: Override | None
) -> tuple[Decimal, Decimal]:
    """Floors of one month: on the month, and its twelfth of the year's."""
    own = dict(rule.floor_contracts).get(contract) if rule.floor_contracts else None
    if override and override.floor is not None:
        own = override.floor
    if own is None:
        return rule.floor_month or NOTHING, (rule.floor_year or NOTHING) / 12
    yearly = rule.floor_year is not None
    monthly = rule.floor_month is not None or not yearly
    return own * monthly, own * yearly


def _notes(span: _Span, tally: _Tally) -> None:
    for (key, value), months in span.notes.items():
        name = "contract" if key == "contract" else "reason"
        tally.note(key, months=tuple(months), **({name: value} if value else {}))


def _figure(rule: Rule, span: _Span, tally: _Tally) -> None:
    """Base × rate, or months × amount; never below zero."""
    if rule.basis == "fixed":
        _figure_fixed(rule, span, tally)
    elif span.months:
        _figure_base(rule, span, tally)
        _figure_rates(rule, span, tally)
    if rule.never_negative:
        tally.at_least("not_negative", NOTHING)


def _figure_fixed(rule: Rule, span: _Span, tally: _Tally) -> None:
    for own, units in span.units.items():
        amount = rule.amount or ZERO if own is None else own.amount
        values = {"unit": amount, "units": units}
        if own is None:
            tally.add("fixed", units * amount, **values)
        else:
            values["reason"] = own.reason
            tally.add("override_amount", units * amount, **values)


def _figure_base(rule: Rule, span: _Span, tally: _Tally) -> None:
    """The inputs, as notes."""
    tally.note(
        f"base_{rule.basis}",
        first=span.months[0],
        last=span.months[-1],
        base=sum(span.inputs.values(), NOTHING),
        **dict(_shown(span)),
    )
    if span.internal and rule.internal_rate is None:
        tally.note("internal", base=span.internal)
    if span.losses:
        tally.note("losses", base=span.losses)


def _shown(span: _Span) -> Iterator[tuple[str, Decimal]]:
    """Inputs as people name them: purchases are positive."""
    for key, value in span.inputs.items():
        yield key, -value if key == "purchases" else value


def _figure_rates(rule: Rule, span: _Span, tally: _Tally) -> None:
    if None in span.base:
        _figure_ordinary(rule, span, tally)
    for own, base in span.base.items():
        if own is not None:
            _add_rate(tally, "override_rate", own.rate, base, reason=own.reason)
    if span.internal and rule.internal_rate is not None:
        _add_rate(tally, "internal_rate", rule.internal_rate, span.internal)


def _figure_ordinary(rule: Rule, span: _Span, tally: _Tally) -> None:
    if not rule.brackets:
        _add_rate(tally, "rate", rule.rate or ZERO, span.ordinary)
    elif rule.bracket_mode == "whole":
        _figure_whole(rule, span, tally)
    else:
        _figure_marginal(rule, span, tally)


def _figure_whole(rule: Rule, span: _Span, tally: _Tally) -> None:
    reached = settled(span.before + span.ordinary)
    bracket = next(s for s in _slices(rule.brackets) if s.holds(reached))
    words = {"reached": reached, **bracket.words()}
    _add_rate(tally, "bracket_whole", bracket.rate, span.ordinary, **words)


def _figure_marginal(rule: Rule, span: _Span, tally: _Tally) -> None:
    low, high = span.before, span.before + span.ordinary
    for bracket in _slices(rule.brackets):
        part = bracket.clip(high) - bracket.clip(low)
        if part:
            _add_rate(tally, bracket.key, bracket.rate, part, **bracket.words())


def _add_rate(
    tally: _Tally, key: str, rate: Decimal, base: Decimal, **values: Decimal | str
) -> None:
    tally.add(key, base * rate / 100, rate=rate, base=base, **values)


def _month_bounds(rule: Rule, span: _Span, tally: _Tally) -> None:
    alone = "_alone" if rule.mode == "month" else ""
    if span.floor:
        tally.at_least(f"floor_month{alone}", span.floor)
    if rule.ceiling_month is not None:
        tally.at_most(f"ceiling_month{alone}", span.ceiling)


# ---------------------------------------------------------------------------
# The calls
# ---------------------------------------------------------------------------
def due(
    rule: Rule,
    months: Sequence[MonthFigures],
    *,
    exemptions: Iterable[Exemption] = (),
    overrides: Iterable[Override] = (),
) -> Due:
    """Due from the start of the fiscal year to the last of ``months``.

    :param months: of one fiscal year, in order, from its first month or the one in
        which the activity opened
    :raises ContributionError: ``CAE-CONTRIBUTION-MONTHS`` when a month is left out
    """
    _check_months(months)
    run = _Run(rule, exemptions, overrides)
    tally = _Tally()
    with localcontext(EXACT):
        for figures in months:
            tally = run.due(figures)
    return Due(tally.amount, tuple(tally.steps))


def charges(
    rule: Rule,
    months: Sequence[MonthFigures],
    charged: Mapping[date, Decimal] | None = None,
    *,
    exemptions: Iterable[Exemption] = (),
    overrides: Iterable[Override] = (),
    book: Collection[date] | None = None,
) -> tuple[Charge, ...]:
    """What is to be booked, in month order; 0.00 where nothing changed.

    :param months: as for :func:`due`
    :param charged: euros charged so far for this rule in the fiscal year, all
        revisions together, by first day of the month
    :param book: months that are open; None: all. What a closed month lacks or has
        too much is booked in the open month that follows
    :raises ContributionError: ``CAE-CONTRIBUTION-MONTHS`` when a month is left out
    """
    _check_months(months)
    charged = charged or {}
    already = _charged_before(months, charged)
    run = _Run(rule, exemptions, overrides)
    result = []
    with localcontext(EXACT):
        for figures in months:
            already += charged.get(figures.month, ZERO)
            tally = run.due(figures)
            if book is None or figures.month in book:
                result.append(_charge(rule, figures.month, tally, already))
                already = tally.amount
    return tuple(result)


def charge(
    rule: Rule,
    months: Sequence[MonthFigures],
    charged: Mapping[date, Decimal] | None = None,
    *,
    exemptions: Iterable[Exemption] = (),
    overrides: Iterable[Override] = (),
) -> Charge:
    """What is to be booked in the last of ``months`` alone; see :func:`charges`."""
    last = {months[-1].month}
    return charges(
        rule, months, charged, exemptions=exemptions, overrides=overrides, book=last
    )[0]


def _charged_before(
    months: Sequence[MonthFigures], charged: Mapping[date, Decimal]
) -> Decimal:
    """What was charged for months that are not given any more."""
    if not months:
        return ZERO
    first = months[0].month
    return sum((v for month, v in charged.items() if month < first), ZERO)


def _charge(rule: Rule, month: date, tally: _Tally, already: Decimal) -> Charge:
    amount = tally.amount - already
    explanation = Explanation(
        rule=rule.key,
        label=rule.label,
        mode=rule.mode,
        month=month,
        steps=tuple(tally.steps),
        due=tally.amount,
        already=already,
        amount=amount,
    )
    return Charge(rule.key, month, amount, tally.amount, already, explanation)


def simulate(
    rules: Sequence[Rule],
    months: Sequence[MonthFigures],
    *,
    first_month: int = 1,
    contract: str = "cesa",
) -> tuple[MonthCharge, ...]:
    """What a scheme would charge, from the activity's first month on.

    :param months: in order, the first being the activity's first, in which it opens
        unless it says otherwise; one left out is figured as zero, and is in the result
    :param first_month: month in which the fiscal year starts; each year starts at 0
    :raises ContributionError: ``CAE-CONTRIBUTION-MONTHS`` when not in order
    """
    result: list[MonthCharge] = []
    for year in _fiscal_years(_without_gaps(months, contract), first_month):
        by_rule = [charges(rule, year) for rule in rules]
        for index, figures in enumerate(year):
            found = tuple(series[index] for series in by_rule)
            total = sum((one.amount for one in found), ZERO)
            result.append(MonthCharge(figures.month, total, found))
    return tuple(result)


def _without_gaps(
    months: Sequence[MonthFigures], contract: str
) -> Iterator[MonthFigures]:
    expected = months[0].month if months else None
    opened = months[0].opened or expected if months else None
    for figures in months:
        if figures.month < expected:
            raise _months_error(expected - timedelta(days=1), figures.month)
        while expected < figures.month:
            yield MonthFigures(expected, contract=contract, opened=opened)
            expected = next_month(expected)
        opening = figures.opened or opened
        yield replace(figures, contract=contract, opened=opening)
        expected = next_month(expected)


def _fiscal_years(
    months: Iterable[MonthFigures], first_month: int
) -> list[list[MonthFigures]]:
    years: dict[date, list[MonthFigures]] = {}
    for figures in months:
        start = fiscal_year_start(figures.month, first_month)
        years.setdefault(start, []).append(figures)
    return list(years.values())
