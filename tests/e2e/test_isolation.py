"""Nobody finds anything of another: every model, method and route, by RPC and HTTP.

See ``neighbours.py``: Alba, Bruno and Cleo, of whom the last two share an activity, and
a portal user who is a customer of Alba's. Everything of each says a word and has
amounts that nothing else has, so that whatever answer tells them is a leak.

What is there is asked of the program itself: models, fields, methods and routes that are
added are walked without being named here. Where arguments are drawn, the seed is fixed.
"""

import concurrent.futures
import json
import random
import time
from pathlib import Path

import contract
import pytest
from caetools import odoo, paths, shell
from rows import Rows, changed
from stranger import Secrets, Stranger, error_of
from walk import OURS, REFUSED, TEXTS, Walk, report

WHO = ("alba", "bruno", "cleo", "customer")
#: Who walks which part of Odoo's own models, drawn; of ours everybody walks all.
#: What may be created by anybody: the place, and why.
MEANT = {}
#: Walked with values of their own.
CRUD = ("create", "write", "unlink", "copy", "web_save")
#: How Odoo refuses what is for one record, when it gets none or several.
SINGLETON = "Expected singleton: "
PARTS = {"alba": 1.0, "bruno": 0.3, "customer": 0.3}


@pytest.fixture(scope="module")
def town(serve, fresh_database, tmp_path_factory):
    """``(server, what there is)``."""
    database = fresh_database()
    result = tmp_path_factory.mktemp("town") / "told.json"
    shell.run(
        [paths.PYTHON, paths.ROOT / "tests/e2e/neighbours.py", database, result],
        log="neighbours",
        what="Making three people and their secrets",
        env=odoo.environment(),
        cwd=paths.ROOT,
    )
    return serve(database, *contract.PATIENCE), json.loads(result.read_text())


@pytest.fixture(scope="module")
def told(town):
    return town[1]


@pytest.fixture(scope="module")
def people(town):
    """``{name: stranger}``, logged in."""
    server, told = town
    secrets = Secrets(told)
    return {who: Stranger(server, secrets, who, who) for who in WHO}


@pytest.fixture(scope="module")
def walks(people, told):
    """``{name: walk}``"""
    return {
        who: Walk(
            people[who], told, Secrets(told).words(who), random.Random(who), part
        )
        for who, part in PARTS.items()
    }


def at_once(calls):
    """Call these side by side."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(lambda call: call(), calls))


def test_no_model_tells_of_others(walks):
    t0 = time.time()
    at_once([walk.read_all for walk in walks.values()])
    print("read", time.time() - t0, [w.calls for w in walks.values()])
    assert report(walks, "found") == {}
    t0 = time.time()
    at_once([walk.search_all for walk in walks.values()])
    print("search", time.time() - t0, [w.calls for w in walks.values()])
    assert report(walks, "found") == {}
    assert report(walks, "odd") == {}


# Writing -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(town):
    return Rows(town[0].database)


def of_others(told, who, model, count=2):
    """Ids of records that belong to others; of Odoo's own models the first ones."""
    own = {who, *told["shared"].get(who, ())}
    owned = told["records"].get(model, {}).items()
    found = [id_ for key, ids in owned if key not in own for id_ in ids[:count]]
    return found or [1, 2]


def own_ids(told, who, model):
    return told["records"].get(model, {}).get(who, [])[:2]


def test_nobody_writes_where_none_is_meant(walks, told, rows):
    """Create, write, copy and delete, of every model, on what is another's."""
    before = rows.sums()

    def attack(who, walk):
        for model in walk.models:
            known = told["models"][model]["fields"].items()
            text = next((n for n, (kind, _of) in known if kind in TEXTS), "name")
            ids = of_others(told, who, model)
            walk.refuse(model, "write", ids, {text: "Zevil1z"})
            walk.refuse(model, "unlink", ids)
            walk.refuse(model, "web_save", [], {text: "Zevil1z"}, {})
            if OURS(model):
                walk.refuse(model, "copy", ids)
                walk.refuse(model, "create", [{text: "Zevil1z"}])

    at_once([lambda w=walk, p=who: attack(p, w) for who, walk in walks.items()])
    assert report(walks, "done") == MEANT
    assert changed(before, rows.sums()) == []


# Methods -------------------------------------------------------------------------------


def test_no_method_tells_or_changes_what_is_of_others(people, told, rows):
    """Public methods of ours, on own, others' and no records, with drawn arguments."""
    tables = sorted({told["models"][model]["table"] for model in told["records"]})
    crashes, leaks, touched = {}, {}, {}
    for who in ("alba", "bruno"):
        before, draw = rows.rows(tables), random.Random(f"{who} calls")
        for model, method, args, given in calls(draw, told, who):
            answer, told_of = people[who].call(model, method, *args, **given)
            place, text = f"{model}.{method}", json.dumps(answer.get("error"))
            # What a refusal repeats of the arguments is nothing new.
            if told_of and not set(told_of) <= set(json.dumps(given).split('"')):
                leaks.setdefault(place, []).append((who, args, given, told_of))
            if is_crash(answer):
                crashes.setdefault(place, []).append(f"{given} {text[-300:]}")
        mine, now = owned_by(told, who), rows.rows(tables)
        touched[who] = [place for place in changed(before, now) if place not in mine]
    Path("/tmp/h4w/crashes.json").write_text(json.dumps(crashes, indent=1))
    assert leaks == {}
    assert touched == {"alba": [], "bruno": []}
    assert crashes == {}


def calls(draw, told, who):
    """``(model, method, arguments, named arguments)``"""
    for model, methods in told["methods"].items():
        records = [own_ids(told, who, model), of_others(told, who, model), []]
        for method, known in methods.items():
            for ids in () if method in CRUD else records:
                given = {name: drawn(draw, told, who, name) for name in known["given"]}
                yield model, method, ([] if known["of_model"] else [ids]), given


def is_crash(answer):
    """Whether an error is none that a person or a program was told."""
    error = answer.get("error", {}).get("data", {})
    name, message = error.get("name", ""), str(error.get("message"))
    return name and not name.startswith(REFUSED) and not message.startswith(SINGLETON)


def owned_by(told, who):
    own = (who, *told["shared"][who])
    return {
        (told["models"][model]["table"], id_)
        for model, owners in told["records"].items()
        for key in own
        for id_ in owners.get(key, ())
    }


def drawn(draw, told, who, name):
    """An argument: what its name asks for, of others, or something else."""
    other = draw.choice([key for key in told["users"] if key != who])
    texts = ["", "x", "2026-01", "2026-01-15", "E0001", "X-alba", "X-bruno"]
    numbers = [0, 1, -1, 2, told["users"][other], 10**12]
    odd = [None, [], {}, ["x"], {"x": 1}, True, 1.5, [1, 2], [[1]], "’; --"]
    if name in ("codes", "activities"):
        return draw.choice([["X-alba"], ["X-bruno"], ["X-cleo"], [], "X-alba"])
    if name in ("month", "date", "date_to", "date_from", "months"):
        return draw.choice(["2026-01", "2026-01-31", "", 5, ["2026-01"]])
    return draw.choice([*texts, *numbers, *odd])
