"""What is refused in the configuration of contributions, with stable codes."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from .contribution_types import (
    BASES,
    BRACKET_MODES,
    MODES,
    PRORATAS,
    ContributionError,
    Exemption,
    Override,
    Rule,
    _lt,
)
from .money import ZERO, plain

REFUSALS = {
    "duplicate": ("CAE-SCHEME-RULES", _lt("Two rules have the same key {rule}.")),
    "choice": (
        "CAE-SCHEME-CHOICE",
        _lt("Rule {rule}: “{value}” is not a known {name}."),
    ),
    "rate_missing": (
        "CAE-SCHEME-RATE",
        _lt("Rule {rule}: give a rate or brackets."),
    ),
    "rate_both": (
        "CAE-SCHEME-RATE",
        _lt("Rule {rule}: give a rate or brackets, not both."),
    ),
    "rate_range": (
        "CAE-SCHEME-RATE",
        _lt("Rule {rule}: the rate {rate} is not between 0 and 100."),
    ),
    "rate_fixed": (
        "CAE-SCHEME-RATE",
        _lt("Rule {rule}: a fixed amount takes neither rate nor brackets."),
    ),
    "bracket_order": (
        "CAE-SCHEME-BRACKETS",
        _lt("Rule {rule}: the brackets overlap: {upper} comes after {before}."),
    ),
    "bracket_last": (
        "CAE-SCHEME-BRACKETS",
        _lt("Rule {rule}: the last bracket must have no upper limit."),
    ),
    "bracket_open": (
        "CAE-SCHEME-BRACKETS",
        _lt("Rule {rule}: only the last bracket has no upper limit."),
    ),
    "amount_missing": (
        "CAE-SCHEME-AMOUNT",
        _lt("Rule {rule}: give the fixed amount per month."),
    ),
    "amount_rated": (
        "CAE-SCHEME-AMOUNT",
        _lt("Rule {rule}: a fixed amount needs the basis “fixed”."),
    ),
    "negative": ("CAE-SCHEME-BOUNDS", _lt("Rule {rule}: {name} is negative.")),
    "floor_ceiling": (
        "CAE-SCHEME-BOUNDS",
        _lt(
            "Rule {rule}: the floor of {floor} a year is above the ceiling of"
            " {ceiling}."
        ),
    ),
    "dates": ("CAE-SCHEME-DATES", _lt("Rule {rule}: it ends before it begins.")),
    "reason": (
        "CAE-SCHEME-TERMS",
        _lt("An exemption or an override needs a reason."),
    ),
    "period": ("CAE-SCHEME-TERMS", _lt("“{reason}” ends before it begins.")),
    "override_none": (
        "CAE-SCHEME-TERMS",
        _lt("“{reason}” overrides neither a rate, nor an amount, nor a floor."),
    ),
    "override_range": (
        "CAE-SCHEME-TERMS",
        _lt("“{reason}”: {value} is negative, or a rate above 100."),
    ),
    "override_basis": (
        "CAE-SCHEME-TERMS",
        _lt("“{reason}”: rule {rule} is of another kind (rate or fixed amount)."),
    ),
    "override_overlap": (
        "CAE-SCHEME-TERMS",
        _lt("The overrides “{reason}” and “{other}” overlap."),
    ),
}

Problems = Iterator[ContributionError]


def _problem(key: str, **values: str) -> ContributionError:
    code, template = REFUSALS[key]
    return ContributionError(code, template, **values)


def check_rules(rules: Sequence[Rule]) -> None:
    """Refuse a scheme that cannot be meant.

    :raises ContributionError: the first of :func:`problems`
    """
    for problem in problems(rules):
        raise problem


def problems(rules: Sequence[Rule]) -> Problems:
    """All that is wrong with a scheme.

    Codes: ``CAE-SCHEME-RULES`` (two rules of one key), ``CAE-SCHEME-CHOICE``,
    ``-RATE``, ``-BRACKETS``, ``-AMOUNT``, ``-BOUNDS``, ``-DATES``.
    """
    seen: set[str] = set()
    for rule in rules:
        if rule.key in seen:
            yield _problem("duplicate", rule=rule.key)
        seen.add(rule.key)
        for check in _RULE_CHECKS:
            yield from check(rule)


def _check_choices(rule: Rule) -> Problems:
    known = {
        "basis": BASES,
        "mode": MODES,
        "bracket_mode": BRACKET_MODES,
        "prorata": PRORATAS,
    }
    for name, values in known.items():
        value = getattr(rule, name)
        if value not in values:
            yield _problem("choice", rule=rule.key, name=name, value=value)


def _check_rate(rule: Rule) -> Problems:
    given = (rule.rate is not None) + bool(rule.brackets)
    if rule.basis == "fixed":
        wrong = "rate_fixed" if given else None
    else:
        wrong = ("rate_missing", None, "rate_both")[given]
    if wrong:
        yield _problem(wrong, rule=rule.key)
    for rate in _rates(rule):
        if not 0 <= rate <= 100:
            yield _problem("rate_range", rule=rule.key, rate=plain(rate))


def _rates(rule: Rule) -> list[Decimal]:
    rates = [rule.rate, rule.internal_rate, *(b.rate for b in rule.brackets)]
    return [rate for rate in rates if rate is not None]


def _check_brackets(rule: Rule) -> Problems:
    uppers = [bracket.upper for bracket in rule.brackets]
    if uppers and uppers[-1] is not None:
        yield _problem("bracket_last", rule=rule.key)
    if None in uppers[:-1]:
        yield _problem("bracket_open", rule=rule.key)
    limits = [ZERO, *(upper for upper in uppers if upper is not None)]
    for before, upper in zip(limits, limits[1:], strict=False):
        if upper <= before:
            words = {"before": plain(before), "upper": plain(upper)}
            yield _problem("bracket_order", rule=rule.key, **words)


def _check_amount(rule: Rule) -> Problems:
    if rule.basis == "fixed" and rule.amount is None:
        yield _problem("amount_missing", rule=rule.key)
    if rule.basis != "fixed" and rule.amount is not None:
        yield _problem("amount_rated", rule=rule.key)


def _check_signs(rule: Rule) -> Problems:
    names = ("amount", "floor_month", "floor_year", "ceiling_month", "ceiling_year")
    names += ("free_months",)
    values = [(name, getattr(rule, name)) for name in names]
    values += [("floor_contracts", floor) for _contract, floor in rule.floor_contracts]
    for name, value in values:
        if value is not None and value < 0:
            yield _problem("negative", rule=rule.key, name=name)


def _check_bounds(rule: Rule) -> Problems:
    """Floors above ceilings, both per year."""
    months = [rule.floor_month, *(floor for _contract, floor in rule.floor_contracts)]
    floors = [floor * 12 for floor in months if floor is not None]
    floors += [rule.floor_year] if rule.floor_year is not None else []
    monthly = rule.ceiling_month * 12 if rule.ceiling_month is not None else None
    ceilings = [c for c in (monthly, rule.ceiling_year) if c is not None]
    if floors and ceilings and max(floors) > min(ceilings):
        words = {"floor": plain(max(floors)), "ceiling": plain(min(ceilings))}
        yield _problem("floor_ceiling", rule=rule.key, **words)


def _check_dates(rule: Rule) -> Problems:
    if _ends_early(rule):
        yield _problem("dates", rule=rule.key)


_RULE_CHECKS = (
    _check_choices,
    _check_rate,
    _check_brackets,
    _check_amount,
    _check_signs,
    _check_bounds,
    _check_dates,
)


def _ends_early(period: Rule | Exemption | Override) -> bool:
    start, end = period.date_from, period.date_to
    return bool(start and end and end < start)


def check_terms(
    rule: Rule,
    exemptions: Sequence[Exemption] = (),
    overrides: Sequence[Override] = (),
) -> None:
    """Refuse an activity's own terms on a rule that cannot be meant.

    :raises ContributionError: ``CAE-SCHEME-TERMS``
    """
    for term in (*exemptions, *overrides):
        _check_term(term)
    for override in overrides:
        _check_override(rule, override)
    found = overlap(overrides)
    if found:
        raise _problem(
            "override_overlap", reason=found[0].reason, other=found[1].reason
        )


def _check_term(term: Exemption | Override) -> None:
    if not term.reason.strip():
        raise _problem("reason")
    if _ends_early(term):
        raise _problem("period", reason=term.reason)


def _check_override(rule: Rule, override: Override) -> None:
    rate, amount, floor = override.rate, override.amount, override.floor
    given = [value for value in (rate, amount, floor) if value is not None]
    if not given:
        raise _problem("override_none", reason=override.reason)
    if min(given) < 0 or (rate or 0) > 100:
        worst = rate if (rate or 0) > 100 else min(given)
        raise _problem("override_range", reason=override.reason, value=plain(worst))
    foreign = rate if rule.basis == "fixed" else amount
    if foreign is not None:
        raise _problem("override_basis", reason=override.reason, rule=rule.key)


def gaps(periods: Sequence) -> Iterator[tuple[date | None, date | None]]:
    """Spans that no period covers, in order: first and last day, None: no limit."""
    start = None
    for period in sorted(periods, key=lambda p: p.date_from or date.min):
        if period.date_from and (start is None or start < period.date_from):
            yield start, period.date_from - timedelta(days=1)
        if not period.date_to:
            return
        start = period.date_to + timedelta(days=1)
    yield start, None


def overlap(periods: Sequence) -> tuple | None:
    """Two periods (with ``date_from`` and ``date_to``) that share a day, or None."""
    ordered = sorted(periods, key=lambda p: p.date_from or date.min)
    for before, after in zip(ordered, ordered[1:], strict=False):
        end = before.date_to or date.max
        if (after.date_from or date.min) <= end:
            return before, after
    return None
