"""Allocation of journal items to activities, in whole cents.

Every function works on *vectors*: ``{activity: cents}``, where an activity is the
id of its analytic account and ``UNALLOCATED`` (0) stands for what belongs to nobody
yet. Cents are signed integers (debit positive), so that no float and no percentage
ever decides an amount. Percentages are only the form in which a vector is stored
(:func:`percentages`), and :func:`cents` reads them back without loss.

Law: an analytic balance sheet and income account per activity (Code du travail,
R.7331-5); the rule by which each line is derived is
docs/decisions/ledger.md.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

UNALLOCATED = 0
DIGITS = Decimal("1e-8")
HUNDRED = Decimal(100)
#: One hundred percent at eight digits, and what two-digit percentages may miss of it.
FULL = 10_000_000_000
TYPED_TOLERANCE = FULL // 2000

Vector = dict[int, int]


class AllocationError(ValueError):
    """An entry that cannot be allocated; ``code`` is stable.

    ``CAE-ANALYTIC-ZERO``: a line of 0.00 would have to carry several activities.
    ``CAE-ENTRY-UNBALANCED``: the tags of an entry do not balance per activity;
    ``vector`` holds what is missing.
    ``CAE-TRANSFER-COUNTERPART``: all the lines that could take what is missing were
    moved themselves.
    """

    def __init__(self, code: str, vector: Mapping[int, int], line: int = 0):
        super().__init__(code)
        self.code = code
        self.vector = dict(vector)
        self.line = line


def clean(vector: Mapping[int, int]) -> Vector:
    """The vector without its zero parts."""
    return {key: value for key, value in vector.items() if value}


def add(*vectors: Mapping[int, int]) -> Vector:
    """Sum of vectors."""
    total: Vector = {}
    for vector in vectors:
        for key, value in vector.items():
            total[key] = total.get(key, 0) + value
    return clean(total)


def owned(vector: Mapping[int, int]) -> Vector:
    """The vector without what belongs to nobody."""
    return {k: value for k, value in vector.items() if value and k != UNALLOCATED}


def minus(vector: Mapping[int, int]) -> Vector:
    """The opposite vector."""
    return {key: -value for key, value in vector.items() if value}


def relabel(vector: Mapping[int, int], source: int | None, target: int) -> Vector:
    """The vector with the part of ``source`` given to ``target``.

    :param source: ``None`` for everything that the vector holds
    """
    if source is None:
        return clean({target: sum(vector.values())})
    part = {source: vector.get(source, 0)}
    return add(vector, minus(part), {target: part[source]})


def split(amount: int, weights: Mapping[int, int]) -> Vector:
    """Share ``amount`` cents in proportion to ``weights`` by largest remainder.

    The parts always add up to ``amount``; ties go to the smallest id; the result
    for ``-amount`` is the exact opposite, so that a credit note mirrors its invoice.
    Weights may have mixed signs. When they sum to zero there is no proportion: the
    whole amount goes to the heaviest weight.
    """
    if amount < 0:
        return minus(split(-amount, weights))
    total = sum(weights.values())
    if not total:
        heaviest = min(weights, key=lambda k: (-abs(weights[k]), k), default=0)
        return clean({heaviest: amount})
    sign = 1 if total > 0 else -1
    parts, remainders = {}, []
    for key, weight in weights.items():
        parts[key], remainder = divmod(amount * weight * sign, total * sign)
        remainders.append((-remainder, key))
    for _remainder, key in sorted(remainders)[: amount - sum(parts.values())]:
        parts[key] += 1
    return clean(parts)


def take(remaining: Mapping[int, int], amount: int) -> Vector:
    """The part of ``remaining`` that ``amount`` takes; the rest takes all."""
    if amount == sum(remaining.values()):
        return clean(remaining)
    return split(amount, remaining)


@dataclass(frozen=True)
class Item:
    """A journal item, as :func:`document` needs it.

    :param kind: ``base`` (its vector is given), ``tax``, ``term`` (receivable or
        payable) or ``other`` (rounding, discount: follows the whole document)
    :param balance: cents, debit positive
    :param given: the vector of a base line; it adds up to ``balance``
    :param taxes: names of the taxes a base line bears
    :param tax: name of the tax of a tax line
    """

    id: int
    kind: str
    balance: int
    given: Mapping[int, int] = field(default_factory=dict)
    taxes: frozenset[Hashable] = frozenset()
    tax: Hashable = 0


def document(items: Sequence[Item]) -> dict[int, Vector]:
    """Vectors of all the lines of an invoice, bill or credit note.

    A tax line is shared by the base lines that bear that tax; the receivable or
    payable lines take minus what the rest adds up to, in order, the last one taking
    what is left of each activity.

    :raises AllocationError: ``CAE-ANALYTIC-ZERO``
    """
    bases = [item for item in items if item.kind == "base"]
    result = {item.id: clean(item.given) for item in bases}
    whole = add(*result.values())
    for item in items:
        if item.kind in ("tax", "other"):
            result[item.id] = split(item.balance, _bearers(item, bases) or whole)
    _terms([i for i in items if i.kind == "term"], result)
    return result


def _bearers(item: Item, bases: Sequence[Item]) -> Vector:
    if item.kind != "tax":
        return {}
    return add(*(base.given for base in bases if item.tax in base.taxes))


def _terms(terms: Sequence[Item], result: dict[int, Vector]) -> None:
    open_ = minus(add(*result.values()))
    for item in terms:
        part = take(open_, item.balance)
        if part and not item.balance:
            raise AllocationError("CAE-ANALYTIC-ZERO", part, item.id)
        result[item.id] = part
        open_ = add(open_, minus(part))
    if open_:
        code = "CAE-ENTRY-UNBALANCED" if terms else "CAE-ANALYTIC-ZERO"
        raise AllocationError(code, open_)


def entry(
    balances: Mapping[int, int], given: Mapping[int, Mapping[int, int]]
) -> dict[int, Vector]:
    """Vectors of a general entry typed by hand or written by a program.

    The only untagged line of an entry takes the complement of the tagged ones.

    :param balances: cents of each line, in the entry's order
    :param given: vectors of the tagged lines
    :raises AllocationError: ``CAE-ENTRY-UNBALANCED``, ``CAE-ANALYTIC-ZERO``
    """
    rest = minus(add(*given.values()))
    untagged = [line for line in balances if line not in given]
    result = {line: clean(vector) for line, vector in given.items()}
    if len(untagged) == 1:
        line = untagged[0]
        if not balances[line] and rest:
            raise AllocationError("CAE-ANALYTIC-ZERO", rest, line)
        return {**result, line: rest}
    if rest:
        raise AllocationError("CAE-ENTRY-UNBALANCED", rest)
    return {**result, **{line: {UNALLOCATED: balances[line]} for line in untagged}}


def reallocate(
    balances: Mapping[int, int],
    current: Mapping[int, Mapping[int, int]],
    moved: Mapping[int, Mapping[int, int]],
    kept: Collection[int] = (),
    chosen: Collection[int] = (),
) -> dict[int, Vector]:
    """Vectors of an entry after some of its lines were given to other activities.

    The other lines keep theirs, except one, which takes what keeps the entry balanced
    for each activity: a line of the other side if there is one, rather one that nobody
    chose the activities of, the largest of them.

    :param current: vectors of all the lines before
    :param moved: new vectors of the lines that were moved, same sums as before
    :param kept: lines that were moved before and never take the difference
    :param chosen: lines that somebody chose the activities of
    :raises AllocationError: ``CAE-ENTRY-UNBALANCED`` when every line was moved,
        ``CAE-TRANSFER-COUNTERPART`` when those left were moved before
    """
    result = {**{k: clean(v) for k, v in current.items()}, **moved}
    rest = minus(add(*result.values()))
    fixed = {*moved, *kept}
    others = [key for key, balance in balances.items() if balance and key not in fixed]
    if not rest:
        return result
    if not others:
        left = any(key not in moved for key in kept)
        code = "CAE-TRANSFER-COUNTERPART" if left else "CAE-ENTRY-UNBALANCED"
        raise AllocationError(code, rest)
    side = sum(balances[key] for key in moved)
    key = min(
        others,
        key=lambda k: (balances[k] * side > 0, k in chosen, -abs(balances[k]), k),
    )
    result[key] = add(result[key], rest)
    return result


def follow(
    balances: Mapping[int, int], settled: Mapping[int, Mapping[int, int]]
) -> dict[int, Vector]:
    """Vectors of a payment's lines, from those of the items that it settles.

    :param settled: vectors of the lines that are matched with documents; the other
        lines (bank, outstanding, write-off, fees) take minus their sum, the last of
        them taking the rest
    :raises AllocationError: ``CAE-ANALYTIC-ZERO``
    """
    result = {line: clean(vector) for line, vector in settled.items()}
    items = [Item(k, "term", b) for k, b in balances.items() if k not in settled]
    if items:
        _terms(sorted(items, key=lambda i: (not i.balance, -abs(i.balance))), result)
    return result


def opening(
    vectors: Mapping[int, Mapping[int, int]], open_: Mapping[int, int]
) -> dict[int, Vector]:
    """What activities take over of a document that was not settled before them.

    What is open is shared as the whole document is; the lines that are history (sales,
    costs, VAT declared since) take minus that, so that each activity is at zero. What
    belongs to nobody stays so.

    :param vectors: vectors of all the lines of the document, see :func:`document`
    :param open_: cents of what is open of the terms, and of the taxes that wait
    :return: ``{line: vector}`` of the lines that change
    """
    result = {line: owned(split(cents, vectors[line])) for line, cents in open_.items()}
    history = [line for line in vectors if line not in open_]
    for key, need in minus(add(*result.values())).items():
        weights = {line: vectors[line].get(key, 0) for line in history}
        for line, part in split(need, weights).items():
            result[line] = add(result.get(line, {}), {key: part})
    return {line: vector for line, vector in result.items() if vector}


def settle(debit: Mapping[int, int], credit: Mapping[int, int], amount: int) -> Vector:
    """What each activity gives when two documents settle each other.

    :param debit: open cents per activity of the debit item
    :param credit: open cents per activity of the credit item (positive)
    :param amount: cents matched, positive
    :return: the vector taken from both. The item that this matching settles gives
        all that is left of it; the other one keeps the difference.
    """
    if amount == sum(credit.values()):
        return clean(credit)
    return take(debit, amount)


def percentages(vector: Mapping[int, int], balance: int) -> dict[int, Decimal]:
    """The vector as percentages of ``balance`` at eight digits.

    The largest share is 100 minus the others when nothing is unallocated, so that
    they add up to exactly 100. ``UNALLOCATED`` has no percentage.
    """
    vector = clean(vector)
    shares = {
        key: (Decimal(value) * HUNDRED / balance).quantize(DIGITS, ROUND_HALF_UP)
        for key, value in vector.items()
        if key != UNALLOCATED
    }
    if shares and UNALLOCATED not in vector:
        largest = min(vector, key=lambda k: (-abs(vector[k]), k))
        shares[largest] = HUNDRED - sum(v for k, v in shares.items() if k != largest)
    return shares


def cents(
    shares: Iterable[tuple[int, float]], balance: int, typed: bool = False
) -> Vector:
    """Read percentages of ``balance`` back as cents, ``UNALLOCATED`` for the rest.

    Percentages written by :func:`percentages` come back exactly; any others are
    shared by largest remainder.

    :param typed: typed by hand: three times 33.33 means the whole
    """
    weights: Vector = {}
    for key, share in shares:
        scaled = int((Decimal(str(share)) / DIGITS).to_integral_value())
        weights[key] = weights.get(key, 0) + scaled
    rest = FULL - sum(weights.values())
    if typed and weights and abs(rest) <= TYPED_TOLERANCE:
        rest = 0
    return split(balance, clean({**weights, UNALLOCATED: rest}))
