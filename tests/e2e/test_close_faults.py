"""A whole close under fire: killed, done twice at once, with people who post.

The close goes from the checks to the lock: contributions, pay and its approval,
statements, their PDFs. What must come out is what comes out undisturbed.
"""

import concurrent.futures
import itertools
import os
import random
import threading
import time

import closing
import contract
import people
import pytest
from contract import Refused

FULL = os.environ.get("CAE_TEST_FULL") == "1"
#: Closes, and kills in each of them: twenty with --full.
CLOSES, KILLS = (5, 4) if FULL else (1, 3)
CLOSED = contract.MONTHS[: 2 if FULL else 1]
#: Months that people post in: those that are closed, and one that stays open.
WORKED = contract.MONTHS[: len(CLOSED) + 1]
#: Times that a month cannot be locked before people are asked to leave it alone.
FRUITLESS = 2
#: Times that a month is locked and opened again under those who post in it.
TURNS = 20 if FULL else 3
#: Only accounting and pay: what those who close a month have.
GROUPS = ("cae_base.group_accountant", "cae_base.group_payroll")
USERS = ("marc", "lise")
PATIENCE = 400


@pytest.fixture(scope="module")
def ready(serve_loaded):
    """Name of a database where two people may close months, and none is run."""
    server = serve_loaded()
    client = contract.Client(server)
    people.set_company(client)
    groups = [(6, 0, [client.ref(group) for group in GROUPS])]
    for login in USERS:
        people.create_user(client, login, login, GROUPS[0], group_ids=groups)
    server.stop()
    return server.database


@pytest.fixture(scope="module")
def serve_ready(ready, fresh_database, serve):
    """Function that serves a copy of ``ready``."""
    return lambda: serve(fresh_database(ready), *contract.PATIENCE)


@pytest.fixture(scope="module")
def undisturbed(serve_ready):
    """``(books, seconds)`` of a close that nobody disturbs."""
    server = serve_ready()
    begun = time.monotonic()
    seen = closing.close(connector(server), CLOSED, pdf=FULL)
    seconds = time.monotonic() - begun
    books = closing.books(server.database)
    server.stop()
    assert seen == {"gone": 0, "busy": 0}
    closing.check_nothing_is_broken(server.database)
    assert books["pay"] and books["contributions"] and books["statements"]
    return books, seconds


@pytest.fixture
def background():
    """Function that calls something in a thread."""
    with concurrent.futures.ThreadPoolExecutor(8) as executor:
        yield executor.submit


def connector(server, login=USERS[0], endpoint="xmlrpc"):
    """Function that logs in; ``endpoint`` is one of contract.ENDPOINTS or ``web``."""
    if endpoint == "web":
        return lambda: closing.WebClient(server, login)
    return lambda: contract.Client(server, endpoint, login)


def check_books(server, expected):
    database = server.database
    closing.check_nothing_is_broken(database)
    assert not closing.difference(closing.books(database), expected)
    client = contract.Client(server)
    states = client.read("cae.period", [("date", "<=", f"{CLOSED[-1]}-01")], ["state"])
    assert [row["state"] for row in states] == ["locked"] * len(CLOSED)
    again = client.run(CLOSED[-1])
    assert [row["contributions"]["lines"] for row in again] == [0]
    assert not closing.difference(closing.books(database), expected)


# Killed ------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(CLOSES))
def test_killed_at_random_moments_of_a_close(
    number, undisturbed, serve_ready, background
):
    """The server dies, again and again; the close is done again to its end."""
    expected, seconds = undisturbed
    moments = random.Random(f"close {number}")
    server = serve_ready()
    running = background(closing.close, connector(server), CLOSED, pdf=FULL)
    for _kill in range(KILLS):
        time.sleep(moments.uniform(0, 1.6 * seconds / KILLS))
        if running.done():
            break
        closing.kill(server)
    seen = running.result(PATIENCE)
    assert seen["gone"], "no request was hit"
    check_books(server, expected)
    server.stop()


# Two at once -------------------------------------------------------------------------


def test_two_people_close_at_once(undisturbed, serve_ready, background):
    """Over RPC and on the screen: who comes second is told so, or finds it done."""
    expected, _seconds = undisturbed
    server = serve_ready()
    connectors = [
        connector(server, USERS[0], "xmlrpc"),
        connector(server, USERS[1], "web"),
    ]
    closes = [
        background(closing.close, connect, CLOSED, pdf=FULL) for connect in connectors
    ]
    seen = [each.result(PATIENCE) for each in closes]
    assert sum(each["busy"] for each in seen), "they never met"
    check_books(server, expected)
    server.stop()


# People who post ---------------------------------------------------------------------


class Poster:
    """Somebody who works while the month is closed.

    Everything that is refused must be refused because the month is locked: whoever
    works does not know of transactions.
    """

    def __init__(self, connect, work, stopped, months):
        self.client = connect()
        self.work, self.stopped, self.months = work, stopped, months
        self.random = random.Random(work.__name__)
        self.done, self.refused = 0, []

    def run(self):
        for number in range(10_000):
            if self.stopped.is_set():
                break
            if not self.months:
                time.sleep(0.1)
                continue
            try:
                self.work(self, number)
                self.done += 1
            except Refused as error:
                self.refused.append((error.kind, error.code, error.message[:300]))
        return self

    def day(self):
        month = self.random.choice(self.months or WORKED)
        return f"{month}-{self.random.randint(1, 28):02}"

    def activity(self):
        rows = self.client.call(
            "cae.activity",
            "search_read",
            domain=[("date_start", "<=", "2026-01-01"), ("date_end", "=", False)],
            fields=["code"],
        )
        return self.random.choice(rows)

    def document(self, kind, number):
        """Create and post a document; its id."""
        customer = {"out_invoice": "706000", "in_invoice": "611000"}[kind]
        (account,) = self.client.call(
            "account.account", "search", domain=[("code", "=", customer)], limit=1
        )
        partners = self.client.call(
            "res.partner", "search", domain=[("customer_rank", ">", 0)], limit=20
        )
        day = self.day()
        (document,) = self.client.call(
            "account.move",
            "create",
            vals_list=[
                {
                    "move_type": kind,
                    "partner_id": self.random.choice(partners),
                    "invoice_date": day,
                    "date": day,
                    "ref": f"{self.work.__name__} {number}",
                    "cae_activity_id": self.activity()["id"],
                    "invoice_line_ids": [
                        (
                            0,
                            0,
                            {
                                "name": "Vente",
                                "account_id": account,
                                "price_unit": self.random.randint(100, 90000) / 100,
                            },
                        )
                    ],
                }
            ],
        )
        try:
            self.client.call("account.move", "action_post", [document])
        except Refused:
            # A draft left behind would keep the month from being locked.
            self.client.call("account.move", "unlink", [document])
            raise
        return document

    def pay(self, document):
        values = {"payment_date": self.day()}
        context = {"active_model": "account.move", "active_ids": [document]}
        made = self.client.call(
            "account.payment.register", "create", vals_list=[values], context=context
        )
        self.client.call(
            "account.payment.register", "action_create_payments", made, context=context
        )


def posts_invoices(poster, number):
    poster.document("out_invoice", number)


def posts_bills(poster, number):
    poster.document("in_invoice", number)


def pays_and_unpays(poster, number):
    """Pay an open invoice of the demo; every other time, undo the matching."""
    domain = [("move_type", "=", "out_invoice"), ("state", "=", "posted")]
    domain += [("payment_state", "=", "not_paid"), ("amount_total", ">", 0)]
    ids = poster.client.call("account.move", "search", domain=domain, limit=20)
    document = poster.random.choice(ids)
    poster.pay(document)
    if number % 2:
        items = poster.client.call(
            "account.move.line",
            "search",
            domain=[("move_id", "=", document), ("display_type", "=", "payment_term")],
        )
        poster.client.call("account.move.line", "remove_move_reconcile", items)


def imports(poster, number):
    """Load a few late bills through the exchange.

    Their numbers are far apart: Odoo gives the next bill the number that follows.
    """
    code = poster.activity()["code"]
    rows = [
        {
            **row,
            "numero": f"TARD{poster.random.randrange(10**9)}",
            "activite": code,
            "date": poster.day(),
        }
        for row in contract.demo_rows()["bills"][:3]
    ]
    result = poster.client.call("cae.exchange", "load", dataset="bills", rows=rows)
    for error in result["errors"]:
        raise Refused("user", f"{error['code']}: {error['message']}", "errors")


WORK = (
    (posts_invoices, "xmlrpc"),
    (pays_and_unpays, "odoorpc"),
    (posts_bills, "web"),
    (imports, "xmlrpc"),
)


def test_closed_while_people_post(serve_ready, background):
    """No deadlock reaches anybody, and the figures are those of a fresh reckoning."""
    server = serve_ready()
    stopped, months, refusals = threading.Event(), list(WORKED), []
    posters = [
        Poster(connector(server, USERS[1], e), w, stopped, months) for w, e in WORK
    ]
    at_work = [background(poster.run) for poster in posters]

    def plead(month):
        refusals.append(month)
        if refusals.count(month) == FRUITLESS:
            months.remove(month)

    try:
        closing.close(connector(server), CLOSED, plead=plead)
        # Whoever goes on posting there is told that it is locked.
        months[:] = WORKED
        time.sleep(5)
    finally:
        stopped.set()
        for each in at_work:
            each.result(PATIENCE)
    check_refusals(posters)
    check_figures(server)
    server.stop()


def check_refusals(posters):
    """Everybody did something, and was refused for a locked month only."""
    for poster in posters:
        wrong = [r for r in poster.refused if r[1] != "CAE-PERIOD-LOCKED"]
        assert not wrong, poster.work.__name__
        assert poster.done, f"{poster.work.__name__}: {poster.refused[:3]}"
    assert any(poster.refused for poster in posters), "no locked month was tried"


def check_figures(server):
    """What is charged equals what is due, reckoned again from nothing."""
    client = contract.Client(server)
    client.run(WORKED[-1])
    closing.publish_again(client, WORKED[-1])
    database = server.database
    closing.check_nothing_is_broken(database)
    charged = closing.charged(database)
    closing.open_months(database)
    published = client.read(
        "cae.statement",
        [("published", "=", True), ("current", "=", True)],
        ["display_name", "outdated"],
    )
    assert published
    assert not [row["display_name"] for row in published if row["outdated"]]
    closing.forget_contributions(database)
    client.run(WORKED[-1], steps=["contributions"])
    assert closing.charged(database) == charged


# Locked while posting ----------------------------------------------------------------


def test_nothing_enters_a_locked_month(serve_ready, background):
    """People post in a month that is locked and opened again all the time."""
    server, month = serve_ready(), contract.MONTHS[0]
    manager = contract.Client(server)
    stopped, months = threading.Event(), [month]
    work = ((posts_invoices, "xmlrpc"), (posts_bills, "web"), (imports, "odoorpc"))
    posters = [
        Poster(connector(server, USERS[1], endpoint), each, stopped, months)
        for each, endpoint in work
    ]
    at_work = [background(poster.run) for poster in posters]
    kept = []
    try:
        for _turn in range(TURNS):
            closing.insist(lambda: lock_in_time(manager, month, months))
            # They go on, and are refused.
            months[:] = [month]
            kept.append(closing.items_of(server.database, month))
            time.sleep(0.7)
            kept.append(closing.items_of(server.database, month))
            manager.call("cae.period", "unlock", month=month, reason="Suite")
    finally:
        stopped.set()
        for each in at_work:
            each.result(PATIENCE)
    assert kept[::2] == kept[1::2]
    assert len(set(kept)) > 1, "nobody posted while it was open"
    check_refusals(posters)
    closing.check_nothing_is_broken(server.database)
    server.stop()


def lock_in_time(client, month, months):
    """Run and lock a month; people leave it alone when it cannot be done in time."""
    for attempt in itertools.count(1):
        client.run(month, steps=["contributions"])
        if closing.lock(client, month):
            break
        if attempt == FRUITLESS:
            months.clear()
