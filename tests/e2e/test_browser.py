"""The main screens in a real browser, as the accountant and the payroll officer.

Each screen must show its records without an error in the console. With
``CAE_SCREENSHOTS`` set, pictures for the documentation go to docs/images.
"""

import os
from pathlib import Path

import contract
import pytest

pytestmark = pytest.mark.browser

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZE = (1400, 900)
PATIENCE = 120_000
ROWS = ".o_list_view .o_data_row, .o_list_view .o_group_header"
BUSY = ".o_loading_indicator, .o_blockUI"
FORM = ".o_form_view .o_form_sheet"
#: Debian leaves the first out of Odoo for its licence; no page of ours needs it.
KNOWN = ("selfie_segmentation", "favicon.ico")


class Screen:
    """A page of a user, and what its console said."""

    def __init__(self, page, server):
        self.page, self.server, self.errors = page, server, []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("response", self._on_response)

    def _on_console(self, message):
        text = f"{message.text} {message.location.get('url', '')}"
        if message.type == "error" and not any(name in text for name in KNOWN):
            self.errors.append(text)

    def _on_response(self, response):
        if response.status >= 500:
            self.errors.append(f"{response.status} {response.url}")

    def show(self, path, selector):
        """Open a page and wait until ``selector`` is there and nothing moves."""
        self.page.goto(f"{self.server.url}{path}")
        self.settle(selector)

    def settle(self, selector):
        self.page.wait_for_selector(selector)
        # The bus never lets the network be idle: look at what the user sees.
        self.page.wait_for_function(
            f"() => !document.querySelector('{BUSY}')", polling=100
        )
        self.page.wait_for_timeout(500)
        assert not self.page.query_selector(".o_error_dialog"), self.errors
        assert not self.errors

    def count(self, selector):
        return len(self.page.query_selector_all(selector))

    def picture(self, name):
        if os.environ.get("CAE_SCREENSHOTS"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            self.page.mouse.move(0, 0)
            self.page.screenshot(path=IMAGES / f"{name}.png")


@pytest.fixture(scope="module")
def admin(cooperative):
    return contract.Client(cooperative)


@pytest.fixture
def screen_of(cooperative, open_page):
    def login(user):
        page = open_page(cooperative, user, path="/web/health", size=SIZE)
        return Screen(page, cooperative)

    return login


@pytest.fixture
def screen(screen_of):
    """The accountant's browser."""
    return screen_of("comptable")


def record(client, model, field, value):
    (found,) = client.search(model, [(field, "=", value)], limit=1)
    return found


def test_app_opens_from_the_menu(screen):
    screen.show("/odoo", ".o_navbar_apps_menu button, .o_menu_toggle")
    screen.page.click(".o_navbar_apps_menu button, .o_menu_toggle")
    screen.page.click('[data-menu-xmlid="cae_base.menu_cae_root"]')
    screen.settle(".o_main_navbar .o_menu_sections")
    assert screen.page.query_selector(
        '[data-menu-xmlid="cae_base.cae_activities_menu"]'
    )


def test_monthly_close(screen, admin):
    month = record(admin, "cae.period", "date", "2026-10-01")
    screen.show(f"/odoo/cae-months/{month}", FORM)
    assert screen.count('[name="findings"]') == 1
    assert screen.count('[name="contribution_line_ids"] .o_data_row') > 20
    screen.picture("close")
    screen.show("/odoo/cae-months", ROWS)
    assert screen.count(ROWS) == len(contract.MONTHS)


def test_running_the_month_again_adds_nothing(screen, admin):
    month = record(admin, "cae.period", "date", "2026-10-01")
    before = admin.count("cae.contribution.line")
    screen.show(f"/odoo/cae-months/{month}", FORM)
    screen.page.click('button[name="action_run_watched"]')
    screen.settle(FORM)
    assert admin.count("cae.contribution.line") == before


def test_activities(screen, admin):
    screen.show("/odoo/cae-activities", ROWS)
    assert screen.count(ROWS) == len(contract.ACTIVITIES)
    screen.picture("activities")
    screen.page.click(".o_switch_view.o_kanban")
    screen.settle(".o_kanban_view .o_kanban_record:not(.o_kanban_ghost)")
    activity = record(admin, "cae.activity", "code", "A0001")
    screen.show(f"/odoo/cae-activities/{activity}", FORM)
    assert screen.count(".o_form_view .oe_stat_button") >= 6
    screen.picture("activity")


@pytest.mark.parametrize(
    "button",
    [
        "action_open_ledger",
        "action_open_invoices",
        "action_open_bills",
        "action_open_contributions",
    ],
)
def test_buttons_of_an_activity(screen, admin, button):
    activity = record(admin, "cae.activity", "code", "A0001")
    screen.show(f"/odoo/cae-activities/{activity}", FORM)
    screen.page.click(f'button[name="{button}"]')
    screen.settle(ROWS)
    assert screen.count(ROWS)


def test_contributions(screen, admin):
    screen.show("/odoo/cae-contributions", ROWS)
    screen.picture("contributions")
    screen.page.click(".o_switch_view.o_pivot")
    screen.settle(".o_pivot table")
    screen.page.click(".o_switch_view.o_graph")
    screen.settle(".o_graph_view canvas")
    line = admin.search(
        "cae.contribution.line",
        [("activity_id.code", "=", "A0001"), ("month", "=", "2026-08-01")],
    )
    screen.show(f"/odoo/cae-contributions/{line[0]}", FORM)
    screen.picture("contribution")


def test_entrepreneurs(screen, admin):
    screen.show("/odoo/cae-entrepreneurs", ROWS)
    assert screen.count(ROWS) > 30
    screen.picture("entrepreneurs")
    person = record(admin, "cae.entrepreneur", "code", "E0001")
    screen.show(f"/odoo/cae-entrepreneurs/{person}", FORM)


def test_scheme(screen, admin):
    screen.show("/odoo/cae-schemes", ROWS)
    assert screen.count(ROWS) == 5
    scheme = record(admin, "cae.contribution.scheme", "code", "TRANCHES")
    screen.show(f"/odoo/cae-schemes/{scheme}", FORM)
    screen.picture("scheme")


@pytest.mark.parametrize(
    "path", ["cae-contracts", "cae-statements", "cae-ledgers", "cae-own-terms"]
)
def test_other_lists(screen, path):
    screen.show(f"/odoo/{path}", ".o_action_manager .o_view_controller")


def test_import(screen):
    screen.show("/odoo/cae-import", ".o_form_view")
    screen.picture("import")


def test_pay(screen_of, admin):
    screen = screen_of("paie")
    screen.show("/odoo/cae-pay", ROWS)
    screen.picture("pay")
    line = admin.search(
        "cae.pay.line",
        [("entrepreneur_id.code", "=", "E0001"), ("month", "=", "2026-08-01")],
        limit=1,
    )
    screen.show(f"/odoo/cae-pay/{line[0]}", FORM)
    screen.picture("pay_form")


def test_accountant_sees_pay(screen):
    screen.show("/odoo/cae-pay", ROWS)
