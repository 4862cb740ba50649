"""Figures of a statement of accounts (R.7331-5): what is frozen when it is published.

Balances in, JSON-plain figures out. Signs of the balances are those of accounting
(debit positive); amounts of the figures are texts with two decimals, so that what was
published reads the same, digit by digit, for ever.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import floor

from dateutil.relativedelta import relativedelta

from .money import ZERO, cents

#: Accounts that start each fiscal year at zero: the income statement.
RESULT_PREFIXES = ("6", "7", "186", "187")
#: Key of the row that is all of them.
RESULT = "result"
#: Months of the graph.
GRAPH_MONTHS = 12
GROUPS = ("treasury", "available", "future")
#: Rows of the income statement that show only when there is something on them.
RARE = ("internal_sales", "internal_purchases")
#: Keys that hold words.
WORDS = frozenset(("header", "label", "rule", "text", "customer"))
#: Rows of the balance sheet, and prefixes, of what is due for pay.
PAY_KEYS = ("staff", "social")
PAY_PREFIXES = ("42", "43")
PAY_SHOWN = "42, 43"

Balances = Mapping[str, Decimal]
MonthBalances = Mapping[date, Balances]


def text(amount: Decimal | int) -> str:
    """``1234.50``; never ``-0.00``."""
    return f"{cents(amount) + ZERO:.2f}"


def digest(data: object) -> str:
    """SHA-256 of JSON-plain data, whatever the order of its keys."""
    canonical = json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def without_words(data: object) -> object:
    """The figures of a statement alone: a new name or label makes no new figure."""
    if isinstance(data, Mapping):
        return {k: without_words(v) for k, v in data.items() if k not in WORDS}
    if isinstance(data, list):
        return [without_words(value) for value in data]
    return data


@dataclass(frozen=True, slots=True)
class Span:
    """What a statement covers: a month, or a fiscal year (``first`` starts it).

    :param before: the same time of the fiscal year before, first and last days
    """

    kind: str
    first: date
    last: date
    year: date
    before: tuple[date, date]

    @property
    def graph(self) -> list[date]:
        """First days of the last twelve months."""
        end = self.last.replace(day=1)
        return [
            end - relativedelta(months=back) for back in reversed(range(GRAPH_MONTHS))
        ]

    @property
    def start(self) -> date:
        """First day whose movements are needed."""
        return min(self.first, self.year, self.before[0], self.graph[0])


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a report; ``terms`` are ``(sign, key)`` of what a total adds up."""

    key: str
    label: str
    prefixes: tuple[str, ...] = ()
    debit: bool = False
    terms: tuple[tuple[int, str], ...] = ()
    group: str = ""


class Layout:
    """Rows of a report; an account counts in the row of its longest prefix."""

    def __init__(self, rows: Sequence[Row], shown: Mapping[str, str] | None = None):
        """Rows; ``shown`` gives prefixes the name under which they are added up."""
        self.rows = tuple(rows)
        self._shown = shown or {}
        pairs = [(prefix, row) for row in rows for prefix in row.prefixes]
        self._pairs = sorted(pairs, key=lambda pair: -len(pair[0]))
        self._places: dict[str, tuple[str, Row] | None] = {}

    def place(self, code: str) -> tuple[str, Row] | None:
        """``(prefix, row)`` of an account, or nothing."""
        if code not in self._places:
            self._places[code] = next(
                (pair for pair in self._pairs if code.startswith(pair[0])), None
            )
        return self._places[code]

    def sums(self, balances: Balances) -> dict[str, Decimal]:
        """Balances of the rows, debit positive, by key."""
        result = {row.key: ZERO for row in self.rows}
        for code, balance in balances.items():
            if found := self.place(code):
                result[found[1].key] += balance
        return result

    def amounts(self, balances: Balances) -> dict[str, Decimal]:
        """Amounts of the rows in each row's own sign, totals included.

        The result is the whole income statement, whatever the rows leave out.
        """
        sums = self.sums(balances)
        result = {
            row.key: sums[row.key] * (1 if row.debit else -1) for row in self.rows
        }
        for row in self.rows:
            for sign, key in row.terms:
                result[row.key] += sign * result.get(key, ZERO)
            if row.key == RESULT:
                result[row.key] = _sum(balances, RESULT_PREFIXES)
                result[row.key] *= 1 if row.debit else -1
        return result

    def parts(self, balances: Balances) -> dict[tuple[str, str], Decimal]:
        """``{(group, prefix): balance}``."""
        result: dict[tuple[str, str], Decimal] = {}
        for code, balance in balances.items():
            if found := self.place(code):
                key = found[1].group, self._shown.get(found[0], found[0])
                result[key] = result.get(key, ZERO) + balance
        return result


@dataclass(frozen=True, slots=True)
class Layouts:
    """The reports of a statement; ``words`` are the labels that are no row's."""

    income: Layout
    balance: Layout
    treasury: Layout
    words: Mapping[str, str]

    def together(self) -> "Layouts":
        """The reports of an activity of several people.

        What is due to people and to social bodies is one amount: the net pay of one
        of them does not show.
        """
        rows = self.balance.rows
        pay = [row for row in rows if row.key in PAY_KEYS]
        prefixes = tuple(prefix for row in pay for prefix in row.prefixes)
        merged = Row(PAY_SHOWN, self.words["pay"], prefixes, debit=True)
        rest = [row for row in rows if row not in pay]
        shown = {
            prefix: PAY_SHOWN
            for row in self.treasury.rows
            for prefix in row.prefixes
            if prefix.startswith(PAY_PREFIXES)
        }
        return Layouts(
            income=self.income,
            balance=Layout([*rest, merged]),
            treasury=Layout(self.treasury.rows, shown),
            words=self.words,
        )


def figures(
    span: Span, layouts: Layouts, movements: MonthBalances, closing: Balances
) -> dict:
    """Income, balance sheet, treasury and graph of one activity.

    :param movements: per month (first day), from ``span.start`` to ``span.last``
    :param closing: balances since the beginning, on ``span.last``
    """
    return {
        "income": income(span, layouts.income, movements),
        "balance": balance_sheet(span, layouts, movements, closing),
        "treasury": treasury(layouts.treasury, closing),
        "graph": graph(span, layouts, movements, closing),
    }


def total(movements: MonthBalances, first: date, last: date) -> dict[str, Decimal]:
    """Movements of the months from ``first`` to ``last``, per account."""
    result: dict[str, Decimal] = {}
    for month, balances in movements.items():
        if first <= month <= last:
            for code, balance in balances.items():
                result[code] = result.get(code, ZERO) + balance
    return result


def income(span: Span, layout: Layout, movements: MonthBalances) -> list[dict]:
    """Rows of the income statement; ``ratio`` is a percentage of the turnover."""
    columns = {
        "month": layout.amounts(total(movements, span.first, span.last)),
        "to_date": layout.amounts(total(movements, span.year, span.last)),
        "before": layout.amounts(total(movements, *span.before)),
    }
    turnover = columns["to_date"].get("turnover", ZERO)
    return [
        {
            "key": row.key,
            "label": row.label,
            "total": bool(row.terms),
            **{name: text(amounts[row.key]) for name, amounts in columns.items()},
            "ratio": _ratio(columns["to_date"][row.key], turnover),
        }
        for row in layout.rows
        if row.key not in RARE or any(amounts[row.key] for amounts in columns.values())
    ]


def _ratio(amount: Decimal, turnover: Decimal) -> str | bool:
    if not turnover:
        return False
    return text((amount / turnover * 100).quantize(ZERO, ROUND_HALF_UP))


def balance_sheet(
    span: Span, layouts: Layouts, movements: MonthBalances, closing: Balances
) -> dict:
    """Assets and liabilities: each row is on the side of its balance.

    The result of the year and that of earlier years always are liabilities, so that a
    loss shows as a negative amount. Accounts of no row have a row of their own: both
    sides are equal, whatever the rows.
    """
    lasting = {c: b for c, b in closing.items() if not c.startswith(RESULT_PREFIXES)}
    sums = layouts.balance.sums(lasting)
    rows = [(row.key, row.label, sums[row.key]) for row in layouts.balance.rows]
    rest = sum(lasting.values(), ZERO) - sum(sums.values(), ZERO)
    rows.append(("unplaced", layouts.words["unplaced"], rest))
    sides = {"assets": _side(rows, 1), "liabilities": _side(rows, -1)}
    own = _own_results(span, movements, closing)
    sides["liabilities"][:0] = [
        {"key": key, "label": layouts.words[key], "amount": text(amount)}
        for key, amount in own.items()
        if amount or key == "result"
    ]
    for name in ("assets", "liabilities"):
        amounts = (Decimal(row["amount"]) for row in sides[name])
        sides[f"{name}_total"] = text(sum(amounts, ZERO))
    return sides


def _side(rows: Iterable[tuple[str, str, Decimal]], sign: int) -> list[dict]:
    return [
        {"key": key, "label": label, "amount": text(balance * sign)}
        for key, label, balance in rows
        if balance * sign > 0
    ]


def _own_results(
    span: Span, movements: MonthBalances, closing: Balances
) -> dict[str, Decimal]:
    everything = -_sum(closing, RESULT_PREFIXES)
    year = -_sum(total(movements, span.year, span.last), RESULT_PREFIXES)
    return {"result": year, "carried": everything - year}


def _sum(balances: Balances, prefixes: tuple[str, ...]) -> Decimal:
    found = (b for code, b in balances.items() if code.startswith(prefixes))
    return sum(found, ZERO)


def treasury(layout: Layout, closing: Balances) -> dict:
    """The three totals, each holding the one before it, and their parts."""
    parts = layout.parts(closing)
    result, running = {}, ZERO
    for group in GROUPS:
        running += sum((a for (name, _p), a in parts.items() if name == group), ZERO)
        result[group] = text(running)
    ordered = sorted(parts.items(), key=lambda p: (GROUPS.index(p[0][0]), p[0][1]))
    result["parts"] = [
        {"group": group, "prefix": prefix, "amount": text(amount)}
        for (group, prefix), amount in ordered
        if amount
    ]
    return result


def graph(
    span: Span, layouts: Layouts, movements: MonthBalances, closing: Balances
) -> list[dict]:
    """Turnover of each of the last twelve months, and treasury at its end."""
    money = _treasury(layouts, closing)
    points = []
    for month in reversed(span.graph):
        moved = movements.get(month, {})
        turnover = layouts.income.amounts(moved).get("turnover", ZERO)
        points.append((month, turnover, money))
        money -= _treasury(layouts, moved)
    return [
        {"month": f"{month:%Y-%m}", "turnover": text(turnover), "treasury": text(money)}
        for month, turnover, money in reversed(points)
    ]


def _treasury(layouts: Layouts, balances: Balances) -> Decimal:
    parts = layouts.treasury.parts(balances)
    return sum((a for (group, _p), a in parts.items() if group == GROUPS[0]), ZERO)


def shared_uses(
    charges: Sequence[tuple[str, str, Decimal]], contributions: Decimal
) -> list[dict]:
    """What the contributions paid for (R.7331-9): charges of the shared services.

    :param charges: ``(key, label, amount)``
    :return: with ``per_euro``, the cents of each euro of contribution that went there:
        a charge's part of all charges; the cents add up to 1.00 (largest remainder)
    """
    charges = [charge for charge in charges if charge[2]]
    everything = sum((amount for _k, _l, amount in charges), ZERO)
    if everything <= 0 or contributions <= 0:
        shares = [False] * len(charges)
    else:
        shares = _shares([amount / everything * 100 for _k, _l, amount in charges])
    return [
        {"key": key, "label": label, "amount": text(amount), "per_euro": share}
        for (key, label, amount), share in zip(charges, shares, strict=True)
    ]


def shared_services(
    services: Sequence[tuple[str, str, Decimal]],
    charges: Decimal,
    contributions: Decimal,
    left: Decimal = ZERO,
) -> dict:
    """What the team's time says of the contributions (R.7331-9), service by service.

    The charges of the shared services go to the services by the hours spent on each:
    no cost is known closer than that.

    :param services: ``(key, label, hours)``
    :param charges: euros that the shared services spent in the year
    :param left: euros of the year's result, left for the cooperative; its cents of the
        euro are in no row, as in :func:`shared_uses`
    :return: ``rows`` with ``hours``, ``share`` (percent of all hours), ``cost``
        (euros) and ``per_euro`` (cents of each euro of contribution); ``hours``;
        ``hour_cost`` (euros an hour). Parts add up (largest remainder). A cost that is
        not known is False
    """
    services = [service for service in services if service[2] > 0]
    hours = [spent for _key, _label, spent in services]
    total = sum(hours, ZERO)
    known = charges > 0 and bool(services)
    costs = _parts(hours, int(charges * 100)) if known else [False] * len(hours)
    paid = known and contributions > 0
    rest = int(max(left, ZERO) * 100)
    euros = _parts([*costs, rest], 100) if paid else [False] * (len(hours) + 1)
    rows = zip(services, _parts(hours, 10000), costs, euros, strict=False)
    return {
        "rows": [
            {
                "key": key,
                "label": label,
                "hours": text(spent),
                "share": _hundredths(share),
                "cost": _hundredths(cost),
                "per_euro": _hundredths(euro),
            }
            for (key, label, spent), share, cost, euro in rows
        ],
        "hours": text(total),
        "hour_cost": text(cents(charges / total)) if known else False,
    }


def _hundredths(units: int | bool) -> str | bool:
    return units if units is False else text(Decimal(units) / 100)


def _parts(weights: Sequence[Decimal | int], units: int) -> list[int]:
    """Whole units by weight that add up to all of them (largest remainder)."""
    total = sum(weights, ZERO)
    exact = [units * weight / total for weight in weights]
    floors = [floor(part) for part in exact]
    order = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for index in order[: units - sum(floors)]:
        floors[index] += 1
    return floors


def _shares(percents: Sequence[Decimal]) -> list[str]:
    """Whole cents that add up to one euro."""
    floors = [floor(percent) for percent in percents]
    order = sorted(range(len(percents)), key=lambda i: (floors[i] - percents[i], i))
    for index in order[: 100 - sum(floors)]:
        floors[index] += 1
    return [text(Decimal(cent) / 100) for cent in floors]
