"""A cooperative of N people measured whole, each figure beside plain Odoo's."""

import contextlib
import sys

from . import bench_home, bench_lists, bench_parts, databases

#: Parts that make the database, in turn, and those that measure.
MAKING = (("scale", "fill"), ("scale_people", "year"), ("scale_whole", "make"))
MEASURING = ("close", "read", "vote", "lists")
#: All that can be measured, one after the other.
PARTS = (*MEASURING, "home", "raw")
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


def report(sizes: list[int], parts=PARTS, keep=False) -> dict:
    """Measure each size; the last one is compared, and its growth from the first.

    :param parts: of :data:`PARTS`; figures whose neighbour is not measured are left out
    :param keep: leave the cooperative as it was before anything was measured in a
        database ``cae_people_N``, and take the one that is there
    """
    found = {size: _size(size, parts, keep) for size in sizes}
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


def _size(count, parts, keep):
    with _cooperative(count, keep) as base:
        found = {}
        for name in MEASURING:
            if name in parts:
                found |= bench_parts.part("scale_whole", base, count, name)
        if "home" in parts:
            home = bench_home.measured(base, (PERSON, CUSTOMER))
            found |= {"home": home[PERSON], "raw_home": home[CUSTOMER]}
    return found | (_plain(count, found["pay_items"]) if "raw" in parts else {})


@contextlib.contextmanager
def _cooperative(count, keep):
    """A database to measure in, with a cooperative of so many people."""
    source = _kept(count) if keep else databases.template()
    with bench_parts.database(source, "cae_bench_people") as base:
        if not keep:
            _make(base, count)
        yield base


def _kept(count):
    name = f"cae_people_{count}"
    if not databases.exists(name):
        with bench_parts.database(databases.template(), "cae_bench_made") as draft:
            _make(draft, count)
            databases.rename(draft, name)
    return name


def _make(base, count):
    for module, name in MAKING:
        bench_parts.part(module, base, count, name)


def _plain(count, items):
    """What is nearest to each in plain Odoo.

    :param items: of the pay of a person
    """
    with bench_parts.database(databases.base_template(), "cae_bench_plain") as base:
        plain = bench_parts.part("scale_whole", base, count, "raw", items)
    return {f"raw_{name}": each for name, each in plain.items()}


def _rows(found):
    """``{figure: {"processor", "seconds", "queries", "raw", "raw_seconds", "ratio"}}``

    Seconds; the ratio is that of the processor's.
    """
    result = {}
    # Some parts may be measured, or all.
    for name, beside in BESIDE.items():
        if not {name, *beside} <= set(found):
            continue
        mine, others = found[name], [found[other] for other in beside]
        raw = sum(other["processor"] for other in others)
        result[name] = {
            **mine,
            "raw": round(raw, 4),
            "raw_seconds": round(sum(other["seconds"] for other in others), 4),
            "ratio": round(mine["processor"] / raw, 2),
        }
    return result


def _lists(found):
    if "lists" not in found:
        return {}
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
