"""The portal's home as browsers ask for it, of a person and of a customer."""

import http.cookiejar
import re
import statistics
import time
import urllib.parse
import urllib.request

from . import postgres, processor, serving
from .ui import Step

ROUNDS, WARM = 20, 3
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def measured(database, logins):
    """``{login: {"seconds", "processor"}}`` of a page, passwords as logins.

    ``seconds`` is the median; ``processor`` the mean of what the server and its
    database worked.
    """
    server = serving.Server(database)
    with Step("the portal's home"):
        server.start()
        try:
            return _in_turn(server, [Browser(server, login) for login in logins])
        finally:
            server.stop()


def _in_turn(server, browsers):
    for browser in browsers:
        for _number in range(WARM):
            browser.home()
    seconds = {browser.login: [] for browser in browsers}
    worked = dict.fromkeys(seconds, 0)
    for _number in range(ROUNDS):
        for browser in browsers:
            busy, begun = _busy(server), time.perf_counter()
            browser.home()
            seconds[browser.login].append(time.perf_counter() - begun)
            worked[browser.login] += _busy(server) - busy
    return {
        login: {
            "seconds": round(statistics.median(times), 4),
            "processor": round(worked[login] / ROUNDS, 4),
        }
        for login, times in seconds.items()
    }


def _busy(server):
    backends = postgres.query(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        f" AND datname = '{server.database}' AND pid <> pg_backend_pid()"
    )
    return processor.whole(server.process.pid) + sum(
        processor.thread(int(pid)) for pid in backends
    )


class Browser:
    """Somebody who is signed in."""

    def __init__(self, server, login):
        self.url, self.login = server.url, login
        cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(cookies)
        )
        token = TOKEN.search(self._open("/web/login"))[1]
        given = {"login": login, "password": login, "csrf_token": token}
        self._open("/web/login", urllib.parse.urlencode(given).encode())

    def home(self):
        """The page of the portal."""
        page = self._open("/my")
        assert "o_portal" in page, page[:500]
        return page

    def _open(self, path, data=None):
        with self.opener.open(self.url + path, data, timeout=120) as answer:
            return answer.read().decode()
