"""A mail server that keeps what it gets."""

import contextlib
import email
import email.policy

from aiosmtpd.controller import Controller
from caetools import network


class Postman:
    """Messages by address; who is in ``refused`` has no box."""

    def __init__(self):
        self.messages, self.refused, self.port = {}, (), 0

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


@contextlib.contextmanager
def listening():
    """A postman whose server listens on ``port``."""
    keeper = Postman()
    controller = Controller(keeper, hostname="127.0.0.1", port=network.free_port())
    keeper.port = controller.port
    controller.start()
    yield keeper
    controller.stop()


def send_to(client, keeper):
    """Make a keeper the mail server of an Odoo."""
    values = {"name": "Local", "smtp_host": "127.0.0.1", "smtp_port": keeper.port}
    client.create("ir.mail_server", {**values, "smtp_encryption": "none"})


def deliver(client):
    """Run Odoo's mail queue."""
    (queue,) = client.search(
        "ir.cron", [("cron_name", "=", "Mail: Email Queue Manager")]
    )
    client.call("ir.cron", "method_direct_trigger", ids=[queue])
