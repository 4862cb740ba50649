"""The home of an entrepreneur on a phone: the figure, what to do, the money."""

import pytest
from screen import Screen

pytestmark = pytest.mark.browser

PHONE = (360, 780)
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
    open("/tmp/w/steps.txt", "w").write(screen.page.inner_text("#steps"))
    assert fits(screen)
    screen.picture("portal_pay")
