"""Follows the links of the portal, as somebody who taps on all of them would."""

import re
from urllib.parse import urljoin, urlsplit

#: Links of a page that are ours to answer for.
LINK = re.compile(r'href="((?:/my|/cae/|\?)[^"]*)"')
#: Odoo's own, with a link for each way to sort and filter.
THEIRS = re.compile(r"^/my/(invoices|address|account\b|security)")
#: Pages of one pattern, such as the months of a ledger, and taps from the home.
ALIKE, TAPS = 2, 4


def pattern(address):
    """The path without ids, and which parameters there are."""
    parts = urlsplit(address)
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&"))
    return re.sub(r"\d+", "#", parts.path), tuple(names)


def links(address, text):
    """Addresses that a page leads to, without what is after #."""
    for found in LINK.findall(text):
        whole = urljoin(address, found.replace("&amp;", "&"))
        yield whole.partition("#")[0]


def walk(request, server, start="/my"):
    """``{address: (status, kind, page that led there)}`` of what was opened."""
    seen, counts, waiting = {}, {}, [(start, 0, "")]
    while waiting:
        address, taps, source = waiting.pop(0)
        kind = pattern(address)
        known = address in seen or counts.get(kind, 0) >= ALIKE
        if known or THEIRS.match(address):
            continue
        counts[kind] = counts.get(kind, 0) + 1
        answer = request.get(f"{server.url}{address}")
        content = answer.headers.get("content-type", "")
        seen[address] = answer.status, content, source
        if "html" in content and taps < TAPS:
            found = links(address, answer.text())
            waiting += [(each, taps + 1, address) for each in found]
    return seen
