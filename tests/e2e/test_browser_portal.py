"""The home of an entrepreneur on a phone: the figure, what to do, the money."""

import pytest
from screen import Screen

pytestmark = pytest.mark.browser

PHONE = (360, 780)
NET = ".o_cae_pay_ahead_result .fs-3"
FIGURE = ".o_cae_home_pay .o_cae_home_figure"


@pytest.fixture
def phone(cooperative, open_page):
    """Function that gives the phone of a person of the portal."""
    return lambda login, size=PHONE: Screen(
        open_page(cooperative, login, path="/web/health", size=size), cooperative
    )


def fits(screen):
    """No page of a phone is wider than it."""
    wide, inner = screen.page.evaluate(
        "[document.documentElement.scrollWidth, window.innerWidth]"
    )
    return wide <= inner


def test_home(phone):
    screen = phone("ines")
    screen.show("/my", FIGURE)
    screen.picture("portal_home")
    assert fits(screen)
    screen.page.set_viewport_size({"width": 1280, "height": 900})
    screen.picture("portal_home_wide")
    assert screen.page.inner_text(".o_cae_home h2") == "Bonjour Inès"


def test_pay(phone):
    screen = phone("ines")
    screen.show("/my/pay", "#steps")
    assert fits(screen)
    screen.picture("portal_pay")


def test_months_ahead(phone):
    screen = phone("ines")
    screen.show("/my/pay/ahead", ".o_cae_graph svg")
    assert screen.count(".o_cae_table tbody tr") == 12
    assert fits(screen)
    first = screen.page.inner_text(f"{NET} >> nth=0")
    with screen.page.expect_response(lambda r: "/ahead/result" in r.url):
        screen.page.fill("#turnover", "6000")
    screen.page.wait_for_function(
        f"was => document.querySelector('{NET}').innerText !== was",
        arg=first,
    )
    told = screen.page.inner_text("output[for=turnover]")
    assert "".join(told.split()) == "6000€" != told
    screen.picture("portal_ahead")


def test_accounts(phone):
    screen = phone("ines")
    screen.show("/my/accounts", ".o_cae_table")
    assert fits(screen)
    screen.picture("portal_accounts")
    screen.page.click("summary >> nth=0")
    screen.page.wait_for_selector("details[open] p")
    screen.show("/my/accounts/ledger?month=2026-08", ".list-group-item")
    assert fits(screen)
    screen.picture("portal_ledger")
    lines = screen.count(".list-group-item")
    answer = screen.page.request.get(
        f"{screen.server.url}/my/accounts/ledger.csv?activity=A0001&month=2026-08"
    )
    rows = [row.split(";") for row in answer.text().splitlines()[1:]]
    # What the VAT of payments writes twice is in the file alone.
    twice = [row for row in rows if row[4].startswith("CABA") and row[1][0] in "67"]
    assert (answer.status, len(rows) - len(twice)) == (200, lines)


def test_nothing_of_others(phone):
    screen = phone("ines")
    get = screen.page.request.get
    for path in (
        "/my/accounts/ledger.csv?activity=A0004&month=2026-08",
        "/my/accounts/ledger.xlsx?activity=NONE",
        "/my/accounts/ledger.pdf?activity=A0001",
    ):
        assert get(f"{screen.server.url}{path}").status == 404, path
    own = get(f"{screen.server.url}/my/accounts").text()
    assert get(f"{screen.server.url}/my/accounts?activity=A0004").text().count(
        "Studio"
    ) == own.count("Studio")
