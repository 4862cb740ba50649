"""Where a person is in the journey, on any day: from dated facts to a state.

The facts are those of the file: entry, exit, contracts without their amendments (which
change pay, not the state), interruptions. Between two contracts the state is that of
the last one: the person is still supported (``cae.entrepreneur`` computes its stage in
the same way).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

CANDIDATE, CAPE, CESA, EMPLOYEE = "candidate", "cape", "cesa", "employee"
INTERRUPTED, LEFT = "interrupted", "left"
STATES = (CANDIDATE, CAPE, CESA, EMPLOYEE, INTERRUPTED, LEFT)
#: The stronger one counts when two contracts are in force: see ``cae.entrepreneur``.
RANK = {CESA: 2, EMPLOYEE: 1, CAPE: 0}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Something that lasts, both days included; without an end it still does."""

    kind: str
    start: date
    end: date | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Facts:
    """What is known of a person.

    :param known: first day on which the cooperative knew the person
    :param exit: last day in the cooperative
    :param contracts: spans of kind ``cape``, ``cesa`` or ``employee``
    :param pauses: spans of kind ``interrupted``, or ``left`` for a time away between an
        exit and a return
    """

    known: date | None = None
    exit: date | None = None
    contracts: tuple[Span, ...] = ()
    pauses: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Step:
    """A stretch of days in one state; None as end: it lasts."""

    state: str
    start: date
    end: date | None


def state_at(facts: Facts, day: date) -> str:
    """The state on ``day``, one of :data:`STATES`, or ``""`` when not known yet."""
    if facts.exit and facts.exit < day:
        return LEFT
    kinds = {pause.kind for pause in facts.pauses if pause.covers(day)}
    for kind in (LEFT, INTERRUPTED):
        if kind in kinds:
            return kind
    return _contract_state(facts.contracts, day) or (
        CANDIDATE if facts.known and facts.known <= day else ""
    )


def _contract_state(contracts: Iterable[Span], day: date) -> str:
    started = [contract for contract in contracts if contract.start <= day]
    if not started:
        return ""
    current = [contract for contract in started if contract.covers(day)]
    latest = max(contract.start for contract in started)
    found = current or [contract for contract in started if contract.start == latest]
    return max((contract.kind for contract in found), key=RANK.__getitem__)


def timeline(facts: Facts) -> tuple[Step, ...]:
    """The whole path in order; two neighbouring steps never have the same state."""
    days = sorted(_changes(facts))
    states = [(day, state_at(facts, day)) for day in days]
    kept = [
        (day, state)
        for index, (day, state) in enumerate(states)
        if not index or states[index - 1][1] != state
    ]
    steps = [
        Step(state, day, after - DAY) for (day, state), (after, _next) in pairwise(kept)
    ]
    steps += [Step(state, day, None) for day, state in kept[-1:]]
    return tuple(step for step in steps if step.state)


def _changes(facts: Facts) -> set[date]:
    spans = (*facts.contracts, *facts.pauses)
    days = {span.start for span in spans}
    days |= {span.end + DAY for span in spans if span.end and span.end < date.max}
    if facts.known:
        days.add(facts.known)
    if facts.exit and facts.exit < date.max:
        days.add(facts.exit + DAY)
    return days


def first_day(facts: Facts, state: str) -> date | None:
    """First day ever in a state."""
    return next((s.start for s in timeline(facts) if s.state == state), None)
