"""The main screens in a real browser, as the accountant and the payroll officer.

Each screen must show its records without an error in the console. With
``CAE_SCREENSHOTS`` set, pictures for the documentation go to docs/images.
"""

import contract
import pytest
from screen import FORM, ROWS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def admin(cooperative):
    return contract.Client(cooperative)


@pytest.fixture
def screen_of(cooperative, screen_on):
    return lambda user: screen_on(cooperative, user)


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


def test_cockpit(screen):
    screen.show("/odoo/cae-cockpit", ".o_cae_tile")
    assert screen.count(".o_cae_tile") > 30
    assert screen.count(".o_cae_national") >= 4
    tile = screen.page.locator('[data-key="en_cesa"]')
    people = int(tile.locator(".o_cae_value").inner_text())
    assert tile.locator(".o_cae_before").count() == 1
    tile.locator("summary").click()
    assert tile.locator("details p").first.inner_text()
    screen.picture("cockpit")
    tile.locator("button").first.click()
    screen.settle(ROWS)
    assert screen.count(".o_list_view .o_data_row") == people
    screen.page.go_back()
    screen.settle(".o_cae_tile")
    tile.locator("button").last.click()
    screen.settle(".o_graph_view canvas")


def test_catalogue_of_reports(screen):
    screen.show("/odoo/cae-reports", ROWS)
    assert screen.count(".o_list_view .o_data_row") >= 8
    screen.picture("reports")
    screen.page.click(".o_list_view .o_data_row .o_data_cell >> nth=1")
    screen.settle(".o_pivot table")
    assert screen.count(".o_pivot tbody tr") > 20
    screen.picture("report_treasury")


@pytest.mark.parametrize(
    ("button", "shown"),
    [
        ("action_months", ".o_pivot table"),
        ("action_years", ".o_pivot table"),
        ("action_survival", ".o_graph_view canvas"),
    ],
)
def test_buttons_of_the_cockpit(screen, button, shown):
    screen.show("/odoo/cae-cockpit", ".o_cae_tile")
    screen.page.click(f'button[name="{button}"]')
    screen.settle(shown)
    screen.picture(button.replace("action", "cockpit"))
    screen.page.click(".o_switch_view.o_list")
    screen.settle(ROWS)


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
