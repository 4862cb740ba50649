"""A month's pay of one person: how much, and drawn from which activities.

The fixed part is a wage: it is proposed in full, even when the money is not there
(flag ``CAE-PAY-OVERDRAFT``). The advance on the variable part is what is asked for,
within the largest gross whose extra cost fits what is left above the reserve.

What is shared between activities is counted in cents (``int``); ``split(amount,
weights)`` is ``cae_base.engine.allocation.split``, passed in so that this package
imports nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from . import leave as leaves
from .amounts import HUNDRED, ZERO, Decimal, cents
from .salary import Result, Salary

Split = Callable[[int, Mapping[int, int]], dict[int, int]]

OVERDRAFT = "CAE-PAY-OVERDRAFT"
LIMIT = "CAE-PAY-LIMIT"
NEGATIVE = "CAE-PAY-NET"
NO_ACTIVITY = "CAE-PAY-ACTIVITY"
RESERVE = "CAE-PAY-RESERVE"
REQUEST = "CAE-PAY-REQUEST"
SEVERAL = "CAE-PAY-SEVERAL"

FAR = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a person may draw from an activity, in cents.

    :param weight: the person's share of the activity, any unit
    :param available: their part of what is available; may be negative
    :param reserve: their part of what must stay
    :param committed: their part of what other months' pay takes
    :param released: what the leave of the month gives back, see :mod:`.leave`
    """

    activity: int
    weight: int
    available: int
    reserve: int = 0
    committed: int = 0
    released: int = 0

    @property
    def free(self) -> int:
        """Not taken by the pay of another month; may be negative."""
        return self.available - self.committed + self.released

    @property
    def usable(self) -> int:
        """Above the reserve."""
        return max(0, self.free - self.reserve)

    @property
    def reserved(self) -> int:
        """What of the reserve is there."""
        return max(0, self.free) - self.usable


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for above the fixed part.

    :param kind: ``none``, ``max`` (all that is possible), ``gross`` (of the advance)
        or ``net`` (of the whole month, before tax)
    :param amount: euros, for ``gross`` and ``net``
    :param activity: draw the advance from this activity alone; 0 for all
    """

    kind: str = "none"
    amount: Decimal = ZERO
    activity: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """The pay of a month.

    :param fixed: gross of the fixed part
    :param requested: gross of the advance asked for
    :param available: of the person's activities, euros; may be negative; as
        ``reserve`` and ``committed``, the sum of the holdings
    :param parts: cost drawn from each activity, cents; adds up to the cost
    :param leave: what each activity sets aside for leave beside it
    """

    result: Result
    fixed: Decimal
    requested: Decimal
    available: Decimal
    reserve: Decimal
    committed: Decimal
    parts: dict[int, int]
    flags: tuple[str, ...]
    leave: dict[int, leaves.Aside] = field(default_factory=dict)


def fixed_part(
    spans: Iterable[tuple[date, date | None, Decimal]], first: date, last: date
) -> Decimal:
    """Fixed part of a month, by calendar days, rounded half up to the cent.

    :param spans: ``(first day, last day or None, monthly gross)`` of each contract
        and amendment, without overlaps
    :param first: first day of the month
    :param last: its last day
    """
    total = ZERO
    for start, end, amount in spans:
        total += amount * _present(start, end, first, last)
    return cents(total / _present(first, last, first, last))


def present_days(
    spans: Iterable[tuple[date, date | None, Decimal]], first: date, last: date
) -> int:
    """Calendar days of a month that the contracts cover; see :func:`fixed_part`."""
    return sum(_present(start, end, first, last) for start, end, _amount in spans)


def covered_days(
    spans: Iterable[tuple[date, date | None, Decimal]], first: date, last: date
) -> int:
    """Days of a month that at least one of several contracts covers."""
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    known = list(spans)
    return sum(
        any(start <= day <= (end or FAR) for start, end, _amount in known)
        for day in days
    )


def _present(start: date, end: date | None, first: date, last: date) -> int:
    return max(0, (min(end or FAR, last) - max(start, first)).days + 1)


def propose(
    salary: Salary,
    fixed: Decimal,
    holdings: Sequence[Holding],
    wish: Wish,
    split: Split,
    agreed: int = 0,
    leave: Decimal = ZERO,
) -> Proposal:
    """Propose the pay of a month; see the module's text.

    :param fixed: gross of the fixed part, in whole cents
    :param holdings: one per activity of the person
    :param agreed: limit of the overdraft, cents; see :func:`waits`
    :param leave: what is set aside for leave, a fraction of the cost
    :raises PayrollError: ``CAE-PAY-RATE``, ``CAE-PAY-VALUE``
    """
    fixed_cost = leaves.spent(to_cents(salary.cost(fixed)), leave)
    drawn = _draw(fixed_cost, [_usable(holdings), _reserved(holdings)], holdings, split)
    room, sources = _room(holdings, drawn, fixed_cost, wish)
    limit, budget = fixed, to_euros(leaves.cost_within(fixed_cost + room, leave))
    if room > 0:
        limit = salary.gross_of_cost(budget)
    requested = _requested(salary, fixed, limit, wish)
    advance = min(requested, limit - fixed)
    if 0 < advance < limit - fixed:
        advance = max(ZERO, salary.within(budget, fixed + advance) - fixed)
    result = salary.direct(fixed + advance)
    cost = to_cents(result.cost)
    extra = leaves.spent(cost, leave) - fixed_cost
    more = _draw(extra, [sources], holdings, split)
    keys = [each.activity for each in holdings]
    aside = leaves.set_aside(cost, to_cents(result.gross), leave)
    totals = {key: drawn.get(key, 0) + more.get(key, 0) for key in keys}
    parts, asides = leaves.apart(totals, aside, split)
    return Proposal(
        result=result,
        fixed=fixed,
        requested=requested,
        available=to_euros(sum(each.available for each in holdings)),
        reserve=to_euros(sum(each.reserve for each in holdings)),
        committed=to_euros(sum(each.committed for each in holdings)),
        parts=parts,
        flags=_flags(holdings, fixed_cost, requested > advance, agreed)
        + ((NEGATIVE,) if result.net_before_tax < 0 else ()),
        leave=asides,
    )


def with_floor(holdings: Sequence[Holding], floor: int, split: Split) -> list[Holding]:
    """These holdings with a reserve of at least ``floor`` cents together.

    What is missing is kept where there is something above the reserve.
    """
    missing = floor - sum(each.reserve for each in holdings)
    if missing <= 0 or not holdings:
        return list(holdings)
    usable = _usable(holdings)
    shares = {each.activity: each.weight for each in holdings}
    extra = split(missing, usable if any(usable.values()) else shares)
    return [
        replace(each, reserve=each.reserve + extra.get(each.activity, 0))
        for each in holdings
    ]


def waits(flags: Iterable[str], agreed: int = 0) -> bool:
    """Whether a payroll officer must accept a proposal with these flags.

    A net below zero is a debt of the person, which no agreement covers.

    :param agreed: limit of the overdraft: within it no approval is needed
    """
    found = set(flags)
    within = agreed > 0 and LIMIT not in found
    always = {NO_ACTIVITY, NEGATIVE} & found
    return bool(always) or (OVERDRAFT in found and not within)


def to_cents(amount: Decimal) -> int:
    """Cents of an amount in whole cents."""
    return int(amount * HUNDRED)


def to_euros(amount: int) -> Decimal:
    return Decimal(amount) / HUNDRED


def _usable(holdings: Sequence[Holding]) -> dict[int, int]:
    return {each.activity: each.usable for each in holdings}


def _reserved(holdings: Sequence[Holding]) -> dict[int, int]:
    return {each.activity: each.reserved for each in holdings}


def _room(
    holdings: Sequence[Holding], drawn: Mapping[int, int], cost: int, wish: Wish
) -> tuple[int, dict[int, int]]:
    """Cost that an advance may have, and what each activity can give to it.

    A deficit on one activity of a person is made up by the others.
    """
    sources = {
        each.activity: max(0, each.usable - drawn.get(each.activity, 0))
        for each in holdings
        if wish.activity in (0, each.activity)
    }
    net = sum(each.free - each.reserve for each in holdings) - cost
    return min(net, sum(sources.values())), sources


def _requested(salary: Salary, fixed: Decimal, limit: Decimal, wish: Wish) -> Decimal:
    """Gross of the advance asked for."""
    if wish.kind == "max":
        return limit - fixed
    if wish.kind == "gross":
        return cents(wish.amount)
    if wish.kind == "net":
        return max(ZERO, salary.from_net(wish.amount).gross - fixed)
    return ZERO


def _draw(
    amount: int,
    tiers: Sequence[Mapping[int, int]],
    holdings: Sequence[Holding],
    split: Split,
) -> dict[int, int]:
    """Share a cost: each tier in turn as far as it goes, then by the shares held."""
    total: dict[int, int] = {}
    shares = {each.activity: each.weight for each in holdings}
    for weights in (*tiers, shares):
        last = weights is shares
        part = amount if last else min(amount, sum(weights.values()))
        for key, value in split(part, weights).items() if part and weights else ():
            total[key] = total.get(key, 0) + value
        amount -= part
    return total


def _flags(
    holdings: Sequence[Holding], cost: int, cut: bool, agreed: int
) -> tuple[str, ...]:
    free = sum(each.free for each in holdings)
    reserve = sum(each.reserve for each in holdings)
    overdraft = cost > max(0, free)
    found = {
        OVERDRAFT: overdraft,
        LIMIT: overdraft and cost - free > agreed > 0,
        NO_ACTIVITY: not holdings,
        RESERVE: cost and not overdraft and cost > free - reserve,
        REQUEST: cut,
        SEVERAL: len(holdings) > 1,
    }
    return tuple(flag for flag, present in found.items() if present)
