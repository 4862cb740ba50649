"""A cooperative of N people measured whole, each figure beside plain Odoo's."""

import sys

from . import bench_home, bench_lists, bench_parts, databases

#: Parts that make the database, in turn, and those that measure.
MAKING = (("scale", "fill"), ("scale_people", "year"), ("scale_whole", "make"))
MEASURING = ("close", "read", "vote", "lists")
#: Figures of ours, and what they are compared with: figures of plain Odoo's, added up.
BESIDE = {
    "contributions": ("raw_contributions",),
    "pay": ("raw_pay",),
    # A statement reads the month and keeps a document.
    "statements": ("groupings", "raw_documents"),
    "ledger": ("grouping",),
    "ledgers": ("groupings",),
    "treasury": ("grouping",),
    "figures": ("monthly",),
    "statement": ("groupings",),
    "checks": ("groupings",),
    "key_figures_get": ("groupings",),
    "key_figures_overview": ("groupings",),
    "key_figures_series": ("groupings",),
    "convene": ("raw_records",),
    "sign_in": ("raw_records",),
    "cast": ("raw_each",),
    "close_urn": ("raw_records",),
    "tellers": ("raw_records",),
    "open_urn": ("raw_records",),
    "home": ("raw_home",),
}
PERSON, CUSTOMER = "bench_person", "bench_customer"


def report(sizes: list[int]) -> dict:
    """Measure each size; the last one is compared, and its growth from the first."""
    found = {size: _size(size) for size in sizes}
    rows = {size: _rows(each) for size, each in found.items()}
    first, last = rows[sizes[0]], rows[sizes[-1]]
    for name, row in last.items() if len(sizes) > 1 else ():
        row["growth"] = round(row["processor"] / first[name]["processor"], 2)
    lists = _lists(found[sizes[-1]])
    print(_table(last, sizes), file=sys.stderr)
    return {
        "people": sizes[-1],
        "figures": last,
        "lists": lists,
        "exceeded": [n for n, each in lists.items() if bench_lists.exceeds(n, each)],
        "sizes": found,
    }


def _size(count):
    with bench_parts.database(databases.template(), "cae_bench_people") as base:
        for module, name in MAKING:
            bench_parts.part(module, base, count, name)
        found = {}
        for name in MEASURING:
            found |= bench_parts.part("scale_whole", base, count, name)
        home = bench_home.measured(base, (PERSON, CUSTOMER))
    found |= {"home": home[PERSON], "raw_home": home[CUSTOMER]}
    with bench_parts.database(databases.base_template(), "cae_bench_plain") as base:
        items = found["pay_items"]
        plain = bench_parts.part("scale_whole", base, count, "raw", items)
    return {**found, **{f"raw_{name}": each for name, each in plain.items()}}


def _rows(found):
    """``{figure: {"processor", "seconds", "queries", "raw", "raw_seconds", "ratio"}}``

    Seconds; the ratio is that of the processor's.
    """
    result = {}
    # The product may have some figures of the cockpit, or all.
    for name in (each for each in BESIDE if each in found):
        mine, others = found[name], [found[other] for other in BESIDE[name]]
        raw = sum(other["processor"] for other in others)
        result[name] = {
            **mine,
            "raw": round(raw, 4),
            "raw_seconds": round(sum(other["seconds"] for other in others), 4),
            "ratio": round(mine["processor"] / raw, 2),
        }
    return result


def _lists(found):
    return bench_lists.ratios(found["lists"], found["beside"])


def _table(rows, sizes):
    head = (*("ours", "Odoo", "ratio"), *("clock", "Odoo"), "growth")
    lines = [f"{sizes[-1]} people: seconds of the processor, ratio, of the clock", ""]
    lines.append(f"{'':20}" + "".join(f"{name:>9}" for name in head))
    for name, row in rows.items():
        cells = [f"{row[key]:9.3f}" for key in ("processor", "raw")]
        cells.append(f"{row['ratio']:9.2f}")
        cells += [f"{row[key]:9.3f}" for key in ("seconds", "raw_seconds")]
        lines.append(f"{name:20}{''.join(cells)}{row.get('growth', ''):>9}")
    return "\n".join(lines)
