"""Many members vote in secret at one moment, on a server with two workers.

A hundred of them; with ``--full`` a thousand, within two minutes. They sign in, then
each loads the page of the meeting and casts a ballot; some click twice. Nothing is lost
or counted twice.
"""

import collections
import concurrent.futures
import os
import random
import time
from datetime import datetime, timedelta, timezone

import assembly
import contract
import pytest
from cae_governance_engine import sealing
from caetools import postgres

FULL = os.environ.get("CAE_TEST_FULL") == "1"
VOTERS = 1000 if FULL else 100
#: Voters who wait for an answer at one moment: Odoo lets eight wait for each worker,
#: and some click twice; a web server in front holds the others back.
AT_ONCE = 8
#: One in so many clicks twice.
TWICE = 10
#: Seconds for the casting of a thousand.
LIMIT = 120
CHOICES = ("for", "against", "abstain", "blank")


@pytest.fixture
def room(serve):
    room = Room(serve(None, "--workers", "2", *contract.PATIENCE))
    yield room
    room.server.stop()


class Room:
    """A meeting in session with one secret vote that is open."""

    def __init__(self, server):
        self.server, self.client = server, contract.Client(server)
        partners = assembly.create_members(self.client, VOTERS, e_notice=False)
        soon = datetime.now(timezone.utc) + timedelta(days=30)
        self.meeting = self.client.create(
            "cae.meeting",
            {
                "name": "General meeting",
                "date": f"{soon:%Y-%m-%d %H:%M:%S}",
                "rule_set_id": self.client.ref("cae_governance.rule_set_sa_scop"),
                "resolution_ids": [(0, 0, {"title": "Accounts", "mode": "secret"})],
            },
        )
        (self.item,) = self.client.search("cae.resolution", [])
        logins = assembly.create_tellers(self.client, self.meeting, partners[:2])
        self.client.call("cae.meeting", "action_convene", ids=[self.meeting])
        self.electors = assembly.electors(self.client, self.meeting)
        self.links = assembly.give_links(server, self.electors)
        self._let_the_day_come()
        self.client.call("cae.meeting", "action_open", ids=[self.meeting])
        self.voters = assembly.Voters(server, self.links)
        self.tellers = [assembly.Teller(self.voters, login) for login in logins]
        self.client.call("cae.resolution", "action_open_vote", ids=[self.item])
        (self.ballot,) = self.client.read("cae.ballot", [], ["keys", "needed"])

    def _let_the_day_come(self):
        moment = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S}"
        postgres.query(
            f"UPDATE cae_meeting SET date = '{moment}'", self.server.database
        )

    def sign_in(self, name):
        """``(seconds, what the page complains of)``."""
        begun = time.monotonic()
        error = self.voters.act(name, "present")
        return time.monotonic() - begun, error

    def seal(self, choice):
        codes = [] if choice == "blank" else [choice]
        return sealing.seal(codes, self.ballot["keys"], self.ballot["needed"])[:2]

    def vote(self, name, paper, clicks):
        """``(seconds of the page, seconds of the ballot, answers)``."""
        begun = time.monotonic()
        page, _headers = self.voters.page(name)
        loaded = time.monotonic()
        assert "o_cae_secret" in page
        if clicks == 1:
            answers = [self.cast(name, paper)]
        else:
            with concurrent.futures.ThreadPoolExecutor(clicks) as pool:
                answers = list(pool.map(self.cast, [name] * clicks, [paper] * clicks))
        return loaded - begun, time.monotonic() - loaded, answers

    def cast(self, name, paper):
        return self.voters.cast(name, self.item, self.electors[name], paper)


def test_everybody_votes_at_one_moment(room, capsys):
    chance = random.Random(VOTERS)
    names = sorted(room.links)
    check_signing_in(room, names, capsys)
    choices = chance.choices(CHOICES, (5, 3, 1, 1), k=VOTERS)
    # Devices seal by themselves: that is not the server's time.
    papers = [room.seal(choice) for choice in choices]
    clicks = [2 if number % TWICE == 0 else 1 for number in range(VOTERS)]
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(room.vote, names, [p for p, _r in papers], clicks))
    seconds = time.monotonic() - begun
    pages, casts, answers = zip(*found, strict=True)
    with capsys.disabled():
        print(
            f"\n{VOTERS} voters in {seconds:.1f} s: {VOTERS / seconds:.0f} votes/s;"
            f" p95 of the page {p95(pages):.2f} s, of the ballot {p95(casts):.2f} s"
        )
    check_answers(answers, papers)
    room.client.call("cae.resolution", "action_close_vote", ids=[room.item])
    assert [teller.open(room.ballot["id"])["state"] for teller in room.tellers] == [
        *("sealed", "counted")
    ]
    check_count(room, choices, [receipt for _paper, receipt in papers])
    if FULL:
        assert seconds < LIMIT


def check_signing_in(room, names, capsys):
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(2 * AT_ONCE) as pool:
        times, errors = zip(*pool.map(room.sign_in, names), strict=True)
    seconds = time.monotonic() - begun
    with capsys.disabled():
        print(f"\n{VOTERS} signed in within {seconds:.1f} s, p95 {p95(times):.2f} s")
    assert set(errors) == {""}
    (row,) = room.client.read("cae.meeting", [], ["present_count"])
    assert row["present_count"] == VOTERS


def p95(values):
    return sorted(values)[int(len(values) * 0.95)]


def check_answers(answers, papers):
    """Each has the receipt once; the second click is told so."""
    for mine, (_paper, receipt) in zip(answers, papers, strict=True):
        taken = [a["result"]["receipt"] for a in mine if "result" in a]
        told = [a["error"]["data"]["message"] for a in mine if "error" in a]
        assert taken == [receipt], told
        assert all("CAE-VOTE-TWICE" in text for text in told), told


def check_count(room, choices, receipts):
    wanted = collections.Counter(choices)
    names = ("favour_count", "against_count", "abstain_count", "blank_count")
    (row,) = room.client.read("cae.resolution", [], ["voted_count", *names])
    assert [row[name] for name in names] == [wanted[choice] for choice in CHOICES]
    assert row["voted_count"] == VOTERS
    kept = postgres.query("SELECT receipt FROM cae_ballot_paper", room.server.database)
    assert sorted(kept) == sorted(receipts)
