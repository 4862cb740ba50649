"""Somebody who looks where they should not, and what of others an answer tells."""

import http.client
import io
import json
import re
import urllib.parse
import zipfile

#: Euros and cents, with whatever the page or the spreadsheet puts between thousands.
NUMBER = re.compile(
    "(?<![\\d.,])(?:\\d{1,3}(?:[ ,.\u00a0\u202f']\\d{3})+|\\d+)[.,]\\d\\d(?!\\d)"
)
SPACE = re.compile("[ \u00a0\u202f']")


class Secrets:
    """What each person may meet, and what nobody else may."""

    def __init__(self, told):
        self.told = told

    def words(self, who):
        """Words of others, as somebody knows their own and what they share."""
        own = {who, *self.told["shared"].get(who, ())}
        return [word for key, word in self.told["words"].items() if key not in own]

    def names(self, who):
        """Names of the others, and of their activities."""
        own = {who, *self.told["shared"].get(who, ()), *self.told["known"].get(who, ())}
        return [
            name
            for kind in ("names", "trades")
            for key, name in self.told[kind].items()
            if key not in own
        ]

    def figures(self, who):
        own = {who, *self.told["shared"].get(who, ())}
        others = [
            amounts for key, amounts in self.told["figures"].items() if key not in own
        ]
        return [amount for amounts in others for amount in amounts]

    def finder(self, who):
        """What finds any of it in a text: a function that gives what it found."""
        words = [*self.words(who), *self.names(who)]
        amounts = {amount.replace(".", "") for amount in self.figures(who)}
        cents = {amount[-2:] for amount in amounts}

        def find(text):
            said = text.lower()
            # Most numbers of a text end otherwise.
            numbers = {n for n in NUMBER.findall(text) if n[-2:] in cents}
            told = {number for number in numbers if amounts & set(read(number))}
            return sorted(told.union(word for word in words if word.lower() in said))

        return find


def read(number):
    """Cents that somebody may read in digits: columns may stand side by side."""
    parts = SPACE.split(number)
    for first in range(len(parts)):
        yield "".join(filter(str.isdigit, "".join(parts[first:])))


class Stranger:
    """One browser of a server: a session, and what its answers tell of others."""

    def __init__(self, server, secrets, who, login=""):
        self.server, self.who = server, who
        self.find = secrets.finder(who)
        self.cookie = ""
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", server.port, timeout=300
        )
        self.csrf = ""
        if login:
            self.log_in(login)

    def log_in(self, login):
        given = {"db": self.server.db, "login": login, "password": login}
        body = self.json("/web/session/authenticate", given)
        assert body["result"]["uid"], body
        self.csrf = self.token()

    def token(self):
        """The CSRF token of the session, as its pages carry it."""
        _status, _headers, body = self.ask("GET", "/my/account")
        return self.token_of(body)

    def token_of(self, page):
        found = re.search(rb'csrf_token: "([^"]+)"', page)
        return found[1].decode() if found else ""

    # Requests ----------------------------------------------------------------------

    def ask(self, method, path, body=None, headers=()):
        """``(status, headers, content)``; redirects are not followed."""
        given = {"Cookie": self.cookie, **dict(headers)}
        try:
            self.connection.request(method, path, body, given)
            answer = self.connection.getresponse()
            content = answer.read()
        except (http.client.HTTPException, OSError):
            self.connection.close()
            raise
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            if cookie.startswith("session_id="):
                self.cookie = cookie.partition(";")[0]
        return answer.status, answer.headers, content

    def get(self, path, **query):
        given = f"?{urllib.parse.urlencode(query)}" if query else ""
        return self.ask("GET", f"{path}{given}")

    def post(self, path, csrf=True, **form):
        if csrf:
            form["csrf_token"] = self.csrf
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urllib.parse.urlencode(form, doseq=True), kind)

    def upload(self, path, files, csrf=True, **form):
        """A form with files, ``{field: (name, content, type)}``."""
        if csrf:
            form["csrf_token"] = self.csrf
        body, edge = io.BytesIO(), "edge-of-the-form"
        for name, value in form.items():
            head = f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'
            body.write(f"--{edge}\r\n{head}\r\n".encode())
        for field, (name, content, kind) in files.items():
            head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
            body.write(f"--{edge}\r\n{head}\r\nContent-Type: {kind}\r\n\r\n".encode())
            body.write(content + b"\r\n")
        body.write(f"--{edge}--\r\n".encode())
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self.ask("POST", path, body.getvalue(), kind)

    def json(self, path, params):
        """What a JSON-RPC route answers: ``{"result"}`` or ``{"error"}``."""
        _status, content = self.send(path, params)
        return json.loads(content)

    def send(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        kind = {"Content-Type": "application/json"}
        status, _headers, content = self.ask("POST", path, body, kind)
        return status, content

    def call(self, model, method, *args, **named):
        """``(answer, what it tells of others)`` of a call as a browser makes it."""
        given = {"model": model, "method": method, "args": args, "kwargs": named}
        path = f"/web/dataset/call_kw/{model}/{method}"
        _status, content = self.send(path, given)
        return json.loads(content), self.leaks(content)

    # Answers -----------------------------------------------------------------------

    def leaks(self, content):
        """What of others is in an answer, of whatever kind."""
        return self.find(text_of(content))


def text_of(content):
    """The words of a page, a PDF, an archive or a spreadsheet."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(text_of(archive.read(name)) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError

        try:
            pages = PdfReader(io.BytesIO(content)).pages
            return "\n".join(page.extract_text() for page in pages)
        except PyPdfError:
            pass  # what only begins like one is read as it is
    return content.decode(errors="replace")


def error_of(answer):
    """The name of the exception that an answer tells, or nothing."""
    return answer.get("error", {}).get("data", {}).get("name", "")
