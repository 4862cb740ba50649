"""Addresses of the routes of our addons, with what is another's and what is nothing."""

import itertools
import re

PART = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
#: What no record is.
ODD = (0, -1, 2**31, 2**63, "abc", "1e3")
#: How many addresses of a route with many choices are asked for.
ASKED = 6


def addresses(route, ids, texts, draw):
    """Addresses of a route: each choice of words, these ids and texts in its gaps.

    :param ids: gives those of a gap, by its name
    """
    gaps = PART.findall(route["rule"])
    choices = []
    for kind, options, name in gaps:
        if kind == "any":
            choices.append([word.strip(" '\"") for word in options.split(",")])
        else:
            choices.append(list(ids(name) if kind == "int" else texts))
    found = list(itertools.product(*choices))
    if len(found) > ASKED:
        found = draw.sample(found, ASKED)
    return [filled(route["rule"], values) for values in found]


def filled(rule, values):
    given = iter(values)
    return PART.sub(lambda _part: str(next(given)), rule)


def names_given(route):
    """Arguments that are no part of the address."""
    gaps = {name for _kind, _options, name in PART.findall(route["rule"])}
    return [name for name in route["given"] if name not in gaps]


def is_read(route):
    return is_taken(route, "GET")


def is_written(route):
    return is_taken(route, "POST")


def is_taken(route, method):
    known = route["methods"]
    return route["type"] == "http" and (not known or method in known)
