"""Invoicing by an entrepreneur on a phone, and the accountant who validates."""

import io
from concurrent.futures import ThreadPoolExecutor

import contract
import people
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from screen import FORM, ROWS, Screen

pytestmark = pytest.mark.browser

PHONE, DESKTOP = (390, 844), (1280, 900)
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
MODAL = ".o_dialog:not(.o_inactive_modal) "
CUSTOMER = {
    "name": "Brasserie du Quai",
    "siret": "732 829 320 00074",
    "street": "3 quai de la Fosse",
    "zip": "44000",
    "city": "Nantes",
    "email": "quai@example.com",
}
REASON = "Le prix ne suit pas le devis : 480 € par jour."


@pytest.fixture(scope="module")
def office(serve_loaded):
    """The demo CAE without a month run, with its team."""
    server = serve_loaded()
    client = contract.Client(server)
    people.set_company(client)
    people.create_team(client)
    # Invoices fetch their style sheets from there.
    parameter = {"key": "report.url", "value": server.url}
    client.call("ir.config_parameter", "set_param", **parameter)
    return server


@pytest.fixture
def ines(office, open_page):
    """Function that gives the page of Inès in a window of a size."""
    return lambda size=PHONE: Screen(
        open_page(office, "ines", path="/web/health", size=size), office
    )


def look(screen, name):
    """Nothing wider than the window, nothing that axe finds, a picture."""
    wide, inner = screen.page.evaluate(
        "[document.documentElement.scrollWidth, window.innerWidth]"
    )
    assert wide <= inner, name
    axe = Axe().run(screen.page, context="#wrap", options={"runOnly": RULES})
    found = {
        rule["id"]: [node["html"][:160] for node in rule["nodes"]][:3]
        for rule in axe.response["violations"]
    }
    assert found == {}, name
    screen.picture(name)


def press(screen, selector, then="#wrap .o_cae_home"):
    with screen.page.expect_navigation():
        screen.page.click(selector)
    screen.settle(then)


def add_customer(screen, **values):
    screen.show("/my/customers/new?back=invoice", "#siret")
    for name, value in {**CUSTOMER, **values}.items():
        screen.page.fill(f"#{name}", value)
    look(screen, "portal_customer")
    press(screen, ".o_cae_customer button[type=submit]", ".o_cae_invoice")


def fill_line(screen, place, **values):
    line = f".o_cae_lines .o_cae_line >> nth={place}"
    for name, value in values.items():
        screen.page.fill(f"{line} >> [name={name}]", value)
    screen.page.select_option(f"{line} >> [name=tax]", usual_rate(screen))


def usual_rate(screen):
    """The 20 % of services, whatever the activity invoiced last."""
    door = contract.Client(screen.server, login="ines")
    taxes = door.call("cae.invoicing", "choices", activity="A0001")["taxes"]
    return str(
        next(
            tax["id"]
            for tax in taxes
            if (tax["kind"], tax["name"]) == ("service", "20 %")
        )
    )


def wait_for_total(screen, text):
    screen.page.wait_for_function(
        "text => document.querySelector('.o_cae_totals').innerText"
        ".replace(/\\s/g, '').includes(text)",
        arg=text,
    )


def pdf_of(screen, address):
    answer = screen.page.request.get(f"{address}/pdf")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    return pypdf.PdfReader(io.BytesIO(answer.body()))


def decide(screen, action):
    """The accountant opens the only document that waits, and decides."""
    screen.show("/odoo/cae-invoices-to-validate", ROWS)
    assert screen.count(".o_data_row") == 1
    screen.picture("invoices_to_validate")
    screen.page.click(".o_data_row .o_data_cell >> nth=1")
    screen.settle(FORM)
    screen.page.click(f"button[name={action}]:visible")


def test_invoice_is_refused_corrected_validated_and_credited(office, ines, screen_on):
    phone, desk = ines(), screen_on(office, "comptable")
    add_customer(phone)
    # The new customer is chosen already.
    assert phone.page.eval_on_selector("#customer", "e => e.selectedOptions[0].text")
    fill_line(phone, 0, description="Atelier, deux jours", quantity="2", price="500")
    phone.page.click(".o_cae_line_add")
    fill_line(phone, 1, description="Déplacement", price="40,50", discount="10")
    wait_for_total(phone, "1243,74€")
    look(phone, "portal_invoice_form")
    press(phone, "button[value=send]")
    address = phone.page.url
    assert phone.count("form[action$=take_back]") == 1
    assert phone.count("form[action$='/send'], a[href$='/edit']") == 0
    look(phone, "portal_invoice_sent")

    decide(desk, "action_cae_ask_refusal")
    desk.page.fill(f"{MODAL}[name=reason] textarea", REASON)
    desk.picture("invoice_refusal")
    desk.page.click(f"{MODAL}button[name=action_confirm]:visible")
    desk.page.wait_for_selector(MODAL, state="detached")
    desk.settle(FORM)

    phone.show("/my", f".list-group a[href$='{address.split('/my')[1]}']")
    phone.show("/my/invoicing?state=refused", ".o_cae_invoices a")
    press(phone, ".o_cae_invoices a")
    assert REASON in phone.page.inner_text(".alert-danger")
    look(phone, "portal_invoice_refused")
    press(phone, "a[href$='/edit']", ".o_cae_invoice")
    fill_line(phone, 0, price="480")
    press(phone, "button[value=send]")
    assert phone.page.url == address

    decide(desk, "action_cae_validate")
    desk.page.wait_for_selector("button[name=action_cae_validate]", state="detached")
    phone.show("/my/invoicing", ".o_cae_invoices a")
    look(phone, "portal_invoices")
    phone.page.goto(address)
    phone.settle("form[action$=mail]")
    look(phone, "portal_invoice")
    # Odoo keeps the PDF of an issued invoice, with its data for programs.
    pdf = pdf_of(phone, address)
    assert len(pdf.pages) == 1

    press(phone, "a[href$=credit]", "#reason")
    phone.page.click("input[name=lines] >> nth=1")
    phone.page.fill("#reason", "Un jour annulé")
    look(phone, "portal_credit")
    press(phone, ".o_cae_form button[type=submit]")
    assert phone.count("form[action$=take_back]") == 1
    decide(desk, "action_cae_validate")
    desk.page.wait_for_selector("button[name=action_cae_validate]", state="detached")
    phone.page.goto(address)
    phone.settle("#wrap .o_cae_home")
    assert phone.count("a[href*='/my/invoicing/'] .badge") >= 1


def test_small_invoice_is_validated_by_the_entrepreneur(office, ines):
    client = contract.Client(office)
    limit = {"cae_self_validation_limit": 300}
    client.call("cae.settings", "create", vals_list=limit)
    screen = ines(DESKTOP)
    add_customer(screen, name="Mairie de Rezé", siret="")
    fill_line(screen, 0, description="Conférence", price="300")
    wait_for_total(screen, "360,00€")
    look(screen, "portal_invoice_form_wide")
    press(screen, "button[value=send]")
    assert screen.count("form[action$=mail]") == 1
    look(screen, "portal_invoice_wide")
    # Once it is validated nobody sends or changes it again.
    assert screen.count("form[action$='/send'], a[href$='/edit']") == 0
    # Deleting asks twice.
    screen.show("/my/invoicing/new", ".o_cae_invoice")
    screen.page.select_option("#customer", index=1)
    fill_line(screen, 0, description="Erreur", price="1")
    press(screen, "button[value=save]")
    screen.page.click("form[action$=remove] button")
    screen.page.wait_for_selector("form[action$=remove] .btn-danger")
    assert screen.page.inner_text("form[action$=remove] button") != "Supprimer"
    press(screen, "form[action$=remove] button")
    assert screen.page.url.endswith("/my/invoicing")


def typed(screen, name):
    return screen.page.eval_on_selector_all(
        f".o_cae_lines [name={name}]", "all => all.map(each => each.value)"
    )


def test_what_was_typed_waits_for_a_new_customer(ines):
    screen = ines()
    add_customer(screen, name="Crèche des Lilas", siret="")
    fill_line(screen, 0, description="Atelier", quantity="2", price="500")
    screen.page.click(".o_cae_line_add")
    fill_line(screen, 1, description="Déplacement", price="40,50", discount="10")
    screen.page.fill("[name=mentions]", "Merci")
    screen.page.check("[name=deposit]")
    press(screen, "a.o_cae_keep_typed", "#siret")
    screen.page.fill("#name", "Ligue de voile")
    # Refused once: the form of the customer comes from another address.
    screen.page.fill("#siret", "123")
    for name in ("street", "zip", "city"):
        screen.page.fill(f"#{name}", CUSTOMER[name])
    press(screen, ".o_cae_customer button[type=submit]", ".alert-danger")
    screen.page.fill("#siret", "")
    press(screen, ".o_cae_customer button[type=submit]", ".o_cae_invoice")
    wait_for_total(screen, "1243,74€")
    assert typed(screen, "description") == ["Atelier", "Déplacement"]
    assert typed(screen, "price") == ["500", "40,50"]
    assert screen.page.input_value("[name=mentions]") == "Merci"
    assert screen.page.is_checked("[name=deposit]")
    chosen = "e => e.selectedOptions[0].text"
    assert screen.page.eval_on_selector("#customer", chosen) == "Ligue de voile"
    press(screen, "button[value=save]")
    # The same from a draft: back to it, not to another invoice.
    draft = screen.page.url
    press(screen, "a[href$='/edit']", ".o_cae_invoice")
    screen.page.click(".o_cae_line_remove >> nth=0")
    press(screen, "a.o_cae_keep_typed", "#siret")
    screen.page.click(".o_cae_customer a[href='/my/invoicing/new']")
    screen.page.wait_for_url(f"{draft}/edit")
    wait_for_total(screen, "43,74€")
    assert typed(screen, "description") == ["Déplacement"]
    # Also from a form that was refused.
    screen.page.fill(".o_cae_lines [name=price]", "un peu")
    press(screen, "button[value=save]", ".alert-danger")
    press(screen, "a.o_cae_keep_typed", "#siret")
    screen.page.click(".o_cae_customer a[href='/my/invoicing/new']")
    screen.page.wait_for_url(f"{draft}/edit")
    screen.settle(".o_cae_invoice")
    assert typed(screen, "price") == ["un peu"]
    # What was left for good does not turn up in the next invoice.
    press(screen, "a.o_cae_keep_typed", "#siret")
    screen.show("/my/invoicing/new", ".o_cae_invoice")
    assert typed(screen, "description") == [""]


def test_pressed_by_two_fingers_at_once(office):
    """Who sends, or asks for a credit note, several times at one moment: it is one."""
    client = contract.Client(office)
    limit = {"cae_self_validation_limit": 300}
    client.call("cae.settings", "create", vals_list=limit)
    door = contract.Client(office, login="ines")
    customer, *_others = door.call("cae.invoicing", "customers", activity="A0001")
    rate = door.call("cae.invoicing", "choices", activity="A0001")["usual"]
    line = {"description": "Une heure", "quantity": 1, "price": 60, "tax": rate}
    values = {"activity": "A0001", "customer": customer["id"], "lines": [line]}
    values["key"] = "two-fingers"
    (key,) = at_once(office, "save", values=values)
    assert at_once(office, "send", document_id=key) == [{"state": "validated"}]
    credits = at_once(office, "ask_credit", document_id=key, reason="Double")
    assert len(credits) == 1
    domain = [("reversed_entry_id", "=", key)]
    assert len(client.search("account.move", domain)) == 1


def test_several_at_once_do_not_pass_the_limit(office):
    client = contract.Client(office)
    limit = {"cae_self_validation_limit": 300}
    client.call("cae.settings", "create", vals_list=limit)
    door = contract.Client(office, login="ines")
    place = {"street": "1 rue Haute", "zip": "44000", "city": "Nantes"}
    known = {"activity": "A0001", "name": "Quatre fois cent", **place}
    customer = door.call("cae.invoicing", "save_customer", values=known)
    rate = door.call("cae.invoicing", "choices", activity="A0001")["usual"]
    line = {"description": "Une heure", "quantity": 1, "price": 100, "tax": rate}
    values = {"activity": "A0001", "customer": customer, "lines": [line]}
    keys = [
        door.call("cae.invoicing", "save", values={**values, "key": f"four-{turn}"})
        for turn in range(4)
    ]
    clients = [contract.Client(office, login="ines") for _key in keys]

    def send(client, key):
        return client.call("cae.invoicing", "send", document_id=key)["state"]

    with ThreadPoolExecutor(4) as pool:
        states = sorted(pool.map(send, clients, keys))
    assert states == ["to_validate", *["validated"] * 3]


def at_once(office, method, **values):
    """Answers, each once, of a method called by four clients together."""

    def call(client):
        try:
            return client.call("cae.invoicing", method, **values)
        except contract.Refused as refusal:
            # The draft is there already, or a credit note waits.
            assert refusal.kind == "user", refusal
            return None

    clients = [contract.Client(office, login="ines") for _turn in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, clients))
    kept = [answer for answer in answers if answer is not None]
    return [a for place, a in enumerate(kept) if a not in kept[:place]]
