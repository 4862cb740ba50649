"""Quotes of an entrepreneur on a phone, and the customer who signs."""

import contract
import pytest
import sellers
from screen import Screen
from test_browser_invoicing import (
    PHONE,
    WIDTHS,
    fill_line,
    look,
    pdf_of,
    press,
    wait_for_total,
)

pytestmark = pytest.mark.browser

PLACE = "/my/invoicing/quotes"
#: Has a dialog say that it is whole.
SHOWN = "el => el.addEventListener('shown.bs.modal', () => (el.dataset.shown = 1))"


@pytest.fixture
def ines(selling, open_page):
    """Function that gives the page of Inès in a window of a size."""
    return lambda size=PHONE: Screen(
        open_page(selling, "ines", path="/web/health", size=size), selling
    )


@WIDTHS
def test_quote_is_signed_on_line_and_invoiced(selling, ines, browser, size):
    door = contract.Client(selling, login="ines")
    door.call("cae.invoicing", "save_customer", values=sellers.CUSTOMER)
    phone = ines(size)
    phone.show(PLACE, "#wrap .o_cae_home")
    look(phone, "portal_quotes_none")
    press(phone, f"a[href^='{PLACE}/new']", ".o_cae_invoice")
    phone.page.select_option("#customer", index=1)
    fill_line(phone, 0, description="Atelier, deux jours", quantity="2", price="500")
    phone.page.click(".o_cae_line_add")
    fill_line(phone, 1, description="Déplacement", price="40,50", discount="10")
    phone.page.fill("[name=mentions]", "Acompte de 30 % à la commande.")
    wait_for_total(phone, "1243,74€")
    look(phone, "portal_quote_form")
    press(phone, "button[value=send]")
    address = phone.page.url
    assert phone.count("form[action$=undo]") == 1
    assert phone.count("a[href$='/edit']") == 0
    look(phone, "portal_quote_sent")
    assert len(pdf_of(phone, address).pages) == 1

    key = int(address.rsplit("/", 1)[1])
    sign(selling, browser, key)

    phone.show("/my", f".list-group a[href='{PLACE}/{key}']")
    phone.show(f"{PLACE}?state=accepted", ".o_cae_invoices a")
    look(phone, "portal_quotes")
    press(phone, ".o_cae_invoices a")
    assert "Mme Le Roux" in phone.page.inner_text(".o_cae_facts")
    # Signed on line, it is not undone.
    assert phone.count("form[action$=undo]") == 0
    look(phone, "portal_quote_signed")
    press(phone, "a[href$='/invoice']", ".o_cae_form")
    # Who writes a share means a deposit.
    phone.page.fill("[name=percent]", "30")
    assert phone.page.is_checked("input[value=percent]")
    look(phone, "portal_quote_invoice")
    press(phone, ".o_cae_form button[type=submit]")
    assert phone.count("form[action$='/send']") == 1
    assert f"{PLACE}/{key}" in phone.page.content()
    look(phone, "portal_quote_deposit")
    phone.page.goto(address)
    phone.settle("#wrap .o_cae_home")
    assert phone.count("a[href*='/my/invoicing/'] .badge") >= 1
    look(phone, "portal_quote_invoiced_in_part")


def sign(server, browser, key):
    """The customer opens the link of the e-mail, and signs by a name."""
    admin = contract.Client(server)
    (row,) = admin.read("sale.order", [("id", "=", key)], ["access_token"])
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    token = f"access_token={row['access_token']}"
    page.goto(f"{server.url}/my/orders/{key}?{token}")
    screen = Screen(page, server)
    screen.settle("[name=sale_order_actions]")
    screen.picture("customer_quote")
    # Once it is whole, Odoo empties the signature: what was written before is lost.
    page.eval_on_selector("#modalaccept", SHOWN)
    page.click("[name=sale_order_actions] [data-bs-target='#modalaccept']:visible")
    page.wait_for_selector("#modalaccept[data-shown] .o_portal_sign_submit")
    page.fill("#modalaccept input[name=signer]", "Mme Le Roux")
    page.wait_for_selector(".o_portal_sign_submit:enabled")
    with page.expect_navigation():
        page.click(".o_portal_sign_submit")
    context.close()


@WIDTHS
def test_quote_is_accepted_on_paper_undone_and_lost(selling, ines, tmp_path, size):
    door = contract.Client(selling, login="ines")
    key = door.call("cae.invoicing", "save_quote", values=sellers.quote(door))
    scan = tmp_path / "devis.pdf"
    scan.write_bytes(b"%PDF-1.4 signed")
    screen = ines(size)
    screen.show(f"{PLACE}/{key}", "a[href$='/accept']")
    look(screen, "portal_quote_wide")
    press(screen, "a[href$='/accept']", ".o_cae_form")
    screen.page.set_input_files("[name=files]", str(scan))
    look(screen, "portal_quote_accept_wide")
    press(screen, ".o_cae_form button[type=submit]")
    assert screen.count("a[href*='/paper/']") == 1
    look(screen, "portal_quote_accepted_wide")
    press(screen, "form[action$=undo] button")
    assert screen.count("a[href*='/paper/']") == 0
    press(screen, "a[href$='/lose']", ".o_cae_form")
    screen.page.fill("[name=reason]", "Trop cher pour cette année")
    look(screen, "portal_quote_lose_wide")
    press(screen, ".o_cae_form button[type=submit]")
    assert "Trop cher" in screen.page.inner_text(".alert-info")
