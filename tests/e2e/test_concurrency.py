"""Two runs at once, and a server killed in the middle (design §4).

Whatever happens, calling again ends with the figures of attendus.json: nothing twice,
nothing missing, every entry balanced for each activity.
"""

import concurrent.futures
import itertools
import os
import random
import signal
import time

import contract
import pytest
from caetools import postgres
from contract import MONTHS, Refused

FULL = os.environ.get("CAE_TEST_FULL") == "1"
LAST = MONTHS[-1]
STEPS = ["contributions"]
#: Seconds after which something that was to happen has failed.
PATIENCE = 120


@pytest.fixture
def coop(serve_loaded):
    """The demo CAE with its data loaded and no month run."""
    server = serve_loaded()
    yield server
    server.stop()


def ask(server, endpoint="xmlrpc"):
    return contract.Client(server, endpoint)


def check_result(server):
    """The figures are right, and no entry is missing, double or unbalanced."""
    client = ask(server)
    found = contract.found_figures(client)
    assert not contract.differences(found, contract.expected_figures())
    check_entries(server.database)


def check_entries(database):
    assert not contract.unbalanced_entries(database)
    twice = postgres.query(
        "SELECT activity_id, rule_id, month, COUNT(*) FROM cae_contribution_line"
        " GROUP BY 1, 2, 3 HAVING COUNT(*) > 1",
        database,
    )
    assert not twice
    # What is booked is what the lines say, and each line has its own item.
    booked = postgres.query(
        "SELECT COUNT(*) FROM cae_contribution_line c"
        " LEFT JOIN account_move_line m ON m.id = c.move_line_id"
        " WHERE c.amount <> 0 AND (m.balance IS DISTINCT FROM c.amount"
        " OR m.parent_state <> 'posted')",
        database,
    )
    assert booked == ["0"]
    charges = postgres.query(
        "SELECT COUNT(*) FROM account_move_line m"
        " JOIN account_move e ON e.id = m.move_id"
        " JOIN res_company o ON o.id = e.company_id"
        " WHERE m.account_id = o.cae_charge_account_id"
        " AND NOT EXISTS (SELECT 1 FROM cae_contribution_line c"
        " WHERE c.move_line_id = m.id)",
        database,
    )
    assert charges == ["0"]


def charged(database):
    """Number of contribution lines that are committed."""
    return int(
        postgres.query("SELECT COUNT(*) FROM cae_contribution_line", database)[0]
    )


def wait_until(condition, running=None):
    """Wait for a condition; True when it came true before ``running`` ended."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if condition():
            return True
        if running and running.done():
            return False
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def locked(database):
    """Whether a run holds the lock of its company."""
    held = postgres.query(
        "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        f" WHERE l.locktype = 'advisory' AND l.granted AND d.datname = '{database}'"
    )
    return held != ["0"]


@pytest.fixture
def background():
    """Function that calls something in a thread."""
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        yield executor.submit


# Two at once -----------------------------------------------------------------------


def test_second_run_is_told_that_one_is_going_on(coop, background):
    first = background(ask(coop).run, LAST, steps=STEPS)
    second = ask(coop)
    if not wait_until(lambda: locked(coop.database), first):
        pytest.fail("the run ended before its lock was seen")
    try:
        results = second.run(LAST, steps=STEPS)
    except Refused as error:
        assert (error.kind, error.code) == ("user", "CAE-PERIOD-BUSY")
    else:
        assert results == [] or all(r["contributions"]["lines"] == 0 for r in results)
    added = sum(r["contributions"]["lines"] for r in first.result(PATIENCE))
    assert added == charged(coop.database)
    check_result(coop)
    (again,) = second.run(LAST, steps=STEPS)
    assert again["contributions"] == {"lines": 0, "total": 0.0}


def test_many_at_once(coop, background):
    """Four users press the button of four months at the same moment, twice."""
    clients = [ask(coop, endpoint) for endpoint in ("xmlrpc", "odoorpc") * 2]

    def run(client, month):
        try:
            return client.run(month, steps=STEPS)
        except Refused as error:
            assert error.code == "CAE-PERIOD-BUSY", error
            return []

    added = 0
    for months in (MONTHS[2:6], MONTHS[6:]):
        runs = [
            background(run, client, month)
            for client, month in zip(clients, months, strict=True)
        ]
        results = [result for each in runs for result in each.result(PATIENCE)]
        assert results, "one of them had to win"
        added += sum(result["contributions"]["lines"] for result in results)
    added += sum(r["contributions"]["lines"] for r in clients[0].run(LAST, steps=STEPS))
    assert added == charged(coop.database)
    check_result(coop)


def test_lock_is_released_after_an_error(coop):
    """A run that is refused leaves no lock behind in the pool of connections."""
    client = ask(coop)
    for _attempt in range(3):
        with pytest.raises(Refused):
            client.run("2026-10", steps=["nothing"])
    assert not locked(coop.database)
    client.run(MONTHS[0], steps=STEPS)
    assert not locked(coop.database)


# Locked while posting --------------------------------------------------------------


def test_month_is_not_locked_under_a_document(coop, background):
    """A load and the lock of its month at once: one waits or is told so.

    Whoever wins, no document is in a locked month whose contributions it changes.
    """
    client = ask(coop)
    client.run(MONTHS[0], steps=["contributions"])
    bills = contract.demo_rows()["bills"][:60]
    rows = [
        {**row, "numero": f"TARD{n}", "date": "15/01/2026"}
        for n, row in enumerate(bills)
    ]
    loading = background(ask(coop).load, "bills", rows)
    busy = 0
    while not loading.done():
        try:
            client.call("cae.period", "lock", month=MONTHS[0])
        except Refused as error:
            assert error.code in ("CAE-PERIOD-BUSY", "CAE-PERIOD-FINDINGS"), error
            busy += error.code == "CAE-PERIOD-BUSY"
    result = loading.result(PATIENCE)
    state = client.read("cae.period", [("date", "=", "2026-01-01")], ["state"])
    loaded = client.count("account.move", [("name", "=like", "TARD%")])
    if state[0]["state"] == "locked":
        assert {error["code"] for error in result["errors"]} == {"CAE-PERIOD-LOCKED"}
        assert loaded == 0
    else:
        assert (result["errors"], loaded) == ([], len(rows))
    assert busy or loaded == 0


# Killed ----------------------------------------------------------------------------


def kill_while_running(server, background, moment, **options):
    """Start a run and kill the server when ``moment()``; whether it was running."""
    running = background(interrupted, ask(server), **options)
    hit = wait_until(moment, running)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    running.result(PATIENCE)
    # PostgreSQL notices that the client is gone, and lets go of its locks.
    wait_until(lambda: not locked(server.database))
    server.start()
    return hit


def interrupted(client, **options):
    try:
        return client.run(LAST, **options)
    except (Refused, OSError, ValueError):
        return None


def test_killed_between_two_chunks(coop, background):
    """After the first months are in, before the last one is."""
    database = coop.database
    assert kill_while_running(
        coop, background, lambda: charged(database) > 0, steps=STEPS
    )
    before = charged(database)
    check_entries(database)
    results = ask(coop).run(LAST, steps=STEPS)
    added = sum(result["contributions"]["lines"] for result in results)
    assert added == charged(database) - before
    check_result(coop)


@pytest.mark.slow
@pytest.mark.skipif(not FULL, reason="only with --full")
def test_killed_at_many_moments(coop, background):
    """Again and again, at random moments of the same run, until it gets through."""
    moments = random.Random(20261031)
    for attempt in itertools.count():
        delay = moments.uniform(0, 1.5)
        until = time.monotonic() + delay
        hit = kill_while_running(
            coop, background, lambda until=until: time.monotonic() > until, steps=STEPS
        )
        check_entries(coop.database)
        if not hit or attempt >= 20:
            break
    ask(coop).run(LAST, steps=STEPS)
    check_result(coop)


@pytest.mark.slow
@pytest.mark.skipif(not FULL, reason="only with --full")
def test_killed_while_pay_is_posted(coop, background):
    """Pay as well: one per person and month, its entry posted and balanced."""
    ask(coop).run(LAST, steps=STEPS)
    database = coop.database
    paid = "SELECT COUNT(*) FROM cae_pay_line WHERE state = 'posted'"
    for month in MONTHS[:3]:
        count = int(postgres.query(paid, database)[0])
        running = background(pay_interrupted, ask(coop), month)
        time.sleep(0.4)
        os.kill(coop.process.pid, signal.SIGKILL)
        coop.process.wait()
        running.result(PATIENCE)
        wait_until(lambda: not locked(database))
        coop.start()
        ask(coop).run(month, steps=["pay"])
        assert int(postgres.query(paid, database)[0]) >= count
        check_entries(database)
        twice = postgres.query(
            "SELECT entrepreneur_id, month FROM cae_pay_line"
            " WHERE state <> 'cancelled' GROUP BY 1, 2 HAVING COUNT(*) > 1",
            database,
        )
        assert not twice


def pay_interrupted(client, month):
    try:
        return client.run(month, steps=["pay"])
    except (Refused, OSError, ValueError):
        return None


@pytest.mark.slow
@pytest.mark.skipif(not FULL, reason="only with --full")
def test_killed_while_loading(serve, background, demo_files):
    """A load is all or nothing, also when the machine goes down."""
    server = serve(None, *contract.PATIENCE)
    files = dict(demo_files)
    client = ask(server)
    for dataset in ("schemes", "entrepreneurs", "activities", "customers"):
        client.load_file(dataset, files[dataset].name, files[dataset].read_bytes())
    moves = "SELECT COUNT(*) FROM account_move"
    content = files["bills"].read_bytes()
    running = background(load_interrupted, client, content)
    time.sleep(4)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    running.result(PATIENCE)
    assert postgres.query(moves, server.database) == ["0"]
    server.start()
    result = ask(server).load_file("bills", "achats.csv", content)
    assert (result["created"], result["errors"]) == (304, [])
    server.stop()


def load_interrupted(client, content):
    try:
        return client.load_file("bills", "achats.csv", content)
    except (Refused, OSError, ValueError):
        return None
