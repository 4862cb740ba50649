"""Lists beside Odoo's own lists with as many rows, by the processor's work."""

import statistics

#: The processor's work for a list, against that for Odoo's own, when it is a hundredth
#: of a second more: nobody notices less. A single filter may take longer than any of
#: Odoo's, which has none like it (who lacks a document).
RATIO, MILLISECONDS, FILTER_MILLISECONDS = 1.25, 10, 50
#: Rows of a group that is open.
OPEN_ROWS = 80


def ratios(found, beside):
    """``{"list operation": {"ratio", "milliseconds", "core"}}``, the processor's.

    An operation of several (groups, filters) is the mean; and the slowest of ours,
    called ``slowest``, against the slowest of Odoo's. A view with open groups counts
    by eighty rows, as views have more columns or fewer.

    :param beside: names of our lists by that of Odoo's
    """
    result = {}
    for core, names in beside.items():
        plain = _kinds(found[core])
        for name in names:
            for kind, value in _kinds(found[name]).items():
                result[f"{name} {kind}"] = {
                    "ratio": round(value / plain[kind], 2),
                    "milliseconds": round(1000 * value, 1),
                    "core": round(1000 * plain[kind], 1),
                }
    return result


def exceeds(name, measured):
    """Whether somebody would notice how much longer ours takes."""
    if name.endswith("filter slowest"):
        return measured["milliseconds"] > FILTER_MILLISECONDS
    more = measured["milliseconds"] - measured["core"]
    return measured["ratio"] > RATIO and more > MILLISECONDS


def _kinds(operations):
    kinds = {}
    for operation, measured in operations.items():
        value = measured["processor"]
        if operation == "open":
            value *= OPEN_ROWS / (measured["rows"] or OPEN_ROWS)
        kinds.setdefault(operation.split()[0], []).append(value)
    return {
        **{kind: statistics.mean(values) for kind, values in kinds.items()},
        **{
            f"{kind} slowest": max(values)
            for kind, values in kinds.items()
            if len(values) > 1
        },
    }
