"""What a contribution would become under another scheme: who pays more, who less.

Amounts are euros over the same months, rates are percent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO, cents, exact

#: Bands of difference, from those who pay much less to those who pay much more; a
#: limit, in percent of the present contribution, belongs to the band nearer to zero.
BANDS = (
    "a_less_50",
    "b_less_25",
    "c_less_10",
    "d_less",
    "e_same",
    "f_more",
    "g_more_10",
    "h_more_25",
    "i_more_50",
    "j_new",
)
LIMITS = (10, 25, 50)
_SAME, _NEW = BANDS.index("e_same"), BANDS.index("j_new")


@dataclass(frozen=True, slots=True)
class Change:
    """Contribution of an activity under another scheme.

    :param current: under the schemes it really has
    :param amount: under the other one
    """

    current: Decimal
    amount: Decimal

    @property
    def difference(self) -> Decimal:
        """Positive: pays more."""
        return self.amount - self.current

    @property
    def outcome(self) -> str:
        """``more``, ``less`` or ``same``."""
        if not self.difference:
            return "same"
        return "more" if self.difference > 0 else "less"

    @property
    def rate(self) -> Decimal | None:
        """Difference in percent of the present contribution; None when it is nil."""
        return percent(self.difference, self.current)

    @property
    def band(self) -> str:
        """One of ``BANDS``; ``j_new``: contributes, and did not."""
        if not self.difference:
            return BANDS[_SAME]
        if self.current <= 0:
            return BANDS[_NEW] if self.difference > 0 else BANDS[0]
        ratio = abs(self.difference) * 100 / self.current
        step = 1 + sum(ratio > limit for limit in LIMITS)
        return BANDS[_SAME + (step if self.difference > 0 else -step)]


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """``part`` in percent of ``whole``, two decimals, half up; None of nothing."""
    if whole <= 0:
        return None
    return cents(exact(part) * 100 / exact(whole))


@dataclass(frozen=True, slots=True)
class Summary:
    """All activities together under another scheme."""

    current: Decimal = ZERO
    amount: Decimal = ZERO
    more_count: int = 0
    more_amount: Decimal = ZERO
    most_more: Decimal = ZERO
    less_count: int = 0
    less_amount: Decimal = ZERO
    most_less: Decimal = ZERO
    same_count: int = 0

    @property
    def difference(self) -> Decimal:
        """Positive: the shared services get more."""
        return self.amount - self.current


def summary(changes: Iterable[Change]) -> Summary:
    """Totals: how many pay more, less or the same, and by how much."""
    changes = list(changes)
    differences = [change.difference for change in changes]
    more = [value for value in differences if value > 0]
    less = [value for value in differences if value < 0]
    return Summary(
        current=sum((change.current for change in changes), ZERO),
        amount=sum((change.amount for change in changes), ZERO),
        more_count=len(more),
        more_amount=sum(more, ZERO),
        most_more=max(more, default=ZERO),
        less_count=len(less),
        less_amount=sum(less, ZERO),
        most_less=min(less, default=ZERO),
        same_count=len(changes) - len(more) - len(less),
    )
