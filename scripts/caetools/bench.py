"""Benchmark against raw Odoo in one run, as ratios."""

import argparse
import json
import statistics

from . import databases, odoo, setup
from .ui import Step

LIMITS = {"contributions": 1.3, "invoices": 1.35, "payments": 1.35}
LEDGER_QUERIES = 3
SALARY_MILLISECONDS = 0.5


def main() -> int:
    """Run both sides in turn and print figures as JSON."""
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
    options = parser.parse_args()
    setup.full()
    rounds = [_round(options.count) for _number in range(options.rounds)]
    report = _report(rounds, options.count)
    print(json.dumps(report, indent=1))
    return 1 if options.check and report["exceeded"] else 0


def _round(count):
    return {
        side: _side(side, template, count)
        for side, template in (
            ("raw", databases.base_template()),
            ("cae", databases.template()),
        )
    }


def _side(side, template, count):
    name = f"cae_bench_{side}"
    databases.drop(name)
    databases.clone(template, name)
    try:
        with Step(f"{side}: {count} activities"):
            log = odoo.run_inside(
                "bench", name, side, count, log=f"bench-{side}", what="The benchmark"
            )
    finally:
        databases.drop(name)
    lines = log.read_text(encoding="utf-8").splitlines()
    return json.loads(next(line for line in lines if line.startswith("> "))[2:])


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
