"""From the turnover of a month to the net pay, as a chain whose every step adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .amounts import ZERO, Decimal, cents

#: What a month earns and spends before pay; what is taken is positive.
FIGURES = ("turnover", "purchases", "contribution", "charges")


class Step(NamedTuple):
    """What is added or taken, or a total of the steps before it."""

    key: str
    amount: Decimal
    total: bool = False


@dataclass(frozen=True, slots=True)
class Pay:
    """The pay of a month, in euros.

    :param leave: set aside for leave, less what the month's leave gives back
    """

    cost: Decimal
    gross: Decimal
    net: Decimal
    leave: Decimal = ZERO


def part(figures: Mapping[str, Decimal], share: Decimal) -> dict[str, Decimal]:
    """A holder's part of the figures of an activity.

    :param share: percent
    """
    return {key: cents(amount * share / 100) for key, amount in figures.items()}


def monthly(
    figures: Mapping[str, Decimal],
    available: Decimal,
    committed: Decimal,
    reserve: Decimal,
    pay: Pay,
) -> list[Step]:
    """Turnover, contribution, charges, budget, cost, gross, net.

    What the month leaves is not yet what is available: there are the earlier months,
    and customers and suppliers who have not paid or been paid. A pay within the budget
    leaves something (``kept``), another takes what is not there (``beyond``).
    """
    taken = (Step(key, -figures[key]) for key in FIGURES[1:])
    left = figures["turnover"] - sum(figures[key] for key in FIGURES[1:])
    budget = available - committed - reserve
    beyond = pay.cost + pay.leave - budget
    steps = (
        Step("turnover", figures["turnover"], True),
        *taken,
        Step("result", left, True),
        Step("balance", available - left),
        Step("committed", -committed),
        Step("reserve", -reserve),
        Step("budget", budget, True),
        Step("leave", -pay.leave),
        Step("beyond" if beyond > 0 else "kept", beyond),
        *_pay(pay),
    )
    return _worth(steps)


def yearly(budget: Decimal, paid: Decimal, left: Decimal, pay: Pay) -> list[Step]:
    """From the budget of a year to the net of its balance.

    What is not spent is ``carried``; what the balance costs more than is left is
    ``missing`` in the next year.

    :param paid: cost of the pay of the year
    :param left: to the cooperative
    """
    missing = pay.cost + pay.leave - (budget - paid - left)
    steps = (
        Step("annual_budget", budget, True),
        Step("paid", -paid),
        Step("left", -left),
        Step("leave", -pay.leave),
        Step("missing" if missing > 0 else "carried", missing),
        *_pay(pay),
    )
    return _worth(steps)


def _pay(pay: Pay) -> tuple[Step, ...]:
    return (
        Step("cost", pay.cost, True),
        Step("employer", pay.gross - pay.cost),
        Step("gross", pay.gross, True),
        Step("employee", pay.net - pay.gross),
        Step("net", pay.net, True),
    )


def _worth(steps) -> list[Step]:
    """Without steps of nothing."""
    return [step for step in steps if step.total or step.amount != ZERO]
