"""What a salary owes to whom, and its entry for each activity, in cents.

The contributions go to three kinds of bodies: ``social`` (URSSAF, which also collects
unemployment, training and housing), ``pension`` (Agirc-Arrco and APEC) and ``health``
(the insurer of complementary health and death cover).

The general reduction is set against the contributions to the complementary pension up
to their rate ÷ the largest coefficient, the rest against URSSAF's
(https://www.urssaf.fr, "règles d'imputation du montant de la réduction générale").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .amounts import ZERO, Decimal, cents
from .contributions import Group
from .monthly import Split, to_cents
from .salary import Result, Salary

SOCIAL, PENSION, HEALTH = "social", "pension", "health"
BODIES = (SOCIAL, PENSION, HEALTH)
BODY_OF = {
    **dict.fromkeys(("AA_T1", "CEG_T1", "AA_T2", "CEG_T2", "CET", "APEC"), PENSION),
    **dict.fromkeys(
        ("MUTUELLE", "PREV_CADRE", "PREVOYANCE", "PREVOYANCE_FORFAIT"), HEALTH
    ),
}
RELIEVED_PENSION = ("AA_T1", "CEG_T1")

#: Keys of an entry: debits, then credits.
WAGE, NET = "wage", "net"
CHARGE, DEBT = "charge_", "debt_"
KEYS = (WAGE, *(CHARGE + body for body in BODIES), NET, *(DEBT + b for b in BODIES))


#: What is withheld of a net: credits of the accounts of each kind.
GARNISHMENT, ADVANCE, SUBSCRIPTION = "garnishment", "advance", "subscription"
WITHHELD = (GARNISHMENT, ADVANCE, SUBSCRIPTION)


def bodies(salary: Salary, result: Result) -> dict[str, tuple[Decimal, Decimal]]:
    """``{body: (employer's part less the reduction, employee's part)}``, unrounded."""
    totals = dict.fromkeys(BODIES, (ZERO, ZERO))

    def add(body: str, employer: Decimal, employee: Decimal) -> None:
        before = totals[body]
        totals[body] = before[0] + employer, before[1] + employee

    for line in result.lines:
        if line.group == Group.RELIEF.value:
            pension = _pension_part(salary, line.employer_amount)
            add(PENSION, pension, ZERO)
            add(SOCIAL, line.employer_amount - pension, ZERO)
        else:
            body = BODY_OF.get(line.code, SOCIAL)
            add(body, line.employer_amount, line.employee_amount)
    return totals


def _pension_part(salary: Salary, relief: Decimal) -> Decimal:
    """Part of the general reduction that the complementary pension bears.

    The division comes last: at the largest coefficient it leaves no remainder, and a
    rate divided first would turn exact half cents into a little less.
    """
    schedule = salary.schedule
    rates = (c.employer for c in schedule.charges if c.code in RELIEVED_PENSION)
    return relief * sum(rates, ZERO) / schedule.formula.largest


def person_entry(salary: Salary, result: Result) -> dict[str, int]:
    """Entry of a salary, in cents, debit positive; it adds up to zero.

    What each body but URSSAF is owed, both parts together, is rounded half up from the
    exact amount, as the body itself does on its own notice; so is its charge. URSSAF
    takes what rounding leaves. Of two half cents that make a whole one, the pension or
    health body thus gets the cent.
    """
    totals = bodies(salary, result)
    entry = {WAGE: to_cents(result.gross), NET: -to_cents(result.net_before_tax)}
    for body in (PENSION, HEALTH):
        employer, employee = totals[body]
        entry[CHARGE + body] = to_cents(cents(employer))
        entry[DEBT + body] = -to_cents(cents(employer + employee))
    return _closed(entry, to_cents(result.cost))


def _closed(entry: dict[str, int], cost: int) -> dict[str, int]:
    """The entry with URSSAF's lines, so that debits and credits equal the cost."""
    debits = sum(v for k, v in entry.items() if k == WAGE or k.startswith(CHARGE))
    credits = sum(entry.values()) - debits
    full = {
        **entry,
        CHARGE + SOCIAL: cost - debits,
        DEBT + SOCIAL: -cost - credits,
    }
    return {key: full[key] for key in KEYS}


def activity_entries(
    salary: Salary, result: Result, parts: Mapping[int, int], split: Split
) -> dict[int, dict[str, int]]:
    """The entry of a salary shared between activities.

    :param parts: cost that each activity bears, cents, adding up to the cost
    :return: ``{activity: {key: cents}}``; each adds up to zero, each key adds up to
        the person's
    """
    whole = person_entry(salary, result)
    weights = parts if any(parts.values()) else dict.fromkeys(parts, 1)
    rest = (CHARGE + SOCIAL, DEBT + SOCIAL)
    shared = {k: split(v, weights) for k, v in whole.items() if k not in rest}
    return {
        activity: _closed({k: v.get(activity, 0) for k, v in shared.items()}, part)
        for activity, part in parts.items()
    }


def withheld_parts(
    nets: Mapping[int, int], amounts: Sequence[int], split: Split
) -> list[dict[int, int]]:
    """What each activity withholds of the net that it owes, in cents.

    :param nets: ``{activity: net}``
    :param amounts: to withhold, in this order; not more than the nets together
    :return: ``{activity: cents}`` of each amount; none takes more than its net
    """
    left = {activity: max(0, net) for activity, net in nets.items()}
    result = []
    for amount in amounts:
        parts = split(amount, left)
        left = {key: value - parts.get(key, 0) for key, value in left.items()}
        result.append(parts)
    return result
