"""What each holder of one activity may draw for the pay of a month, in cents.

Several people may run one activity, by a convention that shares its pay (R.7331-6 of
the labour code). What pay has drawn since the shares hold counts for whoever was paid:
a colleague who waits finds the own part::

    part = own share of (balance + what holders drew - what they brought)
           + what one brought - what one drew

The parts add up to the balance; a holder who drew more than the own part has a
negative one. ``split`` is as in :mod:`.monthly`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .monthly import Split

Amounts = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Pot:
    """The money of an activity at the end of a month; amounts are ``{person: cents}``.

    :param balance: what is available, the posted pay of the month deducted
    :param later: the same after the last month that was paid
    :param brought: what the settlement of the year before left to each
    :param before: cost of the posted pay of earlier months, since the shares hold
    :param month: of the month itself
    :param after: of later months
    :param waiting: pay of earlier months, and balances of years, that are not paid yet
    """

    balance: int
    later: int
    brought: Amounts = field(default_factory=dict)
    before: Amounts = field(default_factory=dict)
    month: Amounts = field(default_factory=dict)
    after: Amounts = field(default_factory=dict)
    waiting: Amounts = field(default_factory=dict)


def parts(
    balance: int, weights: Amounts, drawn: Amounts, brought: Amounts, split: Split
) -> dict[int, int]:
    """What each holder has of a balance; adds up to it.

    :param weights: shares of the holders; without any nobody has anything
    :param drawn: by the pay of these people and of others, who do not count
    """
    own = {key: brought.get(key, 0) - drawn.get(key, 0) for key in weights}
    rest = split(balance - sum(own.values()), weights) if weights else {}
    return {key: amount + rest.get(key, 0) for key, amount in own.items()}


def available(pot: Pot, weights: Amounts, split: Split) -> dict[int, int]:
    """Parts of what is available, as if nobody had been paid in the month."""
    balance = pot.balance + sum(pot.month.values())
    return parts(balance, weights, pot.before, pot.brought, split)


def committed(pot: Pot, weights: Amounts, split: Split) -> dict[int, int]:
    """What is not free of each part: own pay that waits, own pay of later months.

    What waits for people who are no holders any more is borne by the shares.
    """
    if not weights:
        return {}
    drawn = _add(pot.before, pot.month)
    now = parts(pot.balance, weights, drawn, pot.brought, split)
    drawn = _add(drawn, pot.after)
    then = parts(pot.later, weights, drawn, pot.brought, split)
    others = sum(pot.waiting.values()) - sum(pot.waiting.get(k, 0) for k in weights)
    shared = split(others, weights)
    return {
        key: max(0, now[key] - then[key]) + pot.waiting.get(key, 0) + shared.get(key, 0)
        for key in weights
    }


def _add(one: Amounts, other: Amounts) -> dict[int, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {*one, *other}}
