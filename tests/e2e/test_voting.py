"""A secret vote on the real program: browsers that seal, many requests, the dump.

Members vote by their personal links; two tellers make their keys and open the urn in
their browsers; ``scripts/verify-ballot`` counts the downloaded list again.
"""

import concurrent.futures
import json
import re
import subprocess
import sys
import threading
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

import contract
import pytest
from cae_governance_engine import sealing
from caetools import postgres

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.browser
MEMBERS = 12
ATTEMPTS = 50
PHRASE = "a long pass phrase"


@pytest.fixture
def room(company_fresh):
    return Room(company_fresh)


class Room:
    """A meeting in session, with a secret vote and its voters' personal links."""

    def __init__(self, server):
        self.server, self.client = server, contract.Client(server)
        self.members = [self._member(n) for n in range(MEMBERS)]
        # Shares and admissions are other tests' business.
        postgres.query(
            "UPDATE cae_member SET state = 'member', date_member = '2020-01-01',"
            " e_notice_consent_date = '2020-01-01'",
            server.database,
        )
        self.meeting = self._meeting()
        self.resolution = self.client.search("cae.resolution", [])[0]
        self.tellers = [self._teller(n) for n in range(2)]
        self.client.call("cae.meeting", "action_convene", ids=[self.meeting])
        self.electors = {
            row["name"]: row["id"]
            for row in self.client.read("cae.meeting.elector", [], ["name"])
        }
        self.links = self._links()
        self.client.call("cae.meeting", "action_open", ids=[self.meeting])

    def _member(self, number):
        name = f"Member {number:02}"
        partner = self.client.create(
            "res.partner", {"name": name, "email": f"m{number}@example.com"}
        )
        self.client.create("cae.member", {"partner_id": partner})
        return partner

    def _meeting(self):
        soon = datetime.now(timezone.utc) + timedelta(minutes=5)
        return self.client.create(
            "cae.meeting",
            {
                "name": "General meeting",
                "date": f"{soon:%Y-%m-%d %H:%M:%S}",
                "late_reason": "All members agree",
                "rule_set_id": self.client.ref("cae_governance.rule_set_sa_scop"),
                "resolution_ids": [
                    (0, 0, {"title": "Accounts", "mode": "secret"}),
                ],
            },
        )

    def _teller(self, number):
        login = f"teller{number}"
        self.client.create(
            "res.users",
            {
                "login": login,
                "password": login,
                "partner_id": self.members[number],
                "name": f"Member {number:02}",
                "group_ids": [(6, 0, [self.client.ref("base.group_portal")])],
            },
        )
        self.client.create(
            "cae.ballot.teller",
            {"meeting_id": self.meeting, "partner_id": self.members[number]},
        )
        return login

    def _links(self):
        bodies = self.client.read("mail.mail", [], ["email_to", "body_html"])
        links = {}
        for row in bodies:
            found = re.search(r"/cae/m/([\w-]{32})", row["body_html"])
            if found:
                name = re.search(r"Member \d\d", row["email_to"])[0]
                links[name] = found[1]
        return links

    def vote(self, step):
        self.client.call("cae.resolution", step, ids=[self.resolution])

    def read(self, model, fields):
        return self.client.read(model, [], fields)[0]

    def sign_in(self, *names):
        keys = [self.electors[name] for name in names]
        self.client.call("cae.meeting.elector", "action_present", ids=keys)

    def cast(self, name, choice="for"):
        """A ballot sealed here and sent as a browser does; the answer."""
        # A client of its own: votes are cast side by side.
        client = contract.Client(self.server)
        ballot = client.read("cae.ballot", [], ["keys", "needed"])[0]
        paper = sealing.seal([choice], ballot["keys"], ballot["needed"])[0]
        params = {
            "access": self.links[name],
            "resolution": self.resolution,
            "elector": self.electors[name],
            "paper": paper,
        }
        request = urllib.request.Request(
            f"{self.server.url}/cae/ballot/cast",
            json.dumps({"jsonrpc": "2.0", "params": params}).encode(),
            {"Content-Type": "application/json", "X-Odoo-Database": self.server.db},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)


def make_key(page, room):
    with page.expect_download() as download:
        page.fill("form.o_cae_teller_key input[type=password]", PHRASE)
        page.click("form.o_cae_teller_key button")
    page.wait_for_selector("text=Comparez-la avec votre fichier")
    return download.value.path()


def open_urn(page, file):
    page.reload()
    page.set_input_files("form.o_cae_teller_open input[type=file]", file)
    page.fill("form.o_cae_teller_open input[type=password]", PHRASE)
    page.click("form.o_cae_teller_open button")
    page.wait_for_selector("form.o_cae_teller_open", state="detached")


def test_secret_vote_from_the_keys_to_the_recount(room, open_page, browser, tmp_path):
    address = f"/my/meetings/{room.meeting}"
    pages = [open_page(room.server, login, path=address) for login in room.tellers]
    files = []
    for number, page in enumerate(pages):
        kept = tmp_path / f"key-{number}.json"
        kept.write_bytes(Path(make_key(page, room)).read_bytes())
        files.append(kept)
    room.vote("action_open_vote")

    context = browser.new_context(viewport={"width": 390, "height": 800})
    phone = context.new_page()
    phone.goto(f"{room.server.url}/cae/m/{room.links['Member 05']}")
    phone.click("button[value=present]")
    phone.wait_for_selector("form.o_cae_secret")
    phone.wait_for_selector("body[data-cae-ready]")
    # Nothing is wider than the phone.
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.on("dialog", lambda dialog: dialog.accept())
    phone.check("form.o_cae_secret input[value=against]")
    phone.click("form.o_cae_secret button")
    phone.wait_for_selector(".o_cae_receipt:not(.d-none)")
    receipt = phone.inner_text(".o_cae_receipt code")
    context.close()

    room.sign_in("Member 06", "Member 07")
    for name in ("Member 06", "Member 07"):
        assert room.cast(name)["result"]["receipt"]
    room.vote("action_close_vote")
    for page, file in zip(pages, files, strict=True):
        open_urn(page, file)
    found = room.read("cae.resolution", ["outcome", "favour_count", "against_count"])
    assert (found["outcome"], found["favour_count"], found["against_count"]) == (
        "adopted",
        2,
        1,
    )
    ballot = room.read("cae.ballot", ["id"])["id"]
    with pages[0].expect_download() as download:
        pages[0].click(f"a[href^='/cae/ballot/{ballot}/list']")
    command = [sys.executable, "-I", str(ROOT / "scripts/verify-ballot")]
    done = subprocess.run(
        [*command, str(download.value.path()), receipt],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f'In the list: {receipt} {{"choice":["against"]}}' in done.stdout


def with_keys(room):
    """Keys as the tellers' browsers would make them."""
    for public in (sealing.new_key()[1] for _n in range(2)):
        postgres.query(
            "UPDATE cae_ballot_teller SET public_key = "
            f"'{public}' WHERE id = (SELECT MIN(id) FROM cae_ballot_teller"
            " WHERE public_key IS NULL)",
            room.server.database,
        )


def test_fifty_requests_at_once_are_one_vote(room):
    with_keys(room)
    room.vote("action_open_vote")
    room.sign_in("Member 03")
    with concurrent.futures.ThreadPoolExecutor(ATTEMPTS) as pool:
        answers = list(pool.map(lambda _n: room.cast("Member 03"), range(ATTEMPTS)))
    accepted = [answer for answer in answers if "result" in answer]
    refused = [
        answer["error"]["data"]["message"] for answer in answers if "error" in answer
    ]
    assert len(accepted) == 1
    assert all("CAE-VOTE-TWICE" in message for message in refused), set(refused)
    ballot = room.read("cae.ballot", ["id"])["id"]
    urn = f"SELECT COUNT(*) FROM cae_ballot_urn_{ballot}"
    assert postgres.query(urn, room.server.database) == ["1"]


def test_votes_at_the_moment_of_closing_are_all_counted_or_refused(room):
    with_keys(room)
    room.vote("action_open_vote")
    names = sorted(room.links)
    room.sign_in(*names)
    with concurrent.futures.ThreadPoolExecutor(MEMBERS + 1) as pool:
        votes = [pool.submit(room.cast, name) for name in names]
        closing = pool.submit(room.vote, "action_close_vote")
        closing.result()
        answers = [vote.result() for vote in votes]
    accepted = {a["result"]["receipt"] for a in answers if "result" in a}
    refused = [a["error"]["data"]["message"] for a in answers if "error" in a]
    assert all("CAE-VOTE-CLOSED" in message for message in refused), set(refused)
    rows = postgres.query("SELECT receipt FROM cae_ballot_paper", room.server.database)
    assert set(rows) == accepted


def test_proxies_are_given_while_people_sign_in(room):
    """Whoever is first: nobody is both here and represented, or neither."""
    names = sorted(room.electors)
    pairs = dict(zip(names[:4], names[4:8], strict=True))
    barrier = threading.Barrier(10)

    def at_once(method, *arguments):
        client = contract.Client(room.server)
        barrier.wait(60)
        try:
            return getattr(client, method)(*arguments)
        except contract.Refused as error:
            return error.code

    def come(name):
        keys = [room.electors[name]]
        return "call", "cae.meeting.elector", "action_present", keys

    def give(name):
        giver, holder = room.electors[name], room.electors[pairs[name]]
        people = {"giver_id": giver, "holder_id": holder}
        return "create", "cae.proxy", {"meeting_id": room.meeting, **people}

    # All holders come, and two of the givers.
    steps = [*map(give, pairs), *map(come, pairs.values()), *map(come, names[:2])]
    with concurrent.futures.ThreadPoolExecutor(len(steps)) as pool:
        answers = list(pool.map(lambda step: at_once(*step), steps))
    assert {a for a in answers if isinstance(a, str)} <= {"CAE-PROXY-PRESENT"}
    found = room.client.read("cae.meeting.elector", [], ["name", "status"])
    status = {row["name"]: row["status"] for row in found}
    assert [status[name] for name in names[:4]] == [
        *["present"] * 2,
        *["represented"] * 2,
    ]
    assert {status[name] for name in pairs.values()} == {"present"}
    proxies = [("state", "!=", "revoked")]
    kept = room.client.read("cae.proxy", proxies, ["giver_id"])
    assert {row["giver_id"][1] for row in kept} == set(names[2:4])


def test_nothing_in_the_database_leads_from_a_voter_to_a_ballot(room):
    with_keys(room)
    room.vote("action_open_vote")
    names = [name for name in sorted(room.links) if name > "Member 02"]
    room.sign_in(*names)
    receipts = [room.cast(name)["result"]["receipt"] for name in names]
    room.vote("action_close_vote")
    query = lambda text: postgres.query(text, room.server.database)  # noqa: E731
    assert not query("SELECT 1 FROM pg_tables WHERE tablename LIKE 'cae_ballot_urn%'")
    # One transaction wrote all ballots and the whole list of who voted.
    for table in ("cae_ballot_paper", "cae_ballot_voter"):
        assert len(query(f"SELECT DISTINCT xmin FROM {table}")) == 1
    order = query("SELECT receipt FROM cae_ballot_paper ORDER BY ctid")
    assert sorted(order) == sorted(receipts)
    assert order != receipts
    voters = query("SELECT elector_id FROM cae_ballot_voter ORDER BY ctid")
    assert voters == sorted(voters, key=int)
    # The log tells who asked for pages, and nothing of votes or of links.
    log = room.server.log.read_text()
    assert "/cae/ballot/cast" not in log
    assert not any(link in log for link in room.links.values())
