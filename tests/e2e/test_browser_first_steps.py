"""A new cooperative: the list of first steps, and the tour through its first month."""

import contract
import pytest
from screen import FORM

pytestmark = pytest.mark.browser

STEPS = ".o_cae_onboarding"
DONE = f"{STEPS} .fa-check-circle"
#: The whole tour, in ms.
LONG = 400_000
TOUR = "odoo.startTour('cae_first_month', {mode: '%s', redirect: false})"
#: What the fields of the cooperative are given by hand, in the order of the tour.
SEAT = {
    "street": "2 rue du Port",
    "zip": "44100",
    "city": "Rezé",
    "company_registry": "73282932000074",
}


@pytest.fixture
def screen(company_fresh, screen_on):
    """The browser of the manager of an empty French company."""
    return screen_on(company_fresh, "admin")


def test_tour_through_the_first_month(screen, screen_on, company_fresh):
    screen.show("/odoo/cae-month", FORM)
    assert screen.count(f"{STEPS} li") == 7
    screen.picture("first_steps")
    page = screen.page
    page.wait_for_function("odoo.startTour")
    ended = ("tour succeeded", "FAILED")
    with page.expect_console_message(
        lambda message: any(word in message.text for word in ended),
        timeout=LONG,
    ) as message:
        page.evaluate(f"void {TOUR % 'auto'}")
    assert "tour succeeded" in message.value.text, message.value.text
    # The month runs on for a moment.
    screen.settle(DONE)
    page.wait_for_selector(".modal", state="detached")
    # Its form is read again: what is asked must not be cut off by another page.
    screen.settle(DONE)
    client = contract.Client(company_fresh)
    assert client.count("cae.entrepreneur", [("stage", "=", "cape")]) == 1
    assert client.count("cae.activity", [("scheme_id", "!=", False)]) == 1
    # On a page of its own: Odoo's automatic tour calls leaving its page a failure, even
    # when it is over.
    after = screen_on(company_fresh, "admin")
    for _reading in range(20):
        # On a slow machine the month still runs when the page is read.
        after.show("/odoo/cae-month", FORM)
        if after.count(DONE) == 5:
            break
    assert after.count(DONE) == 5


def test_the_way_back_by_hand_leads_on(screen):
    """The breadcrumb lies under the pointer: it is what one clicks."""
    screen.show("/odoo", ".o_navbar_apps_menu button")
    page = screen.page
    page.wait_for_function("odoo.startTour")
    page.evaluate(f"void {TOUR % 'manual'}")
    page.click(".o_navbar_apps_menu button")
    page.click('[data-menu-xmlid="cae_base.menu_cae_root"]')
    screen.settle(STEPS)
    page.click(f"{STEPS} [data-step=company] button")
    screen.settle(FORM)
    for name, value in SEAT.items():
        page.fill(f"[name={name}] input", value)
        page.wait_for_timeout(200)
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_form_view .o_form_saved")
    with page.expect_console_message(lambda told: "data-step=plan" in told.text):
        page.click(".o_breadcrumb .breadcrumb-item a")
    page.evaluate("localStorage.clear()")


def test_list_is_hidden_and_brought_back(screen):
    screen.show("/odoo/cae-month", STEPS)
    screen.page.click(f"{STEPS}_hide")
    screen.page.wait_for_selector(STEPS, state="detached")
    screen.show("/odoo/cae-month", FORM)
    assert not screen.count(STEPS)
    screen.show("/odoo/cae-first-steps", STEPS)
    assert screen.count(f"{STEPS} li") == 7
