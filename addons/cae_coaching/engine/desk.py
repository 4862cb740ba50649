"""Who needs a coach first, and for which reason: plain values.

Three states: in trouble, due soon, well. Of several reasons the worst one is said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

TROUBLE, SOON, WELL = "trouble", "soon", "well"
#: Causes of alerts that say that money goes wrong: they are trouble from the start.
MONEY = frozenset({"treasury", "no_invoice", "margin", "unpaid"})
#: Urgency of an alert from which it is to be acted on, and at once.
ACT, URGENT = 1, 2
#: Days before the deadline of the duty from which an interview must be planned.
PLAN_DAYS = 20
#: Days that a coach has to write and have signed the report of an interview.
REPORT_DAYS = 14
#: Among reasons of one state the first of these is said.
ORDER = (
    *("interview", "membership", "cape", "trial", "legal"),
    *("treasury", "unpaid", "no_invoice", "margin"),
    *("report", "action", "document", "contract"),
)


@dataclass(frozen=True)
class Reason:
    """Why somebody is not well.

    ``kind``: one of ``ORDER``; ``day``: its deadline, or since when; ``count``: how
    many; ``alert``: id of the alert that says it.
    """

    kind: str
    state: str
    day: date | None = None
    count: int = 0
    alert: int = 0


def of_alert(cause: str, urgency: int) -> str:
    """State of somebody with an open alert.

    Money that goes wrong is trouble; a legal term that draws near is due soon until it
    is urgent.
    """
    if urgency >= URGENT or (cause in MONEY and urgency >= ACT):
        return TROUBLE
    return SOON


def of_duty(state: str, deadline: date | None, planned: date | None, day: date) -> str:
    """State by the duty of two interviews (R.7331-3); ``well`` when nothing presses.

    :param state: of the duty, see ``engine.duty.Situation``
    :param planned: day of the next interview that is planned
    """
    if state == "late":
        return TROUBLE
    if state != "soon" or not deadline:
        return WELL
    in_time = planned is not None and planned <= deadline
    near = (deadline - day).days <= PLAN_DAYS
    return TROUBLE if near and not in_time else SOON


def worst(reasons: Iterable[Reason]) -> Reason | None:
    """The reason to say first: trouble before soon, then by kind, then the oldest."""
    return min(reasons, key=_rank, default=None)


def _rank(reason: Reason):
    known = reason.kind in ORDER
    place = ORDER.index(reason.kind) if known else len(ORDER)
    return (reason.state != TROUBLE, place, reason.day or date.max, reason.alert)
