"""Benchmark against raw Odoo in one run, as ratios."""

import argparse
import json
import statistics

from . import bench_lists, bench_parts, bench_people, databases, oca, setup
from .ui import Problem, Step, notice

LIMITS = {"contributions": 1.3, "invoices": 1.35, "payments": 1.35}
LEDGER_QUERIES = 3
SALARY_MILLISECONDS = 0.3
#: How many times faster than the OCA's payroll: the salary's lines; all of a month's
#: proposal (balances read, salary solved, lines written), with as many lines.
PAY_LIMITS = {"engine": 40, "proposal": 8}
#: What each reading is compared with: a plain grouping of the same lines.
READINGS = {"ledger": "grouping", "ledgers": "groupings", "treasury": "grouping"}
#: Small and whole: all the activities of all the cooperatives of France.
SIZES = (1200, 12000)
SCALE_LIMITS = {
    "month": 1.25,
    "ledger": 2,
    "ledgers": 2,
    "treasury": 2,
    "growth": 11,
    "memory_mib": 1500,
}
#: Lists of coaching, by the list of Odoo's own that has as many rows.
COACHING = {
    "contacts": ("my_people", "duty", "candidates", "social_files"),
    "meetings": ("interviews", "actions", "alerts", "documents", "hours"),
    # What everybody has to do; an analysis that is computed when it is read.
    "activities": ("tasks",),
    "analysis": ("workload",),
}
#: The nightly run: milliseconds a person, and its growth by ten times the people (its
#: queries are the same; the ledger that they read outgrows the processor's caches).
NIGHT_LIMITS = {"milliseconds": 2, "growth": 14}


def _options():
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Time the product against raw Odoo doing the same accounting:"
        " the same documents and entries, in batches, in one run. Prints JSON.",
    )
    parser.add_argument("--count", type=int, default=500, help="activities (500)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument(
        "--check", action="store_true", help="fail when a limit is exceeded"
    )
    parser.add_argument(
        "--scale",
        action="store_true",
        help=f"instead: a year of {SIZES[0]} and of {SIZES[1]} activities, its last"
        " month closed and read",
    )
    parser.add_argument(
        "--coaching",
        action="store_true",
        help=f"instead: a year of coaching of {SIZES[0]} and of {SIZES[1]} people, its"
        " lists beside Odoo's own with as many rows, and the nightly run of alerts",
    )
    parser.add_argument(
        "--people",
        type=int,
        nargs="+",
        metavar="N",
        help="instead: a cooperative of N people with a year of accounts, coaching, pay"
        " and members: all that its team, its people and its members wait for, each"
        " beside the nearest operation of raw Odoo; and its growth, of several N",
    )
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=bench_people.PARTS,
        default=bench_people.PARTS,
        help="of --people: measure these only (raw needs close)",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="of --people: keep the cooperative in a database cae_people_N, and take"
        " the one that is there (to be upgraded when fields or views have changed)",
    )
    parser.add_argument(
        "--pay",
        action="store_true",
        help="instead: a month's pay beside the OCA's payroll (its modules are"
        " downloaded into .odoo/oca)",
    )
    return parser.parse_args()


def main() -> int:
    """Run both sides in turn and print figures as JSON."""
    options = _options()
    setup.full()
    if options.scale:
        return _scale(options.check)
    if options.coaching:
        return _told(_coaching(), options.check)
    if options.people:
        report = bench_people.report(options.people, options.parts, options.keep)
        return _told(report, options.check)
    if options.pay:
        return _told(_pay(options.count, options.rounds), options.check)
    rounds = [_round(options.count) for _number in range(options.rounds)]
    report = _report(rounds, options.count)
    report["pay"] = _pay(options.count, options.rounds)
    report["exceeded"] += report["pay"]["exceeded"]
    return _told(report, options.check)


def _told(report, check):
    print(json.dumps(report, indent=1))
    return 1 if check and report["exceeded"] else 0


def _pay(count, rounds):
    """A month's pay beside that of the OCA's payroll, in one run in one database."""
    try:
        with Step("Modules of the OCA") as step:
            oca.ensure(step)
    except Problem as problem:
        notice(f"without OCA payroll: {problem}")
        measured = bench_parts.in_turn("bench_pay", databases.template(), count, "pay")
        return {**measured, "ratios": {}, "limits": PAY_LIMITS, "exceeded": []}
    name = "cae_bench_pay"
    try:
        oca.database(name, "payroll")
        measured = bench_parts.part(
            *("bench_pay", name, count, "pay", rounds), env=oca.environment()
        )
    finally:
        databases.drop(name)
    return _pay_report(measured)


def _pay_report(measured):
    """Ratios of each round's seconds, and of what the processor worked.

    The latter hardly depend on the machine's other work: the limits hold for them.
    """
    ratios = {
        clock: {
            name: round(
                statistics.median(
                    each["oca"][clock] / each[name][clock]
                    for each in measured["rounds"]
                ),
                1,
            )
            for name in PAY_LIMITS
        }
        for clock in ("processor", "seconds")
    }
    found = ratios["processor"]
    return {
        "ratios": ratios,
        "limits": PAY_LIMITS,
        **measured,
        "exceeded": [f"pay_{n}" for n, limit in PAY_LIMITS.items() if found[n] < limit],
    }


def _round(count):
    return {
        side: _side(side, template, count)
        for side, template in (
            ("raw", databases.base_template()),
            ("cae", databases.template()),
        )
    }


def _side(side, template, count):
    return bench_parts.in_turn("bench", template, count, side)


def _report(rounds, count):
    def median(side, name):
        return statistics.median(r[side][name]["seconds"] for r in rounds)

    ratios = {
        name: round(
            statistics.median(
                r["cae"][name]["seconds"] / r["raw"][name]["seconds"] for r in rounds
            ),
            3,
        )
        for name in LIMITS
    }
    last = rounds[-1]["cae"]
    figures = {
        "ledger_queries": last["ledger"]["queries"],
        "salary_milliseconds": last.get("salary", {}).get("milliseconds"),
        "salary_after_a_month_milliseconds": last.get("salary", {}).get(
            "milliseconds_after_a_month"
        ),
    }
    exceeded = [name for name, limit in LIMITS.items() if ratios[name] > limit]
    if figures["ledger_queries"] > LEDGER_QUERIES:
        exceeded.append("ledger_queries")
    if (figures["salary_milliseconds"] or 0) > SALARY_MILLISECONDS:
        exceeded.append("salary_milliseconds")
    return {
        "count": count,
        "ratios": ratios,
        "limits": LIMITS,
        **figures,
        "seconds": {
            name: {"raw": median("raw", name), "cae": median("cae", name)}
            for name in LIMITS
        },
        "exceeded": exceeded,
    }


def _scale(check):
    """Print the figures of both sizes, and how they grow."""
    sizes = [_size(count) for count in SIZES]
    small, large = sizes
    ratios = {
        "month": round(large["month"]["seconds"] / large["raw"]["seconds"], 3),
        "growth": round(large["month"]["seconds"] / small["month"]["seconds"], 2),
        "memory_mib": large["memory_mib"],
    }
    for name, grouping in READINGS.items():
        plain = large[grouping]["seconds"]
        ratios[name] = round(large[name]["seconds"] / plain, 2)
    exceeded = [name for name, limit in SCALE_LIMITS.items() if ratios[name] > limit]
    for name in READINGS:
        if large[name]["queries"] != small[name]["queries"]:
            exceeded.append(f"{name}_queries")
    report = {"ratios": ratios, "limits": SCALE_LIMITS, "exceeded": exceeded}
    sizes = dict(zip(SIZES, sizes, strict=True))
    print(json.dumps({**report, "sizes": sizes}, indent=1))
    return 1 if check and exceeded else 0


def _size(count):
    result = bench_parts.in_turn("scale", databases.template(), count, "fill", "month")
    raw = bench_parts.in_turn("scale", databases.base_template(), count, "raw")
    return {**result, "raw": raw["month"]}


def _coaching():
    """Figures of lists and of the nightly run of both sizes, and how they grow."""
    small, large = (_year_of_coaching(count) for count in SIZES)
    lists = {
        user: bench_lists.ratios(large["lists"][user], COACHING)
        for user in ("manager", "coach")
    }
    again = [size["alerts"]["again"] for size in (small, large)]
    night = {
        "milliseconds": round(1000 * again[1]["processor"] / SIZES[1], 3),
        "growth": round(again[1]["processor"] / again[0]["processor"], 2),
    }
    exceeded = [
        f"{user} {name}"
        for user, found in lists.items()
        for name, measured in found.items()
        if bench_lists.exceeds(name, measured)
    ]
    exceeded += [name for name, limit in NIGHT_LIMITS.items() if night[name] > limit]
    return {
        "lists": lists,
        "night": night,
        "limits": {"ratio": bench_lists.RATIO, **NIGHT_LIMITS},
        "exceeded": exceeded,
        "sizes": dict(zip(SIZES, (small, large), strict=True)),
    }


def _year_of_coaching(count):
    """What the parts measured, in one database."""
    with bench_parts.database(databases.template(), "cae_bench_coaching") as name:
        bench_parts.part("scale", name, count, "fill")
        bench_parts.part("scale_people", name, count, "year")
        return {
            part: bench_parts.part("scale_people", name, count, part)
            for part in ("alerts", "lists")
        }
