"""The register of shares under fire: many at once, two clicks, a server killed.

Whatever happens, numbers follow each other, nothing is there twice, every entry is
balanced, and the accounts of the capital say what the register says.
"""

import concurrent.futures
import itertools
import os
import random
import signal
import threading
import time

import assembly
import contract
import pytest
from caetools import postgres
from contract import Refused

FULL = os.environ.get("CAE_TEST_FULL") == "1"
DAY_BEFORE, DAY = "2026-01-05", "2026-02-10"
PATIENCE = 300
KILLS = 8 if FULL else 2
#: What a step answers when another one, at the same moment, was first.
LATE = {
    *("CAE-MEMBER-STATE", "CAE-SHARE-STATE", "CAE-SHARE-PAID"),
    *("CAE-SHARE-REVERSED", "CAE-SHARE-SHORT", "CAE-SHARE-UNPAID"),
}


@pytest.fixture
def office(company_fresh):
    return Office(company_fresh)


class Office:
    """A register with nobody in it yet, and what its secretary does."""

    def __init__(self, server):
        self.server = server
        self.client, self.names = contract.Client(server), itertools.count()
        values = {"code": "A", "name": "Part", "value": 16}
        self.kind = self.client.create("cae.share.kind", values)
        self.client.call(
            "res.company", "write", ids=[1], vals={"cae_admission_by": "either"}
        )

    def apart(self):
        """A client of one's own: for each thread."""
        return contract.Client(self.server)

    def candidates(self, count):
        rows = [
            {"name": assembly.name_of(next(self.names)), "date_application": DAY_BEFORE}
            for _n in range(count)
        ]
        return self.client.call("cae.member", "create", vals_list=rows)

    def members(self, count, quantity=10, paid=True):
        """Admitted, with shares that are subscribed, and paid or not."""
        people = self.candidates(count)
        self.admit(self.client, *people)
        for person in people if quantity else ():
            self.subscribe(self.client, person, quantity)
            if paid:
                self.pay(self.client, person, 16 * quantity)
        return people

    def _wizard(self, client, model, method, **values):
        wizard = client.create(model, values)
        return client.call(model, method, ids=[wizard])

    def admit(self, client, *people):
        return self._wizard(
            *(client, "cae.member.decision", "action_confirm"),
            member_ids=[(6, 0, people)],
            operation="admit",
            date="2026-01-10",
            body="meeting",
            reference="AGO 1",
        )

    def operate(self, client, person, operation, quantity, **values):
        return self._wizard(
            *(client, "cae.share.operation", "action_confirm"),
            member_ids=[(6, 0, [person])],
            operation=operation,
            share_kind_id=self.kind,
            quantity=quantity,
            date=DAY,
            **values,
        )

    def subscribe(self, client, person, quantity=3):
        return self.operate(client, person, "subscribe", quantity)

    def transfer(self, client, person, receiver, quantity=1):
        return self.operate(client, person, "transfer", quantity, receiver_id=receiver)

    def pay(self, client, person, amount=16):
        return self._wizard(
            *(client, "cae.share.payment", "action_pay"),
            member_id=person,
            date=DAY,
            amount=amount,
        )

    def ask_redemption(self, person, quantity=2):
        self.operate(self.client, person, "redeem", quantity)
        domain = [("member_id", "=", person)]
        return self.client.search("cae.share.redemption", domain, limit=1)[0]


def at_once(office, *steps):
    """Each in a thread and with a client of its own; ``[code, or "" when done]``."""
    barrier = threading.Barrier(len(steps))

    def run(step):
        client = office.apart()
        barrier.wait(PATIENCE)
        return assembly.refused(step, client)

    with concurrent.futures.ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def check_register(database):
    """The register and the books, as the database has them."""
    rows = [
        line.split("|")
        for line in postgres.query(
            "SELECT number, member_id, quantity, COALESCE(move_id, 0), kind"
            " FROM cae_share_movement ORDER BY number",
            database,
        )
    ]
    numbers = [int(row[0]) for row in rows]
    assert numbers == list(range(1, len(rows) + 1))
    entries = [row[3] for row in rows if row[3] != "0"]
    assert len(set(entries)) == len(entries)
    assert check_books(database) == ["0"]
    held = postgres.query(
        "SELECT member_id, SUM(quantity) FROM cae_share_movement GROUP BY 1"
        " HAVING SUM(quantity) < 0",
        database,
    )
    assert not held
    assert not contract.unbalanced_entries(database)
    return rows


def check_books(database):
    """All entries are posted and balanced; cents by which 101 and register differ."""
    wrong = postgres.query(
        "SELECT e.id FROM account_move e JOIN account_move_line i ON i.move_id = e.id"
        " GROUP BY e.id HAVING SUM(i.balance) <> 0 OR e.state <> 'posted'",
        database,
    )
    assert not wrong
    return postgres.query(
        "SELECT ROUND(100 * (COALESCE((SELECT SUM(amount) FROM cae_share_movement), 0)"
        " + COALESCE((SELECT SUM(i.balance) FROM account_move_line i"
        " JOIN account_account a ON a.id = i.account_id"
        " WHERE a.code_store ->> '1' LIKE '101%'"
        " AND i.parent_state = 'posted'), 0)))::int",
        database,
    )


# Many at once ------------------------------------------------------------------------


def test_the_first_movements_of_a_register_at_once(office):
    """Nobody has a number yet: each gets one of their own."""
    people = office.members(4, quantity=0)
    steps = [lambda client, p=person: office.subscribe(client, p) for person in people]
    assert at_once(office, *steps) == [""] * 4
    assert len(check_register(office.server.database)) == 4


def test_subscriptions_payments_and_transfers_at_once(office):
    people = office.members(4) + office.members(4, paid=False)
    steps = [
        *(lambda client, p=p: office.subscribe(client, p) for p in people[4:6]),
        *(lambda client, p=p: office.pay(client, p, 48) for p in people[6:]),
        *(
            lambda client, p=p, r=r: office.transfer(client, p, r, 2)
            for p, r in ((people[0], people[1]), (people[2], people[0]))
        ),
    ]
    assert at_once(office, *steps) == [""] * len(steps)
    rows = check_register(office.server.database)
    assert len(rows) == 8 + 2 + 4
    paid = "SELECT COUNT(*), SUM(amount) FROM account_payment"
    (found,) = postgres.query(paid, office.server.database)
    assert [float(number) for number in found.split("|")] == [6, 4 * 160 + 2 * 48]


# Two clicks --------------------------------------------------------------------------


def check_one(office, codes):
    assert sorted(code == "" for code in codes) == [False, True], codes
    assert set(codes) - {""} <= LATE, codes
    check_register(office.server.database)


def test_two_clicks_on_admit(office):
    (person,) = office.candidates(1)
    step = lambda client: office.admit(client, person)  # noqa: E731
    check_one(office, at_once(office, step, step))


def test_two_clicks_on_redeem_and_on_its_payment(office):
    people = office.members(2)
    request = office.ask_redemption(people[0])
    accept = lambda client: client.call(  # noqa: E731
        "cae.share.redemption", "action_accept", ids=[request]
    )
    check_one(office, at_once(office, accept, accept))
    pay = lambda client: office._wizard(  # noqa: E731
        *(client, "cae.share.payment", "action_pay"),
        redemption_ids=[(6, 0, [request])],
        date=time.strftime("%Y-%m-%d", time.gmtime()),
    )
    check_one(office, at_once(office, pay, pay))
    paid = "SELECT SUM(amount) FROM account_payment WHERE payment_type = 'outbound'"
    assert float(postgres.query(paid, office.server.database)[0]) == 32


def test_two_clicks_on_pay_and_on_reverse(office):
    (person,) = office.members(1, paid=False)
    # All of it: a second payment of all must find nothing left.
    step = lambda client: office.pay(client, person, 160)  # noqa: E731
    check_one(office, at_once(office, step, step))
    (movement,) = office.client.search("cae.share.movement", [])
    reverse = lambda client: client.call(  # noqa: E731
        "cae.share.movement", "action_reverse", ids=[movement], reason="Twice"
    )
    check_one(office, at_once(office, reverse, reverse))


def test_the_last_shares_go_once(office):
    """To another member and back to the cooperative at the same moment."""
    giver, receiver = office.members(2)
    codes = at_once(
        office,
        *(lambda client: office.transfer(client, giver, receiver, 10) for _n in "ab"),
    )
    check_one(office, codes)


# Killed ------------------------------------------------------------------------------


def test_killed_while_shares_move(office):
    """Each step is there whole or not at all, and the register goes on."""
    people = office.members(4)
    moments = random.Random(101)
    for _kill in range(KILLS):
        stopped = threading.Event()
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            works = [
                pool.submit(work, office, people, number, stopped)
                for number in range(3)
            ]
            time.sleep(moments.uniform(0.5, 3))
            os.kill(office.server.process.pid, signal.SIGKILL)
            office.server.process.wait()
            stopped.set()
            for each in works:
                each.result(PATIENCE)
        office.server.start()
        check_register(office.server.database)
    office.subscribe(office.apart(), people[0])
    before = len(check_register(office.server.database))
    assert before > len(people), "nothing was done between the kills"


def work(office, people, number, stopped):
    """Subscribe, pay and transfer until the server is gone."""
    chance = random.Random(number)
    try:
        client = office.apart()
        for step in itertools.cycle((office.subscribe, office.pay, office.transfer)):
            if stopped.is_set():
                return
            person, other = chance.sample(people, 2)
            more = (other,) if step == office.transfer else ()
            try:
                step(client, person, *more)
            except Refused as error:
                assert error.code in LATE or error.kind == "crash", error
    except (OSError, ValueError):
        return
