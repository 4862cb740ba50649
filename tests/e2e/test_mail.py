"""Statements reach those without portal access through a mail server (R.7331-5)."""

import hashlib

import postman as mail
import pytest
from contract import Client
from postman import deliver

MONTH = "2026-01"
#: The server does not know the box of this person, and has the one of that person.
UNKNOWN, KNOWN = "E0004", "E0003"


@pytest.fixture
def postman():
    """The mail server, listening."""
    with mail.listening() as keeper:
        yield keeper


@pytest.fixture
def accountant(serve_loaded, postman):
    """A client at a copy of the demo CAE whose mail goes to the postman."""
    client = Client(serve_loaded())
    mail.send_to(client, postman)
    client.call("res.company", "write", ids=[1], vals={"email": "compta@brisants.coop"})
    client.run(MONTH)
    return client


def send(client):
    while not client.call("cae.period", "statement_batch", month=MONTH, send=True)[
        "done"
    ]:
        pass
    deliver(client)


def sendings(client):
    """``{code of the person: sending}``."""
    rows = client.read(
        "cae.statement.sending",
        [],
        ["entrepreneur_id", "email", "state", "error", "date_sent", "message_id"],
    )
    people = client.read("cae.entrepreneur", [], ["code", "partner_id"])
    codes = {person["id"]: person["code"] for person in people}
    return {codes[row["entrepreneur_id"][0]]: row for row in rows}


def test_statements_are_delivered_with_proof(accountant, postman):
    people = accountant.read("cae.entrepreneur", [], ["code", "email"])
    addresses = {person["code"]: person["email"] for person in people}
    postman.refused = (addresses[UNKNOWN],)
    send(accountant)

    found = sendings(accountant)
    sent = {code: row for code, row in found.items() if row["state"] == "sent"}
    assert set(postman.messages) == {addresses[code] for code in sent}
    assert all(row["date_sent"] for row in sent.values())

    (message,) = postman.messages[addresses[KNOWN]]
    assert message["Message-Id"] == found[KNOWN]["message_id"]
    (paper,) = [
        part.get_content()
        for part in message.iter_attachments()
        if part.get_content_type() == "application/pdf"
    ]
    statements = accountant.read("cae.statement", [], ["pdf_hash"])
    assert hashlib.sha256(paper).hexdigest() in {s["pdf_hash"] for s in statements}

    # Who was refused is known, and gets it when the box is there; nobody gets two.
    assert found[UNKNOWN]["state"] == "failed"
    assert "no such box" in found[UNKNOWN]["error"]
    postman.refused = ()
    send(accountant)
    assert sendings(accountant)[UNKNOWN]["state"] == "sent"
    assert {len(messages) for messages in postman.messages.values()} == {1}
