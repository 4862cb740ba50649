"""The year of one person: what the activities could bear, and what is still due.

R.7331-11 and R.7331-12 of the labour code: the fixed part is paid month by month, the
variable part is settled for the financial year, at most one month after the meeting on
the accounts. The chain, per person::

    budget         = own part of the year's results before pay + what was carried
    annual gross   = the largest gross whose cost over the year fits the budget
    balance due    = annual gross - fixed parts - advances
    carried        = budget - paid - left to the cooperative - cost of the balance

The year's gross is spread evenly over the time of the contract: ceilings and the
general reduction are those of the year (CSS L.241-13 and R.242-2), not of the month in
which the balance happens to be paid. With these rates a balance never costs more than
what is left, even where the months were paid dearer than the year as a whole. Its
payment follows the contributions of another calendar year and may cost more: the
difference is carried.

What is shared between activities is counted in cents (``int``) and split by
``cae_base.engine.allocation.split``, passed in as in :mod:`.monthly`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import leave as leaves
from .amounts import ZERO, Decimal
from .errors import PayrollError
from .monthly import Split, to_cents, to_euros
from .salary import Salary


class Year:
    """The cost of a gross over the months that a person's contracts pay.

    :param salaries: one per month, in order; none for a person without pay (CAPE). A
        month that the contracts cover in part has that part of a month's pay, as it has
        that part of the ceiling.
    """

    def __init__(self, salaries: Sequence[Salary]):
        self.salaries = tuple(each for each in salaries if each.schedule.part)
        self._parts = [each.schedule.part for each in self.salaries]
        self._even = len(set(self._parts)) < 2

    def cost(self, gross: Decimal) -> Decimal:
        """Cost of a gross in whole cents, spread evenly over the time."""
        return to_euros(self._cost(to_cents(gross)))

    def gross(self, budget: Decimal) -> Decimal:
        """The largest gross to the cent whose cost is within the budget, or 0."""
        target = to_cents(budget)
        low, high = 0, max(target, 0) + 1
        if not self.salaries:
            return ZERO
        while self._cost(high) <= target:
            high *= 2
        # The cost never decreases, so that halving finds the largest.
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (
                (middle, high) if self._cost(middle) <= target else (low, middle)
            )
        return to_euros(low)

    def _cost(self, cents: int) -> int:
        if not self.salaries:
            return cents
        months = Counter(zip(self.salaries, self._months(cents), strict=True))
        return sum(
            count * to_cents(salary.cost(to_euros(month)))
            for (salary, month), count in months.items()
        )

    def _months(self, cents: int) -> list[int]:
        """Gross of each month; one cent more of the year is one more of one month."""
        if self._even:
            each, more = divmod(cents, len(self._parts))
            return [each + (place < more) for place in range(len(self._parts))]
        whole = sum(self._parts)
        months = [int(cents * part / whole) for part in self._parts]
        # By the largest quotient, as seats are: no month gives a cent back.
        for _cent in range(cents - sum(months)):
            quotients = [
                (month + 1) / part
                for month, part in zip(months, self._parts, strict=True)
            ]
            months[quotients.index(min(quotients))] += 1
        return months


@dataclass(frozen=True, slots=True)
class Part:
    """What a person has of an activity over the year, in cents.

    :param result: own part of the year's result, before any pay
    :param carried: brought from earlier years; a loss is negative
    :param paid: cost of the pay of the year that the activity bore for the person
    """

    activity: int
    result: int
    carried: int = 0
    paid: int = 0

    @property
    def budget(self) -> int:
        return self.result + self.carried

    @property
    def position(self) -> int:
        return self.budget - self.paid


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a part, in cents: budget = paid + left + cost + carried."""

    activity: int
    left: int
    gross: int
    cost: int
    carried: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """The settlement of a person, in euros.

    :param annual_gross: that the budget supports over the year
    :param due: gross of the balance
    :param cost: of the balance, over the year, with what it sets aside for leave
    """

    budget: Decimal
    paid: Decimal
    annual_gross: Decimal
    due: Decimal
    left: Decimal
    cost: Decimal
    carried: Decimal
    parts: tuple[Settled, ...]


def settle(
    year: Year,
    parts: Sequence[Part],
    paid: Decimal,
    left: Decimal,
    split: Split,
    leave: Decimal = ZERO,
) -> Settlement:
    """Settle the year of a person.

    :param paid: gross already paid for the year, fixed parts and advances
    :param left: cost that the person agrees to leave to the cooperative
    :param leave: what the balance sets aside for leave, a fraction of its cost
    :raises PayrollError: ``CAE-SETTLEMENT-LEFT`` when it is not there
    """
    position = sum(part.position for part in parts)
    kept = to_cents(left)
    if kept < 0 or (kept and kept > position):
        raise PayrollError(
            "CAE-SETTLEMENT-LEFT", f"{left} of {to_euros(max(0, position))}"
        )
    room = leaves.cost_within(position - kept, leave)
    gross, cost = _balance(year, parts, paid, room)
    due = max(ZERO, gross - paid) if cost else ZERO
    cost = leaves.spent(cost, leave)
    settled = _settled(parts, kept, to_cents(due), cost, split)
    return Settlement(
        budget=to_euros(sum(part.budget for part in parts)),
        paid=to_euros(sum(part.paid for part in parts)),
        annual_gross=gross,
        due=due,
        left=to_euros(kept),
        cost=to_euros(cost),
        carried=to_euros(sum(each.carried for each in settled)),
        parts=settled,
    )


def _balance(
    year: Year, parts: Sequence[Part], paid: Decimal, room: int
) -> tuple[Decimal, int]:
    """``(gross of the year, cost in cents of what it is above ``paid``)``."""
    before = to_cents(year.cost(paid))
    borne = min(before, sum(part.paid for part in parts))
    gross = year.gross(to_euros(room + borne))
    if room <= 0 or gross <= paid:
        return gross, 0
    return gross, to_cents(year.cost(gross)) - before


def _settled(
    parts: Sequence[Part], left: int, gross: int, cost: int, split: Split
) -> tuple[Settled, ...]:
    """What each activity bears: those in the black, by what they have.

    A deficit on one activity of a person is made up by the others, and carried.
    """
    free = {each.activity: max(0, each.position) for each in parts}
    kept = split(left, free) if left else {}
    free = {key: value - kept.get(key, 0) for key, value in free.items()}
    costs = split(cost, free) if cost else {}
    grosses = split(gross, costs) if gross else {}
    return tuple(
        Settled(
            key := each.activity,
            kept.get(key, 0),
            grosses.get(key, 0),
            costs.get(key, 0),
            each.position - kept.get(key, 0) - costs.get(key, 0),
        )
        for each in parts
    )


def share_out(
    amounts: Mapping[int, int], holders: Mapping[int, Mapping[int, int]], split: Split
) -> dict[int, int]:
    """What each holder has of the results of an activity: ``{person: cents}``.

    :param amounts: result of each month, in cents, by its place in the year
    :param holders: weights of the holders of each month; a month that nobody holds
        goes to the holders before, or else to the first
    """
    held = sorted(place for place, weights in holders.items() if weights)
    total: dict[int, int] = {}
    for place, amount in amounts.items() if held else ():
        last = max((known for known in held if known <= place), default=held[0])
        for person, cents in split(amount, holders[last]).items():
            total[person] = total.get(person, 0) + cents
    return total
