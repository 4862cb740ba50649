"""Which alerts a coach gets: plain figures and dates in, findings out.

Every cause is judged alone and has at most one finding for an activity or a person.
Amounts are euros, ``Decimal``. Sources of the legal terms: Code de commerce L.127-1 s.
(CAPE), Code du travail L.7332-1 (trial), L.7331-3 (membership), R.7331-3 (interviews).
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

#: Degrees of urgency: to watch, to act on, urgent.
WATCH, ACT, URGENT = 0, 1, 2

HUNDRED = Decimal(100)
#: Within this part of its notice a legal term is urgent.
URGENT_PART = 3


@dataclass(frozen=True)
class Limits:
    """What a company calls trouble.

    ``relief``: euros above ``available`` at which an alert of treasury that is open
    closes again: without it a balance around the limit would ring every other night.
    A limit of zero months, days or percent turns its alert off.
    """

    available: Decimal = Decimal(0)
    relief: Decimal = Decimal(100)
    fall_percent: int = 50
    fall_floor: Decimal = Decimal(1000)
    idle_months: int = 3
    margin_percent: int = 20
    margin_floor: Decimal = Decimal(1000)
    unpaid_days: int = 60
    notice: int = 60
    membership_notice: int = 180


@dataclass(frozen=True)
class Unpaid:
    """What a customer still owes on a document; a credit note is negative."""

    due: date
    amount: Decimal


@dataclass(frozen=True)
class Money:
    """Facts of an activity.

    ``before``: what was available some months ago, None when it was not open then.
    ``invoiced``, ``purchases``: of the months that the margin looks at.
    ``last_invoice``: None when there is none that counts.
    """

    start: date
    available: Decimal
    before: Decimal | None = None
    invoiced: Decimal = Decimal(0)
    purchases: Decimal = Decimal(0)
    last_invoice: date | None = None
    unpaid: tuple[Unpaid, ...] = ()


@dataclass(frozen=True)
class Terms:
    """Legal terms of a person that nothing has met yet; None when there is none.

    ``cape_end``: last day of the last CAPE when no contract follows it.
    ``cape_limit``: until when it can be renewed.
    ``interviews``: how many are missing by ``interview_deadline``.
    """

    cape_end: date | None = None
    cape_limit: date | None = None
    trial_end: date | None = None
    membership: date | None = None
    interviews: int = 0
    interview_deadline: date | None = None


@dataclass(frozen=True)
class Finding:
    """A cause that holds, how urgent, until when, and its figures as plain texts."""

    cause: str
    urgency: int
    deadline: date | None = None
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)


# ----------------------------------------------------------------------
# Money
# ----------------------------------------------------------------------


def of_activity(
    money: Money, limits: Limits, day: date, known: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Findings on an activity.

    :param known: causes whose alert is open
    """
    return _found(
        (
            _treasury(money, limits, "treasury" in known),
            _idle(money, limits, day),
            _margin(money, limits),
            _unpaid(money, limits, day),
        )
    )


def _found(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding)


def _treasury(money, limits, known):
    limit = limits.available + (limits.relief if known else 0)
    facts = {"available": str(money.available), "limit": str(limits.available)}
    if money.available < limit:
        urgency = URGENT if money.available < limits.available else ACT
        return Finding("treasury", urgency, facts={"kind": "low", **facts})
    before = money.before
    if not limits.fall_percent or before is None or before < limits.fall_floor:
        return None
    lost = (before - money.available) * HUNDRED
    if lost < before * limits.fall_percent:
        return None
    facts |= {"kind": "fall", "before": str(before), "percent": int(lost / before)}
    return Finding("treasury", ACT, facts=facts)


def _idle(money, limits, day):
    since = money.last_invoice or money.start
    months = months_between(since, day)
    if not limits.idle_months or months < limits.idle_months:
        return None
    urgency = URGENT if months >= 2 * limits.idle_months else ACT
    facts = {
        "months": months,
        "since": since.isoformat(),
        "ever": bool(money.last_invoice),
    }
    return Finding("no_invoice", urgency, facts=facts)


def _margin(money, limits):
    if not limits.margin_percent or money.invoiced < limits.margin_floor:
        return None
    margin = money.invoiced - money.purchases
    if margin * HUNDRED >= money.invoiced * limits.margin_percent:
        return None
    facts = {
        "margin": str(margin),
        "percent": int(margin * HUNDRED / money.invoiced),
        "limit": limits.margin_percent,
    }
    return Finding("margin", ACT if margin < 0 else WATCH, facts=facts)


def _unpaid(money, limits, day):
    if not limits.unpaid_days:
        return None
    late = [u for u in money.unpaid if (day - u.due).days > limits.unpaid_days]
    total = sum((u.amount for u in late), Decimal(0))
    if total <= 0:
        return None
    oldest = max((day - u.due).days for u in late if u.amount > 0)
    urgency = URGENT if oldest > 2 * limits.unpaid_days else ACT
    facts = {
        "amount": str(total),
        "count": sum(1 for u in late if u.amount > 0),
        "days": oldest,
    }
    return Finding("unpaid", urgency, facts=facts)


def months_between(first: date, day: date) -> int:
    """Full months from ``first`` to ``day``; 0 when it is not past."""
    if day <= first:
        return 0
    span = relativedelta(day, first)
    return span.years * 12 + span.months


# ----------------------------------------------------------------------
# Legal terms
# ----------------------------------------------------------------------


def of_person(terms: Terms, limits: Limits, day: date) -> tuple[Finding, ...]:
    """Findings on the legal terms of a person."""
    trial = terms.trial_end if terms.trial_end and terms.trial_end >= day else None
    interview = terms.interview_deadline if terms.interviews > 0 else None
    return _found(
        (
            _term("cape", terms.cape_end, day, limits.notice, **_renewal(terms)),
            _term("trial", trial, day, limits.notice),
            _term("membership", terms.membership, day, limits.membership_notice),
            _term("interview", interview, day, limits.notice, missing=terms.interviews),
        )
    )


def _renewal(terms):
    if terms.cape_end and terms.cape_limit and terms.cape_limit > terms.cape_end:
        return {"renewable": terms.cape_limit.isoformat()}
    return {}


def _term(cause, deadline, day, notice, **facts):
    """A term within its notice, or past."""
    if not deadline or (deadline - day).days > notice:
        return None
    left = (deadline - day).days
    urgency = URGENT if left * URGENT_PART <= notice else ACT
    facts["deadline"] = deadline.isoformat()
    return Finding(cause, urgency, deadline, facts)


# ----------------------------------------------------------------------
# What changes from one night to the next
# ----------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """An alert that is not closed; ``until``: the day when its rest ends."""

    urgency: int
    until: date | None = None


@dataclass(frozen=True)
class Plan:
    """What to do with each key; no key is in two of them.

    ``wake``: rested, and its day has come or it is more urgent than before.
    ``raised``: open, and more urgent than before. ``same``: only figures may change.
    """

    opened: tuple[Hashable, ...] = ()
    wake: tuple[Hashable, ...] = ()
    raised: tuple[Hashable, ...] = ()
    same: tuple[Hashable, ...] = ()
    closed: tuple[Hashable, ...] = ()


def plan(
    known: Mapping[Hashable, Known], found: Mapping[Hashable, Finding], day: date
) -> Plan:
    """Compare the alerts that are not closed with what was found on ``day``."""
    groups: dict[str, list[Hashable]] = {
        name: [] for name in ("opened", "wake", "raised", "same")
    }
    for key, finding in found.items():
        groups[_step(known.get(key), finding, day)].append(key)
    closed = tuple(key for key in known if key not in found)
    return Plan(closed=closed, **{k: tuple(v) for k, v in groups.items()})


def _step(before, finding, day):
    if before is None:
        return "opened"
    worse = finding.urgency > before.urgency
    if before.until:
        return "wake" if worse or before.until <= day else "same"
    return "raised" if worse else "same"
