"""General meetings over the served program: who is called, and how they vote.

Members are made at once, without their years in the register. ``Voter`` sends what a
member's browser sends; ballots are sealed by the engine as browsers seal them.
"""

import hashlib
import html
import http.client
import json
import re
import secrets
import urllib.parse

import contract
from cae_governance_engine import sealing
from caetools import postgres

SINCE = "2020-01-01"
LINK = re.compile(r"/cae/m/([\w-]{32})")
#: What a page complains of.
ALERT = re.compile(r'class="alert alert-danger"[^>]*>([^<]*)<')


def name_of(number):
    return f"Member {number:03}"


def create_members(client, count, e_notice=True):
    """Contacts of ``count`` members of the register, in order.

    :param e_notice: whether they agreed to notices by e-mail
    """
    partners = client.call(
        "res.partner",
        "create",
        vals_list=[
            {"name": name_of(n), "email": f"m{n:03}@example.com"} for n in range(count)
        ],
    )
    rows = [{"partner_id": partner} for partner in partners]
    client.call("cae.member", "create", vals_list=rows)
    consent = f"'{SINCE}'" if e_notice else "NULL"
    # Shares and admissions are other tests' business.
    postgres.query(
        f"UPDATE cae_member SET state = 'member', date_member = '{SINCE}',"
        f" e_notice_consent_date = {consent}",
        client.server.database,
    )
    return partners


def create_colleges(client, sizes):
    """Colleges of equal weight, filled with the members in order; their ids."""
    members = client.search("cae.member", [], order="name")
    ids, start = [], 0
    for code, size in sizes.items():
        values = {"name": f"College {code}", "code": code, "weight": 100 / len(sizes)}
        ids.append(client.create("cae.college", values))
        rows = [
            {"member_id": member, "college_id": ids[-1], "date_start": SINCE}
            for member in members[start : start + size]
        ]
        client.call("cae.member.college", "create", vals_list=rows)
        start += size
    return ids


def create_tellers(client, meeting, partners):
    """Portal users who are tellers of a meeting; their logins and passwords."""
    portal = [(6, 0, [client.ref("base.group_portal")])]
    logins = []
    for row in client.read("res.partner", [("id", "in", partners)], ["name"]):
        login, partner = f"teller{len(logins)}", row["id"]
        values = {"login": login, "password": login, "partner_id": partner}
        client.create("res.users", {**values, "name": row["name"], "group_ids": portal})
        values = {"meeting_id": meeting, "partner_id": partner}
        client.create("cae.ballot.teller", values)
        logins.append(login)
    return logins


def electors(client, meeting):
    """``{name: id}`` of the voters of a meeting."""
    domain = [("meeting_id", "=", meeting)]
    rows = client.read("cae.meeting.elector", domain, ["name"])
    return {row["name"]: row["id"] for row in rows}


def give_links(server, people):
    """Personal links as the notices would make them; ``{name: link}``."""
    links = {name: secrets.token_urlsafe(24) for name in people}
    rows = ", ".join(
        f"({people[name]}, '{hashlib.sha256(link.encode()).hexdigest()}')"
        for name, link in links.items()
    )
    postgres.query(
        "UPDATE cae_meeting_elector e SET token_hash = v.hash"
        f" FROM (VALUES {rows}) AS v(id, hash) WHERE e.id = v.id",
        server.database,
    )
    return links


class Voters:
    """What browsers of members send, by their links; any number of threads."""

    def __init__(self, server, links):
        self.server, self.links = server, links
        page, headers = self.page(next(iter(links)))
        self.cookie = cookies(headers)
        self.csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

    def _ask(self, method, path, body=None, headers=()):
        """``(status, headers, body)``; a new connection, as of another phone."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.server.port, timeout=120
        )
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def page(self, name):
        """The member's page: ``(html, headers)``."""
        status, headers, text = self._ask("GET", f"/cae/m/{self.links[name]}")
        assert status == 200, text[:500]
        return text, headers

    def json(self, path, cookie="", **params):
        """What a JSON route answers."""
        body = json.dumps({"jsonrpc": "2.0", "params": params})
        kind = {"Content-Type": "application/json", "Cookie": cookie}
        status, _headers, text = self._ask("POST", path, body, kind)
        assert status == 200, text[:500]
        return json.loads(text)

    def act(self, name, action, **given):
        """Sign in, give a proxy, vote by name; what the page would complain of."""
        fields = {"csrf_token": self.csrf, "access": self.links[name], "action": action}
        body = urllib.parse.urlencode({**fields, **given}, doseq=True)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self.cookie,
        }
        status, answer, text = self._ask("POST", "/cae/m/act", body, headers)
        assert status == 303, (status, html.unescape(text[:500]))
        # The session is written when there is something to say.
        if "Set-Cookie" not in answer:
            return ""
        path = urllib.parse.urlparse(answer["Location"]).path
        _status, _answer, page = self._ask("GET", path, headers=headers)
        found = ALERT.search(page)
        return html.unescape(found[1]).strip() if found else ""

    def cast(self, name, resolution, elector, paper):
        """Put a sealed ballot into the urn; the answer of the server."""
        access = self.links[name]
        given = {"access": access, "resolution": resolution, "elector": elector}
        return self.json("/cae/ballot/cast", **given, paper=paper)


class Teller:
    """What a teller's browser does with the urns."""

    def __init__(self, voters, login):
        server = self.server = voters.server
        self.voters = voters
        self.private, public = sealing.new_key()
        postgres.query(
            f"UPDATE cae_ballot_teller SET public_key = '{public}' WHERE partner_id ="
            f" (SELECT partner_id FROM res_users WHERE login = '{login}')",
            server.database,
        )
        given = {"db": server.db, "login": login, "password": login}
        body = json.dumps({"params": given})
        kind = {"Content-Type": "application/json"}
        path = "/web/session/authenticate"
        _status, headers, _text = voters._ask("POST", path, body, kind)
        self.cookie = cookies(headers)

    def open(self, ballot):
        """Give what was sealed for this teller; the answer of the server."""
        path = "/cae/ballot/teller"
        rows = self.voters.json(f"{path}/parts", self.cookie, ballot=ballot)["result"]
        parts = sealing.decrypt_parts(self.private, rows)
        answer = self.voters.json(
            f"{path}/give", self.cookie, ballot=ballot, parts=parts
        )
        return answer["result"]


def cookies(headers):
    """What a browser sends back."""
    return "; ".join(each.partition(";")[0] for each in headers.get_all("Set-Cookie"))


def refused(call, *args, **named):
    """The code with which the server refuses."""
    try:
        call(*args, **named)
    except contract.Refused as error:
        return error.code
    return ""
