"""The screens of pay in a real browser, as the payroll officer works with them.

A month whose pay all waits for approval: approved, posted and undone; refused;
settled; exported; the payslips imported. Pictures as in ``test_browser``.
"""

import contract
import people
import pytest
from screen import FORM, ROWS

pytestmark = pytest.mark.browser

MONTH = "2026-01"
MODAL = ".o_dialog:not(.o_inactive_modal) "
NOTHING = ".o_view_nocontent"
DATA = ".o_list_view .o_data_row"
#: Of 2025: what one activity earned, and its way back from the result of before.
YEAR_BEFORE = (
    *(("2025-12-31", "512", 1800, 0), ("2025-12-31", "706", 0, 1800)),
    *(("2026-01-02", "110", 1800, 0), ("2026-01-02", "512", 0, 1800)),
)
SETTLED = "A0032"


@pytest.fixture(scope="module")
def office(serve_loaded):
    """The demo CAE with the pay of a month that waits, and a year to settle."""
    server = serve_loaded()
    client = contract.Client(server)
    people.set_company(client)
    people.create_team(client)
    vals = {"cae_pay_approval": "all"}
    client.call("res.company", "write", ids=[1], vals=vals)
    rows = [
        {"activite": SETTLED, "date": day, "compte": code, "debit": d, "credit": c}
        for day, code, d, c in YEAR_BEFORE
    ]
    assert not client.load("opening", rows)["errors"]
    for code in ("E0001", "E0003", "E0004", "E0048"):
        (person,) = client.search("cae.entrepreneur", [("code", "=", code)])
        vals = {"matricule": code[1:]}
        client.call("cae.entrepreneur", "write", ids=[person], vals=vals)
    client.run(MONTH)
    return server


@pytest.fixture(scope="module")
def admin(office):
    return contract.Client(office)


@pytest.fixture
def screen(office, screen_on):
    return screen_on(office, "paie")


def pay_of(admin, code):
    """Id and state of the last pay of a person."""
    domain = [("entrepreneur_id.code", "=", code)]
    (row,) = admin.read(
        "cae.pay.line", domain, ["state", "reason"], limit=1, order="id desc"
    )
    return row


def press(screen, name, selector):
    screen.page.click(f'button[name="{name}"]:visible')
    screen.settle(selector)


def give_reason(screen, text):
    screen.page.fill(f'{MODAL}[name="reason"] input', text)
    screen.picture("pay_reason")
    screen.page.click(f'{MODAL}button[name="action_confirm"]')
    screen.page.wait_for_selector(MODAL, state="detached")
    screen.settle(FORM)


def state_of(screen):
    return screen.page.get_attribute(
        ".o_statusbar_status .o_arrow_button_current", "data-value"
    )


def test_pay_is_approved_posted_and_undone(screen, admin):
    screen.show("/odoo/cae-pay-to-approve", ROWS)
    screen.page.click(".o_group_header")
    screen.settle(DATA)
    assert screen.count(DATA) > 20
    screen.picture("pay_to_approve")
    screen.page.click(f'{DATA} td[name="entrepreneur_id"]:has-text("Inès")')
    screen.settle(FORM)
    assert state_of(screen) == "draft"
    screen.picture("pay_line")
    press(screen, "action_approve", 'button[name="action_post"]')
    press(screen, "action_post", 'button[name="action_ask_undo"]')
    assert pay_of(admin, "E0001")["state"] == "posted"
    press(screen, "action_ask_undo", f"{MODAL}.o_form_view")
    give_reason(screen, "Contrat signé au 1er février seulement")
    line = pay_of(admin, "E0001")
    assert (line["state"], state_of(screen)) == ("cancelled", "cancelled")
    assert line["reason"] == "Contrat signé au 1er février seulement"
    screen.picture("pay_line_undone")


def test_pay_is_refused_with_a_reason(screen, admin):
    line = pay_of(admin, "E0003")
    screen.show(f"/odoo/cae-pay/{line['id']}", FORM)
    press(screen, "action_ask_refusal", f"{MODAL}.o_form_view")
    give_reason(screen, "Congé sans solde en janvier")
    line = pay_of(admin, "E0003")
    assert (line["state"], line["reason"]) == ("refused", "Congé sans solde en janvier")
    assert state_of(screen) == "refused"


def test_requests(screen):
    screen.show("/odoo/cae-pay-requests", f"{ROWS}, {NOTHING}")
    screen.picture("pay_requests")
    screen.page.click(".o_list_button_add:visible")
    screen.settle(".o_list_view .o_selected_row")
    screen.picture("pay_request")


def test_a_year_is_settled(screen, admin):
    vals = {"date_to": "2025-12-31", "accounts_meeting_date": "2026-06-18"}
    year = admin.create("cae.year", vals)
    screen.show("/odoo/cae-variable-parts", ROWS)
    screen.picture("settlement_years")
    screen.show(f"/odoo/cae-variable-parts/{year}", FORM)
    screen.picture("settlement_year")
    press(screen, "action_settle", ROWS)
    screen.picture("settlements")
    (settlement,) = admin.search("cae.settlement", [("due", ">", 0)])
    screen.show(f"/odoo/cae-settlements/{settlement}", FORM)
    screen.picture("settlement")
    press(screen, "action_approve", 'button[name="action_post"]')
    press(screen, "action_post", 'button[name="action_ask_undo"]')
    assert state_of(screen) == "posted"
    screen.picture("settlement_posted")
    (row,) = admin.read("cae.settlement", [("id", "=", settlement)], ["due", "budget"])
    assert row["budget"] == 1800 and 0 < row["due"] < 1800


def test_elements_go_to_the_payroll_software(screen, admin):
    approve(admin, "E0004", "E0048")
    screen.show("/odoo/cae-payroll-export", f"{MODAL}.o_form_view")
    set_month(screen)
    choose(screen, "template_id", "Silae")
    press(screen, "action_export", f'{MODAL}[name="content"] a, {MODAL}.fa-download')
    screen.picture("payroll_export")
    assert "silae-2026-01.csv" in screen.page.inner_html(MODAL)


def approve(admin, *codes):
    for code in codes:
        line = pay_of(admin, code)
        if line["state"] == "draft":
            admin.call("cae.pay.line", "action_approve", ids=[line["id"]])
            admin.call("cae.pay.line", "action_post", ids=[line["id"]])


def set_month(screen):
    screen.page.locator(
        f'{MODAL}[name="month"] button, {MODAL}[name="month"] input'
    ).first.click()
    box = screen.page.locator(f'{MODAL}[name="month"] input')
    box.fill("31/01/2026")
    box.press("Enter")


def choose(screen, field, text):
    box = screen.page.locator(f'{MODAL}[name="{field}"] input')
    box.click()
    box.fill(text)
    screen.page.click(f'.o-autocomplete--dropdown-menu li >> text="{text}"')


def test_a_payroll_journal_is_imported(screen, admin):
    approve(admin, "E0004", "E0048")
    screen.show("/odoo/cae-payslip-import", f"{MODAL}.o_form_view")
    screen.picture("payslip_import")
    set_month(screen)
    screen.page.click(f'{MODAL}[name="dataset"] input')
    screen.page.click(".o_select_menu_menu .o-dropdown-item >> nth=1")
    give_file(screen, "0004;641000;;1,00\n;512000;1,00;\n")
    press(screen, "action_load", f"{MODAL}.alert-danger")
    screen.picture("payslip_import_refused")
    assert screen.count(f"{MODAL}.o_data_row") >= 2
    give_file(
        screen,
        "0004;641100;500,00;\n0004;645100;20,00;\n"
        "0004;421000;;395,00\n0004;431000;;125,00\n",
    )
    press(screen, "action_load", f"{MODAL}.alert-success")
    screen.picture("payslip_import_done")
    press(screen, "action_open_payslips", ROWS)
    screen.picture("payslips")
    (slip,) = admin.search("cae.payslip", [("entrepreneur_id.code", "=", "E0004")])
    screen.show(f"/odoo/cae-payslips/{slip}", FORM)
    screen.picture("payslip")


def give_file(screen, rows):
    text = "matricule;compte;debit;credit\n" + rows
    file = {"name": "journal.csv", "mimeType": "text/csv", "buffer": text.encode()}
    screen.page.set_input_files(f'{MODAL}input[type="file"]', file)
    screen.settle(f'{MODAL}[name="file"]')


def test_rates(screen):
    screen.show("/odoo/cae-payroll-rates", DATA)
    assert screen.count(DATA) > 30
    screen.picture("payroll_rates")
    screen.page.click(f"{DATA} td.o_data_cell >> nth=0")
    screen.settle(FORM)
    screen.picture("payroll_rate")


def test_rates_of_two_dates(screen):
    screen.show("/odoo/cae-payroll-rate-changes", f"{MODAL}table")
    assert screen.count(f"{MODAL}tbody tr")
    screen.picture("payroll_rate_changes")


def test_templates_and_simulator(screen):
    screen.show("/odoo/cae-payroll-files", ROWS)
    screen.picture("payroll_files")
    screen.page.click(f"{ROWS} >> nth=0")
    screen.settle(FORM)
    screen.picture("payroll_file")


def test_a_person_sees_nothing_of_others(office, screen_on, admin):
    """Neither the office's screens nor the payslip of somebody else."""
    approve(admin, "E0004")
    slips = admin.search("cae.payslip", [("entrepreneur_id.code", "!=", "E0001")])
    assert slips
    page = screen_on(office, "ines").page
    for path in ("cae-pay", "cae-payslips", "cae-settlements"):
        page.goto(f"{office.url}/odoo/{path}")
        assert "/odoo/" not in page.url and "/my" in page.url
    for path in (f"/cae/payslip/{slips[0]}/pdf", f"/odoo/cae-payslips/{slips[0]}"):
        answer = page.context.request.get(f"{office.url}{path}")
        assert answer.status in (403, 404) or "/my" in answer.url
