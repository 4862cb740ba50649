"""Three workers at once: a month is run, the portal is read, the cron sends.

The shape of ``docs/production.md``; figures end as on a server with one process.
"""

import concurrent.futures
import re
import threading
import time
import urllib.request
from http.cookiejar import CookieJar

import contract
import people
import pytest
from test_concurrency import check_entries

WORKERS = ("--workers", "3", "--max-cron-threads", "1")
PAGES = ("/my/home", "/my/accounts", "/my/accounts/ledger")
#: Seconds after which something that was to happen has failed.
PATIENCE = 300
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
CRON = "cae_base.cron_refresh"
WORKER = re.compile(r"Worker WorkerHTTP \((\d+)\) alive")
ERROR = re.compile(r"^\S+ \S+ \d+ (?:ERROR|CRITICAL) .*", re.M)


@pytest.fixture
def busy(loaded, fresh_database, serve):
    server = serve(fresh_database(loaded[0]), *WORKERS, *contract.PATIENCE)
    people.create_team(contract.Client(server))
    yield server
    server.stop()


class Portal:
    """A person at the portal, page after page until told to stop."""

    def __init__(self, server, login):
        self.server, self.seen = server, []
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(jar)
        page = self.get("/web/login")
        form = f"csrf_token={TOKEN.search(page)[1]}&login={login}&password={login}"
        self.opener.open(f"{server.url}/web/login", form.encode()).read()

    def get(self, path):
        with self.opener.open(f"{self.server.url}{path}", timeout=120) as answer:
            return answer.read().decode()

    def read(self, until):
        while not until.is_set():
            for path in PAGES:
                begun = time.monotonic()
                page = self.get(path)
                assert "/web/login" not in page, path
                self.seen.append(time.monotonic() - begun)
        return len(self.seen)


def test_month_portal_and_cron_at_once(busy, capsys):
    client = contract.Client(busy)
    (last,) = cron_calls(client)
    client.call(
        "ir.cron", "write", ids=[client.ref(CRON)],
        vals={"nextcall": "2020-01-01 00:00:00"},
    )  # fmt: skip
    readers = [Portal(busy, login) for login in people.ENTREPRENEURS]
    done = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(reader.read, done) for reader in readers]
        second = pool.submit(run_or_wait, contract.Client(busy))
        for month in contract.MONTHS[:4]:
            run_or_wait(client, month)
        second.result()
        done.set()
        pages = [future.result() for future in reading]
    assert min(pages) >= len(PAGES)
    limit = time.monotonic() + PATIENCE
    while cron_calls(client) == [last]:
        assert time.monotonic() < limit, "the cron did not run"
        time.sleep(1)
    check_entries(busy.database)
    found = contract.found_figures(client, ("contribution",))
    wanted = contract.expected_figures(names=("contribution",))
    first = {key: v for key, v in wanted.items() if key[1] in contract.MONTHS[:4]}
    assert {key: found[key] for key in first} == first
    log = busy.log.read_text(errors="replace")
    assert len(set(WORKER.findall(log))) >= 3
    assert not ERROR.findall(log)
    with capsys.disabled():
        times = sorted(t for reader in readers for t in reader.seen)
        print(
            f"\n{len(times)} pages meanwhile, p95 {times[len(times) * 95 // 100]:.2f} s"
        )


def run_or_wait(client, month=contract.MONTHS[0]):
    """Run a month; somebody else who runs one is waited for."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        try:
            return client.run(month, steps=["contributions", "statements"])
        except contract.Refused as refused:
            assert refused.code == "CAE-PERIOD-BUSY", refused
            time.sleep(0.2)
    raise AssertionError(f"{month} was not run")


def cron_calls(client):
    rows = client.read("ir.cron", [("id", "=", client.ref(CRON))], ["lastcall"])
    return [row["lastcall"] for row in rows]
