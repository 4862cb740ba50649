"""Invoicing by an entrepreneur on a phone, and the accountant who validates."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import contract
import people
import postman
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from portal import text_of
from screen import FORM, ROWS, Screen, today

pytestmark = pytest.mark.browser

PHONE, DESKTOP = (390, 844), (1280, 900)
WIDTHS = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
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


@pytest.fixture(scope="module")
def post(office):
    """The mail server, listening."""
    with postman.listening() as keeper:
        postman.send_to(contract.Client(office), keeper)
        yield keeper


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
    # The guide shows the phone, and the desk where the name says so.
    if name.endswith("_wide") == (screen.page.viewport_size["width"] > PHONE[0]):
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
    return str(standard_rate(contract.Client(screen.server, login="ines")))


def standard_rate(door):
    taxes = door.call("cae.invoicing", "choices", activity="A0001")["taxes"]
    return next(
        tax["id"] for tax in taxes if (tax["kind"], tax["name"]) == ("service", "20 %")
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


@WIDTHS
def test_invoice_is_refused_corrected_validated_and_credited(
    office, ines, screen_on, size
):
    phone, desk = ines(size), screen_on(office, "comptable")
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
    check_books(office, int(address.rsplit("/", 1)[1]))


def check_books(office, key):
    """2 × 480,00 and 40,50 less 10 %, with 20 %; then the two days are credited."""
    client, fields = contract.Client(office), ["amount_untaxed", "amount_total"]
    domain = ["|", ("id", "=", key), ("reversed_entry_id", "=", key)]
    rows = client.read("account.move", [*domain], [*fields, "state"], order="id")
    assert [tuple(row[name] for name in (*fields, "state")) for row in rows] == [
        (996.45, 1195.74, "posted"),
        (960.0, 1152.0, "posted"),
    ]


def draft(office, day, price, **customer):
    """An invoice of one line for a new customer, saved by Inès."""
    door = contract.Client(office, login="ines")
    known = {"activity": "A0001", **CUSTOMER, "siret": "", **customer}
    key = door.call("cae.invoicing", "save_customer", values=known)
    rate = standard_rate(door)
    line = {"description": "Une journée", "quantity": 1, "price": price, "tax": rate}
    values = {"activity": "A0001", "customer": key, "date": f"{day}", "lines": [line]}
    return door.call("cae.invoicing", "save", values=values)


def validate(office, key):
    """By the cooperative, once it was sent."""
    door = contract.Client(office, login="ines")
    door.call("cae.invoicing", "send", document_id=key)
    accountant = contract.Client(office, login="comptable")
    accountant.call("account.move", "action_cae_validate", ids=[key])


@WIDTHS
def test_late_invoice_is_reminded_and_paid(office, ines, post, size):
    """Sent to the customer, reminded once, paid: what Inès reads, what leaves."""
    mail = f"retard{size[0]}@example.com"
    key = draft(office, today() - timedelta(days=70), 250.5, email=mail, name=mail)
    validate(office, key)
    screen, client = ines(size), contract.Client(office)
    screen.show("/my", "a.list-group-item[href$='state=late']")
    press(screen, "a.list-group-item[href$='state=late']")
    press(screen, f".o_cae_invoices a:has-text('{mail}')")
    assert "300,60 €" in text_of(screen, ".o_cae_facts")
    press(screen, "form[action$=mail] button")
    assert "Renvoyer au client" in text_of(screen, ".o_cae_actions")
    remind = "form[action$=remind] button"
    screen.page.click(remind)
    # It cannot be taken back: the button asks first.
    assert text_of(screen, remind) == "Envoyer la relance ?"
    press(screen, remind)
    # Not twice in a week, and the page says so.
    told = text_of(screen, ".alert-warning")
    assert "Dernière relance" in told
    assert "Vous pourrez relancer à partir du" in told
    assert screen.count(remind) == 0
    postman.deliver(client)
    sent, reminded = post.messages[mail]
    for message in (sent, reminded):
        papers = [part.get_content_type() for part in message.iter_attachments()]
        assert "application/pdf" in papers
    assert "Studio N’Diaye" in reminded["Subject"]
    assert "300,60" in reminded.get_body(("plain", "html")).get_content()
    pay(client, key)
    screen.show("/my/invoicing?state=paid", f".o_cae_invoices a:has-text('{mail}')")
    press(screen, f".o_cae_invoices a:has-text('{mail}')")
    assert "0,00 €" in text_of(screen, ".o_cae_facts")
    assert screen.count("form[action$=remind]") == 0


def pay(client, key):
    (row,) = client.read("account.move", [("id", "=", key)], ["name"])
    payment = {"reference": f"P{key}", "date": f"{today()}", "document": row["name"]}
    payment |= {"montant_ttc": "300,60", "mode": "virement"}
    assert not client.load("payments", [payment])["errors"]


@WIDTHS
def test_deposit_is_taken_off_the_final_invoice(office, ines, size):
    """A copy of it; 30 % before the work, then the whole less what was paid before."""
    first = draft(office, today(), 300, name=f"Commune {size[0]}")
    screen, client = ines(size), contract.Client(office)
    screen.show(f"/my/invoicing/{first}", "form[action$=duplicate]")
    press(screen, "a[href$='/edit']", ".o_cae_invoice")
    screen.page.check("[name=deposit]")
    press(screen, "button[value=save]")
    assert "Acompte" in text_of(screen, "h2 + p")
    validate(office, first)
    screen.show(f"/my/invoicing/{first}", "form[action$=duplicate]")
    press(screen, "form[action$=duplicate] button", ".o_cae_invoice")
    final = int(screen.page.url.split("/")[-2])
    assert final != first
    screen.page.uncheck("[name=deposit]")
    fill_line(screen, 0, description="Le chantier entier", price="1000")
    screen.page.check("[name=deposits]")
    # 1 000,00 − 300,00, with 20 %.
    wait_for_total(screen, "840,00€")
    screen.page.fill("[name=mentions]", "Dispensé d’immatriculation.")
    screen.page.fill("[name=reference]", "BC-77")
    press(screen, "button[value=save]")
    for words in ("Dispensé d’immatriculation.", "BC-77"):
        assert words in text_of(screen, ".o_cae_facts")
    domain, fields = [("id", "=", final)], ["amount_untaxed", "amount_total"]
    (row,) = client.read("account.move", domain, fields)
    assert (row["amount_untaxed"], row["amount_total"]) == (700, 840)
    assert len(pdf_of(screen, screen.page.url).pages) == 1


@WIDTHS
def test_what_is_wrong_is_said_and_what_was_typed_stays(office, ines, size):
    screen, client = ines(size), contract.Client(office)
    before = client.count("res.partner"), client.count("account.move")
    screen.show("/my/customers/new?back=invoice", "#siret")
    for name, value in {**CUSTOMER, "siret": "123 456 789 00012"}.items():
        screen.page.fill(f"#{name}", value)
    press(screen, ".o_cae_customer button[type=submit]", ".alert-danger")
    assert "SIRET" in text_of(screen, ".alert-danger")
    assert screen.page.input_value("#name") == CUSTOMER["name"]
    screen.show("/my/invoicing/new", ".o_cae_invoice")
    screen.page.select_option("#customer", index=1)
    fill_line(screen, 0, description="Deux jours", quantity="deux", price="480")
    press(screen, "button[value=send]", ".alert-danger")
    told = text_of(screen, ".alert-danger")
    assert told[0].isupper() and "deux" in told, told
    assert screen.page.input_value("[name=quantity] >> nth=0") == "deux"
    assert screen.page.input_value("[name=description] >> nth=0") == "Deux jours"
    assert (client.count("res.partner"), client.count("account.move")) == before


@WIDTHS
def test_small_invoice_is_validated_by_the_entrepreneur(office, ines, size):
    """One cent above the limit it waits; taken back and made smaller, it does not."""
    client = contract.Client(office)
    limit = {"cae_self_validation_limit": 300}
    client.call("cae.settings", "create", vals_list=limit)
    # What somebody with the same e-mail bought counts with it.
    name = {PHONE: "Mairie de Bouguenais", DESKTOP: "Mairie de Rezé"}[size]
    screen = ines(size)
    add_customer(screen, name=name, siret="", email=f"mairie{size[0]}@example.com")
    fill_line(screen, 0, description="Conférence", price="300")
    wait_for_total(screen, "360,00€")
    look(screen, "portal_invoice_form_wide")
    fill_line(screen, 0, price="300,01")
    press(screen, "button[value=send]")
    address = screen.page.url
    press(screen, "form[action$=take_back] button")
    press(screen, "a[href$='/edit']", ".o_cae_invoice")
    fill_line(screen, 0, price="300")
    wait_for_total(screen, "360,00€")
    press(screen, "button[value=send]")
    assert screen.page.url == address
    assert screen.count("form[action$=mail]") == 1
    look(screen, "portal_invoice_wide")
    (row,) = client.read(
        "account.move", [("id", "=", int(address.rsplit("/", 1)[1]))], ["state"]
    )
    assert row["state"] == "posted"
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


@WIDTHS
def test_customer_is_found_changed_and_removed(office, ines, size):
    screen, client = ines(size), contract.Client(office)
    name, mail = f"Amap {size[0]}", f"amap{size[0]}@example.com"
    known = {"activity": "A0001", **CUSTOMER, "siret": "", "name": name, "email": mail}
    door = contract.Client(office, login="ines")
    door.call("cae.invoicing", "save_customer", values=known)
    screen.show("/my/invoicing", "a[href^='/my/customers']")
    press(screen, "a[href^='/my/customers']", "[name=search]")
    screen.page.fill("[name=search]", name)
    row = f".list-group-item:has-text('{name}')"
    press(screen, "form[role=search] button", row)
    assert screen.count("main .list-group-item") == 1
    press(screen, row, ".o_cae_customer")
    screen.page.fill("#phone", "02 40 00 00 00")
    press(screen, ".o_cae_customer button[type=submit]", row)
    assert "02 40 00 00 00" in text_of(screen, row)
    press(screen, row, ".o_cae_customer")
    screen.page.click("form[action$=remove] button")
    # It asks first.
    assert text_of(screen, "form[action$=remove] button") == "Le retirer vraiment ?"
    press(screen, "form[action$=remove] button", ".alert-success")
    assert not screen.count(row)
    assert not client.count("res.partner", [("email", "=", mail)])


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
    place = {"street": "1 rue Haute", "zip": "44000", "city": "Nantes"}
    known = {"activity": "A0001", "name": "Deux doigts", **place}
    customer = door.call("cae.invoicing", "save_customer", values=known)
    rate = door.call("cae.invoicing", "choices", activity="A0001")["usual"]
    line = {"description": "Une heure", "quantity": 1, "price": 60, "tax": rate}
    values = {"activity": "A0001", "customer": customer, "lines": [line]}
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
