"""Sharing out a payment that settles the same debt of many activities.

VAT, URSSAF, pension funds or a payroll transfer are paid once for everybody: each
activity pays what it owes on the settled account, so that the account ends at 0.00
for each of them when the payment settles everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .allocation import Vector, add, clean, minus, split


@dataclass(frozen=True)
class Share:
    """How a payment was shared out.

    :param vector: cents of the payment per activity; they add up to its amount
    :param outcome: ``settled`` (everybody ends at 0.00), ``partial`` (in proportion
        to what each owes), ``excess`` (everybody ends at 0.00, the rest goes to the
        rest), ``nothing`` (nothing to settle: all goes to the rest)
    :param rest: cents that no balance explains
    """

    vector: Vector
    outcome: str
    rest: int = 0


def share_out(amount: int, balances: Mapping[int, int], rest: int) -> Share:
    """Share ``amount`` by the balances that it settles.

    Balances may have mixed signs: who is owed money by the State gets it from those
    who owe, so that each ends at 0.00 all the same. A smaller payment takes the same
    proportion of each balance, by largest remainder; of a larger one, what no balance
    explains goes to ``rest``.

    :param amount: cents of the item to share out, debit positive
    :param balances: cents of each activity on the settled account before the payment,
        debit positive; what is unallocated is a party like the others
    :param rest: the activity that takes what no balance explains
    """
    owed = minus(balances)
    total = sum(owed.values())
    if amount == total:
        return Share(owed, "settled")
    if not total or (amount > 0) != (total > 0):
        return Share(clean({rest: amount}), "nothing", amount)
    if abs(amount) < abs(total):
        return Share(split(amount, owed), "partial")
    left = amount - total
    return Share(add(owed, {rest: left}), "excess", left)
