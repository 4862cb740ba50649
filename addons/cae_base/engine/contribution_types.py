"""What the contribution engine takes and returns; see ``contribution``."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from .money import EXACT, ZERO, Number, cents, exact, plain

BASES = ("invoiced", "collected", "gross_margin", "value_added", "fixed")
MODES = ("to_date", "month")
BRACKET_MODES = ("marginal", "whole")
PRORATAS = ("month", "day")

NOTHING = Decimal(0)


def _lt(source: str) -> str:
    """Mark a text for Odoo's translation export, which reads the sources."""
    return source


def month_start(value: date | str) -> date:
    """First day of a month given as a date, ``2026-01`` or ``2026-01-31``."""
    if isinstance(value, str):
        value = date.fromisoformat(f"{value[:7]}-01")
    return value.replace(day=1)


@lru_cache(maxsize=1024)
def _month_end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def month_code(month: date) -> str:
    """``2026-01``."""
    return f"{month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Bracket:
    """``rate`` percent up to ``upper`` euros a year, included; None = no limit."""

    upper: Decimal | None
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a scheme. Amounts in euros, rates in percent (10 = 10 %).

    :param key: stable, unique in the scheme; what is charged is kept under it
    :param basis: one of ``BASES``; ``fixed`` takes ``amount`` per month, the others
        ``rate`` or ``brackets``
    :param mode: ``to_date`` or ``month`` (each month alone)
    :param bracket_mode: ``marginal``: each slice at its own rate; ``whole``: all at
        the rate of the bracket reached (due falls when a lower rate is reached; in
        month-alone mode the rate reached holds for the month only)
    :param internal_rate: own rate of internal sales; None: they are in the base
    :param floor_month: at least this per month
    :param floor_year: at least this per year, a twelfth for each month
    :param floor_contracts: ``(contract, floor per month)``, in place of both floors
        in the months under that contract
    :param ceiling_month: at most this per month
    :param ceiling_year: at most this in the fiscal year, whatever the months open
    :param prorata: fixed amounts and floors of a month in which the activity is not
        open every day: ``month`` whole, ``day`` open days / days of the month
    :param free_months: the first months of an activity, that of its opening included,
        that do not count
    :param contracts: contract kinds concerned; empty: all
    :param date_from: first and last day of validity, None: no limit
    :param never_negative: False lets a negative base give money back
    """

    key: str
    label: str = ""
    basis: str = "invoiced"
    mode: str = "to_date"
    rate: Decimal | None = None
    brackets: tuple[Bracket, ...] = ()
    bracket_mode: str = "marginal"
    amount: Decimal | None = None
    internal_rate: Decimal | None = None
    floor_month: Decimal | None = None
    floor_year: Decimal | None = None
    floor_contracts: tuple[tuple[str, Decimal], ...] = ()
    ceiling_month: Decimal | None = None
    ceiling_year: Decimal | None = None
    prorata: str = "month"
    free_months: int = 0
    contracts: frozenset[str] = frozenset()
    date_from: date | None = None
    date_to: date | None = None
    never_negative: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Months that a rule does not count for one activity, and why."""

    reason: str
    date_from: date | None = None
    date_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An activity's own terms for some months, and why; None: the rule's.

    :param rate: percent, in place of the rule's rate or brackets
    :param amount: euros per month, in place of the rule's fixed amount
    :param floor: euros per month, in place of the rule's floors; 0: none
    """

    reason: str
    rate: Decimal | None = None
    amount: Decimal | None = None
    floor: Decimal | None = None
    date_from: date | None = None
    date_to: date | None = None


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """Figures of one activity in one month, in euros, credit notes negative.

    :param month: first day of the month
    :param collected: exact: a ``Fraction`` where a ratio was applied
    :param internal_sold: sold to and bought from other activities, not in the others
    :param losses: bad debts and discounts that the rule gives back, positive; what was
        collected knows none
    :param contract: kind in force on the last open day (of the last one, once gone)
    :param opened: first day of the activity, None: before this month
    :param closed: last day of the activity, None: after this month
    """

    month: date
    invoiced: Number = 0
    collected: Number = 0
    purchases: Number = 0
    value_added: Number = 0
    internal_sold: Number = 0
    internal_bought: Number = 0
    losses: Number = 0
    contract: str = "cesa"
    opened: date | None = None
    closed: date | None = None

    @property
    def month_end(self) -> date:
        """Last day of the month."""
        return _month_end(self.month)

    @property
    def reference_day(self) -> date:
        """Last open day: what holds then holds for the month."""
        end = self.month_end
        return self.closed if self.closed and self.month <= self.closed < end else end

    @property
    def started(self) -> bool:
        """Whether the activity was open before the month's end."""
        return self.opened is None or self.opened <= self.month_end

    @property
    def age(self) -> int | None:
        """Months since that of the opening, which is 0; None: not known."""
        if self.opened is None:
            return None
        years = self.month.year - self.opened.year
        return 12 * years + self.month.month - self.opened.month

    @property
    def open_days(self) -> int:
        """Days of the month on which the activity is open."""
        first = max(self.month, self.opened or self.month)
        last = self.month_end
        last = min(last, self.closed or last)
        return max(0, (last - first).days + 1)

    def presence(self, prorata: str) -> Decimal:
        """Part of the month that counts, from 0 to 1."""
        days = self.open_days
        if prorata == "month":
            return Decimal(1 if days else 0)
        return EXACT.divide(Decimal(days), Decimal(self.month_end.day))

    def inputs(self, basis: str) -> dict[str, Decimal]:
        """What the basis is made of, signed: its base is the sum."""
        if basis == "fixed":
            return {}
        if basis != "gross_margin":
            return {basis: exact(getattr(self, basis))}
        return {
            "invoiced": exact(self.invoiced),
            "purchases": -exact(self.purchases),
        }

    def internal(self, basis: str) -> Decimal:
        """Internal sales, less internal purchases where the basis deducts them."""
        if basis == "fixed":
            return NOTHING
        sold = exact(self.internal_sold)
        if basis in ("invoiced", "collected"):
            return sold
        return sold - exact(self.internal_bought)

    def lost(self, basis: str) -> Decimal:
        """What customers will never pay, where the basis counted it as sold."""
        return NOTHING if basis in ("fixed", "collected") else exact(self.losses)


StepValue = Decimal | date | str | tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation.

    :param key: key of ``contribution_words.TEMPLATES``
    :param amount: what it adds to the due amount; 0 for a mere input
    :param values: what the sentence tells: inputs, rate, limits, months, reason
    """

    key: str
    amount: Decimal = ZERO
    values: Mapping[str, StepValue] = field(default_factory=dict)

    def as_dict(self) -> dict:
        """JSON-plain form: amounts and rates as text, months as ``2026-01``."""
        values = {name: _json(name, value) for name, value in self.values.items()}
        return {"key": self.key, "amount": str(self.amount), **values}


def _json(name: str, value: StepValue) -> str | list[str]:
    if isinstance(value, Decimal):
        return plain(value) if name in ("rate", "units") else str(cents(value))
    if isinstance(value, date):
        return month_code(value)
    return value if isinstance(value, str) else [month_code(m) for m in value]


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule makes due from the start of the year; the steps add up to it."""

    amount: Decimal
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a charge was figured: Σ ``steps`` = ``due``; ``due − already = amount``."""

    rule: str
    label: str
    mode: str
    month: date
    steps: tuple[Step, ...]
    due: Decimal
    already: Decimal
    amount: Decimal

    def as_dict(self) -> dict:
        """JSON-plain form, to be stored with the charge."""
        return {
            "rule": self.rule,
            "label": self.label,
            "mode": self.mode,
            "month": month_code(self.month),
            "steps": [step.as_dict() for step in self.steps],
            "due": str(self.due),
            "already": str(self.already),
            "amount": str(self.amount),
        }


@dataclass(frozen=True, slots=True)
class Charge:
    """What to book for a rule in a month: ``amount`` = ``due`` − ``already``."""

    rule: str
    month: date
    amount: Decimal
    due: Decimal
    already: Decimal
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class MonthCharge:
    """Sum of a scheme's charges in a month."""

    month: date
    amount: Decimal
    charges: tuple[Charge, ...]


class ContributionError(ValueError):
    """A configuration or a call that cannot be figured; ``code`` is stable.

    :param template: English sentence, marked for translation; ``values`` fill it
    """

    def __init__(self, code: str, template: str, **values):
        self.code, self.template, self.values = code, template, values
        super().__init__(f"{code}: {self.message()}")

    def message(self, translate: Callable[[str], str] = str) -> str:
        """The message without its code, translated by ``translate``."""
        return translate(self.template).format(**self.values)
