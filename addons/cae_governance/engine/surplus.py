"""Sharing of the surplus of a year: reserves, work share, interest on shares.

Source: loi 78-763 art. 33, as service-public sums it up (sheet F31328): 15 % at least
to the legal reserve until it reaches the highest capital, something to the development
fund, 25 % at least to the employees, members or not, and an interest on shares that is
above neither what goes to the reserves nor the part of the employees. The text in
force was not read: rates are parameters. The minimum part of the development fund
(1 %) is practice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .money import ZERO, cents, shared

HUNDRED = Decimal(100)
KEYS = ("pay", "time", "equal")
#: Law that the sharing follows: SCOP (loi 78-763 art. 33), SCIC (loi 47-1775 art. 19
#: nonies), other cooperatives (their statutes).
FORMS = ("scop", "scic", "loi47")
#: Seniority counts twice at most (statutes in use).
LARGEST_SENIORITY = Decimal(2)


@dataclass(frozen=True)
class Terms:
    """What the statutes and the meeting say, in percent of the surplus."""

    legal: Decimal = Decimal(15)
    work: Decimal = Decimal(25)
    interest: Decimal = ZERO
    legal_minimum: Decimal = Decimal(15)
    work_minimum: Decimal = Decimal(25)
    fund_minimum: Decimal = Decimal(1)
    form: str = "scop"


@dataclass(frozen=True)
class Allocation:
    """Where the surplus goes, in euros; the development fund takes the rest."""

    surplus: Decimal
    legal: Decimal
    fund: Decimal
    work: Decimal
    interest: Decimal

    @property
    def reserves(self) -> Decimal:
        """What stays with the cooperative for ever."""
        return self.legal + self.fund


@dataclass(frozen=True)
class Finding:
    """What the law or the statutes do not allow.

    :param code: stable, ``CAE-SURPLUS-…``
    :param limit: euros that the amount must reach, or not exceed
    """

    code: str
    amount: Decimal
    limit: Decimal


@dataclass(frozen=True)
class Worker:
    """Who shares in the part of work.

    :param pay: gross of the year, euros
    :param time: hours or days worked, any unit
    :param seniority: coefficient, 1 to 2
    """

    key: int
    pay: Decimal = ZERO
    time: Decimal = ZERO
    seniority: Decimal = Decimal(1)
    present: bool = True


def allocate(surplus: Decimal, terms: Terms) -> Allocation:
    """The allocation that the terms say, to the cent.

    :raises ValueError: ``CAE-SURPLUS-NONE`` without a surplus, ``CAE-SURPLUS-RATE``
        when the rates are below zero or add up to more than 100 percent
    """
    if surplus <= 0:
        raise ValueError("CAE-SURPLUS-NONE")
    rates = (terms.legal, terms.work, terms.interest)
    if min(rates) < 0 or sum(rates) > HUNDRED:
        raise ValueError("CAE-SURPLUS-RATE")
    legal, work, interest = (cents(surplus * rate / HUNDRED) for rate in rates)
    # Half cents may round up three times.
    work = min(work, surplus - legal)
    interest = min(interest, surplus - legal - work)
    return Allocation(surplus, legal, surplus - legal - work - interest, work, interest)


def check(
    allocation: Allocation,
    terms: Terms,
    legal_reserve: Decimal,
    highest: Decimal,
) -> list[Finding]:
    """What is wrong with an allocation, nothing when it is sound.

    SCIC: half at least of what the legal reserve leaves goes to the other reserve
    (57.5 % of the surplus in all, with 15 %); no part of work is due.

    :param legal_reserve: the legal reserve before, euros
    :param highest: highest capital ever reached, euros
    """
    surplus, found = allocation.surplus, []

    def least(code, amount, rate):
        limit = cents(surplus * rate / HUNDRED)
        if amount < limit:
            found.append(Finding(code, amount, limit))

    if legal_reserve < highest:
        least("CAE-SURPLUS-LEGAL", allocation.legal, terms.legal_minimum)
    if terms.form == "scic":
        half = cents((surplus - allocation.legal) / 2)
        if allocation.fund < half:
            found.append(Finding("CAE-SURPLUS-FUND", allocation.fund, half))
    if terms.form != "scop":
        return found
    least("CAE-SURPLUS-FUND", allocation.fund, terms.fund_minimum)
    least("CAE-SURPLUS-WORK", allocation.work, terms.work_minimum)
    ceiling = min(allocation.reserves, allocation.work)
    if allocation.interest > ceiling:
        found.append(Finding("CAE-SURPLUS-INTEREST", allocation.interest, ceiling))
    return found


def work_shares(
    amount: Decimal, workers: Iterable[Worker], keys: dict[str, Decimal]
) -> dict[int, Decimal]:
    """The part of work, shared between those who were there, to the cent.

    Each key shares its part of the amount by what it counts, times the seniority.
    A key that counts nothing for anybody gives its part to the other keys.

    :param keys: ``{"pay": percent, "time": percent, "equal": percent}``, 100 together
    :raises ValueError: ``CAE-SURPLUS-KEY``, ``CAE-SURPLUS-SENIORITY``,
        ``CAE-SURPLUS-NOBODY``
    """
    workers = [worker for worker in workers if worker.present]
    if set(keys) - set(KEYS) or min(keys.values(), default=-1) < 0:
        raise ValueError("CAE-SURPLUS-KEY")
    if sum(keys.values()) != HUNDRED:
        raise ValueError("CAE-SURPLUS-KEY")
    if any(not 1 <= worker.seniority <= LARGEST_SENIORITY for worker in workers):
        raise ValueError("CAE-SURPLUS-SENIORITY")
    weights = _weights(workers, keys)
    if amount and not any(weights.values()):
        raise ValueError("CAE-SURPLUS-NOBODY")
    return shared(amount, weights)


def _weights(workers, keys):
    """``{worker: weight}``: the percents of each key, spread by what it counts."""
    weights = {worker.key: Decimal(0) for worker in workers}
    for name, percent in keys.items():
        counted = {w.key: _count(w, name) * w.seniority for w in workers}
        whole = sum(counted.values(), Decimal(0))
        if whole > 0 and percent:
            for key, count in counted.items():
                weights[key] += percent * count / whole
    return weights


def _count(worker, name):
    if name == "equal":
        return Decimal(1)
    return max(Decimal(0), worker.pay if name == "pay" else worker.time)


def interest_shares(amount: Decimal, held: dict[int, Decimal]) -> dict[int, Decimal]:
    """The interest, shared by the paid capital of each member, to the cent.

    :param held: ``{member: euros}``
    :raises ValueError: ``CAE-SURPLUS-NOBODY`` when there is no capital
    """
    if amount and not any(value > 0 for value in held.values()):
        raise ValueError("CAE-SURPLUS-NOBODY")
    return shared(amount, {key: max(ZERO, value) for key, value in held.items()})
