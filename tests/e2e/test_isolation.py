"""Nobody finds anything of another: every model, method and route, by RPC and HTTP.

See ``neighbours.py``: Alba, Bruno and Cleo, of whom the last two share an activity, and
a portal user who is a customer of Alba's. Everything of each says a word and has
amounts that nothing else has, so that whatever answer tells them is a leak.

What is there is asked of the program itself: models, fields, methods and routes that
are added are walked without being named here. Drawn, by a fixed seed: the arguments of
methods and routes, which addresses of a route with many are asked for, what lies two
links away, and which of Odoo's own models Bruno and the customer walk beside Alba.
"""

import base64
import concurrent.futures
import hmac
import html
import json
import random
import re
import struct
import time

import assembly
import contract
import pytest
from caetools import odoo, paths, postgres, setup, shell
from routes import ODD, addresses, filled, is_read, is_written, names_given
from rows import Rows, changed
from stranger import Secrets, Stranger, error_of, text_of
from walk import OURS, REFUSED, TEXTS, Walk, report

WHO = ("alba", "bruno", "cleo", "customer")
#: Of a second cooperative: its manager, and an entrepreneur there.
ELSEWHERE = ("beyond", "emma")
#: Who walks which part of Odoo's own models, drawn; of ours everybody walks all.
#: What an entrepreneur reads of the own.
OWN = (
    *("cae.pay.line", "cae.pay.request", "cae.pay.element", "cae.interview.report"),
    *("cae.coaching.action", "cae.service.request", "cae.skill.assessment"),
)
#: What may be created by anybody: the place, and why.
MEANT = {"res.users.identitycheck.web_save": "asks for one's own password"}
#: Tables that this fills.
MEANT_TABLES = {"res_users_identitycheck"}
#: Pages that name people, and why.
NAMED = {
    "/my/meetings/<int:meeting_id>": "members choose whom they give a proxy",
    "/cae/m/<string:token>": "the same, by personal link",
}
#: Routes for whoever is not logged in, and why.
PUBLIC = {
    "/cae/information": "dates and seats of information meetings",
    "/cae/information/<int:event_id>": "signing up for one",
    "/cae/m/<string:token>": "members vote by a personal link",
    "/cae/m/act": "the same",
    "/cae/m/live": "the same",
    "/cae/m/document": "the same",
    "/cae/ballot/cast": "the same",
    "/cae/ballot/<int:ballot_id>/list": "the same, once it is counted",
}
#: What reading may write, and why.
KEPT = {
    "ir_attachment": "a document is rendered when it is first opened, then kept",
    "cae_statement": "the same",
}
#: What a page says beside what it shows: it is asked with it only.
SAID = {"error", "done"}
#: Ids of one kind in a gap of an address.
GAP = 3
#: Part of arguments that name what is another's, where they name anything.
NAMED_PART = 0.7
#: Forms that are sent to a route as each of them, of those that are drawn.
POSTED = 3
#: Models whose documents have addresses.
MODELS = ("cae.statement", "cae.internal.sale", "cae.share.movement", "account.move")
#: What arguments and gaps of addresses name,
#: where it is not the last word of a model of ours.
NAMING = {
    "document_id": ("account.move", "hr.expense", "cae.person.document"),
    "move_id": ("account.move",),
    "customer_id": ("res.partner",),
    "customer": ("res.partner",),
    "person_id": ("cae.entrepreneur",),
    "person": ("cae.entrepreneur",),
    "record_id": ("cae.statement", "cae.share.movement", "account.move"),
    "line_id": ("cae.workshop.attendance",),
    "notices": ("cae.meeting.notice",),
    "activity": (),  # by its code
    "attachment_id": (),
    "file_id": (),
    "paper_id": (),
    "order_id": ("sale.order",),
    "quote_id": ("sale.order",),
    "quote": ("sale.order",),
}
#: Names of what nobody owns: texts, amounts, days, pages, what is for everybody.
NOTHING = frozenset(
    # What is typed, counted, dated, chosen.
    "accept amount back by_name choice code codes comment company content_base64 count "
    "dataset date date_from date_to day decline_message dry_run encoding files filters "
    "image keys kind late levels limit lines message month months name need note "
    "offset only page parts percent proof public_key quantity reason reference rows "
    "said search send show signature span split state step steps subject sure template "
    "text until url validity values year access_token prompt conversation_history "
    "media model preview_url res_model token "
    # What is the cooperative's, or for all of it.
    "ballot ballot_id body_id event_id grid grid_id journal meeting meeting_id members "
    "period_id resolution rule service "
    # What is looked at with a key of its own.
    "access key paper "
    # For colleagues, who are told what they may read.
    "counterparts items line_ids message_id res_id".split()
)
#: Opens an invoice and a quote of Alba's, and nothing else.
TOKEN = "b" * 36
#: Pages of what the portal makes.
DESK = ("/my/invoicing", "/my/customers", "/my/purchases")
#: How Odoo refuses what is for one record, when it gets none or several.
SINGLETON = "Expected singleton: "
#: How it refuses a call of who is not logged in.
EXPIRED = "odoo.http.SessionExpiredException"
PARTS = {"alba": 1.0, "bruno": 0.05, "customer": 0.05}


@pytest.fixture(scope="module")
def town(serve, fresh_database, tmp_path_factory):
    """``(server, what there is)``."""
    # With Odoo's Sales, so that quotes are walked too.
    database = fresh_database(setup.full(glue=True))
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
    return {who: Stranger(server, secrets, who, who) for who in (*WHO, *ELSEWHERE)}


@pytest.fixture(scope="module")
def walks(people, told):
    """``{name: walk}``"""
    return {who: walk_of(people, told, who, part) for who, part in PARTS.items()}


def walk_of(people, told, who, part):
    return Walk(people[who], told, Secrets(told).words(who), random.Random(who), part)


def at_once(calls):
    """Call these side by side."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(lambda call: call(), calls))


def test_no_model_tells_of_others(walks, people, told):
    # Rights within a cooperative are the manager's: this is about the other one.
    beyond = {"beyond": walk_of(people, told, "beyond", 0)}
    at_once([walk.read_all for walk in (*walks.values(), *beyond.values())])
    assert report(beyond, "found") == report(beyond, "odd") == {}
    assert report(walks, "found") == {}
    at_once([walk.search_all for walk in walks.values()])
    assert report(walks, "found") == {}
    assert report(walks, "odd") == {}


def test_the_walk_sees_what_is_there(town, told):
    """As somebody who may know nothing, Alba's own data are leaks: they are found."""
    alba = Stranger(town[0], Secrets(told), "nobody", "alba")
    word, amount = told["words"]["alba"], "48271.37"
    walk = Walk(alba, told, [word], random.Random("alba"))
    walk.models = OWN
    walk.read_all()
    assert {place.split()[0] for place in walk.found} == set(OWN)
    walk.found.clear()
    walk.search_all()
    assert {place.split()[0] for place in walk.found} == set(OWN)
    month = {"activity": "X-alba", "month": "2026-01"}
    for kind in ("csv", "xlsx"):
        leaks = alba.leaks(alba.get(f"/my/accounts/ledger.{kind}", **month)[2])
        assert word in leaks and any(amount[-2:] in found for found in leaks)
    (slip,) = told["records"]["cae.payslip"]["alba"]
    assert word in alba.leaks(alba.get(f"/cae/payslip/{slip}/pdf")[2])
    made = told["records"]
    for path in (
        *(*DESK, f"/my/invoicing/{made['account.move']['alba'][2]}"),
        f"/my/customers/{made['res.partner']['alba'][0]}",
        f"/my/purchases/expense/{made['hr.expense']['alba'][0]}",
        f"/my/purchases/paper/{told['papers']['alba'][0]}",
    ):
        assert word in alba.leaks(alba.get(path)[2]), path


def test_every_endpoint_hides_what_is_of_others(town, told):
    for endpoint in contract.ENDPOINTS:
        bruno = contract.Client(town[0], endpoint, "bruno")
        for model in ("cae.pay.line", "cae.payslip", "cae.statement", "cae.member"):
            ids = told["records"][model]["alba"]
            assert bruno.search(model, [("id", "in", ids)]) == []
            with pytest.raises(contract.Refused) as caught:
                bruno.call(model, "read", ids, fields=["display_name"])
            assert caught.value.kind == "access"


def test_the_public_calls_nothing(town, told, anonymous):
    answer, _leaks = anonymous.call("cae.activity", "search_read", [])
    assert error_of(answer) == EXPIRED
    for key in ("", "0" * 40):
        headers = {"Authorization": f"bearer {key}", "Content-Type": "application/json"}
        path = "/json/2/cae.activity/search_read"
        status, _headers, content = anonymous.ask("POST", path, "{}", headers)
        assert status in (401, 403) and anonymous.leaks(content) == []
    for login in ("public", "alba"):
        with pytest.raises(Exception, match="(?i)wrong login"):
            town[0].xmlrpc(login, "x")


# Writing -----------------------------------------------------------------------------


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
        for model in walk.written:
            known = told["models"][model]["fields"].items()
            text = next((n for n, (kind, *_of) in known if kind in TEXTS), "name")
            ids = of_others(told, who, model)
            walk.refuse(model, "write", ids, {text: "Zevil1z"})
            walk.refuse(model, "unlink", ids)
            if OURS(model):
                walk.refuse(model, "copy", ids)
                walk.refuse(model, "create", [{text: "Zevil1z"}])
            else:
                walk.refuse(model, "web_save", [], {text: "Zevil1z"}, {})

    at_once([lambda w=walk, p=who: attack(p, w) for who, walk in walks.items()])
    assert set(report(walks, "done")) <= {json.dumps(place) for place in MEANT}
    assert set(changed(before, rows.sums())) <= MEANT_TABLES


# Methods -----------------------------------------------------------------------------


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
    assert leaks == {}
    assert touched == {"alba": [], "bruno": []}
    assert crashes == {}


def calls(draw, told, who):
    """``(model, method, arguments, named arguments)``"""
    for model, methods in told["methods"].items():
        records = [own_ids(told, who, model), of_others(told, who, model), []]
        for method, known in methods.items():
            for ids in () if known["of_odoo"] else records:
                given = {name: drawn(draw, told, who, name) for name in known["given"]}
                yield model, method, ([] if known["of_model"] else [ids]), given


def is_crash(answer, expected=REFUSED):
    """Whether an error is none that a person or a program was told."""
    error = answer.get("error", {}).get("data", {})
    name, message = error.get("name", ""), str(error.get("message"))
    told = not name or name.startswith((REFUSED, expected))
    return not told and not message.startswith(SINGLETON)


def owned_by(told, who):
    own = (who, *told["shared"].get(who, ()))
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
    if named := named_ids(told, who, name):
        return draw.choice(named)
    if name == "values":
        return hidden(draw, told, who)
    if name in ("codes", "activities"):
        return draw.choice([["X-alba"], ["X-bruno"], ["X-cleo"], [], "X-alba"])
    if name in ("month", "date", "date_to", "date_from", "months"):
        return draw.choice(["2026-01", "2026-01-31", "", 5, ["2026-01"]])
    return draw.choice([*texts, *numbers, *odd])


def named_ids(told, who, name, own=False):
    """Ids of others, or own ones, of what an argument names; none of nothing."""
    word = name.removesuffix("_id")
    called = [model for model in told["records"] if model.endswith(f".{word}")]
    models = NAMING.get(name, called)
    owners = [told["records"][model] for model in models]
    if name in ("attachment_id", "file_id", "paper_id", "key"):
        owners = [told["papers"]]
    mine = {who, *told["shared"].get(who, ())}

    def ids(kept):
        """Of those that are one's own, or of the others."""
        keys = ((ids, key) for ids in owners for key in ids if (key in mine) == kept)
        return [id_ for ids, key in keys for id_ in ids[key]]

    # One of another model may have the number of an own record.
    return ids(True) if own else [id_ for id_ in ids(False) if id_ not in ids(True)]


def hidden(draw, told, who):
    """Values of a form or a program that name what is another's."""
    name = draw.choice(["document_id", "customer_id"])
    line = {"description": "x", "price": "1", "tax": draw.choice([1, 2, 3])}
    return {
        **{"id": draw.choice(named_ids(told, who, name)), "name": "x", "zip": "44000"},
        **{"customer": draw.choice(named_ids(told, who, "customer_id"))},
        **{"street": "x", "city": "x", "lines": [line], "deposits": [1, 2]},
    }


def test_what_arguments_name_is_known(told):
    """What the walk does not know to be another's, it would never ask for."""
    called = {model.rpartition(".")[2] for model in told["records"]}

    def unknown(names):
        words = {name: name.removesuffix("_id") for name in names}
        known = called | set(NAMING) | NOTHING
        return {name for name, word in words.items() if not {name, word} & known}

    places = {route["rule"]: route["given"] for route in told["routes"]} | {
        f"{model}.{method}": one["given"]
        for model, methods in told["methods"].items()
        for method, one in methods.items()
        if not one["of_odoo"]
    }
    found = {place: unknown(names) for place, names in places.items()}
    assert {place: names for place, names in found.items() if names} == {}, (
        "say in NAMING what these name, or in NOTHING that they name nobody's"
    )


# Routes ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def anonymous(town):
    server, told = town
    return Stranger(server, Secrets(told), "nobody")


@pytest.fixture(scope="module")
def links(town, told):
    """``{name: personal link}`` to the meeting."""
    electors = told["records"]["cae.meeting.elector"]
    return assembly.give_links(town[0], {key: ids[0] for key, ids in electors.items()})


def ids_of(told, who):
    """Ids of records of others, of any model, and of none."""
    own = {who, *told["shared"].get(who, ())}
    found = {
        id_
        for owners in told["records"].values()
        for key, ids in owners.items()
        for id_ in ids
        if key not in own
    }
    return sorted(found)[:7]


def told_at(told, route, leaks):
    """What an answer tells beyond what the page is for."""
    named = told["names"].values() if route["rule"] in NAMED else ()
    return [word for word in leaks if word not in named]


def asked(told, links, who, route, draw):
    """Addresses with their queries, as somebody who tries what is another's."""
    odd = ODD if who == "bruno" else ()

    def ids(name):
        if name == "page":
            return [1, 2, *odd[-2:]]
        named, mine = named_ids(told, who, name), named_ids(told, who, name, own=True)
        drawn = draw.sample(named, min(GAP, len(named)))
        # An own document that is opened is rendered, and kept.
        rest = [id_ for id_ in ids_of(told, who) if id_ not in mine]
        return [*drawn, *rest[: 5 - len(drawn)], *odd]

    texts = [*MODELS, *links.values(), "x"]
    for path in addresses(route, ids, texts, draw):
        names = names_given(route)
        if not SAID.issuperset(names):
            yield path, {}
        given = {name: given_of(draw, told, links, who, name) for name in names}
        yield path, {**given, "access_token": TOKEN}


def given_of(draw, told, links, who, name):
    others = [link for key, link in links.items() if key != who]
    named = named_ids(told, who, name)
    if named and draw.random() < NAMED_PART:
        return draw.choice(named)
    if name == "access":
        return draw.choice([*(link[:-1] for link in others), "u1", "u2", "", "u999999"])
    if name in ("activity", "company", "person", "statement", "month", "error"):
        activity = draw.choice(["X-alba", "X-bruno", "X-cleo", "X-mutual"])
        return draw.choice([activity, activity, "2026-01", 1, 2, 3, "<b>x</b>"])
    return draw.choice(["", "x", 1, 2, 3, -1, 2**40, "2026-01", "done", "vote", "on"])


def test_no_page_tells_of_others_and_reading_writes_nothing(
    people, anonymous, told, rows, links
):
    """Every route of ours by GET, with ids of others and odd ones, as each of them."""
    before, found, failed = rows.sums(), [], []

    def visit(who, stranger):
        draw = random.Random(f"{who} reads")
        for route in filter(is_read, told["routes"]):
            if who == "beyond" and not route["rule"].startswith("/cae/"):
                continue
            for path, query in asked(told, links, who, route, draw):
                status, headers, content = stranger.get(path, **query)
                told_of = told_at(told, route, stranger.leaks(content))
                if told_of:
                    found.append((who, path, query, told_of))
                if status >= 500:
                    failed.append((who, path, query, status))
                if who == "nobody" and not is_closed(route, status, headers):
                    found.append((who, path, query, status))

    everybody = {**people, "nobody": anonymous}
    at_once([lambda w=who, s=one: visit(w, s) for who, one in everybody.items()])
    # To look at one's own draft, or invoice, changes it no more than those of others.
    draft, sent = told["records"]["account.move"]["alba"], told["documents"]["alba"]
    for path in (f"invoicing/{draft[0]}/pdf", f"accounts/entry/{sent[0]}/pdf"):
        assert people["alba"].get(f"/my/{path}")[0] == 200, path
    assert found == []
    assert failed == [], failed
    written = set(changed(before, rows.sums())) - set(KEPT)
    assert written == set(), rows.latest(written)


def is_closed(route, status, headers):
    """Whether who is not logged in was sent to log in, or away."""
    if route["rule"] in PUBLIC:
        return True
    login = "/web/login" in (headers["Location"] or "")
    return status == 404 or (status in (302, 303) and login)


def test_no_form_takes_or_tells_what_is_of_others(people, anonymous, told, rows, links):
    """Every route of ours by POST and JSON-RPC; without a CSRF token none is taken."""
    tables = sorted({told["models"][model]["table"] for model in told["records"]})
    found, failed, touched = [], [], {}
    for who in ("alba", "bruno", "customer", "nobody"):
        stranger = {**people, "nobody": anonymous}[who]
        before, draw = rows.rows(tables), random.Random(f"{who} writes")
        for route in told["routes"]:
            found_here, failed_here = post(stranger, told, links, who, route, draw)
            found += found_here
            failed += failed_here
        mine, now = owned_by(told, who) | asked_for(told, who, rows), rows.rows(tables)
        touched[who] = [place for place in changed(before, now) if place not in mine]
    assert found == []
    assert failed == [], failed
    assert touched == {"alba": [], "bruno": [], "customer": [], "nobody": []}


def asked_for(told, who, rows):
    """Requests of one's own: a drawn form may be whole, and is taken then."""
    (person,) = told["records"]["cae.entrepreneur"].get(who, [0])
    query = f"SELECT id FROM cae_service_request WHERE entrepreneur_id = {person}"
    found = postgres.query(query, rows.database)
    return {("cae_service_request", int(id_)) for id_ in found}


def post(stranger, told, links, who, route, draw):
    """``(what was told, what failed)`` of some of the addresses of a route."""
    found, failed = [], []
    places = list(asked(told, links, who, route, draw))
    drawn_here = draw.sample(places, min(POSTED, len(places)))
    for number, (path, form) in enumerate(drawn_here):
        if route["type"] == "jsonrpc":
            status, content = stranger.send(path, form)
            # No record has such a number: no route, a page says so.
            if status != 404 and is_crash(json.loads(content), EXPIRED):
                failed.append((who, path, form, content[-400:]))
        elif is_written(route):
            if route["csrf"] and not number:
                status, _headers, _page = stranger.post(path, csrf=False, **form)
                if status not in (400, 404) and not is_sent_away(who, status):
                    failed.append((who, path, "without a CSRF token", status))
            if route["rule"].startswith(DESK):
                form = {**hidden(draw, told, who), **form}
            status, _headers, content = stranger.post(path, **form)
        else:
            break
        if told_of := told_at(told, route, stranger.leaks(content)):
            found.append((who, path, form, told_of))
        if status >= 500:
            failed.append((who, path, form, status))
    return found, failed


def is_sent_away(who, status):
    """Who is not logged in is sent to log in before a form is looked at."""
    return who == "nobody" and status in (302, 303, 404)


# Tokens ------------------------------------------------------------------------------


def test_a_token_opens_its_own_document_alone(town, told, anonymous, links):
    server = town[0]
    mine, other = (told["documents"][key][0] for key in ("customer", "alba"))
    tokens = {mine: "a" * 36, other: TOKEN}
    for id_, token in tokens.items():
        postgres.query(
            f"UPDATE account_move SET access_token = '{token}' WHERE id = {id_}",
            server.database,
        )
    page = f"/my/invoices/{mine}"
    status, _headers, content = anonymous.get(page, access_token=tokens[mine])
    named = f"SELECT name FROM account_move WHERE id = {mine}"
    (number,) = postgres.query(named, server.database)
    assert status == 200 and number in text_of(content)
    for path, token in (
        (f"/my/invoices/{other}", tokens[mine]),
        (page, tokens[mine][:-1]),
        (page, ""),
        (page, tokens[other]),
        (f"/my/orders/{mine}", tokens[mine]),
        (f"/cae/document/account.move/{mine}/pdf", tokens[mine]),
        (f"/web/content/account.move/{other}/invoice_pdf_report_file", tokens[mine]),
        (f"/cae/m/{tokens[mine]}", tokens[mine]),
    ):
        for query in ({}, {"report_type": "pdf", "download": "true"}):
            status, _headers, content = anonymous.get(path, access_token=token, **query)
            assert status in (302, 303, 403, 404), (path, token, status)
            assert anonymous.leaks(content) == []


def test_a_token_opens_its_own_quote_alone(town, told, anonymous):
    database, quotes = town[0].database, told["records"]["sale.order"]
    (mine,), other = quotes["customer"], quotes["alba"][1]
    tokens = {mine: "c" * 36, other: "d" * 36}
    for id_, token in tokens.items():
        token = f"access_token = '{token}'"
        postgres.query(f"UPDATE sale_order SET {token} WHERE id = {id_}", database)
    page, before = f"/my/orders/{mine}", Rows(database).rows(["sale_order"])
    status, _headers, content = anonymous.get(page, access_token=tokens[mine])
    assert status == 200 and told["words"]["customer"] in text_of(content)
    for path, token in (
        (f"/my/orders/{other}", tokens[mine]),
        (page, tokens[mine][:-1]),
        (page, ""),
        (page, tokens[other]),
        (f"/my/invoices/{mine}", tokens[mine]),
        (f"/my/invoicing/quotes/{other}", tokens[other]),
        (f"/my/invoicing/quotes/{other}/pdf", tokens[other]),
    ):
        for query in ({}, {"report_type": "pdf", "download": "true"}):
            status, _headers, content = anonymous.get(path, access_token=token, **query)
            assert status in (302, 303, 403, 404), (path, token, status)
            assert anonymous.leaks(content) == []
    for token in (tokens[mine], tokens[other][:-1], ""):
        form = {"access_token": token, "decline_message": "No"}
        assert anonymous.post(f"/my/orders/{other}/decline", **form)[0] in (303, 400)
        given = {"access_token": token, "name": "Me", "signature": "iVBORw0KGgo="}
        answer = anonymous.json(f"/my/orders/{other}/accept", given)
        assert "error" in answer.get("result", answer), answer
    assert Rows(database).rows(["sale_order"]) == before


def test_a_personal_link_opens_the_meeting_of_its_member_alone(
    town, told, anonymous, links
):
    server, link = town[0], links["alba"]
    page = f"/cae/m/{link}"
    assert anonymous.get(page)[0] == 200
    for path, query in (
        (page[:-1], {}),
        ("/cae/m/", {}),
        (f"{page}x", {}),
        (f"/cae/m/{'-' * 32}", {}),
        ("/cae/m/document", {"access": ""}),
        ("/cae/m/document", {"access": link, "name": "minutes"}),
        ("/cae/m/document", {"access": link, "name": "file", "key": 1}),
        ("/cae/ballot/1/list", {"access": link}),
        ("/my/shares", {"access": link}),
        ("/my/meetings/1", {"access": link}),
    ):
        status, headers, content = anonymous.get(path, **query)
        sent = "/web/login" in (headers["Location"] or "")
        assert status == 404 or sent, (path, query, status)
        assert anonymous.leaks(content) == []
    # It ends with the meeting.
    state = "UPDATE cae_meeting SET state = '{}'"
    postgres.query(state.format("held"), server.database)
    assert anonymous.get(page)[0] == 404
    postgres.query(state.format("open"), server.database)
    assert anonymous.get(page)[0] == 200


# Files -------------------------------------------------------------------------------

#: Files of one kind that are asked for.
OF_A_KIND = 3
KINDS = f"""
SELECT id FROM (
    SELECT id, row_number() OVER (
               PARTITION BY res_model, res_field, public, cae_declared ORDER BY id DESC
           ) AS place
      FROM ir_attachment WHERE type = 'binary'
) kinds WHERE place <= {OF_A_KIND} ORDER BY id
"""


def test_no_file_is_given_to_others_by_its_number(people, anonymous, told, town):
    """Files of every kind there is, by Odoo's own addresses, as each of them."""
    rows = postgres.query(KINDS, town[0].database)
    papers = [id_ for ids in told["papers"].values() for id_ in ids]
    files = sorted({int(row) for row in rows} | set(papers))
    found = []

    def fetch(who, stranger, files=files):
        for id_ in files:
            for path in (f"/web/content/{id_}", f"/web/image/{id_}"):
                status, headers, content = stranger.get(path)
                leaks = stranger.leaks(content) + stranger.find(str(headers))
                if status == 200 and leaks:
                    found.append((who, path, leaks))

    # Contacts without a company are every cooperative's, for colleagues.
    everybody = {**{who: people[who] for who in WHO}, "nobody": anonymous}
    at_once([lambda w=who, s=one: fetch(w, s) for who, one in everybody.items()])
    assert found == []
    # One that is made public is found.
    (paper, *_rest) = told["papers"]["alba"]
    public = f"UPDATE ir_attachment SET public = {{}} WHERE id = {paper}"
    postgres.query(public.format("true"), town[0].database)
    fetch("nobody", anonymous, [paper])
    postgres.query(public.format("false"), town[0].database)
    assert found


SCRIPT = b"<script>alert(document.domain)</script>"
FILES = {
    "page.html": (b"<!DOCTYPE html><html>" + SCRIPT + b"</html>", "text/html"),
    "page.pdf": (b"<html>" + SCRIPT + b"</html>", "application/pdf"),
    "image.svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
        "image/svg+xml",
    ),
    "image.png": (b'<?xml version="1.0"?><svg>' + SCRIPT + b"</svg>", "image/png"),
    "run.php": (b"<?php system($_GET['c']); ?>", "application/x-php"),
    "run.pdf.php": (b"<?php echo 1; ?>", "application/pdf"),
    "empty.pdf": (b"", "application/pdf"),
    "run.exe": (b"MZ\x90\x00" + b"\x00" * 64, "application/octet-stream"),
    "sheet.xml": (b"<?xml version='1.0'?><x/>", "text/xml"),
    "large.pdf": (b"%PDF-1.4\n" + b"0" * (26 * 1024 * 1024), "application/pdf"),
}
#: A PDF by its first bytes, a page by what follows: taken, and served as a PDF.
BOTH = {"both.pdf": (b"%PDF-1.4\n<html>" + SCRIPT + b"</html>", "text/html")}
#: Where a file is enough.
PAPERS = ("/my/documents-to-give/upload", "/my/purchases/bill/declare")
#: What a bill needs beside its photo.
TYPED = {"amount": "12,50", "name": "Paper", "supplier": "Shop"}
FORM = re.compile(r"<form\b[^>]*multipart/form-data[^>]*>.*?</form>", re.DOTALL)
INPUT = re.compile(r"<input\b[^>]*>")


def attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def forms_of(people, told):
    """``{address: (field of the file, other fields)}`` of all forms that take files."""
    found = {}
    for route in told["routes"]:
        if is_read(route):
            # Those with numbers in their addresses are about what there is already.
            for path in addresses(route, lambda name: (), (), random):
                _status, _headers, content = people["bruno"].get(path)
                for form in FORM.findall(content.decode(errors="replace")):
                    found.setdefault(attribute(form, "action"), fields_of(form))
    return {address: fields for address, fields in found.items() if fields[0]}


def fields_of(form):
    """``(field of the file, other fields)``, with something in those to type in."""
    inputs = INPUT.findall(form)
    files = [attribute(i, "name") for i in inputs if attribute(i, "type") == "file"]
    others = {
        name: attribute(i, "value") or TYPED.get(name, "")
        for i in inputs
        if (name := attribute(i, "name")) not in (*files, "csrf_token")
    }
    return next(iter(files), ""), {**others, "activity": "X-bruno"}


def test_files_that_are_no_documents_are_refused_and_none_is_shown_as_a_page(
    people, told, town
):
    database, bruno = town[0].database, people["bruno"]
    known = "SELECT COALESCE(MAX(id), 0) FROM ir_attachment"
    forms = forms_of(people, told)
    assert set(PAPERS) <= set(forms)
    for address, (field, others) in forms.items():
        (last,) = postgres.query(known, database)
        for name, (content, kind) in FILES.items():
            status, _headers, _page = bruno.upload(
                address, {field: (name, content, kind)}, **others
            )
            assert status < 500, (address, name)
            added = postgres.query(
                f"SELECT name, mimetype FROM ir_attachment WHERE id > {last}", database
            )
            assert added == [], (address, name)
        status, *_rest = bruno.upload(
            address, {field: ("a.pdf", b"%PDF-1.4\n", "application/pdf")}, csrf=False
        )
        assert status == 400
        for name, (content, kind) in BOTH.items():
            status, _headers, page = bruno.upload(
                address, {field: (name, content, kind)}, **others
            )
            assert status < 400, (address, name, page[-500:])
        added = postgres.query(
            "SELECT id, res_model, res_id, res_field FROM ir_attachment"
            f" WHERE id > {last}",
            database,
        )
        # Others may ask for more than a file before they take it.
        assert added or address not in PAPERS
        for row in added:
            served_safely(bruno, told, row.split("|"))


def served_safely(stranger, told, row):
    """A file of theirs, by every address that gives it, is a document or nothing."""
    id_, model, record, field = row
    places = [
        *(f"/web/content/{id_}", f"/web/image/{id_}", f"/web/content/{id_}/x.html"),
        *(f"/web/content/{model}/{record}/{field}", f"/web/image/{id_}/x.svg"),
        f"/web/content/{id_}?mimetype=text/html",
    ]
    places += [
        filled(route["rule"], [key])
        for route in told["routes"]
        for key in (record, id_)
        if is_read(route) and re.fullmatch(r"[^<]*<int:\w+>[^<]*", route["rule"])
    ]
    for path in places:
        status, headers, content = stranger.get(path)
        if SCRIPT in content:
            kind = headers["Content-Type"].partition(";")[0]
            assert status == 200 and kind == "application/pdf", (path, kind)
            assert headers["X-Content-Type-Options"] == "nosniff", path


# Two factors -------------------------------------------------------------------------


def code_of(secret, ahead=0):
    """The six digits of an authenticator (RFC 6238)."""
    key = base64.b32decode("".join(secret.split()))
    counter = struct.pack(">Q", int(time.time() / 30) + ahead)
    mac = hmac.digest(key, counter, "sha1")
    offset = mac[-1] & 0xF
    (number,) = struct.unpack(">I", mac[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


def test_two_factors_keep_the_portal_closed_until_the_second(town, told):
    """Enabled in the portal by the person; then neither pages nor RPC by password."""
    server, secrets = town[0], Secrets(told)
    cleo = Stranger(server, secrets, "cleo", "cleo")
    assert b"auth_totp_portal" in cleo.get("/my/security")[2]
    user = told["users"]["cleo"]
    secret = enable_two_factors(cleo, user)
    assert cleo.get("/my")[0] == 200  # who enabled it stays

    again = Stranger(server, secrets, "cleo")
    again.csrf = again.token_of(again.get("/web/login")[2])
    given = {"login": "cleo", "password": "cleo"}
    status, headers, _page = again.post("/web/login", **given)
    assert (status, "/web/login/totp" in headers["Location"]) == (303, True)
    for route in filter(is_read, told["routes"]):
        if route["auth"] == "user" and "<" not in route["rule"]:
            status, headers, _page = again.get(route["rule"])
            sent = "/web/login" in (headers["Location"] or "")
            assert status in (302, 303) and sent, route["rule"]
    answer, _leaks = again.call("res.users", "read", [user], ["name"])
    assert "SessionExpired" in error_of(answer)
    for endpoint in ("xmlrpc", "odoorpc"):
        with pytest.raises(Exception, match="(?i)wrong login"):
            contract.Client(server, endpoint, "cleo")

    again.csrf = again.token_of(again.get("/web/login/totp")[2])
    status, headers, _page = again.post("/web/login/totp", totp_token="000000")
    assert status == 200
    assert again.get("/my")[0] == 303
    # The step that enabled it has used its code.
    status, headers, _page = again.post(
        "/web/login/totp", totp_token=code_of(secret, ahead=1)
    )
    assert status == 303
    status, _headers, page = again.get("/my/accounts")
    assert status == 200 and told["trades"]["cleo"] in text_of(page)


def enable_two_factors(stranger, user):
    """What the dialogs of the portal do: password, secret, code."""
    answer, _leaks = stranger.call("res.users", "action_totp_enable_wizard", [user])
    check = answer["result"]
    context = {"password": stranger.who}
    answer, _leaks = stranger.call(
        check["res_model"], "run_check", [check["res_id"]], context=context
    )
    wizard = answer["result"]
    place = wizard["res_model"], wizard["res_id"]
    answer, _leaks = stranger.call(place[0], "read", [place[1]], ["secret"])
    secret = answer["result"][0]["secret"]
    context = {"code": code_of(secret)}
    answer, _leaks = stranger.call(place[0], "enable", [place[1]], context=context)
    assert not error_of(answer), answer
    return secret
