"""A charge explained in sentences, for the entrepreneur."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .contribution_types import Explanation, _lt, month_start
from .money import french, french_number, french_rate

TEMPLATES = {
    "period": _lt("{first} to {last}"),
    "base_invoiced": _lt("Turnover invoiced, {period}: {base}."),
    "base_collected": _lt("Turnover collected, {period}: {base}."),
    "base_gross_margin": _lt(
        "Gross margin, {period}: {invoiced} invoiced less {purchases} of purchases,"
        " that is {base}."
    ),
    "base_value_added": _lt("Value added, {period}: {base}."),
    "internal": _lt("Plus sales to and purchases from other activities: {base}."),
    "losses": _lt("Less bad debts and discounts of customers: {base}."),
    "rate": _lt("{rate} of {base}: {amount}."),
    "bracket_first": _lt("{rate} of {base}, the part up to {upper}: {amount}."),
    "bracket_middle": _lt(
        "{rate} of {base}, the part from {lower} to {upper}: {amount}."
    ),
    "bracket_last": _lt("{rate} of {base}, the part above {lower}: {amount}."),
    "bracket_whole": _lt(
        "With {reached} since the start of the year the rate is {rate}: {rate} of"
        " {base}, {amount}."
    ),
    "override_rate": _lt("Own rate ({reason}): {rate} of {base}: {amount}."),
    "internal_rate": _lt("Sales between activities: {rate} of {base}: {amount}."),
    "fixed": _lt("{unit} per month for {units} month(s): {amount}."),
    "override_amount": _lt(
        "Own amount ({reason}): {unit} per month for {units} month(s): {amount}."
    ),
    "not_negative": _lt("The contribution is never negative: {amount} added."),
    "floor_month": _lt("Minimum of {bound} for these months: {amount} added."),
    "floor_month_alone": _lt("Minimum of {bound} for the month: {amount} added."),
    "floor_year": _lt("Minimum of {bound} so far this year: {amount} added."),
    "ceiling_month": _lt("Maximum of {bound} for these months: {amount}."),
    "ceiling_month_alone": _lt("Maximum of {bound} for the month: {amount}."),
    "ceiling_year": _lt("Maximum of {bound} for the year: {amount}."),
    "earlier": _lt("Months before, since the start of the year: {amount}."),
    "exempt": _lt("Exempt ({reason}): {months}."),
    "free": _lt("First months of the activity, free: {months}."),
    "not_in_force": _lt("Rule not in force: {months}."),
    "contract": _lt("Rule not for the contract {contract}: {months}."),
    "not_open": _lt("Activity not open yet: {months}."),
    "due": _lt("Due since the start of the year: {due}."),
    "already": _lt("Already charged: {already}."),
    "charge": _lt("Charged for {month}: {amount}."),
}

MONEY_VALUES = frozenset(
    (
        *("amount", "base", "bound", "lower", "reached", "unit", "upper"),
        *("collected", "invoiced", "purchases", "value_added"),
        *("already", "due"),
    )
)
MONTH_VALUES = frozenset(("first", "last", "month"))


def french_month(month: date) -> str:
    """``03/2026``."""
    return f"{month:%m/%Y}"


@dataclass(frozen=True, slots=True)
class Formats:
    """How values are written in a sentence; French by default."""

    money: Callable[[Decimal], str] = french
    rate: Callable[[Decimal], str] = french_rate
    month: Callable[[date], str] = french_month
    number: Callable[[Decimal], str] = french_number
    contract: Callable[[str], str] = str.upper

    def value(self, name: str, value: str | list[str]) -> str:
        """One value of a step, by its name."""
        if name == "months":
            return ", ".join(self.month(month_start(month)) for month in value)
        if name in MONTH_VALUES:
            return self.month(month_start(value))
        if name in MONEY_VALUES:
            return self.money(Decimal(value))
        if name in ("rate", "units"):
            return (self.rate if name == "rate" else self.number)(Decimal(value))
        return self.contract(value) if name == "contract" else str(value)


def render(
    explanation: Explanation | Mapping,
    translate: Callable[[str], str] = str,
    formats: Formats | None = None,
) -> tuple[str, ...]:
    """The explanation in sentences, for the entrepreneur.

    :param explanation: or its stored form
    :param translate: gives a template of ``TEMPLATES`` in the reader's language
    """
    if isinstance(explanation, Explanation):
        explanation = explanation.as_dict()
    say = _Speaker(translate, formats or Formats())
    sentences = list(render_steps(explanation["steps"], translate, formats))
    sentences.append(say.text("due", due=explanation["due"]))
    if Decimal(explanation["already"]):
        sentences.append(say.text("already", already=explanation["already"]))
    tail = {name: explanation[name] for name in ("month", "amount")}
    sentences.append(say.text("charge", **tail))
    return tuple(sentences)


def render_steps(
    steps: Sequence[Mapping],
    translate: Callable[[str], str] = str,
    formats: Formats | None = None,
) -> tuple[str, ...]:
    """Stored steps of an amount in sentences, without what was charged."""
    say = _Speaker(translate, formats or Formats())
    return tuple(say.text(**step) for step in steps)


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Templates filled with formatted values."""

    translate: Callable[[str], str]
    formats: Formats

    def text(self, key: str, **values: str | list[str]) -> str:
        said = {name: self.formats.value(name, v) for name, v in values.items()}
        if "first" in said:
            said["period"] = self._period(said)
        return self.translate(TEMPLATES[key]).format(**said)

    def _period(self, said: Mapping[str, str]) -> str:
        if said["first"] == said["last"]:
            return said["first"]
        return self.translate(TEMPLATES["period"]).format(**said)
