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
#: The automatic tour looks before it clicks, as people do: its next step waits until
#: nothing is asked and what was answered is drawn. Odoo's lists of choices lose what
#: was chosen when the next click comes before.
PEOPLE = """async () => {
    const {rpcBus} = odoo.loader.modules.get("@web/core/network/rpc");
    const {loadBundle} = odoo.loader.modules.get("@web/core/assets");
    await loadBundle("web_tour.automatic", {css: false});
    const name = "@web_tour/js/tour_automatic/tour_step_automatic";
    const step = odoo.loader.modules.get(name).TourStepAutomatic.prototype;
    const {findTrigger, doAction} = step;
    let asked = 0, still = 0;
    rpcBus.addEventListener("RPC:REQUEST", () => asked++);
    rpcBus.addEventListener("RPC:RESPONSE", () => asked--);
    const look = () => {
        still = asked ? 0 : still + 1;
        requestAnimationFrame(look);
    };
    look();
    step.findTrigger = function () { return still > 4 && findTrigger.call(this); };
    step.doAction = async function () {
        const result = await doAction.call(this);
        still = 0;
        return result;
    };
}"""
#: What the fields of the cooperative are given by hand, in the order of the tour.
SEAT = {
    "street": "2 rue du Port",
    "zip": "44100",
    "city": "Rezé",
    "company_registry": "73282932000074",
}


@pytest.fixture
def screen(company_fresh, screen_on):
    """The browser of the manager of an empty French company.

    Odoo begins the tour for administrators by itself: that is off, or two would run.
    """
    client = contract.Client(company_fresh)
    client.call("res.users", "switch_tour_enabled", val=False)
    return screen_on(company_fresh, "admin")


def test_tour_through_the_first_month(screen, screen_on, company_fresh):
    screen.show("/odoo/cae-month", FORM)
    assert screen.count(f"{STEPS} li") == 7
    screen.picture("first_steps")
    page = screen.page
    page.wait_for_function("odoo.startTour")
    page.evaluate(PEOPLE)
    ended = ("tour succeeded", "FAILED")
    with page.expect_console_message(
        lambda message: any(word in message.text for word in ended),
        timeout=LONG,
    ) as message:
        page.evaluate(f"void {TOUR % 'auto'}")
    assert "tour succeeded" in message.value.text, message.value.text
    # What is asked must not be cut off by another page.
    screen.settle(DONE)
    client = contract.Client(company_fresh)
    assert client.count("cae.entrepreneur", [("stage", "=", "cape")]) == 1
    assert client.count("cae.activity", [("scheme_id", "!=", False)]) == 1
    # On a page of its own: Odoo's automatic tour calls leaving its page a failure, even
    # when it is over.
    after = screen_on(company_fresh, "admin")
    after.show("/odoo/cae-month", FORM)
    assert steps_left(after) == ["pay", "month"]


def steps_left(screen):
    """The keys of the first steps that are still to do."""
    return screen.page.eval_on_selector_all(
        f"{STEPS} li:not(:has(.fa-check-circle))",
        "steps => steps.map((step) => step.dataset.step)",
    )


def test_the_way_back_by_hand_leads_on(screen):
    """The breadcrumb lies under the pointer: it is what one clicks."""
    screen.show("/odoo", ".o_navbar_apps_menu button")
    page = screen.page
    page.wait_for_function("odoo.startTour")
    page.evaluate(TOUR % "manual")
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
