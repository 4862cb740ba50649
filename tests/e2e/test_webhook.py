"""Webhooks by Odoo's automation rules, as docs/api.md shows them."""

import json
import queue
import secrets
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import apidoc
import contract
import pytest
import toolshed
from caetools import databases
from test_modules import module

OUT = "### A statement is published: tell a tool"
INTO = "### A tool tells Odoo"
PATIENCE = 60


@pytest.fixture(scope="module")
def server(serve, fresh_database):
    """A cooperative in whose database the automation rules are installed."""
    server = serve(fresh_database(), *contract.PATIENCE)
    toolshed.prepare(server)
    server.stop()
    module("install", server.database, "base_automation")
    server.start()
    parameter = {"key": "web.base.url", "value": server.url}
    contract.Client(server).call("ir.config_parameter", "set_param", **parameter)
    yield server
    server.stop()
    databases.drop(server.database)


@pytest.fixture
def tool():
    """A tool that listens: ``(address, queue of (path, message))``."""
    heard = queue.Queue()

    class Tool(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            heard.put((self.path, json.loads(content)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments):
            """Tests print nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Tool)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listener.server_port}", heard
    listener.shutdown()
    thread.join()
    listener.server_close()


def follow(heading, **names):
    """Do what the document shows under a heading; the names that it leaves."""
    exec(apidoc.code_under(heading, apidoc.FILE.read_text()), names)
    return names


def shown(heading):
    """The message that the document shows under a heading."""
    lines = apidoc.FILE.read_text().splitlines()
    start = lines.index("```json", lines.index(heading))
    return json.loads("\n".join(lines[start + 1 : lines.index("```", start)]))


def test_a_published_statement_is_told(server, tool):
    address, heard = tool
    secret = secrets.token_urlsafe(32)
    follow(OUT, odoo=server.odoorpc(), address=address, secret=secret)
    client = contract.Client(server)
    late = {**toolshed.january()["invoices"][0], "numero": "F2026-LATE"}
    assert client.load("invoices", [late])["created"] == 1
    client.run(toolshed.MONTH, steps=["contributions"])
    domain = [("activity_id.code", "=", late["activite"]), ("current", "=", True)]
    old = client.search("cae.statement", domain)
    assert heard.empty()
    client.call("cae.statement", "action_publish_again", old, reason="A late invoice")
    path, message = heard.get(timeout=PATIENCE)
    assert path == f"/statements/{secret}"
    assert message.keys() == shown(OUT).keys()
    # What the tool then reads with its own key.
    fields = ["data_hash", "version", "month"]
    (told,) = client.read("cae.statement", [("id", "=", message["_id"])], fields)
    assert {name: message[name] for name in fields} == {n: told[n] for n in fields}
    assert message["version"] == 2
    assert heard.empty()


def test_a_tool_tells_odoo(server):
    client = contract.Client(server)
    names = follow(INTO, odoo=server.odoorpc(), accountant=client.session.uid)
    send(names["hook"], {"activity": "A0001"})
    tasks = client.read(
        "mail.activity", [("summary", "=", "Load the scanned document")], ["res_name"]
    )
    assert len(tasks) == 1 and "Studio" in tasks[0]["res_name"]
    with pytest.raises(urllib.error.HTTPError):
        send(names["hook"][:-1] + "x", {"activity": "A0001"})
    with pytest.raises(urllib.error.HTTPError):
        send(names["hook"], {"activity": "A0404"})
    assert client.count("mail.activity", [("id", ">", tasks[0]["id"])]) == 0


def send(address, message):
    request = urllib.request.Request(
        address,
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)
