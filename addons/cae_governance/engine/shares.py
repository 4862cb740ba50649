"""Shares of members: what is retained of pay, what may be redeemed, the register.

Sources: loi 47-1775 art. 7, 11, 13, 16 and 18 (variable capital, redemption at the
nominal value at most, less losses); code de commerce L.231-5 (the capital never goes
below the floor of the statutes, a tenth at least; the statutes of the CG Scop say a
quarter of the highest capital ever reached); loi 78-763 art. 35 s. (subscription by
retention of pay). What the statutes decide is a parameter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from dateutil.relativedelta import relativedelta

from .money import ZERO, cents

HUNDRED = Decimal(100)
DAYS_OF_YEAR = 365
#: Largest deferral of a redemption, in years (CG Scop statutes, art. 18).
LARGEST_DEFERRAL = 5


@dataclass(frozen=True)
class Movement:
    """A line of the register.

    :param member: whose shares move
    :param day: on which they do
    :param quantity: shares, negative when they leave the member
    :param amount: their nominal value in euros, of the sign of the quantity
    """

    member: int
    day: date
    quantity: int
    amount: Decimal


@dataclass(frozen=True)
class Position:
    """What a member holds: shares, and their nominal value in euros."""

    quantity: int = 0
    amount: Decimal = ZERO


def register(movements: Iterable[Movement], day: date) -> dict[int, Position]:
    """``{member: position}`` at the end of ``day``; members without shares left out."""
    held: dict[int, Position] = {}
    for move in movements:
        if move.day <= day:
            old = held.get(move.member, Position())
            held[move.member] = Position(
                old.quantity + move.quantity, old.amount + move.amount
            )
    return {member: p for member, p in held.items() if p.quantity or p.amount}


def first_shortage(movements: Iterable[Movement]) -> date | None:
    """First day at the end of which somebody would hold less than no share."""
    ordered = sorted(movements, key=lambda move: move.day)
    held: dict[int, int] = {}
    for index, move in enumerate(ordered):
        held[move.member] = held.get(move.member, 0) + move.quantity
        last = index + 1 == len(ordered) or ordered[index + 1].day != move.day
        if last and any(quantity < 0 for quantity in held.values()):
            return move.day
    return None


def highest_capital(movements: Iterable[Movement], before: Decimal = ZERO) -> Decimal:
    """Highest capital at the end of a day, in euros.

    :param before: highest capital reached before the register starts
    """
    days: dict[date, Decimal] = {}
    for move in movements:
        days[move.day] = days.get(move.day, ZERO) + move.amount
    highest, capital = before, ZERO
    for day in sorted(days):
        capital += days[day]
        highest = max(highest, capital)
    return highest


def capital_floor(highest: Decimal, part: Decimal, minimum: Decimal = ZERO) -> Decimal:
    """Capital that redemptions must leave, in euros, rounded up to the cent.

    :param highest: highest capital ever reached
    :param part: the statutes' part of it, in percent (25 for a quarter)
    :param minimum: legal or statutory minimum in euros
    """
    share = (highest * part / HUNDRED).quantize(Decimal("0.01"), ROUND_CEILING)
    return max(share, minimum)


def redeemable(
    requests: Sequence[tuple[int, Decimal]], capital: Decimal, floor: Decimal
) -> list[int]:
    """Requests that may be met now, in the order in which they were made.

    The first one that the floor forbids stops those behind it: nobody is served
    before an earlier request.

    :param requests: (id, nominal value in euros), oldest first
    """
    met = []
    for key, amount in requests:
        if capital - amount < floor:
            break
        capital -= amount
        met.append(key)
    return met


def redemption_value(amount: Decimal, capital: Decimal, losses: Decimal) -> Decimal:
    """What is due for shares of a nominal value: nominal less their part of losses.

    :param amount: nominal value of the shares, euros
    :param capital: whole capital before the redemption, euros
    :param losses: losses that the reserves do not cover, euros, zero or more
    """
    if not capital:
        return amount
    return max(ZERO, amount - cents(losses * amount / capital))


def payable_until(requested: date, years: int) -> date:
    """Last day on which a redemption may be paid.

    :raises ValueError: when deferred for more than five years
    """
    if not 0 <= years <= LARGEST_DEFERRAL:
        raise ValueError("CAE-SHARE-DEFERRAL")
    return requested + relativedelta(years=years)


def late_interest(
    amount: Decimal, since: date, until: date, rates: Sequence[tuple[date, Decimal]]
) -> Decimal:
    """Simple interest in euros of what is paid late, by the days of a year of 365.

    :param amount: euros that are owed
    :param since: day from which it runs; the day itself does not count
    :param until: day of the payment, which counts
    :param rates: ``[(first day, percent a year)]``, in order; before the first one
        nothing is owed
    """
    total = ZERO
    ends = [*(first - timedelta(days=1) for first, _rate in rates[1:]), date.max]
    for (first, rate), last in zip(rates, ends, strict=False):
        begin = max(since, first - timedelta(days=1))
        days = (min(until, last) - begin).days
        total += amount * rate * max(days, 0)
    return cents(total / HUNDRED / DAYS_OF_YEAR)


def retention(
    gross: Decimal, rate: Decimal, ceiling: Decimal, left: Decimal
) -> Decimal:
    """What is retained of a month's pay for the subscription of shares, in euros.

    :param gross: gross pay of the month; nothing is retained of less than zero
    :param rate: percent that the statutes ask
    :param ceiling: legal ceiling in percent of the pay
    :param left: what is left to reach the amount that the statutes ask
    """
    if gross <= 0 or left <= 0:
        return ZERO
    wanted = cents(gross * rate / HUNDRED)
    limit = (gross * ceiling / HUNDRED).quantize(Decimal("0.01"), ROUND_FLOOR)
    return min(wanted, limit, left)


def to_subscribe(saved: Decimal, value: Decimal) -> int:
    """Whole shares that an amount saved by retention pays for."""
    return int(saved // value) if value > 0 and saved > 0 else 0


def employed_part(amounts: Iterable[tuple[bool, Decimal]]) -> Decimal:
    """Percent held by employed members, two decimals; 0 when nothing is held.

    :param amounts: (employed, euros or votes)
    """
    pairs = list(amounts)
    whole = sum((amount for _employed, amount in pairs), Decimal(0))
    part = sum((amount for employed, amount in pairs if employed), Decimal(0))
    return cents(part * HUNDRED / whole) if whole else ZERO


def days_within(spans: Iterable[tuple[date, date]], first: date, last: date) -> int:
    """Days from ``first`` to ``last`` that at least one span covers, ends included."""
    total, covered = 0, first
    for start, end in sorted(spans):
        begin, stop = max(start, covered), min(end, last)
        if stop >= begin:
            total += (stop - begin).days + 1
            covered = stop + timedelta(days=1)
    return total
