"""Purchases of an entrepreneur by photo, on a phone; an accountant deals with them."""

import base64
import io
from datetime import timedelta

import contract
import people
import pytest
from babel.dates import format_date
from PIL import Image, ImageDraw
from screen import DESK, PHONE, Screen, today
from test_portal_access import violations

pytestmark = pytest.mark.browser

SMALLEST = 360
SUCCESS = ".alert-success"
ROW = ".o_cae_home .list-group-item"
SEND = ".o_cae_purchase_form button[type=submit]"
TO_DO = ".o_cae_home .card:has(.badge) a.list-group-item"
#: Photos are opened when the test says so.
HOLD = """() => {
    const decode = Image.prototype.decode;
    const held = new Promise((resolve) => (window.release = resolve));
    Image.prototype.decode = function () {
        return held.then(() => decode.call(this));
    };
}"""
#: Notes what becomes of each sending, which is followed by a second one, and how many
#: bytes travel: Odoo's server makes photos smaller too.
NOTE = """() => addEventListener("submit", (ev) => {
    const form = ev.target;
    const sent = form.querySelector(".o_cae_files_sent").checkVisibility();
    const { disabled } = form.querySelector("button[type=submit]");
    const notes = JSON.parse(sessionStorage.notes || "[]");
    const files = [...new FormData(form).values()].filter((each) => each.size);
    const bytes = files.reduce((sum, each) => sum + each.size, 0);
    notes.push([!ev.defaultPrevented, sent, disabled, bytes]);
    sessionStorage.notes = JSON.stringify(notes);
    if (!ev.defaultPrevented) {
        setTimeout(() => form.requestSubmit());
    }
})"""
#: EXIF: how a camera was held, and where; turned by a quarter to the right.
HELD, PLACE, TURNED = 0x0112, 0x8825, 6


@pytest.fixture(scope="module")
def office(serve_loaded):
    """The demo CAE with its team; these tests write in it."""
    server = serve_loaded()
    client = contract.Client(server)
    people.set_company(client)
    people.create_team(client)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def client(office):
    return contract.Client(office, login="comptable")


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def size(request):
    return request.param


@pytest.fixture
def portal(office, open_page, size):
    """The screen of Inès."""
    return Screen(open_page(office, "ines", path="/web/health", size=size), office)


@pytest.fixture
def accountant(office, screen_on):
    return screen_on(office, "comptable")


def photo(text):
    """A receipt, as a phone takes it."""
    image = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(image).text((60, 60), text, fill="black", font_size=40)
    stream = io.BytesIO()
    image.save(stream, "JPEG")
    return {
        "name": "IMG_0001.jpg",
        "mimeType": "image/jpeg",
        "buffer": stream.getvalue(),
    }


def large_photo():
    """Twelve million pixels of a bill on a table, on its side, with its place."""
    image = Image.effect_noise((4000, 3000), 100).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((1000, 800, 3600, 2400), fill="white")
    draw.text((1200, 1000), "FACTURE 2026-114  Total 120,50", "black", font_size=90)
    # A mark in the corner that is the upper right one once the photo is upright.
    draw.rectangle((0, 0, 600, 600), fill="red")
    exif = Image.Exif()
    exif[HELD] = TURNED
    exif.get_ifd(PLACE)[1] = "N"
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=95, exif=exif)
    return {**photo(""), "name": "IMG_0012.JPG", "buffer": stream.getvalue()}


def notes_of(page):
    return page.evaluate("JSON.parse(sessionStorage.notes)")


def fits(screen):
    """Nothing is wider than the screen, even on the smallest phone; axe is content."""
    page = screen.page
    before = page.viewport_size
    page.set_viewport_size({**before, "width": min(before["width"], SMALLEST)})
    wide, inner = page.evaluate(
        "[document.documentElement.scrollWidth, window.innerWidth]"
    )
    page.set_viewport_size(before)
    assert not page.query_selector(".o_notification"), "a style was not compiled"
    assert violations(page) == {}
    return wide <= inner


def send(screen):
    screen.page.click(SEND)
    screen.settle(SUCCESS)


def attach(screen, *files):
    screen.page.set_input_files("#files", list(files))
    screen.page.wait_for_selector(".o_cae_photos_list li")


def test_bill(portal, accountant, client, size):
    page, number = portal.page, f"F-{size[0]}"
    portal.show("/my", ".o_cae_home_links")
    page.click("a[href='/my/purchases']")
    portal.settle(".o_cae_purchase_kinds")
    page.click("a[href='/my/purchases/bill/new']")
    portal.settle(".o_cae_purchase_form")
    # Nothing travels without a photo; one taken by mistake is taken out.
    page.fill("#supplier", "Imprimerie Nouvelle")
    page.fill("#amount", "120,50")
    page.fill("#name", "Cartes de visite")
    page.fill("#ref", number)
    page.click(SEND)
    page.wait_for_selector(".o_cae_photos_none:visible")
    assert portal.count(".o_cae_photos_problem > *:visible") == 1
    attach(portal, photo("Facture 1"))
    page.set_input_files("#camera", photo("Erreur"))
    page.wait_for_selector(".o_cae_photos_list li >> nth=1")
    page.click(".o_cae_photos_list li >> nth=1 >> button")
    assert portal.count(".o_cae_photos_list li") == 1
    assert fits(portal)
    portal.picture(f"portal_purchase_bill_{size[0]}")
    send(portal)
    assert "Imprimerie Nouvelle" in page.inner_text(f"{ROW} >> nth=0")
    assert fits(portal)
    portal.picture(f"portal_purchases_{size[0]}")

    (bill,) = client.search("account.move", [("ref", "=", number)])
    accountant.show(f"/odoo/cae-bills-from-portal/{bill}", ".o_form_view")
    preview = ".o_attachment_preview img, .o-mail-Attachment img"
    accountant.page.wait_for_selector(preview)
    assert accountant.page.evaluate(f"document.querySelector('{preview}').naturalWidth")
    accountant.picture(f"purchase_bill_office_{size[0]}")
    (supplier,) = client.call(
        "res.partner", "create", vals_list=[{"name": f"Imprimerie {number}"}]
    )
    client.call("account.move", "write", ids=[bill], vals={"partner_id": supplier})
    accountant.show(f"/odoo/cae-bills-from-portal/{bill}", ".o_form_view")
    accountant.page.click("button[name=action_post]:visible")
    accountant.page.wait_for_selector(
        ".o_statusbar_status button[data-value=posted][aria-checked=true]"
    )
    portal.show(f"/my/purchases/bill/{bill}", ".o_cae_papers img")
    assert "Enregistr" in page.inner_text("dl") or "Booked" in page.inner_text("dl")
    assert fits(portal)
    portal.picture(f"portal_purchase_booked_{size[0]}")


def papers_of(client, bill):
    domain = [("res_model", "=", "account.move"), ("res_id", "=", bill)]
    return client.read("ir.attachment", domain, ["name", "datas", "file_size"])


def check_upright(content, sent):
    """The photo is small, stands upright, and says no more where it was taken."""
    content = base64.b64decode(content)
    assert len(content) < len(sent["buffer"]) / 4
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("JPEG", (1440, 1920))
    assert not image.getexif()
    red, green, _blue = image.getpixel((1340, 100))
    assert red > 200 > 60 > green


def test_large_photo_travels_small_and_once(portal, client, size):
    page, number = portal.page, f"G-{size[0]}"
    sent = large_photo()
    assert len(sent["buffer"]) > 5_000_000
    portal.show("/my/purchases/bill/new", ".o_cae_purchase_form")
    for name, text in (
        *(("supplier", "Imprimerie Nouvelle"), ("amount", "120,50")),
        *(("name", "Affiches"), ("ref", number)),
    ):
        page.fill(f"#{name}", text)
    page.evaluate(HOLD)
    page.evaluate(NOTE)
    page.set_input_files("#files", [sent])
    page.wait_for_selector(".o_cae_files_made:visible")
    # Pressed too early, it waits for the photo.
    page.click(SEND)
    assert fits(portal)
    portal.picture(f"portal_purchase_made_{size[0]}")
    page.evaluate("release()")
    portal.settle(SUCCESS)
    early, once, again = notes_of(page)
    assert early[:3] == [False, False, False]
    assert once[:3] == [True, True, True] and 0 < once[3] < 1_500_000
    assert again[:3] == [False, True, True]
    (bill,) = client.search("account.move", [("ref", "=", number)])
    (paper,) = papers_of(client, bill)
    assert paper["name"] == "IMG_0012.jpg"
    check_upright(paper["datas"], sent)


def test_photo_that_cannot_be_opened_travels_as_it_is(portal, client, size):
    page, number = portal.page, f"H-{size[0]}"
    heic = b"\0\0\0\x18ftypheic" + b"\0" * 2_000_000
    portal.show("/my/purchases/bill/new", ".o_cae_purchase_form")
    for name in ("supplier", "name"):
        page.fill(f"#{name}", "Tissus")
    page.fill("#amount", f"{size[0]}")
    page.fill("#ref", number)
    file = {"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": heic}
    attach(portal, file)
    send(portal)
    (bill,) = client.search("account.move", [("ref", "=", number)])
    (paper,) = papers_of(client, bill)
    assert paper["file_size"] == len(heic) and paper["name"] == "IMG_1.heic"


def test_documents_to_give_travel_small(portal, office, size):
    admin = contract.Client(office)
    name = f"Attestation {size[0]}"
    vals = {"name": name, "for_cesa": True, "portal": True}
    kind = admin.create("cae.document.type", vals)
    page, sent = portal.page, large_photo()
    portal.show("/my/documents-to-give", ".o_cae_files")
    form = f".o_cae_files:has(input[name=kind][value='{kind}'])"
    page.set_input_files(f"{form} input[type=file]", [sent])
    page.evaluate(NOTE)
    page.click(f"{form} button")
    portal.settle(SUCCESS)
    (weight,) = [note[3] for note in notes_of(page) if note[0]]
    assert 0 < weight < 1_500_000
    assert fits(portal)
    domain = [("type_id", "=", kind)]
    (document,) = admin.read("cae.person.document", domain, ["file"])
    check_upright(document["file"], sent)


def test_bill_sent_back(portal, client):
    portal.show("/my/purchases/bill/new", ".o_cae_purchase_form")
    page = portal.page
    attach(portal, photo("Facture 2"))
    page.fill("#supplier", "Tissus & Co")
    page.fill("#amount", "45")
    page.fill("#name", "Tissu")
    send(portal)
    (bill,) = client.search(
        "account.move",
        [("cae_declared_supplier", "=", "Tissus & Co"), ("state", "=", "draft")],
    )
    reason = "Il manque la page 2"
    client.call("account.move", "action_cae_send_back", ids=[bill], reason=reason)
    portal.show("/my", f"a[href='/my/purchases/bill/{bill}']")
    page.click(f"a[href='/my/purchases/bill/{bill}']")
    portal.settle(".alert-warning")
    assert reason in page.inner_text(".alert-warning")
    page.click(f"a[href='/my/purchases/bill/{bill}/edit']")
    portal.settle(".o_cae_purchase_form")
    assert page.input_value("#amount") == "45,00"
    attach(portal, photo("Page 2"))
    send(portal)
    portal.show(f"/my/purchases/bill/{bill}", ".o_cae_papers li >> nth=1")
    page.click("details summary")
    page.click(".o_cae_purchase_remove button:visible")
    portal.settle(SUCCESS)
    assert not client.count("account.move", [("id", "=", bill)])


def test_expense(portal, accountant, client, size):
    page, name = portal.page, f"Train {size[0]}"
    portal.show("/my/purchases/expense/new", ".o_cae_purchase_form")
    attach(portal, photo("SNCF"))
    # Odoo asks about twins.
    page.fill("#amount", f"{size[0]},00")
    page.fill("#name", name)
    page.select_option("#category", index=1)
    assert fits(portal)
    portal.picture(f"portal_purchase_expense_{size[0]}")
    send(portal)
    (expense,) = client.search("hr.expense", [("name", "=", name)])
    accountant.show(f"/odoo/cae-expenses/{expense}", ".o_form_view")
    accountant.page.click("button[name=action_approve]:visible")
    accountant.page.wait_for_selector("button[name=action_approve]", state="hidden")
    portal.show(f"/my/purchases/expense/{expense}", "dl .o_cae_state_move")
    assert not portal.count("form[action$=take_back]")
    assert fits(portal)


def refuse(accountant, expense, reason):
    """As Odoo does it, with its dialog."""
    page = accountant.page
    accountant.show(f"/odoo/cae-expenses/{expense}", ".o_form_view")
    page.click(".o_statusbar_buttons button[name=action_refuse]:visible")
    page.fill(".modal [name=reason] :is(input, textarea)", reason)
    page.click(".modal footer button[name=action_refuse]")
    state = ".o_statusbar_status button[data-value=refused][aria-checked=true]"
    page.wait_for_selector(state)


def test_expense_sent_back(portal, accountant, client, size):
    """Found among what is to do, with the reason; corrected, it is submitted again."""
    page, name = portal.page, f"Taxi {size[0]}"
    typed, read = f"{size[0] // 2},50", f"{size[0] // 2 - 1},40"
    portal.show("/my/purchases/expense/new", ".o_cae_purchase_form")
    attach(portal, photo("Taxi"))
    page.fill("#amount", typed)
    page.fill("#name", name)
    page.select_option("#category", index=1)
    send(portal)
    (expense,) = client.search("hr.expense", [("name", "=", name)])
    reason = f"Le ticket dit {read} €"
    refuse(accountant, expense, reason)
    portal.show("/my", ".o_cae_home")
    asked = f"{TO_DO}:has-text('{name}')"
    page.click(asked)
    portal.settle(".alert-warning")
    assert page.url.endswith(f"/my/purchases/expense/{expense}")
    assert reason in page.inner_text(".alert-warning")
    assert fits(portal)
    page.click(f"a[href='/my/purchases/expense/{expense}/edit']")
    portal.settle(".o_cae_purchase_form")
    # The reason stands above what was typed.
    assert reason in page.inner_text(".alert-warning")
    assert page.input_value("#amount") == typed
    assert fits(portal)
    page.fill("#amount", read)
    attach(portal, photo("Taxi, lisible"))
    send(portal)
    portal.show(f"/my/purchases/expense/{expense}", ".o_cae_papers li >> nth=1")
    assert not portal.count(".alert-warning")
    portal.show("/my", ".o_cae_home")
    assert not portal.count(asked)
    # The list of the office begins with what waits for approval.
    row = f".o_data_row:has-text('{name}')"
    accountant.show("/odoo/cae-expenses", row)
    assert read in accountant.page.inner_text(row)
    (told,) = client.read("hr.expense", [("id", "=", expense)], ["state"])
    assert told["state"] == "submitted"


def test_mileage(portal, client, size):
    page = portal.page
    portal.show("/my/purchases/mileage/new", ".o_cae_mileage_form")
    for field, text in {
        **{"#from": "Nantes", "#to": f"Angers {size[0]}", "#purpose": "Atelier"},
        **{"#power": "5", "#distance": "90"},
    }.items():
        page.fill(field, text)
    page.wait_for_selector(".o_cae_mileage_amount strong")
    once = page.inner_text(".o_cae_mileage_amount strong")
    page.check("#back")
    page.wait_for_function(
        "was => document.querySelector('.o_cae_mileage_amount strong')"
        ".innerText !== was",
        arg=once,
    )
    assert fits(portal)
    portal.picture(f"portal_purchase_mileage_{size[0]}")
    send(portal)
    assert "180\N{NO-BREAK SPACE}km" in page.inner_text(f"{ROW} >> nth=0")
    assert fits(portal)
    portal.picture(f"portal_mileage_{size[0]}")
    row = page.query_selector(ROW)
    row.click()
    portal.settle("dl")
    page.click("form[action$=take_back] button")
    portal.settle("a[href$=edit]")
    assert fits(portal)
    portal.picture(f"portal_purchase_journey_{size[0]}")


def test_what_is_wrong_is_said(portal, size):
    page = portal.page
    portal.show("/my/purchases/bill/new", ".o_cae_purchase_form")
    attach(portal, {**photo("x"), "buffer": b"<svg onload='alert(1)'/>"})
    page.fill("#supplier", "Tissus")
    page.fill("#amount", "45")
    page.fill("#name", "Tissu")
    page.click(SEND)
    portal.settle(".alert-danger")
    assert "CAE-PURCHASE-FILE" in page.inner_text(".alert-danger")
    assert page.input_value("#name") == "Tissu"
    assert fits(portal)
    portal.picture(f"portal_purchase_wrong_{size[0]}")


def test_late_bill(portal, office, size):
    """Of a month that is closed: kept with its date, booked in the open one."""
    closed = today().replace(day=1) - timedelta(days=1)
    vals = {"purchase_lock_date": f"{closed}"}
    contract.Client(office).call("res.company", "write", ids=[1], vals=vals)
    page, now = portal.page, today()
    portal.show("/my/purchases/bill/new", ".o_cae_purchase_form")
    assert f"{closed:%d/%m/%Y}" in page.inner_text("#date_late")
    assert fits(portal)
    portal.picture(f"portal_purchase_late_{size[0]}")
    for name, text in (
        *(("supplier", "Imprimerie Nouvelle"), ("amount", "60"), ("name", "Affiches")),
        *(("date", f"{closed}"), ("ref", f"L-{size[0]}")),
    ):
        page.fill(f"#{name}", text)
    attach(portal, photo("Facture 2"))
    send(portal)
    for month in (closed, now):
        told = format_date(month, "MMMM y", locale="fr")
        assert told in page.inner_text(SUCCESS)
    page.click(f"{ROW}:has-text('L-{size[0]}')")
    portal.settle("dl")
    assert f"{closed:%d/%m/%Y}" in page.inner_text("dl")
    assert format_date(now, "MMMM y", locale="fr") in page.inner_text("dl + p")
    assert fits(portal)
