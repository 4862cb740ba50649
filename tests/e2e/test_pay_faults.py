"""Pay under fire: killed, run twice at once, decided meanwhile, posted by two people.

What must come out is what comes out undisturbed.
"""

import concurrent.futures
import os
import random
import threading
import time

import closing
import contract
import pytest
from caetools import postgres
from contract import Refused
from paymasters import MONTH, USERS, connector

FULL = os.environ.get("CAE_TEST_FULL") == "1"
#: Months paid again under kills, and kills in each of them.
TURNS, KILLS = (6, 4) if FULL else (1, 2)
#: Decisions taken while the month is run.
DECISIONS = 60 if FULL else 8
PATIENCE = 300
#: What is told to who comes second.
LATE = {"CAE-PERIOD-BUSY", "CAE-SETTLEMENT-STATE", "CAE-PAY-STATE"}


@pytest.fixture
def background():
    """Function that calls something in a thread."""
    with concurrent.futures.ThreadPoolExecutor(8) as executor:
        yield executor.submit


@pytest.fixture(scope="module")
def undisturbed(serve_paying):
    """``(books, seconds)`` of a month that is paid undisturbed."""
    server = serve_paying()
    begun = time.monotonic()
    seen = closing.pay(connector(server), MONTH)
    seconds = time.monotonic() - begun
    books = closing.books(server.database)
    server.stop()
    assert seen == {"gone": 0, "busy": 0}
    closing.check_nothing_is_broken(server.database)
    assert posted(server.database, "IS NULL") and posted(server.database, "IS NOT NULL")
    return books, seconds


def posted(database, settlement):
    """Number of pays of the month, of balances (``IS NOT NULL``) or of its own."""
    (count,) = postgres.query(
        "SELECT COUNT(*) FROM cae_pay_line WHERE state = 'posted'"
        f" AND month = '{MONTH}-01' AND settlement_id {settlement}",
        database,
    )
    return int(count)


def check_books(server, expected):
    closing.check_nothing_is_broken(server.database)
    assert not closing.difference(closing.books(server.database), expected)
    again = contract.Client(server).run(MONTH, steps=["pay"])
    assert [row["pay"]["lines"] for row in again] == [0]
    assert not closing.difference(closing.books(server.database), expected)


# Killed ------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(TURNS))
def test_killed_at_random_moments_of_pay(number, undisturbed, serve_paying, background):
    """The server dies while pay and balances are posted; the month is paid again."""
    expected, seconds = undisturbed
    moments = random.Random(f"pay {number}")
    server = serve_paying()
    running = background(closing.pay, connector(server), MONTH)
    for _kill in range(KILLS):
        time.sleep(moments.uniform(0.1, 0.9) * seconds)
        if running.done():
            break
        closing.kill(server)
    assert running.result(PATIENCE)["gone"], "no request was hit"
    check_books(server, expected)
    server.stop()


@pytest.mark.slow
@pytest.mark.skipif(not FULL, reason="only with --full")
def test_killed_while_balances_are_posted_by_hand(serve_paying, background):
    """The button commits month by month: all of a month, or nothing."""
    server = serve_paying()
    client = contract.Client(server, login=USERS[0])
    ids = approved(client)
    running = background(post, client, ids)
    time.sleep(0.4)
    closing.kill(server)
    running.result(PATIENCE)
    closing.check_nothing_is_broken(server.database)
    client = contract.Client(server, login=USERS[0])
    left = approved(client)
    assert left in (ids, [])
    if left:
        # The lock goes when PostgreSQL notices that the server is gone.
        closing.insist(lambda: client.call("cae.settlement", "action_post", left))
    check_balances(server, ids)
    server.stop()


# Two at once -------------------------------------------------------------------------


def test_two_runs_of_pay_at_once(undisturbed, serve_paying, background):
    """Over RPC and on the screen: who comes second is told so, or finds it done."""
    expected, _seconds = undisturbed
    server = serve_paying()
    connectors = [
        connector(server, USERS[0], "xmlrpc"),
        connector(server, USERS[1], "odoorpc"),
    ]
    pays = [background(closing.pay, connect, MONTH) for connect in connectors]
    seen = [each.result(PATIENCE) for each in pays]
    assert sum(each["busy"] for each in seen), "they never met"
    check_books(server, expected)
    server.stop()


def approved(client):
    domain = [("state", "=", "approved")]
    return client.call("cae.settlement", "search", domain=domain, order="id")


def post(client, ids):
    """The code of what is refused; empty when it is done or the server is gone."""
    try:
        client.call("cae.settlement", "action_post", ids)
    except Refused as error:
        return error.code or str(error)
    except closing.GONE:
        return ""
    return ""


def check_balances(server, ids):
    """Each settlement is posted, and paid once."""
    client = contract.Client(server)
    states = client.read("cae.settlement", [("id", "in", ids)], ["state"])
    assert {row["state"] for row in states} == {"posted"}
    closing.check_nothing_is_broken(server.database)
    owed = client.count("cae.settlement", [("id", "in", ids), ("due", ">", 0)])
    assert posted(server.database, "IS NOT NULL") == owed > 0


def test_settlements_posted_by_two_people_at_once(serve_paying, background):
    """One of them posts, the other is told: who presses again finds it done."""
    server = serve_paying()
    clients = [
        connector(server, USERS[0], "xmlrpc")(),
        connector(server, USERS[1], "web")(),
        connector(server, USERS[1], "odoorpc")(),
    ]
    ids = approved(clients[0])
    gate = threading.Barrier(len(clients))

    def press(client):
        gate.wait()
        return post(client, ids)

    codes = [each.result(PATIENCE) for each in [background(press, c) for c in clients]]
    assert codes.count("") == 1, codes
    assert set(codes) <= {"", *LATE}
    check_balances(server, ids)
    check_undone_at_once(server, clients, ids, background)
    server.stop()


def check_undone_at_once(server, clients, ids, background):
    """The same for undoing: reversed once."""
    gate = threading.Barrier(len(clients))

    def press(client):
        gate.wait()
        try:
            client.call("cae.settlement", "action_undo", ids, reason="Double")
        except Refused as error:
            return error.code or str(error)
        return ""

    codes = [each.result(PATIENCE) for each in [background(press, c) for c in clients]]
    assert codes.count("") == 1, codes
    assert set(codes) <= {"", *LATE}
    closing.check_nothing_is_broken(server.database)
    assert posted(server.database, "IS NOT NULL") == 0


# Decided meanwhile -------------------------------------------------------------------


def test_run_while_people_decide(serve_paying, background):
    """Approvals, refusals and undoings of pay and balances while the month is run."""
    server = serve_paying()
    stopped = threading.Event()

    def run():
        runs = 0
        connect = connector(server, USERS[0])
        while not stopped.is_set():
            closing.insist(lambda: closing.run_pay(connect(), MONTH))
            runs += 1
            time.sleep(0.5)  # the others have a turn
        return runs

    running = background(run)
    deciding = background(decide, connector(server, USERS[1], "odoorpc")())
    try:
        done, refused = deciding.result(PATIENCE)
    finally:
        stopped.set()
    assert running.result(PATIENCE)
    assert done
    assert set(refused) <= {*LATE, "CAE-PAY-PAID"}, refused
    closing.check_nothing_is_broken(server.database)
    client = contract.Client(server)
    take_back_refusals(client)
    closing.pay(connector(server), MONTH)
    closing.check_nothing_is_broken(server.database)
    left = [("month", "=", f"{MONTH}-01"), ("state", "in", ("draft", "approved"))]
    assert not client.count("cae.pay.line", left)
    server.stop()


def take_back_refusals(client):
    ids = client.search("cae.pay.line", [("state", "=", "refused")])
    if ids:
        client.call("cae.pay.line", "action_draft", ids)


def decide(client):
    """``(number of decisions, codes of those that were refused)``."""
    chance = random.Random("decide")
    decisions = {
        "draft": [("action_approve", {}), ("action_refuse", {"reason": "Non"})],
        "approved": [("action_draft", {}), ("action_refuse", {"reason": "Non"})],
        "posted": [("action_undo", {"reason": "Erreur"})],
        "refused": [("action_draft", {})],
    }
    done, refused, left = 0, [], DECISIONS
    limit = time.monotonic() + PATIENCE / 2
    while (left > 0 or not done) and time.monotonic() < limit:
        left -= 1
        rows = client.call(
            "cae.pay.line",
            "search_read",
            domain=[("month", "=", f"{MONTH}-01"), ("state", "!=", "cancelled")],
            fields=["state"],
        )
        if not rows:
            time.sleep(0.2)
            continue
        row = chance.choice(rows)
        method, named = chance.choice(decisions[row["state"]])
        try:
            client.call("cae.pay.line", method, [row["id"]], **named)
            done += 1
        except Refused as error:
            refused.append(error.code or str(error))
    return done, refused
