"""Portal pages for everybody: WCAG 2.1 AA by axe, nothing wider than the screen.

On a small phone and at a desk.
"""

import re
import statistics
import time

import contract
import people
import portal_walk
import pytest
from axe_playwright_python.sync_playwright import Axe
from screen import DESK, Screen

pytestmark = pytest.mark.browser

#: What axe looks for, and where: Odoo's own header and footer are not ours.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
OURS = "#wrap"
PHONE = (360, 780)
#: Arguments whose words a page could repeat, and what of a page is no text.
SAID = ("error", "message", "done", "notice", "success", "warning", "info")
TAG = re.compile(r"<script.*?</script>|<[^>]*>", re.DOTALL)
PAGES = (
    *("/my", "/my/pay", "/my/pay/ahead", "/my/payslips", "/my/accounts"),
    "/my/accounts/ledger?month=2026-08",
    *("/my/purchases", "/my/purchases?show=mileage", "/my/purchases/bill/new"),
    *("/my/invoicing", "/my/invoicing/new", "/my/customers", "/my/customers/new"),
    *("/my/interviews", "/my/actions", "/my/workshops", "/my/skills"),
    *("/my/directory", "/my/services", "/my/documents-to-give", "/my/joint-projects"),
    *("/my/meetings", "/my/shares", "/my/bodies"),
    *("/my/cooperative", "/my/cooperative/account", "/my/accounts/internal"),
    "/my/accounts/ledger?month=2026-08&only=turnover",
)


@pytest.fixture(scope="module")
def screen(cooperative, browser_of):
    page = browser_of(cooperative, "ines", "ines", PHONE).new_page()
    return Screen(page, cooperative)


def violations(page):
    options = {"runOnly": {"type": "tag", "values": RULES}}
    found = Axe().run(page, context=OURS, options=options).response["violations"]
    return {
        rule["id"]: [node["html"][:160] for node in rule["nodes"]][:3] for rule in found
    }


def doubled(page):
    """Names of buttons that a field of their form has too: the server reads one."""
    return page.eval_on_selector_all(
        "form button[name]",
        "all => all.filter(b => b.form.querySelector("
        "`input[name='${b.name}'], select[name='${b.name}']`)).map(b => b.name)",
    )


@pytest.mark.parametrize("path", PAGES)
def test_page(screen, path):
    screen.show(path, OURS)
    assert doubled(screen.page) == []
    for size in (DESK, PHONE):
        screen.resize(size)
        assert screen.fits(), size
        assert violations(screen.page) == {}, size


@pytest.mark.parametrize("login", ["ines", "nadia"])
def test_no_link_is_a_dead_end(cooperative, browser_of, login):
    request = browser_of(cooperative, login, login, PHONE).request
    seen = portal_walk.walk(request, cooperative)
    assert {a: row for a, row in seen.items() if row[0] >= 400} == {}
    assert len(seen) > 40
    entries = [address for address in seen if "/my/accounts/entry/" in address]
    assert len(entries) > 1


@pytest.fixture(scope="module")
def pages(cooperative, screen):
    """Addresses of the pages that links lead to."""
    seen = portal_walk.walk(screen.page.request, cooperative)
    return [address for address, (_s, kind, _from) in seen.items() if "html" in kind]


def test_no_page_repeats_the_words_of_a_link(cooperative, screen, pages):
    """Anybody can write one, and send it around."""
    spoof = "Zorglub 42"
    query = "&".join(f"{name}={spoof}" for name in SAID)
    told = []
    for address in pages:
        sign = "&" if "?" in address else "?"
        answer = screen.page.request.get(f"{cooperative.url}{address}{sign}{query}")
        if spoof in TAG.sub(" ", answer.text()):
            told.append(address)
    assert told == []


def test_pages_behind_the_links(screen, pages):
    """Those with an id, which only a link tells."""
    looked = []
    for address in pages:
        if "#" in portal_walk.pattern(address)[0]:
            screen.show(address, OURS)
            assert violations(screen.page) == {}, address
            looked.append(address)
    assert looked


def test_the_home_is_light(screen):
    """Beyond Odoo's own assets, which browsers keep."""
    sizes = []

    def note(response):
        if "/web/assets/" not in response.url and response.ok:
            sizes.append(len(response.body()))

    screen.page.on("requestfinished", lambda request: note(request.response()))
    screen.show("/my", ".o_cae_home_figure")
    assert 1000 < sum(sizes) < 300_000


def p95_in_turn(both, address):
    """Seconds that 38 of 40 requests take at most, for each login."""
    times = {login: [] for login in both}
    for _turn in range(40):
        for login, request in both.items():
            start = time.monotonic()
            assert request.get(address).ok
            times[login].append(time.monotonic() - start)
    return [sorted(each)[37] for each in times.values()]


def test_the_home_is_as_quick_as_odoos(cooperative, browser_of):
    """The page of an entrepreneur against that of a customer, in turn."""
    client = contract.Client(cooperative)
    people.create_user(client, "customer", "Client", "base.group_portal")
    both = {
        login: browser_of(cooperative, login, login, PHONE).request
        for login in ("ines", "customer")
    }
    rounds = [p95_in_turn(both, f"{cooperative.url}/my") for _round in range(5)]
    # Both share what else the machine does in a round: the middle of five.
    assert statistics.median(ours / theirs for ours, theirs in rounds) < 1.5, rounds
