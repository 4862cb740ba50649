"""Statements reach those without portal access through a mail server (R.7331-5)."""

import email
import email.policy
import hashlib

import pytest
from aiosmtpd.controller import Controller
from caetools import network
from contract import Client

MONTH = "2026-01"
#: The server does not know the box of this person, and has the one of that person.
UNKNOWN, KNOWN = "E0004", "E0003"


class Postman:
    """A mail server that keeps what it gets, and knows one address less."""

    def __init__(self):
        self.messages, self.refused = {}, ()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        """Refuse the unknown box as mail servers do."""
        if address in self.refused:
            return "550 5.1.1 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        """Keep the message for each of its recipients."""
        message = email.message_from_bytes(
            envelope.content, policy=email.policy.default
        )
        for address in envelope.rcpt_tos:
            self.messages.setdefault(address, []).append(message)
        return "250 OK"


@pytest.fixture
def postman():
    """The mail server, listening."""
    keeper = Postman()
    controller = Controller(keeper, hostname="127.0.0.1", port=network.free_port())
    keeper.port = controller.port
    controller.start()
    yield keeper
    controller.stop()


@pytest.fixture
def accountant(serve_loaded, postman):
    """A client at a copy of the demo CAE whose mail goes to the postman."""
    client = Client(serve_loaded())
    values = {"name": "Local", "smtp_host": "127.0.0.1", "smtp_port": postman.port}
    client.create("ir.mail_server", {**values, "smtp_encryption": "none"})
    client.call("res.company", "write", ids=[1], vals={"email": "compta@brisants.coop"})
    client.run(MONTH)
    return client


def deliver(client):
    """Run Odoo's mail queue."""
    (queue,) = client.search(
        "ir.cron", [("cron_name", "=", "Mail: Email Queue Manager")]
    )
    client.call("ir.cron", "method_direct_trigger", ids=[queue])


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
